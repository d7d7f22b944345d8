"""The jobs about what came of a matching: evaluate and review."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.command.exits import Exit
from mentormatch.command.main import main
from mentormatch.datasets.outcomes import QUALITY

CONFIDENT = "confidence=I feel able"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a saved matching and two surveys about it."""
    folder = tmp_path_factory.mktemp("year")
    matching = mm.match(*mm.load_example())
    matching.to_json(folder / "matches.json")
    answers = mm.make_outcomes(matching, seed=3)
    answers.before.to_csv(folder / "before.csv", index=False)
    answers.after.to_csv(folder / "after.csv", index=False)
    return folder


@pytest.fixture
def there(made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    monkeypatch.chdir(tmp_path)
    return [str(made / name) for name in ("matches.json", "before.csv", "after.csv")]


def test_two_surveys_are_a_change_told_in_words(
    there: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *there, "--scale", CONFIDENT]) == Exit.OK
    told = capsys.readouterr().out
    assert "120 of 120 mentees answered 'before' (100%)" in told
    assert "a change of" in told
    assert "A change is not an effect of mentoring" in told
    assert "--repairs FILE lists them" in told
    assert max(map(len, told.splitlines())) <= 80


def test_what_is_written_is_what_python_gives(there: list[str]) -> None:
    outputs = [f for name in ("out.csv", "out.html", "out.xlsx") for f in ("-o", name)]
    asked = ["--scale", CONFIDENT, "--by", "site", "--compare", "unmatched", "-q"]
    assert main(["evaluate", *there, *asked, *outputs, "--repairs", "notes.csv"]) == Exit.OK
    matching = mm.Matching.from_json(there[0])
    scale = mm.Scale("confidence", items="I feel able")
    before, after = (
        mm.read_survey(file, wave=wave, scales=[scale], people=matching)
        for wave, file in (("before", there[1]), ("after", there[2]))
    )
    found = mm.evaluate(matching, before + after, by=["site"], comparison="unmatched")
    mapping = matching.problem.scores.mentees.mapping.set_index("field")["column"]
    asked[3] = mapping["site"]
    assert main(["evaluate", *there, *asked, "-o", "by_header.csv"]) == Exit.OK
    assert Path("by_header.csv").read_bytes() == Path("out.csv").read_bytes()
    written = pd.read_csv("out.csv")
    assert written["figure"].to_list() == found.to_frame()["figure"].to_list()
    assert written["value"].sum() == pytest.approx(found.to_frame()["value"].sum())
    assert "Outcomes" in Path("out.html").read_text(encoding="utf-8")
    assert "Outcomes" in pd.ExcelFile("out.xlsx", engine="calamine").sheet_names
    assert len(pd.read_csv("notes.csv")) == len((before + after).repairs)


def test_waves_are_named_and_scales_may_be_asked_in_one(
    there: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    named = [there[0], f"start={there[1]}", f"end={there[2]}"]
    Path("scales.toml").write_text(
        f"[quality]\nitems = {list(QUALITY)}\nlow = 1\nhigh = 5\nwaves = ['end']\n",
        encoding="utf-8",
    )
    given = ["--scale", CONFIDENT, "--scales", "scales.toml", "--asked", "end=115",
             "--retrospective", "start"]  # fmt: skip
    assert main(["evaluate", *named, *given]) == Exit.OK
    told = " ".join(capsys.readouterr().out.split())
    assert "of 115 mentees answered 'end'" in told
    assert "'start' was asked afterwards" in told
    assert "One survey tells of no change" in told
    one = ["--scale", CONFIDENT, "--scale", "end:quality=This mentoring", "--range", "quality=0-10"]
    assert main(["evaluate", *named, *one]) == Exit.OK
    assert "on a scale from 0 to 10" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "Say what was asked"),
        (["--scale", "c=I feel abel"], 'Name columns with --columns "wording of an item=HEADER"'),
        (["--scale", "pulsee"], "There is no instrument 'pulsee'. Did you mean 'pulse'?"),
        (["--scale", CONFIDENT, "--range", "c=1-5"], "--range names the scale 'c'"),
        (["--scale", CONFIDENT, "--range", "confidence=low"], "--range takes NAME=LOW-HIGH"),
        (["--scale", CONFIDENT, "--asked", "then=3"], "--asked names the wave 'then'"),
        (["--scale", CONFIDENT, "--asked", "after=many"], "--asked takes WAVE=N"),
        (["--scale", CONFIDENT, "--columns", "id"], "--columns takes FIELD=HEADER"),
        (["--scale", "after:" + CONFIDENT], "No scale is asked in the wave 'before'"),
        (["--scale", CONFIDENT, "--compare", "everybody"], "--compare takes unmatched or"),
        (["--scale", CONFIDENT, "-o", "out.docx"], "--output must end in"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    there: list[str], given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *there, *given]) == Exit.REFUSED
    assert said in capsys.readouterr().err


def test_seats_that_were_drawn_make_an_effect_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mentees, mentors = (
        mm.read_roster(frame, role=role)
        for frame, role in zip(mm.make_cohort(60, 20, seed=1), ("mentee", "mentor"), strict=True)
    )
    drawn = mm.Lottery.by_hand(mm.match(mentees, mentors.take(np.arange(14))))
    answers = mm.make_outcomes(drawn.matching, seed=1, answered=0.95)
    answers.before.to_csv(tmp_path / "before.csv", index=False)
    answers.after.to_csv(tmp_path / "after.csv", index=False)
    drawn.to_json(tmp_path / "lottery.json")
    drawn.matching.to_json(tmp_path / "matches.json")
    files = [str(tmp_path / name) for name in ("matches.json", "before.csv", "after.csv")]
    asked = ["--scale", CONFIDENT, "--compare", str(tmp_path / "lottery.json")]
    assert main(["evaluate", *files, *asked]) == Exit.OK
    assert "those with such a chance" in " ".join(capsys.readouterr().out.split())


def test_what_is_not_evaluated_is_refused(
    there: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    mentees, mentors = mm.load_example()
    mm.suggest(mm.score(mentees, mentors), 2).to_json("lists.json")
    assert main(["evaluate", "lists.json", *there[1:], "--scale", CONFIDENT]) == Exit.REFUSED
    assert "holds Suggestions" in capsys.readouterr().err
    twice = [there[0], there[1], there[1], "--scale", CONFIDENT]
    assert main(["evaluate", *twice]) == Exit.REFUSED
    assert "Two surveys are called 'before'" in capsys.readouterr().err


@pytest.fixture
def goals(there: list[str]) -> Path:
    """Goals of everybody with a mentor, at three dates; the first three stand still."""
    matching = mm.Matching.from_json(there[0])
    rows = [
        {"id": mentee, "goal": "lead a team", "date": f"2027-0{month}-12", "target": 5,
         "level": 1 if k < 3 else 1 + month}
        for k, mentee in enumerate(matching.to_frame()["mentee"])
        for month in (1, 2, 3, 4)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv("goals.csv", index=False)
    return Path("goals.csv")


def test_goals_are_reviewed_in_words_and_tables(
    there: list[str], goals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    when = ["--start", "2027-01-12", "--end", "2027-07-12", "--on", "2027-04-13"]
    written = ["-o", "pairs.csv", "--goals-to", "goals_now.csv", "--repairs", "notes.csv"]
    assert main(["review", there[0], str(goals), *when, *written]) == Exit.OK
    told = capsys.readouterr().out
    matching = mm.Matching.from_json(there[0])
    read = mm.read_goals(goals, people=matching)
    found = mm.review_goals(read, matching, start="2027-01-12", end="2027-07-12", on="2027-04-13")
    assert " ".join(found.text.split())[:60] in " ".join(told.split())
    pairs = pd.read_csv("pairs.csv")
    assert pairs["state"].to_list() == found.pairs["state"].to_list()
    assert len(pd.read_csv("goals_now.csv")) == len(found.goals)
    assert main(["review", there[0], str(goals), "--start", "soon", "--end", "2027-07-12"]) == (
        Exit.REFUSED
    )
    assert "start" in capsys.readouterr().err


def test_pictures_are_written(there: list[str], goals: Path) -> None:
    pytest.importorskip("matplotlib")
    assert main(["evaluate", *there, "--scale", CONFIDENT, "-q", "-o", "out.png"]) == Exit.OK
    when = ["--start", "2027-01-12", "--end", "2027-07-12", "--on", "2027-04-13"]
    assert main(["review", there[0], str(goals), *when, "-q", "-o", "review.svg"]) == Exit.OK
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in Path("review.svg").read_text(encoding="utf-8")
