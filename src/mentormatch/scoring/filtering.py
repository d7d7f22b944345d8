"""A filter of pairs: bounds on all points of a mentee, so that few have to be computed exactly.

Where a mentor's blank counts as a mean, a score is a weighted sum of parts. The filter adds the
parts up in float32, many mentors at a time, and counts the hours that both can, which take longest,
only where everything else leaves the pair a chance. What it lists is then scored exactly. How far
its sums may be from the points is bounded for each mentee, see `slack_of`; so nothing is missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeGuard, cast

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray
from mentormatch.scoring.defects import Below, ButFor, Judge, NothingShared
from mentormatch.scoring.engine import HALF_ULP, MILLION
from mentormatch.scoring.lowered import Counts, Listed, Lowered, Table, Weeks
from mentormatch.scoring.narrowed import narrowed, narrowed_rule, some_keys
from mentormatch.scoring.rules import Codes, Listing, LoweredRule, Several
from mentormatch.scoring.taken import keys_of
from mentormatch.scoring.threads import in_threads, threads_for
from mentormatch.solvers.source import Screened

__all__ = ["Asked", "Filter", "FilterJudges", "Summed", "filter_judges", "filter_of", "slack_of"]

Floats: TypeAlias = npt.NDArray[np.float32]

ROWS = 128
"""Mentees looked at side by side, for as long as what the mentors offer is in the cache."""
BLOCK = 1 << 21
"""Most parts computed ahead for criteria that the filter cannot add up by itself."""
SPARE, PER_BEST = 64, 4
"""Pairs kept of a mentee while the threshold rises: so many, and so many more for each best."""


@dataclass(frozen=True, eq=False)
class FilterJudges:
    """What the kernel knows of defects: a pair that has any of them is worth less.

    kernel : two of (mentees, uint64 (n, weeks, words);  mentors (m, weeks, words);  asked, bool
        (n, kinds);  answered (m, kinds)), apart as in `NothingShared`; and levels, float64 (n,)
        and (m,), as in `Below`
    spared : keys (mentee * m + mentor, ascending) of pairs that are looked at anyway
    """

    kernel: tuple[Any, ...]
    spared: tuple[IntArray, ...]


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of a filter: pairs of k mentees.

    rows : int64 (k,);  price : int64 (m,)
    low : int64 (k,), pairs that are worth less are of no interest
    width : how many of the best are wanted; none is listed that is worth less than so many others
        for certain
    costs : what the kernel knows of defects, and what pairs without any are worth more
    """

    rows: IntArray
    price: IntArray
    low: IntArray
    width: int
    costs: tuple[FilterJudges | None, int]
    threads: int | None


@dataclass(frozen=True, eq=False)
class Filter:
    """What the kernel adds up; weights are points that a whole part is worth.

    base, slack : float64 (n,), points that all pairs of a mentee have, and how wrong a sum may be
    tables : filled values, float32 (classes, m);  row, int32 (n, t);  weight, float32 (n, t)
    counts : entries (first, last, int64 (q, n);  kinds, units, int32);  of mentees (weight, total,
        fill, float32 (n, q));  labels, float32 (q, m), as `Counts.size`;  offered, int8
        (kinds, m);  jaccard, bool (q,)
    weeks : mentees, mentors (m, weeks, words), quarters, full as in `Weeks`;  most, fill, float64
        (n,), what full hours and a mentor's blank are worth;  given, bool (m,)
    listed : criteria that are 0 for all pairs but a few, which are always looked at
    dense : criteria that are computed ahead;  dense_weight, dense_fill, float32 (n, d)
    masks : rules that may forbid many pairs of a mentee
    barred : keys (mentee * m + mentor, ascending) of pairs that rules list, which are not masked
    codes : of rules that compare codes: mentees, int64 (n, z);  mentors, (z, m);  equal, bool (z,)
    """

    base: FloatArray
    slack: FloatArray
    tables: tuple[Floats, npt.NDArray[np.int32], Floats]
    counts: tuple[Any, ...]
    weeks: tuple[Any, ...]
    listed: tuple[Listed, ...]
    dense: tuple[Lowered, ...]
    dense_weight: Floats
    dense_fill: Floats
    masks: tuple[LoweredRule, ...]
    codes: tuple[Any, ...]
    barred: tuple[IntArray, ...]
    m: int

    def screened(self, asked: Asked) -> Screened:
        """Return the pairs of some mentees that could be worth enough, if among the best.

        Notes
        -----
        Time O(k m (criteria + entries)) in runs of simple operations.
        """
        rows, low, width = asked.rows, asked.low, asked.width
        judges, more = asked.costs
        k = rows.size
        cap = min(PER_BEST * width + SPARE, self.m)
        worth, column = np.empty((k, cap)), np.empty((k, cap), dtype=np.int32)
        size, over = np.zeros(k, dtype=np.int64), np.zeros(k, dtype=np.uint8)
        rest = low.astype(np.float64)
        real = asked.price.astype(np.float64) - more
        inexact = float(np.abs(real).max(initial=0)) * 2.0**-51  # of prices beyond 2**53
        slack = self.slack + inexact if inexact > 2.0**-3 else self.slack
        height = self._height()

        kernel = filter_judges((), (0, 0)).kernel if judges is None else judges.kernel

        def work(starts: Sequence[int]) -> None:
            from mentormatch.scoring import filter_kernels

            best = np.empty((height, width))
            for start in starts:
                part = slice(start, start + height)
                mine = rows[part]
                terms = self.base, slack, rest[part], width, float(more)
                out = best[: mine.size], worth[part], column[part], size[part], over[part]
                filter_kernels.screen_rows(
                    mine, real, terms, self.tables, self.counts, (self.weeks, kernel),
                    self._ahead(mine), out,
                )  # fmt: skip

        in_threads(work, range(0, k, height), threads_for(asked.threads, k * self.m))
        there = np.arange(cap) < size[:, None]
        found = np.repeat(np.arange(k), size), column[there].astype(np.int64)
        bounds = np.ceil(rest).astype(np.int64)
        return Screened(*self._with_listed(rows, *found, judges), bounds, over > 0)

    def above(
        self, rows: IntArray, level: IntArray, threads: int | None
    ) -> tuple[IntArray, IntArray, IntArray, BoolArray]:
        """Return how many pairs of some mentees surely have more than `level` points.

        Parameters
        ----------
        rows, level
            int64 (k,).

        Returns
        -------
        sure
            int64 (k,).
        place, column
            int64 (pairs,), pairs that are not among them and have to be looked at: of which of the
            k mentees, and the mentor.
        over
            bool (k,), of these mentees there are more such pairs than listed.
        """
        k = rows.size
        sure, size, over = np.zeros(k, np.int64), np.zeros(k, np.int64), np.zeros(k, np.uint8)
        near = np.empty((k, min(SPARE, self.m)), dtype=np.int32)
        of, apart = self._apart(rows)
        pointer = np.searchsorted(of, np.arange(k + 1))
        height = self._height()

        def work(starts: Sequence[int]) -> None:
            from mentormatch.scoring import filter_kernels

            for start in starts:
                part = slice(start, start + height)
                mine = rows[part]
                ends = pointer[start : start + mine.size + 1]
                terms = self.base, self.slack, ends, apart
                out = sure[part], near[part], size[part], over[part]
                filter_kernels.count_rows(
                    mine, level[part].astype(np.float64), terms, self.tables, self.counts,
                    self.weeks, self._ahead(mine), out,
                )  # fmt: skip

        in_threads(work, range(0, k, height), threads_for(threads, k * self.m))
        there = np.arange(near.shape[1]) < size[:, None]
        place = np.concatenate((np.repeat(np.arange(k), size), of))
        column = np.concatenate((near[there].astype(np.int64), apart))
        return sure, place, column, over > 0

    def _apart(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Return the pairs of some rows that the sums say nothing about: place, column; sorted."""
        every = (*(criterion.keys for criterion in self.listed), *self.barred)
        keys = [np.zeros(0, dtype=np.int64), *(keys_of(keys, self.m, rows)[0] for keys in every)]
        place, column = np.divmod(np.unique(np.concatenate(keys)), max(self.m, 1))
        return place, column

    def _height(self) -> int:
        """Return how many rows are looked at side by side."""
        if not (self.dense or self.masks):
            return ROWS
        return max(1, min(ROWS, BLOCK // max(1, self.m * (len(self.dense) + 1))))

    def narrowed(self, columns: IntArray) -> Filter:
        """Return the filter of some of the mentors, at ascending positions."""
        values, row, weight = self.tables
        entries, of_mentees, labels, offered, jaccard = self.counts
        mentees, mentors, quarters, full, most, fill, given = self.weeks
        return replace(
            self, m=columns.size,
            tables=(np.ascontiguousarray(values[:, columns]), row, weight),
            counts=(entries, of_mentees, np.ascontiguousarray(labels[:, columns]),
                    np.ascontiguousarray(offered[:, columns]), jaccard),
            weeks=(mentees, mentors[columns], quarters, full, most, fill, given[columns]),
            listed=tuple(cast(Listed, narrowed(one, columns)) for one in self.listed),
            dense=tuple(narrowed(one, columns) for one in self.dense),
            masks=tuple(narrowed_rule(rule, columns) for rule in self.masks),
            codes=(self.codes[0], self.codes[1][:, columns], self.codes[2]),
            barred=tuple(some_keys(keys, self.m, columns)[0] for keys in self.barred),
        )  # fmt: skip

    def shifted(self, more: npt.NDArray[np.int32]) -> Filter:
        """Return the filter of scores with so many points more."""
        return replace(self, base=self.base + more, slack=self.slack + more * 2.0**-18)

    def _ahead(self, rows: IntArray) -> tuple[Any, ...]:
        """Return the parts of the criteria that are computed ahead, and who is ruled out."""
        parts = np.empty((len(self.dense), rows.size if self.dense else 0, self.m), np.float32)
        mask = np.zeros((rows.size if self.masks else 0, self.m), dtype=np.bool_)
        for k, row in enumerate(rows.tolist() if self.dense or self.masks else ()):
            for d, criterion in enumerate(self.dense):
                criterion.block(row, row + 1, parts[d, k : k + 1], True)
            for rule in self.masks:
                marked = rule.mark(row, row + 1, self.m, None, True)
                if marked is not None:
                    mask[k] |= marked[0]
        return parts, self.dense_weight, self.dense_fill, mask, self.codes

    def _with_listed(
        self, rows: IntArray, place: IntArray, column: IntArray, judges: FilterJudges | None
    ) -> tuple[IntArray, IntArray]:
        """Return the pairs found and those that are always looked at, by row; each pair once."""
        spared = () if judges is None else judges.spared
        every = (*(criterion.keys for criterion in self.listed), *spared)
        keys = [place * self.m + column, *(keys_of(keys, self.m, rows)[0] for keys in every)]
        if sum(more.size for more in keys[1:]):
            place, column = np.divmod(np.unique(np.concatenate(keys)), self.m)
        return place, column


def slack_of(weights: FloatArray, base: FloatArray) -> FloatArray:
    """Return how many points a sum in float32 may be from the points of the pair, for each mentee.

    Parameters
    ----------
    weights
        float64 (n, criteria), points that a whole part of each is worth; parts are at most 1.
    base
        float64 (n,), points that all pairs have.

    Notes
    -----
    Of k numbers that are not negative, each within 4 roundings of what it stands for (the weight,
    the part or the mean, their quotient, their product), a sum in float32 is within (k + 4) u /
    (1 - (k + 4) u) of their sum, u = 2**-24 (Higham, Accuracy and Stability of Numerical
    Algorithms, 2002, sections 3.1 and 4.2). Points are rounded to whole ones, which is half of
    one, and the exact sum is itself within 1e-6 of a point.
    """
    steps = (weights.shape[1] + 5) * HALF_ULP
    slack: FloatArray = (base + weights.sum(axis=1)) * (steps / (1 - steps)) + 0.51
    return slack


@dataclass(frozen=True, eq=False)
class Summed:
    """Scores that are weighted sums, once what blanks count as is known.

    weights, means : float64 (n, criteria);  shape : n mentees, m mentors
    """

    criteria: Sequence[Lowered]
    rules: Sequence[LoweredRule]
    weights: FloatArray
    means: FloatArray
    shape: tuple[int, int]
    prior: float


def filter_of(source: Summed) -> Filter:
    """Return the filter of scores that are sums.

    Notes
    -----
    Time and memory O(n criteria + m kinds): a copy of what mentors offer.
    """
    n, m = source.shape
    whole = np.zeros(n)
    for weight in source.weights.T:
        whole += weight
    scale = np.divide(MILLION, whole, out=np.zeros(n), where=whole > 0)
    weights = source.weights * scale[:, None]
    base = np.where(whole > 0, 0.0, float(np.floor(source.prior * MILLION + 0.5)))
    kinds: dict[type, list[int]] = {Table: [], Counts: [], Weeks: [], Listed: []}
    dense = []
    for place, criterion in enumerate(source.criteria):
        mine = kinds.get(type(criterion))
        if mine is None or (mine and isinstance(criterion, Weeks)) or not _fits(criterion):
            dense.append(place)
        else:
            mine.append(place)
    means = source.means
    rules = [part for rule in source.rules for part in _parts(rule)]
    return Filter(
        base, slack_of(weights, base),
        _tables(source, kinds[Table], weights),
        _counts(source, kinds[Counts], weights),
        _weeks(source, kinds[Weeks], weights),
        tuple(cast(Listed, source.criteria[place]) for place in kinds[Listed]),
        tuple(source.criteria[place] for place in dense),
        weights[:, dense].astype(np.float32), means[:, dense].astype(np.float32),
        tuple(rule for rule in rules if not _is_listed(rule) and not isinstance(rule, Codes)),
        _codes([rule for rule in rules if isinstance(rule, Codes)], n, m),
        tuple(rule.keys for rule in rules if _is_listed(rule)), m,
    )  # fmt: skip


def filter_judges(judges: Sequence[Judge], shape: tuple[int, int]) -> FilterJudges:
    """Return what the filter can tell of defects; of others it takes pairs to have none."""
    n, m = shape
    apart: list[tuple[Any, ...]] = []
    spared: list[IntArray] = []
    levels = np.full(n, np.nan), np.full(m, np.nan)
    for judge in judges:
        if isinstance(judge, ButFor):
            spared.append(judge.keys)
            judge = judge.judge
        if isinstance(judge, NothingShared) and len(apart) < 2:
            mentors = np.ascontiguousarray(np.moveaxis(judge.mentors, 2, 0))
            kinds = np.ascontiguousarray(judge.asked.T), np.ascontiguousarray(judge.answered.T)
            apart.append((judge.mentees, mentors, *kinds))
        elif isinstance(judge, Below):
            levels = judge.mentees, judge.mentors
    none = (
        np.zeros((n, 0, 0), np.uint64), np.zeros((m, 0, 0), np.uint64),
        np.zeros((n, 0), np.bool_), np.zeros((m, 0), np.bool_),
    )  # fmt: skip
    one, other = [*apart, none, none][:2]
    return FilterJudges((one, other, levels), tuple(spared))


def _fits(criterion: Any) -> bool:
    """Return whether what the kernel counts with stays within int8, and what it counts in int16."""
    if not isinstance(criterion, Counts) or not criterion.units.size:
        return True
    longest, most = int(np.diff(criterion.indptr).max()), int(criterion.offered.max(initial=0))
    return most < 2**7 and longest * int(criterion.units.max()) * most < 2**15


def _parts(rule: LoweredRule) -> list[LoweredRule]:
    """Return what a rule is made of."""
    if isinstance(rule, Several):
        return [part for one in rule.parts for part in _parts(one)]
    return [rule]


def _is_listed(rule: LoweredRule) -> TypeGuard[Listing]:
    """Return whether a rule lists the pairs that it forbids, few of each mentee."""
    return isinstance(rule, Listing) and rule.only is None


def _codes(rules: Sequence[Codes], n: int, m: int) -> tuple[Any, ...]:
    mentees, mentors = np.zeros((n, len(rules)), np.int64), np.zeros((len(rules), m), np.int64)
    for k, rule in enumerate(rules):
        mentees[:, k], mentors[k] = rule.mentees, rule.mentors
    return mentees, mentors, np.array([rule.equal for rule in rules], dtype=np.bool_)


def _tables(source: Summed, places: Sequence[int], weights: FloatArray) -> Any:
    n, m = source.shape
    values, rows = [np.zeros((0, m), dtype=np.float32)], np.zeros((n, len(places)), dtype=np.int32)
    before = 0
    for t, place in enumerate(places):
        table: Any = source.criteria[place]
        row = table.row % len(table.values)
        fill = np.zeros(len(table.values), dtype=np.float32)
        fill[row] = source.means[:, place]  # the same for all of a class
        values.append(np.where(np.isnan(table.values), fill[:, None], table.values))
        rows[:, t] = before + row
        before += len(table.values)
    return np.concatenate(values), rows, weights[:, places].astype(np.float32)


def _counts(source: Summed, places: Sequence[int], weights: FloatArray) -> Any:
    n, m = source.shape
    many = len(places)
    first, last = np.zeros((2, many, n), dtype=np.int64)
    total, labels = np.ones((n, many), np.float32), np.zeros((many, m), dtype=np.float32)
    kinds, units = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    offered, jaccard = [np.zeros((0, m), np.int8)], np.zeros(many, dtype=np.bool_)
    weight = weights[:, places].astype(np.float32)
    entries = before = 0
    for q, place in enumerate(places):
        counts: Any = source.criteria[place]
        first[q], last[q] = counts.indptr[:-1] + entries, counts.indptr[1:] + entries
        kinds.append(counts.kinds + np.int32(before))
        units.append(counts.units)
        offered.append(counts.offered.astype(np.int8))
        entries, before = entries + counts.kinds.size, before + len(counts.offered)
        jaccard[q] = counts.jaccard
        silent = ~(counts.total >= 0) if counts.jaccard else ~(counts.total > 0)
        weight[silent, q] = 0.0
        total[:, q] = np.where(silent, np.float32(1), counts.total)
        labels[q] = counts.size
    return (
        (first, last, np.concatenate(kinds), np.concatenate(units)),
        (weight, total, source.means[:, places].astype(np.float32)),
        labels, np.concatenate(offered), jaccard,
    )  # fmt: skip


def _weeks(source: Summed, places: Sequence[int], weights: FloatArray) -> Any:
    n, m = source.shape
    if not places:
        none = np.zeros((m, 0, 0), dtype=np.uint64), np.zeros((0, 0), dtype=np.int32)
        zero = np.zeros(n), np.zeros(n), np.zeros(m, dtype=np.bool_)
        return (np.zeros((n, 0, 0), dtype=np.uint64), *none, np.float32(1), *zero)
    weeks: Any = source.criteria[places[0]]
    most = np.where(weeks.given_mentees, weights[:, places[0]], 0.0)
    given: BoolArray = weeks.given_mentors
    fill = most * source.means[:, places[0]]
    mentors = np.ascontiguousarray(np.moveaxis(weeks.mentors, 2, 0))
    return weeks.mentees, mentors, weeks.quarters, weeks.full, most, fill, given
