"""letters: what everybody in a saved result is told, as drafts or for a mail merge."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mentormatch.command.exits import Exit
from mentormatch.command.saved import load_any
from mentormatch.command.words import say, with_options
from mentormatch.command.writing import check_writable, write
from mentormatch.delivery import letters
from mentormatch.errors import counted

__all__ = ["run"]

SHEETS = (".xlsx", ".csv")
"""Endings of a sheet for a mail merge; a name without an ending is a folder of drafts."""


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    outputs = options.output or [Path("letters.xlsx")]
    calendar = [("--ics", options.ics, (".ics",))] if options.ics else []
    check_writable(
        [*(("--output", path, (*SHEETS, "")) for path in outputs), *calendar],
        [path for path in (options.matching, options.template) if path],
    )
    written = letters.write(
        load_any(options.matching),
        options.start,
        language=options.language,
        template=options.template,
        programme=options.programme,
        sender=options.sender,
        minutes=options.minutes,
        greet=options.greet,
    )
    files: dict[Path, Callable[[Path], object]] = {
        path: written.to_merge_sheet
        if path.suffix
        else partial(written.to_eml, sender=options.mail_from)
        for path in outputs
    }
    if options.ics:
        files[options.ics] = partial(letters.to_ics, written.meetings)
    wrote = write(files)
    if not options.quiet:
        say(f"{counted(len(written), 'letter')}. {wrote}")
        for note in written.notes:
            say(with_options(note))
    return Exit.OK
