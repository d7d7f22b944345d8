"""The review workbook, read back with openpyxl: complete, safe, printable."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import mentormatch as mm
from mentormatch.delivery import pen, sheets, tables
from mentormatch.delivery.cells import LONGEST_CELL
from mentormatch.delivery.matches import BAD, watch_out
from mentormatch.delivery.workbook import write_workbook
from mentormatch.insight.diagnose import diagnose
from mentormatch.insight.swaps import swaps
from mentormatch.matching.constraints import Load, Quota, ScoreFloor
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.rosters.columns import Categories, People
from mentormatch.scoring.criteria import SharedHours
from mentormatch.scoring.rules import AtLeast, Same
from mentormatch.scoring.scores import Scores, score
from tests.insight.people import NASTY, matched, profiles, scored

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
    monkeypatch.setattr(pen, "MOST_ROWS", 4)
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


def test_the_worst_pairs_stand_on_top_with_what_to_watch_out_for() -> None:
    matching = matched(60, 30, seed=2)
    book, _ = read_back(matching)
    sheet = book["Matches"]
    watch = [str(words or "").split("; ") for words in column(sheet, "Watch out")]
    scores = matching.problem.scores
    ids = zip(column(sheet, "Mentee id"), column(sheet, "Mentor id"), strict=True)
    places = [(scores.mentees.position(i), scores.mentors.position(j)) for i, j in ids]
    for words, (i, j) in zip(watch, places, strict=True):
        mask = int(scores.defects[i, j])
        assert ("no shared hour" in words) == bool(mask & 1)
        assert ("helps with no goal" in words) == bool(mask & 2)
        assert ("mentor below level" in words) == bool(mask & 4)
    bad = [sum(word in BAD.values() for word in words) for words in watch]
    keys = list(zip([-count for count in bad], column(sheet, "Score"), strict=True))
    assert keys == sorted(keys)
    assert max(bad) > min(bad)


def test_little_evidence_ties_and_wishes_are_to_be_watched() -> None:
    matching = matched(12, 8, seed=3)
    scores = matching.problem.scores
    mentor = matching.to_frame()["mentor"]
    other = next(j for j in scores.mentors.ids if j != mentor[0])
    wishes = People.of([[other], [mentor[1]], *[None] * 10])
    mentees = replace(scores.mentees, columns={**scores.mentees.columns, "preferred": wishes})
    wished = replace(matching, problem=Problem(scored(mentees, scores.mentors)))
    frame = wished.to_frame().assign(evidence=[0.4, *[1.0] * (len(mentor) - 1)])
    told = watch_out(wished, swaps(wished), frame)
    assert {"wish not met", "few answers"} <= set(told[0])
    assert "wish not met" not in told[1]
    assert not [words for words in told[2:] if "wish not met" in words or "few answers" in words]
    even = solve(Problem(Scores.from_matrix(np.full((2, 2), 0.5), capacity=[1, 1])))
    assert watch_out(even, swaps(even), even.to_frame()) == [["tie"], ["tie"]]
    nothing = solve(Problem(Scores.from_matrix(np.zeros((1, 1)))))
    assert watch_out(nothing, swaps(nothing), nothing.to_frame()) == [["nothing in common"]]


def test_what_is_filled_in_is_a_list_and_all_of_it_is_printed() -> None:
    book, _ = read_back(matched(20, 14, seed=3))
    sheet = book["Matches"]
    header = [cell.value for cell in sheet[1]]
    lists = {
        str(one.sqref).split(":")[0]: one.formula1 for one in sheet.data_validations.dataValidation
    }
    place = openpyxl.utils.get_column_letter(header.index("Decision") + 1)
    assert lists[f"{place}2"] == '"keep,swap,reject"'
    place = openpyxl.utils.get_column_letter(header.index("New mentor") + 1)
    assert lists[f"{place}2"].startswith("Loads!$A$2")
    printed = str(sheet.print_area).split("!")[-1].replace("$", "").split(":")[1]
    last = openpyxl.utils.column_index_from_string("".join(filter(str.isalpha, printed)))
    assert header[:last] == [
        "Mentee", "Mentee e-mail", "Mentor", "Mentor e-mail", "Score", "Watch out", "Decision",
        "New mentor", "Comment", "Why", "Alternates",
    ]  # fmt: skip
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0, "as many pages as it takes, one wide"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$1:$1"


CODE = re.compile(r"\w\([^)]*['=]|\b[A-Z][a-z]+[A-Z]\w*|\b[a-z]+_[a-z_]+\b|=\s*[\[{]|\bmm\.")
"""What only code looks like: calls, CamelCase, snake_case, lists of settings."""


def test_every_cell_is_in_words() -> None:
    rng = np.random.default_rng(0)
    mentees, mentors = profiles("mentee", 20, rng), profiles("mentor", 6, rng)
    site = Categories.of([("north", "south")[k % 2] for k in range(20)])
    mentees = replace(mentees, columns={**mentees.columns, "home_site": site})
    mentors = replace(mentors, columns={**mentors.columns, "home_site": site.take(np.arange(6))})
    rules = [Same("home_site"), AtLeast(SharedHours("availability"), 1.0)]
    scores = score(mentees, mentors, list(scored(mentees, mentors).criteria), rules)
    constraints = [Load(most=2), Quota("home_site", most=4, over="programme"), ScoreFloor(0.05)]
    matching = solve(Problem(scores, constraints=constraints))
    assert matching.unmatched
    book, _ = read_back(matching)
    odd = {
        f"{sheet.title}!{cell.coordinate}": cell.value
        for sheet in book
        if sheet.title not in ("Repairs", "Column mapping")  # what the files say stays as it is
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and CODE.search(cell.value)
    }
    assert not odd
    ruled = column(book["Unmatched"], "Mentors ruled out by")
    assert any(
        re.fullmatch(r"(.+; )?the same home site \(\d\)(; .+)?", str(words)) for words in ruled
    )
    settings = column(book["Settings"], "Setting")
    assert {"the same home site", "at least 1 shared hours a week"} <= set(settings)
    assert "at most 2 mentees with each mentor" in settings


def test_what_would_help_is_what_diagnose_verified() -> None:
    matching = matched(12, 4)
    assert matching.unmatched
    book, _ = read_back(matching)
    told = column(book["Unmatched"], "What would help")
    changes = diagnose(matching).set_index("person")["change"]
    for person, words in zip(column(book["Unmatched"], "Id"), told, strict=True):
        expected = f"{changes[person]} (verified)" if changes[person] else "no single change"
        assert words == expected
    assert any(words.endswith("(verified)") for words in told)


def test_what_is_left_out_of_large_workbooks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def guide(matching: Any) -> tuple[str, list[Any]]:
        book, _ = read_back(matching)
        cells = [str(cell.value) for row in book["Summary"].iter_rows() for cell in row]
        text = next(text for text in cells if text.startswith("one row per pair"))
        return text, [cell.value for cell in book["Matches"][1]]

    text, header = guide(matched(12, 8))
    assert "sum to the score" in text
    assert [name for name in header if name.startswith("from ")]
    monkeypatch.setattr(sheets, "MOST_POINTS", 5)
    text, header = guide(matched(12, 8))
    assert "is left out, for so many pairs" in text
    assert not [name for name in header if name.startswith("from ")]


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    from mentormatch.delivery.tables import headline
    from mentormatch.insight.wording import _unit

    one = mm.solve(mm.Problem(mm.Scores.from_matrix(np.array([[0.5]]))))
    assert headline(one) == "The only mentee is matched, with 1 mentor who offers 1 seat (0 left)."
    none = mm.solve(mm.Problem(mm.Scores.from_matrix(np.array([[0.5]]), capacity=0)))
    assert headline(none).startswith("0 of 1 mentee is matched")
    two = mm.solve(mm.Problem(mm.Scores.from_matrix(np.full((2, 2), 0.5), capacity=1)))
    assert headline(two) == "All 2 mentees are matched, with 2 mentors who offer 2 seats (0 left)."
    assert [_unit("hours", value) for value in ("1", "2")] == [" hour a month", " hours a month"]
    assert _unit("experience", "1") == ""
