"""A problem of groups as the arrays that compiled kernels read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.columns import reach_kernels, search_kernels
from mentormatch.solvers.columns.problem import GroupProblem, Plan

__all__ = ["Found", "Lowered"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_NODES = 200_000
"""Nodes of one search for the best group; beyond it, what is proven at its root stands."""
NONE = np.zeros((0, 0), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Found:
    """Groups that a search met, and what none of a coach and slot exceeds.

    value : int64 (m, slots), points less prices, 0 where nothing is worth it.
    sets : int64 (k, high), members, -1 where none;  coach, slot : int64 (k,)
    """

    value: Ints
    sets: Ints
    coach: Ints
    slot: Ints


@dataclass(frozen=True, eq=False)
class Lowered:
    """A problem, and its arrays. Of people and coaches, only those that are left may be grouped.

    here : bool (n,), who is left;  capacity : int64 (m,), groups that coaches have left
    open : bool (m, slots), where coaches are left.
    """

    problem: GroupProblem
    here: Bools
    capacity: Ints
    open: Bools

    @classmethod
    def of(cls, problem: GroupProblem) -> Lowered:
        """Lower a whole problem."""
        open_ = problem.coach_free & (problem.capacity > 0)[:, None]
        block = problem.block
        here = np.ones(problem.people, dtype=bool)
        for b in np.unique(block[block >= 0]):
            here[block == b] = (block == b).sum() <= problem.high
        if problem.seeded:
            open_ &= here[:, None]
        whole = cls(problem, here, problem.capacity, open_)
        return whole.rest(here, problem.capacity, whole._needed())

    def _needed(self) -> Bools:
        """Return bool (m, slots): where coaches are needed.

        A slot is not if as many others as a coach leads groups suit everybody whom it suits: the
        group in it could move to one of those.
        """
        free = self.free.astype(np.int64)
        covers = (1 - free).T @ free == 0  # [s, t]: whoever can in t can in s
        order = np.argsort(-free.sum(axis=0), kind="stable")
        needed = np.zeros_like(self.open)
        for j in range(self.open.shape[0]):
            for t in order[self.open[j, order]].tolist():
                needed[j, t] = (covers[:, t] & needed[j]).sum() < self.capacity[j]
        return needed

    @cached_property
    def worth(self) -> Ints:
        """int64 (m, n): points by coach, -1 also where somebody who must be with her may not be."""
        worth = np.ascontiguousarray(self.problem.worth.T)
        for who in self.blocks:
            worth[np.ix_((worth[:, who] < 0).any(axis=1), who)] = -1
        return worth

    @cached_property
    def free(self) -> Bools:
        """bool (n, slots): when people can, and all who must be with them."""
        free = self.problem.free.copy()
        for who in self.blocks:
            free[who] = free[who].all(axis=0)
        return free

    @property
    def blocks(self) -> list[Ints]:
        """Return who must be in one group."""
        block = self.problem.block
        return [np.flatnonzero(block == b) for b in np.unique(block[block >= 0])]

    @cached_property
    def pair(self) -> Ints:
        """int64 (n, n), or (0, 0) where pairs count nothing."""
        return NONE if self.problem.pair is None else self.problem.pair

    @cached_property
    def rules(self) -> tuple[Ints, Bools, Ints, Ints, Bools, Ints]:
        """Return codes, alone, most, least, clash and block, mixes side by side."""
        mixes, n = self.problem.mixes, self.problem.people
        values = max([mix.most.size for mix in mixes], default=0)
        codes = np.full((len(mixes), n), -1, dtype=np.int64)
        alone = np.zeros((len(mixes), values), dtype=bool)
        most = np.full((len(mixes), values), n, dtype=np.int64)
        for k, mix in enumerate(mixes):
            codes[k], alone[k, : mix.alone.size] = mix.code, mix.alone
            most[k, : mix.most.size] = mix.most
        least = np.array([mix.least for mix in mixes], dtype=np.int64)
        return codes, alone, most, least, self.problem.clash, self.problem.block

    @cached_property
    def _half(self) -> Ints:
        n, slots, high = self.problem.people, self.problem.slots, self.problem.high
        half = np.zeros((slots, n, high), dtype=np.int64)
        if self.problem.pair is not None:
            for t in range(slots):
                who = np.flatnonzero(self.free[:, t])
                part = np.zeros((who.size, high), dtype=np.int64)
                reach_kernels.halves(who, self.pair, self.problem.clash, part)
                half[t, who] = part
        return half

    @cached_property
    def arrays(self) -> tuple[Any, ...]:
        """Return what kernels read of people: points, open slots, who is free when, halves."""
        who = [np.flatnonzero(self.free[:, t] & self.here) for t in range(self.problem.slots)]
        first = np.cumsum([0, *(part.size for part in who)], dtype=np.int64)
        return (
            self.worth, self.open, first, np.concatenate([*who, np.zeros(0, np.int64)]),
            self._half, self.problem.seeded,
        )  # fmt: skip

    def rest(self, here: Bools, capacity: Ints, open_: Bools) -> Lowered:
        """Return the same problem with fewer people and coaches left."""
        new = Lowered(self.problem, here, capacity, open_)
        for name in ("worth", "free", "pair", "rules", "_half"):
            object.__setattr__(new, name, getattr(self, name))
        return new

    def without(self, groups: list[tuple[int, int, Ints]]) -> Lowered:
        """Return what is left when these groups (coach, slot, members) are formed."""
        here, capacity, open_ = self.here.copy(), self.capacity.copy(), self.open.copy()
        for j, t, members in groups:
            here[members] = False
            capacity[j] -= 1
            open_[j, t] = False
            if self.problem.seeded:
                capacity[members] = 0
        return self.rest(here, capacity, open_ & (capacity > 0)[:, None])

    def best(self, price: Ints, *, every: bool = False) -> Found:
        """Find the best groups at prices: as many slots of a coach as he has groups, or all."""
        m, slots = self.open.shape
        rows = m * slots
        enough = slots if every else int(self.capacity.max(initial=1))
        need = np.ones((m, slots), dtype=np.int64)
        return self._search(price, need, rows, (True, MOST_NODES, max(enough, 1)))[0]

    def above(self, price: Ints, need: Ints, rows: int) -> Found | None:
        """List all groups worth `need` int64 (m, slots) or more, None if more than `rows`."""
        found, complete = self._search(price, need, rows, (False, 50 * rows, 1))
        return found if complete else None

    def _search(
        self, price: Ints, need: Ints, rows: int, how: tuple[bool, int, int]
    ) -> tuple[Found, bool]:
        m, slots = self.open.shape
        high = self.problem.high
        value = np.zeros((m, slots), dtype=np.int64)
        sets = np.full((max(rows, 1), high), -1, dtype=np.int64)
        where = np.zeros((max(rows, 1), 2), dtype=np.int64)
        block = self.problem.block
        size = np.bincount(block[block >= 0], minlength=1).astype(np.int64)
        rules = (*self.rules, size, np.zeros_like(size))
        sizes = (self.problem.low, high, *how)
        highest = np.empty((m, slots), dtype=np.int64)
        search_kernels.reaches(self.arrays, self.pair, sizes[:2], price, highest)
        got, _nodes = search_kernels.search_all(
            self.arrays, self.pair, rules, sizes, price, need, (highest, value, sets, where)
        )
        kept = slice(0, max(got, 0))
        return Found(value, sets[kept], where[kept, 0], where[kept, 1]), got >= 0

    def plan_of(self, groups: list[tuple[int, int, Ints]]) -> Plan:
        """Return the plan of some groups (coach, slot, members)."""
        group = np.full(self.problem.people, -1, dtype=np.int64)
        for g, (_j, _t, members) in enumerate(groups):
            group[members] = g
        coach = np.array([j for j, _t, _w in groups], dtype=np.int64)
        return Plan(group, coach, np.array([t for _j, t, _w in groups], dtype=np.int64))
