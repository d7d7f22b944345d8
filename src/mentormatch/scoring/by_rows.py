"""Scores that are computed when they are asked for, row by row or pair by pair, and never held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray
from mentormatch.scoring.defects import Judge, Mask
from mentormatch.scoring.engine import (
    MILLION,
    PointsArray,
    Scored,
    add_to_rows,
    combine,
    filled_parts,
    forbid,
    rows_per_block,
    to_points,
    weighted_mean,
    weighted_sum,
)
from mentormatch.scoring.filtering import (
    Asked,
    Filter,
    FilterJudges,
    Summed,
    filter_judges,
    filter_of,
)
from mentormatch.scoring.lowered import Lowered, Parts, Positions
from mentormatch.scoring.means import mentor_means
from mentormatch.scoring.narrowed import narrowed, narrowed_judge, narrowed_rule
from mentormatch.scoring.rules import LoweredRule, without_people
from mentormatch.scoring.taken import taken, taken_judge, taken_rule
from mentormatch.scoring.threads import in_threads, threads_for
from mentormatch.solvers.pool import Pool
from mentormatch.solvers.source import UNKNOWN, Costs, Narrowed, NoMatrix, Screened
from mentormatch.solvers.work import Mapped, Work, mark_of

__all__ = ["JudgedPairs", "RowSource", "first_of", "surveyed"]

BLOCK_BYTES = 2**22
"""Bytes of parts per block and thread: a block of few rows costs more than its pairs."""
COUNTED, COUNTED_ROWS = 1 << 20, 1 << 12
"""Pairs that are read, or mentees that are screened, at a time to count the better pairs."""
RUN = 8
"""Rows that follow one another in runs shorter than this, on average, are brought together."""
PAIRS = 1 << 16
"""Pairs computed one by one at a time."""


@dataclass(eq=False)
class RowSource(Mapped):
    """The points that `engine.scored` would write into a matrix, the same bits.

    weights : float64 (n, criteria);  shape : n mentees, m mentors
    neutral : whether a mentor's blank counts as the mean of those who answered.
    means : float64 (n, criteria), that mean; needed for single pairs.
    more : int32 (n,), points of what the mentee left blank.
    pool : what a solve has listed already.
    work : who computes, and what is kept for a run that goes on later.
    _filter : the filter in a list of one, once it was asked for.
    """

    criteria: Sequence[Lowered]
    rules: Sequence[LoweredRule]
    weights: FloatArray
    shape: tuple[int, int]
    prior: float
    neutral: bool
    compiled: bool
    threads: int | None = None
    means: FloatArray | None = None
    more: PointsArray | None = None
    pool: Pool | None = field(default=None, repr=False)
    top: int = MILLION
    work: Work | None = field(default=None, repr=False)
    _filter: list[Filter | None] = field(default_factory=list, repr=False)

    def bare(self) -> RowSource:
        self._screen()
        rules = [without_people(rule) for rule in self.rules]
        return replace(self, rules=rules, pool=None, work=None, threads=1)

    def at(self, rows: IntArray, columns: IntArray) -> PointsArray:
        points: PointsArray = np.empty(rows.size, dtype=np.int32)
        for start in range(0, rows.size, PAIRS):
            part = slice(start, start + PAIRS)
            points[part] = self._pairs(rows[part], columns[part])
        return points

    def _pairs(self, rows: IntArray, columns: IntArray) -> PointsArray:
        parts = np.empty((rows.size, len(self.criteria)), dtype=np.float32)
        for position, criterion in enumerate(self.criteria):
            parts[:, position] = criterion.pairs(rows, columns)
        if self.neutral:
            assert self.means is not None
            filled = filled_parts(parts, self.means[rows])
            score = weighted_sum(filled, self.weights[rows], self.prior)
        else:
            score = weighted_mean(parts, self.weights[rows], self.prior)
        points = to_points(score)
        if self.more is not None:
            np.minimum(points + self.more[rows], MILLION, out=points)
        for rule in self.rules:
            np.copyto(points, ~points, where=rule.pairs(rows, columns) & (points >= 0))
        return points

    def _screen(self) -> Filter | None:
        """Return the filter; None where scores are no sums, or nothing is compiled."""
        if not self._filter and self.neutral and self.means is None:
            return None  # not yet
        if not self._filter:
            made = None
            if self.neutral and self.means is not None and self.compiled:
                made = filter_of(Summed(
                    self.criteria, self.rules, self.weights, self.means, self.shape, self.prior
                ))  # fmt: skip
                made = made if self.more is None else made.shifted(self.more)
            self._filter.append(made)
        return self._filter[0]

    def screened(
        self, rows: IntArray, price: IntArray, low: IntArray, width: int,
        costs: tuple[Costs, int] | None = None,
    ) -> Screened | None:  # fmt: skip
        made = self._screen()
        asked = Asked(rows, price, low, width, _judges(costs), self.threads)
        return None if made is None else made.screened(asked)

    def better(self, rows: IntArray, level: IntArray) -> IntArray:
        """Return int64 (k,): how many pairs of some mentees have more than `level` points."""
        better = np.zeros(rows.size, dtype=np.int64)
        made = self._screen()
        step = max(1, COUNTED // max(self.shape[1], 1))
        for start in range(0, rows.size, step if made is None else COUNTED_ROWS):
            part = slice(start, start + (step if made is None else COUNTED_ROWS))
            if made is None:
                better[part] = (self.read(rows[part]) > level[part, None]).sum(axis=1)
                continue
            sure, place, column, over = made.above(rows[part], level[part], self.threads)
            more = self.at(rows[part][place], column) > level[part][place]
            better[part] = sure + np.bincount(place[more], minlength=sure.size)
            for k in np.flatnonzero(over).tolist():
                line = self.read(rows[part][[k]])[0]
                better[start + k] = (line > level[start + k]).sum()
        return better

    def best(
        self, rows: IntArray, k: int, price: IntArray, rank: IntArray
    ) -> tuple[IntArray, BoolArray]:
        """Return the k best mentors of some mentees, -1 where there are fewer, and where known.

        Parameters
        ----------
        rank
            int64 (m,), who comes first of equals.

        Returns
        -------
        int64 (rows, k), bool (rows,)
            Rows of which it is not known are not filled in; they have to be read.
        """
        listed = self.screened(rows, price, np.full(rows.size, UNKNOWN), k)
        if listed is None:
            return np.full((rows.size, k), -1), np.zeros(rows.size, dtype=bool)
        points = self.at(rows[listed.place], listed.column).astype(np.int64)
        can = np.flatnonzero(points >= 0)
        place, column = listed.place[can], listed.column[can]
        worth = points[can] - price[column]
        found, last = first_of((place, column, worth), rank, rows.size, k)
        return found, ~listed.over & ((last > listed.rest) | (listed.rest <= UNKNOWN))

    def taken(self, rows: IntArray) -> RowSource:
        """Return the scores of some of the mentees, at ascending positions."""
        return replace(
            self, criteria=[taken(one, rows) for one in self.criteria],
            rules=[taken_rule(one, rows) for one in self.rules], weights=self.weights[rows],
            shape=(rows.size, self.shape[1]), pool=None, _filter=[],
            means=None if self.means is None else self.means[rows],
            more=None if self.more is None else self.more[rows],
        )  # fmt: skip

    def read(self, rows: IntArray) -> PointsArray:
        if _apart(rows):
            return self.taken(rows).read(np.arange(rows.size))
        m, many = self.shape[1], len(self.criteria)
        points: PointsArray = np.empty((rows.size, m), dtype=np.int32)
        height = rows_per_block(many, m, BLOCK_BYTES)
        runs = list(_runs(rows, height))

        def work(mine: Sequence[tuple[slice, int, int]]) -> None:
            parts: Parts = np.empty(many * height * m, dtype=np.float32)
            for place, start, stop in mine:
                size = many * (stop - start) * m
                block = parts[:size].reshape(many, stop - start, m)
                for criterion, part in zip(self.criteria, block, strict=True):
                    criterion.block(start, stop, part, self.compiled)
                self._write(block, start, stop, points[place])

        in_threads(work, runs, threads_for(self.threads, rows.size * m))
        return points

    def lists(self) -> None:
        return None

    def narrowed(self, columns: IntArray) -> SomeMentors:
        """Return the scores with some of the mentors, once the means over all are known."""
        return SomeMentors(self, columns)

    def _write(self, block: Parts, start: int, stop: int, points: PointsArray) -> None:
        """Write the points of rows start:stop from their parts."""
        rows = slice(start, stop)
        if self.neutral and self.means is not None and self.compiled:
            from mentormatch.scoring import kernels

            kernels.sum_rows(block, self.weights[rows], self.means[rows], self.prior, points)
        elif self.neutral and self.means is not None:
            filled = filled_parts(np.moveaxis(block, 0, -1), self.means[rows, None, :])
            points[:] = to_points(weighted_sum(filled, self.weights[rows, None, :], self.prior))
        else:
            size = stop - start, len(self.criteria)
            told = points, np.zeros(size), np.zeros(size, dtype=bool)
            combine(block, self.weights[rows], self.prior, self.neutral, told, self.compiled)
        forbid(self.rules, points, start, stop, self.compiled)
        if self.more is not None:
            add_to_rows(points, self.more[rows])

    def shifted(self, more: PointsArray) -> RowSource:
        """Return the same scores with the points of what mentees left blank."""
        pool = self.pool
        if pool is not None:
            row = np.repeat(np.arange(more.size), np.diff(pool.indptr))
            pool.points = np.minimum(pool.points + more[row], MILLION)
            pool.bar = pool.bar + more
        screen = self._screen()
        made = replace(self, more=more, _filter=[None if screen is None else screen.shifted(more)])
        if pool is not None:
            lists = pool.indptr, pool.column, pool.points
            made.pool = Pool.kept(made) or Pool(made, lists, pool.bar, pool.ref, part=pool.part)
            made.pool.optimum = pool.optimum
        return made


class SomeMentors(Narrowed):
    """The scores of some of the mentors."""

    @cached_property
    def _screen(self) -> Filter | None:
        whole = self.of._screen()
        return None if whole is None else whole.narrowed(self.columns)

    @cached_property
    def _rows(self) -> RowSource:
        of: RowSource = self.of
        return replace(
            of, criteria=[narrowed(one, self.columns) for one in of.criteria],
            rules=[narrowed_rule(one, self.columns) for one in of.rules],
            shape=self.shape, pool=None, _filter=[],
        )  # fmt: skip

    def read(self, rows: IntArray) -> PointsArray:
        return self._rows.read(rows)

    def screened(
        self, rows: IntArray, price: IntArray, low: IntArray, width: int,
        costs: tuple[Costs, int] | None = None,
    ) -> Screened | None:  # fmt: skip
        made = self._screen
        asked = Asked(rows, price, low, width, _judges(costs), self.of.threads)
        return None if made is None else made.screened(asked)


def _judges(costs: tuple[Costs, int] | None) -> tuple[FilterJudges | None, int]:
    """Return what the filter knows of costs, and what a pair without them is worth more."""
    if costs is None:
        return None, 0
    own = costs[0]
    return own.for_filter if isinstance(own, JudgedPairs) else None, costs[1]


def first_of(
    pairs: tuple[IntArray, IntArray, IntArray], rank: IntArray, size: int, k: int
) -> tuple[IntArray, IntArray]:
    """Return the k best mentors of each row, and what the k-th is worth.

    Parameters
    ----------
    pairs
        Row (ascending), mentor and worth of each pair, int64.
    rank
        int64 (m,), who comes first of equals.

    Returns
    -------
    int64 (size, k), -1 where there are fewer;  int64 (size,), `UNKNOWN` where there are fewer
    """
    place, column, worth = pairs
    order = np.lexsort((rank[column], -worth, place))
    place, column, worth = place[order], column[order], worth[order]
    at = np.arange(place.size) - np.searchsorted(place, np.arange(size))[place]
    found, last = np.full((size, k), -1, dtype=np.int64), np.full(size, UNKNOWN)
    found[place[at < k], at[at < k]] = column[at < k]
    last[place[at == k - 1]] = worth[at == k - 1]
    return found, last


def surveyed(source: RowSource, capacity: IntArray, row_hash: Any, keep: Positions) -> Scored:
    """Return what `scored` gives beside the points, without looking at each of them.

    The best pairs of every mentee at guessed prices are listed on the way, into `source.pool`.

    Notes
    -----
    Time O(n m) for what neither stands in a table nor is answered by all mentors, and for the
    filter; memory O(n criteria), the rows kept, and the pairs listed.
    """
    n, m = source.shape
    many = len(source.criteria)
    work = source.work or Work()
    nothing: Any = NoMatrix("The scores are no matrix.", 4 * n * m, 0)
    name = f"{mark_of(source)}-means"
    kept_means = work.load(name)
    if kept_means is None:
        means, blank = mentor_means(source, work)
        source.forget_file()
        work.save(name, means=means, blank=blank)
    else:
        means, blank = kept_means["means"], kept_means["blank"]
    source.means = means
    kept = np.empty((many, len(keep), m), dtype=np.float32)
    for criterion, parts in zip(source.criteria, kept, strict=True):
        taken(criterion, keep).block(0, len(keep), parts, source.compiled)
    filled = np.isnan(kept)
    np.copyto(kept, means[keep].T[:, :, None].astype(np.float32), where=filled)
    source.pool = Pool.of(source, capacity, row_hash)
    return Scored(nothing, means, blank, kept, source)


def _apart(rows: IntArray) -> bool:
    """Whether rows are ascending and mostly stand apart: then they are quicker brought together."""
    step = np.diff(rows)
    return bool((step > 0).all() and (step > 1).sum() * RUN > rows.size)


def _runs(rows: IntArray, most: int) -> Iterator[tuple[slice, int, int]]:
    """Yield runs of consecutive rows, of at most so many: where they stand, and the rows."""
    if not rows.size:
        return
    ends = np.flatnonzero(np.diff(rows) != 1) + 1
    for first, last in zip([0, *ends.tolist()], [*ends.tolist(), rows.size], strict=True):
        for begin in range(first, last, most):
            end = min(begin + most, last)
            yield slice(begin, end), int(rows[begin]), int(rows[end - 1]) + 1


@dataclass(frozen=True, eq=False)
class JudgedPairs(Mapped):
    """Whether pairs have any of some defects, as what they cost: 0 or 1.

    judges : what judges each of them;  shape : n mentees, m mentors.
    """

    judges: Sequence[Judge]
    shape: tuple[int, int]
    compiled: bool
    most: int = 1

    def at(self, rows: IntArray, columns: IntArray) -> Mask:
        found: BoolArray = np.zeros(rows.size, dtype=bool)
        for start in range(0, rows.size, PAIRS):
            part = slice(start, start + PAIRS)
            for judge in self.judges:
                found[part] |= judge.pairs(rows[part], columns[part])
        return found.view(np.uint8)

    def read(self, rows: IntArray) -> Mask:
        if _apart(rows):
            judges = [taken_judge(judge, rows) for judge in self.judges]
            return replace(self, judges=judges).read(np.arange(rows.size))
        mask: Mask = np.zeros((rows.size, self.shape[1]), dtype=np.uint8)
        for place, start, stop in _runs(rows, max(1, PAIRS // max(self.shape[1], 1))):
            for bit, judge in enumerate(self.judges):
                if self.compiled:
                    judge.mark(start, mask[place], 1 << bit)  # a judge may take its own bit back
                else:
                    mask[place] |= judge.block(start, stop).view(np.uint8)
        return (mask > 0).view(np.uint8)

    def bare(self) -> JudgedPairs:
        made = replace(self)
        made.__dict__["for_filter"] = self.for_filter
        return made

    @cached_property
    def for_filter(self) -> FilterJudges:
        return filter_judges(self.judges, self.shape)

    def narrowed(self, columns: IntArray) -> JudgedPairs:
        """Return the costs with some of the mentors."""
        judges = [narrowed_judge(judge, columns) for judge in self.judges]
        return replace(self, judges=judges, shape=(self.shape[0], columns.size))
