"""Stages that count: mentees with a first, second, ... mentor, pairs kept, seats used, defects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.endings import OutOfTime
from mentormatch.solvers.program import Pairs, Program, SideRow, places_of
from mentormatch.solvers.source import Costs
from mentormatch.solvers.stages.base import Exact, Ints, Stage
from mentormatch.solvers.stages.runs import FlowRun, RowRun

__all__ = ["Count", "Fewest", "Filled", "Kept"]


@dataclass(frozen=True, eq=False)
class Count(Stage):
    """Maximise the weight of the mentees who get their `slot`-th mentor.

    weight : int64 (n,), 0 or more;  had : int64 (n,), mentors a mentee has by locks.
    """

    weight: Ints
    had: Ints
    slot: int = 1

    def flows(self, program: Program) -> bool:
        return self.slot == 1

    @property
    def offset(self) -> int:
        """What locks contribute."""
        return int(self.weight[self.had >= self.slot].sum())

    @property
    def fresh(self) -> Ints:
        """int64 (n,): weight of those whom a pair to come would bring to this slot."""
        return np.where(self.had >= self.slot, 0, self.weight)

    def value(self, program: Program, pairs: Pairs) -> Exact:
        got = np.bincount(pairs[0], minlength=self.had.size) + self.had
        return int(self.weight[got >= self.slot].sum())

    def ceiling(self, program: Program) -> float:
        open_ = program.options()
        can = self.had + np.minimum(program.demand, open_) >= self.slot
        fresh = np.sort(self.fresh[can & (open_ > 0)])[::-1]  # one seat each at least
        return float(fresh[: int(program.capacity.sum())].sum()) + self.offset

    def by_flow(self, run: FlowRun, last: bool) -> Exact:
        weight = self.fresh
        if not last and (weight[self.had < 1] == 1).all() and run.count_matched():
            return run.matched + self.offset
        return run.maximise(run.nothing, weight, last) + self.offset

    def by_rows(self, run: RowRun) -> float:
        program = run.program
        ones = run.ones(1)
        if not program.several and not self.had.any():
            weight = np.where(program.demand > 0, self.weight, 0)
            value = np.ascontiguousarray(np.broadcast_to(weight[:, None], program.shape))
            bound = run.count_by_bound(weight, value) if run.large else None
            if bound is None:
                answer = run.maximize(value)
                bound = float(np.floor(answer.bound + 1e-6))
            run.hold(SideRow(weight, ones, least=float(self.reached(run)) - self.offset))
            return bound + self.offset
        variable = run.slot_variables(self.had).get(self.slot)
        if variable is None:
            return float(self.offset)
        extra = np.zeros(len(run.program.extra_low))
        there = variable >= 0
        extra[variable[there]] = self.weight[there]
        answer = run.maximize(None, extra)
        entries = tuple(
            (int(v), float(w))
            for v, w in zip(variable.tolist(), self.weight.tolist(), strict=True)
            if v >= 0 and w
        )
        least = float(self.reached(run)) - self.offset
        run.hold(SideRow(0 * run.ones(0), ones, least=least, extra=entries))
        return float(np.floor(answer.bound + 1e-6)) + self.offset


@dataclass(frozen=True, eq=False)
class Kept(Stage):
    """Maximise how many of the listed pairs are chosen, or what they are worth together.

    worth : int64 (pairs,), above 0; None: 1 each.
    """

    pairs: Pairs
    offset: int = 0
    worth: Ints | None = None

    def flows(self, program: Program) -> bool:
        return True

    def values(self, shape: tuple[int, int]) -> Ints:
        """Return int64 (n, m): what each pair adds."""
        value = np.zeros(shape, dtype=np.int64)
        value[self.pairs] = 1 if self.worth is None else self.worth
        return value

    def value(self, program: Program, pairs: Pairs) -> Exact:
        m = program.shape[1]
        keys, listed = pairs[0] * m + pairs[1], self.pairs[0] * m + self.pairs[1]
        if self.worth is None:
            return int(np.isin(keys, listed).sum()) + self.offset
        return int(self.worth[np.isin(listed, keys)].sum()) + self.offset

    def ceiling(self, program: Program) -> float:
        worth = 1 if self.worth is None else self.worth
        return float((program.open()[self.pairs] * worth).sum() + self.offset)

    def by_flow(self, run: FlowRun, last: bool) -> Exact:
        value = self.values(run.program.shape).astype(np.int32)
        return run.maximise(value, None, last) + self.offset

    def by_rows(self, run: RowRun) -> float:
        answer = run.maximize(self.values(run.program.shape))
        least = float(self.reached(run)) - self.offset
        if self.worth is None:
            run.hold(SideRow(least=least, pairs=self.pairs))
        else:
            self._hold(run, self.worth, least)
        return float(np.floor(answer.bound + 1e-6)) + self.offset

    def _hold(self, run: RowRun, worth: Ints, least: float) -> None:
        """Hold what was reached: one variable for how many pairs of each worth are chosen."""
        start = len(run.program.extra_low)
        levels, level = np.unique(worth, return_inverse=True)
        alike = [tuple(side[level == k] for side in self.pairs) for k in range(levels.size)]
        sizes = [float(pairs[0].size) for pairs in alike]
        run.program = run.program.with_extra([0.0] * levels.size, sizes)
        for k, (rows, columns) in enumerate(alike):
            counted = ((start + k, -1.0),)
            run.hold(SideRow(pairs=(rows, columns), least=0, most=0, extra=counted))
        entries = tuple((start + k, float(value)) for k, value in enumerate(levels))
        run.hold(SideRow(0 * run.ones(0), run.ones(1), least=least, extra=entries))


@dataclass(frozen=True, eq=False)
class Filled(Stage):
    """Maximise how many reserved seats their group uses: sum of min(seats, used)."""

    mentee: Ints  # (r, n) 0 or 1
    mentor: Ints  # (r, m)
    seats: Ints
    had: Ints

    def value(self, program: Program, pairs: Pairs) -> Exact:
        used = (self.mentee[:, pairs[0]] * self.mentor[:, pairs[1]]).sum(axis=1)
        return int(np.minimum(used + self.had, self.seats).sum())

    def ceiling(self, program: Program) -> float:
        return float(self.seats.sum())

    def by_rows(self, run: RowRun) -> float:
        start, count = len(run.program.extra_low), self.seats.size
        rows = [
            SideRow(
                self.mentee[r], self.mentor[r], least=-float(self.had[r]),
                extra=((start + r, -1.0),),
            )
            for r in range(count)
        ]  # fmt: skip
        seats = [float(s) for s in self.seats]
        leveled = run.program.with_extra([0.0] * count, seats).with_rows(*rows)
        extra = np.zeros(start + count)
        extra[start:] = 1
        answer = run.maximize(None, extra, leveled)
        run.program = leveled
        run.hold(
            SideRow(
                0 * run.ones(0), run.ones(1), least=float(self.reached(run)),
                extra=tuple((start + r, 1.0) for r in range(count)),
            )
        )  # fmt: skip
        return float(np.floor(answer.bound + 1e-6))


@dataclass(frozen=True, eq=False)
class Fewest(Stage):
    """Minimise what the pairs cost, once the number matched is settled.

    cost : uint8 (n, m), of every pair; 0 where inadmissible.
    offset : int, what locked pairs cost.
    costs : where costs are read from that are no matrix.
    """

    cost: NDArray[np.uint8]
    offset: int = 0
    costs: Costs | None = None
    minimises: ClassVar[bool] = True

    @cached_property
    def most(self) -> int:
        """The most that a pair costs."""
        return int(self.cost.max(initial=0)) if self.costs is None else self.costs.most

    @cached_property
    def gain(self) -> NDArray[np.int32]:
        """int32 (n, m): how much less than the most each pair costs."""
        return self.most - self.cost.astype(np.int32)

    def flows(self, program: Program) -> bool:
        return True

    def value(self, program: Program, pairs: Pairs) -> Exact:
        each = self.cost[pairs] if self.costs is None else self.costs.at(*pairs)
        return int(each.sum(dtype=np.int64)) + self.offset

    def ceiling(self, program: Program) -> float:
        return float(self.offset)

    def by_flow(self, run: FlowRun, last: bool) -> Exact:
        """Maximise the gains: the stages before leave no choice of how many pairs there are."""
        if self.most == 0:
            if last:
                run.settle_ties()
            return self.offset
        run.begin()
        try:
            gained = run.maximise(self.gain, None, last)
        except OutOfTime as end:  # its bound is on the gains
            raise OutOfTime(np.inf, interrupted=end.interrupted) from end
        return self.most * run.matched - gained + self.offset

    def by_rows(self, run: RowRun) -> float:
        if self.most == 0:
            return float(self.offset)
        answer = run.maximize(self.gain.astype(np.int64))
        least = self.least(answer.bound, int(run.known[0].size))
        levels = [self.level(k) for k in range(1, self.most + 1)]
        limit = float(self.reached(run)) - self.offset
        if len(levels) == 1:
            run.hold(SideRow(pairs=levels[0], most=limit))
            return least
        start = len(run.program.extra_low)  # a variable for how many pairs cost so much or more
        run.program = run.program.with_extra(
            [0.0] * len(levels), [float(level[0].size) for level in levels]
        )
        for k, level in enumerate(levels):
            run.hold(SideRow(pairs=level, least=0, most=0, extra=((start + k, -1.0),)))
        extra = tuple((start + k, 1.0) for k in range(len(levels)))
        run.hold(SideRow(0 * run.ones(0), run.ones(1), most=limit, extra=extra))
        return least

    def level(self, least: int) -> Pairs:
        """Return the pairs that cost at least so much."""
        return places_of(self.cost >= least)

    def least(self, gained: float, matched: int) -> float:
        """Return what the pairs cost at least, if so many gain no more than this."""
        return float(np.ceil(self.most * matched - gained - 1e-6)) + self.offset
