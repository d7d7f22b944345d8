"""Brute force: every assignment of a tiny problem, judged by the definitions in words.

Shares no code with the solvers: constraints and objectives are evaluated on the incidence tensor
of all assignments, straight from their docstrings.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations, product
from typing import Any

import numpy as np
import pandas as pd

import mentormatch as mm
from mentormatch.matching import constraints as c
from mentormatch.matching import objectives as o
from tests.definitions import wishes


def every_assignment(n: int, m: int, most: np.ndarray, admissible: np.ndarray) -> np.ndarray:
    """bool (assignments, n, m): each mentee with each admissible set of at most `most` mentors."""
    choices = []
    for i in range(n):
        open_ = np.flatnonzero(admissible[i]).tolist()
        sets = chain.from_iterable(combinations(open_, k) for k in range(int(most[i]) + 1))
        choices.append([np.isin(np.arange(m), s) for s in sets])
    every = [np.array(option) for option in product(*choices)]
    return np.array(every, dtype=bool).reshape(-1, n, m)


def groups(frame: pd.DataFrame, column: str) -> dict[str, np.ndarray]:
    labels = frame[column].map(lambda v: "unknown" if pd.isna(v) else str(v))
    return {label: (labels == label).to_numpy() for label in sorted(set(labels))}


class Oracle:
    def __init__(self, problem: mm.Problem, mentees: pd.DataFrame, mentors: pd.DataFrame) -> None:
        self.problem, self.mentees, self.mentors = problem, mentees, mentors
        self.points = np.where(problem.scores.points < 0, 0, problem.scores.points).astype(int)
        self.n, self.m = self.points.shape
        self.asked = np.ones(self.n, dtype=int)
        for constraint in problem.constraints:
            if isinstance(constraint, c.Demand):
                self.asked = np.full(self.n, min(int(constraint.mentors), max(self.m, 1)))
        x = every_assignment(self.n, self.m, self.asked, problem.scores.points >= 0)
        self.x = x[self.holds(x)]

    def holds(self, x: np.ndarray) -> np.ndarray:
        load = x.sum(axis=1)
        ok = (load <= self.problem.scores.mentors.capacity).all(axis=1)
        for i, j in self.problem.scores.locks:
            ok &= x[:, i, j]
        for constraint in self.problem.constraints:
            ok &= self.check(constraint, x)
        return ok

    def person(self, name: str) -> int:
        return list(self.mentees["id"]).index(name)

    def places(self, over: str, value: str | None) -> list[np.ndarray]:
        if over == "programme":
            return [np.ones(self.m, dtype=bool)]
        if over == "mentor":
            ids = self.mentors["id"]
            return [(ids == p).to_numpy() for p in ids if value in (None, p)]
        return [mask for v, mask in groups(self.mentors, over).items() if value in (None, v)]

    def check(self, k: Any, x: np.ndarray) -> np.ndarray:
        every = np.ones(len(x), dtype=bool)
        if isinstance(k, c.ScoreFloor):
            if isinstance(k.least, dict):
                floor = np.array([k.least.get(p, 0) for p in self.mentees["id"]])
            else:
                floor = np.full(self.n, k.least)
            low = self.points < np.rint(floor * 1e6)[:, None]
            return ~(x & low).any(axis=(1, 2))
        if isinstance(k, c.Load):
            if k.by is None:
                load = x.sum(axis=1)
                return ((load >= k.least) & (load <= (99 if k.most is None else k.most))).all(1)
            for place in self.places(k.by, k.value):
                load = x[:, :, place].sum(axis=(1, 2))
                every &= (load >= k.least) & (load <= (99 if k.most is None else k.most))
            return every
        if isinstance(k, c.Quota):
            for label, group in groups(self.mentees, k.column).items():
                if k.value not in (None, label):
                    continue
                for place in self.places(k.over, k.over_value):
                    used = x[:, :, place]
                    count, all_ = used[:, group].sum(axis=(1, 2)), used.sum(axis=(1, 2))
                    for bound, sign in ((k.least, 1), (k.most, -1)):
                        if isinstance(bound, float):
                            part = Fraction(str(bound))
                            wanted = part.numerator * all_ - part.denominator * count
                            every &= sign * wanted <= 0
                        elif bound is not None:
                            every &= sign * (bound - count) <= 0
            return every
        if isinstance(k, c.Parity):
            return self.parity(k, x)
        if isinstance(k, c.Together):
            people = [self.person(p) for p in k.people]
            return (x[:, people] == x[:, people[:1]]).all(axis=(1, 2))
        if isinstance(k, c.Apart):
            people = [self.person(p) for p in k.people]
            return (x[:, people].sum(axis=1) <= 1).all(axis=1)
        if isinstance(k, c.HoursBudget):
            wanted = self.mentees[k.wanted].fillna(0).to_numpy()
            offered = self.mentors[k.offered].fillna(99).to_numpy()
            return ((x * wanted[:, None]).sum(axis=1) <= offered + 1e-9).all(axis=1)
        assert isinstance(k, c.Demand | c.Reserve), k
        return every

    def means(self, column: str, smallest: int, x: np.ndarray) -> list[list[Fraction]]:
        """Per assignment: the mean score per group, by mentors asked for."""
        kept = [g for g in groups(self.mentees, column).values() if g.sum() >= smallest]
        sums = [(x[:, g] * self.points[g]).sum(axis=(1, 2)) for g in kept]
        sizes = [int(self.asked[g].sum()) for g in kept]
        return [
            [Fraction(int(total[a]), size) for total, size in zip(sums, sizes, strict=True)]
            for a in range(len(x))
        ]

    def parity(self, k: c.Parity, x: np.ndarray) -> np.ndarray:
        kept = [g for g in groups(self.mentees, k.by).values() if g.sum() >= k.smallest]
        if len(kept) < 2:
            return np.ones(len(x), dtype=bool)
        if k.measure == "mean_score":
            limit = Fraction(str(k.within)) * 1_000_000
            return np.array([max(v) - min(v) <= limit for v in self.means(k.by, k.smallest, x)])
        counts = np.array([x[:, g].sum(axis=(1, 2)) for g in kept]).T
        sizes = [int(self.asked[g].sum()) for g in kept]
        ok = []
        for row in counts.tolist():
            shares = [Fraction(v, s) for v, s in zip(row, sizes, strict=True)]
            if k.measure == "matched_share":
                ok.append(max(shares) - min(shares) <= Fraction(str(k.within)))
            else:
                ok.append(min(shares) >= Fraction(str(k.ratio)) * max(shares))
        return np.array(ok, dtype=bool)

    def best(self) -> tuple[np.ndarray, dict[str, Any]]:
        """All lexicographically best assignments, and the (first) key of each objective."""
        x, reached, matched = self.x, {}, False
        if not any(isinstance(k, o.MaximizeMatched) for k in self.problem.objectives):
            for reserve in self.reserves():
                values = reserve(x)
                x = x[np.array(values) == max(values)]
        for objective in self.problem.pursued:
            for key in self.keys(objective, x, matched):
                values = key(x)
                top = max(values)
                x = x[np.array([value == top for value in values], dtype=bool)]
                reached.setdefault(type(objective).__name__, top)
            if isinstance(objective, o.MaximizeMatched):
                matched = True
                for reserve in self.reserves():
                    values = reserve(x)
                    x = x[np.array(values) == max(values)]
        return x, reached

    def reserves(self) -> list[Any]:
        held = [k for k in self.problem.constraints if isinstance(k, c.Reserve)]
        if not held:
            return []

        def filled(x: np.ndarray) -> list[int]:
            total = np.zeros(len(x), dtype=int)
            for k in held:
                group = groups(self.mentees, k.column)[k.value]
                for place in self.places(k.over, k.over_value):
                    used = x[:, group][:, :, place].sum(axis=(1, 2))
                    total += np.minimum(used, k.seats)
            return total.tolist()

        return [filled]

    def keys(self, objective: Any, x: np.ndarray, matched: bool) -> list[Any]:
        points = self.points
        if isinstance(objective, o.MaximizeMatched):
            priority = objective.priority or {}
            worth = np.array([priority.get(p, 0) for p in self.mentees["id"]])
            keys = [
                lambda x: (x.any(axis=2)).sum(axis=1).tolist(),
                lambda x: (x.any(axis=2) * worth).sum(axis=1).tolist(),
            ]
            slots = range(2, int(self.asked.max(initial=1)) + 1)
            more = [lambda x, s=s: (x.sum(axis=2) >= s).sum(axis=1).tolist() for s in slots]
            return keys + more
        if isinstance(objective, o.MaximizeTotal):
            return [lambda x: (x * points).sum(axis=(1, 2)).tolist()]
        if isinstance(objective, o.MinimizeChanges):
            ids = list(self.mentees["id"]), list(self.mentors["id"])
            kept = np.zeros((self.n, self.m), dtype=int)
            for mentee, mentor in objective.previous:
                kept[ids[0].index(mentee), ids[1].index(mentor)] = 1
            return [lambda x: (x * kept).sum(axis=(1, 2)).tolist()]
        if isinstance(objective, mm.MaximizeWishes):
            frames = self.mentees, self.mentors
            tables = wishes(
                [list(f["preferred"]) for f in frames],
                [list(f["id"]) for f in frames],
                objective.of,
            )
            return [lambda x, t=t: (x * t).sum(axis=(1, 2)).tolist() for t in tables]
        if isinstance(objective, o.BalanceLoad):
            return [lambda x: (-(x.sum(axis=1) ** 2).sum(axis=1)).tolist()]
        if isinstance(objective, o.MaximizeWorstGroup):
            return [lambda x: [min(v) for v in self.means(objective.by, objective.smallest, x)]]
        if isinstance(objective, o.MaximizeMinimum):
            return [lambda x: [self.worst(a, matched) for a in x]]
        assert isinstance(objective, o.Leximin)
        if objective.over == "mentees":
            return [lambda x: [sorted((a * points).sum(axis=1).tolist()) for a in x]]
        if objective.over == "mentors":
            return [lambda x: [sorted((a * points).sum(axis=0).tolist()) for a in x]]
        return [lambda x: [sorted(v) for v in self.means(objective.over, objective.smallest, x)]]

    def worst(self, a: np.ndarray, matched: bool) -> int:
        sums = (a * self.points).sum(axis=1)
        if matched:
            sums = sums[a.any(axis=1)]
        return int(sums.min()) if sums.size else 0
