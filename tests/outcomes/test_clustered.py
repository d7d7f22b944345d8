"""CR2 and Satterthwaite's degrees of freedom, against explicit square roots of matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mentormatch.outcomes.clustered import Estimate, fit, mean, quantile, tail

Array = np.ndarray


def by_matrices(
    design: Array, values: Array, clusters: Array, contrast: Array, weights: Array | None = None
) -> tuple[float, float, float]:
    """Return value, standard error and df with matrices of n x n, as Bell & McCaffrey write it."""
    n = len(values)
    if weights is not None:
        design, values = design * np.sqrt(weights)[:, None], values * np.sqrt(weights)
    bread = np.linalg.inv(design.T @ design)
    away = np.eye(n) - design @ bread @ design.T
    beta = bread @ design.T @ values
    errors = values - design @ beta
    meat, parts = 0.0, []
    for g in np.unique(clusters):
        at = np.flatnonzero(clusters == g)
        roots, vectors = np.linalg.eigh(away[np.ix_(at, at)])
        inverse = np.where(roots > 1e-9, 1 / np.sqrt(np.maximum(roots, 1e-9)), 0.0)
        adjust = vectors @ np.diag(inverse) @ vectors.T
        u = adjust @ design[at] @ bread @ contrast
        meat += (u @ errors[at]) ** 2
        parts.append(away[:, at] @ u)
    products = np.array(parts) @ np.array(parts).T
    return (
        float(contrast @ beta),
        float(np.sqrt(meat)),
        np.trace(products) ** 2 / (products**2).sum(),
    )


def drawn(seed: int) -> tuple[Array, Array, Array, Array]:
    """Return a random design: 6 to 40 people, clusters of 1 to 7, 1 to 4 columns."""
    rng = np.random.default_rng(seed)
    k = 1 + seed % 4
    sizes = rng.integers(1, 8, rng.integers(k + 3, 12))
    clusters = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    n = len(clusters)
    columns = [np.ones(n), rng.normal(size=n), (rng.random(len(sizes)) < 0.5)[clusters] * 1.0,
               rng.integers(1, 6, n) * 1.0]  # fmt: skip
    design = np.column_stack(columns[:k])
    if np.linalg.matrix_rank(design) < k:
        design[:, -1] = rng.normal(size=n)
        design[:, 2 % k] += rng.normal(size=n) * (k > 2)
    return design, rng.normal(size=n) + clusters % 3, clusters, rng.normal(size=k)


@pytest.mark.parametrize("weighted", [False, True])
def test_it_equals_explicit_square_roots(weighted: bool) -> None:
    for seed in range(200):
        design, values, clusters, contrast = drawn(seed)
        weights = np.random.default_rng(seed).uniform(0.2, 5, len(values)) if weighted else None
        found = fit(design, values, clusters, contrast, weights)
        expected = by_matrices(design, values, clusters, contrast, weights)
        np.testing.assert_allclose(
            (found.value, found.se, found.df), expected, rtol=1e-10, atol=1e-12, err_msg=str(seed)
        )


def test_the_mean_is_the_fit_of_a_constant() -> None:
    for seed in range(200):
        _, values, clusters, _ = drawn(seed)
        found, one = mean(values, clusters), np.ones(1)
        for expected in (
            by_matrices(np.ones((len(values), 1)), values, clusters, one),
            (lambda e: (e.value, e.se, e.df))(
                fit(np.ones((len(values), 1)), values, clusters, one)
            ),
        ):
            np.testing.assert_allclose((found.value, found.se, found.df), expected, rtol=1e-10)


def test_everybody_alone_is_students_interval() -> None:
    values = np.random.default_rng(3).normal(size=17)
    found = mean(values, np.arange(17))
    assert found.df == pytest.approx(16)
    expected = stats.t.interval(0.9, 16, values.mean(), stats.sem(values))
    assert found.interval(0.9) == pytest.approx(expected)
    assert found.chance == pytest.approx(stats.ttest_1samp(values, 0).pvalue)


def test_two_groups_of_singles_are_welchs_test_nearly() -> None:
    rng = np.random.default_rng(5)
    values, with_ = rng.normal(size=40), np.arange(40) < 25
    design = np.column_stack((np.ones(40), with_))
    found = fit(design, values, np.arange(40), np.array([0.0, 1.0]))
    welch = stats.ttest_ind(values[with_], values[~with_], equal_var=False)
    assert found.value == pytest.approx(values[with_].mean() - values[~with_].mean())
    assert found.se == pytest.approx(abs(found.value / welch.statistic))  # CR2 of singles is HC2


@pytest.mark.parametrize("seed", range(20))
def test_order_names_and_units_change_nothing_else(seed: int) -> None:
    design, values, clusters, contrast = drawn(seed)
    rng = np.random.default_rng(seed)
    first = fit(design, values, clusters, contrast)
    order, names = rng.permutation(len(values)), rng.permutation(clusters.max() + 3)
    again = fit(design[order], values[order], names[clusters][order], contrast)
    scaled = fit(design, 7 * values, clusters, contrast, np.full(len(values), 3.0))
    assert (again.value, again.se, again.df) == pytest.approx((first.value, first.se, first.df))
    assert (scaled.value, scaled.se, scaled.df) == pytest.approx(
        (7 * first.value, 7 * first.se, first.df)
    )


def test_what_says_nothing_of_spread_has_no_interval() -> None:
    nothing = [
        mean(np.zeros(0), np.zeros(0, dtype=np.int64)),
        mean(np.full(8, 0.1), np.arange(8)),  # all the same
        mean(np.arange(8.0), np.zeros(8, dtype=np.int64)),  # one mentor
        fit(np.ones((4, 2)), np.arange(4.0), np.arange(4), np.array([0.0, 1.0])),  # no difference
        fit(np.ones((1, 2)), np.ones(1), np.zeros(1, dtype=np.int64), np.array([0.0, 1.0])),
    ]
    with_ = np.array([1.0, 1.0, 0.0, 0.0])  # one cluster decides the difference alone
    alone = np.array([0, 0, 1, 1])
    nothing.append(
        fit(np.column_stack((np.ones(4), with_)), np.arange(4.0), alone, with_[:2] * 0 + 1)
    )
    for estimate in nothing:
        assert not estimate.known
        assert np.isnan(estimate.interval()).all()
        assert np.isnan(estimate.chance)


def test_quantiles_are_students() -> None:
    assert quantile(0.975, 7.3) == pytest.approx(stats.t.ppf(0.975, 7.3))
    assert tail(-2.1, 4.4) == pytest.approx(2 * stats.t.sf(2.1, 4.4))
    assert Estimate(1.0, 0.5, 9.0).interval(0.95)[0] == pytest.approx(
        1 - 0.5 * stats.t.ppf(0.975, 9)
    )
