"""Faces, bottleneck and leximin hold exactly the best assignments, all of them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mentormatch.solvers.bottleneck import Network, bottleneck, leximin, narrow


def allowed(network: Network) -> set[tuple[int, ...]]:
    """Every assignment that a network allows."""
    n, m = network.points.shape
    found = set()
    for choice in product(range(-1, m), repeat=n):
        at = np.array(choice)
        rows = np.flatnonzero(at >= 0)
        load = np.bincount(at[rows], minlength=m)
        if (
            (network.points[rows, at[rows]] >= 0).all()
            and (load <= network.capacity).all()
            and (load >= network.min_load).all()
            and (at[network.forced] >= 0).all()
        ):
            found.add(choice)
    return found


def instance(seed: int) -> Network:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    points = rng.integers(0, rng.choice([3, 6, 40]), (n, m)).astype(np.int32)
    points = np.where(rng.random((n, m)) < rng.choice([0, 0.3]), ~points, points)
    capacity = rng.integers(0, 4, m)
    least = np.minimum(np.where(rng.random(m) < 0.3, rng.integers(0, 2, m), 0), capacity)
    return Network(points.astype(np.int32), capacity, least, np.zeros(n, dtype=bool))


@pytest.mark.parametrize("start", range(0, 80, 20))
def test_networks_hold_all_the_best_and_nothing_else(start: int) -> None:
    for seed in range(start, start + 20):
        network = instance(seed)
        every = allowed(network)
        n = len(network.forced)
        counted, solution = narrow(
            network, np.zeros_like(network.points), np.ones(n, dtype=np.int64)
        )
        if not every:
            assert counted is None
            assert solution.status == "infeasible"
            continue
        assert counted is not None
        most = max(sum(j >= 0 for j in at) for at in every)
        assert solution.objective == most
        scores = {
            at: sorted(int(network.points[i, j]) for i, j in enumerate(at) if j >= 0)
            for at in every
            if sum(j >= 0 for j in at) == most
        }
        assert allowed(counted) == set(scores)
        worst = max(s[0] if s else -1 for s in scores.values())
        raised, value, at = bottleneck(counted, solution.mentor_of)
        assert value == worst
        assert tuple(at.tolist()) in allowed(raised)
        assert allowed(raised) == {a for a, s in scores.items() if (s[0] if s else -1) == worst}
        best = max(scores.values())
        settled, mentor_of = leximin(counted, solution.mentor_of)
        assert scores[tuple(int(j) for j in mentor_of)] == best
        assert allowed(settled) == {a for a, s in scores.items() if s == best}
