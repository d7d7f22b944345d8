"""What a matching leaves open, prepared once: the prices that prove it, and how pairs are read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ParameterError, Status
from mentormatch.insight.reallocation import Reallocations
from mentormatch.insight.reallocation_by_rows import ByRows
from mentormatch.matching.lowering import Lowered, lower
from mentormatch.matching.matching import Matching
from mentormatch.matching.solving import price_parts
from mentormatch.scoring.neutral import SEAT
from mentormatch.solvers.fold import Fold
from mentormatch.solvers.smallest_prices import smallest_prices, surpluses

__all__ = ["by_score_alone", "check_proven", "reallocations"]

Ints = npt.NDArray[np.int64]


def _proved(lowered: Lowered, matching: Matching, mentor_of: Ints) -> tuple[Ints, Ints]:
    """Return prices that prove the matching, the smallest, and what each mentee has at them."""
    program, m = lowered.program, len(matching.mentor_price)
    assert lowered.fold is not None
    parts = price_parts(matching) if matching.priced or program.source is not None else ()
    if program.source is not None:
        price = lowered.fold.joined(parts)
        return price, _surplus(lowered, mentor_of, price)
    seated = np.where(mentor_of < m, mentor_of, -1)
    asked = lowered.value, program.capacity, program.min_load, lowered.bonus, seated
    if parts:
        price = lowered.fold.joined(parts)
        surplus = surpluses(*asked, price)
        if surplus is not None:
            return price, surplus
    found = smallest_prices(*asked)
    assert found is not None, "the matching is not optimal"
    surplus = surpluses(*asked, found)
    assert surplus is not None
    return found, surplus


def _surplus(lowered: Lowered, mentor_of: Ints, price: Ints) -> Ints:
    """Return what mentees have at prices that the solve compared with all pairs, as integers."""
    rows = np.flatnonzero((mentor_of >= 0) & (mentor_of < price.size))
    surplus = np.zeros(mentor_of.size, dtype=np.int64)
    worth = lowered.worths_at(rows, mentor_of[rows]).astype(np.int64)
    surplus[rows] = worth + lowered.bonus[rows] - price[mentor_of[rows]]
    assert (surplus >= 0).all(), "the matching is not optimal"
    return surplus


def build(lowered: Lowered, matching: Matching) -> Reallocations:
    """Return what an optimal matching of a lowered problem leaves open.

    Time O(n m) where there is a matrix, else O(n).
    """
    m = len(lowered.program.capacity)
    mentor_of = np.where(matching.assignment < 0, m, matching.assignment).astype(np.int64)
    if len(lowered.locks):
        mentor_of[lowered.locks[:, 0]] = -1
    load = np.bincount(mentor_of[(mentor_of >= 0) & (mentor_of < m)], minlength=m)
    price, surplus = _proved(lowered, matching, mentor_of)
    kind = Reallocations if lowered.program.source is None else ByRows
    return kind(
        lowered, mentor_of, load.astype(np.int64), np.append(price, 0).astype(np.int64), surplus
    )


def reallocations(matching: Matching, asked_by: str) -> Reallocations | None:
    """Return what a matching leaves open, prepared once; None if its problem has more to it.

    Chains of moves tell the whole story where everything is one flow and everybody has one mentor.

    Raises
    ------
    ParameterError
        If it is a stable matching, or one flow that is not proven optimal.
    """
    check_proven(matching, asked_by)
    return matching.once("reallocations", lambda: _prepared(matching, asked_by))


def _prepared(matching: Matching, asked_by: str) -> Reallocations | None:
    lowered = lower(matching.problem)
    plain = lowered.plain and all(getattr(stage, "kept", None) is None for stage in lowered.stages)
    if plain and (matching.gap != 0 or matching.status is not Status.OPTIMAL):
        again = "solve it again without a time limit"
        if matching.status is Status.GIVEN:
            again = "solve(matching.problem) gives one that is"
        raise ParameterError(
            f"The 'matching' parameter of {asked_by} must be proven optimal. This one is not "
            f"({matching.status.sentence}; gap {matching.gap:.2%}): {again}."
        )
    return build(lowered, matching) if plain else None


def check_proven(matching: Matching, asked_by: str) -> None:
    """Refuse a matching that no objective decided: what it would cost to change has no meaning."""
    if matching.status == Status.STABLE:
        raise ParameterError(
            f"The 'matching' parameter of {asked_by} must come from solve: this one is "
            f"{Status.STABLE.sentence}, and was not chosen for an objective."
        )


def by_score_alone(open_: Reallocations, matching: Matching) -> Reallocations:
    """Return what the matching that decides who has a seat by score leaves open.

    Of scores without locks, and a problem without constraints.
    """
    scores, lowered = matching.problem.scores, open_.lowered
    best, m = scores._best_by_score, len(scores.mentors)
    bonus = np.full(len(scores.mentees), SEAT, dtype=np.int64)
    alone = replace(lowered, steps=())
    alone.__dict__["fold"] = Fold(None, bonus, (), source=lowered.program.source)
    mentor_of = np.where(best.mentor_of < 0, m, best.mentor_of).astype(np.int64)
    load = np.bincount(mentor_of[mentor_of < m], minlength=m).astype(np.int64)
    price = best.mentor_price
    if lowered.program.source is None:
        seated = best.mentor_of.astype(np.int64)
        seats = lowered.program.capacity, lowered.program.min_load
        surplus = surpluses(alone.value, *seats, bonus, seated, price)
        assert surplus is not None
    else:
        surplus = _surplus(alone, mentor_of, price)
    return type(open_)(alone, mentor_of, load, np.append(price, 0).astype(np.int64), surplus)
