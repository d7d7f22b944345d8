"""What the words of options mean."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

__all__ = [
    "as_column",
    "as_for_roster",
    "as_order",
    "as_pair",
    "as_rows",
    "as_separator",
    "as_weights",
    "columns_for",
    "orders_for",
    "rows_for",
    "separators_for",
    "value_for",
]

ROSTERS = ("mentees", "mentors")


def as_weights(text: str) -> dict[str, float]:
    """Return the weights of ``goals=0.5,availability=0.1``."""
    weights: dict[str, float] = {}
    for item in filter(None, text.split(",")):
        name, found, value = item.partition("=")
        try:
            weights[name.strip()] = float(value)
        except ValueError:
            found = ""
        if not found or not 0 <= weights[name.strip()] < float("inf"):
            raise argparse.ArgumentTypeError(f"{item!r} is not NAME=NUMBER with a number >= 0")
    return weights


def as_column(text: str) -> tuple[str, str, str]:
    """Return roster ("" for both), field and header of ``mentors:capacity=How many?``."""
    field, found, header = text.partition("=")
    roster, colon, name = field.rpartition(":")
    if not found or (colon and roster not in ROSTERS):
        raise argparse.ArgumentTypeError(f"{text!r} is not [mentees:|mentors:]FIELD=HEADER")
    return roster, name.strip(), header.strip()


def as_order(text: str) -> tuple[str, str, list[str]]:
    """Return roster ("" for both), field and answers of ``seniority=Junior < Senior``."""
    roster, field, answers = as_column(text)
    order = [answer.strip() for answer in answers.split(" < ")]
    if len(order) < 2 or not all(order):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not [mentees:|mentors:]FIELD=LOWEST < ... < HIGHEST"
        )
    return roster, field, order


def orders_for(roster: str, orders: Sequence[tuple[str, str, list[str]]]) -> dict[str, list[str]]:
    """Return field -> its answers from lowest to highest."""
    return {field: order for owner, field, order in orders if owner in ("", roster)}


def as_separator(text: str) -> tuple[str, str, str]:
    """Return roster ("" for both), header and sign of ``mentees:Topics= - ``: what follows "="."""
    header, _, sign = text.rpartition("=")
    owner, name = as_for_roster(header)
    if not name or not sign:
        raise argparse.ArgumentTypeError(f"{text!r} is not [mentees:|mentors:]HEADER=SIGN")
    return owner, name, sign


def separators_for(roster: str, separators: Sequence[tuple[str, str, str]]) -> dict[str, str]:
    """Return header -> what stands between the answers of its list."""
    return {header: sign for owner, header, sign in separators if owner in ("", roster)}


def as_for_roster(text: str) -> tuple[str, str]:
    """Return roster ("" for both) and value of ``mentors:Sheet1``."""
    owner, colon, value = text.partition(":")
    return (owner, value) if colon and owner in ROSTERS else ("", text)


def as_rows(text: str) -> tuple[str, tuple[int, ...]]:
    """Return roster ("" for both) and rows of ``mentees:3,7``, as a spreadsheet numbers them."""
    owner, numbers = as_for_roster(text)
    rows = [word.strip() for word in numbers.split(",")]
    if not all(word.isdecimal() for word in rows):
        raise argparse.ArgumentTypeError(f"{text!r} is not [mentees:|mentors:]ROW,ROW,...")
    return owner, tuple(map(int, rows))


def rows_for(roster: str, rows: Sequence[tuple[str, tuple[int, ...]]]) -> tuple[int, ...]:
    """Return the rows of a roster that are to be left out."""
    return tuple(row for owner, numbers in rows if owner in ("", roster) for row in numbers)


def as_pair(text: str) -> str:
    """Return the text if it may name two people; who they are is known once the files are read."""
    first, colon, second = text.partition(":")
    if not (colon and first.strip() and second.strip()):
        raise argparse.ArgumentTypeError(f"{text!r} is not MENTEE:MENTOR")
    return text


def columns_for(
    roster: str, columns: Sequence[tuple[str, str, str]]
) -> dict[str, str | list[str] | None]:
    """Return field -> header, or its headers; None where the header was left empty."""
    chosen: dict[str, list[str]] = {}
    for owner, field, header in columns:
        if owner in ("", roster):
            chosen.setdefault(field, []).extend(filter(None, [header]))
    return {f: (h[0] if len(h) == 1 else h) if h else None for f, h in chosen.items()}


def value_for(roster: str, values: Sequence[tuple[str, str]]) -> str | None:
    """Return the last value that was given for a roster, None if there is none."""
    return next((value for owner, value in reversed(values) if owner in ("", roster)), None)
