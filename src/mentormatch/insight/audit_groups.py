"""Groups of people: what an audit compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TypeAlias

import numpy as np

from mentormatch.errors import ColumnError, did_you_mean, listed
from mentormatch.insight.held_back import held_back
from mentormatch.rosters.columns import BoolArray, Categories, Column, Labels, Numbers
from mentormatch.rosters.profiles import Profiles

UNKNOWN = "unknown"
"""The group of those who gave no answer, or would rather not say."""
ROUNDED = 8
"""Numbers that spread over more than this are binned at whole numbers."""
MOST_VALUES = 6
"""Numbers with more different values than this are binned."""
QUARTILES = (0.25, 0.5, 0.75)
Quantiles: TypeAlias = Sequence[float]


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of one attribute, or of two crossed, on one roster.

    attribute : name of the column, or "a x b".
    labels : name of each group; the last may stand for all that are held back.
    members : bool (people, groups); groups of labels overlap.
    judged : bool (groups,), False where the figures of a group are held back.
    answered : bool (groups,), False for those who gave no answer, in either attribute.
    counted : bool (groups,), whether it may be told how many people they are.
    """

    attribute: str
    labels: tuple[str, ...]
    members: BoolArray
    judged: BoolArray
    answered: BoolArray
    counted: BoolArray


def attributes(
    mentees: Profiles, mentors: Profiles, by: str | Sequence[str] | None
) -> tuple[str, ...]:
    """Return the columns to audit; raise one error that names everything wrong with them."""
    if by is None:
        found = mentees.sensitive | mentors.sensitive
        usable = tuple(
            sorted(name for name in found if not _problem(name, mentees, mentors, known=()))
        )
        if not usable:
            raise ColumnError(
                "audit found no column that looks like a sensitive attribute. Name what to "
                "compare, e.g. audit(matching, by=['site']). "
                + did_you_mean("", _known(mentees, mentors))
            )
        return usable
    names = tuple(dict.fromkeys([by] if isinstance(by, str) else by))
    known = _known(mentees, mentors)
    problems = [text for name in names if (text := _problem(name, mentees, mentors, known))]
    if problems or not names:
        raise ColumnError(
            " ".join(problems) or "The 'by' parameter of audit must name at least one column."
        )
    return names


def _known(mentees: Profiles, mentors: Profiles) -> list[str]:
    kinds = (Categories, Numbers, Labels)
    return sorted(
        {
            name
            for roster in (mentees, mentors)
            for name, column in roster.columns.items()
            if isinstance(column, kinds)
        }
    )


def _problem(name: str, mentees: Profiles, mentors: Profiles, known: Sequence[str]) -> str:
    columns = [roster.columns[name] for roster in (mentees, mentors) if name in roster.columns]
    if not columns:
        return f"Neither roster has a column {name!r} for audit. {did_you_mean(name, known)}"
    wrong = [c.kind for c in columns if not isinstance(c, Categories | Numbers | Labels)]
    if wrong:
        return (
            f"audit compares groups by categories, numbers or labels, but {name!r} holds "
            f"{listed(sorted(set(wrong)))}."
        )
    return ""


def groups_of(
    profiles: Profiles, name: str, order: np.ndarray, small: int, quantiles: Quantiles = QUARTILES
) -> Groups:
    """Return the groups of one attribute; people in the given order.

    Groups of fewer than `small` people, and those that a subtraction would give them away by, are
    one group without a name. People who gave no answer are a group of their own; few of them are
    counted, and their figures held back.
    """
    labels, members = _members(profiles.columns[name].take(order), quantiles)
    kept = np.flatnonzero(members.any(axis=0))
    labels, members = [labels[k] for k in kept], members[:, kept]
    people = members.sum(axis=0).astype(np.int64)
    answered = np.array([label != UNKNOWN for label in labels], dtype=bool)
    everybody = np.ones((1, len(labels)), dtype=bool)
    hidden = held_back(people, everybody, people < small, small, ~answered)
    pooled, judged = hidden & answered, ~hidden
    counted = np.ones(len(labels), dtype=bool)
    if not pooled.any():
        return Groups(name, tuple(labels), members, judged, answered, counted)
    # they hide behind those who gave no answer, whose number would tell theirs
    together = people[pooled].sum() >= small
    rest = ~pooled
    names = [label for label, kept in zip(labels, rest, strict=True) if kept]
    count = int(pooled.sum())
    names.append(f"{count} group{'s' * (count > 1)} held back")
    return Groups(
        name, tuple(names),
        np.column_stack((members[:, rest], members[:, pooled].any(axis=1))),
        np.append(judged[rest], False), np.append(answered[rest], True),
        np.append(together | judged[rest], together),
    )  # fmt: skip


def crossed(groups: Sequence[Groups], small: int) -> list[Groups]:
    """Cross the attributes in pairs; the cells that are held back are one group at the end."""
    return [_cross(one, other, small) for one, other in combinations(groups, 2)]


def _cross(one: Groups, other: Groups, small: int) -> Groups:
    counts = (one.members.T.astype(np.float32) @ other.members.astype(np.float32)).astype(np.int64)
    answered = one.answered[:, None] & other.answered[None, :]
    shown = one.judged[:, None] & other.judged[None, :] & (counts >= small)
    hidden = held_back(
        counts.ravel(), _sums(one, other), ~shown.ravel(), small, ~answered.ravel()
    ).reshape(counts.shape)
    left, right = np.nonzero(~hidden & (counts > 0))
    members = one.members[:, left] & other.members[:, right]
    labels = [f"{one.labels[a]} x {other.labels[b]}" for a, b in zip(left, right, strict=True)]
    judged, known = [True] * len(labels), answered[left, right].tolist()
    counted = list(judged)
    if hidden.any():
        outside = np.zeros(len(members), dtype=bool)
        for a, b in np.argwhere(hidden):
            outside |= one.members[:, a] & other.members[:, b]
        members = np.column_stack((members, outside))
        labels.append(f"{int(hidden.sum())} cells held back")
        judged.append(False)
        known.append(True)
        counted.append(int(outside.sum()) >= small)
    masks = (np.array(mask, dtype=bool) for mask in (judged, known, counted))
    return Groups(f"{one.attribute} x {other.attribute}", tuple(labels), members, *masks)


def _sums(one: Groups, other: Groups) -> BoolArray:
    """Return which cells make up what the audit shows beside them: both margins, everybody."""
    left, right = len(one.labels), len(other.labels)
    across = np.repeat(np.eye(left, dtype=bool), right, axis=1)[one.judged]
    down = np.tile(np.eye(right, dtype=bool), (1, left))[other.judged]
    return np.concatenate((across, down, np.ones((1, left * right), dtype=bool)))


def _members(column: Column, quantiles: Quantiles) -> tuple[list[str], BoolArray]:
    if isinstance(column, Labels):
        labels, members = _of_labels(column)
    elif isinstance(column, Numbers):
        labels, members = _of_numbers(column, quantiles)
    else:
        assert isinstance(column, Categories)
        ranked = sorted(range(len(column.labels)), key=lambda k: column.labels[k].casefold())
        labels = [column.labels[k] for k in ranked]
        members = column.codes[:, None] == np.array(ranked, dtype=np.int64)[None, :]
    return [*labels, UNKNOWN], np.column_stack((members, ~column.answered))


def _of_labels(column: Labels) -> tuple[list[str], BoolArray]:
    """People belong to every label they named; who answered with nothing is a group too."""
    people = np.repeat(np.arange(len(column)), np.diff(column.indptr))
    members = np.zeros((len(column), len(column.labels) + 1), dtype=bool)
    members[people, column.codes] = True
    members[:, -1] = column.answered & ~members.any(axis=1)
    ranked = sorted(range(len(column.labels)), key=lambda k: column.labels[k].casefold())
    labels = [column.labels[k] for k in ranked] + ["none named"]
    return labels, members[:, [*ranked, len(column.labels)]]


def _of_numbers(column: Numbers, quantiles: Quantiles) -> tuple[list[str], BoolArray]:
    """Every level of a scale or, with many values, every bin between quantiles is a group."""
    values, answered = column.values, column.answered
    found = np.unique(values[answered])
    if column.labels is not None:
        names = [column.labels[int(v)] if v % 1 == 0 else f"{v:g}" for v in found]
        return names, values[:, None] == found[None, :]
    if len(found) <= MOST_VALUES:
        return [f"{v:g}" for v in found], values[:, None] == found[None, :]
    # a cut is a value that somebody gave, so that labels read as the roster does
    cuts = np.quantile(values[answered], quantiles, method="higher")
    if np.ptp(found) > ROUNDED:  # no label tells somebody's own number to the decimals
        cuts = np.ceil(cuts)
    cuts = np.unique(cuts[cuts <= found[-1]])
    cuts = cuts[cuts > found[0]]
    edges = np.concatenate(([-np.inf], cuts, [np.inf]))
    names = [
        f"below {high:g}" if low == -np.inf
        else f"{low:g} or more" if high == np.inf
        else f"{low:g} to below {high:g}"
        for low, high in pairwise(edges)
    ]  # fmt: skip
    members = (values[:, None] >= edges[None, :-1]) & (values[:, None] < edges[None, 1:])
    return names, members
