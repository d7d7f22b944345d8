"""Several mentors each as a network: pairs listed, duals and pairs held, by compiled kernels.

Shortest paths over mentees and mentors find the best of what is listed; where pairs come from, a
matrix or lists, is the matter of a `Table`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers import demand_kernels as kernels
from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.endings import Stopped
from mentormatch.solvers.shared_kernels import INF, components, transpose

__all__ = ["Flags", "Hashes", "Index", "Ints", "Network", "Part", "Table", "Tight"]

Ints: TypeAlias = NDArray[np.int64]
Index: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]
Hashes: TypeAlias = tuple[NDArray[np.uint64], NDArray[np.uint64]]

COARSE, FINE = 1 / 2, 1 / 20_000  # eps of the first auction, of the largest worth; last, of points
SHRINK = 5  # how much finer each auction is than the last
ROUNDS = 100  # most looks at each listed pair in an auction
AGAIN = 16  # mentees bid anew where at least one in so many would have another mentor
FAR = 1 << 57  # how far below 0 a price ends where nobody else can fill a minimum load
CLOSED = 1 << 58  # price of a mentor without seats until the exact price is known
CHUNK = 20_000_000  # pairs looked at between two looks at the clock
SEARCHED = 2_000_000  # likewise in searches, where each takes ten times as long


@dataclass(frozen=True, eq=False)
class Tight:
    """Pairs at exactly their mentee's level, row by row (CSR), and which of them are held.

    ties : where there are too many to be listed, only those held are; this makes a table of the
        ties of all of them in one stage.
    """

    indptr: Ints
    idx: Index
    held: Flags
    ties: Callable[[Hashes, int], Table] | None = None


class Table(Protocol):
    """All pairs that a network may choose from."""

    @property
    def top(self) -> int:
        """No point is above it."""

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """Return int64 (k,): the points of pairs that may be."""

    def begin(self, net: Network) -> None:
        """List pairs to begin with, and hold some of them."""

    def let_in(self, net: Network) -> int:
        """List pairs that beat the duals; return how many, 0 once none does."""

    def list_more(self, net: Network) -> bool:
        """List more pairs of mentors who lack mentees; False: there are none."""

    def bound(self, net: Network) -> int:
        """Return the value that no assignment can exceed, as far as is known."""

    def tight(self, net: Network) -> Tight:
        """Return all pairs at their mentee's level."""


class Network:
    """Pairs listed, duals and pairs held, of one stage; arrays as in `demand_kernels`."""

    def __init__(
        self,
        table: Table,
        wishes: tuple[Ints, Ints],
        seats: tuple[Ints, Ints],
        keep_going: Callable[[], bool],
    ) -> None:
        self.table = table
        self.n, self.m = n, m = wishes[1].size, seats[0].size
        self.bonus, self.demand = self.wishes = np.ascontiguousarray(wishes[0]), wishes[1]
        self.capacity, self.min_load = self.seats = seats
        self.keep_going = keep_going
        self.price, self.level = self.duals = np.zeros(m, np.int64), np.zeros(n, np.int64)
        self.got, self.load = np.zeros(n, np.int64), np.zeros(m, np.int64)
        self.stack = np.empty(n, np.int32)
        none = np.empty(0, np.int64)
        self.listed(np.zeros(n + 1, np.int64), none.astype(np.int32), none, none.astype(np.bool_))
        self.best: tuple[int, int, Ints, Ints] | None = None
        self.stats: dict[str, Any] = {"passes": 0}

    def listed(self, indptr: Ints, idx: Index, val: Ints, held: Flags) -> None:
        """Take these pairs as the lists, at their points, and which of them are held."""
        self.indptr, self.idx, self.val, self.held = indptr, idx, val, held

    def _remember(self) -> None:
        """Keep the pairs held, if they are the best so far: the steps to come may lose them."""
        row, column = self.pairs()
        lack = int(np.maximum(self.min_load - np.bincount(column, minlength=self.m), 0).sum())
        worth = self.worth()
        if self.best is None or (-lack, worth) > self.best[:2]:
            self.best = -lack, worth, row, column

    def so_far(self) -> tuple[Ints, Ints]:
        """Return the best pairs met, where the time is up."""
        self._remember()
        assert self.best is not None
        return self.best[2:]

    def worth(self) -> int:
        """Return the value of the pairs held."""
        return exact_sum(self.val[self.held]) + self.worth_of_places(self.pairs()[0])

    def worth_of_places(self, row: Ints) -> int:
        """Return what the mentors of so many pairs add for being the first, second, ..."""
        got = np.bincount(row, minlength=self.n)
        return exact_sum(self.bonus[np.arange(self.bonus.shape[1]) < got[:, None]])

    # --- start -----------------------------------------------------------------------------

    def bid(self, rows: tuple[Any, ...], room: Ints, eps: int, rounds: int) -> tuple[Index, int]:
        """Let mentees bid for mentors, from the prices that there are.

        Parameters
        ----------
        rows
            A table of `demand_kernels`.
        room
            int64 (m,), seats, as many as there can be bids for at most.
        rounds
            Most looks at each pair.

        Returns
        -------
        int32 (n, k), int
            The `got[i]` mentors each has then, and how many mentees have still to bid.
        """
        mine = np.full((self.n, self.bonus.shape[1]), -1, np.int32)
        off = np.concatenate(([0], np.cumsum(room)))
        size = rows[3].size
        self.price[self.capacity == 0] = CLOSED
        self.got[:] = 0
        self.load[:] = 0
        self.stack[:] = np.arange(self.n - 1, -1, -1)
        heaps = off, np.empty(off[-1], np.int64), np.empty(off[-1], np.int32), self.load
        stack = np.ones(self.n, np.bool_), self.stack
        left, looks, most = self.n, 0, rounds * size
        while left > 0 and looks < most and self.keep_going():
            left, looked = kernels.auction(
                rows, self.wishes, room, self.price, heaps, (mine, self.got), stack,
                (left, eps, min(CHUNK, most - looks)),
            )  # fmt: skip
            looks += looked
        self.stats["looks"] = self.stats.get("looks", 0) + looks
        return mine, int(left)

    def bid_for_listed(self) -> None:
        """Hold what auctions over the listed pairs come to, each finer than the last.

        The first step is as large as what a first or second mentor is worth: where seats are
        short, prices have to rise by that.
        """
        pairs = self.indptr, self.idx
        rows = self.indptr, self.indptr[:-1], self.idx, self.val
        # one place more than there are mentees for: who is not full has no price
        room = np.minimum(self.capacity, np.bincount(self.idx, minlength=self.m) + 1)
        worth = max(self.table.top, int(self.bonus.max(initial=0))) + 1
        eps, last = max(1, int(worth * COARSE)), max(1, int((self.table.top + 1) * FINE))
        self.price[:] = 0
        done: tuple[Index, Ints] | None = None
        while True:
            mine, left = self.bid(rows, room, eps, ROUNDS)
            late = left > 0 and not self.keep_going()
            if late and done is not None:
                mine, self.got[:] = done
            if late or eps <= last:
                break
            done = mine, self.got.copy()
            full = self.load >= self.capacity
            self.price[:] = np.where(full, np.maximum(self.price - 2 * eps, 0), 0)
            eps = max(last, eps // SHRINK)
        kernels.hold(pairs, (mine, self.got), self.held)

    # --- exact -----------------------------------------------------------------------------

    def _finish(self) -> bool:
        """Make the answer optimal over the lists; False if a minimum load cannot be met there."""
        self._remember()
        size, nodes = self.idx.size, self.n + self.m
        pairs = self.indptr, self.idx, self.val
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
            self.look_at_the_clock()
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
                self.look_at_the_clock()
                j = kernels.fill(columns, pairs, *state, (j, SEARCHED))
                if j < 0:
                    return False
            kernels.lower_prices(*lower)
        return True

    def look_at_the_clock(self) -> None:
        """Raise `Stopped` once the time is up."""
        if not self.keep_going():
            raise Stopped

    def solve(self) -> bool:
        """Solve from nothing; False if a minimum load cannot be met."""
        self.table.begin(self)
        while True:
            if not self._finish():
                if not self.table.list_more(self):
                    return False
                continue
            self.look_at_the_clock()
            let_in = self.table.let_in(self)
            self.stats["passes"] += 1
            self.stats.setdefault("priced", []).append(let_in)
            if let_in == 0:
                return True
            if let_in * AGAIN > self.n:
                self._remember()
                self.bid_for_listed()

    # --- what the duals tell ---------------------------------------------------------------

    def pairs(self) -> tuple[Ints, Ints]:
        """Return mentees and mentors of the pairs held."""
        row = np.repeat(np.arange(self.n), np.diff(self.indptr))
        return row[self.held], self.idx[self.held].astype(np.int64)

    def undecided(self) -> Part:
        """Return the pairs in which optima differ."""
        tight = self.table.tight(self)
        indptr, idx, held = tight.indptr, tight.idx, tight.held
        row = np.repeat(np.arange(self.n), np.diff(indptr))
        if tight.ties is not None:
            return Part(row, idx.astype(np.int64), held, tight.ties)
        own = np.empty(self.m + self.n + 1, np.int64)
        arcs = kernels.zero_moves(
            (indptr, idx, held), self.wishes, self.seats, self.duals, self.got, self.load, own
        )
        comp = components(*arcs, own)
        open_ = comp[self.m + row] == comp[idx]
        return Part(row[open_], idx[open_].astype(np.int64), held[open_])


@dataclass(frozen=True, eq=False)
class Part:
    """Pairs of a network in which optima differ, and whether they are held now.

    ties : where they are too many to be listed; see `Tight`.
    """

    row: Ints
    column: Ints
    held: Flags
    ties: Callable[[Hashes, int], Table] | None = None

    @property
    def empty(self) -> bool:
        """Whether there is only one optimum."""
        return self.row.size == 0 and self.ties is None
