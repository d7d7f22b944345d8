"""How exposure is spread over mentors, beside what everybody's own best k would give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.suggest.result import Suggestions
from mentormatch.rosters.columns import FloatArray, IntArray
from mentormatch.scoring.engine import plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["by_mentor", "fairness", "gini", "own_top"]

BLOCK = 1024
"""Rows at a time."""


def own_top(points: npt.NDArray[np.int32], k: int) -> tuple[IntArray, IntArray]:
    """Return what everybody's own best k would give.

    Parameters
    ----------
    points
        int32 (n, m), negative where inadmissible.

    Returns
    -------
    int64 (m,), int64 (n,)
        On how many lists each mentor would be; the points of each mentee's list. Of equals the
        first on the roster.
    """
    n, m = points.shape
    lists, total = np.zeros(m, dtype=np.int64), np.zeros(n, dtype=np.int64)
    width = min(k, m)
    if not width:
        return lists, total
    for start in range(0, n, BLOCK):
        block = points[start : start + BLOCK]
        best = np.argpartition(-block.astype(np.int64), width - 1, axis=1)[:, :width]
        worth = np.take_along_axis(block, best, axis=1)
        lists += np.bincount(best[worth >= 0], minlength=m)
        total[start : start + BLOCK] = np.maximum(worth, 0).sum(axis=1, dtype=np.int64)
    return lists, total


def _own_top(lists: Suggestions) -> tuple[IntArray, IntArray]:
    """Return what everybody's own best k would give, worked out once."""
    scores, k = lists.matching.problem.scores, lists.asked.k
    return lists.once("own_top", lambda: own_top(scores.matrix("The exposure"), k))


def gini(values: npt.NDArray[np.int64]) -> float:
    """Return the Gini coefficient: 0 where all have the same, towards 1 where one has all."""
    if not len(values) or not values.sum():
        return 0.0
    ordered = np.sort(values).astype(float)
    n = len(ordered)
    return float(2 * (np.arange(1, n + 1) * ordered).sum() / (n * ordered.sum()) - (n + 1) / n)


def by_mentor(lists: Suggestions) -> pd.DataFrame:
    """Return the table of `Suggestions.exposure`."""
    import pandas as pd

    scores, matching = lists.scores, lists.matching
    mentors = scores.mentors
    load = np.bincount(lists.entries[1], minlength=len(mentors))
    allowed = matching.problem.scores.mentors.capacity
    alone, _ = _own_top(lists)
    return pd.DataFrame(
        {
            "mentor": list(mentors.ids),
            "name": [mentors.name(j) for j in range(len(mentors))],
            "seats": mentors.capacity,
            "lists": load,
            "allowed": allowed,
            "free": allowed - load,
            "own_top": alone,
            "price": matching.mentor_price / MILLION if matching.priced else np.nan,
        }
    )


def fairness(lists: Suggestions) -> pd.DataFrame:
    """Return the table of `Suggestions.fairness`."""
    import pandas as pd

    scores = lists.matching.problem.scores
    alone, best = _own_top(lists)
    rows, columns = lists.entries
    load = np.bincount(columns, minlength=scores.shape[1])
    worth = scores.at(rows, columns).astype(np.int64)
    got = np.bincount(rows, weights=plain(worth), minlength=scores.shape[0])
    share = got[best > 0] / best[best > 0]
    figures = [
        ("total score", got.sum() / MILLION, best.sum() / MILLION, "of all entries"),
        ("lists of the most listed mentor", load.max(initial=0), alone.max(initial=0), ""),
        ("mentors on no list", (load == 0).sum(), (alone == 0).sum(), ""),
        (
            "Gini coefficient of lists", gini(load), gini(alone),
            "0: all mentors on as many lists, towards 1: one on all",
        ),
        (
            "worst list", _least(share), 1.0,
            "the lowest share of her own best k that a mentee's list is worth",
        ),
    ]  # fmt: skip
    return pd.DataFrame(figures, columns=["figure", "lists", "own_top", "meaning"]).astype(
        {"lists": float, "own_top": float}
    )


def _least(share: FloatArray) -> float:
    return float(share.min()) if share.size else 1.0
