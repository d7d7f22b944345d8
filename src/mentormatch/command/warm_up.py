"""warm-up: compile once, for containers and fresh machines."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from os import PathLike, fspath
from pathlib import Path

import numpy as np

from mentormatch.command.exits import Exit
from mentormatch.command.words import say
from mentormatch.errors import MentormatchError, ParameterError, counted

__all__ = ["run", "warm_up"]

POOL = 129
"""An odd number of people, enough that they are paired by compiled code."""
PEOPLE = 800, 300
"""Mentees and mentors of the made-up programme; smaller ones are solved without compiled code."""


def warm_up(folder: str | PathLike[str] | None = None) -> None:
    """Compile what matching needs once, into a folder that later processes read.

    Parameters
    ----------
    folder
        Made if it is not there; set NUMBA_CACHE_DIR to it wherever mentormatch then runs. It may
        be read-only by then. None: where compiled code is kept anyway.

    Raises
    ------
    MentormatchError
        If it cannot be written.

    Notes
    -----
    Two to three minutes of one core, in a process of its own, so that nothing is left out that
    this one has compiled already. Compiled code is for one kind of processor: where a container is
    built on another machine than it runs on, set NUMBA_CPU_NAME=generic for both.
    """
    command = [sys.executable, "-m", "mentormatch", "warm-up", "--quiet"]
    done = subprocess.run(
        command + ([] if folder is None else [fspath(folder)]), capture_output=True, text=True
    )
    if done.returncode:
        raise MentormatchError(done.stderr.strip().removeprefix("error: "))


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    if options.folder is not None:
        _prepare(options.folder)
        os.environ["NUMBA_CACHE_DIR"] = str(options.folder.resolve())
    for what in _solve_everything():
        if not options.quiet:
            say(f"compiled for {what}")
    if options.folder is not None and not options.quiet:
        files = sum(1 for _ in options.folder.rglob("*.nbi"))
        say(f"{counted(files, 'function')} in {options.folder}. Set NUMBA_CACHE_DIR to it.")
    return Exit.OK


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError(f"{folder} cannot be made: {error.strerror}.") from None
    if not os.access(folder, os.W_OK):
        raise ParameterError(f"{folder} cannot be written: permission denied.")


def _solve_everything() -> Iterator[str]:
    """Solve a programme with each kind of objective and constraint; yield what was solved."""
    import mentormatch as mm  # not before the folder is set

    mentees, mentors = mm.make_cohort(*PEOPLE, seed=1)
    scores = mm.score(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
    )
    problem = mm.Problem(scores)
    matched, total = mm.MaximizeMatched(), mm.MaximizeTotal()
    mm.solve(problem)
    yield "the defaults"
    mm.solve(mm.Problem(scores, objectives=[matched, mm.Leximin()]))
    yield "Leximin"
    mm.solve(mm.Problem(scores, objectives=[matched, mm.MaximizeMinimum(), total]))
    yield "MaximizeMinimum"
    mm.solve(mm.Problem(scores, constraints=[mm.Load(least=1)]))
    yield "least loads"
    mm.solve(mm.Problem(scores, constraints=[mm.Demand(2)]))
    yield "two mentors each"
    mm.solve(mm.Problem(scores, constraints=[mm.Parity("site", within=0.1)]))
    yield "parity"
    mm.solve(mm.Problem(scores, constraints=[mm.Quota("gender", most=2)]))
    yield "quotas"
    mm.solve(mm.Problem(scores, objectives=[matched, mm.MaximizeWishes(), total]))
    yield "wishes"
    mm.match_stable(problem)
    yield "stable matchings"
    pool = mm.read_roster(mm.make_cohort(POOL, 1, seed=1)[0], role="mentee")
    mm.match_peers(mm.score(pool, pool))
    yield "peers and a trio"
    mm.suggest(scores, 2)
    yield "suggestions"
    mm.schedule_rounds(mm.score(pool, pool), 2)
    yield "rounds"
    people, coaches = scores.mentees.take(np.arange(16)), scores.mentors.take(np.arange(4))
    mm.form_groups(mm.score(people, coaches), (3, 5), meet=None, partial=True, time_limit=1)
    yield "groups"
