"""What a letter may say: facts about its reader, the partners and their first meeting.

Nothing here is worded: the templates do that, in the reader's language. Nothing sensitive of the
other person gets this far, so that no template of anybody's own can tell it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias, TypedDict

import numpy as np

from mentormatch.delivery.letters.meeting_times import Meeting
from mentormatch.insight.wording import LabelSets
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import Categories, Labels, label_key
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.scoring.criteria import Overlap, Similarity
from mentormatch.scoring.offers import offers_of, one_question
from mentormatch.values import Public

__all__ = ["Cause", "Facts", "Kind", "Partner", "Person", "Topic"]

Kind: TypeAlias = Literal["matched", "changed", "unmatched", "ended", "review"]
Cause: TypeAlias = Literal["", "no_fit", "no_seat", "limits"]

WANTED = ("goals", "needs")
"""Mentee fields that say what she wants."""
OFFERED = ("skills", "goals")
"""Mentor fields that say what he offers."""
FIELDS = ("department", "function", "profession")
"""Categories that people work in."""
COMMON_TO_ALL = 0.9
"""A language that so many people speak goes without saying."""


@dataclass(frozen=True)
class Person(Public):
    """Somebody as a letter speaks of her: `id`, `name`, `first` (as friends call her), `email`."""

    id: str
    name: str
    first: str
    email: str


@dataclass(frozen=True)
class Topic(Public):
    """Something the mentee wants to work on, her words, with levels where she gave them."""

    name: str
    now: str = ""
    aim: str = ""
    shared: bool = False


@dataclass(frozen=True)
class Partner(Person):
    """The other of a pair, and what the reader should know about the two.

    Attributes
    ----------
    new : bool
        Whether the two were not matched before.
    asked_for : bool
        Whether the reader named the partner in a wish.
    topics : tuple of Topic
        What the mentee wants, most important first; `shared` where the mentor offers it.
    alike : tuple of str
        What both want to work on, where both answered that one question and nobody offered help.
    languages, interests, field : tuple of str
        What both speak (but for what nearly everybody speaks), what both named in questions that
        were scored, and where both work.
    meeting : Meeting or None
        The first meeting.
    when : str
        The same on the reader's clock, in the words of the letter's language.
    mirror : Partner or None
        In letters to peers: the same two the other way round, what the partner wants and the
        reader offers.
    """

    new: bool = True
    asked_for: bool = False
    topics: tuple[Topic, ...] = ()
    alike: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    field: tuple[str, ...] = ()
    meeting: Meeting | None = None
    when: str = ""
    mirror: Partner | None = None

    @property
    def wants(self) -> list[str]:
        """Names of the topics."""
        return [topic.name for topic in self.topics]

    @property
    def shared(self) -> list[str]:
        """Names of the topics that the mentor offers to help with."""
        return [topic.name for topic in self.topics if topic.shared]


class _Shared(TypedDict):
    """The part of a `Partner` that is the same in both letters of a pair."""

    topics: tuple[Topic, ...]
    alike: tuple[str, ...]
    languages: tuple[str, ...]
    interests: tuple[str, ...]
    field: tuple[str, ...]


def person_of(profiles: Profiles, at: int, greet: str) -> Person:
    """Return who this is; the first name only where the roster has it, or where asked to guess."""
    name = profiles.name(at)
    first = profiles.called[at] if greet != "name" else None
    if first is None:
        first = name.split()[0] if greet == "first_word" and name.strip() else name
    return Person(profiles.ids[at], _one_line(name), _one_line(first), profiles.emails[at] or "")


def _one_line(text: str) -> str:
    """Return a name without line ends and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@dataclass(frozen=True, eq=False)
class Facts:
    """What the letters of one matching may say about its pairs."""

    matching: Matching
    greet: str
    known: dict[tuple[Role, str], LabelSets] = field(default_factory=dict)
    pairs: dict[tuple[int, int], _Shared] = field(default_factory=dict)

    @property
    def mentees(self) -> Profiles:
        return self.matching.problem.scores.mentees

    @property
    def mentors(self) -> Profiles:
        return self.matching.problem.scores.mentors

    def side(self, role: Role) -> Profiles:
        return self.mentees if role == "mentee" else self.mentors

    def across(self, role: Role) -> Profiles:
        """Return the other role's people."""
        return self.mentors if role == "mentee" else self.mentees

    def partner(
        self, role: Role, i: int, j: int, *, new: bool, meeting: Meeting | None, when: str
    ) -> Partner:
        """Return the other of the pair (i, j), as a letter to this role speaks of her."""
        other = person_of(self.mentors, j, self.greet) if role == "mentee" else person_of(
            self.mentees, i, self.greet)  # fmt: skip
        return Partner(
            id=other.id,
            name=other.name,
            first=other.first,
            email=other.email,
            new=new,
            asked_for=(i, j) in self.wishes[role],
            meeting=meeting,
            when=when,
            **self._of_pair(i, j),
        )

    def _of_pair(self, i: int, j: int) -> _Shared:
        """Return what both letters of a pair may say of the two."""
        if (i, j) not in self.pairs:
            self.pairs[i, j] = {
                "topics": tuple(self.topics(i, j)),
                "alike": tuple(self._shared("goals", i, j) if self.only_wants else ()),
                "languages": tuple(self._shared("languages", i, j, self.usual_languages)),
                "interests": tuple(self._interests(i, j)),
                "field": tuple(self._field(i, j)),
            }
        return self.pairs[i, j]

    def topics(self, i: int, j: int) -> Iterator[Topic]:
        """Yield what mentee i wants to work on, and whether mentor j offers it."""
        offered = {key for name in self.offers for key in self._of("mentor", name, j)}
        now = self._of("mentee", "skills", i)
        seen: set[str] = set()
        for name in WANTED:
            wanted = self._of("mentee", name, i).items()
            for key, (label, aim, _) in sorted(wanted, key=lambda entry: -entry[1][2]):
                if key not in seen:
                    seen.add(key)
                    level = now[key][1] if key in now else float("nan")
                    yield Topic(label, _figure(level), _figure(aim), key in offered)

    @cached_property
    def offers(self) -> Sequence[str]:
        """The mentors' columns that hold offers."""
        found = offers_of(self.mentees, self.mentors, OFFERED)[0]
        return [name for name in found if name != "goals" or not self.only_wants]

    @cached_property
    def only_wants(self) -> bool:
        """Whether the goals of both rosters are answers to one question: what people want."""
        return one_question(self.mentees, self.mentors, "goals")

    @cached_property
    def wishes(self) -> dict[Role, frozenset[tuple[int, int]]]:
        """By the role that wished: the pairs in which it named the other."""
        if not any("preferred" in people.columns for people in (self.mentees, self.mentors)):
            return {"mentee": frozenset(), "mentor": frozenset()}
        named = self.matching.problem.scores.named("letters")
        rows, columns = np.divmod(named.keys, max(len(self.mentors), 1))
        said: dict[Role, frozenset[tuple[int, int]]] = {}
        for role, place in (("mentee", named.place[0]), ("mentor", named.place[1])):
            at = place >= 0
            said[role] = frozenset(  # type: ignore[index]
                zip(rows[at].tolist(), columns[at].tolist(), strict=True)
            )
        return said

    def _of(self, role: Role, name: str, at: int) -> dict[str, tuple[str, float, float]]:
        """Return the labels of a column; nothing if it is sensitive or holds something else."""
        place = (role, name)
        if place not in self.known:
            people = self.side(role)
            column = people.columns.get(name)
            fit = isinstance(column, Labels) and name not in people.sensitive
            self.known[place] = LabelSets(
                column if fit and isinstance(column, Labels) else Labels.of([[]] * len(people))
            )
        return self.known[place].of(at)

    def _shared(self, name: str, i: int, j: int, but: frozenset[str] = frozenset()) -> list[str]:
        theirs = self._of("mentor", name, j)
        return [
            label
            for key, (label, _, _) in self._of("mentee", name, i).items()
            if key in theirs and key not in but
        ]

    @cached_property
    def usual_languages(self) -> frozenset[str]:
        """Languages that nearly everybody speaks."""
        counts: dict[str, int] = {}
        roles: tuple[Role, Role] = ("mentee", "mentor")
        for role in roles:
            for at in range(len(self.side(role))):
                for key in self._of(role, "languages", at):
                    counts[key] = counts.get(key, 0) + 1
        enough = COMMON_TO_ALL * (len(self.mentees) + len(self.mentors))
        return frozenset(key for key, count in counts.items() if count >= enough)

    @cached_property
    def _common(self) -> list[str]:
        """Columns of labels that both were asked for and that were scored as what they share."""
        taken = {"languages", *WANTED, *OFFERED}
        criteria = self.matching.problem.scores.criteria
        return [
            c.column
            for c in criteria
            if isinstance(c, Overlap) and c.by in (None, c.column) and c.column not in taken
        ]

    def _interests(self, i: int, j: int) -> list[str]:
        return [label for name in self._common for label in self._shared(name, i, j)]

    @cached_property
    def _fields(self) -> list[tuple[Categories, Categories]]:
        sides = []
        scored = {
            c.column for c in self.matching.problem.scores.criteria if isinstance(c, Similarity)
        }
        for name in FIELDS:
            if name in self.mentees.sensitive | self.mentors.sensitive or name not in scored:
                continue
            ours, theirs = self.mentees.columns.get(name), self.mentors.columns.get(name)
            if isinstance(ours, Categories) and isinstance(theirs, Categories):
                sides.append((ours, theirs))
        return sides

    def _field(self, i: int, j: int) -> list[str]:
        """Return the first of department, function and profession that both share."""
        for ours, theirs in self._fields:
            mine, yours = int(ours.codes[i]), int(theirs.codes[j])
            if mine >= 0 and yours >= 0:
                label = ours.labels[mine]
                if label_key(label) == label_key(theirs.labels[yours]):
                    return [label]
        return []

    def cause(self, i: int) -> Cause:
        """Say why mentee i has nobody: nobody admissible, no seat left, or the programme's limits.

        Each is looked at, not guessed: a mentor with a seat left who may be matched with her can
        only have been kept from her by a constraint.
        """
        points = self.matching.problem.scores.block([i])[0]
        if not (points >= 0).any():
            return "no_fit"
        return "limits" if self._left[points >= 0].any() else "no_seat"

    @cached_property
    def _left(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        load = np.bincount(self.matching.pairs[1], minlength=len(self.mentors))
        return np.asarray(self.mentors.capacity > load, dtype=np.bool_)


def _figure(level: float) -> str:
    return "" if level != level else f"{level:g}"
