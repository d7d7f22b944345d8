"""Integer programmes over side rows: against every choice of pairs, exactly within the rows."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Program, SideRow
from mentormatch.solvers.rows import linear
from mentormatch.solvers.rows.linear import linear_prices, maximize, relaxed_bound
from tests.solvers.rows.examples import best_value, random_program

SOME = [seed for seed in range(160) if random_program(seed)[0].open().sum() <= 10]


@pytest.mark.parametrize("all_pairs", [4000, 0], ids=["whole", "priced"])
@pytest.mark.parametrize("part", range(4))
def test_the_best_answer_is_found_and_proven(part: int, all_pairs: int, monkeypatch) -> None:
    monkeypatch.setattr(linear, "ALL_PAIRS", all_pairs)
    for seed in SOME[part::4]:
        program, rng = random_program(seed)
        value = rng.integers(-5, 50, program.shape)
        best = best_value(program, value)
        answer = maximize(program, value)
        if best is None:
            assert answer.status == "infeasible", seed
            assert relaxed_bound(program, value) >= -np.inf
            continue
        assert answer.status == "optimal", seed
        assert answer.objective == answer.bound == best
        assert program.holds(answer.rows, answer.columns)
        assert relaxed_bound(program, value) >= best - 1e-3
        prices = linear_prices(program, value)
        assert prices is not None
        assert prices[2] >= best - 1e-3


@pytest.mark.parametrize("part", range(4))
def test_out_of_time_what_comes_back_holds_and_so_does_the_bound(part: int) -> None:
    found = possible = 0
    for seed in SOME[part::4]:
        program, rng = random_program(seed)
        value = rng.integers(-5, 50, program.shape)
        best = best_value(program, value)
        answer = maximize(program, value, budget=Budget(1e-6))
        assert answer.status != "optimal" or answer.objective == best
        if best is not None:
            possible += 1
            found += answer.found
            assert answer.bound >= best
        if answer.found:
            assert program.holds(answer.rows, answer.columns)
            assert answer.objective <= best
    assert found >= 0.9 * possible


@pytest.mark.parametrize("seed", range(12))
def test_bounds_one_unit_beyond_an_answer_are_kept_exactly(seed: int) -> None:
    """HiGHS's tolerance of 1e-6 of a pair is more than a unit of these rows."""
    rng = np.random.default_rng(seed)
    n, m = 5, 3
    points = rng.integers(0, 1_000_003, (n, m)).astype(np.int32)
    weight = np.where(rng.random(n) < 0.5, 21, -14)
    every = []
    for chosen in product(range(-1, m), repeat=n):
        at = np.array(chosen)
        rows = np.flatnonzero(at >= 0)
        if (np.bincount(at[rows], minlength=m) <= 2).all():
            reached = points[rows, at[rows]].astype(np.int64)
            every.append((int((weight[rows] * reached).sum()), int(reached.sum())))
    total = max(value for _, value in every)
    amount = min(count for count, value in every if value == total)
    for most in (amount, amount - 1, amount - 2):
        best = max((value for count, value in every if count <= most), default=None)
        row = SideRow(weight, np.ones(m, dtype=np.int64), True, None, most)
        program = Program(
            points, np.full(m, 2), np.zeros(m, dtype=np.int64), np.ones(n, dtype=np.int64), (row,)
        )
        answer = maximize(program, points.astype(np.int64))
        assert (answer.objective if answer.found else None) == best
        assert answer.status == ("infeasible" if best is None else "optimal")


def test_prices_where_no_pair_is_open_or_no_row_has_a_bound() -> None:
    """Nothing to choose, and a row without bounds: all prices are 0 and so is the bound."""
    ones = np.ones(2, dtype=np.int64)
    free = SideRow(ones, ones)
    for points, capacity in ((np.full((2, 2), -1), [1, 1]), (np.ones((2, 2)), [0, 0])):
        program = Program(points.astype(np.int32), np.array(capacity), 0 * ones, ones, (free,))
        found = linear_prices(program, np.maximum(points, 0).astype(np.int64))
        assert found is not None
        price, multiplier, bound = found
        assert (price >= 0).all()
        assert multiplier.tolist() == [0]
        assert bound == 0


def test_a_bound_counts_only_pairs_with_seats() -> None:
    ones = np.ones(2, dtype=np.int64)
    points = np.array([[500, 400], [700, 200]], dtype=np.int32)
    most = SideRow(ones, ones, most=1)
    program = Program(points, np.array([0, 1]), 0 * ones, ones, (most,))
    found = linear_prices(program, points.astype(np.int64))
    assert found is not None
    assert found[2] == pytest.approx(400)


def test_known_pairs_are_never_lost() -> None:
    rng = np.random.default_rng(3)
    points = rng.integers(0, 1000, (6, 4)).astype(np.int32)
    ones = np.ones(6, dtype=np.int64)
    program = Program(points, np.full(4, 2), np.zeros(4, dtype=np.int64), ones)
    known = np.arange(4), np.arange(4)
    answer = maximize(program, points.astype(np.int64), budget=Budget(1e-9), known=known)
    assert answer.objective >= points[known].sum()
