"""What is solved: an integer programme over pairs, and what is known about its answer.

Everything that a matching must satisfy is here and nowhere else, so that nothing that solves can
forget a part of it. Scores are integers, people are positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.ties import default_hash

if TYPE_CHECKING:
    from mentormatch.solvers.rows.bands import Band
    from mentormatch.solvers.source import Source

__all__ = ["Pairs", "Program", "SideRow", "flat", "nobody", "pairs_of", "places_of"]

Ints: TypeAlias = NDArray[np.int64]
Pairs: TypeAlias = tuple[Ints, Ints]
"""Positions of chosen pairs: mentees and mentors."""


def nobody() -> Pairs:
    """Return no pairs at all."""
    return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)


def places_of(mask: NDArray[np.bool_]) -> Pairs:
    """Return the (rows, columns) where a mask is true."""
    rows, columns = np.nonzero(mask)
    return rows.astype(np.int64, copy=False), columns.astype(np.int64, copy=False)


@dataclass(frozen=True, eq=False)
class SideRow:
    """least <= sum over pairs of coefficient * x + sum of extra[e] * variable e <= most.

    The coefficient of pair (i, j) is ``mentee[i] * mentor[j]``, times ``points[i, j]`` if
    `scored`; or 1 for the listed `pairs` and 0 for all others. Bounds of None are absent.
    """

    mentee: Ints | None = None
    mentor: Ints | None = None
    scored: bool = False
    least: float | None = None
    most: float | None = None
    extra: tuple[tuple[int, float], ...] = ()
    pairs: Pairs | None = None

    def on(self, rows: Ints, columns: Ints, points: NDArray[Any]) -> Ints:
        """Coefficients of the pairs (rows[k], columns[k]), of so many points each."""
        if self.pairs is not None:
            m = 1 + max(int(columns.max(initial=0)), int(self.pairs[1].max(initial=0)))
            listed = np.isin(rows * m + columns, self.pairs[0] * m + self.pairs[1])
            return listed.astype(np.int64)
        assert self.mentee is not None
        assert self.mentor is not None
        weight: Ints = self.mentee[rows] * self.mentor[columns]
        return weight * points if self.scored else weight

    def amount(self, rows: Ints, columns: Ints, points: NDArray[Any]) -> int:
        """What these pairs add up to in this row, exactly."""
        return int(self.on(rows, columns, points).sum())

    def holds(self, rows: Ints, columns: Ints, points: NDArray[Any]) -> bool:
        """Whether these pairs satisfy the row (rows with extra variables: True)."""
        if self.extra:
            return True
        return self.within(self.amount(rows, columns, points))

    def within(self, amount: int) -> bool:
        """Whether so much satisfies the row."""
        return (self.least is None or amount >= self.least) and (
            self.most is None or amount <= self.most
        )


def _no_hash() -> NDArray[np.uint64]:
    return np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True, eq=False)
class Program:
    """Pairs to choose: seats, demands, side rows, and continuous extra variables in a box.

    points : int32 (n, m), negative: inadmissible.
    capacity, min_load : int64 (m,);  demand : int64 (n,)
    rows : what else must hold, all of it;  bands : parities that some of the rows are made of.
    only_bands : bool, whether all rows come from bands.
    extra_low, extra_high : float, bounds of the extra variables.
    row_hash, mentor_hash : uint64 (n,), (m,), of the ids, for ties.
    source : where points are read from that are no matrix; `points` then refuses to be read.
    """

    points: NDArray[np.int32]
    capacity: Ints
    min_load: Ints
    demand: Ints
    rows: tuple[SideRow, ...] = ()
    extra_low: tuple[float, ...] = ()
    extra_high: tuple[float, ...] = ()
    bands: tuple[Band, ...] = ()
    only_bands: bool = False
    row_hash: NDArray[np.uint64] = field(default_factory=_no_hash, repr=False)
    mentor_hash: NDArray[np.uint64] = field(default_factory=_no_hash, repr=False)
    source: Source | None = None

    def __post_init__(self) -> None:
        n, m = self.shape  # who has no ids is told apart by position
        if self.row_hash.size != n:
            object.__setattr__(self, "row_hash", default_hash(n, 1))
        if self.mentor_hash.size != m:
            object.__setattr__(self, "mentor_hash", default_hash(m, 2))

    @property
    def shape(self) -> tuple[int, int]:
        """Mentees and mentors."""
        return self.demand.size, self.capacity.size

    @property
    def size(self) -> int:
        """How many pairs there are, admissible or not."""
        return self.demand.size * self.capacity.size

    @cached_property
    def top(self) -> int:
        """No pair has more points."""
        return int(self.points.max(initial=0)) if self.source is None else self.source.top

    def at(self, rows: Ints, columns: Ints) -> NDArray[np.int32]:
        """Return int32 (k,): the points of the pairs (rows[k], columns[k])."""
        return self.points[rows, columns] if self.source is None else self.source.at(rows, columns)

    def read(self, rows: Ints | None = None) -> NDArray[np.int32]:
        """Return int32 (k, m): the points of some mentees with everybody; None: of all of them.

        Only a matrix is read as a whole; without one this refuses, in words.
        """
        if rows is None:
            return self.points
        return self.points[rows] if self.source is None else self.source.read(rows)

    @property
    def several(self) -> bool:
        """Whether some mentee may get more than one mentor."""
        return bool(self.demand.max(initial=0) > 1)

    def open(self) -> NDArray[np.bool_]:
        """Return bool (n, m): pairs that may be chosen at all."""
        seats = (self.capacity > 0) & (self.points >= 0)
        opened: NDArray[np.bool_] = seats & (self.demand > 0)[:, None]
        return opened

    def options(self) -> Ints:
        """Return int64 (n,): how many pairs each mentee has that may be chosen; or no fewer."""
        if self.source is None:
            many: Ints = self.open().sum(axis=1)
            return many
        kept = self.source.lists()
        if kept is None:
            return np.where(self.demand > 0, self.capacity.size, 0)
        indptr, column, points = kept
        open_ = np.concatenate(([0], np.cumsum((points >= 0) & (self.capacity[column] > 0))))
        return np.where(self.demand > 0, open_[indptr[1:]] - open_[indptr[:-1]], 0)

    def with_rows(self, *rows: SideRow) -> Program:
        return replace(self, rows=self.rows + rows)

    def with_extra(self, low: Sequence[float], high: Sequence[float]) -> Program:
        return replace(
            self,
            extra_low=self.extra_low + tuple(low),
            extra_high=self.extra_high + tuple(high),
        )

    def holds(self, rows: Ints, columns: Ints) -> bool:
        """Whether these pairs satisfy everything, in exact integers."""
        n, m = self.shape
        load = np.bincount(columns, minlength=m)
        points = self.at(rows, columns)
        return bool(
            (points >= 0).all()
            and (np.bincount(rows, minlength=n) <= self.demand).all()
            and (load <= self.capacity).all()
            and (load >= self.min_load).all()
            and np.unique(rows * max(m, 1) + columns).size == rows.size
            and self._rows_hold(rows, columns, points)
        )

    def _rows_hold(self, rows: Ints, columns: Ints, points: NDArray[np.int32]) -> bool:
        at_mentors: dict[int, Ints] = {}  # what the pairs of each mentor count, by rows' mentees
        for row in self.rows:
            if row.mentee is None or row.mentor is None or row.scored or row.extra:
                if not row.holds(rows, columns, points):
                    return False
                continue
            if id(row.mentee) not in at_mentors:
                at_mentors[id(row.mentee)] = np.zeros(self.capacity.size, dtype=np.int64)
                np.add.at(at_mentors[id(row.mentee)], columns, row.mentee[rows])
            if not row.within(int(at_mentors[id(row.mentee)] @ row.mentor)):
                return False
        return True

    def mentors_of(self, rows: Ints, columns: Ints) -> Ints:
        """Return int64 (n,): the mentor of each mentee where everybody has at most one."""
        at = np.full(self.shape[0], -1, dtype=np.int64)
        at[rows] = columns
        return at


def flat(points: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return int32 (n, m): 0 where a pair may be, else -1; where only their number counts."""
    worth: NDArray[np.int32] = np.where(points >= 0, 0, -1).astype(np.int32)
    return worth


def pairs_of(mentor_of: NDArray[Any]) -> Pairs:
    """Return the pairs of an assignment: (n,), or (n, k) padded with -1."""
    if mentor_of.ndim == 1:
        rows = np.flatnonzero(mentor_of >= 0)
        return rows, mentor_of[rows].astype(np.int64)
    rows, slots = np.nonzero(mentor_of >= 0)
    return rows, mentor_of[rows, slots].astype(np.int64)
