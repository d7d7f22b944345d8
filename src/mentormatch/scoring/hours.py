"""Weekly local availability in real UTC weeks, and the slots two people share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import ColumnError, ParameterError
from mentormatch.rosters.columns import SLOT_MINUTES, SLOTS_PER_WEEK, BoolArray, Hours, IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.lowered import Weeks

REFERENCE_WEEKS = (date(2025, 1, 13), date(2025, 7, 14))
"""A winter and a summer week, the same for everybody and every day this runs."""
PAIRS_AT_ONCE = 256
"""Pairs whose weeks are looked at together."""

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


def mondays(weeks: Iterable[Week] | Week | None) -> tuple[date, ...]:
    """Return the Mondays of the stated weeks (any day of each), or of the reference weeks.

    Raises
    ------
    ParameterError
        If a week is not a date, or there is none.
    """
    if weeks is None:
        return REFERENCE_WEEKS
    days: list[date] = []
    if not isinstance(weeks, (str, date, Iterable)):
        raise ParameterError(
            "The 'weeks' parameter of SharedHours must be a list of dates such as '2025-03-31'. "
            f"Got {weeks!r}."
        )
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
    here = _zone(zone)
    start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    slots = np.empty(SLOTS_PER_WEEK, dtype=np.int64)
    for quarter in range(SLOTS_PER_WEEK):
        local = (start + timedelta(minutes=SLOT_MINUTES * quarter)).astimezone(here)
        minutes = (local.weekday() * 24 + local.hour) * 60 + local.minute
        slots[quarter] = minutes // SLOT_MINUTES
    slots.flags.writeable = False
    return slots


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ColumnError(
            f"The time zone {name!r} is not known. Use names such as 'Europe/London'."
        ) from error


def usual_zone(mentees: Hours, mentors: Hours) -> str | None:
    """Return the zone most people state (first by name among equals), None if nobody does."""
    counts = Counter(mentees.zones)
    counts.update(mentors.zones)
    stated = [zone for zone in counts if zone]
    return min(stated, key=lambda zone: (-counts[zone], zone)) if stated else None


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

    Quarter hours that nobody can on one side are left out; quarter hours that show everybody the
    same local cell become one bit that counts for several; weeks alike for everybody count once.
    """
    cell = next((q for q in (4, 2) if _alike(mentees, q) and _alike(mentors, q)), 1)
    zones, zone_of = _zone_codes((mentees, mentors), usual)
    by_zone = [np.argsort(codes, kind="stable") for codes in zone_of]
    cells = [
        _local_cells(hours, order, cell)
        for hours, order in zip((mentees, mentors), by_zone, strict=True)
    ]
    zone_of = [codes[order] for codes, order in zip(zone_of, by_zone, strict=True)]
    layouts = [
        _Layout.of(np.stack([local_slots(zone, monday) // cell for zone in zones]), cells, zone_of)
        for monday in weeks
    ]
    different = [lay for k, lay in enumerate(layouts) if not any(map(lay.same, layouts[:k]))]
    words = max(len(layout.counts) for layout in different)
    counts = np.zeros((len(different), words), dtype=np.int32)
    packed = [
        np.zeros((len(side), len(different), words), dtype=np.uint64) for side in (mentees, mentors)
    ]
    for week, layout in enumerate(different):
        counts[week, : len(layout.counts)] = layout.counts
        for side in range(2):
            words_here = layout.words(cells[side], zone_of[side])
            packed[side][by_zone[side], week, : len(layout.counts)] = words_here
    return Weeks(
        mentees=packed[0],
        mentors=np.ascontiguousarray(np.moveaxis(packed[1], 0, 2)),
        quarters=counts,
        full=np.float32(enough * 60 / SLOT_MINUTES),
        given_mentees=mentees.given,
        given_mentors=mentors.given,
    )


def _alike(hours: Hours, quarters: int) -> bool:
    """Whether everybody's neighbouring quarter hours (2 or 4) are alike throughout the week."""
    changes = hours.bits ^ (hours.bits >> np.uint64(1))  # bit s: quarter s differs from s + 1
    inside = np.uint64(0x5555555555555555 if quarters == 2 else 0x7777777777777777)
    return not bool((changes & inside).any())


def _local_cells(hours: Hours, order: IntArray, cell: int) -> BoolArray:
    """Return bool (672 / cell, n): who can in each local cell of so many quarter hours."""
    octets = np.ascontiguousarray(hours.bits[order].astype("<u8", copy=False)).view(np.uint8)
    quarters = np.unpackbits(octets, axis=1, count=SLOTS_PER_WEEK, bitorder="little")
    cells = np.ascontiguousarray(quarters[:, ::cell].T).view(np.bool_)
    cells[:, ~hours.given[order]] = False
    return cells


def _zone_codes(sides: Sequence[Hours], usual: str | None) -> tuple[list[str], list[IntArray]]:
    """Return the zones people are in, and each roster's positions in them."""
    stated = [[zone or usual or "UTC" for zone in hours.zones] for hours in sides]
    known = {zone: code for code, zone in enumerate(dict.fromkeys((*stated[0], *stated[1])))}
    codes = [np.array([known[zone] for zone in zones], dtype=np.int64) for zones in stated]
    return list(known) or ["UTC"], codes


@dataclass(frozen=True, eq=False)
class _Layout:
    """Which local cells one bit of a week stands for.

    shown : int64 (zones, bits): the local cell that each zone's clock shows, -1 in padding
    weight : int64 (bits,): for how many quarter hours the bit counts, the same in each word
    """

    shown: IntArray
    weight: IntArray

    @classmethod
    def of(
        cls, shown: IntArray, cells: Sequence[BoolArray], zone_of: Sequence[IntArray]
    ) -> _Layout:
        """Merge quarter hours that show every zone the same cell; drop those of no use."""
        distinct, weight = np.unique(shown, axis=1, return_counts=True)
        used = np.ones(distinct.shape[1], dtype=bool)
        for side, zones in zip(cells, zone_of, strict=True):
            anybody = np.zeros((len(shown), len(side)), dtype=bool)
            for zone, first, last in _runs(zones):
                anybody[zone] = side[:, first:last].any(axis=1)
            used &= np.take_along_axis(anybody, distinct, axis=1).any(axis=0)
        runs = [_padded(distinct[:, here], int(w)) for w in np.unique(weight[used])
                if len(here := np.flatnonzero(used & (weight == w)))]  # fmt: skip
        runs = runs or [_padded(distinct[:, :0], 1)]
        return cls(np.hstack([r[0] for r in runs]), np.concatenate([r[1] for r in runs]))

    @property
    def counts(self) -> IntArray:
        """Quarter hours that a bit of each word counts for."""
        return self.weight[::64]

    def same(self, other: _Layout) -> bool:
        """Whether two weeks show everybody the same."""
        return np.array_equal(self.shown, other.shown) and np.array_equal(self.weight, other.weight)

    def words(self, cells: BoolArray, zones: IntArray) -> npt.NDArray[np.uint64]:
        """Return uint64 (people, words): who can, from bool (cells, people) by zone."""
        bits = np.zeros((len(self.weight), cells.shape[1]), dtype=np.uint8)
        for zone, first, last in _runs(zones):
            known = np.flatnonzero(self.shown[zone] >= 0)
            bits[known, first:last] = cells[self.shown[zone, known], first:last]
        return _words(bits)


def _runs(zones: IntArray) -> list[tuple[int, int, int]]:
    """Return (zone, first, last + 1) of each run of ascending zones."""
    codes, first = np.unique(zones, return_index=True)
    last = [*first[1:].tolist(), len(zones)][: len(codes)]
    return list(zip(codes.tolist(), first.tolist(), last, strict=True))


def _padded(shown: IntArray, weight: int) -> tuple[IntArray, IntArray]:
    """Fill up to whole words with cells that nobody has."""
    width = max(64, -(-shown.shape[1] // 64) * 64)
    full = np.full((len(shown), width), -1, dtype=np.int64)
    full[:, : shown.shape[1]] = shown
    return full, np.full(width, weight, dtype=np.int64)


def _words(bits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Pack (64 x words, people) of 0 and 1 into uint64 (people, words)."""
    eights = bits.reshape(len(bits) // 8, 8, bits.shape[1])
    octets = eights[:, 0].copy()
    for place in range(1, 8):
        octets |= eights[:, place] << np.uint8(place)
    return np.ascontiguousarray(octets.T).view("<u8").astype(np.uint64)


@typed
def shared_slots(
    mentees: Profiles,
    mentors: Profiles,
    mentee: str,
    mentor: str,
    *,
    column: str = "availability",
    weeks: Iterable[Week] | None = None,
) -> tuple[SharedSlot, ...]:
    """List the times at which two people can both meet.

    Parameters
    ----------
    mentee, mentor
        Id, e-mail or unambiguous name of each.
    column
        Column of hours on both rosters.
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
    UnknownPersonError
        If a person is not on the roster.
    """
    pair = mentees.position(mentee), mentors.position(mentor)
    days = mondays(weeks)
    free, zones = next(free_of_pairs(mentees, mentors, [pair], column=column, weeks=days))
    return tuple(
        SharedSlot(start, end, *(start.astimezone(zone) for zone in zones))
        for start, end in _times(free, days)
    )


Zones = tuple[ZoneInfo, ZoneInfo]


def free_of_pairs(
    mentees: Profiles,
    mentors: Profiles,
    pairs: Sequence[tuple[int, int]],
    *,
    column: str = "availability",
    weeks: Sequence[date],
) -> Iterator[tuple[BoolArray, Zones]]:
    """Yield, for each pair by positions, when both have time, and both clocks.

    Times are bool (weeks, 672), by UTC quarter hours from each Monday on. Memory O(weeks),
    whatever the number of pairs.
    """
    wanted_by = f"shared_slots({column!r})"
    ours = mentees.column(column, Hours, wanted_by=wanted_by)
    theirs = mentors.column(column, Hours, wanted_by=wanted_by)
    usual = usual_zone(ours, theirs)
    for first in range(0, len(pairs), PAIRS_AT_ONCE):
        rows, columns = np.array(pairs[first : first + PAIRS_AT_ONCE], dtype=np.int64).T
        mine, yours = ours.take(rows), theirs.take(columns)
        free = utc_slots(mine, usual, weeks) & utc_slots(yours, usual, weeks)
        for at, both in enumerate(free.reshape(len(rows), len(weeks), -1)):
            ours_at, theirs_at = (_zone(h.zones[at] or usual or "UTC") for h in (mine, yours))
            yield both, (ours_at, theirs_at)


def _times(both: BoolArray, days: Sequence[date]) -> Iterator[tuple[datetime, datetime]]:
    """Join neighbouring quarter hours of bool (weeks, 672), in UTC."""
    for monday, week in zip(days, both, strict=True):
        if not week.any():
            continue
        origin = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], week.astype(np.int8), [0]))))
        for first, last in edges.reshape(-1, 2).tolist():
            yield (
                origin + timedelta(minutes=SLOT_MINUTES * first),
                origin + timedelta(minutes=SLOT_MINUTES * last),
            )


__all__ = ["SharedSlot", "shared_slots"]


def __dir__() -> list[str]:
    return list(__all__)
