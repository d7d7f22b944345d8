"""From a workbook to the rows of the sheet that holds people.

python-calamine reads the cells. What it leaves out is found in the package itself first: how far
the sheet reaches, what is hidden, formulas that failed or were never computed.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from mentormatch.errors import RosterError
from mentormatch.rosters.findings import unreadable
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.table import (
    Records,
    cell_text,
    header_place,
    spreadsheet_letters,
)

MAX_UNPACKED = 2**30
"""Largest workbook, unpacked, that is read: 1 GiB."""
MAX_CELLS = 20_000_000
"""Cells of the rectangle that a sheet spans; each takes memory, even a blank one."""
_BOMB_RATIO, _BOMB_SIZE = 50, 50 * 2**20
_CHUNK = 1 << 22
_REACH = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_HIDDEN = re.compile(rb'\b(?:hidden="(?:1|true)"|(?:ht|width)="0(?:\.0*)?")')
"""Hidden, or so low or narrow that nobody sees it."""
_ERROR_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb"(?:\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v>([^<]*)<"
)
_NO_VALUE = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb"\s*<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass
class Sheet:
    """What a package says about one sheet beyond its cells; rows and columns count from 1.

    Attributes
    ----------
    last_row, last_column : int
        How far the sheet reaches.
    hidden_rows, hidden_columns : set of int
        What nobody sees who opens it.
    failed, uncomputed : dict
        (row, column) -> ``#REF!`` and its like; formulas without a stored value.
    """

    last_row: int = 0
    last_column: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    failed: dict[tuple[int, int], str] = field(default_factory=dict)
    uncomputed: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def too_large(self) -> bool:
        return self.last_row * self.last_column > MAX_CELLS


def read_workbook(content: bytes, reading: Reading) -> Records:
    """Return the rows of the chosen sheet, or of the one that holds people.

    Parameters
    ----------
    content
        XLSX, XLSB, XLS or ODS.
    reading
        Its choices may give the sheet, by name or position; else one named like its role is
        preferred.

    Raises
    ------
    RosterError
        If the workbook is damaged, protected, unpacks without end, has no such sheet, or if the
        sheet spans more than `MAX_CELLS` cells.
    """
    with _refusing(reading.source) as opened:
        sheets, book = opened(content)
        name, rows = _choose(book, sheets, reading)
    records = _texts(rows)
    if name in sheets:
        _say_what_is_odd(sheets[name], records, name, reading)
    else:
        reading.note(
            "hidden_unchecked",
            "in XLS and XLSB workbooks nobody looks whether rows or columns are hidden",
            "read everything; save the workbook as XLSX to have that looked at",
        )
    return records


def read_sheets(content: bytes, source: str) -> dict[str, Records]:
    """Return the rows of every sheet by its name, whatever it holds, hidden rows as well.

    Raises
    ------
    RosterError
        If the workbook is damaged, protected, unpacks without end, or if a sheet spans more than
        `MAX_CELLS` cells.
    """
    with _refusing(source) as opened:
        sheets, book = opened(content)
        return {name: _texts(_cells(book, sheets, name, source)) for name in list(book.sheet_names)}


@contextmanager
def _refusing(source: str) -> Iterator[Callable[[bytes], tuple[dict[str, Sheet], Any]]]:
    """Hand out what opens a workbook; say in words why one cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    def opened(content: bytes) -> tuple[dict[str, Sheet], Any]:
        sheets = _scan(content, source)
        return sheets, CalamineWorkbook.from_filelike(io.BytesIO(content))

    try:
        yield opened
    except PasswordError as error:
        raise unreadable(
            source, "the workbook is protected by a password", "save it without one"
        ) from error
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile, KeyError) as error:
        if isinstance(error, RosterError):
            raise
        raise unreadable(
            source, f"the file is not a readable workbook ({error})", "save it as XLSX or CSV again"
        ) from error


def _texts(rows: Sequence[Sequence[Any]]) -> list[tuple[int, list[str]]]:
    """Return numbered rows of text, as a spreadsheet numbers them."""
    return [
        (number, [cell_text(cell) for cell in row] if row else [])
        for number, row in enumerate(rows, 1)
    ]


def _cells(book: Any, sheets: dict[str, Sheet], name: str, source: str) -> Sequence[Sequence[Any]]:
    if name in sheets and sheets[name].too_large:
        raise _too_large(sheets[name], name, source)
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [row if any(row) or 0 in row else () for row in rows]


# --- what the package says ----------------------------------------------------------------------


def _scan(content: bytes, source: str) -> dict[str, Sheet]:
    """Return what the package of an XLSX or ODS says of each sheet; nothing for other kinds."""
    if not content.startswith(b"PK"):
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bombs(archive, len(content), source)
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                return {
                    name: _scan_sheet(archive, part)
                    for name, part in _sheet_parts(archive)
                    if part in names
                }
            if "content.xml" in names:
                return _scan_open_document(archive.open("content.xml"))
            return {}
    except (zipfile.BadZipFile, zlib.error, ET.ParseError, EOFError, NotImplementedError) as error:
        raise unreadable(source, "the workbook is damaged", "download or save it again") from error
    except RuntimeError as error:  # zipfile's word for a package that is encrypted
        raise unreadable(
            source, "the workbook is protected by a password", "save it without one"
        ) from error


def _refuse_bombs(archive: zipfile.ZipFile, size: int, source: str) -> None:
    unpacked = sum(entry.file_size for entry in archive.infolist())
    bomb = unpacked > _BOMB_SIZE and unpacked > _BOMB_RATIO * size
    if unpacked > MAX_UNPACKED or bomb:
        raise unreadable(
            source,
            f"the workbook unpacks to {unpacked / 2**20:,.0f} MiB, "
            f"{unpacked // max(size, 1)} times its size",
            "save the sheet of people as CSV",
        )


def _sheet_parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return (name, part of the package) of every sheet."""
    relations = {
        node.get("Id"): node.get("Target", "")
        for node in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    parts = []
    for node in ET.fromstring(archive.read("xl/workbook.xml")).iter():
        if node.tag.rpartition("}")[2] != "sheet":
            continue
        key = next((v for k, v in node.attrib.items() if k.rpartition("}")[2] == "id"), None)
        target = relations.get(key, "")
        part = target[1:] if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        parts.append((node.get("name", ""), part))
    return parts


def _scan_sheet(archive: zipfile.ZipFile, part: str) -> Sheet:
    found = Sheet()
    for text in _whole_rows(archive, part):
        reached = set(_REACH.findall(text))
        if reached:
            found.last_row = max(found.last_row, *(int(row) for _, row in reached))
            letters = {letter for letter, _ in reached}
            found.last_column = max(found.last_column, *map(_column_number, letters))
        if b"hidden=" in text or b'ht="0' in text or b'width="0' in text:
            found.hidden_rows |= {
                int(number.group(1))
                for row in _ROW.findall(text)
                if _HIDDEN.search(row) and (number := re.search(rb'\br="(\d+)"', row))
            }
            for column in _COLUMN.findall(text):
                ends = re.search(rb'\bmin="(\d+)"', column), re.search(rb'\bmax="(\d+)"', column)
                if _HIDDEN.search(column) and ends[0] and ends[1]:
                    first, last = int(ends[0].group(1)), int(ends[1].group(1))
                    found.hidden_columns |= set(range(first, min(last, 16_384) + 1))
        if b't="e"' in text:
            for letters_, row, word in _ERROR_CELL.findall(text):
                place = int(row), _column_number(letters_)
                found.failed[place] = word.decode("utf-8", "replace")
        if b"<f" in text or b":f" in text:
            for letters_, row, formula in _NO_VALUE.findall(text):
                place = int(row), _column_number(letters_)
                found.uncomputed[place] = "=" + formula.decode("utf-8", "replace")
    return found


def _whole_rows(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield the text of a sheet in pieces that end with a row."""
    rest = b""
    with archive.open(part) as stream:
        while piece := stream.read(_CHUNK):
            text = rest + piece
            end = text.rfind(b"row>") + 4
            rest = text if end == 3 else text[end:]
            if end > 3:
                yield text[:end]
    if rest:
        yield rest


def _column_number(letters: bytes) -> int:
    number = 0
    for sign in letters:
        number = 26 * number + sign - 64
    return number


_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ERROR_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def _scan_open_document(stream: Any) -> dict[str, Sheet]:
    sheets: dict[str, Sheet] = {}
    sheet = Sheet()
    row = column = repeat = 0
    hidden = False
    flat: set[str] = set()  # styles of no height or width
    for event, node in ET.iterparse(stream, events=("start", "end")):
        tag = node.tag
        if event == "start":
            if tag == f"{_TABLE}table":
                sheet = sheets.setdefault(node.get(f"{_TABLE}name", ""), Sheet())
                row = column = 0
            elif tag == f"{_TABLE}table-row":
                repeat = _repeat(node, "rows")
                hidden = _is_hidden(node, flat)
                column = 0
            continue
        if tag == f"{_STYLE}style" and any(map(_is_flat, node)):
            flat.add(node.get(f"{_STYLE}name", ""))
        if tag == f"{_TABLE}table-column":
            many = _repeat(node, "columns")
            if _is_hidden(node, flat):
                sheet.hidden_columns |= set(range(column + 1, min(column + many, 16_384) + 1))
            column += many
        elif tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            many = _repeat(node, "columns")
            if len(node) or node.get(f"{_OFFICE}value-type"):
                sheet.last_column = max(sheet.last_column, column + many)
                sheet.last_row = max(sheet.last_row, row + repeat)
            if node.get(_ERROR_TYPE) == "error":
                sheet.failed[row + 1, column + 1] = "".join(node.itertext()).strip() or "#ERR!"
            column += many
            node.clear()
        elif tag == f"{_TABLE}table-row":
            if hidden:
                sheet.hidden_rows |= set(range(row + 1, min(row + repeat, 1_048_576) + 1))
            row += repeat
            node.clear()
    return sheets


def _is_hidden(node: ET.Element, flat: set[str]) -> bool:
    closed = node.get(f"{_TABLE}visibility") in ("collapse", "filter")
    return closed or node.get(f"{_TABLE}style-name") in flat


def _is_flat(properties: ET.Element) -> bool:
    size = properties.get(f"{_STYLE}row-height") or properties.get(f"{_STYLE}column-width") or ""
    return re.fullmatch(r"0(?:\.0*)?[a-z]*", size) is not None


def _repeat(node: ET.Element, what: str) -> int:
    word = node.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(word) if word.isdigit() else 1


# --- which sheet --------------------------------------------------------------------------------


def _choose(
    book: Any,
    sheets: dict[str, Sheet],
    reading: Reading,
) -> tuple[str, Sequence[Sequence[Any]]]:
    """Return the name and the cells of the sheet asked for, or of the one that holds people."""
    from python_calamine import SheetVisibleEnum

    source, sheet = reading.source, reading.choices.sheet
    names: list[str] = list(book.sheet_names)
    hidden = {m.name for m in book.sheets_metadata if m.visible != SheetVisibleEnum.Visible}

    def cells(name: str) -> Sequence[Sequence[Any]]:
        return _cells(book, sheets, name, source)

    if isinstance(sheet, int) and -len(names) <= sheet < len(names):
        sheet = names[sheet]
    if sheet is not None:
        if sheet not in names:
            raise unreadable(source, f"there is no sheet {sheet!r}", f"choose one of {names}")
        return str(sheet), cells(str(sheet))
    tried = {name: cells(name) for name in names if not (name in sheets and sheets[name].too_large)}
    filled = {name: rows for name, rows in tried.items() if _people(rows)}
    oversized = [name for name in names if name not in tried]
    seen = {name: rows for name, rows in filled.items() if name not in hidden} or filled
    if not seen:
        if oversized:
            raise _too_large(sheets[oversized[0]], oversized[0], source)
        raise unreadable(source, "no sheet has people in it", "export the roster again")
    named = [name for name in seen if re.search(rf"\b{reading.role}e?s?\b", name, re.IGNORECASE)]
    most = max(map(_people, seen.values()))
    chosen = next(
        name for name in (named or seen) if named or _people(seen[name]) >= _SHARE_OF_PEOPLE * most
    )
    others = [name for name in (*filled, *oversized) if name != chosen]
    if others:
        said = [f"{name!r}{' (hidden)' if name in hidden else ''}" for name in others]
        reading.note(
            "several_sheets",
            f"the workbook has several sheets; also {', '.join(said)}",
            f"read sheet {chosen!r}; choose another with sheet=",
        )
    rivals = [name for name in seen if _people(seen[name]) >= _SHARE_OF_PEOPLE * most]
    if not named and len(rivals) > 1:
        reading.ask(
            "several_sheets",
            [],
            f"{len(rivals)} sheets hold people, and none is named for {reading.role}s",
            f"read {chosen!r}",
            [f"sheet={name!r}  # this one" for name in rivals[:_OFFERED_SHEETS]],
        )
    if chosen in hidden:
        reading.note(
            "hidden_sheet", f"the sheet {chosen!r} is hidden", "read it; no other has people"
        )
        reading.ask(
            "hidden_sheet",
            [],
            f"the only sheet of people, {chosen!r}, is hidden: is it the right one?",
            "read",
            (f"sheet={chosen!r}  # it is", "make the right one visible"),
        )
    return chosen, filled[chosen]


_OFFERED_SHEETS = 6
_SHARE_OF_PEOPLE = 1 / 3
"""A cover sheet or a list of options has fewer signs of people than this share of the best."""


def _people(rows: Sequence[Sequence[Any]]) -> int:
    """Return how many signs of people a sheet holds; 0 for one without two rows."""
    filled = [row for row in rows if row]
    if len(filled) < 2:
        return 0
    wide = [row for row in filled if sum(cell not in ("", None) for cell in row) > 1]
    if not wide:
        return 1
    addresses = sum(any(isinstance(c, str) and "@" in c for c in row) for row in wide)
    widest = max(sum(cell not in ("", None) for cell in row) for row in wide[:100])
    return 1 + len(wide) * (widest - 1) + 100 * addresses


def _too_large(sheet: Sheet, name: str, source: str) -> RosterError:
    corner = f"{spreadsheet_letters(sheet.last_column - 1)}{sheet.last_row}"
    return unreadable(
        source,
        f"the sheet {name!r} reaches to {corner}, which makes "
        f"{sheet.last_row * sheet.last_column:,} cells",
        f"delete what stands in column {spreadsheet_letters(sheet.last_column - 1)} or row "
        f"{sheet.last_row} if it is stray, or save the sheet as CSV",
    )


# --- what is said about it ----------------------------------------------------------------------


def _say_what_is_odd(
    sheet: Sheet, records: list[tuple[int, list[str]]], name: str, reading: Reading
) -> None:
    """List hidden rows and columns, failed and uncomputed formulas; put failed ones back."""
    for (row, column), word in sheet.failed.items():
        if row <= len(records) and column <= len(records[row - 1][1]):
            records[row - 1][1][column - 1] = word
    start = header_place(records)
    if start is None:
        return
    header = records[start][1]

    def headed(column: int) -> str:
        written = header[column - 1].strip() if column <= len(header) else ""
        return written or f"column {spreadsheet_letters(column - 1)}"

    hidden = [
        number
        for number, cells in records[start + 1 :]
        if number in sheet.hidden_rows and any(map(str.strip, cells))
    ]
    if hidden:
        reading.note(
            "hidden_rows",
            "the row is hidden or filtered out",
            "read it like the others; drop_rows= leaves it out",
            rows=hidden,
        )
    for column in sorted(sheet.hidden_columns):
        if column <= len(header) and any(
            column <= len(cells) and cells[column - 1].strip() for _, cells in records
        ):
            reading.note(
                "hidden_column",
                "the column is hidden",
                "read it like the others; leave it unused with columns={...: None}",
                column=headed(column),
            )
    for (row, column), formula in sorted(sheet.uncomputed.items()):
        if row > records[start][0]:
            reading.note(
                "formula_without_value",
                "the formula has no stored value",
                "read as not answered; open and save the workbook in a spreadsheet program",
                rows=[row],
                column=headed(column),
                value=formula,
            )
