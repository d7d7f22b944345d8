"""What does not count in a score, or alone decides it, is said: plan, repairs, notes, reports."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.delivery.first_page import lines
from mentormatch.scoring import presets
from mentormatch.scoring.influence import sets_nobody_apart
from mentormatch.scoring.lowered import Matrix


def read(role, **columns):
    size = len(next(iter(columns.values())))
    table = {"ID": [f"{role}{k}" for k in range(size)], **columns}
    return mm.read_roster(pd.DataFrame(table), role=role)


def made(ours, theirs, **options):
    return mm.score(read("mentee", **ours), read("mentor", **theirs), **options)


def repairs_of(scores, column):
    return scores.repairs.query("roster == 'both' and column == @column")["problem"].tolist()


GOALS = ["Law", "Film", "Steel", "Law"]
SKILLS = ["Law", "Film", "Steel", "Film"]


@pytest.mark.parametrize(
    ("ours", "theirs", "column", "why"),
    [
        ({"Languages": GOALS}, {}, "languages", "asked of mentees only"),
        ({}, {"Interests": GOALS}, "interests", "asked of mentors only"),
        ({"Shift": ["Day", "Night", "Day", "Day"]}, {}, "Shift", "asked of mentees only"),
        ({"Grade": ["AO", "EO", "HEO", "EO"]}, {"Grade": [1, 2, 3, 4]}, "seniority", "scale"),
        ({"Values": GOALS}, {"Values": [None] * 4}, "values", "asked of mentees only"),
        ({"Industry": GOALS}, {"Industry": ["A", "B", "A", "B"]}, "Industry", "mentors give 0%"),
        ({"Preferred department": ["HR", "HR", "IT", "HR"]}, {}, "wishes: department",
         "asked for by mentees, but no mentor says it"),
        ({"Importance of languages": [1, 2, 3, 4]}, {}, "importance_languages",
         "no criterion is called 'languages'"),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_compared_is_named(ours, theirs, column, why):
    scores = made({"Goals": GOALS, **ours}, {"Skills": SKILLS, **theirs})
    plan = presets.from_columns(scores.mentees, scores.mentors)
    assert why in plan.left_out[column]
    assert why in repairs_of(scores, column)[0]
    (note,) = [n for n in scores.notes if n.startswith("Left out")]
    assert repr(column) in note
    assert note in plan.notes


def test_goals_without_offers_and_offers_without_goals_are_named():
    needs = presets.from_columns(read("mentee", Goals=GOALS), read("mentor", Languages=GOALS))
    assert "mentors named no skills and no goals" in needs.left_out["goals"]
    offers = presets.from_columns(read("mentee", Languages=GOALS), read("mentor", Skills=GOALS))
    assert offers.left_out["skills"] == "asked of mentors only"
    assert (
        presets.from_columns(read("mentee", Goals=GOALS), read("mentor", Skills=GOALS)).left_out
        == {}
    )


def test_what_was_not_asked_for_is_no_note():
    ours = {"Goals": GOALS, "Religion": GOALS, "Photo consent": ["Yes", "No", "Yes", "Yes"],
            "Interests": GOALS}  # fmt: skip
    scores = made(ours, {"Skills": SKILLS, "Religion": GOALS, "Photo consent": ["Yes"] * 4},
                  criteria=presets.mentoring(interests=0))  # fmt: skip
    assert not any(note.startswith("Left out") for note in scores.notes)
    assert len(scores.repairs.query("roster == 'both'")) == 0


def test_one_criterion_that_decides_is_a_note_and_two_are_not():
    alone = made({"Goals": GOALS}, {"Skills": SKILLS})
    assert [n for n in alone.notes if "alone decides" in n] == [
        "'goals' alone decides: 100% of what sets a mentee's options apart"
    ]
    both = made({"Goals": GOALS, "Languages": SKILLS}, {"Skills": SKILLS, "Languages": GOALS})
    assert not any("alone decides" in note for note in both.notes)
    nobody = made({"Goals": GOALS}, {"Skills": ["Law"] * 4})
    assert not any("alone decides" in note for note in nobody.notes)
    listed = made({"Goals": GOALS}, {"Skills": SKILLS}, criteria=[mm.Covers("goals", by="skills")])
    assert listed.notes == ()  # her own list: she knows


def test_what_sets_nobody_apart_is_said_of_all_rows_only():
    rng = np.random.default_rng(3)
    count = 700  # more than are looked at for the weights
    ours = {"Goals": rng.choice(GOALS[:3], count).tolist(), "Languages": ["English"] * count}
    theirs = {"Skills": GOALS, "Languages": ["English"] * 4}
    scores = made(ours, theirs)
    (note,) = [n for n in scores.notes if "no mentor apart" in n]
    assert "'languages' sets no mentor apart" in note
    assert "no mentor apart" in repairs_of(scores, "languages")[0]
    looked_at = presets.sample_rows(scores.mentees, presets.ROWS)
    unseen = next(row for row in range(count) if row not in looked_at)
    ours["Languages"] = ["English" if k != unseen else "Welsh" for k in range(count)]
    theirs["Languages"] = ["English", "English", "English", "Welsh"]
    welsh = presets.from_columns(read("mentee", **ours), read("mentor", **theirs))
    assert welsh.flat == frozenset()
    assert not any("no mentor apart" in note for note in welsh.notes)


def test_flat_looks_at_every_known_part():
    flat = np.full((2000, 60), np.float32(0.5))
    flat[:, 7] = np.nan
    flat[3] = 0.25
    flat[4] = np.nan
    assert sets_nobody_apart(Matrix(flat), flat.shape)
    other = flat.copy()
    other[-1, -1] = 0.75
    assert not sets_nobody_apart(Matrix(other), other.shape)


def test_wishes_that_nobody_can_grant_are_named():
    ours = {"Goals": GOALS, "Preferred site": ["York", "Bath", None, "york"]}
    scores = made(ours, {"Skills": SKILLS, "Site": ["Bath", "Bath", "Leeds", None]})
    assert "Wished for by mentees, but no mentor has it: 'York' (site)" in scores.notes
    rows = scores.repairs.query("column == 'preferred_site'")
    assert rows["value"].tolist() == ["York"]
    assert rows["problem"].tolist() == ["no mentor has it"]


def test_nothing_to_compare_is_a_note():
    scores = made({"Goals": GOALS}, {"Languages": GOALS})
    assert "Nothing is compared: every pair scores 0.5, and chance decides" in scores.notes


def test_notes_reach_every_report(tmp_path, capsys):
    from mentormatch.__main__ import main

    files = []
    asked = {"mentee": {"Goals": GOALS, "Industry": GOALS},
             "mentor": {"Skills": SKILLS, "Industry": ["A", "B", "A", "B"]}}  # fmt: skip
    for role, columns in asked.items():
        files.append(tmp_path / f"{role}s.csv")
        table = {"ID": [f"{role}{k}" for k in range(4)], **columns}
        pd.DataFrame(table).to_csv(files[-1], index=False)
    mentees, mentors = (
        mm.read_roster(f, role=r) for f, r in zip(files, ("mentee", "mentor"), strict=True)
    )
    matching = mm.match(mentees, mentors)
    notes = ["'goals' alone decides", "Left out of the score, see repairs for why: 'Industry'"]
    page, html = " ".join(lines(matching)), mm.report(matching)
    matching.to_excel(tmp_path / "book.xlsx")
    summary = pd.read_excel(
        tmp_path / "book.xlsx", sheet_name="Summary", engine="calamine", header=None
    )
    repairs = pd.read_excel(tmp_path / "book.xlsx", sheet_name="Repairs", engine="calamine")
    assert main([*map(str, files), "-o", str(tmp_path / "out.json")]) == 0
    said = capsys.readouterr().out
    for note in notes:
        assert note in repr(matching)
        assert note in page
        assert note in html.replace("&#x27;", "'")
        assert note in summary.to_string(max_colwidth=None)
        assert said.count(note) == 1
    assert "mentors give 0%" in repairs.to_string()
    assert json.loads((tmp_path / "out.json").read_text())["notes"] == list(matching.notes)
    stable = mm.match_stable(mm.Problem(matching.problem.scores))
    assert stable.notes == matching.notes
