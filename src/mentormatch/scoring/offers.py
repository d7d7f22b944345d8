"""Which of the mentors' columns are offers, and how a mentee's needs are compared with them."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from mentormatch.rosters.columns import Labels, Texts
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Covers
from mentormatch.scoring.wording_match import share_offered

NEEDS = MappingProxyType({"goals": ("goals", "skills"), "needs": ("skills", "goals")})
"""What mentees name, and the mentors' columns that can help with it, first choice first."""
MEETING = 0.5
"""Share of the needs named that mentors must offer by the same name for labels to be compared."""


def one_question(mentees: Profiles, mentors: Profiles, field: str) -> bool:
    """Tell whether a field of both rosters was read from the same columns of one sheet."""
    if not mentees.digest == mentors.digest != "":
        return False
    ours, theirs = (
        people.mapping["column"][people.mapping["field"] == field].tolist()
        for people in (mentees, mentors)
    )
    return bool(ours == theirs != [])


def offers_of(
    mentees: Profiles, mentors: Profiles, names: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the mentors' columns that hold offers, first choice first, and what is none and why.

    Where both roles answered one question, a mentor's goals are what she herself wants; they stand
    for offers only if there is nothing else.
    """
    found = [
        name
        for name in names
        if isinstance(column := mentors.columns.get(name), (Labels, Texts))
        and column.answered.any()
        and name not in mentors.sensitive
    ]
    if "goals" not in found or len(found) < 2 or not one_question(mentees, mentors, "goals"):
        return found, {}
    others = [name for name in found if name != "goals"]
    why = (
        "one sheet for both roles: a mentor's own goals are no offer, her skills are; count both "
        "with Covers('goals', by=('goals', 'skills'))"
    )
    return others, {"goals of mentors": why}


def covering(needs: str, offers: Sequence[str], mentees: Profiles, mentors: Profiles) -> Covers:
    """Return the criterion for needs (a column of mentees) and offers (columns of mentors).

    Labels are compared with the first column in which mentors offer at least half of all needs
    named. Where there is none, or the answers are free text, words are compared with all of them.
    """
    wanted = mentees.columns[needs]
    shares: list[float] = []
    for name in offers:
        column = mentors.columns[name]
        if isinstance(wanted, Labels) and isinstance(column, Labels):
            shares.append(share_offered(wanted, column))
            if shares[-1] >= MEETING:
                return Covers(needs, by=name)
    assert isinstance(wanted, (Labels, Texts))
    met = max(shares) if shares else None
    why = (
        "in free text"
        if met is None
        else f"mentors offer {met:.0%} of what was named by the same name"
    )
    reason = f"compared by how alike the words read: {why}"
    return Covers(
        needs, by=offers[0] if len(offers) == 1 else tuple(offers), by_text=True, reason=reason
    )


__all__ = ["covering", "offers_of", "one_question"]
