"""The certificate of a matching within one pool: prices of people and of odd sets of them.

Weights are doubled, so that all prices are whole: a price is in half points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.certificate import exact_product, exact_sum

__all__ = ["Joint", "OddSets", "broken_pairs", "pool_bound"]

Ints = NDArray[np.int64]

BLOCK = 1 << 20
"""Pairs looked at together, so that no copy of the matrix is made."""


@dataclass(frozen=True, eq=False)
class OddSets:
    """Nested odd sets of people, each a stretch of one list.

    Attributes
    ----------
    members : int64 (k,)
        The people of all outermost sets, each once, so that every set is a stretch of the list.
    begin, end : int64 (s,)
        Set r is members[begin[r]:end[r]].
    price : int64 (s,)
        Dual price of each set, in half points.
    """

    members: Ints
    begin: Ints
    end: Ints
    price: Ints

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OddSets):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("members", "begin", "end", "price")
        )

    def __hash__(self) -> int:
        return hash((self.members.tobytes(), self.price.tobytes()))

    @classmethod
    def none(cls) -> OddSets:
        """Return no sets."""
        return cls(*(np.zeros(0, dtype=np.int64) for _ in range(4)))


class Joint:
    """The price of all odd sets that hold both of two people, for many pairs at once.

    Sets are stretches of one list: those that hold two people hold all between them, so that their
    price is the least of a stretch of numbers, which a table of powers of two gives in one step.
    """

    def __init__(self, sets: OddSets, n: int) -> None:
        self._place = np.full(n, -1, dtype=np.int64)
        self._place[sets.members] = np.arange(sets.members.size)
        self._outer = outermost(sets, n)
        self._least = [joint_prices(sets)]
        reach = 1
        while 2 * reach <= self._least[0].size:
            shorter = self._least[-1]
            self._least.append(np.minimum(shorter[:-reach], shorter[reach:]))
            reach *= 2

    def __call__(self, i: Ints, j: Ints) -> Ints:
        """Return the price for each pair of two different people, 0 where no set holds both."""
        price = np.zeros(i.size, dtype=np.int64)
        together = np.flatnonzero((self._outer[i] >= 0) & (self._outer[i] == self._outer[j]))
        a, b = self._place[i[together]], self._place[j[together]]
        low, high = np.minimum(a, b), np.maximum(a, b)
        power = np.frexp((high - low).astype(float))[1] - 1
        for level in np.unique(power).tolist():
            least = self._least[level]
            of = power == level
            ends = high[of] - (1 << level)
            price[together[of]] = np.minimum(least[low[of]], least[ends])
        return price


def joint_prices(sets: OddSets) -> Ints:
    """Return the price of the sets that hold both a place of the list and the next, by place."""
    joint = np.zeros(sets.members.size + 1, dtype=np.int64)
    np.add.at(joint, sets.begin, sets.price)
    np.add.at(joint, sets.end - 1, -sets.price)
    return np.cumsum(joint)


def pool_bound(price: Ints, sets: OddSets) -> int:
    """Return the bound in half points: prices, and each odd set's as often as it holds pairs."""
    return exact_sum(price) + exact_product(sets.price, (sets.end - sets.begin) // 2)


def broken_pairs(points: NDArray[np.int32], bonus: int | Ints, price: Ints, sets: OddSets) -> int:
    """Count what keeps prices from proving their bound; 0 for a certificate.

    The bound holds when no price is negative, sets are odd and nest, and no admissible pair is
    worth more than the prices of both people and of all sets that hold both. Whatever found the
    prices, this needs the points only.

    Parameters
    ----------
    points : int32 (n, n)
        Value of each pair; negative: inadmissible.
    bonus : int or int64 (n,)
        A pair adds the mean of both people's.
    price : int64 (n,)
    sets : OddSets

    Returns
    -------
    int
        Negative prices, sets that are even or do not nest, and pairs that are worth too much.

    Notes
    -----
    Time O(n^2): sets are stretches of one list, so that the sets that hold both of two people are
    those that hold all between them, and their price is a running least. Memory of a block.
    """
    n = price.size
    broken = int((price < 0).sum()) + int((sets.price < 0).sum())
    broken += int(((sets.end - sets.begin) % 2 == 0).sum()) + _crossing(sets)
    if broken or np.unique(sets.members).size != sets.members.size:
        return max(broken, 1)
    outer = outermost(sets, n)
    price = price - bonus  # what a pair has still to be worth: twice its points
    step = max(1, BLOCK // max(n, 1))
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        worth = 2 * points[rows].astype(np.int64)
        short = (points[rows] >= 0) & (price[rows, None] + price[None, :] < worth)
        i, j = np.nonzero(short)
        i += start
        apart = (outer[i] < 0) | (outer[i] != outer[j])
        broken += int((apart & (i < j)).sum())
    return broken + _broken_within(points, price, sets, outer)


def _crossing(sets: OddSets) -> int:
    """Count sets that are no stretch of the list, or overlap another without holding it."""
    order = np.lexsort((-sets.end, sets.begin))
    open_ends: list[int] = []
    crossing = 0
    for begin, end in zip(sets.begin[order].tolist(), sets.end[order].tolist(), strict=True):
        while open_ends and open_ends[-1] <= begin:
            open_ends.pop()
        inside = 0 <= begin < end <= sets.members.size
        crossing += not inside or (bool(open_ends) and open_ends[-1] < end)
        open_ends.append(end)
    return crossing


def outermost(sets: OddSets, n: int) -> Ints:
    """Return the outermost set of each person, -1 for none."""
    outer = np.full(n, -1, dtype=np.int64)
    for r in np.argsort(sets.end - sets.begin, kind="stable").tolist():
        outer[sets.members[sets.begin[r] : sets.end[r]]] = r
    return outer


def _broken_within(points: NDArray[np.int32], price: Ints, sets: OddSets, outer: Ints) -> int:
    """Count the pairs within outermost sets that are worth too much."""
    joint = joint_prices(sets)
    broken = 0
    for r in np.unique(outer[outer >= 0]).tolist():
        begin, end = int(sets.begin[r]), int(sets.end[r])
        people = sets.members[begin:end]
        for place in range(people.size - 1):
            others = people[place + 1 :]
            held = np.minimum.accumulate(joint[begin + place : end - 1])
            value = points[people[place], others].astype(np.int64)
            short = price[people[place]] + price[others] + held < 2 * value
            broken += int((short & (value >= 0)).sum())
    return broken
