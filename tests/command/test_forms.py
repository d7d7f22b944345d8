"""Lists and rounds from files, by the command: what is written, and what a manager reads."""

from __future__ import annotations

from pathlib import Path

import pytest

import mentormatch as mm
from mentormatch.command.main import main


@pytest.fixture
def rosters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ours, theirs = mm.make_cohort(20, 8, 5)
    ours.to_csv(tmp_path / "mentees.csv", index=False)
    theirs.to_csv(tmp_path / "mentors.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_lists_are_written_and_go_on_after_answers(
    rosters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", "mentees.csv", "mentors.csv", "-k", "3"]) == 0
    out = capsys.readouterr().out
    assert "on the lists of 20 of 20 mentees" in out
    assert "Proven optimal. Checked:" in out
    assert "The most listed mentor is on" in out
    assert len(out.splitlines()) <= 24
    lists = mm.Suggestions.from_json(rosters / "lists.json")
    assert (rosters / "lists.xlsx").is_file()
    assert lists.asked.k == 3
    first, second = next(iter(lists)), list(lists)[-1]
    assert main(["suggest", "lists.json", "--accepted", f"{first[0]}:{first[1]}",
                 "--declined", f"{second[0]}:{second[1]}", "-o", "later.json"]) == 0  # fmt: skip
    assert "entries new" in (out := capsys.readouterr().out) or "entry new" in out
    later = mm.Suggestions.from_json(rosters / "later.json")
    assert later[first[0]] == ()
    assert second not in later
    expected = mm.resuggest(lists, accepted=[first], declined=[second])
    assert set(later) == set(expected)


def test_exposure_and_limits_are_taken(rosters: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["suggest", "mentees.csv", "mentors.csv", "-k", "2", "-o", "l.json", "-q"]
    assert main([*arguments, "--exposure", "6", "--least", "2"]) == 0
    lists = mm.Suggestions.from_json(rosters / "l.json")
    assert lists.exposure["lists"].between(2, 6).all()
    assert main([*arguments, "--exposure", "any"]) == 0
    assert mm.Suggestions.from_json(rosters / "l.json").asked.exposure is None
    assert main([*arguments, "--exposure", "1"]) == 1
    assert "Give exposure=" in capsys.readouterr().err
    assert main([*arguments, "--accepted", "a:b"]) == 1
    assert "name lists.json in place of the rosters" in capsys.readouterr().err


def test_rounds_of_one_pool_and_of_two(rosters: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rounds", "mentees.csv", "--rounds", "4"]) == 0
    out = capsys.readouterr()
    assert "40 meetings in 4 rounds" in out.out
    assert "Nobody sits out" in out.out
    assert "on both rosters" not in out.err
    first = mm.Timetable.from_json(rosters / "rounds.json")
    assert main(["rounds", "mentees.csv", "--rounds", "2", "--after", "rounds.json",
                 "-o", "more.json", "--only", "E0000001:2"]) == 0  # fmt: skip
    more = mm.Timetable.from_json(rosters / "more.json")
    assert not {frozenset(p) for p in first} & {frozenset(p) for p in more}
    assert more["E0000001"][0] is None
    slots = ["--slot", "2026-09-07T10:00+02:00", "--slot", "2026-09-07T10:20+02:00"]
    assert main(["rounds", "mentees.csv", "mentors.csv", "--meetings", "1", *slots,
                 "-o", "e.ics", "-o", "e.csv"]) == 0  # fmt: skip
    assert (rosters / "e.ics").read_text(encoding="utf-8").count("BEGIN:VEVENT") == 16
    assert main(["rounds", "mentees.csv", "--only", "nobody"]) == 1
    assert "PERSON:ROUND" in capsys.readouterr().err


def test_peers_of_one_file(rosters: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = mm.make_cohort(21, 3, 8)[0]
    frame.to_csv(rosters / "people.csv", index=False)
    assert main(["peers", "people.csv"]) == 0
    out = capsys.readouterr().out
    assert "Everybody is." in out
    first = mm.Peers.from_json(rosters / "peers.json")
    assert sorted(map(len, first.groups)) == [2] * 9 + [3]
    assert main(["peers", "people.csv", "--after", "peers.json", "--odd", "rest",
                 "-o", "again.json", "-o", "again.csv"]) == 0  # fmt: skip
    assert "1 person is not" in capsys.readouterr().out
    again = mm.Peers.from_json(rosters / "again.json")
    met = {frozenset((a, b)) for group in first.groups for a in group for b in group if a != b}
    assert not {frozenset(pair) for pair in again.groups} & met


def test_groups_with_a_coach(rosters: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["groups", "mentees.csv", "mentors.csv", "--size", "4-5", "--hours", "0"]
    assert main([*arguments, "--at-most", "department=4"]) == 0
    out = capsys.readouterr().out
    assert "Everybody is." in out
    assert "Checked:" in out
    plan = mm.Groups.from_json(rosters / "groups.json")
    assert all(4 <= len(members) <= 5 for _, members in plan)
    assert not plan.unplaced
    assert (rosters / "groups.xlsx").is_file()
    assert main([*arguments[:3], "--size", "few"]) == 1
    assert "such as 4-6" in capsys.readouterr().err
    assert main([*arguments, "--at-most", "department"]) == 1
    assert "COLUMN=N" in capsys.readouterr().err
