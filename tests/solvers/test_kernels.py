"""Compiled kernels do what their Python text says."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.solvers import kernels, large
from mentormatch.solvers.assignment import assign
from mentormatch.solvers.ties import default_hash, tie_matrix


@pytest.fixture
def interpreted(monkeypatch):
    for name in dir(kernels):
        function = getattr(kernels, name)
        if hasattr(function, "py_func"):
            monkeypatch.setattr(kernels, name, function.py_func)


def problems():
    rng = np.random.default_rng(1)
    for levels in (1, 5, 1_000_000):
        points = rng.integers(0, levels, (24, 9)).astype(np.int32)
        points[rng.random((24, 9)) < 0.2] = -1
        yield points, rng.integers(0, 5, 9), rng.integers(0, 2, 9)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_compiled_and_interpreted_agree(interpreted):
    slow = [
        assign(points, seats, route="dense", row_bonus=np.full(24, 10**8))
        for points, seats, _ in problems()
    ]
    by_hand = [
        assign(points, seats, route="small", row_bonus=np.full(24, 10**8))
        for points, seats, _ in problems()
    ]
    for a, b in zip(slow, by_hand, strict=True):
        assert (a.mentor_of == b.mentor_of).all()
        assert (a.mentor_price == b.mentor_price).all()


def test_ties_are_the_same_compiled():
    rows, mentors = default_hash(7, 1), default_hash(5, 2)
    indptr = np.arange(8, dtype=np.int64) * 5
    idx = np.tile(np.arange(5, dtype=np.int32), 7)
    out = np.empty((7, 5), np.int32)
    salted = rows ^ np.uint64(large.SALTS[0])
    kernels.tie_points(
        np.arange(7, dtype=np.int32), indptr, idx,
        (salted, mentors, np.uint64(large.MIX), large.TIE_BITS), True, out,
    )  # fmt: skip
    assert (out == tie_matrix(rows, mentors, 0)).all()


@pytest.mark.parametrize("m", [9, 40, 150, 450])
@pytest.mark.parametrize("top", [0, 1, 3, 1000, 2**31 - 1])
@pytest.mark.parametrize("low", [0, 1])
def test_best_mentors_bounds_those_left_out(m, top, low):
    rng = np.random.default_rng([m, top])
    key, col, peak, lane = np.empty((4, m + 8), np.int32)
    for width in (1, 8, 16, 24):
        line = rng.integers(top * low, top, m, endpoint=True).astype(np.int32)
        line[rng.random(m) < 0.2] = -1
        q = (rng.integers(0, 2, m) * min(top, 7)).astype(np.int32)
        size, rest = kernels.best_mentors(line, q, 3, width, key, col, peak, lane)
        assert size <= width
        listed = col[:size]
        assert np.unique(listed).size == size
        worth = np.where(line >= 0, line.astype(np.int64) - q, kernels.LOW)
        assert (worth[listed] == key[:size]).all()
        assert np.delete(worth, listed).max(initial=kernels.LOW) <= rest
        assert size == 0 or rest <= key[:size].min()
        assert size > 0 or not (line >= 0).any()


@pytest.mark.parametrize("m", [40, 150, 450, 1500])
def test_best_mentors_lists_the_best_and_enough_of_them(m):
    rng = np.random.default_rng(m)
    key, col, *room = np.empty((4, m + 8), np.int32)
    for levels in (1, 6, 1_000_000):
        line = rng.integers(0, levels, m).astype(np.int32)
        size, bar = kernels.best_mentors(line, np.zeros(m, np.int32), 3, 24, key, col, *room)
        assert 8 <= size <= 24
        assert line[col[:size]].max() == line.max()
        assert len(set(col[:size])) == size
        assert key[:size].min() >= bar  # so a list serves until its own entries fall below
