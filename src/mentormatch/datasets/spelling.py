"""How people write an answer that they type: another case, a hyphen, a plural, letters swapped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

SHARES: Mapping[str, float] = {
    "as_listed": 0.91,
    "capitalised": 0.04,
    "upper": 0.01,
    "hyphenated": 0.02,
    "number_changed": 0.01,
    "swapped": 0.01,
}
"""Share of typed words written in each way. `read_roster` merges all but the last two."""


def capitalised(word: str) -> str:
    """Return the word with a capital first letter."""
    return word[:1].upper() + word[1:]


def hyphenated(word: str) -> str:
    """Return the words joined by hyphens, or without them where they are hyphenated already."""
    return word.replace("-", " ") if "-" in word else word.replace(" ", "-")


def number_changed(word: str) -> str:
    """Return the plural of a singular, the singular of a plural; adverbs have neither."""
    if word.endswith("ly"):
        return word
    if word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|z|ch|sh)$", word) else f"{word}s"


def swapped(word: str) -> str:
    """Return the word with its last two neighbouring letters that differ in each other's place."""
    for place in range(len(word) - 2, -1, -1):
        first, second = word[place], word[place + 1]
        if first != second and first.isalpha() and second.isalpha():
            return f"{word[:place]}{second}{first}{word[place + 2 :]}"
    return word


def spellings(word: str) -> tuple[str, ...]:
    """Return how a word is written, in the order of `SHARES`."""
    return (
        word,
        capitalised(word),
        word.upper(),
        hyphenated(word),
        number_changed(word),
        swapped(word),
    )


def ways(uniform: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return for each uniform draw a position in `SHARES`."""
    edges = np.cumsum(list(SHARES.values()))[:-1]
    found: npt.NDArray[np.int64] = np.searchsorted(edges, uniform, side="right").astype(np.int64)
    return found


def spelt(vocabulary: Sequence[str]) -> list[str]:
    """Return the spellings of each word in turn: word k in way w is at k * len(SHARES) + w."""
    return [written for word in vocabulary for written in spellings(word)]
