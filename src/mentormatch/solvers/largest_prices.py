"""The largest prices that prove an assignment optimal; `assign` gives the smallest.

The smallest price of a seat is what one more of it would bring; the largest is what one fewer would
cost. Who comes from outside has to pay the largest, who holds a seat is worth the smallest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["largest_prices"]

Ints = NDArray[np.int64]

SMALL = 50_000
"""Pairs below which NumPy does."""
NOWHERE = 1 << 60


def largest_prices(points: NDArray[np.int32], capacity: Ints, bonus: Ints, mentor_of: Ints) -> Ints:
    """Return the largest optimal dual prices of an optimal assignment.

    Parameters
    ----------
    points : int32 (n, m)
        Value of each pair, negative: inadmissible.
    capacity : int64 (m,)
    bonus : int64 (n,)
        Added for whoever is matched.
    mentor_of : int64 (n,)
        An optimal assignment, -1 unmatched.

    Returns
    -------
    int64 (m,)
        0 for mentors with seats left; `NOWHERE` for mentors without seats.

    Notes
    -----
    Whoever is matched must be worth her seat, and like no other seat better:
    p(hers) <= p(j) + v(hers) - v(j). From above, these bounds are applied until all hold; the
    greatest solution is unique. Time O(matched x m) a pass, of which a few are needed.
    """
    matched = np.flatnonzero(mentor_of >= 0)
    seat = mentor_of[matched]
    load = np.bincount(seat, minlength=len(capacity))
    price = np.full(len(capacity), NOWHERE, dtype=np.int64)
    np.minimum.at(price, seat, points[matched, seat] + bonus[matched])
    price[(load < capacity) & (capacity > 0)] = 0
    if points.size > SMALL:
        from mentormatch.solvers import price_kernels

        fallen = np.arange(len(price))
        while fallen.size:
            before = price.copy()
            price_kernels.lower_prices(points, matched, seat, fallen, price)
            fallen = np.flatnonzero(price < before)
        return price
    value = np.where(points[matched] >= 0, points[matched].astype(np.int64), -NOWHERE)
    hers = points[matched, seat].astype(np.int64)
    while True:
        before = price.copy()
        np.minimum.at(price, seat, hers + (price - value).min(axis=1, initial=NOWHERE))
        if np.array_equal(before, price):
            return price
