"""check, compare and sensitivity: counts that hold, comparisons that mirror, shares that repeat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mentormatch.datasets.cohort import make_cohort
from mentormatch.errors import ParameterError
from mentormatch.insight.check import check
from mentormatch.insight.compare import compare
from mentormatch.insight.sensitivity import _rescored, sensitivity
from mentormatch.matching.constraints import ScoreFloor
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import match, solve
from mentormatch.rosters.columns import Categories, Hours, Labels
from mentormatch.rosters.read import read_roster
from mentormatch.scoring.criteria import Covers, Overlap, SharedHours
from mentormatch.scoring.presets import Plan
from mentormatch.scoring.rules import Forbid, Same
from mentormatch.scoring.scores import Scores, score
from tests.insight.people import slots
from tests.insight.test_explain import roster


@pytest.fixture(scope="module")
def cohort() -> Matching:
    mentees, mentors = make_cohort(60, 20, seed=5)
    return match(read_roster(mentees, role="mentee"), read_roster(mentors, role="mentor"))


def checked() -> pd.DataFrame:
    days = [[("Fri", 9, 11)], [("Fri", 9, 11)], [("Fri", 9, 11), ("Mon", 9, 11)], [("Sun", 1, 2)]]
    mentees = roster(
        "mentee",
        "ana bo cy di",
        needs=Labels.of([["Finance"], ["finance", "sql"], ["Finance"], None]),
        languages=Labels.of([["Hindi"], ["Hindi", "English"], ["English"], ["English"]]),
        site=Categories.of(["york", "york", "leeds", None]),
        availability=Hours.of(np.array([slots(d) for d in days]), ["Europe/London"] * 4),
    )
    mentors = roster(
        "mentor",
        "raj sue",
        2,
        skills=Labels.of([["FINANCE"], ["art"]]),
        languages=Labels.of([["english"], ["english"]]),
        site=Categories.of(["York", "york"]),
        availability=Hours.of(
            np.array([slots([("Fri", 9, 11)]), slots([("Mon", 9, 11)])]), ["Europe/London"] * 2
        ),
    )
    criteria = [Covers("needs", by="skills"), Overlap("languages"), SharedHours()]
    return check(Problem(score(mentees, mentors, criteria, [Same("site")])))


def test_supply_is_counted_against_demand() -> None:
    frame = checked().set_index(["aspect", "value"])
    numbers = frame[["mentees", "depend", "mentors", "seats", "short"]]
    assert numbers.loc[("needs", "Finance")].tolist() == [3, 3, 1, 2, 1]
    assert numbers.loc[("needs", "sql")].tolist() == [1, 1, 0, 0, 1]
    assert numbers.loc[("languages", "Hindi")].tolist() == [2, 1, 0, 0, 1]
    assert numbers.loc[("languages", "English")].tolist() == [3, 2, 2, 4, 0]
    assert numbers.loc[("site", "york")].tolist() == [2, 2, 2, 4, 0]
    assert numbers.loc[("site", "leeds")].tolist() == [1, 1, 0, 0, 1]
    assert numbers.loc[("availability", "Fri")].tolist() == [3, 2, 1, 2, 0]
    assert numbers.loc[("availability", "Sun")].tolist() == [1, 1, 0, 0, 1]
    assert numbers.loc[("seats", "all")].tolist() == [4, 4, 2, 4, 0]
    assert "Di" in frame.loc[("availability", "no shared hour"), "text"]
    assert "3 mentees ask for Finance; 1 mentor with 2 seats offers it." in set(frame["text"])
    assert frame["short"].is_monotonic_decreasing


def test_people_whom_the_rules_leave_nobody_or_one_mentor_are_named() -> None:
    scores = Scores.from_matrix(
        [[0.9, 0.2], [0.9, 0.9], [0.9, 0.1], [0.1, 0.1]],
        capacity=[1, 1],
        rules=[Forbid([("mentee 2", "mentor 2")])],
    )
    frame = check(Problem(scores, constraints=[ScoreFloor(0.5)]))
    options = frame[frame["aspect"] == "options"].set_index("value")
    assert "mentee 4" in options.loc["no mentor", "text"]
    assert options.loc["mentor 1", ["mentees", "seats", "short"]].tolist() == [3, 1, 2]


def test_a_matching_compared_with_itself_has_not_changed(cohort: Matching) -> None:
    same = compare(cohort, cohort)
    assert same.changed.empty
    assert (same.summary["difference"] == 0).all()


def test_comparing_the_other_way_round_mirrors_everything(cohort: Matching) -> None:
    mentors = cohort.problem.scores.mentors
    fewer = replace(mentors, capacity=np.maximum(mentors.capacity - 1, 0))
    other = solve(replace(cohort.problem, scores=replace(cohort.problem.scores, mentors=fewer)))
    there, back = compare(cohort, other), compare(other, cohort)
    assert not there.changed.empty
    assert (there.people["before"].tolist(), there.people["after"].tolist()) == (
        back.people["after"].tolist(),
        back.people["before"].tolist(),
    )
    mirror = {"newly matched": "no longer matched", "no longer matched": "newly matched"}
    assert [mirror.get(c, c) for c in there.people["change"]] == back.people["change"].tolist()
    assert there.summary["difference"].tolist() == [-d for d in back.summary["difference"]]
    counts = there.people["change"].value_counts()
    matched = dict(zip(there.summary["measure"], there.summary["difference"], strict=True))
    gained = counts.get("newly matched", 0) - counts.get("no longer matched", 0)
    assert gained == matched["matched"]


def test_people_of_one_matching_only_are_said_to_be() -> None:
    matrix = pd.DataFrame([[0.9], [0.5]], index=["ana", "bo"], columns=["raj"])
    a = solve(Problem(Scores.from_matrix(matrix, capacity=2)))
    b = solve(Problem(Scores.from_matrix(matrix.iloc[1:], capacity=2)))
    people = compare(a, b).people.set_index("mentee")["change"]
    assert people.to_dict() == {"ana": "only in the first", "bo": "same"}
    assert compare(b, a).people.set_index("mentee")["change"]["ana"] == "only in the second"


def test_other_weights_are_what_scoring_with_them_gives(cohort: Matching) -> None:
    scores = cohort.problem.scores
    factor = np.random.default_rng(0).uniform(0.8, 1.2, len(scores.criteria))
    criteria = [
        replace(criterion, weight=criterion.weight * by)
        for criterion, by in zip(scores.criteria, factor, strict=True)
    ]
    plan = Plan(tuple(criteria), scores.rules)
    expected = score(scores.mentees, scores.mentors, plan, levels=scores.levels).points
    parts = [scores.part(c) for c in range(len(criteria))]
    got = _rescored(cohort.problem, parts, scores.weights * factor, None, None).scores.points
    assert np.abs(got - expected).max() <= 1  # the points of blanks are rounded on their own


def test_nothing_disturbed_leaves_every_pair_standing(cohort: Matching) -> None:
    frame = sensitivity(cohort, draws=2, within=0, missing=0)
    assert (frame[["weights", "answers"]] == 1).all(axis=None)
    assert len(frame) == len(cohort.pairs[0])


def test_shares_repeat_for_a_seed_and_the_least_robust_come_first(cohort: Matching) -> None:
    frame = sensitivity(cohort, draws=4, within=0.5, missing=0.4, seed=3)
    assert frame.equals(sensitivity(cohort, draws=4, within=0.5, missing=0.4, seed=3))
    assert frame["weakest"].is_monotonic_increasing
    assert (frame["weakest"] == frame[["weights", "answers", "ties"]].min(axis=1)).all()
    assert frame["weakest"].iloc[0] < 1
    assert set(frame["weights"] * 4) <= {0, 1, 2, 3, 4}


def test_ties_are_told_apart_from_what_is_certain() -> None:
    matrix = np.zeros((4, 4))
    matrix[0, 0] = 1.0  # certain; the other three are interchangeable
    matching = solve(Problem(Scores.from_matrix(matrix, capacity=1)))
    frame = sensitivity(matching, draws=12).set_index("mentee")
    assert frame.loc["mentee 1", "ties"] == 1
    assert frame.drop("mentee 1")["ties"].max() < 1
    certain = solve(Problem(Scores.from_matrix([[0.9, 0.1], [0.2, 0.8]], capacity=1)))
    assert certain.unique
    assert (sensitivity(certain, draws=3)["ties"] == 1).all()


def test_parameters_are_checked(cohort: Matching) -> None:
    for wrong in ({"draws": 0}, {"within": 1.0}, {"missing": -0.1}):
        with pytest.raises(ParameterError, match=f"'{next(iter(wrong))}' parameter of sensitivity"):
            sensitivity(cohort, **wrong)  # type: ignore[arg-type]
