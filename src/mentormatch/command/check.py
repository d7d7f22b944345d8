"""check: what there is too little of, before anything is matched."""

from __future__ import annotations

import argparse

from mentormatch.command.asking import problem_of
from mentormatch.command.exits import Exit
from mentormatch.command.reading import Progress, ask, open_questions, rosters
from mentormatch.command.words import say
from mentormatch.errors import counted
from mentormatch.insight.check import check

__all__ = ["run"]

SHOWN = 15


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    mentees, mentors = rosters(options)
    questions = ask(mentees, mentors, options)
    with Progress("comparing", options):
        problem = problem_of(mentees, mentors, options)
        found = check(problem)
    if not options.quiet:
        scores = problem.scores
        seats = found.loc[found["aspect"] == "seats", "text"]
        say(f"{mentees.source} and {mentors.source}: {' '.join(seats)}")
        say(f"What counts: {', '.join(scores.names) or 'nothing, all pairs are alike'}.")
        say(f"Rules: {', '.join(str(rule) for rule in scores.rules) or 'none'}.")
        rest = found[found["aspect"] != "seats"]
        short = rest[rest["short"] > 0]
        say(f"\nToo little of ({len(short)}):" if len(short) else "\nNothing is short.")
        for text in short["text"] if options.all else short["text"].head(SHOWN):
            say(f"  {text}")
        if len(short) > SHOWN and not options.all:
            say(f"  and {len(short) - SHOWN} more; --all lists them")
        if options.all:
            say("\nEnough of:")
            for text in rest.loc[rest["short"] == 0, "text"]:
                say(f"  {text}")
        if questions:
            say(f"\n{counted(questions, 'question')} about how the files were read, above.")
    return Exit.NOT_AS_ASKED if open_questions(questions, options) else Exit.OK
