"""Numbers of pairs of kinds, then who: within seats and demands always, within the rows mostly."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.solvers.assignment import assign
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Program, SideRow, nobody, pairs_of
from mentormatch.solvers.rows import kinds
from mentormatch.solvers.rows.kinds import by_kinds, mended
from tests.solvers.rows.examples import best_value, random_program

SOME = [seed for seed in range(300) if random_program(seed)[0].open().sum() <= 10]


def cells(seed: int, n: int = 600, m: int = 160, *, asked: int = 1, part: float = 1.0) -> Program:
    """Two crossing families of least numbers, kept by a random matching and far from the best."""
    rng = np.random.default_rng(seed)
    group, site = rng.integers(0, 3, n), np.arange(m) % 4
    wing, line = rng.integers(0, 5, n), rng.integers(0, 5, m)
    capacity, demand = np.full(m, 4), np.full(n, asked)
    points = rng.integers(0, 10**6, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.1] = -1
    noise = np.where(points >= 0, rng.integers(0, 10**6, (n, m)), -1).astype(np.int32)
    least = np.ones(m, dtype=np.int64)
    witness = pairs_of(
        assign(
            noise, capacity, demand=demand, min_load=least, row_bonus=np.full(n, 10**8)
        ).mentor_of
    )
    rows = []
    for mine, theirs in ((group, site), (wing, line)):
        for g in np.unique(mine):
            for s in np.unique(theirs):
                count = int(((mine[witness[0]] == g) & (theirs[witness[1]] == s)).sum())
                sides = (mine == g).astype(np.int64), (theirs == s).astype(np.int64)
                rows.append(SideRow(*sides, least=int(part * count)))
    return Program(points, capacity, least, demand, tuple(rows))


def flow(program: Program) -> tuple[np.ndarray, np.ndarray]:
    n = program.shape[0]
    return pairs_of(
        assign(
            program.points, program.capacity, demand=program.demand, row_bonus=np.full(n, 10**8)
        ).mentor_of
    )


@pytest.mark.parametrize("asked", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_crossing_least_numbers_are_kept_at_once(seed: int, asked: int) -> None:
    program = cells(seed, asked=asked, part=0.95)
    best = flow(program)
    assert not program.holds(*best)
    found = by_kinds(program, best, Budget())
    assert found is not None
    assert program.holds(*found)
    assert found[0].size >= 0.95 * best[0].size


def test_numbers_that_leave_no_room_are_kept() -> None:
    """Every cell as large as in the one matching that is known: all seats are spoken for."""
    program = cells(5)
    found = mended(program, flow(program), Budget())
    assert found is not None
    assert program.holds(*found)


@pytest.mark.parametrize("part", range(3))
def test_small_programmes_are_kept_exactly_or_said_not_to_be(part: int) -> None:
    made = possible = kept = 0
    for seed in SOME[part::3]:
        program, rng = random_program(seed)
        places = np.flatnonzero(rng.random(program.points.size) < 0.5)
        m = max(program.shape[1], 1)
        near = places // m, places % m
        inside = program.open()[near]
        near = near[0][inside], near[1][inside]
        best = best_value(program, np.maximum(program.points, 0).astype(np.int64))
        numbers = by_kinds(program, near, Budget())
        if numbers is not None:
            made += 1
            assert (np.bincount(numbers[0], minlength=program.shape[0]) <= program.demand).all()
            assert (
                np.bincount(numbers[1], minlength=m)[: program.shape[1]] <= program.capacity
            ).all()
        found = mended(program, near, Budget())
        assert found is None or program.holds(*found)
        possible += best is not None
        kept += found is not None
    assert made > 5
    assert kept >= 0.9 * possible


def test_many_kinds_are_left_to_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    program = cells(0, 60, 16)
    assert by_kinds(program, flow(program), Budget()) is not None
    monkeypatch.setattr(kinds, "MOST_CELLS", 3)
    assert by_kinds(program, flow(program), Budget()) is None


def test_rows_that_cannot_be_kept_have_no_numbers() -> None:
    ones = np.ones(3, dtype=np.int64)
    points = np.ones((3, 3), dtype=np.int32)
    program = Program(points, ones, 0 * ones, ones, (SideRow(ones, ones, least=4),))
    assert by_kinds(program, nobody(), Budget()) is None
    assert mended(program, nobody(), Budget()) is None
