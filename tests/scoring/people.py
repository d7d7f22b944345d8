"""Invented people as plain dicts, the Profiles made of them, and a slow oracle per criterion."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from mentormatch.rosters.columns import Categories, Hours, Labels, Numbers, People, Texts, Vectors
from mentormatch.rosters.profiles import Profiles

ZONES = ("Europe/London", "Pacific/Auckland", "Asia/Kathmandu", "Australia/Lord_Howe",
         "America/New_York")  # fmt: skip
WEEKS = (date(2025, 1, 13), date(2025, 7, 14))
GRADES = ("AA", "AO", "EO", "HEO", "SEO")


def profiles(role, people, *, sensitive=()):
    """Return Profiles of dicts: id, name, email, capacity, and fields as the keys of KINDS."""
    empty = pd.DataFrame(columns=["row", "column", "value", "problem", "action"], dtype=object)
    fields = list(dict.fromkeys(k for p in people for k in p if k in KINDS))
    return Profiles(
        role=role,
        ids=tuple(p["id"] for p in people),
        names=tuple(p.get("name") for p in people),
        emails=tuple(p.get("email") for p in people),
        columns={f: KINDS[f]([p.get(f) for p in people]) for f in fields},
        capacity=np.array([p.get("capacity", 1) for p in people], dtype=np.int64),
        mapping=empty,
        repairs=empty,
        sensitive=frozenset(sensitive),
    )


def _labels(answers):
    """Answers: None or a list of (label, level or None, priority)."""
    return Labels.of(
        [None if a is None else [x[0] for x in a] for a in answers],
        [[math.nan if x[1] is None else x[1] for x in a or ()] for a in answers],
        [[x[2] for x in a or ()] for a in answers],
    )


def _hours(answers):
    """Answers: None or (zone or None, set of local quarter hours)."""
    slots = np.zeros((len(answers), 672), dtype=bool)
    for row, answer in enumerate(answers):
        if answer is not None:
            slots[row, sorted(answer[1])] = True
    zones = [None if a is None else a[0] for a in answers]
    return Hours.of(slots, zones, np.array([a is not None for a in answers], dtype=bool))


def _numbers(answers, labels=None):
    return Numbers(np.array([math.nan if a is None else a for a in answers], dtype=float), labels)


def _grades(answers):
    return _numbers([None if a is None else GRADES.index(a) for a in answers], GRADES)


def _vectors(answers):
    width = max((len(a) for a in answers if a is not None), default=4)
    return Vectors(np.array([[math.nan] * width if a is None else a for a in answers], dtype=float))


KINDS = {
    "goals": _labels, "needs": _labels, "skills": _labels, "interests": _labels,
    "languages": _labels, "preferred_site": _labels, "preferred_gender": _labels,
    "communication_style": Categories.of, "site": Categories.of, "department": Categories.of,
    "gender": Categories.of, "availability": _hours, "seniority": _grades,
    "experience": _numbers, "importance_goals": _numbers, "importance_interests": _numbers,
    "only_preferred": _numbers, "preferred": People.of, "avoid": People.of,
    "previous": People.of, "supervisor_id": lambda a: People.of([None if x is None else [x]
                                                                for x in a]),
    "about": lambda a: Texts(tuple(a)), "style_scores": _vectors,
}  # fmt: skip


def pick(rng, values, least, most):
    size = int(rng.integers(least, most + 1))
    return [values[k] for k in rng.permutation(len(values))[:size]]


def maybe(rng, value, missing=0.2):
    return None if rng.random() < missing else value


def cohort(rng, n, m):
    """Return two lists of people with every kind of answer, a fifth of them missing."""
    sides = []
    for role, size, other, others in (("mentee", n, "mentor", m), ("mentor", m, "mentee", n)):
        people = []
        for k in range(size):

            def some(values, least, most, levels=True):
                return maybe(rng, [
                    (v, int(rng.integers(1, 6)) if levels and rng.random() < 0.7 else None,
                     float(rng.integers(1, 4)))
                    for v in pick(rng, values, least, most)])  # fmt: skip

            start = int(rng.integers(0, 600))
            near = [f"{other}{x}" for x in range(others)]
            people.append({
                "id": f"{role}{k}", "name": f"Name {role} {k}", "email": f"{role}{k}@x.org",
                "goals": some("abcdefgh", 0, 4), "skills": some("abcdefgh", 0, 5),
                "interests": some("pqrstuv", 0, 4, levels=False),
                "communication_style": maybe(rng, pick(rng, ["warm", "direct", "calm"], 1, 1)[0]),
                "site": maybe(rng, pick(rng, ["Leeds", "York", "Bath"], 1, 1)[0]),
                "preferred_site": maybe(rng, [
                    (s, None, float(rng.choice([0.0, 0.5, 1.0])))
                    for s in pick(rng, ["Leeds", "York", "Bath"], 0, 3)], 0.4),
                "availability": maybe(rng, (
                    maybe(rng, ZONES[int(rng.integers(len(ZONES)))], 0.1),
                    set(range(start, start + int(rng.integers(1, 70)))))),
                "seniority": maybe(rng, GRADES[int(rng.integers(5))]),
                "experience": maybe(rng, float(rng.integers(0, 30)) / 2),
                "importance_goals": maybe(rng, float(rng.integers(0, 4)), 0.5),
                "importance_interests": maybe(rng, float(rng.integers(0, 4)), 0.5),
                "preferred": maybe(rng, pick(rng, near, 0, min(3, others)), 0.5),
                "avoid": maybe(rng, pick(rng, near, 0, min(1, others)), 0.7),
                "previous": maybe(rng, pick(rng, near, 0, min(1, others)), 0.7),
                "only_preferred": maybe(rng, float(rng.random() < 0.2), 0.5),
                "supervisor_id": maybe(rng, f"boss{int(rng.integers(4))}", 0.4),
                "style_scores": maybe(rng, [float(x) for x in rng.integers(1, 6, 4)]),
            })  # fmt: skip
        sides.append(people)
    return sides[0], sides[1]


# the oracle: one pair at a time, in words --------------------------------------------------


def covers(mentee, mentor, needs="goals", by="skills", now="skills"):
    if mentee.get(needs) is None or mentor.get(by) is None:
        return math.nan
    present = {}
    for label, level, _ in mentee.get(now) or () if now != needs else ():
        if level is not None:
            present[label] = max(level, present.get(label, -math.inf))
    offers = {}
    for label, level, _ in mentor[by]:
        offers[label] = max(math.inf if level is None else level, offers.get(label, -math.inf))
    covered = whole = 0.0
    largest = max((p for _, goal, p in mentee[needs] if p > 0), default=1)
    for label, goal, priority in mentee[needs]:
        have = present.get(label, 0)
        if goal is not None and have >= goal:
            continue
        weight = round(60 * priority / largest)
        whole += weight
        if label not in offers:
            continue
        if goal is None or offers[label] >= goal:
            covered += weight
        elif offers[label] > have:
            covered += weight * (offers[label] - have) / (goal - have)
    return covered / whole if whole else math.nan


def overlap(mentee, mentor, column="interests"):
    if mentee.get(column) is None or mentor.get(column) is None:
        return math.nan
    a, b = ({x[0] for x in p[column]} for p in (mentee, mentor))
    return len(a & b) / len(a | b) if a | b else math.nan


def same(mentee, mentor, column="communication_style"):
    if mentee.get(column) is None or mentor.get(column) is None:
        return math.nan
    return float(mentee[column] == mentor[column])


def shared_hours(mentee, mentor, usual=None, weeks=WEEKS):
    if mentee.get("availability") is None or mentor.get("availability") is None:
        return math.nan
    fewest = math.inf
    for monday in weeks:
        moment = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
        count = 0
        for _ in range(672):
            count += all(_can(p["availability"], moment, usual) for p in (mentee, mentor))
            moment += timedelta(minutes=15)
        fewest = min(fewest, count / 4)
    return fewest


def _can(availability, moment, usual):
    zone, slots = availability
    local = moment.astimezone(ZoneInfo(zone or usual or "UTC"))
    return (local.weekday() * 24 * 60 + local.hour * 60 + local.minute) // 15 in slots


def closeness(mentee, mentor, column, ideal, tolerance):
    if mentee.get(column) is None or mentor.get(column) is None:
        return math.nan
    a, b = mentee[column], mentor[column]
    if column == "seniority":
        a, b = GRADES.index(a), GRADES.index(b)
    return max(0.0, 1 - abs(b - a - ideal) / tolerance)


def wishes(mentee, mentor):
    sides = []
    for person, other in ((mentee, mentor), (mentor, mentee)):
        named = person.get("preferred") or []
        rank = named.index(other["id"]) + 1 if other["id"] in named else math.inf
        sides.append(0.0 if rank == math.inf else (2 + 1 / rank) / 3)
    less, more = sorted(sides)
    return (4 * more + less) / 5


def wishes_about(mentee, mentor, of="site"):
    if mentee.get(f"preferred_{of}") and mentor.get(of) is None:
        return math.nan
    sides = []
    for person, other in ((mentee, mentor), (mentor, mentee)):
        welcome = {x[0]: x[2] for x in person.get(f"preferred_{of}") or ()}
        sides.append(welcome.get(other.get(of), 0.0))
    less, more = sorted(sides)
    return (4 * more + less) / 5


def gower(mentee, mentor, low=1, high=5):
    a, b = mentee.get("style_scores"), mentor.get("style_scores")
    if a is None or b is None:
        return math.nan
    return 1 - sum(abs(x - y) for x, y in zip(a, b, strict=True)) / len(a) / (high - low)


def cosine(mentee, mentor):
    a, b = mentee.get("style_scores"), mentor.get("style_scores")
    if a is None or b is None:
        return math.nan
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return (1 + dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))) / 2


def usual_zone(mentees, mentors):
    zones = [p["availability"][0] for p in (*mentees, *mentors) if p.get("availability")]
    counts = {z: zones.count(z) for z in zones if z}
    return min(counts, key=lambda z: (-counts[z], z)) if counts else None


def matrix(function, mentees, mentors, *args, **kwargs):
    return np.array(
        [[function(a, b, *args, **kwargs) for b in mentors] for a in mentees], dtype=float
    ).reshape(len(mentees), len(mentors))
