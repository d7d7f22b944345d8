"""Words that people write for hours, zones, capacities and people."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest

from mentormatch.rosters import hours
from mentormatch.rosters.capacity import OPEN_ENDED, parse_capacity
from mentormatch.rosters.columns import describe_week
from mentormatch.rosters.hours import parse_week, parse_zone
from mentormatch.rosters.labels import split_level
from mentormatch.rosters.numbers import parse_number
from mentormatch.rosters.read import read_roster
from mentormatch.rosters.references import parse_people


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("Mon 9-11; Wed 14:00-16:00", "Mon 09:00-11:00; Wed 14:00-16:00"),
        ("Mon, Wed afternoons", "Mon 13:00-17:00; Wed 13:00-17:00"),
        ("Mon: 9-11, 14-16; Tue: 10-12", "Mon 09:00-11:00; Mon 14:00-16:00; Tue 10:00-12:00"),
        ("Thursdays 9am to noon", "Thu 09:00-12:00"),
        ("Mon 9am - midnight", "Mon 09:00-24:00"),
        ("Mon 12am-1am", "Mon 00:00-01:00"),
        ("Fri 11-1pm", "Fri 11:00-13:00"),
        ("Mon 2-4", "Mon 14:00-16:00"),
        ("Sun 22:00-02:00", "Mon 00:00-02:00; Sun 22:00-24:00"),
        ("Tue 9:10-10:05", "Tue 09:15-10:00"),
        ("0900-1100 Mon", "Mon 09:00-11:00"),
        ("Thu 9.30-11.00", "Thu 09:30-11:00"),
        ("weekends", "Sat 09:00-17:00; Sun 09:00-17:00"),
        ("Monday morning;Tuesday afternoon;", "Mon 09:00-12:00; Tue 13:00-17:00"),
        ("Tue AM, Thu p.m.", "Tue 09:00-12:00; Thu 13:00-17:00"),
        ("I am free Tue 9-11", "Tue 09:00-11:00"),
        ("Mornings on Monday, afternoons on Tuesday", "Mon 09:00-12:00; Tue 13:00-17:00"),
        ("Mornings on Monday and afternoons on Tuesday", "Mon 09:00-12:00; Tue 13:00-17:00"),
        ("9-11 Mon, 14-16 Wed", "Mon 09:00-11:00; Wed 14:00-16:00"),
        ("9-11 Mon, Wed 14-16", "Mon 09:00-11:00; Wed 14:00-16:00"),
        ("9-11 Mon, 14-16", "Mon 09:00-11:00; Mon 14:00-16:00"),
        ("Tue until noon", "Tue 08:00-12:00"),
        ("Tue 6pm onwards", "Tue 18:00-20:00"),
        ("any Friday evening", "Fri 17:00-20:00"),
        ("early mornings on Tuesday", "Tue 07:00-09:00"),
        ("Mo+Mi 9-11, Fr 14 bis 16 Uhr", "Mon 09:00-11:00; Wed 09:00-11:00; Fri 14:00-16:00"),
        ("dienstags ab 18 Uhr", "Tue 18:00-20:00"),
        ("Freitags nach 13 Uhr", "Fri 13:00-20:00"),
        ("Mi ganztags", "Wed 08:00-20:00"),
        ("jeudi toute la journée", "Thu 08:00-20:00"),
        ("lundi 9h30-11h, jeudi après-midi", "Mon 09:30-11:00; Thu 13:00-17:00"),
    ],
)
def test_hours_in_words(text, week):
    assert describe_week(parse_week(text).slots) == week


def test_weekday_mornings_are_five_mornings():
    assert parse_week("weekday mornings").slots.sum() == 5 * 12
    assert parse_week("M-F 9-5").slots.sum() == 5 * 32
    assert parse_week("flexibel").slots.tolist() == parse_week("flexible").slots.tolist()


@pytest.mark.parametrize(
    "text",
    [
        "banana",
        "not Mondays",
        "any time except Friday",
        "Mon 25-26",
        "every other Monday",
        "nach Absprache",
        "",
        "9-11 Mon 14-16 Tue 17-18",
    ],
)
def test_hours_that_are_not_guessed(text):
    week = parse_week(text)
    assert week.slots is None
    assert week.finding.code == "hours"


@pytest.mark.parametrize("cells", [["0.5", "0.25"], ["50%", "100%"], ["4", "10"], ["3 hours"]])
def test_amounts_are_no_time_of_the_day(cells):
    frame = pd.DataFrame({"id": [f"p{k}" for k in range(len(cells))], "Availability": cells})
    assert "availability" not in read_roster(frame, "mentee").columns


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/London", "Europe/London"),
        ("europe/london", "Europe/London"),
        ("GMT+1", "Etc/GMT-1"),
        ("UTC-03:00", "Etc/GMT+3"),
        ("EST", "America/New_York"),
        ("London", "Europe/London"),
        ("+05:45", "Asia/Kathmandu"),
        ("UTC+5:30", "Asia/Kolkata"),
        ("UTC+5.5", "Asia/Kolkata"),
        ("GMT+5.30", "Asia/Kolkata"),
        ("UTC-9,5", "Pacific/Marquesas"),
        ("UTC±0", "UTC"),
        ("UTC±2", None),
        ("São Paulo", "America/Sao_Paulo"),
        ("MEZ", "Europe/Berlin"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("GMT Standard Time", "Europe/London"),
        ("Europe/Lodnon", "Europe/London"),
        ("Mars/Olympus", None),
        ("UTC+25", None),
        ("", None),
    ],
)
def test_zones(text, zone):
    found, finding = parse_zone(text)
    assert found == zone
    assert (finding is None) == (text == zone)


@pytest.mark.parametrize(
    ("text", "seats"),
    [
        ("2", 2),
        ("2.0", 2),
        ("0", 0),
        ("One mentee only, please!", 1),
        ("One or two is good for me", 2),
        ("As many as you need", OPEN_ENDED),
        ("I can handle this! Give me three mentees.", 3),
        ("2 mentees", 2),
        ("2;88", 2),
        ("1-2", 2),
        ("no more than 2", 2),
        ("none", 0),
        ("a couple", 2),
        ("not this year", 0),
        ("I'm willing to take on two mentees.", 2),
        ("5+", 5),
        ("a mentee", 1),
    ],
)
def test_capacities(text, seats):
    found, finding = parse_capacity(text)
    assert found == seats
    assert (finding is None) == text.replace(".0", "").isdigit()


def test_a_negative_capacity_overloads_nobody_and_is_listed():
    seats, finding = parse_capacity("-1")
    assert seats == 0
    assert finding.code == "capacity_negative"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("234567891,  ", ("234567891",)),
        ("123456789 234567891", ("123456789", "234567891")),
        ("123456789.0", ("123456789",)),
        ("Ana Silva, Raj Patel", ("Ana Silva", "Raj Patel")),
        ("1. ana@x.org\n2. raj@x.org", ("ana@x.org", "raj@x.org")),
        ("none", ()),
        ("Ana <ana@x.org>", ("ana@x.org",)),
        ("b;a;b", ("b", "a")),
    ],
)
def test_people(text, people):
    assert parse_people(text)[0] == people


@pytest.mark.parametrize(
    ("option", "label", "level"),
    [
        ("python:3", "python", 3),
        ("Python (advanced)", "Python", 3),
        ("SQL: 4/5", "SQL", 4),
        ("Law - expert", "Law", 4),
        ("Law [2]", "Law", 2),
    ],
)
def test_levels(option, label, level):
    assert split_level(option)[:2] == (label, level)


def test_brackets_that_are_no_level_stay():
    assert split_level("Excel (pivot tables)")[0] == "Excel (pivot tables)"


def test_an_answer_joined_by_another_sign_is_parted_where_its_options_are_known():
    table = pd.DataFrame(
        {
            "Employee ID": ["1", "2", "3", "4", "5", "6"],
            "Skills": [
                "law:2;art:1;music, old:3",
                "art:2;law:1",
                "law:3, art:2",
                "law: 1 / art: 2",
                "LAW:4\nART:1",
                "music, old:2",
            ],
        }
    )
    roster = read_roster(table, "mentor")
    assert [
        sorted(s.casefold() for s in row) for row in roster.columns["skills"].to_list()[2:]
    ] == [
        ["art:2", "law:3"],
        ["art:2", "law:1"],
        ["art:1", "law:4"],
        ["music, old:2"],
    ]
    assert list(roster.repairs.query("code == 'separator'")["row"]) == [4, 5, 6]


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2 years 6 months", "year", 2.5),
        ("1 yr, 3 mos", "year", 1.25),
        ("1 year and 6 months", "month", 18),
        ("18 months", "year", 1.5),
        ("2-3 years", "year", 2.5),
    ],
)
def test_years_and_months_add_up(text, unit, value):
    assert parse_number(text, unit=unit)[0] == value


@pytest.mark.parametrize(("word", "first"), [("priority", "1"), ("weight", "3")])
def test_priority_one_comes_first_and_weight_one_last(word, first):
    header = f"id,Goal 1,Goal 1 {word},Goal 2,Goal 2 {word}"
    text = f"{header}\na,Python,1,SQL,3\nb,SQL,3,Python,1\n"
    goals = read_roster(io.StringIO(text), "mentee").columns["goals"]
    best = "Python" if first == "1" else "SQL"
    for start in (0, 2):
        weight = {
            goals.labels[c]: w
            for c, w in zip(
                goals.codes[start : start + 2], goals.priority[start : start + 2], strict=True
            )
        }
        assert max(weight, key=weight.get) == best


def test_a_tidy_week_is_read_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    spans = [f"{h}:{m}-{h + 2}:00" for h in range(22) for m in ("00", "15", "30", "59")]
    texts = [f"{day} {span}" for day in days for span in [*spans, "00:00-24:00", "21:00-01:30"]]
    texts += ["; ".join(texts[k::97]) for k in range(97)]
    assert all(hours._TIDY.fullmatch(text) for text in texts)
    quick = [hours._normalise(text) for text in texts]
    monkeypatch.setattr(hours, "_TIDY", re.compile("(?!)"))
    assert [hours._normalise(text) for text in texts] == quick


def test_a_part_of_a_week_seen_before_leaves_the_same_open() -> None:
    first, again = (hours.parse_week.__wrapped__("Mon mornings; Tue after 3") for _ in range(2))  # type: ignore[attr-defined]
    assert first.finding == again.finding
    assert "read until" in first.finding.action
    assert np.array_equal(first.slots, again.slots)
