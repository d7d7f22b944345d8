"""Pictures are drawn where nothing can be written, and where that fails the report says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOWHERE = """
import os, tempfile
def no_folder(*_, **__):
    raise FileNotFoundError("No usable temporary directory found")
tempfile.gettempdir = no_folder
from mentormatch.delivery import drawing
"""


def run(code: str) -> str:
    keep = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "NUMBA_CACHE_DIR")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", NOWHERE + code], capture_output=True, text=True,
        env=environment | {"HOME": "/proc/nowhere", "MPLBACKEND": "agg"},
    )  # fmt: skip
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no folder in memory")
def test_pictures_are_drawn_where_no_folder_can_be_written() -> None:
    told = run("drawing.pyplot().subplots(); print(os.environ['MPLCONFIGDIR'])")
    assert told.startswith("/dev/shm/mentormatch-")


@pytest.mark.skipif(sys.platform == "win32", reason="needs /proc")
def test_a_report_without_any_folder_says_that_there_are_no_pictures() -> None:
    told = run(
        "drawing.IN_MEMORY = '/proc/nowhere'\n"
        "from tests.insight.people import matched\nimport mentormatch as mm\n"
        "text = mm.report(matched())\nprint(text[text.index('No pictures'):][:200])"
    )
    assert "Set MPLCONFIGDIR to one" in told


def test_a_notebook_goes_on_showing_pictures_after_the_first(tmp_path: Path) -> None:
    (tmp_path / "notebook.py").write_text(
        "import matplotlib\n"
        "from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas\n"
        "matplotlib.interactive(True)  # as the backend of notebooks does when it is loaded\n"
    )
    code = (
        "from mentormatch.delivery.drawing import new_axes, pyplot, styled\n"
        "for _ in range(2):\n    styled(lambda: new_axes(None, (1, 1)))()\n"
        "    print(pyplot().isinteractive())\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"MPLBACKEND": "module://notebook", "PYTHONPATH": path},
    )  # fmt: skip
    assert told.stdout.split() == ["True", "True"]
