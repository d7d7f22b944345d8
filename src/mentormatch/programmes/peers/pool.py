"""Scores of a roster against itself become one symmetric pool, once, at this door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ParameterError, UnknownPersonError, counted, listed
from mentormatch.matching.constraints import Apart, Constraint, Together
from mentormatch.programmes.crossing import positions_of
from mentormatch.programmes.pool import columns_of, pool_points
from mentormatch.rosters.columns import IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.engine import bar
from mentormatch.scoring.mutual import Mutual
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.ties import id_hashes

__all__ = ["APART", "EARLIER", "Meetings", "Pool", "earlier_groups", "make_pair", "pool_of"]

Points: TypeAlias = npt.NDArray[np.int32]

EARLIER = "were together before"
APART = "are kept apart"


@dataclass(frozen=True, eq=False)
class Meetings:
    """Who met whom before, and how often each person met anybody.

    pairs : set of (int, int), positions in roster order, the lower first.
    count : int64 (n,).
    """

    pairs: frozenset[tuple[int, int]]
    count: IntArray


@dataclass(frozen=True, eq=False)
class Pool:
    """The people in the order of solving, and what every two are worth to each other.

    Attributes
    ----------
    order : int64 (n,)
        Roster position of the person at each place: by a hash of the ids, so that neither ties nor
        anything else depends on the order of rows.
    opposite : int64 (n,)
        Where the same person stands on the other side of the scores.
    joint : int32 (n, n)
        Millionths, negative where two may not be together.
    mutual : int32 (n, n)
        The same as scored, ``~points`` where a rule of the scores forbids it.
    meetings : Meetings
    apart, forced : tuple of (int, int)
        Places, the lower first, of those kept apart, and of those who are to be together.
    """

    order: IntArray
    opposite: IntArray
    joint: Points
    mutual: Points
    meetings: Meetings
    apart: frozenset[tuple[int, int]]
    forced: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return int(self.order.size)

    @property
    def place(self) -> IntArray:
        """int64 (n,): the place of each roster position."""
        place = np.empty_like(self.order)
        place[self.order] = np.arange(self.order.size)
        return place

    def met(self, a: int, b: int) -> bool:
        """Whether the people at two places were together before."""
        i, j = sorted((int(self.order[a]), int(self.order[b])))
        return (i, j) in self.meetings.pairs


def pool_of(
    scores: Scores,
    mutual: Mutual,
    previous: Sequence[tuple[str, ...]],
    constraints: Sequence[Constraint],
    seed: int,
    size: int = 2,
) -> Pool:
    """Return the pool of a roster scored against itself, for groups of a size.

    Raises
    ------
    ParameterError, UnknownPersonError
        Naming everybody whom it is about: people on one side only, people asked to be in two
        pairs, constraints that say nothing about pairs.
    """
    people = scores.mentees
    joint = pool_points(scores, mutual, "match_peers")
    opposite = columns_of(scores, "match_peers")
    meetings = _meetings(people, previous)
    apart, forced = _asked(scores, opposite, constraints, size)
    hashes = id_hashes(people.ids, seed)
    order = np.lexsort((np.array(people.ids, dtype=object).astype(str), hashes)).astype(np.int64)
    joint = joint[np.ix_(order, order)]
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    points = joint.copy()

    def places(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        found = [sorted((int(place[i]), int(place[j]))) for i, j in pairs]
        return sorted((a, b) for a, b in found)

    for a, b in places(meetings.pairs | apart):
        bar(points, a, b)
        bar(points, b, a)
    together = places(forced)
    for a, b in together:
        if size > 2:
            continue
        worth = int(joint[a, b])
        make_pair(points, a, b, max(worth, ~worth))
    return Pool(order, opposite[order], points, joint, meetings, frozenset(places(apart)),
                tuple(together))  # fmt: skip


def make_pair(points: Points, a: int, b: int, worth: int) -> None:
    """Let two people meet each other and nobody else."""
    for x in (a, b):
        points[x] = np.minimum(points[x], ~points[x])
        points[:, x] = points[x]
    points[a, b] = points[b, a] = worth


def earlier_groups(people: Profiles, previous: Iterable[Any]) -> tuple[tuple[str, ...], ...]:
    """Return earlier pairs, groups and results as today's ids, without who has left since.

    Raises
    ------
    ParameterError, UnknownPersonError
        If they are none, or name people who are not on the roster; all of them.
    """
    groups: list[list[int]] = []
    unknown: list[str] = []
    for group in previous:
        earlier = getattr(group, "groups", None)
        if earlier is not None:
            then = group.scores.mentees
            where = dict(zip(then.ids, positions_of(then, people).tolist(), strict=True))
            groups += [[where[person] for person in one] for one in earlier]
        elif isinstance(group, str) or not isinstance(group, Iterable):
            raise ParameterError(
                "The 'previous' parameter of match_peers must be a list of earlier pairs or groups "
                f"of people, or of earlier results. Got {group!r}."
            )
        else:
            found = [(person, people.place(person)) for person in group]
            unknown += [str(person) for person, position in found if position < 0]
            groups.append([position for _, position in found])
    if unknown:
        names = tuple(dict.fromkeys(unknown))
        raise UnknownPersonError(
            "The 'previous' parameter of match_peers names people who are not on the roster (by "
            f"id, e-mail or unambiguous name): {listed(names)}. Hand over earlier results instead, "
            "or leave out who is gone.", people=names, parameter="previous",
        )  # fmt: skip
    here = [sorted({i for i in group if i >= 0}) for group in groups]
    return tuple(tuple(people.ids[i] for i in group) for group in here if len(group) > 1)


def _meetings(people: Profiles, previous: Sequence[tuple[str, ...]]) -> Meetings:
    pairs: set[tuple[int, int]] = set()
    count = np.zeros(len(people), dtype=np.int64)
    for group in previous:
        here = sorted(people.position(person) for person in group)
        pairs.update(combinations(here, 2))
        count[here] += 1
    return Meetings(frozenset(pairs), count)


def _asked(
    scores: Scores, opposite: IntArray, constraints: Sequence[Constraint], size: int
) -> tuple[frozenset[tuple[int, int]], list[tuple[int, int]]]:
    """Return who is kept apart, and who is to be a pair: from locks and `Together`."""
    people = scores.mentees
    own = {int(j): i for i, j in enumerate(opposite)}
    forced = {tuple(sorted((int(i), own[int(j)]))) for i, j in scores.locks.reshape(-1, 2)}
    apart: set[tuple[int, int]] = set()
    wrong = []
    for constraint in constraints:
        if not isinstance(constraint, Apart | Together):
            wrong.append(f"{constraint!r}: only Apart and Together say something about pairs")
            continue
        members = sorted({people.position(person) for person in constraint.people})
        if isinstance(constraint, Apart):
            apart.update(combinations(members, 2))
        elif len(members) > size:
            what = "pair" if size == 2 else f"group of {size}"
            many = counted(len(members), "person", "people")
            wrong.append(f"{constraint!r}: {many} are no {what}")
        else:
            forced.update(pairwise(members))
    partners: dict[int, set[int]] = {}
    for i, j in forced:
        if i == j:
            wrong.append(f"{people.name(i)} is locked with herself")
            continue
        partners.setdefault(i, set()).add(j)
        partners.setdefault(j, set()).add(i)
    wrong += [
        f"{people.name(i)} is to be with {listed(people.name(j) for j in sorted(others))}, but a "
        "pair is two people"
        for i, others in sorted(partners.items())
        if len(others) > 1 and size == 2
    ]
    wrong += [
        f"{people.name(i)} and {people.name(j)} are to be together and apart"
        for i, j in sorted(forced & apart)
    ]
    if wrong:
        raise ParameterError(f"match_peers cannot do this: {'; '.join(wrong)}.")
    return frozenset(apart), [(i, j) for i, j in forced]
