"""Prices of side rows: against every choice of pairs, and against HiGHS."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.solvers.assignment import assign
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Program, SideRow
from mentormatch.solvers.rows import prices
from mentormatch.solvers.rows.bands import Band
from mentormatch.solvers.rows.linear import maximize
from mentormatch.solvers.rows.prices import by_prices
from tests.solvers.rows.examples import best_value, random_program


@pytest.mark.parametrize("shape", [(0, 3), (7, 0), (300, 40)])
def test_scaling_in_blocks_is_scaling_at_once(shape, monkeypatch):
    monkeypatch.setattr(prices, "BLOCK", 1000)
    rng = np.random.default_rng(0)
    points = rng.integers(0, 1_000_000, shape).astype(np.int32)
    points[rng.random(shape) < 0.2] = -1
    factor = rng.uniform(-0.5, 2, shape[0])
    scaled = np.empty_like(points)
    low = prices.scale(points, factor, scaled)
    value = np.ceil(points * factor[:, None])
    worst = np.where(points >= 0, value, 0).min(axis=1, initial=0)
    assert (low == worst).all()
    assert (scaled == np.where(points >= 0, value - worst[:, None], -1)).all()


SOME = [
    seed for seed in range(200)
    if random_program(seed, several=seed % 2 == 0)[0].open().sum() <= 10
]  # fmt: skip


@pytest.mark.parametrize("part", range(4))
def test_bounds_hold_and_answers_are_mostly_the_best(part: int) -> None:
    best_found = possible = 0
    for seed in SOME[part::4]:
        program, rng = random_program(seed, several=seed % 2 == 0)
        given = None if seed % 3 else rng.integers(-5, 50, program.shape)
        value = np.maximum(program.points, 0).astype(np.int64) if given is None else given
        bonus = np.full(program.shape[0], seed % 5 * 10)
        best = best_value(program, value + bonus[:, None])
        answer = by_prices(program, given, bonus)
        if answer.found:
            assert program.holds(answer.rows, answer.columns), seed
            worth = value[answer.rows, answer.columns].sum() + bonus[answer.rows].sum()
            assert answer.objective == worth, seed
        if best is None:
            assert not answer.found
            continue
        assert answer.bound >= best >= answer.objective, seed
        possible += 1
        best_found += answer.status == "optimal" and answer.objective == best
        assert answer.status != "optimal" or answer.objective == best, seed
    assert best_found >= 0.8 * possible


@pytest.mark.parametrize("seed", range(10))
def test_keeping_at_least_so_many_pairs_is_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 40, 12
    points = rng.integers(0, 10**6, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.1] = -1
    ones = np.ones(n, dtype=np.int64)
    plain = Program(points, np.full(m, 3), np.zeros(m, dtype=np.int64), ones)
    unit = 4 * (m + 2) * (10**6 + 1)
    start = assign(points, plain.capacity, row_bonus=ones * unit)
    old = assign(rng.permutation(points), plain.capacity).mentor_of
    held = np.flatnonzero((old >= 0) & (points[np.arange(n), np.maximum(old, 0)] >= 0))
    pairs = held, old[held].astype(np.int64)
    for least in (held.size // 3, held.size // 2, held.size - 2):
        program = plain.with_rows(SideRow(pairs=pairs, least=least))
        answer = by_prices(program, None, ones * unit, start=start)
        reached = answer.rows.size
        counted = program.with_rows(SideRow(ones, np.ones(m, dtype=np.int64), least=reached))
        rows = maximize(counted, np.maximum(points, 0).astype(np.int64))
        assert answer.status == "optimal"
        assert answer.objective == answer.bound == rows.objective + reached * unit
        assert program.holds(answer.rows, answer.columns)


def test_a_quota_per_mentor_is_near_its_bound_in_few_flows(monkeypatch) -> None:
    flows = []
    monkeypatch.setattr(prices, "assign", lambda *a, **k: flows.append(1) or assign(*a, **k))
    rng = np.random.default_rng(0)
    n, m = 300, 90
    group = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    points = (rng.random((n, m)) * 5e5 + rng.random(m) * 5e5).astype(np.int32)
    rows = tuple(
        SideRow((group == g).astype(np.int64), (np.arange(m) == j).astype(np.int64), most=1)
        for g in range(4)
        for j in range(m)
    )
    ones = np.ones(n, dtype=np.int64)
    program = Program(points, np.full(m, 3), np.zeros(m, dtype=np.int64), ones, rows)
    answer = by_prices(program, None, 0 * ones, budget=Budget(gap=2e-3))
    assert answer.status == "optimal"
    assert program.holds(answer.rows, answer.columns)
    assert answer.bound - answer.objective <= 2e-3 * answer.bound
    assert len(flows) <= 40


def test_without_mentors_nobody_is_matched() -> None:
    """Once a segmentation fault of the local search."""
    none = np.zeros(0, dtype=np.int64)
    ones = np.ones(4, dtype=np.int64)
    program = Program(np.zeros((4, 0), dtype=np.int32), none, none, ones)
    band = Band(np.array([0, 0, 1, 0]), np.array([3, 1]), np.zeros(2, dtype=np.int64), True, 1)
    answer = by_prices(program, None, ones, bands=[band])
    assert answer.objective == answer.bound == 0
