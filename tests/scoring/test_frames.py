"""Columns of a frame beside a matrix of scores are typed as `read_roster` types them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mentormatch import Scores, read_roster
from mentormatch.rosters.columns import People
from tests.rosters.exports import people


def both(frame, role="mentee"):
    """Return the columns by `Scores.from_matrix` and by `read_roster`."""
    scores = Scores.from_matrix(np.ones((len(frame), 2)), mentees=frame)
    return scores.mentees.columns, read_roster(frame, role).columns


def test_a_column_of_every_kind_is_read_alike() -> None:
    frame = people(12).rename(
        columns={
            "Employee ID": "id", "Name": "name", "Email": "email", "Skills needed": "needs",
            "Availability": "availability", "Time zone": "timezone", "Grade": "seniority",
            "Office": "site", "Gender": "gender", "Manager ID": "supervisor_id",
            "Preferred mentors": "preferred", "Years of experience": "experience",
            "About me": "about",
        }
    )  # fmt: skip
    ours, theirs = both(frame)
    assert set(ours) == set(theirs)
    for name, column in theirs.items():
        assert ours[name].kind == column.kind, name
        if hasattr(column, "to_list"):
            assert ours[name].to_list() == column.to_list(), name


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("asked first", ["Law; Tax", "Tax", None]),
        ("Auswahl", ["Recht, Steuern", "Recht", "Recht, Kunst"]),
        ("confidence", ["Strongly agree", "Disagree", None]),
        ("level reached", ["1", "3", "2"]),
        ("house", ["North", "south", "South"]),
        ("gender", ["F", "Female", "Prefer not to say"]),
        ("preferred_site", ["North", "no preference", "South; North"]),
        ("importance_goals", ["3", "1", "2"]),
        ("notes", ["likes long walks", None, "away in May"]),
    ],
)
def test_attributes_are_typed_by_what_they_look_like(header, cells) -> None:
    ours, theirs = both(pd.DataFrame({"id": ["a1", "b2", "c3"], header: cells}))
    assert ours[header].kind == theirs[header].kind
    assert ours[header].to_list() == theirs[header].to_list()


def test_names_of_columns_stay_and_lists_are_lists() -> None:
    frame = pd.DataFrame(
        {
            "id": ["a1", "b2"],
            "dept": ["x", "y"],
            "skills": [["Tax, VAT", "Law"], ["Art; Craft"]],
            "preferred": [["Lopez, Ana", "Bo Chan"], None],
            "nobody said": [None, None],
        }
    )
    columns = Scores.from_matrix(np.ones((2, 2)), mentees=frame).mentees.columns
    assert list(columns) == ["dept", "skills", "preferred", "nobody said"]
    assert columns["skills"].to_list() == [["Tax, VAT", "Law"], ["Art; Craft"]]
    assert isinstance(columns["preferred"], People)
    assert columns["preferred"].to_list() == [["Lopez, Ana", "Bo Chan"], None]
    assert columns["nobody said"].to_list() == [None, None]
