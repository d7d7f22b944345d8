"""Groups: who is with whom, led by whom and when, how good it is, and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from mentormatch.doors import upstairs
from mentormatch.errors import Status, check_parameter
from mentormatch.insight.explain import scores_texts
from mentormatch.matching.answer import Stage
from mentormatch.matching.constraints import MILLION
from mentormatch.programmes.form import Form, Verified
from mentormatch.programmes.groups.lowering import GroupsAsked, Lowering, lowered
from mentormatch.rosters.columns import DAYS, SLOT_MINUTES, Hours, IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.hours import REFERENCE_WEEKS
from mentormatch.scoring.scores import Scores
from mentormatch.values import ByValue, Told

if TYPE_CHECKING:
    import pandas as pd

    from mentormatch.insight.audience import Audience

__all__ = ["Groups", "SolvedGroups"]


@dataclass(frozen=True, eq=False)
class SolvedGroups(ByValue):
    """What the solver found.

    Attributes
    ----------
    members : tuple of tuple of int
        Roster positions of the members of each group.
    coach, slot : tuple of int
        Roster position of the coach of each group, and the slot that it meets in.
    stages : tuple of Stage
        People placed, total score.
    status : Status
    prices : tuple of int
        Of each person, in points, with the bonus for being placed.
    bonus : int
    seconds : float
    """

    members: tuple[tuple[int, ...], ...]
    coach: tuple[int, ...]
    slot: tuple[int, ...]
    stages: tuple[Stage, ...]
    status: Status
    prices: tuple[int, ...]
    bonus: int
    seconds: float = field(compare=False, default=0.0)

    def _identity(self) -> tuple[Any, ...]:
        return self.members, self.coach, self.slot


@dataclass(frozen=True, eq=False, repr=False)
class Groups(Form):
    """The groups that `form_groups` found: data, and questions about it.

    ``groups["ana"]`` is the coach and the members of one person's group (ids), iterating yields
    coach and members of every group.

    Attributes
    ----------
    asked : GroupsAsked
        The parameters of `form_groups`.
    solved : SolvedGroups
        Members, coaches, slots, stages, prices.
    notes : tuple of str
        What whoever reads it should know.
    """

    title = "Groups"

    asked: GroupsAsked
    solved: SolvedGroups
    notes: tuple[str, ...] = ()
    _lowering: Lowering | None = field(default=None, repr=False, compare=False)

    def _identity(self) -> tuple[Any, ...]:
        return self.asked, self.solved

    @cached_property
    def lowering(self) -> Lowering:
        """The same in whole numbers."""
        return self._lowering or lowered(self.asked)

    @property
    def scores(self) -> Scores:
        """The scores of people with coaches."""
        return self.asked.scores

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Value and bound: people placed, then the total of scores and alikeness."""
        return self.solved.stages

    @property
    def status(self) -> Status:
        """How the solve ended."""
        return self.solved.status

    @property
    def unique(self) -> bool | None:
        """None: whether other groups are as good is not known."""
        return None

    @property
    def seconds(self) -> float:
        """Wall time."""
        return self.solved.seconds

    @property
    def prices(self) -> dict[str, float]:
        """What a place of each person costs, by id, in score, less the bonus for being placed.

        With them anybody can work out the bound: see `verify`.
        """
        ids, bonus = self.scores.mentees.ids, self.solved.bonus
        return {
            person: (price - bonus) / MILLION
            for person, price in zip(ids, self.solved.prices, strict=True)
        }

    @property
    def unplaced(self) -> tuple[str, ...]:
        """Ids of those who are in no group: `diagnose` says why."""
        there = {i for group in self.solved.members for i in group}
        return tuple(x for i, x in enumerate(self.scores.mentees.ids) if i not in there)

    def group_of(self, position: int) -> int | None:
        """Return which group the person at a roster position is in, None if in none."""
        return self._group_of.get(position)

    @cached_property
    def _group_of(self) -> dict[int, int]:
        return {i: g for g, group in enumerate(self.solved.members) for i in group}

    def __len__(self) -> int:
        return len(self.solved.members)

    def _pair(self, g: int) -> tuple[str, tuple[str, ...]]:
        people, coaches = self.scores.mentees, self.scores.mentors
        return coaches.ids[self.solved.coach[g]], tuple(
            people.ids[i] for i in self.solved.members[g]
        )

    def __iter__(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        return (self._pair(g) for g in range(len(self)))

    def __getitem__(self, person: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the coach and the members of a person's group (ids), None if she has none.

        Raises
        ------
        UnknownPersonError
            If nobody has this id, e-mail or unambiguous name.
        """
        g = self.group_of(self.scores.mentees.position(person))
        return None if g is None else self._pair(g)

    def when(self, g: int, side: Profiles | None = None, position: int = 0) -> str:
        """Return the weekday and time at which a group meets, empty where it needs none.

        side, position : on whose clock (in winter); default: the one most people state.
        """
        start = self.starts(g)
        if start is None or self.asked.meet is None:
            return ""
        if side is not None:
            hours = side.column(self.asked.meet.column, Hours, wanted_by="CommonSlot")
            start = start.astimezone(ZoneInfo(hours.zones[position] or self.lowering.zone))
        return f"{DAYS[start.weekday()]} {start:%H:%M}"

    def starts(self, g: int) -> datetime | None:
        """Return when a group meets in a winter week, on the clock most people state.

        Every week has the same weekday and hour on that clock. None where it needs no common time.
        """
        low, slot = self.lowering, self.solved.slot[g]
        hour = int(low.hour[slot])
        if hour < 0 or self.asked.meet is None:
            return None
        monday = REFERENCE_WEEKS[0]
        start = datetime(monday.year, monday.month, monday.day, tzinfo=ZoneInfo(low.zone))
        return start + timedelta(minutes=SLOT_MINUTES * hour)

    def alikeness(self, g: int) -> IntArray:
        """int64 (members,), points: each member's half of what pairs add to the group, doubled.

        The sum over members is twice what all pairs add.
        """
        at = self.lowering.place[list(self.solved.members[g])]
        pair = self.lowering.problem.pair
        if pair is None:
            return np.zeros(at.size, dtype=np.int64)
        return np.asarray(pair[np.ix_(at, at)].sum(axis=1), dtype=np.int64)

    def to_frame(self, *, reasons: bool = False) -> pd.DataFrame:
        """Return one row per member.

        Parameters
        ----------
        reasons
            Also why she suits the coach, in words.

        Returns
        -------
        DataFrame
            `group` (1, 2, ...), `coach`, `person` (ids), `coach_name`, `person_name`, `slot` (on
            her own clock), `score` (with the coach), `alike` (her part of what members are to one
            another, which add up to the total with the scores); with reasons `why`.
        """
        import pandas as pd

        people, coaches = self.scores.mentees, self.scores.mentors
        rows = [(g, i) for g, group in enumerate(self.solved.members) for i in group]
        led = [self.solved.coach[g] for g, _ in rows]
        who = [i for _, i in rows]
        alike = [part for g in range(len(self)) for part in (self.alikeness(g) / 2).tolist()]
        frame = pd.DataFrame(
            {
                "group": np.array([g + 1 for g, _ in rows], dtype=np.int64),
                "coach": [coaches.ids[j] for j in led],
                "person": [people.ids[i] for i in who],
                "coach_name": [coaches.name(j) for j in led],
                "person_name": [people.name(i) for i in who],
                "slot": [self.when(g, people, i) for g, i in rows],
                "score": self.scores.at(who, led) / MILLION,
                "alike": np.array(alike, dtype=np.float64) / MILLION,
            }
        )
        if reasons:
            frame["why"] = scores_texts(self.scores, who, led, "participant")
        return frame

    def isolation(self, column: str) -> pd.DataFrame:
        """Count who is the only one of her value in her group.

        Returns
        -------
        DataFrame, one row per value of the column
            `value`, `people` (placed), `alone`.
        """
        return upstairs("programmes.groups.questions", "isolation")(self, column)  # type: ignore[no-any-return]

    def explain(self, who: str | int, audience: Audience = "administrator") -> Told:
        """Say why a group is as it is: see `questions.GroupExplanation`.

        who : a person's id, or the number of a group (1, 2, ...). It says the same to every
        audience: points, no answer.
        """
        return upstairs("programmes.groups.questions", "explained")(self, who)  # type: ignore[no-any-return]

    def why_not(self, one: str, other: str, time_limit: float | None = None) -> Told:
        """Say why a person is not in a group of a coach: see `questions.WhyNotGroup`.

        Nothing is solved anew, so no time limit is needed.
        """
        return upstairs("programmes.groups.questions", "why_not_led")(self, one, other)  # type: ignore[no-any-return]

    def _each_pair(self) -> Iterator[tuple[str, str]]:
        return ((person, coach) for coach, members in self for person in members)

    def diagnose(self) -> pd.DataFrame:
        """Return one row per person in no group: `person`, `name`, `reason`, `helps`.

        `helps` is the smallest change found with which she joins a group that stays as it is,
        every other rule kept.
        """
        return upstairs("programmes.groups.questions", "left_over")(self)  # type: ignore[no-any-return]

    def verified(self) -> Verified:
        """Check the groups by the prices: see `verify`."""
        return upstairs("programmes.groups.questions", "verified")(self)  # type: ignore[no-any-return]

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables of the workbook: groups, people, who is left over."""
        frame = self.to_frame(reasons=True)
        people = frame[["group", "coach_name", "person_name", "slot", "score", "alike", "why"]]
        people = people.set_axis(
            ["group", "coach", "name", "slot", "score", "alike", "reasons"], axis=1
        )
        return {"Groups": self._group_table(), "People": people, "Left over": self.diagnose()}

    def _group_table(self) -> pd.DataFrame:
        import pandas as pd

        people, coaches = self.scores.mentees, self.scores.mentors
        rows = []
        for g, members in enumerate(self.solved.members):
            j = self.solved.coach[g]
            mean = self.scores.at(list(members), [j] * len(members)).mean() / MILLION
            names = ", ".join(people.name(i) for i in members)
            rows.append((g + 1, coaches.name(j), self.when(g, coaches, j), names, mean))
        return pd.DataFrame(rows, columns=["group", "coach", "slot", "members", "score"])

    def settings(self) -> Mapping[str, Any]:
        """Return what was asked for."""
        asked = self.asked
        return {
            "size": f"{asked.size[0]} to {asked.size[1]}",
            "meet": None if asked.meet is None else repr(asked.meet),
            "mix": [repr(rule) for rule in asked.mix] or None,
            "alike": None if asked.alike is None else f"counts {asked.alike_weight:g}",
            "capacity": asked.capacity,
            "constraints": [repr(constraint) for constraint in asked.constraints] or None,
            "partial": asked.partial, "gap": asked.gap, "seed": asked.seed,
        }  # fmt: skip

    def number(self, g: int) -> int:
        """Return the position of group 1, 2, ...

        Raises
        ------
        ParameterError
            If there is no such group.
        """
        check_parameter(1 <= g <= len(self), "who", "explain", f"a group from 1 to {len(self)}", g)
        return g - 1

    def _headline(self) -> str:
        placed = sum(len(group) for group in self.solved.members)
        return (
            f"{len(self):,} groups of {placed:,} of {len(self.scores.mentees):,} people, total "
            f"score {self.objective:,.3f}"
        )
