"""Group coaching: plans and their bounds, beside HiGHS on the compact programme in the same run.

People into groups of 4 to 6 with a coach and a common slot, women never alone, at most three of a
department; also with points of pairs (`alike`). The peer gets the whole compact programme and the
seconds that the plan took; it has no way to count pairs, so those lines stand alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.skills import skills
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.columns.core import Places
from mentormatch.solvers.columns.lowered import Lowered
from mentormatch.solvers.columns.problem import GroupProblem, Mix
from mentormatch.solvers.columns.solve import form
from mentormatch.solvers.rows.highs import integer

__all__ = ["lines", "made"]

MILLION = 1_000_000
SIZES = (
    (60, 12, 0.0, 0.0, 10), (60, 12, 0.5, 0.005, 20), (300, 60, 0.0, 0.005, 30),
    (300, 60, 0.0, 0.0015, 120), (300, 60, 0.5, 0.01, 30), (1000, 200, 0.0, 0.003, 60),
)  # fmt: skip
"""People, coaches, weight of pairs, gap asked for, seconds."""


def made(n: int, m: int, seed: int, alike: float = 0.0) -> GroupProblem:
    """Return an instance: n people, m coaches, ten slots."""
    rng = np.random.default_rng(seed)
    want, _have = skills(rng, n, 1, 5), skills(rng, n, 3, 10)
    style = rng.dirichlet(np.ones(4), n).astype(np.float32)
    rng.random((n, 35))
    department = rng.integers(0, 8, n)
    gender = np.searchsorted([0.35, 0.95], rng.random(n), side="right")
    rng.integers(0, 4, n)
    level = rng.integers(1, 6, n)
    rng = np.random.default_rng(7000 + seed)
    have, coach_style = skills(rng, m, 3, 10), rng.dirichlet(np.ones(4), m).astype(np.float32)
    ahead = rng.integers(3, 8, m)[None] - level[:, None]
    covered = want @ have.T / want.sum(1, keepdims=True)
    like = np.stack([1 - 0.5 * np.abs(x - coach_style).sum(-1) for x in style])
    score = 0.6 * covered + 0.2 * like + 0.2 * np.clip(1 - np.abs(ahead - 2) / 3, 0, 1)
    worth = np.rint(score * MILLION).astype(np.int64)
    worth[rng.random((n, m)) < 0.03] = -1
    free, coach_free = rng.random((n, 10)) < 0.4, None
    free[np.arange(n), rng.integers(0, 10, n)] = True
    coach_free = rng.random((m, 10)) < 0.5
    coach_free[np.arange(m), rng.integers(0, 10, m)] = True
    capacity = np.ones(m, dtype=np.int64)
    capacity[rng.permutation(m)[: max(int(np.ceil(1.25 * np.ceil(n / 5))) - m, 0)]] += 1
    size = want.sum(1)
    pair = np.rint(alike * (want @ want.T) / np.sqrt(size[:, None] * size[None]) * MILLION / 4)
    np.fill_diagonal(pair, 0)
    mixes = (
        Mix(np.where(gender == 0, 0, -1), np.array([True]), np.array([n])),
        Mix(department, np.zeros(8, dtype=bool), np.full(8, 3)),
    )
    return GroupProblem(
        worth, free, coach_free, capacity, 4, 6, pair.astype(np.int64) if alike else None, mixes
    )


def compact(problem: GroupProblem, seconds: float) -> float:
    """Return the total that HiGHS finds on the whole compact programme, nan if none."""
    whole = Lowered.of(problem)
    able = (problem.free.T[None] & whole.open[:, :, None]) & (whole.worth >= 0)[:, None, :]
    model = Places.of(whole, able).model(placed=problem.people)
    answer = integer(model, seconds=seconds)
    return float("nan") if answer.x is None else float(model.value @ answer.x) / MILLION


def lines(seeds: int, smoke: bool) -> Iterator[dict[str, Any]]:
    """Yield one line per instance."""
    form(made(20, 4, 0), gap=0.1)  # warm
    form(made(20, 4, 0, 0.5), gap=0.1)
    for n, m, alike, gap, seconds in ((40, 8, 0.0, 0.02, 20),) if smoke else SIZES:
        for seed in range(1 if smoke or n == 1000 else seeds):
            problem = made(n, m, seed, alike)
            began, cpu = time.perf_counter(), time.process_time()
            answer = form(problem, gap=gap, budget=Budget(seconds))
            took, cpu = time.perf_counter() - began, time.process_time() - cpu
            line = {
                "people": n, "coaches": m, "alike": alike, "seed": seed, "asked": gap,
                "placed": answer.placed, "total": round(answer.total / MILLION, 4),
                "bound": round(answer.bound / MILLION, 4), "gap": round(answer.gap, 5),
                "status": answer.status, "faults": len(answer.plan.faults(problem)),
                "seconds": round(cpu, 2), "wall": round(took, 2),
            }  # fmt: skip
            if not alike:
                line["highs"] = round(compact(problem, took), 4)
            yield line
