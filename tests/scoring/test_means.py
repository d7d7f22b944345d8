"""What mentors mean to mentees: the quick ways give the numbers of all parts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mentormatch.scoring import kernels, means
from mentormatch.scoring.engine import row_means
from mentormatch.scoring.lowered import Weeks


def weeks(n: int, m: int, full: float, given: float, seed: int) -> Weeks:
    """Return the hours of people who have few different words of weeks, some of them none."""
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 2**63, 12).astype(np.uint64) & rng.integers(0, 2**63, 12).astype("u8")
    mine, theirs = (
        words[rng.integers(0, 12, shape)] * (rng.random(shape) < 0.6).astype(np.uint64)
        for shape in ((n, 2, 3), (2, 3, m))
    )
    quarters = rng.integers(1, 4, (2, 3)).astype(np.int32)
    answered = rng.random(n) < given, rng.random(m) < given
    return Weeks(mine, theirs, quarters, np.float32(full), *answered)


def source(criterion: Any, n: int, m: int, compiled: bool) -> Any:
    return SimpleNamespace(shape=(n, m), criteria=[criterion], compiled=compiled, threads=1)


@pytest.mark.parametrize("given", [0.0, 0.1, 0.9, 1.0])
@pytest.mark.parametrize("full", [1, 7, 10.5, 16, 126.5, 127, 127.5, 400])
def test_means_of_hours_are_those_of_all_parts(full: float, given: float) -> None:
    for seed, (n, m) in enumerate(((40, 30), (1, 1), (7, 1100))):
        hours = weeks(n, m, full, given, seed)
        rows = np.sort(np.random.default_rng(seed).permutation(n)[: max(1, n // 2)])
        parts = np.empty((1, n, m), np.float32)
        hours.block(0, n, parts[0], compiled=False)
        wanted = [side[rows, 0] for side in row_means(parts)]
        for compiled in (True, False):
            found = means.class_means(source(hours, n, m, compiled), 0, rows)
            assert all(map(np.array_equal, found, wanted))


def test_the_kernel_of_hours_is_its_python() -> None:
    hours = weeks(6, 5, 16, 1.0, 3)
    steps = np.arange(17, dtype=np.int64) ** 2
    terms = *means._words(hours.mentees, hours.quarters), hours.mentors, steps
    found, wanted = np.zeros(6, np.int64), np.zeros(6, np.int64)
    kernels.mean_weeks(*terms, found)
    both = hours.mentees[:, :, :, None] & hours.mentors
    shared = np.bitwise_count(both).astype(np.int64) * hours.quarters[..., None]
    wanted = steps[np.minimum(shared.sum(axis=2).min(axis=1), 16)].sum(axis=1)
    assert np.array_equal(found, wanted)
    assert found.any()
