"""Whose situation a rematch changed, and why: every reason is checked before it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.errors import InfeasibleError, MentormatchError, listed
from mentormatch.matching.constraints import ScoreFloor
from mentormatch.matching.lowering import MILLION, asked_of, lock_name
from mentormatch.matching.matching import Matching
from mentormatch.matching.solving import solve
from mentormatch.programmes.budget import ids_of, keeping, kept_at_most, kept_in, unbudgeted
from mentormatch.programmes.crossing import Crossing, Side
from mentormatch.programmes.gains import gained
from mentormatch.programmes.requests import Requests, with_requests
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.engine import plain
from mentormatch.scoring.scores import Scores

if TYPE_CHECKING:
    import pandas as pd

EACH = 20
"""So many pairs that ended are each explained by a solve of their own."""
EACH_PAIRS = 4000
"""Under constraints that are rows, only where so many pairs are admissible at most."""

COLUMNS = (
    "person", "name", "role", "before", "after", "before_names", "after_names", "gain", "why",
)  # fmt: skip


def changes(
    before: Matching, after: Matching, incumbents: IntArray, requests: Requests
) -> pd.DataFrame:
    """Return one row per person whose situation changed.

    Parameters
    ----------
    before, after
        The earlier matching and today's.
    incumbents : int64 (k, 2)
        Positions on today's rosters of the earlier pairs that could go on.
    requests
        What was asked for.

    Returns
    -------
    DataFrame
        See `Rematch.changes`.
    """
    import pandas as pd

    told = _Told(before, after, incumbents, requests)
    rows = [told.row(role, then, now) for role in (0, 1) for then, now in told.affected(role)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    words = [name for name in COLUMNS if name != "gain"]
    frame[words] = frame[words].astype(object).where(frame[words].notna(), None)
    return frame.astype({"gain": float})


@dataclass(frozen=True, eq=False)
class _Told:
    """Both matchings side by side. Roles are 0 for mentees and 1 for mentors; -1 is nobody."""

    before: Matching
    matching: Matching
    incumbents: IntArray
    requests: Requests

    @cached_property
    def people(self) -> Crossing:
        return Crossing.of(self.before.problem.scores, self.today)

    @property
    def today(self) -> Scores:
        return self.matching.problem.scores

    @cached_property
    def reasons(self) -> _Reasons:
        return _Reasons(self.matching, self.people, self.incumbents, self.requests)

    def side(self, role: int) -> Side:
        return self.people.mentors if role else self.people.mentees

    @cached_property
    def partners(self) -> tuple[tuple[list[list[int]], ...], tuple[list[list[int]], ...]]:
        """By role and person: positions of whom she was with (of then), is with (of now)."""
        return _partners(self.before), _partners(self.matching)

    def then(self, role: int, person: int) -> list[int]:
        return self.partners[0][role][person] if person >= 0 else []

    def now(self, role: int, person: int) -> list[int]:
        return self.partners[1][role][person] if person >= 0 else []

    def affected(self, role: int) -> Iterator[tuple[int, int]]:
        """Yield (position then, position now) of everybody whose situation changed."""
        side, across = self.side(role), self.side(1 - role)
        for now, then in enumerate(side.then_of.tolist()):
            was = {int(across.now_of[other]) for other in self.then(role, then)}
            if then < 0 or was != set(self.now(role, now)):
                yield then, now
        for then in np.flatnonzero(side.now_of < 0).tolist():
            yield then, -1

    def row(self, role: int, then: int, now: int) -> tuple[object, ...]:
        side, across = self.side(role), self.side(1 - role)
        people, person = (side.now, now) if now >= 0 else (side.then, then)
        before, after = self.then(role, then), self.now(role, now)
        return (
            people.ids[person],
            people.name(person),
            ("mentee", "mentor")[role],
            _joined(across.then.ids[p] for p in before),
            _joined(across.now.ids[p] for p in after),
            _joined(across.then.name(p) for p in before),
            _joined(across.now.name(p) for p in after),
            self.gain(role, now, before, after),
            self.why(role, then, now),
        )

    def gain(self, role: int, person: int, before: list[int], after: list[int]) -> float:
        was = [int(self.side(1 - role).now_of[other]) for other in before]
        if person < 0 or not was or not after or min(was) < 0:
            return float("nan")
        others, alone = [*after, *was], [person] * (len(after) + len(was))
        worth = plain(self.today.at(*((others, alone) if role else (alone, others)))).tolist()
        return float(sum(worth[: len(after)]) - sum(worth[len(after) :])) / MILLION

    def why(self, role: int, then: int, now: int) -> str:
        if now < 0:
            return "left the programme"
        if then < 0:
            return "joined" if role or self.now(role, now) else self.reasons.no_seat(now)
        across = self.side(1 - role)
        still = set(self.now(role, now))
        ended = [other for other in self.then(role, then) if across.now_of[other] not in still]
        if ended:
            pairs = [(other, then) if role else (then, other) for other in ended]
            return "; ".join(dict.fromkeys(self.reasons.ended(i, j, role) for i, j in pairs))
        had = {int(across.now_of[other]) for other in self.then(role, then)}
        fresh = [other for other in self.now(role, now) if other not in had]
        return "; ".join(dict.fromkeys(self.begun(role, now, other) for other in fresh))

    def begun(self, role: int, person: int, other: int) -> str:
        """Say why a pair is new to somebody who lost nobody."""
        pair = (other, person) if role else (person, other)
        name = self.side(1 - role).now.name(other)
        if ids_of(self.today, np.array([pair]))[0] in self.requests.insisted:
            return f"the pair with {name} was insisted on"
        if not role:
            held = self.then(0, int(self.people.mentees.then_of[person]))
            return "had no mentor before" if not held else f"{name} is a mentor more"
        earlier = int(self.people.mentees.then_of[other])
        if earlier < 0:
            return f"takes {name}, who joined"
        held = self.then(0, earlier)
        from_ = [p for p in held if self.people.mentors.now_of[p] not in set(self.now(0, other))]
        if from_:
            came = listed(self.people.mentors.then.name(p) for p in from_)
            return f"takes {name}, who came from {came}"
        return f"takes {name}, who had {'no mentor before' if not held else 'others already'}"


def _partners(matching: Matching) -> tuple[list[list[int]], ...]:
    scores = matching.problem.scores
    found: tuple[list[list[int]], ...] = tuple([[] for _ in range(size)] for size in scores.shape)
    for i, j in zip(*(part.tolist() for part in matching.pairs), strict=True):
        found[0][i].append(j)
        found[1][j].append(i)
    return found


def _joined(words: Iterable[str]) -> str | None:
    return ", ".join(words) or None


class _Reasons:
    """Why pairs ended and why people who joined have nobody."""

    def __init__(
        self, matching: Matching, people: Crossing, incumbents: IntArray, requests: Requests
    ) -> None:
        self.matching = matching
        self.people = people
        self.incumbents = incumbents
        self.requests = requests
        self.problem = matching.problem
        self.scores = self.problem.scores
        self.known: dict[tuple[int, int], tuple[str, str]] = {}

    @cached_property
    def kept(self) -> int:
        """How many of the pairs that could go on did."""
        return kept_in(self.matching, self.incumbents)

    @cached_property
    def load(self) -> IntArray:
        """int64 (m,): mentees per mentor today."""
        load: IntArray = np.bincount(self.matching.pairs[1], minlength=len(self.scores.mentors))
        return load

    def no_seat(self, mentee: int) -> str:
        """Say why somebody who joined is unmatched."""
        open_ = np.flatnonzero(self.scores.block([mentee])[0] >= 0)
        if not len(open_):
            return "joined; rules allow none of the mentors"
        if (self.load[open_] >= self.scores.mentors.capacity[open_]).all():
            return "joined; no seat is free"
        held = listed(dict.fromkeys(repr(constraint) for constraint in self.problem.constraints))
        return f"joined; seats are free, but not under {held or 'the objectives'}"

    def ended(self, mentee: int, mentor: int, role: int) -> str:
        """Say why a pair (positions then) ended: to the mentee (role 0) or the mentor (1)."""
        at = mentee, mentor
        if at not in self.known:
            self.known[at] = self._ended(mentee, mentor)
        return self.known[at][role]

    def _ended(self, mentee: int, mentor: int) -> tuple[str, str]:
        sides = self.people.mentees, self.people.mentors
        i, j = int(sides[0].now_of[mentee]), int(sides[1].now_of[mentor])
        who, whom = sides[0].then.name(mentee), sides[1].then.name(mentor)
        if i < 0:
            return "left the programme", f"{who} left the programme"
        if j < 0:
            return f"{whom} left the programme", "left the programme"
        pair = ids_of(self.scores, np.array([(i, j)]))[0]
        if pair in self.requests.declined:
            return f"the pair with {whom} was declined", f"the pair with {who} was declined"
        other = dict(self.requests.couples).get(pair[0])
        if other is not None:
            name = sides[0].now.name(sides[0].find(other))
            return f"swapped mentors with {name}", f"{who} swapped mentors with {name}"
        forbidden = self._forbidden(i, j) or self._no_room(i, j, whom, int(
            sides[1].then.capacity[mentor]))  # fmt: skip
        if forbidden:
            return forbidden, forbidden
        return self._chosen(i, j, who, whom)

    def _forbidden(self, i: int, j: int) -> str:
        points = int(self.scores.at(i, j)[0])
        if points < 0:
            return "; ".join(self.scores.why_inadmissible(i, j))
        for constraint in self.problem.constraints:
            if isinstance(constraint, ScoreFloor):
                least = int(constraint.needed(self.scores.mentees)[i])
                if points < least:
                    return f"the pair scores {points / MILLION:.3f}, below {constraint!r}"
        return ""

    def _no_room(self, i: int, j: int, whom: str, seats_then: int) -> str:
        mentees, mentors = self.scores.mentees, self.scores.mentors
        locks = self.scores.locks
        mine = [mentors.name(int(b)) for a, b in locks if a == i]
        if len(mine) >= asked_of(self.problem)[i]:
            return f"{mentees.name(i)} is with {listed(mine)}, which was insisted on"
        seats = int(mentors.capacity[j])
        if (locks[:, 1] == j).sum() >= seats > 0:
            return f"every seat of {whom} is taken by pairs that were insisted on"
        wanted = int((self.incumbents[:, 1] == j).sum())
        if seats < seats_then and wanted > seats and self.load[j] >= seats:
            return f"{whom} takes {seats} now, not {seats_then}"
        return ""

    # -- pairs that could have gone on ----------------------------------------------------------

    def _chosen(self, i: int, j: int, who: str, whom: str) -> tuple[str, str]:
        reason, possible = self._alone(i, j) if self.one_by_one else (self.together, True)
        if not possible:
            return f"could not stay with {whom}: {reason}", f"{who} could not stay: {reason}"
        left = bool((self.matching.pairs[0] == i).any())
        if left:
            return f"moved from {whom}: {reason}", f"{who} moved: {reason}"
        return f"gave up the seat with {whom}: {reason}", f"{who} gave up the seat: {reason}"

    @cached_property
    def one_by_one(self) -> bool:
        flow = self.matching.priced or not len(self.problem.constraints)
        small = int(self.scores.admissible.sum()) <= EACH_PAIRS
        return (flow or small) and len(self.incumbents) - self.kept <= EACH

    def _alone(self, i: int, j: int) -> tuple[str, bool]:
        """Solve with this pair locked: return (what gets worse first, whether it was possible)."""
        lock = ids_of(self.scores, np.array([(i, j)]))
        scores = with_requests(self.scores, Requests(insisted=lock))
        try:
            forced = solve(replace(self.problem, scores=scores))
        except InfeasibleError as error:
            own = lock_name(self.scores, i, j)
            names = [name for name in error.conflicts if name != own]
            return listed(names), False
        except MentormatchError:  # neither found nor ruled out
            return "no matching with it was found, nor ruled out", False
        return gained(self.matching, forced), True

    @cached_property
    def together(self) -> str:
        """Compare with the best matching that keeps as many pairs as can be kept."""
        problem = unbudgeted(self.problem)
        pairs = ids_of(self.scores, self.incumbents)
        most, _ = kept_at_most(problem, pairs)
        more = most - self.kept
        if more <= 0:
            return f"no more than {most} of the earlier pairs can be kept"
        kept = solve(keeping(problem, pairs, most))
        return f"{gained(self.matching, kept)}, by {more} changes together"


__all__ = ["changes"]
