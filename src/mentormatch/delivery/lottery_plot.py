"""The picture of a draw: everybody's chance of a seat, and who got one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mentormatch.delivery.drawing import new_axes, styled, tidy
from mentormatch.delivery.style import BLUE, GREY, MUTED, ORANGE, SMALL
from mentormatch.outcomes.lottery import REAL, Lottery

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]


@styled
def draw(lottery: Lottery, ax: Axes | None) -> Axes:
    """Draw one dot per mentee, the highest chance first, coloured by who got a seat."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    ax = new_axes(ax, (7, 4.4))
    order = np.argsort(-lottery.chance, kind="stable")
    chance, seat, places = lottery.chance[order], lottery.drawn[order], np.arange(len(order))
    if lottery.draws:
        ax.axhspan(*REAL, color=GREY, alpha=0.15, linewidth=0, zorder=0)
        ax.annotate(
            f"a real chance both ways: {int(lottery.real.sum()):,} of {len(order):,}",
            (0.99, REAL[1]), xycoords=("axes fraction", "data"), xytext=(0, -5),
            textcoords="offset points", ha="right", va="top", fontsize=SMALL, color=MUTED,
        )  # fmt: skip
    ax.plot(places[seat], chance[seat], "o", color=BLUE, markersize=4, label="drew a seat")
    ax.plot(places[~seat], chance[~seat], "s", color=ORANGE, markersize=4, label="drew none")
    ax.set_ylim(-0.03, 1.03)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y")
    ax.set_xlabel("mentees, from the highest chance to the lowest")
    ax.set_ylabel("chance of a seat")
    ax.set_title("Who had a chance, and who drew a seat")
    ax.legend(loc="lower left")
    return tidy(ax)
