"""What people wrote beside the option "Other (please specify)": it is their answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.answers import by_label_key, canonical
from mentormatch.rosters.columns import Labels, label_key
from mentormatch.rosters.lists import Splitter
from mentormatch.rosters.plan import Plan
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.spread import is_other
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import fold_header, is_one_of, within

__all__ = ["take_other_texts", "with_other_labels", "with_other_texts"]


def is_other_option(text: str) -> bool:
    """Tell whether an option is the one with room to write."""
    return is_one_of("answers", "other")(fold_header(text))


def take_other_texts(plan: Plan) -> None:
    """Find the column beside each list or label in which those who chose "Other" wrote what.

    It is a column for it by its header, and written in by nobody who did not choose "Other".
    """
    beside = [c for c in plan.free() if is_other(c) or _asks_what(c.header)]
    for column in beside:
        found = [
            part
            for part in plan.parts.values()
            if part.kind in ("labels", "category") and part.shape == "single"
            and _is_of(plan.columns[part.headers[0]], column)
        ]  # fmt: skip
        key = label_key(column.header)
        named = [part for part in found if label_key(part.headers[0]) in key]
        if len(part_of := named or found) == 1:
            part = part_of[0]
            plan.add(
                replace(
                    part,
                    headers=(part.headers[0], column.header),
                    shape="with_other",
                    reason=f"{part.reason}; 'Other' is what {column.header!r} says",
                )
            )


def _asks_what(header: str) -> bool:
    return within("answers", "other_text").search(fold_header(header)) is not None


def _is_of(answers: TextColumn, beside: TextColumn) -> bool:
    splitter = Splitter(answers.texts)
    chose = np.array(
        [*(any(map(is_other_option, splitter(text))) for text in answers.texts), False]
    )[answers.codes]
    return bool(beside.given.any() and not (beside.given & ~chose).any())


def with_other_texts(answers: TextColumn, beside: TextColumn, reading: Reading) -> TextColumn:
    """Return one label per person, "Other" as what is written beside it."""
    chose = np.array([*map(is_other_option, answers.texts), False])[answers.codes]
    taken = chose & beside.given
    _list(beside, taken, reading)
    cells = [
        written if take else own
        for own, written, take in zip(answers.cells(), beside.cells(), taken, strict=True)
    ]
    return TextColumn.of(answers.header, cells, answers.rows)


def with_other_labels(column: Labels, beside: TextColumn, reading: Reading) -> Labels:
    """Return several labels per person, "Other" as what is written beside it."""
    others = np.array([is_other_option(label) for label in column.labels])
    person = np.repeat(np.arange(len(column)), np.diff(column.indptr))
    taken = others[column.codes] & beside.given[person]
    _list(beside, np.isin(np.arange(len(column)), person[taken]), reading)
    counts = np.bincount(column.codes, minlength=len(others))
    shown = canonical([*column.labels, *beside.texts], [*counts, *beside.counts])
    words = [shown[label] for label in column.labels]
    written = [shown[text] for text in beside.texts]
    texts = [
        written[beside.codes[who]] if take else words[code]
        for who, take, code in zip(person, taken, column.codes, strict=True)
    ]
    names = tuple(sorted(set(texts), key=by_label_key))
    place: Mapping[str, int] = {name: position for position, name in enumerate(names)}
    codes = np.array([place[text] for text in texts], dtype=np.int32)
    return replace(column, codes=codes, labels=names)


def _list(beside: TextColumn, taken: npt.NDArray[np.bool_], reading: Reading) -> None:
    reading.note(
        "other_text",
        "what was written beside 'Other'",
        "read in place of 'Other'",
        rows=beside.rows[taken],
        column=beside.header,
    )
