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
from mentormatch.delivery import tables
from mentormatch.errors import TooLargeError
from mentormatch.insight import wishes
from mentormatch.insight.diagnose import unmatched_reasons


@cache
def both(several: bool = False, at_site: int | None = None) -> tuple[mm.Matching, mm.Matching]:
    """Return the same matching without a matrix and with one; `several`: up to 2 mentors each.

    at_site : most pairs of each site.
    """
    frames = mm.make_cohort(40, 14, seed=3, seats=1.1 if several else 0.9)
    people = [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    ids = people[0].ids
    held: list[Any] = [mm.Demand({one: k % 3 for k, one in enumerate(ids)})] if several else []
    held += [] if at_site is None else [mm.Load(most=at_site, by="site")]
    rows, matrix = (mm.match(*people, constraints=held, memory=most) for most in (1, None))
    assert rows.route == "streamed"
    assert rows.mentors_of.shape[1] == 1 + several
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
    "compare": lambda m: mm.compare(m, both(m.mentors_of.shape[1] > 1)[1]).text,
    "wishes": lambda m: mm.granted_wishes(m, reachable=False).text,
    "check": lambda m: mm.check(m.problem),
    "reasons": lambda m: unmatched_reasons(m),
    "given": lambda m: mm.Matching.from_pairs(m.problem.scores, list(m)).stages,
    "letters": lambda m: [str(one) for one in mm.letters.write(m, start="2027-01-04")],
    "defect bits": lambda m: m.problem.scores.defects_at(*np.divmod(np.arange(560), 14)),
}


def same(one: Any, other: Any) -> None:
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(one, np.ndarray):
        assert np.array_equal(one, other)
    else:
        assert one == other


@pytest.mark.parametrize("several", [False, True], ids=["one each", "several"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answers_are_the_same(question: str, several: bool) -> None:
    rows, matrix = both(several)
    same(QUESTIONS[question](rows), QUESTIONS[question](matrix))
    assert "points" not in rows.problem.scores.__dict__


@pytest.mark.parametrize("how", [(True,), (False, 6)], ids=["several", "sites"])
def test_reports_and_workbooks_are_the_same(
    how: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (wishes, tables):  # what could be granted, or helps, takes a matrix
        monkeypatch.setattr(module, "PAIRS_SOLVED", 0)
    rows, matrix = both(*how)
    for name, matching in (("rows", rows), ("matrix", matrix)):
        mm.report(matching, tmp_path / f"{name}.html")
        matching.to_excel(tmp_path / f"{name}.xlsx")
    one, other = ((tmp_path / f"{name}.html").read_text() for name in ("rows", "matrix"))
    assert one == other
    sheets = [
        pd.read_excel(tmp_path / f"{name}.xlsx", sheet_name=None, engine="calamine")
        for name in ("rows", "matrix")
    ]
    assert list(sheets[0]) == list(sheets[1])
    for name, sheet in sheets[0].items():
        pd.testing.assert_frame_equal(sheet, sheets[1][name])


@pytest.mark.parametrize("question", [*QUESTIONS, "notes"])
def test_with_bounds_on_groups_they_are_the_same(question: str) -> None:
    rows, matrix = both(at_site=6)
    if question == "notes":
        assert rows.notes == matrix.notes
        assert "12 seats stay empty" in rows.notes[0]
        return
    same(QUESTIONS[question](rows), QUESTIONS[question](matrix))
    assert "points" not in rows.problem.scores.__dict__


@pytest.mark.parametrize(
    "asked",
    [
        lambda m: mm.diagnose(m), lambda m: mm.blocking_pairs(m),
        lambda m: m.problem.scores.defects,
        lambda m: mm.sensitivity(m), lambda m: m.to_json(), lambda m: m.problem.scores.total,
    ],
)  # fmt: skip
@pytest.mark.parametrize("several", [False, True], ids=["one each", "several"])
def test_what_reads_all_pairs_is_refused_in_words(
    several: bool, asked: Callable[[mm.Matching], Any]
) -> None:
    rows, _ = both(several)
    with pytest.raises(TooLargeError, match="at once"):
        asked(rows)
