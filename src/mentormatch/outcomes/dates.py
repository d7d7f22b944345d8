"""Dates as people write them: any order that can be told, month names, what spreadsheets store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mentormatch.rosters.vocabulary import plain_letters

__all__ = ["Days", "days_of"]

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ,].*)?")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?:[T ,].*)?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_WEEKDAY = re.compile(r"^[^\W\d]+\.?,\s*")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.|º)?\s+(?:de\s+|of\s+)?([^\W\d]+)\.?,?\s+(?:de\s+)?(\d{4})"
    r"(?:[T ,].*)?"
)
_MONTH_DAY = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[T ,].*)?")
_EPOCH = date(1899, 12, 30)
"""Day 0 of what spreadsheets store."""
SERIALS = range(32_874, 73_050)
"""Days of the years 1990 to 2099."""
MONTHS = (
    "january jan januar janvier janv enero ene jaenner",
    "february feb februar fevrier fevr febrero",
    "march mar marz maerz mars marzo mrz",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet juil julio",
    "august aug aout agosto ago",
    "september sep sept septembre septiembre",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez decembre diciembre dic",
)
_MONTH_OF = {word: k + 1 for k, words in enumerate(MONTHS) for word in words.split()}


@dataclass(frozen=True)
class Days:
    """What texts mean as days; None where a text is no date.

    Attributes
    ----------
    day : tuple of date or None
    doubtful : bool
        Whether 3/4 could be the third of April or the fourth of March, and nothing tells which.
    torn : bool
        Whether some texts can only have the day first, and others only the month.
    """

    day: tuple[date | None, ...]
    doubtful: bool
    torn: bool


def days_of(texts: Sequence[str], day_first: bool | None = None) -> Days:
    """Read texts as days.

    Parameters
    ----------
    texts
        As the cells of a file hold them.
    day_first
        How 3/4 is read; None: as all texts together tell, else the day first.
    """
    order: set[bool] = set()
    open_ended = False
    for text in texts:
        found = _NUMERIC.fullmatch(text.strip())
        if found is None:
            continue
        first, second = int(found[1]), int(found[3])
        if found[2] == "." or first > 12 >= second:
            order.add(True)
        elif second > 12 >= first:
            order.add(False)
        elif first != second:
            open_ended = True
    chosen = day_first if day_first is not None else (order == {True} or not order or True in order)
    days = tuple(_day(text, chosen) for text in texts)
    return Days(
        days,
        doubtful=open_ended and not order and day_first is None,
        torn=len(order) > 1 and day_first is None,
    )


def _day(text: str, day_first: bool) -> date | None:
    plain = _WEEKDAY.sub("", plain_letters(text).strip().casefold())
    if found := _ISO.fullmatch(plain):
        return _made(found[1], found[2], found[3])
    if found := _NUMERIC.fullmatch(plain):
        year = found[4] if len(found[4]) == 4 else f"20{found[4]}"
        dotted_or_first = day_first or found[2] == "."
        day, month = (found[1], found[3]) if dotted_or_first else (found[3], found[1])
        return _made(year, month, day)
    if found := _DAY_MONTH.fullmatch(plain):
        return _named(found[3], found[2], found[1])
    if found := _MONTH_DAY.fullmatch(plain):
        return _named(found[3], found[1], found[2])
    if (found := _SERIAL.fullmatch(plain)) and int(found[1]) in SERIALS:
        return _EPOCH + timedelta(days=int(found[1]))
    return None


def _named(year: str, month: str, day: str) -> date | None:
    number = _MONTH_OF.get(month)
    return None if number is None else _made(year, str(number), day)


def _made(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
