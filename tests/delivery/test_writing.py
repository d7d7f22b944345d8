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

import numpy as np
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


# What runs beside the test: it makes a matching and writes once, so that all is imported and
# compiled, and then for each line that it is sent becomes a process that writes: over and over,
# or, where no file may grow beyond a number of bytes, once. It is told the number of the process.
WRITING = """
import os, resource, sys, traceback
from pathlib import Path
from tests.delivery.test_writing import WRITERS, whole
write, path = WRITERS[sys.argv[1]], Path(sys.argv[2])
matching = whole()
write(matching, path.with_name("new" + path.suffix))
for line in sys.stdin:
    limit = int(line)
    child = os.fork()
    if child == 0:
        if not limit:
            while True:
                write(matching, path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            write(matching, path)
        except OSError as error:
            print(error, flush=True)
        else:
            print("written", flush=True)
        os._exit(0)
    if not limit:
        print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


class Writing:
    """A process that writes when it is told to, and what it answers."""

    def __init__(self, name: str, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITING, name, str(path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def begin(self, limit: int = 0) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{limit}\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def __enter__(self) -> Writing:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_the_old_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(OLD)
    with Writing(name, path) as writing:
        assert writing.begin(1).endswith("File too large")
        assert writing.answer() == "ended"
        size = (tmp_path / f"new{path.suffix}").stat().st_size
        for part in np.linspace(1, size - 2, 20, dtype=int):
            assert "File too large" in writing.begin(int(part)), (part, size)
            assert writing.answer() == "ended"
            assert path.read_bytes() == OLD
            assert not list(tmp_path.glob(".*.part"))


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_kill_9_leaves_the_old_file_or_the_new(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    caught = 0
    with Writing(name, path) as writing:
        for trial in range(20):
            path.write_bytes(OLD)
            writer = int(writing.begin())
            until = time.monotonic() + 60
            while not any(p.name.endswith(".part") for p in tmp_path.iterdir()):
                assert time.monotonic() < until
            time.sleep(trial * 0.0003)
            os.kill(writer, signal.SIGKILL)
            assert writing.answer() == "ended"
            held = path.read_bytes()
            assert held in (OLD, (tmp_path / f"new{path.suffix}").read_bytes())
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
