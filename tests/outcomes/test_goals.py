"""Goals are read as people write them; what cannot be read is listed, all of it, by row."""

from __future__ import annotations

import io
from datetime import date

import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.outcomes.dates import days_of
from mentormatch.outcomes.stalling import MISSED, PRIOR, paced


def read(text: str, **how: object) -> mm.Goals:
    return mm.read_goals(io.StringIO(text), **how)  # type: ignore[arg-type]


def codes(goals: mm.Goals) -> set[str]:
    return set(goals.repairs["code"])


SIMPLE = """Email,Goal,Review date,Level now,Target level,Options,Next step
ana@x.org,Speaking,12.01.2026,2,4,,Join a club
ana@x.org,speaking ,12.02.2026,3/5,,club; course,Give a talk
bo@x.org,Negotiation,13 January 2026,"1 - just starting",4,,
"""


def test_goals_are_read_as_forms_export_them() -> None:
    goals = read(SIMPLE)
    frame = goals.entries
    assert frame["person"].tolist() == ["ana@x.org", "ana@x.org", "bo@x.org"]
    assert frame["goal"].tolist() == ["Speaking", "Speaking", "Negotiation"]
    assert [day.date() for day in frame["date"]] == [
        date(2026, 1, 12), date(2026, 2, 12), date(2026, 1, 13),
    ]  # fmt: skip
    assert frame["level"].tolist() == [2, 3, 1]
    assert frame["target"].tolist() == [4, 4, 4]  # a target holds until it changes
    assert frame["will"].tolist() == ["Join a club", "Give a talk", ""]
    assert frame["weight"].tolist() == [1, 1, 1]
    assert goals.scale == (1, 5)
    assert "goal_scale" in codes(goals)
    assert str(goals) == goals.text
    assert goals.text.startswith("2 goals of 2 people in 3 entries, 2026-01-12 to 2026-02-12")


def test_headers_of_other_languages_and_named_columns() -> None:
    german = "Name;Ziel;Datum;Stand;Zielwert\nAna Lima;Reden;12.1.2026;2;4\n"
    assert read(german).entries["level"].tolist() == [2]
    other = "who,what,day,how far,where to\nana,Talk,2026-01-12,2,4\n"
    names = {"id": "who", "goal": "what", "date": "day", "level": "how far", "target": "where to"}
    assert read(other, columns=names).entries["person"].tolist() == ["ana"]
    reality = "id,Date,Reality,Target,Will\nana,2026-01-12,2,4,ask\n"
    goals = read(reality)
    assert goals.entries["level"].tolist() == [2]
    assert "one_goal" in codes(goals)
    with pytest.raises(mm.errors.ColumnError, match="of the level"):
        read("id,Date,Reality,Target\nana,2026-01-12,going well,4\n")
    with pytest.raises(mm.errors.ColumnError, match=r"several columns.*'Level'.*'Score'"):
        read("id,Date,Level,Score,Target\nana,2026-01-12,2,2,4\n")
    with pytest.raises(mm.errors.ColumnError, match="has no column 'Levl'"):
        read(SIMPLE, columns={"level": "Levl"})


def test_people_are_linked_to_the_roster_and_others_are_listed() -> None:
    mentees = mm.read_roster(io.StringIO("id,Email\nE1,ana@x.org\nE2,bo@x.org\n"), role="mentee")
    goals = read(SIMPLE + "cem@x.org,Writing,12.01.2026,1,3,,\n", people=mentees)
    assert set(goals.entries["person"]) == {"E1", "E2"}
    assert goals.repairs.set_index("code").loc["not_on_roster", "row"] == 5
    with pytest.raises(mm.errors.RosterError, match="of anybody on the roster"):
        read("id,Date,Level,Target\nzed,2026-01-12,2,4\n", people=mentees)


def test_everything_that_cannot_be_read_is_listed_by_row() -> None:
    bad = (
        "id,Goal,Date,Level,Target,Weight\n"
        "ana,A,soon,2,4,\n"
        "bo,A,2026-01-12,9,4,\n"
        "cem,A,2026-01-12,2-3,4,\n"
        "dia,A,2026-01-12,2,,\n"
        ",A,2026-01-12,2,4,\n"
        "eli,A,,2,4,\n"
        "fay,A,2026-01-12,2,4,-1\n"
    )
    with pytest.raises(mm.RosterError) as caught:
        read(bad, scale=(1, 5))
    found = caught.value.issues
    by_row = found.groupby("row")["code"].agg(set).to_dict()
    assert by_row == {
        2: {"no_date"}, 3: {"out_of_range"}, 4: by_row[4], 5: {"no_target"}, 6: {"nobody"},
        7: {"no_date"}, 8: {"goal_weight"},
    }  # fmt: skip
    assert by_row[4]


def test_entries_that_are_given_twice_keep_the_last() -> None:
    goals = read("id,Goal,Date,Level,Target\nana,A,2026-01-12,2,4\nana,A,12 Jan 2026,3,4\n")
    assert goals.entries["level"].tolist() == [3]
    assert goals.repairs.set_index("code").loc["entered_again", "row"] == 2


def test_a_blank_level_is_a_review_and_order_of_rows_plays_no_part() -> None:
    rows = SIMPLE.splitlines()
    back = read("\n".join([rows[0], *rows[:0:-1]]) + "\n").entries.drop(columns="row")
    pd.testing.assert_frame_equal(back, read(SIMPLE).entries.drop(columns="row"))
    goals = read("id,Goal,Date,Level,Target\nana,A,2026-01-12,2,4\nana,A,2026-02-12,,\n")
    assert goals.entries["level"].isna().tolist() == [False, True]


def test_scales_are_the_narrowest_that_hold_all_levels() -> None:
    for level, target, scale in (
        ("2", "5", (1, 5)), ("-2", "0", (-2, 2)), ("0", "3", (0, 5)), ("2", "8", (1, 10)),
        ("0", "10", (0, 10)), ("35", "80", (0, 100)),
    ):  # fmt: skip
        assert read(f"id,Date,Level,Target\na,2026-01-12,{level},{target}\n").scale == scale
    with pytest.raises(mm.errors.ParameterError, match="scale"):
        read(SIMPLE, scale=(5, 1))


def test_dates_in_any_form() -> None:
    told = {
        "2026-04-03": (4, 3), "2026/4/3 10:00": (4, 3), "3 April 2026": (4, 3),
        "April 3rd, 2026": (4, 3), "Fri, 3 Apr 2026": (4, 3), "3. April 2026": (4, 3),
        "3 de abril de 2026": (4, 3), "3 avril 2026": (4, 3), "46115": (4, 3), "3.4.26": (4, 3),
    }  # fmt: skip
    found = days_of(list(told))
    assert found.day == tuple(date(2026, *day) for day in told.values())
    assert not found.doubtful
    assert days_of(["3/4/2026", "13/4/2026"]).day[0] == date(2026, 4, 3)
    assert days_of(["3/4/2026", "4/13/2026"]).day[0] == date(2026, 3, 4)
    assert days_of(["13/4/2026", "4/13/2026"]).torn
    assert days_of(["soon", "31/2/2026", "99999"]).day == (None, None, None)
    assert days_of(["3/4/2026"]).doubtful
    assert not days_of(["3/4/2026"], day_first=False).doubtful


def test_nothing_is_guessed_in_silence_about_days_and_months() -> None:
    text = "id,Date,Level,Target\nana,3/4/2026,2,4\n"
    with pytest.warns(mm.errors.QuestionsWarning, match="day_first=True or day_first=False"):
        assert read(text).entries["date"][0].date() == date(2026, 4, 3)
    assert read(text, day_first=False).entries["date"][0].date() == date(2026, 3, 4)
    with pytest.raises(mm.RosterError, match="day first and some the month"):
        read("id,Date,Level,Target\nana,13/4/2026,2,4\nana,4/14/2026,2,4\n")


def test_missed_reviews_alone_move_the_chance_by_their_odds() -> None:
    assert paced([], 0, 0).chance == pytest.approx(PRIOR)
    moving, stalled = MISSED
    odds = PRIOR / (1 - PRIOR) * (stalled / moving) ** 2 * (1 - stalled) / (1 - moving)
    assert paced([], 1, 2).chance == pytest.approx(odds / (1 + odds))
