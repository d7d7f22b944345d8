"""A Problem becomes arrays of integers, once, at this door.

Scores are millionths already. What is folded in here: locks (the pair is set aside together with
its seat), score floors, and the stages that come before the total, as a bonus per mentee that
outweighs every exchange of scores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mentormatch.errors import InfeasibleError, ParameterError, listed
from mentormatch.matching.constraints import Demand, Load, Reserve, ScoreFloor
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.matching.rows import Row, demands, labelled_rows, set_aside, single_loads
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
    min_load : int64 (m,), fewest mentees per mentor, after locks.
    demand : int64 (n,), most mentors per mentee, after locks.
    asked : int64 (n,), most mentors per mentee, with locks.
    had : int64 (n,), mentors by locks.
    slot_bonus : int64 (n, k) or None, value of the first, second, ... mentor, where mentees may
        have several and it fits into integers.
    units : tuple of int, what the stages folded into the bonus are worth, highest first.
    rows : tuple of Row, every other constraint, with its name.
    reserves : tuple of Reserve, soft.
    one_flow : bool, whether everything is folded in here: the objectives are `MaximizeMatched`
        and `MaximizeTotal` (or one of them) and no constraint is a row. Only then do prices and
        residual paths tell the whole story.
    """

    points: npt.NDArray[np.int32]
    capacity: IntArray
    row_bonus: IntArray
    matched_unit: int
    priority_unit: int
    row_hash: npt.NDArray[np.uint64]
    mentor_hash: npt.NDArray[np.uint64]
    locks: IntArray
    min_load: IntArray
    demand: IntArray
    asked: IntArray
    had: IntArray
    slot_bonus: IntArray | None
    units: tuple[int, ...]
    rows: tuple[Row, ...]
    reserves: tuple[Reserve, ...]
    one_flow: bool

    @property
    def several(self) -> bool:
        """Whether some mentee may have more than one mentor."""
        return bool(self.asked.max(initial=0) > 1)


def lower(problem: Problem) -> Lowered:
    """Lower a problem to integers; raise `InfeasibleError` if it contradicts itself."""
    scores = problem.scores
    asked = _asked(problem)
    least, most, _ = single_loads(scores, problem.constraints)
    check_locks(scores, problem, asked)
    check_loads(problem, least, most)
    points = _with_floor(scores.points, problem)
    had = np.zeros(len(asked), dtype=np.int64)
    if len(scores.locks):
        points = np.array(points)
        locked, held = scores.locks.T
        np.add.at(had, locked, 1)
        points[locked, held] = ~scores.points[locked, held]
        np.subtract.at(most, held, 1)
        np.subtract.at(least, held, 1)
    done = np.flatnonzero(had >= asked)  # locks are all they asked for, or they want nobody
    if done.size:
        points = np.array(points)
        points[done] = np.where(points[done] >= 0, ~points[done], points[done])
    demand = np.maximum(asked - had, 0)
    rows = tuple(
        set_aside(row, scores) for row in labelled_rows(scores, problem.constraints, asked)
    )
    reserves = tuple(c for c in problem.constraints if isinstance(c, Reserve))
    folded = _folds(problem)
    matched_unit, priority_unit, row_bonus = (
        _stages(problem, points) if folded else (0, 0, np.zeros(len(asked), dtype=np.int64))
    )
    units: tuple[int, ...] = tuple(unit for unit in (matched_unit, priority_unit) if unit)
    slot_bonus = None
    if folded and asked.max(initial=0) > 1:
        slot_bonus, units = _slot_bonus(problem, points, asked, had)
        matched_unit, priority_unit = (units[0] if units else 0), 0
    return Lowered(
        points=points,
        capacity=most,
        row_bonus=row_bonus,
        matched_unit=matched_unit,
        priority_unit=priority_unit,
        row_hash=id_hashes(scores.mentees.ids, problem.seed),
        mentor_hash=id_hashes(scores.mentors.ids, problem.seed + 1),
        locks=scores.locks,
        min_load=np.maximum(least, 0),
        demand=demand,
        asked=asked,
        had=had,
        slot_bonus=slot_bonus,
        units=units,
        rows=rows,
        reserves=reserves,
        one_flow=folded
        and not rows
        and not reserves
        and (asked.max(initial=0) <= 1 or slot_bonus is not None),
    )


def _asked(problem: Problem) -> IntArray:
    """Return int64 (n,): mentors per mentee; of several `Demand`s the least holds."""
    given = [demands(problem.scores, c.mentors) for c in problem.constraints
             if isinstance(c, Demand)]  # fmt: skip
    m = max(len(problem.scores.mentors), 1)
    if not given:
        return np.ones(len(problem.scores.mentees), dtype=np.int64)
    asked: IntArray = np.minimum(np.minimum.reduce(given), m)
    return asked


def _folds(problem: Problem) -> bool:
    """Whether the objectives can be folded into one bonus per mentee."""
    order = [type(objective) for objective in problem.objectives]
    return order in ([MaximizeTotal], [MaximizeMatched], [MaximizeMatched, MaximizeTotal])


def _slot_bonus(
    problem: Problem, points: npt.NDArray[np.int32], asked: IntArray, had: IntArray
) -> tuple[IntArray | None, tuple[int, ...]]:
    """Return (bonus of each mentee's first, second, ... mentor to come, units), None if too large.

    Only the mentees at the two ends of an alternating path change how many mentors they have, so
    each slot must outweigh four of the next.
    """
    n, m = points.shape
    most = int(asked.max(initial=1))
    matched = problem.objectives[0]
    if not isinstance(matched, MaximizeMatched):
        return np.zeros((n, most), dtype=np.int64), ()
    lowest = 2 * (min(n, m) + 2) * (int(points.max(initial=0)) + 1)
    slots = [lowest * 4 ** (most - slot) for slot in range(2, most + 1)]  # second, third, ...
    after = slots[0] if slots else lowest
    priority = priorities(problem.scores.mentees, matched)
    step = 4 * after
    first = 4 * (int(priority.max(initial=0)) + 1) * step
    if first * 8 >= 1 << 57:
        return None, ()
    bonus = np.empty((n, most), dtype=np.int64)
    bonus[:, 0] = first + step * priority
    bonus[:, 1:] = slots
    slot = np.minimum(np.arange(most) + had[:, None], most - 1)
    return np.take_along_axis(bonus, slot, axis=1), (first, step, *slots)


def id_hashes(ids: Sequence[str], seed: int) -> npt.NDArray[np.uint64]:
    """Return one 64-bit hash per id, the same on every machine and in every order of rows."""
    key = str(seed).encode()
    digests = b"".join(
        hashlib.blake2b(person.encode("utf-8", "surrogatepass"), digest_size=8, key=key).digest()
        for person in ids
    )
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _with_floor(points: npt.NDArray[np.int32], problem: Problem) -> npt.NDArray[np.int32]:
    floors = [
        floor_points(problem.scores.mentees, c)
        for c in problem.constraints
        if isinstance(c, ScoreFloor)
    ]
    if not floors:
        return points
    least = np.maximum.reduce(floors)[:, None]
    return np.where((points >= 0) & (points < least), ~points, points).astype(np.int32)


def floor_points(mentees: Profiles, floor: ScoreFloor) -> IntArray:
    """Return int64 (n,): the fewest points a pair of each mentee needs."""
    given = floor.least
    if isinstance(given, str):
        column = mentees.column(given, Numbers, wanted_by="ScoreFloor")
        values = np.nan_to_num(column.values, nan=0.0)
        wrong = (values < 0) | (values > 1)
        if wrong.any():
            people = listed(mentees.ids[p] for p in np.flatnonzero(wrong))
            raise ParameterError(f"ScoreFloor: {given!r} must be in [0, 1]. Not so for: {people}.")
    elif isinstance(given, Mapping):
        values = np.zeros(len(mentees))
        for person, value in given.items():
            values[mentees.position(person)] = value
    else:
        values = np.full(len(mentees), given, dtype=np.float64)
    # a score printed as the floor itself passes: ceil would turn 0.3 into 300001 on float dust
    return np.rint(values * MILLION).astype(np.int64)


def _stages(problem: Problem, points: npt.NDArray[np.int32]) -> tuple[int, int, IntArray]:
    """Return (matched_unit, priority_unit, row_bonus).

    An exchange along an alternating path passes every mentor at most once, so it changes at most
    min(n, m) + 1 pairs on either side; twice that, so that prices can be told apart by rounding.
    """
    n, m = points.shape
    order = [type(objective) for objective in problem.objectives]
    if order == [MaximizeTotal]:
        return 0, 0, np.zeros(n, dtype=np.int64)
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


def check_locks(scores: Scores, problem: Problem, asked: IntArray) -> None:
    """Raise one `InfeasibleError` that names every lock no matching can keep, and why."""
    if not len(scores.locks):
        return
    mentees, mentors = scores.mentees, scores.mentors
    conflicts: list[str] = []
    floors = [
        (c, floor_points(mentees, c)) for c in problem.constraints if isinstance(c, ScoreFloor)
    ]
    _, most, _ = single_loads(scores, problem.constraints)
    for i, j in scores.locks:
        lock = lock_name(scores, int(i), int(j))
        conflicts += [
            f"{lock} against {reason}"
            for reason in scores.why_inadmissible(mentees.ids[i], mentors.ids[j])
        ]
        conflicts += [
            f"{lock} (score {scores.total[i, j]:.3f}) against {floor!r}"
            for floor, least in floors
            if 0 <= scores.points[i, j] < least[i]
        ]
    held = np.bincount(scores.locks[:, 0], minlength=len(mentees))
    for i in np.flatnonzero(held > asked):
        several = [
            lock_name(scores, int(i), int(j)) for j in scores.locks[scores.locks[:, 0] == i, 1]
        ]
        limit = "one mentor per mentee" if asked[i] == 1 else f"a demand of {asked[i]} mentors"
        conflicts.append(f"{listed(several)} against {limit}")
    load = np.bincount(scores.locks[:, 1], minlength=len(mentors))
    for j in np.flatnonzero(load > most):
        several = [
            lock_name(scores, int(i), int(j)) for i in scores.locks[scores.locks[:, 1] == j, 0]
        ]
        limit = "capacity" if most[j] == mentors.capacity[j] else "Load(most)"
        conflicts.append(f"{listed(several)} against the {limit} of {mentors.ids[j]} ({most[j]})")
    if conflicts:
        raise InfeasibleError(
            "No matching satisfies: " + "; ".join(conflicts) + ". Drop a lock of each, lift the "
            "rule, or add seats.",
            conflicts,
        )


def lock_name(scores: Scores, mentee: int, mentor: int) -> str:
    """Return a lock as a user would write it."""
    return f"Lock({scores.mentees.ids[mentee]!r}, {scores.mentors.ids[mentor]!r})"


def check_loads(problem: Problem, least: IntArray, most: IntArray) -> None:
    """Raise one `InfeasibleError` that names every mentor whose loads contradict each other."""
    mentors = problem.scores.mentors
    conflicts = []
    for j in np.flatnonzero(least > most):
        held = [c for c in problem.constraints if isinstance(c, Load) and c.by is None]
        names = listed(repr(c) for c in held)
        conflicts.append(
            f"{names} against the capacity of {mentors.ids[j]} ({mentors.capacity[j]})"
        )
    if conflicts:
        raise InfeasibleError(
            "No matching satisfies: " + "; ".join(conflicts) + ". Lower the least load or add "
            "seats.",
            conflicts,
        )
