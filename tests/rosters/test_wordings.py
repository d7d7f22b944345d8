"""Files of every kind in words that nobody had used before, right or asked about."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch import read_roster

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
NAMES = ["Ana Lima", "Bo Chan", "Cy Dahl", "Di Elm"]
PEOPLE = ["Quin Elm", "", "Rae Fir", ""]
NAMED = [["Quin Elm"], None, ["Rae Fir"], None]


def read(header, cells, role="mentee"):
    return read_roster(pd.DataFrame({"Name": NAMES[: len(cells)], header: cells}), role)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("¿Con quién te resultaría incómodo trabajar?", "avoid"),
        ("Chiunque tranne", "avoid"), ("Anyone except", "avoid"), ("Alle außer", "avoid"),
        ("Tout le monde sauf", "avoid"), ("Met wie liever geen koppel?", "avoid"),
        ("Pessoas de quem deve ser mantido(a) afastado(a)", "avoid"),
        ("Wem berichtest du?", "supervisor_id"), ("A chi riporti?", "supervisor_id"),
        ("Responsable hiérarchique direct (N+1)", "supervisor_id"),
        ("¿A quién reportas?", "supervisor_id"), ("Aan wie rapporteer je?", "supervisor_id"),
        ("首选导师", "preferred"), ("希望メンター", "preferred"),
    ],
)  # fmt: skip
def test_people_are_found_in_more_words(header, field) -> None:
    assert read(header, PEOPLE).columns[field].to_list() == NAMED


ONE = ["Law", "Tax", "Law", "Art"]
LISTS = ["Law;Tax", "Tax", "Art;Law", "Art;Tax"]


@pytest.mark.parametrize(
    ("header", "cells", "role", "field"),
    [
        ("In welcher Abteilung arbeiten Sie?", ONE, "mentee", "department"),
        ("In welchem Bereich bist du tätig?", ONE, "mentor", "department"),
        ("Dans quel service travaillez-vous ?", ONE, "mentee", "department"),
        ("¿En qué departamento trabaja?", ONE, "mentor", "department"),
        ("Wie viele Stunden pro Monat möchten Sie investieren?", list("2345"), "mentee", "hours"),
        ("Wie viel Zeit kannst du im Monat aufbringen?", list("2345"), "mentor", "hours"),
        ("Was möchten Sie im Mentoring erreichen?", LISTS, "mentee", "goals"),
        ("Was erhoffst du dir vom Programm?", LISTS, "mentee", "goals"),
        ("Welche Kenntnisse möchten Sie vertiefen?", LISTS, "mentee", "needs"),
        ("In welchen Kompetenzen willst du dich weiterentwickeln?", LISTS, "mentee", "needs"),
        ("Was sollte Ihr Mentor gut können?", LISTS, "mentee", "needs"),
        ("Anything you'd like your mentor to be good at?", LISTS, "mentee", "needs"),
        ("What skills should your mentor have?", LISTS, "mentee", "needs"),
        ("What are you good at?", LISTS, "mentee", "skills"),
        ("Haben Sie einen Wunschmentor?", PEOPLE, "mentee", "preferred"),
        ("Gibt es eine Wunschmentorin?", PEOPLE, "mentee", "preferred"),
        ("Wie viele Stunden arbeiten Sie pro Woche?", list("2345"), "mentee", None),
        ("In welchen Bereichen können Sie unterstützen?", LISTS, "mentor", None),
    ],
)  # fmt: skip
def test_questions_are_read_as_the_field_they_ask_for(header, cells, role, field) -> None:
    mapping = read(header, cells, role).mapping.set_index("column")["field"]
    assert mapping[header] == field or (field is None and mapping[header] in (header, "goals"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[Mentees] First choice of mentor (if any)", "[Mentees] Second choice of mentor (if any)"),
        ("Mentees: 1st mentor choice (optional)", "Mentees: 2nd mentor choice (optional)"),
        ("[Mentees] Erstwunsch Mentor (freiwillig)", "[Mentees] Zweitwunsch Mentor (freiwillig)"),
        ("(For mentees) Top mentor", "(For mentees) Second mentor"),
    ],
)
def test_choices_put_to_one_role_are_wishes_of_that_role(first, second) -> None:
    frame = pd.DataFrame({"Name": NAMES, first: PEOPLE, second: ["Rae Fir", "", "", "Quin Elm"]})
    wishes = read_roster(frame, "mentee").columns["preferred"].to_list()
    assert wishes == [["Quin Elm", "Rae Fir"], None, ["Rae Fir"], ["Quin Elm"]]
    assert "preferred" not in read_roster(frame, "mentor").columns


@pytest.mark.parametrize(
    "no", ["Not this time", "No, thank you", "Dieses Mal nicht", "Kein Interesse", "Esta vez no"]
)
def test_who_signs_up_as_neither_is_on_no_roster(no) -> None:
    cells = ["A mentor", "A mentee", "A mentee", no]
    assert read("I am signing up as", cells, "mentor").names == ("Ana Lima",)
    assert read("I am signing up as", cells, "mentee").names == ("Bo Chan", "Cy Dahl")


def test_a_role_in_words_that_are_not_known_is_asked_about_and_settled() -> None:
    frame = pd.DataFrame({"Name": NAMES, "Role": ["Mentor", "Mentee", "Mentee", "Cheerleader"]})
    mentees = read_roster(frame, "mentee")
    assert mentees.names == ("Bo Chan", "Cy Dahl", "Di Elm")
    (asked,) = mentees.questions.to_dict("records")
    assert asked["question"] == "is who says 'Cheerleader' a mentee?"
    assert asked["reading"] == "kept 1: row 5"
    assert asked["settle"] == "drop_rows=[5]  # no: leave them out"
    settled = read_roster(frame, "mentee", drop_rows=[5])
    assert settled.names == ("Bo Chan", "Cy Dahl")
    assert settled.questions.empty


@pytest.mark.parametrize(
    ("header", "mentor", "mentee"),
    [
        ("Which side of the table?", "Giving advice", "Getting advice"),
        ("Teilnahmeform", "als Begleiter:in", "als Begleitete:r"),
        ("Votre profil", "Je parraine", "Je suis parrainé"),
        ("ご参加の立場", "教える側", "教わる側"),
    ],
)
def test_roles_are_found_in_more_words(header, mentor, mentee) -> None:
    cells = [mentor, mentee, mentor, mentee]
    assert read(header, cells, "mentor").names == ("Ana Lima", "Cy Dahl")
    assert read(header, cells, "mentee").names == ("Bo Chan", "Di Elm")


@pytest.mark.parametrize(
    "header",
    [
        "I have changed my mind and wish to pull out", "Ich möchte nicht mehr teilnehmen",
        "Quiero darme de baja", "Je souhaite me retirer",
    ],
)  # fmt: skip
def test_who_pulls_out_is_left_out_and_asked_about(header) -> None:
    profiles = read(header, ["", "Yes", "", ""])
    assert profiles.names == ("Ana Lima", "Cy Dahl", "Di Elm")
    assert "withdrawn" in profiles.questions["code"].tolist()


@pytest.mark.parametrize(
    "name",
    [
        "Test Testson", "EXEMPLE : Jean Dupont", "Beispiel: Max", "John Doe", "Prueba",
        "Gesamtzahl der Plätze", "Lista actualizada el 3 de marzo", "記入例：山田", "测试",
    ],
)  # fmt: skip
def test_a_name_that_is_nobodys_is_asked_about(name) -> None:
    profiles = read_roster(
        pd.DataFrame({"Name": ["Ana Lima", name], "Goals": ["Law", "3"]}), "mentee"
    )
    question = profiles.questions.set_index("code").loc["no_person"]
    assert question["settle"].startswith("drop_rows=[3]")


def test_names_that_only_sound_like_it_are_people() -> None:
    names = ["Testa Rossi", "Max Sample", "Anna Stander", "Ed Total", "Li Footer"]
    profiles = read_roster(pd.DataFrame({"Name": names, "Goals": ["Law"] * 5}), "mentee")
    assert not len(profiles.questions)


def test_small_numbers_under_how_many_are_asked_about() -> None:
    profiles = read("How many could you squeeze in?", ["2", "1", "3", "1"], "mentor")
    assert profiles.questions["code"].tolist() == ["seats"]
    past = read("How many have you mentored so far?", ["2", "1", "3", "1"], "mentor")
    assert not len(past.questions)


@pytest.mark.parametrize(
    ("header", "cell", "field", "value"),
    [
        ("Expérience (années)", "18 mois", "experience", 1.5),
        ("Expérience (années)", "2 ans et demi", "experience", 2.5),
        ("Berufserfahrung (Jahre)", "1 Jahr und 6 Monate", "experience", 1.5),
        ("Years of experience", "30 months", "experience", 2.5),
        ("Años de experiencia", "2 años y 3 meses", "experience", 2.25),
        ("经验（年）", "18个月", "experience", 1.5),
        ("Hours per month", "1h30", "hours", 1.5), ("Hours per month", "90 min", "hours", 1.5),
        ("Hours per month", "1:30", "hours", 1.5),
        ("Stunden pro Monat", "2 Stunden 30 Minuten", "hours", 2.5),
        ("Hours per month", "3 Stunden pro Woche", "hours", 13),
    ],
)  # fmt: skip
def test_units_count_in_any_language(header, cell, field, value) -> None:
    profiles = read(header, [cell, "4", "5"], "mentor")
    assert profiles.columns[field].to_list()[0] == pytest.approx(value)
    assert "number_words" in set(profiles.repairs["code"])


@pytest.mark.parametrize(
    ("cells", "lists"),
    [
        (["'Law', 'Tax'", "'Art'", "'Law', 'Art'"], [["Law", "Tax"], ["Art"], ["Law", "Art"]]),
        (["«Law», «Tax»", "«Art»", "«Law»"], [["Law", "Tax"], ["Art"], ["Law"]]),
        (["Derecho, Arte y Finanzas", "Arte", "Finanzas"],
         [["Derecho", "Arte", "Finanzas"], ["Arte"], ["Finanzas"]]),
        (["Law, tax as well as art", "Art", "Tax"], [["Law", "tax", "art"], ["Art"], ["Tax"]]),
        (["Law, Research and development", "Law", "Art"],  # one option
         [["Law", "Research and development"], ["Law"], ["Art"]]),
    ],
)  # fmt: skip
def test_lists_are_parted_at_the_right_place(cells, lists) -> None:
    folded = [
        [o.casefold() for o in one] for one in read("Topics", cells).columns["goals"].to_list()
    ]
    assert folded == [[o.casefold() for o in one] for one in lists]
