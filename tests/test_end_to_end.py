"""From files to a workbook: what a programme manager relies on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.datasets import make_cohort

DATA = mm.example_files()[0].parent


@pytest.fixture(scope="module")
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    mentees = pd.read_excel(DATA / "mentees.xlsx", engine="calamine")
    return mentees, pd.read_csv(DATA / "mentors.csv", dtype=str, keep_default_na=False)


def pairs_of(matching: mm.Matching) -> set[tuple[str, str]]:
    frame = matching.to_frame()
    return set(zip(frame["mentee"], frame["mentor"], strict=True))


def matched(mentees: pd.DataFrame, mentors: pd.DataFrame) -> mm.Matching:
    return mm.match(mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor"))


def test_shuffled_rows_and_columns_change_no_pair(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    mentees, mentors = frames
    base = matched(mentees, mentors)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        again = matched(
            # rows keep their sign-up times, so the same duplicate is dropped
            mentees.sample(frac=1, random_state=seed)[list(rng.permutation(mentees.columns))],
            mentors.sample(frac=1, random_state=seed)[list(rng.permutation(mentors.columns))],
        )
        assert pairs_of(again) == pairs_of(base)
        assert again.stages == base.stages


def test_renaming_ids_keeps_the_objective(frames: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    mentees, mentors = (frame.copy() for frame in frames)
    base = matched(mentees, mentors)
    for frame in (mentees, mentors):
        for column in [c for c in frame if "mployee number" in c]:
            frame[column] = frame[column].map(lambda v: f"X{v}" if pd.notna(v) and v else v)
    renamed = matched(mentees, mentors)
    assert renamed.stages == base.stages
    assert set(renamed.problem.scores.mentees.ids) == {
        f"X{person}" for person in base.problem.scores.mentees.ids
    }


def test_no_row_disappears_and_nobody_meets_herself(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    for frame, role in zip(frames, ("mentee", "mentor"), strict=True):
        profiles = mm.read_roster(frame, role=role)
        dropped = profiles.repairs["action"].str.contains("dropped|skipped").sum()
        assert len(profiles) + dropped == len(frame)
    mentees, mentors = make_cohort(40, 40, seed=5)
    both = mentors["Employee ID"] if "Employee ID" in mentors else mentors.iloc[:, 0]
    shared = mentees.copy()
    shared.iloc[:10, list(mentees.columns).index(both.name)] = both.to_numpy()[:10]
    result = matched(shared, mentors)
    people = result.problem.scores
    assert len(set(people.mentees.ids) & set(people.mentors.ids)) == 10
    assert all(a != b for a, b in pairs_of(result))


TWELVE = {
    "duplicate id": ("E1", "signed up again"),
    "blank id": ("no id", "bo@x.example"),
    "unknown zone": ("Mars/Olympus", "zone"),
    "capacity -1": ("-1", "negative"),
    "NaN level": ("python:NaN", "level"),
    "unparsable hours": ("whenever Jupiter rises", "hours"),
    "BOM": ("", "byte order mark"),
    "mixed encodings": ("André", "not UTF-8"),
    "formula text": ("=cmd|'/c calc'!A1", "formula"),
    "10,000-character bio": ("xxxx", "10,000 characters"),
    "unknown preferred mentor": ("Nobody Known", "no mentor has this id"),
    "supervisor cycle": ("E6", "managers in a cycle"),
}


def test_twelve_planted_faults_are_all_in_one_list(tmp_path: Path) -> None:
    header = (
        "Employee ID,Name,Email,Skills,Time zone,Availability,Preferred mentors,Supervisor ID,Bio"
    )
    rows = [
        "E1,Ana Lima,ana@x.example,python:1,Europe/London,Mon 9-11,M1,E9,Hello",
        "E1,Ana Lima,ana@x.example,python:2,Europe/London,Mon 9-11,M1,E9,Hello again",
        ",Bo Chan,bo@x.example,law:2,Europe/Paris,Tue 9-11,M2,E9,Hello",
        "E3,Cy Dahl,cy@x.example,python:NaN,Mars/Olympus,whenever Jupiter rises,M1,E9,Hi",
        "E4,Zoë Eng,zoe@x.example,law:1,Europe/Paris,Wed 9-11,Nobody Known,E9,=cmd|'/c calc'!A1",
        f"E5,Di Fox,di@x.example,law:1,Europe/Paris,Wed 9-11,M1,E6,{'x' * 10_000}",
        "E6,Ed Gil,ed@x.example,law:1,Europe/Paris,Wed 9-11,M2,E5,Hello",
    ]
    odd = "E7,André Fay,andre@x.example,law:2,Europe/Paris,Wed 9-11,M1,E9,Hello"
    mentees = tmp_path / "mentees.csv"
    text = "\n".join([header, *rows]) + "\n"
    mentees.write_bytes(text.encode("utf-8-sig") + odd.encode("cp1252") + b"\n")
    mentors = tmp_path / "mentors.csv"
    mentors.write_text(
        "Employee ID,Name,Email,Skills,Time zone,Availability,Capacity\n"
        "M1,Kim Olsen,kim@x.example,python:4;law:3,Europe/Paris,Mon 9-12,9\n"
        "M2,Lee Park,lee@x.example,law:3,Europe/Paris,Wed 9-12,-1\n",
        encoding="utf-8",
    )
    matching = mm.match(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
    )
    told = [" ".join(str(cell) for cell in row) for row in matching.repairs.itertuples(index=False)]
    for fault, words in TWELVE.items():
        assert any(all(word in line for word in words) for line in told), (fault, told)
    assert not matching.unmatched
    assert (matching.load["load"] == [len(matching.problem.scores.mentees), 0]).all()
