"""Numbers as people of many countries write them: the right value, or a question."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch import read_roster
from mentormatch.rosters.numbers import parse_number

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")


def read(header, cells, role="mentor", **choices):
    names = [f"Person {k} Oak" for k in range(len(cells))]
    return read_roster(pd.DataFrame({"Name": names, header: cells}), role, **choices)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2½", 2.5), ("2 ½", 2.5), ("½", 0.5), ("2 1/2", 2.5), ("1 3/4 years", 1.75),
        ("2 et 1/2", 2.5), ("drei", 3), ("zwei Jahre", 2), ("dix ans", 10), ("cinco años", 5),
        ("1'500", 1500), ("1 500", 1500), ("1\u00a0500", 1500), ("1\u2019500", 1500),
        ("1,500", 1500), ("１２", 12), ("٣", 3), ("۱۲ سال", 12), ("約10年", 10), ("10+", 10),
        ("> 10", 10), ("ca. 7", 7), ("2-3", 2.5),
    ],
)  # fmt: skip
def test_quantities_in_many_forms(text, value) -> None:
    assert parse_number(text)[0] == value


@pytest.mark.parametrize(
    ("header", "cells", "values"),
    [
        ("Years of experience", ["since 2015", "3", "5"], [None, 3, 5]),
        ("Years of experience", ["2015", "2009", "1999"], [None, None, None]),
        ("Years of experience", ["2015-2020", "3", "5"], [None, 3, 5]),
        ("Berufserfahrung (Jahre)", ["seit 2015", "3", "5"], [None, 3, 5]),
        ("Années d'expérience", ["depuis 2010", "3", "5"], [None, 3, 5]),
        ("Años de experiencia", ["desde 2010", "3", "5"], [None, 3, 5]),
        ("Tenure", ["2018", "3", "5"], [None, 3, 5]),
    ],
)
def test_a_year_is_no_number_of_years_and_is_asked_about(header, cells, values) -> None:
    profiles = read(header, cells)
    field = profiles.mapping.set_index("column")["field"][header]
    assert profiles[field].astype(object).where(profiles[field].notna(), None).tolist() == values
    question = profiles.questions.set_index("code").loc["number_year"]
    assert question["column"] == header
    assert f"columns={{{header!r}: None}}" in question["settle"]
    assert not len(read(header, cells, columns={header: None}).questions)


def test_a_year_beside_a_number_of_years_is_no_doubt() -> None:
    profiles = read("Years of experience", ["8 years, since 2015", "12", "5"])
    assert profiles["experience"].tolist() == [8, 12, 5]
    assert not len(profiles.questions)


@pytest.mark.parametrize(
    ("text", "seats", "asked"),
    [
        ("1,000", 1000, True), ("1.000", 1, True), ("1'000", 1000, True), ("1000", 1000, True),
        ("2026", 2026, True), ("2½", 2, True), ("2 1/2", 2, True), ("2,5", 2, True),
        ("½", 0, True), ("2,0", 2, False), ("２", 2, False), ("zwei", 2, False), ("2-3", 3, False),
        ("deux", 2, False), ("100", 100, False),
    ],
)  # fmt: skip
def test_seats_that_cannot_be_meant_are_asked_about(text, seats, asked) -> None:
    profiles = read("Max mentees", [text, "1", "2"])
    assert profiles.capacity.tolist() == [seats, 1, 2]
    assert ("capacity" in set(profiles.questions["code"])) == asked


@pytest.mark.parametrize(
    ("cells", "values", "code"),
    [
        (["1.000", "1,5", "2"], [1000, 1.5, 2], None),  # the others have decimal commas
        (["1.000", "2.500.000"], [1000, 2_500_000], None),
        (["1.000", "2.5"], [1, 2.5], None),  # the others have decimal points
        (["0.500", "1.000"], [0.5, 1], None),
        (["1.125", "2", "40"], [1.125, 2, 40], None),  # a number stored as one
        (["1.000", "2", "3"], [1, 2, 3], "thousands"),  # nothing tells: the nearer is read
        (["1.000", "800", "950"], [1000, 800, 950], "thousands"),
        (["1.000", "1.250"], [1, 1.25], "thousands"),
        (["1.000 h", "2 h"], [1, 2], "thousands"),
    ],
)
@pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
def test_a_point_before_three_figures_is_decided_by_the_others_or_asked(
    cells: list[str], values: list[float], code: str | None
) -> None:
    names = [f"Ana Lima{'x' * k}" for k in range(len(cells))]
    frame = pd.DataFrame({"Name": names, "Hours per month": cells})
    profiles = read_roster(frame, "mentor")
    assert profiles.columns["hours"].to_list() == values
    questions = profiles.questions
    assert questions["code"].tolist() == ([code] if code else [])
    if code:
        assert questions["column"].tolist() == ["Hours per month"]
        assert questions["reading"].iloc[0] == f"read as {values[0]:g}"
