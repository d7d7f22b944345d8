"""Needs against offers, interests against interests: labels lowered to exact counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray, Labels
from mentormatch.scoring.lowered import LARGEST_EXACT, Counts
from mentormatch.scoring.scales import common_codes, distinct, rows_of

SHARES = 840
"""A partly closed gap is counted in 1/840: exact for gaps of 1 to 8 levels."""
PRIORITIES = 60
"""A priority is counted in 1/60 of the person's largest: exact for 1/2, 1/3, 1/4, 1/5, 1/6."""


def lower_covers(wanted: Labels, offers: Sequence[Labels], now: Labels | None) -> Counts:
    """Return `Covers` as counts; see there for the meaning."""
    n, m = len(wanted), len(offers[0])
    now_labels = now.labels if now is not None else ()
    codes, labels = common_codes(wanted.labels, now_labels, *(o.labels for o in offers))
    offered = _offered_levels(offers, codes[2:], len(labels))
    rows, label, goal, priority = _wanted(wanted, codes[0], len(labels))
    reality = _reality(now, codes[1], rows, label, len(labels))
    reality[np.isnan(goal)] = 0
    open_needs = ~(reality >= goal)  # a goal without a level is always open
    rows, label, priority = rows[open_needs], label[open_needs], priority[open_needs]
    goal, reality = goal[open_needs], reality[open_needs]
    units = _units(rows, priority, n)
    total = np.bincount(rows, weights=units, minlength=n)
    offered_at_all: BoolArray = (offered.code > 0).any(axis=1).reshape(-1)
    useful = offered_at_all[label]
    kinds, kind = _kinds(label[useful], goal[useful], reality[useful])
    shares, whole = _shares(offered, *kinds)
    given = np.any([offer.given for offer in offers], axis=0)
    return Counts(
        indptr=_indptr(rows[useful], n),
        kinds=kind.astype(np.int32),
        units=units[useful].astype(np.int32),
        offered=shares,
        total=(total * whole).astype(np.float32),
        size=np.where(given, 0, np.nan).astype(np.float32).reshape(m),
        jaccard=False,
    )


def needs_of(
    wanted: Labels, codes: IntArray, size: int
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return (row, label, units) per distinct need, by row, and each mentee's sum of units."""
    rows, label, _, priority = _wanted(wanted, codes, size)
    units = _units(rows, priority, len(wanted))
    total: FloatArray = np.bincount(rows, weights=units, minlength=len(wanted)).astype(np.float64)
    return rows, label, units, total


def _indptr(rows: IntArray, n: int) -> IntArray:
    counts = np.bincount(rows, minlength=n)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Offers:
    """levels : float64 ascending, -inf (not offered) first, inf (offered without a level) last
    code : int64 (labels, m), position in `levels` of the best offer
    """

    levels: FloatArray
    code: IntArray


def _offered_levels(offers: Sequence[Labels], codes: Sequence[IntArray], size: int) -> _Offers:
    level = [np.where(np.isfinite(o.level), o.level, np.inf).astype(np.float64) for o in offers]
    levels = np.unique(np.concatenate([*level, [-np.inf, np.inf]]))
    code = np.zeros((size, len(offers[0])), dtype=np.int64)
    for offer, mine, given in zip(offers, codes, level, strict=True):
        best = np.searchsorted(levels, given)
        np.maximum.at(code, (mine[offer.codes], rows_of(offer)), best)
    return _Offers(levels, code)


def _wanted(
    wanted: Labels, codes: IntArray, size: int
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return (row, label, goal level, priority) per distinct need, by row."""
    rows, label = rows_of(wanted), codes[wanted.codes]
    goal = np.where(np.isfinite(wanted.level), wanted.level, np.nan).astype(np.float64)
    priority = np.where(np.isfinite(wanted.priority), wanted.priority, 1).astype(np.float64)
    keep = priority > 0
    rows, label, goal, priority = rows[keep], label[keep], goal[keep], priority[keep]
    # a label named twice counts once, with the highest goal and priority
    order = np.lexsort((-priority, -np.nan_to_num(goal, nan=-np.inf), label, rows))
    rows, label, goal, priority = rows[order], label[order], goal[order], priority[order]
    key = rows * max(size, 1) + label
    first = np.concatenate(([True], key[1:] != key[:-1]))[: len(key)]
    starts = np.flatnonzero(first)
    highest = np.maximum.reduceat(priority, starts) if len(starts) else priority
    return rows[first], label[first], goal[first], highest


def _reality(
    now: Labels | None, codes: IntArray, rows: IntArray, label: IntArray, size: int
) -> FloatArray:
    """Return each need's present level, 0 where the mentee gave none."""
    reality = np.zeros(len(rows))
    if now is None or not len(now.codes):
        return reality
    known = np.isfinite(now.level)
    keys = (rows_of(now) * max(size, 1) + codes[now.codes])[known]
    levels = now.level[known].astype(np.float64)
    order = np.lexsort((levels, keys))
    keys, levels = keys[order], levels[order]
    wanted = rows * max(size, 1) + label
    after = np.searchsorted(keys, wanted, side="right")
    hit = (after > 0) & (keys[np.maximum(after - 1, 0)] == wanted) if len(keys) else after > 0
    reality[hit] = levels[after[hit] - 1]
    return reality


def _units(rows: IntArray, priority: FloatArray, n: int) -> IntArray:
    """Return each need's priority in whole units, relative to the person's largest."""
    largest = np.zeros(n)
    np.maximum.at(largest, rows, priority)
    needs = np.bincount(rows, minlength=n)
    finest = np.clip((LARGEST_EXACT - 1) // (SHARES * np.maximum(needs, 1)), 1, PRIORITIES)
    relative = priority / largest[rows]
    alike = np.ones(n, dtype=bool)
    np.logical_and.at(alike, rows, relative == 1)
    units: IntArray = np.maximum(np.rint(relative * finest[rows]), 1).astype(np.int64)
    units[alike[rows]] = 1  # equal priorities need no units at all
    return units


def _kinds(
    label: IntArray, goal: FloatArray, reality: FloatArray
) -> tuple[tuple[IntArray, FloatArray, FloatArray], IntArray]:
    """Return the distinct (label, goal, reality), and which one each need is."""
    goals, goal_code = np.unique(np.nan_to_num(goal, nan=-np.inf), return_inverse=True)
    realities, reality_code = np.unique(reality, return_inverse=True)
    key = (label * max(len(goals), 1) + goal_code) * max(len(realities), 1) + reality_code
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    return (label[first], goal[first], reality[first]), kind.ravel()


def _shares(
    offered: _Offers, label: IntArray, goal: FloatArray, reality: FloatArray
) -> tuple[npt.NDArray[np.int16], int]:
    """Return (int16 (kinds, m): how much of each need a mentor covers, what covers it whole)."""
    shares = np.empty((len(label), offered.code.shape[1]), dtype=np.int16)
    by_level = _shares_of_levels(offered.levels, goal, reality)
    step = int(np.gcd.reduce(np.unique(by_level), initial=SHARES))
    by_level //= np.int16(step)
    for kind, row in enumerate(label.tolist()):
        np.take(by_level[kind], offered.code[row], out=shares[kind])
    return shares, SHARES // step


def _shares_of_levels(
    levels: FloatArray, goal: FloatArray, now: FloatArray
) -> npt.NDArray[np.int16]:
    """Return (kinds, levels): the share, in 1/840, that an offer closes of the gap now..goal."""
    with np.errstate(invalid="ignore"):
        closed = (levels - now[:, None]) / (goal - now)[:, None]
        covered = np.clip(closed, 0, 1)
        covered[levels >= goal[:, None]] = 1
    covered[np.isnan(goal)] = 1  # no level was asked for: any offer covers it
    covered[:, np.isneginf(levels)] = 0  # not offered
    rounded: npt.NDArray[np.int16] = np.rint(covered * SHARES).astype(np.int16)
    return rounded


def lower_overlap(mentees: Labels, mentors: Labels) -> Counts:
    """Return `Overlap` as counts: labels in common, and how many each has."""
    (mine, yours), labels = common_codes(mentees.labels, mentors.labels)
    n, m, size = len(mentees), len(mentors), len(labels)
    rows, label = distinct(rows_of(mentees), mine[mentees.codes], size)
    cols, their_label = distinct(rows_of(mentors), yours[mentors.codes], size)
    common, kind_of = np.unique(np.intersect1d(label, their_label)), np.full(size, -1)
    kind_of[common] = np.arange(len(common))
    offered = np.zeros((len(common), m), dtype=np.int16)
    here = kind_of[their_label] >= 0
    offered[kind_of[their_label[here]], cols[here]] = 1
    useful = kind_of[label] >= 0
    total = np.where(mentees.given, np.bincount(rows, minlength=n), np.nan)
    sizes = np.where(mentors.given, np.bincount(cols, minlength=m), np.nan)
    return Counts(
        indptr=_indptr(rows[useful], n),
        kinds=kind_of[label[useful]].astype(np.int32),
        units=np.ones(int(useful.sum()), dtype=np.int32),
        offered=offered,
        total=total.astype(np.float32),
        size=sizes.astype(np.float32),
        jaccard=True,
    )
