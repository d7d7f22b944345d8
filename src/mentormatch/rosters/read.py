"""`read_roster`: from an exported file or a dataframe to `Profiles`, with every repair listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mentormatch.errors import check_parameter
from mentormatch.rosters import build
from mentormatch.rosters.answers import each_text, without_blank_words
from mentormatch.rosters.capacity import DEFAULT, parse_capacity
from mentormatch.rosters.files import read_table
from mentormatch.rosters.findings import Findings
from mentormatch.rosters.headers import FIELD_KINDS, is_sensitive
from mentormatch.rosters.identity import identify, keep_role
from mentormatch.rosters.plan import Plan, make_plan
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.rosters.table import Table, TextColumn

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("category", "number", "labels", "text", "hours", "people", "vector")


def read_roster(
    source: Any,
    role: Role,
    *,
    columns: Mapping[str, str | Sequence[str] | None] | None = None,
    kinds: Mapping[str, str] | None = None,
    orders: Mapping[str, Sequence[str]] | None = None,
    sheet: str | int | None = None,
    encoding: str | None = None,
) -> Profiles:
    """Read one roster as people export it.

    Columns are recognised by their headers and answers, whatever form or HR system wrote them;
    `Profiles.mapping` shows what became of each. Whatever had to be guessed or repaired is a row
    of `Profiles.repairs`; no row of the file disappears without one.

    Parameters
    ----------
    source
        Path, bytes or open file of a CSV, XLSX, XLS or ODS export, or a pandas, polars or pyarrow
        table.
    role
        ``"mentee"`` or ``"mentor"``: whose roster it is. Of a sheet with both, the rows and
        questions of this role are read.
    columns
        Field or new name -> header, or several headers; ``None`` leaves a field unmapped.
    kinds
        Field -> how to read it: ``"category"``, ``"number"``, ``"labels"``, ``"text"``,
        ``"hours"``, ``"people"`` or ``"vector"``.
    orders
        Field -> its answers from lowest to highest, which makes it an ordered scale.
    sheet
        Name or position of a workbook's sheet; the first one with people by default.
    encoding
        Of a text file; found out by default.

    Returns
    -------
    Profiles
        The people of the roster in the order of the file.

    Raises
    ------
    RosterError
        If something cannot be repaired; the message, `issues` and `repairs` list all of it.
    ColumnError
        If `columns`, `kinds` or `orders` names a column that the file does not have.
    ParameterError
        If `role` or a kind is unknown.

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
    chosen, wanted, ordered = dict(columns or {}), dict(kinds or {}), dict(orders or {})
    check_parameter(
        role in ("mentee", "mentor"), "role", "read_roster", "'mentee' or 'mentor'", role
    )
    for name, kind in wanted.items():
        check_parameter(kind in KINDS, f"kinds[{name!r}]", "read_roster", f"one of {KINDS}", kind)
    whole = read_table(source, sheet=sheet, encoding=encoding, role=role)
    findings = whole.findings
    table = keep_role(whole, role)
    by_header = {answers.header: answers for answers in table.columns}
    plan = make_plan(by_header, role, chosen, wanted, findings)
    build.check_names(wanted, ordered, plan, findings.source)
    persons = identify(by_header, plan.parts, table.rows, role, findings)
    if len(persons.keep) < len(table):
        by_header = {name: answers.take(persons.keep) for name, answers in by_header.items()}
        table = table.take(persons.keep)
    capacity = _capacity(by_header, plan, role, table, findings)
    fields, built = build.columns_of(plan, by_header, ordered, wanted, findings)
    place = {answers.header: position for position, answers in enumerate(whole.columns)}

    def file_order(header: str) -> int:
        return place.get(header, -1)

    if findings.any_fatal:
        raise findings.stop(file_order)
    return Profiles(
        role=role,
        ids=persons.ids,
        names=persons.names,
        emails=persons.emails,
        columns=fields,
        capacity=capacity,
        mapping=_mapping(whole.columns, plan, built),
        repairs=findings.frame(fatal=False, order=file_order),
        source=whole.source,
        digest=whole.digest,
        sensitive=frozenset(name for name in fields if _sensitive(name, plan)),
    )


def _capacity(
    by_header: Mapping[str, TextColumn], plan: Plan, role: Role, table: Table, findings: Findings
) -> npt.NDArray[np.int64]:
    """Return int64 (n,): seats of each mentor; one mentor per mentee on the mentees' roster."""
    if role == "mentee":
        return np.ones(len(table), dtype=np.int64)
    if "capacity" not in plan.parts:
        findings.note(
            "no_capacity_column",
            "no column says how many mentees each mentor takes",
            f"read as {DEFAULT} each; choose a column with columns={{'capacity': ...}}",
        )
        return np.full(len(table), DEFAULT, dtype=np.int64)
    answers = without_blank_words(by_header[plan.parts["capacity"].headers[0]], findings)
    findings.note(
        "capacity_blank",
        "did not say how many mentees",
        f"read as {DEFAULT}",
        rows=answers.rows[~answers.given],
        column=answers.header,
    )
    seats = [*each_text(answers, parse_capacity, findings), DEFAULT]
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
