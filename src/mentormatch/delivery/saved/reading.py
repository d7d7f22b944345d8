"""A place in a file that was read: asks for what should be there, and says where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mentormatch.errors import SavedFileError, listed

__all__ = ["Node"]

SHOWN = 60
"""Letters of a wrong value that an error shows."""


@dataclass(frozen=True)
class Node:
    """A value of a document, where it stands, and how arrays are read."""

    value: Any
    place: str
    array: Callable[[Node], Any]

    def error(self, problem: str) -> SavedFileError:
        """Return an error that says where and what."""
        return SavedFileError(f"{self.place or 'the file'} {problem}")

    def _of(self, value: Any, step: str) -> Node:
        return Node(value, f"{self.place}{step}", self.array)

    def __getitem__(self, key: str) -> Node:
        if key not in self:
            raise self.error(f"lacks {key!r}")
        return self._of(self.value[key], f".{key}" if self.place else key)

    def __contains__(self, key: object) -> bool:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return key in self.value

    def __iter__(self) -> Iterator[Node]:
        for place, one in enumerate(self.list()):
            yield self._of(one, f"[{place}]")

    def at(self, place: int) -> Node:
        """Return one entry of a list."""
        values = self.list()
        if place >= len(values):
            raise self.error(f"has {len(values)} entries only")
        return self._of(values[place], f"[{place}]")

    def only(self) -> tuple[str, Node]:
        """Return the one key of an object, and what it holds."""
        if not isinstance(self.value, dict) or len(self.value) != 1:
            raise self.wrong("an object with one key")
        (key,) = self.value
        return key, self[key]

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Yield the keys of an object with what they hold."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        for key in self.value:
            yield key, self[key]

    def wrong(self, domain: str) -> SavedFileError:
        """Return the error that says what should be here."""
        shown = repr(self.value)
        shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]} ..."
        return self.error(f"must be {domain}. Got {shown}")

    def list(self) -> list[Any]:
        """Return a list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return self.value

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(one.text() for one in self)

    def texts_or_none(self) -> tuple[str | None, ...]:
        """Return a list of texts, None where nothing was said."""
        return tuple(None if one.value is None else one.text() for one in self)

    def choice(self, known: Sequence[str]) -> str:
        """Return one of the known words."""
        if self.value not in known:
            raise self.wrong(f"one of {listed(known)}")
        return str(self.value)

    def whole(self, least: int) -> int:
        """Return a whole number."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < least:
            raise self.wrong(f"a whole number from {least}")
        return self.value

    def number(self) -> float:
        """Return a number; one that is not finite is ``{"number": "inf"}``."""
        if isinstance(self.value, dict):
            return float(self["number"].choice(("nan", "inf", "-inf")))
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise self.wrong("a number")
        return float(self.value)

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value
