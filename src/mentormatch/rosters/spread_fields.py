"""Fields that are spread over columns: days, ticks, ranks, grids, numbered columns."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from mentormatch.rosters.headers import claims, is_inverted, kind_of, names_nobody, plausible
from mentormatch.rosters.hours import DAY_WORDS
from mentormatch.rosters.labels import is_ranked
from mentormatch.rosters.plan import Part, Plan, by_key
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.roles import without_address
from mentormatch.rosters.spread import (
    Choice,
    choice,
    is_other,
    is_ticked,
    options_of,
    people_like,
    place_in,
    questions_of,
)
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import (
    fold_header,
    is_one_of,
    within,
    without_asides,
    written,
)

GRID = re.compile(r"(.+?)\s*\[([^\[\]]+)\]$")


@cache
def _day() -> re.Pattern[str]:
    """Return the pattern of a day's name in any language, as it is written."""
    names = "|".join(name for day in DAY_WORDS for name in written("hours", day))
    return re.compile(rf"(?:{names})(?!\w)", re.IGNORECASE)


@cache
def _day_header() -> re.Pattern[str]:
    return re.compile(
        r"(?:(?:(?:my |your |weekly )*availab(?:ility|le)(?: times?| hours?)?|times?|hours)"
        r"(?: on)?[\s:–-]*)?"
        rf"(?P<item>{_day().pattern}"
        r"(?:[\s,:–-]+(?:early |late )?"
        r"(?:mornings?|afternoons?|evenings?|lunch(?: ?times?)?|am|pm))?)"
        r"(?:[\s:–-]*(?:availability|available(?: times?)?|times?|hours))?",
        re.IGNORECASE,
    )


LISTS = ("goals", "skills", "needs", "interests", "languages", "values")
"""Fields of which one thing may stand in each of several columns."""
_BESIDE = ("level", "place", "weight")
"""What a column beside such a thing may say of it."""


def take_day_columns(plan: Plan) -> None:
    """Columns headed Monday, Tuesday, ... hold hours."""
    found = {c.header: _day_header().fullmatch(c.header.strip()) for c in plan.free()}
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


def take_ticks(plan: Plan) -> None:
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


def take_rank_grids(plan: Plan) -> None:
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


def take_grids(plan: Plan) -> None:
    """Google Forms writes a grid as one column per line: ``Question [line]``."""
    questions: dict[str, list[tuple[str, str]]] = {}
    for column in plan.free():
        if (match := GRID.fullmatch(column.header)) is not None:
            questions.setdefault(match.group(1), []).append((column.header, match.group(2)))
    for question, lines in sorted(questions.items()):
        headers, items = tuple(h for h, _ in lines), tuple(i for _, i in lines)
        claimed = [c.field for c in claims(question, plan.role)]
        in_days = sum(_day().match(i) is not None for i in items)
        if "availability" not in plan.parts and (
            in_days * 2 >= len(items) or "availability" in claimed or is_inverted(question)
        ):
            inverted = is_inverted(question)
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


def take_numbered(plan: Plan, blocked: set[str], reading: Reading) -> None:
    """``Skill 1``, ``Skill 1 level``, ... make one list; ``Mentor choice 1``, 2, 3 one ranking."""
    lists: dict[str, dict[tuple[str, int], dict[str, str]]] = {}
    choices: list[tuple[Choice, TextColumn]] = []
    for column in plan.free():
        folded = without_asides(without_address(column.header, plan.role))
        if (found := choice(folded, plan.role)) is not None:
            choices.append((found, column))
        elif (one := _one_of_list(folded, plan.role)) is not None:
            name, slot, beside = one
            lists.setdefault(name, {}).setdefault(slot, {})[beside] = column.header
    for ranked in _together(choices):
        if "preferred" not in blocked | set(plan.parts):
            _add_choices(plan, ranked, reading)
    for name, slots in sorted(lists.items()):
        _add_paired(plan, name, slots)


def _together(choices: list[tuple[Choice, TextColumn]]) -> list[list[tuple[Choice, TextColumn]]]:
    """Return the choices that belong to one question, best first, those of people before others."""
    groups: dict[tuple[bool, str], list[tuple[Choice, TextColumn]]] = {}
    of_people = [found.place for found, _ in choices if found.of_people]
    as_one = len(set(of_people)) == len(of_people)  # "Top mentor" and "Second choice of mentor"
    for found, column in choices:
        stem = "" if found.of_people and as_one else found.stem
        groups.setdefault((not found.of_people, stem), []).append((found, column))
    return [
        sorted(group, key=lambda one: (one[0].place, by_key(one[1].header)))
        for _, group in sorted(groups.items(), key=lambda item: item[0])
    ]


def _add_choices(plan: Plan, ranked: list[tuple[Choice, TextColumn]], reading: Reading) -> None:
    headers = tuple(column.header for _, column in ranked)
    if ranked[0][0].place > 1:
        headers = (*_first_choice(plan, headers), *headers)
    of_people = all(found.of_people for found, _ in ranked)
    worded = any(found.worded for found, _ in ranked)
    texts = {text for _, column in ranked for text in column.texts}
    likely = people_like(texts)
    if len(headers) == 1 and not (worded and likely):
        return
    if of_people and names_nobody(headers[0], tuple(texts), named=True):
        return
    stem = ranked[0][0].stem
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


def _first_choice(plan: Plan, later: Collection[str]) -> list[str]:
    """Return the header of wishes for people, "Preferred mentor", that comes before these."""
    wishes = [
        (-claim.strength, *by_key(column.header), column.header)
        for column in plan.free()
        if column.header not in later
        for claim in claims(column.header, plan.role)
        if claim.field == "preferred" and plausible(claim, column)
    ]
    return [min(wishes)[-1]] if wishes else []


def _one_of_list(folded: str, role: str) -> tuple[str, tuple[str, int], str] | None:
    """Return (field, (its word, its number or 0), what is said of it) of ``skill 2 level``."""
    rest, places = place_in(folded)
    beside, word = "", rest
    for key in _BESIDE:
        *_, last = [None, *within("lists", key).finditer(rest)]
        if last is not None and last.start() > 0 and last.end() == len(rest):
            beside, word = key, rest[: last.start()].strip()
    name = next((field for field in LISTS if is_one_of("lists", field)(word)), None)
    if name is None or len(places) > 1:
        return None
    name = "skills" if name == "needs" and role == "mentor" else name
    return name, (word, places[0] if places else 0), beside


def _add_paired(plan: Plan, name: str, slots: dict[tuple[str, int], dict[str, str]]) -> None:
    complete = {slot: of for slot, of in sorted(slots.items()) if "" in of}
    detailed = any(len(of) > 1 for of in complete.values())
    numbered = sum(bool(number) for _, number in complete) > 1
    if name in plan.parts or not (detailed or numbered):
        return
    names = tuple(of[""] for of in complete.values())
    details = tuple(next((h for k, h in sorted(of.items()) if k), None) for of in complete.values())
    kinds = {key for of in complete.values() for key in of if key}
    of_priority = bool(kinds) and kinds <= {"place", "weight"}
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
            first_is_one=of_priority and kinds == {"place"},
        )
    )
