"""A Problem becomes a Program and its stages, once, at this door, and comes back once.

Scores are millionths already. What is settled here: locks (the pair is set aside together with its
seat), score floors, loads and demands of single people. Everything else lowers itself, see
`constraints` and `objectives`. Where the answer could depend on where people stand in a roster,
they are sorted by the hash of their ids first, and put back by `Lowered.pairs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mentormatch.errors import InfeasibleError, listed
from mentormatch.matching.case import Case, Row, Step, set_aside
from mentormatch.matching.constraints import (
    MILLION,
    Constraint,
    Demand,
    Load,
    Reserve,
    ScoreFloor,
    single_loads,
)
from mentormatch.matching.objectives import MaximizeMatched
from mentormatch.matching.problem import Problem
from mentormatch.matching.without_matrix import barred, no_matrix, refuse, refuse_lowered
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.rules import Forbid, Lock, Rule
from mentormatch.scoring.scores import Scores
from mentormatch.solvers import stages
from mentormatch.solvers.fold import Fold, fold
from mentormatch.solvers.program import Pairs, Program
from mentormatch.solvers.ties import id_hashes

__all__ = ["MILLION", "Lowered", "case_of", "labelled_rows", "lower"]


MOST_SLOTS = 4
"""Mentors per mentee up to which the stages fold into one sum at any size."""


@dataclass(frozen=True, eq=False)
class Lowered:
    """A problem as the solver sees it, and the way back.

    case : Case, the people in the order of solving.
    program : Program, without locked pairs and their seats.
    steps : tuple of Step, the stages in order, with their names.
    rows : tuple of Row, the side rows with their names, as the user stated them (locks included).
    order : (int64 (n,), int64 (m,)) or None, roster positions of those at each place.
    """

    case: Case
    program: Program
    steps: tuple[Step, ...]
    rows: tuple[Row, ...]
    order: tuple[IntArray, IntArray] | None

    @property
    def stages(self) -> tuple[stages.Stage, ...]:
        """The stages alone."""
        return tuple(step.stage for step in self.steps)

    @property
    def asked(self) -> IntArray:
        """int64 (n,): most mentors per mentee, with locks."""
        return self.case.asked

    @property
    def locks(self) -> IntArray:
        """int64 (k, 2): positions of the locked pairs."""
        return self.case.locks

    @property
    def several(self) -> bool:
        """Whether some mentee may have more than one mentor."""
        return bool(self.asked.max(initial=0) > 1)

    @cached_property
    def fold(self) -> Fold | None:
        """The stages as one sum that tells them apart, None if there is none."""
        folded = fold(self.program, self.stages)
        if folded is not None and folded.capped:
            return fold(self.program, self.stages, wide=True)
        return folded

    @property
    def bonus(self) -> IntArray:
        """int64 (n,): what matching each mentee at all is worth in the folded sum."""
        assert self.fold is not None
        return self.fold.bonus

    @property
    def value(self) -> npt.NDArray[Any]:
        """int (n, m): what each pair adds to the folded sum, negative where inadmissible."""
        assert self.fold is not None
        return self.fold.worths(self.program)

    def worths(self, rows: IntArray) -> npt.NDArray[Any]:
        """Return int (k, m): what pairs of some mentees add to the folded sum."""
        assert self.fold is not None
        return self.fold.read(self.program, rows)

    def worths_at(self, rows: IntArray, columns: IntArray) -> npt.NDArray[Any]:
        """Return int (k,): what single pairs add to the folded sum."""
        assert self.fold is not None
        return self.fold.at(self.program, rows, columns)

    @property
    def plain(self) -> bool:
        """Whether the number matched, priorities, defects and the total are all, on one flow.

        Only then do prices and residual paths tell the whole story.
        """
        if self.order is not None or self.fold is None or self.program.rows:
            return False
        names = [step.name for step in self.steps if step.shown]
        counted = [
            ["MaximizeTotal"], ["MaximizeMatched"], ["MaximizeMatched", "MinimizeDefects"],
            ["MaximizeMatched", "MaximizeTotal"],
            ["MaximizeMatched", "MinimizeDefects", "MaximizeTotal"],
        ]  # fmt: skip
        return names in counted and not self.several

    def unit(self, name: str, unit: str) -> int:
        """Return what one step of a stage is worth in the folded sum, 0 if there is none."""
        units = () if self.fold is None else self.fold.units
        for step, worth in zip(self.steps, units, strict=False):
            if (step.name, step.unit) == (name, unit):
                return worth
        return 0

    @property
    def matched_unit(self) -> int:
        """What one matched mentee is worth in the folded sum."""
        return self.unit("MaximizeMatched", "mentees")

    @property
    def priority_unit(self) -> int:
        """What one step of priority is worth in the folded sum."""
        return self.unit("MaximizeMatched", "priority")

    @property
    def seat_unit(self) -> int:
        """What one seat kept by score is worth in the folded sum."""
        return self.unit("MinimizeDefects", "seats by score")

    @property
    def defect_unit(self) -> int:
        """What one pair with a defect costs in the folded sum."""
        return self.unit("MinimizeDefects", "pairs with a defect")

    def back(self, pairs: Pairs) -> Pairs:
        """Return the roster positions of solved pairs, locked ones included."""
        rows, columns = (
            np.concatenate([solved, held])
            for solved, held in zip(pairs, self.case.held, strict=True)
        )
        if self.order is not None:
            rows, columns = self.order[0][rows], self.order[1][columns]
        return rows, columns

    def there(self, pairs: Pairs) -> Pairs:
        """Return where pairs of roster positions stand in the order of solving."""
        if self.order is None:
            return pairs
        at = [np.argsort(order) for order in self.order]
        return at[0][pairs[0]], at[1][pairs[1]]


def lower(problem: Problem) -> Lowered:
    """Lower a problem to integers; raise `InfeasibleError` if it contradicts itself.

    Notes
    -----
    Time O(n m) where a floor, a lock or a row makes a copy of the points, else O(n + m).
    """
    scores = problem.scores
    asked = asked_of(problem)
    least, most, _ = single_loads(scores, problem.constraints)
    check_locks(scores, problem, asked)
    check_loads(problem, least, most)
    hashes = (
        id_hashes(scores.mentees.ids, problem.seed),
        id_hashes(scores.mentors.ids, problem.seed + 1),
    )
    source = scores.source
    if source is not None:
        refuse(problem)
    order = None
    if source is None and not _in_any_order(problem, asked):
        order = (
            np.argsort(hashes[0], kind="stable").astype(np.int64),
            np.argsort(hashes[1], kind="stable").astype(np.int64),
        )
        hashes = hashes[0][order[0]], hashes[1][order[1]]
        least, most = least[order[1]], most[order[1]]
    case = case_of(scores, asked, order)
    columns = case.held[1]
    np.subtract.at(most, columns, 1)
    np.subtract.at(least, columns, 1)
    demand = np.maximum(case.asked - case.had, 0)
    done = demand == 0  # locks are all they asked for, or they want nobody
    if source is not None:
        points, source = case.matrix, barred(case, problem, source, done)
    else:
        points = _open_points(case, problem, np.flatnonzero(done))
    named = labelled_rows(case, problem)
    sides = tuple(set_aside(row, case).side for row in sorted(named, key=lambda row: row.label))
    bands = tuple(band for constraint in _distinct(problem) for band in constraint.bands(case))
    program = Program(
        points, most, np.maximum(least, 0), demand, sides,
        bands=tuple(band for band in bands if band.size.size),
        only_bands=all(any(True for _ in row.constraint.bands(case)) for row in named),
        row_hash=hashes[0], mentor_hash=hashes[1], source=source,
    )  # fmt: skip
    steps = steps_of(problem, case)
    if source is not None:
        refuse_lowered(problem, case, program, steps, named)
    return Lowered(case, program, steps, named, order)


def case_of(
    scores: Scores,
    asked: IntArray,
    order: tuple[IntArray, IntArray] | None = None,
) -> Case:
    """Return the people of scores in an order of solving (None: as in the rosters)."""
    if order is None:
        points = scores.matrix() if scores.source is None else no_matrix(scores)
        return Case(scores.mentees, scores.mentors, points, scores.locks, asked, scores)
    rows, columns = order
    locks = scores.locks
    if len(locks):
        at = np.argsort(rows), np.argsort(columns)
        locks = np.stack([at[0][locks[:, 0]], at[1][locks[:, 1]]], axis=1)
    points = np.ascontiguousarray(scores.matrix("This order of solving")[np.ix_(rows, columns)])
    return Case(
        scores.mentees.take(rows), scores.mentors.take(columns), points, locks, asked[rows],
        scores, order,
    )  # fmt: skip


def _in_any_order(problem: Problem, asked: IntArray) -> bool:
    """Whether flows solve the problem: their ties go by hashes, wherever people stand."""
    if any(constraint.is_rows for constraint in problem.constraints):
        return False
    if int(asked.max(initial=0)) > MOST_SLOTS:
        return False  # slots may not fit into one sum
    pursued = problem.pursued
    kinds = all(objective.is_flow for objective in pursued)
    last = isinstance(pursued[-1], MaximizeMatched)
    folded = [type(o).__name__ for o in pursued] in (
        ["MaximizeMatched", "MaximizeTotal"], ["MaximizeTotal"],
    ) or (last and len(pursued) == 1)  # fmt: skip
    return kinds and (folded or int(asked.max(initial=0)) <= 1)


def _distinct(problem: Problem) -> list[Constraint]:
    """Return the constraints, each once: a parity given twice is one."""
    found: dict[str, list[Constraint]] = {}
    for constraint in problem.constraints:
        # 1 equals 1.0, but to a quota one is a count and the other a share
        alike = found.setdefault(repr(constraint), [])
        if not any(constraint == other for other in alike):
            alike.append(constraint)
    return [constraint for alike in found.values() for constraint in alike]


def labelled_rows(case: Case, problem: Problem) -> tuple[Row, ...]:
    """Return every constraint that is rows, lowered; not loads and floors of single people."""
    return tuple(row for constraint in _distinct(problem) for row in constraint.rows(case))


def steps_of(problem: Problem, case: Case) -> tuple[Step, ...]:
    """Return the stages of a problem in order, reserves right after the number matched."""
    steps: list[Step] = []
    matched = False
    for objective in problem.pursued:
        steps += objective.steps(case, matched)
        if isinstance(objective, MaximizeMatched):
            matched = True
            steps += _reserved(problem, case)
    return tuple(steps if matched else [*_reserved(problem, case), *steps])


def _reserved(problem: Problem, case: Case) -> list[Step]:
    kept = [c for c in problem.constraints if isinstance(c, Reserve)]
    places = [(mentee, mentor, c.seats) for c in kept for mentee, mentor in c.reserved(case)]
    if not places:
        return []
    mentee, mentor = (np.array([place[side] for place in places]) for side in (0, 1))
    seats = np.array([place[2] for place in places], dtype=np.int64)
    had = (mentee[:, case.held[0]] * mentor[:, case.held[1]]).sum(axis=1)
    return [
        Step("Reserve", stages.Filled(mentee, mentor, seats, had), "reserved seats", shown=False)
    ]


def asked_of(problem: Problem) -> IntArray:
    """Return int64 (n,): mentors per mentee; of several `Demand`s the least holds."""
    mentees = problem.scores.mentees
    given = [c.asked(mentees) for c in problem.constraints if isinstance(c, Demand)]
    m = max(len(problem.scores.mentors), 1)
    if not given:
        return np.ones(len(mentees), dtype=np.int64)
    asked: IntArray = np.minimum(np.minimum.reduce(given), m)
    return asked


def _open_points(case: Case, problem: Problem, done: IntArray) -> npt.NDArray[np.int32]:
    """Return int32 (n, m): points of the pairs that may still be chosen, negative elsewhere."""
    points = _with_floors(case, problem)
    rows, columns = case.held
    if rows.size:
        points = np.array(points)
        points[rows, columns] = ~case.matrix[rows, columns]
    if done.size:
        points = np.array(points)
        points[done] = np.where(points[done] >= 0, ~points[done], points[done])
    return points


def _with_floors(case: Case, problem: Problem) -> npt.NDArray[np.int32]:
    floors = [c.needed(case.mentees) for c in problem.constraints if isinstance(c, ScoreFloor)]
    if not floors:
        return case.matrix
    least = np.maximum.reduce(floors)[:, None]
    points = case.matrix
    return np.where((points >= 0) & (points < least), ~points, points).astype(np.int32)


def check_locks(scores: Scores, problem: Problem, asked: IntArray) -> None:
    """Raise one `InfeasibleError` that names every lock no matching can keep, and why."""
    if not len(scores.locks):
        return
    mentees, mentors = scores.mentees, scores.mentors
    conflicts: list[str] = []
    broken: list[Rule] = []
    floors = [(c, c.needed(mentees)) for c in problem.constraints if isinstance(c, ScoreFloor)]
    _, most, _ = single_loads(scores, problem.constraints)
    worth = scores.at(scores.locks[:, 0], scores.locks[:, 1]).tolist()
    for (i, j), points in zip(scores.locks, worth, strict=True):
        if points >= 0 and not floors:
            continue  # no rule bars it
        lock = lock_name(scores, int(i), int(j))
        conflicts += [
            f"{lock} against {reason}" for reason in scores.why_inadmissible(int(i), int(j))
        ]
        broken += scores.forbidding(int(i), int(j))
        conflicts += [
            f"{lock} (score {max(points, ~points) / MILLION:.3f}) against {floor!r}"
            for floor, least in floors
            if 0 <= points < least[i]
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
            f"No matching satisfies: {'; '.join(conflicts)}. {_way_out(broken)}", conflicts
        )


def _way_out(broken: Sequence[Rule]) -> str:
    """Return what to do about locks that cannot be kept, some of them for these rules."""
    names = dict.fromkeys(str(rule) for rule in broken if not isinstance(rule, Lock | Forbid))
    if not names:
        return "Drop a lock of each, lift the rule, or add seats."
    return (
        "Drop a lock of each, or add seats; to do without a rule, say so with criteria="
        "plan.with_rules([...]), which holds just the rules that you list (here not "
        f"{listed(names)}), where plan = presets.from_columns(mentees, mentors)."
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
