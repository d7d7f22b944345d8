"""What one matching has over another of the same problem: the first objective that differs.

Both are judged by the stages that `solve` optimises, in exact numbers; parts of an objective that
are not reported on their own (priorities, second mentors, reserves) count like the others.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from mentormatch.matching.case import Step
from mentormatch.matching.lowering import Lowered, lower
from mentormatch.matching.matching import Matching
from mentormatch.solvers.program import Pairs
from mentormatch.solvers.stages import Vector

__all__ = ["gained"]

WORDS = {
    "MaximizeMatched": "{more} more mentees are matched",
    "earlier pairs": "{more} more earlier pairs stay",
    "priority": "mentees of higher priority are matched",
    "Reserve": "{more} more reserved seats are used",
    "KeepClaims": "{more} more of those who lost a mentor are seated",
    "KeepDrawn": "{more} more of those who drew a seat are seated",
    "MaximizeTotal": "the total rises by {more}",
    "kept": "the total less {price:g} a change rises by {more}",
    "MinimizeChanges": "{more} more pairs of MinimizeChanges stay",
    "MaximizeWishes": "{more} more wishes are granted",
    "rank of wishes": "wishes that matter more are granted",
    "MinimizeDefects": "{more} fewer pairs have a defect",
    "defects": "its pairs have {more} fewer defects",
    "BalanceLoad": "loads are more even",
    "MaximizeWorstGroup": "the worst-off group gains {more} in the mean",
    "MaximizeMinimum": "the worst score rises by {more}",
    "Leximin": "the worse-off gain (Leximin)",
}
"""By the name of a step, or its unit where that says more."""
ONE = {
    "earlier pairs": "one more earlier pair stays",
    "MaximizeMatched": "one more mentee is matched",
    "Reserve": "one more reserved seat is used",
    "KeepClaims": "one more of those who lost a mentor is seated",
    "KeepDrawn": "one more of those who drew a seat is seated",
    "MinimizeChanges": "one more pair of MinimizeChanges stays",
    "MaximizeWishes": "one more wish is granted",
    "MinimizeDefects": "one fewer pair has a defect",
    "defects": "its pairs have one defect fewer",
}


def gained(matching: Matching, other: Matching) -> str:
    """Say what a matching has over another of the same people and objectives."""
    lowered = lower(matching.problem)
    ours, theirs = (_solved(lowered, one) for one in (matching, other))
    for step in lowered.steps:
        mine, others = (step.stage.vector(lowered.program, pairs) for pairs in (ours, theirs))
        if mine < others:
            return "the solver stopped before it had proven the best"
        if mine > others:
            return _said(step, mine, others)
    return "another matching that is as good, chosen by the rule for ties"


def _solved(lowered: Lowered, matching: Matching) -> Pairs:
    """Return a matching's pairs as the solver numbers people, without locked ones."""
    pairs = lowered.there(matching.pairs)
    free = lowered.case.unlocked(pairs)
    return pairs[0][free], pairs[1][free]


def _said(step: Step, mine: Vector, others: Vector) -> str:
    if step.unit.startswith("mentees with "):
        slot = step.unit.rsplit(" ", 1)[1]
        return f"{mine[0] - others[0]} more mentees have {slot} mentors"
    kind = step.unit if step.unit in WORDS else step.name
    if getattr(step.stage, "kept", None) is not None:
        kind = "kept"
    if len(mine) > 1:
        return WORDS[kind]
    difference = mine[0] - others[0]
    if difference == 1 and step.scale == 1 and kind in ONE:
        return ONE[kind]
    exact = Fraction(difference) / step.scale
    amount = np.format_float_positional(round(float(exact), 6), trim="-")
    price = getattr(step.stage, "bonus", 0) / step.scale
    return WORDS[kind].replace("{price:g}", f"{price:g}").replace("{more}", amount)
