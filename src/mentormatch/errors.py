"""Every error the library raises on purpose, each with a message in the user's words.

All of them derive from `MentormatchError`, so that ``except mm.MentormatchError`` catches what
the input caused and lets defects of the library through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

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
    """Base of all errors that the input, not the library, caused."""


class ParameterError(MentormatchError):
    """A parameter has a value outside its domain."""


class RosterError(MentormatchError):
    """A roster holds what cannot be repaired.

    Attributes
    ----------
    issues : DataFrame
        One row per problem that stops the reading: `row`, `column`, `value`, `problem`, `action`.
    repairs : DataFrame
        What was repaired on the way, in the same columns.
    """

    def __init__(self, message: str, issues: pd.DataFrame, repairs: pd.DataFrame) -> None:
        super().__init__(message)
        self.issues = issues
        self.repairs = repairs

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.args[0], self.issues, self.repairs)


class QuestionsWarning(UserWarning):
    """A roster was read, but not everything in it was sure: see `Profiles.questions`."""


class ColumnError(MentormatchError):
    """A criterion, rule or audit names a column that the roster does not have or cannot use."""


class UnknownPersonError(MentormatchError, KeyError):
    """An id that is on neither roster."""

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return str(self.args[0])


class ScoreError(MentormatchError):
    """Scores handed in are not finite numbers in [0, 1], or have the wrong shape."""


class SavedFileError(MentormatchError):
    """A file is no saved matching, scores or profiles: cut off, changed, of another version."""


class MissingLibraryError(MentormatchError, ImportError):
    """What was asked for needs a library that is not installed; the message says how to get it.

    Attributes
    ----------
    library : str
    """

    def __init__(self, message: str, library: str) -> None:
        super().__init__(message)
        self.library = library

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.args[0], self.library)


class InfeasibleError(MentormatchError):
    """Locks, rules, capacities or constraints cannot hold together.

    Attributes
    ----------
    conflicts : tuple of str
        The named requirements that contradict one another, all of them.
    relaxations : tuple of str
        The smallest single changes that would do, each verified by solving; may be empty.
    """

    def __init__(
        self, message: str, conflicts: Sequence[str] = (), relaxations: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.conflicts = tuple(conflicts)
        self.relaxations = tuple(relaxations)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.args[0], self.conflicts, self.relaxations)


def listed(items: Iterable[object], limit: int = LISTED) -> str:
    """Join items for a message: all of them up to `limit`, then how many more there are."""
    words = [str(item) for item in items]
    shown = ", ".join(words[:limit])
    return shown if len(words) <= limit else f"{shown} and {len(words) - limit} more"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that proposes the known words nearest to a misspelt one."""
    names = [str(name) for name in known]
    near = get_close_matches(word, names, n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(repr(name) for name in near)}?"
    return f"Known: {listed(sorted(names))}." if names else ""


def check_parameter(ok: bool, name: str, owner: str, domain: str, value: object) -> None:
    """Raise the one sentence for every parameter error unless `ok`."""
    if not ok:
        raise ParameterError(f"The {name!r} parameter of {owner} must be {domain}. Got {value!r}.")
