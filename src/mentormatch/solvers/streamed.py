"""Exact assignment of pairs that are no matrix: listed, or read by rows and never held at once.

Each mentee's best pairs under guessed prices are listed and solved. Then all other pairs are
compared with the prices that came out, by reading rows anew, but only rows in which one could pay.
Pairs that pay are listed as well, until there are none. So the answer is optimal over all pairs,
and the last look has listed all that are as good, so that ties are decided as by `assign`.
"""

from __future__ import annotations

import time
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import STAGES, Assignment, assign_sparse
from mentormatch.solvers.certificate import exact_product, exact_sum
from mentormatch.solvers.endings import Stopped
from mentormatch.solvers.listing import NOWHERE
from mentormatch.solvers.pool import Optimum, Pool, Rounds, Terms, Ties
from mentormatch.solvers.source import Lists, Source
from mentormatch.solvers.ties import default_hash, tie_weight

__all__ = ["assign_source", "largest_prices_of", "open_pairs"]

Ints: TypeAlias = NDArray[np.int64]


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
    demand: Ints | None = None,
) -> Assignment:
    """Do what `assign` does for pairs that are read from a source.

    Parameters
    ----------
    source
        n mentees, m mentors.
    capacity, row_bonus, row_hash, mentor_hash, min_load, time_limit, demand
        As for `assign`.
    guess
        Mentors of each mentee and prices near the optimum, where the points of the source are
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
            *open_pairs(lists), capacity, row_bonus=row_bonus, row_hash=row_hash,
            mentor_hash=mentor_hash, min_load=min_load, time_limit=time_limit, demand=demand,
            route="sparse",
        )  # fmt: skip
    least = np.zeros(m, dtype=np.int64) if min_load is None else np.minimum(min_load, n + 1)
    end = None if time_limit is None else time.perf_counter() + time_limit
    terms = Terms(
        (np.minimum(capacity, n + 1), least), np.ascontiguousarray(row_bonus, dtype=np.int64),
        (row_hash, mentor_hash), lambda: end is None or time.perf_counter() < end, guess,
    )  # fmt: skip
    if demand is not None:
        from mentormatch.solvers.streamed_demand import assign_several

        return assign_several(source, terms, np.minimum(demand, max(m, 1)))
    return _Stream(source, terms).assignment()


def open_pairs(lists: Lists) -> Lists:
    """Return the listed pairs that may be."""
    indptr, column, points = lists
    kept = points >= 0
    if kept.all():
        return lists
    before = np.concatenate(([0], np.cumsum(kept)))
    return before[indptr], column[kept], points[kept]


class _Stream:
    """One solve over a source."""

    def __init__(self, source: Source, terms: Terms) -> None:
        self.source, self.terms = source, terms
        self.net: Any = None
        self.rounds = Rounds(source, terms.keep_going)

    @property
    def pool(self) -> Pool:
        """What is listed, once it is."""
        assert self.rounds.pool is not None
        return self.rounds.pool

    def assignment(self) -> Assignment:
        """Solve, decide ties, and return what is found with what is proven."""
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
        except Stopped:
            status = "time_limit" if mate is None else status
        except KeyboardInterrupt:
            status = "interrupted" if mate is None else status
        if mate is None:
            mate = np.full(n, -1) if self.net is None else self.net.so_far()
        price = np.zeros(m, dtype=np.int64) if self.net is None else self.net.price.copy()
        rows = np.flatnonzero(mate >= 0)
        worth = self.source.at(rows, mate[rows]).astype(np.int64) + self.terms.bonus[rows]
        return Assignment(
            mentor_of=mate, mentor_price=price, objective=exact_sum(worth),
            bound=self.rounds.proven(self.terms.bonus, self.terms.seats[0]),
            unique=unique, status=status, route="streamed",
            stats={
                "seconds": time.perf_counter() - began, "tie_stages": stages,
                **self.rounds.stats(),
            },
        )  # fmt: skip

    def solve(self) -> bool:
        """Alternate between solving what is listed and looking at all else until nothing pays.

        False: a least load cannot be met.
        """
        capacity, least = self.terms.seats
        pool = self.rounds.listed(capacity, self.terms.hashes[0])
        level = 0
        if least.any():
            pool.list_for_loads(least, level)
        while True:
            if not self._on_lists():
                level += 1
                if not pool.list_for_loads(least, level):
                    return False
                continue
            net = self.net
            seats = np.where(net.price >= 0, capacity, least)
            worth = exact_sum(net.surplus) + exact_product(net.price, seats)
            if self.rounds.look(net.price, net.surplus - net.bonus, worth) == 0:
                return True

    def _on_lists(self) -> bool:
        """Solve what is listed; False if a least load cannot be met by it."""
        from mentormatch.solvers.large import Network

        terms, pool = self.terms, self.pool
        csr = pool.open(np.int32 if terms.guess is None else np.int64)
        self.net = net = Network(
            terms.seats, terms.bonus, self.source.top, terms.keep_going, None, csr
        )
        start, last = terms.guess, pool.optimum
        if last is not None and last.is_near(terms.seats[0], terms.bonus, self.source.top):
            start = last.mate, last.price
        solved = bool(net.solve()) if start is None else self._from(*start)
        if solved:
            pool.optimum = Optimum(net.mate.astype(np.int64), net.price.copy(), terms.bonus)
        return solved

    def _from(self, mate: Ints, price: Ints) -> bool:
        """Solve what is listed from pairs and prices near the best."""
        net, terms = self.net, self.terms
        net.price[:] = np.where(terms.seats[0] > 0, price, np.maximum(price, 0))
        rows = np.flatnonzero(mate >= 0)
        net.mate[:] = mate
        net.mate_value[rows] = self.source.at(rows, mate[rows]) + terms.bonus[rows]
        net.value_lists()
        return bool(net.finish())

    def decide(self) -> tuple[Ints, bool, int]:
        """Decide ties by hashes; return the mentors, whether they are the only best, and stages."""
        from mentormatch.solvers.large import refine

        net, pool = self.net, self.pool
        have = net.surplus - net.bonus
        ids = np.arange(self.source.shape[0], dtype=np.int32)
        mate = net.mate.astype(np.int64)
        certain = not pool.cut.size or pool.list_all(have)
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
        rows = np.flatnonzero(net.mate >= 0)
        ties = Ties.among(
            self.source, net.price, net.surplus - net.bonus, self.terms.hashes,
            (rows, net.mate[rows].astype(np.int64)),
        )  # fmt: skip
        stream = _Stream(ties, Terms((capacity, least), bonus, self.terms.hashes,
                                      self.terms.keep_going))  # fmt: skip
        stream.solve()
        stream.net.listed = stream.pool.open(np.int64)
        stream.net.value_lists()
        return stream.net


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
    near = Rounds(source, lambda: True).near
    while True:
        indptr, column, points = pool.open(np.int64)
        price = first.copy()
        raise_prices(indptr, column, points, matched, seat, price)
        have[matched] = own - price[seat]
        most = pool.look(price, have, lambda: True, near)
        if not (most > have).any():
            return price
