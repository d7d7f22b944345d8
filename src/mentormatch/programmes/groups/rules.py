"""What every group must be: when it meets, and how it is mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mentormatch.errors import check_parameter
from mentormatch.matching.case import UNKNOWN, groups_of
from mentormatch.rosters.group_words import group_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.solvers.columns.problem import Mix
from mentormatch.values import ByValue

__all__ = ["AtLeastValues", "AtMost", "CommonSlot", "GroupRule", "NotAlone"]


@dataclass(frozen=True)
class CommonSlot(ByValue):
    """All members and the coach can at one time of every week.

    A meeting starts on the hour of the clock that most people state, in summer and winter alike;
    everybody's own hours are read in her own zone.

    Parameters
    ----------
    hours
        How long a meeting is.
    column
        Column of hours on both rosters.
    """

    hours: float = 1.0
    column: str = "availability"

    def __post_init__(self) -> None:
        check_parameter(0 < self.hours <= 24, "hours", "CommonSlot", "in (0, 24]", self.hours)


@dataclass(frozen=True)
class GroupRule(ByValue):
    """Base of what a column asks of every group.

    Parameters
    ----------
    column
        Column of categories on the roster of the people who are placed.
    """

    column: str

    def mix(self, people: Profiles) -> Mix:
        """Return it in whole numbers; who did not answer has no value."""
        raise NotImplementedError

    def wrong(self, people: Profiles) -> list[str]:
        """Return why no groups can keep it, in words that name people."""
        return []

    def labels(self, people: Profiles) -> tuple[str, ...]:
        """Return the values, those of people who answered."""
        found = groups_of(people, self.column, type(self).__name__).labels
        return tuple(label for label in found if label != UNKNOWN)

    def _mix(
        self, people: Profiles, *, held: np.ndarray | None = None, most: int | None = None,
        least: int = 0,
    ) -> Mix:  # fmt: skip
        """Return a mix of every value: who may not be alone, how many of one, how many values."""
        count = len(self.labels(people))
        return Mix(
            self._codes(people), np.zeros(count, dtype=bool) if held is None else held,
            np.full(count, len(people) if most is None else most, dtype=np.int64), least,
        )  # fmt: skip

    def _codes(self, people: Profiles) -> np.ndarray:
        labels = self.labels(people)
        codes = groups_of(people, self.column, type(self).__name__).codes
        return np.where(codes < len(labels), codes, -1).astype(np.int64)


@dataclass(frozen=True)
class NotAlone(GroupRule):
    """Nobody is the only one of her value in her group: none, or at least two.

    Parameters
    ----------
    column
        Column of categories on the people's roster.
    values
        Only these values; default: every value that is given.
    waive
        Values of which there is only one person, and whose lone person may be placed all the same.
    """

    values: Sequence[str] | None = None
    waive: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("values", "waive"):
            given = getattr(self, name)
            check_parameter(not isinstance(given, str), name, "NotAlone", "a list of values", given)
            if given is not None:
                object.__setattr__(self, name, tuple(str(value) for value in given))

    def _held(self, people: Profiles) -> np.ndarray:
        """Return bool (values,): for which nobody may be alone."""
        labels = self.labels(people)
        groups = groups_of(people, self.column, "NotAlone")
        for value in (*(self.values or ()), *self.waive):
            groups.where(value, "NotAlone", self.column)  # raises where nobody has it
        keys = [group_key(label, self.column) for label in labels]
        wanted = keys if self.values is None else [group_key(v, self.column) for v in self.values]
        freed = [group_key(value, self.column) for value in self.waive]
        return np.array([key in wanted and key not in freed for key in keys], dtype=bool)

    def mix(self, people: Profiles) -> Mix:
        return self._mix(people, held=self._held(people))

    def wrong(self, people: Profiles) -> list[str]:
        held, codes = self._held(people), self._codes(people)
        lone = [v for v in np.flatnonzero(held).tolist() if (codes == v).sum() == 1]
        labels = self.labels(people)
        return [
            f"{people.name(int(np.flatnonzero(codes == v)[0]))} is the only one with "
            f"{self.column} = {labels[v]!r}, so she would be alone in every group: waive the rule "
            f"for her with NotAlone({self.column!r}, waive=[{labels[v]!r}])"
            for v in lone
        ]


@dataclass(frozen=True)
class AtMost(GroupRule):
    """No group holds more than so many people of one value.

    Parameters
    ----------
    column
        Column of categories on the people's roster.
    most
        How many.
    """

    most: int

    def __post_init__(self) -> None:
        check_parameter(self.most >= 1, "most", "AtMost", "a whole number >= 1", self.most)

    def mix(self, people: Profiles) -> Mix:
        return self._mix(people, most=self.most)


@dataclass(frozen=True)
class AtLeastValues(GroupRule):
    """Every group holds people of at least so many different values.

    Parameters
    ----------
    column
        Column of categories on the people's roster.
    least
        How many.
    """

    least: int

    def __post_init__(self) -> None:
        check_parameter(
            self.least >= 1, "least", "AtLeastValues", "a whole number >= 1", self.least
        )

    def mix(self, people: Profiles) -> Mix:
        return self._mix(people, least=self.least)

    def wrong(self, people: Profiles) -> list[str]:
        there = len(self.labels(people))
        if there >= self.least:
            return []
        return [
            f"AtLeastValues({self.column!r}, {self.least}): people have only {there} different "
            f"values of it"
        ]
