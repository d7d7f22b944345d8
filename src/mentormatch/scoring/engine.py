"""The engine of scoring: blocks of rows through lowered criteria into one integer matrix."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray
from mentormatch.scoring.lowered import Lowered, Parts, Positions

if TYPE_CHECKING:
    from mentormatch.scoring.rules import LoweredRule

PointsArray: TypeAlias = npt.NDArray[np.int32]
Engine: TypeAlias = Literal["auto", "numpy", "numba"]

MILLION = 1_000_000
BLOCK_BYTES = 2**20
"""Bytes of parts per block and thread: small enough for the second-level cache."""
COMPILE_FROM = 50_000
"""Pairs from which compiled kernels are worth their start-up; the numbers are the same."""


def rows_per_block(criteria: int, m: int, block_bytes: int = BLOCK_BYTES) -> int:
    """Return how many rows of m pairs keep all their parts within the budget (at least one)."""
    return max(1, block_bytes // max(1, 4 * m * max(1, criteria)))


def points_of(
    criteria: Sequence[Lowered],
    weights: FloatArray,
    rules: Sequence[LoweredRule],
    shape: tuple[int, int],
    *,
    prior: float,
    engine: Engine = "auto",
    threads: int | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> PointsArray:
    """Return int32 (n, m): millionths of the score, ``~points`` where a rule forbids the pair.

    Parameters
    ----------
    weights
        (n, criteria), each mentee's weights.
    shape
        n mentees, m mentors.
    prior
        Score of a pair about which nothing was answered.
    engine, threads, block_bytes
        How, not what: the points are the same bits for all of them.

    Notes
    -----
    Memory: the points, and per thread one block of parts (`block_bytes`).
    """
    n, m = shape
    points: PointsArray = np.empty(shape, dtype=np.int32)
    compiled = engine == "numba" or (engine == "auto" and n * m > COMPILE_FROM)
    height = rows_per_block(len(criteria), m, block_bytes)
    starts = range(0, n, height)

    def work(mine: Sequence[int]) -> None:
        parts: Parts = np.empty((len(criteria), height, m), dtype=np.float32)
        for start in mine:
            stop = min(start + height, n)
            _score_block(criteria, weights, prior, parts, points, start, stop, compiled)
            _forbid_block(rules, points, start, stop, compiled)

    in_threads(work, starts, _threads(threads, n * m))
    return points


def in_threads(work: object, starts: Sequence[int], threads: int) -> None:
    """Run `work` on interleaved shares of the blocks, in so many threads."""
    assert callable(work)
    threads = min(threads, len(starts))
    if threads <= 1:
        work(starts)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, starts[first::threads]) for first in range(threads)]:
            done.result()


def _threads(wanted: int | None, pairs: int) -> int:
    if wanted is not None:
        return wanted
    if pairs <= COMPILE_FROM:
        return 1
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1


def _score_block(
    criteria: Sequence[Lowered],
    weights: FloatArray,
    prior: float,
    parts: Parts,
    points: PointsArray,
    start: int,
    stop: int,
    compiled: bool,
) -> None:
    block = parts[:, : stop - start]
    for criterion, part in zip(criteria, block, strict=True):
        criterion.block(start, stop, part, compiled)
    if compiled:
        from mentormatch.scoring import kernels

        kernels.combine_rows(block, weights[start:stop], prior, points[start:stop])
    else:
        mean, _ = weighted_mean(np.moveaxis(block, 0, -1), weights[start:stop, None, :], prior)
        points[start:stop] = to_points(mean)


def weighted_mean(parts: Parts, weights: FloatArray, prior: float) -> tuple[FloatArray, FloatArray]:
    """Return (mean over the answered parts, weight of the answered parts).

    Parameters
    ----------
    parts
        (..., criteria), NaN where unanswered.
    weights
        (..., criteria), broadcast against the parts.

    Notes
    -----
    Summed in the order of the criteria, in float64: the same bits for a block and for a pair.
    """
    shape = parts.shape[:-1]
    gained, answered = np.zeros(shape), np.zeros(shape)
    for criterion in range(parts.shape[-1]):
        part, weight = parts[..., criterion], weights[..., criterion]
        known = part == part  # not NaN
        gained += np.where(known, weight * part.astype(np.float64), 0.0)
        answered += np.where(known, weight, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(answered > 0, gained / answered, prior), answered


def to_points(score: npt.NDArray[np.floating]) -> PointsArray:
    """Return a score in [0, 1] as millionths, rounded to the nearest."""
    millionths = np.multiply(score, 1e6, dtype=np.float64)
    millionths += 0.5
    points: PointsArray = millionths.astype(np.int32)
    return points


def _forbid_block(
    rules: Sequence[LoweredRule], points: PointsArray, start: int, stop: int, compiled: bool
) -> None:
    block = points[start:stop]
    forbidden: BoolArray | None = None
    for rule in rules:
        forbidden = rule.mark(start, stop, block.shape[1], forbidden, compiled)
    if forbidden is not None:
        np.bitwise_xor(block, -forbidden.astype(np.int32), out=block)  # x ^ -1 is ~x


def part_matrix(criterion: Lowered, shape: tuple[int, int], compiled: bool) -> Parts:
    """Return one criterion's parts for all pairs, float32 (n, m)."""
    n, m = shape
    out: Parts = np.empty(shape, dtype=np.float32)
    height = rows_per_block(1, m)
    for start in range(0, n, height):
        stop = min(start + height, n)
        criterion.block(start, stop, out[start:stop], compiled)
    return out


def answered_matrix(
    criteria: Sequence[Lowered], weights: FloatArray, shape: tuple[int, int], compiled: bool
) -> npt.NDArray[np.float32]:
    """Return the share of each row's weight that was answered, float32 (n, m)."""
    n, m = shape
    out = np.empty(shape, dtype=np.float32)
    height = rows_per_block(1, m)
    part: Parts = np.empty((height, m), dtype=np.float32)
    whole = weights.sum(axis=1, keepdims=True)
    for start in range(0, n, height):
        stop = min(start + height, n)
        answered = np.zeros((stop - start, m))
        for position, criterion in enumerate(criteria):
            criterion.block(start, stop, part[: stop - start], compiled)
            known = part[: stop - start] == part[: stop - start]
            answered += np.where(known, weights[start:stop, position, None], 0.0)
        out[start:stop] = evidence_of(answered, whole[start:stop])
    return out


def evidence_of(answered: FloatArray, whole: FloatArray) -> npt.NDArray[np.float32]:
    """Return answered / whole weight, 0 where there is no weight at all."""
    share = np.divide(answered, whole, out=np.zeros_like(answered), where=whole > 0)
    return np.minimum(share, 1.0).astype(np.float32)


__all__ = ["Engine", "IntArray", "PointsArray", "Positions", "points_of", "weighted_mean"]
