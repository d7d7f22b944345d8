"""Scores of listed pairs: the same answers as a matrix in which all other pairs are barred."""

from __future__ import annotations

import pickle
from copy import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import mentormatch as mm
from mentormatch.errors import TooLargeError
from mentormatch.solvers.source import Barred, ListedPairs, flat_source

PLAIN = (mm.MaximizeMatched(), mm.MaximizeTotal())


def cohort(seed: int) -> tuple[Any, Any, Any]:
    """Return scores with ties and gaps, which pairs are listed, and seats."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 14)), int(rng.integers(1, 9))
    scores = rng.integers(0, rng.choice([3, 20, 1000]), (n, m)) / 1000
    listed = rng.random((n, m)) < rng.choice([0.2, 0.5, 0.9])
    return scores, listed, rng.integers(0, 4, m)


def both(seed: int, **more: Any) -> tuple[mm.Scores, mm.Scores]:
    """Return the same pairs without a matrix, and as one."""
    values, listed, seats = cohort(seed)
    pairs = sparse.coo_array((values[listed], np.nonzero(listed)), shape=listed.shape)
    bare = mm.Scores.from_pairs(pairs, capacity=seats, memory=1, **more)
    matrix = mm.Scores.from_matrix(values, capacity=seats, admissible=listed, **more)
    assert bare.source is not None
    assert matrix.source is None
    return bare, matrix


def same_answer(one: mm.Matching, other: mm.Matching) -> None:
    for name in ("mentors_of", "mentor_price", "matched_price"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert (one.unique, one.status, one.stages) == (other.unique, other.status, other.stages)


@pytest.mark.parametrize(
    "objectives", [PLAIN, (mm.MaximizeTotal(),), (mm.MaximizeMatched(),), ()], ids=str
)
def test_pairs_prices_and_uniqueness_are_those_of_the_matrix(objectives: Any) -> None:
    for seed in range(100):
        bare, matrix = both(seed)
        kind = {"objectives": objectives} if objectives else {}
        same_answer(mm.solve(mm.Problem(bare, **kind)), mm.solve(mm.Problem(matrix, **kind)))


def test_loads_floors_priorities_and_people_who_want_nobody() -> None:
    for seed in range(60):
        bare, matrix = both(seed)
        ids = bare.mentees.ids
        objectives = [mm.MaximizeMatched(priority={ids[0]: 3}), mm.MaximizeTotal()]
        held = [mm.Load(most=2), mm.ScoreFloor(0.004), mm.Demand({ids[-1]: 0})]
        asked = [
            mm.Problem(s, objectives=objectives, constraints=held, seed=seed)
            for s in (bare, matrix)
        ]
        same_answer(*map(mm.solve, asked))


def test_several_mentors_each_are_those_of_the_matrix() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        bare, matrix = both(seed)
        asked = {one: int(rng.integers(0, 4)) for one in bare.mentees.ids}
        held = [mm.Demand(asked if seed % 2 else int(rng.integers(2, 4)))]
        held += [mm.Load(most=2)] if rng.random() < 0.3 else []
        held += [mm.ScoreFloor(0.004)] if rng.random() < 0.3 else []
        objectives = PLAIN if seed % 3 else (mm.MaximizeTotal(),)
        problems = [
            mm.Problem(s, objectives=objectives, constraints=held, seed=seed)
            for s in (bare, matrix)
        ]
        one, other = map(mm.solve, problems)
        assert one.route == "sparse" or not (one.mentors_of.shape[1] > 1)
        same_answer(one, other)
        pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())


def test_least_loads_hold_or_are_refused_in_words() -> None:
    refused = 0
    for seed in range(60):
        bare, matrix = both(seed)
        seats = int(bare.mentors.capacity[0])
        held = [mm.Load(least=min(1, seats), mentors=[bare.mentors.ids[0]])]
        try:
            other = mm.solve(mm.Problem(matrix, constraints=held))
        except mm.InfeasibleError:
            refused += 1
            with pytest.raises(mm.InfeasibleError, match="least load: Load"):
                mm.solve(mm.Problem(bare, constraints=held))
            continue
        same_answer(mm.solve(mm.Problem(bare, constraints=held)), other)
    assert refused


def test_locks_and_rules_hold_for_listed_pairs() -> None:
    for seed in range(60):
        _, listed, seats = cohort(seed)
        open_ = np.argwhere(listed & (seats > 0))
        if len(open_) < 2:
            continue
        first, last = (
            (f"mentee {i + 1}", f"mentor {j + 1}") for i, j in (open_[0], open_[-1])
        )  # fmt: skip
        rules = [mm.Lock([first])] + ([mm.Forbid([last])] if first != last else [])
        bare, matrix = both(seed, rules=rules)
        assert np.array_equal(bare.locks, matrix.locks)
        same_answer(mm.solve(mm.Problem(bare)), mm.solve(mm.Problem(matrix)))


def test_a_lock_of_a_pair_that_is_not_listed_is_refused() -> None:
    pairs = pd.DataFrame({"mentee": ["a", "b"], "mentor": ["x", "y"], "score": [0.5, 0.5]})
    scores = mm.Scores.from_pairs(pairs, rules=[mm.Lock([("a", "y")])], memory=1)
    with pytest.raises(mm.InfeasibleError, match="the pairs handed in do not list this pair"):
        mm.solve(mm.Problem(scores))
    assert scores.why_inadmissible("a", "x") == ()


def test_a_frame_names_people_by_id_mail_or_name() -> None:
    mentees = pd.DataFrame({"id": ["m1", "m2"], "name": ["Ana Lima", "Bo Chen"]})
    pairs = pd.DataFrame(
        {"mentor": ["k", "l", "k"], "mentee": ["Bo Chen", "m1", "m1"], "score": [1, 0.5, 0]}
    )
    scores = mm.Scores.from_pairs(pairs, mentees=mentees)
    assert scores.mentees.ids == ("m1", "m2")
    assert scores.mentors.ids == ("k", "l")
    assert scores.points.tolist() == [[0, 500_000], [1_000_000, -1]]
    with pytest.raises(mm.errors.UnknownPersonError, match="mentee 'zoe', mentor 'q'") as found:
        mm.Scores.from_pairs(
            pd.DataFrame({"mentee": ["zoe", "m1"], "mentor": ["k", "q"], "score": [1, 1]}),
            mentees=mentees, mentors=pd.DataFrame({"id": ["k"]}),
        )  # fmt: skip
    assert found.value.people == ("mentee 'zoe'", "mentor 'q'")


def test_what_is_no_pairs_is_refused_in_words() -> None:
    twice = sparse.coo_array(([0.1, 0.2], ([0, 0], [1, 1])), shape=(2, 2))
    with pytest.raises(mm.errors.ScoreError, match="mentee 1 with mentor 2"):
        mm.Scores.from_pairs(twice)
    high = sparse.csr_array(np.array([[0, 1.5], [np.nan, 0.2]]))
    with pytest.raises(mm.errors.ScoreError, match=r"2 are not: mentee 1 with mentor 2: 1\.5, men"):
        mm.Scores.from_pairs(high)
    with pytest.raises(mm.errors.ScoreError, match="Missing: score"):
        mm.Scores.from_pairs(pd.DataFrame({"mentee": [], "mentor": []}))
    with pytest.raises(mm.errors.ScoreError, match="Pairs must be a sparse matrix"):
        mm.Scores.from_pairs([("a", "b", 1)])
    with pytest.raises(mm.errors.ScoreError, match=r"Scores\.from_pairs\(matrix\)"):
        mm.Scores.from_matrix(sparse.csr_array((3, 2)))


def test_the_matrix_is_made_when_it_fits_and_everything_else_works_with_it() -> None:
    values, listed, seats = cohort(3)
    pairs = sparse.csr_array(
        (values[listed], np.nonzero(listed)[1], np.append(0, np.cumsum(listed.sum(axis=1)))),
        shape=listed.shape,
    )
    scores = mm.Scores.from_pairs(pairs, capacity=seats)
    assert scores.source is None
    assert np.array_equal(scores.admissible, listed)
    assert np.allclose(scores.total[listed], values[listed])
    assert np.array_equal(np.isnan(scores.part("score")), ~listed)
    worst = mm.Problem(scores, objectives=[mm.MaximizeMatched(), mm.MaximizeMinimum()])
    matrix = mm.Scores.from_matrix(values, capacity=seats, admissible=listed)
    other = mm.solve(mm.Problem(matrix, objectives=worst.objectives))
    assert np.array_equal(mm.solve(worst).mentors_of, other.mentors_of)


def test_what_needs_all_pairs_is_refused_with_its_name() -> None:
    bare, _ = both(6)
    problem = mm.Problem(
        bare, objectives=[mm.MaximizeMatched(), mm.MaximizeMinimum()],
        constraints=[mm.Demand(2), mm.Together(bare.mentees.ids[:2]), mm.Load(most=2)],
    )  # fmt: skip
    with pytest.raises(TooLargeError) as found:
        mm.solve(problem)
    told = str(found.value)
    for named in ("MaximizeMinimum()", "Together("):
        assert named in told
    assert "Load(most=2)" not in told
    assert "Demand" not in told
    matching = mm.solve(mm.Problem(bare))
    with pytest.raises(TooLargeError, match=r"need .* at once.*scores\.at"):
        _ = bare.points
    with pytest.raises(TooLargeError):
        mm.blocking_pairs(matching)
    with pytest.raises(mm.errors.ParameterError, match="only 'auto'"):
        mm.solve(mm.Problem(bare), route="dense")


def test_a_matching_of_listed_pairs_has_its_table() -> None:
    for seed in range(20):
        bare, matrix = both(seed)
        tables = [mm.solve(mm.Problem(s)).to_frame() for s in (bare, matrix)]
        pd.testing.assert_frame_equal(*tables)


def test_scores_of_pairs_are_values() -> None:
    one, other = both(5)[0], both(5)[0]
    assert one == other
    assert hash(one) == hash(other)
    assert one != both(6)[0]
    back = pickle.loads(pickle.dumps(one))
    assert back == one
    assert back.source is not None
    assert "admissible pairs" in repr(copy(one))
    assert not hasattr(one, "pionts")


def test_sources_agree_with_themselves() -> None:
    rng = np.random.default_rng(0)
    listed = rng.random((6, 5)) < 0.5
    points = rng.integers(-3, 9, listed.sum()).astype(np.int32)
    row, column = np.nonzero(listed)
    pairs = ListedPairs(np.searchsorted(row, np.arange(7)), column, points, 5)
    barred = Barred(
        pairs, np.array([1, 12]), np.array([0, 0, 1, 0, 0, 0], dtype=bool), np.full(6, 2)
    )
    every = np.divmod(np.arange(30), 5)
    for source in (pairs, barred, flat_source(barred)):
        whole = source.read(np.arange(6))
        assert np.array_equal(whole.ravel(), source.at(*every))
        lists = source.lists()
        assert lists is not None
        assert np.array_equal(whole[row, column], lists[2])
        assert whole.max() <= source.top
    assert (barred.read(np.arange(6))[2] < 0).all()
    assert barred.at(np.array([0, 2]), np.array([1, 2])).max() < 0
