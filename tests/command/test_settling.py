"""Every question that the command line prints can be settled on it."""

from __future__ import annotations

import shlex
from pathlib import Path

import openpyxl
import pytest

from mentormatch.__main__ import main
from mentormatch.command.exits import Exit

MENTEES = """Name,Email,Goals,Band
Ana Lima,a@x.org,Law;Tax,Gold
Bo Chan,b@x.org,Tax;Art,Silver
"""
MENTORS = """Name,Email,Goals,Band
Quin Elm,q@x.org,Law;Tax,Silver
Rae Fir,r@x.org,Art,Gold
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    for name, text in (("mentees.csv", MENTEES), ("mentors.csv", MENTORS)):
        Path(name).write_text(text, encoding="utf-8")
    return ["mentees.csv", "mentors.csv", "-o", "out.csv", "--strict"]


def test_an_order_is_given_on_the_command_line(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(files) == Exit.NOT_AS_ASKED
    told = capsys.readouterr().err
    line = next(line for line in told.splitlines() if "--order" in line)
    assert '--order "mentees:seniority=Gold < Silver"' in line
    for wrong in ("seniority=Gold", "seniority", "seniority=Gold < "):
        with pytest.raises(SystemExit):
            main([*files, "--order", wrong])
    assert main([*files, "--order", "seniority=Silver < Gold", "-q"]) == Exit.OK
    assert "Ana Lima" in Path("out.csv").read_text(encoding="utf-8")
    assert main(["plan", *files[:2], "--order", "seniority=Silver < Gold", "--strict"]) == Exit.OK
    assert "Silver" not in capsys.readouterr().err


def test_printed_lines_settle_what_they_are_about(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(files) == Exit.NOT_AS_ASKED
    printed = [line.split("#")[0] for line in capsys.readouterr().err.splitlines()]
    options = [shlex.split(line) for line in printed if line.startswith("    --order")]
    assert len(options) == 2  # one for each roster
    assert (
        main([*files, "--accept", "alone", *(word for words in options for word in words)])
        == Exit.OK
    )


def test_a_question_is_accepted_as_read(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mentors.csv").write_text(MENTEES, encoding="utf-8")
    assert main(files) == Exit.NOT_AS_ASKED
    assert "? both rosters: everybody is on both rosters" in capsys.readouterr().err
    accepted = ["--accept", "order_unknown", "--accept", "alone", "--accept", "on_both"]
    assert main([*files, *accepted[:4], "-q"]) == Exit.NOT_AS_ASKED
    assert main([*files, *accepted, "-q"]) == Exit.OK


def test_hidden_rows_are_left_out_on_the_command_line(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.Workbook()
    for line in [*MENTEES.splitlines(), "Cy Dahl,c@x.org,Art,Gold"]:
        book.active.append(line.split(","))
    book.active.row_dimensions[4].hidden = True
    book.save("mentees.xlsx")
    settled = ["mentees.xlsx", *files[1:], "--order", "seniority=Silver < Gold"]
    assert main(settled) == Exit.NOT_AS_ASKED
    assert '--drop-rows "mentees:4"  # no: leave them out' in capsys.readouterr().err
    assert main([*settled, "--drop-rows", "mentees:4", "-q"]) == Exit.OK
    assert "Cy Dahl" not in Path("out.csv").read_text(encoding="utf-8")
    assert main(["plan", *settled[:2], "--drop-rows", "mentees:4"]) == Exit.OK
    assert main([*settled, "--accept", "hidden_rows", "-q"]) == Exit.OK
    assert "Cy Dahl" in Path("out.csv").read_text(encoding="utf-8")
    for wrong in ("mentees:four", "", "mentees:1-3"):
        with pytest.raises(SystemExit):
            main([*settled, "--drop-rows", wrong])
