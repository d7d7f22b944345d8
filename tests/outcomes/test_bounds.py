"""Worst-case bounds hold whatever the silent answered, and the tipping point tips."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentormatch.outcomes.bounds import bounds_of_change, bounds_of_level

Array = np.ndarray


def people(seed: int, slope: float) -> tuple[Array, Array, Array, Array]:
    """Return (before, after) of everybody, and what was heard: who gained answers more often."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(6, 80))
    before = rng.integers(1, 6, n).astype(float)
    after = np.clip(before + rng.integers(-2, 4, n), 1, 5)
    gain = after - before
    chance = 1 / (1 + np.exp(-slope * (gain - gain.mean()) / max(gain.std(), 1e-9)))
    heard = [np.where(rng.random(n) < part, wave, np.nan)
             for part, wave in ((0.8, before), (chance, after))]  # fmt: skip
    return before, after, *heard


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0, 1.5])
def test_they_hold_the_change_of_everybody(slope: float) -> None:
    for seed in range(200):
        before, after, first, last = people(seed, slope)
        found = bounds_of_change(first, last, 1, 5)
        true = (after - before).mean()
        assert found.low - 1e-12 <= true <= found.high + 1e-12
        assert found.asked == len(before)
        assert found.answered == (~np.isnan(first) & ~np.isnan(last)).sum()
        level = bounds_of_level(last, 1, 5)
        assert level.low - 1e-12 <= after.mean() <= level.high + 1e-12


@given(
    st.lists(
        st.tuples(*[st.one_of(st.none(), st.integers(1, 5))] * 2).map(
            lambda pair: [np.nan if x is None else float(x) for x in pair]
        ),
        max_size=30,
    )
)
def test_they_are_reached_and_the_tipping_point_gives_zero(answers: list[list[float]]) -> None:
    before, after = np.array(answers).reshape(-1, 2).T
    found = bounds_of_change(before, after, 1, 5)
    if not len(before):
        assert np.isnan([found.low, found.high, found.mean, found.tipping]).all()
        return
    ends = [
        np.where(np.isnan(after), last, after) - np.where(np.isnan(before), first, before)
        for first, last in ((5, 1), (1, 5))
    ]
    assert [found.low, found.high] == pytest.approx([end.mean() for end in ends])
    silent = np.isnan(after - before)
    assert found.silent == silent.sum()
    if silent.any():
        assert [found.least, found.most] == pytest.approx([end[silent].mean() for end in ends])
        assert found.with_silent(found.least) == pytest.approx(found.low)
    else:
        assert found.low == found.high == pytest.approx(found.mean)
        assert np.isnan(found.least)
    if silent.any() and not silent.all():
        assert found.with_silent(found.tipping) == pytest.approx(0, abs=1e-12)
        assert found.can_tip == (found.low <= 1e-12 and found.high >= -1e-12)
    else:
        assert np.isnan(found.tipping)
        assert not found.can_tip


def test_who_answered_once_is_bounded_by_what_the_scale_leaves() -> None:
    nan = np.nan
    once = bounds_of_change(np.array([4.0, nan, nan]), np.array([nan, 2.0, nan]), 1, 5)
    assert (once.low, once.high) == (
        pytest.approx((-3 - 3 - 4) / 3),
        pytest.approx((1 + 1 + 4) / 3),
    )
    assert once.answered == 0
    assert once.with_silent(0.5) == 0.5
