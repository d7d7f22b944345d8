"""Timetable: who meets whom in which round, who sits out, and the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mentormatch.doors import upstairs
from mentormatch.errors import ParameterError, Status
from mentormatch.matching.answer import Stage
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.form import Form, Verified
from mentormatch.programmes.pool import pool_points
from mentormatch.rosters.columns import IntArray, freeze
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.engine import PointsArray, bar
from mentormatch.scoring.mutual import Mutual
from mentormatch.scoring.scores import Scores
from mentormatch.values import ByValue, Told

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from mentormatch.insight.audience import Audience

__all__ = ["Prices", "Timetable", "TimetableAsked"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TimetableAsked(ByValue):
    """What `schedule_rounds` was asked for.

    pool : whether both rosters are one.
    met : positions of pairs who have met before.
    """

    scores: Scores
    labels: tuple[str, ...]
    meetings: int | None
    minutes: int
    tables: int
    level: bool
    mutual: Mutual
    seed: int
    pool: bool
    met: tuple[tuple[int, int], ...] = ()

    def _identity(self) -> tuple[Any, ...]:
        return self.scores, self.labels

    def worth(self) -> PointsArray:
        """Return int32 (n, m): what each meeting is worth, negative where two may not meet."""
        if self.pool:
            points = pool_points(self.scores, self.mutual, "schedule_rounds")
        else:
            points = np.array(self.scores.matrix("schedule_rounds"))
        for i, j in self.met:
            bar(points, i, j)
            if self.pool:
                bar(points, j, i)
        return points


@dataclass(frozen=True, eq=False)
class Prices(ByValue):
    """Prices that prove a bound on the points of so many meetings, in whole numbers.

    kind : "flow" (two rosters, everybody always there), "rounds" (not everybody) or "pool".
    column : int64 (1, m) prices of a mentor's meetings, (m, rounds) of her rounds; (1, n) of a
        pool.
    row : int64 (n, rounds) of a mentee's rounds;  meeting : int64 (n,) of her meetings;
        first : int64 (n,) of "rounds": what her first counts for.
    bonus : what each meeting of a mentee, first, second, ..., is worth besides its points.
    count : of "rounds": added to each meeting; of a pool of an odd number: the fewest meetings of
        anybody, and the bound is among timetables in which everybody has as many.
    """

    kind: Literal["flow", "rounds", "pool"]
    column: IntArray
    row: IntArray | None = None
    meeting: IntArray | None = None
    bonus: IntArray | None = None
    count: int = 0
    first: IntArray | None = None

    def __post_init__(self) -> None:
        for name in ("column", "row", "meeting", "bonus", "first"):
            held = getattr(self, name)
            if held is not None:
                object.__setattr__(self, name, freeze(np.asarray(held, dtype=np.int64)))

    def unsorted(self, rows: IntArray, columns: IntArray, *, pool: bool) -> Prices:
        """Return the prices in the order of the rosters; they are in that of these positions."""
        row_at, column_at = np.argsort(rows), np.argsort(rows if pool else columns)
        if self.kind == "rounds":
            assert self.row is not None
            assert self.meeting is not None
            return replace(
                self, column=self.column[column_at], row=self.row[row_at],
                meeting=self.meeting[row_at],
                first=None if self.first is None else self.first[row_at],
            )  # fmt: skip
        return replace(self, column=self.column[:, column_at])


@dataclass(frozen=True, eq=False, repr=False)
class Timetable(Form):
    """The meetings that `schedule_rounds` found: data, and questions about it.

    ``table["ana"]`` are whom one person meets, round after round (None: nobody);
    ``("ana", "bo") in table`` tells whether two meet; iterating yields pairs of ids, by round.

    Attributes
    ----------
    asked : TimetableAsked
    meetings : (int64, int64, int64), (meetings,) each
        Positions of the two on their rosters (of one pool, both on the first), and the round from
        0, by round.
    there : one or two bool (people, rounds)
        Who is there when.
    prices : Prices or None
        What proves the bound; None where pairs had to meet again.
    """

    asked: TimetableAsked
    meetings: tuple[IntArray, IntArray, IntArray]
    stages: tuple[Stage, ...]
    status: Status
    there: tuple[BoolArray, ...]
    prices: Prices | None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    title = "Timetable"

    def __post_init__(self) -> None:
        object.__setattr__(self, "meetings", tuple(freeze(part) for part in self.meetings))
        object.__setattr__(self, "there", tuple(freeze(part) for part in self.there))

    def _identity(self) -> tuple[Any, ...]:
        return self.asked, *(part.tobytes() for part in self.meetings)

    @property
    def scores(self) -> Scores:
        """What it was made from."""
        return self.asked.scores

    @property
    def unique(self) -> None:
        """Not known: the same meetings can be in other rounds."""
        return

    @property
    def rounds(self) -> tuple[str, ...]:
        """What the rounds are called."""
        return self.asked.labels

    @property
    def _sides(self) -> tuple[Profiles, Profiles]:
        scores = self.scores
        return scores.mentees, scores.mentees if self.asked.pool else scores.mentors

    def __len__(self) -> int:
        return len(self.meetings[0])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        ours, theirs = self._sides
        for i, j in zip(self.meetings[0].tolist(), self.meetings[1].tolist(), strict=True):
            yield ours.ids[i], theirs.ids[j]

    def __contains__(self, who: object) -> bool:
        met = set(self)
        if isinstance(who, tuple) and len(who) == 2:
            return who in met or (self.asked.pool and (who[1], who[0]) in met)
        return any(who in pair for pair in met)

    def __getitem__(self, person: str) -> tuple[str | None, ...]:
        """Return the id of whom a person meets in each round, None for nobody.

        A mentor with several tables: the ids, joined by ", ".

        Raises
        ------
        UnknownPersonError
            If nobody on either roster is called that.
        """
        ours, theirs = self._sides
        at, side = ours.find(str(person)), 0
        if at < 0:
            at, side = theirs.position(str(person)), 1
        found: list[list[str]] = [[] for _ in self.rounds]
        i, j, t = self.meetings
        for one, other, when in zip(i.tolist(), j.tolist(), t.tolist(), strict=True):
            if side == 0 and one == at:
                found[when].append(theirs.ids[other])
            elif other == at and (side == 1 or self.asked.pool):
                found[when].append(ours.ids[one])
        return tuple(", ".join(sorted(met)) if met else None for met in found)

    def meetings_of(self) -> Counter[str]:
        """Return how many meetings each person has, by id."""
        return Counter(person for pair in self for person in pair)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per meeting, by round.

        Returns
        -------
        DataFrame
            `round` (its name), then `mentee` and `mentor` (ids; of one pool `person` and
            `partner`), their names, `score`.
        """
        import pandas as pd

        ours, theirs = self._sides
        i, j, t = self.meetings
        first, second = self._roles
        points = self._points[i, j]
        return pd.DataFrame(
            {
                "round": [self.rounds[when] for when in t.tolist()],
                first: [ours.ids[at] for at in i.tolist()],
                second: [theirs.ids[at] for at in j.tolist()],
                f"{first}_name": [ours.name(at) for at in i.tolist()],
                f"{second}_name": [theirs.name(at) for at in j.tolist()],
                "score": points / MILLION,
            }
        )

    @property
    def _roles(self) -> tuple[str, str]:
        return ("person", "partner") if self.asked.pool else ("mentee", "mentor")

    @property
    def _points(self) -> PointsArray:
        """Scores of the meetings, also of those who meet again."""
        return self.once("points", lambda: replace(self.asked, met=()).worth())

    @property
    def by_person(self) -> pd.DataFrame:
        """One row per person, one column per round: names of whom she meets, empty for nobody.

        `person` (id), `name`, `role`, `meetings`, then the rounds by their names.
        """
        return upstairs("programmes.rounds.views", "by_person")(self)  # type: ignore[no-any-return]

    @property
    def sat_out(self) -> pd.DataFrame:
        """One row per person and round without a meeting: `round`, `person`, `name`, `role`, `why`.

        Of two rosters, mentees who have all their meetings are not in it.
        """
        return upstairs("programmes.rounds.views", "sat_out")(self)  # type: ignore[no-any-return]

    @property
    def by_round(self) -> pd.DataFrame:
        """One row per round: `round`, `meetings`, `mean_score`, `sitting_out`."""
        return upstairs("programmes.rounds.views", "by_round")(self)  # type: ignore[no-any-return]

    def explain(self, who: str, audience: Audience = "administrator") -> Told:
        """Say whom a person meets round after round, and why: see `views.RoundsExplanation`."""
        return upstairs("programmes.rounds.views", "explained")(self, who, audience)  # type: ignore[no-any-return]

    def why_not(self, one: str, other: str, time_limit: float | None = None) -> Told:
        """Say why two do not meet: what forbids it, or that others were worth more together.

        Nothing is solved anew, so no time limit is needed.
        """
        return upstairs("programmes.rounds.views", "why_not")(self, one, other)  # type: ignore[no-any-return]

    def diagnose(self) -> pd.DataFrame:
        """Return who sat out when, and why: see `sat_out`."""
        return self.sat_out

    def _each_pair(self) -> Iterator[tuple[str, str]]:
        return iter(self)

    @property
    def _one_pool(self) -> bool:
        return self.asked.pool

    def verified(self) -> Verified:
        """Check rounds, and the bound that the prices prove: see `verify`."""
        return upstairs("programmes.rounds.proof", "verified")(self)  # type: ignore[no-any-return]

    def times(self) -> list[tuple[datetime, datetime]]:
        """Return when each round begins and ends.

        Raises
        ------
        ParameterError
            If the slots are no dates and times with a zone.
        """
        found = []
        for label in self.rounds:
            try:
                start = datetime.fromisoformat(label)
            except ValueError:
                start = datetime.min
            if start.tzinfo is None:
                raise ParameterError(
                    "A calendar needs slots that are dates and times with a zone, such as "
                    f"slots=['2026-09-07T10:00+02:00', ...]. Got {label!r}."
                )
            found.append((start, start + timedelta(minutes=self.asked.minutes)))
        return found

    def to_ics(self, path: str | PathLike[str] | None = None, *, person: str | None = None) -> str:
        """Return a calendar with one entry per meeting; write it to a path.

        Parameters
        ----------
        path
            Where to write.
        person
            Only this person's meetings (id).

        Raises
        ------
        ParameterError
            If the slots are no dates and times with a zone.
        """
        return upstairs("delivery.letters.ical", "to_ics")(  # type: ignore[no-any-return]
            self.dated(), path, person=person, title="{mentee} and {mentor}"
        )

    def dated(self) -> pd.DataFrame:
        """Return the meetings with `start` and `end`, for `letters.to_ics`.

        Raises
        ------
        ParameterError
            If the slots are no dates and times with a zone.
        """
        times = self.times()
        frame = self.to_frame().set_axis(
            ["meeting", "mentee", "mentor", "mentee_name", "mentor_name", "score"], axis=1
        )
        frame["meeting"] = self.meetings[2] + 1
        frame["start"] = [times[when][0] for when in self.meetings[2].tolist()]
        frame["end"] = [times[when][1] for when in self.meetings[2].tolist()]
        return frame

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables of the workbook."""
        first, second = self._roles
        named = self.to_frame().drop(columns=[first, second])
        named.columns = [str(c).removesuffix("_name") for c in named.columns]
        return {
            "Timetable": named,
            "By person": self.by_person,
            "Rounds": self.by_round,
            "Sitting out": self.sat_out,
        }

    def settings(self) -> Mapping[str, Any]:
        """Return what was asked for."""
        asked = self.asked
        return {
            "rounds": len(asked.labels), "meetings": asked.meetings, "minutes": asked.minutes,
            "tables": asked.tables, "level": asked.level, "seed": asked.seed,
            "mutual": asked.mutual if asked.pool else None, "met before": len(asked.met),
        }  # fmt: skip

    def _headline(self) -> str:
        n = len(self.meetings[0])
        mean = self.objective / max(n, 1)
        return (
            f"{n:,} meetings in {len(self.rounds):,} rounds, total score {self.objective:,.3f} "
            f"(mean {mean:.3f})"
        )
