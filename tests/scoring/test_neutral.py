"""What was not answered counts so that leaving a question blank neither helps nor hurts."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from mentormatch.datasets.cohort import make_cohort
from mentormatch.errors import ParameterError
from mentormatch.insight.explain import contributions
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.programmes.rematch import rematch
from mentormatch.rosters.read import read_roster
from mentormatch.scoring import neutral
from mentormatch.scoring.criteria import Custom, Overlap
from mentormatch.scoring.neutral import SAMPLE, sample_rows
from mentormatch.scoring.scores import score
from mentormatch.solvers import largest_prices as module
from mentormatch.solvers.assignment import assign
from mentormatch.solvers.largest_prices import NOWHERE, largest_prices
from tests.scoring.people import profiles


def cohort(n, m, seed, **options):
    mentees, mentors = make_cohort(n, m, seed, **options)
    return mentees, read_roster(mentors, role="mentor")


def scored(mentees, mentors, **options):
    return score(read_roster(mentees, role="mentee"), mentors, **options)


@pytest.fixture(scope="module")
def scores():
    return scored(*cohort(90, 30, 5, seats=0.7, missing=0.25))


def test_the_score_is_the_weighted_mean_of_what_counts(scores):
    parts = {name: np.asarray(scores.parts[name], dtype=float) for name in scores.names}
    levels, weights = scores.levels, scores.weights
    for i in range(0, 90, 7):
        for j in range(30):
            gained = 0.0
            for c, (name, part) in enumerate(parts.items()):
                known = part[i][~np.isnan(part[i])]
                blank = scores.neutral.blank[i, c]
                if not math.isnan(part[i, j]):
                    counted = part[i, j] + (levels[name] if blank else 0.0)
                else:
                    counted = levels[name] if blank else known.mean()
                gained += weights[i, c] * counted
            exact = 1e6 * min(gained / weights[i].sum(), 1.0)
            assert abs(scores.total[i, j] * 1e6 - exact) < 2


def test_a_question_is_blank_where_the_mentee_did_not_answer(scores):
    for name in ("goals", "communication_style", "availability", "wishes"):
        column = scores.mentees.columns["preferred" if name == "wishes" else name]
        blank = scores.neutral.blank[:, scores.names.index(name)]
        if name == "wishes":  # nobody named, or nobody who is here
            assert blank[~column.answered].all()
        else:
            np.testing.assert_array_equal(blank, ~column.answered)


def test_contributions_sum_to_the_last_unit(scores):
    rows, cols = (axis.ravel() for axis in np.indices(scores.points.shape))
    points = scores.points[rows, cols]
    shares = contributions(scores, rows, cols)
    assert (shares.sum(axis=1).to_numpy() == np.where(points < 0, ~points, points)).all()
    assert (shares.to_numpy() >= 0).all()


def test_order_and_route_change_nothing(monkeypatch):
    mentees, mentors = cohort(90, 30, 5, seats=0.7, missing=0.25)
    rng = np.random.default_rng(0)
    plain = scored(mentees, mentors)
    rows = rng.permutation(90)
    other = scored(mentees.iloc[rows].reset_index(drop=True), mentors, engine="numba")
    assert other.levels == plain.levels
    np.testing.assert_array_equal(other.points, plain.points[rows])
    monkeypatch.setattr("mentormatch.scoring.neutral.COMPILE_FROM", 0)
    monkeypatch.setattr(module, "SMALL", 0)
    assert scored(mentees, mentors).levels == plain.levels


def test_large_rosters_are_sampled_by_their_people():
    people = profiles("mentee", [{"id": f"p{k}"} for k in range(SAMPLE + 500)])
    rows = sample_rows(people, SAMPLE)
    assert len(rows) == SAMPLE
    order = np.random.default_rng(1).permutation(len(people))
    again = sample_rows(people.take(order), SAMPLE)
    assert {people.ids[r] for r in rows} == {people.take(order).ids[r] for r in again}
    assert (np.diff(again) > 0).all()


QUESTIONS = ("goals", "needs", "communication_style", "availability", "seniority", "languages")


def seats_changed(cohorts, questions, options, share=0.25):
    """Blank some answers, and return the change of the share of those people who have a seat."""
    rng = np.random.default_rng(2)
    changed = {question: [] for question in questions}
    for n, m, seed in cohorts:
        mentees, mentors = cohort(n, m, seed, seats=0.7, missing=0.2)
        before = scored(mentees, mentors, **options)
        had = solve(Problem(before)).assignment >= 0
        for question in questions:
            some = rng.random(n) < share
            some &= before.mentees.columns[question].answered
            fewer = mentees.copy()
            fewer.loc[some, question] = ""
            after = solve(Problem(scored(fewer, mentors, **options))).assignment >= 0
            changed[question].append(after[some].mean() - had[some].mean())
    return {question: float(np.mean(shares)) for question, shares in changed.items()}


@pytest.mark.slow
def test_a_blank_answer_wins_no_seat_and_costs_none():
    cohorts = [(300, 100, seed) for seed in range(4)]
    questions = ("goals", "communication_style")
    changed = seats_changed(cohorts, questions, {})
    assert max(map(abs, changed.values())) < 0.06, changed
    # what it is measured against: levels that are off
    assert seats_changed(cohorts, ("goals",), {"levels": {"goals": 0}})["goals"] < -0.1
    assert seats_changed(cohorts, ("goals",), {"levels": {"goals": 0.8}})["goals"] > 0.1


@pytest.mark.slow
def test_a_blank_answer_wins_no_seat_and_costs_none_on_many_cohorts():
    changed = seats_changed([(300, 100, 100 + seed) for seed in range(16)], QUESTIONS, {})
    assert max(map(abs, changed.values())) < 0.04, changed


def test_levels_are_reused_by_rematch_and_by_late_joiners(scores):
    matching = solve(Problem(scores))
    leaver = scores.mentees.ids[3]
    again = rematch(matching, left=[leaver]).matching.problem.scores
    assert again.levels == scores.levels
    known = scored(*cohort(90, 30, 5, seats=0.7, missing=0.25), levels={"goals": 0.1})
    assert known.levels["goals"] == 0.1
    assert known.levels["needs"] == scores.levels["needs"]
    assert matching.manifest["missing"] == {"counts": "neutral", "levels": scores.levels}


def test_a_question_that_nobody_answered_counts_as_the_prior():
    people = [profiles(role, [{"id": "a" + role, "interests": None}]) for role in
              ("mentee", "mentor")]  # fmt: skip
    assert score(*people, [Overlap("interests")], [], prior=0.3).points[0, 0] == 300_000


def test_a_mentors_blank_counts_as_the_mean_of_those_who_answered():
    parts = np.array([[0.2, 0.8, np.nan], [np.nan, np.nan, np.nan]])
    people = [profiles(role, [{"id": f"{role}{k}"} for k in range(count)]) for role, count in
              (("mentee", 2), ("mentor", 3))]  # fmt: skip
    made = score(*people, [Custom(lambda a, b: parts, name="fit")], [])
    np.testing.assert_array_equal(made.points[0], [200_000, 800_000, 500_000])
    assert len(set(made.points[1].tolist())) == 1  # a mentee's blank: the same with everybody


@pytest.mark.parametrize(
    "options",
    [{"missing": "skip"}, {"levels": {"goals": 2}}, {"levels": {"gaols": 0.5}}],
)
def test_what_is_refused(options):
    with pytest.raises(ParameterError, match=next(iter(options))):
        scored(*cohort(12, 6, 1), **options)


@pytest.mark.parametrize("small", [0, 50_000])
def test_the_largest_price_is_what_one_seat_fewer_costs(monkeypatch, small):
    monkeypatch.setattr(module, "SMALL", small)
    rng = np.random.default_rng(4)
    for _ in range(150):
        n, m = rng.integers(1, 8), rng.integers(1, 5)
        points = rng.integers(-3, 9, (n, m)).astype(np.int32)
        capacity, bonus = rng.integers(0, 4, m), rng.integers(0, 50, n)
        best = assign(points, capacity, row_bonus=bonus)
        price = largest_prices(points, capacity, bonus, best)
        assert (price >= best.mentor_price).all()
        for mentor in range(m):
            fewer = capacity - (np.arange(m) == mentor)
            if fewer[mentor] < 0:
                assert price[mentor] == NOWHERE
                continue
            assert (
                price[mentor] == best.objective - assign(points, fewer, row_bonus=bonus).objective
            )


@pytest.mark.parametrize("memory", [None, 1])
@pytest.mark.parametrize("asked", [0, 1])
def test_ctrl_c_is_passed_on_instead_of_levels_of_half_a_market(monkeypatch, memory, asked):
    frames = make_cohort(40, 20, seed=1, seats=0.8)
    mentees, mentors = (
        read_roster(frame, role=role)
        for frame, role in zip(frames, ("mentee", "mentor"), strict=True)
    )
    calls = []

    def interrupted(find):
        def found(*args, **how):
            calls.append(1)
            best = find(*args, **how)
            return replace(best, status="interrupted") if len(calls) > asked else best

        return found

    for name in ("assign", "assign_source"):
        monkeypatch.setattr(neutral, name, interrupted(getattr(neutral, name)))
    with pytest.raises(KeyboardInterrupt):
        score(mentees, mentors, memory=memory)
    assert len(calls) == asked + 1
