"""Meetings of two sides in rounds, where not everybody is there in each: an integer programme.

Arrays of integers in, meetings and prices out; what the prices bound is worked out in whole
numbers, over all pairs and rounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.rows.highs import Model, integer, linear, patience

__all__ = ["First", "Meetings", "Slots", "meetings_bound", "timetable"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_COLUMNS = 40_000
"""Pairs and rounds up to which all enter the integer programme; beyond, the best pairs only."""
BEST = (12, 37)
"""Best pairs of each mentee and of each mentor that are, beyond that."""
AHEAD = 10
"""What one more meeting weighs against the points of others, in best pairs."""
NUMBER, OF_MENTEES = -1, -2
"""Rows that count the meetings, and the mentees who have one."""
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

    def total(self, rows: Ints, columns: Ints) -> int:
        """Return the points of some meetings together."""
        return int(self.points[rows, columns].sum(dtype=np.int64))


class First(NamedTuple):
    """What a mentee's first meeting is worth besides its points.

    price : int64 (n,), what each mentee's counts for as a price of her meetings; not negative.
    bonus : int, what having one is worth; 0 where nobody may have more than one.
    """

    price: Ints
    bonus: int


@dataclass(frozen=True, eq=False)
class Meetings:
    """Meetings, and what bounds them.

    row, column, round : int64 (meetings,).
    most_meetings : int, bound on their number.
    bound : int, no other meetings, as many as these and of as many mentees, have more points.
    row_price : int64 (n, rounds);  column_price : int64 (m, rounds);  meeting_price : int64 (n,);
        count_price : int, of each meeting, first : of first ones: prices that prove the bound.
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
    first: First
    late: bool


def timetable(slots: Slots, budget: Budget) -> Meetings:
    """Return as many meetings as possible, of as many mentees as possible, and the best of them.

    Notes
    -----
    Integer programmes, each keeping what the one before reached: the number of meetings, of
    mentees who have one, the points. Most often one of all three together reaches what bounds the
    first two, and no other is needed. Their relaxations are nearly always whole. Above 40,000
    pairs and rounds only the best pairs enter; the prices are then checked against all.
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
    firsts = matrix.shape[1] - i.size
    value = np.concatenate([points + ahead, np.full(firsts, float(ahead))])
    model = Model(value, matrix, low, high, np.zeros(value.size), np.ones(value.size))
    relaxed = linear(model, budget.left(0.5))
    on = _solved(model, relaxed.x, budget)
    meetings = (np.arange(value.size) < i.size).astype(float)
    on = _no_fewer(model, on, (NUMBER, meetings, count), budget)
    if firsts:
        able = np.unique(i).size
        model = replace(model, low=_at_least(low, NUMBER, float(meetings @ on)))
        on = _no_fewer(model, on, (OF_MENTEES, 1 - meetings, able), budget)
    on = on[: i.size]
    if not on.any():  # no time
        on = _greedy(slots, i, j, t)
    return _priced(slots, (i[on], j[on], t[on]), count, (relaxed.dual, ahead), budget.late())


def _no_fewer(model: Model, on: Flags, counted: tuple[int, Floats, int], budget: Budget) -> Flags:
    """Return the best columns that count for as much as any can.

    on : the best found so far.  counted : row that counts them, what each counts, a bound.
    """
    row, counts, bound = counted
    if counts @ on >= bound or budget.late():
        return on
    fewer = replace(model, value=counts)
    most = _solved(fewer, linear(fewer, budget.left(0.5)).x, budget.part(0.5))
    if counts @ most <= counts @ on:
        return on
    at_least = _at_least(model.low, row, float(counts @ most))
    better = _solved(replace(model, low=at_least), None, budget)
    return better if better.any() else most


def _at_least(low: Floats, row: int, number: float) -> Floats:
    """Return low ends with that of one row raised."""
    raised = low.copy()
    raised[row] = number
    return raised


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
    slots: Slots, meetings: tuple[int, int], row_price: Ints, column_price: Ints,
    meeting_price: Ints, count_price: int, first: First,
) -> int:  # fmt: skip
    """Return the most points that so many meetings of so many mentees can have, by these prices.

    Parameters
    ----------
    meetings : int, int
        How many there are, and how many mentees have one.
    row_price, column_price : int64 (n, rounds), (m, rounds)
        Of a mentee's round, and of a mentor's table in a round; not negative.
    meeting_price : int64 (n,)
        Of a mentee's meeting; not negative.
    count_price : int
        Added to each meeting.
    first : First
        What first meetings are worth.

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
        brings = best + count_price + first.price[i] - meeting_price[i]
        able = (slots.points[i] >= 0) & (best > np.iinfo(np.int64).min)
        most += exact_sum(np.maximum(brings[able], 0))
    most += exact_sum(np.maximum(first.bonus - first.price, 0))
    return most - count_price * meetings[0] - first.bonus * meetings[1]


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
    """Return the rows of the programme and their high ends.

    Rows are a mentee's round, a mentor's round, a mentee's meetings, a pair, and where somebody
    may have several: a mentee's first, the number of firsts; last the number of meetings. Columns
    are the meetings, then whether each mentee has one.
    """
    from scipy.sparse import csr_array

    n, m = slots.points.shape
    rounds = slots.rows_there.shape[1]
    pairs, pair = np.unique(i * m + j, return_inverse=True)
    firsts = n if slots.wanted.max(initial=1) > 1 else 0
    begin = np.cumsum([0, n * rounds, m * rounds, n, pairs.size, firsts, min(firsts, 1)])
    x, y = np.arange(i.size), i.size + np.arange(firsts)
    one = np.ones(i.size)
    entries = [
        (i * rounds + t, x, one),
        (begin[1] + j * rounds + t, x, one),
        (begin[2] + i, x, one),
        (begin[3] + pair.ravel(), x, one),
        (np.full(i.size, begin[6]), x, one),
    ]
    if firsts:
        every = np.arange(firsts)
        entries += [
            (begin[4] + i, x, -one),
            (begin[4] + every, y, np.ones(firsts)),
            (np.full(firsts, begin[5]), y, np.ones(firsts)),
        ]
    rows, columns, values = (np.concatenate(part) for part in zip(*entries, strict=True))
    shape = (int(begin[6]) + 1, i.size + firsts)
    high = np.concatenate(
        [np.ones(n * rounds), np.repeat(slots.tables, rounds).astype(float),
         slots.wanted.astype(float), np.ones(pairs.size), np.zeros(firsts),
         np.full(min(firsts, 1), np.inf), [np.inf]]
    )  # fmt: skip
    return csr_array((values, (rows, columns)), shape=shape), high


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
    several = dual.size > 0 and slots.wanted.max(initial=1) > 1
    whole = np.rint(dual).astype(np.int64) if dual.size else np.zeros(sum(sizes) + 1, np.int64)
    first, second = sizes[0], sizes[0] + sizes[1]
    row = np.maximum(whole[:first], 0).reshape(n, rounds)
    column = np.maximum(whole[first:second], 0).reshape(m, rounds)
    meeting = np.maximum(whole[second : second + n], 0)
    # the rows of firsts stand before the two that count
    own = np.maximum(whole[-2 - n : -2], 0) if several else np.zeros(n, dtype=np.int64)
    firsts = First(own, count if several else 0)
    order = np.lexsort((met[1], met[0], met[2]))
    i, j, t = (part[order] for part in met)
    had = i.size, np.unique(i).size
    bound = meetings_bound(slots, had, row, column, meeting, count, firsts)
    return Meetings(i, j, t, most, bound, row, column, meeting, count, firsts, late)
