"""The routes beyond one flow: each runs one solver on a lowered problem."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mentormatch.matching.lowering import MILLION, Lowered
from mentormatch.matching.problem import Problem
from mentormatch.matching.stages import (
    LARGE,
    SMALLEST_PRICED,
    Step,
    bands_of,
    shares_of,
    without_names,
)
from mentormatch.solvers.arrange import Order
from mentormatch.solvers.assignment import assign
from mentormatch.solvers.bottleneck import Network
from mentormatch.solvers.floors import solve_floors
from mentormatch.solvers.group_counts import solve_counted
from mentormatch.solvers.lagrangian import Band, solve_priced
from mentormatch.solvers.lexicographic import (
    Count,
    Reached,
    Result,
    Stage,
    Total,
    WorstPair,
    flow_stages,
    row_stages,
    value_in,
)
from mentormatch.solvers.program import Program
from mentormatch.solvers.windows import Shares, sweep
from mentormatch.solvers.windows import fits as uniform

PROVEN_FROM = 4000
"""Side rows on fewer admissible pairs are solved to proven optimality by default."""
FLOORS_FROM = 100_000
"""The same for the route "floors"."""
PATIENCE = 20.0
"""Seconds for which HiGHS may look for more than the Lagrangian found, if no limit is given."""
FLOWS, FEW_FLOWS = 40, 12
"""Flows of the Lagrangian; few where counting groups comes next."""
DEFAULT_GAP = 1e-3
"""Relative gap at which larger ones stop by default."""


def run(
    route: str,
    problem: Problem,
    lowered: Lowered,
    steps: tuple[Step, ...],
    time_limit: float | None,
    gap: float | None,
) -> Result:
    """Solve by one of `ROUTES`; times in seconds, gap relative (None: what fits the size)."""
    stages = without_names(steps)
    if route == "flow":
        network = Network(
            lowered.points, lowered.capacity, lowered.min_load, np.zeros(len(lowered.had), bool)
        )
        return flow_stages(
            network, stages, row_hash=lowered.row_hash, mentor_hash=lowered.mentor_hash,
            time_limit=time_limit,
        )  # fmt: skip
    if route == "windows":
        return _sweep(problem, lowered, steps, time_limit)
    if gap is None:
        pairs = int((lowered.points >= 0).sum())
        gap = 0.0 if pairs <= (FLOORS_FROM if route == "floors" else PROVEN_FROM) else DEFAULT_GAP
    if route == "floors":
        small = lowered.points.size < SMALLEST_PRICED
        part = time_limit / 2 if small and time_limit is not None else time_limit
        floored = _floors(lowered, steps, part, gap)
        if floored is not None and (not small or floored.status != "time_limit"):
            return floored
        other = _by_rows(lowered, stages, part, gap)
        return other if floored is None else better_of(floored, other)
    if route == "lagrangian":
        started = time.perf_counter()
        result = _lagrangian(problem, lowered, steps, time_limit, gap)
        if result.status == "optimal" or (result.reached and lowered.points.size >= LARGE):
            return result
        if counts_first(lowered):
            result = _counted(problem, lowered, steps, time_limit, gap, result)
            if result.status == "optimal":
                return result
        if time_limit is not None:
            time_limit = max(time_limit - (time.perf_counter() - started), 0.05)
        elif result.reached:
            time_limit = PATIENCE
        other = _by_rows(lowered, stages, time_limit, gap)
        return better_of(result, other) if result.reached else other
    return _by_rows(lowered, stages, time_limit, gap)


def _by_rows(
    lowered: Lowered, stages: Sequence[Stage], time_limit: float | None, gap: float
) -> Result:
    """Linear and integer programming, on people in the order of their hashed ids."""
    order = order_of(lowered)
    arranged = [order.stage(stage) for stage in stages]
    program = order.program(program_of(lowered))
    return order.result(row_stages(program, arranged, time_limit=time_limit, gap=gap))


def order_of(lowered: Lowered) -> Order:
    """Return the order in which solvers that decide ties by position see the people."""
    return Order.by_hash(lowered.row_hash, lowered.mentor_hash)


def _sweep(
    problem: Problem, lowered: Lowered, steps: tuple[Step, ...], time_limit: float | None
) -> Result:
    """One parity of matched shares or impact ratio: a flow per window of shares."""
    shares = shares_of(problem, lowered)
    swept = sweep(
        lowered.points, lowered.capacity, shares, row_bonus=lowered.row_bonus,
        min_load=lowered.min_load, row_hash=lowered.row_hash, mentor_hash=lowered.mentor_hash,
        time_limit=time_limit,
    )  # fmt: skip
    rows = np.flatnonzero(swept.mentor_of >= 0)
    columns = swept.mentor_of[rows]
    total = int(lowered.points[rows, columns].sum(dtype=np.int64))
    return Result(
        rows,
        columns,
        reached_by_fold(lowered, steps, rows.size, total, swept.bound - swept.objective),
        swept.status,
        np.full(len(lowered.capacity), np.nan),
        stats={"flows": swept.flows, "windows": swept.windows},
    )


def _lagrangian(
    problem: Problem,
    lowered: Lowered,
    steps: tuple[Step, ...],
    time_limit: float | None,
    gap: float,
) -> Result:
    """Parities over disjoint groups: prices per group over the flow kernel."""
    order = order_of(lowered)
    bands = [order.band(band) for band in bands_of(problem, lowered)]
    priced = solve_priced(
        order.matrix(lowered.points), lowered.capacity[order.columns], bands,
        row_bonus=lowered.row_bonus[order.rows], min_load=lowered.min_load[order.columns],
        gap=gap, most_solves=FEW_FLOWS if counts_first(lowered) else FLOWS,
        time_limit=time_limit,
    )  # fmt: skip
    held = np.flatnonzero(priced.mentor_of >= 0)
    rows, columns = order.back(held, priced.mentor_of[held])
    total = int(lowered.points[rows, columns].sum(dtype=np.int64))
    reached = (
        reached_by_fold(lowered, steps, rows.size, total, priced.bound - priced.objective)
        if priced.found
        else ()
    )
    return Result(
        rows, columns, reached, priced.status, np.full(len(lowered.capacity), np.nan),
        stats={"flows": priced.solves, "prices": priced.prices},
    )  # fmt: skip


def _floors(
    lowered: Lowered, steps: tuple[Step, ...], time_limit: float | None, gap: float
) -> Result | None:
    """Several mentors each, the worst-off first; None where seats are too few for everybody."""
    worst = next(step.stage for step in steps if isinstance(step.stage, WorstPair))
    order = order_of(lowered)
    floored = solve_floors(
        order.matrix(lowered.points), lowered.capacity[order.columns], lowered.demand[order.rows],
        worst.had[order.rows], min_load=lowered.min_load[order.columns],
        row_hash=lowered.row_hash[order.rows], mentor_hash=lowered.mentor_hash[order.columns],
        gap=gap, time_limit=time_limit,
    )  # fmt: skip
    if floored is None:
        return None
    rows, columns = order.back(floored.rows, floored.columns)
    reached = []
    for step in steps:
        value = value_in(step.stage, rows, columns, lowered.points)
        bound = value
        if isinstance(step.stage, WorstPair):
            value, bound = floored.floor, floored.floor_bound
        elif isinstance(step.stage, Total):
            bound = floored.bound + step.stage.offset
        reached.append(Reached(value, bound))
    return Result(
        rows, columns, tuple(reached), floored.status,
        np.full(len(lowered.capacity), np.nan), stats=floored.stats,
    )  # fmt: skip


def counts_first(lowered: Lowered) -> bool:
    """Whether to count groups: of medium size, and the number matched is all before the total."""
    return (
        lowered.matched_unit > 0
        and lowered.priority_unit == 0
        and SMALLEST_PRICED <= lowered.points.size < LARGE
    )


def _counted(
    problem: Problem,
    lowered: Lowered,
    steps: tuple[Step, ...],
    time_limit: float | None,
    gap: float,
    known: Result,
) -> Result:
    """Parities where people must be whole: how many are matched, how many of each group, who."""
    bands = bands_of(problem, lowered)
    matched = _most_matched(lowered, bands)
    order = order_of(lowered)
    at = np.full(len(lowered.had), -1, dtype=np.int64)
    before = order.pairs((known.rows, known.columns))
    at[before[0]] = before[1]
    counted = solve_counted(
        order.matrix(lowered.points), lowered.capacity[order.columns],
        [order.band(band) for band in bands], matched,
        min_load=lowered.min_load[order.columns], row_hash=lowered.row_hash[order.rows],
        mentor_hash=lowered.mentor_hash[order.columns], gap=gap,
        known=at if known.reached else None, prices=known.stats["prices"],
        time_limit=None if time_limit is None else time_limit / 2,
    )  # fmt: skip
    if not counted.found:
        return known
    held = np.flatnonzero(counted.mentor_of >= 0)
    rows, columns = order.back(held, counted.mentor_of[held])
    slack = counted.bound - counted.objective
    close = slack <= gap * max(counted.objective, 1) or len(steps) == 1
    return Result(
        rows,
        columns,
        reached_by_fold(lowered, steps, rows.size, counted.objective, slack),
        "optimal" if close else "time_limit",
        np.full(len(lowered.capacity), np.nan),
        stats={**known.stats, "counted": counted.flows},
    )


def _most_matched(lowered: Lowered, bands: tuple[Band, ...]) -> int:
    """Return how many can be matched, by each parity of shares alone: exact, a bound on both."""
    most = []
    for band in bands:
        if not band.scored and uniform(lowered.points, lowered.row_bonus):
            shares = Shares(
                np.where(lowered.demand > 0, band.group, -1), band.size, band.offset,
                band.within, band.ratio,
            )  # fmt: skip
            swept = sweep(
                lowered.points, lowered.capacity, shares, row_bonus=lowered.row_bonus,
                min_load=lowered.min_load,
            )  # fmt: skip
            most.append(int((swept.mentor_of >= 0).sum()))
    if not most:
        free = assign(
            lowered.points, lowered.capacity, row_bonus=lowered.row_bonus,
            min_load=lowered.min_load if lowered.min_load.any() else None, route="dense",
        )  # fmt: skip
        most.append(int((free.mentor_of >= 0).sum()))
    return min(most)


def better_of(one: Result, other: Result) -> Result:
    """Return the better of two answers to a maximisation, with the better bound of each stage."""
    if not other.reached:
        return one
    values = [tuple(stage.value for stage in result.reached) for result in (one, other)]
    best = one if values[0] > values[1] else other
    reached = []
    for stage, first, second in zip(best.reached, one.reached, other.reached, strict=True):
        bound = min(first.bound, second.bound)
        reached.append(replace(stage, bound=max(bound, stage.value)))
        if first.value != second.value:  # the later bounds hold for other earlier stages
            reached += best.reached[len(reached) :]
            break
    return replace(best, reached=tuple(reached))


def reached_by_fold(
    lowered: Lowered, steps: tuple[Step, ...], count: int, total: int, slack: int
) -> tuple[Reached, ...]:
    """Return what the folded stages reached, `slack` being how far the bound is away."""
    reached = []
    fewest_left = slack // lowered.matched_unit if lowered.matched_unit else 0
    for step in steps:
        offset = getattr(step.stage, "offset", 0)
        if isinstance(step.stage, Count):
            reached.append(Reached(count + offset, count + offset + fewest_left))
        else:
            most = total + slack if not fewest_left else MILLION * (count + fewest_left)
            reached.append(Reached(total + offset, most + offset))
    return tuple(reached)


def program_of(lowered: Lowered) -> Program:
    """Return a problem as side rows, for HiGHS."""
    return Program(
        lowered.points,
        lowered.capacity,
        lowered.min_load,
        lowered.demand,
        tuple(row.side for row in sorted(lowered.rows, key=lambda row: row.label)),
    )
