"""Values as JSON's types, and back: settings, arrays, tables; what every saved file is made of."""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from mentormatch.delivery.saved.reading import Node
from mentormatch.errors import ParameterError, listed
from mentormatch.matching import constraints, no_mutual, objectives, wishes
from mentormatch.matching.case import Constraint
from mentormatch.matching.objectives import Objective
from mentormatch.scoring import consent, criteria, network, rules
from mentormatch.scoring import wishes as preferences
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.rules import Rule

__all__ = ["Array", "Pack", "in_line", "kinds", "packed", "table", "table_of", "value_of", "worded"]

Array: TypeAlias = npt.NDArray[Any]
Pack: TypeAlias = Callable[[Array], dict[str, Any]]
"""How an array is written: in the text, or beside it."""

SPELT_OUT = 64
"""Longer arrays are packed."""
DTYPES = ("bool", "int32", "int64", "uint64", "float32", "float64")
DENSEST = 1100
"""zlib packs at most about so many bytes into one."""


@cache
def kinds() -> dict[str, type]:
    """Return name -> class of every criterion, rule, objective and constraint of the library."""
    homes = {m.__name__ for m in (consent, criteria, network, preferences, rules, objectives,
                                    wishes, constraints, no_mutual)}  # fmt: skip
    homes.add("mentormatch.scoring.scores")
    found: dict[str, type] = {}
    waiting: list[type] = [Criterion, Rule, Objective, Constraint]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__ in homes and not kind.__name__.startswith("_"):
            found[kind.__name__] = kind
    for name in ("Criterion", "Rule", "Objective", "Constraint", "Custom"):
        found.pop(name, None)  # bases, and what only holds a function
    return found


def worded(value: Any, pack: Pack) -> Any:
    """Return any setting in JSON's types, such that `value_of` gives it back.

    Raises
    ------
    ParameterError
        If it is of a kind that no file can hold: a function, a class of the user's own.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": str(value)}
    if isinstance(value, np.ndarray):
        return pack(value)
    if isinstance(value, pd.DataFrame):
        return {"table": table(value)}
    if isinstance(value, Mapping):
        pairs = [[worded(key, pack), worded(held, pack)] for key, held in value.items()]
        return {"entries": pairs}
    if isinstance(value, set | frozenset):
        return {"set": sorted((worded(one, pack) for one in value), key=repr)}
    if isinstance(value, list | tuple | range):
        return [worded(one, pack) for one in value]
    if isinstance(value, date):  # or a moment
        return {"date": value.isoformat()}
    return _kind(value, pack)


def _kind(value: Any, pack: Pack) -> dict[str, Any]:
    name = type(value).__name__
    if not is_dataclass(value) or kinds().get(name) is not type(value):
        raise ParameterError(
            f"A file can hold criteria, rules, objectives and constraints of mentormatch, but not "
            f"{value!r} ({type(value).__module__}.{type(value).__qualname__}). Say it with one of "
            "the library's, for instance Forbid(pairs) or Precomputed(matrix), and save again; or "
            "pickle the object, which needs your code to read it."
        )
    return {"kind": name} | {
        field.name: worded(getattr(value, field.name), pack) for field in fields(value)
    }


def value_of(node: Node) -> Any:
    """Return what `worded` wrote."""
    given = node.value
    if isinstance(given, list):
        return tuple(value_of(one) for one in node)
    if not isinstance(given, dict):
        return given
    if "kind" in given:
        return _object(node)
    sign, held = node.only()
    match sign:
        case "number":
            return float(held.choice(("nan", "inf", "-inf")))
        case "table":
            return table_of(held)
        case "entries":
            return {value_of(one.at(0)): value_of(one.at(1)) for one in held}
        case "set":
            return frozenset(value_of(one) for one in held)
        case "date":
            text = held.text()
            return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        case "array":
            return node.array(held)
    raise node.error(f"holds {sign!r}, which means nothing here")


def _object(node: Node) -> Any:
    name = node["kind"].text()
    kind = kinds().get(name)
    if kind is None:
        raise node.error(f"is of a kind {name!r} that this version of mentormatch does not know")
    known = {field.name for field in fields(kind)}
    given = {key: value_of(node[key]) for key in node.value if key != "kind"}
    if unknown := sorted(given.keys() - known):
        raise node.error(f"{name} has no {listed(unknown)}")
    return kind(**given)


# -- arrays -------------------------------------------------------------------------------------


def in_line(array: Array) -> dict[str, Any]:
    """Return an array as text: its numbers where they are few, else packed (zlib, base64)."""
    plain = np.ascontiguousarray(array)
    made: dict[str, Any] = {"dtype": str(plain.dtype), "shape": list(plain.shape)}
    if plain.dtype.name not in DTYPES:
        raise ParameterError(f"A file can hold arrays of numbers, not of {plain.dtype}.")
    flat = plain.ravel()
    if plain.size <= SPELT_OUT and not np.isinf(flat.astype(np.float64)).any():
        made["values"] = [None if one != one else one for one in flat.tolist()]
        return {"array": made}
    octets = flat.astype(flat.dtype.newbyteorder("<")).tobytes()
    return {"array": made | {"zlib": base64.b64encode(zlib.compress(octets, 6)).decode("ascii")}}


def packed(node: Node) -> Array:
    """Return the array that `in_line` wrote."""
    dtype = np.dtype(node["dtype"].choice(DTYPES))
    shape = tuple(one.whole(0) for one in node["shape"])
    size = math.prod(shape)
    if "values" in node:
        values = node["values"].list()
        if len(values) != size:
            raise node.error(f"has {len(values)} values, not {size}")
        if dtype.kind == "f":
            values = [math.nan if one is None else one for one in values]
        array = np.array(values, dtype=dtype)
        if array.tolist() != values and dtype.kind != "f":
            raise node.error(f"holds values that are no {dtype}")
        return array.reshape(shape)
    squeezed = base64.b64decode(node["zlib"].text(), validate=True)
    octets = size * dtype.itemsize
    if octets > DENSEST * len(squeezed) + 64:
        raise node.error(f"says that it has {size} values, more than it can hold")
    opened = zlib.decompressobj()
    held = opened.decompress(squeezed, octets + 1)
    if len(held) != octets:
        raise node.error(f"does not hold {size} values")
    return np.frombuffer(held, dtype=dtype.newbyteorder("<")).astype(dtype).reshape(shape)


# -- tables -------------------------------------------------------------------------------------


def table(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a frame of plain cells as JSON: columns with their type; nothing is null."""
    made = []
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else "O"
        missing = column.isna().tolist()
        cells = [
            None if gone else _cell(cell)
            for cell, gone in zip(column.tolist(), missing, strict=True)
        ]
        made.append({"name": str(name), "type": _TYPES.get(kind, "object"), "cells": cells})
    return {"rows": len(frame), "columns": made}


def _cell(cell: Any) -> Any:
    try:
        return worded(cell, in_line)
    except ParameterError:  # what a user's own frame held
        return str(cell)


_TYPES = {"i": "int64", "f": "float64", "b": "bool"}


def table_of(node: Node) -> pd.DataFrame:
    """Return the frame that `table` wrote."""
    rows = node["rows"].whole(0)
    made: dict[str, pd.Series[Any]] = {}
    for column in node["columns"]:
        cells = [value_of(cell) for cell in column["cells"]]
        if len(cells) != rows:
            raise column.error(f"has {len(cells)} cells, not {rows}")
        kind = column["type"].choice((*_TYPES.values(), "object"))
        made[column["name"].text()] = pd.Series(cells, dtype=kind)
    return pd.DataFrame(made, index=pd.RangeIndex(rows))
