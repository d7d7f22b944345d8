"""Who reads: what each audience may be told of people's sensitive answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, get_args

import pandas as pd

from mentormatch.errors import ParameterError, check_parameter
from mentormatch.rosters.columns import Texts
from mentormatch.rosters.headers import SAFETY_FIELDS, is_of_safety, is_sensitive
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.scores import Scores

__all__ = [
    "AUDIENCES",
    "WITHHELD",
    "Audience",
    "check_audience",
    "check_reader",
    "folded",
    "is_private",
    "private_criteria",
    "shown_repairs",
]

Audience: TypeAlias = Literal["participant", "reviewer", "administrator"]
"""A participant reads about herself, a reviewer about pairs, an administrator about groups too."""
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
WITHHELD = "(not shown)"
_SAFETY = "a repair in a question about people to keep apart"
_ACTION = "people and answers are not shown here; Profiles.repairs has them"


def check_audience(audience: str, owner: str) -> None:
    """Raise unless `audience` is one of the three."""
    words = "'participant', 'reviewer' or 'administrator'"
    check_parameter(audience in AUDIENCES, "audience", owner, words, audience)


def check_reader(audience: str, by: Sequence[str] | str | None, owner: str) -> None:
    """Raise unless `audience` may read about other people's pairs, and about groups if asked."""
    check_audience(audience, owner)
    if audience == "participant":
        raise ParameterError(
            f"{owner} is about everybody's pairs, which are not a participant's to read. Send each "
            "participant her letter (letters) or explain(..., audience='participant'); for people "
            "who review, write it with audience='reviewer'."
        )
    if audience == "reviewer" and by is not None:
        raise ParameterError(
            f"{owner} compares groups of people for an administrator only. Leave out 'by', or give "
            "audience='administrator'."
        )


def is_private(criterion: Criterion, mentees: Profiles, mentors: Profiles) -> bool:
    """Tell whether a criterion looks at an answer that is nobody else's to read."""
    used = set(criterion.columns_used()) | {criterion.name}
    return bool(used & (mentees.sensitive | mentors.sensitive))


def private_criteria(scores: Scores) -> tuple[str, ...]:
    """Return the names of the criteria that look at sensitive answers."""
    return tuple(c.name for c in scores.criteria if is_private(c, scores.mentees, scores.mentors))


def folded(shares: pd.DataFrame, private: Sequence[str]) -> pd.DataFrame:
    """Return what criteria add with those of these names as one column, "(not shown)"."""
    hidden = shares.columns.isin(list(private))
    if not hidden.any():
        return shares
    return shares.loc[:, ~hidden].assign(**{WITHHELD: shares.loc[:, hidden].sum(axis=1)})


def shown_repairs(scores: Scores) -> pd.DataFrame:
    """Return the guesses and repairs of both rosters as anybody may read them.

    Those about sensitive questions are counted for each column: neither the person's row nor the
    answer is told. Of columns about people to keep apart the row is told, not what stands there.
    `Scores.repairs` and `Profiles.repairs` hold all of them.

    Returns
    -------
    DataFrame
        The columns of `Scores.repairs`.
    """
    repairs = scores.repairs
    if not len(repairs):
        return repairs
    rosters = {"mentee": scores.mentees, "mentor": scores.mentors}
    asked = {name: _sensitive_headers(profiles) for name, profiles in rosters.items()}
    asked["both"] = asked["mentee"] | asked["mentor"]
    about = list(zip(map(str, repairs["roster"]), map(str, repairs["column"]), strict=True))
    private = pd.Series(
        [c in asked.get(roster, asked["both"]) or is_sensitive(c) for roster, c in about],
        index=repairs.index,
        dtype=bool,
    )
    safety = pd.Series([_is_of_safety(r, c, rosters) for r, c in about], index=repairs.index)
    safety &= ~private
    if not (private.any() or safety.any()):
        return repairs
    told = []
    for (roster, column), rows in repairs[private].groupby(["roster", "column"], sort=False):
        many = "repair" if len(rows) == 1 else "repairs"
        told.append(
            dict.fromkeys(repairs.columns)
            | {"roster": roster, "column": column, "value": WITHHELD, "action": _ACTION}
            | {"problem": f"{len(rows):,} {many} in a sensitive question"}
        )
    counted = pd.DataFrame(told, columns=list(repairs.columns), dtype=object)
    rest = repairs[~private].astype(object)
    rest.loc[safety, ["value", "problem", "action"]] = (WITHHELD, _SAFETY, _ACTION)
    return pd.concat([rest, counted], ignore_index=True).astype({"row": repairs["row"].dtype})


def _is_of_safety(roster: str, column: str, rosters: Mapping[str, Profiles]) -> bool:
    """Tell whether a field or header is about people to keep apart: it may hold remarks."""
    return any(
        is_of_safety(part, role) or _field_of(part, profiles) in SAFETY_FIELDS
        for role, profiles in rosters.items()
        if roster in (role, "both")
        for part in (column, *column.split(", "))
    )


def _field_of(header: str, profiles: Profiles) -> str:
    mapping = profiles.mapping
    fields = mapping.loc[mapping["column"] == header, "field"] if "column" in mapping else ()
    return next(iter(fields), "")


def _sensitive_headers(profiles: Profiles) -> set[str]:
    """Return the fields and the file's headers of sensitive answers and of free text."""
    names = set(profiles.sensitive)
    names |= {name for name, column in profiles.columns.items() if isinstance(column, Texts)}
    if {"column", "field"} <= set(profiles.mapping.columns):
        mapping = profiles.mapping
        headers = mapping.loc[mapping["field"].isin(list(names)), "column"]
        names |= {part for header in headers for part in (str(header), *str(header).split(", "))}
    return names
