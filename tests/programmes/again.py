"""Brute force for rematch, from its definitions: every assignment with at most k changes.

Shares no code with `rematch`: who is here, what may go on, whose claim counts and what is best are
worked out anew from the earlier pairs and what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

import mentormatch as mm
from mentormatch.matching import constraints as c
from mentormatch.matching import objectives as o
from tests.programmes.every import Oracle

Pair = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """What rematch was asked for, by id."""

    left: tuple[str, ...] = ()
    declined: tuple[Pair, ...] = ()
    insist: tuple[Pair, ...] = ()
    swap: tuple[Pair, ...] = ()
    max_changes: int | None = None
    price: float | None = None
    claims: bool = True


class Again(Oracle):
    """The earlier problem for the people who are here today."""

    def check(self, k: Any, x: np.ndarray) -> np.ndarray:
        if isinstance(k, c.Together | c.Apart):
            here = [p for p in k.people if p in set(self.mentees["id"])]
            if len(here) < 2:
                return np.ones(len(x), dtype=bool)
            k = replace(k, people=here)
        if isinstance(k, c.Demand):
            return np.ones(len(x), dtype=bool)
        return super().check(k, x)

    def keys(self, objective: Any, x: np.ndarray, matched: bool) -> list[Any]:
        if isinstance(objective, o.KeepClaims):
            claims = np.isin(self.mentees["id"].to_numpy(dtype=object), list(objective.people))
            return [lambda x: (x.any(axis=2) & claims).sum(axis=1).tolist()]
        if isinstance(objective, o.MaximizeTotalAndKept):
            pairs, bonus = self.listed(objective.pairs), Fraction(str(objective.price)) * 1_000_000
            return [
                lambda x: [
                    int((one * self.points).sum()) + bonus * int((one & pairs).sum()) for one in x
                ]
            ]
        if isinstance(objective, o.MinimizeChanges):
            pairs = self.listed(objective.previous)
            return [lambda x: (x & pairs).sum(axis=(1, 2)).tolist()]
        return super().keys(objective, x, matched)

    def listed(self, pairs: Any) -> np.ndarray:
        ids = list(self.mentees["id"]), list(self.mentors["id"])
        found = np.zeros((self.n, self.m), dtype=bool)
        for mentee, mentor in pairs:
            if mentee in ids[0] and mentor in ids[1]:
                found[ids[0].index(mentee), ids[1].index(mentor)] = True
        return found


def pairs_of(matching: mm.Matching) -> set[Pair]:
    scores = matching.problem.scores
    return {
        (scores.mentees.ids[i], scores.mentors.ids[j]) for i, j in zip(*matching.pairs, strict=True)
    }


@dataclass(frozen=True)
class Expected:
    """All best assignments (bool (k, n, m)), and what they keep.

    keepable : earlier pairs that may go on and fit into the seats.
    """

    oracle: Again
    best: np.ndarray
    keepable: int
    most: int
    fewer: bool

    @property
    def feasible(self) -> bool:
        return len(self.oracle.x) > 0


def expected(
    before: mm.Matching, today: mm.Scores, asked: Asked, frames: tuple[pd.DataFrame, pd.DataFrame]
) -> Expected:
    """Work out the best assignments within the budget.

    `today` holds the people who are here, with the refusals and locks that were asked for.
    """
    gone = set(asked.left)
    mentees, mentors = (f[~f["id"].isin(gone)].reset_index(drop=True) for f in frames)
    assert list(mentees["id"]) == list(today.mentees.ids)
    assert list(mentors["id"]) == list(today.mentors.ids)
    earlier = pairs_of(before)
    objectives = list(before.problem.objectives)
    claimants = {a for a, b in earlier if a not in gone and (b in gone or (a, b) in asked.declined)}
    if asked.claims and claimants:
        names = [type(objective).__name__ for objective in objectives]
        place = names.index("MaximizeMatched") + 1 if "MaximizeMatched" in names else 0
        objectives.insert(place, o.KeepClaims(tuple(sorted(claimants))))
    problem = replace(before.problem, scores=today)
    # priorities by id hold for those who are here
    object.__setattr__(problem, "objectives", tuple(objectives))
    object.__setattr__(problem, "constraints", before.problem.constraints)
    oracle = Again(problem, mentees, mentors)
    may = np.ones((oracle.n, oracle.m), dtype=bool)
    for constraint in problem.constraints:
        if isinstance(constraint, c.ScoreFloor):
            least = constraint.least
            floor = [least.get(p, 0) if isinstance(least, dict) else least for p in mentees["id"]]
            may &= oracle.points >= np.rint(np.array(floor) * 1e6)[:, None]
    may &= today.points >= 0
    incumbents = oracle.listed(earlier) & may
    keepable = int(np.minimum(incumbents.sum(axis=0), today.mentors.capacity).sum())
    kept = (oracle.x & incumbents).sum(axis=(1, 2))
    most = int(kept.max(initial=0))
    if not len(oracle.x):
        return Expected(oracle, oracle.x, keepable, 0, False)
    fewer = False
    if asked.max_changes is not None:
        wanted = keepable - asked.max_changes
        fewer = most < wanted
        oracle.x = oracle.x[kept >= min(wanted, most)]
    if asked.price:
        ids = today.mentees.ids, today.mentors.ids
        named = tuple((ids[0][i], ids[1][j]) for i, j in np.argwhere(incumbents))
        object.__setattr__(
            problem, "objectives",
            tuple(
                o.MaximizeTotalAndKept(named, asked.price) if isinstance(k, o.MaximizeTotal) else k
                for k in objectives
            ),
        )  # fmt: skip
    best, _ = oracle.best()
    return Expected(oracle, best, keepable, most, fewer)


def reason_for(again: Any, answer: Expected, pair: Pair) -> tuple[str, Fraction]:
    """(what, by how much) the new matching has over the best one in which a pair goes on.

    ("impossible", 0) where there is none, ("tie", 0) where it is as good.
    """
    oracle, scores = answer.oracle, again.matching.problem.scores
    i, j = scores.mentees.ids.index(pair[0]), scores.mentors.ids.index(pair[1])
    x = oracle.x[oracle.x[:, i, j]]
    if not len(x):
        return "impossible", Fraction(0)
    mine = np.zeros((1, oracle.n, oracle.m), dtype=bool)
    mine[0][again.matching.pairs] = True
    for name, key in _every_key(oracle, again.matching.problem.objectives, x):
        ours, theirs = key(mine)[0], key(x)
        top = max(theirs)
        if ours != top:
            assert ours > top
            return name, Fraction(0) if isinstance(ours, list) else Fraction(ours - top)
        x = x[np.array([value == top for value in theirs], dtype=bool)]
    return "tie", Fraction(0)


def _every_key(oracle: Again, objectives: Any, x: np.ndarray) -> Any:
    counted = [isinstance(objective, o.MaximizeMatched) for objective in objectives]
    reserves = [("Reserve", key) for key in oracle.reserves()]
    yield from reserves if not any(counted) else []
    for place, objective in enumerate(objectives):
        for key in oracle.keys(objective, x, any(counted[:place])):
            yield type(objective).__name__, key
        yield from reserves if counted[place] else []


def affected(before: mm.Matching, after: mm.Matching) -> set[tuple[str, str]]:
    """(role, id) of everybody who came, went, or is with others than before."""
    found = set()
    for role in (0, 1):
        then, now = _with(before, role), _with(after, role)
        name = ("mentee", "mentor")[role]
        found |= {(name, p) for p in then.keys() | now.keys() if then.get(p) != now.get(p)}
    return found


def _with(matching: mm.Matching, role: int) -> dict[str, frozenset[str]]:
    scores = matching.problem.scores
    people = (scores.mentees.ids, scores.mentors.ids)[role]
    pairs = pairs_of(matching)
    return {p: frozenset(pair[1 - role] for pair in pairs if pair[role] == p) for p in people}
