"""match_stable: nobody finds a mentor and a mentee who would both rather have each other."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import ColumnError, ParameterError, Status, check_parameter, listed
from mentormatch.matching.answer import Stage
from mentormatch.matching.constraints import Constraint, Demand, Load, ScoreFloor
from mentormatch.matching.lowering import MILLION, lower
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import mentors_by_score
from mentormatch.rosters.columns import IntArray, People
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.stability import (
    blocking,
    deferred_acceptance,
    strict_keys,
    weakest_held,
)

Preferences: TypeAlias = Literal["score", "wishes", "wishes_first"]
PREFERENCES = ("score", "wishes", "wishes_first")
WISHED = 1 << 61
"""Key of a first wish; above every key that a score can give."""


@dataclass(frozen=True, eq=False)
class Market:
    """Who ranks whom how, as integers; locked pairs are set aside together with their seats.

    worth : int32 (n, m), points, negative where the pair may not form, or is locked.
    mentee_key, mentor_key : int64 (n, m), how the mentee likes the mentor and the reverse, higher
        is better, -1 unacceptable; strict within one person's row or column.
    wanted, seats : int64 (n,), (m,), most partners of mentees and mentors, left after locks.
    mentee_hash, mentor_hash : uint64, for equal keys.
    width : most mentors of any mentee, with locks.
    locks : int64 (k, 2)
    """

    worth: npt.NDArray[np.int32]
    mentee_key: IntArray
    mentor_key: IntArray
    wanted: IntArray
    seats: IntArray
    mentee_hash: npt.NDArray[np.uint64]
    mentor_hash: npt.NDArray[np.uint64]
    width: int
    locks: IntArray


@typed
def match_stable(
    problem: Problem | Scores,
    *,
    proposing: Literal["mentee", "mentor"] = "mentee",
    preferences: Preferences = "score",
) -> Matching:
    """Find a stable matching: no mentee and mentor would both rather have each other.

    A pair blocks a matching if both would strictly gain by pairing up, where a free seat or
    having no mentor counts as less than anybody admissible. Inadmissible pairs never form and
    never block; locked pairs stay as they are.

    Parameters
    ----------
    problem
        n mentees, m mentors; scores alone stand for a problem without constraints. Its objectives
        play no part; score floors, demands, most loads and locks do.
    proposing
        Whose best stable matching is wanted, where there are several: it is every mentee's best
        at once, and every mentor's worst, or the reverse.
    preferences
        "score": both sides rank each other by the shared score, ties by the hash of both ids.
        Then one matching only is stable and `proposing` makes no difference.

        "wishes": who gave a list (`preferred`) accepts the people on it, in that order, and
        nobody else; who gave none ranks everybody by score. A list on which nobody could be
        recognised counts as none.

        "wishes_first": the people on the list come first, everybody else follows by score.

    Returns
    -------
    Matching
        With ``status == "stable"``. `objective` is its total score and `bound` what no stable
        matching exceeds. `unique` tells whether it is the only stable one (for scores: whatever
        way ties are decided; for wishes: the way they were). Dual prices do not exist here, so
        they are zero, and missing in `load`.

    Raises
    ------
    ParameterError
        If the problem has other constraints: with quotas, parity or minimum loads a stable
        matching need not exist.
    ColumnError
        If wishes are asked for and nobody on either roster gave any.
    InfeasibleError
        If locks contradict one another, the rules or the capacities.

    Notes
    -----
    Time O(n m log m), memory 20 n m bytes. With ties the matching is weakly stable; which weakly
    stable one has the greatest total is NP-hard to say.

    References
    ----------
    .. [1] Gale & Shapley (1962), Amer. Math. Monthly 69(1), 9-15.
    .. [2] Manlove (2013), Algorithmics of Matching Under Preferences, ch. 3.

    Examples
    --------
    >>> import numpy as np, mentormatch as mm
    >>> scores = mm.Scores.from_matrix(np.array([[0.9, 0.8], [0.8, 0.1]]), capacity=[1, 1])
    >>> match_stable(scores).assignment  # the best total would part the pair that scores 0.9
    array([0, 1])
    """
    check_parameter(
        proposing in ("mentee", "mentor"), "proposing", "match_stable", "'mentee' or 'mentor'",
        proposing,
    )  # fmt: skip
    started = time.perf_counter()
    given = Problem(problem) if isinstance(problem, Scores) else problem
    check_constraints(given, "match_stable", demand=True)
    place = market(given, preferences, owner="match_stable")
    rows, columns = _propose(place, proposing)
    if preferences == "score":
        unique = _only_stable(place, rows, columns)
    else:
        other = _propose(place, "mentor" if proposing == "mentee" else "mentee")
        unique = bool(np.array_equal(other, (rows, columns)))
    rows, columns = (
        np.concatenate((a, b)) for a, b in zip((rows, columns), place.locks.T, strict=True)
    )
    return Matching(
        problem=given,
        mentors_of=mentors_by_score(given, (rows, columns), place.width),
        stages=_stages(given, place, rows, columns, unique),
        mentor_price=np.zeros(len(place.seats), dtype=np.int64),
        matched_price=np.zeros(len(place.seats), dtype=np.int64),
        unique=unique,
        status=Status.STABLE,
        route=f"deferred acceptance, {proposing} proposing, by {preferences}",
        seconds=time.perf_counter() - started,
        priced=False,
        notes=given.scores.notes,
    )


def market(problem: Problem, preferences: str, *, owner: str) -> Market:
    """Lower a problem to who ranks whom how."""
    check_parameter(
        preferences in PREFERENCES, "preferences", owner, f"one of {', '.join(PREFERENCES)}",
        preferences,
    )  # fmt: skip
    scores = problem.scores
    kept = [constraint for constraint in problem.constraints if _plain(constraint)]
    # with these two objectives everybody keeps her place in the rosters
    plain = (MaximizeMatched(), MaximizeTotal())
    lowered = lower(Problem(scores, objectives=plain, constraints=kept, seed=problem.seed))
    program = lowered.program
    shared = strict_keys(program.read(), program.row_hash, program.mentor_hash)
    mentee_key, mentor_key = shared, shared
    if preferences != "score":
        only = preferences == "wishes"
        mentee_wishes = _wishes(scores.mentees, scores.mentors)
        mentor_wishes = _wishes(scores.mentors, scores.mentees)
        if not mentee_wishes and not mentor_wishes:
            raise ColumnError(
                f"{owner}(preferences={preferences!r}) needs wishes for people, but nobody on "
                "either roster named anybody of the other in a column 'preferred'. Map one with "
                "read_roster(..., columns={'preferred': 'header in the file'}), or use "
                "preferences='score'.", column="preferred", rule=owner,
            )  # fmt: skip
        mentee_key = _with_wishes(shared, mentee_wishes, only=only)
        mentor_key = _with_wishes(shared.T, mentor_wishes, only=only).T
    return Market(
        worth=program.read(),
        mentee_key=mentee_key,
        mentor_key=mentor_key,
        wanted=program.demand,
        seats=program.capacity,
        mentee_hash=program.row_hash,
        mentor_hash=program.mentor_hash,
        width=max(int(lowered.asked.max(initial=1)), 1),
        locks=scores.locks,
    )


def check_constraints(problem: Problem, owner: str, *, demand: bool) -> None:
    """Raise one error that names the constraints with which a stable matching need not exist."""
    others = [item for item in problem.constraints if not _plain(item, demand)]
    if others:
        raise ParameterError(
            f"{owner} can keep score floors, most loads{', demands' if demand else ''} and locks: "
            "with other constraints a stable matching need not exist. Got "
            f"{listed(map(repr, others))}. Use solve, and list what would block with "
            "blocking_pairs(matching)."
        )


def _plain(constraint: Constraint, demand: bool = True) -> bool:
    """Whether a constraint says only which pairs may form, or how many partners people have."""
    if isinstance(constraint, Load):
        return constraint.by is None and constraint.least == 0
    return isinstance(constraint, ScoreFloor) or (
        demand and isinstance(constraint, Demand) and not constraint.is_rows
    )


def _propose(place: Market, proposing: str) -> tuple[IntArray, IntArray]:
    """Return the pairs (mentees, mentors), in the order of the mentees."""
    if proposing == "mentee":
        return deferred_acceptance(
            place.mentee_key, place.mentor_key, place.wanted, place.seats,
            place.mentee_hash, place.mentor_hash,
        )  # fmt: skip
    columns, rows = deferred_acceptance(
        np.ascontiguousarray(place.mentor_key.T), place.mentee_key.T, place.seats, place.wanted,
        place.mentor_hash, place.mentee_hash,
    )  # fmt: skip
    order = np.lexsort((columns, rows))
    return rows[order], columns[order]


def _wishes(people: Profiles, others: Profiles) -> dict[int, list[int]]:
    """Return the positions each person wishes for, first wish first; only who named somebody."""
    if "preferred" not in people:
        return {}
    column = people.column("preferred", People, wanted_by="match_stable")
    found: dict[int, list[int]] = {}
    for person, (start, end) in enumerate(zip(column.indptr, column.indptr[1:], strict=False)):
        known = [others.find(reference) for reference in column.refs[start:end]]
        named = list(dict.fromkeys(position for position in known if position >= 0))
        if named:
            found[person] = named
    return found


def _with_wishes(shared: IntArray, wishes: dict[int, list[int]], *, only: bool) -> IntArray:
    """Return keys where the people wished for come first, or alone."""
    keys = shared.copy()
    for person, named in wishes.items():
        allowed = shared[person, named] >= 0
        if only:
            keys[person] = -1
        keys[person, named] = np.where(allowed, WISHED - np.arange(len(named)), -1)
    return keys


def _only_stable(place: Market, rows: IntArray, columns: IntArray) -> bool:
    """Tell whether no other matching is weakly stable by the shared score.

    It is the only one exactly if no two people apart would both gain or lose nothing: such a pair
    forms as soon as ties fall the other way, and without one the best pair in which another
    stable matching differs would block either this matching or that one.
    """
    held = weakest_held(place.worth, place.worth, rows, columns, place.wanted, place.seats)
    return not len(blocking(place.worth, place.worth, rows, columns, held, weakly=True)[0])


def _stages(
    problem: Problem, place: Market, rows: IntArray, columns: IntArray, unique: bool
) -> tuple[Stage, ...]:
    total = int(problem.scores.at(rows, columns).sum(dtype=np.int64))
    most = total
    if not unique:  # every mentee at her best: no stable matching exceeds that
        acceptable = (place.mentee_key >= 0) & (place.mentor_key >= 0)
        best = np.where(acceptable, place.worth, 0).max(axis=1, initial=0) * place.wanted
        locked = problem.scores.at(place.locks[:, 0], place.locks[:, 1])
        most = int(best.sum(dtype=np.int64)) + int(locked.sum(dtype=np.int64))
    return (
        Stage("Stability", 0, 0, "blocking pairs"),
        Stage("TotalScore", total / MILLION, most / MILLION, "score"),
    )


__all__ = ["Market", "Preferences", "check_constraints", "market", "match_stable"]
