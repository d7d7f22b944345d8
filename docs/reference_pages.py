"""Write the reference's pages from the public names, so that none is forgotten."""

from __future__ import annotations

import inspect
from pathlib import Path

import mentormatch

TITLES = {
    "rosters": "Rosters",
    "scoring": "Scores",
    "matching": "Matching",
    "insight": "Questions about a matching",
    "programmes": "Programmes",
    "delivery": "Workbook, report, letters, files, pictures",
    "datasets": "Synthetic cohorts",
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


def write(folder: Path) -> None:
    """Write one page per room of the pipeline."""
    names = [name for name in mentormatch.__all__ if name != "__version__"]
    for room, title in TITLES.items():
        lines = [title, "=" * len(title), "", ".. currentmodule:: mentormatch", ""]
        for name in (name for name in names if room_of(name) == room):
            value = getattr(mentormatch, name)
            if inspect.ismodule(value):
                lines += [f".. automodule:: {value.__name__}", "   :members:", ""]
                continue
            heading = f"``{name}``"
            lines += [heading, "-" * len(heading), ""]
            lines += [TEMPLATES[inspect.isclass(value)].format(name=name)]
            if inspect.isclass(value) and value.__bases__ != (object,):
                lines[-1] += "   :show-inheritance:\n"
        page = folder / f"{room}.rst"
        text = "\n".join(lines) + "\n"
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
