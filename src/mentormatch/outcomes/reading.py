"""`read_survey`: from an exported form to a `Survey`, with every repair listed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from mentormatch.domains import typed
from mentormatch.errors import (
    ColumnError,
    ParameterError,
    QuestionsWarning,
    check_parameter,
    did_you_mean,
)
from mentormatch.journal import logged
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.points import Point, points_of
from mentormatch.outcomes.respondents import (
    PERSON_FIELDS,
    find_persons,
    of_role,
    person_parts,
)
from mentormatch.outcomes.scales import Scale, item_key
from mentormatch.outcomes.surveys import Survey, survey_of
from mentormatch.rosters.answers import without_blank_words
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.gather import read_tables
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.rosters.read import without_rows
from mentormatch.rosters.reading import Choices, Reading
from mentormatch.rosters.saved_plan import load_plan
from mentormatch.rosters.spread import options_of
from mentormatch.rosters.table import Table, TextColumn
from mentormatch.rosters.unfinished import is_of_survey
from mentormatch.rosters.vocabulary import fold_header

__all__ = ["read_survey"]

Columns = Mapping[str, str | Sequence[str] | None]


@logged(lambda made, _: f"read {len(made.answers)} answers, {len(made.repairs)} repairs")
@typed
def read_survey(
    source: Any,
    *,
    wave: str,
    scales: Sequence[Scale],
    role: Role = "mentee",
    people: Profiles | Matching | Sequence[Profiles | Matching] | None = None,
    asked: int | None = None,
    retrospective: bool = False,
    columns: Columns | None = None,
    sheet: str | int | None = None,
    encoding: str | None = None,
    drop_rows: Sequence[int] = (),
    plan: str | PathLike[str] | Mapping[str, Any] | None = None,
) -> Survey:
    """Read one wave of a survey as a form exports it.

    Files, headers and cells are read as by `read_roster`. Answers may be numbers, words with
    numbers ("4. Agree"), or words that the vocabulary knows in its languages. Whatever is repaired,
    linked or left out is a row of `Survey.repairs`.

    Parameters
    ----------
    source
        Whatever `read_roster` reads: a file, a table, records, or a list of these.
    wave
        What this survey is called, "before" say.
    scales
        What is read. Every item must be a column of the file.
    role
        Who answered: "mentee" or "mentor". Their answers are never averaged. Of a file with a
        column of roles, the rows of this one are read.
    people
        Who was asked: rosters, or the matching of them. Answers are linked to them by id, e-mail or
        name; answers of others are listed and left out.
    asked
        How many people were asked; default all of this role in `people`.
    retrospective
        Whether people were asked afterwards how it had been before. Accepted, and said: such
        answers make a change larger.
    columns
        "id", "email", "name" or "signed_up" -> header; wording of an item -> header, where the file
        words it otherwise; a name -> header of a question that was answered in words. None leaves
        a column.
    sheet, encoding, drop_rows, plan
        As in `read_roster`; of a plan, the file's form and who is who.

    Returns
    -------
    Survey
        Of one wave; add another with ``+``.

    Raises
    ------
    RosterError
        If an answer is not on its scale or nobody can be found; all of it, by row and person.
    ColumnError
        If an item or a column named in `columns` is not in the file, or several are.
    ParameterError
        If two scales have one name, or `people` has nobody of this role.

    Warns
    -----
    QuestionsWarning
        If an item seems to be reversed that is not in the key.

    Notes
    -----
    Every distinct answer is parsed once.

    Examples
    --------
    >>> import io
    >>> file = io.StringIO("Email,I feel able\\nana@x.org,4. Agree\\nbo@x.org,Strongly agree\\n")
    >>> scale = Scale("confidence", items="I feel able", low=1, high=5)
    >>> read_survey(file, wave="before", scales=[scale]).answers["value"].tolist()
    [4.0, 5.0]
    """
    check_parameter(
        role in ("mentee", "mentor"), "role", "read_survey", "'mentee' or 'mentor'", role
    )
    check_parameter(bool(wave.strip()), "wave", "read_survey", "a name", wave)
    ok = bool(scales) and all(isinstance(scale, Scale) for scale in scales)
    check_parameter(ok, "scales", "read_survey", "a list of at least one Scale", scales)
    names = [scale.name for scale in scales]
    check_parameter(len(set(names)) == len(names), "scales", "read_survey",
                    "scales of different names", names)  # fmt: skip
    check_parameter(asked is None or asked >= 0, "asked", "read_survey", "at least 0", asked)
    for name, header in (columns or {}).items():
        several = header if isinstance(header, list | tuple) else (header or "",)
        check_parameter(all(isinstance(one, str) for one in several), f"columns[{name!r}]",
                        "read_survey", "a header, headers or None", header)  # fmt: skip
    if isinstance(source, list | tuple) and not source:
        raise ParameterError("read_survey got an empty list. Hand in at least one file.")
    rosters = _rosters(people, role)
    given = Choices(dict(columns or {}), sheet=sheet, encoding=encoding, drop_rows=tuple(drop_rows))
    table = read_tables(source, given if plan is None else _planned(given, plan), role)
    found = _read(without_rows(table, given.drop_rows), scales, given.columns, rosters)
    if asked is None and rosters:
        asked = len({person for one in rosters for person in one.ids})
    made = _survey(found, wave, role, scales, asked, retrospective)
    if made.directions:
        warnings.warn(f"{table.source}: {made.directions[0]}", QuestionsWarning, stacklevel=4)
    return made


def _planned(given: Choices, plan: str | PathLike[str] | Mapping[str, Any]) -> Choices:
    """Return the choices with what a saved plan says of the file's form and of who is who."""
    saved = load_plan(plan)
    who = {
        entry["field"]: entry["header"]
        for entry in saved["columns"]
        if entry.get("field") in PERSON_FIELDS
    }
    return replace(
        given,
        columns={**who, **given.columns},
        sheet=given.sheet if given.sheet is not None else saved.get("sheet"),
        encoding=given.encoding or saved.get("encoding"),
        header_row=saved.get("header_row"),
    )


def _rosters(people: Any, role: str) -> tuple[Profiles, ...]:
    """Return the rosters of one role among rosters and matchings."""
    several = (people,) if isinstance(people, Profiles | Matching) else tuple(people or ())
    found: list[Profiles] = []
    for one in several:
        check_parameter(isinstance(one, Profiles | Matching), "people", "read_survey",
                        "rosters or matchings", type(one).__name__)  # fmt: skip
        if isinstance(one, Matching):
            scores = one.problem.scores
            found += [scores.mentees, scores.mentors]
        else:
            found.append(one)
    kept = tuple(one for one in found if one.role == role)
    if several and not kept:
        raise ParameterError(f"people= has no {role}s, and the survey is of role={role!r}.")
    return kept


@dataclass(frozen=True, eq=False)
class _Item:
    """One item of a scale, and the column that asks it; `wording` is how the file words it."""

    scale: Scale
    item: str
    column: TextColumn
    wording: str
    reversed: bool


@dataclass(frozen=True, eq=False)
class _Found:
    """What was read: items, answers in words, who the rows are."""

    table: Table
    persons: tuple[str | None, ...]
    items: tuple[_Item, ...]
    texts: tuple[tuple[str, TextColumn], ...]


def _read(
    table: Table, scales: Sequence[Scale], given: Columns, people: Sequence[Profiles]
) -> _Found:
    reading = table.reading
    by_key = {label_key(column.header): column.header for column in table.columns}
    chosen = _chosen(given, by_key, scales, reading)
    items = _items(table, scales, chosen, reading)
    used = {item.column.header for item in items}
    keep, roles = of_role(table, reading.role, used)
    if not keep.any():
        reading.note("nobody", f"no row is a {reading.role}", "check role=", fatal=True)
        raise reading.stop()
    table = table.take(keep)
    left = {name for name, header in given.items() if header is None}
    left |= {by_key[label_key(name)] for name in left if label_key(name) in by_key}
    rest = {
        column.header: column for column in table.columns
        if column.header not in used | roles | left
    }  # fmt: skip
    parts, numbering = person_parts(rest, chosen, reading, people)
    parts = {name: part for name, part in parts.items() if name not in left}
    who = find_persons(table, parts, people)
    if not len(who.keep):
        reading.note("nobody", "nobody who answered is on a roster that was handed in",
                     "check the ids, or name their column with columns={'id': ...}",
                     fatal=True)  # fmt: skip
        raise reading.stop()
    table = table.take(who.keep)
    named = {str(header): name for name, header in chosen.items() if isinstance(header, str)}
    known = {header for part in parts.values() for header in part.headers} | numbering
    texts = []
    for column in table.columns:
        header = column.header
        if header in known or header not in rest or not column.texts or is_of_survey(header):
            continue
        if header in named or _is_prose(column):
            texts.append((named.get(header, header), column))
        else:
            reading.note("unused_column", "no scale, and no question that was answered in words",
                         "left out; name it with columns= to keep its answers",
                         column=header)  # fmt: skip
    kept = {column.header: column for column in table.columns}
    again = tuple(replace(item, column=kept[item.column.header]) for item in items)
    return _Found(table, who.persons, again, tuple(texts))


def _chosen(
    given: Columns, by_key: Mapping[str, str], scales: Sequence[Scale], reading: Reading
) -> dict[str, str | list[str]]:
    """Return the headers that the caller named, as the file spells them."""
    found: dict[str, str | list[str]] = {}
    missing = []
    for name, wanted in given.items():
        if wanted is None:
            continue
        headers = []
        for header in [wanted] if isinstance(wanted, str) else wanted:
            if (spelt := by_key.get(label_key(header))) is None:
                missing.append(f"{header!r} for {name!r}. {did_you_mean(header, by_key.values())}")
            else:
                headers.append(spelt)
        found[name] = headers[0] if isinstance(wanted, str) and headers else headers
    if missing:
        raise ColumnError(f"{reading.source} has no column " + "\nand no column ".join(missing))
    return found


def _items(
    table: Table, scales: Sequence[Scale], chosen: Mapping[str, Any], reading: Reading
) -> tuple[_Item, ...]:
    """Return the column of every item, or say what is missing, all of it at once."""
    given = {item_key(name): header for name, header in chosen.items()}
    columns = {column.header: column for column in table.columns}
    items: list[_Item] = []
    wrong: list[str] = []
    for scale in scales:
        of_scale: list[_Item] = []
        for item in scale.items:
            named = given.get(item_key(item))
            headers = _asking(item, columns) if named is None else [named]
            if not headers:
                wrong.append(f"no column asks {item!r} of the scale {scale.name!r}. "
                             f"{did_you_mean(item, columns)}")  # fmt: skip
            elif len(headers) > 1 and len(scale.items) > 1:
                wrong.append(f"several columns ask {item!r} of the scale {scale.name!r}: "
                             f"{', '.join(map(repr, headers))}")  # fmt: skip
            for header in headers:
                own = item if named is not None or len(headers) == 1 else header
                wording = own if named is not None else header
                of_scale.append(_Item(scale, own, columns[header], wording, False))
        turned = set()
        for word in scale.reverse:
            held = [one for one in of_scale if item_key(word) in _keys(one.item)
                    or item_key(word) in _keys(one.column.header)]  # fmt: skip
            held = held or [o for o in of_scale if _contains(o.column.header, word)]
            if len(held) != 1:
                wrong.append(f"reverse= of the scale {scale.name!r} names {word!r}, which is "
                             f"{'no item' if not held else 'several items'} of it")  # fmt: skip
            turned |= {one.item for one in held}
        items += [replace(one, reversed=one.item in turned) for one in of_scale]
    if wrong:
        raise ColumnError(
            f"{reading.source} does not fit the scales: " + "; ".join(
                one.rstrip(".") for one in wrong
            )
            + ". Name columns with columns={'wording of an item': 'header in the file'}."
        )  # fmt: skip
    return tuple(items)


def _keys(header: str) -> set[str]:
    """Return the spellings of an item that a header may hold: all of it, or its option."""
    return {item_key(header), item_key(options_of([header])[0])}


def _asking(item: str, columns: Mapping[str, TextColumn]) -> list[str]:
    """Return the headers that are an item; where none is, those that contain it."""
    exact = [header for header in columns if item_key(item) == item_key(header)]
    exact = exact or [header for header in columns if item_key(item) in _keys(header)]
    return exact or [header for header in columns if _contains(header, item)]


def _contains(header: str, words: str) -> bool:
    inside = fold_header(words)
    return bool(inside) and f" {inside} " in f" {fold_header(header)} "


def _is_prose(column: TextColumn) -> bool:
    """Tell whether people wrote: mostly different answers of several words."""
    words = sum(len(text.split()) for text in column.texts) / len(column.texts)
    letters = sum(map(len, column.texts)) / len(column.texts)
    return len(column.texts) > 0.5 * column.given.sum() and (words >= 4 or letters >= 40)


def _survey(
    found: _Found,
    wave: str,
    role: str,
    scales: Sequence[Scale],
    asked: int | None,
    retrospective: bool,
) -> Survey:
    reading, rows = found.table.reading, found.table.rows
    frames = []
    for scale in scales:
        held = [item for item in found.items if item.scale is scale]
        clean = [without_blank_words(item.column, reading) for item in held]
        points = points_of(sorted({text for column in clean for text in column.texts}), scale)
        _tell_words(points, scale, reading)
        for item, column in zip(held, clean, strict=True):
            values = np.array([*(points[t].value for t in column.texts), np.nan])[column.codes]
            _tell(column, points, found.persons, wave, reading)
            values = scale.low + scale.high - values if item.reversed else values
            frames.append(
                pd.DataFrame(
                    {
                        "person": np.array(found.persons, dtype=object), "role": role,
                        "wave": wave, "scale": scale.name, "item": item.item, "value": values,
                        "row": rows,
                    }
                )
            )  # fmt: skip
    if reading.any_fatal:
        raise reading.stop()
    texts = [
        (found.persons[k], role, wave, question, text, int(rows[k]))
        for question, column in found.texts
        for k, text in enumerate(column.cells())
        if text
    ]
    anonymous = (wave,) if not any(found.persons) else ()
    wordings = pd.DataFrame(
        [(wave, role, i.scale.name, i.item, i.wording, i.reversed) for i in found.items],
        columns=["wave", "role", "scale", "item", "wording", "reversed"],
    )
    made = survey_of(
        pd.concat(frames, ignore_index=True).dropna(subset=["value"]),
        scales=tuple(scales),
        waves=(wave,),
        anonymous=anonymous,
        retrospective=(wave,) if retrospective else (),
        asked={(wave, role): asked},
        texts=pd.DataFrame(
            texts, columns=["person", "role", "wave", "question", "text", "row"]
        ).astype({"person": object, "row": "Int64"}),
        wordings=wordings,
        source=reading.source,
    )
    for sentence in made.directions:
        reading.note("reversed_item", sentence, "kept as it is")
    if anonymous:
        reading.note("anonymous_wave", "nobody can be told: no id, e-mail address or name",
                     "kept as anonymous: means, but no change")  # fmt: skip
    repairs = reading.frame(fatal=False)
    repairs.insert(0, "wave", wave)
    return replace(made, repairs=repairs)


def _tell_words(points: Mapping[str, Point], scale: Scale, reading: Reading) -> None:
    """List once how the words of a scale were read."""
    words = [
        (point.value, text)
        for text, point in points.items()
        if point.finding is None and not any(sign.isdigit() for sign in text)
    ]
    if words:
        told = ", ".join(f"{text!r} = {value:g}" for value, text in sorted(words)[:8])
        reading.note("words", f"answers of the scale {scale.name!r} are words", f"read as {told}")


def _tell(
    column: TextColumn,
    points: Mapping[str, Point],
    persons: Sequence[str | None],
    wave: str,
    reading: Reading,
) -> None:
    """List what is odd about the answers of a column; by person where it stops the reading."""
    for place, text in enumerate(column.texts):
        finding = points[text].finding
        if finding is None:
            continue
        if not finding.fatal:
            reading.note(finding.code, finding.problem, finding.action, **column.at(place))
            continue
        for holder in column.holders(place).tolist():
            who = persons[holder] or "somebody anonymous"
            reading.note(
                finding.code, f"in wave {wave!r} the answer of {who} {finding.problem}",
                finding.action, rows=[int(column.rows[holder])], column=column.header, value=text,
                fatal=True,
            )  # fmt: skip
