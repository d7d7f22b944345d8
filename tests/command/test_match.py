"""match on the command line: what a programme manager relies on."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.__main__ import main

DATA = mm.example_files()[0].parent
FILES = [str(DATA / "mentees.xlsx"), str(DATA / "mentors.csv")]


def test_the_command_writes_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    book, chronus = tmp_path / "out.xlsx", tmp_path / "chronus.csv"
    assert main([*FILES, "-o", book.name, "--chronus", chronus.name]) == 0
    said = capsys.readouterr().out
    assert "Proven optimal" in said
    assert f"Wrote {book.name} and {chronus.name}." in said
    sheets = pd.read_excel(book, sheet_name=None, engine="openpyxl")
    matching = mm.match(
        mm.read_roster(FILES[0], role="mentee"), mm.read_roster(FILES[1], role="mentor")
    )
    assert len(sheets["Matches"]) == len(matching.pairs[0])
    assert len(pd.read_csv(chronus)) == len(matching.pairs[0])
    assert list(pd.read_csv(chronus)) == ["Mentor Email Address", "Mentee Email Address"]


def test_the_command_reweighs_and_counts_the_unmatched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    weights = "goals=1,needs=1,interests=0"
    assert main([*FILES, "-o", str(out), "--weights", weights, "--require-all", "-q"]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "mentees stay unmatched" in told.err
    weighed = json.loads(out.read_text(encoding="utf-8"))
    assert "goals" in weighed["pairs"][0]["criteria"]
    assert "interests" not in weighed["pairs"][0]["criteria"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.csv", "mentors.csv"], "missing.csv"),
        (["mentees.xlsx", "mentors.csv", "--weights", "gaols=1"], "Did you mean 'goals'"),
        (["mentees.xlsx", "mentors.csv", "-o", "out.pdf"], "must end in .xlsx"),
        (["mentees.xlsx", "mentors.csv", "-o", "/no/such/folder/x.xlsx"], "does not exist"),
        (["mentees.xlsx", "mentors.csv", "--floor", "7"], "'least' parameter of ScoreFloor"),
        (["mentees.xlsx", "mentors.csv", "--within", "2"], "'within' parameter of MinimizeDefects"),
    ],
)
def test_the_command_fails_in_words(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = [str(DATA / name) for name in arguments[:2]]
    out = [] if "-o" in arguments else ["-o", str(tmp_path / "x.xlsx")]
    assert main([*files, *arguments[2:], *out]) == 1
    assert words in capsys.readouterr().err


def test_the_command_bounds_what_defects_may_take_of_the_total(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ana's and Bo's best mentors share no hour with them; the others share no interest."""
    mentees, mentors = tmp_path / "mentees.csv", tmp_path / "mentors.csv"
    mentees.write_text(
        "id,name,interests,availability\n1,Ana,chess,Monday 9-11\n2,Bo,maps,Friday 9-11\n",
        encoding="utf-8",
    )
    mentors.write_text(
        "id,name,interests,availability\n8,Raj,chess,Friday 9-11\n9,Sol,maps,Monday 9-11\n",
        encoding="utf-8",
    )
    out = tmp_path / "out.csv"
    run = [
        str(mentees),
        str(mentors),
        "-o",
        str(out),
        "--weights",
        "interests=0.9,availability=0.1",
    ]
    met = {}
    for share in (None, "0", "1"):
        assert main([*run, *([] if share is None else ["--within", share])]) == 0
        met[share] = (pd.read_csv(out)["availability"] > 0).tolist()
    assert met == {None: [True, True], "0": [False, False], "1": [True, True]}
    assert "2 pairs cannot meet" in capsys.readouterr().out
    book = tmp_path / "out.xlsx"
    assert main([*run[:3], str(book), *run[4:], "--within", "0"]) == 0
    listed = pd.read_excel(book, sheet_name="Pairs to look at", engine="openpyxl").head(2)
    assert listed["Mentee"].tolist() == ["Ana", "Bo"]
    assert listed["Mentor"].tolist() == ["Raj", "Sol"]
    assert "Ana and Raj share no hour" in listed["What is wrong"][0]
    assert listed["Avoidable"].tolist() == ["yes", "yes"]
    assert (listed["Cost"].astype(float) > 0).all()
    clean = main([*run[:3], str(book), *run[4:]])
    assert clean == 0
    empty = pd.read_excel(book, sheet_name="Pairs to look at", engine="openpyxl")
    assert "No pair has a defect" in empty.to_string()


def test_the_command_overwrites_no_roster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mentees, mentors = tmp_path / "mentees.csv", tmp_path / "mentors.csv"
    mentees.write_text("id,name,goals\n1,Ana,law\n", encoding="utf-8")
    mentors.write_text("id,name,skills\n2,Raj,law\n", encoding="utf-8")
    before = mentees.read_bytes(), mentors.read_bytes()
    out = str(tmp_path / "out.csv")
    for extra in (["-o", str(mentees)], ["-o", out, "--chronus", str(mentors)],
                  ["-o", out, "--chronus", out], ["-o", out, "--weights", "goals=0"]):  # fmt: skip
        assert main([str(mentees), str(mentors), *extra]) == 1
        assert not Path(out).exists()
    assert (mentees.read_bytes(), mentors.read_bytes()) == before
    told = capsys.readouterr().err
    assert told.count("would destroy") == 3
    assert "nothing to score by" in told


def test_rosters_with_nothing_in_common_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("mentees", "mentors"):
        (tmp_path / f"{name}.csv").write_text(f"id,name\n{name},A\n", encoding="utf-8")
    files = [str(tmp_path / f"{name}.csv") for name in ("mentees", "mentors")]
    assert main([*files, "-o", str(tmp_path / "out.xlsx")]) == 0
    assert "Nothing is compared: every pair scores 0.5" in capsys.readouterr().out


def test_bad_options_are_usage_errors() -> None:
    for option in (["--weights", "goals"], ["--weights", "goals=-1"], ["--columns", "goals"]):
        with pytest.raises(SystemExit) as stopped:
            main(["a.csv", "b.csv", *option])
        assert stopped.value.code == 2


def test_a_reviewer_gets_a_workbook_without_groups_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for audience in ("administrator", "reviewer"):
        assert main([*FILES, "-q", "--audience", audience, "-o", f"{audience}.xlsx"]) == 0
    sheets = [
        pd.read_excel(f"{audience}.xlsx", sheet_name=None, engine="openpyxl")
        for audience in ("administrator", "reviewer")
    ]
    assert "Audit" in sheets[0]
    assert "Audit" not in sheets[1]
    assert main([*FILES, "--audience", "reviewer", "-o", "a.xlsx", "-o", "b.csv"]) == 1
    assert "b.csv would hold everything" in capsys.readouterr().err
    assert not Path("a.xlsx").exists()
    assert main([*FILES, "-q", "-o", "all.json"]) == 0
    assert main(["report", "all.json", "-q", "--audience", "reviewer"]) == 0
    page = Path("report.html").read_text(encoding="utf-8")
    assert page == mm.report(mm.Matching.from_json("all.json"), audience="reviewer")
