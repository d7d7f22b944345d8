"""Prices that prove a bound where constraints are rows: per seat, and per row.

Where a problem is one flow, `Matching.load` has exact prices. With side rows, the linear programme
over all pairs has a price for every seat and every row; by weak duality they bound every matching.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mentormatch.matching.case import set_aside
from mentormatch.matching.lowering import MILLION, Lowered, lower
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.rosters.columns import IntArray, freeze
from mentormatch.solvers.program import SideRow
from mentormatch.solvers.rows.linear import linear_prices

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

MOST_PAIRS = 40_000
"""Linear programmes are solved for a proof up to so many admissible pairs."""


@dataclass(frozen=True, eq=False)
class Proof:
    """Prices per seat and per row, in score units, and the total that they prove.

    For any prices, a matching of at least as many people totals at most

        locked + seats @ seat_price + (price * limit).sum()
        + sum over mentees of max(0, max over mentors of score - seat_price - charge),

    the charge of a pair being its coefficients in the rows at their prices.

    Attributes
    ----------
    seat_price, seats : float (m,)
        Price of a seat; how often it counts: the capacity (the least load, where the price is
        negative), after locks.
    rows : tuple of str
        Names of the rows with a price; the last may be the number of people matched.
    price, limit : float (r,)
        Price per unit of a row, and the bound that it holds against, after locks.
    coefficients : int64 (r, n, m)
        What each pair counts in each row (points where the row is of scores).
    open : bool (n, m)
        Pairs that may be chosen besides the locked ones.
    locked : float
        Total of the locked pairs.
    bound : float
        What these prices prove, at least the total of every matching.
    """

    seat_price: FloatArray
    seats: FloatArray
    rows: tuple[str, ...]
    price: FloatArray
    limit: FloatArray
    coefficients: npt.NDArray[np.int64]
    open: npt.NDArray[np.bool_]
    locked: float
    bound: float

    def __post_init__(self) -> None:
        for name in ("seat_price", "seats", "price", "limit", "coefficients", "open"):
            object.__setattr__(self, name, freeze(getattr(self, name)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per constraint with a price: `row`, `price`, `limit`."""
        import pandas as pd

        return pd.DataFrame({"row": list(self.rows), "price": self.price, "limit": self.limit})


def prove(problem: Problem, assignment: IntArray) -> Proof | None:
    """Return prices that bound the total, None where there are none.

    Parameters
    ----------
    problem, assignment
        A problem and its answer, int64 (n,); of one whose objectives are `MaximizeMatched` and
        `MaximizeTotal`, or the total alone, with one mentor each and at most 40,000 admissible
        pairs; of others, None.

    Notes
    -----
    One linear programme over few pairs, priced against all.
    """
    if [type(o) for o in problem.pursued] not in (
        [MaximizeTotal],
        [MaximizeMatched, MaximizeTotal],
    ):
        return None
    lowered = lower(problem)
    program, case = lowered.program, lowered.case
    points = program.read()
    pairs = int((points >= 0).sum())
    if lowered.several or len(lowered.steps) > 2 or pairs > MOST_PAIRS or 0 in program.shape:
        return None
    if lowered.steps[0].name == "Reserve" or (len(lowered.steps) > 1) != (
        lowered.steps[0].name == "MaximizeMatched"
    ):
        return None
    named = [(row.label, set_aside(row, case).side) for row in lowered.rows]
    if len(lowered.steps) > 1:
        free = int((assignment >= 0).sum()) - len(lowered.locks)
        n, m = program.shape
        everyone = SideRow(
            np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64), least=float(free)
        )
        named.append((f"MaximizeMatched (at least {free} more than locks)", everyone))
    program = replace(program, rows=tuple(side for _, side in named))
    found = linear_prices(program, np.maximum(points, 0).astype(np.int64))
    if found is None:
        return None
    price, multiplier, bound = found
    kept = np.flatnonzero(multiplier)
    locked = int(case.gained.sum())
    every_row, every_column = np.indices(program.shape).reshape(2, -1)
    sides = [named[r][1] for r in kept]
    limits = [side.most if multiplier[r] > 0 else side.least
              for r, side in zip(kept, sides, strict=True)]  # fmt: skip
    place = _Placing(lowered)
    return Proof(
        seat_price=place.mentors(price) / MILLION,
        seats=place.mentors(np.where(price >= 0, program.capacity, program.min_load)).astype(float),
        rows=tuple(named[r][0] for r in kept),
        price=multiplier[kept] / MILLION,
        limit=np.array(limits, dtype=np.float64),
        coefficients=np.array(
            [
                place.pairs(side.on(every_row, every_column, points.ravel()).reshape(program.shape))
                for side in sides
            ],
            dtype=np.int64,
        ).reshape(len(sides), *program.shape),
        open=place.pairs(program.open()),
        locked=locked / MILLION,
        bound=(bound + locked) / MILLION,
    )


class _Placing:
    """Arrays in the order of solving, put back into the order of the rosters."""

    def __init__(self, lowered: Lowered) -> None:
        n, m = lowered.program.shape
        order = (np.arange(n), np.arange(m)) if lowered.order is None else lowered.order
        self.row, self.column = np.argsort(order[0]), np.argsort(order[1])

    def mentors(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values[self.column]

    def pairs(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values[np.ix_(self.row, self.column)]


__all__ = ["Proof", "prove"]
