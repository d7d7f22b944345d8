"""Goals in people's own words find the offers that mean the same, and say so."""

from __future__ import annotations

import io
from datetime import date

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.scoring.defects import DEFECTS
from mentormatch.scoring.presets import from_columns
from tests.scoring.people import profiles

GOALS_AND_OFFERS = (
    ("negotiating with suppliers", "How to negotiate with vendors"),
    ("speaking in front of large audiences", "Public speaker coaching"),
    ("asking for a pay rise", "Salary talks"),
    ("analysing data in spreadsheets", "Data analysis with Excel"),
    ("organising my time better", "Time management and self-organization"),
    ("handling conflicts with colleagues", "Conflict resolution in the workplace"),
    ("planning my budget as a new manager", "Budgeting and financial plans"),
    ("writing clearer reports", "Report writing, plain language"),
    ("finding a balance between family and job", "Work-life balance for parents"),
    ("applying for research grants", "Grant applications and funding bids"),
    ("learning to program", "Software development, computer programming"),
    ("meeting people in my industry", "Networking and making contacts"),
    ("preparing for job interviews", "Interview preparation and CVs"),
    ("delegating tasks to my staff", "Delegation: letting others do it"),
    ("becoming self-employed", "Starting your own business, self employment"),
)
"""A goal, and how the one mentor who should be found words the offer; two share no word stem."""


def labelled(texts):
    return [(text, None, 1.0) for text in texts]


def rosters(goals, offers):
    mentees = [{"id": f"e{k}", "goals": labelled(g)} for k, g in enumerate(goals)]
    mentors = [{"id": f"m{k}", "goals": labelled(o)} for k, o in enumerate(offers)]
    return profiles("mentee", mentees), profiles("mentor", mentors)


def one_each():
    return rosters([[g] for g, _ in GOALS_AND_OFFERS], [[o] for _, o in GOALS_AND_OFFERS])


def test_goals_in_other_words_find_their_partner() -> None:
    scores = mm.score(*one_each())
    part = scores.parts["goals"]
    others = np.where(np.eye(15, dtype=bool), -1, part).max(axis=1)
    assert (part.diagonal() > others).sum() >= 12  # a tie finds nobody
    told = scores.repairs[scores.repairs["problem"].str.startswith("reads like nothing")]
    nowhere = {GOALS_AND_OFFERS[k][0] for k in np.flatnonzero(part.max(axis=1) == 0)}
    assert set(told["value"]) == nowhere


def test_the_plan_says_that_words_were_compared() -> None:
    plan = from_columns(*one_each())
    assert "by how alike the words read: mentors offer 0%" in plan.criteria[0].reason
    said = mm.explain(mm.match(*one_each()), "e0", "m0").text
    assert "by how alike the words read" in said
    assert "negotiating with suppliers" in said


def test_labels_are_compared_by_name_where_half_of_the_needs_are_offered() -> None:
    half = from_columns(*rosters([["law"], ["tax"]], [["law"], ["rent"]])).criteria[0]
    less = from_columns(*rosters([["law"], ["tax"], ["vat"]], [["law"], ["rent"]])).criteria[0]
    assert (half.by_text, less.by_text) == (False, True)


def test_every_need_counts_with_its_best_offer_and_the_same_label_is_whole() -> None:
    ours, theirs = rosters([["law", "zumba"], ["law"]], [["law", "chess"], ["chess"]])
    part = mm.score(ours, theirs, criteria=[mm.Covers("goals", by_text=True)]).parts["goals"]
    assert part.tolist() == [[0.5, 0.0], [1.0, 0.0]]


def test_parts_by_text_do_not_depend_on_the_order_of_rows() -> None:
    ours, theirs = one_each()
    rng = np.random.default_rng(3)
    rows, cols = rng.permutation(15), rng.permutation(15)
    criteria = [mm.Covers("goals", by_text=True)]
    here = mm.score(ours, theirs, criteria=criteria)
    there = mm.score(ours.take(rows), theirs.take(cols), criteria=criteria)
    assert np.array_equal(here.parts["goals"][np.ix_(rows, cols)], there.parts["goals"])
    i, j = np.divmod(np.arange(225), 15)
    assert np.array_equal(here._at(i, j).parts[:, 0], here.parts["goals"].ravel())


def test_free_text_is_compared_sentence_by_sentence() -> None:
    def read(role, text):
        table = io.StringIO(f'Name,Goals\n{role},"{text}"\n')
        return mm.read_roster(table, role, kinds={"goals": "text"})

    mentees = read("mentee", "I want to negotiate with suppliers. Zumba!")
    scores = mm.score(mentees, read("mentor", "Zumba. Negotiating with vendors"))
    (criterion,) = scores.criteria
    assert criterion.by_text
    assert "in free text" in criterion.reason
    assert 0.5 < scores.parts["goals"][0, 0] < 1


def test_an_encoder_replaces_letters() -> None:
    meaning = {"law": [1.0, 0], "statutes": [0.6, 0.8], "chess": [0, 1.0]}

    def encoder(texts):
        return [meaning[text] for text in texts]

    ours, theirs = rosters([["law"]], [["statutes"], ["chess"]])
    criterion = mm.Covers("goals", by_text=True, encoder=encoder)
    part = mm.score(ours, theirs, criteria=[criterion]).parts["goals"]
    assert part[0] == pytest.approx([0.6, 0], abs=2e-3)
    with pytest.raises(mm.errors.ParameterError, match="by_text"):
        mm.Covers("goals", encoder=encoder)


SHEET = (
    "Name,Role,Goals,Skills,Skills needed\n"
    "Ana,Mentee,Excel,,\nBo,Mentee,Law,,\n"
    "Cy,Mentor,Excel,Law,\nDi,Mentor,Law,Excel,\n"
)


def test_in_one_sheet_a_mentors_own_goals_are_no_offer() -> None:
    ours, theirs = (mm.read_roster(io.StringIO(SHEET), role) for role in ("mentee", "mentor"))
    plan = from_columns(ours, theirs)
    assert plan.criteria[0].by == "skills"
    assert "no offer" in plan.left_out["goals of mentors"]
    part = mm.score(ours, theirs).parts["goals"]
    assert part.tolist() == [[0, 1], [1, 0]]
    crossed = mm.match(ours, theirs, rules=[mm.Lock([("Ana", "Cy")])])
    for letter in mm.letters.write(crossed, date(2026, 3, 2)):
        assert letter.partners[0].shared == []  # Cy wants Excel, and offers Law
    both = mm.score(ours, theirs, criteria=[mm.Covers("goals", by=("goals", "skills"))])
    assert both.parts["goals"].tolist() == [[1, 1], [1, 1]]


def test_in_two_files_the_mentors_goals_are_what_they_offer() -> None:
    mentees = mm.read_roster(io.StringIO("Name,Goals\nAna,Excel\nBo,Law\n"), "mentee")
    mentors = mm.read_roster(
        io.StringIO("Name,Goals,Skills\nCy,Excel,Law\nDi,Law,Excel\n"), "mentor"
    )
    plan = from_columns(mentees, mentors)
    assert plan.criteria[0].by == "goals"
    assert "goals of mentors" not in plan.left_out


def test_in_one_sheet_goals_asked_of_mentors_in_a_question_of_their_own_are_offers() -> None:
    sheet = (
        "Name,Role,[Mentees] What are your goals?,[Mentors] Which goals can you support?,"
        "[Mentors] What skills can you share?\n"
        "Ana,Mentee,Excel,,\nBo,Mentee,Law,,\nCy,Mentor,,Excel,Law\nDi,Mentor,,Law,Excel\n"
    )
    ours, theirs = mm.read_roster(io.StringIO(sheet), "both")
    plan = from_columns(ours, theirs)
    assert plan.criteria[0].by == "goals"
    assert "goals of mentors" not in plan.left_out
    assert mm.score(ours, theirs).parts["goals"].tolist() == [[1, 0], [0, 1]]


def test_no_help_is_judged_by_what_the_score_takes_for_offers() -> None:
    bit = 1 << list(DEFECTS).index("no_help")
    ours, theirs = (mm.read_roster(io.StringIO(SHEET), role) for role in ("mentee", "mentor"))
    helps = (mm.score(ours, theirs).defects & bit) == 0
    assert helps.tolist() == [[False, True], [True, False]]  # where the part of goals is above 0
    files = "Name,Goals\nAna,Excel\nBo,Law\n", "Name,Goals,Skills\nCy,Excel,Law\nDi,Law,Excel\n"
    two = mm.score(*(mm.read_roster(io.StringIO(text), role)
                     for text, role in zip(files, ("mentee", "mentor"), strict=True)))  # fmt: skip
    assert ((two.defects & bit) == 0).all()  # goals of mentors in a form of their own are offers


@pytest.mark.parametrize(
    ("ours", "theirs", "column"),
    [
        ({"Grade": "EO", "Experience": "4"}, {"Grade": "AO", "Experience": "9"}, "seniority"),
        ({"Grade": "EO", "Experience": "4"}, {"Experience": "9"}, "experience"),
        ({"Grade": "EO", "Experience": "4"}, {"Grade": "7", "Experience": "9"}, "experience"),
        ({"Grade": "EO"}, {"Experience": "9"}, None),
    ],
)
def test_one_column_stands_for_seniority_in_score_and_defects(ours, theirs, column) -> None:
    def read(role, answers):
        text = ",".join(["Name", *answers]) + "\n" + ",".join([f"A {role}", *answers.values()])
        return mm.read_roster(io.StringIO(text + "\n"), role)

    scores = mm.score(read("mentee", ours), read("mentor", theirs))
    used = [name for name in ("seniority", "experience") if name in scores.names]
    assert used == ([] if column is None else [column])
    assert ("below_level" in scores.judged) == (column is not None)
    below = bool(scores.defects[0, 0] & (1 << list(DEFECTS).index("below_level")))
    assert below == (column == "seniority")  # AO is below EO; nine years are more than four
