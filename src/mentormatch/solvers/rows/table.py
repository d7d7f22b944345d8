"""All side rows of a programme at once, as matrices over pairs.

A row counts ``mentee[i] * mentor[j]`` for pair (i, j). Rows of few pairs (a group at one mentor,
one mentee's sum, listed pairs) are kept as sparse columns over all pairs, made together; rows of
many pairs stay two vectors each, so that what they add up to is one product of matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import ceil, floor, isinf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.program import Program, SideRow
from mentormatch.solvers.rows.highs import LARGEST

__all__ = ["RowTable"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WIDE = 0.02
"""Part of all pairs from which a row is kept as two vectors."""
MOST_WIDE = 64
"""So many rows at most: beyond, they are kept sparse, however many pairs they count."""


class RowTable:
    """The side rows of a programme: coefficients, exact amounts, and bounds in whole numbers.

    Attributes
    ----------
    least, most : float (r,)
        Bounds, -inf and inf where there are none; with `rounded`, to what the row can reach.
    divisor : int64 (r,)
        A number that divides every coefficient of the row.
    top : float (r,)
        The largest coefficient.
    """

    def __init__(self, program: Program, *, rounded: bool = True) -> None:
        self.program = program
        self.points = program.points
        self.n, self.m = program.shape
        self._known: dict[tuple[str, int], Any] = {}
        rows = program.rows
        self.count = len(rows)
        self.linked = np.array([bool(row.extra) for row in rows], dtype=bool)
        least = [-np.inf if row.least is None else row.least for row in rows]
        most = [np.inf if row.most is None else row.most for row in rows]
        self.least, self.most = np.array(least, dtype=float), np.array(most, dtype=float)
        self.scored = np.array([row.pairs is None and row.scored for row in rows], dtype=bool)
        self._split()
        self.top = self._top()
        self.divisor = np.ones(self.count, dtype=np.int64)
        if rounded:
            self._round()

    # -- making it --------------------------------------------------------------------------------

    def _of(self, function: Callable[[Ints], Any], side: Ints) -> Any:
        """Return a function of one side of a row; rows share their sides."""
        key = function.__name__, id(side)
        if key not in self._known:
            self._known[key] = function(side)
        return self._known[key]

    def _split(self) -> None:
        """Tell rows of many pairs from rows of few, and list the pairs of the latter."""
        rows = self.program.rows
        size = np.zeros(self.count)
        sides: list[tuple[Ints, Ints]] = []
        for r, row in enumerate(rows):
            if row.pairs is not None:
                sides.append(row.pairs)
                continue
            assert row.mentee is not None
            assert row.mentor is not None
            sides.append(
                (self._of(np.flatnonzero, row.mentee), self._of(np.flatnonzero, row.mentor))
            )
            size[r] = sides[-1][0].size * sides[-1][1].size
        listed = np.array([row.pairs is not None for row in rows], dtype=bool)
        wide = ~listed & (size > WIDE * self.n * self.m)
        if int(wide.sum()) > MOST_WIDE:
            wide[np.argsort(-size, kind="stable")[MOST_WIDE:]] = False
        self.wide, self.narrow = np.flatnonzero(wide), np.flatnonzero(~wide)
        chosen = [rows[r] for r in self.wide]
        self.mentee = _columns([row.mentee for row in chosen], self.n)
        self.mentor = _columns([row.mentor for row in chosen], self.m)
        self._sides = [sides[r] for r in self.narrow]

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """Pairs that may be chosen at all."""
        return self.program.open()

    @cached_property
    def listed(self) -> Any:
        """The sparse rows by pair."""
        return self.by_row.tocsr()

    def place(self, rows: Ints, columns: Ints) -> Ints:
        """Return where pairs are in `listed`: one mentor's together, as most rows look at one."""
        return columns * self.n + rows

    @cached_property
    def by_row(self) -> Any:
        """Sparse int64 (m * n, narrow rows): what each pair that may be chosen counts."""
        from scipy.sparse import csc_array

        places: list[Ints] = []
        values: list[Ints] = []
        open_, points = self.open.T.ravel(), self.points.T.ravel()
        for k, r in enumerate(self.narrow.tolist()):
            row: SideRow = self.program.rows[r]
            people, mentors = self._sides[k]
            if row.pairs is not None:
                place = np.unique(self.place(people, mentors))
                place = place[open_[place]]
                value = np.ones(place.size, dtype=np.int64)
            else:
                assert row.mentee is not None
                assert row.mentor is not None
                place = np.add.outer(mentors * self.n, people).ravel()
                kept = open_[place]
                place = place[kept]
                value = np.multiply.outer(row.mentor[mentors], row.mentee[people]).ravel()[kept]
                if row.scored:
                    value = value * points[place]
            places.append(place)
            values.append(value)
        none = np.zeros(0, dtype=np.int64)
        end = np.cumsum([0, *(place.size for place in places)])
        shape = (self.n * self.m, self.narrow.size)
        by_row = csc_array(
            (np.concatenate([none, *values]), np.concatenate([none, *places]), end), shape=shape
        )
        by_row.eliminate_zeros()
        return by_row

    def _top(self) -> Floats:
        best = float(self.points.max(initial=0))
        top = np.zeros(self.count)
        for r, row in enumerate(self.program.rows):
            if row.pairs is None:
                assert row.mentee is not None
                assert row.mentor is not None
                top[r] = float(self._of(_largest, row.mentee)) * self._of(_largest, row.mentor)
            else:
                top[r] = 1.0
        return top * np.where(self.scored, best, 1.0)

    def _round(self) -> None:
        """Divide rows by what divides all their coefficients, and round their bounds to that."""
        shown = self.points[self.open] if self.scored.any() else self.points[:0]
        common = int(np.gcd.reduce(shown.ravel())) if shown.size else 1
        for r, row in enumerate(self.program.rows):
            if row.extra:
                continue
            if row.pairs is None:
                assert row.mentee is not None
                assert row.mentor is not None
                each = self._of(_common, row.mentee) * self._of(_common, row.mentor)
                self.divisor[r] = max(each * (common if row.scored else 1), 1)
            step = int(self.divisor[r])
            low, high = self.least[r], self.most[r]
            if not isinf(low):
                self.least[r] = step * -(-ceil(low) // step)
            if not isinf(high):
                self.most[r] = step * (floor(high) // step)

    # -- reading it -------------------------------------------------------------------------------

    @cached_property
    def factor(self) -> Floats:
        """Float (r,): what each row is multiplied by for HiGHS."""
        top = self.top / self.divisor
        for r, row in enumerate(self.program.rows):
            if row.extra:
                top[r] = max([top[r], *(abs(c) for _, c in row.extra)])
        return np.where(top > LARGEST, LARGEST / np.maximum(top, 1), 1.0) / self.divisor

    @cached_property
    def slack(self) -> Floats:
        """Float (r,): less than a unit, so that whole rows mean the same, but above tolerances."""
        unit = self.divisor * np.minimum(0.5, 1e-6 + 1e-5 * self.top / self.divisor)
        return np.where(self.linked, 0.0, unit)

    def weights(self, rows: Ints, columns: Ints) -> Ints:
        """Return int64 (pairs, wide rows): what pairs count in the rows of many pairs."""
        weight: Ints = self.mentee[rows] * self.mentor[columns]
        scored = self.scored[self.wide]
        if scored.any():
            weight *= np.where(scored, self.points[rows, columns][:, None], 1)
        return weight

    def matrix(self, rows: Ints, columns: Ints) -> Any:
        """Return sparse float (r, pairs)."""
        from scipy.sparse import csr_array, hstack

        wide = csr_array(self.weights(rows, columns).astype(float))
        if self.narrow.size == 0:
            return wide.T.tocsr()
        narrow = self.listed[self.place(rows, columns)].astype(float)
        order = np.argsort(np.concatenate([self.wide, self.narrow]), kind="stable")
        return hstack([wide, narrow], format="csc")[:, order].T.tocsr()

    def amounts(self, rows: Ints, columns: Ints) -> Ints:
        """Return int64 (r,): what pairs add up to, exactly."""
        amount = np.zeros(self.count, dtype=np.int64)
        amount[self.wide] = self.weights(rows, columns).sum(axis=0)
        if self.narrow.size:
            amount[self.narrow] = self.listed[self.place(rows, columns)].sum(axis=0)
        return amount

    def fee(self, price: Floats) -> Floats:
        """Return float (n, m): what pairs pay at a price per unit of each row."""
        total = np.zeros((self.n, self.m))
        paid = price[self.wide]
        scored = self.scored[self.wide]
        for kind in (True, False):
            use = np.flatnonzero((scored == kind) & (paid != 0))
            if use.size:
                part = (self.mentee[:, use] * paid[use]) @ self.mentor[:, use].T.astype(float)
                total += part * self.points if kind else part
        if price[self.narrow].any():
            total += (self.by_row @ price[self.narrow]).reshape(self.m, self.n).T
        return total

    def charges(self, price: Floats) -> tuple[Ints, Floats] | None:
        """Return (places of pairs that pay at all, i * m + j, what they pay); None if many do."""
        if price[self.wide].any():
            return None
        paid = price[self.narrow]
        use = np.flatnonzero(paid)
        table = self.by_row[:, use]
        if 2 * table.nnz > self.points.size:
            return None
        place, which = np.unique(table.indices, return_inverse=True)
        amount = table.data * np.repeat(paid[use], np.diff(table.indptr))
        total = np.zeros(place.size)
        np.add.at(total, which, amount)
        mentors, people = np.divmod(place.astype(np.int64), max(self.n, 1))
        return people * self.m + mentors, total

    def outside(self, amount: Ints) -> Floats:
        """Return float (r,): how far amounts are outside the bounds; 0 for rows with extras."""
        over = np.maximum(amount - self.most, 0) + np.maximum(self.least - amount, 0)
        return np.where(self.linked, 0.0, over)

    @cached_property
    def unit(self) -> Floats:
        """Float (r,): the largest coefficient, in which what is outside is compared."""
        return np.maximum(self.top, 1.0)

    def excess(self, amount: Ints) -> float:
        """How far amounts are outside all bounds together, in units of each row."""
        return float((self.outside(amount) / self.unit).sum())

    def row(self, r: int) -> tuple[Ints, Ints, Ints]:
        """Return (mentees, mentors, counts) of the pairs that count in a row."""
        k = int(np.searchsorted(self.narrow, r))
        if k < self.narrow.size and self.narrow[k] == r:
            part = slice(self.by_row.indptr[k], self.by_row.indptr[k + 1])
            place, count = self.by_row.indices[part].astype(np.int64), self.by_row.data[part]
            mentors, people = np.divmod(place, max(self.n, 1))
            return people, mentors, count
        k = int(np.searchsorted(self.wide, r))
        count = np.multiply.outer(self.mentee[:, k], self.mentor[:, k])
        if self.scored[r]:
            count = count * self.points
        rows, columns = np.nonzero((count != 0) & self.open)
        return rows, columns, count[rows, columns]

    def counts(self, i: int, j: int) -> tuple[Ints, Ints]:
        """Return (rows, what one pair counts in them)."""
        which, count = self.wide, self.mentee[i] * self.mentor[j]
        if self.scored.any():
            count = np.where(self.scored[which], count * self.points[i, j], count)
        if self.narrow.size:
            place = j * self.n + i
            part = slice(self.listed.indptr[place], self.listed.indptr[place + 1])
            which = np.concatenate([which, self.narrow[self.listed.indices[part]]])
            count = np.concatenate([count, self.listed.data[part]])
        return which, count

    def shift(self, amount: Ints, which: Ints, count: Ints) -> float:
        """Return by how much `excess` rises when amounts change in some rows."""
        old = amount[which]
        new = old + count
        low, high = self.least[which], self.most[which]
        over = np.maximum(new - high, 0) - np.maximum(old - high, 0)
        over += np.maximum(low - new, 0) - np.maximum(low - old, 0)
        return float((np.where(self.linked[which], 0, over) / self.unit[which]).sum())

    def paid(self, rows: Ints, columns: Ints, price: Floats) -> Floats:
        """Return float (pairs,): what pairs pay at a price per unit of each row."""
        total: Floats = self.weights(rows, columns) @ price[self.wide]
        if self.narrow.size:
            total = total + self.listed[self.place(rows, columns)] @ price[self.narrow]
        return total

    def holds(self, rows: Ints, columns: Ints) -> bool:
        """Whether pairs keep every row without extra variables, exactly."""
        return not self.outside(self.amounts(rows, columns)).any()


def _columns(sides: Sequence[Ints | None], size: int) -> Ints:
    """Return some sides of rows as columns."""
    return np.array(sides, dtype=np.int64).reshape(len(sides), size).T.copy()


def _largest(side: Ints) -> int:
    return int(np.abs(side).max(initial=0))


def _common(side: Ints) -> int:
    return int(np.gcd.reduce(side)) if side.size else 0
