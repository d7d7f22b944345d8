"""Bounds on disjoint groups on both sides: which side rows are one flow, and what they bound.

A pair passes from its mentee through a *leaf* (some mentees at one mentor), the mentor and her
*sites* (sets of mentors, one within another); on the other side it counts for the *crowds* of its
mentee (sets of mentees, one within another). Bounds on all of these together are one flow with
integral prices. Sets that cross, one neither within the other nor apart from it, are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.program import Program, SideRow

__all__ = ["CROWD", "EXIT", "LEAF", "MENTOR", "SITE", "Groups", "bound_of", "laminar"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NONE = 1 << 40
"""A bound that never binds."""
AT_ONCE = 1 << 18
"""Coefficients of rows that are looked at together."""

MENTOR, LEAF, SITE, CROWD, EXIT = range(5)


@dataclass(frozen=True, eq=False)
class Groups:
    """The nodes that pairs pass, each within its parent; the first m are the mentors.

    kind, parent : (v,), parent -1 at a root.
    low, high : int64 (v,), fewest and most pairs; of crowds, fewest and most places left empty.
    low_row, high_row : (v,), side row that says so, -1: nobody's, or the mentor's own.
    place : (v,), of a leaf its mentor; of an exit which place of a mentee it takes.
    who : (v,), of leaves a row of `sets`, of crowds a row of `crowds`, of sites of `sites`.
    sets : bool (k, n), sets of mentees at leaves;  classes : int64 (n,), equal where all agree.
    inside : bool (k, classes);  crowds : bool (c, n);  sites : bool (s, m)
    crowd : int64 (n,), innermost crowd node of each mentee, -1 without.
    impossible : bool, a bound that no pairs can meet was seen already.
    """

    kind: Ints
    parent: Ints
    low: Ints
    high: Ints
    low_row: Ints
    high_row: Ints
    place: Ints
    who: Ints
    sets: Flags
    classes: Ints
    inside: Flags
    crowds: Flags
    sites: Flags
    crowd: Ints
    impossible: bool

    @property
    def exits(self) -> int:
        """How many sets of mentees are bounded: at each an exchange may seat and unseat one."""
        return int(np.isin(self.kind, (CROWD, EXIT)).sum())

    @property
    def leaves(self) -> int:
        """How many sets of mentees at one mentor are bounded."""
        return int((self.kind == LEAF).sum())

    def amounts(self, rows: Ints, columns: Ints, demand: Ints) -> Ints:
        """Return how much these pairs use of the bounds of each node, int64 (v,)."""
        n, m = self.classes.size, self.sites.shape[1]
        count = np.zeros(self.kind.size, dtype=np.int64)
        per_mentor = np.bincount(columns, minlength=m)
        count[:m] = per_mentor
        cells = np.zeros((self.inside.shape[1], m), dtype=np.int64)
        np.add.at(cells, (self.classes[rows], columns), 1)
        leaves = np.flatnonzero(self.kind == LEAF)
        at_leaves = self.inside.astype(np.int64) @ cells
        count[leaves] = at_leaves[self.who[leaves], self.place[leaves]]
        sites = np.flatnonzero(self.kind == SITE)
        count[sites] = (self.sites.astype(np.int64) @ per_mentor)[self.who[sites]]
        empty = demand - np.bincount(rows, minlength=n)
        crowds = np.flatnonzero(self.kind == CROWD)
        count[crowds] = (self.crowds.astype(np.int64) @ empty)[self.who[crowds]]
        return count


class _Box(NamedTuple):
    """Some mentees with some mentors: fewest and most pairs, and the side rows that say so.

    People are their positions, as the bytes of int32.
    """

    mentees: bytes
    mentors: bytes
    low: int
    high: int
    low_row: int
    high_row: int

    def merged(self, other: _Box) -> _Box:
        low = max((self.low, self.low_row), (other.low, other.low_row), key=lambda one: one[0])
        high = min((self.high, self.high_row), (other.high, other.high_row), key=lambda one: one[0])
        return self._replace(low=low[0], low_row=low[1], high=high[0], high_row=high[1])


class _Side(NamedTuple):
    """Who has a coefficient other than 0, and what it is, the same for all of them."""

    factor: int
    people: bytes


def _sides(weights: Sequence[Ints | None], there: Flags) -> dict[int, _Side | None]:
    """Return by identity of array whom its coefficients concern; None if they differ."""
    distinct = {id(weight): weight for weight in weights if weight is not None}
    keys, arrays = list(distinct), list(distinct.values())
    found: dict[int, _Side | None] = {}
    step = max(1, AT_ONCE // max(there.size, 1))
    for at in range(0, len(keys), step):
        block = arrays[at : at + step]
        weight = np.array(block).reshape(len(block), there.size)
        mask = (weight != 0) & there
        some = mask.any(axis=1)
        first = mask.argmax(axis=1) if there.size else np.zeros(len(weight), dtype=np.int64)
        factor = np.ones(len(weight), dtype=np.int64)
        factor[some] = weight[some, first[some]]
        same = ((weight == factor[:, None]) | ~mask).all(axis=1)
        for k, members in enumerate(mask):
            side = _Side(int(factor[k]), _named(members)) if same[k] else None
            found[keys[at + k]] = side
    return found


def _named(members: Flags) -> bytes:
    return np.flatnonzero(members).astype(np.int32).tobytes()


def _places(people: bytes) -> NDArray[np.int32]:
    return np.frombuffer(people, dtype=np.int32)


def _count(people: bytes) -> int:
    return _places(people).size


def _box(at: int, row: SideRow, left: _Side | None, right: _Side | None) -> _Box | None:
    """Return a side row as bounds on the pairs of some mentees with some mentors, if it is."""
    if row.scored or row.extra or row.pairs is not None or left is None or right is None:
        return None
    if left.factor * right.factor != 1:
        return None
    low = -NONE if row.least is None else math.ceil(max(-NONE, min(NONE, row.least)))
    high = NONE if row.most is None else math.floor(max(-NONE, min(NONE, row.most)))
    return _Box(
        left.people, right.people, low, high, -1 if low == -NONE else at, -1 if high == NONE else at
    )


def laminar(program: Program) -> Groups | None:
    """Return the groups that all side rows bound, or None if they are not one flow.

    Parameters
    ----------
    program
        n mentees, m mentors. People without demand and mentors without seats do not count.

    Notes
    -----
    One flow: (a) everybody with a set of mentors; (b) a set of mentees with everybody; (c) a set
    of mentees with one mentor. Sets (a), sets (b), and sets (c) of each mentor must be nested or
    disjoint among themselves. A set of mentees with several mentors but not all crosses the seats
    of these mentors and the demands of these mentees: None, as are rows that are scored, listed
    by pairs, of mixed coefficients or with extra variables. Time O(rows + distinct sets (n + m)).
    """
    alive, seated = program.demand > 0, program.capacity > 0
    mentees = _sides([row.mentee for row in program.rows], alive)
    mentors = _sides([row.mentor for row in program.rows], seated)
    boxes: dict[tuple[bytes, bytes], _Box] = {}
    impossible = False
    everybody, everywhere = _named(alive), _named(seated)
    for at, row in enumerate(program.rows):
        box = _box(at, row, mentees.get(id(row.mentee)), mentors.get(id(row.mentor)))
        if box is None:
            return None
        if not box.mentees or not box.mentors:
            impossible |= box.low > 0 or box.high < 0
            continue
        key = box.mentees, box.mentors
        boxes[key] = boxes[key].merged(box) if key in boxes else box
    leaves, sites, crowds = [], [], []
    for box in boxes.values():
        if box.mentees == everybody:
            sites.append(box)
        elif _count(box.mentors) == 1:
            leaves.append(box)
        elif box.mentors == everywhere:
            crowds.append(box)
        else:
            return None
    builder = _Builder(program, impossible)
    built = builder.seats(sites) and builder.leaves(leaves) and builder.people(crowds)
    return builder.groups() if built else None


def _forest(sets: Flags) -> tuple[Ints, Ints] | None:
    """Return the parent of each set and the innermost set of each member; None if sets cross.

    Sets come largest first.
    """
    parent = np.full(len(sets), -1, dtype=np.int64)
    owner = np.full(sets.shape[1], -1, dtype=np.int64)
    for at, members in enumerate(sets):
        held = owner[members]
        if (held != held[0]).any():
            return None
        parent[at] = held[0]
        owner[members] = at
    return parent, owner


def _sorted(sets: list[bytes]) -> list[bytes]:
    """Return distinct sets, largest first, in an order that is the same for the same sets."""
    return sorted(set(sets), key=lambda people: (-_count(people), people))


class _Builder:
    """Puts the nodes together."""

    def __init__(self, program: Program, impossible: bool) -> None:
        n, m = program.shape
        self.program, self.n, self.m = program, n, m
        self.low = [int(x) for x in program.min_load]
        self.high = [int(x) for x in program.capacity]
        self.low_row, self.high_row = [-1] * m, [-1] * m
        self.kind, self.parent = [MENTOR] * m, [-1] * m
        self.place, self.who = list(range(m)), [-1] * m
        self.impossible = impossible
        self.sets = np.zeros((0, n), dtype=bool)
        self.crowds, self.sites = np.zeros((0, n), dtype=bool), np.zeros((0, m), dtype=bool)
        self.crowd = np.full(n, -1, dtype=np.int64)

    def add(self, kind: int, box: _Box, place: int, who: int) -> int:
        self.kind.append(kind)
        self.parent.append(-1)
        self.low.append(max(box.low, 0))
        self.high.append(box.high)
        self.low_row.append(box.low_row if box.low > 0 else -1)
        self.high_row.append(box.high_row)
        self.place.append(place)
        self.who.append(who)
        self.impossible |= box.high < max(box.low, 0)
        return len(self.kind) - 1

    def seats(self, boxes: list[_Box]) -> bool:
        """Add the sets of mentors; bounds of everybody at one mentor join her seats."""
        by_set = {box.mentors: box for box in boxes}
        sets = _sorted(list(by_set))
        many = [people for people in sets if _count(people) > 1]
        for people in sets[len(many) :]:
            self.narrow(int(_places(people)[0]), by_set[people])
        self.sites = _stack(many, self.m)
        forest = _forest(self.sites)
        if forest is None:
            return False
        ids = [self.add(SITE, by_set[people], -1, at) for at, people in enumerate(many)]
        for at, above in zip(ids, forest[0].tolist(), strict=True):
            self.parent[at] = ids[above] if above >= 0 else -1
        for j in np.flatnonzero(forest[1] >= 0).tolist():
            self.parent[j] = ids[int(forest[1][j])]
        return True

    def narrow(self, j: int, box: _Box) -> None:
        """Tighten the bounds of a mentor."""
        if box.high < self.high[j]:
            self.high[j], self.high_row[j] = box.high, box.high_row
        if box.low > self.low[j]:
            self.low[j], self.low_row[j] = box.low, box.low_row
        self.impossible |= self.high[j] < self.low[j]

    def leaves(self, boxes: list[_Box]) -> bool:
        """Add the sets of mentees at one mentor; those that cannot bind are left out."""
        sets = _sorted([box.mentees for box in boxes])
        number = {people: at for at, people in enumerate(sets)}
        self.sets = _stack(sets, self.n)
        at_mentor: dict[int, list[tuple[int, _Box]]] = {}
        for box in boxes:
            j = int(_places(box.mentors)[0])
            if box.low > 0 or box.high < min(self.high[j], self.n):
                at_mentor.setdefault(j, []).append((number[box.mentees], box))
        shapes: dict[tuple[int, ...], Ints | None] = {}
        for j in sorted(at_mentor):
            found = sorted(at_mentor[j], key=lambda one: one[0])
            key = tuple(at for at, _ in found)
            if key not in shapes:
                forest = _forest(self.sets[list(key)])
                shapes[key] = None if forest is None else forest[0]
            above = shapes[key]
            if above is None:
                return False
            ids = [self.add(LEAF, box, j, at) for at, box in found]
            for at, parent in zip(ids, above.tolist(), strict=True):
                self.parent[at] = ids[parent] if parent >= 0 else j
        return True

    def people(self, boxes: list[_Box]) -> bool:
        """Add the sets of mentees: what is bounded are the places that stay empty."""
        by_set = {box.mentees: box for box in boxes}
        sets = _sorted(list(by_set))
        self.crowds = _stack(sets, self.n)
        forest = _forest(self.crowds)
        if forest is None:
            return False
        ids = []
        demand = np.minimum(self.program.demand, max(self.m, 1))
        for at, people in enumerate(sets):
            box = by_set[people]
            asked = int(demand[self.crowds[at]].sum())
            empty = box._replace(
                low=max(asked - box.high, 0), high=asked - max(box.low, 0),
                low_row=box.high_row, high_row=box.low_row if box.low > 0 else -1,
            )  # fmt: skip
            self.impossible |= box.high < 0 or empty.high < 0
            ids.append(self.add(CROWD, empty, -1, at))
        for at, above in zip(ids, forest[0].tolist(), strict=True):
            self.parent[at] = ids[above] if above >= 0 else -1
        for i in np.flatnonzero(forest[1] >= 0).tolist():
            self.crowd[i] = ids[int(forest[1][i])]
        for at in ids:
            members = self.crowd == at
            for slot in range(int(demand[members].max(initial=0)) if demand.max() > 1 else 0):
                count = int((demand[members] > slot).sum())
                box = _Box(b"", b"", 0, count, -1, -1)
                self.parent[self.add(EXIT, box, slot, self.who[at])] = at
        return True

    def groups(self) -> Groups:
        if self.sets.size:
            columns, classes = np.unique(self.sets, axis=1, return_inverse=True)
        else:
            columns, classes = np.zeros((0, 1), dtype=bool), np.zeros(self.n, dtype=np.int64)
        return Groups(
            kind=np.array(self.kind, dtype=np.int64),
            parent=np.array(self.parent, dtype=np.int64),
            low=np.array(self.low, dtype=np.int64),
            high=np.array(self.high, dtype=np.int64),
            low_row=np.array(self.low_row, dtype=np.int64),
            high_row=np.array(self.high_row, dtype=np.int64),
            place=np.array(self.place, dtype=np.int64),
            who=np.array(self.who, dtype=np.int64),
            sets=self.sets,
            classes=classes.ravel().astype(np.int64),
            inside=columns,
            crowds=self.crowds,
            sites=self.sites,
            crowd=self.crowd,
            impossible=self.impossible,
        )


def _stack(sets: list[bytes], width: int) -> Flags:
    result = np.zeros((len(sets), width), dtype=bool)
    for members, people in zip(result, sets, strict=True):
        members[_places(people)] = True
    return result


def bound_of(
    program: Program,
    mentor_price: Ints,
    row_price: Ints,
    *,
    value: NDArray[np.int32] | None = None,
    row_bonus: Ints | None = None,
) -> int:
    """Return the value that no pairs within the program can exceed, by these prices.

    Any prices prove a bound: seats at their prices (a negative price counts for the least load),
    rows at theirs (most, or least where negative), and each mentee's best surpluses over the pairs
    with a seat.

    Raises
    ------
    ValueError
        If a price stands on a bound that is not there.
    """
    n, m = program.shape
    worth = program.points if value is None else value
    surplus = np.where(program.open(), worth.astype(np.int64) - mentor_price, -(1 << 60))
    total = sum(
        int(p) * int(c if p >= 0 else low)
        for p, c, low in zip(mentor_price, program.capacity, program.min_load, strict=True)
    )
    for row, price in zip(program.rows, row_price.tolist(), strict=True):
        if not price:
            continue
        bound = row.most if price > 0 else row.least
        if bound is None or row.mentee is None or row.mentor is None:
            raise ValueError("A price stands on a bound that is not there.")
        total += price * (math.floor(bound) if price > 0 else math.ceil(bound))
        concerned = np.flatnonzero(row.mentee)
        surplus[concerned] -= price * row.mentee[concerned, None] * row.mentor
    slots = min(int(program.demand.max(initial=0)), m)
    if slots == 0 or n == 0:
        return total
    bonus = np.zeros((n, slots), dtype=np.int64)
    if row_bonus is not None:
        bonus += row_bonus[:, None] if row_bonus.ndim == 1 else row_bonus[:, :slots]
    best = -np.sort(-surplus, axis=1)[:, :slots]
    gain = np.maximum(best + bonus, 0) * (np.arange(slots) < program.demand[:, None])
    return total + int(gain.sum())
