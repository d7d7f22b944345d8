"""Pairs that must or must not be: refusals, insistence, swaps; as rules of today's scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from mentormatch.errors import ParameterError, UnknownPersonError, listed
from mentormatch.programmes.crossing import GONE, UNKNOWN, Crossing
from mentormatch.rosters.columns import IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.engine import bar
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.rules import Forbid, Lock, Rule, RulesOf
from mentormatch.scoring.scores import Scores
from mentormatch.values import Public

Pair: TypeAlias = tuple[str, str]
INSISTED, SWAPPED, DECLINED = "insisted on", "swapped", "declined"
"""Reasons of the rules that `rematch` adds."""


@dataclass(frozen=True, eq=False)
class Requests(Public):
    """Pairs by today's ids, all of people who are here.

    declined : pairs that must not be matched again.
    insisted : pairs that must be matched.
    swapped : pairs that must be matched because two mentees exchange mentors.
    couples : (mentee, mentee) of these, both ways round.
    """

    declined: tuple[Pair, ...] = ()
    insisted: tuple[Pair, ...] = ()
    swapped: tuple[Pair, ...] = ()
    couples: tuple[Pair, ...] = ()


def requested(
    people: Crossing, before: tuple[IntArray, IntArray], declined: Any, insist: Any, swap: Any
) -> Requests:
    """Resolve what was asked for, or say at once everything that is wrong with it.

    Parameters
    ----------
    people
        Both rosters, yesterday and today.
    before
        Positions of the earlier pairs, on the earlier rosters.
    declined, insist, swap
        As given to `rematch`.

    Raises
    ------
    UnknownPersonError
        If people are named whom nobody knows; all of them.
    ParameterError
        If somebody who left is insisted on, or mentees cannot swap; all of them.
    """
    asked = {
        "declined": _listed("declined", declined, "(mentee, mentor)"),
        "insist": _listed("insist", insist, "(mentee, mentor)"),
        "swap": _listed("swap", swap, "(mentee, mentee)"),
    }
    sides = {"declined": (people.mentees, people.mentors), "insist": (people.mentees,
             people.mentors), "swap": (people.mentees, people.mentees)}  # fmt: skip
    found: dict[str, list[tuple[int, int]]] = {name: [] for name in asked}
    unknown, gone = [], []
    for name, pairs in asked.items():
        for pair in pairs:
            at = [side.find(person) for side, person in zip(sides[name], pair, strict=True)]
            unknown += [
                f"{name}: {side.now.role} {str(person)!r}"
                for side, person, position in zip(sides[name], pair, at, strict=True)
                if position == UNKNOWN
            ]
            if GONE in at and name != "declined":
                gone.append(f"{name}=({pair[0]!r}, {pair[1]!r}), of whom not both are here today")
            found[name].append((at[0], at[1]))
    if unknown:
        raise UnknownPersonError(
            "rematch names people who are on neither day's roster (by id, e-mail or unambiguous "
            f"name): {listed(dict.fromkeys(unknown))}.",
            people=dict.fromkeys(unknown),
        )
    swapped, wrong = _exchanged(people, before, [p for p in found["swap"] if GONE not in p])
    if gone or wrong:
        raise ParameterError(f"rematch cannot do this: {listed([*gone, *wrong])}.")
    ids = people.mentees.now.ids, people.mentors.now.ids

    def named(pairs: Iterable[tuple[int, int]]) -> tuple[Pair, ...]:
        return tuple((ids[0][i], ids[1][j]) for i, j in dict.fromkeys(pairs) if min(i, j) >= 0)

    couples = [(ids[0][a], ids[0][b]) for a, b in found["swap"]]
    return Requests(
        named(found["declined"]), named(found["insist"]), named(swapped),
        tuple(couples + [(b, a) for a, b in couples]),
    )  # fmt: skip


def _listed(name: str, pairs: Any, what: str) -> tuple[tuple[object, object], ...]:
    """Return pairs as they were given: a list, or a frame with columns mentee and mentor."""
    try:
        return Forbid(pairs).listed
    except ParameterError:
        raise ParameterError(
            f"The {name!r} parameter of rematch must be a list of {what} pairs. Got {pairs!r}."
        ) from None


def _exchanged(
    people: Crossing, before: tuple[IntArray, IntArray], couples: list[tuple[int, int]]
) -> tuple[list[tuple[int, int]], list[str]]:
    """Return (pairs to lock, what is wrong): each gets the mentors the other had."""
    ids, mentors = people.mentees.now.ids, people.mentors.then.ids
    pairs: list[tuple[int, int]] = []
    wrong: list[str] = []
    everybody = [person for couple in couples for person in couple]
    wrong += [
        f"swap names {ids[person]} more than once"
        for person in sorted(set(everybody))
        if everybody.count(person) > 1
    ]
    for couple in couples:
        held = [
            set(before[1][before[0] == people.mentees.then_of[person]].tolist())
            for person in couple
        ]
        named = f"swap=({ids[couple[0]]!r}, {ids[couple[1]]!r})"
        alone = [ids[p] for p, mine in zip(couple, held, strict=True) if not mine]
        if alone:
            wrong.append(f"{named}, of whom {' and '.join(alone)} had no mentor")
        elif held[0] == held[1]:
            wrong.append(f"{named}, who had the same mentor")
        for person, theirs in zip(couple, reversed(held), strict=True):
            for then in sorted(theirs):
                now = int(people.mentors.now_of[then])
                if now < 0:
                    wrong.append(f"{named}, whose mentor {mentors[then]} left")
                pairs.append((person, now))
    return pairs, wrong


def with_requests(scores: Scores, requests: Requests) -> Scores:
    """Add the requests as rules. Earlier locks give way to a refusal and to a swap."""
    mentees, mentors = scores.mentees, scores.mentors
    declined = {(mentees.place(a), mentors.place(b)) for a, b in requests.declined}
    moved = {mentees.place(a) for a, _ in requests.swapped}
    if not (requests.declined or requests.insisted or requests.swapped):
        return scores

    def stays(pair: tuple[object, object]) -> bool:
        at = mentees.place(pair[0]), mentors.place(pair[1])
        return at not in declined and at[0] not in moved

    rules = filtered(scores.rules, (Lock,), stays)
    if requests.declined:
        rules.append(Forbid(requests.declined, reason=DECLINED))
    if requests.insisted:
        rules.append(Lock(requests.insisted, reason=INSISTED))
    if requests.swapped:
        rules.append(Lock(requests.swapped, reason=SWAPPED))
    points = np.array(scores.matrix("Declining pairs"))
    for i, j in declined:
        bar(points, i, j)
    return remade(scores, (mentees, mentors), scores.criteria, rules, points)


def remade(
    scores: Scores,
    people: tuple[Profiles, Profiles],
    criteria: tuple[Criterion, ...],
    rules: Sequence[Rule],
    points: Any,
) -> Scores:
    pairing = Pairing(*people)
    lowered = RulesOf(rules, pairing)
    return Scores(
        *people, criteria, tuple(rules), points, lowered.locks, scores.repairs, scores.prior,
        scores.neutral, scores.notes, pairing,
    )  # fmt: skip


def filtered(
    rules: Sequence[Rule], kinds: tuple[type[Rule], ...], stays: Callable[[Any], bool]
) -> list[Rule]:
    kept: list[Rule] = []
    for rule in rules:
        if not isinstance(rule, kinds):
            kept.append(rule)
            continue
        assert isinstance(rule, Lock | Forbid)
        pairs = [pair for pair in rule.listed if stays(pair)]
        if len(pairs) == len(rule.listed):
            kept.append(rule)
        elif pairs:
            kept.append(type(rule)(pairs, reason=rule.reason))
    return kept


__all__ = ["Pair", "Requests", "filtered", "remade", "requested", "with_requests"]
