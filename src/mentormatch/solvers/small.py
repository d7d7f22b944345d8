"""Exact assignment for small problems, in NumPy alone: no compiler to wait for.

The residual graph has one node per mentor and one node, `outside`, for everything that is not a
pair: a mentee without a mentor, a seat without a mentee. A move of a mentee from mentor k to
mentor j is an arc k -> j whose length is the value lost. Mentees enter one at a time along the
shortest path to `outside`, so the assignment is optimal for those entered so far at every moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.ties import tie_matrix, tie_weight

__all__ = ["Face", "Tableau", "optimal_face", "solve_tableau"]

Ints = NDArray[np.int64]

FAR = 1 << 61  # longer than any path; two of them still add within int64
NEVER = -(1 << 60)  # the value of an inadmissible pair


@dataclass(frozen=True, eq=False)
class Tableau:
    """One stage of a lexicographic problem, every value written out.

    Attributes
    ----------
    value : int64 (n, m)
        Value of a pair without the bonus; `NEVER` where inadmissible.
    bonus : int64 (n, k)
        What the first, second, ... mentor of a mentee adds; never rising along a row.
    demand : int64 (n,)
        Most mentors a mentee may get, at most k.
    capacity, min_load : int64 (m,)
    """

    value: Ints
    bonus: Ints
    demand: Ints
    capacity: Ints
    min_load: Ints


@dataclass(frozen=True, eq=False)
class Face:
    """An optimum of a tableau: pairs, their smallest prices, and whether others exist."""

    pairs: NDArray[np.bool_]
    price: Ints
    unique: bool
    complete: bool  # False: stopped early, or the minimum loads cannot be met
    feasible: bool


class _Residual:
    """The flow so far and the shortest moves between mentors that it leaves open."""

    def __init__(self, tableau: Tableau) -> None:
        self.t = tableau
        n, m = tableau.value.shape
        self.outside = m
        self.pairs = np.zeros((n, m), dtype=bool)
        self.load = np.zeros(m, dtype=np.int64)
        self.got = np.zeros(n, dtype=np.int64)  # mentors held by each mentee
        self.entered = np.zeros(n, dtype=np.int64)  # slots let in so far
        self.floor = np.zeros(m, dtype=np.int64)  # loads that may not be undercut
        self.moves: dict[int, tuple[Ints, Ints]] = {}

    def gain_bonus(self, rows: Ints) -> Ints:
        """Bonus of the next mentor of each of `rows`."""
        result: Ints = self.t.bonus[rows, self.got[rows]]
        return result

    def lose_bonus(self, rows: Ints) -> Ints:
        result: Ints = self.t.bonus[rows, self.got[rows] - 1]
        return result

    def may_lose(self) -> NDArray[np.bool_]:
        """Tell which mentors no minimum holds: their prices are never below 0."""
        result: NDArray[np.bool_] = (self.load > self.floor) | (self.floor == 0)
        return result

    def arcs_from(self, node: int) -> tuple[Ints, Ints]:
        """Lengths of the moves out of a node, and the mentee that makes each (-1: a seat)."""
        if node not in self.moves:
            build = self._from_outside if node == self.outside else self._from_mentor
            self.moves[node] = build(node)
        return self.moves[node]

    def _from_mentor(self, k: int) -> tuple[Ints, Ints]:
        t, m = self.t, self.outside
        length = np.full(m + 1, FAR, dtype=np.int64)
        mover = np.full(m + 1, -1, dtype=np.int64)
        rows = np.flatnonzero(self.pairs[:, k])
        if rows.size:
            lost = t.value[rows, k][:, None] - t.value[rows]
            lost[self.pairs[rows]] = FAR
            best = lost.argmin(axis=0)
            length[:m] = np.minimum(lost[best, np.arange(m)], FAR)
            mover[:m] = rows[best]
            lost_out = t.value[rows, k] + self.lose_bonus(rows)
            out = int(lost_out.argmin())
            length[m], mover[m] = lost_out[out], rows[out]
        if self.load[k] < t.capacity[k] and length[m] > 0:
            length[m], mover[m] = 0, -1
        return length, mover

    def _from_outside(self, _: int) -> tuple[Ints, Ints]:
        t, m = self.t, self.outside
        length = np.full(m + 1, FAR, dtype=np.int64)
        mover = np.full(m + 1, -1, dtype=np.int64)
        rows = np.flatnonzero(self.got < self.entered)
        if rows.size and m:
            lost = -t.value[rows] - self.gain_bonus(rows)[:, None]
            lost[self.pairs[rows]] = FAR
            best = lost.argmin(axis=0)
            length[:m] = np.minimum(lost[best, np.arange(m)], FAR)
            mover[:m] = rows[best]
        spare = np.flatnonzero(self.may_lose() & (length[:m] > 0))
        length[spare], mover[spare] = 0, -1
        length[length >= FAR // 4] = FAR  # an inadmissible pair is no arc
        return length, mover

    def shortest(
        self, start: Ints, price: Ints | None, through: int | None
    ) -> tuple[Ints, Ints, Ints]:
        """Bellman-Ford from initial distances; lengths may be negative, cycles may not.

        `price` and `through`: nodes that cannot lie on a shortest path to the node `through`,
        by their prices, are not expanded.
        """
        distance = start.copy()
        parent = np.full(distance.size, -1, dtype=np.int64)
        mover = np.full(distance.size, -1, dtype=np.int64)
        fresh = np.flatnonzero(distance < FAR)
        while fresh.size:
            if price is not None and through is not None:
                fresh = fresh[distance[fresh] + price[fresh] < distance[through]]
            before = distance.copy()
            self._reach_free_seats(fresh, distance, parent, mover)
            for k in fresh[self.held_or_outside(fresh)].tolist():
                length, who = self.arcs_from(k)
                reach = before[k] + length
                shorter = np.flatnonzero((reach < distance) & (length < FAR // 4))
                distance[shorter] = reach[shorter]
                parent[shorter] = k
                mover[shorter] = who[shorter]
            fresh = np.flatnonzero(distance < before)
        return distance, parent, mover

    def held_or_outside(self, nodes: Ints) -> NDArray[np.bool_]:
        """Tell which nodes have a mentee to move."""
        result: NDArray[np.bool_] = np.append(self.load > 0, True)[nodes]
        return result

    def _reach_free_seats(self, nodes: Ints, distance: Ints, parent: Ints, mover: Ints) -> None:
        """End at the nearest free seat: the one arc out of a mentor who holds nobody."""
        inner = nodes[nodes != self.outside]
        free = inner[self.load[inner] < self.t.capacity[inner]]
        if free.size:
            nearest = int(free[distance[free].argmin()])
            if distance[nearest] < distance[self.outside]:
                distance[self.outside] = distance[nearest]
                parent[self.outside], mover[self.outside] = nearest, -1

    def set_pair(self, i: int, j: int, held: bool) -> None:
        """Add or remove a pair; the moves that this changes are forgotten."""
        step = 1 if held else -1
        for k in np.flatnonzero(self.pairs[i]).tolist():
            self.moves.pop(k, None)
        self.pairs[i, j] = held
        self.load[j] += step
        self.got[i] += step
        self.moves.pop(j, None)
        self.moves.pop(self.outside, None)

    def shift(self, target: int, parent: Ints, mover: Ints) -> int:
        """Move one unit along the path that ends at `target`; return where the path began."""
        node = target
        while parent[node] >= 0:
            before, i = int(parent[node]), int(mover[node])
            if i >= 0:
                if before != self.outside:
                    self.set_pair(i, before, False)
                if node != self.outside:
                    self.set_pair(i, node, True)
            node = before
        self.moves.pop(self.outside, None)
        return node


def _enter_all(flow: _Residual, keep_going: Callable[[], bool]) -> tuple[bool, Ints]:
    """Let every slot of every mentee in, one shortest path each.

    Returns (False when stopped, prices that are optimal for those who are in).
    """
    t, outside = flow.t, flow.outside
    price = np.zeros(outside + 1, dtype=np.int64)
    slots = range(int(t.demand.max(initial=0)))
    for i in (int(i) for s in slots for i in np.flatnonzero(t.demand > s)):
        if not keep_going():
            return False, price[:outside]
        start = np.full(outside + 1, FAR, dtype=np.int64)
        mine = -t.value[i] - t.bonus[i, flow.got[i]]
        mine[flow.pairs[i]] = FAR
        start[:outside] = np.where(mine < FAR // 4, mine, FAR)
        start[outside] = 0  # staying without this mentor
        flow.entered[i] += 1
        reduced = start + price
        best = int(reduced.argmin())
        if start[best] >= FAR or (best == outside or reduced[best] >= 0):
            flow.moves.pop(outside, None)
            continue
        if flow.load[best] < t.capacity[best] and price[best] == 0:
            flow.set_pair(i, best, True)
            continue
        flow.entered[i] -= 1  # the search itself starts at this slot, not outside
        flow.moves.pop(outside, None)
        distance, parent, mover = flow.shortest(start, price, outside)
        flow.entered[i] += 1
        first = flow.shift(outside, parent, mover)
        if first != outside:
            flow.set_pair(i, first, True)
        flow.moves.pop(outside, None)
        np.maximum(price, distance[outside] - distance, out=price)
    return True, price[:outside]


def _fill(flow: _Residual, keep_going: Callable[[], bool]) -> tuple[bool, bool]:
    """Raise loads to their minima, each by the cheapest path from outside.

    Returns (whether all are met, False when stopped).
    """
    wanted = np.minimum(flow.t.min_load, flow.load)
    flow.floor[:] = wanted
    flow.moves.clear()
    for j in np.flatnonzero(flow.t.min_load > flow.load).tolist():
        while flow.load[j] < flow.t.min_load[j]:
            if not keep_going():
                return False, False
            start = np.full(flow.outside + 1, FAR, dtype=np.int64)
            start[flow.outside] = 0
            distance, parent, mover = flow.shortest(start, None, None)
            if distance[j] >= FAR // 4:
                return False, True
            flow.shift(j, parent, mover)
            flow.floor[j] += 1
            flow.moves.clear()
    return True, True


def _smallest_prices(flow: _Residual) -> Ints:
    """Return the smallest optimal prices: what one more seat would gain, exactly."""
    start = np.full(flow.outside + 1, FAR, dtype=np.int64)
    if flow.floor.any():
        # A mentor whom nobody else can join has no smallest price: end at a low common level.
        start[:] = FAR // 16
    start[flow.outside] = 0
    distance, _, _ = flow.shortest(start, None, None)
    price: Ints = -distance[: flow.outside]
    return np.where(distance[: flow.outside] >= FAR // 4, 0, price)


def _is_unique(flow: _Residual, price: Ints) -> bool:
    """Tell whether no other assignment has this objective.

    Another one exists exactly when moves of zero reduced length close a cycle. Mentors that may
    both gain and lose a seat's worth for nothing are one node with `outside`.
    """
    t, m = flow.t, flow.outside
    level = np.append(price, 0)
    merged = (price == 0) & (flow.load < t.capacity) & flow.may_lose()
    name = np.append(np.where(merged, m, np.arange(m)), m)
    after: dict[int, set[int]] = {int(v): set() for v in np.unique(name)}
    for k in [*np.flatnonzero(flow.load).tolist(), m]:
        length, mover = flow.arcs_from(k)
        tight = np.flatnonzero((length < FAR // 4) & (length + level - level[k] == 0))
        for j in tight.tolist():
            if mover[j] >= 0:
                after[int(name[k])].add(int(name[j]))
        # an arc that a seat makes as cheaply as a mentee hides none: lengths are equal only at 0
    after[m] |= {int(k) for k in np.flatnonzero((price == 0) & flow.may_lose() & ~merged)}
    for k in np.flatnonzero((price == 0) & (flow.load < t.capacity) & ~merged).tolist():
        after[k].add(m)
    return _acyclic(after)


def _acyclic(after: dict[int, set[int]]) -> bool:
    """Kahn's order: peel nodes that nothing points to."""
    incoming = dict.fromkeys(after, 0)
    for targets in after.values():
        for j in targets:
            incoming[j] += 1
    ready = [k for k, count in incoming.items() if count == 0]
    peeled = 0
    while ready:
        peeled += 1
        for j in after[ready.pop()]:
            incoming[j] -= 1
            if incoming[j] == 0:
                ready.append(j)
    return peeled == len(after)


def solve_tableau(tableau: Tableau, keep_going: Callable[[], bool] = lambda: True) -> Face:
    """Solve one stage to optimality by successive shortest paths over mentors.

    Parameters
    ----------
    tableau
        n mentees, m mentors; values below 2**60.
    keep_going
        Asked before each search; False stops with the best assignment of those who are in, and
        prices that are any.

    Notes
    -----
    About n searches of O(f m) each, f full mentors; memory O(n m).

    References
    ----------
    .. [1] Ahuja, Magnanti & Orlin (1993), Network Flows, chapter 9.7.
    """
    flow = _Residual(tableau)
    complete, price = _enter_all(flow, keep_going)
    feasible = True  # as long as nothing else is proven
    if complete:
        met, complete = _fill(flow, keep_going)
        feasible = met or not complete
        complete = met and complete
    if not complete:
        return Face(flow.pairs, price, False, False, feasible)
    price = _smallest_prices(flow)
    return Face(flow.pairs, price, _is_unique(flow, price), True, True)


def optimal_face(
    tableau: Tableau,
    face: Face,
    row_hash: NDArray[np.uint64],
    mentor_hash: NDArray[np.uint64],
    stage: int,
) -> Tableau:
    """Return the next stage: ties decide among the optima of `tableau`, which alone are best.

    Every departure from complementary slackness (a pair of positive reduced cost, a priced mentor
    with a free seat, ...) costs more than all the ties along an alternating path can make up.
    """
    n, m = tableau.value.shape
    weight = tie_weight(n, m)
    held = face.pairs.sum(axis=1)
    gain = np.where(tableau.value > NEVER, tableau.value - face.price, NEVER)
    level = np.where(face.pairs, NEVER, gain).max(axis=1, initial=NEVER)
    padded = np.concatenate([tableau.bonus, np.full((n, 1), -NEVER, dtype=np.int64)], axis=1)
    last = padded[np.arange(n), held - 1]  # of the last mentor held; of none: no bound
    level = np.maximum(level, np.where(held > 0, -last, NEVER))
    slack = np.sign(level[:, None] - gain) * (tableau.value > NEVER)
    tie = tie_matrix(row_hash, mentor_hash, stage)
    value = weight * (np.sign(face.price)[None, :] - slack) + tie
    bonus = weight * np.sign(level[:, None] + tableau.bonus)
    # someone with no admissible pair left has level NEVER: her bonus is out of reach anyway
    return Tableau(
        np.where(tableau.value > NEVER, value, NEVER),
        bonus.astype(np.int64),
        tableau.demand,
        tableau.capacity,
        tableau.min_load,
    )
