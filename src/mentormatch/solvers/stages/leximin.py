"""Leximin: the worst, then the second worst, and so on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.program import Pairs, Program, SideRow, places_of
from mentormatch.solvers.stages.base import Exact, Ints, Stage, Vector, gained
from mentormatch.solvers.stages.runs import FlowRun, RowRun
from mentormatch.solvers.stages.worst import Outcomes, WorstPair

__all__ = ["Sorted"]

HIDDEN = 1e-3
"""Part of a point that HiGHS's tolerance may take off a sum of the smallest outcomes."""


@dataclass(frozen=True, eq=False)
class Sorted(Stage):
    """Leximin over outcomes, or over the mentees' points where `outcomes` is None.

    had : int64 (n,), points a mentee has by locks, -1 where none.
    everybody : bool, whether the reported worst may be an unmatched one, at 0. The best pairs are
        the same either way.
    """

    outcomes: Outcomes | None = None
    had: Ints | None = None
    everybody: bool = False

    def flows(self, program: Program) -> bool:
        return self.outcomes is None

    def sums(self, program: Program, pairs: Pairs) -> Ints:
        """Return int64 (n,): points of every mentee."""
        assert self.had is not None
        sums = np.maximum(self.had, 0)
        np.add.at(sums, pairs[0], gained(program.points, pairs))
        return sums

    def value(self, program: Program, pairs: Pairs) -> Exact:
        if self.outcomes is not None:
            return min(self.outcomes.means(program.points, pairs), default=Fraction(0))
        assert self.had is not None
        return WorstPair(self.everybody, self.had).value(program, pairs)

    def vector(self, program: Program, pairs: Pairs) -> Vector:
        if self.outcomes is not None:
            return tuple(sorted(self.outcomes.means(program.points, pairs)))
        return tuple(np.sort(self.sums(program, pairs)).tolist())

    def ceiling(self, program: Program) -> float:
        if self.outcomes is not None:
            return float(min(self.outcomes.ceilings(program), default=Fraction(0)))
        assert self.had is not None
        return WorstPair(self.everybody, self.had).ceiling(program)

    def by_flow(self, run: FlowRun, last: bool) -> Exact:
        run.maximise((run.allowed > 0).astype(np.int32), None, False, aside=True)
        run.raise_sorted(self.ceiling(run.program))
        if last:
            run.settle_ties()
        return self.value(run.program, run.pairs)

    def by_rows(self, run: RowRun) -> float:
        if self.outcomes is not None:
            return self._outcomes(run, self.outcomes)
        had = self.had
        assert had is not None
        program = run.program
        if program.several or ((had >= 0) & (program.demand > 0)).any():
            n, m = program.shape
            each = Outcomes(
                np.eye(n, dtype=np.int64), np.ones((n, m), dtype=np.int64), run.ones(0),
                np.maximum(had, 0),
            )  # fmt: skip
            return max(self._outcomes(run, each), float(self.reached(run)))
        return self._pairs(run)

    def _outcomes(self, run: RowRun, o: Outcomes) -> float:
        """Maximise the sum of the k smallest outcomes for k = 1, 2, ... (Ogryczak's levels)."""
        count = o.size.size
        if count == 0:
            return 0.0
        points = run.program.points
        top = 2 * (float(points.max(initial=0)) * points.shape[0] + float(o.offset.max(initial=0)))
        first = np.inf
        for k in range(1, count + 1):
            t = len(run.program.extra_low)
            rows = [
                SideRow(
                    o.mentee[g], o.mentor[g], scored=True, least=-float(o.offset[g]),
                    extra=((t, -float(o.size[g])), (t + 1 + g, float(o.size[g]))),
                )
                for g in range(count)
            ]  # fmt: skip
            leveled = run.program.with_extra([0.0] * (count + 1), [top] * (count + 1))
            run.program = leveled.with_rows(*rows)
            extra = np.zeros(t + 1 + count)
            extra[t] = k
            extra[t + 1 :] = -1
            answer = run.maximize(None, extra)
            smallest = sorted(o.means(run.original.points, run.known))
            value = float(sum(smallest[:k], Fraction(0)))
            entries = ((t, float(k)), *((t + 1 + g, -1.0) for g in range(count)))
            run.hold(SideRow(0 * run.ones(0), run.ones(1), least=value - HIDDEN, extra=entries))
            if k == 1:
                first = value if run.exact(answer) else max(answer.bound, value)
        return first

    def _pairs(self, run: RowRun) -> float:
        """Per level from the worst up: how high can the next one be, how few need be there."""
        points = run.program.points
        worth = (points > 0).astype(np.int64)
        run.maximize(worth)  # nobody at 0 who need not be: the unmatched are
        zero = places_of(points > 0)
        positive = int((gained(run.original.points, run.known) > 0).sum())
        run.hold(SideRow(least=positive, pairs=zero))
        done = 0
        levels = np.unique(points[points > 0])
        while (level := self._next_level(run, levels[levels > done], done)) is not None:
            points = np.where((points > done) & (points < level), ~points, points)
            run.program = replace(run.program, points=points)
            at_level = places_of(points == level)
            value = np.zeros(points.shape, dtype=np.int64)
            value[at_level] = -1
            run.maximize(value)
            here = int((gained(run.original.points, run.known) == level).sum())
            run.hold(SideRow(most=here, pairs=at_level))
            done = level
        return float(self.reached(run)) if run.proven else self.ceiling(run.original)

    def _next_level(self, run: RowRun, levels: NDArray[np.int32], done: int) -> int | None:
        """Return the highest level below which (and above `done`) nobody need be."""
        points = run.program.points

        def works(level: int | None) -> bool:
            barred = (points > done) if level is None else (points > done) & (points < level)
            trial = replace(run.program, points=np.where(barred, ~points, points))
            return run.reaches(trial)

        if works(None):
            return None
        low, high = 0, levels.size - 1  # levels[0] works: nothing is forbidden
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if works(int(levels[middle])) else (low, middle - 1)
        return int(levels[low]) if levels.size else None
