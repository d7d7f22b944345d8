"""What was found while reading a roster: repairs made, and problems that stop the reading.

Findings are collected a batch at a time (one distinct cell text, all the rows that hold it), so
that a roster of 100,000 rows is checked once per distinct text and listed row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.errors import LISTED, RosterError

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 80
"""How many characters of a cell a finding quotes."""
FINDING_COLUMNS = ("row", "column", "value", "problem", "action", "code")


def shorten(value: object) -> str:
    """Quote a cell in at most `SHOWN` characters, on one line."""
    text = " ".join(str(value).encode("utf-8", "replace").decode("utf-8").split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


@dataclass(frozen=True)
class Finding:
    """What is odd about one distinct cell text, and what was done about it."""

    code: str
    problem: str
    action: str
    fatal: bool = False


@dataclass(frozen=True)
class Question:
    """What was decided on thin evidence, or left unused: what was read, and what settles it.

    column : header, or headers joined by ", "; "" for the whole file.
    settle : one line per choice, each an argument of `read_roster`.
    """

    code: str
    column: str
    question: str
    reading: str
    settle: tuple[str, ...]
    headers: tuple[str, ...] = ()


QUESTION_COLUMNS = ("column", "question", "reading", "settle", "code")


Batch: TypeAlias = "tuple[npt.NDArray[Any], str, str, Finding]"
"""Rows, column, value and what was found there."""


@dataclass
class Findings:
    """A growing list of findings; `row` numbers are those a spreadsheet shows."""

    source: str
    batches: list[Batch] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def ask(
        self,
        code: str,
        headers: Sequence[str],
        question: str,
        read_as: str,
        settle: Sequence[str],
    ) -> None:
        """Add a question about these columns."""
        column = ", ".join(headers)
        self.questions.append(
            Question(code, column, question, read_as, tuple(settle), tuple(headers))
        )

    def absorb(self, other: Findings, offset: int) -> None:
        """Take over the findings of a file whose rows follow after `offset` rows."""
        for rows, column, value, finding in other.batches:
            moved = np.where(rows < 0, rows, rows + offset)
            self.batches.append((moved, column, value, finding))
        self.questions += other.questions

    def question_frame(self, order: Callable[[str], int]) -> pd.DataFrame:
        """Return the questions, those about the whole file first, then by column of the file."""
        import pandas as pd

        ranked = sorted(
            self.questions,
            key=lambda q: (min((order(h) for h in q.headers), default=-1), q.code),
        )
        rows = [(q.column, q.question, q.reading, "\n".join(q.settle), q.code) for q in ranked]
        return pd.DataFrame(rows, columns=list(QUESTION_COLUMNS), dtype=object)

    def note(
        self,
        code: str,
        problem: str,
        action: str,
        *,
        rows: Sequence[int] | npt.NDArray[np.int64] | None = None,
        column: str = "",
        value: object = "",
        fatal: bool = False,
    ) -> None:
        """Add one finding for each of `rows`; without rows it is about the whole file."""
        numbers = np.array([-1]) if rows is None else np.asarray(rows, dtype=np.int64)
        if len(numbers):
            finding = Finding(code, problem, action, fatal)
            self.batches.append((numbers, column, shorten(value), finding))

    def frame(self, *, fatal: bool, order: Callable[[str], int] | None = None) -> pd.DataFrame:
        """Return the repairs (`fatal=False`) or the issues, by row, then by column of the file."""
        chosen = [batch for batch in self.batches if batch[3].fatal == fatal]
        return _frame_of(chosen, order) if chosen else _nothing_found().copy(deep=False)

    @property
    def any_fatal(self) -> bool:
        return any(batch[3].fatal for batch in self.batches)

    def stop(self, order: Callable[[str], int] | None = None) -> RosterError:
        """Return the one error that names every row and column that could not be repaired."""
        issues = self.frame(fatal=True, order=order)
        repairs = self.frame(fatal=False, order=order)
        lines = [_sentence(*cells) for cells in issues.itertuples(index=False, name=None)]
        more = [f"... and {len(lines) - LISTED} more."] if len(lines) > LISTED else []
        noun = "problem" if len(lines) == 1 else "problems"
        message = f"{self.source} has {len(lines)} {noun} that cannot be repaired:\n" + "\n".join(
            f"  - {line}" for line in [*lines[:LISTED], *more]
        )
        if len(repairs):
            fixed = [_sentence(*cells) for cells in repairs.itertuples(index=False, name=None)]
            rest = [f"... and {len(fixed) - LISTED} more."] if len(fixed) > LISTED else []
            message += "\nRepaired or noted on the way:\n" + "\n".join(
                f"  - {line}" for line in [*fixed[:LISTED], *rest]
            )
        return RosterError(
            f"{message}\nThe error's .issues and .repairs hold both lists as tables.",
            issues,
            repairs,
        )


def _frame_of(chosen: Sequence[Batch], order: Callable[[str], int] | None) -> pd.DataFrame:
    """Return findings as a frame, by row, then by column of the file."""
    import pandas as pd

    counts = [len(rows) for rows, *_ in chosen]
    rows = np.concatenate([np.zeros(0, dtype=np.int64), *(batch[0] for batch in chosen)])
    texts = {
        "column": [batch[1] for batch in chosen],
        "value": [batch[2] for batch in chosen],
        "problem": [batch[3].problem for batch in chosen],
        "action": [batch[3].action for batch in chosen],
        "code": [batch[3].code for batch in chosen],
    }
    frame = pd.DataFrame(
        {
            "row": pd.array(np.where(rows < 0, 0, rows), dtype="Int64"),
            **{name: np.repeat(np.array(v, dtype=object), counts) for name, v in texts.items()},
        }
    )
    frame.loc[frame["row"] == 0, "row"] = pd.NA
    ranks = {name: (order(name) if order else 0) for name in set(texts["column"])}
    keys = frame.assign(
        rank=frame["column"].map(ranks).astype("int64"),
        spreadsheet=frame["row"].fillna(0).astype("int64"),
    )
    sorted_rows = keys.sort_values(["spreadsheet", "rank", "column", "code"], kind="stable")
    return frame.loc[sorted_rows.index, list(FINDING_COLUMNS)].reset_index(drop=True)


@cache
def _nothing_found() -> pd.DataFrame:
    """Return the frame without rows: a copy costs a hundredth of a new one."""
    return _frame_of((), None)


def _sentence(row: Any, column: str, value: str, problem: str, action: str, code: str) -> str:
    where = [] if row is None or not isinstance(row, int | np.integer) else [f"row {row}"]
    where += [f"column {column!r}"] if column else []
    quoted = f" ({value!r})" if value else ""
    return f"{', '.join(where)}{': ' if where else ''}{problem}{quoted}: {action}"


def unreadable(source: str, problem: str, action: str) -> RosterError:
    """Return the error for a file of which nothing could be read."""
    findings = Findings(source)
    findings.note("unreadable_file", problem, action, fatal=True)
    return findings.stop()
