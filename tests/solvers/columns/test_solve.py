"""Groups: every rule kept, the optimum where it is said to be proven, and bounds that hold."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.solvers.budget import Budget
from mentormatch.solvers.columns import solve
from mentormatch.solvers.columns.certificate import price_bound
from mentormatch.solvers.columns.problem import GroupProblem, Mix
from mentormatch.solvers.columns.solve import Answer, circles, form
from tests.solvers.columns.instances import best_by_trying, random_circles, random_problem


def check(problem: GroupProblem, answer: Answer) -> None:
    """Everything that is said of an answer holds."""
    assert answer.plan.faults(problem) == []
    assert answer.plan.placed == answer.placed <= answer.placed_bound
    assert answer.plan.total(problem) == answer.total <= answer.bound
    placed, total = best_by_trying(problem)
    assert answer.placed <= placed <= answer.placed_bound
    if answer.placed == placed:
        assert answer.total <= total <= answer.bound
    proven = price_bound(problem, answer.prices, answer.bonus)
    assert proven >= answer.bonus * placed + total
    if answer.status == "optimal":
        assert (answer.placed, answer.total) == (placed, total)


@pytest.mark.parametrize("seed", range(60))
def test_small_problems_are_solved(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed))
    answer = form(problem)
    check(problem, answer)
    assert answer.status == "optimal"


@pytest.mark.parametrize("seed", range(25))
def test_small_circles_are_solved(seed: int) -> None:
    problem = random_circles(np.random.default_rng(seed))
    answer = form(problem)
    check(problem, answer)
    assert answer.status == "optimal"


@pytest.mark.parametrize("seed", range(25))
def test_the_route_of_large_problems_holds_on_small_ones(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solve, "FEW", 0)
    rng = np.random.default_rng(1000 + seed)
    problem = random_problem(rng) if seed % 3 else random_circles(rng)
    check(problem, form(problem))


@pytest.mark.slow
def test_five_hundred_problems() -> None:
    for seed in range(500):
        rng = np.random.default_rng(10_000 + seed)
        problem = random_problem(rng) if seed % 4 else random_circles(rng)
        answer = form(problem)
        check(problem, answer)
        assert answer.status == "optimal", seed


@pytest.mark.slow
def test_the_route_of_large_problems_on_two_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "FEW", 0)
    for seed in range(200):
        rng = np.random.default_rng(20_000 + seed)
        problem = random_problem(rng) if seed % 4 else random_circles(rng)
        check(problem, form(problem))


def forty(seed: int, paired: bool) -> GroupProblem:
    rng = np.random.default_rng(seed)
    n, m, slots = 40, 8, 5
    pair = rng.integers(0, 100, (n, n))
    pair = np.triu(pair, 1) + np.triu(pair, 1).T
    return GroupProblem(
        rng.integers(0, 1000, (n, m)), rng.random((n, slots)) < 0.6, rng.random((m, slots)) < 0.7,
        np.full(m, 2), 4, 6, pair if paired else None,
        (
            Mix(np.where(rng.random(n) < 0.35, 0, -1), np.array([True]), np.array([n])),
            Mix(rng.integers(0, 5, n), np.zeros(5, dtype=bool), np.full(5, 3)),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("paired", [False, True])
def test_forty_people_are_placed_near_the_bound(paired: bool) -> None:
    problem = forty(1, paired)
    answer = form(problem, gap=0.03)
    assert answer.plan.faults(problem) == []
    assert answer.placed == 40
    assert answer.status in {"gap", "optimal"}
    assert answer.gap <= 0.03
    bound = price_bound(problem, answer.prices, answer.bonus)
    assert bound >= answer.total + answer.bonus * 40
    if paired:  # nothing but prices was used
        assert bound - answer.bonus * 40 >= answer.bound


def test_the_same_groups_come_again() -> None:
    problem = forty(2, True)
    one, other = form(problem, gap=0.05, seed=3), form(problem, gap=0.05, seed=3)
    np.testing.assert_array_equal(one.plan.group, other.plan.group)
    assert one.bound == other.bound


def test_a_time_limit_gives_an_honest_gap() -> None:
    problem = forty(3, True)
    answer = form(problem, budget=Budget(0.05))
    assert answer.plan.faults(problem) == []
    assert answer.total <= answer.bound


def test_prices_below_nothing_prove_nothing() -> None:
    problem = forty(1, False)
    with pytest.raises(ValueError, match="0 or more"):
        price_bound(problem, np.full(40, -1), 0)


def test_circles_put_friends_together() -> None:
    pair = np.zeros((6, 6), dtype=np.int64)
    for trio in ([0, 3, 5], [1, 2, 4]):
        pair[np.ix_(trio, trio)] = 10
    answer = form(circles(pair, 3, 3))
    assert answer.total == 60
    assert answer.plan.group.tolist() in ([0, 1, 1, 0, 1, 0], [1, 0, 0, 1, 0, 1])
    np.testing.assert_array_equal(np.sort(answer.plan.coach), [0, 1])
