"""What constraints and objectives lower themselves from, and into: people, groups, rows, steps.

One name serves the solver, the messages and the explanations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mentormatch.domains import check_fields
from mentormatch.errors import ColumnError, ParameterError, did_you_mean
from mentormatch.rosters.columns import Categories, Numbers
from mentormatch.rosters.group_words import group_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores
from mentormatch.scoring.wishes import NamedPairs
from mentormatch.solvers.program import SideRow
from mentormatch.solvers.rows.bands import Band
from mentormatch.solvers.stages import Stage
from mentormatch.values import Setting

IntArray = npt.NDArray[np.int64]

UNKNOWN = "unknown"
"""Name of the group of people who did not answer."""
HOUR = 1000
"""Hours are counted in thousandths."""


@dataclass(frozen=True, eq=False)
class Case:
    """A problem's people in the order in which they are solved.

    mentees, mentors : Profiles;  matrix : int32 (n, m), points, negative where rules forbid; where
    they do not fit into one it refuses to be read, and `at` reads some of them.
    locks : int64 (k, 2), positions of mentee and mentor.
    asked : int64 (n,), most mentors per mentee, with locks.
    scores : Scores, and order : their positions of those at each place (None: as they are).
    """

    mentees: Profiles
    mentors: Profiles
    matrix: npt.NDArray[np.int32]
    locks: IntArray
    asked: IntArray
    scores: Scores
    order: tuple[IntArray, IntArray] | None = None
    _groups: dict[tuple[str, str], Groups] = field(default_factory=dict, init=False, repr=False)

    def groups(self, people: Profiles, column: str, wanted_by: str) -> Groups:
        """Return the groups of one side by one column, see `groups_of`; made once."""
        key = people.role, column
        if key not in self._groups:
            self._groups[key] = groups_of(people, column, wanted_by)
        return self._groups[key]

    @property
    def n(self) -> int:
        return len(self.mentees)

    @property
    def m(self) -> int:
        return len(self.mentors)

    @property
    def held(self) -> tuple[IntArray, IntArray]:
        """Mentees and mentors of the locked pairs."""
        rows, columns = self.locks.T if len(self.locks) else np.zeros((2, 0), dtype=np.int64)
        return rows, columns

    @cached_property
    def defects(self) -> npt.NDArray[np.uint8]:
        """uint8 (n, m): the defects of every pair, one bit each."""
        mask = self.scores.defects
        return mask if self.order is None else mask[np.ix_(*self.order)]

    @cached_property
    def seated(self) -> npt.NDArray[np.bool_]:
        """bool (n,): who would have a seat by score alone."""
        seated = self.scores.seated
        return seated if self.order is None else seated[self.order[0]]

    @cached_property
    def had(self) -> IntArray:
        """int64 (n,): mentors by locks."""
        had: IntArray = np.bincount(self.held[0], minlength=self.n).astype(np.int64)
        return had

    @cached_property
    def gained(self) -> IntArray:
        """int64 (k,): points of the locked pairs."""
        gained: IntArray = self.at(*self.held).astype(np.int64)
        return gained

    def at(self, rows: IntArray, columns: IntArray) -> npt.NDArray[np.int32]:
        """Return int32 (k,): the points of pairs by their places."""
        if self.scores.source is None:
            return self.matrix[rows, columns]
        if self.order is not None:
            rows, columns = self.order[0][rows], self.order[1][columns]
        return self.scores.at(rows, columns)

    @cached_property
    def own(self) -> IntArray:
        """int64 (n,): points of each mentee by locks, -1 where she has none."""
        own = np.where(self.had > 0, np.int64(0), np.int64(-1))
        np.add.at(own, self.held[0], self.gained)
        return own

    @cached_property
    def each_mentor(self) -> tuple[IntArray, ...]:
        """Per mentor int64 (m,), 1 for her and 0 for all others; all are parts of one array."""
        m = self.m
        line = np.zeros(2 * m, dtype=np.int64)
        if m:
            line[m - 1] = 1
        line.flags.writeable = False
        return tuple(line[m - 1 - j : 2 * m - 1 - j] for j in range(m))

    def places_among(self, pairs: Iterable[tuple[str, str]]) -> tuple[IntArray, IntArray]:
        """Return the positions of those (mentee id, mentor id) pairs whose people are both here."""
        found = {
            (i, j)
            for mentee, mentor in pairs
            if (i := self.mentees.find(mentee)) >= 0 and (j := self.mentors.find(mentor)) >= 0
        }
        rows, columns = np.array(sorted(found), dtype=np.int64).reshape(-1, 2).T
        return rows, columns

    def wished(self, wanted_by: str) -> tuple[NamedPairs, tuple[IntArray, IntArray]]:
        """Return the pairs in which somebody wished for the other, and where the two stand."""
        named, m = self.scores.named(wanted_by), max(self.m, 1)
        if self.order is not None:
            at = np.argsort(self.order[0]), np.argsort(self.order[1])
            keys = at[0][named.keys // m] * m + at[1][named.keys % m]
            sort = np.argsort(keys)
            named = NamedPairs(keys[sort], named.place[:, sort])
        rows, columns = np.divmod(named.keys, m)
        return named, (rows, columns)

    def unlocked(self, pairs: tuple[IntArray, IntArray]) -> npt.NDArray[np.bool_]:
        """Return bool (pairs,): those that are not locked already."""
        held = self.held[0] * max(self.m, 1) + self.held[1]
        return ~np.isin(pairs[0] * max(self.m, 1) + pairs[1], held)


@dataclass(frozen=True, eq=False)
class Step:
    """One stage for the solver, and how to report it.

    name : str, the objective;  unit : str;  scale : what the solver's unit is divided by.
    shown : bool, False for a part of an objective that is not reported on its own.
    """

    name: str
    stage: Stage
    unit: str
    scale: int = 1
    shown: bool = True


@dataclass(frozen=True, repr=False)
class Constraint(Setting):
    """Base of all constraints."""

    soft: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def is_rows(self) -> bool:
        """Whether it lowers to rows; otherwise to loads, demands and floors of single people."""
        return True

    def rows(self, case: Case) -> Iterator[Row]:
        """Yield one labelled inequality after another."""
        return iter(())

    def bands(self, case: Case) -> Iterator[Band]:
        """Yield the parities that the rows are made of, if they are."""
        return iter(())


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
    _inside: dict[str, IntArray] = field(default_factory=dict, init=False, repr=False)

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
        """Return int64 (people,): 1 for those with this value; one array however often."""
        if value in self._inside:
            return self._inside[value]
        keys = [group_key(label, column) for label in self.labels]
        key = group_key(value, column)
        if key not in keys:
            raise ParameterError(
                f"{wanted_by}: nobody has {column!r} = {value!r}. "
                f"{did_you_mean(value, self.labels)}", column=column, rule=wanted_by,
            )  # fmt: skip
        inside: IntArray = (self.codes == keys.index(key)).astype(np.int64)
        inside.flags.writeable = False
        self._inside[value] = inside
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
            f"({people.source}) does not have. {did_you_mean(column, people.columns)}",
            column=column, rule=wanted_by,
        )  # fmt: skip
    if not isinstance(found, Categories | Numbers):
        raise ColumnError(
            f"{wanted_by} needs {column!r} as categories or numbers, but the {people.role} roster "
            f"has it as {found.kind}. Choose the type with read_roster(..., "
            f"kinds={{{column!r}: 'category'}}).", column=column, rule=wanted_by,
        )  # fmt: skip
    words = [UNKNOWN if value is None else _word(value) for value in found.to_list()]
    labels = sorted(set(words) - {UNKNOWN}) + ([UNKNOWN] if UNKNOWN in words else [])
    at = {label: code for code, label in enumerate(labels)}
    return Groups(np.array([at[word] for word in words], dtype=np.int64), tuple(labels))


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def fraction_of(given: float) -> Fraction:
    """Return the fraction that a share or tolerance stands for: 1/3 is a third, 0.05 a twentieth.

    The simplest fraction that is the same floating-point number, up to a denominator of 10,000;
    beyond that the number as it is written.
    """
    simple = Fraction(given).limit_denominator(10_000)
    return simple if float(simple) == float(given) else Fraction(str(given))


def set_aside(row: Row, case: Case) -> Row:
    """Take out of a row what the locked pairs contribute to it."""
    if not len(case.locks):
        return row
    amount = row.side.amount(*case.held, case.gained)
    side = row.side
    return replace(
        row,
        side=replace(
            side,
            least=None if side.least is None else side.least - amount,
            most=None if side.most is None else side.most - amount,
        ),
    )


def places(case: Case, over: str, over_value: str | None, name: str) -> list[tuple[str, IntArray]]:
    """Return (label, 0/1 over mentors) for each mentor, value of a mentor column, or for all."""
    mentors = case.mentors
    m = len(mentors)
    if over == "programme":
        return [("the programme", np.ones(m, dtype=np.int64))]
    if over == "mentor":
        chosen = range(m) if over_value is None else [mentors.position(over_value)]
        return [(mentors.ids[j], case.each_mentor[j]) for j in chosen]
    groups = case.groups(mentors, over, name)
    labels = groups.labels if over_value is None else (over_value,)
    return [(f"{over} {label!r}", groups.where(label, name, over)) for label in labels]


def marked(size: int, positions: list[int]) -> IntArray:
    result = np.zeros(size, dtype=np.int64)
    result[positions] = 1
    return result
