"""Problems whose scores do not fit into one matrix: what they may ask for, and how they lower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mentormatch.errors import TooLargeError, listed
from mentormatch.matching.case import Case, Constraint, Row, Step, set_aside
from mentormatch.matching.constraints import Apart, Demand, Load, Quota, ScoreFloor
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
from mentormatch.solvers.group_sums import sum_over
from mentormatch.solvers.groups import laminar
from mentormatch.solvers.program import Program
from mentormatch.solvers.source import Barred, NoMatrix, Source
from mentormatch.solvers.stages import Count, Stage

__all__ = ["barred", "no_matrix", "refuse", "refuse_lowered"]

OBJECTIVES = (MaximizeMatched, KeepClaims, MinimizeDefects, MaximizeTotal)
CONSTRAINTS = (ScoreFloor, Demand, Load, Quota, Apart)


def refuse(problem: Problem) -> None:
    """Raise one `TooLargeError` that names everything that needs all pairs at once."""
    needing = [
        repr(o) for o in problem.pursued
        if not isinstance(o, OBJECTIVES) or getattr(o, "within", None) is not None
    ]  # fmt: skip
    needing += [repr(c) for c in problem.constraints if not isinstance(c, CONSTRAINTS)]
    if needing:
        raise _needed(f"{listed(needing)} {'needs' if len(needing) == 1 else 'need'}", problem)


def refuse_lowered(
    problem: Problem, case: Case, program: Program, steps: Sequence[Step], rows: Sequence[Row]
) -> None:
    """Raise `TooLargeError` where the rows are no flow, or the objectives, in order, no one sum."""
    stages = [step.stage for step in steps]
    several = [repr(c) for c in problem.constraints if isinstance(c, Demand)]
    beside = f" beside {listed(several)}" if program.several and several else ""
    if program.rows:
        groups = laminar(program)
        assert program.source is not None
        if beside and program.source.lists() is None:
            named = dict.fromkeys(repr(row.constraint) for row in rows)
            raise _needed(f"{listed(named)}{beside} need", problem)
        if groups is None:
            crossing = _crossing(case, program, rows)
            together = " together" if len(crossing) > 1 else ""
            need = "needs" if len(crossing) == 1 else "need"
            raise _needed(f"{listed(map(repr, crossing))}{together} {need}", problem)
        known = sum_over(program, stages, groups) is not None
    else:
        known = fold(program, stages) is not None
        most = 0 if known or not beside else _most_each(program, stages)
        if most:
            raise _needed(f"{listed(several)} (above {most} mentors each) needs", problem)
    if not known:
        order = ", ".join(map(repr, problem.pursued))
        raise _needed(f"The objectives in the order {order}{beside} need", problem)


def _most_each(program: Program, stages: Sequence[Stage]) -> int:
    """Return up to how many mentors each the stages are one sum, 0 if for none."""
    for most in range(int(program.demand.max(initial=0)) - 1, 0, -1):
        fewer = [one for one in stages if not isinstance(one, Count) or one.slot <= most]
        if fold(replace(program, demand=np.minimum(program.demand, most)), fewer) is not None:
            return most
    return 0


def _crossing(case: Case, program: Program, rows: Sequence[Row]) -> list[Constraint]:
    """Return constraints whose groups cross one another, or seats or demands of others."""
    of: dict[int, tuple[Constraint, list[Row]]] = {}
    for row in rows:
        of.setdefault(id(row.constraint), (row.constraint, []))[1].append(row)
    alone = [
        constraint
        for constraint, own in of.values()
        if laminar(replace(program, rows=tuple(set_aside(row, case).side for row in own))) is None
    ]
    return alone or [constraint for constraint, _ in of.values()]


def _needed(what: str, problem: Problem) -> TooLargeError:
    return TooLargeError(
        f"{what} the scores of all pairs at once, {_size(problem.scores)}, which do not fit. "
        "Without them MaximizeMatched(), MinimizeDefects() and MaximizeTotal() are solved, in "
        "this order, with several mentors each, floors, rules and locks, and with loads of mentors "
        "and of sites and counted quotas whose groups do not cross. Leave the others out, match "
        "parts of the programme one by one, or give more memory='...'.",
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
