"""Pairs within one pool: the greatest total, proved, whatever the pool."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.solvers.general import pool, running
from mentormatch.solvers.general.odd_sets import broken_pairs
from mentormatch.solvers.general.pool import enough, match_pool
from tests.pools import best_grouping, greatest_by_networkx, random_pool


def check(points, bonus=None):
    """Solve, check the certificate on all pairs and the pairs themselves; return the answer."""
    answer = match_pool(points, bonus=bonus)
    extra = enough(points) if bonus is None else bonus
    assert answer.status == "optimal"
    assert answer.objective == answer.bound
    assert broken_pairs(points, extra, answer.price, answer.odd_sets) == 0
    mate = answer.partner_of
    paired = np.flatnonzero(mate >= 0)
    assert (mate[mate[paired]] == paired).all()
    assert (points[paired, mate[paired]] >= 0).all()
    assert answer.objective == (points[paired, mate[paired]] + np.broadcast_to(
        np.asarray(extra), mate.shape)[paired]).sum()  # fmt: skip
    return answer


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_the_total_is_that_of_networkx(seed):
    rng = np.random.default_rng(seed)
    points = random_pool(rng)
    bonus = int(rng.integers(0, points.max(initial=0) + 2)) if rng.random() < 0.4 else None
    extra = enough(points) if bonus is None else bonus
    assert check(points, bonus).objective == 2 * greatest_by_networkx(points, extra)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_no_way_to_pair_up_to_nine_people_is_better(seed):
    points = random_pool(np.random.default_rng(seed), most=9)

    def worth(pairs):
        if any(points[i, j] < 0 for i, j in pairs):
            return None
        return len(pairs), sum(int(points[i, j]) for i, j in pairs)

    answer = check(points)
    pairs = int((answer.partner_of >= 0).sum()) // 2
    total = answer.objective // 2 - pairs * enough(points)
    assert (pairs, total) == best_grouping(len(points), (2,), worth)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_people_of_more_bonus_come_first(seed):
    rng = np.random.default_rng(seed)
    points = random_pool(rng, most=9)
    first = rng.integers(0, 3, len(points))

    def worth(pairs):
        if any(points[i, j] < 0 for i, j in pairs):
            return None
        placed = [x for pair in pairs for x in pair]
        return len(pairs), int(first[placed].sum()), sum(int(points[i, j]) for i, j in pairs)

    step = 2 * enough(points)
    answer = check(points, (2 * len(points) + 1) * step + first * step)
    pairs = np.flatnonzero(answer.partner_of > np.arange(len(points)))
    found = worth([(int(i), int(answer.partner_of[i])) for i in pairs])
    assert found == best_grouping(len(points), (2,), worth)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 5000, 1000))
@pytest.mark.parametrize("compiled", [False, True])
def test_ten_thousand_pools(monkeypatch, compiled, first):
    monkeypatch.setattr(running, "COMPILED", 0 if compiled else running.COMPILED)
    for seed in range(first, first + 1000):
        points = random_pool(np.random.default_rng([seed, compiled]), most=40)
        assert check(points).objective == 2 * greatest_by_networkx(points, enough(points)), seed


def clubs(n, seed, size=9):
    """People alike only within odd clubs: every club is an odd set."""
    rng = np.random.default_rng(seed)
    club = rng.permutation(n) // size
    alike = club[:, None] == club[None, :]
    score = np.where(alike, 0.6 + 0.4 * rng.random((n, n)), 0.2 * rng.random((n, n)))
    points = np.triu(np.rint(score * 10**6).astype(np.int32), 1)
    points += points.T
    np.fill_diagonal(points, -1)
    return points


def test_compiled_and_interpreted_agree(monkeypatch):
    pools = [clubs(n, seed) for n, seed in ((45, 1), (63, 2), (90, 3))]
    by_hand = [check(points) for points in pools]
    monkeypatch.setattr(running, "COMPILED", 0)
    for points, expected in zip(pools, by_hand, strict=True):
        answer = check(points)
        assert answer.objective == expected.objective
        assert answer.stats["odd_sets"] > 0


def test_a_larger_pool_of_odd_clubs_is_proved():
    points = clubs(300, 1)
    answer = check(points)
    assert answer.objective == 2 * greatest_by_networkx(points, enough(points))
    assert answer.stats["odd_cycles"] > 20


@pytest.mark.parametrize("n", [0, 1])
def test_pools_without_pairs(n):
    answer = check(np.full((n, n), -1, np.int32))
    assert answer.objective == 0
    assert answer.partner_of.tolist() == [-1] * n
    assert answer.unique


def test_more_pairs_beat_better_ones_unless_a_bonus_says_otherwise():
    path = np.full((4, 4), -1, np.int32)
    for i, j, worth in ((0, 1, 1), (1, 2, 9), (2, 3, 1)):
        path[i, j] = path[j, i] = worth
    assert check(path).partner_of.tolist() == [1, 0, 3, 2]
    assert check(path, bonus=0).partner_of.tolist() == [-1, 2, 1, -1]
    assert check(path, bonus=6).partner_of.tolist() == [-1, 2, 1, -1]
    assert check(path, bonus=8).partner_of.tolist() == [1, 0, 3, 2]


def test_unique_is_said_only_where_it_is_known():
    points = np.array([[-1, 5, 1, 1], [5, -1, 1, 1], [1, 1, -1, 5], [1, 1, 5, -1]], np.int32)
    assert check(points).unique is True
    assert check(np.where(points >= 0, 1, -1).astype(np.int32)).unique is None


@pytest.mark.parametrize("n", [40, 120])
def test_out_of_time_gives_pairs_and_a_bound_that_holds(n):
    points = clubs(n, 4)
    best = check(points).objective
    answer = match_pool(points, time_limit=0.0)
    assert answer.status == "time_limit"
    assert answer.objective <= best <= answer.bound
    assert broken_pairs(points, enough(points), answer.price, answer.odd_sets) == 0


def test_an_interrupted_search_gives_pairs_and_a_bound_that_holds(monkeypatch):
    points = clubs(60, 4)
    best = check(points).objective

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(pool, "_search", interrupt)
    answer = match_pool(points)
    assert answer.status == "interrupted"
    assert answer.objective <= best <= answer.bound
    assert broken_pairs(points, enough(points), answer.price, answer.odd_sets) == 0


def test_the_order_of_looking_at_ties_does_not_change_the_total():
    rng = np.random.default_rng(5)
    for _ in range(30):
        points = random_pool(rng)
        order = rng.permutation(len(points))
        assert check(points).objective == check(points[np.ix_(order, order)]).objective


@pytest.mark.parametrize(
    ("points", "what"),
    [
        (np.zeros((2, 3), np.int32), "square"),
        (np.zeros((2, 2), np.int32), "diagonal"),
        (np.array([[-1, 2], [3, -1]]), "symmetric"),
    ],
)
def test_what_is_no_pool_is_refused(points, what):
    with pytest.raises(ValueError, match=what):
        match_pool(points)
    with pytest.raises(TypeError, match="integers"):
        match_pool([[-1.0, 0.5], [0.5, -1.0]])
    with pytest.raises(ValueError, match="bonus"):
        match_pool([[-1, 5], [5, -1]], bonus=-1)
