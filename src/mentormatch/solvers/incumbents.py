"""The best assignment that keeps at least so many pairs of an earlier one.

A budget on changes is one side row across the flow, so the flow alone is not exact. A bonus per
kept pair (the row's Lagrange multiplier) gives the optimum for most budgets, and an upper bound
for the others; for those, the pairs whose reduced cost exceeds the remaining gap cannot be in a
better assignment, and a small mixed-integer program over the rest finishes the proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign

__all__ = ["Keeping", "best_keeping"]

Ints = NDArray[np.int64]
MOST_BONUS = 1 << 30
"""Points; larger bonuses would not fit the int32 of the score matrix."""


@dataclass(frozen=True, eq=False)
class Keeping:
    """An assignment, what it keeps, and the best that was proven possible."""

    assignment: Assignment
    kept: int
    value: int
    bound: int


@dataclass(frozen=True, eq=False)
class _Instance:
    points: NDArray[np.int32]
    capacity: Ints
    row_bonus: Ints
    row_hash: NDArray[np.uint64] | None
    mentor_hash: NDArray[np.uint64] | None
    incumbent: Ints  # (n,), -1 where there is nothing to keep

    def solve(self, bonus: int, start: Assignment | None) -> Assignment:
        points = self.points
        if bonus:
            rows = np.flatnonzero(self.incumbent >= 0)
            points = np.array(points)
            points[rows, self.incumbent[rows]] += bonus
        return assign(
            points,
            self.capacity,
            row_bonus=self.row_bonus,
            row_hash=self.row_hash,
            mentor_hash=self.mentor_hash,
            start=start,
        )

    def kept(self, mentor_of: Ints) -> int:
        return int(((mentor_of == self.incumbent) & (self.incumbent >= 0)).sum())

    def value(self, mentor_of: Ints) -> int:
        rows = np.flatnonzero(mentor_of >= 0)
        return int(
            self.row_bonus[rows].sum() + self.points[rows, mentor_of[rows]].sum(dtype=np.int64)
        )


def best_keeping(
    points: NDArray[np.int32],
    capacity: Ints,
    row_bonus: Ints,
    incumbent: Ints,
    least: int,
    *,
    row_hash: NDArray[np.uint64] | None = None,
    mentor_hash: NDArray[np.uint64] | None = None,
    start: Assignment | None = None,
) -> Keeping:
    """Find the best assignment that keeps at least `least` incumbent pairs.

    Parameters
    ----------
    points : int32 (n, m)
        As in `assign`; incumbent pairs must be admissible.
    capacity : int64 (m,)
    row_bonus : int64 (n,)
    incumbent : int64 (n,)
        Mentor to keep per mentee, -1 for none.
    least : int
        At most what capacities allow: ``sum_j min(capacity_j, incumbents_j)``.
    row_hash, mentor_hash, start
        As in `assign`.

    Returns
    -------
    Keeping
        With ``value == bound``: proven best.

    Raises
    ------
    ValueError
        If `least` exceeds what capacities allow.

    Notes
    -----
    About 31 warm solves, and a mixed-integer program over the pairs that the bound leaves open.
    """
    held = incumbent[incumbent >= 0]
    load = np.bincount(held, minlength=len(capacity))
    most = int(np.minimum(load, capacity).sum())
    if least > most:
        raise ValueError(f"least must be at most {most}, what capacities allow. Got {least}.")
    instance = _Instance(points, capacity, row_bonus, row_hash, mentor_hash, incumbent)
    fresh = instance.solve(0, start)
    if instance.kept(fresh.mentor_of) >= least:
        return _keeping(instance, fresh, fresh.bound)
    if least == most == len(held):
        return _all_kept(instance)
    return _between(instance, fresh, least)


def _keeping(instance: _Instance, solution: Assignment, bound: int) -> Keeping:
    value = instance.value(solution.mentor_of)
    return Keeping(solution, instance.kept(solution.mentor_of), value, max(bound, value))


def _all_kept(instance: _Instance) -> Keeping:
    """Set every incumbent pair aside with its seat and solve what is left."""
    rows = np.flatnonzero(instance.incumbent >= 0)
    points = np.array(instance.points)
    points[rows] = np.where(points[rows] >= 0, ~points[rows], points[rows])
    capacity = instance.capacity - np.bincount(
        instance.incumbent[rows], minlength=len(instance.capacity)
    )
    rest = replace(instance, points=points, capacity=capacity).solve(0, None)
    mentor_of = np.where(instance.incumbent >= 0, instance.incumbent, rest.mentor_of)
    solution = replace(rest, mentor_of=mentor_of, unique=rest.unique)
    value = instance.value(mentor_of)
    return _keeping(instance, replace(solution, objective=value), value)


def _between(instance: _Instance, fresh: Assignment, least: int) -> Keeping:
    """Search the smallest bonus that keeps enough; close what gap it leaves."""
    low, high = 0, 1024
    below, above = fresh, instance.solve(high, fresh)
    while instance.kept(above.mentor_of) < least and high < MOST_BONUS:
        low, below = high, above
        high = min(high * 32, MOST_BONUS)
        above = instance.solve(high, above)
    if instance.kept(above.mentor_of) < least:
        return _integer_program(instance, least, None, None)
    while high - low > 1:
        middle = (low + high) // 2
        tried = instance.solve(middle, above)
        if instance.kept(tried.mentor_of) >= least:
            high, above = middle, tried
            if instance.kept(tried.mentor_of) == least:
                break
        else:
            low, below = middle, tried
    bound = min(above.bound - high * least, below.bound - low * least)
    found = _keeping(instance, above, bound)
    if found.value == bound:
        return found
    gap = bound - found.value
    open_pairs = _open_pairs(instance, above, high, gap + above.bound - high * least - bound)
    return _integer_program(instance, least, open_pairs, found)


def _open_pairs(
    instance: _Instance, solution: Assignment, bonus: int, gap: int
) -> NDArray[np.bool_]:
    """Return which pairs, by reduced cost, may be in an assignment better by up to `gap`."""
    rows = np.arange(len(instance.points))
    value = instance.points.astype(np.int64)
    kept = np.flatnonzero(instance.incumbent >= 0)
    value[kept, instance.incumbent[kept]] += bonus
    left = value + instance.row_bonus[:, None] - solution.mentor_price
    left[instance.points < 0] = np.iinfo(np.int64).min // 4
    best = np.maximum(left.max(axis=1, initial=0), 0)
    open_pairs: NDArray[np.bool_] = left >= (best - gap)[:, None]
    chosen = solution.mentor_of >= 0
    open_pairs[rows[chosen], solution.mentor_of[chosen]] = True
    return open_pairs & (instance.points >= 0)


def _integer_program(
    instance: _Instance, least: int, open_pairs: NDArray[np.bool_] | None, known: Keeping | None
) -> Keeping:
    """Solve over the open pairs: first the bonus of the rows, then the points, exactly."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, vstack

    usable = instance.points >= 0 if open_pairs is None else open_pairs
    rows, columns = np.nonzero(usable)
    n, m = instance.points.shape
    arcs = np.arange(len(rows))
    ones = np.ones(len(rows))
    table = vstack(
        [
            coo_array((ones, (rows, arcs)), shape=(n, len(rows))),
            coo_array((ones, (columns, arcs)), shape=(m, len(rows))),
            coo_array((instance.incumbent[rows] == columns).astype(float)[None, :]),
        ]
    ).tocsr()
    lower = np.concatenate([np.zeros(n + m), [least]])
    upper = np.concatenate([np.ones(n), instance.capacity, [np.inf]])
    limits = [LinearConstraint(table, lower, upper)]
    bonus = instance.row_bonus[rows].astype(float)
    unit = max(float(bonus.max(initial=0)), 1.0)
    options = {"mip_rel_gap": 0.0}
    box = Bounds(0, 1)
    if bonus.any():
        first = milp(
            -bonus / unit, constraints=limits, integrality=ones, bounds=box, options=options
        )
        reached = float((bonus / unit) @ np.rint(first.x))
        limits.append(LinearConstraint((bonus / unit)[None, :], reached - 1e-7, np.inf))
    gain = instance.points[rows, columns].astype(float)
    best = milp(-gain / 1e6, constraints=limits, integrality=ones, bounds=box, options=options)
    mentor_of = np.full(n, -1, dtype=np.int64)
    chosen = np.rint(best.x).astype(bool)
    mentor_of[rows[chosen]] = columns[chosen]
    value = instance.value(mentor_of)
    if known is not None and known.value >= value:
        return replace(known, bound=known.value)
    base = known.assignment if known else instance.solve(0, None)
    solution = replace(
        base, mentor_of=mentor_of, objective=value, bound=value, unique=False, route="keeping"
    )
    return Keeping(solution, instance.kept(mentor_of), value, value)
