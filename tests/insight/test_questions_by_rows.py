"""Questions about one person have the answers of the matrix where the scores are none."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import mentormatch as mm
from mentormatch.errors import ParameterError, TooLargeError, UnknownPersonError
from mentormatch.insight import reallocation_by_rows, remedies_on_flow
from mentormatch.insight.forcing import budget_of, forced
from mentormatch.scoring.presets import Plan
from mentormatch.solvers import pool as listed_pairs
from mentormatch.solvers.source import Admitted, ListedPairs, narrowed
from tests.scoring.people import cohort, profiles
from tests.scoring.test_laws import CRITERIA, RULES


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of 2, and of 2 more a reading: nearly everything has to be read for a reason."""
    monkeypatch.setattr(listed_pairs, "WIDTH", 2)
    monkeypatch.setattr(listed_pairs, "ADDED", 2)
    monkeypatch.setattr(reallocation_by_rows, "LISTED", 2)


def solved(people: Any, plan: Any = None, how: Any = None, **asked: Any) -> list[mm.Matching]:
    """Return the matching by rows, and the same with a matrix."""
    found = [
        mm.solve(mm.Problem(mm.score(*people, plan, **(how or {}), memory=memory), **asked))
        for memory in (1, None)
    ]
    assert [matching.problem.scores.source is None for matching in found] == [False, True]
    assert np.array_equal(found[0].assignment, found[1].assignment)
    return found


def invented(seed: int, n: int, m: int, seats: float = 1.0) -> list[mm.Profiles]:
    frames = mm.make_cohort(n, m, seed=seed, seats=seats)
    return [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]


def same_answers(rows: mm.Matching, matrix: mm.Matching) -> None:
    """Compare what is said of every pair, and of the next best of every mentee."""
    scores = matrix.problem.scores
    totalled = any(isinstance(o, mm.MaximizeTotal) for o in matrix.problem.pursued)
    for mentee in scores.mentees.ids:
        for mentor in scores.mentors.ids:
            one, other = (mm.why_not(m, mentee, mentor) for m in (rows, matrix))
            assert (one.lost, one.bound, one.rules) == (other.lost, other.bound, other.rules)
            assert (one.exact, len(one.moves)) == (other.exact, len(other.moves))
            change = -round(one.moves["change"].sum() * 1e6)
            assert one.lost is None or not totalled or one.lost.millionths == change
        one, other = (mm.alternatives(m, mentee, k=3) for m in (rows, matrix))
        columns = ["mentor", "score", "matched_lost", "cost", "others_move", "exact"]
        pd.testing.assert_frame_equal(one[columns], other[columns])
    assert "points" not in rows.problem.scores.__dict__


def same_diagnosis(rows: mm.Matching, matrix: mm.Matching) -> None:
    every = mm.diagnose(matrix)
    for person in every["person"]:
        one = mm.diagnose(rows, mentees=person)
        other = every[every["person"] == person].reset_index(drop=True)
        pd.testing.assert_frame_equal(one, other)
    assert "points" not in rows.problem.scores.__dict__


@pytest.mark.parametrize("seed", range(16))
def test_every_kind_of_criterion_and_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(3, 14)), int(rng.integers(2, 8))
    people = [profiles(r, p) for r, p in zip(("mentee", "mentor"), cohort(rng, n, m), strict=True)]
    values = rng.random((n, m)).astype(np.float32)
    own = (
        mm.Custom(lambda a, b: values, name="own", weight=0.3),
        mm.Precomputed(np.where(values > 0.2, values, np.nan), name="given", weight=0.1),
    )
    plan = Plan((*CRITERIA, *own), tuple(rule for rule in RULES if rng.random() < 0.2))
    how = {"missing": "drop" if seed % 3 == 2 else "neutral"}
    rows, matrix = solved(people, plan, how)
    same_answers(rows, matrix)
    same_diagnosis(rows, matrix)


OBJECTIVES = {
    "default": {},
    "total": {"objectives": [mm.MaximizeMatched(), mm.MaximizeTotal()]},
    "total alone": {"objectives": [mm.MaximizeTotal()]},
    "defects": {"objectives": [mm.MaximizeMatched(), mm.MinimizeDefects(by_score=False)]},
}  # fmt: skip


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("seats", [0.7, 1.3])
def test_locks_floors_and_loads(name: str, seats: float) -> None:
    people = invented(5, 22, 7, seats)
    mentees, mentors = people
    lock = [(mentees.ids[3], mentors.ids[mm.score(*people).best([3])[0, 0]])]
    asked = OBJECTIVES[name] | {"constraints": [mm.ScoreFloor(0.2), mm.Load(least=1)]}
    rows, matrix = solved(people, None, {"lock": lock}, **asked)
    same_answers(rows, matrix)
    same_diagnosis(rows, matrix)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_out_at_size_is_said(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that is told holds, and brings what is said; else not everything was tried."""
    rows, matrix = solved(invented(seed, 30, 6, 0.6))
    whole = mm.diagnose(matrix).set_index("person")
    monkeypatch.setattr(remedies_on_flow, "LINES", 1)
    monkeypatch.setattr(remedies_on_flow, "SOLVED_AGAIN", 0)
    found = pd.concat([mm.diagnose(rows, mentees=person) for person in whole.index])
    found = found.set_index("person")
    told = found.index[found["kind"] != ""]
    assert len(told)
    assert (whole["kind"][told] != "").all()
    sure = found.index[found["exact"]]
    assert (found["kind"] == whole["kind"])[sure].all()
    for person, change in found.loc[told].iterrows():
        if change["kind"] not in ("seat", "seats"):
            continue
        scores = matrix.problem.scores
        capacity = np.array(scores.mentors.capacity)
        capacity[scores.mentors.position(change["mentor"])] += int(change["amount"])
        mentors = replace(scores.mentors, capacity=capacity)
        after = mm.solve(mm.Problem(scores.replaced(mentors=mentors)))
        assert after.assignment[scores.mentees.position(person)] >= 0
        gained = (after.assignment >= 0).sum() - (matrix.assignment >= 0).sum()
        assert gained == change["matched_gain"]
        gain = after.objective - matrix.objective
        assert gain == pytest.approx(change["gain"]) if change["exact"] else gain >= change["gain"]


@pytest.mark.parametrize("seed", range(6))
def test_what_helps_whoever_may_go_to_few(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = invented(seed, int(rng.integers(6, 18)), int(rng.integers(2, 7)), 0.8)
    ids = [side.ids for side in people]
    forbid = [(a, b) for a in ids[0] for b in ids[1] if rng.random() < 0.5]
    constraints = [mm.ScoreFloor(0.45)] if seed % 2 else []
    rows, matrix = solved(people, None, {"forbid": forbid}, constraints=constraints)
    same_diagnosis(rows, matrix)


def test_listed_pairs() -> None:
    rng = np.random.default_rng(4)
    given = scipy.sparse.random(18, 6, 0.5, format="csr", random_state=4)
    capacity = rng.integers(1, 3, 6)
    found = [
        mm.solve(mm.Problem(mm.Scores.from_pairs(given, capacity=capacity, memory=memory)))
        for memory in (1, None)
    ]
    same_answers(*found)
    same_diagnosis(*found)


def test_a_matching_from_another_process_is_solved_again() -> None:
    rows, matrix = solved(invented(7, 20, 6, 0.9))
    again = pickle.loads(pickle.dumps(rows))
    again.__dict__.pop("_once", None)
    same_answers(again, matrix)


def test_a_pair_is_forced_by_solving_again() -> None:
    rows, matrix = solved(invented(8, 16, 5, 0.8))
    for i, j in np.ndindex(rows.problem.scores.shape):
        one, other = (forced(m, i, j, budget_of(None, "why_not")) for m in (rows, matrix))
        assert (one.lost, one.exact, one.conflicts) == (other.lost, other.exact, other.conflicts)
        assert (one.matching is None) == (other.matching is None)
        assert one.matching is None or dict(one.matching) == dict(other.matching or {})


def test_a_diagnosis_names_whom_it_is_about() -> None:
    rows, matrix = solved(invented(3, 20, 6, 0.7))
    with pytest.raises(TooLargeError, match=r"unmatched needs .* at once.*mentees=\['...'\]"):
        mm.diagnose(rows)
    with pytest.raises(ParameterError, match=r"without a mentor.*why_not"):
        mm.diagnose(matrix, mentees=next(iter(matrix))[0])
    with pytest.raises(UnknownPersonError):
        mm.diagnose(matrix, mentees=["nobody"])
    first, last = matrix.unmatched[0], matrix.unmatched[-1]
    every = mm.diagnose(matrix)
    some = mm.diagnose(matrix, mentees=[last, first, last])
    kept = every[every["person"].isin([first, last])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, kept)


@pytest.mark.parametrize("seed", range(8))
def test_one_more_seat_is_found_wherever_it_helps(seed: int) -> None:
    """Also where the seat that matches her takes a pair with a defect: each seat is tried."""
    rng = np.random.default_rng(seed)
    people = invented(seed, int(rng.integers(5, 16)), int(rng.integers(2, 6)), 0.8)
    ids = [side.ids for side in people]
    forbid = [(a, b) for a in ids[0] for b in ids[1] if rng.random() < 0.5]
    objectives = [mm.MaximizeMatched(), mm.MinimizeDefects(by_score=False), mm.MaximizeTotal()]
    problem = mm.Problem(mm.score(*people, forbid=forbid), objectives=objectives)
    matching = mm.solve(problem)
    table = mm.diagnose(matching, most_seats=1).set_index("person")
    scores = matching.problem.scores
    helped = set()
    for j in range(len(scores.mentors)):
        capacity = np.array(scores.mentors.capacity)
        capacity[j] += 1
        more = scores.replaced(mentors=replace(scores.mentors, capacity=capacity))
        after = mm.solve(replace(matching.problem, scores=more))
        if len(after) > len(matching):
            helped |= set(matching.unmatched) - set(after.unmatched)
    assert helped == set(table.index[table["kind"] == "seat"])


def test_some_pairs_admitted_of_a_source() -> None:
    rng = np.random.default_rng(1)
    points = rng.integers(0, 1000, (9, 5)).astype(np.int32)
    points = np.where(rng.random(points.shape) < 0.4, ~points, points)
    every = np.divmod(np.arange(45), 5)
    given = ListedPairs(np.arange(10) * 5, every[1], points.ravel(), 5)
    keys, least = np.array([3, 4, 17, 30]), rng.integers(0, 400, 9)
    made = Admitted(given, keys, least)
    wanted = np.where((points >= 0) & (points < least[:, None]), ~points, points)
    admitted = np.isin(np.arange(45).reshape(9, 5), keys)
    wanted[admitted] = np.where(points < 0, ~points, points)[admitted]
    assert np.array_equal(made.read(np.arange(9)), wanted)
    assert np.array_equal(made.at(*every), wanted.ravel())
    assert made.top >= wanted.max()
    few = np.array([1, 4])
    assert np.array_equal(narrowed(made, few).read(np.array([6, 0])), wanted[[6, 0]][:, few])
