"""The picture of what a programme can see: the chance against the size of an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mentormatch.delivery.drawing import new_axes, styled, tidy
from mentormatch.delivery.style import BLUE, GREY, MUTED, ORANGE, SMALL
from mentormatch.outcomes.power import PUBLISHED, Power

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]


@styled
def draw(found: Power, ax: Axes | None) -> Axes:
    """Draw the chance of seeing each effect, the smallest seen, and the published means."""
    from matplotlib.ticker import PercentFormatter

    ax = new_axes(ax, (7, 4.4))
    known = found.effect == found.effect
    most = max(1.0, min(2.0, 1.3 * found.effect if known else 1.0))
    effects = np.linspace(0, most, 101)
    ax.plot(effects, [found.seen(effect) for effect in effects], color=BLUE, zorder=2)
    for name, effect in PUBLISHED.items():
        ax.axvline(effect, color=GREY, linestyle="--", linewidth=1, zorder=1)
        ax.annotate(
            name.replace(" (", "\n("), (effect, 0.02), xytext=(4, 0), textcoords="offset points",
            fontsize=SMALL, color=MUTED, va="bottom",
        )  # fmt: skip
        ax.plot(effect, found.seen(effect), "o", color=GREY, markersize=6, zorder=3)
    if known and found.effect <= most:
        ax.plot(found.effect, found.chance, "D", color=ORANGE, markersize=8, zorder=4)
        ax.annotate(
            f"{found.effect:.2f}: seen with {100 * found.chance:.0f} %",
            (found.effect, found.chance), xytext=(8, -12), textcoords="offset points",
            fontsize=SMALL,
        )  # fmt: skip
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, most)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid()
    what = "effect" if found.waiting else "change"
    ax.set_xlabel(f"true {what}, in standard deviations of the answers before")
    ax.set_ylabel("chance that the interval leaves out 0")
    who = f"{found.mentees:,} mentees, {found.mentors:,} mentors"
    who += f", {found.waiting:,} waiting" if found.waiting else ""
    ax.set_title(f"What can be seen: {who}")
    return tidy(ax)
