"""Profiles, scores and matchings as documents of JSON's types, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.delivery.saved.encoding import Array, Pack, table, table_of, value_of, worded
from mentormatch.delivery.saved.reading import Node
from mentormatch.errors import Status
from mentormatch.matching.answer import Stage
from mentormatch.matching.case import Constraint
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import Objective
from mentormatch.matching.problem import Problem
from mentormatch.rosters.columns import (
    WEEK_WORDS,
    Categories,
    Column,
    Hours,
    Labels,
    Numbers,
    People,
    Texts,
    Vectors,
)
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Criterion, Custom, Precomputed
from mentormatch.scoring.engine import MILLION, part_matrix
from mentormatch.scoring.neutral import Neutral
from mentormatch.scoring.rules import AtLeast, Rule
from mentormatch.scoring.scores import Scores
from mentormatch.scoring.threads import COMPILE_FROM

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "matching_document", "matching_of", "profiles_document", "profiles_from", "scores_document",
    "scores_from",
]  # fmt: skip

COLUMNS: dict[str, type[Column]] = {
    kind.kind: kind for kind in (Categories, Numbers, Texts, Vectors, Labels, Hours, People)
}


# -- profiles -----------------------------------------------------------------------------------


def profiles_document(profiles: Profiles, pack: Pack) -> dict[str, Any]:
    """Return one roster with its typed answers."""
    return {
        "role": profiles.role,
        "ids": list(profiles.ids),
        "names": list(profiles.names),
        "emails": list(profiles.emails),
        "called": list(profiles.called),
        "capacity": pack(profiles.capacity),
        "columns": {name: _column(column, pack) for name, column in profiles.columns.items()},
        "sensitive": sorted(profiles.sensitive),
        "source": profiles.source,
        "digest": profiles.digest,
        "mapping": table(profiles.mapping),
        "repairs": table(profiles.repairs),
        "questions": table(profiles.questions),
    }


def _column(column: Column, pack: Pack) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": column.kind}
    for field in fields(column):
        held = getattr(column, field.name)
        made[field.name] = pack(held) if isinstance(held, np.ndarray) else _plain(held)
    return made


def _plain(held: Any) -> Any:
    return None if held is None else list(held)


def profiles_from(node: Node) -> Profiles:
    """Return the roster that `profiles_document` wrote, checked."""
    ids = node["ids"].texts()
    twice = sorted({one for one in ids if ids.count(one) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise node["ids"].error(f"repeats {len(twice)} ids, which must be one person's each")
    n = len(ids)
    people = {
        name: _as_many(node[name], node[name].texts_or_none(), n)
        for name in ("names", "emails", "called")
    }
    columns = {name: _column_from(column, n) for name, column in node["columns"].entries()}
    capacity = _as_many(node["capacity"], _array(node["capacity"], np.int64, 1), n)
    if (capacity < 0).any():
        raise node["capacity"].error("holds numbers below 0")
    return Profiles(
        role=node["role"].choice(("mentee", "mentor")),  # type: ignore[arg-type]
        ids=ids,
        columns=columns,
        capacity=capacity,
        mapping=table_of(node["mapping"]),
        repairs=_findings_of(node["repairs"]),
        source=node["source"].text(),
        digest=node["digest"].text(),
        sensitive=frozenset(node["sensitive"].texts()),
        questions=table_of(node["questions"]),
        **people,
    )


def _findings_of(node: Node) -> pd.DataFrame:
    """Return repairs as they were: rows of the file are whole numbers, some of them missing."""
    frame = table_of(node)
    try:
        return frame.astype({"row": "Int64"}) if "row" in frame else frame
    except (TypeError, ValueError):
        raise node.error("holds rows of the file that are no whole numbers") from None


def _as_many(node: Node, values: Any, n: int) -> Any:
    if len(values) != n:
        raise node.error(f"is about {len(values)} people, not {n}")
    return values


def _array(node: Node, dtype: Any, ndim: int) -> Array:
    found: Array = node.array(node["array"])
    if found.dtype != np.dtype(dtype) or found.ndim != ndim:
        raise node.error(f"must be an array of {np.dtype(dtype)} with {ndim} dimensions")
    return found


def _column_from(node: Node, n: int) -> Column:
    kind = COLUMNS[node["kind"].choice(tuple(COLUMNS))]
    made = _READERS[kind](node)
    if len(made) != n:
        raise node.error(f"is about {len(made)} people, not {n}")
    return made


def _codes(node: Node, labels: tuple[str, ...]) -> Array:
    codes = _array(node["codes"], np.int32, 1)
    if len(codes) and not -1 <= codes.min() <= codes.max() < len(labels):
        raise node["codes"].error(f"points outside the {len(labels)} labels")
    return codes


def _categories(node: Node) -> Categories:
    labels = node["labels"].texts()
    return Categories(_codes(node, labels), labels)


def _numbers(node: Node) -> Numbers:
    values = _array(node["values"], np.float64, 1)
    labels = None if node["labels"].value is None else node["labels"].texts()
    if labels is not None:
        known = values[~np.isnan(values)]
        if not ((known >= 0) & (known < len(labels)) & (known == np.floor(known))).all():
            raise node["values"].error(f"points outside the {len(labels)} labels")
    return Numbers(values, labels)


def _indptr(node: Node, entries: int) -> Array:
    indptr = _array(node["indptr"], np.int64, 1)
    if not len(indptr) or indptr[0] or indptr[-1] != entries or (np.diff(indptr) < 0).any():
        raise node["indptr"].error(f"does not share out {entries} entries")
    return indptr


def _labels(node: Node) -> Labels:
    labels = node["labels"].texts()
    codes = _codes(node, labels)
    if len(codes) and codes.min() < 0:
        raise node["codes"].error("points outside the labels")
    level, priority = (_array(node[name], np.float32, 1) for name in ("level", "priority"))
    if not len(level) == len(priority) == len(codes):
        raise node.error("has codes, levels and priorities of different lengths")
    indptr = _indptr(node, len(codes))
    given = _as_many(node["given"], _array(node["given"], np.bool_, 1), len(indptr) - 1)
    return Labels(indptr, codes, labels, level, priority, given)


def _hours(node: Node) -> Hours:
    bits = _array(node["bits"], np.uint64, 2)
    if bits.shape[1] != WEEK_WORDS:
        raise node["bits"].error(f"must have {WEEK_WORDS} words a week")
    zones = _as_many(node["zones"], node["zones"].texts_or_none(), len(bits))
    given = _as_many(node["given"], _array(node["given"], np.bool_, 1), len(bits))
    return Hours(bits, zones, given)


def _people(node: Node) -> People:
    refs = node["refs"].texts()
    indptr = _indptr(node, len(refs))
    given = _as_many(node["given"], _array(node["given"], np.bool_, 1), len(indptr) - 1)
    return People(indptr, refs, given)


_READERS: Mapping[type[Column], Callable[[Node], Column]] = {
    Categories: _categories,
    Numbers: _numbers,
    Texts: lambda node: Texts(node["values"].texts_or_none()),
    Vectors: lambda node: Vectors(_array(node["values"], np.float64, 2), node["names"].texts()),
    Labels: _labels,
    Hours: _hours,
    People: _people,
}


# -- scores -------------------------------------------------------------------------------------


def scores_document(scores: Scores, pack: Pack) -> dict[str, Any]:
    """Return scores with both rosters; functions among the criteria by the values they gave."""
    kept = _without_functions(scores)
    neutral = kept.neutral
    ids = kept.mentees.ids, kept.mentors.ids
    return {
        "mentees": profiles_document(kept.mentees, pack),
        "mentors": profiles_document(kept.mentors, pack),
        "criteria": [worded(criterion, pack) for criterion in kept.criteria],
        "rules": [worded(rule, pack) for rule in kept.rules],
        "points": pack(kept.matrix("Saving scores")),
        "locks": [[ids[0][i], ids[1][j]] for i, j in kept.locks.tolist()],
        "repairs": table(kept.repairs),
        "prior": kept.prior,
        "neutral": None
        if neutral is None
        else {name: pack(getattr(neutral, name)) for name in ("levels", "means", "blank")},
        "notes": list(kept.notes),
    }


def _is_function(criterion: Criterion) -> bool:
    return isinstance(criterion, Custom) or getattr(criterion, "encoder", None) is not None


@dataclass(frozen=True)
class _Values:
    """Criteria that are functions, replaced by what they gave."""

    scores: Scores

    def of(self, criterion: Criterion) -> Criterion:
        if isinstance(criterion, Precomputed):  # a frame finds its people by their labels
            return replace(criterion, matrix=criterion.lower(self.scores.pairing).values)
        if not _is_function(criterion):
            return criterion
        large = self.scores.size > COMPILE_FROM
        parts = part_matrix(criterion.lower(self.scores.pairing), self.scores.shape, large)
        return Precomputed(
            parts, name=criterion.name, weight=criterion.weight, priority=criterion.priority,
            reason=criterion.reason, importance=criterion.importance,
        )  # fmt: skip

    def of_rule(self, rule: Rule) -> Rule:
        return (
            replace(rule, criterion=self.of(rule.criterion)) if isinstance(rule, AtLeast) else rule
        )


def _without_functions(scores: Scores) -> Scores:
    values = _Values(scores)
    named = [str(c) for c in scores.criteria if _is_function(c)]
    named += [str(r) for r in scores.rules if isinstance(r, AtLeast) and _is_function(r.criterion)]
    notes = scores.notes
    if named:
        notes = (*notes, *(function_note(name) for name in named))
    return replace(
        scores, criteria=tuple(map(values.of, scores.criteria)),
        rules=tuple(map(values.of_rule, scores.rules)), notes=notes,
    )  # fmt: skip


def function_note(name: str) -> str:
    """Return what is said of a function that a file cannot hold."""
    return (
        f"{name} is a function, which a file cannot hold: its values for these people were saved, "
        "and people who join later cannot be scored by it"
    )


def scores_from(node: Node) -> Scores:
    """Return the scores that `scores_document` wrote, checked."""
    mentees, mentors = (profiles_from(node[name]) for name in ("mentees", "mentors"))
    for people, role in ((mentees, "mentee"), (mentors, "mentor")):
        if people.role != role:
            raise node[f"{role}s"]["role"].wrong(role)
    n, m = len(mentees), len(mentors)
    points = _array(node["points"], np.int32, 2)
    if points.shape != (n, m):
        raise node["points"].error(f"has the shape {points.shape}, not {(n, m)}")
    if points.size and not -MILLION - 1 <= points.min() <= points.max() <= MILLION:
        raise node["points"].error("holds scores outside [0, 1]")
    criteria = tuple(_settings(node["criteria"], Criterion))
    for criterion, place in zip(criteria, node["criteria"], strict=True):
        if isinstance(criterion, Precomputed) and np.shape(criterion.matrix) != (n, m):
            raise place.error(f"has a matrix of shape {np.shape(criterion.matrix)}, not {(n, m)}")
    return Scores(
        mentees, mentors, criteria, tuple(_settings(node["rules"], Rule)), points,
        _pairs(node["locks"], mentees, mentors), _findings_of(node["repairs"]),
        node["prior"].number(), _neutral(node["neutral"], n, len(criteria)), node["notes"].texts(),
    )  # fmt: skip


def _settings(node: Node, kind: type) -> list[Any]:
    made = []
    for one in node:
        value = value_of(one)
        if not isinstance(value, kind):
            raise one.wrong(f"a {kind.__name__.lower()}")
        made.append(value)
    return made


def _neutral(node: Node, n: int, criteria: int) -> Neutral | None:
    if node.value is None:
        return None
    levels = _array(node["levels"], np.float64, 1)
    means, blank = _array(node["means"], np.float64, 2), _array(node["blank"], np.bool_, 2)
    if (len(levels), means.shape, blank.shape) != (criteria, (n, criteria), (n, criteria)):
        raise node.error("does not fit the criteria and the mentees")
    return Neutral(levels, means, blank)


def _pairs(node: Node, mentees: Profiles, mentors: Profiles) -> Array:
    at = [{person: p for p, person in enumerate(side.ids)} for side in (mentees, mentors)]
    found = []
    for one in node:
        pair = one.texts()
        if len(pair) != 2 or pair[0] not in at[0] or pair[1] not in at[1]:
            raise one.wrong("the ids of a mentee and a mentor")
        found.append([at[side][person] for side, person in enumerate(pair)])
    return np.array(found, dtype=np.int64).reshape(-1, 2)


# -- matchings ----------------------------------------------------------------------------------


def matching_document(matching: Matching, pack: Pack) -> dict[str, Any]:
    """Return everything that a matching holds, people by their ids."""
    problem = matching.problem
    if problem.scores.source is not None:
        raise problem.scores.too_large(
            "Saving a matching with its scores", "Save it without them (answers=False)"
        )
    scores = scores_document(problem.scores, pack)
    said = list(matching.notes)
    said += [note for note in scores["notes"] if note not in said]
    ids = problem.scores.mentors.ids
    return {
        "scores": scores,
        "objectives": [worded(objective, pack) for objective in problem.objectives],
        "constraints": [worded(constraint, pack) for constraint in problem.constraints],
        "seed": int(problem.seed),
        "mentors": [[ids[j] for j in row if j >= 0] for row in matching.mentors_of.tolist()],
        "most_mentors": matching.mentors_of.shape[1],
        "stages": [
            {
                "objective": stage.objective,
                "value": worded(float(stage.value), pack),
                "bound": worded(float(stage.bound), pack),
                "unit": stage.unit,
            }
            for stage in matching.stages
        ],
        "mentor_price": pack(matching.mentor_price),
        "matched_price": pack(matching.matched_price),
        "unique": bool(matching.unique),
        "status": str(matching.status),
        "route": matching.route,
        "seconds": round(float(matching.seconds), 6),
        "priced": bool(matching.priced),
        "notes": said,
    }


def matching_of(node: Node) -> Matching:
    """Return the matching that `matching_document` wrote, checked."""
    scores = scores_from(node["scores"])
    objectives = _settings(node["objectives"], Objective)
    constraints = _settings(node["constraints"], Constraint)
    problem = Problem(scores, objectives, constraints, node["seed"].whole(-(2**63)))
    m = len(scores.mentors)
    prices = [
        _as_many(node[name], _array(node[name], np.int64, 1), m)
        for name in ("mentor_price", "matched_price")
    ]
    stages = tuple(
        Stage(
            one["objective"].text(), one["value"].number(), one["bound"].number(),
            one["unit"].text(),
        )
        for one in node["stages"]
    )  # fmt: skip
    if not stages:
        raise node["stages"].error("is empty")
    return Matching(
        problem=problem,
        mentors_of=_mentors_of(node, scores),
        stages=stages,
        mentor_price=prices[0],
        matched_price=prices[1],
        unique=node["unique"].flag(),
        status={str(s): s for s in Status}[node["status"].choice([str(s) for s in Status])],
        route=node["route"].text(),
        seconds=node["seconds"].number(),
        priced=node["priced"].flag(),
        notes=node["notes"].texts(),
    )


def _mentors_of(node: Node, scores: Scores) -> Array:
    rows: Sequence[Node] = list(node["mentors"])
    _as_many(node["mentors"], rows, len(scores.mentees))
    width = node["most_mentors"].whole(1)
    if width > max(1, len(scores.mentors)):
        raise node["most_mentors"].error(f"is more than the {len(scores.mentors)} mentors")
    at = {person: place for place, person in enumerate(scores.mentors.ids)}
    found = np.full((len(rows), width), -1, dtype=np.int64)
    for place, row in enumerate(rows):
        people = row.texts()
        if len(people) > width or len(set(people)) < len(people) or not at.keys() >= set(people):
            raise row.wrong(f"the ids of at most {width} different mentors")
        found[place, : len(people)] = [at[person] for person in people]
    return found
