"""match_peers: one pool of people, everybody meets somebody, the best total proven."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, Status, check_parameter, counted, listed
from mentormatch.journal import logged
from mentormatch.matching.answer import Stage
from mentormatch.matching.constraints import Constraint
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.peers.circles import circle_sizes, solve_circles
from mentormatch.programmes.peers.pool import Pool, earlier_groups, pool_of
from mentormatch.programmes.peers.result import Peers, PeersAsked
from mentormatch.programmes.peers.solving import (
    Odd,
    SolvedPeers,
    greedy_pairs,
    solve_pool,
    worth_of,
)
from mentormatch.scoring.mutual import Mutual
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.general.pool import match_pool

__all__ = ["match_peers", "solved_anew", "solved_peers"]


@logged(lambda peers, _: f"paired peers: {peers._headline()}, {peers.status}")
@typed
def match_peers(
    scores: Scores,
    size: int = 2,
    *,
    odd: Odd = "trio",
    mutual: Mutual = "mean",
    previous: Iterable[Any] = (),
    constraints: Sequence[Constraint] = (),
    stable: bool = False,
    seed: int = 0,
    time_limit: float | None = None,
) -> Peers:
    """Pair the people of one roster with one another, with a trio where somebody is left over.

    As many people as possible have company; among all such pairs those are found whose total
    score is the highest. Unlike a matching of a roster with itself, pairs are mutual.

    Parameters
    ----------
    scores
        Of a roster against itself, ``score(people, people)``. Locked pairs are pairs; who may not
        be matched in one direction does not meet in the other either.
    size
        2: pairs. 3 and more: circles of so many people, as few as needed one larger where the
        number does not divide; every two in a circle count their score.
    odd
        With pairs, where somebody would be left over: "trio" (she joins two others, all three of
        whom may meet one another), or "rest" (she sits out, those first who have met most people
        so far).
    mutual
        How what two people are to each other becomes one score: the "mean" of both, the "least",
        or the "product". With `Covers("needs", by="skills")` and "least", both learn something.
    previous
        Earlier pairs or groups of people, by id, e-mail or unambiguous name, or earlier results:
        nobody meets again, in a trio neither.
    constraints
        `Apart` keeps people apart, `Together` keeps them in one group.
    stable
        Pairs such that no two people would both rather have each other, by their mutual score,
        in place of the best total: the best pair first. What that costs is the gap. Whether
        anybody would change by each person's own scores is `blocking`: no pairs need exist for
        which nobody would.
    seed
        Decides ties, together with the ids.
    time_limit
        Seconds, after which the best found is returned with an honest gap.

    Returns
    -------
    Peers
        ``gap == 0`` means proven optimal. Pairs always are unless the time ran out; with a trio,
        where more trios are in question than can be told apart, the gap is stated. Circles are
        proven for some dozens of people; with more, `time_limit` is advised.

    Raises
    ------
    ParameterError
        If scores are not of one roster against itself, one person is to be in several pairs, a
        constraint says nothing about pairs, no two people may meet, or people cannot be parted
        into groups of this size; names everybody.
    UnknownPersonError
        If earlier pairs name people who are not on the roster; all of them.

    Notes
    -----
    A maximum-weight matching in a general graph [1]_: a relaxation first, then one search of
    O(n^2) for each odd cycle that it leaves. Memory 12 bytes per pair of people.

    References
    ----------
    .. [1] Edmonds (1965), J. Res. Nat. Bur. Standards 69B, 125-130.

    Examples
    --------
    >>> import pandas as pd, mentormatch as mm
    >>> people = ["ana", "bo", "cy"]
    >>> matrix = pd.DataFrame([[0, 0.9, 0.2], [0.7, 0, 0.4], [0.2, 0.4, 0]], people, people)
    >>> mm.match_peers(mm.Scores.from_matrix(matrix)).groups
    (('ana', 'bo', 'cy'),)
    >>> mm.match_peers(mm.Scores.from_matrix(matrix), odd="rest")["bo"]
    ('ana',)
    """
    check_parameter(
        time_limit is None or time_limit > 0, "time_limit", "match_peers", "a number > 0",
        time_limit,
    )  # fmt: skip
    check_parameter(odd in ("trio", "rest"), "odd", "match_peers", "'trio' or 'rest'", odd)
    check_parameter(
        mutual in ("mean", "least", "product"), "mutual", "match_peers",
        "'mean', 'least' or 'product'", mutual,
    )  # fmt: skip
    check_parameter(size >= 2, "size", "match_peers", "a whole number >= 2", size)
    _check_size(len(scores.mentees), size, odd, stable)
    before = earlier_groups(scores.mentees, previous)
    pool = pool_of(scores, mutual, before, constraints, seed, size)
    _check_anybody_may_meet(scores, pool)
    asked = PeersAsked(scores, size, odd, mutual, before, tuple(constraints), stable, seed)
    return solved_peers(asked, pool, time_limit)


def solved_peers(asked: PeersAsked, pool: Pool, time_limit: float | None = None) -> Peers:
    """Return the best groups of a pool."""
    solved = solved_anew(asked, pool, time_limit)
    if asked.stable:
        solved = _stable(pool, solved)
    notes = (*asked.scores.notes, *_notes(asked, pool, solved))
    return Peers(asked, solved, notes, pool)


def solved_anew(asked: PeersAsked, pool: Pool, time_limit: float | None = None) -> SolvedPeers:
    """Return the best pairs, or circles, of a pool."""
    if asked.size > 2:
        return solve_circles(pool, asked.size, time_limit)
    return solve_pool(pool, asked.odd, time_limit)


def _check_size(people: int, size: int, odd: Odd, stable: bool) -> None:
    """Raise where people cannot be parted into groups of a size, or something is for pairs only."""
    if size == 2:
        return
    for name, value, usual in (("odd", odd, "trio"), ("stable", stable, False)):
        check_parameter(
            value == usual, name, "match_peers", f"{usual!r} with groups of more than two", value
        )
    if people and circle_sizes(people, size) is None:
        fits = [k for k in range(2, people + 1) if k == 2 or circle_sizes(people, k)]
        raise ParameterError(
            f"The 'size' parameter of match_peers: {people:,} people cannot be parted into groups "
            f"of {size} and {size + 1}. Sizes that do: {listed(fits)}."
        )


def _stable(pool: Pool, best: SolvedPeers) -> SolvedPeers:
    """Return the stable pairs; what bounds them is the best of any pairs."""
    groups = greedy_pairs(pool)
    people = best.stages[0]
    value = worth_of(pool, groups) / 2 / MILLION
    any_pairs = match_pool(pool.joint, bonus=0)
    stages = (
        Stage(people.objective, 2 * len(groups), people.bound, people.unit),
        Stage("total score", value, any_pairs.bound / 2 / MILLION, "score"),
    )
    return replace(best, groups=groups, stages=stages, status=Status.STABLE, unique=None)


def _check_anybody_may_meet(scores: Scores, pool: Pool) -> None:
    """Raise where there are people, and no two of them may meet."""
    if len(pool) < 2 or (pool.joint >= 0).any():
        return
    names = [scores.mentees.name(i) for i in range(len(pool))]
    earlier = bool((pool.mutual >= 0).any())
    why = (
        "everybody has met everybody whom she may meet: leave older meetings out of previous"
        if earlier
        else "a rule forbids every pair in one direction or the other: scores.why_inadmissible"
    )
    raise ParameterError(
        f"match_peers cannot do this: no two of {listed(names)} may meet, as {why}."
    )


def _notes(asked: PeersAsked, pool: Pool, solved: SolvedPeers) -> list[str]:
    """Return who has no company, or sits out, and why in a word."""
    people = asked.scores.mentees
    placed = {x for group in solved.groups for x in group}
    alone = sorted(int(pool.order[x]) for x in range(len(pool)) if x not in placed)
    said = []
    if alone:
        names = listed(people.name(i) for i in alone)
        verb = "has" if len(alone) == 1 else "have"
        free = [i for i in alone if (pool.joint[pool.place[i]] >= 0).any()]
        if asked.odd == "rest" and len(alone) == 1 and free:
            met = int(pool.meetings.count[alone[0]])
            most = int(np.max(pool.meetings.count))
            why = f", with {counted(met, 'earlier meeting')}" if most else ""
            said.append(f"{names} sits out this time{why}")
        else:
            said.append(f"{names} {verb} nobody to meet: diagnose()")
    return said
