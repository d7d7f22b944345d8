"""Saved files as parquet: a table that any tool reads, and the document in its metadata.

One row per person: per mentee for scores and matchings. Large arrays with a row per mentee are
columns of fixed-size lists, "saved array 0", "saved array 1", ...; the document says which is
which.
"""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from mentormatch.delivery.cells import csv_frame
from mentormatch.delivery.export import document_of
from mentormatch.delivery.saved.documents import profiles_document, scores_document
from mentormatch.delivery.saved.encoding import DTYPES, Array, in_line, packed
from mentormatch.delivery.saved.files import heading, loaded
from mentormatch.delivery.saved.reading import Node
from mentormatch.delivery.saved.records import rounded
from mentormatch.errors import SavedFileError
from mentormatch.matching.manifest import manifest
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import Categories, Column, Labels, Numbers, People, Texts, Vectors
from mentormatch.rosters.parquet import arrow_or
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.engine import MILLION, plain
from mentormatch.scoring.scores import Scores
from mentormatch.writing import FilePath, replacing

__all__ = [
    "from_parquet", "matching_to_parquet", "profiles_to_parquet", "scores_to_parquet",
]  # fmt: skip

BESIDE = "saved array "
KEY = b"mentormatch"
"""Of the document in the file's metadata."""
GROUP = 1 << 17
"""Rows that are read at once at least."""
LARGEST = 2**31 - 1
"""Bytes of a document that are read."""
Saved = TypeVar("Saved", Matching, Scores, Profiles)


def profiles_to_parquet(profiles: Profiles, path: FilePath) -> Path:
    """Write a roster, one row per person with her answers; return the path."""
    beside = _Beside(len(profiles))
    document = heading(Profiles) | profiles_document(profiles, beside)
    rows: dict[str, Any] = {"id": profiles.ids, "name": profiles.names, "email": profiles.emails}
    if profiles.role == "mentor":
        rows["capacity"] = profiles.capacity
    for name, column in profiles.columns.items():
        if not name.startswith(BESIDE):
            rows.setdefault(name, _answers(column))
    return _write(document, rows, beside, path)


def scores_to_parquet(scores: Scores, path: FilePath) -> Path:
    """Write scores, one row per mentee; return the path."""
    beside = _Beside(len(scores.mentees))
    document = heading(Scores) | scores_document(scores, beside)
    return _write(document, {"mentee": scores.mentees.ids}, beside, path)


def matching_to_parquet(matching: Matching, path: FilePath, *, answers: bool = True) -> Path:
    """Write a matching, one row per mentee with her mentors; return the path.

    Without the answers: one row per pair, as `to_csv` writes them, text made safe as there.
    """
    if not answers:
        pairs = csv_frame(rounded(matching.to_frame()))
        made = manifest(matching)
        kept = heading(Matching) | {
            "unmatched": list(matching.unmatched), "notes": list(matching.notes),
            "certificate": made["result"], "manifest": made, "saved": None,
        }  # fmt: skip
        told: dict[str, Any] = {str(name): values.tolist() for name, values in pairs.items()}
        return _write(kept, told, _Beside(len(pairs)), path)
    scores = matching.problem.scores
    beside = _Beside(len(scores.mentees))
    document = document_of(matching, beside)
    mentors = [[j for j in row if j >= 0] for row in matching.mentors_of.tolist()]
    scored: list[list[float]] = [[] for _ in mentors]
    worth = plain(scores.at(*matching.pairs)) / MILLION
    for i, score in zip(matching.pairs[0].tolist(), worth.tolist(), strict=True):
        scored[i].append(score)
    rows = {
        "mentee": scores.mentees.ids,
        "mentee_name": [scores.mentees.name(i) for i in range(len(mentors))],
        "mentors": [[scores.mentors.ids[j] for j in row] for row in mentors],
        "mentor_names": [[scores.mentors.name(j) for j in row] for row in mentors],
        "scores": scored,
    }
    return _write(document, rows, beside, path)


class _Beside:
    """Takes arrays with a row per person out of the document, into columns."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.arrays: list[Array] = []

    def __call__(self, array: Array) -> dict[str, Any]:
        if array.ndim != 2 or len(array) != self.rows or not array.size:
            return in_line(array)
        self.arrays.append(array)
        name = f"{BESIDE}{len(self.arrays) - 1}"
        return {"array": {"dtype": str(array.dtype), "shape": list(array.shape), "column": name}}


def _answers(column: Column) -> list[Any]:
    """Return one readable value per person, of one type."""
    if isinstance(column, Numbers | Categories | Texts | Vectors | Labels | People):
        return column.to_list()
    return [None if cell is None else str(cell) for cell in column.to_list()]


def _arrow() -> Any:
    return arrow_or("to_json needs nothing more.")


def _write(document: dict[str, Any], rows: dict[str, Any], beside: _Beside, path: FilePath) -> Path:
    pa = _arrow()
    columns = [pa.array([_readable(one) for one in values]) for values in rows.values()]
    names = [_readable(name) for name in rows]
    for place, array in enumerate(beside.arrays):
        flat = pa.array(np.ascontiguousarray(array).ravel())
        columns.append(pa.FixedSizeListArray.from_arrays(flat, array.shape[1]))
        names.append(f"{BESIDE}{place}")
    text = json.dumps(document, allow_nan=False).encode("ascii")
    made = pa.Table.from_arrays(columns, names=names)
    with (
        replacing(path) as file,
        pa.parquet.ParquetWriter(
            file, made.schema, compression="zstd", store_schema=False
        ) as writer,
    ):
        writer.write_table(made, row_group_size=GROUP)
        writer.add_key_value_metadata({KEY: text})
    return Path(path)


def _readable(value: Any) -> Any:
    """Return a value for people's eyes: half characters, which no file takes, as question marks."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return [_readable(one) for one in value] if isinstance(value, list) else value


def from_parquet(kind: type[Saved], path: FilePath) -> Saved:
    """Read what a thing of this kind wrote with its `to_parquet`."""
    pa = _arrow()
    name = os.path.basename(os.fspath(path))

    def document() -> Node:
        with Path(path).open("rb") as file:
            opened = pa.parquet.ParquetFile(
                file, thrift_string_size_limit=LARGEST, thrift_container_size_limit=LARGEST
            )
            held = (opened.metadata.metadata or {}).get(KEY)
            table = opened.read()
        if held is None:
            raise SavedFileError("is a parquet file of something else: it has no document")
        return Node(json.loads(held), "", partial(_array, table))

    return loaded(document, kind, name)


def _array(table: Any, node: Node) -> Array:
    """Return an array of the document, or of the column that it names."""
    if "column" not in node:
        return packed(node)
    dtype = np.dtype(node["dtype"].choice(DTYPES))
    shape = tuple(one.whole(0) for one in node["shape"])
    name = node["column"].choice(table.column_names)
    flat: Array = table.column(name).combine_chunks().flatten().to_numpy(zero_copy_only=False)
    if flat.dtype != dtype or len(shape) != 2 or flat.size != shape[0] * shape[1]:
        raise node.error(f"is not what the column {name!r} holds")
    return flat.reshape(shape)
