"""The door to HiGHS: signs of prices, words, limits, and what its tolerances hide."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

import mentormatch
from mentormatch.solvers.rows.highs import Model, integer, linear, patience


def model(value, matrix, low, high, **more) -> Model:
    size = len(value)
    return Model(
        np.array(value, dtype=float), csr_array(np.array(matrix, dtype=float).reshape(-1, size)),
        np.array(low, dtype=float), np.array(high, dtype=float), np.zeros(size),
        np.full(size, 10.0), **more,
    )  # fmt: skip


def test_prices_are_above_0_where_high_binds_and_below_where_low_does() -> None:
    found = linear(model([3, -2], [[1, 0], [0, 1]], [-np.inf, 2], [4, np.inf]))
    assert found.status == "optimal"
    assert found.x == pytest.approx([4, 2])
    assert found.dual == pytest.approx([3, -2])


@pytest.mark.parametrize("sign", [1, -1])
def test_an_equation_has_a_price_of_either_sign(sign: int) -> None:
    found = linear(model([sign], [[1]], [4], [4]))
    assert found.dual == pytest.approx([sign])


def test_reduced_values_prove_the_optimum() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        matrix = rng.integers(-2, 3, (4, 6))
        task = model(rng.normal(size=6) * 1e6, matrix, np.full(4, -3.0), np.full(4, 5.0))
        found = linear(task)
        left = task.value - matrix.T @ found.dual
        side = np.where(found.dual > 0, task.high, task.low)
        bound = found.dual @ side + np.maximum(left, 0) @ task.top
        assert found.x is not None
        assert bound == pytest.approx(task.value @ found.x, rel=1e-6)


def test_words_and_empty_models() -> None:
    assert linear(model([1], [[1]], [11], [12])).status == "infeasible"
    assert integer(model([1], [[1]], [11], [12])).status == "infeasible"
    empty = csr_array((2, 0))
    none = np.zeros(0)
    fits = Model(none, empty, np.array([-np.inf, 0]), np.array([1.0, 0]), none, none)
    broken = Model(none, empty, np.array([1.0, 0]), np.array([2.0, 0]), none, none)
    assert linear(fits).status == integer(fits).status == "optimal"
    assert linear(broken).status == integer(broken).status == "infeasible"
    assert linear(model([2], np.zeros((0, 1)), [], [])).x == pytest.approx([10])


@pytest.mark.parametrize("top", [1, 10**6, 10**9])
def test_one_unit_of_a_million_is_seen(top: int) -> None:
    rng = np.random.default_rng(top)
    value = rng.integers(0, top + 1, 12)
    value[0] = value[1:6].sum()  # a tie but for one unit
    task = model(np.append(value, value[0] + 1), np.ones((1, 13)), [0], [1])
    task = Model(task.value, task.matrix, task.low, task.high, task.bottom, np.ones(13))
    found = integer(task)
    assert found.x is not None
    assert round(task.value @ found.x) == value[0] + 1
    assert found.bound == pytest.approx(value[0] + 1, abs=top * 1e-6)


def test_a_node_limit_ends_a_search_alike_each_time() -> None:
    rng = np.random.default_rng(1)
    matrix = rng.integers(1, 1000, (8, 80))
    half = matrix.sum(axis=1) / 2
    task = model(matrix.sum(axis=0) + 7, matrix, np.full(8, -np.inf), half)
    task = Model(task.value, task.matrix, task.low, task.high, task.bottom, np.ones(80))
    one, other = integer(task, nodes=5), integer(task, nodes=5)
    assert one.status == "limit"
    assert one.x is not None
    assert (one.x == other.x).all()
    assert task.value @ one.x <= one.bound
    assert 20 <= patience(10**9) < patience(1) <= 20_000


def test_no_other_file_imports_scipy_optimize() -> None:
    source = Path(mentormatch.__file__).parent
    for path in source.rglob("*.py"):
        # linear programmes have one door; non-negative least squares are no programme of ours
        if path.name in ("highs.py", "shrinkage.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("scipy.optimize"), path
