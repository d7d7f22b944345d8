"""Validity: how far the score, and each of its parts, went together with what came of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mentormatch.outcomes.answered import Outcomes
from mentormatch.outcomes.clustered import fit
from mentormatch.outcomes.rounds import Round
from mentormatch.rosters.columns import FloatArray
from mentormatch.scoring.criteria import Criterion

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["validity_of"]

FEWEST_PEOPLE, FEWEST_MENTORS = 10, 5
"""Answers and mentors below which no correlation is given."""


def validity_of(
    rounds: Sequence[Round],
    outcomes: Sequence[Outcomes],
    criteria: Sequence[Criterion],
    mentor: npt.NDArray[np.int64],
) -> pd.DataFrame:
    """Return one row for the score that was used then, and one per criterion.

    Columns: `what`, `pairs` (answered, with this part answered as well), `correlation`, `low`,
    `high` (95 %, clustered by mentor), `df`. All centred per round; missing with fewer than 10
    pairs or 5 mentors, or where nothing varies.
    """
    import pandas as pd

    round_of = np.repeat(np.arange(len(rounds)), [len(one.pairs) for one in outcomes])
    outcome = np.concatenate([one.values for one in outcomes])
    score, parts = [], []
    for one, told in zip(rounds, outcomes, strict=True):
        every = one.scores._at(told.pairs.rows, told.pairs.cols)
        score.append(every.score.astype(np.float64))
        found = np.full((len(told.pairs), len(criteria)), np.nan)
        for place, criterion in enumerate(criteria):
            if criterion.name in every.names:
                found[:, place] = every.parts[:, every.names.index(criterion.name)]
        parts.append(found)
    columns = [("score", np.concatenate(score))]
    columns += [
        (criterion.name, part)
        for criterion, part in zip(criteria, np.concatenate(parts).T, strict=True)
    ]
    rows = [(name, *_correlation(values, outcome, round_of, mentor)) for name, values in columns]
    return pd.DataFrame(rows, columns=["what", "pairs", "correlation", "low", "high", "df"])


def _correlation(
    values: FloatArray,
    outcome: FloatArray,
    round_of: npt.NDArray[np.int64],
    mentor: npt.NDArray[np.int64],
) -> tuple[int, float, float, float, float]:
    """Return pairs, correlation within rounds, its interval and degrees of freedom."""
    there = ~np.isnan(values)
    pairs = int(there.sum())
    nothing = (pairs, np.nan, np.nan, np.nan, np.nan)
    _, clusters = np.unique(mentor[there], return_inverse=True)
    if pairs < FEWEST_PEOPLE or int(clusters.max(initial=-1)) + 1 < FEWEST_MENTORS:
        return nothing
    _, rounds = np.unique(round_of[there], return_inverse=True)
    x, y = _centred(values[there], rounds), _centred(outcome[there], rounds)
    size_x, size_y = np.sqrt(x @ x), np.sqrt(y @ y)
    if size_x <= 1e-9 * max(1.0, float(np.abs(values[there]).max())) or size_y <= 0:
        return nothing
    intercepts = (rounds[:, None] == np.arange(int(rounds.max()) + 1)).astype(np.float64)
    design = np.column_stack([x / size_x, intercepts])
    contrast = np.zeros(design.shape[1])
    contrast[0] = 1.0
    found = fit(design, y / size_y, clusters.astype(np.int64), contrast)
    low, high = found.interval()
    return pairs, float(found.value), max(low, -1.0), min(high, 1.0), float(found.df)


def _centred(values: FloatArray, rounds: npt.NDArray[np.int64]) -> FloatArray:
    means = np.bincount(rounds, weights=values) / np.bincount(rounds)
    centred: FloatArray = values - means[rounds]
    return centred
