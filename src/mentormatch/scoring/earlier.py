"""People of an earlier round on today's rosters: by e-mail, else by id, else by full name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from mentormatch.errors import ParameterError
from mentormatch.rosters.columns import IntArray, label_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.people import numbers_rows

__all__ = ["Known", "earlier_pairs", "places_today"]


class Known(NamedTuple):
    """What is known of somebody of an earlier round."""

    id: str
    email: str = ""
    name: str = ""


Pairs: TypeAlias = tuple[tuple[Known, Known], ...]


def earlier_pairs(previous: Any) -> Pairs:
    """Return what is known of the pairs of a matching, or of (mentee, mentor) references.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    if hasattr(previous, "problem") and hasattr(previous, "pairs"):
        scores = previous.problem.scores
        rows, columns = previous.pairs
        return tuple(
            (_known(scores.mentees, i), _known(scores.mentors, j))
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        )
    if hasattr(previous, "columns") and {"mentee", "mentor"} <= set(previous.columns):
        previous = zip(list(previous["mentee"]), list(previous["mentor"]), strict=True)
    return tuple(_pair(pair) for pair in _listed(previous))


def _listed(previous: Any) -> Iterable[Any]:
    if isinstance(previous, str) or not hasattr(previous, "__iter__"):
        raise _wrong(previous)
    return list(previous.items()) if hasattr(previous, "items") else list(previous)


def _pair(pair: Any) -> tuple[Known, Known]:
    if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2:
        raise _wrong(pair)
    first, second = (
        Known(*map(str, one)) if isinstance(one, tuple | list) else Known(str(one)) for one in pair
    )
    return first, second


def _wrong(given: Any) -> ParameterError:
    return ParameterError(
        "The 'pairs' parameter of NotPrevious must be an earlier Matching, such as "
        f"Matching.from_json('last_year.json'), or (mentee, mentor) pairs. Got {given!r}."
    )


def _known(people: Profiles, position: int) -> Known:
    return Known(people.ids[position], people.emails[position] or "", people.names[position] or "")


def places_today(people: Sequence[Known], today: Profiles) -> IntArray:
    """Return int64 (people,): where each is on today's roster, -1 where she is not.

    E-mails are surest. Ids that only number the rows of both files, and ids of people whose names
    have no word in common, say nothing.
    """
    mails = {label_key(mail): p for p, mail in enumerate(today.emails) if mail}
    rows = numbers_rows([one.id for one in people]) and numbers_rows(today.ids)
    named = any(one.name or one.email for one in people)
    return np.array([_place(one, today, mails, rows and named) for one in people], dtype=np.int64)


def _place(one: Known, today: Profiles, mails: dict[str, int], numbered: bool) -> int:
    if one.email and (found := mails.get(label_key(one.email), -1)) >= 0:
        return found
    found = -1
    if not numbered:
        found = today.find(one.id)
        found = today.find_number(one.id) if found < 0 else found
        if found >= 0 and _strangers(one, today, found):
            found = -1
    if found < 0 and " " in label_key(one.name):
        found = today.find(one.name)
    return found


def _strangers(one: Known, today: Profiles, position: int) -> bool:
    then, now = (set(label_key(name or "").split()) for name in (one.name, today.names[position]))
    mail = today.emails[position]
    return bool(then and now and not then & now and (not one.email or not mail))
