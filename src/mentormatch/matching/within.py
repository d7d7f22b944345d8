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

__all__ = ["LeastTotal", "defects_of", "held_to", "without_bounded"]


@dataclass(frozen=True, repr=False)
class LeastTotal(Constraint):
    """The total score is at least so many points."""

    needed: int

    def rows(self, case: Case) -> Iterator[Row]:
        one = np.ones(case.n, dtype=np.int64), np.ones(case.m, dtype=np.int64)
        side = SideRow(*one, scored=True, least=self.needed)
        yield Row(f"a total score of at least {self.needed / MILLION:g}", self, side, MILLION)


def defects_of(problem: Problem) -> MinimizeDefects | None:
    """Return the objective that avoids defects, None if there is none or nothing to judge."""
    return next((o for o in problem.pursued if isinstance(o, MinimizeDefects)), None)


def without_bounded(problem: Problem) -> Problem | None:
    """Return the problem whose best total bounds what `MinimizeDefects` may take, if it does.

    The objectives before it, then the total.
    """
    objective = defects_of(problem)
    if objective is None or objective.within is None:
        return None
    first = problem.pursued[: problem.pursued.index(objective)]
    before = [o for o in first if not isinstance(o, MaximizeTotal)]
    return replace(problem, objectives=[*before, MaximizeTotal()])


def held_to(problem: Problem, best: int) -> Problem:
    """Return a problem that keeps all of a total (points) but the share that may be taken."""
    objective = defects_of(problem)
    assert objective is not None
    assert objective.within is not None
    least = ceil((1 - fraction_of(objective.within)) * best)
    return replace(problem, constraints=[*problem.constraints, LeastTotal(least)])
