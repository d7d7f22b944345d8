"""Make an assignment keep side rows, and raise its total while it does: exchanges of a few people.

Wraps the kernel `exchange_kernels.anneal`. Side rows are two-sided sums over pairs; what a row is
outside its bounds is weighed against the points lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program, pairs_of
from mentormatch.solvers.rows.bands import Band
from mentormatch.solvers.rows.kinds import mended
from mentormatch.solvers.rows.table import RowTable

__all__ = ["HOT", "LIKED", "Rows", "kept_near", "most_steps", "nearest", "search", "worth"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_BOUND = 1 << 62
MATCHED = 3.0
"""What a person outside a row costs, and what being matched is worth, in top points."""
COLDER = 0.01
"""Last temperature as a part of the first."""
BLOCK = 50_000
"""Pairs that are looked at together."""
LIKED, HOT = 8, 3e-3
"""Mentors tried for each mentee, and the first temperature, where pairs are only to be mended."""
ROUNDS = 3
"""Searches for pairs that keep all rows, each from where the one before ended."""
STEPS, STEPS_EACH = 300_000, 100
"""Exchanges per round, at least and per mentee."""


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

    @classmethod
    def of_program(cls, program: Program) -> Rows | None:
        """Return every row of a programme, None where one lists pairs or has extra variables."""
        rows, (n, m) = program.rows, program.shape
        if any(row.pairs is not None or row.extra for row in rows):
            return None
        u = np.array([row.mentee for row in rows], dtype=np.int64).reshape(len(rows), n).T
        v = np.array([row.mentor for row in rows], dtype=np.int64).reshape(len(rows), m).T
        return cls(
            np.ascontiguousarray(u), np.ascontiguousarray(v), np.array([r.scored for r in rows]),
            _within([-np.inf if row.least is None else ceil(row.least) for row in rows]),
            _within([np.inf if row.most is None else floor(row.most) for row in rows]),
            np.abs(u).max(axis=0, initial=1) * np.abs(v).max(axis=0, initial=1).astype(float),
        )  # fmt: skip

    def needed(self, program: Program, at: Ints) -> Floats:
        """Return float (n, m): by how much pairs would mend the rows that an assignment breaks."""
        rows = np.flatnonzero(at >= 0)
        counted = self.u[rows] * self.v[at[rows]]
        points = program.points
        counted *= np.where(self.scored, points[rows, at[rows]][:, None], 1)
        amount = counted.sum(axis=0)
        pull = np.sign(self.low - amount).clip(min=0) - np.sign(amount - self.high).clip(min=0)
        pull = np.where(self.scored, 0, pull) / self.unit
        use = np.flatnonzero(pull)
        need: Floats = (self.u[:, use] * pull[use]) @ self.v[:, use].T.astype(float)
        return need

    def with_table(self, table: RowTable) -> Rows:
        """Return these rows and those of a programme that are two vectors each."""
        if not table.wide.size:
            return self
        low, high = table.least[table.wide], table.most[table.wide]
        return Rows(
            np.ascontiguousarray(np.hstack([self.u, table.mentee])),
            np.ascontiguousarray(np.hstack([self.v, table.mentor])),
            np.append(self.scored, table.scored[table.wide]),
            np.append(self.low, _within(low)), np.append(self.high, _within(high)),
            np.append(self.unit, np.abs(table.mentee).max(axis=0, initial=1)),
        )  # fmt: skip


def _within(bound: Floats | Sequence[float]) -> Ints:
    return np.clip(
        np.nan_to_num(bound, posinf=NO_BOUND, neginf=-NO_BOUND), -NO_BOUND, NO_BOUND
    ).astype(np.int64)


def most_steps(n: int) -> int:
    """Return how many exchanges are tried among so many mentees."""
    return max(STEPS, STEPS_EACH * n)


def worth(points: NDArray[np.int32], at: Ints) -> int:
    """Return the sum of points of an assignment."""
    rows = np.flatnonzero(at >= 0)
    return int(points[rows, at[rows]].sum(dtype=np.int64))


def nearest(points: NDArray[np.int32], price: Ints, count: int) -> Ints:
    """Return int64 (n, count): everybody's mentors of most points less price, best first, -1 none.

    A few mentees at a time, so that no copy of all pairs is made.
    """
    n, m = points.shape
    count = min(count, m)
    likes = np.full((n, count), -1, dtype=np.int64)
    step = max(1, BLOCK // max(m, 1))
    for begin in range(0, n if count else 0, step):
        part = points[begin : begin + step]
        short = np.where(part >= 0, price - part, NO_BOUND)
        few = np.argpartition(short, count - 1, axis=1)[:, :count]
        value = np.take_along_axis(short, few, axis=1)
        order = np.argsort(value, axis=1, kind="stable")
        few = np.take_along_axis(few, order, axis=1)
        able = np.take_along_axis(value, order, axis=1) < NO_BOUND
        likes[begin : begin + step] = np.where(able, few, -1)
    return likes


def search(
    program: Program,
    at: Ints,
    rows: Rows,
    likes: Ints,
    seed: int,
    *,
    penalty: float = 1.0,
    hot: float = 0.02,
    steps: int | None = None,
) -> Ints | None:
    """Look for an assignment that keeps all rows and has many points; None if none is met.

    Parameters
    ----------
    program
        n mentees, m mentors; its own rows are not looked at.
    at : int64 (n,)
        Where to start: within seats and minimum loads, not necessarily within the rows.
    rows
        What must hold.
    likes : int64 (n, k)
        Mentors to try, the most promising first, padded with -1: see `nearest`.
    seed
        In [1, 2**32).
    penalty
        Points lost per point outside a row; a person outside costs three times the top point.
    hot
        First temperature, in top points; the last is a hundredth of it.
    steps
        Exchanges tried; default: `STEPS`, or `STEPS_EACH` per mentee if that is more.

    Notes
    -----
    Time O(steps * rows); the answer depends on nothing but the arguments.
    """
    return _searched(program, at, rows, likes, seed, penalty=penalty, hot=hot, steps=steps)[0]


def _searched(
    program: Program, at: Ints, rows: Rows, likes: Ints, seed: int, *, penalty: float = 1.0,
    hot: float = 0.02, steps: int | None = None,
) -> tuple[Ints | None, Ints]:  # fmt: skip
    """Return what `search` returns, and the assignment where it ended."""
    from mentormatch.solvers.exchange_kernels import Course, Rules, anneal

    n, m = program.shape
    if likes.size == 0:  # nobody to choose from
        return (at if ((rows.low <= 0) & (rows.high >= 0)).all() else None), at
    steps = most_steps(n) if steps is None else steps
    top = max(int(program.points.max(initial=0)), 1)
    weight = np.where(rows.scored, penalty, MATCHED * top) / rows.unit
    seats, least = np.minimum(program.capacity, n), program.min_load
    load = np.bincount(at[at >= 0], minlength=m)
    if (load > seats).any() or (load < least).any():
        raise ValueError("at must start within capacity and min_load.")
    found, last, ok, _ = anneal(
        program.points, np.full(n, MATCHED * top), at, seats, least, likes,
        Rules(rows.u, rows.v, rows.scored, rows.low, rows.high, weight),
        Course(float(hot * top), float(COLDER * hot * top), int(steps), int(seed)),
    )  # fmt: skip
    return (found if ok else None), last


def kept_near(program: Program, pairs: Pairs, budget: Budget) -> Pairs | None:
    """Return pairs that keep a programme, made from pairs that keep all but its rows, or None.

    Exchanges of people bring rows within their bounds and leave nobody out, also where every seat
    is taken. What lists pairs, gives several mentors, or lacks minimum loads, as a flow that ran
    out of time may, is repaired; so is what exchanges leave broken.
    """
    load = np.bincount(pairs[1], minlength=program.shape[1])
    if program.several or (load < program.min_load).any():
        return mended(program, pairs, budget)
    start, found = program.mentors_of(*pairs), None
    if program.only_bands:
        rows: Rows | None = Rows.of_bands(program.points, program.bands, pairs[0].size)
    else:
        rows = Rows.of_program(program)
    for seed in range(1, 1 + ROUNDS):
        if rows is None or (seed > 1 and budget.late()):
            break
        found, last = _searched(
            program, start, rows, _promising(program, start, rows), seed, hot=HOT
        )
        if found is not None and program.holds(*pairs_of(found)):
            return pairs_of(found)
        start = last
    return mended(program, pairs_of(start), budget)


def _promising(program: Program, at: Ints, rows: Rows) -> Ints:
    """Return the mentors to try for everybody: those whom broken rows need her at, and the best."""
    none = np.zeros(program.shape[1], dtype=np.int64)
    if program.only_bands:
        return nearest(program.points, none, LIKED)
    top = max(int(program.points.max(initial=0)), 1)
    most = np.iinfo(np.int32).max // 2
    pulled = np.clip(program.points + MATCHED * top * rows.needed(program, at), 0, most)
    shown = np.where(program.points >= 0, pulled, -1).astype(np.int32)
    half = LIKED // 2
    return np.hstack([nearest(shown, none, half), nearest(program.points, none, half)])
