"""compare: what differs between two matchings, person by person."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "compare"]

CHANGES = ("same", "moved", "newly matched", "no longer matched", "unmatched in both")
ONLY = ("only in the first", "only in the second")


@dataclass(frozen=True, eq=False)
class Comparison:
    """How a second matching differs from a first.

    Attributes
    ----------
    people : DataFrame
        One row per mentee of either matching, in the order of the first: `mentee`, `name`,
        `change` (same, moved, newly matched, no longer matched, unmatched in both, only in the
        first, only in the second), `before`, `after` (ids of mentors, joined by ", " where
        several; None: nobody), `score_before`, `score_after` (sums where several).
    summary : DataFrame
        `measure`, `first`, `second`, `difference`: mentees, matched, matched share, total score,
        mean score, worst score, mentors in use, and how many people changed.
    text : str
    """

    people: pd.DataFrame
    summary: pd.DataFrame
    text: str

    @property
    def changed(self) -> pd.DataFrame:
        """The rows of `people` whose mentor differs."""
        return self.people[~self.people["change"].isin(["same", "unmatched in both"])]

    def __repr__(self) -> str:
        return f"<Comparison: {self.text}>"

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        tables = [
            frame.to_html(escape=True, index=False, na_rep="", float_format=lambda v: f"{v:.3f}")
            for frame in (self.summary, self.changed.head(50))
        ]
        return f"<p>{html.escape(self.text)}</p>{''.join(tables)}"


def compare(a: Matching, b: Matching) -> Comparison:
    """Compare two matchings of the same programme, people recognised by their ids.

    Parameters
    ----------
    a, b
        Results of `solve`; the rosters, scores and settings may differ.

    Returns
    -------
    Comparison

    Notes
    -----
    Scores are each matching's own; time O(n).
    """
    import pandas as pd

    first, second = _placed(a), _placed(b)
    names = {**_names(b), **_names(a)}
    everybody = list(dict.fromkeys([*first, *second]))
    before = [first.get(mentee) for mentee in everybody]
    after = [second.get(mentee) for mentee in everybody]
    changes = [_change(*places) for places in zip(before, after, strict=True)]
    people = pd.DataFrame(
        {
            "mentee": pd.Series(everybody, dtype=object),
            "name": pd.Series([names[mentee] for mentee in everybody], dtype=object),
            "change": pd.Series(changes, dtype=object),
            "before": pd.Series([_mentors(place) for place in before], dtype=object),
            "after": pd.Series([_mentors(place) for place in after], dtype=object),
            "score_before": [_score(place) for place in before],
            "score_after": [_score(place) for place in after],
        }
    )
    return Comparison(people, _summary(a, b), _text(people, a, b))


Place = tuple[tuple[str, ...], float]
"""Ids of somebody's mentors, and the sum of the scores."""


def _placed(matching: Matching) -> dict[str, Place]:
    scores = matching.problem.scores
    placed: dict[str, Place] = {}
    for i, mentee in enumerate(scores.mentees.ids):
        mine = [int(j) for j in matching.mentors_of[i] if j >= 0]
        points = sum(int(scores.points[i, j]) for j in mine)
        placed[mentee] = tuple(scores.mentors.ids[j] for j in mine), points / MILLION
    return placed


def _names(matching: Matching) -> dict[str, str]:
    mentees = matching.problem.scores.mentees
    return {mentee: mentees.name(i) for i, mentee in enumerate(mentees.ids)}


def _change(before: Place | None, after: Place | None) -> str:
    if before is None or after is None:
        return ONLY[1] if before is None else ONLY[0]
    if set(before[0]) == set(after[0]):
        return "same" if before[0] else "unmatched in both"
    if not before[0]:
        return "newly matched"
    return "moved" if after[0] else "no longer matched"


def _mentors(place: Place | None) -> str | None:
    return ", ".join(place[0]) if place and place[0] else None


def _score(place: Place | None) -> float:
    return place[1] if place and place[0] else float("nan")


def _summary(a: Matching, b: Matching) -> pd.DataFrame:
    import pandas as pd

    measures = [_measures(matching) for matching in (a, b)]
    frame = pd.DataFrame(
        {
            "measure": pd.Series(list(measures[0]), dtype=object),
            "first": list(measures[0].values()),
            "second": list(measures[1].values()),
        }
    )
    frame["difference"] = frame["second"] - frame["first"]
    return frame


def _measures(matching: Matching) -> dict[str, float]:
    scores = matching.problem.scores
    rows, columns = matching.pairs
    points = scores.points[rows, columns] / MILLION
    matched, n = len(np.unique(rows)), len(scores.mentees)
    return {
        "mentees": float(n),
        "matched": float(matched),
        "matched share": matched / n if n else float("nan"),
        "total score": float(points.sum()),
        "mean score": float(points.mean()) if len(points) else float("nan"),
        "worst score": float(points.min()) if len(points) else float("nan"),
        "mentors in use": float(len(np.unique(columns))),
    }


def _text(people: pd.DataFrame, a: Matching, b: Matching) -> str:
    counts = people["change"].value_counts()
    told = [f"{int(counts[kind])} {kind}" for kind in (*CHANGES, *ONLY) if kind in counts]
    totals = [_measures(matching)["total score"] for matching in (a, b)]
    return (
        f"Of {len(people)} mentees: {', '.join(told)}. "
        f"Total score {totals[0]:.3f}, then {totals[1]:.3f}."
    )
