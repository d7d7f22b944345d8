"""Which past pairs have an outcome: surveys joined to matchings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mentormatch.errors import ParameterError, check_parameter, did_you_mean, listed
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.rounds import Pairs
from mentormatch.outcomes.surveys import Survey, values
from mentormatch.rosters.columns import FloatArray

__all__ = ["Outcomes", "outcomes_of"]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The answered pairs of one matching.

    Attributes
    ----------
    pairs : Pairs
        Mentees with an answer, with their first mentors; without locked pairs.
    values : float64 (pairs,)
        In points of the scale.
    asked : int
        Mentees with a mentor, without locked pairs.
    locked : int
        Locked pairs with an answer, which are left out.
    wave : str
    """

    pairs: Pairs
    values: FloatArray
    asked: int
    locked: int
    wave: str


def outcomes_of(
    matchings: Sequence[Matching],
    survey: Survey | Sequence[Survey],
    scale: str,
    wave: str | Sequence[str] | None,
) -> tuple[Outcomes, ...]:
    """Return the answered pairs of each matching.

    Raises
    ------
    ParameterError
        If surveys or waves are not one per matching, a wave is anonymous or unknown, nobody who
        answered is on a roster, or it is not said to which of several matchings answers belong.
    """
    surveys = _each(survey, Survey, matchings, "survey")
    waves = _each(wave, str, matchings, "wave") if wave is not None else [None] * len(matchings)
    chosen = [_wave(one, scale, which) for one, which in zip(surveys, waves, strict=True)]
    _check_apart(matchings, surveys, chosen)
    found = tuple(
        _joined(matching, one, scale, which)
        for matching, one, which in zip(matchings, surveys, chosen, strict=True)
    )
    if not any(len(one.pairs) or one.locked for one in found):
        raise ParameterError(
            f"The 'survey' parameter of learn_weights has answers to {scale!r} in "
            f"{listed(chosen)}, but of nobody who had a mentor in these matchings. "
            "Check that the ids are the same."
        )
    return found


def _each(given: object, kind: type, matchings: Sequence[Matching], name: str) -> list[object]:
    if isinstance(given, kind):
        return [given] * len(matchings)
    several: list[object] = list(given)  # type: ignore[call-overload]
    for one in several:
        check_parameter(
            isinstance(one, kind), name, "learn_weights", f"{kind.__name__} or several of them", one
        )
    if len(several) != len(matchings):
        raise ParameterError(
            f"The {name!r} parameter of learn_weights must be one for all, or one for each of the "
            f"{len(matchings)} matchings. Got {len(several)}."
        )
    return several


def _wave(survey: object, scale: str, wave: object) -> str:
    assert isinstance(survey, Survey)
    survey.scale(scale)
    answers = survey.answers
    there = answers[(answers["scale"] == scale) & (answers["role"] == "mentee")]["wave"]
    known = [one for one in survey.waves if one in set(there)]
    named = [one for one in known if one not in survey.anonymous]
    if not known:
        raise ParameterError(
            f"The 'survey' parameter of learn_weights has no answer of a mentee to {scale!r}."
        )
    if wave is None and named:
        return named[-1]
    if wave is None or wave in survey.anonymous:
        raise ParameterError(
            f"The 'wave' parameter of learn_weights needs answers with ids: nobody knows to which "
            f"pairs the anonymous answers to {scale!r} belong. Waves: {listed(survey.waves)}."
        )
    if wave not in known:
        raise ParameterError(
            f"The 'wave' parameter of learn_weights must be one in which mentees answered "
            f"{scale!r}. Got {wave!r}. {did_you_mean(str(wave), known)}"
        )
    return str(wave)


def _check_apart(
    matchings: Sequence[Matching], surveys: Sequence[object], waves: Sequence[str]
) -> None:
    """Refuse answers that could belong to several of the matchings."""
    seen: dict[tuple[int, str], set[str]] = {}
    twice: set[str] = set()
    for matching, survey, wave in zip(matchings, surveys, waves, strict=True):
        ids = matching.problem.scores.mentees.ids
        paired = {ids[i] for i in np.flatnonzero(matching.assignment >= 0).tolist()}
        earlier = seen.setdefault((id(survey), wave), set())
        twice |= earlier & paired
        earlier |= paired
    if twice:
        raise ParameterError(
            f"To which matching do the answers of {listed(sorted(twice))} belong? They had a "
            "mentor in several of them. Give learn_weights one survey, or one wave, for each "
            "matching."
        )


def _joined(matching: Matching, survey: object, scale: str, wave: str) -> Outcomes:
    assert isinstance(survey, Survey)
    scores = matching.problem.scores
    value_of = values(survey, scale, wave).to_dict()
    rows = np.flatnonzero(matching.assignment >= 0)
    every = Pairs(rows, matching.assignment[rows])
    outcome = np.array(
        [value_of.get(scores.mentees.ids[i], np.nan) for i in rows.tolist()], dtype=np.float64
    )
    locked = {tuple(pair) for pair in scores.locks.tolist()}
    free = np.array(
        [pair not in locked for pair in zip(rows.tolist(), every.cols.tolist(), strict=True)],
        dtype=bool,
    )
    there = ~np.isnan(outcome)
    return Outcomes(
        every.take(free & there), outcome[free & there], int(free.sum()),
        int((~free & there).sum()), wave,
    )  # fmt: skip
