"""Small random programmes with side rows, and the best answer by trying everything."""

from __future__ import annotations

import numpy as np

from mentormatch.solvers.program import Program, SideRow


def random_program(
    seed: int, *, several: bool = True, rows: int = 3
) -> tuple[Program, np.random.Generator]:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(0, 5)), int(rng.integers(0, 4))
    points = rng.integers(0, rng.choice([3, 1000, 10**6]), (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.2] = -1
    capacity = rng.integers(0, 3, m)
    least = np.where(rng.random(m) < 0.15, np.minimum(1, capacity), 0)
    demand = rng.integers(0, 3, n) if several else np.ones(n, dtype=np.int64)
    sides = tuple(random_row(rng, points) for _ in range(int(rng.integers(0, rows + 1))))
    return Program(points, capacity, least, demand, sides), rng


def random_row(rng: np.random.Generator, points: np.ndarray) -> SideRow:
    n, m = points.shape
    if rng.random() < 0.25:
        places = rng.permutation(n * m)[: int(rng.integers(0, n * m + 1))]
        pairs = places // max(m, 1), places % max(m, 1)
        return SideRow(
            pairs=pairs, least=(None, 1, 0)[rng.integers(3)], most=(None, 1, 2)[rng.integers(3)]
        )
    scored = bool(rng.random() < 0.4)
    low, high = sorted(rng.integers(-3, 5, 2) * (int(points.max(initial=1)) if scored else 1))
    return SideRow(
        rng.integers(-2, 3, n), rng.integers(0, 2, m), scored,
        (None, low)[rng.integers(2)], (None, high)[rng.integers(2)],
    )  # fmt: skip


def best_value(program: Program, value: np.ndarray) -> int | None:
    """The greatest value of pairs that satisfy everything, None if none do."""
    m = max(program.shape[1], 1)
    places = np.flatnonzero(program.open())
    assert places.size <= 12
    best = None
    for chosen in range(2**places.size):
        picked = places[[bool(chosen >> bit & 1) for bit in range(places.size)]]
        rows, columns = picked // m, picked % m
        if program.holds(rows, columns):
            worth = int(value[rows, columns].sum())
            best = worth if best is None else max(best, worth)
    return best
