"""Who answered: people of a roster, people by their own ids, or nobody who can be told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.answers import each_text, without_blank_words
from mentormatch.rosters.columns import BoolArray, label_key
from mentormatch.rosters.headers import claims
from mentormatch.rosters.identity import emails_of, names_of, sent_at
from mentormatch.rosters.plan import Part
from mentormatch.rosters.planning import is_counter, make_plan
from mentormatch.rosters.profiles import Profiles
from mentormatch.rosters.reading import Choices, Reading
from mentormatch.rosters.references import parse_id
from mentormatch.rosters.roles import column_roles
from mentormatch.rosters.table import Table, TextColumn
from mentormatch.rosters.unfinished import is_of_survey
from mentormatch.rosters.vocabulary import fold_header

__all__ = [
    "PERSON_FIELDS",
    "Respondents",
    "find_persons",
    "of_role",
    "person_parts",
    "persons_of",
]

PERSON_FIELDS = ("id", "email", "name", "first_name", "last_name", "nickname", "signed_up")
"""Fields that tell who somebody is, or when she answered."""
_ANONYMOUS = re.compile(r"anon[iy]\w*|anonim\w*|匿名|مجهول\w*|ناشناس", re.IGNORECASE)
_ROW_NUMBER = re.compile(r"id|nr|no|number|#|(?:response|respondent|submission|record|entry) ?\w*")


@dataclass(frozen=True, eq=False)
class Respondents:
    """Who the rows are: positions of those that are kept, and their ids, None where unknown."""

    keep: npt.NDArray[np.int64]
    persons: tuple[str | None, ...]


def of_role(table: Table, role: str, items: set[str]) -> tuple[BoolArray, set[str]]:
    """Return bool (n,): whose rows are of a role, by columns that name roles, and those columns."""
    keep, used = np.ones(len(table), dtype=bool), set()
    for column in table.columns:
        roles = None if column.header in items else column_roles(column.header, column.texts)
        if not {"mentee", "mentor"} & set(roles or ()):
            continue
        used.add(column.header)
        for place, found in enumerate(roles or ()):
            if found not in (role, "both", None):
                table.reading.note(
                    "other_role", f"not a {role}", "left out the row", **column.at(place)
                )
                keep[column.holders(place)] = False
    return keep, used


def person_parts(
    columns: Mapping[str, TextColumn], given: Mapping[str, object], reading: Reading,
    people: Sequence[Profiles],
) -> tuple[dict[str, Part], set[str]]:  # fmt: skip
    """Return the columns that tell who somebody is, field -> part, and those that number rows."""
    chosen = {name: header for name, header in given.items() if name in PERSON_FIELDS}
    apart = Reading(reading.source, role=reading.role, choices=Choices(columns=chosen))  # type: ignore[arg-type]
    plan = make_plan(columns, apart)
    parts = {name: plan.parts[name] for name in PERSON_FIELDS if name in plan.parts}
    numbering = set()
    if "id" in parts and "id" not in chosen:
        header = parts["id"].headers[0]
        form = "signed_up" in parts or any(map(is_of_survey, columns))
        if _numbers_rows(columns[header], form or not people):
            del parts["id"]
            numbering.add(header)
            reading.note(
                "row_numbers", "seems to number the answers, not to name people",
                f"not used; if it does, give columns={{'id': {header!r}}}", column=header,
            )  # fmt: skip
    return parts, numbering


def _numbers_rows(column: TextColumn, form: bool) -> bool:
    if not (form and _ROW_NUMBER.fullmatch(fold_header(column.header)) and is_counter(column)):
        return False
    numbers = [int(float(text)) for text in column.texts]
    return max(numbers) - min(numbers) < 2 * len(numbers) + 10


def find_persons(
    table: Table, parts: Mapping[str, Part], people: Sequence[Profiles]
) -> Respondents:
    """Return who each row is; of several answers of one person the last is kept, listed.

    With a roster, people on it by their id, e-mail or name, in this order; whoever is not on it is
    listed and left out. Rows that name nobody are kept, without an id.
    """
    reading, n = table.reading, len(table)
    columns = {column.header: column for column in table.columns}
    references = _references(columns, parts, n, reading)
    found, unknown = _linked(references, table, people)
    nameless = [k for k in range(n) if not any(references[k])]
    if nameless and len(nameless) < n:
        reading.note(
            "nameless", "no id, e-mail address or name", "kept as anonymous: no change of it",
            rows=table.rows[nameless],
        )  # fmt: skip
    dropped = set(unknown) | _earlier_answers(found, columns, parts, table)
    keep = np.array([k for k in range(n) if k not in dropped], dtype=np.int64)
    return Respondents(keep, tuple(found[k] for k in keep))


def persons_of(
    table: Table, columns: Mapping[str, TextColumn], given: Mapping[str, object],
    people: Sequence[Profiles],
) -> tuple[str | None, ...]:  # fmt: skip
    """Return whose each row is, by the columns that may tell: one person may have several rows.

    None where a row names nobody, or somebody who is on no roster; those are listed.
    """
    telling = [
        column.codes for header, column in columns.items()
        if any(claim.field in PERSON_FIELDS for claim in claims(header, table.reading.role))
    ]  # fmt: skip
    once = np.arange(len(table))
    if telling:  # who is told by columns in which everybody stands once
        once = np.sort(np.unique(np.column_stack(telling), axis=0, return_index=True)[1])
    seen = {header: column.take(once) for header, column in columns.items()}
    parts, _ = person_parts(seen, given, table.reading, people)
    references = _references(columns, parts, len(table), table.reading)
    return tuple(_linked(references, table, people)[0])


def _linked(
    references: Sequence[tuple[str | None, str | None, str | None]],
    table: Table,
    people: Sequence[Profiles],
) -> tuple[list[str | None], list[int]]:
    """Return the id of each row, and the positions of those who are on no roster."""
    reading = table.reading
    found: list[str | None] = []
    unknown: list[int] = []
    for place, said in enumerate(references):
        if not any(said) or not people:
            found.append(next(filter(None, said), None))
            continue
        ids = list(dict.fromkeys(filter(None, (_on_roster(word, people) for word in said))))
        found.append(ids[0] if ids else None)
        if not ids:
            unknown.append(place)
            reading.note(
                "not_on_roster", "is on no roster that was handed in", "left out the answers",
                rows=[int(table.rows[place])], value=next(filter(None, said)),
            )  # fmt: skip
        elif len(ids) > 1:
            reading.note(
                "two_people", f"the id, e-mail address and name are of {' and '.join(ids)}",
                f"linked to {ids[0]}", rows=[int(table.rows[place])],
                value=next(filter(None, said)),
            )  # fmt: skip
    return found, unknown


def _on_roster(word: str | None, people: Sequence[Profiles]) -> str | None:
    for profiles in people:
        place = profiles.find(word) if word else -1
        place = profiles.find_number(word) if word and place < 0 else place
        if place >= 0:
            return profiles.ids[place]
    return None


def _references(
    columns: Mapping[str, TextColumn], parts: Mapping[str, Part], n: int, reading: Reading
) -> list[tuple[str | None, str | None, str | None]]:
    """Return (id, e-mail, name) of each row as written, None where not given."""
    ids: list[str | None] = [None] * n
    if "id" in parts:
        answers = without_blank_words(columns[parts["id"].headers[0]], reading)
        padded = [*each_text(answers, parse_id, reading), None]
        ids = [padded[code] for code in answers.codes]
    emails = _emails(columns, parts, n, reading)
    names = names_of(columns, parts, n)
    rows = zip(ids, emails, names, strict=True)
    return [tuple(None if w and _ANONYMOUS.fullmatch(w) else w for w in row) for row in rows]  # type: ignore[misc]


def _emails(
    columns: Mapping[str, TextColumn], parts: Mapping[str, Part], n: int, reading: Reading
) -> list[str | None]:
    """Return the addresses; "anonymous" in their place is nothing to list."""
    apart = Reading(reading.source)
    found = emails_of(columns, parts, n, apart)
    reading.batches += [batch for batch in apart.batches if not _ANONYMOUS.fullmatch(batch[2])]
    return found


def _earlier_answers(
    persons: Sequence[str | None],
    columns: Mapping[str, TextColumn],
    parts: Mapping[str, Part],
    table: Table,
) -> set[int]:
    """Return the positions of answers that their person gave again later, all of them listed."""
    sent = sent_at(columns, parts)
    places: dict[str, list[int]] = {}
    for place, person in enumerate(persons):
        if person is not None:
            places.setdefault(label_key(person), []).append(place)
    gone: set[int] = set()
    for group in (group for group in places.values() if len(group) > 1):
        last = max(group, key=lambda k: (0 if sent is None else int(sent[k]), int(table.rows[k])))
        for place in sorted(set(group) - {last}):
            gone.add(place)
            table.reading.note(
                "answered_again", f"the same person answered again in row {table.rows[last]}",
                f"left out this row, kept row {table.rows[last]}",
                rows=[int(table.rows[place])], value=persons[place],
            )  # fmt: skip
    return gone
