"""Rows of one mentor each: against every choice of pairs, and against HiGHS."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Program, SideRow
from mentormatch.solvers.rows.linear import Answer, maximize
from mentormatch.solvers.rows.stars import by_patterns, patterns_of
from tests.solvers.rows.examples import best_value


def starred(rng: np.random.Generator, n: int, m: int, *, held: bool = False) -> Program:
    """A programme whose rows look at one mentor each; `held`: and one at everybody."""
    points = rng.integers(0, rng.choice([3, 1000, 10**6]), (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.2] = -1
    capacity = rng.integers(0, 4, m)
    least = np.where(rng.random(m) < 0.15, np.minimum(1, capacity), 0)
    sides = [rng.integers(-2, 4, n) if rng.random() < 0.5 else rng.integers(0, 2, n)
             for _ in range(2)]  # fmt: skip
    rows = []
    for j in range(m):
        for side in sides:
            low, high = sorted(rng.integers(-2, 4, 2))
            one = (np.arange(m) == j) * int(rng.integers(1, 3))
            if rng.random() < 0.7:
                rows.append(SideRow(side, one, least=low if rng.random() < 0.2 else None,
                                    most=high if rng.random() < 0.9 else None))  # fmt: skip
    if held:
        rows.append(SideRow(rng.integers(0, 3, n), np.ones(m, dtype=np.int64), least=n // 2))
    demand = (rng.random(n) < 0.9).astype(np.int64)
    return Program(points, capacity, least, demand, tuple(rows))


def asked(
    program: Program, value: np.ndarray | None, bonus: np.ndarray, budget: Budget | None = None
) -> Answer | None:
    patterns = patterns_of(program)
    if patterns is None:
        return None
    return by_patterns(program, patterns, value, bonus, budget=budget or Budget())


@pytest.mark.parametrize("part", range(4))
def test_bounds_hold_and_answers_are_mostly_the_best(part: int) -> None:
    found = possible = asked_for = 0
    for seed in range(part, 600, 4):
        rng = np.random.default_rng(seed)
        shape = int(rng.integers(0, 5)), int(rng.integers(0, 4))
        program = starred(rng, *shape, held=seed % 5 == 0)
        if program.open().sum() > 11:
            continue
        given = None if seed % 3 else rng.integers(-5, 50, shape)
        if seed % 4 == 3:
            given = np.zeros(shape, dtype=np.int64)
        value = np.maximum(program.points, 0).astype(np.int64) if given is None else given
        bonus = rng.integers(0, 3, shape[0]) * 10
        answer = asked(program, given, bonus)
        if answer is None:
            continue
        asked_for += 1
        best = best_value(program, value + bonus[:, None])
        if answer.found:
            assert program.holds(answer.rows, answer.columns), seed
            worth = value[answer.rows, answer.columns].sum() + bonus[answer.rows].sum()
            assert answer.objective == worth, seed
        if best is None:
            assert not answer.found, seed
            continue
        assert answer.status != "infeasible", seed
        assert answer.bound >= best >= answer.objective, seed
        possible += 1
        found += answer.objective == best
    assert asked_for >= 50
    assert found >= 0.7 * possible


def shares(n: int, m: int, seats: int) -> Program:
    """At most two of the first group for every three others, at every mentor."""
    rng = np.random.default_rng(0)
    group = rng.random(n) < 0.5
    points = (rng.random((n, m)) * 1e6).astype(np.int32)
    side = np.where(group, 3, -2)
    rows = tuple(SideRow(side, (np.arange(m) == j).astype(np.int64), most=0) for j in range(m))
    ones = np.ones(n, dtype=np.int64)
    return Program(points, np.full(m, seats), np.zeros(m, dtype=np.int64), ones, rows)


def test_a_share_of_few_seats_is_counted_in_whole_people() -> None:
    """One of three seats, none of two: no price of the rows tells, patterns do, to the last."""
    for seats in (2, 3, 5):
        program = shares(40, 12, seats)
        ones = np.ones(40, dtype=np.int64)
        counted = asked(program, np.zeros((40, 12), dtype=np.int64), ones)
        assert counted is not None
        exact = maximize(program, np.ones((40, 12), dtype=np.int64))
        assert exact.status == "optimal"
        assert counted.objective == exact.objective == counted.bound


def test_a_large_share_is_near_its_bound() -> None:
    program = shares(600, 160, 3)
    n, m = program.shape
    ones = np.ones(n, dtype=np.int64)
    counted = asked(program, np.zeros((n, m), dtype=np.int64), ones)
    assert counted is not None
    assert counted.objective == counted.bound
    row = SideRow(ones, np.ones(m, dtype=np.int64), least=counted.objective)
    total = asked(program.with_rows(row), None, 0 * ones, Budget(gap=1e-3))
    assert total is not None
    assert total.status == "optimal"
    assert total.rows.size == counted.objective
    assert total.bound - total.objective <= 1e-3 * total.bound


def test_what_rows_leave_no_patterns() -> None:
    program = shares(20, 6, 3)
    assert patterns_of(program) is not None
    ones, mentors = np.ones(20, dtype=np.int64), np.ones(6, dtype=np.int64)
    for row in (
        SideRow(ones, mentors, most=5),
        SideRow(ones, mentors, scored=True, least=5),
        SideRow(pairs=(np.array([0]), np.array([0])), least=1),
        SideRow(ones, np.array([1, 1, 0, 0, 0, 0]), most=1),
    ):
        assert patterns_of(program.with_rows(row)) is None
    assert patterns_of(shares(20, 6, 20)) is not None
    many = SideRow(np.arange(20), (np.arange(6) == 0).astype(np.int64), most=30)
    assert patterns_of(program.with_rows(many)) is not None
    wide = Program(program.points, np.full(6, 12), 0 * mentors, ones, (many,))
    assert patterns_of(wide) is None  # more patterns than are worth listing
