"""What every matching must satisfy, beyond rules and capacities.

Each is a small immutable object. `matching.rows` turns it into labelled rows or into loads,
demands and floors, so that the solver, the message of an `InfeasibleError` and the explanations
speak of the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mentormatch.errors import check_parameter


@dataclass(frozen=True)
class Constraint:
    """Base of all constraints."""


@dataclass(frozen=True)
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
        given = self.least
        values = list(given.values()) if isinstance(given, Mapping) else [given]
        ok = isinstance(given, str) or all(
            not isinstance(value, str) and 0 <= value <= 1 for value in values
        )
        check_parameter(ok, "least", "ScoreFloor", "in [0, 1]", given)


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Demand(Constraint):
    """How many different mentors a mentee may have.

    Parameters
    ----------
    mentors
        One number for everybody; a mapping from mentee id (others have 1); or a mentee column:
        numbers are taken as they are, of labels (such as "goals") there is one mentor for each.
    """

    mentors: int | str | Mapping[str, int] = 1

    def __post_init__(self) -> None:
        given = self.mentors
        values = list(given.values()) if isinstance(given, Mapping) else [given]
        ok = isinstance(given, str) or all(isinstance(v, int) and v >= 0 for v in values)
        check_parameter(ok, "mentors", "Demand", "a whole number >= 0 or a column", given)


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
        check_parameter(self.seats >= 0, "seats", "Reserve", "a whole number >= 0", self.seats)


@dataclass(frozen=True)
class Together(Constraint):
    """These mentees have the same mentor, or none of them has one.

    Parameters
    ----------
    people
        Mentee ids.
    """

    people: Sequence[str]

    def __post_init__(self) -> None:
        _freeze_people(self, "people")


@dataclass(frozen=True)
class Apart(Constraint):
    """No two of these mentees share a mentor.

    Parameters
    ----------
    people
        Mentee ids.
    """

    people: Sequence[str]

    def __post_init__(self) -> None:
        _freeze_people(self, "people")


@dataclass(frozen=True)
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


def _freeze_people(constraint: Constraint, name: str) -> None:
    people = getattr(constraint, name)
    if people is None:
        return
    owner = type(constraint).__name__
    check_parameter(not isinstance(people, str), name, owner, "a list of ids", people)
    object.__setattr__(constraint, name, tuple(str(person) for person in people))
