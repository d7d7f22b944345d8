"""Changes of a programme that would match somebody, each verified by solving the changed problem.

Of one flow, shortest paths tell which changes are worth verifying; otherwise the people with the
best scores are tried first, up to a stated number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.errors import MentormatchError
from mentormatch.insight.barriers import Barriers, floors_of, relaxable
from mentormatch.insight.forcing import defective, difference, proven
from mentormatch.insight.reallocation import FAR, Reallocations, Worth
from mentormatch.matching.constraints import (
    Constraint,
    Demand,
    Load,
    Parity,
    Quota,
    ScoreFloor,
    single_loads,
)
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import run
from mentormatch.matching.within import defects_of
from mentormatch.scoring.engine import plain
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.source import Admitted

__all__ = ["Change", "Remedies"]

IntArray: TypeAlias = npt.NDArray[np.int64]

NOTHING = Worth(0, 0, 0, 0, 0)
LOOSER = {
    "within": (0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    "ratio": (-0.05, -0.1, -0.2, -0.4),
    "share": (0.05, 0.1, 0.2, 0.4),
    "count": (1, 2, 3),
}
"""By how much a bound is loosened, step by step, before its constraint is dropped."""


@dataclass(frozen=True, eq=False)
class Change:
    """One change of the programme that would match somebody.

    kind : {"seat", "rule", "floor", "seats", "constraint"}
    mentor : position of the mentor it concerns, -1 if none.
    amount : seats added, 1, or points by which the floor is lowered.
    gain : what the objective gains.
    exact : whether the changed problem was solved to the end.
    """

    kind: str
    mentor: int
    amount: int
    what: str
    gain: Worth = NOTHING
    exact: bool = True


@dataclass(eq=False)
class Remedies:
    """Candidates for one mentee after another, each verified by solving the changed problem.

    open_ : what the matching leaves open, None where its problem is more than one flow.
    most_tried : how many candidates of each kind are tried for a mentee without it.
    sure : bool, whether nothing was left untried or unproven for the mentee at hand.
    """

    matching: Matching
    open_: Reallocations | None
    budget: Budget
    most_tried: int
    sure: bool = True
    solved: dict[Any, Matching | None] = field(default_factory=dict)
    seated: dict[Any, npt.NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def problem(self) -> Problem:
        return self.matching.problem

    def smallest(self, found: Barriers, most_seats: int) -> Change | None:
        """Return the smallest verified change for one mentee."""
        self.sure = True
        kinds = [self._seats(found, 1), self._rules(found), self._floors(found)]
        kinds += [self._seats(found, seats) for seats in range(2, most_seats + 1)]
        kinds.append(self._constraints(found))
        for candidates in kinds:
            best: Change | None = None
            for change, again in candidates:
                verified = self._verified(found.mentee, change, again)
                if verified is not None and (best is None or verified.gain > best.gain):
                    best = verified
                if best is not None and (self.open_ is not None or change.kind == "floor"):
                    break  # they come in order of what they gain
            if best is not None:
                return best
        return None

    @cached_property
    def _by_score(self) -> bool:
        """Whether just those are matched who have a seat by score: nothing else bears on seats."""
        fewest, open_ = defects_of(self.problem), self.open_
        if fewest is None or not fewest.by_score or open_ is None or self.problem.constraints:
            return False
        return not open_.lowered.priority_unit and not len(open_.lowered.locks)

    # -- solving the changed problem ----------------------------------------------------------

    def _verified(self, i: int, change: Change, again: _Again) -> Change | None:
        """Return the change with its gain if the best matching then has her and one more in all."""
        if self._by_score and not self._seated(again)[i]:
            return None
        after = self._solved(again)
        if after is None or after.assignment[i] < 0:
            return None
        gain = difference(after, self.matching)
        return replace(change, gain=gain, exact=proven(after)) if gain.matched > 0 else None

    def _seated(self, again: _Again) -> npt.NDArray[np.bool_]:
        """bool (n,): who has a seat by score in the changed problem."""
        if again.key is None:
            return again.problem.scores.seated
        if again.key not in self.seated:
            self.seated[again.key] = again.problem.scores.seated
        return self.seated[again.key]

    def _solved(self, again: _Again) -> Matching | None:
        if again.key is not None and again.key in self.solved:
            return self.solved[again.key]
        if self.budget.late():
            self.sure = False
            return None
        after: Matching | None = None
        try:
            after = run(again.problem, self.budget.part(0.25))
        except MentormatchError:  # contradicts itself, or nothing was found in time
            self.sure &= self.budget.seconds is None
        if after is not None:
            self.sure &= proven(after)
        if again.key is not None:
            self.solved[again.key] = after
        return after

    def _few(self, options: Sequence[int]) -> Sequence[int]:
        if len(options) > self.most_tried:
            self.sure = False
        return options[: self.most_tried]

    # -- seats --------------------------------------------------------------------------------

    def _seats(self, found: Barriers, seats: int) -> Iterator[tuple[Change, _Again]]:
        scores = self.problem.scores
        most = _most_loads(self.problem)
        for j in self._worth_seats(found, seats):
            capacity = np.array(scores.mentors.capacity)
            capacity[j] += seats
            if capacity[j] > most[j]:
                continue  # a most load keeps the seat empty
            count = "one more seat" if seats == 1 else f"{seats} more seats"
            kind = "seat" if seats == 1 else "seats"
            change = Change(kind, j, seats, f"{count} with {scores.mentors.name(j)}")
            mentors = replace(scores.mentors, capacity=capacity)
            problem = replace(self.problem, scores=scores.replaced(mentors=mentors))
            yield change, _Again(problem, ("seats", j, seats))

    def _worth_seats(self, found: Barriers, seats: int) -> Sequence[int]:
        """Return the mentors with whom seats are worth trying, the most promising first."""
        ids = self.problem.scores.mentors.ids
        open_ = self.open_
        if open_ is not None and seats == 1:
            price = open_.price
            first = open_.first_in_line(found.mentee).tolist()
            order = sorted(first, key=lambda j: (-int(price[j]), ids[j]))
            return [j for j in order if self._enough(Worth.of(int(price[j]), open_.lowered))]
        points = self.problem.scores.block([found.mentee])[0].astype(np.int64)
        points = np.where(found.admissible, points, -1)
        if open_ is not None:  # more than one seat: any mentor that chains lead to may do
            there = np.flatnonzero(open_.reached(found.mentee)).tolist()
            if self.problem.scores.source is not None and len(there) > self.most_tried:
                # where a solve takes long only the best for her are tried
                return self._few(sorted(there, key=lambda j: (-int(points[j]), ids[j])))
            return sorted(there, key=ids.__getitem__)
        order = sorted(range(len(ids)), key=lambda j: (-int(points[j]), ids[j]))
        return self._few(order)

    # -- rules and floors ---------------------------------------------------------------------

    def _rules(self, found: Barriers) -> Iterator[tuple[Change, _Again]]:
        scores = self.problem.scores
        once = (found.forbids.sum(axis=0) == 1) & ~found.below
        named = {
            j: str(rule)
            for j in np.flatnonzero(once).tolist()
            if relaxable(rule := found.rules[int(found.forbids[:, j].argmax())])
        }
        mentee = scores.mentees.name(found.mentee)
        for j in self._promising(found.mentee, list(named)):
            what = f"{named[j]} relaxed for {mentee} with {scores.mentors.name(j)}"
            yield Change("rule", j, 1, what), self._admitting(found.mentee, [j])

    def _floors(self, found: Barriers) -> Iterator[tuple[Change, _Again]]:
        scores, i = self.problem.scores, found.mentee
        options = np.flatnonzero(found.below & ~found.forbids.any(axis=0))
        points = plain(scores.block([i])[0, options])
        floor = int(floors_of(self.problem)[i])
        mentee = scores.mentees.name(i)
        for level in self._few(np.unique(points)[::-1].tolist()):
            promising = self._promising(i, options[points == level].tolist())
            if not promising:
                continue
            levels = f"from {floor / MILLION:g} to {level / MILLION:g}"
            what = f"the score floor lowered {levels} for {mentee}"
            change = Change("floor", promising[0], floor - level, what)
            yield change, self._admitting(i, options[points >= level].tolist())

    def _promising(self, i: int, options: list[int]) -> Sequence[int]:
        """Return mentors in order of what the objective could gain from her being with them."""
        scores = self.problem.scores
        ids, points = scores.mentors.ids, plain(scores.block([i])[0])
        if self.open_ is None:
            return self._few(sorted(options, key=lambda j: (-int(points[j]), ids[j])))
        gain = {j: self._gain(self.open_, i, j, int(points[j])) for j in options}
        order = sorted(options, key=lambda j: (_downward(gain[j]), ids[j]))
        return [j for j in order if self._enough(gain[j])]

    def _gain(self, open_: Reallocations, i: int, j: int, points: int) -> Worth:
        """Return what the objective gains if the pair became admissible and were forced.

        Taken apart before it is added up: the pair's score may exceed all that the unit of a
        matched mentee was made for.
        """
        if open_.lowered.program.capacity[j] == 0 or open_.exits[j] >= FAR:
            return Worth(-1, 0, 0, 0, -1)
        own = Worth.of(int(open_.lowered.bonus[i]), open_.lowered)
        lost = Worth.of(int(open_.exits[j]), open_.lowered)
        # every pair is given the cost of a defect, which the bonus takes back
        defects = own.defects - lost.defects
        if open_.lowered.defect_unit:
            defects += int(not defective(self.matching, np.array([i]), np.array([j]))[0])
        return Worth(
            own.matched - lost.matched, own.priority - lost.priority, own.seats - lost.seats,
            defects, points - lost.millionths,
        )  # fmt: skip

    def _enough(self, gain: Worth) -> bool:
        """Tell whether one more could be matched: where that comes first, the gain says so."""
        assert self.open_ is not None
        return gain.matched > 0 if self.open_.lowered.matched_unit else gain.millionths >= 0

    def _admitting(self, i: int, mentors: list[int]) -> _Again:
        """Return the problem with these pairs admissible, all other floors as they are."""
        scores = self.problem.scores
        others = [c for c in self.problem.constraints if not isinstance(c, ScoreFloor)]
        if scores.source is not None:
            m = len(scores.mentors)
            pairs = np.concatenate([scores.locks.reshape(-1, 2), [(i, j) for j in mentors]])
            keys = np.unique(pairs[:, 0] * m + pairs[:, 1])
            source = Admitted(scores.source, keys, floors_of(self.problem))
            changed = scores.replaced(_source=source)
            return _Again(replace(self.problem, scores=changed, constraints=others), None)
        points = np.array(scores.matrix("Relaxing a rule or a floor"))
        floored = (points >= 0) & (points < floors_of(self.problem)[:, None])
        locks = scores.locks.reshape(-1, 2)
        floored[locks[:, 0], locks[:, 1]] = False
        points[floored] = ~points[floored]
        points[i, mentors] = plain(points[i, mentors])
        changed = replace(scores, points=points)
        return _Again(replace(self.problem, scores=changed, constraints=others), None)

    # -- constraints --------------------------------------------------------------------------

    def _constraints(self, found: Barriers) -> Iterator[tuple[Change, _Again]]:
        """Yield the smallest loosening of each constraint without which she is matched."""
        kept = self.problem.constraints
        for place, constraint in enumerate(kept):
            if isinstance(constraint, ScoreFloor | Demand):
                continue
            dropped = Change("constraint", -1, 1, f"without {constraint!r}")
            without = self._with(place, None, "dropped")
            if self._verified(found.mentee, dropped, without) is None:
                continue
            for step, looser in enumerate(_looser(constraint)):
                words = f"{looser!r} instead of {constraint!r}"
                change = Change("constraint", -1, 1, words)
                again = self._with(place, looser, step)
                if self._verified(found.mentee, change, again) is not None:
                    yield change, again
                    break
            else:
                yield dropped, without

    def _with(self, place: int, looser: Constraint | None, step: int | str) -> _Again:
        kept = list(self.problem.constraints)
        kept[place : place + 1] = [] if looser is None else [looser]
        return _Again(replace(self.problem, constraints=kept), ("constraint", place, step))


@dataclass(frozen=True, eq=False)
class _Again:
    """A changed problem; those of the same key are the same."""

    problem: Problem
    key: tuple[str, int, int | str] | None


def _downward(worth: Worth) -> tuple[int, int, int, int, int]:
    return -worth.matched, -worth.priority, -worth.seats, -worth.defects, -worth.millionths


def _most_loads(problem: Problem) -> IntArray:
    """Return int64 (m,): the most mentees that loads of single mentors allow, capacity aside."""
    mentors = problem.scores.mentors
    roomy = replace(mentors, capacity=np.full(len(mentors), np.iinfo(np.int32).max))
    loads = [c for c in problem.constraints if not (isinstance(c, Load) and c.most is None)]
    return single_loads(problem.scores.replaced(mentors=roomy), loads)[1]


def _looser(constraint: Constraint) -> Iterator[Constraint]:
    """Yield looser and looser forms of a constraint, if it has a bound that can be."""
    if isinstance(constraint, Parity):
        name = "ratio" if constraint.measure == "impact_ratio" else "within"
        for step in LOOSER[name]:
            value = round(getattr(constraint, name) + step, 6)
            if 0 <= value <= 1:
                yield replace(constraint, **{name: value})
    elif isinstance(constraint, Quota | Load):
        bounds = [("most", 1), ("least", -1)]
        for step in range(len(LOOSER["count"])):
            for name, sign in bounds:
                bound = getattr(constraint, name)
                share = isinstance(bound, float)
                if not isinstance(bound, int | float):
                    continue
                by = LOOSER["share" if share else "count"][step]
                value = round(bound + sign * by, 6)
                if value >= 0 and not (share and value > 1):
                    changed: dict[str, Any] = {name: value}
                    yield replace(constraint, **changed)
