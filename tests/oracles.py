"""Slow, obvious answers that the library's must equal: the one home of them.

`BruteForce` tries every assignment of a tiny problem under any constraints and objectives,
`highs` solves middle ones stage by stage as integer programmes. Both judge by `tests.definitions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import chain, combinations, pairwise
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import mentormatch as mm
from tests.definitions import MILLION, Bools, Definitions, Ints, Key, incidence, share

MOST_ASSIGNMENTS = 400_000

__all__ = [
    "MILLION",
    "BruteForce",
    "Highs",
    "TooMany",
    "Unproven",
    "all_assignments",
    "best_value",
    "brute_force",
    "chosen_pairs",
    "every_assignment",
    "highs",
    "in_units",
    "incidence",
    "one_each",
    "random_problem",
    "random_scores",
    "recomputed_bound",
    "shuffled",
    "value",
]


class TooMany(Exception):
    """More assignments than anybody wants to try."""


# -- every assignment ---------------------------------------------------------------------------


def every_assignment(
    asked: Ints, admissible: Bools, capacity: Ints, locks: Iterable[tuple[int, int]] = ()
) -> Bools:
    """bool (assignments, n, m): all that demands, rules, capacities and locks allow.

    Mentee by mentee: each with every set of at most so many admissible mentors, where seats are
    left.
    """
    n, m = admissible.shape
    locked: dict[int, set[int]] = {}
    for i, j in locks:
        locked.setdefault(i, set()).add(j)
    x, load = np.zeros((1, 0, m), dtype=bool), np.zeros((1, m), dtype=np.int64)
    for i in range(n):
        open_ = np.flatnonzero(admissible[i]).tolist()
        sets = chain.from_iterable(combinations(open_, k) for k in range(int(asked[i]) + 1))
        options = [np.isin(np.arange(m), s) for s in sets if locked.get(i, set()) <= set(s)]
        option = np.array(options, dtype=bool).reshape(len(options), m)
        if len(load) * max(len(option), 1) > 4 * MOST_ASSIGNMENTS:
            raise TooMany
        loads = load[:, None, :] + option
        before, chosen = np.nonzero((loads <= capacity).all(axis=2))
        if len(before) > MOST_ASSIGNMENTS:
            raise TooMany
        x = np.concatenate([x[before], option[chosen][:, None, :]], axis=1)
        load = loads[before, chosen]
    return x


def one_each(admissible: Bools, seats: Ints) -> list[tuple[int, ...]]:
    """Every assignment with at most one mentor each, as positions; -1 is nobody."""
    x = every_assignment(np.ones(len(admissible), dtype=np.int64), admissible, seats)
    return positions(x)


def positions(x: Bools) -> list[tuple[int, ...]]:
    """Return assignments (k, n, m) as the position of each mentee's (first) mentor, -1: nobody."""
    if not x.shape[2]:
        return [(-1,) * x.shape[1]] * len(x)
    return [tuple(row) for row in np.where(x.any(axis=2), x.argmax(axis=2), -1).tolist()]


class BruteForce:
    """Every feasible assignment of a problem, and the best of them.

    Attributes
    ----------
    meaning : Definitions
    physical : bool (k, n, m), what rules, capacities, demands and locks allow.
    x : bool (k, n, m), what keeps every constraint as well.
    """

    def __init__(
        self,
        problem: mm.Problem,
        mentees: pd.DataFrame | None = None,
        mentors: pd.DataFrame | None = None,
    ) -> None:
        self.problem = problem
        self.frames = mentees, mentors
        self.meaning = Definitions(problem, mentees, mentors)
        d = self.meaning
        self.physical = every_assignment(d.asked, d.admissible, d.capacity, d.locks)
        ok = np.ones(len(self.physical), dtype=bool)
        for constraint in problem.constraints:
            ok &= d.holds(constraint, self.physical)
        self.x: Bools = self.physical[ok]

    @property
    def infeasible(self) -> bool:
        return not len(self.x)

    @cached_property
    def keys(self) -> list[Key]:
        return self.meaning.keys()

    @cached_property
    def best(self) -> Bools:
        """bool (k, n, m): all lexicographically best assignments."""
        return self.best_among(self.x)[0]

    @cached_property
    def optimum(self) -> list[tuple[int, ...]]:
        """The value of every key at the optimum."""
        return self.best_among(self.x)[1]

    def best_among(
        self, x: Bools, keys: Sequence[Key] | None = None
    ) -> tuple[Bools, list[tuple[int, ...]]]:
        """Return the best of some assignments, and the values of the keys there."""
        reached = []
        for key in self.keys if keys is None else keys:
            values = key.values(x)
            for column in range(values.shape[1]):
                best = values[:, column] == values[:, column].max()
                x, values = x[best], values[best]
            reached.append(tuple(int(v) for v in values[0]))
        return x, reached

    def values_of(self, x: Bools, keys: Sequence[Key] | None = None) -> list[tuple[int, ...]]:
        """Return the value of every key of one assignment (1, n, m)."""
        every = self.keys if keys is None else keys
        return [tuple(int(v) for v in key.values(x)[0]) for key in every]

    def changed(self, **changes: Any) -> BruteForce:
        """Return the same of a changed problem."""
        return BruteForce(replace(self.problem, **changes), *self.frames)

    def reached(self) -> dict[str, float]:
        """Return what each objective reaches, in the unit of its stage."""
        found: dict[str, float] = {}
        for key, values in zip(self.keys, self.optimum, strict=True):
            if key.shown:
                found[key.name] = in_units(key, values)
        return found


def in_units(key: Key, values: tuple[int, ...]) -> float:
    """Return the first number of a key in the unit in which stages report it."""
    return float(key.unit * values[0]) if values else 0.0


# -- plain problems, as integers ----------------------------------------------------------------


def random_scores(
    rng: np.random.Generator,
    n: int,
    m: int,
    *,
    levels: int = 0,
    density: float = 0.8,
    most_seats: int = 2,
) -> mm.Scores:
    """Random scores; with `levels`, only so many distinct ones, for ties."""
    matrix = rng.integers(0, levels, (n, m)) / levels if levels else rng.random((n, m))
    return mm.Scores.from_matrix(
        np.round(matrix, 6),
        capacity=rng.integers(0, most_seats + 1, m),
        admissible=rng.random((n, m)) < density,
    )


def all_assignments(scores: mm.Scores) -> list[tuple[int, ...]]:
    """Every assignment that rules, locks and capacities allow, one mentor each; -1 is nobody."""
    return positions(BruteForce(mm.Problem(scores)).physical)


def value(scores: mm.Scores, chosen: tuple[int, ...]) -> tuple[int, int]:
    """(matched mentees, total points) of an assignment."""
    pairs = [(i, j) for i, j in enumerate(chosen) if j >= 0]
    return len(pairs), int(sum(scores.points[i, j] for i, j in pairs))


def brute_force(scores: mm.Scores) -> tuple[int, int]:
    """Best (matched, total points) over all assignments."""
    return max(value(scores, chosen) for chosen in all_assignments(scores))


def recomputed_bound(matching: mm.Matching) -> tuple[int, int]:
    """(matched, total points) bound from `matching.load` and the scores, in exact integers."""
    scores = matching.problem.scores
    load = matching.load
    price = np.rint(load["dual_price"].to_numpy() * MILLION).astype(np.int64)
    matched = load["dual_matched"].to_numpy().astype(np.int64)
    big = 10**12  # larger than any total: pairs of numbers compare like tuples
    left = (1 - matched) * big + scores.points - price
    left = np.where(scores.admissible, left, -1)
    best = np.maximum(left.max(axis=1, initial=0), 0)
    for i, j in scores.locks:
        best[i] = (1 - matched[j]) * big + abs_points(scores.points[i, j]) - price[j]
    seats = scores.mentors.capacity
    folded = int((seats * (matched * big + price)).sum() + best.sum())
    count = (folded + big // 2) // big
    return count, folded - count * big


def abs_points(points: np.int32) -> int:
    return int(points) if points >= 0 else ~int(points)


def chosen_pairs(matching: mm.Matching) -> set[tuple[str, str]]:
    scores = matching.problem.scores
    rows, columns = matching.pairs
    return {
        (scores.mentees.ids[i], scores.mentors.ids[j]) for i, j in zip(rows, columns, strict=True)
    }


def shuffled(scores: mm.Scores, rng: np.random.Generator) -> mm.Scores:
    """The same people in another order."""
    rows: npt.NDArray[np.int64] = rng.permutation(len(scores.mentees))
    columns: npt.NDArray[np.int64] = rng.permutation(len(scores.mentors))
    return mm.Scores.from_matrix(
        scores.total[np.ix_(rows, columns)],
        admissible=scores.admissible[np.ix_(rows, columns)],
        mentees=scores.mentees.take(rows),
        mentors=scores.mentors.take(columns),
    )


# -- middle sizes, by integer programming -------------------------------------------------------


class Unproven(Exception):
    """HiGHS ran out of time, or the objective is none that it can state."""


class Highs:
    """A problem as an integer programme: each stage solved in turn, the former ones held.

    All but `Leximin`; `MaximizeMinimum` with one mentor each. Coefficients are whole numbers
    divided by what they have in common, so scores of few digits are exact.

    Parameters
    ----------
    problem, mentees, mentors
        As for `BruteForce`.
    time_limit
        Seconds for each stage.
    """

    def __init__(
        self,
        problem: mm.Problem,
        mentees: pd.DataFrame | None = None,
        mentors: pd.DataFrame | None = None,
        *,
        time_limit: float = 20,
    ) -> None:
        self.meaning = d = Definitions(problem, mentees, mentors)
        self.problem, self.time_limit = problem, time_limit
        self.open = np.nonzero(d.admissible)
        self.low: list[float] = [0.0] * len(self.open[0])
        self.high: list[float] = [1.0] * len(self.open[0])
        self.rows: list[tuple[dict[int, int], float, float]] = []
        self.contradiction = False
        self.number = {pair: v for v, pair in enumerate(self._open_pairs())}
        for pair in d.locks:
            if pair in self.number:
                self.low[self.number[pair]] = 1.0
            else:
                self.contradiction = True
        for i in range(d.n):
            self.row(self.at(np.arange(d.n) == i), high=int(d.asked[i]))
        for j in range(d.m):
            self.row(self.at(mentors=np.arange(d.m) == j), high=int(d.capacity[j]))
        for constraint in problem.constraints:
            self._constrain(constraint)

    # -- what `validator.check_optimal` asks, as `BruteForce` answers it ------------------------

    @cached_property
    def _best(self) -> Bools | None:
        return self.answer()

    @property
    def infeasible(self) -> bool:
        return self._best is None

    @property
    def best(self) -> Bools:
        """bool (1, n, m): one of the best."""
        assert self._best is not None
        return self._best

    @cached_property
    def keys(self) -> list[Key]:
        return self.meaning.keys()

    @cached_property
    def optimum(self) -> list[tuple[int, ...]]:
        """The value of every key at the optimum."""
        return self.values_of(self.best)

    def values_of(self, x: Bools) -> list[tuple[int, ...]]:
        """Return the value of every key of one assignment (1, n, m)."""
        return [tuple(int(v) for v in key.values(x)[0]) for key in self.keys]

    def _open_pairs(self) -> list[tuple[int, int]]:
        i, j = (side.tolist() for side in self.open)
        return list(zip(i, j, strict=True))

    # -- stating --------------------------------------------------------------------------------

    def at(
        self, mentees: Any = None, mentors: Any = None, worth: Any = None, times: int = 1
    ) -> dict[int, int]:
        """Coefficients of the pairs of some mentees with some mentors, 1 or `worth` (n, m)."""
        i, j = self.open
        weight = np.full(len(i), times, dtype=np.int64)
        if mentees is not None:
            weight = weight * np.asarray(mentees)[i]
        if mentors is not None:
            weight = weight * np.asarray(mentors)[j]
        if worth is not None:
            weight = weight * np.asarray(worth)[i, j]
        return {int(v): int(weight[v]) for v in np.flatnonzero(weight)}

    def new(self, high: float) -> int:
        """Add a whole number from 0 to `high`; return its position."""
        self.low.append(0.0)
        self.high.append(high)
        return len(self.low) - 1

    def row(
        self, terms: dict[int, int], *, low: int | None = None, high: int | None = None
    ) -> None:
        common = int(np.gcd.reduce(list(terms.values()))) if terms else 1
        self.rows.append(
            (
                {v: c // common for v, c in terms.items()},
                -np.inf if low is None else -(-low // common),
                np.inf if high is None else high // common,
            )
        )

    def _constrain(self, c: Any) -> None:
        d = self.meaning
        if isinstance(c, mm.ScoreFloor):
            self._forbid(d.points < d.floors(c)[:, None])
        elif isinstance(c, mm.Load) and c.by is None:
            for j, (least, most) in enumerate(zip(*d.load_bounds(c), strict=True)):
                self.row(self.at(mentors=np.arange(d.m) == j), low=int(least), high=int(most))
        elif isinstance(c, mm.Load):
            meant = True if c.mentors is None else d.where(1, c.mentors)
            for place in d.places(c.by, c.value):
                self.row(self.at(mentors=place & meant), low=c.least, high=c.most)
        elif isinstance(c, mm.Quota):
            self._quota(c)
        elif isinstance(c, mm.Parity):
            self._parity(c)
        elif isinstance(c, mm.Together | mm.Apart):
            people = np.flatnonzero(d.where(0, c.people))
            for j in range(d.m):
                if isinstance(c, mm.Apart):
                    these = np.isin(np.arange(d.n), people)
                    self.row(self.at(these, np.arange(d.m) == j), high=1)
                    continue
                for i in people[1:]:
                    one = (np.arange(d.n) == people[0]).astype(int) - (np.arange(d.n) == i)
                    self.row(self.at(one, np.arange(d.m) == j), low=0, high=0)
        elif isinstance(c, mm.NoMutual):
            own = d.own()
            for i, k in zip(*np.triu_indices(d.n, 1), strict=True):
                if own[i] >= 0 and own[k] >= 0 and d.meant(c, i, k):
                    there = np.zeros((d.n, d.m), dtype=np.int64)
                    there[i, own[k]] = there[k, own[i]] = 1
                    self.row(self.at(worth=there), high=1)
        elif isinstance(c, mm.HoursBudget):
            wanted = np.rint(d.numbers(0, c.wanted, 0) * 1000).astype(np.int64)
            for j, most in enumerate(d.numbers(1, c.offered, 1e9)):
                self.row(self.at(wanted, np.arange(d.m) == j), high=round(most * 1000))
        else:
            assert isinstance(c, mm.Demand | mm.Reserve), c

    def _forbid(self, pairs: Any) -> None:
        for v, (i, j) in enumerate(zip(*self.open, strict=True)):
            if pairs[i, j]:
                self.high[v] = 0.0

    def _quota(self, c: mm.Quota) -> None:
        d = self.meaning
        for value in d.groups(0, c.column) if c.value is None else [c.value]:
            group = d.group(0, c.column, value).astype(np.int64)
            for place in d.places(c.over, c.over_value):
                for bound, side in ((c.least, "low"), (c.most, "high")):
                    if isinstance(bound, float):
                        taken = max(int(d.capacity.sum()), 1)
                        part = nearest_share(share(bound), taken, up=side == "low")
                        weight = group * part.denominator - part.numerator
                        self.row(self.at(weight, place), **{side: 0})
                    elif bound is not None:
                        self.row(self.at(group, place), **{side: bound})

    def _parity(self, c: mm.Parity) -> None:
        d = self.meaning
        scored = c.measure == "mean_score"
        worth = d.points if scored else None
        groups = d.compared(c.by, c.smallest)
        for g, (ours, asked) in enumerate(groups):
            for h, (theirs, wanted) in enumerate(groups):
                if g == h:
                    continue
                if c.measure == "impact_ratio":
                    ratio = share(c.ratio)
                    weight = ours * (ratio.numerator * wanted) - theirs * (
                        ratio.denominator * asked
                    )
                    most = 0
                else:
                    weight = ours * wanted - theirs.astype(np.int64) * asked
                    unit = MILLION if scored else 1
                    most = int(share(c.within) * asked * wanted * unit)
                self.row(self.at(weight, worth=worth), high=most)

    # -- solving --------------------------------------------------------------------------------

    def answer(self) -> Bools | None:
        """Return bool (1, n, m), the best assignment; None if there is none.

        Raises
        ------
        Unproven
            If HiGHS ran out of time.
        """
        if self.contradiction:
            return None
        matched = False
        kinds = [type(o) for o in self.problem.pursued]
        if mm.MaximizeMatched not in kinds and not self._reserve():
            return None
        for objective in self.problem.pursued:
            if not self._stage(objective, matched):
                return None
            if isinstance(objective, mm.MaximizeMatched):
                matched = True
                self._reserve()
        x = self._solve({})
        return None if x is None else self._pairs(x)

    def _pairs(self, solution: Any) -> Bools:
        x = np.zeros((1, self.meaning.n, self.meaning.m), dtype=bool)
        x[0, self.open[0], self.open[1]] = solution[: len(self.open[0])] > 0.5
        assert self.meaning.feasible(x)[0], "HiGHS says more than its tolerance allows"
        return x

    def _solve(self, gain: dict[int, int]) -> Any:
        """Return the solution of the greatest gain, None if there is none."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        size = len(self.low)
        if not size:
            return np.zeros(0) if all(lo <= 0 <= hi for _, lo, hi in self.rows) else None
        cost = np.zeros(size)
        common = int(np.gcd.reduce(list(gain.values()))) if gain else 1
        for v, c in gain.items():
            cost[v] = -c / common
        indptr = np.cumsum([0, *(len(terms) for terms, _, _ in self.rows)])
        indices = np.array([v for terms, _, _ in self.rows for v in terms], dtype=int)
        data = np.array([c for terms, _, _ in self.rows for c in terms.values()], dtype=float)
        found = milp(
            cost,
            integrality=np.ones(size),
            bounds=Bounds(np.array(self.low), np.array(self.high)),
            constraints=LinearConstraint(
                csr_array((data, indices, indptr), shape=(len(self.rows), size)),
                np.array([low for _, low, _ in self.rows]),
                np.array([high for _, _, high in self.rows]),
            ),
            options={"mip_rel_gap": 0, "time_limit": self.time_limit},
        )
        if found.status == 2:
            return None
        if found.status != 0:
            raise Unproven(found.message)
        return np.rint(found.x)

    def _most(self, terms: dict[int, int]) -> bool:
        """Maximise whole numbers and hold what was reached; False if nothing is feasible."""
        x = self._solve(terms)
        if x is None:
            return False
        self.row(terms, low=int(sum(c * x[v] for v, c in terms.items())))
        return True

    def _stage(self, objective: Any, matched: bool) -> bool:
        d = self.meaning
        if isinstance(objective, mm.MaximizeMatched):
            return self._count(objective)
        if isinstance(objective, mm.MaximizeTotal):
            return self._most(self.at(worth=d.points))
        if isinstance(objective, mm.MinimizeChanges):
            kept = np.zeros((d.n, d.m), dtype=np.int64)
            for a, b in objective.previous:
                if a in d.ids[0] and b in d.ids[1]:
                    kept[d.ids[0].index(a), d.ids[1].index(b)] = 1
            return self._most(self.at(worth=kept))
        if isinstance(objective, mm.MaximizeWishes):
            return all(self._most(self.at(worth=worth)) for worth in d.wishes(objective))
        if isinstance(objective, mm.MinimizeDefects):
            seated = np.flatnonzero(d.problem.scores.seated).tolist()
            if objective.by_score and not self._most({self.has[i]: 1 for i in seated}):
                return False
            return self._most(self.at(worth=-d.below()))
        if isinstance(objective, mm.BalanceLoad):
            return self._balance()
        if isinstance(objective, mm.MaximizeWorstGroup):
            groups = d.compared(objective.by, objective.smallest)
            if not groups:
                return self._solve({}) is not None
            unit = lcm(*(asked for _, asked in groups))
            worst = self.new(float(unit * MILLION * d.m))
            for group, asked in groups:
                terms = self.at(group, worth=d.points, times=unit // asked)
                self.row({**terms, worst: -1}, low=0)
            return self._most({worst: 1})
        if isinstance(objective, mm.MaximizeMinimum) and d.asked.max(initial=1) <= 1:
            return self._bottleneck(matched)
        raise Unproven(repr(objective))

    def _count(self, objective: mm.MaximizeMatched) -> bool:
        d = self.meaning
        slots = max(int(d.asked.max(initial=1)), 1)
        has = [[self.new(1.0) for _ in range(d.n)] for _ in range(slots)]
        for i in range(d.n):
            mine = [slot[i] for slot in has]
            self.row({**self.at(np.arange(d.n) == i), **dict.fromkeys(mine, -1)}, low=0, high=0)
            for first, second in pairwise(mine):
                self.row({first: 1, second: -1}, low=0)
        self.has = has[0]
        given = objective.priority
        if isinstance(given, str):
            worth = d.numbers(0, given, 0).astype(np.int64).tolist()
        else:
            worth = [(given or {}).get(p, 0) for p in d.ids[0]]
        stages = [dict.fromkeys(has[0], 1), {v: w for v, w in zip(has[0], worth, strict=True) if w}]
        stages += [dict.fromkeys(slot, 1) for slot in has[1:]]
        return all(self._most(terms) for terms in stages)

    def _reserve(self) -> bool:
        d = self.meaning
        total: dict[int, int] = {}
        for c in d.constraints(mm.Reserve):
            group = d.group(0, c.column, c.value)
            for place in d.places(c.over, c.over_value):
                filled = self.new(float(c.seats))
                self.row({**self.at(group, place), filled: -1}, low=0)
                total[filled] = 1
        return self._most(total)

    def _balance(self) -> bool:
        d = self.meaning
        cost: dict[int, int] = {}
        for j in range(d.m):
            unit = [self.new(1.0) for _ in range(min(int(d.capacity[j]), d.n))]
            mine = self.at(mentors=np.arange(d.m) == j)
            self.row({**mine, **dict.fromkeys(unit, -1)}, low=0, high=0)
            cost.update({v: -(2 * k + 1) for k, v in enumerate(unit)})
        return self._most(cost)

    def _bottleneck(self, matched: bool) -> bool:
        """Forbid pairs below each level in turn, by bisection."""
        d = self.meaning
        if self._solve({}) is None:
            return False
        levels = np.unique(d.points[self.open])
        high, rows = list(self.high), list(self.rows)

        def reachable(level: int) -> bool:
            self.high, self.rows = list(high), list(rows)
            self._forbid(d.points < level)
            if not matched:
                for i in range(d.n):
                    self.row(self.at(np.arange(d.n) == i), low=1)
            if any(lo > hi for lo, hi in zip(self.low, self.high, strict=True)):
                return False
            return self._solve({}) is not None

        low, top = 0, len(levels)  # levels[:low] can be reached
        while low < top:
            middle = (low + top) // 2
            if reachable(int(levels[middle])):
                low = middle + 1
            else:
                top = middle
        if low and (matched or levels[low - 1] > 0):
            return reachable(int(levels[low - 1]))
        self.high, self.rows = high, rows
        return True


def nearest_share(part: Fraction, most: int, *, up: bool) -> Fraction:
    """Return the nearest fraction on one side with a denominator up to `most`.

    Of at most so many people it allows exactly the same numbers, in coefficients that floating
    point can hold: 1/3 is written with sixteen digits.
    """
    sign = -1 if up else 1
    whole = sign * part.numerator
    options = (Fraction(whole * q // part.denominator, q) for q in range(1, most + 1))
    return sign * max(options)


def highs(scores: mm.Scores) -> tuple[int, int]:
    """Best (matched, total points) by integer programming."""
    problem = mm.Problem(scores)
    x = Highs(problem).answer()
    assert x is not None
    keys = Definitions(problem).keys()
    matched, total = (int(key.values(x)[0, 0]) for key in keys if key.shown)
    return matched, total


# -- problems of one flow -------------------------------------------------------------------------

Value = tuple[int, int, int]
"""Matched mentees, steps of priority, points."""


def random_problem(rng: np.random.Generator, *, n: int = 5, m: int = 4) -> mm.Problem:
    """Return a problem with rules, ties, sometimes locks and priorities."""
    n, m = int(rng.integers(1, n + 1)), int(rng.integers(1, m + 1))
    levels = int(rng.choice([2, 5, 1000]))
    matrix = rng.integers(0, levels + 1, (n, m)) / levels
    admissible = rng.random((n, m)) < rng.choice([0.35, 0.7, 1.0])
    capacity = rng.integers(0, 3, m)
    locks = []
    if rng.random() < 0.3:
        options = [(i, j) for i in range(n) for j in range(m) if admissible[i, j] and capacity[j]]
        if options:
            i, j = options[rng.integers(len(options))]
            locks = [mm.Lock([(f"mentee {i + 1}", f"mentor {j + 1}")])]
    scores = mm.Scores.from_matrix(matrix, capacity=capacity, admissible=admissible, rules=locks)
    return mm.Problem(scores, objectives=random_objectives(rng, n), seed=int(rng.integers(5)))


def random_objectives(rng: np.random.Generator, n: int) -> tuple[object, ...]:
    kind = int(rng.integers(4))
    if kind == 0:
        return (mm.MaximizeTotal(),)
    if kind == 1:
        priority = {f"mentee {i + 1}": int(rng.integers(0, 3)) for i in range(n)}
        return (mm.MaximizeMatched(priority=priority), mm.MaximizeTotal())
    return (mm.MaximizeMatched(), mm.MaximizeTotal())


def best_value(
    problem: mm.Problem,
    *,
    forced: tuple[int, int] | None = None,
    points: np.ndarray | None = None,
    capacity: np.ndarray | None = None,
    least: int = 0,
) -> Value | None:
    """Return the best (matched, priority, points) over all assignments, None if there is none."""
    scores = problem.scores
    points = scores.points if points is None else points
    capacity = scores.mentors.capacity if capacity is None else capacity
    one_each = np.ones(len(points), dtype=np.int64)
    locks = [(int(i), int(j)) for i, j in scores.locks]
    locked = dict([*locks, *([] if forced is None else [forced])])
    x = every_assignment(one_each, points >= 0, capacity, locked.items())
    x = x[(x.sum(axis=1) >= least).all(axis=1)]
    return max((worth(problem, row, points) for row in x), default=None)


def worth(problem: mm.Problem, x: Bools, points: np.ndarray) -> Value:
    """Return (matched, priority, points) of an assignment (n, m), 0 for what is no objective."""
    rows = np.flatnonzero(x.any(axis=1)).tolist()
    first = problem.objectives[0]
    matched = priority = 0
    if isinstance(first, mm.MaximizeMatched):
        matched = len(rows)
        given = first.priority if isinstance(first.priority, dict) else {}
        priority = sum(given.get(f"mentee {i + 1}", 0) for i in rows)
    return matched, priority, int(points[x].sum())
