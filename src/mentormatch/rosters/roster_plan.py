"""`plan_roster`: how a roster would be read, as one table that can be changed and kept."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import TYPE_CHECKING, Any

from mentormatch.domains import typed
from mentormatch.errors import ColumnError, RosterError, check_parameter, did_you_mean
from mentormatch.rosters.columns import Labels, Numbers, label_key
from mentormatch.rosters.gather import read_tables, rereadable
from mentormatch.rosters.headers import claims
from mentormatch.rosters.lists import Splitter
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.rosters.read import RosterRead, reading_of
from mentormatch.rosters.reading import KINDS, Choices
from mentormatch.rosters.saved_plan import FORMAT, load_plan
from mentormatch.rosters.vocabulary import is_negative
from mentormatch.values import Public
from mentormatch.writing import write_file

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 3
"""How many examples and options a line of the plan shows."""
DROPS = (
    "other_role", "left", "repeated", "blank_row", "title_rows", "not_taking_part",
    "dropped_by_choice", "not_a_person", "second_header", "total_row", "unfinished",
)  # fmt: skip
SINGLE = ("single", "ticks", "choices", "with_other")
"""Shapes of a field that next year's file may be read by, its headers given."""
KEEP = "\0"
"""Stands for a field that is not to be changed; None is a choice."""
COLUMNS = (
    "column", "field", "kind", "separator", "options", "polarity", "order", "examples",
    "confidence", "reason",
)  # fmt: skip


@dataclass
class RosterPlan(Public):
    """How a roster would be read: look at it, change it, save it for next year.

    Made by `plan_roster`. `columns` has one row per column of the file, `rows` one per row that is
    left out, `questions` what is in doubt; the plan itself prints as one table.

    Attributes
    ----------
    role : {"mentee", "mentor"}
    """

    role: Role
    _source: Any = field(repr=False)
    _choices: Choices = field(repr=False)
    _saved: Mapping[str, Any] | None = field(default=None, repr=False)
    _read: RosterRead | None = field(default=None, repr=False)

    @property
    def _now(self) -> RosterRead:
        if self._read is None:
            self._read = reading_of(self._source(), self.role, self._choices, self._saved)
        return self._read

    @property
    def questions(self) -> pd.DataFrame:
        """What is in doubt, with the line that settles it, as in `Profiles.questions`."""
        return self._now.profiles.questions

    @property
    def rows(self) -> pd.DataFrame:
        """DataFrame, one line per row of the file that is left out: row, column, value, problem."""
        repairs = self._now.profiles.repairs
        dropped = repairs["code"].isin(DROPS) | repairs["action"].str.startswith(
            ("dropped", "skipped", "left it out")
        )
        return repairs[dropped].reset_index(drop=True)

    @property
    def columns(self) -> pd.DataFrame:
        """DataFrame, one row per column of the file.

        `column`, `field`, `kind`, `separator` and `options` of lists, `polarity` ("not" where the
        question asks for what is not wanted), `order` from lowest to highest, `examples`,
        `confidence` ("given", "sure", "likely", "asked"), `reason`.
        """
        import pandas as pd

        lines = [self._line(*row) for row in self._mapped()]
        return pd.DataFrame(lines, columns=list(COLUMNS), dtype=object)

    @property
    def shown(self) -> pd.DataFrame:
        """`columns` as people read them: a column that is no field says what it is instead.

        What is blank in every row, such as `order`, is left out.
        """
        table = self.columns
        own = table["field"] == table["column"]
        told = table["reason"].str.startswith("tells ")
        table.loc[own, "field"] = "(own question)"
        table.loc[own & told, "field"] = "(" + table["reason"] + ")"
        table.loc[table["field"] == "", "field"] = "(blank)"
        needed = ("column", "field", "confidence")
        return table[[c for c in table if c in needed or (table[c] != "").any()]]

    def _mapped(self) -> list[tuple[str, str, str, str]]:
        return list(self._now.profiles.mapping.itertuples(index=False, name=None))

    def _line(self, header: str, name: str, kind: str, reason: str) -> tuple[object, ...]:
        read = self._now
        column = read.profiles.columns.get(name)
        texts = next((c.texts for c in read.table.columns if c.header == header), ())
        separator = options = order = ""
        if isinstance(column, Labels):
            given = read.choices.separators.get(header)
            separator = (given or Splitter(texts).separator).strip(" ") or " "
            separator = "line break" if separator == "\n" else separator
            options = _few(column.labels, len(column.labels))
        if isinstance(column, Numbers) and column.labels is not None:
            order = " < ".join(column.labels)
        polarity = "not" if name == "avoid" or is_negative(header) else ""
        return (
            header, name, kind, separator, options, polarity, order,
            _few(texts, len(texts)), self._confidence(header, name, reason), reason,
        )  # fmt: skip

    def _confidence(self, header: str, name: str, reason: str) -> str:
        if reason.startswith("given"):
            return "given"
        if header in self._now.asked:
            return "asked"
        strength = {c.field: c.strength for c in claims(header, self.role)}.get(name)
        return "likely" if strength is not None and strength < 80 else "sure"

    def set(
        self,
        column: str | None = None,
        *,
        field: str | None = KEEP,
        kind: str | None = None,
        options: Sequence[str] | None = None,
        separator: str | None = None,
        order: Sequence[str] | None = None,
        header_row: int | None = None,
        sheet: str | int | None = None,
        drop_rows: Sequence[int] | None = None,
    ) -> RosterPlan:
        """Change how the roster is read.

        Parameters
        ----------
        column
            Header in the file, for what follows.
        field
            Field that the column holds, or a name of your own; ``None`` leaves it unused.
        kind
            How to read it, as `kinds` of `read_roster`.
        options
            Every option of a list, so that commas within one do not part it.
        separator
            What stands between the answers of a list.
        order
            Its answers, from lowest to highest.
        header_row
            Row of the file that holds the headers, as a spreadsheet numbers it.
        sheet
            Name or position of a workbook's sheet.
        drop_rows
            Rows to leave out, as a spreadsheet numbers them.

        Returns
        -------
        RosterPlan
            This plan, changed.

        Raises
        ------
        ColumnError
            If the file has no such column.
        ParameterError
            If a kind is unknown.
        """
        if column is not None:
            self._set_column(column, field, kind, options, separator, order)
        changes: dict[str, Any] = {
            name: value
            for name, value in (("header_row", header_row), ("sheet", sheet))
            if value is not None
        }
        if drop_rows is not None:
            changes["drop_rows"] = tuple(drop_rows)
        self._choices = replace(self._choices, **changes)
        self._read = None
        return self

    def _set_column(
        self,
        column: str,
        wanted: str | None,
        kind: str | None,
        options: Sequence[str] | None,
        separator: str | None,
        order: Sequence[str] | None,
    ) -> None:
        fields = self._fields()
        headers = {label_key(header): header for header in fields}
        header = headers.get(label_key(column))
        if header is None:
            raise ColumnError(
                f"The roster has no column {column!r}. {did_you_mean(column, headers.values())}",
                column=str(column), parameter="column",
            )  # fmt: skip
        check_parameter(
            kind is None or kind in KINDS, "kind", "RosterPlan.set", f"one of {KINDS}", kind
        )
        chosen = dict(self._choices.columns)
        name = fields[header] or header
        if (separator or options) and kind is None and name == header:
            kind = "labels"
        if wanted != KEEP:
            chosen = {f: h for f, h in chosen.items() if h != header and f != header}
            name = wanted or header
            chosen[name] = header if wanted else None
        more: dict[str, Any] = {"columns": chosen}
        for word, value, key in (
            ("kinds", kind, name),
            ("orders", order, name),
            ("options", options, header),
            ("separators", separator, header),
        ):
            if value is not None:
                more[word] = {**getattr(self._choices, word), key: value}
        self._choices = replace(self._choices, **more)

    def _fields(self) -> dict[str, str]:
        """Return the field of each header; "" for all where the roster cannot be read yet."""
        try:
            return {header: name for header, name, *_ in self._mapped()}
        except RosterError:
            table = read_tables(self._source(), self._choices, self.role)
            return {column.header: "" for column in table.columns}

    def read(self) -> Profiles:
        """Return the profiles, read as the plan says."""
        return self._now.profiles

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain data: what `save` writes."""
        read = self._now
        choices = read.choices
        told = read.table.reading.tell_roles
        columns = []
        for header, name, kind, _reason in self._mapped():
            part = read.plan.parts.get(name)
            if part is not None and part.shape == "with_other" and header != part.headers[0]:
                part, name = None, header  # found again beside its question
            single = part is not None and part.shape in SINGLE
            entry: dict[str, Any] = {"header": header}
            if header in told:
                entry["field"] = told[header]
            elif part is not None:
                entry["field"] = name
                entry["pinned"] = single
            if header in read.plan.left and header not in told:
                entry["unused"] = True
            key = name or header
            if key in choices.kinds or (part is None and kind in KINDS and kind != "vector"):
                entry |= {"kind": choices.kinds.get(key, kind), "set_kind": True}
            if key in choices.orders:
                entry["order"] = list(choices.orders[key])
            if header in choices.separators:
                entry["separator"] = choices.separators[header]
            if header in choices.options:
                entry["options"] = list(choices.options[header])
            columns.append(entry)
        return {
            "mentormatch_plan": FORMAT,
            "role": self.role,
            "digest": read.profiles.digest,
            "sheet": choices.sheet,
            "header_row": choices.header_row,
            "encoding": choices.encoding,
            "drop_rows": list(choices.drop_rows),
            "columns": columns,
        }

    def save(self, path: str | PathLike[str]) -> None:
        """Write the plan as JSON; `read_roster` takes it with ``plan=``, next year as well."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
        write_file(path, text + "\n")

    def __repr__(self) -> str:
        try:
            profiles = self._now.profiles
        except RosterError as error:
            return f"<RosterPlan: cannot be read yet>\n{error}"
        table = self.shown.reindex(columns=["column", "field", "kind", "confidence", "examples"])
        lines = [f"<RosterPlan: {len(profiles)} {self.role}s from {profiles.source}>"]
        if len(table):
            lines.append(table.to_string(index=False, max_colwidth=40))
        if len(self.rows):
            lines.append(f"{len(self.rows)} rows left out: see .rows")
        lines += [
            f"? {q['column']}: {q['question']}; {q['reading']}\n    "
            + "\n    ".join(q["settle"].split("\n"))
            for q in self.questions.to_dict("records")
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        try:
            profiles = self._now.profiles
        except RosterError:
            return f"<pre>{html.escape(repr(self))}</pre>"
        title = f"{len(profiles)} {self.role}s from {profiles.source}"
        parts = [f"<p>{html.escape(title)}</p>", _html(self.shown)]
        if len(self.questions):
            asked = self.questions.copy()
            asked["settle"] = asked["settle"].str.replace("\n", " or ")
            parts.append("<p>Questions</p>" + _html(asked))
        if len(self.rows):
            parts.append("<p>Rows left out</p>" + _html(self.rows))
        return "".join(parts)


def _html(table: pd.DataFrame) -> str:
    return table.to_html(escape=True, index=False, justify="left")


def _few(texts: Sequence[str], count: int) -> str:
    more = f" and {count - SHOWN} more" if count > SHOWN else ""
    return "; ".join(" ".join(text.split())[:40] for text in texts[:SHOWN]) + more


@typed
def plan_roster(
    source: Any,
    role: Role,
    *,
    sheet: str | int | None = None,
    encoding: str | None = None,
    plan: str | PathLike[str] | Mapping[str, Any] | None = None,
) -> RosterPlan:
    """Return how `read_roster` would read a source, to look at and to change before it is read.

    Parameters
    ----------
    source, role, sheet, encoding, plan
        As in `read_roster`.

    Returns
    -------
    RosterPlan
        One line per column of the file, the rows left out, and what is in doubt.

    Raises
    ------
    ParameterError
        If `role` is unknown or `plan` is none. What cannot be read is said when the plan is looked
        at or read, so that another header row, sheet or id can be chosen first.

    Notes
    -----
    Reads the roster once, when it is first looked at, and once more after each change.

    Examples
    --------
    >>> import io
    >>> plan = plan_roster(io.StringIO("Name,Topics,Base\\nAna Lima,Law,Rome\\n"), role="mentor")
    >>> plan.columns[["column", "field"]].to_records(index=False).tolist()
    [('Name', 'name'), ('Topics', 'goals'), ('Base', 'site')]
    >>> plan.set("Base", field="team").read().columns["team"].to_list()
    ['Rome']
    """
    check_parameter(
        role in ("mentee", "mentor"), "role", "plan_roster", "'mentee' or 'mentor'", role
    )
    saved = None if plan is None else load_plan(plan)
    return RosterPlan(role, rereadable(source), Choices(sheet=sheet, encoding=encoding), saved)


__all__ = ["RosterPlan", "plan_roster"]
