"""From whatever holds a roster to rows of texts: paths, bytes, workbooks, delimited text, frames.

Every cell becomes text ("" where blank), so that a CSV file, a workbook and a dataframe with the
same answers give the same table.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from mentormatch.rosters.findings import Findings, unreadable
from mentormatch.rosters.repair import as_windows, has_stray_bytes, repaired_header
from mentormatch.rosters.table import Records, Table, assemble, objects, tabulate

MAX_BYTES = 2**30
"""Largest file, or unpacked workbook, that is read: 1 GiB."""
DELIMITERS = ",;\t|"
_SNIFFED = 1 << 16


def read_table(source: Any, *, sheet: str | int | None, encoding: str | None, role: str) -> Table:
    """Read a path, bytes, file object or dataframe into one table of texts.

    Raises
    ------
    RosterError
        If the file is missing, empty, too large, damaged, of another kind, or ragged.
    """
    if isinstance(source, str | PathLike):
        return _from_path(Path(fspath(source)), sheet, encoding, role)
    if isinstance(source, bytes | bytearray | memoryview):
        return _from_bytes(bytes(source), "data", sheet, encoding, role)
    if hasattr(source, "read"):
        content = source.read()
        name = getattr(source, "name", None)
        label = Path(name).name if isinstance(name, str) else "data"
        if isinstance(content, str):
            content, encoding = content.encode("utf-8", "surrogatepass"), "utf-8"
        return _from_bytes(content, label, sheet, encoding, role)
    return _from_frame(source)


def _from_path(path: Path, sheet: str | int | None, encoding: str | None, role: str) -> Table:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise unreadable(
                path.name,
                f"the file is larger than {MAX_BYTES // 2**20} MiB",
                "split it, or read it with polars or pandas and hand in the frame",
            )
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(
            path.name, f"cannot open {str(path)!r}: {error.strerror}", "check the path"
        ) from error
    return _from_bytes(content, path.name, sheet, encoding, role)


def _from_bytes(
    content: bytes, source: str, sheet: str | int | None, encoding: str | None, role: str
) -> Table:
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise unreadable(source, "the file is empty", "export it again")
    findings = Findings(source)
    digest = hashlib.sha256(content).hexdigest()
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        records = _workbook(content, source, sheet, role, findings)
    else:
        _refuse_other_kinds(content, source)
        text = _decode(content, encoding, source, findings)
        records = _parse_csv(text, source, findings)
    return assemble(records, source, digest, findings)


def _refuse_other_kinds(content: bytes, source: str) -> None:
    start = content[:512].lstrip().lower()
    kinds = {
        b"%pdf": "a PDF document",
        b"<!doctype html": "a web page, perhaps a sign-in page",
        b"<html": "a web page, perhaps a sign-in page",
        b"par1": "a parquet file; read it with pandas or polars and hand in the frame",
        b"\x1f\x8b": "compressed",
        b"{\\rtf": "a text document",
        b"\x89png": "a picture",
    }
    for magic, kind in kinds.items():
        if start.startswith(magic):
            raise unreadable(source, f"the file is {kind}", "export the roster as CSV or XLSX")


# --- workbooks ------------------------------------------------------------------------------


def _workbook(
    content: bytes, source: str, sheet: str | int | None, role: str, findings: Findings
) -> Records:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    _refuse_bombs(content, source)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        name = _choose_sheet(book, sheet, role, source, findings)
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except PasswordError as error:
        raise unreadable(
            source, "the workbook is protected by a password", "save it without one"
        ) from error
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        from mentormatch.errors import RosterError

        if isinstance(error, RosterError):
            raise
        raise unreadable(
            source, f"the file is not a readable workbook ({error})", "save it as XLSX or CSV again"
        ) from error
    return [(number, [cell_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]


def _refuse_bombs(content: bytes, source: str) -> None:
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise unreadable(source, "the workbook is damaged", "download or save it again") from error
    if unpacked > MAX_BYTES:
        raise unreadable(
            source,
            f"the workbook unpacks to {unpacked // 2**20} MiB, more than {MAX_BYTES // 2**20} MiB",
            "save the sheet as CSV",
        )


def _choose_sheet(
    book: Any, sheet: str | int | None, role: str, source: str, findings: Findings
) -> str:
    from python_calamine import SheetVisibleEnum

    names: list[str] = list(book.sheet_names)
    if isinstance(sheet, int) and -len(names) <= sheet < len(names):
        return names[sheet]
    if sheet is not None:
        if sheet in names:
            return str(sheet)
        raise unreadable(source, f"there is no sheet {sheet!r}", f"choose one of {names}")
    filled = [name for name in names if book.get_sheet_by_name(name).height > 1]
    shown = SheetVisibleEnum.Visible
    hidden = {meta.name for meta in book.sheets_metadata if meta.visible != shown}
    filled = [name for name in filled if name not in hidden] or filled
    if not filled:
        raise unreadable(source, "no sheet has people in it", "export the roster again")
    named = [name for name in filled if re.search(rf"\b{role}e?s?\b", name, re.IGNORECASE)]
    chosen = (named or filled)[0]
    if len(filled) > 1:
        others = ", ".join(repr(name) for name in filled if name != chosen)
        findings.note(
            "several_sheets",
            f"the workbook has several sheets; also {others}",
            f"read sheet {chosen!r}; choose another with sheet=",
        )
    return chosen


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
        return ";".join(cell_text(item) for item in cell)
    text = str(cell)
    return "" if text in ("NaT", "<NA>") else text


# --- delimited text ---------------------------------------------------------------------------


def _decode(content: bytes, encoding: str | None, source: str, findings: Findings) -> str:
    """Return text; bytes that are not UTF-8 stay as surrogates, repaired cell by cell later."""
    if encoding is not None:
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError) as error:
            raise unreadable(
                source, f"the file is not {encoding} ({error})", "leave encoding= out"
            ) from error
    for bom, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(bom):
            findings.note("utf16", "the file is UTF-16", "decoded as UTF-16")
            return content.decode(name, "replace")
    if (guess := _utf16_without_bom(content)) is not None:
        findings.note("utf16", "the file is UTF-16 without a mark", f"decoded as {guess}")
        return content.decode(guess, "replace")
    if content.startswith(b"\xef\xbb\xbf"):
        findings.note("bom", "the file starts with a byte order mark", "removed it")
        content = content[3:]
    text = content.decode("utf-8", "surrogateescape")
    if has_stray_bytes(text) and not re.search("[\u0080-\ud7ff\ue000-\uffff]", text):
        findings.note("encoding", "the file is not UTF-8", "decoded as Windows-1252")
        return as_windows(text)
    return text


def _utf16_without_bom(content: bytes) -> str | None:
    sample = content[:4096]
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    if len(sample) > 8 and max(odd, even) > len(sample) * 0.3:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _parse_csv(text: str, source: str, findings: Findings) -> Records:
    first, _, rest = text.partition("\n")
    hint = re.fullmatch(r"\s*\"?sep=(.)\"?\s*", first, re.IGNORECASE)
    start = 2 if hint else 1
    body = rest if hint else text
    delimiter = hint.group(1) if hint else _sniff_delimiter(body)
    nul_free = body.replace("\x00", "")
    if nul_free is not body and len(nul_free) != len(body):
        findings.note("nul", "the file holds NUL characters", "removed them")
    csv.field_size_limit(min(MAX_BYTES, 2**31 - 1))
    try:
        reader = csv.reader(io.StringIO(nul_free, newline=""), delimiter=delimiter)
        records: list[list[str]] = []
        ends = [0]
        for record in reader:
            records.append(record)
            ends.append(reader.line_num)
        _refuse_open_quotes(nul_free, ends, delimiter, start, source)
        return list(enumerate(records, start))
    except csv.Error as error:
        raise unreadable(source, f"the file is not a table ({error})", "export it again") from error


def _refuse_open_quotes(
    text: str, ends: Sequence[int], delimiter: str, start: int, source: str
) -> None:
    """Refuse answers over several lines whose quotes do not pair up: they swallow other rows.

    Parameters
    ----------
    ends
        Number of lines read after each record, 0 first.
    """
    long = [k for k in range(1, len(ends)) if ends[k] - ends[k - 1] > 1]
    if not long:
        return
    lines = io.StringIO(text, newline="").readlines()
    findings = Findings(source)
    for k in long:
        try:
            list(csv.reader(lines[ends[k - 1] : ends[k]], delimiter=delimiter, strict=True))
        except csv.Error:
            findings.note(
                "open_quote",
                f"a quotation mark that is not closed makes one row of "
                f"{ends[k] - ends[k - 1]} lines",
                "close it, write two for one inside an answer, or export again",
                rows=[start + k - 1],
                value=lines[ends[k - 1]],
                fatal=True,
            )
    if findings.any_fatal:
        raise findings.stop()


def _sniff_delimiter(text: str) -> str:
    """Choose the delimiter that splits the first records most evenly into most cells."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text[:_SNIFFED], newline=""), delimiter=delimiter)
        try:
            widths = [len(record) for _, record in zip(range(100), reader, strict=False) if record]
        except csv.Error:
            continue
        widths = widths[:-1] if len(text) > _SNIFFED and len(widths) < 100 else widths
        if not widths or widths[0] < 2:
            continue
        score = (round(widths.count(widths[0]) / len(widths), 1), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


# --- dataframes -------------------------------------------------------------------------------


def _from_frame(frame: Any) -> Table:
    import narwhals.stable.v2 as nw

    frame, spelt = _plain_columns(frame)
    try:
        native = nw.from_native(frame)
    except TypeError as error:
        raise unreadable(
            "the data handed in",
            f"a {type(frame).__name__} is not a roster",
            "hand in a path, bytes, an open file, or a pandas, polars or pyarrow table",
        ) from error
    eager = native.collect() if isinstance(native, nw.LazyFrame) else native
    frame = eager.to_native()
    index: Any = getattr(frame, "index", None)
    named = [name for name in getattr(index, "names", []) if name is not None]
    if named:  # a pandas index with a name is a column
        unnamed = [k for k, name in enumerate(index.names) if name is None]
        frame = frame.reset_index(level=unnamed, drop=True) if unnamed else frame
        eager = nw.from_native(frame.reset_index(), eager_only=True)
    headers = [spelt.get(name, str(name)) for name in eager.columns]
    if not headers or not len(eager):
        raise unreadable("the frame", "nobody is in it", "hand in a frame with people")
    # one column at a time: polars needs no pyarrow for this
    columns = [[cell_text(cell) for cell in eager[name].to_list()] for name in eager.columns]
    hasher = hashlib.sha256("\x1f".join(headers).encode("utf-8", "replace"))
    for cells in columns:
        hasher.update("\x1f".join(cells).encode("utf-8", "replace"))
    findings = Findings("the frame")
    arrays = [objects(cells) for cells in columns]
    rows = np.arange(2, len(eager) + 2, dtype=np.int64)  # as a spreadsheet would number them
    filled = np.zeros(len(eager), dtype=bool)
    for cells in columns:
        filled |= np.fromiter((bool(cell.strip()) for cell in cells), bool, len(cells))
    if not filled.any():
        raise unreadable("the frame", "nobody is in it", "hand in a frame with people")
    last = int(np.flatnonzero(filled)[-1])
    blank = rows[:last][~filled[:last]]
    findings.note("blank_row", "the row is blank", "skipped it", rows=blank)
    named = [(repaired_header(h), a[filled]) for h, a in zip(headers, arrays, strict=True)]
    return tabulate(named, rows[filled], "the frame", hasher.hexdigest(), findings)


def _plain_columns(frame: Any) -> tuple[Any, dict[Any, str]]:
    """Return a pandas frame with one plain name per column, and the headers that these stand for.

    Headers of several levels are joined ("skills first"); equal headers stay equal.
    """
    columns: Any = getattr(frame, "columns", None) if hasattr(frame, "index") else None
    if not hasattr(columns, "nlevels"):  # polars and pyarrow have plain names
        return frame, {}
    clash = set(frame.index.names) & set(columns)
    plain_names = columns.nlevels == 1 and all(isinstance(name, str) for name in columns)
    if plain_names and columns.is_unique and not clash:
        return frame, {}
    levels = [name if isinstance(name, tuple) else (name,) for name in columns]
    headers = [" ".join(t for level in name if (t := cell_text(level).strip())) for name in levels]
    plain = frame.copy(deep=False)
    plain.columns = [f"column {place}" for place in range(len(headers))]
    return plain, dict(zip(plain.columns, headers, strict=True))
