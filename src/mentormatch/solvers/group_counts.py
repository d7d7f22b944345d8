"""Parity on problems of medium size: how many of each group are matched comes first.

In small groups it matters that people are whole: one more of thirty moves a group's share by
three hundredths, which no relaxation sees. With the counts c of one partition fixed, they become
loads of *exit mentors* (see `windows`), and what is left are means, which prices settle:

    F(c, mu) = max over assignments x with counts c of value(x) - mu * outcome(x), plus support(mu)

bounds the best value at c, and the prices of the exits bound it at every other count too. Each
flow therefore gives one linear bound over all counts. The best counts under all these bounds are
found by a tiny integer programme, its bound is lowered by flows at those counts, and so on;
assignments are made to keep the bands by exchanges (`exchanges`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign
from mentormatch.solvers.exchanges import Rows, search, worth
from mentormatch.solvers.lagrangian import Band, fold, master, outcomes

__all__ = ["Counted", "solve_counted"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FLOWS_PER_COUNT = 40
"""Flows with which the bound at one choice of counts is lowered before another is chosen."""
STARTS = (0.8, 0.9, 0.5, 1.0)
"""Parts of the prices at which exchanges start: at the prices themselves, the flow jumps from one
side of a band to the other."""
TRIES = ((4.0, 8, 3e3), (0.6, 8, 3e3), (1.2, 12, 2e4), (4.0, 24, 2e4))
"""What a score outside a row costs, in the highest price of a score; mentors tried per mentee;
first temperature in points: what finds most differs from problem to problem."""
LEAST_PENALTY = 0.1
HARDEST = 32.0
"""What these penalties are multiplied by at most, where too mild ones have found nothing."""
FARTHEST = 20.0
"""Trust region, in prices at which a group counts nothing, beyond which nothing is sought."""
MARGIN = 1.0
"""Points added to the integer programme's bound for its tolerance."""


@dataclass(frozen=True, eq=False)
class Counted:
    """The best assignment found with `matched` people matched, and the bound on its points.

    mentor_of : int64 (n,), all -1 if none was found.
    objective, bound : int, sum of points;  bound is -1 where no assignment keeps the bands.
    """

    mentor_of: Ints
    objective: int
    bound: int
    found: bool
    flows: int
    counts: int


def solve_counted(
    points: NDArray[np.int32],
    capacity: Ints,
    bands: Sequence[Band],
    matched: int,
    *,
    min_load: Ints | None = None,
    row_hash: NDArray[np.uint64] | None = None,
    mentor_hash: NDArray[np.uint64] | None = None,
    gap: float = 1e-3,
    known: Ints | None = None,
    prices: Sequence[Floats] | None = None,
    time_limit: float | None = None,
    most_counts: int = 40,
) -> Counted:
    """Maximise the points of assignments that match `matched` people and keep every band.

    Parameters
    ----------
    points, capacity, min_load, row_hash, mentor_hash
        As for `assign`.
    bands
        What the groups' outcomes must keep. The groups of one are counted exactly (of a band of
        shares, if there is one); those of the others have prices.
    matched
        How many are matched: exactly so many.
    gap
        Stop at this relative gap.
    known
        An assignment that keeps the bands.
    prices
        Of each band, to start from: what `solve_priced` gives.
    time_limit
        Seconds. Without one the answer does not depend on the clock.
    most_counts
        Stop after so many choices of counts.

    Notes
    -----
    At most `FLOWS_PER_COUNT` flows, and a round of exchanges, for each choice of counts. The
    bounds are linear in the counts by weak duality, as Benders' cuts are [1]_; prices follow
    cutting planes in a trust region.

    References
    ----------
    .. [1] Benders (1962), Numerische Mathematik 4, 238-252.
    """
    deadline = np.inf if time_limit is None else time.perf_counter() + time_limit
    task = _Counts(points, capacity, bands, matched, min_load, row_hash, mentor_hash)
    if known is not None:
        task.keep(known)
    if prices is not None and task.priced:
        kept = [part for band, part in zip(bands, prices, strict=True) if band in task.priced]
        task.price = np.concatenate(kept)
    near = task.root()
    visited = 0
    while visited < most_counts and not task.stuck and time.perf_counter() < deadline:
        count = task.most_promising()
        if count is None or task.gap() <= gap:
            break
        visited += 1
        chosen = near.pop() if near else count
        fresh = chosen.tobytes() not in task.prices
        if fresh:
            task.lower(chosen, gap, deadline)
        if task.lowest.get(chosen.tobytes(), np.inf) < task.floor:
            continue  # no assignment has these counts
        if near or not fresh:  # the bound there is as low as it gets: look for an assignment
            task.look_around(chosen, gap, deadline)
    task.most_promising()
    best = task.best if task.best is not None else np.full(points.shape[0], -1, dtype=np.int64)
    value = task.value if task.best is not None else -1
    top = max(int(np.ceil(np.clip(task.bound, -1, 1e18))), value)
    return Counted(best, value, top, task.best is not None, task.flows, visited)


def counted_band(bands: Sequence[Band]) -> Band:
    """Return the band whose groups are counted: one of shares, if there is any."""
    return next((band for band in bands if not band.scored), bands[0])


class _Counts:
    """Bounds over all counts, the prices at those visited, and the best assignment so far."""

    def __init__(
        self,
        points: NDArray[np.int32],
        capacity: Ints,
        bands: Sequence[Band],
        matched: int,
        min_load: Ints | None,
        row_hash: NDArray[np.uint64] | None,
        mentor_hash: NDArray[np.uint64] | None,
    ) -> None:
        n, m = points.shape
        self.row_hash = row_hash
        exits = np.arange(counted_band(bands).size.size + 1, dtype=np.uint64)
        self.mentor_hash = None if mentor_hash is None else np.append(mentor_hash, exits)
        self.points, self.matched = points, matched
        first = counted_band(bands)
        self.first = first
        same = [band for band in bands if np.array_equal(band.group, first.group)]
        self.shares = [band for band in same if not band.scored]
        self.priced = [band for band in bands if band not in self.shares]
        self.rows = Rows.of_bands(points, bands, matched)
        groups = int(first.size.size)
        self.groups, self.m = groups, m
        # whom no mentor may take is in no group: she stays outside whatever the counts are
        self.group = np.where((points >= 0).any(axis=1), first.group, -1)
        self.open = np.bincount(self.group[self.group >= 0], minlength=groups).astype(np.int64)
        self.free = n - int(self.open.sum())
        self.exits = np.full((n, groups + 1), -1, dtype=np.int32)
        self.exits[np.arange(n), np.where(self.group >= 0, self.group, groups)] = 0
        self.capacity = np.concatenate([capacity, self.open, [n]]).astype(np.int64)
        self.min_load = np.zeros(m + groups + 1, dtype=np.int64)
        if min_load is not None:
            self.min_load[:m] = min_load
        self.real_capacity, self.real_min = self.capacity[:m], self.min_load[:m]
        self.last: Assignment | None = None
        self.cuts: list[tuple[float, Floats]] = []  # value <= constant + slope @ counts
        self.reach: list[tuple[Floats, float]] = []  # slope @ counts >= least, else too few can
        self.prices: dict[bytes, Floats] = {}  # of the counts whose bound was lowered
        self.lowest: dict[bytes, float] = {}
        # groups whose means must reach a level have so many points together
        self.floor = max(
            (float(b.least) * float(b.size.sum()) - float(b.offset.sum())
             for b in bands if b.least is not None and b.scored), default=-np.inf,
        )  # fmt: skip
        self.met: dict[bytes, list[tuple[float, Floats]]] = {}
        self.bound = np.inf
        self.best: Ints | None = None
        self.value = -(1 << 62)
        self.flows = 0
        self.stuck = False
        self.price = np.zeros(sum(band.size.size for band in self.priced))
        self.loss: Floats | None = None
        self.seed, self.harder = 1, 1.0

    def gap(self) -> float:
        return np.inf if self.best is None else (self.bound - self.value) / max(self.value, 1)

    def keep(self, at: Ints) -> None:
        if int((at >= 0).sum()) == self.matched:
            value = worth(self.points, at)
            if value > self.value:
                self.best, self.value = at, value

    def root(self) -> list[Ints]:
        """Bound everything at once; return the counts met there and their neighbours, best last.

        Where nothing binds the counts, thousands of them share the first bound, and the integer
        programme would take any of these.
        """
        solution, self.bound = self.flow(None, self.price)
        if solution is None or self.shares:
            return []
        inside = (solution.mentor_of < self.m) & (self.group >= 0)
        middle = np.bincount(self.group[inside], minlength=self.groups).astype(np.int64)
        one = np.eye(self.groups, dtype=np.int64)
        near = [middle + one[a] - one[b] for a in range(self.groups) for b in range(self.groups)
                if a != b]  # fmt: skip
        ranked = [
            (self.flow(count, self.price)[1], count.tolist())
            for count in [middle, *near]
            if (count >= 0).all()
            and (count <= self.open).all()
            and 0 <= self.matched - int(count.sum()) <= self.free
        ]
        return [np.array(count) for bound, count in sorted(ranked) if np.isfinite(bound)]

    def most_promising(self) -> Ints | None:
        """Lower the bound to that of the best counts, found by integer programming."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        g = self.groups
        rows, low, high = [], [], []
        for constant, slope in self.cuts:  # scaled: t - slope c <= constant
            scale = max(1.0, float(np.abs(slope).max(initial=0)) / 1e4)
            rows.append(np.append(-slope, 1.0) / scale)
            low.append(-np.inf)
            high.append(constant / scale)
        for band in self.shares:
            for a in range(g):
                for b in range(g):
                    if a == b:
                        continue
                    row = np.zeros(g + 1)
                    size_a, size_b = float(band.size[a]), float(band.size[b])
                    off_a, off_b = float(band.offset[a]), float(band.offset[b])
                    if band.within is not None:
                        row[a], row[b] = size_b, -size_a
                        limit = (
                            float(band.within) * size_a * size_b - size_b * off_a + size_a * off_b
                        )
                    else:
                        ratio = float(band.ratio or 0)
                        row[a], row[b] = ratio * size_b, -size_a
                        limit = size_a * off_b - ratio * size_b * off_a
                    rows.append(row)
                    low.append(-np.inf)
                    high.append(limit + 1e-6)
        for slope, least in self.reach:
            rows.append(np.append(slope, 0.0))
            low.append(least - 1e-6)
            high.append(np.inf)
        row = np.append(np.ones(g), 0.0)
        rows.append(row)
        low.append(float(self.matched - self.free))
        high.append(float(self.matched))
        top = float(self.points.max(initial=0)) * self.matched
        result = milp(
            np.append(np.zeros(g), -1.0),
            integrality=np.append(np.ones(g), 0.0),
            bounds=Bounds(
                np.append(np.zeros(g), max(self.floor - MARGIN, 0.0)),
                np.append(self.open.astype(float), max(top, self.floor)),
            ),
            constraints=LinearConstraint(np.array(rows), np.array(low), np.array(high)),
            options={"mip_rel_gap": 0.0},
        )
        if result.x is None:
            if result.status == 2 and self.best is None:
                self.bound = -np.inf  # no counts are left
            return None
        count: Ints = np.rint(result.x[:g]).astype(np.int64)
        dual = result.get("mip_dual_bound")
        bound = float(result.x[g]) if dual is None else max(float(result.x[g]), -float(dual))
        self.bound = min(self.bound, bound + MARGIN)
        return count

    def lower(self, count: Ints, gap: float, deadline: float) -> None:
        """Lower the bound at these counts by prices: cutting planes in a trust region."""
        cuts = self.met.setdefault(count.tobytes(), [])
        centre = self.price
        trial, radius = centre, 0.05
        scale = np.concatenate(
            [b.size * (1.0 if b.scored else 1e6) for b in self.priced] or [np.zeros(0)]
        )
        lowest, model, shift = np.inf, -np.inf, float(self.points.max()) * self.matched / 2
        for turn in range(FLOWS_PER_COUNT):
            solution, bound = self.flow(count, trial)
            if solution is None:
                if turn == 0 and (bound == np.inf or not self.bar(count)):
                    self.stuck = True
                    return
                break
            at = np.where(solution.mentor_of >= self.m, -1, solution.mentor_of)
            real = float(worth(self.points, at))
            cuts.append((real - shift, outcomes(self.priced, at, self.points)))
            improved = turn == 0 or bound < lowest - 0.1 * max(lowest - model, 0.0)
            if bound < lowest:
                lowest, centre = bound, trial
            if lowest <= max(self.value * (1 + gap), self.floor) or time.perf_counter() > deadline:
                break
            if not self.priced:
                break
            radius *= 1.5 if improved else 0.5
            enough = 0.02 * gap * abs(lowest)
            fresh, model = None, -np.inf
            while radius > 1e-7:
                fresh, promised = master(self.priced, cuts, centre, radius * scale, 0.0)
                model = promised + shift
                if fresh is None or lowest - model > enough or radius > FARTHEST:
                    break
                radius *= 4  # nothing left here: is there farther away?
            if fresh is None or lowest - model <= enough:
                break
            trial = fresh
        self.price = centre
        self.prices[count.tobytes()] = centre
        self.lowest[count.tobytes()] = lowest

    def look_around(self, count: Ints, gap: float, deadline: float) -> None:
        """Exchanges from flows at these prices and at milder ones, which mix the extremes."""
        price = self.prices.get(count.tobytes(), self.price)
        sizes = np.concatenate([band.size for band in self.priced] or [np.zeros(0, dtype=np.int64)])
        dearest = float((np.abs(price) / sizes).max(initial=0))
        for part in STARTS:
            solution, _ = self.flow(count, price * part)
            if solution is None:
                continue
            at = np.where(solution.mentor_of >= self.m, -1, solution.mentor_of)
            for factor, liked, hot in TRIES:
                self.seed = self.seed * 69069 % 4294967291 + 1
                found = search(
                    self.points, at, self.real_capacity, self.real_min, self.rows, self.loss,
                    self.seed, penalty=self.harder * max(factor * dearest, LEAST_PENALTY),
                    liked=liked, hot=hot,
                )  # fmt: skip
                if found is None:
                    self.harder = min(2 * self.harder, HARDEST)
                else:
                    self.harder = max(self.harder / 2, 1.0)
                    self.keep(found)
                if self.gap() <= gap or time.perf_counter() > deadline:
                    return

    def bar(self, count: Ints) -> bool:
        """Cut off counts that no flow has: how many can be matched within them bounds others too.

        The minimum loads of mentors may be what is wrong; then nothing is learnt.
        """
        n, m = self.points.shape
        ones = np.where(self.points >= 0, 1, -1).astype(np.int32)
        capacity, least = self.capacity.copy(), self.min_load.copy()
        least[m:-1] = self.open - count
        solution, price, seats = self._assign(ones, capacity, least)
        if solution is None:
            return False
        most = solution.bound - self._must(ones) * n
        slope = price[-1] - price[:-1]
        paid = int(price @ seats)
        outs = np.append(self.open, self.free - self.matched)
        constant = most + int(price @ outs) - paid
        if constant + int(slope @ count) >= self.matched:
            return False
        self.reach.append((slope.astype(np.float64), float(self.matched - constant)))
        return True

    def _must(self, real: NDArray[np.int32]) -> int:
        """What placing somebody weighs, at a mentor or at an exit."""
        n, m = real.shape
        longest: int = min(n, m + self.groups + 1) + 2
        return 4 * longest * (int(real.max(initial=0)) + 1)

    def _assign(
        self, real: NDArray[np.int32], capacity: Ints, least: Ints
    ) -> tuple[Assignment | None, Ints, Ints]:
        """Return (flow that places everybody, prices of the exits, seats they are paid for)."""
        n, m = real.shape
        whole = np.ascontiguousarray(np.concatenate([real, self.exits], axis=1))
        solution = assign(
            whole, capacity, row_bonus=np.full(n, self._must(real), dtype=np.int64),
            min_load=least, row_hash=self.row_hash, mentor_hash=self.mentor_hash,
            start=self.last, route="dense",
        )  # fmt: skip
        self.flows += 1
        none = np.zeros(0, dtype=np.int64)
        if solution.status != "optimal" or (solution.mentor_of < 0).any():
            return None, none, none
        price = solution.mentor_price[m:]
        self.last = solution
        return solution, price, np.where(price >= 0, capacity[m:], least[m:])

    def flow(self, count: Ints | None, price: Floats) -> tuple[Assignment | None, float]:
        """Solve the flow at these counts and prices; add its bound over all counts."""
        n, m = self.points.shape
        factor, fee, constant, support = fold(self.priced, price, n)
        value = np.ceil(self.points * factor[:, None] - fee[:, None])
        low = min(float(np.where(self.points >= 0, value, 0).min(initial=0)), 0.0)
        value -= low
        if value.max(initial=0) >= 2**31:
            return None, np.inf
        priced = np.where(self.points >= 0, value, -1).astype(np.int32)
        capacity, least = self.capacity.copy(), self.min_load.copy()
        if count is not None:
            capacity[m:-1] = least[m:-1] = self.open - count
            capacity[-1] = least[-1] = self.free - (self.matched - int(count.sum()))
        solution, price_out, seats = self._assign(priced, capacity, least)
        if solution is None:
            return None, -np.inf
        # every point is `low` too high, for exactly as many as are matched
        bound = float(solution.bound - self._must(priced) * n) + low * self.matched
        bound += constant + support
        # weak duality for any counts: only what the exits' prices are multiplied by differs
        slope = (price_out[-1] - price_out[:-1]).astype(np.float64)
        outs = np.append(self.open, self.free - self.matched)
        self.cuts.append((bound + float(int(price_out @ outs) - int(price_out @ seats)), slope))
        left = value - solution.mentor_price[:m]
        best = left.max(axis=1, where=self.points >= 0, initial=-np.inf)
        self.loss = np.where(self.points >= 0, best[:, None] - left, np.inf)
        return solution, bound
