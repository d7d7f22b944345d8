"""Several mentors each by compiled kernels: equal to brute force, HiGHS and the small route."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.solvers import demand_kernels
from mentormatch.solvers import demand_tables as module
from mentormatch.solvers.assignment import Assignment, assign
from tests.solvers.test_assignment import (
    FAMILIES,
    QUIET,
    check_feasible,
    every_value,
    instance,
    recomputed_bound,
    same,
)


def several(seed, n_most, m_most):
    """A problem of `test_assignment.instance` in which everybody wants 0 to 3 mentors."""
    points, capacity, rules = instance(seed, n_most, m_most)
    rng = np.random.default_rng(seed)
    rules["demand"] = rng.integers(0, 4, len(points))
    return points, capacity, rules


def falling_bonus(seed, rules):
    """First mentors before second mentors, some of them worth less than nothing."""
    steps = np.random.default_rng(seed).integers(-3, 8, (len(rules["row_bonus"]), 4))
    return -np.sort(-steps * rules["row_bonus"].max(initial=1), axis=1)


@pytest.fixture(params=["short lists", "usual lists"])
def lists(request, monkeypatch):
    """Short lists make pricing do the work even in small problems."""
    if request.param == "short lists":
        monkeypatch.setattr(module, "WIDTH", 1)
        monkeypatch.setattr(module, "MENTEES", 1)
        monkeypatch.setattr(module, "ADDED", 2)


@settings(max_examples=300, deadline=None, suppress_health_check=QUIET)
@given(st.integers(0, 2**32))
def test_equals_brute_force(seed):
    points, capacity, rules = several(seed, 5, 4)
    values = every_value(points, capacity, rules)
    result = assign(points, capacity, route="dense", **rules)
    if not values:
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    check_feasible(result, points, capacity, rules)
    assert result.objective == max(values) == result.bound
    assert result.bound == recomputed_bound(points, capacity, rules, result.mentor_price)
    assert result.unique == (values.count(max(values)) == 1)


@pytest.mark.parametrize("seed", range(60))
def test_agrees_with_the_small_route_to_the_pair(seed, lists):
    points, capacity, rules = several(seed, 40, 14)
    if seed % 2:
        rules["row_bonus"] = falling_bonus(seed, rules)
    small = assign(points, capacity, route="small", **rules)
    same(small, assign(points, capacity, route="dense", **rules))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("slack", [1.05, 1.0, 0.8])
def test_families_agree_with_the_small_route(family, slack):
    rng = np.random.default_rng(7)
    n, m = 50, 40
    points = FAMILIES[family](n, m, rng).astype(np.int32)
    seats = np.minimum(n, 1 + np.bincount(rng.integers(0, m, int(3 * n * slack) - m), minlength=m))
    rules = {"min_load": np.ones(m, int), "demand": np.full(n, 3)}
    rules["row_bonus"] = np.tile(3_000_000 * m * np.array([50, 5, 1]), (n, 1))
    same(
        assign(points, seats, route="small", **rules),
        assign(points, seats, route="dense", **rules),
    )


def shuffled(points, capacity, rules, rows, columns) -> Assignment:
    return assign(
        points[rows][:, columns],
        capacity[columns],
        route="dense",
        row_bonus=rules["row_bonus"][rows],
        demand=rules["demand"][rows],
        min_load=rules["min_load"][columns],
        row_hash=rules["row_hash"][rows],
        mentor_hash=rules["mentor_hash"][columns],
    )


@pytest.mark.parametrize("seed", range(30))
def test_shuffling_changes_no_pair(seed, lists):
    points, capacity, rules = several(seed, 60, 30)
    n, m = points.shape
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(n), rng.permutation(m)
    plain = shuffled(points, capacity, rules, np.arange(n), np.arange(m))
    other = shuffled(points, capacity, rules, rows, columns)
    assert plain.status == other.status
    if plain.status == "optimal":
        back = np.append(columns, m)[other.mentor_of]
        mine = np.where(plain.mentor_of[rows] < 0, m, plain.mentor_of[rows])
        assert (np.sort(back, axis=1) == np.sort(mine, axis=1)).all()
        assert (plain.mentor_price[columns] == other.mentor_price).all()


@pytest.mark.parametrize("seed", range(5))
def test_equals_highs_at_40_by_20(seed):
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(seed)
    n, m = 40, 20
    points = rng.integers(0, 1000 if seed % 2 else 5, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.3] = -1
    capacity, floor = rng.integers(1, 8, m), rng.integers(0, 2, m)
    wanted = rng.integers(0, 4, n)
    row, column = np.indices((n, m)).reshape(2, -1)
    sides = np.vstack([row == np.arange(n)[:, None], column == np.arange(m)[:, None]])
    answer = optimize.milp(
        -np.where(points >= 0, points + 50, 0).ravel().astype(float),
        constraints=optimize.LinearConstraint(
            sides.astype(float), np.r_[np.zeros(n), floor], np.r_[wanted, capacity]
        ),
        bounds=optimize.Bounds(0, (points >= 0).astype(float).ravel()),
        integrality=np.ones(n * m),
    )
    result = assign(
        points, capacity, row_bonus=np.full(n, 50), min_load=floor, demand=wanted, route="dense"
    )
    if answer.status == 2:
        assert result.status == "infeasible"
    else:
        assert result.objective == result.bound == round(-answer.fun)


def test_large_problems_take_the_compiled_route():
    rng = np.random.default_rng(1)
    points = rng.integers(0, 1_000_000, (500, 150)).astype(np.int32)
    seats, rules = np.full(150, 11), {"demand": np.full(500, 3), "min_load": np.full(150, 6)}
    rules["row_bonus"] = np.full(500, 10**9)
    result = assign(points, seats, **rules)
    assert result.route == "dense"
    assert result.objective == result.bound
    assert result.bound == recomputed_bound(points, seats, rules, result.mentor_price)
    assert (result.mentor_of >= 0).all()
    check_feasible(result, points, seats, rules)


def test_one_more_seat_gains_its_price():
    rng = np.random.default_rng(2)
    points = rng.integers(0, 50, (60, 12)).astype(np.int32)
    seats, rules = rng.integers(0, 20, 12), {"demand": rng.integers(0, 4, 60)}
    result = assign(points, seats, route="dense", **rules)
    for j in range(12):
        more = assign(points, seats + (np.arange(12) == j), route="dense", **rules)
        assert more.objective - result.objective == result.mentor_price[j]


def test_minimum_loads_that_nobody_can_meet():
    points = np.full((30, 40), -1, np.int32)
    points[:, :35] = 5
    lonely = np.zeros(40, int)
    lonely[39] = 1
    seats, demand = np.full(40, 3), np.full(30, 3)
    assert (
        assign(points, seats, demand=demand, min_load=lonely, route="dense").status == "infeasible"
    )
    points[7, 39] = 0
    met = assign(points, seats, demand=demand, min_load=lonely, route="dense")
    assert 39 in met.mentor_of[7]
    assert met.objective == met.bound


def test_time_limit_keeps_an_honest_bound():
    rng = np.random.default_rng(6)
    points = rng.integers(0, 1_000_000, (300, 80)).astype(np.int32)
    seats, rules = np.full(80, 10), {"demand": np.full(300, 3), "row_bonus": np.full(300, 10**9)}
    best = assign(points, seats, route="dense", **rules)
    cut = assign(points, seats, route="dense", time_limit=0.0, **rules)
    assert cut.status == "time_limit"
    assert cut.objective <= best.objective <= cut.bound
    check_feasible(cut, points, seats, {**rules, "min_load": np.zeros(80, int)})


def test_compiled_and_interpreted_agree(monkeypatch):
    cases = [several(seed, 12, 6) for seed in range(6)]
    compiled = [assign(p, c, route="dense", **rules) for p, c, rules in cases]
    for name in dir(demand_kernels):
        function = getattr(demand_kernels, name)
        if hasattr(function, "py_func"):
            monkeypatch.setattr(demand_kernels, name, function.py_func)
    for fast, (points, capacity, rules) in zip(compiled, cases, strict=True):
        same(fast, assign(points, capacity, route="dense", **rules))
