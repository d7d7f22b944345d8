"""Circles of three and more: groups of one pool without a coach, bounded by prices of people."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from mentormatch.errors import Status
from mentormatch.matching.answer import Stage
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.peers.pool import Pool
from mentormatch.programmes.peers.solving import Groups, SolvedPeers
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.columns.certificate import price_bound
from mentormatch.solvers.columns.problem import GroupProblem
from mentormatch.solvers.columns.solve import circles, form
from mentormatch.solvers.general.odd_sets import OddSets

__all__ = ["circle_sizes", "circles_bound", "pair_points", "solve_circles"]


def circle_sizes(people: int, size: int) -> tuple[int, int] | None:
    """Return the sizes of groups: some one larger where the number does not divide; or None."""
    if people % size == 0:
        return size, size
    groups = people // size
    return (size, size + 1) if groups and people <= groups * (size + 1) else None


def pair_points(pool: Pool, groups: Groups) -> int:
    """Return the points of all pairs within groups."""
    return sum(
        int(np.triu(pool.points[np.ix_(group, group)].astype(np.int64), 1).sum())
        for group in groups
    )


def _chairs(pool: Pool, size: int) -> int:
    """Return how many groups are to be no larger than `size`, where others are."""
    n = len(pool)
    low, high = circle_sizes(n, size) or (size, size)
    return 0 if low == high else (n // size) * high - n


def _problem(pool: Pool, size: int, chairs: int) -> GroupProblem:
    """Return the problem: of groups as large as can be, with an empty chair in some of them.

    Chairs stand last; they are worth nothing to anybody, and no two are in one group.
    """
    n = len(pool)
    high = (circle_sizes(n, size) or (size, size))[1]
    points = np.full((n + chairs, n + chairs), -1, dtype=np.int64)
    points[:n, :n] = pool.points
    points[n:, :n] = points[:n, n:] = 0
    together = np.array(pool.forced, dtype=np.int64).reshape(-1, 2)
    return replace(circles(points, high, high), together=together)


def _chairs_matter(pool: Pool, size: int) -> bool:
    """Whether groups of two sizes are asked for."""
    low, high = circle_sizes(len(pool), size) or (size, size)
    return low < high


def _any_sizes(pool: Pool, size: int) -> GroupProblem:
    """Return the problem of groups of both sizes, however many of each."""
    problem = _problem(pool, size, 0)
    low, high = circle_sizes(len(pool), size) or (size, size)
    return replace(problem, low=low, high=high)


def solve_circles(pool: Pool, size: int, time_limit: float | None = None) -> SolvedPeers:
    """Form groups of `size` people, so that the score of all pairs within them is greatest.

    Where people do not divide, as few groups as needed are one larger; where not everybody can be
    in one, groups of both sizes may be as many as they like.
    """
    began = time.perf_counter()
    n, budget = len(pool), Budget(time_limit)
    problem = _problem(pool, size, _chairs(pool, size))
    answer = form(problem, budget=budget)
    if _chairs_matter(pool, size) and (np.asarray(answer.plan.group)[:n] < 0).any():
        problem = _any_sizes(pool, size)
        answer = form(problem, budget=budget)
    group = np.asarray(answer.plan.group)[:n]
    numbers = np.unique(group[group >= 0]).tolist()
    made: Groups = tuple(sorted(tuple(np.flatnonzero(group == g).tolist()) for g in numbers))
    total = pair_points(pool, made)
    bound = max(answer.bound, total)
    placed = int((group >= 0).sum())
    most = n if answer.placed_bound == problem.people else max(placed, answer.placed_bound)
    stages = (
        Stage("people with company", placed, min(most, n), "people"),
        Stage("score of all meetings", total / MILLION, bound / MILLION, "score"),
    )
    status = Status.OPTIMAL
    if bound > total or placed < min(most, n):
        status = Status.TIME_LIMIT if time_limit is not None else Status.WORK_LIMIT
    bonus = np.full(problem.people, answer.bonus, dtype=np.int64)
    return SolvedPeers(
        made, stages, status, None, bonus, np.asarray(answer.prices, dtype=np.int64),
        OddSets.none(), (), time.perf_counter() - began,
    )  # fmt: skip


def circles_bound(pool: Pool, size: int, solved: SolvedPeers) -> int:
    """Return what no groups of as many people exceed by the prices, in points."""
    chairs = _chairs(pool, size)
    if _chairs_matter(pool, size) and solved.placed < len(pool):
        problem, held = _any_sizes(pool, size), solved.placed
    else:
        problem = _problem(pool, size, chairs)
        held = len(solved.groups) * problem.high  # with the chairs that are used
    bonus = int(solved.bonus[0]) if solved.bonus.size else 0
    return price_bound(problem, solved.price, bonus) - bonus * held
