"""Compiled kernels for pairs that are read row by row and never held at once."""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled
from mentormatch.solvers.shared_kernels import INF, sift_down, sift_up


@compiled
def list_rows(points, price, base, sure, worth, column, told):
    """List the pairs of each row that are worth at least base[r], the best of them by a heap.

    points : int (rows, m), negative where a pair may not be;  price : int64 (m,)
    worth, column : int64 and int32 (rows, width), filled with points less price, and the mentor
    told : int64 (rows, 3): how many are listed, how many are worth at least sure[r], and the most
        that any other pair is worth.
    """
    rows, width = worth.shape
    keys, items = worth.ravel(), column.ravel()
    for r in range(rows):
        line, at = points[r], r * width
        low, bar = base[r], sure[r]
        size = 0
        reach = 0
        rest = -INF
        for j in range(price.size):
            if line[j] < 0:
                continue
            x = np.int64(line[j]) - price[j]
            reach += x >= bar
            if x < low or (size == width and x <= keys[at]):
                rest = max(rest, x)
            elif size < width:
                sift_up(keys, items, at, size, x, j)
                size += 1
            else:
                rest = max(rest, keys[at])
                sift_down(keys, items, at, size, 0, x, j)
        told[r, 0] = size
        told[r, 1] = reach
        told[r, 2] = rest


@compiled
def list_some(indptr, column, points, price, base, sure, listed, told):
    """Do what `list_rows` does for pairs that come row by row (CSR); others are not known of.

    listed : worth, column, as there
    """
    worth, kept = listed
    rows, width = worth.shape
    keys, items = worth.ravel(), kept.ravel()
    for r in range(rows):
        at = r * width
        size = 0
        reach = 0
        rest = -INF
        for e in range(indptr[r], indptr[r + 1]):
            if points[e] < 0:
                continue
            x = np.int64(points[e]) - price[column[e]]
            reach += x >= sure[r]
            if x < base[r] or (size == width and x <= keys[at]):
                rest = max(rest, x)
            elif size < width:
                sift_up(keys, items, at, size, x, column[e])
                size += 1
            else:
                rest = max(rest, keys[at])
                sift_down(keys, items, at, size, 0, x, column[e])
        told[r, 0] = size
        told[r, 1] = reach
        told[r, 2] = rest


@compiled
def unlisted(indptr, column, rows, columns):
    """Return which of some pairs (sorted by row) are not among those that come row by row."""
    new = np.ones(rows.size, np.bool_)
    for t in range(rows.size):
        for e in range(indptr[rows[t]], indptr[rows[t] + 1]):
            if column[e] == columns[t]:
                new[t] = False
    return new


@compiled
def demand(indptr, column, points, price, warmth, wanted):
    """Add up what mentees want of each mentor where each shares herself among her options.

    An option weighs exp(gain / warmth), its gain being points less price.
    """
    wanted[:] = 0.0
    most = 0
    for i in range(indptr.size - 1):
        most = max(most, indptr[i + 1] - indptr[i])
    share = np.empty(most)
    for i in range(indptr.size - 1):
        first, last = indptr[i], indptr[i + 1]
        top = -1e18
        for e in range(first, last):
            top = max(top, points[e] - price[column[e]])
        whole = 0.0
        for e in range(first, last):
            share[e - first] = np.exp((points[e] - price[column[e]] - top) / warmth)
            whole += share[e - first]
        for e in range(first, last):
            wanted[column[e]] += share[e - first] / whole


@compiled
def raise_prices(indptr, column, points, rows, seat, price):
    """Lower prices from above until no mentee who has a seat likes another better.

    rows, seat : int64 (k,), who has one, and which;  price : int64 (m,), far above to begin with
    Returns how many times all rows were looked through.
    """
    sweeps = 0
    own = np.zeros(seat.size, np.int64)
    for i in range(seat.size):
        for e in range(indptr[rows[i]], indptr[rows[i] + 1]):
            if column[e] == seat[i]:
                own[i] = points[e]
    moved = True
    while moved:
        moved = False
        sweeps += 1
        for i in range(seat.size):
            most = INF
            for e in range(indptr[rows[i]], indptr[rows[i] + 1]):
                most = min(most, price[column[e]] - points[e])
            if own[i] + most < price[seat[i]]:
                price[seat[i]] = own[i] + most
                moved = True
    return sweeps
