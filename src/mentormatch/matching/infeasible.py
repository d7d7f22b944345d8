"""Why nothing satisfies a problem: a minimal set of named requirements, and what would help.

Every lock, rule, floor, capacity, least load and constraint row is one requirement. Those that
cannot be dropped without resolving the contradiction form a minimal set: found by halving
(QuickXplain), each test being the problem with a part of its requirements, solved for
feasibility. The smallest relaxation of each is then searched and verified on the whole problem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mentormatch.errors import InfeasibleError, listed
from mentormatch.matching.case import Case, Row
from mentormatch.matching.constraints import Load, Parity, Quota, ScoreFloor, single_loads
from mentormatch.matching.lowering import Lowered, case_of, labelled_rows, lock_name
from mentormatch.matching.problem import Problem
from mentormatch.scoring.rules import Lock, NotHerself, RulesOf
from mentormatch.scoring.scores import HandedIn
from mentormatch.solvers.program import Program, SideRow
from mentormatch.solvers.rows.linear import maximize

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MOST_TRIED = 64
"""How far a whole-number bound is relaxed before giving up."""
NODES = 2000
"""For one test of feasibility; a test that runs out counts as feasible."""


@dataclass(frozen=True, eq=False)
class Requirement:
    """One named thing that a matching must satisfy.

    name : str
    forbids : bool (n, m) or None, pairs it rules out.
    row : SideRow or None.
    mentor, seats, least : a mentor's capacity, or her least load.
    relaxed : (step -> Requirement) and the words for it, or None if it can only be dropped.
    """

    name: str
    forbids: BoolArray | None = None
    row: SideRow | None = None
    mentor: int = -1
    seats: int | None = None
    least: int = 0
    relaxed: Callable[[int], tuple[Requirement | None, str]] | None = None


def explain_infeasible(problem: Problem, lowered: Lowered) -> InfeasibleError:
    """Return the error that names a minimal contradiction and the smallest ways out.

    Parameters
    ----------
    problem
        One that no matching satisfies.
    lowered
        The same, lowered.

    Notes
    -----
    k requirements of r are found with O(k log(r / k)) tests of feasibility.
    """
    every = requirements(problem, lowered)
    culprits = minimal(every, lambda kept: _feasible(problem, lowered, kept))
    names = [requirement.name for requirement in culprits]
    changes = [
        words
        for requirement in culprits
        if (words := _smallest_change(problem, lowered, every, requirement)) is not None
    ]
    ways = (
        " Any one of these would do: " + "; ".join(changes) + "."
        if changes
        else " Drop one of them; no single smaller change is enough."
    )
    return InfeasibleError(
        f"No matching satisfies: {listed(names)}.{ways}", conflicts=names, relaxations=changes
    )


def minimal(
    requirements: Sequence[Requirement], feasible: Callable[[Sequence[Requirement]], bool]
) -> list[Requirement]:
    """Return a subset that cannot hold together although each of its parts can.

    References
    ----------
    .. [1] Junker (2004), AAAI, 167-172.
    """
    if feasible(requirements):
        return []

    def search(base: list[Requirement], fresh: bool, left: list[Requirement]) -> list[Requirement]:
        if fresh and not feasible(base):
            return []
        if len(left) == 1:
            return left
        half = len(left) // 2
        first, second = left[:half], left[half:]
        more = search([*base, *first], bool(first), second)
        some = search([*base, *more], bool(more), first)
        return [*some, *more]

    return search([], False, list(requirements))


def requirements(problem: Problem, lowered: Lowered) -> list[Requirement]:
    """Name everything that a matching must satisfy, what is easiest to doubt last."""
    scores = problem.scores
    mentors = scores.mentors
    found = [
        *_capacities(problem),
        *_rules(problem),
        *_floors(problem),
    ]
    found += [
        Requirement(row.label, row=row.side, relaxed=_relaxed_row(problem, row))
        for row in labelled_rows(_case(problem, lowered), problem)
    ]
    _, _, minima = single_loads(scores, problem.constraints)
    for label, mentor, _ in minima:
        least = int(label.split("least=")[1].split(")")[0])
        found.append(
            Requirement(
                label,
                mentor=mentor,
                least=least,
                relaxed=_fewer(label, mentor, least, mentors.ids[mentor]),
            )
        )
    for i, j in scores.locks:
        pair = (np.array([i]), np.array([j]))
        found.append(
            Requirement(lock_name(scores, int(i), int(j)), row=SideRow(least=1, pairs=pair))
        )
    return found


def _capacities(problem: Problem) -> list[Requirement]:
    mentors = problem.scores.mentors
    _, most, _ = single_loads(problem.scores, problem.constraints)
    found = []
    for j, seats in enumerate(most.tolist()):
        word = "capacity" if seats == mentors.capacity[j] else "Load(most)"
        name = f"{word} of {mentors.ids[j]} ({seats})"
        found.append(
            Requirement(name, mentor=j, seats=seats, relaxed=_more(name, j, seats, mentors.ids[j]))
        )
    return found


def _more(name: str, j: int, seats: int, who: str) -> Callable[[int], tuple[Requirement, str]]:
    def relaxed(step: int) -> tuple[Requirement, str]:
        noun = "seat" if step == 1 else "seats"
        return Requirement(name, mentor=j, seats=seats + step), f"{step} more {noun} at {who}"

    return relaxed


def _fewer(
    label: str, j: int, least: int, who: str
) -> Callable[[int], tuple[Requirement | None, str]]:
    def relaxed(step: int) -> tuple[Requirement | None, str]:
        if step > least:
            return None, ""
        return (
            Requirement(label, mentor=j, least=least - step),
            f"a least load of {least - step} instead of {least} for {who}",
        )

    return relaxed


def _rules(problem: Problem) -> list[Requirement]:
    """Each rule and the pairs it forbids; a matrix handed in is a rule of its own."""
    scores = problem.scores
    n, m = scores.points.shape
    rest = scores.points < 0
    found = []
    for rule, lowered in zip(
        scores.rules, RulesOf(scores.rules, scores._both).lowered, strict=True
    ):
        if isinstance(rule, Lock | HandedIn):
            continue
        marked = lowered.mark(0, n, m, None, False)
        if marked is None or not marked.any():
            continue
        forbids = np.array(marked, dtype=bool)
        rest = rest & ~forbids
        name = "nobody mentors herself" if isinstance(rule, NotHerself) else repr(rule)
        found.append(Requirement(name, forbids=forbids))
    if rest.any():
        found.append(Requirement("the pairs marked as inadmissible", forbids=rest))
    return found


def _floors(problem: Problem) -> list[Requirement]:
    scores = problem.scores
    plain = np.where(scores.points < 0, ~scores.points, scores.points)
    found = []
    for constraint in problem.constraints:
        if not isinstance(constraint, ScoreFloor):
            continue
        least = constraint.points(scores.mentees)[:, None]

        def relaxed(
            step: int, least: IntArray = least, floor: ScoreFloor = constraint
        ) -> tuple[Requirement | None, str]:
            lower = np.maximum(least - step * 10_000, 0)
            if step * 10_000 > least.max(initial=0) + 9_999:
                return None, ""
            now = Requirement(repr(floor), forbids=plain < lower)
            return now, f"a floor lower by {step / 100:.2f}"

        found.append(Requirement(repr(constraint), forbids=plain < least, relaxed=relaxed))
    return found


def _relaxed_row(
    problem: Problem, row: Row
) -> Callable[[int], tuple[Requirement | None, str]] | None:
    constraint, side = row.constraint, row.side
    if isinstance(constraint, Parity) and constraint.measure != "impact_ratio":

        def looser(step: int) -> tuple[Requirement | None, str]:
            within = round(constraint.within + step / 100, 6)
            if within > 1:
                return None, ""
            return (
                Requirement(row.label),
                f"Parity({constraint.by!r}, {constraint.measure!r}) within {within:g}",
            )

        return looser
    if isinstance(constraint, Quota | Load) and row.scale == 1:

        def wider(step: int) -> tuple[Requirement | None, str]:
            low = None if side.least is None else side.least - step
            high = None if side.most is None else side.most + step
            if low is not None and low < 0:
                return None, ""
            bound = f"at least {low:g}" if high is None else f"at most {high:g}"
            return Requirement(row.label, row=replace(side, least=low, most=high)), (
                f"{row.label} with {bound}"
            )

        return wider
    return None


def _case(problem: Problem, lowered: Lowered) -> Case:
    """Return the people in the order of the rosters."""
    asked = lowered.asked
    if lowered.order is not None:
        asked = asked[np.argsort(lowered.order[0])]
    return case_of(problem.scores, asked)


def _feasible(problem: Problem, lowered: Lowered, kept: Sequence[Requirement]) -> bool:
    """Whether any matching satisfies these requirements, and one mentor each (or the demand)."""
    scores = problem.scores
    points = np.where(scores.points < 0, ~scores.points, scores.points)
    n, m = points.shape
    capacity = np.full(m, n, dtype=np.int64)
    least = np.zeros(m, dtype=np.int64)
    barred = np.zeros((n, m), dtype=bool)
    rows = []
    for requirement in kept:
        if requirement.forbids is not None:
            barred |= requirement.forbids
        if requirement.row is not None:
            rows.append(requirement.row)
        if requirement.seats is not None:
            capacity[requirement.mentor] = min(capacity[requirement.mentor], requirement.seats)
        if requirement.least:
            least[requirement.mentor] = max(least[requirement.mentor], requirement.least)
    if (least > capacity).any():
        return False
    program = Program(
        np.where(barred, ~points, points).astype(np.int32),
        capacity,
        least,
        _case(problem, lowered).asked,
        tuple(rows),
    )
    return maximize(program, None, nodes=NODES, gap=1.0).status != "infeasible"


def _smallest_change(
    problem: Problem, lowered: Lowered, every: Sequence[Requirement], culprit: Requirement
) -> str | None:
    """Return the smallest relaxation of one requirement that resolves everything, in words."""
    others = [requirement for requirement in every if requirement is not culprit]
    if culprit.row is not None and _is_parity(culprit):
        return _looser_parity(problem, lowered, every, culprit)
    if not _feasible(problem, lowered, others):
        return None  # something else is wrong as well
    relaxed = culprit.relaxed
    if relaxed is None:
        return f"without {culprit.name}"
    low, high = 0, 1
    while True:  # double, then halve: feasibility only grows with the step
        now, _ = relaxed(high)
        if now is None or high > MOST_TRIED:
            break
        if _feasible(problem, lowered, [*others, now]):
            break
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        now, _ = relaxed(middle)
        if now is not None and not _feasible(problem, lowered, [*others, now]):
            low = middle
        else:
            high = middle
    now, words = relaxed(high)
    if now is None or not _feasible(problem, lowered, [*others, now]):
        return f"without {culprit.name}"
    return words


def _is_parity(culprit: Requirement) -> bool:
    return culprit.name.startswith("Parity(") and culprit.relaxed is not None


def _looser_parity(
    problem: Problem, lowered: Lowered, every: Sequence[Requirement], culprit: Requirement
) -> str | None:
    """Search the smallest tolerance, in hundredths, for all rows of a parity together."""
    case = _case(problem, lowered)
    prefix = culprit.name.split("):")[0]
    others = [r for r in every if not r.name.startswith(prefix)]
    parity = next(
        c for c in problem.constraints
        if isinstance(c, Parity) and f"Parity({c.by!r}, {c.measure!r}" in prefix
    )  # fmt: skip

    def works(within: int) -> bool:
        looser = replace(parity, within=within / 100)
        fresh = [Requirement(row.label, row=row.side) for row in looser.rows(case)]
        return _feasible(problem, lowered, [*others, *fresh])

    low, high = int(parity.within * 100), 100
    if not works(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return f"Parity({parity.by!r}, {parity.measure!r}) within {high / 100:g}"


__all__ = ["Requirement", "explain_infeasible", "minimal", "requirements"]
