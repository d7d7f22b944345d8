"""What the answers to one scale say: numbers, before any word is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal, TypeAlias

import numpy as np

from mentormatch.outcomes.asked import Asked, least_alpha
from mentormatch.outcomes.bounds import Bounds, bounds_of_change, bounds_of_level
from mentormatch.outcomes.clustered import Estimate
from mentormatch.outcomes.comparing import (
    NONE,
    Compared,
    change_of,
    compare_changes,
    effect_of,
)
from mentormatch.outcomes.lottery import Lottery
from mentormatch.outcomes.scales import Scale
from mentormatch.outcomes.surveys import Survey, values
from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray

__all__ = ["FEWEST_TOLD", "LEVELS", "DrawnSeats", "Level", "ScaleOutcome", "outcome_of"]

Level: TypeAlias = Literal["description", "change", "comparison", "effect"]
LEVELS: tuple[Level, ...] = ("description", "change", "comparison", "effect")
"""From the weakest to the strongest word."""
FEWEST_TOLD = 5
"""Fewest people whose mean is told."""


@dataclass(frozen=True)
class DrawnSeats:
    """Seats that were drawn by lot, and the effect of one.

    real : people with a real chance both ways;  with_, without : who of them answered.
    asked_with, asked_without : how many of them drew a seat, and how many did not.
    shared : mentors of those with a seat;  adjusted : whether for the answers before.
    as_drawn : whether everybody who drew a seat, and nobody else, had a mentor.
    """

    real: int
    asked_with: int
    asked_without: int
    with_: int
    without: int
    shared: int
    effect: Estimate
    adjusted: bool
    as_drawn: bool


@dataclass(frozen=True, eq=False)
class ScaleOutcome:
    """What is known of one scale.

    waves : the wave, or the first and the last, that it was answered in.
    anonymous, retrospective : those of them.
    asked : people who take part;  answered : in all of these waves;  shared : mentors of these.
    once : how many answered in one of two waves only.
    before, after : means of those who answered both times;  change : of these.
    level : mean in the only (or last) wave, where there is no change;  counts, means : by wave.
    bounds : of the change, or of that mean; None where too few answered to be told.
    alpha : lowest of the waves;  top : by wave, the share of answers at the top of the scale.
    asked_without : people without a mentor who were compared.
    """

    scale: Scale
    waves: tuple[str, ...]
    anonymous: tuple[str, ...]
    retrospective: tuple[str, ...]
    asked: int
    answered: int
    shared: int
    once: int
    before: float
    after: float
    change: Estimate
    mean: Estimate
    counts: tuple[int, ...]
    means: tuple[float, ...]
    bounds: Bounds | None
    alpha: float
    top: tuple[float, ...]
    asked_without: int = 0
    compared: Compared | None = None
    drawn: DrawnSeats | None = None

    @property
    def level(self) -> Level:
        """The strongest word that is allowed."""
        if self.drawn is not None and self.drawn.effect.known:
            return "effect"
        if self.compared is not None and self.compared.known and not self.compared.doubts:
            return "comparison"
        return "change" if self.change.known else "description"

    @property
    def has_change(self) -> bool:
        """Whether everybody's two answers belong together, enough or not."""
        return len(self.waves) == 2 and not self.anonymous

    @property
    def shown(self) -> Estimate:
        """What is told of those who take part: the change if it may be, else the last mean."""
        return self.change if self.change.known else self.mean


def outcome_of(
    survey: Survey,
    scale: Scale,
    waves: Sequence[str],
    asked: Asked,
    *,
    compare: bool = False,
    lottery: Lottery | None = None,
) -> tuple[ScaleOutcome, FloatArray]:
    """Return what is known of one scale, and each person's value that its groups are compared by.

    The values are changes where a change may be told, else the answers in the last wave.
    """
    anonymous = tuple(wave for wave in waves if wave in survey.anonymous)
    empty = np.full(len(asked.matched), np.nan)
    heard = [empty if wave in anonymous else asked.heard(survey, scale.name, wave)
             for wave in waves]  # fmt: skip
    plain = [
        _plain(survey, scale.name, wave, asked)
        if wave in anonymous
        else answers[asked.matched & ~np.isnan(answers)]
        for wave, answers in zip(waves, heard, strict=True)
    ]
    first, last = (heard[0], heard[-1]) if heard else (empty, empty)
    two = len(waves) == 2 and not anonymous
    difference = last - first if two else empty
    change = change_of(difference, asked.matched, asked.cluster) if two else NONE
    counted = asked.matched & ~np.isnan(difference if two else last)
    answered = int(counted.sum())
    if anonymous and plain:
        answered = len(plain[-1])
    both = counted if two else np.zeros_like(counted)
    level = NONE
    if not change.known and waves and waves[-1] not in anonymous:
        level = change_of(last, asked.matched, asked.cluster)
    used = difference if change.known else last
    found = ScaleOutcome(
        scale=scale,
        waves=tuple(waves),
        anonymous=anonymous,
        retrospective=tuple(wave for wave in waves[:1] if two and wave in survey.retrospective),
        asked=int(asked.matched.sum()),
        answered=answered,
        shared=0 if anonymous else asked.shared_by(counted),
        once=_once(first, last, asked.matched) if two else 0,
        before=_mean(first[both]),
        after=_mean(last[both]),
        change=change,
        mean=level,
        counts=tuple(len(answers) for answers in plain),
        means=tuple(_mean(answers) for answers in plain),
        bounds=_bounds(first, last, asked.matched, scale, change.known, bool(anonymous)),
        alpha=least_alpha(survey, scale.name, asked.role, waves),
        top=tuple(_top(answers, scale) for answers in plain),
        asked_without=int(asked.compared.sum()),
        compared=compare_changes(first, last, asked.matched, asked.compared, asked.cluster)
        if compare and two else None,
        drawn=None if lottery is None or not waves or waves[-1] in anonymous
        else _drawn(first if two else None, last, asked, lottery),
    )  # fmt: skip
    return found, used


def _drawn(
    before: FloatArray | None, after: FloatArray, asked: Asked, lottery: Lottery
) -> DrawnSeats:
    ids = lottery.matching.problem.scores.mentees.ids
    chosen = np.flatnonzero(lottery.real)
    at = np.array([asked.place(ids[i]) for i in chosen], dtype=np.int64)
    seat, chance = lottery.drawn[chosen], lottery.chance[chosen]
    known = ~np.isnan(after[at])
    if before is not None:
        known &= ~np.isnan(before[at])
    there = at[known]
    return DrawnSeats(
        real=len(chosen),
        asked_with=int(seat.sum()),
        asked_without=int((~seat).sum()),
        with_=int(seat[known].sum()),
        without=int((~seat[known]).sum()),
        shared=asked.shared_by(_mask(there[seat[known]], len(after))),
        effect=effect_of(
            None if before is None else before[there], after[there], seat[known], chance[known],
            asked.cluster[there],
        ),
        adjusted=before is not None,
        as_drawn=bool((asked.matched[at] == seat).all()),
    )  # fmt: skip


def _plain(survey: Survey, scale: str, wave: str, asked: Asked) -> FloatArray:
    """Return the answers of an anonymous wave, whosever they are."""
    found = values(survey, scale, wave, asked.role)
    return np.asarray(found.to_numpy(), dtype=np.float64)


def _mask(places: IntArray, size: int) -> BoolArray:
    mask = np.zeros(size, dtype=bool)
    mask[places] = True
    return mask


def _once(first: FloatArray, last: FloatArray, inside: BoolArray) -> int:
    return int((inside & (np.isnan(first) != np.isnan(last))).sum())


def _bounds(
    first: FloatArray,
    last: FloatArray,
    inside: BoolArray,
    scale: Scale,
    change: bool,
    anonymous: bool,
) -> Bounds | None:
    """Return the bounds of what is told, None where it would tell of few people."""
    if anonymous:
        return None
    before, after = first[inside], last[inside]
    if not change:
        found = bounds_of_level(after, scale.low, scale.high)
        return found if found.answered >= FEWEST_TOLD else None
    once = np.isnan(before) != np.isnan(after)
    if once.sum() < FEWEST_TOLD:  # a subtraction would tell what these few answered
        before, after = (np.where(once, np.nan, wave) for wave in (before, after))
    return bounds_of_change(before, after, scale.low, scale.high)


def _mean(answers: FloatArray) -> float:
    return float(answers.mean()) if len(answers) >= FEWEST_TOLD else nan


def _top(answers: FloatArray, scale: Scale) -> float:
    return float((answers >= scale.high - 1e-9).mean()) if len(answers) >= FEWEST_TOLD else nan
