"""The matching is the best one: against brute force, HiGHS, and its own certificate."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.matching.objectives import DEFAULT, Objective
from tests.oracles import (
    MILLION,
    all_assignments,
    brute_force,
    chosen_pairs,
    highs,
    random_scores,
    recomputed_bound,
    shuffled,
    value,
)


def reached(matching: mm.Matching) -> tuple[int, int]:
    matched, total = matching.stages
    return int(matched.value), round(total.value * MILLION)


def with_locks(scores: mm.Scores, rng: np.random.Generator) -> mm.Scores:
    """Lock up to two pairs that fit together."""
    capacity = scores.mentors.capacity.copy()
    locks = []
    for i in rng.permutation(len(scores.mentees))[:2]:
        open_to = np.flatnonzero(scores.admissible[i] & (capacity > 0))
        if len(open_to):
            j = int(rng.choice(open_to))
            capacity[j] -= 1
            locks.append((scores.mentees.ids[i], scores.mentors.ids[j]))
    return mm.Scores.from_matrix(
        scores.total,
        admissible=scores.admissible,
        mentees=scores.mentees,
        mentors=scores.mentors,
        rules=[mm.Lock(locks)],
    )


@pytest.mark.parametrize("seed", range(200))
def test_equals_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 7)), int(rng.integers(1, 6))
    scores = random_scores(rng, n, m, levels=int(rng.choice([0, 3])))
    if seed % 2:
        scores = with_locks(scores, rng)
    matching = mm.solve(mm.Problem(scores))
    assert reached(matching) == brute_force(scores)
    assert recomputed_bound(matching) == reached(matching)
    assert matching.gap == 0
    assert matching.status == "optimal"
    best = brute_force(scores)
    optima = [a for a in all_assignments(scores) if value(scores, a) == best]
    assert tuple(matching.assignment) in optima
    assert matching.unique == (len(optima) == 1)


@pytest.mark.parametrize("seed", range(50))
def test_equals_highs(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    scores = random_scores(rng, 60, 25, levels=int(rng.choice([0, 6])), density=0.5, most_seats=4)
    matching = mm.solve(mm.Problem(scores))
    assert reached(matching) == highs(scores)
    assert recomputed_bound(matching) == reached(matching)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_rosters_changes_no_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = random_scores(rng, int(rng.integers(1, 30)), int(rng.integers(1, 12)), levels=2)
    first = mm.solve(mm.Problem(scores))
    second = mm.solve(mm.Problem(shuffled(scores, rng)))
    assert chosen_pairs(first) == chosen_pairs(second)


def test_renaming_keeps_the_objective_and_another_seed_keeps_it_too() -> None:
    rng = np.random.default_rng(5)
    scores = random_scores(rng, 40, 15, levels=3, most_seats=3)
    renamed = mm.Scores.from_matrix(
        scores.total, capacity=scores.mentors.capacity, admissible=scores.admissible
    )
    base = mm.solve(mm.Problem(scores))
    assert reached(mm.solve(mm.Problem(renamed))) == reached(base)
    other = mm.solve(mm.Problem(scores, seed=1))
    assert reached(other) == reached(base)
    assert not base.unique
    assert chosen_pairs(other) != chosen_pairs(base)


def test_an_inadmissible_pair_is_never_chosen_even_alone() -> None:
    scores = mm.Scores.from_matrix(
        np.array([[0.9], [0.8]]), capacity=[2], admissible=np.array([[False], [True]])
    )
    matching = mm.solve(mm.Problem(scores))
    assert list(matching.assignment) == [-1, 0]
    assert matching.unmatched == (scores.mentees.ids[0],)


def test_as_many_as_possible_come_first() -> None:
    # taking the best pair (0, 0) would leave mentee 1 alone
    scores = mm.Scores.from_matrix(
        np.array([[1.0, 0.0], [0.9, 0.5]]),
        capacity=[1, 1],
        admissible=np.array([[True, True], [True, False]]),
    )
    assert list(mm.solve(mm.Problem(scores)).assignment) == [1, 0]
    total_only = mm.solve(mm.Problem(scores, objectives=[mm.MaximizeTotal()]))
    assert list(total_only.assignment) == [0, -1]


@pytest.mark.parametrize("seed", range(30))
def test_a_dual_price_is_the_exact_gain_of_one_more_seat(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = random_scores(rng, 8, 5, levels=int(rng.choice([0, 4])), density=0.6)
    base = mm.solve(mm.Problem(scores))
    for j in range(5):
        capacity = scores.mentors.capacity.copy()
        capacity[j] += 1
        more = mm.solve(
            mm.Problem(
                mm.Scores.from_matrix(scores.total, capacity=capacity, admissible=scores.admissible)
            )
        )
        gain = tuple(a - b for a, b in zip(reached(more), reached(base), strict=True))
        row = base.load.iloc[j]
        assert gain == (row["dual_matched"], round(row["dual_price"] * MILLION))


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("objectives", [DEFAULT, (mm.MaximizeMatched(), mm.MaximizeTotal())])
def test_with_several_mentors_each_a_price_is_that_of_its_own_mentor(
    objectives: tuple[Objective, ...], k: int
) -> None:
    ours, theirs = mm.make_cohort(24, 9, 4, seats=k * 0.9)
    mentees, mentors = mm.read_roster(ours, "mentee"), mm.read_roster(theirs, "mentor")
    problem = mm.Problem(mm.score(mentees, mentors), objectives, [mm.Demand(k)])
    base = mm.solve(problem)
    assert base.priced
    gains = []
    for j in range(len(mentors)):
        capacity = mentors.capacity.copy()
        capacity[j] += 1
        scores = replace(problem.scores, mentors=replace(mentors, capacity=capacity), _pairing=None)
        more = mm.solve(replace(problem, scores=scores))
        gains.append(more.objective - base.objective)
    told = base.load["dual_matched"].to_numpy() == 0  # otherwise more people, of other totals
    assert np.allclose(base.load["dual_price"][told], np.array(gains)[told], atol=1e-9)
    assert (base.load["dual_price"] != 0).any()


def test_priorities_decide_who_stays_unmatched_but_not_how_many() -> None:
    scores = mm.Scores.from_matrix(np.array([[0.9], [0.1], [0.5]]), capacity=[1])
    low = scores.mentees.ids[1]
    chosen = mm.solve(
        mm.Problem(scores, objectives=[mm.MaximizeMatched({low: 3}), mm.MaximizeTotal()])
    )
    assert list(chosen.assignment) == [-1, 0, -1]


def test_contradictory_locks_are_named_together() -> None:
    scores = mm.Scores.from_matrix(
        np.full((4, 2), 0.5),
        capacity=[1, 1],
        admissible=np.array([[False, True], [True, True], [True, True], [True, True]]),
        rules=[
            mm.Lock(
                [
                    ("mentee 1", "mentor 1"),
                    ("mentee 2", "mentor 1"),
                    ("mentee 3", "mentor 2"),
                    ("mentee 4", "mentor 2"),
                ]
            )
        ],
    )
    with pytest.raises(mm.InfeasibleError) as caught:
        mm.solve(mm.Problem(scores))
    message = str(caught.value)
    for words in (
        "Lock('mentee 1', 'mentor 1')",
        "Lock('mentee 3', 'mentor 2')",
        "Lock('mentee 4', 'mentor 2')",
        "capacity of mentor 2 (1)",
    ):
        assert words in message
    assert len(caught.value.conflicts) == 3


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_empty_sides(n: int, m: int) -> None:
    scores = mm.Scores.from_matrix(np.full((n, m), 0.5), capacity=np.ones(m, dtype=int))
    matching = mm.solve(mm.Problem(scores))
    assert len(matching.pairs[0]) == min(n, m)
    assert matching.gap == 0
    assert len(matching.to_frame()) == min(n, m)


def test_a_matching_pickles_and_shows_itself() -> None:
    scores = random_scores(np.random.default_rng(3), 6, 4)
    matching = mm.solve(mm.Problem(scores))
    again = pickle.loads(pickle.dumps(matching))
    assert chosen_pairs(again) == chosen_pairs(matching)
    assert repr(again) == repr(matching)
    assert "proven optimal" in repr(matching)
    with pytest.raises(ValueError, match="read-only"):
        matching.assignment[0] = 3


def test_parameters_are_checked_in_words() -> None:
    scores = random_scores(np.random.default_rng(3), 2, 2)
    with pytest.raises(mm.errors.ParameterError, match=r"Add brackets: MaximizeTotal\(\)"):
        mm.Problem(scores, objectives=[mm.MaximizeTotal])
    with pytest.raises(mm.errors.ParameterError, match="'time_limit' parameter of solve"):
        mm.solve(mm.Problem(scores), time_limit=0)
    with pytest.raises(mm.errors.ParameterError, match="must be a Scores object"):
        mm.Problem(np.ones((2, 2)))


def test_a_quota_of_one_and_a_quota_of_all_are_two() -> None:
    mentees = pd.DataFrame({"id": list("abcd"), "site": ["x", "y", "y", "y"]})
    scores = mm.Scores.from_matrix(np.full((4, 1), 0.5), capacity=[2], mentees=mentees)
    for quotas in (
        [mm.Quota("site", "y", least=1), mm.Quota("site", "y", least=1.0)],
        [mm.Quota("site", "y", least=1.0), mm.Quota("site", "y", least=1)],
    ):
        matching = mm.solve(mm.Problem(scores, constraints=quotas))
        assert "a" in matching.unmatched  # all, not one
        assert len(matching.unmatched) == 2
