"""A shuffled roster gives the same pairs, on every route."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from tests.oracles import chosen_pairs, shuffled

FIRST = [mm.MaximizeMatched(), mm.MaximizeTotal()]
SHARE = mm.Parity("group", within=0.3, smallest=1)
MEAN = mm.Parity("group", "mean_score", within=0.2, smallest=1)
PROBLEMS: dict[str, tuple[str, list[Any], list[Any]]] = {
    "one flow": ("dense", FIRST, [mm.Load(1)]),
    "leximin": ("flow", [mm.MaximizeMatched(), mm.Leximin(), mm.MaximizeTotal()], []),
    "bottleneck": ("flow", [mm.MaximizeMatched(), mm.MaximizeMinimum(), mm.MaximizeTotal()], []),
    "windows": ("windows", FIRST, [SHARE]),
    "priced": ("prices", FIRST, [MEAN]),
    "priced shares": ("prices", FIRST, [SHARE, MEAN]),
    "rows of shares": ("rows", FIRST, [SHARE, MEAN]),
    "quota": ("rows", FIRST, [mm.Quota("group", most=1), mm.Quota("group", over="site", most=3)]),
    "hours and people": ("rows", FIRST, [mm.HoursBudget(), mm.Apart(["e0", "e1", "e2"])]),
    "together": ("rows", FIRST, [mm.Together(["e0", "e3"])]),
    "several": ("rows", FIRST, [mm.Demand(2), mm.Quota("group", over="site", most=4)]),
    "balance": ("rows", [mm.MaximizeMatched(), mm.BalanceLoad(), mm.MaximizeTotal()], []),
    "worst group": (
        "rows", [mm.MaximizeMatched(), mm.MaximizeWorstGroup("group", smallest=1)], [],
    ),
    "leximin of mentors": ("rows", [mm.MaximizeMatched(), mm.Leximin("mentors")], []),
    "reserve": ("rows", FIRST, [mm.Reserve("group", "g0", 1, over="site")]),
    "changes": (
        "rows",
        [mm.MaximizeMatched(), mm.MinimizeChanges([("e0", "r0"), ("e1", "r1"), ("e2", "r0")])],
        [mm.Quota("group", most=2)],
    ),
    "wishes": ("flow", [mm.MaximizeMatched(), mm.MaximizeWishes(), mm.MaximizeTotal()], []),
    "wishes of mentors": (
        "rows", [mm.MaximizeMatched(), mm.MaximizeWishes("mentors")], [mm.Quota("group", most=2)],
    ),
}  # fmt: skip


def tied(seed: int, n: int = 9, m: int = 4) -> mm.Scores:
    """Scores on three levels, so that nearly everything is a tie."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 2, n)
    group[:2] = 0, 1  # with one group alone a parity compares nothing, and its route does not fit
    mentees = pd.DataFrame(
        {
            "id": [f"e{i}" for i in range(n)],
            "group": [f"g{k}" for k in group],
            "hours": rng.integers(1, 3, n).astype(float),
        }
    )
    own = rng.spawn(1)[0]  # leaves the stream as it was
    mentees["preferred"] = [[f"r{j}" for j in own.permutation(m)[: own.integers(3)]] for _ in group]
    mentors = pd.DataFrame(
        {
            "id": [f"r{j}" for j in range(m)],
            "preferred": [[f"e{i}" for i in own.permutation(n)[:2]] for _ in range(m)],
            "site": [f"s{j % 2}" for j in range(m)],
            "hours": rng.integers(2, 5, m).astype(float),
        }
    )
    return mm.Scores.from_matrix(
        rng.integers(0, 3, (n, m)) / 2, capacity=rng.integers(1, 4, m),
        admissible=rng.random((n, m)) > 0.1, mentees=mentees, mentors=mentors,
    )  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_a_shuffled_roster_gives_the_same_pairs(name: str, seed: int) -> None:
    route, objectives, constraints = PROBLEMS[name]
    scores = tied(seed)
    found = []
    for order in (scores, shuffled(scores, np.random.default_rng(seed + 1))):
        problem = mm.Problem(order, objectives=objectives, constraints=constraints)
        try:
            found.append(chosen_pairs(mm.solve(problem, route=route)))
        except mm.InfeasibleError as error:
            found.append({tuple(sorted(error.conflicts))})
    assert found[0] == found[1]


def test_the_seed_decides_ties_on_every_route() -> None:
    """Twenty people who are all alike: other seeds choose others, with the same total."""
    scores = mm.Scores.from_matrix(
        np.full((20, 2), 0.5), capacity=[3, 3],
        mentees=pd.DataFrame({"id": [f"e{i}" for i in range(20)], "group": ["a", "b"] * 10}),
    )  # fmt: skip
    quota = mm.Quota("group", over="programme", most=3)
    chosen = [
        mm.solve(mm.Problem(scores, constraints=[quota], seed=seed), route="rows")
        for seed in range(4)
    ]
    assert len({matching.objective for matching in chosen}) == 1
    assert len({frozenset(chosen_pairs(matching)) for matching in chosen}) > 1


@pytest.mark.parametrize("parities", [[MEAN], [SHARE, MEAN]], ids=["mean", "share and mean"])
def test_a_shuffled_roster_of_hundreds_gives_the_same_pairs(parities: list[Any]) -> None:
    rng = np.random.default_rng(5)
    n, m = 120, 40
    group = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    scores = mm.Scores.from_matrix(
        (rng.random((n, m)) - 0.1 * group[:, None]).clip(0, 1).round(2),
        capacity=rng.integers(1, 4, m),
        mentees=pd.DataFrame({"id": [f"e{i}" for i in range(n)], "group": group.astype(str)}),
    )
    tight = [mm.Parity(p.by, p.measure, within=0.02) for p in parities]
    one, other = (
        mm.solve(mm.Problem(order, constraints=tight)) for order in (scores, shuffled(scores, rng))
    )
    assert one.route == "prices"
    assert one.status == "within_gap"  # no clock had a say
    assert chosen_pairs(one) == chosen_pairs(other)
