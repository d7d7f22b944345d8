"""Sign-ups as real programmes have them, end to end: who must be with whom."""

from __future__ import annotations

import pandas as pd
import pytest

import mentormatch as mm


def pairs(mentees, mentors, **options):
    rosters = (mm.read_roster(pd.DataFrame(t), role=r)
               for t, r in ((mentees, "mentee"), (mentors, "mentor")))  # fmt: skip
    frame = mm.match(*rosters, **options).to_frame()
    return dict(zip(frame["mentee_name"], frame["mentor_name"], strict=True))


@pytest.mark.parametrize(
    ("field", "fields", "help_", "helps"),
    [
        ("Desired industry", "Industry", "Support types", "Support types"),
        (
            "Which sectors are you interested in?",
            "Your sector",
            "Help wanted",
            "Help you can offer",
        ),
        ("Preferred profession field", "Profession field", "Type of support", "Types of support"),
    ],
)
def test_an_industry_and_kinds_of_support_decide(field, fields, help_, helps):
    """A common language, the only field of the vocabulary, is everybody's."""
    students = {
        "Full name": ["Ada Birk", "Ben Cole", "Cy Dorn", "Dee Ek"],
        field: ["Aviation", "Forestry", "Banking", "Banking"],
        help_: ["Portfolio, Rehearsal", "Rehearsal", "Portfolio", "Contacts, Portfolio"],
        "Languages": ["French"] * 4,
    }
    mentors = {
        "Full name": ["Uli Fay", "Vic Gray", "Wim Holt"],
        fields: ["Banking", "Aviation", "Forestry"],
        helps: ["Portfolio, Contacts", "Rehearsal, Portfolio", "Rehearsal"],
        "Maximum number of students": [2, 1, 1],
        "Languages": ["French"] * 3,
    }
    assert pairs(students, mentors) == {
        "Ada Birk": "Vic Gray", "Ben Cole": "Wim Holt",
        "Cy Dorn": "Uli Fay", "Dee Ek": "Uli Fay",
    }  # fmt: skip


@pytest.mark.parametrize(
    "header",
    [
        "Preferred mentor gender",
        "Would you prefer a mentor of a specific gender?",
        "Mentor gender preference",
    ],
)
@pytest.mark.parametrize("words", [("Woman", "Man"), ("Female", "Male"), ("F", "M")])
def test_a_wish_for_a_woman_is_met_whatever_the_word(header, words):
    mentees = {
        "Name": ["Ada Birk", "Ben Cole", "Cy Dorn", "Dee Ek"],
        "Topics": ["Tax"] * 4,
        header: ["women", "Doesn't matter", "a female mentor, please", "a man"],
    }
    mentors = {"Name": ["Uli Fay", "Vic Gray"], "Topics": ["Tax"] * 2, "Gender": words,
               "Number of mentees": [2, 2]}  # fmt: skip
    got = pairs(mentees, mentors)
    assert got == {"Ada Birk": "Uli Fay", "Cy Dorn": "Uli Fay", "Dee Ek": "Vic Gray",
                   "Ben Cole": "Vic Gray"}  # fmt: skip


@pytest.mark.parametrize("header", ["Conflicts of interest", "Conflicts", "Do not match with"])
def test_who_is_named_as_a_conflict_is_kept_away_and_sectors_count(header):
    teams = {
        "MenteeID": ["T1", "T2"],
        "Name": ["Ada Birk", "Ben Cole"],
        "Sector": ["Water", "Rail"],
        "Needs": ["Funding", "Funding"],
    }
    mentors = {
        "MentorID": ["K1", "K2", "K3"],
        "Name": ["Uli Fay", "Vic Gray", "Wim Holt"],
        "Sectors": ["Water, Rail", "Rail", "Mining"],
        "Expertise": ["Funding", "Funding", "Funding"],
        header: ["T2", None, None],
        "Max mentees": [2, 1, 1],
    }
    assert pairs(teams, mentors) == {"Ada Birk": "Uli Fay", "Ben Cole": "Vic Gray"}
    apart = {**mentors, header: [None, "Ben Cole", "T2"]}
    assert pairs(teams, apart) == {"Ada Birk": "Uli Fay", "Ben Cole": "Uli Fay"}
