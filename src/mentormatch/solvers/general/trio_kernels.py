"""Compiled kernel that lists the groups of three which the prices of people leave in question."""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled


@compiled
def close_trios(pairs, part, most, found, gain, top):
    """List trios whose gain is at least -most, as far as there is room; return how many there are.

    pairs    indptr, idx, slack, joint: for each person those after her, what the pair's prices are
             above its worth, and the price of the odd sets that hold both
    part     begin and end of the people who may come first in a trio
    found    (r, 3), written; gain (r,): minus the slack of the three pairs, less twice the price
             of the sets that hold two or more of the trio
    top      (4,) written: the trio of greatest gain, and that gain
    """
    indptr, idx, slack, joint = pairs
    place = np.full(indptr.size - 1, -1, np.int64)
    count = 0
    top[:] = -1
    top[3] = -most - 1
    for i in range(part[0], part[1]):
        for e in range(indptr[i], indptr[i + 1]):
            place[idx[e]] = e
        for e in range(indptr[i], indptr[i + 1]):
            j = idx[e]
            for f in range(indptr[j], indptr[j + 1]):
                k = idx[f]
                g = place[k]
                if g < 0:
                    continue
                held = max(joint[e], joint[f], joint[g])
                worth = -(slack[e] + slack[f] + slack[g]) - 2 * held
                if worth < -most:
                    continue
                if worth > top[3]:
                    top[0], top[1], top[2], top[3] = i, j, k, worth
                if count < gain.size:
                    found[count, 0], found[count, 1], found[count, 2] = i, j, k
                    gain[count] = worth
                count += 1
        for e in range(indptr[i], indptr[i + 1]):
            place[idx[e]] = -1
    return count
