"""Laws of the exact assignment, against brute force, HiGHS and one another's routes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentormatch.solvers.assignment import Assignment, assign, assign_sparse
from tests.oracles import every_assignment

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


def instance(seed, n_most=5, m_most=4, demand=True):
    """A small problem with ties, forbidden pairs, zero capacities, minimum loads and demands."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(0, n_most + 1)), int(rng.integers(0, m_most + 1))
    top = int(rng.choice([1, 4, 1_000_000, 2**31 - 1]))
    points = rng.integers(0, top + 1, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < rng.choice([0.0, 0.3, 0.7])] = -1 - top
    capacity = rng.integers(0, 4, m)
    floor = np.minimum(capacity, rng.integers(0, 3, m) * (rng.random() < 0.4))
    wanted = rng.integers(0, 4, n) if demand and rng.random() < 0.4 else None
    big = int(rng.choice([0, 3, 2 * top * (m + 2), 10**14]))
    return (
        points,
        capacity,
        {
            "row_bonus": np.full(n, big),
            "min_load": floor,
            "demand": wanted,
            "row_hash": rng.integers(0, 2**63, n).astype(np.uint64),
            "mentor_hash": rng.integers(0, 2**63, m).astype(np.uint64),
        },
    )


def every_value(points, capacity, rules):
    """Values of all feasible assignments."""
    wanted = np.ones(len(points), int) if rules["demand"] is None else rules["demand"]
    x = every_assignment(wanted, points >= 0, capacity)
    x = x[(x.sum(axis=1) >= rules["min_load"]).all(axis=1)]
    worth = points.astype(np.int64) + np.asarray(rules["row_bonus"])[:, None]
    return (x * worth).sum(axis=(1, 2)).tolist()


def recomputed_bound(points, capacity, rules, price):
    """The certificate in a few lines of NumPy."""
    n, m = points.shape
    wanted = np.ones(n, int) if rules["demand"] is None else rules["demand"]
    total = int(np.where(price > 0, capacity * price, rules["min_load"] * price).sum())
    for i in range(n):
        gains = [int(points[i, j] + rules["row_bonus"][i] - price[j]) for j in range(m)
                 if points[i, j] >= 0]  # fmt: skip
        total += sum(g for g in sorted(gains, reverse=True)[: wanted[i]] if g > 0)
    return total


def check_feasible(result, points, capacity, rules):
    chosen = result.mentor_of if result.mentor_of.ndim == 2 else result.mentor_of[:, None]
    load = np.zeros(points.shape[1], int)
    wanted = np.ones(len(points), int) if rules["demand"] is None else rules["demand"]
    for i, row in enumerate(chosen):
        held = row[row >= 0]
        assert len(set(held)) == len(held) <= wanted[i]
        assert (points[i, held] >= 0).all()
        load[held] += 1
    assert (load <= capacity).all()
    assert (load >= rules["min_load"]).all()


def check_against_brute_force(seed):
    points, capacity, rules = instance(seed)
    values = every_value(points, capacity, rules)
    for route in ["small"] if rules["demand"] is not None else ["small", "dense"]:
        result = assign(points, capacity, route=route, **rules)
        if not values:
            assert result.status == "infeasible"
            continue
        assert result.status == "optimal"
        check_feasible(result, points, capacity, rules)
        assert result.objective == max(values) == result.bound
        assert result.bound == recomputed_bound(points, capacity, rules, result.mentor_price)
        assert result.unique == (values.count(max(values)) == 1)


@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
@given(st.integers(0, 2**32))
def test_equals_brute_force(seed):
    check_against_brute_force(seed)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=QUIET)
@given(st.integers(0, 2**32))
def test_equals_brute_force_2000_cases(seed):
    check_against_brute_force(seed)


def same(a: Assignment, b: Assignment) -> None:
    assert a.status == b.status
    if a.status == "optimal":
        assert (a.objective, a.bound, a.unique) == (b.objective, b.bound, b.unique)
        assert (a.mentor_price == b.mentor_price).all()
        assert (a.mentor_of == b.mentor_of).all()


@settings(max_examples=120, deadline=None, suppress_health_check=QUIET)
@given(st.integers(0, 2**32))
def test_routes_agree_to_the_pair(seed):
    points, capacity, rules = instance(seed, 40, 14, demand=False)
    small = assign(points, capacity, route="small", **rules)
    same(small, assign(points, capacity, route="dense", **rules))
    row, column = np.nonzero(points >= 0)
    pointer = np.concatenate([[0], np.cumsum((points >= 0).sum(axis=1))])
    listed = (pointer, column, points[row, column], capacity)
    same(small, assign_sparse(*listed, route="sparse", **rules))
    changed = points.copy()
    changed[: len(points) // 3] = np.abs(changed[: len(points) // 3]) // 2
    before = assign(changed, capacity, route="dense", **rules)
    same(small, assign(points, capacity, route="dense", start=before, **rules))
    rows = np.flatnonzero((changed != points).any(axis=1))
    after = assign(points, capacity, route="dense", start=before, changed=rows, **rules)
    same(small, after)
    again = assign(changed, capacity, route="dense", start=after, changed=rows, **rules)
    same(before, again)


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(st.integers(0, 2**32))
def test_rosters_that_keep_changing_agree_with_a_fresh_solve(seed):
    rng = np.random.default_rng(seed)
    points, capacity, rules = instance(seed, 60, 40, demand=False)
    n, m = points.shape
    answer = assign(points, capacity, route="dense", **rules)
    for _ in range(5):
        rows = rng.choice(n, min(n, int(rng.integers(0, 4))), replace=False)
        points = points.copy()
        points[rows] = rng.integers(-3, 12, (rows.size, m))
        seats = np.maximum(capacity + rng.integers(-1, 2, m), rules.get("min_load", 0))
        answer = assign(points, seats, route="dense", start=answer, changed=rows, **rules)
        same(assign(points, seats, route="small", **rules), answer)


def test_a_change_that_is_not_named_is_refused():
    points = np.random.default_rng(0).integers(0, 1000, (80, 30)).astype(np.int32)
    capacity = np.full(30, 3)
    before = assign(points, capacity, route="dense")
    points[[3, 17]] = points[[17, 3]]
    with pytest.raises(ValueError, match=r"rows that changed does not name: 17\."):
        assign(points, capacity, route="dense", start=before, changed=[3])
    with pytest.raises(ValueError, match="changed must name rows from 0 to 79"):
        assign(points, capacity, route="dense", start=before, changed=[80])
    fresh = assign(points, capacity, route="dense")
    same(fresh, assign(points, capacity, route="dense", start=before, changed=[17, 3, 3]))
    other = assign(points[:, :20], capacity[:20], route="dense", start=before, changed=[3])
    same(other, assign(points[:, :20], capacity[:20], route="small"))


@settings(max_examples=80, deadline=None, suppress_health_check=QUIET)
@given(st.integers(0, 2**32), st.sampled_from(["small", "dense"]))
def test_shuffling_changes_no_pair(seed, route):
    points, capacity, rules = instance(seed, 30, 10, demand=False)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(points)), rng.permutation(points.shape[1])
    plain = assign(points, capacity, route=route, **rules)
    shuffled = assign(
        points[rows][:, columns],
        capacity[columns],
        route=route,
        row_bonus=rules["row_bonus"][rows],
        min_load=rules["min_load"][columns],
        row_hash=rules["row_hash"][rows],
        mentor_hash=rules["mentor_hash"][columns],
    )
    assert plain.status == shuffled.status
    if plain.status == "optimal":
        back = np.append(columns, -1)[shuffled.mentor_of]
        assert (plain.mentor_of[rows] == back).all()
        assert (plain.mentor_price[columns] == shuffled.mentor_price).all()


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(st.integers(0, 2**32))
def test_one_more_seat_gains_its_price(seed):
    points, capacity, rules = instance(seed, 12, 6, demand=False)
    rules["min_load"] = np.zeros_like(capacity)
    result = assign(points, capacity, **rules)
    for j in range(capacity.size):
        more = capacity.copy()
        more[j] += 1
        gain = assign(points, more, **rules).objective - result.objective
        assert gain == result.mentor_price[j]


@pytest.mark.parametrize("seed", range(10))
def test_equals_highs_at_60_by_25(seed):
    milp = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(seed)
    n, m = 60, 25
    points = rng.integers(0, 1000 if seed % 2 else 5, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.3] = -1
    capacity, floor = rng.integers(1, 5, m), rng.integers(0, 2, m)
    wanted = rng.integers(0, 4, n)
    worth = np.where(points >= 0, points + 50, 0).astype(float).ravel()
    pairs = np.arange(n * m).reshape(n, m)
    rows = np.zeros((n + m, n * m))
    for i in range(n):
        rows[i, pairs[i]] = 1
    for j in range(m):
        rows[n + j, pairs[:, j]] = 1
    answer = milp.milp(
        -worth,
        constraints=milp.LinearConstraint(rows, np.r_[np.zeros(n), floor], np.r_[wanted, capacity]),
        bounds=milp.Bounds(0, (points >= 0).astype(float).ravel()),
        integrality=np.ones(n * m),
    )
    result = assign(
        points, capacity, row_bonus=np.full(n, 50), min_load=floor, demand=wanted, route="small"
    )
    if answer.status == 2:
        assert result.status == "infeasible"
    else:
        assert result.objective == result.bound == round(-answer.fun)


@pytest.mark.parametrize("route", ["small", "dense"])
@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1), (1, 5), (5, 1)])
def test_degenerate_shapes(shape, route):
    n, m = shape
    result = assign(np.full(shape, 7, np.int32), np.full(m, 2), route=route)
    assert result.status == "optimal"
    assert result.objective == result.bound == 7 * min(n, 2 * m)
    assert result.mentor_of.shape == (n,)


@pytest.mark.parametrize("route", ["small", "dense"])
def test_nothing_admissible_and_no_seats(route):
    nobody = assign(np.full((4, 3), -5, np.int32), [2, 2, 2], route=route)
    assert (nobody.mentor_of == -1).all()
    assert nobody.objective == nobody.bound == 0
    closed = assign(np.full((4, 3), 5, np.int32), [0, 0, 0], route=route)
    assert (closed.mentor_of == -1).all()
    assert (closed.mentor_price == 5).all()
    assert closed.bound == 0


@pytest.mark.parametrize("shape", [(100_000, 3), (3, 300_000)])
def test_lopsided_shapes(shape):
    n, m = shape
    rng = np.random.default_rng(3)
    points = rng.integers(0, 1_000_000, shape).astype(np.int32)
    result = assign(points, np.full(m, 10**6 if m == 3 else 1), row_bonus=np.full(n, 10**9))
    assert result.status == "optimal"
    assert result.objective == result.bound
    assert (result.mentor_of >= 0).all()


def test_scarce_seats_in_a_tall_matrix():
    rng = np.random.default_rng(4)
    points = rng.integers(0, 1_000_000, (30_000, 3)).astype(np.int32)
    result = assign(points, [9_000, 9_000, 2_000], row_bonus=np.full(30_000, 10**8))
    assert result.objective == result.bound
    assert (result.mentor_of >= 0).sum() == 20_000


def test_any_memory_layout():
    rng = np.random.default_rng(5)
    points = rng.integers(0, 9, (300, 200)).astype(np.int32)
    capacity = rng.integers(1, 4, 200)
    plain = assign(points, capacity)
    frozen = points.copy()
    frozen.flags.writeable = False
    same(plain, assign(frozen, capacity))
    same(plain, assign(np.asfortranarray(points), capacity))
    same(plain, assign(points.astype(np.int64), capacity.astype(np.int16)))


def test_first_mentors_before_second_mentors():
    bonus = np.tile([1000, 100], (3, 1))
    points = np.array([[9, 9], [8, 8], [0, 0]], np.int32)
    result = assign(points, [2, 2], row_bonus=bonus, demand=[2, 2, 2])
    assert ((result.mentor_of >= 0).sum(axis=1) >= 1).all()
    assert result.objective == result.bound == 3 * 1000 + 100 + 9 + 9 + 8


def test_refuses_what_it_cannot_solve():
    points = np.ones((2, 2), np.int32)
    with pytest.raises(TypeError, match="integers"):
        assign(np.ones((2, 2)), [1, 1])
    with pytest.raises(ValueError, match="capacity"):
        assign(points, [1, 1, 1])
    with pytest.raises(ValueError, match="negative"):
        assign(points, [1, -1])
    with pytest.raises(ValueError, match="row_bonus"):
        assign(points, [1, 1], row_bonus=[2**60, 0])
    with pytest.raises(ValueError, match="min_load"):
        assign(points, [1, 1], min_load=[2, 0])
    with pytest.raises(ValueError, match="route"):
        assign(points, [1, 1], route="magic")
    with pytest.raises(ValueError, match="twice"):
        assign_sparse([0, 2], [1, 1], [5, 5], [1, 1])


def test_several_mentors_each_are_never_solved_as_one():
    points = np.ones((2, 2), np.int32)
    assert assign(points, [2, 2], demand=[2, 2], route="dense").objective == 4
    assert assign(points, [2, 2], demand=[2, 2], route="sparse").objective == 4
    listed = ([0, 2, 4], [0, 1, 0, 1], [1, 1, 1, 1], [2, 2])
    for route in ("small", "dense", "sparse"):
        assert assign_sparse(*listed, demand=[2, 2], route=route).objective == 4


@pytest.mark.parametrize("route", ["small", "dense"])
def test_time_limit_keeps_an_honest_bound(route):
    rng = np.random.default_rng(6)
    points = rng.integers(0, 1_000_000, (400, 150)).astype(np.int32)
    capacity = np.full(150, 2)
    best = assign(points, capacity, row_bonus=np.full(400, 10**9))
    cut = assign(points, capacity, row_bonus=np.full(400, 10**9), route=route, time_limit=0.0)
    assert cut.status == "time_limit"
    assert cut.objective <= best.objective <= cut.bound
    assert (np.bincount(cut.mentor_of[cut.mentor_of >= 0], minlength=150) <= capacity).all()


FAMILIES = {
    "uniform": lambda n, m, rng: rng.integers(0, 1_000_000, (n, m)),
    "levels": lambda n, m, rng: rng.integers(0, 6, (n, m)) * 200_000,
    "equal": lambda n, m, rng: np.full((n, m), 500_000),
    "popular": lambda n, m, rng: (
        rng.integers(0, 300_000, (n, m)) + (700_000 * rng.power(0.3, m)).astype(int)
    ),
    "additive": lambda n, m, rng: rng.integers(0, 500_000, (n, 1)) + rng.integers(0, 500_000, m),
    "machol-wien": lambda n, m, rng: np.outer(np.arange(n), np.arange(m)) * (1_000_000 // (n * m)),
    "blocks": lambda n, m, rng: np.where(
        rng.integers(0, 5, (n, 1)) == rng.integers(0, 5, m), rng.integers(0, 9**6, (n, m)), -1
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("slack", [1.05, 1.0, 0.8])
def test_families_agree_with_the_small_route(family, slack):
    rng = np.random.default_rng(7)
    n, m = 90, 40
    points = FAMILIES[family](n, m, rng).astype(np.int32)
    seats = np.bincount(rng.integers(0, m, int(n * slack)), minlength=m)
    bonus = np.full(n, 3_000_000 * m)
    same(
        assign(points, seats, row_bonus=bonus, route="small"),
        assign(points, seats, row_bonus=bonus, route="dense"),
    )


def test_importing_is_light():
    code = (
        "import sys; import mentormatch.solvers.assignment as a;"
        "import numpy as np; a.assign(np.ones((9, 9), np.int32), np.ones(9, int));"
        "assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
