"""A parity tighter than its groups are large matches almost nobody: say so, and what would do."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np

from mentormatch.errors import listed
from mentormatch.matching.constraints import Parity
from mentormatch.matching.lowering import Lowered
from mentormatch.matching.problem import Problem
from mentormatch.matching.rows import parity_groups
from mentormatch.solvers.assignment import assign
from mentormatch.solvers.windows import Shares, sweep

__all__ = ["parity_notes"]

FEW = 0.9
"""Part of those who could be matched, below which a parity is worth a note."""
LARGEST = 1_000_000
"""No notes are worked out beyond so many pairs."""
STEPS = 100
"""Tolerances are tried in hundredths."""


def parity_notes(problem: Problem, lowered: Lowered, matched: int) -> tuple[str, ...]:
    """Return a sentence for every parity of shares that alone keeps many people unmatched.

    Parameters
    ----------
    problem, lowered
        The problem, and the same lowered; n mentees.
    matched
        How many have a mentor in its answer.

    Notes
    -----
    Nothing is solved where most are matched. Otherwise each tolerance tried is one sweep of
    windows without the other rows, exact, and about seven of them find the smallest.
    """
    parities = dict.fromkeys(
        row.constraint for row in lowered.rows
        if isinstance(row.constraint, Parity) and row.constraint.measure != "mean_score"
    )  # fmt: skip
    reachable = int((lowered.asked > 0).sum())
    seats = int(problem.scores.mentors.capacity.sum())
    if (
        not parities
        or lowered.several
        or lowered.points.size > LARGEST
        or matched >= FEW * min(reachable, seats)
    ):
        return ()
    free = _assigned(lowered)
    if matched >= FEW * free:
        return ()
    notes = []
    for parity in parities:
        assert isinstance(parity, Parity)
        alone = _matched(problem, lowered, parity)
        if alone < FEW * free:
            notes.append(_sentence(problem, lowered, parity, alone, free))
    return tuple(notes)


def _assigned(lowered: Lowered) -> int:
    """How many can be matched without any row, locks included."""
    flat = np.where(lowered.points >= 0, 0, -1).astype(np.int32)
    least = lowered.min_load if lowered.min_load.any() else None
    one = np.ones(len(lowered.asked), dtype=np.int64)
    solution = assign(flat, lowered.capacity, row_bonus=one, min_load=least)
    return int((solution.mentor_of >= 0).sum()) + len(lowered.locks)


def _matched(problem: Problem, lowered: Lowered, parity: Parity) -> int:
    """How many can be matched where this parity is the only row."""
    groups, asked = parity_groups(problem.scores, parity, lowered.asked)
    locked = groups.codes[lowered.locks[:, 0]] if len(lowered.locks) else np.zeros(0, np.int64)
    had = np.bincount(locked[locked >= 0], minlength=len(asked))
    ratio = parity.measure == "impact_ratio"
    shares = Shares(
        np.where(lowered.demand > 0, groups.codes, -1), asked, had,
        within=None if ratio else Fraction(str(parity.within)),
        ratio=Fraction(str(parity.ratio)) if ratio else None,
    )  # fmt: skip
    flat = np.where(lowered.points >= 0, 0, -1).astype(np.int32)
    one = np.ones(len(lowered.asked), dtype=np.int64)
    swept = sweep(flat, lowered.capacity, shares, row_bonus=one, min_load=lowered.min_load)
    if swept.status == "infeasible":
        return -1
    return int((swept.mentor_of >= 0).sum()) + len(lowered.locks)


def _sentence(problem: Problem, lowered: Lowered, parity: Parity, alone: int, free: int) -> str:
    ratio = parity.measure == "impact_ratio"

    def loosened(step: int) -> Parity:
        if ratio:
            return replace(parity, ratio=round(parity.ratio * (1 - step / STEPS), 6))
        within = parity.within + (1 - parity.within) * step / STEPS
        return replace(parity, within=min(1.0, ceil(within * STEPS) / STEPS))

    low, high = 0, STEPS  # the widest binds nobody
    while high - low > 1:
        middle = (low + high) // 2
        if _matched(problem, lowered, loosened(middle)) >= free:
            high = middle
        else:
            low = middle
    groups, asked = parity_groups(problem.scores, parity, lowered.asked)
    sizes = listed(
        f"{label!r} ({size})" for label, size in zip(groups.labels, asked.tolist(), strict=True)
    )
    now = f"ratio={parity.ratio:g}" if ratio else f"within={parity.within:g}"
    wider = loosened(high)
    then = f"ratio={wider.ratio:g}" if ratio else f"within={wider.within:g}"
    return (
        f"Parity({parity.by!r}, {parity.measure!r}, {now}) is tight for groups of these sizes: "
        f"{sizes}. With it alone at most {max(alone, 0)} can be matched, without it {free}; "
        f"{then} would allow {free}"
    )
