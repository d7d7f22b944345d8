"""Pairs and one group of three, so that nobody is left over where the number of people is odd.

Arrays of integers in, integers out. Worths are in half points: a pair is worth twice its points, a
trio the sum of its three pairs, so that a person's part is the mean of what she has with hers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.general import running
from mentormatch.solvers.general.odd_sets import Joint, OddSets, pool_bound
from mentormatch.solvers.general.pool import PoolMatching, match_pool

__all__ = ["TrioMatching", "TrioPrices", "match_with_trio", "trio_bound"]

Ints = NDArray[np.int64]
Points = NDArray[np.int32]

SOLVES = 60
"""How many trios are tried, each with the best pairs of everybody else."""

ROOM = 1 << 20
"""Trios listed at once; where more are in question, others are tried first."""

CROWDED = 4
"""How many trios are tried before more than that are listed."""

MOST = 1 << 22
"""Trios listed at most; where more are in question, the gap is stated."""

LOOKS = 1 << 25
"""How often a trio in question is bounded again, all together, before the gap is stated."""


@dataclass(frozen=True, eq=False)
class TrioMatching:
    """Pairs and one trio of great total value, with what no others can exceed.

    Attributes
    ----------
    partner_of : int64 (n,)
        Partner of each person, -1 where she is in the trio or has none.
    trio : tuple of three int
        Ascending.
    objective : int
        Worth of pairs and trio, with the bonuses of all in them, in half points.
    bound : int
        What no pairs with one trio exceed, in half points.
    proofs : tuple of TrioPrices
        Prices that each hold for all pairs; every trio is bounded by the least that one of them
        allows, which is what `trio_bound` works out again.
    status : str
        "optimal", "feasible" (trios are left in question), "time_limit" or "interrupted".
    stats : dict
        Seconds, solves, trios in question at first.
    """

    partner_of: Ints
    trio: tuple[int, int, int]
    objective: int
    bound: int
    proofs: tuple[TrioPrices, ...]
    status: str
    stats: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class TrioPrices:
    """Dual prices of people and odd sets that hold for all pairs, in half points."""

    price: Ints
    odd_sets: OddSets

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TrioPrices):
            return NotImplemented
        return np.array_equal(self.price, other.price) and self.odd_sets == other.odd_sets

    def __hash__(self) -> int:
        return hash((self.price.tobytes(), self.odd_sets))

    @cached_property
    def base(self) -> int:
        """What they prove for pairs, in half points."""
        return pool_bound(self.price, self.odd_sets)

    @cached_property
    def joint(self) -> Joint:
        """The price of the sets that hold both of two people."""
        return Joint(self.odd_sets, self.price.size)

    def gains(self, points: Points, bonus: Ints, trios: Ints) -> Ints:
        """Return what each trio adds to the bound, doubled."""
        a, b, c = trios.T
        held = np.maximum(np.maximum(self.joint(a, b), self.joint(a, c)), self.joint(b, c))
        free = bonus - self.price
        worth = points[a, b].astype(np.int64) + points[a, c] + points[b, c]
        return np.asarray(2 * (worth + free[a] + free[b] + free[c] - held), dtype=np.int64)


def match_with_trio(
    points: Points,
    bonus: Ints,
    pairs: PoolMatching,
    *,
    time_limit: float | None = None,
    solves: int = SOLVES,
) -> TrioMatching | None:
    """Form one trio and pair everybody else, so that the total is greatest.

    Parameters
    ----------
    points : int32 (n, n)
        As for `match_pool`; a trio needs all of its three pairs admissible.
    bonus : int64 (n,)
        Added for each person with company.
    pairs : PoolMatching
        The best pairs without a trio: the first trio is that of somebody left over.
    time_limit : float, optional
        Seconds.
    solves : int
        Most trios tried.

    Returns
    -------
    TrioMatching or None
        None where no three people may meet.

    Notes
    -----
    For a given trio the best pairs of all others, their prices, and least prices for the three
    that hold for all pairs bound every other trio: only those whose bound is above the best total
    stay in question, and each further trio tried brings prices that rule out more of them.
    """
    end = None if time_limit is None else time.perf_counter() + time_limit
    search = _Search(points, bonus)
    trio = _first_trio(points, bonus, pairs)
    status = "feasible"
    try:
        while trio is not None and len(search.tried) < solves:
            left = None if end is None else max(end - time.perf_counter(), 0.0)
            answer = search.attempt(trio, left)
            if answer.status != "optimal" or (left is not None and left <= 0.0):
                status = "time_limit"
                break
            trio = search.next_trio()
        status = "optimal" if search.proved else status
    except KeyboardInterrupt:
        if search.best is None:
            raise
        status = "interrupted"
    return search.answer(status)


class _Search:
    """Trios tried so far, the best of them, and those still in question."""

    def __init__(self, points: Points, bonus: Ints) -> None:
        self.points, self.bonus = points, bonus
        self.began = time.perf_counter()
        self.tried: list[tuple[int, int, int]] = []
        self.prices: list[TrioPrices] = []
        self.best: tuple[int, tuple[int, int, int], Ints] | None = None
        self.proving: tuple[int, TrioPrices] | None = None  # the prices of the least bound
        self.open: Ints | None = None  # trios in question, once they can be listed
        self.limit: Ints = np.zeros(0, dtype=np.int64)  # what bounds them
        self.looks = self.first_open = 0

    def attempt(self, trio: tuple[int, int, int], time_limit: float | None) -> PoolMatching:
        """Pair everybody else; keep what is best, and the prices."""
        points, bonus = self.points, self.bonus
        others = np.setdiff1d(np.arange(bonus.size), trio)
        rest = match_pool(
            points[np.ix_(others, others)], bonus=bonus[others], time_limit=time_limit
        )
        self.tried.append(trio)
        a, b, c = trio
        worth = sum(int(points[p]) for p in ((a, b), (a, c), (b, c))) + int(bonus[list(trio)].sum())
        value = rest.objective + worth
        if self.best is None or value > self.best[0]:
            mate = np.full(bonus.size, -1, dtype=np.int64)
            paired = rest.partner_of >= 0
            mate[others[paired]] = others[rest.partner_of[paired]]
            self.best = value, trio, mate
        price = np.zeros(bonus.size, dtype=np.int64)
        price[others] = rest.price
        sets = OddSets(
            others[rest.odd_sets.members], *(getattr(rest.odd_sets, x) for x in _STRETCHES)
        )
        known = np.ones(bonus.size, dtype=bool)
        known[list(trio)] = False
        for x in trio:
            met = known & (points[x] >= 0)
            need = 2 * points[x, met].astype(np.int64) + bonus[x] + bonus[met] - price[met]
            price[x] = max(int(need.max(initial=0)), 0)
            known[x] = True
        self.prices.append(TrioPrices(price, sets))
        if self.open is not None:
            mine = (self.open == np.array(trio)).all(axis=1)
            self.limit[mine] = value
        return rest

    def next_trio(self) -> tuple[int, int, int] | None:
        """Bound trios by the latest prices; return the most promising, None if none is."""
        assert self.best is not None
        value, latest = self.best[0], self.prices[-1]
        if self.open is None:
            close = _Close(self.points, self.bonus, latest, value)
            bound = max(value, latest.base + close.top_gain // 2)
            if self.proving is None or bound < self.proving[0]:
                self.proving = bound, latest
            fresh = len(self.prices) < CROWDED and close.top_trio not in self.tried
            if close.count > (ROOM if fresh else MOST):
                return close.top_trio if fresh else None
            self.open, self.limit = close.listed(self.prices[:-1])
            self.first_open = close.count
        else:
            gain = latest.gains(self.points, self.bonus, self.open)
            self.limit = np.minimum(self.limit, latest.base + gain // 2)
        self.looks += self.limit.size
        keep = self.limit > value
        self.open, self.limit = self.open[keep], self.limit[keep]
        if self.open.size == 0 or self.looks > LOOKS:
            return None
        return _as_trio(self.open[int(np.argmax(self.limit))])

    @property
    def proved(self) -> bool:
        """Nothing is in question any more."""
        return self.open is not None and self.open.size == 0

    def answer(self, status: str) -> TrioMatching | None:
        """Return what was found, None where no three people may meet."""
        if self.best is None:
            return None
        value, trio, mate = self.best
        if self.proving is None:
            latest = self.prices[-1]
            close = _Close(self.points, self.bonus, latest, value)
            self.proving = max(value, latest.base + close.top_gain // 2), latest
        bound, prices = self.proving
        if self.open is not None:
            bound = min(bound, max(value, int(self.limit.max(initial=value))))
        stats = {
            "seconds": time.perf_counter() - self.began,
            "solves": len(self.tried),
            "in_question": self.first_open,
        }
        proofs = prices, *(other for other in self.prices if other is not prices)
        return TrioMatching(mate, trio, value, bound, proofs, status, stats)


_STRETCHES = ("begin", "end", "price")


def _as_trio(row: Ints) -> tuple[int, int, int]:
    a, b, c = sorted(row.tolist())
    return a, b, c


def _first_trio(points: Points, bonus: Ints, pairs: PoolMatching) -> tuple[int, int, int] | None:
    """Return the best trio of somebody left over and a pair; failing that any, None if none is."""
    mate = pairs.partner_of
    alone, first = np.flatnonzero(mate < 0), np.flatnonzero(mate > np.arange(mate.size))
    second = mate[first]
    if alone.size and first.size:
        a, b = points[np.ix_(alone, first)], points[np.ix_(alone, second)]
        gain = a.astype(np.int64) + b - points[first, second] + bonus[alone, None]
        gain[(a < 0) | (b < 0)] = -1
        who, at = np.unravel_index(int(gain.argmax()), gain.shape)
        if gain[who, at] >= 0:
            return _as_trio(np.array([alone[who], first[at], second[at]]))
    met = points >= 0
    for i in range(mate.size):
        with_i = np.flatnonzero(met[i])
        both = np.argwhere(met[np.ix_(with_i, with_i)])
        if both.size:
            return _as_trio(np.array([i, *with_i[both[0]]]))
    return None


def _slack(points: Points, bonus: Ints, price: Ints) -> tuple[Ints, Ints]:
    """Return what the prices of each pair are above its worth, odd sets aside, and who may meet."""
    free = price - bonus
    slack = free[:, None] + free[None, :] - 2 * points.astype(np.int64)
    return slack, np.triu(points >= 0, 1)


class _Close:
    """The trios that prices do not keep from exceeding a value."""

    def __init__(self, points: Points, bonus: Ints, prices: TrioPrices, value: int) -> None:
        self._points, self._bonus, self._prices, self._value = points, bonus, prices, value
        self._most = np.int64(2 * (prices.base - value) - 1)
        slack, met = _slack(points, bonus, prices.price)
        i, j = np.nonzero(met & (slack <= self._most))
        indptr = np.searchsorted(i, np.arange(bonus.size + 1)).astype(np.int64)
        self._pairs = indptr, j, slack[i, j], prices.joint(i, j)
        self._kernel = running.kernels("trio_kernels", points.size).close_trios
        self._some, self.count, top = self._run(0, bonus.size)
        self.top_gain = int(top[3])
        self.top_trio = _as_trio(top[:3]) if self.count else None

    def _run(self, begin: int, end: int) -> tuple[tuple[Ints, Ints], int, Ints]:
        found, gain = np.empty((ROOM, 3), np.int64), np.empty(ROOM, np.int64)
        top = np.empty(4, np.int64)
        count = int(self._kernel(self._pairs, (begin, end), self._most, found, gain, top))
        return (found[:count].copy(), gain[:count].copy()), count, top

    def listed(self, earlier: list[TrioPrices]) -> tuple[Ints, Ints]:
        """Return those that earlier prices leave in question too, and what bounds them."""
        n, begin, kept = self._bonus.size, 0, []
        step = n
        while begin < n:
            end = min(begin + step, n)
            (trios, gain), count, _ = (
                (self._some, self.count, None) if step == n else self._run(begin, end)
            )
            if count > ROOM and end - begin > 1:
                step = max(1, (end - begin) // 2)
                continue
            limit = self._prices.base + gain // 2
            for prices in earlier:
                of = prices.gains(self._points, self._bonus, trios)
                limit = np.minimum(limit, prices.base + of // 2)
                trios, limit = trios[limit > self._value], limit[limit > self._value]
            kept.append((trios, limit))
            begin = end
        return np.concatenate([t for t, _ in kept]), np.concatenate([x for _, x in kept])


def trio_bound(points: Points, bonus: Ints, proofs: Sequence[TrioPrices], value: int) -> int:
    """Return what no pairs with one trio exceed by these prices, every trio looked at.

    In half points, and never below `value`, what is claimed to be reached. That the prices hold
    for pairs is what `broken_pairs` says. Time O(n^3), memory O(n^2).
    """
    first, others = proofs[0], proofs[1:]
    n = bonus.size
    slack, met = _slack(points, bonus, first.price)
    joint = np.zeros((n, n), dtype=np.int64)
    i, j = np.triu_indices(n, 1)
    joint[i, j] = first.joint(i, j)
    top = value
    for a in range(n - 2):
        after = a + 1 + np.flatnonzero(met[a, a + 1 :])
        two = np.ix_(after, after)
        three = slack[two] + slack[a, after][:, None] + slack[a, after][None, :]
        held = np.maximum(joint[a, after][:, None], joint[a, after][None, :])
        limit = first.base + (-three - 2 * np.maximum(held, joint[two])) // 2
        b, c = np.nonzero(met[two] & (limit > top))
        left = limit[b, c]
        trios = np.stack([np.full(b.size, a), after[b], after[c]], axis=1)
        for prices in others:
            trios, left = trios[left > top], left[left > top]
            left = np.minimum(left, prices.base + prices.gains(points, bonus, trios) // 2)
        top = max(top, int(left.max(initial=top)))
    return top
