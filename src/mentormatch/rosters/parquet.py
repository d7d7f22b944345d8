"""Rosters in parquet: one file, or a folder of parts that follow one another."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from mentormatch.errors import MissingLibraryError, listed
from mentormatch.rosters.findings import Findings
from mentormatch.rosters.table import cell_text

__all__ = ["PARQUET", "arrow_or", "cells_of_parquet", "parts_of"]

PARQUET = b"PAR1"
"""What a parquet file begins with."""
BATCH = 1 << 16
"""Rows read at a time."""
OURS = b"mentormatch"
"""In the metadata of files that `to_parquet` wrote."""
Cells = tuple[list[str], list[list[str]]]
"""Headers, and the texts of each column."""


def parts_of(folder: Path, findings: Findings) -> list[Path]:
    """Return the parts in a folder, in the order of their names; note what else is there.

    Names that begin with a dot or an underscore are what programs write beside their parts.
    """
    there = sorted(one for one in folder.iterdir() if not one.name.startswith((".", "_")))
    parts = [one for one in there if one.suffix.lower() == ".parquet" and one.is_file()]
    others = [one.name for one in there if one not in parts]
    if not parts:
        _refuse(findings, f"{str(folder)!r} is a folder, and no file in it ends in .parquet",
                "hand in one file, a list of files, or the folder that holds the parts "
                "of a parquet file")  # fmt: skip
    elif others:
        _refuse(findings, f"the folder holds more than parquet files: {listed(others)}",
                "move these out of it, or hand in a list of the files to read")  # fmt: skip
    return parts


def cells_of_parquet(parts: list[tuple[str, Path | bytes]], findings: Findings) -> Cells:
    """Return what parts hold, one below the other; every part that cannot be read is noted.

    Parameters
    ----------
    parts
        Name and place (or content) of each.

    Notes
    -----
    Equal texts of a column are held once.
    """
    headers: list[str] | None = None
    columns: list[list[str]] = []
    seen: list[dict[str, str]] = []
    for name, place in parts:
        label = f"part {name!r}" if len(parts) > 1 else "the file"
        with _opened(place, label, findings) as file:
            if file is None:
                continue
            mine, places = _headers(file, label, findings)
            if headers is None:
                headers, first = mine, label
                columns, seen = [[] for _ in mine], [{} for _ in mine]
            if Counter(mine) != Counter(headers):
                _refuse(findings, f"{label} has other columns than {first}: "
                        + _other(mine, headers), "write all with the same columns")  # fmt: skip
                continue
            order = _in_order(mine, headers)
            for batch in file.iter_batches(BATCH):
                for k, (cells, known) in enumerate(zip(columns, seen, strict=True)):
                    for cell in batch.column(places[order[k]]).to_pylist():
                        text = cell_text(cell)
                        cells.append(known.setdefault(text, text))
    return headers or [], columns


@contextmanager
def _opened(place: Path | bytes, label: str, findings: Findings) -> Iterator[Any]:
    """Open one part, or None; what is wrong with it, now or while it is read, is noted."""
    arrow = arrow_or("A CSV file needs nothing more.")
    stream: IO[bytes] = io.BytesIO(place) if isinstance(place, bytes) else place.open("rb")
    with stream:
        try:
            file = arrow.parquet.ParquetFile(stream)
        except (arrow.ArrowException, OSError, ValueError):
            _broken(label, findings)
            yield None
            return
        try:
            yield file
        except (arrow.ArrowException, OSError, ValueError):
            _broken(label, findings)


def _broken(label: str, findings: Findings) -> None:
    _refuse(findings, f"{label} is no parquet file, or a damaged one", "write it again")


def _headers(file: Any, label: str, findings: Findings) -> tuple[list[str], list[int]]:
    """Return the headers and places of the columns, without an index that pandas has numbered."""
    metadata = file.metadata.metadata or {}
    if OURS in metadata:
        _refuse(findings, f"{label} is what to_parquet of mentormatch wrote",
                "load it with Profiles.from_parquet, Scores.from_parquet or "
                "Matching.from_parquet")  # fmt: skip
    told = json.loads(metadata.get(b"pandas", b"{}"))
    index = [one for one in told.get("index_columns", ()) if isinstance(one, str)]
    names = file.schema_arrow.names
    places = [k for k, name in enumerate(names)
              if not (name in index and name.startswith("__index_level_"))]  # fmt: skip
    return [names[k] for k in places], places


def _in_order(mine: list[str], headers: list[str]) -> list[int]:
    """Return where each of the headers is among those of a part."""
    left: dict[str, list[int]] = {}
    for place, name in enumerate(mine):
        left.setdefault(name, []).append(place)
    return [left[name].pop(0) for name in headers]


def _other(mine: list[str], headers: list[str]) -> str:
    more = Counter(mine)
    more.subtract(headers)
    lacks = listed([repr(name) for name, many in more.items() if many < 0])
    has = listed([repr(name) for name, many in more.items() if many > 0])
    told = [f"it lacks {lacks}"] * bool(lacks) + [f"it has {has} as well"] * bool(has)
    return "; ".join(told)


def _refuse(findings: Findings, problem: str, action: str) -> None:
    findings.note("unreadable_file", problem, action, fatal=True)


def arrow_or(instead: str) -> Any:
    """Return pyarrow; raise `MissingLibraryError`, which ends in what to do instead."""
    try:
        arrow = import_module("pyarrow")
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingLibraryError(
            f"Parquet needs pyarrow: pip install 'mentormatching[parquet]'. {instead}",
            library="pyarrow",
        ) from error
    return arrow
