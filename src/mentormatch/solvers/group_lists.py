"""The pairs that a search over groups has listed, and its look at all others.

Where all pairs are listed there are no others. Of a matrix the best are listed first, and every
look goes through all of it; of a source that is read by rows, `Pool` tells which rows to read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import SMALL, Assignment, assign, assign_sparse, kernel
from mentormatch.solvers.group_sums import MOST_POINTS, MOST_VALUE
from mentormatch.solvers.pool import Pool, Rounds, Ties
from mentormatch.solvers.program import Pairs
from mentormatch.solvers.source import Source, narrowed, places_of
from mentormatch.solvers.streamed import assign_source, open_pairs

__all__ = ["Everything", "GroupLists", "OfMatrix", "OfSource", "Terms", "order_in_row"]

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
    stats : how much was listed and read.
    end : when a look breaks off by raising `Stopped`.
    """

    complete = True
    top: int
    end: float | None = None
    stats: dict[str, int]

    @property
    def wide(self) -> bool:
        """Whether values are int64, which no matrix and no auction holds."""
        return False

    @property
    def most(self) -> int:
        """Values are below it: what int32 holds, or int64 with room for sums."""
        return MOST_VALUE if self.wide else MOST_POINTS

    def __init__(self, n: int, m: int) -> None:
        self.n, self.m = n, m
        self.stats = {}
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

    def with_ties(self, bar: Ints) -> bool:
        """List all pairs that the last look found to be worth just the bar; False: too many."""
        return True

    def of_ties(
        self, entry: Ints, classes: Ints, bar: Ints, hashes: tuple[Hashes, Hashes], stage: int,
        pairs: Pairs,
    ) -> GroupLists:  # fmt: skip
        """Return the pairs that are worth just the bar, at their ties, where they are too many."""
        raise NotImplementedError

    def tell(self, rounds: int, value: int, bound: int | None) -> None:
        """Report how far a search is."""

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
            self.indptr, self.idx, self.worth, terms.capacity,
            row_bonus=terms.bonus if terms.several else terms.bonus[:, 0],
            min_load=terms.min_load, row_hash=terms.row_hash, mentor_hash=terms.mentor_hash,
            demand=terms.demand if terms.several else None, time_limit=terms.time_limit,
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


class OfSource(GroupLists):
    """Pairs that are read by rows: what a pool lists of them.

    guess : mentor of each mentee and prices near the best without groups, where values are int64.
    """

    complete = False

    def __init__(
        self, source: Source, capacity: Ints, row_hash: Hashes,
        guess: tuple[Ints, Ints] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(*source.shape)
        self.source, self.guess = source, guess
        self.capacity, self.row_hash = capacity, row_hash
        self.top = int(source.top)
        self.rounds = Rounds(source, self._in_time)

    @property
    def wide(self) -> bool:
        return self.guess is not None

    @cached_property
    def pool(self) -> Pool:
        """What is listed."""
        return self.rounds.listed(self.capacity, self.row_hash)

    @staticmethod
    def of(
        source: Source, capacity: Ints, row_hash: Hashes,
        guess: tuple[Ints, Ints] | None = None,
    ) -> GroupLists:  # fmt: skip
        """Return the lists of a source: all pairs where they are listed, and fit into int32."""
        lists = source.lists()
        if lists is None or guess is not None:
            return OfSource(source, capacity, row_hash, guess)
        indptr, column, points = open_pairs(lists)
        return Everything(
            indptr, column.astype(np.int64), points.astype(np.int64), source.shape[1]
        )  # fmt: skip

    def at(self, rows: Ints, columns: Ints) -> Ints:
        return np.asarray(self.source.at(rows, columns), dtype=np.int64)

    def plain(self, terms: Terms, start: Assignment | None) -> Assignment:
        return assign_source(
            self.source, terms.capacity, row_bonus=terms.bonus[:, 0], row_hash=terms.row_hash,
            mentor_hash=terms.mentor_hash, time_limit=terms.time_limit, guess=self.guess,
            min_load=terms.min_load if terms.min_load.any() else None,
        )  # fmt: skip

    def first(self, price: Ints, part: Ints, held: tuple[Ints, Ints]) -> None:
        self.pool.add(*held, self.at(*held))
        self._take()

    def look(self, entry: Ints, classes: Ints, bar: Ints) -> tuple[bool, Ints]:
        most = self.pool.look(entry, bar, self._in_time, self.rounds.near, part=classes)
        self.pool.keep()
        self._take()
        return bool((most > bar).any()), np.maximum(most, super().look(entry, classes, bar)[1])

    def with_ties(self, bar: Ints) -> bool:
        if self.pool.cut.size:
            if not self.pool.list_all(bar):
                return False
            self._take()
        return True

    def of_ties(
        self, entry: Ints, classes: Ints, bar: Ints, hashes: tuple[Hashes, Hashes], stage: int,
        pairs: Pairs,
    ) -> GroupLists:  # fmt: skip
        ties = Ties.among(self.source, entry, bar, hashes, pairs, stage, classes)
        return OfSource(ties, self.capacity, self.row_hash)

    def tell(self, rounds: int, value: int, bound: int | None) -> None:
        told = f"round {rounds}, {self.pool.looked:,} pairs compared"
        self.pool.work.tell(told, value, np.inf if bound is None else bound)

    def _in_time(self) -> bool:
        return self.end is None or time.perf_counter() < self.end

    def _take(self) -> None:
        """Read anew what the pool lists."""
        self.stats = {"pairs": self.pool.column.size, "looked": self.pool.looked}
        self.indptr, column, self.worth = self.pool.open(np.int64)
        self.idx = column.astype(np.int64)

    def columns(self, mentors: Ints) -> Iterator[tuple[slice, Ints]]:
        few, step = narrowed(self.source, mentors), max(1, BLOCK // max(mentors.size, 1))
        for at in range(0, self.n, step):
            part = slice(at, min(at + step, self.n))
            yield part, few.read(np.arange(part.start, part.stop)).astype(np.int64)


def order_in_row(rows: Ints) -> Ints:
    """Return the place of each entry among the equal ones before it; equal ones are neighbours."""
    if rows.size == 0:
        return np.zeros(0, dtype=np.int64)
    at = np.arange(rows.size)
    first = np.append(True, rows[1:] != rows[:-1])
    return at - np.maximum.accumulate(np.where(first, at, 0))
