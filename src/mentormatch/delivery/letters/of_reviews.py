"""Letters before the next review of goals: to both of every pair, with the goals and a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from mentormatch.delivery.letters.checkins import meeting_frame, pairs_of
from mentormatch.delivery.letters.drafts import Draft
from mentormatch.delivery.letters.facts import Partner, Topic, person_of
from mentormatch.delivery.letters.of_forms import Spoken, Times
from mentormatch.outcomes.goal_review import GoalReview
from mentormatch.rosters.profiles import Role

__all__ = ["SERIES", "next_reviews", "review_drafts"]

SERIES = "goal review"
"""What tells these meetings from check-ins, in frames of meetings."""


def review_drafts(review: GoalReview, spoken: Spoken) -> Iterator[Draft]:
    """Yield what each letter is about, mentees first.

    Nobody is told a chance, a pace or a state: goals, the last level and the target only.
    """
    facts = spoken.facts
    goals = _goals_of(review)
    met: dict[tuple[Role, int], list[tuple[int, int]]] = {}
    for i, j in pairs_of(review.matching):
        met.setdefault(("mentee", i), []).append((i, j))
        met.setdefault(("mentor", j), []).append((i, j))
    roles: tuple[Role, Role] = ("mentee", "mentor")
    for role in roles:
        people = facts.side(role)
        for at, person in enumerate(people.ids):
            partners: list[Partner] = []
            for i, j in met.get((role, at), ()):
                meeting = spoken.times.get((i, j))
                when = "" if meeting is None else spoken.words_for(person).when(meeting, role)
                one = facts.partner(role, i, j, new=True, meeting=meeting, when=when)
                topics = goals.get(facts.mentees.ids[i], ())
                partners.append(replace(one, topics=topics))
            if partners:
                you = person_of(people, at, facts.greet)
                yield Draft(you, role, "review", partners, "review")


def _goals_of(review: GoalReview) -> dict[str, tuple[Topic, ...]]:
    """Return mentee -> current goals, as topics with the last level and the target."""
    current = review.goals[review.goals["current"]]
    return {
        str(mentee): tuple(
            Topic(str(goal), f"{level:g}", f"{target:g}")
            for goal, level, target in zip(rows["goal"], rows["level"], rows["target"], strict=True)
        )
        for mentee, rows in current.groupby("mentee", sort=False)
    }


def next_reviews(review: GoalReview, times: Times) -> pd.DataFrame:
    """Return the next review of every pair, in the columns of `check_ins` and `series`."""
    plans = {pair: [(times.get(pair), "")] for pair in pairs_of(review.matching)}
    frame = meeting_frame(review.matching, plans)
    return frame.assign(meeting=review.due + 1, series=SERIES)
