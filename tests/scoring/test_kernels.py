"""Kernels without a place for their cache, and the line that announces a compilation."""

from __future__ import annotations

import subprocess
import sys

import numba
import pytest

from mentormatch.scoring import kernels


def test_an_unwritable_cache_gives_one_warning_and_the_same_code(monkeypatch):
    njit = numba.njit

    def without_cache(*args, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(*args, **options)

    monkeypatch.setattr(kernels.numba, "njit", without_cache)
    monkeypatch.setattr(kernels, "_warned", False)
    with pytest.warns(RuntimeWarning, match="NUMBA_CACHE_DIR") as raised:
        twice = [kernels._compiled(lambda x: x + 1) for _ in range(2)]
    assert len(raised) == 1
    assert [f(1) for f in twice] == [2, 2]


def test_other_errors_of_the_compiler_are_not_hidden(monkeypatch):
    def broken(*args, **options):
        raise RuntimeError("something else")

    monkeypatch.setattr(kernels.numba, "njit", broken)
    with pytest.raises(RuntimeError, match="something else"):
        kernels._compiled(lambda x: x)


def test_compiling_is_announced_where_nothing_is_cached(tmp_path):
    code = (
        "import logging; logging.basicConfig(level=logging.INFO)\n"
        "from mentormatch.scoring import kernels; assert not kernels.cached()"
    )
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PATH": ""}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stderr.count("Compiling the scoring kernels") == 1


def test_small_problems_never_import_the_compiler():
    code = (
        "import sys, numpy as np\n"
        "from tests.scoring.people import cohort, profiles\n"
        "from mentormatch.scoring.scores import score\n"
        "people = cohort(np.random.default_rng(0), 30, 20)\n"
        "score(profiles('mentee', people[0]), profiles('mentor', people[1]))\n"
        "assert 'numba' not in sys.modules and 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
