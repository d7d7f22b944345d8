"""Stages folded into one sum: what each is worth outweighs all that the stages after it can do.

Counts of mentees become a bonus per mentee (and per slot, where mentees may have several mentors);
what pairs cost is taken off their value; a total comes last. One flow then optimises all of them
at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.program import Pairs, Program, flat
from mentormatch.solvers.source import Costed, Source, flat_source
from mentormatch.solvers.stages import Count, Exact, Fewest, Stage, Total

__all__ = ["Fold", "fold"]

Ints: TypeAlias = NDArray[np.int64]
LARGEST = 1 << 54
"""Sums along a path must fit into int64 with room to spare."""
WIDEST = 1 << 57
"""Sums of pairs that are no matrix: a path has two of the largest at most."""
LARGEST_VALUE = 1 << 31
"""Values of pairs are int32."""
BLOCK = 1 << 16
"""Pairs at a time."""
LIGHT = 8
"""How many times what a pair can bring a step of a light count weighs."""
NEVER = 1 << 60
"""The unit of a stage that no pairs differ in."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Stages as one value per pair and one bonus per mentee (and slot).

    value : int32 or int64 (n, m) or None, of each pair; None: the points.
    bonus : int64 (n,) or (n, k).
    units : what one step of each stage is worth, in order.
    capped : bool, whether what pairs cost may weigh too little: its best sum is the best in order
        only if no pairs cost less in all.
    source : what `value` would hold, of a programme whose points are no matrix.
    """

    value: NDArray[Any] | None
    bonus: Ints
    units: tuple[int, ...]
    capped: bool = False
    source: Source | None = None

    @property
    def top(self) -> int:
        """No value of a pair that is read from a source is above it."""
        assert self.source is not None
        return int(self.source.top)

    def worths(self, program: Program) -> NDArray[Any]:
        """Return int (n, m): what each pair adds besides the bonus, negative: inadmissible."""
        return program.points if self.value is None else self.value

    def read(self, program: Program, rows: Ints) -> NDArray[Any]:
        """Return int (k, m): the same of some mentees."""
        return self.worths(program)[rows] if self.source is None else self.source.read(rows)

    def at(self, program: Program, rows: Ints, columns: Ints) -> NDArray[Any]:
        """Return int (k,): the same of the pairs (rows[k], columns[k])."""
        if self.source is not None:
            return self.source.at(rows, columns)
        return self.worths(program)[rows, columns]

    def worth(self, program: Program, pairs: Pairs) -> int:
        """Return the sum of pairs, exactly."""
        rows, columns = pairs
        total = exact_sum(self.at(program, rows, columns).astype(np.int64))
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
        is the lexicographic best. Otherwise whatever the stages after it add is 0 or more, once
        what the pairs cost is made up for.
        """
        if slack == 0:
            return tuple(float(value) for value in values)
        bounds: list[float] = []
        closed = True
        pairs = min(int(program.demand.sum()), int(program.capacity.sum()))
        spent = [
            stage.most * unit * pairs if _counts(stage) else 0
            for stage, unit in zip(stages, self.units, strict=True)
        ]
        for at, (stage, unit, value) in enumerate(zip(stages, self.units, values, strict=True)):
            most = stage.ceiling(program)
            offset = int(getattr(stage, "offset", 0))
            if isinstance(stage, Fewest):
                if closed and _counts(stage):
                    least = -((bound + sum(spent[at + 1 :])) // unit) + offset
                    most = min(max(most, float(least)), float(value))
                    bound += (int(value) - offset) * unit
                closed = closed and most == value
                bounds.append(most)
                continue
            if closed:
                reach = bound + sum(spent[at + 1 :])
                most = max(min(most, float(reach // unit + offset)), float(value))
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

    def joined(self, parts: Sequence[Ints]) -> Ints:
        """Return a price of these parts in each stage: what `split` takes apart."""
        price = np.zeros_like(parts[-1])
        for unit, part in zip(self.units, parts, strict=True):
            price = price + (part * unit if unit < NEVER else 0)
        return price


def fold(
    program: Program, stages: Sequence[Stage], *, whole: bool = False, light: bool | None = None,
    wide: bool = False, exits: int = 0, leaves: int = 0,
) -> Fold | None:  # fmt: skip
    """Return the stages as one sum; None where they are no such sum, or it would be too large.

    Parameters
    ----------
    whole
        A step of a stage outweighs all that the stages after it can add up to, not only what an
        exchange along one path can change: then a bound on the sum, even if it is not reached, is
        a bound on every stage.
    light
        Whether a pair's cost is only two of the best scores, and a step of a count a few times
        what a pair can bring after it (True), or a cost the most that int32 holds (False), and to
        be checked; None: both outweigh all that may change, or costs are light where int32 does
        not hold that. Light ones are found several times sooner, and the best sums are mostly the
        best in order.
    wide
        Whether values are int64, in which what pairs cost outweighs all else: for prices and
        lengths of moves; no flow takes them.
    exits
        Mentors besides those of the programme, who take whoever is to stay unmatched: an exchange
        may then seat and unseat somebody at each of them.
    leaves
        Places besides the mentors that an exchange may pass: groups of mentees at one mentor.
    """
    last = stages[-1]
    total = last if isinstance(last, Total) else None
    before = [stage for stage in stages if isinstance(stage, Count | Fewest)]
    if len(before) + (total is not None) < len(stages):
        return None
    costs = [stage for stage in before if _counts(stage)]
    first = next((at for at, stage in enumerate(before) if isinstance(stage, Fewest)), 0)
    if costs and any(not isinstance(stage, Count) for stage in before[: max(first, 1)]):
        return None  # nobody at all costs least
    n = program.shape[0]
    source, value = _read(program, total), None
    if program.source is None:
        value = _base(program, total)
    if value is None and source is None and total is not None and total.kept is not None:
        return None
    if program.source is not None and (
        source is None or any(stage.costs is None for stage in costs if isinstance(stage, Fewest))
    ):
        return None
    top = 0
    if before:
        top = program.top if value is None else int(value.max(initial=0))
        top = top if source is None else source.top
    if not before:
        return Fold(value, np.zeros(n, dtype=np.int64), (1,), source=source)
    most = WIDEST if wide and source is not None else LARGEST
    # an exchange along an alternating path passes every mentor at most once; only the mentees at
    # its two ends change how many mentors they have
    reach = min(n, program.shape[1] + leaves) + 2 + exits, 4 + 2 * exits
    units = (
        _light_units(before, total, top)
        if light
        else _units(program, before, total, top, whole, reach=reach, most=most)
    )
    largest = most if wide else LARGEST_VALUE
    spent, capped = largest if units is None else _spent(before, units), light is True
    heavy = spent + top >= largest or light is False
    if heavy and len(costs) == 1 and not whole and not wide and not light:
        capped = True
        cap = 2 * (top + 1) if light is not False else (LARGEST_VALUE - 1 - top) // costs[0].most
        units = _units(program, before, total, top, whole, cap, reach=reach)
        spent = 0 if units is None else _spent(before, units)
    if units is None or spent + top >= largest:
        return None
    priced = [(stage, unit) for stage, unit in zip(before, units, strict=False) if _counts(stage)]
    if costs and source is not None:
        for stage, unit in priced:
            assert stage.costs is not None
            source = Costed(source, stage.costs, unit, np.int64 if wide else np.int32)
    elif costs:
        worth = program.points if value is None else value
        value = _with_costs(worth, priced, np.int64 if wide else np.int32)
    counts = [
        (stage, unit)
        for stage, unit in zip(before, units, strict=False)
        if isinstance(stage, Count)
    ]
    bonus = _bonus(program, counts, spent, most)
    return None if bonus is None else Fold(value, bonus, tuple(units), capped, source)


def _with_costs(
    points: NDArray[np.int32], priced: Sequence[tuple[Fewest, int]], kind: type[np.integer]
) -> NDArray[Any]:
    """Return (n, m) of a kind: points, and per stage what a pair costs less than the most."""
    n, m = points.shape
    value = np.empty(points.shape, dtype=kind)
    step = max(1, BLOCK // max(m, 1))
    for begin in range(0, n, step):  # a few rows at a time, so that they stay in the cache
        rows = slice(begin, min(begin + step, n))
        worth = value[rows]
        worth[:] = points[rows]
        for stage, unit in priced:
            less = stage.most - stage.cost[rows]
            worth += np.multiply(less, kind(unit), dtype=kind)
        worth[points[rows] < 0] = -1
    return value


def _base(program: Program, total: Total | None) -> NDArray[np.int32] | None:
    """Return what pairs add to a total, None for their points (or where that is too large)."""
    if total is None:
        return flat(program.points)
    if total.kept is None:
        return None
    worth = total.worth(program)
    if int(worth.max(initial=0)) >= LARGEST_VALUE:
        return None
    return np.where(program.points >= 0, worth, -1).astype(np.int32)


def _read(program: Program, total: Total | None) -> Source | None:
    """Return what pairs add to a total where points are read from a source, None: from none."""
    if program.source is None or (total is not None and total.kept is not None):
        return None
    return flat_source(program.source) if total is None else program.source


def _counts(stage: Stage) -> TypeGuard[Fewest]:
    """Whether a stage takes what pairs cost off their value."""
    return isinstance(stage, Fewest) and stage.most > 0


def _spent(before: Sequence[Stage], units: Sequence[int]) -> int:
    """Return the most that a pair's cost takes off its value."""
    return sum(
        stage.most * unit for stage, unit in zip(before, units, strict=False) if _counts(stage)
    )


def _units(
    program: Program, before: Sequence[Stage], total: Total | None, top: int, whole: bool,
    cap: int | None = None, *, reach: tuple[int, int], most: int = LARGEST,
) -> list[int] | None:  # fmt: skip
    """Return what one step of each stage is worth, below `most`; what pairs cost at most `cap`.

    reach : how many mentors an exchange passes, and how many mentees it seats and unseats.
    """
    path, ends = reach
    longest = 2 * path
    units: list[int] = [] if total is None else [1]
    matched = min(int(program.demand.sum()), int(program.capacity.sum()))
    pairs = max(matched, longest) if whole else longest
    unit = 1 if total is None else pairs * (top + 1)
    for stage in reversed(before):
        if isinstance(stage, Fewest) and not _counts(stage):
            units.insert(0, NEVER)
            continue
        if isinstance(stage, Fewest) and cap is not None:
            unit = min(unit, cap)
        units.insert(0, unit)
        if unit >= most:
            return None
        if isinstance(stage, Fewest):
            # capped, a sum is checked, and has no prices to be taken apart: less will do
            spent = unit * stage.most + top + 1
            unit = unit * 2 * (pairs * stage.most + 1) if cap is None else path * spent
            continue
        assert isinstance(stage, Count)
        heaviest = int(stage.fresh.max(initial=0)) + 1
        unit *= max(matched, 4) * heaviest if whole else ends * heaviest
    return units


def _light_units(before: Sequence[Stage], total: Total | None, top: int) -> list[int]:
    """Return units of each stage, a few times what a pair can bring in the stages after it."""
    units: list[int] = [] if total is None else [1]
    brings = top + 1
    for stage in reversed(before):
        if isinstance(stage, Fewest):
            unit, most = 2 * brings, stage.most
        else:
            assert isinstance(stage, Count)
            unit, most = LIGHT * brings, int(stage.fresh.max(initial=0))
        units.insert(0, unit if most else NEVER)
        brings += unit * most
    return units


def _bonus(
    program: Program, counts: Sequence[tuple[Count, int]], spent: int, most: int
) -> Ints | None:
    """Return int64 (n,) or (n, k): what each mentor of a mentee is worth in the counts.

    `spent` is what every pair was given so that none is worth less than 0; it is taken back here.
    """
    n = program.shape[0]
    width = max(int(program.demand.max(initial=1)), 1)
    bonus = np.zeros((n, width), dtype=np.int64)
    highest = 0
    for count, worth_of in counts:
        # her first mentor to come is her (had + 1)-th
        at = count.slot - 1 - count.had
        rows = np.flatnonzero((at >= 0) & (at < width) & (count.fresh > 0))
        bonus[rows, at[rows]] += worth_of * count.weight[rows]
        highest += worth_of * int(count.fresh.max(initial=0))
    bonus -= spent
    if highest >= most or (np.diff(bonus, axis=1) > 0).any():
        return None
    return bonus if program.several else bonus[:, 0].copy()
