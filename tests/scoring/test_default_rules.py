"""Rules are added to those of the rosters; locks that break one are refused by name."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.scoring.default_rules import added

MENTEES = """ID,Name,Manager ID,Goals,Site,Avoid
e1,Ana,m1,Law,York,
e2,Bo,m2,Law,York,
e3,Cy,,Art,Bath,Mei
"""
MENTORS = """ID,Name,Manager ID,Goals,Site,Capacity
m1,Raj,,Law,York,2
m2,Mei,,Art,Bath,2
m3,Lee,,Art,Bath,2
"""


@pytest.fixture(scope="module")
def rosters() -> tuple[mm.Profiles, mm.Profiles]:
    return (
        mm.read_roster(io.StringIO(MENTEES), role="mentee"),
        mm.read_roster(io.StringIO(MENTORS), role="mentor"),
    )


def kinds(scores: mm.Scores) -> list[type[mm.Rule]]:
    return [type(rule) for rule in scores.rules]


def test_locks_forbidden_pairs_and_rules_keep_every_default_rule(rosters) -> None:
    default = mm.score(*rosters)
    assert {mm.ReportingLine, mm.Avoid} <= set(kinds(default))
    asked = {"lock": [("Cy", "Raj")], "forbid": [("Bo", "Raj")], "rules": [mm.Different("site")]}
    for name, kind in (("lock", mm.Lock), ("forbid", mm.Forbid), ("rules", mm.Different)):
        assert kinds(mm.score(*rosters, **{name: asked[name]})) == [*kinds(default), kind]
    matching = mm.match(*rosters, **asked)
    scores = matching.problem.scores
    assert set(kinds(scores)) == {*kinds(default), mm.Lock, mm.Forbid, mm.Different}
    pairs = set(zip(matching.to_frame()["mentee"], matching.to_frame()["mentor"], strict=True))
    assert ("e3", "m1") in pairs
    assert not pairs & {("e1", "m1"), ("e2", "m2"), ("e3", "m2"), ("e2", "m1")}
    assert not scores.admissible[0, 0]  # the manager still may not mentor her report
    assert not scores.admissible[1, 0]


def test_locks_as_pairs_as_a_frame_and_as_a_rule_are_the_same(rosters) -> None:
    pairs = [("e3", "m1"), ("Bo", "Lee")]
    frame = pd.DataFrame(pairs, columns=["mentee", "mentor"])
    made = [mm.match(*rosters, lock=given) for given in (pairs, frame, mm.Lock(pairs))]
    made.append(mm.match(*rosters, rules=[mm.Lock(pairs)]))
    assert len({tuple(matching.assignment.tolist()) for matching in made}) == 1
    assert made[0].problem.scores.locks.tolist() == [[1, 2], [2, 0]]
    assert kinds(mm.score(*rosters, lock=[], forbid=[])) == kinds(mm.score(*rosters))


def test_locks_that_break_a_rule_are_refused_all_at_once_by_name(rosters) -> None:
    """Two managers of their own reports, an avoided mentor and a forbidden pair; one is fine."""
    lock = [("Ana", "Raj"), ("Bo", "Mei"), ("Cy", "Mei"), ("Bo", "Raj"), ("Ana", "Lee")]
    with pytest.raises(mm.InfeasibleError) as caught:
        mm.match(*rosters, lock=lock[:3], forbid=[("Bo", "Raj")])
    said = str(caught.value)
    assert caught.value.conflicts == (
        "Lock('e1', 'm1') against Raj is the manager of Ana",
        "Lock('e2', 'm2') against Mei is the manager of Bo",
        "Lock('e3', 'm2') against one of Cy and Mei asked not to be matched with the other",
    )
    assert "with_rules" in said
    assert "ReportingLine" in said
    assert "Avoid()" in said
    with pytest.raises(mm.InfeasibleError, match="the pair Bo and Raj was forbidden") as caught:
        mm.match(*rosters, lock=[("Bo", "Raj"), ("Ana", "Lee")], forbid=[("Bo", "Raj")])
    assert "with_rules" not in str(caught.value)
    assert "Lee" not in str(caught.value)


def test_every_door_refuses_the_same_lock(rosters) -> None:
    scores = mm.score(*rosters, lock=[("Ana", "Raj")])
    doors = {
        "match": lambda: mm.match(*rosters, lock=[("Ana", "Raj")]),
        "rules": lambda: mm.match(*rosters, rules=[mm.Lock([("Ana", "Raj")])]),
        "solve": lambda: mm.solve(mm.Problem(scores)),
        "stable": lambda: mm.match_stable(mm.Problem(scores)),
        "rematch": lambda: mm.rematch(mm.match(*rosters), insist=[("Ana", "Raj")]),
    }
    told = {}
    for name, door in doors.items():
        with pytest.raises(mm.InfeasibleError) as caught:
            door()
        told[name] = caught.value.conflicts
    assert set(told.values()) == {("Lock('e1', 'm1') against Raj is the manager of Ana",)}


def test_a_default_rule_is_dropped_in_the_open(rosters) -> None:
    plan = mm.presets.from_columns(*rosters)
    plan = plan.with_rules([r for r in plan.rules if not isinstance(r, mm.ReportingLine)])
    matching = mm.match(*rosters, criteria=plan, lock=[("Ana", "Raj")])
    assert mm.ReportingLine not in kinds(matching.problem.scores)
    assert mm.Avoid in kinds(matching.problem.scores)
    assert matching.assignment[0] == 0


def test_rematch_keeps_just_the_rules_there_were(rosters) -> None:
    plan = mm.presets.from_columns(*rosters)
    plan = plan.with_rules([r for r in plan.rules if not isinstance(r, mm.ReportingLine)])
    before = mm.match(*rosters, criteria=plan, lock=[("Ana", "Raj")])
    now = mm.rematch(before, mentees=rosters[0], mentors=rosters[1], left=["Bo"]).matching
    assert kinds(now.problem.scores) == kinds(before.problem.scores)
    assert now.assignment[0] == 0
    joined = mm.read_roster(io.StringIO("ID,Name,Manager ID,Goals\ne9,Di,m1,Law\n"), role="mentee")
    late = mm.rematch(before, joined=joined).matching
    assert kinds(late.problem.scores) == kinds(before.problem.scores)


def test_what_is_wrong_with_pairs_is_said_at_once(rosters) -> None:
    with pytest.raises(mm.errors.UnknownPersonError) as caught:
        mm.score(*rosters, lock=[("Ana", "Zed"), ("Xia", "Raj")], forbid=[("Yun", "Raj")])
    assert all(repr(name) in str(caught.value) for name in ("Zed", "Xia", "Yun"))
    for name in ("lock", "forbid"):
        for wrong in ("Ana", [("Ana",)], mm.Different("site"), 3):
            with pytest.raises(mm.errors.ParameterError, match=f"'{name}' parameter of score"):
                mm.score(*rosters, **{name: wrong})
    for wrong in (["site"], [mm.Different], 3):
        with pytest.raises(mm.errors.ParameterError, match="'rules' parameter of score"):
            mm.score(*rosters, rules=wrong)


def test_a_rule_said_twice_holds_once_and_another_of_its_kind_beside_it() -> None:
    near = mm.ReportingLine(levels=1)
    told = added([mm.ReportingLine(reason="default")], [mm.ReportingLine(), near, mm.Avoid()])
    assert [str(rule) for rule in told] == [
        "ReportingLine(levels=2, peers=True)", "ReportingLine(levels=1, peers=True)", "Avoid()",
    ]  # fmt: skip
    assert told[0].reason == "default"
