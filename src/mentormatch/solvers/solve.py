"""The one door: a programme and its stages go in, the best pairs and what is proven come out.

Whatever route runs, its pairs are checked against the programme in exact integers, and every value
that is reported is computed from the pairs by the stage itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.errors import Status
from mentormatch.solvers.assignment import Assignment, assign, kernel
from mentormatch.solvers.budget import Budget, Cancelled
from mentormatch.solvers.endings import Infeasible, OutOfTime
from mentormatch.solvers.flows import FlowRun
from mentormatch.solvers.fold import Fold, fold
from mentormatch.solvers.group_sums import has_room, sum_over, wide_over
from mentormatch.solvers.groups import Groups
from mentormatch.solvers.program import Pairs, Program, SideRow, flat, nobody, pairs_of
from mentormatch.solvers.source import flat_source
from mentormatch.solvers.stages import (
    Count,
    Exact,
    Fewest,
    Incumbent,
    Stage,
    Total,
    WorstPair,
)
from mentormatch.solvers.streamed import assign_source
from mentormatch.solvers.work import work_of

if TYPE_CHECKING:
    from mentormatch.solvers.group_flow import Grouped, Reached

__all__ = ["ROUTES", "Solution", "fitting", "solve"]

Ints: TypeAlias = NDArray[np.int64]

LARGE = 1_000_000
"""From so many pairs on, what prices reached is not handed on to HiGHS."""
SMALLEST_PRICED = 4_000
"""Below so many pairs HiGHS proves parities and floors to the last point."""
PROVEN_FROM = 4000
"""Side rows on fewer admissible pairs are solved to proven optimality by default."""
FLOORS_FROM = 100_000
"""The same for the route "floors"."""
DEFAULT_GAP = 1e-3
"""Relative gap at which larger ones stop by default."""
CLOSED_UP_TO = 50_000
"""So many pairs at most, prices of rows go on to the last point even where a gap is allowed by
default: HiGHS then looks at the undecided pairs for a limited number of nodes."""
FLOWS, FEW_FLOWS = 40, 12
"""Flows at prices; few where counting groups comes next."""
GRACE, LEAST_GRACE = 0.7, 0.2
"""Seconds, from when the time is up, in which anything feasible is looked for: so many at least."""
GRACE_SHARE = 0.15
"""The same as a part of the time limit, if that is more."""
PAIRS_A_SECOND, FIRST_DIVE = 150_000, 8
"""With at most so many pairs for each second of the limit, routes by flows find pairs in time;
where rows are priced, it takes about eight flows until pairs keep them all."""
FINE_COST = 1 << 20
"""Parts of a cost in which rows are priced: about as many as there are points to a score."""
MOST_PRICE = 1 << 54
"""Guesses of prices in int64 are no greater."""
DUST = 1e-9
"""Relative gap that floating point leaves where linear programmes bound a mean."""


@dataclass(frozen=True, eq=False)
class Solution:
    """The best pairs found, and what is proven about all others.

    pairs : positions of mentees and mentors, without those of locks.
    values, bounds : per stage, in its unit; a bound holds among all pairs that do at least as well
        in the stages before it.
    status : Status;  found : bool, whether any pairs satisfy the programme.
    route : str, what solved it;  unique : bool, proven to be the only best.
    fold, price : the stages as one sum, and int64 (m,), what one more seat of each mentor adds to
        it, where that is known.
    """

    pairs: Pairs
    values: tuple[Exact, ...]
    bounds: tuple[float, ...]
    status: Status
    route: str
    found: bool = True
    unique: bool = False
    fold: Fold | None = None
    price: Ints | None = None
    stats: dict[str, Any] = field(default_factory=dict)


class Task:
    """One solve under way: what is asked, what is known, what is proven so far."""

    def __init__(
        self, program: Program, stages: Sequence[Stage], budget: Budget, names: Sequence[str]
    ) -> None:
        self.program, self.stages, self.budget, self.names = program, tuple(stages), budget, names
        self.incumbent = Incumbent(program, self.stages)
        self.fold = fold(program, self.stages)
        self.free: Assignment | None = None  # the flow without rows, where it was solved
        self.near: Pairs | None = None  # pairs that keep all but the rows
        self.bounds: tuple[float, ...] = ()
        self.interrupted = self.unique = False
        self.price: Ints | None = None
        self.ran: str | None = None  # the kernel of the last flow, where all was one
        self.kernel = "auto"
        self.start: Assignment | None = None
        self.stats: dict[str, Any] = {}
        self.gap = 0.0
        self.relaxed: dict[int, float] = {}  # what the stages come to without the rows

    def without_rows(self, at: int, values: Sequence[Exact]) -> float:
        """Return what a stage cannot exceed even without the rows.

        It holds among the pairs that do as well in the counts before it as any pairs can.
        """
        before = all(float(values[i]) == most for i, most in self.relaxed.items() if i < at)
        return self.relaxed.get(at, np.inf) if before else np.inf

    @cached_property
    def whole(self) -> Fold | None:
        """The stages as one sum, each step of which outweighs all sums of the stages after it."""
        return fold(self.program, self.stages, whole=True)

    @cached_property
    def groups(self) -> Groups | None:
        """The rows as bounds on disjoint groups, None where they are more than that."""
        from mentormatch.solvers.groups import laminar

        return laminar(self.program)

    def proved(self, bound: float) -> None:
        """Take down the bound of the next stage, and tell whoever listens."""
        at = len(self.bounds)
        self.bounds = (*self.bounds, float(bound))
        value = self.incumbent.values()[at] if self.incumbent.pairs is not None else np.nan
        self.budget.tell(self.names[at], float(value), float(bound))

    def closed(self) -> bool:
        """Whether every stage is within the gap asked for."""
        if len(self.bounds) < len(self.stages) or self.incumbent.pairs is None:
            return False
        reached = zip(self.incumbent.values(), self.bounds, strict=True)
        return all(
            abs(bound - float(value)) <= self.gap * max(abs(bound), abs(float(value)))
            for value, bound in reached
        )

    def ended(self, pairs: Pairs, bound: int, folded: Fold) -> None:
        """Take the answer of a folded solve: pairs, and the bound on the sum."""
        self.incumbent.offer(pairs, last=True)
        if self.incumbent.pairs is None:
            self.incumbent.offer(nobody())
        if self.incumbent.pairs is not None:
            slack = bound - folded.worth(self.program, self.incumbent.pairs)
            values = self.incumbent.values()
            self.bounds = folded.bounds(self.program, self.stages, values, slack, bound)
            for name, value, most in zip(self.names, values, self.bounds, strict=True):
                self.budget.tell(name, float(value), most)


# -- the routes -----------------------------------------------------------------------------------


def _assigned(
    program: Program, folded: Fold, seconds: float | None, *, route: str = "auto",
    start: Assignment | None = None, guess: tuple[Ints, Ints] | None = None,
) -> Assignment:  # fmt: skip
    """Solve a folded sum on the flow of a programme, its rows left out."""
    if folded.source is not None:
        return assign_source(
            folded.source, program.capacity, row_bonus=folded.bonus,
            row_hash=program.row_hash, mentor_hash=program.mentor_hash,
            min_load=program.min_load if program.min_load.any() else None, time_limit=seconds,
            guess=guess, demand=program.demand if program.several else None,
        )  # fmt: skip
    return assign(
        folded.worths(program), program.capacity, row_bonus=folded.bonus,
        row_hash=program.row_hash, mentor_hash=program.mentor_hash,
        min_load=program.min_load if program.min_load.any() else None,
        demand=program.demand if program.several else None,
        time_limit=seconds, route=route, start=start,
    )  # fmt: skip


def _one_flow(task: Task) -> None:
    """Everything folded into one sum over one flow."""
    program = task.program
    assert task.fold is not None
    if program.source is not None:
        _by_rows(task, task.fold)
        return
    solution = _summed(task)
    if task.fold.capped and not _settled(task, solution):
        task.fold = fold(program, task.stages, light=False)
        solution = _summed(task)
    folded = task.fold
    assert folded is not None
    if solution.status == "infeasible":
        raise Infeasible
    task.interrupted = solution.status == "interrupted"
    if not _settled(task, solution):
        task.incumbent.offer(pairs_of(solution.mentor_of))
        (_flows if _is_flows(task) else _rows)(task)
    else:
        task.unique, task.ran, task.price = solution.unique, solution.route, solution.mentor_price
        task.ended(pairs_of(solution.mentor_of), solution.bound, folded)
    if folded.capped:  # the prices are those of the sum, not of the stages in order
        _price_in_order(task)


def _by_rows(task: Task, folded: Fold) -> None:
    """Everything folded into one sum over pairs that are no matrix.

    Where int32 does not hold a sum that tells all stages apart, a lighter one gives pairs and
    prices near the best; with these the whole sum, in int64, is solved over the listed pairs and
    proven over all.
    """
    program, wide = task.program, None
    work_of(program.source).report = task.budget.report
    solution = _summed(task)
    if folded.capped and solution.status == "optimal":
        wide = fold(program, task.stages, wide=True)
        if wide is not None:
            guess = solution.mentor_of, wide.joined(folded.split(solution.mentor_price))
            task.fold, light = wide, solution
            solution = _assigned(program, wide, task.budget.left(), guess=guess)
            solution.stats["light"] = light.stats
    if solution.status == "infeasible":
        raise Infeasible
    task.interrupted = solution.status == "interrupted"
    task.ran, task.stats = solution.route, solution.stats
    pairs = pairs_of(solution.mentor_of)
    if folded.capped and wide is None and not _settled(task, solution):
        task.incumbent.offer(pairs)  # the best found, and no bound on it
        return
    proven = wide is not None or not folded.capped
    task.unique = solution.unique and proven
    task.price = solution.mentor_price if proven else None
    assert task.fold is not None
    task.ended(pairs, solution.bound, task.fold)


def _price_in_order(task: Task) -> None:
    """Find the prices of the stages in order, in a sum whose values no flow holds."""
    from mentormatch.solvers.smallest_prices import smallest_prices

    task.price, program, pairs = None, task.program, task.incumbent.pairs
    folded = fold(program, task.stages, wide=True)
    if folded is None or pairs is None or program.several or not task.closed():
        return
    task.fold = folded
    task.price = smallest_prices(
        folded.worths(program), program.capacity, program.min_load, folded.bonus,
        program.mentors_of(*pairs),
    )  # fmt: skip


def _summed(task: Task) -> Assignment:
    assert task.fold is not None
    return _assigned(
        task.program, task.fold, task.budget.left(), route=task.kernel, start=task.start
    )


def _settled(task: Task, solution: Assignment) -> bool:
    """Whether the best sum is best in order also where pairs' costs may weigh too little in it."""
    folded = task.fold
    assert folded is not None
    if solution.status != "optimal" or not folded.capped:
        return True  # nothing is proven, and nothing claimed; or nothing weighs too little

    def best_of(alone: Fold) -> Pairs | None:
        best = _assigned(task.program, alone, task.budget.left())
        return pairs_of(best.mentor_of) if best.status == "optimal" else None

    costs = [at for at, stage in enumerate(task.stages) if isinstance(stage, Fewest)]
    return _best_in_order(task, pairs_of(solution.mentor_of), costs, best_of)


def _best_in_order(
    task: Task, pairs: Pairs, doubted: Sequence[int], best_of: Callable[[Fold], Pairs | None],
    exits: int = 0, leaves: int = 0,
) -> bool:  # fmt: skip
    """Whether no pairs do better in the stages at some places, those before being as good.

    Each is compared with what is best up to it, in a sum in which it outweighs what follows.
    """
    compared = 0  # so many stages are known to be at their best
    for at in reversed(doubted):
        stage = task.stages[at]
        if at < compared or float(stage.value(task.program, pairs)) == stage.ceiling(task.program):
            continue
        alone = _up_to(task, at, exits, leaves)
        best = None if alone is None or alone.capped else best_of(alone)
        if best is None or any(
            one.value(task.program, best) != one.value(task.program, pairs)
            for one in task.stages[: at + 1]
        ):
            return False
        compared = at + 1
    return True


def _up_to(task: Task, at: int, exits: int, leaves: int) -> Fold | None:
    """Return the stages up to one as a sum in which nothing else tells pairs apart."""
    if task.program.source is not None:
        program = replace(task.program, source=flat_source(task.program.source))
    else:
        program = replace(task.program, points=flat(task.program.points))
    return fold(program, [*task.stages[: at + 1], Total()], exits=exits, leaves=leaves)


def _flows(task: Task) -> None:
    """One flow per stage, each narrowed to the best of the stages before."""
    run = FlowRun(task.program, task.budget, task.incumbent)
    for position, stage in enumerate(task.stages):
        bound = stage.by_flow(run, position + 1 == len(task.stages))
        task.incumbent.offer(run.pairs, last=True)
        task.proved(float(bound))
    task.unique = run.unique


def _groups(task: Task) -> None:
    """Rows that bound disjoint groups of mentors and of mentees: one flow over all of them."""
    from mentormatch.solvers.group_flow import solve_groups

    if task.program.source is not None:
        _groups_by_rows(task)
        return
    folded = task.whole
    assert folded is not None
    solution = solve_groups(
        task.program, folded.value, folded.bonus, groups=task.groups, start=task.free,
        time_limit=task.budget.left(),
    )  # fmt: skip
    if solution.status == "infeasible":
        raise Infeasible
    task.unique = solution.unique
    task.interrupted = solution.status == "interrupted"
    task.ended(pairs_of(solution.mentor_of), solution.bound, folded)


def _groups_by_rows(task: Task) -> None:
    """The same over pairs that are no matrix, as `_by_rows` does without groups."""
    from mentormatch.solvers.group_flow import solve_groups

    program, groups = task.program, task.groups
    assert groups is not None
    assert program.source is not None
    work_of(program.source).report = task.budget.report
    sums = sum_over(program, task.stages, groups)
    assert sums is not None
    folded, of = sums

    def grouped(one: Fold, after: Reached | None = None) -> Grouped:
        return solve_groups(
            program, None, one.bonus, groups=groups, source=one.source, after=after,
            time_limit=task.budget.left(),
        )  # fmt: skip

    def wider(price: Ints) -> Ints:
        parts = [np.zeros_like(price) for _ in task.stages]
        for at, part in zip(of, folded.split(price), strict=True):
            parts[at] = part
        assert wide is not None
        return np.clip(wide.joined(parts), -MOST_PRICE, MOST_PRICE)

    task.ran = "streamed"
    solution, best = grouped(folded), folded
    if solution.status == "infeasible":
        raise Infeasible
    task.incumbent.offer(pairs_of(solution.mentor_of))
    free = _most_without(task, folded, solution)
    wide = None
    if folded.capped and solution.status == "optimal":
        wide = wide_over(program, task.stages, groups)
    if wide is not None:
        assert solution.reached is not None
        solution, best = grouped(wide, solution.reached.priced(wider)), wide

    def best_of(alone: Fold) -> Pairs | None:
        if alone.capped or not has_room(groups, alone.bonus, alone.top):
            return None
        found = grouped(alone)
        return pairs_of(found.mentor_of) if found.status == "optimal" else None

    pairs = pairs_of(solution.mentor_of)
    task.interrupted, task.stats = solution.status == "interrupted", solution.stats | free
    unsure = best.capped and solution.status == "optimal"
    doubted = range(len(task.stages) - 1) if unsure else ()
    if len(of) < len(task.stages) and wide is None:
        return  # the best found, and no bound on it
    if _best_in_order(task, pairs, doubted, best_of, groups.exits, groups.leaves):
        task.unique = solution.unique
        task.ended(pairs, solution.bound, best)


def _most_without(task: Task, folded: Fold, solution: Grouped) -> dict[str, int]:
    """Return how many seats could be filled without rows, where the flow without them tells."""
    first, program = task.stages[0], task.program
    if solution.reached is None or not isinstance(first, Count) or not (first.weight == 1).all():
        return {}
    free = int((solution.reached.mentor_of >= 0).sum())
    most = min(int(program.demand.sum()), int(program.capacity.sum()))
    return {"free": free} if free == most or not folded.capped else {}


def _windows(task: Task) -> None:
    """One parity of matched shares or impact ratio: a flow per window of shares."""
    from mentormatch.solvers.windows import Shares, fits, sweep

    program, folded = task.program, _for_windows(task)
    assert folded is not None
    shares = Shares.of(program.bands[0], program.demand)

    def best_of(alone: Fold) -> Pairs | None:
        if not fits(alone.worths(program), alone.bonus):
            return None
        best = sweep(
            alone.worths(program), program.capacity, shares, row_bonus=alone.bonus,
            min_load=program.min_load, late=task.budget.late,
        )  # fmt: skip
        return pairs_of(best.mentor_of) if best.status == "optimal" else None

    swept = sweep(
        folded.worths(program), program.capacity, shares,
        row_bonus=folded.bonus, min_load=program.min_load, row_hash=program.row_hash,
        mentor_hash=program.mentor_hash, late=task.budget.late,
    )  # fmt: skip
    if swept.status == "infeasible":
        raise Infeasible
    task.stats = {"flows": swept.flows, "windows": swept.windows}
    pairs, exits = pairs_of(swept.mentor_of), shares.size.size + 1
    doubted = range(len(task.stages) - 1) if folded.capped and swept.status == "optimal" else ()
    if not _best_in_order(task, pairs, doubted, best_of, exits):
        task.incumbent.offer(pairs)
        _row_prices(task)
        return
    task.ended(pairs, swept.bound, folded)


def _for_windows(task: Task) -> Fold | None:
    """Return the sum that windows are swept for: beside the first count, only light ones fit."""
    one_count = all(isinstance(stage, Total) for stage in task.stages[1:])
    return task.fold if one_count else fold(task.program, task.stages, light=True)


def _floors(task: Task) -> None:
    """Several mentors each, the worst-off first; "rows" where seats are too few for everybody."""
    from mentormatch.solvers.rows.floors import solve_floors

    program = task.program
    worst = next(stage for stage in task.stages if isinstance(stage, WorstPair))
    small = program.points.size < SMALLEST_PRICED
    part = task.budget.part(0.5) if small else task.budget
    floored = solve_floors(program, worst.had, gap=task.gap, budget=part)
    if floored is not None and floored.status == "infeasible":
        raise Infeasible
    if floored is not None:
        task.incumbent.offer((floored.rows, floored.columns), last=True)
    if floored is None or (small and floored.status != "optimal"):
        _rows(task)
        return
    for stage, value in zip(task.stages, task.incumbent.values(), strict=True):
        bound = float(value)  # everybody has all the mentors she can have
        if isinstance(stage, WorstPair):
            bound = float(floored.floor_bound)
        elif isinstance(stage, Total):
            bound = float(floored.bound + stage.offset)
        task.proved(bound)


def _prices(task: Task) -> None:
    """Rows and parities as prices in one flow, then counts of groups, then rows."""
    from mentormatch.solvers.rows.prices import by_prices

    folded, program = task.whole, task.program
    costs = any(isinstance(stage, Fewest) for stage in task.stages)
    if not program.only_bands or program.several or costs:
        _row_prices(task)
        return
    assert folded is not None
    counted_next = _counts_first(task)
    priced = by_prices(
        replace(program, rows=()),
        None if folded.value is None else folded.value.astype(np.int64), folded.bonus,
        bands=program.bands, budget=task.budget.within(task.gap), known=task.incumbent.pairs,
        start=task.free, most_flows=FEW_FLOWS if counted_next else FLOWS,
    )  # fmt: skip
    if priced.found:
        task.ended((priced.rows, priced.columns), int(priced.bound), folded)
    large = program.points.size >= LARGE
    if priced.status == "optimal" or (priced.found and large) or task.closed():
        return
    if counted_next and _counted(task, priced.multipliers):
        return
    _rows_as_well(task)


def _rows_as_well(task: Task) -> None:
    """Close by linear and integer programming what prices left open, if there is time.

    Where neither time nor gap was asked for, a search takes a number of nodes that falls with the
    size.
    """
    from mentormatch.solvers.rows.highs import patience
    from mentormatch.solvers.rows.linear import KEPT_PER_MENTEE

    if task.budget.late():
        return
    before, task.bounds = task.bounds, ()
    values = () if task.incumbent.pairs is None else task.incumbent.values()
    nodes = None
    if task.budget.seconds is None and task.budget.gap is None:
        nodes = patience(KEPT_PER_MENTEE * task.program.shape[0])
    try:
        _rows(task, nodes)
    finally:
        task.bounds = _tighter(task, before, values)


def _row_prices(task: Task) -> None:
    """One stage after another by prices of the rows; what each reached is one row more.

    Folded stages would take prices as large as what the first outweighs the last by.
    """
    from mentormatch.solvers.rows.prices import by_prices

    program = task.program
    closing = task.budget.gap is None and program.points.size <= CLOSED_UP_TO
    gap = 0.0 if closing else task.gap
    for at, stage in enumerate(task.stages):
        known = task.incumbent.pairs
        if known is not None and task.budget.late():
            return
        bound = np.inf
        if isinstance(stage, Count) and len(task.program.rows) == 1:
            bound = _count_beside_pairs(task, at)
            known = task.incumbent.pairs
        reached = np.nan if known is None else float(task.incumbent.values()[at])
        least = stage.ceiling(program) if isinstance(stage, Fewest) else np.inf
        if reached == min(
            bound, least, task.without_rows(at, task.incumbent.values() if known else ())
        ):
            task.proved(reached)  # as good as without the rows
        else:
            under, stages = _with_counts(task, at, program)
            value, bonus, one = _summed_up(under, stages)
            priced = by_prices(
                under, value, bonus, known=known,
                budget=task.budget.part(1 / (len(task.stages) - at)).within(gap),
            )  # fmt: skip
            if priced.status == "infeasible" and known is None:
                raise Infeasible
            if priced.found:
                task.incumbent.offer((priced.rows, priced.columns), last=True)
            if task.incumbent.pairs is None:
                break
            if isinstance(stage, Fewest):
                matched = int(task.incumbent.pairs[0].size)
                finite = isfinite(priced.bound)
                bound = stage.least(priced.bound / FINE_COST, matched) if finite else -np.inf
            elif isfinite(priced.bound):
                values = task.incumbent.values()[at + 1 - len(stages) : at + 1]
                most = int(priced.bound)
                assert one is not None
                slack = most - one.worth(under, task.incumbent.pairs)
                bound = min(bound, one.bounds(under, stages, values, slack, most)[-1])
            ceiling = stage.ceiling(task.program)
            task.proved(max(bound, ceiling) if stage.minimises else min(bound, ceiling))
        program = program.with_rows(*_kept_up(task, stage))
    if not task.closed() and task.program.points.size < LARGE:
        _rows_as_well(task)


def _with_counts(task: Task, at: int, program: Program) -> tuple[Program, list[Stage]]:
    """Return the programme in which a stage is solved, and the stages that are solved with it.

    Beside a single row, a count takes the counts before it along: then that row alone has a price,
    and two flows tell where the next one lies.
    """
    stages = list(task.stages[: at + 1])
    alone = len(task.program.rows) == 1 and all(isinstance(s, Count) for s in stages)
    if at == 0 or not alone or fold(task.program, stages, whole=True) is None:
        return program, [task.stages[at]]
    return task.program, stages


def _summed_up(program: Program, stages: Sequence[Stage]) -> tuple[Ints | None, Ints, Fold | None]:
    """Return stages as a sum to maximise: value of each pair (None: its points), bonus, fold."""
    if isinstance(stages[-1], Fewest):  # alone; rows hold the number matched
        gain = stages[-1].gain.astype(np.int64) * FINE_COST
        none = np.zeros(program.shape[0], dtype=np.int64)
        return np.where(program.points >= 0, gain, -1), none, None
    one = fold(program, stages, whole=True)
    assert one is not None
    return None if one.value is None else one.value.astype(np.int64), one.bonus, one


def _count_beside_pairs(task: Task, at: int) -> float:
    """Raise a count beside a row that keeps listed pairs; return what it cannot exceed.

    A flow for the count first, then the pairs; where it keeps too few, one whose count leaves out
    as many people as that. A flow in which both weigh the same bounds their sum.
    """
    program, stage = task.program, task.stages[at]
    (row,) = program.rows
    if row.pairs is None or row.least is None or row.most is not None or program.several:
        return np.inf
    assert isinstance(stage, Count)
    before = [s for s in task.stages[:at] if isinstance(s, Count)]
    if any(task.bounds[i] != float(task.incumbent.values()[i]) for i in range(at)):
        return np.inf
    points = flat(program.points)
    free = replace(program, points=points, rows=())
    kept = Total(0, row.pairs, 1)

    def flow(stages: list[Stage], value: NDArray[np.int32] | None = None) -> Pairs:
        summed = fold(free, stages)
        assert summed is not None
        if value is not None:
            summed = replace(summed, value=value)
        return pairs_of(_assigned(free, summed, task.budget.left()).mentor_of)

    found = flow([*before, stage, kept])
    task.incumbent.offer(found)
    short = int(row.least) - row.amount(*found, points[found])
    if short > 0:
        who = np.flatnonzero((stage.fresh > 0) & (program.mentors_of(*found) >= 0))
        fewer = stage.weight.copy()
        fewer[who[:short]] = 0
        task.incumbent.offer(flow([*before, replace(stage, weight=fewer), kept]))
    worth = kept.worth(free) + stage.fresh[:, None]
    alike = flow([*before, kept], np.where(points >= 0, worth, -1).astype(np.int32))
    if not task.budget.late():
        most = int(stage.fresh[alike[0]].sum()) + row.amount(*alike, points[alike]) - int(row.least)
        return float(most + stage.offset)
    return np.inf


def _kept_up(task: Task, stage: Stage) -> tuple[SideRow, ...]:
    """Return the row that keeps what a stage has reached."""
    n, m = task.program.shape
    assert task.incumbent.pairs is not None
    least = int(stage.value(task.program, task.incumbent.pairs)) - getattr(stage, "offset", 0)
    one = np.ones(m, dtype=np.int64)
    if isinstance(stage, Fewest):
        return (SideRow(pairs=stage.level(1), most=float(least)),)  # alone, a pair costs 0 or 1
    if isinstance(stage, Count):
        return (SideRow(stage.fresh, one, least=least),)
    return (SideRow(np.ones(n, dtype=np.int64), one, scored=True, least=least),)


def _counts_first(task: Task) -> bool:
    """Whether to count groups: of medium size, and the number matched is all before the total."""
    first, program = task.stages[0], task.program
    return (
        bool(program.bands)
        and program.only_bands
        and not program.several
        and isinstance(first, Count)
        and bool((first.weight == 1).all())
        and len(task.stages) <= 2
        and SMALLEST_PRICED <= program.points.size < LARGE
    )


def _counted(task: Task, prices: NDArray[np.float64]) -> bool:
    """People must be whole: how many are matched, how many of each group, who. True if closed."""
    from mentormatch.solvers.rows.counts import solve_counted

    program = replace(task.program, rows=())
    if task.stages[-1] is task.stages[0]:
        return False  # nothing but the number matched
    matched = _most_matched(task)
    counted = solve_counted(
        program, program.bands, matched, gap=task.gap, known=task.incumbent.pairs, prices=prices,
        budget=task.budget.part(0.5),
    )  # fmt: skip
    if not counted.found:
        return False
    task.incumbent.offer((counted.rows, counted.columns), last=True)
    values = task.incumbent.values()
    count = float(matched + getattr(task.stages[0], "offset", 0))
    if values[0] != count:
        return False
    offset = getattr(task.stages[-1], "offset", 0)
    task.bounds = (count, float(counted.bound + offset))
    return task.closed()


def _most_matched(task: Task) -> int:
    """Return how many can be matched, by each parity of shares alone: exact, a bound on all."""
    from mentormatch.solvers.windows import Shares, sweep

    program = task.program
    worth, one = flat(program.points), np.ones(program.shape[0], dtype=np.int64)
    most = []
    for band in program.bands:
        if not band.scored:
            swept = sweep(
                worth, program.capacity, Shares.of(band, program.demand), row_bonus=one,
                min_load=program.min_load, late=task.budget.late,
            )  # fmt: skip
            if swept.status == "infeasible":
                raise Infeasible
            most.append(swept.bound)
    if not most:
        least = program.min_load if program.min_load.any() else None
        free = assign(
            worth, program.capacity, row_bonus=one, min_load=least, route=kernel(worth.size)
        )
        if free.status == "infeasible":
            raise Infeasible
        most.append(free.bound)
    return min(most)


def _rows(task: Task, nodes: int | None = None) -> None:
    """Linear and integer programming; at most so many nodes for each search."""
    from mentormatch.solvers.staged import RowRun

    if task.budget.late() and task.near is not None and task.incumbent.pairs is None:
        raise OutOfTime(np.inf)  # what is near may be mended yet
    run = RowRun(task.program, task.budget, task.gap, task.incumbent, len(task.stages))
    run.nodes = run.nodes if nodes is None else nodes
    following = [*task.stages[1:], None]
    for stage, after in zip(task.stages, following, strict=True):
        task.proved(run.stage(stage, after))


def _tighter(task: Task, before: tuple[float, ...], values: tuple[Exact, ...]) -> tuple[float, ...]:
    """Return the tighter of two series of bounds, the first found when `values` were known.

    A bound on a later stage holds among pairs that do as well in the earlier ones.
    """
    now = task.incumbent.values() if task.incumbent.pairs is not None else ()
    merged = list(task.bounds)
    for at, (stage, bound) in enumerate(zip(task.stages, before, strict=False)):
        earlier = zip(task.stages[:at], now[:at], values[:at], strict=False)
        if any(new > old if s.minimises else new < old for s, new, old in earlier):
            break
        if at < len(merged):
            merged[at] = (max if stage.minimises else min)(bound, merged[at])
        elif at == len(merged):
            merged.append(bound)
    return tuple(merged)


# -- the choice -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """One way to solve: whether it can, whether it is chosen where it can, and how."""

    name: str
    fits: Callable[[Task], bool]
    run: Callable[[Task], None]
    smallest: int = 0


def _is_one_flow(task: Task) -> bool:
    return task.fold is not None and not task.program.rows


def _is_flows(task: Task) -> bool:
    plain = not task.program.rows and not task.program.several
    return plain and all(stage.flows(task.program) for stage in task.stages)


def _is_priced(task: Task) -> bool:
    """Counts of first mentors, then the total; with several mentors the total alone."""
    costs = [stage for stage in task.stages if isinstance(stage, Fewest)]
    one_by_one = all(stage.most <= 1 for stage in costs) and all(
        isinstance(stage, Count | Fewest | Total) for stage in task.stages
    )
    if not task.program.rows or not (one_by_one if costs else task.whole is not None):
        return False
    return not task.program.several or not any(isinstance(s, Count) for s in task.stages)


def _is_groups(task: Task) -> bool:
    folded = task.whole
    if folded is None or not task.program.rows or task.program.bands:
        return False
    top = task.program.top if folded.value is None else int(folded.value.max(initial=0))
    return task.groups is not None and has_room(task.groups, folded.bonus, top)


def _is_windows(task: Task) -> bool:
    from mentormatch.solvers.windows import fits

    program = task.program
    if program.several or not program.only_bands or not program.rows or len(program.bands) != 1:
        return False
    folded, bands = _for_windows(task), program.bands
    if folded is None:
        return False
    one = len(bands) == 1 and not bands[0].scored
    return one and fits(folded.worths(program), folded.bonus)


def _is_floors(task: Task) -> bool:
    order = [type(stage) for stage in task.stages if not isinstance(stage, Count)]
    counts = [stage for stage in task.stages if isinstance(stage, Count)]
    return (
        task.program.several
        and not task.program.rows
        and order in ([WorstPair], [WorstPair, Total])
        and all(isinstance(stage, Count) for stage in task.stages[: len(counts)])
        and bool(counts)
        and all((count.weight <= 1).all() for count in counts)
    )


ROUTES: tuple[Route, ...] = (
    Route("one flow", _is_one_flow, _one_flow),
    Route("flow", _is_flows, _flows),
    Route("groups", _is_groups, _groups),
    Route("windows", _is_windows, _windows),
    Route("floors", _is_floors, _floors),
    Route("prices", _is_priced, _prices, smallest=SMALLEST_PRICED),
    Route("rows", lambda task: True, _rows),
)
"""The first that fits and is large enough is taken:

1. "one flow": stages that fold into one sum (counts of mentees with weights, then the total), no
   side rows; any loads, demands and floors. Exact, with prices.
2. "flow": one mentor each, no side rows, stages that are flows: one after another. Exact.
3. "groups": stages of 1, and rows that bound disjoint groups: one flow over them. Exact.
4. "windows": stages of 1, one mentor each, and the only rows are one parity of matched shares or
   impact ratio: one flow per window of shares. Exact.
5. "floors": several mentors each, counts, then the worst-off, then perhaps the total. Exact or a
   certified gap.
6. "prices": stages of 1 and any rows: a price per row (per group, where all rows are parities) over
   one flow, reduced costs, then counts of groups or "rows" for what gap is left. Certified gap.
7. "rows": everything else, by linear and integer programming. Certified gap.
"""


def solve(
    program: Program,
    stages: Sequence[Stage],
    budget: Budget | None = None,
    *,
    route: str = "auto",
    names: Sequence[str] = (),
    start: Assignment | None = None,
) -> Solution:
    """Find the lexicographically best pairs of a programme.

    Parameters
    ----------
    program
        n mentees, m mentors.
    stages
        In order of importance, at least one.
    budget
        Time, gap and listener.
    route
        "auto", a name of `ROUTES`, or a kernel of `assign` for one flow.
    names
        What the listener is told each stage is called.
    start
        An earlier answer of one flow, as a warm start; it never changes the answer.

    Returns
    -------
    Solution
        Its status is "infeasible" if that is proven; `found` is False also where no pairs that
        satisfy the programme came to light within the budget.

    Raises
    ------
    ValueError
        If the route does not fit; the message lists those that do.
    """
    budget = Budget() if budget is None else budget
    task = Task(program, stages, budget, names or [type(stage).__name__ for stage in stages])
    task.start = start
    chosen = _choose(task, route)
    task.gap = _default_gap(program, chosen) if budget.gap is None else budget.gap
    try:
        if chosen.run is not _one_flow and not program.options().any():
            _nothing_to_choose(task)
        else:
            _warm(task, chosen)
            chosen.run(task)
    except Infeasible:
        if task.incumbent.pairs is None:
            return _none(task, chosen.name, Status.INFEASIBLE)
        task.stats["contradicted"] = True  # numerical trouble: what is known stands, unproven
    except OutOfTime as end:
        task.interrupted |= end.interrupted
        if isfinite(end.bound) and len(task.bounds) < len(task.stages):
            task.bounds = (*task.bounds, _offset(task, end.bound))
    except (Cancelled, KeyboardInterrupt):
        task.interrupted = True
    if task.incumbent.pairs is None:
        task.incumbent.offer(nobody())
    if task.incumbent.pairs is None and not task.interrupted:
        _last_resort(task)
    if task.incumbent.pairs is None:
        status = Status.INTERRUPTED if task.interrupted else _limit(budget)
        return _none(task, chosen.name, status)
    return _solution(task, chosen.name)


def fitting(program: Program, stages: Sequence[Stage]) -> tuple[str, ...]:
    """Return the names of the routes that can solve a programme."""
    task = Task(program, stages, Budget(), [type(stage).__name__ for stage in stages])
    return tuple(one.name for one in ROUTES if one.fits(task))


def _offset(task: Task, bound: float) -> float:
    """Return a bound that a stage's flow proved, with what locks add to it."""
    stage = task.stages[len(task.bounds)]
    return min(bound + float(getattr(stage, "offset", 0)), stage.ceiling(task.program))


def _nothing_to_choose(task: Task) -> None:
    """No pair is open: nobody is the only answer, if it is one."""
    if not task.incumbent.offer(nobody()):
        raise Infeasible
    task.unique = True
    for value in task.incumbent.values():
        task.proved(float(value))


def _warm(task: Task, chosen: Route) -> None:
    """Have something feasible at hand before a route that may end without anything."""
    program = task.program
    if chosen.run in (_one_flow, _flows):
        return
    task.incumbent.offer(nobody())
    if program.source is not None:
        return  # what is solved first is kept
    total = [at for at, stage in enumerate(task.stages) if isinstance(stage, Total)]
    end = total[0] if total else len(task.stages)
    counts = [at for at, stage in enumerate(task.stages[:end]) if isinstance(stage, Count)]
    chosen_stages = [task.stages[at] for at in counts + total]
    first = fold(program, chosen_stages or [Total()])
    if first is None:
        return
    solution = _assigned(program, first, task.budget.left(0.5), route=kernel(program.points.size))
    if solution.status == "infeasible":
        raise Infeasible  # even without the rows
    task.near = pairs = pairs_of(solution.mentor_of)
    task.incumbent.offer(pairs)
    seconds = task.budget.seconds
    soon = chosen.run in (_groups, _windows, _prices)
    flows = 1 if program.only_bands or chosen.run is _groups else FIRST_DIVE
    if seconds is None or (soon and flows * program.points.size <= PAIRS_A_SECOND * seconds):
        pass  # the route finds something early
    elif task.incumbent.pairs is not pairs:
        from mentormatch.solvers.rows.local_search import kept_near

        anything = task.incumbent.pairs is not None
        part = task.budget.part(0.3 if anything else 0.8)
        task.incumbent.offer(kept_near(program, pairs, part))
    task.free = solution if len(chosen_stages) == len(task.stages) else None
    if solution.status == "optimal" and chosen_stages:
        values = [float(stage.value(program, pairs)) for stage in chosen_stages]
        task.relaxed = dict(zip(counts + total, values, strict=True))


def _last_resort(task: Task) -> None:
    """Look for any pairs at all, although the time is up: by HiGHS where the programme is small."""
    from mentormatch.solvers.rows.kinds import mended
    from mentormatch.solvers.rows.linear import ALL_PAIRS, maximize

    seconds = task.budget.seconds
    if task.program.source is not None:
        return
    if task.program.points.size > ALL_PAIRS:
        if task.near is not None:
            grace = None
            if seconds is not None:  # less what it is late already
                grace = max(GRACE, GRACE_SHARE * seconds) + min(seconds - task.budget.used(), 0)
                grace = max(grace, LEAST_GRACE)
            task.incumbent.offer(mended(task.program, task.near, Budget(grace)))
        return
    if seconds is None:
        return
    answer = maximize(task.program, None, budget=Budget(GRACE), gap=1.0)
    if answer.found:
        task.incumbent.offer((answer.rows, answer.columns))


def _choose(task: Task, route: str) -> Route:
    size = task.program.size
    named = {one.name: one for one in ROUTES}
    if task.program.source is not None:  # no other reads pairs that are no matrix
        if route != "auto":
            raise ValueError("only 'auto', where the scores of all pairs do not fit into memory")
        return named["groups" if task.program.rows else "one flow"]
    if route not in named:
        chosen = next(one for one in ROUTES if size >= one.smallest and one.fits(task))
        if route == "auto" or chosen.run is _one_flow:
            task.kernel = route
            return chosen
    elif named[route].fits(task):
        return named[route]
    others = ", ".join(one.name for one in ROUTES if one.fits(task))
    raise ValueError(others if route in named else f"{others}; kernels solve one flow")


def _default_gap(program: Program, chosen: Route) -> float:
    """Return 0 where the route proves the last point, or the programme is small enough for it."""
    if chosen.run in (_one_flow, _flows, _groups, _windows):
        return 0.0
    largest = FLOORS_FROM if chosen.run is _floors else PROVEN_FROM
    exact = program.points.size <= largest or int((program.points >= 0).sum()) <= largest
    return 0.0 if exact else DEFAULT_GAP


def _limit(budget: Budget) -> Status:
    return Status.WORK_LIMIT if budget.seconds is None else Status.TIME_LIMIT


def _none(task: Task, route: str, status: Status) -> Solution:
    return Solution(nobody(), (), (), status, route, found=False, stats=task.stats)


def _solution(task: Task, route: str) -> Solution:
    """Take the best pairs and what was proven; every value comes from the pairs."""
    pairs, values = task.incumbent.pairs, task.incumbent.values()
    assert pairs is not None
    bounds, gaps = [], []
    for at, (stage, value) in enumerate(zip(task.stages, values, strict=True)):
        bound = task.bounds[at] if at < len(task.bounds) else np.inf
        if bound != float(value):
            ceiling = stage.ceiling(task.program)
            if not stage.minimises:
                ceiling = min(ceiling, task.without_rows(at, values))
            tighter = max if stage.minimises else min
            bound = tighter(bound, ceiling) if isfinite(bound) else ceiling
        bound = min(bound, float(value)) if stage.minimises else max(bound, float(value))
        gap = abs(bound - float(value)) / max(abs(bound), abs(float(value)), 1e-12)
        if not isinstance(value, int) and gap <= DUST:
            bound, gap = float(value), 0.0
        bounds.append(bound)
        gaps.append(gap)
    worst = max(gaps)
    if worst == 0:
        status = Status.OPTIMAL
    elif task.interrupted:
        status = Status.INTERRUPTED
    elif worst <= task.gap:
        status = Status.WITHIN_GAP
    else:
        status = _limit(task.budget)
    return Solution(
        pairs, values, tuple(bounds), status, task.ran or route,
        unique=task.unique and status is Status.OPTIMAL, fold=task.fold,
        price=task.price, stats=task.stats,
    )  # fmt: skip
