"""What rosters are worded like, in eleven languages and two scripts: data, not code.

One file per language in `words/`; each entry is a word, a phrase or a regular expression over a
header in lower case, without accents and punctuation. A newcomer adds a line.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from mentormatch.rosters.remembered import remembered

_LETTERS = str.maketrans(
    "أإآٱىيكةۀ", "ااااییکهه", "".join(map(chr, [*range(0x64B, 0x653), 0x640, 0x200D]))
)
"""Forms of one Arabic or Persian letter; vowel signs and the stretching sign are left out."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
"""Scripts that write no spaces between words."""
DEFAULT_STRENGTH = {"names": {"en": 100}, "asks": {"en": 75}}


def plain_letters(text: str) -> str:
    """Return a text with one form per letter: no accents, one Arabic yeh, `ss` for `ß`."""
    if text.isascii():
        return text
    split = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", split))
    return bare.replace("ß", "ss").replace("\u200c", " ").translate(_LETTERS)


_GENDER_MARKS = re.compile(r"(?<=[^\W\d])(?:[:*·•](?=(?:in|innen|n|r|e|es)\b)|/(?=in(?:nen)?\b))")
"""Signs within words for all genders: ``Mentor:in``, ``eine*n``, ``mentoré·e``, ``Mentor/in``."""


@remembered
def fold_header(header: str) -> str:
    """Return a header as lower-case words: ``employeeId`` and ``Employee-ID`` are the same."""
    words = re.sub(r"\((e?s|e?n|in|innen|e)\)", r"\1", header)  # supervisor(s)
    words = _GENDER_MARKS.sub("", words)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    words = plain_letters(re.sub(r"(?:[^\w\u200c]|_)+", " ", plain_letters(words)).casefold())
    words = re.sub(r"\b(?:part|section|question|q) ?\d+(?: of \d+)?\b", " ", words)
    return " ".join(words.split())


@dataclass(frozen=True)
class Wording:
    """How one field is worded: a compiled pattern, and how much it weighs against others."""

    field: str
    matches: Callable[[str], re.Match[str] | None]
    strength: int
    foreign: bool


@cache
def languages() -> dict[str, dict[str, Any]]:
    """Return the vocabulary of every language, by its code."""
    folder = resources.files(__package__) / "words"
    return {
        path.name.removesuffix(".toml"): tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.iterdir(), key=lambda p: p.name)
        if path.name.endswith(".toml")
    }


def is_unspaced(text: str) -> bool:
    """Tell whether a text is in a script that writes no spaces between words."""
    return _UNSPACED.search(text) is not None


def _bounded(pattern: str) -> str:
    """Return a pattern that is found as whole words, where the script has any."""
    return pattern if is_unspaced(pattern) else rf"(?<!\w)(?:{pattern})(?!\w)"


@cache
def wordings(section: str, role: str) -> tuple[Wording, ...]:
    """Return the wordings of ``"names"`` (the whole header) or ``"asks"`` (a part of it)."""
    groups: dict[tuple[str, int, bool], list[str]] = {}
    for code, vocabulary in languages().items():
        usual = DEFAULT_STRENGTH[section].get(code, 90 if section == "names" else 72)
        for who in ("anybody", role):
            for field, entries in vocabulary.get(section, {}).get(who, {}).items():
                for entry in entries:
                    words = entry if isinstance(entry, str) else entry["words"]
                    strength = usual if isinstance(entry, str) else entry["strength"]
                    groups.setdefault((field, strength, code != "en"), []).append(words)
    found = []
    for (field, strength, foreign), words in groups.items():
        bound = (lambda w: w) if section == "names" else _bounded
        compiled = re.compile("|".join(bound(plain_letters(w)) for w in words))
        test = compiled.fullmatch if section == "names" else compiled.search
        found.append(Wording(field, test, strength, foreign))
    return tuple(found)


def entries(section: str, key: str) -> Iterator[str]:
    """Yield the entries of every language, with one form per letter."""
    yield from map(plain_letters, written(section, key))


def written(section: str, key: str) -> Iterator[str]:
    """Yield the entries of every language as they are written."""
    for vocabulary in languages().values():
        here: Any = vocabulary
        for name in section.split("."):
            here = here.get(name, {})
        yield from here.get(key, ())


@cache
def is_one_of(section: str, key: str) -> Callable[[str], bool]:
    """Return a test whether a folded text is, as a whole, an entry of any language."""
    pattern = re.compile("|".join(entries(section, key)))
    return lambda folded: pattern.fullmatch(folded) is not None


@cache
def within(section: str, key: str) -> re.Pattern[str]:
    """Return the pattern that finds an entry of any language in a folded text."""
    return re.compile("|".join(map(_bounded, entries(section, key))) or r"(?!)")


@cache
def number_words() -> dict[str, int]:
    """Return the words for small numbers of every language."""
    return {
        plain_letters(word): int(number)
        for vocabulary in languages().values()
        for word, number in vocabulary.get("seats", {}).get("numbers", {}).items()
    }


@cache
def ladders() -> tuple[tuple[str, ...], ...]:
    """Return the letters of grades that are known to follow one another, lowest first."""
    return tuple(
        tuple(steps)
        for vocabulary in languages().values()
        for steps in vocabulary.get("grades", {}).get("ladders", ())
    )


@cache
def title_endings() -> tuple[tuple[str, ...], ...]:
    """Return sets of endings in which the forms of one title differ: in, innen and nothing."""
    return tuple(
        tuple(map(plain_letters, endings))
        for vocabulary in languages().values()
        for endings in vocabulary.get("grades", {}).get("forms", ())
    )


@cache
def disputed_steps() -> tuple[tuple[str, str], ...]:
    """Return pairs of steps of a career, as patterns, that people order either way."""
    return tuple(
        (pair[0], pair[1])
        for vocabulary in languages().values()
        for pair in vocabulary.get("grades", {}).get("disputed", ())
    )


@cache
def covered() -> dict[str, dict[str, int]]:
    """Return how many entries each language has in each section."""

    def count(node: Any) -> int:
        if isinstance(node, dict):
            return sum(map(count, node.values()))
        return len(node) if isinstance(node, list) else 1

    return {
        code: {section: count(node) for section, node in vocabulary.items()}
        for code, vocabulary in languages().items()
    }


# --- yes and no, negation ----------------------------------------------------------------------


@remembered
def yes_or_no(text: str) -> bool | None:
    """Return what an answer to a yes/no question says, in any language; None where neither.

    Examples
    --------
    >>> yes_or_no("Oui"), yes_or_no("いいえ"), yes_or_no("perhaps")
    (True, False, None)
    """
    word = fold_header(text)
    if text.strip().casefold() in _TICKS or word in ("1", "1 0"):
        return True
    if word in ("0", "0 0") or text.strip().casefold() in ("x no", "☐", "✗", "✘"):
        return False
    if len(word) > 60:
        return None
    if is_one_of("answers", "no")(word):
        return False
    return True if is_one_of("answers", "yes")(word) else None


_TICKS = frozenset(["x", "✓", "✔", "☑", "✅", "v", "√", "●", "•", "✗yes"])
_BRACKETS = re.compile(r"[(\[（【{][^()\[\]（）【】{}]*[)\]）】}]")
_SENTENCE = re.compile(r"[.?!;:\n。？！；：؟،]+|\s[-–—]\s")


@cache
def _starts_aside() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(entries('polarity', 'asides'))})(?!\w)")


def is_aside(folded: str) -> bool:
    """Tell whether a clause of a header says how to answer, not what is asked."""
    return not folded or _starts_aside().match(folded) is not None


@lru_cache(maxsize=4096)
def main_clauses(header: str) -> tuple[str, ...]:
    """Return the folded clauses of a header that ask something: no brackets, no instructions."""
    outside = _BRACKETS.sub(" ", header)
    clauses = [fold_header(clause) for clause in _SENTENCE.split(outside)]
    asked = [clause for clause in clauses if clause and not is_aside(clause)]
    return tuple(asked) or (fold_header(outside) or fold_header(header),)


@lru_cache(maxsize=4096)
def without_asides(header: str) -> str:
    """Return the folded header without brackets that only say how to answer: (Jahre), (max. 3)."""
    kept = _BRACKETS.sub(lambda m: " " if is_aside(fold_header(m.group())) else m.group(), header)
    return fold_header(kept)


@lru_cache(maxsize=4096)
def without_lead(folded: str) -> str:
    """Return a folded header without what a form puts before the name of a field.

    Examples
    --------
    >>> without_lead("what is your full name"), without_lead("qual e o seu nome")
    ('full name', 'nome')
    """
    return _lead().sub("", folded).strip()


@cache
def _lead() -> re.Pattern[str]:
    return re.compile(rf"^(?:(?:{'|'.join(map(_bounded, entries('leads', 'words')))}) ?)+")


@cache
def _number_signs() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(written('people', 'number_signs'))})")


@lru_cache(maxsize=4096)
def without_number_signs(header: str) -> str:
    """Return a header without what stands for "number" in it: "Preferred mentor no.", "n°", "Nr."

    Examples
    --------
    >>> without_number_signs("Preferred mentor no."), without_number_signs("Mentor: no thanks")
    ('Preferred mentor', 'Mentor: no thanks')
    """
    return " ".join(_number_signs().sub(" ", header).split())


@lru_cache(maxsize=4096)
def is_negative(header: str) -> bool:
    """Tell whether a question asks for what is not wanted, not offered or not known.

    Examples
    --------
    >>> is_negative("Topics you cannot help with"), is_negative("Goals (do not list more than 3)")
    (True, False)
    """
    for clause in main_clauses(without_number_signs(header)):
        bare = within("polarity", "neutral").sub(" ", clause)
        if within("polarity", "not").search(bare):
            return True
    return False
