"""Compiled kernels for prices."""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled


@compiled
def lower_prices(points, matched, seat, price):
    """Lower prices in one pass over the matched, see `largest_prices`; return whether any fell."""
    fell = False
    for k in range(matched.shape[0]):
        row = points[matched[k]]
        least = np.int64(2**60)
        for j in range(row.shape[0]):
            cost = price[j] - row[j] if row[j] >= 0 else np.int64(2**60)
            least = min(least, cost)
        least += row[seat[k]]
        if least < price[seat[k]]:
            price[seat[k]] = least
            fell = True
    return fell
