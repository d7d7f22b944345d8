"""What the reader of a matching should know: seats that a constraint leaves empty."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from mentormatch.errors import listed
from mentormatch.matching.constraints import Parity, ScoreFloor, parity_groups
from mentormatch.matching.lowering import Lowered
from mentormatch.matching.problem import Problem
from mentormatch.solvers.assignment import assign, kernel
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import flat
from mentormatch.solvers.windows import Shares, sweep

__all__ = ["notes_on"]

FEW = 0.9
"""Part of those who could be matched, below which a parity is worth advice."""
LARGEST = 1_000_000
"""No advice is worked out beyond so many pairs."""
STEPS = 100
"""Tolerances are tried in hundredths."""


def notes_on(
    problem: Problem, lowered: Lowered, filled: int, budget: Budget, free: int | None = None
) -> tuple[str, ...]:
    """Return a sentence where constraints leave seats empty, with how many.

    Parameters
    ----------
    problem, lowered
        The problem, and the same lowered; n mentees.
    filled
        How many seats are filled in its answer.
    free
        How many could be filled without rows, locks left out, where the solver knows it.

    Notes
    -----
    One flow tells how many could be filled without rows and floors; without a matrix none is
    solved for that alone. A parity of shares that alone
    keeps many unmatched gets advice: each tolerance tried is one sweep of windows, about seven of
    them. Nothing is worked out once the time is up.
    """
    held = [c for c in problem.constraints
            if (c.is_rows and not c.soft) or isinstance(c, ScoreFloor)]  # fmt: skip
    if not held or budget.late():
        return ()
    if problem.scores.source is None:
        free = _fillable(lowered, filled)
    elif free is None or any(isinstance(c, ScoreFloor) for c in held):
        return ()
    else:
        free += len(lowered.locks)
    if filled >= free:
        return ()
    short = free - filled
    seats = "1 seat stays" if short == 1 else f"{short} seats stay"
    named = listed(dict.fromkeys(repr(c) for c in held))
    that = "it" if len(held) == 1 else "them"
    notes = [
        f"{seats} empty that would be filled without {named} "
        f"({filled} filled, {free} without {that})"
    ]
    if budget.late() or lowered.several or problem.scores.source is not None:
        return tuple(notes)
    if lowered.program.size > LARGEST:
        return tuple(notes)
    parities = [c for c in held if isinstance(c, Parity) and not c.scored]
    if filled < FEW * free:
        for parity in dict.fromkeys(parities):
            alone = _matched(lowered, parity)
            if alone < FEW * free:
                notes.append(_sentence(lowered, parity, alone, free))
    return tuple(notes)


def _fillable(lowered: Lowered, filled: int) -> int:
    """How many seats can be filled without rows and floors, locks and those filled included."""
    case, program = lowered.case, lowered.program
    open_ = flat(case.matrix)
    open_[case.held] = -1
    seats = np.minimum(program.capacity, (open_ >= 0).sum(axis=0)).sum()
    people = np.minimum(program.demand, (open_ >= 0).sum(axis=1)).sum()
    if filled >= min(seats, people) + len(case.locks):
        return filled
    least = program.min_load if program.min_load.any() else None
    one = np.ones(case.n, dtype=np.int64)
    demand = program.demand if lowered.several else np.minimum(program.demand, 1)
    solution = assign(
        open_, program.capacity, row_bonus=one, min_load=least, demand=demand,
        route=kernel(open_.size),
    )  # fmt: skip
    return int((solution.mentor_of >= 0).sum()) + len(case.locks)


def _matched(lowered: Lowered, parity: Parity) -> int:
    """How many can be matched where this parity is the only row."""
    program = lowered.program
    (band,) = parity.bands(lowered.case)
    one = np.ones(lowered.case.n, dtype=np.int64)
    swept = sweep(
        flat(program.read()), program.capacity, Shares.of(band, program.demand), row_bonus=one,
        min_load=program.min_load,
    )  # fmt: skip
    if swept.status == "infeasible":
        return -1
    return int((swept.mentor_of >= 0).sum()) + len(lowered.locks)


def _sentence(lowered: Lowered, parity: Parity, alone: int, free: int) -> str:
    ratio = parity.measure == "impact_ratio"

    def loosened(step: int) -> Parity:
        if ratio:
            return replace(parity, ratio=round(parity.ratio * (1 - step / STEPS), 6))
        within = parity.within + (1 - parity.within) * step / STEPS
        return replace(parity, within=min(1.0, ceil(within * STEPS) / STEPS))

    low, high = 0, STEPS  # the widest binds nobody
    while high - low > 1:
        middle = (low + high) // 2
        if _matched(lowered, loosened(middle)) >= free:
            high = middle
        else:
            low = middle
    groups, asked = parity_groups(lowered.case, parity.by, parity.smallest)
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
