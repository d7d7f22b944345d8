"""From answers about time to hours of the week: one column, a grid of days, time zones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.answers import each_text, without_blank_words
from mentormatch.rosters.columns import SLOTS_PER_WEEK, Categories, Hours
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.hours import parse_week, parse_zone
from mentormatch.rosters.lists import splitter_of
from mentormatch.rosters.plan import Part, Plan
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.table import TextColumn


def zones_of(
    plan: Plan, by_header: Mapping[str, TextColumn], reading: Reading
) -> list[str | None] | None:
    """Return the time zone of each person, None for the whole roster where nobody was asked."""
    if "timezone" not in plan.parts:
        return None
    answers = without_blank_words(by_header[plan.parts["timezone"].headers[0]], reading)
    zones = [*each_text(answers, parse_zone, reading), None]
    return [zones[code] for code in answers.codes]


def zone_labels(answers: TextColumn) -> Categories:
    """Zones were listed when they were read for the hours; here they become labels."""
    names = [parse_zone(text)[0] for text in answers.texts]
    labels = tuple(sorted({name for name in names if name}))
    place = {label: code for code, label in enumerate(labels)}
    codes = np.array([*(place.get(name or "", -1) for name in names), -1], dtype=np.int32)
    return Categories(codes[answers.codes], labels)


def hours_of(answers: TextColumn, zones: Sequence[str | None] | None, reading: Reading) -> Hours:
    """Return the hours of the week from one column of times."""
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


def hours_of_grid(
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
