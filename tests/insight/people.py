"""Small cohorts for the tests of exports, reports, letters and calendars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.rosters.columns import DAYS, Categories, Column, Hours, Labels, Numbers
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.scoring.criteria import Covers, Overlap, SharedHours
from mentormatch.scoring.scores import Scores, score

FIRST = ("Ana", "Raj", "Li", "José", "Zoë", "Mary", "Ahmed", "Nils", "Ngozi", "Pia")
LAST = ("Okafor", "Smith", "Patel", "Müller", "Ito", "Garcia", "Kowalska", "Jones")
GOALS = ("python", "public speaking", "leadership", "finance", "career change", "writing")
NASTY = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "<script>document.title='owned'</script>",
    '"><img src=x onerror=alert(1)>',
    "http://evil.example/",
    "mailto:evil@example.org",
    "bell\x07 and \ud83d half",
    "x" * 40_000,
)
"""Names that try to become a formula, a script or a link, or that no cell can hold."""


def slots(spans: Sequence[tuple[str, int, int]]) -> np.ndarray:
    """Return bool (672,) for spans of (day, from hour, to hour), local time."""
    week = np.zeros((7, 24 * 4), dtype=bool)
    for day, first, last in spans:
        week[DAYS.index(day), first * 4 : last * 4] = True
    return week.ravel()


def person_hours(spans: Sequence[Sequence[tuple[str, int, int]]], zones: Sequence[str]) -> Hours:
    """Return one `Hours` entry per person."""
    return Hours.of(np.array([slots(days) for days in spans]), zones)


def profiles(
    role: Role,
    n: int,
    rng: np.random.Generator,
    *,
    names: Sequence[str] = (),
    emails: Sequence[str | None] | None = None,
    **columns: Column,
) -> Profiles:
    """Return n invented people; `names` replace the first ones, `columns` the answers."""
    invented = [f"{FIRST[rng.integers(10)]} {LAST[rng.integers(8)]}" for _ in range(n)]
    ids = [f"{role}-{i:04d}" for i in range(n)]
    days = [[(DAYS[int(d)], 9, 12)] for d in rng.integers(0, 5, n)]
    answers: dict[str, Column] = {
        "goals": Labels.of([[GOALS[g] for g in rng.choice(6, 3, replace=False)] for _ in range(n)]),
        "skills": Labels.of(
            [[GOALS[g] for g in rng.choice(6, 4, replace=False)] for _ in range(n)],
            [[float(v) for v in rng.integers(1, 5, 4)] for _ in range(n)],
        ),
        "gender": Categories.of([("woman", "man", None)[rng.integers(3)] for _ in range(n)]),
        "seniority": Numbers(rng.integers(0, 6, n).astype(float)),
        "availability": person_hours(days, ["Europe/London"] * n),
    }
    answers.update(columns)
    return Profiles(
        role=role,
        ids=tuple(ids),
        names=tuple([*names, *invented][:n]),
        emails=tuple(emails if emails is not None else [f"{i}@example.org" for i in ids]),
        columns=answers,
        capacity=np.ones(n) if role == "mentee" else rng.integers(0, 4, n),
        mapping=pd.DataFrame(
            {
                "column": ["What are your goals?", "=1+1"],
                "field": ["goals", "site"],
                "kind": ["labels", "category"],
                "reason": ["the header says goals", "kept under its own header"],
            }
        ),
        repairs=pd.DataFrame(
            {
                "row": [3],
                "column": ["capacity"],
                "value": ["=2+3"],
                "problem": ["not a number"],
                "action": ["read as 1"],
            }
        ),
        source=f"{role}s.csv",
        digest=f"{role}-digest",
        sensitive=frozenset({"gender"}),
    )


def scored(mentees: Profiles, mentors: Profiles) -> Scores:
    """Score goals, shared skills and hours."""
    return score(
        mentees,
        mentors,
        criteria=[
            Covers(needs="goals", by="skills", weight=0.5),
            Overlap(column="goals", weight=0.3, name="shared goals"),
            SharedHours(weight=0.2),
        ],
        rules=[],
    )


def matched(
    n: int = 12,
    m: int = 6,
    seed: int = 0,
    *,
    names: Sequence[str] = (),
    mentor_names: Sequence[str] = (),
    emails: Sequence[str | None] | None = None,
) -> Matching:
    """Return the optimal matching of an invented cohort; the same for the same arguments."""
    rng = np.random.default_rng(seed)
    mentees = profiles("mentee", n, rng, names=names, emails=emails)
    mentors = profiles("mentor", m, rng, names=mentor_names)
    return solve(Problem(scored(mentees, mentors)))
