"""Laws of invented outcomes: the truth that is handed back is the one the answers were made of."""

from __future__ import annotations

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.datasets.outcomes import CONFIDENCE, QUALITY


@pytest.fixture(scope="module")
def matching() -> mm.Matching:
    mentees, mentors = mm.make_cohort(150, 60, seed=3, seats=0.8)
    rosters = mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
    return mm.match(*rosters)


def test_one_seed_gives_the_same_answers(matching: mm.Matching) -> None:
    one = mm.make_outcomes(matching, 5)
    assert one == mm.make_outcomes(matching, np.random.default_rng(5))
    assert one != mm.make_outcomes(matching, 6)
    assert str(one) == one.text
    assert repr(one) == f"<SimulatedOutcomes: {one.text}>"


def test_utility_has_the_variance_that_was_asked_for(matching: mm.Matching) -> None:
    made = mm.make_outcomes(matching, 5, explained=0.2)
    there = made.utility[matching.problem.scores.admissible]
    assert there.mean() == pytest.approx(0, abs=1e-12)
    assert there.var() == pytest.approx(0.2)
    assert sum(made.weights.values()) == pytest.approx(1)


def test_what_was_answered_counts_by_its_part_and_what_was_not_is_there_all_the_same(
    matching: mm.Matching,
) -> None:
    scores = matching.problem.scores
    made = mm.make_outcomes(matching, 5, weights={"goals": 2.0})
    part = scores.part("goals")
    known = ~np.isnan(part)
    assert np.corrcoef(part[known], made.utility[known])[0, 1] == pytest.approx(1)
    assert made.utility[~known].std() > 0.5 * made.utility[known].std()
    rows = np.flatnonzero(matching.assignment >= 0)
    mine = made.utility[rows, matching.assignment[rows]].mean()
    assert made.mean_utility(matching) == pytest.approx(mine)


def test_an_outcome_is_the_sum_of_its_shares(matching: mm.Matching) -> None:
    shares = {"explained": 0.1, "mentor": 0.2, "mentee": 0.3}
    made = [mm.make_outcomes(matching, seed, **shares) for seed in range(40)]
    paired = matching.assignment >= 0
    assert np.isnan(made[0].outcome[~paired]).all()
    rest = [
        one.outcome[paired]
        - one.utility[paired, matching.assignment[paired]]
        - one.mentor_effect[matching.assignment[paired]]
        for one in made
    ]
    assert np.var(rest) == pytest.approx(0.3 + 0.4, rel=0.05)
    assert np.var([one.mentor_effect for one in made]) == pytest.approx(0.2, rel=0.1)


def test_those_who_fared_better_answer_more_often(matching: mm.Matching) -> None:
    made = [mm.make_outcomes(matching, seed, leaning=1.5, answered=0.5) for seed in range(20)]
    assert np.mean([one.answered for one in made]) == pytest.approx(0.5, abs=0.03)
    gap = [np.nanmean(one.outcome[one.answered]) - np.nanmean(one.outcome) for one in made]
    assert np.mean(gap) > 0.3
    level = [mm.make_outcomes(matching, seed, leaning=0) for seed in range(20)]
    gap = [np.nanmean(one.outcome[one.answered]) - np.nanmean(one.outcome) for one in level]
    assert abs(np.mean(gap)) < 0.05
    assert mm.make_outcomes(matching, 1, answered=1).answered.all()


def test_forms_hold_answers_as_they_are_exported(matching: mm.Matching) -> None:
    made = mm.make_outcomes(matching, 5)
    scores = matching.problem.scores
    assert list(made.before["id"]) == list(scores.mentees.ids)
    assert list(made.before) == ["id", *CONFIDENCE]
    assert list(made.after) == ["id", *CONFIDENCE, *QUALITY]
    assert list(made.after["id"]) == np.array(scores.mentees.ids)[made.answered].tolist()
    blank = made.after[QUALITY[0]] == ""
    assert set(made.after["id"][blank]) <= set(matching.unmatched)
    assert set(made.after[QUALITY[0]]) <= {"", *"12345"}
    assert set(made.before[CONFIDENCE[0]]) <= set("12345")


def test_what_cannot_be_is_refused(matching: mm.Matching) -> None:
    for wrong in (
        {"explained": -0.1},
        {"explained": 0.9, "mentor": 0.2},
        {"answered": 0.0},
        {"weights": {"gaols": 1.0}},
        {"weights": {"goals": float("nan")}},
    ):
        with pytest.raises(mm.errors.ParameterError):
            mm.make_outcomes(matching, 1, **wrong)
    with pytest.raises(mm.errors.ParameterError):
        mm.make_outcomes(matching, 1).mean_utility(mm.match(*mm.load_example()))
