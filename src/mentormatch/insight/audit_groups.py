"""Groups of people: what an audit compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TypeAlias

import numpy as np

from mentormatch.errors import ColumnError, did_you_mean, listed
from mentormatch.rosters.columns import BoolArray, Categories, Column, Labels, Numbers
from mentormatch.rosters.profiles import Profiles

UNKNOWN = "unknown"
MOST_SMALL = 12
"""More small groups than this in one attribute are reported together, and not by name."""
MOST_VALUES = 6
"""Numbers with more different values than this are binned."""
Quantiles: TypeAlias = Sequence[float]


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of one attribute, or of two crossed, on one roster.

    attribute : name of the column, or "a x b".
    labels : name of each group.
    members : bool (people, groups); groups of labels overlap.
    judged : bool (groups,), False where a group is too small to be judged.
    """

    attribute: str
    labels: tuple[str, ...]
    members: BoolArray
    judged: BoolArray


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
    profiles: Profiles, name: str, order: np.ndarray, small: int, quantiles: Quantiles
) -> Groups:
    """Return the groups of one attribute; people in the given order; many small ones merge."""
    labels, members = _members(profiles.columns[name].take(order), quantiles)
    kept = np.flatnonzero(members.any(axis=0))
    labels, members = [labels[k] for k in kept], members[:, kept]
    counts = members.sum(axis=0)
    tiny = (counts < small) & np.array([label != UNKNOWN for label in labels], dtype=bool)
    if tiny.sum() > MOST_SMALL:
        together = members[:, tiny].any(axis=1)
        labels = [n for n, t in zip(labels, tiny, strict=True) if not t]
        labels.append(f"{int(tiny.sum())} groups of fewer than {small}")
        members = np.column_stack((members[:, ~tiny], together))
        judged = np.append(counts[~tiny] >= small, False)
    else:
        judged = counts >= small
    return Groups(name, tuple(labels), members, judged)


def crossed(groups: Sequence[Groups], small: int) -> list[Groups]:
    """Cross the attributes in pairs; the cells too small to judge are one group at the end."""
    return [_cross(one, other, small) for one, other in combinations(groups, 2)]


def _cross(one: Groups, other: Groups, small: int) -> Groups:
    counts = one.members.T.astype(np.float32) @ other.members.astype(np.float32)
    allowed = one.judged[:, None] & other.judged[None, :] & (counts >= small)
    left, right = np.nonzero(allowed)
    members = one.members[:, left] & other.members[:, right]
    labels = [f"{one.labels[a]} x {other.labels[b]}" for a, b in zip(left, right, strict=True)]
    rest = np.argwhere(~allowed & (counts > 0))
    judged = [True] * len(labels)
    if len(rest):
        outside = np.zeros(len(members), dtype=bool)
        for a, b in rest:
            outside |= one.members[:, a] & other.members[:, b]
        members = np.column_stack((members, outside))
        labels.append(f"{len(rest)} small cells")
        judged.append(False)
    return Groups(
        f"{one.attribute} x {other.attribute}", tuple(labels), members, np.array(judged, dtype=bool)
    )


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
    cuts = np.unique(np.quantile(values[answered], quantiles, method="higher"))
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
