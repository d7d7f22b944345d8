"""Wishes for people as an objective: as many granted as possible, then the better ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mentormatch.errors import check_parameter
from mentormatch.matching.case import Case, Step
from mentormatch.matching.objectives import Objective
from mentormatch.rosters.columns import BoolArray, IntArray
from mentormatch.scoring.wishes import SIDES
from mentormatch.solvers import stages

__all__ = ["MaximizeWishes"]


@dataclass(frozen=True, repr=False)
class MaximizeWishes(Objective):
    """Grant as many wishes for people as possible; among equals, those that are worth most.

    Parameters
    ----------
    of
        "mentees": pairs in which the mentee named the mentor are counted; "mentors": the other
        way round; "mutual": pairs in which both did.

    Notes
    -----
    Wishes are the column `preferred` of either roster. What a pair is worth, by both people's
    ranks, is what `Preference` makes of it, in thousandths.
    """

    of: str = "mentees"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parameter(
            self.of in SIDES, "of", "MaximizeWishes", f"one of {', '.join(SIDES)}", self.of
        )

    @property
    def is_flow(self) -> bool:
        return True

    def steps(self, case: Case, matched: bool) -> list[Step]:
        """First how many, then how well, by the wishes of both sides."""
        named, (rows, columns) = case.wished("MaximizeWishes()")
        open_ = case.unlocked((rows, columns))
        name, worth = type(self).__name__, named.thousandths

        def kept(chosen: BoolArray, worth: IntArray | None = None) -> stages.Kept:
            free, held = chosen & open_, chosen & ~open_
            pairs = rows[free], columns[free]
            if worth is None:
                return stages.Kept(pairs, int(held.sum()))
            return stages.Kept(pairs, int(worth[held].sum()), worth[free])

        granted, any_ = named.of(self.of), np.ones(len(rows), dtype=bool)
        return [
            Step(name, kept(granted), "wishes"),
            Step(name, kept(any_, worth), "rank of wishes", shown=False),
        ]
