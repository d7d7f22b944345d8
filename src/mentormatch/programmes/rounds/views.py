"""The timetable seen from each side: by person, by round, who sits out, why two do not meet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from mentormatch.errors import UnknownPersonError
from mentormatch.insight.audience import Audience
from mentormatch.insight.explain import scores_texts
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.rounds.result import Timetable
from mentormatch.rosters.profiles import Profiles
from mentormatch.values import Told

__all__ = [
    "RoundsExplanation", "WhyNotMet", "by_person", "by_round", "explained", "sat_out", "why_not",
]  # fmt: skip


def _met(table: Timetable) -> tuple[dict[tuple[int, int], list[int]], ...]:
    """Return (person, round) -> positions of whom she meets, for each side."""
    found: tuple[dict[tuple[int, int], list[int]], ...] = (defaultdict(list), defaultdict(list))
    pool = table.asked.pool
    for i, j, t in zip(*(part.tolist() for part in table.meetings), strict=True):
        found[0][i, t].append(j)
        found[0 if pool else 1][j, t].append(i)
    return found


def _rosters(table: Timetable) -> list[tuple[str, Profiles, Profiles, int]]:
    """Return (role, people, whom they meet, side) of each roster that takes part."""
    scores = table.scores
    if table.asked.pool:
        return [("person", scores.mentees, scores.mentees, 0)]
    return [
        ("mentee", scores.mentees, scores.mentors, 0),
        ("mentor", scores.mentors, scores.mentees, 1),
    ]


def by_person(table: Timetable) -> pd.DataFrame:
    """Return the table of `Timetable.by_person`."""
    met = _met(table)
    rows = []
    for role, people, others, side in _rosters(table):
        for at, person in enumerate(people.ids):
            names = [
                ", ".join(others.name(j) for j in met[side].get((at, t), []))
                for t in range(len(table.rounds))
            ]
            rows.append((person, people.name(at), role, sum(map(bool, names)), *names))
    return pd.DataFrame(rows, columns=["person", "name", "role", "meetings", *table.rounds])


def by_round(table: Timetable) -> pd.DataFrame:
    """Return the table of `Timetable.by_round`."""
    i, j, t = table.meetings
    count = len(table.rounds)
    held = np.bincount(t, minlength=count)
    points = np.bincount(t, weights=table._points[i, j], minlength=count)
    out = sat_out(table)["round"].value_counts()
    return pd.DataFrame(
        {
            "round": list(table.rounds),
            "meetings": held,
            "mean_score": np.divide(
                points / MILLION, held, out=np.full(count, np.nan), where=held > 0
            ),
            "sitting_out": [int(out.get(label, 0)) for label in table.rounds],
        }
    )


def sat_out(table: Timetable) -> pd.DataFrame:
    """Return the table of `Timetable.sat_out`."""
    met = _met(table)
    wanted = table.asked.meetings or len(table.rounds)
    rows = []
    for t, label in enumerate(table.rounds):
        for role, people, _, side in _rosters(table):
            if role == "mentor":
                continue  # mentors wait for who comes
            for at, person in enumerate(people.ids):
                if met[side].get((at, t)):
                    continue
                here = bool(table.there[side][at, t])
                had = sum((at, when) in met[side] for when in range(len(table.rounds)))
                if here and had >= wanted:
                    continue
                why = "nobody left to meet" if here else "not there"
                rows.append((label, person, people.name(at), role, why))
    return pd.DataFrame(rows, columns=["round", "person", "name", "role", "why"])


@dataclass(frozen=True, eq=False, repr=False)
class RoundsExplanation(Told):
    """Whom a person meets, and why.

    Attributes
    ----------
    person : str
        Id.
    meetings : DataFrame
        One row per meeting: `round`, `other` (id), `name`, `score`, `why` (in words).
    text : str
    """

    person: str
    meetings: pd.DataFrame
    text: str

    _table: ClassVar[str | None] = "meetings"


@dataclass(frozen=True, eq=False, repr=False)
class WhyNotMet(Told):
    """Why two people do not meet: `person`, `other` (ids), `text`."""

    person: str
    other: str
    text: str


def explained(table: Timetable, who: str, audience: Audience) -> RoundsExplanation:
    """Return whom a person of either roster meets, and why.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    """
    scores, pool = table.scores, table.asked.pool
    try:
        at, mine = scores.mentees.position(who), 0
    except UnknownPersonError:
        if pool:
            raise
        at, mine = scores.mentors.position(who), 1
    people = (scores.mentees, scores.mentees if pool else scores.mentors)
    rows = []
    for i, j, t in zip(*(part.tolist() for part in table.meetings), strict=True):
        if (i, j)[mine] == at:
            rows.append((t, i, j, (i, j)[1 - mine]))
        elif pool and j == at:
            rows.append((t, j, i, i))
    mentors = scores.pairing.same if pool else np.arange(len(scores.mentors))
    why = scores_texts(scores, [r[1] for r in rows], [int(mentors[r[2]]) for r in rows], audience)
    names = people[1 - mine]
    frame = pd.DataFrame(
        {
            "round": [table.rounds[t] for t, *_ in rows],
            "other": [names.ids[k] for *_, k in rows],
            "name": [names.name(k) for *_, k in rows],
            "score": [int(table._points[i, j]) / MILLION for _, i, j, _ in rows],
            "why": why,
        }
    )
    name = people[mine].name(at)
    told = "; ".join(
        f"{label}: {other} ({score:.2f})"
        for label, other, score in zip(frame["round"], frame["name"], frame["score"], strict=True)
    )
    met = f"{name} meets {len(rows)} people, score {frame['score'].sum():.3f} in all. {told}."
    text = met if rows else f"{name} meets nobody: `sat_out` says in which rounds and why."
    return RoundsExplanation(people[mine].ids[at], frame, text)


def why_not(table: Timetable, person: str, other: str) -> WhyNotMet:
    """Return why two do not meet.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    """
    scores = table.scores
    theirs = scores.mentees if table.asked.pool else scores.mentors
    ids = scores.mentees.ids[scores.mentees.position(person)], theirs.ids[theirs.position(other)]
    return WhyNotMet(*ids, _why_not(table, *ids))


def _why_not(table: Timetable, person: str, other: str) -> str:
    """Return why two do not meet, in words."""
    scores, pool = table.scores, table.asked.pool
    theirs = scores.mentees if pool else scores.mentors
    i, j = scores.mentees.position(person), theirs.position(other)
    names = scores.mentees.name(i), theirs.name(j)
    pair = (scores.mentees.ids[i], theirs.ids[j])
    if pair in table:
        at = table[pair[0]]
        when = [
            label for label, met in zip(table.rounds, at, strict=True) if met and pair[1] in met
        ]
        return f"{names[0]} and {names[1]} meet in round {', '.join(when)}."
    if pool and i == j:
        return f"{names[0]} does not meet herself."
    if (i, j) in table.asked.met or (pool and (j, i) in table.asked.met):
        return f"{names[0]} and {names[1]} have met before."
    rules = list(scores.why_inadmissible(i, scores.mentors.position(pair[1])))
    if pool:
        back = scores.mentees.position(pair[1]), scores.mentors.position(pair[0])
        rules += [rule for rule in scores.why_inadmissible(*back) if rule not in rules]
    if rules:
        return f"{names[0]} and {names[1]} may not meet: {'; '.join(rules)}."
    together = table.there[0][i] & table.there[0 if pool else 1][j]
    if not together.any():
        return f"{names[0]} and {names[1]} are never there in the same round."
    if not pool and scores.mentors.capacity[j] == 0:
        return f"{names[1]} has no seat to offer."
    points = int(table._points[i, j])
    return (
        f"{names[0]} and {names[1]} could meet (score {points / MILLION:.2f}), but in that many "
        "rounds other meetings of the two are worth more in all."
    )
