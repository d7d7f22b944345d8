"""Scores from a matrix of one's own: what is taken, and what is refused in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mentormatch.errors import ScoreError
from mentormatch.scoring.rules import Different, Lock
from mentormatch.scoring.scores import Scores


@settings(max_examples=50, deadline=None)
@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=6),
               elements=st.integers(0, 1_000_000).map(lambda k: k / 1e6))
)  # fmt: skip
def test_millionths_come_back(matrix):
    for given_matrix in (matrix, np.asfortranarray(matrix), matrix.astype(np.float32)):
        scores = Scores.from_matrix(given_matrix)
        np.testing.assert_array_equal(scores.points, np.rint(matrix * 1e6).astype(int))
        np.testing.assert_allclose(scores.total, matrix, atol=1e-6)
        np.testing.assert_array_equal(scores.parts["score"], matrix.astype(np.float32))
        assert scores.admissible.all()
        assert scores.points.flags.c_contiguous
    n, m = matrix.shape
    assert scores.mentees.ids[: min(n, 1)] == ("mentee 1",)[: min(n, 1)]
    assert scores.mentors.capacity.tolist() == [1] * m


def test_inadmissible_pairs_keep_their_score():
    matrix, allowed = np.array([[0.2, np.nan], [0.4, 1.0]]), [[True, False], [False, True]]
    scores = Scores.from_matrix(matrix, admissible=allowed, capacity=[2, 0])
    np.testing.assert_array_equal(scores.admissible, allowed)
    np.testing.assert_allclose(scores.total, [[0.2, 0], [0.4, 1]], atol=1e-6)
    assert scores.mentors.capacity.tolist() == [2, 0]
    assert "handed in" in scores.why_inadmissible(1, 0)[0]
    assert scores.why_inadmissible(0, 0) == ()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, -0.01, 1.01])
def test_scores_out_of_range_name_their_people(bad):
    matrix = np.full((3, 2), 0.5)
    matrix[1, 0] = matrix[2, 1] = bad
    with pytest.raises(ScoreError, match=r"bo with R1.*cy with R2") as raised:
        Scores.from_matrix(pd.DataFrame(matrix, ["ana", "bo", "cy"], ["R1", "R2"]))
    assert "ana" not in str(raised.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"capacity": [1, 2, 3]}, "per mentor"),
        ({"capacity": -1}, "whole numbers"),
        ({"capacity": [1, 1.5]}, "mentor 2: 1.5"),
        ({"capacity": [1, np.nan]}, "mentor 2: nan"),
        ({"admissible": [[True]]}, "admissible"),
        ({"admissible": np.full((3, 2), 7)}, "admissible"),
        ({"mentees": pd.DataFrame({"id": ["a", "b", "a"]})}, "more than once: a"),
        ({"mentees": pd.DataFrame({"id": ["a", "b"]})}, "has 2"),
        ({"mentors": pd.DataFrame({"id": ["a", "b"], "capacity": [1, -2]})}, "b: -2"),
    ],
)
def test_what_is_refused(options, words):
    with pytest.raises(ScoreError, match=words):
        Scores.from_matrix(np.full((3, 2), 0.5), **options)


@pytest.mark.parametrize("matrix", [[0.5], [["x"]], np.zeros((2, 2, 2)), [[1, 2], [3]]])
def test_shapes_and_types_that_are_no_scores(matrix):
    with pytest.raises(ScoreError):
        Scores.from_matrix(matrix)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_frames_bring_attributes(kind):
    mentees = kind({"id": ["a", "b"], "site": ["York", None], "name": ["Ana", "Bo"]})
    mentors = kind(
        {"id": [1, 2], "site": ["York", "Bath"], "capacity": [3, 4], "years": [1.0, 2.5]}
    )
    scores = Scores.from_matrix(
        [[0.1, 0.2], [0.3, 0.4]], mentees=mentees, mentors=mentors,
        rules=[Different("site"), Lock([("Ana", "2")])],
    )  # fmt: skip
    assert scores.mentors.ids == ("1", "2")
    assert scores.mentors.capacity.tolist() == [3, 4]
    assert scores.mentors.columns["years"].to_list() == [1.0, 2.5]
    np.testing.assert_array_equal(scores.admissible, [[False, True], [True, True]])
    np.testing.assert_array_equal(scores.locks, [[0, 1]])
    assert "same site" in scores.why_inadmissible("a", "1")[0]


def test_gender_is_sensitive_and_the_name_of_a_page_is_not():
    frame = pd.DataFrame({"id": ["a"], "Gender": ["f"], "page": ["x"], "Age group": ["30-39"]})
    scores = Scores.from_matrix([[0.5]], mentees=frame)
    assert scores.mentees.sensitive == {"Gender", "Age group"}


def test_html_escapes_names():
    frame = pd.DataFrame({"id": ["<b>"], "name": ["<script>"]})
    assert "<script>" not in Scores.from_matrix([[0.5]], mentees=frame)._repr_html_()
