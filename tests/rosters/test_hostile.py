"""No file stops the process, takes long or much memory, or is misread without a word."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from collections import Counter

import pytest

from mentormatch.errors import MentormatchError, QuestionsWarning
from mentormatch.rosters import read_roster
from tests.rosters import hostile

SECONDS, MEGABYTES = 5, 1024

CHILD = """
import json, resource, sys, time
from mentormatch.rosters import read_roster
from tests.rosters import hostile, test_hostile

read_roster(hostile.text(hostile.PEOPLE), "mentor")
out = []
for kind, content, codes in hostile.large_cases():
    start = time.process_time()
    said = test_hostile.said_about(content)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.append([kind, time.process_time() - start, peak, test_hostile.as_wanted(said, codes)])
print(json.dumps(out))
"""


def said_about(content: bytes) -> set[str] | None:
    """Return the codes of the repairs, or None if the file is refused in words."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", QuestionsWarning)
            return set(read_roster(content, "mentor").repairs["code"])
    except MentormatchError:
        return None


def as_wanted(said: set[str] | None, codes: set[str]) -> bool:
    return said is None or bool(said & codes)


def test_small_hostile_files_are_refused_or_listed():
    found = list(hostile.cases())
    assert len(found) >= 200
    silent, slow = Counter(), {}
    for kind, content, codes in found:
        start = time.process_time()
        said = said_about(content)
        if (seconds := time.process_time() - start) > SECONDS:
            slow[kind] = seconds
        if not as_wanted(said, codes):
            silent[kind, content[:60], str(said)] += 1
    assert not silent
    assert not slow


@pytest.mark.slow
def test_large_hostile_files_take_neither_memory_nor_time():
    run = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, check=True, timeout=300
    )
    out = json.loads(run.stdout)
    assert len(out) > 10
    assert [line for line in out if line[1] > SECONDS or line[2] > MEGABYTES or not line[3]] == []
