"""Letters and calendar entries of the next review of goals: whom they reach and what they tell."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.delivery.letters.wording import LANGUAGES


@cache
def review() -> mm.GoalReview:
    ours, theirs = mm.make_cohort(14, 6, seed=3)
    matching = mm.match(mm.read_roster(ours, role="mentee"), mm.read_roster(theirs, role="mentor"))
    rows = [
        (person, f"goal of {person}", day, 1 if k % 3 else 1 + month, 4)
        for k, person in enumerate(matching.problem.scores.mentees.ids[:-1])
        for month, day in enumerate(("2026-01-12", "2026-02-12", "2026-03-12", "2026-04-12"))
        if month in (0, 3) or k % 3 != 1
    ]
    frame = pd.DataFrame(rows, columns=["id", "goal", "date", "level", "target"])
    goals = mm.read_goals(frame, people=matching, scale=(1, 5))
    return mm.review_goals(goals, matching, start="2026-01-12", end="2026-07-12", on="2026-04-13")


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_of_every_pair_are_invited_with_her_goals_and_no_verdict(language: str) -> None:
    letters = mm.letters.write(review(), language=language, programme="Tandem")
    matching = review().matching
    paired = {person for pair in matching for person in pair}
    assert {letter.person for letter in letters} == paired
    assert set(review().pairs["state"]) & {"stalled", "watch"}
    assert "no goals" in set(review().pairs["state"])
    for letter in letters:
        assert letter.kind == "review"
        mentees = {letter.person} if letter.role == "mentee" else {p.id for p in letter.partners}
        told = set(re.findall(r"goal of (E\d+)", letter.text))
        assert told == mentees & set(review().goals["mentee"])
        assert not re.search(r"stalled|chance|watch|pace|\d %", letter.text)
        assert "Tandem" in letter.subject
        for number in "1234":
            assert f"\n{number}. " in letter.text


def test_reviews_are_on_the_day_that_is_due_and_no_check_ins() -> None:
    one = review()
    assert one.due == 3
    assert one.next_on == date(2026, 5, 12)
    letters = mm.letters.write(one)
    meetings = letters.meetings
    assert (meetings["meeting"] == 4).all()
    first = meetings["start"].min()
    assert pd.Timestamp("2026-05-11", tz="UTC") <= first < pd.Timestamp("2026-05-26", tz="UTC")
    text = mm.letters.to_ics(meetings)
    assert "SUMMARY:Mentoring\\, goal review: " in text
    check_ins = mm.letters.check_ins(one.matching, "2026-01-12", 24, 4)
    uids = [set(re.findall("UID:(.*)", mm.letters.to_ics(f))) for f in (meetings, check_ins)]
    assert uids[0]
    assert not uids[0] & uids[1]
    assert uids[0] == set(re.findall("UID:(.*)", mm.letters.to_ics(meetings, sequence=1)))
    assert "review yet" in " ".join(letters.notes) or meetings["start"].notna().all()


def test_after_the_last_review_a_day_is_asked_for() -> None:
    one = review()
    goals = mm.Goals(one.goals.iloc[:0], (1, 5), one.goals, "")
    entries = pd.DataFrame({
        "person": [one.matching.problem.scores.mentees.ids[0]] * 2, "goal": ["a"] * 2,
        "date": pd.to_datetime(["2026-01-12", "2026-07-12"]), "level": [1.0, 4.0],
        "target": [4.0, 4.0], "weight": [1.0, 1.0],
    })  # fmt: skip
    goals = mm.Goals(entries, (1, 5), goals.repairs, "")
    last = mm.review_goals(goals, one.matching, start="2026-01-12", end="2026-07-12",
                           on="2026-07-12")  # fmt: skip
    assert last.next_on is None
    with pytest.raises(mm.errors.ParameterError, match="start="):
        mm.letters.write(last)
    assert len(mm.letters.write(last, "2026-07-20"))
