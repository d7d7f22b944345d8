"""Fairness objectives and constraints: seconds, gaps and proofs, on instances written down here.

    python -m benchmarks.fairness [--smoke] [--only NAME] [--seeds 1]
    python -m benchmarks.fairness --highs [--limit 600] [--size 5000 1500] [--seeds 1]

The generator: mentees and mentors are points in six dimensions of the unit cube; the score is one
less their root mean square distance, plus noise up to 0.05. Mentees fall into groups of unequal
size (4 : 3 : 2 : 1 ...); a group's traits are shifted by up to 0.15 and its scores lowered by up
to `BIAS`, so that parity costs something. 5 % of the pairs are inadmissible. Seats: 1 to 5 per
mentor, adjusted one by one to the share of the mentees asked for.

`--highs` solves "share and mean" by HiGHS alone beside ours: one binary variable per admissible
pair, shares and means as one row per group, within the same time for both. To its advantage the
number of matched mentees is given, from our answer, and only the total is left to maximise. It runs
in a process of its own, ended a minute after the limit: HiGHS looks at its clock rarely.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

import mentormatch as mm

BIAS = 0.03
SHARES = (4, 3, 2, 1, 1, 1)


def cohort(n: int, m: int, seed: int, *, seats: float = 0.8, groups: int = 4) -> mm.Scores:
    """Draw one instance, see the module."""
    rng = np.random.default_rng(seed)
    weight = np.array(SHARES[:groups]) / sum(SHARES[:groups])
    group = rng.choice(groups, n, p=weight)
    second = rng.choice(3, n)
    mentee = rng.random((n, 6)) + 0.15 * group[:, None] / groups
    mentor = rng.random((m, 6))
    distance = np.sqrt(((mentee[:, None] - mentor[None]) ** 2).mean(axis=2))
    score = 1 - distance - BIAS * group[:, None] / groups + 0.05 * rng.random((n, m))
    capacity = rng.integers(1, 6, m)
    while (short := round(seats * n) - int(capacity.sum())) != 0:
        open_ = np.flatnonzero(capacity > 1) if short < 0 else np.arange(m)
        if open_.size == 0:
            break
        capacity[rng.choice(open_)] += np.sign(short)
    mentees = pd.DataFrame(
        {
            "id": [f"e{i}" for i in range(n)],
            "group": [f"g{g}" for g in group],
            "second": [f"h{h}" for h in second],
        }
    )
    mentors = pd.DataFrame(
        {"id": [f"r{j}" for j in range(m)], "site": [f"s{j % 4}" for j in range(m)]}
    )
    return mm.Scores.from_matrix(
        score.clip(0, 1), capacity=capacity, admissible=rng.random((n, m)) > 0.05,
        mentees=mentees, mentors=mentors,
    )  # fmt: skip


MATCHED, TOTAL = mm.MaximizeMatched(), mm.MaximizeTotal()


def problem(objectives: list[object] | None = None, *constraints: object) -> Callable:
    wanted = objectives or [MATCHED, TOTAL]
    return lambda scores: mm.Problem(scores, objectives=wanted, constraints=constraints)


CROSSING = (
    mm.Quota("group", most=2),
    mm.Quota("second", over="site", most=35),
    mm.Quota("group", "g3", over="site", least=1),
)
SHARE, MEAN = mm.Parity("group", within=0.02), mm.Parity("group", "mean_score", within=0.01)
CASES: dict[str, tuple[Callable, tuple[tuple[int, int], ...], float]] = {
    "loads": (problem(None, mm.Load(1, 4)), ((500, 150), (2000, 600)), 1.3),
    "bottleneck then total": (
        problem([MATCHED, mm.MaximizeMinimum(), TOTAL]), ((500, 150), (5000, 1500)), 1.3,
    ),
    "demand 3: bottleneck then total": (
        problem([MATCHED, mm.MaximizeMinimum(), TOTAL], mm.Demand(3)), ((500, 150), (2000, 600)),
        3.9,
    ),
    "demand 3, no seat to spare: bottleneck then total": (
        problem([MATCHED, mm.MaximizeMinimum(), TOTAL], mm.Demand(3)), ((500, 150), (2000, 600)),
        3.0,
    ),
    "leximin": (problem([MATCHED, mm.Leximin(), TOTAL]), ((500, 150), (1000, 300)), 1.3),
    "matched share": (problem(None, SHARE), ((300, 100), (2000, 600)), 0.8),
    "impact ratio": (
        problem(None, mm.Parity("group", "impact_ratio")), ((300, 100), (2000, 600)), 0.8,
    ),
    "crossing quotas": (problem(None, *CROSSING), ((300, 100),), 0.8),
    "mean score": (problem(None, MEAN), ((300, 100), (5000, 1500)), 0.8),
    "worst group": (
        problem([MATCHED, mm.MaximizeWorstGroup("group"), TOTAL]), ((300, 100),), 0.8,
    ),
    "share and mean": (problem(None, SHARE, MEAN), ((300, 100), (5000, 1500)), 0.8),
}  # fmt: skip


def run(name: str, seeds: int, smoke: bool) -> Iterator[dict[str, object]]:
    """Solve one case on its sizes and seeds."""
    make, sizes, seats = CASES[name]
    for n, m in ((60, 20),) if smoke else sizes:
        for seed in range(seeds):
            scores = cohort(n, m, seed, seats=seats, groups=4)
            started = time.perf_counter()
            mm.solve(mm.Problem(scores), route="dense")
            plain = time.perf_counter() - started
            started = time.perf_counter()
            try:
                matching = mm.solve(make(scores), time_limit=1 if smoke else 60)
            except mm.MentormatchError as error:
                yield {"case": name, "n": n, "m": m, "seed": seed, "status": str(error)[:60]}
                continue
            seconds = time.perf_counter() - started
            yield {
                "case": name, "n": n, "m": m, "seed": seed, "route": matching.route,
                "status": matching.status, "seconds": round(seconds, 3),
                "plain": round(plain, 3), "times": round(seconds / plain, 1),
                "gap": matching.gap,
                "stages": [round(float(stage.value), 4) for stage in matching.stages],
            }  # fmt: skip


def highs_alone(size: tuple[int, int], seed: int, matched: int, limit: float, out: Any) -> None:
    """Put what HiGHS finds for "share and mean" over all pairs into a queue."""
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    scores = cohort(*size, seed, seats=0.8)
    codes = scores.mentees.columns["group"].codes
    rows, columns = np.nonzero(scores.points >= 0)
    worth = scores.points[rows, columns] / 1e6
    people = np.bincount(codes).astype(float)
    groups, pairs, at = people.size, rows.size, np.arange(rows.size)
    # after the pairs: each group's share and mean, then the lowest share and mean
    width = pairs + 2 * groups + 2
    one = np.ones(pairs)

    def sums(value: np.ndarray, place: np.ndarray, count: int) -> sparse.csr_matrix:
        return sparse.csr_matrix((value, (place, at)), shape=(count, width))

    def levels(begin: int) -> sparse.csr_matrix:
        where = (np.arange(groups), begin + np.arange(groups))
        return sparse.csr_matrix((people, where), shape=(groups, width))

    def above_lowest(begin: int, lowest: int) -> sparse.csr_matrix:
        own = np.arange(groups), begin + np.arange(groups)
        low = np.arange(groups), np.full(groups, lowest)
        plus = sparse.csr_matrix((np.ones(groups), own), shape=(groups, width))
        return plus - sparse.csr_matrix((np.ones(groups), low), shape=(groups, width))

    share, mean, lowest = pairs, pairs + groups, pairs + 2 * groups
    started = time.perf_counter()
    result = milp(
        np.concatenate([-worth, np.zeros(width - pairs)]),
        integrality=(np.arange(width) < pairs).astype(int),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(sums(one, rows, size[0]), 0, 1),
            LinearConstraint(sums(one, columns, size[1]), 0, scores.mentors.capacity),
            LinearConstraint(sums(one, np.zeros(pairs, dtype=int), 1), matched, matched),
            LinearConstraint(sums(one, codes[rows], groups) - levels(share), 0, 0),
            LinearConstraint(sums(worth, codes[rows], groups) - levels(mean), 0, 0),
            LinearConstraint(above_lowest(share, lowest), 0, SHARE.within),
            LinearConstraint(above_lowest(mean, lowest + 1), 0, MEAN.within),
        ],
        options={"time_limit": limit, "mip_rel_gap": 0.001},
    )
    found = None if result.x is None else -float(result.fun)
    bound = result.get("mip_dual_bound")
    out.put(
        (result.message, time.perf_counter() - started, found, None if bound is None else -bound)
    )


def beside_highs(size: tuple[int, int], seed: int, limit: float) -> Iterator[dict[str, object]]:
    """Solve "share and mean" by our route and by HiGHS alone."""
    scores = cohort(*size, seed, seats=0.8)
    started = time.perf_counter()
    ours = mm.solve(CASES["share and mean"][0](scores), time_limit=limit)
    seconds = time.perf_counter() - started
    row = {"case": "share and mean", "n": size[0], "m": size[1], "seed": seed}
    yield {
        **row, "by": ours.route, "seconds": round(seconds, 3), "total": round(ours.objective, 4),
        "bound": round(ours.bound, 4), "gap": ours.gap,
    }  # fmt: skip
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    matched = int((ours.assignment >= 0).sum())
    child = context.Process(target=highs_alone, args=(size, seed, matched, limit, out))
    started = time.perf_counter()
    child.start()
    child.join(limit + 60)
    if child.is_alive():
        child.terminate()
        child.join()
    message, took, found, bound = (
        ("ended from outside", time.perf_counter() - started, None, None)
        if out.empty()
        else out.get()
    )
    yield {
        **row, "by": "HiGHS alone", "seconds": round(took, 3),
        "total": "nothing found" if found is None else round(found, 4),
        "bound": "none" if bound is None else round(bound, 4), "says": message,
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Print one row per case, size and seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small, for CI")
    parser.add_argument("--only", choices=CASES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--highs", action="store_true", help="HiGHS alone beside ours")
    parser.add_argument("--limit", type=float, default=600, help="seconds for each with --highs")
    parser.add_argument("--size", type=int, nargs=2, default=(5000, 1500), help="for --highs")
    options = parser.parse_args(arguments)
    mm.solve(mm.Problem(cohort(40, 20, 0)), route="dense")  # compile before the clock starts
    if options.highs:
        for seed in range(options.seeds):
            for row in beside_highs(tuple(options.size), seed, options.limit):
                print(*(f"{key}={value}" for key, value in row.items()), flush=True)
        return
    for name in [options.only] if options.only else CASES:
        for row in run(name, 1 if options.smoke else options.seeds, options.smoke):
            print(*(f"{key}={value}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
