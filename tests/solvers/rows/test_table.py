"""All side rows at once count what each counts by its definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mentormatch.solvers.program import SideRow
from mentormatch.solvers.rows import table
from mentormatch.solvers.rows.table import RowTable
from tests.solvers.rows.examples import random_program, random_row


@pytest.mark.parametrize("wide", [0.02, 2.0], ids=["as vectors", "sparse"])
@pytest.mark.parametrize("seed", range(60))
def test_counts_are_those_of_the_rows(seed: int, wide: float, monkeypatch) -> None:
    monkeypatch.setattr(table, "WIDE", wide)
    program, rng = random_program(seed, rows=5)
    every = RowTable(program)
    m = max(program.shape[1], 1)
    places = np.flatnonzero(program.open())
    rows, columns = places // m, places % m
    price = rng.normal(size=len(program.rows))
    counts = [row.on(rows, columns, program.at(rows, columns)) for row in program.rows]
    assert every.amounts(rows, columns).tolist() == [int(count.sum()) for count in counts]
    fee = every.fee(price)[rows, columns]
    assert np.allclose(fee, sum((p * c for p, c in zip(price, counts, strict=True)), 0.0))
    assert np.allclose(every.paid(rows, columns, price), fee)
    if program.rows:
        assert (every.matrix(rows, columns).toarray() == np.array(counts)).all()
    for r, count in enumerate(counts):
        i, j, own = every.row(r)
        assert dict(zip(zip(i, j, strict=True), own, strict=True)) == {
            pair: c for pair, c in zip(zip(rows, columns, strict=True), count, strict=True) if c
        }
    for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
        which, own = every.counts(i, j)
        one = np.zeros(len(counts), dtype=np.int64)
        one[which] = own
        at = np.array([i]), np.array([j])
        assert one.tolist() == [int(row.on(*at, program.at(*at))[0]) for row in program.rows]


@pytest.mark.parametrize("seed", range(40))
def test_rounded_bounds_mean_the_same(seed: int) -> None:
    program, rng = random_program(seed)
    row = random_row(rng, program.points)
    if row.pairs is None:
        row = replace(row, mentee=row.mentee * 6)
    program = replace(program, rows=(row,))
    m = max(program.shape[1], 1)
    places = np.flatnonzero(program.open())
    for _ in range(20):
        some = places[rng.random(places.size) < 0.5]
        pairs = some // m, some % m
        assert RowTable(program).holds(*pairs) == row.holds(*pairs, program.at(*pairs))


def test_a_shift_is_the_change_of_what_is_outside() -> None:
    n, m = 4, 2
    points = np.arange(8, dtype=np.int32).reshape(n, m)
    program, _ = random_program(0)
    program = replace(
        program, points=points, capacity=np.full(m, 9), min_load=np.zeros(m, dtype=np.int64),
        demand=np.full(n, 2),
        rows=(SideRow(np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64), True, 5, 6),),
    )  # fmt: skip
    every = RowTable(program)
    amount = every.amounts(np.array([1]), np.array([1]))
    which, count = every.counts(3, 1)
    after = every.excess(amount + count) - every.excess(amount)
    assert every.shift(amount, which, count) == pytest.approx(after)
