"""Between two assignments, one that keeps a row and one that does not: swap parts of them.

Where they differ, pairs of the one and of the other alternate along paths and circles. Each of
these can be swapped by itself, and seats stay within what both have. Of two flows that are both
best at the same price of the row, every swap is worth exactly what it costs in the row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.program import Pairs

__all__ = ["mixed", "swaps"]

Ints = NDArray[np.int64]


def swaps(kept: Pairs, other: Pairs) -> tuple[Pairs, Pairs, Ints, Ints]:
    """Return (pairs only in the first, pairs only in the second, the swap each belongs to, twice).

    Notes
    -----
    Pairs of a mentee, and of a mentor, are matched up one by one, one of each assignment. Time
    O(k log k) for k pairs.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    width = _width(kept, other)
    codes = [pairs[0] * width + pairs[1] for pairs in (kept, other)]
    only = [np.setdiff1d(codes[0], codes[1]), np.setdiff1d(codes[1], codes[0])]
    lost, won = ((code // width, code % width) for code in only)
    size = only[0].size + only[1].size
    links: list[Ints] = []
    for side in (0, 1):
        places = []
        for pairs in (lost, won):
            order = np.argsort(pairs[side], kind="stable")
            who = pairs[side][order]
            nth = np.arange(who.size) - np.searchsorted(who, who)
            place = np.empty(who.size, dtype=np.int64)
            place[order] = who * (size + 1) + nth
            places.append(place)
        _, first, second = np.intersect1d(
            places[0], places[1], assume_unique=True, return_indices=True
        )
        links.append(np.array([first, second + only[0].size]))
    start, end = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(start.size), (start, end)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    parts = label.astype(np.int64)
    return lost, won, parts[: only[0].size], parts[only[0].size :]


def mixed(
    kept: Pairs,
    other: Pairs,
    worth: Callable[[Pairs], Ints],
    amount: Callable[[Pairs], Ints],
    room: int,
) -> Pairs:
    """Return the first pairs with the swaps that are worth most for what they use of some room.

    Parameters
    ----------
    kept, other
        Two assignments.
    worth, amount
        Give the worth of pairs, and what they count in the row.
    room
        By how much the row may rise above what the first has.
    """
    lost, won, before, after = swaps(kept, other)
    count = int(max(before.max(initial=-1), after.max(initial=-1))) + 1
    gain, used = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for part, sign, pairs in ((before, -1, lost), (after, 1, won)):
        np.add.at(gain, part, sign * worth(pairs))
        np.add.at(used, part, sign * amount(pairs))
    taken = (gain >= 0) & (used <= 0)
    room -= int(used[taken].sum())
    rest = np.flatnonzero((gain > 0) & (used > 0))
    for part in rest[np.lexsort((used[rest], -gain[rest] / used[rest]))].tolist():
        if used[part] <= room:
            taken[part] = True
            room -= int(used[part])
    width = _width(kept, other)
    out = lost[0][taken[before]] * width + lost[1][taken[before]]
    code = np.setdiff1d(kept[0] * width + kept[1], out)
    code = np.union1d(code, won[0][taken[after]] * width + won[1][taken[after]])
    return code // width, code % width


def _width(kept: Pairs, other: Pairs) -> int:
    return int(max(kept[1].max(initial=0), other[1].max(initial=0))) + 1
