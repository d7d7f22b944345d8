"""Pairs that keep rows which count kinds of people: first how many of each kind meet, then who.

People who count alike in every row are of one *kind*. How many pairs each kind of mentee has with
each kind of mentor is an integer programme of kinds times kinds numbers, however many people there
are. With these numbers settled, a flow says which mentees go to which kind of mentor, and another
which mentor of that kind each gets. Whom the flows could not place, because pairs are inadmissible,
is left to `repair`.

Not the best, but cheap, and made from the least numbers up, where mending a flow that knows nothing
of them would move half of the people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import assign, kernel
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program, SideRow, pairs_of
from mentormatch.solvers.rows.highs import Model, integer, linear, patience, scale_of
from mentormatch.solvers.rows.repair import repaired
from mentormatch.solvers.ties import default_hash

__all__ = ["by_kinds", "mended"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_CELLS = 40_000
"""So many pairs of kinds at most."""
GAP = 0.05
"""Relative gap of the number of pairs."""
KINDS_SHARE, SHARE = 0.95, 0.75
"""Parts of the time for all of this, and of that for the numbers."""
MATCHED, STAYS = 4.0, 0.5
"""What being matched, and what going where the flow sent her, is worth in top points."""
WHOLE = 1e-6
"""So far from a whole number at most is one."""
USUAL_FLOWS = 100
"""About so many flows a search takes."""


@dataclass(frozen=True, eq=False)
class _Kinds:
    """People of one side by what they count in the rows.

    of : int64 (people,), kind of each, -1: of none, as she can have no pair.
    first : int64 (kinds,), one of each.
    """

    of: Ints
    first: Ints

    @property
    def count(self) -> int:
        return self.first.size

    def sums(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Return (kinds, ...): what numbers of people, or rows of them, come to in each kind."""
        return np.add.reduceat(numbers[self.order], self.begin, axis=0)

    @cached_property
    def order(self) -> Ints:
        """People with a kind, one kind after another."""
        order = np.argsort(self.of, kind="stable")
        return order[np.count_nonzero(self.of < 0) :]

    @cached_property
    def begin(self) -> Ints:
        """Where each kind begins in `order`."""
        return np.searchsorted(self.of[self.order], np.arange(self.count))


def mended(program: Program, near: Pairs, budget: Budget) -> Pairs | None:
    """Return pairs that keep a programme, from pairs that keep all but its rows, or None."""
    made = by_kinds(program, near, budget.part(KINDS_SHARE))
    if made is not None and program.holds(*made):
        return made
    return repaired(program, near if made is None else made, budget=budget)


def by_kinds(program: Program, near: Pairs, budget: Budget) -> Pairs | None:
    """Return pairs that keep, or nearly keep, the rows that count kinds of people.

    Parameters
    ----------
    near
        Pairs of a flow that keeps all but the rows; the numbers stay near to it.
    budget
        Time.

    Returns
    -------
    Pairs or None
        Within seats and demands; `repair` mends what else they break. None where there are too
        many kinds, no row that counts kinds, or no numbers that keep them all.

    Notes
    -----
    Rows that are scored, listed by pairs or with extra variables are not looked at.
    """
    rows = [row for row in program.rows if row.pairs is None and not row.scored and not row.extra]
    if not rows:
        return None
    open_ = program.open()
    mentees = _kinds([row.mentee for row in rows], np.asarray(open_.any(axis=1)))
    mentors = _kinds([row.mentor for row in rows], np.asarray(open_.any(axis=0)))
    if not 0 < mentees.count * mentors.count <= MOST_CELLS:
        return None
    best = _best_there(program, mentors)
    numbers = _numbers(program, rows, mentees, mentors, best, near, budget.part(SHARE))
    if numbers is None or budget.late():
        return None
    sent = _sent(program, mentees, best, numbers, budget)
    return _placed(program, mentors, sent, budget)


def _kinds(sides: list[Any], able: NDArray[np.bool_]) -> _Kinds:
    """Tell people apart by what they count; those who can have a pair only."""
    distinct = list({id(side): side for side in sides}.values())
    key = np.zeros(able.size, dtype=np.uint64)
    for side, factor in zip(distinct, default_hash(len(distinct), 3), strict=True):
        key += side.astype(np.uint64) * factor
    people = np.flatnonzero(able)
    _, first, which = np.unique(key[people], return_index=True, return_inverse=True)
    of = np.full(able.size, -1, dtype=np.int64)
    of[people] = which.ravel()
    return _Kinds(of, people[first])


# -- how many -------------------------------------------------------------------------------------


def _best_there(program: Program, mentors: _Kinds) -> NDArray[np.int32]:
    """Return int32 (n, kinds): a mentee's points with her best mentor of each kind, -1: none."""
    seated = np.where(program.capacity > 0, program.points, -1)
    best: NDArray[np.int32] = np.maximum.reduceat(seated[:, mentors.order], mentors.begin, axis=1)
    return best


def _numbers(
    program: Program, rows: list[SideRow], mentees: _Kinds, mentors: _Kinds,
    best: NDArray[np.int32], near: Pairs, budget: Budget,
) -> Ints | None:  # fmt: skip
    """Return int64 (kinds, kinds): how many pairs each kind of mentee has with each of mentor."""
    shape = mentees.count, mentors.count
    there = np.zeros(shape, dtype=np.int64)
    rows_near, columns_near = near
    np.add.at(there, (mentees.of[rows_near], mentors.of[columns_near]), 1)
    able = mentees.sums((best >= 0) * program.demand[:, None])
    top = max(float(program.points.max(initial=0)), 1.0)
    people = mentees.sums(np.ones(mentees.of.size))[:, None]
    worth = mentees.sums(np.maximum(best, 0)) / (people * top)
    seats = mentors.sums(program.capacity)
    high = np.minimum(able, seats).ravel()
    stay = np.minimum(there.ravel(), high)
    cells, kept = np.flatnonzero(high), np.flatnonzero(stay)
    cell = np.concatenate([cells, kept])
    value = MATCHED + worth.ravel()[cell]
    value[cells.size :] += STAYS
    model = _model(program, rows, mentees, mentors, cell, value)
    model.top[:] = np.concatenate([high[cells] - stay[cells], stay[kept]])
    x = linear(model, budget.left()).x
    if x is None:
        return None
    if np.abs(x - np.rint(x)).max(initial=0) > WHOLE:  # as many pairs as can be: many ties, fast
        nodes = patience(cell.size) if budget.seconds is None else None
        count = replace(model, value=np.ones(cell.size))
        whole = integer(count, seconds=budget.left(), gap=GAP, nodes=nodes).x
        x = np.floor(x + WHOLE) if whole is None else whole
    numbers = np.zeros(high.size, dtype=np.int64)
    np.add.at(numbers, cell, np.rint(x).astype(np.int64))
    return numbers.reshape(shape)


def _model(
    program: Program, rows: list[SideRow], mentees: _Kinds, mentors: _Kinds, cell: Ints,
    value: Floats,
) -> Model:  # fmt: skip
    """Return what numbers of pairs of kinds must satisfy, for the cells listed."""
    from scipy.sparse import csr_array, vstack

    a, b = np.divmod(cell, mentors.count)
    at, one = np.arange(cell.size), np.ones(cell.size)
    counts, factor = _counts(rows, mentees, mentors, cell)
    matrix = vstack(
        [
            csr_array((one, (a, at)), shape=(mentees.count, cell.size)),
            csr_array((one, (b, at)), shape=(mentors.count, cell.size)),
            counts,
        ],
        format="csr",
    )
    least = factor * [-np.inf if row.least is None else row.least for row in rows]
    most = factor * [np.inf if row.most is None else row.most for row in rows]
    return Model(
        value,
        matrix,
        np.concatenate([np.full(mentees.count, -np.inf), mentors.sums(program.min_load), least]),
        np.concatenate([mentees.sums(program.demand), mentors.sums(program.capacity), most]),
        np.zeros(cell.size),
        np.zeros(cell.size),
    )


def _counts(
    rows: list[SideRow], mentees: _Kinds, mentors: _Kinds, cell: Ints
) -> tuple[Any, Floats]:
    """Return what each pair of the cells' kinds counts in each row, scaled, and the scales."""
    from scipy.sparse import csc_array

    none = np.zeros(0, dtype=np.int64)
    counts, places, sizes = [np.zeros(0)], [none], np.zeros(len(rows), dtype=np.int64)
    factor = np.ones(len(rows))
    for at, row in enumerate(rows):
        assert row.mentee is not None
        assert row.mentor is not None
        side, other = row.mentee[mentees.first], row.mentor[mentors.first]
        a, b = np.flatnonzero(side), np.flatnonzero(other)
        count = np.multiply.outer(side[a], other[b]).ravel().astype(float)
        factor[at] = scale_of(count)
        counts.append(count * factor[at])
        places.append(np.add.outer(a * mentors.count, b).ravel())
        sizes[at] = count.size
    matrix = csc_array(
        (
            np.concatenate(counts),
            (np.repeat(np.arange(len(rows)), sizes), np.concatenate(places)),
        ),
        shape=(len(rows), mentees.count * mentors.count),
    )
    return matrix[:, cell], factor


# -- who ------------------------------------------------------------------------------------------


def _sent(
    program: Program, mentees: _Kinds, best: NDArray[np.int32], numbers: Ints, budget: Budget
) -> Ints:
    """Return int64 (n, kinds): how many mentors of each kind each mentee is to get."""
    sent = np.zeros(best.shape, dtype=np.int64)
    for a in range(mentees.count):
        people = np.flatnonzero(mentees.of == a)
        left = program.demand[people].copy()
        wanted = numbers[a].copy()
        while wanted.any() and (left > 0).any():  # once, but where somebody gets two of one kind
            use = np.flatnonzero(wanted)
            solution = assign(
                best[np.ix_(people, use)], wanted[use], demand=left,
                row_bonus=np.full(people.size, int(best.max()) * 4 + 1, dtype=np.int64),
                row_hash=program.row_hash[people], time_limit=budget.left(),
                route=kernel(people.size * use.size, USUAL_FLOWS),
            )  # fmt: skip
            i, k = pairs_of(solution.mentor_of)
            if i.size == 0:
                break
            np.add.at(sent, (people[i], use[k]), 1)
            np.subtract.at(left, i, 1)
            np.subtract.at(wanted, use[k], 1)
    return sent


def _placed(program: Program, mentors: _Kinds, sent: Ints, budget: Budget) -> Pairs | None:
    """Return pairs in which each mentee has at most so many mentors of each kind."""
    there = mentors.of >= 0
    if not program.several:  # one flow for all kinds, as nobody is in two of them
        allowed = np.zeros(program.shape, dtype=bool)
        allowed[:, there] = sent[:, mentors.of[there]] > 0
        points = np.where(allowed, program.points, -1).astype(np.int32)
        return _flow(replace(program, points=points), budget)
    found = []
    for b in range(mentors.count):
        people, seats = np.flatnonzero(sent[:, b]), np.flatnonzero(mentors.of == b)
        part = Program(
            program.points[np.ix_(people, seats)], program.capacity[seats],
            program.min_load[seats], sent[people, b], row_hash=program.row_hash[people],
            mentor_hash=program.mentor_hash[seats],
        )  # fmt: skip
        rows, columns = _flow(part, budget)
        found.append((people[rows], seats[columns]))
    return np.concatenate([rows for rows, _ in found]), np.concatenate([one for _, one in found])


def _flow(program: Program, budget: Budget) -> Pairs:
    """Return as many pairs as there can be, then the best; within least loads if that can be."""
    bonus = np.full(program.shape[0], 4 * int(program.points.max(initial=0)) + 1, dtype=np.int64)
    for least in (program.min_load, None) if program.min_load.any() else (None,):
        solution = assign(
            program.points, program.capacity, demand=program.demand, min_load=least,
            row_bonus=bonus, row_hash=program.row_hash, mentor_hash=program.mentor_hash,
            time_limit=budget.left(), route=kernel(program.points.size, USUAL_FLOWS),
        )  # fmt: skip
        if solution.status != "infeasible":
            break
    return pairs_of(solution.mentor_of)
