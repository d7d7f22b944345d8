"""Profiles made of a plain frame of ids and attributes, for scores that come from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.errors import ScoreError, check_parameter, listed
from mentormatch.rosters.build import columns_as_named
from mentormatch.rosters.headers import is_sensitive
from mentormatch.rosters.profiles import Profiles, Role

if TYPE_CHECKING:
    import pandas as pd

SOURCE = "scores handed in"


def profiles_of(given: Any, role: Role, size: int, ids: Sequence[str] | None) -> Profiles:
    """Return the profiles behind the rows (or columns) of a matrix of scores.

    Parameters
    ----------
    given
        `Profiles`, a dataframe, or None.
    size
        How many people the matrix has on this side.
    ids
        Labels of the matrix, if it has any.

    Raises
    ------
    ScoreError
        If the number of people differs, or ids repeat.
    """
    if isinstance(given, Profiles):
        profiles = given
    elif given is None:
        names = list(ids) if ids is not None else [f"{role} {k + 1}" for k in range(size)]
        profiles = _profiles(role, names, {})
    else:
        check_parameter(
            hasattr(given, "columns"), f"{role}s", "Scores.from_matrix",
            "Profiles, a dataframe or None", given,
        )  # fmt: skip
        profiles = _from_frame(given, role, ids)
    if len(profiles) != size:
        raise ScoreError(
            f"The scores have {size} {role}s, but the {role} roster has {len(profiles)}. Rows "
            "stand for mentees and columns for mentors."
        )
    return profiles


def _from_frame(frame: Any, role: Role, ids: Sequence[str] | None) -> Profiles:
    import narwhals.stable.v2 as nw

    data = nw.from_native(frame, eager_only=True)
    values = {str(name): data[name].to_list() for name in data.columns}
    if "id" in values:
        people = values.pop("id")
    elif ids is not None:
        people = list(ids)
    elif hasattr(frame, "index"):
        people = list(frame.index)
    else:
        raise ScoreError(f"The {role} frame needs a column 'id'.")
    return _profiles(role, [str(person) for person in people], values)


def _profiles(role: Role, ids: Sequence[str], values: dict[str, list[Any]]) -> Profiles:
    if len(set(ids)) < len(ids):
        twice = sorted({person for person in ids if ids.count(person) > 1})
        raise ScoreError(f"These {role} ids occur more than once: {listed(twice)}.")
    names, emails, called = (
        _texts(values.pop(name, None), len(ids)) for name in ("name", "email", "nickname")
    )
    seats = values.pop("capacity", None)
    columns, repairs = columns_as_named(values, len(ids), role, SOURCE)
    return Profiles(
        role=role,
        ids=tuple(ids),
        names=names,
        emails=emails,
        called=called,
        columns=columns,
        capacity=np.ones(len(ids), dtype=np.int64) if seats is None else _seats(seats, ids),
        mapping=empty_frame("column", "field", "kind", "reason"),
        repairs=repairs,
        source=SOURCE,
        sensitive=frozenset(name for name in values if is_sensitive(name)),
    )


def _seats(seats: Sequence[Any], ids: Sequence[str]) -> Any:
    wrong = [f"{person}: {seat!r}" for person, seat in zip(ids, seats, strict=True)
             if _missing(seat) or not float(seat).is_integer() or seat < 0]  # fmt: skip
    if wrong:
        raise ScoreError(f"'capacity' must hold whole numbers >= 0. Got {listed(wrong)}.")
    return np.array([int(seat) for seat in seats], dtype=np.int64)


def _missing(value: Any) -> bool:
    return value is None or value != value or str(value) in ("<NA>", "NaT")


def _texts(values: Sequence[Any] | None, size: int) -> tuple[str | None, ...]:
    if values is None:
        return (None,) * size
    return tuple(None if _missing(v) else str(v) for v in values)


@cache
def _made_once(columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=list(columns), dtype=object)


def empty_frame(*columns: str) -> pd.DataFrame:
    """Return a frame without rows, of the caller's own: a copy costs a tenth of a new one."""
    return _made_once(columns).copy(deep=False)


__all__ = ["empty_frame", "profiles_of"]
