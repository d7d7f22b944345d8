"""The door to HiGHS: the one file that solves linear and integer programmes by `scipy.optimize`.

Everything here maximises. HiGHS stops within absolute tolerances (1e-6 of the objective and of
each row), so objectives are scaled until their largest value is `LARGEST`; callers scale rows.

What a time limit keeps: linear programmes were met at most 0.2 s beyond theirs, but integer ones
some seconds (2.6 s at 48,000 nonzeros, 6.4 s at 122,000, whatever the limit). So as much is
set aside, and where the time does not allow for it HiGHS is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LARGEST", "IntegerAnswer", "LinearAnswer", "Model", "integer", "linear", "patience",
    "scale_of",
]  # fmt: skip

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LARGEST = 1e4
"""Objectives and rows are scaled to coefficients of this size: one of a million units is then far
above HiGHS's tolerances."""
WORK = 3_000_000
"""Columns times nodes that `patience` allows: about 20 seconds where it was measured."""
LEAST_SECONDS = 0.01
AWAY, ALLOWED = 5.5e-5, 0.8
"""Seconds per nonzero for which HiGHS may not look at its clock, and how late it may be."""
STATUS = {0: "optimal", 1: "limit", 2: "infeasible", 3: "unbounded"}


@dataclass(frozen=True, eq=False)
class Model:
    """Maximise value @ x where low <= matrix @ x <= high and bottom <= x <= top.

    matrix : sparse (rows, columns).
    whole : bool (columns,), which must be whole numbers in `integer`; default: all.
    scale : float, what HiGHS sees the objective multiplied by; default: to `LARGEST`.
    """

    value: Floats
    matrix: Any
    low: Floats
    high: Floats
    bottom: Floats
    top: Floats
    whole: NDArray[np.bool_] | None = None
    scale: float | None = None

    @property
    def factor(self) -> float:
        """What the objective is multiplied by."""
        return scale_of(self.value) if self.scale is None else self.scale

    def at_nothing(self) -> bool:
        """Whether a model without columns is feasible."""
        return bool((self.low <= 0).all() and (self.high >= 0).all())


@dataclass(frozen=True, eq=False)
class LinearAnswer:
    """The optimum of a linear programme.

    x : None unless `status` is "optimal".
    dual : float (rows,), value per unit of the bound that binds: 0 or more where it is `high`, 0 or
        less where it is `low`, so that ``value - matrix.T @ dual`` are the reduced values.
    status : "optimal", "infeasible", "limit" (of time), "unbounded" or "trouble".
    """

    x: Floats | None
    dual: Floats
    status: str


@dataclass(frozen=True, eq=False)
class IntegerAnswer:
    """The best solution found, and what none exceeds.

    x : None if none was found;  bound : inf where nothing is proven.
    status : "optimal" (within the gap), "infeasible", "limit" (of time or nodes) or "trouble".
    """

    x: Floats | None
    bound: float
    status: str


def scale_of(*values: NDArray[Any]) -> float:
    """Return what makes the largest of some numbers `LARGEST`, or 1 where it is below that."""
    top = max(float(np.abs(part).max(initial=0)) for part in values)
    return LARGEST / top if top > LARGEST else 1.0


def linear(model: Model, seconds: float | None = None) -> LinearAnswer:
    """Solve a linear programme."""
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    rows, columns = model.low.size, model.value.size
    dual = np.zeros(rows)
    if columns == 0:
        fits = model.at_nothing()
        return LinearAnswer(np.zeros(0) if fits else None, dual, STATUS[0 if fits else 2])
    scale = model.factor
    matrix = model.matrix.tocsr()
    same = np.flatnonzero(model.low == model.high)
    up = np.flatnonzero(np.isfinite(model.high) & (model.low != model.high))
    down = np.flatnonzero(np.isfinite(model.low) & (model.low != model.high))
    result = linprog(
        -scale * model.value,
        A_ub=vstack([matrix[up], -matrix[down]], format="csr") if up.size + down.size else None,
        b_ub=np.concatenate([model.high[up], -model.low[down]]) if up.size + down.size else None,
        A_eq=matrix[same] if same.size else None,
        b_eq=model.high[same] if same.size else None,
        bounds=np.column_stack([model.bottom, model.top]),
        method="highs",
        options={} if seconds is None else {"time_limit": max(seconds, LEAST_SECONDS)},
    )
    status = STATUS.get(result.status, "trouble")
    if status != "optimal":
        return LinearAnswer(None, dual, status)
    if up.size + down.size:
        marginal = -result.ineqlin.marginals / scale
        dual[up] += np.maximum(marginal[: up.size], 0)
        dual[down] -= np.maximum(marginal[up.size :], 0)
    if same.size:
        dual[same] = -result.eqlin.marginals / scale
    return LinearAnswer(result.x, dual, status)


def integer(
    model: Model,
    *,
    seconds: float | None = None,
    gap: float = 0.0,
    nodes: int | None = None,
    presolve: bool = True,
) -> IntegerAnswer:
    """Solve an integer programme.

    Parameters
    ----------
    seconds, nodes
        Limits of time and of work; without either the programme is solved however long it takes.
    gap
        Relative gap at which to stop.
    presolve
        HiGHS's presolve has called feasible programmes infeasible; where that would matter, ask
        again without it.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    if model.value.size == 0:
        fits = model.at_nothing()
        x = np.zeros(0) if fits else None
        return IntegerAnswer(x, 0.0 if fits else -np.inf, STATUS[0 if fits else 2])
    scale = model.factor
    options: dict[str, Any] = {"mip_rel_gap": gap, "presolve": presolve}
    if seconds is not None:
        away = AWAY * model.matrix.nnz - ALLOWED
        if away > seconds:
            return IntegerAnswer(None, np.inf, "limit")
        options["time_limit"] = max(seconds - max(away, 0.0), LEAST_SECONDS)
    if nodes is not None:
        options["node_limit"] = nodes
    whole = np.ones(model.value.size) if model.whole is None else model.whole.astype(float)
    result = milp(
        -scale * model.value, integrality=whole, bounds=Bounds(model.bottom, model.top),
        constraints=LinearConstraint(model.matrix, model.low, model.high), options=options,
    )  # fmt: skip
    if result.status == 2:
        return IntegerAnswer(None, -np.inf, "infeasible")
    dual = result.get("mip_dual_bound")
    bound = np.inf if dual is None or not np.isfinite(dual) else -float(dual) / scale
    if result.x is None:
        return IntegerAnswer(None, bound, "limit")
    if result.status == 0 and not np.isfinite(bound):  # nothing was left after presolve
        bound = float(model.value @ result.x)
    return IntegerAnswer(result.x, bound, "optimal" if result.status == 0 else "limit")


def patience(columns: int) -> int:
    """Return how many nodes a search may take that only looks for more than is known."""
    return int(np.clip(WORK // max(columns, 1), 20, 20_000))
