"""What does not fit into memory is said beforehand, in words; a bare MemoryError never comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch import memory
from mentormatch.errors import TooLargeError


def two_rosters() -> tuple[mm.Profiles, mm.Profiles]:
    frames = mm.make_cohort(30, 10, seed=0)
    return mm.read_roster(frames[0], role="mentee"), mm.read_roster(frames[1], role="mentor")


@pytest.mark.parametrize(
    ("words", "size"),
    [("2GB", 2 * 10**9), ("500 MB", 5 * 10**8), ("1.5 GiB", 3 * 2**29), (7, 7), (None, None)],
)
def test_a_limit_is_a_number_of_bytes_or_words(words: Any, size: int | None) -> None:
    assert memory.limit_of(words, "score") == size


@pytest.mark.parametrize("words", ["2 apples", "GB", "", 0, -1, True, 1.5, "0GB"])
def test_other_limits_are_refused(words: Any) -> None:
    with pytest.raises(mm.errors.ParameterError, match=r"'memory' parameter of score.*'2GB'"):
        memory.limit_of(words, "score")


def test_what_is_free_is_read_of_the_machine_and_of_the_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    4000 kB\n")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    assert memory.free_bytes() == 4000 * 1024
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("900000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 50000\nactive_file 7\n")
    assert memory.free_bytes() == 150_000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_bytes() == 4000 * 1024
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "no such file")
    free = memory.free_bytes()
    assert free is None or free > 0


def test_without_a_limit_half_of_what_is_free_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: 10**9)
    memory.check_room("Scores", (10_000, 10_000), 4, "Buy more.")
    with pytest.raises(TooLargeError) as found:
        memory.check_room("The scores", (200_000, 40_000), 4, "Buy more.")
    assert str(found.value) == (
        "The scores of 200,000 x 40,000 need 32.0 GB (29.8 GiB) at once, more than 0.5 GB "
        "(0.5 GiB), half of the 1.0 GB (0.9 GiB) that are free. Buy more."
    )
    assert (found.value.needed, found.value.limit) == (32 * 10**9, 5 * 10**8)
    assert isinstance(found.value, MemoryError)
    assert found.value.parameter == "memory"
    monkeypatch.setattr(memory, "free_bytes", lambda: None)  # then there is no limit
    memory.check_room("The scores", (200_000, 40_000), 4, "Buy more.")


def test_what_the_system_refuses_is_said_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def empty(*_: Any, **__: Any) -> Any:
        raise MemoryError("Unable to allocate")

    monkeypatch.setattr(memory, "free_bytes", lambda: None)
    monkeypatch.setattr(np, "empty", empty)
    with pytest.raises(TooLargeError, match="more than what the system gives"):
        memory.new_array("The scores", (10**6, 10**5), np.int32, "Buy more.")


def test_scores_beyond_the_limit_are_no_matrix() -> None:
    mentees, mentors = two_rosters()
    assert mm.score(mentees, mentors, memory=1200).source is None
    scores = mm.score(mentees, mentors, memory=1199)
    with pytest.raises(TooLargeError, match=r"scores of 30 x 10 need 1,200 bytes .* than 1,199 by"):
        _ = scores.points
    assert mm.match(mentees, mentors, memory="1kB").status == "optimal"


def test_every_matrix_that_is_asked_for_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = mm.score(*two_rosters())
    monkeypatch.setattr(memory, "SURELY", 0)
    monkeypatch.setattr(memory, "free_bytes", lambda: 500)
    with pytest.raises(TooLargeError, match="The parts of 30 x 10"):
        scores.part(0)
    with pytest.raises(TooLargeError, match="The shares answered"):
        _ = scores.evidence
    with pytest.raises(TooLargeError, match="The defects"):
        _ = scores.defects
    with pytest.raises(TooLargeError, match=r"Scores and their parts.*Scores\.from_pairs"):
        mm.Scores.from_matrix(np.zeros((30, 10)))


def test_positions_are_checked() -> None:
    scores = mm.Scores.from_matrix(np.array([[0.9, 0.4], [0.8, 0.1]]))
    assert scores.block([1]).tolist() == [[800_000, 100_000]]
    assert scores.block(np.array([], dtype=int)).shape == (0, 2)
    for call in (
        lambda: scores.at([0], [2]), lambda: scores.at([-1], [0]), lambda: scores.block([0.5]),
        lambda: scores.block("x"), lambda: scores.at([0, 1], [0]),
    ):  # fmt: skip
        with pytest.raises(mm.errors.ParameterError, match=r"parameter of Scores\.(at|block)"):
            call()


def test_a_row_is_read_where_there_is_no_matrix() -> None:
    pairs = pd.DataFrame({"mentee": ["a", "b"], "mentor": ["x", "y"], "score": [0.25, 1]})
    scores = mm.Scores.from_pairs(pairs, memory=1)
    assert scores["a"].isna().tolist() == [False, True]
    assert scores["b", "y"] == 1


def test_solving_says_what_the_system_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    from mentormatch.matching import solving

    def solve_program(*_: object, **__: object) -> None:
        raise MemoryError("Unable to allocate")

    monkeypatch.setattr(solving, "solve_program", solve_program)
    problem = mm.Problem(mm.Scores.from_matrix(np.array([[0.9, 0.4], [0.8, 0.1]])))
    with pytest.raises(TooLargeError, match="Solving 2 mentees x 2 mentors needs more memory than"):
        mm.solve(problem)
