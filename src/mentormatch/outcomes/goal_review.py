"""`review_goals`: which pairs come on, which to look after, and with which mentor to talk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from mentormatch.domains import as_day, typed
from mentormatch.doors import upstairs
from mentormatch.errors import ParameterError, check_parameter, counted, listed
from mentormatch.journal import logged
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.attainment import AGREEMENT, attained, t_score
from mentormatch.outcomes.goals import Goals
from mentormatch.outcomes.stalling import NOISE, Gains, paced
from mentormatch.values import ByValue, Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GoalReview", "State", "review_goals"]

State: TypeAlias = Literal["moving", "watch", "stalled", "reached", "too early", "no goals"]
STALLED, WATCH = 0.6, 0.35
"""Chances of being stalled from which a pair is flagged, and looked after."""
FIRST_DUE = 2
"""Reviews that must have been due before anybody is judged."""
SEVERAL, MOST_OF_HERS = 2, 0.5
"""Stalled pairs of one mentor, and share of hers, from which the mentor is talked with first."""
USUAL_WEEKS = 4
"""Weeks between two reviews where the entries do not tell."""
FEWEST_GAPS = 5
"""Times between two reviews from which the usual one is worked out."""
GRACE = 0.1
"""Share of the time between two reviews by which one may be late."""
STATES: tuple[State, ...] = ("stalled", "watch", "moving", "reached", "too early", "no goals")


@dataclass(frozen=True, eq=False, repr=False)
class GoalReview(ByValue, Told):
    """How the pairs' goals come on; see `review_goals`.

    For whoever runs the programme: nothing in it is meant for a list of who did best.

    Attributes
    ----------
    matching : Matching
    on, start, end : date
        The day of the review, first and last day of the programme.
    pairs : DataFrame
        One row per pair, in the order of the roster: `mentee`, `mentor` (ids), `mentee_name`,
        `mentor_name`, `goals` (how many), `held`, `missed` (reviews that were due), `progress`
        (share of the way to the targets, weighted), `pace` (1: as planned; drawn towards what
        is usual), `chance` (of being stalled), `t_score`, `state` ("moving", "watch", "stalled",
        "reached", "too early", "no goals"), `why`.
    goals : DataFrame
        One row per goal and target: `mentee`, `goal`, `since` (date of the first level), `first`,
        `target`, `level` (the last), `last` (its date), `planned` (the level that the plan has on
        the day of the review), `progress`, `weight`, `current` (False: the target was changed
        since, and a later row goes on), `attained` (from -2 to 2), `t_score` (of all her goals).
    mentors : DataFrame
        Mentors to talk with before anybody is matched anew: `mentor`, `mentor_name`, `pairs`,
        `stalled`, `suggestion`. Of the others nothing is said: a few pairs tell nothing of one.
    suggested : tuple of (str, str)
        Pairs (mentee, mentor) to match anew, for `rematch(matching, declined=review.suggested)`:
        they are stalled, and the mentor's others are not.
    paths : DataFrame
        `mentee`, `date`, `progress`, `state`: what `plot` draws.
    every : float
        Days between two reviews.
    due : int
        Reviews that were due until now.
    text : str
    """

    matching: Matching
    on: date
    start: date
    end: date
    pairs: pd.DataFrame
    goals: pd.DataFrame
    mentors: pd.DataFrame
    suggested: tuple[tuple[str, str], ...]
    paths: pd.DataFrame
    every: float
    due: int
    text: str

    _table = "pairs"

    def _identity(self) -> tuple[Any, ...]:
        return self.matching, self.on, self.suggested

    def __len__(self) -> int:
        return len(self.pairs)

    def __bool__(self) -> bool:
        return True

    @property
    def t_score(self) -> pd.Series[float]:
        """T-score by mentee, of those with goals: 50 is every goal just reached.

        Two raters of the same goals agree poorly (intraclass correlation .48): compare groups.
        """
        scored = self.pairs.dropna(subset=["t_score"])
        return scored.set_index("mentee")["t_score"]

    @property
    def next_on(self) -> date | None:
        """The day on which the next review is due, None where that is after the programme's end."""
        day = self.start + timedelta(days=round((self.due + 1) * self.every))
        day = max(day, self.on + timedelta(days=1))
        return day if day <= self.end else None

    def plot(self, ax: Any = None) -> Any:
        """Draw the pairs' progress against the plan, stalled ones in orange; return the axes.

        Nobody is named. Needs matplotlib: ``pip install "mentormatching[plot]"``.
        """
        return upstairs("delivery.goals_plot", "draw")(self, ax)


@logged(lambda made, _: f"reviewed the goals of {len(made)} pairs, {len(made.suggested)} stalled")
@typed
def review_goals(
    goals: Goals,
    matching: Matching,
    *,
    start: date | str,
    end: date | str,
    on: date | str,
    every: int | None = None,
) -> GoalReview:
    """Review the goals of all pairs: who comes on, who is stalled, where a talk helps.

    Pairs are of two kinds, those that come on at about the pace of their plan and those that hardly
    do; the chance of the second is worked out from levels reached, time passed, and reviews
    missed, with priors that are the same for every programme (see `stalling`). A pair is
    "stalled" from a chance of .6, to "watch" from .35. In simulations, with one goal per pair and
    six monthly reviews, seven in ten pairs that were flagged at half time were stalled, and one
    in five of the stalled was found; the month after, two in five. A flag asks for a talk. It is
    no verdict on anybody.

    Parameters
    ----------
    goals
        From `read_goals`.
    matching
        n mentees; a mentee with several mentors is reviewed with the first.
    start, end
        First and last day of the programme: the plan leads from the first level of a goal, on
        its date, straight to the target on the last day.
    on
        Day of the review; later entries are left out.
    every
        Weeks between two reviews; default: what the entries' dates tell, else 4.

    Returns
    -------
    GoalReview

    Raises
    ------
    ParameterError
        If a day is no date, or they are not in order; if no entry is of a mentee of the matching.

    Notes
    -----
    Where a target changes, progress starts anew from that date, and the old line stays in
    `goals`. Time O(entries).

    Examples
    --------
    >>> review = mm.review_goals(goals, matching, start="2026-01-12",
    ...                          end="2026-07-12", on="2026-04-12")        # doctest: +SKIP
    >>> mm.rematch(matching, declined=review.suggested,
    ...            max_changes=len(review.suggested))                      # doctest: +SKIP
    """
    given = {"start": start, "end": end, "on": on}
    first, last, today = (as_day(day, name, "review_goals") for name, day in given.items())
    check_parameter(first < last, "end", "review_goals", f"after start, {first}", str(last))
    check_parameter(first <= today, "on", "review_goals", f"not before start, {first}", str(today))
    check_parameter(every is None or every >= 1, "every", "review_goals", "at least 1", every)
    return _Review(goals, matching, first, last, today, every).result()


@dataclass(frozen=True, eq=False)
class _Line:
    """One goal with one target: what was reached since its first level."""

    goal: str
    days: tuple[date, ...]
    levels: tuple[float, ...]
    target: float
    weight: float
    current: bool

    @property
    def way(self) -> float:
        return self.target - self.levels[0]

    def progress(self, level: float) -> float:
        return (level - self.levels[0]) / self.way if self.way else 1.0

    def planned(self, day: date, end: date) -> float:
        """Return the share of the time that has passed from the first level to the end."""
        whole = (end - self.days[0]).days
        return min((day - self.days[0]).days / whole, 1.0) if whole > 0 else 1.0


@dataclass(frozen=True, eq=False)
class _Review:
    """One call of `review_goals`."""

    goals: Goals
    matching: Matching
    start: date
    end: date
    on: date
    every: int | None

    def result(self) -> GoalReview:
        import pandas as pd

        entries = self.goals.entries
        known = entries[entries["date"] <= pd.Timestamp(self.on)]
        days = self._days_between(known)
        by_person = {str(person): rows for person, rows in known.groupby("person", sort=False)}
        scores = self.matching.problem.scores
        if not any(person in scores.mentees.ids for person in entries["person"]):
            raise ParameterError(
                "The 'goals' parameter of review_goals has goals of nobody on the mentees' roster. "
                "Read them with read_goals(..., people=matching), which links people by id, e-mail "
                "or name."
            )
        due = int((self.on - self.start).days / days + GRACE)
        pairs, lines, paths = [], [], []
        for i, j in enumerate(self.matching.assignment.tolist()):
            if j < 0:
                continue
            person = scores.mentees.ids[i]
            rows = by_person.get(person)
            own = [] if rows is None else _lines(rows)
            held = 0 if rows is None else self._held(rows, days, due)
            pair, path = self._pair(own, held, due)
            pairs.append(
                (
                    person,
                    scores.mentors.ids[j],
                    scores.mentees.name(i),
                    scores.mentors.name(j),
                    *pair,
                )
            )
            lines += [self._goal_row(person, line, pair[6]) for line in own]
            paths += [(person, day, share, pair[7]) for day, share in path]
        frame = _pairs_frame(pairs)
        mentors = _mentors_frame(frame)
        talked_about = set(mentors["mentor"])
        stalled = frame[(frame["state"] == "stalled") & ~frame["mentor"].isin(talked_about)]
        later = len(entries) - len(known)
        strangers = sorted(set(entries["person"]) - set(frame["mentee"]))
        return GoalReview(
            matching=self.matching, on=self.on, start=self.start, end=self.end, pairs=frame,
            goals=_goals_frame(lines), mentors=mentors,
            suggested=tuple(zip(stalled["mentee"], stalled["mentor"], strict=True)),
            paths=pd.DataFrame(paths, columns=["mentee", "date", "progress", "state"]),
            every=days, due=due, text=self._text(frame, mentors, later, strangers),
        )  # fmt: skip

    def _days_between(self, known: pd.DataFrame) -> float:
        """Return the usual days between two reviews of one person."""
        if self.every is not None:
            return 7.0 * self.every
        dates = known.drop_duplicates(["person", "date"]).sort_values(["person", "date"])
        gaps = dates.groupby("person")["date"].diff().dropna().dt.days.to_numpy(dtype=float)
        if len(gaps) < FEWEST_GAPS:
            return 7.0 * USUAL_WEEKS
        reviews = np.maximum(np.rint(gaps / np.median(gaps)), 1)  # missed ones are in between
        return float(gaps.sum() / reviews.sum())

    def _held(self, rows: pd.DataFrame, days: float, due: int) -> int:
        """Return how many of the due reviews happened: an entry within half the time between."""
        since = np.array([(day.date() - self.start).days for day in rows["date"]]) / days
        number = np.floor(since + 0.5).astype(np.int64)
        return len({k for k in number.tolist() if 1 <= k <= due})

    def _pair(
        self, lines: Sequence[_Line], held: int, due: int
    ) -> tuple[tuple[Any, ...], list[tuple[date, float]]]:
        current = [line for line in lines if line.current]
        missed = due - held
        if not current:
            why = "no level of any goal is known"
            return (0, held, missed, np.nan, np.nan, np.nan, np.nan, "no goals", why), []
        found = paced([g for line in current if (g := self._gains(line)) is not None], held, missed)
        weights = np.array([line.weight for line in current])
        shares = np.array([line.progress(line.levels[-1]) for line in current])
        progress = float(weights @ shares / weights.sum())
        score = t_score(attained(shares), weights)
        state: State = "moving"
        if bool((shares >= 1).all()) and any(len(line.days) > 1 for line in current):
            state = "reached"
        elif due < FIRST_DUE:
            state = "too early"
        elif found.chance >= STALLED:
            state = "stalled"
        elif found.chance >= WATCH:
            state = "watch"
        why = self._why(current, held, missed, due)
        row = (len(current), held, missed, progress, found.pace, found.chance, score, state, why)
        return row, _path(current)

    def _gains(self, line: _Line) -> Gains | None:
        """Return what a goal gained; None where there is no second level, or nothing to reach."""
        later = [k for k in range(1, len(line.days)) if line.days[k] > line.days[0]]
        if not later or line.way == 0:
            return None
        low, high = self.goals.scale
        whole = all(float(level).is_integer() for level in line.levels)
        # a level that is stated in whole numbers was rounded to them
        noise = np.sqrt((NOISE * (high - low)) ** 2 + (1 / 12 if whole else 0.0))
        levels = np.array(line.levels)
        return Gains(
            way=line.way,
            passed=np.array([line.planned(line.days[k], self.end) for k in later]),
            gained=levels[later] - levels[0],
            noise=float(noise),
        )

    def _why(self, lines: Sequence[_Line], held: int, missed: int, due: int) -> str:
        parts = [f"{held} of {counted(due, 'review')} held" if due else "no review was due yet"]
        behind = min(
            lines,
            key=lambda line: line.progress(line.levels[-1]) - line.planned(self.on, self.end),
        )
        plan = behind.levels[0] + behind.way * behind.planned(self.on, self.end)
        where = "level" if len(lines) == 1 else "the goal farthest behind: level"
        parts.append(
            f"{where} {behind.levels[-1]:g} where the plan has {plan:.1f} "
            f"(from {behind.levels[0]:g} to {behind.target:g})"
        )
        return "; ".join(parts)

    def _goal_row(self, person: str, line: _Line, score: float) -> tuple[Any, ...]:
        share = line.progress(line.levels[-1])
        plan = line.levels[0] + line.way * line.planned(self.on, self.end)
        return (
            person, line.goal, line.days[0], line.levels[0], line.target, line.levels[-1],
            line.days[-1], plan if line.current else np.nan, share, line.weight, line.current,
            float(attained(share)) if line.current else np.nan, score,
        )  # fmt: skip

    def _text(
        self, pairs: pd.DataFrame, mentors: pd.DataFrame, later: int, strangers: Sequence[str]
    ) -> str:
        count = pairs["state"].value_counts()
        passed = min((self.on - self.start).days / (self.end - self.start).days, 1.0)
        told = [f"{count[state]:,} {_LABEL[state]}" for state in STATES if count.get(state, 0)]
        parts = [
            f"On {self.on} ({passed:.0%} of the time): {counted(len(pairs), 'pair')}: "
            f"{', '.join(told)}."
        ]
        if len(mentors):
            names = listed(mentors["mentor_name"])
            parts.append(f"Several stalled pairs have one mentor: talk with {names} first.")
        if "stalled" in count:
            parts.append(
                "In simulations about seven in ten flagged pairs were stalled: a flag asks for a "
                "talk, it is no verdict."
            )
        scored = pairs["t_score"].dropna()
        if len(scored) >= 5:
            parts.append(
                f"Goal attainment: mean T {scored.mean():.0f} (50: every goal just reached). Two "
                f"raters agree poorly on it (intraclass correlation {AGREEMENT:g}): compare "
                "groups, not people."
            )
        if later:
            parts.append(f"{counted(later, 'entry', 'entries')} after that day left out.")
        if strangers:
            parts.append(f"Goals of {listed(strangers, 5)}, who have no mentor, left out.")
        return " ".join(parts)


_LABEL: Mapping[State, str] = {
    "stalled": "stalled", "watch": "to watch", "moving": "moving", "reached": "reached",
    "too early": "too early to tell", "no goals": "without a level of a goal",
}  # fmt: skip


def _lines(rows: pd.DataFrame) -> list[_Line]:
    """Return a person's goals, one line per target: a changed target starts anew."""
    found: list[_Line] = []
    for goal, entries in rows.groupby("goal", sort=False):
        levelled = entries.dropna(subset=["level"]).sort_values("date", kind="stable")
        if not len(levelled):
            continue
        targets = levelled["target"].to_numpy(dtype=float)
        days = [day.date() for day in levelled["date"]]
        levels = levelled["level"].to_numpy(dtype=float).tolist()
        starts = [0, *(k for k in range(1, len(targets)) if targets[k] != targets[k - 1])]
        weight = float(entries["weight"].iloc[-1])
        for start, stop in zip(starts, [*starts[1:], len(targets)], strict=True):
            upto = min(stop + 1, len(targets))  # the level at the change ends the old line as well
            found.append(
                _Line(
                    str(goal), tuple(days[start:upto]), tuple(levels[start:upto]),
                    float(targets[start]), weight, stop == len(targets),
                )
            )  # fmt: skip
    return found


def _path(lines: Sequence[_Line]) -> list[tuple[date, float]]:
    """Return progress over the current goals on each date; a goal keeps its level in between."""
    path = []
    for day in sorted({day for line in lines for day in line.days}):
        shares, weights = [], []
        for line in lines:
            known = [level for d, level in zip(line.days, line.levels, strict=True) if d <= day]
            if known:
                shares.append(line.progress(known[-1]))
                weights.append(line.weight)
        path.append((day, float(np.average(shares, weights=weights))))
    return path


def _pairs_frame(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    import pandas as pd

    columns = ["mentee", "mentor", "mentee_name", "mentor_name", "goals", "held", "missed",
               "progress", "pace", "chance", "t_score", "state", "why"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _goals_frame(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    import pandas as pd

    columns = ["mentee", "goal", "since", "first", "target", "level", "last", "planned",
               "progress", "weight", "current", "attained", "t_score"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    for name in ("since", "last"):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def _mentors_frame(pairs: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for mentor, own in pairs.groupby("mentor", sort=False):
        stalled = int((own["state"] == "stalled").sum())
        judged = int(own["state"].isin(["stalled", "watch", "moving", "reached"]).sum())
        if stalled >= SEVERAL and stalled >= MOST_OF_HERS * judged:
            advice = "talk before anybody is matched anew: ask what is in the way"
            rows.append((mentor, own["mentor_name"].iloc[0], len(own), stalled, advice))
    return pd.DataFrame(rows, columns=["mentor", "mentor_name", "pairs", "stalled", "suggestion"])
