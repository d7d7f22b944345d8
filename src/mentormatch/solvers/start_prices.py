"""Prices to begin with, guessed from a sample: they decide what is listed first, nothing else."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.listing import NOWHERE, Best
from mentormatch.solvers.source import Source

__all__ = ["start_prices"]

Ints: TypeAlias = NDArray[np.int64]

SAMPLE, LEAST_SAMPLE, SAMPLED = 1 / 2, 2_000, 64
"""Mentees asked: so many for each mentor, at least so many in all; and how many of their best
pairs are looked at."""
STEPS = 60
"""Steps of the prices after each of the two times that the sample is asked."""
CLOSED = 0.05
"""A mentor without seats is priced as if she had so many."""
SPREAD = (4.0, 20.0)
"""Warmth of choices, as parts of how far a mentee's best and last listed pair are apart."""


def start_prices(
    source: Source, capacity: Ints, row_hash: NDArray[np.uint64], places: int | None = None
) -> Ints:
    """Guess what seats cost, from what a sample of mentees would choose.

    Each of them shares herself among her best options, the better ones more; prices rise where
    that is more than the seats, and fall where it is less. They decide what is listed first, and
    nothing else.

    places : how many mentors mentees ask for in all; None: one each.
    """
    from mentormatch.solvers.streamed_kernels import demand

    n, m = source.shape
    price = np.zeros(m)
    size = min(n, max(LEAST_SAMPLE, int(m * SAMPLE)))
    if size == 0 or m == 0:
        return price.astype(np.int64)
    sample = np.sort(np.argsort(row_hash, kind="stable")[:size])
    seats = np.maximum(capacity, CLOSED)
    share = min(n if places is None else places, int(capacity.sum())) / size
    everybody = np.full(n, -NOWHERE)
    best = Best(n, m, min(SAMPLED, m))
    wanted = np.empty(m)
    known = best.pairs(price.astype(np.int64))
    for turn in range(2):
        whole = np.rint(price).astype(np.int64)
        best.kept = []
        for _ in best.ask(source, sample, whole, everybody):
            pass
        joined = [np.append(*both) for both in zip(known, best.pairs(whole), strict=True)]
        _, first = np.unique(joined[0] * m + joined[1], return_index=True)
        known = row, column, points = joined[0][first], joined[1][first], joined[2][first]
        place = np.searchsorted(sample, row)
        indptr = np.searchsorted(place, np.arange(size + 1))
        spread = _spread(place, points - price[column], size)
        if spread <= 0:
            break
        for step in range(STEPS):
            part = (turn * STEPS + step) / (2 * STEPS)
            warmth = max(spread / SPREAD[0] * (SPREAD[0] / SPREAD[1]) ** part, 1.0)
            demand(indptr, column, points, price, warmth, wanted)
            over = np.log(np.maximum(wanted * share, 1e-3) / seats).clip(-1.5, 1.5)
            price = np.maximum(price + warmth * over, 0.0)
    return np.rint(price).astype(np.int64)


def _spread(row: Ints, net: NDArray[Any], size: int) -> float:
    """Return how far mentees' best and last listed options are apart, on average."""
    high, low = np.full(size, -np.inf), np.full(size, np.inf)
    np.maximum.at(high, row, net)
    np.minimum.at(low, row, net)
    apart = (high - low)[np.isfinite(high)]
    return float(np.mean(apart)) if apart.size else 0.0
