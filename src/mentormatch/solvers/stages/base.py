"""What a stage of a lexicographic problem is: a value for given pairs, a bound, and two ways to it.

A stage evaluates pairs by its own definition, and whatever a solver reports goes through that: no
value is ever taken from a solver's word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.program import Pairs, Program
from mentormatch.solvers.stages.runs import FlowRun, RowRun

__all__ = ["Exact", "Incumbent", "Stage", "Vector"]

Ints: TypeAlias = NDArray[np.int64]
Exact: TypeAlias = int | Fraction
Vector: TypeAlias = tuple[Exact, ...]


@dataclass(frozen=True, eq=False)
class Stage:
    """One objective, in integers. What locked pairs contribute is part of every value."""

    minimises: ClassVar[bool] = False

    def flows(self, program: Program) -> bool:
        """Whether it can be optimised on one flow, for one mentor each."""
        return False

    def value(self, program: Program, pairs: Pairs) -> Exact:
        """Return what these pairs are worth, in the stage's own unit, exactly."""
        raise NotImplementedError

    def vector(self, program: Program, pairs: Pairs) -> Vector:
        """Return everything that the stage compares, most important first, the greatest best."""
        value = self.value(program, pairs)
        return (-value if self.minimises else value,)

    def ceiling(self, program: Program) -> float:
        """Return what no pairs exceed (undercut, where the stage minimises), without solving."""
        raise NotImplementedError

    def aside(self, program: Program, pairs: Pairs) -> int:
        """Return what a value counts that is not reported: it steers the choice only."""
        return 0

    def reached(self, run: RowRun) -> Exact:
        """Return what the best pairs that a run knows are worth."""
        return self.value(run.original, run.known)

    def by_flow(self, run: FlowRun, last: bool) -> Exact:
        """Narrow a flow to the best of this stage; return the bound that was proven."""
        raise NotImplementedError(f"{type(self).__name__} is no flow")

    def by_rows(self, run: RowRun) -> float:
        """Optimise by linear and integer programming; return the bound that was proven."""
        raise NotImplementedError


class Incumbent:
    """The best pairs known, by the stages in order; only pairs that satisfy everything count."""

    def __init__(self, program: Program, stages: Sequence[Stage]) -> None:
        self.program, self.stages = program, tuple(stages)
        self.pairs: Pairs | None = None
        self.rank: tuple[Vector, ...] = ()

    def ranked(self, pairs: Pairs) -> tuple[Vector, ...]:
        """Return what is compared, stage by stage."""
        return tuple(stage.vector(self.program, pairs) for stage in self.stages)

    def offer(self, pairs: Pairs | None, *, last: bool = False) -> bool:
        """Keep these pairs if they satisfy the programme and are the best so far.

        Among equals the earlier pairs stay, except against the `last`, where ties are decided.
        """
        if pairs is None or not self.program.holds(*pairs):
            return False
        rank = self.ranked(pairs)
        if self.pairs is not None and (rank < self.rank or (rank == self.rank and not last)):
            return False
        self.pairs, self.rank = pairs, rank
        return True

    def values(self) -> tuple[Exact, ...]:
        """Return the value of every stage."""
        assert self.pairs is not None
        return tuple(stage.value(self.program, self.pairs) for stage in self.stages)


def gained(points: NDArray[np.int32], pairs: Pairs) -> Ints:
    """Return int64: points of these pairs."""
    amount: Ints = points[pairs].astype(np.int64)
    return amount


def best_sums(points: NDArray[np.int32], demand: Ints) -> Ints:
    """Return int64 (n,): the most points that each mentee could have, seats aside."""
    n, m = points.shape
    most = min(int(demand.max(initial=0)), m)
    if most == 0 or n == 0:
        return np.zeros(n, dtype=np.int64)
    value: Any = np.maximum(points, 0)
    if most == 1:
        best = value.max(axis=1)[:, None]
    else:
        best = -np.sort(np.partition(-value, most - 1, axis=1)[:, :most], axis=1)
    sums: Ints = (best.astype(np.int64) * (np.arange(most) < demand[:, None])).sum(axis=1)
    return sums
