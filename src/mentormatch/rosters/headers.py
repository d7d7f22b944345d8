"""Which field of the vocabulary a column of the file is, by its header and its answers.

A header is recognised by whole words: first by the names that fields go by, then by how
questions are worded, each for the role that is asked. Answers have a veto: a column of yes and no
is no list of preferred mentors. Nothing depends on the order of the columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from mentormatch.rosters.capacity import parse_capacity
from mentormatch.rosters.hours import parse_week, parse_zone
from mentormatch.rosters.numbers import parse_number
from mentormatch.rosters.references import EMAIL, is_nobody
from mentormatch.rosters.roles import asked_of
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import (
    fold_header,
    is_negative,
    is_one_of,
    main_clauses,
    within,
    without_asides,
    without_lead,
    without_number_signs,
    wordings,
    yes_or_no,
)

FIELD_KINDS = {
    "id": "person", "name": "person", "first_name": "person", "last_name": "person",
    "email": "person", "signed_up": "time", "capacity": "capacity",
    "goals": "labels", "needs": "labels", "skills": "labels", "interests": "labels",
    "languages": "labels", "values": "labels", "identity": "labels",
    "communication_style": "category", "working_style": "category", "personality": "category",
    "availability": "hours", "timezone": "zone", "seniority": "scale",
    "experience": "number", "tenure": "number", "hours": "number", "rhythm": "scale",
    "length": "number", "site": "category", "department": "category",
    "organisation": "category", "profession": "category", "function": "category",
    "job_title": "category", "gender": "category", "nickname": "person", "about": "text",
    "preferred": "people", "avoid": "people", "previous": "people", "supervisor_id": "people",
    "only_preferred": "yes_no", "min_load": "number", "taking_part": "yes_no",
    "withdrawn": "yes_no", "consent": "yes_no",
}  # fmt: skip
"""Every field and how its answers are read."""
ON_PROFILES = ("id", "name", "first_name", "last_name", "nickname", "email", "capacity")
"""Fields that live on `Profiles` itself, not among its columns."""
ROLE_FIELDS = ("role", "is_mentee", "is_mentor")
"""Names by which `columns=` says which column tells roles: in words, or by yes and no."""
WISHED = ("site", "gender", "department", "organisation", "profession", "function", "identity")
"""Attributes of the other side that people state wishes about."""

YES_NO = re.compile(
    r"(?:y|n|yes|no|true|false|maybe|not sure|i (?:do|do not|agree|confirm))\W*", re.I
)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?: .*)?"
    r"|(?:19|20)\d\d"
)
_AMOUNT = re.compile(r"\s*\d+(?:[.,]\d+)?\s*(?:%|hours?|hrs?|h)?\s*", re.I)


@dataclass(frozen=True)
class Claim:
    """A field that a header may be, how strongly, and why."""

    field: str
    strength: int
    reason: str


def is_sensitive(name: str) -> bool:
    """Tell whether a column is named like a sensitive attribute, or like wishes about one."""
    return bool(within("sensitive", "words").search(fold_header(name)))


GATES = ("taking_part", "withdrawn", "consent")
"""Questions of yes and no that tell who takes part."""


def gate_answer(field: str, text: str) -> bool | None:
    """Return what an answer says of a field of `GATES`: yes, no, or None for neither."""
    word = fold_header(text)
    if field == "consent":
        if is_one_of("consent", "refused")(word):
            return False
        return True if is_one_of("consent", "given")(word) else yes_or_no(text)
    said = yes_or_no(text)
    if said is not None:
        return said
    if field == "withdrawn":
        gone = _DATE.fullmatch(text.strip()) is not None or is_one_of("status", "gone")(word)
        return True if gone else None
    return False if is_one_of("status", "gone")(word) else None


OFFERED = ("goals", "skills", "needs", "interests", "languages", "values")
"""Lists of what somebody wants or offers: read the other way round they mean harm."""


@lru_cache(maxsize=4096)
def claims(header: str, role: str) -> tuple[Claim, ...]:
    """Return the fields that a header may be for this role, strongest first.

    A question put to the other role is no field of this one; a question for what is *not* wanted
    or offered is none of `OFFERED`, and about people it is `avoid`.
    """
    if asked_of(header) not in (None, role):
        return ()
    found = _worded(header, role)
    if (bare := without_number_signs(header)) != header and bare:
        found.pop("avoid", None)  # "no." denied nothing
        for claim in _worded(bare, role).values():
            known = found.get(claim.field, claim)
            if kind_of(claim.field) == "people" and claim.strength >= known.strength:
                found[claim.field] = claim
    if is_negative(header):
        found = {f: c for f, c in found.items() if f not in OFFERED and f != "preferred_gender"}
        if "preferred" in found and "avoid" not in found:
            strength = found["preferred"].strength
            found["avoid"] = Claim("avoid", strength, "asks whom not to match")
        found.pop("preferred", None)
        if "avoid" in found and found["avoid"].strength < 90 and _about_things(header):
            del found["avoid"]
    elif "avoid" in found and any(
        found[name].strength >= found["avoid"].strength
        for name in ("previous", "supervisor_id")
        if name in found
    ):
        del found["avoid"]  # a negation of another language: "no ano passado" denies nothing
    return tuple(sorted(found.values(), key=lambda claim: (-claim.strength, claim.field)))


SAFETY_FIELDS = ("avoid", "previous", "supervisor_id")
"""Columns of people who are not to be matched, in which confidential remarks may stand."""


def is_kept_apart(header: str) -> bool:
    """Tell whether a header has a word for people to keep apart: conflict, veto, blocked."""
    return within("people", "kept_apart").search(fold_header(header)) is not None


def is_of_safety(header: str, role: str) -> bool:
    """Tell whether a column is named like one about people who are not to be matched."""
    return is_kept_apart(header) or any(
        claim.field in SAFETY_FIELDS and claim.strength >= 70 for claim in claims(header, role)
    )


def opposite(header: str, role: str) -> str | None:
    """Return the field of `OFFERED` that a header asks for the opposite of, else None."""
    if not is_negative(header) or asked_of(header) not in (None, role):
        return None
    offers = [c for c in _worded(header, role).values() if c.field in OFFERED]
    if offers:
        return max(offers, key=lambda c: (c.strength, c.field)).field
    return "goals" if _about_things(header) and not claims(header, role) else None


def _about_things(header: str) -> bool:
    """Tell whether a question is about topics and skills rather than about people."""
    return any(within("polarity", "things").search(clause) for clause in main_clauses(header))


def _worded(header: str, role: str) -> dict[str, Claim]:
    folded = fold_header(header)
    found: dict[str, Claim] = {}

    def add(field: str, strength: int, reason: str) -> None:
        if field not in found or found[field].strength < strength:
            found[field] = Claim(field, strength, reason)

    own = folded.replace(" ", "_")
    if own in FIELD_KINDS and not (own == "capacity" and role == "mentee"):
        add(own, 110, "the field's own name")
    bare = without_asides(header)
    named = without_lead(bare)
    for wording in wordings("names", role):
        language = " in another language" if wording.foreign else ""
        if wording.matches(folded):
            add(wording.field, wording.strength, f"a name of this field{language}")
        elif (bare != folded and wording.matches(bare)) or (named and wording.matches(named)):
            add(wording.field, wording.strength - 1, f"a name of this field{language}")
    for wording in wordings("asks", role):
        if match := wording.matches(folded):
            add(wording.field, wording.strength, f"worded like it: {match.group()[:60]!r}")
    if (special := _special_claim(folded, role)) is not None:
        add(*special)
    if "capacity" in found and found["capacity"].strength < 100 and counts_no_seats(header):
        del found["capacity"]
    to_other = within("consent", "other").search(folded)
    if "consent" in found and to_other and not within("consent", "to_match").search(folded):
        del found["consent"]
    if "capacity" in found and _asks_for_the_least(header):
        least = found.pop("capacity")
        add("min_load", least.strength, f"{least.reason}, but for the least")
    return found


def _asks_for_the_least(header: str) -> bool:
    asked = " | ".join(main_clauses(header))
    return (
        within("seats", "least").search(asked) is not None
        and within("seats", "most").search(asked) is None
    )


def counts_no_seats(header: str) -> bool:
    """Tell whether a question asks for a past count, a distance or an amount of time."""
    return bool(within("seats", "not_seats").search(fold_header(header)))


def _special_claim(folded: str, role: str) -> tuple[str, int, str] | None:
    """Recognise wishes about an attribute, and weights of a criterion."""
    if within("wishes", "own_gender").search(folded):
        return None  # which gender that is, another column says
    if (
        weight := re.fullmatch(
            r"(?:importance|weight) (?:of |for )?(.+)|how important (?:is|are) (.+?)(?: to you)?",
            folded,
        )
    ) is not None:
        about = weight.group(1) or weight.group(2)
        known = next((w.field for w in wordings("names", role) if w.matches(about)), None)
        return f"importance_{known or about.replace(' ', '_')}", 105, "a weight of one criterion"
    if (
        wish := re.fullmatch(
            r"(?:preferred|desired) (?:mentors? |mentees? )?(.+?)(?: of (?:the "
            r"|your )?(?:mentor|mentee))?"
            r"|(?:mentors?|mentees?) (.+) preferences?|(.+) preferences?",
            folded,
        )
    ) is not None:
        word = next(group for group in wish.groups() if group)
        singular = re.sub(r"ies$", "y", word) if word.endswith("ies") else word.removesuffix("s")
        for wording in wordings("names", role):
            if wording.field in WISHED and (wording.matches(word) or wording.matches(singular)):
                return f"preferred_{wording.field}", wording.strength, "wishes about the other side"
    if within("wishes", "gender").search(folded):
        return "preferred_gender", 80, "asks which gender the other side should have"
    return None


def kind_of(field: str) -> str:
    """Return how a field's answers are read."""
    if field.startswith("importance_"):
        return "weight"
    if field.startswith("preferred_"):
        return "wishes"
    return FIELD_KINDS.get(field, "attribute")


def plausible(claim: Claim, answers: TextColumn) -> bool:
    """Tell whether the answers of a column can be answers of the claimed field."""
    texts = answers.texts[:2000]
    if not texts:
        return False
    field, kind = claim.field, kind_of(claim.field)
    named = claim.strength >= 100
    if kind not in ("yes_no", "weight", "capacity") and all(YES_NO.fullmatch(t) for t in texts):
        return field in ("supervisor_id", "id", "last_name") and named
    if kind in ("labels", "category") and all(yes_or_no(text) is not None for text in texts):
        return False  # tick marks of one option, or an answer to another question
    if field == "withdrawn":
        return True  # a date or a reason says so as well
    if field in GATES:
        return _share(texts, lambda t: gate_answer(field, t) is not None) >= 0.5
    if kind == "people":
        return not names_nobody(answers.header, texts, named=named)
    if field == "email":
        return _share(texts, lambda t: EMAIL.search(t) is not None) >= 0.5
    if field == "id":
        return len(answers.texts) >= 0.5 * answers.given.sum() and max(map(len, texts)) <= 200
    if kind == "capacity":
        readable = _share(
            texts, lambda t: getattr(parse_capacity(t)[1], "code", "") != "capacity_unread"
        )
        return named or readable >= 0.3
    if kind == "number":
        readable = _share(texts, lambda t: parse_number(t)[0] == parse_number(t)[0])
        return readable >= (0.2 if named else 0.5)
    if kind == "hours" and is_inverted(answers.header):
        return False  # days that do not suit, in words: what is left over nobody said
    if kind == "hours" and all(_AMOUNT.fullmatch(t) for t in texts):
        return False  # a share of full time, or hours a month: no time of the day
    if kind == "hours" and not named:
        return _share(texts, lambda t: parse_week(t).slots is not None) >= 0.3
    if kind == "zone":
        return _share(texts, lambda t: parse_zone(t)[0] is not None) >= (0.2 if named else 0.5)
    return True


def is_inverted(header: str) -> bool:
    """Tell whether a header asks when people have no time."""
    return within("hours", "unavailable").search(fold_header(header)) is not None


def asks_how_many(header: str) -> bool:
    """Tell whether a question begins like one for a count, a date, or yes and no."""
    return within("people", "asks_count").match(fold_header(header)) is not None


def names_nobody(header: str, texts: tuple[str, ...], *, named: bool) -> bool:
    """Tell whether answers to a question about people are yes and no, counts or dates.

    With `named`, the header is a plain name of the field: a number may be somebody's id.
    """
    if all(_DATE.fullmatch(text) for text in texts):
        return True
    numbers = all(re.fullmatch(r"\d{1,3}(?:\.0)?", text) for text in texts)
    if numbers:
        zero = any(float(text) == 0 for text in texts)
        counted = "#" in header or within("people", "numbered").search(fold_header(header))
        return bool(
            zero or counted or (not named and (set(texts) <= {"1"} or asks_how_many(header)))
        )
    return all(yes_or_no(text) is not None or is_nobody(text) for text in texts)


def _share(texts: tuple[str, ...], test: Callable[[str], bool]) -> float:
    return sum(map(test, texts)) / len(texts)
