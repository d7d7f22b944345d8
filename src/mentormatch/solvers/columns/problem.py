"""Groups as integers: who is worth what to whom, who is free when, and what a group must be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["GroupProblem", "Mix", "Plan"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Mix:
    """What one column asks of every group.

    Attributes
    ----------
    code : int64 (n,), the value of each person, -1 where she has none.
    alone : bool (values,), True for values of which a group holds none or at least two.
    most : int64 (values,), how many of a value a group may hold.
    least : int, how many different values a group must hold.
    """

    code: Ints
    alone: Bools
    most: Ints
    least: int = 0

    def allowed(self, high: int) -> Bools:
        """Return bool (values + 1, high + 1): may a group hold so many; last: of no value."""
        count = np.arange(high + 1)
        rows = (count <= self.most[:, None]) & ~((count == 1) & self.alone[:, None])
        return np.vstack([rows, np.ones((1, high + 1), dtype=bool)])

    def broken(self, members: Ints) -> bool:
        """Whether a group of these members breaks it."""
        there = self.code[members]
        count = np.bincount(there[there >= 0], minlength=self.most.size)
        lone = (count == 1) & self.alone
        return bool(lone.any() or (count > self.most).any() or (count > 0).sum() < self.least)


@dataclass(frozen=True, eq=False)
class GroupProblem:
    """Put n people into groups of `low` to `high` members, each led by a coach in a slot.

    First as many people as possible are placed, then the total of points is as large as possible.

    Attributes
    ----------
    worth : int64 (n, m), points of a person with a coach, -1 where she may not be led by him.
    free : bool (n, slots);  coach_free : bool (m, slots)
        When people can meet. Everybody in a group, and its coach, must be free in its slot.
    capacity : int64 (m,), groups that a coach can lead.
    low, high : int, sizes of groups.
    pair : int64 (n, n) or None, symmetric, points of two people in one group; may be negative.
    mixes : what columns ask of every group.
    apart, together : int64 (k, 2), people who may not, and who must, be in one group.
    seeded : bool, whether coach j is nobody but the person j, who is in each group of his: that is
        how groups without a coach are written, see `circles`.
    """

    worth: Ints
    free: Bools
    coach_free: Bools
    capacity: Ints
    low: int
    high: int
    pair: Ints | None = None
    mixes: tuple[Mix, ...] = ()
    apart: Ints | None = None
    together: Ints | None = None
    seeded: bool = False

    @property
    def people(self) -> int:
        """Number of people to place."""
        return int(self.worth.shape[0])

    @property
    def coaches(self) -> int:
        """Number of coaches."""
        return int(self.worth.shape[1])

    @property
    def slots(self) -> int:
        """Number of slots."""
        return int(self.free.shape[1])

    @cached_property
    def block(self) -> Ints:
        """int64 (n,): who must be with whom, numbered; -1 for people on their own."""
        block = np.full(self.people, -1, dtype=np.int64)
        for a, b in () if self.together is None else self.together.tolist():
            old = [int(block[x]) for x in (a, b) if block[x] >= 0]
            new = min([*old, int(block.max(initial=-1)) + 1])
            for gone in old:
                block[block == gone] = new
            block[[a, b]] = new
        return block

    @cached_property
    def clash(self) -> Bools:
        """bool (n, n): two people who may not be in one group."""
        clash = np.zeros((self.people, self.people), dtype=bool)
        if self.apart is not None and self.apart.size:
            clash[self.apart[:, 0], self.apart[:, 1]] = True
            clash[self.apart[:, 1], self.apart[:, 0]] = True
        return clash

    @cached_property
    def priced(self) -> int:
        """Which mix prices look at: -1 for none. The others only bind the answer."""
        weight = [2 * int(mix.alone.any()) + (mix.least > 1) for mix in self.mixes]
        return int(np.argmax(weight)) if weight else -1

    def points(self, members: Ints, coach: int) -> int:
        """Return what a group is worth."""
        total = int(self.worth[members, coach].sum())
        if self.pair is not None:
            total += int(self.pair[np.ix_(members, members)].sum()) // 2
        return total

    def broken(self, members: Ints) -> bool:
        """Whether a group of these members breaks size, mix, apart or together."""
        if not self.low <= members.size <= self.high:
            return True
        inside = self.block[members]
        for b in np.unique(inside[inside >= 0]):
            if (inside == b).sum() != (self.block == b).sum():
                return True
        if self.clash[np.ix_(members, members)].any():
            return True
        return any(mix.broken(members) for mix in self.mixes)


@dataclass(frozen=True, eq=False)
class Plan:
    """Groups.

    group : int64 (n,), the group of each person, -1 where she is not placed.
    coach, slot : int64 (groups,)
    """

    group: Ints
    coach: Ints
    slot: Ints

    @property
    def placed(self) -> int:
        """People in a group."""
        return int((self.group >= 0).sum())

    def members(self, g: int) -> Ints:
        """Return who is in a group, ascending."""
        return np.flatnonzero(self.group == g)

    def total(self, problem: GroupProblem) -> int:
        """Return the points of all groups."""
        groups = range(self.coach.size)
        return sum(problem.points(self.members(g), int(self.coach[g])) for g in groups)

    def faults(self, problem: GroupProblem) -> list[str]:
        """Return what is broken, in words for a test; empty where nothing is."""
        found = []
        seen: set[tuple[int, int]] = set()
        for g, (j, t) in enumerate(zip(self.coach.tolist(), self.slot.tolist(), strict=True)):
            who = self.members(g)
            if problem.broken(who):
                found.append(f"group {g}: size or mix")
            if not problem.free[who, t].all() or not problem.coach_free[j, t]:
                found.append(f"group {g}: slot")
            if (problem.worth[who, j] < 0).any():
                found.append(f"group {g}: coach")
            if (j, t) in seen:
                found.append(f"group {g}: coach twice in one slot")
            seen.add((j, t))
        led = np.bincount(self.coach, minlength=problem.coaches)
        if (led > problem.capacity).any():
            found.append("capacity")
        return found
