"""Form groups: prices and their bound, a plan, and programmes that close what lies between them.

Few people: every group there can be is listed, and HiGHS chooses. More: prices prove a bound; a
plan comes from them (taken in order where points add up, by diving where pairs count) and is
polished by exchanges. Then HiGHS decides on what the prices leave open: on places where points add
up, on listed groups where pairs count; at size on about a dozen groups at a time.

With a time limit every part keeps to it; without one the work is bounded by counts alone, so that
the answer is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.columns.ascent import Prices, ascend, first_price
from mentormatch.solvers.columns.core import Places, losses
from mentormatch.solvers.columns.dive import dive
from mentormatch.solvers.columns.lowered import Lowered
from mentormatch.solvers.columns.master import Columns, near
from mentormatch.solvers.columns.neighbours import formed_anew
from mentormatch.solvers.columns.plans import first_plan, polished
from mentormatch.solvers.columns.problem import GroupProblem, Plan
from mentormatch.solvers.rows.highs import Model, integer, patience

__all__ = ["Answer", "circles", "form", "ready"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STEPS = 400
"""Prices tried."""
FEW = 12
"""People of whom every group is listed, if there are no more than `MOST_GROUPS`."""
MOST_GROUPS, CLOSING_GROUPS, CLOSING_PEOPLE = 8_000, 9_000, 120
FEW_PLACES, MOST_PLACES, COUNTED_PLACES = 2_000, 40_000, 60_000
PLACES_EACH = (2.7, 3.6, 6.0, 10.0)
"""Places per person that HiGHS is given, one programme after the other."""
EXCHANGES, EXCHANGES_EACH = 200_000, 2_000
WARM, TEPID = 0.05, 0.02
"""First heat of a polish: of a plan taken in order, and of one by diving."""
ROUNDS, ROUNDS_AT_ONCE, OPENED = 120, 20, 10
"""Neighbourhoods in all and between looks at the gap, and groups opened in each."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Groups, and what is proven about them.

    placed, placed_bound : people in a group, and what no plan exceeds.
    total, bound : points, and what no plan that places as many people exceeds.
    prices : int64 (n,), with a bonus for each person placed; see `certificate.price_bound`.
    status : "optimal" (both proven), "gap" (within the gap that was asked for) or "limit".
    """

    plan: Plan
    placed: int
    placed_bound: int
    total: int
    bound: int
    prices: Ints
    bonus: int
    status: str

    @property
    def gap(self) -> float:
        """How much larger the bound is than the total, relative to it."""
        return (self.bound - self.total) / max(abs(self.total), 1)


def circles(pair: Ints, low: int, high: int, free: Bools | None = None) -> GroupProblem:
    """Return the problem of groups without a coach, for `form`.

    Use this for peers in groups of three or more: one pool, everybody in at most one group of `low`
    to `high` people, the sum of the points of all pairs within groups as large as possible. In the
    plan, `coach` is the first person of each group.

    Parameters
    ----------
    pair
        int64 (n, n), symmetric points of two people in one group, -1 where they may not meet; the
        diagonal is not read.
    free
        bool (n, slots), when people can meet; default: no slot is needed.

    Examples
    --------
    >>> form(circles(pair, 3, 4)).plan.group  # doctest: +SKIP
    """
    n = pair.shape[0]
    apart = np.argwhere(np.triu(pair < 0, 1)).astype(np.int64)
    points = np.where(pair < 0, 0, pair).astype(np.int64)
    np.fill_diagonal(points, 0)
    first = np.arange(n)
    # everybody can be the first of a group, whom only people after her join
    worth = np.where(first[:, None] >= first[None, :], 0, -1).astype(np.int64)
    when = np.ones((n, 1), dtype=bool) if free is None else free
    return GroupProblem(
        worth, when, when, np.ones(n, dtype=np.int64), low, high, points, apart=apart, seeded=True
    )


def form(
    problem: GroupProblem, *, gap: float = 0.0, budget: Budget | None = None, seed: int = 0
) -> Answer:
    """Form groups: as many people placed as possible, then as many points as possible.

    Parameters
    ----------
    gap
        Relative gap at which to stop, once everybody is placed or as many as can be.
    budget
        Seconds; without them the work is bounded by counts.

    Notes
    -----
    The optimum is proven for some dozens of people. Time for a few hundred: seconds to some
    minutes, for the gap left; see `docs/howto/groups.md`.
    """
    return _Forming(problem, gap, budget or Budget(), seed).run()


@cache
def ready() -> None:
    """Compile what forming groups needs, or load it, so that a time limit counts work alone."""
    rng = np.random.default_rng(0)
    worth = rng.integers(1, 1000, (14, 3))
    pair = rng.integers(0, 100, (14, 14))
    free, led = np.ones((14, 2), dtype=bool), np.ones((3, 2), dtype=bool)
    problem = GroupProblem(worth, free, led, np.ones(3, dtype=np.int64) * 2, 3, 4)
    for given in (None, pair + pair.T - 2 * np.diag(np.diag(pair))):
        form(replace(problem, pair=given), gap=0.01)


class _Forming:
    """One run: the best plan so far and the bounds so far."""

    def __init__(self, problem: GroupProblem, gap: float, budget: Budget, seed: int) -> None:
        self.problem, self.gap, self.budget, self.seed = problem, gap, budget, seed
        self.whole = Lowered.of(problem)
        top = int(max(self.whole.worth.max(initial=0), 0))
        if problem.pair is not None:
            best = -np.sort(-problem.pair, axis=1)[:, : problem.high - 1]
            top += int(np.maximum(best, 0).sum(axis=1).max(initial=0))
        self.bonus = 3 * top + 1
        none = np.zeros(0, dtype=np.int64)
        self.plan = Plan(np.full(problem.people, -1, dtype=np.int64), none, none)
        self.total = 0
        self.placed_bound = int(self.whole.here.sum())
        self.prices = Prices(np.zeros(problem.people, dtype=np.int64), 0, self.bonus, 0)
        self.proven: int | None = None  # a bound of points by HiGHS, for the number now placed

    @property
    def bound(self) -> int:
        """Points that no plan exceeds that places as many people."""
        priced = self.prices.bound - self.bonus * self.plan.placed
        best = priced if self.proven is None else min(priced, self.proven)
        return max(best, self.total)

    @property
    def slack(self) -> int:
        """Points between the bound by prices and the plan."""
        return self.prices.bound - self.bonus * self.plan.placed - self.total

    def take(self, plan: Plan) -> bool:
        """Keep a plan if it is better."""
        total = plan.total(self.problem)
        if (plan.placed, total) <= (self.plan.placed, self.total):
            return False
        if plan.placed != self.plan.placed:
            self.proven = None
        self.plan, self.total = plan, total
        return True

    def near_enough(self) -> bool:
        """Whether the gap that was asked for is reached."""
        if self.plan.placed < self.placed_bound:
            return False
        return self.bound - self.total <= self.gap * max(abs(self.total), 1)

    def done(self) -> bool:
        """Whether to stop."""
        return self.near_enough() or self.budget.late()

    def run(self) -> Answer:
        start = first_price(self.whole, self.bonus)
        priced = self.budget if self.budget.seconds is None else self.budget.part(0.4)
        self.prices = ascend(self.whole, start, self.bonus, steps=STEPS, budget=priced)
        if not (self.problem.people <= FEW and self._all_listed()):
            self._plans()
            if self.plan.placed < self.placed_bound:
                self._place()
            if not self.done():
                self._close()
            self._walk()
        status = "gap" if self.near_enough() else "limit"
        if self.plan.placed == self.placed_bound and self.bound == self.total:
            status = "optimal"
        return Answer(
            self.plan, self.plan.placed, self.placed_bound, self.total, self.bound,
            self.prices.price, self.bonus, status,
        )  # fmt: skip

    def _integer(
        self, model: Model, *, gap: float = 0.0, share: float = 1.0
    ) -> tuple[NDArray[np.float64] | None, float, str]:
        """Ask HiGHS, within the time or a number of nodes."""
        nodes = patience(model.value.size) if self.budget.seconds is None else None
        answer = integer(model, seconds=self.budget.left(share), gap=gap, nodes=nodes)
        return answer.x, answer.bound, answer.status

    def _all_listed(self) -> bool:
        """List every group; whether that settled everything."""
        anything = np.full(self.whole.open.shape, -(1 << 58), dtype=np.int64)
        nothing = np.zeros(self.problem.people, dtype=np.int64)
        found = self.whole.above(nothing, anything, MOST_GROUPS)
        if found is None:
            return False
        columns = Columns(self.whole, found.sets, found.coach, found.slot)
        count = replace(columns.model(0), value=columns.size.astype(float))
        x, _bound, status = self._integer(count)
        if x is None or status != "optimal":
            return False
        self.take(self.whole.plan_of(columns.chosen(x)))
        self.placed_bound = self.plan.placed
        if self.plan.placed == 0:
            self.proven = 0
            return True
        x, bound, status = self._integer(columns.model(0, placed=self.plan.placed))
        if x is not None:
            self.take(self.whole.plan_of(columns.chosen(x)))
        if status == "optimal":
            self.proven = max(round(bound), self.total)
        return status == "optimal"

    def _plans(self) -> None:
        """Take plans from the prices and polish them."""
        steps = EXCHANGES + EXCHANGES_EACH * self.problem.people
        ordered = first_plan(self.whole, self.prices.price, self.bonus)
        self.take(ordered)
        plan = polished(self.whole, ordered, self.bonus, steps=steps, seed=self.seed, hot=WARM)
        self.take(plan)
        if self.problem.pair is None or self.done():
            return
        dived = dive(self.whole, self.prices.price, self.bonus, self.budget)
        self.take(dived)
        if not self.budget.late():
            self.take(
                polished(self.whole, dived, self.bonus, steps=steps, seed=self.seed, hot=TEPID)
            )

    def _place(self) -> None:
        """Place more people, and prove how many can be placed."""
        problem = self.problem
        unit = 1000
        nothing = replace(problem, worth=np.minimum(problem.worth, 0), pair=None)
        if problem.seeded:
            nothing = replace(nothing, pair=np.zeros_like(problem.worth))
        flat = Lowered.of(nothing)
        start = np.full(problem.people, unit, dtype=float)
        proof = ascend(flat, start, unit, steps=STEPS // 2, budget=self.budget)
        self.placed_bound = min(self.placed_bound, proof.bound // unit)
        if self.plan.placed >= self.placed_bound or problem.seeded or self.budget.late():
            return
        keep = self._able()
        if int(keep.sum()) > COUNTED_PLACES:
            return
        places = Places.of(self.whole, keep)
        x, bound, status = self._integer(
            places.model(placed=self.plan.placed, count_only=True), share=0.5
        )
        if x is not None:
            better = self.whole.plan_of(places.groups(x))
            steps = EXCHANGES + EXCHANGES_EACH * problem.people
            self.take(better)
            self.take(polished(self.whole, better, self.bonus, steps=steps, seed=1, hot=WARM))
        if status == "optimal":
            self.placed_bound = min(self.placed_bound, max(round(bound), self.plan.placed))

    def _able(self) -> Bools:
        """bool (m, slots, n): places there are."""
        return (
            self.whole.open[:, :, None]
            & self.whole.free.T[None]
            & (self.whole.worth >= 0)[:, None, :]
            & self.whole.here
        )

    def _close(self) -> None:
        """Let HiGHS decide on what prices leave open."""
        if self.problem.pair is None:
            self._close_places()
        elif self.problem.people <= CLOSING_PEOPLE:
            self._walk(rounds=ROUNDS_AT_ONCE)
            if not self.done():
                self._close_groups()

    def _close_places(self) -> None:
        loss, bound = losses(self.whole, self.prices.price, self.bonus)
        each = np.sort(loss[loss <= bound], axis=None)
        inside = int(np.searchsorted(each, self.slack, side="right"))
        counts = [inside] if inside <= FEW_PLACES else [
            int(k * self.problem.people) for k in PLACES_EACH
        ]  # fmt: skip
        for k, count in enumerate(counts):
            count = min(count, inside)
            if (
                self.done()
                or count == 0
                or (k and self.budget.seconds is None and count > MOST_PLACES)
            ):
                return
            line = int(each[count - 1])
            places = Places.of(self.whole, loss <= line)
            model = places.model(placed=self.plan.placed)
            last = count == inside or k + 1 == len(counts)
            x, found, status = self._integer(
                model, gap=0.0 if last else max(self.gap / 2, 5e-4), share=1.0 if last else 0.5
            )
            if x is not None:
                self.take(self.whole.plan_of(places.groups(x)))
            if status != "trouble":
                left = each[count] if count < each.size else None
                outside = 0 if left is None else bound - int(left) - self.bonus * self.plan.placed
                inner = (
                    round(found)
                    if np.isfinite(found)
                    else (self.total if status == "infeasible" else None)
                )
                if inner is not None:
                    proven = max(inner, outside, self.total)
                    self.proven = proven if self.proven is None else min(self.proven, proven)
            if count == inside:
                return

    def _close_groups(self) -> None:
        found = near(self.whole, self.prices.price - self.bonus, self.slack, 0, CLOSING_GROUPS)
        if found is None or found[0].coach.size == 0:
            return
        columns, loss = found
        x, bound, _status = self._integer(
            columns.with_plan(self.plan).model(0, placed=self.plan.placed)
        )
        if x is not None:
            self.take(self.whole.plan_of(columns.with_plan(self.plan).chosen(x)))
        outside = self.prices.bound - loss - 1 - self.bonus * self.plan.placed
        if np.isfinite(bound):
            self.proven = max(round(bound), outside, self.total)

    def _walk(self, rounds: int = ROUNDS) -> None:
        """Form a dozen groups anew at a time."""
        enough_of = 1 + self.gap
        size = min(OPENED, max(self.plan.coach.size - 2, 3))
        for k in range(0, rounds, ROUNDS_AT_ONCE):
            if self.done() or (k and self.budget.seconds is None and self.problem.people <= FEW):
                return
            enough = int(self.bound / enough_of) + self.bonus * self.placed_bound
            self.take(
                formed_anew(
                    self.whole, self.plan, self.prices, enough=enough,
                    rounds=ROUNDS_AT_ONCE, budget=self.budget, size=size, seed=self.seed + k,
                )
            )  # fmt: skip
