"""Pairs of a source that are listed, and what looks at all others prove.

A row's unlisted pairs were worth so much at most, and gain no more than a price has fallen: so few
rows are read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.certificate import exact_product, exact_sum
from mentormatch.solvers.endings import Stopped
from mentormatch.solvers.listing import NOWHERE, Best, blocks
from mentormatch.solvers.source import Costed, Source, alike, narrowed
from mentormatch.solvers.start_prices import start_prices
from mentormatch.solvers.ties import TIE_RANGE, tie_values
from mentormatch.solvers.work import mark_of, work_of

__all__ = ["Optimum", "Pool", "Rounds", "Terms", "Ties"]

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


@dataclass(frozen=True, eq=False)
class Optimum:
    """Pairs and prices of a solve, and what it gave each mentee for being matched.

    mate, bonus : int64 (n,), or (n, k) for several mentors each, mentors padded with -1
    price : int64 (m,)
    """

    mate: Ints
    price: Ints
    bonus: Ints

    def is_near(self, capacity: Ints, bonus: Ints, top: int) -> bool:
        """Whether it keeps to the seats, and mentees add about as much as they did."""
        if self.bonus.shape != bonus.shape:
            return False
        load = np.bincount(self.mate[self.mate >= 0], minlength=capacity.size)
        return bool((load <= capacity).all() and (np.abs(self.bonus - bonus) <= top).all())


class Pool:
    """Pairs of a source that are listed, and a bound on all others.

    bar : int64 (n,), no unlisted pair of a mentee is worth more at her prices, `ref[part]`.
    ref, part : int64 (classes, m) and (n,), prices, and which of them are a mentee's.
    cut : int64, rows of which the last look has not listed all that are as good.
    looked : int, how many pairs were read.
    start : another pool with the same pairs to begin with, which is told of more.
    last : the last pool that began with this one, for whoever asks the same again.
    optimum : the last one over the listed pairs, near which the next one may be.
    """

    def __init__(
        self, source: Source, lists: tuple[Ints, Index, Ints], bar: Ints, ref: Ints,
        start: Pool | None = None, part: Ints | None = None,
    ) -> None:  # fmt: skip
        self.source, self.start = source, start
        self.last: Pool | None = None
        self.optimum: Optimum | None = None
        self._saved: tuple[Ints, ...] | None = None
        self.work, self.name = work_of(source), mark_of(source)
        self.indptr, self.column, self.points = lists
        self.bar, self.ref = bar, np.atleast_2d(ref)
        self.part = np.zeros(bar.size, dtype=np.int64) if part is None else part
        self.looked = 0
        self.cut = np.zeros(0, dtype=np.int64)

    @classmethod
    def of(
        cls, source: Source, capacity: Ints, row_hash: NDArray[np.uint64], places: int | None = None
    ) -> Pool:
        """Return the pool that a source keeps, or list its best pairs at guessed prices.

        places : how many mentors mentees ask for in all; None: one each.
        """
        within = getattr(source, "source", None)
        if within is not None:  # what is listed of it is a start for what is made of it
            more = source.most if isinstance(source, Costed) else 0
            start = cls.of(within, capacity, row_hash, places)
            if start.last is None or not alike(start.last.source, source):
                start.last = cls.kept(source, start) or start.seen_as(source, more)
            return start.last
        own: Pool | None = getattr(source, "pool", None) or cls.kept(source)
        if own is None:
            own = cls.listing(source, cls.first_prices(source, capacity, row_hash, places))
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
        pool = cls(source, lists, found["bar"], found["ref"], start, found["part"])
        pool._saved = pool._state
        return pool

    @property
    def _state(self) -> tuple[Ints, ...]:
        return self.indptr, self.bar, self.ref, self.part

    def keep(self) -> None:
        """Keep what is listed for a later run, should this one be cut off; what is new alone."""
        saved, now = self._saved, self._state
        if saved is not None and all(
            np.array_equal(one, other) for one, other in zip(saved, now, strict=True)
        ):
            return
        self.work.save(
            self.name, indptr=self.indptr, column=self.column, points=self.points,
            bar=self.bar, ref=self.ref, part=self.part,
        )  # fmt: skip
        self._saved = now

    @staticmethod
    def first_prices(
        source: Source, capacity: Ints, row_hash: NDArray[np.uint64], places: int | None = None
    ) -> Ints:
        """Return the prices that the first lists are made at."""
        work = work_of(source)
        told = () if places is None else (places,)
        name = f"{mark_of(source, capacity, row_hash, *told)}-prices"
        found = work.load(name)
        if found is not None:
            return found["price"]
        price = start_prices(source, capacity, row_hash, places)
        work.save(name, price=price)
        return price

    @classmethod
    def listing(cls, source: Source, price: Ints, width: int = 0) -> Pool:
        """List the best pairs of every row under prices."""
        n, m = source.shape
        work, name, began = work_of(source), mark_of(source), time.perf_counter()
        best, done, at = Best(n, m, min(width or WIDTH, m)), np.zeros(n, dtype=bool), 0
        while (found := work.load(f"{name}-{at}")) is not None:
            best.kept.append((found["row"], found["column"], found["worth"]))
            done[found["rows"]] = True
            best.rest[found["rows"]] = found["rest"]
            at += 1
        fresh: list[Ints] = []  # of the slab under way
        for part, _ in best.ask(source, np.flatnonzero(~done), price, np.full(n, -NOWHERE)):
            fresh.append(part)
            done[part] = True
            if sum(rows.size for rows in fresh) * SLABS >= n or done.all():
                rows = np.concatenate(fresh)
                row, column, worth = (
                    np.concatenate(side) for side in zip(*best.kept[-len(fresh) :], strict=True)
                )
                rest = best.rest[rows]
                work.save(f"{name}-{at}", rows=rows, row=row, column=column, worth=worth, rest=rest)
                fresh, at = [], at + 1
            work.count("listing", int(done.sum()) * m, n * m, began)
        pool = cls(source, best.lists(price), best.rest, np.array(price, dtype=np.int64))
        pool.looked = n * m
        pool.keep()
        for slab in range(at):
            work.forget(f"{name}-{slab}")
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
        return Pool(source, lists, self.bar + more, self.ref, self, self.part)

    def open(self, kind: Any) -> tuple[Ints, Index, NDArray[Any]]:
        """Return the listed pairs that may be, at points of a kind."""
        kept = self.points >= 0
        if kept.all():
            return self.indptr, self.column, self.points.astype(kind)
        before = np.concatenate(([0], np.cumsum(kept)))
        return before[self.indptr], self.column[kept], self.points[kept].astype(kind)

    def add(self, rows: Ints, columns: Ints, points: Ints) -> Ints:
        """List more pairs; return where those stand that were not listed already, by rows."""
        from mentormatch.solvers.shared_kernels import merge
        from mentormatch.solvers.streamed_kernels import unlisted

        by_row = np.argsort(rows, kind="stable")
        new = unlisted(self.indptr, self.column, rows[by_row], columns[by_row])
        there: Ints = by_row[new]
        rows, columns, points = rows[there], columns[there], points[there].astype(np.int64)
        size = self.column.size + there.size
        whole = (
            np.zeros(self.indptr.size, np.int64),
            np.empty(size, np.int32),
            np.empty(size, np.int64),
        )
        pairs = self.indptr, self.column, self.points
        size = merge(pairs, rows.astype(np.int32), columns.astype(np.int32), points, whole)
        self.indptr, self.column, self.points = whole[0], whole[1][:size], whole[2][:size]
        if self.start is not None:
            self.start.add(rows, columns, self.start.source.at(rows, columns).astype(np.int64))
        return there

    def look(
        self, price: Ints, surplus: Ints, keep_going: Callable[[], bool], near: int,
        above: int = 0, part: Ints | None = None,
    ) -> Ints:  # fmt: skip
        """List every pair that is worth at least what its mentee has; return the most of each row.

        Parameters
        ----------
        price
            int64 (m,), or (classes, m).
        surplus
            int64 (n,), what each mentee has at least in each of her places, bonus left out;
            `NOWHERE`: not looked at.
        above
            So many pairs of a mentee that are listed may be worth more than that.
        part
            int64 (n,), which of the prices are hers.

        Returns
        -------
        int64 (n,)
            None of a mentee's pairs that were not listed is worth more than this, as far as it
            exceeds `surplus`.
        """
        prices = np.array(np.atleast_2d(price), dtype=np.int64)
        part = np.zeros(self.bar.size, dtype=np.int64) if part is None else part
        codes = self.part * len(prices) + part
        self.bar = self.bar.copy()
        plans = []
        for code in np.unique(codes).tolist():  # who had the same prices and has them now
            old, new = divmod(code, len(prices))
            fall, mine = self.ref[old] - prices[new], np.flatnonzero(codes == code)
            bar, have = self.bar[mine], surplus[mine]
            deep, rest, top = _deepest(fall, bar, have)
            known = bar > -NOWHERE  # there are unlisted pairs
            reach, near_by = (np.where(known, bar + by, bar) for by in (top, rest))
            some = (near_by < have) & (reach >= have)
            self.bar[mine] = np.where(reach < have, reach, near_by)
            plans.append((prices[new], deep, mine[near_by >= have], mine[some]))
        self.ref, self.part = prices, part
        most = np.array(surplus)
        cuts = [np.zeros(0, dtype=np.int64)]
        for own, deep, asked, few in plans:
            terms = own, surplus, near, above
            cuts.append(self._list(self.source, None, asked, terms, most, keep_going))
            if few.size:
                terms, source = (own[deep], *terms[1:]), narrowed(self.source, deep)
                cuts.append(self._list(source, deep, few, terms, most, keep_going))
        self.cut = np.concatenate(cuts)
        return most

    def _list(
        self,
        source: Source,
        places: Ints | None,
        asked: Ints,
        terms: tuple[Ints, Ints, int, int],
        most: Ints,
        keep_going: Callable[[], bool],
    ) -> Ints:
        """List what pays in some rows of a source; return the rows that have more than is listed.

        places : the mentors of the source among all; None: all of them, which tells the bars.
        """
        price, surplus, near, above = terms
        n, m = source.shape
        best = Best(n, m, min(ADDED + above, m))
        began, done = time.perf_counter(), 0
        cut: list[Ints] = []
        for rows, told in best.ask(source, asked, price, surplus - near, surplus):
            if not keep_going():
                raise Stopped
            self.looked += rows.size * m
            done += rows.size * m
            self.work.count("looking", done, asked.size * m, began)
            least = self.bar[rows] if places is not None else -NOWHERE
            self.bar[rows] = np.maximum(least, best.rest[rows])
            cut.append(rows[told[:, 1] > told[:, 0]])
        if best.kept:
            rows, columns, points = best.pairs(price)
            new = self.add(rows, columns if places is None else places[columns], points)
            np.maximum.at(most, rows[new], (points - price[columns])[new])
        return np.concatenate(cut) if cut else np.zeros(0, dtype=np.int64)

    def list_for_loads(self, least: Ints, level: int) -> bool:
        """List mentees who could fill the seats that must not stay empty, more at each level.

        False once they are all listed.
        """
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
        self.add(who[at, column], held[column], points[at, column])
        return True

    def list_all(self, surplus: Ints) -> bool:
        """List all pairs as good as what their mentees have, of rows that have many; False: no.

        At the prices of the last look.
        """
        rows = self.cut
        many = np.zeros(rows.size, dtype=np.int64)
        for at in range(2):
            listed = []
            start = 0
            for part, block in blocks(self.source, rows):
                here = slice(start, start + part.size)
                start += part.size
                tight = (block >= 0) & (block - self.ref[self.part[part]] >= surplus[part, None])
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


@dataclass(frozen=True, eq=False)
class Terms:
    """What is asked: seats (capacity, least), bonus per mentee, hashes for ties, the clock."""

    seats: tuple[Ints, Ints]
    bonus: Ints
    hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]]
    keep_going: Callable[[], bool]
    guess: tuple[Ints, Ints] | None = None  # pairs and prices of values that int32 cannot hold


class Rounds:
    """What is listed of a source, and what each look at all other pairs has proven.

    pool : the pairs listed;  near : how much worse than what their mentees have pairs may be that a
        look lists as well.
    bound : what no assignment exceeds, None before the first look
    told : what each look found
    """

    def __init__(self, source: Any, keep_going: Callable[[], bool]) -> None:
        self.source, self.keep_going = source, keep_going
        self.pool: Pool | None = None
        self.bound: int | None = None
        self.told: list[dict[str, int]] = []
        while hasattr(source, "source"):  # what pairs cost is no matter of degree
            source = source.source
        self.near = 1 + int(source.top) // NEAR

    def listed(
        self, capacity: Ints, row_hash: NDArray[np.uint64], places: int | None = None
    ) -> Pool:
        """Begin with what is known of the source; see `Pool.of`."""
        self.pool = Pool.of(self.source, capacity, row_hash, places)
        return self.pool

    def look(self, price: Ints, have: Ints, worth: int, places: Ints | None = None) -> int:
        """List what pays under prices; return in how many rows something does.

        Parameters
        ----------
        price, have
            As for `Pool.look`.
        worth
            What the prices prove of the pairs that are listed.
        places
            int64 (n,), how many mentors a mentee may have; None: one each.
        """
        pool = self.pool
        assert pool is not None
        above = 0 if places is None else int(places.max(initial=0))
        most = pool.look(price, have, self.keep_going, self.near, above)
        gain = most - have  # in each place, at most
        bound = worth + (exact_sum(gain) if places is None else exact_product(gain, places))
        self.bound = bound if self.bound is None else min(self.bound, bound)
        paying = int((gain > 0).sum())
        self.told.append({"pairs": pool.column.size, "rows": paying, "looked": pool.looked})
        pool.keep()
        told = f"round {len(self.told)}, {pool.looked:,} pairs compared"
        pool.work.tell(told, worth, self.bound)
        return paying

    def proven(self, bonus: Ints, seats: Ints) -> int:
        """Return what no assignment exceeds; bonus: int64 (places,), what each place adds."""
        if self.bound is not None:
            return self.bound
        most = np.sort(np.maximum(bonus + self.source.top, 0))[::-1]
        return exact_sum(most[: int(seats.sum())])

    def stats(self) -> dict[str, Any]:
        """Return what was done, for the stats of an assignment."""
        pairs, looked = (0, 0) if self.pool is None else (self.pool.column.size, self.pool.looked)
        return {"rounds": self.told, "pairs": pairs, "looked": looked}


class Ties:
    """The ties of pairs that are as good as what their mentees have, as a source.

    price : int64 (m,) or (classes, m);  part : int64 (n,), which of the prices are a mentee's
    stage : int, of which ties.
    """

    def __init__(
        self, of: Source, price: Ints, have: Ints,
        hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]], stage: int = 0,
        part: Ints | None = None,
    ) -> None:  # fmt: skip
        self.of, self.price, self.have, self.hashes = of, np.atleast_2d(price), have, hashes
        self.part = np.zeros(have.size, dtype=np.int64) if part is None else part
        self.stage = stage
        self.pool: Pool | None = None

    @classmethod
    def among(
        cls, of: Source, price: Ints, have: Ints,
        hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]], pairs: tuple[Ints, Ints],
        stage: int = 0, part: Ints | None = None,
    ) -> Ties:  # fmt: skip
        """Return the ties with the best of them listed, and these pairs."""
        ties = cls(of, price, have, hashes, stage, part)
        ties.pool = Pool.listing(ties, np.zeros(of.shape[1], dtype=np.int64))
        ties.pool.add(*pairs, ties.at(*pairs).astype(np.int64))
        return ties

    @property
    def shape(self) -> tuple[int, int]:
        return self.of.shape

    @property
    def top(self) -> int:
        return TIE_RANGE - 1

    def at(self, rows: Ints, columns: Ints) -> Index:
        points = self.of.at(rows, columns)
        price = self.price[self.part[rows], columns]
        tight = (points >= 0) & (points - price == self.have[rows])
        return np.where(tight, self._tie(self.hashes[0][rows], self.hashes[1][columns]), -1)

    def read(self, rows: Ints) -> Index:
        points = self.of.read(rows)
        tight = (points >= 0) & (points - self.price[self.part[rows]] == self.have[rows, None])
        return np.where(tight, self._tie(self.hashes[0][rows, None], self.hashes[1]), -1)

    def _tie(self, one: NDArray[np.uint64], other: NDArray[np.uint64]) -> Index:
        return tie_values(one, other, self.stage).astype(np.int32)

    def lists(self) -> None:
        return None
