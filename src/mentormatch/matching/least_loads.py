"""Which least loads cannot hold together: people placed with one mentor after another.

A mentor who lacks somebody takes her from a chain of others; where no chain ends at a free person,
the mentors that chains lead to need more people than they may have (Hall's condition).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["contradiction", "lacking"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class _Placing:
    """Who is placed with whom.

    open : bool (m, n), pairs that may be;  held : bool (m, n), pairs that are.
    left : int64 (n,), how many more mentors each mentee may have.
    """

    def __init__(self, open_: Bools, asked: Ints) -> None:
        self.open = np.ascontiguousarray(open_.T)
        self.held = np.zeros(self.open.shape, dtype=bool)
        self.left = np.array(asked, dtype=np.int64)
        self.reached: list[int] = []

    def add(self, mentor: int, count: int) -> int:
        """Place so many people with a mentor; return how many are lacking."""
        free = np.flatnonzero(self.open[mentor] & ~self.held[mentor] & (self.left > 0))[:count]
        self.held[mentor, free] = True
        self.left[free] -= 1
        lack = count - free.size
        while lack and self._by_chain(mentor):
            lack -= 1
        return lack

    def drop(self, mentor: int) -> None:
        """Let all people of a mentor go."""
        self.left += self.held[mentor]
        self.held[mentor] = False

    def _by_chain(self, mentor: int) -> bool:
        """Place one more by moving others; else `reached` are the mentors that chains lead to."""
        taken: dict[int, tuple[int, int]] = {mentor: (-1, -1)}  # from: (to, whom)
        seen = np.zeros(self.left.size, dtype=bool)
        self.reached = [mentor]
        for here in self.reached:
            fresh = self.open[here] & ~self.held[here] & ~seen
            rows = np.flatnonzero(fresh)
            if not rows.size:
                continue
            free = rows[self.left[rows] > 0]
            if free.size:
                self._shift(here, int(free[0]), taken)
                return True
            seen |= fresh
            holding = self.held[:, rows]
            for there in np.flatnonzero(holding.any(axis=1)).tolist():
                if there not in taken:
                    taken[there] = (here, int(rows[holding[there].argmax()]))
                    self.reached.append(there)
        return False

    def _shift(self, mentor: int, mentee: int, taken: dict[int, tuple[int, int]]) -> None:
        self.left[mentee] -= 1
        while mentor >= 0:
            self.held[mentor, mentee] = True
            to, whom = taken[mentor]
            if to >= 0:
                self.held[mentor, whom] = False
            mentor, mentee = to, whom


def lacking(open_: Bools, asked: Ints, loads: Sequence[tuple[int, int]]) -> bool:
    """Tell whether no placing gives every (mentor, least load) as many people.

    Parameters
    ----------
    open_ : bool (n, m)
        Pairs that may be.
    asked : int64 (n,)
        How many mentors each mentee may have.
    """
    placing = _Placing(open_, asked)
    return any(placing.add(mentor, least) for mentor, least in loads)


def contradiction(open_: Bools, asked: Ints, loads: Sequence[tuple[int, int]]) -> list[int]:
    """Return the positions of loads that cannot hold together although each part of them can.

    Empty if all of them can. Every mentor at most once. Time O(k n m) for k of them at worst.
    """
    placing = _Placing(open_, asked)
    last, lack = -1, 0
    while not lack:
        last += 1
        if last == len(loads):
            return []
        lack = placing.add(*loads[last])
    reached = set(placing.reached)
    place = {loads[k][0]: k for k in range(last)}
    for other in set(place) - reached:
        placing.drop(other)
    needed = []
    for other in sorted(reached - {loads[last][0]}, key=place.__getitem__):
        held, left = placing.held.copy(), placing.left.copy()
        placing.drop(other)
        still = placing.add(loads[last][0], lack)
        if still:
            lack = still  # they contradict one another without this one, too
        else:
            needed.append(place[other])
            placing.held, placing.left = held, left
    return [*needed, last]
