"""Who stands where: the one column that seniority is judged by, in a score and as a defect."""

from __future__ import annotations

from types import MappingProxyType

from mentormatch.errors import ColumnError
from mentormatch.rosters.columns import FloatArray, Numbers
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scales import on_one_scale

__all__ = ["STANDING", "standing"]

STANDING = MappingProxyType({"seniority": (2.0, 3.0), "experience": (8.0, 10.0)})
"""Ideal and tolerance of mentor - mentee: levels, years; the first that both have is used."""


def standing(mentees: Profiles, mentors: Profiles) -> tuple[str, FloatArray, FloatArray] | None:
    """Return the first column of `STANDING` that both answer, and its values on one scale."""
    for name in STANDING:
        ours, theirs = mentees.columns.get(name), mentors.columns.get(name)
        if not (isinstance(ours, Numbers) and isinstance(theirs, Numbers)):
            continue
        if name in mentees.sensitive or name in mentors.sensitive:
            continue
        if not ours.answered.any() or not theirs.answered.any():
            continue
        try:
            return name, *on_one_scale(ours, theirs, name)
        except ColumnError:
            continue
    return None
