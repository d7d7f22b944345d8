"""How the command ends: one number per outcome, for scripts that wait for it."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Exit"]


class Exit(IntEnum):
    """Exit codes, each with its meaning for the help page."""

    meaning: str

    def __new__(cls, number: int, meaning: str) -> Exit:
        member = int.__new__(cls, number)
        member._value_ = number
        member.meaning = meaning
        return member

    OK = 0, "done"
    REFUSED = 1, "the input was refused, or nothing satisfies it: the error stream says why"
    USAGE = 2, "the command line was wrong"
    NOT_AS_ASKED = 3, "--strict: questions are open; --require-all: somebody is unmatched"
    DEFECT = 4, "a defect of mentormatch; --debug shows where"
    INTERRUPTED = 130, "Ctrl-C: a matching found by then is written, nothing else"


EXIT_CODES = "exit codes:\n" + "".join(f"  {code:<4} {code.meaning}\n" for code in Exit)
