"""Bounds on disjoint groups: seconds beside the same problem without them, in one run.

    python -m benchmarks.laminar [--smoke] [--only NAME] [--seeds 3] [--repeats 5] [--drawn]

Instances of `benchmarks.fairness.cohort`, or with `--drawn` of `mm.make_cohort`, scored; as many
are matched as can be. Bounds are set from the answer without them, so that they bind: sites from
above at 85 % of the load there, from below at 115 %. Each line gives medians of both, their
quotient, and what the bounds cost.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np

import mentormatch as mm
from benchmarks.fairness import cohort
from mentormatch.solvers.assignment import Assignment, assign
from mentormatch.solvers.group_flow import Grouped, solve_groups
from mentormatch.solvers.program import Program, SideRow

SITES = 4


def drawn(n: int, m: int, seed: int, seats: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points, seats and groups of mentees of a drawn cohort."""
    mentees, mentors = mm.make_cohort(n, m, seed=np.random.default_rng(seed), seats=seats)
    scores = mm.score(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
    )
    group = np.random.default_rng(seed).choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    return scores.points, np.asarray(scores.mentors.capacity), group


def made(n: int, m: int, seed: int, seats: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same of an instance of the fairness benchmark."""
    scores = cohort(n, m, seed, seats=seats)
    return scores.points, np.asarray(scores.mentors.capacity), scores.mentees.columns["group"].codes


def at(size: int, members: object) -> np.ndarray:
    result = np.zeros(size, dtype=np.int64)
    result[members] = 1
    return result


def sites(plain: Assignment, m: int, n: int, low: dict[int, float], high: dict[int, float]) -> list:
    """Bound the loads of sites at shares of what they are without."""
    place = np.arange(m) % SITES
    at_mentor = plain.mentor_of[plain.mentor_of >= 0]
    load = np.bincount(place[at_mentor], minlength=SITES)
    everybody = np.ones(n, dtype=np.int64)
    return [
        SideRow(
            everybody,
            at(m, place == s),
            least=round(low[s] * load[s]) if s in low else None,
            most=round(high[s] * load[s]) if s in high else None,
        )
        for s in sorted({*low, *high})
    ]


def quota(group: np.ndarray, m: int, most: int) -> list:
    masks = [at(group.size, group == g) for g in range(int(group.max()) + 1)]
    return [SideRow(mask, at(m, j), most=most) for mask in masks for j in range(m)]


def apart(n: int, m: int, people: range) -> list:
    mask = at(n, list(people))
    return [SideRow(mask, at(m, j), most=1) for j in range(m)]


def total(plain: Assignment, n: int, m: int, share: float) -> list:
    most = int(share * (plain.mentor_of >= 0).sum())
    return [SideRow(np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64), most=most)]


def crowds(plain: Assignment, group: np.ndarray, m: int) -> list:
    matched = np.bincount(group[(plain.mentor_of.reshape(group.size, -1) >= 0).any(axis=1)])
    everyone = np.ones(m, dtype=np.int64)
    return [
        SideRow(at(group.size, group == 0), everyone, most=int(0.9 * matched[0])),
        SideRow(at(group.size, group == 3), everyone, least=int(1.05 * matched[3])),
    ]


Maker = Callable[[Assignment, np.ndarray, int, int], list]
CASES: dict[str, tuple[Maker, float, int]] = {
    "sites from above": (lambda a, g, n, m: sites(a, m, n, {}, {0: 0.85, 1: 0.9}), 1.1, 1),
    "sites from below": (lambda a, g, n, m: sites(a, m, n, {2: 1.07}, {}), 1.1, 1),
    "sites from both": (
        lambda a, g, n, m: sites(a, m, n, {2: 1.07}, {0: 0.85, 1: 0.97}), 1.1, 1,
    ),
    "all sites, too few seats": (
        lambda a, g, n, m: sites(a, m, n, {}, {0: 0.8, 1: 0.9, 2: 0.8, 3: 0.9}), 0.85, 1,
    ),
    "sites and programme": (
        lambda a, g, n, m: sites(a, m, n, {}, {0: 0.85}) + total(a, n, m, 0.9), 1.1, 1,
    ),
    "totals of groups": (lambda a, g, n, m: crowds(a, g, m), 0.85, 1),
    "quota of 2 per mentor": (lambda a, g, n, m: quota(g, m, 2), 1.0, 1),
    "quota of 1 per mentor": (lambda a, g, n, m: quota(g, m, 1), 1.0, 1),
    "two sets apart": (
        lambda a, g, n, m: apart(n, m, range(n // 20)) + apart(n, m, range(n // 20, n // 10)),
        1.1, 1,
    ),
    "quota, sites, groups": (
        lambda a, g, n, m: quota(g, m, 2) + sites(a, m, n, {}, {0: 0.85}) + crowds(a, g, m),
        0.9, 1,
    ),
    "two mentors each: sites": (
        lambda a, g, n, m: sites(a, m, n, {}, {0: 0.85, 1: 0.9}), 2.2, 2,
    ),
    "two mentors each: quota of 1": (lambda a, g, n, m: quota(g, m, 1), 2.2, 2),
}  # fmt: skip


def clocked(call: Callable[[], object], repeats: int) -> tuple[float, object]:
    seconds, result = [], None
    for _ in range(repeats):
        began = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - began)
    return median(seconds), result


def run(
    name: str, sizes: tuple[tuple[int, int], ...], seeds: int, repeats: int, from_cohort: bool
) -> Iterator[dict[str, object]]:
    """Solve one case on its sizes and seeds."""
    make, seats, each = CASES[name]
    for n, m in sizes:
        if each > 1 and n > 1500:
            continue
        for seed in range(seeds):
            points, capacity, group = (
                drawn(n, m, seed, seats) if from_cohort else made(n, m, seed, seats)
            )  # fmt: skip
            capacity = capacity.astype(np.int64)
            unit = 2 * (min(n, m) + 2) * (int(points.max()) + 1)
            demand = np.full(n, each)
            bonus = np.repeat(unit * 4 ** np.arange(each)[::-1][None], n, axis=0)
            extra = {"demand": demand} if each > 1 else {}
            folded = bonus if each > 1 else bonus[:, 0]

            def plainly(points=points, capacity=capacity, folded=folded, extra=extra) -> Assignment:
                return assign(points, capacity, row_bonus=folded, **extra)

            plain = plainly()
            rows = make(plain, group, n, m)
            program = Program(points, capacity, 0 * capacity, demand, tuple(rows))

            def grouped(program=program, folded=folded) -> Grouped:
                return solve_groups(program, row_bonus=folded)

            before, _ = clocked(plainly, repeats)
            try:
                grouped()
                after, result = clocked(grouped, repeats)
            except ValueError as error:
                yield {"case": name, "n": n, "m": m, "seed": seed, "status": str(error)}
                continue
            assert isinstance(result, Grouped)
            yield {
                "case": name, "n": n, "m": m, "seed": seed, "status": result.status,
                "plain": round(before, 4), "seconds": round(after, 4),
                "times": round(after / before, 1), "rounds": result.rounds,
                "gap": result.bound - result.objective, "unique": result.unique,
                "matched": (int((plain.mentor_of >= 0).sum()), int((result.mentor_of >= 0).sum())),
                "parts": {key: round(value, 4) for key, value in result.stats["seconds"].items()},
            }  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Print one line per case, size and seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.laminar", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small, for CI")
    parser.add_argument("--only", choices=CASES)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--drawn", action="store_true", help="scored cohorts")
    options = parser.parse_args(arguments)
    sizes = ((60, 20),) if options.smoke else ((500, 150), (1500, 450), (5000, 1500))
    for name in [options.only] if options.only else CASES:
        for row in run(name, sizes, options.seeds, options.repeats, options.drawn):
            print(*(f"{key}={value}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
