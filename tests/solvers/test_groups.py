"""Bounds on disjoint groups: against brute force and HiGHS, with prices anyone can add up."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mentormatch.solvers import group_flow
from mentormatch.solvers.group_flow import solve_groups
from mentormatch.solvers.groups import bound_of, laminar
from mentormatch.solvers.program import Program, SideRow, pairs_of


def zeros_and_ones(size: int, members: object) -> np.ndarray:
    result = np.zeros(size, dtype=np.int64)
    result[members] = 1
    return result


def random_bounds(rng: np.random.Generator, top: int) -> tuple[float | None, float | None]:
    low, high = rng.integers(-1, top + 1), rng.integers(-1 if rng.random() < 0.05 else 0, top + 2)
    if low > high and rng.random() < 0.9:
        low, high = high, low
    kind = rng.integers(3)
    return (None if kind == 0 else float(low)), (None if kind == 1 else float(high))


def random_program(
    rng: np.random.Generator, n: int, m: int, *, several: bool, high: int = 9
) -> Program:
    """Draw seats, demands and rows of all kinds that are one flow."""
    points = rng.integers(0, high, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.25] = -1
    capacity = rng.integers(0, 4, m)
    least = np.where(rng.random(m) < 0.15, rng.integers(0, 2, m), 0)
    demand = rng.integers(0, 3, n) if several else (rng.random(n) < 0.9).astype(np.int64)
    everybody, everyone = np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64)
    rows = []
    site = rng.integers(0, 2, m)
    if rng.random() < 0.6:
        for s in (0, 1):
            rows.append((everybody, zeros_and_ones(m, site == s), 1 + m // 2))
    if rng.random() < 0.3:
        rows.append((everybody, everyone, n))
    group = rng.integers(0, 3, n)
    other = rng.integers(0, 3, n)
    leaf = rng.random()
    if leaf < 0.6:
        for j in range(m):
            for g in range(3):
                if rng.random() < 0.7:
                    rows.append((zeros_and_ones(n, group == g), zeros_and_ones(m, j), 2))
        inner = np.flatnonzero(group == 0)[:2]
        if leaf < 0.3 and inner.size:
            rows.extend((zeros_and_ones(n, inner), zeros_and_ones(m, j), 1) for j in range(m))
    if rng.random() < 0.5:
        for g in range(3):
            if rng.random() < 0.7:
                rows.append((zeros_and_ones(n, other == g), everyone, 2))
        inner = np.flatnonzero(other == 1)[:1]
        if inner.size and rng.random() < 0.5:
            rows.append((zeros_and_ones(n, inner), everyone, 1))
    made = [
        SideRow(mentee, mentor, least=bound[0], most=bound[1])
        for mentee, mentor, top in rows
        for bound in [random_bounds(rng, top)]
    ]
    if made and rng.random() < 0.2:
        made.append(made[0])
    return Program(points, capacity, np.minimum(least, capacity), demand, tuple(made))


def best_by_brute_force(program: Program, bonus: np.ndarray) -> tuple[int, int] | None:
    """Return (greatest value, how many reach it), or None where nothing holds."""
    n, m = program.shape
    choices = []
    for i in range(n):
        open_ = [j for j in range(m) if program.points[i, j] >= 0 and program.capacity[j] > 0]
        top = min(int(program.demand[i]), len(open_))
        choices.append([s for k in range(top + 1) for s in itertools.combinations(open_, k)])
    best, count = None, 0
    for chosen in itertools.product(*choices):
        rows = np.array([i for i, s in enumerate(chosen) for _ in s], dtype=np.int64)
        columns = np.array([j for s in chosen for j in s], dtype=np.int64)
        if not program.holds(rows, columns):
            continue
        value = int(program.points[rows, columns].sum()) + sum(
            int(bonus[i, : len(s)].sum()) for i, s in enumerate(chosen)
        )
        if best is None or value > best:
            best, count = value, 1
        elif value == best:
            count += 1
    return None if best is None else (best, count)


def check(program: Program, bonus: np.ndarray, expected: tuple[int, int] | None) -> None:
    if laminar(program) is None:  # one mentor only: sets of mentees cross there
        assert (program.capacity > 0).sum() == 1
        return
    result = solve_groups(program, row_bonus=bonus)
    if expected is None:
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    rows, columns = pairs_of(result.mentor_of)
    assert program.holds(rows, columns)
    assert result.objective == expected[0]
    assert result.bound == expected[0]
    proven = bound_of(program, result.mentor_price, result.row_price, row_bonus=bonus)
    assert proven == expected[0]
    if result.unique:
        assert expected[1] == 1
    elif result.rounds > 1:
        assert expected[1] > 1


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_small_programs_equal_brute_force(seed: int, several: bool) -> None:
    rng = np.random.default_rng([seed, several])
    for _ in range(4):
        n, m = (int(rng.integers(1, 5)), 3) if several else (int(rng.integers(1, 7)), 4)
        program = random_program(rng, n, int(rng.integers(1, m + 1)), several=several)
        kind = rng.integers(3)
        slots = max(1, int(program.demand.max()))
        bonus = np.sort(rng.integers(0, 30, (n, slots)), axis=1)[:, ::-1]
        bonus = [np.zeros_like(bonus), bonus, np.full_like(bonus, 1000)][kind].astype(np.int64)
        check(program, bonus, best_by_brute_force(program, bonus))


@pytest.mark.parametrize("seed", range(60))
def test_the_route_with_lists_equals_brute_force(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_flow, "SMALL", 0)
    monkeypatch.setattr(group_flow, "WIDTH", 1)
    monkeypatch.setattr(group_flow, "LEAST_WIDTH", 1)
    monkeypatch.setattr(group_flow, "ADDED", 1)
    rng = np.random.default_rng(seed)
    for _ in range(4):
        n, m = int(rng.integers(1, 7)), int(rng.integers(1, 5))
        program = random_program(rng, n, m, several=False)
        bonus = rng.integers(0, 30, (n, 1)) if rng.random() < 0.5 else np.full((n, 1), 1000)
        check(program, bonus, best_by_brute_force(program, bonus))
