"""Quantities in figures and in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np

from mentormatch.rosters.answers import (
    MACHINE_BLANK,
    each_text,
    lookup_numbers,
    without_blank_words,
)
from mentormatch.rosters.columns import Numbers
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import number_words, plain_letters, written

NUMBER_WORDS = {
    "zero": 0, "no": 0, "none": 0, "one": 1, "a": 1, "an": 1, "single": 1, "once": 1, "two": 2,
    "couple": 2, "pair": 2, "twice": 2, "three": 3, "few": 3, "several": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "fifteen": 15, "twenty": 20, "half": 0.5,
}  # fmt: skip
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?|[+-]?\.\d+")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),(?:\d{1,2}|\d{4,})(?![\d,.]).*")
_COMMA_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:,\d+)?|[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_MONTHS = {
    month: number
    for number, names in enumerate(
        (
            "jan gen ene sty", "feb fev fév lut", "mar mär mrz mrt", "apr avr abr kwi",
            "may mai mag maj mei", "jun juin giu cze", "jul juil lug lip", "aug aou aoû ago sie",
            "sep set wrz", "oct okt ott out paź", "nov lis", "dec dez déc dic gru",
        ),
        1,
    )
    for month in names.split()
}  # fmt: skip
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?")
_DAY_MONTH = re.compile(r"(\d{1,2})[-. /]+([^\W\d]{3,5})\.?|([^\W\d]{3,5})[-. /]+(\d{1,2})")
_FIGURE = re.compile(r"(?<![A-Za-z_\d.])\d+(?:[.,]\d+)?")


def date_range(text: str) -> tuple[int, int] | None:
    """Return the range that a spreadsheet made a date of, low end first; None for other texts.

    Day and month come in either order, a range does not: 2 January and 1 February both were 1-2.

    Examples
    --------
    >>> date_range("2026-02-01"), date_range("05-Mar"), date_range("1900-01-03"), date_range("3-5")
    ((1, 2), (3, 5), (3, 3), None)
    """
    word = text.strip().casefold()
    if (iso := _ISO_DATE.fullmatch(word)) is not None:
        year, month, day = map(int, iso.groups())
        if year in (1899, 1900) and month == 1:  # a number in a cell with a date's format
            return day, day
        return min(month, day), max(month, day)
    if (named := _DAY_MONTH.fullmatch(word)) is not None:
        day_word, name = (named[1], named[2]) if named[1] else (named[4], named[3])
        month = _MONTHS.get(name[:4], _MONTHS.get(name[:3], 0))
        if month and 1 <= int(day_word) <= 31:
            return min(month, int(day_word)), max(month, int(day_word))
    return None


_YEARS = (1900, 2100)
_FRACTION = re.compile(
    r"(?<![\d.,/⁄])(?:(\d+)(?:\s+|\s+(?:and|und|et|y|e|en|i)\s+))?(\d)\s*([/⁄])\s*(\d{1,2})(?![\d/⁄])"
)


def with_fractions(text: str) -> str:
    """Return a text in lower case and plain signs, with ``2½`` and ``2 1/2`` written as ``2.5``.

    A lone ``1/2`` stays: one or two, the first of February, or a half.
    """
    spaced = re.sub(r"(?<=\d)(?=[¼-¾⅐-⅞])", " ", text)
    tidy = unicodedata.normalize("NFKC", spaced).strip().casefold().replace("\u2212", "-")
    return _FRACTION.sub(_decimal, tidy)


def _decimal(match: re.Match[str]) -> str:
    whole, above, sign, below = match.groups()
    if (whole is None and sign == "/") or not 0 < int(above) < int(below):
        return match.group()
    return f"{int(whole or 0) + int(above) / int(below):.4g}"


def parse_number(text: str, *, unit: str = "") -> tuple[float, Finding | None]:
    """Read one quantity: ``10``, ``10 years``, ``2-3 hours``, ``more than 10``, ``2½``, ``a year``.

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
    value, finding = _quantity(with_fractions(text), unit)
    if unit and _YEARS[0] <= value <= _YEARS[1]:
        return np.nan, Finding(
            "number_year",
            f"a year, not a number of {unit.split()[0].rstrip('s')}s",
            "read as not answered; write a number",
        )
    return value, finding


_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ '\u2019]\d{3})+(?!\d)")
"""Thousands as the Swiss, the French and others write them."""


def _joined(match: re.Match[str]) -> str:
    return re.sub(r"\D", "", match.group())


def _quantity(tidy: str, unit: str) -> tuple[float, Finding | None]:
    if _PLAIN.fullmatch(tidy):
        value = float(tidy)
        return (value, None) if abs(value) < 1e12 else (np.nan, _no_number())
    if re.fullmatch(r"\d+(?:\.\d+)?e\+?\d+", tidy):
        return (float(tidy), None) if float(tidy) < 1e12 else (np.nan, _no_number())
    if (dated := date_range(tidy)) is not None and not _ISO_DATE.fullmatch(tidy):
        return sum(dated) / 2, _from_date(dated)
    thousands = re.sub(r"(?<=\d),(?=\d{3}\b)", "", _GROUPED.sub(_joined, tidy))
    if (parted := _in_two_units(thousands, unit)) is not None:
        return parted, Finding("number_words", "the number is in words", f"read as {parted:g}")
    figures = [float(figure.replace(",", ".")) for figure in _FIGURE.findall(thousands)]
    if not figures:
        words = {**number_words(), **NUMBER_WORDS}
        figures = [
            words[word]
            for word in re.findall(r"[^\W\d_]+", plain_letters(thousands))
            if word in words
        ][:1]
    if unit and len(figures) > 1:  # 8 years, since 2015
        figures = [f for f in figures if not _YEARS[0] <= f <= _YEARS[1]] or figures
    if not figures or len(figures) > 2 or re.match(r"-\s*\d", thousands):
        return np.nan, _no_number()
    value = sum(figures) / len(figures)
    if len(figures) == 1 and value.is_integer() and _unit("half").search(thousands):
        value += 0.5
    value *= _times(thousands, unit)
    if value > 1e12:
        return np.nan, _no_number()
    return value, Finding("number_words", "the number is in words", f"read as {value:g}")


@cache
def _unit(key: str) -> re.Pattern[str]:
    """Return the pattern of a unit behind a number: 18 months, 18mois, 18个月."""
    return re.compile(rf"{_begun(key)}(?![^\W\d_])")


def _begun(key: str) -> str:
    """Return the same, whatever follows: the h of 1h30."""
    words = "|".join(map(plain_letters, written("units", key)))
    return rf"(?<![^\W\d_])(?:{words})" if words else r"(?!)"


_PARTS = {"year": ("year", "month", 12), "month": ("year", "month", 12),
          "hours a month": ("hour", "minute", 60)}  # fmt: skip
"""What a unit is written in: the larger, the smaller, how many of the smaller make one."""
_AMOUNT = r"(?<![\w.,-])(\d+(?:[.,]\d+)?)\s*"


def _in_two_units(text: str, unit: str) -> float | None:
    """Return ``2 years 6 months``, ``2 ans et 6 mois``, ``1h30`` or ``1:30`` in the unit."""
    if unit not in _PARTS:
        return None
    larger, smaller, count = _PARTS[unit]
    plain = plain_letters(text)
    clock = re.fullmatch(r"(\d{1,2}):([0-5]\d)", plain) if larger == "hour" else None
    found = clock or _two_units(larger, smaller).search(plain)
    if found is None:
        return None
    whole, rest = (float(figure.replace(",", ".")) for figure in found.groups()[:2])
    value = whole + rest / count
    return (value * 12 if unit == "month" else value) * _by_week(text, unit)


@cache
def _two_units(larger: str, smaller: str) -> re.Pattern[str]:
    second = _unit(smaller).pattern
    joined = r"\.?[\s,&+]*(?:(?:and|und|et|y|e|en|i)\s+)?"
    end = rf"\s*{second}" if smaller == "month" else rf"\s*(?:{second})?(?!\w)"
    return re.compile(rf"{_AMOUNT}{_begun(larger)}{joined}(\d{{1,2}}){end}")


def _times(text: str, unit: str) -> float:
    """Return what a number with a unit of its own is to be multiplied with."""
    if unit not in _PARTS:
        return 1.0
    larger, smaller, count = _PARTS[unit]
    plain = plain_letters(text)
    large, small = (_unit(key).search(plain) is not None for key in (larger, smaller))
    if unit == "month":
        return float(count) if large else 1.0
    return (1 / count if small and not large else 1.0) * _by_week(text, unit)


def _by_week(text: str, unit: str) -> float:
    a_week = unit == "hours a month" and _unit("week").search(plain_letters(text)) is not None
    return 52 / 12 if a_week else 1.0


def _from_date(ends: tuple[int, int]) -> Finding:
    spoken = f"{ends[0]}-{ends[1]}" if ends[0] != ends[1] else str(ends[0])
    return Finding(
        "number_date",
        "a spreadsheet made a date of this",
        f"read as {spoken}, so {sum(ends) / 2:g}; format the column as text and write it again",
    )


def _no_number() -> Finding:
    return Finding("number", "no number can be read", "read as not answered; write a number")


def read_numbers(
    answers: TextColumn, reading: Reading, *, unit: str = "", least: float = -np.inf
) -> Numbers:
    """Return one number per person; ones below `least` cannot be meant and are not answered."""
    answers = without_blank_words(answers, reading)
    comma = _decimal_commas(answers.texts)
    if comma:
        example = next(text for text in answers.texts if _DECIMAL_COMMA.fullmatch(text))
        reading.note(
            "decimal_comma",
            "the numbers are written with decimal commas",
            f"read {example} as {_with_points(example)}; if they are lists, give kinds='labels'",
            column=answers.header,
            value=example,
        )
    thousands = not comma and _points_part_thousands(answers, reading)
    dates = [_ISO_DATE.fullmatch(text) for text in answers.texts]
    years = {date[1] for date in dates if date}
    made_dates = len(years) == 1 and not all(dates)

    def parse(text: str) -> tuple[float, Finding | None]:
        if made_dates and _ISO_DATE.fullmatch(text) and (ends := date_range(text)) is not None:
            return sum(ends) / 2, _from_date(ends)
        value, finding = parse_number(_with_points(text) if comma or thousands else text, unit=unit)
        if value < least:
            return np.nan, Finding(
                "out_of_range", f"the number is below {least:g}", "read as not answered"
            )
        return value, finding

    values = each_text(answers, parse, reading)
    dated = [
        t for t, v in zip(answers.texts, values, strict=True) if np.isnan(v) and _is_year(t, unit)
    ]
    if dated:
        reading.ask(
            "number_year",
            [answers.header],
            f"years such as {dated[0]!r} are no numbers of {unit.split()[0].rstrip('s')}s",
            f"read {len(dated)} as not answered",
            ("write numbers there", f"columns={{{answers.header!r}: None}}  # leave it"),
        )
    return Numbers(lookup_numbers(answers, values))


def _is_year(text: str, unit: str) -> bool:
    return getattr(parse_number(text, unit=unit)[1], "code", "") == "number_year"


def _decimal_commas(texts: Sequence[str]) -> bool:
    """Tell whether a column writes 1,5 and 1.000 where others write 1.5 and 1,000."""
    points = any(re.search(r"\d\.\d{1,2}(?!\d)|\d,\d{3}\.\d", text) for text in texts)
    return not points and any(_DECIMAL_COMMA.fullmatch(text) for text in texts)


_THREE_DECIMALS = re.compile(r"[+-]?([1-9]\d{0,2}\.\d{3})(?![\d.,]).*")
_LEADING_FIGURE = re.compile(r"[+-]?(\d+)(?![\d.,])")


def _points_part_thousands(answers: TextColumn, reading: Reading) -> bool:
    """Tell whether 1.000 is a thousand in a column; ask where nothing in it tells.

    A number that was stored as one is never written with a nought at its end: 1.125 is a decimal.
    """
    texts = answers.texts
    held = [text for text in texts if _THREE_DECIMALS.fullmatch(text)]
    if not any(text.split(".")[1][2] == "0" for text in held):
        return False
    if any(re.search(r"\d(?:\.\d{3}){2,}(?!\d)", text) for text in texts):
        reading.note(
            "thousands", "the numbers have a point for thousands", f"read {held[0]} without it",
            column=answers.header, value=held[0],
        )  # fmt: skip
        return True
    if any(re.search(r"\d\.\d{1,2}(?!\d)|(?<!\d)0\.\d|\.\d{4}|\d,\d{3}", t) for t in texts):
        return False
    beside = [float(m[1]) for m in map(_LEADING_FIGURE.match, texts) if m and float(m[1]) > 0]
    small = float(np.median([float(m[1]) for m in map(_THREE_DECIMALS.match, held) if m]))
    usual = float(np.median(beside)) if beside else small
    thousands = bool(usual > small * 1000**0.5)  # nearer to a thousand times as much
    value, _ = parse_number(_with_points(held[0]) if thousands else held[0])
    reading.ask(
        "thousands",
        [answers.header],
        f"has {held[0]!r} a point for thousands, or decimals?",
        f"read as {value:g}",
        ("write 1000 or 1 there", f"columns={{{answers.header!r}: None}}  # leave it"),
    )
    return thousands


def _with_points(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d)", ".", re.sub(r"(?<=\d)\.(?=\d{3}(?!\d))", "", text))


def looks_numeric(answers: TextColumn) -> bool:
    """Tell whether every answer is a plain number (and not a code with leading zeros).

    At least half of them may have a decimal comma instead of a point.
    """
    words = [
        unicodedata.normalize("NFKC", text)
        for text in answers.texts
        if not MACHINE_BLANK.fullmatch(text)
    ]
    if not words or any(re.match(r"[+-]?0\d", word) for word in words):
        return False
    if all(map(_PLAIN.fullmatch, words)):
        return True
    return (
        all(map(_COMMA_NUMBER.fullmatch, words))
        and _decimal_commas(words)
        and 2 * sum("," in word for word in words) >= len(words)
    )
