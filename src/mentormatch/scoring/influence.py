"""Influence: how much a criterion decides, beside how much it is meant to count.

A criterion decides between a mentee's options by how far it sets them apart: by its weight and by
the spread of its parts within her row. Two answers that are yes or no with the same weight as a
share of needs covered would decide most of the matches.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import FloatArray
from mentormatch.scoring.lowered import Lowered, Parts, Positions
from mentormatch.scoring.threads import COMPILE_FROM

__all__ = ["MOST", "balanced", "influence_of", "sets_nobody_apart", "spreads"]

MOST = 4.0
"""How many times more, or less, than it is meant to count a criterion may weigh."""
BLOCK_PAIRS = 1 << 16
"""Pairs looked at in one go."""
LEVELS = 1 << 10
"""Steps of a part in which spreads are summed, in integers: the same in every order."""


def spreads(lowered: Sequence[Lowered], rows: Positions, shape: tuple[int, int]) -> FloatArray:
    """Return float64 (criteria,): mean variance of a criterion's parts within a mentee's row.

    Parameters
    ----------
    rows
        The mentees that are looked at.
    shape
        n mentees, m mentors.

    Notes
    -----
    Blanks stand at the row's mean, so that they set nobody apart. Time O(rows x m x criteria).
    """
    n, m = shape
    out: Parts = np.empty((len(rows), m), dtype=np.float32)
    found = np.zeros(len(lowered), dtype=np.int64)
    for criterion, one in enumerate(lowered):
        for place, row in enumerate(rows.tolist()):
            one.block(row, row + 1, out[place : place + 1], n * m > COMPILE_FROM)
        known = out == out
        steps = np.floor(np.where(known, out, np.float32(0)).astype(np.float64) * LEVELS + 0.5)
        size, whole, squares = (
            each.astype(np.int64)
            for each in (known.sum(axis=1), steps.sum(axis=1), (steps * steps).sum(axis=1))
        )
        found[criterion] = ((squares * size - whole * whole) // np.maximum(size * m, 1)).sum()
    spread: FloatArray = found / max(len(rows), 1) / LEVELS**2
    return spread


def sets_nobody_apart(criterion: Lowered, shape: tuple[int, int]) -> bool:
    """Tell whether every mentee has the same part with all mentors whose part is known.

    Notes
    -----
    All rows are looked at, up to the first that differs: time O(n m) at most.
    """
    n, m = shape
    height = max(1, BLOCK_PAIRS // max(m, 1))
    out: Parts = np.empty((min(height, n), m), dtype=np.float32)
    for start in range(0, n if m else 0, height):
        stop = min(start + height, n)
        rows = out[: stop - start]
        criterion.block(start, stop, rows, n * m > COMPILE_FROM)
        unknown = np.isnan(rows)
        least = np.where(unknown, np.inf, rows).min(axis=1)
        most = np.where(unknown, -np.inf, rows).max(axis=1)
        if (most > least).any():
            return False
    return True


def balanced(importance: FloatArray, spread: FloatArray) -> FloatArray:
    r"""Return weights under which each criterion decides as much as it is meant to count.

    .. math:: w_c \propto \sqrt{I_c / s_c}

    for importance I and spread s, so that the variance that c adds within a mentee's row, w² s, is
    in proportion to I. The sum of the weights is that of the importance. Nothing weighs more than
    `MOST` times as much, or as little, as it is meant to count: a criterion that hardly sets
    anybody apart stays below its share.

    Parameters
    ----------
    importance, spread
        float64 (criteria,), 0 or more.

    Returns
    -------
    float64 (criteria,), multiples of 0.001
    """
    told = importance > 0
    if not told.any():
        return importance.copy()
    free = told & (spread > 0)  # the others set nobody apart: they stay as they are
    wanted = np.sqrt(np.divide(importance, spread, out=np.zeros(len(spread)), where=free))
    weight = np.where(told, importance, 0.0)
    inside = free.copy()
    while inside.any():  # what meets its limit leaves the others more, or less, to share
        rest = importance.sum() - weight[~inside].sum()
        weight[inside] = wanted[inside] * rest / wanted[inside].sum()
        limited = np.clip(weight, importance / MOST, MOST * importance)
        out = inside & (limited != weight)
        if not out.any():
            break
        # first those that would weigh too much: what they leave may lift the others
        heavy = out & (weight > limited)
        out = heavy if heavy.any() else out
        weight[out] = limited[out]
        inside &= ~out
    return np.maximum(np.floor(weight * 1000 + 0.5) / 1000, np.where(told, 0.001, 0.0))


def influence_of(weights: FloatArray, spread: FloatArray) -> npt.NDArray[np.float64]:
    """Return float64 (criteria,): each criterion's share of the variance within a mentee's row."""
    variance = weights**2 * spread
    whole = variance.sum()
    share: npt.NDArray[np.float64] = variance / whole if whole > 0 else np.zeros(len(weights))
    return share
