"""Every objective and constraint, and combinations, against all assignments of tiny problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.errors import InfeasibleError
from mentormatch.matching import constraints as c
from mentormatch.matching import objectives as o
from tests.oracles import BruteForce, incidence

Rng = np.random.Generator
FIRST = [o.MaximizeMatched(), o.MaximizeTotal()]
FEW, MANY = 12, 500


def rosters(rng: Rng, most: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    n, m = int(rng.integers(2, most + 1)), int(rng.integers(1, 6 if most > 4 else 4))
    mentees = pd.DataFrame(
        {
            "id": [f"e{i}" for i in range(n)],
            "gender": rng.choice(np.array(["f", "m", None], dtype=object), n, p=[0.45, 0.45, 0.1]),
            "hours": rng.integers(1, 4, n).astype(float),
        }
    )
    mentees.loc[0, "gender"] = "f"
    mentors = pd.DataFrame(
        {
            "id": [f"r{j}" for j in range(m)],
            "site": rng.choice(["a", "b"], m),
            "hours": rng.integers(1, 6, m).astype(float),
        }
    )
    own = rng.spawn(1)[0]  # leaves the stream as it was
    mentees["preferred"], mentors["preferred"] = (
        [[f"{role}{k}" for k in own.permutation(others)[: own.integers(4)]] for _ in range(people)]
        for role, people, others in (("r", n, m), ("e", m, n))
    )
    return mentees, mentors


def build(
    rng: Rng, objectives: list[Any], constraints: list[Any], frames: Any, locks: bool = True
) -> mm.Problem:
    mentees, mentors = frames
    n, m = len(mentees), len(mentors)
    levels = int(rng.choice([3, 11, 101]))
    scores = rng.integers(0, levels, (n, m)) / (levels - 1)
    allowed = rng.random((n, m)) > rng.choice([0, 0.35])
    rules = []
    if locks and rng.random() < 0.25:
        i, j = int(rng.integers(n)), int(rng.integers(m))
        allowed[i, j] = True
        rules = [mm.Lock([(f"e{i}", f"r{j}")])]
    made = mm.Scores.from_matrix(
        scores, capacity=rng.integers(0, 4, m), admissible=allowed, mentees=mentees,
        mentors=mentors, rules=rules,
    )  # fmt: skip
    return mm.Problem(made, objectives=objectives, constraints=constraints)


def check(problem: mm.Problem, frames: Any, route: str = "auto") -> str:
    oracle = BruteForce(problem, *frames)
    if oracle.infeasible:
        with pytest.raises(InfeasibleError):
            mm.solve(problem, route=route)
        return "infeasible"
    matching = mm.solve(problem, route=route)
    stages = [(s.objective, s.value) for s in matching.stages]
    reached = oracle.reached()
    found = incidence(matching)
    assert (oracle.best == found).all(axis=(1, 2)).any(), (stages, reached, matching.route)
    assert matching.status == "optimal"
    assert matching.gap <= 1e-9
    for stage in matching.stages:
        assert stage.value == pytest.approx(reached[stage.objective])
    return matching.route


def pick(rng: Rng, frames: Any, count: int) -> list[str]:
    ids = list(frames[0]["id"])
    return [str(p) for p in rng.choice(ids, min(count, len(ids)), replace=False)]


def changes(rng: Rng, frames: Any) -> o.MinimizeChanges:
    mentees, mentors = frames
    return o.MinimizeChanges(
        [(p, str(rng.choice(mentors["id"]))) for p in mentees["id"] if rng.random() < 0.7]
    )


OBJECTIVES: dict[str, Callable[[Rng, Any], list[Any]]] = {
    "total": lambda r, f: [o.MaximizeTotal()],
    "priority": lambda r, f: [
        o.MaximizeMatched(priority={p: int(r.integers(0, 4)) for p in f[0]["id"]}),
        o.MaximizeTotal(),
    ],
    "bottleneck": lambda r, f: [o.MaximizeMatched(), o.MaximizeMinimum(), o.MaximizeTotal()],
    "bottleneck of all": lambda r, f: [o.MaximizeMinimum(), o.MaximizeTotal()],
    "leximin": lambda r, f: [o.MaximizeMatched(), o.Leximin(), o.MaximizeTotal()],
    "leximin of all": lambda r, f: [o.Leximin()],
    "leximin of groups": lambda r, f: [o.MaximizeMatched(), o.Leximin("gender", smallest=1)],
    "leximin of mentors": lambda r, f: [o.MaximizeMatched(), o.Leximin("mentors")],
    "worst group": lambda r, f: [
        o.MaximizeMatched(), o.MaximizeWorstGroup("gender", smallest=1), o.MaximizeTotal(),
    ],
    "balance": lambda r, f: [o.MaximizeMatched(), o.BalanceLoad(), o.MaximizeTotal()],
    "changes": lambda r, f: [o.MaximizeMatched(), changes(r, f), o.MaximizeTotal()],
    "total then changes": lambda r, f: [o.MaximizeTotal(), changes(r, f), o.MaximizeMatched()],
    "wishes": lambda r, f: [o.MaximizeMatched(), mm.MaximizeWishes(), o.MaximizeTotal()],
    "wishes alone": lambda r, f: [mm.MaximizeWishes(str(r.choice(["mentees", "mutual"])))],
    "wishes of mentors": lambda r, f: [
        o.MaximizeMatched(), mm.MaximizeWishes("mentors"), o.Leximin(),
    ],
    "many": lambda r, f: [
        o.MaximizeMatched(), o.MaximizeMinimum(), o.BalanceLoad(), changes(r, f),
        o.MaximizeTotal(),
    ],
}  # fmt: skip

CONSTRAINTS: dict[str, Callable[[Rng, Any], list[Any]]] = {
    "floor": lambda r, f: [c.ScoreFloor(float(r.choice([0.3, 0.5])))],
    "floor each": lambda r, f: [
        c.ScoreFloor({p: float(r.choice([0, 0.4, 0.7])) for p in f[0]["id"]})
    ],
    "load": lambda r, f: [c.Load(int(r.integers(0, 2)), int(r.integers(1, 3)))],
    "load of sites": lambda r, f: [c.Load(int(r.integers(0, 3)), int(r.integers(2, 4)), by="site")],
    "quota per mentor": lambda r, f: [c.Quota("gender", most=1)],
    "quota per site": lambda r, f: [c.Quota("gender", "f", over="site", least=1)],
    "quota share": lambda r, f: [c.Quota("gender", "f", over="programme", most=0.5)],
    "matched share": lambda r, f: [
        c.Parity("gender", within=float(r.choice([0, 0.2, 0.5])), smallest=1)
    ],
    "impact ratio": lambda r, f: [c.Parity("gender", "impact_ratio", smallest=1)],
    "mean score": lambda r, f: [
        c.Parity("gender", "mean_score", within=float(r.choice([0.05, 0.3])), smallest=1)
    ],
    "together": lambda r, f: [c.Together(pick(r, f, 2))],
    "apart": lambda r, f: [c.Apart(pick(r, f, 3))],
    "hours": lambda r, f: [c.HoursBudget()],
    "reserve": lambda r, f: [c.Reserve("gender", "f", int(r.integers(1, 4)))],
    "reserve per site": lambda r, f: [c.Reserve("gender", "f", 1, over="site")],
    "several": lambda r, f: [
        c.Parity("gender", within=0.5, smallest=1), c.Load(0, 2), c.Apart(pick(r, f, 2)),
        c.ScoreFloor(0.1), c.HoursBudget(),
    ],
}  # fmt: skip


def run(seed: int, objective: str | None, constraint: str | None, demand: int = 1) -> str:
    rng = np.random.default_rng(seed)
    frames = rosters(rng, 6 if demand == 1 else 4)
    objectives = FIRST if objective is None else OBJECTIVES[objective](rng, frames)
    constraints = [] if constraint is None else CONSTRAINTS[constraint](rng, frames)
    if demand > 1:
        constraints = [*constraints, c.Demand(demand)]
    return check(build(rng, objectives, constraints, frames), frames)


def seeds(count: int, name: str) -> range:
    start = 1000 * sum(map(ord, name))
    return range(start, start + count)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_objective(name: str) -> None:
    for seed in seeds(FEW, name):
        run(seed, name, "load" if seed % 3 == 0 else None)


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraint(name: str) -> None:
    for seed in seeds(FEW, name):
        run(seed, None, name)


def test_several_mentors_each() -> None:
    kinds = (None, "bottleneck", "leximin", "worst group", "priority")
    for seed in range(20):
        run(seed, kinds[seed % len(kinds)], "load" if seed % 2 else None, demand=2)


@pytest.mark.parametrize("demand", [2, 3])
def test_floors(demand: int) -> None:
    for seed in range(FEW):
        run_floors(seed, demand)


def run_floors(seed: int, demand: int) -> None:
    """Several mentors each and the worst-off first, by the route of large problems."""
    rng = np.random.default_rng(seed)
    frames = rosters(rng, 4)
    constraints = [c.Demand(demand), *(CONSTRAINTS["load"](rng, frames) if seed % 3 == 0 else [])]
    problem = build(rng, OBJECTIVES["bottleneck"](rng, frames)[: 2 + seed % 2], constraints, frames)
    if len(frames[1]) > 1:
        check(problem, frames, "floors")


def test_combinations() -> None:
    rng = np.random.default_rng(5)
    for seed in range(20):
        objective = str(rng.choice(list(OBJECTIVES)))
        run(seed, objective, str(rng.choice(list(CONSTRAINTS))))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*OBJECTIVES, *CONSTRAINTS])
def test_500_of_each(name: str) -> None:
    for seed in seeds(MANY, name):
        objective = name if name in OBJECTIVES else None
        constraint = name if name in CONSTRAINTS else "load" if seed % 3 == 0 else None
        run(seed, objective, constraint)


@pytest.mark.slow
@pytest.mark.parametrize("demand", [2, 3])
def test_500_floors(demand: int) -> None:
    for seed in range(MANY):
        run_floors(seed, demand)


@pytest.mark.slow
def test_500_combinations() -> None:
    rng = np.random.default_rng(6)
    for seed in range(MANY):
        objective = str(rng.choice(list(OBJECTIVES)))
        run(seed, objective, str(rng.choice(list(CONSTRAINTS))), 1 + (seed % 5 == 0))
