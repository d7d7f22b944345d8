"""Objectives as stages for the solvers, and the rule that chooses the route."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ParameterError, listed
from mentormatch.matching.constraints import Parity
from mentormatch.matching.lowering import MILLION, Lowered, priorities
from mentormatch.matching.objectives import (
    BalanceLoad,
    Leximin,
    MaximizeMatched,
    MaximizeMinimum,
    MaximizeTotal,
    MaximizeWorstGroup,
    MinimizeChanges,
    Objective,
)
from mentormatch.matching.problem import Problem
from mentormatch.matching.rows import groups_of, parity_groups, reserve_arrays
from mentormatch.solvers import lexicographic as lex
from mentormatch.solvers.lagrangian import Band
from mentormatch.solvers.windows import Shares
from mentormatch.solvers.windows import fits as fits_int32

IntArray = npt.NDArray[np.int64]

ROUTES = ("flow", "windows", "floors", "lagrangian", "rows")
"""Routes of this level; `solve` passes any other name on to the flow kernel."""
LARGE = 1_000_000
"""From so many pairs on, what the Lagrangian reached is not handed on to HiGHS."""
SMALLEST_PRICED = 4_000
"""Below so many pairs HiGHS proves parities and floors to the last point."""


@dataclass(frozen=True, eq=False)
class Step:
    """One stage for the solver, and how to report it.

    name : str, the objective;  unit : str;  scale : what the solver's unit is divided by.
    shown : bool, False for a part of an objective that is not reported on its own.
    """

    name: str
    stage: lex.Stage
    unit: str
    scale: int = 1
    shown: bool = True


def steps_of(problem: Problem, lowered: Lowered) -> tuple[Step, ...]:
    """Return the stages of a problem in order, reserves right after the number matched.

    Raises
    ------
    ParameterError
        If `BalanceLoad` comes before `MaximizeMatched`: it would match nobody.
    """
    steps: list[Step] = []
    matched = False
    for objective in problem.objectives:
        if isinstance(objective, BalanceLoad) and not matched:
            raise ParameterError(
                "The 'objectives' parameter of Problem must name MaximizeMatched before "
                "BalanceLoad: the most even load of all is nobody."
            )
        steps += _steps(problem, lowered, objective, matched)
        if isinstance(objective, MaximizeMatched):
            matched = True
            steps += _reserves(problem, lowered)
    if lowered.reserves and not matched:
        steps = _reserves(problem, lowered) + steps
    return tuple(steps)


def _steps(problem: Problem, lowered: Lowered, objective: Objective, matched: bool) -> list[Step]:
    scores, name = problem.scores, type(objective).__name__
    locked, held = lowered.locks.T if len(lowered.locks) else np.zeros((2, 0), dtype=np.int64)
    gained = scores.points[locked, held].astype(np.int64)
    own = np.full(len(lowered.had), -1, dtype=np.int64)
    own[locked] = 0
    np.add.at(own, locked, gained)
    if isinstance(objective, MaximizeMatched):
        return _counts(problem, lowered, objective)
    if isinstance(objective, MaximizeTotal):
        return [Step(name, lex.Total(int(gained.sum())), "score", MILLION)]
    if isinstance(objective, MaximizeMinimum):
        return [Step(name, lex.WorstPair(not matched, own), "score", MILLION)]
    if isinstance(objective, MinimizeChanges):
        return [Step(name, _kept(problem, lowered, objective), "pairs kept")]
    if isinstance(objective, BalanceLoad):
        load = np.bincount(held, minlength=len(scores.mentors))
        return [Step(name, lex.Squares(load), "squared load")]
    if isinstance(objective, MaximizeWorstGroup):
        outcomes = _groups(problem, lowered, objective.by, objective.smallest, gained)
        return [Step(name, lex.Worst(outcomes), "score", MILLION)]
    if isinstance(objective, Leximin):
        if objective.over == "mentees":
            return [Step(name, lex.Sorted(None, own, not matched), "score", MILLION)]
        if objective.over == "mentors":
            m, n = len(scores.mentors), len(scores.mentees)
            offset = np.zeros(m, dtype=np.int64)
            np.add.at(offset, held, gained)
            outcomes = lex.Outcomes(
                np.ones((m, n), dtype=np.int64), np.eye(m, dtype=np.int64),
                np.ones(m, dtype=np.int64), offset,
            )  # fmt: skip
        else:
            outcomes = _groups(problem, lowered, objective.over, objective.smallest, gained)
        return [Step(name, lex.Sorted(outcomes), "score", MILLION)]
    raise ParameterError(f"The objective {objective!r} is not one that solve knows.")


def _counts(problem: Problem, lowered: Lowered, objective: MaximizeMatched) -> list[Step]:
    """First mentors, then priorities, then second mentors, ..."""
    one = np.ones(len(lowered.had), dtype=np.int64)
    steps = [Step("MaximizeMatched", lex.Count(one, lowered.had), "mentees")]
    priority = priorities(problem.scores.mentees, objective)
    if priority.any():
        count = lex.Count(priority, lowered.had)
        steps.append(Step("MaximizeMatched", count, "priority", shown=False))
    for slot in range(2, int(lowered.asked.max(initial=1)) + 1):
        count = lex.Count(one, lowered.had, slot)
        steps.append(Step("MaximizeMatched", count, f"mentees with {slot}", shown=False))
    return steps


def _kept(problem: Problem, lowered: Lowered, objective: MinimizeChanges) -> lex.Kept:
    scores = problem.scores
    pairs = [
        (i, j)
        for mentee, mentor in objective.previous
        if (i := scores.mentees.find(mentee)) >= 0 and (j := scores.mentors.find(mentor)) >= 0
    ]
    rows, columns = np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2).T
    locks = {(int(i), int(j)) for i, j in lowered.locks}
    offset = sum((int(i), int(j)) in locks for i, j in zip(rows, columns, strict=True))
    open_ = lowered.points[rows, columns] >= 0
    return lex.Kept((rows[open_], columns[open_]), offset)


def _groups(
    problem: Problem, lowered: Lowered, by: str, smallest: int, gained: IntArray
) -> lex.Outcomes:
    scores = problem.scores
    parity = Parity(by, measure="mean_score", smallest=smallest)
    groups, asked = parity_groups(scores, parity, lowered.asked)
    if not groups.labels:
        raise ParameterError(
            f"No group of {by!r} has at least {smallest} people; groups: "
            f"{listed(groups_of(scores.mentees, by, 'Parity').labels)}. Lower `smallest`."
        )
    member = (groups.codes == np.arange(len(groups.labels))[:, None]).astype(np.int64)
    offset = np.zeros(len(groups.labels), dtype=np.int64)
    if len(lowered.locks):
        offset = member[:, lowered.locks[:, 0]] @ gained
    mentor = np.ones((len(groups.labels), len(scores.mentors)), dtype=np.int64)
    return lex.Outcomes(member, mentor, asked, offset)


def _reserves(problem: Problem, lowered: Lowered) -> list[Step]:
    if not lowered.reserves:
        return []
    mentee, mentor, seats = reserve_arrays(problem.scores, list(lowered.reserves))
    had = np.zeros(len(seats), dtype=np.int64)
    if len(lowered.locks):
        rows, columns = lowered.locks.T
        had = (mentee[:, rows] * mentor[:, columns]).sum(axis=1)
    return [Step("Reserve", lex.Filled(mentee, mentor, seats, had), "reserved seats", shown=False)]


def choose_route(problem: Problem, lowered: Lowered, steps: tuple[Step, ...]) -> str:
    """Name the route of a problem: the first of these that fits.

    1. "one flow": `MaximizeMatched`, `MaximizeTotal` or both in this order; any loads of single
       mentors, demands, floors and locks; no rows. Exact, with dual prices.
    2. "flow": one mentor each; no rows; any of `MaximizeMatched`, `MaximizeTotal`,
       `MaximizeMinimum`, `Leximin` over mentees, `MinimizeChanges`. One flow per stage. Exact.
    3. "windows": objectives of 1, one mentor each, and the only rows are one `Parity` of matched
       shares or impact ratio: one flow per window of shares. Exact.
    4. "floors": `MaximizeMatched`, `MaximizeMinimum` and perhaps `MaximizeTotal`, several mentors
       each, no rows: weights on one flow, then HiGHS over few pairs. Exact or a certified gap.
       "rows" takes over where seats are too few to give everybody all she may have, and below 4000
       pairs where something is left unproven.
    5. "lagrangian": objectives of 1, one mentor each, rows that are all `Parity`, and 4000 pairs
       or more. Certified gap; up to a million pairs, where that is too wide, the groups are
       counted first (where the number matched is the first objective), then "rows" takes over.
    6. "rows": everything else, by linear and integer programming (HiGHS). Certified gap.
    """
    if lowered.one_flow:
        return "one flow"
    fits = routes_that_fit(problem, lowered, steps)
    return next(route for route in ROUTES if route in fits and _worthwhile(route, lowered))


def _worthwhile(route: str, lowered: Lowered) -> bool:
    return route != "lagrangian" or lowered.points.size >= SMALLEST_PRICED


def routes_that_fit(problem: Problem, lowered: Lowered, steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Return the routes that can solve a problem at all."""
    flow = (lex.Count, lex.Total, lex.Kept, lex.WorstPair, lex.Sorted)
    all_flow = all(
        isinstance(step.stage, flow) and getattr(step.stage, "outcomes", None) is None
        for step in steps
    )
    folded = all(isinstance(step.stage, lex.Count | lex.Total) for step in steps) and [
        type(o) for o in problem.objectives
    ] in ([MaximizeTotal], [MaximizeMatched], [MaximizeMatched, MaximizeTotal])
    parities = {row.constraint for row in lowered.rows if isinstance(row.constraint, Parity)}
    only_parity = bool(lowered.rows) and all(
        isinstance(row.constraint, Parity) for row in lowered.rows
    )
    shares = len(parities) == 1 and next(iter(parities)).measure != "mean_score"
    fits = ["rows"]
    if not lowered.several:
        if not lowered.rows and all_flow:
            fits.append("flow")
        uniform = fits_int32(lowered.points, lowered.row_bonus)
        if only_parity and shares and folded and uniform:
            fits.append("windows")
        if only_parity and folded:
            fits.append("lagrangian")
    worst_first = [type(o) for o in problem.objectives] in (
        [MaximizeMatched, MaximizeMinimum],
        [MaximizeMatched, MaximizeMinimum, MaximizeTotal],
    )
    if lowered.several and worst_first and not lowered.rows and not lowered.reserves:
        fits.append("floors")
    return tuple(fits)


def shares_of(problem: Problem, lowered: Lowered) -> Shares:
    """Return the groups and tolerance of the only parity of a problem."""
    parity = next(row.constraint for row in lowered.rows)
    assert isinstance(parity, Parity)
    groups, asked = parity_groups(problem.scores, parity, lowered.asked)
    locked = groups.codes[lowered.locks[:, 0]] if len(lowered.locks) else np.zeros(0, np.int64)
    had = np.bincount(locked[locked >= 0], minlength=len(asked))
    free = np.where(lowered.demand > 0, groups.codes, -1)
    ratio = parity.measure == "impact_ratio"
    return Shares(
        free,
        asked,
        had,
        within=None if ratio else Fraction(str(parity.within)),
        ratio=Fraction(str(parity.ratio)) if ratio else None,
    )


def bands_of(problem: Problem, lowered: Lowered) -> tuple[Band, ...]:
    """Return every parity of a problem as a band of group outcomes."""
    bands = []
    points = problem.scores.points
    locked, held = lowered.locks.T if len(lowered.locks) else np.zeros((2, 0), dtype=np.int64)
    for parity in dict.fromkeys(row.constraint for row in lowered.rows):
        assert isinstance(parity, Parity)
        groups, asked = parity_groups(problem.scores, parity, lowered.asked)
        scored = parity.measure == "mean_score"
        amount = points[locked, held].astype(np.int64) if scored else np.ones_like(locked)
        inside = groups.codes[locked] >= 0
        offset = np.zeros(len(asked), dtype=np.int64)
        np.add.at(offset, groups.codes[locked[inside]], amount[inside])
        ratio = parity.measure == "impact_ratio"
        bands.append(
            Band(
                groups.codes,
                asked,
                offset,
                scored,
                None if ratio else Fraction(str(parity.within)) * (MILLION if scored else 1),
                Fraction(str(parity.ratio)) if ratio else None,
            )
        )
    return tuple(bands)


def without_names(steps: tuple[Step, ...]) -> tuple[lex.Stage, ...]:
    """Return the stages alone."""
    return tuple(step.stage for step in steps)


__all__ = [
    "ROUTES",
    "Step",
    "choose_route",
    "routes_that_fit",
    "shares_of",
    "steps_of",
    "without_names",
]
