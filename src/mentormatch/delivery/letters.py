"""Letters to both people of every pair: who, why, when, and what to talk about first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from mentormatch.delivery.checkins import first_meetings, time_in_words
from mentormatch.delivery.meeting_times import Meeting
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import Hours, Labels, label_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.offers import offers_of

__all__ = ["letters"]

WANTED = ("goals", "needs")
"""Mentee fields that say what she wants."""
OFFERED = ("skills", "goals")
"""Mentor fields that say what he offers."""
AGENDA = (("Goal", 0.25), ("Reality", 0.25), ("Options", 0.35), ("Will", 0.15))
"""Steps of a GROW talk and their share of the time."""
SPELT_OUT = 4


def letters(
    matching: Matching,
    start: date | str,
    *,
    minutes: int = 60,
    programme: str = "our mentoring programme",
    sender: str = "The mentoring team",
    column: str = "availability",
) -> pd.DataFrame:
    """Write the letters that introduce both people of every pair to one another.

    Each letter speaks to its reader: what the two share, why they were matched, the first
    meeting on the reader's own clock, and an agenda for it in the four steps of GROW, from the
    mentee's goals and present levels. Neither tells anything from a sensitive column of the
    other roster, a score, or who else was considered.

    Parameters
    ----------
    matching
        Result of `solve`.
    start
        First day on which a first meeting may be.
    minutes
        Length of the first meeting.
    programme, sender
        Words for the letters.
    column
        Column of hours; without it, or without a shared time within four weeks, the letters ask
        the two to agree a time.

    Returns
    -------
    DataFrame, one row per pair
        `mentee`, `mentor` (ids), `mentee_name`, `mentor_name`, `mentee_email`, `mentor_email`,
        `shared_goals`, `first_meeting` (UTC), `mentee_time`, `mentor_time` (in words, local),
        `agenda`, `letter_to_mentee`, `letter_to_mentor`. To save it, use
        `mentormatch.delivery.export.write_csv`, which keeps answers from becoming formulas.

    Raises
    ------
    ParameterError
        If `start` is no date.

    References
    ----------
    .. [1] Whitmore (1992), Coaching for Performance (the GROW model).
    """
    from mentormatch.insight.explain import reason_texts

    rows, columns = matching.pairs
    reasons = reason_texts(matching, rows, columns, audience="participant")
    scores = matching.problem.scores
    timed = _has_hours(scores.mentees, column) and _has_hours(scores.mentors, column)
    first = first_meetings(matching, start, minutes=minutes, column=column) if timed else {}
    written = []
    for i, j, reason in zip(rows.tolist(), columns.tolist(), reasons, strict=True):
        pair = _Pair(scores.mentees, scores.mentors, i, j, first.get((i, j)), minutes, reason)
        written.append(_row(pair, programme, sender))
    frame = pd.DataFrame(written, columns=list(_COLUMNS), dtype=object)
    frame["first_meeting"] = pd.to_datetime(frame["first_meeting"], utc=True).astype(
        "datetime64[ns, UTC]"
    )
    return frame


_COLUMNS = (
    *("mentee", "mentor", "mentee_name", "mentor_name", "mentee_email", "mentor_email"),
    *("shared_goals", "first_meeting", "mentee_time", "mentor_time", "agenda"),
    *("letter_to_mentee", "letter_to_mentor"),
)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Everything that the two letters of one pair may say."""

    mentees: Profiles
    mentors: Profiles
    i: int
    j: int
    meeting: Meeting | None
    minutes: int
    reason: str

    @property
    def mentee(self) -> str:
        return self.mentees.name(self.i)

    @property
    def mentor(self) -> str:
        return self.mentors.name(self.j)

    @property
    def wanted(self) -> list[str]:
        """What the mentee wants, her own words, most important first."""
        return _answers(self.mentees, self.i, WANTED)

    @property
    def shared(self) -> list[str]:
        """What she wants and he offers."""
        offers = offers_of(self.mentees, self.mentors, OFFERED)[0]
        offered = {label_key(label) for label in _answers(self.mentors, self.j, offers)}
        return [label for label in self.wanted if label_key(label) in offered]

    def times(self) -> tuple[str, str]:
        """The first meeting on both clocks, in words; empty if they share no time."""
        if self.meeting is None:
            return "", ""
        return (
            time_in_words(self.meeting.mentee_local, self.minutes),
            time_in_words(self.meeting.mentor_local, self.minutes),
        )


def _has_hours(profiles: Profiles, column: str) -> bool:
    return isinstance(profiles.columns.get(column), Hours)


def _answers(profiles: Profiles, person: int, fields: Sequence[str]) -> list[str]:
    """Return a person's labels from these fields, most important first, none twice.

    A sensitive column is left out: what it holds is nobody else's to read.
    """
    found: dict[str, str] = {}
    for name in fields:
        column = profiles.columns.get(name)
        if not isinstance(column, Labels) or name in profiles.sensitive:
            continue
        entries = slice(int(column.indptr[person]), int(column.indptr[person + 1]))
        order = np.argsort(-column.priority[entries], kind="stable")
        for code in column.codes[entries][order].tolist():
            label = column.labels[code]
            found.setdefault(label_key(label), label)
    return list(found.values())


def _levels(profiles: Profiles, person: int, field: str) -> dict[str, float]:
    """Return label key -> level of one person's labels; NaN levels are left out."""
    column = profiles.columns.get(field)
    if not isinstance(column, Labels) or field in profiles.sensitive:
        return {}
    entries = slice(int(column.indptr[person]), int(column.indptr[person + 1]))
    pairs = zip(column.codes[entries].tolist(), column.level[entries].tolist(), strict=True)
    return {label_key(column.labels[code]): level for code, level in pairs if level == level}


def _row(pair: _Pair, programme: str, sender: str) -> tuple[object, ...]:
    mentee_time, mentor_time = pair.times()
    agenda = "\n".join(_agenda(pair, "{mentee}"))
    return (
        pair.mentees.ids[pair.i],
        pair.mentors.ids[pair.j],
        pair.mentee,
        pair.mentor,
        pair.mentees.emails[pair.i],
        pair.mentors.emails[pair.j],
        "; ".join(pair.shared),
        pair.meeting.start if pair.meeting else None,
        mentee_time,
        mentor_time,
        agenda.replace("{mentee}", pair.mentee),
        _to_mentee(pair, mentee_time, programme, sender),
        _to_mentor(pair, mentor_time, programme, sender),
    )


def _to_mentee(pair: _Pair, when: str, programme: str, sender: str) -> str:
    mail = pair.mentors.emails[pair.j]
    contact = f" Write to {pair.mentor} at {mail}." if mail else ""
    paragraphs = [
        f"Dear {pair.mentee},",
        f"Welcome to {programme}. Your mentor is {pair.mentor}.{contact}",
        pair.reason,
        _meeting_words(when, pair.mentor),
        "An agenda for your first talk:\n" + "\n".join(_agenda(pair, "")),
        f"Best wishes\n{sender}",
    ]
    return "\n\n".join(filter(None, paragraphs))


def _to_mentor(pair: _Pair, when: str, programme: str, sender: str) -> str:
    mail = pair.mentees.emails[pair.i]
    contact = f" Write to {pair.mentee} at {mail}." if mail else ""
    paragraphs = [
        f"Dear {pair.mentor},",
        f"Thank you for being a mentor in {programme}. Your mentee is {pair.mentee}.{contact}",
        _hopes(pair),
        _meeting_words(when, pair.mentee),
        "An agenda for your first talk:\n" + "\n".join(_agenda(pair, pair.mentee)),
        f"Best wishes\n{sender}",
    ]
    return "\n\n".join(filter(None, paragraphs))


def _hopes(pair: _Pair) -> str:
    if not pair.wanted:
        return ""
    hope = f"{pair.mentee} would like to work on {_listed(pair.wanted)}."
    if pair.shared:
        hope += f" You offered to help with {_listed(pair.shared)}."
    return hope


def _meeting_words(when: str, other: str) -> str:
    if not when:
        return f"Please agree a time for your first meeting with {other}."
    return f"A first time that suits you both: {when}. Please confirm it with {other}."


def _agenda(pair: _Pair, mentee: str) -> list[str]:
    """Return four lines, one per step of GROW; an empty name speaks to the mentee herself."""
    steps = {
        "Goal": _goal(pair, mentee),
        "Reality": _reality(pair, mentee),
        "Options": _options(pair, mentee),
        "Will": f"{'you choose' if not mentee else f'{mentee} chooses'} one first step, with a "
        "date; agree how often to meet.",
    }
    shares = [max(5, round(pair.minutes * share / 5) * 5) for _, share in AGENDA]
    return [
        f"{step} ({share} min): {steps[step]}"
        for (step, _), share in zip(AGENDA, shares, strict=True)
    ]


def _goal(pair: _Pair, mentee: str) -> str:
    if not pair.wanted:
        return f"what {'would you' if not mentee else f'would {mentee}'} like to be different?"
    aims = _levels(pair.mentees, pair.i, "goals") | _levels(pair.mentees, pair.i, "needs")
    named = [_with_level(label, aims, "to level") for label in pair.wanted]
    who = "you want" if not mentee else f"{mentee} wants"
    return f"{who} {_listed(named)}. What would success look like at the end?"


def _reality(pair: _Pair, mentee: str) -> str:
    now = _levels(pair.mentees, pair.i, "skills")
    known = [_with_level(w, now, "now at level") for w in pair.wanted if label_key(w) in now]
    question = "what has been tried so far, and what is in the way?"
    return f"{_listed(known)}; {question}" if known else question


def _options(pair: _Pair, mentee: str) -> str:
    if not pair.shared:
        return "what could be done, and whom else could you ask?"
    who = f"{pair.mentor} can help with" if not mentee else "you can help with"
    return f"{who} {_listed(pair.shared)}. List at least three ways forward before judging any."


def _with_level(label: str, levels: dict[str, float], words: str) -> str:
    level = levels.get(label_key(label))
    return label if level is None else f"{label} ({words} {level:g})"


def _listed(labels: Iterable[str]) -> str:
    words = list(labels)
    if len(words) > SPELT_OUT:
        words = [*words[:SPELT_OUT], f"{len(words) - SPELT_OUT} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
