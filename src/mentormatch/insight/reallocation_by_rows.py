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
from typing import Any

import numpy as np

from mentormatch.insight.reallocation import (
    BLOCK,
    FAR,
    Arcs,
    Bools,
    Index,
    Ints,
    Moves,
    Near,
    Reallocations,
    in_order,
    merged,
)
from mentormatch.solvers.listing import NOWHERE, Best
from mentormatch.solvers.pool import Pool
from mentormatch.solvers.source import Source, narrowed

__all__ = ["ByRows"]

LISTED = 64
"""Pairs listed of a row that is read; four times as many each time it has to be read again."""
MORE = 4
SHORTEST = 1 << 20
"""About so many of the shortest moves are looked through first."""
SAMPLE = 1 << 14
"""Moves by which it is guessed how long those are."""
SPARE = 4
"""Moves longer by one part in so many are listed as well, for the next question."""
READ = 1 << 28
"""Pairs read before paths are looked for again; four times as many each time."""


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
    def moves(self) -> Moves:
        return self._listed.moves

    @property
    def _near(self) -> Near:
        return self._listed.near(0)

    def _sure(
        self, begin: Ints, most: Callable[[Near], int], end: int = -1, goal: int = -1
    ) -> Near:
        listed, pairs, level = self._listed, READ, 0
        while True:
            near = listed.near(level)
            far = most(near)
            if far > near.limit and not listed.is_whole(level):
                level += 1
                continue
            far = min(far, near.limit)
            room = np.append(far - near.distances_from(begin, far)[: self.outside + 1], -1)
            room[end] = -1  # of -1: of nobody else
            if goal >= 0:  # a move that is no shorter than the way on is none
                room[:-1] = np.minimum(room[:-1], near.distances_to(goal)[: self.outside + 1] - 1)
            room = room[self.mentor_of]  # who is locked is at -1
            rows = np.flatnonzero(listed.moves.least <= room)
            if not rows.size:
                return near
            least = listed.moves.least[rows]
            order = np.argsort(least - room[rows], kind="stable")
            first = np.sort(rows[order[: max(1, pairs // max(self.outside, 1))]])
            listed.read(first, room[first])
            pairs *= MORE

    def _sure_within(self, begin: Ints, most: int) -> tuple[Near, int]:
        level = 0
        while most > self._listed.near(level).limit and not self._listed.is_whole(level):
            level += 1
        near = self._listed.near(level)
        room = np.append(most - near.distances_from(begin, most)[: self.outside + 1], -1)
        rows = np.flatnonzero(self.moves.least <= room[self.mentor_of])
        if rows.size * self.outside <= READ:
            near = self._sure(begin, lambda _: most)
            return near, near.limit
        return near, int(begin.min(initial=FAR)) - 1

    def losses_of(self, rows: Ints, columns: Ints) -> Ints:
        assert self.lowered.fold is not None
        source = narrowed(self.lowered.fold.source, columns)
        return self._lost(source.read(rows), rows, columns)

    def chained(self, mentors: Bools) -> Bools:
        source = self.lowered.program.source
        assert source is not None
        moves, reached, fresh = self.moves, mentors.copy(), mentors
        begin = self.mentor_of[moves.mover]
        while fresh.any():  # over what is listed
            there = moves.there[np.append(fresh, False)[begin]]
            fresh = np.zeros_like(reached)
            fresh[there] = True
            fresh &= ~reached
            reached |= fresh
        looked = np.zeros(self.mentor_of.size, dtype=bool)
        while not reached.all():
            rest = np.flatnonzero(~reached)
            rows = np.append(reached, False)[self.mentor_of] & (self.mentor_of >= 0) & ~looked
            few = narrowed(source, rest)
            for part in _parts(np.flatnonzero(rows), rest.size):
                looked[part] = True
                found = (few.read(part) >= 0).any(axis=0)
                if found.any():
                    reached[rest[found]] = True
                    looked[part] = rest.size == found.sum()
                    break
            else:
                break
        return reached

    def confined(self, mentors: Bools) -> Bools:
        n = self.mentor_of.size
        source = self.lowered.program.source
        assert source is not None
        has, elsewhere = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        moves = self.moves
        has[moves.mover] = True
        elsewhere[moves.mover[~mentors[moves.there]]] = True
        _mark(source, has)
        rest = np.flatnonzero(~mentors)
        if rest.size:
            elsewhere |= ~has
            _mark(narrowed(source, rest), elsewhere)
        confined: Bools = has & ~elsewhere
        return confined


def _mark(source: Source, has: Bools) -> None:
    """Mark those of the others who have any pair that may be, too."""
    for rows in _parts(np.flatnonzero(~has), source.shape[1]):
        has[rows] = (source.read(rows) >= 0).any(axis=1)


def _parts(rows: Ints, m: int) -> Iterator[Ints]:
    step = max(1, BLOCK // max(m, 1))
    for begin in range(0, rows.size, step):
        yield rows[begin : begin + step]


class _Listed:
    """The moves that are listed, and how short others may be."""

    def __init__(self, open_: ByRows) -> None:
        self.open = open_
        program, fold = open_.lowered.program, open_.lowered.fold
        assert fold is not None
        assert fold.source is not None
        self.own, n = open_.surplus - open_.lowered.bonus, open_.mentor_of.size
        self.source = fold.source
        self.width = np.full(n, LISTED, dtype=np.int64)
        least = np.full(n, FAR, dtype=np.int64)
        lists = fold.source.lists()
        if lists is None:
            pool = Pool.of(fold.source, program.capacity, program.row_hash)
            lists = pool.open(np.int64)  # type: ignore[assignment]
            fall = (pool.ref - open_.price[:-1]).max(axis=1, initial=0)
            others = np.maximum(self.own - pool.bar - fall[pool.part], 0)
            least = np.where(pool.bar > -NOWHERE, others, FAR)
        assert lists is not None
        least[open_.mentor_of < 0] = FAR
        indptr, there, points = lists
        mover = np.repeat(np.arange(n, dtype=np.int32), np.diff(indptr))
        kept = (points >= 0) & (open_.mentor_of >= 0).repeat(np.diff(indptr))
        if not kept.all():
            mover, there, points = mover[kept], there[kept], points[kept]
        length = open_.price[there] - points + self.own[mover]
        self.node = open_.mentor_of.astype(np.int32)
        _, mover, there, length = self._by_node(mover, there.astype(np.int32), length)
        self.moves = Moves(mover, there, length, least)
        self._arcs: Arcs | None = None
        self._nears: dict[int, Near] = {}

    def _by_node(self, mover: Index, there: Index, length: Ints) -> tuple[Any, ...]:
        """Return moves in the order of where they begin, and where that is."""
        node = self.node[mover]
        order = in_order(node, self.open.outside)
        return node[order], mover[order], there[order], length[order]

    def is_whole(self, level: int) -> bool:
        """Whether `near` has all that is listed."""
        return SHORTEST << 2 * level >= self.moves.length.size

    def near(self, level: int) -> Near:
        """Return paths over the shortest of what is listed, four times as many at each level."""
        if level not in self._nears:
            limit, length = Near.most_of(self.open.outside), self.moves.length
            if not self.is_whole(level):
                some = length[:: max(1, length.size // SAMPLE)]
                limit = min(limit, int(np.quantile(some, (SHORTEST << 2 * level) / length.size)))
            self._arcs = self._arcs or Arcs.of(self.open)
            self._nears[level] = Near.within(self._arcs, self.open.outside, limit)
        return self._nears[level]

    def read(self, rows: Ints, room: Ints) -> None:
        """List more of some rows, ascending: moves that are no longer than there is room for."""
        before, m = self.moves, self.open.outside
        n = self.width.size
        price, low = self.open.price[:-1], np.full(n, -NOWHERE)
        low[rows] = self.own[rows] - room - room // SPARE
        least, parts = before.least.copy(), []
        for width in np.unique(self.width[rows]).tolist():
            best = Best(n, m, min(width, m))
            some = rows[self.width[rows] == width]
            for _ in best.ask(self.source, some, price, low):
                pass  # what is found is kept
            mover, there, worth = best.pairs(price)
            length = price[there] - worth + self.own[mover]
            parts.append((mover.astype(np.int32), there.astype(np.int32), length))
            rest = best.rest[some]
            least[some] = np.where(rest > -NOWHERE, self.own[some] - rest, FAR)
            full = np.bincount(mover, minlength=n)[some] == best.width
            self.width[some[full]] *= MORE
        read = np.zeros(n, dtype=bool)
        read[rows] = True
        kept = ~read[before.mover]
        again = np.flatnonzero(~kept)  # of these what is longer than what was read
        kept[again] = before.length[again] > least[before.mover[again]]
        fresh = self._by_node(*(np.concatenate(side) for side in zip(*parts, strict=True)))
        who = before.mover[kept]
        old = self.node[who], who, before.there[kept], before.length[kept]
        _, who, to, length = merged(old, fresh)
        self.moves = Moves(who, to, length, least)
        self._arcs, self._nears = None, {}
