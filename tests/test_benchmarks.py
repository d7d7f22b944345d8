"""The benchmark instances keep what they promise, and the comparison notices a loss."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # benchmarks are not part of the package

from benchmarks import forms_groups, forms_peers, report, suites
from benchmarks.families import FAMILIES, ONE, REGIMES, make_instance, make_sparse
from benchmarks.peers import by_name, costs, value


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("regime", REGIMES)
def test_families_have_the_shape_and_seats_asked_for(family: str, regime: str) -> None:
    instance = make_instance(family, regime, 90, 25)
    assert instance.points.shape == (90, 25)
    assert instance.points.dtype == np.int32
    assert instance.points.flags.c_contiguous
    assert instance.capacity.sum() == round(REGIMES[regime] * 90)
    assert instance.capacity.min() >= 0
    assert -1 - ONE <= instance.points.min() <= instance.points.max() <= ONE
    again = make_instance(family, regime, 90, 25)
    assert np.array_equal(instance.points, again.points)
    assert np.array_equal(instance.capacity, again.capacity)


def test_families_are_what_their_names_say() -> None:
    points = {family: make_instance(family, "slack", 200, 60).points for family in FAMILIES}
    assert len(np.unique(points["few_levels"])) == 6
    assert len(np.unique(points["all_equal"])) == 1
    exchange = points["additive"][:-1, :-1] + points["additive"][1:, 1:]
    assert (exchange == points["additive"][:-1, 1:] + points["additive"][1:, :-1]).all()
    assert 0.02 < (points["five_percent"] >= 0).mean() < 0.08
    assert all((points[family] >= 0).all() for family in FAMILIES if family != "five_percent")
    favourites = np.bincount(points["popular_few"].argmax(axis=1), minlength=60)
    assert favourites.max() > 100


def test_sparse_lists_hold_different_mentors() -> None:
    instance = make_sparse("tight", 300, 50, 12)
    rows = np.split(instance.indices, instance.indptr[1:-1])
    assert all(len(set(row.tolist())) == len(row) <= 12 for row in rows)
    assert instance.capacity.sum() == 300
    assert instance.indices.max() < 50


def test_every_solver_has_a_line_of_its_own_in_the_growth_plot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import matplotlib.pyplot as plt

    stored = json.loads((Path(report.__file__).parent / "results" / "results.json").read_text())
    monkeypatch.setattr(plt, "close", lambda figure: None)
    report.plot_growth(stored, tmp_path / "growth.png")
    (axes,) = plt.gcf().axes
    looks = {(str(line.get_color()), line.get_linestyle()) for line in axes.lines}
    assert len(looks) == len(axes.lines) > 10
    monkeypatch.undo()
    plt.close("all")


def test_value_refuses_what_may_not_be() -> None:
    instance = make_instance("five_percent", "slack", 30, 10)
    nobody = np.full(30, -1)
    assert value(instance, nobody) == (0, 0)
    row, mentor = np.argwhere(instance.points < 0)[0]
    inadmissible = nobody.copy()
    inadmissible[row] = mentor
    with pytest.raises(AssertionError, match="inadmissible"):
        value(instance, inadmissible)
    with pytest.raises(AssertionError, match="seats"):
        value(instance, np.zeros(30, dtype=np.int64))


@pytest.mark.parametrize("family", ["structured", "five_percent"])
@pytest.mark.parametrize("regime", REGIMES)
def test_peers_and_ours_reach_the_same(family: str, regime: str) -> None:
    instance = make_instance(family, regime, 40, 12)
    reached = set()
    for name in ("mentormatch", "SciPy LSA", "SciPy csgraph", "networkx"):
        solver = by_name(name)
        answer = solver.solve(solver.prepare(instance))
        reached.add(value(instance, solver.decode(instance, answer)))
    assert len(reached) == 1


def test_an_unmatched_mentee_costs_more_than_any_exchange() -> None:
    instance = make_instance("five_percent", "slack", 40, 12)
    cost = costs(instance)
    worst = cost[instance.points >= 0].max()
    assert cost[instance.points < 0].min() > 40 * worst


def record(seconds: float, peer: float, total: int = 5) -> dict[str, object]:
    ours = {"solver": "mentormatch", "ours": True, "status": "ok", "seconds": seconds}
    theirs = {"solver": "SciPy LSA", "ours": False, "status": "ok", "seconds": peer}
    rows = [{**ours, "matched": 1, "total": total}, {**theirs, "matched": 1, "total": 5}]
    return {"key": "k", "suite": "capacity", "regime": "slack", "pairs": 10, "rows": rows}


def test_comparison_reports_lost_ratios_only() -> None:
    old = {"records": [record(1.0, 10.0)]}
    assert report.compare(old, {"records": [record(2.0, 20.0)]}) == []
    assert report.compare(old, {"records": [record(2.0, 10.0)]})
    assert report.compare({"records": []}, {"records": [record(2.0, 10.0)]}) == []


def test_disagreement_is_seen() -> None:
    assert suites.agree(record(1, 1))
    assert not suites.agree(record(1, 1, total=4))


def test_growth_exponent_is_recovered() -> None:
    records = []
    for pairs in (10, 100, 1000):
        grown = record(1.0, 3e-6 * pairs**1.5)
        records.append({**grown, "pairs": pairs})
    assert report.exponent(records, "SciPy LSA") == pytest.approx(1.5)
    assert report.exponent(records[:2], "SciPy LSA") is None


def test_table_says_what_was_measured() -> None:
    shared = {"family": "few_levels", "n": 5, "m": 2, "seats": 5, "cap": 30.0, "agree": True}
    fast = {**record(0.5, 10.0), **shared}
    stopped = {**record(0.5, 10.0), **shared, "suite": "families"}
    rows = stopped["rows"]
    assert isinstance(rows, list)
    rows[1] = {"solver": "SciPy LSA", "ours": False, "status": "over the time cap"}
    results = {
        "date": "today",
        "machine": "a computer",
        "python": "3.11",
        "versions": {"numpy": "2.4"},
        "command": "python -m benchmarks",
        "repeats": 5,
        "cap": 30.0,
        "records": [fast, stopped],
        "sections": {"Scoring": {"score, seconds": 0.125}},
    }
    text = report.render(results)
    assert "**20.0**" in text  # ten seconds against half a second
    assert "> 60" in text  # thirty seconds without an answer against half a second
    assert "0.125" in text


MOST = {"networkx": 200, "rustworkx": 0}


def test_pools_are_compared_and_their_proofs_checked() -> None:
    rows = [forms_peers.pairs_row(family, 40, 1, MOST) for family in forms_peers.FAMILIES]
    assert all(row["verified"] and row["gap"] == 0 and row["networkx"] > 0 for row in rows)
    trio = forms_peers.trio_row("geo", 21, 1)
    assert trio["gap"] == 0
    text = forms_peers.table(rows, [trio])
    assert text.count("| holds |") == 4
    assert "BROKEN" not in text


def test_plans_of_groups_stand_beside_highs():
    (row,) = forms_groups.lines(1, smoke=True)
    assert row["placed"] == row["people"]
    assert row["faults"] == 0
    assert row["total"] <= row["bound"]
    assert not row["highs"] > row["bound"]


def test_every_form_has_lines() -> None:
    from importlib import import_module

    from benchmarks import forms

    assert set(forms.FORMS) == {"groups", "intake", "peers", "rounds", "suggest"}
    for form in forms.FORMS:
        assert callable(import_module(f"benchmarks.forms_{form}").lines)
