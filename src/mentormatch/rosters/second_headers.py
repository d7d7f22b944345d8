"""Second header rows: the questions under short names, and the options under a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from mentormatch.rosters.reading import Reading
from mentormatch.rosters.repair import LONGEST_HEADER, repaired_header
from mentormatch.rosters.rows import ADDRESS, DATE, Row, in_words
from mentormatch.rosters.vocabulary import entries, fold_header, is_one_of, plain_letters

_IMPORT_ID = re.compile(r"""\s*\{\s*['"]?ImportId['"]?\s*:""")
_QUESTION = re.compile(r"[?？؟]|(?:\S+\s+){3}\S|[\u3040-\u9fff]{4}")
_CHOICE_SUFFIX = re.compile(r"\s+-\s+Selected Choice$")


@cache
def _code() -> re.Pattern[str]:
    words = "|".join(entries("rows", "coded"))
    return re.compile(
        r"Q(?:ID)?_?\d+(?:[._]\w+)*|VAR_?\d+|V\d+|G\d+Q\d+(?:\[\w+\])?|S\d+Q\d+"
        rf"|(?:{words})[_ ]?\d+",
        re.IGNORECASE,
    )


def _is_code(header: str) -> bool:
    """Tell whether a header only numbers a question: ``Q12_1``, ``QID3``, ``Frage 4``."""
    return _code().fullmatch(plain_letters(header)) is not None


def _says_response(cell: str) -> bool:
    return is_one_of("rows", "response")(fold_header(cell))


def header_of(records: Sequence[Row], start: int, reading: Reading) -> tuple[list[str], int]:
    """Return the headers, and where the people begin: one row under them, or two, or three.

    Qualtrics writes the questions and its own ids below short names; SurveyMonkey, and merged
    cells in a spreadsheet, write the options of a question below it.
    """
    header = [repaired_header(cell) for cell in records[start][1]]
    for cell in records[start][1]:
        if len(cell) > LONGEST_HEADER:
            reading.note(
                "long_header",
                f"the header has {len(cell):,} characters",
                f"read its first {LONGEST_HEADER:,}; shorten it",
                value=cell,
            )
    below = records[start + 1 : start + 3]
    for place, (_, cells) in enumerate(below):
        if _mostly(cells, _IMPORT_ID):
            asked = [repaired_header(cell) for cell in below[0][1]] if place else header
            names = [
                _CHOICE_SUFFIX.sub("", asked[k])
                if k < len(asked) and asked[k] and k < len(cells) and "QID" in cells[k]
                else name
                for k, name in enumerate(header)
            ]
            _say_second_header(below[: place + 1], reading)
            return names, start + 2 + place
    if below and _questions_under_codes(header, below[0][1]):
        asked = [repaired_header(cell) for cell in below[0][1]]
        names = [
            asked[k] if _is_code(name) and k < len(asked) and asked[k] else name
            for k, name in enumerate(header)
        ]
        _say_second_header(below[:1], reading)
        return names, start + 2
    if below and _options_under_questions(header, below[0][1]):
        _say_second_header(below[:1], reading)
        return _with_options(header, below[0][1]), start + 2
    return header, start + 1


def _say_second_header(rows: Sequence[Row], reading: Reading) -> None:
    for number, cells in rows:
        reading.note(
            "second_header",
            "the row belongs to the header",
            "read as part of the headers, nobody's answers",
            rows=[number],
            value=in_words(cells),
        )


def _mostly(cells: Sequence[str], pattern: re.Pattern[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) > 1 and sum(bool(pattern.match(c)) for c in filled) >= 0.5 * len(filled)


def _questions_under_codes(header: Sequence[str], cells: Sequence[str]) -> bool:
    coded = [k for k, name in enumerate(header) if _is_code(name)]
    asked = [cells[k] for k in coded if k < len(cells) and cells[k].strip()]
    others = [cells[k] for k in range(min(len(header), len(cells))) if k not in set(coded)]
    return (
        len(coded) > 1
        and len(asked) > 1
        and sum(bool(_QUESTION.search(text)) for text in asked) >= 0.6 * len(asked)
        and not any(ADDRESS.search(text) or DATE.fullmatch(text.strip()) for text in others)
    )


def _options_under_questions(header: Sequence[str], cells: Sequence[str]) -> bool:
    width = min(len(header), len(cells))
    bare = [k for k in range(width) if not header[k] and cells[k].strip()]
    headed = [k for k, name in enumerate(header) if name]
    empty = [k for k in headed if k >= len(cells) or not cells[k].strip()]
    known = sum(_says_response(cell) for cell in cells)
    if any(ADDRESS.search(cell) or DATE.fullmatch(cell.strip()) for cell in cells):
        return False
    if known and len(empty) + known >= 0.3 * len(headed):
        return True
    return len(bare) > 1 and headed[:1] == empty[:1] and 3 * len(empty) >= len(headed)


def _with_options(header: Sequence[str], cells: Sequence[str]) -> list[str]:
    names: list[str] = []
    question = ""
    for k in range(max(len(header), len(cells))):
        question = header[k] if k < len(header) and header[k] else question
        option = repaired_header(cells[k]) if k < len(cells) else ""
        bare = not option or _says_response(option)
        names.append(question if bare else f"{question} [{option}]" if question else option)
    return names
