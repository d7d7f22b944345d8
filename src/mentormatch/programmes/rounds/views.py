"""The timetable seen from each side: by person, by round, who sits out, why two do not meet."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.rounds.result import Timetable
from mentormatch.rosters.profiles import Profiles

__all__ = ["by_person", "by_round", "sat_out", "why_not"]


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


def why_not(table: Timetable, person: str, other: str) -> str:
    """Return why two do not meet, in words.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    """
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
