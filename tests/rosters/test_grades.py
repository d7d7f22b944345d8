"""Grades and titles of many organisations: the right order, shown where it is guessed, or asked."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch import read_roster
from mentormatch.rosters.columns import Categories
from mentormatch.rosters.scales import are_forms
from mentormatch.scoring.scales import on_one_scale

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")


def read(cells, role="mentee", header="Grade", **choices):
    names = [f"Person {k} Oak" for k in range(len(cells))]
    return read_roster(pd.DataFrame({"Name": names, header: cells}), role, **choices)


def asked(profiles, code):
    found = profiles.questions[profiles.questions["code"] == code]
    return found.iloc[0] if len(found) else None


@pytest.mark.parametrize(
    "rising",
    [
        ["Level I", "Level II", "Level IV", "Level IX"], ["Stufe II", "Stufe III"],
        ["I", "II", "III", "IV", "V"], ["2nd year", "3rd year"], ["1. Lehrjahr", "3. Lehrjahr"],
        ["2ème année", "3ème année"], ["1º curso", "2º curso"], ["Year 2", "Year 10"],
        ["L3", "L10"], ["Band 3", "Band 12"], ["1年生", "3年生"], ["Livello 2", "Livello 4"],
        ["Grade 3", "Grade 9"],
    ],
)  # fmt: skip
def test_numbered_grades_rise_with_their_number(rising) -> None:
    profiles = read(rising[::-1])
    assert profiles.columns["seniority"].values.tolist() == sorted(
        profiles.columns["seniority"].values.tolist(), reverse=True
    )
    assert not len(profiles.questions)


@pytest.mark.parametrize(
    "lowest_first",
    [
        ["Analyst", "Associate", "VP"],
        ["Analyst", "Associate", "Vice President", "Managing Director"],
        ["Junior Analyst", "Associate", "Executive Director", "Partner"],
        ["Manager", "Director", "Vice President"], ["Principal", "Manager"],
        ["GS-9", "GS-12"], ["SDE1", "SDE2", "SDE10"], ["Band 7a", "Band 7b", "Band 8"],
        ["P-3", "P-5", "D-1"], ["IC3", "IC5", "M1"], ["Grade 5", "Grade 6", "Grade 7"],
        ["Dienstklasse 9", "Dienstklasse 10"],
    ],
)  # fmt: skip
def test_an_order_that_is_guessed_is_shown_and_easy_to_give(lowest_first) -> None:
    profiles = read(lowest_first[::-1])
    question = asked(profiles, "grade_order")
    places = profiles.columns["seniority"].values
    assert (places[1:] < places[:-1]).all()
    positions = [question["reading"].index(label) for label in lowest_first]
    assert positions == sorted(positions)
    line = question["settle"].split("  #")[0].removeprefix("orders=")
    given = eval(line)  # a line as the question offers it
    settled = read(lowest_first[::-1], orders=given)
    assert asked(settled, "grade_order") is None
    places = settled.columns["seniority"].values
    assert (places[1:] < places[:-1]).all()
    turned = read(lowest_first, orders={"seniority": given["seniority"][::-1]})
    assert (turned.columns["seniority"].values[1:] < turned.columns["seniority"].values[:-1]).all()


@pytest.mark.parametrize(
    "cells",
    [["Band C", "Band A", "Band B"], ["S2", "AA", "IC3"], ["課長", "部長"], ["débutant", "expert"],
     ["Lecturer", "Professor"], ["Mitarbeiter", "Abteilungsleiter"]],
)  # fmt: skip
def test_an_order_that_nobody_knows_is_asked_for(cells) -> None:
    profiles = read(cells)
    assert isinstance(profiles.columns["seniority"], Categories)
    question = asked(profiles, "order_unknown")
    assert all(cell in question["settle"] for cell in cells)
    ordered = read(cells, orders={"seniority": cells})
    assert ordered.columns["seniority"].values.tolist() == list(range(len(cells)))


FORMS = [
    ("Direktor", "Direktorin"), ("Direktor", "Direktor:in"), ("Leiter", "Leiter*in"),
    ("Leiter", "Leiter/-in"), ("Leiter", "Leiter(in)"), ("Kauffrau", "Kaufmann"),
    ("Directeur général", "Directrice générale"), ("Chargé de mission", "Chargée de mission"),
    ("Chef d'équipe", "Cheffe d'équipe"), ("Jefe de equipo", "Jefa de equipo"),
    ("Director", "Directora"), ("Engenheiro", "Engenheira"), ("Direttore", "Direttrice"),
    ("Kierownik", "Kierowniczka"), ("Dyrektor", "Dyrektorka"), ("مدير", "مديرة"),
    ("Chairman", "Chairwoman"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), FORMS)
def test_two_forms_of_one_title_are_one_level(one, other) -> None:
    assert are_forms(one, other)
    assert are_forms(other, one)
    profiles = read([one, other, "Zzz"])
    levels = profiles.columns["seniority"].to_list()
    assert levels[0] == levels[1] != levels[2]
    assert "title_form" in set(profiles.repairs["code"])
    assert other not in asked(profiles, "order_unknown")["settle"] or one not in asked(
        profiles, "order_unknown"
    )["settle"].replace(other, "")
    ordered = read([other, one, "Zzz"], orders={"seniority": [one, "Zzz"]})
    assert ordered.columns["seniority"].values.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Manager", "Senior Manager"), ("Director", "Direction"), ("Lead", "Leader"),
     ("Analyst", "Associate"), ("Leiter", "Leitung"), ("Professor", "Professional")],
)  # fmt: skip
def test_two_titles_stay_two(one, other) -> None:
    assert not are_forms(one, other)


def test_grades_of_two_rosters_with_gaps_count_on_one_scale() -> None:
    ours = read(["SDE1", "SDE3"]).columns["seniority"]
    theirs = read(["SDE2", "SDE10"], "mentor").columns["seniority"]
    mine, yours = on_one_scale(ours, theirs, "Closeness")
    assert [*mine, *yours] == [0, 2, 1, 3]


@pytest.mark.parametrize(
    ("grades", "shown"),
    [
        (["Senior", "Principal", "Staff", "Lead"], "Senior < Lead = Principal = Staff"),
        (["Junior", "Staff", "Principal"], "Junior < Principal = Staff"),
        (["VP", "SVP", "EVP"], "VP < EVP = SVP"),
    ],
)
def test_titles_put_on_one_level_are_shown_and_an_order_is_easy_to_give(grades, shown) -> None:
    profiles = read(grades)
    question = asked(profiles, "grade_order")
    assert question["reading"] == f"read as {shown}"
    assert question["settle"].startswith("orders={'seniority': [")


def test_words_for_one_level_are_listed() -> None:
    profiles = read(["Junior", "Entry level", "Senior"])
    assert asked(profiles, "grade_order") is None
    listed = profiles.repairs.set_index("code").loc["one_level", "action"]
    assert listed == "read as Entry level = Junior"
