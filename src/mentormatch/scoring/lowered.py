"""Lowered criteria: arrays that give the parts of a block of rows, or of chosen pairs.

Every criterion becomes one of these forms. All of them count in exact integers, or apply a fixed
sequence of elementwise operations, so that a pair's part depends on its two people only: not on
the block it is computed in, the order of the rows, or the BLAS underneath.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray, take_ragged
from mentormatch.solvers.source import ListedPairs, places_of

Parts: TypeAlias = npt.NDArray[np.float32]
Positions: TypeAlias = npt.NDArray[np.int64]

LARGEST_EXACT = 2**24
"""Integers below this are exact in float32, in sums of any order."""


class Lowered(Protocol):
    """What the engine needs of a criterion, once its rosters are known."""

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        """Write the parts of rows start:stop into `out` (stop - start, m), NaN: unanswered."""
        ...

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        """Return the parts of the pairs (rows[k], cols[k]), the same numbers as `block`."""
        ...


def _kernels() -> Any:
    from mentormatch.scoring import kernels

    return kernels


@dataclass(frozen=True, eq=False)
class Counts:
    """Weighted counts of offered things: sum over a mentee's entries of units x offered.

    indptr, kinds, units : ragged (n), int64 / int32 / int32: the mentee's entries
    offered : int16 (kinds, m)
    total : float32 (n,): covers: the count that would be everything, 0 where unanswered;
        Jaccard: how many labels the mentee has, NaN where unanswered.
    size : float32 (m,) for Jaccard: how many labels the mentor has, NaN where unanswered;
        for covers: 0 where answered, NaN where not.
    jaccard : whether the part is count / (total + size - count) or count / total
    """

    indptr: IntArray
    kinds: npt.NDArray[np.int32]
    units: npt.NDArray[np.int32]
    offered: npt.NDArray[np.int16]
    total: Parts
    size: Parts
    jaccard: bool

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        if compiled:
            rows = _kernels().jaccard_rows if self.jaccard else _kernels().cover_rows
            rows(
                self.indptr, self.kinds, self.units, self.offered,
                self.total, self.size, start, out,
            )  # fmt: skip
            return
        out[:] = self._counted(start, stop)
        total = self.total[start:stop, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            out /= (total + self.size) - out if self.jaccard else total + self.size

    def _counted(self, start: int, stop: int) -> FloatArray | Parts:
        first, last = self.indptr[start], self.indptr[stop]
        rows = np.repeat(np.arange(stop - start), np.diff(self.indptr[start : stop + 1]))
        units = self.units[first:last]
        largest = int(units.sum()) * int(self.offered.max(initial=0))
        dtype = np.float32 if largest < LARGEST_EXACT else np.float64
        wanted = np.zeros((stop - start, len(self.offered)), dtype=dtype)
        np.add.at(wanted, (rows, self.kinds[first:last]), units.astype(dtype))
        counted: FloatArray | Parts = wanted @ self.offered.astype(dtype)
        return counted

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        indptr, entries = take_ragged(self.indptr, rows)
        pair = np.repeat(np.arange(len(rows)), np.diff(indptr))
        gained = self.units[entries] * self.offered[self.kinds[entries], cols[pair]]
        count = np.bincount(pair, weights=gained, minlength=len(rows)).astype(np.float32)
        total, size = self.total[rows], self.size[cols]
        with np.errstate(invalid="ignore", divide="ignore"):
            part: Parts = count / ((total + size) - count if self.jaccard else total + size)
        return part


@dataclass(frozen=True, eq=False)
class Weeks:
    """Quarter hours that both can, as bits of UTC weeks; the week with the fewest counts.

    mentees : uint64 (n, weeks, words);  mentors : uint64 (weeks, words, m)
    quarters : int32 (weeks, words), how many quarter hours one bit of a word stands for
    full : float32, quarter hours that are enough
    given_mentees, given_mentors : bool (n,), (m,)
    """

    mentees: npt.NDArray[np.uint64]
    mentors: npt.NDArray[np.uint64]
    quarters: npt.NDArray[np.int32]
    full: np.float32
    given_mentees: BoolArray
    given_mentors: BoolArray

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        if compiled:
            _kernels().week_rows(
                self.mentees, self.mentors, self.quarters, self.full,
                self.given_mentees, self.given_mentors, start, out,
            )  # fmt: skip
            return
        fewest = np.full(out.shape, np.iinfo(np.int32).max, dtype=np.int32)
        for week in range(self.mentors.shape[0]):
            both = np.zeros(out.shape, dtype=np.int32)
            for word in range(self.mentors.shape[1]):
                mine = self.mentees[start:stop, week, word, None]
                shared = np.bitwise_count(mine & self.mentors[week, word])
                both += shared * self.quarters[week, word]
            np.minimum(fewest, both, out=fewest)
        out[:] = self._part(fewest)
        out[~self.given_mentees[start:stop]] = np.nan
        out[:, ~self.given_mentors] = np.nan

    def _part(self, fewest: npt.NDArray[np.int32]) -> Parts:
        quarters = fewest.astype(np.float32)
        part: Parts = np.asarray(np.minimum(quarters, self.full) / self.full, dtype=np.float32)
        return part

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        both = self.mentees[rows] & np.moveaxis(self.mentors[:, :, cols], 2, 0)
        shared = np.bitwise_count(both).astype(np.int32) * self.quarters
        part = self._part(shared.sum(axis=2).min(axis=1).astype(np.int32))
        part[~(self.given_mentees[rows] & self.given_mentors[cols])] = np.nan
        return part


@dataclass(frozen=True, eq=False)
class Table:
    """Rows shared by many mentees: everybody with the same answer has the same row.

    values : float32 (classes + 1, m), the last row NaN
    row : int64 (n,), which row is this mentee's; -1 (the last) where unanswered
    silent : bool (n,) or None, mentees who left the question blank though the others say something
    """

    values: Parts
    row: Positions
    silent: BoolArray | None = None

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        np.take(self.values, self.row[start:stop], axis=0, out=out, mode="wrap")

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        part: Parts = self.values[self.row[rows], cols]
        return part


@dataclass(frozen=True, eq=False)
class Band:
    """1 where mentor - mentee equals the ideal, falling to 0 at the tolerance."""

    mentees: FloatArray
    mentors: FloatArray
    ideal: float
    tolerance: float

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        if compiled:
            _kernels().band_rows(
                self.mentees, self.mentors, self.ideal, self.tolerance, start, stop, out
            )
        else:
            out[:] = self._part(self.mentees[start:stop, None], self.mentors)

    def _part(self, mentees: FloatArray, mentors: FloatArray) -> Parts:
        away = np.abs((mentors - mentees) - self.ideal)
        part: Parts = np.maximum(0.0, 1.0 - away / self.tolerance).astype(np.float32)
        return part

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        return self._part(self.mentees[rows], self.mentors[cols])


@dataclass(frozen=True, eq=False)
class Listed:
    """A value for the listed pairs, 0 for all others.

    keys : int64 (k,), ascending, row * m + column;  values : float32 (k,)
    m : int, how many mentors
    silent : bool (n,), mentees who listed nobody themselves
    """

    keys: Positions
    values: Parts
    m: int
    silent: BoolArray

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        first, last = np.searchsorted(self.keys, (start * self.m, stop * self.m))
        out[:] = 0
        rows, cols = np.divmod(self.keys[first:last], max(self.m, 1))
        out[rows - start, cols] = self.values[first:last]

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        part: Parts = np.zeros(len(rows), dtype=np.float32)
        place = places_of(rows * self.m + cols, self.keys)
        part[place >= 0] = self.values[place[place >= 0]]
        return part


@dataclass(frozen=True, eq=False)
class Cosines:
    """Cosine of unit vectors quantised to 2**-11, so that every product sum is exact.

    mentees : float32 (n, d);  mentors : float32 (m, d), NaN rows where unanswered
    signed : map [-1, 1] to [0, 1]; else negative cosines count 0
    """

    mentees: Parts
    mentors: Parts
    signed: bool

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        np.matmul(self.mentees[start:stop], self.mentors.T, out=out)
        self._part(out)

    def _part(self, cosine: Parts) -> Parts:
        if self.signed:
            cosine += np.float32(1)
            cosine *= np.float32(0.5)
        return np.clip(cosine, 0, 1, out=cosine)

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        exact = np.einsum("kd,kd->k", self.mentees[rows], self.mentors[cols], dtype=np.float64)
        return self._part(exact.astype(np.float32))


@dataclass(frozen=True, eq=False)
class SparseCosines:
    """The same for sparse unit vectors (TF-IDF).

    mentees : scipy CSR (n, d);  mentors : scipy CSR (m, d), float32
    given_mentees, given_mentors : bool (n,), (m,)
    """

    mentees: Any
    mentors: Any
    given_mentees: BoolArray
    given_mentors: BoolArray

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        out[:] = np.minimum((self.mentees[start:stop] @ self.mentors.T).toarray(), 1)
        out[~self.given_mentees[start:stop]] = np.nan
        out[:, ~self.given_mentors] = np.nan

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        both = self.mentees[rows].multiply(self.mentors[cols]).sum(axis=1)
        part = np.minimum(np.asarray(both, dtype=np.float32).ravel(), np.float32(1))
        part[~(self.given_mentees[rows] & self.given_mentors[cols])] = np.nan
        return part


@dataclass(frozen=True, eq=False)
class Gower:
    """1 - mean absolute difference / range, dimension after dimension in one fixed order.

    mentees : float64 (n, d);  mentors : float64 (m, d);  span : highest - lowest answer
    """

    mentees: FloatArray
    mentors: FloatArray
    span: float

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        out[:] = self._part(self.mentees[start:stop, None, :], self.mentors[None, :, :])

    def _part(self, mentees: FloatArray, mentors: FloatArray) -> Parts:
        shape = np.broadcast_shapes(mentees.shape[:-1], mentors.shape[:-1])
        away = np.zeros(shape)
        for dimension in range(mentees.shape[-1]):
            away += np.abs(mentees[..., dimension] - mentors[..., dimension])
        away /= self.span * mentees.shape[-1]
        part: Parts = np.maximum(0.0, 1.0 - away).astype(np.float32)
        return part

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        return self._part(self.mentees[rows], self.mentors[cols])


@dataclass(frozen=True, eq=False)
class Matrix:
    """Parts that exist already, float32 (n, m)."""

    values: Parts

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        out[:] = self.values[start:stop]

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        part: Parts = self.values[rows, cols]
        return part


@dataclass(frozen=True, eq=False)
class ListedParts:
    """Parts of listed pairs, unanswered for all others.

    listing : ListedPairs, where each pair stands;  values : float32 (k,), in the same order
    """

    listing: ListedPairs
    values: Parts

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        out[:] = np.nan
        first, last = self.listing.indptr[start], self.listing.indptr[stop]
        rows = self.listing.row[first:last] - start
        out[rows, self.listing.column[first:last]] = self.values[first:last]

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        place = self.listing.place(rows, cols)
        part: Parts = np.full(len(rows), np.nan, dtype=np.float32)
        part[place >= 0] = self.values[place[place >= 0]]
        return part


@dataclass(frozen=True, eq=False)
class Computed:
    """Parts that a function gives for rows start:stop; `silent` as in `Table`."""

    function: Callable[[int, int], Parts]
    silent: BoolArray | None = None

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        out[:] = self.function(start, stop)

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        part = np.empty(len(rows), dtype=np.float32)
        for row in np.unique(rows):
            here = rows == row
            part[here] = self.function(int(row), int(row) + 1)[0, cols[here]]
        return part
