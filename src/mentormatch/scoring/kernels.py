"""Compiled block scorers: the elementwise work of scoring, fused row by row.

The only file of this folder that imports numba; imported when scoring is large enough to pay for
it. Each kernel writes the same bits as the NumPy form in `lowered` (no fast math, the same order
of operations) and releases the GIL, so that threads share the rows.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.extending import intrinsic

TILE = 1024
"""Columns combined at a time, so that the running sums stay in the first-level cache."""


_warned = False


def _compiled(function: Any) -> Any:
    """Compile when first called, with a cache, or without one where no directory can hold it."""
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError as error:
        if "locator" not in str(error):
            raise
        _warn_once()
        return numba.njit(nogil=True, error_model="numpy")(function)


def _warn_once() -> None:
    global _warned
    if _warned:
        return
    _warned = True
    warnings.warn(
        "No directory is writable for compiled code, so it is compiled anew in every process. "
        "Set NUMBA_CACHE_DIR to a writable directory.",
        RuntimeWarning,
        stacklevel=4,
    )


@intrinsic
def _popcount(context: Any, word: Any) -> Any:
    """Count the set bits of a uint64 (one instruction, vectorised where the machine can)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return numba.uint64(numba.uint64), generate


@_compiled
def cover_rows(indptr, kinds, units, offered, total, size, start, stop, out):  # type: ignore[no-untyped-def]
    """out[i - start, j] = sum_e units[e] * offered[kinds[e], j] / total[i]; see `Counts`."""
    m = out.shape[1]
    count = np.empty(m, dtype=np.int32)
    for i in range(start, stop):
        row = out[i - start]
        if not total[i] > 0:
            row[:] = np.nan
            continue
        _count(indptr[i], indptr[i + 1], kinds, units, offered, count)
        everything = total[i]
        for j in range(m):
            row[j] = np.float32(count[j]) / (everything + size[j])


@_compiled
def jaccard_rows(indptr, kinds, units, offered, total, size, start, stop, out):  # type: ignore[no-untyped-def]
    """out[i - start, j] = count / (total[i] + size[j] - count); see `Counts`."""
    m = out.shape[1]
    count = np.empty(m, dtype=np.int32)
    for i in range(start, stop):
        row = out[i - start]
        if not total[i] >= 0:
            row[:] = np.nan
            continue
        _count(indptr[i], indptr[i + 1], kinds, units, offered, count)
        mine = total[i]
        for j in range(m):
            both = np.float32(count[j])
            row[j] = both / ((mine + size[j]) - both)


@_compiled
def _count(first, last, kinds, units, offered, count):  # type: ignore[no-untyped-def]
    count[:] = 0
    for entry in range(first, last):
        unit = units[entry]
        have = offered[kinds[entry]]
        if unit == 1:
            for j in range(count.shape[0]):
                count[j] += np.int32(have[j])
        else:
            for j in range(count.shape[0]):
                count[j] += unit * np.int32(have[j])


@_compiled
def week_rows(mentees, mentors, quarters, full, given_mentees, given_mentors, start, stop, out):  # type: ignore[no-untyped-def]
    """out[i - start, j] = min(quarter hours both can in the worst week, full) / full."""
    weeks, words, m = mentors.shape
    both = np.empty(m, dtype=np.int32)
    fewest = np.empty(m, dtype=np.int32)
    for i in range(start, stop):
        row = out[i - start]
        if not given_mentees[i]:
            row[:] = np.nan
            continue
        for week in range(weeks):
            both[:] = 0
            for word in range(words):
                mine = mentees[i, week, word]
                if mine != 0:
                    theirs = mentors[week, word]
                    each = quarters[week, word]
                    for j in range(m):
                        shared = np.int32(_popcount(mine & theirs[j]))  # type: ignore[call-arg]
                        both[j] += each * shared
            if week == 0:
                fewest[:] = both
            else:
                for j in range(m):
                    fewest[j] = min(fewest[j], both[j])
        for j in range(m):
            hours = min(np.float32(fewest[j]), full) / full
            row[j] = hours if given_mentors[j] else np.float32(np.nan)


@_compiled
def band_rows(mentees, mentors, ideal, tolerance, start, stop, out):  # type: ignore[no-untyped-def]
    """out[i - start, j] = max(0, 1 - |mentors[j] - mentees[i] - ideal| / tolerance)."""
    m = out.shape[1]
    for i in range(start, stop):
        row = out[i - start]
        mine = mentees[i]
        for j in range(m):
            part = 1.0 - abs((mentors[j] - mine) - ideal) / tolerance
            row[j] = np.float32(0.0 if part < 0.0 else part)  # NaN stays NaN


@_compiled
def listed_rows(keys, values, given_mentees, given_mentors, start, stop, out):  # type: ignore[no-untyped-def]
    """out[i - start, j] = the listed value, else 0 if either listed anybody, else NaN."""
    m = out.shape[1]
    nothing = np.where(given_mentors, np.float32(0), np.float32(np.nan))
    for i in range(start, stop):
        row = out[i - start]
        if given_mentees[i]:
            row[:] = 0
        else:
            row[:] = nothing
    for k in range(keys.shape[0]):
        out[keys[k] // m - start, keys[k] % m] = values[k]


@_compiled
def combine_rows(parts, weights, prior, points):  # type: ignore[no-untyped-def]
    """points = millionths of the weighted mean of the answered parts.

    parts : float32 (criteria, rows, m);  weights : float64 (rows, criteria)
    Three criteria are summed in one pass, one after the other: the order is that of the criteria.
    """
    criteria, rows, m = parts.shape
    gained = np.empty(TILE, dtype=np.float64)
    answered = np.empty(TILE, dtype=np.float64)
    for i in range(rows):
        for left in range(0, m, TILE):
            width = min(TILE, m - left)
            gained[:] = 0.0
            answered[:] = 0.0
            c = 0
            while c + 3 <= criteria:
                w0, w1, w2 = weights[i, c], weights[i, c + 1], weights[i, c + 2]
                p0 = parts[c, i, left : left + width]
                p1 = parts[c + 1, i, left : left + width]
                p2 = parts[c + 2, i, left : left + width]
                for j in range(width):
                    k0, k1, k2 = p0[j] == p0[j], p1[j] == p1[j], p2[j] == p2[j]
                    sum_ = gained[j] + (w0 * np.float64(p0[j]) if k0 else 0.0)
                    sum_ += w1 * np.float64(p1[j]) if k1 else 0.0
                    gained[j] = sum_ + (w2 * np.float64(p2[j]) if k2 else 0.0)
                    known = answered[j] + (w0 if k0 else 0.0)
                    known += w1 if k1 else 0.0
                    answered[j] = known + (w2 if k2 else 0.0)
                c += 3
            while c < criteria:
                weight = weights[i, c]
                part = parts[c, i, left : left + width]
                for j in range(width):
                    known = part[j] == part[j]
                    gained[j] += weight * np.float64(part[j]) if known else 0.0
                    answered[j] += weight if known else 0.0
                c += 1
            row = points[i, left : left + width]
            for j in range(width):
                mean = gained[j] / answered[j] if answered[j] > 0.0 else prior
                row[j] = np.int32(mean * 1e6 + 0.5)


def cached() -> bool:
    """Whether compiled code from an earlier process is there to be loaded."""
    stats = getattr(combine_rows, "_cache", None)
    folder = getattr(stats, "cache_path", None)
    return folder is not None and any(Path(folder).glob("kernels.combine_rows-*.nbi"))


if not cached():
    logging.getLogger("mentormatch").info(
        "Compiling the scoring kernels for this machine, once: about ten seconds."
    )
