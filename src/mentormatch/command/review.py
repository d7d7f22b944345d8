"""review: how the goals of a saved matching's pairs come on, in words, tables and a picture."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from textwrap import fill

from mentormatch.command.evaluate import PICTURES, columns_of, picture
from mentormatch.command.exits import Exit
from mentormatch.command.saved import load
from mentormatch.command.words import WIDTH, say
from mentormatch.command.writing import check_writable, write
from mentormatch.delivery.export import write_csv
from mentormatch.errors import counted
from mentormatch.outcomes.goal_review import review_goals
from mentormatch.outcomes.goals import read_goals

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    tables = [
        (name, path, (".csv",))
        for name, path in (("--goals-to", options.goals_to), ("--repairs", options.repairs))
        if path
    ]
    check_writable(
        [*(("--output", path, (".csv", *PICTURES)) for path in options.output), *tables],
        [options.matching, *options.goals],
    )
    matching = load(options.matching)
    source = options.goals[0] if len(options.goals) == 1 else options.goals
    named = columns_of(options.columns, {}).get("", {})
    goals = read_goals(
        source, people=matching,
        columns={k: h if h is None or isinstance(h, str) else h[-1] for k, h in named.items()},
        sheet=options.sheet[-1] if options.sheet else None, encoding=options.encoding,
    )  # fmt: skip
    found = review_goals(
        goals, matching, start=options.start, end=options.end,
        on=options.on or date.today().isoformat(), every=options.every,
    )  # fmt: skip
    files: dict[Path, Callable[[Path], object]] = {
        path: picture(found)
        if path.suffix.lower() in PICTURES
        else lambda place: write_csv(found.pairs, place)
        for path in options.output
    }
    if options.goals_to:
        files[options.goals_to] = lambda path: write_csv(found.goals, path)
    if options.repairs:
        files[options.repairs] = lambda path: write_csv(goals.repairs, path)
    wrote = write(files) if files else ""
    if not options.quiet:
        for line in found.text.split("\n"):
            say(fill(line, WIDTH) if line else "")
        if len(goals.repairs) and not options.repairs:
            notes = counted(len(goals.repairs), "note")
            say(f"\n{notes} about how the goals were read: --repairs FILE lists them.")
        if wrote:
            say(f"\n{wrote}")
    return Exit.OK
