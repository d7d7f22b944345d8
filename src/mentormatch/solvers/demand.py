"""Exact assignment of several different mentors per mentee, by compiled kernels.

An auction to begin with, shortest paths over mentees and mentors on short lists of candidates to
finish; every other pair is then priced against the duals and let in where it would pay, until
none does. Ties are decided on the optimal face, stage by stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers import demand_kernels as kernels
from mentormatch.solvers.certificate import exact_product, exact_sum
from mentormatch.solvers.compile import announce
from mentormatch.solvers.shared_kernels import INF, components, merge, transpose
from mentormatch.solvers.ties import tie_values, tie_weight

__all__ = ["Answer", "solve_demand"]

Ints = NDArray[np.int64]
Index = NDArray[np.int32]
Flags = NDArray[np.bool_]

WIDTH = 24  # candidates per mentee, beyond those she holds
MENTEES = 8  # candidates per mentor with a minimum load, beyond that load
SPREAD = 7919  # stride of as many more, taken anywhere
ADDED = 8  # most pairs let in per mentee and pricing pass
FINE = 1 / 200  # eps of the auction, of the score range
ROUNDS = 12  # most looks at each pair in the auction
FAR = 1 << 57  # how far below 0 a price ends where nobody else can fill a minimum load
CLOSED = 1 << 58  # price of a mentor without seats until the exact price is known
CHUNK = 20_000_000  # pairs looked at between two looks at the clock
SEARCHED = 2_000_000  # likewise in searches, where each takes ten times as long


@dataclass(frozen=True, eq=False)
class Answer:
    """An optimal assignment of several mentors each, with its smallest prices."""

    row: Ints  # of the pairs, by mentee and mentor
    column: Ints
    price: Ints
    bound: int
    unique: bool
    status: str
    stages: int
    stats: dict[str, Any] = field(default_factory=dict)


class _Stopped(Exception):
    """The time is up."""


class _Network:
    """Pairs, duals and pairs held, of one stage; arrays as in `demand_kernels`."""

    def __init__(
        self,
        points: Index,
        wishes: tuple[Ints, Ints],
        seats: tuple[Ints, Ints],
        keep_going: Callable[[], bool],
    ) -> None:
        n, m = points.shape
        self.n, self.m = n, m
        self.points = points
        self.bonus, self.demand = self.wishes = np.ascontiguousarray(wishes[0]), wishes[1]
        self.capacity, self.min_load = self.seats = seats
        self.keep_going = keep_going
        self.price, self.level = self.duals = np.zeros(m, np.int64), np.zeros(n, np.int64)
        self.got, self.load = np.zeros(n, np.int64), np.zeros(m, np.int64)
        self.stack = np.empty(n, np.int32)
        self.indptr = np.zeros(n + 1, np.int64)
        self.idx = np.empty(0, np.int32)
        self.held = np.empty(0, np.bool_)
        self.all_listed = False
        self.best: tuple[int, int, Ints, Ints] | None = None
        self.stats: dict[str, Any] = {"passes": 0}

    def _parts(self) -> Iterator[tuple[slice, slice]]:
        """Share out the rows, so that the clock is looked at between; and where they begin."""
        step = 1 + CHUNK // max(1, self.m)
        for at in range(0, self.n, step):
            end = min(at + step, self.n)
            yield slice(at, end), slice(at, end + 1)

    def _remember(self) -> None:
        """Keep the pairs held, if they are the best so far: the steps to come may lose them."""
        row, column = self.pairs()
        lack = int(np.maximum(self.min_load - np.bincount(column, minlength=self.m), 0).sum())
        place = np.arange(row.size) - np.searchsorted(row, row)
        worth = exact_sum(self.points[row, column] + self.bonus[row, place])
        if self.best is None or (-lack, worth) > self.best[:2]:
            self.best = -lack, worth, row, column

    def so_far(self) -> tuple[Ints, Ints]:
        """Return the best pairs met, where the time is up."""
        self._remember()
        assert self.best is not None
        return self.best[2:]

    def _listed(self) -> tuple[Ints, Index, Flags]:
        return self.indptr, self.idx, self.held

    # --- start -----------------------------------------------------------------------------

    def _begin(self) -> None:
        """Bid for mentors, then list the best pairs under the prices reached."""
        self.price[:] = self._marginal_bonus()
        self.price[self.capacity == 0] = CLOSED
        mine = np.full((self.n, self.bonus.shape[1]), -1, np.int32)
        off = np.concatenate(([0], np.cumsum(np.minimum(self.capacity, self.n))))
        eps = max(1, int((int(self.points.max(initial=0)) + 1) * FINE))
        self.stack[:] = np.arange(self.n - 1, -1, -1)
        heaps = off, np.empty(off[-1], np.int64), np.empty(off[-1], np.int32), self.load
        stack = np.ones(self.n, np.bool_), self.stack
        left, looks, most = self.n, 0, ROUNDS * self.points.size
        while left > 0 and looks < most:
            left, looked = kernels.auction(
                self.points, self.wishes, self.capacity, self.price, heaps, (mine, self.got),
                stack, (left, eps, min(CHUNK, most - looks)),
            )  # fmt: skip
            looks += looked
            if not self.keep_going():
                self._hold_only(mine)
                raise _Stopped
        self.stats["left"], self.stats["looks"] = int(left), looks / max(1, self.points.size)
        width = min(WIDTH, self.m)
        self.idx = np.empty(self.n * min(width + mine.shape[1], self.m), np.int32)
        self.held = np.empty(self.idx.size, np.bool_)
        size = 0
        for part, rows in self._parts():
            size = kernels.list_best(
                self.points[part], self.demand[part], self.price, (mine[part], self.got[part]),
                width, (self.indptr[rows], self.idx, self.held), self.level[part],
            )  # fmt: skip
            if not self.keep_going():
                self._hold_only(mine)
                raise _Stopped
        self.idx, self.held = self.idx[:size], self.held[:size]
        if self.min_load.any():
            self._list(*self._best_mentees())

    def _hold_only(self, mine: Index) -> None:
        """List nothing but the pairs that the auction holds."""
        there = np.arange(mine.shape[1]) < self.got[:, None]
        np.cumsum(self.got, out=self.indptr[1:])
        self.idx, self.held = mine[there], np.ones(int(self.indptr[-1]), np.bool_)

    def _marginal_bonus(self) -> int:
        """Return the bonus of the first place for which no seat is left: a price to begin at."""
        slots = np.arange(self.bonus.shape[1])
        wanted = np.sort(self.bonus[slots < self.demand[:, None]])[::-1]
        seats = int(self.capacity.sum())
        return max(0, int(wanted[seats])) if seats < wanted.size else 0

    def _best_mentees(self) -> tuple[Index, Index]:
        """List, for each mentor with a minimum load, who would lose least by joining."""
        room = np.where(self.min_load > 0, np.minimum(self.min_load + MENTEES, self.n), 0)
        off = np.zeros(self.m + 1, np.int64)
        np.cumsum(room, out=off[1:])
        who, size = np.full(off[-1], -1, np.int32), np.zeros(self.m, np.int64)
        kernels.best_mentees(
            self.points, self.demand, self.level, off, np.empty(off[-1], np.int64), who, size
        )
        mentor = np.repeat(np.arange(self.m, dtype=np.int32), room)
        # where all mentors agree about mentees, the best of one are the best of all and too few
        some = (np.arange(who.size) * SPREAD % max(self.n, 1)).astype(np.int32)
        there = (self.points[some, mentor] >= 0) & (self.demand[some] > 0)
        who = np.concatenate([who, some[there]])
        mentor = np.concatenate([mentor, mentor[there]])
        order = np.lexsort((mentor, who))
        order = order[who[order] >= 0]
        return who[order], mentor[order]

    def _list(self, row: Index, column: Index) -> None:
        """Add pairs, sorted by mentee, to the lists."""
        size = self.idx.size + row.size
        new = np.zeros(self.n + 1, np.int64), np.empty(size, np.int32), np.empty(size, np.bool_)
        size = merge(self._listed(), row, column, np.zeros(row.size, np.bool_), new)
        self.indptr, self.idx, self.held = new[0], new[1][:size], new[2][:size]

    # --- exact -----------------------------------------------------------------------------

    def _finish(self) -> bool:
        """Make the answer optimal over the lists; False if a minimum load cannot be met there."""
        self._remember()
        size, nodes = self.idx.size, self.n + self.m
        pairs = self.indptr, self.idx, self._value()
        taken = (
            self.held, np.empty(size, np.int32), self.got, self.load, np.empty(self.m, np.int32),
            np.empty(size, np.int32), np.empty(size, np.int32),
        )  # fmt: skip
        top = kernels.settle(pairs, self.wishes, self.duals, taken, self.stack)
        self.stats.setdefault("hungry", []).append(int(top))
        # each node is expanded once, so each pair puts at most one entry on the heap
        room = (
            np.full(nodes, INF), np.empty(nodes, np.int32), np.empty(size + nodes + 1, np.int64),
            np.empty(size + nodes + 1, np.int32),
        )  # fmt: skip
        state = self.wishes, self.seats, self.duals, taken, room
        while top > 0:
            self._look_at_the_clock()
            top, looked = kernels.place(pairs, *state, (self.stack, top), SEARCHED)
            self.stats["looked"] = self.stats.get("looked", 0) + looked
        lower = pairs, self.wishes, self.min_load, self.duals, taken, room, FAR
        kernels.lower_prices(*lower)
        lacking = (self.load < self.min_load) | ((self.price > 0) & (self.load < self.capacity))
        self.stats.setdefault("lacking", []).append(int(lacking.sum()))
        if lacking.any():
            columns = transpose((self.indptr, self.idx, np.arange(size)), self.m)
            j = int(lacking.argmax())
            while j < self.m:
                self._look_at_the_clock()
                j = kernels.fill(columns, pairs, *state, (j, SEARCHED))
                if j < 0:
                    return False
            kernels.lower_prices(*lower)
        return True

    def _look_at_the_clock(self) -> None:
        if not self.keep_going():
            raise _Stopped

    def _value(self) -> Ints:
        row = np.repeat(np.arange(self.n), np.diff(self.indptr))
        return self.points[row, self.idx].astype(np.int64)

    def _price_in(self) -> int:
        """Let in pairs outside the lists that beat the duals; return how many."""
        self._look_at_the_clock()
        most = self.n * ADDED
        found = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int64)
        size = 0
        for part, rows in self._parts():
            duals = self.price, self.level[part]
            listed = self.indptr[rows], self.idx, self.held
            room = tuple(array[size:] for array in found)
            new = kernels.price_in(self.points[part], self.demand[part], duals, listed, ADDED, room)
            room[0][:new] += part.start
            size += new
            self._look_at_the_clock()
        self.stats["passes"] += 1
        self.stats.setdefault("priced", []).append(int(size))
        if size:
            self._list(found[0][:size], found[1][:size])
        return int(size)

    def solve(self) -> bool:
        """Solve from nothing; False if a minimum load cannot be met."""
        self._begin()
        while True:
            if not self._finish():
                if self.all_listed:
                    return False
                self._list_all()
            elif self._price_in() == 0:
                return True

    def _list_all(self) -> None:
        """List every admissible pair: the proof that a minimum load cannot be met."""
        row, column = np.nonzero((self.points >= 0) & (self.demand > 0)[:, None])
        self._list(row.astype(np.int32), column.astype(np.int32))
        self.all_listed = True

    # --- what the duals tell ---------------------------------------------------------------

    def bound(self) -> int:
        """Return the value that no assignment can exceed, by the prices alone."""
        high, low = np.empty(self.n, np.int64), np.empty(self.n, np.int64)
        kernels.best_surpluses(self.points, self.wishes, self.price, high, low)
        seats = np.where(self.price >= 0, self.capacity, self.min_load)
        return (exact_sum(high) << 32) + exact_sum(low) + exact_product(self.price, seats)

    def pairs(self) -> tuple[Ints, Ints]:
        """Return mentees and mentors of the pairs held."""
        row = np.repeat(np.arange(self.n), np.diff(self.indptr))
        return row[self.held], self.idx[self.held].astype(np.int64)

    def undecided(self) -> _Part:
        """Return the pairs in which optima differ."""
        indptr = np.zeros(self.n + 1, np.int64)
        idx, held = np.empty(0, np.int32), np.empty(0, np.bool_)
        for count in (True, False):
            for part, rows in self._parts():
                kernels.tight_pairs(
                    self.points[part], self.demand[part], (self.price, self.level[part]),
                    (self.indptr[rows], self.idx, self.held), (indptr[rows], idx, held), count,
                )  # fmt: skip
                self._look_at_the_clock()
            if count:
                idx, held = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.bool_)
        own = np.empty(self.m + self.n + 1, np.int64)
        arcs = kernels.zero_moves(
            (indptr, idx, held), self.wishes, self.seats, self.duals, self.got, self.load, own
        )
        comp = components(*arcs, own)
        row = np.repeat(np.arange(self.n), np.diff(indptr))
        open_ = comp[self.m + row] == comp[idx]
        return _Part(row[open_], idx[open_].astype(np.int64), held[open_])


@dataclass(frozen=True, eq=False)
class _Part:
    """Pairs of a network in which optima differ, and whether they are held now."""

    row: Ints
    column: Ints
    held: Flags


def _refine(
    net: _Network,
    part: _Part,
    hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    stage: int,
) -> tuple[_Network, Ints, Ints]:
    """Decide by the ties of one stage among the optima of `net`.

    Mentors at a positive price must stay full, mentors below 0 at their minimum, and mentees keep
    the places that are worth more than nothing. Returns the network solved, and the positions of
    its mentees and mentors in `net`.
    """
    rows, i = np.unique(part.row, return_inverse=True)
    columns, j = np.unique(part.column, return_inverse=True)
    points = np.full((rows.size, columns.size), -1, np.int32)
    points[i, j] = tie_values(hashes[0][part.row], hashes[1][part.column], stage)
    fixed_load = net.load[columns] - np.bincount(j[part.held], minlength=columns.size)
    price = net.price[columns]
    capacity = net.capacity[columns] - fixed_load
    least = np.maximum(net.min_load[columns] - fixed_load, 0)
    least = np.where(price > 0, capacity, least)
    capacity = np.where(price < 0, least, capacity)
    fixed = net.got[rows] - np.bincount(i[part.held], minlength=rows.size)
    slots = np.arange(net.bonus.shape[1])
    worth = np.sign(net.bonus[rows] + net.level[rows, None])
    worth = np.where(slots < net.demand[rows, None], worth, -1)
    must, may = (worth > 0).sum(axis=1) - fixed, (worth >= 0).sum(axis=1) - fixed
    bonus = np.where(slots < must[:, None], tie_weight(*points.shape), 0)
    demand = np.minimum(may, (points >= 0).sum(axis=1))
    bonus = np.ascontiguousarray(bonus[:, : max(1, int(demand.max(initial=1)))], np.int64)
    face = _Network(points, (bonus, demand), (capacity, least), net.keep_going)
    face.solve()
    return face, rows, columns


def solve_demand(
    points: Index,
    wishes: tuple[Ints, Ints],
    seats: tuple[Ints, Ints],
    hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    *,
    keep_going: Callable[[], bool] = lambda: True,
    stages: int = 12,
) -> Answer:
    """Find the assignment of greatest value with up to demand[i] different mentors for mentee i.

    Parameters
    ----------
    points : int32 (n, m), C-order
        Value of each pair; negative: inadmissible.
    wishes : int64 (n, k), int64 (n,)
        What the first, second, ... mentor of a mentee adds, never rising along a row; and the
        demand, at most k and at most m.
    seats : int64 (m,), int64 (m,)
        Seats per mentor, at most n + 1, and the fewest to be filled.
    hashes : uint64 (n,), (m,)
        They decide ties.
    keep_going
        Asked now and then; False stops with the best assignment so far.
    stages
        How many tie hashes are tried.

    Notes
    -----
    Successive shortest paths in the residual graph of mentees and mentors, O(a log a) each for a
    listed pairs; an auction leaves few of them. Memory: one copy of nothing, lists of about
    24 + k pairs a mentee, and a matrix of the pairs in which optima differ.

    References
    ----------
    .. [1] Ahuja, Magnanti & Orlin (1993), Network Flows, chapters 9 and 12.
    .. [2] Bertsekas & Castanon (1989), The auction algorithm for the transportation problem.
    """
    announce(kernels.place, "solver for several mentors each")
    net = _Network(points, wishes, seats, keep_going)
    status, unique, done = "optimal", False, 0
    pairs: Ints | None = None  # as one number each
    m = max(net.m, 1)
    try:
        feasible = net.solve()
        status = "optimal" if feasible else "infeasible"
        pairs = _numbered(*net.pairs(), m)
        if feasible:
            face, part = net, net.undecided()
            unique = part.row.size == 0
            rows, columns = np.arange(net.n), np.arange(net.m)
            while part.row.size and done < stages and keep_going():
                refined, i, j = _refine(face, part, (hashes[0][rows], hashes[1][columns]), done)
                open_ = _numbered(rows[part.row], columns[part.column], m)
                rows, columns = rows[i], columns[j]
                i, j = refined.pairs()
                kept = pairs[~np.isin(pairs, open_)]
                pairs = np.concatenate([kept, _numbered(rows[i], columns[j], m)])
                face, part, done = refined, refined.undecided(), done + 1
    except _Stopped:
        status = "time_limit" if pairs is None else status
    except KeyboardInterrupt:
        status = "interrupted" if pairs is None else status
    pairs = _numbered(*net.so_far(), m) if pairs is None else pairs
    row, column = np.divmod(np.sort(pairs), m)
    return Answer(row, column, net.price, net.bound(), unique, status, done, net.stats)


def _numbered(row: Ints, column: Ints, m: int) -> Ints:
    return row * m + column
