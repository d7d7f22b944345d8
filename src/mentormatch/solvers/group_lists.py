"""The pairs that a search over groups has listed, and its look at all others.

Where all pairs are listed there are no others; of a matrix the best are listed first, and every
look goes through all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import SMALL, Assignment, assign, assign_sparse, kernel
from mentormatch.solvers.source import places_of

__all__ = ["Everything", "GroupLists", "OfMatrix", "Terms", "order_in_row"]

Ints: TypeAlias = NDArray[np.int64]
Points: TypeAlias = NDArray[np.int32]
Hashes: TypeAlias = NDArray[np.uint64]

WIDTH = 16
"""Candidates per mentee to begin with, over all sites."""
LEAST_WIDTH = 4
"""Candidates per mentee and site at least."""
ADDED = 8
"""Most pairs let in per mentee and pricing pass, at first."""
NOTHING = -(1 << 60)
"""No pair is worth less."""
BLOCK = 1 << 20
"""Pairs read at a time."""


class Terms(NamedTuple):
    """The flow without groups: seats and least loads, bonus and demand, hashes, time left."""

    capacity: Ints
    min_load: Ints
    bonus: Ints  # (n, slots)
    demand: Ints
    row_hash: Hashes
    mentor_hash: Hashes
    time_limit: float | None

    @property
    def several(self) -> bool:
        """Whether some mentee may get more than one mentor."""
        return bool(self.demand.max(initial=0) > 1)


class GroupLists:
    """Pairs that are listed row by row (CSR).

    indptr : int64 (n + 1,);  idx, worth : int64 (k,), mentor and value of each pair, 0 or more
    top : int, no pair is worth more.
    complete : bool, whether every pair is listed.
    """

    complete = True
    top: int

    def __init__(self, n: int, m: int) -> None:
        self.n, self.m = n, m
        self.indptr = np.zeros(n + 1, dtype=np.int64)
        self.idx, self.worth = np.zeros((2, 0), dtype=np.int64)

    @property
    def row(self) -> Ints:
        """int64 (k,): the mentee of each pair listed."""
        return np.repeat(np.arange(self.n), np.diff(self.indptr))

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """Return int64 (k,): what single pairs that may be are worth."""
        place = places_of(rows * self.m + columns, self.row * self.m + self.idx)
        return self.worth[place]

    def plain(self, terms: Terms, start: Assignment | None) -> Assignment:
        """Solve the flow without groups."""
        raise NotImplementedError

    def first(self, price: Ints, part: Ints, held: tuple[Ints, Ints]) -> None:
        """List the pairs to begin with: the best at prices of each part of the mentors, and held.

        part : int64 (m,), -1: none of hers.
        """

    def look(self, entry: Ints, classes: Ints, bar: Ints) -> tuple[bool, Ints]:
        """List pairs that are worth their mentee's bar or more; whether there were any, and peaks.

        Parameters
        ----------
        entry
            int64 (classes, m), what a pair costs.
        classes, bar
            int64 (n,).

        Returns
        -------
        bool, int64 (n,)
            No pair of a mentee is worth more, as far as that is above her bar.
        """
        peak = np.full(self.n, NOTHING)
        row = self.row
        np.maximum.at(peak, row, self.worth - entry[classes[row], self.idx])
        return False, peak

    def columns(self, mentors: Ints) -> Iterator[tuple[slice, Ints]]:
        """Yield some mentees after the other, and what their pairs with these mentors are worth."""
        where = np.full(self.m, -1, dtype=np.int64)
        where[mentors] = np.arange(mentors.size)
        here = np.flatnonzero(where[self.idx] >= 0)
        block = np.full((self.n, mentors.size), -1, dtype=np.int64)
        block[self.row[here], where[self.idx[here]]] = self.worth[here]
        yield slice(0, self.n), block


class Everything(GroupLists):
    """All pairs, as they are listed."""

    def __init__(self, indptr: Ints, idx: Ints, worth: Ints, m: int) -> None:
        super().__init__(indptr.size - 1, m)
        self.indptr, self.idx, self.worth = indptr, idx, worth
        self.top = int(worth.max(initial=0))

    def plain(self, terms: Terms, start: Assignment | None) -> Assignment:
        return assign_sparse(
            self.indptr, self.idx, self.worth, terms.capacity, row_bonus=terms.bonus[:, 0],
            min_load=terms.min_load, row_hash=terms.row_hash, mentor_hash=terms.mentor_hash,
            time_limit=terms.time_limit,
        )  # fmt: skip


class OfMatrix(GroupLists):
    """Pairs of a matrix: all of them where it is small, else the best ones."""

    def __init__(self, points: Points, complete: bool) -> None:
        super().__init__(*points.shape)
        self.points, self.complete = points, complete
        self.top = int(points.max(initial=0))
        self.added = ADDED

    @classmethod
    def of(cls, worth: Points, demand: Ints) -> OfMatrix:
        """Return the lists of int32 (n, m), negative where a pair may not be."""
        worth = np.ascontiguousarray(worth, dtype=np.int32)
        if (demand == 0).any():
            worth = np.where(demand[:, None] > 0, worth, np.int32(-1)).astype(np.int32)
        return cls(worth, bool(demand.max(initial=0) > 1) or worth.size < SMALL)

    def at(self, rows: Ints, columns: Ints) -> Ints:
        return self.points[rows, columns].astype(np.int64)

    def plain(self, terms: Terms, start: Assignment | None) -> Assignment:
        several = terms.several
        return assign(
            self.points, terms.capacity,
            row_bonus=terms.bonus if several else terms.bonus[:, 0], min_load=terms.min_load,
            row_hash=terms.row_hash, mentor_hash=terms.mentor_hash,
            demand=terms.demand if several else None, start=start, time_limit=terms.time_limit,
            route=kernel(self.points.size),
        )  # fmt: skip

    def first(self, price: Ints, part: Ints, held: tuple[Ints, Ints]) -> None:
        if self.complete:
            rows, columns = np.nonzero(self.points >= 0)
            self._list(rows, columns)
            return
        from mentormatch.solvers.groups_kernels import best_by_part

        parts = int(part.max(initial=0)) + 1
        width = max(LEAST_WIDTH, WIDTH // parts)
        out = np.empty((self.n, parts, width), dtype=np.int32)
        best_by_part(self.points, price, part, width, out)
        rows, places, ranks = np.nonzero(out >= 0)
        self._list(
            np.append(rows, held[0]),
            np.append(out[rows, places, ranks].astype(np.int64), held[1]),
        )

    def look(self, entry: Ints, classes: Ints, bar: Ints) -> tuple[bool, Ints]:
        if self.complete:
            return super().look(entry, classes, bar)
        from mentormatch.solvers.groups_kernels import unlisted

        n = self.n
        best = np.empty((n, min(self.added, self.m)), dtype=np.int32)
        peak, kept, more = (np.empty(n, dtype=np.int64) for _ in range(3))
        unlisted(
            self.points, np.ascontiguousarray(entry), classes, bar, (self.indptr, self.idx),
            (best, peak, kept, more),
        )  # fmt: skip
        row, place = np.nonzero(best >= 0)
        if row.size == 0:
            return False, peak
        self._list(row, best[row, place].astype(np.int64))
        self.added *= 2
        return True, peak

    def columns(self, mentors: Ints) -> Iterator[tuple[slice, Ints]]:
        step = max(1, BLOCK // max(mentors.size, 1))
        for at in range(0, self.n, step):
            part = slice(at, at + step)
            yield part, self.points[part, mentors].astype(np.int64)

    def _list(self, rows: Ints, columns: Ints) -> None:
        """Add pairs to the lists."""
        old = self.row * self.m + self.idx
        new = np.unique(rows * self.m + columns)
        at = np.searchsorted(old, new)
        if old.size:
            fresh = old[np.minimum(at, old.size - 1)] != new
            new, at = new[fresh], at[fresh]
        key = np.insert(old, at, new)
        row, self.idx = key // max(self.m, 1), key % max(self.m, 1)
        self.indptr = np.append(0, np.cumsum(np.bincount(row, minlength=self.n)))
        self.worth = self.points[row, self.idx].astype(np.int64)


def order_in_row(rows: Ints) -> Ints:
    """Return the place of each entry among the equal ones before it; equal ones are neighbours."""
    if rows.size == 0:
        return np.zeros(0, dtype=np.int64)
    at = np.arange(rows.size)
    first = np.append(True, rows[1:] != rows[:-1])
    return at - np.maximum.accumulate(np.where(first, at, 0))
