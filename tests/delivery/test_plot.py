"""Plots: what they draw is what is there, and no label is clipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.delivery import plot
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.rosters.columns import Categories
from mentormatch.scoring.scores import Scores
from tests.insight.people import NASTY, matched, profiles

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.collections import LineCollection  # noqa: E402

FRONTIER = pd.DataFrame(
    {"worst": [0.1, 0.2, 0.3, 0.15], "total": [9.0, 8.5, 7.0, 8.0], "name": ["a", "b$", "c", "d"]}
)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def assert_nothing_clipped(ax: Axes) -> None:
    figure = ax.figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    whole = figure.bbox
    for axes in figure.axes:  # what is drawn, labels and legends included
        box = axes.get_tightbbox(renderer)
        assert box is not None
        assert box.x0 >= whole.x0 - 1
        assert box.x1 <= whole.x1 + 1
        assert box.y0 >= whole.y0 - 1
        assert box.y1 <= whole.y1 + 1


LONG = ["Wilhelmina Featherstonehaugh-Cholmondeley", "Kai $x_1$ Müller", *NASTY[:8]]


@pytest.mark.parametrize("size", [(1, 1), (12, 6), (30, 10), (120, 45)])
@pytest.mark.parametrize(
    "draw",
    [
        plot.scores,
        plot.distribution,
        lambda m: plot.distribution(m, "gender"),
        plot.loads,
        plot.network,
    ],
    ids=["scores", "distribution", "groups", "loads", "network"],
)
def test_no_text_is_clipped(draw: object, size: tuple[int, int]) -> None:
    names = LONG[: size[0]]
    ax = draw(matched(*size, names=names, mentor_names=LONG[: size[1]]))  # type: ignore[operator]
    assert isinstance(ax, Axes)
    assert_nothing_clipped(ax)


def test_frontier_labels_are_not_clipped() -> None:
    assert_nothing_clipped(plot.frontier(FRONTIER, "worst", "total", label="name"))


def test_loads_are_drawn_to_scale() -> None:
    matching = matched(14, 6)
    ax = plot.loads(matching)
    heights = sorted(bar.get_height() for bar in ax.containers[0])
    assert heights == sorted(matching.load["load"])
    free = sorted(bar.get_height() for bar in ax.containers[1])
    assert free == sorted(matching.load["slack"])


def test_the_network_has_one_line_per_pair_with_its_score() -> None:
    matching = matched(25, 9)
    ax = plot.network(matching)
    lines = next(c for c in ax.collections if isinstance(c, LineCollection))
    drawn = np.sort(np.asarray(lines.get_array()))
    np.testing.assert_allclose(drawn, np.sort(matching.to_frame()["score"]), atol=1e-9)


def by_group(sensitive: bool) -> Matching:
    """Ten women, eight men, and two of a third gender, all matched."""
    genders = Categories.of(["woman"] * 10 + ["man"] * 8 + ["Zqthird"] * 2)
    rng = np.random.default_rng(0)
    mentees = profiles("mentee", 20, rng, gender=genders)
    if not sensitive:
        mentees = replace(mentees, sensitive=frozenset())
    scores = Scores.from_matrix(rng.random((20, 20)), mentees=mentees)
    return solve(Problem(scores))


def test_small_groups_are_not_drawn_and_hide_behind_another() -> None:
    ax = plot.distribution(by_group(sensitive=False), "gender")
    assert sum(len(c.get_offsets()) for c in ax.collections) == 10, "the women's scores"
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["woman\n10 people", "2 groups held back\n10 people"]
    assert [text.get_text() for text in ax.texts] == ["held back: few people"]


def test_no_single_score_is_drawn_by_a_sensitive_column() -> None:
    ax = plot.distribution(by_group(sensitive=True), "gender")
    assert not ax.collections
    assert len(ax.lines) == 2, "quartiles and median of the women"


def test_a_missing_column_is_named() -> None:
    with pytest.raises(mm.errors.ColumnError, match="needs a column 'gendre'"):
        plot.distribution(matched(), "gendre")
    with pytest.raises(mm.errors.ColumnError, match="needs a column 'worse'"):
        plot.frontier(FRONTIER, "worse", "total")


def test_given_axes_are_used() -> None:
    _, ax = plt.subplots()
    assert plot.loads(matched(), ax) is ax


def test_a_large_matching_is_drawn_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot, "CELLS", (20, 12))
    monkeypatch.setattr(plot, "BUNDLES", 30)
    rng = np.random.default_rng(0)
    scores = Scores.from_matrix(rng.random((100, 48)), capacity=np.full(48, 2))
    matching = solve(Problem(scores))
    image = plot.scores(matching).images[0].get_array()
    assert image is not None
    assert image.shape == (20, 12)
    assert float(image.mean()) == pytest.approx(float(scores.total.mean()), abs=0.01)
    assert "18 more mentors not shown" in plot.network(matching).get_title(loc="left")


points = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12)


@given(points)
def test_the_frontier_is_what_no_other_point_betters(found: list[tuple[int, int]]) -> None:
    x, y = np.array(found, dtype=float).T
    kept = plot._undominated(x, y)
    for place, (a, b) in enumerate(found):
        bettered = any((c >= a and d >= b) and (c > a or d > b) for c, d in found)
        if kept[place]:
            assert not bettered
        elif not bettered:  # one of several equal points stands for all of them
            assert any(kept[k] and found[k] == (a, b) for k in range(len(found)))
