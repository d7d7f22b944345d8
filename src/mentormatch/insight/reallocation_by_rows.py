"""Who would move where, of scores that are no matrix: pairs that are listed, and rows as needed.

The solve has listed each mentee's nearest pairs, and knows how near any other of hers may be at
least. Shortest paths over the listed pairs are right unless a mentee on the way could make a move
that is not listed and short enough to matter: then her row is read, more of it is listed, and the
paths are looked for again, until there is no such mentee. What was read stays listed for the next
question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from mentormatch.insight.reallocation import (
    BLOCK,
    FAR,
    UNREACHABLE,
    WHOLE,
    Bools,
    Ints,
    Near,
    Reallocations,
    Step,
)
from mentormatch.solvers.listing import NOWHERE
from mentormatch.solvers.source import Source, narrowed
from mentormatch.solvers.streamed import Pool

__all__ = ["ByRows"]

Slack: TypeAlias = Callable[[Near], Ints]
"""How long an unlisted move out of each node may be and still matter; below 0: none does."""

LISTED = 64
"""Pairs listed of a row that is read; four times as many each time it has to be read again."""
MORE = 4


@dataclass(frozen=True, eq=False)
class ByRows(Reallocations):
    """What an optimal matching leaves open where the pairs are read from a source.

    Notes
    -----
    Answers are those of the matrix. Memory: the pairs listed, and a block of rows.
    """

    @cached_property
    def _listed(self) -> _Listed:
        return _Listed(self)

    @property
    def _near(self) -> Near:
        return self._listed.near

    def losses_at(self, node: int) -> Ints:
        kept: dict[int, Ints] = self._column
        if node not in kept:
            kept.clear()
            kept[node] = super().losses_at(node)
        return kept[node]

    @cached_property
    def _column(self) -> dict[int, Ints]:
        """What was lost at the node last asked about: a column takes long to read."""
        return {}

    def _sure(self, end: int, slack: Slack) -> Near:
        """Return paths over enough pairs: no move that is not listed can matter.

        Moves to where paths end are all listed; so whoever makes another is followed by one of
        them, and the shortest of them is no room.
        """
        listed, pairs = self._listed, BLOCK
        last = 0 if end < 0 else listed.list_all_to(end)
        while True:
            near = listed.near
            room = np.append(slack(near) - last, -1)[self.mentor_of]
            room[(self.mentor_of == end) | (self.mentor_of < 0)] = -1
            rows = np.flatnonzero(listed.least <= room)
            if not rows.size:
                return near
            order = np.argsort(listed.least[rows] - room[rows], kind="stable")
            rows = rows[order[: max(1, pairs // max(self.outside, 1))]]
            listed.read(np.sort(rows))
            pairs *= MORE

    def _path(self, start: int, end: int) -> tuple[int, list[Step]]:
        begin = np.full(self.outside + 1, FAR, dtype=np.int64)
        begin[start] = 0

        def slack(near: Near) -> Ints:
            found = near.path(start, end)
            return _left(near, near.limit if found is None else found[0], begin)

        found = self._sure(end, slack).path(start, end)
        return super()._path(start, end) if found is None else found

    def cheapest(self, mentee: int, count: int) -> Iterator[tuple[int, int]]:
        own, node = self.own_pairs(mentee)
        begin = np.append(own, FAR)

        def costs(near: Near) -> Ints:
            far = np.minimum(near.distances_to(node)[:-1], UNREACHABLE)
            return np.where(own + far < UNREACHABLE, own + far, FAR)

        def last(near: Near) -> int:
            return int(np.append(np.sort(costs(near)), np.full(count, FAR))[count - 1])

        near = self._sure(node, lambda near: _left(near, min(last(near), near.limit), begin))
        if last(near) > near.limit:
            yield from self.by_tree(own, node, count)
            return
        cost = costs(near)
        yield from sorted((int(cost[j]), int(j)) for j in np.flatnonzero(cost <= last(near)))

    @cached_property
    def exits(self) -> Ints:
        """int64 (m,): least value lost by making room for one more at each mentor."""
        out = self.outside

        def slack(near: Near) -> Ints:
            return np.minimum(near.distances_to(out), near.limit + 1) - 1

        far = self._sure(out, slack).distances_to(out)[:-1]
        if (far < UNREACHABLE).all():
            return far + self.price[:-1]
        return self.exits_by_tree()

    def first_in_line(self, mentee: int) -> Ints:
        own = self.losses(np.array([mentee]))[0]
        begin = np.append(np.where(own == 0, 0, FAR), FAR)

        def reached(near: Near) -> Bools:
            here: Bools = near.distances_from(begin) == 0
            return here

        near = self._sure(-1, lambda near: np.where(reached(near), 0, -1))
        found: Ints = np.flatnonzero(reached(near)[:-1])
        return found

    def reached(self, mentee: int) -> Bools:
        read = self.lowered.program.read
        reached: Bools = read(np.array([mentee]))[0] >= 0
        fresh = reached
        while fresh.any() and not reached.all():
            rows = np.flatnonzero(np.append(fresh, False)[self.mentor_of] & (self.mentor_of >= 0))
            before = reached
            for part in _parts(rows, self.outside):
                reached = reached | (read(part) >= 0).any(axis=0)
                if reached.all():
                    break
            fresh = reached & ~before
        return reached

    def confined(self, mentors: Bools) -> Bools:
        n = self.mentor_of.size
        source = self.lowered.program.source
        assert source is not None
        has, elsewhere = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        has[self._listed.mover] = True
        elsewhere[self._listed.mover[~mentors[self._listed.there]]] = True
        _mark(source, has)
        rest = np.flatnonzero(~mentors)
        if rest.size:
            elsewhere |= ~has
            _mark(narrowed(source, rest), elsewhere)
        confined: Bools = has & ~elsewhere
        return confined


def _left(near: Near, most: int, begin: Ints) -> Ints:
    """Return how long a move out of each node may be on a path that is no longer than `most`."""
    return most - np.minimum(near.distances_from(begin), FAR)


def _mark(source: Source, has: Bools) -> None:
    """Mark those of the others who have any pair that may be, too."""
    for rows in _parts(np.flatnonzero(~has), source.shape[1]):
        has[rows] = (source.read(rows) >= 0).any(axis=1)


def _parts(rows: Ints, m: int) -> Iterator[Ints]:
    step = max(1, BLOCK // max(m, 1))
    for begin in range(0, rows.size, step):
        yield rows[begin : begin + step]


class _Listed:
    """The moves that are listed, from where the mover is, and how short others may be.

    mover, there, length : int64 (k,), who may move to which mentor, and what is lost.
    least : int64 (n,), no other pair of a mentee is shorter.
    """

    def __init__(self, open_: ByRows) -> None:
        self.open = open_
        program, fold = open_.lowered.program, open_.lowered.fold
        assert fold is not None
        assert fold.source is not None
        own, n = open_.surplus - open_.lowered.bonus, open_.mentor_of.size
        self.least = np.full(n, FAR, dtype=np.int64)
        self.width = np.full(n, LISTED, dtype=np.int64)
        lists = fold.source.lists()
        if lists is None:
            pool = Pool.of(fold.source, program.capacity, program.row_hash)
            lists = pool.open(np.int64)  # type: ignore[assignment]
            fall = int((pool.ref - open_.price[:-1]).max(initial=0))
            others = np.maximum(own - pool.bar - fall, 0)
            self.least = np.where(pool.bar > -NOWHERE, others, FAR)
        assert lists is not None
        indptr, there, points = lists
        mover = np.repeat(np.arange(n), np.diff(indptr))
        kept = (points >= 0) & (open_.mentor_of[mover] >= 0)
        self.mover, self.there = mover[kept], there[kept].astype(np.int64)
        worth = points[kept].astype(np.int64)
        self.length = open_.price[self.there] - worth + own[self.mover]
        self.least[open_.mentor_of < 0] = FAR
        self.column = (np.zeros(0, dtype=np.int64),) * 3  # all moves to one node
        self._near: Near | None = None

    @property
    def near(self) -> Near:
        """The paths over what is listed."""
        if self._near is None:
            limit = min(UNREACHABLE - 1, WHOLE // Near.scale_of(self.open.outside))
            listed = [(self.mover, self.there, self.length), self.column]
            mover, there, length = (np.concatenate(side) for side in zip(*listed, strict=True))
            pairs = self.open.mentor_of[mover], there, length, mover
            self._near = Near.of_pairs(self.open, limit, pairs)
        return self._near

    def list_all_to(self, node: int) -> int:
        """List all moves to a node; return the length of the shortest."""
        if node < self.open.outside:
            lost = self.open.losses_at(node)
            mover = np.flatnonzero(lost < FAR)
            self.column = mover, np.full_like(mover, node), lost[mover]
            self._near = None
        length = self.open.arcs_into(node)
        length[node] = FAR
        return min(int(length.min(initial=FAR)), UNREACHABLE)

    def read(self, rows: Ints) -> None:
        """List more of some rows, ascending."""
        m = self.open.outside
        again = np.zeros(self.least.size, dtype=bool)
        again[rows] = True
        kept = ~again[self.mover]
        parts = [(self.mover[kept], self.there[kept], self.length[kept])]
        for part in _parts(rows, m):
            lost = self.open.losses(part)
            width = np.minimum(self.width[part], m)
            ranked = np.sort(lost, axis=1)
            last = ranked[np.arange(part.size), width - 1]
            more = np.append(ranked, np.full((part.size, 1), FAR), axis=1)
            # equals of the last one listed are listed as well
            beyond = (ranked <= last[:, None]).sum(axis=1)
            self.least[part] = more[np.arange(part.size), beyond]
            at, to = np.nonzero((lost <= last[:, None]) & (lost < FAR))
            parts.append((part[at], to, lost[at, to]))
        self.mover, self.there, self.length = (
            np.concatenate(side) for side in zip(*parts, strict=True)
        )
        self.width[rows] *= MORE
        self._near = None
