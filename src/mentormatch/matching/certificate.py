"""Prices that prove a flow the best, kept with what they price: checked by NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mentormatch.matching.lowering import Lowered
from mentormatch.rosters.columns import IntArray, freeze
from mentormatch.solvers.certificate import dual_bound, exact_sum
from mentormatch.solvers.solve import Solution
from mentormatch.values import ByValue

__all__ = ["Certificate"]


@dataclass(frozen=True, eq=False)
class Certificate(ByValue):
    """Prices of seats, in whole numbers, and what they bound.

    What a choice of pairs is worth is one sum of whole numbers: each pair's points, and for each
    mentee's first pair, second pair, ... a bonus that outweighs all points, so that as many pairs
    as possible come first. For any prices, no choice is worth more than

        seats @ price + sum over mentees of the best that she could have at these prices.

    Attributes
    ----------
    price : int64 (m,)
        Of one seat; where it is negative, the least load counts in place of the seats.
    bonus : int64 (n, k)
        Of each mentee's first, second, ... pair; 0 beyond what she may have. Never rising.
    seats, least : int64 (m,)
        Most and fewest pairs of each mentor, without locked ones.
    demand : int64 (n,)
        Most pairs of each mentee, without locked ones.
    value : int
        What the pairs found are worth.
    """

    price: IntArray
    bonus: IntArray
    seats: IntArray
    least: IntArray
    demand: IntArray
    value: int

    def __post_init__(self) -> None:
        for name in ("price", "bonus", "seats", "least", "demand"):
            object.__setattr__(self, name, freeze(getattr(self, name)))

    @classmethod
    def of(cls, lowered: Lowered, solution: Solution) -> Certificate | None:
        """Return the certificate of a solution, people in roster order; None where it has none."""
        fold, price = solution.fold, solution.price
        if fold is None or price is None or fold.value is not None or lowered.program.rows:
            return None
        program = lowered.program
        bonus = fold.bonus if fold.bonus.ndim == 2 else fold.bonus[:, None]
        kept = cls(
            price, bonus, program.capacity, program.min_load, program.demand,
            fold.worth(program, solution.pairs),
        )  # fmt: skip
        if lowered.order is None:
            return kept
        rows, columns = (np.argsort(order) for order in lowered.order)
        return cls(
            price[columns], bonus[rows], program.capacity[columns], program.min_load[columns],
            program.demand[rows], kept.value,
        )  # fmt: skip

    def bound(self, points: npt.NDArray[np.int32]) -> int:
        """Return the most that any choice of pairs is worth, by these prices.

        Parameters
        ----------
        points
            int32 (n, m): points of the pairs that may be chosen, negative elsewhere (locked ones
            too).

        Notes
        -----
        O(n m), in NumPy alone: weak duality.
        """
        return dual_bound(points, self.bonus, self.demand, self.seats, self.least, self.price)

    def worth(self, points: npt.NDArray[np.int32], rows: IntArray, columns: IntArray) -> int | None:
        """Return what pairs are worth, None if they break seats, least loads or demands.

        Parameters
        ----------
        points
            As for `bound`.
        rows, columns
            Positions of the pairs, without locked ones.
        """
        n, m = points.shape
        got, load = np.bincount(rows, minlength=n), np.bincount(columns, minlength=m)
        kept = (
            (points[rows, columns] >= 0).all()
            and np.unique(rows * max(m, 1) + columns).size == rows.size
            and (got <= self.demand).all()
            and (load <= self.seats).all()
            and (load >= self.least).all()
        )
        if not kept:
            return None
        taken = np.arange(self.bonus.shape[1]) < got[:, None]
        return exact_sum(points[rows, columns].astype(np.int64)) + exact_sum(self.bonus[taken])
