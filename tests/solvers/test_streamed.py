"""Pairs that are read by rows are assigned as those of a matrix: the same pairs and prices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mentormatch.solvers import pool as listed_pairs
from mentormatch.solvers.assignment import assign
from mentormatch.solvers.certificate import dual_bound
from mentormatch.solvers.largest_prices import largest_prices
from mentormatch.solvers.pool import Pool
from mentormatch.solvers.source import Costed
from mentormatch.solvers.streamed import assign_source, largest_prices_of
from mentormatch.solvers.streamed_kernels import demand, list_rows, raise_prices, unlisted


class Rows:
    """A matrix that is read by rows, and counts them."""

    def __init__(self, points: NDArray[Any]) -> None:
        self.points, self.pool, self.looked = points, None, 0

    @property
    def shape(self) -> tuple[int, int]:
        n, m = self.points.shape
        return n, m

    @property
    def top(self) -> int:
        return int(self.points.max(initial=0))

    def at(self, rows: Any, columns: Any) -> Any:
        return self.points[rows, columns]

    def read(self, rows: Any) -> Any:
        self.looked += len(rows)
        return self.points[rows]

    def lists(self) -> None:
        return None


def instance(seed: int) -> tuple[Any, Any, Any, Any]:
    """Return points, seats, bonus and least loads: ties, gaps, closed mentors, too few seats."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(0, 16)), int(rng.integers(1, 10))
    points = rng.integers(0, rng.choice([2, 5, 1000, 10**6]), (n, m)).astype(np.int32)
    points[rng.random((n, m)) < rng.choice([0, 0.3, 0.8])] = -1
    seats = rng.integers(0, 4, m)
    bonus = np.full(n, rng.choice([0, 10**8])) if seed % 2 else rng.integers(0, 10**7, n)
    least = np.minimum(seats, rng.integers(0, 2, m)) if seed % 3 == 0 else None
    return points, seats, bonus, least


def same(one: Any, other: Any) -> None:
    assert one.status == other.status
    if one.status != "optimal":
        return
    assert one.objective == other.objective == one.bound
    assert np.array_equal(one.mentor_of, other.mentor_of)
    assert np.array_equal(one.mentor_price, other.mentor_price)
    assert one.unique == other.unique


@pytest.mark.parametrize("width", [1, 2, 16])
def test_small_ones_are_those_of_the_matrix(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed_pairs, "WIDTH", width)
    monkeypatch.setattr(listed_pairs, "ADDED", width)
    for seed in range(150):
        points, seats, bonus, least = instance(seed)
        how = {"row_bonus": bonus, "min_load": least}
        same(assign_source(Rows(points), seats, **how), assign(points, seats, **how))


def several(seed: int) -> tuple[Any, Any, dict[str, Any]]:
    """Return an instance in which mentees want 0 to 3 mentors, the first before the second."""
    points, seats, bonus, least = instance(seed)
    rng = np.random.default_rng(seed)
    demand = rng.integers(0, 4, len(points))
    steps = -np.sort(-rng.integers(-2, 6, (len(points), 4)), axis=1)
    how = {"row_bonus": steps * bonus[:, None] // 4, "min_load": least, "demand": demand}
    return points, seats, how


def test_several_mentors_each_are_those_of_the_matrix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for width, tight in ((1, 1 << 24), (2, 3), (16, 1 << 24)):
        for name, value in (("WIDTH", width), ("ADDED", width), ("TIGHT", tight)):
            monkeypatch.setattr(listed_pairs, name, value)
        for seed in range(150):
            points, seats, how = several(seed)
            one, other = assign_source(Rows(points), seats, **how), assign(points, seats, **how)
            assert one.route == "streamed"
            if tight == 3:  # only what is proven is claimed
                assert one.unique <= other.unique
                one = replace(one, unique=other.unique)
            same(one, other)


@pytest.mark.parametrize("seed", range(3))
def test_larger_ones_read_few_rows_twice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 3000, 400
    worth = rng.random((n, m)) * 0.5 + rng.random(m) * 0.3 + rng.random((n, 1)) * 0.2
    points = np.clip(worth * 1e6, 0, 10**6).astype(np.int32)
    seats, bonus = np.full(m, [9, 7, 6][seed]), np.full(n, 10**9)
    source = Rows(points)
    answer = assign_source(source, seats, row_bonus=bonus)
    same(answer, assign(points, seats, row_bonus=bonus))
    assert answer.stats["pairs"] < points.size / 5
    assert answer.stats["rounds"][-1]["rows"] == 0


def test_ties_of_whole_rows_are_decided_by_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed_pairs, "TIGHT", 3)
    monkeypatch.setattr(listed_pairs, "ADDED", 1)
    for seed in range(80):
        points, seats, bonus, least = instance(seed)
        points = np.minimum(points, 1)
        how = {"row_bonus": bonus, "min_load": least}
        one, other = assign_source(Rows(points), seats, **how), assign(points, seats, **how)
        assert one.status == other.status
        if one.status == "optimal":
            assert np.array_equal(one.mentor_of, other.mentor_of)
            assert np.array_equal(one.mentor_price, other.mentor_price)
            assert one.unique <= other.unique  # only what is proven is claimed


def test_the_largest_prices_are_those_of_the_matrix() -> None:
    for seed in range(100):
        points, seats, bonus, _ = instance(seed)
        best = assign(points, seats, row_bonus=bonus)
        wanted = largest_prices(points, seats, bonus, best)
        assert np.array_equal(largest_prices_of(Rows(points), seats, bonus, best), wanted)


class Costs:
    """A matrix of costs."""

    most = 1

    def __init__(self, cost: Any) -> None:
        self.cost = cost

    def at(self, rows: Any, columns: Any) -> Any:
        return self.cost[rows, columns]

    def read(self, rows: Any) -> Any:
        return self.cost[rows]


def test_a_guess_is_proven_where_values_are_int64() -> None:
    for seed in range(100):
        points, seats, bonus, least = instance(seed)
        cost = np.random.default_rng(seed).integers(0, 2, points.shape, dtype=np.uint8)
        unit, n = 10**7, len(points)
        values = np.where(points >= 0, points + (1 - cost.astype(np.int64)) * unit, -1)
        how: Any = {"row_bonus": bonus * 1000, "min_load": least}
        other = assign(values.astype(np.int32), seats, **how)
        source = Costed(Rows(points), Costs(cost), unit, np.int64)
        rng = np.random.default_rng(seed)
        wrong = np.full(n, -1), rng.integers(0, unit, seats.size)
        same(assign_source(source, seats, guess=wrong, **how), other)


def test_a_time_limit_leaves_a_bound_that_holds() -> None:
    rng = np.random.default_rng(0)
    points = rng.integers(0, 10**6, (60, 30)).astype(np.int32)
    seats, bonus = np.full(30, 1), np.full(60, 10**8)
    best = assign(points, seats, row_bonus=bonus)
    late = assign_source(Rows(points), seats, row_bonus=bonus, time_limit=1e-9)
    assert late.bound >= best.objective >= late.objective


def test_the_bound_of_every_round_is_that_of_its_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed_pairs, "WIDTH", 2)
    monkeypatch.setattr(listed_pairs, "ADDED", 2)
    rounds: list[tuple[Any, Any]] = []
    look = Pool.look

    def watched(pool: Pool, price: Any, surplus: Any, *how: Any) -> Any:
        most = look(pool, price, surplus, *how)
        rounds.append((price.copy(), most))
        return most

    monkeypatch.setattr(Pool, "look", watched)
    for seed in range(1, 60, 2):
        points, seats, bonus, _ = instance(seed)
        if not len(points):
            continue
        del rounds[:]
        assign_source(Rows(points), seats, row_bonus=bonus)
        n = len(points)
        for price, most in rounds:
            gained = np.maximum(most + bonus, 0).sum() + (price * np.minimum(seats, n + 1)).sum()
            ones = np.ones(n, dtype=np.int64)
            bound = dual_bound(points, bonus[:, None], ones, seats, 0 * seats, price)
            assert gained >= bound  # what is not looked at is bounded from above


def test_the_bound_of_every_round_holds_for_several_mentors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listed_pairs, "WIDTH", 2)
    monkeypatch.setattr(listed_pairs, "ADDED", 2)
    rounds: list[tuple[int, Any]] = []
    look = listed_pairs.Rounds.look

    def watched(self: Any, price: Any, have: Any, worth: int, places: Any = None) -> int:
        self.bound = None
        paying = look(self, price, have, worth, places)
        rounds.append((self.bound, price.copy()))
        return paying

    monkeypatch.setattr(listed_pairs.Rounds, "look", watched)
    several_rounds = 0
    for seed in range(60):
        points, seats, how = several(seed)
        n = len(points)
        if not n or how["min_load"] is not None:
            continue
        rounds.clear()
        best = assign_source(Rows(points), seats, **how)
        several_rounds += len(rounds) > 1
        first = how["row_bonus"][:, : max(int(how["demand"].max()), 1)]
        wanted = np.minimum(how["demand"], points.shape[1])
        for bound, price in rounds:
            proven = dual_bound(points, first, wanted, np.minimum(seats, n + 1), 0 * seats, price)
            assert bound >= proven >= best.objective
        assert best.bound == best.objective
    assert several_rounds > 5


def test_kernels_do_what_their_python_does() -> None:
    rng = np.random.default_rng(0)
    points = rng.integers(-2, 50, (7, 30)).astype(np.int32)
    price = rng.integers(0, 20, 30)
    base = np.full(7, 10)
    answers = []
    for function in (list_rows, list_rows.py_func):
        worth, column = np.zeros((7, 5), np.int64), np.zeros((7, 5), np.int32)
        told = np.zeros((7, 3), np.int64)
        function(points, price, base, base + 5, worth, column, told)
        answers.append((worth, column, told))
    for one, other in zip(*answers, strict=True):
        assert np.array_equal(one, other)
    net = np.where(points >= 0, points - price, -(10**6))
    worth, _, told = answers[0]
    for r in range(7):
        best = np.sort(net[r])[::-1]
        kept = best[: told[r, 0]]
        assert np.array_equal(np.sort(worth[r, : told[r, 0]])[::-1], kept)
        assert told[r, 0] == min(5, (net[r] >= 10).sum())
        assert told[r, 1] == (net[r] >= 15).sum()
        assert told[r, 2] == best[told[r, 0]]
    lists = np.array([0, 3, 5]), np.array([0, 1, 2, 0, 2]), np.array([5, 3, 4, 2, 6])
    for kernel in (unlisted, unlisted.py_func):
        new = kernel(*lists[:2], np.array([0, 1, 1]), np.array([1, 1, 2]))
        assert new.tolist() == [False, True, False]
    for kernel in (demand, demand.py_func):
        wanted = np.zeros(3)
        kernel(*lists, np.zeros(3), 1.5, wanted)
        assert wanted.sum() == pytest.approx(2)
    for kernel in (raise_prices, raise_prices.py_func):
        most = np.full(3, 1 << 60)
        most[1] = 2
        assert kernel(*lists, np.array([0, 1]), np.array([1, 0]), most) == 2


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("added", [2, 24])
def test_a_look_lists_what_pays_and_bars_bound_the_rest(
    added: int, classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed_pairs, "WIDTH", 3)
    monkeypatch.setattr(listed_pairs, "ADDED", added)
    monkeypatch.setattr(listed_pairs, "NARROW", 0)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        n, m = 20, int(rng.integers(1, 40))
        points = rng.integers(-200, 1000, (n, m)).astype(np.int32)
        pool = Pool.listing(Rows(points), rng.integers(0, 300, m))
        price = np.repeat(pool.ref, classes, axis=0)
        for _ in range(5):
            change = rng.integers(-60, 40, price.shape) * (rng.random(price.shape) < 0.4)
            price, part = np.maximum(price + change, 0), rng.integers(0, classes, n)
            net = np.where(points >= 0, points - price[part], -(10**6))
            surplus = np.sort(net, axis=1)[:, -min(2, m)] + rng.integers(-5, 60, n)
            surplus = np.maximum(surplus, -(10**5))
            have = np.repeat(np.arange(n), np.diff(pool.indptr)), pool.column
            np.maximum.at(surplus, have[0], net[have])  # as the lists are solved
            most = pool.look(price, surplus, lambda: True, 10, part=part)
            listed = np.zeros((n, m), dtype=bool)
            listed[np.repeat(np.arange(n), np.diff(pool.indptr)), pool.column] = True
            rest = np.where(listed, -(10**7), net).max(axis=1)
            assert ((rest <= pool.bar) | (rest <= -(10**6))).all()  # or no pair is left
            assert np.array_equal(np.maximum(most, surplus), np.maximum(net.max(axis=1), surplus))
            whole = ~np.isin(np.arange(n), pool.cut)
            assert (rest < surplus)[whole].all()
