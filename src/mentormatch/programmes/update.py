"""Today's scores from yesterday's: the same criteria and rules for the people who are here.

A matrix that was handed in loses rows and columns; whatever has criteria is scored anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mentormatch.errors import ParameterError, UnknownPersonError, listed
from mentormatch.programmes.crossing import UNKNOWN, Side
from mentormatch.programmes.joining import Joined, joining, with_more
from mentormatch.programmes.requests import filtered, remade
from mentormatch.rosters.columns import IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Criterion, Precomputed
from mentormatch.scoring.presets import Plan
from mentormatch.scoring.rules import Forbid, Lock, Rule
from mentormatch.scoring.scores import HandedIn, Scores, score


@dataclass(frozen=True, eq=False)
class News:
    """What changed about the people: rosters or scores of today, leavers, joiners."""

    mentees: Profiles | None = None
    mentors: Profiles | None = None
    scores: Scores | None = None
    left: Iterable[str] | Mapping[str, Iterable[str]] = ()
    joined: Joined = None


def scores_today(before: Scores, news: News) -> Scores:
    """Return the scores of the people who are here today.

    Parameters
    ----------
    before
        The earlier scores; n mentees, m mentors.
    news
        What changed.

    Raises
    ------
    ParameterError
        If scores and rosters are both given, if rosters or joiners are given to scores that were
        a matrix, or if joiners are here already.
    UnknownPersonError
        If somebody leaves whom neither the earlier rosters nor today's know; names all of them.
    """
    rosters = news.mentees is not None or news.mentors is not None
    more = joining(news.joined, before)
    if news.scores is not None and (rosters or more):
        raise ParameterError(
            "Give rematch either 'scores' or rosters of today ('mentees', 'mentors', 'joined'), "
            "not both: scores hold their rosters."
        )
    known = before if news.scores is None else news.scores
    today = [news.mentees or known.mentees, news.mentors or known.mentors]
    stay = _staying(before, today, news.left)
    if rosters or more:
        _refuse_matrix(before)
        mentees, mentors = (
            with_more(people.take(kept), more.get(people.role, []))
            for people, kept in zip(today, stay, strict=True)
        )
        rules = _still_here(before.rules, mentees, mentors)
        return again(before, mentees, mentors, before.criteria, rules)
    if all(len(kept) == len(people) for people, kept in zip(today, stay, strict=True)):
        return known
    return without(known, *stay)


def _refuse_matrix(scores: Scores) -> None:
    handed_in = any(isinstance(rule, HandedIn) for rule in scores.rules)
    if handed_in or any(isinstance(criterion, Precomputed) for criterion in scores.criteria):
        raise ParameterError(
            "The earlier scores were handed in as a matrix, so new rosters cannot be scored the "
            "same way. Hand in today's with rematch(matching, scores=Scores.from_matrix(...)); "
            "who only left goes into left=[...]."
        )


def _staying(before: Scores, today: Sequence[Profiles], left: Any) -> list[IntArray]:
    """Return today's positions of those who do not leave, of both rosters."""
    sides = [Side(before.mentees, today[0]), Side(before.mentors, today[1])]
    leaving: list[set[int]] = [set(), set()]
    unknown = []
    for person, roles in _references(left):
        chosen = [side for role, side in enumerate(sides) if role in roles]
        exact = [s for s in chosen if str(person) in s.now.ids or str(person) in s.then.ids]
        at = [(side, side.find(person)) for side in exact or chosen]
        if all(position == UNKNOWN for _, position in at):
            unknown.append(repr(str(person)))
        for side, position in at:
            if position >= 0:
                leaving[sides.index(side)].add(position)
    if unknown:
        raise UnknownPersonError(
            f"'left' names people who are on neither roster (by id, e-mail or unambiguous name): "
            f"{listed(dict.fromkeys(unknown))}.",
            people=dict.fromkeys(unknown), parameter="left",
        )  # fmt: skip
    return [
        np.array([p for p in range(len(people)) if p not in gone], dtype=np.int64)
        for people, gone in zip(today, leaving, strict=True)
    ]


def _references(left: Any) -> list[tuple[str, tuple[int, ...]]]:
    """Return (reference, rosters on which to look) of everybody who leaves."""
    if isinstance(left, str):
        left = [left]
    if not isinstance(left, Mapping):
        return [(str(person), (0, 1)) for person in left]
    wrong = sorted(set(left) - {"mentee", "mentor"})
    if wrong:
        raise ParameterError(
            "The 'left' parameter of rematch must be a list of people, or a dict of lists by role "
            f"('mentee', 'mentor'). Got {listed(map(repr, wrong))}."
        )
    return [
        (str(person), (role,))
        for role, name in enumerate(("mentee", "mentor"))
        for person in left.get(name, ())
    ]


def without(scores: Scores, rows: IntArray, columns: IntArray) -> Scores:
    """Return the scores of the people who stay.

    Parameters
    ----------
    scores
        n mentees, m mentors.
    rows, columns
        Positions of the mentees and mentors who stay.

    Notes
    -----
    A matrix loses rows and columns. Criteria are asked again, because some weigh an answer by how
    rare it is on the roster.
    """
    mentees, mentors = scores.mentees.take(rows), scores.mentors.take(columns)
    criteria = tuple(_cut(criterion, rows, columns) for criterion in scores.criteria)
    rules = _still_here(scores.rules, mentees, mentors)
    if not all(isinstance(criterion, Precomputed) for criterion in criteria):
        return again(scores, mentees, mentors, criteria, rules)
    points = scores.matrix("Leaving people out")[np.ix_(rows, columns)]
    neutral = None if scores.neutral is None else scores.neutral.take(rows)
    return remade(replace(scores, neutral=neutral), (mentees, mentors), criteria, rules, points)


def again(
    before: Scores,
    mentees: Profiles,
    mentors: Profiles,
    criteria: Sequence[Criterion],
    rules: Sequence[Rule],
) -> Scores:
    """Return scores made as before: by these rules alone, and by the levels there were."""
    return score(
        mentees, mentors, criteria=Plan(tuple(criteria), tuple(rules)), missing=before.missing,
        levels=before.levels, prior=before.prior,
    )  # fmt: skip


def _cut(criterion: Criterion, rows: IntArray, columns: IntArray) -> Criterion:
    if not isinstance(criterion, Precomputed) or hasattr(criterion.matrix, "loc"):
        return criterion  # a DataFrame finds its people by their labels
    return replace(criterion, matrix=np.asarray(criterion.matrix)[np.ix_(rows, columns)])


def _still_here(rules: Sequence[Rule], mentees: Profiles, mentors: Profiles) -> list[Rule]:
    """Return the rules without locks and forbidden pairs of people who are not here."""

    def here(pair: tuple[object, object]) -> bool:
        return mentees.place(pair[0]) >= 0 and mentors.place(pair[1]) >= 0

    return filtered(rules, (Lock, Forbid), here)


__all__ = ["News", "scores_today", "without"]
