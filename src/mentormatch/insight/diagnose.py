"""diagnose: why somebody stayed unmatched, and the smallest change that would help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter, listed
from mentormatch.insight.barriers import Barriers, barriers
from mentormatch.insight.forcing import budget_of
from mentormatch.insight.left_open import check_proven, reallocations
from mentormatch.insight.of_forms import asked_of_form
from mentormatch.insight.reallocation import Reallocations
from mentormatch.insight.remedies import Change, Remedies
from mentormatch.insight.remedies_on_flow import RemediesOnFlow
from mentormatch.insight.setting_words import rule_words
from mentormatch.insight.shortage import shortage_of
from mentormatch.insight.wording import joined
from mentormatch.matching.answer import Answer
from mentormatch.matching.constraints import single_loads
from mentormatch.matching.lowering import MILLION, asked_of
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.solvers.budget import Budget

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["changes_for", "diagnose", "unmatched_reasons"]

IntArray: TypeAlias = npt.NDArray[np.int64]

MOST_SEATS = 5
MOST_TRIED = 12
NAMED = 5
"""Mentors named in a reason; more are only counted."""


def unmatched_reasons(matching: Matching, rows: IntArray | None = None) -> pd.DataFrame:
    """Say why each unmatched mentee has nobody, without solving anything again.

    Parameters
    ----------
    matching
        Result of `solve`.
    rows
        Positions of unmatched mentees; default: all of them.

    Returns
    -------
    DataFrame, one row per unmatched mentee
        `person` (id), `name`, `reason` (in words), `rules` (which rule removes how many mentors,
        "" if none does; one mentor may be removed by several rules).

    Notes
    -----
    Time O(unmatched x rules x m).
    """
    import pandas as pd

    mentees = matching.problem.scores.mentees
    rows = np.flatnonzero(matching.assignment < 0) if rows is None else rows
    found = list(barriers(matching, rows))
    return pd.DataFrame(
        {
            "person": pd.Series([mentees.ids[b.mentee] for b in found], dtype=object),
            "name": pd.Series([mentees.name(b.mentee) for b in found], dtype=object),
            "reason": pd.Series([_reason(matching, b) for b in found], dtype=object),
            "rules": pd.Series([rules_text(b, matching.problem) for b in found], dtype=object),
        }
    )


def rules_text(found: Barriers, problem: Problem) -> str:
    """Return which rule removes how many mentors, most first: ``the same site (12); ...``."""
    words = {str(rule): rule_words(rule) for rule in problem.scores.rules}
    return "; ".join(f"{words.get(name, name)} ({count})" for name, count in found.counts)


def _reason(matching: Matching, found: Barriers) -> str:
    mentors = matching.problem.scores.mentors
    m = len(mentors)
    if m == 0:
        return "There is no mentor on the roster."
    problem = matching.problem
    if asked_of(problem)[found.mentee] == 0:
        return "Asks for no mentor."
    options = np.flatnonzero(found.admissible)
    if not options.size:
        what = [_removal(name, count) for name, count in found.counts]
        return f"None of the {m} mentors is admissible: {joined(what)}."
    load = np.bincount(matching.pairs[1], minlength=m)
    most = single_loads(problem.scores, problem.constraints)[1]
    free = options[load[options] < most[options]]
    if free.size:
        names = joined([mentors.name(int(j)) for j in free], 3)
        held = any(c.is_rows for c in problem.constraints)
        worse = "break a constraint or make the whole worse" if held else "make the whole worse"
        return f"There is a free seat with {names}, but using it would {worse}."
    seats = int(most[options].sum())
    names = f" ({joined([mentors.name(int(j)) for j in options])})" if options.size <= NAMED else ""
    if not seats:
        return f"{_only(len(options), m)}{names}, with no seat to offer."
    taken = "whose seat is taken" if seats == 1 else f"whose {seats} seats are all taken"
    return f"{_only(len(options), m)}{names}, {taken}."


def _only(options: int, m: int) -> str:
    if options == m:
        return "Every mentor is admissible" if m > 1 else "The one mentor is admissible"
    return f"Only {options} of the {m} mentors {'is' if options == 1 else 'are'} admissible"


def _removal(name: str, count: int) -> str:
    return f"{name} removes {count}"


@typed
def diagnose(
    matching: Answer,
    *,
    mentees: str | Sequence[str] | None = None,
    most_seats: int = MOST_SEATS,
    most_tried: int = MOST_TRIED,
    time_limit: float | None = None,
) -> pd.DataFrame:
    """Say why each unmatched mentee has nobody, and the smallest change that would match her.

    Changes are tried in this order, and each holds for the changed problem, with its objectives and
    constraints: she is then matched, and so is everybody's number one higher. Of one flow shortest
    paths tell so; otherwise, and where ties decide, the changed problem is solved.

    1. one more seat with one mentor,
    2. one rule relaxed for one pair (never `Avoid`, nor being matched to oneself),
    3. the score floor lowered for her, by as little as possible,
    4. two, three, ... more seats with one mentor, up to `most_seats`,
    5. one constraint loosened step by step, or dropped.

    Among changes of the same size the one that gains most is given. A most load is never exceeded
    by adding seats: it is a constraint.

    Parameters
    ----------
    matching
        Result of `solve`; of one flow, proven optimal. Or of `suggest`, `form_groups`,
        `match_peers` or `schedule_rounds`, which have a table of their own: who is left over or
        has less than was asked for, why, and what would help.
    mentees
        Only these unmatched mentees: ids, e-mails or unambiguous names. Default: all of them,
        which takes the scores of all pairs.
    most_seats
        How many seats more with one mentor are considered.
    most_tried
        Where the changed problem has to be solved: how many mentors of each kind are tried for a
        mentee, those with the best scores for her first.
    time_limit
        Seconds for all of it; whoever comes after is said not to have been tried.

    Returns
    -------
    DataFrame, one row per unmatched mentee
        `person` (id), `name`, `reason` (with the shortage she is part of), `rules` (which rule
        removes how many mentors), `change` (in words, "" if no single change was found), `kind`
        ("seat", "rule", "floor", "seats", "constraint" or ""), `mentor` (id or None), `amount`
        (seats, 1 rule or constraint, or score), `matched_gain` (mentees), `gain` (total score),
        `exact` (whether what it brings is proven, else it brings at least that; without a change,
        whether everything was tried). Mentees who have a mentor but asked for more are left out.

    Raises
    ------
    ParameterError
        If the matching is stable, or one flow that is not proven optimal; or a mentee named has a
        mentor.
    UnknownPersonError
        If nobody is called that.
    TooLargeError
        If the scores of all pairs do not fit into memory, and nobody is named.

    Notes
    -----
    Of one flow, steps 1 and 4 follow the line before each mentor whose line she could be in: one
    shortest path per seat, over the moves nearest to it [1]_. Steps 2 and 3 take one path for all
    mentors together, step 5 a solve for each constraint that could help. The problem is solved
    again for a seat where others could come in just as well, where the total is not pursued, and
    where seats are kept by score under locks or constraints. Otherwise up to `most_tried` solves
    for each of steps 2 and 3 and each mentee; the solves of the other steps are shared.

    References
    ----------
    .. [1] Ahuja, Magnanti & Orlin (1993), Network Flows, chapter 9.
    """
    for name, value in (("most_seats", most_seats), ("most_tried", most_tried)):
        ok = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        check_parameter(ok, name, "diagnose", "an int in [1, inf)", value)
    budget = budget_of(time_limit, "diagnose")
    if not isinstance(matching, Matching):
        table: pd.DataFrame = asked_of_form(
            matching, "diagnose", mentees=(mentees, None), most_seats=(most_seats, MOST_SEATS),
            most_tried=(most_tried, MOST_TRIED), time_limit=(time_limit, None),
        )  # fmt: skip
        return table
    check_proven(matching, "diagnose")
    rows = _asked(matching, mentees)
    frame = unmatched_reasons(matching, rows)
    if not len(rows):
        return _with_changes(matching, frame, rows, {}, set())
    open_ = reallocations(matching, "diagnose")
    search = _search(matching, open_, budget, most_tried)
    changes, sure = _smallest(search, rows, most_seats)
    if open_ is not None:
        told = zip(frame["reason"], _shortage_texts(matching, open_, rows), strict=True)
        frame["reason"] = [f"{reason} {shortage}".strip() for reason, shortage in told]
    return _with_changes(matching, frame, rows, changes, sure)


def _asked(matching: Matching, mentees: str | Sequence[str] | None) -> IntArray:
    """Return the positions of the unmatched mentees who are asked about."""
    scores = matching.problem.scores
    rows = np.flatnonzero(matching.assignment < 0)
    if mentees is None:
        if len(rows) and scores.source is not None:
            raise scores.too_large(
                "A diagnosis of everybody who is unmatched",
                "Name some of them (diagnose(matching, mentees=['...']))",
            )
        return rows
    named = [mentees] if isinstance(mentees, str) else list(mentees)
    asked = np.unique(np.array([scores.mentees.position(one) for one in named], dtype=np.int64))
    matched = asked[matching.assignment[asked] >= 0]
    if len(matched):
        raise ParameterError(
            "The 'mentees' parameter of diagnose must name mentees without a mentor. "
            f"{listed(scores.mentees.ids[i] for i in matched)} have one: ask "
            "why_not(matching, mentee, mentor) about another."
        )
    return asked


def _search(
    matching: Matching, open_: Reallocations | None, budget: Budget, most_tried: int
) -> Remedies:
    if open_ is None:
        return Remedies(matching, budget, most_tried)
    return RemediesOnFlow(matching, budget, most_tried, open_=open_)


def _smallest(
    search: Remedies, rows: IntArray, most_seats: int
) -> tuple[dict[int, Change], set[int]]:
    """Return the smallest change for each of these mentees, and for whom all was tried."""
    matching = search.matching
    asked = asked_of(matching.problem)
    changes: dict[int, Change] = {}
    sure: set[int] = set()
    for found in barriers(matching, rows):
        change = search.smallest(found, most_seats) if asked[found.mentee] else None
        if change is not None:
            changes[found.mentee] = change
        if change.exact if change is not None else search.sure or not asked[found.mentee]:
            sure.add(found.mentee)
    return changes, sure


def changes_for(matching: Matching, mentees: IntArray) -> dict[int, Change]:
    """Return the smallest verified change for some unmatched mentees only, as `diagnose` would.

    mentees : positions.  A mentee for whom no single change does is left out.

    Raises
    ------
    ParameterError
        If the matching is stable, is not one flow, or not proven optimal: every change would then
        be verified by an integer programme, and no workbook waits for that; `diagnose` does.
    """
    check_proven(matching, "diagnose")
    open_ = reallocations(matching, "diagnose")
    if open_ is None:
        raise ParameterError("The matching is no single flow: ask diagnose(matching) for changes.")
    search = _search(matching, open_, budget_of(None, "diagnose"), MOST_TRIED)
    return _smallest(search, mentees, MOST_SEATS)[0]


def _shortage_texts(matching: Matching, open_: Reallocations, rows: IntArray) -> list[str]:
    """Return for each mentee the shortage she is part of, "" if none; each is worded once."""
    texts: dict[bytes, str] = {}
    told = []
    for i in rows.tolist():
        shortage = shortage_of(open_, i)
        key = b"" if shortage is None else shortage.mentors.tobytes()
        if key not in texts:
            texts[key] = "" if shortage is None else shortage.text(matching)
        told.append(texts[key])
    return told


def _with_changes(
    matching: Matching,
    frame: pd.DataFrame,
    rows: IntArray,
    changes: dict[int, Change],
    sure: set[int],
) -> pd.DataFrame:
    import pandas as pd

    mentors = matching.problem.scores.mentors
    made = [changes.get(i) for i in rows.tolist()]

    def column(values: Sequence[object]) -> pd.Series:
        return pd.Series(values, dtype=object)

    frame["change"] = column([c.what if c else "" for c in made])
    frame["kind"] = column([c.kind if c else "" for c in made])
    frame["mentor"] = column([mentors.ids[c.mentor] if c and c.mentor >= 0 else None for c in made])
    frame["amount"] = [_amount(c) for c in made]
    frame["matched_gain"] = [c.gain.matched if c else 0 for c in made]
    frame["gain"] = [c.gain.millionths / MILLION if c else float("nan") for c in made]
    frame["exact"] = np.array([i in sure for i in rows.tolist()], dtype=bool)
    return frame


def _amount(change: Change | None) -> float:
    if change is None:
        return float("nan")
    return change.amount / MILLION if change.kind == "floor" else float(change.amount)
