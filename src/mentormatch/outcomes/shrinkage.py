r"""Shrinkage: what answers say about weights, drawn towards the weights that are there already.

Outcomes of pairs are few and noisy, so that weights fitted to them freely match worse than sensible
defaults. Here they may leave the defaults only as far as the answers bear out:

.. math:: y = X b + s\, Z w_0 + Z \delta + a + e, \qquad
    \delta \sim N(0, \tau^2 \sigma^2 I),\; a \sim N(0, \lambda \sigma^2),\; e \sim N(0, \sigma^2)

with fixed columns X (rounds, the two means), parts Z of the pairs, present weights :math:`w_0` and
an effect a for each mentor. The weights are :math:`s w_0 + \delta`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["EXPECTED", "MENTOR_SHARES", "STRAYS", "Posterior", "nearest", "shrunk"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

STRAYS = np.linspace(0.0, 0.3, 16)
"""How far weights may stray from the present ones, in standard deviations of what is unexplained
per standard deviation of a part: the values of tau looked at."""
EXPECTED = 0.08
"""How far they are expected to, before anybody has answered: the density is exp(-tau / .08)."""
MENTOR_SHARES = np.array([0.0, 0.03, 0.07, 0.12, 0.18, 0.26, 0.36, 0.5])
"""Shares of the unexplained variance that may lie with mentors; all alike likely beforehand."""
FLAT = 1e-9
"""A direction of the fixed columns that is this small beside the longest tells nothing new."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is known of the weights once the answers are in.

    Attributes
    ----------
    mean : float64 (k,)
        Outcome per unit of each part.
    covariance : float64 (k, k)
    stray : float
        Mean of tau.
    mentor_share : float
        Mean share of the unexplained variance that lies with mentors.
    sigma : float
        Standard deviation of what neither parts nor mentors explain.
    likelihood : float64 (shares, strays)
        Restricted log-likelihood of each point of the grid, the prior left out.
    """

    mean: Floats
    covariance: Floats
    stray: float
    mentor_share: float
    sigma: float
    likelihood: Floats

    @property
    def se(self) -> Floats:
        """float64 (k,): standard errors of the weights."""
        se: Floats = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return se


def shrunk(
    outcome: Floats,
    fixed: Floats,
    parts: Floats,
    present: Floats,
    mentor: Codes,
    *,
    strays: Floats = STRAYS,
    mentor_shares: Floats = MENTOR_SHARES,
) -> Posterior:
    r"""Return mean and covariance of the weights, averaged over tau and the mentors' variance.

    Parameters
    ----------
    outcome
        float64 (n,).
    fixed
        float64 (n, f): an intercept per round, and what is held constant.
    parts
        float64 (n, k): centred, in standard deviations, 0 where unanswered.
    present
        float64 (k,): the weights that are there, per unit of `parts`.
    mentor
        int64 (n,): the mentor of each pair, numbered from 0.
    strays, mentor_shares
        The grid.

    Notes
    -----
    Mentor effects are taken out by whitening: of every column, 1 - 1 / sqrt(1 + n_j lambda) of
    mentor j's mean is subtracted. sigma and all fixed coefficients are integrated out [1]_. Columns
    that add up to others are left out. Time O(n (f + k)^2) per share and O((f + k)^3) per point.

    References
    ----------
    .. [1] Patterson & Thompson (1971), Biometrika 58, 545-554.
    """
    every = np.column_stack([parts @ present, fixed])
    free = _independent(every)
    columns = every[:, free]
    has_present = bool(free.size) and free[0] == 0  # not where all parts are unanswered
    f, k = columns.shape[1], parts.shape[1]
    together = np.column_stack([columns, parts, outcome])
    size = np.bincount(mentor, minlength=int(mentor.max(initial=-1)) + 1)
    sums = np.zeros((len(size), together.shape[1]))
    np.add.at(sums, mentor, together)
    left = len(outcome) - f
    likelihood = np.full((len(mentor_shares), len(strays)), -np.inf)
    means, covariances, sigmas = [], [], []
    for row, share in enumerate(mentor_shares.tolist()):
        products, log_scale = _whitened(together, sums, size, share / (1 - share))
        for column, stray in enumerate(strays.tolist()):
            found = _solved(products, f, k, stray)
            rest = max(found.rest, 0.0)
            likelihood[row, column] = -0.5 * (
                log_scale + found.log_determinant + left * np.log(max(rest, 1e-300))
            )
            lift = np.zeros((k, f + k))
            if has_present:
                lift[:, 0] = present
            lift[:, f:] = stray * np.eye(k)
            means.append(lift @ found.coefficients)
            sigmas.append(rest / max(left, 1))
            covariances.append(sigmas[-1] * lift @ found.inverse @ lift.T)
    prior = np.tile(-strays / EXPECTED, (len(mentor_shares), 1))
    log_chance = likelihood + prior
    chance = np.exp(log_chance - log_chance.max())
    chance /= chance.sum()
    each = chance.ravel()
    centre, spread = np.array(means), np.array(covariances)
    mean = each @ centre
    off = centre - mean
    covariance = np.einsum("g,gij->ij", each, spread) + np.einsum("g,gi,gj->ij", each, off, off)
    return Posterior(
        mean=mean,
        covariance=(covariance + covariance.T) / 2,
        stray=float(chance.sum(axis=0) @ strays),
        mentor_share=float(chance.sum(axis=1) @ mentor_shares),
        sigma=float(np.sqrt(each @ np.array(sigmas))),
        likelihood=likelihood,
    )


def nearest(mean: Floats, covariance: Floats) -> Floats:
    r"""Return the weights of at least 0 that are nearest to the mean as the answers measure it.

    .. math:: \arg\min_{b \ge 0} (b - m)' S^{-1} (b - m)

    Parameters
    ----------
    mean, covariance
        float64 (k,), (k, k): m and S.

    References
    ----------
    .. [1] Lawson & Hanson (1974), Solving least squares problems, chapter 23.
    """
    from scipy.optimize import nnls

    values, vectors = np.linalg.eigh(covariance)
    steady = np.maximum(values, FLAT * max(float(values.max(initial=0.0)), 1e-300))
    root = (vectors / np.sqrt(steady)).T  # root' root is the inverse of S
    weights: Floats = nnls(root, root @ mean)[0]
    return weights


@dataclass(frozen=True, eq=False)
class _Solved:
    coefficients: Floats
    inverse: Floats
    log_determinant: float
    rest: float


def _solved(products: Floats, f: int, k: int, stray: float) -> _Solved:
    """Solve the mixed model's equations for parts scaled by tau, so that each has a ridge of 1."""
    scale = np.concatenate([np.ones(f), np.full(k, stray)])
    left = products[:-1, :-1] * np.outer(scale, scale)
    left[np.arange(f, f + k), np.arange(f, f + k)] += 1.0
    right = products[:-1, -1] * scale
    inverse = np.asarray(np.linalg.inv(left), dtype=np.float64)
    coefficients: Floats = inverse @ right
    _, log_determinant = np.linalg.slogdet(left)
    rest = float(products[-1, -1] - right @ coefficients)
    return _Solved(coefficients, inverse, float(log_determinant), rest)


def _whitened(
    together: Floats, sums: Floats, size: npt.NDArray[np.int64], ratio: float
) -> tuple[Floats, float]:
    """Return the products of all columns with mentor effects taken out, and the log of the scale.

    Subtracting c of a mean over n_j rows takes (2 c - c^2) / n_j of the product of the sums.
    """
    kept = 1 / np.sqrt(1 + size * ratio)  # 1 - c
    taken = np.where(size > 0, (1 - kept**2) / np.maximum(size, 1), 0.0)
    products = together.T @ together - (sums * taken[:, None]).T @ sums
    return products, float(np.log1p(size * ratio).sum())


def _independent(columns: Floats) -> npt.NDArray[np.int64]:
    """Return the places of the columns that do not add up to those before them."""
    kept: list[int] = []
    basis = np.zeros((len(columns), 0))
    longest = np.sqrt((columns**2).sum(axis=0)).max(initial=0.0)
    for place, column in enumerate(columns.T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        length = float(np.sqrt(rest @ rest))
        if length > FLAT * max(float(np.sqrt(column @ column)), FLAT * float(longest)):
            kept.append(place)
            basis = np.column_stack([basis, rest / length])
    return np.array(kept, dtype=np.int64)
