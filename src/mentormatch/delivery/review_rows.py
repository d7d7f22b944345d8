"""The rows of a review workbook as people left them: found by headers and ids, not by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mentormatch.delivery.matches import KEEP, REJECT, SWAP
from mentormatch.delivery.settings_table import PAIRS_DIGEST
from mentormatch.delivery.sheets import MATCHES, SETTINGS, UNMATCHED
from mentormatch.errors import UnknownPersonError, listed
from mentormatch.matching.manifest import pairs_digest
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.findings import Findings
from mentormatch.rosters.profiles import Profiles
from mentormatch.rosters.table import Records, spreadsheet_letters

__all__ = ["Cell", "Cells", "person", "rows_of"]

DECISIONS = (KEEP, SWAP, REJECT)
NEEDED = {
    MATCHES: ("Mentee id", "Mentor id", "Decision"),
    UNMATCHED: ("Id", "New mentor"),
}
"""Columns without which a sheet cannot be read."""


@dataclass(frozen=True)
class Cell:
    """Where something stands, and what it says."""

    sheet: str
    row: int
    column: str
    letters: str
    text: str

    @property
    def name(self) -> str:
        """The cell as a spreadsheet names it, e.g. ``Matches!G7``."""
        return f"{self.sheet}!{self.letters}{self.row}"

    def wrong(self, findings: Findings, problem: str, action: str) -> None:
        """Note what is wrong with it; it stops the reading in the end."""
        findings.note(
            "review_cell", f"{self.name}: {problem}", action,
            rows=[self.row], column=self.column, value=self.text, fatal=True,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Cells:
    """One row of a sheet: column -> cell; a column that is not there is blank."""

    sheet: str
    row: int
    cells: Mapping[str, Cell]

    def __getitem__(self, column: str) -> Cell:
        return self.cells.get(column) or Cell(self.sheet, self.row, column, "", "")


def rows_of(sheets: Mapping[str, Records], matching: Matching, findings: Findings) -> list[Cells]:
    """Return the rows about pairs and about unmatched mentees; note what cannot be read."""
    _check_matching(sheets, matching, findings)
    found: list[Cells] = []
    for sheet, needed in NEEDED.items():
        parts = [name for name in sheets if name == sheet or name.startswith(f"{sheet} ")]
        if sheet == MATCHES and not parts:
            findings.note(
                "review_sheet", f"there is no sheet {sheet!r}, only {listed(map(repr, sheets))}",
                f"call the sheet with the pairs {sheet!r} again", fatal=True,
            )  # fmt: skip
        for part in parts:
            found += _rows(part, sheets[part], needed, findings)
    return found


def _check_matching(sheets: Mapping[str, Records], matching: Matching, findings: Findings) -> None:
    """Note if the workbook says that it was written for another matching."""
    for _, cells in sheets.get(SETTINGS, ()):
        texts = [cell.strip() for cell in cells]
        if PAIRS_DIGEST not in texts:
            continue
        written = texts[texts.index(PAIRS_DIGEST) + 1 :]
        if pairs_digest(matching) not in written:
            findings.note(
                "review_of_another", "it was written for another matching: the pairs differ",
                "give the matching that it was written for", fatal=True,
            )  # fmt: skip


def _rows(
    sheet: str, records: Records, needed: Sequence[str], findings: Findings
) -> Iterator[Cells]:
    keys = {label_key(name): name for name in needed}
    named = [{keys.get(label_key(cell)) for cell in cells} - {None} for _, cells in records]
    start = max(range(len(named)), key=lambda k: (len(named[k]), -k), default=0)
    absent = [name for name in needed if not named or name not in named[start]]
    if absent:
        findings.note(
            "review_column", f"sheet {sheet!r} has no column {listed(map(repr, absent))}",
            "call it so again; the order of the columns is yours", fatal=True,
        )  # fmt: skip
        return
    number, header = records[start]
    places = _places(sheet, number, header, findings)
    for row, cells in records[start + 1 :]:
        if not any(map(str.strip, cells)):
            continue
        yield Cells(
            sheet,
            row,
            {
                name: Cell(sheet, row, name, spreadsheet_letters(place), cells[place].strip())
                for name, place in places.items()
                if place < len(cells)
            },
        )


COLUMNS = (
    "Mentee", "Mentor", "Mentee id", "Mentor id", "Id", "Decision", "New mentor", "Comment",
)  # fmt: skip


def _places(sheet: str, row: int, header: Sequence[str], findings: Findings) -> dict[str, int]:
    """Return where each column that is read stands; two of one name are an error."""
    known = {label_key(name): name for name in COLUMNS}
    places: dict[str, int] = {}
    for place, text in enumerate(header):
        name = known.get(label_key(text))
        if name is None:
            continue
        if name in places:
            first = f"{spreadsheet_letters(places[name])}{row}"
            Cell(sheet, row, name, spreadsheet_letters(place), text).wrong(
                findings, f"{sheet}!{first} is called so as well", "call your own column otherwise"
            )
        places.setdefault(name, place)
    return places


def person(cell: Cell, profiles: Profiles, findings: Findings) -> int:
    """Return whom a cell names by id, e-mail or name; -1 and a note if that is nobody."""
    try:
        return profiles.position(cell.text)
    except UnknownPersonError as error:
        same = [label_key(name) for name in profiles.names if name].count(label_key(cell.text))
        if same > 1:
            problem = f"{same} {profiles.role}s are called {cell.text!r}"
            cell.wrong(findings, problem, "write the id or the e-mail address")
        else:
            cell.wrong(findings, str(error), "write an id, an e-mail address or a name")
        return -1
