"""Make an assignment keep side rows, and raise its total while it does: exchanges of a few people.

Wraps the kernel `exchange_kernels.anneal`. Side rows are two-sided sums over pairs; what a row is
outside its bounds is weighed against the points lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mentormatch.solvers.lagrangian import Band

__all__ = ["Rows", "search", "worth"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MILLION = 1_000_000
NO_BOUND = 1 << 62
COLDER = 0.01
"""Last temperature as a part of the first."""
STEPS = 300_000
"""Exchanges per round."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Side rows: low <= sum of u[i, r] * v[j, r] (times points where scored) <= high.

    u : int64 (n, r);  v : int64 (m, r);  scored : bool (r,);  low, high : int64 (r,)
    unit : float (r,), what one person (or her whole score) changes a row by, at most.
    """

    u: Ints
    v: Ints
    scored: NDArray[np.bool_]
    low: Ints
    high: Ints
    unit: Floats

    @classmethod
    def of_bands(cls, points: NDArray[np.int32], bands: Sequence[Band], matched: int) -> Rows:
        """Every band as one row per pair of groups, and the number of people matched."""
        n, m = points.shape
        u: list[Ints] = [np.ones(n, dtype=np.int64)]
        scored, low, high = [False], [matched], [NO_BOUND]
        for band in bands:
            size, offset = band.size.tolist(), band.offset.tolist()
            for g in range(len(size)):
                one = (band.group == g).astype(np.int64)
                if band.least is not None:
                    u.append(one)
                    low.append(ceil(band.least * size[g]) - offset[g])
                    high.append(NO_BOUND)
                    scored.append(band.scored)
                    continue
                for h in range(len(size)):
                    if g == h or (band.within is not None and g > h):
                        continue
                    other = (band.group == h).astype(np.int64)
                    ratio = Fraction(1) if band.within is not None else band.ratio or Fraction(0)
                    # ratio * mean_g - mean_h <= 0, or |mean_g - mean_h| <= within
                    a, b = ratio.numerator * size[h], ratio.denominator * size[g]
                    common = max(gcd(a, b), 1)
                    have = a * offset[g] - b * offset[h]
                    most = Fraction(0) if band.within is None else band.within * size[g] * size[h]
                    u.append((one * a - other * b) // common)
                    high.append(floor((most - have) / common))
                    low.append(-NO_BOUND if band.within is None else ceil((-most - have) / common))
                    scored.append(band.scored)
        matrix = np.ascontiguousarray(np.array(u, dtype=np.int64).T)
        unit = np.abs(matrix).max(axis=0, initial=1).astype(np.float64)
        flag = np.array(scored)
        return cls(
            matrix, np.ones((m, len(u)), dtype=np.int64), flag, np.array(low), np.array(high), unit
        )

    def amounts(self, at: Ints, points: NDArray[np.int32]) -> Ints:
        """int64 (r,): what an assignment adds up to in each row."""
        rows = np.flatnonzero(at >= 0)
        columns = at[rows]
        weight = self.u[rows] * self.v[columns]
        worth_of = points[rows, columns].astype(np.int64)
        amounts: Ints = np.where(
            self.scored, (weight * worth_of[:, None]).sum(axis=0), weight.sum(axis=0)
        )
        return amounts

    def outside(self, at: Ints, points: NDArray[np.int32]) -> float:
        """How far an assignment is outside its rows, in scores; 0 where all hold."""
        amounts = self.amounts(at, points)
        over = np.maximum(self.low - amounts, 0) + np.maximum(amounts - self.high, 0)
        return float((over / self.unit / np.where(self.scored, MILLION, 1)).sum())


def worth(points: NDArray[np.int32], at: Ints) -> int:
    """Return the sum of points of an assignment."""
    rows = np.flatnonzero(at >= 0)
    return int(points[rows, at[rows]].sum(dtype=np.int64))


def search(
    points: NDArray[np.int32],
    at: Ints,
    capacity: Ints,
    min_load: Ints,
    rows: Rows,
    loss: Floats | None,
    seed: int,
    *,
    penalty: float,
    liked: int = 12,
    hot: float = 2e4,
    steps: int = STEPS,
) -> Ints | None:
    """Look for an assignment that keeps all rows and has many points; None if none is met.

    Parameters
    ----------
    points, capacity, min_load
        As for `assign`.
    at
        Where to start: within seats and minimum loads, not necessarily within the rows.
    rows
        What must hold.
    loss : float (n, m), optional
        What a pair falls short of the mentee's best under some prices; inf where inadmissible.
        The `liked` mentors of least loss are tried. Default: those of most points.
    seed
        In [1, 2**32).
    penalty
        Scores lost per score outside a row; a person outside costs three.
    hot
        First temperature, in points; the last is a hundredth of it.

    Notes
    -----
    Time O(steps * rows); the answer depends on nothing but the arguments.
    """
    from mentormatch.solvers.exchange_kernels import anneal

    n, m = points.shape
    k = min(liked, m)
    shown = np.where(points >= 0, -points.astype(np.float64), np.inf) if loss is None else loss
    likes = np.argpartition(shown, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(shown, likes, axis=1), axis=1, kind="stable")
    likes = np.take_along_axis(likes, order, axis=1)
    likes = np.where(np.take_along_axis(points, likes, axis=1) >= 0, likes, -1)
    # one person outside costs more than any score, one score outside `penalty` scores
    weight = np.where(rows.scored, penalty, 3.0 * MILLION) / rows.unit
    seats = np.minimum(capacity, n)
    load = np.bincount(at[at >= 0], minlength=m)
    if (load > seats).any() or (load < min_load).any():
        raise ValueError("at must start within capacity and min_load.")
    found, _, ok, _ = anneal(
        points, np.full(n, 3.0 * MILLION), at, seats, min_load, likes.astype(np.int64),
        rows.u, rows.v, rows.scored, rows.low, rows.high, weight, hot, COLDER * hot, steps, seed,
    )  # fmt: skip
    return found if ok else None
