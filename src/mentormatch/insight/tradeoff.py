"""What fairness costs: the frontier of the total against a tolerance, a floor, or evenness."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.doors import upstairs
from mentormatch.errors import (
    ColumnError,
    InfeasibleError,
    MentormatchError,
    ParameterError,
    Status,
    check_parameter,
)
from mentormatch.insight.forcing import budget_of
from mentormatch.matching.constraints import Constraint, Load, Parity, ScoreFloor
from mentormatch.matching.matching import Matching, total_points
from mentormatch.matching.objectives import MaximizeMatched, MinimizeDefects
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import run
from mentormatch.solvers.budget import Budget
from mentormatch.values import Public

if TYPE_CHECKING:
    import pandas as pd

TOLERANCES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 1.0)
OUT_OF_TIME = "nothing was found in time, nor a proof that there is nothing"
GIVEN_UP = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 1.0)
FEWER_DEFECTS = "share of the total that may be given up for fewer pairs with a defect"
FLOORS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


@dataclass(frozen=True, eq=False)
class Tradeoff(Public):
    """A frontier: one certified matching per value of what is varied.

    Attributes
    ----------
    over : str
        What was varied, in words.
    values : tuple of float
        From the loosest to the strictest.
    matchings : tuple of Matching or None
        None where nothing satisfies the value, or nothing was found in time.
    notes : tuple of str
        Which of the two it is, for each value; "" where there is a matching.
    """

    over: str
    values: tuple[float, ...]
    matchings: tuple[Matching | None, ...]
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per value.

        Returns
        -------
        DataFrame
            `value`, `matched`, `total`, `bound` (of the total, among matchings that do as well in
            the objectives before it; missing where the total is no objective), `gap` (certified),
            `price` (share of the loosest total lost), `defects` (pairs with a defect; missing where
            the rosters lack the columns), `feasible` (whether there is a matching), `knee`, `note`
            (why there is none).
        """
        import pandas as pd

        knee = self.knee
        rows = []
        notes = self.notes or ("",) * len(self.values)
        for value, matching, note in zip(self.values, self.matchings, notes, strict=True):
            matched, total, bound, gap = _figures(matching)
            rows.append(
                {
                    "value": value,
                    "matched": matched,
                    "total": total,
                    "bound": bound,
                    "gap": gap,
                    "price": self._price(total),
                    "defects": _defects(matching),
                    "feasible": matching is not None,
                    "knee": value == knee,
                    "note": note,
                }
            )
        return pd.DataFrame(rows)

    def _price(self, total: float) -> float:
        best = next((_figures(m)[1] for m in self.matchings if m is not None), np.nan)
        return (best - total) / best if best else 0.0

    @property
    def knee(self) -> float | None:
        """The suggested value: the point farthest from the line between the two ends.

        None where fewer than three values are feasible or nothing is ever lost.
        """
        points = [
            (value, _figures(matching)[1])
            for value, matching in zip(self.values, self.matchings, strict=True)
            if matching is not None
        ]
        if len(points) < 3:
            return None
        x, y = np.array(points).T
        if y.max() == y.min() or x.max() == x.min():
            return None
        x = (x - x[0]) / (x[-1] - x[0])
        y = (y - y.min()) / (y.max() - y.min())
        line = y[0] + (y[-1] - y[0]) * x
        return float(points[int(np.argmax(y - line))][0])

    def plot(self, ax: Any = None) -> Any:
        """Draw the total against the value, the knee marked; return the axes.

        Over defects, the total is drawn against how many pairs have one.

        Needs matplotlib: ``pip install "mentormatching[plot]"``.
        """
        across, label = "value", self.over
        if self.over == FEWER_DEFECTS:
            across, label = "defects", "pairs with a defect"
        return upstairs("delivery.tradeoff_plot", "draw")(self.to_frame(), across, label, ax)

    def __repr__(self) -> str:
        feasible = sum(m is not None for m in self.matchings)
        at = "" if self.knee is None else f", suggested {self.knee:g}"
        return f"<Tradeoff over {self.over}: {feasible} of {len(self.values)} feasible{at}>"

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, escape=True, na_rep="")
        return f"<p>{html.escape(repr(self))}</p>{table}"


@typed
def tradeoff(
    problem: Problem,
    *,
    over: Constraint | str,
    values: Sequence[float] | None = None,
    time_limit: float | None = None,
    progress: bool = False,
) -> Tradeoff:
    """Solve a problem for several strictnesses of one promise, and compare the totals.

    Parameters
    ----------
    problem
        n mentees, m mentors; a constraint of the same kind in it is replaced.
    over
        What is varied: a `Parity` (its `within`, or for "impact_ratio" its `ratio`), "floor"
        (`ScoreFloor`), "load" (most mentees per mentor), "defects" (`within` of
        `MinimizeDefects`, right after the number matched: what may be given up of the total).
    values
        From the loosest to the strictest, or in any order; default: a sensible range.
    time_limit
        Seconds per value; where nothing is found in them, its matching is None, with a note.
    progress
        Show a progress bar.

    Returns
    -------
    Tradeoff

    Raises
    ------
    ParameterError
        If `over` is none of these, or a value is outside its domain.

    Notes
    -----
    One solve per value, each with its own certificate.

    Examples
    --------
    >>> tradeoff(problem, over=Parity("gender"), values=[0.2, 0.1, 0.05])    # doctest: +SKIP
    """
    check_parameter(
        isinstance(problem, Problem), "problem", "tradeoff", "a Problem", type(problem).__name__
    )
    budget_of(time_limit, "tradeoff")
    words, build, default, strict_up = _kind(problem, over)
    given = tuple(float(v) for v in (default if values is None else values))
    check_parameter(bool(given), "values", "tradeoff", "not empty", values)
    ordered = tuple(sorted(set(given), reverse=not strict_up))
    bar: Any = ordered
    if progress:
        from tqdm.auto import tqdm

        bar = tqdm(ordered, desc=words)
    found: list[tuple[Matching | None, str]] = []
    problems = {value: build(value) for value in ordered}  # refuses a value before anything runs
    for value in bar:
        try:
            found.append((run(problems[value], Budget(time_limit)), ""))
        except InfeasibleError:
            found.append((None, Status.INFEASIBLE.sentence))
        except (ParameterError, ColumnError):
            raise
        except MentormatchError:
            found.append((None, OUT_OF_TIME))
    matchings, notes = zip(*found, strict=True)
    return Tradeoff(words, ordered, matchings, notes)


def _kind(
    problem: Problem, over: Constraint | str
) -> tuple[str, Callable[[float], Problem], Sequence[float], bool]:
    """Return (words, value -> problem, default values, whether larger is stricter)."""

    def with_(drop: Callable[[Constraint], bool], make: Callable[[float], Constraint]) -> Any:
        kept = tuple(c for c in problem.constraints if not drop(c))
        return lambda value: replace(problem, constraints=(*kept, make(value)))

    if isinstance(over, Parity):
        parity = over
        ratio = parity.measure == "impact_ratio"
        name = "ratio" if ratio else "within"

        def make(value: float) -> Constraint:
            return replace(parity, ratio=value) if ratio else replace(parity, within=value)

        def same(c: Constraint) -> bool:
            return isinstance(c, Parity) and (c.by, c.measure) == (parity.by, parity.measure)

        build = with_(same, make)
        words = f"{name} of parity by {parity.by} ({parity.measure})"
        return words, build, (0.0, 0.5, 0.7, 0.8, 0.9, 1.0) if ratio else TOLERANCES, ratio
    if over == "floor":
        build = with_(lambda c: isinstance(c, ScoreFloor), ScoreFloor)
        return "least score of a pair", build, FLOORS, True
    if over == "load":
        top = int(problem.scores.mentors.capacity.max(initial=1))

        def drop(c: Constraint) -> bool:
            return isinstance(c, Load) and c.by is None and c.mentors is None and c.least == 0

        def most(value: float) -> Constraint:
            whole = value == int(value)
            check_parameter(whole, "values", "tradeoff", "whole numbers for 'load'", value)
            return Load(0, int(value))

        build = with_(drop, most)
        return "most mentees per mentor", build, range(1, top + 1), False
    if over == "defects":
        return FEWER_DEFECTS, lambda value: _given_up(problem, value), GIVEN_UP, True
    raise ParameterError(
        "The 'over' parameter of tradeoff must be a Parity, 'floor', 'load' or 'defects'. "
        f"Got {over!r}. For stability see stability_frontier."
    )


def _given_up(problem: Problem, within: float) -> Problem:
    """Return the problem with what may be given up of the total for fewer defects."""
    had = [o for o in problem.objectives if isinstance(o, MinimizeDefects)]
    objective = replace(had[0], within=within) if had else MinimizeDefects(within=within)
    if objective.idle(problem.scores):
        raise ParameterError(
            "The 'over' parameter of tradeoff is 'defects', but these rosters have no columns to "
            "judge any by: hours, goals or needs, or seniority on both."
        )
    others = [o for o in problem.objectives if not isinstance(o, MinimizeDefects)]
    at = [k for k, o in enumerate(others) if isinstance(o, MaximizeMatched)]
    if not at:
        others.insert(0, MaximizeMatched())
    place = at[0] + 1 if at else 1
    return replace(problem, objectives=[*others[:place], objective, *others[place:]])


def _defects(matching: Matching | None) -> float:
    if matching is None or not matching.problem.scores.judged:
        return np.nan
    return float((matching.problem.scores.defects_at(*matching.pairs) > 0).sum())


def _figures(matching: Matching | None) -> tuple[float, float, float, float]:
    if matching is None:
        return (np.nan,) * 4
    total = total_points(matching) / 1e6
    stage = next((s for s in matching.stages if s.objective == "MaximizeTotal"), None)
    bound = np.nan if stage is None else float(stage.bound)
    matched = float((matching.assignment >= 0).sum())
    return matched, total, bound, float(matching.gap)
