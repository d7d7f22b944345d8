"""From the options of a command line to a problem, and to its matching."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.command.earlier_pairs import earlier_pairs
from mentormatch.command.exits import Exit
from mentormatch.command.reading import Progress, ask, open_questions, rosters
from mentormatch.command.rule_words import pairs_of, rules_of
from mentormatch.command.words import tell
from mentormatch.errors import MentormatchError, Status, counted
from mentormatch.insight.barriers import barriers
from mentormatch.matching.constraints import Constraint, ScoreFloor
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import DEFAULT, MinimizeDefects, Objective
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.scoring.presets import from_columns
from mentormatch.scoring.rules import Forbid, Rule
from mentormatch.scoring.scores import Scores, score

if TYPE_CHECKING:
    from mentormatch.rosters.profiles import Profiles

__all__ = ["Answer", "answer", "ended", "problem_of", "scores_of"]


@dataclass(frozen=True, eq=False)
class Answer:
    """A matching, and how many questions about how the rosters were read are open."""

    matching: Matching
    questions: int


def answer(options: argparse.Namespace) -> Answer | None:
    """Read, ask, score and solve; None where open questions stop it.

    Raises
    ------
    MentormatchError
        If the input is refused, or nobody could be matched.
    """
    mentees, mentors = rosters(options)
    questions = ask(mentees, mentors, options)
    if open_questions(questions, options):
        return None
    with Progress("scoring", options):
        problem = problem_of(mentees, mentors, options)
    watched = not options.quiet and sys.stderr.isatty()
    matching = solve(problem, time_limit=options.time_limit, progress=watched)
    _check_matched(matching)
    return Answer(matching, questions)


def ended(matching: Matching) -> int:
    """Return the exit code of a job that has written; say that the matching was cut short."""
    if matching.status is Status.INTERRUPTED:
        tell("interrupted; the best matching found until then was written")
        return Exit.INTERRUPTED
    return Exit.OK


def problem_of(mentees: Profiles, mentors: Profiles, options: argparse.Namespace) -> Problem:
    """Score both rosters, and say what the best matching is, as the options say."""
    scores = scores_of(mentees, mentors, options)
    constraints: list[Constraint] = [] if options.floor is None else [ScoreFloor(options.floor)]
    return Problem(
        scores,
        objectives=_objectives(getattr(options, "within", None)),
        constraints=constraints,
        seed=getattr(options, "seed", 0),
    )


def scores_of(mentees: Profiles, mentors: Profiles, options: argparse.Namespace) -> Scores:
    """Score both rosters as the options say."""
    plan = from_columns(mentees, mentors).reweighted(options.weights)
    return score(
        mentees,
        mentors,
        criteria=plan,
        rules=[*rules_of(options.rule, mentees, mentors), *_previous(mentees, mentors, options)],
        lock=pairs_of(options.lock, mentees, mentors) or None,
        forbid=pairs_of(options.forbid, mentees, mentors) or None,
    )


def _previous(mentees: Profiles, mentors: Profiles, options: argparse.Namespace) -> Iterator[Rule]:
    """Yield what bars the pairs of earlier rounds; say how many there are."""
    for path in options.previous:
        earlier = earlier_pairs(path, mentees, mentors)
        if not options.quiet:
            tell(earlier.sentence)
        if earlier.pairs:
            yield Forbid(earlier.pairs, reason=f"matched before, in {path.name}")


def _objectives(within: float | None) -> Sequence[Objective]:
    """Return the default objectives, with what fewer defects may take of the total."""
    if within is None:
        return DEFAULT
    return [replace(o, within=within) if isinstance(o, MinimizeDefects) else o for o in DEFAULT]


def _check_matched(matching: Matching) -> None:
    """Refuse a matching of nobody.

    Raises
    ------
    MentormatchError
        Saying why nobody could be matched.
    """
    if len(matching.pairs[0]):
        return
    n, m = matching.problem.scores.shape
    removed: Counter[str] = Counter()
    for found in barriers(matching, np.arange(n)):
        removed.update(dict(found.counts))
    why = [
        f"\n  {name} removes {count:,} of {n * m:,} pairs" for name, count in removed.most_common()
    ]
    seats = int(matching.problem.scores.mentors.capacity.sum())
    raise MentormatchError(
        f"Nobody could be matched, so nothing was written: {counted(n, 'mentee')}, "
        f"{counted(m, 'mentor')} with {counted(seats, 'seat')}.{''.join(why)}\n"
        "Drop a rule, lower the floor, or add seats; `check` shows what there is too little of."
    )
