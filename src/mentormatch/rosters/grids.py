"""Several columns that make one answer: ticks, ranks, levels, ratings; and ratings in one cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.answers import each_text, lookup_numbers, without_blank_words
from mentormatch.rosters.columns import Labels, People, Vectors, label_key
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.labels import parse_level
from mentormatch.rosters.numbers import read_numbers
from mentormatch.rosters.plan import Part
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.scale_columns import on_scale
from mentormatch.rosters.scales import (
    AGREEMENT,
    FREQUENCY,
    IMPORTANCE,
    known_scale,
    numbered_scale,
    place_on,
)
from mentormatch.rosters.spread import is_other, ticked
from mentormatch.rosters.table import TextColumn


def ticked_options(part: Part, several: Sequence[TextColumn]) -> Labels:
    """Return the options that each person ticked; who left all of them blank did not answer."""
    picks = [ticked(column, item) for column, item in zip(several, part.items, strict=True)]
    offered = {i for i, c in zip(part.items, several, strict=True) if not is_other(c)}
    names = offered.union(name for options in picks for name in options if name is not None)
    order = sorted(names, key=lambda name: (label_key(name), name))
    place = {name: code for code, name in enumerate(order)}
    people: list[npt.NDArray[np.int64]] = []
    codes: list[npt.NDArray[np.int64]] = []
    for column, options in zip(several, picks, strict=True):
        code = np.array([-1 if name is None else place[name] for name in [*options, None]])
        held = code[column.codes]
        people.append(np.flatnonzero(held >= 0))
        codes.append(held[held >= 0])
    pairs = np.unique(np.column_stack([np.concatenate(people), np.concatenate(codes)]), axis=0)
    said = np.logical_or.reduce([column.given for column in several])
    return Labels(
        np.searchsorted(pairs[:, 0], np.arange(len(said) + 1)),
        pairs[:, 1].astype(np.int32),
        tuple(order),
        np.full(len(pairs), np.nan, dtype=np.float32),
        np.ones(len(pairs), dtype=np.float32),
        said,
    )


def _listed(
    chosen: npt.NDArray[np.bool_],
    priority: npt.NDArray[np.float64],
    names: Sequence[str],
    said: npt.NDArray[np.bool_],
) -> Labels:
    """Return the labels chosen, bool (n, options), with their priorities."""
    codes = np.nonzero(chosen)[1].astype(np.int32)
    return Labels(
        np.concatenate(([0], np.cumsum(chosen.sum(axis=1)))),
        codes,
        tuple(names),
        np.full(len(codes), np.nan, dtype=np.float32),
        priority[chosen].astype(np.float32),
        said,
    )


def ranked(part: Part, several: Sequence[TextColumn]) -> Labels | People:
    """Return people, best first, or labels with priorities, from places that count from 1."""
    order = sorted(range(len(several)), key=lambda k: (label_key(part.items[k]), part.items[k]))
    places = np.column_stack(
        [np.array([*map(float, several[k].texts), np.nan])[several[k].codes] for k in order]
    )
    placed = ~np.isnan(places) & (places > 0)
    names = [part.items[k] for k in order]
    if part.kind == "people":
        ranked = np.argsort(np.where(placed, places, np.inf), axis=1, kind="stable")
        return People.of(
            [names[k] for k in row[: int(count)]] if count else None
            for row, count in zip(ranked, placed.sum(axis=1), strict=True)
        )
    lowest = max(float(np.nanmax(places, initial=1.0)), 1.0)
    return _listed(placed, (lowest - places + 1) / lowest, names, placed.any(axis=1))


def levelled(part: Part, several: Sequence[TextColumn], reading: Reading) -> Labels:
    """Return one label per line of a grid, with the level ticked; level 0 or "no" is no label."""
    n = len(several[0])
    levels = np.full((n, len(several)), np.nan)
    said = np.zeros(n, dtype=bool)
    ticked = np.zeros((n, len(several)), dtype=bool)
    order = sorted(range(len(several)), key=lambda k: (label_key(part.items[k]), part.items[k]))
    for slot, place in enumerate(order):
        answers = without_blank_words(several[place], reading)
        read = [parse_level(text) for text in answers.texts]
        scale = known_scale(answers.texts, (AGREEMENT, IMPORTANCE))
        if scale is not None and None in read:
            read = [place_on(scale, text) for text in answers.texts]
        for code, level in enumerate(read):
            people = answers.holders(code)
            text = answers.texts[code]
            if level is None and not re.fullmatch(r"(?:yes|y|x|true|no|n|false)", text, re.I):
                reading.note(
                    "level",
                    "the level is not a number",
                    "kept without a level",
                    **answers.at(code, text),
                )
            said[people] = True
            ticked[people, slot] = level != 0 and not re.fullmatch(r"no|n|false", text, re.I)
            levels[people, slot] = np.nan if level is None else level
    indptr = np.concatenate(([0], np.cumsum(ticked.sum(axis=1))))
    codes = np.nonzero(ticked)[1].astype(np.int32)
    names = tuple(part.items[place] for place in order)
    return Labels(
        indptr,
        codes,
        names,
        levels[ticked].astype(np.float32),
        np.ones(len(codes), dtype=np.float32),
        said,
    )


def vectors_of(several: Sequence[TextColumn], names: Sequence[str], reading: Reading) -> Vectors:
    """Return ratings, one per column or several in one cell."""
    if len(several) == 1:
        return _vector_cells(several[0], reading)
    order = sorted(
        range(len(several)), key=lambda k: (label_key(several[k].header), several[k].header)
    )
    values = np.column_stack([_rating(several[k], reading) for k in order])
    labels = names or [answers.header for answers in several]
    return Vectors(values, tuple(labels[k] for k in order))


def _rating(answers: TextColumn, reading: Reading) -> npt.NDArray[np.float64]:
    clean = without_blank_words(answers, reading)
    scale = known_scale(clean.texts, (AGREEMENT, FREQUENCY, IMPORTANCE))
    if scale is not None:
        return on_scale(clean, scale, reading).values
    if (numbered := numbered_scale(clean.texts)) is not None:
        return lookup_numbers(clean, [numbered[1][t] for t in clean.texts])
    return read_numbers(clean, reading).values


def _vector_cells(answers: TextColumn, reading: Reading) -> Vectors:
    def parse(text: str) -> tuple[tuple[float, ...], Finding | None]:
        try:
            return tuple(float(x) for x in re.split(r"[;,\s]+", text.strip(" []();,")) if x), None
        except ValueError:
            return (), Finding("vector", "not a list of numbers", "read as not answered")

    rows = each_text(answers, parse, reading)
    width = max(map(len, rows), default=0)
    table = np.full((len(rows) + 1, width), np.nan)
    for place, row in enumerate(rows):
        if len(row) == width:
            table[place] = row
        elif row:
            reading.note(
                "vector",
                f"{len(row)} numbers where others have {width}",
                "read as not answered",
                **answers.at(place),
            )
    return Vectors(table[answers.codes])
