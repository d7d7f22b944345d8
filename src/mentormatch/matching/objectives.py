"""What a matching is to achieve, as small immutable objects in lexicographic order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mentormatch.errors import check_parameter


@dataclass(frozen=True)
class Objective:
    """Base of all objectives."""


@dataclass(frozen=True)
class MaximizeMatched(Objective):
    """Match as many mentees as possible; among equals, those with the highest priorities.

    Where mentees may have several mentors (`Demand`), everybody's first mentor comes before
    anybody's second.

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


@dataclass(frozen=True)
class MaximizeMinimum(Objective):
    """Maximise the worst mentee's score (the bottleneck).

    After `MaximizeMatched`, the worst is taken over the matched mentees; otherwise over all
    mentees, the unmatched at 0. With several mentors each, a mentee's score is the sum over
    hers.
    """


@dataclass(frozen=True)
class Leximin(Objective):
    """Maximise the worst, then the second worst, and so on.

    Parameters
    ----------
    over
        "mentees": their scores, over the matched ones after `MaximizeMatched`, else over all with
        the unmatched at 0. "mentors": the sum of the scores each takes part in. Otherwise a
        column of the mentee roster: the mean score per group, the unmatched at 0.
    smallest
        Groups of fewer people are left out.
    """

    over: str = "mentees"
    smallest: int = 5


@dataclass(frozen=True)
class MaximizeWorstGroup(Objective):
    """Maximise the mean score of the worst-off group, the unmatched at 0.

    Parameters
    ----------
    by
        Column of the mentee roster; people without an answer are a group of their own.
    smallest
        Groups of fewer people are left out.
    """

    by: str
    smallest: int = 5

    def __post_init__(self) -> None:
        check_parameter(
            self.smallest >= 1, "smallest", "MaximizeWorstGroup", "at least 1", self.smallest
        )


@dataclass(frozen=True)
class BalanceLoad(Objective):
    """Spread the mentees evenly: minimise the sum of squared loads of the mentors.

    Comes after `MaximizeMatched`; alone it would match nobody.
    """


@dataclass(frozen=True)
class MinimizeChanges(Objective):
    """Keep as many pairs of an earlier matching as possible.

    Parameters
    ----------
    previous
        A `Matching`, or (mentee id, mentor id) pairs. People who have left are passed over.
    """

    previous: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "previous", _pairs_of(self.previous))


def _pairs_of(previous: Any) -> tuple[tuple[str, str], ...]:
    if hasattr(previous, "problem") and hasattr(previous, "pairs"):
        scores = previous.problem.scores
        rows, columns = previous.pairs
        mentees, mentors = scores.mentees.ids, scores.mentors.ids
        return tuple((mentees[i], mentors[j]) for i, j in zip(rows, columns, strict=True))
    items = previous.items() if isinstance(previous, Mapping) else previous
    pairs = tuple(tuple(str(person) for person in pair) for pair in items)
    check_parameter(
        all(len(pair) == 2 for pair in pairs),
        "previous",
        "MinimizeChanges",
        "a Matching or (mentee, mentor) pairs",
        previous,
    )
    return pairs  # type: ignore[return-value]
