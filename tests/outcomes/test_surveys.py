"""Surveys: reading, linking, waves together, what they say of themselves; hostile files."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.outcomes.surveys import survey_of, values
from tests.outcomes.answers import ABLE, CONFIDENCE, LOST, csv, form, points
from tests.rosters.exports import workbook


def codes(survey: mm.Survey) -> set[str]:
    return set(survey.repairs["code"])


def two_waves(people: int = 40, *, turned: bool = False) -> tuple[mm.Survey, mm.Survey]:
    later = points(people, shift=0.5, seed=2)
    before = mm.read_survey(form(points(people)), wave="before", scales=[CONFIDENCE])
    after = mm.read_survey(
        form(6 - later if turned else later), wave="after", scales=before.scales, asked=60
    )
    return before, after


# --- reading -------------------------------------------------------------------------------------


def test_a_value_is_the_mean_of_the_items_turned_by_the_key() -> None:
    answers = points(20)
    found = values(mm.read_survey(form(answers), wave="w", scales=[CONFIDENCE]), "confidence", "w")
    turned = answers.astype(float)
    turned[:, 2] = 6 - turned[:, 2]
    assert found.index.to_list() == [f"p{k}@x.example" for k in range(20)]
    assert np.allclose(found, turned.mean(axis=1))


def test_every_source_reads_alike() -> None:
    frame = form(points(12))
    rows = [frame.columns.to_list(), *frame.astype(object).to_numpy().tolist()]
    sources = [frame, csv(frame.to_csv(index=False)), frame.to_csv(index=False).encode(),
               workbook(("Answers", rows)), frame.to_dict("records"),
               [frame.iloc[:5], frame.iloc[5:]]]  # fmt: skip
    found = [
        values(mm.read_survey(one, wave="w", scales=[CONFIDENCE]), "confidence", "w")
        for one in sources
    ]
    assert all(one.equals(found[0]) for one in found)


@settings(max_examples=6, deadline=None)
@given(st.permutations(range(15)), st.integers(0, 5))
def test_order_of_rows_and_columns_does_not_matter(order: list[int], turn: int) -> None:
    frame = form(points(15))
    columns = frame.columns.to_list()
    other = frame.iloc[order][columns[turn:] + columns[:turn]]
    one, again = (mm.read_survey(f, wave="w", scales=[CONFIDENCE]) for f in (frame, other))
    assert values(again, "confidence", "w")[values(one, "confidence", "w").index].equals(
        values(one, "confidence", "w")
    )
    assert again.reliability.equals(one.reliability) or np.allclose(
        again.reliability["alpha"].astype(float), one.reliability["alpha"].astype(float)
    )


def test_other_names_of_people_scales_and_waves_change_nothing_but_names() -> None:
    before, after = two_waves()
    frame = form(points(40)).assign(Email=[f"q{k}@x.example" for k in range(40)])
    scale = mm.Scale("other", items=CONFIDENCE.items, reverse=CONFIDENCE.reverse)
    renamed = mm.read_survey(frame, wave="first", scales=[scale])
    assert values(renamed, "other", "first").to_list() == (
        values(before, "confidence", "before").to_list()
    )
    assert (before + after).response["answered"].to_list() == [40, 40]


def test_one_text_stands_for_every_column_that_holds_it() -> None:
    source = csv("Email,Quality [we listen],Quality [we meet],Other\na@x.org,4,2,9\nb@x.org,3,1,9")
    found = mm.read_survey(source, wave="w", scales=[mm.Scale("quality", items="Quality")])
    assert found.answers["value"].to_list() == [3, 2]
    assert found.item_answers["item"].unique().tolist() == ["Quality [we listen]",
                                                            "Quality [we meet]"]  # fmt: skip
    one = csv("Email,Quality [we listen],Quality [we meet]\na@x.org,4,2\nb@x.org,3,1")
    option = mm.read_survey(one, wave="w", scales=[mm.Scale("meet", items=["We meet"])])
    assert option.answers["value"].to_list() == [2, 1]


def test_fewer_than_half_of_the_items_give_no_value() -> None:
    source = csv("Email,A1,A2,A3,A4\na@x.org,5,,,\nb@x.org,5,4,,\nc@x.org,,,,")
    scale = mm.Scale("a", items=["A1", "A2", "A3", "A4"])
    found = mm.read_survey(source, wave="w", scales=[scale])
    assert found.answers["items"].to_list() == [1, 2]
    assert found.answers["value"].isna().to_list() == [True, False]
    assert values(found, "a", "w").to_dict() == {"b@x.org": 4.5}
    assert found.response["answered"].to_list() == [2]


def test_columns_name_items_people_and_questions() -> None:
    source = csv(
        "Wer,Ich fühle mich sicher,Was bleibt\n7,4,viel\n8,5,wenig",
    )
    found = mm.read_survey(
        source, wave="w", scales=[ABLE],
        columns={"id": "Wer", "I feel able": "Ich fühle mich sicher", "reflection": "Was bleibt"},
    )  # fmt: skip
    assert values(found, "able", "w").to_dict() == {"7": 4, "8": 5}
    assert found.texts["question"].to_list() == ["reflection", "reflection"]
    assert found.texts["text"].to_list() == ["viel", "wenig"]


def test_answers_in_words_are_kept_and_other_columns_listed() -> None:
    words = [f"I learnt to lead a team of {k} people" for k in range(8)]
    found = mm.read_survey(
        form(points(8), **{"What did you learn?": words, "Site": "Leeds"}),
        wave="w", scales=[CONFIDENCE],
    )  # fmt: skip
    assert found.texts["text"].to_list() == words
    left = found.repairs[found.repairs["code"] == "unused_column"]
    assert left["column"].to_list() == ["ID", "Site"]


def test_a_plan_of_a_roster_says_who_is_who(tmp_path) -> None:
    roster = csv("Kennung,Email,Name\nE1,a@x.org,Ana Lima\nE2,b@x.org,Bo Chan")
    mm.plan_roster(roster, role="mentee").set("Kennung", field="id").save(tmp_path / "plan.json")
    source = csv("Kennung,I feel able\nE1,4\nE2,5")
    found = mm.read_survey(source, wave="w", scales=[ABLE], plan=tmp_path / "plan.json")
    assert found.answers["person"].to_list() == ["E1", "E2"]


# --- people --------------------------------------------------------------------------------------


def rosters() -> tuple[mm.Profiles, mm.Profiles]:
    mentees = csv("Employee ID,Name,Email\n00012,Ana Lima,ana@x.org\n00013,Bo Chan,bo@x.org\n"
                  "00014,Cy Dahl,cy@x.org")  # fmt: skip
    mentors = csv("Employee ID,Name,Email\nM1,Raj Rao,raj@x.org\nM2,Sue Ek,sue@x.org")
    return mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")


def test_people_are_linked_by_id_address_and_name_and_others_listed() -> None:
    mentees, mentors = rosters()
    source = csv(
        "Employee ID,Email,Name,I feel able\n12,,,4\n,BO@x.org,,5\n,,cy dahl,3\n,who@x.org,,1"
    )
    found = mm.read_survey(source, wave="w", scales=[ABLE], people=[mentees, mentors])
    assert values(found, "able", "w").to_dict() == {"00012": 4, "00013": 5, "00014": 3}
    gone = found.repairs[found.repairs["code"] == "not_on_roster"]
    assert gone["value"].to_list() == ["who@x.org"]
    assert gone["row"].to_list() == [5]
    assert found.response.loc[0, ["asked", "answered"]].to_list() == [3, 3]


def test_a_matching_says_whom_it_was_about() -> None:
    mentees, mentors = mm.make_cohort(8, 4, seed=1)
    matching = mm.match(mm.read_roster(mentees, role="mentee"),
                        mm.read_roster(mentors, role="mentor"))  # fmt: skip
    ids = matching.problem.scores.mentors.ids
    source = pd.DataFrame({"id": ids, "I feel able": [1, 2, 3, 4]})
    found = mm.read_survey(source, wave="w", scales=[ABLE], role="mentor", people=matching)
    assert values(found, "able", "w", "mentor").to_dict() == dict(zip(ids, (1, 2, 3, 4),
                                                                      strict=True))  # fmt: skip
    assert found.asked == {("w", "mentor"): 4}


def test_an_id_and_an_address_of_two_people_are_listed() -> None:
    mentees, _ = rosters()
    source = csv("Employee ID,Email,I feel able\n12,bo@x.org,4\n14,cy@x.org,4")
    found = mm.read_survey(source, wave="w", scales=[ABLE], people=mentees)
    assert found.answers["person"].to_list() == ["00012", "00014"]
    assert "two_people" in codes(found)


def test_the_rows_of_one_role_are_read() -> None:
    source = csv("Email,Role,I feel able\na@x.org,Mentee,4\nb@x.org,Mentor,5\nc@x.org,Mentee,3")
    text = source.getvalue()
    mentees, mentors = (
        mm.read_survey(csv(text), wave="w", scales=[ABLE], role=role)
        for role in ("mentee", "mentor")
    )
    assert mentees.answers["value"].to_list() == [4, 3]
    assert mentors.answers["value"].to_list() == [5]
    both = mentees + mentors
    assert both.response["role"].to_list() == ["mentee", "mentor"]
    assert values(both, "able", "w").to_list() == [4, 3]


def test_numbers_of_rows_are_nobodys_ids() -> None:
    frame = form(points(12)).assign(Email="anonymous")
    found = mm.read_survey(frame, wave="w", scales=[CONFIDENCE])
    assert found.anonymous == ("w",)
    assert "row_numbers" in codes(found)
    told = mm.read_survey(frame, wave="w", scales=[CONFIDENCE], columns={"id": "ID"})
    assert told.answers["person"].to_list()[:2] == ["1", "2"]


# --- acceptance: hostile surveys -----------------------------------------------------------------


def test_hostile_anonymous_answers_are_kept_without_a_name() -> None:
    frame = form(points(12)).drop(columns="Email")
    found = mm.read_survey(frame, wave="after", scales=[CONFIDENCE])
    assert found.anonymous == ("after",)
    assert found.answers["person"].isna().all()
    assert len(values(found, "confidence", "after")) == 12
    assert "anonymously" in found.text
    some = form(points(12))
    some.loc[3, "Email"] = None
    kept = mm.read_survey(some, wave="w", scales=[CONFIDENCE])
    assert kept.anonymous == ()
    assert "nameless" in codes(kept)
    assert kept.answers["person"].to_list().count(None) == 1
    odd = csv("Email,I feel able\na@x.org,4\nb@x.org,5\nc@x.org,3\nAverage of all,4")
    assert "email" in codes(mm.read_survey(odd, wave="w", scales=[ABLE]))
    assert len(values(kept, "confidence", "w")) == 11
    assert kept.response["answered"].to_list() == [12]


def test_hostile_duplicate_answers_keep_the_last_and_list_the_rest() -> None:
    source = csv("Email,Completion time,I feel able\na@x.org,2026-02-02 10:00,5\n"
                 "A@x.org,2026-01-01 10:00,1\nb@x.org,2026-01-01 10:00,2")  # fmt: skip
    found = mm.read_survey(source, wave="w", scales=[ABLE])
    assert values(found, "able", "w").to_dict() == {"a@x.org": 5, "b@x.org": 2}
    gone = found.repairs[found.repairs["code"] == "answered_again"]
    assert gone["row"].to_list() == [3]
    undated = csv("Email,I feel able\na@x.org,5\na@x.org,1")
    last = mm.read_survey(undated, wave="w", scales=[ABLE])
    assert last.answers["value"].to_list() == [1]


def test_hostile_words_with_numbers() -> None:
    source = csv('Email,I feel able\na@x.org,4. Agree\nb@x.org,"5 - Strongly agree"\nc@x.org,Agree')
    assert mm.read_survey(source, wave="w", scales=[ABLE]).answers["value"].to_list() == [4, 5, 4]


def test_hostile_a_scale_reversed_in_one_wave_is_named() -> None:
    before, after = two_waves(turned=True)
    with pytest.warns(match="reversed in one of 'before' and 'after'"):
        both = before + after
    assert both.text.startswith("The scale 'confidence' seems to be reversed")
    people = mm.read_roster(pd.DataFrame({"id": before.answers["person"]}), role="mentee")
    mentors = mm.read_roster(pd.DataFrame({"id": ["m"], "capacity": [40]}), role="mentor")
    assert mm.evaluate(mm.match(people, mentors), both).text.startswith("Beware: the scale")
    good, later = two_waves()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (good + later).directions == ()


def test_hostile_an_item_that_is_not_in_the_key_is_named() -> None:
    plain = mm.Scale("confidence", items=CONFIDENCE.items)
    with pytest.warns(match=LOST):
        found = mm.read_survey(form(points(40)), wave="w", scales=[plain])
    assert LOST in found.directions[0]
    assert found.text.startswith("In 'w'")
    assert "reversed_item" in codes(found)


def test_hostile_formulas_are_text_or_no_answer() -> None:
    source = csv(
        "Email,I feel able,What did you learn?\na@x.org,4,=cmd|'/c calc'!A1\n"
        "b@x.org,#REF!,a great deal about me\nc@x.org,5,that I can do very much"
    )
    found = mm.read_survey(source, wave="w", scales=[ABLE])
    assert values(found, "able", "w").to_dict() == {"a@x.org": 4, "c@x.org": 5}
    assert {"failed_formula", "formula_text"} <= codes(found)
    assert "=cmd|'/c calc'!A1" in found.texts["text"].to_list()
    assert "<script>" not in found._repr_html_()


def test_hostile_answers_off_the_scale_name_row_person_column_and_wave() -> None:
    source = csv("Email,I feel able\na@x.org,7\nb@x.org,4\nc@x.org,purple")
    with pytest.raises(mm.RosterError) as caught:
        mm.read_survey(source, wave="after", scales=[ABLE])
    issues = caught.value.issues
    assert issues["row"].to_list() == [2, 4]
    assert issues["column"].to_list() == ["I feel able", "I feel able"]
    assert issues["value"].to_list() == ["7", "purple"]
    for person, problem in zip(("a@x.org", "c@x.org"), issues["problem"], strict=True):
        assert person in problem
        assert "'after'" in problem


def test_what_is_missing_is_said_at_once() -> None:
    source = pd.DataFrame({"Email": ["a@x.org"], "I feel abel": [4]})
    with pytest.raises(mm.errors.ColumnError, match=r"Did you mean 'I feel abel'.*at a loss"):
        mm.read_survey(source, wave="w", scales=[ABLE, CONFIDENCE])
    with pytest.raises(mm.errors.ColumnError, match="no column 'Nowhere'"):
        mm.read_survey(source, wave="w", scales=[ABLE], columns={"I feel able": "Nowhere"})
    mentees, mentors = rosters()
    good = "Email,I feel able\nz@x.org,4"
    with pytest.raises(mm.RosterError, match="nobody who answered is on a roster"):
        mm.read_survey(csv(good), wave="w", scales=[ABLE], people=mentees)
    with pytest.raises(mm.MentormatchError, match="has no mentees"):
        mm.read_survey(csv(good), wave="w", scales=[ABLE], people=mentors)
    with pytest.raises(mm.MentormatchError, match="different names"):
        mm.read_survey(csv(good), wave="w", scales=[ABLE, ABLE])
    with pytest.raises(mm.MentormatchError, match="empty list"):
        mm.read_survey([], wave="w", scales=[ABLE])


# --- waves together -------------------------------------------------------------------------------


def test_waves_together_keep_everything_of_both() -> None:
    before, after = two_waves()
    both = before + after
    assert both.waves == ("before", "after")
    assert len(both.answers) == len(before.answers) + len(after.answers)
    assert values(both, "confidence", "after").equals(values(after, "confidence", "after"))
    assert both.repairs["wave"].unique().tolist() == ["before", "after"]
    assert both.response["share"].isna().to_list() == [True, False]
    assert both.text.endswith("40 mentees answered both.")
    again = pickle.loads(pickle.dumps(both))
    assert again == both
    assert hash(again) == hash(both)
    assert both != before
    assert repr(both) == "<Survey: before, after, 1 scale, 80 answer sheets>"


def test_a_saved_survey_comes_back_as_it_was(tmp_path) -> None:
    words = [f"I learnt to lead a team of {k} people" for k in range(12)]
    one = mm.read_survey(form(points(12), **{"Why?": words}), wave="before", scales=[CONFIDENCE])
    frame = form(points(12, seed=2)).drop(columns="Email")
    both = one + mm.read_survey(frame, wave="after", scales=[CONFIDENCE], asked=20)
    both.to_json(tmp_path / "survey.json")
    for source in (tmp_path / "survey.json", both.to_json(), both.to_json().encode()):
        again = mm.Survey.from_json(source)
        assert again == both
        assert again.text == both.text
        assert again.repairs["row"].dtype == "Int64"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-40],
        lambda text: text.replace('"survey": 1', '"survey": 9'),
        lambda text: text.replace('"name": "able"', '"name": "other"'),
        lambda text: text.replace('"scale"', '"scales"'),
        lambda text: text.replace('"value": [4.0', '"value": ["x"'),
        lambda text: "{}",
    ],
)
def test_a_survey_that_was_changed_is_refused_in_words(change) -> None:
    made = mm.read_survey(csv("Email,I feel able\na@x.org,4\nb@x.org,5"), wave="w", scales=[ABLE])
    with pytest.raises(mm.errors.SavedFileError, match="survey"):
        mm.Survey.from_json(change(made.to_json()))


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        (mm.Scale("able", items="I feel able", low=1, high=7), "high 5 and 7"),
        (mm.Scale("able", items="I feel able", reverse=["I feel able"]), "reverse"),
        (mm.Scale("able", items=["I feel able", "Other"]), "items"),
    ],
)
def test_scales_that_differ_between_waves_are_refused(scale: mm.Scale, said: str) -> None:
    text = "Email,I feel able,Other\na@x.org,4,3\nb@x.org,2,1"
    before = mm.read_survey(csv(text), wave="before", scales=[ABLE])
    after = mm.read_survey(csv(text), wave="after", scales=[scale])
    with pytest.raises(mm.MentormatchError, match=said):
        before + after


def test_wording_that_differs_between_waves_is_refused_unless_said() -> None:
    before = mm.read_survey(csv("Email,I feel able\na@x.org,4"), wave="before", scales=[ABLE])
    text = "Email,Do I feel able now?\na@x.org,5"
    after = mm.read_survey(csv(text), wave="after", scales=[ABLE])
    with pytest.raises(mm.MentormatchError, match=r"worded 'I feel able'.*'Do I feel able now"):
        before + after
    named = mm.read_survey(
        csv(text), wave="after", scales=[ABLE], columns={"I feel able": "Do I feel able now?"}
    )
    assert (before + named).waves == ("before", "after")
    with pytest.raises(mm.MentormatchError, match="'before' of mentees"):
        before + before


def test_a_start_that_is_remembered_is_accepted_and_said() -> None:
    text = "Email,I felt able,I feel able\na@x.org,2,4\nb@x.org,3,4"
    before = mm.read_survey(
        csv(text), wave="before", scales=[ABLE], columns={"I feel able": "I felt able"},
        retrospective=True,
    )  # fmt: skip
    both = before + mm.read_survey(csv(text), wave="after", scales=[ABLE])
    assert both.retrospective == ("before",)
    assert "remembered make a change larger" in both.text


def test_anonymous_waves_are_never_linked() -> None:
    before, _ = two_waves()
    frame = form(points(40, seed=5)).drop(columns="Email")
    both = before + mm.read_survey(frame, wave="after", scales=[CONFIDENCE])
    assert both.anonymous == ("after",)
    assert "answered both" not in both.text
    assert len(both.linked("mentee")) == 1


def test_ids_that_do_not_meet_are_a_doubt() -> None:
    before = mm.read_survey(csv("Email,I feel able\na@x.org,4"), wave="before", scales=[ABLE])
    after = mm.read_survey(csv("Employee ID,I feel able\nE17,4"), wave="after", scales=[ABLE])
    assert "No mentee answered every wave" in (before + after).text


# --- what it says of itself ----------------------------------------------------------------------


def test_doubts_come_first() -> None:
    rng = np.random.default_rng(1)
    noise = pd.DataFrame({"Email": [f"p{k}@x.org" for k in range(30)]})
    for item in CONFIDENCE.items:
        noise[item] = rng.integers(1, 6, 30)
    found = mm.read_survey(noise, wave="w", scales=[CONFIDENCE], asked=100)
    assert any("hardly measure one thing" in doubt for doubt in found.doubts)
    assert any("Only 30 of 100" in doubt for doubt in found.doubts)
    assert found.text.index("Only 30") < found.text.index("30 of 100 mentees answered 'w'")
    top = noise.assign(**{"I feel able": [5] * 20 + [3] * 10})
    high = mm.read_survey(top, wave="w", scales=[ABLE])
    assert high.reliability["top"].to_list() == [pytest.approx(2 / 3)]
    assert high.text.startswith("67% of the people are at the top of 'able'")


def test_reliability_is_alpha_of_the_complete_answers() -> None:
    answers = points(30)
    found = mm.read_survey(form(answers), wave="w", scales=[CONFIDENCE]).reliability
    turned = answers.astype(float)
    turned[:, 2] = 6 - turned[:, 2]
    cov = np.cov(turned.T)
    assert found.loc[0, "alpha"] == pytest.approx(1.5 * (1 - np.trace(cov) / cov.sum()))
    assert found.loc[0, ["scale", "role", "wave", "items", "n"]].to_list() == [
        "confidence", "mentee", "w", 3, 30]  # fmt: skip


def test_answers_handed_in_as_a_table_make_a_survey() -> None:
    frame = pd.DataFrame({"person": ["a", "b", "a"], "role": "mentee", "scale": "able",
                          "wave": ["before", "before", "after"], "value": [1, 2, 5]})  # fmt: skip
    made = survey_of(frame, scales=[ABLE], waves=["before", "after"], asked={"before": 4})
    assert made.asked == {("before", "mentee"): 4}
    assert values(made, "able", "before").to_dict() == {"a": 1, "b": 2}
    assert made.text.startswith("2 of 4 mentees answered 'before' (50%).")
    with pytest.raises(mm.MentormatchError, match="no wave 'befor'"):
        values(made, "able", "befor")
    with pytest.raises(mm.MentormatchError, match="no scale 'abel'"):
        values(made, "abel", "before")


def test_the_funnel_is_drawn() -> None:
    pytest.importorskip("matplotlib")
    before, after = two_waves()
    axes = (before + after).plot()
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [
        "mentees asked", "answered before", "answered after", "answered both"]  # fmt: skip
    assert [bar.get_width() for bar in axes.patches] == [60, 40, 40, 40]
