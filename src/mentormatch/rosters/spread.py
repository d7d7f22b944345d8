"""Questions spread over several columns: ticks, ranks, first, second and third choices."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from mentormatch.rosters.columns import label_key
from mentormatch.rosters.references import parse_email
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import (
    entries,
    fold_header,
    is_one_of,
    is_unspaced,
    within,
    yes_or_no,
)

_PLACES = ("first", "second", "third", "fourth", "fifth")
LATER = 99
"""Place of a choice that comes after those with a number: backup, reserve."""
_DIGITS = re.compile(r"(?:(?<!\w)|(?<=[^\W\d]))[1-9]\d?(?!\w)")
_NAME_LIKE = re.compile(
    r"(?:(?:[A-ZÀ-ÖØ-Þ][\w'’.-]*|de|da|van|von|der|den|le|la|del|al|bin)[\s,]*){2,4}"
)
_OPTION = re.compile(
    r"(?P<stem>.+?)\s*"
    r"(?:\[(?P<a>[^\[\]]+)\]|\s[-–—]\s+(?P<b>(?:(?!\s[-–—]\s).)+)|[:：]\s*(?P<c>[^:：]+))"
)
_LOOSE_OPTION = re.compile(
    r"(?P<stem>.+?)\s*(?:[(（](?P<a>[^()（）]+)[)）]|\s[/|→>»•·]\s*(?P<b>[^/|→>»•·]+)"
    r"|(?<=\w)[_.](?P<c>[^\W_][^_.]*))"
)
"""Ways to write an option that headers of other questions have as well."""


def questions_of(columns: Sequence[TextColumn]) -> list[tuple[str, list[TextColumn]]]:
    """Return the questions with one column per option, ``Question [Option]``, and their columns.

    Where all columns are ticked, options may be written in looser ways: ``goals_law``, ``Goals /
    Law``, ``Goals (Law)``.
    """
    found: dict[str, list[TextColumn]] = {}
    loose: dict[str, list[TextColumn]] = {}
    for column in columns:
        if (match := _OPTION.fullmatch(column.header)) is not None:
            found.setdefault(match.group("stem").strip(), []).append(column)
        elif (match := _LOOSE_OPTION.fullmatch(column.header)) is not None and is_ticked(column):
            loose.setdefault(match.group("stem").strip(), []).append(column)
    found |= {stem: parts for stem, parts in loose.items() if stem not in found}
    return [(stem, parts) for stem, parts in sorted(found.items()) if len(parts) > 1]


def options_of(headers: Sequence[str]) -> list[str]:
    """Return the option of each header: what follows the common question, if there is one."""
    for pattern in (_OPTION, _LOOSE_OPTION):
        parted = [pattern.fullmatch(header) for header in headers]
        whole = [match for match in parted if match is not None]
        if len(whole) == len(headers) and len({label_key(m.group("stem")) for m in whole}) == 1:
            return [next(filter(None, match.group("a", "b", "c"))).strip() for match in whole]
    return list(headers)


def is_ticked(column: TextColumn) -> bool:
    """Tell whether a column says of one option whether it was ticked: 1, x, TRUE, its own text."""
    if not 0 < len(column.texts) <= 4:
        return False
    own = {label_key(column.header), label_key(options_of([column.header])[0])}
    return all(yes_or_no(text) is not None or label_key(text) in own for text in column.texts)


def is_other(column: TextColumn) -> bool:
    """Tell whether a column is the option with room to write: ``Other (please specify)``."""
    return is_one_of("answers", "other")(fold_header(options_of([column.header])[0]))


def ticked(column: TextColumn, option: str) -> list[str | None]:
    """Return the option that each distinct text ticks or names, None where it ticks none."""
    own = {label_key(column.header), label_key(option)}
    free = is_other(column)

    def chosen(text: str) -> str | None:
        said = yes_or_no(text)
        if said is None and free and label_key(text) not in own:
            return text
        return None if said is False else option

    return [chosen(text) for text in column.texts]


@dataclass(frozen=True)
class Choice:
    """What a header such as "Second choice of mentor" asks for.

    stem : its words but for the place and the words between, in their order.
    place : 1 for the first choice, `LATER` for a reserve.
    of_people : whether it names the people who are chosen.
    worded : whether it has a word for choosing, not a number alone.
    """

    stem: str
    place: int
    of_people: bool
    worded: bool


def place_in(folded: str) -> tuple[str, list[int]]:
    """Return a folded header without its numbers and words for places, and these places.

    Examples
    --------
    >>> place_in("second topic"), place_in("skill 2")
    (('topic', [2]), ('skill', [2]))
    """
    places: list[int] = []
    rest = folded
    for place, pattern in _ordinals():
        rest, count = pattern.subn(" ", rest)
        places += [place] * count
    places += map(int, _DIGITS.findall(rest))
    return " ".join(_DIGITS.sub(" ", rest).split()), places


def choice(folded: str, role: str) -> Choice | None:
    """Return what a folded header says of a first, second, ... choice, None where it is none.

    Examples
    --------
    >>> choice("mentor choice 2", "mentee")
    Choice(stem='mentor choice', place=2, of_people=True, worded=True)
    >>> choice("第一志愿", "mentee").of_people, choice("skill 1", "mentee")
    (False, None)
    """
    rest, places = place_in(folded)
    if len(places) != 1 or _all_of_choices(role).fullmatch(rest) is None:
        return None
    stem = " ".join(within("choices", "of").sub(" ", rest).split())
    who = _people_across(role).search(stem) is not None
    nouns = _any_of("what", "with_people") if who else _any_of("what")
    worded = re.search(nouns, stem) is not None
    if stem and not (who or worded):
        return None
    return Choice(stem, places[0], who, worded)


def _any_of(*keys: str) -> str:
    return "|".join(entry for key in keys for entry in entries("choices", key))


@cache
def _ordinals() -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Return the words for each place; one may be grown together with what is chosen."""
    after = _any_of("what", "mentor", "mentee", "person")
    found = []
    for place, key in [*enumerate(_PLACES, 1), (LATER, "later")]:
        spaced = [word for word in entries("choices", key) if not is_unspaced(word)]
        dense = [word for word in entries("choices", key) if is_unspaced(word)]
        pattern = rf"(?<!\w)(?:{'|'.join(spaced)})(?=(?:{after})|\W|$)"
        found.append((place, re.compile("|".join([*dense, pattern]))))
    return tuple(found)


@cache
def _people_across(role: str) -> re.Pattern[str]:
    return re.compile(_any_of("mentor" if role == "mentee" else "mentee", "person"))


@cache
def _all_of_choices(role: str) -> re.Pattern[str]:
    """Return what fits a header that has nothing but words for choices of people in it."""
    joined = _any_of("what", "with_people", "mentor" if role == "mentee" else "mentee", "person")
    between = [word for word in entries("choices", "of") if not is_unspaced(word)]
    dense = "|".join(word for word in entries("choices", "of") if is_unspaced(word))
    return re.compile(rf"(?:{joined}|{dense}|(?<!\w)(?:{'|'.join(between)})(?!\w)| )*")


def people_like(texts: Collection[str]) -> bool:
    """Tell whether texts look like people: addresses, ids, or names of two to four words."""
    alike = sum(
        parse_email(t) is not None
        or re.fullmatch(r"[A-Za-z]{0,4}-?\d{2,12}", t) is not None
        or _NAME_LIKE.fullmatch(t) is not None
        or re.fullmatch("[\u3040-\u30ff\u3400-\u9fff]{2,6}", t) is not None
        for t in texts
    )
    return bool(texts) and alike >= 0.6 * len(texts)
