"""What is in doubt about two rosters only when they lie side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.errors import listed
from mentormatch.rosters.columns import Categories, Column, Labels, label_key
from mentormatch.rosters.findings import Findings
from mentormatch.rosters.headers import WISHED
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Criterion

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["questions_across"]

_ACROSS: dict[str, dict[str, tuple[str, ...]]] = {
    "mentee": {"needs": ("skills", "goals"), "goals": ("goals", "skills")},
    "mentor": {"skills": ("needs", "goals", "skills"), "goals": ("goals", "needs")},
}
"""Lists of what is wanted or offered -> where the other roster may have its counterpart."""
_ALIKE = ("interests", "languages", "values", "availability")
"""Fields that mean something only if both rosters were asked."""


def questions_across(
    mentees: Profiles, mentors: Profiles, criteria: Sequence[Criterion]
) -> pd.DataFrame:
    """Return the questions about both rosters, one a row, as `Profiles.questions` has them.

    Wishes that nobody can grant, fields without a counterpart, one criterion alone, everybody on
    both rosters.
    """
    found = Findings(f"{mentees.source} and {mentors.source}")
    if _all_on_both(mentees, mentors) and not _one_pool(mentees, mentors):
        found.ask(
            "on_both", [], "everybody is on both rosters", "each is matched to others",
            ("role='both'  # one sheet with both roles: check the roles in it",),
        )  # fmt: skip
    for side, other in ((mentees, mentors), (mentors, mentees)):
        for of in WISHED:
            _ask_unmet(side, other, of, found)
        _ask_counterparts(side, other, found)
    if len(criteria) == 1:
        name = criteria[0].name
        found.ask(
            "alone", [name], "the only thing that both rosters were asked and that is compared",
            f"{name} alone decides",
            ("criteria=[...]  # say what counts; or map more columns with columns=",),
        )  # fmt: skip
    return found.question_frame(lambda header: 0)


def _one_pool(mentees: Profiles, mentors: Profiles) -> bool:
    """Tell whether one roster was given in both roles, so that nobody needs to be asked."""
    return mentees.ids == mentors.ids and all(
        mentees.columns.get(name) is column for name, column in mentors.columns.items()
    )


def _all_on_both(mentees: Profiles, mentors: Profiles) -> bool:
    if len(mentees) < 2 or len(mentees) != len(mentors) or not all(mentees.emails):
        return False
    here, there = (
        {label_key(mail) for mail in people.emails if mail} for people in (mentees, mentors)
    )
    return len(here) == len(mentees) and here == there


def _ask_unmet(side: Profiles, other: Profiles, of: str, found: Findings) -> None:
    wishes, held = side.columns.get(f"preferred_{of}"), other.columns.get(of)
    if not isinstance(wishes, Labels) or not isinstance(held, Categories | Labels):
        return
    used = held.codes[held.codes >= 0].tolist()
    there = {label_key(held.labels[code]) for code in used}
    welcome = wishes.codes[np.nan_to_num(wishes.priority) > 0].tolist()
    unmet = sorted({wishes.labels[code] for code in welcome} - {""})
    unmet = [label for label in unmet if label_key(label) not in there]
    if unmet:
        known = listed(sorted({held.labels[code] for code in used}), 5)
        found.ask(
            "unmet_wish", [f"preferred_{of}"],
            f"no {other.role} has what {side.role}s wish for: {listed(map(repr, unmet), 5)}",
            f"a wish that nobody can grant; {other.role}s have {known}",
            (f"columns={{'preferred_{of}': None}}  # leave the wishes, or spell them alike",),
        )  # fmt: skip


def _ask_counterparts(side: Profiles, other: Profiles, found: Findings) -> None:
    for field, counterparts in _ACROSS[side.role].items():
        if field in side.columns and not set(counterparts) & set(other.columns):
            _ask_counterpart(side, other, field, counterparts[0], found)
    for field in _ALIKE:
        if field in side.columns and field not in other.columns:
            _ask_counterpart(side, other, field, field, found)


def _ask_counterpart(
    side: Profiles, other: Profiles, field: str, counterpart: str, found: Findings
) -> None:
    asked = side.columns[field]
    own = [
        (header, other.columns[header])
        for header, name in zip(other.mapping["column"], other.mapping["field"], strict=True)
        if name == header and header in other.columns
    ]
    like = [header for header, column in own if _comparable(asked, column)]
    if not like:
        return  # the other roster was not asked: nothing to settle
    found.ask(
        "no_counterpart", [field],
        f"{side.role}s were asked for {field}; no column of the {other.role}s is read as such",
        "not compared",
        tuple(f"columns={{{counterpart!r}: {h!r}}}  # of the {other.role}s" for h in like[:4]),
    )  # fmt: skip


def _comparable(asked: Column, column: Column) -> bool:
    """Tell whether a column nobody claimed may answer what the other roster was asked."""
    if not isinstance(asked, Labels) or not isinstance(column, Categories):
        return column.kind == asked.kind
    return bool(set(map(label_key, asked.labels)) & set(map(label_key, column.labels)))
