"""The picture of an evaluation: before and after, the change, its worst case."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from mentormatch.delivery.drawing import shown_name, styled, tidy
from mentormatch.delivery.style import BLUE, GREEN, GREY, MUTED, ORANGE, SMALL
from mentormatch.outcomes.evaluation import Evaluation
from mentormatch.outcomes.evaluation_tables import METHODS, records
from mentormatch.outcomes.evaluation_words import difference, level
from mentormatch.outcomes.scale_outcome import ScaleOutcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw"]

MOST_SCALES = 8
"""More of them are left to the tables."""
PALE = "#D5DBE3"
SHORT = {
    METHODS[0]: "with less without: change",
    METHODS[1]: "with less without: after,\nat equal starts",
}
NOTE = (
    "Lines are intervals. Pale bars: whatever the silent would have said. Orange: what the silent "
    "would have to have changed by for no change of all."
)


@dataclass(frozen=True)
class _Line:
    """One line of the right panel: its name, its ends, its value, how it is drawn."""

    name: str
    low: float
    high: float
    value: float
    colour: str
    bar: bool = False


@styled
def draw(evaluation: Evaluation) -> Figure:
    """Draw one row per scale: left the means, right the change, its worst case, what it is not."""
    from matplotlib.figure import Figure

    outcomes = evaluation.outcomes[:MOST_SCALES]
    lines = [_lines(one, evaluation) for one in outcomes]
    heights = [max(len(found), 3) for found in lines] or [3]
    figure = Figure(figsize=(9.4, 1.1 + 0.52 * sum(heights)), layout="constrained")
    if not outcomes:
        figure.text(0.5, 0.5, "No scale was asked.", ha="center", color=MUTED)
        return figure
    grid = figure.subplots(
        len(outcomes), 2, squeeze=False,
        gridspec_kw={"height_ratios": heights, "width_ratios": [1, 2.3]},
    )  # fmt: skip
    for (left, right), one, found in zip(grid, outcomes, lines, strict=True):
        _slope(left, one)
        _strip(right, one, found)
    if any(one.change.known for one in outcomes):
        figure.supxlabel(NOTE, fontsize=SMALL, color=MUTED)
    return figure


def _slope(axes: Axes, one: ScaleOutcome) -> None:
    """Draw the means on the scale: a line from before to after, or a dot."""
    scale = one.scale
    axes.set_title(shown_name(scale.name, 30), fontsize=10)
    axes.set_ylim(scale.low, scale.high)
    axes.set_xlim(-0.35, 1.35)
    points = (
        [(0, one.before), (1, one.after)]
        if one.change.known
        else [(k, value) for k, value in enumerate(one.means)]
    )
    names = [shown_name(wave, 14) for wave in one.waves]
    if one.change.known:
        axes.plot([0, 1], [one.before, one.after], color=BLUE, zorder=1)
    for x, value in points:
        if isnan(value):
            continue
        axes.plot(x, value, "o", color=BLUE, markersize=6, zorder=2)
        axes.annotate(
            level(scale, value), (x, value), xytext=(0, 7), textcoords="offset points",
            ha="center", fontsize=SMALL,
        )  # fmt: skip
    axes.set_xticks(range(len(names)), names, fontsize=SMALL)
    axes.tick_params(axis="y", labelsize=SMALL)
    axes.grid(axis="y")
    tidy(axes)


def _lines(one: ScaleOutcome, evaluation: Evaluation) -> list[_Line]:
    """Return what may be said of a scale, from top to bottom."""
    name, found = one.scale.name, []
    if one.change.known:
        (row,) = records(evaluation.change, name)
        who = f"change of the {one.answered:,} who answered"
        found.append(_Line(who, row["low"], row["high"], row["change"], BLUE))
    elif one.mean.known:
        ends = one.mean.interval(evaluation.confidence)
        found.append(
            _Line(f"mean of the {one.answered:,} who answered", *ends, one.mean.value, BLUE)
        )
    if one.bounds is not None:
        of = "change" if one.change.known else "mean"
        middle = float("nan")
        worst = f"{of} of all {one.bounds.asked:,}, worst case"
        found.append(_Line(worst, one.bounds.low, one.bounds.high, middle, PALE, bar=True))
        if one.change.known and one.bounds.silent:
            tip = one.bounds.tipping
            found.append(
                _Line(
                    f"the {one.bounds.silent:,} silent,\nfor no change of all",
                    tip,
                    tip,
                    tip,
                    ORANGE,
                )
            )
    if evaluation.comparison is not None:
        for row in records(evaluation.comparison, name):
            colour = GREY if row["doubt"] else GREEN
            said = SHORT[row["method"]]
            said += " (cannot tell)" if row["doubt"] else ""
            found.append(_Line(said, row["low"], row["high"], row["difference"], colour))
    if evaluation.effect is not None:
        drawn = [
            _Line("effect of a seat (lots)", row["low"], row["high"], row["effect"], GREEN)
            for row in records(evaluation.effect, name)
        ]
        found = [*found, *drawn] if one.change.known or not drawn else drawn
    return found


def _strip(axes: Axes, one: ScaleOutcome, lines: list[_Line]) -> None:
    """Draw one line per figure, with 0 marked where it is a change."""
    tidy(axes)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=SMALL)
    axes.tick_params(axis="x", labelsize=SMALL)
    if not lines:
        axes.set_yticks([])
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        why = "too few answers, or mentors, for an interval" if one.waves else "nobody answered"
        why = "anonymous: no change can be told" if one.anonymous else why
        axes.text(0.02, 0.5, why, transform=axes.transAxes, color=MUTED, fontsize=SMALL)
        return
    of_zero = one.change.known or one.level == "effect"
    write = difference if of_zero else level
    for place, line in enumerate(lines):
        if line.bar:
            axes.plot([line.low, line.high], [place, place], color=line.colour, linewidth=9,
                      solid_capstyle="butt", zorder=1)  # fmt: skip
            continue
        axes.plot([line.low, line.high], [place, place], color=line.colour, linewidth=2.4, zorder=2)
        shape = "D" if line.colour == ORANGE else "o"
        axes.plot(line.value, place, shape, color=line.colour, markersize=6, zorder=3)
        axes.annotate(
            write(one.scale, line.value), (line.value, place), xytext=(0, 6),
            textcoords="offset points", ha="center", fontsize=SMALL,
        )  # fmt: skip
    if of_zero:
        axes.axvline(0, color=MUTED, linestyle="--", linewidth=0.8, zorder=0)
    else:
        axes.set_xlim(one.scale.low, one.scale.high)
    axes.set_yticks(range(len(lines)), [line.name for line in lines])
    axes.set_ylim(len(lines) - 0.4, -0.7)
