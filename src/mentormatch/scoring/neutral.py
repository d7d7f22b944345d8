"""Neutral levels: what a question that a mentee left blank counts as.

Where seats are scarce, whoever stands higher gets one. A level is neutral if leaving the question
blank neither helps nor hurts: as many people would get a seat with their answer as without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.engine import FINE, MILLION, PointsArray, Scored, filled_parts
from mentormatch.scoring.lowered import Parts, Positions
from mentormatch.scoring.threads import COMPILE_FROM
from mentormatch.solvers.assignment import Assignment, assign
from mentormatch.solvers.largest_prices import largest_prices
from mentormatch.solvers.source import Source
from mentormatch.solvers.streamed import assign_source, largest_prices_of
from mentormatch.solvers.ties import id_hashes
from mentormatch.values import ByValue

__all__ = [
    "ROUNDS",
    "SEAT",
    "STEPS",
    "Neutral",
    "best_by_score",
    "blank_points",
    "neutral_levels",
    "sample_rows",
    "sample_size",
]

ROUNDS = 2
"""How often a market is solved for its prices, from which the levels follow."""
STEPS = 1000
"""Levels are multiples of 1/1000."""
SAMPLE = 512
"""Mentees, by the hash of their ids, whose parts are looked at for the levels."""
SAMPLE_ENTRIES = 2**23
"""Most parts kept for them (32 MB)."""
FEWEST = 64
SEAT = 1 << 22
"""Points for being matched at all, more than any score."""
NOBODY = -(1 << 40)


@dataclass(frozen=True, eq=False)
class Neutral(ByValue):
    """What unanswered questions count as.

    Attributes
    ----------
    levels : float64 (criteria,)
        A mentee's blank.
    means : float64 (n, criteria)
        A mentor's blank, to each mentee: the mean over the mentors who answered.
    blank : bool (n, criteria)
        Where the mentee left the question blank.
    """

    levels: FloatArray
    means: FloatArray
    blank: BoolArray

    def counted(self, parts: Parts, rows: Positions) -> FloatArray:
        """Return float64 (k, criteria): what each part counts, those of mentees `rows`."""
        return self.counting(parts, self.means[rows], self.blank[rows])

    def counting(self, parts: Parts, means: FloatArray, blank: BoolArray) -> FloatArray:
        """Return what parts count for other means and blanks, all (..., criteria)."""
        return filled_parts(parts, np.where(blank, 0.0, means)) + np.where(blank, self.levels, 0.0)

    def take(self, rows: Positions) -> Neutral:
        """Return the same for some of the mentees."""
        return Neutral(self.levels, self.means[rows], self.blank[rows])


def sample_size(criteria: int, m: int) -> int:
    """Return how many mentees' parts are looked at for the levels."""
    return min(SAMPLE, max(FEWEST, SAMPLE_ENTRIES // max(1, criteria * m)))


def sample_rows(mentees: Profiles, size: int) -> Positions:
    """Return about so many rows, ascending: all of up to `SAMPLE`, else by the hash of the id."""
    n = len(mentees)
    if n <= SAMPLE:
        return np.arange(n, dtype=np.int64)
    rows: Positions = np.sort(_by_hash(mentees.ids)[:size])
    return rows


@lru_cache(maxsize=2)
def _by_hash(ids: tuple[str, ...]) -> Positions:
    return np.argsort(id_hashes(ids, 0), kind="stable")


def blank_points(blank: BoolArray, weights: FloatArray, levels: FloatArray) -> IntArray:
    """Return int64 (n,): millionths that each mentee's blanks count, at these levels."""
    gained, whole = np.zeros(len(weights)), np.zeros(len(weights))
    for criterion, level in enumerate(levels.tolist()):
        gained += np.where(blank[:, criterion], weights[:, criterion] * level, 0.0)
        whole += weights[:, criterion]
    share = np.divide(gained, whole, out=np.zeros_like(gained), where=whole > 0)
    return np.floor(share * MILLION + 0.5).astype(np.int64)


def neutral_levels(
    made: Scored,
    weights: FloatArray,
    capacity: IntArray,
    rows: Positions,
    prior: float,
) -> FloatArray:
    r"""Return the level of each criterion at which a blank neither helps nor hurts.

    Parameters
    ----------
    made
        All pairs, nothing counted yet for what mentees left blank; with the parts of `rows`.
    weights
        float64 (n, criteria).
    capacity
        int64 (m,), seats.
    prior
        Level of a question that nobody answered.

    Returns
    -------
    float64 (criteria,), multiples of 1/`STEPS`

    Notes
    -----
    The market is cleared: as many matched as possible, then the greatest total. A mentee's
    standing is how far she is above the margin at which seats go to somebody else: with the
    smallest prices for the seat she has, the largest for those she has not,

    .. math:: u_i = \max_j (s_{ij} - p_{ij}),

    and without her answer to c, counted at the level L, it would be

    .. math:: u_i^{-c}(L) = \max_j (s_{ij} - w_c v_{cij} - p_{ij}) + w_c L.

    Both are known for the same people, so that the level is found at which both give as many seats
    (counted softly, close around the margin; where there are seats for all, the mean standing is
    kept). Prices depend on the levels: `ROUNDS` times over.
    Time: a solve and O(rows x m x criteria) a round. All in integers: the same on every machine.
    """
    plain = _plain(made, rows, prior)
    seats = int(np.minimum(capacity, len(weights)).sum())
    if not made.blank.any() or not seats or not made.kept.size:
        return plain
    levels = plain
    earlier: Assignment | None = None
    for left in reversed(range(ROUNDS)):
        bonus = SEAT + blank_points(made.blank, weights, levels)
        earlier = _cleared(made, capacity, bonus, earlier)
        above = earlier.mentor_price  # near enough to begin with
        if not left:
            above = _largest(made, capacity, bonus, earlier)
        levels = _levels_at(made, weights, rows, bonus, earlier, above, plain)
    return levels


def _cleared(
    made: Scored, capacity: IntArray, bonus: IntArray, earlier: Assignment | None
) -> Assignment:
    if made.source is not None:
        return _ended(assign_source(made.source, capacity, row_bonus=bonus))
    points = made.points.view()
    points.flags.writeable = False  # as `solve` hands them to the kernels: compiled once
    return _ended(assign(points, capacity, row_bonus=bonus, start=earlier))


def _ended(found: Assignment) -> Assignment:
    """Pass on Ctrl-C: levels and seats do not follow from half a market."""
    if found.status != "optimal":
        raise KeyboardInterrupt
    return found


def _largest(made: Scored, capacity: IntArray, bonus: IntArray, optimum: Assignment) -> IntArray:
    if made.source is not None:
        return largest_prices_of(made.source, capacity, bonus, optimum)
    return largest_prices(made.points, capacity, bonus, optimum)


def best_by_score(points: PointsArray | Source, mentees: Profiles, mentors: Profiles) -> Assignment:
    """Return the matching of the most mentees with the best total, whatever else is asked."""
    hashes = id_hashes(mentees.ids, 0), id_hashes(mentors.ids, 1)
    bonus = np.full(len(mentees), SEAT, dtype=np.int64)
    if not isinstance(points, np.ndarray):
        return _ended(assign_source(
            points, mentors.capacity, row_bonus=bonus, row_hash=hashes[0], mentor_hash=hashes[1]
        ))  # fmt: skip
    best = assign(
        points, mentors.capacity, row_bonus=bonus, row_hash=hashes[0], mentor_hash=hashes[1]
    )
    return replace(_ended(best), lists=None)


def _plain(made: Scored, rows: Positions, prior: float) -> FloatArray:
    """The mean of what was answered, over all options of these mentees."""
    levels = np.full(len(made.kept), prior)
    for criterion in range(len(levels)):
        said = made.kept[criterion, ~made.blank[rows, criterion]]
        if said.size:
            mean = _steps(said) / said.size / FINE
            levels[criterion] = np.floor(mean * STEPS + 0.5) / STEPS
    return levels


def _steps(parts: Parts) -> int:
    """Return the sum in steps of 2**-20, in whole numbers: the same in any order."""
    if parts.size > COMPILE_FROM:
        from mentormatch.scoring import kernels

        return int(kernels.sum_steps(parts))
    return int(np.floor(parts.astype(np.float64) * FINE + 0.5).sum(dtype=np.int64))


def _levels_at(
    made: Scored,
    weights: FloatArray,
    rows: Positions,
    bonus: IntArray,
    market: Assignment,
    above: IntArray,
    plain: FloatArray,
) -> FloatArray:
    points = made.read(rows).astype(np.int64)
    net = np.where(points >= 0, points - above, NOBODY)
    held = market.mentor_of[rows]
    inside = np.flatnonzero(held >= 0)
    seat = held[inside]
    net[inside, seat] = points[inside, seat] - market.mentor_price[seat]
    whole = weights[rows].sum(axis=1, keepdims=True)
    worth = np.divide(
        weights[rows] * MILLION, whole, out=np.zeros((len(rows), len(plain))), where=whole > 0
    )
    own = bonus[rows]
    standing = net.max(axis=1) + own
    without = _without(made, net, worth) + own[:, None]
    can = standing > NOBODY // 2
    everybody = bool((market.mentor_of >= 0).all())
    levels = plain.copy()
    for criterion in range(len(plain)):
        who = can & ~made.blank[rows, criterion] & (worth[:, criterion] > 0)
        if who.any():
            level = _level(standing[who], without[who, criterion], worth[who, criterion], everybody)
            levels[criterion] = level / STEPS
    return levels


def _without(made: Scored, net: IntArray, worth: FloatArray) -> IntArray:
    """Return int64 (rows, criteria): the best net worth of anybody, but for one criterion."""
    if net.size > COMPILE_FROM:
        from mentormatch.scoring import kernels

        out = np.empty(worth.shape, dtype=np.int64)
        kernels.rows_without(made.kept, net, worth, out)
        return out
    each = np.floor(worth.T[:, :, None] * made.kept.astype(np.float64) + 0.5).astype(np.int64)
    best: IntArray = (net - each).max(axis=2, initial=NOBODY).T
    return best


def _level(with_it: IntArray, without: IntArray, worth: FloatArray, everybody: bool) -> int:
    """Return the level, in steps, at which as many get a seat without the answer as with it."""
    quarter, three = (np.sort(with_it)[len(with_it) * k // 4] for k in (1, 3))
    width = int(max((three - quarter) // 8, 1)) if not everybody else 1 << 40

    def seats(standing: npt.NDArray[np.int64]) -> int:
        return int(np.clip(standing, -width, width).sum())

    wanted = seats(with_it)
    low, high = 0, STEPS
    while low < high:
        middle = (low + high) // 2
        if seats(without + np.floor(worth * middle / STEPS + 0.5).astype(np.int64)) < wanted:
            low = middle + 1
        else:
            high = middle
    return low
