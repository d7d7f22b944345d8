"""Means and small regressions of people who share mentors: CR2 and its degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

__all__ = ["Estimate", "fit", "mean", "quantile", "tail"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
WHOLE = 1e-9
"""A direction of the design that one cluster alone decides, to so much, tells nothing of spread."""
FLAT = 1e-12
"""Residuals that are this small beside the outcome are dust: nothing varies."""


@dataclass(frozen=True)
class Estimate:
    """A figure, its standard error and the Satterthwaite degrees of freedom of that.

    `se` and `df` are NaN where nothing varies, or too few clusters are left to say by how much.
    """

    value: float
    se: float
    df: float

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return bool(self.se > 0 and self.df > 0)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the ends of the two-sided t interval, NaN where none is known."""
        if not self.known:
            return nan, nan
        half = quantile((1 + confidence) / 2, self.df) * self.se
        return self.value - half, self.value + half

    @property
    def chance(self) -> float:
        """Two-sided p value of no difference from 0, NaN where no interval is known."""
        return tail(abs(self.value) / self.se, self.df) if self.known else nan


def quantile(share: float, df: float) -> float:
    """Return the quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(df, share))


def tail(t: float, df: float) -> float:
    """Return the chance that Student's t is farther from 0 than `t`."""
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def mean(values: Floats, clusters: Codes) -> Estimate:
    r"""Return the mean of values whose errors are alike within clusters.

    .. math::
        V = \frac{1}{n^2} \sum_g \frac{(\sum_{i \in g} e_i)^2}{1 - n_g / n}, \qquad
        \nu = \frac{n^2}{\sum_g n_g^2 + (s_1^2 - s_2) / n^2},

    where :math:`s_1 = \sum_g n_g^2 / (1 - n_g / n)` and :math:`s_2` sums the squares of its terms.

    Parameters
    ----------
    values
        float64 (n,), no NaN.
    clusters
        int64 (n,): the cluster of each, numbered from 0; who has a number of her own stands alone.

    Notes
    -----
    CR2 with identity as working covariance: the closed form of `fit` with a design of ones. With
    everybody alone it is Student's interval of the mean. Time O(n).

    References
    ----------
    .. [1] Bell & McCaffrey (2002), Survey Methodology 28(2), 169-181.
    .. [2] Pustejovsky & Tipton (2018), Journal of Business & Economic Statistics 36(4), 672-683.
    """
    n = len(values)
    if n == 0:
        return Estimate(nan, nan, nan)
    middle = float(values.mean())
    errors = values - middle
    size = np.bincount(clusters).astype(np.float64)
    sums = np.bincount(clusters, weights=errors)[size > 0]
    size = size[size > 0]
    if len(size) < 2 or _flat(errors, values):
        return Estimate(middle, nan, nan)
    share = size / n
    adjusted = size**2 / (1 - share)
    df = n**2 / (np.sum(size**2) + (np.sum(adjusted) ** 2 - np.sum(adjusted**2)) / n**2)
    variance = float(np.sum(sums**2 / (1 - share))) / n**2
    return Estimate(middle, float(np.sqrt(variance)), float(df))


def fit(
    design: Floats,
    values: Floats,
    clusters: Codes,
    contrast: Floats,
    weights: Floats | None = None,
) -> Estimate:
    r"""Return a contrast of the coefficients of a least-squares fit, errors alike within clusters.

    With orthonormal columns :math:`X` of the design, :math:`G_g = X_g' X_g`, :math:`q` the
    contrast in them, and :math:`w_g = (I - G_g)^{-1/2} q`:

    .. math::
        V = \sum_g (w_g' X_g' e_g)^2, \qquad
        \nu = \frac{(\sum_g w_g' r_g - r_g' r_g)^2}
                   {\sum_g \left[(w_g' r_g)^2 - 2\, w_g' r_g\, r_g' r_g\right]
                    + \lVert \sum_g r_g r_g' \rVert_F^2}, \qquad r_g = G_g w_g.

    Parameters
    ----------
    design
        float64 (n, k), k small; its columns must not add up to one another.
    values
        float64 (n,).
    clusters
        int64 (n,), numbered from 0.
    contrast
        float64 (k,): of the coefficients.
    weights
        float64 (n,), positive; the fit is weighted by them, and the working variance of an answer
        is one over its weight. Default: all alike.

    Returns
    -------
    Estimate
        Without a standard error where the design does not tell the coefficients apart.

    Notes
    -----
    CR2 [1]_ needs the inverse square root of a matrix per cluster, as large as the cluster. Since
    :math:`f(X G X') X = X f(X' X G)`, it is one of k x k here: time O(n k^2 + clusters k^3).
    What a cluster decides alone is left out, as by the Moore-Penrose inverse [2]_.

    References
    ----------
    .. [1] Bell & McCaffrey (2002), Survey Methodology 28(2), 169-181.
    .. [2] Pustejovsky & Tipton (2018), Journal of Business & Economic Statistics 36(4), 672-683.
    """
    k = design.shape[1]
    if weights is not None:
        root = np.sqrt(weights)
        design, values = design * root[:, None], values * root
    if len(values) < k or np.linalg.matrix_rank(design) < k:
        return Estimate(nan, nan, nan)
    columns, upper = np.linalg.qr(design)
    q = np.linalg.solve(upper.T, contrast)
    coefficients = columns.T @ values
    errors = values - columns @ coefficients
    value = float(q @ coefficients)
    if _flat(errors, values):
        return Estimate(value, nan, nan)
    size = np.bincount(clusters)
    order = np.argsort(clusters, kind="stable")
    starts = (np.cumsum(size) - size)[size > 0]
    sorted_columns = columns[order]
    products = sorted_columns[:, :, None] * sorted_columns[:, None, :]
    own = np.add.reduceat(products, starts, axis=0)
    scores = np.add.reduceat(sorted_columns * errors[order][:, None], starts, axis=0)
    roots, vectors = np.linalg.eigh(own)
    left = 1 - roots
    factor = np.where(left > WHOLE, 1 / np.sqrt(np.maximum(left, WHOLE)), 0.0)
    w = np.einsum("gab,gb->ga", vectors, factor * np.einsum("gab,a->gb", vectors, q))
    r = np.einsum("gab,gb->ga", own, w)
    lengths, inside = np.sum(r * r, axis=1), np.sum(w * r, axis=1)
    trace = float(np.sum(inside - lengths))
    squares = float(np.sum(inside**2 - 2 * inside * lengths) + np.sum((r.T @ r) ** 2))
    if trace <= WHOLE * float(q @ q) or squares <= 0:
        return Estimate(value, nan, nan)
    variance = float(np.sum(np.sum(w * scores, axis=1) ** 2))
    return Estimate(value, float(np.sqrt(variance)), trace**2 / squares)


def _flat(errors: Floats, values: Floats) -> bool:
    """Whether nothing varies but by dust."""
    return bool(np.abs(errors).max() <= FLAT * max(1.0, float(np.abs(values).max())))
