"""Stages as one sum for a flow over groups, of pairs that are no matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.fold import Fold, fold
from mentormatch.solvers.groups import CROWD, EXIT, Groups
from mentormatch.solvers.program import Program
from mentormatch.solvers.stages import Stage

__all__ = [
    "FALLEN",
    "FALLEN_WIDE",
    "MOST_POINTS",
    "MOST_VALUE",
    "has_room",
    "must_of",
    "sum_over",
    "wide_over",
]

MOST_POINTS, MOST_VALUE = 2**31 - 2, 1 << 55
"""Values are below it where they are int32; and where they are int64, with room for sums."""
FALLEN, FALLEN_WIDE = -(1 << 54), -(1 << 56)
"""Prices below this are not prices: nobody else could fill the seats; and where they are wide."""


def must_of(large: int, top: int, columns: int, exits: int) -> int:
    """Return what somebody who must be placed is worth: more than any path that leaves her out.

    It passes each column at most once, and no pair is worth more than `top`; at its ends, and at
    every exit, a bonus of at most `large` comes or goes.
    """
    return 4 * ((columns + 3) * (top + 1) + (exits + 3) * (large + 1))


def has_room(groups: Groups, bonus: NDArray[np.int64], top: int, wide: bool = False) -> bool:
    """Whether values up to `top` and bonuses leave room for what holds bounds.

    Where crowds are bounded, bonuses are written into the points, which are int32 unless `wide`.
    """
    exits = int(np.isin(groups.kind, (CROWD, EXIT)).sum())
    highest, lowest = int(bonus.max(initial=0)), int(bonus.min(initial=0))
    must = must_of(max(highest, -lowest), top, groups.kind.size + 1, exits)
    if must > (-FALLEN_WIDE if wide else -FALLEN) >> 1:
        return False
    spread = highest - (int(bonus.min()) if bonus.size else 0)
    return not exits or spread + top < (MOST_VALUE if wide else MOST_POINTS)


def sum_over(
    program: Program, stages: Sequence[Stage], groups: Groups
) -> tuple[Fold, Sequence[int]] | None:
    """Return stages as one sum in int32.

    Where int32 holds no sum that tells all stages apart, a light one, or one of few stages, from
    which a sum in int64 is reached.

    Returns
    -------
    Fold, and the places of its stages, or None
        None where there is no such sum, or no way from it to all stages.
    """

    def held(some: Sequence[int], light: bool | None) -> Fold | None:
        found = fold(
            program, [stages[at] for at in some], light=light, exits=groups.exits,
            leaves=groups.leaves,
        )  # fmt: skip
        return found if found is not None and has_room(groups, found.bonus, found.top) else None

    every = range(len(stages))
    plain = held(every, None)
    if (plain is not None and not plain.capped) or program.several:
        return None if plain is None or plain.capped else (plain, every)
    light = held(every, True)
    if light is not None:
        return light, every
    few = sorted({0, len(stages) - 1})
    found = held(few, True)
    if found is None or wide_over(program, stages, groups) is None:
        return None
    return found, few


def wide_over(program: Program, stages: Sequence[Stage], groups: Groups) -> Fold | None:
    """Return stages as one sum in int64 that tells them apart; None where it is too large."""
    found = fold(program, stages, wide=True, exits=groups.exits, leaves=groups.leaves)
    if found is None or not has_room(groups, found.bonus, found.top, wide=True):
        return None
    return found
