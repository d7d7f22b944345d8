"""solve: a Problem becomes a Matching; match: two rosters become a Matching."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from mentormatch.errors import check_parameter
from mentormatch.matching.constraints import Constraint
from mentormatch.matching.lowering import MILLION, Lowered, lower
from mentormatch.matching.matching import Matching, Stage
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal, Objective
from mentormatch.matching.problem import Problem
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.rules import Rule
from mentormatch.scoring.scores import score
from mentormatch.solvers.assignment import Assignment, assign


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
        "auto" chooses by size and sparsity; every route gives the same pairs.

    Returns
    -------
    Matching
        ``gap == 0`` means proven optimal.

    Raises
    ------
    InfeasibleError
        If locks, rules, capacities and constraints cannot hold together; names all of them.
    ParameterError
        If the time limit is not positive.

    Notes
    -----
    Scores enter as integers (millionths), so optimality and ties are exact [1]_. Ties go by a
    hash of both ids and the seed. Memory: the score matrix and a few vectors.

    References
    ----------
    .. [1] Jonker & Volgenant (1987), Computing 38, 325-340.
    """
    check_parameter(
        time_limit is None or time_limit > 0, "time_limit", "solve", "a number > 0", time_limit
    )
    started = time.perf_counter()
    lowered = lower(problem)
    solution = assign(
        lowered.points,
        lowered.capacity,
        row_bonus=lowered.row_bonus,
        row_hash=lowered.row_hash,
        mentor_hash=lowered.mentor_hash,
        time_limit=time_limit,
        route=route,
    )
    return lift(problem, lowered, solution, time.perf_counter() - started)


def lift(problem: Problem, lowered: Lowered, solution: Assignment, seconds: float) -> Matching:
    """Give the integers their names and units back."""
    assignment = solution.mentor_of.copy()
    if len(lowered.locks):
        assignment[lowered.locks[:, 0]] = lowered.locks[:, 1]
    matched_price, price = _split(solution.mentor_price, lowered)
    return Matching(
        problem=problem,
        mentors_of=assignment[:, None],
        stages=_stage_reports(problem, lowered, solution, assignment),
        mentor_price=price,
        matched_price=matched_price,
        unique=solution.unique,
        status=solution.status,
        route=solution.route,
        seconds=seconds,
    )


def _split(price: np.ndarray, lowered: Lowered) -> tuple[np.ndarray, np.ndarray]:
    """Split prices into matched mentees and points; both parts are exact (see `_stages`)."""
    unit = lowered.matched_unit
    if unit == 0:
        return np.zeros_like(price), price
    matched = (price + unit // 2) // unit
    rest = price - matched * unit
    if lowered.priority_unit:
        steps = (rest + lowered.priority_unit // 2) // lowered.priority_unit
        rest = rest - steps * lowered.priority_unit
    return matched, rest


def _stage_reports(
    problem: Problem, lowered: Lowered, solution: Assignment, assignment: np.ndarray
) -> tuple[Stage, ...]:
    rows = np.flatnonzero(assignment >= 0)
    points = problem.scores.points[rows, assignment[rows]].astype(np.int64)
    total = int(points.sum())
    slack = solution.bound - solution.objective
    unit = lowered.matched_unit
    proven = slack == 0
    most = min(len(assignment), int(problem.scores.mentors.capacity.sum()))
    reports: list[Stage] = []
    count_bound = len(rows) if proven or not unit else min(most, len(rows) + slack // unit)
    for objective in problem.objectives:
        if isinstance(objective, MaximizeMatched):
            reports.append(Stage("MaximizeMatched", len(rows), count_bound, "mentees"))
        elif isinstance(objective, MaximizeTotal):
            # a stage is bounded among the matchings that are best in the stages before it
            total_bound = total + slack if count_bound == len(rows) else count_bound * MILLION
            reports.append(Stage("MaximizeTotal", total / MILLION, total_bound / MILLION, "score"))
    return tuple(reports)
