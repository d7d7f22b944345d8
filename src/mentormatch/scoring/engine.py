"""The engine of scoring: blocks of rows through lowered criteria into one integer matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from mentormatch.memory import new_array
from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray
from mentormatch.scoring.lowered import Lowered, Parts, Positions
from mentormatch.scoring.threads import COMPILE_FROM, in_threads, threads_for

if TYPE_CHECKING:
    from mentormatch.scoring.rules import LoweredRule
    from mentormatch.solvers.source import Source

PointsArray: TypeAlias = npt.NDArray[np.int32]
Points = TypeVar("Points", np.int32, np.int64)
Engine: TypeAlias = Literal["auto", "numpy", "numba"]

MILLION = 1_000_000
HALF_ULP = 2.0**-24
"""A float32 is so far, in parts of itself, from what it stands for at most."""
FINE = 2.0**20
"""Steps of a part in which means over a row are summed."""
BLOCK_BYTES = 2**20
"""Bytes of parts per block and thread: small enough for the second-level cache."""
FEWER_PAIRS = (
    "Give more with memory='...', or hand over the pairs that may be matched alone: "
    "Scores.from_pairs."
)
BY_PAIR = "Ask for single pairs: scores.at(rows, columns), scores.block(rows)."


def rows_per_block(criteria: int, m: int, block_bytes: int = BLOCK_BYTES) -> int:
    """Return how many rows of m pairs keep all their parts within the budget (at least one)."""
    return max(1, block_bytes // max(1, 4 * m * max(1, criteria)))


@dataclass(frozen=True, eq=False)
class Scored:
    """What one pass over all pairs gives.

    points : int32 (n, m), millionths of the score, ``~points`` where a rule forbids the pair; of a
        question that a mentee left blank, nothing is counted yet.
    means : float64 (n, criteria), what the mentors who answered mean to each mentee, 0 where none
        does; a mentor's blank counts as much.
    blank : bool (n, criteria), where the mentee left the question blank.
    kept : float32 (criteria, rows, m), the filled parts of the rows that were asked for.
    source : where points are read from that are no matrix.
    """

    points: PointsArray
    means: FloatArray
    blank: BoolArray
    kept: Parts
    source: Source | None = None

    def read(self, rows: Positions) -> PointsArray:
        """Return int32 (k, m): the points of some mentees."""
        return self.points[rows] if self.source is None else self.source.read(rows)


def scored(
    criteria: Sequence[Lowered],
    weights: FloatArray,
    rules: Sequence[LoweredRule],
    shape: tuple[int, int],
    *,
    prior: float,
    neutral: bool = True,
    keep: Positions | None = None,
    engine: Engine = "auto",
    threads: int | None = None,
    block_bytes: int = BLOCK_BYTES,
    limit: int | None = None,
) -> Scored:
    """Score all pairs, block by block.

    Parameters
    ----------
    weights
        (n, criteria), each mentee's weights.
    shape
        n mentees, m mentors.
    prior
        Score of a pair about which there is nothing to count.
    neutral
        Whether a mentor's blank counts as the mean of those who answered; else a criterion that
        is not answered drops out of the pair's mean.
    keep
        Ascending rows whose parts are kept.
    engine, threads, block_bytes
        How, not what: the points are the same bits for all of them.
    limit
        Most bytes that the points may take; None: half of what is free.

    Raises
    ------
    TooLargeError
        If they would take more; before anything is computed.

    Notes
    -----
    Memory: the points, and per thread one block of parts (`block_bytes`).
    """
    n, m = shape
    keep = np.zeros(0, dtype=np.int64) if keep is None else keep
    made = Scored(
        new_array("The scores", shape, np.int32, FEWER_PAIRS, limit),
        np.zeros((n, len(criteria))),
        np.zeros((n, len(criteria)), dtype=bool),
        np.empty((len(criteria), len(keep), m), dtype=np.float32),
    )
    compiled = engine == "numba" or (engine == "auto" and n * m > COMPILE_FROM)
    height = rows_per_block(len(criteria), m, block_bytes)
    starts = range(0, n, height)

    def work(mine: Sequence[int]) -> None:
        parts: Parts = np.empty(len(criteria) * height * m, dtype=np.float32)
        for start in mine:
            stop = min(start + height, n)
            size = len(criteria) * (stop - start) * m
            block = parts[:size].reshape(len(criteria), stop - start, m)  # always contiguous
            for criterion, part in zip(criteria, block, strict=True):
                criterion.block(start, stop, part, compiled)
            rows = slice(start, stop)
            told = made.points[rows], made.means[rows], made.blank[rows]
            combine(block, weights[rows], prior, neutral, told, compiled)
            first, last = np.searchsorted(keep, (start, stop))
            if first < last:
                chosen = keep[first:last] - start
                keep_parts(block, chosen, made.means[rows], made.kept, first, compiled)
            forbid(rules, made.points[rows], start, stop, compiled)

    in_threads(work, starts, threads_for(threads, n * m))
    return made


def combine(
    block: Parts,
    weights: FloatArray,
    prior: float,
    neutral: bool,
    told: tuple[PointsArray, FloatArray, BoolArray],
    compiled: bool,
) -> None:
    """Write points, and what `neutral` needs: means and blanks, of a block of rows.

    Parameters
    ----------
    block
        (criteria, rows, m), NaN where unanswered.
    weights
        (rows, criteria).
    told
        What is written: points (rows, m), means and blanks (rows, criteria).
    """
    points, means, blank = told
    if neutral and compiled:
        from mentormatch.scoring import kernels

        kernels.mean_rows(block, means, blank)
        kernels.sum_rows(block, weights, means, prior, points)
    elif neutral:
        means[:], blank[:] = row_means(block)
        filled = filled_parts(np.moveaxis(block, 0, -1), means[:, None, :])
        points[:] = to_points(weighted_sum(filled, weights[:, None, :], prior))
    elif compiled:
        from mentormatch.scoring import kernels

        kernels.combine_rows(block, weights, prior, points)
    else:
        points[:] = to_points(weighted_mean(np.moveaxis(block, 0, -1), weights[:, None, :], prior))


def keep_parts(
    block: Parts, rows: Positions, means: FloatArray, kept: Parts, first: int, compiled: bool
) -> None:
    """Write the filled parts of some rows of a block into `kept`, from place `first` on."""
    if compiled:
        from mentormatch.scoring import kernels

        kernels.keep_rows(block, rows, means, kept, int(first))
        return
    known = block[:, rows]
    filled = means[rows].T[:, :, None].astype(np.float32)
    kept[:, first : first + len(rows)] = np.where(known == known, known, filled)


def row_means(parts: Parts) -> tuple[FloatArray, BoolArray]:
    """Return (mean over the answered parts of each row, whether there is none); 0 if all are.

    Parameters
    ----------
    parts
        (criteria, rows, m), NaN where unanswered.

    Returns
    -------
    float64 (rows, criteria), bool (rows, criteria)

    Notes
    -----
    Summed in steps of 2**-20, in integers: the order of the mentors has no influence.
    """
    known = parts == parts
    steps = np.where(known, parts, np.float32(0)).astype(np.float64) * FINE + 0.5
    total = np.floor(steps).astype(np.int64).sum(axis=2, where=known).T
    count = known.sum(axis=2).T
    means = np.where(count < parts.shape[2], total / np.maximum(count, 1) / FINE, 0.0)
    return means, count == 0


def filled_parts(parts: Parts, counted: FloatArray) -> FloatArray:
    """Return float64 parts with what an unanswered one counts as in its place."""
    filled: FloatArray = np.where(parts == parts, parts.astype(np.float64), counted)
    return filled


def weighted_sum(values: FloatArray, weights: FloatArray, prior: float) -> FloatArray:
    """Return the weighted mean of values (..., criteria), `prior` where all weights are 0.

    Notes
    -----
    Summed in the order of the criteria, in float64: the same bits for a block and for a pair.
    """
    gained, whole = np.zeros(values.shape[:-1]), np.zeros(weights.shape[:-1])
    for criterion in range(values.shape[-1]):
        gained += weights[..., criterion] * values[..., criterion]
        whole += weights[..., criterion]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: FloatArray = np.where(whole > 0, gained / whole, prior)
    return mean


def plain(points: npt.NDArray[Points]) -> npt.NDArray[Points]:
    """Return points whatever the rules say."""
    return np.where(points < 0, ~points, points)


def bar(points: PointsArray, mentee: int, mentor: int) -> None:
    """Make a pair inadmissible, if it is not so already; its score stays to be read."""
    points[mentee, mentor] = min(points[mentee, mentor], ~points[mentee, mentor])


def add_to_rows(points: PointsArray, more: npt.NDArray[np.int32]) -> None:
    """Add points (n,) to the score of every pair of a row, admissible or not; 1 is the most."""
    if points.size > COMPILE_FROM:
        from mentormatch.scoring import kernels

        kernels.shift_rows(points, more, np.int32(MILLION))
        return
    for start in range(0, len(points), 256):
        block, extra = points[start : start + 256], more[start : start + 256, None]
        if not extra.any():
            continue
        sign = block >> 31  # -1 where forbidden, else 0
        np.bitwise_xor(np.minimum((block ^ sign) + extra, MILLION), sign, out=block)


def weighted_mean(parts: Parts, weights: FloatArray, prior: float) -> FloatArray:
    """Return the weighted mean over the answered parts, `prior` where there is none.

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
        mean: FloatArray = np.where(answered > 0, gained / answered, prior)
    return mean


def to_points(score: npt.NDArray[np.floating]) -> PointsArray:
    """Return a score in [0, 1] as millionths, rounded to the nearest."""
    millionths = np.multiply(score, 1e6, dtype=np.float64)
    millionths += 0.5
    points: PointsArray = millionths.astype(np.int32)
    return points


def forbid(
    rules: Sequence[LoweredRule], block: PointsArray, start: int, stop: int, compiled: bool
) -> None:
    """Make the points of forbidden pairs of rows start:stop negative."""
    forbidden: BoolArray | None = None
    for rule in rules:
        forbidden = rule.mark(start, stop, block.shape[1], forbidden, compiled)
    if forbidden is not None:
        np.bitwise_xor(block, -forbidden.astype(np.int32), out=block)  # x ^ -1 is ~x


def part_matrix(criterion: Lowered, shape: tuple[int, int], compiled: bool) -> Parts:
    """Return one criterion's parts for all pairs, float32 (n, m)."""
    n, m = shape
    out: Parts = new_array("The parts", shape, np.float32, BY_PAIR)
    height = rows_per_block(1, m)
    for start in range(0, n, height):
        stop = min(start + height, n)
        criterion.block(start, stop, out[start:stop], compiled)
    return out


def answered_matrix(
    criteria: Sequence[Lowered],
    weights: FloatArray,
    whole: FloatArray,
    shape: tuple[int, int],
    compiled: bool,
) -> npt.NDArray[np.float32]:
    """Return the share of each row's weight that was answered, float32 (n, m).

    Parameters
    ----------
    weights
        (n, criteria), 0 where the mentee left the question blank.
    whole
        (n,), each mentee's weights together.
    """
    n, m = shape
    out: Parts = new_array("The shares answered", shape, np.float32, BY_PAIR)
    height = rows_per_block(1, m)
    part: Parts = np.empty((height, m), dtype=np.float32)
    for start in range(0, n, height):
        stop = min(start + height, n)
        answered = np.zeros((stop - start, m))
        for position, criterion in enumerate(criteria):
            criterion.block(start, stop, part[: stop - start], compiled)
            known = part[: stop - start] == part[: stop - start]
            answered += np.where(known, weights[start:stop, position, None], 0.0)
        out[start:stop] = evidence_of(answered, whole[start:stop, None])
    return out


def evidence_of(answered: FloatArray, whole: FloatArray) -> npt.NDArray[np.float32]:
    """Return answered / whole weight, 0 where there is no weight at all."""
    share = np.divide(answered, whole, out=np.zeros_like(answered), where=whole > 0)
    return np.minimum(share, 1.0).astype(np.float32)


__all__ = ["Engine", "IntArray", "PointsArray", "Positions", "scored", "weighted_mean"]
