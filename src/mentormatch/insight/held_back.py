"""Which figures a table of groups must hold back so that it tells of no few people."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import BoolArray

__all__ = ["held_back"]

Counts: TypeAlias = npt.NDArray[np.int64]
KNOWN = 1e-9
"""A cell is worked out from the sums if this little of it is left open."""


def held_back(
    people: Counts, sums: BoolArray, hidden: BoolArray, small: int, harmless: BoolArray
) -> BoolArray:
    """Hold back more cells of a table until no subtraction gives a hidden one away.

    Whoever knows a sum (everybody, a row, a column) takes the cells shown from it. What is left
    must be at least two cells with at least `small` people together, and the sums together must
    not determine any hidden cell.

    Parameters
    ----------
    people
        int64 (cells,): how many people each cell has; empty ones tell nothing.
    sums
        bool (sums, cells): the cells that each published sum is of.
    hidden
        bool (cells,): cells that are too small to be shown.
    small
        Fewest people about whom anything is told.
    harmless
        bool (cells,): people who gave no answer; hidden where they are few, they call for nothing
        more, but others hide behind them first.

    Returns
    -------
    bool (cells,)
        `hidden`, and the cells that have to be held back beside them: those without an answer
        first, then the smallest; every cell of a sum where nothing less will do.

    Notes
    -----
    Every step hides at least one more cell; each costs one singular value decomposition of the
    sums over the hidden cells.

    References
    ----------
    .. [1] Cox (1980), Suppression methodology and statistical disclosure control, Journal of the
       American Statistical Association 75, 377-385.
    """
    hidden = hidden & (people > 0)
    # who gave no answer first, then the smallest; among equals the first
    order = np.lexsort((people, ~harmless))
    while True:
        more = _next_to_few(people, sums, hidden, small, harmless, order)
        if not more.any():
            more = _next_to_determined(people, sums, hidden, harmless, order)
        if not more.any():
            return hidden
        hidden = hidden | more


def _next_to_few(
    people: Counts,
    sums: BoolArray,
    hidden: BoolArray,
    small: int,
    harmless: BoolArray,
    order: Counts,
) -> BoolArray:
    """Return one more cell of every sum whose hidden part is a single cell or few people."""
    more = np.zeros(len(people), dtype=bool)
    for cells in sums:
        inside = cells & (hidden | more)
        few = people[inside].sum() < small or inside.sum() < 2
        if (inside & ~harmless).any() and few:
            _add_first(cells & ~inside & (people > 0), order, more)
    return more


def _next_to_determined(
    people: Counts, sums: BoolArray, hidden: BoolArray, harmless: BoolArray, order: Counts
) -> BoolArray:
    """Return one more cell of a sum for every hidden cell that all sums together determine."""
    more = np.zeros(len(people), dtype=bool)
    places = np.flatnonzero(hidden)
    if not len(places):
        return more
    _, values, rows = np.linalg.svd(sums[:, places].astype(np.float64), full_matrices=False)
    spanned = rows[values > KNOWN]
    determined = places[(spanned**2).sum(axis=0) > 1 - KNOWN]
    for cell in determined[~harmless[determined]].tolist():
        for cells in sums[sums[:, cell]]:
            if _add_first(cells & ~hidden & ~more & (people > 0), order, more):
                break
    return more


def _add_first(candidates: BoolArray, order: Counts, more: BoolArray) -> bool:
    """Mark the first candidate in that order; tell whether there was one."""
    found = order[candidates[order]][:1]
    more[found] = True
    return bool(len(found))
