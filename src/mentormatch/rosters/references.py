"""References to people: ids as typed, e-mail addresses, lists of wishes."""

from __future__ import annotations

import re

from mentormatch.rosters.answers import literal_list
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.remembered import remembered
from mentormatch.rosters.vocabulary import fold_header, is_one_of

EMAIL = re.compile(r"(?<![^@\s;,<>])[^@\s;,<>]+@[^@\s;,<>]+\.[^@\s;,<>.]+")
_NOBODY = re.compile(
    r"(?:no|none|nobody|no one|n/?a|nan|null|not applicable|no preference|any(?:one)?|-+|\.)\.?",
    re.IGNORECASE,
)
_PLAIN_ID = re.compile(r"[A-Za-z]{0,3}\d{1,12}")
_FAMILY_NAME_FIRST = re.compile(
    r"([^\W\d]['’\w-]+(?:\s[^\W\d]['’\w-]+)?),\s*([^\W\d][.'’\w-]*(?:\s[^\W\d][.'’\w-]*)?)"
)
_BETWEEN_NAMES = re.compile(r"(?<=[^\W\d]{2}):\s*(?=[^\W\d]+[ ][^\W\d])")
"""A colon between two names: ``Quin Elm:Rae Fir``."""
_TOKEN = re.compile(r"(?=[\w.@+-]*[\d@])[\w.@+-]+")


def is_nobody(text: str) -> bool:
    """Tell whether an answer to a question about people names nobody: none, n/a, keine."""
    word = text.strip(" .,;")
    return _NOBODY.fullmatch(word) is not None or is_one_of("answers", "nobody")(fold_header(word))


@remembered
def parse_id(text: str) -> tuple[str, Finding | None]:
    """Return an id as it was meant: numbers typed as ``123456789.0`` lose the fraction."""
    word = " ".join(text.split())
    if word.isalnum():
        return word, None
    if re.fullmatch(r"\d+\.0+", word):
        plain = word.split(".")[0]
        return plain, Finding("id_number", "the id was typed as a number", f"read as {plain!r}")
    if re.fullmatch(r"\d(?:\.\d+)?E\+\d{1,2}", word, re.IGNORECASE):
        return word, Finding(
            "id_rounded",
            "a spreadsheet rounded this id",
            "kept as it is; format the column as text and export again",
        )
    return word, None


@remembered
def parse_email(text: str) -> str | None:
    """Return the address in a cell (``Ana <ana@x.org>``), in lower case, None if there is none."""
    found = EMAIL.search(text)
    if found is None:
        return None
    return found.group().strip(".'\"()").casefold().removeprefix("mailto:").removeprefix("smtp:")


@remembered
def parse_people(text: str) -> tuple[tuple[str, ...], Finding | None]:
    """Return the references in a cell, in order, whatever separates them.

    Examples
    --------
    >>> parse_people("123456789 234567891, ")[0]
    ('123456789', '234567891')
    """
    ids = text.split(";")
    if all(map(_PLAIN_ID.fullmatch, ids)) and len(set(ids)) == len(ids):  # most cells
        return tuple(ids), None
    word = text.strip().strip(",;|/ \t\n")
    if not word or is_nobody(word):
        return (), None
    if word[:1] == "[" and word[-1:] == "]" and (items := literal_list(word)) is not None:
        return tuple(dict.fromkeys(parse_id(item)[0] for item in items)), None
    if addresses := EMAIL.findall(word):
        rest = EMAIL.sub("", word)
        if "<" in text or not re.search(r"\w{2,}", rest):
            return _unique(addresses, text, ";" in text or "," in text or len(addresses) == 1)
    parts = [part for part in re.split(r"[;\n|]", word) if part.strip()]
    turned = [_FAMILY_NAME_FIRST.fullmatch(part.strip()) for part in parts]
    if all(turned) and len(parts) > 1:  # one such part may be two people: the rosters decide
        names = [f"{name[2]} {name[1]}" for name in turned if name]
        return tuple(dict.fromkeys(names)), Finding(
            "people_turned",
            "the family name stands before a comma",
            f"read as {'; '.join(names)}; put a semicolon between different people",
        )
    pieces = [p for p in re.split(r"[;,\n|、；،，]|\s+(?:and|&)\s+|\s/\s", word) if p.strip()]
    pieces = [part for piece in pieces for part in _BETWEEN_NAMES.split(piece)]
    enumerated = [re.sub(r"^\s*\(?\d{1,2}\s*[.):]\s+", "", piece).strip() for piece in pieces]
    spaced = [piece.split() for piece in enumerated]
    odd = False
    references: list[str] = []
    for piece, tokens in zip(enumerated, spaced, strict=True):
        if len(tokens) > 1 and all(_TOKEN.fullmatch(token) for token in tokens):
            references += tokens  # ids parted by nothing but spaces
            odd = True
        elif piece:
            references.append(" ".join(tokens))
    meant = [parse_id(reference)[0] for reference in references]
    plain = not odd and meant == references and word == text.strip()
    return _unique(meant, text, plain)


def _unique(
    references: list[str], text: str, plain: bool
) -> tuple[tuple[str, ...], Finding | None]:
    found = tuple(dict.fromkeys(r.strip(" .,;") for r in references if r.strip(" .,;")))
    if plain and len(found) == len(references):
        return found, None
    return found, Finding(
        "people_separator", "references to people are written oddly", f"read as {', '.join(found)}"
    )
