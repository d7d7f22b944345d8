"""What workbooks are written with: tables, paragraphs, headings; no formula in any cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from mentormatch.delivery.cells import LONGEST_CELL, is_risky, sheet_text
from mentormatch.delivery.sheets import Sheet
from mentormatch.delivery.style import ACCENT, INK, LINE, PAPER
from mentormatch.errors import MentormatchError

__all__ = [
    "NUMBER_FORMATS", "Pen", "book", "set_up_print", "write_heading",
    "write_paragraphs", "write_sheet",
]  # fmt: skip

MOST_ROWS = 1_048_575
"""Rows of a sheet below its header."""
MOST_COLUMNS = 16_384
NARROWEST = 9
"""Width of a column, in characters."""
LINE_HEIGHT = 15.0
"""Points."""
FILLED = 1.2
"""Letters of a wrapped line per unit of width: a unit is a digit, and letters are narrower."""
MOST_LINES = 12
FILL = "#FFFBE8"
"""Of cells that are for the reader to fill in."""
SCALE = ("#FFF7E6", "#8CB8DE")
"""Colours of the lowest and the highest score: light to dark, so that grey prints keep them."""
MADE = datetime(1980, 1, 1)
"""Creation date in the file, fixed: the same matching gives the same bytes."""
NUMBER_FORMATS = {"whole": "#,##0", "score": "0.000", "share": "0%", "any": "General"}


def book(buffer: Any, title: str) -> Any:
    """Return a new workbook of XlsxWriter whose cells never hold a formula or a link by themselves.

    Parameters
    ----------
    buffer
        Binary buffer that it is written to when it is closed.
    title
        What its properties say.
    """
    import xlsxwriter

    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
        "default_format_properties": {"font_name": "Calibri", "font_size": 11},
    }
    made = xlsxwriter.Workbook(buffer, options)
    made.set_properties({"title": title, "created": MADE})
    made.set_size(2400, 1500)
    return made


class Pen:
    """The workbook with its cell formats, each made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._cells: dict[tuple[str, bool], Any] = {}

    def style(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(
                {"font_name": "Calibri", "font_size": 11, "valign": "top"} | properties
            )
        return self._formats[key]

    @property
    def header(self) -> Any:
        return self.style(
            bold=True, font_color=PAPER, bg_color=INK, text_wrap=True, valign="vcenter", border=0
        )

    @property
    def to_fill(self) -> Any:
        """Format of cells that are for the reader to fill in: text, whatever is typed."""
        line = {"bottom": 4, "bottom_color": LINE}
        return self.style(text_wrap=True, num_format="@", bg_color=FILL, **line)

    def cell(self, kind: str, *, risky: bool = False) -> Any:
        """Format of a table's cell; risky text is marked as text, also for whoever edits it."""
        if (kind, risky) not in self._cells:
            self._cells[kind, risky] = self._made(kind, risky)
        return self._cells[kind, risky]

    def _made(self, kind: str, risky: bool) -> Any:
        line = {"bottom": 4, "bottom_color": LINE}
        if kind == "text":
            quoted = {"quote_prefix": True} if risky else {}
            return self.style(text_wrap=True, **line, **quoted)
        align = {"align": "left" if kind == "any" else "center"}
        return self.style(num_format=NUMBER_FORMATS[kind], **line, **align)


def write_sheet(pen: Pen, sheet: Sheet) -> None:
    if sheet.table.shape[1] > MOST_COLUMNS:
        raise MentormatchError(
            f"Sheet {sheet.name} would need {sheet.table.shape[1]:,} columns; a workbook has "
            f"{MOST_COLUMNS:,}. Write matching.to_csv(...) instead, or score by fewer criteria."
        )
    for part, table in enumerate(_parts(sheet.table, MOST_ROWS), start=1):
        name = sheet.name if part == 1 else f"{sheet.name} {part}"
        page = pen.book.add_worksheet(name)
        _write_table(pen, page, sheet, table)
        below = _write_words(pen, page, sheet, len(table) + 2) if part == 1 else 0
        _set_up_page(page, sheet, table, max(len(table), 1, below))


def _parts(table: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    for start in range(0, max(len(table), 1), size):
        yield table.iloc[start : start + size]


def _write_words(pen: Pen, page: Any, sheet: Sheet, row: int) -> int:
    """Write paragraphs below the table, across it; return the last row."""
    last = max(sheet.table.shape[1] - 1, 1)
    for text in filter(None, sheet.words.split("\n")):
        page.merge_range(row, 0, row, last, "", pen.style(text_wrap=True))
        page.write_string(row, 0, sheet_text(text), pen.style(text_wrap=True))
        page.set_row(row, LINE_HEIGHT * (1 + len(text) // 125) + 3)  # merged cells do not grow
        row += 1
    return row - 1


def _write_table(pen: Pen, page: Any, sheet: Sheet, table: pd.DataFrame) -> None:
    columns = [_Column.of(pen, page, sheet, table, place) for place in range(table.shape[1])]
    written = [column for column in columns if not column.to_fill]
    # rows grow by themselves in Excel only; other programs show the first line
    lines = np.max([c.lines for c in written], axis=0, initial=1).tolist() if written else []
    text, write_string = pen.cell("text"), page.write_string
    for row in range(len(table)):
        page.set_row(row + 1, LINE_HEIGHT * int(lines[row]) + 3)
        for column in written:
            value = column.values[row]
            if type(value) is str and _is_plain(value):  # most cells: nothing to mend or to quote
                write_string(row + 1, column.place, value, text)
            else:
                write_cell(pen, page, row + 1, column.place, value, column.kind)
    if not len(table):
        page.write_string(1, 0, sheet.empty, pen.style(italic=True))
        return
    page.autofilter(0, 0, len(table), table.shape[1] - 1)
    for name, choices in sheet.choices.items():
        if choices:
            place = list(table.columns).index(name)
            page.data_validation(1, place, len(table), place, _validation(name, choices))
    for name in sheet.scaled:
        place = list(table.columns).index(name)
        scale = {"type": "2_color_scale", "min_color": SCALE[0], "max_color": SCALE[1]}
        page.conditional_format(1, place, len(table), place, scale)


def _validation(name: str, choices: Sequence[str] | str) -> dict[str, Any]:
    """Return a list to choose from; a list of names does not keep anybody from writing an id."""
    if isinstance(choices, str):
        return {"validate": "list", "source": choices, "show_error": False}
    return {
        "validate": "list",
        "source": list(choices),
        "error_title": name,
        "error_message": f"Choose one of: {', '.join(choices)}. Or leave the cell empty.",
    }


@dataclass(frozen=True, eq=False)
class _Column:
    """A column of a sheet, set up: its place, its kind, its values, lines that each takes."""

    place: int
    kind: str
    values: list[Any]
    lines: list[int]
    to_fill: bool

    @classmethod
    def of(cls, pen: Pen, page: Any, sheet: Sheet, table: pd.DataFrame, place: int) -> _Column:
        name, values = str(table.columns[place]), table.iloc[:, place].tolist()
        kind, to_fill = sheet.kinds.get(name, "any"), name in sheet.choices
        width = sheet.widths.get(name) or _width(name, values, kind)
        page.set_column(place, place, width, pen.to_fill if to_fill else None)
        page.write_string(0, place, sheet_text(name), pen.header)
        return cls(place, kind, values, _lines(values, width), to_fill)


def write_cell(pen: Pen, page: Any, row: int, column: int, value: Any, kind: str) -> None:
    """Write one value: numbers as numbers, everything else as text, never as a formula."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or value == "":
        page.write_blank(row, column, None, pen.cell("text"))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if math.isfinite(value):
            page.write_number(row, column, value, pen.cell(kind))
        else:
            page.write_blank(row, column, None, pen.cell("text"))
    else:
        text = sheet_text(value)
        page.write_string(row, column, text, pen.cell("text", risky=is_risky(text)))


def _is_plain(text: str) -> bool:
    """Tell whether text starts no formula, fits a cell and has nothing that XML cannot hold."""
    return len(text) < LONGEST_CELL and text[:1].isalnum() and text.replace("\n", "").isprintable()


def _width(name: object, values: list[Any], kind: str) -> int:
    if kind != "any":
        return max(NARROWEST, len(str(name)) + 3)
    longest = max((len(str(v)) for v in values[:2000] if v is not None), default=0)
    return int(min(max(longest + 2, len(str(name)) + 4, NARROWEST), 40))


def _lines(values: list[Any], width: int) -> list[int]:
    """Return how many lines each value takes when wrapped in a column of this width."""
    letters = max(int(width * FILLED), 1)
    return [
        1
        if not isinstance(value, str) or (len(value) < letters and "\n" not in value)
        else min(sum(1 + len(part) // letters for part in value.split("\n")), MOST_LINES)
        for value in values
    ]


def _set_up_page(page: Any, sheet: Sheet, table: pd.DataFrame, last: int) -> None:
    page.freeze_panes(1, sheet.frozen)
    page.set_row(0, 32)
    page.hide_gridlines(2)
    set_up_print(page, sheet.name)
    page.repeat_rows(0)
    columns = sheet.printed or table.shape[1]
    page.print_area(0, 0, last, max(columns - 1, 0))


def set_up_print(page: Any, name: str) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L{name}&CMentoring matches: confidential&RPage &P of &N")


def write_paragraphs(page: Any, row: int, texts: Sequence[str], styles: Sequence[Any]) -> int:
    for text, style in zip(texts, styles, strict=True):
        page.merge_range(row, 0, row, 2, "", style)
        page.write_string(row, 0, sheet_text(text), style)
        letters = 76 if style.bold else 98
        page.set_row(row, 16 * math.ceil(len(text) / letters) + 2)  # merged cells do not grow
        row += 1
    return row


def write_heading(pen: Pen, page: Any, row: int, text: str) -> int:
    style = pen.style(bold=True, font_size=13, font_color=INK, bottom=2, bottom_color=ACCENT)
    for column in range(3):
        page.write_blank(row, column, None, style)
    page.write_string(row, 0, text, style)
    return row + 1
