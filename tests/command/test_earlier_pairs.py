"""--previous: pairs of an earlier round, from whatever file holds them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.__main__ import main
from mentormatch.command.earlier_pairs import earlier_pairs
from mentormatch.errors import ParameterError

DATA = mm.example_files()[0].parent
FILES = [str(DATA / "mentees.xlsx"), str(DATA / "mentors.csv")]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_no_pair_that_match_wrote_is_matched_again(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last, out = tmp_path / f"last.{ending}", tmp_path / "out.csv"
    assert main([*FILES, "-o", str(last), "-o", str(tmp_path / "last_pairs.csv"), "-q"]) == 0
    before = pd.read_csv(tmp_path / "last_pairs.csv", dtype=str)
    assert main([*FILES, "-o", str(out), "--previous", str(last)]) == 0
    assert f"last.{ending}: {len(before)} earlier pairs, recognised by" in capsys.readouterr().err
    after = pd.read_csv(out, dtype=str)
    pairs = [set(zip(f["mentee"], f["mentor"], strict=True)) for f in (before, after)]
    assert not pairs[0] & pairs[1]


@pytest.fixture
def people() -> tuple[mm.Profiles, mm.Profiles]:
    return (
        mm.read_roster(
            [{"id": "1", "name": "Ana Lima", "email": "ana@x.org"}, {"id": "2", "name": "Bo Ek"}],
            role="mentee",
        ),
        mm.read_roster([{"id": "1", "name": "Raj Rao"}, {"id": "2", "name": "Sol Paz"}],
                       role="mentor"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "pairs", "how"),
    [
        # the ids number the rows of last year's file: names tell who is meant
        ("mentee id,mentee,mentor id,mentor\n1,Bo Ek,2,Raj Rao\n2,Xu Yi,1,Sol Paz\n",
         [("2", "1")], "1 earlier pair, recognised by name; of 1 somebody is not here any more."),
        ("Mentor Email Address,Mentee Email Address\nRaj Rao,ana@x.org\n",
         [("1", "1")], "1 earlier pair, recognised by e-mail."),
        ("Mentee,Mentor\nAna Lima,Sol Paz\nAna Lima,Sol Paz\n",
         [("1", "2")], "1 earlier pair, recognised by id or name."),
        ("Mentee,Mentor\nBo Ek,Gone Away\nNobody Here,Raj Rao\n",
         [], "0 earlier pairs, recognised by id or name; of 2 somebody is not here any more."),
    ],
)  # fmt: skip
def test_people_are_recognised_by_what_is_sure(
    text: str,
    pairs: list[tuple[str, str]],
    how: str,
    people: tuple[mm.Profiles, mm.Profiles],
    tmp_path: Path,
) -> None:
    last = tmp_path / "last.csv"
    last.write_text(text, encoding="utf-8")
    found = earlier_pairs(last, *people)
    assert found.pairs == pairs
    assert found.sentence == f"{last}: {how}"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "who,whom\nAna,Raj\n", "has no column of mentees, such as 'Mentee e-mail'"),
        ("a.csv", "mentee,mentor\nXu,Raj Rao\n", "names no mentee of"),
        ("a.json", "[1, 2]", "holds no pairs"),
        ("a.json", "not json", "holds no pairs"),
        ("a.json", '{"pairs": [{"mentee": "1"}]}', "holds no pairs"),
        ("none.csv", None, "No such file"),
    ],
)
def test_a_file_that_holds_no_pairs_is_refused_in_words(
    name: str,
    text: str | None,
    words: str,
    people: tuple[mm.Profiles, mm.Profiles],
    tmp_path: Path,
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises((ParameterError, mm.RosterError), match=words):
        earlier_pairs(tmp_path / name, *people)
