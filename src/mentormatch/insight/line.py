"""Who comes in as one mentor gets one seat more after another: the line of the unmatched.

Everybody else may move. Paths are looked for over the moves that are listed; those to the mentors
that mattered are then made sure of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, TypeAlias

import numpy as np

from mentormatch.insight.filling import NOBODY, fill_lines
from mentormatch.insight.reallocation import UNREACHABLE, Ints, Moves, Reallocations, in_order
from mentormatch.scoring.threads import COMPILE_FROM

__all__ = ["Entry", "Line"]

MOST = 1 << 23
"""Pairs that may be read to make sure of one line."""
PARTS = 8
"""Mentors are read in so many parts, those first to whom the longest moves matter."""


@dataclass(frozen=True)
class Entry:
    """What one more seat does.

    mentee : who gets a mentor by it, -1: nobody, a seat elsewhere stays empty.
    lost : what is lost along the way, at prices: the seat brings its price less this.
    others : whether others could come in just as well, or nobody.
    """

    mentee: int
    lost: int
    others: bool


Entries: TypeAlias = list[Entry]


@dataclass(eq=False)
class Line:
    """The line of the unmatched before each mentor of an optimal matching.

    sure : int64 (m,), all moves to a mentor that are no longer than this are known.
    """

    open_: Reallocations
    sure: Ints = field(init=False)
    _kept: tuple[Moves, tuple[Ints, Ints, Ints]] | None = None

    def __post_init__(self) -> None:
        self.sure = np.full(self.open_.outside, -1, dtype=np.int64)

    def of(self, mentor: int, seats: int, first: int = -1, last: int = -1) -> tuple[Entries, bool]:
        """Return who comes in by so many seats more with a mentor, fewer where no more can.

        Parameters
        ----------
        first, last
            Mentees who come before all others, or after them, where it makes no difference.

        Returns
        -------
        list of Entry, and whether it is sure: else too many pairs would have to be read.
        """
        return self._made_sure(mentor, seats, (first, last), ())

    def all_of(self, mentors: Ints, seats: int, first: int = -1) -> list[tuple[Entries, bool]]:
        """Return the lines of many mentors over what is listed, and whether each is sure."""
        told, reach, _ = self._filled(mentors, seats, (first, -1), ())
        least = int(self.open_.moves.least.min(initial=UNREACHABLE))
        return [(line, far < least) for line, far in zip(told, reach.tolist(), strict=True)]

    def only(self, mentor: int, mentees: Sequence[int]) -> tuple[list[int], bool] | None:
        """Return what each seat loses if just these come in, by as many more with a mentor.

        Everybody who is matched stays so. And whether that is sure: else less may be lost. None
        where no way is known.
        """
        found, sure = self._made_sure(mentor, len(mentees), (-1, -1), mentees)
        return ([entry.lost for entry in found], sure) if len(found) == len(mentees) else None

    def _made_sure(
        self, mentor: int, seats: int, turn: tuple[int, int], only: Sequence[int]
    ) -> tuple[Entries, bool]:
        while True:
            told, _, room = self._filled(np.array([mentor]), seats, turn, only)
            fresh = self._look(room)
            if not fresh:
                return told[0], fresh is not None

    def _filled(
        self, mentors: Ints, seats: int, turn: tuple[int, int], only: Sequence[int]
    ) -> tuple[list[Entries], Ints, Ints]:
        """Return lines of mentors, how long moves matter, and, of one line, with each mentor."""
        open_, k = self.open_, mentors.size
        named = np.array(only, dtype=np.int64)
        own = named, open_.losses(named)
        who, lost = np.zeros((2, k, seats), dtype=np.int64)
        others, reach = np.zeros((k, seats), dtype=np.bool_), np.zeros(k, dtype=np.int64)
        room = np.full(open_.outside if k == 1 else 0, -1)
        people = open_.mentor_of.copy(), np.zeros_like(open_.mentor_of)
        idle = open_.load - open_.lowered.program.min_load
        fill = _compiled() if people[0].size * open_.outside > COMPILE_FROM else fill_lines
        fill(
            mentors, self._into, people, (open_.price, idle), turn, own,
            (who, lost, others, reach, room),
        )  # fmt: skip
        lines = zip(who.tolist(), lost.tolist(), others.tolist(), strict=True)
        told = [
            [Entry(*one) for one in zip(*line, strict=True) if one[0] != NOBODY] for line in lines
        ]
        return told, reach, room

    @cached_property
    def nearest(self) -> Ints:
        """int64 (n,): what each mentee's best other pair loses, at least."""
        moves = self.open_.moves
        least = moves.least.copy()
        np.minimum.at(least, moves.mover, moves.length)
        return least

    def direct(self, seats: int) -> Ints:
        """Return int64 (m,): a bound on what is lost by the last of so many who come in.

        So many who are unmatched could come to the mentor and nobody else would have to move: at
        least one of them is left for the last seat. Nor is more lost than the seat is worth.
        """
        begin, length = self._fresh
        at = begin[:-1] + seats - 1
        enough = at < begin[1:]
        bound = self.open_.price[:-1].copy()
        bound[enough] = np.minimum(bound[enough], length[at[enough]])
        return bound

    @cached_property
    def _fresh(self) -> tuple[Ints, Ints]:
        """What the unmatched would lose by coming to each mentor, as listed, the least first."""
        open_ = self.open_
        begin, mover, length = self._into
        new = np.flatnonzero(open_.mentor_of[mover] == open_.outside)
        there = np.searchsorted(begin, new, side="right") - 1
        order = np.lexsort((length[new], there))
        return np.searchsorted(there, np.arange(open_.outside + 1)), length[new[order]]

    def _look(self, room: Ints) -> bool | None:
        """List all moves to each mentor that are no longer than her room; whether any is new.

        None where too many pairs would have to be read.
        """
        open_ = self.open_
        nodes = np.flatnonzero(room > self.sure)
        nodes = nodes[np.argsort(-room[nodes], kind="stable")]
        parts = [part for part in np.array_split(nodes, PARTS) if part.size]
        least = np.where(open_.mentor_of >= 0, open_.moves.least, UNREACHABLE)
        rows = [np.flatnonzero(least <= room[part[0]]) for part in parts]
        if sum(mine.size * part.size for mine, part in zip(rows, parts, strict=True)) > MOST:
            return None
        fresh = False
        for mine, part in zip(rows, parts, strict=True):
            if mine.size:
                fresh |= self._list(mine, np.sort(part), room)
        self.sure[nodes] = room[nodes]
        return fresh

    def _list(self, rows: Ints, nodes: Ints, room: Ints) -> bool:
        """List moves of some mentees to some mentors within their room; whether any is new."""
        m = self.open_.outside
        lost = self.open_.losses_of(rows, nodes)
        place, column = np.nonzero(lost <= room[nodes])
        begin, mover, _ = self._into
        take = np.concatenate([np.arange(begin[k], begin[k + 1]) for k in nodes.tolist()])
        known = mover[take] * m + np.repeat(nodes, begin[nodes + 1] - begin[nodes])
        new = ~np.isin(rows[place] * m + nodes[column], known)
        if not new.any():
            return False
        place, column = place[new], column[new]
        self._add(rows[place], nodes[column], lost[place, column])
        return True

    def _add(self, who: Ints, there: Ints, lost: Ints) -> None:
        """List more moves."""
        begin, mover, length = self._into
        at = begin[there + 1]
        more = np.bincount(there, minlength=begin.size - 1)
        begin = begin + np.concatenate(([0], np.cumsum(more)))
        self._kept = (
            self.open_.moves,
            (begin, np.insert(mover, at, who), np.insert(length, at, lost)),
        )

    @property
    def _into(self) -> tuple[Ints, Ints, Ints]:
        """The moves by mentor: where each begins (m + 1,), who moves, what is lost."""
        open_ = self.open_
        moves = open_.moves
        if self._kept is None or self._kept[0] is not moves:
            held = np.flatnonzero((open_.mentor_of >= 0) & (open_.mentor_of < open_.outside))
            # who moved on may come back
            mover = np.concatenate([moves.mover, held.astype(np.int32)])
            there = np.concatenate([moves.there, open_.mentor_of[held].astype(np.int32)])
            length = np.concatenate([moves.length, np.zeros(held.size, dtype=np.int64)])
            order = in_order(there, open_.outside)
            begin = np.concatenate(([0], np.cumsum(np.bincount(there, minlength=open_.outside))))
            self._kept = moves, (begin, mover[order].astype(np.int64), length[order])
            self.sure[:] = -1
        return self._kept[1]


@cache
def _compiled() -> Any:
    from mentormatch.solvers.compile import compiled

    return compiled(fill_lines)
