"""A gender is one group in every wording; who would rather not say is in none."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.rosters.group_words import group_key
from mentormatch.rosters.language_words import language_code, language_names

WOMEN = ("Female", "Woman", "F", "W", "weiblich", "Frau", "femme", "féminin", "mujer", "femenino")
MEN = ("Male", "Man", "M", "männlich", "Mann", "homme", "masculin", "hombre", "masculino")
OTHERS = ("non-binary", "Nonbinary", "divers", "non binaire", "no binario")
DECLINED = (
    "Prefer not to say", "I'd rather not say", "Keine Angabe", "Préfère ne pas répondre",
    "Prefiero no decirlo",
)  # fmt: skip


def read(role, rows, header):
    text = "\n".join([header, *(f"{role}{k},{row}" for k, row in enumerate(rows))])
    return mm.read_roster(io.StringIO(text), role=role)


def test_every_word_for_a_gender_is_one_group() -> None:
    words = [*WOMEN, "Woman", *MEN, "Male", *OTHERS, *DECLINED]
    roster = read("mentor", words, "Name,Gender")
    got = roster.columns["gender"].to_list()
    assert set(got[: len(WOMEN) + 1]) == {"Woman"}  # given twice: the commonest
    assert set(got[len(WOMEN) + 1 :][: len(MEN) + 1]) == {"Male"}
    assert len(set(got[-len(DECLINED) - len(OTHERS) : -len(DECLINED)])) == 1
    assert got[-len(DECLINED) :] == [None] * len(DECLINED)
    told = roster.repairs[roster.repairs["code"] == "group_word"]
    assert {"F", "weiblich", "mujer", "Keine Angabe"} <= set(told["value"])
    assert "Woman" not in set(told["value"])


def test_a_language_is_one_in_whatever_language_it_is_named() -> None:
    from babel import Locale

    for code, names in language_names().items():
        english, *others = names
        assert {group_key(name) for name in others} <= {group_key(english)}
        assert {language_code(name) for name in (english, *others)} == {code}
        assert group_key(Locale("de").languages[code]) == group_key(english)
    assert group_key("Law") == "law"
    words = [name for names in language_names().values() for name in names]
    assert len(words) == len(set(words))
    rosters = [
        mm.read_roster(pd.DataFrame({"Name": ["A B", "C D"], header: spoken}), role)
        for header, spoken, role in (
            ("Languages", ["German; English", "Polish"], "mentee"),
            ("Sprachen", ["Englisch; Deutsch", "Französisch; Polnisch"], "mentor"),
        )
    ]
    parts = mm.score(*rosters, criteria=[mm.Overlap("languages")]).parts["languages"]
    assert (parts > 0).tolist() == [[True, False], [False, True]]


def test_letters_alone_become_words_and_only_where_gender_is_asked() -> None:
    assert read("mentor", ["F", "M", "F"], "Name,Sex").columns["gender"].to_list() == [
        "woman", "man", "woman",
    ]  # fmt: skip
    assert read("mentor", ["F", "M", "F"], "Name,Building").columns["Building"].to_list() == [
        "F", "M", "F",
    ]  # fmt: skip
    unclear = read("mentor", ["H", "M", "H"], "Name,Sexo")
    assert "M" in unclear.columns["gender" if "gender" in unclear.columns else "Sexo"].to_list()
    assert "group_letter" in set(unclear.repairs["code"])


def test_order_of_rows_does_not_choose_the_word() -> None:
    words = ["Female", "Woman", "F", "Frau"]
    shown = {
        tuple(sorted(read("mentor", order, "Name,Gender").columns["gender"].labels))
        for order in (words, words[::-1])
    }
    assert shown == {("Female",)}


@pytest.mark.parametrize(
    ("wish", "met"),
    [
        ("Female", "Zoe"), ("A woman, please", "Zoe"), ("female mentor", "Zoe"), ("W", "Zoe"),
        ("eine Frau", "Zoe"), ("weiblich", "Zoe"), ("Women only", "Zoe"), ("une femme", "Zoe"),
        ("Male mentor", "Max"), ("hombre", "Max"), ("a man", "Max"),
        ("a woman or a non-binary person", "Zoe"), ("not a man", None), ("no binario", None),
        ("No preference", None), ("Prefer not to say", None), ("egal", None),
    ],
)  # fmt: skip
def test_wishes_about_gender_meet_every_wording(wish: str, met: str | None) -> None:
    mentees = mm.read_roster(
        io.StringIO(f'Name,Goals,Preferred mentor gender\nAda,Law,"{wish}"\nBo,Law,\n'), "mentee"
    )
    mentors = mm.read_roster(
        io.StringIO("Name,Goals,Gender,Capacity\nMax,Law,Mann,1\nZoe,Law,Woman,1\n"), "mentor"
    )
    wished = mm.score(mentees, mentors, criteria=[mm.Preference("gender")])
    parts = wished.parts["wishes: gender"][0]
    granted = {name for name, part in zip(("Max", "Zoe"), parts, strict=True) if part > 0}
    assert granted == ({met} if met else set())


def test_one_group_across_two_rosters_for_rules_and_constraints() -> None:
    mentees = read("mentee", ["Female,Law", "M,Law"], "Name,Gender,Goals")
    mentors = read("mentor", ["Frau,Law", "homme,Law"], "Name,Gender,Goals")
    same = mm.score(mentees, mentors, rules=[mm.Same("gender")])
    other = mm.score(mentees, mentors, rules=[mm.Different("gender")])
    assert same.points[0, 0] >= 0 > same.points[0, 1]
    assert other.points[0, 1] >= 0 > other.points[0, 0]
    for word in ("Woman", "weiblich", "F"):
        problem = mm.Problem(
            mm.score(mentees, mentors), constraints=[mm.Quota("gender", word, most=0)]
        )
        assert mm.solve(problem).to_frame()["mentee"].tolist() == ["mentee1"]
    alike = mm.score(mentees, mentors, criteria=[mm.Similarity("gender")])
    assert alike.parts["gender"].tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("wish", "wished"),
    [
        ("a woman, please", ["woman"]), ("Eine Frau, bitte", ["Frau"]), ("uma mulher", ["mulher"]),
        ("una donna", ["donna"]), ("een vrouw", ["vrouw"]), ("kobieta lub mężczyzna", None),
        ("女性", ["女性"]), ("male or non-binary", None), ("tanto faz", []), ("geen voorkeur", []),
        ("bez znaczenia", []), ("どちらでもよい", []), ("无所谓", []), ("prefiro não dizer", []),
    ],
)  # fmt: skip
def test_wishes_about_gender_in_the_words_of_many_languages(wish, wished) -> None:
    frame = pd.DataFrame({"Name": ["Ana", "Bo"], "Preferred gender": [wish, "Woman"]})
    found = mm.read_roster(frame, "mentee").columns["preferred_gender"].to_list()[0] or []
    if wished is None:
        assert len(found) == 2
    else:
        assert [group_key(one) for one in found] == [group_key(one) for one in wished]
        assert all(group_key(one) == "woman" for one in found)


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [
        ("I would prefer a mentor of my own gender", "Yes", "No"),
        ("Would you prefer a mentor of the same gender?", "yes", "No preference"),
        ("Same gender mentor?", "Strongly prefer", "Don't mind"),
        ("Wünschst du dir einen Mentor des gleichen Geschlechts?", "ja", "egal"),
        ("Préférez-vous un mentor du même sexe ?", "oui", "peu importe"),
        ("¿Prefieres un mentor del mismo sexo?", "sí", "me da igual"),
        ("Vorresti un mentor dello stesso sesso?", "sì", "no"),
        ("Preferes um mentor do mesmo género?", "sim", "não"),
        ("Liever een mentor van hetzelfde geslacht?", "ja", "nee"),
        ("Wolisz mentora tej samej płci?", "tak", "nie"),
        ("同性のメンターを希望しますか", "はい", "いいえ"), ("希望导师与我同性别", "是", "否"),
        ("Mentor gender preference", "Same gender as me", "no preference"),
    ],
)  # fmt: skip
def test_a_wish_for_ones_own_gender_is_one_for_what_the_row_says(header, yes, no) -> None:
    frame = pd.DataFrame({
        "Name": ["Ana", "Bo", "Cy", "Di"], "Gender": ["Woman", "Man", "Woman", None],
        header: [yes, yes, no, None],
    })  # fmt: skip
    mentees = mm.read_roster(frame, "mentee")
    assert mentees.columns["gender"].to_list() == ["Woman", "Man", "Woman", None]
    wished = [
        [w.casefold() for w in one or ()] for one in mentees.columns["preferred_gender"].to_list()
    ]
    assert wished == [["woman"], ["man"], [], []]
    assert "preferred_gender" in mentees.sensitive
    assert not len(mentees.questions)


@pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Would you prefer a mentor of the same gender?", ["Agree", "Disagree"]),
        ("How important is a mentor of the same gender?", ["Very", "Not at all"]),
        ("Wie wichtig ist dir das gleiche Geschlecht?", ["sehr", "gar nicht"]),
    ],
)
def test_a_wish_for_ones_own_gender_that_is_not_clear_is_asked_about(header, cells) -> None:
    frame = pd.DataFrame({"Name": ["Ana", "Bo"], "Gender": ["Woman", "Man"], header: cells})
    mentees = mm.read_roster(frame, "mentee")
    assert mentees.questions["code"].tolist() == ["own_gender"]
    assert mentees.questions["column"].tolist() == [header]
    assert "preferred_gender" not in mentees.columns


@pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Would you prefer a mentor of a specific gender?", "preferred_gender"),
        ("Which gender do you prefer your mentor to be?", "preferred_gender"),
        ("What gender would you like your mentee to have?", "preferred_gender"),
        ("Do you prefer a mentor of the same gender?", None),
        ("What gender do you identify as?", "gender"),
    ],
)
def test_questions_for_a_wished_gender_are_recognised(header: str, field: str | None) -> None:
    roster = read("mentee", ["Female", "A woman please", "Male"], f"Name,{header}")
    assert ("preferred_gender" in roster.columns) == (field == "preferred_gender")
    if field:
        assert field in roster.columns


def test_sign_ups_with_wishes_in_their_own_words_get_whom_they_asked_for() -> None:
    asked = "Name,Topics,Would you prefer a mentor of a specific gender?"
    mentees = mm.read_roster(
        io.StringIO(f"{asked}\nUma,Tax,Female\nVic,Tax,No preference\nWes,Tax,Male mentor\n"
                    "Xia,Tax,A woman please\n"), "mentee",
    )  # fmt: skip
    mentors = mm.read_roster(
        io.StringIO("Name,Topics,Gender,Capacity\nGil,Tax,Man,2\nHan,Tax,Woman,2\n"), "mentor"
    )
    pairs = dict(mm.match(mentees, mentors).to_frame()[["mentee", "mentor"]].to_numpy().tolist())
    assert pairs == {"Uma": "Han", "Vic": "Gil", "Wes": "Gil", "Xia": "Han"}


def test_attributes_handed_in_beside_a_matrix_are_one_group_as_well() -> None:
    frame = pd.DataFrame(
        {"id": ["a", "b", "c", "d"], "gender": ["Female", "F", "Frau", "prefer not to say"]}
    )
    scores = mm.Scores.from_matrix(np.full((4, 4), 0.5), mentees=frame)
    assert scores.mentees.columns["gender"].to_list() == ["Female", "Female", "Female", None]
    assert set(scores.repairs["value"]) == {"F", "Frau", "prefer not to say"}


def test_a_wish_for_non_binary_people_is_no_indifference() -> None:
    roster = read("mentee", ["no binario", "divers", "egal"], "Name,Preferred mentor gender")
    wishes = roster.columns["preferred_gender"].to_list()
    assert [len(wish) for wish in wishes] == [1, 1, 0]
    assert wishes[0] == wishes[1]
