"""The one door: what leaves it satisfies the programme, and says no more than is proven."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from mentormatch.errors import Status
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.endings import OutOfTime
from mentormatch.solvers.fold import fold
from mentormatch.solvers.program import Pairs, Program, SideRow
from mentormatch.solvers.solve import ROUTES, fitting, solve
from mentormatch.solvers.stages import Count, Kept, Sorted, Squares, Stage, Total, WorstPair


def program(seed: int, n: int = 5, m: int = 3, *, demand: int = 1) -> Program:
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 5, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < 0.2] = -1
    return Program(
        points, rng.integers(0, 3, m), np.zeros(m, dtype=np.int64), np.full(n, demand),
    )  # fmt: skip


def row_of(seed: int, made: Program) -> SideRow:
    rng = np.random.default_rng(seed)
    n, m = made.shape
    return SideRow(rng.integers(0, 2, n), rng.integers(0, 2, m), most=int(rng.integers(0, 3)))


def stages_of(made: Program) -> dict[str, Stage]:
    n, m = made.shape
    none, had = np.zeros(n, dtype=np.int64), np.full(n, -1)
    pairs = np.array([0, 1]), np.array([0, m - 1])
    return {
        "count": Count(np.ones(n, dtype=np.int64), none),
        "weights": Count(np.arange(n), none),
        "total": Total(),
        "price": Total(0, pairs, 3),
        "kept": Kept(pairs),
        "worst": WorstPair(True, had),
        "sorted": Sorted(None, had, True),
        "squares": Squares(np.zeros(m, dtype=np.int64)),
    }


def every(made: Program) -> list[Pairs]:
    """Every choice of at most one mentor each that satisfies a programme."""
    n, m = made.shape
    found = []
    for chosen in product(range(-1, m), repeat=n):
        at = np.array(chosen)
        rows = np.flatnonzero(at >= 0)
        if made.holds(rows, at[rows]):
            found.append((rows, at[rows]))
    return found


ORDERS = [
    ("count", "total"), ("count", "weights", "total"), ("count", "weights", "price"),
    ("total", "count"), ("count", "worst", "total"), ("kept", "total"), ("sorted", "total"),
    ("count", "sorted"), ("count", "squares", "total"), ("price", "kept"), ("worst", "kept"),
]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_every_fitting_route_finds_the_lexicographic_best(order: Any, rows: int) -> None:
    for seed in range(4):
        made = program(10 * seed + rows)
        made = made.with_rows(*(row_of(seed + k, made) for k in range(rows)))
        stages = [stages_of(made)[name] for name in order]
        best = max(tuple(s.vector(made, pairs) for s in stages) for pairs in every(made))
        for route in ("auto", *fitting(made, stages)):
            found = solve(made, stages, Budget(gap=0.0), route=route)
            assert found.status is Status.OPTIMAL, route
            assert made.holds(*found.pairs)
            assert tuple(s.vector(made, found.pairs) for s in stages) == best, route
            assert [float(v) for v in found.values] == list(found.bounds)


@pytest.mark.parametrize("name", [route.name for route in ROUTES])
def test_every_route_is_tried(name: str) -> None:
    """A route that nothing above reaches is reached here, on a programme made for it."""
    made = program(1)
    one = stages_of(made)
    told = {
        "one flow": (made, ["count", "total"]),
        "flow": (made, ["worst", "total"]),
        "groups": (made.with_rows(SideRow(np.ones(5, int), np.array([1, 1, 0]), most=1)),
                   ["count", "total"]),
        "prices": (made.with_rows(SideRow(np.arange(5), np.ones(3, int), most=3)),
                   ["count", "total"]),
        "rows": (made, ["count", "squares"]),
    }  # fmt: skip
    if name not in told:
        pytest.skip("parities and floors have tests of their own")
    asked, order = told[name]
    found = solve(asked, [one[stage] for stage in order], Budget(gap=0.0), route=name)
    assert found.found
    assert asked.holds(*found.pairs)


def test_a_bound_on_a_folded_sum_bounds_every_stage() -> None:
    for seed in range(20):
        made = program(seed)
        stages = [stages_of(made)[name] for name in ("count", "weights", "total")]
        folded = fold(made, stages, whole=True)
        assert folded is not None
        best = max(folded.worth(made, pairs) for pairs in every(made))
        for pairs in every(made)[:40]:
            values = [stage.value(made, pairs) for stage in stages]
            slack = best - folded.worth(made, pairs)
            bounds = folded.bounds(made, stages, values, slack, best)
            first = max(stages[0].value(made, other) for other in every(made))
            assert values[0] <= first <= bounds[0]


def test_nothing_is_claimed_when_the_time_is_up_at_once() -> None:
    made = program(3, 40, 12)
    for order in ORDERS:
        stages = [stages_of(made)[name] for name in order]
        found = solve(made, stages, Budget(1e-9))
        assert found.found
        assert made.holds(*found.pairs)
        reached = zip(stages, found.values, found.bounds, strict=True)
        for stage, value, bound in reached:
            assert value >= bound if stage.minimises else value <= bound
        closed = all(float(v) == b for v, b in zip(found.values, found.bounds, strict=True))
        assert (found.status is Status.OPTIMAL) == closed


def test_a_listener_hears_every_stage_and_can_cancel() -> None:
    made = program(4, 30, 10)
    stages = [stages_of(made)[name] for name in ("count", "worst", "total")]
    heard: list[str] = []

    def listen(stage: str, value: float, bound: float, seconds: float) -> bool:
        assert value <= bound
        assert seconds >= 0
        heard.append(stage)
        return len(heard) == 2

    found = solve(made, stages, Budget(report=listen), names=["a", "b", "c"])
    assert heard == ["a", "b"]
    assert found.status is Status.INTERRUPTED
    assert found.bounds[0] == found.values[0]  # what was proven before stays proven


def test_an_interruption_returns_the_best_so_far() -> None:
    made = program(5, 30, 10)
    stages = [stages_of(made)[name] for name in ("count", "worst", "total")]

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    found = solve(made, stages, Budget(report=interrupt))
    assert found.status is Status.INTERRUPTED
    assert made.holds(*found.pairs)
    assert found.values[0] == found.bounds[0]


def test_least_loads_that_cannot_be_met_are_infeasible_on_every_route() -> None:
    made = program(6)
    made = replace(made, capacity=np.array([3, 3, 3]), min_load=np.array([2, 2, 2]))
    for order in ORDERS:
        assert solve(made, [stages_of(made)[name] for name in order]).status is Status.INFEASIBLE


def test_a_budget_counts_only_what_it_was_given() -> None:
    unlimited = Budget()
    assert unlimited.left() is None
    assert not unlimited.late()
    assert unlimited.part(0.5).seconds is None
    short = Budget(0.05)
    assert 0 < (short.left() or 0) <= 0.05
    time.sleep(0.06)
    assert short.late()
    assert (short.part(0.5).seconds or 0) > 0  # a little is always left to end with


def test_a_last_point_that_cannot_be_proven_is_given_up_after_work_counted_in_nodes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mentormatch.solvers.rows import highs

    rng = np.random.default_rng(541)
    n, m = 24, 6
    group = np.repeat([5, -11, 0], [11, 5, 8])  # the means of 11 and 5 mentees are equal
    made = Program(
        rng.integers(0, 1000, (n, m)).astype(np.int32), np.full(m, 5), np.zeros(m, dtype=np.int64),
        np.ones(n, dtype=np.int64),
        (SideRow(group, np.ones(m, dtype=np.int64), scored=True, least=0, most=0),),
    )  # fmt: skip
    stages = [stages_of(made)[name] for name in ("count", "total")]
    asked: list[Any] = []
    real = highs.integer

    def integer(model: highs.Model, **limits: Any) -> highs.IntegerAnswer:
        asked.append(limits["nodes"])
        return real(model, **limits)

    monkeypatch.setattr("mentormatch.solvers.rows.linear.integer", integer)
    monkeypatch.setattr(highs, "WORK", 144 * 50)
    found, again = (solve(made, stages, route="rows") for _ in range(2))
    assert set(asked) == {50}
    assert len(asked) == 4  # one search a stage: what found nothing in its nodes is not asked twice
    assert found.status is Status.WORK_LIMIT
    assert found.bounds[1] > float(found.values[1])
    assert [side.tolist() for side in found.pairs] == [side.tolist() for side in again.pairs]
    solve(made, stages[:1], Budget(gap=1.0), route="rows")
    assert asked[-1] is None  # a gap that was asked for is worked for


def test_a_bound_larger_than_64_bits_ends_a_stage_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mentormatch.solvers.flows import FlowRun

    def late(*_args: Any, **_options: Any) -> int:
        raise OutOfTime(10**30)

    monkeypatch.setattr(FlowRun, "maximise", late)
    made = program(1)
    found = solve(made, [Total()], Budget(1.0), route="flow")
    assert found.status == Status.TIME_LIMIT
    assert found.bounds[0] <= Total().ceiling(made)
