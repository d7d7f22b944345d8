"""Wishes about an attribute of the other side, in one column or in a grid with one per value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np

from mentormatch.rosters.answers import without_blank_words
from mentormatch.rosters.columns import Labels, label_key
from mentormatch.rosters.group_words import (
    gender_words,
    is_about_gender,
    no_gender_wished,
    one_spelling,
    wished_parts,
    wished_word,
)
from mentormatch.rosters.labels import build_labels, split_level
from mentormatch.rosters.lists import Splitter, splitter_of
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.remembered import remembered
from mentormatch.rosters.roles import asked_of
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import (
    entries,
    fold_header,
    is_negative,
    is_one_of,
    within,
    yes_or_no,
)

HALF = 0.5
"""How welcome "would make it work" is."""


@remembered
def welcome(text: str) -> float | None:
    """Return 1 for definitely, 0.5 for would make it work, 0 for no, None for something else."""
    word = fold_header(text)
    if _begins("half").match(word):
        return HALF
    if _begins("no").match(word):
        return 0.0
    return 1.0 if _begins("yes").match(word) else None


@cache
def _begins(key: str) -> re.Pattern[str]:
    return re.compile("|".join(entries("welcome", key)))


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
    columns: Sequence[TextColumn], attributes: Mapping[str, Sequence[str]]
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
    known["gender"] = known.get("gender", set()) | gender_words()
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


def read_grid(grid: WishGrid, columns: Mapping[str, TextColumn]) -> Labels:
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


def read_wishes(field: str, answers: TextColumn, reading: Reading) -> Labels:
    """Return the values wished for in one column of cells; priority is how welcome each is."""
    splitter = splitter_of(answers, reading)
    clean = without_blank_words(answers, reading)
    gender = is_about_gender(field) or is_about_gender(answers.header)
    worded = _gender_words(clean, splitter) if gender else {}
    parsed: list[list[tuple[str, float]]] = []
    priorities: list[list[float]] = []
    for place, text in enumerate(clean.texts):
        options, welcome = [], []
        none = no_gender_wished(text) if gender else _begins("no_wish").match(fold_header(text))
        pieces = [] if none else splitter(text)
        for piece in chain.from_iterable(map(wished_parts, pieces)) if gender else pieces:
            label, level, odd = split_level(piece)
            word = worded.get(label, label)
            if label_key(word) != label_key(label):
                reading.note(
                    "group_word",
                    "another word for the same group",
                    f"read as {word!r}",
                    **clean.at(place, piece),
                )
            label = word
            if odd is not None:
                reading.note(
                    "level",
                    f"how welcome {label!r} is, is not a number",
                    "read as welcome",
                    **clean.at(place, piece),
                )
            options.append((label, np.nan))
            welcome.append(1.0 if np.isnan(level) else min(level, 1.0))
        parsed.append(options)
        priorities.append(welcome)
    column = build_labels(clean, parsed)
    if all(w == 1.0 for row in priorities for w in row):
        return column
    return _with_priorities(column, clean, parsed, priorities)


def _gender_words(answers: TextColumn, splitter: Splitter) -> dict[str, str]:
    """Return the word for a gender that each wish stands for."""
    counted: dict[str, int] = {}
    means: dict[str, str] = {}
    for text, count in zip(answers.texts, answers.counts.tolist(), strict=True):
        pieces = [] if no_gender_wished(text) else splitter(text)
        for piece in chain.from_iterable(map(wished_parts, pieces)):
            label = split_level(piece)[0]
            means[label] = word = wished_word(label)
            counted[word] = counted.get(word, 0) + count
    shown = one_spelling(counted.keys(), counted.values())
    return {label: shown.get(word, word) for label, word in means.items()}


def _with_priorities(
    column: Labels,
    answers: TextColumn,
    parsed: Sequence[Sequence[tuple[str, float]]],
    priorities: Sequence[Sequence[float]],
) -> Labels:
    how: list[dict[str, float]] = [
        {label_key(label): w for (label, _), w in zip(o, p, strict=True)}
        for o, p in zip(parsed, priorities, strict=True)
    ]
    keys = [label_key(label) for label in column.labels]
    person = np.repeat(np.arange(len(column)), np.diff(column.indptr))
    values = [
        how[answers.codes[p]].get(keys[c], 1.0) for p, c in zip(person, column.codes, strict=True)
    ]
    return Labels(
        column.indptr,
        column.codes,
        column.labels,
        column.level,
        np.array(values, dtype=np.float32),
        column.given,
    )


def asks_for_own_gender(header: str, role: str) -> bool:
    """Tell whether a question is whether the other side should be of one's own gender."""
    return (
        within("wishes", "own_gender").search(fold_header(header)) is not None
        and not is_negative(header)
        and asked_of(header) in (None, role)
    )


def wants_own(text: str) -> bool | None:
    """Return whether an answer wishes for what is one's own; None where that is not clear."""
    if is_one_of("answers", "unsure")(fold_header(text)) or no_gender_wished(text):
        return False
    if within("wishes", "own_gender").search(fold_header(text)):
        return not is_negative(text)
    said = yes_or_no(text)
    how = welcome(text) if said is None else float(said)
    return None if how is None else how > HALF


def named_own_gender(wishes: TextColumn, gender: TextColumn | None, reading: Reading) -> TextColumn:
    """Return wishes with the gender that a row names in place of "the same as mine"."""
    own = [within("wishes", "own_gender").search(fold_header(t)) is not None for t in wishes.texts]
    if not any(own):
        return wishes
    means = np.array([*own, False])[wishes.codes]
    if gender is None:
        reading.ask(
            "own_gender", [wishes.header],
            "some wish for their own gender, and it is not known which that is",
            "read as no wish",
            (
                "columns={'gender': 'header'}  # the column that says which gender they are",
                f"columns={{{wishes.header!r}: None}}  # leave it",
            ),
        )  # fmt: skip
    theirs = [""] * len(wishes) if gender is None else gender.cells()
    cells = [
        same if asked else given
        for asked, same, given in zip(means.tolist(), theirs, wishes.cells(), strict=True)
    ]
    reading.note(
        "own_gender",
        "a wish for one's own gender",
        "read as no wish" if gender is None else f"read as what {gender.header!r} says",
        rows=wishes.rows[means],
        column=wishes.header,
    )
    return TextColumn.of(wishes.header, cells, wishes.rows)


def read_gated(field: str, wish: TextColumn, gate: TextColumn, reading: Reading) -> Labels:
    """Return the wishes of those who opted in; nobody else's are kept at all."""
    opted = np.array([*(wants_own(text) is True for text in gate.texts), False])[gate.codes]
    codes = np.where(opted, wish.codes, -1)
    reading.note(
        "opted_in",
        "asked to be matched by what is in this column, but did not say",
        "read as no wish",
        rows=wish.rows[opted & (wish.codes < 0)],
        column=wish.header,
    )
    return read_wishes(field, TextColumn(wish.header, codes, wish.texts, wish.rows), reading)
