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

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import assign

__all__ = ["Floored", "solve_floors"]

Ints = NDArray[np.int64]

UNIT = 64
"""The weight of a mentee whom no floor presses; weights are whole numbers, up to `HEAVIEST`."""
HEAVIEST = 2000
FLOWS = 24
"""Flows after which raising weights is given up for one floor."""
TRIES = 4
"""Floors at which raising weights may fail before the linear programme is asked."""
FEW_PAIRS = 4000
"""So many pairs are never too many for an integer programme."""
MOST_PAIRS = 30_000
"""Undecided pairs that HiGHS is asked about."""
SCALE = 1e-2
"""HiGHS counts in hundreds of points, so that one point is far above its tolerance."""


@dataclass(frozen=True, eq=False)
class Floored:
    """Pairs, the worst mentee's points and the total, each with its bound.

    The bound of the total holds for all assignments with the floor that was reached.
    status : "optimal", "time_limit" or "infeasible".
    """

    rows: Ints
    columns: Ints
    floor: int
    floor_bound: int
    total: int
    bound: int
    status: str
    stats: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Plan:
    """One flow under weights: its pairs, everybody's sum, and what it proves about the total."""

    pairs: NDArray[np.bool_]
    sums: Ints
    weight: Ints
    price: Ints
    worth: int  # sum of weighted points, the greatest there is


def solve_floors(
    points: NDArray[np.int32],
    capacity: Ints,
    demand: Ints,
    had: Ints,
    *,
    min_load: Ints | None = None,
    row_hash: NDArray[np.uint64] | None = None,
    mentor_hash: NDArray[np.uint64] | None = None,
    gap: float = 0.0,
    time_limit: float | None = None,
) -> Floored | None:
    """Give everybody all the mentors she can have, the worst-off as much as possible, then total.

    Parameters
    ----------
    points : int32 (n, m)
        Value of each pair, negative where inadmissible.
    capacity, min_load : int64 (m,)
        Most and fewest mentees per mentor.
    demand : int64 (n,)
        Mentors per mentee.
    had : int64 (n,)
        Points a mentee has already, -1 where she has no mentor yet.
    gap
        Relative gap of the total at which to stop.
    time_limit
        Seconds.

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
    if int(points.max(initial=0)) * HEAVIEST > np.iinfo(np.int32).max:
        raise ValueError(f"points must be at most {np.iinfo(np.int32).max // HEAVIEST}.")
    open_ = (points >= 0) & (capacity > 0)
    wanted = np.minimum(demand, open_.sum(axis=1))
    least = np.zeros_like(capacity) if min_load is None else min_load
    search = _Search(points, capacity, least, wanted, had, row_hash, mentor_hash, time_limit)
    first = search.flow(np.full(wanted.size, UNIT, dtype=np.int64))
    if search.infeasible:
        none = np.zeros(0, dtype=np.int64)
        return Floored(none, none, 0, 0, 0, 0, "infeasible")
    if first is None:
        return None
    floor, bound = search.highest_floor(first)
    search.best_total(floor, gap)
    best = search.best
    assert best is not None
    total = search.total_of(best)
    upper = max(search.bound, total)
    closed = floor == bound and upper - total <= gap * upper
    rows, columns = np.nonzero(best)
    return Floored(
        rows.astype(np.int64), columns.astype(np.int64), floor, bound, total, upper,
        "optimal" if closed else "time_limit", {"flows": search.flows, **search.stats},
    )  # fmt: skip


class _Search:
    def __init__(
        self, points: Any, capacity: Ints, least: Ints, wanted: Ints, had: Ints,
        row_hash: Any, mentor_hash: Any, time_limit: float | None,
    ) -> None:  # fmt: skip
        self.points, self.capacity, self.least, self.wanted = points, capacity, least, wanted
        self.offset = np.maximum(had, 0)
        self.judged = (wanted > 0) | (had >= 0)  # who has a mentor: the others count nowhere
        self.hashes = {"row_hash": row_hash, "mentor_hash": mentor_hash}
        self.deadline = None if time_limit is None else time.perf_counter() + time_limit
        self.weight = np.full(wanted.size, UNIT, dtype=np.int64)
        self.ranked = self._ranked()
        self.ask_for(0)
        top = int(points.max(initial=0)) * HEAVIEST
        self.slot = 4 * (min(points.shape) + 2) * (top + 1)  # a mentor more outweighs all else
        self.best: NDArray[np.bool_] | None = None  # the best answer at the floor asked for
        self.bound = np.iinfo(np.int64).max
        self.flows = 0
        self.infeasible = False
        self.unserved = False  # the last flow could not give everybody what she wanted
        self.stats: dict[str, Any] = {}

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

    def seconds(self, most: float = np.inf) -> float | None:
        left = np.inf if self.deadline is None else self.deadline - time.perf_counter()
        return None if (left := min(left, most)) == np.inf else max(left, 0.02)

    def late(self) -> bool:
        return self.deadline is not None and time.perf_counter() > self.deadline

    def flow(self, weight: Ints) -> _Plan | None:
        """Solve one flow under weights; None if it did not end, or not everybody is served."""
        changed = np.flatnonzero(weight != self.weight)
        own = self.open[changed]
        factor = weight[changed, None].astype(np.int32)
        self.worth[changed] = np.where(own >= 0, own * factor, -1)
        self.weight = weight
        n, most = self.wanted.size, max(int(self.wanted.max(initial=1)), 1)
        solution = assign(
            self.worth, self.capacity, demand=self.wanted, min_load=self.least,
            row_bonus=np.full((n, most), self.slot, dtype=np.int64),
            time_limit=self.seconds(), **self.hashes,
        )  # fmt: skip
        self.flows += 1
        if solution.status != "optimal":
            self.infeasible = self.unserved = solution.status == "infeasible"
            return None
        mentors = solution.mentor_of.reshape(n, -1)
        rows, slots = np.nonzero(mentors >= 0)
        self.unserved = rows.size < int(self.wanted.sum())
        if self.unserved:
            return None
        pairs = np.zeros(self.points.shape, dtype=bool)
        pairs[rows, mentors[rows, slots]] = True
        worth = solution.objective - self.slot * rows.size
        return _Plan(pairs, self.sums(pairs), weight, solution.mentor_price, worth)

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
        while failed < TRIES and not self.late():  # lower down, before the linear programme
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
        bound = max(low, min(bound, self.relaxed_floor(bound)))
        return self.integer_floor(low, bound) if low < bound else (low, bound)

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
            if (weight[low] >= HEAVIEST).all() or self.late():
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
        while not self.late():
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

    def near(self, per_mentor: int = 6) -> NDArray[np.bool_]:
        """Return bool (n, m): everybody's best few pairs, and those of the best answer."""
        n, m = self.points.shape
        value = self.open
        if int((value >= 0).sum()) <= FEW_PAIRS:
            return value >= 0
        count = min(m, per_mentor * max(1, int(self.wanted.max(initial=1))))
        kept = np.zeros((n, m), dtype=bool)
        np.put_along_axis(kept, np.argpartition(-value, count - 1, axis=1)[:, :count], True, axis=1)
        many = min(n, int(self.capacity.max(initial=1)) + count)
        np.put_along_axis(kept, np.argpartition(-value, many - 1, axis=0)[:many], True, axis=0)
        if self.best is not None:
            kept |= self.best
        return kept & (value >= 0)

    def relaxed_floor(self, bound: int) -> int:
        """Bound the floor by a flow whose weights are the prices of a linear programme.

        The mean of the sums under any weights bounds their least, so the flow proves the bound,
        whatever pairs the linear programme saw.
        """
        from scipy.optimize import linprog

        rows, columns = np.nonzero(self.near())
        matrix, _, high = self.rows_of(rows, columns, self.judged, None, level=True)
        n, m = self.points.shape
        cost = np.zeros(rows.size + 1)
        cost[-1] = -1
        result = linprog(
            cost, A_ub=matrix[n:], b_ub=high[n:], A_eq=matrix[:n], b_eq=high[:n],
            bounds=np.array([[0, 1]] * rows.size + [[0, bound * SCALE]]), method="highs",
            options={} if self.seconds() is None else {"time_limit": self.seconds()},
        )  # fmt: skip
        if result.status != 0:
            return bound
        price = np.zeros(n)
        price[self.judged] = -result.ineqlin.marginals[m:]
        if price.max(initial=0) <= 0:
            return bound
        weight = np.rint(price / price.max() * HEAVIEST).astype(np.int64)
        plan = self.flow(weight)
        if plan is None:
            return bound
        mean = (plan.worth + int(weight @ self.offset)) // int(weight.sum())
        return max(mean, 0)

    def integer_floor(self, low: int, bound: int) -> tuple[int, int]:
        """Look for a higher floor among the best few pairs of everybody."""
        near = self.near(4)
        rows, columns = np.nonzero(near)
        matrix, least, high = self.rows_of(rows, columns, self.judged, None, level=True)
        cost = np.zeros(rows.size + 1)
        cost[-1] = -1
        extra = (low * SCALE, bound * SCALE)
        chosen, upper = self.ask(cost, matrix, least, high, rows.size, extra)
        if np.isfinite(upper) and int(near.sum()) == int((self.open >= 0).sum()):
            bound = max(low, min(bound, int(np.floor(upper / SCALE + 1e-3))))
        if chosen is None:
            return low, bound
        pairs = np.zeros(self.points.shape, dtype=bool)
        pairs[rows[chosen], columns[chosen]] = True
        value = self.worst(self.sums(pairs))
        if value > low and self.allowed(pairs):
            self.best = pairs
            low = value
        return low, max(low, bound)

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
            if self.bound <= best or self.late():
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
        for _ in range(3):
            if tightest is None or self.late() or self.closed(gap):
                return
            before = self.bound - self.total_of(self.best)
            relaxed = self.relaxed_total(tightest, floor)
            if relaxed is not None and (bound := self.bound_on_total(relaxed, floor)) < self.bound:
                self.bound, tightest = bound, relaxed
            self.decide(tightest, floor, gap)
            if self.bound - self.total_of(self.best) > before // 2:
                return

    def closed(self, gap: float) -> bool:
        assert self.best is not None
        return self.bound - self.total_of(self.best) <= gap * self.bound

    def relaxed_total(self, plan: _Plan, floor: int) -> _Plan | None:
        """Return a flow whose weights are the prices of floors in a linear programme."""
        from scipy.optimize import linprog

        pressed = self.judged & ((plan.weight > UNIT) | (plan.sums < floor))
        rows, columns = np.nonzero(self.near(4) | plan.pairs)
        matrix, least, high = self.rows_of(rows, columns, pressed, None, floor=floor)
        n, m = self.points.shape
        lower = np.flatnonzero(least[n : n + m] > 0) + n
        result = linprog(
            -SCALE * self.points[rows, columns].astype(float),
            A_ub=_stacked(matrix[n:], -matrix[lower]),
            b_ub=np.concatenate([high[n:], -least[lower]]),
            A_eq=matrix[:n], b_eq=high[:n], bounds=(0, 1), method="highs",
            options={} if self.seconds() is None else {"time_limit": self.seconds()},
        )  # fmt: skip
        if result.status != 0:
            return None
        price = np.zeros(n)
        price[pressed] = -result.ineqlin.marginals[m : m + int(pressed.sum())]
        weight = np.rint(UNIT * (1 + price.clip(0, HEAVIEST / UNIT - 1))).astype(np.int64)
        return self.flow(weight)

    def bound_on_total(self, plan: _Plan, floor: int) -> int:
        """Return what no total with this floor exceeds: weak duality, in whole points."""
        pressed = plan.weight - UNIT
        return (plan.worth - int(pressed @ np.maximum(floor - self.offset, 0))) // UNIT

    def decide(self, plan: _Plan, floor: int, gap: float) -> None:
        """Let HiGHS choose among the pairs that the prices leave undecided."""
        assert self.best is not None
        slack = (self.bound_on_total(plan, floor) - self.total_of(self.best) + 1) * UNIT
        value = self.points.astype(np.int64) * plan.weight[:, None] - plan.price
        value[self.open < 0] = np.iinfo(np.int64).min // 4
        ranked = -np.sort(-value, axis=1)
        m = value.shape[1]
        at = np.arange(self.wanted.size)
        none = np.iinfo(np.int64).min // 8
        last = np.where(self.wanted > 0, ranked[at, np.maximum(self.wanted - 1, 0)], -none)
        follows = np.where(self.wanted < m, ranked[at, np.minimum(self.wanted, m - 1)], none)
        inside = value >= last[:, None]
        loss = np.where(inside, value - follows[:, None], last[:, None] - value)
        open_ = value > none
        sure = inside & (loss > slack) & open_
        unsure = (loss <= slack) & open_ & (self.wanted > 0)[:, None]
        complete = int(unsure.sum()) <= MOST_PAIRS
        if not complete:
            allowed = np.partition(loss[unsure], MOST_PAIRS)[MOST_PAIRS]
            unsure &= loss < allowed
            sure &= False
            unsure |= inside & open_
        unsure |= self.best & ~sure
        self.stats["undecided"] = int(unsure.sum())
        rows, columns = np.nonzero(unsure)
        fixed = self.sums(sure)
        matrix, least, high = self.rows_of(
            rows, columns, self.judged & (fixed < floor), sure, floor=floor
        )
        cost = -SCALE * self.points[rows, columns].astype(float)
        known = self.total_of(sure)
        chosen, upper = self.ask(cost, matrix, least, high, rows.size, None, gap)
        if complete and np.isfinite(upper):
            proven = int(np.floor(upper / SCALE + 1e-3)) + known
            self.bound = min(self.bound, max(proven, self.total_of(self.best)))
        if chosen is None:
            return
        pairs = sure.copy()
        pairs[rows[chosen], columns[chosen]] = True
        better = self.total_of(pairs) > self.total_of(self.best)
        if better and self.allowed(pairs) and self.worst(self.sums(pairs)) >= floor:
            self.best = pairs

    # -- HiGHS ------------------------------------------------------------------------------------

    def allowed(self, pairs: NDArray[np.bool_]) -> bool:
        load = pairs.sum(axis=0)
        return bool(
            (pairs.sum(axis=1) == self.wanted).all()
            and (self.points[pairs] >= 0).all()
            and (load <= self.capacity).all()
            and (load >= self.least).all()
        )

    def rows_of(
        self, rows: Any, columns: Any, floored: NDArray[np.bool_], fixed: Any, *,
        floor: int = 0, level: bool = False,
    ) -> tuple[Any, Any, Any]:  # fmt: skip
        """Return (matrix, low, high): mentors of each mentee, loads, floors.

        Floors are `level - sum <= offset` with a last variable for the level, or
        `-sum <= offset - floor`; `fixed` pairs are chosen already.
        """
        from scipy import sparse

        n, m = self.points.shape
        held = np.zeros((n, m), dtype=bool) if fixed is None else fixed
        at, one = np.arange(rows.size), np.ones(rows.size)
        place = np.full(n, -1)
        place[floored] = np.arange(int(floored.sum()))
        inside = place[rows] >= 0
        width = rows.size + level
        count = int(floored.sum())
        amount = -SCALE * self.points[rows, columns][inside].astype(float)
        where = (place[rows][inside], at[inside])
        if level:
            amount = np.append(amount, np.ones(count))
            where = (
                np.append(where[0], np.arange(count)),
                np.append(where[1], np.full(count, rows.size)),
            )
        matrix = sparse.vstack(
            [
                sparse.csr_matrix((one, (rows, at)), shape=(n, width)),
                sparse.csr_matrix((one, (columns, at)), shape=(m, width)),
                sparse.csr_matrix((amount, where), shape=(count, width)),
            ],
            format="csr",
        )
        missing = (self.wanted - held.sum(axis=1)).astype(float)
        load = held.sum(axis=0)
        spare = SCALE * (self.sums(held) - (0 if level else floor))[floored]
        high = np.concatenate([missing, self.capacity - load, spare])
        low = np.concatenate([missing, np.maximum(self.least - load, 0), np.full(count, -np.inf)])
        return matrix, low, high

    def ask(
        self, cost: Any, matrix: Any, low: Any, high: Any, pairs: int,
        level: tuple[float, float] | None, gap: float = 0.0,
    ) -> tuple[Ints | None, float]:  # fmt: skip
        """Minimise the cost over 0/1 pairs; return (pairs chosen or None, bound on minus cost)."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        if cost.size == 0:
            return np.zeros(0, dtype=np.int64), 0.0
        kinds = np.ones(cost.size)
        bottom, top = np.zeros(cost.size), np.ones(cost.size)
        if level is not None:
            kinds[-1] = 0
            bottom[-1], top[-1] = level
        result = milp(
            cost, integrality=kinds, bounds=Bounds(bottom, top),
            constraints=LinearConstraint(matrix, low, high),
            options={"mip_rel_gap": gap, "time_limit": self.seconds(20.0)},
        )  # fmt: skip
        dual = result.get("mip_dual_bound")
        upper = np.inf if dual is None or not np.isfinite(dual) else -float(dual)
        if result.x is None:
            return None, upper
        return np.flatnonzero(result.x[:pairs] > 0.5), upper


def _stacked(*parts: Any) -> Any:
    """Return sparse matrices one below the other."""
    from scipy import sparse

    return sparse.vstack(parts, format="csr")
