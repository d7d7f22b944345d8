"""Rosters in parquet, whole or in parts: the people of the frame, and what is wrong by its name."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.rosters import parquet

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    made = mm.make_cohort(60, 20, seed=5)[0]
    made["Experience"] = [None if k % 7 == 0 else k / 2 for k in range(len(made))]
    made["Since"] = pd.date_range("2024-03-01", periods=len(made), freq="D")
    return made


def in_parts(frame: pd.DataFrame, folder: Path, many: int = 4) -> Path:
    folder.mkdir()
    step = -(-len(frame) // many)
    for k in range(many):
        part = frame.iloc[k * step : (k + 1) * step]
        part.to_parquet(folder / f"part-{k:03}.parquet", index=k == 1)  # one with pandas' index
    return folder


def alike(one: mm.Profiles, other: mm.Profiles) -> None:
    assert one.ids == other.ids
    assert one.names == other.names
    assert list(one.columns) == list(other.columns)
    for name, column in one.columns.items():
        assert column.to_list() == other.columns[name].to_list()
    pd.testing.assert_frame_equal(one.mapping, other.mapping)
    pd.testing.assert_frame_equal(one.repairs, other.repairs)


def refused(source: Any) -> mm.errors.RosterError:
    with pytest.raises(mm.errors.RosterError) as raised:
        mm.read_roster(source, role="mentee")
    return raised.value


def test_a_file_and_its_parts_are_the_frame(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = mm.read_roster(frame, role="mentee")
    whole = tmp_path / "mentees.parquet"
    frame.to_parquet(whole)
    alone = mm.read_roster(whole, role="mentee")
    alike(alone, wanted)
    alike(mm.read_roster(whole.read_bytes(), role="mentee"), wanted)
    alike(mm.read_roster(io.BytesIO(whole.read_bytes()), role="mentee"), wanted)
    folder = in_parts(frame, tmp_path / "mentees")
    (folder / "_SUCCESS").touch()
    (folder / ".part-000.parquet.crc").touch()
    monkeypatch.setattr(parquet, "BATCH", 7)
    parts = mm.read_roster(folder, role="mentee")
    alike(parts, wanted)
    assert parts.source == "mentees"
    assert parts.digest == alone.digest == wanted.digest


def test_columns_stand_in_any_order(frame: pd.DataFrame, tmp_path: Path) -> None:
    folder = in_parts(frame, tmp_path / "parts")
    last = folder / "part-003.parquet"
    pd.read_parquet(last)[frame.columns[::-1]].to_parquet(last)
    alike(mm.read_roster(folder, role="mentee"), mm.read_roster(frame, role="mentee"))


def test_a_list_of_parquet_and_other_files(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame[:30].to_parquet(tmp_path / "a.parquet")
    frame[30:].to_csv(tmp_path / "b.csv", index=False)
    read = mm.read_roster([tmp_path / "a.parquet", tmp_path / "b.csv"], role="mentee")
    assert read.ids == mm.read_roster(frame, role="mentee").ids


def test_all_that_is_wrong_with_the_parts_is_said_at_once(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    folder = in_parts(frame, tmp_path / "parts", 5)
    one, two, three = (folder / f"part-00{k}.parquet" for k in (1, 2, 3))
    pd.read_parquet(one).drop(columns="Since").assign(Shoe=3).to_parquet(one)
    two.write_bytes(two.read_bytes()[:-200])
    three.write_bytes(b"Name,Goals\nAna,Law\n")
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    (folder / "more").mkdir()
    error = refused(folder)
    assert error.issues["problem"].tolist() == [
        "the folder holds more than parquet files: more, notes.txt",
        "part 'part-001.parquet' has other columns than part 'part-000.parquet': it lacks 'Since'; "
        "it has 'Shoe' as well",
        "part 'part-002.parquet' is no parquet file, or a damaged one",
        "part 'part-003.parquet' is no parquet file, or a damaged one",
    ]


def test_damage_within_the_pages_is_found(frame: pd.DataFrame, tmp_path: Path) -> None:
    folder = in_parts(frame, tmp_path / "parts", 2)
    path = folder / "part-001.parquet"
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(bytes(content))
    assert "part 'part-001.parquet' is no parquet file, or a damaged one" in str(refused(folder))


def test_folders_without_people(frame: pd.DataFrame, tmp_path: Path) -> None:
    assert "is a folder, and no file in it ends in .parquet" in str(refused(tmp_path))
    frame[:0].to_parquet(tmp_path / "a.parquet")
    assert "nobody is in it" in str(refused(tmp_path))
    assert "nobody is in it" in str(refused(tmp_path / "a.parquet"))


def test_what_the_library_wrote_has_its_own_way_in(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = mm.read_roster(frame, role="mentee").to_parquet(tmp_path / "saved.parquet")
    assert "load it with Profiles.from_parquet" in str(refused(path))


def test_without_pyarrow_it_is_named(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame.to_parquet(tmp_path / "a.parquet")

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(parquet, "import_module", missing)
    with pytest.raises(mm.errors.MissingLibraryError, match=r"mentormatching\[parquet\]"):
        mm.read_roster(tmp_path, role="mentee")
