"""Check-ins and calendars hold on both clocks, before and after every clock change."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.delivery.letters.checkins import (
    CLOCKS_CHANGED,
    NO_TIME,
    OTHER_TIME,
    check_ins,
    first_meetings,
    time_in_words,
)
from mentormatch.delivery.letters.ical import to_ics
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.rosters.columns import DAYS, Hours
from mentormatch.scoring.scores import Scores
from tests.insight.people import matched, person_hours, profiles

WORKDAYS = DAYS[:5]
# London and Auckland are 11 hours apart until New Zealand's clocks go forward on 27 September
# 2026, 12 until Britain's go back on 25 October, 13 until Britain's go forward on 28 March 2027,
# 12 until New Zealand's go back on 4 April, then 11 again.
REGIMES = [
    (date(2026, 9, 14), 11),
    (date(2026, 10, 5), 12),
    (date(2026, 11, 9), 13),
    (date(2027, 3, 29), 12),
    (date(2027, 4, 12), 11),
]


def pair_of(ours: Hours, theirs: Hours) -> Matching:
    """Return the matching of one mentee and one mentor with these hours."""
    rng = np.random.default_rng(0)
    mentees = profiles("mentee", 1, rng, names=["Ana"], availability=ours)
    mentors = profiles("mentor", 1, rng, names=["Tane"], availability=theirs)
    scores = Scores.from_matrix([[0.5]], capacity=[1], mentees=mentees, mentors=mentors)
    return solve(Problem(scores))


def london_and_auckland(mentor_day: tuple[int, int] = (18, 22)) -> Matching:
    ours = person_hours([[(day, 7, 10) for day in WORKDAYS]], ["Europe/London"])
    theirs = person_hours([[(day, *mentor_day) for day in WORKDAYS]], ["Pacific/Auckland"])
    return pair_of(ours, theirs)


@pytest.mark.parametrize(("monday", "apart"), REGIMES)
def test_a_first_meeting_is_right_on_both_clocks(monday: date, apart: int) -> None:
    meeting = first_meetings(london_and_auckland(), monday)[0, 0]
    assert meeting is not None
    ours, theirs = meeting.mentee_local, meeting.mentor_local
    assert ours.date() == monday
    assert ours.hour == 7
    assert theirs.hour == 7 + apart
    assert theirs.date() == monday
    assert ours == theirs == meeting.start


def test_check_ins_keep_the_mentees_hour_across_four_clock_changes() -> None:
    frame = check_ins(london_and_auckland(), date(2026, 9, 14), weeks=32, every=1)
    assert len(frame) == 32
    assert {moment.hour for moment in frame["mentee_local"]} == {7}
    assert set(frame["note"]) == {""}
    apart = {
        moment.date(): theirs.hour - moment.hour
        for moment, theirs in zip(frame["mentee_local"], frame["mentor_local"], strict=True)
    }
    for monday, hours in REGIMES:
        assert apart[monday] == hours
    assert (frame["end"] - frame["start"] == timedelta(hours=1)).all()
    assert frame["mentor_time"][0] == "Mon 14 Sep 2026, 18:00-19:00 (Pacific/Auckland)"


def test_weeks_in_which_the_usual_time_fails_are_named() -> None:
    matching = london_and_auckland(mentor_day=(18, 20))
    frame = check_ins(matching, date(2026, 9, 14), weeks=30, every=1, minutes=120)
    # 18:00-20:00 in Auckland is 07:00-09:00 in London at 11 hours, and too early afterwards
    free = [theirs is not None for theirs in frame["mentor_local"]]
    assert free[:2] == [True, True]
    assert set(frame["note"][2:27]) == {NO_TIME}
    assert frame["start"][2:27].isna().all()
    shorter = check_ins(matching, date(2026, 9, 14), weeks=6, every=1)
    assert list(shorter["note"]) == ["", "", *[shorter["note"][2]] * 4]
    assert {moment.hour for moment in shorter["mentee_local"]} == {7}


def test_a_meeting_moved_by_the_clocks_says_so() -> None:
    ours = person_hours([[("Tue", 16, 18)]], ["Europe/London"])
    theirs = person_hours([[("Tue", 12, 13)]], ["America/New_York"])
    frame = check_ins(pair_of(ours, theirs), date(2026, 10, 12), weeks=4, every=1)
    # America's clocks go back a week after Britain's: 17:00, 17:00, 16:00, 17:00 in London
    assert [moment.hour for moment in frame["mentee_local"]] == [17, 17, 16, 17]
    assert list(frame["note"]) == ["", "", CLOCKS_CHANGED, ""]
    assert {moment.hour for moment in frame["mentor_local"]} == {12}
    assert OTHER_TIME not in set(frame["note"])


ZONES = ("Europe/London", "Pacific/Auckland", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
hours = st.tuples(st.sampled_from(DAYS), st.integers(0, 20), st.integers(1, 4)).map(
    lambda span: (span[0], span[1], span[1] + span[2])
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(hours, min_size=1, max_size=4),
    st.lists(hours, min_size=1, max_size=4),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.dates(date(2026, 1, 1), date(2027, 12, 1)),
    st.sampled_from([15, 30, 60, 90]),
)
def test_both_have_time_in_every_meeting(
    mine: list[tuple[str, int, int]],
    yours: list[tuple[str, int, int]],
    my_zone: str,
    your_zone: str,
    start: date,
    minutes: int,
) -> None:
    sides = [person_hours([mine], [my_zone]), person_hours([yours], [your_zone])]
    frame = check_ins(pair_of(*sides), start, weeks=9, every=3, minutes=minutes)
    assert list(frame["meeting"]) == [1, 2, 3]
    for record in frame.dropna(subset=["start"]).to_dict("records"):
        for side, zone in zip(sides, (my_zone, your_zone), strict=True):
            for quarter in range(minutes // 15):
                moment = record["start"] + pd.Timedelta(minutes=15 * quarter)
                local = moment.to_pydatetime().astimezone(ZoneInfo(zone))
                place = (local.weekday() * 24 + local.hour) * 4 + local.minute // 15
                assert side.slots()[0, place], (record, zone, local)
        assert record["mentee_local"].date() >= start
        week = (record["mentee_local"].date() - (start - timedelta(days=start.weekday()))).days // 7
        assert week == (record["meeting"] - 1) * 3


def test_bad_lengths_and_dates_are_told_in_words() -> None:
    matching = london_and_auckland()
    with pytest.raises(
        mm.errors.ParameterError, match="'start' parameter of check_ins must be a date"
    ):
        check_ins(matching, "next week", weeks=4)
    with pytest.raises(mm.errors.ParameterError, match="'every' parameter of check_ins"):
        check_ins(matching, "2026-09-07", weeks=4, every=0)


def test_words_cross_a_clock_change_correctly() -> None:
    late = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/London"))
    # 01:30 summer time; an hour later the clock shows 01:30 again
    assert time_in_words(late, 60) == "Sun 25 Oct 2026, 01:30-01:30 (Europe/London)"


def unfolded(text: str) -> list[str]:
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    for line in text.split("\r\n"):
        assert len(line.encode("utf-8")) <= 75
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def events(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for line in unfolded(text):
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and ":" in line and not line.startswith("END:"):
            name, value = line.split(":", 1)
            assert re.fullmatch(r"[A-Z-]+", name), line
            assert name not in found[-1]
            found[-1][name] = value
    return found


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)


def test_calendar_has_every_meeting_in_utc(tmp_path: Path) -> None:
    frame = check_ins(matched(), "2026-09-07", weeks=12, every=2)
    held = frame.dropna(subset=["start"])
    text = to_ics(frame, tmp_path / "meetings.ics")
    assert (tmp_path / "meetings.ics").read_bytes() == text.encode("utf-8")
    lines = unfolded(text)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-1] == "END:VCALENDAR"
    assert any(line.startswith("PRODID:") for line in lines)
    found = events(text)
    assert len(found) == len(held) > 0
    assert {e["DTSTART"] for e in found} == {f"{t:%Y%m%dT%H%M%SZ}" for t in held["start"]}
    assert len({event["UID"] for event in found}) == len(found)
    for event in found:
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"} <= set(event)


def test_a_moved_meeting_keeps_its_uid() -> None:
    before = check_ins(matched(), "2026-09-07", weeks=8)
    after = before.assign(start=before["start"] + pd.Timedelta(hours=3))
    old, new = events(to_ics(before)), events(to_ics(after, sequence=1))
    assert [e["UID"] for e in old] == [e["UID"] for e in new]
    assert [e["DTSTART"] for e in old] != [e["DTSTART"] for e in new]
    assert {e["SEQUENCE"] for e in new} == {"1"}


def test_a_file_for_one_person_names_nobody_else() -> None:
    matching = matched(20, 6)
    frame = check_ins(matching, "2026-09-07", weeks=4)
    person = frame["mentor"].iloc[0]
    own = events(to_ics(frame, person=person))
    assert len(own) == int((frame["start"].notna() & (frame["mentor"] == person)).sum())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_name_survives_escaping_and_folding(name: str) -> None:
    frame = check_ins(london_and_auckland(), "2026-09-14", weeks=1)
    text = to_ics(frame.assign(mentee_name=name), title="{mentee}")
    shown = unescaped(events(text)[0]["SUMMARY"])
    kept = re.sub("\r\n|\r|\u2028|\u2029|\x85", "\n", name)
    assert shown == "".join(c for c in kept if c in "\t\n" or (c >= " " and c != "\x7f"))


def test_to_ics_wants_check_ins_and_a_zone() -> None:
    with pytest.raises(mm.errors.ParameterError, match="must be a frame from check_ins"):
        to_ics(pd.DataFrame({"mentee": []}))
    frame = check_ins(london_and_auckland(), "2026-09-14", weeks=1)
    with pytest.raises(mm.errors.ParameterError, match="must have a zone"):
        to_ics(frame, stamp=datetime(2026, 1, 1))
