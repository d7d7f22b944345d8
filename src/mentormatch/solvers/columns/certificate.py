"""What prices of people prove about groups, recomputed by NumPy alone.

bound = sum of prices + for every coach, the best groups he could lead beyond their members' prices,
as many as he leads, at most one in a slot. No plan exceeds it: each group in it costs its members'
prices and gains at most what the best does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.columns.problem import GroupProblem

__all__ = ["price_bound"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_NODES = 200_000


def price_bound(problem: GroupProblem, prices: Ints, bonus: int) -> int:
    """Return what no plan exceeds in points, and `bonus` for each person placed.

    Parameters
    ----------
    prices
        int64 (n,), 0 or more. Negative prices prove nothing and raise `ValueError`.

    Notes
    -----
    Written for being read, not for speed: no compiled code, some seconds for a few hundred people.
    """
    if (prices < 0).any():
        raise ValueError("prices must be 0 or more")
    total = int(prices.sum())
    for j in range(problem.coaches):
        if problem.capacity[j] == 0:
            continue
        values = sorted(
            (_best(problem, j, t, prices - bonus)
             for t in np.flatnonzero(problem.coach_free[j]).tolist()), reverse=True,
        )  # fmt: skip
        total += sum(values[: int(problem.capacity[j])])
    return total


def _best(problem: GroupProblem, j: int, t: int, price: Ints) -> int:
    """Return what the best group of a coach in a slot is worth beyond its prices, 0 at least."""
    begun = [j] if problem.seeded else []
    can = problem.free[:, t] & (problem.worth[:, j] >= 0)
    can[begun] = False
    who = np.flatnonzero(can)
    gain = problem.worth[who, j] - price[who]
    half = np.zeros((who.size, problem.high))
    if problem.pair is not None:
        points = problem.pair[np.ix_(who, who)].astype(float)
        np.fill_diagonal(points, -np.inf)
        best = -np.sort(-points, axis=1)[:, : problem.high - 1]
        half[:, 1 : 1 + best.shape[1]] = np.cumsum(best, axis=1) / 2
        half[:, 1 + best.shape[1] :] = -np.inf
    order = np.argsort(-(gain + half[:, problem.low - 1]), kind="stable")
    start = -int(price[begun].sum())
    if begun and problem.pair is not None:
        gain = gain + problem.pair[j, who]
    return _Search(problem, who[order], half[order]).run(begun, start, gain[order])


class _Search:
    """Depth first over the members of one group, the likeliest first."""

    def __init__(self, problem: GroupProblem, who: Ints, half: Floats) -> None:
        self.problem, self.who, self.half = problem, who, half
        self.best, self.nodes, self.over = 0, 0, 0.0

    def run(self, begun: list[int], start: int, gain: Ints) -> int:
        self._deeper(begun, start, gain, 0)
        return int(np.floor(max(self.best, self.over)))

    def _limit(self, size: int, total: int, gain: Ints, first: int) -> float:
        """Return what a group can be worth that takes more of the people from `first` on."""
        top = -np.inf
        for more in range(max(self.problem.low - size, 1), self.problem.high - size + 1):
            if self.who.size - first < more:
                break
            reach = gain[first:] + self.half[first:, more - 1]
            top = max(top, total + float(np.sort(reach)[-more:].sum()))
        return top

    def _deeper(self, members: list[int], total: int, gain: Ints, first: int) -> None:
        problem = self.problem
        if total > self.best and not problem.broken(np.array(members, dtype=np.int64)):
            self.best = total
        for q in range(first, self.who.size):
            limit = self._limit(len(members), total, gain, q)
            if limit <= max(self.best, self.over):
                return
            if self.nodes >= MOST_NODES:  # too much to look at: what it could be at most stands
                self.over = max(self.over, limit)
                return
            i = int(self.who[q])
            if problem.clash[i, members].any() or self._full(members, i):
                continue
            self.nodes += 1
            after = gain if problem.pair is None else gain + problem.pair[i, self.who]
            self._deeper([*members, i], total + int(gain[q]), after, q + 1)

    def _full(self, members: list[int], i: int) -> bool:
        return any(
            mix.code[i] >= 0 and (mix.code[members] == mix.code[i]).sum() >= mix.most[mix.code[i]]
            for mix in self.problem.mixes
        )
