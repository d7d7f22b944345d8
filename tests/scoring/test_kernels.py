"""Scoring small rosters needs no compiler."""

from __future__ import annotations

import subprocess
import sys


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
