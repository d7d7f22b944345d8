"""Shortages in Hall's sense: mentees who together can only go to mentors with too few seats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.insight.reallocation import Reallocations
from mentormatch.insight.wording import joined, plain
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import DAYS, Categories, Hours, Labels
from mentormatch.rosters.profiles import Profiles

__all__ = ["Shortage", "common_answer", "shortage_of"]

BoolArray: TypeAlias = npt.NDArray[np.bool_]

SHARED = 0.8
"""Share of a group that must have an answer for it to describe the group."""
APART = 0.3
"""How much rarer the answer must be among everybody else."""


@dataclass(frozen=True, eq=False)
class Shortage:
    """A set of mentees, all the mentors who are admissible for any of them, and their seats.

    Whatever the scores, at least ``mentees - seats`` of them stay unmatched.
    """

    mentees: npt.NDArray[np.int64]
    mentors: npt.NDArray[np.int64]
    seats: int

    @property
    def missing(self) -> int:
        """How many of the mentees cannot be matched."""
        return len(self.mentees) - self.seats

    def text(self, matching: Matching) -> str:
        """Say it in words, with what the people have in common."""
        scores = matching.problem.scores
        n, m = len(self.mentees), len(self.mentors)
        ours, theirs = scores.mentees, scores.mentors
        shared = common_answer(ours, self.mentees)
        who = f"{n} mentees" if n > 1 else ours.name(int(self.mentees[0]))
        who += f" ({shared})" if shared and n > 1 else ""
        seats = f"{self.seats} seat{'' if self.seats == 1 else 's'}"
        if m == len(theirs):
            return f"There are {n} mentees for {seats}."
        names = joined([theirs.name(int(j)) for j in self.mentors], 3)
        alike = common_answer(theirs, self.mentors) if m > 1 else ""
        names += f" ({alike})" if alike else ""
        return f"{who} can only be matched with {names}, who {'has' if m == 1 else 'have'} {seats}."


def shortage_of(open_: Reallocations, mentee: int) -> Shortage | None:
    """Return the smallest shortage that an unmatched mentee is part of, None if there is none.

    The mentors that chains of moves lead to from her are all full, so the mentees who can go
    nowhere else outnumber their seats: the cut that proves that she cannot be added.
    """
    reached = open_.reached(mentee)
    if not reached.any() or (open_.load < open_.lowered.program.capacity)[reached].any():
        return None
    confined = open_.confined(reached)
    seats = int(open_.lowered.program.capacity[reached].sum())
    found = Shortage(np.flatnonzero(confined), np.flatnonzero(reached), seats)
    return found if found.missing > 0 else None


def common_answer(profiles: Profiles, group: npt.NDArray[np.int64]) -> str:
    """Return what nearly all of a group answered and few others did, "" if there is no such thing.

    Sensitive columns are left out.
    """
    inside = np.zeros(len(profiles), dtype=bool)
    inside[group] = True
    if inside.all() or len(group) == 0:
        return ""
    best: tuple[float, str] = (APART, "")
    for column, value, has in _answers(profiles):
        share = float(has[inside].mean())
        apart = share - float(has[~inside].mean())
        if share >= SHARED and apart > best[0]:
            most = "all" if share == 1 else f"{int(has[inside].sum())} of them"
            best = (apart, f"{most} {_said(profiles, column, value)}")
    return best[1]


def _said(profiles: Profiles, column: str, value: str) -> str:
    if column == "availability":
        return f"can only on {value}"
    if column in ("needs", "goals") and profiles.role == "mentee":
        return f"{'need' if column == 'needs' else 'want'} {value}"
    if column == "skills" and profiles.role == "mentor":
        return f"offer {value}"
    return f"{plain(column)} {value}"


def _answers(profiles: Profiles) -> Iterator[tuple[str, str, BoolArray]]:
    """Yield (column, value, who has it) for every answer of which there are only a few kinds."""
    for name, column in profiles.columns.items():
        if name in profiles.sensitive or name.startswith("preferred_"):
            continue
        if isinstance(column, Categories):
            for code, label in enumerate(column.labels):
                yield name, label, column.codes == code
        elif isinstance(column, Labels):
            rows = np.repeat(np.arange(len(column)), np.diff(column.indptr))
            for code, label in enumerate(column.labels):
                has = np.zeros(len(column), dtype=bool)
                has[rows[column.codes == code]] = True
                yield name, label, has
        elif isinstance(column, Hours):
            yield from _days(name, column)


def _days(name: str, hours: Hours) -> Iterator[tuple[str, str, BoolArray]]:
    """Yield who can only on one day, or only on two."""
    free: BoolArray = np.asarray(hours.slots().reshape(len(hours), 7, -1).any(axis=2))
    few = np.flatnonzero((free.sum(axis=1) <= 2) & free.any(axis=1))
    for days in np.unique(free[few], axis=0):
        words = joined([day for day, can in zip(DAYS, days, strict=True) if can])
        yield name, words, (free == days).all(axis=1)
