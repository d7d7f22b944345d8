"""Does a timetable keep what it must, and do its prices prove its bound: by NumPy alone."""

from __future__ import annotations

from math import inf

import numpy as np

from mentormatch.errors import Status
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.form import Verified
from mentormatch.programmes.rounds.result import Timetable
from mentormatch.scoring.engine import PointsArray
from mentormatch.solvers.certificate import dual_bound
from mentormatch.solvers.general.rounds import rounds_bound
from mentormatch.solvers.rows.timetable import First, Slots, meetings_bound

__all__ = ["verified"]


def verified(table: Timetable) -> Verified:
    """Return what the proof of a timetable comes to."""
    points = table.asked.worth()
    i, j, _ = table.meetings
    value = int(table._points[i, j].sum(dtype=np.int64))
    if wrong := _broken(table, points):
        return Verified(False, value / MILLION, inf, f"the timetable breaks its rules: {wrong}")
    if abs(value / MILLION - table.objective) > 0.5 / MILLION:
        return Verified(False, value / MILLION, inf, "the total is not what it says")
    if table.prices is None:
        text = "everybody is where she may be; there are no prices, as pairs meet again"
        return Verified(table.status != Status.OPTIMAL, value / MILLION, inf, text)
    bound = _bound(table, points)
    claimed = table.stages[-1].bound
    honest = bound / MILLION <= claimed + 0.5 / MILLION or table.status == Status.TIME_LIMIT
    among = _among(table)
    text = (
        f"{len(table):,} meetings keep every rule; prices prove that no other timetable of so "
        f"many{among} totals more than {bound / MILLION:,.6f}"
    )
    return Verified(honest, value / MILLION, bound / MILLION, text)


def _among(table: Timetable) -> str:
    """Return in words among which timetables of as many meetings the bound holds."""
    prices, asked = table.prices, table.asked
    assert prices is not None
    if prices.kind == "pool":
        return ", in which nobody sits out more often," if prices.count > 0 else ""
    bonus = np.zeros(1) if prices.bonus is None else prices.bonus
    if min(asked.meetings or len(table.rounds), len(table.rounds)) < 2 or not bonus.any():
        return ""
    if prices.kind == "rounds":
        return ", in which as many mentees have one,"
    alike = bool((bonus == bonus[0]).all())
    return "" if alike else ", in which as many mentees have a first, a second, ...,"


def _broken(table: Timetable, points: PointsArray) -> str:
    """Return what a timetable breaks, in words; empty if nothing."""
    i, j, t = table.meetings
    asked, pool = table.asked, table.asked.pool
    n, m = points.shape
    again = table.prices is None and bool(table.notes)
    allowed = table._points if again else points
    if (allowed[i, j] < 0).any():
        return "two meet who may not"
    one, other = (np.minimum(i, j), np.maximum(i, j)) if pool else (i, j)
    if not again and np.unique(one * m + other).size < i.size:
        return "two meet twice"
    there = table.there
    if not there[0][i, t].all() or not there[0 if pool else 1][j, t].all():
        return "somebody is not there"
    count = len(table.rounds)
    busy = np.zeros((n, count), dtype=np.int64)
    np.add.at(busy, (i, t), 1)
    if pool:
        np.add.at(busy, (j, t), 1)
    else:
        held = np.zeros((m, count), dtype=np.int64)
        np.add.at(held, (j, t), 1)
        seats = np.where(table.scores.mentors.capacity > 0, asked.tables, 0)
        if (held > seats[:, None]).any():
            return "a mentor has more meetings at once than tables"
        if (busy.sum(axis=1) > (asked.meetings or count)).any():
            return "somebody has too many meetings"
    return "somebody has two meetings at once" if (busy > 1).any() else ""


def _bound(table: Timetable, points: PointsArray) -> int:
    """Return the points that no other timetable of so many meetings exceeds."""
    asked, prices = table.asked, table.prices
    assert prices is not None
    size, count = len(table), len(table.rounds)
    n, m = points.shape
    if prices.kind == "pool":
        assert prices.bonus is not None
        return rounds_bound(
            points, table.there[0], prices.column[0], int(prices.bonus[0]), size, prices.count
        )
    wanted = np.full(n, min(asked.meetings or count, count), dtype=np.int64)
    tables = np.where(table.scores.mentors.capacity > 0, asked.tables, 0).astype(np.int64)
    if prices.kind == "rounds":
        assert prices.row is not None
        assert prices.meeting is not None
        slots = Slots(points, wanted, table.there[0], table.there[1], tables)
        had = size, np.unique(table.meetings[0]).size
        first = First(np.zeros(n, dtype=np.int64), 0)  # as saved before firsts counted
        if prices.first is not None and prices.bonus is not None:
            first = First(prices.first, int(prices.bonus[0]))
        return meetings_bound(
            slots, had, prices.row, prices.column, prices.meeting, prices.count, first
        )
    assert prices.bonus is not None
    most = dual_bound(
        points, np.tile(prices.bonus, (n, 1)), wanted, tables * count, np.zeros(m, dtype=np.int64),
        prices.column[0],
    )  # fmt: skip
    got = np.bincount(table.meetings[0], minlength=n)
    return most - int((np.cumsum(prices.bonus)[got[got > 0] - 1]).sum())
