"""A budget of changes as one constraint more, and how many pairs can be kept at all."""

from __future__ import annotations

from dataclasses import replace

from mentormatch.matching.constraints import Keep, Reserve
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import MaximizeTotal, MaximizeTotalAndKept, MinimizeChanges
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.programmes.requests import Pair
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.scores import Scores


def ids_of(scores: Scores, pairs: IntArray) -> tuple[Pair, ...]:
    """Return positions of pairs as (mentee id, mentor id)."""
    mentees, mentors = scores.mentees.ids, scores.mentors.ids
    return tuple((mentees[i], mentors[j]) for i, j in pairs.tolist())


def unbudgeted(problem: Problem) -> Problem:
    """Return a problem of `rematch` without its budget."""
    constraints = [c for c in problem.constraints if not isinstance(c, Keep)]
    return replace(problem, constraints=constraints)


def unpriced(problem: Problem) -> Problem:
    """Return a problem of `rematch` without its budget and without its price."""
    objectives = [
        MaximizeTotal() if isinstance(objective, MaximizeTotalAndKept) else objective
        for objective in problem.objectives
    ]
    return replace(unbudgeted(problem), objectives=objectives)


def keeping(problem: Problem, pairs: tuple[Pair, ...], least: int) -> Problem:
    """Return a problem with one constraint more: at least so many of these pairs."""
    if least <= 0:
        return problem
    return replace(problem, constraints=[*problem.constraints, Keep(pairs, least)])


def kept_at_most(
    problem: Problem,
    pairs: tuple[Pair, ...],
    time_limit: float | None = None,
    progress: bool = False,
) -> tuple[int, bool]:
    """Return (how many of the pairs can be kept, whether that is proven).

    Raises
    ------
    InfeasibleError
        If nothing satisfies the problem, whatever is kept.
    """
    # a reserve is soft: it comes after the budget, and must not come before it here
    hard = [c for c in problem.constraints if not isinstance(c, Reserve)]
    kept = solve(
        replace(problem, objectives=[MinimizeChanges(pairs)], constraints=hard),
        time_limit=time_limit,
        progress=progress,
    )
    return round(kept.stages[-1].value), kept.gap == 0


def kept_in(found: Matching, incumbents: IntArray) -> int:
    """Return how many of these pairs (positions) a matching has."""
    mine = set(zip(*(part.tolist() for part in found.pairs), strict=True))
    return sum((i, j) in mine for i, j in incumbents.tolist())


__all__ = ["ids_of", "keeping", "kept_at_most", "kept_in", "unbudgeted", "unpriced"]
