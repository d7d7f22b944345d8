"""What stands between an unmatched mentee and the mentors: rules, floors, full seats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.matching.constraints import ScoreFloor
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.scoring.rules import Avoid, NotHerself, Rule
from mentormatch.scoring.scores import HandedIn, Scores

__all__ = ["Barriers", "barriers", "floors_of", "relaxable"]

BoolArray: TypeAlias = npt.NDArray[np.bool_]

KEPT = (NotHerself, Avoid)
"""Rules that nobody is ever advised to relax: they protect people."""


@dataclass(frozen=True, eq=False)
class Barriers:
    """What each rule removes for one mentee.

    Attributes
    ----------
    mentee : int
        Position.
    rules : tuple of Rule
    forbids : bool (rules, m)
        Which mentors each rule removes for her.
    below : bool (m,)
        Mentors whose score is below the floor (whatever the rules say).
    admissible : bool (m,)
    """

    mentee: int
    rules: tuple[Rule, ...]
    forbids: BoolArray
    below: BoolArray
    admissible: BoolArray

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Name of each rule (and floor) that removes mentors, with how many, most first."""
        named = [(str(r), int(f.sum())) for r, f in zip(self.rules, self.forbids, strict=True)]
        only_floor = self.below & ~self.forbids.any(axis=0)
        named.append(("the score floor", int(only_floor.sum())))
        return sorted([n for n in named if n[1]], key=lambda n: (-n[1], n[0]))


def barriers(matching: Matching, mentees: npt.NDArray[np.int64]) -> Iterator[Barriers]:
    """Yield what stands between each of these mentees and every mentor.

    Time O(rules x m) for each.
    """
    if not len(mentees):
        return  # rules of a large programme take seconds to lower
    scores = matching.problem.scores
    lowered = scores._rules.lowered
    columns = np.arange(len(scores.mentors))
    floors = floors_of(matching.problem)
    for i in mentees.tolist():
        rows = np.full(len(columns), i)
        forbids = np.array([rule.pairs(rows, columns) for rule in lowered], dtype=bool)
        forbids = forbids.reshape(len(lowered), len(columns))
        _attribute_handed_in(scores, i, forbids)
        points = scores.block([i])[0]
        below = np.where(points < 0, ~points, points) < floors[i]
        yield Barriers(i, scores.rules, forbids, below, (points >= 0) & ~below)


def _attribute_handed_in(scores: Scores, i: int, forbids: BoolArray) -> None:
    """Mark what only the user's own admissibility matrix can have forbidden."""
    rest = (scores.block([i])[0] < 0) & ~forbids.any(axis=0)
    for place, rule in enumerate(scores.rules):
        if isinstance(rule, HandedIn):
            forbids[place] |= rest


def floors_of(problem: Problem) -> npt.NDArray[np.int64]:
    """Return int64 (n,): the highest score floor that holds for each mentee, in points."""
    mentees = problem.scores.mentees
    floors = np.zeros(len(mentees), dtype=np.int64)
    for constraint in problem.constraints:
        if isinstance(constraint, ScoreFloor):
            np.maximum(floors, constraint.needed(mentees), out=floors)
    return floors


def relaxable(rule: Rule) -> bool:
    """Return whether relaxing a rule for one pair may be advised at all."""
    return not isinstance(rule, KEPT)
