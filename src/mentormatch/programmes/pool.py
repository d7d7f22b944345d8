"""One pool of people who are matched with one another: both rosters of the scores are the same."""

from __future__ import annotations

import numpy as np

from mentormatch.errors import ParameterError, listed
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.engine import PointsArray
from mentormatch.scoring.mutual import Mutual, mutual_points
from mentormatch.scoring.scores import Scores

__all__ = ["columns_of", "is_pool", "pool_points"]


def is_pool(scores: Scores) -> bool:
    """Tell whether both rosters are the same people."""
    return len(scores.mentees) == len(scores.mentors) and (
        scores.mentees.ids == scores.mentors.ids
        or set(scores.mentees.ids) == set(scores.mentors.ids)
    )


def columns_of(scores: Scores, owner: str) -> IntArray:
    """Return int64 (n,): where each person of the mentees' roster stands on the mentors'.

    Raises
    ------
    ParameterError
        If somebody is on one roster only; names everybody.
    """
    strangers = sorted(set(scores.mentees.ids) ^ set(scores.mentors.ids))
    if strangers:
        raise ParameterError(
            f"{owner} matches one pool of people with one another: score one roster against itself "
            f"with score(people, people). On one of the two rosters only: {listed(strangers)}."
        )
    at = {person: place for place, person in enumerate(scores.mentors.ids)}
    return np.array([at[person] for person in scores.mentees.ids], dtype=np.int64)


def pool_points(scores: Scores, mutual: Mutual, owner: str) -> PointsArray:
    """Return int32 (n, n), symmetric: what two people are worth to each other.

    Negative where inadmissible in either direction, and on the diagonal. People stand as on the
    mentees' roster.

    Raises
    ------
    ParameterError
        If somebody is on one roster only; names everybody.
    """
    points = scores.matrix(owner)[:, columns_of(scores, owner)]
    both = mutual_points(points, points, mutual)
    own = both.diagonal()
    np.fill_diagonal(both, np.where(own < 0, own, ~own))
    return both
