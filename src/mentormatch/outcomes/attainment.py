"""Goal attainment scaling: how far goals of different kinds were reached, in one figure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["AGREEMENT", "CORRELATION", "attained", "t_score"]

Floats = npt.NDArray[np.float64]

CORRELATION = 0.3
"""Correlation that is taken for granted between goals of one person."""
AGREEMENT = 0.48
"""Intraclass correlation of a therapist and an independent rater (Bovend'Eerdt et al. 2011)."""


def attained(progress: npt.ArrayLike) -> Floats:
    """Return goal attainment in [-2, 2]: 0 for the target, -2 for no progress, 2 for twice it."""
    return np.clip(2 * np.asarray(progress, dtype=np.float64) - 2, -2.0, 2.0)


def t_score(attainment: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    r"""Return the T-score of one person's goals.

    .. math:: T = 50 + \frac{10 \sum_g w_g x_g}{\sqrt{(1 - r) \sum_g w_g^2 + r (\sum_g w_g)^2}}

    with r = .3. It is 50 where every goal is just reached.

    Parameters
    ----------
    attainment
        (goals,): each in [-2, 2].
    weights
        (goals,); default all alike.

    Notes
    -----
    Two raters of the same goals agree poorly (intraclass correlation .48): compare groups, never
    two people.

    References
    ----------
    .. [1] Kiresuk & Sherman (1968), Community Mental Health Journal 4(6), 443-453.
    .. [2] Bovend'Eerdt, Dawes, Izadi & Wade (2011), Clinical Rehabilitation 25(12), 1128-1139.

    Examples
    --------
    >>> t_score([0, 0]), round(t_score([1, -1, 2]), 2)
    (50.0, 59.13)
    """
    x = np.asarray(attainment, dtype=np.float64)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not len(x):
        return float("nan")
    spread = (1 - CORRELATION) * float(w @ w) + CORRELATION * float(w.sum()) ** 2
    return float(50 + 10 * float(w @ x) / np.sqrt(spread))
