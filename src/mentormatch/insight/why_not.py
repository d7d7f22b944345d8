"""why_not: the rule that forbids a pair, or exactly what forcing it would cost, and whom."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from mentormatch.domains import typed
from mentormatch.insight.barriers import floors_of
from mentormatch.insight.compare import compare
from mentormatch.insight.explain import positions
from mentormatch.insight.forcing import budget_of, conflict_in_words, forced, loss_in_words
from mentormatch.insight.left_open import check_proven, reallocations
from mentormatch.insight.of_forms import asked_of_form
from mentormatch.insight.reallocation import FAR, Move, Worth
from mentormatch.insight.wording import joined, wish_sentence
from mentormatch.matching.answer import Answer
from mentormatch.matching.constraints import single_loads
from mentormatch.matching.lowering import MILLION, asked_of
from mentormatch.matching.matching import Matching
from mentormatch.solvers.budget import Budget
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WhyNot", "cost_text", "moves_frame", "moves_text", "why_not"]

MOST_MOVES = 5
"""Moves spelt out in one text; `WhyNot.moves` holds all of them."""


@dataclass(frozen=True, eq=False)
class WhyNot(Told):
    """Why a pair was not matched.

    Attributes
    ----------
    mentee, mentor : str
        Ids.
    rules : tuple of str
        Every sentence that forbids the pair; empty if it is admissible.
    lost : Worth or None
        What the objective would lose, exactly: mentees matched, steps of priority, millionths of
        score, compared in this order. None if no matching has the pair, or none was found.
    bound : Worth or None
        The reduced cost: the part of the loss that the dual prices alone prove, never above it.
        None if the pair is forbidden, or the problem is more than one flow and has no such prices.
    moves : DataFrame
        Who would move, one row per mentee: `mentee`, `name`, `before`, `after` (ids of mentors,
        None: nobody), `change` (score units). The mentee herself first.
    text : str
    exact : bool
        Whether `lost` (or that no matching has the pair) is proven. If not, `lost` is what the
        best matching found with the pair loses against the one asked about, and `text` says what
        is proven.
    """

    mentee: str
    mentor: str
    rules: tuple[str, ...]
    lost: Worth | None
    bound: Worth | None
    moves: pd.DataFrame
    text: str
    exact: bool = True

    @property
    def rule(self) -> str | None:
        """What forbids the pair; None if it is admissible."""
        return self.rules[0] if self.rules else None

    @property
    def matched_lost(self) -> int:
        """How many fewer mentees would be matched."""
        return self.lost.matched if self.lost else 0

    @property
    def cost(self) -> float:
        """Total score that would be lost; below 0 where fewer mentees would have a higher total.

        NaN if the pair is forbidden.
        """
        return self.lost.millionths / MILLION if self.lost else float("nan")

    @property
    def reduced_cost(self) -> float:
        """Total score that the dual prices prove lost; read it with `bound.matched`."""
        return self.bound.millionths / MILLION if self.bound else float("nan")

    def __repr__(self) -> str:
        verdict = f"rule: {self.rule}" if self.rule else f"would cost {self.cost:.3f}"
        if not self.exact:
            verdict = f"{verdict} (not proven)"
        lost = f" and {self.matched_lost} matched" if self.matched_lost else ""
        return f"<WhyNot: {self.mentee} with {self.mentor}, {verdict}{lost}>"

    def _repr_html_(self) -> str:
        table = self.moves.to_html(escape=True, index=False, na_rep="") if len(self.moves) else ""
        return f"<p>{html.escape(self.text)}</p>{table}"


@overload
def why_not(
    matching: Matching, mentee: str, mentor: str, *, time_limit: float | None = ...
) -> WhyNot: ...


@overload
def why_not(
    matching: Answer, mentee: str, mentor: str, *, time_limit: float | None = ...
) -> Told: ...


@typed
def why_not(matching: Answer, mentee: str, mentor: str, *, time_limit: float | None = None) -> Told:
    r"""Say why a pair was not matched, and what it would cost to insist.

    The cost is the optimum minus the optimum among the matchings with the pair. Where everything
    is one flow, that is one shortest path from the mentor to the seat that the mentee leaves, over
    the moves that the optimum leaves open [1]_; otherwise (quotas, parity, several mentors each,
    ...) the pair is locked and the problem solved again, under every constraint.

    Parameters
    ----------
    matching
        Result of `solve`; of one flow, proven optimal. Or of `suggest`, `form_groups`,
        `match_peers` or `schedule_rounds`, which answer in the words of that form.
    mentee, mentor
        Id, e-mail or unambiguous name.
    time_limit
        Seconds for solving again; what is found then is said not to be proven.

    Returns
    -------
    WhyNot

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    ParameterError
        If the matching is stable, or one flow that is not proven optimal.

    Notes
    -----
    The first question about a matching checks the prices that prove it, O(n m). Each then reads
    the rows of the mentees of the mentors that are nearer than the answer, at most O(n m).

    References
    ----------
    .. [1] Ahuja, Magnanti & Orlin (1993), Network Flows, chapter 9.
    """
    if not isinstance(matching, Matching):
        told: Told = asked_of_form(matching, "why_not", mentee, mentor, time_limit)
        return told
    budget = budget_of(time_limit, "why_not")
    check_proven(matching, "why_not")
    i, j = positions(matching, mentee, mentor)
    scores = matching.problem.scores
    ids = (scores.mentees.ids[i], scores.mentors.ids[j])
    names = (scores.mentees.name(i), scores.mentors.name(j))
    nobody = moves_frame(matching, ())
    if (matching.mentors_of[i] == j).any():
        nothing = Worth(0, 0, 0, 0, 0)
        return WhyNot(*ids, (), nothing, nothing, nobody, f"{names[0]} is with {names[1]}.")
    if rules := forbidding(matching, i, j):
        text = f"{names[0]} cannot be with {names[1]}: {'; '.join(rules)}."
        return WhyNot(*ids, rules, None, None, nobody, text)
    open_ = reallocations(matching, "why_not")
    if open_ is None:
        return _resolved(matching, i, j, budget)
    cost, found = open_.forced(i, j)
    if cost >= FAR:  # minimum loads hold everybody where they are
        return _resolved(matching, i, j, budget)
    lost = Worth.of(cost, open_.lowered)
    bound = Worth.of(int(open_.losses(np.array([i]))[0, j]), open_.lowered)
    moves = moves_frame(matching, found)
    text = f"{names[0]} with {names[1]} would cost {cost_text(lost)}. {moves_text(matching, moves)}"
    text += wish_sentence(scores, i, j)
    return WhyNot(*ids, (), lost, bound, moves, text)


def _resolved(matching: Matching, i: int, j: int, budget: Budget) -> WhyNot:
    """Lock the pair and solve again: for problems that are more than one flow."""
    scores = matching.problem.scores
    ids = (scores.mentees.ids[i], scores.mentors.ids[j])
    names = (scores.mentees.name(i), scores.mentors.name(j))
    answer = forced(matching, i, j, budget)
    nobody = moves_frame(matching, ())
    if answer.conflicts:
        text = f"no matching has {names[0]} with {names[1]}: {conflict_in_words(answer.conflicts)}"
        return WhyNot(*ids, (text,), None, None, nobody, f"{text[0].upper()}{text[1:]}.")
    if answer.matching is None:
        text = (
            f"No matching with {names[0]} and {names[1]} was found within the time limit, nor a "
            "proof that there is none."
        )
        return WhyNot(*ids, (), None, None, nobody, text, exact=False)
    moves = changed_moves(matching, answer.matching, ids[0])
    cost = loss_in_words(matching, answer.matching, exact=answer.exact)
    text = f"If {names[0]} were with {names[1]}, {cost}. {moves_text(matching, moves)}"
    text += wish_sentence(scores, i, j)
    return WhyNot(*ids, (), answer.lost, None, moves, text, exact=answer.exact)


def changed_moves(before: Matching, after: Matching, first: str) -> pd.DataFrame:
    """Return who is elsewhere in a second matching, one row per mentee, one mentee first."""
    changed = compare(before, after).changed
    own = (changed["mentee"] != first).to_numpy()
    moves = changed.iloc[np.argsort(own, kind="stable")].reset_index(drop=True)
    change = moves["score_after"].fillna(0) - moves["score_before"].fillna(0)
    return moves[["mentee", "name", "before", "after"]].assign(change=change)


def forbidding(matching: Matching, i: int, j: int) -> tuple[str, ...]:
    """Return every sentence that forbids the pair: rules, floor, demand, locks, seats."""
    problem, scores = matching.problem, matching.problem.scores
    mentee, mentor = scores.mentees.name(i), scores.mentors.name(j)
    told = list(scores.why_inadmissible(i, j))
    floor, points = int(floors_of(problem)[i]), int(scores.at(i, j)[0])
    points = ~points if points < 0 else points
    if points < floor:
        told.append(f"the score {points / MILLION:.3f} is below the floor of {floor / MILLION:g}")
    asked = int(asked_of(problem)[i])
    locks = scores.locks.reshape(-1, 2)
    mine = locks[locks[:, 0] == i, 1].tolist()
    if asked == 0:
        told.append(f"{mentee} asks for no mentor")
    elif len(mine) >= asked and j not in mine:
        told.append(f"{mentee} is locked to {joined([scores.mentors.name(k) for k in mine])}")
    seats = int(single_loads(scores, problem.constraints)[1][j])
    held = int((locks[:, 1] == j).sum())
    if j not in mine and held >= seats:
        own = "has no seat to offer" if not scores.mentors.capacity[j] else "takes nobody (Load)"
        why = own if not held else "has only seats that are locked to others"
        told.append(f"{mentor} {why}")
    return tuple(told)


def cost_text(lost: Worth) -> str:
    """Return a loss of the objective in words."""
    told = []
    if lost.matched:
        fewer = "mentee fewer" if lost.matched == 1 else "mentees fewer"
        told.append(f"{lost.matched} {fewer} matched")
    if lost.priority:
        told.append(f"{lost.priority} steps of priority")
    if lost.seats:
        people = "mentee" if abs(lost.seats) == 1 else "mentees"
        verb = "loses" if lost.seats == 1 else "lose"
        told.append(
            f"{lost.seats} {people} who would have a seat by score {verb} it"
            if lost.seats > 0
            else f"{-lost.seats} more {people} with a seat by score"
        )
    if lost.defects:
        more = "more" if lost.defects > 0 else "fewer"
        count = abs(lost.defects)
        told.append(f"{count} {more} pair{'s' * (count != 1)} with a defect")
    points = lost.millionths / MILLION
    if points or not told:
        gain = " (the total rises by that much)" if points < 0 else " of total score"
        told.append(f"{abs(points):.3f}{gain}" if points else "nothing: it is just as good")
    return " and ".join(told)


def moves_frame(matching: Matching, moves: tuple[Move, ...]) -> pd.DataFrame:
    """Return one row per mentee who moves: `mentee`, `name`, `before`, `after`, `change`."""
    import pandas as pd

    scores = matching.problem.scores
    rows = [(move.mentee, move.before, move.after) for move in moves]

    def mentor(j: int) -> str | None:
        return None if j < 0 else scores.mentors.ids[j]

    who, before, after = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    change = np.zeros(len(rows), dtype=np.int64)
    for there, sign in ((after, 1), (before, -1)):
        held = there >= 0
        change[held] += sign * scores.at(who[held], there[held]).astype(np.int64)
    return pd.DataFrame(
        {
            "mentee": pd.Series([scores.mentees.ids[i] for i, _, _ in rows], dtype=object),
            "name": pd.Series([scores.mentees.name(i) for i, _, _ in rows], dtype=object),
            "before": pd.Series([mentor(b) for _, b, _ in rows], dtype=object),
            "after": pd.Series([mentor(a) for _, _, a in rows], dtype=object),
            "change": pd.Series(change / MILLION, dtype=float),
        }
    )


def moves_text(matching: Matching, moves: pd.DataFrame) -> str:
    """Return in words where everybody but the first row would have to go."""
    mentors = matching.problem.scores.mentors
    there = set(moves["after"])
    called = {person: mentors.name(j) for j, person in enumerate(mentors.ids) if person in there}
    told = []
    for name, before, after in zip(
        moves["name"][1:], moves["before"][1:], moves["after"][1:], strict=True
    ):
        if after is None:
            told.append(f"{name} would be left without a mentor")
        else:
            new = called.get(after, after)
            told.append(f"{name} would {'get' if before is None else 'move to'} {new}")
    if not told:
        return "Nobody else would have to move."
    if len(told) > MOST_MOVES:
        told[MOST_MOVES:] = [f"{len(told) - MOST_MOVES} more would change"]
    return f"{', '.join(told)}."
