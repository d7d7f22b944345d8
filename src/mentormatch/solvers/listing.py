"""The best pairs of rows of a source: screened where it can, read where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.source import UNKNOWN, Screened, Source, screened
from mentormatch.solvers.work import work_of

__all__ = ["Best", "best_of", "blocks"]

Ints: TypeAlias = NDArray[np.int64]
Index: TypeAlias = NDArray[np.int32]

BLOCK = 1 << 20
"""Pairs read at a time."""
SCREENED = 1 << 11
"""Mentees whose pairs are screened at a time."""
SHARED = 32
"""At least so many parts are handed out, if there are others to do them."""
WIDER = 8
"""Where too few of the pairs that were screened may be, so many times as many are looked at."""
NOWHERE = np.int64(-UNKNOWN)


@dataclass(frozen=True, eq=False)
class Found:
    """The best pairs of k rows.

    told : int64 (k, 3), how many are kept, whether more than these are worth at least what is
        sure (by being greater), and what no other pair is above
    worth, column : int64 and int32 (k, width), points less price, and the mentor; in no order
    """

    told: Ints
    worth: Ints
    column: Index

    @property
    def there(self) -> NDArray[np.bool_]:
        """bool (k, width): which places hold a pair."""
        return np.arange(self.worth.shape[1]) < self.told[:, :1]


def best_of(
    source: Source, rows: Ints, price: Ints, base: Ints, sure: Ints, width: int
) -> Found:  # fmt: skip
    """Return the best `width` pairs of some rows that are worth at least `base`.

    Parameters
    ----------
    rows
        int64 (k,), ascending.
    price
        int64 (m,).
    base, sure
        int64 (k,), what a pair has to be worth, and from what on all such pairs are wanted.
    """
    k = rows.size
    made = _empty(k, width)
    left = np.arange(k)
    for wider in (1, WIDER):
        if not left.size:
            break
        found = screened(source, rows[left], price, base[left], width * wider)
        if found is None:
            break
        part, done = _of_screened(source, rows[left], found, price, (base[left], sure[left]), width)
        for whole, some in ((made.told, part.told), (made.worth, part.worth),
                            (made.column, part.column)):  # fmt: skip
            whole[left[done]] = some[done]
        left = left[~done]
    begin = 0
    for mine, block in blocks(source, rows[left]):
        here = left[begin : begin + mine.size]
        begin += mine.size
        part = _of_read(block, price, base[here], sure[here], width)
        made.told[here], made.worth[here], made.column[here] = part.told, part.worth, part.column
    return made


def _empty(k: int, width: int) -> Found:
    shape = k, width
    return Found(np.zeros((k, 3), np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int32))


def _of_read(block: NDArray[Any], price: Ints, base: Ints, sure: Ints, width: int) -> Found:
    from mentormatch.solvers.streamed_kernels import list_rows

    made = _empty(len(block), width)
    list_rows(block, price, base, sure, made.worth, made.column, made.told)
    return made


def _of_screened(
    source: Source, rows: Ints, found: Screened, price: Ints, terms: tuple[Ints, Ints], width: int
) -> tuple[Found, NDArray[np.bool_]]:
    """Return the best of the pairs found, and in which rows no other can be among them."""
    from mentormatch.solvers.streamed_kernels import list_some

    base, sure = terms
    points = source.at(rows[found.place], found.column).astype(np.int64)
    indptr = np.searchsorted(found.place, np.arange(rows.size + 1))
    made = _empty(rows.size, width)
    listed = made.worth, made.column
    list_some(indptr, found.column, points, price, base, sure, listed, made.told)
    full = made.told[:, 0] == width
    last = np.where(full, made.worth[:, 0], base)  # the least of a heap comes first
    done = ~found.over & (found.rest <= np.maximum(last, base))
    made.told[:, 1] += found.rest >= sure
    made.told[:, 2] = np.maximum(made.told[:, 2], found.rest)
    return made, done


def blocks(source: Source, rows: Ints) -> Iterator[tuple[Ints, NDArray[Any]]]:
    """Yield some rows after the other, and their points."""
    step = max(1, BLOCK // max(source.shape[1], 1))
    for begin in range(0, rows.size, step):
        part = rows[begin : begin + step]
        yield part, source.read(part)


class Best:
    """The best pairs of rows of a source, as they are listed."""

    def __init__(self, n: int, m: int, width: int) -> None:
        self.m, self.width = m, width
        self.rest = np.full(n, -NOWHERE)
        self.kept: list[tuple[Ints, Index, Ints]] = []

    def ask(
        self, source: Source, rows: Ints, price: Ints, base: Ints, sure: Ints | None = None
    ) -> Iterator[tuple[Ints, Ints]]:
        """Keep the best pairs of rows that are worth at least `base` (n,), block by block.

        Yields
        ------
        rows, told
            int64 (k,), and (k, 3), see `Found`.
        """
        sure = base if sure is None else sure
        work = work_of(source)
        step = SCREENED if work.executor is None else -(-rows.size // SHARED)
        step = min(max(step, 1), SCREENED)
        parts = [rows[begin : begin + step] for begin in range(0, rows.size, step)]
        tasks = ((part, price, base[part], sure[part], self.width) for part in parts)
        for part, found in zip(parts, work.run(best_of, source, tasks), strict=True):
            self.keep(part, found)
            yield part, found.told

    def keep(self, rows: Ints, found: Found) -> None:
        """Take the best pairs of some rows."""
        there = found.there
        row = np.repeat(rows, found.told[:, 0])
        self.kept.append((row, found.column[there], found.worth[there]))
        self.rest[rows] = found.told[:, 2]

    def pairs(self, price: Ints) -> tuple[Ints, Ints, Ints]:
        """Return rows, columns and points of what was kept."""
        if not self.kept:
            none = np.zeros(0, dtype=np.int64)
            return none, none, none
        row, column, worth = (np.concatenate(side) for side in zip(*self.kept, strict=True))
        return row, column.astype(np.int64), worth + price[column]

    def lists(self, price: Ints) -> tuple[Ints, Index, Ints]:
        """Return what was kept row by row (CSR)."""
        n = self.rest.size
        row, column, points = self.pairs(price)
        order = np.lexsort((column, row))
        indptr = np.searchsorted(row[order], np.arange(n + 1)).astype(np.int64)
        return indptr, column[order].astype(np.int32), points[order]
