"""Two days side by side: where each person of one roster is on the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mentormatch.rosters.columns import IntArray, label_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores

GONE, UNKNOWN = -1, -2
"""Positions of people who were here and left, and of people whom nobody knows."""


@dataclass(frozen=True, eq=False)
class Side:
    """One roster, yesterday and today."""

    then: Profiles
    now: Profiles

    @cached_property
    def now_of(self) -> IntArray:
        """int64 (then,): today's position of each earlier person, -1 where she left."""
        return positions_of(self.then, self.now)

    @cached_property
    def then_of(self) -> IntArray:
        """int64 (now,): the earlier position of each person of today, -1 where she joined."""
        return positions_of(self.now, self.then)

    def find(self, person: object) -> int:
        """Return today's position of a person by id, e-mail or name; `GONE` or `UNKNOWN`."""
        position = self.now.place(person)
        if position >= 0:
            return position
        position = self.then.place(person)
        return int(self.now_of[position]) if position >= 0 else UNKNOWN


@dataclass(frozen=True, eq=False)
class Crossing:
    """Both rosters, yesterday and today."""

    mentees: Side
    mentors: Side

    @classmethod
    def of(cls, before: Scores, today: Scores) -> Crossing:
        return cls(Side(before.mentees, today.mentees), Side(before.mentors, today.mentors))

    def pairs(self, rows: IntArray, columns: IntArray) -> IntArray:
        """Return int64 (k, 2): today's positions of earlier pairs, both of whom are here."""
        now = np.stack([self.mentees.now_of[rows], self.mentors.now_of[columns]], axis=1)
        here: IntArray = now[(now >= 0).all(axis=1)]
        return here


def positions_of(people: Profiles, today: Profiles) -> IntArray:
    """Return int64 (n,): today's position of each earlier person (id, else e-mail), -1 if gone."""
    by_id = {person: position for position, person in enumerate(today.ids)}
    found = np.array([by_id.get(person, -1) for person in people.ids], dtype=np.int64)
    missing = np.flatnonzero(found < 0)
    if len(missing):
        by_mail = {label_key(mail): p for p, mail in enumerate(today.emails) if mail}
        for position in missing:
            mail = people.emails[int(position)]
            found[position] = by_mail.get(label_key(mail), -1) if mail else -1
    return found


__all__ = ["GONE", "UNKNOWN", "Crossing", "Side", "positions_of"]
