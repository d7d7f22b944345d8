"""Bounds on disjoint groups: against brute force and HiGHS, with prices anyone can add up."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from mentormatch.solvers import group_lists
from mentormatch.solvers import pool as listed_pairs
from mentormatch.solvers.group_flow import solve_groups
from mentormatch.solvers.groups import bound_of, laminar
from mentormatch.solvers.program import Program, SideRow, pairs_of
from mentormatch.solvers.ties import tie_matrix
from tests.solvers.test_streamed import Rows


def zeros_and_ones(size: int, members: object) -> np.ndarray:
    result = np.zeros(size, dtype=np.int64)
    result[members] = 1
    return result


def random_bounds(rng: np.random.Generator, top: int) -> tuple[float | None, float | None]:
    low, high = rng.integers(-1, top + 1), rng.integers(-1 if rng.random() < 0.05 else 0, top + 2)
    if low > high and rng.random() < 0.9:
        low, high = high, low
    kind = rng.integers(3)
    return (None if kind == 0 else float(low)), (None if kind == 1 else float(high))


def random_program(
    rng: np.random.Generator, n: int, m: int, *, several: bool, high: int = 9
) -> Program:
    """Draw seats, demands and rows of all kinds that are one flow."""
    points = rng.integers(0, high, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.25] = -1
    capacity = rng.integers(0, 4, m)
    least = np.where(rng.random(m) < 0.15, rng.integers(0, 2, m), 0)
    demand = rng.integers(0, 3, n) if several else (rng.random(n) < 0.9).astype(np.int64)
    everybody, everyone = np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64)
    rows = []
    site = rng.integers(0, 2, m)
    if rng.random() < 0.6:
        rows += [(everybody, zeros_and_ones(m, site == s), 1 + m // 2) for s in (0, 1)]
    if rng.random() < 0.3:
        rows.append((everybody, everyone, n))
    group = rng.integers(0, 3, n)
    other = rng.integers(0, 3, n)
    leaf = rng.random()
    if leaf < 0.6:
        rows += [
            (zeros_and_ones(n, group == g), zeros_and_ones(m, j), 2)
            for j in range(m)
            for g in range(3)
            if rng.random() < 0.7
        ]
        inner = np.flatnonzero(group == 0)[:2]
        if leaf < 0.3 and inner.size:
            rows.extend((zeros_and_ones(n, inner), zeros_and_ones(m, j), 1) for j in range(m))
    if rng.random() < 0.5:
        rows += [
            (zeros_and_ones(n, other == g), everyone, 2) for g in range(3) if rng.random() < 0.7
        ]
        inner = np.flatnonzero(other == 1)[:1]
        if inner.size and rng.random() < 0.5:
            rows.append((zeros_and_ones(n, inner), everyone, 1))
    made = [
        SideRow(mentee, mentor, least=bound[0], most=bound[1])
        for mentee, mentor, top in rows
        for bound in [random_bounds(rng, top)]
    ]
    if made and rng.random() < 0.2:
        made.append(made[0])
    return Program(points, capacity, np.minimum(least, capacity), demand, tuple(made))


def best_by_brute_force(program: Program, bonus: np.ndarray) -> tuple[int, int] | None:
    """Return (greatest value, how many reach it), or None where nothing holds."""
    n, m = program.shape
    choices = []
    for i in range(n):
        open_ = [j for j in range(m) if program.points[i, j] >= 0 and program.capacity[j] > 0]
        top = min(int(program.demand[i]), len(open_))
        choices.append([s for k in range(top + 1) for s in itertools.combinations(open_, k)])
    best, count = None, 0
    for chosen in itertools.product(*choices):
        rows = np.array([i for i, s in enumerate(chosen) for _ in s], dtype=np.int64)
        columns = np.array([j for s in chosen for j in s], dtype=np.int64)
        if not program.holds(rows, columns):
            continue
        value = int(program.points[rows, columns].sum()) + sum(
            int(bonus[i, : len(s)].sum()) for i, s in enumerate(chosen)
        )
        if best is None or value > best:
            best, count = value, 1
        elif value == best:
            count += 1
    return None if best is None else (best, count)


def check(
    program: Program, bonus: np.ndarray, expected: tuple[int, int] | None, by_rows: bool = False
) -> None:
    if laminar(program) is None:  # one mentor only: sets of mentees cross there
        assert (program.capacity > 0).sum() == 1
        return
    source = None
    if by_rows:
        points = np.where(program.demand[:, None] > 0, program.points, -1).astype(np.int32)
        source = Rows(points)
    result = solve_groups(program, row_bonus=bonus, source=source)
    if expected is None:
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    rows, columns = pairs_of(result.mentor_of)
    assert program.holds(rows, columns)
    assert result.objective == expected[0]
    assert result.bound == expected[0]
    proven = bound_of(program, result.mentor_price, result.row_price, row_bonus=bonus)
    assert proven == expected[0]
    if result.unique:
        assert expected[1] == 1
    elif result.rounds > 1:
        assert expected[1] > 1


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_small_programs_equal_brute_force(seed: int, several: bool) -> None:
    rng = np.random.default_rng([seed, several])
    for _ in range(4):
        n, m = (int(rng.integers(1, 5)), 3) if several else (int(rng.integers(1, 7)), 4)
        program = random_program(rng, n, int(rng.integers(1, m + 1)), several=several)
        kind = rng.integers(4)
        slots = max(1, int(program.demand.max()))
        bonus = np.sort(rng.integers(0, 30, (n, slots)), axis=1)[:, ::-1]
        large = np.full_like(bonus, 1000), np.full_like(bonus, 1 << 35)
        bonus = [np.zeros_like(bonus), bonus, *large][kind].astype(np.int64)
        check(program, bonus, best_by_brute_force(program, bonus))


@pytest.mark.parametrize("by_rows", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_the_route_with_lists_equals_brute_force(
    seed: int, by_rows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed_pairs, "WIDTH", 1)
    monkeypatch.setattr(listed_pairs, "ADDED", 1)
    monkeypatch.setattr(group_lists, "SMALL", 0)
    monkeypatch.setattr(group_lists, "WIDTH", 1)
    monkeypatch.setattr(group_lists, "LEAST_WIDTH", 1)
    monkeypatch.setattr(group_lists, "ADDED", 1)
    rng = np.random.default_rng(seed)
    for _ in range(4):
        n, m = int(rng.integers(1, 7)), int(rng.integers(1, 5))
        program = random_program(rng, n, m, several=False)
        bonus = rng.integers(0, 30, (n, 1)) if rng.random() < 0.5 else np.full((n, 1), 1000)
        check(program, bonus, best_by_brute_force(program, bonus), by_rows)


def all_best(program: Program, best: int, bonus: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return all pairs of that value."""
    n, m = program.shape
    choices = []
    for i in range(n):
        open_ = [j for j in range(m) if program.points[i, j] >= 0 and program.capacity[j] > 0]
        top = min(int(program.demand[i]), len(open_))
        choices.append([s for k in range(top + 1) for s in itertools.combinations(open_, k)])
    found = []
    for chosen in itertools.product(*choices):
        rows = np.array([i for i, s in enumerate(chosen) for _ in s], dtype=np.int64)
        columns = np.array([j for s in chosen for j in s], dtype=np.int64)
        value = int(program.points[rows, columns].sum()) + sum(
            int(bonus[i, : len(s)].sum()) for i, s in enumerate(chosen)
        )
        if value == best and program.holds(rows, columns):
            found.append((rows, columns))
    return found


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", range(30))
def test_ties_go_by_the_hashes_of_ids(
    seed: int, several: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all best pairs those of the greatest sum of ties, whatever was listed and built in."""
    rng = np.random.default_rng([5, seed, several])
    for _ in range(4):
        n, m = (int(rng.integers(1, 5)), 3) if several else (int(rng.integers(2, 7)), 4)
        program = random_program(rng, n, m, several=several, high=2)
        program = replace(
            program, row_hash=rng.integers(0, 2**63, n).astype(np.uint64),
            mentor_hash=rng.integers(0, 2**63, m).astype(np.uint64),
        )  # fmt: skip
        if laminar(program) is None:
            continue
        bonus = np.full((n, max(1, int(program.demand.max()))), rng.choice([0, 1, 50]))
        for small in (50_000, 0):
            monkeypatch.setattr(group_lists, "SMALL", small)
            monkeypatch.setattr(group_lists, "WIDTH", 1)
            monkeypatch.setattr(group_lists, "ADDED", 1)
            by_rows = small == 0 and rng.random() < 0.5
            source = Rows(program.points) if by_rows and (program.demand == 1).all() else None
            result = solve_groups(program, row_bonus=bonus, source=source)
            if result.status != "optimal":
                break
            ties = tie_matrix(program.row_hash, program.mentor_hash, 0)
            every = all_best(program, result.objective, bonus)
            most = max(int(ties[pairs].sum()) for pairs in every)
            assert int(ties[pairs_of(result.mentor_of)].sum()) == most
            assert result.unique <= (len(every) == 1)


def test_shuffled_rosters_get_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_lists, "WIDTH", 2)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        monkeypatch.setattr(group_lists, "SMALL", 0 if seed % 2 else 50_000)
        n, m = int(rng.integers(4, 25)), int(rng.integers(2, 9))
        program = random_program(rng, n, m, several=seed % 4 == 0, high=3)
        row_hash = rng.integers(0, 2**63, n).astype(np.uint64)
        mentor_hash = rng.integers(0, 2**63, m).astype(np.uint64)
        program = replace(program, row_hash=row_hash, mentor_hash=mentor_hash)
        first = solve_groups(program)
        a, b = rng.permutation(n), rng.permutation(m)
        rows = [
            replace(row, mentee=row.mentee[a], mentor=row.mentor[b])
            for row in program.rows
            if row.mentee is not None and row.mentor is not None
        ]
        order = rng.permutation(len(rows))
        shuffled = Program(
            np.ascontiguousarray(program.points[a][:, b]), program.capacity[b],
            program.min_load[b], program.demand[a], tuple(rows[k] for k in order),
            row_hash=row_hash[a], mentor_hash=mentor_hash[b],
        )  # fmt: skip
        second = solve_groups(shuffled)
        assert first.status == second.status
        i, j = pairs_of(second.mentor_of)
        assert {*zip(a[i], b[j], strict=True)} == {*zip(*pairs_of(first.mentor_of), strict=True)}


def highs(program: Program, bonus: np.ndarray) -> float | None:
    """Return the greatest value by HiGHS, with one bonus per mentee; None if nothing holds."""
    rows, columns = np.nonzero(program.points >= 0)
    n, m = program.shape
    one = np.ones(rows.size)
    at = np.arange(rows.size)
    limits = [
        LinearConstraint(coo_matrix((one, (rows, at)), (n, at.size)), 0, program.demand),
        LinearConstraint(
            coo_matrix((one, (columns, at)), (m, at.size)), program.min_load, program.capacity
        ),
        *(
            LinearConstraint(
                row.on(rows, columns, program.at(rows, columns))[None],
                -np.inf if row.least is None else row.least,
                np.inf if row.most is None else row.most,
            )
            for row in program.rows
        ),
    ]
    found = milp(
        -(program.points[rows, columns] + bonus[rows, 0]).astype(float),
        integrality=one, bounds=Bounds(0, 1), constraints=limits,
    )  # fmt: skip
    return None if found.x is None else round(-found.fun)


@pytest.mark.parametrize("seed", range(30))
def test_thirty_by_twelve_equals_highs(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng([30, seed])
    monkeypatch.setattr(group_lists, "SMALL", 0 if seed % 2 else 50_000)
    n, m = 30, 12
    program = random_program(rng, n, m, several=seed % 3 == 0, high=1000)
    loose = tuple(
        replace(
            row,
            least=None if row.least is None else row.least // 2,
            most=None if row.most is None else row.most + 1,
        )
        for row in program.rows
    )
    program = replace(program, rows=loose, capacity=program.capacity + 1)
    bonus = np.full((n, max(1, int(program.demand.max()))), int(rng.integers(0, 2)) * 100_000)
    expected = highs(program, bonus)
    result = solve_groups(program, row_bonus=bonus)
    if expected is None:
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    assert program.holds(*pairs_of(result.mentor_of))
    assert result.objective == result.bound == expected
    prices = result.mentor_price, result.row_price
    assert bound_of(program, *prices, row_bonus=bonus) == expected


@pytest.mark.parametrize("small", [0, 50_000])
def test_a_time_limit_ends_with_a_bound(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_lists, "SMALL", small)
    rng = np.random.default_rng(3)
    program = random_program(rng, 40, 20, several=False, high=1000)
    for source in (None, Rows(program.points)):
        result = solve_groups(program, time_limit=1e-9, source=source)
        assert result.status in ("time_limit", "infeasible")
        pairs = pairs_of(result.mentor_of)
        assert pairs[0].size == 0 or program.holds(*pairs)
        assert result.bound >= result.objective


def test_large_bonuses_pass_through_crowds() -> None:
    """Bonuses beyond int32 are paid to those whom exits displace."""
    for seed in range(60):
        rng = np.random.default_rng([7, seed])
        program = random_program(rng, 5, 3, several=False)
        bonus = np.full((5, 1), 1 << 40) + rng.integers(0, 20, (5, 1))
        check(program, bonus, best_by_brute_force(program, bonus))


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (0, 0)])
def test_empty_sides(n: int, m: int) -> None:
    points = np.zeros((n, m), dtype=np.int32)
    row = SideRow(np.ones(n, dtype=np.int64), np.ones(m, dtype=np.int64), least=1)
    seats = np.ones(m, dtype=np.int64)
    program = Program(points, seats, 0 * seats, np.ones(n, dtype=np.int64))
    for source in (None, Rows(points)):
        assert solve_groups(program, source=source).status == "optimal"
        assert solve_groups(program.with_rows(row), source=source).status == "infeasible"


def test_what_crosses_is_not_one_flow() -> None:
    n, m = 6, 4
    points = np.zeros((n, m), dtype=np.int32)
    seats, asked = np.full(m, 2), np.ones(n, dtype=np.int64)
    program = Program(points, seats, 0 * seats, asked)
    half, other = zeros_and_ones(n, slice(0, 3)), zeros_and_ones(n, slice(2, 5))
    everyone, left = np.ones(m, dtype=np.int64), zeros_and_ones(m, slice(0, 2))
    middle, one = zeros_and_ones(m, slice(1, 3)), zeros_and_ones(m, 1)
    yes = [
        [(asked, left), (half, everyone), (half, one)],
        [(half, everyone), (other, one)],
        [(half, zeros_and_ones(m, 0)), (other, one)],
        [(asked, left), (asked, everyone), (asked, one)],
    ]
    no = [
        [(half, left)],
        [(asked, left), (asked, middle)],
        [(half, everyone), (other, everyone)],
        [(half, one), (other, one)],
        [(2 * asked, left)],
        [(half - other, everyone)],
    ]
    for rows, known in [*((rows, True) for rows in yes), *((rows, False) for rows in no)]:
        given = program.with_rows(*(SideRow(a, b, most=1) for a, b in rows))
        assert (laminar(given) is not None) == known
    assert laminar(program.with_rows(SideRow(asked, left, scored=True, most=1))) is None
