"""What a reading is not sure of: columns unused or read on thin evidence, and what settles it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mentormatch.rosters.capacity import DEFAULT, MANY, parse_capacity
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.headers import (
    asks_how_many,
    claims,
    counts_no_seats,
    is_kept_apart,
    kind_of,
    opposite,
    plausible,
)
from mentormatch.rosters.plan import Plan
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.references import is_nobody
from mentormatch.rosters.role_questions import ask_roles
from mentormatch.rosters.roles import asked_of, asked_role
from mentormatch.rosters.spread import is_ticked, options_of, questions_of
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import fold_header, is_negative, within, yes_or_no
from mentormatch.rosters.wishes import asks_for_own_gender, wants_own

_ACROSS = re.compile(
    r"\b(?:mentors?|mentees?|match\w*|pair\w*|people|person|anyone|somebody|someone|whom?)\b"
)
_SINGLE = ("capacity", "avoid", "preferred")
"""Fields of which a second column that nobody reads does harm."""
FEW_TICKS = 3
MOST_SEATS = 20
_ODD_SEATS = ("capacity_unread", "capacity_date", "capacity_decimals", "capacity_several")


def ask_about(plan: Plan, both_roles: bool, reading: Reading) -> None:
    """Ask about the columns that no field uses although they look as if one should."""
    _ask_what_a_file_hides(plan, reading)
    _ask_ids_or_counts(plan, reading)
    ask_roles(plan, reading)
    free = plan.free()
    asked: set[str] = set()
    for column in free:
        if any(ask(column, plan, reading) for ask in _OF_ONE_COLUMN):
            asked.add(column.header)
    left = [column for column in free if column.header not in asked]
    _ask_ticks([c for c in left if asked_of(c.header) in (None, plan.role)], plan, reading)
    _ask_ranks(left, plan, reading)
    if plan.role == "mentor":
        _ask_seats(left, plan, reading)
    elif not both_roles:
        _ask_swapped(left, reading)


def _ask_what_a_file_hides(plan: Plan, reading: Reading) -> None:
    """Ask about hidden rows and columns that were read, and about formulas that failed."""
    listed: dict[str, list[tuple[list[int], str]]] = {}
    for rows, column, _, finding in reading.batches:
        listed.setdefault(finding.code, []).append((rows.tolist(), column))
    hidden = {row for rows, _ in listed.get("hidden_rows", ()) for row in rows}
    people = next((set(column.rows.tolist()) for column in plan.columns.values()), set())
    if left := sorted(hidden & people):
        many = "1 row that is" if len(left) == 1 else f"{len(left)} rows that are"
        reading.ask(
            "hidden_rows", [], f"{many} hidden or filtered out: people who take part?", "read",
            (f"drop_rows={left}  # no: leave them out",),
        )  # fmt: skip
    for _, column in listed.get("hidden_column", ()):
        if column in plan.used:
            reading.ask(
                "hidden_column", [column], "the column is hidden: is it to count?",
                f"read as {plan.used[column]}",
                (_line(plan.used[column], column, "it is"), _leave(column)),
            )  # fmt: skip
    failed: dict[str, int] = {}
    for code in ("failed_formula", "formula_without_value"):
        for lines, column in listed.get(code, ()):
            if column in plan.used:
                failed[column] = failed.get(column, 0) + len(lines)
    for column, count in failed.items():
        reading.ask(
            "failed_formulas", [column],
            f"{count} {'cell holds' if count == 1 else 'cells hold'} a formula without a result",
            "read as not answered", ("write the values there", _leave(column)),
        )  # fmt: skip


def _line(field: str, header: str | Sequence[str], why: str) -> str:
    shown = header if isinstance(header, str) else list(header)
    return f"columns={{{field!r}: {shown!r}}}  # {why}"


def _leave(header: str) -> str:
    return f"columns={{{header!r}: None}}  # leave it"


def _ask_opposite(column: TextColumn, plan: Plan, reading: Reading) -> bool:
    field = opposite(column.header, plan.role)
    if field is None:
        return False
    reading.ask(
        "opposite",
        [column.header],
        f"asks for what is not wanted or not offered, so it is no column of {field}",
        "not used",
        (
            _line("avoid", column.header, "people who must not be matched"),
            _line(field, column.header, f"{field} after all"),
            _leave(column.header),
        ),
    )
    return True


def _ask_safety(column: TextColumn, plan: Plan, reading: Reading) -> bool:
    folded = fold_header(column.header)
    safety = is_kept_apart(column.header) or (is_negative(column.header) and _ACROSS.search(folded))
    second = next(
        (
            claim.field
            for claim in claims(column.header, plan.role)
            if claim.field in _SINGLE
            and claim.field in plan.parts
            and claim.strength >= 70
            and plausible(claim, column)
        ),
        None,
    )
    if second is not None:
        headers = [*plan.parts[second].headers, column.header]
        lines = (
            _line(second, headers, "both")
            if second != "capacity"
            else _line(second, column.header, "this one instead"),
            _leave(column.header),
        )
        problem = f"could also be {second!r}, for which {headers[0]!r} is used"
        reading.ask("second_column", [column.header], problem, "not used", lines)
    elif safety and not all(yes_or_no(t) is not None or is_nobody(t) for t in column.texts):
        lines = (
            _line("avoid", column.header, "people who must not be matched"),
            _leave(column.header),
        )
        problem = "looks like people who should not be matched"
        reading.ask("safety", [column.header], problem, "not used", lines)
    elif (safety or _claims_avoid(column.header, plan.role)) and any(map(yes_or_no, column.texts)):
        reading.ask(
            "safety", [column.header], "some said yes, and nobody is named", "not used",
            ("write the names or ids there", _leave(column.header)),
        )  # fmt: skip
    else:
        return False
    return True


def _claims_avoid(header: str, role: str) -> bool:
    return any(claim.field == "avoid" and claim.strength >= 70 for claim in claims(header, role))


_COUNTED = "numbers: ids of people, or how many they are?"


def _ask_counts(column: TextColumn, plan: Plan, reading: Reading) -> bool:
    """Ask about small numbers under a header for people that nothing uses."""
    fields = [
        claim.field
        for claim in claims(column.header, plan.role)
        if kind_of(claim.field) == "people" and claim.field not in plan.parts
    ]
    if not fields or not _counts(column) or asks_how_many(column.header):
        return False
    lines = (_line(fields[0], column.header, "ids of people"), _leave(column.header))
    reading.ask("counts", [column.header], _COUNTED, "not used", lines)
    return True


def _ask_ids_or_counts(plan: Plan, reading: Reading) -> None:
    """Ask about small numbers that are read as ids although nobody here goes by a number."""
    own = plan.parts.get("id")
    if own is not None and _small_numbers(plan.columns[own.headers[0]], 10**6):
        return
    for field in ("preferred", "avoid", "previous"):
        part = plan.parts.get(field)
        if part is None or len(part.headers) > 1:
            continue
        column = plan.columns[part.headers[0]]
        if _counts(column):
            lines = (_line(field, column.header, "ids of people"), _leave(column.header))
            reading.ask("counts", [column.header], _COUNTED, "read as ids", lines)


def _counts(column: TextColumn) -> bool:
    return len(column.texts) > 1 and _small_numbers(column) and "0" not in column.texts


def _small_numbers(column: TextColumn, most: int = MOST_SEATS) -> bool:
    return all(re.fullmatch(r"\d{1,6}(?:\.0)?", t) and float(t) <= most for t in column.texts)


def _ask_own_gender(column: TextColumn, plan: Plan, reading: Reading) -> bool:
    """Ask about a wish for somebody of one's own gender that could not be read as one."""
    said = [wants_own(text) for text in column.texts]
    if not asks_for_own_gender(column.header, plan.role) or not {True, None} & set(said):
        return False
    if "gender" not in plan.parts:
        problem = "some wish for their own gender, and it is not known which that is"
    elif None in said:
        problem = "a wish for one's own gender? Some answers are neither yes nor no"
    else:
        problem = "some wish for their own gender; another column is read as the gender wished for"
    settle = (
        _line("preferred_gender", column.header, "once its cells name the gender wished for"),
        *(
            ["columns={'gender': 'header'}  # the column that says which gender they are"]
            if "gender" not in plan.parts
            else []
        ),
        _leave(column.header),
    )
    reading.ask("own_gender", [column.header], problem, "not used", settle)
    return True


_OF_ONE_COLUMN = (_ask_opposite, _ask_counts, _ask_safety, _ask_own_gender)
"""What may be asked about a column that nothing uses: the first that finds something."""


def _ask_ticks(free: Sequence[TextColumn], plan: Plan, reading: Reading) -> None:
    together = {
        column.header
        for _, columns in questions_of(free)
        for column in columns
        if len(columns) >= FEW_TICKS
    }
    headers = [
        column.header
        for column in free
        if is_ticked(column)
        and (
            column.header in together
            or (
                "?" not in column.header
                and len(column.header.split()) <= 8
                and asked_role(column.header) is None
                and not claims(column.header, plan.role)
            )
        )
        and set(map(yes_or_no, column.texts)) & {True, None}
        and not within("polarity", "not").search(fold_header(column.header))
    ]
    short = {
        text.strip().casefold()
        for column in free
        if column.header in headers
        for text in column.texts
        if label_key(text) != label_key(column.header)  # its own text ticks an option, surely
    }
    if len(headers) < FEW_TICKS or not (short <= _TICK_WORDS or len(headers) > FEW_TICKS):
        return
    field = "goals" if "goals" not in plan.parts else "skills" if plan.role == "mentor" else "needs"
    reading.ask(
        "ticks",
        headers,
        f"{len(headers)} columns of tick marks: options of one question?",
        "not used, but kept under their headers",
        (_line(field, headers, "one list of what was ticked"),),
    )


def _ask_ranks(free: Sequence[TextColumn], plan: Plan, reading: Reading) -> None:
    """Ask about grids in which everybody gives each number once: a ranking nobody reads."""
    for question, columns in questions_of(free):
        texts = {text for column in columns for text in column.texts}
        if len(columns) < 2 or not all(re.fullmatch(r"[1-9]\d?(?:\.0)?", text) for text in texts):
            continue
        answers = [
            [int(float(text)) for text in row if text]
            for row in zip(*(column.cells() for column in columns), strict=True)
        ]
        given = [places for places in answers if len(places) > 1]
        if not given or not all(sorted(p) == list(range(1, len(p) + 1)) for p in given):
            continue
        headers = [column.header for column in columns]
        options = ", ".join(options_of(headers)[:3])
        lists = "goals" if "goals" not in plan.parts else "needs"
        reading.ask(
            "ranks", headers, f"{question!r} ranks {options} ...: people, or topics?", "not used",
            (
                _line("preferred", headers, "people; 1 is best"),
                _line(lists, headers, "topics; 1 is best"),
            ),
        )  # fmt: skip


_TICK_WORDS = {"1", "0", "x", "true", "false", "1.0", "0.0", "✓", "✔"}


def _ask_seats(free: Sequence[TextColumn], plan: Plan, reading: Reading) -> None:
    """Everybody has one seat by default although a column could hold how many."""
    if "capacity" in plan.parts:
        return
    for column in free:
        folded = fold_header(column.header)
        numbers = all(
            re.fullmatch(r"\d{1,2}(?:\.0)?", text) and float(text) <= MOST_SEATS
            for text in column.texts
        ) and not {"id", "supervisor_id"} & {c.field for c in claims(column.header, plan.role)}
        counts = asks_how_many(column.header) and not counts_no_seats(column.header)
        people = within("seats", "of_people").search(folded) is not None
        if numbers and (people or counts) and not is_ticked(column):
            past = " (it seems to ask for something else)" if counts_no_seats(column.header) else ""
            reading.ask(
                "seats",
                [column.header],
                f"numbers of people: the seats of each mentor?{past}",
                f"not used; each mentor has {DEFAULT} seat",
                (_line("capacity", column.header, "seats"), "columns={'capacity': None}  # no"),
            )


def _ask_swapped(free: Sequence[TextColumn], reading: Reading) -> None:
    for column in free:
        offered = next((c for c in claims(column.header, "mentor") if c.field == "capacity"), None)
        if offered is None or offered.strength < 75 or asked_of(column.header) == "mentor":
            continue
        readable = [
            getattr(parse_capacity(text)[1], "code", "") != "capacity_unread"
            for text in column.texts
        ]
        if all(readable):
            reading.ask(
                "swapped",
                [column.header],
                "mentees are asked how many mentees they take: are the two files swapped?",
                "read as mentees",
                ("role='mentor'  # these are mentors", _leave(column.header)),
            )
            return


def ask_capacity(column: TextColumn, reading: Reading) -> None:
    """Ask about cells of seats that are dates, shares, hours or more than anybody has."""
    odd = [
        text
        for text in column.texts
        for seats, finding in [parse_capacity(text)]
        if seats > MANY or getattr(finding, "code", "") in _ODD_SEATS
    ]
    if odd:
        shown = ", ".join(f"{text!r} as {parse_capacity(text)[0]}" for text in odd[:3])
        reading.ask(
            "capacity",
            [column.header],
            "no plain number of mentees",
            f"read {shown}",
            (f"columns={{'capacity': {column.header!r}}}  # that is right", "write numbers there"),
        )
