"""What those who did not answer could make of a mean: worst-case bounds and the tipping point."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

__all__ = ["Bounds", "bounds_of_change", "bounds_of_level"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """The mean of everybody who was asked, as far as the answers alone tell it.

    Attributes
    ----------
    asked, answered : int
    mean : float
        Of those who answered, NaN where nobody did.
    low, high : float
        The least and the most that the mean of everybody asked can be, whatever the silent would
        have answered. No more is said: other people would give other answers.
    least, most : float
        The same for the mean of the silent alone, NaN where nobody is silent.
    """

    asked: int
    answered: int
    mean: float
    low: float
    high: float
    least: float
    most: float

    @property
    def silent(self) -> int:
        """How many did not answer, or not in every wave."""
        return self.asked - self.answered

    @property
    def tipping(self) -> float:
        """What the mean of the silent would have to be for the mean of everybody to be 0.

        NaN where nobody is silent, or nobody answered.
        """
        if not self.silent or not self.answered:
            return nan
        return -self.mean * self.answered / self.silent

    @property
    def can_tip(self) -> bool:
        """Whether the scale lets the silent have that mean."""
        return self.silent > 0 and self.answered > 0 and self.low <= 0 <= self.high

    def with_silent(self, mean: float) -> float:
        """Return the mean of everybody asked if that of the silent were `mean`."""
        if not self.answered:
            return mean if self.silent else nan
        return (self.mean * self.answered + mean * self.silent) / self.asked


def bounds_of_change(before: Floats, after: Floats, low: float, high: float) -> Bounds:
    """Return the bounds of a mean change.

    Parameters
    ----------
    before, after
        float64 (n,), one place per person asked, NaN where she did not answer.
    low, high
        Ends of the scale.

    Notes
    -----
    Who answered once can have changed only by what the scale leaves from there; who never did, by
    the whole scale either way. The bounds are sharp: some answers reach them. Time O(n).

    References
    ----------
    .. [1] Manski (1990), American Economic Review 80(2), 319-323.
    """
    first, last = np.isnan(before), np.isnan(after)
    least = np.where(last, low, after) - np.where(first, high, before)
    most = np.where(last, high, after) - np.where(first, low, before)
    return _bounds(after - before, least, most)


def bounds_of_level(values: Floats, low: float, high: float) -> Bounds:
    """Return the bounds of a mean in one wave: the silent at either end of the scale.

    Parameters
    ----------
    values
        float64 (n,), NaN where not answered.
    low, high
        Ends of the scale.
    """
    ends = np.full(len(values), low), np.full(len(values), high)
    return _bounds(values, *ends)


def _bounds(values: Floats, least: Floats, most: Floats) -> Bounds:
    """values : what is known, NaN where not; least, most : what each may be where it is not."""
    silent = np.isnan(values)
    asked, known = len(values), values[~silent]
    if not asked:
        return Bounds(0, 0, nan, nan, nan, nan, nan)
    total = float(known.sum())
    ends = [float(end[silent].sum()) for end in (least, most)]
    unknown = int(silent.sum())
    return Bounds(
        asked=asked,
        answered=len(known),
        mean=total / len(known) if len(known) else nan,
        low=(total + ends[0]) / asked,
        high=(total + ends[1]) / asked,
        least=ends[0] / unknown if unknown else nan,
        most=ends[1] / unknown if unknown else nan,
    )
