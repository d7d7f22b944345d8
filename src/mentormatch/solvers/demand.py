"""Exact assignment of several different mentors per mentee.

An auction to begin with, shortest paths on short lists of candidates to finish; every other pair is
then compared with the duals and let in where it would pay, until none does. Ties are decided on
the optimal face, stage by stage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mentormatch.solvers import demand_kernels as kernels
from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.compile import announce
from mentormatch.solvers.demand_network import Hashes, Ints, Network, Part, Table
from mentormatch.solvers.demand_tables import Listed, Matrix
from mentormatch.solvers.endings import Stopped
from mentormatch.solvers.ties import tie_values, tie_weight

__all__ = ["Answer", "solve_demand"]

FULL = 20  # ties are a matrix where at least one pair in so many may be


@dataclass(frozen=True, eq=False)
class Answer:
    """An optimal assignment of several mentors each, with its smallest prices."""

    row: Ints  # of the pairs, by mentee and mentor
    column: Ints
    price: Ints
    objective: int
    bound: int
    unique: bool
    status: str
    stages: int
    stats: dict[str, Any] = field(default_factory=dict)


def _refine(net: Network, part: Part, hashes: Hashes, stage: int) -> tuple[Network, Ints, Ints]:
    """Decide by the ties of one stage among the optima of `net`.

    Mentors at a positive price must stay full, mentors below 0 at their minimum, and mentees keep
    the places that are worth more than nothing. Returns the network solved, and the positions of
    its mentees and mentors in `net`.
    """
    if part.ties is not None:
        table = part.ties(hashes, stage)
        rows, columns, i, j = np.arange(net.n), np.arange(net.m), part.row, part.column
        most = np.full(net.n, net.m)
    else:
        rows, i = np.unique(part.row, return_inverse=True)
        columns, j = np.unique(part.column, return_inverse=True)
        ties = tie_values(hashes[0][part.row], hashes[1][part.column], stage)
        table = _table_of(i, j, ties, (rows.size, columns.size))
        most = np.bincount(i, minlength=rows.size)
    fixed_load = net.load[columns] - np.bincount(j[part.held], minlength=columns.size)
    price = net.price[columns]
    capacity = net.capacity[columns] - fixed_load
    least = np.maximum(net.min_load[columns] - fixed_load, 0)
    least = np.where(price > 0, capacity, least)
    capacity = np.where(price < 0, least, capacity)
    fixed = net.got[rows] - np.bincount(i[part.held], minlength=rows.size)
    slots = np.arange(net.bonus.shape[1])
    worth = np.sign(net.bonus[rows] + net.level[rows, None])
    worth = np.where(slots < net.demand[rows, None], worth, -1)
    must, may = (worth > 0).sum(axis=1) - fixed, (worth >= 0).sum(axis=1) - fixed
    bonus = np.where(slots < must[:, None], tie_weight(rows.size, columns.size), 0)
    demand = np.minimum(may, most)
    bonus = np.ascontiguousarray(bonus[:, : max(1, int(demand.max(initial=1)))], np.int64)
    face = Network(table, (bonus, demand), (capacity, least), net.keep_going)
    face.solve()
    return face, rows, columns


def _table_of(row: Ints, column: Ints, ties: Ints, shape: tuple[int, int]) -> Table:
    """Return a table of pairs that come by rows: a matrix, or lists where most pairs are none."""
    if ties.size * FULL < shape[0] * shape[1]:
        return Listed(np.searchsorted(row, np.arange(shape[0] + 1)), column.astype(np.int32), ties)
    points = np.full(shape, -1, np.int32)
    points[row, column] = ties
    return Matrix(points)


def solve_demand(
    table: Table,
    wishes: tuple[Ints, Ints],
    seats: tuple[Ints, Ints],
    hashes: Hashes,
    *,
    keep_going: Callable[[], bool] = lambda: True,
    stages: int = 12,
) -> Answer:
    """Find the assignment of greatest value with up to demand[i] different mentors for mentee i.

    Parameters
    ----------
    table
        Where the pairs come from.
    wishes : int64 (n, k), int64 (n,)
        What the first, second, ... mentor of a mentee adds, never rising along a row; and the
        demand, at most k and at most m.
    seats : int64 (m,), int64 (m,)
        Seats per mentor, at most n + 1, and the fewest to be filled.
    hashes : uint64 (n,), (m,)
        They decide ties.
    keep_going
        Asked now and then; False stops with the best assignment so far.
    stages
        How many tie hashes are tried.

    Notes
    -----
    Successive shortest paths in the residual graph of mentees and mentors, O(a log a) each for a
    listed pairs; an auction leaves few of them. Memory: one copy of nothing, lists of about
    24 + k pairs a mentee, and the pairs in which optima differ.

    References
    ----------
    .. [1] Ahuja, Magnanti & Orlin (1993), Network Flows, chapters 9 and 12.
    .. [2] Bertsekas & Castanon (1989), The auction algorithm for the transportation problem.
    """
    announce(kernels.place, "solver for several mentors each")
    net = Network(table, wishes, seats, keep_going)
    status, unique, done = "optimal", False, 0
    pairs: Ints | None = None  # as one number each
    m = max(net.m, 1)
    try:
        feasible = net.solve()
        status = "optimal" if feasible else "infeasible"
        pairs = _numbered(*net.pairs(), m)
        if feasible:
            face, part = net, net.undecided()
            unique = part.empty
            rows, columns = np.arange(net.n), np.arange(net.m)
            while not part.empty and done < stages and keep_going():
                refined, i, j = _refine(face, part, (hashes[0][rows], hashes[1][columns]), done)
                open_ = _numbered(rows[part.row], columns[part.column], m)
                rows, columns = rows[i], columns[j]
                i, j = refined.pairs()
                kept = pairs[~np.isin(pairs, open_)]
                pairs = np.concatenate([kept, _numbered(rows[i], columns[j], m)])
                face, part, done = refined, refined.undecided(), done + 1
    except Stopped:
        status = "time_limit" if pairs is None else status
    except KeyboardInterrupt:
        status = "interrupted" if pairs is None else status
    pairs = _numbered(*net.so_far(), m) if pairs is None else pairs
    row, column = np.divmod(np.sort(pairs), m)
    return Answer(
        row, column, net.price, exact_sum(table.at(row, column)) + net.worth_of_places(row),
        table.bound(net), unique, status, done, net.stats,
    )  # fmt: skip


def _numbered(row: Ints, column: Ints, m: int) -> Ints:
    return row * m + column
