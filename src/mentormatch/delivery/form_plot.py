"""Pictures of lists, groups, peers and rounds."""

from __future__ import annotations

from collections import defaultdict
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.delivery.drawing import legend_above, new_axes, pyplot, shown_name, styled, tidy
from mentormatch.delivery.style import BLUE, GREY, INK, MUTED, ORANGE, PALE, SMALL
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.form import Form
from mentormatch.programmes.groups.result import Groups
from mentormatch.programmes.peers.result import Peers
from mentormatch.programmes.rounds.result import Timetable
from mentormatch.programmes.suggest.result import Suggestions
from mentormatch.rosters.columns import DAYS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]

MOST_NAMED = 40
"""People or groups whose names fit; of more, numbers are drawn."""
FEWEST_HOURS = 6
"""Hours that the picture of a week shows at least."""


@styled
def draw(form: Form, ax: Axes | None = None) -> Axes:
    """Draw what is most to be looked at in a form, on the axes given or on new ones.

    Of lists how exposure is spread, of groups the week in which they meet, of peers how high those
    whom people meet stand among all they may meet, of rounds the timetable.
    """
    return tidy(_drawn(form, ax))


@singledispatch
def _drawn(form: Form, ax: Axes | None) -> Axes:
    raise TypeError(form)


@_drawn.register(Suggestions)
def _(form: Suggestions, ax: Axes | None) -> Axes:
    """Step lines of how many lists mentors are on, the most wanted first."""
    frame = form.exposure.sort_values(["own_top", "lists"], ascending=False)
    ax = new_axes(ax, (7.6, 4.2))
    x = np.arange(len(frame) + 1)

    def steps(column: str) -> Any:
        values = frame[column].to_numpy(dtype=float)
        return np.append(values, values[-1:])

    theirs = "everybody's own best"
    ax.fill_between(x, steps("own_top"), step="post", color=GREY, alpha=0.35, lw=0, label=theirs)
    ax.step(x, steps("lists"), where="post", color=BLUE, label="these lists")
    ax.step(x, steps("allowed"), where="post", color=ORANGE, lw=1, ls="--", label="allowed")
    ax.set_xlim(0, max(len(frame), 1))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("mentors, the most wanted first")
    ax.set_ylabel("lists that name a mentor")
    ax.grid(axis="y")
    legend_above(ax, "How often each mentor is named", [theirs, "these lists", "allowed"])
    return ax


@_drawn.register(Groups)
def _(form: Groups, ax: Axes | None) -> Axes:
    """A week with a box for each group; without a common time the score of each group."""
    if form.asked.meet is None or not len(form):
        return _group_scores(form, ax)
    ax = new_axes(ax, (9.5, 5.6))
    minutes = round(form.asked.meet.hours * 60)
    at: dict[tuple[int, int], list[int]] = defaultdict(list)
    for g in range(len(form)):
        start = form.starts(g)
        assert start is not None
        at[start.weekday(), start.hour * 60 + start.minute].append(g)
    named = len(form) <= MOST_NAMED
    busiest = max(map(len, at.values()))
    for (day, minute), groups in at.items():
        for k, g in enumerate(groups) if named else [(0, groups[0])]:
            width = 0.94 / (len(groups) if named else 1)
            colour = pyplot().get_cmap("Blues")(0.15 + 0.5 * len(groups) / busiest)
            box = (day + 0.03 + k * width, minute), width * 0.96, minutes * 0.96
            ax.add_patch(
                pyplot().Rectangle(
                    *box, facecolor=PALE if named else colour, edgecolor=BLUE, lw=0.8
                )
            )
            coach, members = form._pair(g)
            name = form.scores.mentors.name(form.scores.mentors.position(coach))
            longest = max(int(15 * width), 3)
            short = f"{g + 1}" if width < 0.3 else f"{g + 1} {shown_name(name, longest)}"
            text = f"{short}\n{len(members)} people" if width > 0.4 else short
            if not named:
                text = f"{len(groups)} groups" if len(groups) > 1 else "1 group"
            ax.text(
                day + 0.03 + (k + 0.5) * width, minute + minutes / 2, text, ha="center",
                va="center", fontsize=SMALL - (width < 0.4), color=INK, clip_on=True,
            )  # fmt: skip
    days = [day for day, _ in at]
    hours = [minute for _, minute in at]
    first, last = min(*days, 0), max(*days, 4)
    ax.set_xlim(first, last + 1)
    low, high = min(hours) // 60, -(-(max(hours) + minutes) // 60)
    spare = max(FEWEST_HOURS - (high - low), 0)
    low, high = max(low - spare // 2, 0), high + spare - spare // 2
    ax.set_ylim(high * 60, low * 60)
    ax.set_xticks([day + 0.5 for day in range(first, last + 1)], DAYS[first : last + 1])
    ax.set_yticks(
        [h * 60 for h in range(low, high + 1)], [f"{h:02}:00" for h in range(low, high + 1)]
    )
    ax.tick_params(length=0)
    ax.grid(axis="y")
    ax.set_ylabel(f"on the clock of {form.lowering.zone}")
    ax.set_title(f"When {len(form)} groups meet" + (" (number and coach)" if named else ""))
    return ax


def _group_scores(form: Groups, ax: Axes | None) -> Axes:
    points = form.to_frame().groupby("group")["score"].mean() if len(form) else None
    ax = new_axes(ax, (7.6, 4.2))
    if points is not None:
        order = points.sort_values(ascending=False)
        ax.bar(range(len(order)), order.to_numpy(), color=BLUE)
        if len(order) <= MOST_NAMED:
            ax.set_xticks(range(len(order)), [str(g) for g in order.index])
    ax.set_xlabel("groups")
    ax.set_ylabel("mean score with the coach")
    ax.set_title("How well members suit their coaches")
    ax.grid(axis="y")
    return ax


@_drawn.register(Peers)
def _(form: Peers, ax: Axes | None) -> Axes:
    """The share of people who meet one of their best so many."""
    frame = form.to_frame()
    ax = new_axes(ax, (7.6, 4.2))
    best = frame.groupby("person")["rank"].min().to_numpy() if len(frame) else np.zeros(0)
    most = int(best.max(initial=1))
    x = np.arange(1, most + 1)
    share = [(best <= k).sum() / max(len(form.pool), 1) for k in x]
    ax.step(np.append(x, most + 1), [*share, share[-1]], where="post", color=BLUE)
    ax.set_xlim(1, most + 1)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.xaxis.set_major_locator(pyplot().MaxNLocator(integer=True))
    ax.set_xlabel("rank of the best person whom somebody meets (1: nobody is better)")
    ax.set_ylabel("share of people")
    ax.set_title("How high those whom people meet stand among all they may meet")
    ax.grid()
    return ax


@_drawn.register(Timetable)
def _(form: Timetable, ax: Axes | None) -> Axes:
    """Who meets whom in which round; of many people the mean score of rounds."""
    people = form.scores.mentees
    if len(people) > MOST_NAMED or not len(people):
        return _round_scores(form, ax)
    rounds = len(form.rounds)
    ax = new_axes(ax, (min(3 + 1.35 * rounds, 16), 1.6 + 0.24 * len(people)))
    values = np.full((len(people), rounds), np.nan)
    theirs = people if form.asked.pool else form.scores.mentors
    names = np.full(values.shape, "", dtype=object)
    points = form._points
    for i, j, t in zip(*(part.tolist() for part in form.meetings), strict=True):
        values[i, t] = points[i, j] / MILLION
        names[i, t] = theirs.name(j)
        if form.asked.pool:
            values[j, t], names[j, t] = values[i, t], people.name(i)
    colours = pyplot().get_cmap("Blues").with_extremes(bad="#F2F4F7")
    image = ax.imshow(values, aspect="auto", cmap=colours, vmin=0, vmax=np.nanmax(values) * 1.6)
    for (i, t), name in np.ndenumerate(names):
        ax.text(t, i, shown_name(name, 18) if name else "–", ha="center", va="center",
                fontsize=SMALL, color=INK if name else MUTED)  # fmt: skip
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.04, pad=0.02)
    bar.outline.set_visible(False)
    bar.set_label("score of the two", color=INK)
    labels = [label if len(label) < 12 else label[:16].replace("T", "\n") for label in form.rounds]
    ax.set_xticks(range(rounds), labels, fontsize=SMALL)
    ax.set_yticks(range(len(people)), [shown_name(people.name(i)) for i in range(len(people))],
                  fontsize=SMALL)  # fmt: skip
    ax.tick_params(length=0)
    ax.set_xlabel("round")
    ax.set_title("Who meets whom (–: nobody)")
    return ax


def _round_scores(form: Timetable, ax: Axes | None) -> Axes:
    frame = form.by_round
    ax = new_axes(ax, (7.6, 4.2))
    ax.bar(range(len(frame)), frame["mean_score"], color=BLUE)
    ax.set_xticks(range(len(frame)), [shown_name(label, 16) for label in frame["round"]])
    ax.set_xlabel("round")
    ax.set_ylabel("mean score of its meetings")
    ax.set_title("How good the rounds are")
    ax.grid(axis="y")
    return ax
