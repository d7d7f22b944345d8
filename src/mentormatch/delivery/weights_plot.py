"""The picture of learnt weights: old and new as dumbbells, with what the answers can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mentormatch.delivery.drawing import legend_above, new_axes, shown_name, styled, tidy
from mentormatch.delivery.style import GREY, INK, MUTED, ORANGE, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]


@styled
def draw(weights: pd.DataFrame, changed: bool, ax: Axes | None) -> Axes:
    """Draw one row per criterion whose weight can be learnt, the heaviest first.

    Parameters
    ----------
    weights
        As `Learnt.weights`.
    changed
        Whether the weights were changed; else only what the answers point to is drawn beside them.
    """
    frame = weights[weights["status"] == "learnt"].sort_values("old_share", kind="stable")
    ax = new_axes(ax, (7.5, 1.9 + 0.36 * max(len(frame), 1)))
    height = np.arange(len(frame))
    old, new, answers, se = (
        100 * frame[name].to_numpy(dtype=float)
        for name in ("old_share", "learnt_share", "answers_share", "se_share")
    )
    known = ~np.isnan(answers)
    shown = []
    if known.any():
        low = np.minimum(se, answers)[known]
        ax.errorbar(
            answers[known], height[known], xerr=[low, se[known]], fmt="|", color=GREY,
            elinewidth=5, alpha=0.55, markersize=0, label="what the answers say, ± standard error",
        )  # fmt: skip
        shown.append("what the answers say, ± standard error")
    ax.plot(old, height, "o", color=INK, markersize=6, label="old", zorder=4)
    shown.insert(0, "old")
    if changed:
        ax.hlines(height, old, new, color=ORANGE, linewidth=2, zorder=3)
        ax.plot(new, height, "D", color=ORANGE, markersize=6, label="learnt", zorder=5)
        shown.insert(1, "learnt")
    ax.set_yticks(height, [shown_name(name) for name in frame["criterion"]])
    ax.set_ylim(-0.7, max(len(frame), 1) - 0.3)
    ax.set_xlim(left=0)
    ax.grid(axis="x")
    ax.set_xlabel("share of what sets pairs apart, %")
    legend_above(ax, "Learnt weights" if changed else "The weights stay as they are", shown)
    if not len(frame):
        ax.text(0.5, 0.5, "no weight could be learnt", transform=ax.transAxes, ha="center",
                color=MUTED, fontsize=SMALL)  # fmt: skip
    return tidy(ax)
