"""Small draws of `benchmarks.outcomes_evaluation`: the acceptance lines, with stated tolerance."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are not part of the package

from benchmarks import outcomes, outcomes_evaluation

import mentormatch as mm
from tests.outcomes.people import answered


def found(part: str, draws: int) -> dict[str, dict[str, Any]]:
    run, _ = outcomes_evaluation.PARTS[part]
    return dict(run(draws))


def test_intervals_of_a_change_hold_the_truth() -> None:
    """The full draws ask for .935 to .975; of 300, three standard errors are .038."""
    for mentors, each, icc in ((8, None, 0.3), (20, None, 0.1), (12, 10, 0.2)):
        row = outcomes_evaluation._coverage(mentors, each, icc, 300)
        assert 0.90 <= row["coverage"] <= 0.99
    assert row["coverage_naive"] < row["coverage"] - 0.03  # ten of a coach answer alike


def test_lots_tell_regression_from_effect_and_need_does_not() -> None:
    """Full draws: at most 7 % wrong with lots, nothing told in at least 95 % without."""
    rows = found("worlds", 150)
    none = rows["lots, effect 0.0"]
    assert none["out"] <= 0.12
    assert none["held"] >= 0.88
    assert none["gain"] >= 0.4  # before and after alone calls it a gain
    assert abs(none["effect"]) < 0.06
    some = rows["lots, effect 0.4"]
    assert some["effect"] == pytest.approx(some["true_effect"], abs=0.06)
    for mentors in (12, 30):
        assert rows[f"neediest first, {mentors} mentors, no effect"]["cannot_tell"] >= 0.93


def test_bounds_always_hold() -> None:
    for row in found("bounds", 100).values():
        assert row["held"] == 1
        assert row["tipping_off_zero"] < 1e-12


def test_power_is_what_simulation_says() -> None:
    """Full draws: .70 to .86; of 120, two standard errors are .073."""
    rows = found("power", 120)
    for row in rows.values():
        assert 0.64 <= row["seen"] <= 0.92


@pytest.mark.slow
def test_a_seat_lottery_tells_an_effect() -> None:
    """Full draws: at least half with a real chance, bias at most .05, coverage at least .92."""
    rows = dict(outcomes_evaluation.lotteries(120, cohorts=3))
    drawn = rows["lottery, seats .7, share 0.02"]
    assert drawn["real"] >= 0.45
    assert drawn["cost"] <= 0.025
    assert drawn["chances_off_seats"] < 0.01
    for name, row in rows.items():
        if "effect" in name:
            assert abs(row["bias"]) <= 0.12
            assert row["held"] >= 0.88


def test_what_is_judged_is_what_evaluate_says() -> None:
    """The benchmark goes by the functions within; a programme through the front door."""
    rng = np.random.default_rng(0)
    before, after, with_, cluster = outcomes_evaluation._programme(
        30, 70, rng, effect=0.4, needy=False
    )
    ids = [f"p{i}" for i in range(len(before))]
    pairs = {ids[i]: f"mentor {cluster[i] + 1}" for i in np.flatnonzero(with_)}
    mentees = {"id": ids}
    scores = mm.Scores.from_matrix(
        np.zeros((len(ids), 30)),
        capacity=np.full(30, 9),
        mentees=outcomes_evaluation.pd.DataFrame(mentees),
    )
    matching = mm.Matching.from_pairs(scores, pairs)
    survey = answered(ids, before, after)
    lots = mm.evaluate(matching, survey, comparison=mm.Lottery.by_hand(matching))
    known = ~np.isnan(after)
    direct = outcomes_evaluation.effect_of(
        before[known],
        after[known],
        with_[known],
        np.full(known.sum(), with_.mean()),
        cluster[known],
    )
    assert lots.effect is not None
    told = lots.effect.iloc[0]
    assert (told["effect"], told["se"], told["df"]) == pytest.approx(
        (direct.value, direct.se, direct.df)
    )
    none = mm.evaluate(matching, survey, comparison="unmatched")
    both = outcomes_evaluation.compare_changes(before, after, with_, ~with_, cluster)
    assert none.comparison is not None
    assert none.comparison["difference"].to_list() == pytest.approx(
        [both.changes.value, both.adjusted.value]
    )
    assert none.effect is None


def test_every_part_can_be_run() -> None:
    assert {"evaluation", "learning"} <= set(outcomes.PARTS)
    assert set(outcomes.FEW) <= set(outcomes.PARTS)
