"""Assignment with side rows: linear programme over few pairs, priced against all, then HiGHS.

For what is no flow: quotas that cross, parity of mean scores, budgets of hours, levels. The
linear programme starts on the best pairs of each row and column and takes in others until none
improves it, so its bound holds for *all* pairs; the integer programme then sees only the pairs
of least reduced cost, and those left out are bounded by their reduced cost.

HiGHS keeps rows within a tolerance, so its answers are counted again in whole numbers. One that
breaks a row is cut off, and rows are tightened by what was broken until an answer holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program, nobody, places_of
from mentormatch.solvers.rows.highs import (
    LARGEST,
    IntegerAnswer,
    Model,
    integer,
    linear,
    scale_of,
)
from mentormatch.solvers.rows.repair import plain_flow, repaired
from mentormatch.solvers.rows.table import RowTable

__all__ = [
    "ALL_PAIRS",
    "KEPT_PER_MENTEE",
    "Answer",
    "linear_prices",
    "maximize",
    "relaxed_bound",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ALL_PAIRS = 4000
"""Programmes with fewer admissible pairs go to HiGHS whole."""
KEPT_PER_MENTEE = 8
"""Pairs per mentee that the integer programme sees on larger ones."""
MOST_ROUNDS = 100
"""Linear programmes solved, each with more pairs."""
CUTS = 60
"""Answers within HiGHS's tolerance but not within ours that are cut off one by one."""
TIGHTER = 3
"""Times that broken rows are tightened, each time by more, to find an answer that holds."""
TOLERANCE = 1e-5
"""What HiGHS's tolerances may hide, in the scaled objective."""
UPFRONT = 50_000
"""From so many pairs per second allowed on, a cheap answer is made before HiGHS is asked, else
only where HiGHS finds none."""
SHARE = 0.5
"""Part of the time that the linear programme may take."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The best pairs found, and what is proven about all others.

    rows, columns : int64, the chosen pairs.
    objective : float, of these pairs and `extra`;  bound : float, no solution exceeds it.
    status : "optimal" (within the gap asked for), "infeasible", "time_limit", or "limit" (of
        work, where no time was given).
    price : float (m,), dual prices of seats in the linear programme; NaN where it was not solved.
    multipliers : float, dual prices of the side rows.
    """

    rows: Ints
    columns: Ints
    extra: Floats
    objective: float
    bound: float
    status: str
    price: Floats
    multipliers: Floats

    @property
    def found(self) -> bool:
        return self.objective > -np.inf


def maximize(
    program: Program,
    value: NDArray[np.int64] | None,
    extra_value: Sequence[float] | Floats = (),
    *,
    budget: Budget | None = None,
    gap: float = 0.0,
    known: Pairs | None = None,
    nodes: int | None = None,
    whole: bool = False,
) -> Answer:
    """Choose the pairs of greatest total value among those that satisfy every row.

    Parameters
    ----------
    program
        n mentees, m mentors.
    value : int64 (n, m) or None
        Value of each pair; None: all 0.
    extra_value
        Value per unit of each extra variable; missing ones 0.
    budget
        Time; default: without limit.
    gap
        Relative gap at which to stop.
    known
        Pairs known to satisfy every row; kept as a fallback and among the pairs considered.
    nodes
        Most nodes of the integer programme; default: without limit.
    whole
        Whether what every answer is worth is a whole number although extra variables count.

    Returns
    -------
    Answer
        Feasible whenever `known` is, nobody at all is, or the plain flow is once repaired.

    Notes
    -----
    Weak duality: for any prices, the value of every solution is at most the seats and side rows
    at their prices plus each mentee's best surpluses; the bound is that sum, over all pairs, for
    the prices of the linear programme.
    """
    budget = budget or Budget()
    task = _Task(program, value, extra_value)
    task.whole |= whole
    limits = _Limits(budget, gap, nodes)
    fallback = task.known(known)
    upfront = not fallback.found and task.open.size > UPFRONT * (budget.left() or np.inf)
    if upfront:
        fallback = task.cheap(budget)
    if budget.late():
        answer = task.none(np.inf, limits.word)
    elif int(task.open.sum()) <= ALL_PAIRS:
        answer = task.integer(places_of(task.open), limits)
    else:
        answer = _reduced(task, limits, fallback)
    if not (answer.found or fallback.found or upfront or answer.status == "infeasible"):
        fallback = task.cheap(budget)
    return task.better(answer, fallback, limits)


def relaxed_bound(
    program: Program,
    value: NDArray[np.int64] | None,
    extra_value: Sequence[float] | Floats = (),
    *,
    budget: Budget | None = None,
) -> float:
    """Return what the linear programme proves no solution exceeds, -inf if none exists."""
    task = _Task(program, value, extra_value)
    relaxed = _priced(task, budget or Budget(), None)
    return -np.inf if relaxed is None else relaxed.bound / task.scale


def linear_prices(
    program: Program, value: NDArray[np.int64]
) -> tuple[Floats, Floats, float] | None:
    """Return (price of each seat, price of each row, the bound that they prove), None: infeasible.

    Notes
    -----
    In units of `value`. Any prices prove a bound; these are the linear programme's, so that none
    proves a lower one. The bound is computed from them over all pairs, see `_Task.surplus`.
    """
    task = _Task(program, value, rounded=False)
    relaxed = _priced(task, Budget(), None)
    if relaxed is None:
        return None
    n, m = program.shape
    return (
        relaxed.dual[n : n + m] / task.scale,
        relaxed.dual[n + m :] * task.table.factor / task.scale,
        relaxed.bound / task.scale,
    )


@dataclass(frozen=True, eq=False)
class _Limits:
    budget: Budget
    gap: float
    nodes: int | None

    @property
    def word(self) -> str:
        """What it is called when a search ends before its proof."""
        return "limit" if self.budget.seconds is None else "time_limit"

    def close(self, objective: float, bound: float) -> bool:
        return bound - objective <= self.gap * abs(bound) + 1e-9


class _Task:
    """One programme with one objective, and its translation for HiGHS."""

    def __init__(
        self,
        program: Program,
        value: Ints | None,
        extra_value: Sequence[float] | Floats = (),
        *,
        rounded: bool = True,
    ) -> None:
        self.program = program
        self.value = np.zeros(program.shape, dtype=np.int64) if value is None else value
        self.extra = np.zeros(len(program.extra_low))
        self.extra[: len(extra_value)] = extra_value
        self.table = RowTable(program, rounded=rounded)
        self.open = self.table.open
        self.scale = scale_of(self.value, self.extra)
        self.whole = not self.extra.any()  # every solution is worth a whole number

    def model(self, rows: Ints, columns: Ints) -> Model:
        """Return the programme over these pairs and the extra variables."""
        from scipy.sparse import csr_array, hstack, vstack

        p, table = self.program, self.table
        n, m = p.shape
        pairs, q = rows.size, len(p.extra_low)
        at, one = np.arange(pairs), np.ones(pairs)
        side = csr_array((0, pairs))
        if table.count:
            side = csr_array(table.matrix(rows, columns).multiply(table.factor[:, None]))
        matrix = vstack(
            [
                csr_array((one, (rows, at)), shape=(n, pairs + q)),
                csr_array((one, (columns, at)), shape=(m, pairs + q)),
                hstack([side, self.links()]),
            ],
            format="csr",
        )
        floor = np.where(p.min_load > 0, p.min_load, -np.inf)
        return Model(
            np.concatenate([self.value[rows, columns].astype(float), self.extra]),
            matrix,
            np.concatenate(
                [np.full(n, -np.inf), floor, (table.least - table.slack) * table.factor]
            ),
            np.concatenate([p.demand, p.capacity, (table.most + table.slack) * table.factor]),
            np.concatenate([np.zeros(pairs), p.extra_low]),
            np.concatenate([one, p.extra_high]),
            np.arange(pairs + q) < pairs,
            self.scale,
        )

    def links(self) -> Any:
        """Return the sparse part of the side rows over the extra variables."""
        from scipy.sparse import csr_array

        p, table = self.program, self.table
        links = [
            (r, e, c * table.factor[r])
            for r in np.flatnonzero(table.linked).tolist()
            for e, c in p.rows[r].extra
        ]
        which = np.array([link[:2] for link in links], dtype=np.int64).reshape(-1, 2).T
        amount = np.array([link[2] for link in links])
        return csr_array((amount, tuple(which)), shape=(table.count, len(p.extra_low)))

    # -- the integer programme --------------------------------------------------------------------

    def integer(self, considered: Pairs, limits: _Limits) -> Answer:
        """Solve the integer programme over these pairs only, to an answer that holds exactly."""
        model = self.model(*considered)
        best, bound = self.none(np.inf, limits.word), np.inf
        for turn in range(CUTS):
            found = self._ask(model, limits)
            if found.status == "infeasible":  # all that was cut off broke a row
                return replace(best, bound=best.objective, status="optimal") if best.found else (
                    self.none(-np.inf, "infeasible"))  # fmt: skip
            bound = min(bound, self.proven(found.bound))
            if found.x is None:
                break
            answer = self._read(considered, found.x)
            if answer is not None:
                if answer.objective > best.objective:
                    best = answer
                bound = max(bound, best.objective)
                done = limits.close(best.objective, bound) or (
                    found.status == "optimal" and not (self.whole and limits.gap == 0)
                )
                return replace(best, bound=bound, status="optimal" if done else limits.word)
            if not best.found and turn < TIGHTER:
                best = self._tightened(model, considered, found.x, limits)
            if best.found and limits.close(best.objective, bound):
                return replace(best, bound=max(bound, best.objective), status="optimal")
            if limits.budget.late():
                break
            model = _without(model, found.x, considered[0].size)
        return replace(best, bound=max(bound, best.objective))

    def _ask(self, model: Model, limits: _Limits) -> IntegerAnswer:
        found = integer(model, seconds=limits.budget.left(), gap=limits.gap, nodes=limits.nodes)
        small = model.value.size <= ALL_PAIRS and not limits.budget.late()
        if found.x is None and small and (limits.nodes is None or found.status == "infeasible"):
            # HiGHS's presolve has called feasible ones infeasible, and ended without a word
            found = integer(
                model, seconds=limits.budget.left(), gap=limits.gap, nodes=limits.nodes,
                presolve=False,
            )  # fmt: skip
        return found

    def _read(self, considered: Pairs, x: Floats) -> Answer | None:
        """Return HiGHS's solution as an answer, None if it breaks a row."""
        rows, columns = considered
        chosen = np.flatnonzero(x[: rows.size] > 0.5)
        pairs = rows[chosen], columns[chosen]
        if not self.program.holds(*pairs):
            return None
        return self.answer(pairs, x[rows.size :])

    def _tightened(self, model: Model, considered: Pairs, x: Floats, limits: _Limits) -> Answer:
        """Tighten the rows that are broken by ever more until an answer holds."""
        n, m = self.program.shape
        slack = np.zeros(self.table.count)
        for turn in range(TIGHTER):
            chosen = np.flatnonzero(x[: considered[0].size] > 0.5)
            amount = self.table.amounts(considered[0][chosen], considered[1][chosen])
            slack += 2.0**turn * self.table.outside(amount) * self.table.factor
            low, high = model.low.copy(), model.high.copy()
            low[n + m : n + m + slack.size] += slack
            high[n + m : n + m + slack.size] -= slack
            if (low > high).any():
                break
            found = self._ask(replace(model, low=low, high=high), limits)
            if found.x is None:
                break
            answer = self._read(considered, found.x)
            if answer is not None:
                return answer
            x = found.x
        return self.none(np.inf, limits.word)

    def proven(self, bound: float) -> float:
        """Round a bound down to what a solution can be worth."""
        if not self.whole or not np.isfinite(bound):
            return bound
        dust = TOLERANCE / self.scale
        return float(np.floor(bound + dust)) if dust < 0.5 else bound + dust

    # -- answers ----------------------------------------------------------------------------------

    def answer(self, pairs: Pairs, extra: Floats) -> Answer:
        worth = float(self.value[pairs].sum()) + float(self.extra @ extra)
        if self.whole:
            worth = float(np.rint(worth))
        return replace(
            self.none(np.inf, "optimal"), rows=pairs[0], columns=pairs[1], extra=extra,
            objective=worth,
        )  # fmt: skip

    def none(self, bound: float, status: str) -> Answer:
        m, r = self.program.shape[1], len(self.program.rows)
        return Answer(
            *nobody(), np.zeros(len(self.extra)), -np.inf, bound, status,
            np.full(m, np.nan), np.full(r, np.nan),
        )  # fmt: skip

    def known(self, pairs: Pairs | None) -> Answer:
        """Return the answer with given pairs and the best extra variables, none if they break."""
        if pairs is None or not self.program.holds(*pairs):
            return self.none(np.inf, "limit")
        q = len(self.program.extra_low)
        if q == 0:
            return self.answer(pairs, np.zeros(0))
        whole = self.model(*pairs)
        fixed = np.arange(whole.value.size) < pairs[0].size
        found = linear(replace(whole, bottom=np.where(fixed, 1.0, whole.bottom)))
        if found.x is None:
            return self.none(np.inf, "limit")
        return self.answer(pairs, found.x[pairs[0].size :])

    def cheap(self, budget: Budget) -> Answer:
        """Return the better of nobody at all and the plain flow, made to keep every row."""
        best = self.known(nobody())
        flow, bound = plain_flow(self.program, self.value, budget)
        mended = repaired(self.program, flow, value=self.value, table=self.table, budget=budget)
        other = self.known(mended)
        best = other if other.found and other.objective >= best.objective else best
        extra = np.maximum(
            self.extra * self.program.extra_low, self.extra * self.program.extra_high
        )
        return replace(best, bound=bound + float(extra.sum()))

    def better(self, answer: Answer, fallback: Answer, limits: _Limits) -> Answer:
        """Return the better of two answers, with the better bound."""
        if not fallback.found:
            return answer
        if answer.status == "infeasible":  # it is not: HiGHS is wrong
            answer = self.none(np.inf, limits.word)
        bound = min(answer.bound, fallback.bound)
        best = answer
        if fallback.objective > answer.objective:
            best = replace(fallback, price=answer.price, multipliers=answer.multipliers)
        bound = max(bound, best.objective)
        done = answer.status == "optimal" or limits.close(best.objective, bound)
        return replace(best, bound=bound, status="optimal" if done else limits.word)

    # -- the linear programme ---------------------------------------------------------------------

    def linear(self, pairs: Pairs, penalty: float, seconds: float | None) -> _Relaxed | None:
        """Solve the linear programme over these pairs; broken rows cost `penalty` a unit.

        None if the time is up.
        """
        from scipy.sparse import csr_array, hstack

        n, m = self.program.shape
        model = self.model(*pairs)
        elastic_high = np.flatnonzero(np.isfinite(model.high[n + m :])) + n + m
        elastic_low = np.flatnonzero(np.isfinite(model.low))
        at = np.concatenate([elastic_high, elastic_low])
        sign = np.concatenate([-np.ones(elastic_high.size), np.ones(elastic_low.size)])
        slack = csr_array((sign, (at, np.arange(at.size))), shape=(model.high.size, at.size))
        found = linear(
            Model(
                np.append(model.value, np.full(at.size, -penalty / self.scale)),
                hstack([model.matrix, slack], format="csr"), model.low, model.high,
                np.append(model.bottom, np.zeros(at.size)),
                np.append(model.top, np.full(at.size, np.inf)), scale=self.scale,
            ),
            seconds,
        )  # fmt: skip
        if found.status == "limit":
            return None
        if found.x is None:  # numerical trouble: no information
            return _Relaxed(np.zeros(pairs[0].size), np.zeros(model.high.size), np.inf)
        broken = float(found.x[model.value.size :].sum())
        return _Relaxed(found.x[: pairs[0].size], found.dual * self.scale, broken)

    def surplus(self, dual: Floats) -> tuple[Floats, float]:
        """Return (value less prices of every pair, bound that these prices prove), scaled."""
        p, table = self.program, self.table
        n, m = p.shape
        price = dual[n : n + m]
        weight = dual[n + m :] * table.factor
        left = self.scale * self.value.astype(float) - price
        if table.count and weight.any():
            left -= table.fee(weight)
        extra = self.scale * self.extra
        for r in np.flatnonzero(table.linked & (weight != 0)).tolist():
            for e, coefficient in p.rows[r].extra:
                extra[e] -= weight[r] * coefficient
        left[~self.open] = -np.inf
        bound = float(price @ np.where(price >= 0, p.capacity, p.min_load))
        side = np.where(weight > 0, table.most, table.least)
        used = weight != 0
        bound += float(weight[used] @ side[used])
        low, high = np.array(p.extra_low), np.array(p.extra_high)
        bound += float(np.maximum(extra * low, extra * high).sum())
        bound += self.best_surpluses(left)
        return left, bound

    def best_surpluses(self, left: Floats) -> float:
        most = min(int(self.program.demand.max(initial=0)), left.shape[1])
        if most == 0:
            return 0.0
        if most == 1:
            return float(np.maximum(left.max(axis=1), 0).sum())
        best = -np.partition(-left, most - 1, axis=1)[:, :most]
        best = np.maximum(-np.sort(-best, axis=1), 0)
        return float((best * (np.arange(most) < self.program.demand[:, None])).sum())


@dataclass(frozen=True, eq=False)
class _Relaxed:
    x: Floats
    dual: Floats
    broken: float


@dataclass(frozen=True, eq=False)
class _Priced:
    """The linear programme over all pairs: bound, duals, what each pair falls short by."""

    bound: float  # scaled
    dual: Floats
    loss: Floats  # (n, m) >= 0: what forcing a pair in costs at least, scaled
    support: NDArray[np.bool_]


def _without(model: Model, x: Floats, pairs: int) -> Model:
    """Return the model without the solution whose pairs are those of x, rounded."""
    from scipy.sparse import csr_array, vstack

    chosen = x[:pairs] > 0.5
    sign = np.append(np.where(chosen, -1.0, 1.0), np.zeros(x.size - pairs))
    return replace(
        model,
        matrix=vstack([model.matrix, csr_array(sign[None])], format="csr"),
        low=np.append(model.low, 1.0 - int(chosen.sum())),
        high=np.append(model.high, np.inf),
    )


def _priced(task: _Task, budget: Budget, known: Pairs | None) -> _Priced | None:
    """Solve the linear programme, taking in pairs until none improves it; None: infeasible."""
    n, m = task.program.shape
    chosen = _first_pairs(task, known)
    penalty = 100 * LARGEST
    dual = np.zeros(n + m + task.table.count)
    best_left, best = task.surplus(dual)
    best_dual, support = dual, np.zeros_like(chosen)
    for _ in range(MOST_ROUNDS):
        pairs = places_of(chosen)
        relaxed = task.linear(pairs, penalty, budget.left())
        if relaxed is None:
            break
        left, bound = task.surplus(relaxed.dual)
        if bound < best:
            best, best_dual, best_left = bound, relaxed.dual, left
        used = relaxed.x > 1e-9
        support[:] = False
        support[pairs[0][used], pairs[1][used]] = True
        fresh = _improving(task, left, relaxed.dual[:n], chosen)
        if budget.late():
            break
        if not fresh.any():
            if relaxed.broken <= 1e-6:
                break
            if penalty >= 1e12:
                return None
            penalty *= 1000
            continue
        chosen |= fresh
    return _Priced(best, best_dual, best_dual[:n, None] - best_left, support)


def _reduced(task: _Task, limits: _Limits, known: Answer) -> Answer:
    """Linear programme by pricing, then the integer programme on the nearest pairs."""
    n, m = task.program.shape
    timed = limits.budget.seconds is not None
    pairs = (known.rows, known.columns) if known.found else None
    priced = _priced(task, limits.budget.part(SHARE) if timed else limits.budget, pairs)
    if priced is None:
        return task.none(-np.inf, "infeasible")
    linear = task.proven(priced.bound / task.scale)
    if known.found and limits.close(known.objective, linear):
        answer = replace(known, bound=max(linear, known.objective), status="optimal")
    else:
        if pairs is not None:
            priced.support[pairs] = True
        answer = _on_nearest(task, priced, limits)
    return replace(
        answer,
        price=priced.dual[n : n + m] / task.scale,
        multipliers=priced.dual[n + m :] * task.table.factor / task.scale,
    )


def _on_nearest(task: _Task, priced: _Priced, limits: _Limits) -> Answer:
    """Solve the integer programme on ever more pairs until it finds and proves something."""
    n = task.program.shape[0]
    loss = np.where(task.open, priced.loss, np.inf)
    total = int(task.open.sum())
    keep = KEPT_PER_MENTEE * n * max(1, int(task.program.demand.max(initial=1)))
    linear = task.proven(priced.bound / task.scale)
    while True:
        if limits.budget.late():
            return task.none(linear, limits.word)
        whole = keep >= total
        line = np.inf if whole else float(np.partition(loss.ravel(), keep)[keep])
        kept = task.open & ((loss <= line) | priced.support)
        answer = task.integer(places_of(kept), limits)
        left_out = np.inf if whole else float(loss[~kept].min(initial=np.inf))
        outside = -np.inf if not np.isfinite(left_out) else (priced.bound - left_out) / task.scale
        proven = min(max(answer.bound, outside), linear)
        late = limits.budget.late()
        if answer.found:
            proven = max(proven, answer.objective)
            close = limits.close(answer.objective, proven)
            if close or whole or late or keep >= 8 * KEPT_PER_MENTEE * n:
                return replace(answer, bound=proven, status="optimal" if close else limits.word)
        elif whole or late:
            return replace(answer, bound=proven) if answer.status != "infeasible" else answer
        keep *= 4


def _first_pairs(task: _Task, known: Pairs | None) -> Any:
    """Best pairs of each mentee and of each mentor, where seats allow."""
    n, m = task.value.shape
    p = task.program
    chosen = np.zeros((n, m), dtype=bool)
    if chosen.size == 0:
        return chosen
    nearly = p.points / (4.0 * p.points.max(initial=0) + 1)
    worth = np.where(task.open, task.value * 1.0 + nearly, -np.inf)
    per_row = min(m, 6 + int(p.demand.max(initial=1)))
    best = np.argpartition(-worth, per_row - 1, axis=1)[:, :per_row]
    np.put_along_axis(chosen, best, True, axis=1)
    per_column = min(n, 4 + int(p.capacity.mean()) * 2)
    best = np.argpartition(-worth, per_column - 1, axis=0)[:per_column]
    np.put_along_axis(chosen, best, True, axis=0)
    if known is not None:
        chosen[known] = True
    return chosen & task.open


def _improving(task: _Task, left: Floats, mentee_price: Floats, chosen: Any) -> Any:
    """Up to five pairs per mentee that would raise the linear programme."""
    if chosen.size == 0:
        return chosen
    gain = np.where(chosen, -np.inf, left - mentee_price[:, None])
    per_row = min(5, gain.shape[1])
    best = np.argpartition(-gain, per_row - 1, axis=1)[:, :per_row]
    fresh = np.zeros_like(chosen)
    np.put_along_axis(fresh, best, np.take_along_axis(gain, best, axis=1) > 1e-6, axis=1)
    return fresh & task.open
