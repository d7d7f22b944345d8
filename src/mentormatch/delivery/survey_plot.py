"""The picture of a survey: how many were asked, answered each wave, and answered all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mentormatch.delivery.drawing import new_axes, shown_name, styled, tidy
from mentormatch.delivery.style import BLUE, GREEN, GREY, MUTED, SMALL
from mentormatch.outcomes.surveys import Survey

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]


@styled
def draw(survey: Survey, ax: Axes | None) -> Axes:
    """Draw one bar per stage, the longest on top, for mentees and below them for mentors."""
    bars = [bar for role in ("mentee", "mentor") for bar in _stages(survey, role)]
    ax = new_axes(ax, (7, 1.3 + 0.42 * max(len(bars), 2)))
    whole = max((number for _, number, *_ in bars), default=1) or 1
    for place, (_, number, color, told) in enumerate(bars):
        ax.barh(place, number, color=color, height=0.68)
        ax.text(number + 0.012 * whole, place, told, va="center", fontsize=SMALL, color=MUTED)
    ax.set_yticks(range(len(bars)), [shown_name(name, 34) for name, *_ in bars])
    ax.set_ylim(len(bars) - 0.4, -0.6)
    ax.set_xlim(0, whole * 1.16)
    ax.set_xlabel("people")
    ax.set_title("Who answered")
    tidy(ax)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


def _stages(survey: Survey, role: str) -> list[tuple[str, int, str, str]]:
    """Return (name, people, colour, what is written beside the bar) of each stage of one role."""
    rows: list[dict[Any, Any]] = [
        row for row in survey.response.to_dict("records") if row["role"] == role
    ]
    if not rows:
        return []
    asked = [int(row["asked"]) for row in rows if not pd.isna(row["asked"])]
    most = max(asked, default=0)
    bars = [(f"{role}s asked", most, GREY, f"{most:,}")] if most else []
    for row in rows:
        number = int(row["answered"])
        share = "" if pd.isna(row["share"]) else f"  {row['share']:.0%}"
        hidden = ", anonymously" if row["wave"] in survey.anonymous else ""
        bars.append((f"answered {row['wave']}{hidden}", number, BLUE, f"{number:,}{share}"))
    linked = survey.linked(role)
    if len(linked) > 1:
        number = len(set.intersection(*linked))
        share = f"  {number / most:.0%}" if most else ""
        word = "both" if len(linked) == 2 else "all"
        bars.append((f"answered {word}", number, GREEN, f"{number:,}{share}"))
    return bars
