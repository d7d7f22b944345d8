"""Exchanges keep seats and rows, and the compiled kernel does what its Python text says."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.solvers.assignment import assign
from mentormatch.solvers.exchange_kernels import Course, Rules, anneal, walk
from mentormatch.solvers.exchanges import Rows, search, worth
from mentormatch.solvers.lagrangian import Band


def parts(seed, n=12, m=5, groups=3, seats=1):
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 1_000_001, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.15] = -1
    capacity = rng.integers(seats, 4, m)  # with seats=0, some mentors have none
    group = rng.integers(-1, groups, n)
    size = np.maximum(np.bincount(group[group >= 0], minlength=groups), 1)
    offset = np.zeros(groups, dtype=np.int64)
    start = assign(points, capacity, row_bonus=np.full(n, 10**8)).mentor_of
    return points, capacity, group, size, offset, start


def bands_of(group, size, offset):
    return [
        Band(group, size, offset, within=Fraction(1, 2)),
        Band(group, size, offset, scored=True, within=Fraction(200_000)),
        Band(group, size, offset, ratio=Fraction(1, 4)),
        Band(group, size, offset, scored=True, least=Fraction(50_000)),
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_rows_hold_exactly_where_bands_do(seed: int) -> None:
    points, _, group, size, offset, start = parts(seed)
    matched = int((start >= 0).sum())
    rng = np.random.default_rng(seed)
    for band in bands_of(group, size, offset + rng.integers(0, 2, 3)):
        rows = Rows.of_bands(points, [band], matched)
        assert (rows.outside(start, points) == 0) == band.holds(start, points)


@pytest.mark.parametrize("seed", range(20))
def test_search_keeps_seats_minima_rows_and_admissible_pairs(seed: int) -> None:
    points, capacity, group, size, offset, start = parts(seed, seats=seed % 2)
    least = np.bincount(start[start >= 0], minlength=5) // 2
    bands = bands_of(group, size, offset)[:2]
    rows = Rows.of_bands(points, bands, int((start >= 0).sum()))
    found = search(points, start, capacity, least, rows, None, seed + 1, penalty=1.0, steps=20_000)
    if found is None:
        return
    there = np.flatnonzero(found >= 0)
    load = np.bincount(found[there], minlength=5)
    assert (points[there, found[there]] >= 0).all()
    assert ((load <= capacity) & (load >= least)).all()
    assert there.size == (start >= 0).sum()
    assert all(band.holds(found, points) for band in bands)


def test_search_finds_what_brute_force_finds() -> None:
    """On small problems with an even split asked for, the best assignment is met."""
    from itertools import product

    met = possible = 0
    for seed in range(12):
        points, capacity, group, size, offset, start = parts(seed, n=6, m=3, groups=2)
        bands = [Band(group, size, offset, scored=True, within=Fraction(150_000))]
        matched = int((start >= 0).sum())
        best = -1
        for chosen in product(range(-1, 3), repeat=6):
            at = np.array(chosen)
            there = np.flatnonzero(at >= 0)
            if (
                there.size >= matched
                and (np.bincount(at[there], minlength=3) <= capacity).all()
                and (points[there, at[there]] >= 0).all()
                and bands[0].holds(at, points)
            ):
                best = max(best, worth(points, at))
        rows = Rows.of_bands(points, bands, matched)
        none = np.zeros(3, dtype=np.int64)
        found = search(points, start, capacity, none, rows, None, 1, penalty=3.0)
        if best < 0:
            assert found is None
        elif found is not None:
            assert worth(points, found) <= best
            met += worth(points, found) == best
        possible += best >= 0
    assert 2 * met >= possible >= 6  # a search promises nothing, but this much it should find


@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_equals_its_python(seed: int) -> None:
    points, capacity, group, size, offset, start = parts(seed)
    rows = Rows.of_bands(points, bands_of(group, size, offset), int((start >= 0).sum()))
    likes = np.argsort(-points, axis=1, kind="stable")[:, :4]
    likes = np.where(np.take_along_axis(points, likes, axis=1) >= 0, likes, -1)
    none = np.zeros(5, dtype=np.int64)
    weight = np.where(rows.scored, 1.0, 3e6) / rows.unit
    arguments = (
        points, np.full(12, 3e6), start, capacity, none, likes,
        Rules(rows.u, rows.v, rows.scored, rows.low, rows.high, weight),
        Course(2e4, 2e2, 3000, seed + 1),
    )  # fmt: skip
    compiled, plain = walk(*arguments), walk.py_func(*arguments)
    for one, other in zip(compiled, plain, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("seed", range(10))
def test_mentors_without_seats_get_nobody(seed: int) -> None:
    """They stand between others in the list of seats, and must not lend theirs."""
    points, capacity, group, size, offset, _ = parts(seed)
    capacity[[0, 2]] = 0
    start = assign(points, capacity, row_bonus=np.full(12, 10**8)).mentor_of
    rows = Rows.of_bands(points, bands_of(group, size, offset)[1:2], 0)
    likes = np.tile(np.arange(5), (12, 1))
    likes = np.where(points >= 0, likes, -1)
    none = np.zeros(5, dtype=np.int64)
    weight = np.full(rows.low.size, 1e-3)
    for answer in anneal(
        points, np.full(12, 3e6), start, capacity, none, likes, rows.u, rows.v, rows.scored,
        rows.low, rows.high, weight, 1e6, 1e5, 20_000, seed + 1,
    )[:2]:  # fmt: skip
        load = np.bincount(answer[answer >= 0], minlength=5)
        assert (load <= capacity).all()
        there = np.flatnonzero(answer >= 0)
        assert (points[there, answer[there]] >= 0).all()


def test_a_start_beyond_the_seats_is_refused() -> None:
    points, _, group, size, offset, start = parts(0)
    rows = Rows.of_bands(points, bands_of(group, size, offset)[:1], 0)
    none = np.zeros(5, dtype=np.int64)
    with pytest.raises(ValueError, match="within capacity"):
        search(points, start, none, none, rows, None, 1, penalty=1.0)


@pytest.mark.parametrize(("n", "m", "liked"), [(4, 0, 0), (0, 3, 2), (0, 0, 0), (3, 2, 0)])
@pytest.mark.parametrize("least", [0, 1])
def test_where_nobody_can_move_nobody_does(n: int, m: int, liked: int, least: int) -> None:
    nobody, none = np.full(n, -1, dtype=np.int64), np.zeros(m, dtype=np.int64)
    row = np.ones((n, 1), dtype=np.int64), np.ones((m, 1), dtype=np.int64), np.zeros(1, bool)
    bounds = np.full(1, least), np.full(1, 9), np.ones(1)
    likes = np.full((n, liked), -1, dtype=np.int64)
    points = np.full((n, m), -1, dtype=np.int32)
    best, last, kept, taken = anneal(
        points, np.ones(n), nobody, none, none, likes, *row, *bounds, 1.0, 0.1, 1000, 1
    )
    assert (best == -1).all()
    assert (last == -1).all()
    assert bool(kept) == (least == 0)
    assert taken == 0
