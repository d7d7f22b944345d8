"""What is asked of a matching has the same answers where the scores are no matrix."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.errors import TooLargeError
from mentormatch.insight.diagnose import unmatched_reasons


@cache
def both() -> tuple[mm.Matching, mm.Matching]:
    frames = mm.make_cohort(40, 14, seed=3, seats=0.9)
    people = [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    rows, matrix = mm.match(*people, memory=1), mm.match(*people)
    assert rows.route == "streamed"
    return rows, matrix


def unmatched(matching: mm.Matching) -> str:
    return matching.unmatched[0]


def first(matching: mm.Matching) -> tuple[str, str]:
    return next(iter(matching))


QUESTIONS: dict[str, Callable[[mm.Matching], Any]] = {
    "table": lambda m: m.to_frame(),
    "load": lambda m: m.load,
    "csv": lambda m: m.to_csv(),
    "defects": lambda m: m.defects(),
    "broken": lambda m: m.broken,
    "why one": lambda m: mm.explain(m, first(m)[0]).text,
    "why somebody else": lambda m: mm.explain(m, unmatched(m), first(m)[1]).text,
    "why not": lambda m: mm.why_not(m, unmatched(m), first(m)[1]).text,
    "alternatives": lambda m: mm.alternatives(m, first(m)[0]),
    "diagnosis": lambda m: mm.diagnose(m, mentees=unmatched(m)),
    "audit": lambda m: mm.audit(m, by=["gender"]).text,
    "compare": lambda m: mm.compare(m, both()[1]).text,
    "wishes": lambda m: mm.granted_wishes(m, reachable=False).text,
    "check": lambda m: mm.check(m.problem),
    "reasons": lambda m: unmatched_reasons(m),
    "given": lambda m: mm.Matching.from_pairs(m.problem.scores, dict(m)).stages,
    "defect bits": lambda m: m.problem.scores.defects_at(*np.divmod(np.arange(560), 14)),
}


def same(one: Any, other: Any) -> None:
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(one, np.ndarray):
        assert np.array_equal(one, other)
    else:
        assert one == other


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answers_are_the_same(question: str) -> None:
    rows, matrix = both()
    same(QUESTIONS[question](rows), QUESTIONS[question](matrix))
    assert "points" not in rows.problem.scores.__dict__


def test_reports_and_workbooks_are_written(tmp_path: Path) -> None:
    rows, _ = both()
    mm.report(rows, tmp_path / "report.html")
    rows.to_excel(tmp_path / "review.xlsx")
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "review.xlsx"}
    assert "points" not in rows.problem.scores.__dict__


@pytest.mark.parametrize(
    "asked",
    [
        lambda m: mm.diagnose(m), lambda m: mm.blocking_pairs(m),
        lambda m: m.problem.scores.defects,
        lambda m: mm.sensitivity(m), lambda m: m.to_json(), lambda m: m.problem.scores.total,
    ],
)  # fmt: skip
def test_what_reads_all_pairs_is_refused_in_words(asked: Callable[[mm.Matching], Any]) -> None:
    rows, _ = both()
    with pytest.raises(TooLargeError, match="at once"):
        asked(rows)
