"""What the first page says besides the key figures: in the workbook, the report, the command."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mentormatch.insight.defects import defect_lines
from mentormatch.insight.wishes import NOT_WORKED_OUT, wish_lines
from mentormatch.matching.matching import Matching

__all__ = ["lines"]

Part = Callable[[Matching], Sequence[str]]


def note_lines(matching: Matching) -> list[str]:
    """Return the notes of a matching as sentences."""
    return [f"{note[0].upper()}{note[1:]}." for note in matching.notes]


def wishes_in_words(matching: Matching) -> list[str]:
    """Return what a first page says about wishes, without the name of a function."""
    words = "How many could be granted is not worked out here."
    return [line.replace(NOT_WORKED_OUT, words) for line in wish_lines(matching)]


PARTS: tuple[Part, ...] = (defect_lines, wishes_in_words, note_lines)
"""Each says one thing, in whole sentences; the most pressing first."""


def lines(matching: Matching) -> list[str]:
    """Return what a person who reads only the first page must know, a sentence or two per line.

    Parameters
    ----------
    matching
        Result of `solve`.

    Notes
    -----
    May solve again, once for each matching: workbook, report and command all begin with these.
    """
    said = matching.once(
        "first_page", lambda: tuple(line for part in PARTS for line in part(matching))
    )
    return list(said)
