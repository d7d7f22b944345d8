"""Stages in order by linear and integer programming; what each reached becomes a row for the next.

For what is no flow. `RowRun` carries the programme with the rows gathered so far; the pairs known
are those of the `Incumbent`, so a stage that runs out of time leaves the best of the stages before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.endings import Infeasible, OutOfTime
from mentormatch.solvers.program import Pairs, Program, SideRow
from mentormatch.solvers.rows.bands import Band
from mentormatch.solvers.rows.counts import solve_counted
from mentormatch.solvers.rows.highs import patience
from mentormatch.solvers.rows.linear import ALL_PAIRS, Answer, maximize, relaxed_bound
from mentormatch.solvers.rows.prices import by_prices
from mentormatch.solvers.stages import Exact, Incumbent, Outcomes, Stage, Total, Worst

if TYPE_CHECKING:
    pass

__all__ = ["RowRun"]

Ints: TypeAlias = NDArray[np.int64]
CLOSE = 1e-4
"""Gap of the total at which a level that is asked for is good enough."""


class RowRun:
    """A programme on its way through the stages, as rows."""

    def __init__(
        self, program: Program, budget: Budget, gap: float, incumbent: Incumbent, stages: int
    ) -> None:
        self.original = self.program = program
        self.budget, self.gap, self.incumbent = budget, gap, incumbent
        self.left = stages
        self.nodes = self._patience()  # of each integer programme, at most
        self.next: Stage | None = None
        self.ahead: Answer | None = None  # the next stage's answer, where a stage came upon it
        self.proven = True  # whether no answer of this stage was cut short
        self.closed = True  # whether every stage so far is proven
        self.slots: dict[int, Ints] = {}  # slot -> extra variable of each mentee
        self.large = int((program.points >= 0).sum()) > ALL_PAIRS
        self.plain = not program.rows and not program.several

    def _patience(self) -> int | None:
        """Return how many nodes the last point is worth where only the default asks for it."""
        if self.gap > 0 or self.budget.gap is not None or self.budget.seconds is not None:
            return None
        return patience(int((self.program.points >= 0).sum()))

    # -- what is known ----------------------------------------------------------------------------

    @property
    def anybody(self) -> bool:
        """Whether the pairs known are any."""
        return self.incumbent.pairs is not None and self.incumbent.pairs[0].size > 0

    @property
    def known(self) -> Pairs:
        """The best pairs known."""
        assert self.incumbent.pairs is not None
        return self.incumbent.pairs

    def value(self, stage: Stage) -> Exact:
        """Return what the best pairs known are worth in a stage."""
        return stage.value(self.original, self.known)

    def exact(self, answer: Answer) -> bool:
        """Whether an answer is the best to the last point."""
        return answer.status == "optimal" and self.gap == 0

    def ones(self, kind: int) -> Ints:
        """Return a one for every mentee (0) or mentor (1)."""
        return np.ones(self.original.shape[kind], dtype=np.int64)

    # -- asking -----------------------------------------------------------------------------------

    def share(self) -> Budget:
        """Return an even share of the time left.

        Raises
        ------
        OutOfTime
            If none is left, and something is known that satisfies the programme.
        """
        if self.budget.late() and self.incumbent.pairs is not None:
            raise OutOfTime(np.inf)
        return self.budget.part(1 / max(self.left, 1))

    def stage(self, stage: Stage, following: Stage | None) -> float:
        """Optimise one stage; return its bound."""
        self.next, self.proven = following, True
        bound = stage.by_rows(self)
        self.closed &= float(self.value(stage)) == bound
        self.plain &= isinstance(stage, Worst) or self.leaves_prices(stage)
        self.left -= 1
        return bound

    def leaves_prices(self, stage: Stage) -> bool:
        """Whether a stage that is reached leaves the prices of groups alone: a count of all."""
        had = getattr(stage, "had", None)
        weight = getattr(stage, "weight", None)
        return (
            weight is not None and had is not None and bool((weight == 1).all() and not had.any())
        )

    def hold(self, *rows: SideRow) -> None:
        """Keep what was reached."""
        self.program = self.program.with_rows(*rows)

    def maximize(
        self,
        value: NDArray[Any] | None,
        extra: Sequence[float] | NDArray[np.float64] = (),
        program: Program | None = None,
    ) -> Answer:
        """Maximise over the programme as it stands; the pairs found join those known.

        Raises
        ------
        Infeasible
            If nothing satisfies the programme.
        OutOfTime
            If nothing that satisfies it is known either way.
        """
        answer = maximize(
            program or self.program, value, extra, budget=self.share(),
            gap=self.gap, known=self.incumbent.pairs if program is None else None,
            nodes=self.nodes,
        )  # fmt: skip
        if answer.found:
            self.incumbent.offer((answer.rows, answer.columns))
        if answer.status != "optimal":
            self.proven = False
        if self.incumbent.pairs is None:
            if answer.status == "infeasible":
                raise Infeasible
            raise OutOfTime(np.inf)
        if answer.status == "infeasible":  # and yet something is known: numerical trouble
            return replace(answer, bound=np.inf, status="time_limit")
        return answer

    def feasible(self) -> None:
        """Have some pairs to start from."""
        if self.incumbent.pairs is None:
            self.maximize(None)

    def tries(self, program: Program) -> tuple[Pairs | None, bool]:
        """Return (pairs that satisfy another programme or None, whether that is proven)."""
        answer = maximize(program, None, (), budget=self.share(), gap=1.0)
        if answer.found:
            pairs = answer.rows, answer.columns
            self.incumbent.offer(pairs)
            return pairs, True
        if answer.status != "infeasible":
            self.proven = False
        return None, answer.status == "infeasible"

    def reaches(self, program: Program) -> bool:
        """Whether pairs that satisfy another programme were found."""
        return self.tries(program)[0] is not None

    # -- slots of mentees with several mentors ----------------------------------------------------

    def slot_variables(self, had: Ints) -> dict[int, Ints]:
        """One variable per mentee and slot in [0, 1]; their sum is how many mentors she gets."""
        if self.slots:
            return self.slots
        demand = self.program.demand
        n = demand.size
        count = len(self.program.extra_low)
        rows = []
        for slot in range(1, int((demand + had).max(initial=0)) + 1):
            self.slots[slot] = np.full(n, -1, dtype=np.int64)
        for i in range(n):
            mine = []
            for s in range(int(demand[i])):
                self.slots[int(had[i]) + s + 1][i] = count
                mine.append((count, -1.0))
                count += 1
            if mine:
                one = np.zeros(n, dtype=np.int64)
                one[i] = 1
                rows.append(SideRow(one, self.ones(1), least=0, most=0, extra=tuple(mine)))
        fresh = count - len(self.program.extra_low)
        self.program = self.program.with_extra([0.0] * fresh, [1.0] * fresh).with_rows(*rows)
        return self.slots

    def first_slots(self) -> Ints:
        """Return int64 (n,): the variable of each mentee's first mentor, -1 where there is none."""
        none = np.full(self.original.shape[0], -1, dtype=np.int64)
        return self.slots.get(1, none)

    # -- large programmes -------------------------------------------------------------------------

    def count_by_bound(self, weight: Ints, value: NDArray[np.int64]) -> float | None:
        """Ask for as many as the linear programme allows, while optimising what comes next.

        An integer programme that counts has a flat objective and takes long; one on the total,
        with the count as a row, does not.
        """
        most = relaxed_bound(self.program, value, budget=self.share())
        if not np.isfinite(most):
            return None
        count = int(np.floor(most + 1e-6))
        row = SideRow(weight, self.ones(1), least=count)
        follows = isinstance(self.next, Total) and self.next.kept is None
        if not follows and self.anybody and int(weight[self.known[0]].sum()) >= count:
            return float(count)
        total = np.maximum(self.program.points, 0).astype(np.int64)
        answer = maximize(
            self.program.with_rows(row), total, budget=self.share(),
            gap=self.gap if follows else 1.0, known=self.incumbent.pairs, nodes=self.nodes,
        )  # fmt: skip
        if not answer.found:
            return None
        self.incumbent.offer((answer.rows, answer.columns))
        self.ahead = answer if follows else None
        return float(count)

    def worst_by_bound(self, stage: Worst) -> float | None:
        """Ask for a level just under what the linear programme allows, with the best total.

        The level alone is a flat objective, on which integer programmes find little.
        """
        o = stage.outcomes
        leveled, t = o.leveled(self.program, stage.ceiling(self.original) * 2 + 1)
        extra = np.zeros(t + 1)
        extra[t] = 1.0
        none = np.zeros(self.program.shape, dtype=np.int64)
        most = relaxed_bound(leveled, none, extra, budget=self.share())
        if not np.isfinite(most):
            return None
        if self.plain and (bound := self._worst_by_prices(o, most)) is not None:
            return bound
        total = np.maximum(self.program.points, 0).astype(np.int64)
        follows = isinstance(self.next, Total) and self.next.kept is None
        for below in (2.0**-12, 2.0**-10, 2.0**-8, 2.0**-6):
            level = Fraction(int(most * (1 - below)))
            answer = maximize(
                self.program.with_rows(*o.at_least(level)), total, budget=self.share(),
                gap=max(self.gap, CLOSE) if follows else 1.0, nodes=self.nodes,
            )  # fmt: skip
            if answer.found:
                break
        else:
            return None
        self.incumbent.offer((answer.rows, answer.columns))
        # the later stages may give back what exceeds the level asked for
        self.hold(*o.at_least(min(Fraction(self.value(stage)), level)))
        self.ahead = answer if follows else None
        return most

    def _worst_by_prices(self, o: Outcomes, most: float) -> float | None:
        """Where the groups are all there is besides the count: prices per group on one flow."""
        p = self.program
        n = p.shape[0]
        held = self.known[0].size if self.incumbent.pairs is not None else 0
        group = np.where(o.mentee.any(axis=0), o.mentee.argmax(axis=0), -1)
        if (o.mentee.sum(axis=0) > 1).any() or not o.mentor.all():
            return None
        bonus = 4 * (min(p.shape) + 2) * (int(p.points.max(initial=0)) + 1)
        top, flow = most, replace(p, rows=())
        for below in (2.0**-10, 2.0**-9, 2.0**-8):
            level = Fraction(int(top * (1 - below)))
            band = Band(group, o.size, o.offset, True, least=level)
            priced = by_prices(
                flow, None, np.full(n, bonus, dtype=np.int64), bands=[band],
                budget=self.share().within(max(self.gap, 1e-3)), most_flows=12,
            )  # fmt: skip
            pairs, slack = (priced.rows, priced.columns), priced.bound - priced.objective
            if not priced.found and held:
                counted = solve_counted(
                    flow, [band], held, gap=max(self.gap, 1e-3), prices=priced.multipliers,
                    most_counts=24, budget=self.share(),
                )  # fmt: skip
                pairs = counted.rows, counted.columns
                slack = counted.bound - counted.objective
                if counted.status == "infeasible":  # proven: nobody reaches this level
                    most = min(most, float(level))
            if pairs[0].size and pairs[0].size == held:
                break
        else:
            return None
        self.incumbent.offer(pairs)
        self.hold(*o.at_least(level))
        if isinstance(self.next, Total) and self.next.kept is None:
            total = float(p.points[pairs].sum(dtype=np.int64))
            close = slack <= max(self.gap, 1e-3) * total
            none = np.full(p.shape[1], np.nan)
            self.ahead = Answer(
                *pairs, np.zeros(len(p.extra_low)), total, total + slack,
                "optimal" if close else "time_limit", none, none,
            )  # fmt: skip
        return most
