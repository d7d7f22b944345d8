"""Compiled kernels for prices."""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled


@compiled
def lower_prices(points, matched, seat, fallen, price):
    """Lower prices in one pass over the matched, for the mentors whose price has fallen.

    See `largest_prices`; matched, seat : int64 (k,);  fallen : int64 (f,)
    """
    for k in range(matched.shape[0]):
        row, hers = points[matched[k]], seat[k]
        least = price[hers] - row[hers]
        if fallen.shape[0] == row.shape[0]:
            for j in range(row.shape[0]):
                cost = price[j] - row[j] if row[j] >= 0 else np.int64(2**60)
                least = min(least, cost)
        else:
            for j in fallen:
                if row[j] >= 0:
                    least = min(least, price[j] - row[j])
        price[hers] = min(price[hers], least + row[hers])
