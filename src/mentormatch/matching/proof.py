"""Prices that prove a bound where constraints are rows: per seat, and per row.

Where a problem is one flow, `Matching.load` has exact prices. With side rows, the linear programme
over all pairs has a price for every seat and every row; by weak duality they bound every matching.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mentormatch.matching.lowering import MILLION, lower
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal
from mentormatch.rosters.columns import freeze
from mentormatch.solvers.program import Program, SideRow
from mentormatch.solvers.side_rows import linear_prices

if TYPE_CHECKING:
    import pandas as pd

    from mentormatch.matching.matching import Matching

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


def prove(matching: Matching) -> Proof | None:
    """Return prices that bound the total, None where there are none.

    Parameters
    ----------
    matching
        Of a problem whose objectives are `MaximizeMatched` and `MaximizeTotal`, or the total
        alone, with one mentor each and at most 40,000 admissible pairs; of others, None.

    Notes
    -----
    One linear programme over few pairs, priced against all.
    """
    problem = matching.problem
    if [type(o) for o in problem.objectives] not in (
        [MaximizeTotal],
        [MaximizeMatched, MaximizeTotal],
    ):
        return None
    lowered = lower(problem)
    pairs = int((lowered.points >= 0).sum())
    if lowered.several or lowered.reserves or lowered.priority_unit or not 0 < pairs <= MOST_PAIRS:
        return None
    named = [(row.label, row.side) for row in lowered.rows]
    if lowered.matched_unit:
        free = int((matching.assignment >= 0).sum()) - len(lowered.locks)
        n, m = lowered.points.shape
        everyone = SideRow(
            np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64), least=float(free)
        )
        named.append((f"MaximizeMatched (at least {free} more than locks)", everyone))
    program = Program(
        lowered.points, lowered.capacity, lowered.min_load, lowered.demand,
        tuple(side for _, side in named),
    )  # fmt: skip
    value = np.maximum(lowered.points, 0).astype(np.int64)
    found = linear_prices(program, value)
    if found is None:
        return None
    price, multiplier, bound = found
    kept = np.flatnonzero(multiplier)
    points = problem.scores.points
    locked = int(points[lowered.locks[:, 0], lowered.locks[:, 1]].sum(dtype=np.int64))
    every_row, every_column = np.indices(points.shape).reshape(2, -1)
    sides = [named[r][1] for r in kept]
    return Proof(
        seat_price=price / MILLION,
        seats=np.where(price >= 0, lowered.capacity, lowered.min_load).astype(np.float64),
        rows=tuple(named[r][0] for r in kept),
        price=multiplier[kept] / MILLION,
        limit=np.array(
            [side.most if multiplier[r] > 0 else side.least for r, side in
             zip(kept, sides, strict=True)], dtype=np.float64,
        ),
        coefficients=np.array(
            [side.on(every_row, every_column, lowered.points) for side in sides], dtype=np.int64
        ).reshape(-1, *points.shape),
        open=lowered.points >= 0,
        locked=locked / MILLION,
        bound=(bound + locked) / MILLION,
    )  # fmt: skip


__all__ = ["Proof", "prove"]
