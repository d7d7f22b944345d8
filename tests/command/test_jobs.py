"""check, plan, report and audit on the command line, and rules in words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.__main__ import main
from mentormatch.command.rule_words import MEANING, pairs_of, rules_of
from mentormatch.command.words import with_options
from mentormatch.datasets import make_cohort
from mentormatch.errors import ParameterError

DATA = mm.example_files()[0].parent
FILES = [str(DATA / "mentees.xlsx"), str(DATA / "mentors.csv")]


@pytest.fixture(scope="module")
def rosters() -> tuple[mm.Profiles, mm.Profiles]:
    mentees, mentors = make_cohort(30, 20, seed=1)
    return mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")


def test_every_rule_in_words_is_the_rule_it_says(
    rosters: tuple[mm.Profiles, mm.Profiles],
) -> None:
    expected = {
        "same COLUMN": mm.Same("site"),
        "different COLUMN": mm.Different("site"),
        "reporting line": mm.ReportingLine(),
        "not previous": mm.NotPrevious(),
        "avoid list": mm.Avoid(),
        "only preferred": mm.OnlyPreferred(),
        "shared hours": mm.Without("no_shared_hour"),
        "2 shared hours": mm.AtLeast(mm.SharedHours("availability"), 2),
        "help": mm.Without("no_help"),
        "not below": mm.Without("below_level"),
    }
    assert set(expected) == {words for words, _ in MEANING}
    for words, rule in expected.items():
        (found,) = rules_of([words.replace("COLUMN", " Site ").upper()], *rosters)
        assert (type(found), str(found)) == (type(rule), str(rule))
    headers = rosters[0].mapping.set_index("field")["column"]
    (found,) = rules_of([f"different {headers['department']}"], *rosters)
    assert str(found) == "Different('department')"
    both = rules_of(["at least 1.5 hours a week", "different communication style"], *rosters)
    assert list(map(str, both)) == [
        str(mm.AtLeast(mm.SharedHours("availability"), 1.5)),
        "Different('communication_style')",
    ]


def test_words_that_mean_no_rule_are_one_error_that_lists_what_there_is(
    rosters: tuple[mm.Profiles, mm.Profiles],
) -> None:
    with pytest.raises(ParameterError) as refused:
        rules_of(["sam site", "same planet", "same site"], *rosters)
    told = str(refused.value)
    assert "'sam site': no such rule" in told
    assert "no column 'planet'" in told
    assert "'same site'" not in told
    for words, meaning in MEANING:
        assert words in told
        assert meaning in told
    assert "'department'" in told


def test_pairs_name_people_by_id_mail_or_name_even_with_colons() -> None:
    mentees = mm.read_roster([{"id": "a:1", "name": "Ana: the first"}], role="mentee")
    mentors = mm.read_roster([{"id": "m:1", "email": "raj@x.org"}], role="mentor")
    texts = ["a:1:m:1", "Ana: the first:raj@x.org", "a:1 : raj@x.org", "x:y:z"]
    assert pairs_of(texts, mentees, mentors) == [
        ("a:1", "m:1"), ("Ana: the first", "raj@x.org"), ("a:1", "raj@x.org"), ("x", "y:z"),
    ]  # fmt: skip


def test_lock_forbid_and_rules_hold_in_what_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert main([*FILES, "-o", str(out), "-q"]) == 0
    free = pd.read_csv(out, dtype=str)
    pair = f"{free['mentee'][0]}:{free['mentor'][0]}"
    other = next(m for m in free["mentor"] if m != free["mentor"][1])
    asked = ["--forbid", pair, "--lock", f"{free['mentee'][1]}:{other}", "--rule", "different site"]
    assert main([*FILES, "-o", str(out), "-q", *asked]) == 0
    pairs = pd.read_csv(out, dtype=str)
    mentees = mm.read_roster(FILES[0], role="mentee")
    mentors = mm.read_roster(FILES[1], role="mentor")
    found = set(zip(pairs["mentee"], pairs["mentor"], strict=True))
    assert tuple(pair.split(":")) not in found
    assert (free["mentee"][1], other) in found
    sites = [dict(zip(p.ids, p.columns["site"].to_list(), strict=True)) for p in (mentees, mentors)]
    same = [(a, b) for a, b in found if sites[0][a] == sites[1][b]]
    assert set(same) <= {(free["mentee"][1], other)}  # a lock holds, or says what it contradicts


def test_check_lists_what_is_short(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *FILES]) == 0
    told = capsys.readouterr().out
    scores = mm.score(*(mm.read_roster(f, role=r) for f, r in zip(FILES, ("mentee", "mentor"),
                                                                strict=True)))  # fmt: skip
    found = mm.check(mm.Problem(scores))
    short = found[(found["short"] > 0) & (found["aspect"] != "seats")]
    assert f"Too little of ({len(short)}):" in told
    assert f"  {short['text'].iloc[0]}\n" in told
    assert "120 mentees, 115 seats: 5 cannot be matched." in told
    assert main(["check", *FILES, "--all"]) == 0
    told = capsys.readouterr().out
    assert all(f"  {text}\n" in told for text in found.loc[found["aspect"] != "seats", "text"])
    assert main(["check", *FILES, "--rule", "nonsense"]) == 1


def test_a_plan_that_is_saved_reads_the_file_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("id,name,Topics,Base\n1,Ana,law,Rome\n", encoding="utf-8")
    Path("b.csv").write_text("id,name,goals,places\n8,Raj,law,2\n", encoding="utf-8")
    files = ["a.csv", "b.csv", "--columns", "mentees:team=Base", "--columns",
             "mentors:capacity=places"]  # fmt: skip
    assert main(["plan", *files, "--save", "mentees:a.json", "--save", "mentors:b.json"]) == 0
    told = capsys.readouterr().out
    assert "Wrote a.json and b.json." in told
    assert any(line.split()[:2] == ["Base", "team"] for line in told.splitlines())
    for file, role, field in (("a", "mentee", "team"), ("b", "mentor", "goals")):
        profiles = mm.read_roster(f"{file}.csv", role=role, plan=f"{file}.json")
        assert field in profiles.columns
        assert role == "mentee" or profiles.capacity.tolist() == [2]
    assert main(["plan", "a.csv", "b.csv", "--save", "a.json"]) == 1
    assert "--save mentees:a.json" in capsys.readouterr().err
    assert main(["plan", "a.csv", "b.csv", "--save", "mentors:b.csv"]) == 1


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A matching that `match` saved."""
    path = tmp_path_factory.mktemp("saved") / "matches.json"
    options = ["--rule", "same site", "--seed", "4"]
    assert main([*FILES, *options, "-q", "-o", str(path)]) == 0
    return path


def test_a_matching_is_saved_unless_it_is_for_a_reviewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*FILES, "-q", "--audience", "reviewer"]) == 0
    assert {path.name for path in Path().iterdir()} == {"matches.xlsx"}
    assert main([*FILES, "-q"]) == 0
    assert {path.name for path in Path().iterdir()} == {"matches.xlsx", "matches.json"}
    assert main([*FILES, "-q", "-o", "a.parquet"]) == 0
    assert mm.Matching.from_parquet("a.parquet") == mm.Matching.from_json("matches.json")


def test_report_and_audit_read_what_match_saved(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    mentees = mm.read_roster(FILES[0], role="mentee")
    mentors = mm.read_roster(FILES[1], role="mentor")
    plan = mm.presets.from_columns(mentees, mentors)
    matching = mm.match(mentees, mentors, criteria=plan, rules=[mm.Same("site")], seed=4)
    assert main(["report", str(saved), "--by", "site", "--title", "Spring"]) == 0
    page = Path("report.html").read_text(encoding="utf-8")
    assert page == mm.report(matching, by=["site"], title="Spring")
    capsys.readouterr()
    assert main(["audit", str(saved), "--by", "site", "-o", "audit.csv"]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    assert " ".join(mm.audit(matching, by=["site"]).text.split()) in " ".join(told.split())
    assert len(pd.read_csv("audit.csv")) == len(mm.audit(matching, by=["site"]).groups)
    mapping = mentees.mapping.set_index("field")["column"]
    header = mapping["site"]
    assert header != "site"
    assert main(["audit", str(saved), "--by", header, "-o", "by_header.csv"]) == 0
    assert Path("by_header.csv").read_bytes() == Path("audit.csv").read_bytes()
    capsys.readouterr()
    assert main(["audit", str(saved), "--by", "sight"]) == 1
    assert "'sight'" in capsys.readouterr().err


@pytest.mark.parametrize("job", ["report", "audit", "rematch", "letters"])
def test_what_is_no_saved_matching_is_refused_in_words(
    job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("half.json").write_text("{", encoding="utf-8")
    for name, words in (
        (FILES[0], "is no saved matching (.json or .parquet). Make one first"),
        ("half.json", "half.json cannot be loaded as matching: is not whole"),
        ("none.json", "No such file or directory: none.json"),
    ):
        start = ["--start", "2027-01-11"] if job == "letters" else []
        assert main([job, name, *start]) == 1
        assert words in capsys.readouterr().err
    assert {path.name for path in Path().iterdir()} == {"half.json"}


def exchangeable(matching: mm.Matching, pairs: pd.DataFrame) -> tuple[str, str]:
    """Two mentees who may be with the mentor of the other."""
    scores = matching.problem.scores
    mine = [scores.mentees.position(one) for one in pairs["mentee"]]
    theirs = [scores.mentors.position(one) for one in pairs["mentor"]]
    for a in range(len(pairs)):
        for b in range(a):
            crossed = scores.points[mine[a], theirs[b]], scores.points[mine[b], theirs[a]]
            if theirs[a] != theirs[b] and min(crossed) >= 0:
                return pairs["mentee"].iloc[a], pairs["mentee"].iloc[b]
    raise AssertionError("no two mentees may exchange mentors")


def test_rematch_goes_on_from_what_match_saved(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = mm.Matching.from_json(saved)
    pairs = before.to_frame()
    declined = tuple(pairs.loc[0, ["mentee", "mentor"]])
    left, swap = pairs["mentor"][5], exchangeable(before, pairs.iloc[10:])
    expected = mm.rematch(
        before, left=[left], declined=[declined], swap=[swap], max_changes=4
    )  # fmt: skip
    asked = ["--left", left, "--declined", ":".join(declined), "--swap", ":".join(swap)]
    code = main(["rematch", str(saved), *asked, "--max-changes", "4", "--changes", "changes.csv"])
    told = capsys.readouterr().out
    assert code == 0
    assert mm.Matching.from_json("rematch.json") == expected.matching
    assert "Wrote rematch.xlsx, rematch.json and changes.csv." in " ".join(told.split())
    assert f"{expected.kept} of {expected.keepable} pairs that can go on do" in told
    mentees = expected.changes[expected.changes["role"] == "mentee"]
    assert f"{mentees['name'].iloc[0]}, from" in told
    assert len(pd.read_csv("changes.csv")) == len(expected.changes)
    assert len(told.splitlines()) <= 24
    assert main(["rematch", str(saved), "--max-changes", "1", "--price", "1"]) == 1
    assert "either 'max_changes' or 'price'" in capsys.readouterr().err


def test_rematch_reads_todays_rosters(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mentors = pd.read_csv(FILES[1], dtype=str, keep_default_na=False)
    mentors.iloc[2:].to_csv("today.csv", index=False)
    assert main(["rematch", str(saved), FILES[0], "today.csv", "--max-changes", "0", "-q"]) == 0
    today = mm.Matching.from_json("rematch.json")
    expected = mm.rematch(
        mm.Matching.from_json(saved),
        mm.read_roster(FILES[0], role="mentee"),
        mm.read_roster("today.csv", role="mentor"),
        max_changes=0,
    )
    assert today == expected.matching
    assert len(today.problem.scores.mentors) == 43
    assert main(["rematch", str(saved), "today.csv", FILES[0], "-q"]) == 1  # swapped


def test_letters_are_written_as_drafts_as_a_sheet_and_as_calendar(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    matching = mm.Matching.from_json(saved)
    expected = mm.letters.write(
        matching, "2027-01-11", language="de", programme="Frühling", sender="Mei", minutes=30
    )
    asked = ["--start", "2027-01-11", "--language", "de", "--programme", "Frühling", "--sender",
             "Mei", "--minutes", "30"]  # fmt: skip
    outputs = ["-o", "drafts", "-o", "merge.csv", "--ics", "first.ics"]
    assert main(["letters", str(saved), *asked, *outputs]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{len(expected)} letters. Wrote drafts, merge.csv and first.ics.\n")
    assert any("greet='first_word'" in note for note in expected.notes)
    assert "--greet first_word greets by the first word" in told
    assert "greet='" not in told
    assert len(list(Path("drafts").glob("*.eml"))) == len(expected)
    sheet = pd.read_csv("merge.csv", dtype=str, keep_default_na=False)
    assert sheet["Subject"].tolist() == expected.merge_frame()["Subject"].tolist()
    assert Path("first.ics").read_text(encoding="utf-8").startswith("BEGIN:VCALENDAR")
    assert main(["letters", str(saved), "--start", "2027-01-11"]) == 0
    assert Path("letters.xlsx").exists()
    greeted = ["letters", str(saved), "--start", "2027-01-11", "--greet", "first_word"]
    assert main([*greeted, "-o", "first.csv", "--language", "de"]) == 0
    by_first = mm.letters.write(matching, "2027-01-11", language="de", greet="first_word")
    first = pd.read_csv("first.csv", dtype=str, keep_default_na=False)
    assert first["Letter"].tolist() == by_first.merge_frame()["Letter"].tolist()
    assert first["Letter"].tolist() != sheet["Letter"].tolist()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--start", "someday"], "someday"),
        (["--start", "2027-01-11", "-o", "letters.pdf"], "must end in .xlsx, .csv or nothing"),
        (["--start", "2027-01-11", "-o", "taken"], "taken is a file. Name a folder"),
        (["--start", "2027-01-11", "--language", "xx"], "xx"),
        (["--start", "2027-01-11", "--template", "none.txt"], "none.txt"),
    ],
)
def test_letters_that_cannot_be_written_are_refused_in_words(
    arguments: list[str],
    words: str,
    saved: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("", encoding="utf-8")
    assert main(["letters", str(saved), *arguments]) == 1
    assert words in capsys.readouterr().err
    assert {path.name for path in Path().iterdir()} == {"taken"}


@pytest.mark.slow
def test_after_warming_up_nothing_is_compiled_any_more(tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    mm.warm_up(folder)
    before = {path.name for path in folder.rglob("*.nb?")}
    assert before
    code = (
        "import mentormatch as mm\n"
        "ours, theirs = mm.make_cohort(900, 300, 7)\n"
        "s = mm.score(mm.read_roster(ours, 'mentee'), mm.read_roster(theirs, 'mentor'))\n"
        "mm.solve(mm.Problem(s)); mm.suggest(s, 2)\n"
        "mm.solve(mm.Problem(s, constraints=[mm.Demand(2)]))\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    assert {path.name for path in folder.rglob("*.nb?")} == before


def test_errors_name_options_as_they_are_typed() -> None:
    sentence = "The 'start' parameter of first_meetings must be a date such as '2026-09-07'."
    assert with_options(sentence) == "--start must be a date such as '2026-09-07'."
    assert with_options("leave them out with partial=True") == "leave them out with --partial"
