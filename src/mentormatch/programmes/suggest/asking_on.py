"""resuggest: answers came in; lists are filled up again, and what stands stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, UnknownPersonError, check_parameter, counted, listed
from mentormatch.journal import logged
from mentormatch.programmes.crossing import GONE, UNKNOWN, Crossing
from mentormatch.programmes.joining import Joined
from mentormatch.programmes.requests import Requests, with_requests
from mentormatch.programmes.suggest.result import Suggestions
from mentormatch.programmes.suggest.suggest import (
    allowed_lists,
    both_ways,
    check_room,
    solved_lists,
)
from mentormatch.programmes.update import News, again, scores_today, without
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.rules import Forbid
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.progress import Progress, listener

__all__ = ["resuggest"]

Pairs = Iterable[tuple[str, str]]


@logged(lambda lists, _: f"suggested again: {len(lists):,} entries, {lists.status}")
@typed
def resuggest(
    lists: Suggestions,
    *,
    accepted: Pairs = (),
    declined: Pairs = (),
    left: Iterable[str] | Mapping[str, Iterable[str]] = (),
    joined: Joined = None,
    time_limit: float | None = None,
    progress: Progress = False,
) -> Suggestions:
    """Fill lists up again after answers came in, people left or joined.

    Whoever was accepted needs no list any more, and takes one of her mentor's seats. Whoever was
    declined gets somebody else. Every other entry stands, as long as the mentor has a seat left
    and no rule forbids the pair; places are filled with the best that can be had besides.

    Parameters
    ----------
    lists
        What `suggest`, or `resuggest` before, returned.
    accepted
        (mentee, mentor) pairs who have agreed, on a list or not; people by id, e-mail or
        unambiguous name.
    declined
        (mentee, mentor) pairs of whom one said no: never suggested again.
    left, joined
        People of either roster who leave or join, as in `rematch`.
    time_limit, progress
        As in `solve`.

    Returns
    -------
    Suggestions
        ``.news`` says which entries are new or gone, and why. The best lists among those that
        keep what stands.

    Raises
    ------
    UnknownPersonError
        If people are named whom nobody knows; all of them.
    ParameterError
        If a pair both agreed and declined, a mentee agreed with two mentors, or a mentor agreed
        more often than she has seats; names everybody.

    Notes
    -----
    One flow, as in `suggest`: what stands is set aside together with its place. Mentors who stand
    on more lists than they may be on now stay on them, and come on no further ones.

    Examples
    --------
    >>> import numpy as np, mentormatch as mm
    >>> matrix = np.array([[0.9, 0.8, 0.1], [0.9, 0.7, 0.3], [0.9, 0.2, 0.4]])
    >>> lists = mm.suggest(mm.Scores.from_matrix(matrix), k=2)
    >>> later = mm.resuggest(lists, declined=[("mentee 1", "mentor 2")])
    >>> later["mentee 1"], later["mentee 2"] == lists["mentee 2"]
    (('mentor 1', 'mentor 3'), True)
    """
    check_parameter(
        time_limit is None or time_limit > 0, "time_limit", "resuggest", "a number > 0", time_limit
    )
    before = lists.asked.scores
    today = scores_today(before, News(left=left, joined=joined))
    people = Crossing.of(lists.matching.problem.scores, today)
    agreed, refused = _answers(people, lists, today, accepted, declined)
    ids = today.mentees.ids, today.mentors.ids
    pairs = tuple((ids[0][i], ids[1][j]) for i, j in refused.here)
    today = with_requests(today, Requests(declined=pairs))
    capacity = today.mentors.capacity.copy()
    np.subtract.at(capacity, [j for _, j in agreed.here], 1)
    today = replace(today, mentors=replace(today.mentors, capacity=capacity))
    back = _back_today(lists, today)
    gone = set(ids[0])
    found = [person for person in lists.asked.found if person in gone]
    found += [ids[0][i] for i, _ in agreed.here]
    asked = replace(lists.asked, scores=today, back=back, found=tuple(found))
    joint = today if back is None else both_ways(today, back, asked.mutual)
    standing = _standing(people.pairs(*lists.entries), joint, asked.found)
    locks = np.unique(np.concatenate([joint.locks.reshape(-1, 2), standing]), axis=0)
    joint = joint.replaced(locks=locks)
    allowed = np.maximum(
        allowed_lists(joint, asked.k, asked.exposure),
        np.bincount(locks[:, 1], minlength=len(joint.mentors)),
    )
    allowed[capacity <= 0] = 0
    check_room(joint, asked, allowed)
    made = solved_lists(asked, joint, allowed, Budget(time_limit, None, listener(progress)))
    return replace(
        made, before=lists, accepted=tuple((ids[0][i], ids[1][j]) for i, j in agreed.here)
    )


def _answers(
    people: Crossing, lists: Suggestions, today: Scores, accepted: Pairs, declined: Pairs
) -> tuple[Places, Places]:
    """Return today's positions of pairs who agreed and of pairs who did not."""
    unknown: list[str] = []
    agreed = _positions("accepted", accepted, people, unknown)
    refused = _positions("declined", declined, people, unknown)
    if unknown:
        raise UnknownPersonError(
            "resuggest names people who are on neither roster (by id, e-mail or unambiguous "
            f"name): {listed(dict.fromkeys(unknown))}.", people=dict.fromkeys(unknown),
        )  # fmt: skip
    wrong = [f"{a} and {b} agreed, of whom not both are here today" for a, b in agreed.gone]
    mentees, mentors = today.mentees.ids, today.mentors.ids
    wrong += [
        f"{mentees[i]} and {mentors[j]} both agreed and declined"
        for i, j in sorted(set(agreed.here) & set(refused.here))
    ]
    twice = Counter(i for i, _ in agreed.here)
    found = set(lists.asked.found)
    wrong += [f"{mentees[i]} agreed with {n} mentors" for i, n in sorted(twice.items()) if n > 1]
    wrong += [f"{mentees[i]} has agreed before" for i in sorted(twice) if mentees[i] in found]
    seats = today.mentors.capacity.tolist()
    wrong += [
        f"{mentors[j]} agreed with {counted(n, 'mentee')} and has {counted(seats[j], 'seat')}"
        for j, n in sorted(Counter(j for _, j in agreed.here).items())
        if n > seats[j]
    ]
    if wrong:
        raise ParameterError(f"resuggest cannot do this: {listed(wrong)}.")
    return agreed, refused


@dataclass(frozen=True)
class Places:
    """Pairs by today's positions; those of whom somebody left as they were named."""

    here: tuple[tuple[int, int], ...]
    gone: tuple[tuple[object, object], ...]


def _positions(name: str, pairs: Any, people: Crossing, unknown: list[str]) -> Places:
    """Return where pairs are, each once; notes who is unknown."""
    try:
        named = Forbid(pairs).listed
    except ParameterError:
        raise ParameterError(
            f"The {name!r} parameter of resuggest must be a list of (mentee, mentor) pairs. Got "
            f"{pairs!r}."
        ) from None
    here, gone = [], []
    sides = people.mentees, people.mentors
    for pair in named:
        at = [side.find(person) for side, person in zip(sides, pair, strict=True)]
        unknown += [
            f"{name}: {side.now.role} {str(person)!r}"
            for side, person, place in zip(sides, pair, at, strict=True)
            if place == UNKNOWN
        ]
        if GONE in at:
            gone.append(pair)
        else:
            here.append((at[0], at[1]))
    return Places(tuple(dict.fromkeys(here)), tuple(gone))


def _back_today(lists: Suggestions, today: Scores) -> Scores | None:
    """Return the scores the other way round for the people who are here today."""
    back, before = lists.asked.back, lists.asked.scores
    if back is None or (
        today.mentees.ids == before.mentees.ids and today.mentors.ids == before.mentors.ids
    ):
        return back
    here = set(today.mentors.ids), set(today.mentees.ids)
    rows, columns = (
        np.array([p for p, person in enumerate(people.ids) if person in kept], dtype=np.int64)
        for people, kept in zip((back.mentees, back.mentors), here, strict=True)
    )
    kept = without(back, rows, columns)
    if (len(rows), len(columns)) == (len(today.mentors), len(today.mentees)):
        return kept
    return again(
        back, today.mentors.as_role("mentee"), today.mentees.as_role("mentor"), back.criteria,
        kept.rules,
    )  # fmt: skip


def _standing(pairs: IntArray, joint: Scores, found: tuple[str, ...]) -> IntArray:
    """Return int64 (k, 2): those of the earlier entries, by today's positions, that stand."""
    served = np.array([joint.mentees.position(person) for person in found], dtype=np.int64)
    stays = (
        (joint.at(pairs[:, 0], pairs[:, 1]) >= 0)
        & (joint.mentors.capacity[pairs[:, 1]] > 0)
        & ~np.isin(pairs[:, 0], served)
    )
    kept: IntArray = pairs[stays]
    return kept
