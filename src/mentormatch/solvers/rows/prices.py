"""Side rows and bands as prices in a flow: a bound from every flow, an answer from some.

With a price per unit of every row folded into the pairs, what remains is one flow,

    f(mu) = max over assignments x of value(x) - mu @ amounts(x),

and f(mu) + support(mu), the support being the most that mu @ amounts can be within the bounds, is a
bound on every assignment that keeps the rows. Prices of bands follow cutting planes (`ascent`);
those of single rows are raised by what their dearest pairs would lose elsewhere, and halved between
the prices at which the row was broken and kept. Assignments met on the way are mended. What gap is
left is closed by reduced costs: no better answer has a pair that loses more, so HiGHS is asked
about the others only (`fixing`). Rows that each look at one mentor are left to `stars`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign, kernel
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program, nobody, pairs_of
from mentormatch.solvers.rows.ascent import Ascent
from mentormatch.solvers.rows.bands import Band, fold, outcomes
from mentormatch.solvers.rows.fixing import Priced, decided, worth_of
from mentormatch.solvers.rows.highs import patience
from mentormatch.solvers.rows.linear import Answer
from mentormatch.solvers.rows.local_search import HOT, LIKED, Rows, most_steps, nearest, search
from mentormatch.solvers.rows.mixing import mixed
from mentormatch.solvers.rows.repair import repaired
from mentormatch.solvers.rows.stars import by_patterns, patterns_of
from mentormatch.solvers.rows.steps import RowSteps
from mentormatch.solvers.rows.table import RowTable

__all__ = ["by_prices"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FLOWS = 40
"""Flows for bands."""
ROW_FLOWS = 25
"""Flows for rows, with those of the dive."""
DIVES = 8
"""Flows in which what a row has too much of is ruled out, until every row holds."""
FIRST_DIVE = 8
"""Flows after which this is tried a first time, where a gap is allowed."""
FINEST = 64
"""Parts of a point in which prices of rows are counted, where the points leave room for it."""
FAR = 0.1
"""How far outside its bands an assignment may be to be worth mending, in shares or top points."""
FEWER = (8, 4, 1)
"""By what exchanges are fewer the first, second and later times: prices are still far off then."""
BLOCK = 50_000
"""Pairs that are scaled at once."""


def by_prices(
    program: Program,
    value: Ints | None,
    row_bonus: Ints,
    *,
    bands: Sequence[Band] = (),
    budget: Budget | None = None,
    known: Pairs | None = None,
    start: Assignment | None = None,
    most_flows: int | None = None,
) -> Answer:
    """Maximise value under side rows and bands, with a certified gap.

    Parameters
    ----------
    program
        n mentees, m mentors, rows without extra variables.
    value : int64 (n, m) or None
        Value of each pair; None: its points.
    row_bonus : int64 (n,) or (n, k)
        Added for each mentor of a mentee, as for `assign`.
    bands
        Parities, which must hold too; only for one mentor each.
    budget
        Time, without a limit of which work is counted; and the gap at which to stop, relative to
        the values without the bonus, 0 where it names none.
    known
        Pairs known to keep everything.
    start
        An answer to the flow without rows, as a warm start.
    most_flows
        Stop after so many flows.

    Returns
    -------
    Answer
        `objective` and `bound` hold the bonus; `multipliers` the prices of the bands' groups, then
        those of the rows; `price` the seats'.

    Notes
    -----
    Values are rounded up once prices are in, so that the bound stays valid in whole numbers. Prices
    of a row that counts in whole numbers are whole parts of a point: its bound loses nothing.

    References
    ----------
    .. [1] Fisher (1981), Management Science 27(1).
    """
    budget = budget or Budget()
    gap = budget.gap or 0.0
    if not bands and row_bonus.ndim == 1 and (patterns := patterns_of(program)) is not None:
        found = by_patterns(program, patterns, value, row_bonus, budget=budget, known=known)
        if found.found or found.status == "infeasible":
            return found
    task = _Search(program, value, row_bonus, bands, gap)
    task.warm(start)
    if known is not None:
        task.keep(known)
    most = (ROW_FLOWS - DIVES if program.rows else FLOWS) if most_flows is None else most_flows
    while task.flows < most and task.evaluate(budget):
        task.look_around()
        budget.tell("prices", task.value, task.bound)
        if task.closed() or budget.late() or not task.step():
            break
        if program.rows and task.flows == FIRST_DIVE and gap > 0:
            task.dive(budget)
    if program.rows and not task.closed() and task.status == "optimal":
        task.dive(budget)
        task.decide(budget)
    return task.answer(budget)


def scale(
    points: NDArray[np.int32], factor: Floats, out: NDArray[np.int32], charge: Floats | None = None
) -> Floats:
    """Multiply each row of points by a factor, less a charge, and raise it to 0 where negative.

    Writes the points, rounded up, -1 where they were negative, to `out`; returns what each row was
    raised by, as a number <= 0. A few rows at a time, so that they stay in the cache.
    """
    n, m = points.shape
    low = np.zeros(n)
    rows = max(1, BLOCK // max(m, 1))
    for at in range(0, n, rows):
        part = slice(at, at + rows)
        line = points[part]
        value = line * factor[part, None]
        if charge is not None:
            value -= charge[part]
        np.ceil(value, out=value)
        if charge is not None or (factor[part] < 0).any():
            low[part] = np.minimum(value.min(axis=1, where=line >= 0, initial=0), 0)
            value -= low[part, None]
        out[part] = value
        out[part] |= line >> 31  # -1 where the points are negative, without a branch
    return low


class _Search:
    """Prices, the bound that they prove, and the best pairs so far."""

    def __init__(
        self,
        program: Program,
        value: Ints | None,
        row_bonus: Ints,
        bands: Sequence[Band],
        gap: float,
    ) -> None:
        n = program.shape[0]
        self.program, self.gap = program, gap
        self.table = RowTable(program)
        width = max(int(program.demand.max(initial=1)), 1)
        wide = row_bonus[:, None] if row_bonus.ndim == 1 else row_bonus
        self.bonus = np.broadcast_to(wide, (n, width)) if wide.shape[1] == 1 else wide[:, :width]
        self.base = np.zeros(n, dtype=np.int64)
        self.points = self.worth = program.points
        if value is not None:  # negative ones are lifted to 0, and the bonus lowered by as much
            open_ = program.open()
            self.base = np.where(open_, value, 0).min(axis=1, initial=0).astype(np.int64)
            self.worth = np.where(open_, value - self.base[:, None], -1)
            self.points = self.worth.astype(np.int32)
        self.top = int(self.points.max(initial=0))
        self.bands = tuple(bands)
        self.fine = 1
        if program.rows:
            self.fine = int(np.clip((1 << 30) // (8 * (self.top + 1)), 1, FINEST))
        self.ascent = Ascent(
            self.bands, np.zeros(sum(b.size.size for b in bands)), max(self.top, 1)
        )
        self.steps = RowSteps(self.table, self.fine, float(self.top))
        self.bound, self.value = np.inf, -np.inf
        self.best: Pairs | None = None
        self.total = 0  # of the best pairs, without the bonus
        self.flow: Pairs = nobody()
        self.sides: dict[bool, Pairs] = {}  # the last flows that kept the only row, and broke it
        self.last: Assignment | None = None
        self.priced = np.empty_like(self.points, order="C")
        self.plain: NDArray[np.int32] | None = None  # points in parts of a point
        self.proof: Priced | None = None
        self.flows = self.looks = 0
        self.status = "optimal"

    def warm(self, start: Assignment | None) -> None:
        if start is not None and start.mentor_of.ndim == 1:
            self.last = replace(start, mentor_price=start.mentor_price * self.fine, lists=None)

    # -- flows and bounds -------------------------------------------------------------------------

    def evaluate(self, budget: Budget) -> bool:
        """Solve the flow at the trial prices; False if nothing can be learnt from it."""
        n = self.program.shape[0]
        factor, fee, constant, support = fold(self.bands, self.ascent.trial, n)
        price = self.steps.trial
        low = self.charged(price) if not self.bands else None
        if low is None:
            charge = self.table.fee(price * self.fine) if price.any() else None
            most = self.fine * (self.top + 1) * np.abs(factor).max(initial=0)
            most += 0.0 if charge is None else 2 * float(np.abs(charge).max(initial=0))
            if most >= 2**31 - 1 or np.abs(fee).max(initial=0) >= 2**53:
                self.ascent.narrow()  # prices beyond what integers hold
                return self.flows > 0
            low = scale(self.points, factor * self.fine, self.priced, charge)
        raised = np.ceil(low + self.fine * (self.base - fee)).astype(np.int64)
        bonus = self.fine * self.bonus + raised[:, None]
        solution = self.assigned(self.priced, bonus, budget)
        if solution.status != "optimal":
            self.status = solution.status
        self.last, self.flow = solution, pairs_of(solution.mentor_of)
        amount = self.table.amounts(*self.flow)
        bound = solution.bound / self.fine + constant + support + self.steps.support(price)
        real = self.real(self.flow)
        if self.bands:
            at = self.program.mentors_of(*self.flow)
            priced = real - float(price @ amount) + self.steps.support(price)
            self.ascent.met(priced, outcomes(self.bands, at, self.program.points), bound)
        if bound < self.bound:
            self.bound = bound
            points = self.priced.copy() if self.program.rows else self.priced
            self.proof = Priced(points, bonus, solution, self.fine, bound)
        if self.program.rows:
            self.steps.met(price, real, amount, bound)
        if self.table.count or not self.bands:
            kept = self.keep(self.flow)
            if self.table.count == 1 and not self.bands:
                self.sides[kept] = self.flow
                self.mix()
        return True

    def charged(self, price: Floats) -> Floats | None:
        """Take the rows' prices from the few pairs they count; None where they are not few.

        Writes to `priced`; returns what each mentee's pairs were raised by, a number <= 0.
        """
        found = self.table.charges(price * self.fine)
        if found is None:
            return None
        place, charge = found
        if 2 * (self.fine * (self.top + 1) + np.abs(charge).max(initial=0)) >= 2**31 - 1:
            return None
        if self.plain is None:
            self.plain = np.where(self.points >= 0, self.points * np.int32(self.fine), -1)
        self.priced[:] = self.plain
        n, m = self.points.shape
        low = np.zeros(n)
        value = np.ceil(self.plain.ravel()[place] - charge)
        np.minimum.at(low, place // max(m, 1), value)
        self.priced.ravel()[place] = value
        for i in np.flatnonzero(low < 0).tolist():
            able = self.points[i] >= 0
            self.priced[i, able] -= np.int32(low[i])
        return low

    def assigned(self, points: NDArray[np.int32], bonus: Ints, budget: Budget) -> Assignment:
        p = self.program
        several = p.several or bool((p.demand == 0).any())
        self.flows += 1
        return assign(
            points, p.capacity, row_bonus=bonus, demand=p.demand if several else None,
            min_load=p.min_load if p.min_load.any() else None, row_hash=p.row_hash,
            mentor_hash=p.mentor_hash, start=None if several else self.last,
            time_limit=budget.left(), route=kernel(points.size, FLOWS),
        )  # fmt: skip

    def real(self, pairs: Pairs) -> int:
        """What pairs are worth, with the bonus."""
        return worth_of(self.worth, self.bonus + self.base[:, None], pairs)

    def total_of(self, pairs: Pairs) -> int:
        return int((self.worth[pairs] + self.base[pairs[0]]).sum(dtype=np.int64))

    def step(self) -> bool:
        """Choose the prices to try next; False where none would tell more."""
        moved = bool(self.bands) and self.ascent.step()
        if self.program.rows:
            assert self.last is not None
            last = self.last.mentor_price

            def left() -> Floats:
                return np.where(self.priced >= 0, self.priced - last, -np.inf) / self.fine

            slack = (self.gap if self.gap else 1e-5) * max(abs(self.total), 1)
            moved |= self.steps.step(left, self.flow, slack)
        return moved

    # -- answers ----------------------------------------------------------------------------------

    def closed(self) -> bool:
        return bool(np.floor(self.bound) - self.value <= self.gap * max(abs(self.total), 1))

    def keep(self, pairs: Pairs) -> bool:
        """Remember pairs that keep everything if they are the best so far."""
        if not self.program.holds(*pairs):
            return False
        if self.bands:
            at = self.program.mentors_of(*pairs)
            if not all(band.holds(at, self.program.points) for band in self.bands):
                return False
        value = self.real(pairs)
        if value > self.value:
            self.best, self.value, self.total = pairs, value, self.total_of(pairs)
        return True

    def look_around(self) -> None:
        """Mend the assignment of the last flow where it is not far outside its bands."""
        if not self.bands:
            return
        points, p = self.program.points, self.program
        at = p.mentors_of(*self.flow)
        if sum(band.outside(at, points) / (max(self.top, 1) if band.scored else 1) for band in
               self.bands) > FAR:  # fmt: skip
            return
        assert self.last is not None
        rows = Rows.of_bands(points, self.bands, self.flow[0].size).with_table(self.table)
        likes = nearest(self.priced, self.last.mentor_price, LIKED)
        steps = most_steps(p.shape[0]) // FEWER[min(self.looks, len(FEWER) - 1)]
        self.looks += 1
        found = search(p, at, rows, likes, self.flows, hot=HOT, steps=steps)
        if found is not None:
            self.keep(pairs_of(found))

    def mix(self) -> None:
        """Swap parts of the last two flows on both sides of the only row."""
        if len(self.sides) < 2 or self.bonus.shape[1] > 1:
            return
        amount, sign = self.table.amounts(*self.sides[True])[0], 1
        if self.table.amounts(*self.sides[False])[0] < self.table.least[0]:
            sign = -1
        limit = self.table.most[0] if sign > 0 else -self.table.least[0]
        if not np.isfinite(limit):  # the flow breaks something else
            return
        row = self.program.rows[0]

        def worth(pairs: Pairs) -> Ints:
            extra = self.bonus[pairs[0], 0] + self.base[pairs[0]]
            total: Ints = self.worth[pairs].astype(np.int64) + extra
            return total

        self.keep(mixed(
            self.sides[True], self.sides[False], worth,
            lambda pairs: sign * row.on(*pairs, self.program.at(*pairs)),
            int(limit - sign * amount),
        ))  # fmt: skip

    def dive(self, budget: Budget) -> None:
        """Rule out what rows have too much of, and solve again, until every row holds."""
        assert self.proof is not None
        before = self.last
        points = self.proof.points.copy()
        self.last = self.proof.solution
        pairs = pairs_of(self.last.mentor_of)
        for _ in range(DIVES):
            if budget.late() or not self.steps.rule_out(points, pairs, self.last.mentor_price):
                break
            solution = self.assigned(points, self.proof.bonus, budget)
            if solution.status != "optimal":
                break
            self.last, pairs = solution, pairs_of(solution.mentor_of)
        if not self.keep(pairs) and (self.best is None or self.table.count > 1):
            mended = repaired(
                self.program, pairs, value=self.worth.astype(np.int64), table=self.table,
                budget=budget,
            )  # fmt: skip
            if mended is not None:
                self.keep(mended)
        self.last = before

    def decide(self, budget: Budget) -> None:
        """Let HiGHS choose among the pairs that the prices leave undecided."""
        if self.best is None or self.bands or self.closed() or self.proof is None:
            return
        value = np.where(self.table.open, self.worth + self.base[:, None], 0).astype(np.int64)
        found = decided(
            self.program, value, self.bonus, self.proof, self.best, budget=budget, gap=self.gap,
            nodes=patience(4 * len(value)) if budget.seconds is None else None,
        )  # fmt: skip
        if found is not None:
            pairs, bound = found
            self.keep(pairs)
            self.bound = min(self.bound, bound)

    def answer(self, budget: Budget) -> Answer:
        p = self.program
        price = np.full(p.shape[1], np.nan)
        if self.proof is not None:
            price = self.proof.solution.mentor_price / self.fine
        multipliers = np.concatenate([self.ascent.centre, self.steps.centre])
        rows, columns = self.best if self.best is not None else nobody()
        if self.status == "infeasible" or self.bound == -np.inf:
            status, bound = "infeasible", -np.inf
        else:
            bound = max(
                float(np.floor(self.bound)) if np.isfinite(self.bound) else self.bound, self.value
            )
            word = "limit" if budget.seconds is None else "time_limit"
            status = "optimal" if self.best is not None and self.closed() else word
        return Answer(rows, columns, np.zeros(0), self.value, bound, status, price, multipliers)
