"""Coffee rounds and speed mentoring: exact or with a bound, beside one assignment a round."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

import mentormatch as mm
from benchmarks.forms_peers import FAMILIES
from benchmarks.forms_suggest import cohort

MILLION = 1_000_000


def one_by_one(points: np.ndarray, rounds: int, wanted: int) -> tuple[int, int]:
    """Return (meetings, total) of the best assignment round after round, as scripts do it."""
    left, got, total, count = points.astype(np.int64), np.zeros(len(points), int), 0, 0
    for _ in range(rounds):
        worth = np.where(left >= 0, left + (wanted - got)[:, None] * 10 * MILLION, -1)
        worth[got >= wanted] = -1
        for i, j in zip(*linear_sum_assignment(np.maximum(worth, 0), maximize=True), strict=True):
            if worth[i, j] >= 0:
                total, count = total + int(left[i, j]), count + 1
                left[i, j] = -1
                got[i] += 1
    return count, total


def lines(seeds: int, smoke: bool) -> Iterator[dict[str, Any]]:
    """Yield one line per instance."""
    size, rounds = (40, 4) if smoke else (300, 12)
    for kind in ("peers", "geo", "levels"):
        for seed in range(1, 1 + (1 if smoke else seeds)):
            points = FAMILIES[kind](size, seed)
            ids = [f"p{k}" for k in range(size)]
            frame = pd.DataFrame(np.maximum(points, 0) / MILLION, ids, ids)
            scores = mm.Scores.from_matrix(frame, admissible=points >= 0)
            mm.schedule_rounds(scores, rounds)
            began = time.process_time()
            table = mm.schedule_rounds(scores, rounds)
            seconds = time.process_time() - began
            means = table.by_round["mean_score"]
            yield {
                "case": f"coffee {kind}", "n": size, "rounds": rounds, "seed": seed,
                "meetings": len(table), "gap": table.gap, "verified": bool(mm.verify(table)),
                "level": means.max() / means.min() - 1, "seconds": seconds,
            }  # fmt: skip
    for n, m, rounds, wanted, share in (
        (60, 20, 6, 2, 1.0), (60, 20, 6, 2, 0.8), (300, 100, 12, 4, 0.7),
    )[: 2 if smoke else 3]:  # fmt: skip
        for seed in range(1 if smoke or n > 60 else seeds):
            matrix, _ = cohort(n, m, seed)
            rng = np.random.default_rng(500 + seed)
            bad = rng.random((n, m)) < 0.03
            scores = mm.Scores.from_matrix(matrix, admissible=~bad, capacity=1)
            people = [*scores.mentees.ids, *scores.mentors.ids]
            there = pd.DataFrame(rng.random((n + m, rounds)) < share, index=people)
            options = {"meetings": wanted, "available": None if share == 1 else there}
            if n == 60:
                mm.schedule_rounds(scores, rounds, **options)
            began = time.process_time()
            table = mm.schedule_rounds(scores, rounds, **options)
            row = {
                "case": "speed", "n": n, "rounds": rounds, "there": share, "seed": seed,
                "meetings": len(table), "total": table.objective, "gap": table.gap,
                "verified": bool(mm.verify(table)), "seconds": time.process_time() - began,
            }  # fmt: skip
            if share == 1:
                _, other = one_by_one(np.array(scores.points), rounds, wanted)
                row["one_by_one"] = other / MILLION / table.objective - 1
            yield row
