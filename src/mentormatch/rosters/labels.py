"""Several labels in one cell: where to split, levels, priorities."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.answers import (
    MACHINE_BLANK,
    by_label_key,
    canonical,
    each_text,
    literal_list,
    lookup_numbers,
    without_blank_words,
)
from mentormatch.rosters.columns import Labels, label_key
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.scales import LEVEL_WORDS
from mentormatch.rosters.table import TextColumn

_NOTHING = re.compile(r"none(?: of (?:these|the above))?|nothing|no|nobody|no one", re.IGNORECASE)
_PREFIX = re.compile(
    r"(skill|goal|interest|topic|area|option|need|value|language)s?\s*:\s+(?=\S)", re.IGNORECASE
)
_COLON_LEVEL = re.compile(r"(.+?)\s*[:=]\s*([^:=]*)$")
_PAREN_LEVEL = re.compile(r"(.+?)\s*[(\[]\s*([^()\[\]]*)\s*[)\]]$")
_DASH_LEVEL = re.compile(r"(.+?)\s+[-–—]\s+([A-Za-z ]+)$")


# list marks of other scripts, but not within parentheses
_WIDE = re.compile("[、；؛،﹑，︐︔｜](?![^（(]{0,200}[）)])")
_QUOTED = re.compile(r'(?:"[^"]+"|[^",;]+)(?:[,;]\s*(?:"[^"]+"|[^",;]+))*')
_BULLET = re.compile(r"(?:^|\n)\s*(?:[•‣▪●○◦·✓✔☑■□➢►*]\s*|[-–—]\s+)")
_INLINE_BULLET = re.compile(r"\s*[•‣▪●◦✓✔☑■➢►]\s*")
_ENUMERATED = re.compile(r"(?:^|\s)[(（]?(\d{1,2})[.)．）、]\s*(?=[^\d\s])")


def marked_list(text: str) -> tuple[list[str], str] | None:
    """Return the options of an answer that shows by its marks where to split, and what they are.

    JSON and Python lists, SharePoint's ``;#``, bullets, numbered lines, tabs, quoted options, and
    the commas and semicolons of Chinese, Japanese, Arabic and Persian.

    Examples
    --------
    >>> marked_list('["Law","Art"]'), marked_list("3;#Law;#5;#Art")
    ((['Law', 'Art'], 'a JSON list'), (['Law', 'Art'], "';#'"))
    """
    word = text.strip()
    if word[:1] == "[" and word[-1:] == "]" and (items := literal_list(word)) is not None:
        return items, "a JSON list"
    if ";#" in word:
        pieces = _stripped(word.split(";#"))
        lookup = len(pieces) > 1 and all(piece.isdecimal() for piece in pieces[::2])
        return (pieces[1::2] if lookup and len(pieces) % 2 == 0 else pieces), "';#'"
    if _BULLET.match(word):
        parts = _BULLET.split(word) if "\n" in word else _INLINE_BULLET.split(word)
        parts = [re.sub(r"^[-–—*]\s+", "", part.strip()).rstrip(",;") for part in parts]
        options = _stripped(parts)
        return (options, "bullets") if options else None
    counts = [int(number) for number in _ENUMERATED.findall(word)]
    if len(counts) > 1 and counts == list(range(1, len(counts) + 1)) and _ENUMERATED.match(word):
        options = _stripped(p.strip().rstrip(",;") for p in _ENUMERATED.split(word)[2::2])
        return (options, "numbers") if options else None
    if "\t" in word:
        return _stripped(word.split("\t")), "tabs"
    if _WIDE.search(word):
        return _stripped(_WIDE.split(word)), "'、' or its like"
    if word.count('"') > 1 and _QUOTED.fullmatch(word):
        return _stripped([a or b for a, b in re.findall(r'"([^"]+)"|([^",;]+)', word)]), "quotes"
    return None


def _stripped(pieces: Iterable[str]) -> list[str]:
    return [piece.strip() for piece in pieces if piece.strip()]


class Splitter:
    """Splits the multi-answers of one column.

    An answer that shows by its marks where to split (`marked_list`) is split there. The others
    have one separator for the whole column: Microsoft Forms ends each option with ``;``, and its
    options may hold commas; Google Forms joins options with ``, ``, which is ambiguous when
    options hold commas. A comma splits unless it stands in parentheses, or the piece after it
    starts with a lower-case letter and belongs to the one before: in a column whose options start
    with capitals, or where neither piece ever stands without the other.
    """

    def __init__(
        self, texts: Sequence[str], separator: str | None = None, options: Sequence[str] = ()
    ) -> None:
        given = separator is not None
        self.marked = (
            {}
            if given
            else {text: found for text in texts if (found := marked_list(text)) is not None}
        )
        plain = [text for text in texts if text not in self.marked]
        self.separator = separator or self._choose(plain)
        self.joined: dict[str, list[str]] = {}
        self._capitals = False
        self._inseparable: set[tuple[str, str]] = set()
        longest = sorted(options, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest)), re.I) if longest else None
        if self.separator == "," and not given:
            cut = [self._cut(text) for text in plain]
            pieces = {p for options in cut for p in options[1:] if p[:1].isalpha()}
            capitals = sum(p[0].isupper() for p in pieces)
            self._capitals = len(pieces) > 2 and capitals >= 0.7 * len(pieces)
            self._inseparable = _inseparable(cut, ticked=capitals >= 0.3 * len(pieces))

    @staticmethod
    def _choose(texts: Sequence[str]) -> str:
        for separator in (";", "\n", "|"):
            holding = sum(separator in text for text in texts)
            if holding and holding >= 0.1 * len(texts):
                return separator
        if any("," in text for text in texts):
            return ","
        if any(" / " in text for text in texts):
            return " / "
        return "/" if _recurring(texts, "/") else ","

    def _cut(self, text: str) -> list[str]:
        if self.separator != ",":
            return [piece.strip() for piece in text.split(self.separator) if piece.strip()]
        pieces: list[str] = []
        depth = start = 0
        for place, sign in enumerate(text):
            depth += (sign in "([") - (sign in ")]" and depth > 0)
            if (
                sign == ","
                and not depth
                and not text[place - 1 : place + 2].replace(",", "0").isdigit()
            ):
                pieces.append(text[start:place])
                start = place + 1
        pieces.append(text[start:])
        return [piece.strip() for piece in pieces if piece.strip()]

    def _with_known(self, text: str, known: re.Pattern[str]) -> list[str]:
        """Return the options that were given, as they stand, and what is left between them."""
        pieces: list[str] = []
        start = 0
        for match in known.finditer(text):
            pieces += self._cut(text[start : match.start()])
            pieces.append(match.group())
            start = match.end()
        return pieces + self._cut(text[start:])

    def __call__(self, text: str) -> list[str]:
        """Return the options of one answer."""
        if (found := self.marked.get(text)) is not None:
            return found[0]
        if self._known is not None:
            return self._with_known(text, self._known)
        pieces = self._cut(text)
        if not self._capitals and not self._inseparable:
            return pieces
        merged: list[str] = []
        for before, piece in zip(["", *pieces], pieces, strict=False):
            belongs = (before, piece) in self._inseparable or (
                self._capitals and piece[0].islower()
            )
            if merged and belongs:
                merged[-1] = f"{merged[-1]}, {piece}"
                self.joined.setdefault(merged[-1], []).append(text)
            else:
                merged.append(piece)
        return merged


def splitter_of(column: TextColumn, reading: Reading) -> Splitter:
    """Return what splits the answers of a column, by what the caller settled about it."""
    header = column.header
    given = reading.choices
    return Splitter(column.texts, given.separators.get(header), given.options.get(header, ()))


def _recurring(texts: Sequence[str], separator: str) -> bool:
    """Tell whether most of the pieces that a sign would make occur in several answers."""
    pieces = Counter(p for text in texts for p in {q.strip() for q in text.split(separator)})
    parted = {p.strip() for text in texts if separator in text for p in text.split(separator)}
    return bool(parted) and sum(pieces[p] > 1 for p in parted) > 0.6 * len(parted)


def _inseparable(answers: Sequence[Sequence[str]], *, ticked: bool) -> set[tuple[str, str]]:
    """Return pieces of one option: ``CVs``, ``interviews and tests``; ``Research``, ``clinical``.

    The second starts with a lower-case letter and only ever follows the first, which starts with
    a capital and never stands without such a second. Where the answers are `ticked`, not typed as
    a sentence, the first may have several seconds.
    """
    after: dict[str, Counter[str]] = {}
    before: dict[str, Counter[str]] = {}
    for options in filter(None, answers):
        for left, right in zip(options, [*options[1:], ""], strict=True):
            after.setdefault(left, Counter())[right] += 1
            before.setdefault(right, Counter())[left] += 1
        before.setdefault(options[0], Counter())[""] += 1
    found: set[tuple[str, str]] = set()
    for left, rights in after.items():
        own = all(right[:1].islower() and len(before[right]) == 1 for right in rights)
        if own and left[:1].isupper() and rights.total() > 1 and (ticked or len(rights) == 1):
            found |= {(left, right) for right in rights}
    return found


def parse_level(text: str) -> float | None:
    """Return the level that a word or number names, NaN for a missing word, None for neither."""
    word = text.strip().casefold()
    if re.fullmatch(r"\d+(?:\.\d+)?", word):
        return float(word)
    if (scaled := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:/|of|out of)\s*\d+", word)) is not None:
        return float(scaled.group(1))
    if (level := re.fullmatch(r"(?:level|lvl|l)\s*(\d+)", word)) is not None:
        return float(level.group(1))
    if (lead := re.match(r"(\d+)\s*[-.):–]\s*\S", word)) is not None:  # 4. I have taught it
        return float(lead.group(1))
    if MACHINE_BLANK.fullmatch(word) or word == "":
        return np.nan
    return LEVEL_WORDS.get(word.removesuffix(" level"))


@lru_cache(maxsize=65536)
def split_level(option: str) -> tuple[str, float, str | None]:
    """Return (label, level, unreadable level text) of ``python:3`` or ``Python (advanced)``."""
    for pattern in (_COLON_LEVEL, _PAREN_LEVEL, _DASH_LEVEL):
        if (match := pattern.fullmatch(option)) is None:
            continue
        label, word = match.group(1), match.group(2)
        if word.startswith("-") and re.fullmatch(r"-\d+(\.\d+)?", word):
            return label, np.nan, word
        level = parse_level(word)
        if level is not None and not (np.isnan(level) and pattern is not _COLON_LEVEL):
            return label, level, word if np.isnan(level) else None
    return option, np.nan, None


def is_ranked(header: str) -> bool:
    """Tell whether a question says that the order of its answers matters."""
    return bool(
        re.search(
            r"\b(?:rank\w*|in order of|by (?:priority|importance)|most important first"
            r"|order of (?:priority|preference|importance)|priorit\w+ order)\b",
            header,
            re.IGNORECASE,
        )
    )


def read_labels(answers: TextColumn, reading: Reading) -> Labels:
    """Return several labels per person, with levels, and with priorities if the header ranks."""
    answers = without_blank_words(answers, reading)
    splitter = splitter_of(answers, reading)
    parsed = [
        _options(text, splitter, answers, place, reading)
        for place, text in enumerate(answers.texts)
    ]
    _part_oddly_joined(parsed, splitter, answers, reading)
    if prefixed := [text for text in answers.texts if _PREFIX.match(text)]:
        prefix = prefixed[0].split(":")[0]
        reading.note(
            "prefix",
            f"options start with {f'{prefix}:'!r}",
            "read without it",
            column=answers.header,
            value=prefixed[0],
        )
    for mark in dict.fromkeys(mark for _, mark in splitter.marked.values()):
        cells = [text for text, (_, found) in splitter.marked.items() if found == mark]
        reading.note(
            "list_marks",
            f"answers are lists marked by {mark}",
            f"split there, {len(cells)} of {len(answers.texts)} different answers",
            column=answers.header,
            value=cells[0],
        )
    place_of = {text: place for place, text in enumerate(answers.texts)} if splitter.joined else {}
    for option, cells in splitter.joined.items():
        rows = np.concatenate([answers.rows_of(place_of[c]) for c in dict.fromkeys(cells)])
        reading.note(
            "comma_option",
            "a comma within an answer",
            "read as one answer, not two",
            rows=np.sort(rows),
            column=answers.header,
            value=option,
        )
    return build_labels(answers, parsed, ranked=is_ranked(answers.header))


Option = tuple[str, float]

OTHER_SEPARATORS = (";", "\n", "|", " / ", " + ", ",")
"""Tried in this order on an answer that does not use the separator of its column."""


def _part_oddly_joined(
    parsed: list[list[Option]], splitter: Splitter, answers: TextColumn, reading: Reading
) -> None:
    """Part the answers that are joined by another sign than the rest of their column.

    Only where every piece is an option that others chose too, so that an option that merely holds
    a comma stays whole.
    """
    known = {label_key(label) for options in parsed for label, _ in options}
    for place, text in enumerate(answers.texts):
        if len(parsed[place]) != 1:
            continue
        for separator in OTHER_SEPARATORS:
            pieces = [piece.strip() for piece in text.split(separator) if piece.strip()]
            options = [split_level(_PREFIX.sub("", piece, count=1))[:2] for piece in pieces]
            if len(options) > 1 and all(label_key(label) in known for label, _ in options):
                parsed[place] = options
                reading.note(
                    "separator",
                    f"answers are joined by {separator.strip() or 'line breaks'!r}, "
                    f"elsewhere by {splitter.separator.strip() or 'line breaks'!r}",
                    f"read as {len(options)} answers",
                    **answers.at(place, text),
                )
                break


def _options(
    text: str, splitter: Splitter, answers: TextColumn, place: int, reading: Reading
) -> list[Option]:
    if _NOTHING.fullmatch(text.strip(" .;,")):
        return []
    options: list[Option] = []
    for piece in splitter(text):
        bare = _PREFIX.sub("", piece, count=1) if _PREFIX.match(piece) else piece
        label, level, odd = split_level(bare)
        if odd is not None:
            reading.note(
                "level",
                f"the level of {label!r} is not a number",
                "kept it without a level",
                **answers.at(place, piece),
            )
        if label_key(label):
            options.append((label, level))
    return options


def build_labels(
    answers: TextColumn, parsed: Sequence[Sequence[Option]], *, ranked: bool = False
) -> Labels:
    """Return the labels column for options parsed once per distinct text.

    A label given twice by one person counts once, with its highest level. With `ranked`, the
    k-th of m options has priority ``(m - k + 1) / m``.
    """
    weight = answers.counts
    counted: Counter[str] = Counter()
    for options, count in zip(parsed, weight, strict=True):
        for label, _ in options:
            counted[label] += int(count)
    shown = canonical(counted.keys(), counted.values())
    names = tuple(sorted(set(shown.values()), key=by_label_key))
    code = {label: place for place, label in enumerate(names)}
    per_text = [_merge([(code[shown[label]], level) for label, level in o]) for o in parsed]
    codes = [np.array([c for c, _ in o], dtype=np.int32) for o in per_text]
    levels = [np.array([v for _, v in o], dtype=np.float32) for o in per_text]
    priorities = [
        (np.arange(len(o), 0, -1) / max(len(o), 1) if ranked else np.ones(len(o))).astype(
            np.float32
        )
        for o in per_text
    ]
    return spread_labels(answers.codes, codes, levels, priorities, names)


def spread_labels(
    people: npt.NDArray[np.int64],
    codes: Sequence[npt.NDArray[np.int32]],
    levels: Sequence[npt.NDArray[np.float32]],
    priorities: Sequence[npt.NDArray[np.float32]],
    names: tuple[str, ...],
) -> Labels:
    """Repeat the entries of each distinct answer for everybody who gave it (-1: nobody's)."""
    from mentormatch.rosters.columns import take_ragged

    sizes = np.array([len(c) for c in codes] + [0], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    indptr, entries = take_ragged(starts, np.where(people < 0, len(codes), people))

    def flat(arrays: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        return np.concatenate([np.zeros(0, dtype=np.float32), *arrays])[entries]

    flat_codes = np.concatenate([np.zeros(0, dtype=np.int32), *codes])[entries]
    return Labels(indptr, flat_codes, names, flat(levels), flat(priorities), people >= 0)


def _merge(options: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    best: dict[int, float] = {}
    for code, level in options:
        known = best.get(code, np.nan)
        best[code] = level if np.isnan(known) else (known if np.isnan(level) else max(known, level))
    return list(best.items())


def paired_labels(
    names: Sequence[TextColumn],
    levels: Sequence[TextColumn | None],
    reading: Reading,
    *,
    levels_are_priorities: bool = False,
    first_is_one: bool = False,
) -> Labels:
    """Return one labels column from columns such as ``Skill 1``, ``Skill 1 level``.

    With `first_is_one`, numbers are places: priority 1 comes before priority 3.
    """
    people: list[list[tuple[str, float]] | None] = [None] * len(names[0])
    for answers, level in zip(names, levels, strict=True):
        clean = without_blank_words(answers, reading)
        splitter = splitter_of(clean, reading)
        options = [_options(t, splitter, clean, p, reading) for p, t in enumerate(clean.texts)]
        values = np.full(len(answers), np.nan) if level is None else _levels(level, reading)
        for person in np.flatnonzero(clean.codes >= 0):
            known = people[person] or []
            given = options[clean.codes[person]]
            value = float(values[person])
            known += [(o, own if np.isnan(value) else value) for o, own in given]
            people[person] = known
    counted = Counter(label for options in people for label, _ in options or ())
    shown = canonical(counted.keys(), counted.values())
    merged = [
        None if o is None else _merge_named([(shown[label], level) for label, level in o])
        for o in people
    ]
    plain = sorted(set(shown.values()), key=by_label_key)
    column = Labels.of(
        [plain, *(None if o is None else [label for label, _ in o] for o in merged)],
        [[np.nan] * len(plain), *([level for _, level in o or ()] for o in merged)],
    ).take(np.arange(1, len(merged) + 1))
    if not levels_are_priorities:
        return column
    top = np.nanmax(column.level, initial=1.0) if len(column.level) else 1.0
    height = np.maximum(column.level, 0.01)
    numbered = all(
        re.fullmatch(r"\d+(?:\.0+)?", text)
        for answers in levels
        if answers
        for text in answers.texts
    )
    if first_is_one and numbered:
        height = np.maximum(top + 1 - column.level, 0.01)
        for answers in filter(None, levels):
            reading.note(
                "priority_order",
                "numbers are places or weights",
                "read 1 as the most important; choose another order with another header: weight",
                column=answers.header,
            )
    weights = np.where(np.isnan(column.level), 1.0, height / max(top, 0.01))
    missing = np.full(len(column.level), np.nan, dtype=np.float32)
    return Labels(
        column.indptr,
        column.codes,
        column.labels,
        missing,
        weights.astype(np.float32),
        column.given,
    )


def _merge_named(options: Sequence[Option]) -> list[Option]:
    codes = {label: code for code, label in enumerate(dict.fromkeys(o for o, _ in options))}
    names = list(codes)
    return [(names[c], level) for c, level in _merge([(codes[o], v) for o, v in options])]


def _levels(answers: TextColumn, reading: Reading) -> npt.NDArray[np.float64]:
    def parse(text: str) -> tuple[float, Finding | None]:
        level = parse_level(text)
        if level is None or np.isnan(level):
            return np.nan, Finding("level", "the level is not a number", "read without a level")
        return level, None

    return lookup_numbers(answers, each_text(answers, parse, reading))
