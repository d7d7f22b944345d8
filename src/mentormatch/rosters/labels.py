"""Several labels in one cell: levels, priorities, what parts them oddly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.answers import (
    MACHINE_BLANK,
    by_label_key,
    canonical,
    each_text,
    lookup_numbers,
    without_blank_words,
)
from mentormatch.rosters.columns import Labels, label_key
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.lists import DASHES, RARE_SIGNS, Splitter, options_alone, splitter_of
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.remembered import remembered
from mentormatch.rosters.scales import LEVEL_WORDS
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import fold_header, is_one_of, within

_NOTHING = re.compile(r"none(?: of (?:these|the above))?|nothing|no|nobody|no one", re.IGNORECASE)
LONGEST_NOTHING = 25
"""Characters in which people say that they want nothing."""
_PREFIX = re.compile(
    r"(skill|goal|interest|topic|area|option|need|value|language)s?\s*:\s+(?=\S)", re.IGNORECASE
)
_COLON_LEVEL = re.compile(r"(.+?)\s*[:=]\s*([^:=]*)$")
_PAREN_LEVEL = re.compile(r"(.+?)\s*[(\[]\s*([^()\[\]]*)\s*[)\]]$")
_DASH_LEVEL = re.compile(r"(.+?)\s+[-–—]\s+([A-Za-z ]+)$")


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


NESTED = 4
"""So many unreadable levels behind one another are taken off a label."""


@remembered
def split_level(option: str) -> tuple[str, float, str | None]:
    """Return (label, level, unreadable level text) of ``python:3`` or ``Python (advanced)``."""
    odd = None
    for _ in range(NESTED):
        found = _one_level(option)
        if found is None:
            break
        label, level, word = found
        if not np.isnan(level):
            return label, level, odd
        option, odd = label.rstrip(" :="), word if odd is None else odd
    return option, np.nan, odd


def _one_level(option: str) -> tuple[str, float, str] | None:
    for pattern in (_COLON_LEVEL, _PAREN_LEVEL, _DASH_LEVEL):
        if (match := pattern.fullmatch(option)) is None:
            continue
        label, word = match.group(1), match.group(2)
        if word.startswith("-") and re.fullmatch(r"-\d+(\.\d+)?", word):
            return label, np.nan, word
        level = parse_level(word)
        if level is not None and not (np.isnan(level) and pattern is not _COLON_LEVEL):
            return label, level, word
    return None


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


def read_labels(answers: TextColumn, reading: Reading, name: str = "") -> Labels:
    """Return several labels per person, with levels, and with priorities if the header ranks.

    `name` is the field that the column holds, by default its header.
    """
    answers = without_blank_words(answers, reading)
    splitter = splitter_of(answers, reading)
    parsed = [
        _options(text, splitter, answers, place, reading)
        for place, text in enumerate(answers.texts)
    ]
    if not splitter.given:
        _part_oddly_joined(parsed, splitter, answers, reading)
        _ask_about_signs(parsed, answers, name or answers.header, reading)
    if prefixed := [text for text in answers.texts if _PREFIX.match(text)]:
        prefix = prefixed[0].split(":")[0]
        reading.note(
            "prefix",
            f"options start with {f'{prefix}:'!r}",
            "read without it",
            column=answers.header,
            value=prefixed[0],
        )
    marks = [(text, mark) for text, (_, mark) in splitter.marked.items()]
    if splitter.separator in (*RARE_SIGNS, *DASHES) and not splitter.given:
        sign = repr(splitter.separator.strip() or splitter.separator)
        marks += [(text, sign) for text in answers.texts if splitter.separator in text]
    for mark in dict.fromkeys(mark for _, mark in marks):
        cells = [text for text, found in marks if found == mark]
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

OTHER_SEPARATORS = (";", "\n", "|", " / ", *RARE_SIGNS, *DASHES, ",", "/")
"""Tried in this order on an answer that does not use the separator of its column."""


def _part_oddly_joined(
    parsed: list[list[Option]], splitter: Splitter, answers: TextColumn, reading: Reading
) -> None:
    """Part the answers that are joined by another sign or word than the rest of their column.

    Only where every piece is an option that others chose too, so that an option that merely holds
    a comma stays whole; at a word such as "and" only what one person wrote, and nobody in a list.
    """
    chosen = Counter(label_key(label) for options in parsed for label, _ in options)
    ands = within("joins", "and")
    for place, text in enumerate(answers.texts):
        if len(parsed[place]) != 1:
            if len(parsed[place]) > 1:
                parsed[place] = _last_parted(parsed[place], chosen, answers, place, reading)
            continue
        for separator in (*OTHER_SEPARATORS, ands):
            if isinstance(separator, str):
                cut = text.split(separator) if separator in text else ()
            else:
                alone = chosen[label_key(text)] == 1 == answers.counts[place]
                cut = separator.split(text) if alone else ()
            pieces = [piece.strip() for piece in cut if piece.strip()]
            options = [split_level(_PREFIX.sub("", piece, count=1))[:2] for piece in pieces]
            if len(options) > 1 and all(label_key(label) in chosen for label, _ in options):
                parsed[place] = options
                sign = separator if isinstance(separator, str) else ands.findall(text)[0]
                reading.note(
                    "separator",
                    f"answers are joined by {_shown(sign)}, "
                    f"elsewhere by {_shown(splitter.separator)}",
                    f"read as {len(options)} answers",
                    **answers.at(place, text),
                )
                break


def _last_parted(
    options: list[Option],
    chosen: Counter[str],
    answers: TextColumn,
    place: int,
    reading: Reading,
) -> list[Option]:
    """Return a list whose last piece, "tax and law", is two where others chose both alone."""
    last, level = options[-1]
    ands = within("joins", "and")
    if not np.isnan(level) or chosen[label_key(last)] > 1 or ands.search(last) is None:
        return options
    pieces = [piece.strip() for piece in ands.split(last) if piece.strip()]
    if len(pieces) != 2 or not all(chosen[label_key(piece)] for piece in pieces):
        return options
    reading.note(
        "separator",
        f"the last two answers are joined by {_shown(ands.findall(last)[0])}",
        "read as two answers",
        **answers.at(place, last),
    )
    return [*options[:-1], *((piece, np.nan) for piece in pieces)]


def _shown(sign: str) -> str:
    return repr(sign.strip(" ") or sign) if sign != "\n" else "line breaks"


FEW_SIGNS = 0.1
"""Share of the answers that hold a sign from which on it is asked what it means."""


def _ask_about_signs(
    parsed: Sequence[Sequence[Option]], answers: TextColumn, name: str, reading: Reading
) -> None:
    """Ask about signs that may part answers, where nothing tells whether they do."""
    labels = list(dict.fromkeys(label for options in parsed for label, _ in options))
    whole = "\n".join(labels)
    for sign in RARE_SIGNS:
        held = [label for label in labels if all(_parts(label, sign))] if sign in whole else []
        if held and len(held) >= FEW_SIGNS * len(answers.texts):
            break
    else:
        dash = next((sign for sign in DASHES if options_alone(labels, sign)), None)
        held = [label for label in labels if dash and dash in label]
        sign = dash or ""
    if not held:
        ands = within("joins", "and")
        held = [label for label in labels if len(list(filter(str.strip, ands.split(label)))) > 1]
        pieces = Counter(p.strip() for label in labels for p in ands.split(label))
        several = [p for label in held for p in map(str.strip, ands.split(label))]
        if len(held) < 2 or min(pieces[p] for p in several) < 2:
            return
        sign = f" {ands.findall(held[0])[0]} "
    header = answers.header
    plan = f"plan_roster(..., {reading.role!r}).set({header!r}, separator={sign!r}).read()"
    reading.ask(
        "list_sign",
        [header],
        f"does {_shown(sign)} stand between several answers, as in {held[0][:60]!r}?",
        "read as one answer",
        (f"{plan}  # several", f"columns={{{name!r}: {header!r}}}  # one"),
    )


def _parts(label: str, sign: str) -> list[str]:
    """Return the pieces of a label, [""] where it has one; an l·l is one letter of Catalan."""
    pieces = label.split(sign)
    doubled = sign == "·" and all(p[-1:] in "lL" and q[:1] in "lL" for p, q in pairwise(pieces))
    return [""] if doubled or len(pieces) < 2 else [piece.strip() for piece in pieces]


def _is_nothing(piece: str) -> bool:
    word = piece.strip(" .;,")
    return _NOTHING.fullmatch(word) is not None or (
        len(word) <= LONGEST_NOTHING and is_one_of("answers", "nobody")(fold_header(word))
    )


def _options(
    text: str, splitter: Splitter, answers: TextColumn, place: int, reading: Reading
) -> list[Option]:
    options: list[Option] = []
    for piece in splitter(text):
        while _PREFIX.match(piece):
            piece = _PREFIX.sub("", piece, count=1)
        label, level, odd = split_level(piece)
        if odd is not None:
            reading.note(
                "level",
                f"the level of {label!r} is not a number",
                "kept it without a level",
                **answers.at(place, piece),
            )
        if label_key(label):
            options.append((label, level))
    return [] if all(_is_nothing(label) for label, _ in options) else options


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
