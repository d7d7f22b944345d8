"""Bands: outcomes of disjoint groups that must lie close together, and their prices in a flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = ["Band", "counted_band", "fold", "outcomes", "split"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Band:
    """Outcomes of disjoint groups that must lie close together.

    group : int64 (n,), -1 for mentees in no group.
    size : int64 (g,), what a group's sum is divided by.
    offset : int64 (g,), what locked pairs add to the sums.
    scored : bool, sums of points instead of counts.
    within : Fraction or None, largest difference (in points where scored).
    ratio : Fraction or None, least quotient of the smallest and the largest.
    least : Fraction or None, what every outcome must reach.
    highest : int, what no outcome exceeds: bounds what a ratio allows.
    """

    group: Ints
    size: Ints
    offset: Ints
    scored: bool = False
    within: Fraction | None = None
    ratio: Fraction | None = None
    least: Fraction | None = None
    highest: int = 1

    def sums(self, mentor_of: Ints, points: NDArray[np.int32]) -> Ints:
        rows = np.flatnonzero((mentor_of >= 0) & (self.group >= 0))
        amount = (
            points[rows, mentor_of[rows]].astype(np.int64)
            if self.scored
            else np.ones(rows.size, dtype=np.int64)
        )
        sums = self.offset.copy()
        np.add.at(sums, self.group[rows], amount)
        return sums

    def holds(self, mentor_of: Ints, points: NDArray[np.int32]) -> bool:
        """Whether an assignment keeps the band, exactly."""
        sums = self.sums(mentor_of, points).tolist()
        means = [Fraction(s, n) for s, n in zip(sums, self.size.tolist(), strict=True)]
        if self.least is not None:
            return min(means, default=self.least) >= self.least
        if len(means) < 2:
            return True
        if self.within is not None:
            return max(means) - min(means) <= self.within
        assert self.ratio is not None
        return min(means) >= self.ratio * max(means)

    def outside(self, mentor_of: Ints, points: NDArray[np.int32]) -> float:
        """How far the outcomes are outside the band; 0 inside."""
        means = self.sums(mentor_of, points) / self.size
        if means.size == 0:
            return 0.0
        low, high = float(means.min()), float(means.max())
        if self.least is not None:
            return max(float(self.least) - low, 0.0)
        if self.within is not None:
            return max(high - low - float(self.within), 0.0)
        return max(float(self.ratio or 0) * high - low, 0.0)

    def support(self, price: Floats) -> float:
        """Largest sum of price * outcome that the band allows (prices as the master gives)."""
        if self.least is not None:  # prices are negative: a subsidy per group
            return float(self.least) * float(price.sum())
        if self.within is not None:  # prices sum to 0: only the spread matters
            return float(self.within) * float(np.maximum(price, 0).sum())
        assert self.ratio is not None
        up, down = np.maximum(price, 0).sum(), np.maximum(-price, 0).sum()
        return max(0.0, float(up - float(self.ratio) * down)) * self.highest


def split(bands: Sequence[Band], price: Floats) -> list[Floats]:
    """Return each band's part of the prices; what follows is not looked at."""
    return np.split(price, np.cumsum([band.size.size for band in bands]))[:-1]


def fold(bands: Sequence[Band], price: Floats, n: int) -> tuple[Floats, Floats, float, float]:
    """Fold the prices of the bands' outcomes into the flow.

    Returns what each mentee's points are multiplied by, (n,), what she pays for being matched,
    (n,), and the two parts of the bound that no assignment changes: what locked pairs add, and
    the bands' support.
    """
    factor, fee, constant, support = np.ones(n), np.zeros(n), 0.0, 0.0
    for band, part in zip(bands, split(bands, price), strict=True):
        per_head = np.append(part / band.size, 0.0)[band.group]
        if band.scored:
            factor -= per_head
        else:
            fee += per_head
        constant -= float((part / band.size) @ band.offset)
        support += band.support(part)
    return factor, fee, constant, support


def outcomes(bands: Sequence[Band], mentor_of: Ints, points: NDArray[np.int32]) -> Floats:
    """Return the outcome of each group of each band, in points where scored."""
    return np.concatenate(
        [band.sums(mentor_of, points) / band.size for band in bands] or [np.zeros(0)]
    )


def counted_band(bands: Sequence[Band]) -> Band:
    """Return the band whose groups are counted: one of shares, if there is any."""
    return next((band for band in bands if not band.scored), bands[0])
