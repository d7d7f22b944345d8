"""The command as a whole: jobs, help, exit codes, errors in words, one screen."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

import mentormatch as mm
from mentormatch.__main__ import main
from mentormatch.command.exits import Exit
from mentormatch.command.parser import JOBS
from mentormatch.command.rule_words import MEANING
from mentormatch.errors import Status
from tests.test_structure import HEAVY

ROOT = Path(__file__).parents[2]
MENTEES = "id,name,goals,site\n1,Ana,law,Rome\n2,Bo,maps,Oslo\n"
MENTORS = "id,name,skills,site,capacity\n8,Raj,law,Rome,1\n9,Sol,maps,Oslo,1\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two small rosters in the folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    Path("mentees.csv").write_text(MENTEES, encoding="utf-8")
    Path("mentors.csv").write_text(MENTORS, encoding="utf-8")
    return ["mentees.csv", "mentors.csv"]


# what is tested, wherever the command runs
HERE = {**os.environ, "PYTHONPATH": str(Path(mm.__file__).parents[1]), "COLUMNS": "80"}


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mentormatch", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=HERE)


def test_the_command_is_installed_as_mentormatch_and_runs_as_a_module() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"mentormatch": "mentormatch.__main__:main"}
    assert run("--version").stdout == f"mentormatching {mm.__version__}\n"


def test_no_page_tells_to_install_the_unrelated_mentormatch() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.py")]
    for page in pages:
        text = page.read_text(encoding="utf-8").replace('"', "").replace("'", "")
        assert "pip install mentormatch " not in f"{text} ".replace("\n", " "), page
        assert "pip install mentormatch[" not in text, page


@pytest.mark.parametrize("job", [[], *([job] for job in JOBS)])
def test_help_loads_nothing_heavy_and_fits_the_screen(job: list[str]) -> None:
    code = (
        "import sys\nfrom mentormatch.__main__ import main\n"
        f"try:\n    main({[*job, '--help']})\nexcept SystemExit: pass\n"
        "print(*{m.split('.')[0] for m in sys.modules}, file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=HERE)
    assert not set(found.stderr.split()) & {*HEAVY, "pandas", "numpy", "tqdm"}
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert "example" in found.stdout if job else all(name in found.stdout for name in JOBS)
    if job in ([], ["match"]):
        for code_ in Exit:
            assert f"{code_:<4} {code_.meaning}" in found.stdout


def test_without_anything_the_help_is_shown_as_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == Exit.USAGE
    assert "usage:" in capsys.readouterr().err


def test_a_job_that_nobody_knows_is_a_usage_error(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["chekc", *files])
    assert stopped.value.code == Exit.USAGE
    assert "Did you mean the job 'check'?" in capsys.readouterr().err


def test_match_is_the_job_where_none_is_named(files: list[str]) -> None:
    assert main([*files, "-o", "one.csv", "-q"]) == Exit.OK
    assert main(["match", *files, "-o", "two.csv", "-q"]) == Exit.OK
    assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()


def test_one_file_may_hold_both_roles(files: list[str]) -> None:
    Path("all.csv").write_text(
        "id,name,role,interests\n1,Ana,mentee,law\n8,Raj,mentor,law\n9,Sol,mentor,maps\n",
        encoding="utf-8",
    )
    assert main(["all.csv", "-o", "out.csv", "-q"]) == Exit.OK
    assert "1,8,Ana,Raj" in Path("out.csv").read_text(encoding="utf-8")


def test_swapped_files_are_an_error_that_says_why(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*reversed(files)]) == Exit.REFUSED
    told = capsys.readouterr().err
    assert "look swapped" in told
    assert "'capacity'" in told
    assert not Path("matches.xlsx").exists()
    assert main([*reversed(files), "--columns", "mentees:capacity=", "-q"]) == Exit.OK


def test_nobody_matched_is_an_error_that_says_why(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*files, "--floor", "1", "--weights", "goals=1", "--rule", "same id"]) == 1
    capsys.readouterr()
    Path("mentors.csv").write_text(MENTORS.replace("Rome", "Bern").replace("Oslo", "Bern"))
    assert main([*files, "--rule", "same site"]) == Exit.REFUSED
    told = capsys.readouterr().err
    assert "Nobody could be matched" in told
    assert "Same('site') removes 4 of 4 pairs" in told
    assert not Path("matches.xlsx").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no.csv", "mentors.csv"], "cannot open 'no.csv': No such file"),
        ([".", "mentors.csv"], "'.' is a folder, and no file in it ends in .parquet"),
        (["mentees.csv", "mentors.csv", "-o", "folder.xlsx"], "folder.xlsx is a folder"),
        (["mentees.csv", "mentors.csv", "-o", "a.csv", "-o", "a.csv"], "is written already"),
        (["mentees.csv", "mentors.csv", "-o", "x.pdf", "-o", "no/x.csv"], "does not exist"),
        (["mentees.csv", "mentors.csv", "--lock", "7:8", "--forbid", "1:7"], "mentee '7'"),
        (["mentees.csv", "mentors.csv", "--lock", "1:8", "--forbid", "1:8"], "Drop a lock"),
        (["mentees.csv", "mentors.csv", "--rule", "same sight"], "Did you mean 'site'"),
        (["noid.csv", "mentors.csv"], '--columns "id=HEADER"'),
    ],
)
def test_errors_are_sentences_on_the_error_stream(
    arguments: list[str], words: str, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("folder.xlsx").mkdir()
    Path("noid.csv").write_text("goals\nx\n", encoding="utf-8")
    assert main([*arguments, "--accept", "alone"]) == Exit.REFUSED
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert words in told.err
    assert "Traceback" not in told.err
    assert ".issues" not in told.err


def test_a_file_that_may_not_be_written_is_refused_before_the_work(
    files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mentormatch.command.writing.access", lambda path, mode: False)
    assert main(files) == Exit.REFUSED
    assert "matches.xlsx cannot be written: permission denied" in capsys.readouterr().err


def test_an_earlier_file_is_replaced_and_that_is_said(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for expected in ("Wrote out.csv.", "Wrote out.csv, in place of an earlier file."):
        assert main([*files, "-o", "out.csv"]) == Exit.OK
        assert expected in capsys.readouterr().out


def test_defects_are_told_from_refusals_and_debug_shows_where(
    files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("mentormatch.command.asking.solve", fails)
    assert main(files) == Exit.DEFECT
    assert "a defect of mentormatch (ZeroDivisionError: planted)" in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError):
        main([*files, "--debug"])


def test_hostile_names_reach_no_terminal(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "mentees\x1b[2J\u202e.csv"
    Path(hostile).write_text(MENTEES.replace("Ana", "\x1b]0;gone\x07Ana"), encoding="utf-8")
    assert main(["check", hostile, files[1]]) == Exit.OK
    assert main([hostile, "no.csv"]) == Exit.REFUSED
    Path("mentors.csv").write_text(MENTORS.replace("Rome,1", "Rome,0"), encoding="utf-8")
    assert main([hostile, files[1]]) == Exit.OK
    told = capsys.readouterr()
    assert not set(told.out + told.err) & {"\x1b", "\x07", "\u202e"}


def test_names_that_start_with_a_dash_and_broken_bytes_work(tmp_path: Path) -> None:
    broken = os.fsdecode(b"-mentors\xff.csv")
    (tmp_path / "-mentees.csv").write_text(MENTEES, encoding="utf-8")
    (tmp_path / broken).write_text(MENTORS, encoding="utf-8")
    found = run("match", "-o", "-out.csv", "--", "-mentees.csv", broken, cwd=tmp_path)
    assert found.returncode == Exit.USAGE  # -o -out.csv reads as an option
    found = run(
        "match", "--accept", "alone", "-o./-out.csv", "--", "-mentees.csv", broken, cwd=tmp_path
    )
    assert (found.returncode, found.stderr) == (Exit.OK, "")
    found = run("check", "--", "-mentees.csv", broken, cwd=tmp_path)
    assert found.returncode == Exit.OK
    assert "-mentors\\udcff.csv" in found.stdout


def test_a_reader_who_has_seen_enough_is_no_error(files: list[str], tmp_path: Path) -> None:
    command = f"{sys.executable} -m mentormatch plan mentees.csv mentors.csv | head -n 1"
    shell = ["bash", "-o", "pipefail", "-c", command]
    found = subprocess.run(shell, capture_output=True, text=True, cwd=tmp_path, env=HERE)
    assert (found.returncode, found.stderr) == (0, "")


def test_ctrl_c_before_there_is_a_matching_writes_nothing(
    files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mentormatch.command.asking.problem_of", interrupted)
    assert main(files) == Exit.INTERRUPTED
    assert "nothing was written" in capsys.readouterr().err
    assert not Path("matches.xlsx").exists()


def test_ctrl_c_while_solving_writes_the_best_found(
    files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(problem: mm.Problem, **given: object) -> mm.Matching:
        return replace(mm.solve(problem), status=Status.INTERRUPTED)

    monkeypatch.setattr("mentormatch.command.asking.solve", stopped)
    assert main([*files, "-o", "out.csv"]) == Exit.INTERRUPTED
    told = capsys.readouterr()
    assert "the best matching found until then was written" in told.err
    assert "Interrupted, the best found until then" in told.out
    assert Path("out.csv").exists()


def test_the_page_about_the_command_tells_every_job_rule_and_exit_code() -> None:
    page = (ROOT / "docs" / "howto" / "command_line.md").read_text(encoding="utf-8")
    for code in Exit:
        assert (
            f"| {code} | {code.meaning} |".replace("--strict", "`--strict`")
            .replace("--require-all", "`--require-all`")
            .replace("--debug", "`--debug`")
            in page
        )
    for job in JOBS:
        assert f"| `{job}` |" in page
    for words, _ in MEANING:
        assert f'| `"{words}"` |' in page


def test_the_example_is_copied_and_never_over_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["example"]) == Exit.OK
    assert "mentormatch example/mentees.xlsx example/mentors.csv" in capsys.readouterr().out
    for source in mm.example_files():
        assert (tmp_path / "example" / source.name).read_bytes() == source.read_bytes()
    assert main(["example"]) == Exit.OK  # the same files again
    own = tmp_path / "mine" / "mentors.csv"
    own.parent.mkdir()
    own.write_text("id,name\n1,Ana\n", encoding="utf-8")
    assert main(["example", "mine"]) == Exit.REFUSED
    assert "mine/mentors.csv" in capsys.readouterr().err
    assert own.read_text(encoding="utf-8") == "id,name\n1,Ana\n"
    assert [path.name for path in own.parent.iterdir()] == ["mentors.csv"]
