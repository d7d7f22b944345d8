"""What people hold in their hands: length, membership, items, reprs, names that are proposed."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.values import Public
from tests.insight.people import matched, profiles


def test_a_matching_answers_by_ids() -> None:
    matching = matched()
    frame = matching.to_frame()
    pairs = list(zip(frame["mentee"], frame["mentor"], strict=True))
    assert len(matching) == len(pairs)
    assert list(matching) == pairs
    for mentee, mentor in pairs:
        assert matching[mentee] == (mentor,)
        assert mentee in matching
        assert (mentee, mentor) in matching
        assert (mentee, "nobody") not in matching
        assert ("nobody", mentor) not in matching
    (alone,) = matching.unmatched
    assert matching[alone] == ()
    assert alone not in matching
    assert 3 not in matching
    with pytest.raises(mm.errors.UnknownPersonError):
        matching["nobody"]


def test_scores_answer_by_ids() -> None:
    scores = mm.Scores.from_matrix(
        np.array([[0.25, 0.5], [1.0, 0.0]]), admissible=np.array([[1, 0], [1, 1]])
    )
    assert scores["mentee 1", "mentor 1"] == 0.25
    assert np.isnan(scores["mentee 1", "mentor 2"])
    assert scores["mentee 2"].to_dict() == {"mentor 1": 1.0, "mentor 2": 0.0}
    assert list(scores) == ["mentee 1", "mentee 2"]
    assert len(scores) == 2
    assert "mentee 1" in scores
    assert "mentor 1" not in scores
    for who in ("x", ("mentee 1", "x")):
        with pytest.raises(mm.errors.UnknownPersonError):
            scores[who]


def test_profiles_answer_by_column() -> None:
    people = profiles("mentor", 8, np.random.default_rng(1))
    assert list(people) == list(people.columns)
    assert "goals" in people
    assert people["goals"]["mentor-0000"] == people.columns["goals"].to_list()[0]
    assert people["seniority"].dtype == float
    assert people.to_frame()["seniority"].dtype == float
    with pytest.raises(mm.errors.ColumnError, match="'gaols'"):
        people["gaols"]
    assert len(repr(people.columns)) < 400


def test_what_holds_nobody_is_still_true() -> None:
    nobody = mm.solve(mm.Problem(mm.Scores.from_matrix(np.zeros((0, 2)))))
    for held in (nobody, nobody.problem.scores, nobody.problem.scores.mentees):
        assert held
        assert len(held) == 0


MANY = mm.Forbid([("a", "b")] * 1200)
SETTINGS = {
    "Parity('gender', within=0.1)": mm.Parity("gender", within=0.1),
    "Load(most=3)": mm.Load(most=3),
    "Quota('site', most=1)": mm.Quota("site", most=1),
    "Quota('site', most=1.0)": mm.Quota("site", most=1.0),
    "ScoreFloor({'a': 0.5})": mm.ScoreFloor({"a": 0.5}),
    "Together(['a', 'b'])": mm.Together(["a", "b"]),
    "MaximizeTotal()": mm.MaximizeTotal(),
    "Leximin(over='mentors')": mm.Leximin("mentors"),
    "Covers('goals', weight=2)": mm.Covers("goals", weight=2),
    "Closeness('years', name='ahead', tolerance=3)": mm.Closeness("years", name="ahead",
                                                                  tolerance=3),
    "Forbid([['a', 'b']])": mm.Forbid([("a", "b")]),
    "Forbid([['a', 'b'], ['a', 'b'], ['a', 'b'], ... 1,200 in all])": MANY,
    "AtLeast(SharedHours(), 2)": mm.AtLeast(mm.SharedHours(), 2),
    "Precomputed(<3 x 2 numbers>, name='mine')": mm.Precomputed(np.zeros((3, 2)), name="mine"),
}  # fmt: skip


@pytest.mark.parametrize("written", SETTINGS)
def test_settings_are_shown_as_they_are_written(written: str) -> None:
    assert repr(SETTINGS[written]) == written


@pytest.mark.parametrize(
    "written", [w for w in SETTINGS if "<" not in w and "..." not in w and "Forbid" not in w]
)
def test_what_is_shown_makes_the_same_setting(written: str) -> None:
    assert (
        eval(written, dict(vars(mm), **{n: getattr(mm, n) for n in mm.__all__}))
        == SETTINGS[written]
    )


def test_every_object_is_shown_in_one_way_in_text_and_notebooks() -> None:
    matching = matched()
    problem, scores = matching.problem, matching.problem.scores
    plan = mm.presets.from_columns(scores.mentees, scores.mentors)
    for held in (matching, problem, scores, scores.mentees, plan, mm.presets.mentoring()):
        assert repr(held).startswith(f"<{type(held).__name__}")
        assert html.escape(repr(held)) in held._repr_html_()
    for setting in SETTINGS.values():
        assert html.escape(repr(setting)) in setting._repr_html_()
    many = mm.Scores.from_matrix(np.full((1200, 1000), 0.5))
    assert "1,200 mentees x 1,000 mentors" in repr(many)


def test_answers_in_words_are_printed_as_their_words(tmp_path: Path) -> None:
    matching = matched()
    sheet = matching.to_excel(tmp_path / "few.xlsx")
    one, other = next(iter(matching))
    for held in (mm.compare(matching, matching), mm.read_review(sheet, matching)):
        assert repr(held) == f"<{type(held).__name__}: {held.text}>"
    for held in (mm.why_not(matching, one, other), mm.explain(matching, one)):
        assert repr(held).startswith(f"<{type(held).__name__}: {one} with {other}")
        assert str(held) == held.text
        assert html.escape(held.text) in held._repr_html_()


def test_only_public_names_are_proposed() -> None:
    matching = matched()
    scores = matching.problem.scores
    matching.load  # noqa: B018
    scores._at([0], [0])
    for held in (matching, matching.problem, scores, scores.mentees, mm.Covers("goals"),
                 mm.Parity("gender"), scores.mentees.columns["goals"]):  # fmt: skip
        assert not [name for name in dir(held) if name.startswith("_")]
        assert all(hasattr(held, name) for name in dir(held))
    assert {"to_json", "explain"} - set(dir(matching)) == {"explain"}
    for namespace in (mm.errors, mm.hours, mm.letters, mm.plot, mm.presets):
        assert dir(namespace) == sorted(namespace.__all__)
        assert all(hasattr(namespace, name) for name in dir(namespace))
    assert set(dir(mm)) == set(mm.__all__)


def test_every_public_class_proposes_public_names_only() -> None:
    """What people hold in their hands has one base; errors do without."""
    held = [getattr(mm, name) for name in mm.__all__]
    held += [getattr(mm.letters, name) for name in mm.letters.__all__]
    classes = [one for one in held if isinstance(one, type) and not issubclass(one, Exception)]
    assert len(classes) > 60
    assert [one.__name__ for one in classes if not issubclass(one, Public)] == []


def answers() -> dict[str, Any]:
    mentees, mentors = mm.load_example()
    matching = mm.match(mentees, mentors)
    scores = matching.problem.scores
    one, other = scores.mentees.ids[0], scores.mentors.ids[1]
    again = mm.solve(mm.Problem(scores))
    few = matched()
    return {
        "few": few, "few rematched": mm.rematch(few, max_changes=1),
        "few audited": mm.audit(few, draws=10), "few blocking": mm.blocking_pairs(few),
        "few parts": few.problem.scores._at([0], [0]),
        "matching": matching, "mentees": scores.mentees, "mentors": scores.mentors,
        "scores": scores, "audit": mm.audit(matching, draws=10),
        "why_not": mm.why_not(matching, one, other),
        "explain": mm.explain(matching, one), "compare": mm.compare(matching, again),
        "rematch": mm.rematch(matching, left=[one]), "check": mm.check(matching.problem),
        "diagnose": mm.diagnose(matching), "blocking": mm.blocking_pairs(matching),
        "letters": mm.letters.write(matching, start="2026-12-01"), "lists": mm.suggest(scores, 2),
        "parts": scores._at([0], [0]),
    }  # fmt: skip


def frames_of(name: str, held: Any) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every table that an answer holds, or makes when it is asked without more."""
    if isinstance(held, pd.DataFrame):
        yield name, held
        return
    for attribute in dir(held):
        if attribute.startswith("_"):
            continue
        found = getattr(held, attribute)
        if attribute == "to_frame":
            found = found()
        if isinstance(found, pd.DataFrame):
            yield f"{name}.{attribute}", found


def test_numbers_are_columns_of_numbers() -> None:
    seen = 0
    for place, frame in (one for name, held in answers().items() for one in frames_of(name, held)):
        seen += 1
        for name in frame.columns:
            cells = [c for c in frame[name].tolist() if not isinstance(c, list) and pd.notna(c)]
            if cells and all(isinstance(c, (int, float)) for c in cells):
                assert frame[name].dtype != object, (place, name)
            if name == "row" and not place.startswith("few"):  # whose repairs are the test's own
                assert frame[name].dtype == "Int64", place
    assert seen > 25


def test_what_hangs_on_a_result_proposes_public_names_only() -> None:
    matching = matched()
    bound = mm.why_not(matching, *next(iter(matching))).bound
    requests = mm.rematch(matching, max_changes=1).requests
    for held in (bound, matching.stages[0], matching.problem.scores.parts, requests):
        assert dir(held)
        assert not [name for name in dir(held) if name.startswith("_")], type(held).__name__


def test_rows_of_repairs_are_whole_numbers_after_loading_too() -> None:
    mentees, mentors = mm.make_cohort(12, 4, seed=3)
    twice = pd.concat([mentees, mentees.iloc[:1]], ignore_index=True)
    people = mm.read_roster(twice, role="mentee")
    scores = mm.score(people, mm.read_roster(mentors, role="mentor"))
    assert people.repairs["row"].notna().any()
    for held in (people, scores):
        loaded = type(held).from_json(held.to_json())
        assert loaded.repairs["row"].dtype == "Int64"
        assert loaded.repairs["row"].to_list() == held.repairs["row"].to_list()
        assert loaded == held


def test_a_saved_row_that_is_no_whole_number_is_refused_in_words() -> None:
    mentees, _ = mm.make_cohort(12, 4, seed=3)
    twice = pd.concat([mentees, mentees.iloc[:1]], ignore_index=True)
    saved = json.loads(mm.read_roster(twice, role="mentee").to_json())
    rows = saved["repairs"]["columns"][0]
    assert (rows["name"], rows["cells"]) == ("row", [2])
    rows["cells"] = [1.5]
    with pytest.raises(mm.MentormatchError, match="no whole numbers"):
        mm.Profiles.from_json(json.dumps(saved).encode())
