"""Stages for the worst-off: the worst mentee, and the worst mean of a group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.program import Pairs, Program, SideRow
from mentormatch.solvers.stages.base import Exact, Ints, Stage, best_sums, gained
from mentormatch.solvers.stages.runs import FlowRun, RowRun

__all__ = ["Outcomes", "Worst", "WorstPair"]

DUST = 3
"""Points that HiGHS's tolerance may hide in a floor."""
MOST_SUMS = 200_000
"""So many sums of points are tried one by one."""


@dataclass(frozen=True, eq=False)
class WorstPair(Stage):
    """Maximise the least sum of points of a mentee.

    everybody : bool, the unmatched count as 0; else they are passed over.
    had : int64 (n,), points a mentee has by locks, -1 where none.
    """

    everybody: bool
    had: Ints

    def flows(self, program: Program) -> bool:
        return True

    def value(self, program: Program, pairs: Pairs) -> Exact:
        sums = np.maximum(self.had, 0)
        np.add.at(sums, pairs[0], gained(program.points, pairs))
        shown = self.everybody | (self.had >= 0)
        shown[pairs[0]] = True
        return int(sums[shown].min()) if shown.any() else 0

    def ceiling(self, program: Program) -> float:
        """Everybody at her own best mentors; where nobody must be matched, the best-off of all."""
        sums = best_sums(program.points, program.demand) + np.maximum(self.had, 0)
        held = sums[self.had >= 0]
        if self.everybody:
            return float(sums.min(initial=np.iinfo(np.int64).max)) if sums.size else 0.0
        return float(held.min()) if held.size else float(sums.max(initial=0))

    def by_flow(self, run: FlowRun, last: bool) -> Exact:
        run.begin()
        reached = run.raise_worst(self.had, self.everybody, self.ceiling(run.program))
        if last:
            run.settle_ties()
        return reached

    def by_rows(self, run: RowRun) -> float:
        """Bisect on the floor: for each, is there an answer without anybody below it?"""
        base = run.program
        run.feasible()
        if self.everybody:
            everybody = base.with_rows(*self._all_matched(run))
            if not run.reaches(everybody):
                return 0.0 if run.proven else self.ceiling(run.original)
            base = everybody
        if not self.everybody and not run.anybody and not (self.had >= 0).any():
            return 0.0 if run.closed else self.ceiling(run.original)  # there is no worst
        return float(self._bisect(run, base, int(self.reached(run))))

    def _bisect(self, run: RowRun, base: Program, low: int) -> int:
        high, doubt = int(self.ceiling(run.original)), low
        while low < high:
            middle = (low + high + 1) // 2
            tried, proven = run.tries(self._floored(run, base, middle))
            value = -1 if tried is None else self._of(run, tried)
            if tried is not None and value < middle:
                # slots of 0.999999 passed HiGHS's tolerance: ask for a little more than is needed
                tried, proven = run.tries(self._floored(run, base, middle + DUST))
                value = -1 if tried is None else self._of(run, tried)
                if value < middle and proven:
                    if self._achievable(run.program, middle, middle + DUST):
                        doubt = max(doubt, middle + DUST)
                    high = middle - 1
                    continue
            if value >= middle:
                low = value
            else:
                if not proven:
                    doubt = max(doubt, high)
                high = middle - 1
        if low > 0 or not self.everybody:  # at 0, being unmatched is no worse
            run.program = self._floored(run, base, low)
        return max(low, doubt)

    def _of(self, run: RowRun, pairs: Pairs) -> int:
        return int(self.value(run.original, pairs))

    def _achievable(self, program: Program, low: int, high: int) -> bool:
        """Tell whether anybody's mentors can add up to points in [low, high)."""
        points, demand = program.points, program.demand
        most = int(demand.max(initial=0))
        if points.shape[0] * comb(points.shape[1] + most, most) > MOST_SUMS:
            return True
        for i, count in enumerate(demand.tolist()):
            usable = points[i][points[i] >= 0].tolist()
            had = int(max(self.had[i], 0))
            for k in range(1, count + 1):
                if any(low <= had + sum(chosen) < high for chosen in combinations(usable, k)):
                    return True
        return False

    def _all_matched(self, run: RowRun) -> list[SideRow]:
        open_ = (self.had < 0).astype(np.int64)
        if not run.program.several:
            return [SideRow(open_, run.ones(1), least=int(open_.sum()))]
        return [
            SideRow((np.arange(self.had.size) == i).astype(np.int64), run.ones(1), least=1)
            for i in np.flatnonzero(open_)
        ]

    def _floored(self, run: RowRun, base: Program, floor: int) -> Program:
        """The programme without anybody matched whose points are below the floor."""
        if not base.several and not ((self.had >= 0) & (base.demand > 0)).any():
            low = (base.points >= 0) & (base.points < floor)
            return replace(base, points=np.where(low, ~base.points, base.points))
        slots = run.first_slots()
        rows = []
        for i in range(self.had.size):
            one = (np.arange(self.had.size) == i).astype(np.int64)
            have = int(max(self.had[i], 0))
            if self.everybody or self.had[i] >= 0:
                rows.append(SideRow(one, run.ones(1), scored=True, least=floor - have))
                continue
            slot = int(slots[i])  # her first slot's variable is 1 exactly if she is matched
            if slot >= 0:
                extra = ((slot, -float(floor)),)
                rows.append(SideRow(one, run.ones(1), scored=True, least=0, extra=extra))
        return base.with_rows(*rows)


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Means to compare: (points summed over mentee group x mentor group + offset) / size."""

    mentee: Ints  # (r, n) 0 or 1
    mentor: Ints  # (r, m) 0 or 1
    size: Ints
    offset: Ints

    def sums(self, points: NDArray[np.int32], pairs: Pairs) -> list[int]:
        inside = self.mentee[:, pairs[0]] * self.mentor[:, pairs[1]]
        return [int(value) for value in inside @ gained(points, pairs) + self.offset]

    def means(self, points: NDArray[np.int32], pairs: Pairs) -> list[Fraction]:
        sums = self.sums(points, pairs)
        return [Fraction(total, int(size)) for total, size in zip(sums, self.size, strict=True)]

    def ceilings(self, program: Program) -> list[Fraction]:
        """Return what each mean could be if all of its group had their own best mentors."""
        best = best_sums(program.points, program.demand)
        sums = self.mentee @ best + self.offset
        return [Fraction(int(s), int(size)) for s, size in zip(sums, self.size, strict=True)]

    def at_least(self, value: Fraction) -> list[SideRow]:
        """Return rows that keep every outcome at a level or above."""
        return [
            SideRow(
                self.mentee[g] * value.denominator, self.mentor[g], scored=True,
                least=value.numerator * int(self.size[g])
                - value.denominator * int(self.offset[g]),
            )
            for g in range(self.size.size)
        ]  # fmt: skip

    def leveled(self, program: Program, top: float) -> tuple[Program, int]:
        """Return the programme with a variable that no outcome is below, and its position."""
        t = len(program.extra_low)
        rows = [
            SideRow(
                self.mentee[g], self.mentor[g], scored=True, least=-float(self.offset[g]),
                extra=((t, -float(self.size[g])),),
            )
            for g in range(self.size.size)
        ]  # fmt: skip
        return program.with_extra([0.0], [top]).with_rows(*rows), t


@dataclass(frozen=True, eq=False)
class Worst(Stage):
    """Maximise the least of the outcomes; of none, it is 0."""

    outcomes: Outcomes

    def value(self, program: Program, pairs: Pairs) -> Exact:
        return min(self.outcomes.means(program.points, pairs), default=Fraction(0))

    def ceiling(self, program: Program) -> float:
        return float(min(self.outcomes.ceilings(program), default=Fraction(0)))

    def by_rows(self, run: RowRun) -> float:
        o = self.outcomes
        if o.size.size == 0:
            return 0.0
        if run.large and (bound := run.worst_by_bound(self)) is not None:
            return bound
        leveled, t = o.leveled(run.program, self.ceiling(run.original) * 2 + 1)
        extra = np.zeros(t + 1)
        extra[t] = 1.0
        answer = run.maximize(None, extra, leveled)
        value = self.reached(run)
        run.hold(*o.at_least(Fraction(value)))
        # proven: what is left is floating-point dust
        return float(value) if run.exact(answer) else float(answer.bound)
