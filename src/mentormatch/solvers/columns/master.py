"""The master programme: choose among listed groups, each person and coach at most so often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.columns.lowered import Lowered
from mentormatch.solvers.columns.problem import Plan
from mentormatch.solvers.rows.highs import Model

__all__ = ["Columns", "listed", "near"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Columns:
    """Listed groups of a problem of which some people and coaches are left.

    sets : int64 (k, high), members, -1 where none;  coach, slot : int64 (k,)
    """

    rest: Lowered
    sets: Ints
    coach: Ints
    slot: Ints

    @cached_property
    def size(self) -> Ints:
        """int64 (k,): members."""
        size: Ints = (self.sets >= 0).sum(axis=1).astype(np.int64)
        return size

    @cached_property
    def points(self) -> Ints:
        """int64 (k,): what each group is worth."""
        problem = self.rest.problem
        there = self.sets >= 0
        who = np.where(there, self.sets, 0)
        worth = np.where(there, problem.worth[who, self.coach[:, None]], 0)
        added: Ints = worth.sum(axis=1)
        if problem.pair is not None:
            for a in range(who.shape[1]):
                for b in range(a):
                    both = there[:, a] & there[:, b]
                    added = added + np.where(both, problem.pair[who[:, a], who[:, b]], 0)
        return added

    def model(self, bonus: int, placed: int | None = None) -> Model:
        """Return the programme; rows: people, coaches, and coaches in slots.

        placed : how many people must be placed at least.
        """
        from scipy.sparse import csr_array

        problem, count = self.rest.problem, self.coach.size
        n, m, slots = problem.people, problem.coaches, problem.slots
        column, place = np.nonzero(self.sets >= 0)
        every = np.arange(count)
        meeting, at = np.unique(self.coach * slots + self.slot, return_inverse=True)
        rows = [self.sets[column, place], n + self.coach, n + m + at]
        columns, amount = [column, every, every], [np.ones(column.size + 2 * count)]
        high = [np.ones(n), self.rest.capacity.astype(float), np.ones(meeting.size)]
        low = [np.zeros(n + m + meeting.size)]
        if placed is not None:
            rows.append(np.full(count, n + m + meeting.size))
            columns.append(every)
            amount.append(self.size.astype(float))
            high.append(np.array([np.inf]))
            low.append(np.array([float(placed)]))
        matrix = csr_array(
            (np.concatenate(amount), (np.concatenate(rows), np.concatenate(columns))),
            shape=(sum(part.size for part in high), count),
        )
        value = (self.points + bonus * self.size).astype(float)
        return Model(
            value,
            matrix,
            np.concatenate(low),
            np.concatenate(high),
            np.zeros(count),
            np.ones(count),
        )

    def chosen(self, x: Floats) -> list[tuple[int, int, Ints]]:
        """Return the groups of a solution."""
        groups = []
        for k in np.flatnonzero(x > 0.5).tolist():
            members = np.sort(self.sets[k][self.sets[k] >= 0])
            groups.append((int(self.coach[k]), int(self.slot[k]), members))
        return groups

    def with_plan(self, plan: Plan) -> Columns:
        """Return the list with the groups of a plan added."""
        sets = np.full((plan.coach.size, self.sets.shape[1]), -1, dtype=np.int64)
        for g in range(plan.coach.size):
            members = plan.members(g)
            sets[g, : members.size] = members
        return Columns(
            self.rest, np.vstack([self.sets, sets]), np.concatenate([self.coach, plan.coach]),
            np.concatenate([self.slot, plan.slot]),
        )  # fmt: skip


def thresholds(rest: Lowered, value: Ints, loss: int) -> Ints:
    """Return what a group of each coach and slot must be worth so that having it loses at most so.

    value : int64 (m, slots), the best at the prices, exact.
    Opening a group takes the place of the last group that counts in the bound of its coach.
    """
    need = np.empty_like(value)
    falling = -np.sort(-value, axis=1)
    for j in range(value.shape[0]):
        c = int(min(rest.capacity[j], value.shape[1]))
        if c == 0:
            need[j] = 1 << 60
            continue
        counted = falling[j, :c].sum()
        last = falling[j, c - 1]
        # the others that would count beside it: the best c - 1 of the other slots
        others = np.where(value[j] >= last, counted - value[j], counted - last)
        need[j] = counted - others - loss
    return need


def near(rest: Lowered, price: Ints, loss: int, want: int, most: int) -> tuple[Columns, int] | None:
    """List groups that lose little at the prices, and return with them the loss up to which.

    price : less the bonus;  loss : int, the most to look for
    want, most : how many are enough, and too many. None where even a small loss has too many.
    """
    value = rest.best(price, every=True).value
    top, found = loss, listed(rest, price, value, loss, most)
    while found is None and top > 1 and top > loss >> 12:
        top = top * 3 // 5
        found = listed(rest, price, value, top, most)
    low = found
    while low is not None and low.coach.size < want and top < loss:
        step = min(top * 5 // 4 + 1, loss)
        low = listed(rest, price, value, step, most)
        if low is not None:
            top, found = step, low
    return None if found is None else (found, top)


def listed(rest: Lowered, price: Ints, value: Ints, loss: int, rows: int) -> Columns | None:
    """List all groups whose being chosen lowers the bound at the prices by at most `loss`.

    value : int64 (m, slots), the best at the prices. None if there are more than `rows`.
    """
    found = rest.above(price, thresholds(rest, value, loss), rows)
    if found is None:
        return None
    return Columns(rest, found.sets, found.coach, found.slot)
