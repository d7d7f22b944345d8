"""example: copy the shipped example's two files, to try the command on."""

from __future__ import annotations

import argparse

from mentormatch.command.exits import Exit
from mentormatch.command.words import say
from mentormatch.datasets.shipped import example_files
from mentormatch.errors import ParameterError, listed
from mentormatch.writing import write_file

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code.

    Raises
    ------
    ParameterError
        If other files of these names are there; nothing is written then.
    """
    copies = {options.folder / source.name: source.read_bytes() for source in example_files()}
    others = [path for path, data in copies.items() if path.exists() and path.read_bytes() != data]
    if others:
        raise ParameterError(
            f"The folder has other files of that name: {listed(others)}. Name another folder."
        )
    options.folder.mkdir(parents=True, exist_ok=True)
    for path, data in copies.items():
        write_file(path, data)
    if not options.quiet:
        mentees, mentors = copies
        say(f"Wrote {mentees} and {mentors}, both invented. Match them with:")
        say(f"  mentormatch {mentees} {mentors}")
    return Exit.OK
