"""One round of a search over groups: the bounds that are built in, as a transportation problem.

Every node of `Groups` is a column with as many seats as its most pairs, and all of them must be
filled. Each node within another has one *stand-in* per pair it may vary by, who sits at the node
or at its parent. So where a real pair takes a seat, a stand-in moves up and counts there: the
classical change of a flow with bounds on arcs into a transportation problem [1]_. Of crowds, the
places of their mentees that stay empty are counted in the same way, at *exits*. The prices of the
columns, less those of the parents, are the prices of the bounds.

References
----------
.. [1] Wagner (1959), On a class of capacitated transportation problems, Management Science 5.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment
from mentormatch.solvers.group_face import Posed, Prices, entries, surpluses
from mentormatch.solvers.group_lists import order_in_row
from mentormatch.solvers.group_sums import must_of
from mentormatch.solvers.groups import CROWD, EXIT, LEAF, MENTOR, SITE, Groups
from mentormatch.solvers.program import Pairs, pairs_of

__all__ = ["Held", "Laid", "Layout", "hashes_of", "shut"]

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Hashes: TypeAlias = NDArray[np.uint64]

SHUT = 1 << 59
"""Price of a mentor without seats while pairs are priced."""


class Bounds(NamedTuple):
    """Bounds of the nodes that are built in, as tight as their children and parents make them."""

    parent: Ints
    levels: list[Ints]  # nodes by depth, roots first
    low: Ints
    high: Ints
    inner: Ints  # what the children need at least
    low_own: Flags  # the bound is that of a row or of the seats, not of the children
    high_own: Flags
    possible: bool


class Laid(NamedTuple):
    """The transportation problem."""

    indptr: Ints
    idx: Ints
    points: Ints
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


class Held(NamedTuple):
    """Where the next round begins: pairs, and prices of the nodes and of who exits displaces."""

    rows: Ints
    columns: Ints
    price: Ints  # (v,)
    sink: int


class Layout:
    """The bounds that are built in, and the transportation problem that they make.

    posed : Posed;  active : bool (v,), nodes that are built in
    cap : int64 (m,), seats that are;  node_hash : uint64 (v,)
    """

    def __init__(self, posed: Posed, active: Flags, cap: Ints, node_hash: Hashes) -> None:
        self.posed, self.active, self.cap, self.node_hash = posed, active.copy(), cap, node_hash
        self.groups, self.n, self.m = posed.groups, posed.lists.n, posed.lists.m
        self.bounds = self._bounds()
        self.entry = entries(self.groups, self.active)  # of each class at each mentor
        crowd = np.where(posed.demand > 0, self.groups.crowd, -1)
        crowd[(crowd >= 0) & ~self.active[crowd]] = -1
        self.crowd = crowd  # of each mentee, -1 where none that is built in

    @property
    def possible(self) -> bool:
        """Whether no bound contradicts another."""
        return self.bounds.possible

    def _bounds(self) -> Bounds:
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
        return Bounds(parent, levels, low, high, inner, low_own, high_own, possible)

    # --- the problem -----------------------------------------------------------------------

    def laid(self, phantoms: bool) -> Laid:
        """Write the transportation problem; phantoms: somebody for every bound who need not be."""
        groups, posed, bounds, n = self.groups, self.posed, self.bounds, self.n
        nodes = np.flatnonzero(self.active)
        column = np.full(groups.kind.size, -1, dtype=np.int64)
        column[nodes] = np.arange(nodes.size)
        shift, base = self._shift()
        sink = np.array([nodes.size] if base else [], dtype=np.int64)  # who exits displaces one
        inside = (bounds.parent[nodes] >= 0) | (
            (sink.size > 0) & np.isin(groups.kind[nodes], (CROWD, EXIT))
        )
        up = np.where(bounds.parent[nodes] >= 0, column[bounds.parent[nodes]], nodes.size)
        need = bounds.low[nodes] - bounds.inner[nodes]
        seats = bounds.high[nodes] - bounds.inner[nodes]
        vary = np.where(inside, bounds.high[nodes] - bounds.low[nodes], 0)
        low = np.where(inside, seats, need)
        wanted = np.where(low > 0, np.maximum(need, 1), 0) * phantoms
        missing = np.repeat(np.arange(nodes.size), wanted)
        roots = (bounds.parent[nodes] < 0) & np.isin(groups.kind[nodes], (CROWD, EXIT))
        places = int((posed.demand * (self.crowd >= 0)).sum()) - int(
            bounds.low[nodes][roots].sum()
        )  # fmt: skip
        seats = np.append(seats, np.full(sink.size, places))
        low = np.append(low, np.zeros(sink.size, dtype=np.int64))
        # rows: people, stand-ins, those whom exits displace, phantoms
        who = np.repeat(np.arange(nodes.size), vary)
        displaced = np.full(places if sink.size else 0, nodes.size)
        head, at, worth = self._people(column, shift, base)
        count = np.concatenate([
            head, np.full(who.size, 2), np.ones(displaced.size + missing.size, dtype=np.int64)
        ])  # fmt: skip
        pair = np.stack([who, up[who]], axis=1).ravel()
        idx = np.concatenate([at, pair, displaced, missing])
        points = np.concatenate([worth, np.zeros(idx.size - at.size, dtype=np.int64)])
        rows = n + who.size + displaced.size + missing.size
        large, exits = int(np.abs(posed.bonus).max(initial=0)), np.isin(groups.kind, (CROWD, EXIT))
        must = must_of(large, posed.lists.top, seats.size, int((exits & self.active).sum()))
        bonus = np.full((rows, posed.bonus.shape[1]), must, dtype=np.int64)
        bonus[:n] = np.where((self.crowd >= 0)[:, None], must, posed.bonus)
        bonus[n + who.size : rows - missing.size] = base
        bonus[rows - missing.size :] = -must
        salt = self.node_hash[nodes]
        hashes = np.concatenate([
            posed.row_hash,
            _mixed(salt[who] + _turns(who)),
            _mixed(np.uint64(11) + _turns(displaced)),
            _mixed(salt[missing] + np.uint64(7) + _turns(missing)),
        ])  # fmt: skip
        return Laid(
            np.append(0, np.cumsum(count)), idx, points, seats, low, bonus,
            np.append(posed.demand, np.ones(rows - n, dtype=np.int64)), hashes,
            np.append(salt, np.full(sink.size, 5, dtype=np.uint64)), column, must,
            missing.size, nodes[who], base,
        )  # fmt: skip

    def _shift(self) -> tuple[Ints, int]:
        """Return what is added to each mentee's points, and the base of bonuses of crowds."""
        posed, member = self.posed, self.crowd >= 0
        used = np.arange(posed.bonus.shape[1]) < posed.demand[:, None]
        paid = posed.bonus[used & member[:, None]]
        highest, lowest = int(paid.max(initial=0)), int(paid.min(initial=0))
        base, top = 0, posed.lists.top
        most = posed.lists.most
        if highest + top >= most and member.any():
            base = int(paid.min())
        if highest - base + top >= most or highest - lowest >= most + base:
            raise ValueError("row_bonus differs too much between members of bounded groups.")
        return np.where(member, highest - base, 0), base

    def _people(self, column: Ints, shift: Ints, base: int) -> tuple[Ints, Ints, Ints]:
        """Return (pairs per mentee, their columns, points): mentors and exits."""
        posed, lists = self.posed, self.posed.lists
        row = lists.row
        at = column[self.entry][self.groups.classes[row], lists.idx]
        worth = lists.worth + shift[row]
        out_row, out_at, slot = self._exits()
        if out_row.size:
            row, at = np.append(row, out_row), np.append(at, column[out_at])
            gone = shift[out_row] - (posed.bonus[out_row, slot] - base)
            worth = np.append(worth, gone)
            order = np.argsort(row, kind="stable")
            row, at, worth = row[order], at[order], worth[order]
        return np.bincount(row, minlength=self.n), at, worth

    def _exits(self) -> tuple[Ints, Ints, Ints]:
        """Return (mentee, exit node, place) of every place that may stay empty in a crowd."""
        groups, posed, crowd = self.groups, self.posed, self.crowd
        member = np.flatnonzero(crowd >= 0)
        rows, nodes, slots = member, crowd[member], np.zeros(member.size, dtype=np.int64)
        if posed.several:
            found: list[tuple[Ints, Ints, Ints]] = []
            for node in np.flatnonzero(groups.kind == EXIT).tolist():
                slot = int(groups.place[node])
                here = member[
                    (crowd[member] == groups.parent[node]) & (posed.demand[member] > slot)
                ]  # fmt: skip
                found.append((here, np.full(here.size, node), np.full(here.size, slot)))
            none = np.zeros(0, dtype=np.int64)
            rows, nodes, slots = (
                np.concatenate(part) for part in zip((none, none, none), *found, strict=True)
            )
        may = ~posed.must[rows, slots]
        return rows[may], nodes[may], slots[may]

    def begin(self, laid: Laid, held: Held) -> tuple[Ints, Ints, Ints]:
        """Return (column per row, price per column, points of each row at its column).

        Stand-ins go where the pairs held want them; whom a column has no seat for is left free,
        stand-ins first.
        """
        groups, n, bounds = self.groups, self.n, self.bounds
        amount = groups.amounts(held.rows, held.columns, self.posed.demand)
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
        mate[:n] = np.where(self.crowd >= 0, column[self.crowd], -1)
        mate[held.rows] = column[self.entry[groups.classes[held.rows], held.columns]]
        stands = laid.stands
        higher = order_in_row(stands) < (amount - bounds.low)[stands]
        up = np.where(above[stands] >= 0, column[above[stands]], sink)
        mate[n : n + stands.size] = np.where(higher, up, column[stands])
        seated = np.flatnonzero(mate >= 0)
        order = seated[np.lexsort((seated >= n, mate[seated]))]
        extra = order_in_row(mate[order]) >= laid.capacity[mate[order]]
        mate[order[extra]] = -1
        row = np.repeat(np.arange(n), np.diff(laid.indptr[: n + 1]))
        at = np.flatnonzero(laid.idx[: row.size] == mate[row])
        worth = np.zeros(mate.size, dtype=np.int64)
        mate[:n] = -1
        mate[row[at]] = laid.idx[at]
        worth[row[at]] = laid.points[at]
        return mate, full, worth

    # --- its answer ------------------------------------------------------------------------

    def met(self, laid: Laid, answer: Assignment) -> bool:
        """Whether all bounds are met: nobody who must be placed is left, and no phantom is not."""
        placed = answer.mentor_of.reshape(laid.demand.size, -1) >= 0
        count = placed.sum(axis=1)
        must = laid.row_bonus[:, 0] >= laid.must
        if laid.phantoms and count[-laid.phantoms :].any():
            return False
        return bool((count >= laid.demand)[must].all())

    def held(self, laid: Laid, answer: Assignment) -> Held:
        """Return the pairs of an answer, and the prices of the nodes."""
        nodes = np.flatnonzero(self.active)
        seats = np.isin(self.groups.kind[nodes], (MENTOR, LEAF))
        seat = np.append(np.where(seats, self.groups.place[nodes], -1), -1)
        rows, at = pairs_of(answer.mentor_of[: self.n])
        columns = seat[at]
        real = columns >= 0
        price = np.zeros(self.groups.kind.size, dtype=np.int64)
        there = laid.column >= 0
        price[there] = answer.mentor_price[laid.column[there]]
        sink = int(answer.mentor_price[-1]) if laid.base else 0
        return Held(rows[real], columns[real], price, sink)

    def raw(self, price: Ints) -> Prices:
        """Return the prices as they are, where bounds cannot be met with the pairs listed."""
        relief = np.zeros(self.n, dtype=np.int64)
        return Prices(price, shut(self.groups, price[self.entry]), relief)

    def tidied(self, price: Ints, sink: int) -> Prices:
        """Return prices that stand on bounds of rows and seats only.

        Of outermost crowds, `sink` is what a place left empty costs anyhow: the base of bonuses.
        What stands on a bound that follows from those of the children goes to them; what stands
        on none, or on that of the parent, goes to the parent or away.
        """
        groups, bounds, kind, parent = self.groups, self.bounds, self.groups.kind, (
            self.bounds.parent
        )  # fmt: skip
        above = np.where(parent >= 0, price[parent], np.where(kind == CROWD, sink, 0))
        weight = np.where(self.active, price - above, 0)
        weight[kind == EXIT] = 0
        weight[(kind == CROWD) & (weight > 0) & (groups.high_row < 0)] = 0
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
        crowd = groups.crowd
        relief = np.where((crowd >= 0) & self.active[crowd], total[crowd], 0)
        return Prices(weight, shut(groups, total[self.entry]), relief.astype(np.int64))

    def bar(self, prices: Prices, pairs: Pairs) -> Ints:
        """Return what a pair must be worth under the prices to matter, by mentee."""
        bar = -(self.posed.bonus[:, 0] + prices.relief)
        bar[pairs[0]] = surpluses(self.posed, prices, pairs)
        return np.where(self.posed.demand > 0, bar, np.int64(1 << 60))

    def lower_bars(self, bar: Ints, prices: Prices, laid: Laid, answer: Assignment) -> None:
        """Set the bars of members of crowds without a mentor, where bounds are not met yet."""
        crowd = self.crowd
        at = answer.mentor_of[: self.n]
        left = np.flatnonzero((crowd >= 0) & (at < 0))
        bar[left] = -2 * laid.must
        out = np.flatnonzero((crowd >= 0) & (at >= 0) & (at == laid.column[crowd]))
        bar[out] = laid.base - self.posed.bonus[out, 0] - prices.weight[crowd[out]]


def shut(groups: Groups, entry: Ints) -> Ints:
    """Return prices of entries at which nobody goes to a mentor without seats."""
    return np.where(groups.high[: entry.shape[1]] > 0, entry, SHUT)


def _levels(parent: Ints, active: Flags) -> list[Ints]:
    """Return the active nodes by depth, roots first."""
    depth = np.where(active, 0, -1)
    at = np.where(active, parent, -1)
    while (at >= 0).any():
        depth[at >= 0] += 1
        at = np.where(at >= 0, parent[at], -1)
    return [np.flatnonzero(depth == d) for d in range(int(depth.max(initial=-1)) + 1)]


# --- hashes --------------------------------------------------------------------------------------


def hashes_of(posed: Posed) -> Hashes:
    """Return hashes of the nodes that depend on who is in them only."""
    groups, m = posed.groups, posed.lists.m
    result = np.zeros(groups.kind.size, dtype=np.uint64)
    result[:m] = posed.mentor_hash
    mentors, people = _mixed(posed.mentor_hash), _mixed(posed.row_hash)
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
    return (order_in_row(sorted_ids) + 1).astype(np.uint64) * np.uint64(0xD1342543DE82EF95)
