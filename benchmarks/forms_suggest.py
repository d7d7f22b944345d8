"""Lists with fair exposure: exact, beside everybody's own best k and FairRec's greedy guarantee.

Instances: a cohort of popularity-skewed skills, k = 5; the asking simulation of 1000 x 300.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import mentormatch as mm
from benchmarks.skills import skills
from mentormatch.programmes.suggest.exposure import gini, own_top

MILLION = 1_000_000
K = 5


def cohort(n: int, m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (n, m) in [0, 1] and seats (m,), skills wanted and offered by popularity."""
    rng = np.random.default_rng(seed)
    want, have = skills(rng, n, 1, 5), skills(rng, m, 3, 10)
    cover = want @ have.T / want.sum(axis=1, keepdims=True)
    ours, theirs = (rng.dirichlet(np.ones(4), size).astype(np.float32) for size in (n, m))
    style = np.stack([1 - 0.5 * np.abs(one - theirs).sum(axis=1) for one in ours])
    free = [(rng.random((size, 35)) < 0.3).astype(np.float32) for size in (n, m)]
    hours = np.minimum(free[0] @ free[1].T, 4) / 4
    same = rng.integers(0, 8, n)[:, None] == rng.integers(0, 8, m)[None]
    scores = 0.45 * cover + 0.2 * style + 0.25 * hours + 0.1 * same
    return scores.astype(np.float64), rng.integers(1, 6, m)


def made(n: int, m: int, seed: int) -> mm.Scores:
    """Return scores of which 3 % are inadmissible."""
    scores, seats = cohort(n, m, seed)
    bad = np.random.default_rng(1000 + seed).random((n, m)) < 0.03
    return mm.Scores.from_matrix(scores, admissible=~bad, capacity=seats)


def fairrec(points: np.ndarray, k: int, least: int, seed: int) -> int:
    """Return the total of FairRec's lists, every mentor on at least so many (Patro et al., 2020).

    Mentees choose in turn among copies of the mentors, then fill up by their own best.
    """
    n, m = points.shape
    left, chosen = np.full(m, least), np.zeros((n, m), dtype=bool)
    order, given = np.random.default_rng(seed).permutation(n), 0
    for _ in range(-(-least * m // n)):
        for i in order:
            if given == least * m:
                break
            worth = np.where((left > 0) & ~chosen[i], points[i], -1)
            j = int(worth.argmax())
            if worth[j] >= 0:
                chosen[i, j] = True
                left[j] -= 1
                given += 1
    for i in range(n):
        need = k - int(chosen[i].sum())
        if need > 0:
            worth = np.where(chosen[i], -1, points[i])
            chosen[i, np.argpartition(-worth, need - 1)[:need]] = True
    return int(points[chosen].sum(dtype=np.int64))


def asking(partners: np.ndarray, seats: np.ndarray) -> int:
    """Return how many find a mentor if all ask down their lists, one ask a round."""
    left, waiting, found = seats.copy(), list(range(len(partners))), 0
    for place in range(partners.shape[1]):
        still = []
        for i in waiting:
            j = partners[i, place]
            if j >= 0 and left[j] > 0:
                left[j] -= 1
                found += 1
            else:
                still.append(i)
        waiting = still
    return found


def lines(seeds: int, smoke: bool) -> Iterator[dict[str, Any]]:
    """Yield one line per instance and exposure."""
    n, m = (200, 60) if smoke else (5000, 1500)
    for seed in range(seeds if not smoke else 1):
        scores = made(n, m, seed)
        points = np.array(scores.points)
        alone, best = own_top(points, K)
        for exposure, least in ((34, 0), (20, 0), (17, 0), (None, 8), (20, 15)):
            options = {"exposure": exposure, "least": least}
            mm.suggest(scores, K, **options)
            began = time.process_time()
            lists = mm.suggest(scores, K, **options)
            seconds = time.process_time() - began
            load = lists.exposure["lists"].to_numpy()
            row = {
                "n": n, "seed": seed, **options, "status": str(lists.status),
                "verified": bool(mm.verify(lists)), "share": lists.objective * MILLION / best.sum(),
                "most": int(load.max()), "never": int((load == 0).sum()), "gini": gini(load),
                "gini_alone": gini(alone), "seconds": seconds,
            }  # fmt: skip
            if least and exposure is None:
                began = time.process_time()
                row["fairrec"] = fairrec(points, K, least, seed) / best.sum()
                row["fairrec_seconds"] = time.process_time() - began
            yield row
        entries = list(lists)
        pick = np.random.default_rng(seed).choice(len(entries), len(entries) // 20, replace=False)
        began = time.process_time()
        later = mm.resuggest(lists, declined=[entries[p] for p in pick])
        yield {
            "n": n, "seed": seed, "case": "5 % declined", "status": str(later.status),
            "kept": {e for p, e in enumerate(entries) if p not in set(pick)} <= set(later),
            "seconds": time.process_time() - began,
        }  # fmt: skip
    n, m = (100, 30) if smoke else (1000, 300)
    for seed in range(seeds if not smoke else 1):
        matrix, _ = cohort(n, m, seed)
        seats = np.bincount(np.random.default_rng(seed).integers(0, m, int(1.05 * n)), minlength=m)
        scores = mm.Scores.from_matrix(matrix, capacity=seats)
        found = {
            name: asking(mm.suggest(scores, K, exposure=given).matching.mentors_of, seats) / n
            for name, given in (("seats", "seats"), ("own_top", None))
        }
        yield {"case": "asking", "n": n, "seed": seed, **found}
