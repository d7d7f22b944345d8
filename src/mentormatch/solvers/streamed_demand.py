"""Several mentors each over pairs that are no matrix: listed, or read by rows."""

from __future__ import annotations

import time

import numpy as np

from mentormatch.solvers import demand_kernels as kernels
from mentormatch.solvers.assignment import STAGES, Assignment, assignment_of, by_mentee
from mentormatch.solvers.demand import solve_demand
from mentormatch.solvers.demand_network import Hashes, Ints, Network, Table, Tight
from mentormatch.solvers.demand_tables import Listed
from mentormatch.solvers.listing import NOWHERE
from mentormatch.solvers.pool import Optimum, Pool, Rounds, Terms, Ties
from mentormatch.solvers.source import Source

__all__ = ["Pooled", "assign_several"]


class Pooled(Listed):
    """Pairs of a source, of which those of a pool are listed; all others are looked at anew."""

    def __init__(self, source: Source, terms: Terms) -> None:
        none = np.zeros(0, np.int64)
        super().__init__(none, none.astype(np.int32), none)
        self.source, self.terms = source, terms
        self.rounds = Rounds(source, terms.keep_going)
        self.level = 0

    @property
    def pool(self) -> Pool:
        """What is listed, once it is."""
        assert self.rounds.pool is not None
        return self.rounds.pool

    @property
    def top(self) -> int:
        return self.source.top

    def at(self, rows: Ints, columns: Ints) -> Ints:
        return self.source.at(rows, columns).astype(np.int64)

    def begin(self, net: Network) -> None:
        """Bid for mentors over the lists; or go on from pairs and prices near the best."""
        pool = self.rounds.listed(net.capacity, self.terms.hashes[0], int(net.demand.sum()))
        if net.min_load.any():
            pool.list_for_loads(net.min_load, self.level)
        start, last = self.terms.guess, pool.optimum
        if last is not None and last.is_near(net.capacity, net.bonus, self.top):
            start = last.mate, last.price
        if start is None or ((start[0] >= 0).sum(axis=1) > net.demand).any():
            self.pairs = pool.open(np.int64)
            super().begin(net)
            return
        mentors, price = start
        rows, slots = np.nonzero(mentors >= 0)
        columns = mentors[rows, slots]
        pool.add(rows, columns, self.at(rows, columns))
        self.pairs = pool.open(np.int64)
        net.price[:] = np.where(net.capacity > 0, price, np.maximum(price, 0))
        net.got[:] = np.bincount(rows, minlength=net.n)
        indptr, idx, val = self.pairs
        held = np.zeros(idx.size, np.bool_)
        kernels.hold((indptr, idx), (mentors.astype(np.int32), net.got), held)
        net.listed(indptr, idx, val, held)

    def _have(self, net: Network) -> Ints:
        return np.where(net.demand > 0, net.level, NOWHERE)

    def _relist(self, net: Network) -> None:
        """Take what the pool lists now; in each row that is what was listed, and more."""
        before = net.indptr
        self.pairs = indptr, idx, val = self.pool.open(np.int64)
        held = np.zeros(idx.size, np.bool_)
        moved = np.repeat(indptr[:-1] - before[:-1], np.diff(before))
        held[np.arange(net.held.size) + moved] = net.held
        net.listed(indptr, idx, val, held)

    def let_in(self, net: Network) -> int:
        paying = self.rounds.look(net.price, self._have(net), net.worth(), net.demand)
        self._relist(net)
        if paying == 0:
            mentors = by_mentee(*net.pairs(), net.bonus.shape)
            self.pool.optimum = Optimum(mentors, net.price.copy(), net.bonus)
        return paying

    def list_more(self, net: Network) -> bool:
        self.level += 1
        more = self.pool.list_for_loads(net.min_load, self.level)
        self._relist(net)
        return more

    def bound(self, net: Network) -> int:
        places = np.arange(net.bonus.shape[1]) < net.demand[:, None]
        return self.rounds.proven(net.bonus[places], net.capacity)

    def tight(self, net: Network) -> Tight:
        if not self.pool.cut.size or self.pool.list_all(self._have(net)):
            self._relist(net)
            return super().tight(net)
        listed = super().tight(net)
        row = np.repeat(np.arange(net.n), np.diff(listed.indptr))[listed.held]
        column = listed.idx[listed.held]

        def ties(hashes: Hashes, stage: int) -> Table:
            pairs = row, column.astype(np.int64)
            source = Ties.among(self.source, net.price, self._have(net), hashes, pairs, stage)
            return Pooled(source, Terms(net.seats, net.bonus, hashes, net.keep_going))

        indptr = np.searchsorted(row, np.arange(net.n + 1))
        return Tight(indptr, column, np.ones(row.size, np.bool_), ties)


def assign_several(source: Source, terms: Terms, demand: Ints) -> Assignment:
    """Do what `assign_source` does for several mentors each.

    demand : int64 (n,), how many mentors each mentee may have, at most m.
    """
    began = time.perf_counter()
    width = max(int(demand.max(initial=1)), 1)
    bonus = terms.bonus if terms.bonus.ndim == 2 else np.repeat(terms.bonus[:, None], width, axis=1)
    table = Pooled(source, terms)
    answer = solve_demand(
        table, (bonus[:, :width], demand), terms.seats, terms.hashes,
        keep_going=terms.keep_going, stages=STAGES,
    )  # fmt: skip
    answer.stats.update(table.rounds.stats())
    return assignment_of(answer, (demand.size, width), "streamed", time.perf_counter() - began)
