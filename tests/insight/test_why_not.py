"""What a pair would cost is the difference of two optima, and the moves add up to it."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from mentormatch.datasets.cohort import make_cohort
from mentormatch.errors import InfeasibleError, ParameterError, Status
from mentormatch.insight.alternatives import alternatives
from mentormatch.insight.why_not import why_not
from mentormatch.matching.constraints import Load, ScoreFloor
from mentormatch.matching.lowering import Lowered, lower
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import MaximizeMinimum, MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import match, solve
from mentormatch.rosters.read import read_roster
from mentormatch.scoring.rules import Forbid, Lock
from mentormatch.scoring.scores import Scores
from tests.oracles import best_value as best
from tests.oracles import random_problem


@pytest.fixture(scope="module")
def cohort() -> Matching:
    mentees, mentors = make_cohort(500, 150, seed=11, seats=0.95)
    return match(read_roster(mentees, role="mentee"), read_roster(mentors, role="mentor"))


def minus(a: tuple[int, int, int], b: tuple[int, int, int]) -> tuple[int, int, int]:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@pytest.mark.parametrize("seed", range(50))
def test_the_cost_is_what_brute_force_loses(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed))
    matching = solve(problem)
    scores = problem.scores
    optimum = best(problem)
    assert optimum is not None
    for i, mentee in enumerate(scores.mentees.ids):
        for j, mentor in enumerate(scores.mentors.ids):
            answer = why_not(matching, mentee, mentor)
            locked = {int(a): int(b) for a, b in scores.locks}
            forced = best(problem, forced=(i, j)) if locked.get(i, j) == j else None
            if scores.points[i, j] < 0 or forced is None:
                assert answer.rule
                assert answer.lost is None
                assert np.isnan(answer.cost)
                continue
            lost = answer.lost
            assert lost is not None
            assert answer.bound is not None
            assert (lost.matched, lost.priority, lost.millionths) == minus(optimum, forced)
            assert answer.bound <= lost, "never below the reduced cost"


@pytest.mark.parametrize("seed", range(50))
def test_the_moves_lead_to_a_matching_with_the_pair_at_that_cost(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed), n=6, m=5)
    matching = solve(problem)
    scores = problem.scores
    for mentee in scores.mentees.ids:
        for mentor in scores.mentors.ids:
            answer = why_not(matching, mentee, mentor)
            if answer.lost is None:
                continue
            assignment = matching.assignment.copy()
            for who, before, after in answer.moves[["mentee", "before", "after"]].itertuples(
                index=False
            ):
                i = scores.mentees.position(who)
                was = matching.assignment[i]
                assert before == (scores.mentors.ids[was] if was >= 0 else None)
                assignment[i] = scores.mentors.position(after) if after is not None else -1
            assert assignment[scores.mentees.position(mentee)] == scores.mentors.position(mentor)
            load = np.bincount(assignment[assignment >= 0], minlength=len(scores.mentors))
            assert (load <= scores.mentors.capacity).all()
            rows = np.flatnonzero(assignment >= 0)
            total = int(scores.points[rows, assignment[rows]].sum())
            assert (scores.points[rows, assignment[rows]] >= 0).all()
            old = np.flatnonzero(matching.assignment >= 0)
            before_total = int(scores.points[old, matching.assignment[old]].sum())
            assert before_total - total == answer.lost.millionths
            assert round(-answer.moves["change"].sum() * 1e6) == answer.lost.millionths


@pytest.mark.parametrize("pairs", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_random_pairs_of_a_cohort_cost_the_difference_of_two_full_solves(
    cohort: Matching, pairs: int
) -> None:
    lowered = lower(cohort.problem)
    ids = cohort.problem.scores.mentees.ids, cohort.problem.scores.mentors.ids
    rng = np.random.default_rng(3)
    rows, cols = (
        side[:pairs] for side in rng.permutation(np.argwhere(lowered.program.points >= 0)).T
    )
    everybody = np.arange(500)
    optimum = seat_by_seat(lowered, everybody, lowered.program.capacity)
    for i, j in zip(rows, cols, strict=True):
        answer = why_not(cohort, ids[0][i], ids[1][j])
        capacity = lowered.program.capacity - (np.arange(150) == j)
        others = seat_by_seat(lowered, everybody[everybody != i], capacity)
        lost = optimum - others - int(lowered.bonus[i]) - int(lowered.value[i, j])
        assert answer.lost is not None
        assert answer.bound is not None
        units = (
            lowered.matched_unit, lowered.priority_unit, lowered.seat_unit,
            lowered.defect_unit, 1,
        )  # fmt: skip
        parts = astuple(answer.lost)
        assert sum(u * part for u, part in zip(units, parts, strict=True)) == lost
        assert answer.bound <= answer.lost


def seat_by_seat(lowered: Lowered, rows: np.ndarray, capacity: np.ndarray) -> int:
    """Return the optimum by SciPy, with one column per seat: whole numbers below 2**53."""
    seats = np.repeat(np.arange(len(capacity)), capacity)
    points = lowered.value[rows][:, seats].astype(np.float64)
    value = np.where(points >= 0, points + lowered.bonus[rows, None], 0)
    return int(value[linear_sum_assignment(value, maximize=True)].sum())


@pytest.mark.parametrize("seed", range(20))
def test_beyond_the_nearest_pairs_the_answers_are_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = random_problem(np.random.default_rng(seed))
    people = problem.scores.mentees.ids, problem.scores.mentors.ids

    def answers() -> list[object]:
        matching = solve(problem)
        told = [why_not(matching, a, b) for a in people[0] for b in people[1]]
        listed = [alternatives(matching, a).drop(columns="text").to_dict() for a in people[0]]
        return [[(a.lost, a.bound, len(a.moves)) for a in told], listed]

    near = answers()
    monkeypatch.setattr("mentormatch.insight.reallocation.WHOLE", 1)
    assert answers() == near


def test_rules_floors_and_locks_are_named() -> None:
    scores = Scores.from_matrix(
        [[0.9, 0.2], [0.5, 0.6], [0.4, 0.4]],
        capacity=[1, 1],
        rules=[Forbid([("mentee 1", "mentor 1")]), Lock([("mentee 2", "mentor 2")])],
    )
    matching = solve(Problem(scores, constraints=[ScoreFloor(0.3)]))
    assert "forbidden" in str(why_not(matching, "mentee 1", "mentor 1").rule)
    assert "floor of 0.3" in str(why_not(matching, "mentee 1", "mentor 2").rules[0])
    assert "locked to mentor 2" in str(why_not(matching, "mentee 2", "mentor 1").rule)
    assert "locked to others" in str(why_not(matching, "mentee 3", "mentor 2").rule)
    assert why_not(matching, "mentee 3", "mentor 1").text == "mentee 3 is with mentor 1."


def test_the_text_says_who_would_have_to_move() -> None:
    scores = Scores.from_matrix([[0.9, 0.8], [0.9, 0.1]], capacity=1)
    answer = why_not(solve(Problem(scores)), "mentee 1", "mentor 1")
    assert answer.cost == pytest.approx(0.7)
    assert answer.text == (
        "mentee 1 with mentor 1 would cost 0.700 of total score. mentee 2 would move to mentor 2."
    )
    assert "mentee 2" in answer._repr_html_()


def test_a_matching_without_proof_has_no_exact_prices(cohort: Matching) -> None:
    scores = cohort.problem.scores
    stopped = replace(cohort, status=Status.TIME_LIMIT)
    with pytest.raises(ParameterError, match="proven optimal"):
        why_not(stopped, scores.mentees.ids[0], scores.mentors.ids[0])


@pytest.mark.parametrize("seed", range(30))
def test_alternatives_are_the_cheapest_forced_pairs(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed))
    matching = solve(problem)
    scores = problem.scores
    for i, mentee in enumerate(scores.mentees.ids):
        frame = alternatives(matching, mentee, k=9)
        answers = {
            mentor: why_not(matching, mentee, mentor)
            for j, mentor in enumerate(scores.mentors.ids)
            if j != matching.assignment[i]
        }
        possible = {mentor: a.lost for mentor, a in answers.items() if a.lost is not None}
        assert set(frame["mentor"]) == set(possible)
        costs = [possible[mentor] for mentor in frame["mentor"]]
        assert costs == sorted(costs)
        assert [c.millionths / 1e6 for c in costs] == frame["cost"].tolist()
        assert [len(answers[m].moves) - 1 for m in frame["mentor"]] == frame["others_move"].tolist()
        assert alternatives(matching, mentee, k=1).equals(frame.head(1)) or frame.empty


def test_k_is_checked(cohort: Matching) -> None:
    with pytest.raises(ParameterError, match="'k' parameter of alternatives"):
        alternatives(cohort, cohort.problem.scores.mentees.ids[0], k=0)


def test_minimum_loads_are_kept_by_the_exchanges() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        n, m = int(rng.integers(2, 6)), int(rng.integers(1, 4))
        matrix = rng.integers(0, 6, (n, m)) / 5
        scores = Scores.from_matrix(
            matrix, capacity=rng.integers(1, 3, m), admissible=rng.random((n, m)) < 0.8
        )
        problem = Problem(scores, constraints=[Load(least=1)])
        try:
            matching = solve(problem)
        except InfeasibleError:
            continue
        for i, j in np.argwhere(scores.points >= 0).tolist():
            answer = why_not(matching, scores.mentees.ids[i], scores.mentors.ids[j])
            best_with = best(problem, forced=(i, j), least=1)
            if best_with is None:
                assert answer.lost is None
                assert "Load(least=1)" in str(answer.rule)
                continue
            optimum = best(problem, least=1)
            assert optimum is not None
            assert answer.lost is not None
            assert answer.bound is not None
            lost = (answer.lost.matched, answer.lost.priority, answer.lost.millionths)
            assert lost == minus(optimum, best_with)
            assert answer.bound <= answer.lost


def test_problems_with_more_to_them_are_solved_again() -> None:
    matrix = np.array([[0.9, 0.8, 0.1], [0.9, 0.1, 0.4], [0.5, 0.6, 0.7]])
    scores = Scores.from_matrix(matrix, capacity=1)
    matching = solve(Problem(scores, objectives=[MaximizeMinimum(), MaximizeTotal()]))
    answer = why_not(matching, "mentee 1", "mentor 1")
    assert answer.bound is None
    assert answer.moves["mentee"].iloc[0] == "mentee 1"
    assert answer.moves["after"].iloc[0] == "mentor 1"
    assert answer.lost is not None
    locked = replace(scores, locks=np.array([[0, 0]]))
    forced = solve(replace(matching.problem, scores=locked))
    assert answer.cost == pytest.approx(matching.objective - forced.objective)
    assert "MaximizeMinimum" in answer.text
    frame = alternatives(matching, "mentee 1")
    assert set(frame["mentor"]) == {"mentor 1", "mentor 3"} or len(frame) == 2
