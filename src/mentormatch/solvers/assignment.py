"""Exact maximum-weight assignment of mentees to mentors with several seats each.

Arrays of integers in, integers and a certificate out: no labels, no floating point.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mentormatch.solvers.certificate import dual_bound, exact_sum, value_of
from mentormatch.solvers.endings import Stopped
from mentormatch.solvers.small import NEVER, Face, Tableau, optimal_face, solve_tableau
from mentormatch.solvers.ties import default_hash

if TYPE_CHECKING:
    from mentormatch.solvers.demand import Answer
    from mentormatch.solvers.large import Lists

__all__ = ["Assignment", "assign", "assign_sparse", "assignment_of", "by_mentee", "kernel"]

Ints = NDArray[np.int64]

SMALL = 50_000
"""Problems with fewer pairs than this take the route that needs no compiled code."""

DENSE_ENOUGH = 5
"""Listed pairs are laid out as a matrix when at least one pair in this many is listed."""

FORBIDDEN = 1 << 58
"""Minus this is the worth of a pair that may not be."""

STAGES = 12
"""How many tie hashes are tried before equal people are told apart by position."""

ROUTES = ("auto", "small", "dense", "sparse")


@dataclass(frozen=True, eq=False)
class Assignment:
    """A maximum-value assignment and the prices that prove it.

    Attributes
    ----------
    mentor_of : int64 (n,), or (n, k) where demand was given
        Mentor per mentee, -1 unmatched; with demand, ascending and padded with -1.
    mentor_price : int64 (m,)
        Smallest optimal dual price per seat: what one more seat would add to the objective.
        Negative only where a minimum load holds a mentor above what she is worth.
    objective : int
        Sum of `row_bonus[i] + points[i, j]` over the pairs.
    bound : int
        What the prices prove no assignment exceeds; equal to `objective` when optimal.
    unique : bool
        No other assignment reaches the objective (before ties are decided).
    status : str
        "optimal", "time_limit", "interrupted" or "infeasible" (minimum loads cannot be met).
    route : str
        What solved it: "small", "dense", "sparse".
    stats : dict
        Seconds, searches, passes over the matrix, tie stages.
    lists : Lists or None
        Of the dense route: what a later `assign` with `changed` begins with.
    """

    mentor_of: Ints
    mentor_price: Ints
    objective: int
    bound: int
    unique: bool
    status: str
    route: str
    stats: dict[str, Any] = field(default_factory=dict)
    lists: Lists | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.mentor_of.flags.writeable = False
        self.mentor_price.flags.writeable = False


class _Rules(NamedTuple):
    """The arguments of `assign` beside the points, as they come."""

    capacity: ArrayLike
    row_bonus: ArrayLike | None
    row_hash: ArrayLike | None
    mentor_hash: ArrayLike | None
    min_load: ArrayLike | None
    demand: ArrayLike | None


@dataclass(frozen=True, eq=False)
class _Instance:
    """The arguments of `assign`, checked: C-order, exact dtypes, capacities clipped to n + 1."""

    points: NDArray[np.int32] | None  # the matrix, or
    listed: tuple[Ints, Ints, NDArray[np.int32]] | None  # the pairs row by row (CSR)
    top: int  # the most points of a pair
    capacity: Ints
    bonus: Ints  # (n, k), never rising along a row
    demand: Ints
    min_load: Ints
    row_hash: NDArray[np.uint64]
    mentor_hash: NDArray[np.uint64]
    one_each: bool  # mentor_of is returned as (n,)


def assign(
    points: ArrayLike,
    capacity: ArrayLike,
    *,
    row_bonus: ArrayLike | None = None,
    row_hash: ArrayLike | None = None,
    mentor_hash: ArrayLike | None = None,
    min_load: ArrayLike | None = None,
    demand: ArrayLike | None = None,
    start: Assignment | None = None,
    changed: ArrayLike | None = None,
    time_limit: float | None = None,
    route: str = "auto",
) -> Assignment:
    """Find the assignment of greatest total value, ties decided by hashes.

    Parameters
    ----------
    points : int32 (n, m)
        Value of each pair, 0 or more; negative: inadmissible.
    capacity : int (m,)
        Seats per mentor.
    row_bonus : int64 (n,) or (n, k), optional
        Added for each mentor a mentee gets; as (n, k), for the first, second, ... mentor, never
        rising along a row. Default 0.
    row_hash, mentor_hash : uint64 (n,), (m,), optional
        Hashes of the ids; they decide ties. Default: hashes of the positions.
    min_load : int (m,), optional
        Fewest mentees per mentor.
    demand : int (n,), optional
        How many different mentors a mentee may get. Default 1.
    start : Assignment, optional
        An earlier answer to a similar problem, as a warm start; never changes the answer.
    changed : int (k,), optional
        The mentees whose row of `points` may differ from what `start` was found for. All other
        rows are then taken to be as they were, the proof included, and few of them are read.
        Default: any may differ.
    time_limit : float, optional
        Seconds after which the best assignment so far is returned with its bound.
    route : str
        "auto" or a route by name.

    Returns
    -------
    Assignment

    Raises
    ------
    TypeError
        If an array is not of integers.
    ValueError
        If shapes disagree, a capacity, load or demand is negative, or values are too large; or if
        `changed` leaves out a row that has changed, as far as that is seen: the pairs that were
        listed for it, its best ones, are compared.

    Examples
    --------
    >>> assign([[7, 5], [6, 1]], [1, 1]).mentor_of
    array([1, 0])
    """
    if route not in ROUTES:
        raise ValueError(f"route must be one of {', '.join(ROUTES)}. Got {route!r} instead.")
    matrix = _integers(points, "points", np.int32, 2)
    anew = None if changed is None else _rows(changed, matrix.shape[0])
    lists = None if start is None else start.lists
    if anew is not None and lists is not None and lists.of(*matrix.shape):
        top = max(lists.top, int(matrix[anew].max(initial=0)))
    else:
        top, anew = int(matrix.max(initial=0)), None
    rules = _Rules(capacity, row_bonus, row_hash, mentor_hash, min_load, demand)
    instance = _check(matrix, None, top, rules)
    return _solve(instance, matrix.size, route, start, anew, time_limit)


def assign_sparse(
    indptr: ArrayLike,
    indices: ArrayLike,
    points: ArrayLike,
    capacity: ArrayLike,
    *,
    row_bonus: ArrayLike | None = None,
    row_hash: ArrayLike | None = None,
    mentor_hash: ArrayLike | None = None,
    min_load: ArrayLike | None = None,
    demand: ArrayLike | None = None,
    start: Assignment | None = None,
    time_limit: float | None = None,
    route: str = "auto",
) -> Assignment:
    """Do what `assign` does for pairs listed row by row (CSR); all others are inadmissible.

    Parameters
    ----------
    indptr, indices, points
        Pair e with indptr[i] <= e < indptr[i + 1] is mentee i with mentor indices[e], worth
        points[e]. No mentor twice in a row.
    capacity, row_bonus, row_hash, mentor_hash, min_load, demand, start, time_limit, route
        As for `assign`.

    Returns
    -------
    Assignment
    """
    pointer = _integers(indptr, "indptr", np.int64, 1)
    column = _integers(indices, "indices", np.int64, 1)
    worth = _integers(points, "points", np.int32, 1)
    seats = _integers(capacity, "capacity", np.int64, 1)
    _check_csr(pointer, column, worth, seats.size)
    n, m = pointer.size - 1, seats.size
    matrix: NDArray[np.int32] | None = None
    listed: tuple[Ints, Ints, NDArray[np.int32]] | None = (pointer, column, worth)
    if route in ("small", "dense") or (
        route == "auto" and n * m <= max(20 * SMALL, DENSE_ENOUGH * worth.size)
    ):
        matrix, listed = np.full((n, m), -1, dtype=np.int32), None
        matrix[np.repeat(np.arange(n), np.diff(pointer)), column] = worth
    top = int(worth.max(initial=0))
    rules = _Rules(seats, row_bonus, row_hash, mentor_hash, min_load, demand)
    instance = _check(matrix, listed, top, rules)
    return _solve(instance, worth.size, route, start, None, time_limit)


def kernel(pairs: int, flows: int = 10) -> str:
    """Return the route of `assign` for one of about so many flows: compiled where that pays."""
    return "dense" if pairs * flows >= SMALL else "auto"


def _integers(values: ArrayLike, name: str, dtype: type, ndim: int) -> NDArray[Any]:
    """Return a C-order integer array, or say what is wrong with it."""
    array = np.asarray(values)
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s). Got {array.ndim} instead.")
    if array.dtype == dtype and array.flags.c_contiguous:
        return array
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"{name} must hold integers. Got dtype {array.dtype} instead.")
    if array.size and not np.can_cast(array.dtype, dtype):
        info = np.iinfo(dtype)
        if array.max() > info.max or array.min() < info.min:
            raise ValueError(f"{name} does not fit in {np.dtype(dtype)}.")
    return np.ascontiguousarray(array, dtype=dtype)


def _check_csr(indptr: Ints, indices: Ints, points: NDArray[np.int32], m: int) -> None:
    if indptr.size == 0 or indptr[0] != 0 or (np.diff(indptr) < 0).any():
        raise ValueError("indptr must start at 0 and never fall.")
    if not indptr[-1] == indices.size == points.size:
        raise ValueError("indptr must end at the number of indices and of points.")
    if indices.size and not (indices.min() >= 0 and indices.max() < m):
        raise ValueError("indices must name mentors from 0 to the number of capacities - 1.")
    rises = indices[1:] > indices[:-1]
    starts = indptr[1:-1]
    rises[starts[(starts > 0) & (starts < indices.size)] - 1] = True
    if rises.all():
        return
    row = np.repeat(np.arange(indptr.size - 1), np.diff(indptr))
    if (np.diff(np.sort(row * m + indices)) == 0).any():
        raise ValueError("indices must not name a mentor twice in one row.")


def _rows(changed: ArrayLike, n: int) -> NDArray[np.int32]:
    """Return the rows named, each once."""
    rows = _integers(changed, "changed", np.int64, 1)
    if rows.size and not (rows.min() >= 0 and rows.max() < n):
        raise ValueError(f"changed must name rows from 0 to {n - 1}.")
    return np.unique(rows).astype(np.int32)


def _sized(values: ArrayLike, name: str, size: int, dtype: type = np.int64) -> NDArray[Any]:
    array = _integers(values, name, dtype, 1)
    if array.size != size:
        raise ValueError(f"{name} must have {size} entries. Got {array.size} instead.")
    return array


def _counts(values: ArrayLike, name: str, size: int) -> Ints:
    array: Ints = _sized(values, name, size)
    if array.size and array.min() < 0:
        raise ValueError(f"{name} must not be negative. Got {array.min()} instead.")
    return array


def _bonus(row_bonus: ArrayLike | None, n: int, k: int) -> Ints:
    """Return the bonus per mentee and slot, (n, k)."""
    if row_bonus is None:
        return np.zeros((n, k), dtype=np.int64)
    array = np.asarray(row_bonus)
    if array.ndim == 1:
        once: Ints = _sized(array, "row_bonus", n)[:, None]
        return once if k == 1 else np.repeat(once, k, axis=1)
    array = _integers(array, "row_bonus", np.int64, 2)
    if array.shape[0] != n or array.shape[1] < k:
        raise ValueError(f"row_bonus must have shape ({n}, {k}). Got {array.shape} instead.")
    if (np.diff(array, axis=1) > 0).any():
        raise ValueError("row_bonus must not rise from one mentor of a mentee to the next.")
    return np.ascontiguousarray(array[:, :k])


def _check(
    points: NDArray[np.int32] | None,
    listed: tuple[Ints, Ints, NDArray[np.int32]] | None,
    top: int,
    rules: _Rules,
) -> _Instance:
    capacity, row_bonus, row_hash, mentor_hash, min_load, demand = rules
    if points is not None:
        n, m = points.shape
    else:
        assert listed is not None
        n, m = listed[0].size - 1, np.asarray(capacity).size
    seats = _counts(capacity, "capacity", m)
    wanted, most = np.ones(n, dtype=np.int64), 1
    if demand is not None:
        wanted = np.minimum(_counts(demand, "demand", n), max(m, 1))
        most = int(wanted.max(initial=1))
    floor = np.zeros(m, dtype=np.int64)
    if min_load is not None:
        floor = np.minimum(_counts(min_load, "min_load", m), n + 1)
        short = np.flatnonzero(floor > seats)
        if short.size:
            raise ValueError(f"min_load exceeds capacity at mentor {short[0]}.")
    bonus = _bonus(row_bonus, n, most)
    longest = 2 * int(max(bonus.max(initial=0), -bonus.min(initial=0))) + 2 * top * (min(n, m) + 2)
    if longest >= 1 << 55:
        raise ValueError(
            "row_bonus is too large: with these points, sums along a path would not fit in int64."
        )
    return _Instance(
        points=points,
        listed=listed,
        top=top,
        capacity=np.minimum(seats, n + 1),
        bonus=bonus,
        demand=wanted,
        min_load=floor,
        row_hash=default_hash(n, 1)
        if row_hash is None
        else _sized(row_hash, "row_hash", n, np.uint64),
        mentor_hash=default_hash(m, 2)
        if mentor_hash is None
        else _sized(mentor_hash, "mentor_hash", m, np.uint64),
        one_each=demand is None,
    )


def _clock(time_limit: float | None) -> Callable[[], bool]:
    """Return a function that is true until the time is up."""
    if time_limit is None:
        return lambda: True
    end = time.perf_counter() + time_limit
    return lambda: time.perf_counter() < end


def by_mentee(row: Ints, column: Ints, shape: tuple[int, int]) -> Ints:
    """Return the mentors of each mentee, padded with -1; pairs come by mentee."""
    result = np.full(shape, -1, dtype=np.int64)
    result[row, np.arange(row.size) - np.searchsorted(row, row)] = column
    return result


def _solve(
    instance: _Instance,
    pairs: int,
    route: str,
    start: Assignment | None,
    changed: NDArray[np.int32] | None,
    time_limit: float | None,
) -> Assignment:
    """Choose the route: small problems and several mentors each need no compiler."""
    several = instance.bonus.shape[1] > 1 or bool((instance.demand > 1).any())
    small = route == "small" or (route == "auto" and pairs < SMALL)
    compiled = _solve_several if several else _solve_large
    solve = _solve_small if small and instance.points is not None else compiled
    return solve(instance, _clock(time_limit), start, changed)


def _solve_small(
    instance: _Instance, keep_going: Callable[[], bool], *_: Assignment | NDArray[np.int32] | None
) -> Assignment:
    began = time.perf_counter()
    points = instance.points
    assert points is not None
    tableau = Tableau(
        np.where(points >= 0, points.astype(np.int64), NEVER),
        instance.bonus,
        instance.demand,
        instance.capacity,
        instance.min_load,
    )
    status, first, last, stages = "optimal", None, None, 0
    try:
        first = last = solve_tableau(tableau, keep_going)
        status = (
            "infeasible" if not first.feasible else "optimal" if first.complete else "time_limit"
        )
        while status == "optimal" and not last.unique and stages < STAGES and keep_going():
            tableau = optimal_face(tableau, last, instance.row_hash, instance.mentor_hash, stages)
            refined = solve_tableau(tableau, keep_going)
            if not refined.complete:
                break
            last, stages = refined, stages + 1
    except KeyboardInterrupt:
        status = "interrupted" if first is None else status
    if first is None or last is None:
        none = np.zeros(points.shape, dtype=bool)
        first = last = Face(none, np.zeros(points.shape[1], dtype=np.int64), False, False, True)
    row, column = np.nonzero(last.pairs)
    mentors = by_mentee(row, column, instance.bonus.shape)
    return Assignment(
        mentor_of=mentors[:, 0].copy() if instance.one_each else mentors,
        mentor_price=first.price,
        objective=exact_sum(value_of(points, instance.bonus, mentors)),
        bound=dual_bound(
            points,
            instance.bonus,
            instance.demand,
            instance.capacity,
            instance.min_load,
            first.price,
        ),
        unique=first.unique,
        status=status,
        route="small",
        stats={"seconds": time.perf_counter() - began, "tie_stages": stages},
    )


def _solve_large(
    instance: _Instance,
    keep_going: Callable[[], bool],
    start: Assignment | None,
    changed: NDArray[np.int32] | None,
) -> Assignment:
    """Solve with the compiled kernels, which are imported here and only here."""
    began = time.perf_counter()
    from mentormatch.solvers.compile import announce
    from mentormatch.solvers.kernels import EMPTY, place
    from mentormatch.solvers.large import Network, refine

    announce(place, "solver")

    n = instance.demand.size
    bonus = np.where(instance.demand > 0, instance.bonus[:, 0], -FORBIDDEN)
    csr = None
    if instance.listed is not None:
        pointer, column, worth = instance.listed
        csr = pointer, column.astype(np.int32), np.maximum(worth, EMPTY)
    seats = instance.capacity, instance.min_load
    network = Network(seats, bonus, instance.top, keep_going, instance.points, csr)
    status, unique, stages = "optimal", False, 0
    mate: Ints | None = None
    try:
        warm = _usable(start, instance)
        lists = None if start is None else start.lists
        feasible = network.solve() if warm is None else network.resume(*warm, lists, changed)
        status = "optimal" if feasible else "infeasible"
        mate = network.mate.astype(np.int64)
        if feasible:
            ids = np.arange(n, dtype=np.int32)
            first, part, face = mate.copy(), network.undecided(), network
            unique = part.rows.size == 0
            certain = part.pairs is not None
            while part.rows.size and stages < STAGES:
                face = refine(face, part, ids, instance.row_hash, instance.mentor_hash, stages)
                ids = ids[part.rows]
                mate[ids] = face.mate
                part = face.undecided()
                stages += 1
            if not certain and (mate == first).all():
                unique = network.undecided(all_at_once=False).rows.size == 0
    except Stopped:
        status = "time_limit" if mate is None else status
    except KeyboardInterrupt:
        status = "interrupted" if mate is None else status
    if mate is None:
        mate = network.so_far()
    return Assignment(
        mentor_of=mate if instance.one_each else mate[:, None],
        mentor_price=network.price.copy(),
        objective=_worth(instance, bonus, mate),
        bound=network.bound(refresh=status != "optimal"),
        unique=unique,
        status=status,
        route="warm" if start is not None else "dense" if csr is None else "sparse",
        stats={
            "seconds": time.perf_counter() - began,
            "tie_stages": stages,
            **network.stats,
        },
        lists=network.lists() if status == "optimal" else None,
    )


def _solve_several(
    instance: _Instance, keep_going: Callable[[], bool], *_: Assignment | NDArray[np.int32] | None
) -> Assignment:
    """Solve for several mentors each with compiled kernels, imported here and only here."""
    began = time.perf_counter()
    from mentormatch.solvers.demand import solve_demand
    from mentormatch.solvers.demand_tables import Listed, Matrix

    table: Matrix | Listed
    if instance.points is not None:
        table = Matrix(instance.points)
    else:
        assert instance.listed is not None
        table = Listed.of(*instance.listed)
    answer = solve_demand(
        table,
        (instance.bonus, instance.demand),
        (instance.capacity, instance.min_load),
        (instance.row_hash, instance.mentor_hash),
        keep_going=keep_going,
        stages=STAGES,
    )
    route = "dense" if instance.points is not None else "sparse"
    found = assignment_of(answer, instance.bonus.shape, route, time.perf_counter() - began)
    return replace(found, mentor_of=found.mentor_of[:, 0].copy()) if instance.one_each else found


def assignment_of(answer: Answer, shape: tuple[int, int], route: str, seconds: float) -> Assignment:
    """Return an answer of several mentors each as an assignment of shape (n, k)."""
    return Assignment(
        mentor_of=by_mentee(answer.row, answer.column, shape),
        mentor_price=answer.price,
        objective=answer.objective,
        bound=answer.bound,
        unique=answer.unique,
        status=answer.status,
        route=route,
        stats={"seconds": seconds, "tie_stages": answer.stages, **answer.stats},
    )


def _usable(start: Assignment | None, instance: _Instance) -> tuple[Ints, Ints] | None:
    """Return the pairs and prices of an earlier answer that fit this problem."""
    m = instance.capacity.size
    if start is None or instance.points is None or start.mentor_price.size != m:
        return None
    if start.mentor_of.shape[:1] != instance.demand.shape:
        return None
    mate = start.mentor_of if start.mentor_of.ndim == 1 else start.mentor_of[:, 0]
    mate = np.where((mate >= 0) & (mate < m), mate, -1)
    held = np.flatnonzero(mate >= 0)
    lost = held[instance.points[held, mate[held]] < 0]
    mate[lost] = -1
    held = np.flatnonzero(mate >= 0)
    if (np.bincount(mate[held], minlength=m) <= instance.capacity).all():
        return mate, start.mentor_price
    # who comes last to a mentor with fewer seats than before is free again
    order = held[np.argsort(mate[held], kind="stable")]
    first = np.searchsorted(mate[order], np.arange(m))
    place = np.arange(order.size) - first[mate[order]]
    mate[order[place >= instance.capacity[mate[order]]]] = -1
    return mate, start.mentor_price


def _worth(instance: _Instance, bonus: Ints, mate: Ints) -> int:
    """Return the value of an assignment of one mentor each."""
    held = np.flatnonzero(mate >= 0)
    if instance.points is not None:
        return exact_sum(instance.points[held, mate[held]] + bonus[held])

    from mentormatch.solvers.kernels import find_listed

    assert instance.listed is not None
    pointer, column, worth = instance.listed
    at = np.empty(mate.size, np.int64)
    find_listed(pointer, column, mate, at)
    return exact_sum(worth[at[held]] + bonus[held])
