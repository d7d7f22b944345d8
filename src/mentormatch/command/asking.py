"""From the options of a command line to the problem that is solved."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mentormatch.command.rule_words import pairs_of, rules_of
from mentormatch.matching.constraints import Constraint, ScoreFloor
from mentormatch.matching.objectives import DEFAULT, MinimizeDefects, Objective
from mentormatch.matching.problem import Problem
from mentormatch.scoring.presets import from_columns
from mentormatch.scoring.scores import score

if TYPE_CHECKING:
    from mentormatch.rosters.profiles import Profiles

__all__ = ["problem_of"]


def problem_of(mentees: Profiles, mentors: Profiles, options: argparse.Namespace) -> Problem:
    """Score both rosters as the options say."""
    plan = from_columns(mentees, mentors).reweighted(options.weights)
    scores = score(
        mentees,
        mentors,
        criteria=plan,
        rules=rules_of(options.rule, mentees, mentors),
        lock=pairs_of(options.lock, mentees, mentors) or None,
        forbid=pairs_of(options.forbid, mentees, mentors) or None,
    )
    constraints: list[Constraint] = [] if options.floor is None else [ScoreFloor(options.floor)]
    return Problem(
        scores,
        objectives=_objectives(getattr(options, "within", None)),
        constraints=constraints,
        seed=getattr(options, "seed", 0),
    )


def _objectives(within: float | None) -> Sequence[Objective]:
    """Return the default objectives, with what fewer defects may take of the total."""
    if within is None:
        return DEFAULT
    return [replace(o, within=within) if isinstance(o, MinimizeDefects) else o for o in DEFAULT]
