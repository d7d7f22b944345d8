"""Who is a mentee and who a mentor, where nothing known tells and a column may."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.headers import claims, plausible
from mentormatch.rosters.plan import Plan
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.roles import (
    MOST_ROLES,
    asked_role,
    asks_for_a_wish,
    may_offer_a_role,
    perhaps_asked_role,
    says_yes,
)
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import fold_header, is_negative, is_one_of, yes_or_no

__all__ = ["ask_roles"]

_OFFERED = 4
"""Most columns that are offered as a question of roles."""
_LONGEST = 40
"""Most characters of a word for a role."""
_OF_ONE_ROLE = ("capacity", "skills", "needs", "goals")
"""Fields that a form for both roles asks of one of them."""
FEW = 2
"""So many must say yes, and as many no, before their other answers are looked at."""
BY_CHANCE = 0.05
"""Most often that those who said no may be among the blanks by chance alone, of few people."""
MANY = 50
"""Of more people than these nobody need ask for chance."""
FILLED = 0.8
"""Least share of those who said yes that answered what the others left blank."""


def ask_roles(plan: Plan, reading: Reading) -> None:
    """Ask whose row is whose, where a column may tell it in words that are not known.

    A sheet that is read for both roles is always asked about where nothing tells. In the file of
    one role a question of yes and no is asked about where it is worded like an offer or a wish for
    help, where two such questions part the people, or where everybody who said no left blank what
    only this role is asked.
    """
    if reading.tell_roles:
        return
    role = reading.role
    other = "mentor" if role == "mentee" else "mentee"
    free = [c for c in plan.free() if _parts(c)]
    told = [c for c in free if asked_role(c.header) == other and says_yes(c.texts)]
    able = [c for c in free if c not in told and _may_tell(c, plan)]
    likely = [c for c in able if perhaps_asked_role(c.header) == role]
    if not likely:
        likely = _parting(able, told, other)
    if not likely:
        likely = [c for c in able if _leave_blank(c, plan)]
    if not likely and reading.choices.both:
        likely = [c for c in able if perhaps_asked_role(c.header) != other] or able
    if likely:
        headers = [column.header for column in likely[:_OFFERED]]
        reading.ask(
            "roles", headers, f"may tell who is a {role}, in words that are not known",
            f"everybody is read as a {role}", _lines(headers, role),
        )  # fmt: skip
    elif reading.choices.both and (told or role == "mentee"):
        perhaps = [] if told else _of_few_words(plan)
        reading.ask(
            "roles", [],
            f"{told[0].header!r} tells who is a {other}; nothing tells who is a {role}"
            if told
            else "nothing tells who is a mentee and who a mentor",
            f"everybody is read as a {role}" if told else "everybody is read as both",
            (
                *(f"columns={{'role': {h!r}}}  # once it says mentee, mentor or both"
                  for h in perhaps),
                "a column 'Role' that says mentee, mentor or both", "a file for each role",
            ),
        )  # fmt: skip


def _lines(headers: Sequence[str], role: str) -> list[str]:
    return [
        *(f"columns={{'is_{role}': {h!r}}}  # who says yes is a {role}" for h in headers),
        *(f"columns={{{h!r}: None}}  # it does not tell" for h in headers),
    ]


def _of_few_words(plan: Plan) -> list[str]:
    """Return the headers of columns in which everybody has one of a few short words."""
    return [
        column.header
        for column in plan.free()
        if 1 < len(column.texts) <= min(_OFFERED, len(column) // 2)
        and column.given.all()
        and not any(text[0].isdigit() or len(text) > _LONGEST for text in column.texts)
    ][:_OFFERED]


def _parts(column: TextColumn) -> bool:
    """Tell whether some say yes and others no, or do not say."""
    if not 0 < len(column.texts) <= MOST_ROLES:
        return False
    said = [yes_or_no(text) for text in column.texts]
    unsure = is_one_of("answers", "unsure")
    clear = [s is not None or unsure(fold_header(column.texts[k])) for k, s in enumerate(said)]
    return all(clear) and True in said and (False in said or not column.given.all())


def _may_tell(column: TextColumn, plan: Plan) -> bool:
    header = column.header
    if not may_offer_a_role(header) or is_negative(header):
        return False
    return not any(plausible(claim, column) for claim in claims(header, plan.role))


def _yes(column: TextColumn) -> npt.NDArray[np.bool_]:
    """Return bool (n,): who said yes."""
    said = np.array([*(yes_or_no(text) is True for text in column.texts), False])
    return np.asarray(said[column.codes])


def _parting(
    able: Sequence[TextColumn], told: Sequence[TextColumn], other: str
) -> list[TextColumn]:
    """Return questions for a wish of which everybody said yes to one at least, not all to both."""
    wishes = [c for c in able if asks_for_a_wish(c.header)]
    found: list[TextColumn] = []
    for one, two in [*combinations(wishes, 2), *((a, t) for a in wishes for t in told)]:
        first, second = _yes(one), _yes(two)
        only = int((first & ~second).sum()), int((second & ~first).sum())
        if (first | second).all() and min(only) >= FEW:
            found += [c for c in (one, two) if c not in (*found, *told)]
    return [c for c in found if perhaps_asked_role(c.header) != other] or found


def _leave_blank(column: TextColumn, plan: Plan) -> bool:
    """Tell whether whoever does not say yes left blank what those who do have answered."""
    yes = _yes(column)
    if min(int(yes.sum()), int((~yes).sum())) < FEW:
        return False
    for field in _OF_ONE_ROLE:
        part = plan.parts.get(field)
        if part is None:
            continue
        given = np.logical_or.reduce([plan.columns[header].given for header in part.headers])
        if given[~yes].any() or given[yes].mean() < FILLED:
            continue
        people, blank, no = len(given), int((~given).sum()), int((~yes).sum())
        if people > MANY or comb(blank, no) <= BY_CHANCE * comb(people, no):
            return True
    return False
