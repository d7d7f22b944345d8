"""Weekly local availability in real UTC weeks, and the slots two people share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ParameterError
from mentormatch.rosters.columns import SLOT_MINUTES, SLOTS_PER_WEEK, BoolArray, Hours
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.lowered import Weeks

REFERENCE_WEEKS = (date(2025, 1, 13), date(2025, 7, 14))
"""A winter and a summer week, the same for everybody and every day this runs."""

Week = date | str


@dataclass(frozen=True)
class SharedSlot:
    """A time at which both can meet, every week like the stated one.

    Attributes
    ----------
    start, end : datetime
        In UTC.
    mentee_start, mentor_start : datetime
        The same moment on their own clocks.
    """

    start: datetime
    end: datetime
    mentee_start: datetime
    mentor_start: datetime

    @property
    def hours(self) -> float:
        """Length in hours."""
        return (self.end - self.start) / timedelta(hours=1)


def mondays(weeks: Iterable[Week] | None) -> tuple[date, ...]:
    """Return the Mondays of the stated weeks (any day of each), or of the reference weeks.

    Raises
    ------
    ParameterError
        If a week is not a date, or there is none.
    """
    if weeks is None:
        return REFERENCE_WEEKS
    days: list[date] = []
    for week in [weeks] if isinstance(weeks, (str, date)) else list(weeks):
        try:
            day = date.fromisoformat(week) if isinstance(week, str) else week
            days.append(date(day.year, day.month, day.day) - timedelta(days=day.weekday()))
        except (ValueError, AttributeError, OverflowError) as error:
            raise ParameterError(
                "The 'weeks' parameter of SharedHours must hold dates such as '2025-03-31'. "
                f"Got {week!r}."
            ) from error
    if not days:
        raise ParameterError("The 'weeks' parameter of SharedHours must hold at least one date.")
    return tuple(sorted(set(days)))


@lru_cache(maxsize=4096)
def local_slots(zone: str, monday: date) -> npt.NDArray[np.int64]:
    """Return int64 (672,): the local quarter hour of the week at each UTC quarter hour.

    Going from UTC to the local clock is always defined: a local hour that a clock change skips
    never comes up, and one that it repeats comes up twice.
    """
    here = ZoneInfo(zone)
    start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    slots = np.empty(SLOTS_PER_WEEK, dtype=np.int64)
    for quarter in range(SLOTS_PER_WEEK):
        local = (start + timedelta(minutes=SLOT_MINUTES * quarter)).astimezone(here)
        minutes = (local.weekday() * 24 + local.hour) * 60 + local.minute
        slots[quarter] = minutes // SLOT_MINUTES
    slots.flags.writeable = False
    return slots


def usual_zone(mentees: Hours, mentors: Hours) -> str | None:
    """Return the zone most people state (first by name among equals), None if nobody does."""
    counts = Counter(zone for zone in (*mentees.zones, *mentors.zones) if zone)
    return min(counts, key=lambda zone: (-counts[zone], zone)) if counts else None


def utc_slots(hours: Hours, usual: str | None, weeks: Sequence[date]) -> BoolArray:
    """Return bool (n, weeks * 672): who can in each UTC quarter hour of the weeks."""
    local = hours.slots()
    zones = np.array([zone or usual or "UTC" for zone in hours.zones], dtype=object)
    out = np.zeros((len(hours), len(weeks) * SLOTS_PER_WEEK), dtype=bool)
    for zone in dict.fromkeys(zones.tolist()):
        rows = np.flatnonzero(zones == zone)
        columns = np.concatenate([local_slots(zone, monday) for monday in weeks])
        out[rows] = local[rows][:, columns]
    out[~hours.given] = False
    return out


def lower_hours(
    mentees: Hours, mentors: Hours, weeks: Sequence[date], enough: float, usual: str | None
) -> Weeks:
    """Return both rosters' weeks as words of bits that somebody on each side has.

    Quarter hours that nobody can on one side are left out; neighbouring quarter hours that are
    alike for everybody become one bit.
    """
    ours, theirs = utc_slots(mentees, usual, weeks), utc_slots(mentors, usual, weeks)
    n, m, count = len(mentees), len(mentors), len(weeks)
    quarters = next((q for q in (4, 2) if _alike(ours, q) and _alike(theirs, q)), 1)
    ours, theirs = ours[:, ::quarters], theirs[:, ::quarters]
    slots = SLOTS_PER_WEEK // quarters
    ours, theirs = ours.reshape(n, count, slots), theirs.reshape(m, count, slots)
    used = np.asarray(ours.any(axis=0)) & np.asarray(theirs.any(axis=0))  # (weeks, slots)
    words = max(1, -(-int(used.sum(axis=1).max(initial=0)) // 64))
    packed_ours = np.zeros((n, count, words * 64), dtype=bool)
    packed_theirs = np.zeros((m, count, words * 64), dtype=bool)
    for week in range(count):
        here = np.flatnonzero(used[week])
        packed_ours[:, week, : len(here)] = ours[:, week, here]
        packed_theirs[:, week, : len(here)] = theirs[:, week, here]
    return Weeks(
        mentees=_words(packed_ours),
        mentors=np.ascontiguousarray(np.moveaxis(_words(packed_theirs), 0, 2)),
        quarters=quarters,
        full=np.float32(enough * 60 / SLOT_MINUTES),
        given_mentees=mentees.given,
        given_mentors=mentors.given,
    )


def _alike(slots: BoolArray, quarters: int) -> bool:
    runs = slots.reshape(len(slots), slots.shape[1] // quarters, quarters)
    return bool((runs == runs[:, :, :1]).all())


def _words(slots: BoolArray) -> npt.NDArray[np.uint64]:
    octets = np.packbits(slots, axis=-1, bitorder="little")
    return np.ascontiguousarray(octets).view("<u8").astype(np.uint64)


def shared_slots(
    mentees: Profiles,
    mentors: Profiles,
    i: int,
    j: int,
    *,
    column: str = "availability",
    weeks: Iterable[Week] | None = None,
) -> tuple[SharedSlot, ...]:
    """List the times at which mentee i and mentor j can both meet.

    Parameters
    ----------
    i, j
        Positions on the two rosters.
    weeks
        Any day of each week to look at; default: the fixed `REFERENCE_WEEKS`, so that a slot
        given for January may sit at another local hour in July.

    Returns
    -------
    tuple of SharedSlot
        In order of time, neighbouring quarter hours joined; empty if they share none, or if
        either did not answer.

    Raises
    ------
    ColumnError
        If a roster has no such column of hours.
    """
    wanted_by = f"shared_slots({column!r})"
    ours = mentees.column(column, Hours, wanted_by=wanted_by)
    theirs = mentors.column(column, Hours, wanted_by=wanted_by)
    usual = usual_zone(ours, theirs)
    days = mondays(weeks)
    mine, yours = ours.take(np.array([i])), theirs.take(np.array([j]))
    both = (utc_slots(mine, usual, days) & utc_slots(yours, usual, days)).reshape(len(days), -1)
    zones = [ZoneInfo(h.zones[0] or usual or "UTC") for h in (mine, yours)]
    found: list[SharedSlot] = []
    for monday, week in zip(days, both, strict=True):
        origin = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], week.astype(np.int8), [0]))))
        for first, last in edges.reshape(-1, 2).tolist():
            start, end = (origin + timedelta(minutes=SLOT_MINUTES * s) for s in (first, last))
            found.append(SharedSlot(start, end, *(start.astimezone(zone) for zone in zones)))
    return tuple(found)


__all__ = ["REFERENCE_WEEKS", "SharedSlot", "shared_slots"]
