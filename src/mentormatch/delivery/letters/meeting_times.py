"""Meeting times without clashes: nobody is in two meetings at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import networkx as nx
import numpy as np

from mentormatch.solvers.rows.highs import Model, integer
from mentormatch.values import Public

__all__ = ["QUARTER", "Diary", "Meeting", "Pair", "met", "together"]

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Meeting(Public):
    """One meeting: start in UTC, minutes, and both people's clocks."""

    start: datetime
    minutes: int
    mentee_zone: tzinfo
    mentor_zone: tzinfo

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)

    @cached_property
    def mentee_local(self) -> datetime:
        return self.start.astimezone(self.mentee_zone)

    @cached_property
    def mentor_local(self) -> datetime:
        return self.start.astimezone(self.mentor_zone)

    @property
    def usual(self) -> tuple[int, int]:
        """Weekday and minute of the day on the mentee's clock."""
        local = self.mentee_local
        return local.weekday(), local.hour * 60 + local.minute


Cost: TypeAlias = Callable[[Meeting], tuple[Any, ...]]


@dataclass(frozen=True)
class Pair:
    """Two people who are to meet, and every meeting that both have time for."""

    people: tuple[Hashable, Hashable]
    options: Sequence[Meeting]


@dataclass
class Diary:
    """Who is taken when, by quarter hours."""

    taken: dict[Hashable, set[datetime]] = field(default_factory=dict)

    def free(self, pair: Pair, meeting: Meeting) -> bool:
        """Whether both have time for a whole meeting."""
        quarters = _quarters(meeting)
        return all(quarters.isdisjoint(self.taken.get(who, ())) for who in pair.people)

    def open_to(self, pair: Pair) -> Sequence[Meeting]:
        """Return the options of a pair for which both have time."""
        if not any(self.taken.get(who) for who in pair.people):
            return pair.options
        return [option for option in pair.options if self.free(pair, option)]

    def book(self, pair: Pair, meeting: Meeting) -> None:
        for who in pair.people:
            self.taken.setdefault(who, set()).update(_quarters(meeting))

    def cancel(self, pair: Pair, meeting: Meeting) -> None:
        for who in pair.people:
            self.taken[who] -= _quarters(meeting)


def _quarters(meeting: Meeting) -> set[datetime]:
    count = -(-timedelta(minutes=meeting.minutes) // QUARTER)
    return {meeting.start + QUARTER * k for k in range(count)}


def together(pairs: Sequence[Pair]) -> Iterator[list[int]]:
    """Yield the pairs, by position, that may stand in each other's way: those who share people."""
    graph = nx.Graph()
    for at, pair in enumerate(pairs):
        graph.add_node(("pair", at))
        graph.add_edges_from((("pair", at), ("who", who)) for who in pair.people)
    for nodes in nx.connected_components(graph):
        yield sorted(at for kind, at in nodes if kind == "pair")


def met(pairs: Sequence[Pair], costs: Sequence[Cost] | None, diary: Diary) -> list[Meeting | None]:
    """Choose a meeting for as many pairs as possible, each as cheap as can be, and book them.

    Parameters
    ----------
    pairs
        With the options to choose from.
    costs
        Per pair: what orders its options, cheapest first; None where they are in order already.
    diary
        What is booked already; the meetings chosen are added.

    Returns
    -------
    list of Meeting or None
        None where a pair has no option left; no choice of times lets more pairs meet.

    Notes
    -----
    Whoever has the fewest options chooses first. Where that leaves somebody out, who meets when is
    an integer programme: one variable per option, one row per person and
    quarter hour.
    """
    chosen: list[Meeting | None] = [None] * len(pairs)
    for group in together(pairs):
        free = {at: diary.open_to(pairs[at]) for at in group}
        left = [at for at in group if free[at]]
        for at in sorted(left, key=lambda at: (len(free[at]), at)):
            for option in free[at] if costs is None else sorted(free[at], key=costs[at]):
                if diary.free(pairs[at], option):
                    chosen[at] = option
                    diary.book(pairs[at], option)
                    break
        if any(chosen[at] is None for at in left):
            for at in left:
                if (booked := chosen[at]) is not None:
                    diary.cancel(pairs[at], booked)
            for at, meeting in _most(pairs, costs, {at: free[at] for at in left}).items():
                chosen[at] = meeting
                if meeting is not None:
                    diary.book(pairs[at], meeting)
    return chosen


def _most(
    pairs: Sequence[Pair], costs: Sequence[Cost] | None, free: Mapping[int, Sequence[Meeting]]
) -> dict[int, Meeting | None]:
    """Return the meetings of as many pairs as possible, by integer programming."""
    from scipy.sparse import csr_array

    order = [
        (at, option)
        for at in free
        for option in (free[at] if costs is None else sorted(free[at], key=costs[at]))
    ]
    first = np.append(np.flatnonzero([True, *(a[0] != b[0] for a, b in pairwise(order))]),
                      len(order))  # fmt: skip
    place = np.concatenate([np.arange(k) for k in np.diff(first)])
    worth = 1 - place / (place.max() + 1) / (len(free) + 1)  # one more pair outweighs all places
    rows: dict[Hashable, int] = {}
    entries = [
        (rows.setdefault(key, len(rows)), variable)
        for variable, (at, option) in enumerate(order)
        for key in (at, *((who, q) for who in pairs[at].people for q in _quarters(option)))
    ]
    row, column = np.array(entries).T
    clash = csr_array((np.ones(len(entries)), (row, column)), shape=(len(rows), len(order)))
    ones, none = np.ones(len(order)), np.zeros(len(order))
    answer = integer(
        Model(worth, clash, np.full(len(rows), -np.inf), np.ones(len(rows)), none, ones)
    )
    assert answer.x is not None, "nobody meeting is always possible"
    found: dict[int, Meeting | None] = dict.fromkeys(free)
    for variable in np.flatnonzero(answer.x > 0.5):
        at, option = order[variable]
        found[at] = option
    return found
