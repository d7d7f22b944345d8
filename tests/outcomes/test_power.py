"""power says what can be seen, as simulation has it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mentormatch as mm
from mentormatch.outcomes.power import PUBLISHED


def test_everybody_alone_is_the_textbook() -> None:
    """With one mentee each, all answering, it is the t test of a mean change."""
    found = mm.power(40, 40, answer=1.0, icc=0.3, retest=0.5)
    edge = stats.t.ppf(0.975, 39)
    for effect in (0.0, 0.2, found.effect):
        expected = stats.nct.sf(edge, 39, effect * np.sqrt(40))
        expected += stats.nct.cdf(-edge, 39, effect * np.sqrt(40))
        assert found.seen(effect) == pytest.approx(expected, rel=1e-6)
    assert found.seen(found.effect) == pytest.approx(0.8)
    assert found.refused == 0


def test_what_it_says_of_some_sizes() -> None:
    assert mm.power(45, 15).effect == pytest.approx(0.57, abs=0.02)
    assert mm.power(45, 15, 40).effect == pytest.approx(0.67, abs=0.02)
    assert mm.power(285, 100, 250).effect == pytest.approx(0.26, abs=0.01)
    assert mm.power(60, 20, 40).seen(0.21) < 0.2  # a programme of 60 cannot see what is usual


def test_too_few_answers_count_as_not_seen() -> None:
    found = mm.power(17, 8)
    assert 0.2 < found.refused < 0.8
    assert found.seen(5.0) == pytest.approx(1 - found.refused, abs=0.02)
    assert np.isnan(found.effect)
    assert "however large" in found.text or "likely to give no interval" in found.text
    assert "too few answer" in mm.power(20, 8).text


def test_more_people_see_more_and_likeness_costs() -> None:
    sizes = [mm.power(n, n // 3, n).effect for n in (30, 60, 120, 240)]
    assert sizes == sorted(sizes, reverse=True)
    alike = [mm.power(60, 20, icc=icc).effect for icc in (0.0, 0.1, 0.3)]
    assert alike == sorted(alike)


def test_too_few_are_told_so() -> None:
    for few in (mm.power(60, 4), mm.power(10, 5), mm.power(60, 20, waiting=4), mm.power(0, 1)):
        assert np.isnan(few.effect)
        assert "likely to give no interval" in few.text
        assert (few.table["chance"] < 0.1).all()
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
    (curve,) = [line for line in axes.get_lines() if len(line.get_xdata()) == 101]
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
