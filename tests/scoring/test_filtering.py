"""No pair is missed by the filter, and what it takes for the error of its sums is enough."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.scoring.by_rows import RowSource
from mentormatch.scoring.filtering import slack_of
from mentormatch.scoring.presets import from_columns
from tests.scoring.people import cohort, profiles
from tests.scoring.test_laws import CRITERIA

NOTHING = -(1 << 61)


def missed(source: RowSource, rng: np.random.Generator, step: int = 1000) -> tuple[int, int]:
    """Return how many pairs above a threshold were not listed, and how many were compared."""
    n, m = source.shape
    wrong = 0
    for start in range(0, n, step):
        rows = np.arange(start, min(start + step, n))
        price = rng.integers(0, 10 ** int(rng.integers(1, 13)), m)
        price += int(rng.choice([0, -(10**7), 10**9, 10**17]))
        points = source.read(rows)
        worth = np.where(points >= 0, points - price, NOTHING)
        low = np.sort(worth, axis=1)[:, -int(rng.integers(1, min(m, 60)))]
        width = int(rng.integers(1, 80))
        found = source.screened(rows, price, low, width)
        assert found is not None
        left = worth.copy()
        left[found.place, found.column] = NOTHING
        unknown = (left >= low[:, None]) & (left > found.rest[:, None])
        wrong += int((unknown & ~found.over[:, None]).sum())
        kth = np.sort(worth, axis=1)[:, -min(width, m)]
        # what bounds the others is no less than needed to list the best, where all may be
        assert (found.rest <= np.maximum(np.maximum(low, kth), NOTHING))[found.rest == low].all()
    return wrong, n * m


def reweighted(scores: mm.Scores, rng: np.random.Generator, blank: float) -> RowSource:
    """Return the scores where each mentee has weights of her own, many of them 0."""
    source = scores.source
    assert isinstance(source, RowSource)
    weights = rng.random(source.weights.shape) ** rng.integers(1, 9, source.weights.shape)
    weights[rng.random(weights.shape) < blank] = 0
    return replace(source, weights=weights, pool=None, _filter=[])


@pytest.mark.parametrize("seed", range(30))
def test_no_pair_is_missed_of_any_criterion_at_any_weight(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(5, 60)), int(rng.integers(3, 40))
    people = [profiles(r, p) for r, p in zip(("mentee", "mentor"), cohort(rng, n, m), strict=True)]
    values = rng.random((n, m)).astype(np.float32)
    own = mm.Precomputed(np.where(values > 0.2, values, np.nan), name="given", weight=0.1)
    scores = mm.score(*people, [*CRITERIA, own], memory=1, engine="numba")
    source = reweighted(scores, rng, rng.choice([0.0, 0.5, 0.95]))
    for part in (source, replace(source, more=rng.integers(0, 10**6, n).astype(np.int32))):
        assert missed(replace(part, _filter=[]), rng, 7)[0] == 0


@pytest.mark.slow
@pytest.mark.parametrize(("missing", "blank"), [(0.08, 0.0), (0.5, 0.5), (0.9, 0.9)])
def test_no_pair_is_missed_among_a_hundred_million(missing: float, blank: float) -> None:
    """Weights differ by mentee; at the last, most rows have one answer of a hundredth or none."""
    rng = np.random.default_rng(int(100 * missing))
    frames = mm.make_cohort(12_000, 3_000, seed=2, missing=missing)
    people = [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    scores = mm.score(*people, from_columns(*people), memory=1)
    wrong, compared = missed(reweighted(scores, rng, blank), rng)
    assert compared == 36_000_000
    assert wrong == 0


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_sum_in_float32_is_as_near_as_said(data: Any) -> None:
    """Against exact fractions, in the order of the kernel."""
    many = data.draw(st.integers(1, 12))
    part = st.floats(0, 1, width=32)
    parts = data.draw(st.lists(part, min_size=many, max_size=many))
    raw = data.draw(st.lists(st.floats(0, 1), min_size=many, max_size=many))
    whole = sum(raw) or 1.0
    weights = np.array(raw) / whole * 1e6
    base = float(data.draw(st.integers(0, 10**6)))
    exact = Fraction(base) + sum(
        Fraction(w) * Fraction(p) for w, p in zip(weights.tolist(), parts, strict=True)
    )
    told = np.float32(base)
    for weight, value in zip(weights.astype(np.float32), parts, strict=True):
        told += weight * np.float32(value)
    slack = slack_of(weights[None], np.array([base]))[0]
    assert abs(Fraction(float(told)) - exact) <= Fraction(slack) - Fraction(1, 2)
