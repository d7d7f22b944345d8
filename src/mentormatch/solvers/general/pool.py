"""Exact matching of greatest total value within one pool of people.

Arrays of integers in, integers and a certificate out: no labels, no floating point.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mentormatch.solvers.assignment import assign
from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.general import running
from mentormatch.solvers.general.odd_sets import OddSets, pool_bound

__all__ = ["PoolMatching", "enough", "match_pool"]

Ints = NDArray[np.int64]
Points = NDArray[np.int32]

SEARCHES = 16
"""Searches made between two looks at the clock."""

ROWS = 256
"""Rows worked on at a time, so that temporaries stay within some megabytes."""


@dataclass(frozen=True, eq=False)
class PoolMatching:
    """Pairs of greatest total value within one pool, and the prices that prove it.

    Attributes
    ----------
    partner_of : int64 (n,)
        Partner of each person, -1 where she has none.
    price : int64 (n,)
        Dual price of each person, in half points.
    odd_sets : OddSets
        Nested odd sets of people and their dual prices, in half points.
    objective : int
        Sum of points and bonuses over the pairs, in half points.
    bound : int
        What the prices prove no pairs exceed; equal to `objective` when optimal.
    unique : True or None
        True where no other pairs reach the objective; None where that is not known.
    status : str
        "optimal", "time_limit" or "interrupted".
    stats : dict
        Seconds, odd cycles left by the half-integral start, searches, events, odd sets.
    """

    partner_of: Ints
    price: Ints
    odd_sets: OddSets
    objective: int
    bound: int
    unique: bool | None
    status: str
    stats: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.partner_of.flags.writeable = False
        self.price.flags.writeable = False


def match_pool(
    points: ArrayLike, *, bonus: int | ArrayLike | None = None, time_limit: float | None = None
) -> PoolMatching:
    """Pair people of one pool so that the total is greatest.

    Parameters
    ----------
    points : int32 (n, n)
        Value of each pair, 0 or more, symmetric; negative: inadmissible, as is the diagonal.
        Ties go by the order of people: give them in an order that means nothing, as by a hash.
    bonus : int or int64 (n,), optional
        A pair adds the mean of both people's. Default: so much that more pairs always beat better
        ones, `enough`.
    time_limit : float, optional
        Seconds after which pairs so far are returned with their bound.

    Returns
    -------
    PoolMatching

    Raises
    ------
    TypeError
        If `points` are not integers.
    ValueError
        If they are not square and symmetric, or a pair of one person with herself is admissible.

    Notes
    -----
    A relaxation first: as an assignment of the pool to itself, whose optimum is made of pairs and
    of cycles; odd cycles leave one person each over. From each of those one search for the least
    costly way to pair her, over all pairs [1]_ [2]_. Time O(n^2) for a search; memory O(n).

    References
    ----------
    .. [1] Edmonds (1965), J. Res. Nat. Bur. Standards 69B, 125-130.
    .. [2] Galil (1986), ACM Comput. Surv. 18(1), 23-38.

    Examples
    --------
    >>> match_pool([[-1, 5, 4], [5, -1, 4], [4, 4, -1]]).partner_of
    array([ 1,  0, -1])
    """
    began = time.perf_counter()
    matrix = _checked(points)
    n = len(matrix)
    extra = np.zeros(n, dtype=np.int64) + (enough(matrix) if bonus is None else np.asarray(bonus))
    if (extra < 0).any():
        raise ValueError(f"bonus must not be negative. Got {extra.min()} instead.")
    # with one bonus for all; what a person has beyond it goes on her price, and tight stays tight
    least = int(extra.min()) if n else 0
    first = assign(
        matrix,
        np.ones(n, dtype=np.int64),
        row_bonus=np.full(n, least, dtype=np.int64),
        time_limit=time_limit,
        route="dense" if matrix.size >= running.COMPILED else "small",
    )
    price = np.array(first.mentor_price)
    mate, odd_cycles = _halved(first.mentor_of)
    kernels = running.kernels("blossom_kernels", matrix.size)
    price += _row_tops(kernels, matrix, price, least) + extra - least
    stats: dict[str, Any] = {"odd_cycles": odd_cycles, "searches": 0, "events": 0}
    status, sets = first.status, OddSets.none()
    even = bool(((mate >= 0) | (extra == least)).all())
    certain = (
        status == "optimal" and first.unique and even and bool((mate == first.mentor_of).all())
    )
    if status == "optimal" and bool((price[mate < 0] > 0).any()):
        end = None if time_limit is None else began + time_limit
        start = mate, price
        mate, price = mate.copy(), price.copy()
        try:
            complete, sets = _search(kernels, (matrix, extra), (mate, price), stats, end)
            status = "optimal" if complete else "time_limit"
        except KeyboardInterrupt:
            (mate, price), status = start, "interrupted"
    pairs = np.flatnonzero(mate > np.arange(n))
    stats |= {"seconds": time.perf_counter() - began, "odd_sets": sets.price.size}
    return PoolMatching(
        partner_of=mate,
        price=price,
        odd_sets=sets,
        objective=2 * exact_sum(matrix[pairs, mate[pairs]].astype(np.int64))
        + exact_sum(extra[mate >= 0]),
        bound=pool_bound(price, sets),
        unique=True if certain and status == "optimal" else None,
        status=status,
        stats=stats,
    )


def enough(points: Points) -> int:
    """Return a bonus for which more pairs always beat better ones."""
    return len(points) // 2 * int(points.max(initial=0)) + 1


def _checked(points: ArrayLike) -> Points:
    """Return the points as a C-order int32 matrix, or say what is wrong with them."""
    matrix = np.asarray(points)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"points must be a square matrix. Got shape {matrix.shape} instead.")
    if matrix.size and not np.issubdtype(matrix.dtype, np.integer):
        raise TypeError(f"points must hold integers. Got dtype {matrix.dtype} instead.")
    matrix = np.ascontiguousarray(matrix, dtype=np.int32)
    if (np.diagonal(matrix) >= 0).any():
        raise ValueError("points must be negative on the diagonal: nobody is her own partner.")
    for begin in range(0, len(matrix), ROWS):
        part = slice(begin, begin + ROWS)
        if (matrix[part, begin:] != matrix[begin:, part].T).any():
            raise ValueError("points must be symmetric.")
    return matrix


def _halved(follows: Ints) -> tuple[Ints, int]:
    """Pair people along the paths and cycles of an assignment; count the cycles left odd."""
    n = follows.size
    onward = follows.tolist()
    mate, seen, odd = [-1] * n, [False] * n, 0
    begins = np.ones(n, dtype=bool)
    begins[follows[follows >= 0]] = False
    # paths first, so that what is left are cycles
    for start in [*np.flatnonzero(begins).tolist(), *range(n)]:
        at, length = start, 0
        while at >= 0 and not seen[at]:
            seen[at] = True
            length += 1
            other = onward[at]
            if length % 2 and other >= 0 and not seen[other]:
                mate[at], mate[other] = other, at
            at = other
        odd += length % 2 and at >= 0
    return np.array(mate, dtype=np.int64), odd


def _row_tops(kernels: Any, points: Points, price: Ints, bonus: int) -> Ints:
    """Return the most that a pair of each row is worth at these prices, 0 if nothing."""
    if points.size < running.COMPILED:
        worth = np.where(points >= 0, points - price + bonus, 0)
        return np.asarray(worth.max(axis=1, initial=0), dtype=np.int64)
    out = np.zeros(price.size, dtype=np.int64)
    kernels.row_tops(points, price, np.int64(bonus), out)
    return out


def _search(
    kernels: Any,
    pool: tuple[Points, Ints],
    state: tuple[Ints, Ints],
    stats: dict[str, Any],
    end: float | None,
) -> tuple[bool, OddSets]:
    """Search from all free people; write pairs and prices; return whether the time sufficed."""
    mate, price = state
    level = price - pool[1]
    n = mate.size
    nodes = n + n // 2 + 1
    around = np.full((5, nodes), -1, dtype=np.int64)
    span = np.full((3, nodes), -1, dtype=np.int64)
    span[:2, :n] = np.arange(n)
    base = np.arange(nodes)
    label, sign = np.zeros(nodes, dtype=np.int64), np.zeros(n, dtype=np.int64)
    entry = np.full((2, nodes), -1, dtype=np.int64)
    z = np.zeros(nodes, dtype=np.int64)
    spare = np.arange(n, nodes)
    counts = np.array([0, spare.size, 0, 0], dtype=np.int64)
    nest, tree = (mate, base, around, span), (label, sign, np.arange(n), entry)
    key = np.zeros(n, dtype=np.int64)
    work = (
        np.zeros(2 * n, dtype=np.int64),
        np.zeros(4 * nodes, dtype=np.int64),
        np.zeros(nodes, dtype=np.int64),
        spare,
    )
    parts = pool, nest, tree, (level, z), key, work, counts
    complete = False
    while not complete and (end is None or time.perf_counter() < end):
        made = int(kernels.improve(*parts, SEARCHES))
        stats["searches"] += made
        complete = made < SEARCHES
    price[:] = level + pool[1]
    stats["events"] = int(counts[3])
    return complete, _sets(n, around, span, z)


def _sets(n: int, around: Ints, span: Ints, z: Ints) -> OddSets:
    """Write odd sets as stretches of one list of their people."""
    live = n + np.flatnonzero(around[1, n:] >= 0)
    members: list[int] = []
    follows = span[2].tolist()
    for node in live[around[0, live] < 0].tolist():
        at, last = int(span[0, node]), int(span[1, node])
        members.append(at)
        while at != last:
            at = follows[at]
            members.append(at)
    place = np.zeros(n, dtype=np.int64)
    place[members] = np.arange(len(members))
    return OddSets(
        members=np.array(members, dtype=np.int64),
        begin=place[span[0, live]],
        end=place[span[1, live]] + 1,
        price=z[live],
    )
