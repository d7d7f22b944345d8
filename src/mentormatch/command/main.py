"""Run the job that was asked for; say in words what went wrong; return the exit code."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import TextIO

from mentormatch.command.exits import Exit
from mentormatch.command.parser import mistyped_job, parser, with_job
from mentormatch.command.words import tell, with_options

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    if arguments is None:  # a real terminal: a name that it cannot show is no reason to stop
        arguments = sys.argv[1:]
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError):
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if not arguments:
        parser().print_help(sys.stderr)
        return Exit.USAGE
    options = parser().parse_args(with_job(arguments))
    if len(getattr(options, "files", ())) > 2:
        meant = mistyped_job(str(options.files[0]))
        hint = f" Did you mean the job {meant!r}?" if meant else ""
        options.usage_error(f"give two files, or one with both roles in it.{hint}")
    from mentormatch.errors import MentormatchError

    try:
        with warnings.catch_warnings():
            warnings.showwarning = _as_a_line
            return int(import_module(f"mentormatch.command.{_module(options.job)}").run(options))
    except KeyboardInterrupt:
        tell("interrupted; nothing was written")
        return Exit.INTERRUPTED
    except BrokenPipeError:  # whoever read the answer has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except MentormatchError as error:
        if options.debug:
            raise
        for number, line in enumerate(with_options(str(error)).split("\n")):
            tell(line if number else f"error: {line}")
        return Exit.REFUSED
    except OSError as error:
        if options.debug:
            raise
        place = f": {error.filename}" if error.filename else ""
        tell(f"error: {error.strerror or error}{place}")
        return Exit.REFUSED
    except Exception as error:
        if options.debug:
            raise
        tell(f"error: a defect of mentormatch ({type(error).__name__}: {error})")
        tell("Add --debug to see where, and report it; your files are as they were.")
        return Exit.DEFECT


def _module(job: str) -> str:
    return job.replace("-", "_")


def _as_a_line(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    tell(f"note: {message}")
