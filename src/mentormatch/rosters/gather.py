"""One table of a source, whatever it is: a file, a frame, records, or a list of files."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mentormatch.errors import ParameterError
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.files import read_table
from mentormatch.rosters.reading import Choices, Reading
from mentormatch.rosters.table import Table, TextColumn


def rereadable(source: Any) -> Callable[[], Any]:
    """Return a function that gives the source again: an open file can be read only once."""
    if isinstance(source, list | tuple):
        several = [rereadable(one) for one in source]
        return lambda: [one() for one in several]
    if not hasattr(source, "read"):
        return lambda: source
    content, name = source.read(), getattr(source, "name", None)

    def again() -> Any:
        stream: Any = io.StringIO(content) if isinstance(content, str) else io.BytesIO(content)
        if isinstance(name, str):
            stream.name = name
        return stream

    return again


def read_tables(source: Any, choices: Choices, role: str) -> Table:
    """Return the table of one source, or of several below one another.

    Raises
    ------
    ParameterError
        If the list is empty.
    """
    if not isinstance(source, list | tuple):
        return read_table(source, role, choices)
    if not source:
        raise ParameterError("read_roster got an empty list. Hand in at least one file.")
    if all(isinstance(one, Mapping) for one in source):
        import pandas as pd

        return read_table(pd.DataFrame(list(source)), role, choices)
    tables = [read_table(one, role, choices) for one in source]
    return tables[0] if len(tables) == 1 else _below_one_another(tables)


def _below_one_another(tables: list[Table]) -> Table:
    """Return one table; rows of later files are numbered on from the last row of the one before."""
    first = tables[0].reading
    reading = Reading(
        ", ".join(table.source for table in tables), role=first.role, choices=first.choices
    )
    headers: dict[str, str] = {}
    for table in tables:
        for column in table.columns:
            headers.setdefault(label_key(column.header), column.header)
    cells: dict[str, list[str]] = {key: [] for key in headers}
    numbers = []
    offset = 0
    for table in tables:
        reading.absorb(table.reading, offset)
        if offset:
            reading.note(
                "several_files",
                f"{table.source} follows",
                f"its rows are listed as {offset} more than their number there",
            )
        here = {label_key(column.header): column.cells() for column in table.columns}
        for key, texts in cells.items():
            texts += here.get(key, [""] * len(table))
        numbers.append(table.rows + offset)
        offset += int(table.rows.max())
    rows = np.concatenate(numbers)
    columns = tuple(TextColumn.of(headers[key], texts, rows) for key, texts in cells.items())
    digest = hashlib.sha256("".join(table.digest for table in tables).encode()).hexdigest()
    return Table(columns, rows, digest, reading)
