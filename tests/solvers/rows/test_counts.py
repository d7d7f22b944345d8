"""Parity by counting groups: its bound is never below brute force, its answer never above."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from mentormatch.solvers.program import Program
from mentormatch.solvers.rows import counts
from mentormatch.solvers.rows.bands import Band
from mentormatch.solvers.rows.counts import solve_counted
from mentormatch.solvers.rows.local_search import worth

SHARE = {"within": Fraction(2, 5)}
RATIO = {"ratio": Fraction(1, 2)}
MEAN = {"scored": True, "within": Fraction(150_000)}
LEVEL = {"scored": True, "least": Fraction(150_000)}


def best_of(points, capacity, least, bands):
    """(most matched, best points among those) by trying everything; (-1, -1) if nothing holds."""
    n, m = points.shape
    best = (-1, -1)
    for chosen in product(range(-1, m), repeat=n):
        at = np.array(chosen)
        there = np.flatnonzero(at >= 0)
        load = np.bincount(at[there], minlength=m)
        if (
            (load <= capacity).all()
            and (load >= least).all()
            and (points[there, at[there]] >= 0).all()
            and all(band.holds(at, points) for band in bands)
        ):
            best = max(best, (there.size, worth(points, at)))
    return best


@pytest.fixture(autouse=True)
def _short_searches(monkeypatch):
    monkeypatch.setattr(counts, "TRIES", ((4.0, 3, 2e-2),))


@pytest.mark.parametrize("kinds", [[MEAN], [SHARE, MEAN], [RATIO, MEAN], [LEVEL], [SHARE]], ids=str)
def test_bounds_and_finds_what_brute_force_does(kinds) -> None:
    reached = 0
    for seed in range(9):
        rng = np.random.default_rng(seed)
        n, m = 6, 3
        points = rng.integers(0, 1_000_001, (n, m)).astype(np.int32)
        points[rng.random((n, m)) < 0.2] = -1
        capacity = rng.integers(1, 3, m)
        least = (capacity > 1).astype(np.int64) if seed % 3 == 0 else np.zeros(m, dtype=np.int64)
        group = rng.integers(-1, 2, n)
        size = np.maximum(np.bincount(group[group >= 0], minlength=2), 1)
        offset = rng.integers(0, 2, 2) * (seed % 2)
        bands = [Band(group, size, offset, **kind) for kind in kinds]
        matched, value = best_of(points, capacity, least, bands)
        if matched < 0:
            continue
        program = Program(points, capacity, least, np.ones(n, dtype=np.int64))
        answer = solve_counted(program, bands, matched, gap=0.0, most_counts=6)
        assert answer.bound >= value, seed
        if kinds == [SHARE] and answer.status == "optimal":  # counts are all there is: but a margin
            assert answer.bound <= value + 2
        if answer.found:
            assert answer.objective <= value
            at = program.mentors_of(answer.rows, answer.columns)
            assert all(band.holds(at, points) for band in bands)
            reached += answer.objective == value
        beyond = solve_counted(program, bands, matched + 1, most_counts=2)
        assert not beyond.found
    assert reached >= 4
