"""Where the pairs of several mentors each come from: a matrix, or lists.

A network lists some pairs to begin with; its table then looks at all others anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers import demand_kernels as kernels
from mentormatch.solvers.certificate import exact_product, exact_sum
from mentormatch.solvers.demand_network import Flags, Index, Ints, Network, Tight
from mentormatch.solvers.endings import Stopped
from mentormatch.solvers.shared_kernels import merge
from mentormatch.solvers.source import places_of

__all__ = ["Listed", "Matrix"]

WIDTH = 24  # candidates per mentee, beyond those she holds
MENTEES = 8  # candidates per mentor with a minimum load, beyond that load
SPREAD = 7919  # stride of as many more, taken anywhere
ADDED = 8  # most pairs let in per mentee and pricing pass
EPS = 1 / 200  # of the auction over a matrix, of the most points
ROUNDS = 12  # most looks at each pair of a matrix in it
CHUNK = 20_000_000  # pairs looked at between two looks at the clock


def _surplus_bound(table: tuple[Any, ...], net: Network) -> int:
    """Return the value that no assignment of the pairs of a table can exceed, by the prices."""
    high, low = np.empty(net.n, np.int64), np.empty(net.n, np.int64)
    kernels.best_surpluses(table, net.wishes, net.price, high, low)
    seats = np.where(net.price >= 0, net.capacity, net.min_load)
    return (exact_sum(high) << 32) + exact_sum(low) + exact_product(net.price, seats)


def _marginal_bonus(net: Network) -> int:
    """Return the bonus of the first place for which no seat is left: a price to begin at."""
    slots = np.arange(net.bonus.shape[1])
    wanted = np.sort(net.bonus[slots < net.demand[:, None]])[::-1]
    seats = int(net.capacity.sum())
    return max(0, int(wanted[seats])) if seats < wanted.size else 0


class Matrix:
    """All pairs of a matrix, of which a few are listed at a time.

    points : int32 (n, m), C-order, negative: inadmissible.
    """

    def __init__(self, points: Index) -> None:
        self.points = points
        self.all_listed = False

    @property
    def top(self) -> int:
        return int(self.points.max(initial=0))

    @property
    def _rows(self) -> tuple[Ints, Ints, Index, Index]:
        """The matrix as a table of kernels."""
        n, m = self.points.shape
        begin = np.arange(n + 1, dtype=np.int64) * m
        return begin, np.zeros(n, np.int64), np.arange(m, dtype=np.int32), self.points.ravel()

    def at(self, rows: Ints, columns: Ints) -> Ints:
        return self.points[rows, columns].astype(np.int64)

    def _parts(self) -> Iterator[tuple[slice, slice]]:
        """Share out the rows, so that the clock is looked at between; and where they begin."""
        n, m = self.points.shape
        step = 1 + CHUNK // max(1, m)
        for at in range(0, n, step):
            end = min(at + step, n)
            yield slice(at, end), slice(at, end + 1)

    def begin(self, net: Network) -> None:
        """Bid for mentors, list the best pairs under the prices reached, and bid for these."""
        n, m = self.points.shape
        net.price[:] = _marginal_bonus(net)
        eps = max(1, int((self.top + 1) * EPS))
        mine, _ = net.bid(self._rows, np.minimum(net.capacity, n), eps, ROUNDS)
        try:
            net.look_at_the_clock()
            width = min(WIDTH, m)
            indptr = np.zeros(n + 1, np.int64)
            idx = np.empty(n * min(width + mine.shape[1], m), np.int32)
            held = np.empty(idx.size, np.bool_)
            size = 0
            for part, rows in self._parts():
                size = kernels.list_best(
                    self.points[part], net.demand[part], net.price, (mine[part], net.got[part]),
                    width, (indptr[rows], idx, held), net.level[part],
                )  # fmt: skip
                net.look_at_the_clock()
        except Stopped:  # list nothing but the pairs held
            there = np.arange(mine.shape[1]) < net.got[:, None]
            indptr = np.concatenate(([0], np.cumsum(net.got)))
            self._relist(net, indptr, mine[there], np.ones(int(indptr[-1]), np.bool_))
            raise
        self._relist(net, indptr, idx[:size], held[:size])
        if net.min_load.any():
            self._list(net, *self._best_mentees(net))
        net.bid_for_listed()

    def _relist(self, net: Network, indptr: Ints, idx: Index, held: Flags) -> None:
        row = np.repeat(np.arange(net.n), np.diff(indptr))
        net.listed(indptr, idx, self.points[row, idx].astype(np.int64), held)

    def _best_mentees(self, net: Network) -> tuple[Index, Index]:
        """List, for each mentor with a minimum load, who would lose least by joining."""
        n, m = self.points.shape
        room = np.where(net.min_load > 0, np.minimum(net.min_load + MENTEES, n), 0)
        off = np.zeros(m + 1, np.int64)
        np.cumsum(room, out=off[1:])
        who, size = np.full(off[-1], -1, np.int32), np.zeros(m, np.int64)
        kernels.best_mentees(
            self.points, net.demand, net.level, off, np.empty(off[-1], np.int64), who, size
        )
        mentor = np.repeat(np.arange(m, dtype=np.int32), room)
        # where all mentors agree about mentees, the best of one are the best of all and too few
        some = (np.arange(who.size) * SPREAD % max(n, 1)).astype(np.int32)
        there = (self.points[some, mentor] >= 0) & (net.demand[some] > 0)
        who = np.concatenate([who, some[there]])
        mentor = np.concatenate([mentor, mentor[there]])
        order = np.lexsort((mentor, who))
        order = order[who[order] >= 0]
        return who[order], mentor[order]

    def _list(self, net: Network, row: Index, column: Index) -> None:
        """Add pairs, sorted by mentee, to the lists."""
        size = net.idx.size + row.size
        new = np.zeros(net.n + 1, np.int64), np.empty(size, np.int32), np.empty(size, np.bool_)
        size = merge(
            (net.indptr, net.idx, net.held), row, column, np.zeros(row.size, np.bool_), new
        )
        self._relist(net, new[0], new[1][:size], new[2][:size])

    def let_in(self, net: Network) -> int:
        most = net.n * ADDED
        found = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int64)
        size = 0
        for part, rows in self._parts():
            duals = net.price, net.level[part]
            listed = net.indptr[rows], net.idx, net.held
            room = tuple(array[size:] for array in found)
            new = kernels.price_in(self.points[part], net.demand[part], duals, listed, ADDED, room)
            room[0][:new] += part.start
            size += new
            net.look_at_the_clock()
        if size:
            self._list(net, found[0][:size], found[1][:size])
        return int(size)

    def list_more(self, net: Network) -> bool:
        """List every admissible pair: the proof that a minimum load cannot be met."""
        if self.all_listed:
            return False
        row, column = np.nonzero((self.points >= 0) & (net.demand > 0)[:, None])
        self._list(net, row.astype(np.int32), column.astype(np.int32))
        self.all_listed = True
        return True

    def bound(self, net: Network) -> int:
        return _surplus_bound(self._rows, net)

    def tight(self, net: Network) -> Tight:
        indptr = np.zeros(net.n + 1, np.int64)
        idx, held = np.empty(0, np.int32), np.empty(0, np.bool_)
        for count in (True, False):
            for part, rows in self._parts():
                kernels.tight_pairs(
                    self.points[part], net.demand[part], (net.price, net.level[part]),
                    (net.indptr[rows], net.idx, net.held), (indptr[rows], idx, held), count,
                )  # fmt: skip
                net.look_at_the_clock()
            if count:
                idx, held = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.bool_)
        return Tight(indptr, idx, held)


class Listed:
    """Pairs that are listed row by row (CSR), all of them; no mentor twice in a row.

    val : int64 (k,), points, 0 or more.
    """

    def __init__(self, indptr: Ints, idx: Index, val: Ints) -> None:
        self.pairs = indptr, idx, val

    @classmethod
    def of(cls, indptr: Ints, idx: NDArray[Any], points: NDArray[Any]) -> Listed:
        """Return the listed pairs that may be: those whose points are not negative."""
        kept = points >= 0
        before = np.concatenate(([0], np.cumsum(kept)))
        return cls(before[indptr], idx[kept].astype(np.int32), points[kept].astype(np.int64))

    @property
    def top(self) -> int:
        return int(self.pairs[2].max(initial=0))

    @property
    def _rows(self) -> tuple[Ints, Ints, Index, Ints]:
        """The lists as a table of kernels."""
        indptr, idx, val = self.pairs
        return indptr, indptr[:-1], idx, val

    def at(self, rows: Ints, columns: Ints) -> Ints:
        indptr, idx, val = self.pairs
        m = int(max(idx.max(initial=0), columns.max(initial=0))) + 1
        keys = np.repeat(np.arange(indptr.size - 1), np.diff(indptr)) * m + idx
        order = np.argsort(keys, kind="stable")
        points: Ints = val[order[places_of(rows * m + columns, keys[order])]]
        return points

    def begin(self, net: Network) -> None:
        """Bid for mentors over the lists."""
        net.listed(*self.pairs, np.zeros(self.pairs[1].size, np.bool_))
        net.bid_for_listed()

    def let_in(self, net: Network) -> int:
        return 0

    def list_more(self, net: Network) -> bool:
        return False

    def bound(self, net: Network) -> int:
        return _surplus_bound(self._rows, net)

    def tight(self, net: Network) -> Tight:
        row = np.repeat(np.arange(net.n), np.diff(net.indptr))
        tight = (net.demand[row] > 0) & (net.val - net.price[net.idx] == net.level[row])
        indptr = np.concatenate(([0], np.cumsum(np.bincount(row[tight], minlength=net.n))))
        return Tight(indptr, net.idx[tight], net.held[tight])
