"""The HTML report: one file, nothing from outside, to read in a browser or to print."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.delivery import first_page, plot, tables
from mentormatch.delivery.drawing import pyplot
from mentormatch.delivery.outcomes import OUTCOMES, for_reader, outcomes_table
from mentormatch.delivery.page.tables import FORMATS, browsed, folded, shown_text, table
from mentormatch.delivery.settings_table import settings_table
from mentormatch.domains import typed
from mentormatch.errors import MentormatchError
from mentormatch.insight.audience import Audience, check_reader
from mentormatch.journal import logged
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.evaluation import Evaluation
from mentormatch.rosters.columns import Categories
from mentormatch.writing import write_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["report"]

REASONS = 300
"""In a report of more pairs than `MANY`, so many of the worst have their reasons and alternates."""
MANY = 2000
MOST_ROWS = 500
"""Rows of the folded tables."""
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
    evaluation: Evaluation | None = None,
) -> str:
    """Write a report of the matching as one HTML file that loads nothing from anywhere.

    Headline and proof, key figures, what to check, the tables of the workbook, the worst pairs
    first, and plots. Tables are sorted, filtered and paged by the page's own script, and read
    without it. Everything people typed is shown as text; a content security policy in the file
    keeps browsers from loading anything and from running anything else. Plots need matplotlib (the
    extra `plot`); without it the report says so and goes without.

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
    evaluation
        What came of this matching, from `evaluate`; it comes first.

    Returns
    -------
    str
        The HTML text; the same for the same matching and versions.

    Raises
    ------
    ColumnError
        If no roster has a column named in `by`.
    ParameterError
        If the audience is a participant, `by` is given for a reviewer, or the evaluation is of
        another matching.
    """
    check_reader(audience, by, "report")
    came = for_reader(evaluation, matching, audience, "report")
    groups = audience == "administrator"
    many = len(matching.pairs[0]) > MANY
    matches = tables.matches_table(
        matching, audience, reasons=REASONS if many else None, points=False
    )
    to_fill = ("Decision", "New mentor", "Comment")
    hidden = [name for name in matches if str(name).endswith((" id", "e-mail", *to_fill))]
    unmatched, loads = tables.unmatched_table(matching), tables.loads_table(matching)
    defects = tables.defects_table(matching).drop(columns=["Mentee id", "Mentor id"])
    no_defect = "No pair has a defect that the rosters have the columns for."
    unmatched = unmatched.drop(columns=["E-mail", "Id", *to_fill[1:]])
    # who is with whom stands in the matches already, and names are what makes a page heavy
    loads = loads.drop(columns=["Dual price", "E-mail", "Id", *(["Mentees"] if many else [])])
    read = "Both rosters were read as they are."
    sections = [
        *([(OUTCOMES, _outcomes(came))] if came is not None else []),
        ("Matches", _few_reasons(many) + browsed(
            matches.drop(columns=hidden), "matches", "Nobody could be matched.")),
        ("Pairs to look at", browsed(defects, "pairs to look at", no_defect)),
        ("Unmatched", browsed(unmatched, "unmatched mentees", "Every mentee has a mentor.")),
        ("Loads", browsed(loads, "loads of the mentors", "No mentors.")),
        *([("Audit", _audit(matching, by))] if groups else []),
        ("Pictures", _pictures(matching, by if groups else ())),
        ("Repairs", folded(tables.repairs_table(matching), read, MOST_ROWS)),
        ("Column mapping", folded(tables.mapping_table(matching), "Nothing was mapped.",
                                  MOST_ROWS)),
        ("Settings", folded(settings_table(matching), "", MOST_ROWS)),
    ]  # fmt: skip
    text = _page(title, _opening(matching, title, [name for name, _ in sections]), sections)
    if path is not None:
        write_file(path, text)
    return text


def _few_reasons(many: bool) -> str:
    if not many:
        return ""
    return (
        f'<p class="note">The worst come first. Reasons and alternates stand beside the first '
        f"{REASONS} pairs; the workbook has those of all.</p>"
    )


def _page(title: str, opening: str, sections: Iterable[tuple[str, str]]) -> str:
    body = "".join(
        f'<section id="{_anchor(name)}"><h2>{shown_text(name)}</h2>{content}</section>\n'
        for name, content in sections
    )
    style, script = (_part(name) for name in ("report.css", "report.js"))
    # even if a name slipped through unescaped, the browser would load nothing and run only this
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{shown_text(title)}</title><style>\n{style}</style></head>\n"
        f"<body>{opening}\n{body}<script>{script}</script></body></html>\n"
    )


def _part(name: str) -> str:
    return files("mentormatch.delivery.page").joinpath(name).read_text(encoding="utf-8")


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _opening(matching: Matching, title: str, sections: Sequence[str]) -> str:
    cards = "".join(
        f"<div><small>{shown_text(what)}</small><b>{FORMATS[kind](value)}</b>"
        f"<small>{shown_text(meaning)}</small></div>"
        for what, value, kind, meaning in tables.key_figures(matching)
    )
    checks = "".join(
        f"<li>{shown_text(check.replace('see sheet', 'see'))}</li>"
        for check in tables.things_to_check(matching)
    )
    said = "".join(f"<p>{shown_text(line)}</p>" for line in first_page.lines(matching))
    links = " ".join(f'<a href="#{_anchor(name)}">{shown_text(name)}</a>' for name in sections)
    return (
        f"<h1>{shown_text(title)}</h1>"
        f'<p class="headline">{shown_text(tables.headline(matching))}</p>'
        f"<p>{shown_text(tables.proof(matching))}</p>{said}<nav>{links}</nav>"
        f'<div class="figures">{cards}</div>'
        f"<h2>To check before sending</h2><ul>{checks or '<li>Nothing stands out.</li>'}</ul>"
    )


def _audit(matching: Matching, by: Sequence[str] | None) -> str:
    groups, words = tables.audit_table(matching, by)
    paragraphs = "".join(f"<p>{shown_text(line)}</p>" for line in filter(None, words.split("\n")))
    return paragraphs + (table(groups, "") if len(groups) else "")


def _outcomes(evaluation: Evaluation) -> str:
    """Return what may be said of the outcomes: words, figures, the picture."""
    words = "".join(f"<p>{shown_text(part)}</p>" for part in evaluation.text.split("\n\n"))
    figures = table(outcomes_table(evaluation), "Nobody answered.")
    return words + figures + _drawn([("What came of it", evaluation.plot)])


def _pictures(matching: Matching, by: Sequence[str] | None) -> str:
    mentees = matching.problem.scores.mentees
    attributes = sorted(mentees.sensitive) if by is None else by
    drawn: list[tuple[str, Callable[[], Axes]]] = [
        ("How the scores of the pairs spread", lambda: plot.distribution(matching)),
        *(
            (f"Scores by {name}", lambda name=name: plot.distribution(matching, name))
            for name in attributes
            if isinstance(mentees.columns.get(name), Categories)
        ),
        ("Loads of the mentors", lambda: plot.loads(matching)),
        ("Who is with whom", lambda: plot.network(matching)),
        ("Scores of all pairs", lambda: plot.scores(matching)),
    ]
    return _drawn(drawn)


def _drawn(drawn: Sequence[tuple[str, Callable[[], Axes | Figure]]]) -> str:
    """Return pictures with their words, or why there are none."""
    try:
        pyplot()
    except MentormatchError as error:
        return f"<p>No pictures. {shown_text(str(error))}</p>"
    return "".join(_picture(words, draw) for words, draw in drawn)


def _picture(words: str, draw: Callable[[], Axes | Figure]) -> str:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure: Any = draw().figure
    figure.set_dpi(DOTS_PER_INCH)
    canvas: Any = FigureCanvasAgg(figure)  # whatever the user's own pictures are drawn on
    canvas.draw()
    data = base64.b64encode(_small(canvas.buffer_rgba())).decode("ascii")
    pyplot().close(figure)
    return f'<figure><img alt="{shown_text(words)}" src="data:image/png;base64,{data}"></figure>\n'


def _small(pixels: Any) -> bytes:
    """Return a PNG in 128 colours: a third of the size, and the eye sees no difference."""
    from PIL import Image  # comes with matplotlib

    held = io.BytesIO()
    picture = Image.fromarray(np.asarray(pixels)[:, :, :3])
    picture.quantize(128, dither=Image.Dither.NONE).save(held, "PNG", optimize=True)
    return held.getvalue()
