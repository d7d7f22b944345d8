"""What is in doubt about two rosters only when they lie side by side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.errors import listed
from mentormatch.rosters.build import LEFT
from mentormatch.rosters.columns import Categories, Column, Hours, Labels, Numbers, label_key
from mentormatch.rosters.findings import Findings
from mentormatch.rosters.group_words import group_key
from mentormatch.rosters.headers import WISHED
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.offers import NEEDS, offers_of
from mentormatch.scoring.people import Pairing

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["questions_across"]

_ACROSS: dict[str, dict[str, tuple[str, ...]]] = {
    "mentee": {"needs": ("skills", "goals"), "goals": ("goals", "skills")},
    "mentor": {"skills": ("needs", "goals", "skills"), "goals": ("goals", "needs")},
}
"""Lists of what is wanted or offered -> where the other roster may have its counterpart."""
SAME_WORDS = 0.1
"""Share of what mentees named that mentors name as well, below which the words are in doubt."""
FEW_ANSWERS = 10
"""Answers named, of one roster, below which nothing is concluded from them."""
_ALIKE = ("interests", "languages", "values", "availability")
"""Fields that mean something only if both rosters were asked."""


def questions_across(
    mentees: Profiles, mentors: Profiles, criteria: Sequence[Criterion]
) -> pd.DataFrame:
    """Return the questions about both rosters, one a row, as `Profiles.questions` has them.

    Wishes that nobody can grant, people to keep apart whom a name does not single out, fields
    without a counterpart, unused columns that name people, one thing in two vocabularies, one
    criterion alone, everybody of a roster on the other as well.
    """
    found = Findings(f"{mentees.source} and {mentors.source}")
    roles_asked = any(
        (side.questions["column"] != "")[side.questions["code"] == "roles"].any()
        for side in (mentees, mentors)
    )
    whole = "" if roles_asked else _wholly_on_both(mentees, mentors)
    if whole and not _one_pool(mentees, mentors):
        found.ask(
            "on_both", [], whole, "each is matched to others",
            (
                "columns={'role': 'header'}  # the column that says who is which",
                "a file for each role",
            ),
        )  # fmt: skip
    for side, other in ((mentees, mentors), (mentors, mentees)):
        for of in WISHED:
            _ask_unmet(side, other, of, found)
        _ask_counterparts(side, other, found)
        _ask_names(side, other, found)
        _ask_kept_apart(mentees, mentors, side.role, found)
    for name, names in NEEDS.items():
        _ask_other_words(mentees, mentors, name, offers_of(mentees, mentors, names)[0], found)
    for name in _ALIKE:
        _ask_other_words(mentees, mentors, name, (name,), found)
    if len(criteria) == 1:
        name = criteria[0].name
        found.ask(
            "alone", [name], "the only thing that both rosters were asked and that is compared",
            f"{name} alone decides",
            ("criteria=[...]  # say what counts", "columns={'field': 'header'}  # read more"),
        )  # fmt: skip
    return found.question_frame(lambda header: 0)


def _one_pool(mentees: Profiles, mentors: Profiles) -> bool:
    """Tell whether one roster was given in both roles, so that nobody needs to be asked."""
    return mentees.ids == mentors.ids and all(
        mentees.columns.get(name) is column for name, column in mentors.columns.items()
    )


def _wholly_on_both(mentees: Profiles, mentors: Profiles) -> str:
    """Say whether everybody of a roster is on the other as well, by address or full name."""
    for one, other in ((mentees.emails, mentors.emails), (mentees.names, mentors.names)):
        here, there = ({label_key(word) for word in words if word} for words in (one, other))
        if one is mentees.names:
            here, there = (set(filter(_is_full, words)) for words in (here, there))
        if len(here) < len(mentees) or len(there) < len(mentors) or min(len(here), len(there)) < 2:
            continue
        if here == there:
            return "everybody is on both rosters"
        for role, least, most in (("mentee", here, there), ("mentor", there, here)):
            if least <= most and len(least) > 2:
                return f"every {role} is on the other roster as well"
    return ""


def _is_full(name: str) -> bool:
    return " " in name or not name.isascii()


LOOKED_AT = 2_000
"""Most answers of a column that are looked at."""


def _ask_names(side: Profiles, other: Profiles, found: Findings) -> None:
    """Ask about columns that no field uses although their answers name people of the rosters.

    What the reading of the roster asked about already is not asked a second time.
    """
    people: set[str] = set()
    own: dict[int, set[str]] = {}
    asked = "".join(f", {headers}, " for headers in side.questions["column"])
    lines = side.mapping[["column", "field", "reason"]].itertuples(index=False, name=None)
    for header, name, reason in lines:
        column = side.columns.get(header) if header == name else None
        if column is None or isinstance(column, Numbers | Hours) or reason.endswith(LEFT):
            continue
        if f", {header}, " in asked:
            continue
        people = people or _called(side) | _called(other)
        answers = column.take(np.arange(min(len(column), LOOKED_AT))).to_list()
        named = others = given = 0
        for person, answer in enumerate(answers):
            refs = _references(answer)
            given += bool(refs)
            if refs and refs <= people:
                named += 1
                if person not in own:
                    own[person] = _keys_of(side, person)
                others += not refs <= own[person]
        if given and 2 * named >= given and 2 * others > named:
            found.ask(
                "names_people", [header], "names people of these rosters: whom not to match with, "
                "or whom to?", "not used",
                [
                    *(
                        f"columns={{{field!r}: {header!r}}}  # of the {side.role}s: {why}"
                        for field, why in _PEOPLE_FIELDS.items()
                    ),
                    f"columns={{{header!r}: None}}  # of the {side.role}s: leave it",
                ],
            )  # fmt: skip


_PEOPLE_FIELDS = {
    "avoid": "must not be matched",
    "preferred": "wishes, best first",
    "previous": "were matched before",
    "supervisor_id": "managers",
}


def _ask_kept_apart(mentees: Profiles, mentors: Profiles, role: Role, found: Findings) -> None:
    """Ask whom an answer about people to keep apart means, where several fit or none is named."""
    unclear = Pairing(mentees, mentors).unclear(role)
    if not unclear:
        return
    side, other = (mentees, mentors) if role == "mentee" else (mentors, mentees)
    header = _header_of(side, "avoid")
    several = [(who, fits) for who, fits in unclear if fits]
    for who, fits in several[:MOST_ASKED]:
        pairs = [(side.ids[who], other.ids[p]) for p in fits[:MOST_ASKED]]
        pairs = pairs if role == "mentee" else [(theirs, own) for own, theirs in pairs]
        names = [f"{other.name(p)} ({other.ids[p]})" for p in fits]
        lines = [f"forbid={[pair]!r}  # {name}" for pair, name in zip(pairs, names, strict=False)]
        found.ask(
            "kept_apart", [header],
            f"whom must {side.name(who)} ({side.ids[who]}) not be matched with? "
            f"It may be {listed(names, MOST_ASKED)}",
            "nobody is kept apart for it",
            (*lines, *([f"forbid={pairs!r}  # all of them"] if pairs[1:] else []), _WRITE),
        )  # fmt: skip
    rest = [who for who, fits in unclear if not fits]
    rest += [who for who, _ in several[MOST_ASKED:]]
    if rest:
        told = listed([f"{side.name(who)} ({side.ids[who]})" for who in dict.fromkeys(rest)], 8)
        found.ask(
            "kept_apart", [header],
            f"whom must {told} not be matched with? No name fits one person",
            "nobody is kept apart for it", (_WRITE,),
        )  # fmt: skip


_WRITE = "write the id, address or full name there"
MOST_ASKED = 5
"""Most people who are asked about one by one, and most who are named as whom it may be."""


def _header_of(people: Profiles, field: str) -> str:
    """Return the header of the column that a field was read from, else the field."""
    mapping = people.mapping
    headers = mapping.loc[mapping["field"] == field, "column"] if len(mapping) else ()
    return ", ".join(map(str, headers)) or field


def _references(answer: object) -> set[str]:
    """Return the keys of what a cell may name."""
    texts = answer if isinstance(answer, list) else [answer] if isinstance(answer, str) else []
    pieces = (piece for text in texts for piece in re.split(r"[;,\n|/]", str(text)[:500]))
    return {key for piece in pieces if (key := label_key(piece))}


def _keys_of(people: Profiles, person: int) -> set[str]:
    """Return what somebody may be called: id, address, full name."""
    words = (people.ids[person], people.emails[person], people.names[person])
    return {label_key(word) for word in words if word}


def _called(people: Profiles) -> set[str]:
    """Return the addresses, full names and ids with letters of a roster."""
    ids = [one for one in people.ids if not one.isdecimal()]
    names = [name for name in people.names if name and _is_full(label_key(name))]
    return {label_key(word) for word in (*ids, *filter(None, people.emails), *names)}


def _ask_unmet(side: Profiles, other: Profiles, of: str, found: Findings) -> None:
    wishes, held = side.columns.get(f"preferred_{of}"), other.columns.get(of)
    if not isinstance(wishes, Labels) or not isinstance(held, Categories | Labels):
        return
    used = held.codes[held.codes >= 0].tolist()
    there = {group_key(held.labels[code], of) for code in used}
    welcome = wishes.codes[np.nan_to_num(wishes.priority) > 0].tolist()
    unmet = sorted({wishes.labels[code] for code in welcome} - {""})
    unmet = [label for label in unmet if group_key(label, of) not in there]
    if unmet:
        known = listed(sorted({held.labels[code] for code in used}), 5)
        found.ask(
            "unmet_wish", [f"preferred_{of}"],
            f"no {other.role} has what {side.role}s wish for: {listed(map(repr, unmet), 5)}",
            f"a wish that nobody can grant; {other.role}s have {known}",
            (
                f"columns={{'preferred_{of}': None}}  # of the {side.role}s: leave the wishes, or "
                "spell them alike",
            ),
        )  # fmt: skip


def _ask_counterparts(side: Profiles, other: Profiles, found: Findings) -> None:
    for field, counterparts in _ACROSS[side.role].items():
        if field in side.columns and not set(counterparts) & set(other.columns):
            _ask_counterpart(side, other, field, counterparts[0], found)
    for field in _ALIKE:
        if field in side.columns and field not in other.columns:
            _ask_counterpart(side, other, field, field, found)


def _ask_counterpart(
    side: Profiles, other: Profiles, field: str, counterpart: str, found: Findings
) -> None:
    asked = side.columns[field]
    own = [
        (header, other.columns[header])
        for header, name in zip(other.mapping["column"], other.mapping["field"], strict=True)
        if name == header and header in other.columns
    ]
    like = [header for header, column in own if _comparable(asked, column)]
    if not like:
        return  # the other roster was not asked: nothing to settle
    found.ask(
        "no_counterpart", [field],
        f"{side.role}s were asked for {field}; no column of the {other.role}s is read as such",
        "not compared",
        tuple(f"columns={{{counterpart!r}: {h!r}}}  # of the {other.role}s" for h in like[:4]),
    )  # fmt: skip


def _ask_other_words(
    mentees: Profiles, mentors: Profiles, name: str, across: Sequence[str], found: Findings
) -> None:
    """Ask about options that both rosters list, but hardly one of them by the same name."""
    ours = _options(mentees, (name,))
    theirs = _options(mentors, across)
    if ours is None or theirs is None:
        return
    keys = {group_key(label) for label in theirs}
    met = sum(count for label, count in ours.items() if group_key(label) in keys)
    if met >= SAME_WORDS * ours.total():
        return
    mine, yours = (
        listed([repr(label) for label, _ in options.most_common(3)]) for options in (ours, theirs)
    )
    found.ask(
        "other_words", [name],
        f"mentors name {met / ours.total():.0%} of what mentees name: {mine} against {yours}",
        "compared as different things, but for words that are spelt alike",
        ("write the same words in both files",),
    )  # fmt: skip


def _options(people: Profiles, names: Sequence[str]) -> Counter[str] | None:
    """Count the options of a list that few choose from; None where answers are too free or few."""
    counts = Counter[str]()
    for name in names:
        column = people.columns.get(name)
        if not isinstance(column, Labels) or name in people.sensitive:
            return None
        counts.update(column.labels[code] for code in column.codes.tolist())
    few = counts.total() < FEW_ANSWERS or counts.total() < 2 * len(counts)
    return None if few else counts


def _comparable(asked: Column, column: Column) -> bool:
    """Tell whether a column nobody claimed may answer what the other roster was asked."""
    if not isinstance(asked, Labels) or not isinstance(column, Categories):
        return column.kind == asked.kind
    return bool(set(map(group_key, asked.labels)) & set(map(group_key, column.labels)))
