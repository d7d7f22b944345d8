"""With a mentor against without: two methods where nobody drew lots, one effect where lots were."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from mentormatch.outcomes.clustered import Estimate, fit, mean
from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray

__all__ = ["FEWEST", "FEWEST_A_SIDE", "FEWEST_SHARED", "Compared", "change_of", "compare_changes",
           "effect_of", "enough", "widened"]  # fmt: skip

FEWEST = 10
"""People who answered, below which no interval is given."""
FEWEST_SHARED = 5
"""Mentors (coaches, groups) of these, likewise."""
FEWEST_A_SIDE = 5
"""People with and people without a mentor, where these are compared."""
FAR = 0.5
"""Standard deviations by which starts may lie apart, before nothing can be told."""
NONE = Estimate(nan, nan, nan)


def enough(answered: BoolArray, cluster: IntArray) -> bool:
    """Whether so many answered, of so many mentors, that an interval may be given."""
    return bool(answered.sum() >= FEWEST) and len(np.unique(cluster[answered])) >= FEWEST_SHARED


def change_of(values: FloatArray, inside: BoolArray, cluster: IntArray) -> Estimate:
    """Return the mean of those inside who have a value; without an interval where they are few."""
    answered = inside & ~np.isnan(values)
    if not answered.any():
        return NONE
    found = mean(values[answered], _numbered(cluster[answered]))
    return found if enough(answered, cluster) else Estimate(found.value, nan, nan)


@dataclass(frozen=True)
class Compared:
    """People with a mentor against people without, by two methods that must agree.

    with_, without : how many answered both times;  shared : mentors of the former.
    changes : the difference of mean changes.
    adjusted : the difference after, at equal answers before (ANCOVA).
    apart : how far the two began from each other, in standard deviations within the groups.
    """

    with_: int
    without: int
    shared: int
    changes: Estimate
    adjusted: Estimate
    apart: float

    @property
    def known(self) -> bool:
        """Whether both methods give an interval."""
        return self.changes.known and self.adjusted.known

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why nothing can be told, in words; empty where the methods agree."""
        if not self.known:
            return ()
        first, second = self.changes, self.adjusted
        found = []
        if first.value * second.value < 0:
            found.append("the two methods have opposite signs")
        elif abs(first.value - second.value) > min(first.se, second.se):
            found.append("the two methods differ by more than a standard error")
        if not abs(self.apart) <= FAR:
            found.append(f"the two groups began {abs(self.apart):.1f} standard deviations apart")
        return tuple(found)


def compare_changes(
    before: FloatArray, after: FloatArray, with_: BoolArray, without: BoolArray, cluster: IntArray
) -> Compared:
    """Compare people with a mentor to people without, of those who answered both times.

    Parameters
    ----------
    before, after
        float64 (n,), NaN where not answered.
    with_, without
        bool (n,).
    cluster
        int64 (n,).
    """
    both = ~np.isnan(before) & ~np.isnan(after)
    used = both & (with_ | without)
    ours, theirs = both & with_, both & without
    counts = int(ours.sum()), int(theirs.sum()), len(np.unique(cluster[ours]))
    if not _enough_each(ours, theirs, cluster):
        return Compared(*counts, NONE, NONE, nan)
    groups, start = _numbered(cluster[used]), before[used]
    design = np.column_stack((np.ones(len(start)), with_[used].astype(np.float64)))
    spread = np.sqrt((before[ours].var(ddof=1) + before[theirs].var(ddof=1)) / 2)
    gap = float(before[ours].mean() - before[theirs].mean())
    return Compared(
        *counts,
        changes=fit(design, after[used] - start, groups, np.array([0.0, 1.0])),
        adjusted=fit(
            np.column_stack((design, start - start.mean())), after[used], groups,
            np.array([0.0, 1.0, 0.0]),
        ),
        apart=gap / float(spread) if spread > 0 else (0.0 if gap == 0 else np.inf),
    )  # fmt: skip


def effect_of(
    before: FloatArray | None,
    after: FloatArray,
    drawn: BoolArray,
    chance: FloatArray,
    cluster: IntArray,
) -> Estimate:
    r"""Return the effect of a seat that was drawn by lot, each answer by its inverse chance.

    Least squares of `after` on the seat, and on `before` where it is given, with weights
    :math:`1 / p_i` for those with a seat and :math:`1 / (1 - p_i)` for those without.

    Parameters
    ----------
    before, after
        float64 (n,), no NaN.
    drawn
        bool (n,): who got a seat.
    chance
        float64 (n,), in (0, 1): what the chance of a seat was.
    cluster
        int64 (n,).

    References
    ----------
    .. [1] Abdulkadiroglu, Angrist, Narita & Pathak (2017), Econometrica 85(5), 1373-1432.
    """
    if not _enough_each(drawn, ~drawn, cluster):
        return NONE
    weights = np.where(drawn, 1 / chance, 1 / (1 - chance))
    columns: list[FloatArray] = [np.ones(len(after)), drawn.astype(np.float64)]
    if before is not None and np.ptp(before) > 0:  # where all began alike nothing is adjusted
        columns.append(before - before.mean())
    contrast = np.zeros(len(columns))
    contrast[1] = 1
    return fit(np.column_stack(columns), after, _numbered(cluster), contrast, weights)


def widened(chances: list[float], confidence: float) -> list[float]:
    """Return the confidence of each interval, so that Holm's rule holds for all of them together.

    The chance that any of them leaves out a true 0 is then at most ``1 - confidence``.

    Parameters
    ----------
    chances
        p values, NaN where there is no interval.
    confidence
        Of all together.

    References
    ----------
    .. [1] Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70.
    """
    level = [confidence] * len(chances)
    known = [at for at in range(len(chances)) if chances[at] == chances[at]]
    known.sort(key=lambda at: chances[at])
    error = 1 - confidence
    step: float | None = None
    for rank, at in enumerate(known):
        share = error / (len(known) - rank)
        if step is None and chances[at] > share:
            step = share  # from here on none leaves out 0
        level[at] = 1 - (share if step is None else step)
    return level


def _enough_each(with_: BoolArray, without: BoolArray, cluster: IntArray) -> bool:
    sides = int(with_.sum()), int(without.sum())
    return (
        min(sides) >= FEWEST_A_SIDE
        and sum(sides) >= FEWEST
        and len(np.unique(cluster[with_])) >= FEWEST_SHARED
    )


def _numbered(cluster: IntArray) -> IntArray:
    """Return clusters numbered from 0, without gaps."""
    numbers: IntArray = np.unique(cluster, return_inverse=True)[1].astype(np.int64)
    return numbers
