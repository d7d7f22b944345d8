"""Words for a terminal: no line steers it, library arguments read as options, lines fit."""

from __future__ import annotations

import re
import sys
import unicodedata
from ast import literal_eval
from collections.abc import Callable, Mapping, Sequence
from shlex import quote
from typing import Any

from mentormatch.command.options import ROSTERS

__all__ = ["as_option", "on_one_screen", "plain", "say", "settling", "tell", "with_options"]

WIDTH = 80
"""Columns of a screen."""
HEIGHT = 24
"""Lines of a screen."""
LABEL = 11
"""Columns of what stands in front of each part of a summary."""
# control characters, and those that turn the direction of what follows
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ARGUMENT = re.compile(
    r"(?:read_roster\(\.\.\., )?columns=\{'([^']+)': (?:'header(?: in the file)?'|\.\.\.)\}\)?"
)
_GREETING = re.compile(r"greet='(\w+)'")
_PARAMETER = re.compile(r"The '(start|language|template|minutes)' parameter of [\w.]+ must")
_FOR_PYTHON = "The error's .issues and .repairs hold both lists as tables."


def plain(text: object) -> str:
    """Return text that a terminal shows and does not obey."""
    return _STEERING.sub("\ufffd", str(text))


def say(line: str = "") -> None:
    """Print a line of the answer."""
    print(plain(line))


def tell(line: str) -> None:
    """Print a line about how it goes, on the error stream."""
    print(plain(line), file=sys.stderr)


def with_options(sentence: str) -> str:
    """Return what an error says, with options in place of arguments of `read_roster`."""
    lines = [line for line in sentence.split("\n") if line != _FOR_PYTHON]
    text = _ARGUMENT.sub(r'--columns "\1=HEADER"', "\n".join(lines))
    text = _PARAMETER.sub(r"--\1 must", text)
    return _GREETING.sub(r"--greet \1", text).replace("partial=True", "--partial")


_OF_ONE_ROSTER = re.compile(r"of the (mentees|mentors)\b")


def as_option(roster: str, line: str) -> str | None:
    """Return a line that settles a question as the command line writes it.

    None for what only the library has; what is to be done to a file stays as it is.

    Examples
    --------
    >>> as_option("mentees", "sheet='A'  # this one"), as_option("mentees", "criteria=[...]")
    ('--sheet "mentees:A"  # this one', None)
    """
    argument, _, why = line.partition("  # ")
    if (of_one := _OF_ONE_ROSTER.match(why)) is not None:
        roster = of_one.group(1)
    owner = f"{roster}:" if roster in ROSTERS else ""
    name, equals, value = argument.partition("=")
    if argument.startswith("plan_roster(") and (sign := _SEPARATOR.search(argument)) is not None:
        header, sign_ = (literal_eval(word) for word in sign.groups())
        written = _option("separator", f"{owner}{header}={sign_}")
    elif not equals or not name.isidentifier():
        return line
    elif name == "criteria":
        return None
    elif name == "role":
        written = "give the two files in the other order"
    else:
        written = _OPTIONS[name](owner, literal_eval(value))
    return f"{written}  # {why}" if why else written


def settling(roster: str, question: Mapping[Any, Any]) -> list[str]:
    """Return what settles a question, a line each, as the command line writes it."""
    lines = (as_option(roster, line) for line in question["settle"].split("\n"))
    accept = f"--accept {question['code']}  # it is right as read"
    return [f"    {line}" for line in (*lines, accept) if line is not None]


_SEPARATOR = re.compile(r"\.set\((.+), separator=(.+)\)\.read\(\)$")


def _option(name: str, value: str) -> str:
    """Return an option as a shell reads it: in double quotes where that is safe."""
    written = quote(value) if re.search(r'["\\$`]', value) else f'"{value}"'
    return f"--{name} {written}"


def _columns(owner: str, chosen: Mapping[str, str | Sequence[str] | None]) -> str:
    options = []
    for field, headers in chosen.items():
        named = [headers] if isinstance(headers, str) else headers or [""]
        options += [_option("columns", f"{owner}{field}={header}") for header in named]
    return " ".join(options)


_OPTIONS: dict[str, Callable[[str, Any], str]] = {
    "columns": _columns,
    "orders": lambda owner, orders: " ".join(
        _option("order", f"{owner}{field}={' < '.join(order)}") for field, order in orders.items()
    ),
    "sheet": lambda owner, sheet: _option("sheet", f"{owner}{sheet}"),
    "encoding": lambda owner, name: _option("encoding", f"{owner}{name}"),
    "drop_rows": lambda owner, rows: _option("drop-rows", owner + ",".join(map(str, rows))),
    "forbid": lambda _, pairs: " ".join(_option("forbid", f"{a}:{b}") for a, b in pairs),
}
"""How the arguments of the library are written as options."""


def on_one_screen(parts: Sequence[tuple[str, Sequence[str], int]]) -> list[str]:
    """Return lines of at most 80 columns: per part a label and, beside it, its sentences.

    Parameters
    ----------
    parts
        (label, sentences, how many lines it may take where room is short), 24 lines in all; what
        does not fit is cut, and says so. The first parts take what room the others leave.
    """
    wrapped = [
        [_wrapped(plain(" ".join(s.split())), WIDTH - LABEL) for s in sentences if s]
        for _, sentences, _ in parts
    ]
    wanted = [sum(map(len, lines)) for lines in wrapped]
    taken = [min(want, most) for want, (*_, most) in zip(wanted, parts, strict=True)]
    for number, want in enumerate(wanted):
        taken[number] = min(want, taken[number] + HEIGHT - sum(taken))
    lines = []
    for (label, *_), sentences, most in zip(parts, wrapped, taken, strict=True):
        for number, line in enumerate(_fitted(sentences, most)):
            lines.append(f"{label if number == 0 else '':{LABEL}}{line}".rstrip())
    return lines


def _fitted(wrapped: Sequence[list[str]], most: int) -> list[str]:
    """Return as many whole sentences as fit, and how many more there are."""
    if sum(map(len, wrapped)) <= most:
        return [line for lines in wrapped for line in lines]
    shown: list[str] = []
    room = most - (len(wrapped) > 1)
    for number, lines in enumerate(wrapped):
        if len(shown) + len(lines) > room:
            if number == 0:
                shown = [*lines[: room - 1], _cut(lines[room - 1])] if room else []
                number = 1
            left = len(wrapped) - number
            return [*shown, f"and {left} more"] if left else shown
        shown += lines
    return shown


def _cut(line: str) -> str:
    kept = ""
    for sign in line:
        if _width(kept + sign) > WIDTH - LABEL - 4:
            break
        kept += sign
    return f"{kept.rstrip()} ..."


def _wrapped(text: str, width: int) -> list[str]:
    """Return lines of at most `width` columns; Chinese signs take two, which textwrap ignores."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and _width(line) + 1 + _width(word) <= width:
            line += f" {word}"
            continue
        if line:
            lines.append(line)
        line = ""
        for sign in word:
            if _width(line) + _width(sign) > width:
                lines.append(line)
                line = ""
            line += sign
    return [*lines, line] if line else lines


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
