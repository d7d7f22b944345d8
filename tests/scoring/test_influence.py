"""What a criterion is meant to count is what it decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.datasets.cohort import make_cohort
from mentormatch.errors import ParameterError
from mentormatch.rosters.read import read_roster
from mentormatch.scoring import presets
from mentormatch.scoring.influence import MOST, balanced, influence_of, spreads
from mentormatch.scoring.scores import score


def rosters(n, m, seed):
    mentees, mentors = make_cohort(n, m, seed)
    return read_roster(mentees, role="mentee"), read_roster(mentors, role="mentor")


@pytest.mark.parametrize(("n", "m"), [(200, 80), (300, 100), (600, 180)])
def test_influence_agrees_with_importance(n, m):
    mentees, mentors = rosters(n, m, 3)
    plan = presets.from_columns(mentees, mentors)
    scores = score(mentees, mentors, plan)
    variance = {}
    for position, criterion in enumerate(scores.criteria):
        part = np.asarray(scores.part(position), dtype=float)
        known = part == part
        count = np.maximum(known.sum(axis=1, keepdims=True), 1)
        mean = np.where(known, part, 0).sum(axis=1, keepdims=True) / count
        within = np.where(known, part, mean).var(axis=1).mean()
        variance[criterion.name] = criterion.weight**2 * within
    whole = sum(variance.values())
    meant = {name: value / sum(plan.importance.values()) for name, value in plan.importance.items()}
    for name, share in variance.items():
        assert 2 / 3 < share / whole / meant[name] < 3 / 2, (name, share / whole)
        # estimated from a sample of the mentees, of whom few have a rare answer such as a wish
        assert plan.influence[name] == pytest.approx(share / whole, rel=0.3)
    shown = plan.to_frame().set_index("name")
    assert shown.loc["goals", "importance"] == meant["goals"]
    assert shown.loc["goals", "influence"] == plan.influence["goals"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from([0.0, 1e-9, 1e-4, 0.01, 0.05, 0.2])),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_weights_stay_within_their_limits(pairs):
    importance, spread = (np.array(column) for column in zip(*pairs, strict=True))
    importance[importance < 0.01] = 0
    weight = balanced(importance, spread)
    told = importance > 0
    assert (weight[~told] == 0).all()
    assert (weight[told] > 0).all()
    assert (weight <= MOST * importance + 0.001).all()
    assert (weight >= importance / MOST - 0.001).all()
    assert influence_of(weight, spread).sum() == pytest.approx(1) or not (weight * spread).any()
    free = told & (weight < MOST * importance - 0.002) & (weight > importance / MOST + 0.002)
    free &= spread > 0
    ratio = weight[free] ** 2 * spread[free] / importance[free]
    if free.sum() > 1 and weight[free].min() > 0.05:
        assert ratio.max() / ratio.min() < 1.1


def test_what_sets_nobody_apart_keeps_its_weight():
    np.testing.assert_array_equal(balanced(np.array([0.3, 0.2]), np.array([0.1, 0.0]))[1], 0.2)
    assert balanced(np.array([0.0, 0.0]), np.array([0.1, 0.2])).tolist() == [0, 0]


def test_weights_that_are_given_are_taken_as_they_are():
    mentees, mentors = rosters(40, 20, 1)
    own = [replace(c, weight=0.5) for c in presets.from_columns(mentees, mentors).criteria]
    assert {c.weight for c in score(mentees, mentors, own).criteria} == {0.5}


def test_spread_is_the_variance_within_rows():
    mentees, mentors = rosters(60, 30, 2)
    scores = score(mentees, mentors)
    found = spreads(scores._lowered, np.arange(60), scores.shape)
    for position in range(len(scores.criteria)):
        part = np.asarray(scores.part(position), dtype=float)
        within = [np.nansum((r - np.nanmean(r)) ** 2) / 30 for r in part if (r == r).any()]
        assert found[position] == pytest.approx(sum(within) / 60, abs=0.002)


def test_importance_can_be_stated_by_criterion():
    plan = presets.from_columns(*rosters(60, 30, 2))
    other = plan.reweighted({"goals": 0.9, "hours": 0})
    assert "hours" not in other.importance
    assert other.importance["goals"] == 0.9
    assert other.influence["goals"] > 1.8 * plan.influence["goals"]
    with pytest.raises(ParameterError, match="'goal'"):
        plan.reweighted({"goal": 1})
    with pytest.raises(ParameterError, match="nothing to score by"):
        plan.reweighted(dict.fromkeys(plan.importance, 0))
