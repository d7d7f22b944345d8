"""Prices of rows: anybody can recompute what they prove, and it is never less than the best."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from tests.matching.test_routes import made

CONSTRAINTS = [
    mm.Parity("group", within=0.2, smallest=1),
    mm.Parity("group", "mean_score", within=0.1, smallest=1),
    mm.Parity("group", "impact_ratio", smallest=1),
    mm.Quota("group", most=1),
    mm.Apart(["e0", "e1", "e2"]),
]


def recomputed(matching: mm.Matching) -> float:
    """The bound from the prices alone."""
    proof, scores = matching.proof, matching.problem.scores
    assert proof is not None
    charge = np.tensordot(proof.price, proof.coefficients, axes=1)
    left = np.where(proof.open, scores.points / 1e6 - proof.seat_price - charge, 0)
    gain = np.maximum(left.max(axis=1), 0).sum()
    return float(proof.locked + proof.seats @ proof.seat_price + proof.price @ proof.limit + gain)


def solved(scores: mm.Scores, constraint: mm.Constraint, objectives: list[object]) -> mm.Matching:
    problem = mm.Problem(scores, objectives=objectives, constraints=[constraint])
    return mm.solve(problem, route="rows")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(CONSTRAINTS), st.booleans())
def test_the_bound_is_what_the_prices_prove(
    seed: int, constraint: mm.Constraint, matched: bool
) -> None:
    scores = made(seed, 10, 4)
    objectives = [mm.MaximizeMatched(), mm.MaximizeTotal()] if matched else [mm.MaximizeTotal()]
    matching = solved(scores, constraint, objectives)
    assert matching.proof is not None
    assert matching.proof.bound == pytest.approx(recomputed(matching), abs=1e-9)
    assert matching.proof.bound >= matching.objective - 1e-9
    given_price = matching.load["dual_price"].notna().all()
    assert given_price == (matching.proof.bound < matching.objective + 1e-6)
    if given_price:
        assert matching.bound == pytest.approx(recomputed(matching), abs=1e-6)


def test_a_fresh_price_cannot_prove_less_than_is_true() -> None:
    """Any prices are a bound: half of them, too."""
    matching = solved(made(1, 10, 4), CONSTRAINTS[3], [mm.MaximizeMatched(), mm.MaximizeTotal()])
    proof = matching.proof
    assert proof is not None
    for part in (0.0, 0.5, 2.0):
        charge = part * np.tensordot(proof.price, proof.coefficients, axes=1)
        points = matching.problem.scores.points / 1e6
        left = np.where(proof.open, points - part * proof.seat_price - charge, 0)
        bound = part * (proof.seats @ proof.seat_price + proof.price @ proof.limit)
        assert bound + np.maximum(left.max(axis=1), 0).sum() >= matching.objective - 1e-9


def test_one_more_seat_raises_the_total_by_at_most_its_price() -> None:
    met = 0
    for seed in range(25):
        scores = made(seed, 9, 4)
        for constraint in (CONSTRAINTS[3], CONSTRAINTS[1], CONSTRAINTS[4]):
            before = solved(scores, constraint, [mm.MaximizeMatched(), mm.MaximizeTotal()])
            prices = before.load["dual_price"]
            if prices.isna().any():
                continue
            met += 1
            for j in range(4):
                more = mm.Scores.from_matrix(
                    scores.total, capacity=scores.mentors.capacity + (np.arange(4) == j),
                    admissible=scores.admissible, mentees=scores.mentees,
                )  # fmt: skip
                after = solved(more, constraint, [mm.MaximizeMatched(), mm.MaximizeTotal()])
                assert after.stages[0].value >= before.stages[0].value
                assert after.objective <= before.objective + prices[j] + 1e-6
    assert met >= 20


def test_locks_and_least_loads_are_in_the_proof() -> None:
    rng = np.random.default_rng(0)
    scores = mm.Scores.from_matrix(
        rng.random((8, 3)).round(3), capacity=[3, 2, 2],
        mentees=pd.DataFrame({"id": [f"e{i}" for i in range(8)], "group": list("aabbaabb")}),
        rules=[mm.Lock([("e0", "mentor 2")])],
    )  # fmt: skip
    problem = mm.Problem(scores, constraints=[mm.Quota("group", most=2), mm.Load(1)])
    matching = mm.solve(problem)
    assert matching.route == "groups"
    proof = matching.proof
    assert proof is not None
    assert proof.locked > 0
    assert recomputed(matching) == pytest.approx(proof.bound, abs=1e-9)
    assert proof.bound >= matching.objective - 1e-9
    assert len(proof.to_frame()) == len(proof.rows)


def test_other_objectives_have_no_proof() -> None:
    problem = mm.Problem(made(0), objectives=[mm.MaximizeMatched(), mm.MaximizeWorstGroup("group")])
    matching = mm.solve(problem)
    assert matching.proof is None
    assert matching.load["dual_price"].isna().all()
    assert mm.solve(mm.Problem(made(0))).proof is None  # its prices are in `load`
