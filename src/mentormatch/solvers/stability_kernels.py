"""The compiled kernel of deferred acceptance: arrays in, arrays out, checked before entry."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.compile import compiled

__all__ = ["defer"]


def _defer(
    order: Any,
    listed: Any,
    receiver_key: Any,
    proposer_hash: Any,
    proposer_seats: Any,
    first: Any,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs (proposers, receivers) of the proposers' best stable matching.

    order : int32 (p, r), receivers from best to worst; the first `listed` of them are acceptable.
    listed, proposer_seats : int64 (p,)
    receiver_key : int64 (p, r)
    proposer_hash : uint64 (p,)
    first : int64 (r + 1,)

    `first[b]:first[b + 1]` are the seats of receiver b: a heap of proposers, weakest on top.
    """
    count, receivers = order.shape
    heap: Any = np.full(first[receivers], -1, dtype=np.int64)
    size: Any = np.zeros(receivers, dtype=np.int64)
    wanted = proposer_seats.copy()
    upcoming = np.zeros(count, dtype=np.int64)
    waiting: Any = np.arange(count)
    queued = np.ones(count, dtype=np.bool_)
    depth = count
    while depth > 0:
        depth -= 1
        person = waiting[depth]
        queued[person] = False
        while wanted[person] > 0 and upcoming[person] < listed[person]:
            other = order[person, upcoming[person]]
            upcoming[person] += 1
            key = receiver_key[person, other]
            base = first[other]
            seats = first[other + 1] - base
            if key < 0 or seats == 0:
                continue
            tie = proposer_hash[person]
            if size[other] < seats:
                place = size[other]
                size[other] += 1
                wanted[person] -= 1
                while place > 0:  # sift up: the weaker goes towards the top
                    parent = (place - 1) // 2
                    above = heap[base + parent]
                    rival = receiver_key[above, other]
                    if rival < key or (rival == key and proposer_hash[above] <= tie):
                        break
                    heap[base + place] = above
                    place = parent
                heap[base + place] = person
                continue
            weakest = heap[base]
            rival = receiver_key[weakest, other]
            if key < rival or (key == rival and tie <= proposer_hash[weakest]):
                continue
            wanted[person] -= 1
            wanted[weakest] += 1
            if not queued[weakest]:
                queued[weakest] = True
                waiting[depth] = weakest
                depth += 1
            place = 0
            while True:  # sift down
                child = 2 * place + 1
                if child >= seats:
                    break
                lower = heap[base + child]
                lower_key = receiver_key[lower, other]
                if child + 1 < seats:
                    right = heap[base + child + 1]
                    right_key = receiver_key[right, other]
                    if right_key < lower_key or (
                        right_key == lower_key and proposer_hash[right] < proposer_hash[lower]
                    ):
                        child += 1
                        lower = right
                        lower_key = right_key
                if lower_key > key or (lower_key == key and proposer_hash[lower] >= tie):
                    break
                heap[base + place] = lower
                place = child
            heap[base + place] = person
    total = 0
    for other in range(receivers):
        total += size[other]
    proposers = np.empty(total, dtype=np.int64)
    partners = np.empty(total, dtype=np.int64)
    filled = 0
    for other in range(receivers):
        for place in range(size[other]):
            proposers[filled] = heap[first[other] + place]
            partners[filled] = other
            filled += 1
    return proposers, partners


defer = compiled(_defer)
