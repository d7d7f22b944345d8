"""Lowered criteria, rules and judges for some of the mentors only: the same bits, in less time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Any

import numpy as np

from mentormatch.rosters.columns import BoolArray, IntArray
from mentormatch.scoring import defects, lowered, rules
from mentormatch.scoring.lowered import Lowered, Parts, Positions
from mentormatch.scoring.rules import LoweredRule

__all__ = ["narrowed", "narrowed_judge", "narrowed_rule", "some_keys"]


@dataclass(frozen=True, eq=False)
class ByPairs:
    """A criterion of any kind, pair by pair."""

    whole: Lowered
    columns: Positions

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        rows = np.repeat(np.arange(start, stop), self.columns.size)
        out[:] = self.whole.pairs(rows, np.tile(self.columns, stop - start)).reshape(out.shape)

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        return self.whole.pairs(rows, self.columns[cols])


@singledispatch
def narrowed(whole: Any, columns: Positions) -> Lowered:
    """Return a lowered criterion for some of the mentors, in the order of `columns`.

    Parameters
    ----------
    columns
        int64, ascending positions of mentors.
    """
    return ByPairs(whole, columns)


@narrowed.register
def _(whole: lowered.Counts, columns: Positions) -> Lowered:
    offered = np.ascontiguousarray(whole.offered[:, columns])
    return replace(whole, offered=offered, size=whole.size[columns])


@narrowed.register
def _(whole: lowered.Weeks, columns: Positions) -> Lowered:
    mentors = np.ascontiguousarray(whole.mentors[:, :, columns])
    return replace(whole, mentors=mentors, given_mentors=whole.given_mentors[columns])


@narrowed.register
def _(whole: lowered.Table, columns: Positions) -> Lowered:
    return replace(whole, values=np.ascontiguousarray(whole.values[:, columns]))


@narrowed.register
def _(whole: lowered.Band, columns: Positions) -> Lowered:
    return replace(whole, mentors=whole.mentors[columns])


@narrowed.register
def _(whole: lowered.Listed, columns: Positions) -> Lowered:
    keys, kept = some_keys(whole.keys, whole.m, columns)
    return replace(whole, keys=keys, values=whole.values[kept], m=columns.size)


@narrowed.register(lowered.Cosines)
@narrowed.register(lowered.Gower)
def _(whole: Any, columns: Positions) -> Lowered:
    made: Lowered = replace(whole, mentors=whole.mentors[columns])
    return made


@narrowed.register
def _(whole: lowered.SparseCosines, columns: Positions) -> Lowered:
    given = whole.given_mentors[columns]
    return replace(whole, mentors=whole.mentors[columns], given_mentors=given)


def some_keys(keys: IntArray, m: int, columns: Positions) -> tuple[IntArray, BoolArray]:
    """Return keys (mentee * m + mentor) of some mentors, by their new places, and which stay."""
    place = np.full(max(m, 1), -1, dtype=np.int64)
    place[columns] = np.arange(columns.size)
    rows, mentors = np.divmod(keys, max(m, 1))
    kept = place[mentors] >= 0
    return rows[kept] * columns.size + place[mentors[kept]], kept


@dataclass(frozen=True, eq=False)
class RuleByPairs(LoweredRule):
    """A rule of any kind, pair by pair."""

    whole: LoweredRule
    columns: Positions

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        rows = np.repeat(np.arange(start, stop), m)
        clash = self.whole.pairs(rows, np.tile(self.columns, stop - start)).reshape(-1, m)
        return np.asarray(clash if forbidden is None else forbidden | clash)

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        return self.whole.pairs(rows, self.columns[cols])


@singledispatch
def narrowed_rule(whole: Any, columns: Positions) -> LoweredRule:
    """Return a lowered rule for some of the mentors, as `narrowed` does a criterion."""
    return RuleByPairs(whole, columns)


@narrowed_rule.register
def _(whole: rules.Listing, columns: Positions) -> LoweredRule:
    keys, _ = some_keys(whole.keys, whole.m, columns)
    only = whole.only
    if only is not None and whole.by_column:
        only = only[columns]
    return replace(whole, keys=keys, m=columns.size, only=only)


@narrowed_rule.register
def _(whole: rules.Codes, columns: Positions) -> LoweredRule:
    return replace(whole, mentors=whole.mentors[columns])


@narrowed_rule.register
def _(whole: rules.Sharing, columns: Positions) -> LoweredRule:
    given = whole.given_mentors[columns]
    return replace(whole, mentors=whole.mentors[columns], given_mentors=given)


@narrowed_rule.register
def _(whole: rules.Threshold, columns: Positions) -> LoweredRule:
    return replace(whole, criterion=narrowed(whole.criterion, columns))


@narrowed_rule.register
def _(whole: rules.Unanswered, columns: Positions) -> LoweredRule:
    return replace(whole, given_mentors=whole.given_mentors[columns])


@narrowed_rule.register
def _(whole: rules.Several, columns: Positions) -> LoweredRule:
    return rules.Several(tuple(narrowed_rule(part, columns) for part in whole.parts))


@narrowed_rule.register
def _(whole: rules.Defective, columns: Positions) -> LoweredRule:
    return replace(whole, judge=narrowed_judge(whole.judge, columns))


@singledispatch
def narrowed_judge(whole: Any, columns: Positions) -> defects.Judge:
    """Return what judges a defect for some of the mentors, as `narrowed` does a criterion."""
    raise NotImplementedError(type(whole).__name__)


@narrowed_judge.register
def _(whole: defects.NothingShared, columns: Positions) -> defects.Judge:
    mentors = np.ascontiguousarray(whole.mentors[:, :, columns])
    return replace(whole, mentors=mentors, answered=whole.answered[:, columns])


@narrowed_judge.register
def _(whole: defects.Below, columns: Positions) -> defects.Judge:
    return replace(whole, mentors=whole.mentors[columns])


@narrowed_judge.register
def _(whole: defects.ButFor, columns: Positions) -> defects.Judge:
    keys, _ = some_keys(whole.keys, whole.m, columns)
    return replace(whole, judge=narrowed_judge(whole.judge, columns), keys=keys, m=columns.size)
