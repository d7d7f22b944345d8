"""Swaps: for every pair the next best mentors, what each would cost, and who would move.

The simplest change only: the mentee takes a free seat, or changes places with one mentee of the
other mentor. What a swap costs is exact; the best matching with it may cost less (`alternatives`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.matching.constraints import single_loads
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import BoolArray
from mentormatch.scoring.scores import Scores

__all__ = ["Swaps", "swaps"]

IntArray: TypeAlias = npt.NDArray[np.int64]

WIDTH = 8
"""Mentors looked at for each mentee."""
BLOCK_PAIRS = 1 << 21
"""Pairs compared at a time, to stay within a few megabytes."""
MOST_TRIED = 4_000_000
"""Exchanges weighed at a time."""
LEAST = np.iinfo(np.int32).min // 2


@dataclass(frozen=True, eq=False)
class Swaps:
    """What could be done instead of each pair of a matching; arrays of (pairs, k), best first.

    mentor : the other mentor's position, -1 where there are no more.
    partner : the mentee who would come to the first mentor in exchange, -1 where a seat is free.
    cost : points (millionths of score) that both pairs together would lose; below 0: gain.
    defects : how many more pairs would have a defect.
    """

    mentor: IntArray
    partner: IntArray
    cost: IntArray
    defects: IntArray

    @property
    def ties(self) -> BoolArray:
        """bool (pairs,): whether a swap would be just as good."""
        equal: BoolArray = ((self.mentor >= 0) & (self.cost == 0) & (self.defects == 0)).any(axis=1)
        return equal

    def texts(self, matching: Matching, pairs: IntArray | None = None) -> list[list[str]]:
        """Return one sentence per swap of every pair, or of these: with whom, who moves, cost."""
        scores = matching.problem.scores
        at = np.arange(len(self.mentor)) if pairs is None else pairs
        rows, columns = (side[at] for side in matching.pairs)
        mentor = self.mentor[at]
        asked = np.repeat(rows, mentor.shape[1]), np.maximum(mentor, 0).ravel()
        points = scores.at(*asked).reshape(mentor.shape)
        lists = zip(
            *(
                v.tolist()
                for v in (mentor, self.partner[at], self.cost[at], self.defects[at], points)
            ),
            strict=True,
        )
        told: list[list[str]] = []
        for column, swapped in zip(columns.tolist(), lists, strict=True):
            first = scores.mentors.name(column)
            told.append(
                [
                    f"{scores.mentors.name(mentor)} ({score / MILLION:.2f}; "
                    f"{_seat(partner, first, scores)}): {_price(cost, defects)}"
                    for mentor, partner, cost, defects, score in zip(*swapped, strict=True)
                    if mentor >= 0
                ]
            )
        return told


def _seat(partner: int, first: str, scores: Scores) -> str:
    return "a seat is free" if partner < 0 else f"{scores.mentees.name(partner)} to {first}"


def _price(cost: int, defects: int) -> str:
    """Return in words what a swap costs, in points of score and pairs with a defect."""
    price = f"costs {cost / MILLION:.3f}" if cost > 0 else f"gains {-cost / MILLION:.3f}"
    if not cost:
        price = "as good"
    if not defects:
        return price
    pairs = f"{abs(defects)} pair{'s' * (abs(defects) > 1)}"
    return f"{price}, {pairs} {'more' if defects > 0 else 'fewer'} to look at"


def swaps(matching: Matching, k: int = 2) -> Swaps:
    """Find for every pair the k cheapest swaps with mentors who suit the mentee best.

    Parameters
    ----------
    matching
        Result of `solve`; its pairs in the order of `Matching.pairs`.
    k
        How many for each pair.

    Returns
    -------
    Swaps
        Only pairs that no rule forbids, within seats and loads of single mentors; locked pairs
        stay. Other constraints are not looked at. Swaps that add no defect come first.

    Notes
    -----
    Eight mentors are looked at for each mentee, those with the best score less the price of a
    seat: most often, not always, the cheapest swap of all is among theirs. Time O(n m) in blocks,
    then O(pairs x 8 x load).
    """
    scores, problem = matching.problem.scores, matching.problem
    rows, columns = matching.pairs
    m = len(scores.mentors)
    count = len(rows)
    none = np.full((count, k), -1, dtype=np.int64)
    if not count or m < 2:
        zero = np.zeros((count, k), dtype=np.int64)
        return Swaps(none, none.copy(), zero, zero.copy())
    people, pair_of = np.unique(rows, return_inverse=True)
    # few mentors with many mentees each: weigh fewer of them, so that memory stays small
    busiest = int(np.bincount(columns, minlength=m).max())
    width = int(min(WIDTH, m, max(k, MOST_TRIED // max(count * busiest, 1))))
    options = _nearest(matching, people, width)[pair_of]
    found = _Found(matching, rows, columns, options, single_loads(scores, problem.constraints)[:2])
    return found.best(k)


def _nearest(matching: Matching, people: IntArray, width: int) -> IntArray:
    """Return int64 (people, width): each one's best other mentors under prices, -1: no more."""
    scores = matching.problem.scores
    m = len(scores.mentors)
    price = np.clip(matching.mentor_price, 0, MILLION).astype(np.int32)
    lanes = -(-m // 16)
    wide = min(width, lanes)
    found = np.full((len(people), width), -1, dtype=np.int64)
    height = max(1, BLOCK_PAIRS // m)
    for start in range(0, len(people), height):
        block = people[start : start + height]
        points = scores.block(block)
        worth = np.full((len(block), lanes * 16), LEAST, dtype=np.int32)
        np.subtract(points, price, out=worth[:, :m], where=points >= 0)
        own = matching.mentors_of[block]
        places, slots = np.nonzero(own >= 0)
        worth[places, own[places, slots]] = LEAST
        # the best stand in the lanes with the greatest peaks
        by_lane = worth.reshape(len(block), lanes, 16)
        peaks = by_lane.max(axis=2)
        top = np.argpartition(peaks, lanes - wide, axis=1)[:, lanes - wide :]
        few = np.take_along_axis(by_lane, top[:, :, None], axis=1).reshape(len(block), wide * 16)
        place = (top[:, :, None] * 16 + np.arange(16)).reshape(len(block), wide * 16)
        order = np.lexsort((place, -few.astype(np.int64)), axis=1)[:, :width]
        best = np.take_along_axis(place, order, axis=1)
        good = np.take_along_axis(few, order, axis=1) > LEAST
        found[start : start + height, : best.shape[1]] = np.where(good, best, -1)
    return found


@dataclass(frozen=True, eq=False)
class _Found:
    """Pairs of a matching, the mentors to look at for each (pairs, width), loads of mentors."""

    matching: Matching
    rows: IntArray
    columns: IntArray
    options: IntArray
    loads: tuple[IntArray, IntArray]

    def best(self, k: int) -> Swaps:
        pair, slot = np.nonzero(self.options >= 0)
        locked = self._locked
        free = ~locked[pair]
        pair, mentor = pair[free], self.options[pair[free], slot[free]]
        ways = [self._moves(pair, mentor), self._exchanges(pair, mentor)]
        pairs, mentors, partners, costs, defects = (
            np.concatenate(both) for both in zip(*ways, strict=True)
        )
        ids = self.matching.problem.scores.mentors.ids
        rank = np.empty(len(ids), dtype=np.int64)
        rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
        # those that add no defect first, then the cheapest; equal ones by id
        order = np.lexsort((partners, rank[mentors], costs, np.maximum(defects, 0), pairs))
        _, first = np.unique((pairs * len(ids) + mentors)[order], return_index=True)
        order = order[np.sort(first)]  # one way for each mentor
        pairs = pairs[order]
        place = np.arange(len(pairs)) - np.searchsorted(pairs, pairs)
        kept = place < k
        filled = []
        for values, blank in ((mentors, -1), (partners, -1), (costs, 0), (defects, 0)):
            table = np.full((len(self.rows), k), blank, dtype=np.int64)
            table[pairs[kept], place[kept]] = values[order[kept]]
            filled.append(table)
        return Swaps(*filled)

    @cached_property
    def _locked(self) -> BoolArray:
        """bool (pairs,): pairs that were locked, which stay."""
        m = len(self.matching.problem.scores.mentors)
        locks = self.matching.problem.scores.locks.reshape(-1, 2)
        held: BoolArray = np.isin(self.rows * m + self.columns, locks[:, 0] * m + locks[:, 1])
        return held

    def _points(self, rows: IntArray, columns: IntArray) -> IntArray:
        points = self.matching.problem.scores.at(rows, columns).astype(np.int64)
        return np.where(points < 0, ~points, points)

    def _defects(self, rows: IntArray, columns: IntArray) -> IntArray:
        scores = self.matching.problem.scores
        if not scores.judged:
            return np.zeros(len(rows), dtype=np.int64)
        found: IntArray = (scores.defects_at(rows, columns) > 0).astype(np.int64)
        return found

    def _moves(self, pair: IntArray, mentor: IntArray) -> tuple[IntArray, ...]:
        """Return (pair, mentor, partner, cost, defects) of the free seats that can be taken."""
        least, most = self.loads
        load = np.bincount(self.columns, minlength=len(most))
        own = self.columns[pair]
        taken = (load[mentor] < most[mentor]) & (load[own] > least[own])
        pair, mentor, own = pair[taken], mentor[taken], own[taken]
        row = self.rows[pair]
        cost = self._points(row, own) - self._points(row, mentor)
        defects = self._defects(row, mentor) - self._defects(row, own)
        return pair, mentor, np.full(len(pair), -1, dtype=np.int64), cost, defects

    def _exchanges(self, pair: IntArray, mentor: IntArray) -> tuple[IntArray, ...]:
        """Return (pair, mentor, partner, cost, defects) of changing places with a mentee there."""
        scores = self.matching.problem.scores
        m = len(scores.mentors)
        by_mentor = np.argsort(self.columns, kind="stable")
        starts = np.searchsorted(self.columns[by_mentor], np.arange(m + 1))
        size = (starts[1:] - starts[:-1])[mentor]
        which = np.repeat(np.arange(len(pair)), size)
        offset = np.arange(len(which)) - np.repeat(np.cumsum(size) - size, size)
        other = by_mentor[starts[mentor[which]] + offset]  # the pair that gives way
        pair, mentor = pair[which], mentor[which]
        row, own, partner = self.rows[pair], self.columns[pair], self.rows[other]
        allowed = (scores.at(partner, own) >= 0) & ~self._locked[other] & (partner != row)
        with_own = np.isin(partner * m + own, self.rows * m + self.columns)
        allowed &= ~with_own
        pair, mentor, row, own, partner = (
            values[allowed] for values in (pair, mentor, row, own, partner)
        )
        cost = self._points(row, own) + self._points(partner, mentor)
        cost = cost - self._points(row, mentor) - self._points(partner, own)
        defects = self._defects(row, mentor) + self._defects(partner, own)
        defects = defects - self._defects(row, own) - self._defects(partner, mentor)
        return pair, mentor, partner, cost, defects
