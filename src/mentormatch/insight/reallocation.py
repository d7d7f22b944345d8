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
    "Arcs",
    "Bools",
    "Ints",
    "Move",
    "Moves",
    "Near",
    "Reallocations",
    "Step",
    "Worth",
    "in_order",
    "merged",
]

Ints: TypeAlias = npt.NDArray[np.int64]
Index: TypeAlias = npt.NDArray[np.int32]
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
        return self._lost(self.lowered.worths(rows), rows, np.arange(self.outside))

    def losses_of(self, rows: Ints, columns: Ints) -> Ints:
        """Return int64 (rows, columns): the same of some mentees with some mentors."""
        assert self.lowered.fold is not None
        points = self.lowered.fold.worths(self.lowered.program)[np.ix_(rows, columns)]
        return self._lost(points, rows, columns)

    def _lost(self, points: Any, rows: Ints, columns: Ints) -> Ints:
        own = self.surplus[rows] - self.lowered.bonus[rows]
        result: Ints = self.price[columns] - points + own[:, None]
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
        length, mover = self._leavers
        if self.spare[node] and -self.price[node] <= length[node]:
            return -int(self.price[node]), -1
        return int(length[node]), int(mover[node])

    @cached_property
    def _leavers(self) -> tuple[Ints, Ints]:
        """int64 (m,) each: what is lost if the first to go leaves a mentor, and who that is."""
        length = np.full(self.outside, FAR, dtype=np.int64)
        mover = np.full(self.outside, -1, dtype=np.int64)
        rows = np.flatnonzero((self.mentor_of >= 0) & (self.mentor_of < self.outside))
        rows = rows[np.lexsort((rows, self.surplus[rows], self.mentor_of[rows]))]
        node = self.mentor_of[rows]
        first = np.flatnonzero(np.append(True, np.diff(node) > 0)[: node.size])
        length[node[first]], mover[node[first]] = self.surplus[rows[first]], rows[first]
        return length, mover

    @cached_property
    def spare(self) -> Bools:
        """bool (m,): who has a seat that nobody takes."""
        free: Bools = self.load < self.lowered.program.capacity
        return free

    def arcs_into(self, node: int) -> Ints:
        """Return int64 (m + 1,): lengths of the arcs into a node."""
        length = np.full(self.outside + 1, FAR, dtype=np.int64)
        order, edges = self._seated
        some = np.flatnonzero(edges[1:] > edges[:-1])
        lost = self.surplus if node == self.outside else self.losses_at(node)
        if some.size:  # who is locked stands before the first edge, and moves nowhere
            length[some] = np.minimum.reduceat(lost[order], edges[some])
        if node == self.outside:
            free = self.spare
            length[:-1][free] = np.minimum(length[:-1][free], -self.price[:-1][free])
        elif self.load[node] > self.lowered.program.min_load[node]:
            length[-1] = min(int(length[-1]), int(self.price[node]))
        return length

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
        begin = np.full(self.outside + 1, FAR, dtype=np.int64)
        begin[start] = 0
        for goal in self._goals(begin, end):

            def most(near: Near, goal: int = goal) -> int:
                return int(near.distances_to(goal)[start])

            near = self._sure(begin, most, end)
            found = near.path(start, goal)
            if found is not None:
                return found
        search = _Search(begin, self.arcs)
        for here, _ in search.nodes():
            if here == end:
                break
        return int(search.distance[end]), search.path_to(end)

    def _sure(
        self, begin: Ints, most: Callable[[Near], int], end: int = -1, goal: int = -1
    ) -> Near:
        """Return the nearest moves, among them all that a path of interest can have.

        begin : int64 (m + 1,), how far away each node is to begin with.
        most : how long paths are of interest, from what is known; above the limit none are.
        end : the node where they end, if they do.
        goal : stands for it, where only how far it is matters, and no second way there.
        """
        return self._near

    def _goals(self, begin: Ints, end: int) -> Iterator[int]:
        """Yield the nodes of `Near` that stand for an end, one after the other until one is found.

        Where no seat that is free can be come to somebody has to leave, which takes all that having
        a mentor is worth: then all ways out are compared without what every one of them takes.
        """
        if end < self.outside or self.spare.any() or not self._near.aside:
            yield end
        if end == self.outside and self._near.aside and not self._finds_a_seat(begin):
            yield end + 1

    def _finds_a_seat(self, begin: Ints) -> bool:
        """Whether chains of moves lead from any of the nodes to a seat that is free."""
        return bool(self.spare.any()) and bool((self.chained(begin[:-1] < FAR) & self.spare).any())

    @cached_property
    def moves(self) -> Moves:
        """The moves of all mentees that are nearest, from where they are."""
        return _near_moves(self)

    @cached_property
    def _near(self) -> Near:
        return Near.of(self)

    def cheapest(self, mentee: int, count: int) -> Iterator[tuple[int, int]]:
        """Yield (cost, mentor) of at least the cheapest pairs of a mentee, ties all included.

        One tree towards her node, grown no farther than what it takes to know them.
        """
        own, node = self.own_pairs(mentee)
        begin = np.append(own, FAR)

        def reach(near: Near, goal: int) -> Ints:
            far = near.distances_to(goal)[: self.outside]
            return np.minimum(own + np.minimum(far, UNREACHABLE), FAR)

        for goal in self._goals(begin, node) if self.outside else ():

            def most(near: Near, goal: int = goal) -> int:
                some = min(count, self.outside) - 1
                return int(np.partition(reach(near, goal), some)[some])

            near = self._sure(begin, most, node, goal)
            found = reach(near, goal)
            there = found < UNREACHABLE
            unknown = own[~there & (own < UNREACHABLE)].min(initial=FAR)
            if unknown >= UNREACHABLE or most(near) < unknown + near.limit:
                aside = near.aside if goal > self.outside else 0
                options = np.flatnonzero(there)
                options = options[np.argsort(found[options], kind="stable")]
                yield from zip((found[options] + aside).tolist(), options.tolist(), strict=True)
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

    def roomiest(self, offset: Ints) -> tuple[int, Ints]:
        """Return the least of an offset and what room for one more costs, and who all have it.

        offset : int64 (m,), `FAR`: not asked about.  `FAR` and nobody if there is no room at all.
        """
        begin = np.append(np.where(offset < UNREACHABLE, offset + self.price[:-1], FAR), FAR)
        if not (begin < UNREACHABLE).any():
            return FAR, np.zeros(0, dtype=np.int64)
        low = int(begin.min())
        begin = np.where(begin < UNREACHABLE, begin - low, FAR)

        def reach(near: Near, goal: int) -> Ints:
            return begin[:-1] + near.distances_to(goal)[: self.outside]

        for goal in self._goals(begin, self.outside):

            def most(near: Near, goal: int = goal) -> int:
                return int(reach(near, goal).min())

            near = self._sure(begin, most, self.outside, goal)
            total = reach(near, goal)
            least = int(total.min())
            if least <= near.limit:
                aside = near.aside if goal > self.outside else 0
                return low + aside + least, np.flatnonzero(total == least)
        search = _Search(begin, lambda here: (self.arcs(here)[0], None))
        for here, distance in search.nodes():
            if here == self.outside:
                return self._roomiest_by_tree(begin, distance, low)
        return FAR, np.zeros(0, dtype=np.int64)

    def _roomiest_by_tree(self, begin: Ints, least: int, low: int) -> tuple[int, Ints]:
        found = []
        for here, distance in self._towards(self.outside):
            if distance > least:
                break
            if here < self.outside and begin[here] + distance == least:
                found.append(here)
        return low + least, np.array(found, dtype=np.int64)

    def entering(self, mentee: int, most: int) -> tuple[Ints, int]:
        """Return int64 (m,): what chains that begin with a mentee lose on the way to each mentor.

        At prices alone: one more seat there brings its price less that, if it leads to her. More
        than `most` may be any more. And up to what these are sure: less than that is said of all.
        """
        begin = np.append(self.losses(np.array([mentee]))[0], FAR)
        near, sure = self._sure_within(begin, most)
        return near.distances_from(begin, min(most, near.limit))[: self.outside], sure

    def _sure_within(self, begin: Ints, most: int) -> tuple[Near, int]:
        """Return the nearest moves, and how long paths are of which none is missing."""
        return self._near, self._near.limit

    def reached(self, mentee: int) -> Bools:
        """bool (m,): mentors that chains of moves lead to, beginning with this mentee's own."""
        own: Bools = self.lowered.program.read(np.array([mentee]))[0] >= 0
        return self.chained(own)

    def chained(self, mentors: Bools) -> Bools:
        """bool (m,): mentors that chains of moves lead to from any of some, these included."""
        read = self.lowered.program.read
        reached = fresh = mentors
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
class Moves:
    """Moves of mentees from where they are, each once; quickest by where they are.

    mover, there : int32, who moves, and to which mentor;  length : int64, what is lost.
    least : int64 (n,), no move of a mentee that is not here is shorter.
    """

    mover: Index
    there: Index
    length: Ints
    least: Ints


@dataclass(frozen=True, eq=False)
class Arcs:
    """All arcs of what is known: of each node the moves of its mentees, then those of seats.

    One node more than there are mentors and the outside: a second outside that only mentees come
    to who leave, each having lost `aside` less than she does.

    node, there, mover : int32, from where to where, and who moves; a mover of -1 is a seat.
    length : int64, what is lost.
    """

    node: Index
    there: Index
    mover: Index
    length: Ints
    aside: int

    @classmethod
    def of(cls, open_: Reallocations) -> Arcs:
        """Take the moves that are known, and those of seats."""
        m, moves = open_.outside, open_.moves
        node = open_.mentor_of.astype(np.int32)[moves.mover]
        kept = (node >= 0) & (node != moves.there)
        listed = node[kept], moves.there[kept], moves.mover[kept], moves.length[kept]
        if (np.diff(listed[0]) < 0).any():
            order = in_order(listed[0], m)
            listed = tuple(side[order] for side in listed)
        left, who = open_._leavers
        aside = int(left.min(initial=FAR))
        aside = 0 if aside >= UNREACHABLE else aside
        ends = np.arange(m)
        free = open_.spare & (-open_.price[:-1] <= left)
        out, by_out = np.where(free, -open_.price[:-1], left), np.where(free, -1, who)
        used = np.flatnonzero(open_.load > open_.lowered.program.min_load)
        seats = [
            (ends, np.full(m, m), by_out, out), (ends, np.full(m, m + 1), who, left - aside),
            (np.full(used.size, m), used, np.full(used.size, -1), open_.price[used]),
        ]  # fmt: skip
        more = tuple(np.concatenate(side) for side in zip(*seats, strict=True))
        order = np.argsort(more[0], kind="stable")
        node, there, mover, length = merged(listed, tuple(side[order] for side in more))
        return cls(node, there, mover, length, aside)


def in_order(node: npt.NDArray[Any], m: int) -> Ints:
    """Return the stable order of numbers from 0 to m; few bits are sorted much faster."""
    return np.argsort(node.astype(np.uint16 if m < 1 << 16 else np.int32), kind="stable")


def merged(
    one: tuple[npt.NDArray[Any], ...], other: tuple[npt.NDArray[Any], ...]
) -> tuple[npt.NDArray[Any], ...]:
    """Return two tables in the order of their first columns, both ascending; of equals `one` first.

    A few rows are put into many in a fraction of the time that sorting takes.
    """
    at = np.searchsorted(one[0], other[0], side="right")
    return tuple(np.insert(a, at, b) for a, b in zip(one, other, strict=True))


@dataclass(frozen=True, eq=False)
class Near:
    """The arcs no longer than `limit`, as a sparse matrix: what is nearer than that is exact.

    length, mover : of each arc, row by row, see `Arcs`
    scale : what a length is multiplied by, so that among equal paths few moves are preferred.
    """

    limit: int
    aside: int
    indptr: Ints
    indices: Index
    length: Ints
    mover: Index
    scale: int

    @classmethod
    def of(cls, open_: Reallocations) -> Near:
        """Take the nearest moves, and those of seats."""
        least = int(open_.moves.least.min(initial=UNREACHABLE))
        limit = min(least - 1, cls.most_of(open_.outside))
        return cls.within(Arcs.of(open_), open_.outside, limit)

    @staticmethod
    def scale_of(m: int) -> int:
        """Return what lengths are multiplied by: more than the steps of any path."""
        return 2 * (m + 3)

    @classmethod
    def most_of(cls, m: int) -> int:
        """Return the longest path that is told exactly."""
        return min(UNREACHABLE - 1, WHOLE // cls.scale_of(m))

    @classmethod
    def within(cls, arcs: Arcs, m: int, limit: int) -> Near:
        """Take the arcs up to a length; m mentors."""
        kept = arcs.length <= limit
        count = np.bincount(arcs.node[kept], minlength=m + 2)
        indptr = np.concatenate(([0], np.cumsum(count)))
        there, length, mover = arcs.there[kept], arcs.length[kept], arcs.mover[kept]
        return cls(limit, arcs.aside, indptr, there, length, mover, cls.scale_of(m))

    @property
    def _size(self) -> int:
        return len(self.indptr) - 1

    @cached_property
    def _parts(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
        """Weights and targets of the arcs, with room for those of one node more."""
        room = self.length.size + self._size
        weight, target = np.zeros(room), np.zeros(room, dtype=np.int32)
        weight[: self.length.size] = self.length * self.scale + 1 + (self.mover >= 0)
        target[: self.length.size] = self.indices
        return weight, target

    @cached_property
    def _graph(self) -> Any:
        from scipy.sparse import csr_matrix

        weight, target = (part[: self.length.size] for part in self._parts)
        indptr = self.indptr.astype(np.int32)
        return csr_matrix((weight, target, indptr), shape=(self._size, self._size))

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
        outside = self._size - 2
        total, moves, node = self.aside if end > outside else 0, [], end
        while node != start:
            last = int(before[node])
            arcs = np.arange(self.indptr[last], self.indptr[last + 1])
            arcs = arcs[self.indices[arcs] == node]
            arc = int(arcs[np.lexsort((self.mover[arcs], self.length[arcs]))[0]])
            total += int(self.length[arc])
            if self.mover[arc] >= 0:
                moves.append((int(self.mover[arc]), last, min(node, outside)))
            node = last
        return total, moves[::-1]

    def distances_to(self, node: int) -> Ints:
        """Return int64 (m + 2,): distances to a node, `FAR` where they are more than the limit."""
        if node not in self._far:
            self._far.clear()
            self._far[node] = self._distances(self._turned, node, self.limit)
        return self._far[node]

    @cached_property
    def _far(self) -> dict[int, Ints]:
        return {}

    def distances_from(self, begin: Ints, most: int) -> Ints:
        """Return int64 (m + 2,): distances from nodes so far away to begin with (`FAR`: none).

        `FAR` where they are more than `most`.
        """
        from scipy.sparse import csr_matrix

        most = min(most, self.limit)
        first = np.flatnonzero(begin <= most)
        arcs, (weight, target) = self.length.size, self._parts
        last = arcs + first.size
        weight[arcs:last] = begin[first] * float(self.scale) + 1
        target[arcs:last] = first
        indptr = np.append(self.indptr, last).astype(np.int32)
        shape = self._size + 1, self._size + 1
        graph = csr_matrix((weight[:last], target[:last], indptr), shape=shape)
        return self._distances(graph, self._size, most)[: self._size]

    def _distances(self, graph: Any, node: int, most: int) -> Ints:
        from scipy.sparse.csgraph import dijkstra

        distance = dijkstra(graph, indices=node, limit=float((most + 1) * self.scale - 1))
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


def _near_moves(open_: Reallocations) -> Moves:
    """Return the nearest moves, about `NEAR` of them. Time O(n m)."""
    limit = _nearest_limit(open_)
    n = open_.mentor_of.size
    rows = np.flatnonzero(open_.mentor_of >= 0)
    step = max(1, BLOCK // max(open_.outside, 1))
    nothing = np.zeros(0, dtype=np.int32)
    parts = [(nothing, nothing, nothing.astype(np.int64))]
    for begin in range(0, rows.size, step):
        block = rows[begin : begin + step]
        lost = open_.losses(block)
        at, to = np.nonzero(lost <= limit)
        parts.append((block[at].astype(np.int32), to.astype(np.int32), lost[at, to]))
    mover, there, length = (np.concatenate(side) for side in zip(*parts, strict=True))
    return Moves(mover, there, length, np.full(n, limit + 1))


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
