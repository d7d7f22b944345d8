"""Evaluation against known truth: ``python -m benchmarks.outcomes_evaluation``.

Invented programmes whose effect is known: how often intervals hold it, what regression to the mean
looks like with and without lots, what a seat lottery costs and lets one tell, whether bounds hold,
whether `power` says what simulation says, and how long `evaluate` takes. Answers are means of four
questions from 1 to 5; 60 % answer; a mentor has 1 to 6 mentees (30, 25, 18, 12, 9 and 6 %).
``--draws 200 --parts coverage power`` for less; results are kept in
``benchmarks/results/outcomes_evaluation.json``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import mentormatch as mm
from mentormatch.outcomes.bounds import bounds_of_change
from mentormatch.outcomes.clustered import Estimate, mean
from mentormatch.outcomes.comparing import change_of, compare_changes, effect_of, enough
from mentormatch.outcomes.drawing import _Drawing
from mentormatch.outcomes.scales import Scale
from mentormatch.outcomes.surveys import Survey, survey_of

STARTS = ("coverage", "lots", "lottery", "bounds", "power", "evaluate")
RESULTS = Path(__file__).parent / "results" / "outcomes_evaluation.json"
SIZES = (0.30, 0.25, 0.18, 0.12, 0.09, 0.06)
ANSWER = 0.6
RETEST = 0.6
ITEMS, COMMON, MIDDLE, SPREAD = 4, 0.6, 3.2, 0.9
SEED = 2026

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def clusters(mentors: int, rng: np.random.Generator, each: int | None = None) -> Ints:
    """Return the mentor of each mentee."""
    sizes = rng.choice(6, mentors, p=SIZES) + 1 if each is None else np.full(mentors, each)
    return np.repeat(np.arange(mentors), sizes)


def asked(trait: Floats, rng: np.random.Generator) -> Floats:
    """Return the mean of four questions, each a rounded and noisy reading of the trait."""
    noise = rng.normal(size=(*trait.shape, ITEMS))
    read = np.sqrt(COMMON) * trait[..., None] + np.sqrt(1 - COMMON) * noise
    return np.clip(np.round(MIDDLE + SPREAD * read), 1, 5).mean(axis=-1)


def later(
    trait: Floats, mentor: Ints | None, icc: float, effect: float, rng: np.random.Generator
) -> Floats:
    """Return the trait afterwards: what lasts, a mentor's part, one's own, and the effect."""
    own = rng.normal(size=len(trait))
    if mentor is not None:
        shared = rng.normal(size=int(mentor.max(initial=0)) + 1)[mentor]
        own = np.sqrt(icc) * shared + np.sqrt(1 - icc) * own
    return RETEST * trait + np.sqrt(1 - RETEST**2) * own + effect


@cache
def true_change(effect: float) -> float:
    """Return the mean change of endless people on the scale, by three million of them."""
    rng = np.random.default_rng(SEED)
    found = []
    for _ in range(30):
        trait = rng.normal(size=100_000)
        found.append(
            asked(later(trait, None, 0, effect, rng), rng).mean() - asked(trait, rng).mean()
        )
    return float(np.mean(found))


def holds(found: Estimate, truth: float) -> bool:
    low, high = found.interval(0.95)
    return bool(low <= truth <= high)


def leaves_out(found: Estimate) -> bool:
    low, high = found.interval(0.95)
    return bool(low > 0 or high < 0)


# -- coverage of a change -------------------------------------------------------------------------


def coverage(draws: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield how often the interval of a change holds the true one."""
    for mentors, each, iccs in (*((j, None, (0.0, 0.1, 0.3)) for j in (5, 8, 12, 20, 40)),
                                (12, 10, (0.2,))):  # fmt: skip
        for icc in iccs:
            yield (
                f"coverage {mentors} mentors{'' if each is None else ' of 10'}, ICC {icc}",
                _coverage(mentors, each, icc, draws),
            )


def _coverage(mentors: int, each: int | None, icc: float, draws: int) -> dict[str, Any]:
    rng = np.random.default_rng([SEED, mentors, int(100 * icc)])
    truth = true_change(0.4)
    held, told, naive = [], [], []
    for _ in range(draws):
        mentor = clusters(mentors, rng, each)
        trait = rng.normal(size=len(mentor))
        change = asked(later(trait, mentor, icc, 0.4, rng), rng) - asked(trait, rng)
        change[rng.random(len(mentor)) > ANSWER] = np.nan
        known = ~np.isnan(change)
        if len(np.unique(mentor[known])) < 2:
            continue
        numbers = np.unique(mentor[known], return_inverse=True)[1]
        found = mean(change[known], numbers)
        held.append(holds(found, truth))
        naive.append(holds(mean(change[known], np.arange(int(known.sum()))), truth))
        if enough(known, mentor):
            told.append(holds(change_of(change, known, mentor), truth))
    return {
        "draws": len(held), "coverage": round(float(np.mean(held)), 4),
        "told": round(len(told) / len(held), 3),
        "coverage_where_told": round(float(np.mean(told)), 4) if told else None,
        "coverage_naive": round(float(np.mean(naive)), 4),
    }  # fmt: skip


# -- regression to the mean -----------------------------------------------------------------------


def worlds(draws: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what methods say where applicants were screened low, with and without lots."""
    for effect in (0.0, 0.4):
        yield f"lots, effect {effect}", _lots(effect, draws)
    for mentors in (12, 30):
        yield f"neediest first, {mentors} mentors, no effect", _neediest(mentors, draws)


def applicants(number: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return trait and screen of the lowest sixth by a screen correlated .7 with the start."""
    trait = rng.normal(size=6 * number)
    screen = 0.7 * trait + np.sqrt(1 - 0.7**2) * rng.normal(size=len(trait))
    low = np.argsort(screen)[:number]
    low = rng.permutation(low)
    return trait[low], screen[low]


def _programme(
    mentors: int, waiting: int, rng: np.random.Generator, *, effect: float, needy: bool
) -> tuple[Floats, Floats, npt.NDArray[np.bool_], Ints]:
    """Return before, after, who has a mentor, and everybody's cluster."""
    mentor = clusters(mentors, rng)
    n = len(mentor)
    trait, _ = applicants(n + waiting, rng)
    before = asked(trait, rng)
    if needy:
        order = np.argsort(before + rng.normal(0, 0.3, len(before)))
        trait, before = trait[order], before[order]
    with_ = np.arange(len(trait)) < n
    cluster = np.concatenate((mentor, mentors + np.arange(waiting)))
    after = np.empty(len(trait))
    after[:n] = asked(later(trait[:n], mentor, 0.1, effect, rng), rng)
    after[n:] = asked(later(trait[n:], None, 0, 0, rng), rng)
    silent = rng.random(len(trait)) > ANSWER
    after[silent] = np.nan
    return before, after, with_, cluster


def _lots(effect: float, draws: int) -> dict[str, Any]:
    rng = np.random.default_rng([SEED, int(10 * effect)])
    truth = _screened_effect(effect)
    kept: dict[str, list[Any]] = {name: [] for name in (
        "change", "gain", "changes", "changes_held", "effect", "held", "out", "disagree",
        "width", "width_changes")}  # fmt: skip
    for _ in range(draws):
        before, after, with_, cluster = _programme(30, 70, rng, effect=effect, needy=False)
        change = change_of(after - before, with_, cluster)
        compared = compare_changes(before, after, with_, ~with_, cluster)
        known = ~np.isnan(after)
        chance = np.full(len(after), with_.mean())
        found = effect_of(before[known], after[known], with_[known], chance[known], cluster[known])
        low, high = found.interval(0.95)
        ends = compared.changes.interval(0.95)
        for name, value in (
            ("change", change.value), ("gain", change.interval(0.95)[0] > 0),
            ("changes", compared.changes.value), ("changes_held", holds(compared.changes, truth)),
            ("effect", found.value), ("held", holds(found, truth)), ("out", leaves_out(found)),
            ("disagree", bool(compared.doubts)), ("width", high - low),
            ("width_changes", ends[1] - ends[0]),
        ):  # fmt: skip
            kept[name].append(value)
    means = {name: round(float(np.mean(values)), 4) for name, values in kept.items()}
    return {"draws": draws, "true_effect": round(truth, 4), **means}


@cache
def _screened_effect(effect: float) -> float:
    """Return the effect on the scale of people who were screened low, by many of them."""
    if not effect:
        return 0.0
    rng = np.random.default_rng(SEED)
    trait, _ = applicants(200_000, rng)
    with_, without = (asked(later(trait, None, 0, e, rng), rng).mean() for e in (effect, 0.0))
    return float(with_ - without)


def _neediest(mentors: int, draws: int) -> dict[str, Any]:
    rng = np.random.default_rng([SEED, mentors])
    found = [
        compare_changes(before, after, with_, ~with_, cluster)
        for before, after, with_, cluster in (
            _programme(mentors, round(70 * mentors / 30), rng, effect=0.0, needy=True)
            for _ in range(draws)
        )
    ]
    return {
        "draws": draws,
        "cannot_tell": _share(bool(one.doubts) or not one.known for one in found),
        "changes": round(float(np.nanmean([one.changes.value for one in found])), 3),
        "changes_gain": _share(one.changes.interval(0.95)[0] > 0 for one in found),
        "adjusted": round(float(np.nanmean([one.adjusted.value for one in found])), 3),
        "adjusted_gain": _share(one.adjusted.interval(0.95)[0] > 0 for one in found),
    }


def _share(found: Iterable[bool]) -> float:
    return round(float(np.mean(list(found))), 4)


# -- lottery --------------------------------------------------------------------------------------


def lotteries(
    draws: int, cohorts: int = 12, share: float = 0.02
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what seat lotteries give up, and what they let one tell; draws : of all cohorts."""
    each = -(-draws // cohorts)
    made = [_cohort(seed, 0.7, share, each) for seed in range(cohorts)]
    yield f"lottery, seats .7, share {share:g}", {
        "cohorts": cohorts,
        "real": round(float(np.mean([m["real"].mean() for m in made])), 4),
        "real_least": round(float(min(m["real"].mean() for m in made)), 4),
        "cost": round(float(np.mean([m["cost"] for m in made])), 5),
        "cost_most_of_a_draw": round(float(max(m["costs"].max() for m in made)), 5),
        "chances_off_seats": round(float(max(abs(m["chance"].sum() / 70 - 1) for m in made)), 5),
    }  # fmt: skip
    for effect in (0.0, 0.5):
        for with_before in (False, True):
            name = f"lottery, effect {effect:g}{', adjusted' if with_before else ''}"
            yield name, _told(made, effect, with_before)


def seat_problem(seed: int, seats: float, *, objectives: Sequence[Any] | None = None) -> mm.Problem:
    """Return a cohort of 100 x 40 with seats for so many of them."""
    mentees, mentors = mm.make_cohort(100, 40, seed=seed)
    scores = mm.score(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
    )
    rng, capacity = np.random.default_rng(seed), np.array(scores.mentors.capacity)
    while capacity.sum() != round(100 * seats):
        at = rng.integers(40)
        capacity[at] = max(capacity[at] + (1 if capacity.sum() < 100 * seats else -1), 0)
    plain = mm.Scores.from_matrix(
        scores.total, capacity=capacity, admissible=scores.admissible, mentees=scores.mentees
    )
    return mm.Problem(plain) if objectives is None else mm.Problem(plain, objectives)


def _cohort(seed: int, share_of_seats: float, share: float, draws: int) -> dict[str, Any]:
    """Return chances, and seats and mentors of so many draws of one cohort's lottery."""
    problem = seat_problem(seed, share_of_seats)
    found = mm.solve(problem)
    best, matched = found.objective, 100 - len(found.unmatched)
    drawing = _Drawing.of(problem, matched, share, np.random.default_rng([SEED, seed]))
    n = len(problem.scores.mentees)
    chance = np.mean([drawing.next()[0] for _ in range(400)], axis=0)
    mentors, costs = [], []
    for _ in range(draws):
        _, (rows, columns), total = drawing.next()
        mentor = np.full(n, -1, dtype=np.int64)
        mentor[rows] = columns
        mentors.append(mentor)
        costs.append(1 - total / best)
    better = problem.scores.total.mean(axis=1)
    return {
        "chance": chance, "real": (chance >= 0.1) & (chance <= 0.9), "cost": float(np.mean(costs)),
        "costs": np.array(costs), "mentors": mentors,
        "better": (better - better.mean()) / better.std(),
    }  # fmt: skip


def _told(made: Sequence[dict[str, Any]], effect: float, with_before: bool) -> dict[str, Any]:
    """Return bias and coverage where who scores better does better anyway."""
    rng = np.random.default_rng([SEED, int(10 * effect), with_before])
    kept: dict[str, list[Any]] = {n: [] for n in ("effect", "held", "out", "naive", "naive_out")}
    used = []
    for one in made:
        for mentor in one["mentors"]:
            seat, n = mentor >= 0, len(mentor)
            before = 0.5 * one["better"] + np.sqrt(1 - 0.25) * rng.normal(size=n)
            shared = np.sqrt(0.1) * rng.normal(size=int(mentor.max()) + 1)
            own = np.sqrt(0.9) * rng.normal(size=n)
            own[seat] += shared[mentor[seat]]
            after = RETEST * before + 0.8 * own + effect * seat
            known = one["real"] & (rng.random(n) < ANSWER)
            cluster = np.where(seat, mentor, 1000 + np.arange(n))
            found = effect_of(
                before[known] if with_before else None, after[known], seat[known],
                one["chance"][known], cluster[known],
            )  # fmt: skip
            if not found.known:
                continue
            some = rng.random(n) < ANSWER
            plain = effect_of(
                None, after[some], seat[some], np.full(some.sum(), 0.5), cluster[some]
            )
            used.append(int(known.sum()))
            for name, value in (
                ("effect", found.value), ("held", holds(found, effect)), ("out", leaves_out(found)),
                ("naive", plain.value), ("naive_out", not holds(plain, effect)),
            ):  # fmt: skip
                kept[name].append(value)
    means = {name: round(float(np.mean(values)), 4) for name, values in kept.items()}
    bias = round(means["effect"] - effect, 4)
    return {
        "draws": len(used),
        "people_used": round(float(np.mean(used)), 1),
        "bias": bias,
        **means,
    }


# -- bounds, power, time --------------------------------------------------------------------------


def bounds(draws: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield how often worst-case bounds hold the change of everybody, the silent included."""
    for slope in (0.0, 0.5, 1.0, 1.5):
        rng = np.random.default_rng([SEED, int(10 * slope)])
        held, zero, bias = [], [], []
        for _ in range(draws):
            mentor = clusters(20, rng)
            trait = rng.normal(size=len(mentor))
            first, last = asked(trait, rng), asked(later(trait, mentor, 0.1, 0.3, rng), rng)
            gain = last - first
            chance = 1 / (1 + np.exp(-0.4 - slope * (gain - gain.mean()) / gain.std()))
            heard = np.where(rng.random(len(mentor)) < chance, last, np.nan)
            found = bounds_of_change(first, heard, 1, 5)
            held.append(found.low - 1e-12 <= gain.mean() <= found.high + 1e-12)
            zero.append(abs(found.with_silent(found.tipping)) if found.silent else 0.0)
            bias.append(found.mean - gain.mean())
        yield f"bounds, slope {slope:g}", {
            "draws": draws, "held": float(np.mean(held)), "tipping_off_zero": float(np.max(zero)),
            "bias_of_those_heard": round(float(np.mean(bias)), 3),
        }  # fmt: skip


def powers(draws: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield how often an effect is seen that `power` says is seen with 80 %."""
    for mentors in (8, 15, 30, 60, 100):
        for waiting in (0, round(2.5 * mentors)):
            n = round(mentors * sum(p * (k + 1) for k, p in enumerate(SIZES)))
            said = mm.power(n, mentors, waiting)
            rng = np.random.default_rng([SEED, mentors, waiting])
            seen = [_seen(mentors, waiting, said, rng) for _ in range(draws)]
            yield f"power, {mentors} mentors, {waiting} waiting", {
                "draws": draws, "effect": round(said.effect, 3),
                "seen": round(float(np.mean(seen)), 4),
            }  # fmt: skip


def _seen(mentors: int, waiting: int, said: mm.Power, rng: np.random.Generator) -> bool:
    """Draw a programme with that effect; return whether its interval leaves out 0."""
    mentor = clusters(mentors, rng)
    while len(mentor) != said.mentees:
        mentor = clusters(mentors, rng)
    n = len(mentor)
    with_ = np.arange(n + waiting) < n
    spread = 1 - RETEST**2 if waiting else 2 * (1 - RETEST)  # of what icc is a share
    before = rng.normal(size=n + waiting)
    shared = np.zeros(n + waiting)
    shared[:n] = np.sqrt(said.icc * spread) * rng.normal(size=mentors)[mentor]
    own = np.sqrt(1 - RETEST**2 - said.icc * spread * with_) * rng.normal(size=n + waiting)
    after = RETEST * before + own + shared + said.effect * with_
    known = rng.random(n + waiting) < said.answer
    cluster = np.concatenate((mentor, mentors + np.arange(waiting)))
    if not waiting:
        return leaves_out(change_of(np.where(known, after - before, np.nan), with_, cluster))
    chance = np.full(int(known.sum()), n / (n + waiting))
    return leaves_out(effect_of(before[known], after[known], with_[known], chance, cluster[known]))


def times(draws: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield how long `evaluate` takes on 10,000 pairs, in seconds of the processor."""
    del draws
    rng = np.random.default_rng(SEED)
    n, m = 10_000, 4_000
    mentees = pd.DataFrame({"id": [f"p{i}" for i in range(n)], "site": rng.choice(list("abcd"), n)})
    scores = mm.Scores.from_matrix(
        rng.random((n, m), dtype=np.float32).astype(np.float64), capacity=np.full(m, 3),
        mentees=mentees,
    )  # fmt: skip
    matching = mm.solve(mm.Problem(scores, [mm.MaximizeMatched(), mm.MaximizeTotal()]))
    survey = answers_of(matching, rng)
    taken = []
    for _ in range(5):
        began = time.process_time()
        mm.evaluate(matching, survey, by="site")
        taken.append(time.process_time() - began)
    yield "evaluate, 10,000 pairs", {
        "pairs": len(matching), "first_seconds": round(taken[0], 3),
        "seconds": round(float(np.median(taken)), 3),
    }  # fmt: skip


def answers_of(matching: mm.Matching, rng: np.random.Generator) -> Survey:
    """Return a survey of four questions before and after, 60 % answered each time."""
    ids, n = matching.problem.scores.mentees.ids, len(matching.assignment)
    frames = [
        pd.DataFrame(
            {"person": ids, "role": "mentee", "wave": wave, "scale": "confidence",
             "item": f"q{item}", "value": rng.integers(1, 6, n).astype(float),
             "row": np.arange(2, n + 2)}
        )
        for wave in ("before", "after") for item in range(ITEMS)
    ]  # fmt: skip
    frame = pd.concat(frames, ignore_index=True)
    heard = {wave: rng.random(n) < ANSWER for wave in ("before", "after")}
    kept = np.concatenate([heard[wave] for wave in ("before", "after") for _ in range(ITEMS)])
    scale = Scale("confidence", items=[f"q{item}" for item in range(ITEMS)])
    return survey_of(frame[kept], scales=[scale], waves=("before", "after"))


# -- what was asked for, beside what was found -----------------------------------------------------


def judged(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a table of what was asked for and what was found, for readers."""

    def of(start: str, name: str) -> list[float]:
        return [float(row[name]) for key, row in rows.items() if key.startswith(start)]

    several = {key: row for key, row in rows.items() if key.startswith("coverage")}
    coach = [row["coverage"] for key, row in several.items() if "of 10" in key]
    told = [row["coverage"] for key, row in several.items() if "of 10" not in key]
    out, cannot = of("lots, effect 0.0", "out"), of("neediest", "cannot_tell")
    real, cost, most, off = (
        of("lottery, seats .7", name)
        for name in ("real", "cost", "cost_most_of_a_draw", "chances_off_seats")
    )
    bias = [abs(value) for value in of("lottery, effect", "bias")]
    held, bounded = of("lottery, effect", "held"), of("bounds", "held")
    zero, seen, seconds = max(of("bounds", "tipping_off_zero")), of("power", "seen"), of(
        "evaluate", "seconds"
    )  # fmt: skip
    parts = [_span(of("coverage 5", name)) for name in ("coverage_where_told", "told")]
    few = f"{parts[0]}, in {parts[1]} of programmes"
    found = [
        ("95 % interval of a change holds the truth, 5 to 40 mentors, ICC 0 to .3",
         ".935 to .975", _span(told), min(told) >= 0.935 and max(told) <= 0.975),
        ("the same, ten of each coach, ICC .2", "at least .935", _span(coach), min(coach) >= 0.935),
        ("the same, of 5 mentors, where evaluate tells it", "", few, None),
        ("lots, no effect: the interval leaves out 0", "at most .07", _span(out), max(out) <= 0.07),
        ("neediest first, no lots: nothing is told", "at least .95", _span(cannot),
         min(cannot) >= 0.95),
        ("seats .7, 2 % of the total: mentees with a chance from .1 to .9", "at least .5",
         _span(real), min(real) >= 0.5),
        ("the same: share of the total given up, on average and at most", "at most .025",
         f"{_span(cost)} and {_span(most)}", max(most) <= 0.025),
        ("the same: chances differ from the seats by", "at most .01", _span(off), max(off) <= 0.01),
        ("effect of a seat, 0 and .5: bias", "at most .05", _span(bias), max(bias) <= 0.05),
        ("effect of a seat: coverage", "at least .92", _span(held), min(held) >= 0.92),
        ("worst-case bounds hold the change of everybody, slopes 0 to 1.5", "1", _span(bounded),
         min(bounded) == 1),
        ("tipping point put in: change of all differs from 0 by", "0", f"{zero:.0e}", zero < 1e-12),
        ("chance to see what `power` says is seen with .8, 8 to 100 mentors", ".70 to .86",
         _span(seen), min(seen) >= 0.7 and max(seen) <= 0.86),
        ("evaluate on 10,000 pairs, seconds of the processor, warm", "under .5", _span(seconds),
         max(seconds) < 0.5),
    ]  # fmt: skip
    words = {True: "yes", False: "NO", None: ""}
    lines = [f"| {what} | {asked} | {got} | {words[ok]} |" for what, asked, got, ok in found]
    command = "`python -m benchmarks.outcomes_evaluation`"
    head = [
        "# Evaluation against known truth", "",
        f"By {command}; every row is in `outcomes_evaluation.json`.", "",
        "| what | asked for | found | holds |", "|---|---|---|---|",
    ]  # fmt: skip
    return "\n".join([*head, *lines, ""])


def _span(values: Sequence[float]) -> str:
    ends = (min(values), max(values))
    return f"{ends[0]:.3f}" if ends[0] == ends[1] else f"{ends[0]:.3f} to {ends[1]:.3f}"


PARTS = {
    "coverage": (coverage, 1500), "worlds": (worlds, 600), "lottery": (lotteries, 600),
    "bounds": (bounds, 600), "power": (powers, 600), "times": (times, 1),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, help="instead of 1,500 of coverage and 600 elsewhere")
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=PARTS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    kept = json.loads(options.out.read_text()) if options.out.exists() else {}
    for part in options.parts:
        run, draws = PARTS[part]
        for name, row in run(options.draws or draws):
            print(name, row, flush=True)
            kept[name] = row
            options.out.write_text(json.dumps(kept, indent=1) + "\n")
    if all(any(key.startswith(start) for key in kept) for start in STARTS):
        options.out.with_suffix(".md").write_text(judged(kept))


if __name__ == "__main__":
    main()
