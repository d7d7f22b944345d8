"""The smallest prices that prove an assignment optimal, from the assignment alone.

`assign` gives them with its answer; here they are found for an answer that came by other ways, such
as one flow after another, for a sum whose values are too large for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["smallest_prices", "surpluses"]

Ints = NDArray[np.int64]

NOWHERE = np.int64(1 << 60)
BLOCK = 1 << 15
"""Pairs looked at together, so that they stay in the cache."""


def smallest_prices(
    value: NDArray[np.integer], capacity: Ints, min_load: Ints, bonus: Ints, mentor_of: Ints
) -> Ints | None:
    """Return the smallest dual prices that prove an assignment of one mentor each optimal.

    Parameters
    ----------
    value : int (n, m)
        Value of each pair, negative: inadmissible; sums along a path below 2**59.
    capacity, min_load : int64 (m,)
    bonus : int64 (n,)
        Added for whoever is matched.
    mentor_of : int64 (n,)
        The assignment, -1 unmatched.

    Returns
    -------
    int64 (m,)
        What one more seat of each mentor would add to the sum. Of a mentor held at a least load
        that nobody else would come to: the largest price, 0 or less. None where the assignment is
        not the best, or breaks a bound.

    Notes
    -----
    A seat is worth what the best chain of moves into it brings: somebody enters, or moves there
    from a seat that is then worth as much in turn. Bellman and Ford over the mentors; what they
    end at is checked against every pair, so that prices that are returned are a proof.
    Time O(n m + m^2 r), r rounds of at most m (few, in practice); memory O(m^2).
    """
    m = value.shape[1]
    load = np.bincount(mentor_of[mentor_of >= 0], minlength=m)
    if m == 0 or (load > capacity).any() or (load < min_load).any():
        return np.zeros(m, dtype=np.int64) if m == 0 else None
    price, gain = _entering(value, bonus, mentor_of), _moving(value, mentor_of, m)
    free = (load > min_load) | (min_load == 0)  # a seat may stay empty
    price[free] = np.maximum(price[free], 0)
    if _raise(price, gain):
        return None
    held = price <= -NOWHERE  # nobody could come: as large as those who are here allow
    if held.any():
        price = _lowered(price, held, gain, _leaving(value, bonus, mentor_of, m), load < capacity)
    proven = surpluses(value, capacity, min_load, bonus, mentor_of, price) is not None
    return price if proven else None


def surpluses(
    value: NDArray[np.integer], capacity: Ints, min_load: Ints, bonus: Ints, mentor_of: Ints,
    price: Ints,
) -> Ints | None:  # fmt: skip
    """Return what each mentee's best pair is worth above its price, if that proves an assignment.

    Parameters
    ----------
    value, capacity, min_load, bonus, mentor_of
        As in `smallest_prices`.
    price : int64 (m,)

    Returns
    -------
    int64 (n,)
        At least 0. None where somebody would be worth more elsewhere, or nowhere, or a price says
        that a seat is taken, or a load is held, which is not. Time O(n m).
    """
    n, m = value.shape
    best = np.zeros(n, dtype=np.int64)
    load = np.bincount(mentor_of[mentor_of >= 0], minlength=m)
    if ((load < capacity) & (price > 0)).any() or ((load > min_load) & (price < 0)).any():
        return None
    for rows in _blocks(np.arange(n), m) if m else ():
        worth = np.where(value[rows] >= 0, value[rows] + bonus[rows, None] - price, -NOWHERE)
        best[rows] = np.maximum(worth.max(axis=1), 0)
        seat = mentor_of[rows]
        own = np.where(seat >= 0, worth[np.arange(rows.size), np.maximum(seat, 0)], 0)
        if not np.array_equal(own, best[rows]):
            return None
    return best


def _entering(value: NDArray[np.integer], bonus: Ints, mentor_of: Ints) -> Ints:
    """Return int64 (m,): what the best of the unmatched would bring to each mentor."""
    best = np.full(value.shape[1], -NOWHERE, dtype=np.int64)
    for rows in _blocks(np.flatnonzero(mentor_of < 0), value.shape[1]):
        worth = np.where(value[rows] >= 0, value[rows] + bonus[rows, None], -NOWHERE)
        np.maximum(best, worth.max(axis=0), out=best)
    return best


def _leaving(value: NDArray[np.integer], bonus: Ints, mentor_of: Ints, m: int) -> Ints:
    """Return int64 (m,): what the least of those at each mentor is worth."""
    least = np.full(m, NOWHERE, dtype=np.int64)
    rows = np.flatnonzero(mentor_of >= 0)
    np.minimum.at(least, mentor_of[rows], value[rows, mentor_of[rows]] + bonus[rows])
    return least


def _moving(value: NDArray[np.integer], mentor_of: Ints, m: int) -> Ints:
    """Return int64 (m, m): what a move from each mentor to each other brings at best."""
    gain = np.full((m, m), -NOWHERE, dtype=np.int64)
    rows = np.flatnonzero(mentor_of >= 0)
    rows = rows[np.argsort(mentor_of[rows], kind="stable")]
    for part in _blocks(rows, m):
        seat = mentor_of[part]
        more = np.where(value[part] >= 0, value[part] - value[part, seat][:, None], -NOWHERE)
        first = np.flatnonzero(np.append(True, seat[1:] != seat[:-1]))
        at = seat[first]
        gain[at] = np.maximum(gain[at], np.maximum.reduceat(more, first, axis=0))
    return gain


def _blocks(rows: Ints, m: int) -> list[Ints]:
    step = max(1, BLOCK // max(m, 1))
    return [rows[begin : begin + step] for begin in range(0, rows.size, step)]


def _raise(price: Ints, gain: Ints) -> bool:
    """Raise prices to what chains of moves bring; True if they never end: a better cycle."""
    fresh = np.flatnonzero(price > -NOWHERE)
    for _ in range(len(price) + 1):
        if not fresh.size:
            return False
        reach = np.full(len(price), -NOWHERE, dtype=np.int64)
        for part in _blocks(fresh, len(price)):
            arcs = gain[part]
            through = np.where(arcs > -NOWHERE, arcs + price[part, None], -NOWHERE)
            np.maximum(reach, through.max(axis=0), out=reach)
        fresh = np.flatnonzero(reach > price)
        price[fresh] = reach[fresh]
    return True


def _lowered(
    price: Ints, held: NDArray[np.bool_], gain: Ints, leaving: Ints, spare: NDArray[np.bool_]
) -> Ints:
    """Return prices in which those of held mentors are the largest that nobody there objects to."""
    most = np.where(held, leaving, price)
    most[held & spare] = np.minimum(most[held & spare], 0)
    for _ in range(len(price) + 1):
        there = np.where(gain[held] > -NOWHERE, most - gain[held], NOWHERE).min(axis=1)
        lower = np.minimum(most[held], there)
        if np.array_equal(lower, most[held]):
            break
        most[held] = lower
    return most
