"""Reasons in words: what each kind of criterion found, naming the answers that two people share.

One teller per criterion; it looks at single pairs, so that a thousand pairs cost a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Literal, TypeAlias

import numpy as np

from mentormatch.insight.audience import Audience, is_private
from mentormatch.rosters.columns import (
    DAYS,
    SLOT_MINUTES,
    SLOTS_PER_WEEK,
    BoolArray,
    Categories,
    Column,
    Hours,
    Labels,
    Numbers,
    Texts,
)
from mentormatch.rosters.group_words import group_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import (
    Closeness,
    Covers,
    Criterion,
    Overlap,
    SharedHours,
    Similarity,
)
from mentormatch.scoring.hours import local_slots, usual_zone
from mentormatch.scoring.network import NetworkDistance, Steps
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.scales import on_one_scale
from mentormatch.scoring.scores import Scores
from mentormatch.scoring.wishes import Preference
from mentormatch.scoring.wording_match import as_labels

__all__ = ["Cast", "TellPreference", "cast", "joined", "plain", "tellers", "wish_sentence"]

GOOD = 0.5
"""Parts from here on are worth telling a participant where nothing is shared by name."""
NAMED = 6
"""Labels spelt out in one sentence before the rest is counted."""
QUOTED = frozenset(("goals", "needs", "skills", "interests"))
"""Fields whose words may be quoted where they are compared as text: wants and offers."""
PLACES = ("department", "site", "organisation", "function", "profession")
"""Categories that people are "in"."""
UNITS = {"hours": ("hour a month", "hours a month"), "length": ("month", "months")}
"""What one, and what several of a number are."""
ORDINALS = ("first", "second", "third", "fourth", "fifth")


@dataclass(frozen=True)
class Cast:
    """Who is spoken of: the mentee as "you" or by name, the mentor by name."""

    mentee: str
    mentor: str
    to_mentee: bool

    @property
    def you(self) -> str:
        return "you" if self.to_mentee else self.mentee

    @property
    def your(self) -> str:
        return "your" if self.to_mentee else possessive(self.mentee)

    @property
    def both(self) -> str:
        return "You both" if self.to_mentee else f"{self.mentee} and {self.mentor} both"

    @property
    def pair(self) -> str:
        return "You" if self.to_mentee else f"{self.mentee} and {self.mentor}"


def cast(scores: Scores, mentee: int, mentor: int, audience: Audience) -> Cast:
    """Return how a text for this audience calls the two."""
    names = scores.mentees.name(mentee), scores.mentors.name(mentor)
    return Cast(*names, to_mentee=audience == "participant")


def possessive(name: str) -> str:
    """Return a name's genitive."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def plain(column: str) -> str:
    """Return a column's name as words."""
    return column.replace("_", " ")


def joined(words: Sequence[str], most: int = NAMED) -> str:
    """Join words as a sentence does; beyond `most` the rest is counted.

    Examples
    --------
    >>> joined(["SQL", "Python", "Excel"])
    'SQL, Python and Excel'
    """
    shown = list(words[:most])
    if len(words) > most:
        shown.append(f"{len(words) - most} more")
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


class Teller:
    """Says what one criterion found in a pair; "" where it has nothing to say to those who read.

    sensitive : whether it looks at answers that are nobody else's to read. What was answered is
        then told to nobody, and to a participant nothing at all: a shared answer is still the
        other person's answer.
    """

    def __init__(self, criterion: Criterion, pairing: Pairing) -> None:
        self.criterion = criterion
        self.mentees, self.mentors = pairing.mentees, pairing.mentors
        self.pairing = pairing
        self.sensitive = is_private(criterion, self.mentees, self.mentors)

    def tell(self, i: int, j: int, part: float, who: Cast) -> str:
        """Return one clause about mentee i and mentor j, without the full stop."""
        if self.sensitive:
            return "" if who.to_mentee else self.withheld(i, j)
        return self.clause(i, j, part, who)

    def withheld(self, i: int, j: int) -> str:
        """Say that sensitive answers were counted, and nothing of what they are."""
        return f"answers about {plain(self.criterion.name)} count, and are not shown"

    def clause(self, i: int, j: int, part: float, who: Cast) -> str:
        """Say it for a criterion of no known kind: all there is to tell is how good it is."""
        if who.to_mentee:
            return f"{plain(self.criterion.name)}: a good fit" if part >= GOOD else ""
        return f"{plain(self.criterion.name)}: {part:.0%}"


Level: TypeAlias = float


class LabelSets:
    """What each person listed: label key -> (label as written, level or NaN, priority)."""

    def __init__(self, column: Labels) -> None:
        self.labels = column.labels
        self.keys = [group_key(label) for label in column.labels]
        # plain lists: one number of an array at a time takes several times as long
        self.starts, self.codes = column.indptr.tolist(), column.codes.tolist()
        self.levels, self.priorities = column.level.tolist(), column.priority.tolist()
        self.known: dict[int, dict[str, tuple[str, Level, float]]] = {}

    def of(self, person: int) -> dict[str, tuple[str, Level, float]]:
        if person not in self.known:
            self.known[person] = self._read(person)
        return self.known[person]

    def _read(self, person: int) -> dict[str, tuple[str, Level, float]]:
        found = dict[str, tuple[str, Level, float]]()
        for entry in range(self.starts[person], self.starts[person + 1]):
            code, level, priority = self.codes[entry], self.levels[entry], self.priorities[entry]
            old = found.get(self.keys[code])
            if old is not None:  # named twice: the highest goal and priority count
                level = float(np.fmax(old[1], level))
                priority = float(np.fmax(old[2], priority))
            found[self.keys[code]] = (self.labels[code], level, priority)
        return found


class TellCovers(Teller):
    """Which needs are met, which are not."""

    criterion: Covers

    def tell(self, i: int, j: int, part: float, who: Cast) -> str:
        if self.criterion.by_text and not self.sensitive:
            return self._alike(i, j, part, who)
        return super().tell(i, j, part, who)

    def _alike(self, i: int, j: int, part: float, who: Cast) -> str:
        """Quote what was compared: words that read alike are not yet a promise to help."""
        c = self.criterion
        by = (c.by,) if isinstance(c.by, str) else c.by or (c.needs,)
        mine = [repr(label) for label in _listed(self.mentees.columns[c.needs], i)]
        named = [label for name in by for label in _listed(self.mentors.columns[name], j)]
        yours = [repr(label) for label in dict.fromkeys(named)]
        topic = plain(c.needs)
        if not mine or not yours:
            return ""
        if not {c.needs, *by} <= QUOTED:  # what people write about themselves is not handed on
            return f"{topic}: {_alike_words(part)} as the words read"
        if part <= 0:
            text = f"{topic}: {possessive(who.mentor)} words have nothing in common with"
            return "" if who.to_mentee else f"{text} {who.your} {joined(mine)}"
        head = f"{topic}, by how alike the words read"
        return f"{head}: {who.your} {joined(mine)}; {possessive(who.mentor)} {joined(yours)}"

    @cached_property
    def wanted(self) -> LabelSets:
        return LabelSets(self._lists[0])

    @cached_property
    def offers(self) -> list[LabelSets]:
        return [LabelSets(column) for column in self._lists[1]]

    @cached_property
    def _lists(self) -> tuple[Labels, list[Labels]]:
        return self.criterion.lists(self.pairing)

    @cached_property
    def now(self) -> LabelSets | None:
        c = self.criterion
        column = self.mentees.columns.get(c.now or "") if c.now != c.needs else None
        return LabelSets(column) if isinstance(column, Labels) else None

    def sorted_needs(self, i: int, j: int) -> tuple[list[str], list[str], list[str]]:
        """Return the open needs that are covered, covered in part, and not covered."""
        full, partly, none = [], [], []
        reality = self.now.of(i) if self.now else {}
        offered = [offer.of(j) for offer in self.offers]
        for key, (label, goal, priority) in self.wanted.of(i).items():
            has_goal = goal == goal  # not NaN; np.isnan takes ten times as long for one number
            start = reality[key][1] if key in reality else 0.0
            start = start if start == start else 0.0
            if priority <= 0 or (has_goal and start >= goal):
                continue  # no need, or reached already
            levels = [o[key][1] for o in offered if key in o]
            best = max([inf if level != level else level for level in levels], default=-inf)
            if best == inf or (best > -inf and not has_goal) or best >= goal:
                full.append(label)
            elif best > start:
                partly.append(f"{label} up to level {best:g} of {goal:g}")
            else:
                none.append(label)
        return full, partly, none

    def clause(self, i: int, j: int, part: float, who: Cast) -> str:
        full, partly, none = self.sorted_needs(i, j)
        total = len(full) + len(partly) + len(none)
        if not total:
            return ""
        if not full and not partly:
            return "" if who.to_mentee else f"{self._none(who)} ({joined(none)})"
        head = self._head(len(full) + len(partly), total, who)
        text = f"{head}: {joined([*full, *partly])}"
        return f"{text}; not {joined(none)}" if none else text

    def _subject(self) -> str:
        return self.criterion.needs

    def _head(self, met: int, total: int, who: Cast) -> str:
        some = f"{met} of" if met < total else "all" if total > 2 else "both" if total == 2 else ""
        if self._subject() == "goals":
            if met == total > 2:
                return f"{who.mentor} can help with all {total} of {who.your} goals"
            goals = "goal" if total == 1 else "goals" if met == total else f"{total} goals"
            return _spaced(f"{who.mentor} can help with {some} {who.your} {goals}")
        noun = {"needs": "skill", "skills": "skill"}.get(self._subject())
        asked = f"{who.you} asked for"
        if noun is None:
            return _spaced(f"{plain(self._subject())}: {who.mentor} covers {met} of {total}")
        count = f"{total} {noun}s" if met < total or total > 2 else noun + "s" * (total > 1)
        if some == "both":
            return f"{who.mentor} offers both {noun}s {asked}"
        the = "" if some == "all" else "the"
        return _spaced(f"{who.mentor} offers {some} {the} {count} {asked}")

    def _none(self, who: Cast) -> str:
        return {
            "goals": f"{who.mentor} can help with none of {who.your} goals",
            "needs": f"{who.mentor} offers none of the skills {who.you} asked for",
        }.get(self._subject(), f"{who.mentor} covers none of {who.your} {plain(self._subject())}")


def _listed(column: Column, person: int) -> list[str]:
    """Return what a person listed, each once, in the order given."""
    labels = as_labels(column)
    codes = labels.codes[labels.indptr[person] : labels.indptr[person + 1]]
    return list(dict.fromkeys(labels.labels[code] for code in codes))


def _spaced(text: str) -> str:
    return " ".join(text.split())


class TellOverlap(Teller):
    """The labels both listed."""

    criterion: Overlap

    @cached_property
    def sides(self) -> tuple[LabelSets, LabelSets]:
        ours, theirs = self.criterion.lists(self.pairing)
        return LabelSets(ours), LabelSets(theirs)

    def clause(self, i: int, j: int, part: float, who: Cast) -> str:
        ours, theirs = self.sides[0].of(i), self.sides[1].of(j)
        shared = [label for key, (label, _, _) in ours.items() if key in theirs]
        if not shared:
            if who.to_mentee:
                return ""
            return f"{who.pair} share no {plain(self.criterion.column)}"
        if self.criterion.column == "languages":
            return f"{who.both} speak {joined(shared)}"
        if self.criterion.column == "interests":
            return f"{who.pair} are both interested in {joined(shared)}"
        return f"{who.both} named {joined(shared)} ({plain(self.criterion.column)})"


class TellSimilarity(Teller):
    """What the two are, side by side, where it has a name."""

    criterion: Similarity

    def clause(self, i: int, j: int, part: float, who: Cast) -> str:
        c = self.criterion
        ours = self.mentees.columns[c.column]
        theirs = self.mentors.columns[c.by or c.column]
        topic = plain(c.column)
        mine, yours = _label(ours, i), _label(theirs, j)
        if mine and yours:
            if group_key(mine) == group_key(yours):
                return _both_said(who, c.column, mine)
            if part < GOOD and who.to_mentee:
                return ""
            fit = "goes with" if part >= GOOD else "against"
            return f"{topic}: {who.your} {mine!r} {fit} {possessive(who.mentor)} {yours!r}"
        if part < GOOD and who.to_mentee:
            return ""
        alike = _alike_words(part)
        if isinstance(ours, Texts):
            return (
                f"what {who.pair.lower() if who.to_mentee else who.pair} wrote ({topic}) is {alike}"
            )
        return f"{who.your} and {possessive(who.mentor)} answers on {topic} are {alike}"


def _alike_words(part: float) -> str:
    return "much alike" if part >= 0.75 else "alike" if part >= GOOD else "not much alike"


def _unit(column: str, value: str) -> str:
    return f" {UNITS[column][value != '1']}" if column in UNITS else ""


def _both_said(who: Cast, column: str, value: str) -> str:
    topic = plain(column)
    if column in PLACES:
        return f"{who.pair} are both in {value} ({topic})"
    if column in UNITS:
        return f"{who.both} want {value}{_unit(column, value)}"
    return f"{who.both} said {value!r} ({topic})"


def _label(column: Column, person: int) -> str:
    if isinstance(column, Categories):
        return column.labels[column.codes[person]] if column.codes[person] >= 0 else ""
    if isinstance(column, Numbers) and column.labels and not np.isnan(column.values[person]):
        return column.labels[int(column.values[person])]
    return ""


class TellCloseness(Teller):
    """Both levels, and how far apart they are."""

    criterion: Closeness

    @cached_property
    def values(self) -> tuple[np.ndarray, np.ndarray]:
        c = self.criterion
        ours = self.mentees.column(c.column, Numbers, wanted_by="explain")
        theirs = self.mentors.column(c.by or c.column, Numbers, wanted_by="explain")
        return on_one_scale(ours, theirs, str(c))

    def clause(self, i: int, j: int, part: float, who: Cast) -> str:
        if part < GOOD and who.to_mentee:
            return ""
        c = self.criterion
        topic = plain(c.column)
        apart = float(self.values[1][j] - self.values[0][i])
        mine = _label(self.mentees.columns[c.column], i)
        yours = _label(self.mentors.columns[c.by or c.column], j)
        if not mine:
            mine, yours = f"{self.values[0][i]:g}", f"{self.values[1][j]:g}"
            if apart == 0:
                return _both_said(who, c.column, mine)
            return f"{topic}: {who.mentor} {yours}{_unit(c.column, yours)}, {who.you} {mine}"
        if apart == 0:
            return _both_said(who, c.column, mine)
        if c.ideal:
            steps = f"{abs(apart):g} level{'s' if abs(apart) != 1 else ''}"
            way = "above" if apart > 0 else "below"
            return f"{who.mentor} ({yours}) is {steps} {way} {who.you} ({mine}) in {topic}"
        return f"{topic}: {who.mentor} {yours!r}, {who.you} {mine!r}"


class TellNetworkDistance(Teller):
    """How many steps apart; nobody between the two is named."""

    criterion: NetworkDistance

    @cached_property
    def lowered(self) -> Steps:
        return self.criterion.lower(self.pairing)

    def clause(self, i: int, j: int, part: float, who: Cast) -> str:
        if part < GOOD and who.to_mentee:
            return ""
        steps, most = int(self.lowered.steps[i, j]), self.criterion.most
        topic = plain(self.criterion.name)
        if steps > most:
            many = f"more than {most} step{'s' if most > 1 else ''}"
        else:
            many = f"{steps} step{'s' if steps != 1 else ''}"
        return f"{topic}: {who.pair.lower() if who.to_mentee else who.pair} are {many} apart"


class TellSharedHours(Teller):
    """How many hours a week both can, and one slot on both clocks."""

    criterion: SharedHours

    @cached_property
    def sides(self) -> tuple[Hours, Hours, BoolArray, BoolArray, str]:
        name = self.criterion.column
        ours = self.mentees.column(name, Hours, wanted_by="explain")
        theirs = self.mentors.column(name, Hours, wanted_by="explain")
        return ours, theirs, ours.slots(), theirs.slots(), usual_zone(ours, theirs) or "UTC"

    def clause(self, i: int, j: int, part: float, who: Cast) -> str:
        ours, theirs, our_slots, their_slots, usual = self.sides
        zones = ours.zones[i] or usual, theirs.zones[j] or usual
        weeks = self.criterion.weeks
        assert isinstance(weeks, tuple)
        fewest, common = SLOTS_PER_WEEK, np.ones(SLOTS_PER_WEEK, dtype=bool)
        for monday in weeks:
            mine, yours = (local_slots(zone, monday) for zone in zones)
            both = our_slots[i][mine] & their_slots[j][yours]
            fewest = min(fewest, int(both.sum()))
            local = np.zeros(SLOTS_PER_WEEK, dtype=bool)
            local[mine[both]] = True
            common &= local
        if not fewest:
            return "" if who.to_mentee else f"{who.pair} share no hours"
        hours = fewest * SLOT_MINUTES / 60
        text = f"{who.pair} can both make {_hours(hours)} a week"
        if not common.any():
            return text
        return f"{text}, e.g. {self._slot(common, zones, weeks, who)}"

    def _slot(self, common: BoolArray, zones: tuple[str, str], weeks: tuple, who: Cast) -> str:  # type: ignore[type-arg]
        first, last = _best_run(common)
        mine = f"{DAYS[_day(first)]} {_clock(first)}-{_clock(last)}"
        if zones[0] == zones[1]:
            return mine
        theirs: dict[str, str] = {}
        for monday in weeks:
            ours, yours = (local_slots(zone, monday) for zone in zones)
            start = int(yours[np.flatnonzero(ours == first)[0]])
            day = "" if _day(start) == _day(first) else f"{DAYS[_day(start)]} "
            theirs.setdefault(f"{day}{_clock(start)}", f"{monday:%B}")
        times = list(theirs)
        shown = times[0]
        if len(times) > 1:
            shown = " or ".join(f"{time} in {month}" for time, month in theirs.items())
        clock = "your time" if who.to_mentee else f"for {who.mentee}"
        return f"{mine} {clock} ({shown} for {who.mentor})"


def _hours(hours: float) -> str:
    return "hour" if hours == 1 else f"{hours:g} hours"


def _day(slot: int) -> int:
    return slot // (SLOTS_PER_WEEK // 7) % 7


def _clock(slot: int) -> str:
    minutes = slot * SLOT_MINUTES % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _best_run(slots: BoolArray) -> tuple[int, int]:
    """Return start and end of the first hour that is free, else of the longest shorter run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], slots.astype(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    hour = 60 // SLOT_MINUTES
    long = np.minimum(ends - starts, hour)
    best = int(long.argmax())  # the first of the longest
    return int(starts[best]), int(starts[best] + long[best])


class TellPreference(Teller):
    """Who wished for whom; a participant only hears of her own wishes."""

    criterion: Preference

    def clause(self, i: int, j: int, part: float, who: Cast) -> str:
        return self._attribute(i, j, who) if self.criterion.of else self._people(i, j, who)

    def withheld(self, i: int, j: int) -> str:
        if not any(wishes.of(k) for wishes, k in self._asked(i, j)):
            return ""
        of = str(self.criterion.of)
        sides = (self.mentees, i, self.mentors, j), (self.mentors, j, self.mentees, i)
        met = any(self._welcome(*side, of) for side in sides)
        return f"a wish about {plain(of)} is {'met' if met else 'not met'}"

    def met(self, i: int, j: int) -> bool | None:
        """Tell whether the mentee's wish about the mentor is met; None where there is no answer."""
        answer = self.mentors.columns.get(str(self.criterion.of))
        if answer is None or not answer.answered[j]:
            return None
        return bool(self._welcome(self.mentees, i, self.mentors, j, str(self.criterion.of)))

    def _people(self, i: int, j: int, who: Cast) -> str:
        told = self.named(i, j, who)
        wished = self._wished("mentee", i) or self._wished("mentor", j)
        if not told and not who.to_mentee and wished:
            return "neither named the other as a wish"
        return told

    def named(self, i: int, j: int, who: Cast) -> str:
        """Say who named whom, at which place; "" where nobody did."""
        told = []
        mine, theirs = self._place("mentee", i, j), self._place("mentor", j, i)
        if mine is not None:
            told.append(f"{who.mentor} was {who.your} {_ordinal(mine)} wish")
        if theirs is not None and not who.to_mentee:
            told.append(f"{who.mentee} was {possessive(who.mentor)} {_ordinal(theirs)} wish")
        return " and ".join(told)

    def _wished(self, role: Literal["mentee", "mentor"], person: int) -> bool:
        links = self.pairing.links("preferred", role)
        return links is not None and bool(links.given[person])

    def _place(self, role: Literal["mentee", "mentor"], person: int, other: int) -> int | None:
        starts, to = self._lists[role]
        named = to[starts[person] : starts[person + 1]] if starts else []
        return named.index(other) if other in named else None

    @cached_property
    def _lists(self) -> dict[str, tuple[list[int], list[int]]]:
        """Whom people of each role named, as plain lists: (starts, positions on the other side)."""
        found: dict[str, tuple[list[int], list[int]]] = {}
        roles: tuple[Literal["mentee", "mentor"], ...] = ("mentee", "mentor")
        for role in roles:
            links = self.pairing.links("preferred", role)
            found[role] = ([], []) if links is None else (links.indptr.tolist(), links.to.tolist())
        return found

    def _attribute(self, i: int, j: int, who: Cast) -> str:
        of = str(self.criterion.of)
        told = []
        wished = self._welcome(self.mentees, i, self.mentors, j, of)
        if wished:
            told.append(f"{plain(of)} of {who.mentor}: {wished}, as {who.you} wished")
        if not who.to_mentee:
            theirs = self._welcome(self.mentors, j, self.mentees, i, of)
            if theirs:
                told.append(f"{plain(of)} of {who.mentee}: {theirs}, as {who.mentor} wished")
            asked = (wishes.of(k) for wishes, k in self._asked(i, j))
            if not told and any(asked):
                told.append(f"wishes about {plain(of)} are not met")
        return " and ".join(told)

    @cached_property
    def wishes(self) -> dict[str, LabelSets]:
        name = f"preferred_{self.criterion.of}"
        columns = {p.role: p.columns.get(name) for p in (self.mentees, self.mentors)}
        return {role: LabelSets(c) for role, c in columns.items() if isinstance(c, Labels)}

    def _asked(self, i: int, j: int) -> list[tuple[LabelSets, int]]:
        """Return the two people's wishes about the attribute, of those who were asked."""
        places = {"mentee": i, "mentor": j}
        return [(wishes, places[role]) for role, wishes in self.wishes.items()]

    def _welcome(self, ours: Profiles, person: int, others: Profiles, other: int, of: str) -> str:
        wishes, answer = self.wishes.get(ours.role), others.columns.get(of)
        if wishes is None:
            return ""
        named = wishes.of(person)
        if isinstance(answer, Categories):
            have = [_label(answer, other)]
        elif isinstance(answer, Labels):
            codes = answer.codes[answer.indptr[other] : answer.indptr[other + 1]]
            have = [answer.labels[code] for code in codes]
        else:
            return ""
        met = [label for label in have if label and named.get(group_key(label), ("", 0, 0))[2] > 0]
        return joined(met)


def wish_sentence(scores: Scores, mentee: int, mentor: int) -> str:
    """Return for an administrator whose wish a pair would be, with a space before; else ""."""
    teller = TellPreference(Preference(), scores.pairing)
    told = teller.named(mentee, mentor, cast(scores, mentee, mentor, "administrator"))
    return f" {told}." if told else ""


def _ordinal(place: int) -> str:
    return ORDINALS[place] if place < len(ORDINALS) else f"{place + 1}th"


_TELLERS: Mapping[type[Criterion], Callable[[Criterion, Pairing], Teller]] = {
    Covers: TellCovers,
    Overlap: TellOverlap,
    Similarity: TellSimilarity,
    Closeness: TellCloseness,
    NetworkDistance: TellNetworkDistance,
    SharedHours: TellSharedHours,
    Preference: TellPreference,
}


def tellers(scores: Scores) -> tuple[Teller, ...]:
    """Return one teller per criterion, made once per `Scores`."""
    return scores.once(
        "tellers",
        lambda: tuple(_TELLERS.get(type(c), Teller)(c, scores.pairing) for c in scores.criteria),
    )
