"""Assignment with side rows: linear programme over few pairs, priced against all, then HiGHS.

For what is no flow: quotas that cross, parity of mean scores, budgets of hours, levels. The
linear programme starts on the best pairs of each row and column and takes in others until none
improves it, so its bound holds for *all* pairs; the integer programme then sees only the pairs
of least reduced cost, and those left out are bounded by their reduced cost.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.program import Program, SideRow, places_of

__all__ = [
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
LARGEST = 1e4
"""Rows and objective are scaled to coefficients of this size: one point is then far above
HiGHS's tolerance of 1e-6."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The best pairs found, and what is proven about all others.

    rows, columns : int64, the chosen pairs.
    objective : float, of these pairs and `extra`;  bound : float, no solution exceeds it.
    status : "optimal" (within the gap asked for), "time_limit" or "infeasible".
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
    stats: dict[str, Any] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        return self.objective > -np.inf


def maximize(
    program: Program,
    value: NDArray[np.int64] | None,
    extra_value: Sequence[float] | Floats = (),
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    known: tuple[Ints, Ints] | None = None,
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
    time_limit
        Seconds.
    gap
        Relative gap at which to stop.
    known : (rows, columns), optional
        Pairs known to satisfy every row; kept as a fallback and among the pairs considered.

    Returns
    -------
    Answer

    Notes
    -----
    Weak duality: for any prices, the value of every solution is at most the seats and side rows
    at their prices plus each mentee's best surpluses; the bound is that sum, over all pairs, for
    the prices of the linear programme.
    """
    deadline = None if time_limit is None else time.perf_counter() + time_limit
    worth = np.zeros(program.points.shape, dtype=np.int64) if value is None else value
    extra = np.zeros(len(program.extra_low))
    extra[: len(extra_value)] = extra_value
    open_pairs = program.open()
    task = _Task(program, worth, extra, open_pairs)
    if int(open_pairs.sum()) <= ALL_PAIRS:
        answer = task.integer(places_of(open_pairs), deadline, gap)
    else:
        answer = _reduced(task, deadline, gap, known)
    if known is not None:
        answer = task.better_known(answer, known)
    return answer


def relaxed_bound(
    program: Program,
    value: NDArray[np.int64],
    seconds: float | None,
    extra_value: Sequence[float] | Floats = (),
) -> float:
    """Return what the linear programme proves no solution exceeds, -inf if none exists."""
    extra = np.zeros(len(program.extra_low))
    extra[: len(extra_value)] = extra_value
    task = _Task(program, value, extra, program.open())
    deadline = None if seconds is None else time.perf_counter() + seconds
    relaxed = _priced(task, deadline, None)
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
    task = _Task(program, value, np.zeros(len(program.extra_low)), program.open())
    relaxed = _priced(task, None, None)
    if relaxed is None:
        return None
    n, m = program.points.shape
    scales = np.array([task.row_scale(row) for row in program.rows]) / task.scale
    return (
        relaxed.dual[n : n + m] / task.scale,
        relaxed.dual[n + m :] * scales,
        relaxed.bound / task.scale,
    )


class _Task:
    """One programme with one objective, and its translation for HiGHS."""

    def __init__(self, program: Program, value: Ints, extra: Floats, open_pairs: Any) -> None:
        self.program = program
        self.value = value
        self.extra = extra
        self.open = open_pairs
        top = max(int(np.abs(value).max(initial=0)), float(np.abs(extra).max(initial=0)), 1.0)
        self.scale = LARGEST / top if top > LARGEST else 1.0

    def matrix(self, rows: Ints, columns: Ints) -> tuple[Any, Floats, Floats]:
        """Constraint matrix over these pairs and the extra variables, with its bounds."""
        from scipy import sparse

        p = self.program
        n, m = p.points.shape
        pairs, q = rows.size, len(p.extra_low)
        at = np.arange(pairs)
        one = np.ones(pairs)
        blocks = [
            sparse.csr_matrix((one, (rows, at)), shape=(n, pairs + q)),
            sparse.csr_matrix((one, (columns, at)), shape=(m, pairs + q)),
        ]
        low = [np.full(n, -np.inf), p.min_load.astype(float)]
        high = [p.demand.astype(float), p.capacity.astype(float)]
        data: list[Any] = []
        where: list[Any] = []
        which: list[Any] = []
        lows, highs = [], []
        for r, row in enumerate(p.rows):
            weight = row.on(rows, columns, p.points).astype(float)
            there = np.flatnonzero(weight)
            entries = [weight[there], np.array([c for _, c in row.extra], dtype=float)]
            places = [there, np.array([pairs + e for e, _ in row.extra], dtype=np.int64)]
            scale = self.row_scale(row)
            data += [part * scale for part in entries]
            where += places
            which.append(np.full(sum(len(part) for part in places), r))
            slack = self.row_slack(row, weight)
            lows.append(-np.inf if row.least is None else (row.least - slack) * scale)
            highs.append(np.inf if row.most is None else (row.most + slack) * scale)
        if p.rows:
            blocks.append(
                sparse.csr_matrix(
                    (np.concatenate(data), (np.concatenate(which), np.concatenate(where))),
                    shape=(len(p.rows), pairs + q),
                )
            )
            low.append(np.array(lows))
            high.append(np.array(highs))
        return sparse.vstack(blocks, format="csr"), np.concatenate(low), np.concatenate(high)

    def row_slack(self, row: SideRow, weight: Floats) -> float:
        """Less than 1, so that integer rows mean the same, but above HiGHS's tolerance."""
        if row.extra:
            return 0.0
        return float(min(0.5, 1e-6 + 1e-5 * np.abs(weight).max(initial=1.0)))

    def row_scale(self, row: SideRow) -> float:
        """What a row is multiplied by: the same for every set of pairs, so duals compare."""
        if row.pairs is not None:
            return 1.0
        assert row.mentee is not None
        assert row.mentor is not None
        top = float(np.abs(row.mentee).max(initial=0) * np.abs(row.mentor).max(initial=0))
        top *= int(self.program.points.max(initial=0)) if row.scored else 1
        top = max([top, *(abs(c) for _, c in row.extra)])
        return LARGEST / top if top > LARGEST else 1.0

    def integer(self, considered: tuple[Ints, Ints], deadline: float | None, gap: float) -> Answer:
        """Solve the integer programme over these pairs only."""
        rows, columns = considered
        from scipy.optimize import Bounds, LinearConstraint, milp

        p = self.program
        matrix, low, high = self.matrix(rows, columns)
        cost = -self.scale * np.concatenate([self.value[rows, columns].astype(float), self.extra])
        if cost.size == 0:  # SciPy 1.18 refuses empty bounds
            return self.trivial()
        bounds = Bounds(
            np.concatenate([np.zeros(rows.size), p.extra_low]),
            np.concatenate([np.ones(rows.size), p.extra_high]),
        )
        options: dict[str, Any] = {"mip_rel_gap": gap}
        n, m = p.points.shape
        slack = np.zeros(low.size)
        for _ in range(4):
            if deadline is not None:
                options["time_limit"] = max(deadline - time.perf_counter(), 0.05)
            result = milp(
                cost,
                integrality=np.concatenate([np.ones(rows.size), np.zeros(len(self.extra))]),
                bounds=bounds,
                constraints=LinearConstraint(matrix, low + slack, high - slack),
                options=options,
            )
            dual = result.get("mip_dual_bound")
            bound = np.inf if dual is None or not np.isfinite(dual) else -dual / self.scale
            if result.status == 2 and options.get("presolve", True) and rows.size <= ALL_PAIRS:
                options["presolve"] = False  # HiGHS's presolve has called feasible ones infeasible
                continue
            if result.x is None:
                status = "infeasible" if result.status == 2 else "time_limit"
                return self.none(-np.inf if status == "infeasible" else bound, status)
            chosen = np.flatnonzero(result.x[: rows.size] > 0.5)
            if p.holds(rows[chosen], columns[chosen]):
                break
            slack[n + m :] += 1e-5  # HiGHS stayed within its tolerance, but not within ours
        else:
            return self.none(bound, "time_limit")
        pairs = rows[chosen], columns[chosen]
        extra = result.x[rows.size :]
        objective = float(self.value[pairs].sum()) + float(self.extra @ extra)
        if result.status == 0 and not np.isfinite(bound):  # no integers left after presolve
            bound = objective
        return Answer(
            *pairs,
            extra=extra,
            objective=objective,
            bound=max(bound, objective),
            status="optimal" if result.status == 0 else "time_limit",
            price=np.full(p.points.shape[1], np.nan),
            multipliers=np.full(len(p.rows), np.nan),
            stats={"pairs": int(rows.size)},
        )

    def trivial(self) -> Answer:
        none = np.zeros(0, dtype=np.int64)
        if not self.program.holds(none, none):
            return self.none(-np.inf, "infeasible")
        return replace(self.none(0.0, "optimal"), objective=0.0)

    def none(self, bound: float, status: str) -> Answer:
        none = np.zeros(0, dtype=np.int64)
        m, r = self.program.points.shape[1], len(self.program.rows)
        return Answer(
            none, none, np.zeros(len(self.extra)), -np.inf, bound, status,
            np.full(m, np.nan), np.full(r, np.nan),
        )  # fmt: skip

    def better_known(self, answer: Answer, known: tuple[Ints, Ints]) -> Answer:
        if self.extra.any() or not self.program.holds(*known):
            return answer
        objective = float(self.value[known].sum())
        if objective <= answer.objective:
            return answer
        status = "time_limit" if answer.status == "infeasible" else answer.status
        bound = max(answer.bound, objective)
        return replace(
            answer, rows=known[0], columns=known[1], objective=objective, bound=bound, status=status
        )

    # -- the linear programme -------------------------------------------------------------

    def linear(self, rows: Ints, columns: Ints, penalty: float) -> _Relaxed:
        """Solve the linear programme over these pairs; broken rows cost `penalty` a unit."""
        from scipy import sparse
        from scipy.optimize import linprog

        p = self.program
        n, m = p.points.shape
        matrix, low, high = self.matrix(rows, columns)
        upper, lower = np.isfinite(high), np.isfinite(low) & (low > -np.inf)
        lower[n : n + m] &= p.min_load > 0
        elastic_high = np.flatnonzero(upper & (np.arange(high.size) >= n + m))
        elastic_low = np.flatnonzero(lower)
        slack_at = np.concatenate([elastic_high, elastic_low])
        sign = np.concatenate([-np.ones(elastic_high.size), np.ones(elastic_low.size)])
        slack = sparse.csr_matrix(
            (sign, (slack_at, np.arange(slack_at.size))), shape=(high.size, slack_at.size)
        )
        full = sparse.hstack([matrix, slack], format="csr")
        cost = -self.scale * np.concatenate([self.value[rows, columns].astype(float), self.extra])
        cost = np.concatenate([cost, np.full(slack_at.size, penalty)])
        box = np.zeros((cost.size, 2))
        box[: rows.size, 1] = 1
        box[rows.size : rows.size + len(self.extra)] = np.column_stack([p.extra_low, p.extra_high])
        box[rows.size + len(self.extra) :, 1] = np.inf
        up, down = np.flatnonzero(upper), np.flatnonzero(lower)
        result = linprog(
            cost,
            A_ub=sparse.vstack([full[up], -full[down]], format="csr"),
            b_ub=np.concatenate([high[up], -low[down]]),
            bounds=box,
            method="highs",
        )
        dual = np.zeros(high.size)
        if result.x is None:  # numerical trouble: no information
            return _Relaxed(np.zeros(rows.size), dual, np.inf)
        marginal = -result.ineqlin.marginals
        np.add.at(dual, up, np.maximum(marginal[: up.size], 0))
        np.subtract.at(dual, down, np.maximum(marginal[up.size :], 0))
        broken = float(result.x[rows.size + len(self.extra) :].sum())
        return _Relaxed(result.x[: rows.size], dual, broken)

    def surplus(self, dual: Floats) -> tuple[Floats, float]:
        """Return (value less prices of every pair, bound that these prices prove), scaled."""
        p = self.program
        n, m = p.points.shape
        price, multiplier = dual[n : n + m], dual[n + m :]
        left = self.scale * self.value.astype(float) - price
        scales = np.array([self.row_scale(row) for row in p.rows])
        weight = multiplier * scales
        for scored in (False, True):
            use = [
                r for r, row in enumerate(p.rows)
                if row.pairs is None and row.scored == scored and weight[r]
            ]  # fmt: skip
            if use:
                mentee = np.array([p.rows[r].mentee for r in use], dtype=float)
                mentor = np.array([p.rows[r].mentor for r in use], dtype=float)
                fee = (mentee * weight[use][:, None]).T @ mentor
                left -= fee * p.points if scored else fee
        extra = self.scale * self.extra
        for r, row in enumerate(p.rows):
            if row.pairs is not None and weight[r]:
                left[row.pairs] -= weight[r]
            for e, coefficient in row.extra:
                extra[e] -= weight[r] * coefficient
        left[~self.open] = -np.inf
        seats = np.where(price >= 0, p.capacity, p.min_load)
        bound = float(price @ seats)
        for r, row in enumerate(p.rows):
            side = row.most if weight[r] > 0 else row.least
            if weight[r]:
                bound += weight[r] * (side or 0.0)
        bound += float(np.maximum(extra * p.extra_low, extra * p.extra_high).sum())
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
    rounds: int


def _priced(task: _Task, deadline: float | None, known: tuple[Ints, Ints] | None) -> _Priced | None:
    """Solve the linear programme, taking in pairs until none improves it; None: infeasible."""
    p = task.program
    n, m = p.points.shape
    chosen = _first_pairs(task, known)
    penalty = 100 * LARGEST
    best, best_dual, best_left = np.inf, np.zeros(n + m + len(p.rows)), None
    rounds = 0
    while True:
        rounds += 1
        rows, columns = places_of(chosen)
        relaxed = task.linear(rows, columns, penalty)
        left, bound = task.surplus(relaxed.dual)
        if bound < best or best_left is None:
            best, best_dual, best_left = bound, relaxed.dual, left
        late = rounds > 100 or (deadline is not None and time.perf_counter() > deadline)
        fresh = _improving(task, left, relaxed.dual[:n], chosen)
        if late:
            break
        if not fresh.any():
            if relaxed.broken <= 1e-6:
                break
            if penalty >= 1e12:
                return None
            penalty *= 1000
            continue
        chosen |= fresh
    support = np.zeros_like(chosen)
    used = relaxed.x > 1e-9
    support[rows[used], columns[used]] = True
    return _Priced(best, best_dual, best_dual[:n, None] - best_left, support, rounds)


def _reduced(
    task: _Task, deadline: float | None, gap: float, known: tuple[Ints, Ints] | None
) -> Answer:
    """Linear programme by pricing, then the integer programme on the nearest pairs."""
    n, m = task.program.points.shape
    priced = _priced(task, deadline, known)
    if priced is None:
        return task.none(-np.inf, "infeasible")
    support = priced.support
    if known is not None:
        support[known] = True
    answer = _on_nearest(task, priced.loss, support, priced.bound, deadline, gap)
    return replace(
        answer,
        price=priced.dual[n : n + m] / task.scale,
        multipliers=priced.dual[n + m :],
        stats={**answer.stats, "rounds": priced.rounds},
    )


def _on_nearest(
    task: _Task, loss: Floats, support: Any, bound: float, deadline: float | None, gap: float
) -> Answer:
    """Solve the integer programme on ever more pairs until it finds and proves something."""
    n = loss.shape[0]
    finite = np.where(task.open, loss, np.inf)
    total = int(task.open.sum())
    keep = KEPT_PER_MENTEE * n * max(1, int(task.program.demand.max(initial=1)))
    while True:
        whole = keep >= total
        line = np.inf if whole else float(np.partition(finite.ravel(), keep)[keep])
        kept = task.open & ((finite <= line) | support)
        answer = task.integer(places_of(kept), deadline, gap)
        left_out = np.inf if whole else float(finite[~kept].min(initial=np.inf))
        outside = -np.inf if not np.isfinite(left_out) else (bound - left_out) / task.scale
        linear = bound / task.scale
        proven = min(max(answer.bound, outside), linear)
        late = deadline is not None and time.perf_counter() > deadline
        if answer.found:
            proven = max(proven, answer.objective)
            close = proven - answer.objective <= gap * abs(proven) + 1e-9
            if close or whole or late or keep >= 8 * KEPT_PER_MENTEE * n:
                status = "optimal" if close else "time_limit"
                return replace(answer, bound=proven, status=status)
        elif whole or late:
            return replace(answer, bound=proven) if answer.status != "infeasible" else answer
        keep *= 4


def _first_pairs(task: _Task, known: tuple[Ints, Ints] | None) -> Any:
    """Best pairs of each mentee and of each mentor, where seats allow."""
    n, m = task.value.shape
    p = task.program
    worth = np.where(task.open, task.value * 4.0 + p.points / 1e6, -np.inf)
    chosen = np.zeros((n, m), dtype=bool)
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
    gain = np.where(chosen, -np.inf, left - mentee_price[:, None])
    per_row = min(5, gain.shape[1])
    best = np.argpartition(-gain, per_row - 1, axis=1)[:, :per_row]
    fresh = np.zeros_like(chosen)
    np.put_along_axis(fresh, best, np.take_along_axis(gain, best, axis=1) > 1e-6, axis=1)
    return fresh & task.open
