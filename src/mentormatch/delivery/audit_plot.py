"""The picture of an audit: groups in rows, their shares and mean scores with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mentormatch.delivery.drawing import pyplot
from mentormatch.insight.audit_wording import records

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EVERYBODY = "everybody"
DARK, LIGHT, MARK = "#1f3b57", "#9fb4c7", "#c44e2b"
MOST_ROWS = 60
Panel = tuple[str, "pd.DataFrame", tuple[str, str, str]]


def draw(groups: pd.DataFrame, gaps: pd.DataFrame, loads: pd.DataFrame) -> Figure:
    """Draw mentees above mentors: left the share that got something, right how good it was."""
    pyplot()
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
    for axes, pair in zip(grid, shown, strict=True):
        for place, (title, frame, columns) in zip(axes, pair, strict=True):
            _panel(place, title, frame, columns)
    low = gaps["four_fifths"].eq(False).fillna(False).any()
    note = " Orange: under four fifths of the best group." if low else ""
    figure.supxlabel(
        f"Lines are intervals; dashed: everybody.{note}",
        fontsize=8,
        color="0.35",
    )
    return figure


def _lines(frame: pd.DataFrame) -> list[tuple[str, dict[str, Any] | None]]:
    """Return the labels from top to bottom: a heading per attribute, then its groups."""
    lines: list[tuple[str, dict[str, Any] | None]] = []
    for attribute, rows in frame.groupby("attribute", sort=False):
        if attribute != EVERYBODY:
            lines.append((str(attribute), None))
        for row in records(rows):
            named = str(row["group"])
            named = named if len(named) <= 32 else named[:31] + "…"
            count = f"  (n = {row['people']})" if row["people"] is not pd.NA else ""
            lines.append((f"{named}{count}", row))
    return lines[:MOST_ROWS]


def _panel(axes: Axes, title: str, frame: pd.DataFrame, columns: tuple[str, str, str]) -> None:
    value, low, high = columns
    lines = _lines(frame)
    judged = frame[frame["status"] == "judged"]
    best = judged.groupby("attribute")[value].max().to_dict()
    for place, (_, row) in enumerate(lines):
        if row is None:
            continue
        if row[value] != row[value]:
            # a mean over one or two people is held back where the share is shown
            few = row["status"] == "held back" or row["matched"] > 0
            why = "held back: few people" if few else "none"
            across = axes.get_yaxis_transform()
            axes.text(0.01, place, why, transform=across, va="center", fontsize=7, color="0.5")
            continue
        under = row["status"] == "judged" and value != "mean_score"
        under = under and row[value] < 0.8 * best[row["attribute"]]
        color = MARK if under else DARK
        axes.plot([row[low], row[high]], [place, place], color=LIGHT, linewidth=3, zorder=1)
        axes.plot(row[value], place, "o", color=color, markersize=5, zorder=2)
    everybody = frame.loc[frame["attribute"] == EVERYBODY, value]
    if len(everybody) and everybody.notna().all():
        axes.axvline(float(everybody.iloc[0]), color="0.6", linestyle="--", linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(lines)), [_escaped(text) for text, _ in lines], fontsize=8)
    # the right panel shares the axis and shows no labels of its own
    for tick, (_, row) in zip(axes.get_yticklabels(), lines, strict=False):
        tick.set_fontweight("bold" if row is None else "normal")
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_title(title, fontsize=10, loc="left")
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    if value != "mean_score":
        from matplotlib.ticker import PercentFormatter

        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _escaped(text: str) -> str:
    """Keep a group's name from being read as a formula."""
    return text.replace("$", r"\$")
