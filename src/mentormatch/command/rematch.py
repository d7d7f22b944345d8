"""rematch: a saved matching goes on with today's people, with as few changes as asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mentormatch.command.exits import Exit
from mentormatch.command.match import default_outputs, next_step, unmatched_code
from mentormatch.command.reading import ask, open_questions, rosters
from mentormatch.command.rule_words import pairs_of
from mentormatch.command.saved import OUTPUTS, check_audience, load, writer
from mentormatch.command.summary import summary
from mentormatch.command.words import say
from mentormatch.command.writing import check_writable, write
from mentormatch.delivery.export import write_csv
from mentormatch.errors import counted
from mentormatch.programmes.rematch import Rematch, rematch

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    outputs = options.output or default_outputs("rematch", options.audience)
    listed = [("--changes", options.changes, (".csv",))] if options.changes else []
    check_writable(
        [*(("--output", path, OUTPUTS) for path in outputs), *listed],
        [options.matching, *options.files],
    )
    check_audience(options.audience, outputs)
    before = load(options.matching)
    mentees, mentors = rosters(options) if options.files else (None, None)
    questions = ask(mentees, mentors, options) if mentees and mentors else 0
    if open_questions(questions, options):
        return Exit.NOT_AS_ASKED
    earlier = before.problem.scores
    today = mentees or earlier.mentees, mentors or earlier.mentors
    found = rematch(
        before,
        mentees,
        mentors,
        max_changes=options.max_changes,
        price=options.price,
        left=options.left,
        declined=pairs_of(options.declined, earlier.mentees, earlier.mentors),
        insist=pairs_of(options.insist, *today),
        swap=pairs_of(options.swap, earlier.mentees, earlier.mentees),
        time_limit=options.time_limit,
        progress=not options.quiet and sys.stderr.isatty(),
    )
    matching = found.matching
    files: dict[Path, Callable[[Path], object]] = {
        path: writer(matching, path, options.audience) for path in outputs
    }
    if options.changes:
        files[options.changes] = lambda path: write_csv(found.changes, path)
    wrote = write(files)
    if not options.quiet:
        changed = [kept(found), *changes(found)]
        for line in summary(matching, questions, wrote, next_step(outputs), changed=changed):
            say(line)
    return unmatched_code(matching, options)


def kept(found: Rematch) -> str:
    """Return how many of the earlier pairs go on, in a sentence."""
    able, gone = found.keepable, found.n_changes
    changed = f"{gone:,} changed" if gone else "none was changed"
    return f"{found.kept:,} of {counted(able, 'pair')} that can go on do; {changed}."


def changes(found: Rematch) -> Iterator[str]:
    """Yield a sentence per mentee whose mentor changed: from whom, to whom, why."""
    frame = found.changes
    for line in frame[frame["role"] == "mentee"].to_dict("records"):
        before, after = line["before_names"] or "nobody", line["after_names"] or "nobody"
        yield f"{line['name']}, from {before} to {after}: {line['why']}."
