"""Matchings as files for other programs: CSV, JSON, Chronus."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mentormatch.delivery.cells import csv_text
from mentormatch.delivery.saved.documents import matching_document
from mentormatch.delivery.saved.encoding import Pack, in_line
from mentormatch.delivery.saved.files import heading, whole
from mentormatch.delivery.saved.records import records, rounded
from mentormatch.domains import typed
from mentormatch.errors import RosterError, check_parameter, listed
from mentormatch.journal import logged
from mentormatch.matching.manifest import manifest
from mentormatch.matching.matching import Matching
from mentormatch.writing import FilePath, write_file

__all__ = ["document_of", "to_chronus", "to_csv", "to_json", "write_csv"]

FRAME_COLUMNS = ("mentee", "mentor", "mentee_name", "mentor_name", "score", "rank", "evidence")
"""Columns of `Matching.to_frame` before those of the criteria."""


def to_csv(matching: Matching, path: FilePath | None = None) -> str:
    """Write the matched pairs as CSV.

    Text that a spreadsheet could run as a formula gets a leading apostrophe; missing values are
    empty cells. A file gets a byte order mark, without which Excel garbles names such as José.

    Parameters
    ----------
    matching
        Result of `solve`.
    path
        Also write the text there.

    Returns
    -------
    str
        The columns of `Matching.to_frame`, one line per pair.
    """
    text = csv_text(rounded(matching.to_frame()))
    return _written(text, path, encoding="utf-8-sig")


@typed
def write_csv(frame: pd.DataFrame, path: FilePath | None = None) -> str:
    """Write any frame (letters, check-ins, an audit) as CSV, text made safe as in `to_csv`.

    Parameters
    ----------
    frame
        Any frame; its index is not written.
    path
        Also write the text there.
    """
    check_parameter(hasattr(frame, "iloc"), "frame", "write_csv", "a pandas frame", frame)
    return _written(csv_text(frame), path, encoding="utf-8-sig")


@logged(lambda text, matching: f"wrote JSON: {matching.counts}, {len(text)} characters")
def to_json(matching: Matching, path: FilePath | None = None, *, answers: bool = True) -> str:
    """Return a matching as JSON: to be read by other programs, and to be loaded again.

    Parameters
    ----------
    matching
        Result of `solve`.
    path
        Also write the text there (ASCII; other characters are escaped).
    answers
        Also what is needed to load it again: both rosters with all their answers, and the scores.

    Returns
    -------
    str
        An object with `pairs` (each with its `criteria`), `unmatched` (ids), `notes`, `load`,
        `certificate`, `manifest`, and what `Matching.from_json` reads: `format`, `version`,
        `saved`. Missing values are null; there is no NaN. The same matching gives the same text.

    Raises
    ------
    ParameterError
        If a rule, objective or constraint is of a class of your own, which a file cannot hold.
    """
    return whole(document_of(matching, in_line, answers=answers), path)


def document_of(matching: Matching, pack: Pack, *, answers: bool = True) -> dict[str, Any]:
    """Return a matching in JSON's types; `pack` writes arrays."""
    saved = matching_document(matching, pack) if answers else None  # before pairs are ranked
    made = manifest(matching)
    return heading(Matching) | {
        "pairs": [_pair(record) for record in records(rounded(matching.to_frame()))],
        "unmatched": list(matching.unmatched),
        "notes": list(matching.notes),
        "load": records(matching.load),
        "certificate": made["result"],
        "manifest": made,
        "saved": saved,
    }


def to_chronus(matching: Matching, path: FilePath | None = None) -> str:
    """Write the two columns that Chronus imports: mentor and mentee e-mail addresses.

    Parameters
    ----------
    matching
        Result of `solve`.
    path
        Also write the text there.

    Raises
    ------
    RosterError
        If somebody who is matched has no e-mail address; `issues` lists all of them.
    """
    scores = matching.problem.scores
    rows, columns = matching.pairs
    mentee_emails = [scores.mentees.emails[i] for i in rows]
    mentor_emails = [scores.mentors.emails[j] for j in columns]
    _require_emails(matching)
    frame = pd.DataFrame(
        {"Mentor Email Address": mentor_emails, "Mentee Email Address": mentee_emails},
        dtype=object,
    )
    return _written(csv_text(frame), path, encoding="utf-8")


def _require_emails(matching: Matching) -> None:
    scores = matching.problem.scores
    lacking = [
        (people.role, people.ids[p], people.name(p))
        for people, places in zip((scores.mentees, scores.mentors), matching.pairs, strict=True)
        for p in np.unique(places)
        if not (people.emails[p] or "").strip()
    ]
    if not lacking:
        return
    who = listed(
        f"{role} {name} ({person})" if name != person else f"{role} {person}"
        for role, person, name in lacking
    )
    issues = pd.DataFrame(
        {
            "row": [None] * len(lacking),
            "column": "email",
            "value": [person for _, person, _ in lacking],
            "problem": [f"{role} {name} is matched but has no e-mail" for role, _, name in lacking],
            "action": "add the e-mail to the roster and read it again",
        }
    )
    raise RosterError(
        f"Chronus recognises people by e-mail, and {len(lacking)} matched "
        f"{'person has' if len(lacking) == 1 else 'people have'} none: {who}. Add the e-mail to "
        "the roster, or map its column with read_roster(..., columns={'email': 'header'}).",
        issues,
        issues.iloc[:0],
    )


def _pair(record: dict[str, Any]) -> dict[str, Any]:
    fixed = {name: value for name, value in record.items() if name in FRAME_COLUMNS}
    criteria = {name: value for name, value in record.items() if name not in FRAME_COLUMNS}
    return fixed | {"criteria": criteria}


def _written(text: str, path: FilePath | None, *, encoding: str) -> str:
    if path is not None:
        write_file(path, text, encoding=encoding)
    return text
