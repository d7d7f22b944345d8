"""Least loads that contradict one another are found, and each of them is needed for that."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mentormatch.matching.least_loads import contradiction, lacking


def can_be_met(open_: np.ndarray, asked: np.ndarray, loads: list[tuple[int, int]]) -> bool:
    """Try every set of mentors for every mentee."""
    n, m = open_.shape
    sets = [np.array(s, dtype=bool) for s in product((False, True), repeat=m)]
    reached = {(0,) * m}
    for i in range(n):
        own = [s for s in sets if s.sum() <= asked[i] and not (s & ~open_[i]).any()]
        reached = {tuple(np.add(load, s)) for load in reached for s in own}
    return any(all(load[j] >= least for j, least in loads) for load in reached)


@pytest.mark.parametrize("seed", range(80))
def test_contradictions_are_minimal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(0, 6)), int(rng.integers(1, 5))
    open_ = rng.random((n, m)) < rng.choice([0.3, 0.6, 1.0])
    asked = rng.integers(0, 3, n)
    loads = [(j, int(rng.integers(1, 4))) for j in rng.permutation(m).tolist()]
    assert lacking(open_, asked, loads) == (not can_be_met(open_, asked, loads))
    found = [loads[k] for k in contradiction(open_, asked, loads)]
    assert bool(found) == lacking(open_, asked, loads)
    if found:
        assert not can_be_met(open_, asked, found)
    for dropped in found:
        assert can_be_met(open_, asked, [load for load in found if load is not dropped])
