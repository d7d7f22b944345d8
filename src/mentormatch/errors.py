"""Every error the library raises on purpose, each with a message in the user's words.

All of them derive from `MentormatchError`, so that ``except mm.MentormatchError`` catches what
the input caused and lets defects of the library through. Those that a service handles one by one
stand in ``mm`` itself as well: `RosterError` (a file cannot be read), `InfeasibleError` (nothing
satisfies every constraint) and `TimeLimitError` (nothing was found in time).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ColumnError",
    "InfeasibleError",
    "MentormatchError",
    "MissingLibraryError",
    "ParameterError",
    "QuestionsWarning",
    "RosterError",
    "SavedFileError",
    "ScoreError",
    "Status",
    "TimeLimitError",
    "TooLargeError",
    "UnknownPersonError",
]


def __dir__() -> list[str]:
    return list(__all__)


LISTED = 20
"""How many offenders a message spells out; the exception's attributes hold all of them."""


class Status(StrEnum):
    """How a solve ended; equal to its word, and `sentence` says what it means.

    Attributes
    ----------
    sentence : str
        What it means, in words.
    """

    sentence: str

    def __new__(cls, word: str, sentence: str) -> Status:
        member = str.__new__(cls, word)
        member._value_ = word
        member.sentence = sentence
        return member

    OPTIMAL = "optimal", "proven optimal"
    WITHIN_GAP = "within_gap", "within the gap asked for, not proven to be the best"
    TIME_LIMIT = "time_limit", "stopped by the time limit, the best found until then"
    WORK_LIMIT = "work_limit", "stopped after the work allowed for its size, the best found by then"
    INTERRUPTED = "interrupted", "interrupted, the best found until then"
    STABLE = "stable", "stable: no two people would both rather have each other"
    GIVEN = "given", "handed in, not solved: nothing is proven"
    INFEASIBLE = "infeasible", "nothing satisfies every constraint"


class MentormatchError(ValueError):
    """Base of all errors that the input, not the library, caused.

    Attributes
    ----------
    code : str
        What kind of error it is, for programs: one per class, and the same in every version.
    column : str or None
        The column of a roster that it is about.
    person : str or None
        The person whom it is about, as she was named; of several the first.
    rule : str or None
        The criterion, rule, constraint or question that asked for what is not there.
    parameter : str or None
        The parameter whose value was refused.
    """

    code: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        column: str | None = None,
        person: str | None = None,
        rule: str | None = None,
        parameter: str | None = None,
    ) -> None:
        super().__init__(message)
        self.column = column
        self.person = person
        self.rule = rule
        self.parameter = parameter

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (type(self), self.args), self.__dict__


def _unpickled(kind: type[MentormatchError], arguments: tuple[Any, ...]) -> MentormatchError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    return error


class ParameterError(MentormatchError):
    """A parameter has a value outside its domain.

    `parameter` and `rule` are its name and its owner wherever the message begins with them, as in
    "The 'within' parameter of Parity must be in [0, 1]."
    """

    code: ClassVar[str] = "parameter"
    _SENTENCE = re.compile(r"The '([^']+)' parameter of ([\w.]+)")

    def __init__(self, message: str, **about: str | None) -> None:
        named = self._SENTENCE.match(message)
        if named:
            about = {"parameter": named[1], "rule": named[2], **about}
        super().__init__(message, **about)


class RosterError(MentormatchError):
    """A roster holds what cannot be repaired.

    Attributes
    ----------
    issues : DataFrame
        One row per problem that stops the reading: `row`, `column`, `value`, `problem`, `action`.
    repairs : DataFrame
        What was repaired on the way, in the same columns.
    """

    code: ClassVar[str] = "roster"

    def __init__(self, message: str, issues: pd.DataFrame, repairs: pd.DataFrame) -> None:
        columns = [c for c in issues["column"].tolist() if isinstance(c, str) and c]
        super().__init__(message, column=columns[0] if columns else None)
        self.issues = issues
        self.repairs = repairs


class QuestionsWarning(UserWarning):
    """A roster was read, but not everything in it was sure: see `Profiles.questions`."""


class ColumnError(MentormatchError):
    """A criterion, rule or audit names a column that the roster does not have or cannot use."""

    code: ClassVar[str] = "column"


class UnknownPersonError(MentormatchError, KeyError):
    """A reference that nobody on the roster, or more than one person, is called.

    Attributes
    ----------
    people : tuple of str
        All that were not found, as they were named; `person` is the first.
    near : tuple of str
        What on the roster is spelt most like it. Not in the message, which may be shown to
        somebody who must not learn who else takes part.
    """

    code: ClassVar[str] = "unknown_person"

    def __init__(
        self,
        message: str,
        *,
        people: Iterable[str] = (),
        near: Iterable[str] = (),
        parameter: str | None = None,
    ) -> None:
        self.people = tuple(people)
        self.near = tuple(near)
        person = self.people[0] if self.people else None
        super().__init__(message, person=person, parameter=parameter)

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return str(self.args[0])


class ScoreError(MentormatchError):
    """Scores handed in are not finite numbers in [0, 1], or have the wrong shape."""

    code: ClassVar[str] = "score"


class SavedFileError(MentormatchError):
    """A file is no saved matching, scores or profiles: cut off, changed, of another version."""

    code: ClassVar[str] = "saved_file"


class MissingLibraryError(MentormatchError, ImportError):
    """What was asked for needs a library that is not installed; the message says how to get it.

    Attributes
    ----------
    library : str
    """

    code: ClassVar[str] = "missing_library"

    def __init__(self, message: str, library: str) -> None:
        super().__init__(message)
        self.library = library


class TimeLimitError(MentormatchError):
    """The time or the work allowed ran out before any matching was found; there may be one.

    Attributes
    ----------
    status : Status
        "time_limit", "work_limit" or "interrupted".
    """

    code: ClassVar[str] = "time_limit"

    def __init__(self, message: str, status: Status) -> None:
        super().__init__(message, parameter="time_limit")
        self.status = status


class TooLargeError(MentormatchError, MemoryError):
    """What was asked for does not fit into memory; raised before anything is allocated.

    Attributes
    ----------
    needed : int
        Bytes that it would take.
    limit : int
        Bytes that it may take: what `memory=` says, else half of what is free; 0 where the system
        refused.
    """

    code: ClassVar[str] = "too_large"

    def __init__(self, message: str, needed: int = 0, limit: int = 0) -> None:
        super().__init__(message, parameter="memory")
        self.needed = needed
        self.limit = limit


class InfeasibleError(MentormatchError):
    """Locks, rules, capacities or constraints cannot hold together.

    Attributes
    ----------
    conflicts : tuple of str
        The named requirements that contradict one another, all of them.
    relaxations : tuple of str
        The smallest single changes that would do, each verified by solving; may be empty.
    """

    code: ClassVar[str] = "infeasible"

    def __init__(
        self, message: str, conflicts: Sequence[str] = (), relaxations: Sequence[str] = ()
    ) -> None:
        conflicts = tuple(conflicts)
        super().__init__(message, rule=conflicts[0] if conflicts else None)
        self.conflicts = conflicts
        self.relaxations = tuple(relaxations)


def listed(items: Iterable[object], limit: int = LISTED) -> str:
    """Join items for a message: all of them up to `limit`, then how many more there are."""
    words = [str(item) for item in items]
    shown = ", ".join(words[:limit])
    return shown if len(words) <= limit else f"{shown} and {len(words) - limit} more"


def counted(number: int, one: str, many: str = "") -> str:
    """Return ``1 pair``, ``2 pairs``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def nearest(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known words most like a misspelt one, at most three."""
    return tuple(get_close_matches(word, list(known), n=3, cutoff=0.6))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that proposes the known words nearest to a misspelt one."""
    names = [str(name) for name in known]
    if near := nearest(word, names):
        return f"Did you mean {' or '.join(repr(name) for name in near)}?"
    return f"Known: {listed(sorted(names))}." if names else ""


def check_parameter(ok: bool, name: str, owner: str, domain: str, value: object) -> None:
    """Raise the one sentence for every parameter error unless `ok`."""
    if not ok:
        raise ParameterError(f"The {name!r} parameter of {owner} must be {domain}. Got {value!r}.")
