"""One style: the page has the same colours, people with colour blindness tell them apart."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import combinations

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.delivery import style
from tests.insight.people import matched

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

MACHADO = {  # Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "none": np.eye(3),
}  # fmt: skip
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    x, y, z = np.cbrt(np.clip(np.array(TO_XYZ) @ rgb, 1e-6, None) / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(colour: str) -> float:
    return 1.05 / (float(np.array(TO_XYZ[1]) @ linear(colour)) + 0.05)


@pytest.mark.parametrize("sight", MACHADO)
def test_marks_are_told_apart_whatever_colours_one_sees(sight: str) -> None:
    seen = {
        name: lab(np.clip(np.array(MACHADO[sight]) @ linear(getattr(style, name)), 0, 1))
        for name in ("BLUE", "ORANGE", "INK", "GREY")
    }
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 20, (sight, one, other)


def test_words_and_marks_stand_out_from_paper() -> None:
    for name in ("INK", "ACCENT", "MUTED"):
        assert contrast(getattr(style, name)) >= 4.5, name
    for name in ("BLUE", "ORANGE", "GREEN", "GREY"):
        assert contrast(getattr(style, name)) >= 2.9, name


def test_the_page_has_the_colours_of_the_style() -> None:
    sheet = files("mentormatch.delivery.page").joinpath("report.css").read_text(encoding="utf-8")
    told = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", sheet))
    assert told == {
        "ink": style.INK.lower(), "line": style.LINE.lower(), "accent": style.ACCENT.lower(),
        "soft": style.PALE.lower(), "muted": style.MUTED.lower(), "edge": style.GREY.lower(),
    }  # fmt: skip
    assert set(re.findall(r"#[0-9a-f]{6}", sheet)) == set(told.values())


def test_every_picture_has_the_style_and_leaves_the_users_own_alone() -> None:
    import matplotlib.pyplot as plt

    before = dict(plt.rcParams)
    matching = matched(30, 10)
    problem = mm.Problem(
        matching.problem.scores, objectives=[mm.MaximizeMatched(), mm.MaximizeTotal()]
    )
    figures = [
        mm.plot.distribution(matching).figure, mm.plot.distribution(matching, "gender").figure,
        mm.plot.loads(matching).figure, mm.plot.network(matching).figure,
        mm.plot.scores(matching).figure, mm.audit(matching, draws=5).plot(),
        mm.tradeoff(problem, over=mm.Parity("gender"), values=(1.0, 0.2)).plot().figure,
        mm.plot.frontier(mm.stability_frontier(problem), "blocking_pairs", "total").figure,
    ]  # fmt: skip
    for figure in figures:
        assert figure.get_layout_engine() is not None
        ax = figure.axes[0]
        assert ax.get_title(loc="left")
        assert ax._left_title.get_color() == style.INK
        assert ax._left_title.get_weight() == "bold"
        assert not ax.spines["top"].get_visible()
        if ax.axison:
            assert {label.get_color() for label in ax.get_xticklabels()} == {style.INK}
    assert dict(plt.rcParams) == before
    plt.close("all")
