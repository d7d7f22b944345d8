"""The answer on one screen: it fits, it cuts what does not, it names what matters."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.__main__ import main
from mentormatch.command.summary import summary
from mentormatch.command.words import HEIGHT, WIDTH, on_one_screen
from mentormatch.datasets import make_cohort

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
PARTS = st.lists(st.tuples(st.just("Label"), st.lists(TEXTS, max_size=12), st.just(3)), max_size=8)


def columns(line: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in line
    )


@settings(suppress_health_check=[HealthCheck.too_slow])  # of a busy machine
@given(PARTS)
def test_whatever_is_said_fits_one_screen(parts: list[tuple[str, list[str], int]]) -> None:
    lines = on_one_screen(parts)
    assert len(lines) <= HEIGHT
    assert all(columns(line) <= WIDTH for line in lines)
    assert not any(unicodedata.category(c) == "Cc" for line in lines for c in line)


def test_what_is_cut_is_counted_and_room_is_used() -> None:
    many = [f"sentence {k}." for k in range(40)]
    lines = on_one_screen([("One", many, 3), ("Two", many, 2)])
    assert len(lines) == HEIGHT
    assert lines[21].strip() == "and 19 more"
    assert lines[23].strip() == "and 39 more"
    (line,) = on_one_screen([("One", ["word " * 17], 1), *[("Rest", many, 1)] * 23])[:1]
    assert line.endswith(" ...")
    assert on_one_screen([("One", ["short"], 1), ("None", [], 5)]) == ["One        short"]


def matching(n: int, m: int) -> mm.Matching:
    mentees, mentors = make_cohort(n, m, seed=3)
    return mm.match(mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor"))


@pytest.mark.parametrize(("n", "m"), [(1, 3), (12, 4), (60, 10), (30, 30)])
def test_the_summary_says_who_has_nobody_and_whose_seats_are_left(n: int, m: int) -> None:
    found = matching(n, m)
    lines = summary(found, 2, "Wrote x.csv.", "Open it.")
    text = "\n".join(lines)
    assert len(lines) <= HEIGHT
    assert all(columns(line) <= WIDTH for line in lines)
    for label in ("Matched", "Proof", "No mentor", "Look at", "Mentors", "Questions", "Files"):
        assert sum(line.startswith(label) for line in lines) == 1
    assert ("Everybody has one." in text) == (not found.unmatched)
    offering = found.load[found.load["capacity"] > 0]
    full = int((offering["slack"] == 0).sum())
    those = "" if len(offering) == m else " with seats"
    assert f"{full} of {len(offering)}{those} {'is' if full == 1 else 'are'} full" in text
    assert ("nobody (" in text) == bool((offering["load"] == 0).any())
    assert "2 are open, listed above." in text


PLANTED = "Zyxwish"
"""An answer to a sensitive question that must not be told."""


@pytest.mark.parametrize("job", ["match", "check", "plan"])
def test_no_job_tells_a_sensitive_answer(
    job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mentees.csv").write_text(
        "id,name,goals,gender,ethnicity,I would like a mentor of this gender\n"
        f"1,Ana,law,{PLANTED},{PLANTED},{PLANTED}\n2,Bo,maps,{PLANTED},x,\n3,Cy,maps,f,x,\n",
        encoding="utf-8",
    )
    Path("mentors.csv").write_text(
        f"id,name,skills,gender,ethnicity,capacity\n8,Raj,law,f,{PLANTED},1\n9,Sol,maps,m,x,1\n",
        encoding="utf-8",
    )
    rule = [] if job == "plan" else ["--rule", "same gender"]
    code = main([job, "mentees.csv", "mentors.csv", *rule])
    told = capsys.readouterr()
    assert code == 0, told.err
    assert "Ana" in told.out or job != "match"
    assert PLANTED not in told.out + told.err
