"""Who would move where, of scores that are no matrix: pairs that are listed, and rows as needed.

The solve has listed each mentee's nearest pairs, and knows how near any other of hers may be at
least. Shortest paths over the listed pairs are right unless a mentee on the way could make a move
that is not listed and short enough to matter: then her row is read, more of it is listed, and the
paths are looked for again, until there is no such mentee. What was read stays listed for the next
question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from mentormatch.solvers.listing import NOWHERE, Best
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

    def _sure(self, end: int, slack: Slack) -> Near:
        """Return paths over enough pairs: no move that is not listed can matter."""
        listed, pairs = self._listed, BLOCK
        while True:
            near = listed.near
            room = np.append(slack(near), -1)[self.mentor_of]
            room[(self.mentor_of == end) | (self.mentor_of < 0)] = -1
            rows = np.flatnonzero(listed.least <= room)
            if not rows.size:
                return near
            order = np.argsort(listed.least[rows] - room[rows], kind="stable")
            rows = rows[order[: max(1, pairs // max(self.outside, 1))]]
            listed.read(np.sort(rows))
            pairs *= MORE

    def _between(self, start: int, end: int) -> int:
        """Return the distance between two nodes; `FAR` if it is above the limit of what is near."""
        begin = np.full(self.outside + 1, FAR, dtype=np.int64)
        begin[start] = 0

        def slack(near: Near) -> Ints:
            most = min(int(self._listed.far_to(end)[start]), near.limit)
            return most - np.minimum(near.distances_from(begin, most), FAR)

        self._sure(end, slack)
        return int(self._listed.far_to(end)[start])

    def _path(self, start: int, end: int) -> tuple[int, list[Step]]:
        if self._between(start, end) < UNREACHABLE:
            found = self._near.path(start, end)
            assert found is not None
            return found
        return super()._path(start, end)

    def cheapest(self, mentee: int, count: int) -> Iterator[tuple[int, int]]:
        own, node = self.own_pairs(mentee)
        found: list[tuple[int, int]] = []
        for j in np.argsort(own, kind="stable").tolist():
            most = sorted(found)[count - 1][0] if len(found) >= count else UNREACHABLE
            if own[j] > most or own[j] >= UNREACHABLE:
                break
            distance = self._between(j, node)
            if distance >= UNREACHABLE:
                yield from self.by_tree(own, node, count)
                return
            found.append((int(own[j]) + distance, j))
        yield from sorted(found)

    @cached_property
    def exits(self) -> Ints:
        """int64 (m,): least value lost by making room for one more at each mentor."""
        out = self.outside

        def slack(near: Near) -> Ints:
            return np.minimum(self._listed.far_to(out), near.limit + 1) - 1

        self._sure(out, slack)
        far = self._listed.far_to(out)[:-1]
        if (far < UNREACHABLE).all():
            return far + self.price[:-1]
        return self.exits_by_tree()

    def first_in_line(self, mentee: int) -> Ints:
        own = self.losses(np.array([mentee]))[0]
        begin = np.append(np.where(own == 0, 0, FAR), FAR)

        def reached(near: Near) -> Bools:
            here: Bools = near.distances_from(begin, 0) == 0
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
        mover, there, _ = self._listed.rows
        has[mover] = True
        elsewhere[mover[~mentors[there]]] = True
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
    """The moves that are listed, from where the mover is, and how short others may be.

    rows : int64 (k,) each, who may move, to which mentor, and what is lost.
    least : int64 (n,), no move of a mentee that is not in `rows` is shorter.
    """

    def __init__(self, open_: ByRows) -> None:
        self.open = open_
        program, fold = open_.lowered.program, open_.lowered.fold
        assert fold is not None
        assert fold.source is not None
        self.own, n = open_.surplus - open_.lowered.bonus, open_.mentor_of.size
        self.source = fold.source
        self.least = np.full(n, FAR, dtype=np.int64)
        self.width = np.full(n, LISTED, dtype=np.int64)
        lists = fold.source.lists()
        if lists is None:
            pool = Pool.of(fold.source, program.capacity, program.row_hash)
            lists = pool.open(np.int64)  # type: ignore[assignment]
            fall = int((pool.ref - open_.price[:-1]).max(initial=0))
            others = np.maximum(self.own - pool.bar - fall, 0)
            self.least = np.where(pool.bar > -NOWHERE, others, FAR)
        assert lists is not None
        indptr, there, points = lists
        mover = np.repeat(np.arange(n), np.diff(indptr))
        kept = (points >= 0) & (open_.mentor_of[mover] >= 0)
        mover, there = mover[kept], there[kept].astype(np.int64)
        worth = points[kept].astype(np.int64)
        self.rows = mover, there, open_.price[there] - worth + self.own[mover]
        self.least[open_.mentor_of < 0] = FAR
        self._near: Near | None = None
        self._far: dict[int, Ints] = {}

    @property
    def near(self) -> Near:
        """The paths over what is listed."""
        if self._near is None:
            limit = min(UNREACHABLE - 1, WHOLE // Near.scale_of(self.open.outside))
            mover, there, length = self.rows
            pairs = self.open.mentor_of[mover], there, length, mover
            self._near = Near.of_pairs(self.open, limit, pairs)
        return self._near

    def read(self, rows: Ints) -> None:
        """List more of some rows, ascending."""
        n, m = self.least.size, self.open.outside
        again = np.zeros(n, dtype=bool)
        again[rows] = True
        kept = ~again[self.rows[0]]
        parts = [tuple(side[kept] for side in self.rows)]
        price, low = self.open.price[:-1], np.full(n, -NOWHERE)
        for width in np.unique(self.width[rows]).tolist():
            best = Best(n, m, min(width, m))
            some = rows[self.width[rows] == width]
            for _ in best.ask(self.source, some, price, low):
                pass  # what is found is kept
            mover, there, worth = best.pairs(price)
            parts.append((mover, there, price[there] - worth + self.own[mover]))
            rest = best.rest[some]
            self.least[some] = np.where(rest > -NOWHERE, self.own[some] - rest, FAR)
        self.rows = _joined(parts)
        self.width[rows] *= MORE
        self._near, self._far = None, {}

    def far_to(self, node: int) -> Ints:
        """Return int64 (m + 1,): distances to a node over what is listed."""
        if node not in self._far:
            self._far = {node: self.near.distances_to(node)}
        return self._far[node]


def _joined(parts: Sequence[tuple[Ints, ...]]) -> tuple[Ints, Ints, Ints]:
    mover, there, length = (np.concatenate(side) for side in zip(*parts, strict=True))
    return mover, there, length
