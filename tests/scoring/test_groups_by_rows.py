"""Bounds on groups have the answer of the matrix where scores are computed row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse

import mentormatch as mm
from mentormatch.errors import TooLargeError
from mentormatch.matching.lowering import lower
from mentormatch.scoring.presets import Plan
from mentormatch.solvers import fold, solve
from mentormatch.solvers import pool as listed_pairs
from mentormatch.solvers.groups import laminar
from tests.scoring.people import cohort, profiles
from tests.scoring.test_by_rows import twice
from tests.scoring.test_laws import CRITERIA, RULES


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of 2, and two pairs a look: everything has to be found by pricing."""
    monkeypatch.setattr(listed_pairs, "WIDTH", 2)
    monkeypatch.setattr(listed_pairs, "ADDED", 2)


def bounds(rng: np.random.Generator, mentees: mm.Profiles, mentors: mm.Profiles) -> list[Any]:
    """Draw constraints on groups; some cannot hold, and some cross."""
    n, seats = len(mentees), int(mentors.capacity.sum())
    column = str(rng.choice(["communication_style", "site", "seniority"]))
    choices = (
        mm.Load(most=int(rng.integers(0, 1 + n // 2)), by="site"),
        mm.Load(least=int(rng.integers(0, 1 + min(n, seats) // 4)), by="site"),
        mm.Load(most=int(rng.integers(0, 1 + n // 3)), by="seniority"),
        mm.Quota(column, most=int(rng.integers(1, 3))),
        mm.Quota("site", over="programme", most=int(rng.integers(0, 1 + n // 2))),
        mm.Quota("site", over="programme", least=int(rng.integers(0, 1 + min(n, seats) // 5))),
        mm.Quota(column, over_value=mentors.ids[0], least=1),
        mm.Apart(mentees.ids[:3]),
    )
    chosen = [one for one in choices if rng.random() < 0.3]
    return chosen or [choices[0]]


def both_solved(problems: Any, **how: Any) -> Any:
    """Return the two matchings; None for those that cannot be."""
    found = []
    for problem in problems:
        try:
            found.append(mm.solve(problem, **how))
        except mm.InfeasibleError:
            found.append(None)
    return found


def same_groups(one: mm.Matching | None, other: mm.Matching | None) -> str:
    """Compare answers that prove the best; return the route of the matrix."""
    assert (one is None) == (other is None)
    if one is None or other is None:
        return "infeasible"
    assert one.route == "streamed"
    assert one.status == "optimal"
    assert len(one.broken) == 0
    if other.status == "optimal":
        assert one.stages == other.stages
        if other.route == "groups" or one.unique:
            assert np.array_equal(one.mentors_of, other.mentors_of)
        assert one.unique == other.unique or other.route != "groups"
    return other.route


def drawn(seed: int, objectives: int | None = None) -> list[mm.Problem]:
    """Return a problem without a matrix, and the same with one, whose groups do not cross."""
    for again in range(20):
        problems = anything(np.random.default_rng([7, seed, again]), seed, objectives)
        try:
            if laminar(lower(problems[1]).program) is not None:
                break
        except mm.InfeasibleError:
            break
    return problems


def anything(rng: np.random.Generator, seed: int, objectives: int | None) -> list[mm.Problem]:
    n, m = int(rng.integers(4, 30)), int(rng.integers(2, 12))
    people = [profiles(r, p) for r, p in zip(("mentee", "mentor"), cohort(rng, n, m), strict=True)]
    mentees, mentors = people
    few = [mm.Similarity(str(rng.choice(["site", "communication_style"])))]  # many are as good
    plan = Plan(
        tuple(few if rng.random() < 0.5 else CRITERIA),
        tuple(rule for rule in RULES if rng.random() < 0.1),
    )
    how: dict[str, Any] = {"forbid": [(mentees.ids[1], mentors.ids[0])]}
    if rng.random() < 0.4:
        how["lock"] = [(mentees.ids[0], mentors.ids[int(np.argmax(mentors.capacity))])]
    held = bounds(rng, mentees, mentors)
    if rng.random() < 0.3:
        held.append(mm.Load(most=int(rng.integers(1, 4))))
    if rng.random() < 0.3:
        held.append(mm.ScoreFloor({one: float(rng.random() / 2) for one in mentees.ids[1:]}))
    if rng.random() < 0.3:
        held.append(mm.Demand({mentees.ids[2]: 0}))
    ranks = {one: int(rng.integers(0, 6)) for one in mentees.ids[1:4]}
    first = mm.MaximizeMatched(priority=ranks if rng.random() < 0.3 else None)
    orders = (
        [first, mm.MaximizeTotal()], [first, mm.MinimizeDefects(), mm.MaximizeTotal()],
        [mm.MaximizeTotal()],
    )  # fmt: skip
    chosen = orders[int(rng.integers(3)) if objectives is None else objectives - 1]
    return [
        mm.Problem(s, objectives=chosen, constraints=held, seed=seed)
        for s in twice(*people, plan, missing=("neutral", "drop")[seed % 3 == 2], **how)
    ]


@pytest.mark.parametrize("seed", range(10))
def test_cohorts_get_the_answer_of_the_matrix(seed: int) -> None:
    answer_of_the_matrix(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 130))
def test_a_hundred_cohorts_get_the_answer_of_the_matrix(seed: int) -> None:
    answer_of_the_matrix(seed)


def answer_of_the_matrix(seed: int) -> None:
    problems = anything(np.random.default_rng([7, seed]), seed, None)
    try:
        same_groups(*both_solved(problems))
    except TooLargeError:
        assert laminar(lower(problems[1]).program) is None


@pytest.mark.parametrize("seed", range(6))
def test_sums_beyond_int32_are_proven_in_int64(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = drawn(500 + seed, objectives=2)
    other = both_solved(problems[1:])[0]
    monkeypatch.setattr(fold, "LARGEST_VALUE", 1 << 23)
    same_groups(*both_solved(problems[:1]), other)


def test_sums_that_int64_does_not_hold_are_checked_stage_by_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solve, "wide_over", lambda *_: None)
    proven = 0
    for seed in range(5):
        problems = drawn(600 + seed, objectives=2)
        other = both_solved(problems[1:])[0]
        with monkeypatch.context() as narrow:
            narrow.setattr(fold, "LARGEST_VALUE", 1 << 23)
            one = both_solved(problems[:1])[0]
        if one is not None and one.status != "optimal":
            assert all(stage.bound != stage.value for stage in one.stages[-1:])
            continue
        proven += one is not None
        same_groups(one, other)
    assert proven > 1


@pytest.mark.parametrize("seed", range(8))
def test_many_ties_are_decided_by_rows_as_well(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed_pairs, "TIGHT", 0)
    problems = drawn(700 + seed)
    one, other = both_solved(problems)
    if one is None or other is None:
        assert one is other
        return
    assert one.stages == other.stages
    assert one.unique <= other.unique
    if other.route == "groups":
        assert np.array_equal(one.mentors_of, other.mentors_of)


@pytest.mark.parametrize("seconds", [1e-9, 0.02])
def test_a_limit_of_time_leaves_an_honest_gap(seconds: float) -> None:
    for seed in range(3):
        problems = drawn(800 + seed)
        best = both_solved(problems[1:])[0]
        try:
            found = mm.solve(problems[0], time_limit=seconds)
        except (mm.InfeasibleError, mm.errors.TimeLimitError):
            continue
        assert best is not None
        assert len(found.broken) == 0
        for at, (stage, other) in enumerate(zip(found.stages, best.stages, strict=True)):
            if [s.value for s in found.stages[:at]] != [s.value for s in best.stages[:at]]:
                break
            minimises = stage.objective == "MinimizeDefects"
            assert stage.bound <= other.value if minimises else stage.bound >= other.value


def test_what_is_no_flow_is_refused_by_name() -> None:
    problems = drawn(3)
    scores = problems[0].scores
    crossing = [mm.Load(most=3, by="site"), mm.Load(most=2, by="seniority")]
    for held, told in (
        (crossing, r"Load\(most=3, by='site'\), Load\(most=2, by='seniority'\) together need"),
        ([mm.Quota("site", most=0.5)], r"Quota\('site', most=0.5\) needs"),
        ([mm.Quota("site", over="site", most=1), mm.Load(most=3, by="site")],
         r"Quota\('site', over='site', most=1\) needs"),
        ([mm.HoursBudget()], r"HoursBudget\(\) needs"),
    ):  # fmt: skip
        with pytest.raises(TooLargeError, match=told):
            mm.solve(mm.Problem(scores, constraints=held))


def test_listed_pairs() -> None:
    """Pairs that are handed over alone are one flow with groups as well."""
    rng = np.random.default_rng(2)
    for seed in range(6):
        given = scipy.sparse.random(25, 8, 0.5, format="csr", random_state=seed)
        capacity = rng.integers(1, 4, 8)
        held = [mm.Load(most=int(rng.integers(1, 3)), mentors=["mentor 1", "mentor 2"])]
        held += [mm.Apart(["mentee 1", "mentee 2", "mentee 3", "mentee 4"])]
        one, other = (
            mm.solve(mm.Problem(
                mm.Scores.from_pairs(given, capacity=capacity, memory=memory), constraints=held
            ))
            for memory in (1, None)
        )  # fmt: skip
        same_groups(one, other)
