"""Smallest prices from an answer alone: those of `assign`, and none for what is not the best."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.solvers.assignment import assign
from mentormatch.solvers.smallest_prices import smallest_prices


def instance(seed: int, least: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n, m = (int(k) for k in rng.integers(1, 12, 2))
    points = rng.integers(-3, 12, (n, m)).astype(np.int32)
    capacity = rng.integers(0, 4, m)
    load = rng.integers(0, 2, m) * least
    return points, capacity, np.minimum(load, capacity), rng.integers(0, 20, n)


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_equal_to_those_of_the_solver(kind: type[np.integer]) -> None:
    for seed in range(300):
        points, capacity, none, bonus = instance(seed, False)
        answer = assign(points, capacity, row_bonus=bonus)
        got = smallest_prices(points.astype(kind), capacity, none, bonus, answer.mentor_of)
        assert got is not None
        assert np.array_equal(got[capacity > 0], answer.mentor_price[capacity > 0]), seed


def test_least_loads_are_proved_too() -> None:
    proved = 0
    for seed in range(300):
        points, capacity, least, bonus = instance(seed, True)
        answer = assign(points, capacity, row_bonus=bonus, min_load=least)
        if answer.status == "infeasible":
            continue
        got = smallest_prices(points, capacity, least, bonus, answer.mentor_of)
        assert got is not None, seed
        seats = np.where(got >= 0, capacity, least)
        best = np.where(points >= 0, points + bonus[:, None] - got, -1).max(axis=1, initial=0)
        bound = int((got * seats).sum() + np.maximum(best, 0).sum())
        assert bound == answer.objective, seed  # weak duality, reached
        proved += 1
    assert proved > 150


def test_no_prices_for_what_is_not_the_best() -> None:
    refused = 0
    for seed in range(200):
        points, capacity, none, bonus = instance(seed, False)
        answer = assign(points, capacity, row_bonus=bonus)
        worse = answer.mentor_of.copy()
        seated = np.flatnonzero(worse >= 0)
        if not seated.size:
            continue
        worse[seated[0]] = -1
        other = int(np.where(worse >= 0, points[np.arange(len(worse)), worse] + bonus, 0).sum())
        got = smallest_prices(points, capacity, none, bonus, worse)
        assert (got is None) == (other < answer.objective), seed
        refused += got is None
        assert smallest_prices(points, 0 * capacity, none, bonus, answer.mentor_of) is None
    assert refused > 100


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_sides(shape: tuple[int, int]) -> None:
    n, m = shape
    none = np.zeros(m, dtype=np.int64)
    answer = smallest_prices(
        np.zeros(shape, np.int32), none + 1, none, np.zeros(n, np.int64), np.full(n, -1)
    )
    assert answer is not None
    assert np.array_equal(answer, none)
