"""Objectives in lexicographic order: on one flow where the structure allows, else by side rows.

Each stage is optimised among the best answers of the stages before it. Pairs that are locked have
been set aside; what they contribute to a stage is its `offset`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.bottleneck import (
    COMPILED_FROM,
    Network,
    bottleneck,
    leximin,
    most_matched,
    narrow,
    seated,
)
from mentormatch.solvers.group_counts import solve_counted
from mentormatch.solvers.lagrangian import Band, solve_priced
from mentormatch.solvers.program import Program, SideRow, places_of
from mentormatch.solvers.side_rows import ALL_PAIRS, Answer, maximize, relaxed_bound

__all__ = [
    "Count", "Filled", "Kept", "Outcomes", "Reached", "Result", "Sorted", "Squares", "Stage",
    "Total", "Worst", "WorstPair", "flow_stages", "row_stages",
]  # fmt: skip

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Count:
    """Maximise the weight of the mentees who get their `slot`-th mentor.

    weight : int64 (n,);  had : int64 (n,), mentors a mentee has by locks.
    """

    weight: Ints
    had: Ints
    slot: int = 1

    @property
    def offset(self) -> int:
        return int(self.weight[self.had >= self.slot].sum())


@dataclass(frozen=True, eq=False)
class Total:
    """Maximise the sum of points."""

    offset: int = 0


@dataclass(frozen=True, eq=False)
class Kept:
    """Maximise how many of the listed pairs are chosen."""

    pairs: tuple[Ints, Ints]
    offset: int = 0


@dataclass(frozen=True, eq=False)
class WorstPair:
    """Maximise the least sum of points of a mentee.

    everybody : bool, the unmatched count as 0; else they are passed over.
    had : int64 (n,), points a mentee has by locks, -1 where none.
    """

    everybody: bool
    had: Ints


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Means to compare: (points summed over mentee group x mentor group + offset) / size."""

    mentee: Ints  # (r, n) 0 or 1
    mentor: Ints  # (r, m) 0 or 1
    size: Ints
    offset: Ints

    def sums(self, rows: Ints, columns: Ints, points: NDArray[np.int32]) -> list[int]:
        amount = points[rows, columns].astype(np.int64)
        inside = self.mentee[:, rows] * self.mentor[:, columns]
        return [int(value) for value in inside @ amount + self.offset]

    def means(self, rows: Ints, columns: Ints, points: NDArray[np.int32]) -> list[Fraction]:
        sums = self.sums(rows, columns, points)
        return [Fraction(total, int(size)) for total, size in zip(sums, self.size, strict=True)]


@dataclass(frozen=True, eq=False)
class Worst:
    """Maximise the least of the outcomes."""

    outcomes: Outcomes


@dataclass(frozen=True, eq=False)
class Sorted:
    """Leximin over outcomes, or over the mentees' points where `outcomes` is None.

    had : int64 (n,), points a mentee has by locks, -1 where none.
    everybody : bool, whether the reported vector holds the unmatched, at 0. The best assignments
        are the same either way.
    """

    outcomes: Outcomes | None = None
    had: Ints | None = None
    everybody: bool = False

    def vector(self, rows: Ints, columns: Ints, points: NDArray[np.int32]) -> tuple[float, ...]:
        """Points of the mentees, ascending."""
        assert self.had is not None
        sums = np.maximum(self.had, 0)
        np.add.at(sums, rows, points[rows, columns].astype(np.int64))
        shown = (self.had >= 0) | self.everybody
        shown[rows] = True
        return tuple(float(value) for value in np.sort(sums[shown]))


@dataclass(frozen=True, eq=False)
class Squares:
    """Minimise the sum of squared loads; had : int64 (m,), loads by locks."""

    had: Ints


@dataclass(frozen=True, eq=False)
class Filled:
    """Maximise how many reserved seats their group uses: sum of min(seats, used)."""

    mentee: Ints  # (r, n) 0 or 1
    mentor: Ints  # (r, m)
    seats: Ints
    had: Ints


Stage: TypeAlias = Count | Total | Kept | WorstPair | Worst | Sorted | Squares | Filled


@dataclass(frozen=True, eq=False)
class Reached:
    """What a stage reached and what is proven about it (in the stage's own unit)."""

    value: float
    bound: float
    vector: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Result:
    """Chosen pairs, what each stage reached, and how it ended.

    status : "optimal", "time_limit" or "infeasible";  price : float (m,), NaN where unknown.
    """

    rows: Ints
    columns: Ints
    reached: tuple[Reached, ...]
    status: str
    price: NDArray[np.float64]
    unique: bool = False
    stats: dict[str, Any] = field(default_factory=dict)


DUST = 3
"""Points that HiGHS's tolerance may hide in a floor."""
MOST_SUMS = 200_000
"""So many sums of points are tried one by one."""
DENSE_FROM = 10_000
"""From so many pairs on, several flows in turn use the compiled kernel."""


# -- one flow after another ---------------------------------------------------------------------


def flow_stages(
    network: Network,
    stages: Sequence[Stage],
    *,
    row_hash: NDArray[np.uint64] | None = None,
    mentor_hash: NDArray[np.uint64] | None = None,
    time_limit: float | None = None,
) -> Result:
    """Optimise stages on one flow: `Count`, `Total`, `Kept`, `WorstPair`, `Sorted` over mentees.

    Notes
    -----
    One mentor each. Every stage is exact; the last assignment decides ties by the hashes.
    """
    deadline = None if time_limit is None else time.perf_counter() + time_limit
    n, m = network.points.shape
    reached: list[Reached] = []
    at = np.full(n, -1, dtype=np.int64)
    started = False
    price = np.full(m, np.nan)
    unique, finished = False, True

    def step(value: Any, bonus: Any, last: bool = False) -> Any:
        nonlocal network, at, started, price, unique, finished
        left = None if deadline is None else max(deadline - time.perf_counter(), 1e-3)
        narrowed, solution = narrow(
            network,
            value,
            bonus,
            row_hash=row_hash,
            mentor_hash=mentor_hash,
            time_limit=left,
            route="dense" if network.points.size >= DENSE_FROM else "auto",
            last=last,
        )
        if solution.status == "infeasible":
            return None
        finished &= narrowed is not None
        at, started = solution.mentor_of, True
        price, unique = solution.mentor_price.astype(float), solution.unique
        network = network if narrowed is None else narrowed
        return solution

    nothing = np.zeros((n, m), dtype=np.int32)
    for position, stage in enumerate(stages):
        final = position + 1 == len(stages)
        if isinstance(stage, Count):
            weight = np.where(stage.had >= 1, 0, stage.weight)
            if not final and n * m >= COMPILED_FROM and (weight[stage.had < 1] == 1).all():
                counted = most_matched(network)
                if counted is None:
                    return _nobody(n, m)
                (network, at), started = counted, True
                count = int((at >= 0).sum()) + stage.offset
                reached.append(Reached(count, count))
                continue
            solution = step(nothing, weight, final)
            offset = stage.offset
        elif isinstance(stage, Total):
            solution, offset = step(None, None, final), stage.offset
        elif isinstance(stage, Kept):
            value = nothing.copy()
            value[stage.pairs] = 1
            solution, offset = step(value, None), stage.offset
        elif isinstance(stage, WorstPair):
            if not started and step(nothing, np.zeros(n, dtype=np.int64)) is None:
                return _nobody(n, m)
            network, value_reached, at = _worst_pair(network, at, stage)
            reached.append(Reached(value_reached, value_reached))
            continue
        elif isinstance(stage, Sorted):
            positive = (network.points > 0).astype(np.int32)
            if step(positive, None) is None:
                return _nobody(n, m)
            network, at = leximin(network, at)
            there = np.flatnonzero(at >= 0)
            vector = stage.vector(there, at[there], network.points)
            low = vector[0] if vector else 0.0
            reached.append(Reached(low, low, vector))
            continue
        else:
            raise TypeError(f"{type(stage).__name__} is no flow")
        if solution is None:
            return _nobody(n, m)
        reached.append(Reached(solution.objective + offset, solution.bound + offset))
    if isinstance(stages[-1], WorstPair | Sorted):
        step(nothing, None, True)  # ties by hash, not by the order of the searches
    rows = np.flatnonzero(at >= 0)
    status = "optimal" if finished else "time_limit"
    return Result(rows, at[rows], tuple(reached), status, price, unique)


def _worst_pair(network: Network, at: Ints, stage: WorstPair) -> tuple[Network, int, Ints]:
    """Raise the threshold as far as it goes, but not past a locked pair's points."""
    before, first = network, at
    locked = stage.had[stage.had >= 0]
    limit = int(locked.min()) if locked.size else None
    if stage.everybody:
        network = replace(network, forced=network.forced | (stage.had < 0))
        found = seated(network)
        if found is None:
            return before, 0, first  # somebody stays unmatched whatever is done
        at = found
    network, value, at = bottleneck(network, at, limit)
    if value < 0:
        value = 0 if limit is None else limit
    if stage.everybody and value == 0:
        return before, 0, first  # being unmatched is no worse
    return network, value, at


def value_in(stage: Stage, rows: Ints, columns: Ints, points: NDArray[np.int32]) -> float:
    """What chosen pairs are worth in a stage, in its own unit."""
    n, m = points.shape
    got = np.bincount(rows, minlength=n)
    amount = points[rows, columns].astype(np.int64)
    if isinstance(stage, Count):
        return float(stage.weight[got + stage.had >= stage.slot].sum())
    if isinstance(stage, Total):
        return float(amount.sum()) + stage.offset
    if isinstance(stage, Kept):
        listed = np.isin(rows * m + columns, stage.pairs[0] * m + stage.pairs[1])
        return float(listed.sum()) + stage.offset
    if isinstance(stage, Worst):
        return float(min(stage.outcomes.means(rows, columns, points)))
    if isinstance(stage, Sorted) and stage.outcomes is not None:
        return float(min(stage.outcomes.means(rows, columns, points)))
    if isinstance(stage, Sorted | WorstPair):
        had = stage.had
        assert had is not None
        sums = np.maximum(had, 0)
        np.add.at(sums, rows, amount)
        shown = stage.everybody | (had >= 0) | (got > 0)
        return float(sums[shown].min(initial=np.iinfo(np.int64).max)) if shown.any() else 0.0
    if isinstance(stage, Squares):
        return float(((np.bincount(columns, minlength=m) + stage.had) ** 2).sum())
    inside = (stage.mentee[:, rows] * stage.mentor[:, columns]).sum(axis=1)
    return float(np.minimum(inside + stage.had, stage.seats).sum())


def _nobody(n: int, m: int) -> Result:
    none = np.zeros(0, dtype=np.int64)
    return Result(none, none, (), "infeasible", np.full(m, np.nan))


# -- by side rows ---------------------------------------------------------------------------------


def row_stages(
    program: Program,
    stages: Sequence[Stage],
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Optimise any stages in order; what each reached becomes a side row for the next.

    Parameters
    ----------
    program
        n mentees, m mentors, side rows.
    time_limit
        Seconds for all stages; each may use an even share of what is left.
    gap
        Relative gap at which a stage may stop.
    """
    run = _RowStages(program, time_limit, gap, len(stages))
    for position, stage in enumerate(stages):
        run.next = stages[position + 1] if position + 1 < len(stages) else None
        if not run.stage(stage):
            if run.best is None or run.status == "infeasible":
                none = _nobody(*program.points.shape)
                return replace(none, status=run.status)
            run.give_up(stage)
        if progress is not None:
            progress((position + 1) / len(stages))
    rows, columns = run.best if run.best is not None else run.feasible()
    return Result(rows, columns, tuple(run.reached), run.status, run.price, False, run.stats)


class _RowStages:
    def __init__(self, program: Program, time_limit: float | None, gap: float, stages: int) -> None:
        self.program = program
        self.deadline = None if time_limit is None else time.perf_counter() + time_limit
        self.gap = gap
        self.left = stages
        self.best: tuple[Ints, Ints] | None = None
        self.reached: list[Reached] = []
        self.status = "optimal"
        self.price = np.full(program.points.shape[1], np.nan)
        self.stats: dict[str, Any] = {}
        self.slots: dict[int, Ints] = {}  # slot -> extra variable of each mentee
        self.next: Stage | None = None
        self.ahead: Answer | None = None  # the next stage's answer, where `count` came upon it
        self.large = int((program.points >= 0).sum()) > ALL_PAIRS
        # nothing but flow so far: counts that are reached leave the prices of groups alone
        self.plain = not program.rows and int(program.demand.max(initial=0)) <= 1

    def seconds(self) -> float | None:
        if self.deadline is None:
            return None
        return max((self.deadline - time.perf_counter()) / max(self.left, 1), 0.05)

    def maximize(
        self,
        value: Any,
        extra: Sequence[float] | NDArray[np.float64] = (),
        program: Program | None = None,
    ) -> Answer:
        return maximize(
            program or self.program, value, extra, time_limit=self.seconds(),
            gap=self.gap, known=self.best if program is None else None,
        )  # fmt: skip

    def accept(self, answer: Answer) -> bool:
        if not answer.found:
            self.status = answer.status if answer.status != "optimal" else "infeasible"
            return False
        if answer.status != "optimal":
            self.status = "time_limit"
        self.best = answer.rows, answer.columns
        self.price = answer.price
        self.stats = {**self.stats, **answer.stats}
        return True

    def give_up(self, stage: Stage) -> None:
        """Report what the best known pairs are worth in a stage that time ran out on."""
        assert self.best is not None
        value = value_in(stage, *self.best, self.program.points)
        worst = -np.inf if isinstance(stage, Squares) else np.inf
        self.reached.append(Reached(value, worst))

    def feasible(self) -> tuple[Ints, Ints]:
        answer = self.maximize(None)
        return answer.rows, answer.columns

    def stage(self, stage: Stage) -> bool:
        if isinstance(stage, Count):
            self.plain &= bool((stage.weight == 1).all()) and not stage.had.any()
        elif not isinstance(stage, Worst):
            self.plain = False
        done = {
            Count: self.count, Total: self.total, Kept: self.kept, WorstPair: self.worst_pair,
            Worst: self.worst, Sorted: self.sorted, Squares: self.squares, Filled: self.filled,
        }[type(stage)](stage)  # type: ignore[operator]  # fmt: skip
        self.left -= 1
        return bool(done)

    def ones(self, kind: int) -> Ints:
        return np.ones(self.program.points.shape[kind], dtype=np.int64)

    def count(self, stage: Count) -> bool:
        if int(self.program.demand.max(initial=0)) <= 1 and not stage.had.any():
            weight = np.where(self.program.demand > 0, stage.weight, 0)
            value = np.broadcast_to(weight[:, None], self.program.points.shape)
            if self.large and self.best is None and self._count_by_bound(weight, value):
                self.reached[-1] = Reached(
                    self.reached[-1].value + stage.offset, self.reached[-1].bound + stage.offset
                )
                return True
            answer = self.maximize(np.ascontiguousarray(value))
            if not self.accept(answer):
                return False
            self.program = self.program.with_rows(
                SideRow(weight, self.ones(1), least=answer.objective)
            )
        else:
            self._slot_variables(stage.had)
            variable = self.slots[stage.slot]
            extra = np.zeros(len(self.program.extra_low))
            there = variable >= 0
            extra[variable[there]] = stage.weight[there]
            answer = self.maximize(None, extra)
            if not self.accept(answer):
                return False
            objective = self._slot_value(stage)
            answer = replace(answer, objective=objective, bound=max(answer.bound, objective))
            entries = [
                (int(v), float(w)) for v, w in zip(variable, stage.weight, strict=True)
                if v >= 0 and w
            ]  # fmt: skip
            self.program = self.program.with_rows(
                SideRow(0 * self.ones(0), self.ones(1), least=objective, extra=tuple(entries))
            )
        bound = np.floor(answer.bound + 1e-6)
        self.reached.append(Reached(answer.objective + stage.offset, bound + stage.offset))
        return True

    def _count_by_bound(self, weight: Ints, value: Any) -> bool:
        """Ask for as many as the linear programme allows, while optimising what comes next.

        An integer programme that counts has a flat objective and takes long; one on the total,
        with the count as a row, does not.
        """
        most = relaxed_bound(self.program, np.ascontiguousarray(value), self.seconds())
        if not np.isfinite(most):
            return False
        row = SideRow(weight, self.ones(1), least=float(np.floor(most + 1e-6)))
        total = np.maximum(self.program.points, 0).astype(np.int64)
        follows = isinstance(self.next, Total)
        answer = maximize(
            self.program.with_rows(row), total, time_limit=self.seconds(),
            gap=self.gap if follows else 1.0,
        )  # fmt: skip
        if not answer.found:
            return False
        self.best = answer.rows, answer.columns
        self.price = answer.price
        self.program = self.program.with_rows(row)
        self.ahead = answer if follows else None
        assert row.least is not None
        self.reached.append(Reached(row.least, row.least))
        return True

    def _slot_value(self, stage: Count) -> int:
        assert self.best is not None
        got = np.bincount(self.best[0], minlength=stage.had.size)
        fresh = (stage.had < stage.slot) & (got + stage.had >= stage.slot)
        return int(stage.weight[fresh].sum())

    def _slot_variables(self, had: Ints) -> None:
        """One variable per mentee and slot in [0, 1]; their sum is how many mentors she gets."""
        if self.slots:
            return
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

    def total(self, stage: Total) -> bool:
        answer = self.ahead or self.maximize(np.maximum(self.program.points, 0).astype(np.int64))
        self.ahead = None
        if not self.accept(answer):
            return False
        self.program = self.program.with_rows(
            SideRow(self.ones(0), self.ones(1), scored=True, least=answer.objective)
        )
        bound = max(np.floor(answer.bound + 1e-3), answer.objective)
        self.reached.append(Reached(answer.objective + stage.offset, bound + stage.offset))
        return True

    def kept(self, stage: Kept) -> bool:
        value = np.zeros(self.program.points.shape, dtype=np.int64)
        value[stage.pairs] = 1
        answer = self.maximize(value)
        if not self.accept(answer):
            return False
        self.program = self.program.with_rows(SideRow(least=answer.objective, pairs=stage.pairs))
        bound = np.floor(answer.bound + 1e-6)
        self.reached.append(Reached(answer.objective + stage.offset, bound + stage.offset))
        return True

    def worst(self, stage: Worst) -> bool:
        o = stage.outcomes
        points = self.program.points
        top = float(points.max(initial=0)) * max(1, int(self.program.demand.max(initial=1)))
        top = max(top, float((o.offset / o.size).max(initial=0))) * 2 + 1
        t = len(self.program.extra_low)
        rows = [
            SideRow(
                o.mentee[g], o.mentor[g], scored=True, least=-float(o.offset[g]),
                extra=((t, -float(o.size[g])),),
            )
            for g in range(o.size.size)
        ]  # fmt: skip
        leveled = self.program.with_extra([0.0], [top]).with_rows(*rows)
        extra = np.zeros(t + 1)
        extra[t] = 1.0
        if self.large and self._worst_by_bound(o, leveled, extra):
            return True
        answer = self.maximize(None, extra, leveled)
        if not self.accept(answer):
            return False
        value = min(o.means(answer.rows, answer.columns, points))
        if self.best is not None:
            value = max(value, min(o.means(*self.best, points)))
        self.program = self.program.with_rows(
            *(
                SideRow(
                    o.mentee[g] * value.denominator, o.mentor[g], scored=True,
                    least=value.numerator * int(o.size[g])
                    - value.denominator * int(o.offset[g]),
                )
                for g in range(o.size.size)
            )
        )  # fmt: skip
        bound = max(answer.bound, float(value))
        if answer.status == "optimal" and self.gap == 0:
            bound = float(value)  # proven: what is left is floating-point dust
        self.reached.append(Reached(float(value), bound))
        return True

    def _at_least(self, o: Outcomes, value: Fraction) -> list[SideRow]:
        """Rows that keep every outcome at a level or above."""
        return [
            SideRow(
                o.mentee[g] * value.denominator, o.mentor[g], scored=True,
                least=value.numerator * int(o.size[g]) - value.denominator * int(o.offset[g]),
            )
            for g in range(o.size.size)
        ]  # fmt: skip

    def _worst_by_bound(self, o: Outcomes, leveled: Program, extra: NDArray[np.float64]) -> bool:
        """Ask for a level just under what the linear programme allows, with the best total.

        The level alone is a flat objective, on which integer programmes find little.
        """
        none = np.zeros(self.program.points.shape, dtype=np.int64)
        most = relaxed_bound(leveled, none, self.seconds(), extra)
        if not np.isfinite(most):
            return False
        total = np.maximum(self.program.points, 0).astype(np.int64)
        follows = isinstance(self.next, Total)
        if self.plain and self._worst_by_prices(o, most):
            return True
        for below in (2.0**-12, 2.0**-10, 2.0**-8, 2.0**-6):
            level = Fraction(int(most * (1 - below)))
            rows = self._at_least(o, level)
            answer = maximize(
                self.program.with_rows(*rows), total, time_limit=self.seconds(),
                gap=max(self.gap, 1e-4) if follows else 1.0,
            )  # fmt: skip
            if answer.found:
                break
        else:
            return False
        self.best = answer.rows, answer.columns
        self.price = answer.price
        value = min(o.means(answer.rows, answer.columns, self.program.points))
        if float(value) < most * (1 - max(self.gap, 1e-9)):
            self.status = "time_limit"
        # the later stages may give back what exceeds the level asked for
        self.program = self.program.with_rows(*self._at_least(o, min(value, level)))
        self.ahead = answer if follows else None
        self.reached.append(Reached(float(level), most))
        return True

    def _worst_by_prices(self, o: Outcomes, most: float) -> bool:
        """Where the groups are all there is besides the count: prices per group on one flow."""
        p = self.program
        n = p.points.shape[0]
        held = self.best[0].size if self.best is not None else 0
        group = np.where(o.mentee.any(axis=0), o.mentee.argmax(axis=0), -1)
        if (o.mentee.sum(axis=0) > 1).any() or not o.mentor.all():
            return False
        bonus = 4 * (min(p.points.shape) + 2) * (int(p.points.max(initial=0)) + 1)
        top = most
        for below in (2.0**-10, 2.0**-9, 2.0**-8):
            level = Fraction(int(top * (1 - below)))
            band = Band(group, o.size, o.offset, True, least=level)
            priced = solve_priced(
                p.points, p.capacity, [band], row_bonus=np.full(n, bonus, dtype=np.int64),
                min_load=p.min_load, gap=max(self.gap, 1e-3), most_solves=12,
                time_limit=self.seconds(),
            )  # fmt: skip
            at, slack = priced.mentor_of, priced.bound - priced.objective
            if not priced.found and held:
                counted = solve_counted(
                    p.points, p.capacity, [band], held, min_load=p.min_load,
                    gap=max(self.gap, 1e-3), prices=priced.prices, most_counts=24,
                    time_limit=self.seconds(),
                )  # fmt: skip
                at, slack = counted.mentor_of, counted.bound - counted.objective
                if counted.bound < 0:  # proven: nobody reaches this level
                    most = min(most, float(level))
            rows = np.flatnonzero(at >= 0)
            if rows.size and rows.size == held:
                break
        else:
            return False
        columns = at[rows]
        self.best = rows, columns
        self.program = p.with_rows(*self._at_least(o, level))
        if most - float(level) > max(self.gap, 1e-9) * most:
            self.status = "time_limit"
        self.reached.append(Reached(float(level), most))
        if isinstance(self.next, Total):
            total = float(p.points[rows, columns].sum(dtype=np.int64))
            close = slack <= max(self.gap, 1e-3) * total
            none = np.full(p.points.shape[1], np.nan)
            self.ahead = Answer(
                rows, columns, np.zeros(len(p.extra_low)), total, total + slack,
                "optimal" if close else "time_limit", none, none,
            )  # fmt: skip
        return True

    def sorted(self, stage: Sorted) -> bool:
        if stage.outcomes is not None:
            return self._sorted_outcomes(stage.outcomes)
        had = stage.had
        assert had is not None
        if (
            int(self.program.demand.max(initial=0)) > 1
            or ((had >= 0) & (self.program.demand > 0)).any()
        ):
            n = had.size
            mentors = np.ones((n, self.ones(1).size), dtype=np.int64)
            each = Outcomes(np.eye(n, dtype=np.int64), mentors, self.ones(0), np.maximum(had, 0))
            if not self._sorted_outcomes(each):
                return False
            assert self.best is not None
            vector = stage.vector(*self.best, self.program.points)
            low = vector[0] if vector else 0.0
            self.reached[-1] = Reached(low, low, vector)
            return True
        return self._sorted_pairs(stage)

    def _sorted_outcomes(self, o: Outcomes) -> bool:
        """Maximise the sum of the k smallest outcomes for k = 1, 2, ... (Ogryczak's levels)."""
        points = self.program.points
        count = o.size.size
        top = 2 * (float(points.max(initial=0)) * points.shape[0] + float(o.offset.max(initial=0)))
        bounds = []
        for k in range(1, count + 1):
            t = len(self.program.extra_low)
            rows = [
                SideRow(
                    o.mentee[g], o.mentor[g], scored=True, least=-float(o.offset[g]),
                    extra=((t, -float(o.size[g])), (t + 1 + g, float(o.size[g]))),
                )
                for g in range(count)
            ]  # fmt: skip
            self.program = self.program.with_extra(
                [0.0] * (count + 1), [top] * (count + 1)
            ).with_rows(*rows)
            extra = np.zeros(t + 1 + count)
            extra[t] = k
            extra[t + 1 :] = -1
            answer = maximize(self.program, None, extra, time_limit=self.seconds(), gap=self.gap)
            if not self.accept(answer):
                return False
            smallest = sorted(o.means(answer.rows, answer.columns, points))
            value = float(sum(smallest[:k], Fraction(0)))
            entries = ((t, float(k)), *((t + 1 + g, -1.0) for g in range(count)))
            self.program = self.program.with_rows(
                SideRow(0 * self.ones(0), self.ones(1), least=value - 1e-3, extra=entries)
            )
            proven = answer.status == "optimal" and self.gap == 0
            bounds.append(value if proven else max(answer.bound, value))
        assert self.best is not None
        vector = tuple(float(v) for v in sorted(o.means(*self.best, points)))
        low = vector[0] if vector else 0.0
        self.reached.append(Reached(low, max(bounds[0], low) if bounds else low, vector))
        return True

    def _sorted_pairs(self, stage: Sorted) -> bool:
        """Per level from the worst up: how high can the next one be, how few need be there."""
        points = self.program.points
        worth = np.zeros(points.shape, dtype=np.int64)
        worth[points > 0] = 1
        answer = self.maximize(worth)  # nobody at 0 who need not be: the unmatched are
        if not self.accept(answer):
            return False
        zero = places_of(points > 0)
        self.program = self.program.with_rows(SideRow(least=answer.objective, pairs=zero))
        done = 0
        while True:
            levels = np.unique(points[points > done])
            assert self.best is not None
            done_now = self._next_level(levels, done)
            if done_now is None:
                break
            points = np.where((points > done) & (points < done_now), ~points, points)
            self.program = replace(self.program, points=points)
            at_level = places_of(points == done_now)
            value = np.zeros(points.shape, dtype=np.int64)
            value[at_level] = -1
            answer = self.maximize(value)
            if not self.accept(answer):
                return False
            self.program = self.program.with_rows(SideRow(most=-answer.objective, pairs=at_level))
            done = done_now
        assert self.best is not None
        vector = stage.vector(*self.best, points)
        low = vector[0] if vector else 0.0
        self.reached.append(Reached(low, low, vector))
        return True

    def _next_level(self, levels: NDArray[np.int32], done: int) -> int | None:
        """Return the highest level below which (and above `done`) nobody need be."""
        points = self.program.points
        low, high = 0, levels.size  # levels[low] works: nothing forbidden
        if self._can_do(points, done, None):
            return None
        high -= 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._can_do(points, done, int(levels[middle])):
                low = middle
            else:
                high = middle - 1
        return int(levels[low])

    def _can_do(self, points: Any, done: int, level: int | None) -> bool:
        barred = (points > done) if level is None else (points > done) & (points < level)
        trial = replace(self.program, points=np.where(barred, ~points, points))
        answer = self.maximize(None, (), trial)
        if answer.found:
            self.best = answer.rows, answer.columns
        elif answer.status != "infeasible":
            self.status = "time_limit"
        return answer.found

    def worst_pair(self, stage: WorstPair) -> bool:
        """Bisect on the floor: for each, is there an answer without anybody below it?"""
        if self.best is None and not self.accept(self.maximize(None)):
            return False
        base = self.program
        if stage.everybody:
            everybody = base.with_rows(*self._all_matched(stage.had))
            answer = self.maximize(None, (), everybody)
            if not answer.found:
                self.reached.append(Reached(0, 0))
                return True
            self.best = answer.rows, answer.columns
            base = everybody
        assert self.best is not None
        value = self._least(self.best, stage)
        if value is None:
            self.reached.append(Reached(0, 0))
            return True
        low, high = value, self._highest(stage)
        doubt = low
        while low < high:
            middle = (low + high + 1) // 2
            answer = self.maximize(None, (), self._floored(base, stage, middle))
            if answer.found and self._reaches(answer, stage) < middle:
                # slots of 0.999999 passed HiGHS's tolerance: ask for a little more than is needed
                answer = self.maximize(None, (), self._floored(base, stage, middle + DUST))
                if not answer.found or self._reaches(answer, stage) < middle:
                    if self._achievable(stage, middle, middle + DUST):
                        doubt = max(doubt, middle + DUST)
                    high = middle - 1
                    continue
            if answer.found:
                self.best = answer.rows, answer.columns
                low = self._reaches(answer, stage)
            else:
                if answer.status != "infeasible":
                    self.status = "time_limit"
                high = middle - 1
        if low > 0 or not stage.everybody:  # at 0, being unmatched is no worse
            self.program = self._floored(base, stage, low)
        self.reached.append(Reached(low, max(low, doubt)))
        return True

    def _reaches(self, answer: Answer, stage: WorstPair) -> int:
        """Return the least sum of an answer, in exact integers."""
        return self._least((answer.rows, answer.columns), stage) or 0

    def _achievable(self, stage: WorstPair, low: int, high: int) -> bool:
        """Tell whether anybody's mentors can add up to points in [low, high)."""
        points, demand = self.program.points, self.program.demand
        most = int(demand.max(initial=0))
        if points.shape[0] * comb(points.shape[1] + most, most) > MOST_SUMS:
            return True
        for i, count in enumerate(demand.tolist()):
            usable = points[i][points[i] >= 0].tolist()
            had = int(max(stage.had[i], 0))
            for k in range(1, count + 1):
                if any(low <= had + sum(chosen) < high for chosen in combinations(usable, k)):
                    return True
        return False

    def _all_matched(self, had: Ints) -> list[SideRow]:
        open_ = (had < 0).astype(np.int64)
        if int(self.program.demand.max(initial=0)) <= 1:
            return [SideRow(open_, self.ones(1), least=int(open_.sum()))]
        return [
            SideRow((np.arange(had.size) == i).astype(np.int64), self.ones(1), least=1)
            for i in np.flatnonzero(open_)
        ]

    def _sums(self, pairs: tuple[Ints, Ints], had: Ints) -> Ints:
        sums = np.maximum(had, 0).copy()
        np.add.at(sums, pairs[0], self.program.points[pairs].astype(np.int64))
        return sums

    def _least(self, pairs: tuple[Ints, Ints], stage: WorstPair) -> int | None:
        matched = np.bincount(pairs[0], minlength=stage.had.size) > 0
        matched |= stage.had >= 0
        if not matched.any():
            return None
        return int(self._sums(pairs, stage.had)[matched].min())

    def _highest(self, stage: WorstPair) -> int:
        """What the best-off worst could be: everybody's own best mentors."""
        points, demand = self.program.points, self.program.demand
        most = max(1, int(demand.max(initial=1)))
        best = -np.sort(-np.maximum(points, 0), axis=1)[:, :most].astype(np.int64)
        if best.shape[1]:
            best = best * (np.arange(best.shape[1]) < demand[:, None])
        sums = best.sum(axis=1) + np.maximum(stage.had, 0)
        locked = sums[stage.had >= 0]
        if stage.everybody:
            return int(sums.min())
        return int(min(locked.min(), sums.max())) if locked.size else int(sums.max(initial=0))

    def _floored(self, base: Program, stage: WorstPair, floor: int) -> Program:
        """The programme without anybody matched whose points are below the floor."""
        if (
            int(base.demand.max(initial=0)) <= 1
            and not ((stage.had >= 0) & (base.demand > 0)).any()
        ):
            low = (base.points >= 0) & (base.points < floor)
            return replace(base, points=np.where(low, ~base.points, base.points))
        rows = []
        for i in range(stage.had.size):
            one = (np.arange(stage.had.size) == i).astype(np.int64)
            have = int(max(stage.had[i], 0))
            if stage.everybody or stage.had[i] >= 0:
                rows.append(SideRow(one, self.ones(1), scored=True, least=floor - have))
            else:  # the first slot's variable is 1 exactly if she is matched
                slot = int(self.slots[1][i])
                if slot >= 0:
                    rows.append(
                        SideRow(
                            one, self.ones(1), scored=True, least=0, extra=((slot, -float(floor)),)
                        )
                    )
        return base.with_rows(*rows)

    def squares(self, stage: Squares) -> bool:
        """Unit arcs of rising cost: the k-th mentee of a mentor costs 2 k - 1."""
        seats = np.minimum(self.program.capacity, self.program.points.shape[0])
        start = len(self.program.extra_low)
        rows: list[SideRow] = []
        cost: list[int] = []
        for j, count in enumerate(seats.tolist()):
            at = (np.arange(seats.size) == j).astype(np.int64)
            mine = [(start + len(cost) + k, -1.0) for k in range(count)]
            cost += [2 * (int(stage.had[j]) + k) + 1 for k in range(count)]
            rows.append(SideRow(self.ones(0), at, least=0, most=0, extra=tuple(mine)))
        leveled = self.program.with_extra([0.0] * len(cost), [1.0] * len(cost)).with_rows(*rows)
        extra = np.zeros(start + len(cost))
        extra[start:] = -np.array(cost, dtype=float)
        answer = self.maximize(None, extra, leveled)
        if not self.accept(answer):
            return False
        load = np.bincount(answer.columns, minlength=seats.size)
        value = int(((load + stage.had) ** 2).sum() - (stage.had**2).sum())
        entries = tuple((start + e, float(c)) for e, c in enumerate(cost))
        self.program = leveled.with_rows(
            SideRow(0 * self.ones(0), self.ones(1), most=value, extra=entries)
        )
        offset = int((stage.had**2).sum())
        bound = min(np.ceil(-answer.bound - 1e-6), value)
        self.reached.append(Reached(value + offset, bound + offset))
        return True

    def filled(self, stage: Filled) -> bool:
        start = len(self.program.extra_low)
        count = stage.seats.size
        rows = [
            SideRow(
                stage.mentee[r], stage.mentor[r], least=-float(stage.had[r]),
                extra=((start + r, -1.0),),
            )
            for r in range(count)
        ]  # fmt: skip
        leveled = self.program.with_extra([0.0] * count, [float(s) for s in stage.seats]).with_rows(
            *rows
        )
        extra = np.zeros(start + count)
        extra[start:] = 1
        answer = self.maximize(None, extra, leveled)
        if not self.accept(answer):
            return False
        inside = stage.mentee[:, answer.rows] * stage.mentor[:, answer.columns]
        value = int(np.minimum(inside.sum(axis=1) + stage.had, stage.seats).sum())
        self.program = leveled.with_rows(
            SideRow(
                0 * self.ones(0), self.ones(1), least=value,
                extra=tuple((start + r, 1.0) for r in range(count)),
            )
        )  # fmt: skip
        self.reached.append(Reached(value, max(np.floor(answer.bound + 1e-6), value)))
        return True
