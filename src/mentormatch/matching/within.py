"""What an objective may take of the total at most, as one row more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from mentormatch.matching.case import Case, Constraint, Row, fraction_of
from mentormatch.matching.constraints import MILLION
from mentormatch.matching.objectives import MaximizeTotal, MinimizeDefects
from mentormatch.matching.problem import Problem
from mentormatch.solvers.program import SideRow

__all__ = ["LeastTotal", "held_to", "without_bounded"]


@dataclass(frozen=True)
class LeastTotal(Constraint):
    """The total score is at least so many points."""

    points: int

    def rows(self, case: Case) -> Iterator[Row]:
        one = np.ones(case.n, dtype=np.int64), np.ones(case.m, dtype=np.int64)
        side = SideRow(*one, scored=True, least=self.points)
        yield Row(f"a total score of at least {self.points / MILLION:g}", self, side, MILLION)


def without_bounded(problem: Problem) -> Problem | None:
    """Return the problem whose best total bounds what `MinimizeDefects` may take, if it does.

    The objectives before it, then the total.
    """
    for at, objective in enumerate(problem.pursued):
        if isinstance(objective, MinimizeDefects) and objective.within is not None:
            before = [o for o in problem.pursued[:at] if not isinstance(o, MaximizeTotal)]
            return replace(problem, objectives=[*before, MaximizeTotal()])
    return None


def held_to(problem: Problem, best: int) -> Problem:
    """Return a problem that keeps all of a total (points) but the share that may be taken."""
    (within,) = (
        o.within for o in problem.pursued if isinstance(o, MinimizeDefects) and o.within is not None
    )
    least = ceil((1 - fraction_of(within)) * best)
    return replace(problem, constraints=[*problem.constraints, LeastTotal(least)])
