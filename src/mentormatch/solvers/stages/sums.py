"""Stages that add up: the total of points, and squared loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mentormatch.solvers.program import Pairs, Program, SideRow
from mentormatch.solvers.stages.base import Exact, Ints, Stage, best_sums
from mentormatch.solvers.stages.runs import FlowRun, RowRun

__all__ = ["Squares", "Total"]


@dataclass(frozen=True, eq=False)
class Total(Stage):
    """Maximise the sum of points, and of a bonus for each of the listed pairs.

    offset : int, what locked pairs add.
    kept : pairs that are worth `bonus` points more than they score.
    """

    offset: int = 0
    kept: Pairs | None = None
    bonus: int = 0

    def flows(self, program: Program) -> bool:
        return int(program.points.max(initial=0)) + self.bonus < 1 << 31

    def worth(self, program: Program) -> Ints:
        """Return int64 (n, m): what each pair adds, 0 where inadmissible."""
        value = np.maximum(program.points, 0).astype(np.int64)
        if self.kept is not None:
            value[self.kept] += self.bonus
        return value

    def value(self, program: Program, pairs: Pairs) -> Exact:
        total = int(program.at(*pairs).sum(dtype=np.int64)) + self.offset
        return total + self.aside(program, pairs)

    def aside(self, program: Program, pairs: Pairs) -> int:
        if self.kept is None:
            return 0
        m = program.shape[1]
        listed = np.isin(pairs[0] * m + pairs[1], self.kept[0] * m + self.kept[1])
        return self.bonus * int(listed.sum())

    def ceiling(self, program: Program) -> float:
        if program.source is not None:  # whoever can be matched, at the most points of all
            most = program.top * min(int(program.demand.sum()), int(program.capacity.sum()))
        else:
            most = int(best_sums(program.points, program.demand).sum())
        more = 0 if self.kept is None else self.bonus * self.kept[0].size
        return float(most + more + self.offset)

    def by_flow(self, run: FlowRun, last: bool) -> Exact:
        if self.kept is None:
            return run.maximise(None, None, last) + self.offset
        value = np.where(run.allowed >= 0, self.worth(run.program), -1).astype(np.int32)
        return run.maximise(value, None, last) + self.offset

    def by_rows(self, run: RowRun) -> float:
        answer = run.ahead or run.maximize(self.worth(run.program))
        run.ahead = None
        least = float(self.reached(run)) - self.offset
        extra: tuple[tuple[int, float], ...] = ()
        if self.kept is not None:  # one variable for how many of the listed pairs are chosen
            e = len(run.program.extra_low)
            run.program = run.program.with_extra([0.0], [float(self.kept[0].size)])
            run.hold(SideRow(pairs=self.kept, least=0, most=0, extra=((e, -1.0),)))
            extra = ((e, float(self.bonus)),)
        run.hold(SideRow(run.ones(0), run.ones(1), scored=True, least=least, extra=extra))
        return float(np.floor(answer.bound + 1e-3)) + self.offset


@dataclass(frozen=True, eq=False)
class Squares(Stage):
    """Minimise the sum of squared loads; had : int64 (m,), loads by locks."""

    had: Ints
    minimises: ClassVar[bool] = True

    def value(self, program: Program, pairs: Pairs) -> Exact:
        load = np.bincount(pairs[1], minlength=self.had.size) + self.had
        return int((load**2).sum())

    def ceiling(self, program: Program) -> float:
        return float(((program.min_load + self.had) ** 2).sum())

    def by_rows(self, run: RowRun) -> float:
        """Unit arcs of rising cost: the k-th mentee of a mentor costs 2 k - 1."""
        seats = np.minimum(run.program.capacity, run.program.shape[0])
        start = len(run.program.extra_low)
        rows: list[SideRow] = []
        cost: list[int] = []
        for j, count in enumerate(seats.tolist()):
            at = (np.arange(seats.size) == j).astype(np.int64)
            mine = [(start + len(cost) + k, -1.0) for k in range(count)]
            cost += [2 * (int(self.had[j]) + k) + 1 for k in range(count)]
            rows.append(SideRow(run.ones(0), at, least=0, most=0, extra=tuple(mine)))
        leveled = run.program.with_extra([0.0] * len(cost), [1.0] * len(cost)).with_rows(*rows)
        extra = np.zeros(start + len(cost))
        extra[start:] = -np.array(cost, dtype=float)
        answer = run.maximize(None, extra, leveled)
        offset = int((self.had**2).sum())
        entries = tuple((start + e, float(c)) for e, c in enumerate(cost))
        run.program = leveled
        most = float(self.reached(run)) - offset
        run.hold(SideRow(0 * run.ones(0), run.ones(1), most=most, extra=entries))
        return float(np.ceil(-answer.bound - 1e-6)) + offset
