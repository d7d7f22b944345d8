"""A plan by diving: fix the groups that a linear programme likes best, price the rest again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.columns.ascent import ascend
from mentormatch.solvers.columns.lowered import Lowered
from mentormatch.solvers.columns.master import Columns, near
from mentormatch.solvers.columns.problem import Plan
from mentormatch.solvers.rows.highs import integer, linear

__all__ = ["dive"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SHARE = 0.2
"""Groups fixed at a time, as a part of those that are left."""
SURE = 0.95
STEPS = 40
SMALL = 36
"""People left who are grouped at once by an integer programme."""
WANTED, MOST = 12, 40
"""Groups listed per person, wanted and at most."""


def dive(whole: Lowered, price: Ints, bonus: int, budget: Budget) -> Plan:
    """Fix likely groups until nobody can be grouped any more."""
    rest = whole
    groups: list[tuple[int, int, Ints]] = []
    problem = whole.problem
    current = price
    while int(rest.here.sum()) >= problem.low and not budget.late():
        left = int(rest.here.sum())
        if groups:
            current = ascend(rest, current.astype(float), bonus, steps=STEPS, budget=budget).price
        found = near(rest, current - bonus, 4 * bonus, WANTED * left, MOST * left)
        if found is None or found[0].coach.size == 0:
            break
        columns = found[0]
        if left <= SMALL:
            answer = integer(columns.model(bonus), nodes=200, seconds=budget.left())
            taken = [] if answer.x is None else columns.chosen(answer.x)
        else:
            solution = linear(columns.model(bonus), budget.left())
            taken = [] if solution.x is None else _likely(columns, solution.x, left)
        if not taken:
            break
        groups += taken
        rest = rest.without(taken)
    return whole.plan_of(groups)


def _likely(columns: Columns, x: Floats, left: int) -> list[tuple[int, int, Ints]]:
    """Return disjoint groups of the largest shares."""
    rest = columns.rest
    here, capacity, open_ = rest.here.copy(), rest.capacity.copy(), rest.open.copy()
    most = max(1, int(SHARE * left / rest.problem.high))
    taken: list[tuple[int, int, Ints]] = []
    for k in np.argsort(-x, kind="stable").tolist():
        if x[k] < 1e-6 or (x[k] < SURE and len(taken) >= most):
            break
        j, t = int(columns.coach[k]), int(columns.slot[k])
        members = np.sort(columns.sets[k][columns.sets[k] >= 0])
        if capacity[j] > 0 and open_[j, t] and here[members].all():
            taken.append((j, t, members))
            here[members] = False
            capacity[j] -= 1
            open_[j, t] = False
            if rest.problem.seeded:
                capacity[members] = 0
    return taken
