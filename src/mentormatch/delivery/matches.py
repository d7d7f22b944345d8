"""The table of pairs that people review: what to watch out for, what else could be done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mentormatch.insight.audience import Audience, folded, private_criteria
from mentormatch.insight.explain import contributions, reason_texts
from mentormatch.insight.swaps import Swaps, swaps
from mentormatch.insight.wording import TellPreference, plain, tellers
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import BoolArray, Labels
from mentormatch.scoring.defects import bit_of
from mentormatch.scoring.scales import rows_of
from mentormatch.scoring.scores import Scores

__all__ = ["BAD", "KEEP", "REJECT", "SWAP", "matches_table", "text_column", "watch_out"]

LITTLE_EVIDENCE = 0.5
REASONS = 3
"""How many of the strongest reasons stand beside a pair."""
KEEP, SWAP, REJECT = "keep", "swap", "reject"
"""What a reviewer may decide about a pair."""
BAD = {
    "no_shared_hour": "no shared hour",
    "no_help": "helps with no goal",
    "below_level": "mentor below level",
}
"""Defects, in the words of the column Watch out."""
WISH, THIN, NOTHING, TIE = "wish not met", "few answers", "nothing in common", "tie"


def matches_table(
    matching: Matching,
    audience: Audience = "administrator",
    *,
    reasons: int | None = None,
    points: bool = True,
) -> pd.DataFrame:
    """Return one row per pair, the worst first, with room for what a reviewer decides.

    Columns: both people with their e-mail addresses, score, what to watch out for, Decision, New
    mentor and Comment (empty), why, alternates with what they cost and who moves, rank, evidence,
    both ids, and what each criterion adds (score units, summing to the score; a reviewer reads
    those that rest on sensitive answers as one).

    Notes
    -----
    With `reasons`, only so many of the worst have Why and Alternates: words for 20,000 pairs take
    seconds. Without `points`, what each criterion adds is left out. The worst are pairs with the
    most defects, then those with the lowest score; ids decide ties.
    """
    scores = matching.problem.scores
    rows, columns = matching.pairs
    frame = matching.to_frame()
    found = swaps(matching)
    watch = watch_out(matching, found, frame)
    bad = np.array([sum(word in BAD.values() for word in words) for words in watch], dtype=int)
    order = np.lexsort(
        (
            np.array(frame["mentor"], dtype=str), np.array(frame["mentee"], dtype=str),
            frame["score"].to_numpy(), -bad,
        )
    )  # fmt: skip
    told = order if reasons is None else order[:reasons]
    why, others = (np.full(len(rows), "", dtype=object) for _ in range(2))
    why[told] = reason_texts(matching, rows[told], columns[told], audience=audience, most=REASONS)
    others[told] = ["\n".join(one) for one in found.texts(matching, told)]
    blank = [""] * len(rows)
    table = pd.DataFrame(
        {
            "Mentee": frame["mentee_name"],
            "Mentee e-mail": text_column(scores.mentees.emails[i] for i in rows),
            "Mentor": frame["mentor_name"],
            "Mentor e-mail": text_column(scores.mentors.emails[j] for j in columns),
            "Score": frame["score"],
            "Watch out": text_column("; ".join(words) for words in watch),
            "Decision": text_column(blank),
            "New mentor": text_column(blank),
            "Comment": text_column(blank),
            "Why": text_column(why),
            "Alternates": text_column(others),
            "Rank": frame["rank"],
            "Evidence": frame.get("evidence", 1.0),
            "Mentee id": frame["mentee"],
            "Mentor id": frame["mentor"],
        }
    )
    if points:
        shares = contributions(scores, rows, columns)
        if audience != "administrator":
            shares = folded(shares, private_criteria(scores))
        for name in shares.columns:
            table[_free_name(f"from {plain(str(name))}", table)] = shares[name].to_numpy() / MILLION
    return table.iloc[order].reset_index(drop=True)


def text_column(values: Iterable[Any]) -> pd.Series[Any]:
    """Return a column of text as it is: pandas' own string type refuses broken characters."""
    return pd.Series(list(values), dtype=object)


def _free_name(name: str, table: pd.DataFrame) -> str:
    while name in table:
        name += " "
    return name


def watch_out(matching: Matching, found: Swaps, frame: pd.DataFrame) -> list[list[str]]:
    """Return for every pair what a reviewer should look at, the gravest first.

    Parameters
    ----------
    found
        The swaps of the matching: one that is as good makes a tie.
    frame
        `Matching.to_frame()`.
    """
    scores = matching.problem.scores
    rows, columns = matching.pairs
    marks: list[tuple[str, BoolArray]] = []
    if scores.judged:
        mask = scores.defects_at(rows, columns)
        marks += [(BAD[name], (mask & bit_of(name)) > 0) for name in scores.judged]
    score = frame["score"].to_numpy()
    marks.append((NOTHING, score == 0))
    marks.append((WISH, wish_not_met(scores, rows, columns)))
    if "evidence" in frame:
        marks.append((THIN, frame["evidence"].to_numpy() < LITTLE_EVIDENCE))
    marks.append((TIE, found.ties))
    told: list[list[str]] = [[] for _ in range(len(rows))]
    for words, marked in marks:
        for pair in np.flatnonzero(marked).tolist():
            told[pair].append(words)
    return told


def wish_not_met(
    scores: Scores, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]
) -> BoolArray:
    """Return which pairs grant the mentee none of the wishes that she stated."""
    m = len(scores.mentors)
    wished = np.zeros(len(scores.mentees), dtype=bool)
    met = np.zeros(len(rows), dtype=bool)
    links = scores.pairing.links("preferred", "mentee")
    if links is not None:
        who, to = links.pairs()
        wished[who] = True
        met |= np.isin(rows * m + columns, who * m + to)
    for criterion, teller in zip(scores.criteria, tellers(scores), strict=True):
        column = scores.mentees.columns.get(f"preferred_{getattr(criterion, 'of', None)}")
        if not isinstance(teller, TellPreference) or not isinstance(column, Labels):
            continue
        stated = np.zeros(len(scores.mentees), dtype=bool)
        stated[rows_of(column)[column.priority > 0]] = True
        wished |= stated
        for pair in np.flatnonzero(stated[rows]).tolist():
            # a mentor who gave no answer leaves open whether the wish is met
            met[pair] |= teller.met(int(rows[pair]), int(columns[pair])) is not False
    unmet: BoolArray = wished[rows] & ~met
    return unmet
