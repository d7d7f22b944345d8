"""The picture of an audit: groups in rows, their shares and mean scores with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mentormatch.delivery.drawing import shown_name, styled, tidy
from mentormatch.delivery.style import BLUE, GREY, MUTED, ORANGE, SMALL
from mentormatch.insight.audit_wording import records

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EVERYBODY = "everybody"
MOST_ROWS = 60
Panel = tuple[str, "pd.DataFrame", tuple[str, str, str]]


@styled
def draw(groups: pd.DataFrame, loads: pd.DataFrame) -> Figure:
    """Draw mentees above mentors: left the share that got something, right how good it was."""
    from matplotlib.figure import Figure

    load = loads.merge(groups[groups["role"] == "mentor"])
    mentees = groups[groups["role"] == "mentee"]
    share, mean = (
        ("matched_share", "matched_low", "matched_high"),
        ("mean_score", "mean_low", "mean_high"),
    )
    rows: list[tuple[Panel, Panel]] = [
        (("Mentees: share matched", mentees, share), ("Mentees: mean score", mentees, mean)),
        (
            ("Mentors: share of seats used", load, ("load_share", "load_low", "load_high")),
            ("Mentors: mean score", load, mean),
        ),
    ]
    shown = [pair for pair in rows if (pair[0][1]["attribute"] != EVERYBODY).any()]
    if not shown:
        shown = rows
    heights = [len(_lines(pair[0][1])) for pair in shown]
    figure = Figure(figsize=(10, 1.2 * len(shown) + 0.26 * sum(heights)), layout="constrained")
    grid = figure.subplots(
        len(shown), 2, squeeze=False, sharey="row", gridspec_kw={"height_ratios": heights}
    )
    under = [
        _panel(place, title, frame, columns)
        for axes, pair in zip(grid, shown, strict=True)
        for place, (title, frame, columns) in zip(axes, pair, strict=True)
    ]
    note = " Orange squares: under four fifths of the best group." if any(under) else ""
    figure.supxlabel(f"Lines are intervals; dashed: everybody.{note}", fontsize=SMALL, color=MUTED)
    return figure


def _lines(frame: pd.DataFrame) -> list[tuple[str, dict[str, Any] | None]]:
    """Return the labels from top to bottom: a heading per attribute, then its groups."""
    lines: list[tuple[str, dict[str, Any] | None]] = []
    for attribute, rows in frame.groupby("attribute", sort=False):
        if attribute != EVERYBODY:
            lines.append((shown_name(attribute, 32), None))
        for row in records(rows):
            count = "" if pd.isna(row["people"]) else f"  (n = {row['people']})"
            lines.append((f"{shown_name(row['group'], 32)}{count}", row))
    return lines[:MOST_ROWS]


def _panel(axes: Axes, title: str, frame: pd.DataFrame, columns: tuple[str, str, str]) -> bool:
    """Draw one panel; return whether a group is under four fifths of the best."""
    value, low, high = columns
    lines = _lines(frame)
    judged = frame[frame["status"] == "judged"]
    best = judged.groupby("attribute")[value].max().to_dict()
    any_under = False
    for place, (_, row) in enumerate(lines):
        if row is None:
            continue
        if row[value] != row[value]:
            # a mean over one or two people is held back where the share is shown
            few = row["status"] == "held back" or row["matched"] > 0
            why = "held back: few people" if few else "none"
            across = axes.get_yaxis_transform()
            axes.text(0.01, place, why, transform=across, va="center", fontsize=SMALL, color=MUTED)
            continue
        under = row["status"] == "judged" and value != "mean_score"
        under = under and row[value] < 0.8 * best[row["attribute"]]
        any_under = any_under or under
        axes.plot([row[low], row[high]], [place, place], color=GREY, linewidth=3, zorder=1)
        color, shape = (ORANGE, "s") if under else (BLUE, "o")
        axes.plot(row[value], place, shape, color=color, markersize=5, zorder=2)
    everybody = frame.loc[frame["attribute"] == EVERYBODY, value]
    if len(everybody) and everybody.notna().all():
        axes.axvline(float(everybody.iloc[0]), color=MUTED, linestyle="--", linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(lines)), [text for text, _ in lines], fontsize=SMALL)
    # the right panel shares the axis and shows no labels of its own
    for tick, (_, row) in zip(axes.get_yticklabels(), lines, strict=False):
        tick.set_fontweight("bold" if row is None else "normal")
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_title(title, fontsize=10)
    tidy(axes)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=SMALL)
    if value != "mean_score":
        from matplotlib.ticker import MaxNLocator, PercentFormatter

        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))  # whole per cents
        low_end = axes.get_xlim()[0]  # no share is above 1, and one that is 1 everywhere has room
        axes.set_xlim(min(low_end, 0.8), 1.02)
    return any_under
