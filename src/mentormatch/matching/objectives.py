"""What a matching is to achieve, as small immutable objects in lexicographic order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from mentormatch.domains import check_fields
from mentormatch.errors import ParameterError, check_parameter, listed
from mentormatch.matching.case import Case, Step
from mentormatch.matching.constraints import MILLION, parity_groups
from mentormatch.rosters.columns import IntArray, Numbers
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.defects import DEFECTS, bit_of, check_defects
from mentormatch.scoring.scores import Scores
from mentormatch.solvers import stages
from mentormatch.values import Setting

MOST_PRIORITY = 1000


@dataclass(frozen=True, repr=False)
class Objective(Setting):
    """Base of all objectives."""

    minimises: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def is_flow(self) -> bool:
        """Whether it can be optimised on one flow, where everybody has one mentor."""
        return False

    def idle(self, scores: Scores) -> bool:
        """Whether these scores leave it nothing to decide; then it is no stage at all."""
        return False

    def steps(self, case: Case, matched: bool) -> list[Step]:
        """Lower to stages; `matched`: the number matched has been maximised before."""
        raise ParameterError(f"The objective {self!r} is not one that solve knows.")


@dataclass(frozen=True, repr=False)
class MaximizeMatched(Objective):
    """Match as many mentees as possible; among equals, those with the highest priorities.

    Where mentees may have several mentors (`Demand`), everybody's first mentor comes before
    anybody's second.

    Parameters
    ----------
    priority
        Who goes first where not everybody can be matched: a column of numbers on the mentee
        roster, or a mapping from mentee id to a whole number from 0 to 1000; people not named
        have 0. Never lowers the number of matched mentees.
    """

    priority: str | Mapping[str, int] | None = None

    @property
    def is_flow(self) -> bool:
        return True

    def steps(self, case: Case, matched: bool) -> list[Step]:
        """First mentors, then priorities, then second mentors, ..."""
        one = np.ones(case.n, dtype=np.int64)
        name = type(self).__name__
        steps = [Step(name, stages.Count(one, case.had), "mentees")]
        priority = self.priorities(case.mentees)
        if priority.any():
            steps.append(Step(name, stages.Count(priority, case.had), "priority", shown=False))
        for slot in range(2, int(case.asked.max(initial=1)) + 1):
            count = stages.Count(one, case.had, slot)
            steps.append(Step(name, count, f"mentees with {slot}", shown=False))
        return steps

    def priorities(self, mentees: Profiles) -> IntArray:
        """Return int64 (n,): each mentee's priority, 0 where none is given."""
        given = self.priority
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


@dataclass(frozen=True, repr=False)
class MaximizeTotal(Objective):
    """Maximise the sum of the scores of the matched pairs (score units)."""

    @property
    def is_flow(self) -> bool:
        return True

    def steps(self, case: Case, matched: bool) -> list[Step]:
        total = stages.Total(int(case.gained.sum()))
        return [Step(type(self).__name__, total, "score", MILLION)]


@dataclass(frozen=True, repr=False)
class MaximizeMinimum(Objective):
    """Maximise the worst mentee's score (the bottleneck).

    After `MaximizeMatched`, the worst is taken over the matched mentees; otherwise over all
    mentees, the unmatched at 0. With several mentors each, a mentee's score is the sum over
    hers.
    """

    @property
    def is_flow(self) -> bool:
        return True

    def steps(self, case: Case, matched: bool) -> list[Step]:
        worst = stages.WorstPair(not matched, case.own)
        return [Step(type(self).__name__, worst, "score", MILLION)]


@dataclass(frozen=True, repr=False)
class Leximin(Objective):
    """Maximise the worst, then the second worst, and so on.

    Parameters
    ----------
    over
        "mentees": their scores, over the matched ones after `MaximizeMatched`, else over all with
        the unmatched at 0. "mentors": the sum of the scores each takes part in. Otherwise a
        column of the mentee roster: the mean score per group, the unmatched at 0.
    smallest
        Groups of fewer people are left out.
    """

    over: str = "mentees"
    smallest: int = 5

    @property
    def is_flow(self) -> bool:
        return self.over == "mentees"

    def steps(self, case: Case, matched: bool) -> list[Step]:
        if self.over == "mentees":
            stage = stages.Sorted(None, case.own, not matched)
        elif self.over == "mentors":
            n, m = case.n, case.m
            offset = np.zeros(m, dtype=np.int64)
            np.add.at(offset, case.held[1], case.gained)
            stage = stages.Sorted(
                stages.Outcomes(
                    np.ones((m, n), dtype=np.int64), np.eye(m, dtype=np.int64),
                    np.ones(m, dtype=np.int64), offset,
                )
            )  # fmt: skip
        else:
            stage = stages.Sorted(group_means(case, self.over, self.smallest))
        return [Step(type(self).__name__, stage, "score", MILLION)]


@dataclass(frozen=True, repr=False)
class MaximizeWorstGroup(Objective):
    """Maximise the mean score of the worst-off group, the unmatched at 0.

    Parameters
    ----------
    by
        Column of the mentee roster; people without an answer are a group of their own.
    smallest
        Groups of fewer people are left out.
    """

    by: str
    smallest: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parameter(
            self.smallest >= 1, "smallest", "MaximizeWorstGroup", "at least 1", self.smallest
        )

    def steps(self, case: Case, matched: bool) -> list[Step]:
        worst = stages.Worst(group_means(case, self.by, self.smallest))
        return [Step(type(self).__name__, worst, "score", MILLION)]


@dataclass(frozen=True, repr=False)
class BalanceLoad(Objective):
    """Spread the mentees evenly: minimise the sum of squared loads of the mentors.

    Comes after `MaximizeMatched`; alone it would match nobody.
    """

    minimises: ClassVar[bool] = True

    def steps(self, case: Case, matched: bool) -> list[Step]:
        if not matched:
            raise ParameterError(
                "The 'objectives' parameter of Problem must name MaximizeMatched before "
                "BalanceLoad: the most even load of all is nobody."
            )
        load = np.bincount(case.held[1], minlength=case.m)
        return [Step(type(self).__name__, stages.Squares(load), "squared load")]


@dataclass(frozen=True, repr=False)
class MinimizeChanges(Objective):
    """Keep as many pairs of an earlier matching as possible.

    Parameters
    ----------
    previous
        A `Matching`, or (mentee id, mentor id) pairs. People who have left are passed over.
    """

    previous: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "previous", _pairs_of(self.previous))

    @property
    def is_flow(self) -> bool:
        return True

    def steps(self, case: Case, matched: bool) -> list[Step]:
        rows, columns = case.places_among(self.previous)
        open_ = case.unlocked((rows, columns))
        kept = stages.Kept((rows[open_], columns[open_]), int((~open_).sum()))
        return [Step(type(self).__name__, kept, "pairs kept")]


@dataclass(frozen=True, repr=False)
class MinimizeDefects(Objective):
    """Match as few pairs with a defect as possible: pairs that nobody would defend.

    Comes after `MaximizeMatched`; alone it would match nobody. Who gets a seat, where not everybody
    can, is decided by score first (`Scores.seated`): what was left blank is no defect, so that
    blank forms would win the seats of those who answered.

    Parameters
    ----------
    defects
        Names of what counts; default: all. "no_shared_hour": both gave hours and share none, in
        their time zones; "no_help": the mentor can help with none of the goals and needs that she
        named, and she did not wish for him by name; "below_level": the mentor stands below the
        mentee. Only what both answered counts.
    within
        What may be given up at most for it, as a share of the best total of the same problem
        without this objective, among matchings of as many people; None for no bound.
    by_score
        Keep the seats of those who would have one by score alone, as far as can be. False: fewer
        defects may decide who gets a seat as well.

    Raises
    ------
    ParameterError
        If a defect is not known, none is named, or `within` is not in [0, 1].
    """

    minimises: ClassVar[bool] = True
    defects: tuple[str, ...] = tuple(DEFECTS)
    within: float | None = None
    by_score: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "defects", check_defects(self.defects, "MinimizeDefects"))
        check_parameter(
            bool(self.defects), "defects", "MinimizeDefects", "at least one defect", self.defects
        )
        check_parameter(
            self.within is None or 0 <= self.within <= 1, "within", "MinimizeDefects",
            "in [0, 1] or None", self.within,
        )  # fmt: skip

    @property
    def is_flow(self) -> bool:
        return True

    @property
    def bits(self) -> int:
        """The bits of its defects in `Scores.defects`."""
        return sum(bit_of(name) for name in self.defects)

    def idle(self, scores: Scores) -> bool:
        return not set(self.defects) & set(scores.judged)

    def steps(self, case: Case, matched: bool) -> list[Step]:
        """Who would have a seat by score, then the pairs with any defect."""
        name = type(self).__name__
        if not matched:
            raise ParameterError(
                "The 'objectives' parameter of Problem must name MaximizeMatched before "
                "MinimizeDefects: the fewest defects of all has nobody."
            )
        some = self._fewest(case)
        steps = []
        if self.by_score and not case.seated.all():
            seats = stages.Count(case.seated.astype(np.int64), case.had)
            steps.append(Step(name, seats, "seats by score", shown=False))
        return [*steps, Step(name, some, "pairs with a defect")]

    def _fewest(self, case: Case) -> stages.Fewest:
        if case.scores.source is not None:
            costs = case.scores.costs_of(self.defects)
            rows, columns = case.held
            return stages.Fewest(case.matrix, int(costs.at(rows, columns).sum()), costs)  # type: ignore[arg-type]
        locked = case.defects[case.held] & np.uint8(self.bits)
        mask = case.defects & np.uint8(self.bits)
        mask *= case.matrix >= 0
        mask[case.held] = 0
        return stages.Fewest((mask > 0).view(np.uint8), int((locked > 0).sum()))


@dataclass(frozen=True, repr=False)
class _OfPeople(Objective):
    """Match as many as possible of these mentees."""

    people: tuple[str, ...]

    _unit: ClassVar[str]

    @property
    def is_flow(self) -> bool:
        return True

    def steps(self, case: Case, matched: bool) -> list[Step]:
        weight = np.zeros(case.n, dtype=np.int64)
        here = [case.mentees.find(person) for person in self.people]
        weight[[i for i in here if i >= 0]] = 1
        return [Step(type(self).__name__, stages.Count(weight, case.had), self._unit)]


@dataclass(frozen=True, repr=False)
class KeepClaims(_OfPeople):
    """Match as many as possible of these mentees; `rematch` puts it after the number matched.

    Parameters
    ----------
    people
        Ids of mentees who had a seat and lost it through no choice of the matching.
    """

    _unit = "claims"


@dataclass(frozen=True, repr=False)
class KeepDrawn(_OfPeople):
    """Match as many as possible of these mentees; `lottery` puts it after the number matched.

    Parameters
    ----------
    people
        Ids of mentees who drew a seat.
    """

    _unit = "drawn seats"


@dataclass(frozen=True, repr=False)
class MaximizeTotalAndKept(Objective):
    """Maximise the total score plus `price` for each of these pairs; reported is the total alone.

    Parameters
    ----------
    pairs
        (mentee id, mentor id) of an earlier matching.
    price
        What a change must bring, in score units.
    """

    pairs: tuple[tuple[str, str], ...]
    price: float

    @property
    def is_flow(self) -> bool:
        return True

    def steps(self, case: Case, matched: bool) -> list[Step]:
        rows, columns = case.places_among(self.pairs)
        open_ = case.unlocked((rows, columns))
        kept, bonus = (rows[open_], columns[open_]), round(self.price * MILLION)
        offset = int(case.gained.sum())
        if bonus > int(case.asked.sum()) * int(case.matrix.max(initial=0)):  # above every total
            return [
                Step("MaximizeTotal", stages.Kept(kept), "earlier pairs", shown=False),
                Step("MaximizeTotal", stages.Total(offset), "score", MILLION),
            ]
        total = stages.Total(offset, kept, bonus)
        return [Step("MaximizeTotal", total, "score", MILLION)]


def _pairs_of(previous: Any) -> tuple[tuple[str, str], ...]:
    if hasattr(previous, "problem") and hasattr(previous, "pairs"):
        scores = previous.problem.scores
        rows, columns = previous.pairs
        mentees, mentors = scores.mentees.ids, scores.mentors.ids
        return tuple((mentees[i], mentors[j]) for i, j in zip(rows, columns, strict=True))
    items = previous.items() if isinstance(previous, Mapping) else previous
    pairs: tuple[tuple[str, ...], ...] = ((),)
    if not isinstance(items, str) and isinstance(items, Iterable):
        pairs = tuple(
            tuple(map(str, pair)) if isinstance(pair, Sequence) and not isinstance(pair, str)
            else () for pair in items
        )  # fmt: skip
    check_parameter(
        all(len(pair) == 2 for pair in pairs),
        "previous",
        "MinimizeChanges",
        "a Matching or (mentee, mentor) pairs",
        previous,
    )
    return pairs  # type: ignore[return-value]


DEFAULT: tuple[Objective, ...] = (MaximizeMatched(), MinimizeDefects(), MaximizeTotal())
"""What a matching is to achieve unless something else is said."""


def group_means(case: Case, by: str, smallest: int) -> stages.Outcomes:
    """Return the mean scores of groups of mentees, the unmatched at 0.

    Groups that ask for nobody have no mean; where that is all of them, nothing is compared.
    """
    groups, asked = parity_groups(case, by, smallest)
    every = case.groups(case.mentees, by, "Parity")
    if case.n and not every.at_least(smallest).labels:
        raise ParameterError(
            f"No group of {by!r} has at least {smallest} people; groups: "
            f"{listed(every.labels)}. Lower `smallest`.", column=by, parameter="smallest",
        )  # fmt: skip
    count = len(groups.labels)
    member = (groups.codes == np.arange(count)[:, None]).astype(np.int64)
    offset = member[:, case.held[0]] @ case.gained
    mentor = np.ones((count, case.m), dtype=np.int64)
    return stages.Outcomes(member, mentor, asked, offset)
