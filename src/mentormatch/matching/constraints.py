"""What every matching must satisfy, beyond rules and capacities.

Each is a small immutable object that lowers itself: into labelled rows, or into loads, demands and
floors. So the solver, the message of an `InfeasibleError` and the explanations speak of the same
thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mentormatch.errors import ParameterError, check_parameter, listed
from mentormatch.matching.case import (
    HOUR,
    Case,
    Constraint,
    Groups,
    Row,
    fraction_of,
    marked,
    places,
)
from mentormatch.matching.served import Served
from mentormatch.rosters.columns import IntArray, Labels, Numbers
from mentormatch.rosters.profiles import Profiles
from mentormatch.solvers.program import SideRow
from mentormatch.solvers.rows.bands import Band

if TYPE_CHECKING:
    from mentormatch.scoring.scores import Scores

__all__ = [
    "MILLION", "Apart", "Constraint", "Demand", "HoursBudget", "Keep", "Load", "Parity", "Quota",
    "Reserve", "ScoreFloor", "Together", "parity_groups", "single_loads",
]  # fmt: skip

MILLION = 1_000_000
"""Points per unit of score."""


@dataclass(frozen=True, repr=False)
class ScoreFloor(Constraint):
    """No pair below this score is matched, even if that leaves people unmatched.

    Parameters
    ----------
    least
        Score in [0, 1]: one for everybody, a mapping from mentee id to her floor, or a column of
        numbers on the mentee roster; people not named have none.
    """

    least: float | Mapping[str, float] | str

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.least
        values = list(given.values()) if isinstance(given, Mapping) else [given]
        ok = isinstance(given, str) or all(
            not isinstance(value, str) and 0 <= value <= 1 for value in values
        )
        check_parameter(ok, "least", "ScoreFloor", "in [0, 1]", given)

    @property
    def is_rows(self) -> bool:
        return False

    def needed(self, mentees: Profiles) -> IntArray:
        """Return int64 (n,): the fewest points a pair of each mentee needs."""
        given = self.least
        if isinstance(given, str):
            column = mentees.column(given, Numbers, wanted_by="ScoreFloor")
            values = np.nan_to_num(column.values, nan=0.0)
            wrong = (values < 0) | (values > 1)
            if wrong.any():
                people = listed(mentees.ids[p] for p in np.flatnonzero(wrong))
                raise ParameterError(
                    f"ScoreFloor: {given!r} must be in [0, 1]. Not so for: {people}.",
                    column=given,
                    rule="ScoreFloor",
                    person=mentees.ids[np.flatnonzero(wrong)[0]],
                )
        elif isinstance(given, Mapping):
            values = np.zeros(len(mentees))
            for person, value in given.items():
                values[mentees.position(person)] = value
        else:
            values = np.full(len(mentees), given, dtype=np.float64)
        # a score printed as the floor itself passes: ceil would make 300001 of 0.3 on float dust
        return np.rint(values * MILLION).astype(np.int64)


@dataclass(frozen=True, repr=False)
class Load(Constraint):
    """Fewest and most mentees per mentor, or per group of mentors.

    Parameters
    ----------
    least, most
        Whole numbers, or a column of numbers on the mentor roster (such as "min_load"). `most`
        never adds seats beyond the capacity.
    mentors
        Ids of those it holds for; default all.
    by
        A column of the mentor roster: the bounds then hold for the total of each of its values.
    value
        With `by`: only this value's total.
    """

    least: int | str = 0
    most: int | str | None = None
    mentors: Sequence[str] | None = None
    by: str | None = None
    value: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, bound in (("least", self.least), ("most", self.most)):
            ok = bound is None or isinstance(bound, str) or bound >= 0
            check_parameter(ok, name, "Load", "a whole number >= 0 or a column", bound)
        ordered = isinstance(self.least, str) or isinstance(self.most, str | None)
        check_parameter(
            ordered or self.least <= self.most,  # type: ignore[operator]
            "most",
            "Load",
            f"at least {self.least}",
            self.most,
        )
        check_parameter(
            self.by is None or (not isinstance(self.least, str) and not isinstance(self.most, str)),
            "by",
            "Load",
            "None where bounds come from a column",
            self.by,
        )
        _freeze_people(self, "mentors")

    @property
    def is_rows(self) -> bool:
        return self.by is not None

    def chosen(self, mentors: Profiles) -> IntArray:
        """Return the positions of the mentors it holds for."""
        if self.mentors is None:
            return np.arange(len(mentors))
        return np.array([mentors.position(person) for person in self.mentors], dtype=np.int64)

    def bounds(self, mentors: Profiles) -> tuple[IntArray, IntArray]:
        """Return int64 (m,) each: fewest and most mentees of every mentor, whoever is chosen."""
        top = int(mentors.capacity.max(initial=0))
        return _bound(mentors, self.least, 0), _bound(mentors, self.most, top)

    def rows(self, case: Case) -> Iterator[Row]:
        if self.by is None:
            return
        everyone = np.ones(case.n, dtype=np.int64)
        assert not isinstance(self.least, str)
        assert not isinstance(self.most, str)
        for place, mentor in places(case, self.by, self.value, "Load"):
            if self.mentors is not None:
                mentor = mentor * marked(case.m, self.chosen(case.mentors).tolist())
            bounds = f"least={self.least}" + ("" if self.most is None else f", most={self.most}")
            side = SideRow(everyone, mentor, least=self.least or None, most=self.most)
            yield Row(f"Load({bounds}) of {place}", self, side)


@dataclass(frozen=True, repr=False)
class Demand(Constraint):
    r"""How many different mentors a mentee may have.

    Parameters
    ----------
    mentors
        One number for everybody; a mapping from mentee id (others have 1); or a mentee column:
        numbers are taken as they are, of labels (such as "goals") as many mentors as there are.
    by
        With a mentee column of labels: the column, or columns, in which mentors say with which of
        them they can help. Each of her mentors is then for another label: of any of her labels S,
        no more than \|S\| mentors can help with those alone. Who can help with none of hers is none
        of her mentors; who did not answer may stand for any.

    Notes
    -----
    With `by` it is rows, at most one for each set of a mentee's labels; the labels of locked pairs
    are not looked at.
    """

    mentors: int | str | Mapping[str, int] = 1
    by: str | tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.mentors
        values = list(given.values()) if isinstance(given, Mapping) else [given]
        ok = isinstance(given, str) or all(isinstance(v, int) and v >= 0 for v in values)
        check_parameter(ok, "mentors", "Demand", "a whole number >= 0 or a column", given)
        ok = self.by is None or isinstance(given, str)
        check_parameter(ok, "by", "Demand", "None unless 'mentors' names a column", self.by)

    @property
    def is_rows(self) -> bool:
        return self.by is not None

    def rows(self, case: Case) -> Iterator[Row]:
        if self.by is None:
            return
        assert isinstance(self.mentors, str)
        by = (self.by,) if isinstance(self.by, str) else self.by
        served = Served.of(case.mentees, case.mentors, self.mentors, by)
        held = np.zeros((case.n, case.m), dtype=bool)
        held[case.held] = True
        for mentee in np.flatnonzero(served.named):
            for labels, inside in served.tight(
                int(mentee), int(case.asked[mentee]), case.matrix[mentee] >= 0
            ):
                most = max(len(labels), int((held[mentee] & inside).sum()))
                row = SideRow(marked(case.n, [int(mentee)]), inside.astype(np.int64), most=most)
                who = case.mentees.ids[int(mentee)]
                of_hers = (
                    f"for {listed(labels)} alone" if labels else f"who help with no {self.mentors}"
                )
                yield Row(f"at most {len(labels)} mentors of {who} {of_hers}", self, row)

    def asked(self, mentees: Profiles) -> IntArray:
        """Return int64 (n,): how many mentors each mentee may have."""
        given = self.mentors
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
                raise ParameterError(
                    f"Demand: the column {given!r} must hold whole numbers >= 0.",
                    column=given, rule="Demand",
                )  # fmt: skip
            return np.where(np.isnan(numbers), 1, numbers).astype(np.int64)
        for person, count in given.items():
            result[mentees.position(person)] = count
        return result


@dataclass(frozen=True, repr=False)
class Quota(Constraint):
    """Fewest and most mentees of a group on a mentor, a site, or the programme.

    Parameters
    ----------
    column
        Of the mentee roster.
    value
        One of its values; default each of them, one quota apiece.
    over
        "mentor": for each mentor. "programme": for all together. Otherwise a column of the
        mentor roster: for each of its values.
    over_value
        Only this mentor (id) or this value of the mentor column.
    least, most
        A whole number counts mentees. A float in [0, 1] is a share of the mentees whom that
        mentor, site or programme takes.
    """

    column: str
    value: str | None = None
    over: str = "mentor"
    over_value: str | None = None
    least: float | None = None
    most: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, bound in (("least", self.least), ("most", self.most)):
            ok = bound is None or (
                0 <= bound <= 1 if isinstance(bound, float) else isinstance(bound, int)
            )
            check_parameter(
                ok and (bound is None or bound >= 0),
                name,
                "Quota",
                "a whole number >= 0 or a share in [0, 1]",
                bound,
            )
        check_parameter(
            self.least is not None or self.most is not None,
            "most",
            "Quota",
            "given, or least",
            None,
        )

    def rows(self, case: Case) -> Iterator[Row]:
        groups = case.groups(case.mentees, self.column, "Quota")
        for label in groups.labels if self.value is None else (self.value,):
            group = groups.where(label, "Quota", self.column)
            for place, mentor in places(case, self.over, self.over_value, "Quota"):
                for side, bound in (("least", self.least), ("most", self.most)):
                    if bound is None:
                        continue
                    share = isinstance(bound, float)
                    part = fraction_of(bound) if share else Fraction(bound)
                    weight = group * part.denominator - part.numerator if share else group
                    limit = 0 if share else int(bound)
                    yield Row(
                        f"Quota({self.column!r} = {label!r}, {side}={bound!r}) at {place}",
                        self,
                        SideRow(
                            weight,
                            mentor,
                            least=limit if side == "least" else None,
                            most=limit if side == "most" else None,
                        ),
                        part.denominator if share else 1,
                    )


@dataclass(frozen=True, repr=False)
class Parity(Constraint):
    """Groups of mentees fare alike, within a stated tolerance.

    Parameters
    ----------
    by
        Column of the mentee roster; people without an answer are a group of their own.
    measure
        "matched_share": mentors given / mentors asked for, per group (with one mentor each: the
        share of the group that is matched); shares differ by at most `within`.
        "impact_ratio": the lowest share is at least `ratio` times the highest (the four-fifths
        rule).
        "mean_score": means of scores, the unmatched at 0, differ by at most `within`.
    within
        Tolerance in [0, 1].
    ratio
        For "impact_ratio", in [0, 1].
    smallest
        Groups of fewer people are left out: their shares jump with every single person.
    """

    by: str
    measure: str = "matched_share"
    within: float = 0.05
    ratio: float = 0.8
    smallest: int = 5
    MEASURES: ClassVar[tuple[str, ...]] = ("matched_share", "impact_ratio", "mean_score")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parameter(
            self.measure in self.MEASURES,
            "measure",
            "Parity",
            "one of " + ", ".join(self.MEASURES),
            self.measure,
        )
        check_parameter(0 <= self.within <= 1, "within", "Parity", "in [0, 1]", self.within)
        check_parameter(0 <= self.ratio <= 1, "ratio", "Parity", "in [0, 1]", self.ratio)
        check_parameter(self.smallest >= 1, "smallest", "Parity", "at least 1", self.smallest)

    @property
    def scored(self) -> bool:
        """Whether means of scores are compared."""
        return self.measure == "mean_score"

    def limits(self) -> tuple[Fraction | None, Fraction | None]:
        """Return (greatest difference, least quotient), the one that holds; in points of score."""
        if self.measure == "impact_ratio":
            return None, fraction_of(self.ratio)
        return fraction_of(self.within) * (MILLION if self.scored else 1), None

    def rows(self, case: Case) -> Iterator[Row]:
        groups, asked = parity_groups(case, self.by, self.smallest)
        everyone = np.ones(case.m, dtype=np.int64)
        within, ratio = self.limits()
        held = f"ratio={self.ratio:g}" if within is None else f"within={self.within:g}"
        for g, high in enumerate(groups.labels):
            for h, low in enumerate(groups.labels):
                if g == h:
                    continue
                first, second = (groups.codes == g).astype(np.int64), groups.codes == h
                size_g, size_h = int(asked[g]), int(asked[h])
                if within is None:  # share_h >= ratio * share_g
                    assert ratio is not None
                    weight = first * ratio.numerator * size_h
                    weight = weight - second * ratio.denominator * size_g
                    most, scale = 0, ratio.denominator
                else:
                    weight = first * size_h - second * size_g
                    most = int(within * size_g * size_h)
                    scale = MILLION if self.scored else 1
                common = int(np.gcd.reduce(weight)) or 1
                yield Row(
                    f"Parity({self.by!r}, {self.measure!r}, {held}): {high!r} over {low!r}",
                    self,
                    SideRow(weight // common, everyone, scored=self.scored, most=most // common),
                    size_g * size_h * scale // common or 1,
                )

    def bands(self, case: Case) -> Iterator[Band]:
        groups, asked = parity_groups(case, self.by, self.smallest)
        amount = case.gained if self.scored else np.ones_like(case.held[0])
        code = groups.codes[case.held[0]]
        offset = np.zeros(len(asked), dtype=np.int64)
        np.add.at(offset, code[code >= 0], amount[code >= 0])
        within, ratio = self.limits()
        yield Band(groups.codes, asked, offset, self.scored, within, ratio)


@dataclass(frozen=True, repr=False)
class Reserve(Constraint):
    """Keep seats for a group, released to everybody when the group does not use them.

    Soft: as many reserved seats as possible go to the group, among the matchings of as many
    mentees; it never leaves a seat empty or a problem without an answer.

    Parameters
    ----------
    column, value
        The group: mentees with this value.
    seats
        How many, on each mentor, in each value of a mentor column, or in the programme.
    over, over_value
        As for `Quota`.
    """

    column: str
    value: str
    seats: int
    over: str = "programme"
    over_value: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parameter(self.seats >= 0, "seats", "Reserve", "a whole number >= 0", self.seats)

    soft: ClassVar[bool] = True

    def reserved(self, case: Case) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield (mentees 0/1, mentors 0/1) for each place where seats are kept."""
        groups = case.groups(case.mentees, self.column, "Reserve")
        group = groups.where(self.value, "Reserve", self.column)
        for _, place in places(case, self.over, self.over_value, "Reserve"):
            yield group, place


@dataclass(frozen=True, repr=False)
class Together(Constraint):
    """These mentees have the same mentor, or none of them has one.

    Parameters
    ----------
    people
        Mentee ids.
    """

    people: Sequence[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        _freeze_people(self, "people")

    def rows(self, case: Case) -> Iterator[Row]:
        people = [case.mentees.position(person) for person in self.people]
        for first, second in pairwise(people):
            if first == second:
                continue
            weight = np.zeros(case.n, dtype=np.int64)
            weight[first], weight[second] = 1, -1
            for j in range(case.m):
                yield Row(
                    f"Together({list(self.people)!r}) at {case.mentors.ids[j]}",
                    self,
                    SideRow(weight, case.each_mentor[j], least=0, most=0),
                )


@dataclass(frozen=True, repr=False)
class Apart(Constraint):
    """No two of these mentees share a mentor.

    Parameters
    ----------
    people
        Mentee ids.
    """

    people: Sequence[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        _freeze_people(self, "people")

    def rows(self, case: Case) -> Iterator[Row]:
        people = [case.mentees.position(person) for person in self.people]
        weight = marked(case.n, people)
        for j in range(case.m):
            yield Row(
                f"Apart({list(self.people)!r}) at {case.mentors.ids[j]}",
                self,
                SideRow(weight, case.each_mentor[j], most=1),
            )


@dataclass(frozen=True, repr=False)
class HoursBudget(Constraint):
    """The hours a mentor's mentees want add up to no more than the mentor offers.

    Parameters
    ----------
    wanted
        Column of numbers on the mentee roster; not answered: 0.
    offered
        Column of numbers on the mentor roster; not answered: no limit.
    """

    wanted: str = "hours"
    offered: str = "hours"

    def rows(self, case: Case) -> Iterator[Row]:
        wanted = case.mentees.column(self.wanted, Numbers, wanted_by="HoursBudget(wanted)")
        offered = case.mentors.column(self.offered, Numbers, wanted_by="HoursBudget(offered)")
        hours = np.rint(np.nan_to_num(wanted.values, nan=0.0) * HOUR).astype(np.int64)
        for j in np.flatnonzero(~np.isnan(offered.values)).tolist():
            yield Row(
                f"HoursBudget of {case.mentors.ids[j]} ({offered.values[j]:g} hours)",
                self,
                SideRow(hours, case.each_mentor[j], most=round(float(offered.values[j]) * HOUR)),
                HOUR,
            )


@dataclass(frozen=True, repr=False)
class Keep(Constraint):
    """At least so many of these pairs stay; `rematch` states its budget of changes with it.

    Parameters
    ----------
    pairs
        (mentee id, mentor id).
    least
        How many of them are matched.
    """

    pairs: tuple[tuple[str, str], ...]
    least: int

    def rows(self, case: Case) -> Iterator[Row]:
        kept = case.places_among(self.pairs)
        yield Row(repr(self), self, SideRow(least=self.least, pairs=kept))

    def __repr__(self) -> str:
        return f"Keep(at least {self.least} of {len(self.pairs)} pairs)"


def _freeze_people(constraint: Constraint, name: str) -> None:
    people = getattr(constraint, name)
    if people is None:
        return
    owner = type(constraint).__name__
    check_parameter(not isinstance(people, str), name, owner, "a list of ids", people)
    object.__setattr__(constraint, name, tuple(str(person) for person in people))


def _bound(mentors: Profiles, bound: int | str | None, otherwise: int) -> IntArray:
    if not isinstance(bound, str):
        value = otherwise if bound is None else bound
        return np.full(len(mentors), value, dtype=np.int64)
    column = mentors.column(bound, Numbers, wanted_by="Load")
    values = np.where(np.isnan(column.values), otherwise, column.values)
    if (values < 0).any() or (values != np.rint(values)).any():
        raise ParameterError(
            f"Load: the column {bound!r} must hold whole numbers >= 0.", column=bound, rule="Load"
        )
    return values.astype(np.int64)


def parity_groups(case: Case, by: str, smallest: int) -> tuple[Groups, IntArray]:
    """Return the groups of mentees that are compared, and what each asks for (mentors)."""
    groups = case.groups(case.mentees, by, "Parity").at_least(smallest)
    inside = groups.codes >= 0
    asked = np.zeros(len(groups.labels), dtype=np.int64)
    np.add.at(asked, groups.codes[inside], case.asked[inside])
    kept = asked > 0
    if kept.all():
        return groups, asked
    new = np.full(len(groups.labels) + 1, -1, dtype=np.int64)
    new[np.flatnonzero(kept)] = np.arange(int(kept.sum()))
    labels = tuple(label for label, keep in zip(groups.labels, kept, strict=True) if keep)
    return Groups(new[groups.codes], labels), asked[kept]


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
        chosen = load.chosen(mentors)
        low, high = (bound[chosen] for bound in load.bounds(mentors))
        least[chosen] = np.maximum(least[chosen], low)
        most[chosen] = np.minimum(most[chosen], high)
        for j, bound in zip(chosen.tolist(), low.tolist(), strict=True):
            if bound:
                named.append((f"Load(least={bound}) of {mentors.ids[j]}", j, load))
    return least, most, named
