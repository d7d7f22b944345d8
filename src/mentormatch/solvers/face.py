"""One flow, narrowed stage by stage to its optimal faces.

A `Network` holds what is still allowed: pairs, loads, and mentees who must be matched. Each
objective narrows it to its own optima, which complementary slackness describes exactly: tight
pairs stay, a mentee with a surplus must be matched, a mentor with a price must be full. So the
next objective is again one flow, and any number of them can follow in any order.

One mentor per mentee; minimum loads throughout.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign

if TYPE_CHECKING:
    pass

__all__ = ["COMPILED_FROM", "Network", "narrow"]

Ints: TypeAlias = NDArray[np.int64]
Points: TypeAlias = NDArray[np.int32]
BLOCK = 1 << 20
COMPILED_FROM = 50_000
"""From so many pairs on, searches for a threshold use compiled code."""


@dataclass(frozen=True, eq=False)
class Network:
    """The assignments that are still allowed.

    points : int32 (n, m), negative where not allowed.
    capacity, min_load : int64 (m,);  forced : bool (n,), who must be matched.
    """

    points: Points
    capacity: Ints
    min_load: Ints
    forced: NDArray[np.bool_]


def narrow(
    network: Network,
    value: Points | None = None,
    row_bonus: Ints | None = None,
    *,
    row_hash: NDArray[np.uint64] | None = None,
    mentor_hash: NDArray[np.uint64] | None = None,
    time_limit: float | None = None,
    route: str = "auto",
    last: bool = False,
) -> tuple[Network | None, Assignment]:
    """Maximise a sum over the network, and narrow the network to the optima.

    Parameters
    ----------
    value : int32 (n, m), optional
        Value of each allowed pair, 0 or more; default: the network's points.
    row_bonus : int64 (n,), optional
        Added for every matched mentee.
    last : bool
        Nothing follows, so the network is not narrowed.

    Returns
    -------
    Network, Assignment
        The network of all optima (None unless the assignment is optimal), and one of them. Its
        objective, bound and prices count `row_bonus` and `value` only: what forces mentees in is
        taken out again.

    Notes
    -----
    Time: one assignment and O(n m).
    """
    points = network.points
    n, m = points.shape
    worth = points if value is None else np.where(points >= 0, value, -1).astype(np.int32)
    bonus = np.zeros(n, dtype=np.int64) if row_bonus is None else row_bonus
    spread = int(bonus.max(initial=0) - bonus.min(initial=0))
    must = 4 * (min(n, m) + 2) * (int(worth.max(initial=0)) + 1) + 4 * spread
    full = bonus + np.where(network.forced, must, 0)
    solution = assign(
        worth, network.capacity, row_bonus=full, min_load=network.min_load, row_hash=row_hash,
        mentor_hash=mentor_hash, time_limit=time_limit, route=route,
    )  # fmt: skip
    owed = must * int(network.forced.sum())
    left_out = bool((solution.mentor_of[network.forced] < 0).any())
    plain = replace(
        solution,
        objective=solution.objective - must * int((solution.mentor_of[network.forced] >= 0).sum()),
        bound=solution.bound - owed,
        status="infeasible" if left_out and solution.status == "optimal" else solution.status,
    )
    if plain.status != "optimal":
        return None, plain
    if last:
        return network, plain
    return _face(network, worth, full, solution.mentor_price), plain


def _face(network: Network, worth: Points, bonus: Ints, price: Ints) -> Network:
    """Keep what complementary slackness allows under these prices."""
    n, m = worth.shape
    points = network.points.copy()
    forced = network.forced.copy()
    step = max(1, BLOCK // max(m, 1))
    for begin in range(0, n, step):
        part = slice(begin, min(begin + step, n))
        allowed = worth[part] >= 0
        surplus = np.where(allowed, worth[part] - price, np.iinfo(np.int64).min // 2)
        surplus += bonus[part, None]
        best = np.maximum(surplus.max(axis=1, initial=0), 0)
        loose = allowed & (surplus < best[:, None])
        points[part][loose] = ~points[part][loose]
        forced[part] |= best > 0
    return Network(
        points=points,
        capacity=np.where(price < 0, network.min_load, network.capacity),
        min_load=np.where(price > 0, network.capacity, network.min_load),
        forced=forced,
    )
