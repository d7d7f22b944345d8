"""`read_roster`: from an exported file or a dataframe to `Profiles`, with every repair listed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, QuestionsWarning, check_parameter, listed
from mentormatch.journal import logged
from mentormatch.rosters import build
from mentormatch.rosters.answers import each_text, without_blank_words
from mentormatch.rosters.capacity import DEFAULT, parse_capacity
from mentormatch.rosters.gather import read_tables, rereadable
from mentormatch.rosters.headers import FIELD_KINDS, is_sensitive
from mentormatch.rosters.identity import identify, keep_role
from mentormatch.rosters.plan import Plan
from mentormatch.rosters.planning import make_plan
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.rosters.questions import ask_about, ask_capacity
from mentormatch.rosters.reading import Choices, Reading
from mentormatch.rosters.remembered import forgetting
from mentormatch.rosters.saved_plan import load_plan, with_plan
from mentormatch.rosters.table import Table, TextColumn
from mentormatch.rosters.taking_part import who_takes_part

if TYPE_CHECKING:
    import pandas as pd

ROLES: tuple[Role, Role] = ("mentee", "mentor")


@overload
def read_roster(
    source: Any,
    role: Role,
    *,
    columns: Mapping[str, str | Sequence[str] | None] | None = ...,
    kinds: Mapping[str, str] | None = ...,
    orders: Mapping[str, Sequence[str]] | None = ...,
    sheet: str | int | None = ...,
    encoding: str | None = ...,
    drop_rows: Sequence[int] = ...,
    plan: str | PathLike[str] | Mapping[str, Any] | None = ...,
) -> Profiles: ...


@overload
def read_roster(
    source: Any,
    role: Literal["both"],
    *,
    columns: Mapping[str, str | Sequence[str] | None] | None = ...,
    kinds: Mapping[str, str] | None = ...,
    orders: Mapping[str, Sequence[str]] | None = ...,
    sheet: str | int | None = ...,
    encoding: str | None = ...,
    drop_rows: Sequence[int] = ...,
    plan: str | PathLike[str] | Mapping[str, Any] | None = ...,
) -> tuple[Profiles, Profiles]: ...


@logged(lambda read, _: _told(read))
@typed
def read_roster(
    source: Any,
    role: Role | Literal["both"],
    *,
    columns: Mapping[str, str | Sequence[str] | None] | None = None,
    kinds: Mapping[str, str] | None = None,
    orders: Mapping[str, Sequence[str]] | None = None,
    sheet: str | int | None = None,
    encoding: str | None = None,
    drop_rows: Sequence[int] = (),
    plan: str | PathLike[str] | Mapping[str, Any] | None = None,
) -> Profiles | tuple[Profiles, Profiles]:
    """Read one roster as people export it.

    Columns are recognised by their headers and answers, whatever form or HR system wrote them;
    `Profiles.mapping` shows what became of each. Whatever had to be guessed or repaired is a row
    of `Profiles.repairs`; no row of the file disappears without one. What was decided on thin
    evidence is a row of `Profiles.questions`, with the line that settles it, and one warning.

    Parameters
    ----------
    source
        Path, bytes or open file of a CSV, XLSX, XLS, ODS or parquet export, a folder of parquet
        files (parts of one table, in the order of their names), a pandas, polars or pyarrow
        table, records (a list of dicts), or a list of these: later files follow the first.
    role
        ``"mentee"`` or ``"mentor"``: whose roster it is. Of a sheet with both, the rows and
        questions of this role are read; ``"both"`` reads them for each.
    columns
        Field or new name -> header, or several headers; ``None`` leaves a field, or the column
        with that header, unmapped.
    kinds
        Field -> how to read it: ``"category"``, ``"number"``, ``"labels"``, ``"text"``,
        ``"hours"``, ``"people"`` or ``"vector"``.
    orders
        Field -> its answers from lowest to highest, which makes it an ordered scale.
    sheet
        Name or position of a workbook's sheet; the first one with people by default.
    encoding
        Of a text file; found out by default.
    drop_rows
        Rows to leave out, as a spreadsheet numbers them.
    plan
        File that `RosterPlan.save` wrote, perhaps for last year's file, the same in YAML, or its
        content. Headers
        that changed since are sought among the new ones, and listed in `repairs`. The other
        arguments come before it.

    Returns
    -------
    Profiles
        The people of the roster in the order of the file; with ``role="both"``, mentees and
        mentors.

    Raises
    ------
    RosterError
        If something cannot be repaired; the message, `issues` and `repairs` list all of it.
    ColumnError
        If `columns`, `kinds` or `orders` names a column that the file does not have.
    ParameterError
        If `role` or a kind is unknown.

    Warns
    -----
    QuestionsWarning
        If anything is in doubt.

    Notes
    -----
    Every distinct cell text is parsed once: 100,000 people with 15 answers take seconds.

    Examples
    --------
    >>> import io
    >>> roster = read_roster(io.StringIO("Name,Skills\\nAna Lima,Python;Excel\\n"), role="mentor")
    >>> roster.ids, roster.columns["skills"].to_list()
    (('Ana Lima',), [['Python', 'Excel']])
    """
    check_parameter(
        role in ("mentee", "mentor", "both"), "role", "read_roster", "'mentee', 'mentor' or 'both'",
        role,
    )  # fmt: skip
    choices = Choices(
        dict(columns or {}), dict(kinds or {}), dict(orders or {}),
        drop_rows=tuple(drop_rows), sheet=sheet, encoding=encoding, both=role == "both",
    )  # fmt: skip
    saved = None if plan is None else load_plan(plan)
    if role == "both":
        again = rereadable(source)
        mentees, mentors = (reading_of(again(), one, choices, saved).profiles for one in ROLES)
        _warn(mentees, mentors)
        return mentees, mentors
    profiles = reading_of(source, role, choices, saved).profiles
    _warn(profiles)
    return profiles


def _told(read: Profiles | tuple[Profiles, Profiles]) -> str:
    rosters = read if isinstance(read, tuple) else (read,)
    return "; ".join(
        f"read {len(one)} {one.role}s, {len(one.columns)} columns, {len(one.repairs)} repairs from "
        f"{one.source}"
        for one in rosters
    )


def _warn(*rosters: Profiles) -> None:
    count = sum(len(profiles.questions) for profiles in rosters)
    if count:
        noun = "1 question" if count == 1 else f"{count} questions"
        first = next(p for p in rosters if len(p.questions)).questions.iloc[0]
        warnings.warn(
            f"{noun} about how {rosters[0].source} was read; see .questions. First: "
            f"{first['column'] or 'the file'}: {first['question']}; {first['reading']}.",
            QuestionsWarning,
            stacklevel=5,  # the line that called read_roster, past its two decorators
        )


@dataclass(frozen=True, eq=False)
class RosterRead:
    """What was read, and from which columns: the profiles, the plan of the columns, the table."""

    profiles: Profiles
    plan: Plan
    table: Table
    choices: Choices
    asked: frozenset[str]


@logged(lambda read, _: _told(read))
def read_chosen(
    source: Any, role: Role, choices: Choices, plan: str | PathLike[str] | None = None
) -> Profiles:
    """Read one roster by everything that may be chosen; no warning is given."""
    return reading_of(source, role, choices, None if plan is None else load_plan(plan)).profiles


@forgetting()
def reading_of(
    source: Any, role: Role, given: Choices, saved: Mapping[str, Any] | None = None
) -> RosterRead:
    """Read one roster and keep how it was read."""
    given.check()
    if saved is not None:
        given = replace(
            given,
            sheet=given.sheet if given.sheet is not None else saved.get("sheet"),
            encoding=given.encoding or saved.get("encoding"),
            header_row=given.header_row or saved.get("header_row"),
        )
    whole = read_tables(source, given, role)
    reading = whole.reading
    choices = given if saved is None else with_plan(given, saved, whole)
    reading.choices = choices
    table = without_rows(whole, choices.drop_rows)
    table = keep_role(table)
    both_roles = len(table) < len(whole) or reading.some_are_both
    by_header = {answers.header: answers for answers in table.columns}
    plan = make_plan(by_header, reading)
    build.check_names(plan, reading)
    stays = who_takes_part(plan, by_header, len(table), reading)
    if not stays.all():
        by_header = {name: answers.take(stays) for name, answers in by_header.items()}
        table = table.take(stays)
    persons = identify(by_header, plan.parts, table.rows, reading)
    if len(persons.keep) < len(table):
        by_header = {name: answers.take(persons.keep) for name, answers in by_header.items()}
        table = table.take(persons.keep)
    capacity = _capacity(by_header, plan, len(table), reading)
    ask_about(plan, both_roles, reading)
    fields, built = build.columns_of(plan, by_header, reading)
    place = {answers.header: position for position, answers in enumerate(whole.columns)}

    def file_order(header: str) -> int:
        return place.get(header, -1)

    if reading.any_fatal:
        raise reading.stop(file_order)
    profiles = Profiles(
        role=role,
        ids=persons.ids,
        names=persons.names,
        emails=persons.emails,
        called=persons.called,
        columns=fields,
        capacity=capacity,
        mapping=_mapping(whole.columns, plan, built),
        repairs=reading.frame(fatal=False, order=file_order),
        source=whole.source,
        digest=whole.digest,
        sensitive=frozenset(name for name in fields if _sensitive(name, plan)),
        questions=reading.question_frame(file_order),
    )
    asked = frozenset(header for question in reading.questions for header in question.headers)
    return RosterRead(profiles, plan, table, choices, asked)


def without_rows(table: Table, rows: Sequence[int]) -> Table:
    """Return the table without these rows of the file, which are listed."""
    if not rows:
        return table
    unknown = sorted(set(rows) - set(table.rows.tolist()))
    if unknown:
        raise ParameterError(
            f"drop_rows names rows that hold nobody in {table.source}: {listed(unknown)}."
        )
    gone = np.isin(table.rows, list(rows))
    table.reading.note(
        "dropped_by_choice", "left out with drop_rows=", "dropped the row", rows=table.rows[gone]
    )
    return table.take(~gone)


def _capacity(
    by_header: Mapping[str, TextColumn], plan: Plan, people: int, reading: Reading
) -> npt.NDArray[np.int64]:
    """Return int64 (n,): seats of each mentor; one mentor per mentee on the mentees' roster."""
    if reading.role == "mentee":
        return np.ones(people, dtype=np.int64)
    if "capacity" not in plan.parts:
        reading.note(
            "no_capacity_column",
            "no column says how many mentees each mentor takes",
            f"read as {DEFAULT} each; choose a column with columns={{'capacity': ...}}",
        )
        return np.full(people, DEFAULT, dtype=np.int64)
    answers = without_blank_words(by_header[plan.parts["capacity"].headers[0]], reading)
    ask_capacity(answers, reading)
    reading.note(
        "capacity_blank",
        "did not say how many mentees",
        f"read as {DEFAULT}",
        rows=answers.rows[~answers.given],
        column=answers.header,
    )
    seats = [*each_text(answers, parse_capacity, reading), DEFAULT]
    return np.array(seats, dtype=np.int64)[answers.codes]


def _sensitive(name: str, plan: Plan) -> bool:
    headers = plan.parts[name].headers if name in plan.parts else (name,)
    single = len(headers) == 1
    return is_sensitive(name) or (single and name not in FIELD_KINDS and is_sensitive(headers[0]))


def _mapping(
    columns: Sequence[TextColumn], plan: Plan, built: Mapping[str, tuple[str, str]]
) -> pd.DataFrame:
    import pandas as pd

    lines = []
    for answers in columns:
        header = answers.header
        name = plan.used.get(header, "")
        if name:
            part = plan.parts[name]
            kind = built.get(name, (part.kind, ""))[0]
            lines.append((header, name, kind, part.reason))
        elif header in built:
            kind, reason = built[header]
            lines.append((header, header, kind, reason))
        else:
            lines.append((header, "", "", "blank"))
    return pd.DataFrame(lines, columns=["column", "field", "kind", "reason"])


__all__ = ["read_roster"]
