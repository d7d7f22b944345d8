"""Today's scores from yesterday's: the same criteria and rules, only new people scored anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mentormatch.errors import MentormatchError, ParameterError
from mentormatch.rosters.columns import IntArray, label_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Precomputed
from mentormatch.scoring.rules import Forbid, Lock, Rule
from mentormatch.scoring.scores import HandedIn, Scores, score


def rescored(
    scores: Scores,
    mentees: Profiles | None,
    mentors: Profiles | None,
    *,
    extra_rules: Sequence[Rule] = (),
) -> Scores:
    """Score today's rosters with yesterday's criteria and rules.

    Locks and forbidden pairs of people who left are dropped.

    Raises
    ------
    ParameterError
        If yesterday's scores were a matrix, which says nothing about today's rosters.
    """
    changed = mentees is not None or mentors is not None
    mentees = scores.mentees if mentees is None else mentees
    mentors = scores.mentors if mentors is None else mentors
    handed_in = any(isinstance(rule, HandedIn) for rule in scores.rules) or any(
        isinstance(criterion, Precomputed) for criterion in scores.criteria
    )
    if handed_in and (changed or extra_rules):
        raise ParameterError(
            "The earlier scores were handed in as a matrix, so new rosters cannot be scored the "
            "same way. Hand in today's with rematch(matching, scores=Scores.from_matrix(...))."
        )
    if not changed and not extra_rules:
        return scores
    rules = [*_still_here(scores.rules, mentees, mentors), *extra_rules]
    return score(mentees, mentors, criteria=scores.criteria, rules=rules, prior=scores.prior)


def _still_here(rules: Sequence[Rule], mentees: Profiles, mentors: Profiles) -> list[Rule]:
    kept: list[Rule] = []
    for rule in rules:
        if not isinstance(rule, (Lock, Forbid)):
            kept.append(rule)
            continue
        pairs = [
            (str(a), str(b))
            for a, b in rule.pairs
            if _known(mentees, str(a)) and _known(mentors, str(b))
        ]
        if pairs:
            kept.append(type(rule)(pairs, reason=rule.reason))
    return kept


def _known(profiles: Profiles, person: str) -> bool:
    try:
        profiles.position(person)
    except MentormatchError:
        return False
    return True


def positions_of(people: Profiles, today: Profiles) -> IntArray:
    """Return int64 (n,): today's position of each earlier person (id, else e-mail), -1 if gone."""
    by_id = {person: position for position, person in enumerate(today.ids)}
    found = np.array([by_id.get(person, -1) for person in people.ids], dtype=np.int64)
    missing = np.flatnonzero(found < 0)
    if len(missing):
        by_mail = {label_key(mail): p for p, mail in enumerate(today.emails) if mail}
        for position in missing:
            mail = people.emails[int(position)]
            found[position] = by_mail.get(label_key(mail), -1) if mail else -1
    return found


__all__ = ["positions_of", "rescored"]
