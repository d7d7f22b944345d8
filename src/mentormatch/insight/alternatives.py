"""alternatives: the next best mentors for one mentee, and what each would cost the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import check_parameter
from mentormatch.insight.forcing import budget_of, forced
from mentormatch.insight.left_open import reallocations
from mentormatch.insight.reallocation import Reallocations, Worth
from mentormatch.insight.why_not import changed_moves, forbidding, moves_frame, moves_text
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.solvers.budget import Budget

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["alternatives"]

DUST = 1e-6
"""Less than a point of score: what floating point leaves in prices."""
MOST_TRIED = 12
"""Mentors for whom the problem is solved again, where that is what it takes."""
COLUMNS = (
    "mentor", "name", "score", "matched_lost", "cost", "others_move", "text", "exact",
)  # fmt: skip


@typed
def alternatives(
    matching: Matching,
    mentee: str,
    k: int = 3,
    *,
    most_tried: int = MOST_TRIED,
    time_limit: float | None = None,
) -> pd.DataFrame:
    """List the next best mentors for a mentee, given everybody else.

    A mentor's cost is what the whole would lose if this mentee were with that mentor and everybody
    else then arranged as well as possible, under every constraint; the list begins with the
    cheapest.

    Parameters
    ----------
    matching
        Result of `solve`; of one flow, proven optimal.
    mentee
        Id, e-mail or unambiguous name.
    k
        How many.
    most_tried
        Where the problem is more than one flow, it is solved again for at most so many mentors
        (at least k): those who could be cheapest by the prices of `Matching.proof`, or else those
        with the best scores.
    time_limit
        Seconds for all of them together.

    Returns
    -------
    DataFrame, at most k rows
        `mentor`, `name`, `score`, `matched_lost` (how many fewer mentees would be matched),
        `cost` (total score lost; below 0: gained, with fewer matched), `others_move` (how many
        other mentees change), `text` (who moves where), `exact` (whether the cost is proven and no
        mentor who was not tried can be cheaper). Empty for a locked mentee. With several mentors
        each, her own are left out, and she may keep them or not.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    ParameterError
        If k is not a whole number of at least 1, or the matching is stable, or one flow that is
        not proven optimal.

    Notes
    -----
    Of one flow, one tree of shortest paths gives the costs; it grows no farther than the k-th.
    Otherwise mentors are compared by what each objective reaches, in order.
    """
    import pandas as pd

    for name, value in (("k", k), ("most_tried", most_tried)):
        ok = isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 1
        check_parameter(bool(ok), name, "alternatives", "an int in [1, inf)", value)
    budget = budget_of(time_limit, "alternatives")
    i = matching.problem.scores.mentees.position(mentee)
    open_ = reallocations(matching, "alternatives")
    if (matching.problem.scores.locks.reshape(-1, 2)[:, 0] == i).any():
        rows: list[Row] = []
    elif open_ is not None:
        rows = _by_paths(matching, open_, i, int(k))
    else:
        rows = _by_solving(matching, i, int(k), max(int(most_tried), int(k)), budget)
    scores = matching.problem.scores
    points = scores.block([i])[0]
    told = [
        (
            scores.mentors.ids[row.mentor], scores.mentors.name(row.mentor),
            int(points[row.mentor]) / MILLION, row.lost.matched,
            row.lost.millionths / MILLION, max(len(row.moves) - 1, 0),
            moves_text(matching, row.moves), row.exact,
        )
        for row in rows
    ]  # fmt: skip
    return pd.DataFrame(told, columns=list(COLUMNS)).astype({"exact": bool})


@dataclass(frozen=True, eq=False)
class Row:
    """One alternative."""

    mentor: int
    lost: Worth
    moves: pd.DataFrame
    exact: bool


def _by_paths(matching: Matching, open_: Reallocations, i: int, k: int) -> list[Row]:
    scores = matching.problem.scores
    points, ids = scores.block([i])[0], scores.mentors.ids
    found = list(open_.cheapest(i, k))
    # among equal costs the better score, then the id: never the order of the roster
    found.sort(key=lambda one: (one[0], -int(points[one[1]]), ids[one[1]]))
    return [
        Row(j, Worth.of(cost, open_.lowered), moves_frame(matching, open_.forced(i, j)[1]), True)
        for cost, j in found[:k]
    ]


def _by_solving(matching: Matching, i: int, k: int, most_tried: int, budget: Budget) -> list[Row]:
    """Lock one mentor after another and solve again, the most promising first."""
    scores = matching.problem.scores
    points, ids = scores.block([i])[0], scores.mentors.ids
    own = set(matching.mentors_of[i].tolist())
    options = [
        j
        for j in np.flatnonzero(points >= 0).tolist()
        if j not in own and not forbidding(matching, i, j)
    ]
    least = _least_lost(matching, i)
    options.sort(key=lambda j: (least[j], -int(points[j]), ids[j]))
    found: list[tuple[tuple[float, ...], Row]] = []
    sure = True
    for place, j in enumerate(options):
        enough = sorted(rank for rank, _ in found)[k - 1 : k]
        if (
            enough
            and enough[0][:-1] <= (0.0,) * (len(enough[0]) - 1)
            and (enough[0][-1] < least[j] - DUST)
        ):
            break  # by the prices none of those left is cheaper
        if place >= most_tried or budget.late():
            sure = False
            break
        answer = forced(matching, i, j, budget.part(1 / (min(most_tried, len(options)) - place)))
        if answer.matching is None or answer.lost is None:
            sure &= answer.exact
            continue
        moves = changed_moves(matching, answer.matching, scores.mentees.ids[i])
        found.append((_rank(matching, answer.matching), Row(j, answer.lost, moves, answer.exact)))
        sure &= answer.exact
    found.sort(key=lambda one: (one[0], -int(points[one[1].mentor]), ids[one[1].mentor]))
    return [Row(row.mentor, row.lost, row.moves, row.exact and sure) for _, row in found[:k]]


def _rank(before: Matching, after: Matching) -> tuple[float, ...]:
    """Return what each objective loses, in order, what is minimised turned round."""
    return tuple(
        (a.value - b.value) * (-1 if o.minimises else 1)
        for a, b, o in zip(before.stages, after.stages, before.problem.pursued, strict=True)
    )


def _least_lost(matching: Matching, i: int) -> npt.NDArray[np.float64]:
    """Return float (m,): score that each mentor costs at least by prices, 0 where none are known.

    Among matchings of as many people: fewer matched cost more than any score.
    """
    m = len(matching.problem.scores.mentors)
    found = matching.proof
    if found is None:
        return np.zeros(m)
    points = matching.problem.scores.block([i])[0] / MILLION
    charge = found.price @ found.coefficients[:, i, :]
    surplus = np.where(found.open[i], points - found.seat_price - charge, -np.inf)
    best = max(float(surplus.max(initial=0.0)), 0.0)
    lost: npt.NDArray[np.float64] = matching.objective - found.bound + best - surplus
    return np.maximum(lost, 0.0)
