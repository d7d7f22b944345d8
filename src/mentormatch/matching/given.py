"""A matching that was not solved: pairs of another system or of a person, to be asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, Status, UnknownPersonError, listed
from mentormatch.matching.answer import Stage
from mentormatch.matching.broken import broken
from mentormatch.matching.case import Constraint
from mentormatch.matching.lowering import asked_of, case_of, steps_of
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import DEFAULT, Objective
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import mentors_by_score
from mentormatch.matching.without_matrix import no_matrix
from mentormatch.rosters.columns import IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.engine import plain
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.program import Program
from mentormatch.solvers.source import PlainSource

__all__ = ["matching_of_pairs"]


@typed
def matching_of_pairs(
    scores: Scores,
    pairs: Any,
    *,
    objectives: Sequence[Objective] = DEFAULT,
    constraints: Sequence[Constraint] = (),
    seed: int = 0,
) -> Matching:
    """Return pairs that were found elsewhere as a matching; see `Matching.from_pairs`."""
    problem = Problem(scores, objectives, constraints, seed)
    chosen, twice = _positions(scores, pairs)
    had = np.bincount(chosen[0], minlength=len(scores.mentees))
    width = max(int(asked_of(problem).max(initial=1)), int(had.max(initial=1)))
    none = np.zeros(len(scores.mentors), dtype=np.int64)
    notes = [*scores.notes, *_said(problem, chosen)]
    if twice:
        notes.append(f"{_counted(twice, 'pair')} given more than once: each counts once")
    return Matching(
        problem=problem,
        mentors_of=mentors_by_score(problem, chosen, width),
        stages=_stages(problem, chosen),
        mentor_price=none,
        matched_price=none,
        unique=False,
        status=Status.GIVEN,
        route="given",
        seconds=0.0,
        priced=False,
        notes=tuple(notes),
    )


def _positions(scores: Scores, pairs: Any) -> tuple[tuple[IntArray, IntArray], int]:
    """Return positions of the pairs, each once, and how many were given more than once."""
    found: list[tuple[int, int]] = []
    unknown: list[str] = []
    for pair in _references(pairs):
        places = [
            _place(person, people, unknown)
            for person, people in zip(pair, (scores.mentees, scores.mentors), strict=True)
        ]
        found.append((places[0], places[1]))
    if unknown:
        raise UnknownPersonError(
            "The 'pairs' parameter of Matching.from_pairs names people who are not on the roster "
            f"(by id, e-mail or unambiguous name): {listed(dict.fromkeys(unknown))}.",
            people=dict.fromkeys(unknown),
            parameter="pairs",
        )
    counts = Counter(found)
    rows, columns = np.array(sorted(counts), dtype=np.int64).reshape(-1, 2).T
    return (rows.copy(), columns.copy()), sum(1 for count in counts.values() if count > 1)


def _place(person: Any, people: Profiles, unknown: list[str]) -> int:
    try:
        return people.position(str(person))
    except UnknownPersonError:
        unknown.append(f"{people.role} {str(person)!r}")
        return -1


def _references(pairs: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (mentee, mentor) references; a mentee beside nobody is unmatched."""
    if isinstance(pairs, Matching):
        frame = pairs.to_frame()
        pairs = zip(frame["mentee"], frame["mentor"], strict=True)
    elif hasattr(pairs, "columns"):
        if not {"mentee", "mentor"} <= set(pairs.columns):
            raise ParameterError(
                "The 'pairs' parameter of Matching.from_pairs must hold columns 'mentee' and "
                f"'mentor'. Got {list(pairs.columns)!r}."
            )
        pairs = zip(pairs["mentee"].tolist(), pairs["mentor"].tolist(), strict=True)
    elif isinstance(pairs, Mapping):
        pairs = pairs.items()
    if isinstance(pairs, str) or not isinstance(pairs, Iterable):
        raise _no_pairs(pairs)
    for pair in pairs:
        if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2:
            raise _no_pairs(pair)
        mentee, mentors = pair
        several = isinstance(mentors, list | tuple | set | frozenset)
        for mentor in mentors if several else [mentors]:
            if not _nobody(mentor):
                yield mentee, mentor


def _nobody(mentor: Any) -> bool:
    return mentor is None or mentor == "" or mentor != mentor or type(mentor).__name__ == "NAType"


def _no_pairs(given: Any) -> ParameterError:
    return ParameterError(
        "The 'pairs' parameter of Matching.from_pairs must be (mentee, mentor) pairs, a frame with "
        f"these two columns, a dict or a Matching. Got {given!r}."
    )


def _said(problem: Problem, pairs: tuple[IntArray, IntArray]) -> list[str]:
    """Return how much the pairs break, without naming anybody."""
    counts = Counter(broken(problem, pairs)["kind"].tolist())
    if not counts:
        return []
    words = {"rule": "breach of a rule", "lock": "lock that is not kept",
             "seats": "mentor with more mentees than seats",
             "demand": "mentee with more mentors than asked for",
             "floor": "pair below a floor", "constraint": "breach of a constraint"}  # fmt: skip
    told = "; ".join(f"{words[kind]}: {count}" for kind, count in counts.items())
    return [f"The pairs were handed in and break what must hold ({told}); see matching.broken"]


def _counted(count: int, noun: str) -> str:
    return f"1 {noun} was" if count == 1 else f"{count} {noun}s were"


def _stages(problem: Problem, pairs: tuple[IntArray, IntArray]) -> tuple[Stage, ...]:
    """Return what each objective reached; no bound is known, whatever the pairs break."""
    scores = problem.scores
    source = None if scores.source is None else PlainSource(scores.source)
    points = plain(scores.matrix()) if source is None else no_matrix(scores)
    none = np.zeros((0, 2), dtype=np.int64)
    had = np.bincount(pairs[0], minlength=len(scores.mentees))
    case = replace(case_of(scores, np.maximum(asked_of(problem), had)), matrix=points, locks=none)
    m = len(scores.mentors)
    seats = np.maximum(scores.mentors.capacity, np.bincount(pairs[1], minlength=m))
    program = Program(points, seats, np.zeros(m, dtype=np.int64), case.asked, source=source)
    made = []
    for step in steps_of(problem, case):
        if not step.shown:
            continue
        value = step.stage.value(program, pairs) - step.stage.aside(program, pairs)
        bound = -inf if step.stage.minimises else inf
        made.append(Stage(step.name, float(value) / step.scale, bound, step.unit))
    return tuple(made)
