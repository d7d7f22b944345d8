"""Text from people's forms, made safe for the programs that will open it."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

__all__ = ["csv_cell", "csv_text", "is_risky", "legal_text", "sheet_text"]

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that starts with one of these may be run as a formula when a sheet is opened."""
LONGEST_CELL = 32_767
"""Characters that one cell of a workbook can hold."""
# what XML 1.0 cannot carry: control characters, halves of surrogate pairs, two non-characters
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CUT = " ... (cut: a cell holds 32,767 characters)"


def is_risky(text: str) -> bool:
    """Return whether a spreadsheet might take the text for a formula.

    Examples
    --------
    >>> is_risky("=HYPERLINK(1)"), is_risky("Ana")
    (True, False)
    """
    return text.startswith(RISKY)


def legal_text(value: object) -> str:
    """Return the text with characters that no XML file can hold shown as U+FFFD."""
    return _ILLEGAL.sub("\ufffd", str(value))


def sheet_text(value: object) -> str:
    """Return text that fits one cell of a workbook."""
    text = legal_text(value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(_CUT)] + _CUT


def csv_cell(value: Any) -> Any:
    """Return the value as a CSV file may hold it: risky text gets a leading apostrophe.

    Numbers stay numbers, so a negative number keeps its sign.

    Examples
    --------
    >>> csv_cell("=1+1"), csv_cell(-0.5)
    ("'=1+1", -0.5)
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, str):
        return value
    text = legal_text(value)
    return f"'{text}" if is_risky(text) else text


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV (RFC 4180), every text cell made safe.

    Notes
    -----
    Time O(cells).
    """
    safe = pd.DataFrame(
        {
            place: pd.Series([csv_cell(value) for value in frame.iloc[:, place]], dtype=object)
            for place in range(frame.shape[1])
        }
    )
    safe.columns = pd.Index([csv_cell(str(name)) for name in frame.columns], dtype=object)
    return str(safe.to_csv(index=False, lineterminator="\r\n"))
