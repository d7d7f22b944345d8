"""matplotlib, also in a container whose file system is read-only."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from typing import Any

from mentormatch.errors import MentormatchError, MissingLibraryError

__all__ = ["pyplot"]

IN_MEMORY = "/dev/shm"
"""A folder that is writable in most read-only containers."""


def pyplot() -> Any:
    """Return `matplotlib.pyplot`.

    matplotlib keeps a list of fonts in a folder of its own, and does without one only where a
    folder for temporary files can be written. Where neither can, it gets one in memory.

    Raises
    ------
    MissingLibraryError
        If matplotlib is not installed.
    MentormatchError
        If it finds no folder at all.
    """
    if "matplotlib" not in sys.modules and "MPLCONFIGDIR" not in os.environ:
        _find_folder()
    try:
        return import_module("matplotlib.pyplot")
    except ImportError as error:
        raise MissingLibraryError(
            "Plots need matplotlib. Install it with: pip install 'mentormatching[plot]'",
            library="matplotlib",
        ) from error


def _find_folder() -> None:
    """Give matplotlib a folder in memory where there is none for temporary files."""
    try:
        tempfile.gettempdir()
    except OSError:
        try:
            os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp(prefix="mentormatch-", dir=IN_MEMORY)
        except OSError as error:
            raise MentormatchError(
                "matplotlib finds no folder that can be written, so no picture can be drawn. Set "
                f"MPLCONFIGDIR to one; {IN_MEMORY} cannot be written either."
            ) from error
