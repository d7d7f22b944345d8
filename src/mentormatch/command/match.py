"""match: two rosters become a matching and its files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mentormatch.command.asking import answer, ended
from mentormatch.command.exits import Exit
from mentormatch.command.parser import program
from mentormatch.command.reading import paths
from mentormatch.command.summary import summary
from mentormatch.command.words import counted, say, tell
from mentormatch.command.writing import check_writable, write
from mentormatch.errors import ParameterError, listed
from mentormatch.matching.matching import Matching

__all__ = ["run"]

ENDINGS = (".xlsx", ".csv", ".json")


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    outputs = options.output or [Path("matches.xlsx")]
    chronus = [("--chronus", options.chronus, ())] if options.chronus else []
    check_writable([*(("--output", path, ENDINGS) for path in outputs), *chronus], paths(options))
    _check_audience(options.audience, outputs)
    answered = answer(options)
    if answered is None:
        return Exit.NOT_AS_ASKED
    matching = answered.matching
    files: dict[Path, Callable[[Path], object]] = {
        path: _writer(matching, path, options.audience) for path in outputs
    }
    if options.chronus:
        files[options.chronus] = matching.to_chronus
    wrote = write(files)
    if not options.quiet:
        for line in summary(matching, answered.questions, wrote, _next(outputs)):
            say(line)
    return _code(matching, options)


def _check_audience(audience: str, outputs: list[Path]) -> None:
    whole = [path.name for path in outputs if path.suffix.lower() != ".xlsx"]
    if audience == "reviewer" and whole:
        raise ParameterError(
            f"--audience reviewer is for workbooks; {listed(whole)} would hold everything. Write "
            "it for yourself, without --audience."
        )


def _writer(matching: Matching, path: Path, audience: str) -> Callable[[Path], object]:
    whole = {".csv": matching.to_csv, ".json": matching.to_json}.get(path.suffix.lower())
    return whole or partial(matching.to_excel, audience=audience)


def _next(outputs: list[Path]) -> str:
    book = next((path for path in outputs if path.suffix.lower() == ".xlsx"), None)
    look = f"Open {book} and look at the pairs named above" if book else "Look at the pairs above"
    return f"{look}. {program()} check shows what there is too little of."


def _code(matching: Matching, options: argparse.Namespace) -> int:
    code = ended(matching)
    if code == Exit.OK and options.require_all and matching.unmatched:
        left = len(matching.unmatched)
        tell(f"{counted(left, 'mentee')} {'stays' if left == 1 else 'stay'} unmatched")
        return Exit.NOT_AS_ASKED
    return code
