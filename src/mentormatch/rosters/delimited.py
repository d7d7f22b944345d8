"""From the bytes of a delimited text file to rows of texts: which encoding, which delimiter."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from mentormatch.rosters.encodings import SHOWN_WORDS, Verdict, encoding_of
from mentormatch.rosters.findings import unreadable
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.repair import as_windows, has_stray_bytes
from mentormatch.rosters.table import Records

DELIMITERS = ",;\t|"
_SNIFFED = 1 << 16


def decode(content: bytes, reading: Reading) -> str:
    """Return the text of a file; stray bytes in UTF-8 stay as surrogates, repaired later.

    Parameters
    ----------
    content
        The file.
    reading
        Its choices may give the encoding; else it is found: marks, NUL bytes of UTF-16, UTF-8, and
        what `encoding_of` makes of the words that are not ASCII.

    Raises
    ------
    RosterError
        If the file is not in the encoding given.
    """
    source, encoding = reading.source, reading.choices.encoding
    if encoding is not None:
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError) as error:
            raise unreadable(
                source, f"the file is not {encoding} ({error})", "leave encoding= out"
            ) from error
    for bom, name in _MARKS.items():
        if content.startswith(bom):
            reading.note(name, f"the file is {name.upper()}", f"decoded as {name.upper()}")
            return content.decode(name, "replace").removeprefix("\ufeff")
    if (guess := _utf16_without_mark(content)) is not None:
        reading.note("utf16", "the file is UTF-16 without a mark", f"decoded as {guess}")
        return content.decode(guess, "replace")
    if content.startswith(b"\xef\xbb\xbf"):
        reading.note("bom", "the file starts with a byte order mark", "removed it")
        content = content[3:]
    if content.isascii():
        return content.decode("ascii")
    text = content.decode("utf-8", "surrogateescape")
    if has_stray_bytes(text) and not _mostly_utf8(text):
        found = encoding_of(content)
        name = found.codec
        reading.note(
            "encoding",
            "the file is not UTF-8",
            f"decoded as {found.spoken}; if names look wrong, give encoding=",
            value=", ".join(found.words[:SHOWN_WORDS]),
        )
        if found.rivals:
            _ask_about_words(found, reading)
        return as_windows(text) if name == "cp1252" else content.decode(name, "replace")
    return text


_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def _ask_about_words(found: Verdict, reading: Reading) -> None:
    """Ask which reading of the words that are not ASCII is right."""
    readings = {found.codec: found.words, **dict(found.rivals)}
    differing = [set(words) for words in zip(*readings.values(), strict=False)]
    telling = [place for place, words in enumerate(differing) if len(words) > 1][:SHOWN_WORDS]
    shown = {c: ", ".join(words[place] for place in telling) for c, words in readings.items()}
    reading.ask(
        "encoding",
        [],
        "the file does not say its encoding: which words read right?",
        f"read {shown[found.codec]}",
        [f"encoding={codec!r}  # {words}" for codec, words in list(shown.items())[:5]],
    )


def _utf16_without_mark(content: bytes) -> str | None:
    sample = content[: 1 << 16]
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    if (
        len(sample) > 8
        and max(odd, even) > 0.02 * len(sample)
        and min(odd, even) < max(odd, even) / 10
    ):
        name = "utf-16-le" if odd > even else "utf-16-be"
        line_end = "\n".encode(name)
        return name if line_end in sample else None
    return None


def _mostly_utf8(text: str) -> bool:
    """Tell whether lines of UTF-8 and lines in another encoding were put together.

    Then many lines hold characters outside ASCII and no stray byte. In a file of another encoding
    some bytes are UTF-8 by chance, seldom a line.
    """
    lines = [line for line in text.split("\n") if not line.isascii()]
    stray = sum(map(has_stray_bytes, lines))
    return len(lines) - stray > stray / 2


def parse_csv(text: str, reading: Reading) -> Records:
    source = reading.source
    first, _, rest = text.partition("\n")
    hint = re.fullmatch(r"\s*\"?sep=(.)\"?\s*", first, re.IGNORECASE)
    start = 2 if hint else 1
    body = rest if hint else text
    delimiter = hint.group(1) if hint else _sniff_delimiter(body)
    nul_free = body.replace("\x00", "")
    if nul_free is not body and len(nul_free) != len(body):
        reading.note("nul", "the file holds NUL characters", "removed them")
    csv.field_size_limit(2**31 - 1)
    try:
        reader = csv.reader(io.StringIO(nul_free, newline=""), delimiter=delimiter)
        records = list(reader)
        cut = len(records) > 1 and len(records[-1]) < len(records[0])
        if cut or reader.line_num != len(records):
            ends = _line_ends(nul_free, delimiter)
            _refuse_open_quotes(nul_free, ends, delimiter, start, source, last=cut)
        return list(enumerate(records, start))
    except csv.Error as error:
        raise unreadable(source, f"the file is not a table ({error})", "export it again") from error


def _line_ends(text: str, delimiter: str) -> list[int]:
    """Return the number of lines read after each record, 0 first."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [0, *(reader.line_num for _ in reader)]


def _refuse_open_quotes(
    text: str, ends: Sequence[int], delimiter: str, start: int, source: str, *, last: bool
) -> None:
    """Refuse answers over several lines whose quotes do not pair up: they swallow other rows.

    Parameters
    ----------
    ends
        Number of lines read after each record, 0 first.
    last
        Whether to look at the last record although it is one line.
    """
    long = [k for k in range(1, len(ends)) if ends[k] - ends[k - 1] > 1]
    if last and len(ends) - 1 not in long:
        long.append(len(ends) - 1)
    if not long:
        return
    lines = io.StringIO(text, newline="").readlines()
    reading = Reading(source)
    for k in long:
        try:
            list(csv.reader(lines[ends[k - 1] : ends[k]], delimiter=delimiter, strict=True))
        except csv.Error:
            reading.note(
                "open_quote",
                "a quotation mark that is not closed makes one row of "
                f"{ends[k] - ends[k - 1]} lines"
                if ends[k] - ends[k - 1] > 1
                else "a quotation mark is not closed",
                "close it, write two for one inside an answer, or export again",
                rows=[start + k - 1],
                value=lines[ends[k - 1]],
                fatal=True,
            )
    if reading.any_fatal:
        raise reading.stop()


def _sniff_delimiter(text: str) -> str:
    """Choose the delimiter that splits the first records most evenly into most cells."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text[:_SNIFFED], newline=""), delimiter=delimiter)
        try:
            widths = [len(record) for _, record in zip(range(100), reader, strict=False) if record]
        except csv.Error:
            continue
        widths = widths[:-1] if len(text) > _SNIFFED and len(widths) < 100 else widths
        if not widths or widths[0] < 2:
            continue
        score = (round(widths.count(widths[0]) / len(widths), 1), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best
