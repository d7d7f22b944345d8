"""Whatever is written leaves the old file or the new one: killed, on a full disk, over a link."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mentormatch as mm
from mentormatch.delivery.letters.result import Letters
from mentormatch.writing import replacing, write_file
from tests.insight.people import matched

POSIX = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9 and rlimits")
OLD = b"what was there before\n"


def meetings(matching: mm.Matching) -> Any:
    return mm.letters.check_ins(matching, "2026-09-07", weeks=4)


def written(matching: mm.Matching) -> Letters:
    return mm.letters.write(matching, "2026-09-07")


WRITERS: dict[str, Callable[[mm.Matching, Path], object]] = {
    "workbook.xlsx": lambda matching, path: matching.to_excel(path),
    "pairs.csv": lambda matching, path: matching.to_csv(path),
    "chronus.csv": lambda matching, path: matching.to_chronus(path),
    "meetings.csv": lambda matching, path: mm.write_csv(meetings(matching), path),
    "matching.json": lambda matching, path: matching.to_json(path),
    "matching.parquet": lambda matching, path: matching.to_parquet(path),
    "roster.json": lambda matching, path: matching.problem.scores.mentees.to_json(path),
    "report.html": lambda matching, path: mm.report(matching, path),
    "meetings.ics": lambda matching, path: mm.letters.to_ics(meetings(matching), path),
    "merge.xlsx": lambda matching, path: written(matching).to_merge_sheet(path),
    "merge.csv": lambda matching, path: written(matching).to_merge_sheet(path),
    "plan.json": lambda matching, path: mm.plan_roster(
        matching.problem.scores.mentees.to_frame(), "mentee"
    ).save(path),
}


def whole() -> mm.Matching:
    return matched(emails=[f"m{i}@example.org" for i in range(12)])


def test_every_writer_is_tried() -> None:
    source = Path(mm.__file__).parent
    opened = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        for sign in (".write_text(", ".write_bytes(", '.open("w', 'open(path, "w')
        if sign in path.read_text(encoding="utf-8")
    }
    assert opened == {"writing.py"}  # nobody writes a file in a way of his own


@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_replaces_the_file_and_leaves_nothing_beside_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(OLD)
    path.chmod(0o640)
    WRITERS[name](whole(), path)
    assert path.read_bytes() != OLD
    assert [p.name for p in tmp_path.iterdir()] == [name]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o640


# what a child process does: make a matching, say so, then write over and over
CHILD = """
import sys
from pathlib import Path
from tests.delivery.test_writing import WRITERS, whole
write, path, limit = WRITERS[sys.argv[1]], Path(sys.argv[2]), int(sys.argv[3])
matching = whole()
write(matching, path.with_name("once"))  # what is imported late is imported now
if limit:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
print("ready", flush=True)
while True:
    write(matching, path)
    if limit:
        break
"""


def child(name: str, path: Path, limit: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, name, str(path), str(limit)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_the_old_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(OLD)
    WRITERS[name](whole(), tmp_path / "whole")
    size = (tmp_path / "whole").stat().st_size
    for part in (0, 1, size // 2, size - 1):
        process = child(name, path, max(part, 1))
        _, errors = process.communicate(timeout=300)
        assert process.returncode != 0
        assert "File too large" in errors
        assert path.read_bytes() == OLD
        assert not list(tmp_path.glob(".*.part"))


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_kill_9_leaves_the_old_file_or_the_new(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    WRITERS[name](whole(), tmp_path / "new")
    caught = 0
    for trial in range(20):
        path.write_bytes(OLD)
        process = child(name, path)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        until = time.monotonic() + 60
        while not any(p.name.endswith(".part") for p in tmp_path.iterdir()):
            assert time.monotonic() < until
        time.sleep(trial * 0.0003)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        held = path.read_bytes()
        assert held == OLD or len(held) == (tmp_path / "new").stat().st_size
        left = list(tmp_path.glob(".*.part"))
        caught += bool(left)
        for part in left:
            part.unlink()
    assert caught  # some were killed in the middle of it


def stop_after(_: object) -> None:
    raise RuntimeError


def test_an_error_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "held"
    path.write_bytes(OLD)
    with pytest.raises(RuntimeError), replacing(path) as file:
        stop_after(file.write(b"half"))
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_a_new_file_has_usual_rights(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(OLD)
    link.symlink_to(target)
    write_file(link, "new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    write_file(tmp_path / "fresh", "x")
    (tmp_path / "usual").write_text("x")
    assert (tmp_path / "fresh").stat().st_mode == (tmp_path / "usual").stat().st_mode
    with pytest.raises(FileNotFoundError):
        write_file(tmp_path / "no such folder" / "x", "x")
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path, "x")


@POSIX
def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    write_file("/dev/null", "x")
    assert Path("/dev/null").is_char_device()
