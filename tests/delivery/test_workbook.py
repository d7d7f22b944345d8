"""The review workbook, read back with openpyxl: complete, safe, printable."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from mentormatch.delivery import tables, workbook
from mentormatch.delivery.cells import LONGEST_CELL
from mentormatch.delivery.workbook import write_workbook
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.scoring.scores import Scores
from tests.insight.people import NASTY, matched

SHEETS = [
    "Summary",
    "Matches",
    "Pairs to look at",
    "Unmatched",
    "Loads",
    "Audit",
    "Repairs",
    "Column mapping",
    "Settings",
]


def read_back(matching: Any) -> tuple[Any, zipfile.ZipFile]:
    buffer = io.BytesIO()
    write_workbook(matching, buffer)
    return openpyxl.load_workbook(buffer), zipfile.ZipFile(buffer)


def column(sheet: Any, name: str) -> list[Any]:
    header = [cell.value for cell in sheet[1]]
    return [row[header.index(name)].value for row in sheet.iter_rows(min_row=2)]


def test_every_pair_and_every_person_is_there(tmp_path: Path) -> None:
    matching = matched(20, 6)
    assert matching.unmatched
    write_workbook(matching, tmp_path / "review.xlsx")
    book = openpyxl.load_workbook(tmp_path / "review.xlsx")
    assert [name for name in book.sheetnames if name in SHEETS] == SHEETS
    frame = matching.to_frame().set_index("mentee").loc[column(book["Matches"], "Mentee id")]
    assert len(frame) == len(matching.pairs[0])
    assert column(book["Matches"], "Mentor id") == list(frame["mentor"])
    assert column(book["Matches"], "Score") == pytest.approx(list(frame["score"]))
    assert all(column(book["Matches"], "Why"))
    assert column(book["Unmatched"], "Id") == list(matching.unmatched)
    assert all(column(book["Unmatched"], "Reason"))
    assert {"man", "woman", "everybody"} <= set(column(book["Audit"], "Group"))
    assert column(book["Loads"], "Load") == list(matching.load["load"])
    assert column(book["Repairs"], "Problem") == list(matching.repairs["problem"])
    assert set(column(book["Column mapping"], "Field")) == {"goals", "site"}
    settings = column(book["Settings"], "Setting")
    assert {"goals", "seed", "python", "mentees: sha256"} <= set(settings)


def test_contributions_sum_to_the_score() -> None:
    table = tables.matches_table(matched(30, 12))
    shares = table[[name for name in table.columns if name.startswith("from ")]]
    np.testing.assert_allclose(shares.sum(axis=1), table["Score"], atol=1e-9)
    assert shares.shape[1] == 3


def test_user_text_is_never_a_formula_or_a_link() -> None:
    matching = matched(len(NASTY), 14, names=NASTY, mentor_names=NASTY)
    book, archive = read_back(matching)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
                if isinstance(cell.value, str) and cell.value.startswith(tuple("=+-@")):
                    assert cell.quotePrefix, (sheet.title, cell.coordinate)
        if sheet.title != "Summary":
            assert not sheet._hyperlinks
    for name in archive.namelist():
        content = archive.read(name)
        if name.startswith("xl/worksheets/"):
            assert b"<f>" not in content
        if name.endswith(".rels"):
            assert b"evil" not in content


def test_long_and_illegal_text_is_cut_and_shown() -> None:
    matching = matched(len(NASTY), 20, names=NASTY)
    book, _ = read_back(matching)
    people = column(book["Matches"], "Mentee") + column(book["Unmatched"], "Mentee")
    assert max(map(len, people)) == LONGEST_CELL
    assert any(name.startswith("bell\ufffd") for name in people)
    assert sum(name.endswith("32,767 characters)") for name in people) == 1


def test_sheets_are_ready_to_filter_and_print() -> None:
    book, _ = read_back(matched(20, 6))
    for name in SHEETS[1:]:
        sheet = book[name]
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "&P" in str(sheet.oddFooter.right.text)
    assert len(book["Matches"].conditional_formatting) == 1


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    matching = matched(20, 6)
    book, _ = read_back(matching)
    parts = [name for name in book.sheetnames if name.startswith("Matches")]
    assert parts[:2] == ["Matches", "Matches 2"]
    held = [person for name in parts for person in column(book[name], "Mentee id")]
    assert sorted(held) == sorted(matching.to_frame()["mentee"])


def test_the_same_matching_gives_the_same_bytes() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write_workbook(matched(), first)
    write_workbook(matched(), second)
    assert first.getvalue() == second.getvalue()


def test_everybody_or_nobody_matched_is_said_in_words() -> None:
    scores = np.full((2, 2), 0.5)
    all_matched, _ = read_back(solve(Problem(Scores.from_matrix(scores, capacity=[1, 1]))))
    assert all_matched["Unmatched"]["A2"].value == "Every mentee has a mentor."
    assert "No column looks like a sensitive" in str(all_matched["Audit"]["A3"].value)
    nobody = Scores.from_matrix(scores, capacity=[1, 1], admissible=np.zeros((2, 2), dtype=bool))
    none_matched, _ = read_back(solve(Problem(nobody)))
    assert "Nobody could be matched" in none_matched["Matches"]["A2"].value
    assert "0 of 2 mentees" in none_matched["Summary"]["A2"].value


@pytest.mark.parametrize(
    ("more", "price", "slack", "words"),
    [
        (1, 0.7, 0, "would match 1 more person (total score +0.700)"),
        (0, 0.25, 0, "raise the total score by 0.250"),
        (0, 0.0, 0, "would change nothing"),
        (0, 0.0, 2, "2 seats still free"),
        (np.nan, 0.25, 0, "raise the total score by at most 0.250"),
        (np.nan, np.nan, 2, "not known"),
    ],
)
def test_dual_prices_are_said_in_words(more: float, price: float, slack: int, words: str) -> None:
    assert words in tables.seat_words(more, price, slack)


def test_the_words_about_one_more_seat_come_true() -> None:
    scores = matched(14, 5, 2).problem.scores
    matching = solve(Problem(scores, objectives=[MaximizeMatched(), MaximizeTotal()]))
    told = tables.loads_table(matching)["One more seat here"]
    for j, words in enumerate(told):
        more = np.array(scores.mentors.capacity)
        more[j] += 1
        points = np.where(scores.points < 0, 0, scores.points) / 1e6
        again = solve(
            Problem(Scores.from_matrix(points, capacity=more, admissible=scores.points >= 0))
        )
        gain = len(again.pairs[0]) - len(matching.pairs[0])
        assert (f"would match {gain} more" in words) == (gain > 0)


def test_alternates_are_the_best_other_admissible_mentors() -> None:
    matching = matched(15, 8, 4)
    scores = matching.problem.scores
    rows, own = matching.pairs
    for row, mentor, words in zip(rows, own, tables.alternates(matching, rows), strict=True):
        others = [p for j, p in enumerate(scores.points[row]) if j != mentor and p >= 0]
        best = sorted(others, reverse=True)[:2]
        shown = [float(part.split(" (")[0].split()[-1]) for part in words.split("; ") if part]
        assert shown == [round(p / 1e6, 2) for p in best]


def test_proof_says_what_is_proven() -> None:
    matching = matched()
    assert tables.proof(matching).startswith("Proven optimal: no other matching")
    same = solve(Problem(Scores.from_matrix(np.full((2, 2), 0.5), capacity=[1, 1])))
    assert "exactly as good" in tables.proof(same)


@pytest.mark.slow
def test_5000_pairs_fit_a_workbook(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    scores = Scores.from_matrix(rng.random((5000, 1500)), capacity=np.full(1500, 4))
    matching = solve(Problem(scores))
    write_workbook(matching, tmp_path / "large.xlsx")
    book = openpyxl.load_workbook(tmp_path / "large.xlsx", read_only=True)
    assert book["Matches"].max_row == 5001
    book.close()
