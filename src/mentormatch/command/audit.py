"""audit: how a saved matching treats groups of people, in words."""

from __future__ import annotations

import argparse
from textwrap import fill

from mentormatch.command.exits import Exit
from mentormatch.command.saved import by_fields, load
from mentormatch.command.words import WIDTH, say
from mentormatch.command.writing import check_writable, write
from mentormatch.delivery.export import write_csv
from mentormatch.insight.audit import audit

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    if options.output:
        check_writable([("--output", options.output, (".csv",))], [options.matching])
    matching = load(options.matching)
    found = audit(matching, by=by_fields(options.by, matching))
    if not options.quiet:
        for line in found.text.split("\n"):
            say(fill(line, WIDTH))
    if options.output:
        wrote = write({options.output: lambda path: write_csv(found.groups, path)})
        if not options.quiet:
            say(f"\n{wrote}")
    return Exit.OK
