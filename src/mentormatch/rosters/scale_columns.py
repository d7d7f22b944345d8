"""From answers on a scale to numbers: ranks, grades, weights, yes and no."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mentormatch.rosters import answers as cells
from mentormatch.rosters.answers import each_text, lookup_numbers, without_blank_words
from mentormatch.rosters.columns import Column, Numbers, label_key
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.headers import gate_answer
from mentormatch.rosters.numbers import looks_numeric, read_numbers
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.scales import (
    CAREER,
    CIVIL_SERVICE,
    FINANCE,
    IMPORTANCE,
    RHYTHM,
    are_forms,
    by_ladder,
    by_number,
    fold,
    grade_codes,
    known_scale,
    numbered_scale,
    one_form,
    place_on,
    rises_by_number,
    same_letters,
)
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import disputed_steps, yes_or_no

_SCALES = {
    "seniority": (CIVIL_SERVICE, CAREER),
    "rhythm": (RHYTHM,),
}


def ordered(answers: TextColumn, order: Sequence[str], reading: Reading) -> Numbers:
    """Return positions on a scale given from lowest to highest; forms of one title count alike."""
    places = {label_key(label): place for place, label in enumerate(order)}

    def parse(text: str) -> tuple[float, Finding | None]:
        forms = (place for place, label in enumerate(order) if are_forms(text, label))
        place = places.get(label_key(text))
        place = next(forms, None) if place is None else place
        if place is None:
            return np.nan, Finding("scale", "not on the given scale", "read as not answered")
        return float(place), None

    clean = without_blank_words(answers, reading)
    values = lookup_numbers(clean, each_text(clean, parse, reading))
    return Numbers(values, tuple(map(str, order)))


def on_scale(answers: TextColumn, scale: tuple[str, ...], reading: Reading) -> Numbers:
    """Return positions on a known scale; what is not on it is listed."""

    def parse(text: str) -> tuple[float, Finding | None]:
        place = place_on(scale, text)
        if place is None:
            return np.nan, Finding(
                "scale", f"not on the scale {scale[0]} to {scale[-1]}", "read as not answered"
            )
        return float(place), None

    return Numbers(lookup_numbers(answers, each_text(answers, parse, reading)), scale)


def scale_of(name: str, answers: TextColumn, reading: Reading) -> Column:
    """Return positions of ranks and grades, lowest first; labels where nobody knows the order."""
    clean = without_blank_words(answers, reading)
    if looks_numeric(clean):
        return read_numbers(clean, reading)
    if (numbered := numbered_scale(clean.texts)) is not None:
        labels, places = numbered
        return Numbers(lookup_numbers(clean, [places[t] for t in clean.texts]), labels)
    clean = _in_one_form(clean, reading)
    if (scale := known_scale(clean.texts, _scales(name, clean.texts), share=0.8)) is not None:
        levels = _levels_on(scale, clean.texts)
        if scale is FINANCE or (scale is CAREER and _disputed(clean.texts)):
            titles = [text for level in levels for text in level]
            _ask_order(name, clean, titles, reading, [" = ".join(level) for level in levels])
        elif scale is CAREER:
            _list_one_level(clean, levels, reading)
        return on_scale(clean, scale, reading)
    codes = grade_codes(clean.texts)
    if codes is not None and rises_by_number(codes):
        return Numbers(lookup_numbers(clean, [float(codes[text][1]) for text in clean.texts]))
    order = None if codes is None else by_ladder(codes)
    if order is None and same_letters(clean.texts):
        order = by_number(clean.texts)
    if order is not None:
        _ask_order(name, clean, order, reading)
        steps = {label_key(label): float(place) for place, label in enumerate(order)}
        values = [steps[label_key(text)] for text in clean.texts]
        return Numbers(lookup_numbers(clean, values), tuple(order))
    reading.note(
        "order_unknown",
        "the order of these answers is not known",
        "read as labels without an order; give it with "
        f"orders={{{name!r}: [lowest, ..., highest]}}",
        column=answers.header,
        value=", ".join(clean.texts[:6]),
    )
    if len(clean.texts) > 1:
        known = by_number(clean.texts)[:12]
        reading.ask(
            "order_unknown",
            [answers.header],
            "the order of these answers is not known",
            "read as labels without an order",
            (f"orders={{{name!r}: {known!r}}}  # put in order, lowest first",),
        )
    return cells.categories(clean, reading)


def _levels_on(scale: tuple[str, ...], texts: Sequence[str]) -> list[list[str]]:
    """Return the answers on each level of a scale that somebody chose, lowest level first."""
    levels: dict[int, list[str]] = {}
    for text in texts:
        if (place := place_on(scale, text)) is not None:
            levels.setdefault(place, []).append(text)
    return [sorted(levels[place]) for place in sorted(levels)]


def _list_one_level(answers: TextColumn, levels: Sequence[Sequence[str]], reading: Reading) -> None:
    for titles in levels:
        if len(titles) > 1:
            reading.note(
                "one_level", "several titles on one level", f"read as {' = '.join(titles)}",
                column=answers.header, value=", ".join(titles),
            )  # fmt: skip


def _scales(name: str, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the scales of a field; the banks' first where analysts and associates are two."""
    scales = _SCALES[name]
    steps = {place_on(FINANCE, text) for text in texts}
    return (FINANCE, *scales) if CAREER in scales and steps >= {0, 1} else scales


def _disputed(texts: Sequence[str]) -> bool:
    folded = [fold(text) for text in texts]
    return any(
        all(any(re.fullmatch(step, text) for text in folded) for step in pair)
        for pair in disputed_steps()
    )


def _ask_order(
    name: str,
    answers: TextColumn,
    order: Sequence[str],
    reading: Reading,
    shown: Sequence[str] = (),
) -> None:
    """Ask for the order of grades; `shown` has those that are read as one level as one."""
    reading.ask(
        "grade_order",
        [answers.header],
        "the order of these grades is guessed",
        f"read as {' < '.join(shown or order)}",
        (f"orders={{{name!r}: {list(order)!r}}}  # lowest first; name those of both rosters",),
    )


def _in_one_form(answers: TextColumn, reading: Reading) -> TextColumn:
    """Return the answers with one form per title: Direktorin and Direktor are one level."""
    forms = one_form(answers.texts, answers.counts.tolist())
    for place, text in enumerate(answers.texts):
        if label_key(forms[text]) != label_key(text):
            reading.note(
                "title_form",
                "another form of the same title",
                f"read as {forms[text]!r}",
                **answers.at(place, text),
            )
    if all(form == text for text, form in forms.items()):
        return answers
    return TextColumn.of(
        answers.header, [forms.get(cell, cell) for cell in answers.cells()], answers.rows
    )


def weight_of(answers: TextColumn, reading: Reading) -> Numbers:
    """Return how important something is, as a number of at least 0."""
    clean = without_blank_words(answers, reading)
    if known_scale(clean.texts, (IMPORTANCE,)) is not None:
        return Numbers(on_scale(clean, IMPORTANCE, reading).values)
    levels = numbered_scale(clean.texts)
    if levels is not None:
        return Numbers(lookup_numbers(clean, [levels[1][t] for t in clean.texts]))
    return read_numbers(clean, reading, least=0)


def gate_of(field: str, answers: TextColumn) -> Numbers:
    """Return 1 for yes, 0 for no of a question who takes part, NaN for what is neither."""
    said = [gate_answer(field, text) for text in answers.texts]
    values = lookup_numbers(answers, [np.nan if one is None else float(one) for one in said])
    return Numbers(values, ("no", "yes"))


def yes_no_of(answers: TextColumn, reading: Reading) -> Numbers:
    """Return 1 for yes and 0 for no."""

    def parse(text: str) -> tuple[float, Finding | None]:
        word = text.casefold()
        if re.search(
            r"rather not|not be (?:paired|matched) with any|rather (?:stay|remain|wait)", word
        ):
            return 1.0, None
        yes = yes_or_no(text) or re.match(r"(?:yes|true|y|1|only)\b", word) is not None
        return float(yes), None

    values = lookup_numbers(answers, each_text(answers, parse, reading))
    return Numbers(values, ("no", "yes"))
