"""rematch: a programme goes on while people join, leave, decline and change their answers.

It is `solve` of the earlier problem for today's people, with one row more: at least so many of the
earlier pairs are kept.
"""

from __future__ import annotations

import html
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter, listed
from mentormatch.journal import logged
from mentormatch.matching.answer import Stage
from mentormatch.matching.constraints import Reserve, ScoreFloor
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import (
    KeepClaims,
    MaximizeMatched,
    MaximizeTotal,
    MaximizeTotalAndKept,
    MinimizeChanges,
    Objective,
)
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.programmes.budget import ids_of, keeping, kept_at_most, kept_in, unpriced
from mentormatch.programmes.changes import changes
from mentormatch.programmes.crossing import Crossing
from mentormatch.programmes.joining import Joined
from mentormatch.programmes.narrowed import problem_today
from mentormatch.programmes.requests import Pair, Requests, requested, with_requests
from mentormatch.programmes.update import News, scores_today
from mentormatch.rosters.columns import IntArray, freeze
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores
from mentormatch.values import Public

if TYPE_CHECKING:
    import pandas as pd

Pairs = Iterable[tuple[str, str]]

DEAREST = 1000
"""Highest price of a change; more is `max_changes=0`."""
SHORTEST = 0.05
"""Seconds that a solve gets at least when a time limit has run out before it."""


@dataclass(frozen=True, eq=False)
class Rematch(Public):
    """A new matching, and what it changed of the earlier one.

    Attributes
    ----------
    before, matching : Matching
        The earlier matching and the new one. The new problem is the earlier one for today's
        people, with what `rematch` added: `Keep`, and `KeepClaims` where a claim would be lost
        without it.
    incumbents : int64 (k, 2)
        Positions, on today's rosters, of the earlier pairs that may go on: both people are here
        and no rule or floor forbids the pair.
    keepable : int
        How many of them fit into the mentors' seats. Constraints may allow fewer; `matching.notes`
        then says so.
    kept : int
        How many were kept; ``keepable - kept`` is the number of changes.
    requests : Requests
        The pairs declined, insisted on and swapped, by today's ids.
    claims : tuple of str
        Mentees who are seated ahead of those who had no seat.
    """

    before: Matching
    matching: Matching
    incumbents: IntArray
    keepable: int
    kept: int
    requests: Requests = field(default_factory=Requests)
    claims: tuple[str, ...] = ()

    @property
    def n_changes(self) -> int:
        """Pairs that could have been kept and were not."""
        return self.keepable - self.kept

    @cached_property
    def changes(self) -> pd.DataFrame:
        """One row per person whose situation changed or who lost somebody, mentees first.

        `person` (id), `name`, `role`, `before` and `after` (ids of whom she was and is with,
        joined by ", "; None for nobody), `before_names`, `after_names`, `gain` (today's score
        after minus before, missing where either is nobody or somebody of it left), `why`.

        Notes
        -----
        Why a pair ended that could have gone on is found by solving again with that pair locked:
        what gets worse first is the reason. Where more than 20 such pairs ended, one solve that
        keeps as many pairs as can be kept speaks for all of them together.
        """
        return changes(self.before, self.matching, self.incumbents, self.requests)

    def curve(self, most: int = 10) -> pd.DataFrame:
        """Return what each further change would buy.

        Parameters
        ----------
        most
            Changes to go up to, from the fewest possible; the curve ends where more changes buy
            nothing.

        Returns
        -------
        DataFrame
            `changes` (allowed), `matched`, `total`, `more_matched`, `more_total` (over the row
            before), then the value of every other objective by its name.

        Notes
        -----
        One exact solve per row. Where constraints or requests allow fewer pairs to be kept than
        seats do, the first row has the fewest changes that are possible.
        """
        import pandas as pd

        check_parameter(most >= 0, "most", "Rematch.curve", "an int in [0, inf)", most)
        problem = _with_claims(unpriced(self.matching.problem), self.claims)
        pairs = ids_of(problem.scores, self.incumbents)
        needed = self.keepable - _kept_by_the_best(problem, self.incumbents)
        fewest = self.keepable - min(self.keepable, kept_at_most(problem, pairs)[0])
        rows = []
        for allowed in range(fewest, min(fewest + most, max(needed, fewest)) + 1):
            found = solve(keeping(problem, pairs, self.keepable - allowed))
            rows.append({"changes": allowed, **_stage_values(found)})
        frame = pd.DataFrame(rows)
        more = [frame["matched"].diff().fillna(0).astype(int), frame["total"].diff().fillna(0.0)]
        frame.insert(3, "more_matched", more[0])
        frame.insert(4, "more_total", more[1])
        return frame

    def __repr__(self) -> str:
        return (
            f"<Rematch: {self.kept} of {self.keepable} pairs kept, {self.n_changes} changed; "
            f"{repr(self.matching).strip('<>')}>"
        )

    def _repr_html_(self) -> str:
        table = self.changes.head(30).to_html(escape=True, index=False, na_rep="")
        return f"<p>{html.escape(repr(self))}</p>{table}"


@logged(
    lambda found, _: (
        f"rematched: {found.matching.counts}, {found.kept} of {found.keepable} pairs kept"
    )
)
@typed
def rematch(
    matching: Matching,
    mentees: Profiles | None = None,
    mentors: Profiles | None = None,
    *,
    scores: Scores | None = None,
    max_changes: int | None = None,
    price: float | None = None,
    left: Iterable[str] | Mapping[str, Iterable[str]] = (),
    joined: Joined = None,
    declined: Pairs = (),
    insist: Pairs = (),
    swap: Pairs = (),
    claims: bool = True,
    time_limit: float | None = None,
    progress: bool = False,
) -> Rematch:
    """Match again after people joined, left, declined or changed their answers.

    The same problem for today's people, with all its objectives and constraints, and at most
    `max_changes` changes. People are named by id, e-mail or unambiguous name.

    Parameters
    ----------
    matching
        The earlier matching; its criteria, rules, objectives and constraints are used again.
    mentees, mentors
        Today's rosters; None: unchanged. People are recognised by id, else by e-mail.
    scores
        Today's scores instead of rosters, e.g. where the earlier ones were a matrix of your own.
    max_changes
        At most so many pairs that could go on are changed; 0 keeps every pair that rules,
        capacities and constraints still allow. None: no limit.
    price
        A pair is changed only if the total gains more than this, in score units, up to 1000. The
        objectives before `MaximizeTotal` come first. Not together with `max_changes`.
    left
        People of either roster who leave; of a list, an id that is on both rosters is one person.
        A dict {"mentee": [...], "mentor": [...]} says on which.
    joined
        People who join: `Profiles`, a dict {"mentee": table, "mentor": table} of what `read_roster`
        reads, or a list of these.
    declined
        (mentee, mentor) pairs that must not be matched again, now or later; an earlier lock on
        one is lifted.
    insist
        (mentee, mentor) pairs that must be matched, earlier pairs or new ones.
    swap
        (mentee, mentee) pairs who exchange mentors; earlier locks on either are lifted.
    claims
        Whether mentees who lose a mentor because the pair was declined or the mentor left are
        seated ahead of those who had none, among the matchings of as many mentees.
    time_limit, progress
        As in `solve`; the limit is for everything together.

    Returns
    -------
    Rematch
        ``.matching``, ``.changes``, ``.curve()``.

    Raises
    ------
    ParameterError
        If both a budget and a price are given, either is out of range, a price is given without
        `MaximizeTotal`, or requests make no sense; names all of them.
    UnknownPersonError
        If people are named whom nobody knows; names all of them.
    InfeasibleError
        If what is insisted on contradicts rules, capacities, refusals or constraints.

    Notes
    -----
    Exact: one solve; with a budget one more, which finds how many pairs can be kept; and one more
    where somebody's claim would be lost. Newcomers, and
    people whose mentor left or whose pair a rule now forbids, do not count as changes. Where fewer
    pairs can be kept than the budget asks for, as many as can be are, and a note says so.

    Examples
    --------
    >>> import numpy as np, mentormatch as mm
    >>> scores = mm.Scores.from_matrix(np.array([[0.9, 0.4], [0.8, 0.1]]), capacity=[2, 1])
    >>> matching = mm.solve(mm.Problem(scores))
    >>> again = mm.rematch(matching, declined=[("mentee 2", "mentor 1")], max_changes=0)
    >>> again.changes[["person", "before", "after", "why"]].values.tolist()
    [['mentee 2', 'mentor 1', 'mentor 2', 'the pair with mentor 1 was declined'], \
['mentor 1', 'mentee 1, mentee 2', 'mentee 1', 'the pair with mentee 2 was declined'], \
['mentor 2', None, 'mentee 2', 'takes mentee 2, who came from mentor 1']]
    """
    _check(max_changes, price, matching.problem)
    check_parameter(
        time_limit is None or time_limit > 0, "time_limit", "rematch", "a number > 0", time_limit
    )
    started = time.perf_counter()
    earlier = matching.problem
    today = scores_today(earlier.scores, News(mentees, mentors, scores, left, joined))
    people = Crossing.of(earlier.scores, today)
    requests = requested(people, matching.pairs, declined, insist, swap)
    problem = problem_today(earlier, with_requests(today, requests))
    claimants = _claimants(matching, people, requests) if claims else ()
    incumbents = _incumbents(matching, people, problem)
    keepable = _seated(incumbents, problem.scores)
    pairs = ids_of(problem.scores, incumbents)
    if price:
        problem = _priced(problem, pairs, price)
    notes: list[str] = []
    clock = _Clock(started, time_limit)
    if max_changes is not None and (least := keepable - max_changes) > 0:
        most, proven = kept_at_most(problem, pairs, clock.part(2), progress)
        if most < least:
            notes.append(_fewer_kept(problem, most, keepable, max_changes, proven))
        problem = keeping(problem, pairs, min(least, most))
    found = solve(problem, time_limit=clock.part(2 if claimants else 1), progress=progress)
    if _unseated(found, claimants):
        with_claims = _with_claims(problem, claimants)
        found = solve(with_claims, time_limit=clock.part(1), progress=progress)
    found = replace(found, seconds=time.perf_counter() - started, notes=(*found.notes, *notes))
    kept = kept_in(found, incumbents)
    return Rematch(matching, found, incumbents, keepable, kept, requests, claimants)


@dataclass(frozen=True)
class _Clock:
    """Seconds that are left of a limit for several solves."""

    started: float
    limit: float | None

    def part(self, parts: int) -> float | None:
        """Return an even share of what is left."""
        if self.limit is None:
            return None
        left = self.limit - (time.perf_counter() - self.started)
        return max(left / parts, SHORTEST)


def _check(max_changes: int | None, price: float | None, problem: Problem) -> None:
    check_parameter(
        max_changes is None or max_changes >= 0, "max_changes", "rematch", "None or an int in "
        "[0, inf)", max_changes,
    )  # fmt: skip
    check_parameter(
        price is None or 0 <= price <= DEAREST, "price", "rematch",
        f"None or a number from 0 to {DEAREST}", price,
    )  # fmt: skip
    if price is None:
        return
    if max_changes is not None:
        raise ParameterError("Give rematch either 'max_changes' or 'price', not both.")
    if not any(isinstance(o, MaximizeTotal | MaximizeTotalAndKept) for o in problem.objectives):
        names = listed(type(o).__name__ for o in problem.objectives)
        raise ParameterError(
            "The 'price' parameter of rematch is in units of the total score, which is no "
            f"objective of this problem ({names}). Give 'max_changes', or add MaximizeTotal()."
        )


def _incumbents(before: Matching, people: Crossing, problem: Problem) -> IntArray:
    """Return int64 (k, 2): today's positions of the earlier pairs that may go on."""
    scores = problem.scores
    pairs = people.pairs(*before.pairs)
    least = np.zeros(len(scores.mentees), dtype=np.int64)
    for constraint in problem.constraints:
        if isinstance(constraint, ScoreFloor):
            least = np.maximum(least, constraint.needed(scores.mentees))
    kept: IntArray = pairs[scores.at(pairs[:, 0], pairs[:, 1]) >= least[pairs[:, 0]]]
    return freeze(kept)


def _seated(incumbents: IntArray, scores: Scores) -> int:
    capacity = scores.mentors.capacity
    held = np.bincount(incumbents[:, 1], minlength=len(capacity))
    return int(np.minimum(held, capacity).sum())


def _claimants(before: Matching, people: Crossing, requests: Requests) -> tuple[str, ...]:
    """Return the ids of the mentees who lost a mentor by a refusal or because she left."""
    rows, columns = before.pairs
    now = people.mentees.now_of[rows]
    mentors = people.mentors.now_of[columns]
    mentees_now, mentors_now = people.mentees.now.ids, people.mentors.now.ids
    declined = set(requests.declined)
    found = {
        mentees_now[i]
        for i, j in zip(now.tolist(), mentors.tolist(), strict=True)
        if i >= 0 and (j < 0 or (mentees_now[i], mentors_now[j]) in declined)
    }
    return tuple(sorted(found))


def _unseated(found: Matching, claimants: tuple[str, ...]) -> bool:
    """Whether somebody's claim is lost. Where none is, the objective would change nothing."""
    unmatched = set(found.unmatched)
    return any(person in unmatched for person in claimants)


def _with_claims(problem: Problem, people: tuple[str, ...]) -> Problem:
    if not people or any(isinstance(o, KeepClaims) for o in problem.objectives):
        return problem
    objectives: list[Objective] = list(problem.objectives)
    counted = [isinstance(objective, MaximizeMatched) for objective in objectives]
    objectives.insert(counted.index(True) + 1 if any(counted) else 0, KeepClaims(people))
    return replace(problem, objectives=objectives)


def _priced(problem: Problem, pairs: tuple[Pair, ...], price: float) -> Problem:
    objectives = [
        MaximizeTotalAndKept(pairs, price) if isinstance(objective, MaximizeTotal) else objective
        for objective in problem.objectives
    ]
    return replace(problem, objectives=objectives)


def _fewer_kept(problem: Problem, most: int, keepable: int, max_changes: int, proven: bool) -> str:
    held = [repr(c) for c in problem.constraints if not isinstance(c, Reserve)]
    if len(problem.scores.locks):
        held.append("locks")
    why = f" under {listed(held)}" if held else ""
    how = "no more can be" if proven else "no more were found to be possible in the time given"
    return (
        f"{most} of {keepable} earlier pairs are kept, fewer than max_changes={max_changes} asks "
        f"for: {how}{why}"
    )


def _kept_by_the_best(problem: Problem, incumbents: IntArray) -> int:
    """Return how many of these pairs a matching keeps that is the best without any budget."""
    last = MinimizeChanges(ids_of(problem.scores, incumbents))
    if not any(isinstance(objective, MinimizeChanges) for objective in problem.objectives):
        problem = replace(problem, objectives=[*problem.objectives, last])
    return kept_in(solve(problem), incumbents)


def _stage_values(matching: Matching) -> dict[str, float]:
    """Return matched mentees, total score, and the value of every other objective."""
    scores = matching.problem.scores
    points = int(scores.at(*matching.pairs).sum(dtype=np.int64))
    others: list[Stage] = [
        stage
        for stage in matching.stages
        if stage.objective not in ("MaximizeMatched", "MaximizeTotal")
    ]
    matched = int((matching.assignment >= 0).sum())
    return {"matched": matched, "total": points / 1_000_000} | {
        stage.objective: stage.value for stage in others
    }


__all__ = ["Rematch", "rematch"]
