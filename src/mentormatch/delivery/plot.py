"""Pictures of scores and matchings (needs matplotlib: the extra `plot`).

Every function draws on the axes it is given, or on new ones, and returns them; colours are told
apart by colour-blind people and on grey prints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from mentormatch.delivery.drawing import (
    legend_above,
    new_axes,
    pyplot,
    shown_name,
    styled,
    tidy,
)
from mentormatch.delivery.style import BLUE, GREY, INK, MUTED, ORANGE, SCALE, SMALL
from mentormatch.domains import typed
from mentormatch.errors import ColumnError, did_you_mean
from mentormatch.insight.audit_groups import Groups, groups_of
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import Categories, IntArray, Numbers
from mentormatch.scoring.engine import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mentormatch.scoring.scores import Scores

__all__ = ["distribution", "frontier", "loads", "network", "scores"]


def __dir__() -> list[str]:
    return list(__all__)


NAMED = 45
"""Most people whose names fit along an axis."""
CELLS = (400, 300)
"""Most rows and columns of a heatmap; larger ones show means of blocks."""
EACH_CELL = 4
"""Rows and columns read for a cell that stands for more of them."""
BUNDLES = 400
PAIRS, MEDIAN, BEST = "matched pairs", "their median", "best admissible mentor of each"
MORE = "one more seat would match one more person"
NAMED_NETWORK = 200


@typed
@styled
def scores(matching: Matching, ax: Axes | None = None) -> Axes:
    """Draw the score of every pair, with the matched pairs marked.

    Mentees are in the order of their mentors, so the matched pairs run down a staircase and the
    unmatched stand at the bottom; inadmissible pairs are grey.

    Parameters
    ----------
    matching
        Result of `solve`, n x m.
    ax
        Axes to draw on; None makes new ones.

    Returns
    -------
    matplotlib Axes

    Notes
    -----
    Above 400 x 300 pairs a cell is the mean of a block of pairs; of a block with more than four
    rows or columns, four of each, evenly spaced, are read.
    """
    scores = matching.problem.scores
    rows, columns = _staircase(matching)
    read = [_sampled(places, most) for places, most in zip((rows, columns), CELLS, strict=True)]
    points = scores.block(read[0])[:, read[1]]
    values = np.full(points.shape, np.nan, dtype=np.float32)
    np.divide(points, MILLION, out=values, where=points >= 0)
    small = len(rows) <= NAMED and len(columns) <= NAMED
    ax = new_axes(
        ax,
        (
            max(4 + 0.2 * min(len(columns), 50), 7.6),
            2.5 + (0.16 if small else 0.09) * min(len(rows), 60),
        ),
    )
    colours = _colours(SCALE).with_extremes(bad="#E4E7EB")
    extent = (-0.5, len(columns) - 0.5, len(rows) - 0.5, -0.5)
    image = ax.imshow(
        _blocks(values), aspect="auto", cmap=colours, extent=extent, interpolation="nearest"
    )
    places = np.argsort(columns)
    held, slots = np.nonzero(matching.mentors_of[rows] >= 0)
    mentors = places[matching.mentors_of[rows][held, slots]]
    size = 30 if small else max(1.5, 12 * min(1.0, 120 / max(len(rows), 1)))
    ax.scatter(
        mentors, held, s=size, marker="o", color="white", edgecolors="black",
        linewidths=0.8 if size > 6 else 0.2, label="matched",
    )  # fmt: skip
    _bar(ax, image, "score")
    _name_ticks(ax, "y", [scores.mentees.name(int(i)) for i in rows], "mentees")
    _name_ticks(ax, "x", [scores.mentors.name(int(j)) for j in columns], "mentors")
    ax.set_title("Scores of all pairs (dots: matched; pale: not admissible)")
    return tidy(ax)


@typed
@styled
def distribution(
    matching: Matching,
    by: str | None = None,
    ax: Axes | None = None,
    *,
    smallest: int = 5,
) -> Axes:
    """Draw how the scores of the matched pairs spread, for all or by group of mentees.

    Parameters
    ----------
    matching
        Result of `solve`.
    by
        Mentee column whose groups are compared; None draws one histogram, with the outline of
        what everybody's best admissible mentor would give, were there seats for all.
    ax
        Axes to draw on; None makes new ones.
    smallest
        Groups of fewer people are held back together, as in `audit`: a few scores would identify
        people. For a sensitive column, dots are not drawn for the same reason, nor the quartiles
        of fewer pairs.

    Raises
    ------
    ColumnError
        If the mentees have no such column of categories.
    """
    scores = matching.problem.scores
    rows, columns = matching.pairs
    score = plain(scores.at(rows, columns)) / MILLION
    if by is None:
        return _histogram(score, _best_points(scores), ax)
    mentees = matching.problem.scores.mentees
    column = mentees.columns.get(by)
    if not (isinstance(column, Numbers) and column.labels is not None):
        mentees.column(by, Categories, wanted_by=f"plot.distribution(by={by!r})")
    groups = groups_of(mentees, by, np.arange(len(mentees)), smallest)
    ax = new_axes(ax, (7.5, 1.6 + 0.62 * len(groups.labels)))
    dots = by not in mentees.sensitive
    for place, members in enumerate(groups.members.T):
        y, shown = len(groups.labels) - 1 - place, bool(groups.judged[place])
        _group_row(ax, y, score[members[rows]], smallest if shown else None, dots)
    labels = [
        f"{shown_name(group)}\n{_people(matching, groups, place)}".strip()
        for place, group in enumerate(groups.labels)
    ]
    ax.set_yticks(range(len(labels))[::-1], labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.set_xlim(0, 1)
    ax.set_xlabel("score of the pair (bar: median)")
    ax.set_title(f"Scores by {shown_name(by, 40)} of the mentee")
    return tidy(ax)


@typed
@styled
def loads(matching: Matching, ax: Axes | None = None) -> Axes:
    """Draw every mentor's load and free seats, and where one more seat would match somebody.

    Parameters
    ----------
    matching
        Result of `solve`.
    ax
        Axes to draw on; None makes new ones.
    """
    load = matching.load
    order = np.lexsort((load["mentor"], -load["capacity"], -load["load"]))
    load = load.iloc[order].reset_index(drop=True)
    names = [matching.problem.scores.mentors.name(int(j)) for j in order]
    ax = new_axes(ax, (min(max(4 + 0.24 * len(load), 7.6), 14), 4.6))
    _draw_loads(ax, load["load"].to_numpy(), load["slack"].to_numpy())
    wanted = np.flatnonzero(load["dual_matched"] > 0)
    ax.scatter(
        wanted, load["capacity"].to_numpy()[wanted] + 0.25, marker="v", s=26, color=ORANGE,
        label=MORE,
    )  # fmt: skip
    highest = float(load["capacity"].max()) if len(load) else 1.0
    ax.set_ylim(0, highest + 1)
    _count_on(ax)
    ax.set_ylabel("mentees per mentor")
    _name_ticks(ax, "x", names, "mentors")
    legend_above(
        ax, "Loads of the mentors", ["mentees", "free seats", *([MORE] if len(wanted) else [])]
    )
    ax.set_xlim(-0.7, max(len(load), 1) - 0.3)
    return tidy(ax)


def _draw_loads(ax: Axes, load: IntArray, slack: IntArray) -> None:
    """Draw bars; above 150 mentors one outline, which draws a hundred times faster."""
    if len(load) <= 150:
        places = np.arange(len(load))
        ax.bar(places, load, 0.8, color=BLUE, label="mentees")
        ax.bar(
            places, slack, 0.8, bottom=load, hatch="////", color="white", edgecolor=GREY,
            linewidth=0.6, label="free seats",
        )  # fmt: skip
        return
    # mentors with the same load and free seats stand side by side and are one step
    turns = np.flatnonzero((np.diff(load) != 0) | (np.diff(slack) != 0)) + 1
    starts = np.concatenate(([0], turns))
    edges = np.concatenate((starts, [len(load)])) - 0.5
    load, slack = load[starts], slack[starts]
    ax.stairs(load, edges, fill=True, color=BLUE, label="mentees")
    ax.stairs(load + slack, edges, baseline=load, fill=True, color=GREY, label="free seats")


@typed
@styled
def frontier(
    points: pd.DataFrame,
    x: str,
    y: str,
    ax: Axes | None = None,
    *,
    label: str | None = None,
    larger_is_better: tuple[bool, bool] = (True, True),
) -> Axes:
    """Draw what one aim costs in terms of another: all points, and the line of the best ones.

    Parameters
    ----------
    points
        One row per solution.
    x, y
        Columns with the two aims.
    ax
        Axes to draw on; None makes new ones.
    label
        Column with a name for each point.
    larger_is_better
        For x and for y.

    Raises
    ------
    ColumnError
        If the frame lacks a column.
    """
    for name in filter(None, (x, y, label)):
        if name not in points:
            raise ColumnError(
                f"plot.frontier needs a column {name!r}. {did_you_mean(name, points.columns)}",
                column=name, rule="plot.frontier",
            )  # fmt: skip
    held = points.dropna(subset=[x, y])
    across, up = (held[name].to_numpy(dtype=float) for name in (x, y))
    best = _undominated(
        *(v if s else -v for v, s in zip((across, up), larger_is_better, strict=True))
    )
    ax = new_axes(ax, (7, 4.4))
    ax.scatter(across[~best], up[~best], color=GREY, s=28, label="bettered by another", zorder=2)
    order = np.flatnonzero(best)[np.argsort(across[best])]
    ax.plot(across[order], up[order], color=BLUE, marker="o", lw=1.6, label="frontier", zorder=3)
    if label is not None:
        names = held[label].tolist()
        for place in order:
            ax.annotate(
                shown_name(names[place]), (across[place], up[place]), textcoords="offset points",
                xytext=(6, 6), fontsize=SMALL, color=INK, annotation_clip=False,
            )  # fmt: skip
    ax.margins(0.1)
    across_words, up_words = (name.replace("_", " ") for name in (x, y))
    ax.set_xlabel(shown_name(across_words, 50))
    ax.set_ylabel(shown_name(up_words, 50))
    ax.set_title(f"{shown_name(up_words, 30)} against {shown_name(across_words, 30)}")
    if not best.all():
        ax.legend()
    ax.grid()
    return tidy(ax)


@typed
@styled
def network(matching: Matching, ax: Axes | None = None) -> Axes:
    """Draw every mentor (left) with lines to the mentees (right), coloured by score.

    Mentors without a mentee are left out, unmatched mentees stand at the end. Names are shown
    for up to 200 people; above 400 mentors only those with most mentees are drawn, and the
    title says so.

    Parameters
    ----------
    matching
        Result of `solve`.
    ax
        Axes to draw on; None makes new ones.
    """
    rows, columns = matching.pairs
    mentors, counts = np.unique(columns, return_counts=True)
    shown = np.argsort(-counts, kind="stable")[:BUNDLES]
    mentors, counts = mentors[shown], counts[shown]
    alone = np.flatnonzero(matching.assignment < 0)
    named = len(mentors) + int(counts.sum()) + len(alone) <= NAMED_NETWORK
    step = 4.0 if named else 1.8
    tops, across, down = _packed(counts, len(alone) if named else 0, named)
    size = (3.9 * across, 0.17 * down + 0.9) if named else (0.8 * across + 2, 0.035 * down + 1)
    ax = new_axes(ax, (max(size[0], 6.5), max(size[1], 2.4)))
    lines: list[list[tuple[float, float]]] = []
    values: list[float] = []
    scores = matching.problem.scores
    for j, (column, top) in zip(mentors.tolist(), tops, strict=False):
        group = rows[columns == j]
        middle = (step * column, -(top + (len(group) - 1) / 2))
        _name_at(ax, scores.mentors.name(j), middle, "right", named)
        for row, i in enumerate(group.tolist()):
            spot = (step * column + 1, -float(top + row))
            lines.append([middle, spot])
            values.append(float(plain(scores.at(i, j))[0]) / MILLION)
            _name_at(ax, scores.mentees.name(i), spot, "left", named)
    if named and len(alone):
        column, top = tops[-1]
        for row, i in enumerate(alone.tolist()):
            spot = (step * column + 1, -float(top + row))
            ax.scatter(*spot, s=22, color="white", edgecolors=ORANGE, marker="s", zorder=3)
            _name_at(ax, f"{scores.mentees.name(i)} (unmatched)", spot, "left", named)
    _draw_bundles(ax, lines, values, named)
    ax.set_xlim(*((-1.55, step * (across - 1) + 2.6) if named else (-0.5, step * across - 0.5)))
    ax.set_ylim(-down + 0.2, 0.8)
    ax.set_axis_off()
    rest = len(np.unique(columns)) - len(mentors)
    more = f"; {rest} more mentors not shown" if rest else ""
    unmatched = f"; {len(alone)} mentees unmatched" if len(alone) else ""
    ax.set_title(f"Mentors (dark) and their mentees{unmatched}{more}")
    return ax


def _packed(counts: IntArray, alone: int, named: bool) -> tuple[list[tuple[int, float]], int, int]:
    """Return (column, top) of every bundle, the number of columns, and their height in rows."""
    heights = [*counts.tolist(), *([alone] if alone else [])]
    gap = 0.7 if named else 1
    rows = sum(heights) + gap * len(heights)
    # columns of text are wide: these counts keep the picture about half as high as wide
    across = max(1, min(math.ceil(rows / 60) if named else math.ceil(math.sqrt(rows / 12)), 24))
    tallest = max([rows / across, *heights]) if heights else 1
    tops: list[tuple[int, float]] = []
    column, top = 0, 0.0
    for height in heights:
        if top and top + height > tallest + 1:
            column, top = column + 1, 0.0
        tops.append((column, top))
        top += height + gap
    down = max((t + h for (_, t), h in zip(tops, heights, strict=True)), default=1)
    return tops, column + 1, math.ceil(down)


def _name_at(ax: Axes, name: str, spot: tuple[float, float], side: str, named: bool) -> None:
    if named:
        move = 0.09 if side == "left" else -0.09
        ax.text(
            spot[0] + move, spot[1], shown_name(name, 26), fontsize=SMALL, ha=side, va="center",
            color=INK, weight="normal" if side == "left" else "bold",
        )  # fmt: skip


def _draw_bundles(
    ax: Axes, lines: list[list[tuple[float, float]]], values: list[float], named: bool
) -> None:
    from matplotlib.collections import LineCollection

    drawn = LineCollection(lines, cmap=_colours(SCALE), linewidths=2 if named else 0.8, zorder=1)
    drawn.set_array(np.array(values))
    ax.add_collection(drawn)
    for end, colour in ((1, "white"), (0, INK)):
        spots = np.array([line[end] for line in lines]).reshape(-1, 2)
        ax.scatter(
            spots[:, 0], spots[:, 1], s=22 if named else 3, color=colour, edgecolors=INK,
            linewidths=0.8 if named else 0.3, zorder=3,
        )  # fmt: skip
    if lines:
        _bar(ax, drawn, "score")


def _best_points(scores: Scores) -> npt.NDArray[np.int32]:
    """Return the points of each mentee's best pair, -1 where she has none."""
    if scores.source is None:
        best: npt.NDArray[np.int32] = scores.matrix().max(axis=1, initial=-1)
        return best
    everybody = np.arange(len(scores))
    first = scores.best(everybody)[:, 0]
    return np.where(first >= 0, scores.at(everybody, np.maximum(first, 0)), -1)


def _histogram(score: npt.NDArray[Any], best: npt.NDArray[np.int32], ax: Axes | None) -> Axes:
    ax = new_axes(ax, (7.5, 4))
    bins = np.linspace(0, 1, 26).tolist()
    ax.hist(score, bins=bins, color=BLUE, edgecolor="white", linewidth=0.5, label=PAIRS)
    ax.hist(
        best[best >= 0] / MILLION, bins=bins, histtype="step", color=ORANGE, linewidth=1.8,
        label=BEST,
    )  # fmt: skip
    if len(score):
        ax.axvline(float(np.median(score)), color=INK, lw=1.2, ls="--", label=MEDIAN)
    ax.set_xlim(0, 1)
    _count_on(ax)
    ax.set_xlabel("score")
    ax.set_ylabel("mentees")
    legend_above(ax, "Scores of the pairs", [PAIRS, BEST, *([MEDIAN] if len(score) else [])])
    return tidy(ax)


def _group_row(ax: Axes, y: int, score: npt.NDArray[Any], least: int | None, dots: bool) -> None:
    """Draw one group; `least` None holds it back."""
    few = least is None or (not dots and 0 < len(score) < least)
    if few or not len(score):
        words = "held back: few people" if few else "nobody matched"
        ax.text(0.5, y, words, ha="center", va="center", color=MUTED, style="italic")
        return
    ordered = np.sort(score)
    if dots:
        # spread by the golden ratio: no randomness, and neighbours stay apart
        spread = (np.arange(len(ordered)) * 0.618034 % 1 - 0.5) * 0.5
        size = 16 if len(ordered) < 300 else 4
        ax.scatter(ordered, y + spread, s=size, color=BLUE, alpha=0.45, linewidths=0)
    low, middle, high = np.quantile(ordered, [0.25, 0.5, 0.75])
    ax.plot([low, high], [y, y], color=INK, lw=3, solid_capstyle="butt")
    ax.plot([middle, middle], [y - 0.32, y + 0.32], color=ORANGE, lw=3)


def _people(matching: Matching, groups: Groups, place: int) -> str:
    """Return how many people a group has and how many of them are unmatched, where it is told."""
    members = groups.members[:, place]
    count = f"{int(members.sum())} people" if groups.counted[place] else ""
    alone = int((matching.assignment[members] < 0).sum()) if groups.judged[place] else 0
    return count + (f", {alone} unmatched" if alone else "")


def _staircase(matching: Matching) -> tuple[IntArray, IntArray]:
    """Return the order of mentees and mentors in which matched pairs run down a diagonal."""
    m = len(matching.problem.scores.mentors)
    first = np.where(matching.assignment < 0, m, matching.assignment)
    load = np.bincount(matching.pairs[1], minlength=m)
    columns = np.argsort(-load, kind="stable").astype(np.int64)
    place = np.append(np.argsort(columns), m)
    return np.argsort(place[first], kind="stable").astype(np.int64), columns


def _sampled(places: IntArray, cells: int) -> IntArray:
    """Return the rows or columns that are read for so many cells, in order."""
    most = EACH_CELL * cells
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places), most, endpoint=False).astype(np.int64)]


def _blocks(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the means of blocks, so that the picture has at most 400 x 300 cells."""
    for axis, most in enumerate(CELLS):
        size = values.shape[axis]
        if size <= most:
            continue
        starts = np.unique(np.linspace(0, size, most, endpoint=False).astype(np.int64))
        known = ~np.isnan(values)
        total = np.add.reduceat(np.where(known, values, 0), starts, axis=axis)
        count = np.add.reduceat(known.astype(np.int64), starts, axis=axis)
        values = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    return values


def _undominated(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return which points no other point betters in one aim and equals in the other."""
    order = np.lexsort((-y, -x))
    best = np.zeros(len(x), dtype=bool)
    highest = -math.inf
    for place in order:
        if y[place] > highest:
            best[place] = True
            highest = y[place]
    return best


def _colours(name: str) -> Any:
    return pyplot().get_cmap(name)


def _bar(ax: Axes, drawn: Any, label: str) -> None:
    figure = ax.get_figure()
    if figure is not None:
        bar = figure.colorbar(drawn, ax=ax, shrink=0.85, pad=0.02, aspect=30)
        bar.set_label(label)
        bar.outline.set_visible(False)
        tidy(bar.ax)


def _name_ticks(ax: Axes, side: Literal["x", "y"], names: Sequence[str], noun: str) -> None:
    """Name the people along an axis if they fit, else count them."""
    axis = ax.xaxis if side == "x" else ax.yaxis
    axis.set_label_text(noun if len(names) <= NAMED else f"{len(names):,} {noun}")
    if len(names) > NAMED:
        axis.set_ticks([])
        return
    axis.set_ticks(range(len(names)), [shown_name(name) for name in names])
    ax.tick_params(axis=side, labelsize=SMALL, length=0)
    if side == "x":
        for text in ax.get_xticklabels():
            text.set(rotation=50, ha="right", rotation_mode="anchor")


def _count_on(ax: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
