"""Criteria: reasons for a score, each giving every pair a part in [0, 1], or NaN: unanswered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.domains import check_fields
from mentormatch.errors import (
    ColumnError,
    MentormatchError,
    ParameterError,
    ScoreError,
    check_parameter,
    listed,
)
from mentormatch.rosters.columns import (
    Categories,
    Column,
    Hours,
    Labels,
    Numbers,
    Texts,
    Vectors,
)
from mentormatch.rosters.group_words import group_key
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.scoring.hours import Week, lower_hours, mondays, usual_zone
from mentormatch.scoring.listed_pairs import Handed, handed_pairs, is_sparse
from mentormatch.scoring.lowered import (
    Band,
    Computed,
    Counts,
    Gower,
    ListedParts,
    Lowered,
    Matrix,
    Parts,
    Table,
)
from mentormatch.scoring.needs import lower_covers, lower_overlap
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.scales import as_lists, common_codes, list_column, on_one_scale
from mentormatch.scoring.text import Encoder, lower_encoded, lower_tfidf, lower_vectors
from mentormatch.scoring.wording_match import as_labels, lower_alike, note_unmet
from mentormatch.solvers.source import ListedPairs
from mentormatch.values import ByValue, Setting

if TYPE_CHECKING:
    import pandas as pd

Affinity: TypeAlias = "Mapping[str, Mapping[str, float]] | pd.DataFrame"

TABLE_ROWS = 512
"""Mentees' different answers up to which a criterion keeps one ready-made row for each."""


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def check_number(owner: str, name: str, value: object, *, above: float, least: bool = True) -> None:
    """Raise unless `value` is a finite number >= `above` (> `above` with least=False)."""
    ok = _is_number(value) and np.isfinite(value) and (value > above or (least and value == above))  # type: ignore[operator, call-overload]
    domain = f"a finite number {'of at least' if least else 'above'} {above:g}"
    check_parameter(bool(ok), name, owner, domain, value)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Criterion(Setting, ByValue):
    """Base of all criteria.

    Attributes
    ----------
    weight : float
        Importance relative to the other criteria; 0: computed and shown, but not counted.
    name : str
        Name in results and explanations; default: the column.
    priority : str or None
        Mentee column of numbers: how important each mentee finds this criterion. Her numbers
        share out the weight of the criteria she rated; the others keep theirs.
    reason : str
        Why it is there, for the settings page of the workbook.
    importance : float or None
        Share of what decides that it is meant to have, where a preset fitted the weight to it.
    """

    weight: float = 1.0
    name: str = ""
    priority: str | None = None
    reason: str = ""
    importance: float | None = None
    natural: ClassVar[str] = "the part, from 0 to 1"

    def __post_init__(self) -> None:
        check_fields(self)
        check_number(str(self), "weight", self.weight, above=0)
        if not self.name:
            object.__setattr__(self, "name", self._default_name())
        self._check()

    def _default_name(self) -> str:
        return type(self).__name__.lower()

    def _usual(self, name: str, value: Any) -> bool:
        return value == self._default_name() if name == "name" else super()._usual(name, value)

    def _check(self) -> None:
        """Check the parameters of this kind of criterion."""

    def __str__(self) -> str:
        subject = getattr(self, "needs", None) or getattr(self, "column", None) or self.name
        return f"{type(self).__name__}({subject!r})" if subject else type(self).__name__

    def _identity(self) -> tuple[Any, ...]:
        return self.name, self.weight

    def columns_used(self) -> tuple[str, ...]:
        """Return the names of the columns it reads, on either roster."""
        return ()

    def lower(self, pairing: Pairing) -> Lowered:
        """Return the arrays that give its parts for these rosters.

        Raises
        ------
        ColumnError
            If a roster lacks a column, or has it in another type.
        """
        raise NotImplementedError

    def at_least(self, least: float) -> tuple[Criterion, float]:
        """Return (criterion, part) such that reaching the part means `least` in natural units."""
        check_parameter(
            _is_number(least) and 0 <= least <= 1, "least", f"AtLeast({self})",
            "a number in [0, 1]", least,
        )  # fmt: skip
        return self, float(least)


@dataclass(frozen=True, eq=False, repr=False)
class Covers(Criterion):
    r"""How much of what the mentee needs the mentor offers.

    .. math:: \sum_{g} p_g \, c_g \; / \; \sum_{g} p_g

    over the mentee's needs g with priority p_g. Without levels c_g is 1 if the mentor offers g,
    else 0. With a goal level, her present level (``now``, 0 where she gave none) and the mentor's
    level: 1 if the mentor is at or above the goal, else the share of the gap from now to the goal
    that he closes. An offer without a level counts as enough; a goal that she has reached
    already is no need.

    With `by_text`, c_g is how alike her words for g and the most similar of the mentor's offers
    read, so that "negotiating with suppliers" meets "negotiate with vendors": 1 for the same label,
    else the root of the cosine of TF-IDF vectors of their letters (3 to 5 in a row, within words;
    cosines below 0.1 are chance and count 0), or with `encoder` the cosine of its vectors. Levels
    are then not compared.

    Attributes
    ----------
    needs : str
        Mentee column of labels, several or one each.
    by : str or tuple of str
        Mentor column or columns of labels; default: the same name.
    now : str or None
        Mentee column of labels with her present levels.
    by_text : bool
        Compare words instead of labels; columns of free text will do, each sentence one need.
    encoder : callable or None
        Texts to vectors, for `by_text`: a function, or an object with `encode` or `transform`.

    Notes
    -----
    Unanswered (NaN): no needs given, or nothing of `by` answered. Shares are counted in 1/840
    (exact for gaps of 1 to 8 levels), priorities in 1/60 of the person's largest. By text, needs
    that read like no offer at all are rows of `Scores.repairs`.
    Time O(entries x m), memory O(kinds of needs x m).
    """

    needs: str
    by: str | tuple[str, ...] | None = None
    now: str | None = "skills"
    by_text: bool = False
    encoder: Encoder | None = None

    def _default_name(self) -> str:
        return self.needs

    def _check(self) -> None:
        ok = self.encoder is None or self.by_text
        check_parameter(ok, "encoder", str(self), "None unless by_text=True", self.encoder)

    def columns_used(self) -> tuple[str, ...]:
        return (self.needs, *self._offers(), *([self.now] if self.now else []))

    def _offers(self) -> tuple[str, ...]:
        return (self.by,) if isinstance(self.by, str) else tuple(self.by or (self.needs,))

    def lower(self, pairing: Pairing) -> Counts:
        if self.by_text:
            return self._by_text(pairing)
        wanted, offers = self.lists(pairing)
        now = pairing.mentees.columns.get(self.now or "") if self.now != self.needs else None
        return lower_covers(wanted, offers, now if isinstance(now, Labels) else None)

    def lists(self, pairing: Pairing) -> tuple[Labels, list[Labels]]:
        """Return the needs and each column of offers, as they are compared and told of."""
        given = list_column(pairing.mentees, self.needs, str(self))
        theirs = [list_column(pairing.mentors, name, str(self)) for name in self._offers()]
        return as_lists(given, theirs), [as_lists(column, [given]) for column in theirs]

    def _by_text(self, pairing: Pairing) -> Counts:
        columns = [(pairing.mentees, self.needs), *((pairing.mentors, b) for b in self._offers())]
        found = [
            people.column(
                name, Texts if isinstance(people.columns.get(name), Texts) else Labels,
                wanted_by=str(self),
            )
            for people, name in columns
        ]  # fmt: skip
        wanted, *offers = map(as_labels, found)
        counts, unmet = lower_alike(wanted, offers, self.encoder, str(self))
        note_unmet(pairing, self.needs, unmet)
        return counts


@dataclass(frozen=True, eq=False, repr=False)
class Overlap(Criterion):
    """Shared labels of all labels the two have: ``|A and B| / |A or B|`` (Jaccard).

    Attributes
    ----------
    column : str
        Column of labels on both rosters, several or one each: "Law, Finance" in a column of one
        label each is two where the other roster has one of them.
    by : str or None
        The mentors' column, where it is called differently.

    Notes
    -----
    Unanswered (NaN): either did not answer, or both answered with nothing.
    """

    column: str
    by: str | None = None

    def _default_name(self) -> str:
        return self.column

    def columns_used(self) -> tuple[str, ...]:
        return (self.column, self.by or self.column)

    def lower(self, pairing: Pairing) -> Counts:
        return lower_overlap(*self.lists(pairing))

    def lists(self, pairing: Pairing) -> tuple[Labels, Labels]:
        """Return both columns, as they are compared and told of."""
        ours = list_column(pairing.mentees, self.column, str(self))
        theirs = list_column(pairing.mentors, self.by or self.column, str(self))
        return as_lists(ours, [theirs]), as_lists(theirs, [ours])


@dataclass(frozen=True, eq=False, repr=False)
class Similarity(Criterion):
    """How alike two people are: categories, vectors, ordered answers or texts.

    - categories: 1 for the same label, else 0; with `affinity`: the stated value
    - vectors: cosine mapped from [-1, 1] to [0, 1]; with `scale=(lowest, highest)` answer:
      1 - mean absolute difference / range (Gower), right for Likert answers
    - numbers on a labelled scale: 1 - difference / length of the scale
    - texts: cosine of TF-IDF vectors over both rosters' words; with `encoder`: of its vectors

    Attributes
    ----------
    column : str
        Column of both rosters; `by`: the mentors', where it is called differently.
    affinity : dict of dicts, or DataFrame
        ``affinity[mentee's label][mentor's label]`` in [0, 1]; where only the opposite order is
        stated it counts for both, the same label is 1 and other pairs are 0 unless stated.
    encoder : callable
        Texts to vectors: a function, or an object with `encode` or `transform`.

    Notes
    -----
    Unanswered (NaN): either did not answer, or a vector is zero, or a text has no words.
    Unit vectors are rounded to steps of 1/2048, so that products are exact on every machine
    (cosines are right to about 0.001). TF-IDF weighs words by how rare they are on both rosters:
    the one part that other people's answers influence.
    """

    column: str
    by: str | None = None
    affinity: Affinity | None = None
    encoder: Encoder | None = None
    scale: tuple[float, float] | None = None

    def _default_name(self) -> str:
        return self.column

    def columns_used(self) -> tuple[str, ...]:
        return (self.column, self.by or self.column)

    def _check(self) -> None:
        if self.scale is not None:
            ok = len(self.scale) == 2 and all(map(_is_number, self.scale))
            ok = ok and self.scale[0] < self.scale[1]
            check_parameter(ok, "scale", str(self), "(lowest, highest) answer", self.scale)
        if self.affinity is not None:
            object.__setattr__(self, "affinity", _affinities(self.affinity, str(self)))

    def lower(self, pairing: Pairing) -> Lowered:
        ours = pairing.mentees.column(self.column, Column, wanted_by=str(self))
        theirs = pairing.mentors.column(self.by or self.column, Column, wanted_by=str(self))
        if isinstance(ours, Categories) and isinstance(theirs, Categories):
            return self._categories(ours, theirs)
        if isinstance(ours, Texts) and isinstance(theirs, Texts):
            if self.encoder is not None:
                return lower_encoded(ours, theirs, self.encoder, str(self))
            return lower_tfidf(ours, theirs)
        if isinstance(ours, Vectors) and isinstance(theirs, Vectors):
            return self._vectors(ours, theirs)
        if isinstance(ours, Numbers) and isinstance(theirs, Numbers) and ours.labels:
            longest = max(len(ours.labels), len(theirs.labels or ()), 2) - 1
            return lower_band(*on_one_scale(ours, theirs, str(self)), 0.0, float(longest))
        raise ColumnError(
            f"{self} can compare categories, vectors, labelled scales or texts of one type; the "
            f"mentee roster has {self.column!r} as {ours.kind}, the mentor roster has "
            f"{self.by or self.column!r} as {theirs.kind}. Use Overlap for labels and Closeness "
            "for plain numbers, or choose the type with read_roster(..., kinds={...}).",
            column=self.column, rule=str(self),
        )  # fmt: skip

    def _categories(self, ours: Categories, theirs: Categories) -> Table:
        (mine, yours), labels = common_codes(ours.labels, theirs.labels)
        between = np.eye(len(labels), dtype=np.float32)
        if self.affinity is not None:
            keys = {group_key(label): code for code, label in enumerate(labels)}
            stated: Any = self.affinity  # {(mentee's key, mentor's key): value} by now
            for (first, second), value in stated.items():
                if first in keys and second in keys:
                    between[keys[first], keys[second]] = value
        values = np.full((len(mine) + 1, len(theirs)), np.nan, dtype=np.float32)
        known = theirs.answered
        values[:-1, known] = between[mine][:, yours[theirs.codes[known]]]
        return Table(values, ours.codes.astype(np.int64))

    def _vectors(self, ours: Vectors, theirs: Vectors) -> Lowered:
        if ours.values.shape[1:] != theirs.values.shape[1:]:
            raise ColumnError(
                f"{self} needs vectors of the same length; mentees have "
                f"{ours.values.shape[1]} dimensions, mentors {theirs.values.shape[1]}.",
                column=self.column, rule=str(self),
            )  # fmt: skip
        if self.scale is None:
            return lower_vectors(ours.values, theirs.values)
        return Gower(ours.values, theirs.values, float(self.scale[1] - self.scale[0]))


def _affinities(affinity: Affinity, owner: str) -> dict[tuple[str, str], float]:
    """Return {(mentee's key, mentor's key): value}, completed by the opposite order."""
    table: Any = affinity
    if hasattr(table, "iterrows"):
        table = {row: dict(values.items()) for row, values in table.iterrows()}
    nested = isinstance(table, Mapping) and all(
        isinstance(first, tuple) or isinstance(values, Mapping) for first, values in table.items()
    )
    check_parameter(
        nested, "affinity", owner, "a mapping {label: {label: number}} or a frame", affinity
    )
    stated: dict[tuple[str, str], float] = {}
    wrong: list[str] = []
    for first, values in table.items():
        if isinstance(first, tuple):  # already in this form
            stated[first] = values
            continue
        for second, value in values.items():
            if not _is_number(value) or not 0 <= float(value) <= 1:
                wrong.append(f"{first!r} with {second!r} is {value!r}")
                continue
            stated[group_key(first), group_key(second)] = float(value)
    if wrong:
        raise ParameterError(
            f"The 'affinity' parameter of {owner} must hold numbers in [0, 1]. "
            f"Got: {listed(wrong)}."
        )
    opposite = {(second, first): value for (first, second), value in stated.items()}
    return {**opposite, **stated}


@dataclass(frozen=True, eq=False, repr=False)
class SharedHours(Criterion):
    """Hours a week at which both can, in real time: min(shared hours, enough) / enough.

    Local weeks are compared in UTC for stated weeks, across clock changes; the week with the
    fewest shared hours counts. People without a zone are taken to be in the zone that most
    people state (a row of `Scores.repairs` says so).

    Attributes
    ----------
    column : str
        Column of hours on both rosters.
    enough : float
        Hours a week from which more do not count.
    weeks : dates, optional
        Any day of each week; default: the fixed weeks of 13 January and 14 July 2025.
    """

    column: str = "availability"
    enough: float = 4.0
    weeks: Iterable[Week] | Week | None = None
    natural: ClassVar[str] = "hours a week"

    def _default_name(self) -> str:
        return self.column

    def columns_used(self) -> tuple[str, ...]:
        return (self.column,)

    def _check(self) -> None:
        check_number(str(self), "enough", self.enough, above=0, least=False)
        object.__setattr__(self, "weeks", mondays(self.weeks))

    def _usual(self, name: str, value: Any) -> bool:
        return value == mondays(None) if name == "weeks" else super()._usual(name, value)

    def lower(self, pairing: Pairing) -> Lowered:
        ours = pairing.mentees.column(self.column, Hours, wanted_by=str(self))
        theirs = pairing.mentors.column(self.column, Hours, wanted_by=str(self))
        usual = usual_zone(ours, theirs)
        roles: tuple[tuple[Role, Hours], ...] = (("mentee", ours), ("mentor", theirs))
        for role, hours in roles if usual else ():
            for person in np.flatnonzero(hours.given).tolist():
                if not hours.zones[person]:
                    problem, action = "no time zone", f"taken to be {usual}, as most people are"
                    pairing.found(role, self.column, "", problem, action, person)
        return lower_hours(ours, theirs, mondays(self.weeks), float(self.enough), usual)

    def at_least(self, least: float) -> tuple[Criterion, float]:
        check_number(f"AtLeast({self})", "least", least, above=0)
        return (replace(self, enough=least), 1.0) if least > 0 else (self, 0.0)


@dataclass(frozen=True, eq=False, repr=False)
class Closeness(Criterion):
    """1 where mentor - mentee equals `ideal`, falling evenly to 0 at `tolerance` away from it.

    Attributes
    ----------
    column : str
        Column of numbers or of an ordered scale; scales of two rosters are aligned by label.
    by : str or None
        The mentors' column, where it is called differently.
    ideal, tolerance : float
        In the column's unit; levels for an ordered scale.
    """

    column: str
    by: str | None = None
    ideal: float = 0.0
    tolerance: float = 1.0

    def _default_name(self) -> str:
        return self.column

    def columns_used(self) -> tuple[str, ...]:
        return (self.column, self.by or self.column)

    def _check(self) -> None:
        check_number(str(self), "tolerance", self.tolerance, above=0, least=False)
        check_parameter(
            _is_number(self.ideal) and bool(np.isfinite(self.ideal)),
            "ideal", str(self), "a finite number", self.ideal,
        )  # fmt: skip

    def lower(self, pairing: Pairing) -> Lowered:
        ours = pairing.mentees.column(self.column, Numbers, wanted_by=str(self))
        theirs = pairing.mentors.column(self.by or self.column, Numbers, wanted_by=str(self))
        mine, yours = on_one_scale(ours, theirs, str(self))
        return lower_band(mine, yours, float(self.ideal), float(self.tolerance))


def lower_band(
    mentees: npt.NDArray[np.float64],
    mentors: npt.NDArray[np.float64],
    ideal: float,
    tolerance: float,
) -> Lowered:
    """Return a band, with ready-made rows where mentees share few different answers."""
    known = ~np.isnan(mentees)
    values, row = np.unique(mentees[known], return_inverse=True)
    band = Band(mentees, mentors, ideal, tolerance)
    if len(values) > min(TABLE_ROWS, len(mentees) // 2):
        return band
    rows = np.full(len(mentees), -1, dtype=np.int64)
    rows[known] = row
    table = np.full((len(values) + 1, len(mentors)), np.nan, dtype=np.float32)
    Band(values, mentors, ideal, tolerance).block(0, len(values), table[:-1], compiled=False)
    return Table(table, rows)


@dataclass(frozen=True, eq=False, repr=False)
class Custom(Criterion):
    """Parts from a user's function.

    Attributes
    ----------
    function : callable
        ``function(mentees, mentors)`` gives an array (n, m) in [0, 1], NaN where unanswered.
    blockwise : bool
        Call it for some mentees at a time (with `Profiles` of those), so that the whole matrix
        need not exist; the parts of a pair must then not depend on the other mentees.
    """

    function: Callable[[Profiles, Profiles], npt.ArrayLike]
    blockwise: bool = False

    def _default_name(self) -> str:
        name = getattr(self.function, "__name__", "custom")
        return "custom" if name == "<lambda>" else str(name)

    def __str__(self) -> str:
        return f"Custom({self.name or self._default_name()!r})"

    def _check(self) -> None:
        check_parameter(callable(self.function), "function", str(self), "callable", self.function)

    def lower(self, pairing: Pairing) -> Lowered:
        mentees, mentors = pairing.mentees, pairing.mentors
        if not self.blockwise:
            given = self._called(mentees, mentors)
            return Matrix(checked_parts(given, mentees, mentors, str(self)))

        def parts(start: int, stop: int) -> Parts:
            some = mentees.take(np.arange(start, stop))
            return checked_parts(self._called(some, mentors), some, mentors, str(self))

        return Computed(parts)

    def _called(self, mentees: Profiles, mentors: Profiles) -> npt.ArrayLike:
        try:
            return self.function(mentees, mentors)
        except MentormatchError:
            raise
        except Exception as error:
            raise ScoreError(
                f"The function of {self} failed with {type(error).__name__}: {error}.",
                rule=str(self),
            ) from error


@dataclass(frozen=True, eq=False, repr=False)
class Precomputed(Criterion):
    """Parts from a matrix that exists already.

    Attributes
    ----------
    matrix : array-like (n, m)
        In [0, 1], NaN where unanswered; rows and columns in the order of the rosters. A
        DataFrame whose labels are the ids is brought into that order. Of a sparse matrix (scipy)
        the pairs that it does not store are unanswered.
    """

    matrix: npt.ArrayLike

    def __str__(self) -> str:
        return f"Precomputed({self.name or self._default_name()!r})"

    def lower(self, pairing: Pairing) -> Matrix | ListedParts:
        mentees, mentors = pairing.mentees, pairing.mentors
        matrix: Any = self.matrix
        if is_sparse(matrix):
            return _listed_parts(handed_pairs(matrix, mentees, mentors))
        if hasattr(matrix, "loc") and hasattr(matrix, "columns"):
            rows, columns = set(map(str, matrix.index)), set(map(str, matrix.columns))
            if rows >= set(mentees.ids) and columns >= set(mentors.ids):
                named = matrix.set_axis([str(r) for r in matrix.index], axis=0)
                named = named.set_axis([str(c) for c in matrix.columns], axis=1)
                matrix = named.loc[list(mentees.ids), list(mentors.ids)]
        return Matrix(checked_parts(matrix, mentees, mentors, str(self)))


def _listed_parts(handed: Handed) -> ListedParts:
    n, m = len(handed.mentees), len(handed.mentors)
    indptr = np.searchsorted(handed.rows, np.arange(n + 1))
    points = np.zeros(len(handed.rows), dtype=np.int32)
    return ListedParts(ListedPairs(indptr, handed.columns, points, m), handed.scores)


def checked_parts(given: Any, mentees: Profiles, mentors: Profiles, owner: str) -> Parts:
    """Return a user's parts as float32 (n, m), or say which pairs are outside [0, 1]."""
    shape = (len(mentees), len(mentors))
    try:
        parts: Parts = np.asarray(given, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ScoreError(f"{owner} must give numbers: {error}.") from error
    if parts.shape != shape:
        raise ScoreError(
            f"{owner} must give an array of shape {shape} (mentees, mentors). Got {parts.shape}."
        )
    wrong = np.argwhere(~((parts >= 0) & (parts <= 1)) & ~np.isnan(parts))
    if len(wrong):
        named = [f"{mentees.ids[i]} with {mentors.ids[j]}: {parts[i, j]:g}" for i, j in wrong[:20]]
        raise ScoreError(
            f"{owner} must give numbers in [0, 1], or NaN where unanswered. {len(wrong)} are "
            f"not: {listed(named)}{' ...' if len(wrong) > len(named) else ''}."
        )
    return parts


__all__ = [
    "Closeness",
    "Covers",
    "Criterion",
    "Custom",
    "Overlap",
    "Precomputed",
    "SharedHours",
    "Similarity",
]
