"""What becomes of every column of a file: the plan that `profiles.mapping` shows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mentormatch.errors import ColumnError, did_you_mean
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.headers import (
    WISHED,
    Claim,
    claims,
    kind_of,
    plausible,
)
from mentormatch.rosters.labels import is_ranked
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.references import parse_email
from mentormatch.rosters.spread import (
    choice,
    is_other,
    is_ticked,
    options_of,
    people_like,
    questions_of,
)
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import fold_header
from mentormatch.rosters.wishes import WishGrid, find_grids

_GRID = re.compile(r"(.+?)\s*\[([^\[\]]+)\]$")
_DAY_HEADER = re.compile(
    r"(?:(?:(?:my |your |weekly )*availab(?:ility|le)(?: times?| hours?)?|times?|hours)"
    r"(?: on)?[\s:–-]*)?"
    r"(?P<item>(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?"
    r"(?:[\s,:–-]+(?:early |late )?(?:mornings?|afternoons?|evenings?|lunch(?: ?times?)?|am|pm))?)"
    r"(?:[\s:–-]*(?:availability|available(?: times?)?|times?|hours))?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?P<stem>.*?[a-z])\s?(?P<number>\d{1,2})?(?: (?P<of>level|rating|proficiency|priority"
    r"|importance|weight|rank))?"
)
_LIST_STEMS = {
    "skill": "skills", "goal": "goals", "need": "needs", "interest": "interests",
    "language": "languages", "value": "values", "skill needed": "needs", "skill wanted": "needs",
    "expertise": "skills", "topic": "goals", "development area": "goals",
    "mentoring goal": "goals", "skill offered": "skills", "skill needed ": "needs",
}  # fmt: skip
_STAY_ALONE = re.compile(
    r"\b(?:rather not be (?:paired|matched)|not be (?:paired|matched) with any|only (?:match"
    r"|pair) me"
    r"|rather (?:stay|remain) unmatched|rather wait)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Part:
    """One field to build: its kind, the columns it is read from, and why.

    shape : "single", or how several columns become one field: "joined", "hours_grid",
        "level_grid", "paired", "choices", "wish_grid", "gated", "ticks", "rank_grid".
    """

    field: str
    kind: str
    headers: tuple[str, ...]
    reason: str
    shape: str = "single"
    grid: WishGrid | None = None
    items: tuple[str, ...] = ()
    levels: tuple[str | None, ...] = ()
    of_priority: bool = False
    first_is_one: bool = False
    inverted: bool = False


@dataclass
class Plan:
    """The parts, one per field, and the headers they use up."""

    columns: Mapping[str, TextColumn]
    role: str
    parts: dict[str, Part] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)

    def add(self, part: Part) -> None:
        self.parts[part.field] = part
        for header in part.headers:
            self.used[header] = part.field

    def free(self) -> list[TextColumn]:
        """Return the columns that no field uses yet, by name."""
        names = sorted(self.columns.keys() - self.used.keys() - self.left, key=_by_key)
        return [self.columns[name] for name in names if self.columns[name].texts]


def _by_key(header: str) -> tuple[str, str]:
    return label_key(header), header


def make_plan(
    columns: Mapping[str, TextColumn],
    reading: Reading,
) -> Plan:
    """Return what becomes of every column; columns given by the caller come first."""
    chosen, kinds = reading.choices.columns, reading.choices.kinds
    plan = Plan(columns, reading.role)
    _take_chosen(plan, reading)
    reading.settled |= plan.left | set(plan.used)
    plan.left |= reading.tell_roles - set(plan.used)
    blocked = {name for name, header in chosen.items() if header is None}
    _take_day_columns(plan)
    _take_ticks(plan)
    _take_rank_grids(plan)
    _take_grids(plan)
    _take_numbered(plan, blocked, reading)
    _take_by_content(plan)
    _take_claims(plan, blocked, reading)
    _take_wishes(plan)
    for name, kind in kinds.items():
        if name in plan.parts:
            part = plan.parts[name]
            plan.parts[name] = Part(**{**part.__dict__, "kind": kind})
    return plan


def _take_chosen(plan: Plan, reading: Reading) -> None:
    chosen, kinds = reading.choices.columns, reading.choices.kinds
    by_key = {label_key(header): header for header in plan.columns}
    missing: list[str] = []
    for name, wanted in chosen.items():
        if wanted is None:
            own = name if name in plan.columns else by_key.get(label_key(name))
            plan.left |= {own} if own is not None else set()
            continue
        wanted_headers = [wanted] if isinstance(wanted, str) else list(wanted)
        headers = []
        for header in wanted_headers:
            tidy = " ".join(str(header).split())
            found = tidy if tidy in plan.columns else by_key.get(label_key(tidy))
            if found is None:
                missing.append(f"{header!r} for {name!r}. {did_you_mean(tidy, plan.columns)}")
            else:
                headers.append(found)
        if not headers:
            continue
        kind = kinds.get(name, kind_of(name))
        plan.add(_joined(name, kind, headers, "given with columns=", plan.columns))
    if missing:
        raise ColumnError(f"{reading.source} has no column " + "\nand no column ".join(missing))


def _joined(
    name: str,
    kind: str,
    headers: Sequence[str],
    reason: str,
    columns: Mapping[str, TextColumn],
) -> Part:
    if len(headers) == 1:
        return Part(name, kind, tuple(headers), reason)
    if kind == "hours":
        grid = [_GRID.fullmatch(header) for header in headers]
        items = tuple(g.group(2) if g else h for g, h in zip(grid, headers, strict=True))
        words = " ".join(g.group(1) for g in grid if g)
        return Part(
            name, kind, tuple(headers), reason, "hours_grid", items=items, inverted=_inverted(words)
        )
    if kind == "labels" and all(is_ticked(columns[header]) for header in headers):
        options = tuple(options_of(headers))
        return Part(name, kind, tuple(headers), reason, "ticks", items=options)
    shape = {"people": "choices", "labels": "paired", "wishes": "paired"}.get(kind, "joined")
    return Part(name, kind, tuple(headers), reason, shape, levels=(None,) * len(headers))


def _inverted(question: str) -> bool:
    return bool(
        re.search(
            r"\b(?:un-?available|not (?:be )?(?:available|free|able)|can ?not|can't|busy)\b",
            question.casefold(),
        )
    )


def _take_day_columns(plan: Plan) -> None:
    """Columns headed Monday, Tuesday, ... hold hours."""
    found = {c.header: _DAY_HEADER.fullmatch(c.header.strip()) for c in plan.free()}
    items = {header: match.group("item") for header, match in found.items() if match}
    days = sorted(items)
    if len(days) >= 2 and "availability" not in plan.parts:
        plan.add(
            Part(
                "availability",
                "hours",
                tuple(days),
                "one column per day",
                "hours_grid",
                items=tuple(items[header] for header in days),
            )
        )


def _take_ticks(plan: Plan) -> None:
    """``Question [Option]``, ``Question - Option``, ``Question: Option`` with ticks are a list."""
    for question, columns in questions_of(plan.free()):
        name = next(
            (
                claim.field
                for claim in claims(question, plan.role)
                if kind_of(claim.field) == "labels" and claim.field not in plan.parts
            ),
            None,
        )
        told = [is_ticked(column) for column in columns]
        if name is None or not any(told):
            continue
        if not all(tick or is_other(c) for tick, c in zip(told, columns, strict=True)):
            continue
        headers = tuple(column.header for column in columns)
        items = tuple(options_of(headers))
        plan.add(Part(name, "labels", headers, "a tick per option", "ticks", items=items))


def _take_rank_grids(plan: Plan) -> None:
    """``Rank your mentors [Ana]`` with 1, 2, 3: 1 is best."""
    for question, columns in questions_of(plan.free()):
        claimed = [claim.field for claim in claims(question, plan.role)]
        places = {text for column in columns for text in column.texts}
        numbered = all(re.fullmatch(r"\d{1,2}(?:\.0)?", text) for text in places)
        if not (is_ranked(question) or "preferred" in claimed) or not numbered or len(places) < 2:
            continue
        lists = [name for name in claimed if kind_of(name) == "labels"]
        people = re.search(r"\b(?:mentors?|mentees?|people|whom?|person)\b", fold_header(question))
        name, kind = ("preferred", "people") if people or not lists else (lists[0], "labels")
        if name not in plan.parts:
            headers = tuple(column.header for column in columns)
            items = tuple(options_of(headers))
            reason = "a grid of ranks, 1 is best"
            plan.add(Part(name, kind, headers, reason, "rank_grid", items=items))


def _take_grids(plan: Plan) -> None:
    """Google Forms writes a grid as one column per line: ``Question [line]``."""
    questions: dict[str, list[tuple[str, str]]] = {}
    for column in plan.free():
        if (match := _GRID.fullmatch(column.header)) is not None:
            questions.setdefault(match.group(1), []).append((column.header, match.group(2)))
    for question, lines in sorted(questions.items()):
        headers, items = tuple(h for h, _ in lines), tuple(i for _, i in lines)
        claimed = [c.field for c in claims(question, plan.role)]
        in_days = sum(bool(re.match(r"(?:mon|tue|wed|thu|fri|sat|sun)", i, re.I)) for i in items)
        if "availability" not in plan.parts and (
            in_days * 2 >= len(items) or "availability" in claimed or _inverted(question)
        ):
            inverted = _inverted(question)
            reason = "a grid of hours" + (", worded as unavailable: inverted" if inverted else "")
            plan.add(
                Part(
                    "availability",
                    "hours",
                    headers,
                    reason,
                    "hours_grid",
                    items=items,
                    inverted=inverted,
                )
            )
            continue
        name = next((f for f in claimed if kind_of(f) == "labels" and f not in plan.parts), None)
        if name is not None:
            plan.add(Part(name, "labels", headers, "a grid of levels", "level_grid", items=items))
            continue
        style = next((f for f in claimed if kind_of(f) == "category" and f not in plan.parts), None)
        if style is not None and len(headers) > 1:
            plan.add(Part(style, "vector", headers, "a grid of ratings", "joined", items=items))


def _take_numbered(plan: Plan, blocked: set[str], reading: Reading) -> None:
    """``Skill 1``, ``Skill 1 level``, ... make one list; ``Mentor choice 1``, 2, 3 one ranking."""
    lists: dict[str, dict[tuple[str, str], dict[str, str]]] = {}
    choices: dict[tuple[str, bool], list[tuple[int, TextColumn]]] = {}
    for column in plan.free():
        folded = fold_header(column.header)
        if (found := choice(folded, plan.role)) is not None:
            stem, place, of_people = found
            choices.setdefault((stem, of_people), []).append((place, column))
        elif (match := _NUMBERED.fullmatch(folded)) is None:
            continue
        elif (name := _list_field(match.group("stem"), plan.role)) is not None:
            slot = (match.group("stem"), match.group("number") or "")
            lists.setdefault(name, {}).setdefault(slot, {})[match.group("of") or ""] = column.header
    for (stem, of_people), ranked in sorted(choices.items()):
        if "preferred" not in blocked | set(plan.parts) and len(ranked) > 1:
            _add_choices(plan, stem, of_people, ranked, reading)
    for name, slots in sorted(lists.items()):
        _add_paired(plan, name, slots)


def _add_choices(
    plan: Plan,
    stem: str,
    of_people: bool,
    ranked: list[tuple[int, TextColumn]],
    reading: Reading,
) -> None:
    headers = tuple(c.header for _, c in sorted(ranked, key=lambda r: (r[0], _by_key(r[1].header))))
    likely = people_like({text for _, column in ranked for text in column.texts})
    if of_people or (stem and likely):
        plan.add(Part("preferred", "people", headers, "numbered choices, best first", "choices"))
    if of_people or not (stem or likely):
        return
    reading.ask(
        "choices",
        headers,
        "numbered choices: of people, or of something else?",
        "read as wishes for people, best first" if likely and stem else "not used",
        (
            f"columns={{'preferred': {list(headers)!r}}}  # people, best first",
            f"columns={{'goals': {list(headers)!r}}}  # topics",
        ),
    )


def _list_field(stem: str, role: str) -> str | None:
    word = stem.strip()
    found = _LIST_STEMS.get(word) or _LIST_STEMS.get(word.removesuffix("s"))
    return "skills" if found == "needs" and role == "mentor" else found


def _add_paired(plan: Plan, name: str, slots: dict[tuple[str, str], dict[str, str]]) -> None:
    complete = {slot: of for slot, of in sorted(slots.items(), key=_slot_order) if "" in of}
    detailed = any(len(of) > 1 for of in complete.values())
    numbered = sum(bool(number) for _, number in complete) > 1
    if name in plan.parts or not (detailed or numbered):
        return
    names = tuple(of[""] for of in complete.values())
    details = tuple(next((h for k, h in sorted(of.items()) if k), None) for of in complete.values())
    kinds = {key for of in complete.values() for key in of if key}
    of_priority = bool(kinds) and kinds <= {"priority", "importance", "weight", "rank"}
    headers = names + tuple(h for h in details if h)
    reason = "numbered columns" + (", each with its level" if detailed and not of_priority else "")
    plan.add(
        Part(
            name,
            "labels",
            headers,
            reason,
            "paired",
            levels=details,
            items=names,
            of_priority=of_priority,
            first_is_one=of_priority and kinds <= {"priority", "rank"},
        )
    )


def _slot_order(slot: tuple[tuple[str, str], dict[str, str]]) -> tuple[str, int]:
    (stem, number), _ = slot
    return stem, int(number or 0)


def _take_by_content(plan: Plan) -> None:
    """Questions that only their answers give away."""
    for column in plan.free():
        if "only_preferred" not in plan.parts and any(map(_STAY_ALONE.search, column.texts)):
            plan.add(
                Part(
                    "only_preferred",
                    "yes_no",
                    (column.header,),
                    "an answer says: rather not be paired with anyone",
                )
            )
    folded = {fold_header(c.header): c.header for c in plan.free()}
    gate, wish = folded.get("match with similar identity"), folded.get("identity to match")
    if gate and wish and "preferred_identity" not in plan.parts:
        plan.add(
            Part(
                "preferred_identity",
                "wishes",
                (wish, gate),
                f"wishes of those who said yes to {gate!r}",
                "gated",
            )
        )


def _take_claims(plan: Plan, blocked: set[str], reading: Reading) -> None:
    """Give each field its best column; people are identified before their managers are."""
    offers: list[tuple[Claim, TextColumn]] = [
        (claim, column)
        for column in plan.free()
        for claim in claims(column.header, plan.role)
        if column.texts and claim.field not in blocked and plausible(claim, column)
    ]
    offers = [(_by_answers(claim, column, offers), column) for claim, column in offers]
    _settle(plan, [o for o in offers if o[0].field != "supervisor_id"])
    managers = [offer for offer in offers if offer[0].field == "supervisor_id"]
    if managers:
        known = _known_people(plan)
        _settle(
            plan,
            [
                (Claim(c.field, c.strength + _overlap(column, known), c.reason), column)
                for c, column in managers
            ],
        )
    for column in plan.free():
        lost = [c for c, other in offers if other is column and c.field in plan.parts]
        if lost and lost[0].field != "signed_up":
            better = plan.parts[lost[0].field].headers[0]
            reading.note(
                "second_column",
                f"could also be {lost[0].field!r}, for which {better!r} is used",
                "kept under its own header; choose with columns=",
                column=column.header,
            )


def _settle(plan: Plan, offers: list[tuple[Claim, TextColumn]]) -> None:
    ranked = sorted(
        offers,
        key=lambda o: (-o[0].strength, -int(o[1].given.sum()), o[0].field, *_by_key(o[1].header)),
    )
    for claim, column in ranked:
        if claim.field in plan.parts or column.header in plan.used or claim.strength <= 0:
            continue
        kind = kind_of(claim.field)
        if kind == "labels" and _is_prose(column):
            if "about" in plan.parts:
                continue
            plan.add(
                Part(
                    "about",
                    "text",
                    (column.header,),
                    f"free text about {claim.field!r}, {claim.reason}",
                )
            )
            continue
        plan.add(Part(claim.field, kind, (column.header,), claim.reason))


def _is_prose(column: TextColumn) -> bool:
    """Tell whether people wrote sentences where a list of labels was possible."""
    texts = column.texts[:500]
    plain = [t for t in texts if not re.search(r"[;|]", t)]
    pieces = [p for t in plain for p in re.split(r",|\n", t)]
    words = sum(len(p.split()) for p in pieces) / max(len(pieces), 1)
    return len(plain) > 0.5 * len(texts) and words > 7


def _by_answers(claim: Claim, column: TextColumn, offers: list[tuple[Claim, TextColumn]]) -> Claim:
    """Weigh a claim by the answers: a form's row counter is nobody's id when there is a better."""
    if claim.field == "email":
        shares = sum(parse_email(t) is not None for t in column.texts) / len(column.texts)
        return Claim(claim.field, claim.strength + round(5 * shares), claim.reason)
    if claim.field != "id":
        return claim
    others = [(c, other) for c, other in offers if other is not column]
    fields = {c.field for c, _ in others}
    rival = any(c.field == "id" and c.strength >= 100 and not _is_counter(o) for c, o in others)
    a_form = "signed_up" in fields and fold_header(column.header) in ("id", "response id")
    counts_rows = (a_form or rival) and _is_counter(column)
    if counts_rows and (rival or "email" in fields):
        return Claim("id", 0, claim.reason)
    if claim.strength <= 60 and "email" in fields:
        return Claim("id", 0, claim.reason)
    return claim


def _is_counter(column: TextColumn) -> bool:
    """Tell whether a column may only number the rows: whole numbers, small and all different."""
    if not all(re.fullmatch(r"\d{1,6}(?:\.0)?", text) for text in column.texts):
        return False
    return len(column.texts) == int(column.given.sum())


def _known_people(plan: Plan) -> set[str]:
    known: set[str] = set()
    for name in ("id", "email"):
        if name in plan.parts:
            known |= {label_key(t) for t in plan.columns[plan.parts[name].headers[0]].texts}
    return known


def _overlap(column: TextColumn, known: set[str]) -> int:
    """Return how surely a manager column uses the ids that this roster uses, 0 to 50."""
    hits = sum(label_key(text) in known for text in column.texts)
    return round(50 * hits / max(len(column.texts), 1))


def _take_wishes(plan: Plan) -> None:
    attributes = {
        name: plan.columns[part.headers[0]].texts
        for name, part in plan.parts.items()
        if name in WISHED and part.shape == "single"
    }
    for grid in find_grids(plan.free(), attributes):
        name = f"preferred_{grid.attribute}"
        if name not in plan.parts:
            plan.add(
                Part(
                    name,
                    "wishes",
                    tuple(grid.values),
                    f"wishes about {grid.attribute!r}: "
                    "headers are its values, answers say how welcome",
                    "wish_grid",
                    grid=grid,
                )
            )
