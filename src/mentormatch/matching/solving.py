"""solve: a Problem becomes a Matching; match: two rosters become a Matching."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mentormatch.errors import MentormatchError, ParameterError, check_parameter, listed
from mentormatch.matching.constraints import Constraint
from mentormatch.matching.infeasible import explain_infeasible
from mentormatch.matching.lowering import MILLION, Lowered, lower
from mentormatch.matching.matching import Matching, Stage
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal, Objective
from mentormatch.matching.parity_notes import parity_notes
from mentormatch.matching.problem import Problem
from mentormatch.matching.routes import run
from mentormatch.matching.stages import (
    ROUTES,
    Step,
    choose_route,
    routes_that_fit,
    steps_of,
)
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.rules import Rule
from mentormatch.scoring.scores import score
from mentormatch.solvers.assignment import Assignment, assign
from mentormatch.solvers.lexicographic import (
    Result,
)

IntArray = npt.NDArray[np.int64]

DUST = 1e-9
"""Relative gap that floating point leaves where linear programs prove a bound."""


def match(
    mentees: Profiles,
    mentors: Profiles,
    *,
    criteria: Sequence[Criterion] | None = None,
    rules: Sequence[Rule] | None = None,
    objectives: Sequence[Objective] = (MaximizeMatched(), MaximizeTotal()),
    constraints: Sequence[Constraint] = (),
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> Matching:
    """Score two rosters and match them optimally, in one call.

    The same as ``solve(Problem(score(mentees, mentors)))``; use the parts to look in between.

    Parameters
    ----------
    mentees, mentors
        n mentees and m mentors, from `read_roster`.
    criteria, rules
        Default: what `presets.from_columns` builds from the columns that the rosters have.
    objectives, constraints, seed
        See `Problem`.
    time_limit
        Seconds for the solver; None for no limit.
    progress
        Show a progress bar on long work.

    Returns
    -------
    Matching

    Raises
    ------
    MentormatchError
        If the input contradicts itself; the message names persons, columns and rules.
    """
    scores = score(mentees, mentors, criteria=criteria, rules=rules)
    problem = Problem(scores, objectives=objectives, constraints=constraints, seed=seed)
    return solve(problem, time_limit=time_limit, progress=progress)


def solve(
    problem: Problem,
    *,
    time_limit: float | None = None,
    progress: bool = False,
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
        Show a progress bar on long work.
    route
        "auto" chooses: see `choose_route`. "flow", "windows", "floors", "lagrangian" or "rows"
        names one for objectives and constraints beyond the total; any other name goes to the flow
        kernel.
    gap
        Relative gap at which a route that is not exact may stop. Default: 0 up to 4000
        admissible pairs ("floors": 100,000), else 0.001. Flows are always exact.

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
    started = time.perf_counter()
    lowered = lower(problem)
    steps = steps_of(problem, lowered)
    chosen = choose_route(problem, lowered, steps)
    if route in ROUTES:
        fits = routes_that_fit(problem, lowered, steps)
        check_parameter(
            route in fits, "route", "solve", f"one that fits this problem: {', '.join(fits)}", route
        )
        chosen = route
    if chosen == "one flow":
        solution = assign(
            lowered.points,
            lowered.capacity,
            row_bonus=lowered.row_bonus if lowered.slot_bonus is None else lowered.slot_bonus,
            row_hash=lowered.row_hash,
            mentor_hash=lowered.mentor_hash,
            min_load=lowered.min_load if lowered.min_load.any() else None,
            demand=lowered.demand if lowered.several else None,
            time_limit=time_limit,
            route=route,
        )
        if solution.status == "infeasible":
            raise explain_infeasible(problem, lowered)
        return lift(problem, lowered, solution, time.perf_counter() - started)
    if route not in (*ROUTES, "auto"):
        raise ParameterError(
            f"The route {route!r} solves one flow only. This problem needs one of: "
            f"{', '.join(routes_that_fit(problem, lowered, steps))}."
        )
    result = run(chosen, problem, lowered, steps, time_limit, gap)
    if result.status == "infeasible":
        raise explain_infeasible(problem, lowered)
    if len(result.reached) < len(steps):
        raise MentormatchError(
            f"No matching that satisfies every constraint was found in {time_limit} seconds, nor "
            "a proof that there is none. Give a longer time_limit, or loosen one of: "
            + listed(dict.fromkeys(repr(c) for c in problem.constraints))
            + "."
        )
    return _lift_stages(problem, lowered, steps, result, chosen, time.perf_counter() - started)


def _lift_stages(
    problem: Problem,
    lowered: Lowered,
    steps: tuple[Step, ...],
    result: Result,
    route: str,
    seconds: float,
) -> Matching:
    """Give names and units back to the answer of a staged route."""
    rows = np.concatenate([result.rows, lowered.locks[:, 0]])
    columns = np.concatenate([result.columns, lowered.locks[:, 1]])
    reports = tuple(
        Stage(step.name, reached.value / step.scale, reached.bound / step.scale, step.unit)
        for step, reached in zip(steps, result.reached, strict=True)
        if step.shown
    )
    assert reports
    # an answer within the gap asked for is good, but it is not called optimal
    close = all(stage.gap <= DUST for stage in reports)
    status = "within_gap" if result.status == "optimal" and not close else result.status
    m = len(problem.scores.mentors)
    return Matching(
        problem=problem,
        mentors_of=mentors_by_score(problem, rows, columns, int(lowered.asked.max(initial=1))),
        stages=reports,
        mentor_price=np.zeros(m, dtype=np.int64),
        matched_price=np.zeros(m, dtype=np.int64),
        unique=result.unique,
        status=status,
        route=route,
        seconds=seconds,
        priced=False,
        notes=parity_notes(problem, lowered, len(np.unique(rows))),
    )


def mentors_by_score(problem: Problem, rows: IntArray, columns: IntArray, width: int) -> IntArray:
    """Return int64 (n, width): each mentee's mentors, best score first, padded with -1."""
    points = problem.scores.points[rows, columns]
    order = np.lexsort((columns, -points, rows))
    rows, columns = rows[order], columns[order]
    result = np.full((len(problem.scores.mentees), max(width, 1)), -1, dtype=np.int64)
    slot = np.arange(rows.size) - np.searchsorted(rows, rows)
    result[rows, slot] = columns
    return result


def lift(problem: Problem, lowered: Lowered, solution: Assignment, seconds: float) -> Matching:
    """Give the integers their names and units back."""
    if lowered.several:
        at, slot = np.nonzero(solution.mentor_of >= 0)
        pairs = [np.stack([at, solution.mentor_of[at, slot]]), lowered.locks.T]
        rows, columns = np.concatenate(pairs, axis=1)
        mentors_of = mentors_by_score(problem, rows, columns, int(lowered.asked.max()))
    else:
        assignment = solution.mentor_of.copy()
        if len(lowered.locks):
            assignment[lowered.locks[:, 0]] = lowered.locks[:, 1]
        mentors_of = assignment[:, None]
    matched_price, price = _split(solution.mentor_price, lowered)
    return Matching(
        problem=problem,
        mentors_of=mentors_of,
        stages=_stage_reports(problem, lowered, solution, mentors_of),
        mentor_price=price,
        matched_price=matched_price,
        unique=solution.unique,
        status=solution.status,
        route=solution.route,
        seconds=seconds,
    )


def _split(price: IntArray, lowered: Lowered) -> tuple[IntArray, IntArray]:
    """Split prices into matched mentees and points; all parts are exact (see `_stages`)."""
    matched, rest = np.zeros_like(price), price
    for position, unit in enumerate(lowered.units):
        steps = (rest + unit // 2) // unit
        rest = rest - steps * unit
        if position == 0:
            matched = steps
    return matched, rest


def _stage_reports(
    problem: Problem, lowered: Lowered, solution: Assignment, mentors_of: IntArray
) -> tuple[Stage, ...]:
    rows, slots = np.nonzero(mentors_of >= 0)
    matched = int((mentors_of[:, 0] >= 0).sum())
    points = problem.scores.points[rows, mentors_of[rows, slots]].astype(np.int64)
    total = int(points.sum())
    slack = solution.bound - solution.objective
    unit = lowered.matched_unit
    proven = slack == 0
    most = min(len(mentors_of), int(problem.scores.mentors.capacity.sum()))
    reports: list[Stage] = []
    count_bound = matched if proven or not unit else min(most, matched + slack // unit)
    for objective in problem.objectives:
        if isinstance(objective, MaximizeMatched):
            reports.append(Stage("MaximizeMatched", matched, count_bound, "mentees"))
        elif isinstance(objective, MaximizeTotal):
            # a stage is bounded among the matchings that are best in the stages before it
            most_pairs = count_bound * max(1, int(lowered.asked.max(initial=1)))
            total_bound = total + slack if count_bound == matched else most_pairs * MILLION
            reports.append(Stage("MaximizeTotal", total / MILLION, total_bound / MILLION, "score"))
    return tuple(reports)
