"""Parts of the Lagrangian route."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.solvers.rows import prices


@pytest.mark.parametrize("shape", [(0, 3), (7, 0), (300, 40)])
def test_scaling_in_blocks_is_scaling_at_once(shape, monkeypatch):
    monkeypatch.setattr(prices, "BLOCK", 1000)
    rng = np.random.default_rng(0)
    points = rng.integers(0, 1_000_000, shape).astype(np.int32)
    points[rng.random(shape) < 0.2] = -1
    factor = rng.uniform(-0.5, 2, shape[0])
    scaled = np.empty_like(points)
    low = prices.scale(points, factor, scaled)
    value = np.ceil(points * factor[:, None])
    worst = np.where(points >= 0, value, 0).min(axis=1, initial=0)
    assert (low == worst).all()
    assert (scaled == np.where(points >= 0, value - worst[:, None], -1)).all()
