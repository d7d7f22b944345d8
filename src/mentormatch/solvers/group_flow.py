"""Bounds on disjoint groups, exactly: one assignment in which stand-ins carry the sums.

Every node of `Groups` is a column with as many seats as its most pairs, and all of them must be
filled. Each node within another has one *stand-in* per pair it may vary by, who sits at the node
or at its parent. So where a real pair takes a seat, a stand-in moves up and counts there: the
classical change of a flow with bounds on arcs into a transportation problem [1]_. Of crowds, the
places of their mentees that stay empty are counted in the same way, at *exits*. The prices of the
columns, less those of the parents, are the prices of the bounds.

Only bounds that bind are built in, and of large problems only a few candidates per mentee; all
other pairs are priced, and those that pay let in, until none does and every bound holds.

References
----------
.. [1] Wagner (1959), On a class of capacitated transportation problems, Management Science 5.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import SMALL, STAGES, Assignment, assign, assign_sparse, kernel
from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.endings import Stopped
from mentormatch.solvers.groups import (
    CROWD,
    EXIT,
    LEAF,
    MENTOR,
    SITE,
    Groups,
    bound_of,
    laminar,
)
from mentormatch.solvers.program import Program, pairs_of
from mentormatch.solvers.ties import default_hash

__all__ = ["Grouped", "fits", "solve_groups"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]

WIDTH = 16
"""Candidates per mentee to begin with, over all sites."""
LEAST_WIDTH = 4
"""Candidates per mentee and site at least."""
ADDED = 8
"""Most pairs let in per mentee and pricing pass, at first."""
LAZY = 5
"""After so many rounds all leaves are built in, not only those that bind."""
SPARE = 2
"""Mentors are built in with so many times the seats they used; more if they use them all."""
MOST_POINTS = 2**31 - 2
FALLEN = -(1 << 54)
"""Prices below this are not prices: nobody else could fill the seats."""
SHUT = 1 << 52
"""Price of a mentor without seats while pairs are priced."""


@dataclass(frozen=True, eq=False)
class Grouped:
    """The best pairs within disjoint groups, and the prices that prove it.

    Attributes
    ----------
    mentor_of : int64 (n,), or (n, k) where some mentee may get several
        Mentor per mentee, -1 unmatched. Nobody, where nothing that holds was found.
    mentor_price : int64 (m,)
        Per seat; negative only where the least load holds.
    row_price : int64 (rows,)
        Per side row: above 0 on its most, below 0 on its least.
    objective, bound : int
        As in `assign`; `bound` is what `bound_of` returns for the prices.
    unique : bool
        No other pairs reach the objective. May be False although there are none if the groups do
        not bind at all, as `assign` says then.
    status : str
        "optimal", "infeasible", "time_limit" or "interrupted".
    rounds : int
        Assignments solved, the one without groups included.
    """

    mentor_of: Ints
    mentor_price: Ints
    row_price: Ints
    objective: int
    bound: int
    unique: bool
    status: str
    rounds: int
    stats: dict[str, Any] = field(default_factory=dict)


class _Bounds(NamedTuple):
    """Bounds of the nodes that are built in, as tight as their children and parents make them."""

    parent: Ints
    levels: list[Ints]  # nodes by depth, roots first
    low: Ints
    high: Ints
    inner: Ints  # what the children need at least
    low_own: Flags  # the bound is that of a row or of the seats, not of the children
    high_own: Flags
    possible: bool


class _Laid(NamedTuple):
    """The transportation problem."""

    indptr: Ints
    idx: Ints
    points: NDArray[np.int32]
    capacity: Ints
    min_load: Ints
    row_bonus: Ints
    demand: Ints
    row_hash: Hashes
    column_hash: Hashes
    column: Ints  # of each node, -1
    must: int
    phantoms: int  # that many rows at the end stay free where all bounds can be met
    stands: Ints  # node of each stand-in, one node's together
    base: int  # part of the bonus of crowds that those whom exits displace are paid


class _Held(NamedTuple):
    """Where the next round begins: pairs, and prices of the nodes and of who exits displaces."""

    rows: Ints
    columns: Ints
    price: Ints  # (v,)
    sink: int


class _Prices(NamedTuple):
    """Prices per bound, per entry (classes, m), and what an empty place is worth more by crowd."""

    weight: Ints  # (v,)
    entry: Ints  # (classes, m)
    relief: Ints  # (n,)


def fits(program: Program, row_bonus: Ints | None, value: NDArray[np.int32] | None = None) -> bool:
    """Whether bonuses can be written into int32 points where crowds are bounded."""
    if row_bonus is None or row_bonus.size == 0:
        return True
    top = int((program.points if value is None else value).max(initial=0))
    return int(row_bonus.max() - min(0, row_bonus.min())) + top < MOST_POINTS or (
        int(row_bonus.max() - row_bonus.min()) + top < MOST_POINTS
    )


def solve_groups(
    program: Program,
    value: NDArray[np.int32] | None = None,
    row_bonus: Ints | None = None,
    *,
    groups: Groups | None = None,
    start: Assignment | None = None,
    time_limit: float | None = None,
) -> Grouped:
    """Find the pairs of greatest total value within a program whose rows are disjoint groups.

    Parameters
    ----------
    program
        n mentees, m mentors; `laminar` must know its rows.
    value : int32 (n, m), optional
        Value of each admissible pair, 0 or more; default: the program's points.
    row_bonus : int64 (n,) or (n, k), optional
        As for `assign`. Where mentees' groups are bounded, see `fits`.
    groups : Groups, optional
        What `laminar(program)` returned.
    start : Assignment, optional
        The answer of `assign` to the same problem without rows; saves solving it.
    time_limit : float, optional
        Seconds after which nobody is matched and the bound so far is returned.

    Raises
    ------
    ValueError
        If the rows are not disjoint groups, or the bonus does not fit.

    Notes
    -----
    A few assignments, each about as long as one without groups, and as many passes over the pairs.
    With several mentors per mentee every pair is listed at once: memory O((n + seats)(m + nodes)).
    """
    found = laminar(program) if groups is None else groups
    if found is None:
        raise ValueError("The side rows are not bounds on disjoint groups.")
    return _Search(program, found, value, row_bonus, time_limit).run(start)


class _Search:
    """Pairs listed and bounds built in so far."""

    def __init__(
        self,
        program: Program,
        groups: Groups,
        value: NDArray[np.int32] | None,
        row_bonus: Ints | None,
        time_limit: float | None,
    ) -> None:
        n, m = program.shape
        self.program, self.groups, self.n, self.m = program, groups, n, m
        points = program.points
        self.worth = points if value is None else np.where(points >= 0, value, -1).astype(np.int32)
        self.worth = np.ascontiguousarray(self.worth, dtype=np.int32)
        self.top = int(self.worth.max(initial=0))
        self.demand = np.minimum(program.demand, max(m, 1))
        self.several = bool(self.demand.max(initial=0) > 1)
        slots = max(1, int(self.demand.max(initial=1)))
        self.bonus = np.zeros((n, slots), dtype=np.int64)
        if row_bonus is not None:
            self.bonus += row_bonus[:, None] if row_bonus.ndim == 1 else row_bonus[:, :slots]
        self.end = None if time_limit is None else time.perf_counter() + time_limit
        self.full = self.several or points.size < SMALL
        self.row_hash = default_hash(n, 1) if program.row_hash is None else program.row_hash
        self.mentor_hash = (
            default_hash(m, 2) if program.mentor_hash is None else program.mentor_hash
        )
        self.low = groups.low.copy()
        self.cap = np.maximum(groups.high[:m], 0)
        self.active = groups.kind == MENTOR
        self.entry = np.zeros((0, m), dtype=np.int64)  # of each class at each mentor, this round
        self.seat_at = np.where(np.isin(groups.kind, (MENTOR, LEAF)), groups.place, -1)
        self.node_hash = self._hashes()
        self.phantoms = False
        self.rounds = 0
        self.held: _Held | None = None
        self.cold = False  # whether the next round begins without prices: sites move many
        self.added = ADDED
        self.indptr, self.idx = np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self.seconds: dict[str, float] = {}

    # --- the answer ------------------------------------------------------------------------

    def run(self, start: Assignment | None) -> Grouped:
        if self.groups.impossible or (self.low[: self.m] > self.cap).any():
            return self._none("infeasible", None)
        if 0 in (self.n, self.m):
            return self._none("infeasible" if self.low.any() else "optimal", None)
        plain = self._plain(start)
        self.rounds += 1
        if plain.status != "optimal":
            return self._none(plain.status, plain)
        rows, columns = pairs_of(plain.mentor_of)
        if not self._activate(rows, columns):
            return self._unbound(plain)
        load = np.bincount(columns, minlength=self.m)
        self.most = self.cap.copy()
        self.cap = np.minimum(self.cap, np.minimum(SPARE * load + 4, self.n + 1))
        self.cap = np.maximum(self.cap, np.minimum(self.low[: self.m], self.most))
        price = np.zeros(self.groups.kind.size, dtype=np.int64)
        price[: self.m] = plain.mentor_price
        self.held = _Held(rows, columns, price, 0)
        self._list_first(plain)
        kinds = self.groups.kind[self.active]
        self.cold = bool((kinds == SITE).any() and not (kinds == CROWD).any())
        while True:
            began = time.perf_counter()
            bounds = self._bounds()
            if not bounds.possible and not self._widen_all():
                return self._none("infeasible", plain)
            if not bounds.possible:
                continue
            self.entry = self._entry(self.active)
            laid = self._lay(bounds)
            self._tick("lay", began)
            began = time.perf_counter()
            begin_anew = self.full or self.cold
            answer = self._assign(laid) if begin_anew else self._resume(laid, bounds)
            self.cold = False
            self._tick("assign", began)
            self.rounds += 1
            if answer.status in ("time_limit", "interrupted"):
                return self._none(answer.status, plain)
            if answer.status == "infeasible":
                if self.full and not self._widen_all():
                    return self._none("infeasible", plain)
                self.phantoms = not self.full
                continue
            result = self._judge(bounds, laid, answer, plain)
            if result is not None:
                return result

    def _judge(
        self, bounds: _Bounds, laid: _Laid, answer: Assignment, plain: Assignment
    ) -> Grouped | None:
        """Return the answer if it is final; else let in what is missing."""
        began = time.perf_counter()
        if (answer.mentor_price < FALLEN).any() and not self.phantoms:
            self.phantoms = True  # a bound of which nobody can let go: somebody has to, at a price
            return None
        met = self._met(laid, answer)
        rows, columns = self._pairs(laid, answer)
        raw = np.zeros(self.groups.kind.size, dtype=np.int64)
        there = laid.column >= 0
        raw[there] = answer.mentor_price[laid.column[there]]
        sink = int(answer.mentor_price[-1]) if laid.base else 0
        self.held = _Held(rows, columns, raw, sink)
        prices = self._tidied(bounds, raw, max(sink, laid.base)) if met else self._raw(raw)
        again = self._widen(columns)
        again |= met and self._activate(rows, columns)
        self._tick("judge", began)
        peak = None
        if not self.full:
            began = time.perf_counter()
            bar = self._bar(prices, rows, columns)
            if not met:
                self._lower_bars(bar, prices, laid, answer)
            better, peak = self._price(prices, bar)
            again |= better
            self._tick("price", began)
        if again:
            return None
        if not met:
            return self._none("infeasible", plain)
        return self._final(bounds, prices, rows, columns, peak)

    def _final(
        self, bounds: _Bounds, prices: _Prices, rows: Ints, columns: Ints, peak: Ints | None
    ) -> Grouped:
        began = time.perf_counter()
        mentor_price, row_price = self._split(bounds, prices, rows, columns)
        slot = _order_in_row(rows)
        objective = exact_sum(
            self.worth[rows, columns].astype(np.int64) + self.bonus[rows, slot]
        )  # fmt: skip
        if peak is None:
            bound = bound_of(
                self.program, mentor_price, row_price, value=self.worth, row_bonus=self.bonus
            )
        else:
            gain = np.maximum(peak + self.bonus[:, 0] + prices.relief, 0)
            bound = exact_sum(np.where(self.demand > 0, gain, 0)) + self._worth_of_bounds(
                mentor_price, row_price
            )
        unique = self._unique(bounds, prices, rows, columns)
        self._tick("final", began)
        return Grouped(
            self._listed(rows, columns), mentor_price, row_price, objective, bound, unique,
            "optimal", self.rounds, {"seconds": self.seconds},
        )  # fmt: skip

    def _worth_of_bounds(self, mentor_price: Ints, row_price: Ints) -> int:
        seats = np.where(mentor_price >= 0, self.program.capacity, self.program.min_load)
        total = sum(int(p) * int(s) for p, s in zip(mentor_price, seats, strict=True) if p)
        for at in np.flatnonzero(row_price).tolist():
            row, price = self.program.rows[at], int(row_price[at])
            bound = row.most if price > 0 else row.least
            assert bound is not None
            total += price * (int(np.floor(bound)) if price > 0 else int(np.ceil(bound)))
        return total

    def _none(self, status: str, plain: Assignment | None) -> Grouped:
        width = self.bonus.shape[1]
        shape = (self.n, width) if self.several else (self.n,)
        price = np.zeros(self.m, dtype=np.int64) if plain is None else plain.mentor_price
        return Grouped(
            np.full(shape, -1, dtype=np.int64), price,
            np.zeros(len(self.program.rows), dtype=np.int64), 0,
            0 if plain is None else plain.bound, False, status, self.rounds,
            {"seconds": self.seconds},
        )  # fmt: skip

    def _unbound(self, plain: Assignment) -> Grouped:
        """Return the answer of the problem without groups, which all groups allow."""
        mentor_price = plain.mentor_price.copy()
        row_price = np.zeros(len(self.program.rows), dtype=np.int64)
        groups = self.groups
        entry = np.repeat(mentor_price[None], groups.inside.shape[1], axis=0)
        prices = _Prices(mentor_price, self._shut(entry), np.zeros(self.n, dtype=np.int64))
        for j in range(self.m):
            price = int(mentor_price[j])
            at = int(groups.high_row[j] if price > 0 else groups.low_row[j])
            if price and at >= 0:
                row_price[at], mentor_price[j] = row_price[at] + price, 0
        self._close(mentor_price, row_price, prices, *pairs_of(plain.mentor_of))
        return Grouped(
            plain.mentor_of, mentor_price, row_price, plain.objective, plain.bound, plain.unique,
            "optimal", self.rounds, {"seconds": self.seconds},
        )  # fmt: skip

    def _listed(self, rows: Ints, columns: Ints) -> Ints:
        order = np.lexsort((columns, rows))
        if not self.several:
            result = np.full(self.n, -1, dtype=np.int64)
            result[rows] = columns
            return result
        result = np.full((self.n, self.bonus.shape[1]), -1, dtype=np.int64)
        rows, columns = rows[order], columns[order]
        result[rows, _order_in_row(rows)] = columns
        return result

    def _tick(self, name: str, began: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def _left(self) -> float | None:
        return None if self.end is None else max(self.end - time.perf_counter(), 1e-4)

    def _plain(self, start: Assignment | None) -> Assignment:
        m = self.m
        own = (self.groups.high_row[:m] >= 0).any() or (self.groups.low_row[:m] >= 0).any()
        if start is not None and not own and start.status == "optimal":
            return start
        worth = self.worth
        if not self.several and (self.demand == 0).any():
            worth = np.where(self.demand[:, None] > 0, worth, np.int32(-1)).astype(np.int32)
        return assign(
            worth, self.cap, row_bonus=self.bonus if self.several else self.bonus[:, 0],
            min_load=self.low[:m], row_hash=self.row_hash, mentor_hash=self.mentor_hash,
            demand=self.demand if self.several else None, start=start, time_limit=self._left(),
            route=kernel(worth.size),
        )  # fmt: skip

    # --- what is built in ------------------------------------------------------------------

    def _activate(self, rows: Ints, columns: Ints) -> bool:
        """Build in what these pairs do not satisfy, and leaves they fill; whether any failed."""
        groups = self.groups
        amount = groups.amounts(rows, columns, self.demand)
        wrong = ((amount < groups.low) | (amount > groups.high)) & ~self.active
        if not wrong.any():
            return False
        for kind in (SITE, CROWD):
            if wrong[groups.kind == kind].any():
                self.active |= groups.kind == kind
        if wrong[groups.kind == CROWD].any():
            self.active |= groups.kind == EXIT
        leaves = groups.kind == LEAF
        if wrong[leaves].any():
            if self.rounds > LAZY:
                self.active |= leaves
            self.active |= leaves & ((amount <= groups.low) & (groups.low > 0))
            self.active |= leaves & (amount >= groups.high)
        return True

    def _widen(self, columns: Ints) -> bool:
        """Give mentors who use all the seats built in more of those they have."""
        load = np.bincount(columns, minlength=self.m)
        short = (load >= self.cap) & (self.cap < np.minimum(self.most, self.n + 1))
        self.cap[short] = np.minimum(self.most, np.minimum(4 * self.cap + 4, self.n + 1))[short]
        return bool(short.any())

    def _widen_all(self) -> bool:
        wide = np.minimum(self.most, self.n + 1)
        if (self.cap >= wide).all():
            return False
        self.cap = np.maximum(self.cap, wide)
        return True

    def _bounds(self) -> _Bounds:
        groups, m = self.groups, self.m
        parent = groups.parent.copy()
        while ((parent >= 0) & ~self.active[parent]).any():
            skipped = (parent >= 0) & ~self.active[parent]
            parent[skipped] = groups.parent[parent[skipped]]
        levels = _levels(parent, self.active)
        high, low = groups.high.copy(), groups.low.copy()
        high[:m] = self.cap
        high_own = np.ones(high.size, dtype=bool)
        for nodes in levels[1:]:  # a leaf holds no more than its mentor
            leaves = nodes[groups.kind[nodes] == LEAF]
            above = high[parent[leaves]]
            high_own[leaves] = high[leaves] <= above
            high[leaves] = np.minimum(high[leaves], above)
        inner, most = np.zeros(high.size, dtype=np.int64), np.zeros(high.size, dtype=np.int64)
        low_own = np.ones(high.size, dtype=bool)
        for nodes in levels[::-1]:
            low_own[nodes] = low[nodes] >= inner[nodes]
            low[nodes] = np.maximum(low[nodes], inner[nodes])
            sites = nodes[groups.kind[nodes] == SITE]
            high_own[sites] = high[sites] <= most[sites]
            high[sites] = np.minimum(high[sites], most[sites])
            inside = nodes[parent[nodes] >= 0]
            np.add.at(inner, parent[inside], low[inside])
            np.add.at(most, parent[inside], high[inside])
        possible = bool((low <= high)[self.active].all())
        return _Bounds(parent, levels, low, high, inner, low_own, high_own, possible)

    def _entry(self, active: Flags) -> Ints:
        """Return the node at which each class of mentees meets each mentor, (classes, m)."""
        groups = self.groups
        entry = np.repeat(np.arange(self.m)[None], groups.inside.shape[1], axis=0)
        leaves = np.flatnonzero(active & (groups.kind == LEAF))
        for who in np.unique(groups.who[leaves]).tolist():  # the largest sets come first
            here = leaves[groups.who[leaves] == who]
            entry[np.ix_(np.flatnonzero(groups.inside[who]), groups.place[here])] = here
        return entry

    def _lay(self, bounds: _Bounds) -> _Laid:
        """Write the transportation problem."""
        groups, n = self.groups, self.n
        nodes = np.flatnonzero(self.active)
        column = np.full(groups.kind.size, -1, dtype=np.int64)
        column[nodes] = np.arange(nodes.size)
        shift, base, crowd = self._shift()
        sink = np.array([nodes.size] if base else [], dtype=np.int64)  # who exits displaces one
        inside = (bounds.parent[nodes] >= 0) | (
            (sink.size > 0) & np.isin(groups.kind[nodes], (CROWD, EXIT))
        )
        up = np.where(bounds.parent[nodes] >= 0, column[bounds.parent[nodes]], nodes.size)
        need = bounds.low[nodes] - bounds.inner[nodes]
        seats = bounds.high[nodes] - bounds.inner[nodes]
        vary = np.where(inside, bounds.high[nodes] - bounds.low[nodes], 0)
        low = np.where(inside, seats, need)
        wanted = np.where(low > 0, np.maximum(need, 1), 0) * self.phantoms
        missing = np.repeat(np.arange(nodes.size), wanted)
        roots = (bounds.parent[nodes] < 0) & np.isin(groups.kind[nodes], (CROWD, EXIT))
        places = int((self.demand * (crowd >= 0)).sum()) - int(bounds.low[nodes][roots].sum())
        seats = np.append(seats, np.full(sink.size, places))
        low = np.append(low, np.zeros(sink.size, dtype=np.int64))
        # rows: people, stand-ins, those whom exits displace, phantoms
        who = np.repeat(np.arange(nodes.size), vary)
        displaced = np.full(places if sink.size else 0, nodes.size)
        head, at, worth = self._people(column, shift, base, crowd)
        count = np.concatenate([
            head, np.full(who.size, 2), np.ones(displaced.size + missing.size, dtype=np.int64)
        ])  # fmt: skip
        pair = np.stack([who, up[who]], axis=1).ravel()
        idx = np.concatenate([at, pair, displaced, missing])
        points = np.concatenate([worth, np.zeros(idx.size - at.size, dtype=np.int32)])
        rows = n + who.size + displaced.size + missing.size
        top = int(points.max(initial=0))
        large = int(np.abs(self.bonus).max(initial=0)) + base
        must = 4 * (min(rows, seats.size) + 3) * (top + 1) + 8 * large
        bonus = np.full((rows, self.bonus.shape[1]), must, dtype=np.int64)
        bonus[:n] = np.where((crowd >= 0)[:, None], must, self.bonus)
        bonus[n + who.size : rows - missing.size] = base
        bonus[rows - missing.size :] = -must
        salt = self.node_hash[nodes]
        hashes = np.concatenate([
            self.row_hash,
            _mixed(salt[who] + _turns(who)),
            _mixed(np.uint64(11) + _turns(displaced)),
            _mixed(salt[missing] + np.uint64(7) + _turns(missing)),
        ])  # fmt: skip
        return _Laid(
            np.append(0, np.cumsum(count)), idx, points, seats, low, bonus,
            np.append(self.demand, np.ones(rows - n, dtype=np.int64)), hashes,
            np.append(salt, np.full(sink.size, 5, dtype=np.uint64)), column, must,
            missing.size, nodes[who], base,
        )  # fmt: skip

    def _shift(self) -> tuple[Ints, int, Ints]:
        """Return what is added to each mentee's points, the base of bonuses, and her crowd."""
        crowd = np.full(self.n, -1, dtype=np.int64)
        member = self.groups.crowd >= 0
        crowd[member] = self.groups.crowd[member]
        crowd[(crowd >= 0) & ~self.active[crowd]] = -1
        member = (crowd >= 0) & (self.demand > 0)
        crowd[~member] = -1
        used = np.arange(self.bonus.shape[1]) < self.demand[:, None]
        paid = self.bonus[used & member[:, None]]
        highest, lowest = int(paid.max(initial=0)), int(paid.min(initial=0))
        base = 0
        if highest + self.top >= MOST_POINTS and member.any():
            base = int(paid.min())
        if highest - base + self.top >= MOST_POINTS or highest - lowest >= MOST_POINTS + base:
            raise ValueError("row_bonus differs too much between members of bounded groups.")
        return np.where(member, highest - base, 0), base, crowd

    def _people(
        self, column: Ints, shift: Ints, base: int, crowd: Ints
    ) -> tuple[Ints, Ints, NDArray[np.int32]]:
        """Return (pairs per mentee, their columns, points): mentors and exits."""
        groups, n = self.groups, self.n
        row = np.repeat(np.arange(n), np.diff(self.indptr))
        entry = column[self.entry]
        at = entry[groups.classes[row], self.idx]
        worth = self.worth[row, self.idx] + shift[row]
        out_row, out_at, slot = _exits(groups, crowd, self.demand, self.several)
        if out_row.size:
            row, at = np.append(row, out_row), np.append(at, column[out_at])
            gone = shift[out_row] - (self.bonus[out_row, slot] - base)
            worth = np.append(worth, gone)
            order = np.argsort(row, kind="stable")
            row, at, worth = row[order], at[order], worth[order]
        return np.bincount(row, minlength=n), at, worth.astype(np.int32)

    def _assign(self, laid: _Laid) -> Assignment:
        route = "auto" if self.full else "sparse"
        bonus: Ints = laid.row_bonus if self.several else laid.row_bonus[:, 0]
        return assign_sparse(
            laid.indptr, laid.idx, laid.points, laid.capacity, row_bonus=bonus,
            min_load=laid.min_load, row_hash=laid.row_hash, mentor_hash=laid.column_hash,
            time_limit=self._left(), route=route,
            demand=laid.demand if self.several else None,
        )  # fmt: skip

    def _resume(self, laid: _Laid, bounds: _Bounds) -> Assignment:
        """Solve over the pairs listed, from where the last round ended."""
        from mentormatch.solvers.compile import announce
        from mentormatch.solvers.kernels import EMPTY, place
        from mentormatch.solvers.large import Network, refine

        announce(place, "solver")
        end = self.end
        net = Network(
            (laid.capacity, laid.min_load), laid.row_bonus[:, 0],
            int(laid.points.max(initial=0)), lambda: end is None or time.perf_counter() < end,
            csr=(laid.indptr, laid.idx.astype(np.int32), np.maximum(laid.points, EMPTY)),
        )  # fmt: skip
        mate, price, worth = self._begin(laid, bounds)
        net.mate_value[:] = worth + laid.row_bonus[:, 0]
        net.value_lists()
        status, mates = "optimal", mate
        try:
            if net.resume(mate, price):
                mates = net.mate.astype(np.int64)
                ids: NDArray[Any] = np.arange(mates.size, dtype=np.int32)
                face, part, stage = net, net.undecided(), 0
                while part.rows.size and stage < STAGES:
                    face = refine(face, part, ids, laid.row_hash, laid.column_hash, stage)
                    ids = ids[part.rows]
                    mates[ids] = face.mate
                    part = face.undecided()
                    stage += 1
            else:
                status = "infeasible"
        except Stopped:
            status = "time_limit"
        except KeyboardInterrupt:
            status = "interrupted"
        return Assignment(mates, net.price.copy(), 0, 0, False, status, "warm", net.stats)

    def _begin(self, laid: _Laid, bounds: _Bounds) -> tuple[Ints, Ints, Ints]:
        """Return (column per row, price per column, points of each row at its column).

        Stand-ins go where the pairs held want them; whom a column has no seat for is left free,
        stand-ins first.
        """
        assert self.held is not None
        groups, held, n = self.groups, self.held, self.n
        amount = groups.amounts(held.rows, held.columns, self.demand)
        above = bounds.parent
        price = held.price.copy()
        for nodes in bounds.levels[1:]:
            leaves = nodes[(groups.kind[nodes] == LEAF) & (price[nodes] == 0)]
            price[leaves] = price[above[leaves]]
        sink = laid.capacity.size - 1
        column = laid.column
        full = np.full(laid.capacity.size, max(held.sink, 0))
        full[column[column >= 0]] = price[column >= 0]
        mate = np.full(laid.demand.size, -1, dtype=np.int64)
        crowd = np.where(self.demand > 0, groups.crowd, -1)
        crowd[(crowd >= 0) & ~self.active[crowd]] = -1
        mate[:n] = np.where(crowd >= 0, column[crowd], -1)
        mate[held.rows] = column[self.entry[groups.classes[held.rows], held.columns]]
        stands = laid.stands
        higher = _order_in_row(stands) < (amount - bounds.low)[stands]
        up = np.where(above[stands] >= 0, column[above[stands]], sink)
        mate[n : n + stands.size] = np.where(higher, up, column[stands])
        seated = np.flatnonzero(mate >= 0)
        order = seated[np.lexsort((seated >= n, mate[seated]))]
        extra = _order_in_row(mate[order]) >= laid.capacity[mate[order]]
        mate[order[extra]] = -1
        row = np.repeat(np.arange(n), np.diff(laid.indptr[: n + 1]))
        at = np.flatnonzero(laid.idx[: row.size] == mate[row])
        worth = np.zeros(mate.size, dtype=np.int64)
        mate[:n] = -1
        mate[row[at]] = laid.idx[at]
        worth[row[at]] = laid.points[at]
        return mate, full, worth

    def _met(self, laid: _Laid, answer: Assignment) -> bool:
        """Whether all bounds are met: nobody who must be placed is left, and no phantom is not."""
        placed = answer.mentor_of.reshape(laid.demand.size, -1) >= 0
        count = placed.sum(axis=1)
        must = laid.row_bonus[:, 0] >= laid.must
        if laid.phantoms and count[-laid.phantoms :].any():
            return False
        return bool((count >= laid.demand)[must].all())

    def _pairs(self, laid: _Laid, answer: Assignment) -> tuple[Ints, Ints]:
        nodes = np.flatnonzero(self.active)
        seat = np.append(self.seat_at[nodes], -1)
        rows, at = pairs_of(answer.mentor_of[: self.n])
        columns = seat[at]
        real = columns >= 0
        return rows[real], columns[real]

    # --- prices ----------------------------------------------------------------------------

    def _raw(self, price: Ints) -> _Prices:
        """Return the prices as they are, where bounds cannot be met with the pairs listed."""
        relief = np.zeros(self.n, dtype=np.int64)
        return _Prices(price, self._shut(price[self.entry]), relief)

    def _shut(self, entry: Ints) -> Ints:
        return np.where(self.groups.high[: self.m] > 0, entry, SHUT)

    def _tidied(self, bounds: _Bounds, price: Ints, sink: int) -> _Prices:
        """Return prices that stand on bounds of rows and seats only.

        Of outermost crowds, `sink` is what a place left empty costs anyhow: the base of bonuses.
        What stands on a bound that follows from those of the children goes to them; what stands
        on none, or on that of the parent, goes to the parent or away.
        """
        kind, parent = self.groups.kind, bounds.parent
        above = np.where(parent >= 0, price[parent], np.where(kind == CROWD, sink, 0))
        weight = np.where(self.active, price - above, 0)
        weight[kind == EXIT] = 0
        weight[(kind == CROWD) & (weight > 0) & (self.groups.high_row < 0)] = 0
        for nodes in bounds.levels[::-1]:
            up = nodes[(weight[nodes] > 0) & ~bounds.high_own[nodes] & (kind[nodes] == LEAF)]
            np.add.at(weight, parent[up], weight[up])
            weight[up] = 0
        for depth, nodes in enumerate(bounds.levels):
            over = (weight[nodes] > 0) & ~bounds.high_own[nodes]
            under = (weight[nodes] < 0) & ~bounds.low_own[nodes]
            down = nodes[over | under]
            if down.size and depth + 1 < len(bounds.levels):
                below = bounds.levels[depth + 1]
                taken = np.zeros(weight.size, dtype=np.int64)
                taken[down] = weight[down]
                weight[below] += taken[parent[below]]
            weight[down] = 0
            loose = nodes[(weight[nodes] < 0) & (bounds.low[nodes] == 0)]
            weight[loose] = 0
        total = weight.copy()
        for nodes in bounds.levels[1:]:
            total[nodes] += total[parent[nodes]]
        crowd = self.groups.crowd
        relief = np.where((crowd >= 0) & self.active[crowd], total[crowd], 0)
        return _Prices(weight, self._shut(total[self.entry]), relief.astype(np.int64))

    def _bar(self, prices: _Prices, rows: Ints, columns: Ints) -> Ints:
        """Return what a pair must be worth under the prices to matter, by mentee."""
        bar = -(self.bonus[:, 0] + prices.relief)
        bar[rows] = self.worth[rows, columns] - prices.entry[self.groups.classes[rows], columns]
        return np.where(self.demand > 0, bar, np.int64(1 << 60))

    def _lower_bars(self, bar: Ints, prices: _Prices, laid: _Laid, answer: Assignment) -> None:
        """Set the bars of members of crowds without a mentor, where bounds are not met yet."""
        crowd = np.where(self.demand > 0, self.groups.crowd, -1)
        crowd[(crowd >= 0) & ~self.active[crowd]] = -1
        at = answer.mentor_of[: self.n]
        left = np.flatnonzero((crowd >= 0) & (at < 0))
        bar[left] = -2 * laid.must
        out = np.flatnonzero((crowd >= 0) & (at >= 0) & (at == laid.column[crowd]))
        bar[out] = laid.base - self.bonus[out, 0] - prices.weight[crowd[out]]

    def _price(self, prices: _Prices, bar: Ints) -> tuple[bool, Ints]:
        """Let in pairs that pay, or that tie; whether there were any, and each best surplus."""
        from mentormatch.solvers.groups_kernels import unlisted

        n = self.n
        best = np.empty((n, min(self.added, self.m)), dtype=np.int32)
        peak, kept, more = (np.empty(n, dtype=np.int64) for _ in range(3))
        unlisted(
            self.worth, np.ascontiguousarray(prices.entry), self.groups.classes, bar,
            (self.indptr, self.idx), (best, peak, kept, more),
        )  # fmt: skip
        row, place = np.nonzero(best >= 0)
        if row.size == 0:
            return False, peak
        self._list(row, best[row, place].astype(np.int64))
        self.added *= 2
        return True, peak

    def _list_first(self, plain: Assignment) -> None:
        """List the pairs to begin with: all, or the best of each site at plain prices."""
        if self.full:
            rows, columns = np.nonzero((self.worth >= 0) & (self.demand > 0)[:, None])
            self._list(rows, columns)
            return
        from mentormatch.solvers.groups_kernels import best_by_part

        top = _roots(self.groups.parent)[: self.m]
        top[self.groups.parent[: self.m] < 0] = -1
        if not (self.active & (self.groups.kind == SITE)).any():
            top[:] = -1
        names, part = np.unique(top, return_inverse=True)
        part = np.where(self.groups.high[: self.m] > 0, part, -1).astype(np.int64)
        width = max(LEAST_WIDTH, WIDTH // names.size)
        out = np.empty((self.n, names.size, width), dtype=np.int32)
        best_by_part(self.worth, plain.mentor_price, part, width, out)
        out[self.demand == 0] = -1
        rows, places, ranks = np.nonzero(out >= 0)
        mine, theirs = pairs_of(plain.mentor_of)
        self._list(
            np.append(rows, mine), np.append(out[rows, places, ranks].astype(np.int64), theirs)
        )

    def _list(self, rows: Ints, columns: Ints) -> None:
        """Add pairs to the lists."""
        old = np.repeat(np.arange(self.n), np.diff(self.indptr)) * self.m + self.idx
        new = np.unique(rows * self.m + columns)
        at = np.searchsorted(old, new)
        if old.size:
            fresh = old[np.minimum(at, old.size - 1)] != new
            new, at = new[fresh], at[fresh]
        key = np.insert(old, at, new)
        row, self.idx = key // max(self.m, 1), key % max(self.m, 1)
        self.indptr = np.append(0, np.cumsum(np.bincount(row, minlength=self.n)))

    def _split(
        self, bounds: _Bounds, prices: _Prices, rows: Ints, columns: Ints
    ) -> tuple[Ints, Ints]:
        """Return the prices of seats and of side rows."""
        groups = self.groups
        row_price = np.zeros(len(self.program.rows), dtype=np.int64)
        mentor_price = np.zeros(self.m, dtype=np.int64)
        seated = np.append(groups.high[: self.m] > 0, np.ones(groups.kind.size - self.m, bool))
        for v in np.flatnonzero(self.active & seated & (prices.weight != 0)).tolist():
            weight = int(prices.weight[v])
            at = int(groups.high_row[v] if weight > 0 else groups.low_row[v])
            if at >= 0:
                row_price[at] += -weight if groups.kind[v] == CROWD else weight
            elif groups.kind[v] == MENTOR:
                mentor_price[v] = weight
        self._close(mentor_price, row_price, prices, rows, columns)
        return mentor_price, row_price

    def _close(
        self, mentor_price: Ints, row_price: Ints, prices: _Prices, rows: Ints, columns: Ints
    ) -> None:
        """Give mentors without seats the least prices at which nobody wants them."""
        groups = self.groups
        closed = np.flatnonzero(groups.high[: self.m] <= 0)
        if closed.size == 0:
            return
        crowds = groups.kind == CROWD
        counted = np.zeros(row_price.size + 1, dtype=bool)  # in the bonus of mentees already
        counted[groups.low_row[crowds]] = counted[groups.high_row[crowds]] = True
        cost = np.zeros((self.n, closed.size), dtype=np.int64)
        for at in np.flatnonzero((row_price != 0) & ~counted[:-1]).tolist():
            row = self.program.rows[at]
            assert row.mentee is not None
            assert row.mentor is not None
            if row.mentor[closed].any():
                cost += int(row_price[at]) * row.mentee[:, None] * row.mentor[closed]
        bar = self._thresholds(prices, rows, columns)
        worth = self.worth[:, closed]
        excess = np.where((worth >= 0) & (self.demand > 0)[:, None], worth - bar[:, None] - cost, 0)
        for j, price in zip(closed.tolist(), excess.max(axis=0, initial=0).tolist(), strict=True):
            own = self.program.capacity[j] > 0
            mentor_price[j] = 0 if own else price
            if own:
                row_price[groups.high_row[j]] += price

    def _thresholds(self, prices: _Prices, rows: Ints, columns: Ints) -> Ints:
        """Return the surplus below which a mentee does without a pair, by mentee."""
        count = np.bincount(rows, minlength=self.n)
        slots = self.bonus.shape[1]
        bar = np.full(self.n, 1 << 60, dtype=np.int64)
        np.minimum.at(
            bar, rows,
            self.worth[rows, columns] - prices.entry[self.groups.classes[rows], columns],
        )  # fmt: skip
        free = count < self.demand
        following = self.bonus[np.arange(self.n), np.minimum(count, slots - 1)] + prices.relief
        bar[free] = np.minimum(bar[free], -following[free])
        return bar

    # --- other optima ----------------------------------------------------------------------

    def _unique(self, bounds: _Bounds, prices: _Prices, rows: Ints, columns: Ints) -> bool:
        """Whether no cycle of tight pairs and bounds leads to other pairs of the same value."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        groups, n, v = self.groups, self.n, self.groups.kind.size
        bar = self._thresholds(prices, rows, columns)
        row = np.repeat(np.arange(n), np.diff(self.indptr))
        node = self._entry(np.ones_like(self.active))[groups.classes[row], self.idx]
        surplus = self.worth[row, self.idx] - prices.entry[groups.classes[row], self.idx]
        held = np.isin(row * self.m + self.idx, rows * self.m + columns)
        tight = surplus == bar[row]
        out, back = tight & ~held, tight & held
        tail = [row[out], n + node[back]]
        head = [n + node[out], row[back]]
        pairs = int(out.sum() + back.sum())
        # seats' side: a node to its parent, or to the end
        end = n + v
        amount = groups.amounts(rows, columns, self.demand)
        high = groups.high.copy()
        loose = prices.weight == 0
        above = np.where(groups.parent >= 0, n + groups.parent, end)
        # of crowds the empty places count, which leave the mentee for the crowd
        seats = np.isin(groups.kind, (MENTOR, LEAF, SITE))
        crowds = groups.kind == CROWD
        for nodes in (np.flatnonzero(seats), np.flatnonzero(crowds)):
            more = nodes[loose[nodes] & (amount[nodes] < high[nodes])]
            less = nodes[loose[nodes] & (amount[nodes] > groups.low[nodes])]
            tail += [n + more, above[less]]
            head += [above[more], n + less]
        count = np.bincount(rows, minlength=n)
        mine = np.where(groups.crowd >= 0, n + groups.crowd, end)
        slots = self.bonus.shape[1]
        people = np.arange(n)
        value = self.bonus + prices.relief[:, None] + bar[:, None]
        fill = (count < self.demand) & (value[people, np.minimum(count, slots - 1)] == 0)
        drop = (count > 0) & (value[people, np.maximum(count - 1, 0)] == 0)
        tail += [people[drop], mine[fill]]
        head += [mine[drop], people[fill]]
        a, b = np.concatenate(tail), np.concatenate(head)
        graph = coo_matrix((np.ones(a.size, dtype=np.int8), (a, b)), shape=(end + 1, end + 1))
        label = connected_components(graph, directed=True, connection="strong")[1]
        return not bool((label[a[:pairs]] == label[b[:pairs]]).any())

    # --- hashes ----------------------------------------------------------------------------

    def _hashes(self) -> Hashes:
        """Return hashes of the nodes that depend on who is in them only."""
        groups = self.groups
        result = np.zeros(groups.kind.size, dtype=np.uint64)
        result[: self.m] = self.mentor_hash
        mentors, people = _mixed(self.mentor_hash), _mixed(self.row_hash)
        for kind, sets, hashes in (
            (SITE, groups.sites, mentors),
            (LEAF, groups.sets, people),
            (CROWD, groups.crowds, people),
            (EXIT, groups.crowds, people),
        ):
            here = groups.kind == kind
            if here.any():
                result[here] = _mixed(_sums(sets, hashes))[groups.who[here]] + np.uint64(kind)
        leaves = groups.kind == LEAF
        result[leaves] += mentors[groups.place[leaves]]
        exits = groups.kind == EXIT
        result[exits] += groups.place[exits].astype(np.uint64) + np.uint64(17)
        return result


def _sums(sets: Flags, hashes: Hashes) -> Hashes:
    return np.array([hashes[members].sum(dtype=np.uint64) for members in sets], dtype=np.uint64)


def _mixed(x: Hashes | np.uint64) -> Hashes:
    """Scatter 64-bit numbers."""
    with np.errstate(over="ignore"):
        x = np.atleast_1d(x) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def _turns(sorted_ids: Ints) -> Hashes:
    """Number equal neighbours 1, 2, ... , spread out."""
    return (_order_in_row(sorted_ids) + 1).astype(np.uint64) * np.uint64(0xD1342543DE82EF95)


def _order_in_row(rows: Ints) -> Ints:
    """Return the place of each entry among the equal ones before it; equal ones are neighbours."""
    if rows.size == 0:
        return np.zeros(0, dtype=np.int64)
    at = np.arange(rows.size)
    first = np.append(True, rows[1:] != rows[:-1])
    return at - np.maximum.accumulate(np.where(first, at, 0))


def _roots(parent: Ints) -> Ints:
    """Return the outermost node around each node, itself where nothing is."""
    root = np.arange(parent.size)
    while (inside := parent[root] >= 0).any():
        root[inside] = parent[root[inside]]
    return root


def _levels(parent: Ints, active: Flags) -> list[Ints]:
    """Return the active nodes by depth, roots first."""
    depth = np.where(active, 0, -1)
    at = np.where(active, parent, -1)
    while (at >= 0).any():
        depth[at >= 0] += 1
        at = np.where(at >= 0, parent[at], -1)
    return [np.flatnonzero(depth == d) for d in range(int(depth.max(initial=-1)) + 1)]


def _exits(groups: Groups, crowd: Ints, demand: Ints, several: bool) -> tuple[Ints, Ints, Ints]:
    """Return (mentee, exit node, place) of every place that may stay empty in a crowd."""
    member = np.flatnonzero((crowd >= 0) & (demand > 0))
    if not several:
        return member, crowd[member], np.zeros(member.size, dtype=np.int64)
    exits = np.flatnonzero(groups.kind == EXIT)
    found: list[tuple[Ints, Ints, Ints]] = []
    for node in exits.tolist():
        slot = int(groups.place[node])
        here = member[(crowd[member] == groups.parent[node]) & (demand[member] > slot)]
        found.append((here, np.full(here.size, node), np.full(here.size, slot)))
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    rows, nodes, slots = (np.concatenate(part) for part in zip(*found, strict=True))
    return rows, nodes, slots
