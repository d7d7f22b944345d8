"""One trio and pairs: the greatest total, whatever the pool, and bounds that hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.solvers.general import running, trio
from mentormatch.solvers.general.odd_sets import Joint, broken_pairs
from mentormatch.solvers.general.pool import enough, match_pool
from mentormatch.solvers.general.trio import match_with_trio, trio_bound
from tests.pools import best_grouping, random_pool
from tests.solvers.general.test_pool import clubs


def solved(points, **options):
    bonus = np.full(len(points), len(points) * enough(points))
    return bonus, match_with_trio(points, bonus, match_pool(points, bonus=bonus), **options)


def worth(points, bonus, groups):
    """In half points; None unless one group is a trio and all in a group may meet."""
    if sum(len(group) == 3 for group in groups) != 1:
        return None
    total = 0
    for group in groups:
        met = [int(points[i, j]) for i in group for j in group if i < j]
        if min(met) < 0:
            return None
        total += sum(met) * (2 if len(group) == 2 else 1) + int(bonus[list(group)].sum())
    return (total,)


def groups_of(answer):
    mate = answer.partner_of
    pairs = [(int(i), int(mate[i])) for i in np.flatnonzero(mate > np.arange(mate.size))]
    return (*pairs, answer.trio)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_no_trio_and_pairs_of_up_to_nine_people_are_better(seed):
    points = random_pool(np.random.default_rng(seed), most=9)
    bonus, answer = solved(points)
    best = best_grouping(len(points), (2, 3), lambda groups: worth(points, bonus, groups))
    if best is None:
        assert answer is None
        return
    assert answer.status == "optimal"
    assert (answer.objective,) == (answer.bound,) == best == worth(points, bonus, groups_of(answer))
    assert trio_bound(points, bonus, answer.proofs, best[0]) == best[0]
    assert trio_bound(points, bonus, answer.proofs, best[0] - 9) >= best[0]
    assert all(broken_pairs(points, bonus, p.price, p.odd_sets) == 0 for p in answer.proofs)


def test_trios_in_question_may_be_too_many_to_list_at_once(monkeypatch):
    points = clubs(45, 3)
    best = solved(points)[1]
    assert best.status == "optimal"
    monkeypatch.setattr(trio, "ROOM", 8)
    again = solved(points)[1]
    assert (again.status, again.objective) == ("optimal", best.objective)
    monkeypatch.setattr(trio, "MOST", 8)
    left = solved(points)[1]
    assert left.status == "feasible"
    assert left.objective <= best.objective < left.bound


@pytest.mark.parametrize("limit", [0.0, None])
def test_a_bound_holds_when_it_ends_early(limit):
    points = clubs(27, 3)
    bonus, best = solved(points)
    _, answer = solved(points, time_limit=limit, solves=1)
    assert answer.status == ("feasible" if limit is None else "time_limit")
    assert answer.objective <= best.objective <= answer.bound
    assert worth(points, bonus, groups_of(answer)) == (answer.objective,)
    proved = trio_bound(points, bonus, answer.proofs, answer.objective)
    assert best.objective <= proved <= answer.bound


def test_compiled_and_interpreted_agree(monkeypatch):
    by_hand = [solved(clubs(n, n))[1] for n in (9, 27, 41)]
    monkeypatch.setattr(running, "COMPILED", 0)
    compiled = [solved(clubs(n, n))[1] for n in (9, 27, 41)]
    for a, b in zip(by_hand, compiled, strict=True):
        assert (a.objective, a.bound, a.trio) == (b.objective, b.bound, b.trio)


def test_the_price_of_sets_that_hold_both_is_their_sum():
    answer = match_pool(clubs(63, 5))
    sets, n = answer.odd_sets, 63
    expected = np.zeros((n, n), np.int64)
    for begin, end, price in zip(sets.begin, sets.end, sets.price, strict=True):
        members = sets.members[begin:end]
        expected[np.ix_(members, members)] += price
    assert expected.any()
    i, j = np.nonzero(~np.eye(n, dtype=bool))
    assert (Joint(sets, n)(i, j) == expected[i, j]).all()
