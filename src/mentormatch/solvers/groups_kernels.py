"""Compiled kernels for groups: lists of candidates under prices that differ by class of mentee."""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled


@compiled
def best_by_part(points, price, part, width, out):
    """Write the mentors of each mentee's `width` best surpluses in each part, -1 where none.

    out : int32 (n, parts, width), surpluses falling.
    """
    n, m = points.shape
    parts = out.shape[1]
    value = np.empty((parts, width), np.int64)
    last = np.empty(parts, np.int64)  # the least that enters each list
    for i in range(n):
        last[:] = -(1 << 62)
        value[:] = -(1 << 62)
        out[i] = -1
        for j in range(m):
            p = part[j]
            if p < 0 or points[i, j] < 0:
                continue
            v = points[i, j] - price[j]
            if v <= last[p]:
                continue
            at = width - 1
            while at > 0 and value[p, at - 1] < v:
                value[p, at] = value[p, at - 1]
                out[i, p, at] = out[i, p, at - 1]
                at -= 1
            value[p, at] = v
            out[i, p, at] = j
            last[p] = value[p, width - 1]


@compiled
def unlisted(points, price, group, bar, lists, found):
    """Find pairs outside the lists that are worth their mentee's bar or more under the prices.

    Parameters
    ----------
    price : int64 (classes, m);  group : int64 (n,), class of each mentee.
    bar : int64 (n,), what a pair must reach
    lists : indptr, idx
    found : best, peak, kept, more
    best : int32 (n, width), written: the mentors of the best such pairs, -1 where none
    peak : int64 (n,), written: the best surplus of all pairs
    kept, more : int64 (n,), written: how many of the pairs pay, and how many only reach the bar
    """
    indptr, idx = lists
    best, peak, kept, more = found
    n, m = points.shape
    width = best.shape[1]
    seen = np.full(m, -1, np.int32)
    value = np.empty(width, np.int64)
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            seen[idx[e]] = i
        cost = price[group[i]]
        line = points[i]
        high = np.int64(-(1 << 62))
        least = bar[i]
        count = np.int64(0)
        for j in range(m):
            v = line[j] - cost[j] if line[j] >= 0 else np.int64(-(1 << 62))
            high = max(high, v)
            count += v >= least
        for e in range(indptr[i], indptr[i + 1]):
            j = idx[e]
            count -= line[j] >= 0 and line[j] - cost[j] >= least
        peak[i] = high
        best[i] = -1
        kept[i] = 0
        more[i] = 0
        if count == 0:
            continue
        value[:] = -(1 << 62)
        for j in range(m):
            v = line[j] - cost[j]
            if line[j] < 0 or v < bar[i] or seen[j] == i:
                continue
            if v > bar[i]:
                kept[i] += 1
            else:
                more[i] += 1
            at = width - 1
            if v <= value[at]:
                continue
            while at > 0 and value[at - 1] < v:
                value[at] = value[at - 1]
                best[i, at] = best[i, at - 1]
                at -= 1
            value[at] = v
            best[i, at] = j
