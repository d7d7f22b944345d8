"""Rows among and below the people that are none: totals, footers, repeated headers, other tables.

Every row that is taken out is listed with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from mentormatch.rosters.reading import Reading
from mentormatch.rosters.vocabulary import entries, plain_letters, within

Row = tuple[int, list[str]]

ADDRESS = re.compile(r"(?<![^@\s])[^@\s]+@[^@\s]+\.\w+")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?")
_NUMBER = re.compile(r"[-+]?[\d\s.,%€$£]*\d[\d\s.,%€$£]*")
_SIGNS = re.compile(r"^\W+")


@cache
def _totals() -> re.Pattern[str]:
    alone, before_colon = ("|".join(entries("rows", key)) for key in ("total", "total_label"))
    return re.compile(rf"(?:(?:{alone})\s*[:=]?|(?:{before_colon})\s*[:=])[\d.,\s%]*")


LOOKED_AT = 5_000
"""So many rows at either end of a roster are looked at for names that are nobody's."""


@cache
def _no_names() -> re.Pattern[str]:
    words = "|".join([*entries("rows", "sample"), *entries("rows", "total")])
    begins = "|".join(entries("rows", "footer"))
    return re.compile(rf"^(?:(?:{words})|(?:{begins})(?!\w).*)$", re.M)


def no_names(names: Sequence[str | None]) -> list[int]:
    """Return the positions of names that look like a test, an example, a total or a footer.

    Of a long roster its first and last rows are looked at, where such rows stand.
    """
    if len(names) > 2 * LOOKED_AT:
        last = len(names) - LOOKED_AT
        return no_names(names[:LOOKED_AT]) + [last + k for k in no_names(names[last:])]
    whole = plain_letters("\n".join(" ".join((n or "").split()) for n in names).casefold())
    found, line, start = [], 0, 0
    for match in _no_names().finditer(whole):
        line += whole.count("\n", start, match.start())
        start = match.start()
        found.append(line)
    return found


def fold(text: str) -> str:
    """Return a text without case, spaces and signs, to compare headers by."""
    return re.sub(r"[\W_]+", "", text.casefold())


def in_words(cells: Sequence[str]) -> str:
    """Return what a row holds, as a finding tells it."""
    return "; ".join(cell.strip() for cell in cells if cell.strip())


def without_other_rows(
    people: Sequence[Row],
    header: Sequence[str],
    headers: Sequence[Sequence[str]],
    gaps: set[int],
    reading: Reading,
) -> list[Row]:
    """Return the rows that hold somebody.

    Parameters
    ----------
    people
        Rows that are not blank.
    header
        As read.
    headers
        The rows of the file that make the header, to know them again.
    gaps
        Numbers of the rows that follow a blank one.
    """
    wide = sum(map(bool, header)) > 1
    repeats = [
        known for h in headers if (known := {k: f for k, c in enumerate(h) if (f := fold(c))})
    ]
    openings = {word[:2] for known in repeats for word in known.values()}
    kept: list[Row] = [] if wide else list(people)
    for row in people if wide else ():
        sign = next(filter(None, map(str.strip, row[1])))[:2].casefold()
        begins = sign[:2] in openings or not sign.isalnum()
        if begins and any(_is_header(row, known, reading) for known in repeats):
            continue
        if _is_total(row[1]):
            _drop(row, "total_row", "the row is a total, nobody's answers", reading)
            continue
        kept.append(row)
    kept = _without_second_tables(kept, header, gaps, reading)
    while len(kept) > 1 and len(header) > 2 and _is_footer(kept[-1][1]):
        _drop(kept.pop(), "footer", "a line below the table", reading)
    return kept


def _drop(row: Row, code: str, problem: str, reading: Reading) -> None:
    reading.note(code, problem, "left it out", rows=[row[0]], value=in_words(row[1]))


def _is_header(row: Row, known: dict[int, str], reading: Reading) -> bool:
    number, cells = row
    first = next(iter(known), None)
    names = known.values()
    if first is None or first >= len(cells) or fold(cells[first]) not in names:
        return False
    filled = {k: fold(cell) for k, cell in enumerate(cells) if cell.strip()}
    same = sum(known.get(k) == word for k, word in filled.items())
    if same > 1 and same >= 0.6 * len(filled):
        _drop(
            row, "repeated_header", "the headers once more, as in exports pasted together", reading
        )
        return True
    shifted = sum(word in names for word in filled.values())
    if shifted > 1 and shifted >= 0.6 * len(filled):
        reading.note(
            "second_table",
            "a second table with its columns in another order begins here",
            "put it in a file or a sheet of its own",
            rows=[number],
            value=in_words(cells),
            fatal=True,
        )
        return True
    return False


def _is_total(cells: Sequence[str]) -> bool:
    filled = filter(None, map(str.strip, cells))
    first = next(filled)
    if not all(map(_NUMBER.fullmatch, filled)):
        return False
    if len(cells) > 1 and all(map(str.strip, cells)):
        return False
    return _totals().fullmatch(plain_letters(first.casefold())) is not None


def _is_footer(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) != 1:
        return False
    words = plain_letters(_SIGNS.sub("", filled[0]).casefold())
    return (
        len(filled[0].split()) > 6
        or filled[0][0] in "©*※†"
        or within("rows", "footer").match(words) is not None
        or (within("rows", "footer_label").match(words) is not None
            and re.search(r"[:\d]", words) is not None)
    )  # fmt: skip


def _without_second_tables(
    rows: list[Row], header: Sequence[str], gaps: set[int], reading: Reading
) -> list[Row]:
    """Leave out blocks below a blank row that hold none of the addresses, numbers and dates above.

    A block of late sign-ups has addresses where the others have them; a summary does not.
    """
    starts = [k for k, (number, _) in enumerate(rows) if k and number in gaps]
    if not starts:
        return rows
    first = [cells for _, cells in rows[: starts[0]]]
    typed = [
        (k, pattern)
        for k in range(len(header))
        for pattern in (ADDRESS, DATE, _NUMBER)
        if len(first) > 1
        and sum(k < len(c) and bool(pattern.fullmatch(c[k].strip())) for c in first)
        >= 0.9 * len(first)
    ]
    if not typed:
        return rows
    kept = rows[: starts[0]]
    for begin, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        block = rows[begin:end]
        fits = any(
            k < len(cells) and pattern.fullmatch(cells[k].strip())
            for _, cells in block
            for k, pattern in typed
        )
        if fits or max(sum(bool(c.strip()) for c in cells) for _, cells in block) < 2:
            kept += block
            continue
        for row in block:
            _drop(row, "second_table", "a row of a second table below the first", reading)
    return kept
