"""power says what can be seen, as simulation has it."""

from __future__ import annotations

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.outcomes.clustered import quantile
from mentormatch.outcomes.power import PUBLISHED


def test_everybody_alone_is_the_textbook() -> None:
    """With one mentee each and no likeness, the t test of a mean change."""
    found = mm.power(40, 40, answer=1.0, icc=0.0, retest=0.5)
    expected = (quantile(0.975, 39) + quantile(0.8, 39)) / np.sqrt(40)
    assert found.effect == pytest.approx(expected)
    assert found.seen(found.effect) == pytest.approx(0.8, abs=0.02)
    assert found.seen(0.0) == pytest.approx(0.05)


def test_what_it_says_of_some_sizes() -> None:
    assert mm.power(45, 15).effect == pytest.approx(0.56, abs=0.02)
    assert mm.power(45, 15, 40).effect == pytest.approx(0.67, abs=0.02)
    assert mm.power(285, 100, 250).effect == pytest.approx(0.26, abs=0.01)
    assert mm.power(60, 20, 40).seen(0.21) < 0.2  # a programme of 60 cannot see what is usual


def test_more_people_see_more_and_likeness_costs() -> None:
    sizes = [mm.power(n, n // 3, n).effect for n in (30, 60, 120, 240)]
    assert sizes == sorted(sizes, reverse=True)
    alike = [mm.power(60, 20, icc=icc).effect for icc in (0.0, 0.1, 0.3)]
    assert alike == sorted(alike)


def test_too_few_are_told_so() -> None:
    for few in (mm.power(60, 4), mm.power(10, 5), mm.power(60, 20, waiting=4), mm.power(0, 1)):
        assert np.isnan(few.effect)
        assert "gives no interval" in few.text
        assert (few.table["chance"] == 0).all()
        few.plot()


def test_words_table_and_picture_say_the_same() -> None:
    found = mm.power(60, 20, 40)
    assert f"{found.effect:.2f} standard deviations" in found.text
    assert "not an effect" not in found.text
    assert "A change is not an effect" in mm.power(60, 20).text
    assert set(found.table.loc[found.table["found"] != "", "effect"]) == set(PUBLISHED.values())
    assert found.table["chance"].is_monotonic_increasing
    assert repr(found) == f"<Power: {found.text}>"
    axes = found.plot()
    (curve,) = [line for line in axes.get_lines() if len(line.get_xdata()) == 201]
    at = np.abs(np.asarray(curve.get_xdata()) - 0.5).argmin()
    assert np.asarray(curve.get_ydata())[at] == pytest.approx(found.seen(0.5), abs=0.01)


@pytest.mark.parametrize(
    "wrong",
    [{"mentors": 0}, {"waiting": -1}, {"answer": 0.0}, {"icc": 1.5}, {"retest": 1.0},
     {"chance": 0.3}, {"confidence": 0.0}],
)  # fmt: skip
def test_numbers_outside_their_domain_are_refused(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(mm.errors.ParameterError, match=f"'{name}' parameter of power"):
        mm.power(**{"mentees": 60, "mentors": 20, **wrong})  # type: ignore[arg-type]
