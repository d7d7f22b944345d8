"""The pairs of a matching that nobody would defend: which, why, and what avoiding them costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mentormatch.errors import MentormatchError, Status
from mentormatch.insight.forcing import budget_of, proven
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching, total_points
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal, MinimizeDefects
from mentormatch.matching.solving import run
from mentormatch.matching.within import defects_of
from mentormatch.scoring.criteria import Covers
from mentormatch.scoring.defects import DEFECTS, bit_of, words_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["count_defects", "defect_lines", "defects_frame"]


def count_defects(matching: Matching) -> dict[str, int]:
    """Return how many pairs of a matching have each defect that its rosters are judged by."""
    scores = matching.problem.scores
    if not scores.judged:
        return {}
    mask = scores.defects_at(*matching.pairs)
    return {name: int(((mask & bit_of(name)) > 0).sum()) for name in scores.judged}


def defects_frame(matching: Matching, *, time_limit: float | None = None) -> pd.DataFrame:
    """List the pairs with a defect, and whether they could have been avoided.

    Parameters
    ----------
    matching
        n mentees, m mentors.
    time_limit
        Seconds for the one more solve; None for no limit.

    Returns
    -------
    DataFrame, one row per pair with a defect
        `mentee`, `mentor` (ids), `mentee_name`, `mentor_name`, `defects` (in words), `avoidable`,
        `cost`. `avoidable`: whether a matching of as many people that has fewer such pairs, as few
        as possible, leaves this mentee without a defect (with another mentor, or with somebody
        else in her place); False where it is proven that none has fewer, or hers stays in it;
        missing where neither is known. `cost`: by how much the total score of that matching is
        lower, score units, the same in every row, for all avoidable pairs together; missing where
        the pair is not avoidable.

    Notes
    -----
    One solve, none where the matching was made with `MinimizeDefects` over all defects and is
    proven optimal.
    """
    import pandas as pd

    budget_of(time_limit, "defects")
    scores = matching.problem.scores
    rows, columns = matching.pairs
    mask = (
        scores.defects_at(rows, columns) if scores.judged else np.zeros(len(rows), dtype=np.uint8)
    )
    found = np.flatnonzero(mask)
    avoidable: list[bool | None] = [False] * len(found)
    cost = np.full(len(found), np.nan)
    if len(found):
        best = _fewest(matching, time_limit)
        avoidable = [best.frees(int(rows[at])) for at in found]
        cost[[bool(one) for one in avoidable]] = best.cost
    mentees, mentors = scores.mentees, scores.mentors
    told = [
        words_of(int(mask[at]), mentees.name(int(rows[at])), mentors.name(int(columns[at])))
        for at in found
    ]
    return pd.DataFrame(
        {
            "mentee": pd.Series([mentees.ids[i] for i in rows[found]], dtype=object),
            "mentor": pd.Series([mentors.ids[j] for j in columns[found]], dtype=object),
            "mentee_name": pd.Series([mentees.name(int(i)) for i in rows[found]], dtype=object),
            "mentor_name": pd.Series([mentors.name(int(j)) for j in columns[found]], dtype=object),
            "defects": pd.Series(["; ".join(words) for words in told], dtype=object),
            "avoidable": pd.array(avoidable, dtype="boolean"),
            "cost": cost,
        }
    )


@dataclass(frozen=True, eq=False)
class Fewest:
    """The matching of as many people with the fewest defective pairs.

    fewer : int, how many fewer it has;  cost : float, how much lower its total is.
    clean : bool (n,), mentees who have no defect in it.
    exact : bool, whether it is proven that none has fewer.
    """

    fewer: int
    cost: float
    clean: npt.NDArray[np.bool_]
    exact: bool

    def frees(self, mentee: int) -> bool | None:
        """Whether this mentee's defect is avoidable; None where that is not known."""
        if self.fewer > 0 and self.clean[mentee]:
            return True
        return False if self.exact else None


def _defective(matching: Matching) -> int:
    return int((matching.problem.scores.defects_at(*matching.pairs) > 0).sum())


def _fewest(matching: Matching, time_limit: float | None = None) -> Fewest:
    """Return what the best matching without avoidable defects has."""
    n = len(matching.assignment)
    none = Fewest(0, 0.0, np.zeros(n, dtype=bool), True)
    if _minimised(matching) and proven(matching):
        return none
    other = MinimizeDefects()
    before = [o for o in matching.problem.objectives if isinstance(o, MaximizeMatched)]
    problem = replace(
        matching.problem,
        objectives=[*(before or [MaximizeMatched()]), other, MaximizeTotal()],
    )
    try:
        found = run(problem, budget_of(time_limit, "defects"))
    except MentormatchError:  # out of time: nothing found, nothing proven
        return replace(none, exact=False)
    if len(found.pairs[0]) < len(matching.pairs[0]):
        return replace(none, exact=False)
    rows, columns = found.pairs
    bad = found.problem.scores.defects_at(rows, columns) > 0
    clean = np.ones(len(found.assignment), dtype=bool)
    clean[rows[bad]] = False
    fewer = _defective(matching) - int(bad.sum())
    more = len(found.pairs[0]) > len(matching.pairs[0])
    if fewer <= 0:
        return replace(none, exact=proven(found) and not more)
    cost = (total_points(matching) - total_points(found)) / MILLION
    return Fewest(fewer, cost, clean, proven(found) and not more)


def _minimised(matching: Matching) -> bool:
    """Whether all defects that can be judged come right after the number matched, unbounded."""
    judged = set(matching.problem.scores.judged)
    for objective in matching.problem.pursued:
        if isinstance(objective, MaximizeMatched):
            continue
        return (
            isinstance(objective, MinimizeDefects)
            and objective.within is None
            and judged <= set(objective.defects)
        )
    return False


def defect_lines(matching: Matching) -> list[str]:
    """Say how many pairs have which defect, and what having fewer costs, or has cost.

    One more solve; two where the matching was made without `MinimizeDefects`.
    """
    counts = count_defects(matching)
    if not counts or not len(matching.pairs[0]):
        return []
    some = {name: count for name, count in counts.items() if count}
    if some:
        told = [
            f"{count:,} {DEFECTS[name].one if count == 1 else DEFECTS[name].many}"
            for name, count in some.items()
        ]
        lines = [f"Pairs to look at: {'; '.join(told)}."]
    else:
        lines = [f"No pair has a defect: {'; '.join(DEFECTS[name].none for name in counts)}."]
    if matching.status != Status.STABLE:
        if defects_of(matching.problem) is not None:
            lines.append(_price_paid(matching, bool(some)))
        elif some:
            lines.append(_price_to_pay(matching))
    if "no_help" not in counts and _compares_help(matching):
        lines.append(
            "Not judged: whether mentors can help with what mentees named; too little of it is "
            "named alike."
        )
    return [line for line in lines if line]


def _compares_help(matching: Matching) -> bool:
    return any(isinstance(c, Covers) for c in matching.problem.scores.criteria)


def _price_paid(matching: Matching, some: bool) -> str:
    """Return what it cost to have so few."""
    others = [o for o in matching.problem.objectives if not isinstance(o, MinimizeDefects)]
    try:
        without = run(replace(matching.problem, objectives=others), budget_of(None, "defects"))
    except MentormatchError:
        return ""
    reached, best = (total_points(one) / MILLION for one in (matching, without))
    saved = _defective(without) - _defective(matching)
    fewest = _minimised(matching) and proven(matching)
    claim = f"{_claim(matching)} " if some and fewest else ""
    if saved <= 0:
        return claim + "Looking at them cost nothing."
    share = (best - reached) / best if best > 0 else 0.0
    pairs = "1 pair" if saved == 1 else f"{saved:,} pairs"
    return (
        f"{claim}Avoiding {pairs} like that took {share:.1%} of the total score "
        f"({reached:.2f} against {best:.2f})."
    )


def _claim(matching: Matching) -> str:
    """Return that no matching has fewer, among those that were compared."""
    by_score = (defects_of(matching.problem) or MinimizeDefects()).by_score
    some = by_score and not matching.problem.scores.seated.all()
    seats = ", seats going by score," if some else ""
    return f"No matching of as many people{seats} has fewer."


def _price_to_pay(matching: Matching) -> str:
    """Return what having fewer would cost."""
    best = _fewest(matching)
    if best.fewer <= 0:
        return _claim(matching) if best.exact else ""
    total = total_points(matching) / MILLION
    share = best.cost / total if total > 0 else 0.0
    left = _defective(matching) - best.fewer
    return (
        f"A matching of as many people with {left:,} such pair{'s' * (left != 1)} has a total "
        f"score {share:.1%} lower ({total - best.cost:.2f} against {total:.2f})."
    )
