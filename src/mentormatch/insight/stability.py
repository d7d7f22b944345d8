"""Who would rather be together than with whom they got, and what preventing that costs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter, listed
from mentormatch.insight.forcing import budget_of
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal, MinimizeDefects
from mentormatch.matching.problem import Problem
from mentormatch.matching.stable import Market, Preferences, check_constraints, market
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.nearly_stable import Compromise, best_total, exact, settle, stable, sweep
from mentormatch.solvers.stability import Held, blocking, weakest_held

if TYPE_CHECKING:
    import pandas as pd

Keys: TypeAlias = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Gains: TypeAlias = npt.NDArray[np.float64] | npt.NDArray[np.int64]

EXACT_PAIRS = 600
"""Up to this many admissible pairs each point of the frontier is solved as an integer program."""
STARTS = 400_000
"""Up to this many pairs the frontier is refined from many points of the sweep, above from one."""
FEWER = 0.8
"""A point of the sweep is worth refining if it has at most this share of blocking pairs."""


@typed
def blocking_pairs(matching: Matching, *, preferences: Preferences = "score") -> pd.DataFrame:
    r"""List the pairs that would both rather be together.

    Mentee i and mentor j block a matching if they are admissible and apart, and both strictly
    gain: :math:`s_{ij} > s_{i\mu(i)}` and :math:`s_{ij} > \min_{i' \in \mu(j)} s_{i'j}`. Having no
    mentor, or a free seat, counts as less than any admissible partner. Equal scores do not block.

    Parameters
    ----------
    matching
        Result of `solve` or `match_stable`; n mentees, m mentors.
    preferences
        "score", "wishes" or "wishes_first": how people rank one another, see `match_stable`.

    Returns
    -------
    DataFrame, one row per pair
        `mentee`, `mentor` (ids), `mentee_gain`, `mentor_gain`. By score the gains are in score
        units, counted from 0 where there was nobody; by wishes they are places on the person's
        own list. The pairs with most to gain for both come first.

    Raises
    ------
    ColumnError
        If wishes are asked for and nobody on either roster gave any.

    Notes
    -----
    Rules, score floors, demands, most loads and locks are kept: a locked pair is not given up.
    Other constraints are not:
    a pair may be listed that a quota forbids, since the quota does not change what they want.
    Time O(n m), memory O(k) for k pairs.

    References
    ----------
    .. [1] Gale & Shapley (1962), Amer. Math. Monthly 69(1), 9-15.

    Examples
    --------
    >>> import numpy as np, mentormatch as mm
    >>> scores = mm.Scores.from_matrix(np.array([[0.9, 0.8], [0.8, 0.1]]), capacity=[1, 1])
    >>> blocking_pairs(mm.solve(mm.Problem(scores))).round(3).to_dict("records")
    [{'mentee': 'mentee 1', 'mentor': 'mentor 1', 'mentee_gain': 0.1, 'mentor_gain': 0.1}]
    """
    import pandas as pd

    place = market(matching.problem, preferences, owner="blocking_pairs")
    mentee_key: Keys = place.mentee_key
    mentor_key: Keys = place.mentor_key
    by_score = preferences == "score"
    if by_score:  # the keys decide ties, the points do not: equal points do not block
        mentee_key = mentor_key = place.worth
    held = _held(matching, place, mentee_key, mentor_key)
    rows, columns = blocking(mentee_key, mentor_key, *matching.pairs, held)
    if by_score:
        reached = place.worth[rows, columns].astype(np.int64)
        mentee_gain: Gains = (reached - np.maximum(held.mentees[rows], 0)) / MILLION
        mentor_gain: Gains = (reached - np.maximum(held.mentors[columns], 0)) / MILLION
    else:
        mentee_gain = _places(mentee_key, held.mentees, rows, columns)
        mentor_gain = _places(mentor_key.T, held.mentors, columns, rows)
    order = np.lexsort(
        (columns, rows, -(mentee_gain + mentor_gain), -np.minimum(mentee_gain, mentor_gain))
    )
    scores = matching.problem.scores
    return pd.DataFrame(
        {
            "mentee": pd.Series([scores.mentees.ids[i] for i in rows[order]], dtype=object),
            "mentor": pd.Series([scores.mentors.ids[j] for j in columns[order]], dtype=object),
            "mentee_gain": mentee_gain[order],
            "mentor_gain": mentor_gain[order],
        }
    )


def _held(matching: Matching, place: Market, mentee_key: Keys, mentor_key: Keys) -> Held:
    """Return what everybody has to beat; locked pairs and their seats do not count."""
    rows, columns = matching.pairs
    width = mentee_key.shape[1]
    locked = place.locks[:, 0] * width + place.locks[:, 1]
    free = ~np.isin(rows * width + columns, locked)
    return weakest_held(
        mentee_key, mentor_key, rows[free], columns[free], place.wanted, place.seats
    )  # fmt: skip


def _places(keys: Keys, held: IntArray, people: IntArray, others: IntArray) -> IntArray:
    """Return how many places up her own list each person would move."""
    least = np.maximum(held[people], -1)
    climbed = np.empty(len(people), dtype=np.int64)
    for start in range(0, len(people), 1024):
        block = slice(start, start + 1024)
        own = keys[people[block]]
        reached = keys[people[block], others[block]]
        climbed[block] = ((own > least[block, None]) & (own <= reached[:, None])).sum(axis=1)
    return climbed


@typed
def stability_frontier(
    problem: Problem | Scores,
    *,
    points: int = 9,
    route: str = "auto",
    time_limit: float | None = None,
) -> pd.DataFrame:
    """Show what it costs the total score to have fewer blocking pairs.

    Parameters
    ----------
    problem
        n mentees, m mentors; scores alone stand for a problem without constraints. The objective
        here is the total score alone; score floors and locks are kept.
    points
        Most rows wanted, at least 2.
    route
        "exact": integer programming, each point proven. "sweep": greatest sums of rising powers
        of the scores, then blocking pairs given what they want, one by one; each point is a true
        matching, but fewer blocking pairs may be possible for its total. "auto": exact up to
        `EXACT_PAIRS` admissible pairs.
    time_limit
        Seconds for all points together. Without one the work is limited, not the time, so that
        the answer is the same on every machine: integer programmes stop after a number of nodes
        that falls with their size, which is enough for most.

    Returns
    -------
    DataFrame, one row per point, the most stable first
        `blocking_pairs`, `total` (score units), `matched` (mentees), `bound` (no matching with as
        few blocking pairs has a greater total), `gap` (relative), `certified` (whether the total
        is proven to be the greatest), `route`. No row is worse than another in both.

    Raises
    ------
    ParameterError
        If `points`, `route` or `time_limit` is outside its domain, or the problem has other
        constraints than score floors and most loads, or other objectives than the number matched
        and the total; `MinimizeDefects`, which is there by default, plays no part in it.

    Notes
    -----
    With ties or wishes, and for two or more blocking pairs, the fewest blocking pairs for a total
    is NP-hard to find, so large instances come with the bound of the unrestricted total: an honest
    gap, and a loose one.

    References
    ----------
    .. [1] Biró, Manlove & Mittal (2010), Theoretical Computer Science 411, 1828-1841.
    """
    check_parameter(
        isinstance(points, int) and points >= 2, "points", "stability_frontier",
        "an int in [2, inf)", points,
    )  # fmt: skip
    check_parameter(
        route in ("auto", "exact", "sweep"), "route", "stability_frontier",
        "'auto', 'exact' or 'sweep'", route,
    )  # fmt: skip
    budget = budget_of(time_limit, "stability_frontier")
    given = Problem(problem) if isinstance(problem, Scores) else problem
    check_constraints(given, "stability_frontier", demand=False)
    _check_objectives(given)
    place = market(given, "score", owner="stability_frontier")
    best = best_total(place.worth, place.seats, place.mentee_hash, place.mentor_hash)
    least = stable(
        place.worth, place.seats, place.mentee_hash, place.mentor_hash, best.bound
    )  # fmt: skip
    if route == "auto":
        route = "exact" if int((place.worth >= 0).sum()) <= EXACT_PAIRS else "sweep"
    walk = _exact if route == "exact" else _sweep
    found = [least, *walk(place, best, points, budget), best]
    return _frame(given, place, _spread(_undominated(found), points))


def _check_objectives(problem: Problem) -> None:
    """Refuse objectives that a frontier of totals would pass over in silence."""
    left = MaximizeMatched | MaximizeTotal | MinimizeDefects
    others = [o for o in problem.objectives if not isinstance(o, left)]
    if others:
        raise ParameterError(
            "stability_frontier weighs blocking pairs against the total score: what other "
            f"objectives would cost is not defined there. Got {listed(map(repr, others))}. Leave "
            "them out, or list what blocks a matching of solve with blocking_pairs(matching)."
        )


def _exact(
    place: Market,
    best: Compromise,
    points: int,
    budget: Budget,
) -> Iterable[Compromise]:
    """Yield the greatest total for evenly spread numbers of blocking pairs."""
    limits = np.unique(np.linspace(0, best.blocking, points).round().astype(int))
    for at, most in enumerate(limits):
        if budget.late():
            return
        part = budget.part(1 / (len(limits) - at))
        solved = exact(place.worth, place.seats, int(most), part, parts=len(limits))
        if solved is not None:
            yield solved


def _sweep(
    place: Market,
    best: Compromise,
    points: int,
    budget: Budget,
) -> Iterable[Compromise]:
    """Yield what the sweep finds, and what settling from its points finds."""

    def keep_going() -> bool:
        return not budget.late()

    starts = [best]
    for found in sweep(
        place.worth, place.seats, place.mentee_hash, place.mentor_hash, best.bound, keep_going
    ):
        yield found
        if found.blocking <= FEWER * starts[-1].blocking:
            starts.append(found)
    if place.worth.size > STARTS:  # a step reads the whole matrix: only the last stretch pays
        starts = starts[-1:]
    for start in starts:
        yield from settle(place.worth, place.seats, start, keep_going)


def _undominated(found: Iterable[Compromise]) -> list[Compromise]:
    """Keep what no other beats in blocking pairs and total; most stable first."""
    kept: list[Compromise] = []
    # among equals the proven one: its bound is the smallest
    for one in sorted(found, key=lambda c: (c.blocking, -c.total, c.bound)):
        if not kept or one.total > kept[-1].total:
            kept.append(one)
    return kept


def _spread(found: list[Compromise], points: int) -> list[Compromise]:
    """Thin the frontier to evenly spread totals, both ends included."""
    if len(found) <= points:
        return found
    totals = np.array([one.total for one in found])
    wanted = np.linspace(totals[0], totals[-1], points)
    nearest = {int(np.argmin(np.abs(totals - total))) for total in wanted}
    return [found[k] for k in sorted(nearest)]


def _frame(problem: Problem, place: Market, found: list[Compromise]) -> pd.DataFrame:
    import pandas as pd

    locks = problem.scores.locks
    locked = int(problem.scores.at(locks[:, 0], locks[:, 1]).sum(dtype=np.int64))
    totals = np.array([one.total + locked for one in found])
    bounds = np.array([max(one.bound, one.total) + locked for one in found])
    return pd.DataFrame(
        {
            "blocking_pairs": [one.blocking for one in found],
            "total": totals / MILLION,
            "matched": [int((one.mentor_of >= 0).sum()) + len(locks) for one in found],
            "bound": bounds / MILLION,
            "gap": (bounds - totals) / np.maximum(bounds, 1),
            "certified": bounds == totals,
            "route": [one.route for one in found],
        }
    )
