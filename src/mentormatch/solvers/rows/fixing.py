"""Pairs that prices leave undecided, of reduced cost below the gap: HiGHS decides on those."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign, kernel
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program, SideRow, pairs_of
from mentormatch.solvers.rows.linear import maximize

__all__ = ["Priced", "decided", "worth_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_PAIRS = 30_000
"""Undecided pairs that HiGHS is asked about."""
LARGEST_BONUS = 1e9
"""Values beyond this hide a point from HiGHS."""


@dataclass(frozen=True, eq=False)
class Priced:
    """A flow at the prices of rows, and the bound that it proves.

    points : int32 (n, m), what each pair is worth less the rows' prices, in parts of a point.
    bonus : int64 (n, k), for the first, second, ... mentor, in these parts.
    fine : int, parts of a point.
    bound : float, in points.
    """

    points: NDArray[np.int32]
    bonus: Ints
    solution: Assignment
    fine: int
    bound: float

    def loss(self, demand: Ints) -> tuple[Floats, Bools]:
        """Return (what the bound loses where a pair is decided otherwise, the chosen pairs).

        float (n, m), in points: for a chosen pair, if it is not; for another, if it is; inf for
        those that may not be.
        """
        n = self.points.shape[0]
        at = np.arange(n)
        chosen = np.zeros(self.points.shape, dtype=bool)
        chosen[pairs_of(self.solution.mentor_of)] = True
        able = self.points >= 0
        left = np.where(able, self.points - self.solution.mentor_price.astype(float), -np.inf)
        got = chosen.sum(axis=1)
        width = self.bonus.shape[1]
        last = np.where(got > 0, self.bonus[at, np.clip(got - 1, 0, width - 1)], 0)
        following = self.bonus[at, np.clip(got, 0, width - 1)]
        others = np.where(chosen, -np.inf, left).max(axis=1, initial=-np.inf)
        worst = np.where(chosen, left, np.inf).min(axis=1, initial=np.inf)
        leaving = left - np.maximum(others, -last)[:, None]
        joining = np.where(got < demand, np.minimum(worst, -following), worst)[:, None] - left
        loss = np.where(chosen, leaving, np.where(able, joining, np.inf))
        loss[demand == 0] = np.inf
        return np.maximum(loss, 0) / self.fine, chosen


def decided(
    program: Program,
    value: Ints,
    bonus: Ints,
    proof: Priced,
    best: Pairs,
    *,
    budget: Budget,
    gap: float = 0.0,
    nodes: int | None = None,
) -> tuple[Pairs, float] | None:
    """Look for better pairs among those that the prices leave undecided.

    Parameters
    ----------
    value : int64 (n, m);  bonus : int64 (n, k)
        Value of a pair, and of the first, second, ... mentor of a mentee.
    proof
        What bounds every answer.
    best
        The best pairs known.

    Returns
    -------
    (pairs, bound) or None
        None where the bonus cannot be told apart from the values.
    """
    best_value = worth_of(value, bonus, best)
    slack = proof.bound - best_value
    loss, chosen = proof.loss(program.demand)
    open_ = np.isfinite(loss)
    unsure = open_ & (loss <= slack)
    sure = chosen & open_ & ~unsure
    outside = -np.inf
    if int(unsure.sum()) > MOST_PAIRS:
        line = float(np.partition(loss[unsure], MOST_PAIRS)[MOST_PAIRS])
        unsure = (open_ & (loss < line)) | chosen
        sure = np.zeros_like(chosen)
        outside = proof.bound - line
    mine = np.zeros_like(chosen)
    mine[best] = True
    unsure |= mine & ~sure
    counted = _counted(program, value, bonus, best)
    if counted is None:
        return None
    rows, each = counted
    held = _places(sure)
    rest = without(program, held, rows)
    rest = replace(rest, points=np.where(unsure, program.points, -1))
    known = _places(mine & ~sure) if (mine | ~sure).all() else None
    fixed = int(value[held].sum()) + (0 if rows else int(each[held[0]].sum()))
    matched = int(bonus.max(initial=0)) * best[0].size if rows else 0
    found = maximize(
        rest,
        value if rows else value + each[:, None],
        budget=budget,
        gap=gap,
        known=known,
        nodes=nodes,
    )
    if not found.found:
        return best, max(
            float(best_value), outside
        ) if found.status == "infeasible" else proof.bound
    both = np.concatenate([found.rows, held[0]]), np.concatenate([found.columns, held[1]])
    order = np.lexsort((both[1], both[0]))
    bound = min(max(found.bound + fixed + matched, outside, best_value), proof.bound)
    return (both[0][order], both[1][order]), bound


def worth_of(value: NDArray[Any], bonus: Ints, pairs: Pairs) -> int:
    """Return what pairs are worth, with the bonus (n, k) of the first, second, ... mentor."""
    got = np.bincount(pairs[0], minlength=bonus.shape[0])
    slots = np.arange(bonus.shape[1]) < got[:, None]
    paid: int = sum((bonus * slots).sum(axis=1).tolist())
    return int(value[pairs].sum(dtype=np.int64)) + paid


def without(program: Program, held: Pairs, rows: tuple[SideRow, ...] = ()) -> Program:
    """Return what is left of a programme, with more rows, when some pairs are chosen already."""
    n, m = program.shape
    load, got = np.bincount(held[1], minlength=m), np.bincount(held[0], minlength=n)
    sides = []
    for row in program.rows + rows:
        amount = row.amount(*held, program.at(*held)) if held[0].size else 0
        least = None if row.least is None else row.least - amount
        most = None if row.most is None else row.most - amount
        if most is not None or least is None or least > 0 or not _rises(row):
            sides.append(replace(row, least=least, most=most))
    return replace(
        program, capacity=program.capacity - load, demand=program.demand - got,
        min_load=np.maximum(program.min_load - load, 0), rows=tuple(sides),
    )  # fmt: skip


def _rises(row: SideRow) -> bool:
    """Whether a row counts nothing below 0."""
    if row.extra:
        return False
    if row.mentee is None or row.mentor is None:
        return True
    return bool((row.mentee >= 0).all() and (row.mentor >= 0).all())


def _counted(
    program: Program, value: Ints, bonus: Ints, best: Pairs
) -> tuple[tuple[SideRow, ...], Ints] | None:
    """Return (a row that keeps the number matched, if that is settled; else the bonus of each)."""
    each, unit = bonus[:, 0], int(bonus.flat[0]) if bonus.size else 0
    if not bonus.any():
        return (), each
    count = best[0].size
    reach = float(np.abs(value).max(initial=0))
    rest = reach * count - float(value[best].sum())  # what fewer could be worth beyond the best
    if (bonus == unit).all() and unit > rest and count == _most_matched(program):
        n, m = program.shape
        ones = np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64)
        return (SideRow(*ones, least=count),), each
    if (bonus == each[:, None]).all() and reach + float(np.abs(each).max()) < LARGEST_BONUS:
        return (), each
    return None


def _most_matched(program: Program) -> int:
    """Return how many pairs there can be where no side row counts."""
    nothing = np.where(program.open(), 0, -1).astype(np.int32)
    flow = assign(
        nothing, program.capacity, demand=program.demand, min_load=program.min_load,
        row_bonus=np.ones(program.shape[0], dtype=np.int64), route=kernel(nothing.size),
    )  # fmt: skip
    return int((flow.mentor_of >= 0).sum())


def _places(mask: Bools) -> Pairs:
    rows, columns = np.nonzero(mask)
    return rows.astype(np.int64), columns.astype(np.int64)
