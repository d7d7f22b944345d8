"""The two rosters of a command line, with the questions about how they were read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mentormatch.command.options import (
    ROSTERS,
    columns_for,
    orders_for,
    rows_for,
    separators_for,
    value_for,
)
from mentormatch.command.words import settling, tell
from mentormatch.errors import ParameterError
from mentormatch.rosters.read import read_chosen
from mentormatch.rosters.reading import Choices
from mentormatch.scoring.across import questions_across
from mentormatch.scoring.presets import from_columns

if TYPE_CHECKING:
    from mentormatch.rosters.profiles import Profiles, Role

__all__ = ["Progress", "ask", "open_questions", "paths", "read_as", "rosters"]


def paths(options: argparse.Namespace) -> tuple[Path, Path]:
    """Return the files of the mentees and the mentors: one file with both roles is both."""
    return options.files[0], options.files[-1]


def rosters(options: argparse.Namespace) -> tuple[Profiles, Profiles]:
    """Read both rosters.

    Raises
    ------
    ParameterError
        If the two files look swapped.
    """
    with Progress("reading rosters", options):
        files = paths(options)
        both = len(options.files) == 1
        mentees = read_as("mentee", files[0], options, both=both)
        mentors = read_as("mentor", files[1], options, both=both)
    _check_order(mentees, mentors)
    return mentees, mentors


def read_as(role: Role, path: Path, options: argparse.Namespace, *, both: bool = False) -> Profiles:
    """Read one roster as the options say; its questions are printed later, in full.

    Parameters
    ----------
    both
        Whether the file holds both roles.
    """
    roster = f"{role}s"
    choices = Choices(
        columns_for(roster, options.columns),
        orders=orders_for(roster, options.order),
        separators=separators_for(roster, options.separator),
        drop_rows=rows_for(roster, options.drop_rows),
        sheet=value_for(roster, options.sheet),
        encoding=value_for(roster, options.encoding),
        both=both,
    )
    return read_chosen(path, role, choices, value_for(roster, options.plan))


def _check_order(mentees: Profiles, mentors: Profiles) -> None:
    asked = mentees.questions
    offered = asked.loc[asked["code"] == "swapped", "column"].tolist()
    if offered and "no_capacity_column" in set(mentors.repairs["code"]):
        raise ParameterError(
            f"The files look swapped: in {mentees.source}, read as mentees, people are asked how "
            f"many mentees they take ({offered[0]!r}); in {mentors.source}, read as mentors, "
            "nobody is. Give the mentees' file first. If they are in order, say so with "
            f'--columns "mentees:{offered[0]}=".'
        )


def ask(mentees: Profiles, mentors: Profiles, options: argparse.Namespace) -> int:
    """Print the questions about both rosters, each with what settles it; return how many."""
    count = 0
    plan = from_columns(mentees, mentors)
    across = questions_across(mentees, mentors, plan.criteria)
    frames = (mentees.questions, mentors.questions, across)
    for roster, asked in zip((*ROSTERS, "both rosters"), frames, strict=True):
        questions = asked[~asked["code"].isin(options.accept)].to_dict("records")
        count += len(questions)
        if options.quiet and not options.strict:
            continue
        for question in questions:
            about = f", {question['column']}" if question["column"] else ""
            tell(f"? {roster}{about}: {question['question']}; {question['reading']}")
            for line in settling(roster, question):
                tell(line)
    return count


def open_questions(count: int, options: argparse.Namespace) -> bool:
    """Say that questions are open, if that is to stop the job."""
    if count and options.strict:
        tell("--strict: settle the questions above; nothing was written")
    return bool(count and options.strict)


class Progress:
    """One status line on the error stream, only where a person is watching."""

    def __init__(self, phase: str, options: argparse.Namespace) -> None:
        self.phase = phase
        self.shown = not options.quiet and sys.stderr.isatty()

    def __enter__(self) -> None:
        if self.shown:
            print(f"\r\033[K{self.phase} ...", end="", file=sys.stderr, flush=True)

    def __exit__(self, *error: object) -> None:
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
