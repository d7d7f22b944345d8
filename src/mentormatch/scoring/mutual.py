"""Mutual interest: the scores of two people for each other, as one."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from mentormatch.scoring.engine import MILLION, PointsArray, plain

__all__ = ["Mutual", "mutual_points"]

Mutual: TypeAlias = Literal["mean", "least", "product"]
"""How the scores of both directions become one: their mean, the lower one, or their product."""
BLOCK = 1024
"""Rows at a time."""


def mutual_points(there: PointsArray, back: PointsArray, how: Mutual) -> PointsArray:
    """Return what two people are worth to each other.

    Parameters
    ----------
    there
        int32 (n, m): millionths of what the mentor is to the mentee, ``~points`` where
        inadmissible.
    back
        int32 (m, n): what the mentee is to the mentor, likewise.
    how
        "mean", "least" or "product".

    Returns
    -------
    int32 (n, m)
        Millionths, rounded half up; inadmissible where either direction is. Where both directions
        are the same matrix the result is symmetric.
    """
    n, m = there.shape
    both = np.empty((n, m), dtype=np.int32)
    for start in range(0, n, BLOCK):
        rows = slice(start, start + BLOCK)
        one, other = there[rows].astype(np.int64), back[:, rows].T.astype(np.int64)
        barred = (one < 0) | (other < 0)
        one, other = plain(one), plain(other)
        if how == "mean":
            joint = (one + other + 1) // 2
        elif how == "least":
            joint = np.minimum(one, other)
        else:
            joint = (one * other + MILLION // 2) // MILLION
        both[rows] = np.where(barred, ~joint, joint)
    return both
