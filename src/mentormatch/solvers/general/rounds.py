"""Rounds of pairs within one pool: nobody twice with the same person, as much as can be in all.

Arrays of integers in, rounds and a bound out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign
from mentormatch.solvers.certificate import dual_bound
from mentormatch.solvers.colouring import levelled
from mentormatch.solvers.general.pool import match_pool

__all__ = ["PoolRounds", "pool_rounds", "rounds_bound"]

Ints = NDArray[np.int64]
Points = NDArray[np.int32]
Flags = NDArray[np.bool_]

Left: TypeAlias = Callable[[], float | None]
SHORTEST = 1e-3
"""Seconds that are always left for a step."""
MOST_BONUSES = 24
"""Flows solved for the tightest bound."""
FIRST = 1 << 27
"""What one meeting fewer than others had weighs, in points: more than any pair's score."""
MOST_BEHIND = 3
"""Meetings that somebody is behind, at most, as far as it weighs."""
TRIES = 60
"""Times that rounds are mixed anew where the last ones do not come out."""
LEVEL, MIXES = 0.02, 12
"""Rounds are mixed anew, so often at most, until the best is so little better than the worst."""
MIXED = 1000
"""Random weights that a regular graph is split by."""


@dataclass(frozen=True, eq=False)
class PoolRounds:
    """Rounds of pairs, and what bounds them.

    partner_of : int64 (rounds, n), partner in each round, -1: none.
    meetings : int, how many pairs in all;  most_meetings : int, bound on it.
    fewest : int, meetings that everybody has at least, where the bound counts on it.
    total : int, their points;  bound : int, no other rounds of so many meetings, everybody in at
        least `fewest`, have more points.
    price : int64 (n,), prices of the relaxation, with `bonus` added to each pair.
    bonus : int
    late : bool, whether the time ran out.
    """

    partner_of: Ints
    meetings: int
    most_meetings: int
    fewest: int
    total: int
    bound: int
    price: Ints
    bonus: int
    late: bool


def pool_rounds(
    points: Points, there: Flags, behind: Ints, *, level: bool = True,
    time_limit: float | None = None,
) -> PoolRounds:  # fmt: skip
    """Pair people of one pool in several rounds, no two people twice.

    Parameters
    ----------
    points : int32 (n, n)
        Symmetric, negative where two people may not meet; on the diagonal too. Ties go by the
        order of people.
    there : bool (n, rounds)
        Who is there in each round.
    behind : int64 (n,)
        Meetings that each person is behind others from earlier rounds.
    level : bool
        Whether rounds are to be about equally good.
    time_limit : float, optional
        Seconds after which no further round is improved.

    Returns
    -------
    PoolRounds

    Notes
    -----
    As many meetings as possible, and those of the greatest total, are bounded by a flow from the
    pool to itself in which everybody takes part as often as she is there [1]_. Where its optimum
    is symmetric and everybody is always there, it is split into perfect matchings, and the bound
    is reached. Otherwise one exact matching follows the other, those first who met the fewest;
    then the rounds' edges are mixed anew, so that no round is left with the worst.

    References
    ----------
    .. [1] Edmonds & Johnson (1970), Matching: a well-solved class of integer linear programs.
    """
    began = time.perf_counter()

    def left() -> float | None:
        if time_limit is None:
            return None
        return max(time_limit - time.perf_counter() + began, SHORTEST)

    n, count = there.shape
    often = there.sum(axis=1).astype(np.int64)
    able = _may_meet(points, there)
    bonus = (n * max(count, 1) + 1) * (int(points.max(initial=0)) + 1)
    relaxed = _relaxed(able, often, bonus, left())
    most = min(relaxed.bound // 2 // bonus, int((there.sum(axis=0) // 2).sum()))
    chosen = _symmetric(relaxed.mentor_of, n)
    rounds = None
    if chosen is not None and there.all() and bool((chosen.sum(axis=1) == count).all()):
        rounds = _split(chosen, count, left)
    if rounds is None:
        rounds = _one_after_another(able, there, behind, left)
    if level:
        rounds = _levelled(rounds, points, there, left)
    at, one = np.nonzero(rounds >= 0)
    other = rounds[at, one]
    first = one < other
    meetings = int(first.sum())
    total = int(points[one[first], other[first]].sum(dtype=np.int64))
    late = relaxed.status != "optimal" or left() == SHORTEST
    fewest = 0
    if relaxed.bound // 2 // bonus > meetings == most and not late:
        if there.all():
            fewest = int((rounds >= 0).sum(axis=0).min(initial=count))
        bonus, relaxed = _tightest(able, often, fewest, meetings, left)
    price = np.array(relaxed.mentor_price)
    bound = rounds_bound(points, there, price, bonus, meetings, fewest)
    return PoolRounds(rounds, meetings, most, fewest, total, bound, price, bonus, late)


def rounds_bound(
    points: Points, there: Flags, price: Ints, bonus: int, meetings: int, fewest: int
) -> int:
    """Return the most points that so many meetings can have, by these prices.

    Parameters
    ----------
    points : int32 (n, n)
        Symmetric, negative where two people may not meet.
    there : bool (n, rounds)
        Who is there in each round.
    price : int64 (n,)
        Any prices.
    bonus : int
        Added to each pair.
    meetings : int
        How many there are.
    fewest : int
        Meetings that everybody has at least.

    Notes
    -----
    In NumPy alone, O(n^2): twice the points and bonuses of all meetings are a flow from the pool
    to itself, in which everybody takes part as often as she is there.
    """
    often = there.sum(axis=1).astype(np.int64)
    width = max(there.shape[1], 1)
    twice = dual_bound(
        _may_meet(points, there), np.full((len(points), width), bonus, dtype=np.int64), often,
        often, np.full_like(often, fewest), price,
    )  # fmt: skip
    return twice // 2 - bonus * meetings


def _relaxed(
    able: Points, often: Ints, bonus: int, limit: float | None, fewest: int = 0
) -> Assignment:
    """Return the best flow from the pool to itself."""
    width = max(int(often.max(initial=0)), 1)
    return assign(
        able, often, demand=often, time_limit=limit,
        row_bonus=np.full((len(able), width), bonus, dtype=np.int64),
        min_load=np.full_like(often, fewest) if fewest else None,
    )  # fmt: skip


def _tightest(
    able: Points, often: Ints, fewest: int, meetings: int, left: Left
) -> tuple[int, Assignment]:
    """Return a bonus, and the flow with it, that bound the points of so many meetings best.

    The relaxation has more meetings than there can be, as rounds of an odd number of people leave
    somebody over; with a smaller bonus it has fewer. The bound is convex in it.
    """
    found: dict[int, tuple[int, Assignment]] = {}

    def bound(bonus: int) -> int:
        if bonus not in found:
            flow = _relaxed(able, often, bonus, left(), fewest)
            found[bonus] = flow.bound // 2 - bonus * meetings, flow
        return found[bonus][0]

    top = int(able.max(initial=0))
    low, high = -top - 1, 2 * top + 1
    while high - low > 2 and len(found) < MOST_BONUSES and left() != SHORTEST:
        third = (high - low) // 3
        if bound(low + third) <= bound(high - third):
            high -= third
        else:
            low += third
    bound(low)
    best = min(found, key=bound)
    return best, found[best][1]


def _one_after_another(able: Points, there: Flags, behind: Ints, left: Left) -> Ints:
    """Return rounds, one exact matching after the other, and mixed so that none has the worst."""
    n, count = there.shape
    rounds = _one_by_one(able, there, behind, left)
    if n % 2 or not there.all():
        return rounds
    if (rounds < 0).any():
        whole = _all_pairs(able, count, left)
        return rounds if whole is None else whole
    mixed = _split(_edges(rounds, n), count, left)
    return rounds if mixed is None else mixed


def _may_meet(points: Points, there: Flags) -> Points:
    """Return points, negative where two people are never there together."""
    together = there.astype(np.int32) @ there.T.astype(np.int32) > 0
    able: Points = np.where((points >= 0) & together, points, -1).astype(np.int32)
    np.fill_diagonal(able, -1)
    return able


def _symmetric(mentor_of: Ints, n: int) -> Flags | None:
    """Return who is with whom in the relaxation, bool (n, n), None where it is one-sided."""
    chosen = np.zeros((n, n), dtype=bool)
    partners = mentor_of if mentor_of.ndim == 2 else mentor_of[:, None]
    rows, slots = np.nonzero(partners >= 0)
    chosen[rows, partners[rows, slots]] = True
    return chosen if bool((chosen == chosen.T).all()) else None


def _edges(rounds: Ints, n: int) -> Flags:
    union = np.zeros((n, n), dtype=bool)
    at, one = np.nonzero(rounds >= 0)
    union[one, rounds[at, one]] = True
    return union


def _split(graph: Flags, count: int, left: Left, again: int = 0) -> Ints | None:
    """Return a regular graph as perfect matchings, int64 (count, n); None where none was found."""
    n = len(graph)
    if not count or n % 2:
        return None
    rng = np.random.default_rng([n, count, again])
    done: list[Ints] = []
    rest = graph.copy()
    for _ in range(TRIES):
        while len(done) < count:
            mate = _peeled(rest, rng)
            if mate is None:
                break
            rest[np.arange(n), mate] = False
            done.append(mate)
        if len(done) == count:
            return np.array(done)
        if left() == SHORTEST:
            return None
        for _ in range(min(3, len(done))):  # take some back, and mix them with what is left
            mate = done.pop(int(rng.integers(len(done))))
            rest[np.arange(n), mate] = True
    return None


def _peeled(graph: Flags, rng: np.random.Generator) -> Ints | None:
    """Return a perfect matching of a graph by random weights, None where there is none."""
    weight = np.triu(rng.integers(0, MIXED, graph.shape), 1).astype(np.int32)
    weight = np.where(graph, weight + weight.T, -1).astype(np.int32)
    mate = match_pool(weight).partner_of
    return None if (mate < 0).any() else np.array(mate)


def _one_by_one(points: Points, there: Flags, behind: Ints, left: Left) -> Ints:
    """Return rounds, each the best that those before leave; who met the fewest comes first."""
    n, count = there.shape
    rest = points.copy()
    rounds = np.full((count, n), -1, dtype=np.int64)
    behind = behind - behind.min(initial=0)
    for r in range(count):
        here = np.flatnonzero(there[:, r])
        part = rest[np.ix_(here, here)].astype(np.int64)
        need = np.minimum(behind[here] - behind[here].min(initial=0), MOST_BEHIND)
        value = np.where(part < 0, -1, part + FIRST * (need[:, None] + need[None, :]))
        mate = match_pool(value.astype(np.int32), time_limit=left()).partner_of
        paired = np.flatnonzero(mate >= 0)
        one, other = here[paired], here[mate[paired]]
        rounds[r, one] = other
        rest[one, other] = -1
        behind[there[:, r]] += 1
        behind[one] -= 1
    return rounds


def _all_pairs(able: Points, count: int, left: Left) -> Ints | None:
    """Return rounds from a split of everybody with everybody, where all may meet and most do."""
    n = len(able)
    if (able < 0).sum() > n:  # somebody may not meet somebody
        return None
    found = _split(able >= 0, n - 1, left)
    if found is None:
        return None
    worth = [int(able[np.arange(n), mate].sum(dtype=np.int64)) for mate in found]
    best: Ints = found[np.argsort(worth, kind="stable")[::-1][:count]]
    return best


def _levelled(rounds: Ints, points: Points, there: Flags, left: Left) -> Ints:
    """Return the same meetings shared out so that rounds are about equally good."""
    best = _level(rounds, points, there)
    whole = bool((rounds >= 0).all()) and len(rounds) > 1
    for again in range(1, MIXES if whole else 0):
        if _spread(best, points) <= LEVEL or left() == SHORTEST:
            break
        mixed = _split(_edges(best, points.shape[0]), len(rounds), left, again)
        if mixed is not None:
            mixed = _level(mixed, points, there)
            best = min(best, mixed, key=lambda one: _spread(one, points))
    return best


def _spread(rounds: Ints, points: Points) -> float:
    """Return by how much the best of complete rounds is better than the worst."""
    worth = points[np.arange(points.shape[0]), rounds].sum(axis=1, dtype=np.int64)
    return float(worth.max() / max(worth.min(), 1) - 1)


def _level(rounds: Ints, points: Points, there: Flags) -> Ints:
    """Return the same meetings shared out so that rounds are about equally good."""
    count = len(rounds)
    at, one = np.nonzero(rounds >= 0)
    other = rounds[at, one]
    first = one < other
    at, one, other = at[first], one[first], other[first]
    if not at.size:
        return rounds
    worth = points[one, other].astype(np.int64)
    colour = levelled((one, other), at.astype(np.int64), worth, there, count)
    again = np.full_like(rounds, -1)
    again[colour, one] = other
    again[colour, other] = one
    return again
