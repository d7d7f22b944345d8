"""Scales: what an answer means, which words are on which scale, how reliable a mean is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.outcomes.directions import against_one_another, turned_items
from mentormatch.outcomes.points import points_of
from mentormatch.outcomes.scales import alpha, scored

FIVE = mm.Scale("s", items="x", low=1, high=5)


def read(*texts: str, scale: mm.Scale = FIVE) -> list[float]:
    found = points_of(texts, scale)
    assert not [text for text in texts if (f := found[text].finding) and f.fatal]
    return [found[text].value for text in texts]


def refused(*texts: str, scale: mm.Scale = FIVE) -> set[str]:
    found = points_of(texts, scale)
    return {f.code for text in texts if (f := found[text].finding) and f.fatal}


def test_numbers_and_words_with_numbers_are_read() -> None:
    assert read("4. Agree", "5 - Strongly agree", "(2) Disagree", "1: not at all", "3") == [
        4, 5, 2, 1, 3]  # fmt: skip
    assert read("Agree (4)", "3/5", "4 out of 5", "★★☆☆☆", "4 stars", "2,0") == [4, 3, 4, 2, 4, 2]
    assert read("10 - Extremely likely", "0", scale=mm.Scale("n", items="x", low=0, high=10)) == [
        10, 0]  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("Strongly disagree", "Strongly agree"),
        ("Stimme überhaupt nicht zu", "Stimme voll und ganz zu"),
        ("Pas du tout d'accord", "Tout à fait d'accord"),
        ("Totalmente en desacuerdo", "Totalmente de acuerdo"),
        ("Totalmente in disaccordo", "Completamente d'accordo"),
        ("Discordo totalmente", "Concordo totalmente"),
        ("Helemaal mee oneens", "Helemaal mee eens"),
        ("Zdecydowanie się nie zgadzam", "Zdecydowanie się zgadzam"),
        ("非常不同意", "非常同意"),
        ("全くそう思わない", "とてもそう思う"),
        ("لا أوافق بشدة", "أوافق بشدة"),
        ("کاملاً مخالفم", "کاملاً موافقم"),
        ("Never", "Always"),
        ("Très insatisfait", "Très satisfait"),
        ("Sehr schlecht", "Sehr gut"),
    ],
)
def test_words_of_every_language_are_read(low: str, high: str) -> None:
    assert read(low, high) == [1, 5]


def test_words_have_the_place_that_their_scale_gives_them() -> None:
    assert read("Agree", "Neutral", "Disagree") == [4, 3, 2]
    assert read("Somewhat agree", "Neutral") == [4, 3]
    four, seven = (mm.Scale("s", items="x", low=1, high=high) for high in (4, 7))
    assert read("Strongly disagree", "Agree", scale=four) == [1, 3]
    assert read("trifft nicht zu", "trifft eher zu", "trifft zu", scale=four) == [1, 3, 4]
    assert read("Somewhat agree", "Agree", "Strongly agree", scale=seven) == [5, 6, 7]


def test_words_that_fit_two_scales_are_refused_not_guessed() -> None:
    assert refused("Poor", "Fair", "Good") == {"scale_words"}
    assert read("Very poor", "Fair", "Good") == [1, 3, 4]
    assert read("Poor", "Good", "Excellent") == [1, 3, 5]
    assert refused("Blue", "Agree") == {"scale_words"}


def test_labels_settle_what_words_mean() -> None:
    scale = mm.Scale("s", items="x", labels=["Poor", "Fair", "Good", "Very good", "Excellent"])
    assert read("good", "POOR", "Excellent.", scale=scale) == [3, 1, 5]
    turned = mm.Scale("s", items="x", labels=[f"{6 - k} - {w}" for k, w in enumerate("abcde", 1)])
    assert read("5 - a", "1 - e", scale=turned) == [1, 5]


def test_a_number_against_its_words_is_refused() -> None:
    assert refused("1 - Strongly agree") == {"number_against_words"}
    assert refused("6", "0", "-1", "4/10") == {"out_of_range"}


def test_what_is_no_answer_is_none() -> None:
    found = points_of(["Don't know", "Weiß nicht", "N/A to me", "4"], FIVE)
    assert np.isnan(found["Don't know"].value)
    assert found["Weiß nicht"].finding is not None


def test_indicators_are_yes_and_no_in_every_language() -> None:
    stayed = mm.Scale("stayed", items="x", low=0, high=1)
    assert stayed.is_indicator
    assert read("yes", "Non", "いいえ", "Sí", "1", "0", scale=stayed) == [1, 0, 0, 1, 1, 0]
    assert refused("2", scale=stayed) == {"out_of_range"}


def test_half_of_the_items_make_a_value() -> None:
    nan = np.nan
    items = np.array([[1, 2, nan, nan], [4, nan, nan, nan], [nan] * 4, [5, 5, 5, 1]])
    assert np.allclose(scored(items), [1.5, nan, nan, 4], equal_nan=True)


@settings(deadline=None, max_examples=40)
@given(st.integers(3, 40), st.integers(2, 6), st.integers(0, 999))
def test_alpha_is_its_formula(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = rng.normal(0, 1, (n, 1)) + rng.normal(0, 1, (n, k))
    cov = np.cov(items.T)
    expected = k / (k - 1) * (1 - np.trace(cov) / cov.sum())
    assert alpha(items) == pytest.approx(expected, rel=1e-9)
    hole = np.vstack([items, np.full((1, k), np.nan)])
    assert alpha(hole) == pytest.approx(expected, rel=1e-9)
    assert alpha(items[:, rng.permutation(k)] * 3 + 7) == pytest.approx(expected, rel=1e-9)


def test_alpha_of_what_has_none_is_missing() -> None:
    assert np.isnan(alpha(np.ones((5, 3))))
    assert np.isnan(alpha(np.ones((5, 1))))
    assert np.isnan(alpha(np.ones((2, 3))))


def test_turned_items_are_found_and_others_are_not() -> None:
    rng = np.random.default_rng(3)
    items = rng.normal(0, 1, (60, 1)) + rng.normal(0, 0.7, (60, 4))
    assert turned_items(items.copy()) == ()
    items[:, 2] *= -1
    assert turned_items(items.copy()) == (2,)
    assert turned_items(rng.normal(0, 1, (9, 4))) == ()
    assert sum(bool(turned_items(rng.normal(0, 1, (40, 4)))) for _ in range(20)) <= 5
    assert against_one_another(items[:, 0], items[:, 2]) < -0.3


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"items": []}, "items"), ({"items": ["a", "1. A."]}, "items"), ({"items": [3]}, "items"),
        ({"low": 5, "high": 1}, "high"), ({"high": float("nan")}, "high"),
        ({"labels": ["one"]}, "labels"), ({"name": " "}, "name"),
    ],
)  # fmt: skip
def test_a_scale_that_makes_no_sense_is_refused(said: dict[str, object], named: str) -> None:
    given = {"name": "s", "items": ["x"], **said}
    with pytest.raises(mm.MentormatchError, match=named):
        mm.Scale(given.pop("name"), **given)


def test_a_scale_is_shown_as_it_is_written() -> None:
    scale = mm.Scale("s", items=["a", "b"], low=0, high=10, reverse=["b"])
    assert eval(repr(scale), {"Scale": mm.Scale}) == scale
    assert hash(scale) == hash(eval(repr(scale), {"Scale": mm.Scale}))


def test_instruments_say_whose_they_are() -> None:
    frame = mm.instruments()
    assert frame.columns.to_list() == ["name", "about", "items", "reliability", "source", "licence",
                                       "shipped"]  # fmt: skip
    assert frame.loc[frame["shipped"], "name"].to_list() == ["pulse"]
    assert "0234345" in frame.set_index("name").loc["MET", "source"]
    assert (frame["licence"].str.len() > 2).all()
    pulse = mm.instrument("pulse")
    assert [len(scale.items) for scale in pulse] == [1, 1, 1, 1]
    for name, count in zip(frame["name"][1:], frame["items"][1:], strict=True):
        own = [f"item {k} of it" for k in range(count)]
        scales = mm.instrument(name, items=own, low=1, high=7)
        assert [item for scale in scales for item in scale.items] == own
        with pytest.raises(mm.MentormatchError, match=f"{name} has {count} items"):
            mm.instrument(name)
    with pytest.raises(mm.MentormatchError, match="Did you mean 'MET'"):
        mm.instrument("MTE")
