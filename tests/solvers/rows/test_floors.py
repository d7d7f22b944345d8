"""The best worst sum of several mentors, then the best total: against every assignment."""

from __future__ import annotations

from itertools import chain, combinations, product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Program
from mentormatch.solvers.rows import floors
from mentormatch.solvers.rows.floors import solve_floors


def instance(seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    points = rng.integers(0, rng.choice([3, 10, 1000]), (n, m)).astype(np.int32)
    points[rng.random((n, m)) < rng.choice([0, 0.3])] = -1
    demand = rng.integers(0, 4, n)
    capacity = rng.integers(0, n + 1, m)
    least = np.where(rng.random(m) < 0.2, np.minimum(1, capacity), 0)
    had = np.where(rng.random(n) < 0.2, rng.integers(0, 500, n), -1)
    return points, capacity, demand, had, least


def plain(points: np.ndarray, capacity: np.ndarray, each_gets: int) -> Program:
    n, m = points.shape
    return Program(points, capacity, np.zeros(m, dtype=np.int64), np.full(n, each_gets))


def brute_force(
    points: np.ndarray, capacity: np.ndarray, demand: np.ndarray, had: np.ndarray, least: np.ndarray
) -> tuple[int, int] | None:
    """Worst sum, then total, over all ways to give everybody all she can have; None if none."""
    n, m = points.shape
    choices = []
    for i in range(n):
        usable = [j for j in range(m) if points[i, j] >= 0 and capacity[j] > 0]
        choices.append(list(combinations(usable, min(int(demand[i]), len(usable)))))
    found = []
    for choice in product(*choices):
        load = np.bincount(np.array(list(chain(*choice)), dtype=int), minlength=m)
        if (load > capacity).any() or (load < least).any():
            continue
        sums = [int(points[i, list(held)].sum()) for i, held in enumerate(choice)]
        judged = [
            value + max(int(had[i]), 0) for i, value in enumerate(sums) if choice[i] or had[i] >= 0
        ]
        found.append((min(judged, default=0), sum(sums)))
    return max(found) if found else None


@pytest.mark.parametrize("start", range(0, 300, 60))
def test_floor_and_total_are_the_best(start: int) -> None:
    for seed in range(start, start + 60):
        points, capacity, demand, had, least = instance(seed)
        best = brute_force(points, capacity, demand, had, least)
        answer = solve_floors(Program(points, capacity, least, demand), had)
        if answer is None or answer.status == "infeasible":
            assert best is None, seed
            continue
        assert best == (answer.floor, answer.total), seed
        assert (answer.floor_bound, answer.bound) == best
        assert answer.status == "optimal"
        assert int(points[answer.rows, answer.columns].sum()) == answer.total


def crowded(seed: int, n: int = 14, m: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Everybody wants the same few mentors, and everybody differs in how much she gets of any."""
    rng = np.random.default_rng(seed)
    worth = rng.integers(50, 1000, m)
    points = (worth[None] * rng.uniform(0.6, 1.0, (n, 1)) + rng.integers(0, 60, (n, m))).astype(int)
    return points.astype(np.int32), np.full(m, -(-2 * n // m) + 1)


def highs(points: np.ndarray, capacity: np.ndarray, floor: int | None, each_gets: int = 2) -> int:
    """The best floor (None), or the best total with a floor, of so many mentors each."""
    n, m = points.shape
    cost = np.zeros(n * m + 1)
    if floor is None:
        cost[-1] = -1
    else:
        cost[:-1] = -points.ravel()
    each = np.hstack([np.kron(np.eye(n), np.ones(m)), np.zeros((n, 1))])
    load = np.hstack([np.kron(np.ones(n), np.eye(m)), np.zeros((m, 1))])
    sums = np.hstack([np.kron(np.eye(n), np.ones(m)) * points.ravel(), -np.ones((n, 1))])
    result = milp(
        cost, integrality=np.ones(cost.size),
        bounds=Bounds(np.append(np.zeros(n * m), floor or 0), np.append(np.ones(n * m), 10**4)),
        constraints=[
            LinearConstraint(each, each_gets, each_gets), LinearConstraint(load, 0, capacity),
            LinearConstraint(sums, 0, np.inf),
        ],
        options={"mip_rel_gap": 0},
    )  # fmt: skip
    return round(-result.fun)


@pytest.mark.parametrize("seed", range(4))
def test_where_everybody_wants_the_same_mentors(seed: int) -> None:
    """The floor is far below everybody's own best: bounds come from the linear programme."""
    points, capacity = crowded(seed)
    n = len(points)
    answer = solve_floors(plain(points, capacity, 2), np.full(n, -1), budget=Budget(30))
    assert answer is not None
    best = highs(points, capacity, None)
    assert answer.floor <= best <= answer.floor_bound
    assert answer.floor >= 0.99 * best
    assert answer.total <= highs(points, capacity, answer.floor) <= answer.bound
    sums = np.bincount(answer.rows, points[answer.rows, answer.columns], minlength=n)
    assert sums.min() >= answer.floor
    assert (np.bincount(answer.rows) == 2).all()
    assert (np.bincount(answer.columns, minlength=len(capacity)) <= capacity).all()


def test_a_total_is_decided_by_highs_where_prices_leave_a_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    decided = floors.decided

    def counted(*args: object, **kwargs: object) -> object:
        asked.append(1)
        return decided(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(floors, "decided", counted)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        points = rng.integers(0, 1000, (20, 12)).astype(np.int32)
        capacity = np.full(12, 5)
        answer = solve_floors(plain(points, capacity, 3), np.full(20, -1))
        assert answer is not None
        assert answer.total == highs(points, capacity, answer.floor, 3)
        if answer.status == "optimal":
            assert answer.bound == answer.total
    assert asked


def test_too_few_seats_for_everybody_is_not_for_this_solver() -> None:
    points = np.ones((3, 2), dtype=np.int32)
    assert solve_floors(plain(points, np.array([1, 1]), 1), np.full(3, -1)) is None


def test_points_that_weights_would_overflow_are_refused() -> None:
    points = np.full((2, 2), 2_000_000, dtype=np.int32)
    with pytest.raises(ValueError, match="at most"):
        solve_floors(plain(points, np.array([2, 2]), 2), np.full(2, -1))
