"""The frontier falls as the promise gets stricter, and every point is certified."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.insight.tradeoff import tradeoff


def problem(seed: int = 0) -> mm.Problem:
    rng = np.random.default_rng(seed)
    group = np.array(["a", "b"])[(np.arange(14) % 3 == 0).astype(int)]
    score = rng.random((14, 5)) - 0.3 * (group == "b")[:, None]
    mentees = pd.DataFrame({"id": [f"e{i}" for i in range(14)], "group": group})
    return mm.Problem(mm.Scores.from_matrix(score.clip(0, 1).round(3), capacity=2, mentees=mentees))


@pytest.mark.parametrize(
    ("over", "values"),
    [
        (mm.Parity("group", smallest=1), [1.0, 0.3, 0.1, 0.05]),
        (mm.Parity("group", "impact_ratio", smallest=1), [0, 0.5, 0.9]),
        (mm.Parity("group", "mean_score", smallest=1), [1.0, 0.2, 0.05]),
        ("floor", [0, 0.3, 0.6, 0.9]),
        ("load", [1, 2]),
    ],
)
def test_stricter_never_gains(over: object, values: list[float]) -> None:
    made = tradeoff(problem(), over=over, values=values)  # type: ignore[arg-type]
    frame = made.to_frame()
    assert frame["feasible"].any()
    kept = frame[frame["feasible"]]
    worth = list(zip(kept["matched"], kept["total"], strict=True))
    assert all(later <= sooner for sooner, later in pairwise(worth))
    assert (kept["gap"] <= 1e-9).all()
    assert (kept["bound"] >= kept["total"] - 1e-9).all()
    assert kept["knee"].sum() <= 1
    assert made.values == tuple(sorted(made.values, reverse=made.values[0] != min(made.values)))


def test_tolerance_one_is_no_parity() -> None:
    made = tradeoff(problem(), over=mm.Parity("group", smallest=1), values=[1.0])
    assert made.to_frame()["total"][0] == pytest.approx(mm.solve(problem()).objective)


def test_infeasible_values_are_shown() -> None:
    base = problem()
    strict = mm.Problem(base.scores, constraints=[mm.Load(2)])
    frame = tradeoff(strict, over="floor", values=[0, 1.0]).to_frame()
    assert frame["feasible"].tolist() == [True, False]
    assert np.isnan(frame["total"][1])


def test_plot_and_repr() -> None:
    pytest.importorskip("matplotlib").use("Agg")
    made = tradeoff(problem(), over="floor", values=[0, 0.2, 0.4, 0.6])
    assert made.plot().get_ylabel() == "total score"
    assert "4 of 4 feasible" in repr(made)
    assert "<table" in made._repr_html_()


def test_over_must_be_known() -> None:
    with pytest.raises(mm.errors.ParameterError, match="'over'"):
        tradeoff(problem(), over="price")
