"""match: two rosters become a matching and its files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from mentormatch.command.asking import problem_of
from mentormatch.command.exits import Exit
from mentormatch.command.parser import program
from mentormatch.command.reading import Progress, ask, open_questions, paths, rosters
from mentormatch.command.summary import check_matched, summary
from mentormatch.command.words import counted, say, tell
from mentormatch.command.writing import check_writable, write
from mentormatch.errors import Status
from mentormatch.matching.matching import Matching
from mentormatch.matching.solving import solve

__all__ = ["run"]

ENDINGS = (".xlsx", ".csv", ".json")


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    outputs = options.output or [Path("matches.xlsx")]
    chronus = [("--chronus", options.chronus, ())] if options.chronus else []
    check_writable([*(("--output", path, ENDINGS) for path in outputs), *chronus], paths(options))
    mentees, mentors = rosters(options)
    questions = ask(mentees, mentors, options)
    if open_questions(questions, options):
        return Exit.NOT_AS_ASKED
    with Progress("scoring", options):
        problem = problem_of(mentees, mentors, options)
    watched = not options.quiet and sys.stderr.isatty()
    matching = solve(problem, time_limit=options.time_limit, progress=watched)
    check_matched(matching)
    files: dict[Path, Callable[[Path], object]] = {
        path: _writer(matching, path) for path in outputs
    }
    if options.chronus:
        files[options.chronus] = matching.to_chronus
    wrote = write(files)
    if not options.quiet:
        for line in summary(matching, questions, wrote, _next(outputs)):
            say(line)
    return _code(matching, options)


def _writer(matching: Matching, path: Path) -> Callable[[Path], object]:
    kind = path.suffix.lower()
    return {".csv": matching.to_csv, ".json": matching.to_json}.get(kind, matching.to_excel)


def _next(outputs: list[Path]) -> str:
    book = next((path for path in outputs if path.suffix.lower() == ".xlsx"), None)
    look = f"Open {book} and look at the pairs named above" if book else "Look at the pairs above"
    return f"{look}. {program()} check shows what there is too little of."


def _code(matching: Matching, options: argparse.Namespace) -> int:
    if matching.status is Status.INTERRUPTED:
        tell("interrupted; the best matching found until then was written")
        return Exit.INTERRUPTED
    if options.require_all and matching.unmatched:
        left = len(matching.unmatched)
        tell(f"{counted(left, 'mentee')} {'stays' if left == 1 else 'stay'} unmatched")
        return Exit.NOT_AS_ASKED
    return Exit.OK
