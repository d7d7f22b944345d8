"""Who would move where if an optimal matching had to change: shortest paths over mentors.

One node per mentor and one node, `outside`, for everything that is not a pair: a mentee without
a mentor, a seat without a mentee. The arc k -> j is the cheapest move of one of k's mentees to j,
its length the value lost. Forcing a pair, adding a seat or lifting a rule changes one unit of
flow, so its exact price is one shortest path here, and the path says who moves where: no second
solve is needed.

The prices that the solver proved the optimum with make every length non-negative, so paths are
found by Dijkstra's algorithm: first over the pairs that are nearest at these prices, which decides
every path that is no longer than the farthest of them; else over all, looking only at the people
of the mentors that it comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.matching.lowering import Lowered
from mentormatch.values import Public

__all__ = [
    "BLOCK",
    "FAR",
    "UNREACHABLE",
    "WHOLE",
    "Bools",
    "Ints",
    "Move",
    "Near",
    "Reallocations",
    "Step",
    "Worth",
]

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

FAR = 1 << 61
"""Longer than any path; two of them still add within int64."""
UNREACHABLE = FAR // 4
BLOCK = 1 << 20
"""Pairs looked at together when prices are checked."""
NEAR = 1 << 19
"""About so many nearest pairs are gathered for the first search."""
SAMPLED = 256
"""Rows by which it is guessed how near those are."""
WHOLE = 1 << 52
"""Floating point keeps whole numbers up to here."""


@dataclass(frozen=True)
class Move:
    """One mentee who changes seats; -1 stands for having no mentor."""

    mentee: int
    before: int
    after: int


@dataclass(frozen=True, order=True)
class Worth(Public):
    """A change of the objective: mentees matched, priority, seats, defects, millionths of score.

    Seats are those kept by who would have one by score alone. Defects are pairs with one that are
    fewer, or, of a loss, more.
    """

    matched: int
    priority: int
    seats: int
    defects: int
    millionths: int

    @classmethod
    def of(cls, value: int, lowered: Lowered) -> Worth:
        """Take an integer difference of the lowered objective apart, exactly."""
        matched, rest = _nearest(int(value), lowered.matched_unit)
        priority, rest = _nearest(rest, lowered.priority_unit)
        seats, rest = _nearest(rest, lowered.seat_unit)
        defects, millionths = _nearest(rest, lowered.defect_unit)
        return cls(matched, priority, seats, defects, millionths)


def _nearest(value: int, unit: int) -> tuple[int, int]:
    """Return (whole units, rest) with the rest at most half a unit either way."""
    if unit == 0:
        return 0, value
    whole = (value + unit // 2) // unit
    return whole, value - whole * unit


@dataclass(frozen=True, eq=False)
class Reallocations:
    """What an optimal matching of n mentees and m mentors leaves open.

    Attributes
    ----------
    lowered : Lowered
    mentor_of : int64 (n,)
        Position of the mentor; m (outside) where unmatched, -1 for locked mentees, who never move.
    load : int64 (m,)
        Seats used, without those of locks.
    price : int64 (m + 1,)
        Prices of the seats that prove the optimum, in the lowered objective; 0 outside.
    surplus : int64 (n,)
        What each mentee's best pair is worth above its price, at least 0.

    Notes
    -----
    Nothing is built: memory O(n + m). A question reads the rows of the mentees of those mentors
    that are no farther than the answer.
    """

    lowered: Lowered
    mentor_of: Ints
    load: Ints
    price: Ints
    surplus: Ints

    @property
    def outside(self) -> int:
        return len(self.load)

    @cached_property
    def _seated(self) -> tuple[Ints, Ints]:
        """Movable mentees by node, and where each node's begin."""
        order = np.argsort(self.mentor_of, kind="stable")
        edges = np.searchsorted(self.mentor_of[order], np.arange(self.outside + 2))
        return order, edges

    def mentees_at(self, node: int) -> Ints:
        """Return the movable mentees of a node."""
        order, edges = self._seated
        return order[edges[node] : edges[node + 1]]

    # -- lengths, each less the difference of the prices at its ends: never negative --------------

    def losses(self, rows: Ints) -> Ints:
        """Return int64 (rows, m): what each pair falls short of the mentee's best, at prices.

        `FAR` where inadmissible. The reduced cost: the part of a pair's cost that prices prove.
        """
        points = self.lowered.worths(rows)
        own = self.surplus[rows] - self.lowered.bonus[rows]
        result: Ints = self.price[:-1] - points + own[:, None]
        result[points < 0] = FAR
        return result

    def losses_at(self, node: int) -> Ints:
        """Return int64 (n,): the same of every mentee with one mentor."""
        everybody = np.arange(self.mentor_of.size)
        points = self.lowered.worths_at(everybody, np.full_like(everybody, node))
        result: Ints = self.surplus - self.lowered.bonus + (self.price[node] - points)
        result[(points < 0) | (self.mentor_of < 0)] = FAR
        return result

    @cached_property
    def _from_outside(self) -> tuple[Ints, Ints]:
        length = np.full(self.outside + 1, FAR, dtype=np.int64)
        mover = np.full(self.outside + 1, -1, dtype=np.int64)
        rows = self.mentees_at(self.outside)
        step = max(1, BLOCK // max(self.outside, 1))
        for begin in range(0, rows.size, step):
            part = rows[begin : begin + step]
            lost = self.losses(part)
            best = lost.argmin(axis=0)
            least = lost[best, np.arange(self.outside)]
            shorter = np.flatnonzero(least < length[:-1])
            length[shorter], mover[shorter] = least[shorter], part[best[shorter]]
        used = np.flatnonzero(self.load > self.lowered.program.min_load)
        used = used[self.price[used] <= length[used]]
        length[used], mover[used] = self.price[used], -1  # a seat may stay empty
        return length, mover

    def arcs(self, node: int) -> tuple[Ints, Ints]:
        """Return lengths (m + 1,) and movers of the arcs out of a node; a mover of -1 is a seat."""
        if node == self.outside:
            return self._from_outside
        length = np.full(self.outside + 1, FAR, dtype=np.int64)
        mover = np.full(self.outside + 1, -1, dtype=np.int64)
        rows = self.mentees_at(node)
        if rows.size:
            lost = self.losses(rows)
            best = lost.argmin(axis=0)
            length[:-1] = lost[best, np.arange(self.outside)]
            mover[:-1] = rows[best]
        length[-1], mover[-1] = self.way_out(node)
        return length, mover

    def way_out(self, node: int) -> tuple[int, int]:
        """Return length and mover of the arc from a mentor to the outside."""
        rows = self.mentees_at(node)
        length, mover = FAR, -1
        if rows.size:
            mover = int(rows[self.surplus[rows].argmin()])
            length = int(self.surplus[mover])
        if self._free(node) and -self.price[node] <= length:
            return -int(self.price[node]), -1
        return length, mover

    def arcs_into(self, node: int) -> Ints:
        """Return int64 (m + 1,): lengths of the arcs into a node."""
        length = np.full(self.outside + 1, FAR, dtype=np.int64)
        order, edges = self._seated
        some = np.flatnonzero(edges[1:] > edges[:-1])
        lost = self.surplus if node == self.outside else self.losses_at(node)
        if some.size:  # who is locked stands before the first edge, and moves nowhere
            length[some] = np.minimum.reduceat(lost[order], edges[some])
        if node == self.outside:
            free = self.load < self.lowered.program.capacity
            length[:-1][free] = np.minimum(length[:-1][free], -self.price[:-1][free])
        elif self.load[node] > self.lowered.program.min_load[node]:
            length[-1] = min(int(length[-1]), int(self.price[node]))
        return length

    def _free(self, node: int) -> bool:
        return bool(self.load[node] < self.lowered.program.capacity[node])

    # -- questions --------------------------------------------------------------------------------

    def forced(self, mentee: int, mentor: int) -> tuple[int, tuple[Move, ...]]:
        """Return what it costs to give a mentee this mentor, and who moves, the mentee first.

        `FAR` if no matching has the pair. She leaves her node for good, and a path that ends there
        uses no arc out of it: so no path moves her a second time. Of equally cheap ways one with
        the fewest moves is given.
        """
        node = int(self.mentor_of[mentee])
        if node == mentor:
            return 0, ()
        own = int(self.losses(np.array([mentee]))[0, mentor])
        if own >= UNREACHABLE or self.lowered.program.capacity[mentor] == 0:
            return FAR, ()
        distance, path = self._path(mentor, node)
        if distance >= UNREACHABLE:
            return FAR, ()
        moves = [Move(who, self._or_none(a), self._or_none(b)) for who, a, b in path]
        first = Move(mentee, self._or_none(node), mentor)
        return own + distance, (first, *moves)

    def _path(self, start: int, end: int) -> tuple[int, list[Step]]:
        """Return the distance and the (mentee, from, to) of the moves on a shortest path."""
        near = self._near.path(start, end)
        if near is not None:
            return near
        begin = np.full(self.outside + 1, FAR, dtype=np.int64)
        begin[start] = 0
        search = _Search(begin, self.arcs)
        for here, _ in search.nodes():
            if here == end:
                break
        return int(search.distance[end]), search.path_to(end)

    @cached_property
    def _near(self) -> Near:
        return Near.of(self)

    def cheapest(self, mentee: int, count: int) -> Iterator[tuple[int, int]]:
        """Yield (cost, mentor) of at least the cheapest pairs of a mentee, ties all included.

        One tree towards her node, grown no farther than what it takes to know them.
        """
        own, node = self.own_pairs(mentee)
        near = self._near.distances_to(node)
        reach = np.minimum(own + np.minimum(near[:-1], UNREACHABLE), FAR)
        known = np.sort(reach[reach < UNREACHABLE])
        farther = np.where(near[:-1] >= UNREACHABLE, own, FAR).min(initial=FAR)
        if farther >= UNREACHABLE or (
            known.size >= count and known[count - 1] < farther + self._near.limit
        ):
            yield from sorted((int(reach[j]), int(j)) for j in np.flatnonzero(reach < UNREACHABLE))
            return
        yield from self.by_tree(own, node, count)

    def own_pairs(self, mentee: int) -> tuple[Ints, int]:
        """Return int64 (m,), what each other pair of a mentee falls short, and where she is."""
        node = int(self.mentor_of[mentee])
        own = self.losses(np.array([mentee]))[0]
        own[self.lowered.program.capacity == 0] = FAR
        if node < self.outside:
            own[node] = FAR
        return own, node

    def by_tree(self, own: Ints, node: int, count: int) -> Iterator[tuple[int, int]]:
        """Do what `cheapest` does by a tree over all pairs, however far apart."""
        left = own.copy()
        found: list[tuple[int, int]] = []
        for here, distance in self._towards(node):
            reachable = int(left.min(initial=FAR)) + distance
            if len(found) >= count and sorted(found)[count - 1][0] < reachable:
                break
            if here < self.outside and own[here] < UNREACHABLE:
                found.append((int(own[here]) + distance, here))
                left[here] = FAR
        yield from sorted(found)

    def _towards(self, node: int) -> Iterator[tuple[int, int]]:
        start = np.full(self.outside + 1, FAR, dtype=np.int64)
        start[node] = 0
        search = _Search(start, lambda here: (self.arcs_into(here), None))
        return search.nodes()

    @cached_property
    def exits(self) -> Ints:
        """int64 (m,): least value lost by making room for one more at each mentor."""
        near = self._near.distances_to(self.outside)[:-1]
        if (near < UNREACHABLE).all():
            return near + self.price[:-1]
        return self.exits_by_tree()

    def exits_by_tree(self) -> Ints:
        """Return the same by a tree over all pairs, however far apart."""
        result = np.full(self.outside, FAR, dtype=np.int64)
        for here, distance in self._towards(self.outside):
            if here < self.outside:
                result[here] = distance + self.price[here]
        return result

    def first_in_line(self, mentee: int) -> Ints:
        """Return the mentors of whom one more seat is worth most if it leads to this mentee.

        Nobody else's entering is then worth more: chains of moves at prices alone. One more seat
        there is worth its price.
        """
        own = self.losses(np.array([mentee]))[0]
        start = np.full(self.outside + 1, FAR, dtype=np.int64)
        start[:-1][own == 0] = 0
        found = []
        for here, distance in _Search(start, self.arcs).nodes():
            if distance:
                break
            if here < self.outside:
                found.append(here)
        return np.array(sorted(found), dtype=np.int64)

    def reached(self, mentee: int) -> Bools:
        """bool (m,): mentors that chains of moves lead to, beginning with this mentee's own."""
        read = self.lowered.program.read
        reached: Bools = read(np.array([mentee]))[0] >= 0
        fresh = reached
        while fresh.any():
            rows = np.flatnonzero(np.append(fresh, False)[self.mentor_of] & (self.mentor_of >= 0))
            fresh = (read(rows) >= 0).any(axis=0) & ~reached
            reached = reached | fresh
        return reached

    def confined(self, mentors: Bools) -> Bools:
        """bool (n,): who has pairs that may be, all of them with these mentors."""
        options = self.lowered.program.read() >= 0
        elsewhere: Bools = np.asarray((options & ~mentors).any(axis=1))
        return options.any(axis=1) & ~elsewhere

    def _or_none(self, node: int) -> int:
        return -1 if node == self.outside else node


Step: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Near:
    """The arcs no longer than `limit`, as a sparse matrix: what is nearer than that is exact.

    length : int64, of each arc, row by row;  mover : int64, who makes it, -1 for a seat.
    scale : what a length is multiplied by, so that among equal paths few moves are preferred.
    """

    limit: int
    indptr: Ints
    indices: Ints
    length: Ints
    mover: Ints
    scale: int

    @classmethod
    def of(cls, open_: Reallocations) -> Near:
        """Gather the nearest pairs, and all arcs of the outside, in one pass. Time O(n m)."""
        limit = min(_nearest_limit(open_), WHOLE // cls.scale_of(open_.outside))
        here, there, length, mover = _near_pairs(open_, limit)
        outside, by = open_.arcs(open_.outside)
        ends, nowhere = np.arange(open_.outside + 1), np.full(open_.outside + 1, open_.outside)
        pairs = zip((here, there, length, mover), (nowhere, ends, outside, by), strict=True)
        return cls.of_pairs(open_, limit, tuple(np.concatenate(both) for both in pairs))

    @staticmethod
    def scale_of(m: int) -> int:
        """Return what lengths are multiplied by: more than the steps of any path."""
        return 2 * (m + 3)

    @classmethod
    def of_pairs(cls, open_: Reallocations, limit: int, pairs: tuple[Ints, ...]) -> Near:
        """Take (from, to, length, mover) of moves; seats that may stay empty come on top."""
        m, scale = open_.outside, cls.scale_of(open_.outside)
        here, there, length, mover = pairs
        used = np.flatnonzero(open_.load > open_.lowered.program.min_load)
        into, leaver = np.array([open_.way_out(node) for node in range(m)] + [(FAR, -1)]).T
        ends = np.arange(m + 1)
        source = np.concatenate([here, np.full(used.size, m), ends])
        target = np.concatenate([there, used, np.full(m + 1, m)])
        length = np.concatenate([length, open_.price[used], into])
        mover = np.concatenate([mover, np.full(used.size, -1), leaver])
        kept = np.flatnonzero((length <= limit) & (source != target))
        key = source[kept] * (m + 1) + target[kept]
        order = kept[np.lexsort((mover[kept], length[kept], key))]
        key = source[order] * (m + 1) + target[order]
        order = order[np.append(True, np.diff(key) > 0)[: key.size]]
        indptr = np.searchsorted(source[order], np.arange(m + 2))
        return cls(limit, indptr, target[order], length[order], mover[order], scale)

    @cached_property
    def _graph(self) -> Any:
        from scipy.sparse import csr_matrix

        size = len(self.indptr) - 1
        weight = (self.length * self.scale + 1 + (self.mover >= 0)).astype(np.float64)
        return csr_matrix((weight, self.indices, self.indptr), shape=(size, size))

    @cached_property
    def _turned(self) -> Any:
        return self._graph.T.tocsr()

    def path(self, start: int, end: int) -> tuple[int, list[Step]] | None:
        """Return the distance and the moves of a shortest path; None if it is longer."""
        from scipy.sparse.csgraph import dijkstra

        distance, before = dijkstra(
            self._graph, indices=start, return_predecessors=True,
            limit=float((self.limit + 1) * self.scale - 1),
        )  # fmt: skip
        if not np.isfinite(distance[end]):
            return None
        total, moves, node = 0, [], end
        while node != start:
            last = int(before[node])
            arcs = self.indices[self.indptr[last] : self.indptr[last + 1]]
            arc = int(self.indptr[last] + np.searchsorted(arcs, node))
            total += int(self.length[arc])
            if self.mover[arc] >= 0:
                moves.append((int(self.mover[arc]), last, node))
            node = last
        return total, moves[::-1]

    def distances_to(self, node: int) -> Ints:
        """Return int64 (m + 1,): distances to a node, `FAR` where they are more than the limit."""
        from scipy.sparse.csgraph import dijkstra

        distance = dijkstra(
            self._turned, indices=node, limit=float((self.limit + 1) * self.scale - 1)
        )
        reached = np.isfinite(distance)
        whole = np.where(reached, distance, 0).astype(np.int64) // self.scale
        return np.where(reached, whole, FAR)

    def distances_from(self, begin: Ints, most: int) -> Ints:
        """Return int64 (m + 1,): distances from nodes so far away to begin with (`FAR`: none).

        `FAR` where they are more than `most`.
        """
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import dijkstra

        size = begin.size
        most = min(most, self.limit)
        first = np.flatnonzero(begin <= most)
        weight = np.append(self._graph.data, begin[first] * float(self.scale) + 1)
        indptr = np.append(self.indptr, self.indptr[-1] + first.size)
        graph = csr_matrix(
            (weight, np.append(self.indices, first), indptr), shape=(size + 1, size + 1)
        )
        limit = float((most + 1) * self.scale - 1)
        distance = dijkstra(graph, indices=size, limit=limit)[:size]
        reached = np.isfinite(distance)
        whole = np.where(reached, distance, 0).astype(np.int64) // self.scale
        return np.where(reached, whole, FAR)


def _nearest_limit(open_: Reallocations) -> int:
    """Return the length up to which there are about `NEAR` pairs."""
    n, m = len(open_.mentor_of), open_.outside
    if n * m <= NEAR:
        return UNREACHABLE - 1
    rows = np.linspace(0, n - 1, SAMPLED).astype(np.int64)
    lost = open_.losses(rows).ravel()
    return int(np.partition(lost, int(NEAR / (n * m) * lost.size))[int(NEAR / (n * m) * lost.size)])


def _near_pairs(open_: Reallocations, limit: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Return (from, to, length, mover) of moves between mentors no longer than a limit."""
    rows = np.flatnonzero((open_.mentor_of >= 0) & (open_.mentor_of < open_.outside))
    step = max(1, BLOCK // max(open_.outside, 1))
    parts = [(np.zeros(0, dtype=np.int64),) * 3]
    for begin in range(0, rows.size, step):
        block = rows[begin : begin + step]
        lost = open_.losses(block)
        at, to = np.nonzero(lost <= limit)
        parts.append((block[at], to, lost[at, to]))
    mover, to, lost = (np.concatenate(side) for side in zip(*parts, strict=True))
    return open_.mentor_of[mover], to, lost, mover


class _Search:
    """Dijkstra's algorithm over nodes whose arcs are made when a node is come to."""

    def __init__(self, start: Ints, arcs: Callable[[int], tuple[Ints, Ints | None]]) -> None:
        self.distance, self.arcs = start, arcs
        size = len(start)
        self.moves = np.zeros(size, dtype=np.int64)  # of equal paths the one with fewest is kept
        self.before = np.full(size, -1, dtype=np.int64)
        self.mover = np.full(size, -1, dtype=np.int64)

    def nodes(self) -> Iterator[tuple[int, int]]:
        """Yield (node, distance), nearest first; going on asks for a node's arcs."""
        waiting = self.distance.copy()
        done = np.zeros(waiting.size, dtype=bool)
        while True:
            nearest = int(waiting.min(initial=FAR))
            if nearest >= UNREACHABLE:
                return
            equal = np.flatnonzero(waiting == nearest)
            here = int(equal[self.moves[equal].argmin()])
            done[here], waiting[here] = True, FAR
            yield here, nearest
            length, mover = self.arcs(here)
            reach = length + nearest
            hops: Ints | int = 0 if mover is None else self.moves[here] + (mover >= 0)
            better = (reach < self.distance) | ((reach == self.distance) & (hops < self.moves))
            better &= ~done & (reach < UNREACHABLE)
            at = np.flatnonzero(better)
            self.distance[at] = waiting[at] = reach[at]
            self.before[at] = here
            if mover is not None:
                assert not isinstance(hops, int)
                self.moves[at], self.mover[at] = hops[at], mover[at]

    def path_to(self, node: int) -> list[Step]:
        """Return (mentee, from, to) of every move on the way to a node, in order."""
        found = []
        while self.before[node] >= 0:
            last = int(self.before[node])
            if self.mover[node] >= 0:
                found.append((int(self.mover[node]), last, node))
            node = last
        return found[::-1]
