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

from mentormatch.errors import LISTED, InfeasibleError, Status, listed
from mentormatch.matching.case import Case, Row
from mentormatch.matching.constraints import Load, Parity, Quota, ScoreFloor, single_loads
from mentormatch.matching.least_loads import contradiction, lacking
from mentormatch.matching.lowering import Lowered, case_of, labelled_rows, lock_name
from mentormatch.matching.problem import Problem
from mentormatch.scoring.engine import plain
from mentormatch.scoring.rules import Lock, NotHerself, RulesOf
from mentormatch.scoring.scores import HandedIn
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program, SideRow, nobody
from mentormatch.solvers.solve import solve as solve_program
from mentormatch.solvers.stages import Count

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MOST_TRIED = 64
"""How far a whole-number bound is relaxed before giving up."""
ANY = 0.99
"""Gap at which a test of feasibility may stop: any matching will do."""


@dataclass(frozen=True, eq=False)
class Requirement:
    """One named thing that a matching must satisfy.

    name : str
    forbids : bool (n, m) or None, pairs it rules out.
    row : SideRow or None.
    mentor, seats, least : a mentor's capacity, or her least load.
    lock : positions of a pair that must be, or None.
    relaxed : (step -> Requirement) and the words for it, or None if it can only be dropped.
    """

    name: str
    forbids: BoolArray | None = None
    row: SideRow | None = None
    mentor: int = -1
    seats: int | None = None
    least: int = 0
    lock: tuple[int, int] | None = None
    relaxed: Callable[[int], tuple[Requirement | None, str]] | None = None


def explain_infeasible(
    problem: Problem, lowered: Lowered, budget: Budget | None = None
) -> InfeasibleError:
    """Return the error that names a minimal contradiction and the smallest ways out.

    Parameters
    ----------
    problem
        One that no matching satisfies.
    lowered
        The same, lowered.
    budget
        Seconds for it. A test that is not decided within them counts as feasible where the
        contradiction is sought, which is then said not to be minimal, and as infeasible where a
        way out is.

    Notes
    -----
    k requirements of r are found with O(k log(r / k)) tests of feasibility; least loads of single
    mentors by moving people between them.
    """
    tests = Feasibility(problem, lowered, budget or Budget())
    every = requirements(problem, lowered)
    culprits = _culprits(tests, every)
    names = [requirement.name for requirement in culprits]
    if not names:  # tests and solver disagree: name everything that was asked for
        names = [repr(constraint) for constraint in problem.constraints]
    among = "" if tests.decided else ", at least among these"
    changes = [
        words
        for requirement in culprits[:LISTED]
        if (words := _smallest_change(problem, tests, every, requirement)) is not None
    ]
    if changes:
        ways = " Any one of these would do: " + "; ".join(changes) + "."
    elif len(culprits) <= LISTED and tests.decided:
        ways = " Drop one of them; no single smaller change is enough."
    else:
        ways = " Drop or loosen several of them."
    return InfeasibleError(
        f"No matching satisfies{among}: {listed(names)}.{ways}",
        conflicts=names,
        relaxations=changes,
    )


def _culprits(tests: Feasibility, every: Sequence[Requirement]) -> list[Requirement]:
    """Return a minimal contradiction; of least loads alone by the people they need."""
    if any(requirement.row is not None for requirement in every):
        return minimal(every, tests.may_hold)
    loads = [requirement for requirement in every if requirement.least]
    others = [r for r in every if not r.least and r.seats is None]  # no least load exceeds seats
    if tests.may_hold([*loads, *others]):
        return minimal(every, tests.may_hold)
    needed = minimal(others, lambda kept: tests.may_hold([*loads, *kept]))
    return [*tests.contradicting(loads, needed), *needed]


def minimal(
    requirements: Sequence[Requirement], feasible: Callable[[Sequence[Requirement]], bool]
) -> list[Requirement]:
    """Return a subset that cannot hold together although each of its parts can.

    References
    ----------
    .. [1] Junker (2004), AAAI, 167-172.
    """
    if not requirements or feasible(requirements):
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
    found += [
        Requirement(lock_name(scores, int(i), int(j)), lock=(int(i), int(j)))
        for i, j in scores.locks
    ]
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
    n, m = scores.shape
    rest = scores.matrix("Finding what cannot hold together") < 0
    found = []
    for rule, lowered in zip(
        scores.rules, RulesOf(scores.rules, scores.pairing).lowered, strict=True
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
    points = plain(scores.matrix("Finding what cannot hold together"))
    found = []
    for constraint in problem.constraints:
        if not isinstance(constraint, ScoreFloor):
            continue
        least = constraint.needed(scores.mentees)[:, None]

        def relaxed(
            step: int, least: IntArray = least, floor: ScoreFloor = constraint
        ) -> tuple[Requirement | None, str]:
            lower = np.maximum(least - step * 10_000, 0)
            if step * 10_000 > least.max(initial=0) + 9_999:
                return None, ""
            now = Requirement(repr(floor), forbids=points < lower)
            return now, f"a floor lower by {step / 100:.2f}"

        found.append(Requirement(repr(constraint), forbids=points < least, relaxed=relaxed))
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


class Feasibility:
    """Tests whether parts of what a problem asks for can hold together.

    decided : bool, whether every test so far was.
    """

    def __init__(self, problem: Problem, lowered: Lowered, budget: Budget) -> None:
        scores = problem.scores
        self.plain = plain(scores.matrix("Finding what cannot hold together"))
        self.case = _case(problem, lowered)
        self.asked = self.case.asked
        self.budget = budget
        self.decided = True

    def may_hold(self, kept: Sequence[Requirement]) -> bool:
        """Tell whether these may hold together: True also where it is not decided."""
        return self.holds(kept) is not False

    def holds(self, kept: Sequence[Requirement]) -> bool | None:
        """Whether any matching satisfies these, and one mentor each (or the demand).

        None, and `decided` is then False, where the budget ends before that is known.
        """
        stated = self._stated(kept)
        if stated is None:
            return False
        program, rows = stated
        if program.holds(*nobody()):
            return True
        if not rows:
            wanted = np.flatnonzero(program.min_load).tolist()
            loads = [(j, int(program.min_load[j])) for j in wanted]
            return not lacking(program.open(), program.demand, loads)
        count = Count(np.ones(len(self.asked), dtype=np.int64), np.zeros_like(self.asked))
        if not self.budget.late():
            seconds = self.budget.left(0.2)
            solution = solve_program(program, [count], Budget(seconds, ANY))
            if solution.found or solution.status is Status.INFEASIBLE:
                return solution.found
        self.decided = False
        return None

    def contradicting(
        self, loads: Sequence[Requirement], others: Sequence[Requirement]
    ) -> list[Requirement]:
        """Return least loads that contradict one another under the others, all of them needed."""
        stated = self._stated([*loads, *others])
        if stated is None:
            return minimal(loads, lambda kept: self.may_hold([*kept, *others]))
        program, _ = stated
        highest: dict[int, Requirement] = {}
        for load in loads:
            if load.mentor not in highest or highest[load.mentor].least < load.least:
                highest[load.mentor] = load
        asked = [(j, int(program.min_load[j])) for j in highest if program.min_load[j]]
        found = contradiction(program.open(), program.demand, asked)
        return [highest[asked[k][0]] for k in found]

    def _stated(self, kept: Sequence[Requirement]) -> tuple[Program, bool] | None:
        """Return the programme of these, locked pairs set aside, and whether it has rows.

        None where seats, demands or rules alone contradict a lock or a load.
        """
        n, m = self.plain.shape
        capacity = np.full(m, n, dtype=np.int64)
        least = np.zeros(m, dtype=np.int64)
        barred = np.zeros((n, m), dtype=bool)
        for requirement in kept:
            if requirement.forbids is not None:
                barred |= requirement.forbids
            if requirement.seats is not None:
                capacity[requirement.mentor] = min(capacity[requirement.mentor], requirement.seats)
            if requirement.least:
                least[requirement.mentor] = max(least[requirement.mentor], requirement.least)
        locks = sorted({r.lock for r in kept if r.lock is not None})
        held, at = np.array(locks, dtype=np.int64).reshape(-1, 2).T
        demand = self.asked - np.bincount(held, minlength=n)
        if (least > capacity).any() or barred[held, at].any() or (demand < 0).any():
            return None
        load = np.bincount(at, minlength=m)
        capacity, least = capacity - load, np.maximum(least - load, 0)
        if (capacity < 0).any():
            return None
        barred[held, at] = True
        sides = [r.row for r in kept if r.row is not None]
        rows = tuple(_aside(side, (held, at), self.plain) for side in sides)
        points = np.where(barred, ~self.plain, self.plain).astype(np.int32)
        return Program(points, capacity, least, demand, rows), bool(rows)


def _aside(side: SideRow, held: Pairs, points: npt.NDArray[np.int32]) -> SideRow:
    """Take out of a row what locked pairs contribute to it."""
    amount = side.amount(*held, points[held])
    least = None if side.least is None else side.least - amount
    return replace(side, least=least, most=None if side.most is None else side.most - amount)


def _smallest_change(
    problem: Problem, tests: Feasibility, every: Sequence[Requirement], culprit: Requirement
) -> str | None:
    """Return the smallest relaxation of one requirement that resolves everything, in words."""
    others = [requirement for requirement in every if requirement is not culprit]
    if culprit.row is not None and _is_parity(culprit):
        return _looser_parity(problem, tests, every, culprit)
    if not tests.holds(others):
        return None  # something else is wrong as well
    relaxed = culprit.relaxed
    if relaxed is None:
        return f"without {culprit.name}"
    low, high = 0, 1
    while True:  # double, then halve: feasibility only grows with the step
        now, _ = relaxed(high)
        if now is None or high > MOST_TRIED:
            break
        if tests.holds([*others, now]):
            break
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        now, _ = relaxed(middle)
        if now is not None and not tests.holds([*others, now]):
            low = middle
        else:
            high = middle
    now, words = relaxed(high)
    if now is None or not tests.holds([*others, now]):
        return f"without {culprit.name}"
    return words


def _is_parity(culprit: Requirement) -> bool:
    return culprit.name.startswith("Parity(") and culprit.relaxed is not None


def _looser_parity(
    problem: Problem, tests: Feasibility, every: Sequence[Requirement], culprit: Requirement
) -> str | None:
    """Search the smallest tolerance, in hundredths, for all rows of a parity together."""
    case = tests.case
    prefix = culprit.name.split("):")[0]
    others = [r for r in every if not r.name.startswith(prefix)]
    parity = next(
        c for c in problem.constraints
        if isinstance(c, Parity) and f"Parity({c.by!r}, {c.measure!r}" in prefix
    )  # fmt: skip

    def works(within: int) -> bool:
        looser = replace(parity, within=within / 100)
        fresh = [Requirement(row.label, row=row.side) for row in looser.rows(case)]
        return tests.holds([*others, *fresh]) is True

    low, high = int(parity.within * 100), 100
    if not works(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return f"Parity({parity.by!r}, {parity.measure!r}) within {high / 100:g}"


__all__ = ["Feasibility", "Requirement", "explain_infeasible", "minimal", "requirements"]
