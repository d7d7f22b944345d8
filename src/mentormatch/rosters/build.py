"""From the plan and the cells to typed columns, one builder per kind of answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ColumnError, did_you_mean
from mentormatch.rosters import answers as cells
from mentormatch.rosters.answers import each_text, lookup_numbers, without_blank_words
from mentormatch.rosters.columns import (
    SLOTS_PER_WEEK,
    Categories,
    Column,
    Hours,
    Labels,
    Numbers,
    People,
    Vectors,
    label_key,
)
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.group_words import in_one_wording
from mentormatch.rosters.headers import FIELD_KINDS, ON_PROFILES
from mentormatch.rosters.hours import parse_week, parse_zone
from mentormatch.rosters.labels import (
    marked_list,
    paired_labels,
    parse_level,
    read_labels,
    splitter_of,
)
from mentormatch.rosters.numbers import looks_numeric, read_numbers
from mentormatch.rosters.plan import Part, Plan
from mentormatch.rosters.reading import Choices, Reading
from mentormatch.rosters.references import parse_people
from mentormatch.rosters.scales import (
    AGREEMENT,
    CAREER,
    CIVIL_SERVICE,
    FREQUENCY,
    IMPORTANCE,
    RHYTHM,
    by_ladder,
    grade_codes,
    known_scale,
    numbered_scale,
    place_on,
    rises_by_number,
)
from mentormatch.rosters.spread import is_other, ticked
from mentormatch.rosters.table import TextColumn, cell_text, objects
from mentormatch.rosters.vocabulary import fold_header
from mentormatch.rosters.wishes import read_gated, read_grid, read_wishes

if TYPE_CHECKING:
    import pandas as pd

_UNITS = {"experience": "year", "tenure": "year", "length": "month", "hours": "hours a month"}
_SCALES = {
    "seniority": (CIVIL_SERVICE, CAREER),
    "rhythm": (RHYTHM,),
}


def check_names(plan: Plan, reading: Reading) -> None:
    """Raise if `kinds` or `orders` names neither a field of the plan nor a column of the file."""
    known = {*plan.parts, *plan.columns}
    unknown = sorted({*reading.choices.kinds, *reading.choices.orders} - known)
    if unknown:
        raise ColumnError(
            "; ".join(
                f"{reading.source} has no column {name!r}. {did_you_mean(name, known)}"
                for name in unknown
            ),
            column=unknown[0],
        )


def columns_of(
    plan: Plan,
    by_header: Mapping[str, TextColumn],
    reading: Reading,
) -> tuple[dict[str, Column], dict[str, tuple[str, str]]]:
    """Return the typed columns, fields first, and (kind, reason) of each by name."""
    built: dict[str, Column] = {}
    reasons: dict[str, tuple[str, str]] = {}
    zones = _zones(plan, by_header, reading)
    by_header = _in_one_wording(plan, by_header, reading)
    for name in sorted(plan.parts, key=_vocabulary_order):
        part = plan.parts[name]
        if name in ON_PROFILES or part.kind in ("time", "person"):
            continue
        column = _field(part, by_header, zones, reading)
        built[name] = column
        reasons[name] = (column.kind, part.reason)
    loose = [by_header[h] for h in plan.columns if h not in plan.used]
    kept_under_header = [
        by_header[part.headers[0]] for name, part in plan.parts.items() if part.kind == "time"
    ]
    for answers in sorted(loose + kept_under_header, key=lambda a: (label_key(a.header), a.header)):
        if not answers.texts and answers.header not in reading.choices.kinds:
            continue
        column, reason = _attribute(answers, reading)
        built[answers.header] = column
        reasons[answers.header] = (column.kind, reason)
    return built, reasons


def columns_as_named(
    values: Mapping[str, Sequence[Any]], people: int, role: str, source: str
) -> tuple[dict[str, Column], pd.DataFrame]:
    """Return columns that keep their names, typed as `read_roster` does, and what was repaired.

    A column named like a field is read as that field; lists are lists.
    """
    rows = np.arange(2, people + 2)
    lists = {
        name: "labels"
        for name, cells_ in values.items()
        if name not in FIELD_KINDS and any(isinstance(v, list | tuple | set) for v in cells_)
    }
    reading = Reading(source, role=role, choices=Choices(kinds=lists))
    by_header = {
        name: TextColumn.of(name, objects([cell_text(v) for v in given]), rows)
        for name, given in values.items()
    }
    plan = Plan(by_header, role)
    for name in by_header:
        if name in FIELD_KINDS:
            plan.add(Part(name, FIELD_KINDS[name], (name,), "the field's own name"))
    built, _ = columns_of(plan, by_header, reading)
    if reading.any_fatal:
        raise reading.stop()
    nobody = Categories(np.full(people, -1, dtype=np.int32), ())
    return {name: built.get(name, nobody) for name in values}, reading.frame(fatal=False)


def _in_one_wording(
    plan: Plan,
    by_header: Mapping[str, TextColumn],
    reading: Reading,
) -> dict[str, TextColumn]:
    """Return the cells with one label per group in every sensitive column that is used."""
    fields = {header: part for part in plan.parts.values() for header in part.headers}
    changed = dict(by_header)
    for header in sorted({*fields, *plan.columns} & set(by_header)):
        part = fields.get(header)
        name = part.field if part is not None else header
        if name in reading.choices.orders or (part is not None and part.kind == "wishes"):
            continue
        changed[header] = in_one_wording(by_header[header], name, reading)
    return changed


def _vocabulary_order(name: str) -> tuple[int, str]:
    order = list(FIELD_KINDS)
    return (order.index(name) if name in order else len(order)), name


def _field(
    part: Part,
    by_header: Mapping[str, TextColumn],
    zones: Sequence[str | None] | None,
    reading: Reading,
) -> Column:
    several = [by_header[header] for header in part.headers]
    if (order := reading.choices.orders.get(part.field)) is not None:
        return ordered(several[0], order, reading)
    if part.shape == "wish_grid" and part.grid is not None:
        return read_grid(part.grid, by_header)
    if part.shape == "gated":
        return read_gated(part.field, several[0], several[1], reading)
    if part.shape == "hours_grid":
        return _hours_grid(part, several, zones, reading)
    if part.shape == "ticks":
        return _ticks(part, several)
    if part.shape == "rank_grid":
        return _rank_grid(part, several)
    if part.shape == "level_grid":
        return _level_grid(part, several, reading)
    if part.shape == "paired":
        names = [by_header[h] for h in (part.items or part.headers)]
        levels = [by_header[h] if h else None for h in part.levels]
        return paired_labels(
            names,
            levels,
            reading,
            levels_are_priorities=part.of_priority,
            first_is_one=part.first_is_one,
        )
    if part.shape == "choices":
        return _people(several, reading)
    if part.kind == "vector":
        return _vectors(several, part.items, reading)
    return _single(
        part, several[0] if len(several) == 1 else _join(several, part.field), zones, reading
    )


def _join(several: Sequence[TextColumn], name: str) -> TextColumn:
    joined = [
        " ".join(filter(None, words)) for words in zip(*(a.cells() for a in several), strict=True)
    ]
    texts = np.empty(len(joined), dtype=object)
    texts[:] = joined
    return TextColumn.of(name, texts, several[0].rows)


def _single(
    part: Part, answers: TextColumn, zones: Sequence[str | None] | None, reading: Reading
) -> Column:
    kind, name = part.kind, part.field
    if kind == "labels":
        return read_labels(answers, reading)
    if kind == "text":
        return cells.texts(answers)
    if kind == "number":
        return read_numbers(
            answers,
            reading,
            unit=_UNITS.get(name, ""),
            least=0 if name in FIELD_KINDS else -np.inf,
        )
    if kind == "hours":
        return _hours(answers, zones, reading)
    if kind == "people":
        return _people([answers], reading)
    if kind == "scale":
        return _scale(name, answers, reading)
    if kind == "weight":
        return _weight(answers, reading)
    if kind == "wishes":
        return read_wishes(name, answers, reading)
    if kind == "yes_no":
        return _yes_no(answers, reading)
    if kind == "category":
        return _category(answers, reading)
    if kind == "zone":
        return _zone_column(answers)
    return _attribute(answers, reading)[0]


def _category(answers: TextColumn, reading: Reading) -> Column:
    """Styles may be ticked several at a time; most category fields hold one label."""
    if any(re.search(r";\s*\S", text) for text in answers.texts):
        return read_labels(answers, reading)
    trimmed = [text.rstrip("; ") for text in answers.texts]
    if trimmed != list(answers.texts):
        texts = np.empty(len(answers), dtype=object)
        texts[:] = [text.rstrip("; ") for text in answers.cells()]
        answers = TextColumn.of(answers.header, texts, answers.rows)
    return cells.categories(answers, reading)


# --- scales, weights, yes and no ----------------------------------------------------------------


def ordered(answers: TextColumn, order: Sequence[str], reading: Reading) -> Numbers:
    """Return positions on a scale given from lowest to highest."""
    places = {label_key(label): place for place, label in enumerate(order)}

    def parse(text: str) -> tuple[float, Finding | None]:
        place = places.get(label_key(text))
        if place is None:
            return np.nan, Finding("scale", "not on the given scale", "read as not answered")
        return float(place), None

    clean = without_blank_words(answers, reading)
    values = lookup_numbers(clean, each_text(clean, parse, reading))
    return Numbers(values, tuple(map(str, order)))


def _on_scale(answers: TextColumn, scale: tuple[str, ...], reading: Reading) -> Numbers:
    def parse(text: str) -> tuple[float, Finding | None]:
        place = place_on(scale, text)
        if place is None:
            return np.nan, Finding(
                "scale", f"not on the scale {scale[0]} to {scale[-1]}", "read as not answered"
            )
        return float(place), None

    return Numbers(lookup_numbers(answers, each_text(answers, parse, reading)), scale)


def _scale(name: str, answers: TextColumn, reading: Reading) -> Column:
    clean = without_blank_words(answers, reading)
    if looks_numeric(clean):
        return read_numbers(clean, reading)
    if (numbered := numbered_scale(clean.texts)) is not None:
        labels, places = numbered
        return Numbers(lookup_numbers(clean, [places[t] for t in clean.texts]), labels)
    if (scale := known_scale(clean.texts, _SCALES[name], share=0.8)) is not None:
        return _on_scale(clean, scale, reading)
    codes = grade_codes(clean.texts)
    if codes is not None and rises_by_number(codes):
        return Numbers(lookup_numbers(clean, [float(codes[text][1]) for text in clean.texts]))
    if codes is not None and (order := by_ladder(codes)) is not None:
        steps = {label_key(label): float(place) for place, label in enumerate(order)}
        reading.ask(
            "grade_order",
            [answers.header],
            "the order of these grades is guessed",
            f"read as {' < '.join(order)}",
            (f"orders={{{name!r}: {order!r}}}  # lowest first; name those of both rosters",),
        )
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
        known = sorted(clean.texts, key=label_key)[:12]
        reading.ask(
            "order_unknown",
            [answers.header],
            "the order of these answers is not known",
            "read as labels without an order",
            (f"orders={{{name!r}: {known!r}}}  # lowest first",),
        )
    return cells.categories(clean, reading)


def _weight(answers: TextColumn, reading: Reading) -> Numbers:
    clean = without_blank_words(answers, reading)
    if known_scale(clean.texts, (IMPORTANCE,)) is not None:
        return Numbers(_on_scale(clean, IMPORTANCE, reading).values)
    levels = numbered_scale(clean.texts)
    if levels is not None:
        return Numbers(lookup_numbers(clean, [levels[1][t] for t in clean.texts]))
    return read_numbers(clean, reading, least=0)


def _yes_no(answers: TextColumn, reading: Reading) -> Numbers:
    def parse(text: str) -> tuple[float, Finding | None]:
        word = text.casefold()
        if re.search(
            r"rather not|not be (?:paired|matched) with any|rather (?:stay|remain|wait)", word
        ):
            return 1.0, None
        if re.match(r"(?:yes|true|y|1|only)\b", word):
            return 1.0, None
        return 0.0, None

    values = lookup_numbers(answers, each_text(answers, parse, reading))
    return Numbers(values, ("no", "yes"))


# --- wishes, people -----------------------------------------------------------------------------


def _people(several: Sequence[TextColumn], reading: Reading) -> People:
    lists: list[list[str] | None] = [None] * len(several[0])
    for raw in several:
        answers = without_blank_words(raw, reading)
        parsed = each_text(answers, parse_people, reading)
        for person, code in enumerate(answers.codes.tolist()):
            if code >= 0:
                known = lists[person] or []
                lists[person] = known + [ref for ref in parsed[code] if ref not in known]
    return People.of(lists)


# --- hours --------------------------------------------------------------------------------------


def _zones(
    plan: Plan, by_header: Mapping[str, TextColumn], reading: Reading
) -> list[str | None] | None:
    if "timezone" not in plan.parts:
        return None
    answers = without_blank_words(by_header[plan.parts["timezone"].headers[0]], reading)
    zones = [*each_text(answers, parse_zone, reading), None]
    return [zones[code] for code in answers.codes]


def _zone_column(answers: TextColumn) -> Categories:
    """Zones were listed when they were read for the hours; here they become labels."""
    names = [parse_zone(text)[0] for text in answers.texts]
    labels = tuple(sorted({name for name in names if name}))
    place = {label: code for code, label in enumerate(labels)}
    codes = np.array([*(place.get(name or "", -1) for name in names), -1], dtype=np.int32)
    return Categories(codes[answers.codes], labels)


def _hours(answers: TextColumn, zones: Sequence[str | None] | None, reading: Reading) -> Hours:
    clean = without_blank_words(answers, reading)

    def parse(text: str) -> tuple[npt.NDArray[np.bool_] | None, Finding | None]:
        week = parse_week(text)
        return week.slots, week.finding

    weeks = each_text(clean, parse, reading)
    table = np.zeros((len(weeks) + 1, SLOTS_PER_WEEK), dtype=bool)
    read = np.zeros(len(weeks) + 1, dtype=bool)
    for place, week in enumerate(weeks):
        if week is not None:
            table[place], read[place] = week, True
    distinct = Hours.of(table, [None] * len(table), read)
    taken = distinct.take(np.where(clean.codes < 0, len(weeks), clean.codes))
    return Hours(taken.bits, tuple(zones or [None] * len(clean)), taken.given)


def _hours_grid(
    part: Part,
    several: Sequence[TextColumn],
    zones: Sequence[str | None] | None,
    reading: Reading,
) -> Hours:
    """Return the week from one column per day (or per time), each a list of times (or days)."""
    n = len(several[0])
    slots = np.zeros((n, SLOTS_PER_WEEK), dtype=bool)
    offered = np.zeros(SLOTS_PER_WEEK, dtype=bool)
    given = np.zeros(n, dtype=bool)
    for item, answers in zip(part.items, several, strict=True):
        splitter = splitter_of(answers, reading)
        for place, text in enumerate(answers.texts):
            people = answers.holders(place)
            week, bad = _grid_cell(item, splitter(text))
            if bad:
                reading.note(
                    "hours",
                    "these hours cannot be read",
                    f"left out {', '.join(bad)}",
                    **answers.at(place, text),
                )
            slots[people] |= week
            given[people] |= len(bad) < len(splitter(text)) or not bad
            offered |= week
    if part.inverted:
        slots = np.where(given[:, None], offered & ~slots, False)
    return Hours.of(slots, tuple(zones or [None] * n), given)


def _grid_cell(item: str, options: Sequence[str]) -> tuple[npt.NDArray[np.bool_], list[str]]:
    week = np.zeros(SLOTS_PER_WEEK, dtype=bool)
    bad: list[str] = []
    for option in options:
        if re.fullmatch(
            r"(?:no|none|never|not available|unavailable|n/?a|false|0|-)", option, re.I
        ):
            continue
        ticked = re.fullmatch(r"(?:yes|y|x|✓|available|true|1|free|ok)", option, re.I)
        found = parse_week(item if ticked else f"{item} {option}").slots
        if found is None:
            bad.append(option)
        else:
            week |= found
    return week, bad


# --- grids of levels, vectors -------------------------------------------------------------------


def _ticks(part: Part, several: Sequence[TextColumn]) -> Labels:
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


def _rank_grid(part: Part, several: Sequence[TextColumn]) -> Labels | People:
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


def _level_grid(part: Part, several: Sequence[TextColumn], reading: Reading) -> Labels:
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


def _vectors(several: Sequence[TextColumn], names: Sequence[str], reading: Reading) -> Vectors:
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
        return _on_scale(clean, scale, reading).values
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


# --- columns that no field claims ---------------------------------------------------------------


def _attribute(answers: TextColumn, reading: Reading) -> tuple[Column, str]:
    """Return a column kept under its own header, typed by what its answers look like."""
    if (order := reading.choices.orders.get(answers.header)) is not None:
        return ordered(answers, order, reading), "an attribute, on the given scale"
    if (kind := reading.choices.kinds.get(answers.header)) is not None:
        part = Part(answers.header, kind, (answers.header,), "")
        return _field(part, {answers.header: answers}, None, reading), "the kind given"
    if looks_numeric(answers):
        return read_numbers(answers, reading), "an attribute: all numbers"
    scale = (
        known_scale(answers.texts, (AGREEMENT, FREQUENCY, IMPORTANCE))
        if len(answers.texts) > 1
        else None
    )
    if scale is not None:
        return _on_scale(answers, scale, reading), "an attribute: a known scale"
    if (numbered := numbered_scale(answers.texts)) is not None:
        labels, places = numbered
        values = lookup_numbers(answers, [places[t] for t in answers.texts])
        return Numbers(values, labels), "an attribute: a numbered scale"
    if _looks_listed(answers):
        return read_labels(answers, reading), "an attribute: several answers"
    if _looks_written(answers):
        return cells.texts(answers), "an attribute: free text"
    return cells.categories(answers, reading), "an attribute: one label each"


def _looks_listed(answers: TextColumn) -> bool:
    texts = answers.texts[:2000]
    marked = sum(found is not None and len(found[0]) > 1 for found in map(marked_list, texts))
    if marked >= 0.3 * len(texts) > 0 and not _looks_written(answers):
        return True
    for separator in (";", ","):
        holding = [text for text in texts if separator in text.strip("; ,")]
        pieces = [p.strip() for text in texts for p in text.split(separator) if p.strip()]
        short = sum(len(p.split()) for p in pieces) <= 4 * len(pieces)
        if len(holding) >= 0.3 * len(texts) > 0 and short and len(set(pieces)) <= 0.7 * len(pieces):
            return True
    closed = sum(text.endswith(";") for text in texts)
    return bool(texts) and closed >= 0.8 * len(texts)


def _looks_written(answers: TextColumn) -> bool:
    if re.search(
        r"\b(?:comments?|notes?|url|link|remarks?|feedback)\b", fold_header(answers.header)
    ):
        return True
    texts = answers.texts[:2000]
    mean_length = sum(map(len, texts)) / max(len(texts), 1)
    distinct = len(answers.texts) / max(int(answers.given.sum()), 1)
    return (
        mean_length > 60 or (mean_length > 25 and distinct > 0.5) or any("\n" in t for t in texts)
    )
