"""Weights learnt from outcomes: are they ever worse? ``python -m benchmarks.outcomes_learning``.

Programmes of several rounds with invented outcomes, the truth known; weights are learnt from the
answered pairs and tried on four fresh cohorts. Worlds: *other* (the true weights have nothing to do
with the defaults), *near* (the defaults times a lognormal of .8), *default* (the defaults are
right), *nothing* (no pair is better than another). Beside `learn_weights`, plain non-negative least
squares on the same answers. ``--programmes 100 --worlds other near`` for less; results are kept in
``benchmarks/results/outcomes_learning.json``. Also: speed dating (20 waves in which the outcome of
every pair is known; package peopleanalyticsdata), mentors whose quality goes with their breadth,
and the time that learning takes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import mentormatch as mm
from mentormatch.datasets.outcomes import _chances
from mentormatch.outcomes.scales import Scale
from mentormatch.outcomes.surveys import Survey, survey_of
from mentormatch.scoring.reweighted import reweighted
from mentormatch.solvers import assignment

RESULTS = Path(__file__).parent / "results" / "outcomes_learning.json"
PARTS = ("rows", "larger", "breadth", "times")
WORLDS = ("other", "near", "default", "nothing")
LEARN, TEST = range(40), range(1000, 1012)
TESTED = 4
OBJECTIVES = {
    "default": (mm.MaximizeMatched(), mm.MinimizeDefects(), mm.MaximizeTotal()),
    "total": (mm.MaximizeMatched(), mm.MaximizeTotal()),
}
"""What is matched by: the library's default, and without its "workable first"."""
SHARES = {"mentor": 0.15, "mentee": 0.10, "rest": 0.70}
QUALITY = Scale("quality", items="overall", low=-9, high=9)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cohort:
    """A default matching, its parts in standard deviations over admissible pairs, and those."""

    matching: mm.Matching
    parts: Floats
    spread: Floats

    @property
    def weights(self) -> Floats:
        return np.array([c.weight for c in self.matching.problem.scores.criteria])


@cache
def cohort(by: str, n: int, m: int, seed: int) -> Cohort:
    """Return a cohort whose ids are its own, so that no mentor is taken for another's."""
    frames = mm.make_cohort(n, m, seed)
    for frame in frames:
        frame["id"] = f"{seed}-" + frame["id"]
        for name in ("preferred", "avoid", "previous"):
            frame[name] = frame[name].str.replace("E", f"{seed}-E", regex=False)
    mentees, mentors = frames
    matching = mm.match(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor"),
        objectives=OBJECTIVES[by],
    )  # fmt: skip
    scores = matching.problem.scores
    parts = np.stack([scores.part(k) for k in range(len(scores.names))], axis=-1).astype(float)
    there = parts[scores.admissible]
    spread = np.nanstd(there, axis=0)
    parts = (parts - np.nanmean(there, axis=0)) / np.where(spread > 0, spread, np.inf)
    return Cohort(matching, parts, spread)


def true_weights(world: str, old: Cohort, rng: np.random.Generator) -> Floats:
    """Return float64 (criteria,): what one standard deviation of each part truly adds."""
    k = len(old.spread)
    if world == "other":
        return rng.dirichlet(np.full(k, 0.6))
    base = old.weights * old.spread
    return base * rng.lognormal(0, 0.8, k) if world == "near" else base


def utility(one: Cohort, true: Floats, explained: float, rng: np.random.Generator) -> Floats:
    """Return float64 (n, m): the truth; what was left blank is drawn from what others answered."""
    admissible = one.matching.problem.scores.admissible
    found = np.zeros(admissible.shape)
    for k, weight in enumerate(true.tolist()):
        part = one.parts[:, :, k].copy()
        blank = np.isnan(part)
        said = part[admissible & ~blank]
        part[blank] = rng.choice(said, int(blank.sum()))
        found += weight * part
    there = found[admissible]
    return (found - there.mean()) / max(there.std(), 1e-12) * np.sqrt(explained)


def answers(
    one: Cohort, truth: Floats, rng: np.random.Generator, confounded: float = 0.0
) -> dict[str, float]:
    """Return the outcome of the mentees who answered, by id."""
    scores, with_whom = one.matching.problem.scores, one.matching.assignment
    m = truth.shape[1]
    rows = np.flatnonzero(with_whom >= 0)
    effect = rng.normal(size=m)
    if confounded:
        broad = np.nan_to_num(one.parts[:, :, :2]).mean(
            axis=(0, 2)
        )  # goals and needs, covered on average
        broad = (broad - broad.mean()) / broad.std()
        effect = confounded * broad + np.sqrt(1 - confounded**2) * effect
    outcome = (
        truth[rows, with_whom[rows]]
        + np.sqrt(SHARES["mentor"]) * effect[with_whom[rows]]
        + np.sqrt(SHARES["mentee"] + SHARES["rest"]) * rng.normal(size=len(rows))
    )
    told = rng.random(len(rows)) < _chances(outcome, 0.6, 0.7)
    return {
        scores.mentees.ids[i]: value
        for i, value in zip(rows[told].tolist(), outcome[told].tolist(), strict=True)
    }


def survey(outcome: dict[str, float]) -> Survey:
    """Return the answers as a survey."""
    frame = pd.DataFrame({"person": list(outcome), "value": list(outcome.values())})
    frame = frame.assign(role="mentee", wave="after", scale="quality")
    return survey_of(frame, scales=[QUALITY], waves=["after"])


def plain_weights(rounds: Sequence[Cohort], told: Sequence[dict[str, float]]) -> Floats:
    """Return weights by non-negative least squares on the matched pairs, per unit of a part."""
    from scipy.optimize import nnls

    design, outcome = [], []
    for one, found in zip(rounds, told, strict=True):
        ids = one.matching.problem.scores.mentees.ids
        rows = np.array([i for i, person in enumerate(ids) if person in found], dtype=np.int64)
        x = np.nan_to_num(one.parts[rows, one.matching.assignment[rows]])
        y = np.array([found[ids[i]] for i in rows])
        design.append(x - x.mean(axis=0))
        outcome.append(y - y.mean())
    weights = nnls(np.concatenate(design), np.concatenate(outcome))[0]
    return weights / rounds[-1].spread


def reached(one: Cohort, truth: Floats, weights: Floats) -> float:
    """Return the mean truth of the matching with these weights."""
    scores = one.matching.problem.scores
    if not weights.sum() > 0:
        return float(truth[scores.admissible].mean())
    criteria = [replace(c, weight=float(w)) for c, w in zip(scores.criteria, weights, strict=True)]
    found = mm.solve(replace(one.matching.problem, scores=reweighted(scores, criteria)))
    rows = np.flatnonzero(found.assignment >= 0)
    return float(truth[rows, found.assignment[rows]].mean())


def programme(
    world: str,
    explained: float,
    rounds: int,
    size: tuple[str, int, int],
    seed: Sequence[int],
    *,
    confounded: float = 0.0,
    confidence: float = 0.9,
    plain: bool = True,
) -> dict[str, Any]:
    """Learn from one programme; return what it gained on fresh cohorts, in sd of the outcome."""
    rng = np.random.default_rng(seed)
    past = [cohort(*size, s) for s in rng.choice(LEARN, rounds, replace=False).tolist()]
    fresh = [cohort(*size, s) for s in rng.choice(TEST, TESTED, replace=False).tolist()]
    true = true_weights(world, past[-1], rng)
    share = 0.0 if world == "nothing" else explained
    told = [answers(one, utility(one, true, share, rng), rng, confounded) for one in past]
    began = time.process_time()
    learnt = mm.learn_weights(
        [one.matching for one in past], [survey(one) for one in told], confidence=confidence
    )
    seconds = time.process_time() - began
    truths = [utility(one, true, share, rng) for one in fresh]

    def mean(weights: Floats) -> float:
        pairs = zip(fresh, truths, strict=True)
        return float(np.mean([reached(one, truth, weights) for one, truth in pairs]))

    old = past[-1].weights
    base = mean(old)
    gain = 0.0
    if learnt.changed:
        gain = mean(np.array([c.weight for c in learnt.criteria])) - base
    return {
        "gain": gain,
        "oracle": mean(true / past[-1].spread) - base if share else 0.0,
        "plain": mean(plain_weights(past, told)) - base if plain and share else 0.0,
        "changed": learnt.changed,
        "least": learnt.gain.least,
        "expected": learnt.gain.expected,
        "pairs": learnt.pairs,
        "seconds": seconds,
    }


def summed(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of a row of the table."""
    frame = pd.DataFrame(list(lines))
    moved = frame[frame["changed"]]
    held = (moved["gain"] >= moved["least"]).mean()
    return {
        "programmes": len(frame),
        "pairs": round(float(frame["pairs"].mean())),
        "gain": round(float(frame["gain"].mean()), 4),
        "worse": round(float((frame["gain"] < -0.01).mean()), 4),
        "changed": round(float(frame["changed"].mean()), 4),
        "oracle": round(float(frame["oracle"].mean()), 4),
        "plain": round(float(frame["plain"].mean()), 4),
        "plain_worse": round(float((frame["plain"] < -0.01).mean()), 4),
        "bound_held": round(float(held), 3) if len(moved) else None,
        "expected": round(float(moved["expected"].mean()), 4) if len(moved) else None,
        "moved_gain": round(float(moved["gain"].mean()), 4) if len(moved) else None,
        "seconds": round(float(frame["seconds"].mean()), 3),
    }  # fmt: skip


def rows(
    by: str,
    programmes: int,
    worlds: Sequence[str],
    explained: Sequence[float],
    rounds: Sequence[int],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one row per world, explained share and number of rounds (lines 1 to 3)."""
    for share in explained:
        for world in worlds:
            if world == "nothing" and share != explained[0]:
                continue
            for number in rounds:
                key = [2026, WORLDS.index(world), round(share * 1000), number]
                lines = [
                    programme(world, share, number, (by, 100, 40), [*key, p])
                    for p in range(programmes)
                ]
                yield f"by {by}: {world} R2 {share:g} rounds {number}", summed(lines)


def larger(by: str, programmes: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what programmes of 300 x 120 reach after 4 and 8 rounds (line 2)."""
    for number in (4, 8):
        lines = [
            programme("other", 0.05, number, (by, 300, 120), [2026, 9, number, p], plain=False)
            for p in range(programmes)
        ]
        yield f"by {by}: 300 x 120 other R2 0.05 rounds {number}", summed(lines)


def breadth(by: str, programmes: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is learnt where broad mentors are better mentors, and where not (line 5)."""
    for name, correlation in (("not confounded", 0.0), ("confounded", 0.7)):
        lines = [
            programme("other", 0.05, 5, (by, 100, 40), [2026, 8, p], confounded=correlation,
                      confidence=0.5, plain=False)
            for p in range(programmes)
        ]  # fmt: skip
        yield f"by {by}: {name}", summed(lines)


def times() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the time that learning from three rounds of 500 x 150 takes, warm (line 13)."""
    rng = np.random.default_rng([2026, 7])
    past = [cohort("default", 500, 150, s) for s in range(3)]
    true = true_weights("other", past[-1], rng)
    told = [survey(answers(one, utility(one, true, 0.05, rng), rng)) for one in past]
    spent = []
    for _ in range(4):
        began = time.process_time()
        mm.learn_weights([one.matching for one in past], told)
        spent.append(time.process_time() - began)
    yield "3 x (500 x 150), seconds of the processor", {"warm": round(min(spent[1:]), 3)}


def judged(folder: Path) -> str:
    """Return the acceptance lines with what was found, from all that is stored."""
    kept: dict[str, Any] = {}
    for part in ("learning", "dating", "goals"):
        stored = folder / f"outcomes_{part}.json"
        kept[part] = json.loads(stored.read_text()) if stored.exists() else {}
    rows_of = kept["learning"]

    def of(name: str, *words: str, by: str = "by total: ") -> list[float]:
        return [
            row[name] for key, row in rows_of.items()
            if key.startswith(by) and "300 x 120" not in key and all(w in key for w in words)
        ]  # fmt: skip

    lines: list[tuple[str, str, str, bool | None]] = []
    for share, most in (("0.05", 0.03), ("0.02", 0.06)):
        for world in ("other", "near", "default"):
            worse = of("worse", f"{world} R2 {share}")
            if worse:
                lines.append((
                    f"worse than the weights that were there, 1 to 5 rounds, *{world}*, R2 {share}",
                    f"at most {most:g}", _span(worse), max(worse) <= most,
                ))  # fmt: skip
    plain = [
        share for world in ("other", "near", "default")
        for share in of("plain_worse", f"{world} R2 0.05 rounds 1")
    ]  # fmt: skip
    lines.append(
        ("the same of plain least squares, 1 round", "more", _span(plain), min(plain) > 0.03)
    )
    for rounds, least in ((3, 0.12), (5, 0.27)):
        words = f"other R2 0.05 rounds {rounds}"
        share = [g / o for g, o in zip(of("gain", words), of("oracle", words), strict=True)]
        lines.append((
            f"*other*, {rounds} rounds: share of what the true weights would gain",
            f"at least {least:g}", _span(share), min(share) >= least,
        ))  # fmt: skip
    for rounds, least in ((4, 0.6), (8, 0.8)):
        row = rows_of.get(f"by total: 300 x 120 other R2 0.05 rounds {rounds}")
        if row:
            share = row["gain"] / row["oracle"]
            lines.append((
                f"300 x 120, *other*, {rounds} rounds ({row['programmes']} programmes): the same",
                f"at least {least:g}", f"{share:.3f}", share >= least,
            ))  # fmt: skip
    for world, most in (("default", 0.08), ("nothing", 0.2)):
        moved = of("changed", f"{world} R2 0.05")
        lines.append((f"*{world}*: weights changed", f"at most {most:g}", _span(moved),
                      max(moved) <= most))  # fmt: skip
    straight, bent = of("gain", "not confounded"), of("gain", "by total: confounded")
    if straight and bent:
        lines.append((
            "broad mentors better mentors: share of the gain without that", "at least .9",
            f"{bent[0] / straight[0]:.3f}", bent[0] >= 0.9 * straight[0],
        ))  # fmt: skip
    if usual := of("worse", "R2 0.05", by="by default: "):
        lines.append(("worse, where workable pairs come before the total", "", _span(usual), None))
    if warm := rows_of.get("3 x (500 x 150), seconds of the processor"):
        lines.append(("learn_weights on 3 x (500 x 150), seconds of the processor, warm", "under 2",
                      f"{warm['warm']:.2f}", warm["warm"] < 2))  # fmt: skip
    lines += _of_dating(kept["dating"]) + _of_goals(kept["goals"])
    words = {True: "yes", False: "NO", None: ""}
    told = [f"| {what} | {asked} | {got} | {words[ok]} |" for what, asked, got, ok in lines]
    head = [
        "# Learnt weights and stalled pairs against known truth", "",
        "By `python -m benchmarks.outcomes_learning`, `outcomes_dating` and `outcomes_goals`; of "
        "how many programmes each figure is stands in their `.json`.", "",
        "| what | asked for | found | holds |", "|---|---|---|---|",
    ]  # fmt: skip
    return "\n".join([*head, *told, ""])


def _of_dating(row: dict[str, Any]) -> list[tuple[str, str, str, bool | None]]:
    if not row:
        return []
    return [
        ("speed dating: waves put together again, agreement", "20, 1",
         f"{row['waves']}, {row['agreement']:g}", row["waves"] == 20 and row["agreement"] == 1),
        ("the same: worse than equal weights", "at most .02", f"{row['worse']:.3f}",
         row["worse"] <= 0.02),
        ("the same, plain least squares", "at least .3", f"{row['plain_worse']:.3f}",
         row["plain_worse"] >= 0.3),
    ]  # fmt: skip


def _of_goals(kept: dict[str, Any]) -> list[tuple[str, str, str, bool | None]]:
    if "goals 1 to 1" not in kept:
        return []
    month = {row["month"]: row for row in kept["goals 1 to 1"]["months"]}
    right = [month[m]["flagged_right"] for m in (3, 4)]
    found = month[3]["found_at_10_percent_false"]
    return [
        ("goals, one a pair, month 3: AUC", "at least .84", f"{month[3]['auc']:.3f}",
         month[3]["auc"] >= 0.84),
        ("the same: found at 10 % false alarms", "at least .54", f"{found:.3f}", found >= 0.54),
        ("flagged (from .6) right, months 3 and 4", "at least .7", _span(right), min(right) >= 0.7),
        ("month 1: flagged", "at most .01", f"{month[1]['flagged']:.3f}",
         month[1]["flagged"] <= 0.01),
    ]  # fmt: skip


def _span(values: Sequence[float]) -> str:
    ends = (min(values), max(values))
    return f"{ends[0]:.3f}" if ends[0] == ends[1] else f"{ends[0]:.3f} to {ends[1]:.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--programmes", type=int, default=300)
    parser.add_argument("--by", default="default", choices=OBJECTIVES)
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS), choices=WORLDS)
    parser.add_argument("--explained", nargs="*", type=float, default=[0.05, 0.02])
    parser.add_argument("--rounds", nargs="*", type=int, default=[1, 3, 5])
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=PARTS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    assignment.SMALL = 0  # compiled from the start: the same matchings, sooner
    kept = json.loads(options.out.read_text()) if options.out.exists() else {}
    found: Iterator[tuple[str, dict[str, Any]]]
    for part in options.parts:
        if part == "rows":
            found = rows(
                options.by, options.programmes, options.worlds, options.explained, options.rounds
            )
        elif part == "larger":
            found = larger(options.by, min(options.programmes, 40))
        elif part == "times":
            found = times()
        else:
            found = breadth(options.by, options.programmes)
        for name, row in found:
            print(name, row, flush=True)
            kept[name] = row
            options.out.write_text(json.dumps(kept, indent=1) + "\n")
    if options.out == RESULTS:
        RESULTS.with_suffix(".md").write_text(judged(RESULTS.parent))


if __name__ == "__main__":
    main()
