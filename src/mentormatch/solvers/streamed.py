"""Exact assignment of pairs that are no matrix: listed, or read by rows."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign_sparse
from mentormatch.solvers.source import Lists, Source

__all__ = ["assign_source"]

Ints: TypeAlias = NDArray[np.int64]


def assign_source(
    source: Source,
    capacity: Ints,
    *,
    row_bonus: Ints,
    row_hash: NDArray[np.uint64],
    mentor_hash: NDArray[np.uint64],
    min_load: Ints | None = None,
    time_limit: float | None = None,
) -> Assignment:
    """Do what `assign` does, one mentor each, for pairs that are read from a source.

    Parameters
    ----------
    source
        n mentees, m mentors.
    capacity, row_bonus, row_hash, mentor_hash, min_load, time_limit
        As for `assign`.
    """
    lists = source.lists()
    assert lists is not None
    return assign_sparse(
        *_open(lists), capacity, row_bonus=row_bonus, row_hash=row_hash, mentor_hash=mentor_hash,
        min_load=min_load, time_limit=time_limit, route="sparse",
    )  # fmt: skip


def _open(lists: Lists) -> Lists:
    """Return the listed pairs that may be."""
    indptr, column, points = lists
    kept = points >= 0
    if kept.all():
        return lists
    before = np.concatenate(([0], np.cumsum(kept)))
    return before[indptr], column[kept], points[kept]
