"""Wishes for people: how many were granted, by rank, and how many could have been."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import ColumnError, MentormatchError
from mentormatch.insight.forcing import budget_of, defective, proven
from mentormatch.matching.lowering import MILLION, lower
from mentormatch.matching.matching import Matching, total_points
from mentormatch.matching.objectives import (
    MaximizeMatched,
    MaximizeTotal,
    MinimizeDefects,
)
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import run
from mentormatch.matching.wishes import MaximizeWishes
from mentormatch.scoring.wishes import SIDES, NamedPairs
from mentormatch.solvers.budget import Budget
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GrantedWishes", "granted_wishes", "wish_lines"]

NOT_WORKED_OUT = "granted_wishes(matching) works out how many could be."
PAIRS_SOLVED = 4_000_000
"""Most pairs of a problem that a first page solves again for wishes."""
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class GrantedWishes(Told):
    """How many wishes for people a matching grants.

    Attributes
    ----------
    frame : DataFrame, one row per side
        `side`: "mentees", "mentors", or "mutual" (pairs that named each other); `stated`: people
        who named somebody of the other roster, or mutual pairs; `granted`: wishes granted; of
        these `first`, `second`, `later`, by the place on the list (of mutual ones: on the
        mentee's); `reachable`: how many could be granted with as many mentees matched as possible
        (missing where it was not worked out); `proven`: whether that is the most; `total`: the
        best total score with so many wishes granted, and `defects`: the pairs with a defect then,
        as few as can be, where the matching avoids them.
    total, defects : float, int
        Total score of the matching itself, and its pairs with a defect.
    """

    frame: pd.DataFrame
    total: float
    defects: int = 0

    @property
    def text(self) -> str:
        """One sentence per side on which somebody stated a wish."""
        known = self.frame.astype(object).where(self.frame.notna(), None)
        return " ".join(
            _sentence(row, self.total, self.defects)
            for row in known.to_dict("records")
            if row["stated"]
        )

    def __repr__(self) -> str:
        return f"<GrantedWishes: {self.text or 'nobody wished for anybody'}>"

    def _repr_html_(self) -> str:
        table = self.frame.to_html(index=False, escape=True, na_rep="")
        return f"<p>{html.escape(self.text)}</p>{table}"


@typed
def granted_wishes(
    matching: Matching, *, reachable: bool = True, time_limit: float | None = None
) -> GrantedWishes:
    """Count the wishes that a matching grants, and those that could have been granted.

    Parameters
    ----------
    matching
        n mentees, m mentors.
    reachable
        Whether to work out how many could be granted.
    time_limit
        Seconds for each solve; None for no limit.

    Returns
    -------
    GrantedWishes

    Raises
    ------
    ColumnError
        If neither roster has wishes for people.

    Notes
    -----
    Wishes are the column `preferred` of either roster; those for people who are not on the other
    roster are not counted. One solve per side on which fewer wishes are granted than people stated
    any: the same problem with the objectives `MaximizeMatched`, `MaximizeWishes`, then
    `MinimizeDefects` if the problem has it, and `MaximizeTotal`.
    """
    import pandas as pd

    budget_of(time_limit, "granted_wishes")
    scores = matching.problem.scores
    named = scores.named("granted_wishes")
    m = max(len(scores.mentors), 1)
    rows, columns = matching.pairs
    chosen = np.isin(named.keys, rows * m + columns)
    found = []
    for side in SIDES:
        wished = named.of(side)
        place = named.place[1 if side == "mentors" else 0][wished & chosen]
        row = {
            "side": side, "stated": _stated(named, wished, side, m), "granted": len(place),
            "first": int((place == 0).sum()), "second": int((place == 1).sum()),
            "later": int((place > 1).sum()), "reachable": None, "proven": None, "total": None,
            "defects": None,
        }  # fmt: skip
        if reachable:
            row |= _reachable(matching, named.keys[wished], side, len(place), Budget(time_limit))
        found.append(row)
    frame = pd.DataFrame(found)
    frame = frame.astype(
        {"reachable": "Int64", "proven": "boolean", "total": float, "defects": "Int64"}
    )
    return GrantedWishes(frame, *_worth(matching))


def _worth(matching: Matching) -> tuple[float, int]:
    """Return the total score, and the pairs with a defect that the objectives would avoid."""
    return total_points(matching) / MILLION, int(defective(matching, *matching.pairs).sum())


def _stated(named: NamedPairs, wished: BoolArray, side: str, m: int) -> int:
    """Count the people who named somebody, or the mutual pairs."""
    keys = named.keys[wished]
    people = {"mentees": keys // m, "mentors": keys % m, "mutual": keys}[side]
    return len(np.unique(people))


def _reachable(
    matching: Matching, keys: npt.NDArray[np.int64], side: str, granted: int, budget: Budget
) -> dict[str, object]:
    """Return the most wishes of a side that can be granted; the matching itself is one way."""
    scores = matching.problem.scores
    m = max(len(scores.mentors), 1)
    open_ = keys[scores.at(keys // m, keys % m) >= 0]
    total, defects = _worth(matching)
    itself: dict[str, object] = {
        "reachable": granted,
        "proven": True,
        "total": total,
        "defects": defects,
    }
    if granted == len(open_):
        return itself
    try:
        best = run(_only_wishes(matching.problem, side), budget)
    except MentormatchError:  # out of time, and nothing found
        return {}
    most = int(best.stages[1].value)
    if most <= granted:
        return itself | {"proven": proven(best)}
    total, defects = _worth(best)
    return {"reachable": most, "proven": proven(best), "total": total, "defects": defects}


def _only_wishes(problem: Problem, side: str) -> Problem:
    fewest = [replace(o, within=None) for o in problem.pursued if isinstance(o, MinimizeDefects)]
    order = MaximizeMatched(), MaximizeWishes(side), *fewest, MaximizeTotal()
    return replace(problem, objectives=order)


def wish_lines(matching: Matching) -> list[str]:
    """Return what a first page says about wishes; nothing where nobody stated any.

    How many could be granted is worked out where that is a flow, so that no page waits for it.
    """
    try:
        named = matching.problem.scores.named("granted_wishes")
    except ColumnError:
        return []
    if not len(named.keys):
        return []
    scores = matching.problem.scores
    quick = scores.size <= PAIRS_SOLVED and scores.source is None
    quick = quick and lower(_only_wishes(matching.problem, "mentees")).order is None
    text = granted_wishes(matching, reachable=quick).text
    return [text if quick else f"{text} {NOT_WORKED_OUT}"]


def _sentence(row: Mapping[Any, Any], total: float, defects: int) -> str:
    """Say what one side got, and what it could have got."""
    side, granted, stated = row["side"], row["granted"], row["stated"]
    places = [f"{row[which]} {which}" for which in ("first", "second", "later") if row[which]]
    if side == "mutual":
        said = f"Mutual wishes granted: {granted} of {stated}"
    else:
        ranks = f" ({', '.join(places)})" if places else ""
        said = f"Wishes granted to {side}: {granted}{ranks}; {stated} wished for somebody"
    if row["reachable"] is None:
        return f"{said}."
    if row["reachable"] == granted and row["proven"]:
        return f"{said}, and no matching of as many people grants more."
    most = "" if row["proven"] else "at least "
    then = f"the total score would be {row['total']:.3f} instead of {total:.3f}"
    if row["defects"] != defects:
        then += f", and {row['defects']} pairs instead of {defects} would be pairs to look at"
    return f"{said}, and {most}{row['reachable']} could be granted with as many matched: {then}."
