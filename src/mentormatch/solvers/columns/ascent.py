"""Prices of people that prove how much groups can be worth: subgradients of the Lagrangian bound.

Every person has a price; a coach leads the groups that are worth most beyond their members' prices.
What all coaches gain so, and the prices, is a bound. Prices rise for those whom several groups
want, and fall for those whom none does.

References
----------
.. [1] Fisher (1981), Management Science 27(1). Nedic & Bertsekas (2001), SIAM J. Optim. 12(1), for
   steps towards a level below the best bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.columns.lowered import Found, Lowered

__all__ = ["Prices", "ascend", "bound_of", "first_price"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FIRST_DEPTH, LEAST_DEPTH, SHRINK = 0.02, 3e-5, 0.6
"""How far below the best bound the level lies, as a part of the points: first, last, and the factor
by which it comes nearer after `PATIENCE` steps without a better bound."""
PATIENCE, KEEP = 7, 0.7
"""`KEEP` of the last direction stays in the next one."""


@dataclass(frozen=True, eq=False)
class Prices:
    """Prices of people, and the bound they prove.

    price : int64 (n,), 0 or more; the bonus for each person placed is in it.
    bound : int, what no groups exceed in points and bonus.
    bonus : int, for each person placed.
    steps : int, how many prices were tried.
    """

    price: Ints
    bound: int
    bonus: int
    steps: int


def bound_of(rest: Lowered, price: Ints, bonus: int) -> tuple[int, Found]:
    """Return what no groups of the people left exceed in points and bonus, and the groups met."""
    found = rest.best(price - bonus)
    falling = -np.sort(-found.value, axis=1)
    counted = np.arange(falling.shape[1]) < rest.capacity[:, None]
    return int(price[rest.here].sum()) + int(falling[counted].sum()), found


def first_price(whole: Lowered, bonus: int) -> Floats:
    """Return what people are about worth to coaches who could choose."""
    worth = -np.sort(-whole.worth, axis=0)
    near = worth[max(worth.shape[0] // 10 - 1, 0)].astype(float)
    price: Floats = bonus + 0.8 * np.maximum(near, 0)
    if whole.problem.pair is not None:
        partners = -np.sort(-whole.problem.pair, axis=1)[:, : whole.problem.high - 1]
        price += 0.3 * np.maximum(partners, 0).sum(axis=1)
    return price


def ascend(
    rest: Lowered, start: Floats, bonus: int, *, steps: int, budget: Budget | None = None
) -> Prices:
    """Lower the bound step by step; only the people left are priced."""
    here = rest.here
    price = np.where(here, start, 0.0)
    best, kept = None, np.zeros(here.size, dtype=np.int64)
    depth, since, tried = FIRST_DEPTH, 0, 0
    direction = np.zeros(here.size)
    for _ in range(steps):
        tried += 1
        rounded = np.maximum(np.rint(price), 0).astype(np.int64)
        bound, found = bound_of(rest, rounded, bonus)
        since += 1
        if best is None or bound < best:
            if best is None or bound < best - abs(best) * 1e-7:
                since = 0
            best, kept = bound, rounded
        slope = np.where(here, 1 - _wanted(rest, found), 0)
        if not slope.any() or depth < LEAST_DEPTH or (budget is not None and budget.late()):
            break
        if since > PATIENCE:
            depth, since = depth * SHRINK, 0
            price, direction = kept.astype(float), np.zeros(here.size)
            continue
        direction = (
            KEEP * direction + (1 - KEEP) * slope if direction.any() else slope.astype(float)
        )
        level = best - depth * max(abs(best - bonus * int(here.sum())), 1)
        length = (bound - level) / max(float((direction**2).sum()), 1e-9)
        price = np.maximum(price - length * direction, 0)
    return Prices(kept, 0 if best is None else best, bonus, tried)


def _wanted(rest: Lowered, found: Found) -> Ints:
    """Count the groups that want each person, among those that count for their coaches."""
    value = found.value[found.coach, found.slot]
    order = np.lexsort((found.slot, -value, found.coach))
    coach = found.coach[order]
    rank = np.arange(coach.size) - np.searchsorted(coach, coach)
    counted = order[(rank < rest.capacity[coach]) & (value[order] > 0)]
    members = found.sets[counted].ravel()
    return np.bincount(members[members >= 0], minlength=rest.here.size).astype(np.int64)
