"""Weights learnt on real people: ``python -m benchmarks.outcomes_dating``.

Speed dating (Fisman & Iyengar; package peopleanalyticsdata, MIT): in each of 20 waves everybody met
everybody of the other gender, so that the outcome of *every* pair is known, and what is learnt from
matched pairs only can be judged. Partners have no number in the data; rows are in their order, and
`match`, `samerace` and `agediff` of both sides agree. The outcome is the share of the two who said
yes; criteria are the same race, a near age, the same goal, and being rated alike by others on looks
and intelligence, equal weights to begin with. 300 splits: 12 waves to learn from, 8 to try on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import mentormatch as mm
from benchmarks.outcomes_learning import survey
from mentormatch.scoring.reweighted import reweighted
from mentormatch.solvers import assignment

RESULTS = Path(__file__).parent / "results" / "outcomes_dating.json"
LEARN, TRY = 12, 8
YEARS = 10.0
"""Years apart from which two ages are not near at all."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Wave:
    """One evening: n women, m men.

    parts : float64 (n, m, 5), in [0, 1];  outcome : float64 (n, m): none, half or both said yes
    agreement : share of the pairs in which both sides' rows tell the same
    matching : by equal weights
    """

    parts: Floats
    outcome: Floats
    agreement: float
    matching: mm.Matching


NAMES = ("race", "age", "goal", "looks", "intelligence")


def evenings(data: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return the rows of the women and of the men of each wave."""
    people = data.drop_duplicates("iid")[["iid", "gender"]]
    new = (people["gender"] == 0) & (people["gender"].shift(1, fill_value=1) == 1)
    wave = dict(zip(people["iid"], new.cumsum(), strict=True))
    numbered = data.assign(wave=data["iid"].map(wave))
    return [
        (rows[rows["gender"] == 0], rows[rows["gender"] == 1])
        for _, rows in numbered.groupby("wave")
    ]


def square(rows: pd.DataFrame, name: str, across: int) -> Floats | None:
    """Return a column as (people, partners), None where rows are missing."""
    size = rows.groupby("iid", sort=False).size()
    if not (size == across).all():
        return None
    return rows[name].to_numpy(dtype=float).reshape(len(size), across)


def others(ratings: Floats) -> Floats:
    """Return float64 (raters, rated): everybody's mean rating by all but the one who rates here."""
    known = ~np.isnan(ratings)
    total, count = np.nansum(ratings, axis=0), known.sum(axis=0)
    own = np.where(known, ratings, 0.0)
    return (total - own) / np.maximum(count - known, 1)


def alike(one: Floats, other: Floats) -> Floats:
    """Return 1 where two ratings of 1 to 10 are the same, 0 where they are three or more apart."""
    return np.clip(1 - np.abs(one - other) / 3, 0, 1)


@cache
def waves() -> tuple[Wave, ...]:
    """Return the waves without missing rows."""
    from peopleanalyticsdata import speed_dating

    found = []
    for number, (women, men) in enumerate(evenings(speed_dating())):
        n, m = women["iid"].nunique(), men["iid"].nunique()
        ours = {name: square(women, name, m) for name in women.columns}
        theirs = {name: square(men, name, n) for name in men.columns}
        if any(side[name] is None for side in (ours, theirs) for name in ("dec", "match")):
            continue
        a: Any = ours
        b: Any = {name: part.T for name, part in theirs.items() if part is not None}
        same = np.ones((n, m), dtype=bool)
        for name in ("match", "samerace", "agediff"):
            same &= (a[name] == b[name]) | (np.isnan(a[name]) & np.isnan(b[name]))
        goal = (a["goal"][:, :1] == b["goal"][:1]).astype(float)
        parts = np.stack([
            a["samerace"], np.clip(1 - a["agediff"] / YEARS, 0, 1), goal,
            # how others rate the two: her by the men, him by the women
            alike(others(b["attr"].T).T, others(a["attr"])),
            alike(others(b["intel"].T).T, others(a["intel"])),
        ], axis=-1)  # fmt: skip
        found.append(Wave(
            parts, (a["dec"] + b["dec"]) / 2, float(same.mean()), _matched(parts, number)
        ))  # fmt: skip
    return tuple(found)


def _matched(parts: Floats, number: int) -> mm.Matching:
    n, m, k = parts.shape
    women = pd.DataFrame({"id": [f"{number}-her-{place}" for place in range(n)]})
    men = pd.DataFrame({"id": [f"{number}-him-{place}" for place in range(m)], "capacity": "1"})
    criteria = [mm.Precomputed(parts[:, :, c].astype(np.float32), name=NAMES[c]) for c in range(k)]
    scores = mm.score(
        mm.read_roster(women, role="mentee"), mm.read_roster(men, role="mentor"), criteria
    )
    return mm.solve(mm.Problem(scores, [mm.MaximizeMatched(), mm.MaximizeTotal()]))


def mean_outcome(one: Wave, weights: Sequence[float]) -> float:
    scores = one.matching.problem.scores
    if not sum(weights) > 0:
        return float(one.outcome.mean())
    criteria = [replace(c, weight=float(w)) for c, w in zip(scores.criteria, weights, strict=True)]
    found = mm.solve(replace(one.matching.problem, scores=reweighted(scores, criteria)))
    rows = np.flatnonzero(found.assignment >= 0)
    return float(one.outcome[rows, found.assignment[rows]].mean())


def split(seed: int) -> dict[str, float]:
    """Learn from 12 waves' matched pairs; return what is gained on 8 others, in points."""
    from scipy.optimize import nnls

    every = waves()
    order = np.random.default_rng([0, seed]).permutation(len(every))
    past = [every[k] for k in order[:LEARN]]
    fresh = [every[k] for k in order[LEARN : LEARN + TRY]]
    told, design, outcome = [], [], []
    for one in past:
        ids = one.matching.problem.scores.mentees.ids
        rows = np.flatnonzero(one.matching.assignment >= 0)
        y = one.outcome[rows, one.matching.assignment[rows]]
        x = one.parts[rows, one.matching.assignment[rows]]
        told.append(survey({ids[i]: v for i, v in zip(rows.tolist(), y.tolist(), strict=True)}))
        design.append(np.nan_to_num(x - np.nanmean(x, axis=0)))
        outcome.append(y - y.mean())
    learnt = mm.learn_weights([one.matching for one in past], told)

    def mean(weights: Sequence[float]) -> float:
        return float(np.mean([mean_outcome(one, weights) for one in fresh]))

    equal = mean([1.0] * len(NAMES))
    plain = nnls(np.concatenate(design), np.concatenate(outcome))[0]
    new = mean([c.weight for c in learnt.criteria]) if learnt.changed else equal
    return {
        "pairs": learnt.pairs, "changed": float(learnt.changed), "gain": new - equal,
        "plain": mean(plain.tolist()) - equal,
        "equal_above_random": equal - float(np.mean([o.outcome.mean() for o in fresh])),
    }  # fmt: skip


def figures(splits: int) -> dict[str, Any]:
    """Return the figures of the published line."""
    frame = pd.DataFrame([split(seed) for seed in range(splits)])
    return {
        "waves": len(waves()), "agreement": min(one.agreement for one in waves()),
        "pairs_known": int(sum(one.outcome.size for one in waves())), "splits": splits,
        "pairs_learnt_from": round(float(frame["pairs"].mean())),
        "equal_above_random": round(float(frame["equal_above_random"].mean()), 4),
        "changed": round(float(frame["changed"].mean()), 4),
        "gain": round(float(frame["gain"].mean()), 4),
        "worse": round(float((frame["gain"] < -0.01).mean()), 4),
        "plain": round(float(frame["plain"].mean()), 4),
        "plain_worse": round(float((frame["plain"] < -0.01).mean()), 4),
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--splits", type=int, default=300)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    assignment.SMALL = 0  # compiled from the start: the same matchings, sooner
    found = figures(options.splits)
    print(found)
    options.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
