"""Stages folded into one sum: what each is worth outweighs all that the stages after it can do.

Counts of mentees become a bonus per mentee (and per slot, where mentees may have several mentors);
a total comes last. One flow then optimises all of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.program import Pairs, Program
from mentormatch.solvers.stages import Count, Exact, Stage, Total

__all__ = ["Fold", "fold"]

Ints: TypeAlias = NDArray[np.int64]
LARGEST = 1 << 54
"""Sums along a path must fit into int64 with room to spare."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Stages as one value per pair and one bonus per mentee (and slot).

    value : int32 (n, m) or None, of each pair; None: the points.
    bonus : int64 (n,) or (n, k).
    units : what one step of each stage is worth, in order.
    """

    value: NDArray[np.int32] | None
    bonus: Ints
    units: tuple[int, ...]

    def worths(self, program: Program) -> NDArray[np.int32]:
        """Return int32 (n, m): what each pair adds besides the bonus, negative: inadmissible."""
        return program.points if self.value is None else self.value

    def worth(self, program: Program, pairs: Pairs) -> int:
        """Return the sum of pairs, exactly."""
        rows, columns = pairs
        total = exact_sum(self.worths(program)[rows, columns].astype(np.int64))
        if self.bonus.ndim == 1:
            return total + exact_sum(self.bonus[rows])
        got = np.bincount(rows, minlength=program.shape[0])
        taken = np.arange(self.bonus.shape[1]) < got[:, None]
        return total + exact_sum(self.bonus[taken])

    def bounds(
        self, program: Program, stages: Sequence[Stage], values: Sequence[Exact], slack: int,
        bound: int,
    ) -> tuple[float, ...]:  # fmt: skip
        """Return what is proven of each stage if no sum exceeds `bound`.

        Where the sum reached is the bound (`slack` is 0), every stage is at its best: the best sum
        is the lexicographic best. Otherwise whatever the stages after it add is 0 or more.
        """
        if slack == 0:
            return tuple(float(value) for value in values)
        bounds: list[float] = []
        closed = True
        for stage, unit, value in zip(stages, self.units, values, strict=True):
            most = stage.ceiling(program)
            if closed:
                offset = int(getattr(stage, "offset", 0))
                most = max(min(most, float(bound // unit + offset)), float(value))
                bound -= (int(value) - offset) * unit
                closed = most == value
            bounds.append(most)
        return tuple(bounds)

    def split(self, price: Ints) -> tuple[Ints, ...]:
        """Return a price's part in each stage, exactly: all parts are far below the next unit."""
        parts, rest = [], price
        for unit in self.units:
            steps = (rest + unit // 2) // unit
            rest = rest - steps * unit
            parts.append(steps)
        return tuple(parts)


def fold(program: Program, stages: Sequence[Stage], *, whole: bool = False) -> Fold | None:
    """Return the stages as one sum; None where they are no such sum, or it would be too large.

    Parameters
    ----------
    whole
        A step of a stage outweighs all that the stages after it can add up to, not only what an
        exchange along one path can change: then a bound on the sum, even if it is not reached, is
        a bound on every stage.
    """
    last = stages[-1]
    counts = [stage for stage in stages if isinstance(stage, Count)]
    total = last if isinstance(last, Total) else None
    if len(counts) + (total is not None) < len(stages):
        return None
    n, m = program.shape
    value: NDArray[np.int32] | None = None
    if total is None:
        value = np.where(program.points >= 0, 0, -1).astype(np.int32)
    elif total.kept is not None:
        worth = total.worth(program)
        if int(worth.max(initial=0)) >= 1 << 31:
            return None
        value = np.where(program.points >= 0, worth, -1).astype(np.int32)
    top = int((program.points if value is None else value).max(initial=0)) if counts else 0
    if not counts:
        return Fold(value, np.zeros(n, dtype=np.int64), (1,))
    # an exchange along an alternating path passes every mentor at most once; only the mentees at
    # its two ends change how many mentors they have
    longest = 2 * (min(n, m) + 2)
    units: list[int] = [] if total is None else [1]
    most = min(int(program.demand.sum()), int(program.capacity.sum()))
    unit = 1 if total is None else (max(most, longest) if whole else longest) * (top + 1)
    for count in reversed(counts):
        units.insert(0, unit)
        if unit >= LARGEST:
            return None
        heaviest = int(count.fresh.max(initial=0)) + 1
        unit *= max(most, 4) * heaviest if whole else 4 * heaviest
    width = max(int(program.demand.max(initial=1)), 1)
    bonus = np.zeros((n, width), dtype=np.int64)
    highest = 0
    for count, worth_of in zip(counts, units, strict=False):
        # her first mentor to come is her (had + 1)-th
        at = count.slot - 1 - count.had
        rows = np.flatnonzero((at >= 0) & (at < width) & (count.fresh > 0))
        bonus[rows, at[rows]] += worth_of * count.weight[rows]
        highest += worth_of * int(count.fresh.max(initial=0))
    if highest >= LARGEST or (np.diff(bonus, axis=1) > 0).any():
        return None
    return Fold(value, bonus if program.several else bonus[:, 0].copy(), tuple(units))
