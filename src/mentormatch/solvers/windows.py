"""Parity of matched shares over disjoint groups, exactly: one flow per window of shares.

If the shares of all groups lie within d of each other, they lie in a window [r, r + d] whose left
end is one of them, so a fraction k / N_g: finitely many windows. In each, how many of a group may
be matched is bounded from below and above, which one *exit mentor* per group expresses: she takes
whoever of the group stays unmatched, N_g - most to N_g - least of them. The dual prices of the
exits of one window bound all other windows, so that few are solved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign, kernel

if TYPE_CHECKING:
    from mentormatch.solvers.rows.bands import Band

__all__ = ["Shares", "Swept", "fits", "sweep"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shares:
    """Disjoint groups and how far their matched shares may be apart.

    group : int64 (n,), -1 for mentees in no group.
    size : int64 (g,), people per group, with those locked;  had : int64 (g,), matched by locks.
    within : Fraction or None, greatest difference;  ratio : Fraction or None, least quotient.
    """

    group: Ints
    size: Ints
    had: Ints
    within: Fraction | None = None
    ratio: Fraction | None = None

    @classmethod
    def of(cls, band: Band, demand: Ints) -> Shares:
        """Return the groups of a band of shares, of those who still look for somebody."""
        group = np.where(demand > 0, band.group, -1)
        return cls(group, band.size, band.offset, band.within, band.ratio)

    def windows(self) -> tuple[Ints, Ints]:
        """Fewest and most matched per group, (w, g), for each least share that matters, ascending.

        Shares are counted in parts of the least common multiple of the sizes, exactly.
        """
        size = self.size.tolist()
        unit = math.lcm(*size)
        limit = self.ratio if self.within is None else self.within
        assert limit is not None
        top, part = limit.numerator, limit.denominator
        # the greatest share is (left * part + more) / whole
        more, whole = (0, unit * top) if self.within is None else (top * unit, unit * part)
        longest = (unit * part + more) * max(size, default=1)
        kind = np.int64 if longest < 1 << 62 else object  # Python integers where they are long
        lefts = sorted({k * (unit // n) for n in size for k in range(n + 1)} | {0})
        left, people = np.array(lefts, dtype=kind)[:, None], np.array(size, dtype=kind)
        least = -(-left * people // unit)
        most = (left * part + more) * people // whole if whole else least * 0 + people
        return least.astype(np.int64), np.minimum(most, people).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Swept:
    """The best assignment over all windows.

    mentor_of : int64 (n,);  objective, bound : int, as in `assign`, with `row_bonus`.
    status : "optimal", "time_limit" or "infeasible";  flows : int, windows solved.
    """

    mentor_of: Ints
    objective: int
    bound: int
    status: str
    flows: int
    windows: int


def fits(points: NDArray[np.int32], row_bonus: Ints) -> bool:
    """Whether the bonus can be written into int32 points next to the exits."""
    top = int(row_bonus.max(initial=0)) + int(points.max(initial=0)) + 1
    return row_bonus.ndim == 1 and bool((row_bonus >= 0).all()) and top < 2**31


def sweep(
    points: NDArray[np.int32],
    capacity: Ints,
    shares: Shares,
    *,
    row_bonus: Ints,
    min_load: Ints | None = None,
    row_hash: NDArray[np.uint64] | None = None,
    mentor_hash: NDArray[np.uint64] | None = None,
    late: Callable[[], bool] = lambda: False,
) -> Swept:
    """Find the best assignment whose matched shares lie close enough together.

    Parameters
    ----------
    points, capacity, row_bonus, min_load, row_hash, mentor_hash
        As for `assign`; see `fits`.
    shares
        The groups and their tolerance.
    late
        Asked before each window; where it is true, the best so far is returned.

    Notes
    -----
    Windows are tried in the order of their bounds, best first; a window whose bound does not
    exceed the best value found is passed over. One flow each, O(windows) in the worst case.
    """
    task = _Sweep(points, capacity, shares, row_bonus, min_load, row_hash, mentor_hash)
    best: Assignment | None = None
    value = -(1 << 62)
    flows = 0
    cut = False
    while True:
        at, bound = task.most_promising()
        if at < 0 or bound <= value:
            break
        if late():
            cut = True
            break
        solution = task.solve(at)
        flows += 1
        if solution is not None and solution.objective > value:
            best, value = solution, solution.objective
    n, m = points.shape
    if best is None:
        none = np.full(n, -1, dtype=np.int64)
        status = "time_limit" if cut else "infeasible"
        bound = max(int(task.bound.max(initial=0)) - task.must * n, 0)
        return Swept(none, 0, bound, status, flows, len(task.bound))
    mentor_of = np.where(best.mentor_of >= m, -1, best.mentor_of)
    shift = task.must * n
    top = max(value, int(task.bound.max())) if cut else value
    status = "time_limit" if cut else "optimal"
    return Swept(mentor_of, value - shift, top - shift, status, flows, len(task.bound))


class _Sweep:
    """All windows of a problem, with what is proven about each."""

    def __init__(
        self,
        points: NDArray[np.int32],
        capacity: Ints,
        shares: Shares,
        row_bonus: Ints,
        min_load: Ints | None,
        row_hash: NDArray[np.uint64] | None,
        mentor_hash: NDArray[np.uint64] | None,
    ) -> None:
        n, m = points.shape
        groups = shares.size.size
        exits = np.full((n, groups + 1), -1, dtype=np.int32)
        exits[np.arange(n), np.where(shares.group >= 0, shares.group, groups)] = 0
        real = np.where(points >= 0, points + row_bonus[:, None], points).astype(np.int32)
        self.points = np.ascontiguousarray(np.concatenate([real, exits], axis=1))
        self.must = 4 * (min(n, m + groups + 1) + 2) * (int(self.points.max(initial=0)) + 1)
        self.row_bonus = np.full(n, self.must, dtype=np.int64)
        self.capacity = np.append(capacity, np.zeros(groups + 1, dtype=np.int64))
        self.capacity[-1] = n
        self.min_load = np.zeros(m + groups + 1, dtype=np.int64)
        if min_load is not None:
            self.min_load[:m] = min_load
        self.row_hash = row_hash
        self.mentor_hash = (
            None
            if mentor_hash is None
            else np.append(mentor_hash, np.arange(groups + 1, dtype=np.uint64))
        )
        self.m, self.groups, self.shares = m, groups, shares
        open_ = np.bincount(shares.group[shares.group >= 0], minlength=groups)
        least, most = shares.windows()
        # exits count those who stay unmatched: size - matched, where locked ones are matched
        fewest, largest = np.maximum(open_ + shares.had - most, 0), open_ + shares.had - least
        can_be = ((largest >= fewest) & (fewest <= open_) & (largest >= 0)).all(axis=1)
        loads = np.concatenate([fewest, np.minimum(largest, open_)], axis=1)[can_be]
        windows = np.unique(loads, axis=0)  # loads of the exits in each window
        self.low, self.high = windows[:, :groups], windows[:, groups:]
        best = np.maximum(self.points[:, :m].max(axis=1, initial=0).astype(np.int64), 0)
        ceiling = self.must * n + int(best.sum())
        seats = int(capacity.sum())
        people = np.minimum((open_ - self.low).sum(axis=1) + n - int(open_.sum()), seats)
        count_bound = self.must * n + people * int(self.points.max(initial=0))
        self.bound = np.minimum(count_bound, ceiling)
        self.closed = np.zeros(len(windows), dtype=bool)
        self.last: Assignment | None = None
        self.route = kernel(points.size)

    def most_promising(self) -> tuple[int, int]:
        """The open window of greatest bound; among equals the widest, then the middle one."""
        if self.closed.all():
            return -1, 0
        most = int(self.bound[~self.closed].max())
        top = np.flatnonzero(~self.closed & (self.bound == most))
        return int(top[len(top) // 2]), most

    def solve(self, at: int) -> Assignment | None:
        exits = slice(self.m, self.m + self.groups)
        capacity, min_load = self.capacity.copy(), self.min_load.copy()
        capacity[exits], min_load[exits] = self.high[at], self.low[at]
        self.closed[at] = True
        solution = assign(
            self.points, capacity, row_bonus=self.row_bonus, min_load=min_load,
            row_hash=self.row_hash, mentor_hash=self.mentor_hash, start=self.last,
            changed=[], route=self.route,
        )  # fmt: skip
        if solution.status == "optimal":
            self.last = solution
            self.learn(solution, capacity, min_load)
        left_out = solution.status != "optimal" or (solution.mentor_of < 0).any()
        self.bound[at] = min(self.bound[at], -1 if left_out else solution.objective)
        return None if left_out else solution

    def learn(self, solution: Assignment, capacity: Ints, min_load: Ints) -> None:
        """Bound every window by the prices of one: only the loads of the exits differ."""
        exits = slice(self.m, self.m + self.groups)
        price = solution.mentor_price[exits]
        seats = np.where(price >= 0, capacity[exits], min_load[exits])
        there = np.where(price >= 0, self.high, self.low)
        # Python integers: prices of exits weigh up to `must` each
        bound = (there - seats).astype(object) @ price.astype(object) + solution.bound
        self.bound = np.minimum(self.bound, np.minimum(bound, 1 << 62).astype(np.int64))
