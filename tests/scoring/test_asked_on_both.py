"""Questions of the programme's own that both rosters were asked become criteria, or are named."""

from __future__ import annotations

import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.scoring import presets


def read(role, **columns):
    size = len(next(iter(columns.values())))
    table = {"ID": [f"{role}{k}" for k in range(size)], **columns}
    return mm.read_roster(pd.DataFrame(table), role=role)


def plan_of(ours, theirs, preset=None):
    return presets.from_columns(read("mentee", **ours), read("mentor", **theirs), preset)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Industry", "Industry"),
        ("Desired industry", "Industry"),
        ("Sector", "Sectors"),
        ("Subjects", "Subject"),
        ("Courses", "Course"),
        ("Classes", "Class"),
        ("Types of support", "Support types"),
        ("Support types wanted", "Support types offered"),
        ("Which industries are you interested in?", "Your industry"),
        ("Mentee's subject", "Mentor subjects"),
        ("Gewünschte Branche", "Branche"),
    ],
)
def test_headers_that_ask_the_same_meet(ours, theirs):
    fields = ["Law", "Film", "Steel", "Law"]
    plan = plan_of({ours: fields}, {theirs: fields[:3]})
    (criterion,) = plan.criteria
    assert criterion.columns_used()[:2] == (ours, theirs)
    assert 0 < criterion.weight <= 0.1
    assert "programme's own question" in criterion.reason
    mentees, mentors = (
        read("mentee", **{ours: fields[:3]}),
        read("mentor", **{theirs: fields[2::-1]}),
    )
    matching = mm.match(mentees, mentors)
    assert matching.assignment.tolist() == [2, 1, 0]
    for mentee, answer in zip(mentees.ids, fields, strict=False):  # the reasons name the answer
        assert answer in mm.explain(matching, mentee=mentee).text
    assert "Film" in mm.report(matching)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("Industry", "Company size"), ("Current industry", "Industry"), ("Status", "State of work")],
)
def test_headers_that_ask_something_else_do_not(ours, theirs):
    plan = plan_of({ours: ["Law", "Film"]}, {theirs: ["Law", "Film"]})
    assert plan.criteria == ()


def test_who_wants_is_covered_by_who_offers_and_others_overlap():
    lists = ["Law, Film", "Film, Steel", "Steel, Law"]
    plain = plan_of({"Subjects": lists}, {"Subjects": lists}).criteria[0]
    assert isinstance(plain, mm.Overlap)
    for ours, theirs in (("Subjects wanted", "Subjects"), ("Subjects", "Subjects you can teach")):
        (worded,) = plan_of({ours: lists}, {theirs: lists}).criteria
        assert isinstance(worded, mm.Covers)
        assert worded.now is None
    (one,) = plan_of({"Subject": ["Law", "Film", "Steel"]}, {"Subjects": lists}).criteria
    assert isinstance(one, mm.Covers)  # whether her one answer is among his


def test_a_list_that_looks_like_one_answer_is_taken_apart():
    ours, theirs = ["Steel", "Law"], ["Law, Film", "Steel"]  # too few to look like lists
    mentees, mentors = read("mentee", Sector=ours), read("mentor", Sectors=theirs)
    assert mentors.columns["Sectors"].kind == "category"
    scores = mm.score(mentees, mentors)
    assert scores.parts["Sector"].tolist() == [[0, 1], [1, 0]]
    whole = mm.score(read("mentee", Sector=["Law, Film", "Steel"]), mentors)
    assert whole.parts["Sector"].tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("header", "answers", "why"),
    [
        ("Gender", ["Woman", "Man", "Woman"], None),  # a field, sensitive: not looked at here
        ("Religion", ["None", "Hindu", "Sikh"], "sensitive"),
        ("Ethnic group", ["Asian", "Black", "White"], "sensitive"),
        ("Salutation", ["Ms", "Mr", "Ms"], "sensitive"),
        ("Group of people", ["Woman", "Man", "Woman"], "sensitive"),
        ("Country", ["Peru", "Chile", "Peru"], "where people are"),
        ("Kind of record", ["IP Address", "IP Address", "ip address"], "gave the same answer"),
        ("Photo consent", ["Yes", "No", "Yes"], "yes or no"),
        ("Fotos erlaubt", ["Ja", "Nein", "Ja"], "yes or no"),
        ("Weekly budget", [3, 4, 5], "numbers or a scale"),
        ("Mentoring matters", ["Agree", "Disagree", "Strongly agree"], "numbers or a scale"),
        ("Fortnightly load", ["2 hours", "3-4 hours", "2 hours"], "numbers, dates"),
        ("Start of contract", ["01/02/2026", "03/02/2026", "01/02/2026"], "numbers, dates"),
        ("Locker", ["L-201", "L-202", "L-203"], "numbers, dates"),
        ("Web page", ["https://x.example/a", "https://x.example/b", "www.x.example"], None),
        ("UserLanguage", ["EN", "DE", "EN"], "written by the survey tool"),
        ("Distribution Channel", ["email", "anonymous", "email"], "written by the survey tool"),
        ("Verteilungskanal", ["E-Mail", "anonym", "E-Mail"], "written by the survey tool"),
        ("Buddy", ["mentor0", "mentor1", "mentor2"], "names of people"),
        ("Story", ["I grew up by the sea and I like to tell about it at length, often"] * 3,
         "read as text"),
    ],
)  # fmt: skip
def test_answers_have_a_veto(header, answers, why):
    plan = plan_of({header: answers}, {header: answers})
    assert plan.criteria == ()
    if why is not None:
        assert why in plan.left_out[header]


def test_vocabularies_that_hardly_meet_are_named():
    plan = plan_of({"Industry": ["Law", "Film", "Steel"]}, {"Industry": ["Law", "Rail", "Zoo"]})
    assert plan.criteria == ()
    assert plan.left_out["Industry"] == "mentors give 33% of what mentees answered by the same name"


def test_one_of_several_columns_of_a_topic_is_compared_and_the_others_named():
    fields = ["Law", "Film", "Steel"]
    ours = {"Industry": fields, "Industry you want": fields[::-1]}
    plan = plan_of(ours, {"Industry": fields})
    assert [c.name for c in plan.criteria] == ["Industry you want"]
    assert "'Industry you want' is compared" in plan.left_out["Industry"]


def test_fields_of_the_vocabulary_come_first_and_a_preset_turns_them_off():
    fields = ["Law", "Film", "Steel"]
    both = {"Goals": fields, "Industry": fields}
    plan = plan_of(both, both)
    assert [c.name for c in plan.criteria] == ["goals", "Industry"]
    assert plan.importance["Industry"] < plan.importance["goals"] / 2
    off = plan_of(both, both, presets.mentoring(asked_on_both=0))
    assert [c.name for c in off.criteria] == ["goals"]
    assert "asked_on_both=0.05" in off.left_out["Industry"]


def test_the_order_of_columns_and_rows_changes_nothing():
    fields = ["Law", "Film", "Steel"]
    both = {"Subjects": fields, "Industry": fields[::-1]}
    one = plan_of(both, both)
    two = plan_of(dict(reversed(both.items())), dict(reversed(both.items())))
    assert [(c.name, c.weight) for c in one.criteria] == [(c.name, c.weight) for c in two.criteria]
