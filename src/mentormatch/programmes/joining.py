"""People who join later: one roster more, read and typed like the first."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

import numpy as np

from mentormatch.errors import ParameterError, listed
from mentormatch.rosters.columns import (
    Categories,
    Column,
    Hours,
    Labels,
    Numbers,
    People,
    Texts,
    Vectors,
    label_key,
)
from mentormatch.rosters.group_words import group_key
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.rosters.read import read_roster
from mentormatch.rosters.reading import KINDS
from mentormatch.scoring.scores import Scores

Joined: TypeAlias = "Profiles | Mapping[str, Any] | Sequence[Any] | None"
ROLES: tuple[Role, Role] = ("mentee", "mentor")


def joining(joined: Joined, before: Scores) -> dict[str, list[Profiles]]:
    """Return the rosters of those who join, by role.

    Parameters
    ----------
    joined
        `Profiles`, which know their role; a dict {"mentee": ..., "mentor": ...} of `Profiles` or
        of whatever `read_roster` reads; or a list of these.
    before
        Tables are read with the columns and types that these rosters have.

    Raises
    ------
    ParameterError
        If a table comes without a role.
    """
    found: dict[str, list[Profiles]] = {}
    given = [] if joined is None else joined
    items = given if isinstance(given, list | tuple) else [given]
    for item in items:
        for role, table in _by_role(item):
            like = before.mentees if role == "mentee" else before.mentors
            people = table if isinstance(table, Profiles) else _read_like(table, like)
            if people.role != role:
                raise ParameterError(
                    f"The 'joined' parameter of rematch says {role!r} of a roster of {people.role}s"
                    f" ({people.source})."
                )
            found.setdefault(role, []).append(people)
    return found


def _by_role(item: Any) -> list[tuple[Role, Any]]:
    if isinstance(item, Profiles):
        return [(item.role, item)]
    if isinstance(item, Mapping) and set(item) <= set(ROLES):
        return [(role, item[role]) for role in ROLES if item.get(role) is not None]
    raise ParameterError(
        "The 'joined' parameter of rematch must be Profiles from read_roster, or a dict such as "
        f"{{'mentee': frame, 'mentor': frame}}, or a list of these. Got {type(item).__name__}."
    )


def _read_like(source: Any, like: Profiles) -> Profiles:
    """Read a table with the headers, types and scales of an earlier roster."""
    headers = _headers(source)
    fields: dict[str, list[str]] = {}
    for header, field in zip(like.mapping["column"], like.mapping["field"], strict=True):
        if field and header in headers:
            fields.setdefault(str(field), []).append(str(header))
    typed = {name: column for name, column in like.columns.items() if name in fields}
    return read_roster(
        source,
        role=like.role,
        columns={name: found[0] if len(found) == 1 else found for name, found in fields.items()},
        kinds={name: column.kind for name, column in typed.items() if column.kind in KINDS},
        orders={
            name: column.labels
            for name, column in typed.items()
            if isinstance(column, Numbers) and column.labels
        },
    )


def _headers(source: Any) -> set[str]:
    return {str(header) for header in getattr(source, "columns", ())}


def with_more(people: Profiles, more: Sequence[Profiles]) -> Profiles:
    """Return a roster with those who joined after the others.

    Raises
    ------
    ParameterError
        If somebody who joins is here already, by id or e-mail; names everybody.
    """
    for joined in more:
        _refuse_known(people, joined)
        people = _both(people, joined)
    return people


def _refuse_known(people: Profiles, joined: Profiles) -> None:
    ids = {label_key(person) for person in people.ids}
    mails = {label_key(mail) for mail in people.emails if mail}
    known = [
        person
        for person, mail in zip(joined.ids, joined.emails, strict=True)
        if label_key(person) in ids or (mail and label_key(mail) in mails)
    ]
    if known:
        raise ParameterError(
            f"The 'joined' parameter of rematch names {people.role}s who are here already, by id "
            f"or e-mail: {listed(known)}. Leave them out, or hand over today's whole roster as "
            f"{people.role}s=."
        )


def _both(people: Profiles, joined: Profiles) -> Profiles:
    import pandas as pd

    columns = {
        name: _joined_column(name, people, joined)
        for name in dict.fromkeys([*people.columns, *joined.columns])
    }
    digest = hashlib.sha256(f"{people.digest} {joined.digest}".encode()).hexdigest()
    return Profiles(
        role=people.role,
        ids=(*people.ids, *joined.ids),
        names=(*people.names, *joined.names),
        emails=(*people.emails, *joined.emails),
        called=(*people.called, *joined.called),
        columns=columns,
        capacity=np.concatenate([people.capacity, joined.capacity]),
        mapping=people.mapping,
        repairs=pd.concat([people.repairs, joined.repairs], ignore_index=True),
        source=f"{people.source} and {joined.source}",
        digest=digest,
        sensitive=people.sensitive | joined.sensitive,
    )


def _joined_column(name: str, people: Profiles, joined: Profiles) -> Column:
    first = people.columns.get(name)
    second = joined.columns.get(name)
    if first is None or second is None:
        known = cast("Column", second if first is None else first)
        first = _unanswered(known, len(people)) if first is None else first
        second = _unanswered(known, len(joined)) if second is None else second
    elif second.kind != first.kind:
        if second.answered.any():
            raise ParameterError(
                f"The 'joined' parameter of rematch: {joined.source} has {name!r} as "
                f"{second.kind}, the roster ({people.source}) as {first.kind}. Read it with "
                f"read_roster(..., kinds={{{name!r}: {first.kind!r}}})."
            )
        second = _unanswered(first, len(joined))
    return _appended(first, second)


def _unanswered(like: Column, count: int) -> Column:
    """Return a column of the same type in which nobody answered."""
    nobody = np.zeros(count, dtype=bool)
    if isinstance(like, Categories):
        return Categories(np.full(count, -1, dtype=np.int32), like.labels)
    if isinstance(like, Numbers):
        return Numbers(np.full(count, np.nan), like.labels)
    if isinstance(like, Texts):
        return Texts((None,) * count)
    if isinstance(like, Vectors):
        return Vectors(np.full((count, like.values.shape[1]), np.nan), like.names)
    if isinstance(like, Labels):
        return Labels.of([None] * count)
    if isinstance(like, Hours):
        return Hours(np.zeros((count, like.bits.shape[1]), np.uint64), (None,) * count, nobody)
    assert isinstance(like, People)
    return People.of([None] * count)


def _merged(first: Sequence[str], second: Sequence[str]) -> tuple[tuple[str, ...], Any]:
    """Return (labels of both, code in them of each label of the second)."""
    labels = list(first)
    known = {group_key(label): code for code, label in enumerate(labels)}
    codes = []
    for label in second:
        if group_key(label) not in known:
            known[group_key(label)] = len(labels)
            labels.append(label)
        codes.append(known[group_key(label)])
    return tuple(labels), np.array([*codes, -1], dtype=np.int32)


def _appended(first: Column, second: Column) -> Column:
    """Return the answers of one roster followed by those of the other, of one type."""
    if isinstance(first, Categories) and isinstance(second, Categories):
        labels, codes = _merged(first.labels, second.labels)
        return Categories(np.concatenate([first.codes, codes[second.codes]]), labels)
    if isinstance(first, Numbers) and isinstance(second, Numbers):
        return _numbers(first, second)
    if isinstance(first, Texts) and isinstance(second, Texts):
        return Texts((*first.values, *second.values))
    if isinstance(first, Vectors) and isinstance(second, Vectors):
        return Vectors(np.concatenate([first.values, second.values]), first.names)
    if isinstance(first, Labels) and isinstance(second, Labels):
        labels, codes = _merged(first.labels, second.labels)
        return Labels(
            np.concatenate([first.indptr, first.indptr[-1] + second.indptr[1:]]),
            np.concatenate([first.codes, codes[second.codes]]),
            labels,
            np.concatenate([first.level, second.level]),
            np.concatenate([first.priority, second.priority]),
            np.concatenate([first.given, second.given]),
        )
    if isinstance(first, Hours) and isinstance(second, Hours):
        return Hours(
            np.concatenate([first.bits, second.bits]),
            (*first.zones, *second.zones),
            np.concatenate([first.given, second.given]),
        )
    assert isinstance(first, People)
    assert isinstance(second, People)
    return People(
        np.concatenate([first.indptr, first.indptr[-1] + second.indptr[1:]]),
        (*first.refs, *second.refs),
        np.concatenate([first.given, second.given]),
    )


def _numbers(first: Numbers, second: Numbers) -> Numbers:
    """Numbers as they are; levels of a scale by their names in the first one's order."""
    values = second.values
    if second.labels != first.labels and second.answered.any():
        labels, codes = _merged(first.labels or (), second.labels or ())
        if first.labels is None or len(labels) > len(first.labels):
            raise ParameterError(
                "The 'joined' parameter of rematch: answers on a scale that the roster does not "
                f"have: {listed(second.labels or ('plain numbers',))}. Read them with "
                "read_roster(..., orders={...})."
            )
        values = np.where(second.answered, codes[np.nan_to_num(values).astype(int)], np.nan)
    return Numbers(np.concatenate([first.values, values]), first.labels)


__all__ = ["Joined", "joining", "with_more"]
