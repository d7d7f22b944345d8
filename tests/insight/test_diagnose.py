"""Each suggestion holds when the changed problem is solved, and no smaller one does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment

from mentormatch.datasets.cohort import make_cohort
from mentormatch.errors import ParameterError
from mentormatch.insight import line as line_of_mentors
from mentormatch.insight.barriers import barriers
from mentormatch.insight.diagnose import diagnose, unmatched_reasons
from mentormatch.insight.left_open import by_score_alone, reallocations
from mentormatch.insight.line import Line
from mentormatch.insight.remedies import Remedies
from mentormatch.insight.remedies_on_flow import RemediesOnFlow
from mentormatch.insight.shortage import shortage_of
from mentormatch.matching.case import Constraint
from mentormatch.matching.constraints import Load, ScoreFloor
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import (
    MaximizeMatched,
    MaximizeTotal,
    MinimizeDefects,
    Objective,
)
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import match, solve
from mentormatch.rosters.read import read_roster
from mentormatch.scoring.rules import Different, Forbid, Same
from mentormatch.scoring.scores import Scores, score
from mentormatch.solvers.budget import Budget


class Case:
    """A small problem whose rules are known as plain matrices."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.n, self.m = int(rng.integers(2, 7)), int(rng.integers(1, 5))
        levels = int(rng.choice([4, 1000]))
        self.matrix = rng.integers(0, levels + 1, (self.n, self.m)) / levels
        self.capacity = rng.integers(0, 3, self.m)
        self.mentees = pd.DataFrame(
            {
                "id": [f"e{i}" for i in range(self.n)],
                "site": rng.choice(["york", "leeds", "hull"], self.n),
                "team": rng.choice(["red", "blue"], self.n),
            }
        )
        self.mentors = pd.DataFrame(
            {
                "id": [f"o{j}" for j in range(self.m)],
                "site": rng.choice(["york", "leeds", "hull"], self.m),
                "team": rng.choice(["red", "blue"], self.m),
            }
        )
        forbidden = rng.random((self.n, self.m)) < 0.15
        pairs = [(f"e{i}", f"o{j}") for i, j in np.argwhere(forbidden)]
        site = self.mentees["site"].to_numpy()[:, None] != self.mentors["site"].to_numpy()
        team = self.mentees["team"].to_numpy()[:, None] == self.mentors["team"].to_numpy()
        self.broken = forbidden.astype(int) + site + team
        self.rules = [Forbid(pairs), Same("site"), Different("team")]
        self.floor = float(rng.choice([0.0, 0.4, 0.7]))
        self.objectives = (MaximizeMatched(), MaximizeTotal())
        if rng.random() < 0.25:
            self.objectives = (MaximizeTotal(),)  # type: ignore[assignment]
        scores = Scores.from_matrix(
            self.matrix,
            capacity=self.capacity,
            mentees=self.mentees,
            mentors=self.mentors,
            rules=self.rules,
        )
        constraints = [ScoreFloor(self.floor)] if self.floor else []
        self.matching = solve(Problem(scores, self.objectives, constraints))
        self.points = np.where(scores.points < 0, ~scores.points, scores.points)
        self.below = self.points < round(self.floor * 1e6)
        self.allowed = (self.broken == 0) & ~self.below

    def changed(self, allowed: np.ndarray, capacity: np.ndarray) -> Matching:
        scores = Scores.from_matrix(
            self.matrix,
            capacity=capacity,
            admissible=allowed,
            mentees=self.mentees,
            mentors=self.mentors,
        )
        return solve(Problem(scores, self.objectives))

    def gain(self, i: int, allowed: np.ndarray, capacity: np.ndarray) -> tuple[int, int] | None:
        """Return (matched, points) gained if that matches i and one more in all."""
        after = self.changed(allowed, capacity)
        matched = int((after.assignment >= 0).sum() - (self.matching.assignment >= 0).sum())
        if after.assignment[i] < 0 or matched < 1:
            return None
        return matched, self.total(after) - self.total(self.matching)

    def total(self, matching: Matching) -> int:
        rows = np.flatnonzero(matching.assignment >= 0)
        return int(self.points[rows, matching.assignment[rows]].sum())

    def seats(self, i: int, k: int) -> list[tuple[int, int]]:
        gains = [self.gain(i, self.allowed, self.capacity + k * (np.arange(self.m) == j))
                 for j in range(self.m)]  # fmt: skip
        return [gain for gain in gains if gain]

    def relaxed(self, i: int) -> list[tuple[int, int]]:
        gains = []
        for j in np.flatnonzero((self.broken[i] == 1) & ~self.below[i]):
            allowed = self.allowed.copy()
            allowed[i, j] = True
            gains.append(self.gain(i, allowed, self.capacity))
        return [gain for gain in gains if gain]

    def lowered(self, i: int) -> list[tuple[int, tuple[int, int]]]:
        """Return (points by which her floor falls, gain) for every level that does."""
        found = []
        for level in np.unique(self.points[i][self.below[i] & (self.broken[i] == 0)]):
            allowed = self.allowed.copy()
            allowed[i] |= (self.broken[i] == 0) & (self.points[i] >= level)
            gain = self.gain(i, allowed, self.capacity)
            if gain:
                found.append((round(self.floor * 1e6) - int(level), gain))
        return sorted(found)


@pytest.mark.parametrize("seed", range(60))
def test_the_smallest_change_is_found_and_holds(seed: int) -> None:
    case = Case(seed)
    frame = diagnose(case.matching, most_seats=3).set_index("person")
    assert list(frame.index) == list(case.matching.unmatched)
    for person, row in frame.iterrows():
        i = int(str(person)[1:])
        if case.objectives[0] == MaximizeTotal():
            gain = (0, round(row["gain"] * 1e6)) if row["kind"] else None
        else:
            gain = (row["matched_gain"], round(row["gain"] * 1e6)) if row["kind"] else None
        seats, relaxed, lowered = case.seats(i, 1), case.relaxed(i), case.lowered(i)
        if case.objectives[0] == MaximizeTotal():
            seats, relaxed = [(0, g) for _, g in seats], [(0, g) for _, g in relaxed]
            lowered = [(by, (0, g)) for by, (_, g) in lowered]
        if seats:
            assert (row["kind"], gain) == ("seat", max(seats))
        elif relaxed:
            assert (row["kind"], gain) == ("rule", max(relaxed))
        elif lowered:
            assert (row["kind"], gain) == ("floor", lowered[0][1])
            assert round(row["amount"] * 1e6) == lowered[0][0]
        else:
            enough = [k for k in (2, 3) if case.seats(i, k)]
            assert row["kind"] == ("seats" if enough else "")
            if enough:
                assert row["amount"] == enough[0]
        assert bool(row["change"]) == bool(row["kind"])


def test_the_cases_cover_the_kinds_of_change() -> None:
    kinds = {kind for seed in range(60) for kind in diagnose(Case(seed).matching)["kind"]}
    assert kinds >= {"seat", "rule", "floor", ""}


def test_the_last_in_line_needs_as_many_seats_as_people_before_her() -> None:
    scores = Scores.from_matrix([[0.9], [0.8], [0.7], [0.6]], capacity=1)
    frame = diagnose(solve(Problem(scores)), most_seats=2)
    assert frame["kind"].tolist() == ["seat", "seats", ""]
    assert frame["amount"].tolist()[:2] == [1, 2]
    assert frame["change"].tolist() == [
        "one more seat with mentor 1",
        "2 more seats with mentor 1",
        "",
    ]
    assert frame["matched_gain"].tolist() == [1, 2, 0]


@pytest.mark.parametrize("seed", range(60))
def test_a_shortage_proves_that_somebody_stays_unmatched(seed: int) -> None:
    case = Case(seed)
    if case.objectives[0] == MaximizeTotal():
        return
    open_ = reallocations(case.matching, "test")
    assert open_ is not None
    for i in np.flatnonzero(case.matching.assignment < 0).tolist():
        found = shortage_of(open_, i)
        assert (found is None) == (not case.allowed[i].any())
        if found is None:
            continue
        assert i in found.mentees
        outside = np.setdiff1d(np.arange(case.m), found.mentors)
        assert not case.allowed[np.ix_(found.mentees, outside)].any()
        assert found.seats == case.capacity[found.mentors].sum()
        assert found.missing == (case.matching.assignment[found.mentees] < 0).sum() > 0


def test_a_shortage_is_described_by_what_the_people_share() -> None:
    n = 12
    sites = ["york"] * 5 + ["leeds"] * 7
    mentees = pd.DataFrame({"id": [f"e{i}" for i in range(n)], "site": sites})
    mentors = pd.DataFrame({"id": list("abcd"), "site": ["york", "york", "leeds", "leeds"]})
    scores = Scores.from_matrix(
        np.full((n, 4), 0.5), capacity=[1, 2, 4, 4], mentees=mentees, mentors=mentors,
        rules=[Same("site")],
    )  # fmt: skip
    frame = diagnose(solve(Problem(scores)))
    assert len(frame) == 2
    assert "5 mentees (all site york) can only be matched with a and b (all site york), " \
        "who have 3 seats." in frame["reason"].iloc[0]  # fmt: skip
    assert set(frame["kind"]) <= {"seat", "rule"}


def test_nobody_is_advised_to_lift_an_avoid_list() -> None:
    from mentormatch.rosters.columns import People
    from mentormatch.scoring.criteria import Precomputed
    from mentormatch.scoring.rules import Avoid
    from mentormatch.scoring.scores import score
    from tests.insight.test_explain import roster

    mentees = roster("mentee", "ana", avoid=People.of([["raj"]]))
    mentors = roster("mentor", "raj")
    scores = score(mentees, mentors, [Precomputed(np.array([[0.9]]))], [Avoid()])
    frame = diagnose(solve(Problem(scores)))
    assert frame["change"].tolist() == [""]
    assert frame["rules"].tolist() == ["nobody whom one of the two asked to avoid (1)"]


def test_everybody_matched_is_an_empty_frame() -> None:
    matching = solve(Problem(Scores.from_matrix([[0.5]], capacity=1)))
    assert diagnose(matching).empty
    assert list(unmatched_reasons(matching).columns) == ["person", "name", "reason", "rules"]
    with pytest.raises(ParameterError, match="'most_seats' parameter of diagnose"):
        diagnose(matching, most_seats=0)


@pytest.mark.slow
def test_a_whole_cohort_is_diagnosed() -> None:
    mentees, mentors = make_cohort(500, 150, seed=7, seats=0.9)
    matching = match(read_roster(mentees, role="mentee"), read_roster(mentors, role="mentor"))
    frame = diagnose(matching)
    assert len(frame) == 50


OBJECTIVES = {
    "default": None,
    "by score": [MaximizeMatched(), MinimizeDefects(), MaximizeTotal()],
    "defects": [MaximizeMatched(), MinimizeDefects(by_score=False), MaximizeTotal()],
    "total alone": [MaximizeTotal()],
    "as they come": [MaximizeMatched()],
}


def asked_for(seed: int, objectives: list[Objective] | None) -> Problem:
    """Return a small problem in which many stay unmatched, with constraints of one flow."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(5, 16)), int(rng.integers(2, 6))
    frames = make_cohort(n, m, seed=seed, seats=float(rng.choice([0.5, 0.8, 1.2])))
    people = [read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    share = rng.choice([0, 0.3, 0.6])
    forbid = [(a, b) for a in people[0].ids for b in people[1].ids if rng.random() < share]
    constraints: list[Constraint] = [ScoreFloor(0.35)] if seed % 3 == 1 else []
    constraints += [Load(most=1)] if seed % 5 == 2 else []
    how = {} if objectives is None else {"objectives": objectives}
    return Problem(score(*people, forbid=forbid), constraints=constraints, **how)


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("seed", range(6))
def test_paths_say_what_solving_every_change_finds(seed: int, name: str) -> None:
    problem = asked_for(seed, OBJECTIVES[name])
    matching = solve(problem)
    open_ = reallocations(matching, "test")
    assert open_ is not None
    by_paths = RemediesOnFlow(matching, Budget(), 12, open_=open_)
    by_solving = Remedies(matching, Budget(), 10**6)
    totalled = any(isinstance(o, MaximizeTotal) for o in problem.pursued)
    for found in barriers(matching, np.flatnonzero(matching.assignment < 0)):
        one, other = (remedies.smallest(found, 3) for remedies in (by_paths, by_solving))
        assert (one is None) == (other is None)
        if one is None or other is None:
            continue
        assert (one.kind, one.amount) == (other.kind, other.amount)
        gains = [(g.matched, g.defects, g.millionths * totalled) for g in (one.gain, other.gain)]
        assert gains[0] == gains[1]
        assert one.exact


def lines_of(seed: int) -> Line:
    """Return the lines of a small matching, with ties where the seed is odd."""
    if seed % 2 == 0:
        matching = solve(replace(asked_for(seed, OBJECTIVES["by score"]), constraints=()))
        open_ = reallocations(matching, "test")
        assert open_ is not None
        return Line(by_score_alone(open_, matching))
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(4, 12)), int(rng.integers(1, 5))
    scores = Scores.from_matrix(rng.integers(0, 4, (n, m)) / 4, capacity=rng.integers(0, 3, m))
    objectives = [MaximizeTotal()] if seed % 4 == 1 else [MaximizeMatched(), MaximizeTotal()]
    open_ = reallocations(solve(Problem(scores, objectives)), "test")
    assert open_ is not None
    return Line(open_)


@pytest.mark.parametrize("seed", range(12))
def test_a_line_brings_what_the_best_sum_gains(seed: int) -> None:
    """By so many seats more the sum rises by their prices less what is lost, entry by entry."""
    line = lines_of(seed)
    open_ = line.open_
    program, bonus = open_.lowered.program, open_.lowered.bonus
    value = np.where(program.points >= 0, open_.lowered.value.astype(np.int64), -1)

    def best(capacity: np.ndarray) -> int:
        cost = np.where(value >= 0, value + bonus[:, None], 0)
        seats = np.repeat(np.arange(capacity.size), capacity)
        rows, columns = linear_sum_assignment(cost[:, seats], maximize=True)
        return int(cost[:, seats][rows, columns].sum())

    before = best(program.capacity)
    for j in range(program.capacity.size):
        entries, sure = line.of(j, 3)
        assert sure
        assert [entry.lost for entry in entries] == sorted(entry.lost for entry in entries)
        for seats in range(1, 4):
            capacity = program.capacity + seats * (np.arange(program.capacity.size) == j)
            gains = [int(open_.price[j]) - entry.lost for entry in entries[:seats]]
            assert best(capacity) - before == sum(gains)


@pytest.mark.parametrize("seed", range(4))
def test_lines_are_the_same_compiled(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for compile_from in (line_of_mentors.COMPILE_FROM, 0):
        monkeypatch.setattr(line_of_mentors, "COMPILE_FROM", compile_from)
        line = lines_of(seed)
        new = np.flatnonzero(line.open_.mentor_of == line.open_.outside)[:2].tolist()
        every = range(line.open_.outside)
        told.append(
            [
                line.all_of(np.arange(len(every)), 3),
                [line.of(j, 3, first=new[-1]) for j in every if new],
                [line.of(j, 3, last=new[0]) for j in every if new],
                [line.only(j, new) for j in every if new],
            ]
        )
    assert told[0] == told[1]
