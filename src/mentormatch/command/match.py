"""match: two rosters become a matching and its files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from mentormatch.command.asking import answer, ended
from mentormatch.command.called import program
from mentormatch.command.exits import Exit
from mentormatch.command.reading import paths
from mentormatch.command.saved import LOADED, OUTPUTS, Audience, check_audience, writer
from mentormatch.command.summary import summary
from mentormatch.command.words import say, tell
from mentormatch.command.writing import check_writable, write
from mentormatch.errors import counted
from mentormatch.matching.matching import Matching

__all__ = ["next_step", "run", "unmatched_code"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    outputs = options.output or default_outputs("matches", options.audience)
    chronus = [("--chronus", options.chronus, ())] if options.chronus else []
    check_writable([*(("--output", path, OUTPUTS) for path in outputs), *chronus], paths(options))
    check_audience(options.audience, outputs)
    answered = answer(options)
    if answered is None:
        return Exit.NOT_AS_ASKED
    matching = answered.matching
    files: dict[Path, Callable[[Path], object]] = {
        path: writer(matching, path, options.audience) for path in outputs
    }
    if options.chronus:
        files[options.chronus] = matching.to_chronus
    wrote = write(files)
    if not options.quiet:
        for line in summary(matching, answered.questions, wrote, next_step(outputs)):
            say(line)
    return unmatched_code(matching, options)


def default_outputs(stem: str, audience: Audience) -> list[Path]:
    """Return the workbook, and the saved matching unless it would be for a reviewer."""
    endings = (".xlsx", ".json") if audience == "administrator" else (".xlsx",)
    return [Path(f"{stem}{ending}") for ending in endings]


def next_step(outputs: list[Path]) -> str:
    """Return what to do once these files are written."""
    book = next((path for path in outputs if path.suffix.lower() == ".xlsx"), None)
    kept = next((path for path in outputs if path.suffix.lower() in LOADED), None)
    look = f"Review {book}" if book else "Look at the pairs above"
    if kept is None:
        return f"{look}. Add -o matches.json for the jobs after this one."
    return f"{look}; then {program()} letters {kept} --start DATE."


def unmatched_code(matching: Matching, options: argparse.Namespace) -> int:
    """Return the exit code of a job that has written a matching."""
    code = ended(matching)
    if code == Exit.OK and options.require_all and matching.unmatched:
        left = len(matching.unmatched)
        tell(f"{counted(left, 'mentee')} {'stays' if left == 1 else 'stay'} unmatched")
        return Exit.NOT_AS_ASKED
    return code
