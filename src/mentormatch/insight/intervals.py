"""How sure a share, a mean or a gap is: Wilson's interval, the bootstrap, and shuffled labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

BoolArray: TypeAlias = npt.NDArray[np.bool_]
Measure: TypeAlias = tuple[Floats, Floats]

CELLS = 4_000_000
"""Numbers drawn at a time, so that large rosters stay within memory."""


def wilson(
    hits: npt.ArrayLike, of: npt.ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    r"""Return Wilson's score interval of a share.

    The shares p whose distance from the observed share :math:`\hat p = k / n` is at most z of
    their own standard errors, :math:`|\hat p - p| \le z \sqrt{p (1 - p) / n}`.

    Parameters
    ----------
    hits, of
        k and n, any shape; NaN where n is 0.
    confidence
        In (0, 1).

    References
    ----------
    .. [1] Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    k, n = np.asarray(hits, dtype=np.float64), np.asarray(of, dtype=np.float64)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / n
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    # at the ends the formula is exactly 0 or 1; rounding must not say otherwise
    return np.where(k == 0, np.where(n > 0, 0.0, np.nan), low), np.where(
        k == n, np.where(n > 0, 1.0, np.nan), high
    )


def newcombe(
    high: tuple[float, float, float], low: tuple[float, float, float]
) -> tuple[float, float]:
    """Return Newcombe's interval of the difference of two shares with Wilson intervals.

    Each argument is (share, lower end, upper end).

    References
    ----------
    .. [1] Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    gap = high[0] - low[0]
    return (
        gap - float(np.hypot(high[0] - high[1], low[2] - low[0])),
        gap + float(np.hypot(high[2] - high[0], low[0] - low[1])),
    )


def sums(values: Sequence[Floats], members: BoolArray) -> Floats:
    """Return float64 (groups, values): the sum of every quantity over every group.

    Whole numbers add up exactly, in whatever order.
    """
    return np.asarray(_sparse(members) @ np.column_stack(values), dtype=np.float64)


def resampled(
    measures: Sequence[Measure], members: BoolArray, draws: int, rng: np.random.Generator
) -> list[Floats]:
    """Return the ratio of sums of every group in resamples of the people, for each measure.

    Parameters
    ----------
    measures
        (numerator, denominator) per person, float64 (people,) each, e.g. points and pairs. Whole
        numbers, so that sums are exact and the same on every machine.
    members : bool (people, groups)
        Who belongs to which group.
    draws
        How many resamples: as many people as there are, drawn with replacement.

    Returns
    -------
    list of float64 (groups, draws), one per measure
        NaN where a resample has nobody with a denominator.

    Notes
    -----
    Time O(draws memberships), in two sparse products per measure.

    References
    ----------
    .. [1] Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 13.
    """
    people, groups = members.shape
    products = [(_sparse(members, top), _sparse(members, bottom)) for top, bottom in measures]
    ratios = [np.empty((groups, draws)) for _ in measures]
    for block in _blocks(draws, people):
        count = block.stop - block.start
        chosen = rng.integers(0, people, (people, count))
        chosen *= count
        chosen += np.arange(count)
        times = np.bincount(chosen.ravel(), minlength=people * count)
        weights = times.reshape(people, count).astype(np.float64)
        for ratio, (top, bottom) in zip(ratios, products, strict=True):
            ratio[:, block] = _quotient(top @ weights, bottom @ weights)
    return ratios


def shuffled(
    measures: Sequence[Measure], members: BoolArray, draws: int, rng: np.random.Generator
) -> list[Floats]:
    """Return the ratio of sums of every group when outcomes are dealt to people at random.

    Arguments and result are those of `resampled`; here `draws` is the number of deals.
    """
    people, groups = members.shape
    sparse = _sparse(members)
    ratios = [np.empty((groups, draws)) for _ in measures]
    for block in _blocks(draws, people):
        count = block.stop - block.start
        everybody = np.broadcast_to(np.arange(people), (count, people))
        dealt = np.ascontiguousarray(rng.permuted(everybody, axis=1).T)
        for ratio, (top, bottom) in zip(ratios, measures, strict=True):
            ratio[:, block] = _quotient(sparse @ top[dealt], sparse @ bottom[dealt])
    return ratios


def _sparse(members: BoolArray, values: Floats | None = None) -> Any:
    """Return the memberships (groups, people), each worth the person's value or 1."""
    from scipy.sparse import csr_array

    sparse = csr_array(members.T, dtype=np.float64)
    if values is not None:
        sparse.data = values[sparse.indices]
    return sparse


def _quotient(top: Floats, bottom: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(top / bottom, dtype=np.float64)


def interval(ratios: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the percentile interval of each row of resamples (groups, draws), leaving NaN out."""
    tail = (1 - confidence) / 2
    low, high = np.full(len(ratios), np.nan), np.full(len(ratios), np.nan)
    known = (~np.isnan(ratios)).sum(axis=1)
    for size in np.unique(known[known > 0]):
        rows = known == size  # NaN goes to the end, so the ends are found among `size` values
        ends = [round(tail * (size - 1)), round((1 - tail) * (size - 1))]
        ordered = np.partition(ratios[rows], ends, axis=1)
        low[rows], high[rows] = ordered[:, ends[0]], ordered[:, ends[1]]
    return low, high


def _blocks(draws: int, people: int) -> Iterator[slice]:
    step = max(1, CELLS // max(people, 1))
    for start in range(0, draws, step):
        yield slice(start, min(start + step, draws))
