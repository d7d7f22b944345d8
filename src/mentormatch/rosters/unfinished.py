"""Tests, previews and answers that were never sent, by the columns in which a survey says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mentormatch.rosters.reading import Reading
from mentormatch.rosters.vocabulary import fold_header, is_one_of, yes_or_no


def is_of_survey(header: str) -> bool:
    """Tell whether a column was written by a survey tool, not answered by anybody."""
    return is_one_of("survey", "own")(fold_header(header))


def unanswered(
    columns: Sequence[tuple[str, Sequence[str], np.ndarray[tuple[int], np.dtype[np.int64]]]],
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    reading: Reading,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows are tests, previews or answers that were never sent, all of them listed.

    Parameters
    ----------
    columns
        (header, distinct texts, int64 (n,) position in the texts, -1 where blank) of each column.
    rows
        int64 (n,): spreadsheet numbers.
    """
    by_name = {fold_header(header): (header, texts, codes) for header, texts, codes in columns}
    survey = any(is_of_survey(name) for name in by_name)
    finished = {name for name in by_name if is_one_of("survey", "finished")(name)}
    pages = any(is_one_of("survey", "last_page")(name) for name in by_name)
    gone = np.zeros(len(rows), dtype=bool)

    def leave_out(
        header: str, people: np.ndarray[tuple[int], np.dtype[np.bool_]], text: str
    ) -> None:
        fresh = people & ~gone
        test = _is_test(text, survey)
        reading.note(
            "test_answer" if test else "unfinished_answer",
            "the answer is a preview or a test" if test else "the answer was never finished",
            "left it out",
            rows=rows[fresh],
            column=header,
            value=text,
        )
        gone[fresh] = True

    for name, (header, texts, codes) in by_name.items():
        if is_one_of("survey", "status")(name):
            partial = survey or name != "status"
            out = [_is_test(t, survey) or (partial and _is_partial(t)) for t in texts]
        elif survey and name in finished:
            said = [yes_or_no(text) for text in texts]
            out = [] if None in said else [not answer for answer in said]
        elif is_one_of("survey", "progress")(name) and not finished and "100" in texts:
            out = [re.fullmatch(r"\d{1,2}", text) is not None for text in texts]
        else:
            if is_one_of("survey", "submitted")(name) and pages and texts:
                leave_out(header, codes < 0, "")
            continue
        for place, text in enumerate(texts):
            if out and out[place]:
                leave_out(header, codes == place, text)
    return gone


def _is_test(text: str, survey: bool) -> bool:
    word = fold_header(text)
    return is_one_of("survey", "preview")(word) or (
        survey and is_one_of("survey", "preview_there")(word)
    )


def _is_partial(text: str) -> bool:
    return is_one_of("survey", "partial")(fold_header(text))
