"""Points of pairs that are never all held at once: pairs that are listed, or computed by rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from operator import is_
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.errors import TooLargeError

__all__ = [
    "Admitted",
    "Barred",
    "Costed",
    "Costs",
    "ListedPairs",
    "Lists",
    "NoMatrix",
    "PlainSource",
    "Screened",
    "Source",
    "alike",
    "flat_source",
    "narrowed",
    "places_of",
    "screened",
]

Ints: TypeAlias = NDArray[np.int64]
Points: TypeAlias = NDArray[np.int32]
Lists: TypeAlias = tuple[Ints, Ints, Points]
"""Pairs row by row (CSR): where each row begins, the mentors (ascending), the points."""

UNLISTED = np.int32(-1)
UNKNOWN = -(1 << 60)
"""Nothing is worth less."""


def places_of(wanted: Ints, keys: Ints) -> Ints:
    """Return int64 (k,): where each wanted number stands among the keys, ascending; -1: nowhere.

    Time O(k log keys).
    """
    if not keys.size:
        return np.full(wanted.size, -1, dtype=np.int64)
    near = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return np.where(keys[near] == wanted, near, -1)


@dataclass(frozen=True, eq=False)
class Screened:
    """Pairs of k mentees that a source says could be the best ones, without computing them.

    place, column : int64 (pairs,), which of the k mentees (ascending), and the mentor
    rest : int64 (k,), no other pair is worth more
    over : bool (k,), there were more than are listed, and `rest` does not hold
    """

    place: Ints
    column: Ints
    rest: Ints
    over: NDArray[np.bool_]

    def shifted(self, by: int) -> Screened:
        """Return the same where each pair may be worth so much more."""
        return replace(self, rest=np.where(self.rest > UNKNOWN, self.rest + by, self.rest))


def screened(
    source: Any, rows: Ints, price: Ints, low: Ints, width: int,
    costs: tuple[Costs, int] | None = None,
) -> Screened | None:  # fmt: skip
    """Return the pairs of some mentees that could be worth at least `low` and be among the best.

    None where a source can only be read.

    Parameters
    ----------
    rows
        int64 (k,), mentees.
    price
        int64 (m,).
    low
        int64 (k,).
    width
        How many of the best are wanted: others may be left out, and `rest` bounds them.
    costs
        What pairs cost, and how much more pairs are worth that cost nothing.
    """
    own = getattr(source, "screened", None)
    found: Screened | None = None if own is None else own(rows, price, low, width, costs)
    return found


class Source(Protocol):
    """Points of all pairs of n mentees and m mentors, negative where a pair may not be."""

    @property
    def shape(self) -> tuple[int, int]: ...

    @property
    def top(self) -> int:
        """No point is above it."""

    def at(self, rows: Ints, columns: Ints) -> Points:
        """Return int32 (k,): the points of the pairs (rows[k], columns[k])."""

    def read(self, rows: Ints) -> Points:
        """Return int32 (k, m): all points of some mentees."""

    def lists(self) -> Lists | None:
        """Return all pairs that may be, if they are listed; None if they have to be read."""


def narrowed(source: Any, columns: Ints) -> Any:
    """Return a source (or costs) with some of the mentors only, at ascending positions."""
    own = getattr(source, "narrowed", None)
    return Narrowed(source, columns) if own is None else own(columns)


@dataclass(frozen=True, eq=False)
class Narrowed:
    """Some of the mentors of a source that has no quicker way to read them."""

    of: Any
    columns: Ints

    @property
    def shape(self) -> tuple[int, int]:
        return self.of.shape[0], self.columns.size

    @property
    def top(self) -> int:
        return int(self.of.top)

    def at(self, rows: Ints, columns: Ints) -> Any:
        return self.of.at(rows, self.columns[columns])

    def read(self, rows: Ints) -> Any:
        return self.of.read(rows)[:, self.columns]

    def lists(self) -> None:
        return None


@dataclass(frozen=True, eq=False)
class ListedPairs:
    """Pairs that are listed row by row; all others may not be.

    indptr : int64 (n + 1,);  column : int64 (k,), ascending in each row
    points : int32 (k,), negative: may not be either.
    m : int, how many mentors.
    """

    indptr: Ints
    column: Ints
    points: Points
    m: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.indptr.size - 1, self.m

    @cached_property
    def top(self) -> int:
        return int(self.points.max(initial=0))

    @cached_property
    def row(self) -> Ints:
        """int64 (k,): the mentee of each pair."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))

    @cached_property
    def _keys(self) -> Ints:
        return self.row * self.m + self.column

    def place(self, rows: Ints, columns: Ints) -> Ints:
        """Return where each pair stands in the lists, -1 where it is not listed."""
        return places_of(rows * self.m + columns, self._keys)

    def at(self, rows: Ints, columns: Ints) -> Points:
        place = self.place(rows, columns)
        if not self.points.size:
            return np.full(place.size, UNLISTED)
        return np.where(place >= 0, self.points[place], UNLISTED)

    def read(self, rows: Ints) -> Points:
        points = np.full((rows.size, self.m), UNLISTED)
        for k, row in enumerate(rows.tolist()):
            here = slice(self.indptr[row], self.indptr[row + 1])
            points[k, self.column[here]] = self.points[here]
        return points

    def lists(self) -> Lists:
        return self.indptr, self.column, self.points


@dataclass(frozen=True, eq=False)
class Barred:
    """Another source, of which some pairs may not be.

    keys : int64 (k,), ascending, mentee * m + mentor: these pairs.
    out : bool (n,): all pairs of these mentees.
    least : int64 (n,): pairs with fewer points.
    """

    source: Source
    keys: Ints
    out: NDArray[np.bool_]
    least: Ints

    @property
    def shape(self) -> tuple[int, int]:
        return self.source.shape

    @property
    def top(self) -> int:
        return self.source.top

    def at(self, rows: Ints, columns: Ints) -> Points:
        return self.of_points(self.source.at(rows, columns), rows, columns)

    def of_points(self, points: NDArray[Any], rows: Ints, columns: Ints) -> NDArray[Any]:
        """Return what pairs of so many points of the other source have here."""
        listed = places_of(rows * self.shape[1] + columns, self.keys) >= 0
        return self._without(points, listed | self.out[rows] | (points < self.least[rows]))

    def read(self, rows: Ints) -> Points:
        points = self.source.read(rows)
        barred = (points < self.least[rows, None]) | self.out[rows, None]
        m = self.shape[1]
        for k, row in enumerate(rows.tolist()):
            first, last = np.searchsorted(self.keys, (row * m, (row + 1) * m))
            barred[k, self.keys[first:last] - row * m] = True
        return self._without(points, barred)

    def lists(self) -> Lists | None:
        kept = self.source.lists()
        if kept is None:
            return None
        rows = np.repeat(np.arange(self.shape[0]), np.diff(kept[0]))
        return kept[0], kept[1], self.at(rows, kept[1])

    def screened(
        self, rows: Ints, price: Ints, low: Ints, width: int, costs: tuple[Costs, int] | None
    ) -> Screened | None:
        return screened(self.source, rows, price, low, width, costs)

    def narrowed(self, columns: Ints) -> Barred:
        m = self.shape[1]
        place = np.full(m, -1, dtype=np.int64)
        place[columns] = np.arange(columns.size)
        rows, mentors = np.divmod(self.keys, max(m, 1))
        kept = place[mentors] >= 0
        keys = rows[kept] * columns.size + place[mentors[kept]]
        return Barred(narrowed(self.source, columns), keys, self.out, self.least)

    @staticmethod
    def _without(points: NDArray[Any], barred: NDArray[np.bool_]) -> NDArray[Any]:
        return np.where(barred & (points >= 0), ~points, points)


@dataclass(frozen=True, eq=False)
class _Flat:
    source: Source
    top: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        return self.source.shape

    def at(self, rows: Ints, columns: Ints) -> Points:
        return np.minimum(self.source.at(rows, columns), 0) >> 31

    def read(self, rows: Ints) -> Points:
        return np.minimum(self.source.read(rows), 0) >> 31

    def narrowed(self, columns: Ints) -> _Flat:
        return _Flat(narrowed(self.source, columns))

    def lists(self) -> Lists | None:
        kept = self.source.lists()
        return None if kept is None else (kept[0], kept[1], np.minimum(kept[2], 0) >> 31)


class Costs(Protocol):
    """What pairs cost, 0 to `most`; read as points are."""

    @property
    def most(self) -> int: ...

    def at(self, rows: Ints, columns: Ints) -> NDArray[np.uint8]:
        """Return uint8 (k,): what the pairs (rows[k], columns[k]) cost."""

    def read(self, rows: Ints) -> NDArray[np.uint8]:
        """Return uint8 (k, m): what all pairs of some mentees cost."""


@dataclass(frozen=True, eq=False)
class Costed:
    """Points of another source, and what a pair costs less than the most, in units.

    costs : what pairs cost;  unit : what a step of it is worth.
    kind : int32 or int64, what the sums fit into.
    """

    source: Source
    costs: Costs
    unit: int
    kind: Any = np.int32

    @property
    def shape(self) -> tuple[int, int]:
        return self.source.shape

    @property
    def most(self) -> int:
        """How much above its points a pair may be."""
        return self.costs.most * self.unit

    @property
    def top(self) -> int:
        return self.source.top + self.most

    def at(self, rows: Ints, columns: Ints) -> NDArray[Any]:
        return self.of_points(self.source.at(rows, columns), rows, columns)

    def of_points(self, points: NDArray[Any], rows: Ints, columns: Ints) -> NDArray[Any]:
        """Return what pairs of so many points of the other source have here."""
        return self._worth(points, self.costs.at(rows, columns))

    def read(self, rows: Ints) -> NDArray[Any]:
        return self._worth(self.source.read(rows), self.costs.read(rows))

    def screened(
        self, rows: Ints, price: Ints, low: Ints, width: int, costs: tuple[Costs, int] | None
    ) -> Screened | None:
        if costs is None:
            return screened(self.source, rows, price, low, width, (self.costs, self.most))
        low = np.where(low > UNKNOWN, low - self.most, low)
        found = screened(self.source, rows, price, low, width, costs)
        return None if found is None else found.shifted(self.most)

    def narrowed(self, columns: Ints) -> Costed:
        costs = narrowed(self.costs, columns)
        return Costed(narrowed(self.source, columns), costs, self.unit, self.kind)

    def _worth(self, points: Points, cost: NDArray[np.uint8]) -> NDArray[Any]:
        less = (np.uint8(self.costs.most) - cost).astype(self.kind)
        worth = points.astype(self.kind) + less * self.kind(self.unit)
        return np.where(points >= 0, worth, -1).astype(self.kind)

    def lists(self) -> Any:
        kept = self.source.lists()
        if kept is None:
            return None
        rows = np.repeat(np.arange(self.shape[0]), np.diff(kept[0]))
        return kept[0], kept[1], self.at(rows, kept[1])


@dataclass(frozen=True, eq=False)
class PlainSource:
    """The points of another source whatever may not be."""

    of: Source

    @property
    def shape(self) -> tuple[int, int]:
        return self.of.shape

    @property
    def top(self) -> int:
        return self.of.top

    def at(self, rows: Ints, columns: Ints) -> Points:
        points = self.of.at(rows, columns)
        return np.where(points < 0, ~points, points)

    def read(self, rows: Ints) -> Points:
        points = self.of.read(rows)
        return np.where(points < 0, ~points, points)

    def lists(self) -> None:
        return None


@dataclass(frozen=True, eq=False)
class Admitted:
    """The points of another source, of which some pairs may be that may not be there.

    keys : int64 (k,), ascending, mentee * m + mentor: these pairs.
    least : int64 (n,): other pairs with fewer points may not be.
    """

    of: Source
    keys: Ints
    least: Ints

    @property
    def shape(self) -> tuple[int, int]:
        return self.of.shape

    @property
    def top(self) -> int:
        return max(self.of.top, int(self._worth(self.of.at(*self._pairs)).max(initial=0)))

    @property
    def _pairs(self) -> tuple[Ints, Ints]:
        rows, columns = np.divmod(self.keys, max(self.shape[1], 1))
        return rows, columns

    @staticmethod
    def _worth(points: NDArray[Any]) -> NDArray[Any]:
        return np.where(points < 0, ~points, points)

    def at(self, rows: Ints, columns: Ints) -> Points:
        points = self.of.at(rows, columns)
        barred = np.where((points >= 0) & (points < self.least[rows]), ~points, points)
        listed = np.isin(rows * self.shape[1] + columns, self.keys)
        return np.where(listed, self._worth(points), barred)

    def read(self, rows: Ints) -> Points:
        points = self.of.read(rows)
        least = self.least[rows, None]
        made = np.where((points >= 0) & (points < least), ~points, points)
        m = self.shape[1]
        for k, row in enumerate(rows.tolist()):
            first, last = np.searchsorted(self.keys, (row * m, (row + 1) * m))
            columns = self.keys[first:last] - row * m
            made[k, columns] = self._worth(points[k, columns])
        return made

    def lists(self) -> None:
        return None


def flat_source(source: Source) -> Source:
    """Return a source of 0 where a pair may be, else -1; where only their number counts."""
    return _Flat(source)


def alike(one: Any, other: Any) -> bool:
    """Return whether two sources are made in the same way of the same one: all pairs are equal.

    False where that is not seen at once.
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, Costed):
        same = (one.unit, one.kind) == (other.unit, other.kind)
        return same and _same_costs(one.costs, other.costs) and alike(one.source, other.source)
    if isinstance(one, Barred):
        parts = ((one.keys, other.keys), (one.out, other.out), (one.least, other.least))
        return all(np.array_equal(*both) for both in parts) and alike(one.source, other.source)
    return False


def _same_costs(one: Any, other: Any) -> bool:
    mine, yours = getattr(one, "judges", None), getattr(other, "judges", None)
    if one is other or mine is None or yours is None:
        return one is other
    return len(mine) == len(yours) and all(map(is_, mine, yours))


class NoMatrix:
    """Stands where a matrix of points would; whatever reads it is told that there is none.

    sentence : str, what does not fit and what to do.
    """

    def __init__(self, sentence: str, needed: int, limit: int) -> None:
        self.__dict__.update(sentence=sentence, needed=needed, limit=limit)

    def _refuse(self, *_: Any) -> Any:
        raise TooLargeError(self.sentence, self.needed, self.limit)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__array__":
            raise AttributeError(name)
        return self._refuse()

    __getitem__ = __lt__ = __le__ = __gt__ = __ge__ = __invert__ = __len__ = _refuse
