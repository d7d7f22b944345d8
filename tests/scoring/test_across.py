"""Questions that two rosters raise side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch import read_roster, score
from mentormatch.command.words import as_option
from mentormatch.scoring.across import questions_across

NAMES = {"Name": ["Ana Lima", "Bo Chan"], "Email": ["a@x.org", "b@x.org"]}
OTHERS = {"Name": ["Quin Elm", "Rae Fir"], "Email": ["q@x.org", "r@x.org"]}


def across(mentee, mentor, names=OTHERS):
    """Return code -> question of two rosters with these columns."""
    mentees = read_roster(pd.DataFrame({**NAMES, **mentee}), "mentee")
    mentors = read_roster(pd.DataFrame({**names, **mentor}), "mentor")
    questions = questions_across(mentees, mentors, ()).to_dict("records")
    return {question["code"]: question for question in questions}


@pytest.mark.parametrize(
    ("wish", "wanted", "has", "held", "unmet"),
    [
        ("Preferred site", ["Leeds", "Ely"], "Site", ["Leeds", "Bath"], "'Ely'"),
        ("Preferred department", ["Law", "Art"], "Department", ["Law", "Tax"], "'Art'"),
        ("Preferred site", ["leeds", "BATH"], "Site", ["Leeds", "Bath"], None),
        ("Preferred gender", ["Female", "male"], "Gender", ["Woman", "Man"], None),
        ("Preferred gender", ["eine Frau", "Mann"], "Gender", ["F", "M"], None),
        ("Preferred gender", ["Female", "male"], "Gender", ["Woman", "Woman"], "'male'"),
    ],
)
def test_a_wish_that_nobody_across_can_grant_is_asked_about(wish, wanted, has, held, unmet):
    asked = across({wish: wanted}, {has: held})
    if unmet is None:
        assert "unmet_wish" not in asked
        return
    assert unmet in asked["unmet_wish"]["question"]
    settle = asked["unmet_wish"]["settle"]
    assert settle.startswith(f"columns={{'{wish.lower().replace(' ', '_')}': None}}")


@pytest.mark.parametrize(
    ("mentee", "mentor", "line"),
    [
        (
            {"Skills needed": ["Law;Tax", "Tax;Art"]},
            {"Strong in": ["Law;Tax;", "Tax;Art;"]},
            "columns={'skills': 'Strong in'}",
        ),
        (
            {"Mutter": ["x", "y"], "Sprachen": ["Polnisch;Deutsch", "Deutsch"]},
            {"Kann sprechen": ["Deutsch", "Polnisch"]},
            "columns={'languages': 'Kann sprechen'}",
        ),
        ({"Skills needed": ["Law", "Tax"]}, {"Town": ["Bath", "Ely"]}, None),
        ({"Skills needed": ["Law", "Tax"]}, {"Skills": ["Tax", "Law"]}, None),
    ],
)
def test_a_field_without_a_counterpart_is_asked_about_where_a_column_may_be_it(
    mentee, mentor, line
):
    asked = across(mentee, mentor)
    assert ("no_counterpart" in asked) == (line is not None)
    if line is not None:
        assert asked["no_counterpart"]["settle"].startswith(line)


def test_one_thing_in_two_vocabularies_is_asked_about() -> None:
    english, german = ["Leadership", "Careers", "Law"], ["Führung", "Karriere", "Recht"]

    def asked(theirs, field="Goals"):
        rosters = [
            read_roster(
                pd.DataFrame(
                    {
                        "Name": [f"{role} {k}" for k in range(6)],
                        field: [f"{words[k % 3]}; {words[(k + 1) % 3]}" for k in range(6)],
                    }
                ),
                role,
            )
            for role, words in (("mentee", english), ("mentor", theirs))
        ]
        return score(*rosters).questions.set_index("code")["question"].to_dict()

    question = asked(german)["other_words"]
    assert question.startswith("mentors name 0% of what mentees name: 'Leadership'")
    assert "'Führung'" in question
    assert "other_words" not in asked(english)
    assert "other_words" not in asked(["Leadership", "Karriere", "Recht"])
    assert "other_words" in asked(german, "Interests")
    free = [f"a{k}; b{k}" for k in range(6)]
    rosters = [
        read_roster(pd.DataFrame({"Name": [f"{r} {k}" for k in range(6)], "Interests": free}), r)
        for r in ("mentee", "mentor")
    ]
    assert "other_words" not in set(score(*rosters).questions["code"])


def test_everybody_on_both_rosters_is_asked_about() -> None:
    assert "on_both" in across({"Goals": ["Law", "Tax"]}, {"Goals": ["Tax", "Law"]}, NAMES)
    assert "on_both" not in across({"Goals": ["Law", "Tax"]}, {"Goals": ["Tax", "Law"]})


def test_scores_hold_the_questions_of_both_rosters_and_one_criterion_alone() -> None:
    mentees = read_roster(pd.DataFrame({**NAMES, "Goals": ["Law", "Tax"]}), "mentee")
    frame = pd.DataFrame({**OTHERS, "Goals": ["Tax", "Law"], "Students helped so far": [3, 2]})
    with pytest.warns(UserWarning, match="about how"):
        mentors = read_roster(frame, "mentor")
    questions = score(mentees, mentors).questions
    assert questions["roster"].tolist() == ["mentor", "both"]
    assert questions["code"].tolist() == ["seats", "alone"]


@pytest.mark.parametrize(
    ("header", "cells", "asked"),
    [
        ("Old friends", ["Quin Elm", None, "Rae Fir"], True),
        ("Weggefährten", ["Quin Elm; Rae Fir", None, None], True),
        ("Lunch with", ["Bo Chan", "Cy Dahl", None], True),
        ("希望する人", ["q@x.org", None, "r@x.org"], True),
        ("Second e-mail", ["a@x.org", "b@x.org", "c@home.org"], False),  # their own
        ("Shown as", ["Ana Lima", "Bo Chan", "Cy Dahl"], False),
        ("Project", ["Quin Quarters", "Rae Way", None], False),
    ],
)
def test_unused_columns_that_name_people_are_asked_about(header, cells, asked) -> None:
    names = {"Name": ["Ana Lima", "Bo Chan", "Cy Dahl"], "Email": ["a@x.org", "b@x.org", "c@x.org"]}
    mentees = read_roster(pd.DataFrame({**names, header: cells}), "mentee")
    mentors = read_roster(pd.DataFrame(OTHERS), "mentor")
    found = questions_across(mentees, mentors, ()).to_dict("records")
    named = [question for question in found if question["code"] == "names_people"]
    assert [question["column"] for question in named] == [header] * asked
    if asked:
        lines = named[0]["settle"].split("\n")
        assert lines[0].startswith(f"columns={{'avoid': {header!r}}}  # of the mentees")
        assert as_option("both rosters", lines[0]).startswith(f'--columns "mentees:avoid={header}"')
        left = read_roster(pd.DataFrame({**names, header: cells}), "mentee", columns={header: None})
        assert not len(questions_across(left, mentors, ()))


@pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
def test_columns_asked_about_in_reading_are_not_asked_about_again() -> None:
    choices = {"1": ["Quin Elm", "Rae Fir"], "2": ["Rae Fir", "Quin Elm"]}
    mentees = read_roster(pd.DataFrame({**NAMES, **choices}), "mentee")
    mentors = read_roster(pd.DataFrame(OTHERS), "mentor")
    assert mentees.questions["column"].tolist() == ["1, 2"]
    assert not len(questions_across(mentees, mentors, ()))


@pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
def test_roles_that_no_column_tells_are_asked_about_by_names() -> None:
    sheet = {"Name": ["Ana Lima", "Bo Chan", "Cy Dahl"], "Soy": ["alumna", "guía", "guía"]}
    mentees, mentors = read_roster(pd.DataFrame(sheet), "both")
    assert "on_both" in set(questions_across(mentees, mentors, ())["code"])
    few = mentees.take(np.array([0, 1]))
    assert "on_both" not in set(questions_across(few, mentors, ())["code"])
    more = read_roster(
        pd.DataFrame({"Name": ["Ana Lima", "Bo Chan", "Cy Dahl", "Di Eng"]}), "mentor"
    )
    asked = questions_across(mentees, more, ())
    assert "every mentee is on the other roster as well" in asked["question"].tolist()


@pytest.mark.parametrize(
    "cell", ["Ulrike Lang (Gespräch mit HR 03/26)", "ulrike lang [former manager]", "u@x.org (ex)"]
)
def test_a_remark_behind_a_name_does_not_lose_it_and_is_not_repeated(cell: str) -> None:
    mentees = mm.read_roster(
        pd.DataFrame({"Name": ["Ulrike Lang", "Bo Li"], "Email": ["u@x.org", "b@x.org"]}), "mentee"
    )
    mentors = mm.read_roster(
        pd.DataFrame({"Name": ["Cy Ono", "Di Roe"], "Email": ["c@x.org", "d@x.org"],
                      "Avoid": [cell, ""]}), "mentor",
    )  # fmt: skip
    scores = mm.score(
        mentees, mentors, [mm.Custom(lambda a, b: np.ones((len(a), len(b))), name="x")]
    )
    assert mm.why_not(mm.solve(mm.Problem(scores)), "u@x.org", "c@x.org").rules
    told = scores.repairs.query("problem == 'a remark in brackets follows the name'")
    assert len(told) == 1
    assert not told.apply(lambda row: "HR" in str(row.tolist()), axis=1).any()
