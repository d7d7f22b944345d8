"""The sheets of the review workbook: which table stands where, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from mentormatch.delivery import tables
from mentormatch.delivery.matches import KEEP, REJECT, SWAP
from mentormatch.delivery.outcomes import OUTCOMES, outcomes_table
from mentormatch.delivery.settings_table import settings_table
from mentormatch.insight.audience import Audience
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.evaluation import Evaluation

__all__ = ["GUIDE", "MATCHES", "SETTINGS", "UNMATCHED", "WIDEST", "Sheet", "sheets_of"]

MATCHES, UNMATCHED, LOADS, SETTINGS = "Matches", "Unmatched", "Loads", "Settings"
WIDEST = 60
"""Width of a column, in characters."""
MOST_POINTS = 5_000
"""Pairs for which it is written what each criterion adds: as many cells as all the rest."""
DECISIONS = (KEEP, SWAP, REJECT)
_NO_DEFECT = "No pair has a defect that the rosters have the columns for."
_NOT_JUDGED = "The rosters have no hours, needs or levels on both sides to judge pairs by."
_COST = (
    "Avoidable: in a matching of as many people with the fewest such pairs, this mentee's is none "
    "of them. Cost: by how much the total score of that matching is lower, for all avoidable pairs "
    "together. Reject one of them in sheet Matches and match again, or match again and give up "
    "less of the total for fewer of them."
)
GUIDE = {
    MATCHES: "one row per pair, those to look at first on top. Filter Watch out; choose a "
    "Decision: keep, swap or reject. A swap takes the first alternate, or whom you write in New "
    "mentor. Rows may be sorted, columns added.",
    "Pairs to look at": "pairs that nobody would defend, why, whether another matching of as many "
    "people avoids them, and what that costs the total.",
    UNMATCHED: "mentees without a mentor, why, and the smallest change that would give them one. "
    "Write a name in New mentor to give one by hand.",
    LOADS: "seats used and free; what one more seat would bring.",
    "Audit": "how groups of people fare, with small groups held back, and in words below.",
    OUTCOMES: "what surveys say of what came of it, and in words below what may be concluded.",
    "Repairs": "every guess and repair made while reading the rosters.",
    "Column mapping": "what each column of the files was taken for.",
    SETTINGS: "weights, rules, seed, versions and digests: enough to do it again.",
}


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table and how it is shown.

    kinds : column -> "whole" | "score" | "share"; everything else is text, or a general number.
    widths : column -> characters, where the content should not decide.
    frozen : how many columns stay in view.
    printed : how many columns are printed, None for all.
    scaled : columns with a colour scale.
    choices : column to be filled in -> what to choose from, or where a sheet lists it.
    note : what the guide on the first page says besides.
    empty : what to say when there is no row.
    words : paragraphs below the table.
    """

    name: str
    table: pd.DataFrame
    kinds: Mapping[str, str] = field(default_factory=dict)
    widths: Mapping[str, int] = field(default_factory=dict)
    frozen: int = 0
    printed: int | None = None
    scaled: Sequence[str] = ()
    choices: Mapping[str, Sequence[str] | str] = field(default_factory=dict)
    note: str = ""
    empty: str = "Nothing to report."
    words: str = ""


def sheets_of(
    matching: Matching,
    by: Sequence[str] | None,
    audience: Audience,
    evaluation: Evaluation | None = None,
) -> list[Sheet]:
    """Return the sheets after the summary, in order."""
    administrator = audience == "administrator"
    sheets = [
        _matches(matching, audience),
        Sheet(
            "Pairs to look at",
            tables.defects_table(matching),
            kinds={"Cost": "score"},
            widths={"What is wrong": WIDEST},
            frozen=2,
            empty=_NO_DEFECT if matching.problem.scores.judged else _NOT_JUDGED,
            words=_COST,
        ),
        Sheet(
            UNMATCHED,
            tables.unmatched_table(matching),
            widths={
                "Mentee": 16, "E-mail": 26, "Reason": 46, "What would help": 34, "New mentor": 16,
                "Comment": 18, "Mentors ruled out by": 30, "Best admissible mentors": 30,
            },
            frozen=1,
            printed=8,
            choices={"New mentor": _mentors(matching), "Comment": ""},
            empty="Every mentee has a mentor.",
        ),
        Sheet(
            LOADS,
            tables.loads_table(matching),
            kinds=dict.fromkeys(("Load", "Capacity", "Slack"), "whole") | {"Dual price": "score"},
            widths={"One more seat here": 44, "Mentees": 44, "E-mail": 28},
            frozen=1,
            printed=7,
        ),
    ]  # fmt: skip
    if administrator:
        groups, words = tables.audit_table(matching, by)
        sheets.append(
            Sheet(
                "Audit",
                groups,
                kinds=dict.fromkeys(("People", "Matched"), "whole")
                | {"Matched share": "share", "Mean score": "score", "Above median": "share"},
                widths={"Group": 26},
                frozen=3,
                words=words,
                empty="Nothing to compare.",
            )
        )
    if evaluation is not None:
        sheets.append(
            Sheet(
                OUTCOMES,
                outcomes_table(evaluation),
                kinds=dict.fromkeys(("Asked", "Answered", "Mentors"), "whole"),
                widths={"Figure": 36, "Group": 26, "Note": 40},
                frozen=2,
                words=evaluation.text,
                empty="Nobody answered.",
            )
        )
    repairs = tables.repairs_table(matching)
    sheets += [
        Sheet(
            "Repairs",
            repairs,
            widths={"Value": 26, "Problem": 40, "Action": 44},
            printed=len([name for name in repairs.columns if name != "Code"]),
            empty="Both rosters were read as they are.",
        ),
        Sheet(
            "Column mapping",
            tables.mapping_table(matching),
            widths={"Column": 50, "Reason": 50},
        ),
        Sheet(SETTINGS, settings_table(matching), widths={"Value": 30, "Detail": WIDEST}),
    ]
    return sheets


def _matches(matching: Matching, audience: Audience) -> Sheet:
    few = len(matching.pairs[0]) <= MOST_POINTS
    matches = tables.matches_table(matching, audience, points=few)
    shares = [name for name in matches.columns if str(name).startswith("from ")]
    note = "Columns 'from ...' sum to the score."
    if not few:
        note = "What each criterion adds is left out, for so many pairs."
    return Sheet(
        MATCHES,
        matches,
        kinds={"Score": "score", "Rank": "whole", "Evidence": "share"}
        | dict.fromkeys(shares, "score"),
        widths={
            "Mentee": 14, "Mentee e-mail": 27, "Mentor": 14, "Mentor e-mail": 27, "Score": 8,
            "Watch out": 15, "Decision": 10, "New mentor": 14, "Comment": 16, "Why": 44,
            "Alternates": 36,
        } | dict.fromkeys(shares, 13),
        frozen=3,
        printed=list(matches.columns).index("Alternates") + 1,
        scaled=["Score"],
        choices={"Decision": DECISIONS, "New mentor": _mentors(matching), "Comment": ""},
        note=note,
        empty="Nobody could be matched; sheet Unmatched says why.",
    )  # fmt: skip


def _mentors(matching: Matching) -> str:
    """Return where sheet Loads lists the mentors."""
    return f"={LOADS}!$A$2:$A${len(matching.problem.scores.mentors) + 1}"
