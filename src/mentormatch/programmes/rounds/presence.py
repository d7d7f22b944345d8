"""Who is there in which round: late, absent, only on some days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ParameterError, UnknownPersonError, listed
from mentormatch.rosters.profiles import Profiles

__all__ = ["presence"]

BoolArray = npt.NDArray[np.bool_]


def presence(
    available: Mapping[str, Any] | Any | None, people: Sequence[Profiles], labels: Sequence[str]
) -> tuple[BoolArray, ...]:
    """Return bool (people, rounds) for each roster: who is there when.

    Parameters
    ----------
    available
        Person -> rounds she is there, by number (from 1) or label; or a frame with one row per
        person (index) and one true-or-false column per round. Who is not named is always there.
    people
        One or two rosters; who is on both is the same person.
    labels
        Of the rounds, in order.

    Raises
    ------
    UnknownPersonError
        If nobody is called that; names everybody.
    ParameterError
        If a round does not exist; names all.
    """
    there = tuple(np.ones((len(one), len(labels)), dtype=bool) for one in people)
    if available is None:
        return there
    given = _given(available, labels)
    unknown, wrong = [], []
    for person, rounds in given.items():
        row = np.zeros(len(labels), dtype=bool)
        for one in rounds:
            place = _place(one, labels)
            if place is None:
                wrong.append(f"{one!r} (of {person})")
            else:
                row[place] = True
        found = False
        for roster, side in zip(people, there, strict=True):
            at = roster.find(str(person))
            if at >= 0:
                side[at] = row
                found = True
        if not found:
            unknown.append(repr(str(person)))
    if unknown:
        raise UnknownPersonError(
            f"'available' names people who are on no roster: {listed(unknown)}.", people=unknown
        )
    if wrong:
        raise ParameterError(
            "The 'available' parameter of schedule_rounds must name rounds by number, from 1 to "
            f"{len(labels)}, or by label ({listed(labels, 5)}). Got {listed(wrong)}."
        )
    return there


def _given(available: Any, labels: Sequence[str]) -> dict[str, Iterable[Any]]:
    if hasattr(available, "iloc"):
        if available.shape[1] != len(labels):
            raise ParameterError(
                f"The 'available' parameter of schedule_rounds has {available.shape[1]} columns, "
                f"but there are {len(labels)} rounds."
            )
        table = available.to_numpy(dtype=bool)
        return {
            str(person): (np.flatnonzero(row) + 1).tolist()
            for person, row in zip(available.index, table, strict=True)
        }
    if isinstance(available, Mapping):
        return {
            str(person): [one] if isinstance(one, str | int) else list(one)
            for person, one in available.items()
        }
    raise ParameterError(
        "The 'available' parameter of schedule_rounds must be a mapping from person to rounds, or "
        f"a frame of people and rounds. Got {type(available).__name__}."
    )


def _place(one: Any, labels: Sequence[str]) -> int | None:
    if isinstance(one, (int, np.integer)) and not isinstance(one, bool):
        return int(one) - 1 if 1 <= one <= len(labels) else None
    return labels.index(str(one)) if str(one) in labels else None
