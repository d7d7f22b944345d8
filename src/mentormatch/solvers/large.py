"""Exact assignment by compiled kernels: an auction to begin with, shortest paths to finish.

Only a few candidates per mentee are searched; every other pair is then priced against the duals
and let in where it would pay, until none does. So the answer is optimal over all pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers import kernels
from mentormatch.solvers.certificate import exact_product, exact_sum
from mentormatch.solvers.endings import Stopped
from mentormatch.solvers.shared_kernels import INF, NEVER, components, merge, transpose
from mentormatch.solvers.ties import MIX, SALTS, TIE_BITS, TIE_RANGE, tie_weight

__all__ = ["Network", "Part", "refine"]

Ints = NDArray[np.int64]
Index = NDArray[np.int32]
Reals = NDArray[np.float64]
Pairs: TypeAlias = tuple[Ints, Index, NDArray[Any]]
Prices: TypeAlias = tuple[Ints, Index, int]

SAMPLE = 256  # mentees asked for the prices to begin with
TRUST = 0.99  # share of what they say that is believed at most
LEVEL = 0.5  # prices begin as if this share of those who must be left over had given up
WIDTH = 16  # candidates per mentee to begin with
WARM_WIDTH = 8  # likewise when prices are known
ADDED = 8  # most pairs let in per mentee and pricing pass
SHRINK = 6  # how much finer each auction phase is than the last
FIRST, LAST = 1 / 8, 1 / 20000  # eps of the first and last phase, of the range
FIRST_SHORT = 1 / 200  # of the first one with too few seats
FEW = 128  # the last one in this many mentees are left to the exact search
PATIENCE = 30.0  # looks at each listed pair after which they are
CLOSE = 0.35  # paths finish when at most this share of the mentees are misplaced
FINE, FINE_RANGE, FINE_ROUNDS = 1 / 33, 1 / 200, 20  # eps and looks of a start without phases
FINE_TIES = 1 / 400  # likewise among ties, which are spread evenly
FINER, AGAIN = 1 / 30, 1 / 10  # eps of a second one, if more than this share are misplaced
WASTE = 2.0  # the fewer, the more looks such a start may take in a wide matrix
ROUNDS = 100  # most looks at each listed pair in one auction phase
FAR = 1 << 57  # how far below 0 a price ends where nobody else can fill a minimum load
CLOSED = 1 << 58  # price of a mentor without seats until the exact price is known
NEAR = 1 / 32  # how far below the best a list should have all pairs, of the range
DEEP = 8  # mentors whose prices fell furthest: their pairs are looked at one by one
SELDOM = 4  # a mentor listed by no more than this above her seats needs more pairs
MANY = 8  # tight pairs are many where at least one pair in this many is tight
MANY_SEATS = 8  # heaps of bids hold at most about so many places for each mentee
MANY_PAIRS = 1_000_000  # lists from here on are ordered on another thread
RELENT = 1 / 3  # mentors relent if at most this share of the mentees prefer another
SCARCE = 64  # few are free if at most one mentee in this many is
NO_MATRIX = np.empty((0, 0), np.int32)
NO_MATRIX.flags.writeable = False  # as the matrix of points
CHUNK = 10_000_000  # pairs looked at between two looks at the clock
PATHS = 1000  # paths found between two looks


class Lists(NamedTuple):
    """What an answer leaves for the next: the pairs listed (CSR), and a bound on all others."""

    indptr: Ints
    idx: Index
    points: NDArray[np.int32]  # negative: an unused place
    bar: Ints  # no unlisted pair of the mentee is worth more at `price`, bonus left out
    price: Ints
    top: int

    def of(self, n: int, m: int) -> bool:
        """Whether these are lists of a problem of this size."""
        return self.bar.size == n and self.price.size == m


class Part(NamedTuple):
    """Mentees in question, and the pairs they may choose from (CSR; None: all tight pairs)."""

    rows: Index
    pairs: tuple[Ints, Index] | None


def _mean(values: Reals) -> float:
    return float(values.sum()) / values.size  # half of what `mean` takes


def _deepest(fall: Ints) -> tuple[Index, int]:
    """Return those whose prices fell furthest, and how far others fell at most."""
    if fall.size <= DEEP:
        return np.arange(fall.size, dtype=np.int32), -int(INF)
    order = np.argpartition(fall, fall.size - DEEP - 1)
    return order[fall.size - DEEP :].astype(np.int32), int(fall[order[fall.size - DEEP - 1]])


class _Seating:
    """What an auction keeps beside the prices: bids held on heaps, and who has still to bid."""

    def __init__(self, n: int, seats: Ints) -> None:
        self.n, self.seats = n, seats
        self.off = np.concatenate(([0], np.cumsum(seats)))
        total = int(self.off[-1])
        self.spare = max(0, min(total - n, n // 2))
        self.mate = np.full(n, -1, np.int32)
        self.mate_points = np.zeros(n, np.int64)
        self.heaps = (
            np.zeros(seats.size, np.int64), self.off, np.empty(total, np.int64),
            np.empty(total, np.int32),
        )  # fmt: skip
        self.stack = np.arange(n - 1, -1, -1, dtype=np.int32)
        self.top = n
        self.begun = False

    def bids(self) -> tuple[NDArray[Any], ...]:
        return (self.mate, self.mate_points, *self.heaps, self.stack)

    def let_seats_bid(self) -> None:
        """Let empty seats bid as well, as if there were a mentee for each, worth 0 everywhere.

        Then all seats are filled, no price is too high for a seat that stays empty, and phases of
        ever smaller eps stay close to optimal.
        """
        n, spare = self.n, self.spare
        self.mate = np.append(self.mate, np.full(spare, -1, np.int32))
        self.mate_points = np.append(self.mate_points, np.zeros(spare, np.int64))
        self.stack = np.concatenate([
            np.arange(n, n + spare, dtype=np.int32), self.stack[: self.top],
            np.empty(n - self.top, np.int32),
        ])  # fmt: skip
        self.top += spare


class Network:
    """Pairs, duals and pairs held, of one stage; arrays as in `kernels`."""

    def __init__(
        self,
        seats: tuple[Ints, Ints],
        bonus: Ints,
        top: int,
        keep_going: Callable[[], bool],
        points: NDArray[np.int32] | None = None,
        csr: Pairs | None = None,
    ) -> None:
        n, m = bonus.size, seats[0].size
        self.n, self.m = n, m
        self.seats = seats
        self.capacity, self.min_load = seats
        if points is not None:  # kernels are compiled once for each kind of array
            points = points.view()
            points.flags.writeable = False
        self.points, self.bonus = points, np.ascontiguousarray(bonus)
        self.keep_going = keep_going
        self.price, self.surplus = self.duals = np.zeros(m, np.int64), np.zeros(n, np.int64)
        self.mate, self.load = np.full(n, -1, np.int32), np.zeros(m, np.int64)
        self.mate_value = np.zeros(n, np.int64)
        self.held = (
            self.mate, self.mate_value, self.load, np.full(m, -1, np.int32),
            np.full(n, -1, np.int32), np.full(n, -1, np.int32),
        )  # fmt: skip
        self.stack = np.empty(n, np.int32)
        nothing = np.zeros(n + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32)
        self.listed: Pairs = nothing if csr is None else csr  # at their points
        self.pairs: Pairs = (*nothing[:2], np.empty(0, np.int64))  # at their values, with bonus
        self.bar = np.full(n, -INF)
        self.tight, tight_listed, close = np.zeros((3, n), np.int64)
        self.counts = self.tight, tight_listed, close, self.bar
        self.room = (
            np.full(m, INF), np.empty(m, np.int32), np.empty(m, np.int64), np.empty(m, np.int32),
            np.empty(2 * m + 16, np.int64), np.empty(2 * m + 16, np.int32),
        )  # fmt: skip
        self.stats: dict[str, Any] = {"passes": 0, "placed": 0, "filled": 0, "auction": []}
        self.top = top  # no point is above it
        self.block = 1 + CHUNK // max(1, m)  # rows looked through between two looks at the clock
        self.aside: Future[tuple[Ints, Index, Ints]] | None = None  # the lists, mentor by mentor
        self.needy = bool(self.min_load.any())
        self.best: tuple[int, int, Index] | None = None  # what `_remember` found worth keeping
        self.barred: Ints | None = None  # the prices that bars hold for, once lists are made

    def look_at_the_clock(self) -> None:
        """Raise `Stopped` once the time is up."""
        if not self.keep_going():
            raise Stopped

    def _remember(self, mate: Index, value: Ints) -> None:
        """Keep an assignment, if it is the best so far: the steps to come may lose it."""
        held = mate >= 0
        lack = 0
        if self.needy:
            load = np.bincount(mate[held], minlength=self.m)
            lack = int(np.maximum(self.min_load - load, 0).sum())
        worth = int(value[held].sum())
        if self.best is None or (-lack, worth) > self.best[:2]:
            self.best = -lack, worth, mate.copy()

    def so_far(self) -> Ints:
        """Return the best assignment met, where the time is up."""
        self._remember(self.mate, self.mate_value)
        assert self.best is not None
        return self.best[2].astype(np.int64)

    def prices(self, price: Ints | None = None) -> Prices:
        """Return prices with what the kernels for whole rows need."""
        price = self.price if price is None else price
        q = np.empty(self.m, np.int32)
        return (price, q, kernels.narrow_prices(price, q))

    # --- start -----------------------------------------------------------------------------

    def _degree(self) -> Ints:
        if self.points is not None:
            return np.full(self.m, self.n)
        if self.capacity.sum() <= MANY_SEATS * self.n:
            return np.full(self.m, self.n)  # memory is no concern
        return np.bincount(self.listed[1], minlength=self.m).astype(np.int64)

    def _start_prices(self, bonus: int) -> float:
        """Guess prices from a sample of mentees; return how much they differ about a mentor.

        A mentor's worth is what the sample gives her above its means, and is trusted as far as
        it exceeds what chance would do. Mentors better than the one who takes the last mentee (in
        order of worth) cost the difference. With seats to spare a guess too high does harm, so
        only what exceeds the scatter counts. With too few seats everybody costs at least what
        half of those who must be left over would not pay.
        """
        open_ = self.capacity > 0
        self.price[~open_] = CLOSED
        if self.n == 0 or not open_.any():
            return 0.0
        step = -(-self.n // SAMPLE)
        count, total, square = self._moments(step)
        seen = np.maximum(count, 1)
        mean = total / seen
        known = open_ & (count > 1)
        scatter, worth = 0.0, np.zeros(self.m)
        if known.any():
            scatter = max(0.0, _mean((square / seen - mean**2)[known]))
            worth[known] = mean[known] - _mean(mean[known])
            spread, chance = _mean(worth[known] ** 2), scatter / _mean(seen[known])
            worth *= min(TRUST, max(0.0, 1 - chance / spread)) if spread > 0 else 0.0
        scatter = float(np.sqrt(scatter))
        order = np.argsort(-worth, kind="stable")
        order = order[open_[order]]
        seats = np.cumsum(self.capacity[order])
        last = min(int(np.searchsorted(seats, self.n)), order.size - 1)
        slack = 2 * scatter if seats[-1] > self.n else 0.0
        price = np.rint(np.maximum(worth - worth[order[last]] - slack, 0)).astype(np.int64)
        if seats[-1] < self.n:
            level = 0
            if self.points is not None:
                peaks = np.empty(-(-self.n // step), np.int64)
                kernels.row_peaks(self.points, step, price, peaks)
                level = int(np.quantile(peaks, LEVEL * (1 - seats[-1] / self.n)))
            price += max(0, bonus + max(level, 0))
        self.price[open_] = price[open_]
        return scatter

    def _moments(self, step: int) -> tuple[Reals, Reals, Reals]:
        """Return per mentor how many of a sample know her, and the sums of what they say.

        Where pairs are listed, everybody is asked.
        """
        count, total, square = np.zeros((3, self.m))
        if self.points is not None:
            kernels.column_moments(self.points, step, count, total, square)
        else:
            kernels.listed_moments(self.listed, count, total, square)
        return count, total, square

    def open_lists(self, width: int) -> None:
        """Give each mentee an empty list of candidates, filled when she first bids."""
        width = min(width, self.m)
        size = self.n * width
        begin = np.arange(self.n + 1, dtype=np.int64) * width
        self.listed = begin, np.zeros(size, np.int32), np.full(size, kernels.EMPTY)
        self.bar[:] = INF

    def _bid(self, seating: _Seating, eps: int, last: int, rounds: float) -> None:
        """Hold auction phases from eps down to last; who is seated already may have to bid anew."""
        s, size = seating, max(1, self.listed[1].size)
        budget, patience = int(rounds * size), int(PATIENCE * size)
        points = self.points if self.points is not None else NO_MATRIX
        few = 1 + self.n // FEW
        bids, bar, lists = s.bids(), self.bar, self.listed
        while True:
            if s.begun:
                self._remember(s.mate[: self.n], s.mate_points[: self.n] + self.bonus)
                if self._lower_unpaid(points, s.seats, bids):
                    everybody = np.arange(self.n, dtype=np.int32)
                    self._list_best(everybody, self.price, s.mate[: self.n])
                s.top = kernels.rebid(bar, lists, self.bonus, s.seats, self.price, bids, eps)
            s.begun = True
            prices = self.prices()
            looked = 0
            while s.top > 0 and looked < (patience if s.top <= few else budget):
                most = min(CHUNK, budget - looked), few, min(CHUNK, patience - looked)
                s.top, more = kernels.auction(
                    points, self.bonus, bar, lists, s.seats, prices, bids, (s.top, eps, *most)
                )
                looked += more
                self.look_at_the_clock()
            self.stats["auction"].append((eps, round(looked / size, 2), s.top))
            finer = max(last, eps // SHRINK)
            if eps <= last or (s.top <= few and self._misplaced(s, finer) <= CLOSE):
                break
            eps = finer

    def _lower_unpaid(self, points: Index, seats: Ints, bids: tuple[NDArray[Any], ...]) -> int:
        """Lower the price of each mentor with free seats to what the next mentees would pay."""
        count = np.zeros(self.m, np.int64)
        for at in range(0, self.n, self.block):
            rows = at, min(at + self.block, self.n)
            if not kernels.offers(
                points, self.listed, self.bonus, seats, self.price, bids, count, rows
            ):
                return 0
            self.look_at_the_clock()
        return int(kernels.lower_unpaid(seats, self.price, bids, count))

    def _misplaced(self, seating: _Seating, eps: int) -> float:
        """Return which share of a sample of mentees could gain more than eps by moving."""
        if self.n == 0:
            return 0.0
        points = self.points if self.points is not None else NO_MATRIX
        step = -(-self.n // SAMPLE)
        count = kernels.misplaced(
            points, self.listed, self.bonus, self.prices(), seating.mate, seating.mate_points,
            step, eps,
        )  # fmt: skip
        return float(count / -(-self.n // step))

    def value_lists(self) -> None:
        indptr, idx, points = self.listed
        value = np.empty(idx.size, np.int64)
        kernels.values(indptr, points, self.bonus, value)
        self.pairs = indptr, idx, value

    def _hand_over(self, seating: _Seating) -> None:
        """Take over what the auction came to; a seat that an empty seat won is free of charge."""
        self.mate[:] = seating.mate[: self.n]
        self.mate_value[:] = seating.mate_points[: self.n] + self.bonus
        if self.points is not None:
            self.value_lists()
        if seating.mate.size > self.n:
            open_ = self.capacity > 0
            self.price[open_] -= self.price[open_].min()
            self.price[seating.mate[self.n :][seating.mate[self.n :] >= 0]] = 0

    # --- exact -----------------------------------------------------------------------------

    def finish(self, smallest: bool = True) -> bool:
        """Make the answer optimal over the candidates; False if a minimum load cannot be met.

        Only tight pairs are kept. Whoever is free then takes her best place left, and seats that a
        price or a minimum load wants filled draw mentees: these first where many are free and
        seats are to spare, for then such a price often falls to 0 instead.
        """
        self._remember(self.mate, self.mate_value)
        top = self._settle()
        if self.n >= int(self.capacity.sum()) or top * SCARCE <= self.n:
            self._place(top)
            top = 0
        lacking = self._lacking()
        if self._list_nearest(lacking):
            top = self._settle()
            lacking = self._lacking()
        if lacking.size and not self._fill(int(lacking[0])):
            return False
        self._place(top)
        if smallest:
            self.lower_prices()
        return True

    def _place(self, top: int) -> None:
        """Place the free mentees on the stack."""
        while top > 0:
            self.look_at_the_clock()
            top, looked = kernels.place(
                self.pairs, self.seats, self.duals, self.held, self.room, self.stack, top, CHUNK
            )
            self.stats["looked"] = self.stats.get("looked", 0) + looked

    def _settle(self) -> int:
        """Keep the tight pairs only; return how many are free after that."""
        top = int(kernels.settle(self.pairs, self.duals, self.held, self.stack))
        self.stats["placed"] += top
        return top

    def _lacking(self) -> Ints:
        """Return the mentors who must not keep a free seat: at a price, or below their minimum."""
        free = (self.load < self.min_load) | ((self.price > 0) & (self.load < self.capacity))
        return np.flatnonzero(free)

    def _fill(self, j: int) -> bool:
        """Fill seats that may not stay empty, from mentor j on; False if nobody can come."""
        columns = self._columns()
        while j < self.m:
            self.look_at_the_clock()
            j, count = kernels.fill_all(
                columns, self.seats, self.duals, self.held, self.room, j, PATHS
            )
            self.stats["filled"] += count
            if j < 0:
                return False
        return True

    def _columns(self) -> tuple[Ints, Index, Ints]:
        """Return the pairs listed mentor by mentor."""
        columns: tuple[Ints, Index, Ints]
        if self.aside is not None:
            columns = self.aside.result()
        else:
            columns = transpose(self.pairs, self.m)
        return columns

    def _list_nearest(self, mentors: Ints) -> bool:
        """List more pairs of mentors whom hardly anybody lists, so that prices fall no deeper."""
        if self.points is None or mentors.size == 0:
            return False
        _, idx, value = self.pairs
        known = np.bincount(idx[value > NEVER], minlength=self.m)
        mentors = mentors[known[mentors] < SELDOM + self.capacity[mentors]]
        if mentors.size == 0:
            return False
        room = np.minimum(self.n, SELDOM + self.capacity[mentors] - self.load[mentors])
        off = np.concatenate(([0], np.cumsum(room)))
        level, who = np.empty(off[-1], np.int64), np.empty(off[-1], np.int32)
        kernels.nearest_mentees(
            self.points, self.bonus, self.surplus, mentors.astype(np.int32), off, level, who
        )
        col = np.repeat(mentors, room)[who >= 0].astype(np.int32)
        row = who[who >= 0]
        order = np.argsort(row, kind="stable")
        self._add(row[order], col[order])
        return True

    def lower_prices(self) -> None:
        kernels.lower_prices(self.pairs, self.min_load, self.duals, self.held, self.room, FAR)

    def price_in(self) -> int:
        """Let in pairs outside the lists that beat the duals; return how many."""
        if self.points is None or self.n == 0:
            return 0
        self._count_tight()
        rows, cols, at = [], [], 0
        room = max(4 * ADDED, self.n * 2)
        found = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64)
        while at < self.n:
            self.look_at_the_clock()
            at, written = kernels.list_better(
                self.points, self.bonus, self.duals, self.counts, at, ADDED, found
            )
            rows.append(found[0][:written].copy())
            cols.append(found[1][:written].copy())
        self.stats["passes"] += 1
        row, col = np.concatenate(rows), np.concatenate(cols)
        self.stats.setdefault("priced", []).append(row.size)
        if row.size:
            self._add(row, col)
        return row.size

    def _count_tight(self) -> None:
        """Count each mentee's pairs at her surplus or above, of all pairs.

        Where bars tell what unlisted pairs were worth under earlier prices, few rows are read.
        """
        near = 1 + int((self.top + 1) * NEAR)
        counts = self.counts
        kernels.count_listed(self.pairs, self.duals, near, *counts[1:3])
        rows = np.arange(self.n, dtype=np.int32)
        if self.barred is not None:
            deep, fall = _deepest(self.barred - self.price)
            size = kernels.recount_tight(
                self.points, self.bonus, self.duals, self.pairs, deep, fall, counts, rows
            )
            rows = rows[:size]
        prices = self.prices()
        for at in range(0, rows.size, self.block):
            part = rows[at : at + self.block]
            kernels.count_tight(
                self.points, self.top, self.bonus, prices, self.surplus, near, part, counts
            )
            if not self.keep_going():
                self.barred = None
                raise Stopped
        self.barred = self.price.copy()

    def _add(self, row: Index, col: Index) -> None:
        assert self.points is not None
        value = self.points[row, col] + self.bonus[row]
        size = self.pairs[1].size + row.size
        new = np.zeros(self.n + 1, np.int64), np.empty(size, np.int32), np.empty(size, np.int64)
        size = merge(self.pairs, row, col, value, new)
        self.pairs = new[0], new[1][:size], new[2][:size]

    # --- whole solves ----------------------------------------------------------------------

    def solve(self, ties: bool = False) -> bool:
        """Solve from nothing; False if a minimum load cannot be met.

        Prices are the smallest optimal ones; for ties any optimal ones, since nobody asks for them.
        """
        bonus = int(self.bonus.min()) if self.n else 0
        spread = self.top + 1
        if self.points is not None:
            self.open_lists(WIDTH)
        else:
            self.value_lists()  # lists do not change: order long ones meanwhile
            if self.pairs[1].size >= MANY_PAIRS:
                pool = ThreadPoolExecutor(1)
                self.aside = pool.submit(transpose, self.pairs, self.m)
                pool.shutdown(wait=False)
        seating = _Seating(self.n, np.minimum(self.capacity, self._degree()))
        scatter = self._start_prices(bonus)
        last = max(1, int(spread * LAST))
        try:
            if self.n <= int(self.capacity.sum()):
                # with seats for all, one fine phase is enough, unless the same few are wanted by
                # everybody: then begin coarsely after all
                varied = scatter > spread / 100
                share = FINE_TIES if ties else FINE
                fine = scatter * share if varied else spread * FINE_RANGE
                looks = FINE_ROUNDS + (self.m / WIDTH / WASTE if self.points is not None else 0)
                self._bid(seating, max(1, int(fine)), max(1, int(fine)), looks)
                if seating.top > 1 + self.n // FEW:
                    seating.let_seats_bid()
                    self._bid(seating, max(1, int(spread * FIRST)), last, ROUNDS)
                elif varied and seating.spare == 0:
                    finer = max(1, int(fine * FINER))
                    if self._misplaced(seating, finer) > AGAIN:
                        self._bid(seating, finer, finer, looks)
            else:
                self._bid(seating, max(1, int(spread * FIRST_SHORT)), last, ROUNDS)
        finally:
            self._hand_over(seating)
        most = int(RELENT * self.n)
        kernels.relent(self.pairs, self.price, self.mate, self.mate_value, most)
        return self.optimise(not ties)

    def resume(
        self, mate: Ints, price: Ints, lists: Lists | None = None, changed: Index | None = None
    ) -> bool:
        """Solve from an earlier answer; False if a minimum load cannot be met.

        With its lists, only the rows named in `changed` are read before the prices are known.
        """
        self.price[:] = np.maximum(price, 0)
        self.price[self.capacity == 0] = CLOSED
        self.mate[:] = mate
        if self.points is not None:
            if lists is None or changed is None:
                self.open_lists(WARM_WIDTH)
                self._list_best(np.arange(self.n, dtype=np.int32), self.price, self.mate)
                self.barred = self.price.copy()
            else:
                self._take_lists(lists, changed)
            self.value_lists()
            held = self.mate >= 0
            self.mate_value[held] = self.points[held, self.mate[held]] + self.bonus[held]
        return self.optimise()

    def _take_lists(self, lists: Lists, changed: Index) -> None:
        """Begin with the lists of an earlier answer, made anew for the rows that have changed.

        Raises
        ------
        ValueError
            If a row that is said to be as it was lists other points than it has.
        """
        assert self.points is not None
        self.listed = lists.indptr, lists.idx.copy(), lists.points.copy()
        self.bar[:] = lists.bar
        skip = np.zeros(self.n, np.bool_)
        skip[changed] = True
        rows = np.empty(self.n + 1, np.int32)
        wrong = rows[: kernels.unlike(self.points, tuple(lists[:3]), skip, rows)].tolist()
        if wrong:
            raise ValueError(
                f"points differ from those that start was found for in rows that changed does not "
                f"name: {', '.join(map(str, wrong[:20]))}{' and more' if len(wrong) > 20 else ''}. "
                f"Name them, or leave changed out."
            )
        self._list_best(changed, lists.price, self.mate)
        self.barred = lists.price

    def lists(self) -> Lists | None:
        """Return what the next answer can begin with, once this one is optimal over all pairs."""
        if self.barred is None:
            return None
        indptr, idx, value = self.pairs
        points = np.empty(value.size, np.int32)
        kernels.listed_points(indptr, value, self.bonus, points)
        return Lists(indptr, idx, points, self.bar, self.barred, self.top)

    def optimise(self, smallest: bool = True) -> bool:
        """Alternate between solving on the lists and pricing all pairs, until none pays."""
        listed_all = self.points is None
        while True:
            if not self.finish(smallest):
                if listed_all:
                    return False
                self._list_every_pair()  # a minimum load may be met by pairs outside the lists
                listed_all = True
                continue
            if self.price_in() == 0:
                return True

    def _list_every_pair(self) -> None:
        assert self.points is not None
        row, col = np.nonzero(self.points >= 0)
        begin = np.searchsorted(row, np.arange(self.n + 1)).astype(np.int64)
        self.listed = begin, col.astype(np.int32), self.points[row, col]
        self.value_lists()

    def _list_best(self, rows: Index, price: Ints, mate: Index) -> None:
        """List the best mentors of some mentees under prices, in the room that there is."""
        if self.points is None:
            return
        prices = self.prices(price)
        kernels.list_best(self.points, rows, self.bar, self.listed, prices, mate)
        self.stats["passes"] += rows.size == self.n

    # --- what the duals tell ---------------------------------------------------------------

    def bound(self, refresh: bool) -> int:
        """Return what the prices prove; `refresh` recomputes the surpluses over all pairs."""
        if refresh:
            if self.points is not None:
                kernels.dense_surplus(self.points, self.bonus, self.price, self.surplus)
            else:
                kernels.sparse_surplus(self.pairs, self.price, self.surplus)
        seats = np.where(self.price >= 0, self.capacity, self.min_load)
        return exact_sum(self.surplus) + exact_product(self.price, seats)

    def undecided(self, all_at_once: bool = True) -> Part:
        """Return the mentees whom another optimum would move, and their tight pairs.

        Where tight pairs are many and `all_at_once`, everybody, without looking who can move.
        """
        indptr = np.zeros(self.n + 1, np.int64)
        if self.points is not None:
            np.cumsum(self.tight - (self.mate >= 0), out=indptr[1:])
            if all_at_once and indptr[-1] * MANY > self.points.size:
                return Part(np.arange(self.n, dtype=np.int32), None)
            idx = np.empty(indptr[-1], np.int32)
            kernels.dense_ties(
                self.points, self.bonus, self.duals, self.mate, self.counts, self.pairs, indptr,
                idx,
            )  # fmt: skip
        else:
            idx = np.empty(self.pairs[1].size, np.int32)
            idx = idx[: kernels.sparse_ties(self.pairs, self.duals, self.mate, indptr, idx)]
        own = np.empty(self.m + 1, np.int32)
        arcs = kernels.zero_moves(indptr, idx, self.duals, self.held, self.seats, own)
        comp = components(*arcs, own)
        row, out_indptr = np.empty(self.n, np.int32), np.zeros(self.n + 1, np.int64)
        out_idx = np.empty(idx.size + self.n, np.int32)
        rows, size = kernels.undecided(
            indptr, idx, self.surplus, self.mate, comp, row, out_indptr, out_idx
        )
        return Part(row[:rows], (out_indptr[: rows + 1], out_idx[:size]))


def refine(
    net: Network,
    part: Part,
    ids: Index,
    row_hash: NDArray[np.uint64],
    mentor_hash: NDArray[np.uint64],
    stage: int,
) -> Network:
    """Decide by the ties of one stage among the optima of `net`; returns the part in question.

    Only moves inside a component of tight pairs can differ between optima. Mentors at a positive
    price must stay full, mentors below 0 at their minimum, mentees with a surplus matched.
    `ids` names net's mentees in the whole problem.
    """
    rows = part.rows
    n, m = rows.size, net.m
    fixed = net.load - np.bincount(net.mate[rows][net.mate[rows] >= 0], minlength=m)
    capacity, least = net.capacity - fixed, np.maximum(net.min_load - fixed, 0)
    least = np.where(net.price > 0, capacity, least)
    capacity = np.where(net.price < 0, least, capacity)
    bonus = np.where(net.surplus[rows] > 0, tie_weight(n, m), 0).astype(np.int64)
    salted = (row_hash ^ np.uint64(SALTS[stage % len(SALTS)])) + np.uint64(stage // len(SALTS))
    hashes = salted[ids[rows]], mentor_hash, np.uint64(MIX), TIE_BITS
    if part.pairs is None:
        assert net.points is not None
        ties = np.empty((n, m), np.int32)
        kernels.tie_matrix(net.points, net.bonus, net.duals, hashes, ties)
        dense = True
    else:
        indptr, idx = part.pairs
        dense = idx.size * 20 >= n * m
        ties = np.full((n, m), -1, np.int32) if dense else np.empty((1, idx.size), np.int32)
        here = np.arange(n, dtype=np.int32)
        kernels.tie_points(here, indptr, idx, hashes, dense, ties)
    seats, top = (capacity, least), TIE_RANGE - 1
    if dense:
        result = Network(seats, bonus, top, net.keep_going, ties)
    else:
        listed = indptr, idx, ties[0]
        result = Network(seats, bonus, top, net.keep_going, csr=listed)
    result.solve(ties=True)
    return result
