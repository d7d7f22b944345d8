"""Deferred acceptance against every matching there is, on small instances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.solvers.nearly_stable import best_total, exact, settle, stable, sweep
from mentormatch.solvers.stability import (
    blocking,
    deferred_acceptance,
    strict_keys,
    weakest_held,
)
from mentormatch.solvers.ties import default_hash
from tests.oracles import one_each

Assignment = tuple[int, ...]


def blocks(
    assignment: Assignment, mentee_key: np.ndarray, mentor_key: np.ndarray, seats: np.ndarray
) -> list[tuple[int, int]]:
    """The definition, word for word."""
    found = []
    for i, j in np.ndindex(mentee_key.shape):
        if mentee_key[i, j] < 0 or mentor_key[i, j] < 0 or assignment[i] == j or seats[j] == 0:
            continue
        mine = assignment[i]
        gains = mine < 0 or mentee_key[i, j] > mentee_key[i, mine]
        held = [mentor_key[other, j] for other, k in enumerate(assignment) if k == j]
        free = len(held) < seats[j]
        if gains and (free or mentor_key[i, j] > min(held)):
            found.append((i, j))
    return found


def random_market(
    rng: np.random.Generator, n: int, m: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Strict lists of both sides, some people not on them; 0 to 2 seats."""
    mentee_key = np.argsort(rng.random((n, m)), axis=1)
    mentor_key = np.argsort(rng.random((n, m)), axis=0)
    mentee_key[rng.random((n, m)) < 0.05] = -1
    mentor_key[rng.random((n, m)) < 0.05] = -1
    return mentee_key, mentor_key, rng.choice([0, 1, 1, 1, 1, 2], m)


def propose(
    mentee_key: np.ndarray,
    mentor_key: np.ndarray,
    seats: np.ndarray,
    *,
    by_mentor: bool = False,
    compiled: bool = False,
) -> Assignment:
    n, m = mentee_key.shape
    hashes, one_each = (default_hash(n, 1), default_hash(m, 2)), np.ones(n, dtype=np.int64)
    if by_mentor:
        columns, rows = deferred_acceptance(
            mentor_key.T, mentee_key.T, seats, one_each, hashes[1], hashes[0], compiled=compiled
        )
    else:
        rows, columns = deferred_acceptance(
            mentee_key, mentor_key, one_each, seats, *hashes, compiled=compiled
        )
    assignment = np.full(n, -1)
    assignment[rows] = columns
    assert len(set(rows.tolist())) == len(rows)
    return tuple(assignment.tolist())


def wish(key: np.ndarray, i: int, j: int) -> int:
    return int(key[i, j]) if j >= 0 else -1


@pytest.mark.parametrize("compiled", [False, True])
def test_it_is_every_proposers_best_of_all_stable_matchings(compiled: bool) -> None:
    several = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        n, m = int(rng.integers(2, 6)), int(rng.integers(2, 5))
        mentee_key, mentor_key, seats = random_market(rng, n, m)
        every = one_each((mentee_key >= 0) & (mentor_key >= 0), seats)
        stables = [a for a in every if not blocks(a, mentee_key, mentor_key, seats)]
        best = propose(mentee_key, mentor_key, seats, compiled=compiled)
        worst = propose(mentee_key, mentor_key, seats, by_mentor=True, compiled=compiled)
        assert best in stables
        assert worst in stables
        several += len(stables) > 1
        for other in stables:
            for i in range(n):
                theirs = wish(mentee_key, i, other[i])
                assert wish(mentee_key, i, best[i]) >= theirs >= wish(mentee_key, i, worst[i])
                # rural hospitals: who is matched, and every load, is the same in all of them
                assert (other[i] >= 0) == (best[i] >= 0)
            for j in range(m):
                held = [sorted(mentor_key[np.array(a) == j, j]) for a in (best, other, worst)]
                assert all(a <= b <= c for a, b, c in zip(*held, strict=True))
                assert len(held[0]) == len(held[1])
                if len(held[0]) < seats[j]:  # an underfilled mentor has the same mentees in all
                    assert held[0] == held[1]
    assert several > 10  # otherwise the laws above say nothing


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 25), st.integers(1, 6))
def test_compiled_and_plain_agree_also_on_ties(seed: int, n: int, m: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    mentee_key, mentor_key = rng.integers(-1, levels, (2, n, m))
    seats = rng.integers(0, 4, m)
    for by_mentor in (False, True):
        plain, compiled = (
            propose(mentee_key, mentor_key, seats, by_mentor=by_mentor, compiled=c)
            for c in (False, True)
        )
        assert plain == compiled
        assert not blocks(plain, mentee_key, mentor_key, seats)  # weakly stable


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([1, 2, 5, 10**6]))
def test_one_shared_score_has_one_stable_matching(seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 30)), int(rng.integers(1, 20))
    points = rng.integers(0, levels, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.2] = -1
    seats = rng.integers(0, 3, m)
    keys = strict_keys(points, default_hash(n, 1), default_hash(m, 2))
    assert ((keys >= 0) == (points >= 0)).all()
    by_mentee = propose(keys, keys, seats)
    assert by_mentee == propose(keys, keys, seats, by_mentor=True)
    # the best pair of all first, then the best of those left, and so on
    left, greedy = seats.copy(), np.full(n, -1)
    for flat in np.argsort(-keys, axis=None):
        i, j = divmod(int(flat), m)
        if keys[i, j] >= 0 and greedy[i] < 0 and left[j] > 0:
            greedy[i], left[j] = j, left[j] - 1
    assert by_mentee == tuple(greedy.tolist())


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_blocking_is_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 9)), int(rng.integers(1, 7))
    points = rng.integers(-2, 4, (n, m)).astype(np.int32)
    seats = rng.integers(0, 3, m)
    assignment, left = np.full(n, -1), seats.copy()
    for i in range(n):
        j = int(rng.integers(-1, m))
        if j >= 0 and points[i, j] >= 0 and left[j] > 0:
            assignment[i], left[j] = j, left[j] - 1
    rows = np.flatnonzero(assignment >= 0)
    columns = assignment[rows]
    held = weakest_held(points, points, rows, columns, np.ones(n, dtype=int), seats)
    found = blocking(points, points, rows, columns, held)
    expected = blocks(tuple(assignment.tolist()), points, points, seats)
    assert sorted(zip(*(f.tolist() for f in found), strict=True)) == expected


def market_of_points(seed: int, levels: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 6)), int(rng.integers(2, 4))
    points = rng.integers(0, levels, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.1] = -1
    return points, rng.integers(1, 3, m)


@pytest.mark.parametrize("levels", [30, 1000])
def test_exact_compromises_equal_brute_force(levels: int) -> None:
    beyond = 0
    for seed in range(40):
        points, seats = market_of_points(seed, levels)
        every = one_each(points >= 0, seats)
        reached = [
            (
                len(blocks(a, points, points, seats)),
                sum(int(points[i, j]) for i, j in enumerate(a) if j >= 0),
            )
            for a in every
        ]
        for most in (0, 1, 3):
            best = max(total for number, total in reached if number <= most)
            found = exact(points, seats, most)
            assert found is not None
            assert (found.total, found.bound) == (best, best)
            assert found.blocking <= most
        beyond += best > max(total for number, total in reached if number == 0)
    assert beyond > 0  # allowing blocking pairs did bring something


@pytest.mark.parametrize("levels", [4, 1000])
def test_heuristic_compromises_are_what_they_say(levels: int) -> None:
    for seed in range(40):
        points, seats = market_of_points(seed, levels)
        hashes = default_hash(len(points), 1), default_hash(len(seats), 2)
        best = best_total(points, seats, *hashes)
        assert best.total == best.bound
        first = stable(points, seats, *hashes, best.bound)
        assert first.blocking == 0
        proven = exact(points, seats, 0)
        assert proven is not None
        assert first.total <= proven.total <= first.bound
        if first.total == first.bound < best.bound:  # claimed to be the only stable one
            assert proven.total == first.total
        paths = [
            *sweep(points, seats, *hashes, best.bound, lambda: True),
            *settle(points, seats, best, lambda: True),
        ]
        assert paths[-1].blocking == 0
        for one in paths:
            assert one.blocking == len(blocks(tuple(one.mentor_of), points, points, seats))
            assert (
                np.bincount(one.mentor_of[one.mentor_of >= 0], minlength=len(seats)) <= seats
            ).all()
            pairs = [(i, j) for i, j in enumerate(one.mentor_of) if j >= 0]
            assert all(points[pair] >= 0 for pair in pairs)
            assert one.total == sum(int(points[pair]) for pair in pairs) <= one.bound
