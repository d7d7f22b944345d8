"""rematch: a programme goes on while people join, leave, decline and change their answers."""

from __future__ import annotations

import html
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ParameterError, check_parameter
from mentormatch.matching.lowering import MILLION, Lowered, lower
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import lift
from mentormatch.programmes.update import positions_of, rescored
from mentormatch.rosters.columns import IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.rules import Forbid, Lock
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.assignment import Assignment, assign
from mentormatch.solvers.incumbents import Keeping, best_keeping

if TYPE_CHECKING:
    import pandas as pd

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Rematch:
    """A new matching, and what it changed of the earlier one.

    Attributes
    ----------
    before, matching : Matching
        The earlier matching and the new one.
    incumbent : int64 (n,)
        New position of the mentor each mentee had and may keep; -1 for newcomers, for people
        whose mentor left, and where a rule now forbids the pair.
    keepable : int
        How many of these pairs capacities allow to keep together.
    kept : int
        How many were kept; ``keepable - kept`` is the number of changes.
    """

    before: Matching
    matching: Matching
    incumbent: IntArray
    keepable: int
    kept: int

    @property
    def n_changes(self) -> int:
        """Pairs that could have been kept and were not."""
        return self.keepable - self.kept

    @cached_property
    def changes(self) -> pd.DataFrame:
        """One row per mentee whose mentor changed, or who joined or left.

        `mentee`, `name`, `before`, `after` (mentor ids, None), `gain` (new score minus old, where
        both pairs can be scored today), `why` in words.
        """
        return _changes(self)

    def curve(self, most: int = 10) -> pd.DataFrame:
        """Return what each further change would buy.

        Parameters
        ----------
        most
            Changes to go up to; the curve ends where more changes buy nothing.

        Returns
        -------
        DataFrame
            `changes` (allowed), `matched`, `total`, `more_matched`, `more_total` (over the row
            before).

        Notes
        -----
        One exact solve per row.
        """
        import pandas as pd

        check_parameter(most >= 0, "most", "Rematch.curve", "an int in [0, inf)", most)
        lowered = lower(self.matching.problem)
        fresh = _keep(lowered, self.incumbent, 0).assignment
        needed = self.keepable - int((fresh.mentor_of == self.incumbent)[_had(self)].sum())
        rows = []
        for allowed in range(min(most, needed) + 1):
            found = _keep(lowered, self.incumbent, self.keepable - allowed)
            matched, total = _reached(self.matching.problem, lowered, found.assignment)
            rows.append({"changes": allowed, "matched": matched, "total": total / MILLION})
        frame = pd.DataFrame(rows, columns=["changes", "matched", "total"])
        frame["more_matched"] = frame["matched"].diff().fillna(0).astype(int)
        frame["more_total"] = frame["total"].diff().fillna(0.0)
        return frame

    def __repr__(self) -> str:
        return (
            f"<Rematch: {self.kept} of {self.keepable} pairs kept, {self.n_changes} changed; "
            f"{repr(self.matching).strip('<>')}>"
        )

    def _repr_html_(self) -> str:
        table = self.changes.head(30).to_html(escape=True, index=False, na_rep="")
        return f"<p>{html.escape(repr(self))}</p>{table}"


def rematch(
    matching: Matching,
    mentees: Profiles | None = None,
    mentors: Profiles | None = None,
    *,
    scores: Scores | None = None,
    max_changes: int | None = None,
    price: float | None = None,
    declined: Pairs = (),
    keep: Pairs = (),
) -> Rematch:
    """Match again after people joined, left, declined or changed their answers.

    Parameters
    ----------
    matching
        The earlier matching; its criteria, rules, objectives and constraints are used again.
    mentees, mentors
        Today's rosters; None: unchanged. People are recognised by id, else by e-mail.
    scores
        Today's scores instead of rosters, e.g. where the earlier ones were a matrix of your own.
    max_changes
        At most so many pairs that could go on are changed; 0 keeps every pair that rules and
        capacities still allow. None: no limit.
    price
        A pair is changed only if the total gains more than this, in score units. Not together
        with `max_changes`.
    declined
        (mentee, mentor) pairs that must not be matched again.
    keep
        (mentee, mentor) pairs that must stay.

    Returns
    -------
    Rematch
        ``.matching``, ``.changes``, ``.curve()``.

    Raises
    ------
    ParameterError
        If both a budget and a price are given, or either is negative.
    InfeasibleError
        If pairs to keep contradict rules or capacities.

    Notes
    -----
    Exact: without a budget one solve, with one about thirty warm solves and, where the bound
    leaves a gap, a small mixed-integer program. Newcomers, and people whose mentor left or
    whose pair a rule now forbids, do not count as changes.
    """
    check_parameter(
        max_changes is None or max_changes >= 0, "max_changes", "rematch", "None or an int in "
        "[0, inf)", max_changes,
    )  # fmt: skip
    check_parameter(price is None or price >= 0, "price", "rematch", "None or a number >= 0", price)
    if price is not None and max_changes is not None:
        raise ParameterError("Give rematch either 'max_changes' or 'price', not both.")
    started = time.perf_counter()
    today = scores if scores is not None else rescored(
        matching.problem.scores,
        mentees,
        mentors,
        extra_rules=[*_rule(Forbid, declined), *_rule(Lock, keep)],
    )  # fmt: skip
    problem = replace(matching.problem, scores=today)
    lowered = lower(problem)
    incumbent = _incumbents(matching, today, lowered)
    held = incumbent[incumbent >= 0]
    keepable = int(
        np.minimum(np.bincount(held, minlength=len(lowered.capacity)), lowered.capacity).sum()
    )
    start = _warm_start(matching, today, lowered, incumbent)
    if price:
        solution = _priced(lowered, incumbent, round(price * MILLION), start)
    else:
        least = 0 if max_changes is None else max(keepable - max_changes, 0)
        keeping = _keep(lowered, incumbent, least, start)
        solution = replace(keeping.assignment, objective=keeping.value, bound=keeping.bound)
    again = lift(problem, lowered, solution, time.perf_counter() - started)
    kept = int(((solution.mentor_of == incumbent) & (incumbent >= 0)).sum())
    return Rematch(matching, again, incumbent, keepable, kept)


def _rule(kind: type[Forbid] | type[Lock], pairs: Pairs) -> list[Forbid | Lock]:
    listed_pairs = list(pairs)
    return [kind(listed_pairs)] if listed_pairs else []


def _keep(
    lowered: Lowered, incumbent: IntArray, least: int, start: Assignment | None = None
) -> Keeping:
    return best_keeping(
        lowered.points,
        lowered.capacity,
        lowered.row_bonus,
        incumbent,
        least,
        row_hash=lowered.row_hash,
        mentor_hash=lowered.mentor_hash,
        start=start,
    )


def _incumbents(before: Matching, today: Scores, lowered: Lowered) -> IntArray:
    """Return each mentee's earlier mentor, where that pair may go on; -1 elsewhere."""
    earlier = before.problem.scores
    mentees_now = positions_of(earlier.mentees, today.mentees)
    mentors_now = positions_of(earlier.mentors, today.mentors)
    incumbent = np.full(len(today.mentees), -1, dtype=np.int64)
    rows, columns = before.pairs
    i, j = mentees_now[rows], mentors_now[columns]
    here = (i >= 0) & (j >= 0)
    i, j = i[here], j[here]
    allowed = lowered.points[i, j] >= 0
    incumbent[i[allowed]] = j[allowed]
    return incumbent


def _warm_start(
    before: Matching, today: Scores, lowered: Lowered, incumbent: IntArray
) -> Assignment | None:
    """Return the earlier prices and pairs in today's positions, for the solver to start from."""
    if before.status != "optimal" or not len(before.mentor_price):
        return None
    folded = before.matched_price * lowered.matched_unit + before.mentor_price
    mentors_then = positions_of(today.mentors, before.problem.scores.mentors)
    price = np.where(mentors_then >= 0, folded[mentors_then], 0)
    return Assignment(
        mentor_of=incumbent.copy(),
        mentor_price=price,
        objective=0,
        bound=0,
        unique=False,
        status="start",
        route="warm",
    )


def _priced(
    lowered: Lowered, incumbent: IntArray, bonus: int, start: Assignment | None
) -> Assignment:
    points = np.array(lowered.points)
    rows = np.flatnonzero(incumbent >= 0)
    points[rows, incumbent[rows]] += bonus
    found = assign(
        points,
        lowered.capacity,
        row_bonus=lowered.row_bonus,
        row_hash=lowered.row_hash,
        mentor_hash=lowered.mentor_hash,
        start=start,
    )
    # the bonus is no part of anybody's score
    rows = np.flatnonzero(found.mentor_of >= 0)
    total = int(lowered.points[rows, found.mentor_of[rows]].sum(dtype=np.int64))
    value = int(lowered.row_bonus[rows].sum()) + total
    return replace(found, objective=value, bound=value + found.bound - found.objective)


def _reached(problem: Problem, lowered: Lowered, found: Assignment) -> tuple[int, int]:
    """Return (matched mentees, total points), locked pairs included."""
    mentor_of = found.mentor_of.copy()
    mentor_of[lowered.locks[:, 0]] = lowered.locks[:, 1]
    rows = np.flatnonzero(mentor_of >= 0)
    return len(rows), int(problem.scores.points[rows, mentor_of[rows]].sum(dtype=np.int64))


def _changes(rematch: Rematch) -> pd.DataFrame:
    import pandas as pd

    before, after = rematch.before, rematch.matching
    earlier, today = before.problem.scores, after.problem.scores
    then = positions_of(today.mentees, earlier.mentees)
    mentors_now = positions_of(earlier.mentors, today.mentors)
    rows: list[dict[str, object]] = []
    for i, new in enumerate(after.assignment):
        old = int(before.assignment[then[i]]) if then[i] >= 0 else -1
        old_now = int(mentors_now[old]) if old >= 0 else -1
        if then[i] >= 0 and old_now == new and (old >= 0 or new < 0):
            continue
        gain, why = _why(rematch, i, int(then[i]), old, old_now, int(new))
        rows.append(
            {
                "mentee": today.mentees.ids[i],
                "name": today.mentees.name(i),
                "before": earlier.mentors.ids[old] if old >= 0 else None,
                "after": today.mentors.ids[new] if new >= 0 else None,
                "gain": gain,
                "why": why,
            }
        )
    gone = np.flatnonzero(positions_of(earlier.mentees, today.mentees) < 0)
    for i in map(int, gone):
        old = int(before.assignment[i])
        rows.append(
            {
                "mentee": earlier.mentees.ids[i],
                "name": earlier.mentees.name(i),
                "before": earlier.mentors.ids[old] if old >= 0 else None,
                "after": None,
                "gain": np.nan,
                "why": "left the programme",
            }
        )
    return pd.DataFrame(rows, columns=["mentee", "name", "before", "after", "gain", "why"])


def _why(
    rematch: Rematch, i: int, then: int, old: int, old_now: int, new: int
) -> tuple[float, str]:
    """Return (gain in score, words) for one mentee whose mentor changed."""
    today = rematch.matching.problem.scores
    earlier = rematch.before.problem.scores
    if then < 0:
        return np.nan, "joined" if new >= 0 else "joined; no mentor was free"
    if old < 0:
        return np.nan, "was unmatched; a mentor is free now"
    name = earlier.mentors.name(old)
    if old_now < 0:
        return np.nan, f"{name} left the programme"
    gain = float(score_at(today, i, new) - score_at(today, i, old_now)) if new >= 0 else np.nan
    forbidden = today.why_inadmissible(i, old_now)
    if forbidden:
        return gain, "; ".join(forbidden)
    if rematch.matching.problem.scores.mentors.capacity[old_now] < earlier.mentors.capacity[old]:
        return gain, f"{name} takes fewer mentees now"
    if new < 0:
        return np.nan, f"gave up the place with {name} so that more mentees are matched"
    if gain > 0:
        return gain, f"scores {gain:.3f} higher than with {name}"
    return gain, f"made room at {name} for somebody else, which is better in all"


def _had(rematch: Rematch) -> npt.NDArray[np.bool_]:
    return rematch.incumbent >= 0


def score_at(scores: Scores, mentee: int, mentor: int) -> float:
    """Return one pair's score without decoding the matrix."""
    points = int(scores.points[mentee, mentor])
    return (points if points >= 0 else ~points) / MILLION
