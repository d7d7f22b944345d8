"""Stable pairs by deferred acceptance, and the pairs that block an assignment.

Arrays of integers only. A *key* matrix holds how much each person on one side likes each person
on the other: higher is better, negative is unacceptable; keys are compared within one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.ties import tie_values

__all__ = ["Held", "blocking", "deferred_acceptance", "strict_keys", "weakest_held"]

Ints: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]

SMALL = 50_000
"""Fewer pairs than this are matched without compiled code."""
ROWS = 512
"""Rows worked on at a time, so that temporaries stay within a few megabytes."""
TIE_BITS = 20


def strict_keys(points: NDArray[np.int32], row_hash: Hashes, mentor_hash: Hashes) -> Ints:
    """Return int64 (n, m): points with ties told apart by hashes; -1 where points are negative.

    Both sides may use the same keys: where mentee and mentor rank each other by one shared score,
    ties included, exactly one matching is stable, whoever proposes.
    """
    keys = np.empty(points.shape, dtype=np.int64)
    for start in range(0, len(points), ROWS):
        block = slice(start, start + ROWS)
        rows = row_hash[block, None]
        ties = tie_values(rows, mentor_hash[None, :], 0) << TIE_BITS
        ties |= tie_values(rows, mentor_hash[None, :], 1)
        ties |= points[block].astype(np.int64) << (2 * TIE_BITS)
        keys[block] = np.where(points[block] >= 0, ties, -1)
    return keys


def deferred_acceptance(
    proposer_key: Ints,
    receiver_key: Ints,
    proposer_seats: Ints,
    receiver_seats: Ints,
    proposer_hash: Hashes,
    receiver_hash: Hashes,
    *,
    compiled: bool | None = None,
) -> tuple[Ints, Ints]:
    """Match proposers to receivers so that no two would rather have each other.

    Everybody proposes down her list; a receiver keeps the best proposals that fit her seats. Every
    proposer gets the best partners that any stable matching gives her, every receiver the worst.

    Parameters
    ----------
    proposer_key, receiver_key : int64 (p, r)
        How proposer a likes receiver b, and how b likes a; higher is better, negative is
        unacceptable. Equal keys go to the higher hash.
    proposer_seats, receiver_seats : int64 (p,), (r,)
        Most partners each.
    proposer_hash, receiver_hash : uint64 (p,), (r,)
    compiled
        Whether to use the compiled kernel; by default from `SMALL` pairs on.

    Returns
    -------
    proposers, receivers : int64 (pairs,)
        In the order of the proposers.

    Notes
    -----
    Time O(p r log r) to sort, then O(log seats) per proposal, at most p r of them; memory
    4 p r bytes beside the keys.

    References
    ----------
    .. [1] Gale & Shapley (1962), Amer. Math. Monthly 69(1), 9-15.
    .. [2] Roth & Sotomayor (1990), Two-Sided Matching, ch. 5.
    """
    order, listed = _preference_order(proposer_key, receiver_hash)
    if compiled is None:
        compiled = proposer_key.size >= SMALL
    first = np.concatenate(([0], np.cumsum(np.minimum(receiver_seats, len(order)))))
    people, room = len(order), int(first[-1])
    state: list[Any] = [
        np.full(room, -1), np.zeros(len(receiver_seats), np.int64), proposer_seats,
        np.zeros(people, np.int64), np.arange(people), np.ones(people, np.bool_),
    ]  # fmt: skip
    make: Any
    lists: list[Any] = [order, listed, np.ascontiguousarray(receiver_key), proposer_hash, first]
    if compiled:
        state[2] = proposer_seats.copy()
        make = _compiled()
    else:  # lists are faster than arrays where each entry is looked at alone
        lists, state = [[x.tolist() for x in part] for part in (lists, state)]
        make = propose
    make(*lists, tuple(state))
    proposers, size = (np.asarray(x, np.int64) for x in state[:2])
    receivers = np.repeat(np.arange(size.size), np.diff(first))
    held = np.arange(room) - first[receivers] < size[receivers]
    proposers, receivers = proposers[held], receivers[held]
    ranked = np.lexsort((receivers, proposers))
    return proposers[ranked], receivers[ranked]


@cache
def _compiled() -> Any:
    from mentormatch.solvers.compile import compiled

    return compiled(propose)


def _preference_order(key: Ints, other_hash: Hashes) -> tuple[NDArray[np.int32], Ints]:
    """Return (order int32 (p, r): best first, how many of them are acceptable)."""
    p, r = key.shape
    order = np.empty((p, r), dtype=np.int32)
    for start in range(0, p, ROWS):
        block = key[start : start + ROWS]
        ranked = np.argsort(-block, axis=1)
        values = np.take_along_axis(block, ranked, axis=1)
        tied = (values[:, 1:] == values[:, :-1]) & (values[:, 1:] >= 0)
        for row in np.flatnonzero(tied.any(axis=1)):
            ranked[row] = np.lexsort((~other_hash, -block[row]))
        order[start : start + ROWS] = ranked
    return order, (key >= 0).sum(axis=1).astype(np.int64)


def propose(
    order: Any, listed: Any, receiver_key: Any, proposer_hash: Any, first: Any, state: Any
) -> None:
    """Let everybody propose until nobody can; lists or, compiled, arrays.

    order : (p, r), receivers from best to worst; the first `listed` of them are acceptable.
    receiver_key : (p, r);  proposer_hash : (p,)
    first : (r + 1,), where each receiver's seats begin: a heap of proposers, weakest on top.
    state : seats taken, how many of each receiver's, partners still wanted, the next of each
        list, a stack of proposers, who is on it; all changed in place.
    """
    heap, size, wanted, upcoming, waiting, queued = state
    depth = len(waiting)
    while depth > 0:
        depth -= 1
        person = waiting[depth]
        queued[person] = False
        while wanted[person] > 0 and upcoming[person] < listed[person]:
            other = order[person][upcoming[person]]
            upcoming[person] += 1
            key = receiver_key[person][other]
            tie = proposer_hash[person]
            base = first[other]
            seats = first[other + 1] - base
            if key < 0 or seats == 0:
                continue
            if size[other] < seats:
                place = size[other]
                size[other] += 1
                wanted[person] -= 1
                while place > 0:  # the weaker goes towards the top
                    parent = (place - 1) // 2
                    above = heap[base + parent]
                    rival = receiver_key[above][other]
                    if rival < key or (rival == key and proposer_hash[above] <= tie):
                        break
                    heap[base + place] = above
                    place = parent
                heap[base + place] = person
                continue
            weakest = heap[base]
            rival = receiver_key[weakest][other]
            if key < rival or (key == rival and tie <= proposer_hash[weakest]):
                continue
            wanted[person] -= 1
            wanted[weakest] += 1
            if not queued[weakest]:
                queued[weakest] = True
                waiting[depth] = weakest
                depth += 1
            place = 0
            while 2 * place + 1 < seats:  # the weakest rises into the empty place
                child = 2 * place + 1
                lower = heap[base + child]
                rival = receiver_key[lower][other]
                if child + 1 < seats:
                    right = heap[base + child + 1]
                    its = receiver_key[right][other]
                    if its < rival or (
                        its == rival and proposer_hash[right] < proposer_hash[lower]
                    ):
                        child += 1
                        lower, rival = right, its
                if rival > key or (rival == key and proposer_hash[lower] >= tie):
                    break
                heap[base + place] = lower
                place = child
            heap[base + place] = person


@dataclass(frozen=True, eq=False)
class Held:
    """What each person has to beat: the key of the weakest partner, -1 with a seat to spare.

    mentees : int64 (n,)
    mentors : int64 (m,)
        Somebody without any seat holds the largest integer: nobody improves on that.
    """

    mentees: Ints
    mentors: Ints


def weakest_held(
    mentee_key: Ints | NDArray[np.int32],
    mentor_key: Ints | NDArray[np.int32],
    rows: Ints,
    columns: Ints,
    mentee_seats: Ints,
    mentor_seats: Ints,
) -> Held:
    """Return what mentees and mentors hold in the pairs (rows, columns)."""

    def weakest(values: Ints, of: Ints, seats: Ints) -> Ints:
        least = np.full(len(seats), np.iinfo(np.int64).max)
        np.minimum.at(least, of, values)
        return np.where(np.bincount(of, minlength=len(seats)) < seats, -1, least)

    return Held(
        weakest(mentee_key[rows, columns].astype(np.int64), rows, mentee_seats),
        weakest(mentor_key[rows, columns].astype(np.int64), columns, mentor_seats),
    )


def blocking(
    mentee_key: Ints | NDArray[np.int32],
    mentor_key: Ints | NDArray[np.int32],
    rows: Ints,
    columns: Ints,
    held: Held,
    *,
    weakly: bool = False,
) -> tuple[Ints, Ints]:
    """Return the pairs (mentees, mentors) that both gain by, at the expense of the pairs given.

    With `weakly`, both gain or lose nothing.

    Notes
    -----
    Time O(n m), memory O(m) a row plus the pairs found.
    """
    found_rows, found_columns = [], []
    better = np.greater_equal if weakly else np.greater
    for start in range(0, len(mentee_key), ROWS):
        block = slice(start, start + ROWS)
        mine, theirs = mentee_key[block], mentor_key[block]
        mask = better(mine, held.mentees[block, None]) & better(theirs, held.mentors[None, :])
        mask &= (mine >= 0) & (theirs >= 0)
        row, column = np.nonzero(mask)
        found_rows.append(row + start)
        found_columns.append(column)
    row = np.concatenate([np.zeros(0, dtype=np.int64), *found_rows])
    column = np.concatenate([np.zeros(0, dtype=np.int64), *found_columns])
    width = mentee_key.shape[1]
    apart = ~np.isin(row * width + column, rows * width + columns)
    return row[apart], column[apart]
