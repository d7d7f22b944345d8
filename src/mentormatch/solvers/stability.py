"""Stable pairs by deferred acceptance, and the pairs that block an assignment.

Arrays of integers only. A *key* matrix holds how much each person on one side likes each person
on the other: higher is better, negative is unacceptable; keys are compared within one person.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TypeAlias

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
    if not compiled:
        partners = _defer(
            order, listed, receiver_key, proposer_hash, proposer_seats, receiver_seats
        )
    else:
        from mentormatch.solvers.stability_kernels import defer

        first = np.concatenate(([0], np.cumsum(np.minimum(receiver_seats, len(order)))))
        partners = defer(
            order,
            listed,
            np.ascontiguousarray(receiver_key),
            proposer_hash,
            proposer_seats,
            first.astype(np.int64),
        )
    proposers, receivers = partners
    ranked = np.lexsort((receivers, proposers))
    return proposers[ranked], receivers[ranked]


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


def _defer(
    order: NDArray[np.int32],
    listed: Ints,
    receiver_key: Ints,
    proposer_hash: Hashes,
    proposer_seats: Ints,
    receiver_seats: Ints,
) -> tuple[Ints, Ints]:
    """Do what the compiled kernel does, in plain Python."""
    held: list[list[tuple[int, int, int]]] = [[] for _ in receiver_seats]
    wanted, seats = proposer_seats.tolist(), receiver_seats.tolist()
    upcoming = [0] * len(order)
    waiting = list(range(len(order)))
    while waiting:
        person = waiting.pop()
        while wanted[person] > 0 and upcoming[person] < listed[person]:
            other = int(order[person, upcoming[person]])
            upcoming[person] += 1
            key = int(receiver_key[person, other])
            if key < 0 or seats[other] == 0:
                continue
            offer = (key, int(proposer_hash[person]), person)
            if len(held[other]) < seats[other]:
                heapq.heappush(held[other], offer)
                wanted[person] -= 1
            elif offer > held[other][0]:
                _, _, dropped = heapq.heapreplace(held[other], offer)
                wanted[person] -= 1
                wanted[dropped] += 1
                waiting.append(dropped)
    pairs = [(person, other) for other, offers in enumerate(held) for _, _, person in offers]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


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
