"""compare: what differs between two matchings, person by person."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import check_parameter
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.scoring.engine import plain
from mentormatch.scoring.scores import Scores
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "compare"]

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

CHANGES = ("same", "moved", "newly matched", "no longer matched", "unmatched in both")
ONLY = ("only in the first", "only in the second")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Told):
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
        mean score, worst score, mentors in use.
    text : str
    yardstick : str
        By which scores both are judged, in words.
    """

    people: pd.DataFrame
    summary: pd.DataFrame
    text: str
    yardstick: str

    @property
    def changed(self) -> pd.DataFrame:
        """The rows of `people` whose mentor differs."""
        return self.people[~self.people["change"].isin(["same", "unmatched in both"])]

    def _repr_html_(self) -> str:
        tables = [
            frame.to_html(escape=True, index=False, na_rep="", float_format=lambda v: f"{v:.3f}")
            for frame in (self.summary, self.changed.head(50))
        ]
        return f"<p>{html.escape(self.text)}</p>{''.join(tables)}"


@typed
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
    Where the two have the same scores for the pairs of both, each matching's own are taken.
    Otherwise (other criteria, weights or answers) both are judged by the second's: a pair of the
    first with somebody whom the second does not know then has no score, and the text says how many
    those are. Time O(n).
    """
    import pandas as pd

    for name, given in (("a", a), ("b", b)):
        check_parameter(
            isinstance(given, Matching), name, "compare", "a Matching", type(given).__name__
        )
    judge = _yardstick(a, b)
    first, second = _placed(a, judge), _placed(b, judge)
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
    summary = _summary(a, b, judge)
    return Comparison(people, summary, _text(people, summary, judge), judge.words)


@dataclass(frozen=True, eq=False)
class _Yardstick:
    """By whose scores pairs are judged; None: by those of the matching they are in.

    unknown : pairs of the first that have no score by it.
    """

    scores: Scores | None
    unknown: int = 0

    @property
    def words(self) -> str:
        if self.scores is None:
            return "each matching's own scores"
        if not self.unknown:
            return "the second's scores, for both"
        pairs = "1 pair" if self.unknown == 1 else f"{self.unknown} pairs"
        return (
            f"the second's scores, for both; {pairs} of the first with people whom the second does "
            "not know left out"
        )

    def worth(self, matching: Matching) -> Floats:
        """Return float (pairs,): points of each pair, NaN where it has none."""
        rows, columns = matching.pairs
        own = matching.problem.scores
        if self.scores is None or self.scores is own:
            return plain(own.at(rows, columns)).astype(float)
        return _by_ids(self.scores, own, rows, columns)


def _yardstick(a: Matching, b: Matching) -> _Yardstick:
    """Return each matching's own scores if they agree on the pairs of both, else the second's."""
    agree, unknown = True, 0
    for one, other in ((a, b), (b, a)):
        scores, theirs = one.problem.scores, other.problem.scores
        own = plain(scores.at(*one.pairs)).astype(float)
        judged = own if scores is theirs else _by_ids(theirs, scores, *one.pairs)
        agree &= bool((np.isnan(judged) | (judged == own)).all())
        unknown += int(np.isnan(judged).sum()) if one is a else 0
    return _Yardstick(None) if agree else _Yardstick(b.problem.scores, unknown)


def _by_ids(scores: Scores, own: Scores, rows: Ints, columns: Ints) -> Floats:
    """Return float (pairs,): points of other scores for pairs, NaN for people not known there."""
    places = [
        np.array([roster.find(people.ids[p]) for p in positions], dtype=np.int64)
        for roster, people, positions in (
            (scores.mentees, own.mentees, rows), (scores.mentors, own.mentors, columns)
        )
    ]  # fmt: skip
    known = (places[0] >= 0) & (places[1] >= 0)
    points = np.full(len(rows), np.nan)
    points[known] = plain(scores.at(places[0][known], places[1][known]))
    return points


Place = tuple[tuple[str, ...], float]
"""Ids of somebody's mentors, and the sum of the scores."""


def _placed(matching: Matching, judge: _Yardstick) -> dict[str, Place]:
    scores = matching.problem.scores
    mine: list[list[str]] = [[] for _ in scores.mentees.ids]
    points = np.zeros(len(mine))
    rows, columns = matching.pairs
    for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
        mine[i].append(scores.mentors.ids[j])
    np.add.at(points, rows, judge.worth(matching))
    return {
        mentee: (tuple(mine[i]), float(points[i]) / MILLION)
        for i, mentee in enumerate(scores.mentees.ids)
    }


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


def _summary(a: Matching, b: Matching, judge: _Yardstick) -> pd.DataFrame:
    import pandas as pd

    measures = [_measures(matching, judge) for matching in (a, b)]
    frame = pd.DataFrame(
        {
            "measure": pd.Series(list(measures[0]), dtype=object),
            "first": list(measures[0].values()),
            "second": list(measures[1].values()),
        }
    )
    frame["difference"] = frame["second"] - frame["first"]
    return frame


def _measures(matching: Matching, judge: _Yardstick) -> dict[str, float]:
    scores = matching.problem.scores
    rows, columns = matching.pairs
    points = judge.worth(matching) / MILLION
    points = points[~np.isnan(points)]
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


def _text(people: pd.DataFrame, summary: pd.DataFrame, judge: _Yardstick) -> str:
    counts = people["change"].value_counts()
    told = [f"{int(counts[kind])} {kind}" for kind in (*CHANGES, *ONLY) if kind in counts]
    total = summary.set_index("measure").loc["total score"]
    by = "" if judge.scores is None else f", by {judge.words}"
    return (
        f"Of {len(people)} mentees: {', '.join(told) or 'nobody'}. "
        f"Total score {total['first']:.3f}, then {total['second']:.3f}{by}."
    )
