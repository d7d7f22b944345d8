"""diagnose: why somebody stayed unmatched, and the smallest change that would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mentormatch.insight.blocking import Barriers, barriers
from mentormatch.insight.wording import joined
from mentormatch.matching.matching import Matching

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["unmatched_reasons"]


def unmatched_reasons(matching: Matching) -> pd.DataFrame:
    """Say why each unmatched mentee has nobody, without solving anything again.

    Parameters
    ----------
    matching
        Result of `solve`.

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
    rows = np.flatnonzero(matching.assignment < 0)
    found = list(barriers(matching, rows))
    return pd.DataFrame(
        {
            "person": pd.Series([mentees.ids[b.mentee] for b in found], dtype=object),
            "name": pd.Series([mentees.name(b.mentee) for b in found], dtype=object),
            "reason": pd.Series([_reason(matching, b) for b in found], dtype=object),
            "rules": pd.Series([rules_text(b) for b in found], dtype=object),
        }
    )


def rules_text(found: Barriers) -> str:
    """Return which rule removes how many mentors, e.g. ``Same('site') 12; Avoid() 1``."""
    return "; ".join(f"{name} {count}" for name, count in found.counts)


def _reason(matching: Matching, found: Barriers) -> str:
    mentors = matching.problem.scores.mentors
    m = len(mentors)
    if m == 0:
        return "There is no mentor on the roster."
    options = np.flatnonzero(found.admissible)
    if not options.size:
        what = [_removal(name, count) for name, count in found.counts]
        return f"None of the {m} mentors is admissible: {joined(what)}."
    load = np.bincount(matching.pairs[1], minlength=m)
    free = options[load[options] < mentors.capacity[options]]
    if free.size:
        names = joined([mentors.name(int(j)) for j in free], 3)
        return f"There is a free seat with {names}, but using it would make the whole worse."
    seats = int(mentors.capacity[options].sum())
    names = joined([mentors.name(int(j)) for j in options], 5)
    if not seats:
        return f"{_only(len(options), m)} ({names}), with no seat to offer."
    taken = "whose seat is taken" if seats == 1 else f"whose {seats} seats are all taken"
    return f"{_only(len(options), m)} ({names}), {taken}."


def _only(options: int, m: int) -> str:
    if options == m:
        return "Every mentor is admissible" if m > 1 else "The one mentor is admissible"
    return f"Only {options} of the {m} mentors {'is' if options == 1 else 'are'} admissible"


def _removal(name: str, count: int) -> str:
    return f"{name} removes {count}"
