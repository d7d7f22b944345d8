"""Slow, obvious answers that the library's must equal."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

import mentormatch as mm

MILLION = 1_000_000


def random_scores(
    rng: np.random.Generator,
    n: int,
    m: int,
    *,
    levels: int = 0,
    density: float = 0.8,
    most_seats: int = 2,
) -> mm.Scores:
    """Random scores; with `levels`, only so many distinct ones, for ties."""
    matrix = rng.integers(0, levels, (n, m)) / levels if levels else rng.random((n, m))
    return mm.Scores.from_matrix(
        np.round(matrix, 6),
        capacity=rng.integers(0, most_seats + 1, m),
        admissible=rng.random((n, m)) < density,
    )


def all_assignments(scores: mm.Scores) -> list[tuple[int, ...]]:
    """Every assignment that rules, locks and capacities allow."""
    n, m = scores.points.shape
    capacity = scores.mentors.capacity
    locked = {int(i): int(j) for i, j in scores.locks}
    choices = [
        [locked[i]] if i in locked else [-1, *np.flatnonzero(scores.admissible[i])]
        for i in range(n)
    ]
    found = []
    for chosen in product(*choices):
        load = np.bincount([j for j in chosen if j >= 0], minlength=m)
        if (load <= capacity).all():
            found.append(tuple(int(j) for j in chosen))
    return found


def value(scores: mm.Scores, chosen: tuple[int, ...]) -> tuple[int, int]:
    """(matched mentees, total points) of an assignment."""
    pairs = [(i, j) for i, j in enumerate(chosen) if j >= 0]
    return len(pairs), int(sum(scores.points[i, j] for i, j in pairs))


def brute_force(scores: mm.Scores) -> tuple[int, int]:
    """Best (matched, total points) over all assignments."""
    return max(value(scores, chosen) for chosen in all_assignments(scores))


def recomputed_bound(matching: mm.Matching) -> tuple[int, int]:
    """(matched, total points) bound from `matching.load` and the scores, in exact integers."""
    scores = matching.problem.scores
    load = matching.load
    price = np.rint(load["dual_price"].to_numpy() * MILLION).astype(np.int64)
    matched = load["dual_matched"].to_numpy().astype(np.int64)
    big = 10**12  # larger than any total: pairs of numbers compare like tuples
    left = (1 - matched) * big + scores.points - price
    left = np.where(scores.admissible, left, -1)
    best = np.maximum(left.max(axis=1, initial=0), 0)
    for i, j in scores.locks:
        best[i] = (1 - matched[j]) * big + abs_points(scores.points[i, j]) - price[j]
    seats = scores.mentors.capacity
    folded = int((seats * (matched * big + price)).sum() + best.sum())
    count = (folded + big // 2) // big
    return count, folded - count * big


def abs_points(points: np.int32) -> int:
    return int(points) if points >= 0 else ~int(points)


def highs(scores: mm.Scores) -> tuple[int, int]:
    """Best (matched, total points) by mixed-integer programming."""
    from scipy.optimize import LinearConstraint, milp
    from scipy.sparse import coo_array

    rows, columns = np.nonzero(scores.admissible)
    n, m = scores.points.shape
    arcs = np.arange(len(rows))
    ones = np.ones(len(rows))
    per_row = coo_array((ones, (rows, arcs)), shape=(n, len(rows))).tocsr()
    per_column = coo_array((ones, (columns, arcs)), shape=(m, len(rows))).tocsr()
    limits = [
        LinearConstraint(per_row, 0, 1),
        LinearConstraint(per_column, 0, scores.mentors.capacity),
    ]
    gain = scores.points[rows, columns].astype(float)
    integral = np.ones(len(rows))
    counted = milp(-ones, constraints=limits, integrality=integral, bounds=(0, 1))
    count = round(-counted.fun)
    limits.append(LinearConstraint(ones[None, :], count, count))
    best = milp(
        -gain / MILLION,
        constraints=limits,
        integrality=integral,
        bounds=(0, 1),
        options={"mip_rel_gap": 0},
    )
    return count, round(gain[np.rint(best.x).astype(bool)].sum())


def chosen_pairs(matching: mm.Matching) -> set[tuple[str, str]]:
    scores = matching.problem.scores
    rows, columns = matching.pairs
    return {
        (scores.mentees.ids[i], scores.mentors.ids[j]) for i, j in zip(rows, columns, strict=True)
    }


def shuffled(scores: mm.Scores, rng: np.random.Generator) -> mm.Scores:
    """The same people in another order."""
    rows: npt.NDArray[np.int64] = rng.permutation(len(scores.mentees))
    columns: npt.NDArray[np.int64] = rng.permutation(len(scores.mentors))
    return mm.Scores.from_matrix(
        scores.total[np.ix_(rows, columns)],
        admissible=scores.admissible[np.ix_(rows, columns)],
        mentees=scores.mentees.take(rows),
        mentors=scores.mentors.take(columns),
    )
