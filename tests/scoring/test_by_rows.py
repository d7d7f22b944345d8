"""Scores that are computed row by row are the same bits, and solve to the same answer."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.errors import TooLargeError
from mentormatch.scoring.by_rows import JudgedPairs, RowSource
from mentormatch.scoring.defects import DEFECTS, bit_of, judge_of
from mentormatch.scoring.presets import Plan
from mentormatch.solvers import fold
from mentormatch.solvers import pool as listed_pairs
from mentormatch.solvers.source import Barred, Costed, flat_source, narrowed, screened
from tests.scoring.people import cohort, profiles
from tests.scoring.test_laws import CRITERIA, RULES


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of 2, and two pairs a look: everything has to be found by pricing."""
    monkeypatch.setattr(listed_pairs, "WIDTH", 2)
    monkeypatch.setattr(listed_pairs, "ADDED", 2)


@cache
def rosters(seed: int) -> tuple[mm.Profiles, mm.Profiles]:
    rng = np.random.default_rng(seed)
    n, m, seats = int(rng.integers(10, 70)), int(rng.integers(4, 24)), rng.choice([0.7, 1, 1.2])
    frames = mm.make_cohort(n, m, seed=seed, seats=float(seats))
    return mm.read_roster(frames[0], role="mentee"), mm.read_roster(frames[1], role="mentor")


def both(seed: int, **how: Any) -> tuple[mm.Scores, mm.Scores]:
    """Return the same scores by rows, and as a matrix."""
    return twice(*rosters(seed), **how)


def twice(mentees: mm.Profiles, mentors: mm.Profiles, *plan: Any, **how: Any) -> Any:
    """Return them; compiled code, which the filter is, serves the first."""
    rows = mm.score(mentees, mentors, *plan, memory=1, **{"engine": "numba"} | how)
    matrix = mm.score(mentees, mentors, *plan, **how)
    assert rows.source is not None
    assert matrix.source is None
    return rows, matrix


def same_bits(rows: mm.Scores, matrix: mm.Scores) -> None:
    n, m = matrix.shape
    assert rows.levels == matrix.levels
    assert np.array_equal(rows.block(np.arange(n)), matrix.points)
    pairs = np.divmod(np.arange(n * m), m)
    assert np.array_equal(rows.at(*pairs), matrix.points.ravel())
    some = np.arange(n)[::-2]
    assert np.array_equal(rows.block(some), matrix.points[some])
    assert np.array_equal(rows.seated, matrix.seated)
    assert "points" not in rows.__dict__
    bars_hold(rows, matrix)


def bars_hold(rows: mm.Scores, matrix: mm.Scores) -> None:
    """What is listed has its points, and no other pair is worth more than its row's bar."""
    source = rows.source
    assert isinstance(source, RowSource)
    pool = source.pool
    if pool is None:  # nothing was solved yet
        return
    listed = np.repeat(np.arange(len(rows)), np.diff(pool.indptr)), pool.column
    assert np.array_equal(pool.points, matrix.points[listed])
    worth = np.where(matrix.points >= 0, matrix.points - pool.ref[pool.part], -(1 << 61))
    worth[listed] = -(1 << 61)
    assert (worth.max(axis=1) <= pool.bar).all()


def same_answer(one: mm.Matching, other: mm.Matching) -> None:
    assert one.route == "streamed"
    for name in ("mentors_of", "mentor_price", "matched_price"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert (one.unique, one.status, one.stages) == (other.unique, other.status, other.stages)


def nothing_barred(n: int) -> Any:
    return np.zeros(0, np.int64), np.zeros(n, dtype=bool), np.zeros(n, np.int64)


def filter_holds(rows: mm.Scores, matrix: mm.Scores, rng: np.random.Generator) -> None:
    """Every pair above the threshold is listed, or there are enough that are better."""
    source, points = rows.source, matrix.points
    assert isinstance(source, RowSource)
    n, m = points.shape
    few = np.flatnonzero(rng.random(m) < 0.7)
    for scores in (rows, matrix):
        some = rng.integers(0, n, 3 * n)
        level = np.abs(points[some, rng.integers(0, m, some.size)]) + rng.integers(-1, 2, some.size)
        wanted = (points[some] > level[:, None]).sum(axis=1)
        assert np.array_equal(scores.better(some, level), wanted)
    unit = int(rng.choice([10**4, 10**6, 10**11]))
    costed = Costed(
        Barred(source, *nothing_barred(n)), rows.costs_of(tuple(DEFECTS)), unit, np.int64
    )
    dear = np.where(points >= 0, points + unit * (matrix.defects == 0), -1)
    for part, value, columns in (
        (source, points, np.arange(m)), (source.narrowed(few), points, few),
        (costed, dear, np.arange(m)), (costed.narrowed(few), dear, few),
    ):  # fmt: skip
        for _ in range(3):
            price = rng.integers(0, 10 ** int(rng.integers(1, 14)), columns.size)
            price += int(rng.choice([0, -(10**7), 10**9, 10**17]))
            worth = np.where(value[:, columns] >= 0, value[:, columns] - price, -(1 << 61))
            chosen = np.flatnonzero(rng.random(n) < 0.8)
            if not chosen.size or not columns.size:
                continue
            low = np.quantile(worth[chosen], rng.random(), axis=1).astype(np.int64)
            low = np.where(rng.random(chosen.size) < 0.3, -(1 << 60), low)
            found = screened(part, chosen, price, low, int(rng.integers(1, 4)))
            if rows.neutral is None or not source.compiled:
                assert found is None
                return
            assert found is not None
            listed = np.zeros((chosen.size, columns.size), dtype=bool)
            listed[found.place, found.column] = True
            left = np.where(listed, -(1 << 61), worth[chosen]).max(axis=1, initial=-(1 << 61))
            assert (left <= found.rest)[~found.over].all()
            assert (np.diff(found.place) >= 0).all()


@pytest.mark.parametrize("seed", range(12))
def test_cohorts_get_the_answer_of_the_matrix(seed: int) -> None:
    rows, matrix = both(seed, missing="drop" if seed % 4 == 3 else "neutral")
    same_bits(rows, matrix)
    filter_holds(rows, matrix, np.random.default_rng(seed))
    same_answer(*(mm.solve(mm.Problem(s, seed=seed)) for s in (rows, matrix)))
    plain = [mm.MaximizeMatched(), mm.MaximizeTotal()]
    same_answer(*(mm.solve(mm.Problem(s, objectives=plain)) for s in (rows, matrix)))
    bars_hold(rows, matrix)
    assert "points" not in rows.__dict__


@pytest.mark.parametrize("seed", range(24))
def test_every_kind_of_criterion_and_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    engine = "numpy" if seed % 8 == 1 else "numba"
    n, m = int(rng.integers(2, 24)), int(rng.integers(1, 14))
    people = [profiles(r, p) for r, p in zip(("mentee", "mentor"), cohort(rng, n, m), strict=True)]
    values = rng.random((n, m)).astype(np.float32)
    own = (
        mm.Custom(lambda a, b: values, name="own", weight=0.1),
        mm.Precomputed(np.where(values > 0.2, values, np.nan), name="given", weight=0.1),
        mm.Similarity("style_scores", name="vector", weight=0.1),
    )
    chosen = [rule for rule in RULES if rng.random() < 0.3]
    plan = Plan((*CRITERIA, *own), tuple(chosen))
    missing = "drop" if seed % 3 == 2 else "neutral"
    rows, matrix = twice(*people, plan, missing=missing, engine=engine)
    same_bits(rows, matrix)
    same_columns(rows, matrix, rng)
    filter_holds(rows, matrix, rng)
    same_answer(*(mm.solve(mm.Problem(s)) for s in (rows, matrix)))


def same_columns(rows: mm.Scores, matrix: mm.Scores, rng: np.random.Generator) -> None:
    """Some of the mentors alone have the same points, barred pairs and costs."""
    n, m = matrix.shape
    few = np.flatnonzero(rng.random(m) < 0.5)
    source = rows.source
    assert isinstance(source, RowSource)
    keys = np.unique(rng.integers(0, n * m, 5))
    out, least = rng.random(n) < 0.1, rng.integers(0, 500_000, n)
    barred = Barred(source, keys, out, least)
    costed = Costed(barred, rows.costs_of(tuple(DEFECTS)), 10**6)
    every = np.divmod(np.arange(n * few.size), max(few.size, 1))
    for whole in (source, barred, costed, flat_source(barred)):
        some = narrowed(whole, few)
        read = whole.read(np.arange(n))[:, few]
        assert np.array_equal(some.read(np.arange(n)), read)
        assert np.array_equal(some.at(*every), read.ravel())
    chosen = np.flatnonzero(rng.random(n) < 0.5)
    for compiled in (False, True):
        some = replace(source, compiled=compiled).narrowed(few)._rows
        assert np.array_equal(some.read(np.arange(n)), matrix.points[:, few])
        for whole, wanted in ((source, matrix.points), (some, matrix.points[:, few])):
            apart = replace(whole, compiled=compiled).taken(chosen)
            assert np.array_equal(apart.read(np.arange(chosen.size)), wanted[chosen])
            pairs = np.divmod(np.arange(chosen.size * wanted.shape[1]), max(wanted.shape[1], 1))
            assert np.array_equal(apart.at(*pairs), wanted[chosen].ravel())
        costs = replace(rows.costs_of(tuple(DEFECTS)), compiled=compiled)
        assert np.array_equal(costs.read(chosen), matrix.defects[chosen] > 0)


@pytest.mark.parametrize("seed", range(8))
def test_loads_floors_locks_and_priorities(seed: int) -> None:
    mentees, mentors = rosters(seed)
    lock = [(mentees.ids[0], mentors.ids[int(np.argmax(mentors.capacity))])]
    rows, matrix = both(seed, lock=lock, forbid=[(mentees.ids[1], mentors.ids[0])], rules=None)
    floors = dict.fromkeys(mentees.ids[1:], 0.3)
    held = [mm.Load(most=2), mm.ScoreFloor(floors), mm.Demand({mentees.ids[2]: 0})]
    if seed % 2:
        held.append(mm.Load(least=1, mentors=[mentors.ids[int(np.argmax(mentors.capacity))]]))
    objectives = [
        mm.MaximizeMatched(priority={mentees.ids[3]: 5}), mm.MinimizeDefects(), mm.MaximizeTotal()
    ]  # fmt: skip
    asked = [mm.Problem(s, objectives=objectives, constraints=held) for s in (rows, matrix)]
    same_answer(*map(mm.solve, asked))


def asked_of(rng: np.random.Generator, mentees: mm.Profiles) -> mm.Demand:
    """Return a demand for up to 3 mentors, of some people for nobody."""
    if rng.random() < 0.5:
        return mm.Demand(int(rng.integers(2, 4)))
    return mm.Demand({one: int(rng.integers(0, 4)) for one in mentees.ids})


def same_or_refused(one: mm.Problem, other: mm.Problem) -> mm.Matching | None:
    """Solve both to the same answer, or to the same end that nothing satisfies them."""
    try:
        wanted = mm.solve(other)
    except mm.InfeasibleError:
        with pytest.raises(mm.InfeasibleError):
            mm.solve(one)
        return None
    found = mm.solve(one)
    same_answer(found, wanted)
    return found


@pytest.mark.parametrize("seed", range(30))
def test_several_mentors_each(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(4, 30)), int(rng.integers(2, 14))
    frames = mm.make_cohort(n, m, seed=seed, seats=float(rng.choice([0.7, 1, 2, 3])))
    people = [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    mentees, mentors = people
    popular = mentors.ids[int(np.argmax(mentors.capacity))]
    how: dict[str, Any] = {"forbid": [(mentees.ids[1], mentors.ids[0])]}
    if rng.random() < 0.5:
        how["lock"] = [(mentees.ids[0], popular)]
    rows, matrix = twice(*people, missing=("neutral", "drop")[seed % 3 == 2], **how)
    choices = (
        mm.Load(most=int(rng.integers(1, 4))),
        mm.Load(least=1, mentors=[popular]),
        mm.Load(most=0, mentors=[mentors.ids[int(rng.integers(m))]]),
        mm.ScoreFloor({one: float(rng.random() / 2) for one in mentees.ids[1:]}),
    )
    held = [asked_of(rng, mentees), *(one for one in choices if rng.random() < 0.3)]
    first = mm.MaximizeMatched(priority={one: int(rng.integers(0, 6)) for one in mentees.ids[:2]})
    for objectives in (
        [first, mm.MinimizeDefects(), mm.MaximizeTotal()], [first, mm.MaximizeTotal()],
        [mm.MaximizeTotal()],
    ):  # fmt: skip
        one, other = (
            mm.Problem(s, objectives=objectives, constraints=held, seed=seed)
            for s in (rows, matrix)
        )
        same_or_refused(one, other)
    assert "points" not in rows.__dict__


@pytest.mark.parametrize("seed", range(4))
def test_sums_of_several_mentors_beyond_int32(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, matrix = both(seed)
    held = mm.Demand(3)
    problem = mm.Problem(rows, constraints=[held])
    other = mm.solve(mm.Problem(matrix, constraints=[held]))
    monkeypatch.setattr(fold, "LARGEST_VALUE", 1 << 23)
    same_answer(mm.solve(problem), other)
    program, stages = _lowered(rows, held)
    for bits in range(24, 54):  # the least that holds a light sum
        for name in ("LARGEST", "WIDEST"):
            monkeypatch.setattr(fold, name, 1 << bits)
        if fold.fold(program, stages) is not None:
            break
    assert fold.fold(program, stages, wide=True) is None
    one = mm.solve(problem)
    assert np.array_equal(one.mentors_of, other.mentors_of)
    assert one.stages == other.stages


def test_a_least_load_that_is_not_met_in_time_is_said_so() -> None:
    rows, _ = both(9)
    popular = rows.mentors.ids[int(np.argmax(rows.mentors.capacity))]
    held = [mm.Demand(2), mm.Load(least=1, mentors=[popular])]
    with pytest.raises(mm.errors.TimeLimitError, match="No matching that satisfies every"):
        mm.solve(mm.Problem(rows, constraints=held), time_limit=1e-9)


def test_several_mentors_in_no_time_leave_an_honest_gap() -> None:
    rows, matrix = both(9)
    alone: dict[str, Any] = {"objectives": [mm.MaximizeTotal()], "constraints": [mm.Demand(2)]}
    best = mm.solve(mm.Problem(matrix, **alone))
    cut = mm.solve(mm.Problem(rows, **alone), time_limit=1e-9)
    assert cut.bound >= best.objective >= cut.objective
    assert not len(cut.broken)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_sixty_cohorts_with_criteria_rules_and_constraints_at_once(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    n, m = int(rng.integers(6, 40)), int(rng.integers(3, 16))
    people = [profiles(r, p) for r, p in zip(("mentee", "mentor"), cohort(rng, n, m), strict=True)]
    mentees, mentors = people
    plan = Plan(tuple(CRITERIA), tuple(rule for rule in RULES if rng.random() < 0.25))
    lock = [(mentees.ids[0], mentors.ids[int(np.argmax(mentors.capacity))])]
    how: dict[str, Any] = {"forbid": [(mentees.ids[1], mentors.ids[0])]}
    if rng.random() < 0.5:
        how["lock"] = lock
    rows, matrix = twice(*people, plan, missing=("neutral", "drop")[seed % 3 == 2], **how)
    lonely = mentors.ids[int(rng.integers(m))]
    choices = (
        mm.Load(most=int(rng.integers(1, 4))),
        mm.Load(least=1, mentors=[mentors.ids[int(np.argmax(mentors.capacity))]]),
        mm.Load(most=0, mentors=[lonely]),
        mm.ScoreFloor({one: float(rng.random() / 2) for one in mentees.ids[1:]}),
        mm.Demand({mentees.ids[2]: 0}) if seed % 2 else asked_of(rng, mentees),
    )
    held = [constraint for constraint in choices if rng.random() < 0.5]
    first = mm.MaximizeMatched(priority={one: int(rng.integers(0, 6)) for one in mentees.ids[3:6]})
    orders = [first, mm.MaximizeTotal()], [first, mm.MinimizeDefects(), mm.MaximizeTotal()]
    for objectives in orders:
        one, other = (
            mm.Problem(s, objectives=objectives, constraints=held, seed=seed)
            for s in (rows, matrix)
        )
        same_or_refused(one, other)


@pytest.mark.parametrize("seed", range(6))
def test_sums_beyond_int32_are_proven_in_int64(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "LARGEST_VALUE", 1 << 23)
    rows, matrix = both(seed)
    one, other = (mm.solve(mm.Problem(s)) for s in (rows, matrix))
    same_answer(one, other)
    if mm.Problem(rows).pursued == mm.Problem(rows).objectives:
        asked = fold.fold(*_lowered(rows))
        assert asked is not None
        assert asked.capped


def _lowered(scores: mm.Scores, *held: Any) -> Any:
    from mentormatch.matching.lowering import lower

    lowered = lower(mm.Problem(scores, constraints=held))
    return lowered.program, lowered.stages


@pytest.mark.parametrize("seed", range(4))
def test_sums_beyond_int64_are_compared_one_by_one(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, matrix = both(seed)
    other = mm.solve(mm.Problem(matrix))
    monkeypatch.setattr(fold, "LARGEST_VALUE", 1 << 23)
    path = min(rows.shape) + 2
    for name in ("LARGEST", "WIDEST"):
        monkeypatch.setattr(fold, name, 6 * 10**6 * path**2)
    assert fold.fold(*_lowered(rows), wide=True) is None
    one = mm.solve(mm.Problem(rows))
    assert np.array_equal(one.mentors_of, other.mentors_of)
    assert one.stages == other.stages
    assert one.status == "optimal"


def test_many_ties_are_decided_by_rows_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed_pairs, "TIGHT", 0)
    rng = np.random.default_rng(0)
    people = [
        profiles(r, [{"id": f"{r}{k}", "site": rng.choice(["a", "b"])} for k in range(size)])
        for r, size in (("mentee", 20), ("mentor", 15))
    ]
    rows, matrix = twice(*people, [mm.Similarity("site")])
    one, other = (mm.solve(mm.Problem(s)) for s in (rows, matrix))
    same_answer(one, other)
    assert not one.unique


def test_compiled_and_not_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, matrix = both(1)
    source = scores.source
    assert isinstance(source, RowSource)
    source.compiled = not source.compiled
    assert np.array_equal(source.read(np.arange(scores.shape[0])), matrix.points)
    judges = [judge_of(name, scores.mentees, scores.mentors) for name in DEFECTS]
    kept = [judge for judge in judges if judge is not None]
    every = np.divmod(np.arange(matrix.size), scores.shape[1])
    for compiled in (False, True):
        costs = JudgedPairs(kept, scores.shape, compiled)
        found = costs.read(np.arange(scores.shape[0]))
        assert np.array_equal(found, matrix.defects > 0)
        assert np.array_equal(costs.at(*every), found.ravel())


def test_reverse_mentoring_has_other_defects() -> None:
    rng = np.random.default_rng(4)
    people = [profiles(r, p) for r, p in zip(("mentee", "mentor"), cohort(rng, 9, 7), strict=True)]
    criteria = [mm.Closeness("seniority", ideal=-2), mm.Covers("goals")]
    rows, matrix = twice(*people, criteria)
    found = rows.costs_of(tuple(DEFECTS)).read(np.arange(9))
    assert np.array_equal(found, matrix.defects > 0)
    assert not (matrix.defects & bit_of("below_level")).any()


def test_the_table_of_a_matching_is_the_same() -> None:
    tables = [mm.solve(mm.Problem(s)).to_frame() for s in both(2)]
    pd.testing.assert_frame_equal(*tables)


def test_what_needs_all_pairs_says_so() -> None:
    rows, matrix = both(3)
    with pytest.raises(TooLargeError, match=r"The scores of .* need .*, more than 1 bytes"):
        _ = rows.points
    problem = mm.Problem(rows, constraints=[mm.Parity("gender", smallest=1)])
    with pytest.raises(TooLargeError, match=r"Parity\('gender'"):
        mm.solve(problem)
    bounded = mm.Problem(rows, objectives=[
        mm.MaximizeMatched(), mm.MinimizeDefects(within=0.1), mm.MaximizeTotal()
    ])  # fmt: skip
    with pytest.raises(TooLargeError, match="MinimizeDefects"):
        mm.solve(bounded)
    turned = mm.Problem(rows, objectives=[mm.MaximizeTotal(), mm.MaximizeMatched()])
    with pytest.raises(TooLargeError, match=r"in the order MaximizeTotal\(\), MaximizeMatched\(\)"):
        mm.solve(turned)
    with pytest.raises(TooLargeError):
        rows.to_json()
    assert "admissible" not in repr(rows)
    assert np.array_equal(rows.part(0), matrix.part(0), equal_nan=True)


def test_more_mentors_each_than_one_sum_holds_are_refused() -> None:
    frames = mm.make_cohort(12, 16, seed=1, seats=12)
    people = [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    rows, matrix = twice(*people)
    with pytest.raises(TooLargeError, match=r"Demand\(mentors=16\) \(above ") as told:
        mm.solve(mm.Problem(rows, constraints=[mm.Demand(16)]))
    most = int(str(told.value).partition("(above ")[2].split()[0])
    assert most > 4
    one, other = (mm.solve(mm.Problem(s, constraints=[mm.Demand(most)])) for s in (rows, matrix))
    assert one.route == "streamed"
    assert one.stages == other.stages


def test_another_process_makes_them_again() -> None:
    rows, matrix = both(5)
    back = pickle.loads(pickle.dumps(rows))
    assert back == rows
    assert np.array_equal(back.block([0, 2]), matrix.points[[0, 2]])
    same_answer(mm.solve(mm.Problem(back)), mm.solve(mm.Problem(matrix)))
    assert rows != both(6)[0]


def test_levels_of_an_earlier_round_are_kept() -> None:
    _, matrix = both(7)
    same_bits(*both(7, levels=matrix.levels))


def test_match_says_how_much_memory() -> None:
    mentees, mentors = rosters(8)
    same_answer(mm.match(mentees, mentors, memory="1kB"), mm.match(mentees, mentors))


def test_a_limit_of_time_leaves_what_was_found() -> None:
    rows, _ = both(9)
    matching = mm.solve(mm.Problem(rows), time_limit=1e-9)
    assert matching.status in ("time_limit", "optimal")
    assert matching.bound >= matching.objective
    assert not len(matching.broken)


@pytest.mark.parametrize("seed", range(4))
def test_the_best_mentors_are_those_of_the_row(seed: int) -> None:
    rows, matrix = both(seed)
    n, m = matrix.shape
    price = np.random.default_rng(seed).integers(0, 10**6, m)
    for scores in (rows, matrix):
        best = scores.best(np.arange(n), 3, price)
        net = np.where(matrix.points >= 0, matrix.points - price, -(10**9))
        wanted = -np.sort(-net, axis=1)[:, :3]
        got = np.where(best >= 0, np.take_along_axis(net, np.maximum(best, 0), axis=1), -(10**9))
        assert np.array_equal(got, wanted)
    with pytest.raises(mm.errors.ParameterError, match=r"'prices' parameter of Scores\.best"):
        rows.best([0], 1, [1])
    with pytest.raises(mm.errors.ParameterError, match=r"'k' parameter of Scores\.best"):
        rows.best([0], 0)
