"""Labels and ordered scales of two rosters put on common codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from mentormatch.errors import ColumnError, listed
from mentormatch.rosters.columns import (
    Categories,
    FloatArray,
    IntArray,
    Labels,
    Numbers,
    label_key,
)
from mentormatch.rosters.group_words import group_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.rosters.scales import by_ladder, by_number, grade_codes, same_letters

_BETWEEN = re.compile(r"\s*[,;|\n]\s*")
OUTER = " \t.,;:!?'\"()[]"
"""What `label_key` takes off both ends; one long text has only two."""


def common_codes(*vocabularies: Sequence[str]) -> tuple[list[IntArray], list[str]]:
    """Return each vocabulary's codes in one common vocabulary, and the common labels.

    Labels that `group_key` equates share a code.
    """
    known: dict[str, int] = {}
    shown: list[str] = []
    codes: list[IntArray] = []
    for vocabulary in vocabularies:
        mine = np.empty(len(vocabulary), dtype=np.int64)
        for position, label in enumerate(vocabulary):
            key = group_key(label)
            if key not in known:
                known[key] = len(shown)
                shown.append(label)
            mine[position] = known[key]
        codes.append(mine)
    return codes, shown


def label_keys(texts: Sequence[str]) -> list[str]:
    """Return `label_key` of each text, many times faster than one by one."""
    whole = "\0".join(texts)
    if whole.count("\0") != len(texts) - 1:  # a text holds the separator itself
        return [label_key(text) for text in texts]
    folded = label_key(f"\0{whole}\0")[1:-1]
    return [text.strip(OUTER) for text in folded.split("\0")] if texts else []


def list_column(people: Profiles, name: str, wanted_by: str) -> Labels | Categories:
    """Return a column of labels, several or one each; raise `ColumnError` if it is neither."""
    found = people.columns.get(name)
    if isinstance(found, Categories):
        return found
    return people.column(name, Labels, wanted_by=wanted_by)


def as_lists(column: Labels | Categories, others: Sequence[Labels | Categories]) -> Labels:
    """Return one label each as lists of one; lists as they are.

    "Law, Finance" is taken apart where the others know a piece of it, and not the whole: one
    roster's answers may look like a list, and the other's not.
    """
    if isinstance(column, Labels):
        return column
    whole = {group_key(label) for other in others for label in other.labels}
    pieces = whole | {group_key(p) for other in others for label in other.labels
                      for p in _BETWEEN.split(label)}  # fmt: skip
    each = [_taken_apart(label, whole, pieces) for label in column.labels]
    return Labels.of(each[code] if code >= 0 else None for code in column.codes.tolist())


def _taken_apart(label: str, whole: set[str], pieces: set[str]) -> list[str]:
    parts = [part for part in _BETWEEN.split(label) if part]
    if group_key(label) in whole or not any(group_key(part) in pieces for part in parts):
        return [label]
    return parts


def rows_of(labels: Labels) -> IntArray:
    """Return int64 (entries,): whose entry each one is."""
    return np.repeat(np.arange(len(labels)), np.diff(labels.indptr))


def distinct(rows: IntArray, codes: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Return the distinct (row, code) entries, by row; codes are below `size`."""
    keys = np.unique(rows * max(size, 1) + codes)
    return np.divmod(keys, max(size, 1))


def on_one_scale(mentees: Numbers, mentors: Numbers, owner: str) -> tuple[FloatArray, FloatArray]:
    """Return both rosters' values on one scale; labelled scales are aligned by their labels.

    Raises
    ------
    ColumnError
        If only one of them has labels, or the order of all labels does not follow from the two.
    """
    if mentees.labels is None and mentors.labels is None:
        return mentees.values, mentors.values
    if mentees.labels is None or mentors.labels is None:
        raise ColumnError(
            f"{owner} cannot compare plain numbers on one roster with the scale "
            f"{listed(mentees.labels or mentors.labels or ())} on the other. Give both the same "
            "order with read_roster(..., orders={...}).", rule=owner,
        )  # fmt: skip
    merged = merge_orders(mentees.labels, mentors.labels)
    if merged is None and (codes := grade_codes([*mentees.labels, *mentors.labels])) is not None:
        merged = [label_key(label) for label in by_ladder(codes) or ()] or None
    if merged is None and same_letters(every := [*mentees.labels, *mentors.labels]):
        merged = list(dict.fromkeys(map(label_key, by_number(every))))
    if merged is None:
        raise ColumnError(
            f"{owner} cannot tell the common order of the levels {listed(mentees.labels)} "
            f"(mentees) and {listed(mentors.labels)} (mentors). State all levels from the lowest "
            "to the highest for both, with read_roster(..., orders={...}).", rule=owner,
        )  # fmt: skip
    places = {key: float(place) for place, key in enumerate(merged)}
    return _placed(mentees, places), _placed(mentors, places)


def _placed(column: Numbers, places: dict[str, float]) -> FloatArray:
    assert column.labels is not None
    at = np.array([*(places[label_key(label)] for label in column.labels), np.nan])
    level = np.where(np.isnan(column.values), len(column.labels), column.values)
    return at[level.astype(np.int64)]


def merge_orders(first: Iterable[str], second: Iterable[str]) -> list[str] | None:
    """Return the one order of the keys that both orders imply, None if there is not just one."""
    orders = [list(dict.fromkeys(map(label_key, order))) for order in (first, second)]
    above: dict[str, set[str]] = {key: set() for order in orders for key in order}
    for order in orders:
        for low, high in pairwise(order):
            above[low].add(high)
    waiting = {key: sum(key in highs for highs in above.values()) for key in above}
    merged: list[str] = []
    while len(merged) < len(above):
        lowest = [key for key, below in waiting.items() if below == 0]
        if len(lowest) != 1:
            return None
        merged.append(lowest[0])
        del waiting[lowest[0]]
        for high in above[lowest[0]]:
            waiting[high] -= 1
    return merged
