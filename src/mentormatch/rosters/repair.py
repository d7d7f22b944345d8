"""How one cell is written: stray bytes, wrong decoding, invisible signs, failed formulas."""

from __future__ import annotations

import html
import re
import unicodedata

from mentormatch.rosters.findings import Finding

LONG_TEXT = 5_000
"""Cells with more characters than this are noted."""
LONGEST = 32_767
"""Cells with more characters than a spreadsheet can hold are nobody's answer."""
LONGEST_HEADER = 4_000
"""Headers are cut here: no question is longer, and patterns look at every letter of one."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|_x000[dD]_")
_SURROGATES = re.compile("[\udc80-\udcff]+")
# UTF-8 that was once read as Windows-1252: a lead byte followed by a continuation byte
_MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]")
# marks of direction, zero width, byte order marks; not the joiners of Persian and of emoji
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_FAILED = re.compile(
    r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|ERROR!|FIELD!|BLOCKED!|CONNECT!"
    r"|GETTING_DATA"
    r"|BEZUG!|WERT!|ZAHL!|ÜBERLAUF!|VALEUR!|NOM\?|NOMBRE!|¡REF!|¡VALOR!|¿NOMBRE\?|¡NUM!|¡DIV/0!"
    r"|RIF!|VALORE!|NOME\?|VALOR!|VERW!|WAARDE!|NAAM\?|GETAL!|DEEL/0!|ADR!|ARG!|NAZWA\?|LICZBA!)"
    r"|Err:5\d\d|Loading\.\.\.",
    re.IGNORECASE,
)
INLINE_TAG = re.compile(
    r"<\s*/?\s*(?:a|b|big|code|em|font|i|label|mark|small|span|strong|sub|sup|u)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
BLOCK_TAG = re.compile(
    r"<\s*/?\s*(?:br|center|div|h[1-6]|img|li|ol|p|table|tbody|td|tr|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
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
    """Return a header on one line, without stray bytes, control characters and HTML.

    Examples
    --------
    >>> repaired_header("<p>What are your <b>goals</b>?&nbsp;</p>")
    'What are your goals?'
    """
    readable = _CONTROLS.sub(" ", as_windows(cell[:LONGEST_HEADER]))
    if not readable.isascii():
        readable = _INVISIBLE.sub("", unicodedata.normalize("NFC", _whole(readable)))
    if "<" in readable:
        readable = BLOCK_TAG.sub(" ", INLINE_TAG.sub("", readable))
    if "&" in readable:
        readable = html.unescape(readable)
    return " ".join(readable.split())


def _whole(text: str) -> str:
    """Return the text with half characters, which no file can hold, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_plain(text: str) -> bool:
    """Tell whether there is nothing to repair or to note, as in most cells."""
    return (
        text.isascii()
        and text.isprintable()
        and text[:1] not in "#=+-@"
        and text[:4].casefold() not in ("err:", "load")
        and len(text) <= LONG_TEXT
    )


def repaired(text: str) -> tuple[str, tuple[Finding, ...]]:
    """Return a cell as it was meant, and what is odd about it.

    Letters that Unicode can write in two ways are written in one (NFC), without a finding.
    """
    if len(text) > LONGEST:
        return "", (
            Finding(
                "longest_text",
                f"the cell has {len(text):,} characters, more than {LONGEST:,}",
                "read as not answered; shorten it",
            ),
        )
    if text.isascii() and text.isprintable():
        return _as_meant(text)
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
    if "\ufffd" in clean:
        found.append(
            Finding(
                "lost_characters",
                "characters were lost before or during the export",
                "kept the rest; export again as UTF-8, or give encoding=",
            )
        )
    if _CONTROLS.search(clean):
        clean = _CONTROLS.sub("", clean)
        found.append(
            Finding("control_characters", "the cell holds control characters", "removed them")
        )
    if _INVISIBLE.search(clean):
        clean = _INVISIBLE.sub("", clean)
        found.append(
            Finding(
                "invisible_characters",
                "the cell holds characters that nobody sees",
                "removed them",
            )
        )
    clean = unicodedata.normalize("NFC", _whole(clean)).strip()
    clean, odd = _as_meant(clean)
    return clean, (*found, *odd)


def _as_meant(text: str) -> tuple[str, tuple[Finding, ...]]:
    if text[:1] in "#EeLl" and _FAILED.fullmatch(text):
        return "", (
            Finding(
                "failed_formula",
                f"a formula failed here ({text})",
                "read as not answered; mend the formula, or write the answer",
            ),
        )
    return text, _odd(text)


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
