"""Rows that each look at one mentor: prices of mentees, and a choice of patterns for each mentor.

Mentees who count alike in every such row are a *class*. What a mentor may take is then a list of
*patterns*: how many of each class. A quota of 40 % allows a mentor of four seats one woman beside
two or three others, and one of two seats none at all, which no price of the row itself would tell.

With a price u for each mentee, every mentor takes the best people for her best pattern:

    L(u) = sum of u + max over patterns, for each mentor, of the best values less u

bounds every answer, as far down as the convex hulls of the patterns allow. With a pattern chosen
for each mentor, classes have nothing to do with one another, so each is one flow; its prices are
the next u, and what a mentor would gain by another pattern at these prices says where to change
one: the gains of all mentors together are the gap.

References
----------
.. [1] Geoffrion (1974), Mathematical Programming Study 2, 82-114.
.. [2] Polyak (1969), USSR Computational Mathematics and Mathematical Physics 9(3).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from math import comb

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign, kernel
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.program import Pairs, Program, SideRow, nobody, pairs_of
from mentormatch.solvers.rows.highs import Model, integer, patience
from mentormatch.solvers.rows.linear import Answer
from mentormatch.solvers.rows.repair import repaired

__all__ = ["Patterns", "by_patterns", "patterns_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_PATTERNS = 2_000
"""Patterns of one mentor."""
MOST_WORK = 20_000_000
"""Patterns times classes of all mentors."""
TURNS, CLASS_TURNS = 150, 40
"""Prices of mentees tried, and for each, numbers added to those of a class."""
COOLER, CLOSER = 0.85, 0.5
"""What the steps of these numbers are multiplied by, from one to the next and from turn to turn."""
EVERY = 10
"""Turns after which patterns are chosen anew."""
CHANGES = 12
"""Flows with which the patterns of some mentors are changed, each time."""
FINE = 64
"""Prices are whole parts of a point, so that sums of them are exact."""
LARGEST = 1 << 53
"""No price is above this."""
ROOM = 1e-4
"""What HiGHS's tolerance may take off a bound of whole numbers."""
PATIENCE = 6
"""Turns without a lower bound, after which steps are halved."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """What mentors may take, in people of each class.

    classes : int64 (n,), of each mentee; -1 for those who may have nobody.
    kind : int64 (m,), whose list of patterns is a mentor's.
    lists : for each kind, int64 (patterns, classes).
    held : the rows that look at everybody and have a least only.
    """

    classes: Ints
    kind: Ints
    lists: tuple[Ints, ...]
    held: tuple[SideRow, ...]


def patterns_of(program: Program) -> Patterns | None:
    """Return the patterns of a programme; None where its rows are others, or there are too many."""
    if program.several or program.bands or program.extra_low:
        return None
    n, m = program.shape
    sides: dict[bytes, int] = {}
    found: list[Ints] = []
    stars: list[list[tuple[int, float, float]]] = [[] for _ in range(m)]
    held: list[SideRow] = []
    for row in program.rows:
        if row.pairs is not None or row.extra or row.scored:
            return None
        assert row.mentee is not None
        assert row.mentor is not None
        low = -np.inf if row.least is None else row.least
        high = np.inf if row.most is None else row.most
        at = np.flatnonzero(row.mentor)
        if at.size == 1:
            side = row.mentee * row.mentor[at[0]]
            place = sides.setdefault(side.tobytes(), len(sides))
            if place == len(found):
                found.append(side)
            stars[int(at[0])].append((place, low, high))
        elif row.most is None and (row.mentor == 1).all() and (row.mentee >= 0).all():
            held.extend([row] if row.least is not None else [])
        else:
            return None
    if not found:
        return None
    able = program.open().any(axis=1)
    kinds, classes = np.unique(np.array(found)[:, able], axis=1, return_inverse=True)
    each = np.full(n, -1, dtype=np.int64)
    each[able] = classes.ravel()
    size = np.bincount(classes.ravel(), minlength=kinds.shape[1])
    seats = np.minimum(program.capacity, n)
    known: dict[tuple[object, ...], int] = {}
    kind = np.zeros(m, dtype=np.int64)
    lists: list[Ints] = []
    work = 0
    for j in range(m):
        key = (int(seats[j]), int(program.min_load[j]), *stars[j])
        if key not in known:
            if comb(int(seats[j]) + size.size, size.size) > MOST_PATTERNS:
                return None
            known[key] = len(lists)
            lists.append(_listed(int(seats[j]), int(program.min_load[j]), size, kinds, stars[j]))
        kind[j] = known[key]
        work += lists[kind[j]].size
    if work > MOST_WORK:
        return None
    return Patterns(each, kind, tuple(lists), tuple(held))


def _listed(
    seats: int, least: int, size: Ints, kinds: Ints, rows: list[tuple[int, float, float]]
) -> Ints:
    """Return every choice of people by class that keeps a mentor's seats and rows."""
    listed = np.zeros((1, 0), dtype=np.int64)
    for count in size.tolist():
        more = np.arange(min(seats, count) + 1)
        old, new = np.repeat(np.arange(len(listed)), more.size), np.tile(more, len(listed))
        listed = np.column_stack([listed[old], new])
        listed = listed[listed.sum(axis=1) <= seats]
    fits = listed.sum(axis=1) >= least
    for place, low, high in rows:
        amount = listed @ kinds[place]
        fits &= (amount >= low) & (amount <= high)
    kept: Ints = listed[fits]
    return kept


def by_patterns(
    program: Program,
    patterns: Patterns,
    value: Ints | None,
    bonus: Ints,
    *,
    budget: Budget,
    known: Pairs | None = None,
) -> Answer:
    """Maximise value plus bonus over the pairs that keep a programme of patterns.

    Parameters
    ----------
    value : int64 (n, m) or None
        Of each pair; None: its points.
    bonus : int64 (n,)
        Added for each mentee who is matched.
    budget
        Time, and the gap at which to stop, as for `by_prices`.
    known
        Pairs that keep everything.

    Returns
    -------
    Answer
        `objective` and `bound` hold the bonus; without prices.

    Notes
    -----
    At most `TURNS` bounds of O(n m) each and about as many flows.
    """
    task = _Search(program, patterns, value, bonus, budget.gap or 0.0)
    if known is not None:
        task.keep(known)
    task.run(budget)
    return task.answer(budget)


@dataclass(eq=False)
class _Offers:
    """Prices of mentees, what each pattern is worth to each mentor, and who would be taken.

    worths : for each kind, float (mentors, patterns);  people : for each class, int64 (m, most),
    best first.
    """

    u: Floats
    worths: list[Floats]
    people: list[Ints]
    chosen: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    bound: float = np.inf


def _whole(price: Floats) -> Floats:
    return np.rint(price * FINE) / FINE


class _Search:
    """Prices of mentees, the bound they prove, and the best pairs so far."""

    def __init__(
        self, program: Program, patterns: Patterns, value: Ints | None, bonus: Ints, gap: float
    ) -> None:
        n, m = program.shape
        self.program, self.patterns, self.gap = program, patterns, gap
        open_ = program.open()
        plain = np.maximum(program.points, 0).astype(np.int64) if value is None else value
        self.value = plain
        low = np.where(open_, plain, 0).min(axis=1, initial=0)
        self.shown = np.where(open_, plain - low[:, None], -1).astype(np.int32)
        self.bonus, self.own = bonus + low, bonus
        top = max(int(self.shown.max(initial=0)), 1)
        # a row that holds a sum up: in flows, a price at which a unit of it is worth any exchange
        self.least = np.array([int(np.ceil(row.least or 0)) for row in patterns.held])
        self.constant = 2 * top * int(self.least.sum())
        for row in patterns.held:
            assert row.mentee is not None
            self.bonus = self.bonus + 2 * top * row.mentee
        # values that are all alike leave the choice to the points
        self.finer, self.unit = self.shown, 1
        finest = 2 * FINE * (min(n, m) + 2) * (int(program.points.max(initial=0)) + 1)
        if self.shown.max(initial=0) <= 0 and int(self.bonus.max(initial=0)) < LARGEST // finest:
            self.finer, self.unit = np.where(open_, program.points, -1), finest
        count = patterns.lists[0].shape[1]
        self.members = [np.flatnonzero(patterns.classes == k) for k in range(count)]
        # what a person of each class counts in the rows held up, where all of it count alike
        alike = [[np.unique(row.mentee[rows]) for rows in self.members] for row in patterns.held
                 if row.mentee is not None]  # fmt: skip
        able = np.array([all(one.size == 1 for one in line) for line in alike], dtype=bool)
        weights = [[int(one[0]) if one.size else 0 for one in line] for line in alike]
        self.weight = np.array(weights, dtype=np.int64).reshape(able.size, count) * able[:, None]
        self.least = self.least * able
        self.eased, self.most_eased = np.zeros(able.size), 2.0 * top
        worth = np.where(open_, self.shown + self.bonus[:, None].astype(float), -np.inf)
        self.worth = [np.ascontiguousarray(worth[rows].T) for rows in self.members]
        self.best: Pairs | None = None
        self.reached = self.finest = -np.inf
        self.total = 0
        self.bound = np.inf
        self.u = np.zeros(n)
        self.last: list[Assignment | None] = [None] * count
        self.boxes: dict[tuple[int, int], tuple[Ints, Ints]] = {}
        self.sets = [{tuple(row) for row in listed.tolist()} for listed in patterns.lists]
        self.widest = max((int(listed.max(initial=0)) for listed in patterns.lists), default=0)
        self.top = max(int(self.bonus.max(initial=0)) + int(self.shown.max(initial=0)), 1)
        self.step = 2.0 * self.top  # of the first prices of classes
        self.places = [np.flatnonzero(patterns.kind == t) for t in range(len(patterns.lists))]

    # -- bounds -----------------------------------------------------------------------------------

    def offers(self, u: Floats) -> _Offers:
        """Return what mentors would make of every pattern at prices of mentees."""
        sums, people = [], []
        for rows, worth in zip(self.members, self.worth, strict=True):
            left = worth - u[rows]
            count = min(self.widest, rows.size)
            if 0 < count < rows.size:
                who = np.argpartition(-left, count - 1, axis=1)[:, :count]
            else:
                who = np.broadcast_to(np.arange(rows.size), left.shape)[:, :count]
            own = np.take_along_axis(left, who, axis=1)
            order = np.argsort(-own, axis=1, kind="stable")
            total = np.full((own.shape[0], self.widest + 1), -np.inf)
            total[:, 0] = 0
            total[:, 1 : count + 1] = np.cumsum(np.take_along_axis(own, order, axis=1), axis=1)
            sums.append(total)
            people.append(rows[np.take_along_axis(who, order, axis=1)])
        worths = []
        for listed, at in zip(self.patterns.lists, self.places, strict=True):
            worth = np.zeros((at.size, len(listed)))
            for k, total in enumerate(sums):
                worth += total[at][:, listed[:, k]]
            worths.append(worth)
        return _Offers(u, worths, people)

    def lower(self, u: Floats) -> _Offers:
        """Take in the bound L at prices, and at those that differ by a number for each class.

        What it takes to hold a row up is eased as well, from the price that flows pay for it.
        """
        offers = self.offers(u)
        part, eased, bound = self.shifted(offers)
        u = u.copy()
        for rows, more in zip(self.members, part, strict=True):
            u[rows] += more
        paid = part + eased @ self.weight
        worths = [
            worth - (listed @ paid)
            for worth, listed in zip(offers.worths, self.patterns.lists, strict=True)
        ]
        if bound < self.bound:
            self.bound, self.u, self.eased = bound, u, eased
        return _Offers(u, worths, offers.people, self.best_of(worths), bound)

    def shifted(self, offers: _Offers) -> tuple[Floats, Floats, float]:
        """Return (what is added to prices of classes, by how much held rows are eased, the bound).

        The best people of a class stay the best, so that a bound costs little.
        """
        size = np.array([rows.size for rows in self.members])
        low = np.array([-offers.u[rows].min(initial=0) for rows in self.members])
        fixed = float(offers.u.sum()) - self.constant
        part, eased = np.zeros(size.size), self.eased
        best, lowest, step = (part, eased), np.inf, self.step
        for _ in range(CLASS_TURNS):
            bound = fixed + float(size @ part) + float(self.least @ eased)
            paid = part + eased @ self.weight
            many = np.zeros(size.size, dtype=np.int64)
            for worth, listed in zip(offers.worths, self.patterns.lists, strict=True):
                if worth.size == 0:
                    if worth.shape[0]:
                        return *best, -np.inf  # a mentor without any pattern
                    continue
                left = worth - listed @ paid
                chosen = left.argmax(axis=1)
                bound += float(left[np.arange(chosen.size), chosen].sum())
                many += listed[chosen].sum(axis=0)
            if bound < lowest:
                lowest, best = bound, (part, eased)
            step *= COOLER
            part = np.maximum(_whole(part + step * np.sign(many - size)), low)
            more = np.sign(self.weight @ many - self.least)
            eased = np.minimum(_whole(eased + step * more), self.most_eased)
        self.step = max(self.step * CLOSER, float(self.top) * 1e-4)
        return *best, lowest

    def best_of(self, worths: list[Floats]) -> Ints:
        """Return int64 (m,): the pattern of most worth to each mentor."""
        chosen = np.zeros(self.program.shape[1], dtype=np.int64)
        for worth, at in zip(worths, self.places, strict=True):
            chosen[at] = worth.argmax(axis=1) if worth.shape[1] else 0
        return chosen

    def worth_of(self, offers: _Offers, chosen: Ints) -> Floats:
        """Return float (m,): what patterns are worth to mentors."""
        worth = np.zeros(chosen.size)
        for own, at in zip(offers.worths, self.places, strict=True):
            if own.shape[1]:
                worth[at] = own[np.arange(at.size), chosen[at]]
        return worth

    def wanted(self, chosen: Ints) -> Ints:
        """Return int64 (m, classes): how many of each class the chosen patterns take."""
        wanted = np.zeros((chosen.size, len(self.members)), dtype=np.int64)
        for listed, at in zip(self.patterns.lists, self.places, strict=True):
            if len(listed):
                wanted[at] = listed[chosen[at]]
        return wanted

    def taken(self, offers: _Offers) -> Ints:
        """Return int64 (n,): how often each mentee is among the best of the chosen patterns."""
        taken = np.zeros(offers.u.size, dtype=np.int64)
        wanted = self.wanted(offers.chosen)
        for k, who in enumerate(offers.people):
            inside = np.arange(who.shape[1]) < wanted[:, k, None]
            taken += np.bincount(who[inside], minlength=taken.size)
        return taken

    def fitted(self, offers: _Offers, chosen: Ints, order: Ints) -> Ints:
        """Return patterns that take no more of a class than there are, in this order of mentors.

        Whose pattern takes too many gets the one of most worth that does not.
        """
        left = np.array([rows.size for rows in self.members])
        chosen = chosen.copy()
        row = np.zeros(chosen.size, dtype=np.int64)
        for at in self.places:
            row[at] = np.arange(at.size)
        for j in order.tolist():
            kind = int(self.patterns.kind[j])
            listed = self.patterns.lists[kind]
            if (listed[chosen[j]] > left).any():
                fits = (listed <= left).all(axis=1)
                if fits.any():
                    worth = np.where(fits, offers.worths[kind][row[j]], -np.inf)
                    chosen[j] = int(worth.argmax())
            left = np.maximum(left - listed[chosen[j]], 0)
        return chosen

    # -- pairs ------------------------------------------------------------------------------------

    def box(self, kind: int, pattern: int) -> tuple[Ints, Ints]:
        """Return bounds (least, most) of each class that hold a pattern and only allowed ones."""
        if (kind, pattern) not in self.boxes:
            allowed = self.sets[kind]
            low = self.patterns.lists[kind][pattern].copy()
            high = low.copy()

            def inside() -> bool:
                sides = (range(a, b + 1) for a, b in zip(low.tolist(), high.tolist(), strict=True))
                return all(point in allowed for point in product(*sides))

            for side, step in ((low, -1), (high, 1)):
                for k in np.argsort([-rows.size for rows in self.members], kind="stable"):
                    while side[k] + step >= 0:
                        side[k] += step
                        if not inside():
                            side[k] -= step
                            break
            self.boxes[kind, pattern] = low, high
        return self.boxes[kind, pattern]

    def place(self, chosen: Ints, budget: Budget) -> tuple[float, Floats | None]:
        """Solve one flow for each class with these patterns; return (worth, prices of mentees)."""
        p, kind = self.program, self.patterns.kind
        box = [self.box(int(t), int(c)) for t, c in zip(kind, chosen, strict=True)]
        low, high = np.array([b[0] for b in box]), np.array([b[1] for b in box])
        u, at = np.zeros(p.shape[0]), np.full(p.shape[0], -1, dtype=np.int64)
        for k, rows in enumerate(self.members):
            found = self.flow(k, rows, low[:, k], high[:, k], budget)
            if found.status == "infeasible":  # too few people for what the patterns need
                found = self.flow(k, rows, 0 * low[:, k], high[:, k], budget)
            self.last[k] = found
            if found.status != "optimal":
                return -np.inf, None
            at[rows] = found.mentor_of
            if p.shape[1]:
                left = self.finer[rows].T + (self.unit * self.bonus[rows]).astype(float)
                left[~np.isfinite(self.worth[k])] = -np.inf
                u[rows] = (left - found.mentor_price[:, None]).max(axis=0) / self.unit
        pairs = pairs_of(at)
        finest = self.finer[pairs].astype(np.int64) + self.unit * self.bonus[pairs[0]]
        worth = float(finest.sum()) / self.unit
        if not self.keep(pairs):
            bare = replace(p, rows=tuple(row for row in p.rows if row not in self.patterns.held))
            mended = repaired(bare, pairs, value=self.finer.astype(np.int64), budget=budget)
            if mended is not None:
                self.keep(mended)
        return worth - self.constant, np.maximum(_whole(u), 0)

    def flow(self, k: int, rows: Ints, low: Ints, high: Ints, budget: Budget) -> Assignment:
        p = self.program
        return assign(
            self.finer[rows], high, row_bonus=self.unit * self.bonus[rows],
            min_load=low if low.any() else None, row_hash=p.row_hash[rows],
            mentor_hash=p.mentor_hash, time_limit=budget.left(),
            route=kernel(rows.size * high.size),
        )  # fmt: skip

    def keep(self, pairs: Pairs) -> bool:
        """Remember pairs that keep everything if they are the best so far."""
        if not self.program.holds(*pairs):
            return False
        total = int(self.value[pairs].sum())
        worth = float(total + int(self.own[pairs[0]].sum()))
        finer = worth * self.unit + int(self.finer[pairs].sum(dtype=np.int64))
        if finer > self.finest:
            self.finest = finer
            self.best, self.reached, self.total = pairs, worth, total
        return True

    def closed(self) -> bool:
        """Whether the gap is as small as was asked for."""
        slack = np.floor(self.bound) - self.reached
        return bool(slack <= self.gap * max(abs(self.total), 1))

    def answer(self, budget: Budget) -> Answer:
        m, r = self.program.shape[1], len(self.program.rows)
        rows, columns = nobody() if self.best is None else self.best
        bound = max(np.floor(self.bound), self.reached) if np.isfinite(self.bound) else self.bound
        word = "limit" if budget.seconds is None else "time_limit"
        status = "optimal" if self.best is not None and self.closed() else word
        if self.bound == -np.inf and self.best is None:
            status = "infeasible"
        return Answer(
            rows, columns, np.zeros(0), self.reached, float(bound), status, np.full(m, np.nan),
            np.full(r, np.nan),
        )  # fmt: skip

    # -- the search -------------------------------------------------------------------------------

    def ended(self, budget: Budget) -> bool:
        budget.tell("patterns", self.reached, self.bound)
        return self.closed() or budget.late()

    def run(self, budget: Budget) -> None:
        """Prices for each mentee, by subgradients of Polyak's length; patterns now and then."""
        if self.unit > 1 and self.kinds_of_patterns(budget):
            return
        u, length, waited = self.u, 1.0, 0
        for turn in range(TURNS):
            before = self.bound
            offers = self.lower(u)
            if self.bound == -np.inf or self.ended(budget):
                return
            if turn % EVERY == 0:
                found = self.improve(offers, budget)
                if self.ended(budget):
                    return
                if found is not None and found.bound < offers.bound:
                    offers = found
            waited = 0 if self.bound < before else waited + 1
            if waited >= PATIENCE:
                length, waited = length / 2, 0
                offers = self.lower(self.u)
            slope = self.taken(offers) - 1
            slope[(offers.u <= 0) & (slope < 0)] = 0
            norm = float((slope**2).sum())
            if norm == 0:
                self.improve(offers, budget)
                return
            reached = self.reached if np.isfinite(self.reached) else 0.9 * offers.bound
            move = length * max(offers.bound - reached, 1.0) / norm
            u = np.maximum(_whole(offers.u + move * slope), 0)

    def kinds_of_patterns(self, budget: Budget) -> bool:
        """Count how many mentors of a kind get each pattern, for values alike within a class.

        An integer programme of one variable for each kind and pattern, as if everybody were
        admissible: where nearly everybody is, nothing else is that tight. True if it closes.
        """
        from scipy.sparse import csr_array

        lists, places = self.patterns.lists, self.places
        if not all(len(listed) for listed in lists):
            return False
        gain = np.array([self.bonus[rows].max(initial=0) for rows in self.members])
        people = np.concatenate(lists).T.astype(float)
        kind = np.repeat(np.arange(len(lists)), [len(listed) for listed in lists])
        each = (np.arange(len(lists))[:, None] == kind).astype(float)
        most = np.array([at.size for at in places], dtype=float)
        size = np.array([rows.size for rows in self.members], dtype=float)
        timed = budget.seconds is not None
        found = integer(
            Model(
                gain @ people, csr_array(np.concatenate([people, each])),
                np.concatenate([np.full(size.size, -np.inf), most]), np.concatenate([size, most]),
                np.zeros(kind.size), most[kind],
            ),
            seconds=budget.left(0.3), nodes=None if timed else patience(kind.size),
        )  # fmt: skip
        if found.status == "infeasible" or not np.isfinite(found.bound):
            return False
        self.bound = min(self.bound, np.floor(found.bound + ROOM) - self.constant)
        if found.x is None:
            return False
        chosen = np.zeros(self.program.shape[1], dtype=np.int64)
        count = np.rint(found.x).astype(np.int64)
        for t, at in enumerate(places):
            own = np.repeat(np.arange(len(lists[t])), count[kind == t])
            chosen[at[: own.size]] = own[: at.size]
        self.place(chosen, budget)
        return self.ended(budget)

    def improve(self, offers: _Offers, budget: Budget) -> _Offers | None:
        """Give patterns to mentors, flows to classes, and other patterns to whom they help most.

        Returns the offers of the lowest bound met.
        """
        order = np.argsort(-self.worth_of(offers, offers.chosen), kind="stable")
        chosen = self.fitted(offers, offers.chosen, order)
        worth, u = self.place(chosen, budget)
        many, lowest = chosen.size, None
        for _ in range(CHANGES):
            if u is None or self.ended(budget):
                return lowest
            offers = self.lower(u)
            if lowest is None or offers.bound < lowest.bound:
                lowest = offers
            gain = self.worth_of(offers, offers.chosen) - self.worth_of(offers, chosen)
            gain[offers.chosen == chosen] = 0
            order = np.argsort(-gain, kind="stable")
            many = min(many, int((gain > 0).sum()))
            if many == 0:
                return lowest
            trial = chosen.copy()
            trial[order[:many]] = offers.chosen[order[:many]]
            trial = self.fitted(offers, trial, order)
            after, prices = self.place(trial, budget)
            if after > worth:
                worth, u, chosen = after, prices, trial
            else:
                many //= 4
        return lowest
