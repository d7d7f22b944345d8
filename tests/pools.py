"""Pools of people, and slow, obvious answers to how they are best grouped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import networkx as nx
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.int32]
Groups = tuple[tuple[int, ...], ...]


def random_pool(rng: np.random.Generator, most: int = 36) -> Points:
    """Return points of up to `most` people: ties, sparse, closed clubs, disconnected."""
    n = int(rng.integers(0, most + 1))
    levels = int(rng.choice([1, 3, 10, 1000, 10**6]))
    points = np.triu(rng.integers(0, levels, (n, n)), 1)
    admissible = np.triu(rng.random((n, n)) < rng.choice([0.1, 0.3, 0.6, 1.0]), 1)
    clubs = rng.integers(0, max(n // 5, 1), n)
    alike = clubs[:, None] == clubs[None, :]
    if rng.random() < 0.4:
        points += np.where(np.triu(alike, 1), levels, 0)
    if rng.random() < 0.1:
        admissible &= alike
    points, admissible = points + points.T, admissible | admissible.T
    return np.where(admissible, points, -1).astype(np.int32)


def greatest_by_networkx(points: Points, bonus: int) -> int:
    """Return the greatest total of pairs."""
    graph = nx.Graph()
    for i, j in zip(*np.nonzero(points >= 0), strict=True):
        graph.add_edge(int(i), int(j), weight=int(points[i, j]) + bonus)
    return sum(graph[a][b]["weight"] for a, b in nx.max_weight_matching(graph))


def groupings(people: tuple[int, ...], sizes: tuple[int, ...]) -> Iterator[Groups]:
    """Yield every way to put people into groups of these sizes; those left out are in none."""
    if not people:
        yield ()
        return
    first, others = people[0], people[1:]
    yield from groupings(others, sizes)
    for size in sizes:
        for chosen in combinations(others, size - 1):
            left = tuple(x for x in others if x not in chosen)
            for rest in groupings(left, sizes):
                yield ((first, *chosen), *rest)


def best_grouping(
    n: int, sizes: tuple[int, ...], worth: Callable[[Groups], tuple[int, ...] | None]
) -> tuple[int, ...] | None:
    """Return the greatest worth of all groupings that have one."""
    values = (worth(groups) for groups in groupings(tuple(range(n)), sizes))
    return max((value for value in values if value is not None), default=None)
