"""Budgets of changes: equal to brute force over every assignment."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mentormatch.solvers.incumbents import best_keeping


def brute_force(points, capacity, row_bonus, incumbent, least):
    n, m = points.shape
    best = None
    choices = [[-1, *np.flatnonzero(points[i] >= 0)] for i in range(n)]
    for chosen in product(*choices):
        pairs = [(i, j) for i, j in enumerate(chosen) if j >= 0]
        load = np.bincount([j for _, j in pairs], minlength=m)
        kept = sum(incumbent[i] == j for i, j in pairs)
        if (load <= capacity).all() and kept >= least:
            value = sum(int(row_bonus[i]) + int(points[i, j]) for i, j in pairs)
            best = value if best is None else max(best, value)
    return best


@pytest.mark.parametrize("seed", range(100))
def test_equals_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 7)), int(rng.integers(1, 5))
    points = rng.integers(0, 8, (n, m)).astype(np.int32) * 100
    points[rng.random((n, m)) < 0.2] = -1
    capacity = rng.integers(1, 4, m)
    row_bonus = np.full(n, 5_000 if seed % 2 else 0, dtype=np.int64)
    incumbent = np.full(n, -1)
    for i in range(n):
        open_to = np.flatnonzero(points[i] >= 0)
        if len(open_to) and rng.random() < 0.8:
            incumbent[i] = rng.choice(open_to)
    load = np.bincount(incumbent[incumbent >= 0], minlength=m)
    most = int(np.minimum(load, capacity).sum())
    for least in range(most + 1):
        found = best_keeping(points, capacity, row_bonus, incumbent, least)
        assert found.value == brute_force(points, capacity, row_bonus, incumbent, least)
        assert found.value == found.bound
        assert found.kept >= least
    with pytest.raises(ValueError, match="what capacities allow"):
        best_keeping(points, capacity, row_bonus, incumbent, most + 1)
