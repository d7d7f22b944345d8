"""A Problem becomes arrays of integers, once, at this door.

Scores are millionths already. What is folded in here: locks (the pair is set aside together with
its seat), score floors, and the stages that come before the total, as a bonus per mentee that
outweighs every exchange of scores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mentormatch.errors import InfeasibleError, ParameterError, listed
from mentormatch.matching.constraints import ScoreFloor
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.rosters.columns import Numbers
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores

MILLION = 1_000_000
"""Points per unit of score."""
MOST_PRIORITY = 1000

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lowered:
    """What the solver sees of a problem.

    points : int32 (n, m), negative where not admissible; rows of locked mentees are all negative.
    capacity : int64 (m,), seats left after locks.
    row_bonus : int64 (n,), value of matching this mentee at all, in points.
    matched_unit : int, what one matched mentee is worth in points; 0 if the number of matched
        mentees is no objective.
    priority_unit : int, what one step of priority is worth in points.
    row_hash, mentor_hash : uint64, of the ids and the seed, for ties.
    locks : int64 (k, 2), positions of mentee and mentor.
    """

    points: npt.NDArray[np.int32]
    capacity: IntArray
    row_bonus: IntArray
    matched_unit: int
    priority_unit: int
    row_hash: npt.NDArray[np.uint64]
    mentor_hash: npt.NDArray[np.uint64]
    locks: IntArray


def lower(problem: Problem) -> Lowered:
    """Lower a problem to integers; raise `InfeasibleError` if it contradicts itself."""
    scores = problem.scores
    check_locks(scores, problem)
    points = _with_floor(scores.points, problem)
    capacity = np.array(scores.mentors.capacity, dtype=np.int64)
    if len(scores.locks):
        points = np.array(points)
        locked, held = scores.locks.T
        points[locked] = np.where(points[locked] >= 0, ~points[locked], points[locked])
        np.subtract.at(capacity, held, 1)
    matched_unit, priority_unit, row_bonus = _stages(problem, points)
    return Lowered(
        points=points,
        capacity=capacity,
        row_bonus=row_bonus,
        matched_unit=matched_unit,
        priority_unit=priority_unit,
        row_hash=id_hashes(scores.mentees.ids, problem.seed),
        mentor_hash=id_hashes(scores.mentors.ids, problem.seed + 1),
        locks=scores.locks,
    )


def id_hashes(ids: Sequence[str], seed: int) -> npt.NDArray[np.uint64]:
    """Return one 64-bit hash per id, the same on every machine and in every order of rows."""
    key = str(seed).encode()
    digests = b"".join(
        hashlib.blake2b(person.encode("utf-8", "surrogatepass"), digest_size=8, key=key).digest()
        for person in ids
    )
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _with_floor(points: npt.NDArray[np.int32], problem: Problem) -> npt.NDArray[np.int32]:
    floors = [c.least for c in problem.constraints if isinstance(c, ScoreFloor)]
    if not floors:
        return points
    # a score printed as the floor itself passes: ceil would turn 0.3 into 300001 on float dust
    least = round(max(floors) * MILLION)
    return np.where((points >= 0) & (points < least), ~points, points)


def _stages(problem: Problem, points: npt.NDArray[np.int32]) -> tuple[int, int, IntArray]:
    """Return (matched_unit, priority_unit, row_bonus).

    An exchange along an alternating path passes every mentor at most once, so it changes at most
    min(n, m) + 1 pairs on either side; twice that, so that prices can be told apart by rounding.
    """
    n, m = points.shape
    order = [type(objective) for objective in problem.objectives]
    if order == [MaximizeTotal]:
        return 0, 0, np.zeros(n, dtype=np.int64)
    if order not in ([MaximizeMatched], [MaximizeMatched, MaximizeTotal]):
        raise ParameterError(
            "The 'objectives' parameter of Problem must be MaximizeMatched then MaximizeTotal, "
            f"or one of them. Got {[kind.__name__ for kind in order]}."
        )
    path = 2 * (min(n, m) + 2)
    points_unit = path * (int(points.max(initial=0)) + 1)
    matched = problem.objectives[0]
    assert isinstance(matched, MaximizeMatched)
    if matched.priority is None:
        return points_unit, 0, np.full(n, points_unit, dtype=np.int64)
    priority = priorities(problem.scores.mentees, matched)
    matched_unit = path * (int(priority.max(initial=0)) + 1) * points_unit
    return matched_unit, points_unit, matched_unit + points_unit * priority


def priorities(mentees: Profiles, objective: MaximizeMatched) -> IntArray:
    """Return int64 (n,): each mentee's priority, 0 where none is given."""
    given = objective.priority
    if isinstance(given, str):
        column = mentees.column(given, Numbers, wanted_by="MaximizeMatched(priority)")
        values = np.nan_to_num(column.values, nan=0.0)
    else:
        values = np.zeros(len(mentees))
        for person, value in (given or {}).items():
            values[mentees.position(person)] = value
    wrong = (values < 0) | (values > MOST_PRIORITY) | (values != np.rint(values))
    if wrong.any():
        people = listed(mentees.ids[p] for p in np.flatnonzero(wrong))
        raise ParameterError(
            f"The 'priority' parameter of MaximizeMatched must give whole numbers from 0 to "
            f"{MOST_PRIORITY}. Not so for: {people}."
        )
    return values.astype(np.int64)


def check_locks(scores: Scores, problem: Problem) -> None:
    """Raise one `InfeasibleError` that names every lock no matching can keep, and why."""
    if not len(scores.locks):
        return
    mentees, mentors = scores.mentees, scores.mentors
    conflicts: list[str] = []
    floors = [c for c in problem.constraints if isinstance(c, ScoreFloor)]
    for i, j in scores.locks:
        lock = lock_name(scores, int(i), int(j))
        conflicts += [
            f"{lock} against {reason}"
            for reason in scores.why_inadmissible(mentees.ids[i], mentors.ids[j])
        ]
        conflicts += [
            f"{lock} (score {scores.total[i, j]:.3f}) against {floor!r}"
            for floor in floors
            if scores.total[i, j] < floor.least
        ]
    for i in _repeated(scores.locks[:, 0]):
        several = [lock_name(scores, i, int(j)) for j in scores.locks[scores.locks[:, 0] == i, 1]]
        conflicts.append(f"{listed(several)} against one mentor per mentee")
    load = np.bincount(scores.locks[:, 1], minlength=len(mentors))
    for j in np.flatnonzero(load > mentors.capacity):
        several = [lock_name(scores, int(i), j) for i in scores.locks[scores.locks[:, 1] == j, 0]]
        conflicts.append(
            f"{listed(several)} against the capacity of {mentors.ids[j]} ({mentors.capacity[j]})"
        )
    if conflicts:
        raise InfeasibleError(
            "No matching satisfies: " + "; ".join(conflicts) + ". Drop a lock of each, lift the "
            "rule, or add seats.",
            conflicts,
        )


def lock_name(scores: Scores, mentee: int, mentor: int) -> str:
    """Return a lock as a user would write it."""
    return f"Lock({scores.mentees.ids[mentee]!r}, {scores.mentors.ids[mentor]!r})"


def _repeated(positions: IntArray) -> list[int]:
    values, counts = np.unique(positions, return_counts=True)
    return [int(value) for value in values[counts > 1]]
