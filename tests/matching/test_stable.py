"""match_stable: labels, locks, floors, wishes, and what it says of itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.errors import ColumnError, ParameterError
from mentormatch.insight.stability import blocking_pairs, stability_frontier
from mentormatch.matching.constraints import Constraint, Demand, Load, ScoreFloor
from mentormatch.matching.objectives import MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.matching.stable import match_stable
from mentormatch.rosters.columns import Column, People
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.scoring.rules import Lock
from mentormatch.scoring.scores import Scores


def profiles(role: Role, ids: list[str], **columns: Column) -> Profiles:
    nothing = pd.DataFrame()
    empty = (None,) * len(ids)
    return Profiles(
        role, tuple(ids), empty, empty, columns, np.ones(len(ids)), nothing, nothing
    )  # fmt: skip


def with_wishes(
    matrix: list[list[float]],
    mentees: list[list[str] | None] | None,
    mentors: list[list[str] | None] | None,
    **given_: object,
) -> Scores:
    """Mentees ann, bea, cat, ...; mentors max, ned, oli, ...; lists of people they wish for."""
    n, m = np.shape(matrix)
    left, right = ["ann", "bea", "cat", "dee"][:n], ["max", "ned", "oli"][:m]
    wished = [
        {} if lists is None else {"preferred": People.of(lists)} for lists in (mentees, mentors)
    ]
    return Scores.from_matrix(
        np.array(matrix),
        mentees=profiles("mentee", left, **wished[0]),
        mentors=profiles("mentor", right, **wished[1]),
        **given_,
    )


def pairs(matching: object) -> dict[str, str]:
    frame = matching.to_frame()
    return dict(zip(frame["mentee"], frame["mentor"], strict=True))


def random_scores(seed: int, levels: int = 10**6) -> Scores:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 20)), int(rng.integers(2, 12))
    return Scores.from_matrix(
        rng.integers(0, levels + 1, (n, m)) / levels,
        capacity=rng.integers(0, 4, m),
        admissible=rng.random((n, m)) < 0.8,
    )


SCHOOL = [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
# the book example in which the sides disagree: first wishes of one are last of the other
MENTEES_WISH = [["max", "ned", "oli"], ["ned", "oli", "max"], ["oli", "max", "ned"]]
MENTORS_WISH = [["bea", "cat", "ann"], ["cat", "ann", "bea"], ["ann", "bea", "cat"]]


def test_who_proposes_gets_their_first_wishes() -> None:
    scores = with_wishes(SCHOOL, MENTEES_WISH, MENTORS_WISH)
    mentees = match_stable(scores, preferences="wishes")
    mentors = match_stable(scores, preferences="wishes", proposing="mentor")
    assert pairs(mentees) == {"ann": "max", "bea": "ned", "cat": "oli"}
    assert pairs(mentors) == {"bea": "max", "cat": "ned", "ann": "oli"}
    assert not mentees.unique
    assert mentees.status == mentors.status == "stable"
    for matching in (mentees, mentors):
        assert blocking_pairs(matching, preferences="wishes").empty


def test_people_not_on_the_list_are_out_or_come_after_it() -> None:
    matrix = [[0.9, 0.2], [0.8, 0.7]]
    scores = with_wishes(matrix, [["ned"], ["ned"]], None)
    only = match_stable(scores, preferences="wishes")
    assert pairs(only) == {"bea": "ned"}  # ned gave no list, so he goes by score
    assert pairs(match_stable(scores, preferences="wishes_first")) == {"ann": "max", "bea": "ned"}
    # a list of strangers is none; inadmissible people stay out even if wished for
    strangers = with_wishes(matrix, [["nobody"], None], None)
    with pytest.raises(ColumnError, match="preferred"):
        match_stable(strangers, preferences="wishes")
    barred = with_wishes(
        matrix, [["max"], None], None, admissible=[[False, True], [True, True]]
    )  # fmt: skip
    assert pairs(match_stable(barred, preferences="wishes")) == {"bea": "max"}
    assert pairs(match_stable(barred, preferences="wishes_first")) == {"bea": "max", "ann": "ned"}


def test_gains_by_wishes_are_places_on_ones_own_list() -> None:
    scores = with_wishes(SCHOOL, MENTEES_WISH, MENTORS_WISH)
    locked = match_stable(scores, preferences="wishes")
    # everybody one place below the first wish of the mentees: max-cat, ned-ann, oli-bea
    matching = _rearranged(locked, [1, 2, 0])
    assert blocking_pairs(matching, preferences="wishes").empty  # also stable
    swapped = _rearranged(locked, [1, 0, 2])  # ann-ned, bea-max, cat-oli
    found = blocking_pairs(swapped, preferences="wishes").to_dict("records")
    assert found == [{"mentee": "bea", "mentor": "oli", "mentee_gain": 1, "mentor_gain": 1}]


def _rearranged(matching: object, assignment: list[int]) -> object:
    from dataclasses import replace

    return replace(matching, mentors_of=np.array(assignment)[:, None])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([2, 5, 10**6]))
def test_no_pair_blocks_and_shuffling_changes_nothing(seed: int, levels: int) -> None:
    scores = random_scores(seed, levels)
    matching = match_stable(scores)
    assert blocking_pairs(matching).empty
    rows, columns = matching.pairs
    assert scores.admissible[rows, columns].all()
    assert (np.bincount(columns, minlength=len(scores.mentors)) <= scores.mentors.capacity).all()
    assert matching.objective <= matching.bound + 1e-9
    rng = np.random.default_rng(seed)
    order, across = rng.permutation(len(scores.mentees)), rng.permutation(len(scores.mentors))
    shuffled = Scores.from_matrix(
        scores.total[np.ix_(order, across)].astype(float).round(6),
        admissible=scores.admissible[np.ix_(order, across)],
        mentees=scores.mentees.take(order),
        mentors=scores.mentors.take(across),
    )
    again = match_stable(shuffled, proposing="mentor")  # by score it makes no difference
    assert pairs(again) == pairs(matching)
    assert again.unique == matching.unique


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([2, 3]))
def test_unique_means_that_no_tie_order_changes_the_pairs(seed: int, levels: int) -> None:
    scores = random_scores(seed, levels)
    matching = match_stable(scores)
    others = [match_stable(Problem(scores, seed=k)) for k in range(1, 8)]
    if matching.unique:
        assert all(pairs(other) == pairs(matching) for other in others)
        assert matching.bound == matching.objective
    assert all(other.objective <= matching.bound + 1e-9 for other in others)


def test_unique_is_told_apart() -> None:
    assert match_stable(Scores.from_matrix([[0.9, 0.5], [0.4, 0.3]])).unique
    assert not match_stable(Scores.from_matrix([[0.5, 0.5], [0.4, 0.3]])).unique


def test_gains_are_in_score_units_and_a_free_seat_counts() -> None:
    scores = Scores.from_matrix([[0.9, 0.8], [0.8, 0.1]], capacity=[1, 1])
    found = blocking_pairs(solve(Problem(scores)))
    assert len(found) == 1
    assert found.loc[0, "mentee_gain"] == pytest.approx(0.1)
    assert found.loc[0, "mentor_gain"] == pytest.approx(0.1)
    spare = Scores.from_matrix([[0.9, 0.3]], capacity=[1, 1])
    worse = _rearranged(solve(Problem(spare)), [1])
    found = blocking_pairs(worse)
    assert found.loc[0, ["mentee_gain", "mentor_gain"]].tolist() == pytest.approx([0.6, 0.9])
    assert blocking_pairs(_rearranged(worse, [-1]))["mentee_gain"].tolist() == pytest.approx(
        [0.9, 0.3]
    )


def test_equal_scores_do_not_block_and_zero_is_better_than_nobody() -> None:
    level = Scores.from_matrix([[0.5, 0.5], [0.5, 0.5]])
    assert blocking_pairs(_rearranged(solve(Problem(level)), [1, 0])).empty
    nothing = Scores.from_matrix([[0.0]])
    assert len(blocking_pairs(_rearranged(solve(Problem(nothing)), [-1]))) == 1


def test_locks_and_floors_hold() -> None:
    matrix = [[0.9, 0.8, 0.1], [0.8, 0.1, 0.1], [0.7, 0.6, 0.2]]
    scores = Scores.from_matrix(matrix, rules=[Lock([("mentee 3", "mentor 1")])])
    matching = match_stable(Problem(scores, constraints=[ScoreFloor(0.15)]))
    assert pairs(matching) == {"mentee 3": "mentor 1", "mentee 1": "mentor 2"}
    assert blocking_pairs(matching).empty  # mentor 1 would rather have mentee 1, but is promised
    free = Scores.from_matrix(matrix)
    each = match_stable(Problem(free, constraints=[ScoreFloor({"mentee 2": 0.85})]))
    assert pairs(each) == {"mentee 1": "mentor 1", "mentee 3": "mentor 2"}


@pytest.mark.parametrize("seed", range(8))
def test_several_mentors_each_and_locks_on_some_of_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = Scores.from_matrix(
        rng.random((7, 6)).round(3),
        capacity=[2, 2, 3, 1, 2, 2],
        rules=[Lock([("mentee 1", "mentor 4")])],
    )
    problem = Problem(scores, constraints=[Demand(2), Load(most=2)])
    matching = match_stable(problem)
    rows, columns = matching.pairs
    together = set(zip(rows.tolist(), columns.tolist(), strict=True))
    assert (0, 3) in together
    assert np.bincount(rows).max() == 2
    assert np.bincount(columns).max() <= 2
    assert blocking_pairs(matching).empty
    # the definition, once more: the lock is kept, its seat and its place are taken
    points = scores.points
    for i, j in np.ndindex(points.shape):
        if (i, j) in together or j == 3:  # the one seat of mentor 4 is promised
            continue
        mine = [points[p] for p in together if p[0] == i and p != (0, 3)]
        theirs = [points[p] for p in together if p[1] == j]
        wanted, seats = (1 if i == 0 else 2), min(int(scores.mentors.capacity[j]), 2)
        gains = len(mine) < wanted or points[i, j] > min(mine)
        assert not (gains and (len(theirs) < seats or points[i, j] > min(theirs)))
    assert len(blocking_pairs(_rearranged(matching, [-1] * 7))) > 0


def test_other_constraints_and_words_are_refused() -> None:
    class Odd(Constraint):
        pass

    scores = random_scores(0)
    with pytest.raises(ParameterError, match="stable matching need not exist"):
        match_stable(Problem(scores, constraints=[Odd()]))
    with pytest.raises(ParameterError, match="'proposing' parameter of match_stable"):
        match_stable(scores, proposing="both")
    with pytest.raises(ParameterError, match="'preferences' parameter of blocking_pairs"):
        blocking_pairs(match_stable(scores), preferences="love")
    with pytest.raises(ParameterError, match="'points' parameter of stability_frontier"):
        stability_frontier(scores, points=1)


def test_it_reads_as_a_stable_matching_without_prices() -> None:
    matching = match_stable(random_scores(3))
    assert repr(matching).endswith("stable: no two people would both rather have each other>")
    assert matching.load["dual_price"].isna().all()
    assert "stable" in matching._repr_html_()


@pytest.mark.parametrize("route", ["exact", "sweep"])
def test_the_frontier_falls_and_its_ends_are_proven(route: str) -> None:
    steps = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        scores = Scores.from_matrix(rng.random((9, 5)).round(3), capacity=[2, 2, 1, 1, 2])
        frame = stability_frontier(scores, points=5, route=route, time_limit=None)
        assert 1 <= len(frame) <= 6
        assert (frame["blocking_pairs"].diff().dropna() > 0).all()
        assert (frame["total"].diff().dropna() > 0).all()
        assert (frame["bound"] >= frame["total"]).all()
        assert frame["blocking_pairs"].iloc[0] == 0
        best = solve(Problem(scores, objectives=[MaximizeTotal()]))
        assert frame["total"].iloc[-1] == pytest.approx(best.objective)
        assert frame["certified"].iloc[-1]
        if route == "exact":
            assert frame["certified"].all()
        assert frame["total"].iloc[0] >= match_stable(scores).objective - 1e-9
        steps += len(frame) > 2
    assert steps > 2


def test_the_sweep_never_beats_the_proven_frontier() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        scores = Scores.from_matrix(rng.random((8, 5)).round(3))
        exact = stability_frontier(scores, points=50, route="exact")
        swept = stability_frontier(scores, points=50, route="sweep")
        for _, point in swept.iterrows():
            allowed = exact[exact["blocking_pairs"] <= point["blocking_pairs"]]
            assert point["total"] <= allowed["total"].max() + 1e-9
