"""evaluate: what surveys say of past pairs, with the strongest word that they allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter, did_you_mean
from mentormatch.journal import logged
from mentormatch.outcomes.asked import Asked, Programme, asked_of, waves_of
from mentormatch.outcomes.comparing import widened
from mentormatch.outcomes.evaluation import Evaluation
from mentormatch.outcomes.evaluation_groups import (
    attributes_of,
    group_rows,
    groups_frame,
    groups_in_words,
)
from mentormatch.outcomes.evaluation_tables import (
    bounds_frame,
    change_frame,
    comparison_frame,
    effect_frame,
)
from mentormatch.outcomes.evaluation_words import NO_EFFECT, Words, percent
from mentormatch.outcomes.lottery import Lottery
from mentormatch.outcomes.scale_outcome import LEVELS, ScaleOutcome, outcome_of
from mentormatch.outcomes.surveys import Survey

__all__ = ["evaluate"]


@logged(lambda made, _: f"evaluated {len(made.outcomes)} scales: {made.level}")
@typed
def evaluate(
    matching: Programme,
    survey: Survey,
    *,
    scale: str | Sequence[str] | None = None,
    role: str = "mentee",
    waves: Sequence[str] | None = None,
    comparison: str | Sequence[str] | Lottery | None = None,
    by: str | Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Evaluation:
    r"""Say what surveys tell of past pairs, with the strongest word that they allow.

    A *description* of what people said; a *change*, where the same people answered before and
    after; a *comparison* with people without a mentor, where two methods agree; an *effect*, where
    seats were drawn by lot. People who share a mentor, coach or group answer alike, so intervals
    are CR2 with Satterthwaite's degrees of freedom, clustered by them. What the silent could make
    of it is bounded.

    Parameters
    ----------
    matching
        The pairs, `Groups` or `Peers` that the survey is about.
    survey
        What people answered, from `read_survey`; persons by id, e-mail or unambiguous name.
    scale
        One scale or several; default all that the survey has. Where there are several, intervals
        are widened by Holm's rule so that they hold together.
    role
        "mentee" or "mentor": whose answers. The two are never mixed.
    waves
        Before and after, or one wave; default the first and the last in which a scale was answered.
    comparison
        With whom those with a mentor are compared: "unmatched", a list of ids of people without
        one (on the roster or not), or the `Lottery` that drew the seats.
    by
        Columns of the roster whose groups are told apart. Groups of which fewer than 5 answered
        are held back, and more where a subtraction would tell of them. Mentors are no groups.
    confidence
        Of all intervals of one kind together.

    Returns
    -------
    Evaluation
        Under 10 people or 5 mentors (coaches, groups) counts, and no interval.

    Raises
    ------
    ParameterError
        If a scale, wave or role is not there, somebody compared has a mentor, or `by` is the
        mentor.
    ColumnError
        If the roster lacks a column of `by`.

    Notes
    -----
    A change is of those who answered both times; the others are counted and bounded. Who has
    several mentors belongs to the first. Without lots two methods are shown: the difference of
    changes, and the difference afterwards at equal answers before. Where they have opposite signs,
    differ by more than a standard error, or starts lie more than half a standard deviation apart,
    nothing can be told. With lots, answers are weighted by the inverse of the chance [3]_, among
    those whose chance was from 0.1 to 0.9. Time O(people + answers).

    References
    ----------
    .. [1] Pustejovsky & Tipton (2018), Journal of Business & Economic Statistics 36(4), 672-683.
    .. [2] Manski (1990), American Economic Review 80(2), 319-323.
    .. [3] Abdulkadiroglu, Angrist, Narita & Pathak (2017), Econometrica 85(5), 1373-1432.

    Examples
    --------
    >>> evaluate(matching, before + after, scale="confidence").text    # doctest: +SKIP
    """
    check_parameter(0 < confidence < 1, "confidence", "evaluate", "in (0, 1)", confidence)
    check_parameter(role in ("mentee", "mentor"), "role", "evaluate", "'mentee' or 'mentor'", role)
    _check_waves(waves)
    scales = _scales(survey, scale)
    lottery = comparison if isinstance(comparison, Lottery) else None
    asked = _asked(matching, role, comparison)
    names = attributes_of(asked.people, by)
    compare = comparison is not None and lottery is None
    found = [
        outcome_of(
            survey, survey.scale(name), waves_of(survey, name, role, waves), asked,
            compare=compare, lottery=lottery,
        )
        for name in scales
    ]  # fmt: skip
    outcomes = [one for one, _ in found]
    of_change = widened([one.change.chance for one in outcomes], confidence)
    of_effect = widened(
        [_chance(one.drawn.effect if one.drawn else None) for one in outcomes], confidence
    )
    first = [_chance(one.compared.changes if one.compared else None) for one in outcomes]
    second = [_chance(one.compared.adjusted if one.compared else None) for one in outcomes]
    of_both = list(zip(widened(first, confidence), widened(second, confidence), strict=True))
    rows = [
        row for one, used in found for row in group_rows(one, used, asked, names, confidence)
    ]  # fmt: skip
    groups = groups_frame(rows)
    levels = {one.scale.name: one.level for one in outcomes}
    words = Words(asked, confidence)
    said = [
        words.of_scale(one, change, both, effect, lottery)
        for one, change, both, effect in zip(outcomes, of_change, of_both, of_effect, strict=True)
    ]
    return Evaluation(
        level=max(levels.values(), key=LEVELS.index, default="description"),
        levels=levels,
        change=change_frame(outcomes, of_change),
        effect=effect_frame(outcomes, of_effect),
        comparison=comparison_frame(outcomes, of_both),
        bounds=bounds_frame(outcomes),
        groups=groups,
        left_out=asked.strangers(survey, scales),
        role=role,
        confidence=confidence,
        outcomes=tuple(outcomes),
        said=(*_reversed(survey, scales), *said, *_closing(outcomes, confidence)),
        said_of_groups=groups_in_words(groups, confidence),
        matching=matching,
    )


def _reversed(survey: Survey, scales: Sequence[str]) -> list[str]:
    """Return what seems to be reversed in these scales: their figures would be wrong."""
    return [
        f"Beware: {told[0].lower()}{told[1:]}"
        for told in survey.directions
        if any(f"scale {name!r}" in told for name in scales)
    ]


def _closing(outcomes: Sequence[ScaleOutcome], confidence: float) -> list[str]:
    """Return what holds for all scales."""
    said = []
    if sum(one.change.known for one in outcomes) > 1:
        said.append(
            "Intervals of several scales are widened (Holm), so that with "
            f"{percent(confidence)} confidence none of them leaves out 0 where nothing changed."
        )
    if any(one.level in ("change", "comparison") for one in outcomes):
        said.append(NO_EFFECT)
    return said


def _chance(found: Any) -> float:
    return float("nan") if found is None else float(found.chance)


def _check_waves(waves: Sequence[str] | None) -> None:
    ok = waves is None or len(set(waves)) == len(list(waves)) in (1, 2)
    check_parameter(ok, "waves", "evaluate", "one wave, or before and after", waves)


def _scales(survey: Survey, given: str | Sequence[str] | None) -> list[str]:
    names = [one.name for one in survey.scales]
    if given is None:
        return names
    asked = list(dict.fromkeys([given] if isinstance(given, str) else given))
    check_parameter(bool(asked), "scale", "evaluate", "at least one scale", given)
    for name in asked:
        if name not in names:
            raise ParameterError(
                f"The 'scale' parameter of evaluate must name a scale of the survey. Got {name!r}. "
                f"{did_you_mean(str(name), names)}"
            )
    return asked


def _asked(
    matching: Programme, role: str, comparison: str | Sequence[str] | Lottery | None
) -> Asked:
    if isinstance(comparison, str) and comparison != "unmatched":
        raise ParameterError(
            "The 'comparison' parameter of evaluate must be 'unmatched', a list of ids, a Lottery "
            f"or None. Got {comparison!r}."
        )
    if not isinstance(comparison, Lottery):
        return asked_of(matching, role, comparison)
    if role != "mentee":
        raise ParameterError(
            "The 'comparison' parameter of evaluate must not be a Lottery for role='mentor': "
            "seats were drawn among mentees."
        )
    ids = comparison.matching.problem.scores.mentees.ids
    mine = asked_of(matching, role)
    places = [mine.place(person) for person in ids]
    others = [
        person for person, at in zip(ids, places, strict=True) if at < 0 or not mine.matched[at]
    ]
    return asked_of(matching, role, others) if others else mine
