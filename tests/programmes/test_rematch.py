"""Programmes that go on: budgets of changes are exact, and every change is named and true."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.datasets import make_cohort
from mentormatch.errors import InfeasibleError, UnknownPersonError
from mentormatch.matching import constraints as c
from mentormatch.programmes.rematch import Rematch, rematch
from tests.matching.test_against_brute_force import CONSTRAINTS, FIRST, OBJECTIVES, build, rosters
from tests.oracles import random_scores
from tests.programmes.again import Asked, Expected, affected, expected, pairs_of, reason_for

Rng = np.random.Generator
FEW, MANY = 10, 30
PRICED = [
    name for name in OBJECTIVES
    if name not in (  # without a total there is no unit for a price, which is refused
        "leximin of all", "leximin of groups", "leximin of mentors",
        "wishes alone", "wishes of mentors",
    )
]  # fmt: skip


def starts(count: int, name: str) -> range:
    start = 1000 * sum(map(ord, name)) + 7
    return range(start, start + count)


# -- against brute force ------------------------------------------------------------------------


def some(rng: Rng, items: Any, chance: float) -> tuple[Any, ...]:
    return tuple(item for item in items if rng.random() < chance)


def asked_for(rng: Rng, before: mm.Matching) -> Asked:
    """Leavers, refusals, insistence and a swap, not contradicting one another by themselves."""
    scores = before.problem.scores
    mentees, mentors = list(scores.mentees.ids), list(scores.mentors.ids)
    left = some(rng, mentees[1:], 0.12) + some(rng, mentors[1:], 0.12)
    here = [pair for pair in sorted(pairs_of(before)) if not set(pair) & set(left)]
    declined = some(rng, here, 0.2)
    insist: tuple[Any, ...] = ()
    if rng.random() < 0.2:
        a = str(rng.choice([p for p in mentees if p not in left]))
        b = str(rng.choice([p for p in mentors if p not in left]))
        insist = ((a, b),) if (a, b) not in declined else ()
    swap: tuple[Any, ...] = ()
    if rng.random() < 0.2:
        held: dict[str, str] = dict(here)
        couples = [(a, z) for a in held for z in held if a < z and held[a] != held[z]]
        if couples and not any(isinstance(k, c.Demand) for k in before.problem.constraints):
            swap = (couples[int(rng.integers(len(couples)))],)
            moved = {p for couple in swap for p in couple}
            insist = tuple(pair for pair in insist if pair[0] not in moved)
            new = {(swap[0][0], held[swap[0][1]]), (swap[0][1], held[swap[0][0]])}
            declined = tuple(pair for pair in declined if pair not in new)
    changes = None if rng.random() < 0.15 else int(rng.integers(0, 3))
    return Asked(left, declined, insist, swap, changes, None, bool(rng.random() < 0.8))


def other_scores(rng: Rng, scores: mm.Scores, frames: Any) -> mm.Scores:
    """Today's: some pairs score otherwise, some are inadmissible, some seats more or fewer."""
    levels = int(rng.choice([3, 11, 101]))
    total = np.round(scores.total.astype(float), 6)
    fresh = rng.integers(0, levels, total.shape) / (levels - 1)
    total = np.where(rng.random(total.shape) < 0.5, fresh, total)
    seats = np.maximum(scores.mentors.capacity + rng.integers(-1, 2, len(scores.mentors)), 0)
    return mm.Scores.from_matrix(
        total, admissible=rng.random(total.shape) < 0.85, capacity=seats, mentees=frames[0],
        mentors=frames[1],
    )  # fmt: skip


def today_of(before: mm.Matching, base: mm.Scores, asked: Asked) -> mm.Scores:
    """Today's scores from the definitions: rows and columns that stay, refusals, locks."""
    mentees, mentors = base.mentees, base.mentors
    stay = [
        np.array([p for p, person in enumerate(people.ids) if person not in asked.left])
        for people in (mentees, mentors)
    ]
    mentor_of = dict(sorted(pairs_of(before)))
    moved = {p for couple in asked.swap for p in couple}
    locked = [
        pair for i, j in base.locks
        if not set(pair := (mentees.ids[i], mentors.ids[j])) & {*asked.left, *moved}
        and pair not in asked.declined
    ]  # fmt: skip
    locked += asked.insist
    for a, z in asked.swap:
        locked += [(a, mentor_of[z]), (z, mentor_of[a])]
    allowed = base.admissible[np.ix_(*stay)].copy()
    here = mentees.take(stay[0]), mentors.take(stay[1])
    for a, b in asked.declined:
        allowed[here[0].ids.index(a), here[1].ids.index(b)] = False
    made = mm.Scores.from_matrix(
        base.total[np.ix_(*stay)].astype(float), admissible=allowed, mentees=here[0],
        mentors=here[1], rules=[mm.Lock(locked)] if locked else [],
    )  # fmt: skip
    return replace(made, points=np.where(allowed, abs_of(base, stay), ~abs_of(base, stay)))


def abs_of(scores: mm.Scores, stay: list[np.ndarray]) -> np.ndarray:
    points = scores.points[np.ix_(*stay)]
    return np.where(points < 0, ~points, points)


def run(
    seed: int, objectives: Any, constraints: Any, *, demand: int = 1, price: bool = False
) -> Rematch | None:
    """One random instance; None where nothing could be matched at first."""
    rng = np.random.default_rng(seed)
    frames = rosters(rng, 5 if demand == 1 else 3)
    goals = FIRST if objectives is None else OBJECTIVES[objectives](rng, frames)
    held = [] if constraints is None else CONSTRAINTS[constraints](rng, frames)
    if demand > 1:
        held = [*held, c.Demand(demand)]
    try:
        before = mm.solve(build(rng, goals, held, frames))
    except InfeasibleError:
        return None
    asked = asked_for(rng, before)
    if price:
        asked = replace(asked, max_changes=None, price=float(rng.choice([0.05, 0.5, 2, 100])))
    other = other_scores(rng, before.problem.scores, frames) if rng.random() < 0.5 else None
    base = before.problem.scores if other is None else other
    return compare(before, other, today_of(before, base, asked), asked, frames)


def compare(
    before: mm.Matching, other: mm.Scores | None, today: mm.Scores, asked: Asked, frames: Any
) -> Rematch | None:
    answer = expected(before, today, asked, frames)

    def call() -> Rematch:
        return rematch(
            before, scores=other, left=asked.left, declined=asked.declined, insist=asked.insist,
            swap=asked.swap, max_changes=asked.max_changes, price=asked.price, claims=asked.claims,
        )  # fmt: skip

    if not answer.feasible:
        with pytest.raises(InfeasibleError):
            call()
        return None
    again = call()
    found = np.zeros((answer.oracle.n, answer.oracle.m), dtype=bool)
    found[again.matching.pairs] = True
    assert any((found == one).all() for one in answer.best), (asked, again)
    assert again.keepable == answer.keepable
    assert again.kept == int(found[tuple(again.incumbents.T)].sum())
    assert again.matching.gap <= 1e-9
    assert again.matching.status == "optimal"
    assert any("earlier pairs are kept" in n for n in again.matching.notes) == answer.fewer
    told(again, asked)
    true_reasons(again, answer)
    return again


WORDS = {
    "impossible": "could not stay",
    "tie": "as good, chosen by the rule for ties",
    "MaximizeMatched": "matched|of higher priority|have . mentors|has . mentors",
    "Reserve": "reserved seat",
    "KeepClaims": "those who lost a mentor",
    "MaximizeTotal": "the total rises by",
    "MaximizeTotalAndKept": "a change rises by",
    "MinimizeChanges": "MinimizeChanges",
    "MaximizeWishes": "wish",
    "BalanceLoad": "loads are more even",
    "MaximizeWorstGroup": "the worst-off group",
    "MaximizeMinimum": "the worst score rises by",
    "Leximin": "Leximin",
}


def true_reasons(again: Rematch, answer: Expected) -> None:
    """Why a pair ended that could have gone on, against every assignment in which it does."""
    scores = again.matching.problem.scores
    ended = pairs_of(again.before) - pairs_of(again.matching)
    for row in again.changes.itertuples():
        lost = [pair for pair in ended if pair[0] == row.person and pair[1] in scores.mentors.ids]
        chosen = re.match("moved from|gave up the seat|could not stay", row.why)
        if row.role == "mentor" or len(lost) != 1 or not chosen or "; " in row.why:
            continue
        name, amount = reason_for(again, answer, lost[0])
        assert re.search(WORDS[name], row.why), (name, row.why)
        if name == "MaximizeTotal":
            assert float(row.why.split()[-1]) == pytest.approx(float(amount) / 1e6, abs=1e-9)


def told(again: Rematch, asked: Asked) -> None:
    """Everybody affected is listed once, with the truth."""
    frame = again.changes
    listed = list(zip(frame["role"], frame["person"], strict=True))
    assert len(listed) == len(set(listed))
    assert set(listed) == affected(again.before, again.matching)
    before, after = again.before.problem.scores, again.matching.problem.scores
    total = {
        (a, b): after.total[i, j]
        for i, a in enumerate(after.mentees.ids) for j, b in enumerate(after.mentors.ids)
    }  # fmt: skip
    lost = pairs_of(again.before) - pairs_of(again.matching)
    for row in frame.itertuples():
        was, now = ((cell or "").split(", ") for cell in (row.before, row.after))
        was, now = [p for p in was if p], [p for p in now if p]
        flip = row.role == "mentor"
        pairs = [
            [(p, row.person) if flip else (row.person, p) for p in side] for side in (was, now)
        ]
        if was and now and all(pair in total for pair in pairs[0]):
            gain = sum(total[p] for p in pairs[1]) - sum(total[p] for p in pairs[0])
            assert row.gain == pytest.approx(gain, abs=1e-6)
        else:
            assert np.isnan(row.gain)
        assert row.why
        ended = [pair for pair in pairs[0] if pair in lost]
        if ("was declined" in row.why) != any(pair in asked.declined for pair in ended):
            raise AssertionError(row)
        people = after.mentors.ids if flip else after.mentees.ids
        if row.person not in people:
            assert row.why == "left the programme"
            continue
        across = after.mentees.ids if flip else after.mentors.ids
        went = sum(p not in across for p in was)
        assert len(re.findall("left the programme", row.why)) == went
        if any(pair[0] in {p for s in asked.swap for p in s} for pair in ended):
            assert "swapped mentors with" in row.why or "was declined" in row.why or went
        rise = re.search(r"the total rises by ([\d.]+)", row.why)
        assert rise is None or float(rise[1]) > 0
    assert set(before.mentees.ids) - set(after.mentees.ids) <= set(frame["person"])


@pytest.mark.parametrize("name", OBJECTIVES)
def test_objective(name: str) -> None:
    for seed in starts(FEW, name):
        run(seed, name, None)


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraint(name: str) -> None:
    for seed in starts(FEW, name):
        run(seed, None, name)


def test_several_mentors_each() -> None:
    kinds = (None, "bottleneck", "leximin", "worst group", "priority")
    for seed in range(FEW):
        run(seed, kinds[seed % len(kinds)], "load" if seed % 2 else None, demand=2)


@pytest.mark.parametrize("constraint", [None, "load", "quota per mentor"])
def test_price(constraint: str | None) -> None:
    names = ("total", "priority", "bottleneck", "worst group", "balance", "total then changes")
    for seed in range(FEW):
        run(seed, names[seed % len(names)], constraint, price=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*OBJECTIVES, *CONSTRAINTS])
def test_many_of_each(name: str) -> None:
    done = 0
    for seed in starts(MANY, name):
        objective = name if name in OBJECTIVES else None
        constraint = name if name in CONSTRAINTS else None
        done += run(seed, objective, constraint) is not None
    assert done > MANY // 3


@pytest.mark.slow
def test_many_with_several_mentors_each() -> None:
    rng = np.random.default_rng(3)
    for seed in range(MANY):
        objective = str(rng.choice(list(OBJECTIVES)))
        run(seed, objective, str(rng.choice(list(CONSTRAINTS))) if seed % 2 else None, demand=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", [None, *CONSTRAINTS])
def test_many_prices(name: str | None) -> None:
    rng = np.random.default_rng(4)
    for seed in range(MANY // 3):
        run(seed, str(rng.choice(PRICED)), name, price=True)


# -- people -------------------------------------------------------------------------------------


def matrix(values: Any, capacity: Any = 1, **more: Any) -> mm.Matching:
    """A matching of handed-in scores: mentees a, b, ..., mentors R, S, ..."""
    values = np.array(values, dtype=float)
    n, m = values.shape
    scores = mm.Scores.from_matrix(
        pd.DataFrame(values, index=list("abcdefgh")[:n], columns=list("RSTUV")[:m]),
        capacity=capacity,
    )
    return mm.solve(mm.Problem(scores, **more))


def why(again: Rematch) -> dict[str, str]:
    return dict(zip(again.changes["person"], again.changes["why"], strict=True))


def test_nothing_asked_and_nothing_changed() -> None:
    scores = random_scores(np.random.default_rng(2), 30, 12, most_seats=3)
    before = mm.solve(mm.Problem(scores))
    again = rematch(before, max_changes=0)
    assert pairs_of(again.matching) == pairs_of(before) == pairs_of(rematch(before).matching)
    assert again.changes.empty
    assert list(again.changes.columns) == [
        "person", "name", "role", "before", "after", "before_names", "after_names", "gain", "why",
    ]  # fmt: skip


def test_a_mentor_of_four_leaves_and_all_five_are_told() -> None:
    before = matrix([[0.9, 0.1]] * 4 + [[0.2, 0.8]], capacity=[4, 1])
    again = rematch(before, left=["R"], max_changes=0)
    told_why = why(again)
    assert set(told_why) == {"a", "b", "c", "d", "R"}
    assert told_why["R"] == "left the programme"
    assert all(told_why[person] == "R left the programme" for person in "abcd")
    rows = again.changes.set_index("person")
    assert rows.loc["R", "before"] == "a, b, c, d"
    assert rows["after"].isna().all()
    assert again.n_changes == 0


def test_who_declines_keeps_her_claim_ahead_of_those_who_had_none() -> None:
    before = matrix([[0.9, 0.5], [0.1, 0.2], [0.4, 0.8]], capacity=[1, 1])
    assert pairs_of(before) == {("a", "R"), ("c", "S")}
    asked = {"declined": [("c", "S")]}
    again = rematch(before, **asked)
    assert {a for a, _ in pairs_of(again.matching)} == {"a", "c"}
    assert pairs_of(again.matching) == {("c", "R"), ("a", "S")}
    assert [stage.objective for stage in again.matching.stages][1] == "KeepClaims"
    free = rematch(before, **asked, claims=False)
    assert pairs_of(free.matching) == {("a", "R"), ("b", "S")}
    assert "gave up" not in " ".join(why(free).values())
    rows = why(again)
    assert rows["c"] == "the pair with S was declined"
    assert rows["S"] == "the pair with c was declined"
    assert rows["a"] == "moved from R: one more of those who lost a mentor is seated"


def test_a_mentor_who_leaves_leaves_claims_behind() -> None:
    before = matrix([[0.9, 0.3], [0.6, 0.7]], capacity=[1, 0])
    assert pairs_of(before) == {("a", "R")}
    today = mm.Scores.from_matrix(
        [[0.9, 0.3], [0.6, 0.7]], capacity=[1, 1], mentees=before.problem.scores.mentees,
        mentors=before.problem.scores.mentors,
    )  # fmt: skip
    assert pairs_of(rematch(before, scores=today, left=["R"]).matching) == {("a", "S")}
    free = rematch(before, scores=today, left=["R"], claims=False)
    assert pairs_of(free.matching) == {("b", "S")}


def test_swap_and_insist() -> None:
    before = matrix([[0.9, 0.1, 0.2], [0.1, 0.9, 0.2], [0.5, 0.5, 0.6]], capacity=1)
    swapped = rematch(before, swap=[("a", "b")])
    assert pairs_of(swapped.matching) == {("a", "S"), ("b", "R"), ("c", "T")}
    assert why(swapped)["a"] == "swapped mentors with b"
    assert why(swapped)["R"] == "a swapped mentors with b"
    back = rematch(swapped.matching, swap=[("b", "a")])
    assert pairs_of(back.matching) == pairs_of(before)
    insisted = rematch(before, insist=[("a", "T")])
    assert ("a", "T") in pairs_of(insisted.matching)
    assert "insisted" in why(insisted)["a"]


def test_declining_lifts_an_earlier_lock() -> None:
    before = matrix([[0.9, 0.1], [0.1, 0.9]])
    locked = rematch(before, insist=[("a", "S")]).matching
    assert pairs_of(locked) == {("a", "S"), ("b", "R")}
    assert pairs_of(rematch(locked, declined=[("a", "S")]).matching) == pairs_of(before)
    assert ("a", "S") in pairs_of(rematch(locked).matching)


def test_a_later_rematch_drops_budget_and_claims() -> None:
    before = matrix([[0.9, 0.5, 0.1], [0.1, 0.2, 0.3], [0.4, 0.8, 0.2]], capacity=[1, 1, 0])
    first = rematch(before, declined=[("c", "S")], max_changes=0, insist=[("b", "S")])
    kinds = {type(k).__name__ for k in first.matching.problem.constraints}
    kinds |= {type(k).__name__ for k in first.matching.problem.objectives}
    assert {"Keep", "KeepClaims"} <= kinds
    again = rematch(first.matching)
    assert not again.matching.problem.constraints
    assert again.matching.problem.objectives == before.problem.objectives
    priced = rematch(before, price=0.5)
    assert rematch(priced.matching).matching.problem.objectives == before.problem.objectives
    assert repr(first.matching.problem.constraints[0]) == "Keep(at least 1 of 1 pairs)"


def test_fewer_can_be_kept_than_asked_for_and_a_note_says_so() -> None:
    before = matrix([[0.9, 0.1], [0.8, 0.2]], capacity=[2, 1])
    again = rematch(before, insist=[("a", "S")], max_changes=0)
    assert pairs_of(again.matching) == {("a", "S"), ("b", "R")}
    note = "1 of 2 earlier pairs are kept, fewer than max_changes=0 asks for"
    assert note in again.matching.notes[-1]
    assert note in repr(again)
    assert again.n_changes == 1
    assert again.curve()["changes"].tolist() == [1]


def test_a_price_comes_after_the_number_matched() -> None:
    half = np.full((2, 2), 0.5)
    first = mm.solve(
        mm.Problem(mm.Scores.from_matrix(half, capacity=1, admissible=[[1, 0], [0, 0]]))
    )
    today = mm.Scores.from_matrix(half, capacity=1, admissible=[[1, 1], [1, 0]])
    for price in (0.5, 2, 10, 100, 1000):
        again = rematch(first, scores=today, price=price)
        assert len(again.matching.pairs[0]) == 2
        assert again.matching.gap == 0
        assert again.matching.objective == 1.0


def test_a_price_stops_changes_that_gain_less() -> None:
    before = matrix([[0.5, 0.4], [0.4, 0.5]])
    scores = before.problem.scores
    today = mm.Scores.from_matrix(
        [[0.5, 0.6], [0.6, 0.5]], mentees=scores.mentees, mentors=scores.mentors
    )
    assert rematch(before, scores=today, price=0.2).n_changes == 0
    changed = rematch(before, scores=today, price=0.05)
    assert changed.n_changes == 2
    assert changed.matching.objective == pytest.approx(1.2)
    assert changed.matching.gap == 0
    assert "the total less 0.05 a change rises by" in why(changed)["a"]


def test_a_millionth_counts() -> None:
    mentees = pd.DataFrame({"id": ["e1", "e5", "e2", "e4", "e0", "e3"]})
    mentors = pd.DataFrame({"id": ["r2", "r1", "r0", "r3"]})
    old = np.array(
        [
            [-700002, 300001, 500001, -600001], [600000, 200001, 400000, 500001],
            [900000, 500000, 700000, 800001], [500001, 100001, -300002, 400001],
            [1000000, 600000, 800000, 900001], [-700002, 300001, 500001, 600000],
        ]
    )  # fmt: skip
    new = np.array(
        [
            [-500001, 300001, 500001, -600001], [500000, 200001, 400000, 500001],
            [900000, -500001, 700000, 800001], [0, 100001, -300002, 400001],
            [1000000, 600000, 800000, 900001], [-750001, 300001, 500001, 750000],
        ]
    )  # fmt: skip

    def scores(points: np.ndarray, capacity: list[int]) -> mm.Scores:
        return mm.Scores.from_matrix(
            np.where(points >= 0, points, ~points) / 1e6, admissible=points >= 0,
            capacity=capacity, mentees=mentees, mentors=mentors,
        )  # fmt: skip

    before = mm.solve(mm.Problem(scores(old, [2, 4, 4, 4]), seed=2))
    again = rematch(before, scores=scores(new, [2, 4, 5, 4]), max_changes=3)
    assert again.matching.objective == pytest.approx(3.950004, abs=1e-9)


def test_the_curve_never_falls_and_ends_at_the_fresh_optimum() -> None:
    scores = random_scores(np.random.default_rng(4), 25, 10, most_seats=3)
    before = mm.solve(mm.Problem(scores))
    rng = np.random.default_rng(5)
    total = np.where(rng.random(scores.shape) < 0.3, rng.random(scores.shape), scores.total)
    today = mm.Scores.from_matrix(
        np.round(total, 6), admissible=scores.admissible, mentees=scores.mentees,
        mentors=scores.mentors,
    )  # fmt: skip
    curve = rematch(before, scores=today, max_changes=0).curve(most=30)
    order = list(zip(curve["matched"], curve["total"].round(6), strict=True))
    assert order == sorted(order)
    assert len(set(order)) == len(order) > 1
    fresh = mm.solve(mm.Problem(today))
    assert order[-1] == (len(fresh.pairs[0]), round(fresh.objective, 6))
    assert curve["changes"].tolist() == list(range(len(curve)))


@pytest.mark.parametrize("price", [None, 0.01])
def test_many_changes_are_explained_together(price: float | None) -> None:
    rng = np.random.default_rng(8)
    before = mm.solve(mm.Problem(mm.Scores.from_matrix(rng.random((40, 25)), capacity=2)))
    today = mm.Scores.from_matrix(
        rng.random((40, 25)), mentees=before.problem.scores.mentees,
        mentors=before.problem.scores.mentors,
    )  # fmt: skip
    again = rematch(before, scores=today, price=price)
    assert again.n_changes > 20
    kept = rematch(before, scores=today, max_changes=0).matching
    rise = again.matching.objective - kept.objective
    if price:
        rise -= price * again.n_changes
    words = " ".join(why(again).values())
    said = set(re.findall(r"rises by ([\d.]+), by (\d+) changes together", words))
    assert len(said) == 1
    amount, count = said.pop()
    assert float(amount) == pytest.approx(rise, abs=1e-6)
    assert int(count) == again.n_changes


def test_the_curve_shows_every_objective() -> None:
    goals = [mm.MaximizeMatched(), mm.MaximizeMinimum(), mm.MaximizeTotal()]
    before = matrix([[0.9, 0.5], [0.4, 0.3]], objectives=goals)
    today = mm.Scores.from_matrix(
        [[0.9, 0.5], [0.4, 0.1]], mentees=before.problem.scores.mentees,
        mentors=before.problem.scores.mentors,
    )  # fmt: skip
    curve = rematch(before, scores=today, max_changes=0).curve()
    assert "MaximizeMinimum" in curve.columns
    assert curve["MaximizeMinimum"].is_monotonic_increasing


def test_constraints_hold_for_those_who_stay() -> None:
    held = [
        mm.Apart(["a", "b", "c"]), mm.Load(most=2, mentors=["R", "S"]),
        mm.ScoreFloor({"a": 0.1, "b": 0.1}), mm.Demand({"a": 1, "c": 2}),
        mm.Quota("id", "a", over="mentor", over_value="S", most=1),
    ]  # fmt: skip
    mentees = pd.DataFrame({"id": list("abcd"), "group": list("xyxy")})
    held[-1] = mm.Quota("group", "x", over="mentor", over_value="S", most=1)
    goals = [mm.MaximizeMatched(priority={"a": 2, "c": 1}), mm.MaximizeTotal()]
    scores = mm.Scores.from_matrix(
        np.full((4, 3), 0.5), capacity=2, mentees=mentees,
        mentors=pd.DataFrame({"id": list("RST")}),
    )  # fmt: skip
    before = mm.solve(mm.Problem(scores, objectives=goals, constraints=held))
    after = rematch(before, left=["a", "S"]).matching
    kinds = [type(k) for k in after.problem.constraints]
    assert kinds == [mm.Apart, mm.Load, mm.ScoreFloor, mm.Demand]
    assert after.problem.constraints[0].people == ("b", "c")
    assert after.problem.constraints[1].mentors == ("R",)
    assert after.problem.objectives[0].priority == {"c": 1}


def test_what_makes_no_sense_is_refused_in_words() -> None:
    before = matrix([[0.9, 0.1, 0.5], [0.1, 0.9, 0.5], [0.3, 0.3, 0.1]], capacity=[1, 1, 0])
    scores = before.problem.scores
    with pytest.raises(mm.errors.ParameterError, match="not both"):
        rematch(before, max_changes=1, price=0.1)
    with pytest.raises(mm.errors.ParameterError, match="'max_changes' parameter of rematch"):
        rematch(before, max_changes=-1)
    with pytest.raises(mm.errors.ParameterError, match="from 0 to 1000"):
        rematch(before, price=1001)
    with pytest.raises(mm.errors.ParameterError, match=r"scores=Scores\.from_matrix"):
        rematch(before, scores.mentees, scores.mentors)
    with pytest.raises(mm.errors.ParameterError, match="scores hold their rosters"):
        rematch(before, scores.mentees, scores=scores)
    with pytest.raises(UnknownPersonError, match="'zoe', 'yan'"):
        rematch(before, left=["a", "zoe", "yan"])
    with pytest.raises(UnknownPersonError, match=r"declined: mentor 'X'.*swap: mentee 'q'"):
        rematch(before, declined=[("a", "X")], swap=[("a", "q")])
    with pytest.raises(mm.errors.ParameterError, match="c had no mentor"):
        rematch(before, swap=[("a", "c")])
    with pytest.raises(
        mm.errors.ParameterError, match=r"insist=.*both are here.*swap=.*both are here"
    ):
        rematch(before, left=["a"], insist=[("a", "R")], swap=[("a", "b")])
    with pytest.raises(mm.errors.ParameterError, match="names a more than once"):
        rematch(before, swap=[("a", "b"), ("b", "a")])
    matched = mm.solve(mm.Problem(scores, objectives=[mm.MaximizeMatched()]))
    with pytest.raises(mm.errors.ParameterError, match="'price' parameter of rematch is in units"):
        rematch(matched, price=0.1)
    with pytest.raises(mm.errors.ParameterError, match=r"by role.*'mentees'"):
        rematch(before, left={"mentees": ["a"]})


def test_contradictions_are_one_error_that_names_them_all() -> None:
    before = matrix([[0.9, 0.1], [0.1, 0.9]])
    with pytest.raises(InfeasibleError) as caught:
        rematch(before, declined=[("a", "R")], insist=[("a", "R"), ("b", "R"), ("b", "S")])
    message = str(caught.value)
    assert "Lock('a', 'R') against the pair a and R was forbidden" in message
    assert "Lock('b', 'R'), Lock('b', 'S') against one mentor per mentee" in message
    assert "against the capacity of R" in message


def test_a_time_limit_and_progress_are_passed_on() -> None:
    scores = random_scores(np.random.default_rng(1), 40, 15, most_seats=3)
    before = mm.solve(mm.Problem(scores))
    again = rematch(before, max_changes=1, time_limit=30, progress=False)
    assert again.matching.gap == 0
    with pytest.raises(mm.errors.ParameterError, match="time_limit"):
        rematch(before, time_limit=-1)


# -- rosters ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cohort() -> tuple[Any, mm.Profiles, mm.Profiles, mm.Matching]:
    frames = make_cohort(40, 15, seed=3)
    mentees = mm.read_roster(frames[0], role="mentee")
    mentors = mm.read_roster(frames[1], role="mentor")
    early = mentees.take(np.arange(len(mentees) - 2))
    return frames, mentees, mentors, mm.match(early, mentors)


def test_joining_is_the_same_as_todays_whole_roster(cohort: Any) -> None:
    frames, mentees, mentors, before = cohort
    whole = rematch(before, mentees, mentors)
    frame = frames[0].iloc[-2:]
    for joined in (
        mm.read_roster(frame, role="mentee"), {"mentee": frame}, [{"mentee": frame}],
    ):  # fmt: skip
        again = rematch(before, joined=joined)
        assert again.matching.problem.scores.mentees.ids == mentees.ids
        assert pairs_of(again.matching) == pairs_of(whole.matching)
        points = again.matching.problem.scores.points, whole.matching.problem.scores.points
        np.testing.assert_array_equal(*points)
    told_why = why(again)
    for person in mentees.ids[-2:]:
        assert told_why[person].startswith("joined")


def test_mentors_join_and_people_leave_at_once(cohort: Any) -> None:
    frames, _, mentors, before = cohort
    fresh = frames[1].iloc[:1].copy()
    fresh[fresh.columns[0]] = "new mentor"
    for column in fresh.columns[1:]:
        if "mail" in column.lower():
            fresh[column] = "new@x.org"
    leaver = sorted(pairs_of(before))[0]
    again = rematch(before, joined={"mentor": fresh}, left=list(leaver), max_changes=2)
    scores = again.matching.problem.scores
    assert len(scores.mentors) == len(mentors)
    assert leaver[0] not in scores.mentees.ids
    told_why = why(again)
    assert told_why[leaver[0]] == told_why[leaver[1]] == "left the programme"
    assert told_why[scores.mentors.ids[-1]] == "joined"
    assert affected(before, again.matching) == set(
        zip(again.changes["role"], again.changes["person"], strict=True)
    )
    assert again.n_changes <= 2


def test_joining_twice_is_an_error_that_names_everybody(cohort: Any) -> None:
    frames, _, _, before = cohort
    with pytest.raises(mm.errors.ParameterError) as caught:
        rematch(before, joined={"mentee": frames[0].iloc[:3]})
    for person in before.problem.scores.mentees.ids[:3]:
        assert person in str(caught.value)
    with pytest.raises(mm.errors.ParameterError, match="'joined' parameter"):
        rematch(before, joined=frames[0])


def test_who_left_was_recognised_by_name_and_email(cohort: Any) -> None:
    _, _, _, before = cohort
    people = before.problem.scores.mentees
    for words in (people.names, people.emails):
        if words[0]:
            again = rematch(before, left=[words[0]])
            assert people.ids[0] not in again.matching.problem.scores.mentees.ids


def test_declined_pairs_of_criteria_keep_the_scores(cohort: Any) -> None:
    _, _, _, before = cohort
    pair = sorted(pairs_of(before))[0]
    again = rematch(before, declined=[pair], max_changes=3)
    assert pair not in pairs_of(again.matching)
    before_points, points = before.problem.scores.points, again.matching.problem.scores.points
    assert int((before_points != points).sum()) == 1
    assert {*pair} <= set(again.changes["person"])
    assert again.n_changes <= 3
    assert again.claims == (pair[0],)
    assert again.matching.problem.objectives == before.problem.objectives, "no claim was lost"


@pytest.mark.parametrize(("seed", "name"), [(764150, "reserve"), (1592066, "reserve per site")])
def test_a_reserve_does_not_lower_what_can_be_kept(seed: int, name: str) -> None:
    assert run(seed, None, name) is not None


def test_an_id_on_both_rosters_is_one_person_unless_a_role_is_named() -> None:
    scores = mm.Scores.from_matrix(
        np.full((2, 2), 0.5), mentees=pd.DataFrame({"id": ["x", "a"]}),
        mentors=pd.DataFrame({"id": ["x", "R"]}), capacity=2,
    )  # fmt: skip
    before = mm.solve(mm.Problem(scores))
    both = rematch(before, left=["x"]).matching.problem.scores
    assert (both.mentees.ids, both.mentors.ids) == (("a",), ("R",))
    one = rematch(before, left={"mentor": ["x"]}).matching.problem.scores
    assert (one.mentees.ids, one.mentors.ids) == (("x", "a"), ("R",))
