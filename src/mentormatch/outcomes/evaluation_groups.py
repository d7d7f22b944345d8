"""Groups of those who take part: each by its own interval, few people never told of."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.errors import ColumnError, ParameterError, counted, did_you_mean, listed
from mentormatch.insight.audit_groups import Groups, groups_of
from mentormatch.insight.held_back import held_back
from mentormatch.outcomes.asked import Asked
from mentormatch.outcomes.comparing import change_of
from mentormatch.outcomes.evaluation_tables import interval_of, table
from mentormatch.outcomes.evaluation_words import percent
from mentormatch.outcomes.scale_outcome import FEWEST_TOLD, ScaleOutcome
from mentormatch.rosters.columns import Categories, FloatArray, Labels, Numbers
from mentormatch.rosters.profiles import Profiles

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["attributes_of", "group_rows", "groups_frame", "groups_in_words"]

GROUPS = (
    "scale", "of", "attribute", "group", "asked", "answered", "mentors", "value", "df", "low",
    "high", "status",
)  # fmt: skip
ONE_PERSONS = ("mentor", "mentors", "mentor_id", "coach", "coaches", "coach_id")


def attributes_of(people: Profiles, by: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the columns to group by; refuse mentors, and what makes no groups.

    Raises
    ------
    ParameterError
        If mentors or coaches are asked for.
    ColumnError
        If the roster lacks a column, or it makes no groups; names all of them.
    """
    names = () if by is None else tuple(dict.fromkeys([by] if isinstance(by, str) else by))
    for name in names:
        if name.casefold() in ONE_PERSONS:
            raise ParameterError(
                f"The 'by' parameter of evaluate must not be {name!r}: three mentees each, of "
                "whom a mentor decides a tenth of what they answer, make a mean that is three "
                "quarters chance (reliability .25), and a ranking by it would rank chance. For a "
                "talk with a mentor see review_goals."
            )
    known = [n for n, c in people.columns.items() if isinstance(c, Categories | Numbers | Labels)]
    wrong = [
        f"The {people.role}s' roster has no column {name!r} that makes groups. "
        f"{did_you_mean(name, known)}"
        for name in names
        if name not in known
    ]
    if wrong:
        raise ColumnError(" ".join(wrong), column=names[0])
    return names


def group_rows(
    one: ScaleOutcome, used: FloatArray, asked: Asked, by: Sequence[str], confidence: float
) -> list[dict[str, Any]]:
    """Return one row per group of those who take part, for each attribute.

    used : float64 (n,), what is averaged: changes, or answers in the last wave.
    """
    if not one.waves or one.waves[-1] in one.anonymous:
        return []
    order = np.flatnonzero(asked.matched[: len(asked.people)])
    rows = []
    for name in by:
        groups = groups_of(asked.people, name, order, FEWEST_TOLD)
        answered = ~np.isnan(used[order])
        counts = (groups.members & answered[:, None]).sum(axis=0).astype(np.int64)
        hidden = _hidden(groups, counts)
        for g, label in enumerate(groups.labels):
            row: dict[str, Any] = {
                "scale": one.scale.name, "of": "change" if one.change.known else one.waves[-1],
                "attribute": name, "group": label, "value": nan,
                "asked": int(groups.members[:, g].sum()) if groups.counted[g] else None,
                "status": "held back",
            }  # fmt: skip
            if not hidden[g]:
                inside = np.zeros(len(used), dtype=bool)
                inside[order[groups.members[:, g]]] = True
                found = change_of(used, inside, asked.cluster)
                row |= {"answered": int(counts[g]), "status": "too few for an interval"}
                row["mentors"] = asked.shared_by(inside & ~np.isnan(used))
                if found.known:
                    row |= {"value": found.value, "status": "shown"}
                    row |= interval_of(found, confidence)
            rows.append(row)
    return rows


def _hidden(groups: Groups, counts: np.ndarray) -> np.ndarray:
    """Return the groups that are held back: few answered, or a subtraction would tell of them."""
    few, pooled = counts < FEWEST_TOLD, ~groups.judged & groups.answered
    # several groups in one, which hide one another; whoever else is hidden hides behind them too
    together = few | pooled if (few & groups.answered & (counts > 0)).any() else few
    everybody = np.ones((1, len(counts)), dtype=bool)
    hidden = held_back(counts, everybody, together, FEWEST_TOLD, ~groups.answered)
    return hidden | few | ~groups.judged


def groups_frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the rows as a frame, also where there are none."""
    return table(rows, GROUPS)


def groups_in_words(frame: pd.DataFrame, confidence: float) -> tuple[str, ...]:
    """Say what the groups are, and what their differences are not."""
    said = []
    for attribute, rows in frame.groupby("attribute", sort=False):
        status = rows["status"].to_list()
        parts = [f"{counted(status.count('shown'), 'figure')} with an interval"]
        if few := status.count("too few for an interval"):
            parts.append(f"{few} with too few answers or mentors for one")
        if held := status.count("held back"):
            parts.append(
                f"{held} held back, so that nothing is told of fewer than {FEWEST_TOLD} people, "
                "by no subtraction either"
            )
        said.append(
            f"Groups by {attribute}: {listed(parts)}. Each interval of {percent(confidence)} "
            "stands alone: among many groups some differ by chance, and nobody drew lots for who "
            "is in which."
        )
    return tuple(said)
