"""Pictures of lists, groups, peers and rounds: what they show."""

from __future__ import annotations

import numpy as np
import pytest

import mentormatch as mm
from tests.delivery.letters.test_of_forms import FORMS, form

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.mark.parametrize("name", FORMS)
def test_it_draws_on_the_axes_given_or_on_new_ones(name: str) -> None:
    figure, given = plt.subplots()
    assert form(name).plot(given) is given
    made = form(name).plot()
    made.figure.canvas.draw()
    assert made.get_title(loc="left")
    plt.close(figure)
    plt.close(made.figure)


def test_exposure_is_that_of_the_table() -> None:
    lists = form("list")
    ax = lists.plot()
    drawn = {line.get_label(): line.get_ydata()[:-1] for line in ax.lines}
    frame = lists.exposure.sort_values(["own_top", "lists"], ascending=False)
    assert drawn["these lists"].tolist() == frame["lists"].tolist()
    assert drawn["allowed"].tolist() == frame["allowed"].tolist()


def test_every_group_has_a_box_at_its_time() -> None:
    groups = form("groups")
    ax = groups.plot()
    texts = [text.get_text() for text in ax.texts]
    assert len(texts) == len(groups) == len(ax.patches)
    for g, (_, members) in enumerate(groups):
        at = next(k for k, text in enumerate(texts) if text.split()[0] == str(g + 1))
        day, hour = groups.when(g).split()
        box = ax.patches[at]
        assert int(box.get_x()) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].index(day)
        assert f"{int(box.get_y()) // 60:02}:{int(box.get_y()) % 60:02}" == hour
        assert f"{len(members)} people" in texts[at]


def test_the_timetable_names_whom_each_meets() -> None:
    for name in ("rounds", "coffee"):
        table = form(name)
        ax = table.plot()
        told = sum(text.get_text() != "–" for text in ax.texts)
        assert told == len(table) * (2 if table.asked.pool else 1)


def test_many_people_and_nobody() -> None:
    rng = np.random.default_rng(0)
    many = mm.Scores.from_matrix(rng.random((60, 20)), capacity=np.full(20, 3))
    table = mm.schedule_rounds(many, 2)
    bars = [bar.get_height() for bar in table.plot().patches]
    assert bars == pytest.approx(table.by_round["mean_score"].tolist())
    nobody = mm.Scores.from_matrix(np.zeros((0, 3)))
    assert mm.suggest(nobody, 2).plot() is not None
    plt.close("all")
