"""The largest prices that prove an assignment optimal; `assign` gives the smallest.

The smallest price of a seat is what one more of it would bring; the largest is what one fewer would
cost. Who comes from outside has to pay the largest, who holds a seat is worth the smallest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment

__all__ = ["largest_prices"]

Ints = NDArray[np.int64]

SMALL = 50_000
"""Pairs below which NumPy does."""
NOWHERE = 1 << 60
FAR = 1 << 30
"""No way from one seat to another; points and prices are far below."""


def largest_prices(
    points: NDArray[np.int32], capacity: Ints, bonus: Ints, optimum: Assignment
) -> Ints:
    """Return the largest optimal dual prices of an optimal assignment.

    Parameters
    ----------
    points : int32 (n, m)
        Value of each pair, negative: inadmissible.
    capacity : int64 (m,)
    bonus : int64 (n,)
        Added for whoever is matched.
    optimum : Assignment
        Optimal, with the smallest prices that prove it.

    Returns
    -------
    int64 (m,)
        0 for mentors with seats left; `NOWHERE` for mentors without seats.

    Notes
    -----
    Whoever is matched must be worth her seat, and like no other seat better:
    p(hers) <= p(j) + v(hers) - v(j). The greatest prices that keep these bounds are shortest paths
    from nowhere; less the smallest prices no step has a negative length, so that Dijkstra finds
    them [1]_. Time O(matched x m + m^2), memory O(m^2).

    References
    ----------
    .. [1] Ahuja, Magnanti & Orlin (1993), Network Flows, 4.5 and 9.7.
    """
    mentor_of = optimum.mentor_of
    matched = np.flatnonzero(mentor_of >= 0)
    seat = mentor_of[matched]
    load = np.bincount(seat, minlength=len(capacity))
    price = np.full(len(capacity), NOWHERE, dtype=np.int64)
    np.minimum.at(price, seat, points[matched, seat] + bonus[matched])
    price[(load < capacity) & (capacity > 0)] = 0
    if points.size > SMALL and price[price < NOWHERE].max(initial=0) < FAR // 4:
        from mentormatch.solvers import price_kernels

        least = np.where(price < NOWHERE, optimum.mentor_price, 0)
        step = np.full((len(price), len(price)), FAR, dtype=np.int32)
        price_kernels.steps_between(points, matched, seat, least, step, np.int32(FAR))
        far = np.where(price < NOWHERE, price - least, NOWHERE)
        price_kernels.shortest(step.T.copy(), far, NOWHERE, np.int32(FAR))
        return np.where(far < NOWHERE, far + least, NOWHERE)
    value = np.where(points[matched] >= 0, points[matched].astype(np.int64), -NOWHERE)
    hers = points[matched, seat].astype(np.int64)
    while True:
        before = price.copy()
        np.minimum.at(price, seat, hers + (price - value).min(axis=1, initial=NOWHERE))
        if np.array_equal(before, price):
            return price
