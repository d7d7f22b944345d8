"""Wilson's and Newcombe's intervals by their definitions; resamples against plain loops."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.insight.intervals import interval, newcombe, resampled, shuffled, sums, wilson


@settings(deadline=None)
@given(st.integers(1, 500), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_ends_are_the_shares_z_standard_errors_away(
    n: int, data: st.DataObject, confidence: float
) -> None:
    k = data.draw(st.integers(0, n))
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    low, high = (float(end) for end in wilson(k, n, confidence))
    assert 0 <= low <= k / n <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            assert abs(k / n - end) == pytest.approx(z * sqrt(end * (1 - end) / n), rel=1e-6)
    assert (low == 0) == (k == 0)
    assert (high == 1) == (k == n)
    # mirrored: the unmatched share has the mirrored interval
    assert wilson(n - k, n, confidence)[0] == pytest.approx(1 - high, abs=1e-12)


def test_wilson_of_nobody_is_unknown_and_of_a_textbook_case_known() -> None:
    assert np.isnan(wilson(0, 0)).all()
    # Newcombe (1998, Statistics in Medicine 17, 857-872), table I: 81/263, 15/148, 0/20, 1/29
    cases = np.array([(81, 263), (15, 148), (0, 20), (1, 29)]).T
    low, high = wilson(*cases)
    assert low == pytest.approx([0.2553, 0.0624, 0.0, 0.0061], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


def test_newcombe_textbook_case() -> None:
    # Newcombe (1998, Statistics in Medicine 17, 873-890), table II: 56/70 against 48/80
    ends = [(k / n, *(float(end) for end in wilson(k, n))) for k, n in ((56, 70), (48, 80))]
    assert newcombe(*ends) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_resamples_are_ratios_of_whole_sums() -> None:
    rng = np.random.default_rng(0)
    members = rng.random((30, 4)) < 0.4
    tops, bottoms = rng.integers(0, 9, 30).astype(float), rng.integers(0, 3, 30).astype(float)
    total = sums([tops, bottoms], members)
    assert (total[:, 0] == [tops[members[:, g]].sum() for g in range(4)]).all()
    for how in (resampled, shuffled):
        (ratios,) = how([(tops, bottoms)], members, 400, np.random.default_rng(1))
        assert ratios.shape == (4, 400)
        spread = np.nanstd(ratios, axis=1)
        assert (spread > 0).all()
    centre = total[:, 0] / total[:, 1]
    (ratios,) = resampled([(tops, bottoms)], members, 4000, np.random.default_rng(1))
    assert np.nanmedian(ratios, axis=1) == pytest.approx(centre, rel=0.1)
    # dealt at random, every group has the same middle: everybody's
    (ratios,) = shuffled([(tops, bottoms)], members, 4000, np.random.default_rng(1))
    assert np.nanmedian(ratios, axis=1) == pytest.approx(tops.sum() / bottoms.sum(), rel=0.1)


def test_bootstrap_interval_of_a_mean_is_about_two_standard_errors() -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(0, 1000, 400).astype(float)
    everybody = np.ones((400, 1), dtype=bool)
    (ratios,) = resampled([(values, np.ones(400))], everybody, 4000, np.random.default_rng(4))
    low, high = interval(ratios)
    half = 1.96 * values.std() / 20
    assert low[0] == pytest.approx(values.mean() - half, rel=0.01)
    assert high[0] == pytest.approx(values.mean() + half, rel=0.01)


def test_blocks_of_draws_change_nothing_but_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    members, ones = np.ones((10, 1), dtype=bool), np.ones(10)
    monkeypatch.setattr("mentormatch.insight.intervals.CELLS", 35)
    for how in (resampled, shuffled):
        (ratios,) = how([(np.arange(10.0), ones)], members, 8, np.random.default_rng(0))
        assert ratios.shape == (1, 8)
        assert ((ratios >= 0) & (ratios <= 9)).all()


def test_intervals_leave_unknown_draws_out() -> None:
    draws = np.array([[3.0, np.nan, 1.0, 2.0], [np.nan] * 4])
    low, high = interval(draws, 0.9)
    assert (low[0], high[0]) == (1.0, 3.0)
    assert np.isnan([low[1], high[1]]).all()
