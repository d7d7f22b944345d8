"""rounds: coffee rounds of one file's people, or speed mentoring of two."""

from __future__ import annotations

import argparse
from typing import Any

from mentormatch.command.exits import Exit
from mentormatch.command.forms import finish, outputs_of, scored
from mentormatch.errors import ParameterError, counted
from mentormatch.insight.wording import joined
from mentormatch.programmes.rounds.result import Timetable
from mentormatch.programmes.rounds.schedule import schedule_rounds

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    outputs = outputs_of(options, "rounds", ".ics")
    found = scored(options, pool=True)
    if found is None:
        return Exit.NOT_AS_ASKED
    before = [Timetable.from_json(path) for path in options.after]
    table = schedule_rounds(
        found.scores,
        options.rounds or (None if options.slot else 6),
        meetings=options.meetings,
        slots=options.slot or None,
        minutes=options.minutes,
        tables=options.tables,
        available=_available(options),
        previous=before[-1] if len(before) == 1 else [pair for one in before for pair in one],
        seed=options.seed,
        time_limit=options.time_limit,
    )
    finish(table, outputs, options, _told(table), found.questions)
    return Exit.OK


def _available(options: argparse.Namespace) -> dict[str, Any] | None:
    """Return person -> rounds, from ``--only ana@x.org:1,2``."""
    given: dict[str, Any] = {}
    for text in options.only:
        person, colon, rounds = text.rpartition(":")
        words = [word.strip() for word in rounds.split(",") if word.strip()]
        if not colon or not all(word.isdigit() for word in words):
            raise ParameterError(f"--only must be PERSON:ROUND,ROUND. Got {text!r}.")
        given[person.strip()] = [int(word) for word in words]
    return given or None


def _told(table: Timetable) -> list[tuple[str, list[str], int]]:
    rounds, out = table.by_round, table.sat_out
    means = rounds["mean_score"]
    told = [
        f"{counted(int(rounds['meetings'].min()), 'meeting')} in the smallest round, "
        f"{int(rounds['meetings'].max())} in the largest; mean scores from {means.min():.2f} to "
        f"{means.max():.2f}."
    ]
    waiting = out[out["why"] != "not there"]
    sitting = "Nobody sits out." if not len(waiting) else (
        f"{counted(waiting['person'].nunique(), 'person', 'people')} sit out a round: "
        f"{joined(list(dict.fromkeys(waiting['name'])), 5)}."
    )  # fmt: skip
    return [("Rounds", told, 2), ("Sit out", [sitting], 3)]
