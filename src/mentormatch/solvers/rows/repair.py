"""From any pairs to pairs that keep every row: drop what breaks most, then put back what fits.

Not the best, but always whole: what is returned holds exactly. For answers when time runs out, and
to begin with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import assign, kernel
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program, nobody, pairs_of
from mentormatch.solvers.rows.table import RowTable

__all__ = ["plain_flow", "repaired"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TRIED = 24
"""Mentors tried for each mentee who has fewer than she may."""
PUT_BACK = 2
"""Rounds of this."""
TURNS = 3
"""Times that pairs are dropped from rows over their most and rows below their least lifted."""
LIFTS, MOST_LIFTED, LIFTED_EACH = 20, 2000, 3
"""Rounds in which rows are lifted to their least, and pairs tried in each: of all, of a mentee."""
LOOK = 1000
"""Pairs tried between two looks at the clock."""
LEAST_SECONDS = 0.3
"""For the flow that is mended, and for mending it, even where the time is up."""
LARGEST_INT = np.iinfo(np.int32).max // 2


def plain_flow(program: Program, value: Ints, budget: Budget) -> tuple[Pairs, float]:
    """Return the best pairs where no side row counts, and what no answer exceeds.

    Values that are all 0 leave the choice to the points.
    """
    open_ = program.open()
    if not open_.any():
        return nobody(), 0.0
    worth = np.where(open_, value if value.any() else program.points, 0).astype(np.int64)
    low = worth.min(axis=1).clip(max=0)
    step = -(-int((worth - low[:, None]).max()) // LARGEST_INT) or 1
    shown = np.where(open_, -((low[:, None] - worth) // step), -1).astype(np.int32)
    base = -((-low) // step)
    seconds = None if budget.seconds is None else max(budget.left() or 0.0, LEAST_SECONDS)
    solution = assign(
        shown, program.capacity, demand=program.demand, min_load=program.min_load,
        row_bonus=base, row_hash=program.row_hash, mentor_hash=program.mentor_hash,
        time_limit=seconds, route=kernel(shown.size),
    )  # fmt: skip
    if solution.status == "infeasible":
        return nobody(), -np.inf
    bound = float(solution.bound * step) if value.any() else 0.0
    return pairs_of(solution.mentor_of), bound


def repaired(
    program: Program,
    pairs: Pairs,
    *,
    value: Ints | None = None,
    table: RowTable | None = None,
    budget: Budget | None = None,
) -> Pairs | None:
    """Change pairs until every row, seat, demand and least load holds; None where that fails.

    Parameters
    ----------
    pairs
        To begin with; any, as long as no pair is there twice.
    value : int64 (n, m), optional
        What to lose little of; default: points.
    table
        The programme's rows, where they have been made.
    budget
        Time; a little is taken even where it is up.

    Notes
    -----
    Rows with extra variables are not looked at. Time O(pairs) per pair dropped or put back in the
    worst case, usually far less: only pairs of broken rows are looked at.
    """
    budget = budget or Budget()
    most = None if budget.seconds is None else max(budget.left() or 0.0, LEAST_SECONDS)
    work = _Repair(program, pairs, program.points if value is None else value, table)
    work.budget = Budget(most)
    work.fit_seats()
    for _ in range(TURNS):
        work.drop()
        work.lift()
        if not work.broken() or work.budget.late():
            break
    if work.broken() and not work.budget.late():
        work.clear()
    if not work.broken():
        work.put_back()
    found = work.pairs()
    return found if program.holds(*found) else None


class _Repair:
    """Chosen pairs with the amounts of all rows, kept up to date."""

    def __init__(self, program: Program, pairs: Pairs, value: Any, table: RowTable | None) -> None:
        self.program = program
        self.value = value
        self.budget = Budget()
        self.table = RowTable(program) if table is None else table
        self.peak = max(float(np.abs(value).max(initial=0)), 1.0)
        n, m = program.shape
        order = np.lexsort((pairs[1], pairs[0]))
        self.chosen = np.zeros((n, m), dtype=bool)
        rows, columns = pairs[0][order], pairs[1][order]
        kept = self.table.open[rows, columns]
        self.chosen[rows[kept], columns[kept]] = True
        self.refresh()

    def refresh(self) -> None:
        rows, columns = self.pairs()
        self.amount = self.table.amounts(rows, columns)
        self.load = np.bincount(columns, minlength=self.program.shape[1])
        self.got = np.bincount(rows, minlength=self.program.shape[0])

    def pairs(self) -> Pairs:
        rows, columns = np.nonzero(self.chosen)
        return rows.astype(np.int64), columns.astype(np.int64)

    def broken(self) -> bool:
        short = (self.load < self.program.min_load).any()
        return bool(short or self.table.outside(self.amount).any())

    def change(self, i: int, j: int, sign: int) -> float:
        """Choose a pair or drop it; return by how much more is outside then."""
        which, count = self.table.counts(i, j)
        more = self.table.shift(self.amount, which, sign * count)
        self.chosen[i, j] = sign > 0
        self.amount[which] += sign * count
        self.load[j] += sign
        self.got[i] += sign
        return more

    def fit_seats(self) -> None:
        """Drop the pairs of least value where a mentor or a mentee has too many."""
        for side, most in ((1, self.program.capacity), (0, self.program.demand)):
            rows, columns = self.pairs()
            which = (rows, columns)[side]
            order = np.lexsort((-self.value[rows, columns], which))
            first = np.searchsorted(which[order], np.arange(most.size))
            place = np.arange(order.size) - first[which[order]]
            out = order[place >= most[which[order]]]
            self.chosen[rows[out], columns[out]] = False
        self.refresh()

    def drop(self) -> None:
        """Drop pairs, the one that mends most for its value first, while that mends anything."""
        while self.table.outside(self.amount).any():
            rows, columns = self.pairs()
            if rows.size == 0:
                return
            mended = self.mended(rows, columns)
            free = self.load[columns] > self.program.min_load[columns]
            use = np.flatnonzero((mended > 1e-9) & free)
            if use.size == 0:
                return
            worth = np.maximum(self.value[rows[use], columns[use]], 0) + 1.0
            order = use[np.argsort(-mended[use] / worth, kind="stable")]
            if not self.drop_some(rows[order], columns[order]):
                return

    def drop_some(self, rows: Ints, columns: Ints) -> bool:
        """Drop pairs in this order where that still mends; True if any was dropped."""
        left = self.table.excess(self.amount)
        dropped = False
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
            if self.load[j] <= self.program.min_load[j]:
                continue
            which, count = self.table.counts(i, j)
            if self.table.shift(self.amount, which, -count) < -1e-9:
                left += self.change(i, j, -1)
                dropped = True
                if left <= 1e-9:
                    break
        return dropped

    def mended(self, rows: Ints, columns: Ints) -> Floats:
        """Return float (pairs,): how much less is outside without each pair, in linear terms."""
        table = self.table
        over = np.where(self.amount > table.most, self.amount - table.most, 0.0)
        under = np.where(self.amount < table.least, self.amount - table.least, 0.0)
        pull = np.where(table.linked, 0.0, np.sign(over + under) / table.unit)
        return table.paid(rows, columns, pull)

    def lift(self) -> None:
        """Give seats to whom a row or a least load needs, from those who need them least."""
        for _ in range(LIFTS):
            if self.budget.late():
                return
            short = np.flatnonzero(self.load < self.program.min_load)
            under = ~self.table.linked & (self.amount < self.table.least)
            if not under.any() and not short.size:
                return
            need = self.table.fee(np.where(under, 1.0, 0.0) / self.table.unit)
            need[:, short] += 1.0
            if not self.lift_some(need):
                return

    def lift_some(self, need: Floats) -> bool:
        """Choose pairs that are needed and mend more than they break; True if there was any."""
        p = self.program
        rows, columns = self.needed(need)
        lifted = False
        for at, (i, j) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            if at % LOOK == LOOK - 1 and self.budget.late():
                return lifted
            old = self.given_up(i)
            if old is None or self.load[j] >= p.capacity[j]:
                continue
            before = self.missing(j, old)
            more = self.change(i, j, 1)
            if old >= 0:
                more += self.change(i, old, -1)
            if more + self.missing(j, old) < before - 1e-9:
                lifted = True
                continue
            self.change(i, j, -1)
            if old >= 0:
                self.change(i, old, 1)
        return lifted

    def needed(self, need: Floats) -> Pairs:
        """Return a few pairs of each mentee that are needed, those needed most for most first."""
        p = self.program
        able = self.table.open & ~self.chosen & (self.load < p.capacity) & (need > 1e-9)
        people = np.flatnonzero(able.any(axis=1))
        width = min(LIFTED_EACH, p.shape[1])
        if people.size == 0 or width == 0:
            return nobody()
        most = max(float(need.max()), 1e-9)
        urgent = need[people] / most + (1e-3 / self.peak) * self.value[people]
        urgent[~able[people]] = -np.inf
        best = np.argpartition(-urgent, width - 1, axis=1)[:, :width]
        rows, columns = np.repeat(np.arange(people.size), width), best.ravel()
        use = able[people[rows], columns]
        rows, columns = rows[use], columns[use]
        moved = self.got[people[rows]] >= p.demand[people[rows]]  # who has nobody comes first
        order = np.lexsort((moved - urgent[rows, columns],))[:MOST_LIFTED]
        return people[rows[order]], columns[order]

    def missing(self, *mentors: int) -> float:
        """How many mentees some mentors have too few."""
        at = [j for j in mentors if j >= 0]
        return float(np.maximum(self.program.min_load[at] - self.load[at], 0).sum())

    def given_up(self, i: int) -> int | None:
        """Return whom a mentee would leave for another mentor, -1: nobody, None: she cannot."""
        if self.got[i] < self.program.demand[i]:
            return -1
        held = np.flatnonzero(self.chosen[i])
        held = held[self.load[held] > self.program.min_load[held]]
        return int(held[self.value[i, held].argmin()]) if held.size else None

    def clear(self) -> None:
        """Begin with nobody."""
        self.chosen[:] = False
        self.refresh()
        self.lift()

    def put_back(self) -> None:
        """Choose more pairs, the most valuable first, while every row holds."""
        untried = self.table.open & (self.value > 0)
        for turn in range(PUT_BACK):
            if turn and self.budget.late():
                return
            rows, columns = self.candidates(untried)
            if rows.size == 0:
                return
            untried[rows, columns] = False
            self.put_some(rows, columns)

    def candidates(self, untried: NDArray[np.bool_]) -> Pairs:
        """Return a few pairs of everybody who may have more, the most valuable first."""
        p = self.program
        people = np.flatnonzero(self.got < p.demand)
        able = untried[people] & ~self.chosen[people] & (self.load < p.capacity)
        worth = np.where(able, self.value[people], -1).astype(float)
        width = min(TRIED, worth.shape[1])
        if able.size == 0:
            return nobody()
        best = np.argpartition(-worth, width - 1, axis=1)[:, :width]
        rows, columns = np.repeat(np.arange(people.size), width), best.ravel()
        use = able[rows, columns]
        rows, columns = rows[use], columns[use]
        order = np.argsort(-worth[rows, columns], kind="stable")
        return people[rows[order]], columns[order]

    def put_some(self, rows: Ints, columns: Ints) -> None:
        p = self.program
        for at, (i, j) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            if at % LOOK == LOOK - 1 and self.budget.late():
                return
            if self.got[i] >= p.demand[i] or self.load[j] >= p.capacity[j]:
                continue
            which, count = self.table.counts(i, j)
            if self.table.shift(self.amount, which, count) <= 0:
                self.change(i, j, 1)
