"""The certificate: what an assignment is worth, and what its prices prove."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["dual_bound", "exact_product", "exact_sum", "value_of"]

Ints = NDArray[np.int64]

BLOCK = 1 << 20  # pairs looked at together, so that no copy of the matrix is made


def exact_sum(values: Ints) -> int:
    """Add int64 numbers without overflow."""
    high, low = values >> 32, values & 0xFFFFFFFF
    return (int(high.sum()) << 32) + int(low.sum())


def exact_product(price: Ints, seats: Ints) -> int:
    """Return the sum of price times seats without overflow; seats below 2**31, not negative."""
    return (exact_sum((price >> 31) * seats) << 31) + exact_sum((price & 0x7FFFFFFF) * seats)


def value_of(points: NDArray[np.int32], bonus: Ints, mentors: Ints) -> Ints:
    """Return the value of each pair of an assignment, (n, k), 0 where there is none.

    Parameters
    ----------
    points : int32 (n, m)
    bonus : int64 (n, k)
        For the first, second, ... mentor of a mentee.
    mentors : int64 (n, k)
        Mentors of each mentee, padded with -1 on the right.
    """
    there = mentors >= 0
    if points.shape[1] == 0:
        return np.zeros(mentors.shape, dtype=np.int64)
    worth = np.take_along_axis(points, np.maximum(mentors, 0), axis=1).astype(np.int64)
    return np.where(there, worth + bonus, 0)


def dual_bound(
    points: NDArray[np.int32],
    bonus: Ints,
    demand: Ints,
    capacity: Ints,
    min_load: Ints,
    price: Ints,
) -> int:
    """Return the value that no assignment can exceed, by these prices.

    Any prices prove a bound: the seats at their prices (a negative price counts for the minimum
    load), plus, for each mentee, the best surpluses her demand allows.

    Notes
    -----
    Weak duality: value = sum of (value - price) over pairs + sum of price * load.
    Time O(n m); memory of a block of rows.
    """
    n, m = points.shape
    seats = np.where(price >= 0, capacity, min_load)
    total = exact_product(price, seats)
    if m == 0:
        return total
    slots = np.arange(bonus.shape[1])
    step = max(1, BLOCK // m)
    for begin in range(0, n, step):
        part = slice(begin, min(begin + step, n))
        surplus = np.where(points[part] >= 0, points[part] - price, np.iinfo(np.int64).min // 2)
        most = min(bonus.shape[1], m)
        if most == 1:
            best = surplus.max(axis=1, keepdims=True)
        else:
            best = -np.sort(-surplus, axis=1)[:, :most]
        gain = np.maximum(best + bonus[part, :most], 0)
        total += exact_sum(gain * (slots[:most] < demand[part, None]))
    return total
