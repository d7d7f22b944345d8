"""Which pairs are stalled: ``python -m benchmarks.outcomes_goals``.

Invented programmes of 120 pairs and six monthly reviews, levels from 1 to 5 in whole numbers, first
levels 1 or 2, targets 4 or 5, one goal each (``--goals 1 3`` for one to three). A fifth of the
pairs is stalled (pace .1 +- .2 of the plan, the others 1 +- .4) and misses 39 % of the reviews
(28 %). The flags of `review_goals` at months 1 to 4 against the truth, beside plain rules; results
are kept in ``benchmarks/results/outcomes_goals.json``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import mentormatch as mm

RESULTS = Path(__file__).parent / "results" / "outcomes_goals.json"
PAIRS = 120
DAYS = [date(2026, month, 12) for month in range(1, 8)]
"""The first levels, then six reviews; the last one ends the programme."""


def made(seed: int, goals: tuple[int, int] = (1, 1), pairs: int = PAIRS) -> Any:
    """Return a matching, everybody's reviewed goals, and bool (pairs,): who is stalled."""
    rng = np.random.default_rng([2026, seed])
    mentors = -(-pairs // 3)
    matching = mm.solve(mm.Problem(
        mm.Scores.from_matrix(rng.random((pairs, mentors)), capacity=3), [mm.MaximizeMatched(),
                                                                          mm.MaximizeTotal()]
    ))  # fmt: skip
    stalled = rng.random(pairs) < 0.2
    pace = np.where(stalled, rng.normal(0.1, 0.2, pairs), rng.normal(1, 0.4, pairs))
    rows = []
    for i, person in enumerate(matching.problem.scores.mentees.ids):
        missed = rng.random(6) < (0.39 if stalled[i] else 0.28)
        for goal in range(int(rng.integers(goals[0], goals[1] + 1))):
            start, target = int(rng.integers(1, 3)), int(rng.integers(4, 6))
            for number, day in enumerate(DAYS):
                true = start + pace[i] * (target - start) * number / 6
                level = float(np.clip(np.rint(true + 0.5 * rng.normal()), 1, 5))
                if number == 0 or not missed[number - 1]:
                    rows.append((person, f"goal {goal}", day.isoformat(), level, target))
    frame = pd.DataFrame(rows, columns=["id", "goal", "date", "level", "target"])
    return matching, frame, stalled


def area(score: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve, ties counted half."""
    ranks = pd.Series(score).rank().to_numpy()
    yes, no = int(truth.sum()), int((~truth).sum())
    return float((ranks[truth].sum() - yes * (yes + 1) / 2) / (yes * no))


def figures(draws: int, goals: tuple[int, int], pairs: int = PAIRS) -> list[dict[str, Any]]:
    """Return one row per month: how well flags and chances tell who is stalled."""
    every = [made(seed, goals, pairs) for seed in range(draws)]
    lines = []
    for month in range(1, 5):
        chances, truths, flags, areas, found, silent = [], [], [], [], [], []
        for matching, frame, truth in every:
            kept = mm.read_goals(frame, people=matching, scale=(1, 5))
            review = mm.review_goals(
                kept, matching, start=DAYS[0], end=DAYS[-1], on=DAYS[month]
            )  # fmt: skip
            chance = review.pairs["chance"].to_numpy(dtype=float)
            areas.append(area(chance, truth))
            edge = np.quantile(chance[~truth], 0.9)
            found.append(float((chance[truth] > edge).mean()))
            silent.append(area(-review.pairs["progress"].to_numpy(dtype=float), truth))
            chances.append(chance)
            truths.append(truth)
            flags.append((review.pairs["state"] == "stalled").to_numpy())
        chance, truth, flag = (np.concatenate(part) for part in (chances, truths, flags))
        bins = pd.cut(pd.Series(chance), [0, 0.1, 0.2, 0.35, 0.5, 0.65, 1])
        said = pd.DataFrame({"bin": bins, "said": chance, "was": truth})
        calibration = said.groupby("bin", observed=True)[["said", "was"]].mean().round(2)
        lines.append({
            "month": month, "auc": round(float(np.mean(areas)), 3),
            "auc_progress_alone": round(float(np.mean(silent)), 3),
            "found_at_10_percent_false": round(float(np.mean(found)), 3),
            "flagged": round(float(flag.mean()), 4),
            "flagged_right": round(float(truth[flag].mean()), 3) if flag.any() else None,
            "stalled_found": round(float(flag[truth].mean()), 3),
            "said_was": calibration.to_numpy().tolist(),
        })  # fmt: skip
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--goals", type=int, nargs=2, default=None)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    kept = json.loads(options.out.read_text()) if options.out.exists() else {}
    for goals in [tuple(options.goals)] if options.goals else [(1, 1), (1, 3)]:
        lines = figures(options.draws, (goals[0], goals[1]))
        for line in lines:
            print(goals, line, flush=True)
        kept[f"goals {goals[0]} to {goals[1]}"] = {"draws": options.draws, "months": lines}
        options.out.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
