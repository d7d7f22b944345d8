"""Questions spread over several columns: ticks, ranks, first, second and third choices."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from mentormatch.rosters.columns import label_key
from mentormatch.rosters.references import parse_email
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import (
    fold_header,
    is_one_of,
    plain_letters,
    yes_or_no,
)

_CHOICE = (
    r"choice|preference|wish|rank|option|pick|wunsch|wahl|präferenz|v(?:œ|oe)ux?|choix|opción"
    r"|preferencia|elección|opção|escolha|preferência|scelta|preferenza|keuze|voorkeur|wybór"
    r"|preferencja|志愿|志願|希望|الرغبة|الاختيار|انتخاب|اولویت"
)
_WHO = r"mentor|mentee|student|tutor|coach|coachee|person|supervisor|导师|導師|メンター|منتور|مرشد"
_STEM = re.compile(
    plain_letters(
        rf"(?:preferred |your |my |wunsch ?)?(?P<who>{_WHO})?(?:en|s|a|in|e)?"
        rf"(?: ?(?P<what>{_CHOICE})s?)?"
        rf"(?: of)?(?: ?(?P<whom>{_WHO})(?:en|s|a|in|e)?)?"
    )
)
_ORDINALS = (
    "first 1st erster erste erstes premier première 1er 1ère primer primera primeiro primeira"
    " primo prima eerste pierwszy pierwsza pierwsze الاولى اول",
    "second 2nd zweiter zweite zweites deuxième seconde 2e 2ème segundo segunda secondo"
    " seconda tweede drugi druga drugie الثانية دوم",
    "third 3rd dritter dritte drittes troisième 3e 3ème tercer tercera terceiro terceira terzo"
    " terza derde trzeci trzecia trzecie الثالثة سوم",
    "fourth 4th vierter vierte viertes quatrième cuarto cuarta quarto quarta vierde czwarty",
    "fifth 5th fünfter fünfte fünftes cinquième quinto quinta vijfde piąty",
)
_PLACE = {
    plain_letters(word): place for place, words in enumerate(_ORDINALS, 1) for word in words.split()
}
_CJK_ORDINAL = re.compile(r"第\s?([一二三四五1-5])\s?")
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
ACROSS = {
    "mentee": frozenset(
        ["mentor", "tutor", "coach", "supervisor", "导师", "導師", "メンター", "منتور", "مرشد"]
    ),
    "mentor": frozenset(["mentee", "student", "coachee"]),
}
"""What the people across are called, by role."""


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


def choice(folded: str, role: str) -> tuple[str, int, bool] | None:
    """Return (stem, place, whether it names people) of ``second choice``, ``Mentor 2``, else None.

    Examples
    --------
    >>> [choice(header, "mentee") for header in ("mentor choice 2", "第一志愿", "skill 1")]
    [('mentor choice', 2, True), ('志愿', 1, False), None]
    """
    spelt = _CJK_ORDINAL.sub(
        lambda m: f" {'一二三四五'.find(m.group(1)) + 1 or m.group(1)} ", folded
    )
    words = spelt.split()
    places = [_PLACE.get(w) or int(w) for w in words if w in _PLACE or re.fullmatch(r"[1-9]", w)]
    stem = " ".join(w for w in words if w not in _PLACE and not w.isdigit())
    match = _STEM.fullmatch(stem)
    if len(places) != 1 or match is None:
        return None
    who = {match.group("who"), match.group("whom")} - {None}
    if who and not who & (ACROSS[role] | {"person"}):
        return None
    if not (who or match.group("what") or not stem):
        return None
    return stem, places[0], bool(who)


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
