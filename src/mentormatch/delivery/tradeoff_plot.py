"""The picture of a trade-off: what a promise costs, the stricter it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from mentormatch.delivery.drawing import new_axes, shown_name, styled, tidy
from mentormatch.delivery.style import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]


@styled
def draw(frame: pd.DataFrame, across: str, label: str, ax: Axes | None) -> Axes:
    """Draw the total of what is feasible, what of it is not proven, and the suggested value.

    Parameters
    ----------
    frame
        As `Tradeoff.to_frame` gives it.
    across, label
        Column of the horizontal axis, and what it is called.
    """
    frame = frame[frame["feasible"]].sort_values(across)
    ax = new_axes(ax, (7, 4.4))
    x, total, bound = (frame[name].to_numpy(dtype=float) for name in (across, "total", "bound"))
    if (bound > total).any():
        ax.fill_between(x, total, bound, color=GREY, alpha=0.35, linewidth=0, label="unproven")
    ax.plot(x, total, color=BLUE, marker="o", label="total score")
    knee = frame["knee"].to_numpy(dtype=bool)
    if knee.any():
        ax.plot(x[knee], total[knee], "D", color=ORANGE, markersize=9, label="suggested")
    ax.margins(0.08)
    ax.grid()
    ax.set_xlabel(shown_name(label, 60))
    ax.set_ylabel("total score")
    ax.set_title("What it costs")
    ax.legend()
    return tidy(ax)
