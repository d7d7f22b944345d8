"""When groups meet: the weekly time of each on the calendar, and on everybody's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from mentormatch.delivery.letters.meeting_times import QUARTER, Meeting
from mentormatch.errors import ParameterError
from mentormatch.programmes.groups.result import Groups
from mentormatch.rosters.columns import Hours
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.hours import usual_zone, utc_slots

__all__ = ["CLOCKS_MOVED", "group_meetings"]

CLOCKS_MOVED = "outside their own hours that week: the clocks changed"
WEEK = timedelta(weeks=1)

Row = tuple[int, int, int, int, Meeting, str]
"""Group, position of member and of coach, number of the meeting, the meeting, a note."""


def group_meetings(groups: Groups, first_day: date, weeks: int, every: int) -> Iterator[Row]:
    """Yield a row for every member and meeting of every group, group by group.

    Raises
    ------
    ParameterError
        If the groups were formed without a common time.
    """
    slot = groups.asked.meet
    if slot is None:
        raise ParameterError(
            "check_ins needs groups that have a time in common: form them with "
            "form_groups(..., meet=CommonSlot(hours=1))."
        )
    people, coaches = groups.scores.mentees, groups.scores.mentors
    sides = [side.column(slot.column, Hours, wanted_by="check_ins") for side in (people, coaches)]
    usual = usual_zone(*sides) or "UTC"
    minutes = round(slot.hours * 60)
    for g, members in enumerate(groups.solved.members):
        coach = groups.solved.coach[g]
        dates = list(_dates(groups, g, first_day, weeks, every))
        able = _able(sides[0], list(members), dates, minutes, usual)
        led = _able(sides[1], [coach], dates, minutes, usual)[0]
        for number, start in enumerate(dates, start=1):
            for k, i in enumerate(members):
                zones = [
                    _zone(people, i, slot.column, usual),
                    _zone(coaches, coach, slot.column, usual),
                ]
                free = (able[k][number - 1], led[number - 1])
                names = (people.name(i), coaches.name(coach))
                missing = [name for name, can in zip(names, free, strict=True) if not can]
                note = f"{' and '.join(missing)}: {CLOCKS_MOVED}" if missing else ""
                yield g, i, coach, number, Meeting(start, minutes, zones[0], zones[1]), note


def _dates(groups: Groups, g: int, first_day: date, weeks: int, every: int) -> Iterator[datetime]:
    """Yield when a group meets, in UTC: the same weekday and hour on the usual clock."""
    shown = groups.starts(g)
    assert shown is not None, "groups with a common time have one"
    ahead = (shown.weekday() - first_day.weekday()) % 7
    for week in range(0, weeks, every):
        day = first_day + timedelta(days=ahead) + WEEK * week
        local = datetime(
            day.year, day.month, day.day, shown.hour, shown.minute, tzinfo=shown.tzinfo
        )
        yield local.astimezone(UTC)


def _able(
    hours: Hours, rows: list[int], dates: list[datetime], minutes: int, usual: str
) -> list[list[bool]]:
    """Return, by person and date, whether the whole meeting is within her own hours."""
    theirs = hours.take(np.array(rows, dtype=np.int64))
    needed = -(-timedelta(minutes=minutes) // QUARTER)
    found = []
    for start in dates:
        monday = start.date() - timedelta(days=start.weekday())
        origin = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
        at = (start - origin) // QUARTER
        free = utc_slots(theirs, usual, [monday, monday + WEEK])
        found.append(free[:, at : at + needed].all(axis=1).tolist())
    return [list(own) for own in zip(*found, strict=True)] if found else [[] for _ in rows]


def _zone(people: Profiles, at: int, column: str, usual: str) -> ZoneInfo:
    return ZoneInfo(people.column(column, Hours, wanted_by="check_ins").zones[at] or usual)
