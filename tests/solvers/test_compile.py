"""Compiled code is kept in files, does without them, and says so once."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from mentormatch.solvers import compile as policy

SOLVE = """
import logging, warnings
import numpy as np
from mentormatch.solvers.assignment import assign
logging.basicConfig(level=logging.INFO)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    points = np.arange(70, dtype=np.int32).reshape(10, 7) * 7919 % 101
    answer = assign(points, np.ones(7, int), route="dense")
print(answer.objective, answer.bound, len(caught), *(w.message for w in caught))
"""


def run(code: str, folder: Path) -> tuple[str, str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder of compiled code, and what the process that filled it said."""
    folder = tmp_path_factory.mktemp("kept")
    return folder, run(SOLVE, folder)


def test_waiting_for_the_compiler_is_announced_once(kept):
    folder, (first, said) = kept
    assert said.count("Compiling the solver") == 1
    again, silent = run(SOLVE, folder)
    assert again == first
    assert "Compiling" not in silent


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("size", [0, 40])
def test_damaged_files_are_thrown_away_with_one_warning(kept, ending, size):
    folder, (first, _) = kept
    damaged = [*folder.rglob(f"*kernels.s*.{ending}"), *folder.rglob(f"*kernels.p*.{ending}")]
    assert len(damaged) > 1
    for path in damaged:
        path.write_bytes(path.read_bytes()[:size])
    out, _ = run(SOLVE, folder)
    assert out.split()[:2] == first.split()[:2]
    assert out.split()[2] == "1"
    assert "NUMBA_CACHE_DIR" in out
    assert run(SOLVE, folder)[0] == first  # and all is well again


def test_scoring_is_announced_too(tmp_path):
    _, said = run(
        "import logging; logging.basicConfig(level=logging.INFO)\n"
        "from mentormatch.scoring import kernels",
        tmp_path,
    )
    assert said.count("Compiling the scoring kernels") == 1


@pytest.fixture
def unsaid(monkeypatch):
    monkeypatch.setattr(policy, "_said", set())


def test_without_a_folder_there_is_one_warning_and_the_same_code(monkeypatch, unsaid):
    def refuse(function):
        raise RuntimeError("cannot cache function 'f': no locator available for file 'f'")

    monkeypatch.setattr(policy, "_Cache", refuse)
    with pytest.warns(RuntimeWarning, match="NUMBA_CACHE_DIR") as raised:
        twice = [policy.compiled(lambda x: x + 1) for _ in range(2)]
    assert len(raised) == 1
    assert [f(1) for f in twice] == [2, 2]


def test_other_errors_of_the_compiler_are_not_hidden(monkeypatch):
    def broken(*args, **options):
        raise RuntimeError("something else")

    monkeypatch.setattr(numba, "njit", broken)
    with pytest.raises(RuntimeError, match="something else"):
        policy.compiled(lambda x: x)


def test_code_is_compiled_anew_when_another_file_of_kernels_changes(tmp_path):
    """numba itself looks at the file of the function alone."""
    inner, outer = tmp_path / "inner_kernels.py", tmp_path / "outer_kernels.py"
    head = "from mentormatch.solvers.compile import compiled\n"
    outer.write_text(f"{head}from inner_kernels import f\n@compiled\ndef g(x): return f(x)\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    code += "from outer_kernels import g; print(g(1))"
    for added in (1, 20):
        inner.write_text(f"{head}@compiled\ndef f(x): return x + {added}\n")
        assert run(code, tmp_path / "cache")[0].strip() == str(1 + added)


def test_processes_side_by_side_write_no_file_of_one_another(tmp_path):
    """The second process saw no index yet, as it may where both begin at once."""
    (tmp_path / "a_kernels.py").write_text(
        "from mentormatch.solvers.compile import compiled\n@compiled\ndef f(x): return x + 1\n"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom a_kernels import f; print(f("
    cache = tmp_path / "cache"
    assert run(f"{code}1))", cache)[0].strip() == "2"
    first = {path: path.read_bytes() for path in cache.rglob("*.nbc")}
    for index in cache.rglob("*.nbi"):
        index.unlink()
    assert run(f"{code}0.5))", cache)[0].strip() == "1.5"
    assert first
    assert all(path.read_bytes() == before for path, before in first.items())


def test_announcing_looks_for_files(monkeypatch, unsaid, caplog, tmp_path):
    kernel = policy.compiled(lambda x: x)

    class Cold:
        cache_path = str(tmp_path)

    monkeypatch.setattr(kernel, "_cache", Cold())
    with caplog.at_level(logging.INFO, logger="mentormatch"):
        policy.announce(kernel, "test")
        policy.announce(kernel, "test")
    assert len(caplog.records) == 1


READ_ONLY = """
import tempfile
def refuse(*args, **options):
    raise OSError(30, "Read-only file system")
tempfile.TemporaryFile = refuse  # how numba finds out whether it may write
"""


def test_compiled_code_in_a_folder_that_cannot_be_written_is_used(kept):
    folder, (first, _) = kept
    run(SOLVE, folder)
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    out, said = run(READ_ONLY + SOLVE, folder)
    assert out == first  # no warning
    assert "Compiling" not in said
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before


def test_what_a_read_only_folder_lacks_is_compiled_with_one_warning(kept):
    folder, (first, _) = kept
    run(SOLVE, folder)
    lacking = next(folder.rglob("*kernels.place-*.nbi"))
    held = lacking.read_bytes()
    lacking.unlink()
    out, _ = run(READ_ONLY + SOLVE, folder)
    assert out.split()[:3] == [*first.split()[:2], "1"]
    assert "mentormatch warm-up" in out
    assert not lacking.exists()
    lacking.write_bytes(held)
