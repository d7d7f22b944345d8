"""Seeded instances: what scores look like, how many seats there are, how large it is.

An instance is what a solver sees: int32 points (n, m) in millionths, negative where the pair is
inadmissible, and seats per mentor. A family says how points are structured, a regime how many
seats there are for each mentee.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.int32]
Seats = npt.NDArray[np.int64]

ONE = 1_000_000
REGIMES = {"slack": 1.05, "tight": 1.0, "short": 0.8}
"""Seats per mentee."""


@dataclass(frozen=True, eq=False)
class Instance:
    """A dense instance.

    points : int32 (n, m), millionths; negative: inadmissible.
    capacity : int64 (m,), seats.
    """

    family: str
    regime: str
    points: Points
    capacity: Seats

    @property
    def shape(self) -> tuple[int, int]:
        n, m = self.points.shape
        return n, m


@dataclass(frozen=True, eq=False)
class SparseInstance:
    """A CSR instance: mentee i may get mentor ``indices[e]``, indptr[i] <= e < indptr[i + 1].

    points : int32 (entries,), millionths.
    """

    family: str
    regime: str
    indptr: Seats
    indices: npt.NDArray[np.int32]
    points: Points
    capacity: Seats

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.indptr) - 1, len(self.capacity)


def make_instance(family: str, regime: str, n: int, m: int, seed: int = 1) -> Instance:
    """Draw an instance; the same arguments give the same instance."""
    # crc32, not hash(): the same on every run
    rng = np.random.Generator(np.random.PCG64([seed, crc32(f"{family} {regime} {n}x{m}".encode())]))
    if family == "realistic":
        points, capacity = realistic(n, m, rng, REGIMES[regime])
    else:
        capacity = draw_seats(m, round(REGIMES[regime] * n), rng)
        points = FAMILIES[family](n, m, rng)
    return Instance(family, regime, points, capacity)


def draw_seats(m: int, seats: int, rng: np.random.Generator) -> Seats:
    """Share out the seats: one each as far as they go, the rest at random; most get 1 to 5."""
    capacity = np.zeros(m, dtype=np.int64)
    if m:
        capacity[rng.permutation(m)[:seats]] = 1
        appetite = rng.integers(0, 4, m) + 1
        capacity += rng.multinomial(seats - int(capacity.sum()), appetite / appetite.sum())
    return capacity


def realistic(
    n: int, m: int, rng: np.random.Generator, seats: float = 1.05
) -> tuple[Points, Seats]:
    """Score a cohort of `make_cohort` as `match` would, with the default criteria and rules."""
    import mentormatch as mm
    from mentormatch.datasets import make_cohort

    mentees, mentors = make_cohort(n, m, rng, seats=seats)
    scores = mm.score(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
    )
    return np.ascontiguousarray(scores.points, dtype=np.int32), np.asarray(scores.mentors.capacity)


def structured(n: int, m: int, rng: np.random.Generator) -> Points:
    """Needs covered, style, seniority and a shared slot, weighted: rosters without reading any."""
    topics = 40
    popular = 1 / np.arange(1, topics + 1)
    needs = (rng.random((n, topics)) < 4 * popular / popular.sum()).astype(np.float32)
    skills = (rng.random((m, topics)) < 8 * popular / popular.sum()).astype(np.float32)
    slots = [(rng.random((size, 25)) < 0.2).astype(np.float32) for size in (n, m)]
    styles = [rng.integers(0, 5, size) for size in (n, m)]
    levels = [rng.integers(0, 6, n), rng.integers(2, 9, m)]
    points = np.empty((n, m), dtype=np.int32)
    for start in range(0, n, 1024):
        rows = slice(start, start + 1024)
        wanted = np.maximum(needs[rows].sum(axis=1), 1)[:, None]
        covered = needs[rows] @ skills.T / wanted
        shared = np.minimum(slots[0][rows] @ slots[1].T, 4) / 4
        alike = styles[0][rows, None] == styles[1]
        above = np.abs(levels[1] - levels[0][rows, None] - 2)
        total = 0.55 * covered + 0.15 * shared + 0.15 * alike + 0.15 * np.maximum(1 - above / 4, 0)
        points[rows] = np.rint(ONE * total)
    return points


def few_levels(n: int, m: int, rng: np.random.Generator) -> Points:
    """Scores on six levels: what rule-based rosters give."""
    return (rng.integers(0, 6, (n, m)) * (ONE // 5)).astype(np.int32)


def all_equal(n: int, m: int, rng: np.random.Generator) -> Points:
    """Every pair is worth the same: only ties decide."""
    return np.full((n, m), ONE // 2, dtype=np.int32)


def department_blocks(n: int, m: int, rng: np.random.Generator) -> Points:
    """Twelve departments; pairs of one department are worth more than all others."""
    mentees, mentors = rng.integers(0, 12, n), rng.integers(0, 12, m)
    points = rng.integers(0, 300_000, (n, m), dtype=np.int32)
    points += 700_000 * (mentees[:, None] == mentors).astype(np.int32)
    return points


def geometric(n: int, m: int, rng: np.random.Generator) -> Points:
    """Points in a unit square: one minus the distance, scaled to [0, 1]."""
    mentees, mentors = rng.random((n, 2)), rng.random((m, 2))
    points = np.empty((n, m), dtype=np.int32)
    for row, place in enumerate(mentees):
        distance = np.sqrt(((mentors - place) ** 2).sum(axis=1))
        points[row] = np.rint(ONE * (1 - distance / np.sqrt(2)))
    return points


def popular_few(n: int, m: int, rng: np.random.Generator) -> Points:
    """Everybody wants the same few mentors: four fifths of a score is the mentor's own."""
    quality = (1 / np.arange(1, m + 1)) ** 0.5
    points = rng.integers(0, 200_000, (n, m), dtype=np.int32)
    points += np.rint(800_000 * rng.permutation(quality)).astype(np.int32)
    return points


def additive(n: int, m: int, rng: np.random.Generator) -> Points:
    """a_i + b_j: every assignment that fills the same seats is worth the same."""
    mentees = rng.integers(0, ONE // 2, n, dtype=np.int32)
    mentors = rng.integers(0, ONE // 2, m, dtype=np.int32)
    return mentees[:, None] + mentors


def machol_wien(n: int, m: int, rng: np.random.Generator) -> Points:
    """Cost i * j, in order: the classical worst case (Machol & Wien 1976)."""
    cost = np.multiply.outer(np.arange(n, dtype=np.int64), np.arange(m, dtype=np.int64))
    return (ONE - cost * ONE // max(n * m, 1)).astype(np.int32)


def five_percent(n: int, m: int, rng: np.random.Generator) -> Points:
    """One pair in twenty is admissible, at random."""
    points = rng.integers(0, ONE + 1, (n, m), dtype=np.int32)
    return np.where(rng.random((n, m), dtype=np.float32) < 0.05, points, ~points)


FAMILIES: dict[str, Callable[[int, int, np.random.Generator], Points]] = {
    "structured": structured,
    "few_levels": few_levels,
    "all_equal": all_equal,
    "department_blocks": department_blocks,
    "geometric": geometric,
    "popular_few": popular_few,
    "additive": additive,
    "machol_wien": machol_wien,
    "five_percent": five_percent,
}
"""All but `realistic`, which also draws its own seats."""


def make_sparse(regime: str, n: int, m: int, candidates: int = 30, seed: int = 1) -> SparseInstance:
    """Draw a short list of mentors for each mentee, popular ones more often.

    A list holds `candidates` different mentors, fewer where a draw repeats one.
    """
    rng = np.random.Generator(np.random.PCG64([seed, n, m, candidates]))
    drawn = np.sort((m * rng.random((n, candidates)) ** 1.3).astype(np.int32), axis=1)
    fresh = np.ones(drawn.shape, dtype=bool)
    fresh[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(fresh.sum(axis=1), out=indptr[1:])
    indices = drawn[fresh]
    # popular mentors come first in the draw; their score is better on average
    points = 0.7 * rng.random(len(indices)) + 0.3 * (1 - indices / m)
    capacity = draw_seats(m, round(REGIMES[regime] * n), rng)
    return SparseInstance(
        "sparse", regime, indptr, indices, np.rint(ONE * points).astype(np.int32), capacity
    )
