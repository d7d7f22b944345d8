"""Equality by value, for frozen objects that hold arrays and tables."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

__all__ = ["ByValue", "Public", "Setting", "Told", "same", "shown"]

LONGEST, SHORTENED = 6, 3
"""Entries up to which a list is shown whole, and how many of a longer one are."""

Made = TypeVar("Made")


class Public:
    """Base of what people hold in their hands: shown in notebooks, and of which only names that are
    public are proposed.
    """

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name[0] != "_" and name != "once"]

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>"


class Told(Public):
    """Base of answers that are words, with a table to them: shown and printed as their `text`."""

    if TYPE_CHECKING:  # a field of some, worked out by others

        @property
        def text(self) -> str: ...

    _table: ClassVar[str | None] = None
    """Attribute that notebooks show below the text."""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.text}>"

    def _repr_html_(self) -> str:
        if self._table is None:
            return super()._repr_html_()
        table = getattr(self, self._table).to_html(
            escape=True, index=False, float_format=lambda value: f"{value:.3f}"
        )
        return f"<p>{html.escape(self.text)}</p>{table}"


class ByValue(Public):
    """Base of frozen dataclasses that are equal where all that they hold is.

    Fields with ``compare=False`` do not count. `_identity` gives what enters the hash: cheap, and
    equal where the objects are.
    """

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return NotImplemented
        return all(
            same(getattr(self, field.name), getattr(other, field.name))
            for field in fields(self)  # type: ignore[arg-type]
            if field.compare
        )

    def __hash__(self) -> int:
        return hash((type(self), *self._identity()))

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields alone: what was worked out is worked out again where it is needed."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what was made for this object under a name, made when it is first asked for."""
        kept: dict[str, Made] = self.__dict__.setdefault("_once", {})
        if name not in kept:
            kept[name] = make()
        return kept[name]

    def _identity(self) -> tuple[Any, ...]:
        """Return what enters the hash."""
        return ()


class Setting(Public):
    """Base of criteria, rules, objectives and constraints: shown as they are written in a call."""

    def __repr__(self) -> str:
        needed: list[str] = []
        named: list[str] = []
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if not field.kw_only and field.default is MISSING:
                needed.append(shown(value))
            elif field.repr and not self._usual(field.name, value):
                named.append(f"{field.name}={shown(value)}")
        return f"{type(self).__name__}({', '.join([*needed, *named])})"

    def _usual(self, name: str, value: Any) -> bool:
        """Tell whether a field has the value that it has where nothing is said."""
        usual = self.__dataclass_fields__[name].default  # type: ignore[attr-defined]
        return type(value) is type(usual) and same(value, usual)


def shown(value: Any) -> str:
    """Return a value as people write it: long lists by their first entries and their length."""
    if hasattr(value, "shape"):
        return f"<{' x '.join(f'{size:,}' for size in value.shape)} numbers>"
    if isinstance(value, Mapping) and len(value) > LONGEST:
        first = ", ".join(f"{key!r}: {held!r}" for key, held in list(value.items())[:SHORTENED])
        return f"{{{first}, ... {len(value):,} in all}}"
    if isinstance(value, list | tuple):
        some = value if len(value) <= LONGEST else value[:SHORTENED]
        more = "" if len(value) <= LONGEST else f", ... {len(value):,} in all"
        return f"[{', '.join(map(shown, some))}{more}]"
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    return repr(value)


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal: NaN to NaN, arrays and tables by what they hold."""
    if one is other:
        return True
    if hasattr(one, "tocoo") and hasattr(other, "tocoo"):
        return _same_sparse(one, other)
    if hasattr(one, "dtype") or hasattr(other, "dtype"):
        return _same_arrays(one, other)
    if hasattr(one, "columns") and hasattr(one, "index"):
        return _same_tables(one, other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float) and one != one:
        return other != other
    return bool(one == other)


def _same_arrays(one: Any, other: Any) -> bool:
    import numpy as np

    first, second = np.asarray(one), np.asarray(other)
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    if first.dtype == object:
        return all(map(same, first.ravel().tolist(), second.ravel().tolist()))
    return np.array_equal(first, second, equal_nan=first.dtype.kind in "fc")


def _same_sparse(one: Any, other: Any) -> bool:
    first, second = one.tocsr(), other.tocsr()
    names = ("indptr", "indices", "data")
    return first.shape == second.shape and all(
        same(getattr(first, name), getattr(second, name)) for name in names
    )


def _same_tables(one: Any, other: Any) -> bool:
    if not (hasattr(other, "columns") and hasattr(other, "index")):
        return False
    if list(one.columns) != list(other.columns) or len(one) != len(other):
        return False
    return all(
        same(_cells(one, place), _cells(other, place)) for place in range(len(one.columns))
    ) and same(one.index.tolist(), other.index.tolist())


def _cells(table: Any, place: int) -> list[Any]:
    """Return a column's cells, with None for whatever stands for nothing."""
    column = table.iloc[:, place]
    missing = column.isna().tolist()
    return [None if gone else cell for cell, gone in zip(column.tolist(), missing, strict=True)]
