"""Profiles: one roster, read, typed and validated; what scoring, audits and exports look at."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from mentormatch.doors import upstairs
from mentormatch.errors import (
    ColumnError,
    UnknownPersonError,
    check_parameter,
    did_you_mean,
    nearest,
)
from mentormatch.rosters.columns import Column, IntArray, Numbers, Texts, freeze, label_key
from mentormatch.rosters.findings import QUESTION_COLUMNS
from mentormatch.rosters.headers import is_of_safety
from mentormatch.values import ByValue

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import pandas as pd

Role: TypeAlias = Literal["mentee", "mentor"]
AnyColumn = TypeVar("AnyColumn", bound=Column)


@dataclass(frozen=True, eq=False)
class Profiles(ByValue):
    """The people of one roster, in the order of the file.

    Made by `read_roster`; everything downstream reads typed columns from here and nothing else.

    Attributes
    ----------
    role : {"mentee", "mentor"}
    ids : tuple of str
        Unique, as the roster spells them.
    names, emails : tuple of (str or None)
        For people's eyes and for recognising one person on both rosters; never scored.
    called : tuple of (str or None)
        The preferred name, else the first name, where the roster has a column of it; for letters.
    columns : mapping of str to Column
        Typed answers by field name: fields of the vocabulary (`goals`, `skills`, `seniority`,
        ...) and every other column of the file under its own header.
    capacity : int64 (n,)
        Mentors: how many mentees each can take. Mentees: 1.
    mapping : DataFrame
        `column` of the file, `field` it became, `kind`, and `reason` for the guess.
    repairs : DataFrame
        Every guess and repair: `row` (as a spreadsheet numbers it), `column`, `value`,
        `problem`, `action`.
    questions : DataFrame
        What was decided on thin evidence, or left unused although it looks as if it mattered:
        `column`, `question`, `reading` (what was done), `settle` (one line per choice, an argument
        of `read_roster`), `code`. Empty where nothing is in doubt.
    source : str
        Name of the file, or what was handed in.
    digest : str
        SHA-256 of the input, for the manifest.
    """

    role: Role
    ids: tuple[str, ...]
    names: tuple[str | None, ...]
    emails: tuple[str | None, ...]
    columns: Mapping[str, Column]
    capacity: IntArray
    mapping: pd.DataFrame
    repairs: pd.DataFrame
    source: str = "data"
    digest: str = ""
    sensitive: frozenset[str] = field(default_factory=frozenset)
    questions: pd.DataFrame = field(default_factory=lambda: _no_questions())
    called: tuple[str | None, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))
        if not self.called:
            object.__setattr__(self, "called", (None,) * len(self.ids))
        object.__setattr__(self, "capacity", freeze(np.asarray(self.capacity, dtype=np.int64)))

    def __reduce__(self) -> tuple[Any, ...]:  # mapping proxies do not pickle
        state = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return _unpickle, (type(self), {**state, "columns": dict(self.columns)})

    def _identity(self) -> tuple[Any, ...]:
        return self.role, self.ids

    def as_role(self, role: Role) -> Profiles:
        """Return the same people in a role: one roster can be scored against itself, or reversed.

        Parameters
        ----------
        role
            "mentee" or "mentor".

        Examples
        --------
        >>> scores = mm.score(people, people)                             # doctest: +SKIP
        >>> back = mm.score(mentors.as_role("mentee"), mentees.as_role("mentor"))  # doctest: +SKIP
        """
        check_parameter(
            role in ("mentee", "mentor"), "role", "Profiles.as_role", "'mentee' or 'mentor'", role
        )
        return self if role == self.role else replace(self, role=role)

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        noun = self.role if len(self) == 1 else f"{self.role}s"
        repairs = len(self.repairs)
        seats = f", {int(self.capacity.sum()):,} seats" if self.role == "mentor" else ""
        return (
            f"<Profiles: {len(self):,} {noun}{seats}, {len(self.columns):,} columns, "
            f"{repairs:,} repair{'s' * (repairs != 1)}{self._open}, from {self.source}>"
        )

    @property
    def _open(self) -> str:
        count = len(self.questions)
        return f", {count} question{'s' * (count > 1)}" if count else ""

    def _repr_html_(self) -> str:
        private = [
            name
            for name, column in self.columns.items()
            if name in self.sensitive or isinstance(column, Texts) or is_of_safety(name, self.role)
        ]
        shown = self.to_frame().head(10).drop(columns=private)
        table = shown.to_html(escape=True, index=False, na_rep="")
        hidden = ", ".join(private)
        note = f"<p>Not shown here: {html.escape(hidden)}</p>" if hidden else ""
        return f"<p>{html.escape(repr(self))}</p>{table}{note}"

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {person: position for position, person in enumerate(self.ids)}

    @cached_property
    def _references(self) -> dict[str, int]:
        """Normalised id, e-mail or unambiguous name -> position (-1 where ambiguous)."""
        known: dict[str, int] = {}
        for words in (self.names, self.emails, self.ids):  # later kinds win over earlier ones
            counts: dict[str, int] = {}
            for position, word in enumerate(words):
                if word and (key := label_key(word)):
                    counts[key] = -1 if key in counts else position
            known.update(counts)
        return known

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """Numeric id without leading zeros -> position (-1 where ambiguous)."""
        known: dict[str, int] = {}
        for position, person in enumerate(self.ids):
            if person.isascii() and person.isdigit():
                number = person.lstrip("0")
                known[number] = -1 if number in known else position
        return known

    def position(self, person: str) -> int:
        """Return the position of a person given by id, e-mail or unambiguous name.

        Raises
        ------
        UnknownPersonError
            If nobody, or more than one person, on this roster is called that.
        """
        exact = self._positions.get(str(person))
        if exact is not None:
            return exact
        found = self.place(person)
        if found >= 0:
            return found
        known = (*self.ids, *filter(None, (*self.names, *self.emails)))
        raise UnknownPersonError(
            f"No {self.role} is called {person!r} in {self.source}, by id, e-mail or unambiguous "
            "name.", people=[str(person)], near=nearest(str(person), known),
        )  # fmt: skip

    def find(self, reference: str) -> int:
        """Return the position that an id, e-mail or unambiguous name refers to, else -1."""
        exact = self._positions.get(reference)
        return self._references.get(label_key(reference), -1) if exact is None else exact

    def place(self, person: object) -> int:
        """Return the position of a person by id, e-mail, unambiguous name or number, else -1."""
        found = self.find(str(person))
        return found if found >= 0 else self.find_number(str(person))

    @property
    def has_numbers(self) -> bool:
        """Whether any id is a number."""
        return bool(self._numbers)

    def find_number(self, reference: str) -> int:
        """Return the only position whose id is this number but for leading zeros, else -1.

        Spreadsheets drop the zeros of ``00123`` in one file and keep them in another.
        """
        word = reference.strip()
        if not (word.isascii() and word.isdigit()):
            return -1
        return self._numbers.get(word.lstrip("0"), -1)

    def name(self, position: int) -> str:
        """Return what people call this person: the name, else the id."""
        return self.names[position] or self.ids[position]

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __bool__(self) -> bool:
        return True  # a roster, also one of nobody

    def __getitem__(self, column: str) -> pd.Series[Any]:
        """Return one column's answers by the ids of the people, missing where not answered.

        Raises
        ------
        ColumnError
            If the roster has no such column.
        """
        found = self.column(column, Column, wanted_by=f"profiles[{column!r}]")
        return _series(found, self.ids, column)

    def column(self, name: str, kind: type[AnyColumn], *, wanted_by: str) -> AnyColumn:
        """Return a column of one type, or say what is wrong with the request.

        Parameters
        ----------
        name
            Field or header of the roster.
        kind
            Column type that the caller can use.
        wanted_by
            Who asks, for the message, e.g. ``"Covers('goals')"``.

        Raises
        ------
        ColumnError
            If the column is missing or of another type.
        """
        found = self.columns.get(name)
        if found is None:
            raise ColumnError(
                f"{wanted_by} needs a column {name!r}, which the {self.role} roster "
                f"({self.source}) does not have. {did_you_mean(name, self.columns)} "
                f"Map one with read_roster(..., columns={{{name!r}: 'header in the file'}}).",
                column=name, rule=wanted_by,
            )  # fmt: skip
        if not isinstance(found, kind):
            raise ColumnError(
                f"{wanted_by} needs {name!r} as {kind.kind}, but the {self.role} roster has it as "
                f"{found.kind}. Choose the type with read_roster(..., kinds={{{name!r}: "
                f"{kind.kind!r}}}).", column=name, rule=wanted_by,
            )  # fmt: skip
        return found

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Profiles:
        """Return the profiles of the people at these positions, in that order."""
        positions = np.asarray(rows, dtype=np.int64)
        return Profiles(
            role=self.role,
            ids=tuple(self.ids[p] for p in positions),
            names=tuple(self.names[p] for p in positions),
            emails=tuple(self.emails[p] for p in positions),
            columns={name: column.take(positions) for name, column in self.columns.items()},
            capacity=self.capacity[positions],
            mapping=self.mapping,
            repairs=self.repairs,
            source=self.source,
            digest=self.digest,
            sensitive=self.sensitive,
            questions=self.questions,
            called=tuple(self.called[p] for p in positions),
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one readable row per person: id, name, email, then every column."""
        import pandas as pd

        named = {"id": self.ids, "name": self.names, "email": self.emails}
        data: dict[str, Any] = {
            word: pd.Series(list(values), dtype=object) for word, values in named.items()
        }
        if any(self.called):
            data["nickname"] = pd.Series(list(self.called), dtype=object)
        if self.role == "mentor":
            data["capacity"] = self.capacity
        for name, column in self.columns.items():
            data[name] = _series(column, range(len(self)), name)
        return pd.DataFrame(data)

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """Return the roster with its typed answers as JSON; write it to a path."""
        return upstairs("delivery.saved.files", "profiles_to_json")(self, path)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, source: str | PathLike[str] | bytes) -> Profiles:
        """Load what `to_json` wrote, from a path or from the text itself.

        Raises
        ------
        SavedFileError
            If it is cut off, was changed, or is of a format that this version cannot read.
        """
        return upstairs("delivery.saved.files", "from_json")(Profiles, source)  # type: ignore[no-any-return]

    def to_parquet(self, path: str | PathLike[str]) -> Path:
        """Write the same as parquet, one row per person, and return the path. Needs pyarrow."""
        return upstairs("delivery.saved.parquet", "profiles_to_parquet")(self, path)  # type: ignore[no-any-return]

    @classmethod
    def from_parquet(cls, path: str | PathLike[str]) -> Profiles:
        """Load what `to_parquet` wrote; otherwise as `from_json`."""
        return upstairs("delivery.saved.parquet", "from_parquet")(Profiles, path)  # type: ignore[no-any-return]


def _series(column: Column, index: Any, name: str) -> pd.Series[Any]:
    import pandas as pd

    plain = isinstance(column, Numbers) and column.labels is None
    return pd.Series(
        column.to_list(), index=list(index), name=name, dtype=float if plain else object
    )


@cache
def _empty_questions() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=list(QUESTION_COLUMNS), dtype=object)


def _no_questions() -> pd.DataFrame:
    return _empty_questions().copy(deep=False)


def _unpickle(kind: type[Profiles], state: dict[str, Any]) -> Profiles:
    return kind(**state)


__all__ = ["Profiles", "Role"]
