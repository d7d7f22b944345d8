"""Last season against hindsight: what matching as people arrived reached of the best possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter, listed
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.rosters.columns import FloatArray, IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores
from mentormatch.values import Public

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["IntakeReview", "intake_review"]


@dataclass(frozen=True, eq=False, repr=False)
class IntakeReview(Public):
    """A season of rolling intake, and the best that could have been had all been known.

    Attributes
    ----------
    reached : float
        Total of the season's pairs: score, less `wait_cost` for each week that the mentee waited.
    hindsight : Matching
        The best pairs of people whose stays overlap; its bound is proven.
    matched, weeks_waited : int, float
        The season's pairs, and the mean weeks that their mentees waited.
    missed : DataFrame
        One row per mentee who left without a mentor while an admissible seat was free: `mentee`,
        `mentor` (the best of them), `week` (the first in which that seat was free), `score`.
    """

    reached: float
    hindsight: Matching
    matched: int
    weeks_waited: float
    missed: pd.DataFrame

    @property
    def bound(self) -> float:
        """What no season could have exceeded."""
        return self.hindsight.stages[-1].bound

    @property
    def share(self) -> float:
        """The part of the hindsight optimum that was reached, from 0 to 1."""
        return self.reached / self.bound if self.bound > 0 else 1.0

    def __repr__(self) -> str:
        return (
            f"<IntakeReview: {self.share:.1%} of the hindsight optimum ({self.reached:,.3f} of "
            f"{self.bound:,.3f}), {self.matched:,} pairs against {len(self.hindsight):,}, waited "
            f"{self.weeks_waited:.1f} weeks, {len(self.missed):,} left while a seat was free>"
        )


@typed
def intake_review(arrivals: Any, scores: Scores, wait_cost: float = 0.01) -> IntakeReview:
    """Compare a season of rolling intake with the best that hindsight would have found.

    Parameters
    ----------
    arrivals
        Frame, one row per person: `person` (id, e-mail or name), `arrives` and `leaves` (first and
        last week she was there and waiting, numbers; a blank `leaves`: to the end), and for mentees
        who were matched `mentor` and `week` (when).
    scores
        Of everybody who was there in the season, mentors with their seats.
    wait_cost
        What a week of waiting counts, in units of score.

    Returns
    -------
    IntakeReview

    Raises
    ------
    ParameterError
        If columns are missing, somebody is unknown or has no row, or a pair was made while one of
        the two was not there; all named.

    Notes
    -----
    A seat that is taken stays taken. In hindsight a pair starts as soon as both are there, so that
    one assignment of the pairs whose stays overlap gives the best total: no policy, however clever,
    could have done better. It is a yardstick, not a goal: nobody knows who will arrive.
    """
    check_parameter(wait_cost >= 0, "wait_cost", "intake_review", "a number >= 0", wait_cost)
    stays, mentor_of, week_of = _read(arrivals, scores)
    (here, gone), (there, left) = stays
    start = np.maximum(here[:, None], there)
    overlap = (start <= np.minimum(gone[:, None], left)) & scores.admissible
    worth = np.where(overlap, scores.total - wait_cost * (start - here[:, None]), 0.0)
    best = Scores.from_matrix(
        np.clip(np.nan_to_num(worth), 0, 1), admissible=overlap, capacity=scores.mentors.capacity,
        mentees=scores.mentees, mentors=scores.mentors,
    )  # fmt: skip
    rows = np.flatnonzero(mentor_of >= 0)
    waited = week_of[rows] - here[rows]
    got = scores.total[rows, mentor_of[rows]] - wait_cost * waited
    return IntakeReview(
        reached=float(np.clip(got, 0, 1).sum()),
        hindsight=solve(Problem(best, objectives=[MaximizeTotal()])),
        matched=len(rows),
        weeks_waited=float(waited.mean()) if len(rows) else 0.0,
        missed=_missed(scores, stays, mentor_of, week_of),
    )


Stays = tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


def _read(arrivals: Any, scores: Scores) -> tuple[Stays, IntArray, FloatArray]:
    """Return who was there when, each mentee's mentor (-1: none) and the week of the pair."""
    needed = ["person", "arrives", "leaves", "mentor", "week"]
    lacking = [name for name in needed if name not in getattr(arrivals, "columns", ())]
    if lacking:
        raise ParameterError(
            f"The 'arrivals' parameter of intake_review must be a frame with the columns "
            f"{listed(needed)}. Missing: {listed(lacking)}."
        )
    rows = arrivals[needed].to_dict("records")
    wrong: list[str] = []
    mentees, mentors = (_stays(rows, side, wrong) for side in (scores.mentees, scores.mentors))
    sides = (scores.mentees, scores.mentors)
    wrong += [
        f"{row['person']} is on neither roster"
        for row in rows
        if max(side.find(str(row["person"])) for side in sides) < 0
    ]
    mentor_of = np.full(len(scores.mentees), -1, dtype=np.int64)
    week_of = np.full(len(scores.mentees), np.nan)
    for row in rows:
        i = scores.mentees.find(str(row["person"]))
        if i < 0 or row["mentor"] is None or row["mentor"] != row["mentor"]:
            continue
        j, week = scores.mentors.find(str(row["mentor"])), float(row["week"])
        if j < 0:
            wrong.append(f"no mentor is called {row['mentor']}")
        elif not max(mentees[0][i], mentors[0][j]) <= week <= min(mentees[1][i], mentors[1][j]):
            wrong.append(
                f"{row['person']} and {row['mentor']} were not both there in week {week:g}"
            )
        else:
            mentor_of[i], week_of[i] = j, week
    if wrong:
        raise ParameterError(f"intake_review: {listed(dict.fromkeys(wrong))}.")
    return (mentees, mentors), mentor_of, week_of


def _stays(
    rows: list[dict[str, Any]], people: Profiles, wrong: list[str]
) -> tuple[FloatArray, FloatArray]:
    first, last = np.full(len(people), np.nan), np.full(len(people), np.inf)
    for row in rows:
        if (place := people.find(str(row["person"]))) >= 0:
            first[place] = row["arrives"]
            last[place] = np.inf if row["leaves"] != row["leaves"] else row["leaves"]
    wrong += [
        f"{people.name(p)} has no week of arrival" for p in np.flatnonzero(np.isnan(first)).tolist()
    ]
    wrong += [
        f"{people.name(p)} leaves before arriving" for p in np.flatnonzero(last < first).tolist()
    ]
    return first, last


def _missed(
    scores: Scores, stays: Stays, mentor_of: IntArray, week_of: FloatArray
) -> pd.DataFrame:  # fmt: skip
    """Return who left with nobody while an admissible seat was free in a week of her stay."""
    import pandas as pd

    (here, gone), (there, left) = stays
    full = np.full(len(scores.mentors), np.inf)  # the week from whose end on there is no seat
    for j, seats in enumerate(scores.mentors.capacity.tolist()):
        weeks = np.sort(week_of[mentor_of == j])
        if seats <= len(weeks):
            full[j] = weeks[seats - 1] if seats else -np.inf
    told = []
    for i in np.flatnonzero(mentor_of < 0).tolist():
        start = np.maximum(here[i], there)
        # a seat taken in a week was somebody's in that week: free means until the week before
        points = scores.block([i])[0]
        free = (points >= 0) & (start <= np.minimum(gone[i], left)) & (start < full)
        if not free.any():
            continue
        j = int(np.argmax(np.where(free, points, -1)))
        told.append((scores.mentees.ids[i], scores.mentors.ids[j], start[j], scores.total[i, j]))
    return pd.DataFrame(told, columns=["mentee", "mentor", "week", "score"])
