"""The best worst mentee where each gets several mentors, then the best total: flows and prices.

A mentee's score is the sum over her mentors, so a floor under everybody's is a side row per
mentee, and finding the highest is NP-hard [1]_. But few mentees are ever near it. Everybody's own
best mentors bound the floor from above; raising the weight of those below it, one flow each time,
usually reaches that bound. Where it does not, the linear programme bounds the floor and HiGHS looks
for it over few pairs.

With the floor settled, the same weights are Lagrange multipliers for the total: every flow gives a
bound, and pairs whose reduced cost exceeds what is left of the gap cannot be in a better answer.
HiGHS decides among the others, so the total is exact too, unless time runs out.

References
----------
.. [1] Garg, Kavitha, Kumar, Mehlhorn & Mestre (2010), Assigning papers to referees, Algorithmica
   58, 119-136.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign, kernel
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Program, SideRow, nobody, pairs_of, places_of
from mentormatch.solvers.rows.fixing import Priced, decided
from mentormatch.solvers.rows.highs import patience
from mentormatch.solvers.rows.linear import maximize

__all__ = ["Floored", "solve_floors"]

Ints = NDArray[np.int64]

UNIT = 64
"""The weight of a mentee whom no floor presses; weights are whole numbers, up to `HEAVIEST`."""
HEAVIEST = 2000
FLOWS = 24
"""Flows after which raising weights is given up for one floor."""
TRIES = 4
"""Floors at which raising weights may fail before the linear programme is asked."""


@dataclass(frozen=True, eq=False)
class Floored:
    """Pairs, the worst mentee's points and the total, each with its bound.

    The bound of the total holds for all assignments with the floor that was reached.
    status : "optimal", "time_limit", "limit" (of work, without one of time) or "infeasible".
    """

    rows: Ints
    columns: Ints
    floor: int
    floor_bound: int
    total: int
    bound: int
    status: str


@dataclass(frozen=True, eq=False)
class _Plan:
    """One flow under weights: its pairs, everybody's sum, and what it proves about the total."""

    pairs: NDArray[np.bool_]
    sums: Ints
    weight: Ints
    points: NDArray[np.int32]  # weighted
    solution: Assignment
    worth: int  # sum of weighted points, the greatest there is


def solve_floors(
    program: Program, had: Ints, *, budget: Budget | None = None, gap: float = 0.0
) -> Floored | None:
    """Give everybody all the mentors she can have, the worst-off as much as possible, then total.

    Parameters
    ----------
    program
        n mentees, m mentors, no rows.
    had : int64 (n,)
        Points a mentee has already, -1 where she has no mentor yet.
    budget
        Time; without a limit, work is counted.
    gap
        Relative gap of the total at which to stop.

    Returns
    -------
    Floored or None
        None if there are too few seats to give everybody min(demand, her admissible mentors).

    Raises
    ------
    ValueError
        If points are too large for weights to be multiplied with them.

    Notes
    -----
    About 10 flows, and an integer programme over the pairs that these leave undecided.
    """
    if int(program.points.max(initial=0)) * HEAVIEST > np.iinfo(np.int32).max:
        raise ValueError(f"points must be at most {np.iinfo(np.int32).max // HEAVIEST}.")
    budget = budget or Budget()
    wanted = np.minimum(program.demand, program.open().sum(axis=1))
    search = _Search(replace(program, demand=wanted), had, budget)
    first = search.flow(np.full(wanted.size, UNIT, dtype=np.int64))
    if search.infeasible:
        return Floored(*nobody(), 0, 0, 0, 0, "infeasible")
    if first is None:
        return None
    floor, bound = search.highest_floor(first)
    search.best_total(floor, gap)
    best = search.best
    assert best is not None
    total = search.total_of(best)
    upper = max(search.bound, total)
    closed = floor == bound and upper - total <= gap * upper
    word = "limit" if budget.seconds is None else "time_limit"
    return Floored(*places_of(best), floor, bound, total, upper, "optimal" if closed else word)


class _Search:
    """Weights, the flows under them, and the best answer so far."""

    def __init__(self, program: Program, had: Ints, budget: Budget) -> None:
        self.program, self.budget = program, budget
        self.points, self.capacity = program.points, program.capacity
        self.least, self.wanted = program.min_load, program.demand
        self.offset = np.maximum(had, 0)
        self.judged = (self.wanted > 0) | (had >= 0)  # who has a mentor: the others count nowhere
        self.weight = np.full(self.wanted.size, UNIT, dtype=np.int64)
        self.ranked = self._ranked()
        self.ask_for(0)
        top = int(self.points.max(initial=0)) * HEAVIEST
        # a mentor more outweighs all else; in whole points, for `decided`
        self.bonus: int = 4 * (min(self.points.shape) + 2) * (top + 1) // UNIT + 1
        self.best: NDArray[np.bool_] | None = None  # the best answer at the floor asked for
        self.bound = np.iinfo(np.int64).max
        self.infeasible = False
        self.unserved = False  # the last flow could not give everybody what she wanted

    def _ranked(self) -> Ints:
        """Return int64 (n, most wanted): everybody's best pairs, best first, 0 beyond `wanted`."""
        most = min(max(int(self.wanted.max(initial=0)), 1), max(self.points.shape[1], 1))
        value = np.where((self.points >= 0) & (self.capacity > 0), self.points, 0)
        if value.shape[1] == 0:
            return np.zeros((value.shape[0], 1), dtype=np.int64)
        best = -np.sort(np.partition(-value, most - 1, axis=1)[:, :most], axis=1).astype(np.int64)
        return best * (np.arange(most) < self.wanted[:, None])

    def ask_for(self, floor: int) -> None:
        """Leave out the pairs that no assignment with this floor can have.

        With one of these, even the best others would not lift the mentee to the floor.
        """
        n = self.wanted.size
        others = self.ranked.sum(axis=1) - self.ranked[np.arange(n), np.maximum(self.wanted - 1, 0)]
        needed = floor - self.offset - others
        needed[~self.judged] = 0
        out = (self.points < needed[:, None]) | (self.points < 0) | (self.capacity == 0)
        self.open = np.where(out, -1, self.points).astype(np.int32)
        self.worth = np.where(out, -1, self.open * self.weight[:, None].astype(np.int32))

    def flow(self, weight: Ints) -> _Plan | None:
        """Solve one flow under weights; None if it did not end, or not everybody is served."""
        changed = np.flatnonzero(weight != self.weight)
        own = self.open[changed]
        factor = weight[changed, None].astype(np.int32)
        self.worth[changed] = np.where(own >= 0, own * factor, -1)
        self.weight = weight
        n, most = self.wanted.size, max(int(self.wanted.max(initial=1)), 1)
        slot = UNIT * self.bonus
        solution = assign(
            self.worth, self.capacity, demand=self.wanted, min_load=self.least,
            row_bonus=np.full((n, most), slot, dtype=np.int64), time_limit=self.budget.left(),
            row_hash=self.program.row_hash, mentor_hash=self.program.mentor_hash,
            route=kernel(self.worth.size),
        )  # fmt: skip
        if solution.status != "optimal":
            self.infeasible = self.unserved = solution.status == "infeasible"
            return None
        rows, columns = pairs_of(solution.mentor_of)
        self.unserved = rows.size < int(self.wanted.sum())
        if self.unserved:
            return None
        pairs = np.zeros(self.points.shape, dtype=bool)
        pairs[rows, columns] = True
        worth = solution.objective - slot * rows.size
        return _Plan(pairs, self.sums(pairs), weight, self.worth.copy(), solution, worth)

    def sums(self, pairs: NDArray[np.bool_]) -> Ints:
        rows, columns = np.nonzero(pairs)
        sums = self.offset.copy()
        np.add.at(sums, rows, self.points[rows, columns].astype(np.int64))
        return sums

    def total_of(self, pairs: NDArray[np.bool_]) -> int:
        return int(self.points[pairs].sum(dtype=np.int64))

    def worst(self, sums: Ints) -> int:
        return int(sums[self.judged].min()) if self.judged.any() else 0

    # -- the floor --------------------------------------------------------------------------------

    def highest_floor(self, first: _Plan) -> tuple[int, int]:
        """Return (floor reached, what no floor exceeds)."""
        low, bound = self.worst(first.sums), self.worst(self.ranked.sum(axis=1) + self.offset)
        self.best = first.pairs
        if low == bound:
            return low, bound
        if self.raise_to(bound, first):
            return bound, bound
        if (low := self.exchange(bound)) == bound:
            return bound, bound
        high, failed = bound, 0
        while failed < TRIES and not self.budget.late():  # lower down, before the linear programme
            if self.unserved:
                bound = high - 1
            middle = (low + high + 1) // 2
            if low >= bound or middle >= high:
                break
            if self.raise_to(middle, first):
                low = self.worst(self.sums(self.best))
            else:
                high, failed = middle, failed + (not self.unserved)
        bound = max(bound, low)
        if low == bound:
            return low, bound
        self.ask_for(low)
        return self.integer_floor(low, bound)

    def raise_to(self, floor: int, plan: _Plan) -> bool:
        """Raise the weight of whoever is below the floor, until nobody is."""
        self.ask_for(floor)
        self.unserved = False
        weight = plan.weight.copy()
        assert self.best is not None
        reached = self.worst(self.sums(self.best))
        for _ in range(FLOWS):
            low = self.judged & (plan.sums < floor)
            if not low.any():
                self.best = plan.pairs
                return True
            if self.worst(plan.sums) > reached:
                self.best, reached = plan.pairs, self.worst(plan.sums)
            if (weight[low] >= HEAVIEST).all() or self.budget.late():
                return False
            weight[low] = np.minimum(UNIT + np.maximum(4 * (weight[low] - UNIT), 4), HEAVIEST)
            found = self.flow(weight.copy())
            if found is None:
                return False
            plan = found
        return False

    def exchange(self, goal: int) -> int:
        """Let the worst-off swap a mentor with whom it helps most; return the floor reached.

        Both end above what the worst had, so sorted sums rise lexicographically.
        """
        assert self.best is not None
        pairs = self.best.copy()
        rows, columns = np.nonzero(pairs)
        sums, load = self.sums(pairs), pairs.sum(axis=0)
        judged = np.flatnonzero(self.judged)
        while not self.budget.late():
            i = int(judged[sums[judged].argmin()])
            if sums[i] >= goal:
                break
            mine = np.flatnonzero(rows == i)
            usable = (self.points[i] >= 0) & ~pairs[i]
            spare = np.flatnonzero(usable & (load < self.capacity))
            best, move = int(sums[i]), None
            for e in mine.tolist():
                j = int(columns[e])
                rest = int(sums[i] - self.points[i, j])
                if spare.size and load[j] > self.least[j]:
                    k = int(spare[self.points[i, spare].argmax()])
                    if rest + int(self.points[i, k]) > best:
                        best, move = rest + int(self.points[i, k]), (e, -1, k)
                theirs = self.points[rows, j].astype(np.int64)
                after = np.minimum(
                    rest + self.points[i, columns],
                    sums[rows] - self.points[rows, columns] + theirs,
                )
                after[(theirs < 0) | pairs[rows, j] | ~usable[columns]] = -1
                f = int(after.argmax())
                if after[f] > best:
                    best, move = int(after[f]), (e, f, int(columns[f]))
            if move is None:
                break
            e, f, k = move
            j = int(columns[e])
            pairs[i, j], pairs[i, k], columns[e] = False, True, k
            sums[i] += int(self.points[i, k]) - int(self.points[i, j])
            load[j], load[k] = load[j] - 1, load[k] + 1
            if f >= 0:
                other = int(rows[f])
                pairs[other, k], pairs[other, j], columns[f] = False, True, j
                sums[other] += int(self.points[other, j]) - int(self.points[other, k])
                load[j], load[k] = load[j] + 1, load[k] - 1
        if self.worst(sums) > self.worst(self.sums(self.best)):
            self.best = pairs
        return self.worst(self.sums(self.best))

    def integer_floor(self, low: int, bound: int) -> tuple[int, int]:
        """Look for a higher floor by linear and integer programming, from the best answer."""
        level = len(self.program.extra_low)
        program = self.programme().with_extra([float(low)], [float(bound)])
        rows = [
            replace(row, least=-float(self.offset[i]), extra=((level, -1.0),))
            for i, row in self.floors(0)
        ]
        assert self.best is not None
        found = maximize(
            program.with_rows(*rows), None, [1.0], known=places_of(self.best), whole=True,
            budget=self.budget, nodes=patience(4 * self.wanted.size),
        )  # fmt: skip
        if found.status == "infeasible" or not found.found:
            return low, bound
        pairs = np.zeros(self.points.shape, dtype=bool)
        pairs[found.rows, found.columns] = True
        value = self.worst(self.sums(pairs))
        if value > low:
            self.best, low = pairs, value
        return low, max(low, min(bound, int(np.floor(found.bound))))

    def programme(self) -> Program:
        """Return the pairs that an answer may have, everybody with all she can have."""
        n, m = self.points.shape
        everybody = np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64)
        served = SideRow(*everybody, least=int(self.wanted.sum()))
        return replace(self.program, points=self.open).with_rows(served)

    def floors(self, floor: int) -> list[tuple[int, SideRow]]:
        """Return a row for everybody who is judged: her points reach the floor."""
        n, m = self.points.shape
        each, mentors = np.eye(n, dtype=np.int64), np.ones(m, dtype=np.int64)
        return [
            (i, SideRow(each[i], mentors, scored=True, least=floor - int(self.offset[i])))
            for i in np.flatnonzero(self.judged).tolist()
        ]

    # -- the total --------------------------------------------------------------------------------

    def best_total(self, floor: int, gap: float) -> None:
        """Maximise the total over all answers with this floor, starting from one of them."""
        self.ask_for(floor)
        low, high = np.full(self.wanted.size, UNIT), np.full(self.wanted.size, UNIT)
        assert self.best is not None
        tightest: _Plan | None = None
        best = self.total_of(self.best)
        weight = low.copy()
        for _ in range(FLOWS):
            plan = self.flow(weight)
            if plan is None:
                break
            bound = self.bound_on_total(plan, floor)
            if bound < self.bound:
                self.bound, tightest = bound, plan
            short = self.judged & (plan.sums < floor)
            if not short.any() and self.total_of(plan.pairs) > best:
                self.best, best = plan.pairs, self.total_of(plan.pairs)
            if self.bound <= best or self.budget.late():
                break
            # the least weight that lifts each of them above the floor lies in [low, high]
            low[short] = np.maximum(low[short], weight[short])
            fresh = short & (high <= low)
            high[fresh] = np.minimum(UNIT + np.maximum(3 * (low[fresh] - UNIT), 4), HEAVIEST)
            eased = ~short & (weight > UNIT)
            high[eased] = np.minimum(high[eased], weight[eased])
            after = np.where(fresh, high, (low + high + 1) // 2)
            if (after == weight).all():
                break
            weight = after
        if tightest is not None and not self.budget.late() and not self.closed(gap):
            self.decide(tightest, floor, gap)

    def closed(self, gap: float) -> bool:
        assert self.best is not None
        return self.bound - self.total_of(self.best) <= gap * self.bound

    def bound_on_total(self, plan: _Plan, floor: int) -> int:
        """Return what no total with this floor exceeds: weak duality, in whole points."""
        pressed = plan.weight - UNIT
        return (plan.worth - int(pressed @ np.maximum(floor - self.offset, 0))) // UNIT

    def decide(self, plan: _Plan, floor: int, gap: float) -> None:
        """Let HiGHS choose among the pairs that the weights leave undecided."""
        assert self.best is not None
        n, most = self.wanted.size, max(int(self.wanted.max(initial=1)), 1)
        bonus = np.full((n, most), self.bonus, dtype=np.int64)
        served = self.bonus * int(self.wanted.sum())
        proof = Priced(plan.points, UNIT * bonus, plan.solution, UNIT, float(self.bound + served))
        program = self.programme().with_rows(*(row for _, row in self.floors(floor)))

        value, mine = np.maximum(self.points, 0).astype(np.int64), places_of(self.best)
        found = decided(
            program, value, bonus, proof, mine, budget=self.budget, gap=gap,
            nodes=patience(4 * self.wanted.size),
        )  # fmt: skip
        if found is None:
            return
        pairs, bound = found
        self.bound = min(self.bound, int(np.floor(bound)) - served)
        if program.holds(*pairs) and value[pairs].sum() > value[mine].sum():
            self.best = np.zeros(self.points.shape, dtype=bool)
            self.best[pairs] = True
        self.bound = max(self.bound, self.total_of(self.best))
