"""Constraints become labelled rows: one name for the solver, the messages and the explanations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ColumnError, ParameterError, did_you_mean
from mentormatch.matching.constraints import (
    Apart,
    Constraint,
    HoursBudget,
    Load,
    Parity,
    Quota,
    Reserve,
    Together,
)
from mentormatch.rosters.columns import Categories, Labels, Numbers, label_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.solvers.program import SideRow

if TYPE_CHECKING:
    from mentormatch.scoring.scores import Scores

IntArray = npt.NDArray[np.int64]

UNKNOWN = "unknown"
"""Name of the group of people who did not answer."""
HOUR = 1000
"""Hours are counted in thousandths."""


@dataclass(frozen=True, eq=False)
class Row:
    """One inequality with its name.

    label : str, in the user's words.
    constraint : Constraint, what it came from.
    side : SideRow, its coefficients and bounds.
    scale : int, what the user's unit was multiplied by (for showing slacks).
    """

    label: str
    constraint: Constraint
    side: SideRow
    scale: int = 1


@dataclass(frozen=True, eq=False)
class Groups:
    """People by the value of one column.

    codes : int64 (people,), position in `labels`, -1 for those in no group.
    """

    codes: IntArray
    labels: tuple[str, ...]

    def sizes(self) -> IntArray:
        """Return int64 (groups,): people in each."""
        sizes: IntArray = np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))
        return sizes

    def at_least(self, smallest: int) -> Groups:
        """Return the groups of so many people; nobody else is in a group."""
        kept = np.flatnonzero(self.sizes() >= smallest)
        new = np.full(len(self.labels) + 1, -1, dtype=np.int64)
        new[kept] = np.arange(kept.size)
        return Groups(new[self.codes], tuple(self.labels[g] for g in kept))

    def where(self, value: str, wanted_by: str, column: str) -> IntArray:
        """Return int64 (people,): 1 for those with this value."""
        keys = [label_key(label) for label in self.labels]
        if label_key(value) not in keys:
            raise ParameterError(
                f"{wanted_by}: nobody has {column!r} = {value!r}. "
                f"{did_you_mean(value, self.labels)}"
            )
        inside: IntArray = (self.codes == keys.index(label_key(value))).astype(np.int64)
        return inside


def groups_of(people: Profiles, column: str, wanted_by: str) -> Groups:
    """Return the groups of a roster by one column; not answered is a group of its own.

    Raises
    ------
    ColumnError
        If the roster has no such column, or it is neither categories nor numbers.
    """
    found = people.columns.get(column)
    if found is None:
        raise ColumnError(
            f"{wanted_by} needs a column {column!r}, which the {people.role} roster "
            f"({people.source}) does not have. {did_you_mean(column, people.columns)}"
        )
    if not isinstance(found, Categories | Numbers):
        raise ColumnError(
            f"{wanted_by} needs {column!r} as categories or numbers, but the {people.role} roster "
            f"has it as {found.kind}. Choose the type with read_roster(..., "
            f"kinds={{{column!r}: 'category'}})."
        )
    words = [UNKNOWN if value is None else _word(value) for value in found.to_list()]
    labels = sorted(set(words) - {UNKNOWN}) + ([UNKNOWN] if UNKNOWN in words else [])
    at = {label: code for code, label in enumerate(labels)}
    return Groups(np.array([at[word] for word in words], dtype=np.int64), tuple(labels))


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def labelled_rows(
    scores: Scores, constraints: Sequence[Constraint], demand: IntArray
) -> tuple[Row, ...]:
    """Lower every constraint that is rows; loads of single mentors, floors and demands are not.

    Parameters
    ----------
    scores
        n mentees, m mentors.
    demand : int64 (n,)
        Mentors per mentee.
    """
    makers: dict[type[Constraint], Callable[..., Iterator[Row]]] = {
        Quota: _quota,
        Parity: _parity,
        Together: _together,
        Apart: _apart,
        HoursBudget: _hours,
        Load: _group_load,
    }
    return tuple(
        row
        for constraint in constraints
        if type(constraint) in makers
        for row in makers[type(constraint)](scores, constraint, demand)
    )


def set_aside(row: Row, scores: Scores) -> Row:
    """Take out of a row what the locked pairs contribute to it."""
    if not len(scores.locks):
        return row
    rows, columns = scores.locks.T
    amount = row.side.amount(rows, columns, scores.points)
    side = row.side
    return replace(
        row,
        side=replace(
            side,
            least=None if side.least is None else side.least - amount,
            most=None if side.most is None else side.most - amount,
        ),
    )


def places(
    scores: Scores, over: str, over_value: str | None, name: str
) -> list[tuple[str, IntArray]]:
    """Return (label, 0/1 over mentors) for each mentor, value of a mentor column, or for all."""
    mentors = scores.mentors
    m = len(mentors)
    if over == "programme":
        return [("the programme", np.ones(m, dtype=np.int64))]
    if over == "mentor":
        chosen = range(m) if over_value is None else [mentors.position(over_value)]
        return [(mentors.ids[j], _at(m, [j])) for j in chosen]
    groups = groups_of(mentors, over, name)
    labels = groups.labels if over_value is None else (over_value,)
    return [(f"{over} {label!r}", groups.where(label, name, over)) for label in labels]


def _at(size: int, positions: list[int]) -> IntArray:
    result = np.zeros(size, dtype=np.int64)
    result[positions] = 1
    return result


def _quota(scores: Scores, quota: Quota, demand: IntArray) -> Iterator[Row]:
    groups = groups_of(scores.mentees, quota.column, "Quota")
    labels = groups.labels if quota.value is None else (quota.value,)
    for label in labels:
        group = groups.where(label, "Quota", quota.column)
        for place, mentor in places(scores, quota.over, quota.over_value, "Quota"):
            for side, bound in (("least", quota.least), ("most", quota.most)):
                if bound is None:
                    continue
                share = isinstance(bound, float)
                part = Fraction(str(bound)) if share else Fraction(bound)
                weight = group * part.denominator - part.numerator if share else group
                limit = 0 if share else int(bound)
                yield Row(
                    f"Quota({quota.column!r} = {label!r}, {side}={bound!r}) at {place}",
                    quota,
                    SideRow(
                        weight,
                        mentor,
                        least=limit if side == "least" else None,
                        most=limit if side == "most" else None,
                    ),
                    part.denominator if share else 1,
                )


def parity_groups(scores: Scores, parity: Parity, demand: IntArray) -> tuple[Groups, IntArray]:
    """Return the groups that a parity compares, and what each asks for (mentors)."""
    groups = groups_of(scores.mentees, parity.by, "Parity").at_least(parity.smallest)
    inside = groups.codes >= 0
    asked = np.zeros(len(groups.labels), dtype=np.int64)
    np.add.at(asked, groups.codes[inside], demand[inside])
    kept = asked > 0
    if kept.all():
        return groups, asked
    new = np.full(len(groups.labels) + 1, -1, dtype=np.int64)
    new[np.flatnonzero(kept)] = np.arange(int(kept.sum()))
    labels = tuple(label for label, keep in zip(groups.labels, kept, strict=True) if keep)
    return Groups(new[groups.codes], labels), asked[kept]


def _parity(scores: Scores, parity: Parity, demand: IntArray) -> Iterator[Row]:
    groups, asked = parity_groups(scores, parity, demand)
    everyone = np.ones(len(scores.mentors), dtype=np.int64)
    scored = parity.measure == "mean_score"
    within, ratio = Fraction(str(parity.within)), Fraction(str(parity.ratio))
    for g, high in enumerate(groups.labels):
        for h, low in enumerate(groups.labels):
            if g == h:
                continue
            first, second = (groups.codes == g).astype(np.int64), groups.codes == h
            if parity.measure == "impact_ratio":  # share_h >= ratio * share_g
                weight = first * ratio.numerator * int(asked[h]) - second * ratio.denominator * int(
                    asked[g]
                )
                most = 0
                tail = f"ratio={parity.ratio:g}"
                scale = ratio.denominator
            else:
                weight = first * int(asked[h]) - second * int(asked[g])
                unit = 1_000_000 if scored else 1
                most = int(within * int(asked[g]) * int(asked[h]) * unit)
                tail = f"within={parity.within:g}"
                scale = unit
            common = int(np.gcd.reduce(weight)) or 1
            yield Row(
                f"Parity({parity.by!r}, {parity.measure!r}, {tail}): {high!r} over {low!r}",
                parity,
                SideRow(weight // common, everyone, scored=scored, most=most // common),
                int(asked[g] * asked[h]) * scale // common or 1,
            )


def _together(scores: Scores, together: Together, demand: IntArray) -> Iterator[Row]:
    people = [scores.mentees.position(person) for person in together.people]
    n, m = len(scores.mentees), len(scores.mentors)
    for first, second in pairwise(people):
        if first == second:
            continue
        weight = np.zeros(n, dtype=np.int64)
        weight[first], weight[second] = 1, -1
        for j in range(m):
            yield Row(
                f"Together({list(together.people)!r}) at {scores.mentors.ids[j]}",
                together,
                SideRow(weight, _at(m, [j]), least=0, most=0),
            )


def _apart(scores: Scores, apart: Apart, demand: IntArray) -> Iterator[Row]:
    people = [scores.mentees.position(person) for person in apart.people]
    m = len(scores.mentors)
    weight = _at(len(scores.mentees), people)
    for j in range(m):
        if scores.mentors.capacity[j] > 1:
            yield Row(
                f"Apart({list(apart.people)!r}) at {scores.mentors.ids[j]}",
                apart,
                SideRow(weight, _at(m, [j]), most=1),
            )


def _hours(scores: Scores, budget: HoursBudget, demand: IntArray) -> Iterator[Row]:
    wanted = scores.mentees.column(budget.wanted, Numbers, wanted_by="HoursBudget(wanted)")
    offered = scores.mentors.column(budget.offered, Numbers, wanted_by="HoursBudget(offered)")
    hours = np.rint(np.nan_to_num(wanted.values, nan=0.0) * HOUR).astype(np.int64)
    m = len(scores.mentors)
    for j in np.flatnonzero(~np.isnan(offered.values)).tolist():
        most = round(float(offered.values[j]) * HOUR)
        yield Row(
            f"HoursBudget of {scores.mentors.ids[j]} ({offered.values[j]:g} hours)",
            budget,
            SideRow(hours, _at(m, [j]), most=most),
            HOUR,
        )


def _group_load(scores: Scores, load: Load, demand: IntArray) -> Iterator[Row]:
    if load.by is None:
        return
    everyone = np.ones(len(scores.mentees), dtype=np.int64)
    assert not isinstance(load.least, str)
    assert not isinstance(load.most, str)
    for place, mentor in places(scores, load.by, load.value, "Load"):
        if load.mentors is not None:
            mentor = mentor * _at(mentor.size, [scores.mentors.position(p) for p in load.mentors])
        bounds = f"least={load.least}" + ("" if load.most is None else f", most={load.most}")
        yield Row(
            f"Load({bounds}) of {place}",
            load,
            SideRow(everyone, mentor, least=load.least or None, most=load.most),
        )


def single_loads(
    scores: Scores, constraints: Sequence[Constraint]
) -> tuple[IntArray, IntArray, list[tuple[str, int, Load]]]:
    """Return (fewest, most mentees per mentor, [(label, mentor, constraint)] of the minima)."""
    mentors = scores.mentors
    least = np.zeros(len(mentors), dtype=np.int64)
    most = np.array(mentors.capacity, dtype=np.int64)
    named: list[tuple[str, int, Load]] = []
    for load in constraints:
        if not isinstance(load, Load) or load.by is not None:
            continue
        chosen = (
            np.arange(len(mentors))
            if load.mentors is None
            else np.array([mentors.position(person) for person in load.mentors], dtype=np.int64)
        )
        low = _bound(mentors, load.least, 0)[chosen]
        high = _bound(mentors, load.most, int(most.max(initial=0)))[chosen]
        least[chosen] = np.maximum(least[chosen], low)
        most[chosen] = np.minimum(most[chosen], high)
        for j, bound in zip(chosen.tolist(), low.tolist(), strict=True):
            if bound:
                named.append((f"Load(least={bound}) of {mentors.ids[j]}", j, load))
    return least, most, named


def _bound(mentors: Profiles, bound: int | str | None, otherwise: int) -> IntArray:
    if not isinstance(bound, str):
        value = otherwise if bound is None else bound
        return np.full(len(mentors), value, dtype=np.int64)
    column = mentors.column(bound, Numbers, wanted_by="Load")
    values = np.where(np.isnan(column.values), otherwise, column.values)
    if (values < 0).any() or (values != np.rint(values)).any():
        raise ParameterError(f"Load: the column {bound!r} must hold whole numbers >= 0.")
    return values.astype(np.int64)


def demands(scores: Scores, given: object) -> IntArray:
    """Return int64 (n,): how many mentors each mentee may have, from `Demand.mentors`."""
    mentees = scores.mentees
    if isinstance(given, int):
        return np.full(len(mentees), given, dtype=np.int64)
    result = np.ones(len(mentees), dtype=np.int64)
    if isinstance(given, str):
        column = mentees.columns.get(given)
        if isinstance(column, Labels):
            return np.maximum(np.diff(column.indptr), 1).astype(np.int64)
        numbers = mentees.column(given, Numbers, wanted_by="Demand").values
        wrong = ~np.isnan(numbers) & ((numbers < 0) | (numbers != np.rint(numbers)))
        if wrong.any():
            raise ParameterError(f"Demand: the column {given!r} must hold whole numbers >= 0.")
        return np.where(np.isnan(numbers), 1, numbers).astype(np.int64)
    for person, count in given.items():  # type: ignore[attr-defined]
        result[mentees.position(person)] = count
    return result


def reserve_arrays(scores: Scores, reserves: list[Reserve]) -> tuple[IntArray, IntArray, IntArray]:
    """Return (mentees 0/1, mentors 0/1, seats) of every reserve, one row each."""
    n, m = len(scores.mentees), len(scores.mentors)
    mentee, mentor, seats = [], [], []
    for reserve in reserves:
        groups = groups_of(scores.mentees, reserve.column, "Reserve")
        group = groups.where(reserve.value, "Reserve", reserve.column)
        for _, place in places(scores, reserve.over, reserve.over_value, "Reserve"):
            mentee.append(group)
            mentor.append(place)
            seats.append(reserve.seats)
    return (
        np.array(mentee, dtype=np.int64).reshape(-1, n),
        np.array(mentor, dtype=np.int64).reshape(-1, m),
        np.array(seats, dtype=np.int64),
    )
