"""Every question is asked under every objective, constraint, empty side and time limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from tests import fuzz
from tests.oracles import BruteForce

KINDS = [*fuzz.OBJECTIVES, *fuzz.CONSTRAINTS, "locks", "plain"]
LIMITS = [None, 0.001, pytest.param(1.0, marks=pytest.mark.slow)]


def problem_of(kind: str, seed: int, n: int = 4, m: int = 3) -> tuple[mm.Problem, fuzz.Frames]:
    """Return a small problem of one kind, with more mentees than seats."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    frames = fuzz.rosters(rng, n, m)
    locks = [mm.Lock([("e0", "r0")])] if kind == "locks" and n and m else []
    scores = mm.Scores.from_matrix(
        rng.integers(0, 6, (n, m)) / 5, capacity=np.ones(m, dtype=int), mentees=frames[0],
        mentors=frames[1], rules=locks,
    )  # fmt: skip
    objectives: list[object] = [mm.MaximizeMatched(), mm.MaximizeTotal()]
    if kind in fuzz.OBJECTIVES and kind not in ("matched", "priority", "total"):
        objectives.insert(1, fuzz.OBJECTIVES[kind](rng, frames))
    elif kind in fuzz.OBJECTIVES:
        objectives = [fuzz.OBJECTIVES[kind](rng, frames)]
    constraints = []
    if kind in fuzz.CONSTRAINTS and not (0 in (n, m) and kind in ("hours", "reserve")):
        made = fuzz.CONSTRAINTS[kind](rng, frames)
        if made is not None and not (0 in (n, m) and fuzz._reads_numbers(made)):
            constraints = [made]
    return mm.Problem(scores, objectives, constraints), frames  # type: ignore[arg-type]


def solved(problem: mm.Problem) -> mm.Matching | None:
    try:
        return mm.solve(problem)
    except mm.InfeasibleError:
        return None


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_question_is_answered(kind: str, limit: float | None) -> None:
    for seed in range(2 if limit is None else 1):
        problem, _ = problem_of(kind, seed)
        matching = solved(problem)
        if matching is None:
            continue
        people = problem.scores.mentees.ids, problem.scores.mentors.ids
        for mentor in people[1]:
            answer = mm.why_not(matching, people[0][0], mentor, time_limit=limit)
            assert answer.text
            assert answer.rules or not answer.exact or answer.lost is not None
        listed = mm.alternatives(matching, people[0][1], time_limit=limit)
        assert (listed["mentor"].isin(people[1])).all()
        told = mm.diagnose(matching, most_seats=2, time_limit=limit)
        assert told["person"].tolist() == list(matching.unmatched)
        costs = mm.stage_costs(matching, time_limit=limit)
        assert len(costs) == len(problem.pursued)
        assert (costs["cost"].dropna() >= 0).all()
        assert mm.compare(matching, matching).changed.empty
        assert str(matching.manifest["result"]["meaning"])
        for over in ("floor", "load", mm.Parity("gender", smallest=1)):
            traded = mm.tradeoff(problem, over=over, time_limit=limit).to_frame()
            assert (traded["feasible"] | (traded["note"] != "")).all()


@pytest.mark.parametrize("shape", [(0, 2), (2, 0), (0, 0)])
@pytest.mark.parametrize("kind", KINDS)
def test_empty_sides_are_answered(kind: str, shape: tuple[int, int]) -> None:
    problem, _ = problem_of(kind, 0, *shape)
    try:
        matching = solved(problem)
    except mm.MentormatchError:
        return  # the constraint itself names people who are not there
    if matching is None:
        return
    people = problem.scores.mentees.ids, problem.scores.mentors.ids
    assert list(mm.diagnose(matching)["person"]) == list(people[0])
    for person in people[0]:
        assert mm.alternatives(matching, person).empty
    assert len(mm.stage_costs(matching)) == len(problem.pursued)
    assert mm.compare(matching, matching).changed.empty
    assert len(mm.tradeoff(problem, over="load").to_frame()) == 1
    plain = all(isinstance(o, mm.MaximizeMatched | mm.MaximizeTotal) for o in problem.pursued)
    if plain and not problem.constraints:
        assert mm.stability_frontier(problem)["blocking_pairs"].tolist() == [0]


def value_of(oracle: BruteForce, optimum: list[tuple[int, ...]], name: str) -> int | None:
    for key, value in zip(oracle.keys, optimum, strict=True):
        if key.shown and key.name == name:
            return value[0]
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_claimed_holds_among_all_assignments(kind: str) -> None:
    for seed in range(3):
        problem, frames = problem_of(kind, seed)
        matching = solved(problem)
        if matching is None:
            continue
        oracle = BruteForce(problem, *frames)
        before = {
            name: value_of(oracle, oracle.optimum, name)
            for name in ("MaximizeMatched", "MaximizeTotal")
        }
        people = problem.scores.mentees.ids, problem.scores.mentors.ids
        for i, j in np.ndindex(len(people[0]), len(people[1])):
            answer = mm.why_not(matching, people[0][i], people[1][j])
            if not answer.exact:  # HiGHS proves nothing of rows with thirds to 16 digits
                assert kind == "quota share"
                assert "proven" in answer.text
                continue
            having = oracle.x[oracle.x[:, i, j]]
            assert bool(answer.rules) == (not len(having))
            if not len(having):
                continue
            optimum = oracle.best_among(having)[1]
            assert answer.lost is not None
            for name, lost in (
                ("MaximizeMatched", answer.lost.matched), ("MaximizeTotal", answer.lost.millionths)
            ):  # fmt: skip
                now, was = value_of(oracle, optimum, name), before[name]
                if now is not None and was is not None:
                    assert lost == was - now


@pytest.mark.parametrize("kind", KINDS)
def test_constraints_that_hold_somebody_back_are_named(kind: str) -> None:
    """What is advised matches her and one more; a constraint is named only if dropping it does."""
    for seed in range(4):
        problem, frames = problem_of(kind, seed)
        matching = solved(problem)
        if matching is None or not matching.unmatched:
            continue
        told = mm.diagnose(matching, most_seats=1, most_tried=50)
        assert told["exact"].all()
        count = int((matching.assignment >= 0).sum())
        for row in told.itertuples():
            if row.kind not in ("constraint", ""):
                continue
            i = problem.scores.mentees.ids.index(row.person)
            may, must = False, False
            for k, constraint in enumerate(problem.constraints):
                if isinstance(constraint, mm.ScoreFloor | mm.Demand):
                    continue
                left = [c for at, c in enumerate(problem.constraints) if at != k]
                after = BruteForce(replace(problem, constraints=left), *frames)
                if int(after.best[0].any(axis=1).sum()) > count:
                    may |= bool(after.best[:, i].any())
                    must |= bool(after.best[:, i].any(axis=1).all())  # whatever way ties fall
            assert may or row.kind == ""
            assert not must or row.kind == "constraint"


def test_apart_with_one_seat_each_gives_no_false_advice() -> None:
    """FAULTS C1: a second seat does not help where two people must not share a mentor."""
    scores = mm.Scores.from_matrix(np.array([[0.9], [0.8]]), capacity=[1])
    matching = mm.solve(mm.Problem(scores, constraints=[mm.Apart(["mentee 1", "mentee 2"])]))
    told = mm.diagnose(matching)
    assert told["change"].tolist() == [""]
    assert told["exact"].all()


def test_a_most_load_is_a_constraint_and_not_a_lack_of_seats() -> None:
    scores = mm.Scores.from_matrix(np.array([[0.9], [0.8], [0.7]]), capacity=[2])
    matching = mm.solve(mm.Problem(scores, constraints=[mm.Load(most=1)]))
    told = mm.diagnose(matching)
    assert told["kind"].tolist() == ["constraint", ""]
    assert told["change"][0] == "Load(most=2) instead of Load(most=1)"


def test_a_pair_that_cannot_be_names_the_conflict() -> None:
    mentees = pd.DataFrame({"id": ["a", "b", "c"], "group": ["x", "x", "y"]})
    scores = mm.Scores.from_matrix(np.full((3, 2), 0.5), capacity=[2, 2], mentees=mentees)
    quota = mm.Quota("group", "x", over="mentor", over_value="mentor 1", most=0)
    answer = mm.why_not(mm.solve(mm.Problem(scores, constraints=[quota])), "a", "mentor 1")
    assert "Quota('group' = 'x', most=0) at mentor 1" in answer.text
    assert answer.rule
    demand = mm.solve(mm.Problem(scores, constraints=[mm.Demand({"a": 0})]))
    assert "asks for no mentor" in mm.why_not(demand, "a", "mentor 1").text


def test_what_is_not_defined_is_refused_in_words() -> None:
    scores = mm.Scores.from_matrix(np.array([[0.9, 0.8], [0.8, 0.1]]), capacity=[1, 1])
    stable = mm.match_stable(scores)
    for ask in (
        lambda: mm.why_not(stable, "mentee 1", "mentor 2"),
        lambda: mm.alternatives(stable, "mentee 1"),
        lambda: mm.diagnose(stable),
        lambda: mm.stage_costs(stable),
    ):
        with pytest.raises(mm.errors.ParameterError, match="stable"):
            ask()
    with pytest.raises(mm.errors.ParameterError, match="other objectives"):
        mm.stability_frontier(mm.Problem(scores, [mm.MaximizeMinimum()]))
    with pytest.raises(mm.errors.ParameterError, match="whole numbers"):
        mm.tradeoff(mm.Problem(scores), over="load", values=[1.5])
    for call in (mm.why_not, mm.alternatives):
        people = ("mentee 1", "mentor 1") if call is mm.why_not else ("mentee 1",)
        with pytest.raises(mm.errors.ParameterError, match="'time_limit' parameter"):
            call(mm.solve(mm.Problem(scores)), *people, time_limit=0)  # type: ignore[arg-type]


def test_two_yardsticks_are_not_subtracted() -> None:
    """FAULTS: totals of other weights are no difference; both are judged by the second's."""
    matrix = np.array([[0.9, 0.1], [0.2, 0.8]])
    first = mm.solve(mm.Problem(mm.Scores.from_matrix(matrix, capacity=1)))
    second = mm.solve(mm.Problem(mm.Scores.from_matrix(matrix / 2, capacity=1)))
    found = mm.compare(first, second)
    assert found.changed.empty
    assert found.summary.set_index("measure").loc["total score", "difference"] == 0
    assert found.yardstick == "the second's scores, for both"
    assert "by the second's scores" in found.text
    assert mm.compare(first, first).yardstick == "each matching's own scores"
    fewer = pd.DataFrame(matrix[1:] / 2, index=["mentee 2"], columns=["mentor 1", "mentor 2"])
    third = mm.solve(mm.Problem(mm.Scores.from_matrix(fewer, capacity=1)))
    left = mm.compare(first, third)
    assert "1 pair of the first" in left.yardstick
    assert left.summary.set_index("measure").loc["total score", "first"] == pytest.approx(0.4)


def test_a_point_out_of_time_is_none_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> mm.Matching:
        raise mm.MentormatchError("out of time")

    monkeypatch.setattr("mentormatch.insight.tradeoff.run", late)
    monkeypatch.setattr("mentormatch.insight.stage_costs.run", late)
    monkeypatch.setattr("mentormatch.insight.forcing.run", late)
    scores = mm.Scores.from_matrix(np.array([[0.9, 0.8], [0.8, 0.1]]), capacity=[1, 1])
    problem = mm.Problem(scores, constraints=[mm.Quota("id", most=1)])
    traded = mm.tradeoff(mm.Problem(scores), over="load")
    assert traded.matchings == (None,)
    assert "in time" in traded.notes[0]
    assert traded.to_frame()["note"][0] == traded.notes[0]
    fair = mm.solve(replace(problem, objectives=[mm.MaximizeTotal(), mm.MaximizeMinimum()],
                            constraints=[]))  # fmt: skip
    costs = mm.stage_costs(fair)
    assert costs["exact"].tolist()[0] is False or not costs["exact"][0]
    assert costs["cost"].isna().all()
    answer = mm.why_not(fair, "mentee 1", "mentor 1")
    assert not answer.exact
    assert answer.lost is None
    assert "nor a proof" in answer.text
