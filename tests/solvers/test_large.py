"""The steps of the large route: counts over the matrix, first prices, phases of the auction."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from mentormatch.solvers import kernels, large
from mentormatch.solvers.assignment import assign, assign_sparse
from mentormatch.solvers.large import Network
from mentormatch.solvers.shared_kernels import INF, NEVER, merge
from mentormatch.solvers.ties import MIX, SALTS, TIE_BITS, default_hash
from mentormatch.solvers.ties import tie_matrix as ties_by_numpy

TOP = 2**31 - 1


def duals(seed, top, n=30, m=17):
    rng = np.random.default_rng(seed)
    points = rng.integers(0, top, (n, m), endpoint=True).astype(np.int32)
    points[rng.random((n, m)) < 0.3] = -1
    price = rng.integers(-top // 4, top, m)
    price[rng.random(m) < 0.1] = 1 << 58  # no seats
    bonus = rng.integers(0, 10**12, n)
    worth = np.where(points >= 0, points - price, -(1 << 60)) + bonus[:, None]
    surplus = np.sort(worth, axis=1)[np.arange(n), -rng.integers(1, 5, n)]  # the k-th best
    return points, bonus, price, surplus, worth


def lists(seed, points, bonus, worth, surplus):
    """List some pairs of each mentee, none of them above her surplus, and an unused place."""
    rng = np.random.default_rng(seed)
    some = (points >= 0) & (worth <= surplus[:, None]) & (rng.random(points.shape) < 0.8)
    some |= (points >= 0) & (worth == surplus[:, None]) & (rng.random((len(points), 1)) < 0.7)
    row, idx = np.nonzero(some)
    at = np.searchsorted(row, np.arange(len(points) + 1))
    val = np.insert(points[row, idx] + bonus[row], at[1:], NEVER)
    idx = np.insert(idx, at[1:], 0).astype(np.int32)
    return some, (at + np.arange(len(at))).astype(np.int64), idx, val


def count(points, bonus, price, surplus, listed, near=0, recount=None):
    """Return tight pairs and bars; `recount` holds bars, and the prices they were made for."""
    n = bonus.size
    tight, tight_listed, close = np.zeros((3, n), np.int64)
    bar = np.empty(n, np.int64)
    counts = tight, tight_listed, close, bar
    pairs, duals = tuple(listed), (price, surplus)
    kernels.count_listed(pairs, duals, near, tight_listed, close)
    rows = np.arange(n, dtype=np.int32)
    if recount is not None:
        bar[:], deep, fall = recount
        size = kernels.recount_tight(points, bonus, duals, pairs, deep, fall, counts, rows)
        rows = rows[:size].copy()
    kernels.count_tight(
        points, int(points.max()), bonus, narrowed(price), surplus, near, rows, counts
    )
    return tight, bar, rows


def narrowed(price):
    q = np.empty(price.size, np.int32)
    return (price, q, kernels.narrow_prices(price, q))


@pytest.mark.parametrize("top", [5, 1_000_000, 2**30 + 7, TOP])
@pytest.mark.parametrize("seed", range(5))
def test_pairs_at_the_surplus_are_counted_and_those_unlisted_bounded(top, seed):
    points, bonus, price, surplus, worth = duals(seed, top)
    some, *listed = lists(seed, points, bonus, worth, surplus)
    tight, bar, _ = count(points, bonus, price, surplus, listed, near=top // 8)
    known = np.where(points >= 0, worth, -(1 << 62))
    assert (tight == (known >= surplus[:, None]).sum(axis=1)).all()
    assert (np.where(some, -(1 << 62), known).max(axis=1) - bonus <= bar).all()
    assert (bar < INF).any()


@pytest.mark.parametrize("seed", range(20))
def test_bounds_on_unlisted_pairs_make_up_for_looking(seed):
    points, bonus, price, surplus, worth = duals(seed, 1000)
    some, *listed = lists(seed, points, bonus, worth, surplus)
    _, bar, _ = count(points, bonus, price, surplus, listed, near=125)
    rng = np.random.default_rng(seed)
    later = price + rng.integers(-20, 20, 17)
    deep = np.array([3, 0], np.int32)
    later[deep] -= 300
    fall = int(np.delete(price - later, deep).max())
    known = np.where(points >= 0, points - later + bonus[:, None], -(1 << 62))
    best = np.where(some, known, -(1 << 62)).max(axis=1)  # lists stay feasible
    surplus = np.maximum(best, surplus + rng.integers(-20, 20, 30))
    tight, bar, read = count(
        points, bonus, later, surplus, listed, near=125, recount=(bar, deep, fall)
    )
    assert (tight == (known >= surplus[:, None]).sum(axis=1)).all()
    assert (np.where(some, -(1 << 62), known).max(axis=1) - bonus <= bar).all()
    assert read.size < 30


def test_a_pair_listed_already_is_not_listed_again():
    listed = (np.array([0, 2, 3]), np.array([4, 0, 1], np.int32), np.array([7, NEVER, 5]))
    rows, cols = np.array([0, 0, 0, 1], np.int32), np.array([4, 0, 0, 2], np.int32)
    new = (np.zeros(3, np.int64), np.empty(7, np.int32), np.empty(7, np.int64))
    size = merge(listed, rows, cols, np.array([7, 3, 3, 9]), new)
    indptr, idx, val = new
    assert indptr.tolist() == [0, 3, 5]
    assert idx[:size].tolist() == [4, 0, 0, 1, 2]
    assert val[:size].tolist() == [7, NEVER, 3, 5, 9]


@pytest.mark.parametrize("seed", range(5))
def test_who_could_gain_by_moving_is_counted(seed):
    rng = np.random.default_rng(seed)
    points, bonus, price, *_ = duals(seed, 1000)
    price = np.minimum(price, 2000)
    mate = np.where(rng.random(30) < 0.8, rng.integers(0, 17, 30), -1).astype(np.int32)
    mate[(mate >= 0) & (points[np.arange(30), mate] < 0)] = -1
    held = np.where(mate >= 0, points[np.arange(30), mate], 0).astype(np.int64)
    own = np.where(mate >= 0, held - price[mate], -bonus)
    best = np.maximum(np.where(points >= 0, points - price, -(1 << 60)).max(axis=1), -bonus)
    nobody = (np.zeros(31, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))
    full, col = np.arange(31, dtype=np.int64) * 17, np.tile(np.arange(17, dtype=np.int32), 30)
    no_matrix = np.empty((0, 0), np.int32)
    for eps in (0, 50, 400):
        for step in (1, 3):
            at = narrowed(price), mate, held, step, eps
            expected = int((own < best - eps)[::step].sum())
            assert kernels.misplaced(points, nobody, bonus, *at) == expected
            lists = (full, col, points.ravel())
            assert kernels.misplaced(no_matrix, lists, bonus, *at) == expected


def test_those_who_would_come_first_are_listed():
    points, bonus, _, surplus, _ = duals(3, 1000)
    mentors, off = np.array([2, 9], np.int32), np.array([0, 4, 29], np.int64)
    level, who = np.empty(29, np.int64), np.empty(29, np.int32)
    kernels.nearest_mentees(points, bonus, surplus, mentors, off, level, who)
    for s, j in enumerate(mentors):
        found = who[off[s] : off[s + 1]]
        offer = np.where(points[:, j] >= 0, points[:, j] + bonus - surplus, -(1 << 62))
        some = min(found.size, int((points[:, j] >= 0).sum()))
        assert sorted(offer[found[found >= 0]]) == sorted(offer)[30 - some :]


def test_ties_of_the_tight_pairs_are_those_of_the_hashes():
    points, bonus, price, _, worth = duals(1, 4)
    surplus = np.where(points >= 0, worth, -(1 << 60)).max(axis=1)
    rows, mentors = default_hash(30, 1), default_hash(17, 2)
    out = np.empty((30, 17), np.int32)
    salted = rows ^ np.uint64(SALTS[0])
    hashes = salted, mentors, np.uint64(MIX), TIE_BITS
    kernels.tie_matrix(points, bonus, (price, surplus), hashes, out)
    tight = (points >= 0) & (worth == surplus[:, None])
    assert (out == np.where(tight, ties_by_numpy(rows, mentors, 0), -1)).all()


def test_first_prices_see_who_is_wanted_by_all():
    rng = np.random.default_rng(0)
    n, m = 400, 100
    wanted = np.repeat([0, 300_000], [90, 10])
    points = (rng.integers(0, 100_000, (n, m)) + wanted).astype(np.int32)
    for seats, low, high in ((4, 250_000, 350_000), (5, 0, 350_000)):
        bonus = np.full(n, 10**9)
        top = int(points.max())
        room = (np.full(m, seats), np.zeros(m, int))
        network = Network(room, bonus, top, lambda: True, points)
        network._start_prices(10**9)
        assert (network.price[:90] < 30_000).all()
        assert (network.price[90:] >= low).all()
        assert (network.price[90:] <= high).all()


def machol_wien(n, m):
    return (np.outer(np.arange(1, n + 1), np.arange(1, m + 1)) * (1_000_000 // (n * m))).astype(
        np.int32
    )


def levels(n, m):
    return (np.random.default_rng(0).integers(0, 4, (n, m)) * 250_000).astype(np.int32)


def popular(n, m):
    rng = np.random.default_rng(0)
    return (rng.integers(0, 50_000, (n, m)) + (900_000 * rng.power(0.2, m)).astype(int)).astype(
        np.int32
    )


def equals(n, m):
    return np.full((n, m), TOP, np.int32)


@pytest.mark.parametrize("make", [machol_wien, levels, popular, equals])
@pytest.mark.parametrize("seats", [210, 200, 160])
def test_hard_families_are_solved_exactly(make, seats):
    n, m = 200, 60
    points = make(n, m)
    capacity = np.full(m, seats // m)
    capacity[: seats % m] += 1
    bonus = np.full(n, 10**9)
    answer = assign(points, capacity, row_bonus=bonus, route="dense")
    wide = np.repeat(points.astype(np.int64), capacity, axis=1)
    rows, cols = linear_sum_assignment(wide, maximize=True)
    assert answer.objective == answer.bound == int(wide[rows, cols].sum()) + 10**9 * rows.size


def test_mentors_relent_where_few_prefer_another():
    rng = np.random.default_rng(0)
    points, price = rng.integers(0, 1000, (30, 17)), rng.integers(0, 300, 17)
    mate = (points - price).argmax(axis=1).astype(np.int32)
    mate[0] = -1
    price[mate[3]] += 150  # who is with her may now prefer another
    held = points[np.arange(30), mate]
    better = (points - price).max(axis=1) - (held - price[mate])
    few = int((better[1:] > 0).sum())
    assert few > 0
    listed = (np.arange(31) * 17, np.tile(np.arange(17, dtype=np.int32), 30), points.ravel())
    for most, fall in ((few - 1, 0), (few, int(better[1:].max()))):
        later = price.copy()
        assert kernels.relent(listed, later, mate, held, most) == few
        assert (later == np.where(np.arange(17) == mate[3], price - fall, price)).all()


@pytest.mark.parametrize("seats", [2, 3])
def test_long_lists_are_ordered_on_another_thread(monkeypatch, seats):
    rng = np.random.default_rng(0)
    points = rng.integers(0, 30, (150, 60)).astype(np.int32)
    points[rng.random((150, 60)) < 0.8] = -1
    row, idx = np.nonzero(points >= 0)
    problem = np.searchsorted(row, np.arange(151)), idx, points[row, idx], np.full(60, seats)
    bonus, asked, transpose = np.full(150, 10**6), [], large.transpose

    def ask(*arguments):
        asked.append(threading.get_ident())
        return transpose(*arguments)

    plain = assign_sparse(*problem, row_bonus=bonus, route="sparse")
    monkeypatch.setattr(large, "MANY_PAIRS", 1)
    monkeypatch.setattr(large, "transpose", ask)
    aside = assign_sparse(*problem, row_bonus=bonus, route="sparse")
    assert asked
    assert threading.get_ident() not in asked
    assert (aside.mentor_of == plain.mentor_of).all()
    assert (aside.mentor_price == plain.mentor_price).all()
    assert aside.objective == aside.bound == plain.objective


def test_a_mentor_without_seats_is_never_bid_for():
    points = np.array([[TOP, -1], [TOP, -1], [5, 7]], np.int32)
    answer = assign(points, [0, 1], row_bonus=np.full(3, 10**12), route="dense")
    assert answer.mentor_of.tolist() == [-1, -1, 1]
