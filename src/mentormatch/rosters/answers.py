"""One distinct cell text at a time: blanks, one label each, free text."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import Categories, Texts, label_key
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.table import TextColumn

Value = TypeVar("Value")
MACHINE_BLANK = re.compile(
    r"nan|null|nil|undefined|<na>|nat|#n/?a|#ref!|#value!|#name\?|#div/0!|n/?a|not applicable"
    r"|n\.a\.|-+|–|—|\.|\?+",
    re.IGNORECASE,
)


def without_blank_words(answers: TextColumn, reading: Reading) -> TextColumn:
    """Turn machine words for a missing answer (``NaN``, ``#N/A``, ``-``) into blanks, listed."""
    gone = {p for p, text in enumerate(answers.texts) if MACHINE_BLANK.fullmatch(text)}
    for place in sorted(gone):
        reading.note(
            "blank_word",
            "the cell stands for a missing answer",
            "read as not answered",
            **answers.at(place),
        )
    return _drop_texts(answers, gone) if gone else answers


def _drop_texts(answers: TextColumn, gone: set[int]) -> TextColumn:
    lookup = np.full(len(answers.texts) + 1, -1, dtype=np.int64)
    kept = [place for place in range(len(answers.texts)) if place not in gone]
    lookup[kept] = np.arange(len(kept))
    texts = tuple(answers.texts[place] for place in kept)
    return TextColumn(answers.header, lookup[answers.codes], texts, answers.rows)


def each_text(
    answers: TextColumn,
    parse: Callable[[str], tuple[Value, Finding | None]],
    reading: Reading,
) -> list[Value]:
    """Parse every distinct text once; list what was found for every row that holds it."""
    values: list[Value] = []
    for place, text in enumerate(answers.texts):
        value, finding = parse(text)
        values.append(value)
        if finding is not None:
            reading.note(
                finding.code,
                finding.problem,
                finding.action,
                fatal=finding.fatal,
                **answers.at(place, text),
            )
    return values


def literal_list(text: str) -> list[str] | None:
    """Return the items of a JSON or Python list, None where a text is none.

    Of objects such as ``{"Id": 3, "Value": "Law"}`` the value; of ``{"Law": true}`` what is true.
    """
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            continue
        if isinstance(found, set):
            found = sorted(found, key=lambda item: text.find(str(item)))  # as they are written
        if isinstance(found, dict):
            ticks = all(isinstance(value, bool) for value in found.values())
            found = [name for name in found if found[name]] if ticks else [found]
        items = [_named(item) for item in found] if isinstance(found, list | tuple) else [None]
        if None not in items:
            return [item.strip() for item in items if item and item.strip()]
    return None


_NAMES_OF_ITEMS = ("value", "label", "name", "title", "text", "displayname", "display_name")


def _named(item: object) -> str | None:
    """Return what an item of a list is called, None for a list within the list."""
    if isinstance(item, dict):
        known = {str(key).casefold(): value for key, value in item.items()}
        item = next((known[key] for key in _NAMES_OF_ITEMS if key in known), None)
    return str(item) if isinstance(item, str | int | float) else None


def lookup_numbers(answers: TextColumn, values: Sequence[float]) -> npt.NDArray[np.float64]:
    """Return float64 (n,): the value of each person's text, NaN where blank."""
    return np.array([*values, np.nan], dtype=np.float64)[answers.codes]


# --- categories, texts --------------------------------------------------------------------------


def canonical(texts: Iterable[str], counts: Iterable[int]) -> dict[str, str]:
    """Return the spelling to show for each text: the commonest one that `label_key` equates."""
    spellings: dict[str, Counter[str]] = {}
    for text, count in zip(texts, counts, strict=True):
        spellings.setdefault(label_key(text), Counter())[text] += int(count)
    shown = {
        key: min(counted, key=lambda text: (-counted[text], text))
        for key, counted in spellings.items()
    }
    return {text: shown[key] for key, counted in spellings.items() for text in counted}


def categories(answers: TextColumn, reading: Reading) -> Categories:
    """Return one label per person; spellings that differ only in case or hyphens merge, listed."""
    answers = without_blank_words(answers, reading)
    shown = canonical(answers.texts, answers.counts)
    labels = tuple(
        sorted({label for label in shown.values() if label_key(label)}, key=by_label_key)
    )
    position = {label: place for place, label in enumerate(labels)}
    for place, text in enumerate(answers.texts):
        if text != shown[text]:
            reading.note(
                "spelling",
                "another spelling of the same answer",
                f"read as {shown[text]!r}",
                **answers.at(place, text),
            )
    codes = np.array([*(position.get(shown[t], -1) for t in answers.texts), -1], dtype=np.int32)
    return Categories(codes[answers.codes], labels)


def by_label_key(label: str) -> tuple[str, str]:
    return label_key(label), label


def texts(answers: TextColumn) -> Texts:
    """Return free text per person."""
    return Texts(tuple(cell or None for cell in answers.cells()))
