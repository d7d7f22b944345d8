"""Who is on the roster: role and status of rows, ids, names, addresses, repeated sign-ups."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mentormatch.errors import listed
from mentormatch.rosters.answers import each_text, without_blank_words
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.headers import ROLE_FIELDS
from mentormatch.rosters.plan import Part
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.references import parse_email, parse_id
from mentormatch.rosters.roles import (
    MOST_ROLES,
    asked_role,
    column_roles,
    named_roles,
    says_yes,
)
from mentormatch.rosters.rows import no_names
from mentormatch.rosters.table import Table, TextColumn
from mentormatch.rosters.vocabulary import fold_header, is_one_of, within, yes_or_no

_ROWS = 8
"""Most rows that a question names."""
# marks that turn the direction of a line: a name must not rearrange the letter it stands in
_DIRECTIONS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_ADDRESS_ALONE = re.compile(
    r"^\s*(?:mailto:)?[^@\s;,<>]+@[^@\s;,<>]+\s*$|<[^@\s<>]+@[^@\s<>]+>", re.I
)


def keep_role(table: Table) -> Table:
    """Drop, and list, the rows of the other role and of people who have left."""
    role = table.reading.role
    keep = _of_role(table, role)
    for column in sorted(table.columns, key=lambda c: c.header):
        status = within("status", "header").search(fold_header(column.header))
        left = table.reading.choices.columns.get(column.header, "") is None
        if status and not left and 0 < len(column.texts) <= MOST_ROLES:
            keep &= _stays(column, table.reading)
    if not keep.any():
        table.reading.note(
            "nobody",
            f"no row is a {role}",
            f"check role={role!r} and the roles in the file",
            fatal=True,
        )
        return table
    return table if keep.all() else table.take(keep)


def _of_role(table: Table, role: str) -> npt.NDArray[np.bool_]:
    """Return bool (n,): who has this role, by a column of roles or by questions of yes and no."""
    reading = table.reading
    keep = np.ones(len(table), dtype=bool)
    asked: dict[str, list[tuple[TextColumn, list[bool | None]]]] = {"mentee": [], "mentor": []}
    other = "mentor" if role == "mentee" else "mentee"
    given = _given(table)
    for column in sorted(table.columns, key=lambda c: c.header):
        field = given.get(column.header)
        roles = _roles_of(column, field, given)
        if roles is not None:
            _note_unclear_roles(column, roles, reading)
            if {"mentee", "mentor"} & set(roles):  # "no preference" alone may be about anything
                reading.tell_roles[column.header] = "role"
            reading.some_are_both |= "both" in roles
            stays = [r in (role, "both", None) for r in roles]
            keep &= _keep(column, stays, "other_role", f"not a {role}", reading)
        elif (told := _told_by(column, field, given)) is not None:
            asked[told[0]].append((column, told[1]))
    if asked[role] or any(field != "role" for field in given.values()):
        reading.tell_roles |= {c.header: f"is_{r}" for r in asked for c, _ in asked[r]}
    if not asked[role]:
        return keep
    ticks = bool(asked[other]) or len(table.columns) > 1
    for column, said in asked[role]:
        _note_unclear_roles(column, [None if s is None else role for s in said], reading)
        stays = [*(s is not False for s in said), not (ticks and all(said))]
        keep &= _keep(column, stays[:-1], "other_role", f"not a {role}", reading)
        blank = column.codes < 0
        if asked[other]:  # who only ticked the other role did not choose this one
            chose_other = np.zeros(len(table), dtype=bool)
            for theirs, yes in asked[other]:
                chose_other |= np.array([*(s is True for s in yes), False])[theirs.codes]
            gone = blank & (chose_other | (not stays[-1]))
        else:
            gone = blank & all(said)
        reading.note(
            "other_role", f"did not say yes to being a {role}", "dropped the row",
            rows=column.rows[gone], column=column.header,
        )  # fmt: skip
        keep &= ~gone
    return keep


def _given(table: Table) -> dict[str, str]:
    """Return header -> field of `ROLE_FIELDS` for the columns that the caller says tell roles.

    A column left with ``columns={header: None}`` has the field "": it tells none.
    """
    spelt = {label_key(column.header): column.header for column in table.columns}
    found: dict[str, str] = {}
    for name, wanted in table.reading.choices.columns.items():
        if wanted is None and label_key(name) in spelt:
            found[spelt[label_key(name)]] = ""
        elif name in ROLE_FIELDS and wanted is not None:
            for header in [wanted] if isinstance(wanted, str) else wanted:
                if label_key(header) in spelt:
                    found[spelt[label_key(header)]] = name
    return found


def _roles_of(
    column: TextColumn, field: str | None, given: Mapping[str, str]
) -> list[str | None] | None:
    """Return the role of each answer of a column of roles, None for other columns."""
    if field == "role":
        named = named_roles(column.texts)
        return named if set(named) & {"mentee", "mentor", "both"} else None
    if field is not None or set(given.values()) & set(ROLE_FIELDS):
        return None
    return column_roles(column.header, column.texts)


def _told_by(
    column: TextColumn, field: str | None, given: Mapping[str, str]
) -> tuple[str, list[bool | None]] | None:
    """Return the role that a question of yes and no offers, and what each answer says."""
    if field in ("is_mentee", "is_mentor"):
        return field.removeprefix("is_"), [yes_or_no(text) for text in column.texts]
    said = says_yes(column.texts) if field is None else None
    offered = asked_role(column.header) if said else None
    if said is None or offered is None or {"role", f"is_{offered}"} & set(given.values()):
        return None
    return offered, list(said)


def _stays(column: TextColumn, reading: Reading) -> npt.NDArray[np.bool_]:
    """Return bool (n,): whose status does not say that they have left."""
    words = [fold_header(text) for text in column.texts]
    gone, known = ([is_one_of("status", key)(word) for word in words] for key in ("gone", "stays"))
    if all(map(any, zip(gone, known, strict=True))):
        return _keep(column, [not left for left in gone], "left", "no longer takes part", reading)
    doubted = [
        place
        for place, word in enumerate(words)
        if (gone[place] and len(word) > 1 and any(known)) or is_one_of("status", "waits")(word)
    ]
    for place in doubted:
        reading.note(
            "perhaps_left",
            "perhaps does not take part",
            "kept the row; drop_rows= leaves it out",
            **column.at(place),
        )
    if doubted:
        said = ", ".join(repr(column.texts[place]) for place in doubted[:4])
        rows = sorted(int(row) for place in doubted for row in column.rows_of(place))
        reading.ask(
            "status", [column.header], f"does who says {said} take part?", "kept",
            (
                f"drop_rows={rows[:50]}  # no: leave them out",
                f"columns={{{column.header!r}: None}}  # yes",
            ),
        )  # fmt: skip
    return np.ones(len(column), dtype=bool)


def _note_unclear_roles(column: TextColumn, roles: Sequence[str | None], reading: Reading) -> None:
    """List the rows whose role is blank or in words that name none: they stay; ask about words."""
    padded = [*roles, None]
    unclear = np.array([r is None for r in padded])[column.codes]
    padded_texts = np.array([*column.texts, ""], dtype=object)
    for text in np.unique(padded_texts[column.codes[unclear]].astype(str)):
        reading.note(
            "role_unclear",
            "the role is not clear",
            f"kept as a {reading.role}; write mentor, mentee or both",
            rows=column.rows[unclear & (padded_texts[column.codes] == text)],
            column=column.header,
            value=text,
        )
    worded = [place for place, role in enumerate(roles) if role is None]
    rows = sorted(int(row) for place in worded for row in column.rows_of(place))
    if rows:
        said = ", ".join(repr(column.texts[place]) for place in worded[:4])
        reading.ask(
            "role_unclear", [column.header], f"is who says {said} a {reading.role}?",
            f"kept {len(rows)}: row {listed(rows, _ROWS)}",
            (f"drop_rows={rows[:50]}  # no: leave them out",),
        )  # fmt: skip


def _keep(
    column: TextColumn, stays: Sequence[bool], code: str, problem: str, reading: Reading
) -> npt.NDArray[np.bool_]:
    for place, text in enumerate(column.texts):
        if not stays[place]:
            reading.note(
                code,
                problem,
                "dropped the row",
                **column.at(place, text),
            )
    return np.array([*stays, True], dtype=bool)[column.codes]


@dataclass(frozen=True, eq=False)
class Persons:
    """Identified people: positions of the rows that are kept, and what they are called."""

    keep: npt.NDArray[np.int64]
    ids: tuple[str, ...]
    names: tuple[str | None, ...]
    emails: tuple[str | None, ...]
    called: tuple[str | None, ...]


def identify(
    columns: Mapping[str, TextColumn],
    parts: Mapping[str, Part],
    rows: npt.NDArray[np.int64],
    reading: Reading,
) -> Persons:
    """Return who the rows are; repeated sign-ups of one person keep the latest, listed."""
    names = names_of(columns, parts, len(rows))
    emails = emails_of(columns, parts, len(rows), reading)
    ids = _ids(columns, parts, names, emails, rows, reading)
    _ask_who_is_nobody(names, rows, reading)
    called = _called(columns, parts, len(rows))
    keep = _drop_repeats(ids, names, emails, rows, sent_at(columns, parts), parts, reading)
    return Persons(
        keep,
        tuple(ids[p] for p in keep),
        tuple(names[p] for p in keep),
        tuple(emails[p] for p in keep),
        tuple(called[p] for p in keep),
    )


def _ask_who_is_nobody(
    names: Sequence[str | None], rows: npt.NDArray[np.int64], reading: Reading
) -> None:
    places = no_names(names)
    if not places:
        return
    here = [int(rows[place]) for place in places]
    said = ", ".join(repr(names[place]) for place in places[:4])
    one = len(places) == 1
    reading.ask(
        "no_person", [], f"{'is' if one else 'are'} {said} nobody: a test, an example or a total?",
        f"kept {len(here)}: row {listed(here, _ROWS)}",
        (f"drop_rows={here[:50]}  # nobody: leave out",),
    )  # fmt: skip


def _cells(columns: Mapping[str, TextColumn], parts: Mapping[str, Part], name: str) -> list[str]:
    if name not in parts:
        return []
    found = [columns[header].cells() for header in parts[name].headers]
    joined = [" ".join(filter(None, words)) for words in zip(*found, strict=True)]
    return [" ".join(_DIRECTIONS.sub("", cell).split()) for cell in joined]


def names_of(
    columns: Mapping[str, TextColumn], parts: Mapping[str, Part], n: int
) -> list[str | None]:
    whole = _cells(columns, parts, "name") or [""] * n
    preferred = _cells(columns, parts, "nickname") or [""] * n
    first = _cells(columns, parts, "first_name") or preferred
    last = _cells(columns, parts, "last_name") or [""] * n
    return (
        [
            " ".join(f"{a} {b}".split()) or w or None
            for w, a, b in zip(whole, first, last, strict=True)
        ]
        if any(last)
        else [w or a or None for w, a in zip(whole, first, strict=True)]
    )


def _called(
    columns: Mapping[str, TextColumn], parts: Mapping[str, Part], n: int
) -> list[str | None]:
    """Return what friends call them: the preferred name, else the first name, where given."""
    first = _cells(columns, parts, "first_name") or [""] * n
    preferred = _cells(columns, parts, "nickname") or first
    return [a or b or None for a, b in zip(preferred, first, strict=True)]


def emails_of(
    columns: Mapping[str, TextColumn], parts: Mapping[str, Part], n: int, reading: Reading
) -> list[str | None]:
    if "email" not in parts:
        return [None] * n
    answers = columns[parts["email"].headers[0]]
    addresses = [parse_email(text) for text in answers.texts]
    for place, address in enumerate(addresses):
        if address is None:
            reading.note(
                "email",
                "not an e-mail address",
                "read as not given",
                **answers.at(place),
            )
        elif not _ADDRESS_ALONE.search(answers.texts[place]):
            reading.note(
                "email_words",
                "more than an e-mail address is written here",
                f"read as {address!r}",
                **answers.at(place),
            )
    padded = [*addresses, None]
    return [padded[code] for code in answers.codes]


def _ids(
    columns: Mapping[str, TextColumn],
    parts: Mapping[str, Part],
    names: list[str | None],
    emails: list[str | None],
    rows: npt.NDArray[np.int64],
    reading: Reading,
) -> list[str]:
    header = parts["id"].headers[0] if "id" in parts else ""
    given = [""] * len(rows)
    if header:
        answers = without_blank_words(columns[header], reading)
        padded = [*each_text(answers, parse_id, reading), ""]
        given = [padded[code] for code in answers.codes]
    else:
        what = "e-mail address" if any(emails) else "name"
        reading.note(
            "no_id_column",
            "there is no column of ids",
            f"people are identified by their {what}; choose one with columns={{'id': ...}}",
        )
    if not header and not any(emails) and not any(names):
        reading.note(
            "nobody_named",
            "no column says who people are: no id, e-mail or name",
            "choose one with columns={'id': 'header in the file'}",
            fatal=True,
        )
        return [str(row) for row in rows]
    counts: dict[str, int] = {}
    for name in names:
        if name:
            counts[name] = counts.get(name, 0) + 1
    shared = set() if header else _shared_addresses(names, emails)
    ids: list[str] = []
    for own, mail, name, row in zip(given, emails, names, rows, strict=True):
        alone = name if name and counts[name] == 1 else ""
        fallback = alone if mail in shared and alone else mail or alone or ""
        ids.append(own or fallback)
        if fallback == alone and mail in shared:
            reading.note(
                "shared_email",
                "somebody else gave the same e-mail address",
                f"identified by the name {alone!r}",
                rows=[int(row)],
                column=parts["email"].headers[0],
                value=mail,
            )
            continue
        if own or (mail and not header) or (fallback and not header and not any(emails)):
            continue
        if fallback:
            kind = "e-mail address" if mail else "name"
            reading.note(
                "blank_id",
                "no id",
                f"identified by the {kind} {fallback!r}",
                rows=[int(row)],
                column=header,
            )
        else:
            who = f" ({name})" if name else ""
            reading.note(
                "blank_id",
                f"no id, no e-mail address and no name of their own{who}",
                "write an id",
                rows=[int(row)],
                column=header,
                fatal=True,
            )
    return ids


def _shared_addresses(names: list[str | None], emails: list[str | None]) -> set[str | None]:
    """Return the addresses that evidently different people gave."""
    return {
        emails[group[0]]
        for group in _groups(emails)
        if not all(_same(group[0], other, names, emails) for other in group[1:])
    }


def sent_at(
    columns: Mapping[str, TextColumn], parts: Mapping[str, Part]
) -> npt.NDArray[np.int64] | None:
    """Return int64 (n,): when each row was sent, or None where the file does not say."""
    import pandas as pd

    if "signed_up" not in parts:
        return None
    answers = columns[parts["signed_up"].headers[0]]
    starts = [re.match(r"(\d{1,2})([./-])(\d{1,2})[./-]\d", text) for text in answers.texts]
    day_first = any(m and (m.group(2) == "." or int(m.group(1)) > 12) for m in starts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            times = pd.to_datetime(
                pd.Series([*answers.texts, ""], dtype=object),
                errors="coerce",
                format="mixed",
                dayfirst=day_first,
                utc=True,
            )
        except (ValueError, TypeError, OverflowError):
            return None
    stamps = times.astype("datetime64[ns, UTC]").astype("int64").to_numpy()
    return np.asarray(stamps[answers.codes], dtype=np.int64)


def _drop_repeats(
    ids: list[str],
    names: list[str | None],
    emails: list[str | None],
    rows: npt.NDArray[np.int64],
    sent: npt.NDArray[np.int64] | None,
    parts: Mapping[str, Part],
    reading: Reading,
) -> npt.NDArray[np.int64]:
    """Return the positions to keep: one per person, the latest sign-up."""
    header = (
        parts["id"].headers[0]
        if "id" in parts
        else parts["email"].headers[0]
        if "email" in parts
        else ""
    )
    dropped: set[int] = set()
    for group in _groups([label_key(i) if i else None for i in ids]):
        if all(_same(group[0], other, names, emails) for other in group[1:]):
            dropped |= _drop_all_but_latest(group, rows, sent, header, ids, reading)
            continue
        for place in group:
            others = ", ".join(str(rows[p]) for p in group if p != place)
            reading.note(
                "duplicate_id",
                f"the same id is in row {others}, for somebody else",
                "give each person an id of their own",
                rows=[int(rows[place])],
                column=header,
                value=ids[place],
                fatal=True,
            )
    for group in _groups([m if p not in dropped else None for p, m in enumerate(emails)]):
        same = [p for p in group if label_key(names[p] or "") == label_key(names[group[-1]] or "")]
        if names[group[-1]] and len(same) > 1:
            dropped |= _drop_all_but_latest(same, rows, sent, header, ids, reading)
        left = [p for p in group if p not in dropped]
        if "id" in parts and len({ids[p] for p in left}) > 1:
            for place in left:
                others = ", ".join(str(rows[p]) for p in left if p != place)
                reading.note(
                    "shared_email",
                    f"the same e-mail address as row {others}",
                    "kept both: ids and names differ",
                    rows=[int(rows[place])],
                    column=parts["email"].headers[0],
                    value=emails[place],
                )
    return np.array([p for p in range(len(ids)) if p not in dropped], dtype=np.int64)


def _groups(keys: Sequence[str | None]) -> list[list[int]]:
    counts = Counter(keys)
    if len(counts) == len(keys):
        return []
    places: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        if key and counts[key] > 1:
            places.setdefault(key, []).append(place)
    return list(places.values())


def _same(a: int, b: int, names: list[str | None], emails: list[str | None]) -> bool:
    """Tell whether two rows with one id are evidently one person."""
    if not names[a] or not names[b]:
        return not (emails[a] and emails[b]) or emails[a] == emails[b]
    first, second = (set(label_key(names[p]).split()) for p in (a, b))
    return first == second or (emails[a] == emails[b] is not None and bool(first & second))


def _drop_all_but_latest(
    group: Sequence[int],
    rows: npt.NDArray[np.int64],
    sent: npt.NDArray[np.int64] | None,
    header: str,
    ids: list[str],
    reading: Reading,
) -> set[int]:
    kept = max(group, key=lambda p: (int(sent[p]) if sent is not None else 0, int(rows[p])))
    for place in group:
        if place != kept:
            reading.note(
                "repeated",
                f"the same person signed up again in row {rows[kept]}",
                f"dropped this row, kept row {rows[kept]}",
                rows=[int(rows[place])],
                column=header,
                value=ids[place],
            )
    return {place for place in group if place != kept}
