"""Better plans by opening about a dozen groups at a time and forming them anew, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.columns.ascent import Prices, ascend
from mentormatch.solvers.columns.lowered import Lowered
from mentormatch.solvers.columns.master import Columns, near
from mentormatch.solvers.columns.problem import Plan
from mentormatch.solvers.rows.highs import integer

__all__ = ["formed_anew", "groups_of"]

Ints = NDArray[np.int64]
Group = tuple[int, int, Ints]

STEPS = 60
"""Prices tried for the people of a neighbourhood."""
MOST_COLUMNS, MOST_NODES = 1500, 200


def groups_of(plan: Plan) -> list[Group]:
    """Return coach, slot and members of every group."""
    return [
        (int(plan.coach[g]), int(plan.slot[g]), plan.members(g)) for g in range(plan.coach.size)
    ]


@dataclass(eq=False)
class _Walk:
    """The neighbourhoods of a plan, one after the other, led by groups that lose little.

    guide : groups that lose little at the prices of all people.
    """

    whole: Lowered
    plan: Plan
    guide: Columns
    rng: np.random.Generator

    def opened(self, size: int) -> list[int]:
        """Choose groups that share the people of groups worth having, most of them first."""
        group, count = self.plan.group, self.plan.coach.size
        k = int(self.rng.integers(self.guide.coach.size))
        members = self.guide.sets[k][self.guide.sets[k] >= 0]
        out = dict.fromkeys(int(g) for g in group[members] if g >= 0)
        out |= dict.fromkeys(np.flatnonzero(self.plan.coach == self.guide.coach[k]).tolist())
        there = self.guide.sets >= 0
        while len(out) < min(size, count):
            inside = np.isin(group, list(out)) | (group < 0)
            missing = (there & ~inside[self.guide.sets]).sum(axis=1)
            rank = missing + 1.5 * self.rng.random(missing.size) + 100 * (missing == 0)
            members = self.guide.sets[int(np.argmin(rank))]
            new = [int(g) for g in group[members[members >= 0]] if g >= 0 and int(g) not in out]
            out |= dict.fromkeys(new or [int(self.rng.integers(count))])
        return list(out)[: size + 2]


def formed_anew(
    whole: Lowered,
    plan: Plan,
    prices: Prices,
    *,
    enough: int,
    rounds: int,
    budget: Budget,
    size: int,
    seed: int,
) -> Plan:
    """Open some groups, choose the best among all groups that the gap leaves, and go on from there.

    enough : int, points and bonus at which to stop.
    """
    if plan.coach.size < 2:
        return plan
    problem, bonus = whole.problem, prices.bonus
    guide = near(whole, prices.price - bonus, 4 * bonus, 10 * problem.people, 50 * problem.people)
    if guide is None or guide[0].coach.size == 0:
        return plan
    walk = _Walk(whole, plan, guide[0], np.random.default_rng(seed))
    for _ in range(rounds):
        now = walk.plan.total(problem) + bonus * walk.plan.placed
        if budget.late() or now >= enough:
            break
        opened = walk.opened(size)
        groups = groups_of(walk.plan)
        kept = [groups[g] for g in range(len(groups)) if g not in opened]
        better = _best_of(
            whole.without(kept), [groups[g] for g in opened], prices.price, bonus, budget
        )
        if better is not None:
            walk.plan = whole.plan_of(kept + better)
    return walk.plan


def _best_of(
    rest: Lowered, old: list[Group], price: Ints, bonus: int, budget: Budget
) -> list[Group] | None:
    """Return better groups of these people, None where none were found."""
    problem = rest.problem
    placed = sum(members.size for _j, _t, members in old)
    points = sum(problem.points(members, j) for j, _t, members in old)
    prices = ascend(rest, price.astype(float), bonus, steps=STEPS, budget=budget)
    slack = prices.bound - points - bonus * placed
    if slack < 1 or prices.bound == 0:
        return None
    found = near(rest, prices.price - bonus, slack, 0, MOST_COLUMNS)
    if found is None or found[0].coach.size == 0:
        return None
    columns = found[0]
    answer = integer(
        columns.model(bonus if placed < rest.here.sum() else 0, placed),
        nodes=MOST_NODES, gap=1e-5, seconds=budget.left(),
    )  # fmt: skip
    if answer.x is None:
        return None
    new = columns.chosen(answer.x)
    there = sum(members.size for _j, _t, members in new)
    worth = sum(problem.points(members, j) for j, _t, members in new)
    return new if (there, worth) > (placed, points) else None
