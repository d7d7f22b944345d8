"""From whatever holds a roster to one table of texts: paths, bytes, open files, frames.

Every cell becomes text ("" where blank), so that a CSV file, a workbook and a dataframe with the
same answers give the same table.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from mentormatch.rosters.delimited import decode, parse_csv
from mentormatch.rosters.findings import unreadable
from mentormatch.rosters.parquet import PARQUET, cells_of_parquet, parts_of
from mentormatch.rosters.reading import Choices, Reading
from mentormatch.rosters.table import Table, assemble, cell_text
from mentormatch.rosters.workbooks import read_workbook

MAX_BYTES = 2**30
"""Largest file that is read: 1 GiB."""


def read_table(source: Any, role: str, choices: Choices | None = None) -> Table:
    """Read a path, bytes, file object or dataframe into one table of texts.

    Raises
    ------
    RosterError
        If the file is missing, empty, too large, damaged, of another kind, or ragged; for a
        folder, naming every part with other columns, that is damaged, or of another kind.
    """
    given = choices or Choices()
    if isinstance(source, str | PathLike):
        path = Path(fspath(source))
        label = path.name or path.resolve().name  # "." has none
        reading = Reading(label, role=role, choices=given)
        if path.is_dir():
            return _from_parquet([(one.name, one) for one in parts_of(path, reading)], reading)
        return _from_bytes(content_of(path), reading)
    if isinstance(source, bytes | bytearray | memoryview):
        return _from_bytes(bytes(source), Reading("data", role=role, choices=given))
    if hasattr(source, "read"):
        content = source.read()
        name = getattr(source, "name", None)
        label = Path(name).name if isinstance(name, str) else "data"
        if isinstance(content, str):
            content = content.encode("utf-8", "surrogatepass")
            given = replace(given, encoding="utf-8")
        return _from_bytes(content, Reading(label, role=role, choices=given))
    return _from_frame(source, Reading("the frame", role=role, choices=given))


def content_of(path: Path) -> bytes:
    """Return what a file holds.

    Raises
    ------
    RosterError
        If it is missing, cannot be opened, or is larger than `MAX_BYTES`.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise unreadable(
                path.name,
                f"the file is larger than {MAX_BYTES // 2**20} MiB",
                "split it, or read it with polars or pandas and hand in the frame",
            )
        return path.read_bytes()
    except OSError as error:
        raise unreadable(
            path.name, f"cannot open {str(path)!r}: {error.strerror}", "check the path"
        ) from error


def _from_bytes(content: bytes, reading: Reading) -> Table:
    source = reading.source
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise unreadable(source, "the file is empty", "export it again")
    digest = hashlib.sha256(content).hexdigest()
    if content.startswith(PARQUET):
        return _from_parquet([(source, content)], reading)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        records = read_workbook(content, reading)
    else:
        _refuse_other_kinds(content, source)
        records = parse_csv(decode(content, reading), reading)
    start = None
    if (header_row := reading.choices.header_row) is not None:
        places = [place for place, (number, _) in enumerate(records) if number == header_row]
        if not places:
            raise unreadable(source, f"there is no row {header_row}", "choose another header_row")
        start = places[0]
    return assemble(records, digest, reading, start=start)


def _refuse_other_kinds(content: bytes, source: str) -> None:
    start = content[:512].lstrip().lower()
    kinds = {
        b"%pdf": "a PDF document",
        b"<!doctype html": "a web page, perhaps a sign-in page",
        b"<html": "a web page, perhaps a sign-in page",
        b"\x1f\x8b": "compressed",
        b"{\\rtf": "a text document",
        b"\x89png": "a picture",
    }
    for magic, kind in kinds.items():
        if start.startswith(magic):
            raise unreadable(source, f"the file is {kind}", "export the roster as CSV or XLSX")


# --- dataframes -------------------------------------------------------------------------------


def _from_frame(frame: Any, reading: Reading) -> Table:
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
    columns = [
        [cell if type(cell) is str else cell_text(cell) for cell in eager[name].to_list()]
        for name in eager.columns
    ]
    return _from_columns(headers, columns, reading)


def _from_parquet(parts: list[tuple[str, Path | bytes]], reading: Reading) -> Table:
    headers, columns = cells_of_parquet(parts, reading)
    if reading.any_fatal:
        raise reading.stop()
    return _from_columns(headers, columns, reading)


def _from_columns(headers: list[str], columns: list[list[str]], reading: Reading) -> Table:
    """Return the table of columns of texts."""
    hasher = hashlib.sha256("\x1f".join(headers).encode("utf-8", "replace"))
    for cells in columns:
        hasher.update("\x1f".join(cells).encode("utf-8", "replace"))
    if not any(cell.strip() for cells in columns for cell in cells):
        raise unreadable(reading.source, "nobody is in it", "hand in a roster with people")
    # row numbers as a spreadsheet would show them
    people = enumerate(map(list, zip(*columns, strict=True)), 2)
    records = [(1, headers), *people]
    return assemble(records, hasher.hexdigest(), reading, start=0)


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
