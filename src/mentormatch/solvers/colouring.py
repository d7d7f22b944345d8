"""Edges of a bipartite graph in as many rounds as the largest degree: König's edge colouring."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["coloured", "levelled"]

Ints = NDArray[np.int64]


def coloured(rows: Ints, columns: Ints, colours: int) -> Ints:
    """Give each edge one of so many colours, no two at a vertex alike.

    Parameters
    ----------
    rows, columns : int64 (edges,)
        Ends of the edges, each edge once.
    colours : int
        At least the largest degree.

    Returns
    -------
    int64 (edges,)
        From 0.

    Raises
    ------
    ValueError
        If a vertex has more edges than there are colours.

    Notes
    -----
    Edge by edge: where its two ends have no colour free in common, an alternating path from one
    of them is turned over [1]_. O(edges x vertices).

    References
    ----------
    .. [1] König (1916), Math. Ann. 77, 453-465.
    """
    n, m = int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1
    most = max(np.bincount(rows, minlength=1).max(), np.bincount(columns, minlength=1).max())
    if most > colours:
        raise ValueError(f"a vertex has {most} edges, more than {colours} colours")
    at = np.full((2, max(n, m, 1), colours), -1, dtype=np.int64)  # edge of a vertex and colour
    ends = (rows, columns)
    found = np.full(rows.size, -1, dtype=np.int64)
    for edge in range(rows.size):
        i, j = int(rows[edge]), int(columns[edge])
        a = int(np.argmax(at[0, i] < 0))
        b = int(np.argmax(at[1, j] < 0))
        if a != b and at[1, j, a] >= 0:
            path, side, vertex, colour, other = [], 1, j, a, b
            while (step := int(at[side, vertex, colour])) >= 0:
                path.append(step)
                side = 1 - side
                vertex = int(ends[side][step])
                colour, other = other, colour
            for step in path:
                for side in (0, 1):
                    at[side, ends[side][step], found[step]] = -1
            for step in path:
                found[step] = b if found[step] == a else a
                for side in (0, 1):
                    at[side, ends[side][step], found[step]] = step
        found[edge] = a
        at[0, i, a] = at[1, j, a] = edge
    return found


def levelled(
    ends: tuple[Ints, Ints], colour: Ints, worth: Ints, able: NDArray[np.bool_], colours: int,
    *, rounds: int = 200,
) -> Ints:  # fmt: skip
    """Exchange colours along components until all colours are worth about the same.

    Where some colours have more edges than others, as many edges in each come first.

    Parameters
    ----------
    ends : two int64 (edges,)
        Vertices, numbered through: those of two sides must not share numbers.
    colour : int64 (edges,)
        A proper colouring.
    worth : int64 (edges,)
        What is to be levelled.
    able : bool (vertices, colours)
        Whether a vertex may have an edge of a colour.
    colours : int
    rounds : int
        Most exchanges.

    Returns
    -------
    int64 (edges,)
        A proper colouring, too.

    Notes
    -----
    The edges of two colours are paths and even cycles; each may be turned over by itself. Of the
    highest and the lowest colour such are turned over that bring both nearest to their mean; the
    next pair is looked at where nothing helps.
    """
    colour = colour.copy()
    held = np.bincount(colour, minlength=colours)
    if worth.size and held.max() != held.min():
        worth = worth + int(worth.max()) + 1
    total = np.bincount(colour, weights=worth, minlength=colours).astype(np.int64)
    for _ in range(rounds):
        order = np.argsort(-total, kind="stable")
        pairs: Sequence[tuple[int, int]] = [
            (int(order[x]), int(order[-1 - y])) for x in range(min(3, colours)) for y in range(3)
            if y < colours and total[order[x]] > total[order[-1 - y]]
        ]  # fmt: skip
        if not any(_turned(ends, colour, worth, able, total, pair) for pair in pairs):
            break
    return colour


def _turned(
    ends: tuple[Ints, Ints], colour: Ints, worth: Ints, able: NDArray[np.bool_], total: Ints,
    pair: tuple[int, int],
) -> bool:  # fmt: skip
    """Turn over components of two colours that bring them nearer; tell whether any was."""
    a, b = pair
    edges = np.flatnonzero((colour == a) | (colour == b))
    if not edges.size:
        return False
    part = _parts(ends[0][edges], ends[1][edges], able.shape[0])
    other = np.where(colour[edges] == a, b, a)
    fits = able[ends[0][edges], other] & able[ends[1][edges], other]
    kinds = int(part.max()) + 1
    free = np.bincount(part, weights=~fits, minlength=kinds) == 0
    gain = np.where(colour[edges] == a, worth[edges], -worth[edges])
    gain = np.bincount(part, weights=gain, minlength=kinds).astype(np.int64)
    left = int(total[a] - total[b])
    turned = []
    for k in np.argsort(-np.abs(gain), kind="stable").tolist():
        if free[k] and abs(left - 2 * int(gain[k])) < abs(left):
            left -= 2 * int(gain[k])
            turned.append(k)
    if not turned:
        return False
    chosen = edges[np.isin(part, turned)]
    moved = int(sum(int(gain[k]) for k in turned))
    colour[chosen] = np.where(colour[chosen] == a, b, a)
    total[a] -= moved
    total[b] += moved
    return True


def _parts(one: Ints, other: Ints, vertices: int) -> Ints:
    """Return int64 (edges,): the connected component of each edge, from 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(one.size), (one, other)), shape=(vertices, vertices))
    _, of = connected_components(graph, directed=False)
    part: Ints = np.unique(of[one], return_inverse=True)[1].ravel().astype(np.int64)
    return part
