"""Meetings of two sides in rounds, where not everybody is there in each: an integer programme.

Arrays of integers in, meetings and prices out; what the prices bound is worked out in whole
numbers, over all pairs and rounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.rows.highs import Model, integer, linear, patience

__all__ = ["Meetings", "Slots", "meetings_bound", "timetable"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_COLUMNS = 40_000
"""Pairs and rounds up to which all enter the integer programme; beyond, the best pairs only."""
BEST = (12, 37)
"""Best pairs of each mentee and of each mentor that are, beyond that."""
AHEAD = 10
"""What one more meeting weighs against the points of others, in best pairs."""
GAP = 1e-9
WHOLE = 1e-6
"""How far from a whole number a value may be."""


@dataclass(frozen=True, eq=False)
class Slots:
    """Who may meet, and when.

    points : int32 (n, m), negative where two may not meet.
    wanted : int64 (n,), most meetings of each mentee.
    rows_there : bool (n, rounds);  columns_there : bool (m, rounds).
    tables : int64 (m,), mentees whom a mentor meets at a time.
    """

    points: NDArray[np.int32]
    wanted: Ints
    rows_there: Flags
    columns_there: Flags
    tables: Ints


@dataclass(frozen=True, eq=False)
class Meetings:
    """Meetings, and what bounds them.

    row, column, round : int64 (meetings,).
    most_meetings : int, bound on their number.
    bound : int, no other meetings, as many as these, have more points.
    row_price : int64 (n, rounds);  column_price : int64 (m, rounds);  meeting_price : int64 (n,);
        count_price : int, of each meeting: prices that prove the bound.
    proven : bool, whether the programme was solved over all pairs, or priced out.
    """

    row: Ints
    column: Ints
    round: Ints
    most_meetings: int
    bound: int
    row_price: Ints
    column_price: Ints
    meeting_price: Ints
    count_price: int
    late: bool


def timetable(slots: Slots, budget: Budget) -> Meetings:
    """Return as many meetings as possible, and the best of them.

    Notes
    -----
    Two integer programmes: the number, then the points of so many. Their relaxations are nearly
    always whole. Above 40,000 pairs and rounds only the best pairs enter; the prices are then
    checked against all.
    """
    i, j, t = _columns(slots)
    count = _most(slots)
    none = np.zeros(0, dtype=np.int64)
    if not i.size:
        return _priced(slots, (none, none, none), count, (np.zeros(0), 0), False)
    matrix, high = _matrix(slots, i, j, t)
    low = np.full(high.size, -np.inf)
    points = slots.points[i, j].astype(float)
    ahead = AHEAD * (int(points.max()) + 1)
    model = Model(points + ahead, matrix, low, high, np.zeros(i.size), np.ones(i.size))
    relaxed = linear(model, budget.left(0.5))
    on = _solved(model, relaxed.x, budget)
    if on.sum() < count and not budget.late():  # fewer than the flow says: is that all?
        fewer = replace(model, value=np.ones(i.size))
        most = _solved(fewer, linear(fewer, budget.left(0.5)).x, budget.part(0.5))
        if most.sum() > on.sum():
            at_least = low.copy()
            at_least[-1] = most.sum()
            better = _solved(replace(model, low=at_least), None, budget)
            on = better if better.any() else most
    if not on.any():  # no time
        on = _greedy(slots, i, j, t)
    return _priced(slots, (i[on], j[on], t[on]), count, (relaxed.dual, ahead), budget.late())


def _solved(model: Model, relaxed: Floats | None, budget: Budget) -> Flags:
    """Return which columns a programme chooses, bool; the relaxation's where that is whole."""
    if relaxed is not None and np.abs(relaxed - np.rint(relaxed)).max(initial=0) < WHOLE:
        return np.rint(relaxed) > 0
    if budget.late():
        return np.zeros(model.value.size, dtype=bool)
    nodes = patience(model.value.size) if budget.seconds is None else None
    x = integer(model, seconds=budget.left(), gap=GAP, nodes=nodes).x
    return np.zeros(model.value.size, dtype=bool) if x is None else np.rint(x) > 0


def _greedy(slots: Slots, i: Ints, j: Ints, t: Ints) -> Flags:
    """Return meetings of the best pairs first, where both are free."""
    on = np.zeros(i.size, dtype=bool)
    busy = ~slots.rows_there
    room = np.where(slots.columns_there, slots.tables[:, None], 0)
    left, met = slots.wanted.copy(), np.zeros(slots.points.shape, dtype=bool)
    for at in np.argsort(-slots.points[i, j], kind="stable").tolist():
        a, b, when = int(i[at]), int(j[at]), int(t[at])
        if left[a] and room[b, when] and not busy[a, when] and not met[a, b]:
            on[at] = met[a, b] = busy[a, when] = True
            left[a] -= 1
            room[b, when] -= 1
    return on


def meetings_bound(
    slots: Slots, meetings: int, row_price: Ints, column_price: Ints, meeting_price: Ints,
    count_price: int,
) -> int:  # fmt: skip
    """Return the most points that so many meetings can have, by these prices.

    Parameters
    ----------
    meetings : int
        How many there are.
    row_price, column_price : int64 (n, rounds), (m, rounds)
        Of a mentee's round, and of a mentor's table in a round; not negative.
    meeting_price : int64 (n,)
        Of a mentee's meeting; not negative.
    count_price : int
        Added to each meeting.

    Notes
    -----
    In NumPy alone, O(n m rounds): any prices bound, as each pair meets at most once.
    """
    most = exact_sum(row_price[slots.rows_there]) + exact_sum(meeting_price * slots.wanted)
    most += exact_sum((column_price * slots.tables[:, None])[slots.columns_there])
    n, m = slots.points.shape
    for i in range(n):
        best = np.full(m, np.iinfo(np.int64).min)
        for t in np.flatnonzero(slots.rows_there[i]).tolist():
            gain = slots.points[i].astype(np.int64) - column_price[:, t] - row_price[i, t]
            best = np.where(slots.columns_there[:, t], np.maximum(best, gain), best)
        brings = best + count_price - meeting_price[i]
        able = (slots.points[i] >= 0) & (best > np.iinfo(np.int64).min)
        most += exact_sum(np.maximum(brings[able], 0))
    return most - count_price * meetings


def _columns(slots: Slots) -> tuple[Ints, Ints, Ints]:
    """Return the pairs and rounds of the programme."""
    together = slots.rows_there.astype(np.int64) @ slots.columns_there.T.astype(np.int64)
    able = (slots.points >= 0) & (together > 0) & (slots.tables > 0) & (slots.wanted > 0)[:, None]
    if int((together * able).sum()) > MOST_COLUMNS:
        value = np.where(able, slots.points, -1)
        kept = np.zeros_like(able)
        for axis, best in ((1, BEST[0]), (0, BEST[1])):
            best = min(best, value.shape[axis])
            top = np.argpartition(-value, best - 1, axis=axis)
            np.put_along_axis(kept, np.take(top, range(best), axis=axis), True, axis=axis)
        able &= kept
    open_ = able[:, :, None] & slots.rows_there[:, None, :] & slots.columns_there[None, :, :]
    i, j, t = np.nonzero(open_)
    return i.astype(np.int64), j.astype(np.int64), t.astype(np.int64)


def _matrix(slots: Slots, i: Ints, j: Ints, t: Ints) -> tuple[Any, Floats]:
    """Return rows: a mentee's round, a mentor's round, a mentee's meetings, a pair, the number."""
    from scipy.sparse import csr_array

    n, m = slots.points.shape
    rounds = slots.rows_there.shape[1]
    pairs, pair = np.unique(i * m + j, return_inverse=True)
    begin = np.cumsum([0, n * rounds, m * rounds, n, pairs.size])
    rows = np.concatenate(
        [i * rounds + t, begin[1] + j * rounds + t, begin[2] + i, begin[3] + pair.ravel(),
         np.full(i.size, begin[4])]
    )  # fmt: skip
    at = np.tile(np.arange(i.size), 5)
    matrix = csr_array((np.ones(rows.size), (rows, at)), shape=(int(begin[4]) + 1, i.size))
    high = np.concatenate(
        [np.ones(n * rounds), np.repeat(slots.tables, rounds).astype(float),
         slots.wanted.astype(float), np.ones(pairs.size), [np.inf]]
    )  # fmt: skip
    return matrix, high


def _most(slots: Slots) -> int:
    """Return how many meetings there cannot be more than, by a flow between the two sides."""
    from mentormatch.solvers.assignment import assign

    together = slots.rows_there.astype(np.int64) @ slots.columns_there.T.astype(np.int64)
    able = np.where((slots.points >= 0) & (together > 0), 0, -1).astype(np.int32)
    want = np.minimum(slots.wanted, slots.rows_there.sum(axis=1))
    seats = slots.tables * slots.columns_there.sum(axis=1)
    width = max(int(want.max(initial=1)), 1)
    flow = assign(able, seats, demand=want, row_bonus=np.ones((len(want), width), dtype=np.int64))
    return int(flow.bound)


def _priced(
    slots: Slots,
    met: tuple[Ints, Ints, Ints],
    most: int,
    prices: tuple[Floats, int],
    late: bool,
) -> Meetings:
    n, m = slots.points.shape
    rounds = slots.rows_there.shape[1]
    dual, count = prices
    sizes = n * rounds, m * rounds, n
    whole = np.rint(dual).astype(np.int64) if dual.size else np.zeros(sum(sizes) + 1, np.int64)
    first, second = sizes[0], sizes[0] + sizes[1]
    row = np.maximum(whole[:first], 0).reshape(n, rounds)
    column = np.maximum(whole[first:second], 0).reshape(m, rounds)
    meeting = np.maximum(whole[second : second + n], 0)
    order = np.lexsort((met[1], met[0], met[2]))
    i, j, t = (part[order] for part in met)
    bound = meetings_bound(slots, i.size, row, column, meeting, count)
    return Meetings(i, j, t, most, bound, row, column, meeting, count, late)
