"""How prices of single rows change from one flow to the next, and how rows are kept without them.

A row that has too much gets the price at which enough of its pairs are better off elsewhere; one
that has less than it may, half of its price. Where a row has been on both sides, the next price
lies between. Rows act on one another through the seats only, so all change at once. Of one row
alone, the next price is where the two lines cross that the flows on both sides prove.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.program import Pairs
from mentormatch.solvers.rows.table import RowTable

__all__ = ["RowSteps"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BEYOND = 1.2
"""A fresh price is so much above what it needs to be."""
DUST = 1e-3
"""And by this part of the top point."""
STALE = 4
"""Flows in a row that lower the bound by little, after which no more are solved."""
DOUBLINGS = 40


class RowSteps:
    """Prices of rows: the next to try, and those of the lowest bound.

    Attributes
    ----------
    trial, centre : float (r,), above 0 for rows held below `most`, below 0 for those at `least`.
    """

    def __init__(self, table: RowTable, fine: int, peak: float) -> None:
        self.table, self.fine = table, fine
        self.peak = max(peak, 1.0)  # the top value of a pair
        self.trial = np.zeros(table.count)
        self.centre = self.trial
        self.lowest = np.inf
        self.low, self.high = np.full(table.count, -np.inf), np.full(table.count, np.inf)
        self.amount = np.zeros(table.count, dtype=np.int64)
        self.lines: dict[
            int, tuple[float, float, int]
        ] = {}  # of one row: side -> price, real, amount
        self.stale, self.before, self.turns = 0, np.inf, 0

    def support(self, price: Floats) -> float:
        """What the rows' bounds allow at prices: the part of the bound beside the flow."""
        used = price != 0
        side = np.where(price > 0, self.table.most, self.table.least)
        return float(price[used] @ side[used])

    def met(self, price: Floats, real: float, amount: Ints, bound: float) -> None:
        """Take in a flow at `trial`: its value, the rows' amounts and the bound it proves."""
        self.amount = amount
        if bound < self.lowest:
            self.lowest, self.centre = bound, price
        if self.table.count == 1:
            low, high = self.table.least[0], self.table.most[0]
            over, under = amount[0] > high, amount[0] < low
            side = 1 if over or (not under and price[0] < 0) else -1
            self.lines[side] = (float(price[0]), real, int(amount[0]))

    def step(self, left: Callable[[], Floats], flow: Pairs, slack: float) -> bool:
        """Choose the next prices; False where they stay, or would not lower the bound by much.

        left : gives float (n, m), the value of each pair less all prices, -inf where inadmissible.
        """
        self.turns += 1
        if self.table.count == 1:
            return self._cross(left, flow)
        self.stale = 0 if self.lowest < self.before - 0.1 * slack else self.stale + 1
        self.before = min(self.before, self.lowest)
        if self.stale >= STALE:
            return False
        table, price, amount = self.table, self.trial, self.amount
        over, under = amount > table.most, amount < table.least
        rising = over | ((price < 0) & (amount > table.least))
        falling = under | ((price > 0) & (amount < table.most))
        self.low[rising] = np.maximum(self.low[rising], price[rising])
        self.high[falling] = np.minimum(self.high[falling], price[falling])
        self.high[rising & (self.high <= price)] = np.inf
        self.low[falling & (self.low >= price)] = -np.inf
        upper = np.where(price < 0, np.minimum(self.high, 0), self.high)
        lower = np.where(price > 0, np.maximum(self.low, 0), self.low)
        fresh = (over & np.isinf(upper)) | (under & np.isinf(lower))
        new = price.copy()
        known = rising & ~fresh
        new[known] = (price[known] + upper[known]) / 2
        known = falling & ~fresh
        new[known] = (price[known] + lower[known]) / 2
        if fresh.any():
            new[fresh] += self._needed(np.flatnonzero(fresh), left(), flow)
        return self._try(new)

    def _try(self, price: Floats) -> bool:
        whole = np.rint(price * self.fine) / self.fine
        price = np.where(self.table.scored, price, whole)
        if (price == self.trial).all():
            return False
        self.trial = price
        return True

    def _cross(self, left: Callable[[], Floats], flow: Pairs) -> bool:
        """Choose the price of the only row."""
        if self.turns > DOUBLINGS or (
            not self.table.outside(self.amount).any()
            and (self.trial[0] == 0 or self.amount[0] in (self.table.least[0], self.table.most[0]))
        ):
            return False
        if len(self.lines) == 2:
            (p, real, amount), (q, other, fewer) = self.lines[1], self.lines[-1]
            if amount == fewer:
                return False
            at = (real - other) / (amount - fewer)
            low, high = min(p, q), max(p, q)
            return low < at < high and self._try(np.array([at]))
        price = self.trial[0]
        if not self.table.outside(self.amount).any():  # the price is beyond what is needed
            return self._try(np.zeros(1))
        more = float(self._needed(np.zeros(1, dtype=np.int64), left(), flow)[0])
        return self._try(np.array([price + more if price == 0 else max(2 * price, price + more)
                                   if more > 0 else min(2 * price, price + more)]))  # fmt: skip

    def _needed(self, rows: Ints, left: Floats, flow: Pairs) -> Floats:
        """Return what is added to the prices of rows until enough pairs prefer to be elsewhere."""
        chosen = np.zeros(left.shape, dtype=bool)
        chosen[flow] = True
        best_other = np.where(chosen, -np.inf, left).max(axis=1, initial=-np.inf)
        own = np.where(chosen, left, np.inf).min(axis=1, initial=np.inf)
        own = np.where(np.isfinite(own), own, best_other)
        best = self.peak
        result = np.zeros(rows.size)
        for k, r in enumerate(rows.tolist()):
            excess = self.amount[r] - self.table.most[r]
            sign = 1 if excess > 0 else -1
            if sign < 0:
                excess = self.table.least[r] - self.amount[r]
            i, j, count = self.table.row(r)
            inside, share = chosen[i, j], sign * count
            use = np.where(inside, share > 0, share < 0)
            i, j, inside, share = i[use], j[use], inside[use], np.abs(share[use])
            loss = np.where(inside, left[i, j] - best_other[i], own[i] - left[i, j]) / share
            loss = np.where(np.isfinite(loss), np.maximum(loss, 0), best)
            order = np.argsort(loss, kind="stable")
            enough = int(np.searchsorted(np.cumsum(share[order]), excess))
            needed = loss[order[min(enough, order.size - 1)]] if order.size else best
            result[k] = sign * (BEYOND * needed + DUST * best / max(self.table.top[r], 1))
        return result

    def rule_out(self, points: NDArray[np.int32], pairs: Pairs, price: Ints) -> bool:
        """Forbid what rows have too much of, and more of it; False where nothing was forbidden.

        Only in rows that count nothing below 0. Changes `points`.
        """
        amount = self.table.amounts(*pairs)
        chosen = np.zeros(points.shape, dtype=bool)
        chosen[pairs] = True
        left = np.where(points >= 0, points - price.astype(float), -np.inf)
        other = np.where(chosen, -np.inf, left).max(axis=1, initial=-np.inf)
        changed = False
        for r in np.flatnonzero(amount > self.table.most).tolist():
            i, j, count = self.table.row(r)
            if (count < 0).any():
                continue
            inside = chosen[i, j] & (count > 0)
            i_in, j_in, own = i[inside], j[inside], count[inside]
            order = np.argsort(-(left[i_in, j_in] - other[i_in]), kind="stable")
            kept = np.cumsum(own[order]) <= self.table.most[r]
            out = np.setdiff1d(np.flatnonzero(count > 0), np.flatnonzero(inside)[order[kept]])
            points[i[out], j[out]] = -1
            changed = True
        return changed
