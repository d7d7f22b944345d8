"""Tables of the report: readable without scripts, sorted and filtered by the page's own."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mentormatch.delivery.cells import legal_text

__all__ = ["FORMATS", "browsed", "folded", "shown_text", "table"]

FORMATS: dict[str, Callable[[Any], str]] = {
    "whole": "{:,.0f}".format,
    "score": "{:.3f}".format,
    "share": "{:.0%}".format,
    "number": "{:,.6g}".format,
}
KINDS = {
    "Score": "score",
    "Cost": "score",
    "Rank": "whole",
    "Evidence": "share",
    "Load": "whole",
    "Capacity": "whole",
    "Slack": "whole",
    "Row": "whole",
    "People": "whole",
    "Matched": "whole",
    "Matched share": "share",
    "Mean score": "score",
    "Above median": "share",
}
DECIMALS = {"whole": 0, "score": 3, "share": 4}
LONG = frozenset(
    {"Why", "What is wrong", "Reason", "Mentees", "Detail", "Problem", "Action", "Alternates"}
)
SOME = frozenset({"Watch out"})
"""Columns of a few words: wider than their longest word."""
FIRST = 100
"""Rows of a long table that are in the page for browsers without scripts."""


def shown_text(value: object) -> str:
    """Return what people typed as text of a page."""
    return html.escape(legal_text(value), quote=True)


def table(frame: pd.DataFrame, empty: str) -> str:
    """Return a plain table, or the words for an empty one."""
    if not len(frame):
        return f"<p>{shown_text(empty)}</p>"
    return f'<div class="scroll">{_table(frame, len(frame))}</div>'


def folded(frame: pd.DataFrame, empty: str, most: int) -> str:
    """Return a table that is opened by a click, of at most so many rows."""
    if not len(frame):
        return f"<p>{shown_text(empty)}</p>"
    note = ""
    if len(frame) > most:
        note = f'<p class="note">The first {most:,} of them; all are in the workbook.</p>'
    inner = table(frame.head(most), empty)
    return f"<details><summary>{len(frame):,} rows</summary>{note}{inner}</details>"


def browsed(frame: pd.DataFrame, caption: str, empty: str) -> str:
    """Return a table that readers sort, filter and page through.

    A table of more than 100 rows has its first ones as cells, for browsers without scripts, and
    all of them as data; words that repeat are written once.
    """
    if not len(frame):
        return f"<p>{shown_text(empty)}</p>"
    tools = (
        '<div class="tools" hidden><label>Filter <input type="search" '
        f'aria-label="Filter {shown_text(caption)}"></label>'
        '<button type="button">Back</button><button type="button">Next</button>'
        '<span role="status"></span></div>'
    )
    data = note = ""
    if len(frame) > FIRST:
        note = (
            f'<p class="note">Without scripts: the first {FIRST} of {len(frame):,} rows; all are '
            "in the workbook.</p>"
        )
        data = f'<script type="application/json">{_data(frame)}</script>'
    return (
        f'<div class="browse">{tools}<div class="scroll">'
        f"{_table(frame, FIRST, caption)}</div>{note}{data}</div>"
    )


def _table(frame: pd.DataFrame, most: int, caption: str = "") -> str:
    kinds = [_kind(frame, k) for k in range(frame.shape[1])]
    head = "".join(
        f'<th scope="col" data-kind="{kind}"{_long(name)}>{shown_text(name)}</th>'
        for name, kind in zip(frame.columns, kinds, strict=True)
    )
    part = frame.head(most)
    columns = [
        _cells(str(name), kinds[k], part.iloc[:, k].tolist()) for k, name in enumerate(part.columns)
    ]
    rows = "".join(f"<tr>{''.join(cells)}</tr>\n" for cells in zip(*columns, strict=True))
    title = f' aria-label="{shown_text(caption)}"' if caption else ""
    return f"<table{title}><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>"


def _long(name: object) -> str:
    return ' data-long="yes"' if name in LONG else ' class="some"' if name in SOME else ""


def _kind(frame: pd.DataFrame, at: int) -> str:
    """Return how a column is shown: as one kind of number, or, where anything is text, as text."""
    values = frame.iloc[:, at]
    numbers = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if not numbers:
        return "text"
    return KINDS.get(str(frame.columns[at]), "number")


def _blank(value: Any) -> bool:
    return value is None or value is pd.NA or value != value


def _cells(name: str, kind: str, values: list[Any]) -> list[str]:
    long = ' class="long"' if name in LONG else ""
    cells = []
    for value in values:
        if _blank(value):
            cells.append("<td></td>")
        elif kind != "text":
            exact = _rounded(value, kind)
            cells.append(f'<td class="number" data-value="{exact}">{FORMATS[kind](value)}</td>')
        else:
            cells.append(f"<td{long}>{shown_text(_as_text(value))}</td>")
    return cells


def _as_text(value: Any) -> Any:
    """Return a number within a column of text as people write it."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return FORMATS["number"](value) if number else value


def _rounded(value: Any, kind: str) -> Any:
    digits = DECIMALS.get(kind)
    if digits == 0:
        return int(value)
    return float(f"{value:.6g}") if digits is None else round(float(value), digits)


def _data(frame: pd.DataFrame) -> str:
    """Return the columns as JSON that cannot end the script it stands in."""
    columns = [_column(frame.iloc[:, k].tolist(), _kind(frame, k)) for k in range(frame.shape[1])]
    text = json.dumps(columns, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _column(values: list[Any], kind: str) -> dict[str, list[Any]]:
    """Return `values`, or, where words repeat, `words` and their places in it."""
    if kind != "text":
        return {"values": [None if _blank(value) else _rounded(value, kind) for value in values]}
    words = [None if _blank(value) else legal_text(_as_text(value)) or None for value in values]
    places = {word: at for at, word in enumerate(dict.fromkeys(filter(None, words)))}
    if len(places) > len(words) / 2:
        return {"values": words}
    return {"words": list(places), "values": [places[word] if word else None for word in words]}
