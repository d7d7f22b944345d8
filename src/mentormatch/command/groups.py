"""groups: people in groups with a coach and a time at which all of them can."""

from __future__ import annotations

import argparse

from mentormatch.command.exits import Exit
from mentormatch.command.forms import finish, left_over, outputs_of, scored
from mentormatch.command.words import tell
from mentormatch.errors import ParameterError, counted
from mentormatch.programmes.groups.groups import form_groups
from mentormatch.programmes.groups.rules import AtMost, CommonSlot, GroupRule, NotAlone

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    outputs = outputs_of(options, "groups")
    found = scored(options)
    if found is None:
        return Exit.NOT_AS_ASKED
    plan = form_groups(
        found.scores, _size(options.size), meet=_meet(options), mix=_mix(options),
        partial=options.partial, seed=options.seed, time_limit=options.time_limit,
    )  # fmt: skip
    alone = plan.unplaced
    finish(plan, outputs, options, [("Placed", [left_over(plan, alone)], 3)], found.questions)
    if alone and not options.partial:
        tell(f"{counted(len(alone), 'person', 'people')} could not be placed")
        return Exit.NOT_AS_ASKED
    return Exit.OK


def _size(text: str) -> tuple[int, int]:
    """Return fewest and most of "4-6" or "5"."""
    words = [word.strip() for word in text.split("-")]
    if not (1 <= len(words) <= 2 and all(word.isdigit() for word in words)):
        raise ParameterError(f"--size must be two numbers such as 4-6, or one. Got {text!r}.")
    return int(words[0]), int(words[-1])


def _meet(options: argparse.Namespace) -> CommonSlot | None:
    return None if options.hours == 0 else CommonSlot(hours=options.hours)


def _mix(options: argparse.Namespace) -> list[GroupRule]:
    rules: list[GroupRule] = [NotAlone(column) for column in options.not_alone]
    for text in options.at_most:
        column, equals, most = text.rpartition("=")
        if not (equals and column.strip() and most.strip().isdigit()):
            raise ParameterError(f"--at-most must be COLUMN=N. Got {text!r}.")
        rules.append(AtMost(column.strip(), int(most)))
    return rules
