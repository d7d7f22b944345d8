"""Quantities in figures and in words."""

from __future__ import annotations

import re

import numpy as np

from mentormatch.rosters.answers import (
    MACHINE_BLANK,
    each_text,
    lookup_numbers,
    without_blank_words,
)
from mentormatch.rosters.columns import Numbers
from mentormatch.rosters.findings import Finding, Findings
from mentormatch.rosters.table import TextColumn

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


def read_numbers(
    answers: TextColumn, findings: Findings, *, unit: str = "", least: float = -np.inf
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


def looks_numeric(answers: TextColumn) -> bool:
    """Tell whether every answer is a plain number (and not a code with leading zeros)."""
    words = [text for text in answers.texts if not MACHINE_BLANK.fullmatch(text)]
    return bool(words) and all(
        _PLAIN.fullmatch(text) and not re.match(r"[+-]?0\d", text) for text in words
    )
