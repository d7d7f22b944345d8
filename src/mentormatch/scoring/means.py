"""What the mentors who answered mean to each mentee, computed once for mentees who answer alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any, Protocol

import numpy as np

from mentormatch.rosters.columns import BoolArray, FloatArray
from mentormatch.scoring.engine import FINE, row_means
from mentormatch.scoring.lowered import Band, Counts, Lowered, Parts, Positions, Table, Weeks
from mentormatch.scoring.taken import taken
from mentormatch.scoring.threads import in_threads, threads_for
from mentormatch.solvers.work import Work

__all__ = ["mentor_means"]

BLOCK = 1 << 18
"""Parts computed at a time."""
TASK = 1 << 25
"""Parts that one task looks at."""
MENTEES = 1 << 12
"""Mentees whose hours are looked at together."""
QUARTERS = 127
"""So many quarter hours are counted at most where bytes are added up."""


class ByRows(Protocol):
    """Scores that are computed by rows."""

    criteria: Sequence[Lowered]
    shape: tuple[int, int]
    compiled: bool
    threads: int | None


def mentor_means(source: ByRows, work: Work) -> tuple[FloatArray, BoolArray]:
    """Return what a mentor's blank counts to each mentee, and whether nothing is known of a row.

    The same numbers as `engine.row_means` of all parts: of both, (n, criteria).

    Notes
    -----
    Time O(classes m) for each criterion, classes of mentees with the same answer; memory of a
    block of rows.
    """
    n, m = source.shape
    many = len(source.criteria)
    means, blank = np.zeros((n, many)), np.zeros((n, many), dtype=bool)
    for place, criterion in enumerate(source.criteria):
        classes = answers(criterion)
        if classes is None:
            some, of_class = np.arange(n), np.arange(n)
        else:
            _, some, of_class = np.unique(classes, return_index=True, return_inverse=True)
            order = np.argsort(some)  # rows are taken in ascending order
            rank = np.empty_like(order)
            rank[order] = np.arange(order.size)
            some, of_class = some[order], rank[of_class.reshape(-1)]
        slab = max(1, TASK // max(m, 1))
        tasks = [(place, some[at : at + slab]) for at in range(0, some.size, slab)]
        found = list(work.run(class_means, source, tasks))
        if found:
            means[:, place] = np.concatenate([mean for mean, _ in found])[of_class]
            blank[:, place] = np.concatenate([none for _, none in found])[of_class]
    return means, blank


def class_means(source: ByRows, place: int, rows: Positions) -> tuple[FloatArray, BoolArray]:
    """Return the means of one criterion in some rows, and which of them are blank; both (k,)."""
    n, m = source.shape
    criterion = source.criteria[place]
    lowered = criterion if rows.size == n else taken(criterion, rows)
    if isinstance(lowered, Weeks) and source.compiled and lowered.full <= QUARTERS:
        return _week_means(lowered, source.threads)
    means, blank = np.zeros((rows.size, 1)), np.zeros((rows.size, 1), dtype=bool)
    height = max(1, BLOCK // max(m, 1))

    def some(starts: Sequence[int]) -> None:
        parts: Parts = np.empty((1, height, m), dtype=np.float32)
        for start in starts:
            stop = min(start + height, rows.size)
            block = parts[:, : stop - start]
            lowered.block(start, stop, block[0], source.compiled)
            if source.compiled:
                from mentormatch.scoring import kernels

                kernels.mean_rows(block, means[start:stop], blank[start:stop])
            else:
                means[start:stop], blank[start:stop] = row_means(block)

    in_threads(some, range(0, rows.size, height), threads_for(source.threads, rows.size * m))
    return means[:, 0], blank[:, 0]


def _week_means(hours: Weeks, threads: int | None) -> tuple[FloatArray, BoolArray]:
    """Return the means of hours and which rows are blank: few words of weeks are different.

    Notes
    -----
    The quarter hours that one word of a mentee shares with every mentor are counted once for all
    mentees with that word, and added up in bytes.
    """
    from mentormatch.scoring import kernels

    k, m = hours.mentees.shape[0], hours.given_mentors.size
    known = int(hours.given_mentors.sum())
    means, blank = np.zeros(k), ~hours.given_mentees | (known == 0)
    if known in (0, m):
        return means, blank
    mentors = np.ascontiguousarray(hours.mentors[:, :, hours.given_mentors])
    quarters = np.arange(int(np.ceil(hours.full)) + 1).astype(np.float32)
    parts = (np.minimum(quarters, hours.full) / hours.full).astype(np.float64)
    steps = np.floor(parts * FINE + 0.5).astype(np.int64)

    def some(starts: Sequence[int]) -> None:
        for start in starts:
            mentees = hours.mentees[start : start + MENTEES]
            totals = np.zeros(len(mentees), dtype=np.int64)
            kernels.mean_weeks(*_words(mentees, hours.quarters), mentors, steps, totals)
            means[start : start + MENTEES] = totals / known / FINE

    in_threads(some, range(0, k, MENTEES), threads_for(threads, k * m))
    means[blank] = 0.0
    return means, blank


def _words(mentees: Any, quarters: Any) -> tuple[Any, Any, Any]:
    """Return `which`, `values` and `place` for `kernels.mean_weeks`."""
    _, weeks, words = mentees.shape
    which = np.full(mentees.shape, -1, dtype=np.int32)
    values, place = [np.zeros(0, dtype=np.uint64)], [np.zeros((0, 3), dtype=np.int64)]
    before = 0
    for week in range(weeks):
        for word in range(words):
            mine, found = np.unique(mentees[:, week, word], return_inverse=True)
            which[:, week, word] = np.where(mine == 0, -1, before + np.arange(mine.size))[found]
            values.append(mine)
            place.append(np.tile((week, word, quarters[week, word]), (mine.size, 1)))
            before += mine.size
    return which, np.concatenate(values), np.concatenate(place)


@singledispatch
def answers(criterion: Any) -> Positions | None:
    """Return int64 (n,), equal for mentees whose parts are equal; None where nothing tells."""
    return None


@answers.register
def _(criterion: Table) -> Positions:
    return criterion.row % len(criterion.values)


@answers.register
def _(criterion: Band) -> Positions:
    return _alike(criterion.mentees[:, None])


@answers.register
def _(criterion: Weeks) -> Positions:
    given = criterion.given_mentees[:, None].astype(np.uint64)
    return _alike(np.hstack((criterion.mentees.reshape(len(given), -1), given)))


@answers.register
def _(criterion: Counts) -> Positions:
    many = np.diff(criterion.indptr)
    classes = np.empty(many.size, dtype=np.int64)
    before = 0
    for length in np.unique(many).tolist():
        rows = np.flatnonzero(many == length)
        at = criterion.indptr[rows, None] + np.arange(length)
        total = criterion.total[rows, None].view(np.int32)
        mine = _alike(np.hstack((criterion.kinds[at], criterion.units[at], total)))
        classes[rows] = mine + before
        before += int(mine.max(initial=-1)) + 1
    return classes


def _alike(rows: Any) -> Positions:
    """Return int64 (n,), equal for equal rows of a matrix."""
    whole = np.ascontiguousarray(rows)
    width = whole.shape[1] * whole.itemsize
    lines = whole.view(np.dtype((np.void, width))).reshape(len(whole))
    _, classes = np.unique(lines, return_inverse=True)
    found: Positions = classes.reshape(-1).astype(np.int64)
    return found
