"""What every constraint and objective means, word for word from its docstring.

Judges a stack of assignments at once: bool (k, n, m), true where mentee i is with mentor j. Shares
nothing with the solvers, nor with how problems are lowered to them: only the public objects of a
`Problem`, and its scores as integers (points, millionths; negative where not admissible).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import mentormatch as mm

MILLION = 1_000_000
UNKNOWN = "unknown"
NO_LIMIT = 1 << 40

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Key:
    """One criterion of a lexicographic order; more is better, column by column.

    name : str, of the objective, or "Reserve".
    shown : bool, whether `Matching.stages` reports it.
    unit : Fraction, what to multiply the first column with for the value in the report's unit.
    values : function from assignments (k, n, m) to int (k, columns).
    """

    name: str
    shown: bool
    unit: Fraction
    values: Any


def word(value: object) -> str:
    """Return an answer as the label of a group; no answer is a group of its own."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return UNKNOWN
    return f"{value:g}" if isinstance(value, float) else str(value)


def share(bound: float) -> Fraction:
    """Return a tolerance or share as it is meant: 0.1 is a tenth, 1/3 a third."""
    for size in range(1, 10_001):
        part = Fraction(round(bound * size), size)
        if float(part) == float(bound):
            return part
    return Fraction(str(bound))


def wishes(named: Sequence[Any], ids: Sequence[list[str]], of: str) -> tuple[Ints, Ints]:
    """Return (1 where a wish would be granted, thousandths that it is worth), (n, m) each.

    named : whom the mentees and whom the mentors name, a list (or None) per person, best first.
    """

    def rank(side: int, who: int, other: int) -> int:
        """Place among those who are here, from 1; 0 where not named."""
        here = [p for p in dict.fromkeys(named[side][who] or ()) if p in ids[1 - side]]
        person = ids[1 - side][other]
        return here.index(person) + 1 if person in here else 0

    granted = np.zeros((len(ids[0]), len(ids[1])), dtype=np.int64)
    worth = granted.copy()
    for i, j in np.ndindex(*granted.shape):
        mine, yours = rank(0, i, j), rank(1, j, i)
        either = {"mentees": mine, "mentors": yours, "mutual": mine * yours}[of]
        granted[i, j] = either > 0
        less, more = sorted(Fraction(2 * k + 1, 3 * k) if k else Fraction(0) for k in (mine, yours))
        worth[i, j] = round(1000 * (4 * more + less) / 5)
    return granted, worth


class Definitions:
    """A problem, read from its public data.

    Parameters
    ----------
    problem
        n mentees, m mentors.
    mentees, mentors
        The frames that the rosters were made from; default: what the rosters say of themselves.
    """

    def __init__(
        self,
        problem: mm.Problem,
        mentees: pd.DataFrame | None = None,
        mentors: pd.DataFrame | None = None,
    ) -> None:
        scores = problem.scores
        self.problem = problem
        self.ids = list(scores.mentees.ids), list(scores.mentors.ids)
        self.n, self.m = scores.points.shape
        self.admissible: Bools = scores.points >= 0
        self.points: Ints = np.where(scores.points < 0, ~scores.points, scores.points).astype(
            np.int64
        )
        self.capacity: Ints = np.asarray(scores.mentors.capacity, dtype=np.int64)
        self.locks = [(int(i), int(j)) for i, j in scores.locks]
        self._frames = mentees, mentors

    # -- the people ---------------------------------------------------------------------------

    def column(self, side: int, name: str) -> list[Any]:
        """Return everybody's answer in one column; side 0 are the mentees."""
        frame = self._frames[side]
        if frame is None:
            profiles = (self.problem.scores.mentees, self.problem.scores.mentors)[side]
            if not len(profiles):
                return []
            return profiles.columns[name].to_list()
        at = dict(zip(map(str, frame["id"]), frame[name].tolist(), strict=True))
        return [at[person] for person in self.ids[side]]

    def numbers(self, side: int, name: str, otherwise: float) -> npt.NDArray[np.float64]:
        given = [otherwise if word(v) == UNKNOWN else float(v) for v in self.column(side, name)]
        return np.array(given, dtype=np.float64)

    def groups(self, side: int, name: str) -> dict[str, Bools]:
        """Return who is in each group, by its label."""
        words = np.array([word(v) for v in self.column(side, name)], dtype=object)
        return {label: words == label for label in sorted(set(words))}

    def where(self, side: int, people: Any) -> Bools:
        wanted = {str(person) for person in people}
        assert wanted <= set(self.ids[side]), "only ids are understood here"
        return np.array([person in wanted for person in self.ids[side]], dtype=bool)

    def group(self, side: int, column: str, value: str) -> Bools:
        found = self.groups(side, column).get(str(value))
        return np.zeros((self.n, self.m)[side], dtype=bool) if found is None else found

    def places(self, over: str, value: str | None) -> list[Bools]:
        """Return which mentors count together: each alone, all, or by a column of theirs."""
        if over == "programme":
            return [np.ones(self.m, dtype=bool)]
        if over == "mentor":
            ids = self.ids[1]
            return [self.where(1, [p]) for p in ids if value is None or p == str(value)]
        if value is not None:
            return [self.group(1, over, value)]
        return list(self.groups(1, over).values())

    @cached_property
    def asked(self) -> Ints:
        """Most mentors per mentee: the least of all demands, 1 without any, never over m."""
        most = [self._most_of(c.mentors) for c in self.constraints(mm.Demand)]
        if not most:
            return np.ones(self.n, dtype=np.int64)
        return np.minimum(np.minimum.reduce(most), max(self.m, 1))

    def _most_of(self, given: Any) -> Ints:
        if isinstance(given, int):
            return np.full(self.n, given, dtype=np.int64)
        if isinstance(given, str):
            answers = self.column(0, given)
            if any(isinstance(answer, list) for answer in answers):  # labels: one for each
                return np.array([max(len(answer or []), 1) for answer in answers], dtype=np.int64)
            return self.numbers(0, given, 1).astype(np.int64)
        return np.array([given.get(person, 1) for person in self.ids[0]], dtype=np.int64)

    def constraints(self, kind: type) -> list[Any]:
        return [c for c in self.problem.constraints if isinstance(c, kind)]

    # -- what must hold -----------------------------------------------------------------------

    def basic(self, x: Bools) -> Iterator[tuple[str, Bools]]:
        """Yield what holds without any constraint but demands: (name, bool (k,))."""
        yield "a pair is not admissible", ~(x & ~self.admissible).any(axis=(1, 2))
        load = x.sum(axis=1)
        yield "a mentor has more mentees than seats", (load <= self.capacity).all(axis=1)
        yield (
            "a mentee has more mentors than asked for",
            (x.sum(axis=2) <= self.asked).all(axis=1),
        )
        for i, j in self.locks:
            yield f"the lock of {self.ids[0][i]} and {self.ids[1][j]} is not kept", x[:, i, j]

    def checks(self, x: Bools) -> Iterator[tuple[str, Bools]]:
        """Yield everything that must hold: (name, bool (k,))."""
        yield from self.basic(x)
        for constraint in self.problem.constraints:
            yield f"{constraint!r} is not kept", self.holds(constraint, x)

    def feasible(self, x: Bools) -> Bools:
        """Return bool (k,): which assignments keep everything."""
        ok = np.ones(len(x), dtype=bool)
        for _, kept in self.checks(x):
            ok &= kept
        return ok

    def holds(self, c: Any, x: Bools) -> Bools:
        """Return bool (k,): which assignments keep one constraint."""
        return getattr(self, f"_{type(c).__name__.lower()}")(c, x)

    def floors(self, c: mm.ScoreFloor) -> Ints:
        """Return the fewest points of a pair of each mentee."""
        given = c.least
        if isinstance(given, str):
            floor = self.numbers(0, given, 0)
        elif isinstance(given, (int, float)):
            floor = np.full(self.n, float(given))
        else:
            floor = np.array([given.get(p, 0) for p in self.ids[0]], dtype=float)
        return np.rint(floor * 1e6).astype(np.int64)

    def _scorefloor(self, c: mm.ScoreFloor, x: Bools) -> Bools:
        low = self.points < self.floors(c)[:, None]
        return ~(x & low).any(axis=(1, 2))

    def load_bounds(self, c: mm.Load) -> tuple[Ints, Ints]:
        """Return fewest and most per mentor, of a load without `by`."""
        bounds = []
        for given, otherwise in ((c.least, 0), (c.most, NO_LIMIT)):
            if isinstance(given, str):
                values = self.numbers(1, given, otherwise)
            else:
                values = np.full(self.m, otherwise if given is None else given, dtype=float)
            if c.mentors is not None:
                values = np.where(self.where(1, c.mentors), values, otherwise)
            bounds.append(values.astype(np.int64))
        return bounds[0], bounds[1]

    def _load(self, c: mm.Load, x: Bools) -> Bools:
        load = x.sum(axis=1)
        if c.by is None:
            least, most = self.load_bounds(c)
            return ((load >= least) & (load <= most)).all(axis=1)
        ok = np.ones(len(x), dtype=bool)
        meant = np.ones(self.m, dtype=bool) if c.mentors is None else self.where(1, c.mentors)
        for place in self.places(c.by, c.value):
            total = load[:, place & meant].sum(axis=1)
            ok &= (total >= c.least) & (total <= (NO_LIMIT if c.most is None else c.most))
        return ok

    def _quota(self, c: mm.Quota, x: Bools) -> Bools:
        ok = np.ones(len(x), dtype=bool)
        values = self.groups(0, c.column) if c.value is None else [c.value]
        for value in values:
            group = self.group(0, c.column, value)
            for place in self.places(c.over, c.over_value):
                taken = x[:, :, place].sum(axis=(1, 2))
                ours = x[:, group][:, :, place].sum(axis=(1, 2))
                for bound, sign in ((c.least, 1), (c.most, -1)):
                    if isinstance(bound, float):
                        part = share(bound)
                        lacking = part.numerator * taken - part.denominator * ours
                        ok &= sign * lacking <= 0
                    elif bound is not None:
                        ok &= sign * (bound - ours) <= 0
        return ok

    def compared(self, column: str, smallest: int) -> list[tuple[Bools, int]]:
        """Return (members, mentors asked for) of the groups to compare."""
        large = [g for g in self.groups(0, column).values() if g.sum() >= smallest]
        return [(g, int(self.asked[g].sum())) for g in large if self.asked[g].sum() > 0]

    def means(self, groups: list[tuple[Bools, int]], worth: Any) -> tuple[Any, int]:
        """Return (per assignment and group: mean x unit, unit), as whole numbers.

        worth : function from the assignments' rows of a group to its sums (k,).
        """
        unit = lcm(*(size for _, size in groups))
        columns = [worth(group) * (unit // size) for group, size in groups]
        return np.stack(columns, axis=1), unit

    def _sums(self, x: Bools, scored: bool) -> Any:
        amount = x * self.points if scored else x.astype(np.int64)
        per_mentee = amount.sum(axis=2)

        def of(group: Bools) -> Any:
            total = per_mentee[:, group].sum(axis=1)
            return total if len(x) > 1 else total.astype(object)  # one: exact whatever the sizes

        return of

    def _parity(self, c: mm.Parity, x: Bools) -> Bools:
        groups = self.compared(c.by, c.smallest)
        if len(groups) < 2:
            return np.ones(len(x), dtype=bool)
        scored = c.measure == "mean_score"
        values, unit = self.means(groups, self._sums(x, scored))
        low, high = values.min(axis=1), values.max(axis=1)
        if c.measure == "impact_ratio":
            ratio = share(c.ratio)
            kept = low * ratio.denominator >= high * ratio.numerator
        else:
            most = share(c.within) * unit * (MILLION if scored else 1)
            kept = (high - low) * most.denominator <= most.numerator
        return np.asarray(kept, dtype=bool)

    def _together(self, c: mm.Together, x: Bools) -> Bools:
        people = np.flatnonzero(self.where(0, c.people))
        return (x[:, people] == x[:, people[:1]]).all(axis=(1, 2))

    def _apart(self, c: mm.Apart, x: Bools) -> Bools:
        return (x[:, self.where(0, c.people)].sum(axis=1) <= 1).all(axis=1)

    def _nomutual(self, c: mm.NoMutual, x: Bools) -> Bools:
        own = self.own()
        ok = np.ones(len(x), dtype=bool)
        for i, k in zip(*np.triu_indices(self.n, 1), strict=True):
            if own[i] >= 0 and own[k] >= 0 and self.meant(c, i, k):
                ok &= ~(x[:, i, own[k]] & x[:, k, own[i]])
        return ok

    def meant(self, c: mm.NoMutual, i: int, k: int) -> bool:
        """Tell whether a constraint names two mentees, by whatever people call them."""
        people = self.problem.scores.mentees
        called = [{people.ids[at], people.emails[at], people.names[at]} for at in (i, k)]
        return c.pairs is None or any({a, b} & called[0] and {a, b} & called[1] for a, b in c.pairs)

    def own(self) -> list[int]:
        """Return where each mentee stands among the mentors herself, by id or e-mail, or -1."""
        mentees, mentors = self.problem.scores.mentees, self.problem.scores.mentors
        at = {person: j for j, person in enumerate(mentors.ids)}
        at |= {mail: j for j, mail in enumerate(mentors.emails) if mail}
        known = zip(mentees.ids, mentees.emails, strict=True)
        return [at.get(person, at.get(mail or "", -1)) for person, mail in known]

    def _hoursbudget(self, c: mm.HoursBudget, x: Bools) -> Bools:
        wanted = np.rint(self.numbers(0, c.wanted, 0) * 1000).astype(np.int64)
        offered = np.rint(self.numbers(1, c.offered, 1e9) * 1000).astype(np.int64)
        return (np.einsum("kij,i->kj", x.astype(np.int64), wanted) <= offered).all(axis=1)

    def _demand(self, c: mm.Demand, x: Bools) -> Bools:
        return (x.sum(axis=2) <= self._most_of(c.mentors)).all(axis=1)

    def _reserve(self, c: mm.Reserve, x: Bools) -> Bools:
        return np.ones(len(x), dtype=bool)  # soft

    def below(self) -> Ints:
        """Return 1 for each pair whose mentor has fewer years than the mentee, both known."""
        mine, yours = (self.numbers(side, "experience", np.nan) for side in (0, 1))
        return (yours < mine[:, None]).astype(np.int64)

    # -- what is to be achieved ---------------------------------------------------------------

    def keys(self) -> list[Key]:
        """Return everything in lexicographic order, reserves right after the number matched."""
        found: list[Key] = []
        matched = False
        for objective in self.problem.pursued:
            found += self.keys_of(objective, matched)
            if isinstance(objective, mm.MaximizeMatched):
                matched = True
                found += self._reserves()
        return found if matched else self._reserves() + found

    def keys_of(self, objective: Any, matched: bool) -> list[Key]:
        """Return the keys of one objective.

        matched : bool, whether `MaximizeMatched` comes before it.
        """
        name = type(objective).__name__
        one, points = Fraction(1), Fraction(1, MILLION)
        if isinstance(objective, mm.MaximizeMatched):
            return self._counts(objective)
        if isinstance(objective, mm.MaximizeTotal):
            return [Key(name, True, points, lambda x: (x * self.points).sum(axis=(1, 2))[:, None])]
        if isinstance(objective, mm.MinimizeChanges):
            kept = np.zeros((self.n, self.m), dtype=np.int64)
            for mentee, mentor in objective.previous:
                if mentee in self.ids[0] and mentor in self.ids[1]:
                    kept[self.ids[0].index(mentee), self.ids[1].index(mentor)] = 1
            return [Key(name, True, one, lambda x: (x * kept).sum(axis=(1, 2))[:, None])]
        if isinstance(objective, mm.MaximizeWishes):
            granted, worth = self.wishes(objective)
            return [
                Key(name, True, one, lambda x: (x * granted).sum(axis=(1, 2))[:, None]),
                Key(name, False, one, lambda x: (x * worth).sum(axis=(1, 2))[:, None]),
            ]
        if isinstance(objective, mm.MinimizeDefects):
            below = self.below()
            fewest = Key(name, True, -one, lambda x: -(x * below).sum(axis=(1, 2))[:, None])
            if not objective.by_score:
                return [fewest]
            seated = self.problem.scores.seated  # held against brute force on its own
            return [
                Key(name, False, one, lambda x: x.any(axis=2)[:, seated].sum(axis=1)[:, None]),
                fewest,
            ]
        if isinstance(objective, mm.BalanceLoad):
            return [
                Key(name, True, -one, lambda x: -(x.sum(axis=1) ** 2).sum(axis=1, keepdims=True))
            ]
        if isinstance(objective, mm.MaximizeMinimum):
            return [Key(name, True, points, lambda x: self._worst(x, matched)[:, None])]
        if isinstance(objective, mm.MaximizeWorstGroup):
            return [self._by_group(name, objective.by, objective.smallest, worst=True)]
        assert isinstance(objective, mm.Leximin), objective
        if objective.over == "mentees":
            return self._leximin_of_mentees(matched)
        if objective.over == "mentors":
            return [Key(name, True, points, self._sorted_mentors)]
        return [self._by_group(name, objective.over, objective.smallest, worst=False)]

    def wishes(self, objective: mm.MaximizeWishes) -> tuple[Ints, Ints]:
        """Return (1 where a wish would be granted, thousandths that it is worth), (n, m) each."""
        return wishes([self.column(side, "preferred") for side in (0, 1)], self.ids, objective.of)

    def _counts(self, objective: mm.MaximizeMatched) -> list[Key]:
        """First mentors, then priorities, then second mentors, and so on."""
        given = objective.priority
        if isinstance(given, str):
            worth = self.numbers(0, given, 0).astype(np.int64)
        else:
            worth = np.array([(given or {}).get(p, 0) for p in self.ids[0]], dtype=np.int64)
        name, one = "MaximizeMatched", Fraction(1)

        def with_slot(slot: int) -> Any:
            return lambda x: (x.sum(axis=2) >= slot).sum(axis=1, keepdims=True)

        keys = [
            Key(name, True, one, with_slot(1)),
            Key(name, False, one, lambda x: (x.any(axis=2) * worth).sum(axis=1, keepdims=True)),
        ]
        slots = range(2, int(self.asked.max(initial=1)) + 1)
        return keys + [Key(name, False, one, with_slot(slot)) for slot in slots]

    def _sum_of_mentees(self, x: Bools) -> Ints:
        return (x * self.points).sum(axis=2)

    def _worst(self, x: Bools, matched: bool) -> Ints:
        """Return the least sum of a mentee, of a matched one where `matched`; 0 of nobody."""
        sums = self._sum_of_mentees(x)
        if matched:
            sums = np.where(x.any(axis=2), sums, NO_LIMIT)
        worst = sums.min(axis=1, initial=NO_LIMIT)
        return np.where(worst == NO_LIMIT, 0, worst)

    def _leximin_of_mentees(self, matched: bool) -> list[Key]:
        """The report shows the worst of the matched after `MaximizeMatched`, else of all."""
        points = Fraction(1, MILLION)
        every = Key("Leximin", not matched, points, lambda x: np.sort(self._sum_of_mentees(x)))
        if not matched:
            return [every]
        return [every, Key("Leximin", True, points, lambda x: self._worst(x, True)[:, None])]

    def _sorted_mentors(self, x: Bools) -> Ints:
        return np.sort((x * self.points).sum(axis=1), axis=1)

    def _by_group(self, name: str, column: str, smallest: int, worst: bool) -> Key:
        groups = self.compared(column, smallest)
        if not groups:  # nobody asks for anything: constant
            return Key(name, True, Fraction(0), lambda x: np.zeros((len(x), 1), dtype=np.int64))
        unit = lcm(*(size for _, size in groups))

        def values(x: Bools) -> Any:
            means, _ = self.means(groups, self._sums(x, True))
            return means.min(axis=1, keepdims=True) if worst else np.sort(means, axis=1)

        return Key(name, True, Fraction(1, unit * MILLION), values)

    def _reserves(self) -> list[Key]:
        held = self.constraints(mm.Reserve)
        if not held:
            return []

        def filled(x: Bools) -> Ints:
            total = np.zeros(len(x), dtype=np.int64)
            for c in held:
                group = self.group(0, c.column, c.value)
                for place in self.places(c.over, c.over_value):
                    used = x[:, group][:, :, place].sum(axis=(1, 2))
                    total += np.minimum(used, c.seats)
            return total[:, None]

        return [Key("Reserve", False, Fraction(1), filled)]


def incidence(matching: mm.Matching) -> Bools:
    """Return bool (1, n, m): a matching as a stack of one assignment."""
    x = np.zeros((1, *matching.problem.scores.points.shape), dtype=bool)
    rows, columns = matching.pairs
    x[0, rows, columns] = True
    return x
