r"""How likely a pair is stalled, from the levels that its goals have reached.

Two kinds of pair: moving ones come on at about the pace of the plan, stalled ones hardly. Of a goal
that was first stated at level :math:`s + e_0` and is to reach the target T, level at the share f of
the time is

.. math:: s + p\, (T - s)\, f + e, \qquad p \sim N(1, .4^2) \text{ or } N(.1, .2^2),
    \qquad e, e_0 \sim N(0, \sigma^2),

all goals of a pair at one pace p. Reviews that were held or missed tell as well. The priors are
stated here and the same for everybody: no programme has enough pairs to fit them, and a pair's
chance then does not depend on who else takes part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["MISSED", "NOISE", "PACES", "PRIOR", "Gains", "Paced", "paced"]

Floats = npt.NDArray[np.float64]

PRIOR = 0.2
"""Share of pairs that stall."""
PACES = ((1.0, 0.4), (0.1, 0.2))
"""Mean and standard deviation of the pace of moving and of stalled pairs; 1 is the plan's."""
NOISE = 0.125
"""Standard deviation of a stated level, as a share of the scale: half a level of 1 to 5."""
MISSED = (0.28, 0.39)
"""Share of due reviews that moving and stalled pairs miss."""
_NODES, _MASSES = np.polynomial.hermite_e.hermegauss(24)
"""Where, and with which weights, a normal density is summed."""


@dataclass(frozen=True, eq=False)
class Gains:
    """What one goal gained since its first level.

    Attributes
    ----------
    way : float
        Levels from the first to the target; negative where less is wanted.
    passed : float64 (reviews,)
        Share of the time from the first level to the end, at each review.
    gained : float64 (reviews,)
        Level then, minus the first.
    noise : float
        Standard deviation of a stated level.
    """

    way: float
    passed: Floats
    gained: Floats
    noise: float


@dataclass(frozen=True)
class Paced:
    """What is known of one pair: `chance` of being stalled, and `pace`, its posterior mean."""

    chance: float
    pace: float


def paced(goals: Sequence[Gains], held: int, missed: int) -> Paced:
    r"""Return the chance that a pair is stalled, and its pace.

    Parameters
    ----------
    goals
        With at least one review each, or none: then the prior and what was missed decide.
    held, missed
        Reviews that were due and happened, or did not.

    Notes
    -----
    Of the gains :math:`d = p f w + e - e_0 (1 - p f)`, with w levels from the first to the target,
    the covariance given p is :math:`\sigma^2 (I + c c')`, :math:`c = 1 - p f`; p is summed out at
    24 nodes. Time O(reviews).
    """
    logs, means = [], []
    for mean, spread in PACES:
        pace = mean + spread * _NODES
        log = np.log(_MASSES / _MASSES.sum())
        for goal in goals:
            log = log + _log_density(goal, pace)
        chance = np.exp(log - log.max())
        logs.append(float(log.max() + np.log(chance.sum())))
        means.append(float(chance @ pace / chance.sum()))
    moving, stalled = MISSED
    odds = np.log(PRIOR / (1 - PRIOR)) + logs[1] - logs[0]
    odds += missed * np.log(stalled / moving) + held * np.log((1 - stalled) / (1 - moving))
    likely = float(1 / (1 + np.exp(-np.clip(odds, -500, 500))))
    return Paced(likely, (1 - likely) * means[0] + likely * means[1])


def _log_density(goal: Gains, pace: Floats) -> Floats:
    """Return the log-density of a goal's gains at each pace, but for what is the same for all."""
    planned = pace[:, None] * goal.passed
    rest = goal.gained - planned * goal.way
    shared = 1 - planned
    length = 1 + (shared**2).sum(axis=1)
    squares = (rest**2).sum(axis=1) - (rest * shared).sum(axis=1) ** 2 / length
    log: Floats = -0.5 * (squares / goal.noise**2 + np.log(length))
    return log
