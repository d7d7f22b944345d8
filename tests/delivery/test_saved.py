"""What was saved and loaded again is equal, and answers every question the same."""

from __future__ import annotations

import base64
import json
import math
import pickle
import zlib
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.delivery.saved import encoding, files
from mentormatch.delivery.saved.encoding import in_line, packed, table, table_of, value_of, worded
from mentormatch.delivery.saved.reading import Node
from mentormatch.errors import SavedFileError, Status, TooLargeError
from mentormatch.rosters.columns import Vectors
from mentormatch.values import same
from tests import fuzz
from tests.insight.people import NASTY, matched, profiles

jsonschema = pytest.importorskip("jsonschema")

AROUND: dict[str, Callable[[Any, Path], Any]] = {
    "json": lambda held, path: type(held).from_json(held.to_json()),
    "json file": lambda held, path: type(held).from_json(_written(held.to_json, path / "x.json")),
    "parquet": lambda held, path: type(held).from_parquet(held.to_parquet(path / "x.parquet")),
    "pickle": lambda held, path: pickle.loads(pickle.dumps(held)),
}


def _written(write: Callable[[Path], object], path: Path) -> Path:
    write(path)
    return path


def validated(held: Any) -> None:
    jsonschema.Draft202012Validator(files.schema()).validate(json.loads(held.to_json()))


def cohort(n: int = 40, m: int = 16, seed: int = 1) -> tuple[mm.Profiles, mm.Profiles]:
    mentees, mentors = mm.make_cohort(n, m, seed, hard=0.3, missing=0.2)
    return mm.read_roster(mentees, "mentee"), mm.read_roster(mentors, "mentor")


def asked(matching: mm.Matching, changes: bool = True) -> Iterator[Any]:
    """Ask everything that a saved matching is kept for."""
    scores = matching.problem.scores
    for mentee in scores.mentees.ids[:4]:
        mentor = next((m for m in scores.mentors.ids), None)
        if mentor is None:
            continue
        told = mm.explain(matching, mentee, mentor)
        yield tuple(getattr(told, field.name) for field in fields(told)), str(told)
        yield scores.why_inadmissible(mentee, mentor)
    columns = [c for c in ("gender", "team") if c in scores.mentees.columns]
    if columns and len(scores.mentees):
        audit = mm.audit(matching, by=columns, draws=50)
        yield audit.groups, audit.gaps, audit.load, audit.pool, audit.text
    yield matching.to_frame(), matching.load, matching.repairs, repr(matching)
    if changes and len(scores.mentees) > 1:
        try:
            again = mm.rematch(matching, left=[scores.mentees.ids[0]], max_changes=1)
        except mm.MentormatchError as error:
            yield str(error)
        else:
            yield again.matching.to_frame(), again.changes, again.matching.stages


def test_a_matching_answers_the_same_after_it_was_saved(tmp_path: Path) -> None:
    mentees, mentors = cohort(14, 7)
    matching = mm.match(
        mentees, mentors, constraints=[mm.Load(0, 3)],
        lock=[(mentees.ids[3], mentors.ids[2])], forbid=[(mentees.ids[0], mentors.ids[0])],
    )  # fmt: skip
    before = list(asked(matching))
    for way in AROUND:
        back = AROUND[way](matching, tmp_path)
        assert back == matching
        assert hash(back) == hash(matching)
        assert same(list(asked(back)), before)
        assert back.to_json() == matching.to_json()


@pytest.mark.parametrize("way", AROUND)
def test_profiles_and_scores_come_back_equal(way: str, tmp_path: Path) -> None:
    mentees, mentors = cohort()
    scores = mm.score(mentees, mentors)
    for held in (mentees, mentors, scores):
        back = AROUND[way](held, tmp_path)
        assert back == held
        validated(held)
    assert AROUND[way](scores, tmp_path).parts["goals"].tobytes() == scores.parts["goals"].tobytes()


def cases(seeds: range) -> Iterator[tuple[int, mm.Matching]]:
    for seed in seeds:
        try:
            yield seed, mm.solve(fuzz.make(7 * seed + 3).problem)
        except mm.MentormatchError:
            continue  # nothing to save


def round_trips(seeds: range, path: Path) -> tuple[int, set[str]]:
    """Save and load these random problems; return how many had an answer, and what they were."""
    tried, solved = set(), 0
    for seed, matching in cases(seeds):
        before = list(asked(matching))
        if seed % 4 == 0:
            validated(matching)
        for way in ("json", "parquet"):
            back = AROUND[way](matching, path)
            assert back == matching, f"seed {seed}, {way}"
            assert same(list(asked(back)), before), f"seed {seed}, {way}"
        tried |= {type(c).__name__ for c in matching.problem.constraints}
        tried |= {type(o).__name__ for o in matching.problem.objectives}
        solved += 1
    return solved, tried


def test_random_problems_come_back_and_answer_the_same(tmp_path: Path) -> None:
    assert len(round_trips(range(10), tmp_path)[1]) > 5


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 320, 80))
def test_many_random_problems_come_back_and_answer_the_same(first: int, tmp_path: Path) -> None:
    solved, tried = round_trips(range(first, first + 80), tmp_path)
    assert solved > 50
    every = {"Apart", "Demand", "HoursBudget", "Load", "Parity", "Quota", "Reserve", "ScoreFloor",
             "Together"}  # fmt: skip
    assert every <= tried


def test_every_setting_of_the_library_can_be_saved() -> None:
    homes = (mm.Criterion, mm.Rule)
    every = {name for name in mm.__all__ if isinstance(getattr(mm, name), type)}
    settings = {
        name
        for name in every
        if issubclass(getattr(mm, name), homes)
        or getattr(mm, name).__module__.startswith("mentormatch.matching.")
    } - {"Criterion", "Rule", "Problem", "Matching", "Custom"}
    assert settings <= set(encoding.kinds())
    assert "Custom" not in encoding.kinds()
    told = files.schema()["$defs"]["setting"]["properties"]["kind"]["enum"]
    assert told == sorted(encoding.kinds())


SETTINGS = [
    mm.SharedHours(weeks=["2026-09-07", date(2027, 3, 1)], weight=0.5, reason="they asked"),
    mm.Similarity("style", affinity={"quiet": {"loud": 0.25}}),
    mm.AtLeast(mm.SharedHours("availability"), 2),
    mm.Forbid([("a", "b"), ("c", 3)]),
    mm.ReportingLine(3, peers=False),
    mm.MinimizeChanges({"a": "b"}),
    mm.MaximizeMatched({"a": 3, "b": 1}),
    mm.ScoreFloor({"a": 0.1}),
    mm.Demand("goals", by=("skills", "goals")),
    mm.Load(1, 2, ["r1"]),
    mm.Quota("site", most=1),
    mm.Quota("site", most=1.0),
    mm.Together(["a", "b"]),
]


@pytest.mark.parametrize("setting", SETTINGS, ids=repr)
def test_a_setting_comes_back_equal(setting: Any) -> None:
    text = json.dumps(worded(setting, in_line))
    back = value_of(Node(json.loads(text), "", packed))
    assert back == setting
    if not isinstance(setting, mm.Similarity):  # whose affinity is in another order
        assert repr(back) == repr(setting)  # 1 is a count, 1.0 is a share


def test_equal_means_equal_in_value() -> None:
    assert matched() == matched()
    assert len({matched(), matched()}) == 1
    assert matched(seed=1) != matched()
    assert mm.Covers("goals") == mm.Covers("goals") != mm.Covers("goals", weight=2)
    assert mm.Covers("goals") != mm.Overlap("goals")
    assert mm.Avoid() == mm.Avoid() != mm.NotPrevious()
    matching = matched()
    problem = mm.Problem(matching.problem.scores, seed=1)
    assert problem != matching.problem
    scores = matching.problem.scores
    first = profiles("mentee", 12, np.random.default_rng(0))
    assert first == scores.mentees != first.take(np.arange(11))
    assert first != "something else"


@pytest.mark.parametrize(
    "array",
    [
        np.array([], dtype=np.int64),
        np.array([[math.nan, 0.5]], dtype=np.float32),
        np.arange(5000, dtype=np.int32).reshape(50, 100)[:, ::-1],
        np.array([True, False]),
        np.array([2**64 - 1, 0], dtype=np.uint64),
        np.array([math.inf, -math.inf]),
        np.zeros((3, 0), dtype=np.float64),
    ],
)
def test_arrays_come_back_bit_for_bit(array: np.ndarray) -> None:
    made = json.loads(json.dumps(in_line(array), allow_nan=False))
    back = packed(Node(made["array"], "", packed))
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == np.ascontiguousarray(array).tobytes()


def test_tables_come_back_with_their_types() -> None:
    frame = pd.DataFrame(
        {
            "row": [1, 2], "x": [0.5, math.nan], "flag": [True, False],
            "any": ["a", None], "list": [("a", 1), date(2026, 1, 2)],
            "when": pd.to_datetime(["2026-01-02 03:04", None]),
        }
    )  # fmt: skip
    back = table_of(Node(json.loads(json.dumps(table(frame))), "", packed))
    assert same(back, frame)
    assert back["row"].dtype == np.int64
    assert back["x"].dtype == np.float64


def test_odd_names_and_empty_rosters_come_back(tmp_path: Path) -> None:
    nasty = matched(len(NASTY), 14, names=NASTY)
    nobody = mm.solve(mm.Problem(mm.Scores.from_matrix(np.zeros((0, 3)))))
    nowhere = mm.solve(mm.Problem(mm.Scores.from_matrix(np.zeros((3, 0)))))
    for matching in (nasty, nobody, nowhere):
        for way in AROUND:
            assert AROUND[way](matching, tmp_path) == matching


def test_vectors_and_a_column_called_like_ours_come_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    vectors = Vectors(np.where(rng.random((9, 3)) < 0.2, np.nan, 0.5), ("a", "b", "c"))
    mentees = profiles("mentee", 9, rng, **{"saved array 0": vectors, "name": vectors})
    for way in AROUND:
        assert AROUND[way](mentees, tmp_path) == mentees


def test_parquet_is_a_table_that_others_read(tmp_path: Path) -> None:
    matching = matched()
    frame = pd.read_parquet(matching.to_parquet(tmp_path / "m.parquet"))
    assert frame["mentee"].tolist() == list(matching.problem.scores.mentees.ids)
    pairs = frame[["mentee", "mentors"]].explode("mentors").dropna()
    told = matching.to_frame()
    assert list(pairs.itertuples(index=False, name=None)) == list(
        told[["mentee", "mentor"]].itertuples(index=False, name=None)
    )
    assert frame["scores"].explode().dropna().tolist() == told["score"].tolist()
    people = pd.read_parquet(matching.problem.scores.mentors.to_parquet(tmp_path / "p.parquet"))
    assert people["capacity"].tolist() == matching.problem.scores.mentors.capacity.tolist()
    assert list(people["goals"][0]) == matching.problem.scores.mentors.columns["goals"].to_list()[0]


def test_pairs_alone_are_parquet_where_scores_are_no_matrix(tmp_path: Path) -> None:
    frames = mm.make_cohort(60, 20, seed=2)
    frames[0].loc[0, "id"] = "=1+1"
    people = [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    matching = mm.match(*people, memory=1)
    for write in (matching.to_parquet, matching.to_json):
        with pytest.raises(TooLargeError, match=r"Save it without them \(answers=False\)"):
            write(tmp_path / "whole")
    path = matching.to_parquet(tmp_path / "pairs.parquet", answers=False)
    read, told = pd.read_parquet(path), matching.to_frame()
    safe = ["'=1+1" if mentee == "=1+1" else mentee for mentee in told["mentee"]]
    assert "'=1+1" in safe
    assert read["mentee"].tolist() == safe
    assert list(read) == list(told)
    for name in told.select_dtypes("number"):
        assert np.allclose(read[name], told[name], rtol=0, atol=1e-6, equal_nan=True)
    assert b"woman" not in path.read_bytes()
    with pytest.raises(SavedFileError, match="cannot be loaded as matching"):
        mm.Matching.from_parquet(path)


def test_without_answers_no_answer_is_in_the_file_and_it_cannot_be_loaded() -> None:
    matching = matched()
    text = matching.to_json(answers=False)
    content = json.loads(text)
    assert content["saved"] is None
    assert len(content["pairs"]) == len(matching.pairs[0])
    assert "woman" not in text
    assert "woman" in matching.to_json()
    jsonschema.Draft202012Validator(files.schema()).validate(content)
    with pytest.raises(SavedFileError, match="written without answers"):
        mm.Matching.from_json(text)


# -- functions and classes of one's own ---------------------------------------------------------


def house(mentees: mm.Profiles, mentors: mm.Profiles) -> np.ndarray:
    return np.add.outer(np.arange(len(mentees)), np.arange(len(mentors))) % 3 / 2


class HouseRule(mm.Rule):
    def lower(self, pairing: Any) -> Any:
        return mm.Avoid().lower(pairing)


def test_a_function_is_saved_by_its_values_and_that_is_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    mentees, mentors = profiles("mentee", 9, rng), profiles("mentor", 5, rng)
    scores = mm.score(
        mentees, mentors, [mm.Custom(house, name="house"), mm.Covers("goals", "skills")],
        [mm.AtLeast(mm.Custom(house, name="least"), 0.5)],
    )  # fmt: skip
    matching = mm.solve(mm.Problem(scores))
    for way in ("json", "parquet"):
        back = AROUND[way](matching, tmp_path)
        assert any("Custom('house') is a function" in note for note in back.notes)
        assert any("AtLeast(Custom('least')" in note for note in back.notes)
        assert same(back.mentors_of, matching.mentors_of)
        assert same(back.problem.scores.points, scores.points)
        told, before = (mm.explain(m, mentees.ids[0], mentors.ids[0]) for m in (back, matching))
        assert same(told.parts, before.parts)
        assert same(told.contributions, before.contributions)
        assert told.rules == before.rules
        with pytest.raises(mm.errors.ParameterError, match="handed in as a matrix"):
            mm.rematch(back, mentees=mentees)
        assert AROUND[way](back, tmp_path) == back  # said once


def test_a_class_of_ones_own_is_refused_in_words() -> None:
    scores = matched().problem.scores
    own = mm.Scores(
        scores.mentees, scores.mentors, scores.criteria, (*scores.rules, HouseRule()),
        scores.points, scores.locks, scores.repairs, scores.prior, scores.neutral,
    )  # fmt: skip
    with pytest.raises(mm.errors.ParameterError, match=r"HouseRule.*Forbid\(pairs\)"):
        own.to_json()


# -- files that are not as they should be -------------------------------------------------------


@cache
def whole_text() -> str:
    return matched().to_json()


def content() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(whole_text())
    return made


def refused(text: str | bytes) -> str:
    with pytest.raises(SavedFileError) as caught:
        mm.Matching.from_json(text)
    return str(caught.value)


def loads(text: str) -> bool:
    """Tell whether a text is loaded; no error but ours may come of it."""
    try:
        mm.Matching.from_json(text)
    except SavedFileError as error:
        return not str(error).startswith("the text cannot be loaded as matching: ")
    return True


def test_other_versions_and_formats_are_refused_in_words() -> None:
    made = content()
    assert "written by mentormatch 9.9" in refused(
        json.dumps(made | {"version": 2, "written_by": "9.9"})
    )
    assert "reads from format 1 on" in refused(json.dumps(made | {"version": 0}))
    older = {key: made[key] for key in ("pairs", "unmatched", "notes", "load")}
    assert "Matching.from_pairs" in refused(json.dumps(older))
    assert "Read it with Profiles.from_json" in refused(matched().problem.scores.mentees.to_json())
    assert "must be an object" in refused("[1, 2]")


def test_pairs_changed_by_hand_are_not_overlooked() -> None:
    made = content()
    made["pairs"].pop()
    assert "were changed after they were saved" in refused(json.dumps(made))


def broken(change: Callable[[Any], object]) -> str:
    made = content()
    change(made)
    return refused(json.dumps(made))


def test_a_damaged_file_gives_one_error_that_says_where() -> None:
    ids = ("saved", "scores", "mentees", "ids")

    def at(made: Any, *path: Any) -> Any:
        for step in path:
            made = made[step]
        return made

    text = broken(lambda made: at(made, *ids).__setitem__(0, at(made, *ids)[1]))
    assert "saved.scores.mentees.ids repeats 1 ids" in text
    assert "mentee-0001" not in text  # nobody is named
    assert "saved.seed must be a whole number" in broken(
        lambda made: made["saved"].__setitem__("seed", "x")
    )
    assert "holds NaN" in refused(json.dumps(content() | {"notes": [math.nan]}))
    assert "lacks 'stages'" in broken(lambda made: made["saved"].pop("stages"))
    assert "kind 'Bomb'" in broken(
        lambda made: made["saved"]["constraints"].append({"kind": "Bomb"})
    )
    assert "must be a constraint" in broken(
        lambda made: made["saved"]["constraints"].append({"kind": "Avoid"})
    )
    assert "The 'within' parameter of Parity" in broken(
        lambda made: made["saved"]["constraints"].append({"kind": "Parity", "by": "x", "within": 3})
    )
    assert "at most 1 different mentors" in broken(
        lambda made: made["saved"]["mentors"].__setitem__(0, ["nobody"])
    )


def test_an_array_that_claims_to_be_huge_is_not_made() -> None:
    bomb = base64.b64encode(zlib.compress(b"\0" * 100)).decode()
    for shape in ([10**9, 10**9], [50_000]):
        points = {"array": {"dtype": "int32", "shape": shape, "zlib": bomb}}
        told = broken(lambda made, points=points: made["saved"]["scores"].update(points=points))
        assert "more than it can hold" in told or "does not hold" in told


def test_a_file_cut_off_anywhere_or_damaged_anywhere_gives_one_error() -> None:
    text = matched(6, 3).to_json()
    rng = np.random.default_rng(0)
    for cut in rng.integers(0, len(text) - 2, 60).tolist():
        assert "cannot be loaded" in refused(text[:cut].encode())
    survived = 0
    for place in rng.integers(0, len(text), 300).tolist():
        bad = text[:place] + str(rng.choice(list('x09"{}[],-'))) + text[place + 1 :]
        survived += loads(bad)
    assert survived < 200


def test_random_types_in_place_of_values_give_one_error() -> None:
    rng = np.random.default_rng(1)
    junk = [None, -1, 10**30, "x", [], {}, [[1]], True, {"kind": "Parity"}, {"array": {}}, 0.5]

    def walk(made: Any) -> tuple[Any, Any]:
        while True:
            keys = list(made) if isinstance(made, dict) else list(range(len(made)))
            key = keys[int(rng.integers(len(keys)))]
            inside = made[key]
            if not isinstance(inside, (dict, list)) or not inside or rng.random() < 0.1:
                return made, key
            made = inside

    for _ in range(200):
        made = content()
        holder, key = walk(made["saved"])
        holder[key] = junk[int(rng.integers(len(junk)))]
        loads(json.dumps(made))


def test_deep_nesting_and_long_numbers_give_one_error() -> None:
    assert "cannot be loaded" in refused(b'{"a":' * 100_000)
    assert "cannot be loaded" in refused(b'{"version": ' + b"9" * 5000 + b"}")
    assert "cannot be loaded" in refused(b"\xff\xfe\x00")


def test_a_parquet_file_of_something_else_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(SavedFileError, match=r"other\.parquet cannot be loaded as matching"):
        mm.Matching.from_parquet(tmp_path / "other.parquet")
    (tmp_path / "text.parquet").write_text("no parquet")
    with pytest.raises(SavedFileError, match="damaged"):
        mm.Matching.from_parquet(tmp_path / "text.parquet")
    held = matched().to_parquet(tmp_path / "cut.parquet").read_bytes()
    for part in (10, len(held) // 2, len(held) - 1):
        (tmp_path / "cut.parquet").write_bytes(held[:part])
        with pytest.raises(SavedFileError):
            mm.Matching.from_parquet(tmp_path / "cut.parquet")
    with pytest.raises(FileNotFoundError):
        mm.Matching.from_json(tmp_path / "nothing.json")


def test_without_pyarrow_parquet_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"mentormatching\[parquet\]"):
        matched().to_parquet("x.parquet")


def test_every_status_is_in_the_schema() -> None:
    told = files.schema()["$defs"]["matching"]["properties"]["status"]["enum"]
    assert set(told) == {str(status) for status in Status}


KEPT = Path(__file__).parent / "saved"
"""Written by the first version under Python 3.11, pandas 2.2.2, NumPy 2.0.0 and pyarrow 17.0."""


def test_a_file_of_older_libraries_is_read_and_equals_what_is_made_today() -> None:
    mentees, mentors = mm.make_cohort(7, 4, 3, hard=0.3, missing=0.2)
    people = mm.read_roster(mentees, "mentee"), mm.read_roster(mentors, "mentor")
    now = mm.match(
        *people, constraints=[mm.Load(0, 2)], forbid=[(people[0].ids[0], people[1].ids[0])]
    )
    loaded = mm.Matching.from_json(KEPT / "version_1.json")
    assert loaded == mm.Matching.from_parquet(KEPT / "version_1.parquet")
    assert loaded.to_frame().equals(now.to_frame())
    told = json.loads((KEPT / "version_1.json").read_text(encoding="ascii"))
    assert told["manifest"]["versions"]["pandas"] == "2.2.2"
    jsonschema.Draft202012Validator(files.schema()).validate(told)
    assert same(loaded.problem.scores.points, now.problem.scores.points)
