"""Pairs of an earlier round, from any file that names a mentee and a mentor in each row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mentormatch.errors import ParameterError, counted, listed
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.files import read_table
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.people import numbers_rows

__all__ = ["EarlierPairs", "earlier_pairs"]

KINDS = ("e-mail", "id", "id or name", "name")
"""What people are recognised by, the surest first."""
HEADERS = {
    "{role} id": "id",
    "{role}": "id or name",
    "{role} employee id": "id",
    "{role} e mail": "e-mail",
    "{role} email": "e-mail",
    "{role} email address": "e-mail",
    "{role} e mail address": "e-mail",
    "{role} mail": "e-mail",
    "{role} name": "name",
    "{role} full name": "name",
}
"""Headers, as `label_key` folds them, of what each column says of a mentee or a mentor."""
Row = dict[str, str]


@dataclass(frozen=True)
class EarlierPairs:
    """Earlier pairs of people who are both here today.

    Attributes
    ----------
    pairs : list of (mentee id, mentor id)
        By today's ids.
    sentence : str
        How many there were, how many of them are meant here, and how people were recognised.
    """

    pairs: list[tuple[str, str]]
    sentence: str


def earlier_pairs(path: Path, mentees: Profiles, mentors: Profiles) -> EarlierPairs:
    """Read pairs that `match` wrote (.xlsx, .csv, .json), or a table with two columns of people.

    People are recognised by e-mail, id or name: on each side by what finds most of them.

    Raises
    ------
    RosterError
        If the file cannot be read.
    ParameterError
        If it has no columns of mentees and mentors, or names nobody who is here.
    """
    sides = _from_json(path) if path.suffix.lower() == ".json" else _from_table(path)
    found, how = [], []
    for rows, people in zip(sides, (mentees, mentors), strict=True):
        kind, places = _recognised(rows, people)
        found.append(places)
        how.append(kind)
    for places, people in zip(found, (mentees, mentors), strict=True):
        if all(place < 0 for place in places):
            raise ParameterError(
                f"{path} names no {people.role} of {people.source}, neither by e-mail nor by id or "
                "name. Is it the right file?"
            )
    pairs = [
        (mentees.ids[i], mentors.ids[j]) for i, j in zip(*found, strict=True) if min(i, j) >= 0
    ]
    missing = len(found[0]) - len(pairs)
    by = " and ".join(dict.fromkeys(how))
    rest = f"; of {missing:,} somebody is not here any more" if missing else ""
    pairs = list(dict.fromkeys(pairs))
    return EarlierPairs(
        pairs, f"{path}: {counted(len(pairs), 'earlier pair')}, recognised by {by}{rest}."
    )


def _from_json(path: Path) -> tuple[list[Row], list[Row]]:
    try:
        pairs = json.loads(path.read_text(encoding="utf-8"))["pairs"]
        sides: list[list[Row]] = [
            [{"id": str(pair[role]), "name": str(pair.get(f"{role}_name") or "")} for pair in pairs]
            for role in ("mentee", "mentor")
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ParameterError(
            f"{path} holds no pairs. Give a file that `match` wrote, or a table with a column of "
            "mentees and one of mentors."
        ) from None
    return sides[0], sides[1]


def _from_table(path: Path) -> tuple[list[Row], list[Row]]:
    table = read_table(path, "mentee")
    columns = {label_key(column.header): column.cells() for column in table.columns}
    sides: list[list[Row]] = []
    for role in ("mentee", "mentor"):
        known = {
            key: kind for words, kind in HEADERS.items()
            if (key := label_key(words.format(role=role))) in columns
        }  # fmt: skip
        if f"{role} id" in known and role in known:  # beside ids it holds names
            known[role] = "name"
        if not known:
            headers = listed(repr(column.header) for column in table.columns)
            raise ParameterError(
                f"{path} has no column of {role}s, such as '{role.title()} e-mail', "
                f"'{role.title()} id' or '{role.title()}'. It has: {headers}."
            )
        sides.append(
            [
                {kind: columns[key][row] for key, kind in known.items() if columns[key][row]}
                for row in range(len(table))
            ]
        )
    return sides[0], sides[1]


def _recognised(rows: Sequence[Row], people: Profiles) -> tuple[str, list[int]]:
    """Return by what the people of these rows are recognised, and their positions, -1: not here."""
    kinds = list(KINDS)
    named = any("name" in row or "e-mail" in row for row in rows)
    for kind in ("id", "id or name"):
        ids = [row[kind] for row in rows if kind in row]
        if named and numbers_rows(ids) and numbers_rows(people.ids):
            kinds.remove(kind)  # row numbers of two files say nothing
    found = {kind: [_place(row.get(kind, ""), people) for row in rows] for kind in kinds}
    best = max(kinds, key=lambda kind: sum(place >= 0 for place in found[kind]))
    return best, found[best]


def _place(word: str, people: Profiles) -> int:
    found = people.find(word) if word else -1
    if found < 0 and word:
        found = people.find_number(word)
    return people.find(word[1:]) if found < 0 and word.startswith("'") else found
