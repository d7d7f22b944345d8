"""Which pairs are stalled: laws, what is said and suggested, and flags that are right."""

from __future__ import annotations

import math
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.outcomes.attainment import attained, t_score
from mentormatch.outcomes.stalling import PACES, PRIOR, Gains, paced

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are not part of the package

from benchmarks import outcomes_goals

WHEN = {"start": "2026-01-12", "end": "2026-07-12"}
MONTHS = [date(2026, month, 12) for month in range(1, 8)]


def matching(pairs: int = 6, seats: int = 2) -> mm.Matching:
    scores = mm.Scores.from_matrix(
        np.random.default_rng(1).random((pairs, -(-pairs // seats))), capacity=seats
    )
    return mm.solve(mm.Problem(scores, [mm.MaximizeMatched(), mm.MaximizeTotal()]))


def goals(levels: dict[str, list[float | None]], target: float = 5, **how: object) -> mm.Goals:
    """Return goals with a level on each month's day, None for a review that was missed."""
    rows = [
        (person, "A", MONTHS[k].isoformat(), level, target)
        for person, told in levels.items()
        for k, level in enumerate(told)
        if level is not None
    ]
    frame = pd.DataFrame(rows, columns=["id", "goal", "date", "level", "target"])
    return mm.read_goals(frame, scale=(1, 5), **how)  # type: ignore[arg-type]


EVERYBODY = {
    "mentee 1": [1.0, 2.0, 3.0, 4.0],
    "mentee 2": [1.0, 1.0, 1.0, 1.0],
    "mentee 3": [1.0, 3.0, 5.0, 5.0],
    "mentee 4": [1.0, None, None, 1.0],
    "mentee 5": [2.0, 2.0, 3.0, 3.0],
}


def test_states_say_what_the_levels_say() -> None:
    review = mm.review_goals(goals(EVERYBODY), matching(), on="2026-04-12", **WHEN)
    pairs = review.pairs.set_index("mentee")
    assert pairs["state"].to_dict() == {
        "mentee 1": "moving", "mentee 2": "watch", "mentee 3": "reached", "mentee 4": "stalled",
        "mentee 5": "moving", "mentee 6": "no goals",
    }  # fmt: skip
    assert pairs["held"].tolist() == [3, 3, 3, 1, 3, 0]
    assert pairs["missed"].tolist() == [0, 0, 0, 2, 0, 3]
    assert pairs.loc["mentee 1", "progress"] == 0.75
    assert pairs.loc["mentee 1", "pace"] > 1 > pairs.loc["mentee 2", "pace"]
    assert "level 1 where the plan has 3.0 (from 1 to 5)" in pairs.loc["mentee 2", "why"]
    assert review.every == pytest.approx(30, abs=1)
    assert "1 stalled, 1 to watch" in review.text
    assert "no verdict" in review.text
    assert repr(review) == f"<GoalReview: {review.text}>"


def test_chances_are_those_of_the_stated_model() -> None:
    gains = [Gains(3.0, np.array([0.2, 0.5]), np.array([0.0, 1.0]), 0.5),
             Gains(-2.0, np.array([0.5]), np.array([-0.5]), 0.5)]  # fmt: skip
    densities, means = [], []
    for mean, spread in PACES:
        p = np.linspace(mean - 7 * spread, mean + 7 * spread, 20_001)
        log = -0.5 * ((p - mean) / spread) ** 2 - np.log(spread)
        for goal in gains:
            c = 1 - p[:, None] * goal.passed
            rest = goal.gained - p[:, None] * goal.passed * goal.way
            cov = goal.noise**2 * (np.eye(len(goal.passed)) + c[:, :, None] * c[:, None, :])
            solved = np.linalg.solve(cov, rest[:, :, None])[:, :, 0]
            log += -0.5 * ((rest * solved).sum(axis=1) + np.linalg.slogdet(cov)[1])
        weight = np.exp(log)
        densities.append(weight.sum() * (p[1] - p[0]))
        means.append((weight * p).sum() / weight.sum())
    odds = PRIOR / (1 - PRIOR) * densities[1] / densities[0]
    found = paced(gains, 0, 0)
    assert found.chance == pytest.approx(odds / (1 + odds), rel=1e-4)
    assert found.pace == pytest.approx(
        (1 - found.chance) * means[0] + found.chance * means[1], rel=1e-4
    )


def test_nobody_is_judged_before_two_reviews_were_due() -> None:
    review = mm.review_goals(goals(EVERYBODY), matching(), on="2026-02-12", **WHEN)
    assert set(review.pairs["state"]) == {"too early", "no goals"}
    assert review.suggested == ()
    assert "left out" in review.text  # later entries are


def test_a_changed_target_starts_anew_and_the_old_line_stays() -> None:
    rows = [("2026-01-12", 1, 3), ("2026-02-12", 2, 3), ("2026-03-12", 3, 5), ("2026-04-12", 4, 5)]
    frame = pd.DataFrame(rows, columns=["date", "level", "target"]).assign(id="mentee 1", goal="A")
    review = mm.review_goals(mm.read_goals(frame), matching(), on="2026-04-12", **WHEN)
    own = review.goals
    assert own["current"].tolist() == [False, True]
    assert own["target"].tolist() == [3, 5]
    assert own["first"].tolist() == [1, 3]
    assert own["progress"].tolist() == [1, 0.5]
    assert [day.date() for day in own["since"]] == [date(2026, 1, 12), date(2026, 3, 12)]
    assert review.pairs.loc[0, "progress"] == 0.5
    assert review.pairs.loc[0, "goals"] == 1


def test_less_can_be_the_aim_and_goals_weigh() -> None:
    rows = [("worry", "2026-01-12", 5, 1, 3), ("worry", "2026-04-12", 3, 1, 3),
            ("talk", "2026-01-12", 1, 3, 1), ("talk", "2026-04-12", 1, 3, 1)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["goal", "date", "level", "target", "weight"])
    frame = frame.assign(id="mentee 1")
    review = mm.review_goals(mm.read_goals(frame), matching(), on="2026-04-12", **WHEN)
    assert review.pairs.loc[0, "progress"] == pytest.approx(0.75 * 0.5 + 0.25 * 0)
    expected = 50 + 10 * (3 * -1 + 1 * -2) / math.sqrt(0.7 * (9 + 1) + 0.3 * 16)
    assert review.t_score["mentee 1"] == pytest.approx(expected)
    assert review.goals["t_score"].tolist() == pytest.approx([expected] * 2)


def test_the_t_score_is_the_formula() -> None:
    rng = np.random.default_rng(0)
    for n in range(1, 6):
        x, w = rng.integers(-2, 3, n).astype(float), rng.random(n) + 0.1
        spread = 0.7 * sum(v * v for v in w) + 0.3 * sum(w) ** 2
        assert t_score(x, w) == pytest.approx(50 + 10 * sum(w * x) / math.sqrt(spread))
    assert attained([0, 0.5, 1, 1.5, 2, 3, -1]).tolist() == [-2, -1, 0, 1, 2, 2, -2]
    assert math.isnan(t_score([]))


def test_stalled_pairs_go_into_rematch_as_they_are() -> None:
    one = matching(12, 3)
    stalled = {f"mentee {k}": [1.0, None, None, 1.0] for k in (1, 2)}
    moving = {f"mentee {k}": [1.0, 2.0, 3.0, 4.0] for k in range(3, 13)}
    together = one["mentee 1"] == one["mentee 2"]
    review = mm.review_goals(goals(stalled | moving), one, on="2026-04-12", **WHEN)
    assert not together
    assert {pair[0] for pair in review.suggested} == set(stalled)
    found = mm.rematch(one, declined=review.suggested, max_changes=len(review.suggested))
    for mentee, mentor in review.suggested:
        assert mentor in one[mentee]
        assert mentor not in found.matching[mentee]


def test_with_a_mentor_of_several_stalled_pairs_one_talks_first() -> None:
    one = matching(6, 3)
    mentor = one["mentee 1"][0]
    hers = [mentee for mentee, other in one if other == mentor]
    others = [mentee for mentee, other in one if other != mentor]
    levels = {m: [1.0, None, None, 1.0] for m in [*hers, others[0]]}
    levels |= {m: [1.0, 2.0, 3.0, 4.0] for m in others[1:]}
    review = mm.review_goals(goals(levels), one, on="2026-04-12", **WHEN)
    assert review.mentors["mentor"].tolist() == [mentor]
    assert review.mentors["stalled"].tolist() == [len(hers)]
    assert [pair[0] for pair in review.suggested] == [others[0]]
    assert "talk with" in review.text


def test_order_and_names_of_people_change_nothing() -> None:
    one = matching()
    told = goals(EVERYBODY)
    review = mm.review_goals(told, one, on="2026-04-12", **WHEN)
    back = mm.Goals(told.entries[::-1], told.scale, told.repairs, told.source)
    again = mm.review_goals(back, one, on="2026-04-12", **WHEN)
    pd.testing.assert_frame_equal(review.pairs, again.pairs)
    shifted = {name: [None if x is None else x + 0.0 for x in told_] for name, told_ in
               EVERYBODY.items() if name != "mentee 1"}  # fmt: skip
    fewer = mm.review_goals(goals(shifted), one, on="2026-04-12", every=None, **WHEN)
    mine = review.pairs.set_index("mentee").loc["mentee 2", "chance"]
    assert fewer.pairs.set_index("mentee").loc["mentee 2", "chance"] == pytest.approx(mine)


def test_what_cannot_be_is_refused() -> None:
    told, one = goals(EVERYBODY), matching()
    for wrong in ({"on": "soon"}, {"on": "2025-04-12"}, {"on": "2026-04-12", "every": 0},
                  {"on": "2026-04-12", "end": "2026-01-01"}):  # fmt: skip
        with pytest.raises(mm.errors.ParameterError):
            mm.review_goals(told, one, **WHEN | wrong)  # type: ignore[arg-type]
    with pytest.raises(mm.errors.ParameterError, match="people=matching"):
        mm.review_goals(goals({"x": [1.0, 2.0]}), one, on="2026-04-12", **WHEN)


def test_the_picture_names_nobody() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = mm.review_goals(goals(EVERYBODY), matching(), on="2026-04-12", **WHEN).plot()
    texts = [text.get_text() for text in ax.figure.findobj(matplotlib.text.Text)]
    assert "stalled" in texts
    assert not any("mentee" in text for text in texts)


def test_flags_are_right_and_early() -> None:
    lines = {line["month"]: line for line in outcomes_goals.figures(2, (1, 1), 150)}
    assert lines[1]["flagged"] <= 0.01
    assert lines[3]["auc"] > max(0.8, lines[3]["auc_progress_alone"])
    assert lines[3]["found_at_10_percent_false"] > 0.45
    assert lines[4]["flagged_right"] > 0.65
    assert lines[4]["auc"] > lines[2]["auc"]
