"""The validator itself: silent about what is right, loud about every planted untruth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.matching.answer import Stage
from tests.definitions import Definitions, incidence, share
from tests.oracles import BruteForce, Highs, nearest_share
from tests.validator import blocking, check, check_optimal, check_stable

Planted = Callable[[mm.Matching], mm.Matching]


def problem(constraints: Any = (), objectives: Any = None, locks: Any = ()) -> mm.Problem:
    mentees = pd.DataFrame(
        {"id": list("abcd"), "g": ["x", "x", "y", None], "hours": [1.0, 2.0, 1.0, np.nan]}
    )
    mentors = pd.DataFrame({"id": ["p", "q"], "site": ["s", "t"], "hours": [2.0, np.nan]})
    scores = mm.Scores.from_matrix(
        [[0.9, 0.4], [0.8, 0.1], [0.3, 0.7], [0.5, 0.5]], capacity=[2, 1],
        admissible=[[1, 1], [1, 0], [1, 1], [1, 1]], mentees=mentees, mentors=mentors,
        rules=[mm.Lock(list(locks))] if locks else [],
    )  # fmt: skip
    given = {} if objectives is None else {"objectives": objectives}
    return mm.Problem(scores, constraints=constraints, **given)


def with_pairs(matching: mm.Matching, assignment: list[int]) -> mm.Matching:
    """The same claims about other pairs, each stage as they are worth."""
    moved = replace(matching, mentors_of=np.array(assignment)[:, None])
    x = incidence(moved)
    stages = []
    every = Definitions(moved.problem).keys()
    keys = {key.name: key for key in every if key.shown}
    for stage in matching.stages:
        key = keys[stage.objective]
        value = float(key.unit * int(key.values(x)[0, 0]))
        stages.append(replace(stage, value=value, bound=max(value, stage.bound)))
    return replace(moved, stages=tuple(stages))


def test_silence_about_what_is_right() -> None:
    matching = mm.solve(problem())
    assert not check(matching)
    assert not check_optimal(matching, BruteForce(matching.problem))
    assert not check_optimal(matching, Highs(matching.problem))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("constraint", "broken"),
    [
        (mm.Load(most=1), [0, 0, 1, -1]),
        (mm.Load(least=1), [0, 0, -1, -1]),
        (mm.Load(most=1, by="site", value="s"), [0, 0, 1, -1]),
        (mm.Demand({"a": 0}), [0, -1, 1, -1]),
        (mm.Quota("g", "x", most=1), [0, 0, 1, -1]),
        (mm.Quota("g", "y", over="site", over_value="t", least=1), [0, 0, -1, 1]),
        (mm.Quota("g", "x", over="programme", most=0.5), [0, 0, 1, -1]),
        (mm.Parity("g", within=0.2, smallest=1), [0, 0, 1, -1]),
        (mm.Parity("g", "impact_ratio", smallest=1), [0, -1, 1, 0]),
        (mm.Parity("g", "mean_score", within=0.1, smallest=1), [0, 0, 1, -1]),
        (mm.Together(["a", "c"]), [0, 0, 1, -1]),
        (mm.Apart(["a", "b"]), [0, 0, 1, -1]),
        (mm.HoursBudget(), [0, 0, 1, -1]),
        (mm.ScoreFloor(0.6), [1, 0, -1, 0]),
        (mm.ScoreFloor({"d": 0.6}), [0, -1, 1, 0]),
    ],
    ids=str,
)
def test_every_broken_constraint_is_told(constraint: Any, broken: list[int]) -> None:
    free = mm.solve(problem())
    moved = with_pairs(free, broken)
    assert not check(moved, views=False) or moved.gap > 0
    told = check(replace(moved, problem=problem([constraint])), views=False)
    assert any(repr(constraint) in text or "more mentors than asked" in text for text in told)


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ([0, 1, -1, -1], "not admissible"),
        ([0, 0, 0, 1], "more mentees than seats"),
        ([0, 0, 1, -1], "lock"),
    ],
)
def test_rules_seats_and_locks(assignment: list[int], words: str) -> None:
    matching = mm.solve(problem(locks=[("d", "p")]))
    assert any(words in text for text in check(with_pairs(matching, assignment), views=False))


PLANTED: dict[str, tuple[Planted, str]] = {
    "value": (lambda m: replace(m, stages=(m.stages[0], Stage("MaximizeTotal", 9, 9, "score"))),
              "its pairs have"),
    "bound": (lambda m: replace(m, stages=(Stage("MaximizeMatched", 3, 2, "mentees"),
                                           m.stages[1])), "below value"),
    "optimal with a gap": (
        lambda m: replace(m, stages=(m.stages[0], replace(m.stages[1], bound=3.0))),
        "optimal with a gap"),
    "status": (lambda m: replace(m, status="perfect"), "vocabulary"),
    "stages": (lambda m: replace(m, stages=m.stages[:1]), "stages are"),
    "unit": (lambda m: replace(m, stages=(replace(m.stages[0], unit="people"), m.stages[1])),
             "is in"),
    "position": (lambda m: replace(m, mentors_of=np.array([[5], [0], [1], [-1]])), "not exist"),
    "twice": (lambda m: replace(m, mentors_of=np.array([[0, 0], [0, -1], [1, -1], [-1, -1]])),
              "twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_claim_is_told(name: str) -> None:
    plant, words = PLANTED[name]
    told = check(plant(mm.solve(problem())), views=False)
    assert any(words in text for text in told), told


def test_less_than_the_best_is_told() -> None:
    matching = mm.solve(problem())
    oracle = BruteForce(matching.problem)
    worse = with_pairs(matching, [0, 0, -1, 1])
    worse = replace(worse, stages=tuple(replace(s, bound=s.value) for s in worse.stages))
    told = check_optimal(worse, oracle)
    assert any("best" in text for text in told)
    assert any("excludes" in text for text in told)
    loose = replace(worse, status="time_limit", stages=matching.stages)
    loose = replace(loose, stages=tuple(replace(s, bound=s.value + 1) for s in worse.stages))
    assert not check_optimal(loose, oracle)


def test_unique_is_told_where_it_is_not() -> None:
    matching = mm.solve(problem(objectives=[mm.MaximizeMatched()]))
    oracle = BruteForce(matching.problem)
    assert len(oracle.best) > 1
    assert check_optimal(replace(matching, unique=True), oracle)
    assert not check_optimal(replace(matching, unique=False), oracle)


def test_a_pair_that_blocks_is_told() -> None:
    stable = mm.match_stable(problem())
    oracle = BruteForce(stable.problem)
    assert not check(stable) + check_stable(stable, oracle)
    assert not blocking(oracle.meaning, incidence(stable)).any()
    other = replace(stable, mentors_of=np.array([[1], [0], [0], [-1]]))
    assert any("rather" in text for text in check_stable(other, oracle))


@pytest.mark.parametrize("bound", [1 / 3, 0.4, 0.25, 1.0, 0.0])
def test_a_share_of_small_numbers_is_a_small_fraction(bound: float) -> None:
    for up in (False, True):
        part, most = share(bound), 12
        near = nearest_share(part, most, up=up)
        assert near.denominator <= most
        for taken in range(most + 1):
            for ours in range(taken + 1):
                if up:
                    assert (ours >= part * taken) == (ours >= near * taken)
                else:
                    assert (ours <= part * taken) == (ours <= near * taken)
