"""The scores of the same rosters under other weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mentormatch.errors import ParameterError, listed
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.engine import add_to_rows, scored
from mentormatch.scoring.neutral import blank_points
from mentormatch.scoring.scores import Scores, mentee_weights

__all__ = ["reweighted"]


def reweighted(scores: Scores, criteria: Sequence[Criterion]) -> Scores:
    """Return the scores with other weights; rules, locks and neutral levels stay as they are.

    Parameters
    ----------
    criteria
        Those of `scores`, in their order, with other weights.

    Raises
    ------
    ParameterError
        If they are other criteria.

    Notes
    -----
    The same as `score` with ``levels=scores.levels``, without lowering criteria and rules again.
    Time O(n m criteria).
    """
    names = tuple(criterion.name for criterion in criteria)
    if names != scores.names:
        raise ParameterError(
            f"The 'criteria' parameter of reweighted must be {listed(scores.names)}. "
            f"Got {listed(names)}."
        )
    weights = mentee_weights(criteria, scores.mentees)
    neutral = scores.neutral
    made = scored(
        scores._lowered, weights, (), scores.shape, prior=scores.prior, neutral=neutral is not None
    )
    points = made.points
    if neutral is not None:
        more = blank_points(neutral.blank, weights, neutral.levels)
        add_to_rows(points, more.astype(np.int32))
    np.copyto(points, ~points, where=scores.points < 0)
    found = replace(scores, criteria=tuple(criteria), points=points)
    kept = ("_lowered", "_rules", "_silent", "defects")  # none of them depends on weights
    found.__dict__.update({name: scores.__dict__[name] for name in kept if name in scores.__dict__})
    return found
