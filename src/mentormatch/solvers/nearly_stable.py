"""Between the greatest total and stability: assignments with few blocking pairs.

Both sides rank by the shared points; ties do not block. The fewest blocking pairs for a total is
NP-hard in general, so small instances are solved exactly as an integer program and large ones by
a sweep, whose points are true but not proven to be the best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import assign
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.rows.highs import Model, integer, patience
from mentormatch.solvers.stability import blocking, deferred_acceptance, strict_keys, weakest_held

__all__ = ["Compromise", "best_total", "exact", "settle", "stable", "sweep"]

Ints: TypeAlias = NDArray[np.int64]
Points: TypeAlias = NDArray[np.int32]
Hashes: TypeAlias = NDArray[np.uint64]

POWERS = (1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0)
"""Exponents of the sweep; 1 is the greatest total, and the limit is stable."""
TOP = 1 << 30


@dataclass(frozen=True, eq=False)
class Compromise:
    """One assignment between the greatest total and stability.

    mentor_of : int64 (n,), -1 unmatched.
    total : sum of the points.
    blocking : pairs that both would strictly gain by.
    bound : no assignment with as few blocking pairs has a greater total.
    route : what found it.
    """

    mentor_of: Ints
    total: int
    blocking: int
    bound: int
    route: str


def measure(points: Points, seats: Ints, mentor_of: Ints, bound: int, route: str) -> Compromise:
    """Count what blocks an assignment and what it is worth."""
    rows, columns = _pairs(mentor_of)
    found, _ = _blocking(points, seats, mentor_of)
    total = int(points[rows, columns].sum(dtype=np.int64))
    return Compromise(mentor_of, total, len(found), bound, route)


def best_total(points: Points, seats: Ints, row_hash: Hashes, mentor_hash: Hashes) -> Compromise:
    """Return the assignment of the greatest total, proven."""
    solution = assign(points, seats, row_hash=row_hash, mentor_hash=mentor_hash)
    return measure(points, seats, solution.mentor_of, solution.bound, "greatest total")


def stable(
    points: Points, seats: Ints, row_hash: Hashes, mentor_hash: Hashes, most: int
) -> Compromise:
    """Return the stable assignment of these ties; proven the best one where no other is stable."""
    keys = strict_keys(points, row_hash, mentor_hash)
    one_each = np.ones(len(points), dtype=np.int64)
    rows, columns = deferred_acceptance(keys, keys, one_each, seats, row_hash, mentor_hash)
    mentor_of = np.full(len(points), -1, dtype=np.int64)
    mentor_of[rows] = columns
    held = weakest_held(points, points, rows, columns, one_each, seats)
    others, _ = blocking(points, points, rows, columns, held, weakly=True)
    total = int(points[rows, columns].sum(dtype=np.int64))
    return Compromise(mentor_of, total, 0, most if len(others) else total, "deferred acceptance")


def exact(
    points: Points, seats: Ints, most: int, budget: Budget | None = None, parts: int = 1
) -> Compromise | None:
    r"""Return the greatest total with at most `most` blocking pairs, by integer programming.

    With :math:`x_{ij}` for matched and :math:`z_{ij}` for blocking pairs, and c the seats,

    .. math:: c_j \sum_{j': s_{ij'} \ge s_{ij}} x_{ij'} + \sum_{i': s_{i'j} \ge s_{ij}} x_{i'j}
        + c_j z_{ij} \ge c_j, \qquad \sum z \le b.

    None if the budget ran out before anything was found.

    Notes
    -----
    Two variables and one row per admissible pair: for up to about a thousand pairs. Without a
    limit of time the nodes are limited, to a part of `parts` of what one search may take.
    """
    from scipy.sparse import csr_array, diags_array, hstack, vstack

    row, column = np.nonzero((points >= 0) & (seats > 0)[None, :])
    worth = points[row, column].astype(np.int64)
    pairs = len(row)
    if pairs == 0:
        return measure(points, seats, np.full(len(points), -1, dtype=np.int64), 0, "exact")
    at_least = worth[None, :] >= worth[:, None]
    same_row, same_column = row[None, :] == row[:, None], column[None, :] == column[:, None]
    full = seats[column].astype(float)
    content = csr_array((same_row & at_least) * full[:, None] + (same_column & at_least))
    by_row = csr_array((np.ones(pairs), (row, np.arange(pairs))), shape=(len(points), pairs))
    by_column = csr_array((np.ones(pairs), (column, np.arange(pairs))), shape=(len(seats), pairs))
    nothing = csr_array((len(points) + len(seats), pairs))
    allowed = csr_array(np.concatenate((np.zeros(pairs), np.ones(pairs)))[None, :])
    matrix = vstack(
        [
            hstack([vstack([by_row, by_column]), nothing]),
            hstack([content, diags_array(full)]),
            allowed,
        ],
        format="csr",
    )
    places = np.concatenate((np.ones(len(points)), seats.astype(float)))
    lower = np.concatenate((np.zeros(len(places)), full, [0.0]))
    upper = np.concatenate((places, np.full(pairs, np.inf), [float(most)]))
    model = Model(
        np.concatenate((worth.astype(float), np.zeros(pairs))),
        matrix, lower, upper, np.zeros(2 * pairs), np.ones(2 * pairs),
    )  # fmt: skip
    seconds = (budget or Budget()).left()
    nodes = patience(2 * pairs * parts) if seconds is None else None
    found = integer(model, seconds=seconds, nodes=nodes)
    if found.x is None:
        return None
    mentor_of = np.full(len(points), -1, dtype=np.int64)
    chosen = np.flatnonzero(found.x[:pairs] > 0.5)
    mentor_of[row[chosen]] = column[chosen]
    bound = int(np.floor(found.bound + 0.5))  # totals are whole
    return measure(points, seats, mentor_of, bound, "integer program")


def sweep(
    points: Points,
    seats: Ints,
    row_hash: Hashes,
    mentor_hash: Hashes,
    bound: int,
    keep_going: Callable[[], bool],
) -> Iterator[Compromise]:
    """Yield compromises that maximise the sum of rising powers of the points.

    The higher the power, the more the best pairs count; in the limit the best pairs come first
    whatever they cost others, which is the stable assignment.
    """
    top = max(int(points.max(initial=0)), 1)
    share = np.maximum(points, 0) / top
    for power in POWERS:
        if not keep_going():
            return
        raised = np.where(points >= 0, np.rint(share**power * TOP), -1).astype(np.int32)
        solution = assign(raised, seats, row_hash=row_hash, mentor_hash=mentor_hash)
        yield measure(points, seats, solution.mentor_of, bound, f"sum of powers {power:g}")


def settle(
    points: Points,
    seats: Ints,
    start: Compromise,
    keep_going: Callable[[], bool],
) -> Iterator[Compromise]:
    """Yield compromises on a path from an assignment towards a stable one.

    In each step the blocking pair that costs the total least is given what it wants. That ends in
    a stable assignment, because each step replaces pairs by a better one of the same two people.
    """
    mentor_of = np.array(start.mentor_of)
    while keep_going():
        rows, columns = _blocking(points, seats, mentor_of)
        if len(rows) < start.blocking or not len(rows):
            yield Compromise(
                mentor_of.copy(), _total(points, mentor_of), len(rows), start.bound,
                f"{start.route}, settled",
            )  # fmt: skip
        if not len(rows):
            return
        weakest, full = _weakest(points, seats, mentor_of)
        old = mentor_of[rows]
        change = points[rows, columns].astype(np.int64)
        change -= np.where(old >= 0, points[rows, old], 0)
        dropped = np.where(full[columns], weakest[columns], -1)
        change -= np.where(dropped >= 0, points[dropped, columns], 0)
        best = int(np.argmax(change))
        if dropped[best] >= 0:
            mentor_of[dropped[best]] = -1
        mentor_of[rows[best]] = columns[best]


def _pairs(mentor_of: Ints) -> tuple[Ints, Ints]:
    rows = np.flatnonzero(mentor_of >= 0)
    return rows, mentor_of[rows]


def _total(points: Points, mentor_of: Ints) -> int:
    return int(points[_pairs(mentor_of)].sum(dtype=np.int64))


def _blocking(points: Points, seats: Ints, mentor_of: Ints) -> tuple[Ints, Ints]:
    rows, columns = _pairs(mentor_of)
    one_each = np.ones(len(points), dtype=np.int64)
    held = weakest_held(points, points, rows, columns, one_each, seats)
    return blocking(points, points, rows, columns, held)


def _weakest(points: Points, seats: Ints, mentor_of: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Return each mentor's weakest mentee (-1: none), and who has no seat left."""
    rows, columns = _pairs(mentor_of)
    order = np.argsort(-points[rows, columns], kind="stable")
    weakest = np.full(len(seats), -1, dtype=np.int64)
    weakest[columns[order]] = rows[order]  # the last one written is the weakest
    return weakest, np.bincount(columns, minlength=len(seats)) >= seats
