"""solve: a Problem becomes a Matching; match: two rosters become a Matching."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from os import PathLike

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import (
    InfeasibleError,
    MentormatchError,
    ParameterError,
    Status,
    TimeLimitError,
    TooLargeError,
    check_parameter,
    listed,
)
from mentormatch.journal import logged
from mentormatch.matching.answer import Stage
from mentormatch.matching.case import Constraint
from mentormatch.matching.infeasible import explain_infeasible
from mentormatch.matching.lowering import Lowered, lower
from mentormatch.matching.matching import Matching, total_points
from mentormatch.matching.no_mutual import NoMutual, asked_for, mutual_in
from mentormatch.matching.notes import notes_on
from mentormatch.matching.objectives import DEFAULT, Objective
from mentormatch.matching.problem import Problem
from mentormatch.matching.within import held_to, without_bounded
from mentormatch.memory import Memory, give_back, said
from mentormatch.rosters.columns import IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.engine import plain
from mentormatch.scoring.presets import Plan, Preset
from mentormatch.scoring.rules import PairList, Rule
from mentormatch.scoring.scores import Missing, score
from mentormatch.solvers.assignment import Assignment
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs
from mentormatch.solvers.progress import Progress, listener
from mentormatch.solvers.solve import Solution
from mentormatch.solvers.solve import solve as solve_program
from mentormatch.solvers.work import Executor

PARTS = "price parts"
"""Under this name a matching keeps its prices, in full."""
MOST_LATE = 6
"""Rounds of rows on demand after the time is up; then all rows are there at once."""


@typed
def match(
    mentees: Profiles,
    mentors: Profiles,
    *,
    criteria: Sequence[Criterion] | Preset | Plan | None = None,
    rules: Iterable[Rule] | None = None,
    lock: PairList | None = None,
    forbid: PairList | None = None,
    missing: Missing = "neutral",
    objectives: Sequence[Objective] = DEFAULT,
    constraints: Sequence[Constraint] = (),
    seed: int = 0,
    time_limit: float | None = None,
    progress: Progress = False,
    memory: Memory = None,
    executor: Executor | None = None,
    checkpoint: str | PathLike[str] | None = None,
) -> Matching:
    """Score two rosters and match them optimally, in one call.

    The same as ``solve(Problem(score(mentees, mentors)))``; use the parts to look in between.

    Parameters
    ----------
    mentees, mentors
        n mentees and m mentors, from `read_roster`.
    criteria
        Default: what `presets.from_columns` builds from the columns that the rosters have.
    rules, lock, forbid, missing
        What is added to the rules of the rosters, and what unanswered questions count as, see
        `score`.
    objectives, constraints, seed
        See `Problem`.
    time_limit
        Seconds for the solver; None for no limit.
    progress
        True shows what is being done and the gap; a callable receives (stage, value, bound,
        seconds), in the solver's units, and cancels by returning True.
    memory, executor, checkpoint
        Most that the scores may take; who computes them where they are no matrix, and from where
        a run that was cut off goes on: see `score`.

    Returns
    -------
    Matching

    Raises
    ------
    MentormatchError
        If the input contradicts itself; the message names persons, columns and rules.
    """
    scores = score(
        mentees, mentors, criteria=criteria, rules=rules, lock=lock, forbid=forbid,
        missing=missing, memory=memory, executor=executor, checkpoint=checkpoint,
        progress=progress,
    )  # fmt: skip
    problem = Problem(scores, objectives=objectives, constraints=constraints, seed=seed)
    return solve(problem, time_limit=time_limit, progress=progress)


@logged(lambda found, _: f"solved: {found.counts}, {found.status}, route {found.route}")
@typed
def solve(
    problem: Problem,
    *,
    time_limit: float | None = None,
    progress: Progress = False,
    route: str = "auto",
    gap: float | None = None,
) -> Matching:
    """Find the best matching of a problem and prove that it is.

    Parameters
    ----------
    problem
        n mentees, m mentors.
    time_limit
        Seconds; when they run out, the best matching found is returned with an honest gap.
    progress
        True shows what is being done and the gap; a callable receives (stage, value, bound,
        seconds), in the solver's units, and cancels by returning True.
    route
        "auto" chooses: see `solvers.solve.ROUTES`, whose names may be given; any other name goes
        to the flow kernel.
    gap
        Relative gap at which a route that is not exact may stop. Default: 0 up to 4000
        admissible pairs ("floors": 100,000), as far as a search of limited work proves it, else
        0.001. ``gap=0`` asks for the proof however long it takes. Flows are always exact.

    The time limit is kept to within a second or a fifth of it, whichever is more, once kernels are
    compiled. Without one the answer depends on work counts, never on the clock. Ctrl-C returns the
    best matching found so far.

    Returns
    -------
    Matching
        ``gap == 0`` means proven optimal.

    Raises
    ------
    InfeasibleError
        If locks, rules, capacities and constraints cannot hold together; names all of them.
    ParameterError
        If the time limit is not positive, or something else than a `Problem` is given.

    Notes
    -----
    Scores enter as integers (millionths), so optimality and ties are exact [1]_. Ties go by a
    hash of both ids and the seed. Memory: the score matrix and a few vectors.

    References
    ----------
    .. [1] Jonker & Volgenant (1987), Computing 38, 325-340.
    """
    check_parameter(
        isinstance(problem, Problem), "problem", "solve",
        "a Problem, such as Problem(scores)", type(problem).__name__,
    )  # fmt: skip
    check_parameter(
        time_limit is None or time_limit > 0, "time_limit", "solve", "a number > 0", time_limit
    )
    check_parameter(gap is None or 0 <= gap < 1, "gap", "solve", "in [0, 1)", gap)
    return run(problem, Budget(time_limit, gap, listener(progress)), route=route)


def run(
    problem: Problem,
    budget: Budget,
    *,
    route: str = "auto",
    start: Callable[[Lowered], Assignment | None] | None = None,
) -> Matching:
    """Solve a problem within a budget: what `solve` and every function that solves anew go through.

    Parameters
    ----------
    start
        Returns an earlier answer of one flow for the lowered problem, as a warm start.
    """
    return lift(problem, *solved(problem, budget, route=route, start=start), budget)


def solved(
    problem: Problem,
    budget: Budget,
    *,
    route: str = "auto",
    start: Callable[[Lowered], Assignment | None] | None = None,
) -> tuple[Lowered, Solution]:
    """Solve a problem within a budget; return it as the solver saw it, and what was found."""
    limits = [c for c in problem.constraints if isinstance(c, NoMutual)]
    if not limits:
        return _solved(problem, budget, route=route, start=start)
    named = [one.named(problem.scores) for one in limits]
    added: set[tuple[str, str]] = set()
    late = 0
    while late < MOST_LATE:  # a round with few rows more is soonest, also when time is up
        late += budget.late()
        lowered, found = _solved(asked_for(problem, added), budget, route=route, start=start)
        new = mutual_in(problem.scores, lowered.back(found.pairs)) - added
        if None not in named:
            new &= {pair for pairs in named for pair in pairs or ()}
        if not new:  # the best without rows that nobody broke is the best with all of them
            barred = any(True for one in limits for _ in one.rows(lowered.case))
            return lowered, replace(found, price=None) if barred else found
        added |= new
    return _solved(problem, budget, route=route, start=start)


def _solved(
    problem: Problem,
    budget: Budget,
    *,
    route: str,
    start: Callable[[Lowered], Assignment | None] | None,
) -> tuple[Lowered, Solution]:
    lowered = lower(_held(problem, budget))
    names = [step.name for step in lowered.steps]
    warm = None if start is None else start(lowered)
    if lowered.program.source is not None:
        give_back()
    try:
        solution = solve_program(
            lowered.program, lowered.stages, budget, route=route, names=names, start=warm
        )
    except MemoryError as error:
        if isinstance(error, MentormatchError):
            raise
        size = 4 * problem.scores.size
        raise TooLargeError(
            f"Solving {len(problem.scores.mentees):,} mentees x {len(problem.scores.mentors):,} "
            "mentors needs more memory than the system gives, a few times the "
            f"{said(size)} of the scores. Match parts of the programme one by one, or hand over "
            "the pairs that may be matched alone: Scores.from_pairs.", size,
        ) from error  # fmt: skip
    except ValueError as error:
        if isinstance(error, MentormatchError) or route == "auto":
            raise
        raise ParameterError(
            f"The 'route' parameter of solve must be one that fits this problem: {error}. "
            f"Got {route!r}."
        ) from error
    if solution.status is Status.INFEASIBLE and lowered.program.source is not None:
        named = [repr(c) for c in problem.constraints]
        groups = bool(lowered.program.rows)
        held, loosen = (
            ("all of", "Lower what is the least, or raise what is the most.") if groups
            else ("every least load", "Lower them.")
        )  # fmt: skip
        raise InfeasibleError(
            f"No matching satisfies {held}: {listed(named)}. Which of them cannot hold is worked "
            f"out only where the scores of all pairs fit into memory. {loosen}", named,
        )  # fmt: skip
    if solution.status is Status.INFEASIBLE:
        raise explain_infeasible(problem, lowered, budget)
    if not solution.found:
        held = listed(dict.fromkeys(repr(c) for c in problem.constraints))
        loosen = f", or loosen one of: {held}" if held else ""
        raise TimeLimitError(
            "No matching that satisfies every constraint was found "
            f"({solution.status.sentence}), nor a proof that there is none. Give a longer "
            f"time_limit{loosen}.", solution.status,
        )  # fmt: skip
    return lowered, solution


def _held(problem: Problem, budget: Budget) -> Problem:
    """Return the problem with a row for what an objective may take of the total, if it is bounded.

    Where the best total is not proven in time, the best found stands for it.
    """
    first = without_bounded(problem)
    if first is None:
        return problem
    return held_to(problem, total_points(run(first, budget.part(0.5))))


def lift(problem: Problem, lowered: Lowered, solution: Solution, budget: Budget) -> Matching:
    """Give the integers their names, units and places back."""
    pairs = lowered.back(solution.pairs)
    m = len(problem.scores.mentors)
    parts = _prices(lowered, solution)
    priced = len(parts) > 0
    matched_price = price = np.zeros(m, dtype=np.int64)
    for step, part in zip(lowered.steps, parts, strict=priced):
        if (step.name, step.unit) == ("MaximizeMatched", "mentees"):
            matched_price = part
        elif step.name == "MaximizeTotal":
            price = part
    aside = [stage.aside(lowered.program, solution.pairs) for stage in lowered.stages]
    reached = zip(lowered.steps, solution.values, solution.bounds, aside, strict=True)
    stages = tuple(
        Stage(step.name, float(value - off) / step.scale, (bound - off) / step.scale, step.unit)
        for step, value, bound, off in reached
        if step.shown
    )
    found = Matching(
        problem=problem,
        mentors_of=mentors_by_score(problem, pairs, int(lowered.asked.max(initial=1))),
        stages=stages,
        mentor_price=price,
        matched_price=matched_price,
        unique=solution.unique,
        status=solution.status,
        route=solution.route,
        seconds=budget.used(),
        priced=priced,
        notes=(
            *problem.scores.notes,
            *notes_on(problem, lowered, pairs[0].size, budget, solution.stats.get("free")),
        ),
    )
    if priced and lowered.order is None:
        found.once(PARTS, lambda: parts)
    return found


def price_parts(matching: Matching) -> tuple[IntArray, ...]:
    """Return what one more seat of each mentor brings to each stage, int64 (m,) each.

    Of one flow that is proven. `Matching` has only those of the number matched and of the total; of
    one that was saved, or comes from another process, the problem is solved again for the others.
    """

    def again() -> tuple[IntArray, ...]:
        lowered, solution = solved(matching.problem, Budget())
        return _prices(lowered, solution)

    return matching.once(PARTS, again)


def _prices(lowered: Lowered, solution: Solution) -> tuple[IntArray, ...]:
    """Return what one more seat brings to each stage; () where that is not known."""
    kept = any(getattr(step.stage, "kept", None) is not None for step in lowered.steps)
    if solution.price is None or solution.fold is None or kept:
        return ()  # no one sum, or one that is no sum of scores
    price = solution.price
    if lowered.order is not None:  # people were sorted for solving
        price = np.empty_like(price)
        price[lowered.order[1]] = solution.price
    return solution.fold.split(price)


def mentors_by_score(problem: Problem, pairs: Pairs, width: int) -> IntArray:
    """Return int64 (n, width): each mentee's mentors, best score first, padded with -1."""
    rows, columns = pairs
    n = len(problem.scores.mentees)
    if width <= 1:
        result = np.full((n, 1), -1, dtype=np.int64)
        result[rows, 0] = columns
        return result
    points = plain(problem.scores.at(rows, columns))
    order = np.lexsort((columns, -points, rows))
    rows, columns = rows[order], columns[order]
    result = np.full((n, width), -1, dtype=np.int64)
    slot = np.arange(rows.size) - np.searchsorted(rows, rows)
    result[rows, slot] = columns
    return result
