"""Problems whose scores do not fit into one matrix: what they may ask for, and how they lower."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mentormatch.errors import TooLargeError, listed
from mentormatch.matching.case import Case, Step
from mentormatch.matching.constraints import Demand, Load, ScoreFloor
from mentormatch.matching.objectives import (
    KeepClaims,
    MaximizeMatched,
    MaximizeTotal,
    MinimizeDefects,
)
from mentormatch.matching.problem import Problem
from mentormatch.memory import said
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.fold import fold
from mentormatch.solvers.program import Program
from mentormatch.solvers.source import Barred, NoMatrix, Source

__all__ = ["barred", "no_matrix", "refuse", "refuse_order"]

OBJECTIVES = (MaximizeMatched, KeepClaims, MinimizeDefects, MaximizeTotal)


def refuse(problem: Problem) -> None:
    """Raise one `TooLargeError` that names everything that needs all pairs at once."""
    needing = [
        repr(o) for o in problem.pursued
        if not isinstance(o, OBJECTIVES) or getattr(o, "within", None) is not None
    ]  # fmt: skip
    for constraint in problem.constraints:
        one_by_one = isinstance(constraint, ScoreFloor | Demand | Load)
        if constraint.is_rows or not one_by_one:
            needing.append(repr(constraint))
    if needing:
        raise _needed(f"{listed(needing)} {'needs' if len(needing) == 1 else 'need'}", problem)


def refuse_order(problem: Problem, program: Program, steps: Sequence[Step]) -> None:
    """Raise `TooLargeError` where the objectives, in their order, are no one sum."""
    if fold(program, [step.stage for step in steps]) is None:
        order = ", ".join(map(repr, problem.pursued))
        several = [repr(c) for c in problem.constraints if isinstance(c, Demand)]
        beside = f" beside {listed(several)}" if program.several and several else ""
        raise _needed(f"The objectives in the order {order}{beside} need", problem)


def _needed(what: str, problem: Problem) -> TooLargeError:
    return TooLargeError(
        f"{what} the scores of all pairs at once, {_size(problem.scores)}, which do not fit. "
        "Without them MaximizeMatched(), MinimizeDefects() and MaximizeTotal() are solved, in "
        "this order, with loads and floors of single people, several mentors each, rules and "
        "locks. Leave the others out, match parts of the programme one by one, or give more "
        "memory='...'.",
        4 * problem.scores.size,
    )


def _size(scores: Scores) -> str:
    return said(4 * scores.size)


def no_matrix(scores: Scores) -> npt.NDArray[np.int32]:
    """Return what stands for the matrix of points: it refuses to be read, in words."""
    error = scores.too_large("This")
    refused: object = NoMatrix(str(error), error.needed, error.limit)
    return refused  # type: ignore[return-value]


def barred(case: Case, problem: Problem, source: Source, done: npt.NDArray[np.bool_]) -> Source:
    """Return the pairs of a source that may still be chosen.

    Without locked pairs, those below a floor, and those of mentees who want nobody (else).
    """
    n, m = source.shape
    floors = [c.needed(case.mentees) for c in problem.constraints if isinstance(c, ScoreFloor)]
    least = np.maximum.reduce(floors) if floors else np.zeros(n, dtype=np.int64)
    rows, columns = case.held
    if not (rows.size or floors or done.any()):
        return source
    return Barred(source, np.unique(rows * m + columns), done, least)
