"""Exact assignment by compiled kernels: an auction to begin with, shortest paths to finish.

Only a few candidates per mentee are searched; every other pair is then priced against the duals
and let in where it would pay, until none does. So the answer is optimal over all pairs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers import kernels

__all__ = ["Network"]

Ints = NDArray[np.int64]
Index = NDArray[np.int32]

WIDTH = 24  # candidates per mentee to begin with
ADDED = 8  # most pairs let in per mentee and pricing pass
SHRINK = 6  # how much finer each auction phase is than the last
CLOSED = 1 << 58  # price of a mentor without seats until the exact price is known
CHUNK = 50_000_000  # pairs looked at between two looks at the clock


class Stopped(Exception):
    """The time is up."""


class Network:
    """Pairs, duals and pairs held, of one stage; arrays as in `kernels`."""

    def __init__(
        self,
        n: int,
        capacity: Ints,
        min_load: Ints,
        keep_going: Callable[[], bool],
        points: NDArray[np.int32] | None = None,
        bonus: Ints | None = None,
    ) -> None:
        m = capacity.size
        self.n, self.m = n, m
        self.capacity, self.min_load = capacity, min_load
        self.points, self.bonus = points, bonus
        self.keep_going = keep_going
        self.price = np.zeros(m, np.int64)
        self.surplus = np.zeros(n, np.int64)
        self.mate = np.full(n, -1, np.int32)
        self.mate_value = np.zeros(n, np.int64)
        self.load = np.zeros(m, np.int64)
        self.head = np.full(m, -1, np.int32)
        self.after = np.full(n, -1, np.int32)
        self.before = np.full(n, -1, np.int32)
        self.stack = np.empty(n, np.int32)
        self.indptr = np.zeros(n + 1, np.int64)
        self.idx = np.empty(0, np.int32)
        self.val = np.empty(0, np.int64)
        self.distance = np.full(m, kernels.INF)
        self.via = np.empty(m, np.int32)
        self.onto = np.empty(m, np.int32)
        self.via_value = np.empty(m, np.int64)
        self.key = np.empty(2 * m + 16, np.int64)
        self.node = np.empty(2 * m + 16, np.int32)
        self.stats: dict[str, Any] = {"passes": 0, "placed": 0, "filled": 0}
        self.times: dict[str, float] = {}

    def tick(self, name: str, began: float) -> None:
        self.times[name] = self.times.get(name, 0.0) + time.perf_counter() - began

    # --- start -----------------------------------------------------------------------------

    def _segments(self, most: Ints) -> tuple[Ints, Ints, Index]:
        off = np.zeros(self.m + 1, np.int64)
        np.cumsum(np.minimum(self.capacity, most), out=off[1:])
        return off, np.empty(off[-1], np.int64), np.empty(off[-1], np.int32)

    def coarse_prices(self, eps: int, rounds: float) -> None:
        """Bid over the whole matrix, once or twice each, so that prices tell who is wanted."""
        assert self.points is not None and self.bonus is not None
        off, level, who = self._segments(np.full(self.m, self.n))
        self.stack[:] = np.arange(self.n - 1, -1, -1)
        kernels.dense_auction(
            self.points, self.bonus, self.capacity, self.price, self.mate, self.mate_value,
            self.load, off, level, who, self.stack, self.n, eps, int(rounds * self.n * self.m),
        )  # fmt: skip
        self.stats["passes"] += rounds

    def choose_candidates(self, width: int) -> None:
        assert self.points is not None and self.bonus is not None
        width = min(width, self.m)
        idx = np.empty(self.n * (width + 1), np.int32)
        val = np.empty(self.n * (width + 1), np.int64)
        size = kernels.dense_candidates(
            self.points, self.bonus, self.price, self.mate, width, self.indptr, idx, val
        )
        self.idx, self.val = idx[:size], val[:size]
        self.stats["passes"] += 1

    def bid(self, eps: int, last: int, rounds: float) -> None:
        """Auction phases from eps down to last."""
        degree = np.bincount(self.idx, minlength=self.m).astype(np.int64)
        off, level, who = self._segments(degree)
        budget = int(rounds * self.idx.size)
        while True:
            top = kernels.rebid(
                self.indptr, self.idx, self.val, self.capacity, self.price, self.mate,
                self.mate_value, self.load, off, level, who, self.stack, eps,
            )  # fmt: skip
            top, looked = kernels.auction(
                self.indptr, self.idx, self.val, self.capacity, self.price, self.mate,
                self.mate_value, self.load, off, level, who, self.stack, top, eps, budget,
            )  # fmt: skip
            self.stats.setdefault("auction", []).append(
                (int(eps), round(looked / max(1, self.idx.size), 2), int(top))
            )
            if eps <= last:
                break
            eps = max(last, eps // SHRINK)

    # --- exact -----------------------------------------------------------------------------

    def finish(self) -> bool:
        """Make the answer optimal over the candidates; False if a minimum load cannot be met."""
        t0 = time.perf_counter()
        top = kernels.settle(
            self.indptr, self.idx, self.val, self.price, self.surplus, self.mate, self.mate_value,
            self.load, self.head, self.after, self.before, self.stack,
        )  # fmt: skip
        self.stats["placed"] += int(top)
        while top > 0:
            if not self.keep_going():
                raise Stopped
            top, looked = kernels.place(
                self.indptr, self.idx, self.val, self.capacity, self.min_load, self.price,
                self.surplus, self.mate, self.mate_value, self.load, self.head, self.after,
                self.before, self.stack, top, self.distance, self.via, self.via_value, self.key,
                self.node, CHUNK,
            )  # fmt: skip
            self.stats["looked"] = self.stats.get("looked", 0) + looked
        self.tick("place", t0)
        t0 = time.perf_counter()
        lacking = (self.load < self.min_load) | ((self.price > 0) & (self.load < self.capacity))
        if lacking.any():
            pointer, row, value = kernels.transpose(self.indptr, self.idx, self.val, self.m)
            for j in np.flatnonzero(lacking).tolist():
                while self.load[j] < self.min_load[j] or (
                    self.price[j] > 0 and self.load[j] < self.capacity[j]
                ):
                    if not self.keep_going():
                        raise Stopped
                    self.stats["filled"] += 1
                    found = kernels.fill(
                        pointer, row, value, self.capacity, self.min_load, self.price,
                        self.surplus, self.mate, self.mate_value, self.load, self.head,
                        self.after, self.before, self.distance, self.via, self.via_value,
                        self.onto, self.key, self.node, j,
                    )  # fmt: skip
                    if not found:
                        return False
        self.tick("fill", t0)
        return True

    def lower_prices(self) -> None:
        t0 = time.perf_counter()
        kernels.lower_prices(
            self.indptr, self.idx, self.val, self.capacity, self.min_load, self.price,
            self.surplus, self.mate, self.load, self.head, self.after, self.key, self.node,
            1 << 58,
        )  # fmt: skip
        self.tick("lower", t0)

    def price_in(self) -> tuple[int, int]:
        """Let in pairs outside the candidates that beat the duals; (pairs let in, ties)."""
        if self.points is None or self.bonus is None:
            return 0, -1
        t0 = time.perf_counter()
        rows, cols, ties, at = [], [], 0, 0
        room = max(4 * ADDED, self.n * 2)
        out_row, out_col = np.empty(room, np.int32), np.empty(room, np.int32)
        out_gain = np.empty(room, np.int64)
        while at < self.n:
            at, written, tied = kernels.dense_price(
                self.points, self.bonus, self.price, self.surplus, self.mate, at, self.n,
                ADDED, out_row, out_col, out_gain,
            )  # fmt: skip
            ties += tied
            rows.append(out_row[:written].copy())
            cols.append(out_col[:written].copy())
            if not self.keep_going():
                raise Stopped
        self.stats["passes"] += 1
        row, col = np.concatenate(rows), np.concatenate(cols)
        self.stats.setdefault("priced", []).append(row.size)
        if row.size:
            self._add(row, col)
        self.tick("price", t0)
        return row.size, ties

    def _add(self, row: Index, col: Index) -> None:
        assert self.points is not None and self.bonus is not None
        value = self.points[row, col] + self.bonus[row]
        size = self.idx.size + row.size
        indptr, idx = np.zeros(self.n + 1, np.int64), np.empty(size, np.int32)
        val = np.empty(size, np.int64)
        kernels.merge(self.indptr, self.idx, self.val, row, col, value, indptr, idx, val)
        self.indptr, self.idx, self.val = indptr, idx, val

    def solve_dense(self, rounds: float = 1.5) -> bool:
        assert self.points is not None and self.bonus is not None
        t0 = time.perf_counter()
        spread = int(self.points.max(initial=0)) + 1
        if self.n > int(self.capacity.sum()):
            self.price[:] = max(0, int(self.bonus.min(initial=0)))
        self.price[self.capacity == 0] = CLOSED
        self.coarse_prices(max(1, spread // 50), rounds)
        self.tick("coarse", t0)
        t0 = time.perf_counter()
        self.choose_candidates(WIDTH)
        self.tick("candidates", t0)
        t0 = time.perf_counter()
        self.bid(max(1, spread // 50), max(1, spread // 20000), 8)
        self.tick("bid", t0)
        while True:
            if not self.finish():
                return False
            if self.price_in()[0] == 0:
                break
        while True:
            self.lower_prices()
            if self.price_in()[0] == 0:
                break
            if not self.finish():
                return False
        return True
