"""How many mentees a mentor takes, in figures or in words."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from mentormatch.rosters.findings import Finding
from mentormatch.rosters.numbers import NUMBER_WORDS, date_range, with_fractions
from mentormatch.rosters.remembered import remembered
from mentormatch.rosters.vocabulary import (
    entries,
    fold_header,
    is_one_of,
    number_words,
    plain_letters,
    within,
)

OPEN_ENDED = 5
"""Seats of somebody who takes "as many as you need": a cap that can be raised in the file."""
DEFAULT = 1
"""Seats of a mentor who did not say."""
MANY = 100
"""More seats than this are asked about."""
HUGE = 10**6
"""Nobody takes so many mentees."""
_UNLIMITED = re.compile(
    r"\b(?:as many|unlimited|no (?:limit|max\w*|preference)|any number|however many|infinite"
    r"|as needed|whatever (?:you|is) need\w*|lots|loads|all of them|flexible|any)\b|∞"
)
_NOBODY = re.compile(
    r"\b(?:none|zero|nobody|no one|no mentees|not (?:this|at|available|able|currently|now)\w*"
    r"|unable|unavailable|cannot|can't|full)\b|^\s*no\b"
)
_NO_COUNT = {"no", "none", "half", "once", "twice", "zero", "a", "an"}


@remembered
def parse_capacity(text: str) -> tuple[int, Finding | None]:
    """Return the seats that a text offers, and what was guessed.

    Examples
    --------
    >>> [parse_capacity(words)[0] for words in ("2", "One mentee only, please!", "One or two")]
    [2, 1, 2]
    """
    word = " ".join(with_fractions(text).split())
    if re.fullmatch(r"\d{1,6}(?:\.0{1,2})?", word):
        return int(float(word)), None
    if re.fullmatch(r"\d{1,3}\.\d{3}", word):  # a thousand in half of Europe
        return int(float(word)), Finding(
            "capacity_decimals",
            "thousands, or decimals?",
            f"read as {int(float(word))}; write a whole number without a point",
        )
    if re.match(r"[-\u2212]\s*\d", word):
        # whatever was meant, no seats overloads nobody
        return 0, Finding(
            "capacity_negative",
            "a capacity cannot be negative",
            "read as 0, so nobody is matched here; write how many mentees this mentor takes",
        )
    if (figures := _one_figure(word)) is not None and figures < HUGE:
        if figures.is_integer() and figures < MANY:
            return int(figures), _read(int(figures), "the capacity is written oddly")
        problem = (
            "thousands, or decimals?" if figures.is_integer() else "no whole number of mentees"
        )
        return int(figures), Finding(
            "capacity_decimals", problem, f"read as {int(figures)}; write a whole number"
        )
    if (ends := date_range(word)) is not None:
        return _from_date(ends)
    if figures is not None or re.search(r"\d{7,}", word):
        return DEFAULT, Finding(
            "capacity_huge",
            "nobody takes that many mentees",
            "write how many mentees this mentor takes",
            fatal=True,
        )
    if (codes := re.fullmatch(r"(\d{1,3})(?:\s*;\s*\d+)+\s*;?", word)) is not None:
        return int(codes.group(1)), _read(int(codes.group(1)), "the first of several numbers")
    folded = fold_header(word)
    if within("seats", "any").search(folded) and not re.search(r"\d", word):
        return OPEN_ENDED, _read(OPEN_ENDED, "no number is named")
    if is_one_of("seats", "none")(folded):
        return 0, _read(0, "the capacity is in words")
    if _UNLIMITED.search(word) and not re.search(r"\d", word):
        return OPEN_ENDED, _read(OPEN_ENDED, "no number is named")
    if "%" in word:
        return DEFAULT, Finding(
            "capacity_unread",
            "a share is no number of mentees",
            f"read as {DEFAULT}; write a number",
        )
    counts, ranged, of_something_else = _counts(word)
    if len(set(counts)) > 1 and not ranged:
        seats = int(min(counts))
        return seats, Finding(
            "capacity_several",
            "several numbers of mentees",
            f"read as {seats}, the least of them; write one number",
        )
    if counts:
        seats = int(min(max(counts), 10**6))
        if len(set(counts)) > 1:
            action = f"read as {seats}, the most of it"
            return seats, Finding("capacity_words", "the capacity is a range", action)
        return seats, _read(seats, "the capacity is in words")
    if of_something_else:
        return DEFAULT, Finding(
            "capacity_unread",
            "hours, meetings or a distance are no number of mentees",
            f"read as {DEFAULT}; write a number",
        )
    if _NOBODY.search(word):
        return 0, _read(0, "the capacity is in words")
    if re.search(r"\b(?:a|the|my|just|yes) ?(?:mentee|person|colleague|student)?\b", word):
        return 1, _read(1, "the capacity is in words")
    return DEFAULT, Finding(
        "capacity_unread", "the capacity cannot be read", f"read as {DEFAULT}; write a number"
    )


def _one_figure(word: str) -> float | None:
    """Return the number of a text that is one: 1,000 and 2,0 and 1e3; None for others."""
    if re.fullmatch(r"\d{1,3}(?:[,' \u2019]\d{3})+|\d{1,3}(?:\.\d{3}){2,}", word):
        return float(re.sub(r"\D", "", word))
    if re.fullmatch(r"\d{1,6}[.,]\d{1,2}", word):
        return float(word.replace(",", "."))
    return float(word) if re.fullmatch(r"\d+(?:\.\d+)?e\+?\d+", word) else None


def _from_date(ends: tuple[int, int]) -> tuple[int, Finding]:
    """Return the seats of a range that a spreadsheet made a date of; real dates are not read."""
    problem = "a spreadsheet made a date of this capacity"
    action = "format the column as text and write how many mentees this mentor takes"
    if ends[1] > 12:
        return DEFAULT, Finding("capacity_date", problem, f"read as {DEFAULT}; {action}")
    spoken = f"{ends[0]}-{ends[1]}, so {ends[1]}" if ends[0] != ends[1] else str(ends[0])
    return ends[1], Finding("capacity_date", problem, f"read as {spoken}; {action}")


def _counts(word: str) -> tuple[list[float], bool, bool]:
    """Return the numbers of people in a sentence.

    Also whether they are one range (1-2, one or two), and whether other things are counted.
    """
    tidy = re.sub(r"\ba\b(?! couple| few| pair| single)", " ", word)
    counted: list[tuple[re.Match[str], float]] = []
    other = False
    ends = list(_number_pattern().finditer(tidy))
    for place, match in enumerate(ends):
        figure, name = match.groups()
        count = float(figure) if figure else float(_all_words()[plain_letters(name)])
        stop = ends[place + 1].start() if place + 1 < len(ends) else len(tidy)
        nearest = " ".join(fold_header(tidy[match.end() : stop]).split()[:3])
        if not _starts("of_other_things").match(nearest):
            counted.append((match, count))
            continue
        other = True
        if (
            counted
            and counted[-1][0] is ends[place - 1]
            and _joined(tidy, *ends[place - 1 : place + 1])
        ):
            counted.pop()  # 2-3 hours
    numbers = [match for match, _ in counted]
    ranged = all(_joined(tidy, *pair) for pair in pairwise(numbers))
    return [count for _, count in counted], ranged, other


_JOINS = re.compile(
    r"\W*(?:(?:to|or|and|maybe|perhaps|possibly|even|up|max\w*|bis|oder|vielleicht|a|à|ou|o|of|u|y"
    r"|tot|misschien|do|lub|i|albo|至|到|或|か|から|الى|او|تا|یا)\W*)*(?:mentees?\W*)?"
)


def _joined(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Tell whether nothing but a sign or a word such as "or" stands between two numbers."""
    return _JOINS.fullmatch(text[one.end() : other.start()]) is not None


@cache
def _starts(key: str) -> re.Pattern[str]:
    words = "|".join(entries("seats", key))
    return re.compile(rf"(?:(?:more|new|other|different|of|my|per) )?(?:{words})(?![a-z])")


@cache
def _all_words() -> dict[str, float]:
    return {**number_words(), **{w: n for w, n in NUMBER_WORDS.items() if w not in _NO_COUNT}}


@cache
def _number_pattern() -> re.Pattern[str]:
    words = "|".join(sorted(_all_words(), key=len, reverse=True))
    return re.compile(
        rf"(?<![a-z\d.])(\d+(?:\.\d+)?)(?! ?x\b|x\d|st\b|nd\b|rd\b|th\b)|(?<!\w)({words})(?!\w)"
    )


def _read(seats: int, problem: str) -> Finding:
    return Finding("capacity_words", problem, f"read as {seats}")
