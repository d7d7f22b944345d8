"""From the plan and the cells to typed columns, one builder per kind of answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.errors import ColumnError, did_you_mean
from mentormatch.rosters import answers as cells
from mentormatch.rosters.answers import each_text, lookup_numbers, without_blank_words
from mentormatch.rosters.columns import (
    Categories,
    Column,
    Numbers,
    People,
    label_key,
)
from mentormatch.rosters.grids import levelled, ranked, ticked_options, vectors_of
from mentormatch.rosters.group_words import in_one_wording
from mentormatch.rosters.headers import FIELD_KINDS, GATES, ON_PROFILES, kind_of
from mentormatch.rosters.labels import paired_labels, read_labels
from mentormatch.rosters.lists import RARE_SIGNS, marked_list, recurring
from mentormatch.rosters.numbers import looks_numeric, read_numbers
from mentormatch.rosters.other_text import with_other_labels, with_other_texts
from mentormatch.rosters.plan import Part, Plan
from mentormatch.rosters.reading import Choices, Reading
from mentormatch.rosters.references import parse_people
from mentormatch.rosters.scale_columns import (
    gate_of,
    on_scale,
    ordered,
    scale_of,
    weight_of,
    yes_no_of,
)
from mentormatch.rosters.scales import (
    AGREEMENT,
    FREQUENCY,
    IMPORTANCE,
    known_scale,
    numbered_scale,
)
from mentormatch.rosters.table import TextColumn, cell_text
from mentormatch.rosters.vocabulary import fold_header
from mentormatch.rosters.week_columns import hours_of, hours_of_grid, zone_labels, zones_of
from mentormatch.rosters.wishes import named_own_gender, read_gated, read_grid, read_wishes

if TYPE_CHECKING:
    import pandas as pd

_UNITS = {"experience": "year", "tenure": "year", "length": "month", "hours": "hours a month"}


def check_names(plan: Plan, reading: Reading) -> None:
    """Raise if what was chosen names neither a field of the plan nor a column of the file."""
    known = {*plan.parts, *plan.columns}
    choices = reading.choices
    unknown = sorted(
        ({*choices.kinds, *choices.orders} - known)
        | ({*choices.separators, *choices.options} - plan.columns.keys())
    )
    if unknown:
        raise ColumnError(
            "; ".join(
                f"{reading.source} has no column {name!r}. {did_you_mean(name, known)}"
                for name in unknown
            ),
            column=unknown[0],
        )


LEFT = "; left unused with columns="
"""How the reason of a column ends that the caller left without a field."""


def columns_of(
    plan: Plan,
    by_header: Mapping[str, TextColumn],
    reading: Reading,
) -> tuple[dict[str, Column], dict[str, tuple[str, str]]]:
    """Return the typed columns, fields first, and (kind, reason) of each by name."""
    built: dict[str, Column] = {}
    reasons: dict[str, tuple[str, str]] = {}
    zones = zones_of(plan, by_header, reading)
    by_header = _in_one_wording(plan, by_header, reading)
    by_header |= _with_own_gender(plan, by_header, reading)
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
        if (told := reading.tell_roles.get(answers.header)) is not None:
            reason = f"tells who is a {told[3:]}" if told != "role" else "tells the roles"
        if answers.header in plan.left & reading.settled:
            reason += LEFT
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
        if kind_of(name) == "attribute" and any(isinstance(v, list | tuple | set) for v in cells_)
    }
    reading = Reading(source, role=role, choices=Choices(kinds=lists))
    by_header = {
        name: TextColumn.of(name, [cell_text(v) for v in given], rows)
        for name, given in values.items()
    }
    plan = Plan(by_header, role)
    for name in by_header:
        if (kind := kind_of(name)) != "attribute":
            plan.add(Part(name, kind, (name,), "the field's own name"))
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


def _with_own_gender(
    plan: Plan, by_header: Mapping[str, TextColumn], reading: Reading
) -> dict[str, TextColumn]:
    """Return the cells of wishes about gender with "the same as mine" as what that is."""
    part = plan.parts.get("preferred_gender")
    if part is None or part.shape != "single" or len(part.headers) != 1:
        return {}
    own = plan.parts.get("gender")
    wishes = by_header[part.headers[0]]
    gender = by_header[own.headers[0]] if own is not None else None
    return {wishes.header: named_own_gender(wishes, gender, reading)}


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
    if part.shape == "with_other":
        return _with_other(part, several[0], several[1], reading)
    if part.shape == "wish_grid" and part.grid is not None:
        return read_grid(part.grid, by_header)
    if part.shape == "gated":
        wish, gate = (by_header[header] for header in part.items)
        return read_gated(part.field, wish, gate, reading)
    if part.shape == "hours_grid":
        return hours_of_grid(part, several, zones, reading)
    if part.shape == "ticks":
        return ticked_options(part, several)
    if part.shape == "rank_grid":
        return ranked(part, several)
    if part.shape == "level_grid":
        return levelled(part, several, reading)
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
        return vectors_of(several, part.items, reading)
    return _single(
        part, several[0] if len(several) == 1 else _join(several, part.field), zones, reading
    )


def _with_other(part: Part, answers: TextColumn, beside: TextColumn, reading: Reading) -> Column:
    if part.kind == "labels":
        return with_other_labels(read_labels(answers, reading, part.field), beside, reading)
    return _category(with_other_texts(answers, beside, reading), reading)


def _join(several: Sequence[TextColumn], name: str) -> TextColumn:
    joined = [
        " ".join(filter(None, words)) for words in zip(*(a.cells() for a in several), strict=True)
    ]
    return TextColumn.of(name, joined, several[0].rows)


def _single(
    part: Part, answers: TextColumn, zones: Sequence[str | None] | None, reading: Reading
) -> Column:
    kind, name = part.kind, part.field
    if kind == "labels":
        return read_labels(answers, reading, name)
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
        return hours_of(answers, zones, reading)
    if kind == "people":
        return _people([answers], reading)
    if kind == "scale":
        return scale_of(name, answers, reading)
    if kind == "weight":
        return weight_of(answers, reading)
    if kind == "wishes":
        return read_wishes(name, answers, reading)
    if name in GATES:
        return gate_of(name, answers)
    if kind == "yes_no":
        return yes_no_of(answers, reading)
    if kind == "category":
        return _category(answers, reading)
    if kind == "zone":
        return zone_labels(answers)
    return _attribute(answers, reading)[0]


def _category(answers: TextColumn, reading: Reading) -> Column:
    """Styles may be ticked several at a time; most category fields hold one label."""
    if any(re.search(r";\s*\S", text) for text in answers.texts):
        return read_labels(answers, reading)
    trimmed = [text.rstrip("; ") for text in answers.texts]
    if trimmed != list(answers.texts):
        texts = [text.rstrip("; ") for text in answers.cells()]
        answers = TextColumn.of(answers.header, texts, answers.rows)
    return cells.categories(answers, reading)


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
        return on_scale(answers, scale, reading), "an attribute: a known scale"
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
    whole = "\n".join(texts)
    if any(sign in whole and recurring(texts, sign) for sign in RARE_SIGNS):
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
