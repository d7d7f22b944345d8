"""Random problems of groups, and the best plan of each by trying every one."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from mentormatch.solvers.columns.problem import GroupProblem, Mix
from mentormatch.solvers.columns.solve import circles


def random_mixes(n: int, rng: np.random.Generator) -> tuple[Mix, ...]:
    mixes = []
    if rng.random() < 0.5:  # nobody alone
        code = rng.integers(-1, 2, n)
        mixes.append(Mix(code, np.array([True, bool(rng.random() < 0.5)]), np.array([n, n])))
    if rng.random() < 0.5:  # at most so many of a value
        code = rng.integers(0, 3, n)
        mixes.append(Mix(code, np.zeros(3, dtype=bool), rng.integers(1, 3, 3)))
    if rng.random() < 0.3:  # different values, and nobody alone in one of them
        code = rng.integers(0, 3, n)
        mixes.append(Mix(code, np.array([False, True, False]), np.full(3, n), least=2))
    return tuple(mixes)


def pairs(n: int, rng: np.random.Generator, share: float) -> np.ndarray | None:
    if rng.random() < 0.6:
        return None
    found = np.argwhere(np.triu(rng.random((n, n)) < share, 1))
    return found.astype(np.int64)


def random_problem(rng: np.random.Generator, most: int = 9) -> GroupProblem:
    """Up to nine people, three coaches and three slots, with every rule and mix."""
    n, m, slots = int(rng.integers(2, most + 1)), int(rng.integers(1, 4)), int(rng.integers(1, 4))
    low = int(rng.integers(1, 4))
    high = low + int(rng.integers(0, 3))
    worth = rng.integers(0, 1000, (n, m))
    worth[rng.random((n, m)) < 0.15] = -1
    pair = None
    if rng.random() < 0.5:
        pair = rng.integers(-100, 300, (n, n))
        pair = np.triu(pair, 1) + np.triu(pair, 1).T
    together = pairs(n, rng, 0.05)
    return GroupProblem(
        worth, rng.random((n, slots)) < 0.7, rng.random((m, slots)) < 0.8,
        rng.integers(0, 3, m), low, high, pair, random_mixes(n, rng),
        pairs(n, rng, 0.15), together,
    )  # fmt: skip


def random_circles(rng: np.random.Generator, most: int = 9) -> GroupProblem:
    n = int(rng.integers(2, most + 1))
    pair = rng.integers(-1, 1000, (n, n))
    pair = np.triu(pair, 1) + np.triu(pair, 1).T
    pair[(pair > 0) & (pair < 100)] = -1
    pair = np.minimum(pair, pair.T)
    low = int(rng.integers(2, 4))
    free = rng.random((n, 2)) < 0.8 if rng.random() < 0.5 else None
    return circles(pair, low, low + int(rng.integers(0, 3)), free)


def all_groups(problem: GroupProblem) -> list[tuple[int, int, frozenset[int], int]]:
    found = []
    for size in range(problem.low, min(problem.high, problem.people) + 1):
        for members in combinations(range(problem.people), size):
            who = np.array(members)
            if problem.broken(who):
                continue
            for j in range(problem.coaches):
                if problem.capacity[j] == 0 or (problem.worth[who, j] < 0).any():
                    continue
                if problem.seeded and members[0] != j:
                    continue
                points = problem.points(who, j)
                found += [
                    (j, t, frozenset(members), points)
                    for t in range(problem.slots)
                    if problem.coach_free[j, t] and problem.free[who, t].all()
                ]
    return found


def best_by_trying(problem: GroupProblem) -> tuple[int, int]:
    """Return (most people placed, most points among those plans), trying every plan."""
    groups = all_groups(problem)
    # of groups of the same people only coach and slot matter: search person by person
    by_first: dict[int, list[tuple[int, int, frozenset[int], int]]] = {}
    for group in groups:
        by_first.setdefault(min(group[2]), []).append(group)
    seen: dict[tuple, tuple[int, int]] = {}

    def search(i: int, used: frozenset[int], led: tuple[tuple[int, int], ...]) -> tuple[int, int]:
        while i in used:
            i += 1
        if i == problem.people:
            return 0, 0
        key = i, used, tuple(sorted(led))
        if key in seen:
            return seen[key]
        best = search(i + 1, used, led)
        for j, t, members, points in by_first.get(i, []):
            if members & used or (j, t) in led:
                continue
            if sum(a == j for a, _ in led) >= problem.capacity[j]:
                continue
            placed, total = search(i + 1, used | members, (*led, (j, t)))
            best = max(best, (placed + len(members), total + points))
        seen[key] = best
        return best

    return search(0, frozenset(), ())
