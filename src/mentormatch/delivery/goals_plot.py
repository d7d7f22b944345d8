"""The picture of reviewed goals: progress of every pair against the plan, nobody named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mentormatch.delivery.drawing import legend_above, new_axes, styled, tidy
from mentormatch.delivery.style import BLUE, GREY, INK, MUTED, ORANGE, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mentormatch.outcomes.goal_review import GoalReview

__all__ = ["draw"]

LEAST, MOST = -0.5, 1.5
"""Progress that is drawn; what lies beyond is drawn at the edge."""


@styled
def draw(review: GoalReview, ax: Axes | None) -> Axes:
    """Draw one line per pair over the dates: stalled in orange, to watch in blue, others grey."""
    from matplotlib import dates

    number: Any = dates.date2num
    ax = new_axes(ax, (7.5, 4.6))
    paths = review.paths
    days = [float(number(review.start)), float(number(review.end))]
    today = float(number(review.on))
    ax.plot(days, [0, 1], color=INK, linestyle=(0, (4, 3)), linewidth=1.2, label="the plan")
    ax.axvline(today, color=GREY, linewidth=0.8)
    ax.text(today, MOST, " reviewed", color=MUTED, fontsize=SMALL, va="center")
    looks: dict[str, dict[str, Any]] = {
        "others": {"color": GREY, "alpha": 0.35, "linewidth": 1.0, "zorder": 2},
        "to watch": {"color": BLUE, "alpha": 0.8, "linewidth": 1.3, "zorder": 3},
        "stalled": {"color": ORANGE, "alpha": 0.95, "linewidth": 1.8, "zorder": 4},
    }
    named = {"stalled": "stalled", "watch": "to watch"}
    shown: dict[str, None] = {}
    for _, path in paths.groupby("mentee", sort=False):
        look = named.get(str(path["state"].iloc[0]), "others")
        inside = path["progress"].clip(LEAST, MOST)
        ax.plot(
            number(path["date"].to_list()), inside, marker="o", markersize=2.5, label=look,
            **looks[look],
        )  # fmt: skip
        shown[look] = None
    ax.set_ylim(LEAST - 0.05, MOST + 0.05)
    ax.set_yticks([-0.5, 0, 0.5, 1, 1.5], ["-50 %", "first level", "50 %", "target", "150 %"])
    ax.grid(axis="y")
    months: Any = dates
    locator = months.AutoDateLocator(maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(months.ConciseDateFormatter(locator))
    labels = ["the plan", *(look for look in ("stalled", "to watch", "others") if look in shown)]
    legend_above(ax, "Progress of the pairs' goals", labels)
    return tidy(ax)
