"""Grids of wishes: several columns whose answers say how welcome one attribute of a person is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mentormatch.rosters.columns import Labels, label_key
from mentormatch.rosters.tables import Answers

_NO = re.compile(
    r"(?:definitely |absolutely )?(?:no|not|never|avoid)\b(?! my first| preference)"
    r"|.*\b(?:rather not|"
    r"not (?:acceptable|willing|an option|interested))\b"
)
_HALF = re.compile(
    r".*\b(?:not my first|second choice|make it work|if (?:necessary|needed|i have to)|acceptable"
    r"|no preference|neutral|either|indifferent|don't mind|do not mind|maybe|possibly|could work"
    r"|ok|okay|fine|somewhat)\b"
)
_YES = re.compile(
    r"(?:definitely |absolutely )?yes\b.*|.*\b(?:first (?:choice|preference)|strongly prefer\w*"
    r"|prefer\w*|ideal\w*|love to|definitely|happy to|very welcome)\b.*"
)
_GENDERS = {
    "female", "male", "non binary", "nonbinary", "woman", "man", "women", "men", "other gender",
}  # fmt: skip


def welcome(text: str) -> float | None:
    """Return 1 for definitely, 0.5 for would make it work, 0 for no, None for something else."""
    word = text.casefold().replace("’", "'").strip(" .!")
    if _HALF.match(word):
        return 0.5
    if _NO.match(word):
        return 0.0
    return 1.0 if _YES.match(word) else None


@dataclass(frozen=True)
class WishGrid:
    """Columns that ask about the values of one attribute: header -> value asked about."""

    attribute: str
    values: Mapping[str, str]


def _bare(header: str) -> str:
    return re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*$", "", header).strip()


def _suffix_words(header: str) -> set[str]:
    inside = re.search(r"[(\[]([^()\[\]]*)[)\]]\s*$", header)
    return set(label_key(inside.group(1)).split()) if inside else set()


def find_grids(
    columns: Sequence[Answers], attributes: Mapping[str, Sequence[str]]
) -> list[WishGrid]:
    """Return the grids of wishes among columns that nothing else claims.

    Parameters
    ----------
    columns
        Candidates, in any order.
    attributes
        Values seen in the roster's own columns, by attribute (`site`, `gender`, ...). A header
        is recognised as one of these values, with or without a suffix in brackets.
    """
    scaled = [c for c in columns if c.texts and all(welcome(t) is not None for t in c.texts)]
    if len({label_key(t) for c in scaled for t in c.texts}) < 2:
        return []
    known = {name: {label_key(v) for v in values} for name, values in attributes.items()}
    known["gender"] = known.get("gender", set()) | _GENDERS
    grids: dict[str, dict[str, str]] = {}
    open_headers: list[str] = []
    for header in sorted(column.header for column in scaled):
        keys = {label_key(header), label_key(_bare(header))}
        owner = next((name for name in sorted(known) if keys & known[name]), None)
        if owner is None:
            open_headers.append(header)
            continue
        grids.setdefault(owner, {})[header] = _value(header, known[owner])
    for header in open_headers:  # a value nobody on this roster has, asked about in the same form
        words = _suffix_words(header)
        alike = [
            name
            for name, members in sorted(grids.items())
            if words and any(words & _suffix_words(member) for member in members)
        ]
        if len(alike) == 1:
            grids[alike[0]][header] = _bare(header)
    return [
        WishGrid(name, values)
        for name, values in sorted(grids.items())
        if len(values) > 1 or not re.fullmatch(r"\w+", next(iter(values)))
    ]


def _value(header: str, known: set[str]) -> str:
    return header if label_key(header) in known else _bare(header)


def read_grid(grid: WishGrid, columns: Mapping[str, Answers]) -> Labels:
    """Return the wishes about one attribute; priority is how welcome each value is."""
    headers = sorted(grid.values, key=lambda h: (label_key(grid.values[h]), h))
    n = len(columns[headers[0]])
    how = np.full((n, len(headers)), np.nan, dtype=np.float32)
    for place, header in enumerate(headers):
        answers = columns[header]
        scale = [float(w) if (w := welcome(t)) is not None else np.nan for t in answers.texts]
        how[:, place] = np.array([*scale, np.nan], dtype=np.float32)[answers.codes]
    said = ~np.isnan(how)
    indptr = np.concatenate(([0], np.cumsum(said.sum(axis=1))))
    codes = np.nonzero(said)[1].astype(np.int32)
    return Labels(
        indptr,
        codes,
        tuple(grid.values[h] for h in headers),
        np.full(len(codes), np.nan, dtype=np.float32),
        how[said],
        np.asarray(said.any(axis=1), dtype=bool),
    )
