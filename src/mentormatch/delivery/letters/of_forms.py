"""Letters of lists, groups, peers and rounds: who reads what about whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import singledispatch
from zoneinfo import ZoneInfo

from mentormatch.delivery.letters.drafts import Company, Draft
from mentormatch.delivery.letters.facts import Facts, Kind, Partner, Person, person_of
from mentormatch.delivery.letters.meeting_times import Meeting
from mentormatch.delivery.letters.wording import Words
from mentormatch.programmes.form import Form
from mentormatch.programmes.groups.result import Groups
from mentormatch.programmes.peers.result import Peers
from mentormatch.programmes.rounds.result import Timetable
from mentormatch.programmes.suggest.result import Suggestions
from mentormatch.rosters.columns import Hours
from mentormatch.rosters.profiles import Profiles, Role

__all__ = ["Spoken", "drafts_of"]

Times = Mapping[tuple[int, int], Meeting | None]


@dataclass(frozen=True)
class Spoken:
    """What drafts need besides the form: facts, each reader's words, first meetings of pairs.

    column : of hours, whose zones are people's clocks.
    """

    facts: Facts
    words_for: Callable[[str], Words]
    times: Times
    column: str

    def zone(self, people: Profiles, at: int) -> tzinfo | None:
        hours = people.columns.get(self.column)
        stated = hours.zones[at] if isinstance(hours, Hours) else None
        return ZoneInfo(stated) if stated else None


@singledispatch
def drafts_of(form: Form, spoken: Spoken) -> Iterator[Draft]:
    """Yield what each letter of a form is about: mentees or members first, in roster order."""
    raise TypeError(form)


@drafts_of.register
def _(form: Suggestions, spoken: Spoken) -> Iterator[Draft]:
    facts = spoken.facts
    roles: tuple[Role, Role] = ("mentee", "mentor")
    listed: dict[tuple[Role, int], list[tuple[int, int]]] = defaultdict(list)
    for i, j in zip(*(side.tolist() for side in form.entries), strict=True):
        listed["mentee", i].append((i, j))
        listed["mentor", j].append((i, j))
    for role in roles:
        people = facts.side(role)
        seats = form.scores.mentors.capacity  # the matching behind has exposure for capacity
        for at in range(len(people)):
            if role == "mentor" and not seats[at]:
                continue
            pairs = listed[role, at]
            yield Draft(
                person_of(people, at, facts.greet), role, "matched" if pairs else "unmatched",
                [facts.partner(role, i, j, new=True, meeting=None, when="") for i, j in pairs],
                "list",
                cause="" if pairs or role == "mentor" else facts.cause(at),
                seats=int(seats[at]) if role == "mentor" else 0,
            )  # fmt: skip


@drafts_of.register
def _(form: Groups, spoken: Spoken) -> Iterator[Draft]:
    facts, people, coaches = spoken.facts, form.scores.mentees, form.scores.mentors

    def company(g: int, words: Words, zone: tzinfo | None, but: int | None = None) -> Company:
        members = [i for i in form.solved.members[g] if i != but]
        start = form.starts(g)
        when = ""
        if start is not None and form.asked.meet is not None:
            when = words.weekly(
                start.astimezone(zone or start.tzinfo), round(form.asked.meet.hours * 60)
            )
        return Company(g + 1, when, tuple(person_of(people, i, facts.greet) for i in members))

    for i, person in enumerate(people.ids):
        g = form.group_of(i)
        you = person_of(people, i, facts.greet)
        if g is None:
            yield Draft(you, "member", "unmatched", [], "groups")
            continue
        coach = facts.partner("mentee", i, form.solved.coach[g], new=True, meeting=None, when="")
        zone = spoken.zone(people, i)
        own = company(g, spoken.words_for(person), zone, but=i)
        yield Draft(you, "member", "matched", [coach], "groups", companies=[own])
    for j, person in enumerate(coaches.ids):
        led = [g for g, coach in enumerate(form.solved.coach) if coach == j]
        you = person_of(coaches, j, facts.greet)
        words, zone = spoken.words_for(person), spoken.zone(coaches, j)
        companies = [
            replace(company(g, words, zone), people=tuple(
                facts.partner("mentor", i, j, new=True, meeting=None, when="")
                for i in form.solved.members[g]
            ))
            for g in led
        ]  # fmt: skip
        partners = [one for each in companies for one in each.people if isinstance(one, Partner)]
        kind: Kind = "matched" if led else "unmatched"
        if led or coaches.capacity[j]:
            yield Draft(you, "coach", kind, partners, "groups", companies=companies)


@drafts_of.register
def _(form: Peers, spoken: Spoken) -> Iterator[Draft]:
    facts, people = spoken.facts, form.scores.mentees
    there = dict(zip(form.pool.order.tolist(), form.pool.opposite.tolist(), strict=True))
    for i, person in enumerate(people.ids):
        words = spoken.words_for(person)
        partners = []
        for k in form.partners(i):
            first = i < k  # positions of the pair as it stands in the matching behind the form
            meeting = spoken.times.get((i, there[k]) if first else (k, there[i]))
            when = "" if meeting is None else words.when(meeting, "mentee" if first else "mentor")
            mirror = facts.partner("mentor", k, there[i], new=True, meeting=None, when="")
            own = facts.partner("mentee", i, there[k], new=True, meeting=meeting, when=when)
            partners.append(replace(own, mirror=mirror))
        kind: Kind = "matched" if partners else "unmatched"
        yield Draft(person_of(people, i, facts.greet), "peer", kind, partners, "peers")


@drafts_of.register
def _(form: Timetable, spoken: Spoken) -> Iterator[Draft]:
    facts, pool = spoken.facts, form.asked.pool
    met: dict[tuple[str, int], dict[int, list[Person]]] = defaultdict(lambda: defaultdict(list))
    ours = form.scores.mentees
    theirs = ours if pool else form.scores.mentors
    for i, j, t in zip(*(part.tolist() for part in form.meetings), strict=True):
        met["mentee", i][t].append(person_of(theirs, j, facts.greet))
        met["mentee" if pool else "mentor", j][t].append(person_of(ours, i, facts.greet))
    out = form.sat_out
    resting = {
        (who, label)
        for who, label, why in zip(out["person"], out["round"], out["why"], strict=True)
        if why != "not there"
    }
    for side, people in (("mentee", ours),) if pool else (("mentee", ours), ("mentor", theirs)):
        for at, person in enumerate(people.ids):
            words, zone = spoken.words_for(person), spoken.zone(people, at)
            rounds = met[side, at]
            yield Draft(
                person_of(people, at, facts.greet), "peer" if pool else side,
                "matched" if rounds else "unmatched", [], "rounds",
                companies=[
                    Company(t + 1, _round(form, t, words, zone), tuple(rounds[t]))
                    for t in sorted(rounds)
                ],
                out=[
                    Company(t + 1, _round(form, t, words, zone), ())
                    for t, label in enumerate(form.rounds)
                    if side == "mentee" and (person, label) in resting
                ],
            )  # fmt: skip


def _round(form: Timetable, t: int, words: Words, zone: tzinfo | None) -> str:
    """Return when a round is, on a clock; what it is called, unless by its number only."""
    label = form.rounds[t]
    if label == str(t + 1):
        return ""
    try:
        start = datetime.fromisoformat(label)
    except ValueError:
        return label
    if start.tzinfo is None:
        return label
    clock = zone or start.tzinfo
    return words.when(Meeting(start.astimezone(UTC), form.asked.minutes, clock, clock), "mentee")
