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


EXCHANGES_EACH, HOT, COLD = 400, 1.0, 0.003
"""Exchanges tried per person, and the loss of score that is taken at first and at last."""


def circle_sizes(people: int, size: int) -> tuple[int, int] | None:
    """Return the sizes of groups: some one larger where the number does not divide; or None."""
    if people % size == 0:
        return size, size
    groups = people // size
    return (size, size + 1) if groups and people <= groups * (size + 1) else None


def pair_points(pool: Pool, groups: Groups) -> int:
    """Return the points of all pairs within groups."""
    return sum(
        int(np.triu(pool.joint[np.ix_(group, group)].astype(np.int64), 1).sum()) for group in groups
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
    points[:n, :n] = pool.joint
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
    bonus = np.full(problem.people, answer.bonus, dtype=np.int64)
    made = None if answer.plan.placed == problem.people else _exchanged(pool, size)
    if made is not None:
        price = np.asarray(answer.prices, dtype=np.int64)
        told = _told(pool, made, n, _best_company(pool, problem.high))
        solved = SolvedPeers(
            made, told, Status.OPTIMAL, None, bonus, price, OddSets.none(), (), 0.0
        )
        return _ended(solved, time_limit, began)
    if _chairs_matter(pool, size) and (np.asarray(answer.plan.group)[:n] < 0).any():
        problem = _any_sizes(pool, size)
        answer = form(problem, budget=budget)
        bonus = np.full(problem.people, answer.bonus, dtype=np.int64)
    group = np.asarray(answer.plan.group)[:n]
    numbers = np.unique(group[group >= 0]).tolist()
    made = tuple(sorted(tuple(np.flatnonzero(group == g).tolist()) for g in numbers))
    placed = int((group >= 0).sum())
    most = n if answer.placed_bound == problem.people else max(placed, answer.placed_bound)
    solved = SolvedPeers(
        made, _told(pool, made, min(most, n), answer.bound), Status.OPTIMAL, None, bonus,
        np.asarray(answer.prices, dtype=np.int64), OddSets.none(), (), 0.0,
    )  # fmt: skip
    return _ended(solved, time_limit, began)


def _told(pool: Pool, groups: Groups, most: int, bound: int) -> tuple[Stage, ...]:
    total = pair_points(pool, groups)
    placed = sum(len(group) for group in groups)
    return (
        Stage("people with company", placed, most, "people"),
        Stage("score of all meetings", total / MILLION, max(bound, total) / MILLION, "score"),
    )


def _ended(solved: SolvedPeers, time_limit: float | None, began: float) -> SolvedPeers:
    """Return the answer with how it ended."""
    late = Status.TIME_LIMIT if time_limit is not None else Status.WORK_LIMIT
    status = late if any(stage.gap for stage in solved.stages) else Status.OPTIMAL
    return replace(solved, status=status, seconds=time.perf_counter() - began)


def _best_company(pool: Pool, most: int) -> int:
    """Return what no groups of at most so many exceed: everybody with those best for her."""
    best = -np.sort(-np.maximum(pool.joint.astype(np.int64), 0), axis=1)[:, : most - 1]
    return int(best.sum()) // 2


def _exchanged(pool: Pool, size: int) -> Groups | None:
    """Place everybody by exchanges between groups; None where two remain who may not meet.

    Annealing [1]_ from any groups: each step exchanges two people, and two who may not meet count
    as a loss that no score makes up for. The steps are counted, so that the answer is always the
    same. Ties between groups of two who must be together are left to the solver.

    References
    ----------
    .. [1] Kirkpatrick, Gelatt & Vecchi (1983), Science 220, 671-680.
    """
    n = len(pool)
    if pool.forced or n < 2 * size:
        return None
    rng = np.random.default_rng(0)
    value = np.where(pool.joint >= 0, pool.joint / MILLION, -float(n))
    np.fill_diagonal(value, 0.0)
    group = np.arange(n) % (n // size)
    near = np.zeros((n, n // size))  # what each person is to each group
    for g in range(n // size):
        near[:, g] = value[:, group == g].sum(axis=1)
    steps = EXCHANGES_EACH * n
    who, heat = rng.integers(0, n, (steps, 2)).tolist(), np.geomspace(HOT, COLD, steps).tolist()
    luck = np.log(rng.random(steps)).tolist()
    for (i, j), warm, least in zip(who, heat, luck, strict=True):
        g, h = group[i], group[j]
        if g == h:
            continue
        gain = near[i, h] - near[i, g] + near[j, g] - near[j, h] - 2 * value[i, j]
        if gain > warm * least:
            near[:, g] += value[:, j] - value[:, i]
            near[:, h] += value[:, i] - value[:, j]
            group[i], group[j] = h, g
    made = tuple(sorted(tuple(np.flatnonzero(group == g).tolist()) for g in range(n // size)))
    fits = all((pool.joint[np.ix_(m, m)] >= 0).sum() == len(m) * (len(m) - 1) for m in made)
    return made if fits else None


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
