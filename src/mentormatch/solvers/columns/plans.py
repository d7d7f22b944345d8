"""Plans from prices, made better by exchanges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.columns import polish_kernels
from mentormatch.solvers.columns.lowered import Found, Lowered
from mentormatch.solvers.columns.problem import Plan

__all__ = ["first_plan", "polished"]

Ints = NDArray[np.int64]

STEPS, STEPS_EACH = 200_000, 2_000
"""Exchanges tried in one polish, at least and per person."""
HOT, COLD = 0.08, 0.0005
"""First and last heat, as parts of the typical points of a person."""


def first_plan(whole: Lowered, price: Ints, bonus: int) -> Plan:
    """Take disjoint groups in order of their worth at the prices, and price what is left again."""
    problem = whole.problem
    groups: list[tuple[int, int, Ints]] = []
    rest, extra = whole, 0
    while rest.here.sum() >= problem.low:
        found = rest.best(price - bonus - extra, every=True)
        taken = _disjoint(rest, found)
        if not taken:
            if extra >= 4 * bonus:
                break
            extra = max(2 * extra, bonus // 2)
            continue
        groups += taken
        rest = rest.without(taken)
    return whole.plan_of(groups)


def _disjoint(rest: Lowered, found: Found) -> list[tuple[int, int, Ints]]:
    """Return groups that share nobody and no coach beyond his capacity, the best first."""
    here, capacity = rest.here.copy(), rest.capacity.copy()
    taken = []
    value = found.value[found.coach, found.slot]
    for k in np.argsort(-value, kind="stable").tolist():
        j, t = int(found.coach[k]), int(found.slot[k])
        members = np.sort(found.sets[k][found.sets[k] >= 0])
        if value[k] > 0 and capacity[j] > 0 and here[members].all():
            taken.append((j, t, members))
            here[members] = False
            capacity[j] -= 1
            if rest.problem.seeded:
                capacity[members] = 0
    return taken


def polished(
    whole: Lowered, plan: Plan, bonus: int, *, steps: int, seed: int, hot: float = HOT
) -> Plan:
    """Return a plan with more people placed, or more points, or the same one."""
    problem, groups = whole.problem, plan.coach.size
    if groups == 0:
        return plan
    codes, alone, most, least, clash, block = whole.rules
    values = alone.shape[1]
    size = np.zeros(groups, dtype=np.int64)
    members = np.full((groups, problem.high), -1, dtype=np.int64)
    place = np.full(problem.people, -1, dtype=np.int64)
    count = np.zeros((groups, len(problem.mixes), values), dtype=np.int64)
    for i in np.flatnonzero(plan.group >= 0).tolist():
        g = plan.group[i]
        members[g, size[g]], place[i] = i, size[g]
        size[g] += 1
    for k in range(codes.shape[0]):
        who = np.flatnonzero((plan.group >= 0) & (codes[k] >= 0))
        np.add.at(count[:, k], (plan.group[who], codes[k, who]), 1)
    worth, coach_free, capacity, coach = (
        whole.worth,
        whole.open,
        problem.capacity,
        plan.coach.copy(),
    )
    if problem.seeded:  # nobody leads: one coach for all, who can be anywhere any number of times
        worth, coach_free = (
            np.zeros((1, problem.people), np.int64),
            np.ones((1, problem.slots), bool),
        )
        capacity, coach = np.array([problem.people]), np.zeros_like(coach)
    load = np.bincount(coach, minlength=capacity.size).astype(np.int64)
    busy = np.zeros(coach_free.shape, dtype=np.int64)
    np.add.at(busy, (coach, plan.slot), 1)
    state = (plan.group.copy(), members, size, place, count)
    at = (coach, plan.slot.copy())
    best = (plan.group.copy(), plan.coach.copy(), plan.slot.copy())
    unit = _typical(whole)
    found, _points = polish_kernels.polish(
        (worth, whole.pair, problem.free, coach_free, capacity, problem.low, problem.high, bonus,
         problem.seeded, load, busy),
        (codes, alone, most, least, clash, _mates(block), bool(clash.any())),
        state, at, best, (steps, hot * unit, COLD * unit, unit),
        np.array([2 * seed + 1], dtype=np.uint64),
    )  # fmt: skip
    if not found:
        return plan
    new = Plan(*best)
    if problem.seeded:
        first = [int(new.members(g).min()) for g in range(groups)]
        new = Plan(new.group, np.array(first, dtype=np.int64), new.slot)
    return new


def _typical(whole: Lowered) -> float:
    """Return about what one person adds to a group in points."""
    worth = whole.worth[whole.worth >= 0]
    points = float(worth.mean()) if worth.size else 0.0
    if whole.problem.pair is not None:
        points += float(np.abs(whole.problem.pair).mean()) * (whole.problem.high - 1) / 2
    return max(points, 1.0)


def _mates(block: Ints) -> Ints:
    """Return int64 (n, most): who must be with each person, -1 where nobody."""
    n = block.size
    lists = [np.flatnonzero((block == block[i]) & (np.arange(n) != i)) if block[i] >= 0
             else np.zeros(0, dtype=np.int64) for i in range(n)]  # fmt: skip
    mates = np.full((n, max((part.size for part in lists), default=0)), -1, dtype=np.int64)
    for i, part in enumerate(lists):
        mates[i, : part.size] = part
    return mates
