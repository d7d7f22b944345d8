"""matplotlib in one style, also in a container whose file system is read-only."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from mentormatch.delivery.style import GREY, INK, PICTURES
from mentormatch.errors import MentormatchError, MissingLibraryError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["legend_above", "new_axes", "pyplot", "shown_name", "styled", "tidy"]

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")

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


def styled(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Let a function draw in the style of all pictures, and leave the user's own as it was."""

    @wraps(draw)
    def drawn(*args: Given.args, **kwargs: Given.kwargs) -> Drawn:
        drawing = pyplot()
        # a notebook switches itself on with its backend: within the style, it would forget that
        drawing.draw_if_interactive()
        with drawing.rc_context(PICTURES):
            return draw(*args, **kwargs)

    return drawn


def new_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Return the axes given, or new ones on a figure of so many inches."""
    if ax is not None:
        return ax
    made: Axes = pyplot().subplots(figsize=size, layout="constrained")[1]
    return made


def tidy(ax: Axes) -> Axes:
    """Finish axes; matplotlib makes ticks when it draws, and asks for no style then."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    ax.tick_params(color=GREY, labelcolor=INK)
    return ax


def legend_above(ax: Axes, title: str, labels: Sequence[str]) -> None:
    """Set the title, and between it and the axes one line that says what these labels are."""
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    ax.set_title(title, pad=26)
    ax.legend(
        [handles[label] for label in labels], labels, loc="lower left", ncols=len(labels),
        bbox_to_anchor=(-0.01, 0.99), borderaxespad=0.2, columnspacing=1.4, handlelength=1.6,
    )  # fmt: skip


def shown_name(name: object, longest: int = 22) -> str:
    """Return a name that fits, with nothing that matplotlib would read as a formula."""
    text = "".join(c if c.isprintable() else " " for c in str(name)).strip()
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    return text.replace("$", r"\$")


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
