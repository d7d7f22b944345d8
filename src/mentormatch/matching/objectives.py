"""What a matching is to achieve, as small immutable objects in lexicographic order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Objective:
    """Base of all objectives."""


@dataclass(frozen=True)
class MaximizeMatched(Objective):
    """Match as many mentees as possible; among equals, those with the highest priorities.

    Parameters
    ----------
    priority
        Who goes first where not everybody can be matched: a column of numbers on the mentee
        roster, or a mapping from mentee id to a whole number from 0 to 1000; people not named
        have 0. Never lowers the number of matched mentees.
    """

    priority: str | Mapping[str, int] | None = None


@dataclass(frozen=True)
class MaximizeTotal(Objective):
    """Maximise the sum of the scores of the matched pairs (score units)."""
