"""The checker of certificates believes nothing that does not hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.solvers.general.odd_sets import OddSets, broken_pairs, pool_bound
from mentormatch.solvers.general.pool import match_pool
from tests.pools import random_pool

TRIANGLE = np.array([[-1, 4, 4], [4, -1, 4], [4, 4, -1]], np.int32)


def sets(members, *stretches):
    begin, end, price = (np.array(part) for part in zip(*stretches, strict=True))
    return OddSets(np.array(members), begin, end, price)


def test_an_odd_set_proves_what_prices_of_people_cannot():
    half = np.full(3, 4)
    assert broken_pairs(TRIANGLE, 0, half, OddSets.none()) == 0
    assert pool_bound(half, OddSets.none()) == 12
    whole = sets([2, 0, 1], (0, 3, 8))
    assert broken_pairs(TRIANGLE, 0, np.zeros(3, np.int64), whole) == 0
    assert pool_bound(np.zeros(3, np.int64), whole) == 8  # one pair of 4 points, doubled


@pytest.mark.parametrize(
    ("price", "odd", "broken"),
    [
        ([0, 0, 0], ([2, 0, 1], (0, 3, 7)), 3),  # too cheap for all three pairs
        ([0, 0, 1], ([2, 0, 1], (0, 3, 7)), 1),
        ([-1, 9, 9], ([2, 0, 1], (0, 3, 8)), 1),  # a negative price of a person
        ([8, 8, 8], ([2, 0, 1], (0, 3, -1)), 1),  # of a set
        ([8, 8, 8], ([2, 0, 1], (0, 2, 1)), 1),  # an even set
        ([8, 8, 8], ([2, 0], (0, 3, 1)), 1),  # a stretch beyond the list
        ([8, 8, 8], ([2, 0, 2], (0, 3, 1)), 1),  # a person twice
    ],
)
def test_what_proves_nothing_is_counted(price, odd, broken):
    assert broken_pairs(TRIANGLE, 0, np.array(price), sets(*odd)) == broken


def test_sets_that_cross_are_refused():
    points = np.where(np.eye(5), -1, 0).astype(np.int32)
    price = np.full(5, 9)
    assert broken_pairs(points, 0, price, sets(range(5), (0, 3, 2), (2, 5, 2))) == 1
    assert broken_pairs(points, 0, price, sets(range(5), (0, 5, 2), (2, 5, 2))) == 0


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_pairs_are_counted_as_by_hand(seed):
    rng = np.random.default_rng(seed)
    points = random_pool(rng, most=30)
    answer = match_pool(points, bonus=0)
    odd = answer.odd_sets
    price = np.maximum(answer.price - rng.integers(0, 2, answer.price.size), 0)
    odd = replace(odd, price=np.maximum(odd.price - rng.integers(0, 3, odd.price.size), 0))
    together = price[:, None] + price[None, :]
    for begin, end, worth in zip(odd.begin, odd.end, odd.price, strict=True):
        members = odd.members[begin:end]
        together[np.ix_(members, members)] += worth
    short = np.triu((points >= 0) & (together < 2 * points.astype(np.int64)))
    assert broken_pairs(points, 0, price, odd) == int(short.sum())
