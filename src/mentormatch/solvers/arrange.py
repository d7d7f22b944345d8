"""A canonical order of people, so that where they stand in a roster changes no answer.

Integer programming and searches decide ties by position. With everybody sorted by the hash of her
id first, and the answer mapped back, position means the same in every order of the rosters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.lagrangian import Band
from mentormatch.solvers.lexicographic import (
    Count,
    Filled,
    Kept,
    Outcomes,
    Result,
    Sorted,
    Squares,
    Stage,
    Worst,
    WorstPair,
)
from mentormatch.solvers.program import Program, SideRow

__all__ = ["Order"]

Ints = NDArray[np.int64]
Array = TypeVar("Array", NDArray[np.int64], NDArray[np.int32], NDArray[np.uint64])


@dataclass(frozen=True, eq=False)
class Order:
    """Positions of mentees and mentors in canonical order.

    rows : int64 (n,);  columns : int64 (m,)
    """

    rows: Ints
    columns: Ints

    @classmethod
    def by_hash(cls, row_hash: NDArray[np.uint64], mentor_hash: NDArray[np.uint64]) -> Order:
        """Sort by hash; equal hashes keep their order (one chance in 2**64 per pair)."""
        return cls(
            np.argsort(row_hash, kind="stable").astype(np.int64),
            np.argsort(mentor_hash, kind="stable").astype(np.int64),
        )

    def matrix(self, points: Array) -> Array:
        """Arrange an (n, m) array."""
        return np.ascontiguousarray(points[np.ix_(self.rows, self.columns)])

    def pairs(self, pairs: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
        """Return given pairs at their new positions, sorted."""
        at = np.empty_like(self.rows), np.empty_like(self.columns)
        at[0][self.rows] = np.arange(self.rows.size)
        at[1][self.columns] = np.arange(self.columns.size)
        rows, columns = at[0][pairs[0]], at[1][pairs[1]]
        sort = np.lexsort((columns, rows))
        return rows[sort], columns[sort]

    def back(self, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
        """Return arranged pairs at their old positions."""
        return self.rows[rows], self.columns[columns]

    def band(self, band: Band) -> Band:
        return replace(band, group=band.group[self.rows])

    def row(self, row: SideRow) -> SideRow:
        if row.pairs is not None:
            return replace(row, pairs=self.pairs(row.pairs))
        assert row.mentee is not None
        assert row.mentor is not None
        return replace(row, mentee=row.mentee[self.rows], mentor=row.mentor[self.columns])

    def program(self, program: Program) -> Program:
        return replace(
            program,
            points=self.matrix(program.points),
            capacity=program.capacity[self.columns],
            min_load=program.min_load[self.columns],
            demand=program.demand[self.rows],
            rows=tuple(self.row(row) for row in program.rows),
        )

    def outcomes(self, o: Outcomes) -> Outcomes:
        """Arrange people, then the outcomes themselves: there may be one per mentor."""
        mentee, mentor = o.mentee[:, self.rows], o.mentor[:, self.columns]
        sort = _by_content(mentee, mentor)
        return Outcomes(mentee[sort], mentor[sort], o.size[sort], o.offset[sort])

    def stage(self, stage: Stage) -> Stage:
        if isinstance(stage, Count):
            return replace(stage, weight=stage.weight[self.rows], had=stage.had[self.rows])
        if isinstance(stage, Kept):
            return replace(stage, pairs=self.pairs(stage.pairs))
        if isinstance(stage, WorstPair):
            return replace(stage, had=stage.had[self.rows])
        if isinstance(stage, Worst):
            return Worst(self.outcomes(stage.outcomes))
        if isinstance(stage, Sorted):
            outcomes = None if stage.outcomes is None else self.outcomes(stage.outcomes)
            had = None if stage.had is None else stage.had[self.rows]
            return replace(stage, outcomes=outcomes, had=had)
        if isinstance(stage, Squares):
            return Squares(stage.had[self.columns])
        if isinstance(stage, Filled):
            mentee, mentor = stage.mentee[:, self.rows], stage.mentor[:, self.columns]
            sort = _by_content(mentee, mentor)
            return Filled(mentee[sort], mentor[sort], stage.seats[sort], stage.had[sort])
        return stage

    def result(self, result: Result) -> Result:
        """Map an answer back to the old positions."""
        rows, columns = self.back(result.rows, result.columns)
        price = np.empty_like(result.price)
        price[self.columns] = result.price
        return replace(result, rows=rows, columns=columns, price=price)


def _by_content(mentee: Ints, mentor: Ints) -> Sequence[int]:
    """Positions that sort rows of 0 and 1 by what they hold."""
    keys = [(one.tobytes(), other.tobytes()) for one, other in zip(mentee, mentor, strict=True)]
    return sorted(range(len(keys)), key=lambda position: keys[position])
