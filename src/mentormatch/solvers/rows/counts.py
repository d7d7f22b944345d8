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

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program, nobody, pairs_of
from mentormatch.solvers.rows.ascent import Ascent
from mentormatch.solvers.rows.bands import Band, counted_band, fold, outcomes, split
from mentormatch.solvers.rows.highs import LARGEST, Model, integer
from mentormatch.solvers.rows.linear import Answer
from mentormatch.solvers.rows.local_search import Rows, nearest, search, worth

__all__ = ["solve_counted"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FLOWS_PER_COUNT = 40
"""Flows with which the bound at one choice of counts is lowered before another is chosen."""
STARTS = (0.8, 0.9, 0.5, 1.0)
"""Parts of the prices at which exchanges start: at the prices themselves, the flow jumps from one
side of a band to the other."""
TRIES = ((4.0, 8, 3e-3), (0.6, 8, 3e-3), (1.2, 12, 2e-2), (4.0, 24, 2e-2))
"""What a score outside a row costs, in the highest price of a score; mentors tried per mentee;
first temperature in top points: what finds most differs from problem to problem."""
LEAST_PENALTY = 0.1
HARDEST = 32.0
"""What these penalties are multiplied by at most, where too mild ones have found nothing."""
MARGIN = 1.0
"""Points added to the integer programme's bound for its tolerance."""


def solve_counted(
    program: Program,
    bands: Sequence[Band],
    matched: int,
    *,
    budget: Budget | None = None,
    gap: float = 1e-3,
    known: Pairs | None = None,
    prices: Floats | None = None,
    most_counts: int = 40,
) -> Answer:
    """Maximise the points of assignments that match `matched` people and keep every band.

    Parameters
    ----------
    program
        n mentees, m mentors, one each, no rows.
    bands
        What the groups' outcomes must keep. The groups of one are counted exactly (of a band of
        shares, if there is one); those of the others have prices.
    matched
        How many are matched: exactly so many.
    budget
        Time. Without a limit the answer does not depend on the clock.
    gap
        Stop at this relative gap.
    known
        Pairs that keep the bands.
    prices
        Of the groups of all bands, to start from: the multipliers that `by_prices` gives.
    most_counts
        Stop after so many choices of counts.

    Returns
    -------
    Answer
        "infeasible" where it is proven that no assignment keeps the bands.

    Notes
    -----
    At most `FLOWS_PER_COUNT` flows, and a round of exchanges, for each choice of counts. The
    bounds are linear in the counts by weak duality, as Benders' cuts are [1]_; prices follow
    cutting planes in a trust region.

    References
    ----------
    .. [1] Benders (1962), Numerische Mathematik 4, 238-252.
    """
    budget = budget or Budget()
    task = _Counts(program, bands, matched)
    if known is not None:
        task.keep(program.mentors_of(*known))
    if prices is not None:
        task.begin_at(prices)
    near = task.root()
    visited = 0
    while visited < most_counts and not task.stuck and not budget.late():
        count = task.most_promising(budget)
        if count is None or task.gap() <= gap:
            break
        visited += 1
        budget.tell("counts", task.value, task.bound)
        chosen = near.pop() if near else count
        fresh = chosen.tobytes() not in task.prices
        if fresh:
            task.lower(chosen, gap, budget)
        if task.lowest.get(chosen.tobytes(), np.inf) < task.floor:
            continue  # no assignment has these counts
        if near or not fresh:  # the bound there is as low as it gets: look for an assignment
            task.look_around(chosen, gap, budget)
    task.most_promising(budget)
    return task.answer(gap, budget)


class _Counts:
    """Bounds over all counts, the prices at those visited, and the best assignment so far."""

    def __init__(self, program: Program, bands: Sequence[Band], matched: int) -> None:
        n, m = program.shape
        points, capacity = program.points, program.capacity
        self.hashes = program.row_hash, program.mentor_hash
        if program.mentor_hash is not None:
            exits = np.arange(counted_band(bands).size.size + 1, dtype=np.uint64)
            self.hashes = program.row_hash, np.append(program.mentor_hash, exits)
        self.program = program
        self.points, self.matched, self.bands = points, matched, tuple(bands)
        self.top = max(int(points.max(initial=0)), 1)
        first = counted_band(bands)
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
        self.min_load = np.append(program.min_load, np.zeros(groups + 1, dtype=np.int64))
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
        self.bound = np.inf
        self.best: Ints | None = None
        self.value = -1
        self.stuck = False
        self.price = np.zeros(sum(band.size.size for band in self.priced))
        self.shown = points, np.zeros(m, dtype=np.int64)  # as the last flow saw them
        self.seed, self.harder = 1, 1.0

    def begin_at(self, prices: Floats) -> None:
        """Take the prices of those bands that have any."""
        parts = split(self.bands, prices)
        kept = [part for band, part in zip(self.bands, parts, strict=True) if band in self.priced]
        self.price = np.concatenate([*kept, np.zeros(0)])

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

    def share_rows(self) -> tuple[list[Floats], list[float]]:
        """Return (coefficients of the counts, what they are at most) of the bands of shares."""
        rows: list[Floats] = []
        most: list[float] = []
        for band in self.shares:
            size, offset = band.size.astype(float), band.offset.astype(float)
            for a in range(self.groups):
                for b in range(self.groups):
                    if a == b:
                        continue
                    row = np.zeros(self.groups)
                    if band.within is not None:  # share a - share b <= within
                        row[a], row[b] = size[b], -size[a]
                        limit = float(band.within) * size[a] * size[b]
                        limit += size[a] * offset[b] - size[b] * offset[a]
                    else:  # ratio * share a <= share b
                        ratio = float(band.ratio or 0)
                        row[a], row[b] = ratio * size[b], -size[a]
                        limit = size[a] * offset[b] - ratio * size[b] * offset[a]
                    rows.append(row)
                    most.append(limit + 1e-6)
        return rows, most

    def most_promising(self, budget: Budget) -> Ints | None:
        """Lower the bound to that of the best counts, found by integer programming."""
        from scipy.sparse import csr_array

        g = self.groups
        shares, most = self.share_rows()
        rows = [np.append(row, 0.0) for row in shares]
        low, high = [-np.inf] * len(rows), list(most)
        for constant, slope in self.cuts:  # scaled: t - slope c <= constant
            unit = max(1.0, float(np.abs(slope).max(initial=0)) / LARGEST)
            rows.append(np.append(-slope, 1.0) / unit)
            low.append(-np.inf)
            high.append(constant / unit)
        for slope, least in self.reach:
            rows.append(np.append(slope, 0.0))
            low.append(least - 1e-6)
            high.append(np.inf)
        rows.append(np.append(np.ones(g), 0.0))
        low.append(float(self.matched - self.free))
        high.append(float(self.matched))
        top = max(float(self.top) * self.matched, self.floor)
        found = integer(
            Model(
                np.append(np.zeros(g), 1.0), csr_array(np.array(rows)), np.array(low),
                np.array(high), np.append(np.zeros(g), max(self.floor - MARGIN, 0.0)),
                np.append(self.open.astype(float), top), np.arange(g + 1) < g,
            ),
            seconds=budget.left(),
        )  # fmt: skip
        if found.x is None:
            if found.status == "infeasible" and self.best is None:
                self.bound = -np.inf  # no counts are left
            return None
        if np.isfinite(found.bound):
            self.bound = min(self.bound, max(float(found.x[g]), found.bound) + MARGIN)
        count: Ints = np.rint(found.x[:g]).astype(np.int64)
        return count

    def lower(self, count: Ints, gap: float, budget: Budget) -> None:
        """Lower the bound at these counts by prices."""
        ascent = Ascent(self.priced, self.price, float(self.top))
        for turn in range(FLOWS_PER_COUNT):
            solution, bound = self.flow(count, ascent.trial)
            if solution is None:
                if turn == 0 and (bound == np.inf or not self.bar(count)):
                    self.stuck = True
                    return
                break
            at = np.where(solution.mentor_of >= self.m, -1, solution.mentor_of)
            reached = outcomes(self.priced, at, self.points)
            ascent.met(float(worth(self.points, at)), reached, bound)
            low_enough = ascent.lowest <= max(self.value * (1 + gap), self.floor)
            if low_enough or budget.late() or not self.priced:
                break
            if not ascent.step(0.02 * gap * abs(ascent.lowest)):
                break
        self.price = ascent.centre
        self.prices[count.tobytes()] = ascent.centre
        self.lowest[count.tobytes()] = ascent.lowest

    def look_around(self, count: Ints, gap: float, budget: Budget) -> None:
        """Exchanges from flows at these prices and at milder ones, which mix the extremes."""
        price = self.prices.get(count.tobytes(), self.price)
        sizes = np.concatenate([band.size for band in self.priced] or [np.zeros(0, dtype=np.int64)])
        unit = np.concatenate(
            [np.full(b.size.size, 1.0 if b.scored else self.top) for b in self.priced]
            or [np.zeros(0)]
        )
        dearest = float((np.abs(price) / sizes / unit).max(initial=0))
        for part in STARTS:
            solution, _ = self.flow(count, price * part)
            if solution is None:
                continue
            at = np.where(solution.mentor_of >= self.m, -1, solution.mentor_of)
            likes = nearest(*self.shown, max(liked for _, liked, _ in TRIES))
            for factor, liked, hot in TRIES:
                self.seed = self.seed * 69069 % 4294967291 + 1
                found = search(
                    self.program, at, self.rows, likes[:, :liked], self.seed, hot=hot,
                    penalty=self.harder * max(factor * dearest, LEAST_PENALTY),
                )  # fmt: skip
                if found is None:
                    self.harder = min(2 * self.harder, HARDEST)
                else:
                    self.harder = max(self.harder / 2, 1.0)
                    self.keep(found)
                if self.gap() <= gap or budget.late():
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
            min_load=least, row_hash=self.hashes[0], mentor_hash=self.hashes[1],
            start=self.last, route="dense",
        )  # fmt: skip
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
        self.shown = priced, solution.mentor_price[:m]
        return solution, bound

    def answer(self, gap: float, budget: Budget) -> Answer:
        m = self.m
        none = Answer(
            *nobody(), np.zeros(0), -np.inf, -np.inf, "infeasible", np.full(m, np.nan), self.price
        )
        if self.best is None and self.bound < 0:
            return none
        bound = float(np.ceil(self.bound)) if np.isfinite(self.bound) else self.bound
        word = "limit" if budget.seconds is None else "time_limit"
        if self.best is None:
            return replace(none, bound=bound, status=word)
        rows, columns = pairs_of(self.best)
        return replace(
            none, rows=rows, columns=columns, objective=float(self.value),
            bound=max(bound, float(self.value)),
            status="optimal" if self.gap() <= gap else word,
        )  # fmt: skip
