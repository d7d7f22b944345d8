"""Routes agree, tolerances that allow everything change nothing, promises never gain."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.matching.lowering import lower
from mentormatch.solvers.solve import fitting


def made(seed: int, n: int = 12, m: int = 5, groups: int = 2) -> mm.Scores:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, n)
    score = (rng.random((n, m)) - 0.2 * group[:, None] / groups).clip(0, 1).round(3)
    mentees = pd.DataFrame({"id": [f"e{i}" for i in range(n)], "group": [f"g{k}" for k in group]})
    return mm.Scores.from_matrix(
        score, capacity=rng.integers(1, 4, m), admissible=rng.random((n, m)) > 0.1, mentees=mentees
    )


def values(matching: mm.Matching) -> list[float]:
    return [stage.value for stage in matching.stages]


@pytest.mark.parametrize("seed", range(6))
def test_flow_and_rows_agree(seed: int) -> None:
    for objectives in (
        [mm.MaximizeMatched(), mm.MaximizeMinimum(), mm.MaximizeTotal()],
        [mm.MaximizeMatched(), mm.Leximin(), mm.MaximizeTotal()],
        [mm.MaximizeTotal(), mm.MaximizeMatched()],
    ):
        problem = mm.Problem(made(seed), objectives=objectives, constraints=[mm.Load(1)])
        flow, rows = (mm.solve(problem, route=route) for route in ("flow", "rows"))
        assert values(flow) == pytest.approx(values(rows))
        assert (flow.route, rows.route) == ("flow", "rows")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("measure", ["matched_share", "impact_ratio"])
def test_windows_rows_and_prices_agree(seed: int, measure: str) -> None:
    parity = mm.Parity("group", measure, within=0.1, smallest=1)
    problem = mm.Problem(made(seed), constraints=[parity])
    windows, rows = (mm.solve(problem, route=route) for route in ("windows", "rows"))
    assert values(windows) == pytest.approx(values(rows))
    priced = mm.solve(problem, route="prices", gap=0.0, time_limit=5)
    assert priced.stages[0].bound >= windows.stages[0].value
    assert tuple(values(priced)) <= tuple(v + 1e-9 for v in values(windows))


@pytest.mark.parametrize("seed", range(4))
def test_floors_and_rows_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = mm.Scores.from_matrix(rng.random((14, 6)).round(3), capacity=[6] * 6)
    problem = mm.Problem(
        scores,
        objectives=[mm.MaximizeMatched(), mm.MaximizeMinimum(), mm.MaximizeTotal()],
        constraints=[mm.Demand(2), mm.Load(2)],
    )
    floors, rows = (mm.solve(problem, route=route) for route in ("floors", "rows"))
    assert values(floors) == pytest.approx(values(rows))
    assert (floors.route, rows.route) == ("floors", "rows")


def test_a_large_floor_over_several_mentors_is_proven() -> None:
    rng = np.random.default_rng(0)
    scores = mm.Scores.from_matrix(rng.random((120, 40)), capacity=[9] * 40)
    problem = mm.Problem(
        scores,
        objectives=[mm.MaximizeMatched(), mm.MaximizeMinimum(), mm.MaximizeTotal()],
        constraints=[mm.Demand(3)],
    )
    matching = mm.solve(problem)
    rows, columns = matching.pairs
    sums = np.bincount(rows, scores.points[rows, columns])
    assert matching.route == "floors"
    assert matching.stages[1].gap == 0
    assert sums.min() == round(1e6 * matching.stages[1].value)
    free = mm.solve(mm.Problem(scores, constraints=[mm.Demand(3)]))
    assert matching.objective <= matching.bound <= free.objective


def test_the_one_flow_of_the_default_agrees_with_every_route() -> None:
    problem = mm.Problem(made(3))
    default = mm.solve(problem)
    for route in fitting((lowered := lower(problem)).program, lowered.stages):
        assert values(mm.solve(problem, route=route)) == pytest.approx(values(default))


def test_a_large_parity_is_certified() -> None:
    """300 x 100 goes by prices per group: shares hold exactly, the gap is small and honest."""
    scores = made(0, 240, 80, groups=3)
    parity = mm.Parity("group", "mean_score", within=0.02)
    free = mm.solve(mm.Problem(scores))
    matching = mm.solve(mm.Problem(scores, constraints=[parity]), time_limit=20)
    assert matching.gap <= 1e-3
    assert matching.stages[-1].bound <= free.objective + 1e-9
    means = mean_scores(matching)
    assert max(means) - min(means) <= Fraction("0.02")


def mean_scores(matching: mm.Matching) -> list[Fraction]:
    scores = matching.problem.scores
    rows, columns = matching.pairs
    codes = scores.mentees.columns["group"].codes  # type: ignore[attr-defined]
    points = scores.points[rows, columns]
    return [
        Fraction(int(points[codes[rows] == g].sum()), 1_000_000 * int((codes == g).sum()))
        for g in range(codes.max() + 1)
    ]


LOOSE = [
    mm.Parity("group", within=1.0, smallest=1),
    mm.Parity("group", "mean_score", within=1.0, smallest=1),
    mm.Parity("group", "impact_ratio", ratio=0.0, smallest=1),
    mm.Quota("group", most=99),
    mm.ScoreFloor(0.0),
    mm.Load(0, 99),
    mm.Reserve("group", "g0", 0),
]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(LOOSE))
def test_a_promise_that_binds_nobody_changes_nothing(seed: int, loose: mm.Problem) -> None:
    scores = made(seed, 9, 4)
    free = mm.solve(mm.Problem(scores))
    if isinstance(loose, mm.Reserve):
        assume("g0" in scores.mentees.columns["group"].to_list())
    held = mm.solve(mm.Problem(scores, constraints=[loose]))
    assert values(held) == pytest.approx(values(free))


TIGHTER = [
    lambda k: mm.Parity("group", within=(0.6, 0.3, 0.1)[k], smallest=1),
    lambda k: mm.Parity("group", "mean_score", within=(0.6, 0.2, 0.05)[k], smallest=1),
    lambda k: mm.Quota("group", most=(3, 2, 1)[k]),
    lambda k: mm.ScoreFloor((0.1, 0.4, 0.7)[k]),
    lambda k: mm.Load(0, (3, 2, 1)[k]),
]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(range(len(TIGHTER))))
def test_tightening_never_raises_the_objective(seed: int, which: int) -> None:
    scores = made(seed, 9, 4)
    reached = [
        tuple(values(mm.solve(mm.Problem(scores, constraints=[TIGHTER[which](k)]))))
        for k in range(3)
    ]
    for looser, tighter in ((0, 1), (1, 2)):
        sooner, later = reached[looser], reached[tighter]
        assert later[0] <= sooner[0]
        assert later[0] < sooner[0] or later[1] <= sooner[1] + 1e-9


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_one_more_seat_gains_at_most_its_price(seed: int) -> None:
    scores = made(seed, 9, 4)
    floor = [mm.Load(1)]
    try:
        before = mm.solve(mm.Problem(scores, constraints=floor))
    except mm.InfeasibleError:
        assume(False)
    seats = scores.mentors.capacity
    for j in range(4):
        more = mm.Scores.from_matrix(
            scores.total, capacity=seats + (np.arange(4) == j), admissible=scores.admissible,
            mentees=scores.mentees,
        )  # fmt: skip
        after = mm.solve(mm.Problem(more, constraints=floor))
        gained = [b - a for a, b in zip(values(before), values(after), strict=True)]
        price = before.load.iloc[j]
        assert gained[0] >= 0
        dual = max((price["dual_matched"], price["dual_price"]), (0, 0.0))
        assert gained[0] == dual[0]
        assert gained[1] == pytest.approx(dual[1], abs=1e-9)


def test_the_tightenings_bind() -> None:
    """The law above says something: each tightening costs something on some of the problems."""
    for which, tighter in enumerate(TIGHTER):
        reached = [
            [
                tuple(values(mm.solve(mm.Problem(made(seed, 9, 4), constraints=[tighter(k)]))))
                for k in (0, 2)
            ]
            for seed in range(6)
        ]
        assert any(later < sooner for sooner, later in reached), which


EVERY_ROUTE = [
    mm.Parity("group", within=1.0, smallest=1),
    mm.Parity("group", "mean_score", within=1.0, smallest=1),
    mm.Parity("group", "impact_ratio", ratio=0.0, smallest=1),
]


@pytest.mark.parametrize("loose", EVERY_ROUTE, ids=lambda parity: parity.measure)
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_tolerance_one_is_no_parity_on_every_route(loose: mm.Parity, seed: int) -> None:
    scores = made(seed, 9, 4)
    free = values(mm.solve(mm.Problem(scores)))
    problem = mm.Problem(scores, constraints=[loose])
    fits = fitting((lowered := lower(problem)).program, lowered.stages)
    assert len(fits) >= 2
    for route in fits:
        assert values(mm.solve(problem, route=route, gap=0.0)) == pytest.approx(free), route


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(range(len(TIGHTER))), st.integers(0, 3))
def test_one_more_seat_never_lowers_what_constraints_allow(seed: int, which: int, j: int) -> None:
    scores = made(seed, 9, 4)
    more = mm.Scores.from_matrix(
        scores.total, capacity=scores.mentors.capacity + (np.arange(4) == j),
        admissible=scores.admissible, mentees=scores.mentees,
    )  # fmt: skip
    before, after = (
        values(mm.solve(mm.Problem(s, constraints=[TIGHTER[which](1)]))) for s in (scores, more)
    )
    assert after[0] >= before[0]
    assert after[0] > before[0] or after[1] >= before[1] - 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_prices_and_rows_agree_where_neither_is_exact(seed: int) -> None:
    """4800 pairs: what one route reached is never above what another has proven."""
    scores = made(seed, 80, 60, groups=3)
    parity = mm.Parity("group", "mean_score", within=0.02)
    problem = mm.Problem(scores, constraints=[parity])
    priced, rows = (mm.solve(problem, route=route, gap=2e-3) for route in ("prices", "rows"))
    assert priced.gap <= 2e-3
    assert rows.gap <= 2e-3
    assert priced.stages[0].value == rows.stages[0].value
    assert priced.objective <= rows.bound + 1e-9
    assert rows.objective <= priced.bound + 1e-9


def test_a_route_that_does_not_fit_is_named() -> None:
    problem = mm.Problem(made(0), constraints=[mm.Quota("group", most=2)])
    with pytest.raises(mm.errors.ParameterError, match="rows"):
        mm.solve(problem, route="flow")
    with pytest.raises(mm.errors.ParameterError, match="one flow"):
        mm.solve(problem, route="dense")


def test_balance_comes_after_matched() -> None:
    with pytest.raises(mm.errors.ParameterError, match="MaximizeMatched before"):
        mm.solve(mm.Problem(made(0), objectives=[mm.BalanceLoad(), mm.MaximizeTotal()]))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: mm.ScoreFloor(1.5),
        lambda: mm.Load(3, 2),
        lambda: mm.Load(-1),
        lambda: mm.Demand(-1),
        lambda: mm.Quota("group"),
        lambda: mm.Quota("group", most=1.5),
        lambda: mm.Parity("group", "fairness"),
        lambda: mm.Parity("group", within=2),
        lambda: mm.Reserve("group", "g0", -1),
        lambda: mm.Together("e1"),
        lambda: mm.MinimizeChanges([("a", "b", "c")]),
    ],
)
def test_parameters_are_checked(wrong: object) -> None:
    with pytest.raises(mm.errors.ParameterError):
        wrong()  # type: ignore[operator]


def test_unknown_columns_and_values_are_named() -> None:
    for constraint, word in (
        (mm.Quota("grup", most=1), "group"),
        (mm.Quota("group", "g9", most=1), "g9"),
        (mm.Load(1, by="site"), "site"),
        (mm.Apart(["e0", "nobody"]), "nobody"),
    ):
        with pytest.raises(mm.MentormatchError, match=word):
            mm.solve(mm.Problem(made(0), constraints=[constraint]))
