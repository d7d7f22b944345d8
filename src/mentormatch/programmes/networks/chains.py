"""Chains of mentors of mentors, where people are mentee and mentor at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError
from mentormatch.matching.matching import Matching
from mentormatch.matching.no_mutual import own_seats

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["chains"]


@typed
def chains(matching: Matching) -> pd.DataFrame:
    """List the chains of mentors of mentors, longest first, and name the circles.

    A chain goes from a mentee whom nobody has as a mentor to her mentor, to the mentor's mentor,
    and so on; where people have several mentors, each way up is a chain of its own. A circle comes
    back to where it began.

    Parameters
    ----------
    matching
        Of rosters with people in both roles, such as ``score(people, people)``.

    Returns
    -------
    DataFrame
        One row per chain and per circle: `length` (pairs in it), `circle` (bool), `people` (ids,
        each followed by her mentor; a circle begins with the first of its ids), `text`.

    Raises
    ------
    ParameterError
        If nobody is on both rosters, or there are more than 100,000 chains.

    Notes
    -----
    A way up ends before it would come to somebody twice; the circle that it meets is listed once.
    """
    import pandas as pd

    scores = matching.problem.scores
    own = own_seats(scores)
    if not (own >= 0).any():
        raise ParameterError(
            "chains follows people who are mentee and mentor at once; nobody is on both rosters. "
            "Score one roster in both roles: score(people, people)."
        )
    n, ids = len(scores.mentees), scores.mentees.ids
    node = np.arange(n, n + len(scores.mentors))  # mentees by position, then other mentors
    node[own[own >= 0]] = np.flatnonzero(own >= 0)
    above: dict[int, list[int]] = {}
    for i, j in zip(*matching.pairs, strict=True):
        above.setdefault(int(i), []).append(int(node[j]))

    def called(one: int) -> str:
        return ids[one] if one < n else scores.mentors.ids[one - n]

    led = {mentor for mentors in above.values() for mentor in mentors}
    ways, circles = _ways_up(above, [one for one in above if one not in led])
    waiting = sorted(set(above) - {one for way in ways for one in way}, key=called)
    for start in waiting:  # in circles that no chain leads to
        circles |= _ways_up(above, [start])[1]
    found = [(False, [called(one) for one in way]) for way in ways]
    found += [(True, _from_first([called(one) for one in circle])) for circle in circles]
    unique = {(circle, tuple(people)) for circle, people in found}
    ordered = sorted(unique, key=lambda one: (-len(one[1]) + (not one[0]), one[1]))
    return pd.DataFrame(
        {
            "length": [len(people) - (not circle) for circle, people in ordered],
            "circle": [circle for circle, _ in ordered],
            "people": pd.Series([list(people) for _, people in ordered], dtype=object),
            "text": pd.Series([_text(*one) for one in ordered], dtype=object),
        }
    )


MOST = 100_000


def _ways_up(
    above: dict[int, list[int]], starts: list[int]
) -> tuple[list[tuple[int, ...]], set[tuple[int, ...]]]:
    """Return every way up from these people, and the circles met, as they were met."""
    ways: list[tuple[int, ...]] = []
    circles: set[tuple[int, ...]] = set()
    waiting: list[tuple[int, ...]] = [(one,) for one in starts]
    while waiting:
        way = waiting.pop()
        onward = [one for one in above.get(way[-1], []) if one not in way]
        for one in above.get(way[-1], []):
            if one in way:
                circles.add(way[way.index(one) :])
        if onward:
            waiting += [(*way, one) for one in onward]
        else:
            ways.append(way)
        if len(ways) + len(waiting) > MOST:
            raise ParameterError(
                f"chains found more than {MOST:,} ways up. Give people fewer mentors each, or "
                "forbid circles with a ladder (AtLeast(Closeness(...)))."
            )
    return ways, circles


def _from_first(people: list[str]) -> list[str]:
    at = people.index(min(people))
    return people[at:] + people[:at]


def _text(circle: bool, people: tuple[str, ...]) -> str:
    told = " has ".join((people[0], *people[1:], *people[:1])) if circle else " has ".join(people)
    return f"in a circle: {told}" if circle else told
