"""Shrinkage against restricted maximum likelihood written out with full matrices, and its laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize

from mentormatch.outcomes.shrinkage import (
    EXPECTED,
    MENTOR_SHARES,
    STRAYS,
    Posterior,
    nearest,
    shrunk,
)

Floats = npt.NDArray[np.float64]


def drawn(seed: int, n: int = 70, k: int = 5, mentors: int = 18) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    mentor = rng.integers(0, mentors, n)
    _, mentor = np.unique(mentor, return_inverse=True)
    rounds = (rng.integers(0, 2, n)[:, None] == np.arange(2)).astype(float)
    fixed = np.column_stack([rng.normal(size=(n, 2)), rounds])
    parts = rng.normal(size=(n, k)) * (rng.random((n, k)) > 0.1)
    present = rng.random(k)
    outcome = parts @ (0.2 * present) + 0.4 * rng.normal(size=mentor.max() + 1)[mentor]
    return outcome + rng.normal(size=n), fixed, parts, present, mentor


def dense(
    outcome: Floats, fixed: Floats, parts: Floats, present: Floats, mentor: npt.NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """Return mean, covariance and likelihood of the same model, by inverting n x n matrices."""
    n, k = parts.shape
    x = np.column_stack([parts @ present, fixed])
    p = x.shape[1]
    same = (mentor[:, None] == mentor).astype(float)
    likelihood = np.zeros((len(MENTOR_SHARES), len(STRAYS)))
    means, covariances, priors = [], [], []
    for a, share in enumerate(MENTOR_SHARES):
        for b, stray in enumerate(STRAYS):
            v = np.eye(n) + share / (1 - share) * same + stray**2 * parts @ parts.T
            inverse = np.linalg.inv(v)
            inside = np.linalg.inv(x.T @ inverse @ x)
            fitted = inside @ x.T @ inverse @ outcome
            rest = outcome - x @ fitted
            sigma2 = rest @ inverse @ rest / (n - p)
            likelihood[a, b] = -0.5 * (
                np.linalg.slogdet(v)[1]
                + np.linalg.slogdet(x.T @ inverse @ x)[1]
                + (n - p) * np.log(rest @ inverse @ rest)
            )
            gain = stray**2 * parts.T @ inverse  # best linear prediction of the strays
            means.append(fitted[0] * present + gain @ rest)
            # weights are linear in outcome: their error is that of s w0 + delta given the answers
            project = np.eye(n) - x @ inside @ x.T @ inverse
            lift = np.outer(present, inside[0] @ x.T @ inverse) + gain @ project
            own = stray**2 * np.eye(k)
            shared = lift @ parts * stray**2
            covariances.append(sigma2 * (lift @ v @ lift.T + own - shared - shared.T))
            priors.append(-stray / EXPECTED)
    chance = np.exp(likelihood.ravel() + priors - (likelihood.ravel() + priors).max())
    chance /= chance.sum()
    mean = chance @ np.array(means)
    off = np.array(means) - mean
    covariance = np.einsum("g,gij->ij", chance, np.array(covariances))
    return mean, covariance + np.einsum("g,gi,gj->ij", chance, off, off), likelihood


@pytest.mark.parametrize("seed", range(4))
def test_it_is_restricted_maximum_likelihood_written_out(seed: int) -> None:
    data = drawn(seed)
    found = shrunk(*data)
    mean, covariance, likelihood = dense(*data)
    assert np.allclose(found.mean, mean, rtol=0, atol=1e-8)
    assert np.allclose(found.covariance, covariance, rtol=0, atol=1e-8)
    assert np.allclose(found.likelihood, likelihood, rtol=0, atol=1e-8)
    assert np.allclose(found.se, np.sqrt(np.diag(covariance)), rtol=0, atol=1e-8)


def assert_same(one: Posterior, other: Posterior, unit: float = 1.0) -> None:
    assert np.allclose(one.mean * unit, other.mean, rtol=0, atol=1e-9 * max(1, unit))
    assert np.allclose(one.covariance * unit**2, other.covariance, atol=1e-9 * max(1, unit**2))
    assert one.stray == pytest.approx(other.stray)
    assert one.mentor_share == pytest.approx(other.mentor_share)


def test_laws() -> None:
    outcome, fixed, parts, present, mentor = drawn(9)
    found = shrunk(outcome, fixed, parts, present, mentor)
    order = np.random.default_rng(1).permutation(len(outcome))
    shuffled = (outcome[order], fixed[order], parts[order], present, mentor[order])
    assert_same(found, shrunk(*shuffled))
    other_names = np.random.default_rng(2).permutation(mentor.max() + 1)[mentor]
    assert_same(found, shrunk(outcome, fixed, parts, present, other_names))
    assert_same(found, shrunk(outcome, fixed, parts, 7.0 * present, mentor))
    assert_same(found, shrunk(outcome + 3.0, fixed, parts, present, mentor))
    assert_same(found, shrunk(5.0 * outcome, fixed, parts, present, mentor), 5.0)
    doubled = np.column_stack([fixed, fixed[:, 0] + fixed[:, 2]])  # says nothing new
    assert_same(found, shrunk(outcome, doubled, parts, present, mentor))


def test_little_is_borne_out_by_noise_and_much_by_much() -> None:
    _, fixed, parts, present, mentor = drawn(3, n=400, k=4, mentors=80)
    rng = np.random.default_rng(0)
    noise = rng.normal(size=len(parts))
    true = np.array([0.0, 0.0, 0.0, 0.5])
    quiet, loud = (shrunk(y, fixed, parts, present, mentor) for y in (noise, noise + parts @ true))
    assert quiet.stray < 0.05 < 0.1 < loud.stray
    assert loud.mean[3] == pytest.approx(0.5, abs=0.15)
    assert np.abs(quiet.mean).max() < 0.12
    shared = 0.8 * rng.normal(size=int(mentor.max()) + 1)[mentor]
    assert shrunk(noise + shared, fixed, parts, present, mentor).mentor_share > 0.25
    assert quiet.mentor_share < 0.1


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_weights_of_at_least_0(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, 4))
    covariance, mean = root @ root.T + 0.1 * np.eye(4), rng.normal(size=4)
    inverse = np.linalg.inv(covariance)
    found = nearest(mean, covariance)
    searched = minimize(
        lambda b: (b - mean) @ inverse @ (b - mean), np.ones(4), bounds=[(0, None)] * 4,
        options={"ftol": 1e-14},
    )  # fmt: skip
    assert (found >= 0).all()
    assert np.allclose(found, searched.x, atol=1e-4)
    assert np.allclose(nearest(np.abs(mean), covariance), np.abs(mean))
