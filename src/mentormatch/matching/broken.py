"""What a matching breaks: rules, locks, seats, demands, floors and constraints, each with its why.

Nothing, for what `solve` found. For pairs that somebody handed in, it is what to look at first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.matching.case import Row
from mentormatch.matching.constraints import ScoreFloor, single_loads
from mentormatch.matching.lowering import MILLION, asked_of, case_of, labelled_rows
from mentormatch.matching.problem import Problem
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.engine import plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["broken", "unkept"]

COLUMNS = ("kind", "mentee", "mentor", "reason")
Entry = tuple[str, str | None, str | None, str]


def broken(problem: Problem, pairs: tuple[IntArray, IntArray]) -> pd.DataFrame:
    """Return one row per thing that these pairs break.

    Parameters
    ----------
    problem
        n mentees, m mentors.
    pairs
        Positions of the matched pairs.

    Returns
    -------
    DataFrame
        `kind` ("rule", "lock", "seats", "demand", "floor" or "constraint"), `mentee`, `mentor`
        (ids, missing where it is about neither), `reason`.
    """
    import pandas as pd

    found = [
        *_rules(problem, pairs), *_locks(problem, pairs), *_loads(problem, pairs),
        *_demands(problem, pairs), *_floors(problem, pairs), *_rows(problem, pairs),
    ]  # fmt: skip
    return pd.DataFrame(found, columns=list(COLUMNS), dtype=object)


def _rules(problem: Problem, pairs: tuple[IntArray, IntArray]) -> Iterator[Entry]:
    scores = problem.scores
    for i, j in _where(scores.at(*pairs) < 0, pairs):
        for reason in scores.why_inadmissible(i, j):
            yield "rule", scores.mentees.ids[i], scores.mentors.ids[j], reason


def _where(mask: Any, pairs: tuple[IntArray, IntArray]) -> Iterator[tuple[int, int]]:
    yield from zip(pairs[0][mask].tolist(), pairs[1][mask].tolist(), strict=True)


def _locks(problem: Problem, pairs: tuple[IntArray, IntArray]) -> Iterator[Entry]:
    scores = problem.scores
    held = set(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))
    for i, j in scores.locks.tolist():
        if (i, j) not in held:
            reason = "the pair is locked and not matched"
            yield "lock", scores.mentees.ids[i], scores.mentors.ids[j], reason


def _loads(problem: Problem, pairs: tuple[IntArray, IntArray]) -> Iterator[Entry]:
    scores = problem.scores
    mentors = scores.mentors
    load = np.bincount(pairs[1], minlength=len(mentors))
    for j in np.flatnonzero(load > mentors.capacity).tolist():
        yield "seats", None, mentors.ids[j], f"{load[j]} mentees, seats: {mentors.capacity[j]}"
    least, most, _ = single_loads(scores, problem.constraints)
    for j in np.flatnonzero((load < least) | (load > np.minimum(most, load))).tolist():
        if load[j] < least[j]:
            yield "constraint", None, mentors.ids[j], f"{load[j]} mentees, Load(least={least[j]})"
        elif most[j] < mentors.capacity[j]:
            yield "constraint", None, mentors.ids[j], f"{load[j]} mentees, Load(most={most[j]})"


def _demands(problem: Problem, pairs: tuple[IntArray, IntArray]) -> Iterator[Entry]:
    mentees = problem.scores.mentees
    had = np.bincount(pairs[0], minlength=len(mentees))
    asked = asked_of(problem)
    for i in np.flatnonzero(had > asked).tolist():
        yield "demand", mentees.ids[i], None, f"{had[i]} mentors, and at most {asked[i]} asked for"


def _floors(problem: Problem, pairs: tuple[IntArray, IntArray]) -> Iterator[Entry]:
    scores = problem.scores
    points = plain(scores.at(*pairs))
    for constraint in problem.constraints:
        if isinstance(constraint, ScoreFloor):
            least = constraint.needed(scores.mentees)[pairs[0]]
            for i, j in _where(points < least, pairs):
                reason = (
                    f"scores {int(plain(scores.at(i, j))[0]) / MILLION:.3f}, below "
                    f"{int(least[pairs[0] == i][0]) / MILLION:g} of ScoreFloor"
                )
                yield "floor", scores.mentees.ids[i], scores.mentors.ids[j], reason


def _rows(problem: Problem, pairs: tuple[IntArray, IntArray]) -> Iterator[Entry]:
    for row in unkept(problem, pairs):
        yield "constraint", None, None, f"{row.label} is not kept"


def unkept(problem: Problem, pairs: tuple[IntArray, IntArray]) -> Iterator[Row]:
    """Yield the rows of constraints that these pairs do not keep."""
    case = case_of(problem.scores, asked_of(problem))
    points = plain(problem.scores.at(*pairs))
    for row in labelled_rows(case, problem):
        if not row.side.holds(*pairs, points):
            yield row
