"""diagnose: why somebody stayed unmatched, and the smallest change that would help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.errors import check_parameter
from mentormatch.insight.blocking import Barriers, barriers, floors_of, relaxable
from mentormatch.insight.residual import FAR, Residual, Worth, residual_of
from mentormatch.insight.shortage import shortage_of
from mentormatch.insight.wording import joined
from mentormatch.matching.constraints import ScoreFloor
from mentormatch.matching.lowering import MILLION, Lowered, lower
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.solvers.assignment import assign

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["diagnose", "unmatched_reasons"]

IntArray: TypeAlias = npt.NDArray[np.int64]
PointsArray: TypeAlias = npt.NDArray[np.int32]

MOST_SEATS = 5
NAMED = 5
"""Mentors named in a reason; more are only counted."""


def unmatched_reasons(matching: Matching) -> pd.DataFrame:
    """Say why each unmatched mentee has nobody, without solving anything again.

    Parameters
    ----------
    matching
        Result of `solve`.

    Returns
    -------
    DataFrame, one row per unmatched mentee
        `person` (id), `name`, `reason` (in words), `rules` (which rule removes how many mentors,
        "" if none does; one mentor may be removed by several rules).

    Notes
    -----
    Time O(unmatched x rules x m).
    """
    import pandas as pd

    mentees = matching.problem.scores.mentees
    rows = np.flatnonzero(matching.assignment < 0)
    found = list(barriers(matching, rows))
    return pd.DataFrame(
        {
            "person": pd.Series([mentees.ids[b.mentee] for b in found], dtype=object),
            "name": pd.Series([mentees.name(b.mentee) for b in found], dtype=object),
            "reason": pd.Series([_reason(matching, b) for b in found], dtype=object),
            "rules": pd.Series([rules_text(b) for b in found], dtype=object),
        }
    )


def rules_text(found: Barriers) -> str:
    """Return which rule removes how many mentors, e.g. ``Same('site') 12; Avoid() 1``."""
    return "; ".join(f"{name} {count}" for name, count in found.counts)


def _reason(matching: Matching, found: Barriers) -> str:
    mentors = matching.problem.scores.mentors
    m = len(mentors)
    if m == 0:
        return "There is no mentor on the roster."
    options = np.flatnonzero(found.admissible)
    if not options.size:
        what = [_removal(name, count) for name, count in found.counts]
        return f"None of the {m} mentors is admissible: {joined(what)}."
    load = np.bincount(matching.pairs[1], minlength=m)
    free = options[load[options] < mentors.capacity[options]]
    if free.size:
        names = joined([mentors.name(int(j)) for j in free], 3)
        return f"There is a free seat with {names}, but using it would make the whole worse."
    seats = int(mentors.capacity[options].sum())
    names = f" ({joined([mentors.name(int(j)) for j in options])})" if options.size <= NAMED else ""
    if not seats:
        return f"{_only(len(options), m)}{names}, with no seat to offer."
    taken = "whose seat is taken" if seats == 1 else f"whose {seats} seats are all taken"
    return f"{_only(len(options), m)}{names}, {taken}."


def _only(options: int, m: int) -> str:
    if options == m:
        return "Every mentor is admissible" if m > 1 else "The one mentor is admissible"
    return f"Only {options} of the {m} mentors {'is' if options == 1 else 'are'} admissible"


def _removal(name: str, count: int) -> str:
    return f"{name} removes {count}"


@dataclass(frozen=True, eq=False)
class Change:
    """One change of the programme that would match somebody.

    kind : {"seat", "rule", "floor", "seats"}
    mentor : position of the mentor it concerns.
    amount : seats added, rules relaxed (1), or points by which the floor is lowered.
    gain : what the objective gains.
    """

    kind: str
    mentor: int
    amount: int
    gain: Worth
    what: str


def diagnose(matching: Matching, *, most_seats: int = MOST_SEATS) -> pd.DataFrame:
    """Say why each unmatched mentee has nobody, and the smallest change that would match her.

    Changes are tried in this order, and each is verified by solving the changed problem: she is
    then matched, and so is everybody's number one higher.

    1. one more seat with one mentor,
    2. one rule relaxed for one pair (never `Avoid`, nor being matched to oneself),
    3. the score floor lowered for her, by as little as possible,
    4. two, three, ... more seats with one mentor, up to `most_seats`.

    Among changes of the same size the one that gains most is given.

    Parameters
    ----------
    matching
        Result of `solve`, proven optimal.
    most_seats
        How many seats more with one mentor are considered.

    Returns
    -------
    DataFrame, one row per unmatched mentee
        `person` (id), `name`, `reason` (with the shortage she is part of), `rules` (which rule
        removes how many mentors), `change` (in words, "" if no single change would do), `kind`
        ("seat", "rule", "floor", "seats" or ""), `mentor` (id or None), `amount` (seats, 1 rule,
        or score), `matched_gain` (mentees), `gain` (total score).

    Raises
    ------
    ParameterError
        If the matching is not proven optimal, or has objectives or constraints whose exchanges
        have no exact price.

    Notes
    -----
    Steps 1 to 3: one tree of shortest paths and about one solve for each unmatched mentee. Step 4,
    for those left: one solve per mentor and seat; ``most_seats=1`` leaves it out.
    """
    ok = isinstance(most_seats, int) and not isinstance(most_seats, bool) and most_seats >= 1
    check_parameter(ok, "most_seats", "diagnose", "an int in [1, inf)", most_seats)
    frame = unmatched_reasons(matching)
    rows = np.flatnonzero(matching.assignment < 0)
    if not len(rows):
        return _with_changes(matching, frame, {})
    residual = residual_of(matching, "diagnose")
    search = _Search(matching, residual)
    changes: dict[int, Change] = {}
    for found in barriers(matching, rows):
        change = search.single(found)
        if change is not None:
            changes[found.mentee] = change
    search.several_seats(rows, changes, most_seats)
    told = zip(frame["reason"], _shortage_texts(matching, residual, rows), strict=True)
    frame["reason"] = [f"{reason} {shortage}".strip() for reason, shortage in told]
    return _with_changes(matching, frame, changes)


def _shortage_texts(matching: Matching, residual: Residual, rows: IntArray) -> list[str]:
    """Return for each mentee the shortage she is part of, "" if none; each is worded once."""
    texts: dict[bytes, str] = {}
    told = []
    for i in rows.tolist():
        shortage = shortage_of(residual, i)
        key = b"" if shortage is None else shortage.mentors.tobytes()
        if key not in texts:
            texts[key] = "" if shortage is None else shortage.text(matching)
        told.append(texts[key])
    return told


def _with_changes(
    matching: Matching, frame: pd.DataFrame, changes: dict[int, Change]
) -> pd.DataFrame:
    import pandas as pd

    rows = np.flatnonzero(matching.assignment < 0).tolist()
    mentors = matching.problem.scores.mentors
    made = [changes.get(i) for i in rows]

    def column(values: Sequence[object]) -> pd.Series:
        return pd.Series(values, dtype=object)

    frame["change"] = column([c.what if c else "" for c in made])
    frame["kind"] = column([c.kind if c else "" for c in made])
    frame["mentor"] = column([mentors.ids[c.mentor] if c else None for c in made])
    frame["amount"] = [_amount(c) for c in made]
    frame["matched_gain"] = [c.gain.matched if c else 0 for c in made]
    frame["gain"] = [c.gain.points / MILLION if c else float("nan") for c in made]
    return frame


def _amount(change: Change | None) -> float:
    if change is None:
        return float("nan")
    return change.amount / MILLION if change.kind == "floor" else float(change.amount)


@dataclass(frozen=True, eq=False)
class _Search:
    """Candidates by shortest paths, each verified by solving the changed problem."""

    matching: Matching
    residual: Residual

    @property
    def problem(self) -> Problem:
        return self.matching.problem

    @property
    def lowered(self) -> Lowered:
        return self.residual.lowered

    def single(self, found: Barriers) -> Change | None:
        """Return the smallest verified single change for one mentee."""
        for candidates in (self._seat(found), self._rule(found), self._floor(found)):
            for change, points, capacity in candidates:
                gain = self._verified(found.mentee, points, capacity)
                if gain is not None:
                    return replace(change, gain=gain)
        return None

    def several_seats(self, rows: IntArray, changes: dict[int, Change], most: int) -> None:
        """Add the fewest seats with one mentor that match each of those left."""
        names, ids = self.problem.scores.mentors.name, self.problem.scores.mentors.ids
        open_to = {
            i: np.flatnonzero(self.residual.entering(i) > -FAR)
            for i in rows.tolist()
            if i not in changes
        }
        for seats in range(2, most + 1):
            left = [i for i in open_to if i not in changes]
            if not left:
                return
            useful = np.unique(np.concatenate([open_to[i] for i in left]))
            for j in sorted(useful.tolist(), key=lambda j: ids[j]):
                capacity = self.lowered.program.capacity.copy()
                capacity[j] += seats
                answer, gain, before = self._solve(None, capacity)
                for i in left:
                    if answer[i] < 0 or gain[0] <= before:
                        continue
                    old = changes.get(i)
                    if old is None or gain[1] > old.gain:
                        what = f"{seats} more seats with {names(j)}"
                        changes[i] = Change("seats", j, seats, gain[1], what)

    def _seat(self, found: Barriers) -> Iterator[tuple[Change, None, IntArray]]:
        gains = self.residual.entering(found.mentee)
        # if somebody else gains more from the seat, it is not hers
        best = np.flatnonzero((gains > -FAR) & (gains >= self.residual.prices))
        ids, names = self.problem.scores.mentors.ids, self.problem.scores.mentors.name
        for j in sorted(best.tolist(), key=lambda j: (-gains[j], ids[j])):
            capacity = self.lowered.program.capacity.copy()
            capacity[j] += 1
            worth = Worth.of(int(gains[j]), self.lowered)
            if not self._enough(worth):
                return
            yield Change("seat", j, 1, worth, f"one more seat with {names(j)}"), None, capacity

    def _rule(self, found: Barriers) -> Iterator[tuple[Change, PointsArray, None]]:
        scores = self.problem.scores
        once = (found.forbids.sum(axis=0) == 1) & ~found.below
        options: list[tuple[Worth, int, str]] = []
        for j in np.flatnonzero(once).tolist():
            broken = found.rules[int(found.forbids[:, j].argmax())]
            if relaxable(broken):
                options.append((self._gain(found.mentee, j), j, str(broken)))
        mentee = scores.mentees.name(found.mentee)
        options.sort(key=lambda option: (_downward(option[0]), scores.mentors.ids[option[1]]))
        for gain, j, rule in options:
            if not self._enough(gain):
                return
            what = f"{rule} relaxed for {mentee} with {scores.mentors.name(j)}"
            points = self._admitting(found.mentee, np.array([j]))
            yield Change("rule", j, 1, gain, what), points, None

    def _floor(self, found: Barriers) -> Iterator[tuple[Change, PointsArray, None]]:
        scores = self.problem.scores
        i = found.mentee
        options = np.flatnonzero(found.below & ~found.forbids.any(axis=0))
        points = scores.points[i, options]
        floor = int(floors_of(self.problem)[i])
        mentee = scores.mentees.name(i)
        for level in np.unique(points)[::-1].tolist():
            here = options[points == level]
            gain = max(self._gain(i, int(j)) for j in here)
            if not self._enough(gain):
                continue
            j = min(
                here.tolist(), key=lambda j: (_downward(self._gain(i, j)), scores.mentors.ids[j])
            )
            levels = f"from {floor / MILLION:g} to {level / MILLION:g}"
            what = f"the score floor lowered {levels} for {mentee}"
            change = Change("floor", j, floor - level, gain, what)
            yield change, self._admitting(i, options[points >= level]), None

    def _enough(self, gain: Worth) -> bool:
        """Tell whether one more could be matched: where that comes first, the gain says so."""
        return gain.matched > 0 if self.lowered.matched_unit else gain.points >= 0

    def _gain(self, i: int, j: int) -> Worth:
        """Return what the objective gains if the pair became admissible and were forced.

        Taken apart before it is added up: the pair's score may exceed all that the unit of a
        matched mentee was made for.
        """
        own = Worth.of(int(self.lowered.bonus[i]), self.lowered)
        lost = Worth.of(int(self.residual.exits[j]), self.lowered)
        points = int(self.problem.scores.points[i, j])
        points = ~points if points < 0 else points
        if self.lowered.program.capacity[j] == 0:
            return Worth(-1, 0, 0)
        return Worth(own.matched - lost.matched, own.priority - lost.priority, points - lost.points)

    def _admitting(self, i: int, mentors: IntArray) -> PointsArray:
        """Return the points with these pairs admissible, floors already applied."""
        scores = self.problem.scores
        points = np.array(scores.points)
        floored = (points >= 0) & (self.lowered.program.points < 0)
        if len(scores.locks):
            floored[scores.locks[:, 0]] = False
        points[floored] = ~points[floored]
        row = points[i, mentors]
        points[i, mentors] = np.where(row < 0, ~row, row)
        return points

    def _verified(
        self, i: int, points: PointsArray | None, capacity: IntArray | None
    ) -> Worth | None:
        """Return the gain if the changed problem's optimum matches her and one more in all."""
        answer, (count, gain), before = self._solve(points, capacity)
        return gain if answer[i] >= 0 and count > before else None

    def _solve(
        self, points: PointsArray | None, capacity: IntArray | None
    ) -> tuple[IntArray, tuple[int, Worth], int]:
        """Solve the changed problem: assignment, (matched, gain), matched before."""
        lowered = self.lowered
        if points is not None:  # lowered anew: the unit of a matched mentee depends on the scores
            scores = replace(self.problem.scores, points=points)
            others = [c for c in self.problem.constraints if not isinstance(c, ScoreFloor)]
            lowered = lower(replace(self.problem, scores=scores, constraints=others))
        seats = lowered.program.capacity if capacity is None else capacity
        solution = assign(
            lowered.value, seats, row_bonus=lowered.bonus,
            row_hash=lowered.program.row_hash, mentor_hash=lowered.program.mentor_hash,
            min_load=lowered.program.min_load if lowered.program.min_load.any() else None,
        )  # fmt: skip
        old = np.where(
            self.residual.mentor_of == self.residual.outside, -1, self.residual.mentor_of
        )
        gain = solution.objective - _objective(lowered, old)
        counts = [int((a >= 0).sum()) for a in (solution.mentor_of, old)]
        return solution.mentor_of, (counts[0], Worth.of(gain, lowered)), counts[1]


def _objective(lowered: Lowered, mentor_of: IntArray) -> int:
    rows = np.flatnonzero(mentor_of >= 0)
    return int(lowered.bonus[rows].sum() + lowered.value[rows, mentor_of[rows]].sum(dtype=int))


def _downward(worth: Worth) -> tuple[int, int, int]:
    return -worth.matched, -worth.priority, -worth.points
