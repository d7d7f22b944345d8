"""The compact programme of groups whose points only add up, over the places that prices leave open.

A place is a person with a coach in a slot. Prices say what the bound loses where a person takes a
place; places that lose more than the gap cannot be in a better plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.columns import forced_kernels
from mentormatch.solvers.columns.lowered import Lowered
from mentormatch.solvers.columns.problem import Mix
from mentormatch.solvers.rows.highs import Model

__all__ = ["Places", "losses"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEVER = 1 << 59


def losses(rest: Lowered, price: Ints, bonus: int) -> tuple[Ints, int]:
    """Return (int64 (m, slots, n), bound): what it loses at least where a person takes a place.

    NEVER where she cannot. Only one mix is looked at, so that the rest lowers nothing here.
    """
    problem = rest.problem
    m, slots, n = problem.coaches, problem.slots, problem.people
    if problem.priced >= 0:
        mix = problem.mixes[problem.priced]
    else:
        none = np.zeros(0, dtype=np.int64)
        mix = Mix(np.full(n, -1, dtype=np.int64), none.astype(bool), none)
    code = np.where(mix.code < 0, mix.most.size, mix.code)
    rule = (code, mix.allowed(problem.high), mix.least, problem.low)
    worth, open_, first, who, *_ = rest.arrays
    value = np.empty((m, slots, n), dtype=np.int64)
    forced_kernels.forced((worth, open_, first, who), rule, price - bonus, value)
    best = rest.best(price - bonus, every=True).value
    falling = -np.sort(-best, axis=1)
    loss = np.full((m, slots, n), NEVER, dtype=np.int64)
    for j in range(m):
        c = int(min(rest.capacity[j], slots))
        if c == 0:
            continue
        counted, last = falling[j, :c].sum(), falling[j, c - 1]
        others = np.where(best[j] >= last, counted - best[j], counted - last)
        there = value[j] > -NEVER
        loss[j] = np.where(there, np.maximum((counted - others)[:, None] - value[j], 0), NEVER)
    counted_of_all = np.where(np.arange(slots) < rest.capacity[:, None], falling, 0)
    return loss, int(price[rest.here].sum()) + int(counted_of_all.sum())


@dataclass(frozen=True, eq=False)
class Places:
    """Some places, and the integer programme over them.

    person, meeting : int64 (k,), who takes the place, and in which of the meetings
    coach, slot : int64 (g,), of each meeting that can take place
    """

    rest: Lowered
    person: Ints
    meeting: Ints
    coach: Ints
    slot: Ints

    @classmethod
    def of(cls, rest: Lowered, keep: Bools) -> Places:
        """Take the places marked in bool (m, slots, n), for blocks of people only all or none."""
        keep = keep.copy()
        for who in rest.blocks:
            keep[:, :, who] &= keep[:, :, who].all(axis=2, keepdims=True)
        j, t, person = np.nonzero(keep)
        slots = keep.shape[1]
        known, meeting = np.unique(j * slots + t, return_inverse=True)
        return cls(rest, person, meeting.astype(np.int64), known // slots, known % slots)

    def groups(self, x: Floats) -> list[tuple[int, int, Ints]]:
        """Return the groups of a solution: coach, slot, members."""
        taken = x[: self.person.size] > 0.5
        out = []
        for g in np.unique(self.meeting[taken]).tolist():
            members = np.sort(self.person[taken & (self.meeting == g)])
            out.append((int(self.coach[g]), int(self.slot[g]), members))
        return out

    def model(self, *, placed: int, count_only: bool = False) -> Model:
        """Return the programme; at least `placed` people must be placed.

        count_only : the number of people placed is maximised, not their points.
        """
        problem = self.rest.problem
        rows = _Rows(self.person.size + self.coach.size)
        first = self.person.size  # the columns of meetings come after those of places
        by_person = _split(self.person, problem.people)
        all_in = placed == int(self.rest.here.sum())
        for places in by_person:
            if places.size or all_in:
                rows.add(places, 1.0, low=1.0 if all_in else 0.0, high=1.0)
        if not all_in:
            rows.add(np.arange(first), 1.0, low=float(placed))
        for j, meetings in enumerate(_split(self.coach, problem.coaches)):
            if meetings.size:
                rows.add(first + meetings, 1.0, high=float(self.rest.capacity[j]))
        for g, places in enumerate(_split(self.meeting, self.coach.size)):
            self._meeting(rows, places, first + g)
        value = np.zeros(rows.width)
        worth = problem.worth[self.person, self.coach[self.meeting]]
        value[:first] = 1.0 if count_only else worth
        return rows.model(value)

    def _meeting(self, rows: _Rows, places: Ints, held: int) -> None:
        """Add what a meeting asks: its size, its mix, who may and who must be there together."""
        problem = self.rest.problem
        rows.add(places, 1.0, (held, -float(problem.high)), high=0.0)
        rows.add(places, 1.0, (held, -float(problem.low)), low=0.0)
        for place in places.tolist():
            rows.add(np.array([place]), 1.0, (held, -1.0), high=0.0)
        who = self.person[places]
        for mix in problem.mixes:
            self._mix(rows, mix, places, held)
        for a, b in np.argwhere(np.triu(problem.clash[np.ix_(who, who)])).tolist():
            rows.add(places[[a, b]], 1.0, (held, -1.0), high=0.0)
        inside = problem.block[who]
        for block in np.unique(inside[inside >= 0]).tolist():
            together = places[inside == block]
            for other in together[1:].tolist():
                rows.add(together[:1], 1.0, (other, -1.0), low=0.0, high=0.0)

    def _mix(self, rows: _Rows, mix: Mix, places: Ints, held: int) -> None:
        """Add what a mix asks of a meeting."""
        code = mix.code[self.person[places]]
        marks = []
        for v in np.unique(code[code >= 0]).tolist():
            there = places[code == v]
            if mix.most[v] < min(there.size, self.rest.problem.high):
                rows.add(there, 1.0, (held, -float(mix.most[v])), high=0.0)
            if not mix.alone[v] and mix.least < 2:
                continue
            mark = rows.column()  # 1 where anybody of this value is there
            marks.append(mark)
            rows.add(np.array([mark]), 1.0, (held, -1.0), high=0.0)
            rows.add(there, 1.0, (mark, -2.0 if mix.alone[v] else -1.0), low=0.0)
            for place in there.tolist() if mix.alone[v] else []:
                rows.add(np.array([place]), 1.0, (mark, -1.0), high=0.0)
        if mix.least > 1:
            rows.add(np.array(marks, dtype=np.int64), 1.0, (held, -float(mix.least)), low=0.0)


def _split(code: Ints, count: int) -> list[Ints]:
    """Return the positions of each code."""
    order = np.argsort(code, kind="stable")
    return np.split(order, np.searchsorted(code[order], np.arange(1, count)))


class _Rows:
    """Rows of an integer programme, while they are written."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._columns: list[Ints] = []
        self._amounts: list[Floats] = []
        self._low: list[float] = []
        self._high: list[float] = []

    def column(self) -> int:
        """Add a column and return it."""
        self.width += 1
        return self.width - 1

    def add(
        self, columns: Ints, amount: float, *more: tuple[int, float],
        low: float = -np.inf, high: float = np.inf,
    ) -> None:  # fmt: skip
        """Add a row: the same amount of some columns, and others one by one."""
        self._columns.append(np.concatenate([columns, [column for column, _ in more]]))
        self._amounts.append(np.concatenate([np.full(columns.size, amount), [a for _, a in more]]))
        self._low.append(low)
        self._high.append(high)

    def model(self, value: Floats) -> Model:
        """Return the programme."""
        from scipy.sparse import csr_array

        start = np.cumsum([0, *(part.size for part in self._columns)])
        matrix = csr_array(
            (np.concatenate(self._amounts), np.concatenate(self._columns).astype(np.int64), start),
            shape=(len(self._low), self.width),
        )
        low, high = np.array(self._low), np.array(self._high)
        return Model(value, matrix, low, high, np.zeros(self.width), np.ones(self.width))
