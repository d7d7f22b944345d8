"""why_not: the rule that forbids a pair, or exactly what forcing it would cost, and whom."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.errors import InfeasibleError
from mentormatch.insight.blocking import floors_of
from mentormatch.insight.compare import compare
from mentormatch.insight.explain import positions
from mentormatch.insight.residual import FAR, Move, Worth, exchanges
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.matching.solving import solve

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WhyNot", "cost_text", "moves_frame", "moves_text", "why_not"]

MOST_MOVES = 5
"""Moves spelt out in one text; `WhyNot.moves` holds all of them."""


@dataclass(frozen=True, eq=False)
class WhyNot:
    """Why a pair was not matched.

    Attributes
    ----------
    mentee, mentor : str
        Ids.
    rules : tuple of str
        Every sentence that forbids the pair; empty if it is admissible.
    lost : Worth or None
        What the objective would lose, exactly: mentees matched, steps of priority, points of score
        (millionths), compared in this order. None if the pair is forbidden.
    bound : Worth or None
        The reduced cost: the part of the loss that the dual prices alone prove, never above it.
        None if the pair is forbidden, or the problem is more than one flow and has no such prices.
    moves : DataFrame
        Who would move, one row per mentee: `mentee`, `name`, `before`, `after` (ids of mentors,
        None: nobody), `change` (score units). The mentee herself first.
    text : str
    """

    mentee: str
    mentor: str
    rules: tuple[str, ...]
    lost: Worth | None
    bound: Worth | None
    moves: pd.DataFrame
    text: str

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
        return self.lost.points / MILLION if self.lost else float("nan")

    @property
    def reduced_cost(self) -> float:
        """Total score that the dual prices prove lost; read it with `bound.matched`."""
        return self.bound.points / MILLION if self.bound else float("nan")

    def __repr__(self) -> str:
        verdict = f"rule: {self.rule}" if self.rule else f"would cost {self.cost:.3f}"
        lost = f" and {self.matched_lost} matched" if self.matched_lost else ""
        return f"<WhyNot: {self.mentee} with {self.mentor}, {verdict}{lost}>"

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        table = self.moves.to_html(escape=True, index=False, na_rep="") if len(self.moves) else ""
        return f"<p>{html.escape(self.text)}</p>{table}"


def why_not(matching: Matching, mentee: str, mentor: str) -> WhyNot:
    r"""Say why a pair was not matched, and what it would cost to insist.

    The cost is the optimum minus the optimum among the matchings with the pair: one shortest path
    from the mentor to the seat that the mentee leaves, over the exchanges that the optimum leaves
    open [1]_.

    Parameters
    ----------
    matching
        Result of `solve`, proven optimal.
    mentee, mentor
        Id, e-mail or unambiguous name.

    Returns
    -------
    WhyNot

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    ParameterError
        If the matching is not proven optimal.

    Notes
    -----
    Problems that are more than one flow (quotas, parity, several mentors each, ...) are solved
    again with the pair locked. Otherwise the first question builds the exchanges in O(n m + m^2);
    each further one takes O(h m^2) for chains of h moves.

    References
    ----------
    .. [1] Ahuja, Magnanti & Orlin (1993), Network Flows, chapter 9.
    """
    i, j = positions(matching, mentee, mentor)
    scores = matching.problem.scores
    ids = (scores.mentees.ids[i], scores.mentors.ids[j])
    names = (scores.mentees.name(i), scores.mentors.name(j))
    nobody = moves_frame(matching, ())
    if rules := _forbidding(matching, i, j):
        text = f"{names[0]} cannot be with {names[1]}: {'; '.join(rules)}."
        return WhyNot(*ids, rules, None, None, nobody, text)
    if (matching.mentors_of[i] == j).any():
        nothing = Worth(0, 0, 0)
        return WhyNot(*ids, (), nothing, nothing, nobody, f"{names[0]} is with {names[1]}.")
    residual = exchanges(matching, "why_not")
    if residual is None:
        return _resolved(matching, i, j)
    forced = residual.forced(i)
    if forced.cost[j] >= FAR:  # minimum loads hold everybody where they are
        text = f"no matching that keeps the minimum loads has {names[0]} with {names[1]}"
        return WhyNot(*ids, (text,), None, None, nobody, f"{text[0].upper()}{text[1:]}.")
    lost = Worth.of(int(forced.cost[j]), residual.lowered)
    bound = Worth.of(int(residual.reduced_costs(i)[j]), residual.lowered)
    moves = moves_frame(matching, forced.moves(j))
    text = f"{names[0]} with {names[1]} would cost {cost_text(lost)}. {moves_text(matching, moves)}"
    return WhyNot(*ids, (), lost, bound, moves, text)


def _resolved(matching: Matching, i: int, j: int) -> WhyNot:
    """Lock the pair and solve again: for problems that are more than one flow."""
    scores = matching.problem.scores
    ids = (scores.mentees.ids[i], scores.mentors.ids[j])
    names = (scores.mentees.name(i), scores.mentors.name(j))
    locks = np.concatenate([scores.locks, [[i, j]]])
    try:
        forced = solve(replace(matching.problem, scores=replace(scores, locks=locks)))
    except InfeasibleError as error:
        return WhyNot(*ids, (str(error),), None, None, moves_frame(matching, ()), str(error))
    differences = compare(matching, forced).changed
    moves = _as_moves(differences, ids[0])
    counts = [len(m.pairs[0]) for m in (matching, forced)]
    totals = [int(scores.points[m.pairs].sum(dtype=np.int64)) for m in (matching, forced)]
    lost = Worth(counts[0] - counts[1], 0, totals[0] - totals[1])
    stages = [
        f"{before.objective} {before.value:g} would become {after.value:g}"
        for before, after in zip(matching.stages, forced.stages, strict=True)
        if before.value != after.value
    ]
    cost = "; ".join(stages) or "nothing of the objectives would be lost"
    text = f"If {names[0]} were with {names[1]}, {cost}. {moves_text(matching, moves)}"
    return WhyNot(*ids, (), lost, None, moves, text)


def _as_moves(changed: pd.DataFrame, first: str) -> pd.DataFrame:
    """Return the changed rows of a comparison as moves, one mentee first."""
    own = (changed["mentee"] != first).to_numpy()
    moves = changed.iloc[np.argsort(own, kind="stable")].reset_index(drop=True)
    change = moves["score_after"].fillna(0) - moves["score_before"].fillna(0)
    return moves[["mentee", "name", "before", "after"]].assign(change=change)


def _forbidding(matching: Matching, i: int, j: int) -> tuple[str, ...]:
    """Return every sentence that forbids the pair: rules, floor, locks."""
    scores = matching.problem.scores
    mentee, mentor = scores.mentees.name(i), scores.mentors.name(j)
    told = list(scores.why_inadmissible(i, j))
    floor, points = int(floors_of(matching.problem)[i]), int(scores.points[i, j])
    points = ~points if points < 0 else points
    if points < floor:
        told.append(f"the score {points / MILLION:.3f} is below the floor of {floor / MILLION:g}")
    locked = {int(a): int(b) for a, b in scores.locks}
    if i in locked and locked[i] != j and matching.mentors_of.shape[1] == 1:
        told.append(f"{mentee} is locked to {scores.mentors.name(locked[i])}")
    seats = int(scores.mentors.capacity[j])
    held = list(locked.values()).count(j)
    if locked.get(i) != j and held >= seats:
        why = "has no seat to offer" if not held else "has only seats that are locked to others"
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
    points = lost.points / MILLION
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

    def worth(i: int, j: int) -> int:
        return 0 if j < 0 else int(scores.points[i, j])

    return pd.DataFrame(
        {
            "mentee": pd.Series([scores.mentees.ids[i] for i, _, _ in rows], dtype=object),
            "name": pd.Series([scores.mentees.name(i) for i, _, _ in rows], dtype=object),
            "before": pd.Series([mentor(b) for _, b, _ in rows], dtype=object),
            "after": pd.Series([mentor(a) for _, _, a in rows], dtype=object),
            "change": pd.Series(
                [(worth(i, a) - worth(i, b)) / MILLION for i, b, a in rows], dtype=float
            ),
        }
    )


def moves_text(matching: Matching, moves: pd.DataFrame) -> str:
    """Return in words where everybody but the first row would have to go."""
    mentors = matching.problem.scores.mentors
    called = {person: mentors.name(j) for j, person in enumerate(mentors.ids)}
    told = []
    for name, before, after in zip(
        moves["name"][1:], moves["before"][1:], moves["after"][1:], strict=True
    ):
        if after is None:
            told.append(f"{name} would be left without a mentor")
        else:
            there = called.get(after, after)
            told.append(f"{name} would {'get' if before is None else 'move to'} {there}")
    if not told:
        return "Nobody else would have to move."
    if len(told) > MOST_MOVES:
        told[MOST_MOVES:] = [f"{len(told) - MOST_MOVES} more would change"]
    return f"{', '.join(told)}."
