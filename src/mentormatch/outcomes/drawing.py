"""lottery: who gets a scarce seat is drawn among nearly the best matchings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter
from mentormatch.journal import logged
from mentormatch.matching.lowering import Lowered, asked_of, lower
from mentormatch.matching.matching import Matching, total_points
from mentormatch.matching.no_mutual import NoMutual
from mentormatch.matching.objectives import (
    BalanceLoad,
    KeepClaims,
    KeepDrawn,
    MaximizeMatched,
    MaximizeTotal,
    MinimizeChanges,
    MinimizeDefects,
    Objective,
)
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import run
from mentormatch.matching.wishes import MaximizeWishes
from mentormatch.outcomes.lottery import Lottery
from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray
from mentormatch.scoring.engine import plain
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program
from mentormatch.solvers.solve import fitting
from mentormatch.solvers.solve import solve as solve_program
from mentormatch.solvers.stages import Count, Stage

__all__ = ["lottery"]

MILLION = 1_000_000
PILOT = 40
"""Draws in which a size of the noise is tried."""
HALVINGS = 12
MOST, TRIES = 1.25, 50
"""A draw that gives up more than so many times the share is drawn again, so often at most."""
WIDEST = 2.0
"""Standard deviation of noise, in score, beyond which who gets a seat hardly depends on scores."""
COUNTS = (KeepClaims, KeepDrawn, MaximizeWishes, MinimizeChanges, MinimizeDefects, BalanceLoad)
"""Objectives between the number matched and the total that no score enters."""


@logged(lambda found, _: f"drew seats in {found.draws} draws: {found.matching.counts}")
@typed
def lottery(
    problem: Problem,
    share: float = 0.02,
    rng: int | np.random.Generator = 7,
    *,
    draws: int = 400,
) -> Lottery:
    r"""Draw who gets a scarce seat, among matchings with nearly the best total.

    To every score of mentee i is added the same :math:`\sigma z_i` with :math:`z_i` standard
    normal: it changes who gets a seat, never with whom those who have one are best. The size
    :math:`\sigma` is such that drawn matchings give up `share` of the best total on average; one
    that gives up more than a quarter above it is drawn again. Who is drawn is matched as well as
    can be, by all objectives, constraints and rules.

    Parameters
    ----------
    problem
        n mentees, m mentors, fewer seats than people. `MaximizeMatched`, then counts such as
        `MinimizeDefects`, then `MaximizeTotal`.
    share
        Of the best total score that may be given up on average, in (0, 1); never more than 1.25
        times as much.
    rng
        Seed, or a numpy Generator (advanced by the call). The order of the roster plays no part.
    draws
        How often the draw is repeated to count everybody's chance; its standard error is
        0.025 at most with 400.

    Returns
    -------
    Lottery
        The matching that was drawn, and each mentee's chance. Keep it (`Lottery.to_json`) until
        answers come in: ``evaluate(matching, survey, comparison=lottery)``.

    Raises
    ------
    ParameterError
        If an objective or constraint compares scores, which the noise would change (worst pairs,
        parity of mean scores), or a mentee may have several mentors.
    InfeasibleError
        If nothing satisfies the problem.

    Notes
    -----
    One or two solves per draw, and some hundreds to size the noise: for 100 x 40 some seconds,
    longer where constraints are rows. Seats go by score before defects, as `MinimizeDefects` has
    it.

    References
    ----------
    .. [1] Abdulkadiroglu, Angrist, Narita & Pathak (2017), Econometrica 85(5), 1373-1432.
    .. [2] Saveski, Jecmen, Shah & Ugander (2023), NeurIPS 36, on randomised assignment.

    Examples
    --------
    >>> drawn = lottery(problem, share=0.02, rng=7)    # doctest: +SKIP
    >>> evaluate(drawn.matching, survey, comparison=drawn).effect    # doctest: +SKIP
    """
    check_parameter(0 < share < 1, "share", "lottery", "in (0, 1)", share)
    check_parameter(draws >= 1, "draws", "lottery", "a whole number >= 1", draws)
    _check_problem(problem)
    best = run(problem, Budget())
    total, n = total_points(best) / MILLION, len(best.assignment)
    if not len(best.unmatched) or not len(best):
        return Lottery(best, (best.assignment >= 0).astype(np.float64), draws, total)
    whole = isinstance(rng, np.random.Generator) or (isinstance(rng, Integral) and rng >= 0)
    check_parameter(whole, "rng", "lottery", "an int in [0, inf) or a Generator", rng)
    source = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
    drawing = _Drawing.of(problem, n - len(best.unmatched), share, source)
    drawn, pairs, _ = drawing.next()
    times = np.zeros(n)
    for _ in range(draws):
        times += drawing.next()[0]
    return Lottery(_matched(problem, drawn, pairs), times / draws, draws, total)


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Draws of seats, one like the other.

    spread : standard deviation of the noise, in score.
    floor : total score below which a draw does not count.
    ranked : int64 (n,), mentees in the order of their ids, so that the roster's plays no part.
    """

    seats: _Seats
    source: np.random.Generator
    spread: float
    floor: float
    ranked: IntArray

    @classmethod
    def of(
        cls, problem: Problem, matched: int, share: float, source: np.random.Generator
    ) -> _Drawing:
        """Lower a problem whose best matching has so many people, and size the noise."""
        ids = np.array(problem.scores.mentees.ids, dtype=object)
        ranked = np.argsort(ids, kind="stable").astype(np.int64)
        seats = _Seats.of(problem, matched)
        best = seats.total(*seats.draw(np.zeros(len(ids))))
        pilot = np.array([_noise(source, ranked) for _ in range(PILOT)])
        spread = _sized(seats, pilot, share, best)
        return cls(seats, source, spread, (1 - MOST * share) * best, ranked)

    def next(self) -> tuple[BoolArray, Pairs, float]:
        """Return who gets a seat, with whom by score alone, and the total score."""
        for _ in range(TRIES):
            seated, pairs = self.seats.draw(self.spread * _noise(self.source, self.ranked))
            total = self.seats.total(seated, pairs)
            if total >= self.floor:
                break
        return seated, pairs, total


def _noise(source: np.random.Generator, ranked: IntArray) -> FloatArray:
    """Return float64 (n,), standard normal, in roster order."""
    noise = np.empty(len(ranked))
    noise[ranked] = source.standard_normal(len(ranked))
    return noise


@dataclass(frozen=True, eq=False)
class _Seats:
    """A problem lowered once, to be solved under many noises.

    lowered : without the objectives that only come after who gets a seat;  route : of its solver,
        compiled for one flow of any size, as it runs often.
    after : with all objectives, and who drew a seat before them; None where that is the same.
    """

    lowered: Lowered
    route: str
    after: Lowered | None

    @classmethod
    def of(cls, problem: Problem, matched: int) -> _Seats:
        """Lower a problem whose best matching has so many people."""
        # where constraints leave fewer seats than scores would fill, defects decide about them
        by_score = int(problem.scores.seated.sum()) == matched
        kept = [
            replace(o, by_score=False) if isinstance(o, MinimizeDefects) else o
            for o in problem.pursued
            if not (isinstance(o, MinimizeDefects) and o.by_score and by_score)
        ]
        lowered = lower(replace(problem, objectives=kept))
        if any(row.side.scored for row in lowered.rows):
            raise _refused("a constraint that compares scores (parity of mean scores)")
        same = len(kept) == len(problem.pursued)
        return cls(lowered, _route(lowered), None if same else lower(_kept(problem, ())))

    def draw(self, noise: FloatArray) -> tuple[BoolArray, Pairs]:
        """Return who gets a seat, and with whom by score alone.

        noise : float64 (n,), in score, in roster order.
        """
        program, order = self.lowered.program, self.lowered.order
        added = np.rint((noise - noise.min(initial=0)) * MILLION).astype(np.int64)
        added = added if order is None else added[order[0]]
        given = program.read()
        points = np.where(given >= 0, given + added[:, None], -1)
        noisy = replace(program, points=points.astype(np.int32))
        pairs = _solved(self.lowered, noisy, self.lowered.stages, self.route)
        seated = np.zeros(len(noise), dtype=bool)
        seated[pairs[0]] = True
        return seated, pairs

    def total(self, seated: BoolArray, pairs: Pairs) -> float:
        """Return the total score of what is matched after a draw."""
        if self.after is not None:
            order, had = self.after.order, self.after.case.had
            weight = seated.astype(np.int64) if order is None else seated[order[0]].astype(np.int64)
            stages = [
                Count(weight, had) if step.name == KeepDrawn.__name__ else step.stage
                for step in self.after.steps
            ]
            pairs = _solved(self.after, self.after.program, stages, _route(self.after))
        return float(plain(self.lowered.case.scores.at(*pairs)).sum(dtype=np.int64)) / MILLION


def _route(lowered: Lowered) -> str:
    one_flow = fitting(lowered.program, lowered.stages)[0] == "one flow"
    return "dense" if one_flow else "auto"


def _solved(lowered: Lowered, program: Program, stages: Sequence[Stage], route: str) -> Pairs:
    found = solve_program(program, stages, Budget(), route=route)
    if not found.found:
        raise ParameterError(
            "The 'problem' parameter of lottery must be one that is solved without a time limit. "
            f"This one is not: {found.status.sentence}."
        )
    return lowered.back(found.pairs)


def _sized(seats: _Seats, normal: FloatArray, share: float, best: float) -> float:
    """Return the standard deviation of noise at which totals are `share` below the best."""

    def lost(spread: float) -> float:
        totals = [seats.total(*seats.draw(spread * noise)) for noise in normal]
        return 1 - float(np.mean(totals)) / best

    if best <= 0:
        return WIDEST
    low, high = 0.0, WIDEST / 2**6
    while lost(high) < share:
        if high >= WIDEST:
            return WIDEST
        low, high = high, 2 * high
    for _ in range(HALVINGS - 6):
        middle = (low + high) / 2
        low, high = (middle, high) if lost(middle) < share else (low, middle)
    return low


def _kept(problem: Problem, people: tuple[str, ...]) -> Problem:
    """Return the problem in which those who drew a seat have it."""
    objectives: list[Objective] = []
    for objective in problem.objectives:
        objectives.append(objective)
        if isinstance(objective, MaximizeMatched):
            objectives.append(KeepDrawn(people))
    return replace(problem, objectives=objectives)


def _matched(problem: Problem, drawn: BoolArray, pairs: Pairs) -> Matching:
    """Return the best matching of those who drew a seat."""
    ids, mentors = problem.scores.mentees.ids, problem.scores.mentors.ids
    asked = _kept(problem, tuple(ids[i] for i in np.flatnonzero(drawn)))
    found = run(asked, Budget())
    if (found.assignment >= 0).tolist() == drawn.tolist():
        return found
    # stopped at a gap: the pairs of the draw itself
    return Matching.from_pairs(
        problem.scores, [(ids[i], mentors[j]) for i, j in zip(*pairs, strict=True)],
        objectives=asked.objectives, constraints=asked.constraints, seed=asked.seed,
    )  # fmt: skip


def _check_problem(problem: Problem) -> None:
    """Refuse what noise on scores would change besides who gets a seat."""
    pursued = problem.pursued
    names = [type(objective).__name__ for objective in pursued]
    if not isinstance(pursued[-1], MaximizeTotal) or MaximizeMatched not in map(type, pursued):
        raise _refused(
            f"objectives other than MaximizeMatched first and MaximizeTotal last: {names}"
        )
    between = [o for o in pursued[:-1] if not isinstance(o, MaximizeMatched)]
    if wrong := [type(o).__name__ for o in between if not isinstance(o, COUNTS)]:
        raise _refused(f"objectives that compare scores: {', '.join(wrong)}")
    for objective in pursued:
        if isinstance(objective, MinimizeDefects) and objective.within is not None:
            raise _refused("MinimizeDefects with a bound on what it may take of the total (within)")
    if any(isinstance(constraint, NoMutual) for constraint in problem.constraints):
        raise _refused("NoMutual, where who gets a mentor depends on who is one")
    if int(asked_of(problem).max(initial=0)) > 1:
        raise _refused("a Demand for several mentors: one seat each is drawn")


def _refused(what: str) -> ParameterError:
    return ParameterError(
        f"The 'problem' parameter of lottery must be one without {what}. Draw the seats by hand "
        "and give Lottery.by_hand(matching) to evaluate."
    )
