"""Laws of scoring: what must not change a pair's points, and what may only raise a part."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.errors import ColumnError, ParameterError
from mentormatch.rosters.columns import label_key
from mentormatch.scoring import engine
from mentormatch.scoring.criteria import (
    Closeness,
    Covers,
    Custom,
    Overlap,
    SharedHours,
    Similarity,
)
from mentormatch.scoring.neutral import blank_points
from mentormatch.scoring.presets import Plan
from mentormatch.scoring.rules import (
    AtLeast,
    Avoid,
    Different,
    NotPrevious,
    OnlyPreferred,
    ReportingLine,
    Same,
)
from mentormatch.scoring.scales import label_keys
from mentormatch.scoring.scores import mentee_weights, score
from mentormatch.scoring.wishes import Preference
from tests.scoring import people as oracle
from tests.scoring.people import cohort, matrix, profiles

CRITERIA = (
    Covers("goals", by="skills", weight=0.3, priority="importance_goals"),
    Covers("skills", by=("goals", "skills"), weight=0.11, now=None),
    Similarity("communication_style", weight=0.2),
    Similarity("style_scores", weight=0.07),
    Similarity("style_scores", weight=0.07, scale=(1, 5), name="likert"),
    Similarity("seniority", weight=0.03, name="grade"),
    SharedHours(weight=0.1),
    Closeness("seniority", ideal=2, tolerance=2, weight=0.1),
    Closeness("experience", ideal=3, tolerance=7.3, weight=0.1),
    Overlap("interests", weight=0.1, priority="importance_interests"),
    Preference(weight=0.2),
    Preference("site", weight=0.05),
)
RULES = (
    ReportingLine(),
    AtLeast(SharedHours(), 1),
    AtLeast(Overlap("interests"), 0.1),
    Different("site"),
    Same("skills"),
    Avoid(),
    NotPrevious(),
    OnlyPreferred(),
)


def scored(mentees, mentors, criteria=CRITERIA, rules=RULES, **options):
    plan = Plan(tuple(criteria), tuple(rules))
    return score(profiles("mentee", mentees), profiles("mentor", mentors), plan, **options)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 9))
def test_the_order_of_the_rosters_changes_no_bit(seed, n, m):
    rng = np.random.default_rng(seed)
    mentees, mentors = cohort(rng, n, m)
    rows, cols = rng.permutation(n), rng.permutation(m)
    scores = scored(mentees, mentors)
    shuffled = scored([mentees[k] for k in rows], [mentors[k] for k in cols])
    np.testing.assert_array_equal(shuffled.points, scores.points[rows][:, cols])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.integers(2, 9))
def test_the_other_people_change_no_bit(seed, n, m):
    # without unknown zones: those are taken to be where most people are
    rng = np.random.default_rng(seed)
    mentees, mentors = cohort(rng, n, m)
    for person in (*mentees, *mentors):
        if person.get("availability"):
            person["availability"] = (person["availability"][0] or "UTC", person["availability"][1])
        person["preferred"] = person["avoid"] = person["previous"] = None
    criteria = [c for c in CRITERIA if c.name != "wishes"]
    rules = [r for r in RULES if "Preferred" not in str(r)]
    whole = scored(mentees, mentors, criteria, rules, missing="drop")
    some = scored(mentees[: n // 2 + 1], mentors[: m // 2 + 1], criteria, rules, missing="drop")
    np.testing.assert_array_equal(some.points, whole.points[: n // 2 + 1, : m // 2 + 1])


@pytest.fixture(scope="module")
def large():
    return cohort(np.random.default_rng(11), 61, 43)


def test_compiled_and_plain_paths_agree_to_the_bit(large):
    plain = scored(*large, engine="numpy")
    np.testing.assert_array_equal(scored(*large, engine="numba").points, plain.points)
    for criterion, lowered in zip(plain.criteria, plain._lowered, strict=True):
        slow, fast = (engine.part_matrix(lowered, plain.shape, c) for c in (False, True))
        np.testing.assert_array_equal(fast, slow, err_msg=str(criterion))


@pytest.mark.parametrize("compiled", ["numpy", "numba"])
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("block_bytes", [1, 7000, 2**20])
def test_blocks_and_threads_change_no_bit(large, compiled, threads, block_bytes):
    for missing in ("drop", "neutral"):
        scores = scored(*large, missing=missing)
        made = engine.scored(
            scores._lowered, scores.weights, scores._rules.lowered, scores.shape,
            prior=scores.prior, neutral=missing == "neutral", keep=np.arange(0, 61, 4),
            engine=compiled, threads=threads, block_bytes=block_bytes,
        )  # fmt: skip
        if scores.neutral is not None:
            np.testing.assert_array_equal(made.means, scores.neutral.means)
            blank, levels = scores.neutral.blank, scores.neutral.levels
            more = blank_points(blank, scores.weights, levels).astype(np.int32)
            engine.add_to_rows(made.points, more)
        np.testing.assert_array_equal(made.points, scores.points)


def test_columns_wider_than_a_tile_agree():
    mentees, mentors = cohort(np.random.default_rng(3), 3, 1100)
    plain, fast = (scored(mentees, mentors, engine=e) for e in ("numpy", "numba"))
    np.testing.assert_array_equal(plain.points, fast.points)


def test_chosen_pairs_have_the_numbers_of_the_matrices(large):
    scores = scored(*large)
    rng = np.random.default_rng(0)
    rows, cols = rng.integers(0, 61, 400), rng.integers(0, 43, 400)
    chosen = scores._at(rows, cols)
    for position, name in enumerate(scores.names):
        np.testing.assert_array_equal(chosen.parts[:, position], scores.parts[name][rows, cols])
    np.testing.assert_array_equal(chosen.evidence, scores.evidence[rows, cols])
    np.testing.assert_array_equal(chosen.points, scores.points[rows, cols])
    np.testing.assert_array_equal(chosen.score, scores.total[rows, cols])
    assert list(chosen.to_frame()["score"]) == list(chosen.score)


def test_the_score_is_the_mean_over_the_answered_criteria(large):
    mentees, mentors = large
    scores = scored(mentees, mentors, prior=0.25, missing="drop")
    parts = [np.asarray(scores.parts[name], dtype=float) for name in scores.names]
    for i in range(0, 61, 3):
        for j in range(43):
            weights = scores.weights[i]
            known = [(w, p[i, j]) for w, p in zip(weights, parts, strict=True)
                     if not math.isnan(p[i, j])]  # fmt: skip
            whole = sum(w for w, _ in known)
            mean = sum(w * p for w, p in known) / whole if whole else 0.25
            assert abs(scores.total[i, j] * 1e6 - mean * 1e6) <= 1
            told = sum(w for w, p, silent in zip(weights, parts, scores._silent[i], strict=True)
                       if not math.isnan(p[i, j]) and not silent)  # fmt: skip
            assert scores.evidence[i, j] == pytest.approx(told / sum(weights), abs=1e-6)


def test_no_evidence_gives_the_prior():
    mentees, mentors = [{"id": "a", "interests": None}], [{"id": "b", "interests": []}]
    scores = scored(mentees, mentors, [Overlap("interests")], [], prior=0.3)
    assert scores.points[0, 0] == 300_000
    assert scores.evidence[0, 0] == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_offering_more_never_lowers_what_is_covered(seed):
    rng = np.random.default_rng(seed)
    mentees, mentors = cohort(rng, 6, 4)
    before = scored(mentees, mentors, [Covers("goals", by="skills")], []).parts["goals"]
    more = copy.deepcopy(mentors)
    for mentor in more:
        if mentor["skills"] is not None:
            level = None if rng.random() < 0.3 else int(rng.integers(1, 6))
            mentor["skills"].append((str(rng.choice(list("abcdefgh"))), level, 1.0))
    after = scored(mentees, more, [Covers("goals", by="skills")], []).parts["goals"]
    known = ~np.isnan(before)
    assert (after[known] >= before[known]).all()
    np.testing.assert_array_equal(np.isnan(after), ~known)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_missing_answer_leaves_the_mean_of_the_others(seed):
    mentees, mentors = cohort(np.random.default_rng(seed), 4, 4)
    silent = [{**person, "interests": None} for person in mentees]
    without = [c for c in CRITERIA if c.name != "interests"]
    plain = [replaced(c) for c in without]
    every = [replaced(c) for c in CRITERIA]
    np.testing.assert_array_equal(
        scored(silent, mentors, every, [], missing="drop").points,
        scored(silent, mentors, plain, [], missing="drop").points,
    )


def replaced(criterion):
    from dataclasses import replace

    return replace(criterion, priority=None)


def test_importance_shares_out_the_weight_of_the_rated_criteria():
    mentees = [
        {"id": "a", "importance_goals": 3.0, "importance_interests": 1.0, "interests": None},
        {"id": "b", "importance_goals": 3.0, "importance_interests": None},
        {"id": "c", "importance_goals": 0.0, "importance_interests": 0.0},
    ]
    weights = mentee_weights([c for c in CRITERIA if c.priority], profiles("mentee", mentees))
    np.testing.assert_allclose(weights, [[0.3, 0.1], [0.3, 0.1], [0.3, 0.1]])
    mentees[0]["importance_interests"] = 9.0
    weights = mentee_weights([c for c in CRITERIA if c.priority], profiles("mentee", mentees))
    np.testing.assert_allclose(weights[0], [0.1, 0.3])
    mentees[1]["importance_goals"] = -2.0
    with pytest.raises(ColumnError, match="b: -2"):
        mentee_weights(CRITERIA, profiles("mentee", mentees))


def test_nothing_to_weigh_and_names_twice_are_errors(large):
    with pytest.raises(ParameterError, match="weights of all criteria are 0"):
        scored(*large, [Overlap("interests", weight=0)], [])
    with pytest.raises(ParameterError, match="'goals'"):
        scored(*large, [Covers("goals"), Covers("goals", by="skills")], [])
    with pytest.raises(ParameterError, match="criteria"):
        scored(*large, ["goals"], [])
    with pytest.raises(ParameterError, match="rules"):
        score(profiles("mentee", []), profiles("mentor", []), rules=["no managers"])
    for options in ({"prior": 2}, {"prior": math.nan}, {"engine": "fast"}):
        with pytest.raises(ParameterError, match=next(iter(options))):
            scored(*large, **options)


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0)])
@pytest.mark.parametrize("compiled", ["numpy", "numba"])
def test_empty_rosters(n, m, compiled):
    rng = np.random.default_rng(0)
    mentees, mentors = cohort(rng, 4, 4)
    ours, theirs = profiles("mentee", mentees), profiles("mentor", mentors)
    scores = score(
        ours.take(np.arange(n)), theirs.take(np.arange(m)), CRITERIA, RULES, engine=compiled
    )
    assert scores.points.shape == scores.total.shape == scores.evidence.shape == (n, m)
    assert all(part.shape == (n, m) for part in scores.parts.values())
    assert len(scores._at([], [])) == 0
    assert repr(scores)


def test_scores_are_frozen_and_pickle(large):
    scores = scored(*large)
    with pytest.raises(ValueError, match="read-only"):
        scores.points[0, 0] = 1
    with pytest.raises(AttributeError):
        scores.prior = 0.1
    scores.parts["goals"]  # lowered arrays exist, and are left out of the pickle
    again = pickle.loads(pickle.dumps(scores))
    np.testing.assert_array_equal(again.points, scores.points)
    np.testing.assert_array_equal(again.parts["wishes"], scores.parts["wishes"])
    assert list(again.parts) == [c.name for c in CRITERIA]
    with pytest.raises(KeyError, match="nothing"):
        again.parts["nothing"]


def test_many_and_uneven_needs_stay_exact():
    labels = [f"need {k}" for k in range(700)]
    mentee = {"id": "a", "goals": [(label, None, 1.0 + k % 3) for k, label in enumerate(labels)]}
    mentors = [
        {"id": "b", "skills": [(label, None, 1.0) for label in labels[:500]]},
        {"id": "c", "skills": [(label, None, 1.0) for label in labels]},
    ]
    criteria = [Covers("goals", by="skills")]
    plain = scored([mentee], mentors, criteria, [], engine="numpy").parts["goals"]
    expected = matrix(oracle.covers, [mentee], mentors)
    np.testing.assert_allclose(plain, expected, atol=0.02)  # priorities get coarser
    assert plain[0, 1] == 1
    fast = scored([mentee], mentors, criteria, [], engine="numba")
    np.testing.assert_array_equal(engine.part_matrix(fast._lowered[0], (1, 2), True), plain)


def test_a_user_function_may_leave_gaps():
    mentees, mentors = cohort(np.random.default_rng(1), 3, 2)
    custom = Custom(lambda a, b: np.full((len(a), len(b)), np.nan), weight=5)
    scores = scored(mentees, mentors, [custom], [])
    assert (scores.points == 500_000).all()


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=6), max_size=5))
def test_many_keys_at_once_are_the_keys_one_by_one(texts):
    assert label_keys(texts) == [label_key(text) for text in texts]
