"""Parity of shares and of means on large problems: prices per group over the flow kernel.

Every band keeps the outcomes of disjoint groups close together: matched shares, or mean points
with the unmatched at 0. Priced into the pairs, what remains is one flow,

    f(mu) = max over assignments x of value(x) - sum of mu[g] * outcome_g(x),

and f(mu) + support(mu), the support being the largest sum of mu[g] * y[g] that the bands allow,
bounds every assignment that keeps the bands. Cutting planes in a trust region minimise the bound;
the assignments met on the way are repaired by exchanges of single mentees until they keep the
bands.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign
from mentormatch.solvers.exchanges import Rows, search

__all__ = ["Band", "Priced", "exchange", "fold", "master", "outcomes", "solve_priced"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MILLION = 1_000_000
NEIGHBOURS = 150
"""How many mentees an exchange looks at on either side, drawn at random where there are more."""
RESTS = 6
"""Steps for which mentees who have just changed places are left alone, so that no step undoes
another."""
COUNTS_FIRST = 30.0
"""Weight of shares against means once the shares hold."""
LOSS_WEIGHT = 0.003
"""Violation that repairing may leave for a score lost: groups are large, so it is little."""

POLISH_BELOW = 0.05
"""Gap from which a repaired assignment is worth polishing."""
SEARCHED = 1_000_000
"""Below so many pairs, compiled exchanges look at everything in turn (`exchanges.search`)."""
FAR = 0.1
"""Violation (in shares or scores) beyond which no repair is tried."""
BLOCK = 50_000
"""Pairs that are scaled at once."""


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
    """

    group: Ints
    size: Ints
    offset: Ints
    scored: bool = False
    within: Fraction | None = None
    ratio: Fraction | None = None
    least: Fraction | None = None

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

    @property
    def unit(self) -> float:
        """What a violation is measured in: 1 for shares, points per score for means."""
        return float(MILLION) if self.scored else 1.0

    def apart(self, means: Floats) -> Floats:
        """How far all pairs of groups are outside the band together; 0 inside."""
        total = np.zeros(means.shape[0])
        if self.least is not None:
            below = np.maximum(float(self.least) - means, 0).sum(axis=1)
            return np.asarray(below / self.unit, dtype=np.float64)
        for g in range(means.shape[1]):
            for h in range(means.shape[1]):
                if self.within is not None:
                    over = means[:, g] - means[:, h] - float(self.within)
                else:
                    over = float(self.ratio or 0) * means[:, g] - means[:, h]
                total += np.maximum(over, 0)
        return total / self.unit

    def violation(self, means: Floats, margin: float = 0.0) -> Floats:
        """How far means (k, g) are outside the band, in units; 0 inside."""
        low, high = means.min(axis=1), means.max(axis=1)
        if self.least is not None:
            return np.asarray(np.maximum(float(self.least) - low, 0) / self.unit, dtype=np.float64)
        if self.within is not None:
            over = high - low - float(self.within) * (1 - margin)
            return np.asarray(np.maximum(over, 0) / self.unit, dtype=np.float64)
        assert self.ratio is not None
        tight = float(self.ratio) + margin * (1 - float(self.ratio))
        return np.asarray(np.maximum(tight * high - low, 0) / self.unit, dtype=np.float64)

    def support(self, price: Floats) -> float:
        """Largest sum of price * outcome that the band allows (prices as the master gives)."""
        if self.least is not None:  # prices are negative: a subsidy per group
            return float(self.least) * float(price.sum())
        if self.within is not None:  # prices sum to 0: only the spread matters
            return float(self.within) * float(np.maximum(price, 0).sum())
        assert self.ratio is not None
        up, down = np.maximum(price, 0).sum(), np.maximum(-price, 0).sum()
        return max(0.0, float(up - float(self.ratio) * down)) * self.unit


@dataclass(frozen=True, eq=False)
class Priced:
    """The best assignment found that keeps the bands, and the bound.

    mentor_of : int64 (n,), all -1 if none was found.
    objective, bound : int, of `row_bonus` and points;  status : "optimal", "time_limit".
    solves : int, flows solved;  prices : one array per band.
    """

    mentor_of: Ints
    objective: int
    bound: int
    status: str
    found: bool
    solves: int
    prices: tuple[Floats, ...]


def solve_priced(
    points: NDArray[np.int32],
    capacity: Ints,
    bands: Sequence[Band],
    *,
    row_bonus: Ints,
    min_load: Ints | None = None,
    gap: float = 1e-3,
    most_solves: int = 40,
    time_limit: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> Priced:
    """Maximise value under bands, with a certified gap.

    Parameters
    ----------
    points, capacity, row_bonus, min_load, time_limit, progress
        As for `assign`.
    bands
        What the groups' outcomes must keep.
    gap
        Stop at this gap, relative to the points alone.
    most_solves
        Stop after so many flows.

    Notes
    -----
    Values are rounded up once prices are in, so that the bound stays valid in integers.

    References
    ----------
    .. [1] Fisher (1981), Management Science 27(1).
    """
    deadline = None if time_limit is None else time.perf_counter() + time_limit
    task = _Search(points, capacity, tuple(bands), row_bonus, min_load)
    task.target = gap
    centre = np.zeros(task.dimension)
    solves = 0
    while solves < most_solves:
        improved = task.evaluate(centre if solves == 0 else task.trial)
        solves += 1
        task.look_around()
        if progress is not None:
            progress(solves / most_solves)
        if task.gap() <= gap:
            break
        if deadline is not None and time.perf_counter() > deadline:
            break
        if not task.next_trial(improved):
            break
    found = task.best is not None
    best = task.best if task.best is not None else np.full(points.shape[0], -1)
    close = found and task.gap() <= gap
    return Priced(
        best.astype(np.int64),
        task.value if found else 0,
        max(int(np.ceil(task.bound)), task.value if found else 0),
        "optimal" if close else "time_limit",
        found,
        solves,
        tuple(split(bands, task.centre)),
    )


def scale(points: NDArray[np.int32], factor: Floats, out: NDArray[np.int32]) -> Floats:
    """Multiply each row of points by a factor, rounded up, and raise it to 0 where it is negative.

    Writes the points, -1 where they were negative, to `out`; returns what each row was raised by,
    as a number <= 0. A few rows at a time, so that they stay in the cache.
    """
    n, m = points.shape
    low = np.zeros(n)
    rows = max(1, BLOCK // max(m, 1))
    for at in range(0, n, rows):
        part = slice(at, at + rows)
        line = points[part]
        value = line * factor[part, None]
        np.ceil(value, out=value)
        if (factor[part] < 0).any():
            low[part] = np.minimum(value.min(axis=1, where=line >= 0, initial=0), 0)
            value -= low[part, None]
        out[part] = value
        out[part] |= line >> 31  # -1 where the points are negative, without a branch
    return low


def split(bands: Sequence[Band], price: Floats) -> list[Floats]:
    """Return each band's part of the prices."""
    return np.split(price, np.cumsum([band.size.size for band in bands])[:-1]) if bands else []


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


class _Search:
    """Bundle of cuts, trust region, and the best assignment so far."""

    def __init__(
        self,
        points: NDArray[np.int32],
        capacity: Ints,
        bands: tuple[Band, ...],
        row_bonus: Ints,
        min_load: Ints | None,
    ) -> None:
        self.points, self.capacity, self.bands = points, capacity, bands
        self.row_bonus = row_bonus
        self.min_load = min_load if min_load is not None and min_load.any() else None
        self.dimension = sum(band.size.size for band in bands)
        self.cuts: list[tuple[float, Floats]] = []  # (value, outcomes) of each assignment met
        self.centre = np.zeros(self.dimension)
        self.trial = self.centre
        self.bound = np.inf
        self.best: Ints | None = None
        self.value = -(1 << 62)
        self.last: Assignment | None = None
        self.priced: NDArray[np.int32] | None = None
        self.target = 0.0
        self.mentor_of = np.zeros(0, dtype=np.int64)
        self.shift = 0.0
        self.radius = 0.0
        self.margin = 0.04
        self.route = "dense" if points.size >= 10_000 else "auto"
        self.rng = np.random.default_rng(0)

    def gap(self) -> float:
        if self.best is None:
            return np.inf
        rows = np.flatnonzero(self.best >= 0)
        total = float(self.points[rows, self.best[rows]].sum(dtype=np.int64))
        return float((self.bound - self.value) / max(total, 1.0))

    def worth(self, mentor_of: Ints) -> int:
        rows = np.flatnonzero(mentor_of >= 0)
        total = int(self.points[rows, mentor_of[rows]].sum(dtype=np.int64))
        return total + sum(int(b) for b in self.row_bonus[rows].tolist())

    def evaluate(self, price: Floats) -> bool:
        """Solve the flow at these prices; True if the bound fell enough."""
        factor, fee, constant, support = fold(self.bands, price, self.points.shape[0])
        top = self.points.max(initial=0) * np.abs(factor).max(initial=0)
        if top >= 2**31 - 1 or np.abs(fee).max(initial=0) >= 2**53:
            return False  # prices beyond what integers hold: the region shrinks
        if self.priced is None:
            self.priced = np.empty_like(self.points)
        priced = self.priced
        low = scale(self.points, factor, priced)
        bonus = self.row_bonus + np.ceil(low - fee).astype(np.int64)
        solution = assign(
            priced, self.capacity, row_bonus=bonus, min_load=self.min_load, route=self.route,
            start=self.last,
        )  # fmt: skip
        self.last = solution
        self.mentor_of = solution.mentor_of
        bound = solution.bound + constant + support
        real = float(self.worth(self.mentor_of))
        if not self.cuts:
            self.shift = real
            self.radius = 0.05
        self.cuts.append((real - self.shift, outcomes(self.bands, self.mentor_of, self.points)))
        before = self.bound
        if bound < self.bound:
            self.bound = bound
            self.centre = price
        return (
            bool(bound < before - 0.1 * max(before - self.model, 0.0)) if before < np.inf else True
        )

    model = -np.inf  # what the cuts promised at the last trial

    def _price_scale(self) -> Floats:
        """Prices at which a group counts nothing: its people, times a score where counted."""
        top = max(float(self.points.max(initial=0)), 1.0)
        return np.concatenate([b.size * (1.0 if b.scored else top) for b in self.bands])

    def next_trial(self, improved: bool) -> bool:
        """Minimise the cuts plus the support within the trust region; False if nothing is left."""
        self.radius *= 1.5 if improved else 0.5
        scale = self._price_scale()
        trial, promised = master(
            self.bands, self.cuts, self.centre, self.radius * scale, self.margin
        )
        if trial is None:
            return False
        self.model = promised + self.shift
        self.trial = trial
        return bool(self.radius > 1e-7)

    def look_around(self) -> None:
        """Repair the assignment of the last flow, and remember it if it is the best."""
        reached = outcomes(self.bands, self.mentor_of, self.points)
        far = sum(
            float(band.violation(mean[None])[0])
            for band, mean in zip(self.bands, split(self.bands, reached), strict=True)
        )
        if far > FAR:
            return
        repaired = (
            self.searched()
            if self.points.size < SEARCHED
            else exchange(self.points, self.mentor_of, self.bands, self.rng)
        )
        if repaired is None:
            return
        value = self.worth(repaired)
        if value > self.value:
            self.best, self.value = repaired, value
            if self.gap() < POLISH_BELOW and self.points.size >= SEARCHED:
                self.best = polish(self.points, repaired, self.bands, self.rng)
                self.value = self.worth(self.best)

    def searched(self) -> Ints | None:
        """Repair the last flow by annealing."""
        assert self.last is not None
        assert self.priced is not None
        left = self.priced.astype(np.float64) - self.last.mentor_price
        best = left.max(axis=1, where=self.points >= 0, initial=-np.inf)
        loss = np.where(self.points >= 0, best[:, None] - left, np.inf)
        matched = int((self.mentor_of >= 0).sum())
        rows = Rows.of_bands(self.points, self.bands, matched)
        none = np.zeros(self.points.shape[1], dtype=np.int64)
        return search(
            self.points, self.mentor_of, self.capacity,
            none if self.min_load is None else self.min_load, rows, loss,
            len(self.cuts), penalty=1.0, liked=8, hot=3e3,
        )  # fmt: skip


def master(
    bands: Sequence[Band],
    cuts: Sequence[tuple[float, Floats]],
    centre: Floats,
    radius: Floats,
    margin: float,
) -> tuple[Floats | None, float]:
    """Minimise theta + support over prices in the trust region, theta above every cut."""
    from scipy.optimize import linprog

    g = centre.size
    count = 1 + 3 * g + len(bands)  # theta, price, up, down, one support per ratio band
    cost = np.zeros(count)
    cost[0] = 1.0
    up, down, extra = 1 + g, 1 + 2 * g, 1 + 3 * g
    equal, right = [], []
    upper, limit = [], []
    closed: list[int] = []
    start = 0
    for b, band in enumerate(bands):
        part = np.arange(start, start + band.size.size)
        start += band.size.size
        for e in part:
            row = np.zeros(count)
            row[1 + e], row[up + e], row[down + e] = 1, -1, 1
            equal.append(row)
            right.append(0.0)
        if band.least is not None:
            cost[down + part] = -float(band.least)
            closed.extend((up + part).tolist())
        elif band.within is not None:
            row = np.zeros(count)
            row[1 + part] = 1
            equal.append(row)
            right.append(0.0)
            cost[up + part] = float(band.within)
        else:
            assert band.ratio is not None
            row = np.zeros(count)
            row[up + part], row[down + part] = 1, -float(band.ratio)
            row[extra + b] = -1
            upper.append(row)
            limit.append(0.0)
            cost[extra + b] = band.unit
    for value, outcome in cuts:
        row = np.zeros(count)
        row[0] = -1
        row[1 : 1 + g] = -outcome
        upper.append(row)
        limit.append(-value)
    box: list[tuple[float | None, float | None]] = [(None, None)]
    box += [(float(c - r), float(c + r)) for c, r in zip(centre, radius, strict=True)]
    box += [(0.0, None)] * (2 * g + len(bands))
    for variable in closed:
        box[variable] = (0.0, 0.0)
    result = linprog(
        cost, A_ub=np.array(upper), b_ub=np.array(limit), A_eq=np.array(equal),
        b_eq=np.array(right), bounds=box, method="highs",
    )  # fmt: skip
    if result.x is None:
        return None, -np.inf
    return result.x[1 : 1 + g], float(result.fun)


def exchange(
    points: NDArray[np.int32],
    mentor_of: Ints,
    bands: Sequence[Band],
    rng: np.random.Generator,
    steps: int = 60,
) -> Ints | None:
    """Repair an assignment by exchanges until it keeps the bands; None if that fails.

    Two matched mentees change places, or an unmatched one takes the place of a matched one, so
    that loads stay as they are. The step that leaves the least violation comes first, whether or
    not it lowers it; whoever moved rests for a few steps (tabu search).

    Notes
    -----
    Each step looks at `NEIGHBOURS` mentees on either side: O(NEIGHBOURS^2).
    """
    at = mentor_of.copy()
    resting = np.zeros(at.size, dtype=np.int64)  # step until which a mentee is left alone
    shares = [band for band in bands if not band.scored]
    counted = False
    for turn in range(steps):
        if not counted:
            counted = all(band.holds(at, points) for band in shares)
        if counted and all(band.holds(at, points) for band in bands):
            return at
        means = [band.sums(at, points) / band.size for band in bands]
        # first who is matched, then with whom: one person more shifts a small group's mean far
        weights = [COUNTS_FIRST if not band.scored else float(counted) for band in bands]
        awake = np.flatnonzero(resting <= turn)
        step = _best_step(points, at, bands, means, weights, awake, rng)
        if step is None:
            return None
        first, second = step
        at[first], at[second] = at[second], at[first]
        resting[[first, second]] = turn + RESTS
    return None


def polish(
    points: NDArray[np.int32],
    mentor_of: Ints,
    bands: Sequence[Band],
    rng: np.random.Generator,
    steps: int = 60,
) -> Ints:
    """Raise the total by exchanges that keep every band, best first, until none is found."""
    at = mentor_of.copy()
    misses = 0
    for _ in range(steps):
        means = [band.sums(at, points) / band.size for band in bands]
        weights = [float(points.shape[0])] * len(bands)  # a violation outweighs every gain
        step = _best_step(points, at, bands, means, weights, np.arange(at.size), rng)
        if step is None:
            break
        first, second = step
        before = int(points[first, at[first]])
        before += int(points[second, at[second]]) if at[second] >= 0 else 0
        at[first], at[second] = at[second], at[first]
        after = int(points[first, at[first]]) if at[first] >= 0 else 0
        after += int(points[second, at[second]])
        if after > before and all(band.holds(at, points) for band in bands):
            misses = 0
            continue
        at[first], at[second] = at[second], at[first]
        misses += 1
        if misses > 2:
            break
    return at


def _best_step(
    points: NDArray[np.int32],
    at: Ints,
    bands: Sequence[Band],
    means: Sequence[Floats],
    weights: Sequence[float],
    awake: Ints,
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """The exchange with the least violation left, weighed against the points lost."""
    people = awake[at[awake] >= 0]
    if people.size > NEIGHBOURS:
        people = rng.choice(people, NEIGHBOURS, replace=False)
    others = awake
    if others.size > NEIGHBOURS:
        others = rng.choice(others, NEIGHBOURS, replace=False)
    first, second = (a.ravel() for a in np.meshgrid(people, others, indexing="ij"))
    here, there = at[first], at[second]
    both = there >= 0
    ok = (first != second) & (here != there)
    ok &= points[second, here] >= 0
    ok &= ~both | (points[first, np.maximum(there, 0)] >= 0)
    first, second, here, there, both = (a[ok] for a in (first, second, here, there, both))
    if first.size == 0:
        return None
    away = np.where(both, points[first, np.maximum(there, 0)], 0) - points[first, here]
    gain = points[second, here] - np.where(both, points[second, np.maximum(there, 0)], 0)
    left = np.zeros(first.size)
    for band, mean, weight in zip(bands, means, weights, strict=True):
        if weight == 0:
            continue
        # one column more, for those in no group
        change = np.repeat(np.append(mean, 0.0)[None], first.size, axis=0)
        size = np.append(band.size, 1)
        index = np.arange(first.size)
        for person, amount in (
            (first, away if band.scored else both.astype(np.int64) - 1),
            (second, gain if band.scored else 1 - both.astype(np.int64)),
        ):
            group = band.group[person]
            change[index, group] += amount / size[group]
        left += weight * band.apart(change[:, :-1])
    loss = -(away + gain).astype(np.float64) / MILLION
    best = int(np.argmin(left + LOSS_WEIGHT * loss))
    return int(first[best]), int(second[best])
