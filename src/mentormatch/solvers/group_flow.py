"""Bounds on disjoint groups, exactly: one flow, each round of which is an assignment.

Only bounds that bind are built in (see `group_layout`), and of large problems only a few candidates
per mentee are listed; all other pairs are priced, and those that pay let in, until none does and
every bound holds. Ties are decided last, among the best pairs (see `group_face`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import STAGES, Assignment, assign_sparse
from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.endings import Stopped
from mentormatch.solvers.group_face import (
    Posed,
    Prices,
    face_of,
    gains,
    movers,
    thresholds,
)
from mentormatch.solvers.group_layout import Held, Laid, Layout, hashes_of, shut
from mentormatch.solvers.group_lists import (
    GroupLists,
    OfMatrix,
    OfSource,
    Terms,
    order_in_row,
)
from mentormatch.solvers.group_sums import FALLEN, FALLEN_WIDE
from mentormatch.solvers.groups import CROWD, EXIT, LEAF, MENTOR, SITE, Groups, laminar
from mentormatch.solvers.program import Pairs, Program, nobody, pairs_of
from mentormatch.solvers.source import Source

__all__ = ["Grouped", "Reached", "solve_groups"]

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

LAZY = 5
"""After so many rounds all leaves are built in, not only those that bind."""
SPARE = 2
"""Mentors are built in with so many times the seats they used; more if they use them all."""


@dataclass(frozen=True, eq=False)
class Grouped:
    """The best pairs within disjoint groups, and the prices that prove it.

    Attributes
    ----------
    mentor_of : int64 (n,), or (n, k) where some mentee may get several
        Mentor per mentee, -1 unmatched. Nobody, where nothing that holds was found.
    objective, bound : int
        As in `assign`; `bound` is what `bound_of` returns for the prices.
    unique : bool
        No other pairs reach the objective. May be False although there are none if the groups do
        not bind at all, as `assign` says then.
    status : str
        "optimal", "infeasible", "time_limit" or "interrupted".
    rounds : int
        Assignments solved, the one without groups included.
    """

    mentor_of: Ints
    objective: int
    bound: int
    unique: bool
    status: str
    rounds: int
    stats: dict[str, Any]
    reached: Reached | None
    _price: Callable[[], tuple[Ints, Ints]] = field(repr=False)

    @cached_property
    def _prices(self) -> tuple[Ints, Ints]:
        return self._price()

    @property
    def mentor_price(self) -> Ints:
        """int64 (m,): per seat; negative only where the least load holds."""
        return self._prices[0]

    @property
    def row_price(self) -> Ints:
        """int64 (rows,): per side row; above 0 on its most, below 0 on its least."""
        return self._prices[1]


def solve_groups(
    program: Program,
    value: NDArray[np.int32] | None = None,
    row_bonus: Ints | None = None,
    *,
    groups: Groups | None = None,
    source: Source | None = None,
    start: Assignment | None = None,
    after: Reached | None = None,
    time_limit: float | None = None,
) -> Grouped:
    """Find the pairs of greatest total value within a program whose rows are disjoint groups.

    Parameters
    ----------
    program
        n mentees, m mentors; `laminar` must know its rows.
    value : int32 (n, m), optional
        Value of each admissible pair, 0 or more; default: the program's points.
    row_bonus : int64 (n,) or (n, k), optional
        As for `assign`; see `group_sums.has_room`.
    groups : Groups, optional
        What `laminar(program)` returned.
    source : Source, optional
        Where values are read from that are no matrix; one mentor each.
    start : Assignment, optional
        The answer of `assign` to the same problem without rows; saves solving it.
    after : Reached, optional
        Where a search ended whose values were near these. With it, values of a source are int64.
    time_limit : float, optional
        Seconds after which the best pairs found and the bound so far are returned.

    Raises
    ------
    ValueError
        If the rows are not disjoint groups, or the bonus does not fit.

    Notes
    -----
    A few assignments, each about as long as one without groups, and as many passes over the pairs.
    With several mentors per mentee every pair is listed at once: memory O((n + seats)(m + nodes)).
    """
    found = laminar(program) if groups is None else groups
    if found is None:
        raise ValueError("The side rows are not bounds on disjoint groups.")
    n, m = program.shape
    demand = np.minimum(program.demand, max(m, 1))
    slots = max(1, int(demand.max(initial=1)))
    bonus = np.zeros((n, slots), dtype=np.int64)
    if row_bonus is not None:
        bonus += row_bonus[:, None] if row_bonus.ndim == 1 else row_bonus[:, :slots]
    lists: GroupLists
    if source is None:
        points = program.points
        lists = OfMatrix.of(points if value is None else np.where(points >= 0, value, -1), demand)
    else:
        guess = None if after is None else (after.mentor_of, after.price)
        lists = OfSource.of(source, program.capacity, program.row_hash, guess)
    end = None if time_limit is None else time.perf_counter() + time_limit
    posed = Posed(
        lists, found, demand, bonus, np.zeros((n, slots), dtype=bool), program.row_hash,
        program.mentor_hash,
    )  # fmt: skip
    return _Search(posed, end).grouped(program, start, after)


@dataclass(frozen=True, eq=False)
class Reached:
    """Where a search ended.

    mentor_of, price : of the flow without groups
    active, cap : what was built in;  held : pairs and prices with groups, None where none bind.
    """

    mentor_of: Ints
    price: Ints
    active: Flags
    cap: Ints
    held: Held | None

    def priced(self, converted: Callable[[Ints], Ints]) -> Reached:
        """Return the same with prices in other units."""
        held = self.held
        if held is not None:
            sink = int(converted(np.array([held.sink], dtype=np.int64))[0])
            held = held._replace(price=converted(held.price), sink=sink)
        return replace(self, price=converted(self.price), held=held)


class _End(NamedTuple):
    """How a search ended: the best pairs, and the prices that prove it."""

    status: str
    pairs: Pairs = nobody()
    prices: Prices | None = None
    unique: bool = False


class _Search:
    """Pairs listed and bounds built in so far."""

    def __init__(self, posed: Posed, end: float | None, stage: int = 0) -> None:
        self.posed, self.end, self.stage = posed, end, stage
        self.groups, self.lists = posed.groups, posed.lists
        self.n, self.m = posed.lists.n, posed.lists.m
        self.node_hash = hashes_of(posed)
        self.most = self.cap = np.maximum(self.groups.high[: self.m], 0)
        self.active = self.groups.kind == MENTOR
        self.phantoms = False
        self.rounds = 0
        self.held: Held | None = None
        self.cold = False  # whether the next round begins without prices: sites move many
        self.best: tuple[int, Pairs] | None = None  # of all that hold, and what they are worth
        self.bound: int | None = None
        self.program: Program | None = None
        self.reached: Reached | None = None
        self.lists.end = end
        self.seconds: dict[str, float] = {}

    # --- the answer ------------------------------------------------------------------------

    def grouped(
        self, program: Program, start: Assignment | None, after: Reached | None
    ) -> Grouped:  # fmt: skip
        """Solve a programme, and return what is found with what is proven."""
        self.program = program
        end = self._solved(start) if after is None else self._resumed_from(after)
        pairs, bound = end.pairs, 0 if self.bound is None else self.bound
        none = np.zeros(self.m, dtype=np.int64), np.zeros(len(program.rows), dtype=np.int64)

        def price() -> tuple[Ints, Ints]:
            return none if end.prices is None else self._closed(end.prices, pairs)

        return Grouped(
            self._mentors_of(pairs), self._worth(pairs), bound, end.unique, end.status, self.rounds,
            {"seconds": self.seconds, **self.lists.stats}, self.reached, price,
        )  # fmt: skip

    def _solved(self, start: Assignment | None) -> _End:
        low = self.groups.low
        if self.groups.impossible or (low[: self.m] > self.cap).any():
            return _End("infeasible")
        if 0 in (self.n, self.m):
            return _End("infeasible" if low.any() else "optimal")
        plain = self._plain(start)
        self.rounds += 1
        self.bound = plain.bound
        if plain.status != "optimal":
            return self._cut_off(plain.status, pairs_of(plain.mentor_of))
        pairs = pairs_of(plain.mentor_of)
        if not self.posed.several:
            self.reached = Reached(
                plain.mentor_of, plain.mentor_price, self.active, self.cap, None
            )  # fmt: skip
        if not self._activate(pairs):
            weight = np.zeros(self.groups.kind.size, dtype=np.int64)
            weight[: self.m] = plain.mentor_price
            entry = np.repeat(plain.mentor_price[None], self.groups.inside.shape[1], axis=0)
            none = np.zeros(self.n, dtype=np.int64)
            prices = Prices(weight, shut(self.groups, entry), none)
            return _End("optimal", pairs, prices, plain.unique)
        load = np.bincount(pairs[1], minlength=self.m)
        self.cap = np.minimum(self.cap, np.minimum(SPARE * load + 4, self.n + 1))
        self.cap = np.maximum(self.cap, np.minimum(low[: self.m], self.most))
        price = np.zeros(self.groups.kind.size, dtype=np.int64)
        price[: self.m] = plain.mentor_price
        self.held = Held(*pairs, price, 0)
        self.lists.first(plain.mentor_price, self._parts(), pairs)
        kinds = self.groups.kind[self.active]
        self.cold = bool((kinds == SITE).any() and not (kinds == CROWD).any())
        return self._searched()

    def _resumed_from(self, after: Reached) -> _End:
        """Solve from where a search ended."""
        if after.held is None:
            return self._solved(None)
        self.active, self.cap, self.held = after.active.copy(), after.cap, after.held
        self.lists.first(after.price, self._parts(), (after.held.rows, after.held.columns))
        return self._searched()

    def _cut_off(self, status: str, pairs: Pairs) -> _End:
        """Return the best pairs known that hold, of these as well, after the time is up."""
        groups = self.groups
        if status in ("time_limit", "interrupted"):
            amount = groups.amounts(*pairs, self.posed.demand)
            if ((amount >= groups.low) & (amount <= groups.high)).all():
                self._keep(pairs)
        return _End(status, nobody() if self.best is None else self.best[1])

    def _keep(self, pairs: Pairs) -> None:
        worth = self._worth(pairs)
        if self.best is None or worth > self.best[0]:
            self.best = worth, pairs

    def _parts(self) -> Ints:
        """Return int64 (m,): the outermost site of each mentor, where sites are built in."""
        groups = self.groups
        top = _roots(groups.parent)[: self.m]
        top[groups.parent[: self.m] < 0] = -1
        if not (self.active & (groups.kind == SITE)).any():
            top[:] = -1
        part = np.unique(top, return_inverse=True)[1]
        return np.where(groups.high[: self.m] > 0, part, -1).astype(np.int64)

    def _searched(self) -> _End:
        """Solve round after round until every bound holds and no pair pays."""
        while True:
            began = time.perf_counter()
            layout = Layout(self.posed, self.active, self.cap, self.node_hash)
            if not layout.possible and not self._widen_all():
                return _End("infeasible")
            if not layout.possible:
                continue
            laid = layout.laid(self.phantoms)
            self._tick("lay", began)
            began = time.perf_counter()
            begin_anew = (self.lists.complete or self.cold) and not self.lists.wide
            answer = self._assigned(laid) if begin_anew else self._resumed(layout, laid)
            self.cold = False
            self._tick("assign", began)
            self.rounds += 1
            if answer.status in ("time_limit", "interrupted"):
                return self._cut_off(answer.status, nobody())
            if answer.status == "infeasible":
                if self.lists.complete and not self._widen_all():
                    return _End("infeasible")
                self.phantoms = not self.lists.complete
                continue
            try:
                end = self._judged(layout, laid, answer)
            except Stopped:
                return self._cut_off("time_limit", nobody())
            except KeyboardInterrupt:
                return self._cut_off("interrupted", nobody())
            if end is not None:
                return end

    def _judged(self, layout: Layout, laid: Laid, answer: Assignment) -> _End | None:
        """Return the answer if it is final; else let in what is missing."""
        began = time.perf_counter()
        fallen = FALLEN_WIDE if self.lists.wide else FALLEN
        if (answer.mentor_price < fallen).any() and not self.phantoms:
            self.phantoms = True  # a bound of which nobody can let go: somebody has to, at a price
            return None
        met, held = layout.met(laid, answer), layout.held(laid, answer)
        self.held, pairs = held, (held.rows, held.columns)
        if met:
            prices = layout.tidied(held.price, max(held.sink, laid.base))
        else:
            prices = layout.raw(held.price)
        again = self._widen(held.columns)
        broken = met and self._activate(pairs)
        again |= broken
        if met and not broken:
            self._keep(pairs)
        self._tick("judge", began)
        began = time.perf_counter()
        if not self.lists.complete or (met and not again and self.program is not None):
            bar = layout.bar(prices, pairs)
            if not met:
                layout.lower_bars(bar, prices, laid, answer)
            better, peak = self.lists.look(prices.entry, self.groups.classes, bar)
            again |= better
            if met:
                self._prove(prices, peak)
            if self.program is not None:
                self.lists.tell(self.rounds, self._worth(pairs), self.bound)
        self._tick("price", began)
        if again:
            return None
        if not met:
            return _End("infeasible")
        if self.reached is not None:
            self.reached = replace(self.reached, active=self.active, cap=self.cap, held=held)
        began = time.perf_counter()
        end = self._decided(prices, pairs)
        self._tick("ties", began)
        return end

    def _decided(self, prices: Prices, pairs: Pairs) -> _End:
        """Decide among pairs of the same value by the hashes of ids."""
        listed = self.lists.with_ties(thresholds(self.posed, prices, pairs))
        moved = movers(self.posed, prices, pairs) if listed else None
        unique = moved is not None and not moved.any()
        if not unique and self.stage < STAGES:
            posed, who, settled = face_of(self.posed, prices, pairs, moved, self.stage)
            face = _Search(posed, self.end, self.stage + 1)
            face.active[:] = True
            if posed.lists.complete:
                seats = np.bincount(posed.lists.idx, minlength=self.m)
                face.most = face.cap = np.minimum(face.cap, seats)
            else:
                face.held = Held(*pairs, np.zeros(self.groups.kind.size, dtype=np.int64), 0)
                posed.lists.first(np.zeros(self.m, dtype=np.int64), face._parts(), pairs)
            end = face._searched()
            if end.status == "optimal":
                rows = np.append(pairs[0][settled], who[end.pairs[0]])
                pairs = rows, np.append(pairs[1][settled], end.pairs[1])
        return _End("optimal", pairs, prices, unique)

    def _prove(self, prices: Prices, peak: Ints) -> None:
        """Lower the bound to what prices prove."""
        groups, weight = self.groups, np.where(self.active, prices.weight, 0)
        row = np.where(weight > 0, groups.high_row, groups.low_row)
        if self.program is None or ((weight != 0) & (row < 0) & (groups.kind != MENTOR)).any():
            return  # a price on a bound of what was listed or built in so far
        mentor_price, row_price = self._split(prices)
        seats = np.where(mentor_price >= 0, self.program.capacity, self.program.min_load)
        total = gains(self.posed, prices, peak)
        total += sum(int(p) * int(s) for p, s in zip(mentor_price, seats, strict=True) if p)
        for at in np.flatnonzero(row_price).tolist():
            side, price = self.program.rows[at], int(row_price[at])
            bound = side.most if price > 0 else side.least
            assert bound is not None
            total += price * (int(np.floor(bound)) if price > 0 else int(np.ceil(bound)))
        self.bound = total if self.bound is None else min(self.bound, total)

    def _worth(self, pairs: Pairs) -> int:
        """Return what pairs are worth, with the bonus."""
        order = np.argsort(pairs[0], kind="stable")
        rows, columns = pairs[0][order], pairs[1][order]
        return exact_sum(
            self.lists.at(rows, columns) + self.posed.bonus[rows, order_in_row(rows)]
        )  # fmt: skip

    def _mentors_of(self, pairs: Pairs) -> Ints:
        rows, columns = pairs
        if not self.posed.several:
            result = np.full(self.n, -1, dtype=np.int64)
            result[rows] = columns
            return result
        order = np.lexsort((columns, rows))
        result = np.full((self.n, self.posed.bonus.shape[1]), -1, dtype=np.int64)
        rows, columns = rows[order], columns[order]
        result[rows, order_in_row(rows)] = columns
        return result

    def _tick(self, name: str, began: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def _left(self) -> float | None:
        return None if self.end is None else max(self.end - time.perf_counter(), 1e-4)

    def _plain(self, start: Assignment | None) -> Assignment:
        m, posed = self.m, self.posed
        own = (self.groups.high_row[:m] >= 0).any() or (self.groups.low_row[:m] >= 0).any()
        if start is not None and not own and start.status == "optimal":
            return start
        terms = Terms(
            self.cap, self.groups.low[:m], posed.bonus, posed.demand, posed.row_hash,
            posed.mentor_hash, self._left(),
        )  # fmt: skip
        return self.lists.plain(terms, start)

    # --- what is built in ------------------------------------------------------------------

    def _activate(self, pairs: Pairs) -> bool:
        """Build in what these pairs do not satisfy, and leaves they fill; whether any failed."""
        groups = self.groups
        amount = groups.amounts(*pairs, self.posed.demand)
        wrong = ((amount < groups.low) | (amount > groups.high)) & ~self.active
        if not wrong.any():
            return False
        for kind in (SITE, CROWD):
            if wrong[groups.kind == kind].any():
                self.active |= groups.kind == kind
        if wrong[groups.kind == CROWD].any():
            self.active |= groups.kind == EXIT
        leaves = groups.kind == LEAF
        if wrong[leaves].any():
            if self.rounds > LAZY:
                self.active |= leaves
            self.active |= leaves & ((amount <= groups.low) & (groups.low > 0))
            self.active |= leaves & (amount >= groups.high)
        return True

    def _widen(self, columns: Ints) -> bool:
        """Give mentors who use all the seats built in more of those they have."""
        load = np.bincount(columns, minlength=self.m)
        short = (load >= self.cap) & (self.cap < np.minimum(self.most, self.n + 1))
        wider = np.minimum(self.most, np.minimum(4 * self.cap + 4, self.n + 1))
        self.cap = np.where(short, wider, self.cap)
        return bool(short.any())

    def _widen_all(self) -> bool:
        wide = np.minimum(self.most, self.n + 1)
        if (self.cap >= wide).all():
            return False
        self.cap = np.maximum(self.cap, wide)
        return True

    def _assigned(self, laid: Laid) -> Assignment:
        several = self.posed.several
        return assign_sparse(
            laid.indptr, laid.idx, laid.points, laid.capacity,
            row_bonus=laid.row_bonus if several else laid.row_bonus[:, 0],
            min_load=laid.min_load, row_hash=laid.row_hash, mentor_hash=laid.column_hash,
            time_limit=self._left(), route="auto" if self.lists.complete else "sparse",
            demand=laid.demand if several else None,
        )  # fmt: skip

    def _resumed(self, layout: Layout, laid: Laid) -> Assignment:
        """Solve over the pairs listed, from where the last round ended."""
        from mentormatch.solvers.compile import announce
        from mentormatch.solvers.kernels import EMPTY, place
        from mentormatch.solvers.large import Network

        announce(place, "solver")
        assert self.held is not None
        end = self.end
        points = laid.points
        if not self.lists.wide:
            points = np.maximum(points, EMPTY).astype(np.int32)
        net = Network(
            (laid.capacity, laid.min_load), laid.row_bonus[:, 0],
            int(laid.points.max(initial=0)), lambda: end is None or time.perf_counter() < end,
            csr=(laid.indptr, laid.idx.astype(np.int32), points),
        )  # fmt: skip
        mate, price, worth = layout.begin(laid, self.held)
        net.mate_value[:] = worth + laid.row_bonus[:, 0]
        net.value_lists()
        status = "optimal"
        try:
            if net.resume(mate, price):
                mate = net.mate.astype(np.int64)
            else:
                status = "infeasible"
        except Stopped:
            status = "time_limit"
        except KeyboardInterrupt:
            status = "interrupted"
        return Assignment(mate, net.price.copy(), 0, 0, False, status, "warm", net.stats)

    # --- prices ----------------------------------------------------------------------------

    def _split(self, prices: Prices) -> tuple[Ints, Ints]:
        """Return the prices of seats and of side rows, those of mentors without seats left out."""
        assert self.program is not None
        groups = self.groups
        row_price = np.zeros(len(self.program.rows), dtype=np.int64)
        mentor_price = np.zeros(self.m, dtype=np.int64)
        seated = np.append(groups.high[: self.m] > 0, np.ones(groups.kind.size - self.m, bool))
        for v in np.flatnonzero(self.active & seated & (prices.weight != 0)).tolist():
            weight = int(prices.weight[v])
            at = int(groups.high_row[v] if weight > 0 else groups.low_row[v])
            if at >= 0:
                row_price[at] += -weight if groups.kind[v] == CROWD else weight
            elif groups.kind[v] == MENTOR:
                mentor_price[v] = weight
        return mentor_price, row_price

    def _closed(self, prices: Prices, pairs: Pairs) -> tuple[Ints, Ints]:
        """Return all prices: mentors without seats at the least ones at which nobody wants them."""
        mentor_price, row_price = self._split(prices)
        groups, program, posed = self.groups, self.program, self.posed
        closed = np.flatnonzero(groups.high[: self.m] <= 0)
        assert program is not None
        if closed.size == 0:
            return mentor_price, row_price
        crowds = groups.kind == CROWD
        counted = np.zeros(row_price.size + 1, dtype=bool)  # in the bonus of mentees already
        counted[groups.low_row[crowds]] = counted[groups.high_row[crowds]] = True
        rows = []
        for at in np.flatnonzero((row_price != 0) & ~counted[:-1]).tolist():
            row = program.rows[at]
            assert row.mentee is not None
            assert row.mentor is not None
            if row.mentor[closed].any():
                rows.append((int(row_price[at]), row.mentee, row.mentor[closed]))
        bar = thresholds(posed, prices, pairs)
        highest = np.zeros(closed.size, dtype=np.int64)
        for part, worth in self.lists.columns(closed):
            cost = np.zeros(worth.shape, dtype=np.int64)
            for weight, mentee, mentor in rows:
                cost += weight * mentee[part, None] * mentor
            may = (worth >= 0) & (posed.demand[part] > 0)[:, None]
            excess = np.where(may, worth - bar[part, None] - cost, 0)
            highest = np.maximum(highest, excess.max(axis=0, initial=0))
        for j, price in zip(closed.tolist(), highest.tolist(), strict=True):
            own = program.capacity[j] > 0
            mentor_price[j] = 0 if own else price
            if own:
                row_price[groups.high_row[j]] += price
        return mentor_price, row_price


def _roots(parent: Ints) -> Ints:
    """Return the outermost node around each node, itself where nothing is."""
    root = np.arange(parent.size)
    while (inside := parent[root] >= 0).any():
        root[inside] = parent[root[inside]]
    return root
