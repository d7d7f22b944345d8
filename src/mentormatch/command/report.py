"""report: a saved matching as one page for a browser."""

from __future__ import annotations

import argparse

from mentormatch.command.exits import Exit
from mentormatch.command.saved import by_fields, load
from mentormatch.command.words import say
from mentormatch.command.writing import check_writable, write
from mentormatch.delivery.html import report

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    check_writable([("--output", options.output, (".html", ".htm"))], [options.matching])
    matching = load(options.matching)
    by = by_fields(options.by, matching)
    wrote = write(
        {
            options.output: lambda path: report(
                matching, path, by=by, title=options.title, audience=options.audience
            )
        }
    )
    if not options.quiet:
        say(wrote)
    return Exit.OK
