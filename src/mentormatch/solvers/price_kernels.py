"""Compiled kernels for prices."""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled


@compiled
def steps_between(points, matched, seat, least, step, far):
    """step[h, j]: what the price of h may exceed that of j by at most, less the smallest prices.

    matched, seat : int64 (k,);  least : int64 (m,);  step : int32 (m, m), `far` to begin with
    """
    for k in range(matched.shape[0]):
        row, hers = points[matched[k]], seat[k]
        own, to = np.int64(row[hers]) - least[hers], step[hers]
        for j in range(row.shape[0]):
            apart = np.int32(own + least[j] - row[j])
            to[j] = min(to[j], apart if row[j] >= 0 else far)


@compiled
def shortest(step, far, nowhere, no_way):
    """Lower far (m,) to the lengths of shortest paths; step[j, h] >= 0 leads from j to h.

    step : int32 (m, m), `no_way` where there is none;  far : int64, `nowhere` where not known
    """
    m = far.shape[0]
    done = np.zeros(m, dtype=np.bool_)
    for _ in range(m):
        at, least = -1, nowhere
        for j in range(m):
            if not done[j] and far[j] < least:
                at, least = j, far[j]
        if at < 0:
            return
        done[at] = True
        row = step[at]
        for h in range(m):
            far[h] = min(far[h], least + row[h] if row[h] < no_way else nowhere)
