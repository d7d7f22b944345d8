"""Changes of a programme that would match somebody, each verified by solving the changed problem.

The people with the best scores are tried first, up to a stated number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.errors import MentormatchError
from mentormatch.insight.barriers import Barriers, floors_of, relaxable
from mentormatch.insight.forcing import difference, proven
from mentormatch.insight.reallocation import Worth
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
from mentormatch.scoring.engine import plain
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.source import Admitted

__all__ = ["Again", "Change", "Remedies"]

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

    most_tried : how many candidates of each kind are tried for a mentee.
    sure : bool, whether nothing was left untried or unproven for the mentee at hand.
    """

    matching: Matching
    budget: Budget
    most_tried: int
    sure: bool = True
    solved: dict[Any, Matching | None] = field(default_factory=dict)

    @property
    def problem(self) -> Problem:
        return self.matching.problem

    def smallest(self, found: Barriers, most_seats: int) -> Change | None:
        """Return the smallest verified change for one mentee."""
        self.sure = True
        kinds: list[Callable[[Barriers], Change | None]] = [
            partial(self._seats, 1), self.rules, self.floors,
        ]  # fmt: skip
        kinds += [partial(self._seats, seats) for seats in range(2, most_seats + 1)]
        kinds.append(self.constraints)
        return next((change for kind in kinds if (change := kind(found)) is not None), None)

    def _seats(self, seats: int, found: Barriers) -> Change | None:
        return self.seats(found, seats)

    def seats(self, found: Barriers, seats: int) -> Change | None:
        """Return the best of so many seats more with one mentor."""
        points = self.problem.scores.block([found.mentee])[0].astype(np.int64)
        points = np.where(found.admissible, points, -1)
        ids = self.problem.scores.mentors.ids
        order = sorted(range(len(ids)), key=lambda j: (-int(points[j]), ids[j]))
        room = self.room(seats)
        changes = (self.more_seats(j, seats) for j in self._few(order) if room[j])
        return self._best(found, changes)

    def rules(self, found: Barriers) -> Change | None:
        """Return the best of one rule relaxed for one pair."""
        options = self.relaxable(found)
        changes = (self.relaxed(found, j, options[j]) for j in self._promising(found, options))
        return self._best(found, changes)

    def floors(self, found: Barriers) -> Change | None:
        """Return the least that the score floor would have to be lowered for her."""
        options, points = self.below(found)
        levels = self._few(np.unique(points)[::-1].tolist())
        changes = (
            self.lowered(found, level, self._promising(found, options[points == level])[0])
            for level in levels
        )
        return next((done for done in self._all(found, changes)), None)

    def constraints(self, found: Barriers) -> Change | None:
        """Return the best of the smallest loosening of each constraint."""
        return self._best(found, self._constraints(found))

    # -- solving the changed problem ----------------------------------------------------------

    def _best(self, found: Barriers, candidates: Iterable[tuple[Change, Again]]) -> Change | None:
        """Return the candidate that gains most once the changed problem is solved."""
        verified = list(self._all(found, candidates))
        return max(verified, key=lambda change: change.gain, default=None)

    def _all(self, found: Barriers, candidates: Iterable[tuple[Change, Again]]) -> Iterator[Change]:
        for change, again in candidates:
            verified = self._verified(found.mentee, change, again)
            if verified is not None:
                yield verified

    def _verified(self, i: int, change: Change, again: Again) -> Change | None:
        """Return the change with its gain if the best matching then has her and one more in all."""
        after = self._solved(again)
        if after is None or after.assignment[i] < 0:
            return None
        gain = difference(after, self.matching)
        return replace(change, gain=gain, exact=proven(after)) if gain.matched > 0 else None

    def _solved(self, again: Again) -> Matching | None:
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

    def _promising(self, found: Barriers, options: Iterable[int]) -> Sequence[int]:
        """Return mentors in order of her scores with them."""
        scores = self.problem.scores
        ids, points = scores.mentors.ids, plain(scores.block([found.mentee])[0])
        return self._few(sorted(map(int, options), key=lambda j: (-int(points[j]), ids[j])))

    # -- candidates ---------------------------------------------------------------------------

    def room(self, seats: int) -> npt.NDArray[np.bool_]:
        """bool (m,): whose most load lets so many seats more be used."""
        capacity = np.asarray(self.problem.scores.mentors.capacity)
        fits: npt.NDArray[np.bool_] = capacity + seats <= _most_loads(self.problem)
        return fits

    def more_seats(self, j: int, seats: int) -> tuple[Change, Again]:
        """Return so many seats more with a mentor."""
        scores = self.problem.scores
        capacity = np.array(scores.mentors.capacity)
        capacity[j] += seats
        count = "one more seat" if seats == 1 else f"{seats} more seats"
        kind = "seat" if seats == 1 else "seats"
        change = Change(kind, j, seats, f"{count} with {scores.mentors.name(j)}")
        mentors = replace(scores.mentors, capacity=capacity)
        problem = replace(self.problem, scores=scores.replaced(mentors=mentors))
        return change, Again(problem, ("seats", j, seats))

    def relaxable(self, found: Barriers) -> dict[int, str]:
        """Return whom just one rule that may be relaxed keeps from her, and that rule."""
        once = (found.forbids.sum(axis=0) == 1) & ~found.below
        return {
            j: str(rule)
            for j in np.flatnonzero(once).tolist()
            if relaxable(rule := found.rules[int(found.forbids[:, j].argmax())])
        }

    def relaxed(self, found: Barriers, j: int, rule: str) -> tuple[Change, Again]:
        """Return a rule relaxed for her with one mentor."""
        scores = self.problem.scores
        pair = f"{scores.mentees.name(found.mentee)} with {scores.mentors.name(j)}"
        change = Change("rule", j, 1, f"{rule} relaxed for {pair}")
        return change, self._admitting(found.mentee, [j])

    def below(self, found: Barriers) -> tuple[IntArray, IntArray]:
        """Return the mentors whom only the score floor keeps from her, and the points."""
        options = np.flatnonzero(found.below & ~found.forbids.any(axis=0))
        return options, plain(self.problem.scores.block([found.mentee])[0, options]).astype(
            np.int64
        )

    def lowered(self, found: Barriers, level: int, j: int) -> tuple[Change, Again]:
        """Return the score floor lowered for her, which lets her be with one mentor at least."""
        i, scores = found.mentee, self.problem.scores
        floor = int(floors_of(self.problem)[i])
        options, points = self.below(found)
        levels = f"from {floor / MILLION:g} to {level / MILLION:g}"
        what = f"the score floor lowered {levels} for {scores.mentees.name(i)}"
        change = Change("floor", j, floor - level, what)
        return change, self._admitting(i, options[points >= level].tolist(), floored=True)

    def _admitting(self, i: int, mentors: list[int], floored: bool = False) -> Again:
        """Return the problem with these pairs admissible, all others as they are.

        floored : whether it is the score floor that keeps them apart. It has no say in who would
            have a seat by score.
        """
        scores, kept = self.problem.scores, self.problem.constraints
        floors = np.zeros(len(scores.mentees), dtype=np.int64)
        if floored:
            floors = floors_of(self.problem)
            kept = tuple(c for c in kept if not isinstance(c, ScoreFloor))
        locks = scores.locks.reshape(-1, 2)
        if scores.source is not None:
            m = len(scores.mentors)
            pairs = np.concatenate([locks, [(i, j) for j in mentors]])
            keys = np.unique(pairs[:, 0] * m + pairs[:, 1])
            changed = scores.replaced(_source=Admitted(scores.source, keys, floors))
        else:
            points = np.array(scores.matrix("Relaxing a rule or a floor"))
            barred = (points >= 0) & (points < floors[:, None])
            barred[locks[:, 0], locks[:, 1]] = False
            points[barred] = ~points[barred]
            points[i, mentors] = plain(points[i, mentors])
            changed = replace(scores, points=points)
        if floored:
            changed.__dict__["_best_by_score"] = scores._best_by_score
        return Again(replace(self.problem, scores=changed, constraints=kept), None)

    # -- constraints --------------------------------------------------------------------------

    def _constraints(self, found: Barriers) -> Iterator[tuple[Change, Again]]:
        """Yield the smallest loosening of each constraint without which she is matched."""
        kept = self.problem.constraints
        for place, constraint in enumerate(kept):
            if isinstance(constraint, ScoreFloor | Demand):
                continue
            dropped = Change("constraint", -1, 1, f"without {constraint!r}")
            without = self._with(place, None, "dropped")
            if not self.could_help(found, without.problem):
                continue
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

    def could_help(self, found: Barriers, without: Problem) -> bool:
        """Whether a problem without one of its constraints is worth solving."""
        return True

    def _with(self, place: int, looser: Constraint | None, step: int | str) -> Again:
        kept = list(self.problem.constraints)
        kept[place : place + 1] = [] if looser is None else [looser]
        return Again(replace(self.problem, constraints=kept), ("constraint", place, step))


@dataclass(frozen=True, eq=False)
class Again:
    """A changed problem; those of the same key are the same."""

    problem: Problem
    key: tuple[str, int, int | str] | None


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
