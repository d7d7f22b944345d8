"""Every criterion against a slow, obvious oracle, one pair at a time."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from mentormatch.errors import ColumnError, ParameterError, ScoreError
from mentormatch.rosters.columns import Numbers
from mentormatch.scoring.criteria import (
    Closeness,
    Covers,
    Custom,
    Overlap,
    Precomputed,
    SharedHours,
    Similarity,
)
from mentormatch.scoring.presets import Plan
from mentormatch.scoring.scores import score
from mentormatch.scoring.wishes import Preference
from tests.scoring import people as oracle
from tests.scoring.people import cohort, matrix, profiles


@pytest.fixture(scope="module")
def both():
    return cohort(np.random.default_rng(5), 23, 17)


def parts(criterion, mentees, mentors):
    scores = score(profiles("mentee", mentees), profiles("mentor", mentors), [criterion], [])
    return scores.parts[criterion.name]


CASES = [
    (Covers("goals", by="skills"), oracle.covers, {}),
    (Covers("goals", now=None), oracle.covers, {"by": "goals", "now": "nothing"}),
    (Overlap("interests"), oracle.overlap, {}),
    (Similarity("communication_style"), oracle.same, {}),
    (Closeness("seniority", ideal=2, tolerance=2), oracle.closeness,
     {"column": "seniority", "ideal": 2, "tolerance": 2}),
    (Closeness("experience", ideal=3, tolerance=7.5), oracle.closeness,
     {"column": "experience", "ideal": 3, "tolerance": 7.5}),
    (Preference(), oracle.wishes, {}),
    (Preference("site"), oracle.wishes_about, {}),
    (Similarity("style_scores", scale=(1, 5)), oracle.gower, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("criterion", "function", "options"), CASES, ids=lambda x: getattr(x, "__name__", str(x))[:40]
)
def test_parts_equal_the_oracle(both, criterion, function, options):
    expected = matrix(function, *both, **options)
    silent = np.isnan(expected).mean()
    assert 0 < silent < 1 or (silent == 0 and function is oracle.wishes)  # a bonus has no blanks
    assert len(np.unique(expected[~np.isnan(expected)])) > 1
    np.testing.assert_allclose(parts(criterion, *both), expected, atol=2e-7)


def test_cosine_is_exact_to_the_quantisation(both):
    expected = matrix(oracle.cosine, *both)
    np.testing.assert_allclose(parts(Similarity("style_scores"), *both), expected, atol=1e-3)


def test_shared_hours_equal_the_oracle(both):
    mentees, mentors = both[0][:12], both[1][:9]
    usual = oracle.usual_zone(mentees, mentors)
    hours = matrix(oracle.shared_hours, mentees, mentors, usual=usual)
    assert np.nanmax(hours) > 4
    got = parts(SharedHours(enough=4), mentees, mentors)
    np.testing.assert_allclose(got, np.minimum(hours, 4) / 4, atol=1e-7)


def test_a_missing_zone_is_a_finding(both):
    plan = Plan((SharedHours(),), ())
    scores = score(profiles("mentee", both[0]), profiles("mentor", both[1]), plan)
    asked = [p["id"] for side in both for p in side
             if p.get("availability") and p["availability"][0] is None]  # fmt: skip
    assert asked
    assert sorted(scores.repairs["person"]) == sorted(asked)


def one(mentee, mentor, criterion):
    return float(parts(criterion, [{"id": "a", **mentee}], [{"id": "b", **mentor}])[0, 0])


@pytest.mark.parametrize(
    ("goal", "now", "offer", "expected"),
    [
        (5, None, 5, 1), (5, None, 7, 1), (4, 2, 3, 0.5), (4, 1, 2, 1 / 3), (4, 3, 2, 0),
        (3, 3, 1, math.nan), (None, None, 1, 1), (5, None, None, 1), (4, None, 1, 0.25),
    ],
)  # fmt: skip
def test_levels_share_the_gap(goal, now, offer, expected):
    mentee = {"goals": [("python", goal, 1)], "skills": [("python", now, 1)]}
    got = one(mentee, {"skills": [("Python ", offer, 1)]}, Covers("goals", by="skills"))
    assert got == pytest.approx(expected, nan_ok=True)


def test_priorities_weigh_needs():
    mentee = {"goals": [("x", None, 3), ("y", None, 1)]}
    assert one(mentee, {"skills": [("x", None, 1)]}, Covers("goals", by="skills")) == 0.75


def test_affinity_goes_both_ways_unless_stated():
    table = {"warm": {"direct": 0.4, "calm": 0.7}, "direct": {"warm": 0.1}}
    for affinity in (table, pd.DataFrame(table).T):
        if isinstance(affinity, pd.DataFrame):
            affinity = affinity.stack().dropna().unstack(fill_value=0.0)
            affinity.loc["direct", "calm"] = affinity.loc["warm", "warm"] = 1.0
        style = Similarity("communication_style", affinity=affinity)

        def value(a, b, style=style):
            mentee, mentor = {"communication_style": a}, {"communication_style": b}
            return one(mentee, mentor, style)

        assert value("warm", "direct") == pytest.approx(0.4)
        assert value("direct", "warm") == pytest.approx(0.1)
        assert value("calm", "warm") == pytest.approx(0.7)
        assert value("calm", "calm") == 1


def test_affinity_out_of_range_names_the_cells():
    with pytest.raises(ParameterError, match=r"'warm' with 'direct' is 2"):
        Similarity("communication_style", affinity={"warm": {"direct": 2}})


def test_texts_alike_score_higher_and_empty_texts_are_missing():
    mentees = [{"id": "a", "about": "I enjoy hill walking and policy"}, {"id": "b", "about": None}]
    mentors = [{"id": "c", "about": "Policy work, hill walking"}, {"id": "d", "about": "Java code"},
               {"id": "e", "about": "?!"}]  # fmt: skip
    got = parts(Similarity("about"), mentees, mentors)
    assert got[0, 0] > 0.4
    assert got[0, 1] == 0
    assert np.isnan(got[1]).all()
    assert np.isnan(got[:, 2]).all()


def test_an_encoder_stands_for_the_words():
    def encode(texts):
        return [[len(text), 1.0] for text in texts]

    mentees, mentors = [{"id": "a", "about": "xx"}], [{"id": "b", "about": "yy"},
                                                      {"id": "c", "about": None}]  # fmt: skip
    got = parts(Similarity("about", encoder=encode), mentees, mentors)
    assert got[0, 0] == pytest.approx(1, abs=1e-3)
    assert np.isnan(got[0, 1])
    with pytest.raises(ParameterError, match="one vector per text"):
        parts(Similarity("about", encoder=lambda texts: [1.0]), mentees, mentors)


def test_scales_are_aligned_by_label():
    mentees, mentors = profiles("mentee", [{"id": "a"}]), profiles("mentor", [{"id": "b"}])

    def with_scale(roster, labels, value):
        columns = {"grade": Numbers(np.array([value]), labels)}
        return type(roster)(**{**{f: getattr(roster, f) for f in roster.__dataclass_fields__},
                               "columns": columns})  # fmt: skip

    near = Closeness("grade", ideal=2, tolerance=2)
    mentees = with_scale(mentees, ("AO", "EO", "HEO"), 0.0)
    assert score(mentees, with_scale(mentors, ("AO", "EO", "HEO", "SEO"), 2.0), [near], []).parts[
        "grade"][0, 0] == 1  # fmt: skip
    assert score(mentees, with_scale(mentors, ("EO", "HEO"), 1.0), [near], []).parts[
        "grade"][0, 0] == 1  # fmt: skip
    for labels in (("HEO", "EO"), ("A", "B"), None):
        with pytest.raises(ColumnError, match="grade"):
            score(mentees, with_scale(mentors, labels, 0.0), [near], [])


def test_custom_and_precomputed_agree():
    rng = np.random.default_rng(0)
    mentees, mentors = cohort(rng, 5, 4)
    given = rng.random((5, 4))
    given[2, 1] = np.nan

    def function(some, others):
        rows = [int(person.removeprefix("mentee")) for person in some.ids]
        return given[rows]

    every = [Custom(function), Custom(function, blockwise=True, name="blocks"), Precomputed(given),
             Precomputed(pd.DataFrame(given, [p["id"] for p in mentees], [p["id"] for p in mentors])
                         .iloc[::-1, ::-1], name="frame")]  # fmt: skip
    scores = score(profiles("mentee", mentees), profiles("mentor", mentors), every, [])
    for name in scores.names:
        np.testing.assert_array_equal(scores.parts[name], given.astype(np.float32))
    assert scores.names == ("function", "blocks", "precomputed", "frame")


@pytest.mark.parametrize("wrong", [np.full((5, 4), 2.0), np.zeros((4, 5)), [["a"] * 4] * 5])
def test_custom_out_of_range_names_the_pairs(wrong):
    mentees, mentors = cohort(np.random.default_rng(0), 5, 4)
    with pytest.raises(ScoreError, match="Precomputed"):
        score(profiles("mentee", mentees), profiles("mentor", mentors), [Precomputed(wrong)], [])


@pytest.mark.parametrize(
    "build",
    [
        lambda: Covers("goals", weight=-1),
        lambda: Covers("goals", weight=math.nan),
        lambda: Covers("goals", weight="0.3"),
        lambda: Closeness("x", tolerance=0),
        lambda: Closeness("x", ideal=math.inf),
        lambda: SharedHours(enough=0),
        lambda: SharedHours(weeks=["no day"]),
        lambda: SharedHours(weeks=[]),
        lambda: Similarity("x", scale=(5, 1)),
        lambda: Custom("no function"),
    ],
)
def test_parameters_outside_their_domain(build):
    with pytest.raises(ParameterError, match="must"):
        build()


@pytest.mark.parametrize(
    "criterion",
    [Covers("nothing"), Overlap("seniority"), Similarity("goals"), Closeness("site"),
     SharedHours("site"), Preference("nothing"), Similarity("experience")],
    ids=str,
)  # fmt: skip
def test_columns_that_do_not_fit_are_named(both, criterion):
    subject = getattr(criterion, "column", None) or getattr(criterion, "needs", None) or "nothing"
    with pytest.raises(ColumnError, match=subject):
        parts(criterion, *both)
