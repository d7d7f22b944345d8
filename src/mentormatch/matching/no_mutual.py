"""Nobody is the mentor of her own mentor, where people are mentee and mentor at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from mentormatch.errors import UnknownPersonError, check_parameter, listed
from mentormatch.matching.case import Case, Constraint, Row
from mentormatch.matching.problem import Problem
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.program import Pairs, SideRow

__all__ = ["NoMutual", "asked_for", "mutual_in"]


@dataclass(frozen=True, repr=False)
class NoMutual(Constraint):
    """Nobody is the mentor of her own mentor.

    For people who are on both rosters, such as one pool in both roles: of two people at most one
    is the other's mentor, ``x[i, j] + x[j, i] <= 1``. Longer circles are not forbidden; a ladder
    such as ``AtLeast(Closeness("seniority", ideal=1.5, tolerance=1.5), 0.01)`` rules out all.

    Parameters
    ----------
    pairs
        Two people each, by id, e-mail or unambiguous name, for whom it holds; default everybody.

    Raises
    ------
    UnknownPersonError
        When it is solved, if `pairs` names people who are on neither roster: all of them.

    Notes
    -----
    Rows on demand: it is solved without, and rows are added for the two-way pairs that come up,
    until none do. Where a ladder makes them impossible it stays one flow.
    """

    pairs: Iterable[tuple[str, str]] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pairs is None:
            return
        given = [tuple(map(str, pair)) for pair in self.pairs]
        ok = all(len(pair) == 2 for pair in given)
        check_parameter(ok, "pairs", "NoMutual", "pairs of people", self.pairs)
        object.__setattr__(self, "pairs", tuple(sorted({(min(p), max(p)) for p in given})))

    def named(self, scores: Scores) -> set[tuple[str, str]] | None:
        """Return (id, id) of the people whom it holds for, None for everybody."""
        if self.pairs is None:
            return None
        people = dict.fromkeys(person for pair in self.pairs for person in pair)
        ids = {person: _mentee(scores, person) for person in people}
        unknown = [person for person, held in ids.items() if held is None]
        if unknown:
            raise UnknownPersonError(
                "The 'pairs' parameter of NoMutual names people who are on neither roster (by id, "
                f"e-mail or unambiguous name): {listed(map(repr, unknown))}.",
                people=unknown, parameter="pairs",
            )  # fmt: skip
        of = {(str(ids[first]), str(ids[second])) for first, second in self.pairs}
        return {(min(pair), max(pair)) for pair in of}

    def rows(self, case: Case) -> Iterator[Row]:
        own = own_seats(case.scores, case.order)
        for first, second in self._both(case, own):
            names = sorted((case.mentees.ids[first], case.mentees.ids[second]))
            both = np.array([first, second]), own[[second, first]]
            yield Row(f"NoMutual() of {names[0]} and {names[1]}", self, SideRow(most=1, pairs=both))

    def _both(self, case: Case, own: IntArray) -> list[tuple[int, int]]:
        """Return the people who could be mentors of one another."""
        held = self.named(case.scores)
        if held is not None:
            named = [tuple(case.mentees.find(one) for one in pair) for pair in sorted(held)]
            found = [(min(p), max(p)) for p in named if min(p) >= 0 and p[0] != p[1]]
            return [(a, b) for a, b in found if _can(case, own, a, b)]
        here = np.flatnonzero(own >= 0)
        open_ = case.matrix[np.ix_(here, own[here])] >= 0
        first, second = np.nonzero(np.triu(open_ & open_.T, 1))
        return list(zip(here[first].tolist(), here[second].tolist(), strict=True))


def _mentee(scores: Scores, person: str) -> str | None:
    """Return the id under which somebody is a mentee, her own words if she is a mentor only.

    None if she is neither.
    """
    mentees, mentors = scores.mentees, scores.mentors
    at = mentees.place(person)
    if at >= 0:
        return mentees.ids[at]
    there = mentors.place(person)
    if there < 0:
        return None
    herself = np.flatnonzero(own_seats(scores) == there)
    return mentees.ids[herself[0]] if len(herself) else person


def _can(case: Case, own: IntArray, a: int, b: int) -> bool:
    return bool(
        own[a] >= 0 and own[b] >= 0
        and (case.at(np.array([a, b]), own[[b, a]]) >= 0).all()
    )  # fmt: skip


def own_seats(scores: Scores, order: tuple[IntArray, IntArray] | None = None) -> IntArray:
    """Return int64 (n,): where each mentee stands among the mentors herself, -1 if nowhere."""
    same = scores.pairing.same
    if order is None:
        return same
    at = np.append(np.argsort(order[1]), -1)
    return at[same[order[0]]]


def mutual_in(scores: Scores, pairs: Pairs) -> set[tuple[str, str]]:
    """Return (id, id) of the people who are mentors of one another among matched pairs."""
    own, ids = own_seats(scores), scores.mentees.ids
    who = np.full(len(scores.mentors), -1, dtype=np.int64)
    who[own[own >= 0]] = np.flatnonzero(own >= 0)
    there = {(int(i), int(who[j])) for i, j in zip(*pairs, strict=True) if who[j] >= 0}
    return {
        (min(ids[i], ids[k]), max(ids[i], ids[k])) for i, k in there if i < k and (k, i) in there
    }


def asked_for(problem: Problem, pairs: Iterable[tuple[str, str]]) -> Problem:
    """Return the problem with `NoMutual` for no more than these pairs."""
    wanted = set(pairs)

    def narrowed(one: NoMutual) -> NoMutual:
        held = one.named(problem.scores)
        return replace(one, pairs=tuple(wanted if held is None else wanted & held))

    return replace(
        problem,
        constraints=[narrowed(c) if isinstance(c, NoMutual) else c for c in problem.constraints],
    )
