"""Lowered criteria, rules and judges for some of the mentees only: rows apart as one block."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Any

import numpy as np

from mentormatch.rosters.columns import BoolArray, IntArray, take_ragged
from mentormatch.scoring import defects, lowered, rules
from mentormatch.scoring.lowered import Lowered, Parts, Positions
from mentormatch.scoring.narrowed import ByPairs, RuleByPairs
from mentormatch.scoring.rules import LoweredRule

__all__ = ["keys_of", "taken", "taken_judge", "taken_rule"]


@dataclass(frozen=True, eq=False)
class RowByRow:
    """A criterion of any kind, row by row."""

    whole: Lowered
    rows: Positions

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        for k, row in enumerate(self.rows[start:stop].tolist()):
            self.whole.block(row, row + 1, out[k : k + 1], compiled)

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        return self.whole.pairs(self.rows[rows], cols)


@singledispatch
def taken(whole: Any, rows: Positions) -> Lowered:
    """Return a lowered criterion for some of the mentees, in the order of `rows`.

    Parameters
    ----------
    rows
        int64, ascending positions of mentees.
    """
    return RowByRow(whole, rows)


@taken.register
def _(whole: lowered.Counts, rows: Positions) -> Lowered:
    indptr, entries = take_ragged(whole.indptr, rows)
    kinds, units = whole.kinds[entries], whole.units[entries]
    return replace(whole, indptr=indptr, kinds=kinds, units=units, total=whole.total[rows])


@taken.register
def _(whole: lowered.Weeks, rows: Positions) -> Lowered:
    return replace(whole, mentees=whole.mentees[rows], given_mentees=whole.given_mentees[rows])


@taken.register
def _(whole: lowered.Table, rows: Positions) -> Lowered:
    return replace(whole, row=whole.row[rows], silent=None)


@taken.register
def _(whole: lowered.Listed, rows: Positions) -> Lowered:
    keys, kept = keys_of(whole.keys, whole.m, rows)
    return replace(whole, keys=keys, values=whole.values[kept])


@taken.register(lowered.Band)
@taken.register(lowered.Cosines)
@taken.register(lowered.Gower)
def _(whole: Any, rows: Positions) -> Lowered:
    made: Lowered = replace(whole, mentees=whole.mentees[rows])
    return made


@taken.register
def _(whole: lowered.SparseCosines, rows: Positions) -> Lowered:
    return replace(whole, mentees=whole.mentees[rows], given_mentees=whole.given_mentees[rows])


@taken.register
def _(whole: ByPairs, rows: Positions) -> Lowered:
    return ByPairs(taken(whole.whole, rows), whole.columns)


def keys_of(keys: IntArray, m: int, rows: Positions) -> tuple[IntArray, IntArray]:
    """Return keys (mentee * m + mentor) of some mentees by new places, and where they were."""
    first, last = np.searchsorted(keys, rows * m), np.searchsorted(keys, (rows + 1) * m)
    many = last - first
    at = np.repeat(first - np.concatenate(([0], np.cumsum(many)))[:-1], many)
    kept = at + np.arange(int(many.sum()))
    place = np.repeat(np.arange(rows.size), many)
    return place * m + keys[kept] % max(m, 1), kept


@dataclass(frozen=True, eq=False)
class RuleRowByRow(LoweredRule):
    """A rule of any kind, row by row."""

    whole: LoweredRule
    rows: Positions

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        clash = np.zeros((stop - start, m), dtype=bool)
        for k, row in enumerate(self.rows[start:stop].tolist()):
            marked = self.whole.mark(row, row + 1, m, None, compiled)
            if marked is not None:
                clash[k] = marked[0]
        return np.asarray(clash if forbidden is None else forbidden | clash)

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        return self.whole.pairs(self.rows[rows], cols)


@singledispatch
def taken_rule(whole: Any, rows: Positions) -> LoweredRule:
    """Return a lowered rule for some of the mentees, as `taken` does a criterion."""
    return RuleRowByRow(whole, rows)


@taken_rule.register
def _(whole: rules.Listing, rows: Positions) -> LoweredRule:
    keys, _ = keys_of(whole.keys, whole.m, rows)
    only = whole.only
    if only is not None and not whole.by_column:
        only = only[rows]
    return replace(whole, keys=keys, only=only)


@taken_rule.register
def _(whole: rules.Codes, rows: Positions) -> LoweredRule:
    return replace(whole, mentees=whole.mentees[rows])


@taken_rule.register
def _(whole: rules.Sharing, rows: Positions) -> LoweredRule:
    return replace(whole, mentees=whole.mentees[rows], given_mentees=whole.given_mentees[rows])


@taken_rule.register
def _(whole: rules.Threshold, rows: Positions) -> LoweredRule:
    return replace(whole, criterion=taken(whole.criterion, rows))


@taken_rule.register
def _(whole: rules.Unanswered, rows: Positions) -> LoweredRule:
    return replace(whole, given_mentees=whole.given_mentees[rows])


@taken_rule.register
def _(whole: rules.Several, rows: Positions) -> LoweredRule:
    return rules.Several(tuple(taken_rule(part, rows) for part in whole.parts))


@taken_rule.register
def _(whole: rules.Defective, rows: Positions) -> LoweredRule:
    return replace(whole, judge=taken_judge(whole.judge, rows))


@taken_rule.register
def _(whole: RuleByPairs, rows: Positions) -> LoweredRule:
    return RuleByPairs(taken_rule(whole.whole, rows), whole.columns)


@singledispatch
def taken_judge(whole: Any, rows: Positions) -> defects.Judge:
    """Return what judges a defect for some of the mentees, as `taken` does a criterion."""
    raise NotImplementedError(type(whole).__name__)


@taken_judge.register
def _(whole: defects.NothingShared, rows: Positions) -> defects.Judge:
    return replace(whole, mentees=whole.mentees[rows], asked=whole.asked[:, rows])


@taken_judge.register
def _(whole: defects.Below, rows: Positions) -> defects.Judge:
    return replace(whole, mentees=whole.mentees[rows])


@taken_judge.register
def _(whole: defects.ButFor, rows: Positions) -> defects.Judge:
    keys, _ = keys_of(whole.keys, whole.m, rows)
    return replace(whole, judge=taken_judge(whole.judge, rows), keys=keys)
