"""A pool is solved: pairs, a trio for who would be left over, and what bounds them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from mentormatch.errors import Status
from mentormatch.matching.answer import Stage
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.peers.pool import Pool
from mentormatch.rosters.columns import IntArray
from mentormatch.solvers.general.odd_sets import OddSets
from mentormatch.solvers.general.pool import PoolMatching, enough, match_pool
from mentormatch.solvers.general.trio import TrioMatching, TrioPrices, match_with_trio
from mentormatch.values import ByValue

__all__ = ["Odd", "SolvedPeers", "bonuses", "greedy_pairs", "solve_pool", "worth_of"]

Odd: TypeAlias = Literal["trio", "rest"]
Groups: TypeAlias = tuple[tuple[int, ...], ...]

CLASSES = 15
"""Numbers of earlier meetings told apart when somebody has to sit out."""


@dataclass(frozen=True, eq=False)
class SolvedPeers(ByValue):
    """Groups by place, each ascending, and how good they are.

    bonus : int64 (n,), what each person with company adds, so that as many as can be have some.
    price : int64 (n,), odd_sets : OddSets, what bounds pairs, see `solvers.general.odd_sets`.
    proofs : tuple of TrioPrices, what bounds a trio and pairs; empty where none was tried.

    By place, in half millionths.
    """

    groups: Groups
    stages: tuple[Stage, ...]
    status: Status
    unique: bool | None
    bonus: IntArray
    price: IntArray
    odd_sets: OddSets
    proofs: tuple[TrioPrices, ...]
    seconds: float

    def _identity(self) -> tuple[object, ...]:
        return self.groups, self.stages, self.status

    @property
    def placed(self) -> int:
        """How many people have company."""
        return sum(len(group) for group in self.groups)


def bonuses(pool: Pool, odd: Odd) -> IntArray:
    """Return what each person with company adds: who met most before may sit out first."""
    step = enough(pool.joint)
    n = len(pool)
    if odd == "trio":
        return np.full(n, n * step, dtype=np.int64)
    count = pool.meetings.count[pool.order]
    rank = np.unique(count, return_inverse=True)[1]
    first = np.minimum(rank.max(initial=0) - rank, CLASSES)
    step = 2 * step  # in half points, more than any total
    return np.asarray((1 + n * int(first.max(initial=0))) * step + first * step, dtype=np.int64)


def worth_of(pool: Pool, groups: Groups) -> int:
    """Return the worth of groups in half points: a pair twice its points, a trio its three."""
    total = 0
    for group in groups:
        points = pool.joint[np.ix_(group, group)].astype(np.int64)
        total += int(np.triu(points, 1).sum()) * 2 // (len(group) - 1)
    return total


def solve_pool(pool: Pool, odd: Odd, time_limit: float | None = None) -> SolvedPeers:
    """Pair the people of a pool, and put who would be left over in a trio, if asked for."""
    began = time.perf_counter()
    bonus = bonuses(pool, odd)
    pairs = match_pool(pool.joint, bonus=bonus, time_limit=time_limit)
    alone = bool((pairs.partner_of < 0).any())
    trio = None
    if odd == "trio" and alone and len(pool) > 2:
        left = None if time_limit is None else time_limit - (time.perf_counter() - began)
        left = None if left is None else max(left, 0.0)
        trio = match_with_trio(pool.joint, bonus, pairs, time_limit=left)
    return _joined(pool, bonus, pairs, trio, time.perf_counter() - began)


def _joined(
    pool: Pool, bonus: IntArray, pairs: PoolMatching, trio: TrioMatching | None, seconds: float
) -> SolvedPeers:
    """Return the better of pairs alone and pairs with a trio, and what bounds both."""
    best: PoolMatching | TrioMatching = pairs
    if trio is not None and trio.objective > pairs.objective:
        best = trio
    mate = best.partner_of
    groups: list[tuple[int, ...]] = [
        (int(a), int(mate[a])) for a in np.flatnonzero(mate > np.arange(mate.size))
    ]
    made: Groups = tuple(sorted([*groups, best.trio] if isinstance(best, TrioMatching) else groups))
    bound = max(pairs.bound, -1 if trio is None else trio.bound)
    placed = np.zeros(mate.size, dtype=bool)
    placed[[x for group in made for x in group]] = True
    stages = _stages(worth_of(pool, made), bonus, placed, bound)
    done = bound == best.objective
    ended = pairs.status if pairs.status != "optimal" or trio is None else trio.status
    status = Status.OPTIMAL if done else _STATUS[ended]
    unique = pairs.unique if best is pairs and done else None
    proofs = () if trio is None else trio.proofs
    return SolvedPeers(
        made, stages, status, unique, bonus, pairs.price, pairs.odd_sets, proofs, seconds
    )


_STATUS = {
    "optimal": Status.WORK_LIMIT,
    "feasible": Status.WORK_LIMIT,
    "time_limit": Status.TIME_LIMIT,
    "interrupted": Status.INTERRUPTED,
}


def _stages(worth: int, bonus: IntArray, placed: np.ndarray, bound: int) -> tuple[Stage, ...]:
    """Return people with company and the total score, each with its bound."""
    many = int(placed.sum())
    spare = bound - int(bonus[placed].sum())  # what is left of the bound for the total
    least = int(bonus.min()) if bonus.size else 1
    more = max(spare - worth, 0) // max(least, 1)
    total = max(spare, worth)
    return (
        Stage("people with company", many, min(many + more, bonus.size), "people"),
        Stage("total score", worth / 2 / MILLION, total / 2 / MILLION, "score"),
    )


def greedy_pairs(pool: Pool) -> Groups:
    """Return the stable pairs by mutual score: the best pair first, ties by place.

    Both of a pair would rather be with each other than with anybody paired after them, so that no
    two people would both rather have each other. Time O(n^2 log n).
    """
    n = len(pool)
    a, b = np.nonzero(np.triu(pool.joint >= 0, 1))
    order = np.lexsort((b, a, -pool.joint[a, b].astype(np.int64)))
    free = np.ones(n, dtype=bool)
    groups = []
    for i, j in zip(a[order].tolist(), b[order].tolist(), strict=True):
        if free[i] and free[j]:
            free[i] = free[j] = False
            groups.append((i, j))
    return tuple(sorted(groups))
