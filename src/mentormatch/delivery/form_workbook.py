"""Workbooks of lists, groups, peers and timetables: a page in words, tables, how it was made."""

from __future__ import annotations

import io
from collections.abc import Mapping
from math import isfinite
from os import PathLike, fspath
from pathlib import Path

import pandas as pd

from mentormatch.delivery.pen import (
    Pen,
    book,
    set_up_print,
    write_heading,
    write_paragraphs,
    write_sheet,
)
from mentormatch.delivery.settings_table import (
    SETTINGS_COLUMNS,
    input_rows,
    scores_rows,
    stage_rows,
)
from mentormatch.delivery.sheets import SETTINGS, WIDEST, Sheet
from mentormatch.delivery.style import ACCENT, INK, MUTED
from mentormatch.errors import ParameterError, Status
from mentormatch.insight.wording import plain
from mentormatch.journal import logged
from mentormatch.programmes.form import Form
from mentormatch.writing import write_file

__all__ = ["write_form"]

KINDS = {
    **dict.fromkeys(("score", "price", "back", "own"), "score"),
    **dict.fromkeys(("share", "evidence"), "share"),
    **dict.fromkeys(("position", "rank", "lists", "seats", "group", "round"), "whole"),
}
"""How columns of these names are shown; others by what they hold."""


@logged(lambda path, form: f"wrote a workbook: {form._headline()}")
def write_form(form: Form, path: str | PathLike[str]) -> Path:
    """Write the workbook of a form of mentoring (.xlsx).

    Parameters
    ----------
    form
        What `suggest`, `form_groups`, `match_peers` or `schedule_rounds` returned.
    path
        File to write.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ParameterError
        If the path does not end in .xlsx.
    OSError
        If the file cannot be written, for instance because it is open in Excel.

    Notes
    -----
    No cell holds a formula or a link from user text. The same result gives the same bytes.
    """
    place = Path(fspath(path))
    if place.suffix.lower() != ".xlsx":
        raise ParameterError(
            f"The 'path' parameter of to_excel must end in .xlsx. Got {str(path)!r}."
        )
    buffer = io.BytesIO()
    with book(buffer, form.title) as made:
        pen, tables = Pen(made), form.tables()
        _write_first_page(pen, form, tables)
        for name, table in tables.items():
            write_sheet(pen, _sheet(name, table))
        settings = pd.DataFrame(_settings(form), columns=list(SETTINGS_COLUMNS), dtype=object)
        write_sheet(pen, Sheet(SETTINGS, settings, widths={"Value": 30, "Detail": WIDEST}))
    write_file(place, buffer.getvalue())
    return place


def _sheet(name: str, table: pd.DataFrame) -> Sheet:
    """Return a table as a sheet: its headers as words, numbers shown as what they are."""
    header = {column: _words(str(column)) for column in table.columns}
    kinds = {header[c]: KINDS[str(c)] for c in table.columns if str(c) in KINDS}
    wide = {
        header[c]: WIDEST
        for c in table.columns
        if table[c].map(lambda cell: len(cell) if isinstance(cell, str) else 0).max() > WIDEST
    }
    return Sheet(name, table.rename(columns=header), kinds=kinds, widths=wide, frozen=1)


def _words(name: str) -> str:
    text = plain(name)
    return text[:1].upper() + text[1:]


def _settings(form: Form) -> list[tuple[object, ...]]:
    made = form.manifest
    asked = [
        ("Asked for", plain(name), "not asked for" if value is None else str(value), "")
        for name, value in form.settings().items()
    ]
    return [*asked, *scores_rows(form.scores, made), *input_rows(made), *stage_rows(form)]


def _write_first_page(pen: Pen, form: Form, tables: Mapping[str, pd.DataFrame]) -> None:
    page = pen.book.add_worksheet("Summary")
    page.hide_gridlines(2)
    for column, width in enumerate((26, 13, 52)):
        page.set_column(column, column, width)
    page.write_string(0, 0, form.title, pen.style(bold=True, font_size=20, font_color=INK))
    page.set_row(0, 30)
    wrap = pen.style(text_wrap=True)
    bold = pen.style(text_wrap=True, bold=True, font_size=13, font_color=ACCENT)
    headline = form._headline()
    said = [f"{headline[:1].upper()}{headline[1:]}.", _proof(form)]
    row = write_paragraphs(page, 1, said, [bold, wrap])
    notes = [f"{note[:1].upper()}{note[1:]}." for note in form.notes] or ["Nothing stands out."]
    row = write_heading(pen, page, row + 1, "What to know")
    row = write_paragraphs(page, row, notes, [wrap] * len(notes))
    row = write_heading(pen, page, row + 1, "How to read the sheets")
    link = pen.style(font_color=ACCENT, underline=1)
    for name, table in tables.items():
        page.write_url(row, 0, f"internal:'{name}'!A1", link, name)
        page.write_string(row, 1, f"{len(table):,} rows", pen.style(font_color=MUTED))
        row += 1
    set_up_print(page, "Summary")
    page.fit_to_pages(1, 1)
    page.activate()


def _proof(form: Form) -> str:
    """Return in words what is proven."""
    told = form.status.sentence
    if form.status == Status.OPTIMAL:
        return f"{told[:1].upper()}{told[1:]}: mm.verify checks it from the prices it holds."
    left = f" At most {form.gap:.2%} is left to gain." if isfinite(form.gap) else ""
    return f"Not proven optimal: {told}.{left}"
