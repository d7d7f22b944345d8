"""When the pairs meet: dated check-ins that hold on both clocks, across clock changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

import pandas as pd

from mentormatch.errors import ParameterError, check_parameter
from mentormatch.matching.matching import Matching
from mentormatch.scoring.hours import SharedSlot, shared_slots

__all__ = ["Meeting", "check_ins", "first_meeting", "time_in_words"]

QUARTER = timedelta(minutes=15)
WEEK = timedelta(weeks=1)
CLOCKS_CHANGED = "moved: the clocks changed for one of the two"
OTHER_TIME = "another time than usual: the usual one is not free on both sides that week"
NO_TIME = "no shared time that week: agree one"


@dataclass(frozen=True)
class Meeting:
    """One meeting: start in UTC, minutes, and both people's clocks."""

    start: datetime
    minutes: int
    mentee_zone: tzinfo
    mentor_zone: tzinfo

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)

    @property
    def mentee_local(self) -> datetime:
        return self.start.astimezone(self.mentee_zone)

    @property
    def mentor_local(self) -> datetime:
        return self.start.astimezone(self.mentor_zone)

    @property
    def usual(self) -> tuple[int, int]:
        """Weekday and minute of the day on the mentee's clock."""
        local = self.mentee_local
        return local.weekday(), local.hour * 60 + local.minute


def check_ins(
    matching: Matching,
    start: date | str,
    weeks: int,
    every: int = 2,
    *,
    minutes: int = 60,
    column: str = "availability",
) -> pd.DataFrame:
    """Propose dated check-ins for every pair, each at a time that both said they have.

    A pair keeps one weekday and hour on the mentee's clock: the one that works in most weeks
    of the programme. In a week in which it does not, because the clocks changed in one of the
    two places only, the nearest shared time is taken and the note says so.

    Parameters
    ----------
    matching
        Result of `solve`; both rosters with a column of hours.
    start
        First day of the programme; no meeting is earlier on the mentee's calendar.
    weeks
        Length of the programme.
    every
        Weeks between two check-ins.
    minutes
        Length of a meeting.
    column
        Column of hours on both rosters.

    Returns
    -------
    DataFrame, one row per pair and check-in
        `mentee`, `mentor` (ids), `mentee_name`, `mentor_name`, `meeting` (1, 2, ...), `start`,
        `end` (UTC; missing where the two share no time that week), `mentee_local`,
        `mentor_local` (the same moment on their own clocks, with zone), `mentee_time`,
        `mentor_time` (in words), `note` (empty where it is the usual time).

    Raises
    ------
    ParameterError
        If `start` is no date, or a length is not a whole number above 0.
    ColumnError
        If a roster has no such column of hours.

    Notes
    -----
    People without a zone are taken to be in the zone most people state, as in scoring.
    Time O(pairs x weeks).
    """
    first_day = _day(start, "check_ins")
    for name, value in (("weeks", weeks), ("every", every), ("minutes", minutes)):
        check_parameter(
            isinstance(value, int) and value >= 1, name, "check_ins", "a whole number >= 1", value
        )
    scores = matching.problem.scores
    rows = []
    for i, j in zip(*matching.pairs, strict=True):
        planned = _plan(matching, int(i), int(j), first_day, (weeks, every, minutes), column)
        for number, (meeting, note) in enumerate(planned, start=1):
            rows.append(
                (
                    scores.mentees.ids[i],
                    scores.mentors.ids[j],
                    scores.mentees.name(int(i)),
                    scores.mentors.name(int(j)),
                    number,
                    *_times(meeting),
                    note,
                )
            )
    return _frame(rows)


_COLUMNS = (
    *("mentee", "mentor", "mentee_name", "mentor_name", "meeting", "start", "end"),
    *("mentee_local", "mentor_local", "mentee_time", "mentor_time", "note"),
)


def _frame(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)
    frame["meeting"] = frame["meeting"].astype("int64")
    for name in ("start", "end"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[ns, UTC]")
    return frame


def _times(meeting: Meeting | None) -> tuple[object, ...]:
    if meeting is None:
        return (None, None, None, None, "", "")
    return (
        meeting.start,
        meeting.end,
        meeting.mentee_local,
        meeting.mentor_local,
        time_in_words(meeting.mentee_local, meeting.minutes),
        time_in_words(meeting.mentor_local, meeting.minutes),
    )


def time_in_words(local: datetime, minutes: int) -> str:
    """Return a local time as people write it, e.g. ``Tue 8 Sep 2026, 17:00-18:00 (Europe/London)``.

    Names of days and months are English on every machine.
    """
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    end = (local.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(local.tzinfo)
    return (
        f"{days[local.weekday()]} {local.day} {months[local.month - 1]} {local.year}, "
        f"{local:%H:%M}-{end:%H:%M} ({local.tzinfo})"
    )


def first_meeting(
    matching: Matching,
    i: int,
    j: int,
    start: date | str,
    *,
    minutes: int = 60,
    within: int = 4,
    column: str = "availability",
) -> Meeting | None:
    """Return the first time from a day on at which mentee i and mentor j can both meet.

    Positions on the rosters; None if they share no such time within `within` weeks.
    """
    first_day = _day(start, "first_meeting")
    options = _options(matching, i, j, first_day, within, minutes, column)
    return min(options, key=_convenience, default=None) if options else None


def _convenience(meeting: Meeting) -> tuple[date, int, datetime]:
    """Earliest day first, then full hours before halves and quarters."""
    return meeting.mentee_local.date(), _off_the_hour(meeting), meeting.start


def _off_the_hour(meeting: Meeting) -> int:
    return {0: 0, 30: 1}.get(meeting.mentee_local.minute, 2)


def _plan(
    matching: Matching,
    i: int,
    j: int,
    first_day: date,
    lengths: tuple[int, int, int],
    column: str,
) -> list[tuple[Meeting | None, str]]:
    """Return (meeting, note) for every week in which the pair should meet."""
    weeks, every, minutes = lengths
    options = _options(matching, i, j, first_day, weeks, minutes, column)
    monday = first_day - timedelta(days=first_day.weekday())
    by_week: dict[int, list[Meeting]] = {week: [] for week in range(0, weeks, every)}
    for option in options:
        week = (option.mentee_local.date() - monday).days // 7
        if week in by_week:
            by_week[week].append(option)
    usual = _usual(list(by_week.values()))
    return [_nearest(found, usual) for found in by_week.values()]


def _usual(by_week: list[list[Meeting]]) -> Meeting | None:
    """Return a meeting at the weekday and hour that works in most weeks."""
    counts = Counter(option.usual for found in by_week for option in found)
    everything = [option for found in by_week for option in found]
    return min(
        everything,
        key=lambda o: (-counts[o.usual], _off_the_hour(o), o.usual, o.start),
        default=None,
    )


def _nearest(found: list[Meeting], usual: Meeting | None) -> tuple[Meeting | None, str]:
    if usual is None or not found:
        return None, NO_TIME
    chosen = min(found, key=lambda option: (_minutes_apart(option, usual), option.start))
    if chosen.usual == usual.usual:
        return chosen, ""
    shifted = _distance(chosen) != _distance(usual)
    return chosen, CLOCKS_CHANGED if shifted else OTHER_TIME


def _minutes_apart(option: Meeting, usual: Meeting) -> int:
    (day, minute), (usual_day, usual_minute) = option.usual, usual.usual
    return abs((day - usual_day) * 24 * 60 + minute - usual_minute)


def _distance(meeting: Meeting) -> timedelta:
    """How far apart the two clocks are at that moment."""
    ours, theirs = meeting.mentee_local.utcoffset(), meeting.mentor_local.utcoffset()
    return (ours or timedelta()) - (theirs or timedelta())


def _options(
    matching: Matching, i: int, j: int, first_day: date, weeks: int, minutes: int, column: str
) -> list[Meeting]:
    """Return every start, by quarter hours, from which both have time for a whole meeting."""
    scores = matching.problem.scores
    # a week more on either side: weeks are cut in UTC, the calendar is the mentee's
    days = [first_day + WEEK * week for week in range(-1, weeks + 1)]
    slots = _joined(shared_slots(scores.mentees, scores.mentors, i, j, column=column, weeks=days))
    length = timedelta(minutes=minutes)
    options = []
    for start, end, mentee_zone, mentor_zone in slots:
        moment = start
        while moment + length <= end:
            options.append(Meeting(moment, minutes, mentee_zone, mentor_zone))
            moment += QUARTER
    return [option for option in options if option.mentee_local.date() >= first_day]


def _joined(
    slots: Sequence[SharedSlot],
) -> list[tuple[datetime, datetime, tzinfo, tzinfo]]:
    """Join slots that touch, as those cut at the end of a UTC week do."""
    joined: list[tuple[datetime, datetime, tzinfo, tzinfo]] = []
    for slot in slots:
        zones = (slot.mentee_start.tzinfo or UTC, slot.mentor_start.tzinfo or UTC)
        if joined and joined[-1][1] == slot.start:
            joined[-1] = (joined[-1][0], slot.end, *zones)
        else:
            joined.append((slot.start, slot.end, *zones))
    return joined


def _day(day: date | str, owner: str) -> date:
    try:
        found = date.fromisoformat(day) if isinstance(day, str) else day
        return date(found.year, found.month, found.day)
    except (ValueError, AttributeError) as error:
        raise ParameterError(
            f"The 'start' parameter of {owner} must be a date such as '2026-09-07'. Got {day!r}."
        ) from error
