"""report: a saved matching as one page for a browser."""

from __future__ import annotations

import argparse

from mentormatch.command.exits import Exit
from mentormatch.command.saved import load
from mentormatch.command.words import say
from mentormatch.command.writing import check_writable, write
from mentormatch.delivery.html import report

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    check_writable([("--output", options.output, (".html", ".htm"))], [options.matching])
    matching = load(options.matching)
    asked = {"by": options.by, "title": options.title, "audience": options.audience}
    wrote = write({options.output: lambda path: report(matching, path, **asked)})
    if not options.quiet:
        say(wrote)
    return Exit.OK
