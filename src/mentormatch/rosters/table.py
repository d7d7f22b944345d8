"""The table of a roster: which row is the header, which rows hold people, and its columns of texts.

Nothing here knows what a column means.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.findings import unreadable
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.repair import is_plain, repaired
from mentormatch.rosters.rows import in_words, without_other_rows
from mentormatch.rosters.second_headers import header_of
from mentormatch.rosters.unfinished import unanswered

Records = Sequence[tuple[int, list[str]]]
"""Rows of texts, each with the number a spreadsheet shows."""


class Place(TypedDict):
    """Where a finding belongs, as `Reading.note` takes it."""

    rows: npt.NDArray[np.int64]
    column: str
    value: str


@dataclass(frozen=True, eq=False)
class TextColumn:
    """One column of the file: every distinct text once, and who gave it.

    header : as the file spells it, white space collapsed.
    codes : int64 (n,), position in `texts`, -1 where blank.
    texts : the distinct non-blank cell texts, sorted, so that row order does not matter.
    rows : int64 (n,), spreadsheet row numbers.
    """

    header: str
    codes: npt.NDArray[np.int64]
    texts: tuple[str, ...]
    rows: npt.NDArray[np.int64]

    @classmethod
    def of(cls, header: str, cells: Collection[str], rows: npt.NDArray[np.int64]) -> TextColumn:
        import pandas as pd

        objects = np.empty(len(cells), dtype=object)
        objects[:] = cells
        codes, found = pd.factorize(objects)
        words = [word.strip() for word in found]
        texts = tuple(sorted(set(words) - {""}))
        position = {word: place for place, word in enumerate(texts)}
        lookup = np.array([position.get(word, -1) for word in words], dtype=np.int64)
        return cls(header, lookup[codes], texts, rows)

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def _holders(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        order = np.argsort(self.codes, kind="stable")
        return order, np.searchsorted(self.codes[order], np.arange(len(self.texts) + 1))

    def holders(self, text: int) -> npt.NDArray[np.int64]:
        """Return the positions of the people who gave the distinct text at this place."""
        order, starts = self._holders
        return order[starts[text] : starts[text + 1]]

    def rows_of(self, text: int) -> npt.NDArray[np.int64]:
        """Return the spreadsheet rows that hold the distinct text at this place."""
        return self.rows[self.holders(text)]

    def at(self, text: int, value: str | None = None) -> Place:
        """Return where a finding about the distinct text at this place belongs, to be unpacked.

        `value` is what of the text the finding is about; default: all of it.
        """
        shown = self.texts[text] if value is None else value
        return {"rows": self.rows_of(text), "column": self.header, "value": shown}

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """int64 (texts,): how many people gave each distinct text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    @property
    def given(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.codes >= 0, dtype=bool)

    def cells(self) -> list[str]:
        """Return one text per person, "" where blank."""
        padded = np.array([*self.texts, ""], dtype=object)
        return list(padded[self.codes])

    def take(self, keep: npt.NDArray[Any]) -> TextColumn:
        """Return the answers of some people; texts that nobody else gave are dropped."""
        codes = self.codes[keep]
        used = np.unique(codes[codes >= 0])
        renumbered = np.full(len(self.texts) + 1, -1, dtype=np.int64)
        renumbered[used] = np.arange(len(used))
        texts = tuple(self.texts[place] for place in used)
        return TextColumn(self.header, renumbered[codes], texts, self.rows[keep])


@dataclass(frozen=True, eq=False)
class Table:
    """A roster as texts: one `TextColumn` per column of the file, in file order."""

    columns: tuple[TextColumn, ...]
    rows: npt.NDArray[np.int64]
    digest: str
    reading: Reading = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def source(self) -> str:
        return self.reading.source

    def take(self, keep: npt.NDArray[Any]) -> Table:
        """Return the table of some rows."""
        columns = tuple(column.take(keep) for column in self.columns)
        return Table(columns, self.rows[keep], self.digest, self.reading)


def assemble(records: Records, digest: str, reading: Reading, *, start: int | None = None) -> Table:
    """Return the table of the people in these rows.

    Parameters
    ----------
    records
        All rows, blank ones too.
    start
        Where the header is; ``None`` finds it.

    Raises
    ------
    RosterError
        If nobody is in it.
    """
    source = reading.source
    start = header_place(records) if start is None else start
    if start is None:
        raise unreadable(source, "the file is empty", "export it again")
    for number, cells in records[:start]:
        if words := in_words(cells):
            reading.note(
                "title_rows", "a row above the table", "skipped it", rows=[number], value=words
            )
    header, first = header_of(records, start, reading)
    filled, gaps = _filled_rows(records[first:], len(header), reading)
    headers = [header, *(cells for _, cells in records[start:first])]
    people = without_other_rows(filled, header, headers, gaps, reading)
    if not people:
        raise unreadable(source, "the file has a header but no people", "export it again")
    width = max(len(header), *(len(cells) for _, cells in people))
    if width > MAX_COLUMNS:
        raise unreadable(
            source,
            f"the table has {width:,} columns, more than {MAX_COLUMNS:,}",
            "leave out the columns that are not about people",
        )
    header += [""] * (width - len(header))
    rows = np.array([number for number, _ in people], dtype=np.int64)
    filled_up = (
        (cells if len(cells) == width else cells + [""] * (width - len(cells)))
        for _, cells in people
    )
    named = list(zip(header, zip(*filled_up, strict=True), strict=True))
    table = _tabulate(named, rows, digest, reading)
    distinct = [(column.header, column.texts, column.codes) for column in table.columns]
    gone = unanswered(distinct, rows, reading)
    if gone.all():
        raise unreadable(
            source,
            "every answer is a preview, a test or unfinished",
            "export the finished answers, or delete the column that says so",
        )
    return table.take(~gone) if gone.any() else table


def _tabulate(
    named: Sequence[tuple[str, Sequence[str]]],
    rows: npt.NDArray[np.int64],
    digest: str,
    reading: Reading,
) -> Table:
    """Return the table of these columns; blank columns without a header are left out."""
    kept: list[tuple[str, Sequence[str]]] = []
    for place, (header, cells) in enumerate(named):
        name = header
        if not header:
            if not any(cell.strip() for cell in cells):
                continue
            name = f"column {spreadsheet_letters(place)}"
            reading.note("no_header", "a column without a header", "kept it", column=name)
        kept.append((name, cells))
    columns = [
        _tidy(TextColumn.of(name, cells, rows), reading) for name, cells in _distinct(kept, reading)
    ]
    return Table(tuple(columns), rows, digest, reading)


def header_place(records: Records) -> int | None:
    """Return where the header is: the first row that is about as wide as the rows below it.

    A narrower block above a blank row is a title.
    """
    filled = [sum(bool(cell.strip()) for cell in cells) for _, cells in records[:30]]
    if not any(filled):
        return None
    widest = max(filled)
    place = next(place for place, count in enumerate(filled) if count * 2 > widest or count > 5)
    gap = next((k for k in range(place, len(filled)) if not filled[k]), len(filled))
    after = next((k for k in range(gap, len(filled)) if filled[k]), None)
    titled = after is not None and gap - place <= 5 and max(filled[place:gap]) < filled[after]
    return after if titled else place


MAX_COLUMNS = 4_096
"""Most columns of a table that is read."""
LONG_GAP = 1_000
"""Runs of more blank rows than this are listed as one."""


def _filled_rows(
    records: Iterable[tuple[int, list[str]]], width: int, reading: Reading
) -> tuple[list[tuple[int, list[str]]], set[int]]:
    """Return the rows that are not blank, and which of them follow a blank one.

    Blank, short and overlong rows are listed.
    """
    filled: list[tuple[int, list[str]]] = []
    blank: list[int] = []
    pending: list[int] = []  # blank rows at the very end of a sheet are not data
    short: list[int] = []
    gaps: set[int] = set()
    for number, cells in records:
        if not any(map(str.strip, cells)):
            pending.append(number)
            continue
        if pending:
            gaps.add(number)
            if len(pending) <= LONG_GAP:
                blank += pending
            else:
                reading.note(
                    "blank_row", f"rows {pending[0]} to {pending[-1]} are blank", "skipped them"
                )
            pending = []
        filled.append((number, cells))
        if len(cells) < width:
            short.append(number)
        elif len(cells) > width and any(cell.strip() for cell in cells[width:]):
            reading.note(
                "long_row",
                f"the row has {len(cells)} cells under {width} headers",
                "put quotes around the answer that holds a delimiter, or export again",
                rows=[number],
                value=cells[width],
                fatal=True,
            )
    reading.note("blank_row", "the row is blank", "skipped it", rows=blank)
    reading.note(
        "short_row",
        "the row has fewer cells than the header",
        "read the missing cells as blank",
        rows=short,
    )
    return filled, gaps


def _distinct(
    named: list[tuple[str, Sequence[str]]], reading: Reading
) -> list[tuple[str, Sequence[str]]]:
    """Give equal headers different names, in an order that column order does not influence."""
    same: dict[str, list[int]] = {}
    for place, (name, _) in enumerate(named):
        same.setdefault(name, []).append(place)
    taken = set(same)
    for name, places in same.items():
        ordered = sorted(places, key=lambda p: sorted(map(str, named[p][1]))) if places[1:] else []
        for repeat, place in enumerate(ordered[1:], 2):
            while (fresh := f"{name} ({repeat})") in taken:
                repeat += 1
            taken.add(fresh)
            named[place] = (fresh, named[place][1])
            reading.note(
                "same_header",
                f"two columns are headed {name!r}",
                f"read one as {fresh!r}",
                column=fresh,
            )
    return named


def _tidy(column: TextColumn, reading: Reading) -> TextColumn:
    """Repair how cells are written; note odd but kept ones."""
    changed: dict[str, str] = {}
    for place, text in enumerate(column.texts):
        if is_plain(text):
            continue
        clean, found = repaired(text)
        if clean != text:
            changed[text] = clean
        for finding in found:
            reading.note(
                finding.code,
                finding.problem,
                finding.action,
                **column.at(place, clean or text),
            )
    if not changed:
        return column
    cells = [changed.get(cell, cell) for cell in column.cells()]
    return TextColumn.of(column.header, cells, column.rows)


def cell_text(cell: Any) -> str:
    """Return a typed cell as the text a CSV export would hold; "" for missing values."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool | np.bool_):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | np.floating):
        number = float(cell)
        if math.isnan(number):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(cell, datetime):
        if cell != cell:
            return ""
        day = cell.tzinfo is None and (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if day else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, list | tuple | set | frozenset | np.ndarray):
        items = [cell_text(item) for item in cell]
        plain = all(map((_WORD if len(items) == 1 else _WORDS).fullmatch, items)) and items
        return ";".join(items) if plain else json.dumps(items, ensure_ascii=False)
    text = str(cell)
    return "" if text in ("NaT", "<NA>") else text


_WORD = re.compile(
    r"(?!(?:n[ao]|none|nan|nat|null|nil|nothing|nobody|undefined)\b)[^\W\d]\w*", re.I
)
_WORDS = re.compile(r"[^\W\d_][\w'’+-]*(?: [^\W\d_][\w'’+-]*)*(?::\d+(?:\.\d+)?)?")
"""Items of a list that read back as they are, alone and joined by semicolons."""


def spreadsheet_letters(place: int) -> str:
    """Return the letters a spreadsheet shows above a column: A, B, ..., Z, AA."""
    letters = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        letters = chr(65 + digit) + letters
    return letters
