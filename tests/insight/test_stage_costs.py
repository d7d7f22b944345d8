"""What each objective cost the next: against every assignment, and laws."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import mentormatch as mm
from tests.matching.test_against_brute_force import (
    CONSTRAINTS,
    OBJECTIVES,
    build,
    rosters,
)
from tests.oracles import BruteForce

KINDS = (
    "priority",
    "bottleneck",
    "changes",
    "worst group",
    "balance",
    "many",
    "total then changes",
)


def costs_by_brute_force(problem: mm.Problem, frames: object) -> list[float | None]:
    """The difference between two exhaustive searches per objective, in the stage's unit."""
    objectives = list(problem.objectives)
    reached = BruteForce(problem, *frames).reached()
    found: list[float | None] = []
    for i in range(len(objectives) - 1):
        others = [*objectives[:i], objectives[i + 1]]
        name = type(objectives[i + 1]).__name__
        without = BruteForce(replace(problem, objectives=others), *frames).reached()
        found.append(abs(without[name] - reached[name]))
    return found


def test_costs_are_those_of_exhaustive_search() -> None:
    seen = 0
    for kind, seed in product(KINDS, range(14)):
        rng = np.random.default_rng(1000 * KINDS.index(kind) + seed)
        frames = rosters(rng, 5)
        name = ("load", "mean score", None)[seed % 3]
        constraints = [] if name is None else CONSTRAINTS[name](rng, frames)
        problem = build(rng, OBJECTIVES[kind](rng, frames), constraints, frames)
        try:
            matching = mm.solve(problem)
        except mm.InfeasibleError:
            continue
        costs = mm.stage_costs(matching)
        assert list(costs["objective"]) == [stage.objective for stage in matching.stages]
        for row, expected in zip(
            costs.itertuples(), [*costs_by_brute_force(problem, frames), None], strict=True
        ):
            if np.isnan(row.cost):
                last = row.Index + 1 == len(costs)
                assert last or row.objective == "MaximizeMatched"
                continue
            assert row.cost == pytest.approx(expected, abs=2e-6)
            assert row.cost_at_most == pytest.approx(row.cost, abs=2e-6)
            assert row.exact
            seen += row.cost > 1e-6
    assert seen > 10  # enough of them cost something


def test_a_cost_is_the_price_of_the_promise() -> None:
    rng = np.random.default_rng(3)
    scores = mm.Scores.from_matrix(rng.random((40, 15)).round(3), capacity=[3] * 15)
    fair = [mm.MaximizeMatched(), mm.MaximizeMinimum(), mm.MaximizeTotal()]
    matching = mm.solve(mm.Problem(scores, objectives=fair))
    costs = mm.stage_costs(matching).set_index("objective")
    best = mm.solve(mm.Problem(scores))
    assert costs.loc["MaximizeMinimum", "next"] == "MaximizeTotal"
    assert costs.loc["MaximizeMinimum", "cost"] == pytest.approx(
        best.objective - matching.objective
    )
    assert np.isnan(costs.loc["MaximizeMatched", "cost"])  # the worst *matched* needs it
    assert np.isnan(costs.loc["MaximizeTotal", "cost"])


def test_a_stage_that_changes_nothing_costs_nothing() -> None:
    scores = mm.Scores.from_matrix(np.ones((6, 3)), capacity=[2, 2, 2])
    fair = [mm.MaximizeMatched(), mm.MaximizeMinimum(), mm.MaximizeTotal()]
    costs = mm.stage_costs(mm.solve(mm.Problem(scores, objectives=fair)))
    assert costs["cost"].dropna().tolist() == [0.0]


def test_only_matchings_with_objectives_in_order() -> None:
    stable = mm.match_stable(mm.Problem(mm.Scores.from_matrix(np.ones((2, 2)), capacity=[1, 1])))
    with pytest.raises(mm.errors.ParameterError, match="stable"):
        mm.stage_costs(stable)
    with pytest.raises(mm.errors.ParameterError, match="a Matching"):
        mm.stage_costs("matching")  # type: ignore[arg-type]
