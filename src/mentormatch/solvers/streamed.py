"""Exact assignment of pairs that are no matrix: listed, or read by rows and never held at once.

Each mentee's best pairs under guessed prices are listed and solved. Then all other pairs are
compared with the prices that came out, by reading rows anew, but only rows in which one could pay:
what a row's unlisted pairs were worth is known, and they gain at most what a price has fallen.
Pairs that pay are listed as well, until there are none. So the answer is optimal over all pairs,
and the last look has listed all that are as good, so that ties are decided as by `assign`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import STAGES, Assignment, assign_sparse
from mentormatch.solvers.certificate import exact_product, exact_sum
from mentormatch.solvers.listing import NOWHERE, Best, blocks
from mentormatch.solvers.source import Costed, Lists, Source, alike, narrowed
from mentormatch.solvers.start_prices import start_prices
from mentormatch.solvers.ties import MIX, SALTS, TIE_BITS, TIE_RANGE, default_hash, tie_weight
from mentormatch.solvers.work import mark_of, work_of

__all__ = ["Pool", "assign_source", "largest_prices_of"]

Ints: TypeAlias = NDArray[np.int64]
Index: TypeAlias = NDArray[np.int32]

WIDTH = 16
"""Pairs listed of each mentee to begin with."""
ADDED = 24
"""Most pairs of a row that one look lists."""
NEAR = 40
"""A look lists pairs that lack at most one part in so many of the most points as well."""
TIGHT = 1 << 24
"""So many pairs that are all as good are listed at most to decide ties."""
DEEP = (64, 32, 16, 8, 4, 2)
"""Of so many mentors the one whose price fell furthest is looked at alone."""
NARROW = 64
"""Reading some mentors of a row costs about as much as so many more."""
SLABS = 16
"""Parts that the first lists are made in, each kept for a run that is cut off."""
SEAT = 4
"""Mentees listed for a mentor with a least load, above it."""


class Pool:
    """Pairs of a source that are listed, and a bound on all others.

    bar : int64 (n,), no unlisted pair of a mentee is worth more at the prices `ref`.
    cut : int64, rows of which the last look has not listed all that are as good.
    looked : int, how many pairs were read.
    start : another pool with the same pairs to begin with, which is told of more.
    last : the last pool that began with this one, for whoever asks the same again.
    """

    def __init__(
        self, source: Source, lists: tuple[Ints, Index, Ints], bar: Ints, ref: Ints,
        start: Pool | None = None,
    ) -> None:  # fmt: skip
        self.source, self.start = source, start
        self.last: Pool | None = None
        self.work, self.name = work_of(source), mark_of(source)
        self.indptr, self.column, self.points = lists
        self.bar, self.ref = bar, ref
        self.looked = 0
        self.cut = np.zeros(0, dtype=np.int64)

    @classmethod
    def of(cls, source: Source, capacity: Ints, row_hash: NDArray[np.uint64]) -> Pool:
        """Return the pool that a source keeps, or list its best pairs at guessed prices."""
        within = getattr(source, "source", None)
        if within is not None:  # what is listed of it is a start for what is made of it
            more = source.most if isinstance(source, Costed) else 0
            start = cls.of(within, capacity, row_hash)
            if start.last is None or not alike(start.last.source, source):
                start.last = cls.kept(source, start) or start.seen_as(source, more)
            return start.last
        own: Pool | None = getattr(source, "pool", None) or cls.kept(source)
        if own is None:
            own = cls.listing(source, cls.first_prices(source, capacity, row_hash))
        if hasattr(source, "pool"):
            source.pool = own
        return own

    @classmethod
    def kept(cls, source: Source, start: Pool | None = None) -> Pool | None:
        """Return the pool of an earlier run that was cut off, None where there is none."""
        found = work_of(source).load(mark_of(source))
        if found is None:
            return None
        lists = found["indptr"], found["column"], found["points"]
        return cls(source, lists, found["bar"], found["ref"], start)

    def keep(self) -> None:
        """Keep what is listed for a later run, should this one be cut off."""
        self.work.save(
            self.name, indptr=self.indptr, column=self.column, points=self.points,
            bar=self.bar, ref=self.ref,
        )  # fmt: skip

    @staticmethod
    def first_prices(source: Source, capacity: Ints, row_hash: NDArray[np.uint64]) -> Ints:
        """Return the prices that the first lists are made at."""
        work = work_of(source)
        name = f"{mark_of(source, capacity, row_hash)}-prices"
        found = work.load(name)
        if found is not None:
            return found["price"]
        price = start_prices(source, capacity, row_hash)
        work.save(name, price=price)
        return price

    @classmethod
    def listing(cls, source: Source, price: Ints, width: int = 0) -> Pool:
        """List the best pairs of every row under prices."""
        n, m = source.shape
        work, name, began = work_of(source), mark_of(source), time.perf_counter()
        best = Best(n, m, min(width or WIDTH, m))
        slab = max(1, -(-n // SLABS))
        for at, begin in enumerate(range(0, n, slab)):
            rows = np.arange(begin, min(begin + slab, n))
            found = work.load(f"{name}-{at}")
            if found is not None:
                best.kept.append((found["row"], found["column"], found["worth"]))
                best.rest[rows] = found["rest"]
                continue
            before = len(best.kept)
            for _ in best.ask(source, rows, price, np.full(n, -NOWHERE)):
                pass
            row, column, worth = (
                np.concatenate(side) for side in zip(*best.kept[before:], strict=True)
            )
            work.save(f"{name}-{at}", row=row, column=column, worth=worth, rest=best.rest[rows])
            work.count("listing", (begin + rows.size) * m, n * m, began)
        pool = cls(source, best.lists(price), best.rest, np.array(price, dtype=np.int64))
        pool.looked = n * m
        pool.keep()
        for at in range(SLABS):
            work.forget(f"{name}-{at}")
        return pool

    def seen_as(self, source: Source, more: int) -> Pool:
        """Return the same pairs at the points of another source, at most `more` above these."""
        rows = np.repeat(np.arange(self.bar.size), np.diff(self.indptr))
        of_points = getattr(source, "of_points", None)
        if of_points is None:
            points = source.at(rows, self.column.astype(np.int64))
        else:
            points = of_points(self.points, rows, self.column.astype(np.int64))
        lists = self.indptr, self.column, points.astype(np.int64)
        return Pool(source, lists, self.bar + more, self.ref.copy(), self)

    def open(self, kind: Any) -> tuple[Ints, Index, NDArray[Any]]:
        """Return the listed pairs that may be, at points of a kind."""
        kept = self.points >= 0
        if kept.all():
            return self.indptr, self.column, self.points.astype(kind)
        before = np.concatenate(([0], np.cumsum(kept)))
        return before[self.indptr], self.column[kept], self.points[kept].astype(kind)

    def add(self, rows: Ints, columns: Ints, points: Ints) -> None:
        """List more pairs; those that are listed already are passed over."""
        from mentormatch.solvers.shared_kernels import merge

        order = np.argsort(rows, kind="stable")
        size = self.column.size + rows.size
        new = (
            np.zeros(self.indptr.size, np.int64),
            np.empty(size, np.int32),
            np.empty(size, np.int64),
        )
        pairs = self.indptr, self.column, self.points
        size = merge(
            pairs, rows[order].astype(np.int32), columns[order].astype(np.int32),
            points[order].astype(np.int64), new,
        )  # fmt: skip
        self.indptr, self.column, self.points = new[0], new[1][:size], new[2][:size]
        if self.start is not None:
            points_there = self.start.source.at(rows, columns)
            self.start.add(rows, columns, points_there.astype(np.int64))

    def look(self, price: Ints, surplus: Ints, keep_going: Callable[[], bool], near: int) -> Ints:
        """List every pair that is worth at least what its mentee has; return the most of each row.

        Parameters
        ----------
        price
            int64 (m,).
        surplus
            int64 (n,), what each mentee has, bonus left out; `NOWHERE`: not looked at.

        Returns
        -------
        int64 (n,)
            Nothing of a mentee is worth more than this, listed or not, as far as it exceeds
            `surplus`.
        """
        fall = self.ref - price
        deep, rest, top = _deepest(fall, self.bar, surplus)
        self.ref = np.array(price, dtype=np.int64)
        known = self.bar > -NOWHERE  # there are unlisted pairs
        reach, near_by = (np.where(known, self.bar + by, self.bar) for by in (top, rest))
        asked = np.flatnonzero(near_by >= surplus)
        some = np.flatnonzero((near_by < surplus) & (reach >= surplus))
        self.bar = np.where(reach < surplus, reach, near_by)
        most = np.array(surplus)
        self.cut = self._list(self.source, None, asked, (price, surplus, near), most, keep_going)
        if some.size:
            terms = price[deep], surplus, near
            few = narrowed(self.source, deep)
            cut = self._list(few, deep, some, terms, most, keep_going)
            self.cut = np.append(self.cut, cut)
        return most

    def _list(
        self,
        source: Source,
        places: Ints | None,
        asked: Ints,
        terms: tuple[Ints, Ints, int],
        most: Ints,
        keep_going: Callable[[], bool],
    ) -> Ints:
        """List what pays in some rows of a source; return the rows that have more than is listed.

        places : the mentors of the source among all; None: all of them, which tells the bars.
        """
        price, surplus, near = terms
        n, m = source.shape
        best = Best(n, m, min(ADDED, m))
        began, done = time.perf_counter(), 0
        cut: list[Ints] = []
        for rows, told in best.ask(source, asked, price, surplus - near, surplus):
            if not keep_going():
                raise _Late
            self.looked += rows.size * m
            done += rows.size * m
            self.work.count("looking", done, asked.size * m, began)
            most[rows] = np.maximum(most[rows], best.highest[rows])
            least = self.bar[rows] if places is not None else -NOWHERE
            self.bar[rows] = np.maximum(least, best.rest[rows])
            cut.append(rows[told[:, 1] > told[:, 0]])
        if best.kept:
            rows, columns, points = best.pairs(price)
            self.add(rows, columns if places is None else places[columns], points)
        return np.concatenate(cut) if cut else np.zeros(0, dtype=np.int64)

    def list_all(self, price: Ints, surplus: Ints) -> bool:
        """List all pairs as good as what their mentees have, of rows that have many; False: no."""
        rows = self.cut
        many = np.zeros(rows.size, dtype=np.int64)
        for at in range(2):
            listed = []
            start = 0
            for part, block in blocks(self.source, rows):
                here = slice(start, start + part.size)
                start += part.size
                tight = (block >= 0) & (block - price >= surplus[part, None])
                many[here] = tight.sum(axis=1)
                if at:
                    r, c = np.nonzero(tight)
                    listed.append((part[r], c, block[r, c].astype(np.int64)))
            if many.sum() > TIGHT:
                return False
        if listed:
            self.add(*(np.concatenate(side) for side in zip(*listed, strict=True)))
        return True


def _deepest(fall: Ints, bar: Ints, surplus: Ints) -> tuple[Ints, int, int]:
    """Return mentors whose prices fell furthest, how far others fell at most, and how far any did.

    As many as make for the least reading: whoever could gain from others reads her whole row.
    """
    top = int(fall.max(initial=-NOWHERE))
    order = np.argsort(-fall, kind="stable")
    none, m = np.zeros(0, dtype=np.int64), fall.size
    lack = np.sort(surplus - bar)  # who lacks no more than prices fell is asked
    asked = int(np.searchsorted(lack, top, side="right"))
    chosen, rest, least = none, top, float(asked) * m
    for part in DEEP:
        many = m // part
        if not many:
            continue
        level = int(fall[order[many]]) if many < m else -int(NOWHERE)
        whole = int(np.searchsorted(lack, level, side="right"))
        work = whole * m + (asked - whole) * (many + NARROW)
        if work < least:
            chosen, rest, least = np.sort(order[:many]), level, work
    return chosen, rest, top


class _Late(Exception):
    """The time is up."""


# -- the solve ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Terms:
    """What is asked: seats (capacity, least), bonus per mentee, hashes for ties, the clock."""

    seats: tuple[Ints, Ints]
    bonus: Ints
    hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]]
    keep_going: Callable[[], bool]
    guess: tuple[Ints, Ints] | None = None  # pairs and prices of values that int32 cannot hold


def assign_source(
    source: Source,
    capacity: Ints,
    *,
    row_bonus: Ints,
    row_hash: NDArray[np.uint64] | None = None,
    mentor_hash: NDArray[np.uint64] | None = None,
    min_load: Ints | None = None,
    time_limit: float | None = None,
    guess: tuple[Ints, Ints] | None = None,
) -> Assignment:
    """Do what `assign` does, one mentor each, for pairs that are read from a source.

    Parameters
    ----------
    source
        n mentees, m mentors.
    capacity, row_bonus, row_hash, mentor_hash, min_load, time_limit
        As for `assign`.
    guess
        Mentor of each mentee and prices near the optimum, where the points of the source are
        int64; without it they must be int32.

    Returns
    -------
    Assignment
        Of the route "sparse", or "streamed" where rows are read.

    Notes
    -----
    Memory: the pairs listed, 16 to 40 of each mentee mostly, and a block of rows.
    """
    n, m = source.shape
    lists = source.lists()
    row_hash = default_hash(n, 1) if row_hash is None else row_hash
    mentor_hash = default_hash(m, 2) if mentor_hash is None else mentor_hash
    if guess is None and lists is not None:
        return assign_sparse(
            *_open(lists), capacity, row_bonus=row_bonus, row_hash=row_hash,
            mentor_hash=mentor_hash, min_load=min_load, time_limit=time_limit, route="sparse",
        )  # fmt: skip
    least = np.zeros(m, dtype=np.int64) if min_load is None else np.minimum(min_load, n + 1)
    end = None if time_limit is None else time.perf_counter() + time_limit
    terms = _Terms(
        (np.minimum(capacity, n + 1), least), np.ascontiguousarray(row_bonus, dtype=np.int64),
        (row_hash, mentor_hash), lambda: end is None or time.perf_counter() < end, guess,
    )  # fmt: skip
    return _Stream(source, terms).assignment()


def _open(lists: Lists) -> Lists:
    """Return the listed pairs that may be."""
    indptr, column, points = lists
    kept = points >= 0
    if kept.all():
        return lists
    before = np.concatenate(([0], np.cumsum(kept)))
    return before[indptr], column[kept], points[kept]


def _near(source: Any) -> int:
    """Return how much worse than what their mentees have pairs may be that a look lists as well."""
    while hasattr(source, "source"):  # what pairs cost is no matter of degree
        source = source.source
    return 1 + int(source.top) // NEAR


class _Stream:
    """One solve over a source."""

    def __init__(self, source: Source, terms: _Terms) -> None:
        self.source, self.terms = source, terms
        self.net: Any = None
        self.bound: int | None = None
        self.rounds: list[dict[str, int]] = []
        self.pool: Pool | None = None

    def assignment(self) -> Assignment:
        """Solve, decide ties, and return what is found with what is proven."""
        from mentormatch.solvers.large import Stopped

        began = time.perf_counter()
        n, m = self.source.shape
        status, unique, stages = "optimal", False, 0
        mate: Ints | None = None
        try:
            if not self.solve():
                status = "infeasible"
            mate = self.net.mate.astype(np.int64)
            if status == "optimal":
                mate, unique, stages = self.decide()
        except (Stopped, _Late):
            status = "time_limit" if mate is None else status
        except KeyboardInterrupt:
            status = "interrupted" if mate is None else status
        if mate is None:
            mate = np.full(n, -1) if self.net is None else self.net.so_far()
        price = np.zeros(m, dtype=np.int64) if self.net is None else self.net.price.copy()
        rows = np.flatnonzero(mate >= 0)
        worth = self.source.at(rows, mate[rows]).astype(np.int64) + self.terms.bonus[rows]
        bound = self.bound
        if bound is None:
            most = np.maximum(self.terms.bonus + self.source.top, 0)
            bound = exact_sum(np.sort(most)[::-1][: int(self.terms.seats[0].sum())])
        return Assignment(
            mentor_of=mate, mentor_price=price, objective=exact_sum(worth), bound=bound,
            unique=unique, status=status, route="streamed",
            stats={
                "seconds": time.perf_counter() - began, "tie_stages": stages,
                "rounds": self.rounds, "pairs": 0 if self.pool is None else self.pool.column.size,
                "looked": 0 if self.pool is None else self.pool.looked,
            },
        )  # fmt: skip

    def solve(self) -> bool:
        """Alternate between solving what is listed and looking at all else until nothing pays.

        False: a least load cannot be met.
        """
        capacity, least = self.terms.seats
        self.pool = pool = Pool.of(self.source, capacity, self.terms.hashes[0])
        level = 0
        if least.any():
            self._list_for_loads(level)
        near = _near(self.source)
        while True:
            if not self._on_lists():
                level += 1
                if not self._list_for_loads(level):
                    return False
                continue
            net = self.net
            have = net.surplus - net.bonus
            most = pool.look(net.price, have, self.terms.keep_going, near)
            gain = most - have
            seats = np.where(net.price >= 0, capacity, least)
            bound = exact_sum(net.surplus + gain) + exact_product(net.price, seats)
            self.bound = bound if self.bound is None else min(self.bound, bound)
            paying = int((gain > 0).sum())
            self.rounds.append({"pairs": pool.column.size, "rows": paying, "looked": pool.looked})
            pool.keep()
            worth = exact_sum(net.surplus) + exact_product(net.price, seats)
            told = f"round {len(self.rounds)}, {pool.looked:,} pairs compared"
            pool.work.tell(told, worth, self.bound)
            if not paying:
                return True

    def _on_lists(self) -> bool:
        """Solve what is listed; False if a least load cannot be met by it."""
        from mentormatch.solvers.large import Network

        terms, pool = self.terms, self.pool
        assert pool is not None
        kind = np.int32 if terms.guess is None else np.int64
        csr = pool.open(kind)
        self.net = net = Network(
            terms.seats, terms.bonus, self.source.top, terms.keep_going, None, csr
        )
        if terms.guess is None:
            return bool(net.solve())
        mate, price = terms.guess
        net.price[:] = np.where(terms.seats[0] > 0, price, np.maximum(price, 0))
        rows = np.flatnonzero(mate >= 0)
        net.mate[:] = mate
        net.mate_value[rows] = self.source.at(rows, mate[rows]) + terms.bonus[rows]
        net.value_lists()
        solved = bool(net.finish())
        if solved:
            self.terms = _Terms(
                terms.seats, terms.bonus, terms.hashes, terms.keep_going,
                (net.mate.astype(np.int64), net.price.copy()),
            )  # fmt: skip
        return solved

    def _list_for_loads(self, level: int) -> bool:
        """List mentees who could fill the seats that must not stay empty, more at each level.

        False once they are all listed.
        """
        pool, least = self.pool, self.terms.seats[1]
        assert pool is not None
        n, _ = self.source.shape
        held = np.flatnonzero(least > 0)
        many = int(SEAT + least.max(initial=0)) * 8**level
        if not held.size or many >= 8 * max(n, 1) * 8:
            return False
        many = min(many, n)
        points = np.zeros((0, held.size), dtype=np.int64)
        who = np.zeros((0, held.size), dtype=np.int64)
        for rows, block in blocks(self.source, np.arange(n)):
            points = np.concatenate([points, block[:, held].astype(np.int64)])
            who = np.concatenate([who, np.repeat(rows[:, None], held.size, axis=1)])
            if len(points) > many:
                best = np.argpartition(-points, many - 1, axis=0)[:many]
                points = np.take_along_axis(points, best, axis=0)
                who = np.take_along_axis(who, best, axis=0)
        at, column = np.nonzero(points >= 0)
        pool.add(who[at, column], held[column], points[at, column])
        return True

    def decide(self) -> tuple[Ints, bool, int]:
        """Decide ties by hashes; return the mentors, whether they are the only best, and stages."""
        from mentormatch.solvers.large import refine

        net, pool = self.net, self.pool
        assert pool is not None
        have = net.surplus - net.bonus
        ids = np.arange(self.source.shape[0], dtype=np.int32)
        mate = net.mate.astype(np.int64)
        certain = not pool.cut.size or pool.list_all(net.price, have)
        net.listed = pool.open(np.int64)
        net.value_lists()
        unique, stages = False, 0
        if certain:
            face, part = net, net.undecided()
            unique = part.rows.size == 0
        else:
            stages, face = 1, self._on_ties()
            mate = face.mate.astype(np.int64)
            part = face.undecided()
        while part.rows.size and stages < STAGES:
            face = refine(face, part, ids, *self.terms.hashes, stages)
            ids = ids[part.rows]
            mate[ids] = face.mate
            part = face.undecided()
            stages += 1
        return mate, unique, stages

    def _on_ties(self) -> Any:
        """Decide by the first ties where too many pairs are as good to be listed: by rows again."""
        net = self.net
        n, m = self.source.shape
        capacity, least = self.terms.seats
        least = np.where(net.price > 0, capacity, least)
        capacity = np.where(net.price < 0, least, capacity)
        bonus = np.where(net.surplus > 0, tie_weight(n, m), 0).astype(np.int64)
        ties = Ties(self.source, net.price, net.surplus - net.bonus, self.terms.hashes)
        stream = _Stream(ties, _Terms((capacity, least), bonus, self.terms.hashes,
                                      self.terms.keep_going))  # fmt: skip
        pool = Pool.listing(ties, np.zeros(m, dtype=np.int64))
        rows = np.flatnonzero(net.mate >= 0)
        mate = net.mate[rows].astype(np.int64)
        pool.add(rows, mate, ties.at(rows, mate).astype(np.int64))
        ties.pool = pool
        stream.solve()
        assert stream.pool is not None
        stream.net.listed = stream.pool.open(np.int64)
        stream.net.value_lists()
        return stream.net


class Ties:
    """The ties of pairs that are as good as what their mentees have, as a source."""

    def __init__(
        self, of: Source, price: Ints, have: Ints,
        hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    ) -> None:  # fmt: skip
        self.of, self.price, self.have, self.hashes = of, price, have, hashes
        self.pool: Pool | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return self.of.shape

    @property
    def top(self) -> int:
        return TIE_RANGE - 1

    def at(self, rows: Ints, columns: Ints) -> Index:
        points = self.of.at(rows, columns)
        tight = (points >= 0) & (points - self.price[columns] == self.have[rows])
        return np.where(tight, self._tie(self.hashes[0][rows], self.hashes[1][columns]), -1)

    def read(self, rows: Ints) -> Index:
        points = self.of.read(rows)
        tight = (points >= 0) & (points - self.price == self.have[rows, None])
        return np.where(tight, self._tie(self.hashes[0][rows, None], self.hashes[1]), -1)

    def _tie(self, one: NDArray[np.uint64], other: NDArray[np.uint64]) -> Index:
        x = ((one ^ np.uint64(SALTS[0])) ^ other) * np.uint64(MIX)
        x ^= x >> np.uint64(32)
        x *= np.uint64(MIX)
        return (x >> np.uint64(64 - TIE_BITS)).astype(np.int32)

    def lists(self) -> None:
        return None


def largest_prices_of(source: Source, capacity: Ints, bonus: Ints, optimum: Assignment) -> Ints:
    """Do what `largest_prices` does for pairs that are read from a source.

    Notes
    -----
    Prices over the listed pairs are lowered until no mentee likes another seat better than hers;
    pairs that are not listed are compared with them, and listed where they say otherwise.
    """
    from mentormatch.solvers.streamed_kernels import raise_prices

    mentor_of = optimum.mentor_of
    matched = np.flatnonzero(mentor_of >= 0)
    seat = mentor_of[matched]
    load = np.bincount(seat, minlength=capacity.size)
    own = source.at(matched, seat).astype(np.int64)
    first = np.full(capacity.size, NOWHERE, dtype=np.int64)
    np.minimum.at(first, seat, own + bonus[matched])
    first[(load < capacity) & (capacity > 0)] = 0
    pool = Pool.of(source, capacity, default_hash(source.shape[0], 1))
    pool.add(matched, seat, own)
    have = np.full(source.shape[0], NOWHERE, dtype=np.int64)
    near = _near(source)
    while True:
        indptr, column, points = pool.open(np.int64)
        price = first.copy()
        raise_prices(indptr, column, points, matched, seat, price)
        have[matched] = own - price[seat]
        most = pool.look(price, have, lambda: True, near)
        if not (most > have).any():
            return price
