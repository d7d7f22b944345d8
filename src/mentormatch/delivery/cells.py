"""Text from people's forms, made safe for the programs that will open it."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

import pandas as pd

__all__ = ["csv_cell", "csv_frame", "csv_text", "is_risky", "legal_text", "sheet_text"]

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that starts with one of these may be run as a formula when a sheet is opened."""
LONGEST_CELL = 32_767
"""Characters that one cell of a workbook can hold."""
# what XML 1.0 cannot carry: control characters, halves of surrogate pairs, two non-characters
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# what a program that parts cells at semicolons, tabs or line ends would take for a formula
_INNER = re.compile("([;\t\r\n]\\s*)(?=[=＝]|@\\w+\\s*\\(|[+-]\\s*[\\w.]+[(|!])")
_CUT = " ... (cut: a cell holds 32,767 characters)"


def is_risky(text: str) -> bool:
    """Return whether a spreadsheet might take the text for a formula.

    Examples
    --------
    >>> is_risky("=HYPERLINK(1)"), is_risky("Ana")
    (True, False)

    Notes
    -----
    Leading blanks and invisible characters do not hide a sign: some programs drop them. Signs of
    other widths and heights count as the plain ones.
    """
    if text.startswith(RISKY):
        return True
    for sign in text:
        if unicodedata.category(sign)[0] not in "ZC":
            return unicodedata.normalize("NFKC", sign).startswith(("=", "+", "-", "@"))
    return False


def legal_text(value: object) -> str:
    """Return the text with characters that no XML file can hold shown as U+FFFD."""
    return _ILLEGAL.sub("\ufffd", str(value))


def sheet_text(value: object) -> str:
    """Return text that fits one cell of a workbook."""
    text = legal_text(value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(_CUT)] + _CUT


def csv_cell(value: Any) -> Any:
    """Return the value as a CSV file may hold it: risky text gets a leading apostrophe.

    So does a formula within the text where another locale's Excel would begin a new cell, after a
    semicolon, a tab or a line end: quotes do not hold there. Numbers stay numbers, so
    a negative number keeps its sign.

    Examples
    --------
    >>> csv_cell("=1+1"), csv_cell(-0.5)
    ("'=1+1", -0.5)
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, str):
        return value
    text = _INNER.sub(r"\1'", legal_text(value))
    return f"'{text}" if is_risky(text) else text


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV (RFC 4180), every text cell made safe.

    Notes
    -----
    Time O(cells).
    """
    return str(csv_frame(frame).to_csv(index=False, lineterminator="\r\n"))


def csv_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of objects as `csv_text` writes it."""
    safe = pd.DataFrame(
        {
            place: pd.Series([csv_cell(value) for value in frame.iloc[:, place]], dtype=object)
            for place in range(frame.shape[1])
        }
    )
    safe.columns = pd.Index([csv_cell(str(name)) for name in frame.columns], dtype=object)
    return safe
