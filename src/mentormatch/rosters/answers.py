"""One distinct cell text at a time, into typed columns: labels, numbers, categories, scales."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.checks import Finding, Findings
from mentormatch.rosters.columns import Categories, Labels, Numbers, Texts, label_key
from mentormatch.rosters.scales import LEVEL_WORDS
from mentormatch.rosters.tables import Answers

Value = TypeVar("Value")
_MACHINE_BLANK = re.compile(
    r"nan|null|nil|undefined|<na>|nat|#n/?a|#ref!|#value!|#name\?|#div/0!|n/?a|not applicable"
    r"|n\.a\.|-+|–|—|\.|\?+",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"none(?: of (?:these|the above))?|nothing|no|nobody|no one", re.IGNORECASE)


def without_blank_words(answers: Answers, findings: Findings) -> Answers:
    """Turn machine words for a missing answer (``NaN``, ``#N/A``, ``-``) into blanks, listed."""
    gone = [p for p, text in enumerate(answers.texts) if _MACHINE_BLANK.fullmatch(text)]
    for place in gone:
        findings.note(
            "blank_word",
            "the cell stands for a missing answer",
            "read as not answered",
            rows=answers.rows_of(place),
            column=answers.header,
            value=answers.texts[place],
        )
    return _drop_texts(answers, gone) if gone else answers


def _drop_texts(answers: Answers, gone: Sequence[int]) -> Answers:
    lookup = np.full(len(answers.texts) + 1, -1, dtype=np.int64)
    kept = [place for place in range(len(answers.texts)) if place not in set(gone)]
    lookup[kept] = np.arange(len(kept))
    texts = tuple(answers.texts[place] for place in kept)
    return Answers(answers.header, lookup[answers.codes], texts, answers.rows)


def each_text(
    answers: Answers,
    parse: Callable[[str], tuple[Value, Finding | None]],
    findings: Findings,
) -> list[Value]:
    """Parse every distinct text once; list what was found for every row that holds it."""
    values: list[Value] = []
    for place, text in enumerate(answers.texts):
        value, finding = parse(text)
        values.append(value)
        if finding is not None:
            findings.note(
                finding.code,
                finding.problem,
                finding.action,
                fatal=finding.fatal,
                rows=answers.rows_of(place),
                column=answers.header,
                value=text,
            )
    return values


def lookup_numbers(answers: Answers, values: Sequence[float]) -> npt.NDArray[np.float64]:
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


def categories(answers: Answers, findings: Findings) -> Categories:
    """Return one label per person; spellings that differ only in case or hyphens merge, listed."""
    answers = without_blank_words(answers, findings)
    shown = canonical(answers.texts, answers.counts)
    labels = tuple(sorted({label for label in shown.values() if label_key(label)}, key=_by_key))
    position = {label: place for place, label in enumerate(labels)}
    for place, text in enumerate(answers.texts):
        if text != shown[text]:
            findings.note(
                "spelling",
                "another spelling of the same answer",
                f"read as {shown[text]!r}",
                rows=answers.rows_of(place),
                column=answers.header,
                value=text,
            )
    codes = np.array([*(position.get(shown[t], -1) for t in answers.texts), -1], dtype=np.int32)
    return Categories(codes[answers.codes], labels)


def _by_key(label: str) -> tuple[str, str]:
    return label_key(label), label


def texts(answers: Answers) -> Texts:
    """Return free text per person."""
    return Texts(tuple(cell or None for cell in answers.cells()))


# --- numbers ------------------------------------------------------------------------------------

NUMBER_WORDS = {
    "zero": 0, "no": 0, "none": 0, "one": 1, "a": 1, "an": 1, "single": 1, "once": 1, "two": 2,
    "couple": 2, "pair": 2, "twice": 2, "three": 3, "few": 3, "several": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "fifteen": 15, "twenty": 20, "half": 0.5,
}  # fmt: skip
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?|[+-]?\.\d+")
_YEARS_AND_MONTHS = re.compile(
    r"(?<![\w.,-])(\d+(?:[.,]\d+)?)\s*(?:years?|yrs?|y)\b[\s,&+]*(?:and\s*)?(\d+)\s*(?:months?|mos?|m)\b"
)
_FIGURE = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)?")


def parse_number(text: str, *, unit: str = "") -> tuple[float, Finding | None]:
    """Read one quantity: ``10``, ``10 years``, ``2-3 hours``, ``more than 10``, ``a year``.

    Parameters
    ----------
    text
        Cell text.
    unit
        ``"year"`` or ``"month"``: months and years are converted to it.

    Returns
    -------
    float
        NaN where no number can be read.
    Finding or None
        What was guessed.
    """
    tidy = text.strip().casefold().replace("\u2212", "-")
    if _PLAIN.fullmatch(tidy):
        value = float(tidy)
        return (value, None) if abs(value) < 1e12 else (np.nan, _no_number())
    thousands = re.sub(r"(?<=\d),(?=\d{3}\b)", "", tidy)
    if unit in ("year", "month") and (both := _YEARS_AND_MONTHS.search(thousands)) is not None:
        years, months = (float(figure.replace(",", ".")) for figure in both.groups())
        value = years + months / 12 if unit == "year" else 12 * years + months
        return value, Finding("number_words", "the number is in words", f"read as {value:g}")
    figures = [float(figure.replace(",", ".")) for figure in _FIGURE.findall(thousands)]
    if not figures:
        figures = [
            float(NUMBER_WORDS[word])
            for word in re.findall(r"[a-z]+", thousands)
            if word in NUMBER_WORDS
        ][:1]
    if not figures or len(figures) > 2 or re.match(r"-\s*\d", thousands):
        return np.nan, _no_number()
    value = sum(figures) / len(figures)
    if unit == "year" and re.search(r"\bmonths?\b|\bmos?\b", thousands) and "year" not in thousands:
        value /= 12
    if unit == "month" and re.search(r"\byears?\b|\byrs?\b", thousands):
        value *= 12
    if unit == "hours a month" and re.search(r"\bweek", thousands):
        value *= 52 / 12
    if value > 1e12:
        return np.nan, _no_number()
    return value, Finding("number_words", "the number is in words", f"read as {value:g}")


def _no_number() -> Finding:
    return Finding("number", "no number can be read", "read as not answered; write a number")


def numbers(
    answers: Answers, findings: Findings, *, unit: str = "", least: float = -np.inf
) -> Numbers:
    """Return one number per person; ones below `least` cannot be meant and are not answered."""
    answers = without_blank_words(answers, findings)

    def parse(text: str) -> tuple[float, Finding | None]:
        value, finding = parse_number(text, unit=unit)
        if value < least:
            return np.nan, Finding(
                "out_of_range", f"the number is below {least:g}", "read as not answered"
            )
        return value, finding

    return Numbers(lookup_numbers(answers, each_text(answers, parse, findings)))


def looks_numeric(answers: Answers) -> bool:
    """Tell whether every answer is a plain number (and not a code with leading zeros)."""
    words = [text for text in answers.texts if not _MACHINE_BLANK.fullmatch(text)]
    return bool(words) and all(
        _PLAIN.fullmatch(text) and not re.match(r"[+-]?0\d", text) for text in words
    )


# --- lists of labels ----------------------------------------------------------------------------

_PREFIX = re.compile(
    r"(skill|goal|interest|topic|area|option|need|value|language)s?\s*:\s+(?=\S)", re.IGNORECASE
)
_COLON_LEVEL = re.compile(r"(.+?)\s*[:=]\s*([^:=]*)$")
_PAREN_LEVEL = re.compile(r"(.+?)\s*[(\[]\s*([^()\[\]]*)\s*[)\]]$")
_DASH_LEVEL = re.compile(r"(.+?)\s+[-–—]\s+([A-Za-z ]+)$")


class Splitter:
    """Splits the multi-answers of one column, with one separator for the whole column.

    Microsoft Forms ends each option with ``;``, and its options may hold commas; Google Forms
    joins options with ``, ``, which is ambiguous when options hold commas. A comma splits unless
    it stands in parentheses, or the piece after it starts with a lower-case letter in a column
    whose options start with capitals: then it belongs to the option.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.separator = self._choose(texts)
        self.joined: dict[str, list[str]] = {}
        self._capitals = False
        self._inseparable: set[tuple[str, str]] = set()
        if self.separator == ",":
            cut = [self._cut(text) for text in texts]
            pieces = {p for options in cut for p in options[1:] if p[:1].isalpha()}
            capitals = sum(p[0].isupper() for p in pieces)
            self._capitals = len(pieces) > 2 and capitals >= 0.7 * len(pieces)
            self._inseparable = _inseparable(cut)

    @staticmethod
    def _choose(texts: Sequence[str]) -> str:
        for separator in (";", "\n", "|"):
            holding = sum(separator in text for text in texts)
            if holding and holding >= 0.1 * len(texts):
                return separator
        slashed = any(" / " in text for text in texts)
        return " / " if slashed and not any("," in text for text in texts) else ","

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

    def __call__(self, text: str) -> list[str]:
        """Return the options of one answer."""
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


def _inseparable(answers: Sequence[Sequence[str]]) -> set[tuple[str, str]]:
    """Return pieces that only ever follow one another: ``CVs``, ``interviews and tests``.

    The second starts with a lower-case letter, the first does not, and two answers hold them.
    """
    after: dict[str, Counter[str]] = {}
    before: dict[str, Counter[str]] = {}
    for options in filter(None, answers):
        for left, right in zip(options, [*options[1:], ""], strict=True):
            after.setdefault(left, Counter())[right] += 1
            before.setdefault(right, Counter())[left] += 1
        before.setdefault(options[0], Counter())[""] += 1
    return {
        (left, right)
        for right, lefts in before.items()
        for left, count in lefts.items()
        if count > 1 and len(lefts) == 1 and len(after.get(left, ())) == 1
        if right[:1].islower() and left[:1].isupper()
    }


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
    if _MACHINE_BLANK.fullmatch(word) or word == "":
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


def labels(answers: Answers, findings: Findings) -> Labels:
    """Return several labels per person, with levels, and with priorities if the header ranks."""
    answers = without_blank_words(answers, findings)
    splitter = Splitter(answers.texts)
    parsed = [
        _options(text, splitter, answers, place, findings)
        for place, text in enumerate(answers.texts)
    ]
    _part_oddly_joined(parsed, splitter, answers, findings)
    if prefixed := [text for text in answers.texts if _PREFIX.match(text)]:
        prefix = prefixed[0].split(":")[0]
        findings.note(
            "prefix",
            f"options start with {f'{prefix}:'!r}",
            "read without it",
            column=answers.header,
            value=prefixed[0],
        )
    for option, cells in splitter.joined.items():
        rows = np.concatenate(
            [answers.rows_of(answers.texts.index(c)) for c in dict.fromkeys(cells)]
        )
        findings.note(
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
    parsed: list[list[Option]], splitter: Splitter, answers: Answers, findings: Findings
) -> None:
    """Part the answers that are joined by another sign than the rest of their column.

    Only where every piece is an option that others chose too, so that an option that merely holds
    a comma stays whole.
    """
    known = {label_key(label) for options in parsed if len(options) > 1 for label, _ in options}
    for place, text in enumerate(answers.texts):
        if len(parsed[place]) != 1 or label_key(parsed[place][0][0]) in known:
            continue
        for separator in OTHER_SEPARATORS:
            pieces = [piece.strip() for piece in text.split(separator) if piece.strip()]
            options = [split_level(_PREFIX.sub("", piece, count=1))[:2] for piece in pieces]
            if len(options) > 1 and all(label_key(label) in known for label, _ in options):
                parsed[place] = options
                findings.note(
                    "separator",
                    f"answers are joined by {separator.strip() or 'line breaks'!r}, "
                    f"elsewhere by {splitter.separator.strip() or 'line breaks'!r}",
                    f"read as {len(options)} answers",
                    rows=answers.rows_of(place),
                    column=answers.header,
                    value=text,
                )
                break


def _options(
    text: str, splitter: Splitter, answers: Answers, place: int, findings: Findings
) -> list[Option]:
    if _NOTHING.fullmatch(text.strip(" .;,")):
        return []
    options: list[Option] = []
    for piece in splitter(text):
        bare = _PREFIX.sub("", piece, count=1) if _PREFIX.match(piece) else piece
        label, level, odd = split_level(bare)
        if odd is not None:
            findings.note(
                "level",
                f"the level of {label!r} is not a number",
                "kept it without a level",
                rows=answers.rows_of(place),
                column=answers.header,
                value=piece,
            )
        if label_key(label):
            options.append((label, level))
    return options


def build_labels(
    answers: Answers, parsed: Sequence[Sequence[Option]], *, ranked: bool = False
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
    names = tuple(sorted(set(shown.values()), key=_by_key))
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
    names: Sequence[Answers],
    levels: Sequence[Answers | None],
    findings: Findings,
    *,
    levels_are_priorities: bool = False,
    first_is_one: bool = False,
) -> Labels:
    """Return one labels column from columns such as ``Skill 1``, ``Skill 1 level``.

    With `first_is_one`, numbers are places: priority 1 comes before priority 3.
    """
    people: list[list[tuple[str, float]] | None] = [None] * len(names[0])
    for answers, level in zip(names, levels, strict=True):
        clean = without_blank_words(answers, findings)
        splitter = Splitter(clean.texts)
        options = [_options(t, splitter, clean, p, findings) for p, t in enumerate(clean.texts)]
        values = np.full(len(answers), np.nan) if level is None else _levels(level, findings)
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
    plain = sorted(set(shown.values()), key=_by_key)
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
            findings.note(
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


def _levels(answers: Answers, findings: Findings) -> npt.NDArray[np.float64]:
    def parse(text: str) -> tuple[float, Finding | None]:
        level = parse_level(text)
        if level is None or np.isnan(level):
            return np.nan, Finding("level", "the level is not a number", "read without a level")
        return level, None

    return lookup_numbers(answers, each_text(answers, parse, findings))
