"""A plan of reading that was saved, perhaps for last year's file, taken for this one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from mentormatch.errors import ParameterError, listed
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.headers import ROLE_FIELDS, claims
from mentormatch.rosters.reading import KINDS, Choices
from mentormatch.rosters.roles import MOST_ROLES, named_roles, says_yes, tells_roles
from mentormatch.rosters.table import Table

ALIKE = 0.6
"""Least similarity (0 to 1) at which a new header may be an old one that was renamed."""
OFFERED_HEADERS = 6
"""How many new headers are offered for one that was lost."""
FORMAT = 1
"""Version of the saved form."""


def load_plan(plan: str | PathLike[str] | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a saved plan: the content of a file that `RosterPlan.save` wrote.

    A file named ``.yaml`` or ``.yml`` may hold YAML; the JSON that `save` writes is YAML too.

    Raises
    ------
    ParameterError
        If the file cannot be read or is no plan.
    """
    if not isinstance(plan, Mapping | str | PathLike):
        raise ParameterError(f"A plan is a file or what it holds. Got {plan!r}.")
    saved: Any = plan if isinstance(plan, Mapping) else _content(Path(fspath(plan)))
    name = str(plan)[:80]
    if not isinstance(saved, Mapping) or saved.get("mentormatch_plan") != FORMAT:
        raise ParameterError(f"{name!r} is no plan that RosterPlan.save wrote.")
    columns = saved.get("columns")
    entries = columns if isinstance(columns, list) else [columns]
    wrong = [e for e in entries if not isinstance(e, Mapping) or not _is_text(e.get("header"))]
    if wrong:
        raise ParameterError(
            f"{name!r} has columns without a header in words: {listed(wrong)}. In YAML, put "
            "quotes around headers such as 'No', '1' and '2026-01-02'."
        )
    return saved


def _is_text(header: object) -> bool:
    return isinstance(header, str)


def _content(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ParameterError(f"{str(path)!r} is no saved plan ({error}).") from error
    try:
        return json.loads(text)
    except ValueError as error:
        if path.suffix.lower() not in (".yaml", ".yml"):
            raise ParameterError(f"{str(path)!r} is no saved plan ({error}).") from error
    try:
        import yaml
    except ImportError as error:
        raise ParameterError(
            f"{str(path)!r} is written in YAML, which takes PyYAML to read: "
            "pip install PyYAML, or keep the plan as JSON, as RosterPlan.save writes it."
        ) from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ParameterError(f"{str(path)!r} is no saved plan ({error}).") from error


def with_plan(given: Choices, saved: Mapping[str, Any], table: Table) -> Choices:
    """Return the choices of a saved plan for this table, the given ones first.

    Headers of the plan that the file no longer has are sought among its new ones; what was
    renamed, added or lost is listed.
    """
    known: dict[str, Mapping[str, Any]] = {c["header"]: c for c in saved["columns"]}
    headers = [column.header for column in table.columns]
    spelt = {label_key(header): header for header in headers}
    now = {old: spelt[label_key(old)] for old in known if label_key(old) in spelt}
    fresh = [header for header in headers if header not in now.values()]
    lost = [old for old in known if old not in now]
    for old, new in _renamed(lost, fresh, known, table, saved["role"]):
        now[old] = new
        fresh.remove(new)
        lost.remove(old)
        table.reading.note(
            "plan_renamed",
            f"the plan names {old!r}, which this file does not have",
            f"read this column as {known[old].get('field') or 'the same attribute'!r} instead",
            column=new,
        )
    for header in fresh:
        table.reading.note(
            "plan_added", "a column that the plan does not name", "read by itself", column=header
        )
    for old in lost:
        table.reading.note(
            "plan_lost", f"the plan names {old!r}, which this file does not have", "left out"
        )
        name = known[old].get("field")
        if name and fresh:
            of_roles = name in ROLE_FIELDS
            offered = sorted(fresh, key=lambda h: not _may_tell(h, table)) if of_roles else fresh
            table.reading.ask(
                "plan_lost",
                [],
                f"the plan tells who is who by {old!r}, which this file does not have"
                if of_roles
                else f"the plan reads {name!r} from {old!r}, which this file does not have",
                f"not told; rows of the other role may be among the {saved['role']}s"
                if of_roles
                else "left out",
                [f"columns={{{name!r}: {header!r}}}" for header in offered[:OFFERED_HEADERS]],
            )
    same_file = saved.get("digest") == table.digest
    if saved.get("drop_rows") and not same_file:
        table.reading.note(
            "plan_rows", "the plan leaves out rows of another file", "kept every row of this one"
        )
    kept = _choices_of(saved, known, now)
    return _merged(given, kept if same_file else replace(kept, drop_rows=()))


def _may_tell(header: str, table: Table) -> bool:
    """Tell whether a column has answers of yes and no, or names roles."""
    texts = next(column.texts for column in table.columns if column.header == header)
    return says_yes(texts) is not None or any(named_roles(texts[:MOST_ROLES]))


def _renamed(
    lost: Sequence[str],
    fresh: Sequence[str],
    known: Mapping[str, Mapping[str, Any]],
    table: Table,
    role: str,
) -> list[tuple[str, str]]:
    """Return (old, new) headers: the new one asks for the same field, or is spelt alike."""
    offers = []
    texts = {column.header: column.texts for column in table.columns}
    for old in lost:
        field_ = known[old].get("field")
        for new in fresh:
            alike = SequenceMatcher(None, label_key(old), label_key(new)).ratio()
            asked = {claim.field for claim in claims(new, role)} | {tells_roles(new, texts[new])}
            same = field_ is not None and field_ in asked
            if same or alike >= ALIKE:
                offers.append((alike + same, old, new))
    found: list[tuple[str, str]] = []
    for _, old, new in sorted(offers, key=lambda o: (-o[0], o[1], o[2])):
        if old not in {o for o, _ in found} and new not in {n for _, n in found}:
            found.append((old, new))
    return found


def _choices_of(
    saved: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], now: Mapping[str, str]
) -> Choices:
    columns: dict[str, str | Sequence[str] | None] = {}
    kinds: dict[str, str] = {}
    orders: dict[str, Sequence[str]] = {}
    separators: dict[str, str] = {}
    options: dict[str, Sequence[str]] = {}
    together: dict[str, list[str]] = {}
    for old, column in known.items():
        if old not in now:
            continue
        header, name = now[old], column.get("field")
        if name and column.get("pinned", True):
            together.setdefault(name, []).append(header)
        elif column.get("unused"):
            columns[header] = None
        key = header if name in ROLE_FIELDS else name or header
        if column.get("kind") in KINDS and column.get("set_kind"):
            kinds[key] = column["kind"]
        if column.get("order"):
            orders[key] = column["order"]
        if column.get("separator"):
            separators[header] = column["separator"]
        if column.get("options"):
            options[header] = column["options"]
    for name, headers in together.items():
        columns[name] = headers if len(headers) > 1 else headers[0]
    return Choices(columns, kinds, orders, separators, options, tuple(saved.get("drop_rows", ())))


def _merged(first: Choices, second: Choices) -> Choices:
    taken = {
        header
        for headers in first.columns.values()
        if headers is not None
        for header in ([headers] if isinstance(headers, str) else headers)
    }
    rest = {
        name: headers
        for name, headers in second.columns.items()
        if name not in first.columns
        and not taken & set([headers] if isinstance(headers, str) else headers or [name])
    }
    return replace(
        first,
        columns={**rest, **first.columns},
        kinds={**second.kinds, **first.kinds},
        orders={**second.orders, **first.orders},
        separators={**second.separators, **first.separators},
        options={**second.options, **first.options},
        drop_rows=first.drop_rows or second.drop_rows,
    )
