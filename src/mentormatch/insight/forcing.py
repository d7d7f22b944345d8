"""The best matching that has a given pair, found by solving again under every constraint."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mentormatch.errors import InfeasibleError, MentormatchError, Status, check_parameter, listed
from mentormatch.insight.reallocation import Worth
from mentormatch.matching.answer import Stage
from mentormatch.matching.lowering import lock_name
from mentormatch.matching.matching import Matching, total_points
from mentormatch.matching.objectives import MaximizeMatched
from mentormatch.matching.solving import run
from mentormatch.matching.within import defects_of
from mentormatch.rosters.columns import IntArray
from mentormatch.solvers.budget import Budget

__all__ = [
    "Forced", "budget_of", "conflict_in_words", "defective", "difference", "forced",
    "loss_in_words", "proven",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Forced:
    """A pair forced into a matching.

    matching : the best found with the pair, None if there is none or none came to light.
    conflicts : what the pair contradicts, if no matching has it; else empty.
    lost : what the best found loses, None without one.
    exact : bool, whether that is proven.
    """

    matching: Matching | None
    conflicts: tuple[str, ...]
    lost: Worth | None
    exact: bool


def budget_of(time_limit: float | None, owner: str) -> Budget:
    """Return the budget of a question, or refuse the time limit."""
    check_parameter(
        time_limit is None or time_limit > 0, "time_limit", owner, "a number > 0", time_limit
    )
    return Budget(time_limit)


def proven(matching: Matching) -> bool:
    """Whether a matching is proven to be the best."""
    return matching.status == Status.OPTIMAL and matching.gap == 0


def forced(matching: Matching, i: int, j: int, budget: Budget) -> Forced:
    """Lock a pair and solve again."""
    scores = matching.problem.scores
    locks = np.concatenate([scores.locks.reshape(-1, 2), [[i, j]]])
    problem = replace(matching.problem, scores=scores.replaced(locks=locks))
    try:
        after = run(problem, budget)
    except InfeasibleError as error:
        own = lock_name(scores, i, j)
        told = [conflict for conflict in error.conflicts if conflict != own]
        return Forced(None, tuple(told) or (str(error),), None, True)
    except MentormatchError:  # out of time: nothing found, nothing proven
        return Forced(None, (), None, False)
    return Forced(after, (), difference(matching, after), proven(matching) and proven(after))


def difference(before: Matching, after: Matching) -> Worth:
    """Return what a matching loses against another of the same people."""
    one, other = (
        (
            _matched(matching),
            _priority(matching),
            _seats(matching),
            -int(defective(matching, *matching.pairs).sum()),
            total_points(matching),
        )
        for matching in (before, after)
    )
    return Worth(*(a - b for a, b in zip(one, other, strict=True)))


def _matched(matching: Matching) -> int:
    return int((matching.assignment >= 0).sum())


def defective(matching: Matching, rows: IntArray, columns: IntArray) -> npt.NDArray[np.bool_]:
    """Return bool (k,): which of the pairs have a defect that the matching was to avoid."""
    objective = defects_of(matching.problem)
    if objective is None:
        return np.zeros(len(rows), dtype=bool)
    mask = matching.problem.scores.defects_at(rows, columns)
    return (mask & np.uint8(objective.bits)) > 0


def _seats(matching: Matching) -> int:
    objective = defects_of(matching.problem)
    if objective is None or not objective.by_score:
        return 0
    return int((matching.problem.scores.seated & (matching.assignment >= 0)).sum())


def _priority(matching: Matching) -> int:
    there = matching.assignment >= 0
    found = 0
    for objective in matching.problem.objectives:
        if isinstance(objective, MaximizeMatched):
            priority = objective.priorities(matching.problem.scores.mentees)
            found += int(priority[there].sum())
    return found


def loss_in_words(before: Matching, after: Matching, *, exact: bool) -> str:
    """Return what each objective would come to, and what is proven where not everything is."""
    told = []
    for one, other in zip(before.stages, after.stages, strict=True):
        if one.value != other.value:
            told.append(f"{one.objective} {one.value:g} would become {other.value:g}")
        elif one.objective == "MaximizeWishes":
            told += _ranks_in_words(before, after)
    words = "; ".join(told) or "nothing of the objectives would be lost"
    if exact:
        return words
    minimised = {type(o).__name__ for o in before.problem.pursued if o.minimises}
    for one, other in zip(before.stages, after.stages, strict=True):
        if one.gap or other.gap or one.value != other.value:
            least, most = _span(one, other, -1 if one.objective in minimised else 1)
            proof = f"of {one.objective} at least {least:g} and at most {most:g} is lost"
            return f"{words} in the best found so far (proven: {proof})"
    return f"{words} in the best found so far"


def _ranks_in_words(before: Matching, after: Matching) -> list[str]:
    """Say whether other wishes are granted, as many as before."""
    named = before.problem.scores.named("MaximizeWishes()")
    m = max(len(before.problem.scores.mentors), 1)
    keys = [rows * m + columns for rows, columns in (before.pairs, after.pairs)]
    now, then = (int(named.thousandths[np.isin(named.keys, key)].sum()) for key in keys)
    if now == then:
        return []
    return [f"as many wishes would be granted, of {'lower' if then < now else 'higher'} rank"]


def _span(before: Stage, after: Stage, sign: int) -> tuple[float, float]:
    """Return the least and most that the first undecided objective loses."""
    least = max(sign * (before.value - after.bound), 0.0)
    return least, max(sign * (before.bound - after.value), least)


def conflict_in_words(conflicts: tuple[str, ...]) -> str:
    """Return what contradicts a pair, as the end of a sentence."""
    return f"that contradicts {listed(conflicts)}"
