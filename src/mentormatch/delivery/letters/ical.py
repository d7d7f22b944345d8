"""iCalendar files (RFC 5545) of check-ins, for any calendar program."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from os import PathLike
from typing import Any

import pandas as pd

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, UnknownPersonError, nearest
from mentormatch.writing import write_file

__all__ = ["calendar_text", "to_ics"]

LINE_OCTETS = 75
"""Longest line of an iCalendar file, without its line end."""
NEW = datetime(1970, 1, 1, tzinfo=UTC)
"""Default stamp: older than any update."""
TITLE = "Mentoring: {mentee} and {mentor}"
GROUP_TITLE = "Mentoring: {mentee} with {mentor}"
SERIES_TITLE = "Mentoring, {series}: {mentee} and {mentor}"
"""Of meetings that are no check-ins."""
_NEEDED = {"mentee", "mentor", "mentee_name", "mentor_name", "meeting", "start", "end"}


@typed
def to_ics(
    meetings: pd.DataFrame,
    path: str | PathLike[str] | None = None,
    *,
    person: str | None = None,
    title: str = TITLE,
    stamp: datetime = NEW,
    sequence: int = 0,
) -> str:
    """Write check-ins as an iCalendar file.

    Times are UTC, which every calendar shows by its own clock, so no clock change can move a
    meeting. A meeting's UID depends on the pair and its number only: importing a later file with
    a higher `sequence` moves the events instead of doubling them.

    Parameters
    ----------
    meetings
        Result of `check_ins`; rows without a time are left out.
    path
        Also write the text there (UTF-8, CRLF line ends).
    person
        Only the meetings of this mentee or mentor (id), for a file of her own; of groups those of
        hers.
    title
        Title of an event; `{mentee}` and `{mentor}` stand for their names.
    stamp
        When this version was made (with a zone); fixed by default, so that the same meetings
        give the same file.
    sequence
        Number of the revision, to raise when times have changed.

    Returns
    -------
    str
        The file's text.

    Raises
    ------
    ParameterError
        If the frame lacks columns of `check_ins`, or `stamp` has no zone.
    UnknownPersonError
        If no meeting is one of `person`.

    References
    ----------
    .. [1] Desruisseaux (2009), RFC 5545: Internet Calendaring and Scheduling.
    """
    missing = sorted(_NEEDED - set(getattr(meetings, "columns", ())))
    if missing:
        raise ParameterError(
            f"The 'meetings' parameter of to_ics must be a frame from check_ins(...). "
            f"It lacks: {', '.join(missing)}."
        )
    if stamp.tzinfo is None:
        raise ParameterError(f"The 'stamp' parameter of to_ics must have a zone. Got {stamp!r}.")
    if person is not None:
        own = (meetings["mentee"] == person) | (meetings["mentor"] == person)
        if not own.any():
            known = dict.fromkeys([*meetings["mentee"], *meetings["mentor"]])
            raise UnknownPersonError(
                f"No meeting of the 'meetings' parameter of to_ics is one of {person!r} (id).",
                people=[person], near=nearest(person, map(str, known)), parameter="person",
            )  # fmt: skip
        meetings = _everybody_of(meetings, own)
    held = meetings[meetings["start"].notna()]
    records: Any = held.to_dict("records")
    if "group" in held:
        records = _events_of_groups(held)
        title = GROUP_TITLE if title == TITLE else title
    text = calendar_text(records, title, stamp, sequence)
    if path is not None:
        write_file(path, text)
    return text


def _everybody_of(meetings: pd.DataFrame, own: pd.Series[bool]) -> pd.DataFrame:
    """Return the rows of a person; of groups those of everybody in hers."""
    if "group" not in meetings:
        return meetings[own]
    return meetings[meetings["group"].isin(meetings.loc[own, "group"])]


def _events_of_groups(held: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one record for each meeting of a group: whom it is for, by name, and when for each."""
    records = []
    for (group, number), rows in held.groupby(["group", "meeting"], sort=False):
        first = rows.iloc[0]
        lines = [
            f"{name}: {time}" for name, time in zip(rows["mentee_name"], rows["mentee_time"],
                                                    strict=True)
        ]  # fmt: skip
        notes = [note for note in dict.fromkeys(rows["note"]) if note]
        records.append(
            {
                "mentee": f"group {group}", "mentor": first["mentor"], "meeting": number,
                "mentee_name": f"group {group}", "mentor_name": first["mentor_name"],
                "mentor_time": first["mentor_time"], "start": first["start"], "end": first["end"],
                "note": "\n".join([*lines, *notes]),
            }
        )  # fmt: skip
    return records


def calendar_text(
    records: Iterable[dict[Any, Any]], title: str = TITLE, stamp: datetime = NEW, sequence: int = 0
) -> str:
    """Return meetings, given as the rows of `check_ins` that have a time, as a calendar."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//mentormatch//check-ins//EN"]
    lines.append("CALSCALE:GREGORIAN")
    for record in records:
        lines += _event(record, title, stamp, sequence)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(record: dict[Any, Any], title: str, stamp: datetime, sequence: int) -> list[str]:
    series = str(record.get("series") or "")
    title = SERIES_TITLE.replace("{series}", series) if series and title == TITLE else title
    words = title.replace("{mentee}", str(record["mentee_name"]))
    words = words.replace("{mentor}", str(record["mentor_name"]))
    local = [
        f"{record[f'{side}_name']}: {record[f'{side}_time']}"
        for side in ("mentee", "mentor")
        if record.get(f"{side}_time")
    ]
    description = "\n".join([*local, *filter(None, [str(record.get("note") or "")])])
    return [
        "BEGIN:VEVENT",
        f"UID:{_uid(record)}",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART:{_utc(record['start'])}",
        f"DTEND:{_utc(record['end'])}",
        f"SEQUENCE:{sequence}",
        f"SUMMARY:{_escaped(words)}",
        *([f"DESCRIPTION:{_escaped(description)}"] if description else []),
        "END:VEVENT",
    ]


def _uid(record: dict[Any, Any]) -> str:
    parts = (str(record["mentee"]), str(record["mentor"]), int(record["meeting"]))
    series = str(record.get("series") or "")  # of one pair and number, another meeting
    key = repr((*parts, series) if series else parts)
    return f"{hashlib.sha256(key.encode('utf-8', 'backslashreplace')).hexdigest()[:32]}@mentormatch"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    r"""Return text as a TEXT value: ``\``, ``;``, ``,`` and line ends escaped, no control codes."""
    text = re.sub("\r\n|\r|\u2028|\u2029|\x85", "\n", text)
    text = re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", text)
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Fold a line at 75 octets, never inside a character."""
    parts: list[str] = []
    part, size = "", 0
    for character in line:
        octets = len(character.encode("utf-8"))
        if size + octets > LINE_OCTETS:
            parts.append(part)
            part, size = " ", 1  # the blank that marks a continuation counts
        part += character
        size += octets
    return "\r\n".join([*parts, part])
