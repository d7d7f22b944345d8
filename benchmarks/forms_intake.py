"""Rolling intake: a season of weekly solves, running pairs locked, against the hindsight optimum.

600 mentees arrive over 26 weeks and wait 3 to 8 weeks; 40 % of the mentors are there from the
start; about 1.05 seats a mentee. Each week everybody who is there is matched, running pairs
locked: as many as can be, who waited longest first, then the best total.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

import mentormatch as mm
from benchmarks.forms_suggest import made

__all__ = ["lines", "season", "simulate"]

WEEKS = 26


def season(seed: int, n: int = 600) -> tuple[mm.Scores, pd.DataFrame]:
    """Return the scores of a season's people, and when they were there."""
    m = round(0.35 * n)  # three seats a mentor on average
    scores = made(n, m, seed)
    rng = np.random.default_rng(3000 + seed)
    first = rng.integers(0, WEEKS, n)
    came = np.where(rng.random(m) < 0.4, 0, rng.integers(0, WEEKS, m))
    arrivals = pd.DataFrame({
        "person": [*scores.mentees.ids, *scores.mentors.ids], "arrives": [*first, *came],
        "leaves": [*(first + rng.integers(3, 9, n)).astype(float), *[np.nan] * m],
        "mentor": pd.Series([None] * (n + m), dtype=object), "week": np.nan,
    })  # fmt: skip
    return scores, arrivals


def simulate(scores: mm.Scores, arrivals: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Match week by week; return the arrivals with who got whom when, and running pairs touched."""
    n = len(scores.mentees)
    first, last = (arrivals[name].to_numpy(float) for name in ("arrives", "leaves"))
    running: dict[int, int] = {}
    week_of: dict[int, int] = {}
    touched = 0
    for week in range(WEEKS + 8):
        waiting = [i for i in range(n) if i not in running and first[i] <= week <= last[i]]
        people = np.array([*running, *waiting], dtype=np.int64)
        seats = np.flatnonzero(first[n:] <= week)
        if not len(people) or not len(seats):
            continue
        mentees, mentors = scores.mentees.take(people), scores.mentors.take(seats)
        locks = [(scores.mentees.ids[i], scores.mentors.ids[j]) for i, j in running.items()]
        today = mm.Scores.from_matrix(
            scores.total[np.ix_(people, seats)], mentees=mentees, mentors=mentors,
            admissible=scores.points[np.ix_(people, seats)] >= 0,
            rules=[mm.Lock(locks)] if locks else [],
        )  # fmt: skip
        waited = {scores.mentees.ids[i]: int(week - first[i]) for i in waiting}
        found = mm.solve(
            mm.Problem(today, [mm.MaximizeMatched(priority=waited), mm.MaximizeTotal()])
        )
        pairs = {int(people[a]): int(seats[b]) for a, b in zip(*found.pairs, strict=True)}
        touched += sum(pairs.get(i) != j for i, j in running.items())
        week_of |= {i: week for i in pairs if i not in week_of}
        running = pairs
    done = arrivals.copy()
    for i, j in running.items():
        done.loc[i, "mentor"] = scores.mentors.ids[j]
        done.loc[i, "week"] = float(week_of[i])
    return done, touched


def lines(seeds: int, smoke: bool) -> Iterator[dict[str, Any]]:
    """Yield one line per season."""
    for seed in range(1 if smoke else max(seeds, 4)):
        scores, arrivals = season(seed, 60 if smoke else 600)
        began = time.process_time()
        done, touched = simulate(scores, arrivals)
        review = mm.intake_review(done, scores)
        yield {
            "seed": seed, "share": round(review.share, 4), "waited": round(review.weeks_waited, 2),
            "touched": touched, "missed": len(review.missed), "pairs": review.matched,
            "hindsight_pairs": len(review.hindsight),
            "seconds": round(time.process_time() - began, 2),
        }  # fmt: skip
