"""Small random problems and what brute force says about them."""

from __future__ import annotations

from itertools import product

import numpy as np

from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.scoring.rules import Lock
from mentormatch.scoring.scores import Scores

Value = tuple[int, int, int]


def random_problem(
    rng: np.random.Generator, *, n: int = 5, m: int = 4, tight: bool = True
) -> Problem:
    """Return a problem with rules, ties, sometimes locks and priorities."""
    n, m = int(rng.integers(1, n + 1)), int(rng.integers(1, m + 1))
    levels = int(rng.choice([2, 5, 1000]))
    matrix = rng.integers(0, levels + 1, (n, m)) / levels
    admissible = rng.random((n, m)) < rng.choice([0.35, 0.7, 1.0])
    capacity = rng.integers(0, 3, m)
    locks = []
    if rng.random() < 0.3:
        options = [(i, j) for i in range(n) for j in range(m) if admissible[i, j] and capacity[j]]
        if options:
            i, j = options[rng.integers(len(options))]
            locks = [Lock([(f"mentee {i + 1}", f"mentor {j + 1}")])]
    scores = Scores.from_matrix(matrix, capacity=capacity, admissible=admissible, rules=locks)
    return Problem(scores, objectives=random_objectives(rng, n), seed=int(rng.integers(5)))


def random_objectives(rng: np.random.Generator, n: int) -> tuple[object, ...]:
    kind = int(rng.integers(4))
    if kind == 0:
        return (MaximizeTotal(),)
    if kind == 1:
        priority = {f"mentee {i + 1}": int(rng.integers(0, 3)) for i in range(n)}
        return (MaximizeMatched(priority=priority), MaximizeTotal())
    return (MaximizeMatched(), MaximizeTotal())


def best(
    problem: Problem,
    *,
    forced: tuple[int, int] | None = None,
    points: np.ndarray | None = None,
    capacity: np.ndarray | None = None,
    least: int = 0,
) -> Value | None:
    """Return the best (matched, priority, points) over all assignments, None if there is none."""
    scores = problem.scores
    points = scores.points if points is None else points
    capacity = scores.mentors.capacity if capacity is None else capacity
    locked = {int(i): int(j) for i, j in scores.locks}
    if forced is not None:
        locked[forced[0]] = forced[1]
    options = [
        [locked[i]] if i in locked else [-1, *np.flatnonzero(points[i] >= 0).tolist()]
        for i in range(len(points))
    ]
    top: Value | None = None
    for assignment in product(*options):
        load = np.bincount([j for j in assignment if j >= 0], minlength=len(capacity))
        if (load <= capacity).all() and (load >= least).all():
            value = worth(problem, assignment, points)
            top = value if top is None else max(top, value)
    return top


def worth(problem: Problem, assignment: tuple[int, ...], points: np.ndarray) -> Value:
    """Return (matched, priority, points) of an assignment, 0 for what is no objective."""
    pairs = [(i, j) for i, j in enumerate(assignment) if j >= 0]
    first = problem.objectives[0]
    matched = priority = 0
    if isinstance(first, MaximizeMatched):
        matched = len(pairs)
        given = first.priority if isinstance(first.priority, dict) else {}
        priority = sum(given.get(f"mentee {i + 1}", 0) for i, _ in pairs)
    return matched, priority, int(sum(points[i, j] for i, j in pairs))
