"""From which quarter hours on two people have time for a whole meeting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import overload

import numpy as np

from mentormatch.delivery.letters.meeting_times import QUARTER, Meeting
from mentormatch.rosters.columns import SLOTS_PER_WEEK, IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.hours import free_of_pairs, local_slots

__all__ = ["Starts", "starts_of_pairs"]

WEEK = timedelta(weeks=1)
A_DAY = timedelta(days=1) // QUARTER
OFF_THE_HOUR = np.array([0, 2, 1, 2])
"""How inconvenient the four quarters of an hour are: full hours before halves and the others."""


@dataclass(frozen=True, eq=False)
class Starts(Sequence[Meeting]):
    """The meetings that two people have time for, each made when it is looked at.

    Attributes
    ----------
    quarters : int64 (meetings,)
        Start of each, in UTC quarter hours since `origin`.
    local : int64 (all quarter hours,)
        What the mentee's clock shows then, in quarter hours since the same day there.
    """

    quarters: IntArray
    local: IntArray
    origin: datetime
    minutes: int
    zones: tuple[tzinfo, tzinfo]

    def __len__(self) -> int:
        return len(self.quarters)

    @overload
    def __getitem__(self, at: int) -> Meeting: ...

    @overload
    def __getitem__(self, at: slice) -> Starts: ...

    def __getitem__(self, at: int | slice) -> Meeting | Starts:
        if isinstance(at, slice):
            return self.only(self.quarters[at])
        return Meeting(self.origin + QUARTER * int(self.quarters[at]), self.minutes, *self.zones)

    def only(self, quarters: IntArray) -> Starts:
        """Return those that start at these quarter hours."""
        return Starts(quarters, self.local, self.origin, self.minutes, self.zones)

    def cheapest(self, most: int) -> Starts:
        """Return so many: the earliest day first, and full hours before halves and quarters."""
        local = self.local[self.quarters]
        cost = local // A_DAY * len(OFF_THE_HOUR) + OFF_THE_HOUR[local % len(OFF_THE_HOUR)]
        return self.only(self.quarters[np.argsort(cost, kind="stable")[:most]])

    def in_week(self, week: int) -> Starts:
        """Return those of a week on the mentee's calendar, counted from that of the first day."""
        return self.only(self.quarters[self.local[self.quarters] // SLOTS_PER_WEEK == week + 1])


def starts_of_pairs(
    sides: tuple[Profiles, Profiles],
    pairs: Sequence[tuple[int, int]],
    first_day: date,
    weeks: int,
    *,
    minutes: int,
    column: str,
) -> Iterator[Starts]:
    """Yield, for each pair by positions, every start from which both have time, in order.

    None is before `first_day` on the mentee's calendar.
    """
    # a week more on either side: weeks are cut in UTC, the calendar is the mentee's
    monday = first_day - timedelta(days=first_day.weekday())
    days = tuple(monday + WEEK * week for week in range(-1, weeks + 1))
    origin = datetime(days[0].year, days[0].month, days[0].day, tzinfo=UTC)
    soonest = (first_day - days[0]).days * A_DAY
    needed = -(-timedelta(minutes=minutes) // QUARTER)
    for free, zones in free_of_pairs(*sides, pairs, column=column, weeks=days):
        edges = np.flatnonzero(np.diff(free.ravel(), prepend=False, append=False))
        since, until = edges.reshape(-1, 2).T
        long_enough = until - since >= needed
        spans = zip(since[long_enough], until[long_enough] - needed + 1, strict=True)
        found = [np.arange(start, stop) for start, stop in spans]
        quarters = np.concatenate(found) if found else edges[:0]
        local = _local(str(zones[0]), days)
        quarters = quarters[local[quarters] >= soonest]
        yield Starts(quarters, local, origin, minutes, zones)


@lru_cache(maxsize=256)
def _local(zone: str, days: tuple[date, ...]) -> IntArray:
    """Return int64 (weeks * 672,): the local time at each UTC quarter hour.

    Both in quarter hours since the first of these Mondays began, each on its own clock.
    """
    shown = np.concatenate([local_slots(zone, monday) for monday in days])
    utc = np.arange(len(shown))
    half = SLOTS_PER_WEEK // 2  # no clock is that far ahead or behind
    local: IntArray = utc + (shown - utc + half) % SLOTS_PER_WEEK - half
    local.flags.writeable = False
    return local
