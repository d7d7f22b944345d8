"""What `learn_weights` returns: weights old and learnt, what they gain, in tables and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mentormatch.doors import upstairs
from mentormatch.scoring.criteria import Criterion
from mentormatch.values import ByValue, Public, Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Gain", "Learnt"]


@dataclass(frozen=True)
class Gain(Public):
    """By how much new weights match better than the old ones, on the latest rosters.

    Attributes
    ----------
    least, expected : float
        In standard deviations of the outcome, per pair: the lower bound, and the mean. Trust the
        bound: the step with the largest of several was chosen, which makes the mean optimistic.
    least_points, expected_points : float
        The same in points of the scale.
    """

    least: float = 0.0
    expected: float = 0.0
    least_points: float = 0.0
    expected_points: float = 0.0


@dataclass(frozen=True, eq=False, repr=False)
class Learnt(ByValue, Told):
    """What past pairs say about the weights; see `learn_weights`.

    Attributes
    ----------
    criteria : tuple of Criterion
        For `match`, `score` and so on: with the learnt weights, or the old ones where nothing
        better is known.
    weights : DataFrame
        One row per criterion: `criterion`, `old`, `learnt` (its weight in `criteria`), `answers`
        (what the answers alone point to), `se` (its standard error), `old_share`, `learnt_share`,
        `answers_share`, `se_share` (the same as shares of what sets pairs apart: weight times
        standard deviation of the part), `status` ("learnt", "kept", "sensitive, kept", "weight 0").
    validity : DataFrame
        How the score and each part go together with the outcome: `what`, `pairs`, `correlation`,
        `low`, `high`, `df`; per round centred, intervals (95 %) clustered by mentor.
    gain : Gain
        0 where nothing changed.
    step : float
        How far from the old weights (0) towards what the answers say (1).
    steps : DataFrame
        What was tried: `step`, `expected`, `least` (as in `Gain`), `pairs_changed` (share of the
        mentees who get another mentor).
    changed : bool
    fitted : bool
        False: too few answers to look at all.
    pairs, mentors, rounds : int
        Answered pairs that were used, their mentors, matchings.
    enough : int or None
        Answered pairs that would do, roughly, if what they say stays as it is; None where the old
        weights look best, or more than 20,000 would be needed.
    text : str
    """

    criteria: tuple[Criterion, ...]
    weights: pd.DataFrame
    validity: pd.DataFrame
    gain: Gain
    step: float
    steps: pd.DataFrame
    changed: bool
    fitted: bool
    pairs: int
    mentors: int
    rounds: int
    enough: int | None
    text: str

    _table = "weights"

    def _identity(self) -> tuple[Any, ...]:
        return self.criteria, self.step, self.pairs

    def plot(self, ax: Any = None) -> Any:
        """Draw old and learnt weights as dumbbells, with standard errors; return the axes.

        Needs matplotlib: ``pip install "mentormatching[plot]"``.
        """
        return upstairs("delivery.weights_plot", "draw")(self.weights, self.changed, ax)
