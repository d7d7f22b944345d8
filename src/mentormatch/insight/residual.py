"""The exchanges that an optimal matching leaves open, as a graph over mentors.

One node per mentor and one node, `outside`, for everything that is not a pair: a mentee without
a mentor, a seat without a mentee. The arc k -> j is the cheapest move of one of k's mentees to j,
its length the value lost. Forcing a pair, adding a seat or lifting a rule changes one unit of
flow, so its exact price is one shortest path here, and the path says who moves where: no second
solve is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ParameterError
from mentormatch.matching.lowering import Lowered, lower
from mentormatch.matching.matching import Matching

__all__ = ["FAR", "Move", "Residual", "Worth", "exchanges", "residual_of"]

Ints: TypeAlias = npt.NDArray[np.int64]

FAR = 1 << 61
"""Longer than any path; two of them still add within int64."""
UNREACHABLE = FAR // 4


@dataclass(frozen=True)
class Move:
    """One mentee who changes seats; -1 stands for having no mentor."""

    mentee: int
    before: int
    after: int


@dataclass(frozen=True, order=True)
class Worth:
    """A change of the objective: mentees matched, steps of priority, then points of score."""

    matched: int
    priority: int
    points: int

    @classmethod
    def of(cls, value: int, lowered: Lowered) -> Worth:
        """Take an integer difference of the lowered objective apart, exactly."""
        matched, rest = _nearest(int(value), lowered.matched_unit)
        priority, points = _nearest(rest, lowered.priority_unit)
        return cls(matched, priority, points)


def _nearest(value: int, unit: int) -> tuple[int, int]:
    """Return (whole units, rest) with the rest at most half a unit either way."""
    if unit == 0:
        return 0, value
    whole = (value + unit // 2) // unit
    return whole, value - whole * unit


@dataclass(frozen=True, eq=False)
class Residual:
    """Open exchanges of an optimal matching of n mentees and m mentors.

    Attributes
    ----------
    lowered : Lowered
    mentor_of : int64 (n,)
        Position of the mentor; m (outside) where unmatched, -1 for locked mentees, who never move.
    load : int64 (m,)
        Seats used, without those of locks.
    length : int64 (m + 1, m + 1)
        Value lost by the cheapest move along each arc, `FAR` where there is none.
    mover : int64 (m + 1, m + 1)
        Who makes it; -1 where a seat does.

    Notes
    -----
    Building takes O(n m), memory O(n m) while building and O(m^2) after.
    """

    lowered: Lowered
    mentor_of: Ints
    load: Ints
    length: Ints
    mover: Ints

    @property
    def outside(self) -> int:
        return len(self.load)

    def values(self, rows: Ints) -> Ints:
        """Return int64 (rows, m): lowered worth of each pair, -FAR where inadmissible."""
        points = self.lowered.value[rows].astype(np.int64)
        bonus = self.lowered.bonus[rows][:, None]
        result: Ints = np.where(points >= 0, bonus + points, -FAR)
        return result

    def held_value(self, rows: Ints) -> Ints:
        """Return int64 (rows,): worth of the pairs that stand, 0 for the unmatched."""
        mentor = self.mentor_of[rows]
        seated = (mentor >= 0) & (mentor < self.outside)
        own = np.zeros(len(rows), dtype=np.int64)
        some = rows[seated]
        own[seated] = self.lowered.bonus[some] + self.lowered.value[some, mentor[seated]]
        return own

    def forced(self, mentee: int) -> Forced:
        """Return what it costs to give this mentee each of the mentors, everybody else free.

        She leaves her node for good, and a path that ends there uses no arc out of it: so no path
        moves her a second time.
        """
        node = int(self.mentor_of[mentee])
        distance, after = paths_to(node, self.length)
        row = np.array([mentee])
        value = self.values(row)[0]
        own = int(self.held_value(row)[0])
        seated = (value > -FAR) & (distance[:-1] < UNREACHABLE)
        cost = np.where(seated, own - value + np.where(seated, distance[:-1], 0), FAR)
        return Forced(self, mentee, node, cost, after)

    @cached_property
    def exits(self) -> Ints:
        """int64 (m,): least value lost by making room for one more at each mentor."""
        return paths_to(self.outside, self.length)[0][:-1]

    def entering(self, mentee: int) -> Ints:
        """Return int64 (m,): value gained by letting an unmatched mentee in if a mentor had a seat
        more; `-FAR` where no chain of moves leads from her to that mentor.

        Time O(h m^2) for chains of h moves.
        """
        start = np.full(self.outside + 1, FAR, dtype=np.int64)
        value = self.values(np.array([mentee]))[0]
        start[:-1] = np.where(value > -FAR, -value, FAR)
        distance = paths_from(start, self.length)[:-1]
        return np.where(distance < UNREACHABLE, -distance, -FAR)

    @cached_property
    def prices(self) -> Ints:
        """int64 (m,): the smallest optimal prices, exact gains of one more seat."""
        start = np.full(self.outside + 1, FAR, dtype=np.int64)
        if self.lowered.program.min_load.any():
            # a mentor held by a minimum load, whom nobody else can join, has no smallest price
            start[:] = UNREACHABLE // 4
        start[self.outside] = 0
        distance = paths_from(start, self.length)[:-1]
        return np.where(distance < UNREACHABLE, -distance, 0)

    def reduced_costs(self, mentee: int) -> Ints:
        """Return int64 (m,): least value lost by each pair of this mentee, by prices alone."""
        value = self.values(np.array([mentee]))[0]
        surplus = np.where(value > -FAR, value - self.prices, -FAR)
        return np.where(value > -FAR, max(0, int(surplus.max(initial=0))) - surplus, FAR)

    def reached(self, mentee: int) -> npt.NDArray[np.bool_]:
        """bool (m,): mentors that chains of moves lead to, beginning with this mentee's own."""
        open_arcs = self.length[:-1, :-1] < UNREACHABLE
        reached = self.lowered.program.points[mentee] >= 0
        fresh = reached
        while fresh.any():
            fresh = open_arcs[fresh].any(axis=0) & ~reached
            reached = reached | fresh
        return np.asarray(reached, dtype=bool)


@dataclass(frozen=True, eq=False)
class Forced:
    """Cost of giving one mentee each mentor, and the moves of everybody else.

    cost : int64 (m,), in the lowered objective, `FAR` where inadmissible.
    """

    residual: Residual
    mentee: int
    node: int
    cost: Ints
    after: Ints

    def moves(self, mentor: int) -> tuple[Move, ...]:
        """Return who moves where if the pair is forced, the mentee first."""
        outside = self.residual.outside
        if self.node == mentor:
            return ()
        found = [Move(self.mentee, _or_none(self.node, outside), mentor)]
        here = mentor
        while here != self.node:
            there = int(self.after[here])
            who = int(self.residual.mover[here, there])
            if who >= 0:
                found.append(Move(who, _or_none(here, outside), _or_none(there, outside)))
            here = there
        return tuple(found)


def _or_none(node: int, outside: int) -> int:
    return -1 if node == outside else node


def paths_to(target: int, length: Ints) -> tuple[Ints, Ints]:
    """Return each node's distance to the target and its next node, -1 at the end.

    Bellman-Ford: lengths may be negative, cycles of an optimum may not. Time O(h m^2) for paths of
    h arcs.
    """
    size = len(length)
    distance = np.full(size, FAR, dtype=np.int64)
    distance[target] = 0
    after = np.full(size, -1, dtype=np.int64)
    for _ in range(size):
        through = length + distance
        best = through.argmin(axis=1)
        reach = through[np.arange(size), best]
        shorter = (reach < distance) & (reach < UNREACHABLE)
        if not shorter.any():
            return distance, after
        distance[shorter], after[shorter] = reach[shorter], best[shorter]
    raise AssertionError("a cycle of exchanges gains: the matching is not optimal")


def paths_from(start: Ints, length: Ints) -> Ints:
    """Return each node's distance, given distances to begin with."""
    distance = start.copy()
    for _ in range(len(length) + 1):
        reach = (distance[:, None] + length).min(axis=0)
        shorter = (reach < distance) & (reach < UNREACHABLE)
        if not shorter.any():
            return distance
        distance[shorter] = reach[shorter]
    raise AssertionError("a cycle of exchanges gains: the matching is not optimal")


def _arcs(residual: Residual, node: int, rows: Ints) -> tuple[Ints, Ints]:
    """Return lengths and movers of the arcs out of a node whose mentees are `rows`."""
    m = residual.outside
    length = np.full(m + 1, FAR, dtype=np.int64)
    mover = np.full(m + 1, -1, dtype=np.int64)
    if rows.size:
        own = residual.held_value(rows)
        value = residual.values(rows)
        lost = np.where(value > -FAR, own[:, None] - value, FAR)
        best = lost.argmin(axis=0)
        length[:m] = lost[best, np.arange(m)]
        mover[:m] = np.where(length[:m] < FAR, rows[best], -1)
        if node != m:
            leaver = int(own.argmin())
            length[m], mover[m] = own[leaver], rows[leaver]
    if node == m:
        spare = residual.load > residual.lowered.program.min_load
        used = np.flatnonzero(spare & (length[:m] > 0))
        length[used], mover[used] = 0, -1
    elif residual.load[node] < residual.lowered.program.capacity[node] and length[m] > 0:
        length[m], mover[m] = 0, -1
    length[node] = 0  # staying costs nothing
    return length, mover


def build(lowered: Lowered, assignment: Ints) -> Residual:
    """Return the open exchanges of an optimal assignment of a lowered problem."""
    m = len(lowered.program.capacity)
    mentor_of = np.where(assignment < 0, m, assignment)
    if len(lowered.locks):
        mentor_of[lowered.locks[:, 0]] = -1
    load = np.bincount(mentor_of[(mentor_of >= 0) & (mentor_of < m)], minlength=m)
    empty = np.zeros((m + 1, m + 1), dtype=np.int64)
    residual = Residual(lowered, mentor_of, load.astype(np.int64), empty, empty)
    length, mover = empty.copy(), empty.copy()
    by_mentor = np.argsort(mentor_of, kind="stable")
    edges = np.searchsorted(mentor_of[by_mentor], np.arange(m + 2))
    for node in range(m + 1):
        rows = by_mentor[edges[node] : edges[node + 1]]
        length[node], mover[node] = _arcs(residual, node, rows)
    return replace(residual, length=length, mover=mover)


_BUILT: WeakKeyDictionary[Matching, Residual | None] = WeakKeyDictionary()


def exchanges(matching: Matching, asked_by: str) -> Residual | None:
    """Return the open exchanges of a matching, built once; None if its problem has more to it.

    Exchanges tell the whole story where everything is one flow and everybody has one mentor.

    Raises
    ------
    ParameterError
        If the matching is not proven optimal: its exchanges then have no exact prices.
    """
    if matching not in _BUILT:
        lowered = lower(matching.problem)
        plain = lowered.plain
        if plain and (matching.gap != 0 or matching.status != "optimal"):
            raise ParameterError(
                f"The 'matching' parameter of {asked_by} must be proven optimal. This one stopped "
                f"with status {matching.status!r} and a gap of {matching.gap:.2%}: solve it again "
                "without a time limit."
            )
        _BUILT[matching] = build(lowered, np.array(matching.assignment)) if plain else None
    return _BUILT[matching]


def residual_of(matching: Matching, asked_by: str) -> Residual:
    """Return the open exchanges of a matching, or raise if its problem is more than one flow."""
    found = exchanges(matching, asked_by)
    if found is None:
        raise ParameterError(
            f"The 'matching' parameter of {asked_by} must have one mentor per mentee, the "
            "objectives MaximizeMatched and MaximizeTotal, and no constraints but floors and "
            "loads of single mentors."
        )
    return found
