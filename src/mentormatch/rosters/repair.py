"""How one cell is written: stray bytes, decoding gone wrong, control characters, odd texts."""

from __future__ import annotations

import re

from mentormatch.rosters.findings import Finding

LONG_TEXT = 5_000
"""Cells with more characters than this are noted."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|_x000[dD]_")
_SURROGATES = re.compile("[\udc80-\udcff]+")
# UTF-8 that was once read as Windows-1252: a lead byte followed by a continuation byte
_MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]")
_FORMULA = re.compile(r"^\s*(=\s*[\w@+\-(\"']|@\w+\s*\(|[+\-]\s*[A-Za-z_]+\s*[(|!])")


def has_stray_bytes(text: str) -> bool:
    """Tell whether a text holds bytes that are not UTF-8, kept as surrogates."""
    return _SURROGATES.search(text) is not None


def as_windows(text: str) -> str:
    """Return the text with its stray bytes read as Windows-1252."""
    return _SURROGATES.sub(_windows, text)


def _windows(match: re.Match[str]) -> str:
    stray = match.group().encode("ascii", "surrogateescape")
    try:
        return stray.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing in Windows-1252
        return stray.decode("latin-1")


def repaired_header(cell: str) -> str:
    """Return a header on one line, without stray bytes and control characters."""
    readable = _CONTROLS.sub(" ", as_windows(cell))
    return " ".join(readable.encode("utf-8", "replace").decode("utf-8").split())


def repaired(text: str) -> tuple[str, tuple[Finding, ...]]:
    """Return a cell as it was meant, and what is odd about it."""
    if text.isascii() and text.isprintable():
        return text, _odd(text)
    found: list[Finding] = []
    clean = text
    if has_stray_bytes(clean):
        clean = as_windows(clean)
        found.append(
            Finding(
                "mixed_encoding",
                "the cell is not UTF-8 while others are",
                "decoded as Windows-1252",
            )
        )
    elif _MOJIBAKE.search(clean) and (read := _undo_mojibake(clean)) is not None:
        found.append(
            Finding(
                "mojibake",
                "the cell was decoded wrongly before the export",
                f"read as {read[:40]!r}",
            )
        )
        clean = read
    if _CONTROLS.search(clean):
        clean = _CONTROLS.sub("", clean)
        found.append(
            Finding("control_characters", "the cell holds control characters", "removed them")
        )
    clean = clean.encode("utf-8", "replace").decode("utf-8").strip()
    return clean, (*found, *_odd(clean))


def _odd(text: str) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if len(text) > LONG_TEXT:
        found.append(
            Finding("long_text", f"the cell has {len(text):,} characters", "kept it whole")
        )
    if text[0:1] in "=+-@\t" and _FORMULA.match(text):
        found.append(
            Finding(
                "formula_text",
                "the cell looks like a spreadsheet formula",
                "kept it as text; exports neutralise it",
            )
        )
    return tuple(found)


def _undo_mojibake(text: str) -> str | None:
    try:
        return text.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
