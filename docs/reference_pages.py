"""Write the reference's pages from the public names, so that none is forgotten."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType

import mentormatch

TITLES = {
    "rosters": "Rosters",
    "scoring": "Scores",
    "matching": "Matching",
    "insight": "Questions about a matching",
    "programmes": "Programmes",
    "outcomes": "What came of it",
    "delivery": "Workbook, report, letters, files, pictures",
    "command": "Compiling beforehand",
    "datasets": "The shipped example, synthetic cohorts and outcomes",
    "errors": "Errors",
}
TEMPLATES = {
    True: ".. autoclass:: {name}\n   :members:\n",
    False: ".. autofunction:: {name}\n",
}


def room_of(name: str) -> str:
    value = getattr(mentormatch, name)
    home = value.__name__ if inspect.ismodule(value) else value.__module__
    return home.split(".")[1]


def entry(home: ModuleType, name: str, within: str = "") -> list[str]:
    """Return the lines that document one name of the package, or of a module, by its path."""
    value = getattr(home, name)
    text = TEMPLATES[inspect.isclass(value)].format(name=f"{within}.{name}" if within else name)
    if inspect.isclass(value) and value.__bases__ != (object,):
        text += "   :show-inheritance:\n"
    return [text]


def codes() -> list[str]:
    """Return a table of the codes that errors carry, from the classes themselves."""
    lines = ["Codes", "-----", "", "What `error.code` says to a program.", ""]
    lines += [
        ".. list-table::",
        "   :header-rows: 1",
        "",
        "   * - code",
        "     - error",
        "     - what",
    ]
    for kind in error_classes():
        told = inspect.getdoc(kind) or ""
        lines += [f"   * - ``{kind.code}``", f"     - `{kind.__name__}`"]
        lines += [f"     - {told.splitlines()[0]}"]
    return [*lines, ""]


def error_classes() -> list[type[mentormatch.MentormatchError]]:
    """Return the base of all errors and everything derived from it, by code."""
    found = {mentormatch.MentormatchError}
    while more := {sub for kind in found for sub in kind.__subclasses__()} - found:
        found |= more
    return sorted(found, key=lambda kind: kind.code)


def write(folder: Path) -> None:
    """Write one page per room of the pipeline."""
    names = [name for name in mentormatch.__all__ if name != "__version__"]
    for room, title in TITLES.items():
        lines = [title, "=" * len(title), "", ".. currentmodule:: mentormatch", ""]
        here = [name for name in names if room_of(name) == room]
        told_there = {own for name in here if inspect.ismodule(getattr(mentormatch, name))
                      for own in getattr(mentormatch, name).__all__}  # fmt: skip
        for name in here:
            if name in told_there:  # in a namespace of its own as well
                continue
            value = getattr(mentormatch, name)
            if inspect.ismodule(value):
                lines += [f"``{name}``", "-" * (len(name) + 4), ""]
                lines += [f".. automodule:: {value.__name__}", ""]
                lines += [
                    line for own in value.__all__ for line in entry(value, own, value.__name__)
                ]
                continue
            heading = f"``{name}``"
            lines += [heading, "-" * len(heading), "", *entry(mentormatch, name)]
        if room == "errors":
            lines += codes()
        page = folder / f"{room}.rst"
        text = "\n".join(lines) + "\n"
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
