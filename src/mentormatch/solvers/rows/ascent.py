"""Prices of bands that prove the lowest bound: cutting planes in a trust region.

Every flow met gives a plane: its value, and its outcome for each group. The prices that come next
minimise what all planes together allow, plus the support of the bands, near the best prices.

References
----------
.. [1] Fisher (1981), Management Science 27(1).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.rows.bands import Band
from mentormatch.solvers.rows.highs import Model, linear

__all__ = ["Ascent"]

Floats = NDArray[np.float64]

FIRST_RADIUS, LEAST_RADIUS, FARTHEST = 0.05, 1e-7, 20.0
"""Trust region, in prices at which a group counts nothing."""


class Ascent:
    """The prices to try next, and the best so far.

    Attributes
    ----------
    trial, centre : float, prices to try, and those of the lowest bound.
    lowest : float, that bound.
    """

    def __init__(self, bands: Sequence[Band], start: Floats, top: float) -> None:
        self.bands = tuple(bands)
        self.trial = self.centre = start
        self.lowest = np.inf
        self.radius = FIRST_RADIUS
        self.planes: list[tuple[float, Floats]] = []
        self._model = -np.inf  # what the planes promised at the last trial
        self._shift = 0.0
        none = np.zeros(0)
        # prices at which a group counts nothing: its people, times the top point where counted
        self._scale = np.concatenate([b.size * (1.0 if b.scored else top) for b in bands] or [none])
        self._fixed = _rows_of(self.bands)

    def met(self, real: float, outcome: Floats, bound: float) -> None:
        """Take in a flow at `trial`: its value, the outcomes and the bound it proves."""
        if not self.planes:
            self._shift = real
        self.planes.append((real - self._shift, outcome))
        first = self.lowest == np.inf
        enough = first or bound < self.lowest - 0.1 * max(self.lowest - self._model, 0.0)
        if bound < self.lowest:
            self.lowest, self.centre = bound, self.trial
        self.radius *= 1.5 if enough else 0.5

    def narrow(self) -> None:
        """Look nearer: nothing can be learnt at `trial`."""
        self.radius *= 0.5

    def step(self, enough: float = 0.0) -> bool:
        """Choose the next trial; False where no prices lower the bound by more than `enough`."""
        trial = None
        while self.radius > LEAST_RADIUS:
            trial, promised = self._minimise()
            self._model = promised + self._shift
            if trial is None or self.lowest - self._model > enough or self.radius > FARTHEST:
                break
            self.radius *= 4  # nothing left here: is there farther away?
        if trial is None or self.lowest - self._model <= enough:
            return False
        self.trial = trial
        return True

    def _minimise(self) -> tuple[Floats | None, float]:
        """Minimise theta + support over prices in the trust region, theta above every plane."""
        from scipy.sparse import coo_array, csr_array, vstack

        g = self.centre.size
        places, entries, low, high, cost, closed = self._fixed
        width = 1 + 3 * g + len(self.bands)
        at = np.array(places, dtype=np.int64).reshape(-1, 2).T
        fixed = coo_array((np.array(entries), tuple(at)), shape=(len(low), width))
        value = np.array([plane[0] for plane in self.planes])
        outcome = np.array([plane[1] for plane in self.planes]).reshape(value.size, g)
        planes = np.zeros((value.size, width))
        planes[:, 0], planes[:, 1 : 1 + g] = 1, outcome  # theta >= value - outcome @ price
        reach = self.radius * self._scale
        bottom, top = np.zeros(width), np.full(width, np.inf)
        bottom[0] = -np.inf
        bottom[1 : 1 + g], top[1 : 1 + g] = self.centre - reach, self.centre + reach
        top[closed] = 0
        found = linear(
            Model(
                -cost, vstack([csr_array(planes), fixed], format="csr"),
                np.concatenate([value, low]),
                np.concatenate([np.full(value.size, np.inf), high]), bottom, top, scale=1.0,
            )
        )  # fmt: skip
        if found.x is None:
            return None, -np.inf
        return found.x[1 : 1 + g], float(cost @ found.x)


def _rows_of(
    bands: Sequence[Band],
) -> tuple[list[tuple[int, int]], list[float], list[float], list[float], Floats, list[int]]:
    """Return what the bands' support needs of a linear programme: its fixed rows, costs, zeros.

    The variables: theta, prices, their positive and negative parts, one support per ratio.
    """
    g = sum(band.size.size for band in bands)
    up, down, extra = 1 + g, 1 + 2 * g, 1 + 3 * g
    cost = np.zeros(extra + len(bands))
    cost[0] = 1.0
    places: list[tuple[int, int]] = []
    entries: list[float] = []
    low: list[float] = []
    high: list[float] = []
    closed: list[int] = []

    def row(least: float, most: float, *parts: tuple[int, float]) -> None:
        for column, amount in parts:
            places.append((len(low), column))
            entries.append(amount)
        low.append(least)
        high.append(most)

    for e in range(g):  # price = up - down
        row(0.0, 0.0, (1 + e, 1.0), (up + e, -1.0), (down + e, 1.0))
    start = 0
    for b, band in enumerate(bands):
        part = range(start, start + band.size.size)
        start += band.size.size
        if band.least is not None:
            cost[[down + e for e in part]] = -float(band.least)
            closed.extend(up + e for e in part)
        elif band.within is not None:
            row(0.0, 0.0, *((1 + e, 1.0) for e in part))
            cost[[up + e for e in part]] = float(band.within)
        else:
            assert band.ratio is not None
            paid = [(up + e, 1.0) for e in part] + [(down + e, -float(band.ratio)) for e in part]
            row(-np.inf, 0.0, *paid, (extra + b, -1.0))
            cost[extra + b] = band.highest
    # the planes stand above these rows
    return places, entries, low, high, cost, closed
