"""The HTML report: one file, nothing from outside, to read in a browser or to print."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mentormatch.delivery import first_page, plots, tables
from mentormatch.delivery.cells import legal_text
from mentormatch.domains import typed
from mentormatch.insight.audience import Audience, check_reader
from mentormatch.journal import logged
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import Categories
from mentormatch.writing import write_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["report"]

# Even if a name slipped through unescaped, the browser would run and load nothing.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light; --ink: #1f2a44; --line: #c9d3df; --accent: #2f5d8c; }
body { font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: var(--ink);
  max-width: 1180px; margin: 0 auto; padding: 24px 28px 60px; background: #fff; }
h1 { font-size: 27px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 36px 0 10px;
  border-bottom: 2px solid var(--accent); padding-bottom: 3px; }
.headline { font-size: 18px; font-weight: 600; color: var(--accent); margin: 0 0 6px; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(165px, 1fr)); gap: 10px;
  margin: 18px 0; padding: 0; }
.figures div { background: #eaf1f8; border-radius: 6px; padding: 9px 12px; }
.figures b { display: block; font-size: 21px; } .figures small { color: #44536a; }
nav a { margin-right: 14px; color: var(--accent); }
figure { margin: 18px 0; } img { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { text-align: left; background: var(--ink); color: #fff; padding: 6px 9px; position: sticky;
  top: 0; vertical-align: bottom; }
td { padding: 5px 9px; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: anywhere; min-width: 3.5em; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.long { min-width: 22em; } details { margin: 10px 0; } summary { cursor: pointer;
  color: var(--accent); font-weight: 600; }
@media print { body { max-width: none; padding: 0; font-size: 11px; } th { position: static; }
  table { font-size: 9.5px; } thead { display: table-header-group; }
  tr, figure { break-inside: avoid; } nav { display: none; } }
"""
_FORMATS: dict[str, Callable[[Any], str]] = {
    "whole": "{:,.0f}".format,
    "score": "{:.3f}".format,
    "share": "{:.0%}".format,
}
_KINDS = {
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
_LONG = frozenset({"Why", "What is wrong", "Reason", "Mentees", "Detail", "Problem", "Action"})
DOTS_PER_INCH = 130


@logged(lambda text, matching: f"wrote a report: {matching.counts}, {len(text)} characters")
@typed
def report(
    matching: Matching,
    path: str | PathLike[str] | None = None,
    *,
    by: Sequence[str] | None = None,
    title: str = "Mentoring matches",
    audience: Audience = "administrator",
) -> str:
    """Write a report of the matching as one HTML file that loads nothing from anywhere.

    Headline and proof, key figures, what to check, plots, and the tables of the workbook.
    Everything people typed is shown as text; a content security policy in the file keeps
    browsers from running or loading anything. Plots need matplotlib (the extra `plot`); without
    it the report says so and goes without.

    Parameters
    ----------
    matching
        Result of `solve`.
    path
        Also write the text there (UTF-8).
    by
        Columns whose groups the audit compares, and by which scores are drawn; default those
        that look like sensitive attributes. Groups under 5 people are held back.
    title
        Heading of the report.
    audience
        For an "administrator", or for a "reviewer": without the audit and pictures of groups.

    Returns
    -------
    str
        The HTML text; the same for the same matching and versions.

    Raises
    ------
    ColumnError
        If no roster has a column named in `by`.
    ParameterError
        If the audience is a participant, or `by` is given for a reviewer.
    """
    check_reader(audience, by, "report")
    groups = audience == "administrator"
    matches = tables.matches_table(matching, audience)
    to_fill = ("Decision", "New mentor", "Comment")
    hidden = [
        c
        for c in matches
        if str(c).startswith("from ") or str(c).endswith((" id", "e-mail", *to_fill))
    ]
    unmatched, loads = tables.unmatched_table(matching), tables.loads_table(matching)
    sections = [
        ("Pictures", _pictures(matching, by if groups else ())),
        ("Matches", _table(matches.drop(columns=hidden), "Nobody could be matched.")),
        (
            "Pairs to look at",
            _table(
                tables.defects_table(matching).drop(columns=["Mentee id", "Mentor id"]),
                "No pair has a defect that the rosters have the columns for.",
            ),
        ),
        (
            "Unmatched",
            _table(
                unmatched.drop(columns=["E-mail", "Id", *to_fill[1:]]),
                "Every mentee has a mentor.",
            ),
        ),
        ("Loads", _table(loads.drop(columns=["Dual price", "E-mail", "Id"]), "No mentors.")),
        *([("Audit", _audit(matching, by))] if groups else []),
        ("Repairs", _folded(tables.repairs_table(matching), "Both rosters were read as they are.")),
        ("Column mapping", _folded(tables.mapping_table(matching), "Nothing was mapped.")),
        ("Settings", _folded(tables.settings_table(matching), "")),
    ]
    text = _page(title, _opening(matching, title, [name for name, _ in sections]), sections)
    if path is not None:
        write_file(path, text)
    return text


def _text(value: object) -> str:
    return html.escape(legal_text(value), quote=True)


def _page(title: str, opening: str, sections: Iterable[tuple[str, str]]) -> str:
    body = "".join(
        f'<section id="{_anchor(name)}"><h2>{_text(name)}</h2>{content}</section>\n'
        for name, content in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>{opening}\n{body}</body></html>\n"
    )


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _opening(matching: Matching, title: str, sections: Sequence[str]) -> str:
    cards = "".join(
        f"<div><small>{_text(what)}</small><b>{_FORMATS[kind](value)}</b>"
        f"<small>{_text(meaning)}</small></div>"
        for what, value, kind, meaning in tables.key_figures(matching)
    )
    checks = "".join(
        f"<li>{_text(check.replace('see sheet', 'see'))}</li>"
        for check in tables.things_to_check(matching)
    )
    said = "".join(f"<p>{_text(line)}</p>" for line in first_page.lines(matching))
    links = "".join(f'<a href="#{_anchor(name)}">{_text(name)}</a>' for name in sections)
    return (
        f'<h1>{_text(title)}</h1><p class="headline">{_text(tables.headline(matching))}</p>'
        f"<p>{_text(tables.proof(matching))}</p>{said}<nav>{links}</nav>"
        f'<div class="figures">{cards}</div>'
        f"<h2>To check before sending</h2><ul>{checks or '<li>Nothing stands out.</li>'}</ul>"
    )


def _table(frame: pd.DataFrame, empty: str) -> str:
    if not len(frame):
        return f"<p>{_text(empty)}</p>"
    head = "".join(f"<th>{_text(name)}</th>" for name in frame.columns)
    columns = [_cells(str(name), frame.iloc[:, k].tolist()) for k, name in enumerate(frame.columns)]
    rows = "".join(f"<tr>{''.join(cells)}</tr>\n" for cells in zip(*columns, strict=True))
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{rows}</tbody></table></div>"
    )


def _cells(name: str, values: list[Any]) -> list[str]:
    shown = _FORMATS.get(_KINDS.get(name, ""), "{:,.6g}".format)
    long = ' class="long"' if name in _LONG else ""
    cells = []
    for value in values:
        if value is None or value is pd.NA or value != value:
            cells.append("<td></td>")
        elif isinstance(value, int | float | np.number) and not isinstance(value, bool):
            cells.append(f'<td class="number">{shown(value)}</td>')
        else:
            cells.append(f"<td{long}>{_text(value)}</td>")
    return cells


def _folded(frame: pd.DataFrame, empty: str) -> str:
    if not len(frame):
        return f"<p>{_text(empty)}</p>"
    return f"<details><summary>{len(frame):,} rows</summary>{_table(frame, empty)}</details>"


def _audit(matching: Matching, by: Sequence[str] | None) -> str:
    groups, words = tables.audit_table(matching, by)
    paragraphs = "".join(f"<p>{_text(line)}</p>" for line in filter(None, words.split("\n")))
    return paragraphs + (_table(groups, "") if len(groups) else "")


def _pictures(matching: Matching, by: Sequence[str] | None) -> str:
    mentees = matching.problem.scores.mentees
    attributes = sorted(mentees.sensitive) if by is None else by
    drawn: list[tuple[str, Callable[[], Axes]]] = [
        ("How the scores of the pairs spread", lambda: plots.plot_distribution(matching)),
        *(
            (f"Scores by {name}", lambda name=name: plots.plot_distribution(matching, name))
            for name in attributes
            if isinstance(mentees.columns.get(name), Categories)
        ),
        ("Loads of the mentors", lambda: plots.plot_loads(matching)),
        ("Who is with whom", lambda: plots.plot_network(matching)),
        ("Scores of all pairs", lambda: plots.plot_scores(matching)),
    ]
    try:
        import matplotlib as mpl  # noqa: F401
    except ImportError:
        return (
            "<p>No pictures: matplotlib is not installed (pip install 'mentormatching[plot]').</p>"
        )
    return "".join(_picture(words, draw) for words, draw in drawn)


def _picture(words: str, draw: Callable[[], Axes]) -> str:
    import matplotlib.pyplot as plt

    figure: Any = draw().figure
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    plt.close(figure)
    data = base64.b64encode(held.getvalue()).decode("ascii")
    return f'<figure><img alt="{_text(words)}" src="data:image/png;base64,{data}"></figure>\n'
