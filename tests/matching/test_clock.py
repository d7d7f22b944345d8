"""Without a limit nothing depends on the clock: a busy machine gives the same pairs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.solvers.solve import ROUTES

CORES = 2
GAP = 0.01
"""Where prices and HiGHS may stop, so that a test takes seconds."""


@contextmanager
def busy() -> Iterator[None]:
    """Keep the cores busy beside what runs."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(CORES)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def scores(n: int = 240, m: int = 80, capacity: int = 3) -> mm.Scores:
    rng = np.random.default_rng(0)
    mentees = pd.DataFrame(
        {
            "id": [f"e{i}" for i in range(n)],
            "g": rng.choice(list("abc"), n, p=[0.5, 0.3, 0.2]),
            "hours": rng.integers(1, 4, n).astype(float),
        }
    )
    mentors = pd.DataFrame(
        {
            "id": [f"r{j}" for j in range(m)],
            "site": [f"s{j % 4}" for j in range(m)],
            "hours": rng.integers(2, 8, m).astype(float),
        }
    )
    low = 0.2 * (mentees["g"] == "a").to_numpy()[:, None]
    return mm.Scores.from_matrix(
        (rng.random((n, m)) - low).clip(0, 1), capacity=capacity, mentees=mentees, mentors=mentors
    )


MATCHED, TOTAL = mm.MaximizeMatched(), mm.MaximizeTotal()
CASES: dict[str, tuple[str, tuple[int, ...], list[Any], list[Any]]] = {
    "one flow": ("one flow", (240, 80), [MATCHED, TOTAL], []),
    "flow": ("flow", (240, 80), [MATCHED, mm.Leximin(), TOTAL], []),
    "groups": ("groups", (240, 80), [MATCHED, TOTAL], [mm.Load(by="site", most=50)]),
    "windows": ("windows", (240, 80), [MATCHED, TOTAL], [mm.Parity("g", within=0.02)]),
    "floors": (
        "floors", (240, 80, 7), [MATCHED, mm.MaximizeMinimum(), TOTAL], [mm.Demand(2)]
    ),
    "prices of groups": (
        "prices", (240, 80), [MATCHED, TOTAL], [mm.Parity("g", "mean_score", within=0.02)]
    ),
    "patterns": (
        "prices", (240, 80), [MATCHED, TOTAL], [mm.Quota("g", "a", most=0.4), mm.HoursBudget()]
    ),
    "prices of rows": (
        "prices", (240, 80), [MATCHED, TOTAL],
        [mm.Quota("g", "a", most=0.4, over="site"), mm.Quota("g", "b", most=0.35)],
    ),
    "rows": ("rows", (60, 20), [MATCHED, mm.MaximizeWorstGroup("g"), TOTAL], []),
}  # fmt: skip


def test_there_is_a_case_for_every_route() -> None:
    assert {case[0] for case in CASES.values()} == {route.name for route in ROUTES}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_busy_machine_gives_the_same_pairs(name: str) -> None:
    route, shape, objectives, constraints = CASES[name]
    problem = mm.Problem(scores(*shape), objectives, constraints)
    alone = mm.solve(problem, gap=GAP)
    assert alone.route == route or route == "one flow"  # which names its kernel
    with busy():
        beside = mm.solve(problem, gap=GAP)
    for one, other in zip(alone.pairs, beside.pairs, strict=True):
        assert (one == other).all()
    assert [(s.value, s.bound) for s in alone.stages] == [(s.value, s.bound) for s in beside.stages]


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(20, 20), (120, 40)])
def test_a_busy_machine_gives_the_same_frontier(shape: tuple[int, int]) -> None:
    given = scores(*shape, capacity=1)
    alone = mm.stability_frontier(given)
    with busy():
        beside = mm.stability_frontier(given)
    pd.testing.assert_frame_equal(alone, beside)
