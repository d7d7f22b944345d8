"""CSV, JSON, Chronus and the manifest keep their promises for hostile and missing input."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.delivery.cells import RISKY, csv_cell, csv_text, is_risky
from mentormatch.delivery.export import to_chronus, to_csv, to_json
from mentormatch.matching.manifest import describe, manifest
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.rosters.columns import Labels
from tests.insight.people import NASTY, matched, profiles, scored


def numbers_in(content: object) -> list[float]:
    if isinstance(content, dict):
        return [x for value in content.values() for x in numbers_in(value)]
    if isinstance(content, list):
        return [x for value in content for x in numbers_in(value)]
    return [content] if isinstance(content, float) else []


@given(st.text(max_size=30))
def test_no_text_starts_a_formula_in_csv(text: str) -> None:
    written = csv_cell(text)
    assert not written.startswith(RISKY)
    assert written.removeprefix("'").isprintable() or not text.isprintable()


@pytest.mark.parametrize(
    "text",
    [" =1+1", "\u00a0=1", "\u200b=1", "\ufeff@A(1)", "\u202e=1", "\ufe66=1", "\u207a1", "\ufe6b=1"],
)
def test_hidden_and_disguised_signs_start_no_formula(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Li;=1+1", "Li\n=cmd|'/C calc'!A0", "a\t @SUM(1)", "a; +cmd|x"])
def test_no_separator_of_another_locale_starts_a_formula(text: str) -> None:
    for piece in re.split("[;\t\n]", csv_cell(text)):
        assert not is_risky(piece)


def test_lists_and_prose_are_left_alone() -> None:
    for text in (
        "one\n- two (3 min)\n- three",
        "a; b",
        "R = 1; S = 2",
        "Li-Ann",
        "x@y.org; z@y.org",
    ):
        assert csv_cell(text) == text


def test_numbers_stay_numbers_in_csv() -> None:
    assert csv_cell(-0.25) == -0.25
    lines = csv_text(pd.DataFrame({"=x": [-1.5, math.inf], "y": ["-1.5", None]})).splitlines()
    assert lines == ["'=x,y", "-1.5,'-1.5", ","]


def test_csv_neutralises_every_name_and_keeps_every_pair(tmp_path: Path) -> None:
    matching = matched(len(NASTY), 14, names=NASTY)
    assert len(matching.pairs[0])
    text = to_csv(matching)
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == len(matching.pairs[0]) + 1
    for row in rows:
        for cell in row:
            try:
                float(cell)
            except ValueError:
                assert not cell.startswith(RISKY)
    assert to_csv(matching, tmp_path / "pairs.csv") == text
    held = (tmp_path / "pairs.csv").read_bytes()
    assert held.startswith(b"\xef\xbb\xbf")  # else Excel garbles José
    assert held.decode("utf-8-sig") == text


def test_json_round_trips_without_nan(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    nobody = Labels.of([None] * 8)
    mentees = profiles("mentee", 8, rng, names=NASTY[:8], goals=nobody)
    matching = solve(Problem(scored(mentees, profiles("mentor", 5, rng))))
    text = to_json(matching, tmp_path / "all.json")
    assert (tmp_path / "all.json").read_text(encoding="ascii") == text
    content = json.loads(text, parse_constant=pytest.fail)
    assert all(math.isfinite(x) for x in numbers_in(content))
    frame = matching.to_frame()
    assert [(p["mentee"], p["mentor"]) for p in content["pairs"]] == list(
        zip(frame["mentee"], frame["mentor"], strict=True)
    )
    assert {p["criteria"]["goals"] for p in content["pairs"]} == {None}
    assert content["unmatched"] == list(matching.unmatched)
    assert sum(p["score"] for p in content["pairs"]) == pytest.approx(matching.objective)
    assert content["certificate"]["stages"][-1]["bound"] == matching.bound
    assert len(content["load"]) == 5


def test_chronus_has_both_addresses_of_every_pair(tmp_path: Path) -> None:
    matching = matched()
    to_chronus(matching, tmp_path / "chronus.csv")
    written = pd.read_csv(tmp_path / "chronus.csv")
    assert list(written.columns) == ["Mentor Email Address", "Mentee Email Address"]
    scores = matching.problem.scores
    pairs = [
        (scores.mentors.emails[j], scores.mentees.emails[i])
        for i, j in zip(*matching.pairs, strict=True)
    ]
    assert list(written.itertuples(index=False, name=None)) == pairs


def test_chronus_lists_everybody_without_an_address() -> None:
    whole = matched()
    rows = whole.pairs[0]
    emails: list[str | None] = [f"m{i}@example.org" for i in range(12)]
    emails[rows[0]], emails[rows[2]] = None, "  "
    matching = matched(emails=emails)
    with pytest.raises(mm.RosterError, match="2 matched people have none") as caught:
        to_chronus(matching)
    ids = matching.problem.scores.mentees.ids
    for row in (rows[0], rows[2]):
        assert ids[row] in str(caught.value)
    assert set(caught.value.issues["value"]) == {ids[rows[0]], ids[rows[2]]}


def test_manifest_is_json_and_the_same_every_time() -> None:
    first, second = (json.dumps(manifest(matched()), allow_nan=False) for _ in range(2))
    assert first == second
    made = json.loads(first)
    assert set(made["versions"]) >= {"python", "numpy", "scipy", "pandas", "mentormatch"}
    assert made["inputs"]["mentees"]["sha256"] == "mentee-digest"
    assert made["weights"] == {"goals": 0.5, "shared goals": 0.3, "availability": 0.2}
    assert made["result"]["status"] == "optimal"
    assert "timing" not in made
    assert manifest(matched(), timing=True)["timing"]["solver_seconds"] > 0


def test_manifest_tells_matchings_apart_and_row_orders_not() -> None:
    base = matched()
    scores = base.problem.scores
    order = np.random.default_rng(1).permutation(len(scores.mentees))
    shuffled = solve(Problem(scored(scores.mentees.take(order), scores.mentors)))
    pairs = [manifest(m)["result"]["pairs_sha256"] for m in (base, shuffled, matched(seed=5))]
    assert pairs[0] == pairs[1] != pairs[2]
    reseeded = solve(Problem(scores, seed=9))
    assert manifest(reseeded)["seed"] == 9


def test_settings_of_any_kind_become_json() -> None:
    array = np.arange(6.0).reshape(2, 3)
    settings = {
        "array": array,
        "copy": array.copy(order="F"),
        "function": np.mean,
        "object": object(),
        "pairs": [(f"a{i}", "b") for i in range(500)],
        "set": frozenset({"b", "a"}),
        "weeks": (date(2026, 9, 7),),
        "nan": math.nan,
        "whole": np.int64(3),
    }
    made = describe(settings)
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert made["array"] == made["copy"]
    assert made["object"] == "builtins.object"  # no address, which would differ in every run
    assert made["pairs"]["entries"] == 500
    assert made["set"] == ["a", "b"]
    assert made["weeks"] == ["2026-09-07"]
    assert made["function"] == "numpy.mean"
