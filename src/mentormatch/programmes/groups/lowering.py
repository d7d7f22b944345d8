"""Scores of people with coaches, and what groups must be, become whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from mentormatch.errors import ParameterError, counted, listed
from mentormatch.matching.constraints import Apart, Together
from mentormatch.programmes.groups.rules import CommonSlot, GroupRule
from mentormatch.programmes.pool import pool_points
from mentormatch.rosters.columns import SLOT_MINUTES, SLOTS_PER_WEEK, BoolArray, Hours, IntArray
from mentormatch.scoring.hours import REFERENCE_WEEKS, local_slots, usual_zone, utc_slots
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.columns.lowered import Lowered
from mentormatch.solvers.columns.problem import GroupProblem, Mix
from mentormatch.solvers.ties import id_hashes
from mentormatch.values import ByValue

__all__ = ["GroupsAsked", "Lowering", "lowered"]

QUARTERS = 60 // SLOT_MINUTES


@dataclass(frozen=True, eq=False)
class GroupsAsked(ByValue):
    """What `form_groups` was asked for."""

    scores: Scores
    size: tuple[int, int]
    meet: CommonSlot | None
    mix: tuple[GroupRule, ...]
    alike: Scores | None
    alike_weight: float
    capacity: str | int
    constraints: tuple[Any, ...]
    partial: bool
    gap: float
    seed: int

    def _identity(self) -> tuple[Any, ...]:
        return self.scores, self.size, self.meet, self.mix


@dataclass(frozen=True, eq=False)
class Lowering:
    """A problem whose people and coaches stand in the order of their hashed ids.

    order, coach_order : int64, roster position of each person and coach of the problem.
    place : int64 (n,), where each roster position stands in the problem.
    hour : int64 (slots,), the quarter hour of the week at which each slot starts on the usual
        clock; -1 where groups need no common time.
    zone : that clock.
    """

    problem: GroupProblem
    order: IntArray
    coach_order: IntArray
    place: IntArray
    hour: IntArray
    zone: str

    @property
    def coach_place(self) -> IntArray:
        """int64 (m,): where each coach of the roster stands in the problem."""
        return np.argsort(self.coach_order)


def lowered(asked: GroupsAsked) -> Lowering:
    """Return the problem in whole numbers.

    Raises
    ------
    ParameterError
        If no groups can be what was asked; says everything that is wrong, and names people.
    """
    people, coaches = asked.scores.mentees, asked.scores.mentors
    order = np.argsort(id_hashes(people.ids, asked.seed), kind="stable")
    coach_order = np.argsort(id_hashes(coaches.ids, asked.seed), kind="stable")
    place = np.argsort(order)
    wrong: list[str] = []
    worth = _worth(asked.scores, wrong)[np.ix_(order, coach_order)]
    free, coach_free, hour, zone = _slots(asked)
    capacity = _capacity(asked)
    if asked.meet is None:  # one coach's groups differ in nothing but their number
        times = int(max(capacity.max(initial=1), 1))
        free = np.ones((len(people), times), dtype=bool)
        coach_free = np.arange(times) < capacity[:, None]
        hour = np.full(times, -1, dtype=np.int64)
    apart, together = _constraints(asked, place, wrong)
    pair = None
    if asked.alike is not None:
        points, forbidden = _alike(asked)
        pair = points[np.ix_(order, order)]
        apart = np.vstack([apart, np.argwhere(np.triu(forbidden[np.ix_(order, order)], 1))])
    mixes = []
    for rule in asked.mix:
        mix = rule.mix(people)
        mixes.append(Mix(mix.code[order], mix.alone, mix.most, mix.least))
        if not asked.partial:
            wrong += rule.wrong(people)
    problem = GroupProblem(
        worth, free[order], coach_free[coach_order], capacity[coach_order], *asked.size, pair,
        tuple(mixes), apart if apart.size else None, together if together.size else None,
    )  # fmt: skip
    if not asked.partial:
        wrong += _sizes(asked, capacity)
        wrong += _nowhere(asked, problem, order)
    if wrong:
        raise ParameterError(f"form_groups cannot do this: {'; '.join(dict.fromkeys(wrong))}.")
    return Lowering(problem, order, coach_order, place, hour, zone)


def _worth(scores: Scores, wrong: list[str]) -> IntArray:
    """Return int64 (n, m), -1 where inadmissible; locked people have no other coach."""
    worth = scores.matrix("form_groups").astype(np.int64)
    for i in np.unique(scores.locks[:, 0]).tolist() if scores.locks.size else []:
        own = scores.locks[scores.locks[:, 0] == i, 1]
        name = scores.mentees.name(i)
        if own.size > 1:
            wrong.append(f"{name} is locked with {own.size} coaches, but is in one group")
        if (worth[i, own] < 0).any():
            wrong.append(f"{name} is locked with a coach whom a rule forbids")
        others = np.ones(worth.shape[1], dtype=bool)
        others[own] = False
        worth[i, others] = -1
    return np.where(worth < 0, -1, worth)


def _capacity(asked: GroupsAsked) -> IntArray:
    coaches = asked.scores.mentors
    if asked.capacity == "groups":
        return coaches.capacity.astype(np.int64)
    return np.full(len(coaches), int(asked.capacity), dtype=np.int64)


def _slots(asked: GroupsAsked) -> tuple[BoolArray, BoolArray, IntArray, str]:
    """Return who can when: bool (n, slots), bool (m, slots), where slots start, on which clock."""
    people, coaches = asked.scores.mentees, asked.scores.mentors
    none = np.zeros(0, dtype=np.int64)
    if asked.meet is None:
        return np.ones((len(people), 1), bool), np.ones((len(coaches), 1), bool), none, "UTC"
    hours = [side.column(asked.meet.column, Hours, wanted_by="CommonSlot")
             for side in (people, coaches)]  # fmt: skip
    zone = usual_zone(*hours) or "UTC"
    length = int(np.ceil(asked.meet.hours * QUARTERS))
    theirs, ours = (_starts(side, zone, length) for side in (hours[0], hours[1]))
    capacity = _capacity(asked)
    start = np.arange(0, SLOTS_PER_WEEK, QUARTERS)
    theirs, ours = theirs[:, start], ours[:, start]
    step = -(-length // QUARTERS)
    for j in np.flatnonzero(capacity > 1).tolist():
        # who leads several groups has starts so far apart that no two of them can overlap
        apart = [np.where(np.arange(start.size) % step == k, ours[j], False) for k in range(step)]
        ours[j] = max(apart, key=lambda able: int(able.sum()))
    used = (theirs.sum(axis=0) >= asked.size[0]) & ours.any(axis=0)
    if not used.any():
        used[0] = True
    return theirs[:, used], ours[:, used], start[used].astype(np.int64), zone


def _starts(hours: Hours, zone: str, length: int) -> BoolArray:
    """Return bool (n, 672): who can for so many quarter hours from each on, on one clock."""
    free = utc_slots(hours, zone, REFERENCE_WEEKS).reshape(len(hours), len(REFERENCE_WEEKS), -1)
    here = np.ones((len(hours), SLOTS_PER_WEEK), dtype=bool)
    for k, monday in enumerate(REFERENCE_WEEKS):
        shown = np.zeros(SLOTS_PER_WEEK, dtype=np.int64)
        shown[local_slots(zone, monday)] = np.arange(SLOTS_PER_WEEK)
        here &= free[:, k, shown]
    able = here.copy()
    for later in range(1, length):
        able &= np.roll(here, -later, axis=1)
    return able


def _alike(asked: GroupsAsked) -> tuple[IntArray, BoolArray]:
    """Return what two people add to a group in points, and who may not be together.

    A member's part is `alike_weight` times her mean score with the others of a full group.
    """
    assert asked.alike is not None
    people = asked.scores.mentees
    theirs = asked.alike.mentees.ids
    if set(theirs) != set(people.ids):
        strangers = sorted(set(theirs) ^ set(people.ids))
        raise ParameterError(
            "The 'alike' parameter of form_groups must score the same people with one another: "
            f"score(people, people). On one of the two only: {listed(strangers)}."
        )
    at = {person: k for k, person in enumerate(theirs)}
    rows = np.array([at[person] for person in people.ids], dtype=np.int64)
    points = pool_points(asked.alike, "mean", "form_groups")[np.ix_(rows, rows)].astype(np.int64)
    forbidden = points < 0
    np.fill_diagonal(forbidden, False)
    each = np.rint(asked.alike_weight * 2 * np.maximum(points, 0) / max(asked.size[1] - 1, 1))
    np.fill_diagonal(each, 0)
    return each.astype(np.int64), forbidden


def _constraints(
    asked: GroupsAsked, place: IntArray, wrong: list[str]
) -> tuple[IntArray, IntArray]:
    """Return who may not, and who must, be in one group, by place in the problem."""
    people = asked.scores.mentees
    apart: set[tuple[int, int]] = set()
    together: list[tuple[int, int]] = []
    for constraint in asked.constraints:
        members = [people.position(person) for person in getattr(constraint, "people", ())]
        if isinstance(constraint, Apart):
            apart |= {(min(a, b), max(a, b)) for a, b in combinations(members, 2) if a != b}
        elif isinstance(constraint, Together):
            together += [(a, b) for a, b in pairwise(members) if a != b]
            if len(set(members)) > asked.size[1]:
                names = listed(people.name(i) for i in members)
                wrong.append(
                    f"{names} are to be together, but a group has at most {asked.size[1]} people"
                )
        else:
            wrong.append(f"{constraint!r}: only Apart and Together say something about groups")
    for a, b in sorted({(min(a, b), max(a, b)) for a, b in together} & apart):
        wrong.append(f"{people.name(a)} and {people.name(b)} are to be together and apart")
    return _placed(sorted(apart), place), _placed(together, place)


def _placed(pairs: Sequence[tuple[int, int]], place: IntArray) -> IntArray:
    return place[np.array(pairs, dtype=np.int64).reshape(-1, 2)]


def _sizes(asked: GroupsAsked, capacity: IntArray) -> list[str]:
    """Return what keeps groups of the sizes from holding everybody."""
    n, (low, high) = len(asked.scores.mentees), asked.size
    fewest, most, can = -(-n // high), n // low, int(capacity.sum())
    if fewest > most:
        near = max((k * high for k in range(1, n // low + 1)), default=0)
        return [
            f"{n} people do not make groups of {low} to {high}: at most {near} of them have a "
            f"place. Allow another size, or leave people out with partial=True"
        ]
    if can < fewest:
        return [
            f"{n} people need {counted(fewest, 'group')} of at most {high}, but the coaches lead "
            f"{can} in all. Add coaches or groups, or leave people out with partial=True"
        ]
    return []


def _nowhere(asked: GroupsAsked, problem: GroupProblem, order: IntArray) -> list[str]:
    """Return who has no coach and slot with enough others."""
    whole = Lowered.of(problem)
    people = asked.scores.mentees
    no_coach: list[str] = []
    no_slot: list[str] = []
    no_hours: list[str] = []
    silent = _silent(asked)
    can = np.zeros(problem.people, dtype=bool)
    for j in range(problem.coaches):
        may = whole.worth[j] >= 0
        for t in np.flatnonzero(whole.open[j]).tolist():
            there = may & whole.free[:, t]
            if there.sum() >= problem.low:
                can |= there
    for k in np.flatnonzero(~can).tolist():
        i = int(order[k])
        if not (whole.worth[:, k] >= 0).any():
            no_coach.append(people.name(i))
        else:
            (no_hours if silent[i] else no_slot).append(people.name(i))
    said = []
    if no_coach:
        said.append(f"no coach may lead {listed(no_coach)}: scores.why_inadmissible")
    if no_slot:
        said.append(
            f"{listed(no_slot)} can at no time at which a coach and {asked.size[0] - 1} others "
            "can: ask for more hours, or leave them out with partial=True"
        )
    if no_hours:
        said.append(
            f"{listed(no_hours)} gave no hours that could be read, which a common time takes: ask "
            "them, or leave them out with partial=True"
        )
    return said


def _silent(asked: GroupsAsked) -> BoolArray:
    """Return bool (n,): who gave no hours."""
    people = asked.scores.mentees
    hours = None if asked.meet is None else people.columns.get(asked.meet.column)
    silent: BoolArray = np.zeros(len(people), dtype=bool) if hours is None else ~hours.answered
    return silent
