"""Random problems that mix everything, each answer judged by the validator and brute force.

``python -m tests.fuzz --count 2000 --seed 0`` tries so many, in two processes with a watchdog;
``python -m tests.fuzz --only 1234`` one again, in this process. A seed, a size and whether there
are time limits make a case; every failure prints them.
"""

from __future__ import annotations

import argparse
import inspect
import multiprocessing
import re
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from multiprocessing.connection import wait
from typing import Any

import numpy as np
import pandas as pd

import mentormatch as mm
from tests import validator
from tests.definitions import Bools, Definitions, Key, incidence
from tests.oracles import BruteForce, TooMany

Rng = np.random.Generator
Frames = tuple[pd.DataFrame, pd.DataFrame]

PATIENCE = 60.0
"""Seconds after which a case is called hung."""
LIMITS = (0.0001, 0.001, 0.01, 0.05)
SLACK = 3.0
"""Seconds that a time limit may be overrun, on a machine that does other things; see benchmarks."""
SIZES = ("tiny", "middle", "large", "thirty")
"""Up to 6 x 5, up to 60 x 20, 300 x 100, 30 x 12."""
ROUTES = ("flow", "windows", "floors", "prices", "rows")


@dataclass(frozen=True)
class Finding:
    """Something untrue.  kind : in few words, without names and numbers, to count by."""

    where: str
    text: str

    @property
    def kind(self) -> str:
        text = re.sub(r"^(\w+)\([^()]*(\([^()]*\)[^()]*)*\)", r"\1", self.text)
        text = re.sub(r"\[[^\]]*\]|'[^']*'|<[^>]*>?|\([^)]*\)", "..", text)
        return f"{self.where}: {re.sub(r'-?[0-9.]+(e-?[0-9]+)?', '#', text)[:90]}"


# -- cases --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Case:
    """One random problem: made anew from (seed, size, limits)."""

    seed: int
    size: str
    limits: bool
    problem: mm.Problem
    frames: Frames
    features: tuple[str, ...]

    def __str__(self) -> str:
        limits = " --limits" if self.limits else ""
        n, m = self.problem.scores.points.shape
        objectives = [repr(o) for o in self.problem.objectives]
        constraints = [repr(c) for c in self.problem.constraints]
        return (
            f"--only {self.seed} --size {self.size}{limits}  # {n} x {m}, seats "
            f"{self.problem.scores.mentors.capacity.tolist()[:8]}, locks "
            f"{self.problem.scores.locks.tolist()[:4]}, [{', '.join(objectives)}], "
            f"[{', '.join(constraints)}]"
        )


def _pick(rng: Rng, items: Sequence[Any]) -> Any:
    return items[int(rng.integers(len(items)))]


def _people(rng: Rng, ids: Sequence[str], least: int, most: int) -> list[str]:
    count = min(int(rng.integers(least, most + 1)), len(ids))
    return [str(p) for p in rng.permutation(np.array(ids, dtype=object))[:count]]


def _value(rng: Rng, frame: pd.DataFrame, column: str) -> str | None:
    known = sorted(frame[column].dropna().unique().tolist())
    return str(_pick(rng, known)) if known else None


def _group_column(rng: Rng) -> str:
    return "gender" if rng.random() < 0.7 else "team"


def _smallest(rng: Rng, frame: pd.DataFrame, column: str) -> int:
    counts = frame[column].value_counts(dropna=False)
    return 2 if rng.random() < 0.3 and (counts >= 2).any() else 1


def _leximin(rng: Rng, frames: Frames, over: str) -> Any:
    return mm.Leximin(over, smallest=_smallest(rng, frames[0], over))


def _group_objective(rng: Rng, frames: Frames) -> Any:
    by = _group_column(rng)
    return mm.MaximizeWorstGroup(by, smallest=_smallest(rng, frames[0], by))


def _prioritised(rng: Rng, frames: Frames) -> Any:
    if rng.random() < 0.3 and len(frames[0]):
        return mm.MaximizeMatched("rank")
    return mm.MaximizeMatched({p: int(rng.integers(0, 3)) for p in frames[0]["id"]})


def _changes(rng: Rng, frames: Frames) -> Any:
    mentees, mentors = (frame["id"].tolist() for frame in frames)
    pairs = [(p, _pick(rng, mentors)) for p in mentees if mentors and rng.random() < 0.7]
    if rng.random() < 0.2:
        pairs.append(("somebody who left", "another"))
    return mm.MinimizeChanges(pairs)


OBJECTIVES: dict[str, Callable[[Rng, Frames], Any]] = {
    "matched": lambda r, f: mm.MaximizeMatched(),
    "priority": _prioritised,
    "total": lambda r, f: mm.MaximizeTotal(),
    "minimum": lambda r, f: mm.MaximizeMinimum(),
    "leximin mentees": lambda r, f: mm.Leximin(),
    "leximin mentors": lambda r, f: mm.Leximin("mentors"),
    "leximin groups": lambda r, f: _leximin(r, f, _group_column(r)),
    "worst group": _group_objective,
    "balance": lambda r, f: mm.BalanceLoad(),
    "changes": _changes,
    "wishes": lambda r, f: mm.MaximizeWishes(
        str(_pick(r, ("mentees", "mentees", "mentors", "mutual")))
    ),
    "defects": lambda r, f: mm.MinimizeDefects(by_score=bool(r.integers(2))),
}


def _floor(rng: Rng, frames: Frames) -> Any:
    kind = rng.random()
    if kind < 0.2:
        return mm.ScoreFloor("floor")
    if kind < 0.6:
        return mm.ScoreFloor(float(_pick(rng, (0.0, 0.2, 0.5))))
    chosen = _people(rng, frames[0]["id"].tolist(), 0, 4)
    return mm.ScoreFloor({p: float(_pick(rng, (0.2, 0.5, 0.9))) for p in chosen})


def _load(rng: Rng, frames: Frames) -> Any:
    ids = frames[1]["id"].tolist()
    mentors = _people(rng, ids, 1, 3) if rng.random() < 0.4 and ids else None
    if rng.random() < 0.2:
        return mm.Load("fewest", "largest", mentors)
    least = int(_pick(rng, (0, 0, 1, 1, 2)))
    most = _pick(rng, (None, 1, 2, 3))
    return mm.Load(least, None if most is None else max(most, least), mentors)


def _group_load(rng: Rng, frames: Frames) -> Any:
    least = int(_pick(rng, (0, 0, 1, 2)))
    most = _pick(rng, (None, 1, 2, 3))
    value = _value(rng, frames[1], "site") if rng.random() < 0.4 else None
    if rng.random() < 0.15 and len(frames[1]):
        ids = frames[1]["id"].tolist()
        return mm.Load(0, most or 2, _people(rng, ids, 1, 2), by="site", value=value)
    return mm.Load(least, None if most is None else max(most, least), by="site", value=value)


def _demand(rng: Rng, frames: Frames) -> Any:
    kind = rng.random()
    if kind < 0.2:
        return mm.Demand("wants")
    if kind < 0.6:
        return mm.Demand(int(_pick(rng, (0, 1, 2, 2, 3))))
    chosen = _people(rng, frames[0]["id"].tolist(), 0, 4)
    return mm.Demand({p: int(rng.integers(0, 4)) for p in chosen})


def _place(rng: Rng, frames: Frames) -> tuple[str, str | None]:
    over = _pick(rng, ("mentor", "programme", "site"))
    value = None
    if rng.random() < 0.3 and over == "mentor" and len(frames[1]):
        value = str(_pick(rng, frames[1]["id"].tolist()))
    if rng.random() < 0.3 and over == "site":
        value = _value(rng, frames[1], "site")
    return over, value


def _quota(rng: Rng, frames: Frames, bounds: Sequence[Any]) -> Any:
    column = _group_column(rng)
    value = _value(rng, frames[0], column) if rng.random() < 0.6 else None
    over, over_value = _place(rng, frames)
    least, most = _pick(rng, bounds)
    return mm.Quota(column, value, over, over_value, least, most)


def _parity(rng: Rng, frames: Frames, measure: str) -> Any:
    within = float(_pick(rng, (0, 0.05, 0.1, 0.25, 1 / 3, 0.5)))
    return mm.Parity(
        _group_column(rng), measure, within=within, ratio=float(_pick(rng, (0.5, 0.8, 1))),
        smallest=int(_pick(rng, (1, 1, 2))),
    )  # fmt: skip


def _reserve(rng: Rng, frames: Frames) -> Any:
    column = _group_column(rng)
    value = _value(rng, frames[0], column)
    over, over_value = _place(rng, frames)
    return value and mm.Reserve(column, value, int(rng.integers(0, 3)), over, over_value)


def _of_people(kind: Any, rng: Rng, frames: Frames) -> Any:
    people = _people(rng, frames[0]["id"].tolist(), 2, 3)
    return kind(people) if people else None


def _no_mutual(rng: Rng, frames: Frames) -> Any:
    """For everybody, or for some by e-mail or id."""
    if len(frames[0]) < 2 or "email" not in frames[0] or rng.random() < 0.7:
        return mm.NoMutual()
    pairs = [rng.choice(len(frames[0]), 2, replace=False).tolist() for _ in range(3)]
    return mm.NoMutual([(f"p{a}@x.org", frames[0]["id"].iloc[b]) for a, b in pairs])


COUNTS = ((None, 1), (None, 2), (1, None), (0, 1), (1, 2), (None, 0))
SHARES = ((None, 0.5), (0.5, None), (0.25, 0.75), (None, 1 / 3), (None, 0.0), (0.4, None))
CONSTRAINTS: dict[str, Callable[[Rng, Frames], Any]] = {
    "floor": _floor,
    "load": _load,
    "group load": _group_load,
    "demand": _demand,
    "quota": lambda r, f: _quota(r, f, COUNTS),
    "quota share": lambda r, f: _quota(r, f, SHARES),
    "matched share": lambda r, f: _parity(r, f, "matched_share"),
    "impact ratio": lambda r, f: _parity(r, f, "impact_ratio"),
    "mean score": lambda r, f: _parity(r, f, "mean_score"),
    "reserve": _reserve,
    "together": lambda r, f: _of_people(mm.Together, r, f),
    "apart": lambda r, f: _of_people(mm.Apart, r, f),
    "no mutual": lambda r, f: _no_mutual(r, f),
    "hours": lambda r, f: mm.HoursBudget(),
}
KIND_OF = {
    "priority": "matched", "leximin mentors": "leximin mentees", "leximin groups": "leximin mentees"
}  # fmt: skip
FEATURES = (*OBJECTIVES, *CONSTRAINTS, "locks")
PAIRS = [(a, b) for a, b in combinations(FEATURES, 2) if KIND_OF.get(a, a) != KIND_OF.get(b, b)]
"""Every two features that can stand together; the seed goes round them in turn."""


def make(seed: int, size: str = "tiny", limits: bool = False) -> Case:
    """Make the case of a seed."""
    rng = np.random.default_rng([seed, SIZES.index(size), int(limits)])
    wanted = list(PAIRS[seed % len(PAIRS)])
    extra = int(_pick(rng, (0, 0, 0, 1, 1, 2)))
    wanted += [str(f) for f in rng.permutation(np.array(FEATURES, dtype=object))[:extra]]
    features = tuple(dict.fromkeys(wanted))
    frames = _frames(rng, size, "demand" in features)
    if "no mutual" in features:  # some are on both rosters, known by their e-mails
        for frame in frames:
            frame["email"] = [f"p{k}@x.org" for k in range(len(frame))]
    scores = _scores(rng, frames, size, "locks" in features)
    constraints = [CONSTRAINTS[f](rng, frames) for f in features if f in CONSTRAINTS]
    if not len(frames[0]) or not len(frames[1]):  # an empty roster has no columns of numbers
        constraints = [c for c in constraints if c is not None and not _reads_numbers(c)]
    problem = mm.Problem(
        scores,
        objectives=_objectives(rng, frames, [f for f in features if f in OBJECTIVES]),
        constraints=[c for c in constraints if c is not None],
        seed=int(rng.integers(3)),
    )
    return Case(seed, size, limits, problem, frames, features)


def _reads_numbers(c: Any) -> bool:
    named = ("fewest", "floor", "wants")
    return isinstance(c, mm.HoursBudget) or any(
        v in named for v in vars(c).values() if isinstance(v, str)
    )


def _frames(rng: Rng, size: str, several: bool) -> Frames:
    if size == "tiny":
        n = int(_pick(rng, (1, 2, 3, 3, 4, 4, 4, 5, 5, 6)))
        m = int(_pick(rng, (1, 1, 2, 2, 2, 3, 3, 3, 4, 5)))
        if several:
            n, m = min(n, 4), min(m, 3)
        empty = rng.random()
        n, m = (0 if empty < 0.015 else n), (0 if 0.01 < empty < 0.025 else m)
    elif size == "thirty":
        n, m = 30, 12
    elif size == "middle":
        n, m = int(rng.integers(8, 61)), int(rng.integers(3, 21))
    else:
        n, m = 300, 100
    return rosters(rng, n, m)


def rosters(rng: Rng, n: int, m: int) -> Frames:
    """Return n mentees and m mentors with everything that objectives and constraints read."""
    mentees, mentors = _roster(rng, n, _mentee_columns), _roster(rng, m, _mentor_columns)
    own = rng.spawn(1)[0]  # leaves the stream as it was
    for mine, others, most in ((mentees, mentors, 4), (mentors, mentees, 3)):
        wishes = _wishes(own, len(mine), others["id"].tolist(), most)
        mine["preferred"] = pd.Series(wishes, dtype=object)
    return mentees, mentors


def _wishes(rng: Rng, count: int, others: Sequence[str], most: int) -> list[list[str] | None]:
    """Return whom each wishes for, best first: some for somebody who is not here, some nobody."""
    return [
        None
        if rng.random() < 0.4
        else [*_people(rng, others, 0, most), *["gone"][: rng.integers(2)]]
        for _ in range(count)
    ]


def _roster(rng: Rng, count: int, columns: Any) -> pd.DataFrame:
    made: dict[str, Any] = columns(rng, count)
    return pd.DataFrame(made)


def _labels(rng: Rng, labels: Sequence[str], count: int, missing: float) -> Any:
    values = rng.choice(np.array(labels, dtype=object), count)
    values[rng.random(count) < missing] = None
    return values


def _years(rng: Rng, count: int) -> Any:
    years = rng.integers(0, 4, count).astype(float)
    years[rng.random(count) < 0.1] = np.nan
    years[:1] = 2.0
    return years


def _mentee_columns(rng: Rng, n: int) -> dict[str, Any]:
    wants = rng.integers(0, 4, n).astype(float)
    wants[rng.random(n) < 0.2] = np.nan
    floor = rng.choice([0.0, 0.2, 0.5], n)
    floor[rng.random(n) < 0.3] = np.nan
    hours = np.where(rng.random(n) < 0.1, np.nan, rng.choice([0.5, 1.0, 2.0], n))
    for answers in (wants, floor, hours):  # a column without any number is none of numbers
        answers[:1] = 1.0 if answers is not floor else 0.2
    return {
        "id": [f"e{i}" for i in range(n)],
        "gender": _labels(rng, ("f", "m"), n, 0.1),
        "team": _labels(rng, ("x", "y", "z"), n, 0.0),
        "hours": hours,
        "wants": wants,
        "floor": floor,
        "rank": rng.integers(0, 4, n).astype(float),
        "experience": _years(rng, n),
    }


def _mentor_columns(rng: Rng, m: int) -> dict[str, Any]:
    largest = rng.integers(1, 4, m).astype(float)
    largest[rng.random(m) < 0.3] = np.nan
    hours = np.where(rng.random(m) < 0.2, np.nan, rng.choice([1.0, 2.5, 4.0], m))
    largest[:1], hours[:1] = 2.0, 2.5
    return {
        "id": [f"r{j}" for j in range(m)],
        "site": _labels(rng, ("a", "b"), m, 0.1),
        "hours": hours,
        "fewest": (rng.random(m) < 0.3).astype(float),
        "largest": largest,
        "experience": _years(rng, m),
    }


def _scores(rng: Rng, frames: Frames, size: str, locks: bool) -> mm.Scores:
    n, m = len(frames[0]), len(frames[1])
    levels = int(_pick(rng, (2, 3, 5, 11, 101, 1001 if size != "thirty" else 11)))
    matrix = rng.integers(0, levels, (n, m)) / (levels - 1)
    allowed = rng.random((n, m)) < _pick(rng, (1.0, 0.9, 0.6))
    if size == "tiny":
        seats = rng.integers(0, int(_pick(rng, (1, 2, 3, 4))) + 1, m)
    else:
        seats = rng.integers(0, 2 * max(n // max(m, 1), 1) + 1, m)
    pairs = []
    if locks and n and m:
        for i in rng.permutation(n)[: int(rng.integers(1, 3))].tolist():
            j = int(rng.integers(m))
            if rng.random() < 0.9:
                allowed[i, j] = True
                seats[j] = max(seats[j], 1)
            pairs.append((f"e{i}", f"r{j}"))
    return mm.Scores.from_matrix(
        matrix, capacity=seats, admissible=allowed, mentees=frames[0], mentors=frames[1],
        rules=[mm.Lock(pairs)] if pairs else [],
    )  # fmt: skip


def _objectives(rng: Rng, frames: Frames, wanted: list[str]) -> list[Any]:
    """Put the wanted objectives in any order, often as people would: matched, ..., total."""
    order = [str(name) for name in rng.permutation(np.array(wanted, dtype=object))]
    kinds = {KIND_OF.get(name, name) for name in order}
    usual = rng.random() < 0.5 or not order
    late = [name for name in ("balance", "defects") if name in kinds]  # nobody is best for them
    if (late or usual) and "matched" not in kinds:
        order.insert(0, "matched")
    if usual and "total" not in kinds:
        order.append("total")
    for name in late:
        at = {KIND_OF.get(one, one): place for place, one in enumerate(order)}
        if at[name] < at["matched"]:
            order.append(order.pop(at[name]))
    seen: dict[str, str] = {}
    for name in order:
        seen.setdefault(KIND_OF.get(name, name), name)
    return [OBJECTIVES[name](rng, frames) for name in seen.values()]


# -- judging ------------------------------------------------------------------------------------


@dataclass
class Judge:
    """Collects what is untrue of one case."""

    case: Case
    rng: Rng
    views: bool = True
    findings: list[Finding] = field(default_factory=list)

    def tell(self, where: str, texts: Iterable[str]) -> None:
        self.findings += [Finding(where, text) for text in texts]

    def raised(self, where: str, error: BaseException) -> None:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename.split('/')[-1]}:{frame.name}"
        words = " ".join(str(error).split())[:140]
        self.tell(where, [f"raises {type(error).__name__} in {place}: {words}"])


def run(seed: int, size: str = "tiny", limits: bool = False, routes: bool = True) -> list[Finding]:
    """Judge everything that is asked of one case."""
    case = make(seed, size, limits)
    judge = Judge(case, np.random.default_rng([seed, 99]))
    judge.views = bool(judge.rng.random() < 0.15)
    if limits or size != "tiny":
        _limited(judge)
        return judge.findings
    try:
        oracle = BruteForce(case.problem, *case.frames)
    except TooMany:
        return []
    matching = _solved(judge, oracle, "solve")
    if routes and judge.rng.random() < 0.1:
        for route in ROUTES:
            _solved(judge, oracle, f"route {route}", route=route)
    if judge.rng.random() < 0.3:
        _stable(judge, oracle)
    if matching is None:
        return judge.findings
    for chance, ask in ((0.5, _rematched), (0.2, _asked_why), (0.2, _listed), (0.25, _diagnosed)):
        if judge.rng.random() < chance:
            ask(judge, oracle, matching)
    return judge.findings


def _solved(judge: Judge, oracle: BruteForce, where: str, **options: Any) -> mm.Matching | None:
    """Solve and compare with every assignment."""
    try:
        matching = mm.solve(judge.case.problem, **options)
    except mm.InfeasibleError as error:
        if not oracle.infeasible:
            judge.tell(where, [f"InfeasibleError, {len(oracle.x)} are feasible: {str(error)[:80]}"])
        return None
    except mm.errors.ParameterError as error:
        if "route" not in options or "route" not in str(error):
            judge.raised(where, error)
        return None
    except Exception as error:
        judge.raised(where, error)
        return None
    return matching if judge_optimal(judge, oracle, matching, where) else None


def judge_optimal(judge: Judge, oracle: BruteForce, matching: mm.Matching, where: str) -> bool:
    """Tell what is wrong with an answer that must be optimal; whether nothing is."""
    wrong = validator.check(matching, *judge.case.frames, views=judge.views)
    wrong += validator.check_optimal(matching, oracle)
    if validator.status_of(matching) not in ("optimal", "stable"):
        wrong.append(f"status {validator.status_of(matching)} without a limit")
    judge.tell(where, wrong)
    known = ("proof:", "repr says total")
    return all(text.startswith(known) for text in wrong)


def _limited(judge: Judge) -> None:
    """Solve in next to no time: feasible, honest, in time."""
    case = judge.case
    limit = float(_pick(judge.rng, LIMITS)) if case.limits else None
    meaning = Definitions(case.problem, *case.frames)
    least = np.zeros((1, meaning.n, meaning.m), dtype=bool)
    for i, j in meaning.locks:
        least[0, i, j] = True
    for attempt in range(2):  # the first may compile
        started = time.perf_counter()
        error: Exception | None = None
        matching = None
        try:
            matching = mm.solve(case.problem, time_limit=limit)
        except Exception as caught:
            error = caught
        seconds = time.perf_counter() - started
        if limit is None or seconds <= limit + SLACK:
            break
        if attempt:
            judge.tell("limit", [f"took {seconds:.1f} s, limit {limit}"])
    if matching is not None:
        wrong = validator.check(matching, *case.frames, views=judge.views and case.size != "large")
        judge.tell("limit", wrong)
        return
    if isinstance(error, mm.InfeasibleError) or "was found" in str(error):
        if meaning.feasible(least)[0]:
            judge.tell("limit", [f"{type(error).__name__}, locks alone are feasible: {error}"])
        return
    assert error is not None
    judge.raised("limit", error)


def _plain(constraint: Any) -> bool:
    if isinstance(constraint, mm.Load):
        return constraint.by is None and constraint.least == 0
    return isinstance(constraint, mm.ScoreFloor | mm.Demand)


def _stable(judge: Judge, oracle: BruteForce) -> None:
    problem = judge.case.problem
    defined = all(_plain(c) for c in problem.constraints)
    proposing = str(_pick(judge.rng, ("mentee", "mentor")))
    try:
        matching = mm.match_stable(problem, proposing=proposing)
    except mm.InfeasibleError as error:
        if defined and not oracle.infeasible:
            judge.raised("match_stable", error)
        return
    except mm.errors.ParameterError as error:
        if defined:
            judge.raised("match_stable", error)
        return
    except Exception as error:
        judge.raised("match_stable", error)
        return
    if not defined:
        judge.tell("match_stable", ["answers where stability is not defined"])
        return
    wrong = validator.check(matching, *judge.case.frames, views=judge.views)
    judge.tell("match_stable", wrong or validator.check_stable(matching, oracle))


# -- rematch ------------------------------------------------------------------------------------


def _today(judge: Judge) -> tuple[mm.Scores, Frames]:
    """Today's scores: answers, rules and seats changed, and perhaps somebody left."""
    scores, rng = judge.case.problem.scores, judge.rng
    stay = _staying(judge)
    rows, columns = (np.flatnonzero(here) for here in stay)
    mentees, mentors = scores.mentees.take(rows), scores.mentors.take(columns)
    old = scores.points[np.ix_(rows, columns)]
    levels = int(_pick(rng, (2, 3, 11, 101)))
    fresh = rng.integers(0, levels, old.shape) / (levels - 1)
    points = np.where(old < 0, ~old, old) / 1e6
    allowed = (old >= 0) & (rng.random(old.shape) < 0.9)
    seats = mentors.capacity + (rng.random(len(columns)) < 0.2)
    seats = np.where(rng.random(len(columns)) < 0.2, np.maximum(seats - 1, 0), seats)
    locks = [(f"e{i}", f"r{j}") for i, j in scores.locks]
    for a, b in locks:
        allowed[mentees.ids.index(a), mentors.ids.index(b)] = True
    today = mm.Scores.from_matrix(
        np.where(rng.random(old.shape) < 0.3, fresh, points), capacity=seats, admissible=allowed,
        mentees=mentees, mentors=mentors, rules=[mm.Lock(locks)] if locks else [],
    )  # fmt: skip
    left = [f[here].reset_index(drop=True) for f, here in zip(judge.case.frames, stay, strict=True)]
    return today, (left[0], left[1])


def _staying(judge: Judge) -> tuple[Bools, Bools]:
    """Return who stays: sometimes a mentee or a mentor leaves whom nothing names."""
    problem, frames = judge.case.problem, judge.case.frames
    stay = np.ones(len(frames[0]), dtype=bool), np.ones(len(frames[1]), dtype=bool)
    objectives = [o for o in problem.objectives if not isinstance(o, mm.MinimizeChanges)]
    words = f"{objectives} {problem.constraints}"
    for side, columns in ((0, ["gender", "team"]), (1, ["site"])):
        count = len(stay[side])
        if count < 2 or judge.rng.random() < 0.75 or "smallest=2" in words:
            continue
        place = int(judge.rng.integers(count))
        person = str(frames[side]["id"].iloc[place])
        here = np.arange(count) != place
        same = all(set(frames[side][c]) == set(frames[side][c][here]) for c in columns)
        locked = place in problem.scores.locks[:, side]
        if same and not locked and f"'{person}'" not in words:
            stay[side][place] = False
    return stay


def _had(before: mm.Matching, today: Definitions) -> Bools:
    """Return which of today's pairs were matched and may go on."""
    ids = today.ids
    had = np.zeros((today.n, today.m), dtype=bool)
    earlier = before.problem.scores
    for i, j in zip(*before.pairs, strict=True):
        pair = earlier.mentees.ids[i], earlier.mentors.ids[j]
        if pair[0] in ids[0] and pair[1] in ids[1]:
            had[ids[0].index(pair[0]), ids[1].index(pair[1])] = True
    had &= today.admissible
    for c in today.constraints(mm.ScoreFloor):
        had &= today.points >= today.floors(c)[:, None]
    return had


def rematch_only(seed: int, kind: str = "changes") -> list[Finding] | None:
    """Judge only what rematching one tiny case says; None where there is nothing to rematch."""
    case = make(seed)
    judge = Judge(case, np.random.default_rng([seed, 98]), views=False)
    try:
        oracle = BruteForce(case.problem, *case.frames)
    except TooMany:
        return None
    try:
        before = mm.solve(case.problem)
    except Exception:  # judged elsewhere
        return None
    _rematched(judge, oracle, before, kind)
    return judge.findings


def _rematched(
    judge: Judge, oracle: BruteForce, before: mm.Matching, kind: str | None = None
) -> None:
    """Match again: by changes, by a price, or freely; against every assignment."""
    today, frames = _today(judge)
    problem = replace(judge.case.problem, scores=today)
    again = BruteForce(problem, *frames)
    had = _had(before, again.meaning)
    total = any(isinstance(o, mm.MaximizeTotal) for o in problem.objectives)
    kind = kind or str(_pick(judge.rng, ("free", "changes", "price" if total else "changes")))
    most, price = int(judge.rng.integers(0, 3)), float(_pick(judge.rng, (0.05, 0.2, 0.5, 2, 10)))
    options: dict[str, Any] = {"changes": {"max_changes": most}, "price": {"price": price}}.get(
        kind, {}
    )
    if "claims" in inspect.signature(mm.rematch).parameters:
        options["claims"] = False  # a stage of its own, no part of the problem
    where = f"rematch {kind}"
    kept = (again.x & had).sum(axis=(1, 2))
    keepable = _keepable(again, had)
    try:
        found = mm.rematch(before, scores=today, **options)
    except mm.InfeasibleError as error:
        enough = kept >= keepable - most if kind == "changes" else kept >= 0
        if enough.any():
            judge.tell(where, [f"InfeasibleError, {enough.sum()} are feasible: {str(error)[:60]}"])
        return
    except Exception as error:
        judge.raised(where, error)
        return
    if again.infeasible:
        judge.tell(where, ["answers where nothing is feasible"])
        return
    matching = found.matching
    wrong = validator.check(matching, *frames, problem=problem, views=judge.views)
    ours = int((incidence(matching)[0] & had).sum())
    least = min(keepable - most, int(kept.max())) if kind == "changes" else 0
    if ours < least:
        wrong.append(f"changes {keepable - ours} pairs, {most} allowed")
    if found.n_changes != keepable - ours:
        wrong.append(f"n_changes says {found.n_changes}, {keepable - ours} of {keepable} changed")
    proven = validator.status_of(matching) == "optimal"
    if not proven:
        wrong.append(f"status {validator.status_of(matching)} without a limit")
    if proven and not wrong:
        keys = _with_price(again.keys, had, price) if kind == "price" else again.keys
        wrong += validator.same_values(matching, again, again.x[kept >= least], keys)
    judge.tell(where, [*wrong, *_affected(before, found)])


def _keepable(again: BruteForce, had: Bools) -> int:
    """Return how many earlier pairs rules, seats, demands and locks allow to keep together."""
    x = again.physical
    for c in again.problem.constraints:
        if isinstance(c, mm.ScoreFloor):
            x = x[again.meaning.holds(c, x)]
        if isinstance(c, mm.Load) and c.by is None:
            x = x[(x.sum(axis=1) <= again.meaning.load_bounds(c)[1]).all(axis=1)]
    return int((x & had).sum(axis=(1, 2)).max(initial=0))


def _with_price(keys: list[Key], had: Bools, price: float) -> list[Key]:
    """Return the keys with every kept pair worth the price, where the total has its place."""
    bonus = round(price * 1e6)

    def priced(key: Key) -> Key:
        if key.name != "MaximizeTotal":
            return key
        return replace(
            key, values=lambda x: key.values(x) + bonus * (x & had).sum(axis=(1, 2))[:, None]
        )

    return [priced(key) for key in keys]


def _partners(matching: mm.Matching) -> dict[str, set[str]]:
    """Return who is with whom, of both sides; the fuzzer's ids are of one side only."""
    scores = matching.problem.scores
    ids = scores.mentees.ids, scores.mentors.ids
    held: dict[str, set[str]] = {person: set() for side in ids for person in side}
    for i, j in zip(*matching.pairs, strict=True):
        held[ids[0][i]].add(ids[1][j])
        held[ids[1][j]].add(ids[0][i])
    return held


def _affected(before: mm.Matching, found: Any) -> Iterator[str]:
    """Everybody whose partners changed, or who left with some, is in `changes`."""
    then, now = _partners(before), _partners(found.matching)
    try:
        frame = found.changes
    except Exception as error:
        yield f"changes raises {type(error).__name__}: {str(error)[:80]}"
        return
    told = set(frame["mentee" if "mentee" in frame else "person"])
    changed = [p for p in {**then, **now} if then.get(p, set()) != now.get(p, set())]
    if "mentee" in frame:  # one row per mentee
        changed = [p for p in changed if p.startswith("e")]
    missing = [p for p in changed if p not in told]
    if missing:
        yield f"changes does not name {missing}"


# -- questions about a matching -------------------------------------------------------------------


def _totals(oracle: BruteForce, optimum: list[tuple[int, ...]]) -> dict[str, int]:
    """Return matched and points at an optimum, where an objective decides them."""
    found = {}
    for key, value in zip(oracle.keys, optimum, strict=True):
        if key.shown and key.name in ("MaximizeMatched", "MaximizeTotal"):
            found[key.name] = value[0]
    return found


def _lost(oracle: BruteForce, i: int, j: int) -> dict[str, int] | None:
    """Return what forcing a pair costs; None if nothing feasible has it."""
    forced = oracle.x[oracle.x[:, i, j]]
    if not len(forced):
        return None
    after = _totals(oracle, oracle.best_among(forced)[1])
    before = _totals(oracle, oracle.optimum)
    return {name: before[name] - after[name] for name in before}


def _asked_why(judge: Judge, oracle: BruteForce, matching: mm.Matching) -> None:
    meaning = oracle.meaning
    if not meaning.n or not meaning.m:
        return
    for _ in range(2):
        i, j = int(judge.rng.integers(meaning.n)), int(judge.rng.integers(meaning.m))
        try:
            answer = mm.why_not(matching, meaning.ids[0][i], meaning.ids[1][j])
        except Exception as error:
            judge.raised("why_not", error)
            return
        lost = _lost(oracle, i, j)
        if (lost is None) != bool(answer.rules):
            told = "possible, says never" if lost is not None else "impossible, says possible"
            judge.tell("why_not", [f"the pair is {told}: {str(answer.text)[:90]}"])
            continue
        if lost is None:
            continue
        several = meaning.asked.max(initial=1) > 1
        points = round(answer.cost * 1e6)
        if "MaximizeTotal" in lost and points != lost["MaximizeTotal"]:
            judge.tell("why_not", [f"cost says {points} points, {lost['MaximizeTotal']} are lost"])
        count = lost.get("MaximizeMatched")
        if count is not None and not several and answer.matched_lost != count:
            judge.tell("why_not", [f"says {answer.matched_lost} fewer matched, {count} are"])


def _listed(judge: Judge, oracle: BruteForce, matching: mm.Matching) -> None:
    meaning = oracle.meaning
    if not meaning.n:
        return
    i = int(judge.rng.integers(meaning.n))
    try:
        frame = mm.alternatives(matching, meaning.ids[0][i], k=3)
    except mm.errors.ParameterError:
        return  # refused in words where exchanges have no price
    except Exception as error:
        judge.raised("alternatives", error)
        return
    if any(i == locked for locked, _ in meaning.locks):
        judge.tell("alternatives", ["of a locked mentee"] if len(frame) else [])
        return
    costs = {j: _lost(oracle, i, j) for j in range(meaning.m) if not incidence(matching)[0, i, j]}
    possible = {meaning.ids[1][j]: lost for j, lost in costs.items() if lost is not None}
    wrong = []
    if len(frame) != min(3, len(possible)):
        wrong.append(f"{len(frame)} rows, {len(possible)} mentors are possible")
    for row in frame.itertuples():
        lost = possible.get(row.mentor)
        if lost is None:
            wrong.append(f"{row.mentor} is not possible")
            continue
        if "MaximizeTotal" in lost and round(row.cost * 1e6) != lost["MaximizeTotal"]:
            wrong.append(f"cost says {row.cost}, {lost['MaximizeTotal']} points are lost")
        if row.matched_lost != lost.get("MaximizeMatched", row.matched_lost):
            wrong.append(f"says {row.matched_lost} fewer matched, {lost['MaximizeMatched']} are")
    judge.tell("alternatives", wrong)


def _diagnosed(judge: Judge, oracle: BruteForce, matching: mm.Matching) -> None:
    """Every change that is advised does what it says; where none is, none of its kind would."""
    meaning = oracle.meaning
    if "MaximizeMatched" not in {key.name for key in oracle.keys}:
        return
    try:
        frame = mm.diagnose(matching, most_seats=3)
    except mm.errors.ParameterError:
        return
    except Exception as error:
        judge.raised("diagnose", error)
        return
    if list(frame["person"]) != list(matching.unmatched):
        judge.tell("diagnose", ["its people are not the unmatched"])
        return
    before = _totals(oracle, oracle.optimum)
    for row in frame.itertuples():
        i = meaning.ids[0].index(row.person)
        if row.kind in ("seat", "seats"):
            j = meaning.ids[1].index(row.mentor)
            after = _with_seats(oracle, j, int(row.amount))
        elif row.kind == "rule":
            after = _with_pair(oracle, i, meaning.ids[1].index(row.mentor))
        elif row.kind:
            continue
        else:
            for j, seats in ((j, s) for j in range(meaning.m) for s in (1, 2, 3)):
                after = _with_seats(oracle, j, seats)
                count = after.optimum[0][0] if not after.infeasible else -1
                if count > oracle.optimum[0][0] and after.best[:, i].any(axis=1).all():
                    judge.tell("diagnose", [f"says nothing would do; {seats} more seats would"])
                    break
            continue
        if after.infeasible or not after.best[:, i].any():
            judge.tell("diagnose", [f"{row.kind} advised, and she is not matched"])
            continue
        now = _totals(after, after.optimum)
        if now["MaximizeMatched"] - before["MaximizeMatched"] != row.matched_gain:
            gained = now["MaximizeMatched"] - before["MaximizeMatched"]
            judge.tell("diagnose", [f"{row.kind}: says {row.matched_gain} more, {gained} are"])
        elif "MaximizeTotal" in now:
            gained = now["MaximizeTotal"] - before["MaximizeTotal"]
            if round(row.gain * 1e6) != gained:
                judge.tell("diagnose", [f"{row.kind}: says {row.gain} gained, {gained} points are"])


def _with_seats(oracle: BruteForce, j: int, seats: int) -> BruteForce:
    scores = oracle.problem.scores
    capacity = np.array(scores.mentors.capacity)
    capacity[j] += seats
    return oracle.changed(
        scores=replace(scores, mentors=replace(scores.mentors, capacity=capacity))
    )


def _with_pair(oracle: BruteForce, i: int, j: int) -> BruteForce:
    scores = oracle.problem.scores
    points = np.array(scores.points)
    points[i, j] = ~points[i, j] if points[i, j] < 0 else points[i, j]
    return oracle.changed(scores=replace(scores, points=points))


# -- many cases, in processes with a watchdog ------------------------------------------------------

Task = tuple[int, str, bool]


def _work(pipe: Any, judge: Callable[..., list[Finding]]) -> None:
    """Judge one case after another, until there is none."""
    if judge is run:
        warm_up()
    pipe.send(None)
    while (task := pipe.recv()) is not None:
        try:
            findings = judge(*task)
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{frame.filename.split('/')[-1]}:{frame.lineno}"
            findings = [Finding("fuzz", f"{type(error).__name__} in {place}: {error}")]
        pipe.send(findings)


def warm_up() -> None:
    """Compile, so that no case pays for it."""
    rng = np.random.default_rng(0)
    for shape in ((5, 3), (60, 20), (300, 100)):
        scores = mm.Scores.from_matrix(rng.random(shape), capacity=4)
        for constraints in ((), (mm.Demand(2),)):
            mm.solve(mm.Problem(scores, constraints=constraints))
        mm.solve(mm.Problem(scores, [mm.MaximizeMatched(), mm.Leximin()]))


@dataclass
class Worker:
    """A process, the task it is at, and since when."""

    process: Any
    pipe: Any
    task: Task | None = None
    since: float = 0.0

    @classmethod
    def start(cls, judge: Callable[..., list[Finding]]) -> Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, judge), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours, since=time.monotonic())


def run_many(
    tasks: Iterable[Task],
    workers: int = 2,
    *,
    patience: float = PATIENCE,
    judge: Callable[..., list[Finding]] = run,
) -> Iterator[tuple[Task, list[Finding]]]:
    """Yield (task, findings) of each; a hang or a crash is a finding, and the worker replaced."""
    waiting = iter(tasks)
    crew = [Worker.start(judge) for _ in range(workers)]
    while crew:
        ready = wait([worker.pipe for worker in crew], timeout=1.0)
        for worker in list(crew):
            outcome = _outcome(worker, worker.pipe in ready, patience)
            if outcome is None:
                continue
            replace_it, findings = outcome
            if worker.task is not None:
                yield worker.task, findings
            elif replace_it:
                raise RuntimeError("a worker of the fuzzer does not even start")
            if replace_it:
                worker.process.kill()
                worker.process.join()
                crew[crew.index(worker)] = Worker.start(judge)
                continue
            worker.task = next(waiting, None)
            worker.since = time.monotonic()
            worker.pipe.send(worker.task)
            if worker.task is None:
                worker.process.join(10)
                crew.remove(worker)


def _outcome(worker: Worker, ready: bool, patience: float) -> tuple[bool, list[Finding]] | None:
    """Return (whether to replace the worker, findings); None while it is at work."""
    if ready:
        try:
            return False, worker.pipe.recv() or []
        except (EOFError, OSError):
            worker.process.join(5)
            return True, [Finding("crash", f"the process died, code {worker.process.exitcode}")]
    if worker.task is None:  # still compiling
        patience = 600.0
    if time.monotonic() - worker.since > patience:
        return True, [Finding("hang", f"no answer in {patience:.0f} seconds")]
    return None


def tasks_of(count: int, first: int, size: str | None, limits: bool | None) -> Iterator[Task]:
    """Yield tasks; by default one in twenty has a time limit, of middle and some large sizes."""
    for seed in range(first, first + count):
        limited = seed % 20 == 19 if limits is None else limits
        chosen = size
        if chosen is None:
            chosen = "tiny" if not limited else "large" if seed % 500 == 499 else "middle"
        yield seed, chosen, limited


def report(done: Iterable[tuple[Task, list[Finding]]], progress: bool = False) -> dict[str, Any]:
    """Return by kind of finding: (how many, the first task, its text), and how many cases."""
    kinds: dict[str, list[tuple[Task, str]]] = defaultdict(list)
    cases, started = 0, time.monotonic()
    for task, findings in done:
        cases += 1
        for finding in findings:
            if finding.kind not in kinds and progress:
                print(f"{finding.where}: {finding.text}\n    {describe(task)}", flush=True)
            kinds[finding.kind].append((task, finding.text))
        if progress and cases % 500 == 0:
            print(f"{cases} cases, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return {"cases": cases, "kinds": kinds, "seconds": time.monotonic() - started}


def describe(task: Task) -> str:
    """Return the line from which a case can be rebuilt, and what it is."""
    return f"python -m tests.fuzz {make(*task)}"


def coverage(tasks: Iterable[Task]) -> tuple[Counter[str], int]:
    """Return how often each feature occurs, and the fewest cases of any two together."""
    alone: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    for seed, size, limits in tasks:
        features = make(seed, size, limits).features
        alone.update(features)
        together.update(combinations(sorted(features), 2))
    return alone, min(together[tuple(sorted(pair))] for pair in PAIRS)  # type: ignore[index]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="judge this seed again, in this process")
    parser.add_argument("--limits", action="store_true", help="time limits in every case")
    parser.add_argument("--size", choices=SIZES)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    if given.only is not None:
        task = given.only, given.size or "tiny", given.limits
        print(describe(task))
        for finding in run(*task):
            print(f"{finding.where}: {finding.text}")
        return 0
    limits = True if given.limits else None if given.size is None else False
    tasks = list(tasks_of(given.count, given.seed, given.size, limits))
    told = report(run_many(tasks, given.workers), progress=True)
    print(f"\n{told['cases']} cases in {told['seconds']:.0f} s; findings by kind:")
    for kind, found in sorted(told["kinds"].items(), key=lambda item: -len(item[1])):
        print(f"{len(found):6d}  {kind}  --only {found[0][0][0]}")
    return int(bool(told["kinds"]))


if __name__ == "__main__":
    sys.exit(main())
