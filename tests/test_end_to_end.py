"""From files to a workbook: what a programme manager relies on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.__main__ import main
from mentormatch.datasets import make_cohort

DATA = Path(__file__).parents[1] / "examples" / "data"


@pytest.fixture(scope="module")
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    mentees = pd.read_excel(DATA / "mentees.xlsx", engine="calamine")
    return mentees, pd.read_csv(DATA / "mentors.csv", dtype=str, keep_default_na=False)


def pairs_of(matching: mm.Matching) -> set[tuple[str, str]]:
    frame = matching.to_frame()
    return set(zip(frame["mentee"], frame["mentor"], strict=True))


def matched(mentees: pd.DataFrame, mentors: pd.DataFrame) -> mm.Matching:
    return mm.match(mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor"))


def test_shuffled_rows_and_columns_change_no_pair(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    mentees, mentors = frames
    base = matched(mentees, mentors)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        again = matched(
            # rows keep their sign-up times, so the same duplicate is dropped
            mentees.sample(frac=1, random_state=seed)[list(rng.permutation(mentees.columns))],
            mentors.sample(frac=1, random_state=seed)[list(rng.permutation(mentors.columns))],
        )
        assert pairs_of(again) == pairs_of(base)
        assert again.stages == base.stages


def test_renaming_ids_keeps_the_objective(frames: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    mentees, mentors = (frame.copy() for frame in frames)
    base = matched(mentees, mentors)
    for frame in (mentees, mentors):
        for column in [c for c in frame if "mployee number" in c]:
            frame[column] = frame[column].map(lambda v: f"X{v}" if pd.notna(v) and v else v)
    renamed = matched(mentees, mentors)
    assert renamed.stages == base.stages
    assert set(renamed.problem.scores.mentees.ids) == {
        f"X{person}" for person in base.problem.scores.mentees.ids
    }


def test_no_row_disappears_and_nobody_meets_herself(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    for frame, role in zip(frames, ("mentee", "mentor"), strict=True):
        profiles = mm.read_roster(frame, role=role)
        dropped = profiles.repairs["action"].str.contains("dropped|skipped").sum()
        assert len(profiles) + dropped == len(frame)
    mentees, mentors = make_cohort(40, 40, rng=5)
    both = mentors["Employee ID"] if "Employee ID" in mentors else mentors.iloc[:, 0]
    shared = mentees.copy()
    shared.iloc[:10, list(mentees.columns).index(both.name)] = both.to_numpy()[:10]
    result = matched(shared, mentors)
    people = result.problem.scores
    assert len(set(people.mentees.ids) & set(people.mentors.ids)) == 10
    assert all(a != b for a, b in pairs_of(result))


TWELVE = {
    "duplicate id": ("E1", "signed up again"),
    "blank id": ("no id", "bo@x.example"),
    "unknown zone": ("Mars/Olympus", "zone"),
    "capacity -1": ("-1", "negative"),
    "NaN level": ("python:NaN", "level"),
    "unparsable hours": ("whenever Jupiter rises", "hours"),
    "BOM": ("", "byte order mark"),
    "mixed encodings": ("André", "not UTF-8"),
    "formula text": ("=cmd|'/c calc'!A1", "formula"),
    "10,000-character bio": ("xxxx", "10,000 characters"),
    "unknown preferred mentor": ("Nobody Known", "no mentor has this id"),
    "supervisor cycle": ("E6", "managers in a cycle"),
}


def test_twelve_planted_faults_are_all_in_one_list(tmp_path: Path) -> None:
    header = (
        "Employee ID,Name,Email,Skills,Time zone,Availability,Preferred mentors,Supervisor ID,Bio"
    )
    rows = [
        "E1,Ana Lima,ana@x.example,python:1,Europe/London,Mon 9-11,M1,E9,Hello",
        "E1,Ana Lima,ana@x.example,python:2,Europe/London,Mon 9-11,M1,E9,Hello again",
        ",Bo Chan,bo@x.example,law:2,Europe/Paris,Tue 9-11,M2,E9,Hello",
        "E3,Cy Dahl,cy@x.example,python:NaN,Mars/Olympus,whenever Jupiter rises,M1,E9,Hi",
        "E4,Zoë Eng,zoe@x.example,law:1,Europe/Paris,Wed 9-11,Nobody Known,E9,=cmd|'/c calc'!A1",
        f"E5,Di Fox,di@x.example,law:1,Europe/Paris,Wed 9-11,M1,E6,{'x' * 10_000}",
        "E6,Ed Gil,ed@x.example,law:1,Europe/Paris,Wed 9-11,M2,E5,Hello",
    ]
    odd = "E7,André Fay,andre@x.example,law:2,Europe/Paris,Wed 9-11,M1,E9,Hello"
    mentees = tmp_path / "mentees.csv"
    text = "\n".join([header, *rows]) + "\n"
    mentees.write_bytes(text.encode("utf-8-sig") + odd.encode("cp1252") + b"\n")
    mentors = tmp_path / "mentors.csv"
    mentors.write_text(
        "Employee ID,Name,Email,Skills,Time zone,Availability,Capacity\n"
        "M1,Kim Olsen,kim@x.example,python:4;law:3,Europe/Paris,Mon 9-12,9\n"
        "M2,Lee Park,lee@x.example,law:3,Europe/Paris,Wed 9-12,-1\n",
        encoding="utf-8",
    )
    matching = mm.match(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
    )
    told = [" ".join(str(cell) for cell in row) for row in matching.repairs.itertuples(index=False)]
    for fault, words in TWELVE.items():
        assert any(all(word in line for word in words) for line in told), (fault, told)
    assert not matching.unmatched
    assert (matching.load["load"] == [len(matching.problem.scores.mentees), 0]).all()


def test_the_command_writes_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(DATA / "mentees.xlsx"), str(DATA / "mentors.csv")]
    book, chronus = tmp_path / "out.xlsx", tmp_path / "chronus.csv"
    assert main([*files, "-o", str(book), "--chronus", str(chronus)]) == 0
    said = capsys.readouterr().out
    assert "proven optimal" in said
    assert f"Wrote {book}" in said
    sheets = pd.read_excel(book, sheet_name=None, engine="openpyxl")
    matching = mm.match(
        mm.read_roster(files[0], role="mentee"), mm.read_roster(files[1], role="mentor")
    )
    assert len(sheets["Matches"]) == len(matching.pairs[0])
    assert len(pd.read_csv(chronus)) == len(matching.pairs[0])
    assert list(pd.read_csv(chronus)) == ["Mentor Email Address", "Mentee Email Address"]


def test_the_command_reweighs_and_counts_the_unmatched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(DATA / "mentees.xlsx"), str(DATA / "mentors.csv")]
    out = tmp_path / "out.json"
    weights = "goals=1,needs=1,interests=0"
    assert main([*files, "-o", str(out), "--weights", weights, "--require-all", "-q"]) == 3
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
    assert "No pair has a defect." in empty.to_string()


def test_the_command_overwrites_no_roster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mentees, mentors = tmp_path / "mentees.csv", tmp_path / "mentors.csv"
    mentees.write_text("id,name,goals\n1,Ana,x\n", encoding="utf-8")
    mentors.write_text("id,name,skills\n2,Raj,x\n", encoding="utf-8")
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
    assert "both rosters: no column of one roster can be compared" in capsys.readouterr().out


def test_bad_options_are_usage_errors() -> None:
    for option in (["--weights", "goals"], ["--weights", "goals=-1"], ["--columns", "goals"]):
        with pytest.raises(SystemExit) as stopped:
            main(["a.csv", "b.csv", *option])
        assert stopped.value.code == 2


def test_the_module_runs_as_a_command() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mentormatch", "--version"], capture_output=True, text=True
    )
    assert run.returncode == 0
    assert run.stdout.startswith("mentormatching ")
