"""schedule_rounds: exact where it says so, never below a bound that somebody else can recompute."""

from __future__ import annotations

from datetime import datetime
from itertools import product

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm

MILLION = 1_000_000


def pool(rng: np.random.Generator, n: int, forbid: float = 0.15, levels: int = 0) -> mm.Scores:
    matrix = rng.integers(0, levels, (n, n)) / levels if levels else rng.random((n, n))
    matrix = np.triu(matrix, 1)
    bad = np.triu(rng.random((n, n)) < forbid, 1)
    ids = [f"p{k}" for k in range(n)]
    return mm.Scores.from_matrix(
        pd.DataFrame(matrix + matrix.T, ids, ids), admissible=~(bad | bad.T)
    )


def matchings(people: list[int]) -> list[tuple[tuple[int, int], ...]]:
    """All sets of disjoint pairs."""
    if not people:
        return [()]
    first, rest = people[0], people[1:]
    found = matchings(rest)
    for k, other in enumerate(rest):
        found += [((first, other), *more) for more in matchings(rest[:k] + rest[k + 1 :])]
    return found


def best_coffee(points: np.ndarray, there: np.ndarray, fewest: int = 0) -> tuple[int, int]:
    """Most meetings, and the best total of so many: by trying everything.

    Only where everybody has at least so many.
    """
    count = there.shape[1]
    options = [
        [
            one for one in matchings(np.flatnonzero(there[:, t]).tolist())
            if all(points[i, j] >= 0 for i, j in one)
        ]
        for t in range(count)
    ]  # fmt: skip
    best = (0, 0)
    for rounds in product(*options):
        pairs = [pair for one in rounds for pair in one]
        had = np.bincount([p for pair in pairs for p in pair], minlength=len(points))
        if len(set(pairs)) == len(pairs) and had.min() >= fewest:
            best = max(best, (len(pairs), sum(int(points[i, j]) for i, j in pairs)))
    return best


def reached(table: mm.Timetable) -> tuple[int, int]:
    i, j, _ = table.meetings
    return len(i), int(table._points[i, j].sum(dtype=np.int64))


@pytest.mark.parametrize("seed", range(50))
def test_coffee_rounds_against_trying_everything(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, count = int(rng.integers(2, 6)), int(rng.integers(1, 4))
    scores = pool(rng, n, 0.2, 4 * (seed % 2))
    there = rng.random((n, count)) < (1 if seed % 3 else 0.7)
    frame = pd.DataFrame(there, index=scores.mentees.ids)
    points = np.array(scores.points)
    partners = (points >= 0).sum(axis=1).max(initial=0)
    if partners < count:
        return  # pairs would meet again
    table = mm.schedule_rounds(scores, count, available=frame)
    assert table.prices is not None
    most, total = best_coffee(points, there, table.prices.count)
    held, got = reached(table)
    assert held <= most <= table.stages[0].bound
    assert mm.verify(table), mm.verify(table)
    if held == most:
        assert got <= total <= round(table.bound * MILLION)
    if table.status == "optimal":
        assert (held, got) == (most, total)


@pytest.mark.parametrize("seed", range(6))
def test_coffee_is_at_the_bound_where_everybody_has_many_partners(seed: int) -> None:
    scores = pool(np.random.default_rng(seed), 40, 0.03)
    table = mm.schedule_rounds(scores, 6)
    assert len(table) == 120
    assert table.gap < 0.005
    met = {frozenset(pair) for pair in table}
    assert len(met) == 120
    assert not len(table.sat_out)
    means = table.by_round["mean_score"]
    assert means.max() / means.min() < 1.03
    assert mm.verify(table)


def test_in_odd_pools_nobody_sits_out_twice_before_everybody_did() -> None:
    scores = pool(np.random.default_rng(3), 9, 0)
    table = mm.schedule_rounds(scores, 3)
    out = table.sat_out["person"].value_counts()
    assert len(table.sat_out) == 3
    assert out.max() == 1
    later = mm.schedule_rounds(scores, 1, previous=table)
    assert set(later.sat_out["person"]) <= set(scores.mentees.ids) - set(out.index)
    assert not {frozenset(p) for p in later} & {frozenset(p) for p in table}


def test_when_all_have_met_pairs_meet_again_and_it_is_said() -> None:
    scores = pool(np.random.default_rng(1), 6, 0)
    table = mm.schedule_rounds(scores, 8)
    assert len(table) == 24
    first = {frozenset(p) for p, t in zip(table, table.meetings[2].tolist(), strict=True) if t < 5}
    assert len(first) == 15  # all 15 pairs before anybody meets again
    assert any("from round 6 on pairs meet again" in note for note in table.notes)
    assert not len(table.sat_out)


def test_meeting_again_after_an_earlier_timetable_counts_in_full() -> None:
    scores = pool(np.random.default_rng(1), 6, 0)
    first = mm.schedule_rounds(scores, 2)
    table = mm.schedule_rounds(scores, 5, previous=first)  # three partners are left to each
    i, j, _ = table.meetings
    assert table.objective == pytest.approx(scores.points[i, j].sum() / MILLION)
    assert mm.verify(table).value == pytest.approx(table.objective)
    early = {frozenset(p) for p, t in zip(table, table.meetings[2].tolist(), strict=True) if t < 3}
    assert not early & {frozenset(p) for p in first}


def test_who_met_at_coffee_and_is_on_neither_side_is_nobody_to_be_met() -> None:
    coffee = mm.schedule_rounds(pool(np.random.default_rng(1), 6, 0), 2)
    speed = mm.Scores.from_matrix(pd.DataFrame(np.ones((2, 2)), ["p0", "p1"], ["p2", "x"]))
    met = {pair for pair in coffee if set(pair) <= {"p0", "p1", "p2"} and "p2" in pair}
    table = mm.schedule_rounds(speed, 2, previous=coffee)
    assert not met & set(table)
    assert len(table) == 4 - len(met)


def best_speed(
    points: np.ndarray, wanted: int, there: tuple[np.ndarray, np.ndarray], tables: int
) -> tuple[int, int, int]:
    """Return how many meetings, of how many mentees, and the total: each before the next."""
    n, m = points.shape
    count = there[0].shape[1]
    options = [
        [j for j in range(m) if points[i, j] >= 0 and there[0][i, t] and there[1][j, t]] + [-1]
        for i in range(n)
        for t in range(count)
    ]
    best = (0, 0, 0)
    for chosen in product(*options):
        plan = np.array(chosen).reshape(n, count)
        good = True
        for i in range(n):
            met = plan[i][plan[i] >= 0]
            good &= len(set(met.tolist())) == len(met) <= wanted
        for t in range(count):
            good &= bool((np.bincount(plan[plan[:, t] >= 0, t], minlength=m) <= tables).all())
        if good:
            total = sum(int(points[i, j]) for i in range(n) for j in plan[i] if j >= 0)
            best = max(best, (int((plan >= 0).sum()), int((plan >= 0).any(axis=1).sum()), total))
    return best


@pytest.mark.parametrize("seed", range(60))
def test_speed_mentoring_against_trying_everything(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m, count = int(rng.integers(1, 4)), int(rng.integers(1, 4)), int(rng.integers(1, 3))
    scores = mm.Scores.from_matrix(
        rng.integers(0, 5, (n, m)) / 4 if seed % 2 else rng.random((n, m)),
        admissible=rng.random((n, m)) < 0.8, capacity=1,
    )  # fmt: skip
    share = 1 if seed % 3 else 0.7
    there = rng.random((n, count)) < share, rng.random((m, count)) < share
    people = [*scores.mentees.ids, *scores.mentors.ids]
    wanted, tables = int(rng.integers(1, count + 1)), int(rng.integers(1, 3))
    table = mm.schedule_rounds(
        scores, count, meetings=wanted, tables=tables,
        available=pd.DataFrame(np.concatenate(there), index=people),
    )  # fmt: skip
    assert mm.verify(table), mm.verify(table)
    found = len(table), np.unique(table.meetings[0]).size, reached(table)[1]
    assert found == best_speed(np.array(scores.points), wanted, there, tables)
    if share == 1:
        assert table.status == "optimal"


def test_the_first_meeting_of_all_comes_before_the_second_of_anybody() -> None:
    scores = mm.Scores.from_matrix(
        np.array([[1.0, 0.9], [0.1, 0.1], [0.1, 0.1], [0.1, 0.1]]), capacity=1
    )
    table = mm.schedule_rounds(scores, 2, meetings=2)
    assert set(table.meetings_of().values()) == {1, 2}
    assert all(table.meetings_of()[person] == 1 for person in scores.mentees.ids)


def test_the_order_of_the_rosters_never_matters() -> None:
    rng = np.random.default_rng(0)
    for seed in range(4):
        scores = pool(np.random.default_rng(seed), 8, 0.1, 4)
        mixed = rng.permutation(8)
        frame = pd.DataFrame(scores.total, scores.mentees.ids, scores.mentees.ids)
        again = mm.Scores.from_matrix(
            frame.iloc[mixed, mixed], admissible=scores.admissible[np.ix_(mixed, mixed)]
        )
        one, other = mm.schedule_rounds(scores, 3), mm.schedule_rounds(again, 3)
        assert {(frozenset(p), t) for p, t in zip(one, one.meetings[2], strict=True)} == {
            (frozenset(p), t) for p, t in zip(other, other.meetings[2], strict=True)
        }


def test_late_and_absent_people_are_not_scheduled_then() -> None:
    scores = pool(np.random.default_rng(2), 8, 0)
    slots = ["2026-09-07T10:00+02:00", "2026-09-14T10:00+02:00"]
    table = mm.schedule_rounds(scores, slots=slots, available={"p0": [], "p1": [2], "p2": slots[0]})
    assert table["p0"] == (None, None)
    assert table["p1"][0] is None
    assert table["p1"][1] is not None
    assert table["p2"][1] is None
    out = table.sat_out
    assert set(out.loc[out["person"] == "p0", "why"]) == {"not there"}
    assert mm.verify(table)


def test_calendars_hold_each_meeting_with_its_time() -> None:
    scores = pool(np.random.default_rng(2), 6, 0)
    slots = [datetime.fromisoformat("2026-03-29T10:00+02:00"), "2026-04-05T10:00+02:00"]
    table = mm.schedule_rounds(scores, slots=slots, minutes=20)
    text = table.to_ics()
    assert text.count("BEGIN:VEVENT") == len(table) == 6
    assert "DTSTART:20260329T080000Z" in text
    assert "DTEND:20260329T082000Z" in text
    mine = table.to_ics(person="p0")
    assert mine.count("BEGIN:VEVENT") == 2
    with pytest.raises(mm.errors.ParameterError, match="with a zone"):
        mm.schedule_rounds(scores, 2).to_ics()
    with pytest.raises(mm.errors.ParameterError, match="with a zone"):
        mm.schedule_rounds(scores, slots=["2026-04-05T10:00"]).to_ics()


def test_why_two_do_not_meet() -> None:
    scores = pool(np.random.default_rng(4), 6, 0.4)
    table = mm.schedule_rounds(scores, 2, available={"p5": [1], "p4": [2]}, previous=[("p0", "p1")])
    assert "have met before" in table.why_not("p1", "p0").text
    assert "never there in the same round" in table.why_not("p5", "p4").text or (
        "may not meet" in table.why_not("p5", "p4").text
    )
    bad = np.argwhere(np.array(scores.points) < 0)
    i, j = next((int(a), int(b)) for a, b in bad if a < b and (a, b) != (0, 1))
    assert "may not meet" in table.why_not(f"p{i}", f"p{j}").text
    a, b = next(iter(table))
    assert "meet in round" in table.why_not(a, b).text
    with pytest.raises(mm.errors.UnknownPersonError):
        table.why_not("p0", "nobody")


def test_a_timetable_that_was_touched_does_not_hold() -> None:
    from dataclasses import replace

    scores = pool(np.random.default_rng(2), 8, 0.1)
    table = mm.schedule_rounds(scores, 3)
    assert mm.verify(table)
    i, j, t = table.meetings
    assert not mm.verify(replace(table, meetings=(i, j, np.zeros_like(t))))
    assert table.prices is not None
    high = replace(table.prices, column=table.prices.column * 3)
    assert not mm.verify(replace(table, prices=high))


def test_what_makes_no_sense_is_refused_in_words() -> None:
    scores = pool(np.random.default_rng(2), 4, 0)
    two = mm.Scores.from_matrix(np.ones((3, 2)))
    for call, words in (
        (lambda: mm.schedule_rounds(scores), "rounds"),
        (lambda: mm.schedule_rounds(scores, 0), "rounds"),
        (lambda: mm.schedule_rounds(scores, 2, slots=["a"]), "rounds"),
        (lambda: mm.schedule_rounds(scores, slots=["a", "a"]), "slots"),
        (lambda: mm.schedule_rounds(scores, 2, meetings=1), "one pool"),
        (lambda: mm.schedule_rounds(scores, 2, available={"p9": [1]}), "on no roster: 'p9'"),
        (lambda: mm.schedule_rounds(scores, 2, available={"p1": [3]}), "from 1 to 2"),
        (lambda: mm.schedule_rounds(two, 2, tables=0), "tables"),
        (lambda: mm.schedule_rounds(two, 2, previous=[("mentee 1", "x")]), "x"),
        (lambda: mm.schedule_rounds(two, 2, time_limit=-1), "time_limit"),
    ):
        with pytest.raises(mm.errors.MentormatchError, match=words):
            call()


def test_empty_rosters_have_no_meetings() -> None:
    for n, m in ((0, 2), (2, 0), (0, 0)):
        table = mm.schedule_rounds(mm.Scores.from_matrix(np.zeros((n, m)), capacity=1), 2)
        assert len(table) == 0
        assert mm.verify(table)
        assert len(table.by_round) == 2


def test_a_workbook_and_a_csv_are_written(tmp_path: object) -> None:
    import openpyxl

    scores = pool(np.random.default_rng(2), 6, 0)
    table = mm.schedule_rounds(scores, 2)
    path = table.to_excel(f"{tmp_path}/t.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "Summary", "Timetable", "By person", "Rounds", "Sitting out", "Settings",
    ]  # fmt: skip
    assert book["Timetable"].max_row == len(table) + 1
    text = table.to_csv()
    assert text is not None
    assert text.count("\n") == len(table) + 1
