"""Whether items and waves run the way the key says, by how their answers go together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["against_one_another", "turned_items"]

Floats = npt.NDArray[np.float64]
FEWEST = 10
"""People below whom no correlation is believed."""
SURE = 1.96


def against_one_another(one: Floats, other: Floats) -> float | None:
    """Return the correlation of two variables if it is surely negative, else None.

    Surely: the upper end of its 95 % interval (Fisher's z) is below 0, with at least ten people.
    """
    both = ~(np.isnan(one) | np.isnan(other))
    first, second = one[both], other[both]
    if both.sum() < FEWEST or first.std() < 1e-9 or second.std() < 1e-9:
        return None
    r = float(np.corrcoef(first, second)[0, 1])
    z = math.atanh(max(min(r, 0.999999), -0.999999))
    return r if z + SURE / math.sqrt(int(both.sum()) - 3) < 0 else None


def turned_items(items: Floats) -> tuple[int, ...]:
    """Return which items run against the others of their scale.

    The item that correlates most negatively with the mean of the others is turned round, until
    none does; the smaller part is returned, of equal parts the one turned round.

    Parameters
    ----------
    items
        float64 (n, k), NaN where not answered, after reversing by the key.
    """
    k = items.shape[1]
    turned: set[int] = set()
    current = items - np.nanmean(items, axis=0) if k > 1 and len(items) else items
    for _ in range(k if k > 1 else 0):
        found: list[tuple[float, int]] = []
        for place in range(k):
            rest = _mean(np.delete(current, place, axis=1))
            r = against_one_another(current[:, place], rest)
            if r is not None:
                found.append((r, place))
        if not found:
            break
        worst = min(found)[1]
        turned ^= {worst}
        current[:, worst] *= -1
    others = set(range(k)) - turned
    return tuple(sorted(turned if len(turned) <= len(others) else others))


def _mean(values: Floats) -> Floats:
    given = ~np.isnan(values)
    count = given.sum(axis=1)
    sums = np.where(given, values, 0.0).sum(axis=1)
    means: Floats = np.full(len(values), np.nan)
    np.divide(sums, count, out=means, where=count > 0)
    return means


def joined(words: Sequence[str]) -> str:
    """Return items as a sentence names them."""
    return ", ".join(map(repr, words))
