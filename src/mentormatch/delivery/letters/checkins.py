"""When the pairs meet: dated check-ins that hold on both clocks, across clock changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import pandas as pd

from mentormatch.delivery.letters.group_times import group_meetings
from mentormatch.delivery.letters.meeting_times import QUARTER, Diary, Meeting, Pair, met, together
from mentormatch.delivery.letters.pairs import pairs_behind
from mentormatch.delivery.letters.starts import starts_of_pairs
from mentormatch.domains import as_day, typed
from mentormatch.errors import ParameterError, check_parameter, listed
from mentormatch.matching.matching import Matching
from mentormatch.programmes.groups.result import Groups
from mentormatch.programmes.peers.result import Peers
from mentormatch.rosters.hours import shown_zone
from mentormatch.rosters.profiles import Profiles

__all__ = [
    "check_ins",
    "first_meetings",
    "meeting_frame",
    "meetings_of",
    "no_meetings",
    "pairs_of",
    "time_in_words",
]

Dates: TypeAlias = list[tuple[Meeting | None, str]]
CLOCKS_CHANGED = "moved: the clocks changed for one of the two"
OTHER_TIME = "another time than usual: the usual one is not free on both sides that week"
NO_HOURS = "hours not given: agree on a time"
NO_TIME = "no shared time that week: agree one"
DISPLACED = "another time than usual: one of the two meets somebody else then"
TAKEN = "every shared time that week is taken by their other meetings: agree one"


@typed
def check_ins(
    matching: Matching | Peers | Groups,
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
    two places only, the nearest shared time is taken and the note says so. Nobody is in two
    meetings at once: where the shared times of a mentor's pairs do not suffice, as many pairs as
    possible meet that week, and the note of the others says so.

    Parameters
    ----------
    matching
        Result of `solve`, both rosters with a column of hours; of `match_peers`; or of
        `form_groups` with a `CommonSlot`, whose time and length every meeting then has.
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
        `mentor_time` (in words), `note` (empty where it is the usual time). Of peers the two of a
        pair stand in these columns in roster order. Of groups one row per member and meeting, the
        coach as mentor, with `group` (1, 2, ...) besides; `to_ics` makes one event of it, and the
        note says who cannot that week because the clocks changed.

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
    first_day = as_day(start, "start", "check_ins")
    for name, value in (("weeks", weeks), ("every", every), ("minutes", minutes)):
        check_parameter(
            isinstance(value, int) and value >= 1, name, "check_ins", "a whole number >= 1", value
        )
    if isinstance(matching, Groups):
        return _group_frame(matching, first_day, weeks, every)
    pairs = pairs_behind(matching) if isinstance(matching, Peers) else matching
    return meeting_frame(pairs, _planned(pairs, first_day, (weeks, every, minutes), column))


def _group_frame(groups: Groups, first_day: date, weeks: int, every: int) -> pd.DataFrame:
    people, coaches = groups.scores.mentees, groups.scores.mentors
    rows, numbers = [], []
    for g, i, j, number, meeting, note in group_meetings(groups, first_day, weeks, every):
        names = people.ids[i], coaches.ids[j], people.name(i), coaches.name(j)
        rows.append((*names, number, *_times(meeting), note))
        numbers.append(g + 1)
    frame = _frame(rows)
    frame.insert(0, "group", pd.Series(numbers, dtype="int64"))
    return frame


def no_meetings() -> pd.DataFrame:
    """Return the frame of `check_ins` of nobody."""
    return _frame(())


def meeting_frame(matching: Matching, plans: Mapping[tuple[int, int], Dates]) -> pd.DataFrame:
    """Return the frame of `check_ins` for the meetings of every pair, by positions."""
    scores = matching.problem.scores
    rows = []
    for i, j in pairs_of(matching):
        for number, (meeting, note) in enumerate(plans[i, j], start=1):
            rows.append(
                (
                    scores.mentees.ids[i],
                    scores.mentors.ids[j],
                    scores.mentees.name(i),
                    scores.mentors.name(j),
                    number,
                    *_times(meeting),
                    note,
                )
            )
    return _frame(rows)


def meetings_of(
    matching: Matching, meetings: pd.DataFrame
) -> dict[tuple[int, int], Meeting | None]:
    """Return, by positions, each pair's first meeting in a frame of `check_ins`.

    Raises
    ------
    ParameterError
        If it is no such frame, or tells of pairs that are not matched.
    """
    missing = sorted(set(_COLUMNS) - set(getattr(meetings, "columns", ())))
    if missing:
        raise ParameterError(
            f"The 'meetings' parameter must be a frame from check_ins(...). "
            f"It lacks: {', '.join(missing)}."
        )
    scores = matching.problem.scores
    places = {(scores.mentees.ids[i], scores.mentors.ids[j]): (i, j) for i, j in pairs_of(matching)}
    known = list(zip(meetings["mentee"], meetings["mentor"], strict=True))
    strange = [f"{a} with {b}" for a, b in dict.fromkeys(known) if (a, b) not in places]
    if strange:
        raise ParameterError(
            f"The 'meetings' parameter tells of pairs that are not matched: {listed(strange)}. "
            "Make it anew with check_ins(matching, ...) for this matching."
        )
    found: dict[tuple[int, int], Meeting | None] = dict.fromkeys(places.values())
    held = meetings[meetings["start"].notna()].sort_values("start", kind="stable")
    for row in held.drop_duplicates(["mentee", "mentor"]).to_dict("records"):
        start = row["start"].to_pydatetime()
        length = (row["end"].to_pydatetime() - start) // timedelta(minutes=1)
        zones = (row["mentee_local"].tzinfo, row["mentor_local"].tzinfo)
        found[places[row["mentee"], row["mentor"]]] = Meeting(start.astimezone(UTC), length, *zones)
    return found


def pairs_of(matching: Matching) -> list[tuple[int, int]]:
    """Return the matched pairs (mentee, mentor), by positions."""
    rows, columns = matching.pairs
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _in_order(matching: Matching) -> list[tuple[int, int]]:
    """Return the pairs in an order that is the same whatever the order of the rosters."""
    scores = matching.problem.scores
    return sorted(
        pairs_of(matching),
        key=lambda p: (scores.mentees.ids[p[0]], scores.mentors.ids[p[1]]),
    )


def _people(matching: Matching, i: int, j: int) -> tuple[str, str]:
    """Return the ids of a pair; who is on both rosters has one diary."""
    scores = matching.problem.scores
    return scores.mentees.ids[i], scores.mentors.ids[j]


def _sides(matching: Matching) -> tuple[Profiles, Profiles]:
    return matching.problem.scores.mentees, matching.problem.scores.mentors


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
        f"{local:%H:%M}-{end:%H:%M} ({shown_zone(local.tzinfo)})"
    )


def first_meetings(
    matching: Matching,
    start: date | str,
    *,
    minutes: int = 60,
    within: int = 4,
    column: str = "availability",
) -> dict[tuple[int, int], Meeting | None]:
    """Return, by positions (mentee, mentor), the first meeting of every pair from a day on.

    Early days and full hours come first; nobody is in two meetings at once. None where a pair
    shares no such time within `within` weeks, or others have taken all of it.
    """
    first_day = as_day(start, "start", "first_meetings")
    places = _in_order(matching)
    degree = Counter(who for place in places for who in _people(matching, *place))
    # a meeting bars so many quarter hours to others; who has so many cheaper options finds one
    barred = 2 * -(-timedelta(minutes=minutes) // QUARTER) - 1
    every = starts_of_pairs(
        _sides(matching), places, first_day, within, minutes=minutes, column=column
    )
    pairs = []
    for place, starts in zip(places, every, strict=True):
        people = _people(matching, *place)
        most = 1 + barred * (sum(degree[who] for who in people) - len(people))
        pairs.append(Pair(people, starts.cheapest(most)))
    return dict(zip(places, met(pairs, None, Diary()), strict=True))


def _off_the_hour(meeting: Meeting) -> int:
    return {0: 0, 30: 1}.get(meeting.mentee_local.minute, 2)


def _planned(
    matching: Matching, first_day: date, lengths: tuple[int, int, int], column: str
) -> dict[tuple[int, int], Dates]:
    """Return, for every pair, (meeting, note) for every week in which it should meet."""
    weeks, every, minutes = lengths
    places = _in_order(matching)
    every_start = starts_of_pairs(
        _sides(matching), places, first_day, weeks, minutes=minutes, column=column
    )
    found = [  # by pair and week
        [list(starts.in_week(week)) for week in range(0, weeks, every)] for starts in every_start
    ]
    pairs = [
        Pair(_people(matching, *place), [option for week in options for option in week])
        for place, options in zip(places, found, strict=True)
    ]
    plans: list[Dates] = [[] for _ in places]
    for group in together(pairs):
        timetable = _Timetable([pairs[at] for at in group], [found[at] for at in group])
        for at, plan in zip(group, timetable.plans(), strict=True):
            plans[at] = plan
    ours, theirs = (_stated(people, column) for people in _sides(matching))
    for at, (i, j) in enumerate(places):
        if not (ours[i] and theirs[j]):
            plans[at] = [(None, NO_HOURS)] * len(plans[at])
    return dict(zip(places, plans, strict=True))


def _stated(people: Profiles, column: str) -> Sequence[bool]:
    """Return who gave hours."""
    hours = people.columns.get(column)
    return [False] * len(people) if hours is None else hours.answered.tolist()


class _Timetable:
    """The meetings of pairs that share people: usual times first, then what is left."""

    def __init__(self, pairs: list[Pair], by_week: list[list[list[Meeting]]]) -> None:
        self.pairs, self.by_week, self.diary = pairs, by_week, Diary()
        self.usual: list[Meeting | None] = [None] * len(pairs)
        self.chosen: list[list[Meeting | None]] = [[None] * len(weeks) for weeks in by_week]

    def plans(self) -> list[Dates]:
        kinds = [len({option.usual for option in pair.options}) for pair in self.pairs]
        for at in sorted(range(len(self.pairs)), key=lambda at: (kinds[at], at)):
            self._keep_one_time(at)
        for week in range(len(self.by_week[0])):
            self._fill(week)
        return [
            [
                (meeting, _note(meeting, options, self.usual[at]))
                for meeting, options in zip(self.chosen[at], self.by_week[at], strict=True)
            ]
            for at in range(len(self.pairs))
        ]

    def _keep_one_time(self, at: int) -> None:
        pair = self.pairs[at]
        free = [[o for o in week if self.diary.free(pair, o)] for week in self.by_week[at]]
        self.usual[at] = usual = _usual(free) or _usual(self.by_week[at])
        for week, options in enumerate(free):
            for option in options:
                if usual is not None and option.usual == usual.usual:
                    self._meet(at, week, option)
                    break

    def _meet(self, at: int, week: int, meeting: Meeting | None) -> None:
        if (before := self.chosen[at][week]) is not None:
            self.diary.cancel(self.pairs[at], before)
        if meeting is not None:
            self.diary.book(self.pairs[at], meeting)
        self.chosen[at][week] = meeting

    def _fill(self, week: int) -> None:
        """Find times for who cannot keep the usual one; all of that week anew where need be."""
        able = [at for at, weeks in enumerate(self.by_week) if weeks[week]]
        for asked in ([at for at in able if self.chosen[at][week] is None], able):
            if all(self.chosen[at][week] is not None for at in asked):
                return
            for at in asked:
                self._meet(at, week, None)
            pairs = [Pair(self.pairs[at].people, self.by_week[at][week]) for at in asked]
            times = met(pairs, [_near(self.usual[at]) for at in asked], self.diary)
            for at, meeting in zip(asked, times, strict=True):
                self.chosen[at][week] = meeting


def _usual(by_week: list[list[Meeting]]) -> Meeting | None:
    """Return a meeting at the weekday and hour that works in most weeks."""
    counts = Counter(option.usual for found in by_week for option in found)
    everything = [option for found in by_week for option in found]
    return min(
        everything,
        key=lambda o: (-counts[o.usual], _off_the_hour(o), o.usual, o.start),
        default=None,
    )


def _near(usual: Meeting | None) -> Callable[[Meeting], tuple[int, datetime]]:
    """Order meetings by how far they are from the usual weekday and hour."""
    assert usual is not None
    return lambda option: (_minutes_apart(option, usual), option.start)


def _note(meeting: Meeting | None, options: Sequence[Meeting], usual: Meeting | None) -> str:
    if usual is None or not options:
        return NO_TIME
    if meeting is None:
        return TAKEN
    if meeting.usual == usual.usual:
        return ""
    if any(option.usual == usual.usual for option in options):
        return DISPLACED
    return CLOCKS_CHANGED if _distance(meeting) != _distance(usual) else OTHER_TIME


def _minutes_apart(option: Meeting, usual: Meeting) -> int:
    (day, minute), (usual_day, usual_minute) = option.usual, usual.usual
    return abs((day - usual_day) * 24 * 60 + minute - usual_minute)


def _distance(meeting: Meeting) -> timedelta:
    """How far apart the two clocks are at that moment."""
    ours, theirs = meeting.mentee_local.utcoffset(), meeting.mentor_local.utcoffset()
    return (ours or timedelta()) - (theirs or timedelta())
