"""The review workbook: what a programme manager opens, filters, prints and sends on."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from os import PathLike
from typing import Any, BinaryIO

import numpy as np

from mentormatch.delivery import first_page, tables
from mentormatch.delivery.cells import sheet_text
from mentormatch.delivery.outcomes import for_reader
from mentormatch.delivery.pen import (
    NUMBER_FORMATS,
    Pen,
    book,
    set_up_print,
    write_heading,
    write_paragraphs,
    write_sheet,
)
from mentormatch.delivery.sheets import GUIDE, Sheet, sheets_of
from mentormatch.delivery.style import ACCENT, BLUE, INK, MUTED
from mentormatch.insight.audience import Audience, check_reader
from mentormatch.insight.wording import plain
from mentormatch.journal import logged
from mentormatch.matching.matching import Matching
from mentormatch.writing import write_file

__all__ = ["write_workbook"]


@logged(lambda _, matching: f"wrote a workbook: {matching.counts}")
def write_workbook(
    matching: Matching,
    path: str | PathLike[str] | BinaryIO,
    *,
    by: Sequence[str] | None = None,
    audience: Audience = "administrator",
    evaluation: Any = None,
) -> None:
    """Write the review workbook (.xlsx).

    Sheets: Summary, Matches (worst first, with what to watch out for, reasons, alternates, and
    cells for decisions that `read_review` reads back), Pairs to look at (with a defect: avoidable
    or not, at what cost), Unmatched (with reasons and what would help), Loads, Audit, Repairs,
    Column mapping, Settings. No cell holds a formula or a link from user text, whatever people
    typed into their forms.

    Parameters
    ----------
    matching
        Result of `solve`.
    path
        File to write, or a binary buffer.
    by
        Columns whose groups the audit compares; default those that look like sensitive
        attributes.
    audience
        For an "administrator", or for a "reviewer": without the audit of groups, and with one
        number for what all criteria about sensitive answers add.
    evaluation
        What came of this matching, from `evaluate`: sheet Outcomes.

    Raises
    ------
    ParameterError
        If the audience is a participant, `by` is given for a reviewer, or the evaluation is of
        another matching.
    OSError
        If the file cannot be written, for instance because it is open in Excel.
    MentormatchError
        If there are more criteria than a sheet has columns.

    Notes
    -----
    Time O(pairs x criteria + n m) with a small constant. Tables longer than a sheet go on in a
    second one. Above 5,000 pairs it is left out what each criterion adds to a score. The same
    matching gives the same bytes.
    """
    check_reader(audience, by, "to_excel")
    came = for_reader(evaluation, matching, audience, "to_excel")
    buffer = io.BytesIO()
    with book(buffer, "Mentoring matches") as made:
        sheets = sheets_of(matching, by, audience, came)
        pen = Pen(made)
        _write_summary(pen, matching, sheets)
        for sheet in sheets:
            write_sheet(pen, sheet)
    if isinstance(path, str | PathLike):
        write_file(path, buffer.getvalue())
    else:
        path.write(buffer.getvalue())


def _write_summary(pen: Pen, matching: Matching, sheets: Sequence[Sheet]) -> None:
    page = pen.book.add_worksheet("Summary")
    page.hide_gridlines(2)
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 13)
    page.set_column(2, 2, 52)
    page.set_column(3, 3, 3)
    page.set_column(4, 4, 12)
    page.set_column(5, 10, 9)
    wrap = pen.style(text_wrap=True)
    page.write_string(0, 0, "Mentoring matches", pen.style(bold=True, font_size=20, font_color=INK))
    page.set_row(0, 30)
    row = write_paragraphs(
        page,
        1,
        [tables.headline(matching), tables.proof(matching)],
        [pen.style(text_wrap=True, bold=True, font_size=13, font_color=ACCENT), wrap],
    )
    said = first_page.lines(matching)
    row = write_paragraphs(page, row, said, [wrap] * len(said))
    figures = row + 1
    row = write_heading(pen, page, figures, "Key figures")
    for what, value, kind, meaning in tables.key_figures(matching):
        page.write_string(row, 0, what, pen.style())
        page.write_number(
            row, 1, value, pen.style(num_format=NUMBER_FORMATS[kind], bold=True, align="left")
        )
        page.write_string(row, 2, meaning, pen.style(font_color=MUTED))
        row += 1
    row = write_heading(pen, page, row + 1, "To check before sending")
    checks = tables.things_to_check(matching) or ["Nothing stands out."]
    row = write_paragraphs(page, row, checks, [wrap] * len(checks))
    row = _write_weights(pen, page, row + 1, matching)
    row = write_heading(pen, page, row + 1, "How to read the sheets")
    row = _write_guide(pen, page, row, sheets)
    _write_distribution(pen, page, matching, figures)
    set_up_print(page, "Summary")
    page.fit_to_pages(1, 1)
    page.activate()


def _write_weights(pen: Pen, page: Any, row: int, matching: Matching) -> int:
    scores = matching.problem.scores
    if not len(scores.criteria):
        return row - 1
    row = write_heading(pen, page, row, "What a score is made of")
    whole = sum(criterion.weight for criterion in scores.criteria) or 1
    for criterion in sorted(scores.criteria, key=lambda c: (-c.weight, c.name)):
        page.write_string(row, 0, sheet_text(plain(criterion.name)), pen.style(text_wrap=True))
        share = pen.style(num_format="0%", bold=True, align="left")
        page.write_number(row, 1, criterion.weight / whole, share)
        page.write_string(row, 2, "of the weight", pen.style(font_color=MUTED))
        row += 1
    return row


def _write_guide(pen: Pen, page: Any, row: int, sheets: Sequence[Sheet]) -> int:
    link = pen.style(font_color=ACCENT, underline=1)
    for sheet in sheets:
        page.write_url(row, 0, f"internal:'{sheet.name}'!A1", link, sheet.name)
        text = f"{GUIDE[sheet.name]} {sheet.note}".strip()
        style = pen.style(text_wrap=True, font_color=MUTED)
        page.merge_range(row, 1, row, 2, text, style)
        page.set_row(row, 15.5 * math.ceil(len(text) / 60) + 1)
        row += 1
    return row


def _write_distribution(pen: Pen, page: Any, matching: Matching, top: int) -> None:
    """Write how many pairs score how much, as a table and a chart beside the figures."""
    score = matching.to_frame()["score"].to_numpy(dtype=float)
    if not len(score):
        return
    counts, edges = np.histogram(score, bins=10, range=(0, 1))
    left = 4  # beside the key figures, whose rows are all of one height
    page.write_string(top, left, "Score", pen.header)
    page.write_string(top, left + 1, "Pairs", pen.header)
    for place, count in enumerate(counts.tolist()):
        band = f"{edges[place]:.1f} to {edges[place + 1]:.1f}"
        page.write_string(top + 1 + place, left, band, pen.cell("text"))
        page.write_number(top + 1 + place, left + 1, count, pen.cell("whole"))
    chart = pen.book.add_chart({"type": "column"})
    last = top + len(counts)
    chart.add_series(
        {
            "name": "Pairs",
            "categories": ["Summary", top + 1, left, last, left],
            "values": ["Summary", top + 1, left + 1, last, left + 1],
            "fill": {"color": BLUE},
            "gap": 30,
        }
    )
    chart.set_title({"name": "Scores of the pairs", "name_font": {"size": 12, "color": INK}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"name": "score", "num_font": {"rotation": -45}})
    chart.set_y_axis(
        {"name": "pairs", "major_gridlines": {"visible": True, "line": {"color": "#DDE3EA"}}}
    )
    chart.set_size({"width": 460, "height": 280})
    page.insert_chart(last + 2, left, chart, {"description": "Number of pairs by score"})
