"""Which role a word, a question or a column names: mentee, mentor, both or neither."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mentormatch.rosters.remembered import remembered
from mentormatch.rosters.vocabulary import fold_header, is_one_of, within, yes_or_no

MOST_ROLES = 20
"""A column with more distinct texts names neither roles nor a status."""
MOST_WORDS = 10
"""A cell with more words is no name of a role."""
_ROLE_HEADER = re.compile(
    r"\b(?:role|type|participa\w*|sign(?:ing|ed)? up|join(?:ing)?|mentors?\b.*\bor\b.*\bmentees?"
    r"|mentees?\b.*\bor\b.*\bmentors?|are you (?:a|an|interested)|i am|i want"
    r"|would you like to be|rolle|rol|papel|ruolo|rola|als)\b"
    r"|^mentor ?(?:ing)?$|^mentor mentee$|^mentee mentor$|身份|立場|立场|参加区分"
    r"|役割|角色|الدور|نقش"
)
_PREFIX = re.compile(r"^\s*([^:\-–—|?]{2,40}?)\s*(?:[:|]|\s[-–—]\s)")
_IN_BRACKETS = re.compile(r"[(\[（【]([^()\[\]（）【】]{2,40})[)\]）】]")
_ADDRESS = re.compile(
    r"\b(?:for|only|all|the|questions?|section|part|nur|pour|para|per|voor|dla)\b"
)
_ACCENTED = re.compile("(?i)(mentor|marrain|parrain)é")
"""One accent is all that parts mentoré from mentore, marrainée from marraine."""


def _folded(text: str) -> str:
    return fold_header(_ACCENTED.sub(r"\1ee", text))


def _named(word: str) -> str | None:
    word = within("roles", "mentor_of").sub(" mentor ", word)
    rest = within("roles", "mentee").sub(" | ", word)
    mentee, mentor = rest != word, within("roles", "mentor").search(rest) is not None
    if mentee and mentor:
        return "both"
    return "mentor" if mentor else "mentee" if mentee else None


@remembered
def row_role(text: str) -> str | None:
    """Return "mentee", "mentor", "both" or "neither" if a cell names a role, else None.

    Examples
    --------
    >>> [row_role(t) for t in ("I am looking for a mentor", "I would like to mentor", "Les deux")]
    ['mentee', 'mentor', 'both']
    """
    word = _folded(text)
    if not word or len(word.split()) > MOST_WORDS:
        return None
    if is_one_of("roles", "neither")(word):
        return "neither"
    if is_one_of("roles", "both")(word):
        return "both"
    return _named(word)


def column_roles(header: str, texts: Sequence[str]) -> list[str | None] | None:
    """Return the role that each distinct answer names, None where this is no column of roles.

    Words such as student and tutor are roles only where the column has both sides and nothing
    else.
    """
    if not 0 < len(texts) <= MOST_ROLES:
        return None
    roles = [row_role(text) for text in texts]
    by_header = bool(_ROLE_HEADER.search(fold_header(header)))
    if None in roles:
        paired = [role or _paired(text) for role, text in zip(roles, texts, strict=True)]
        if None not in paired and {"mentee", "mentor"} <= set(paired):
            return paired if by_header or {"mentee", "mentor", "both"} & set(roles) else None
    named = set(roles) - {"neither", None}
    both_sides = "both" in named or {"mentee", "mentor"} <= named
    if all(roles) and both_sides:
        return roles
    if not by_header or not named:
        return None
    enough = len(named) > 1 and roles.count(None) * 2 <= len(roles)
    return roles if all(roles) or enough else None


def named_roles(texts: Sequence[str]) -> list[str | None]:
    """Return the role that each answer of a column of roles names, None for other words."""
    return [row_role(text) or _paired(text) for text in texts]


def _paired(text: str) -> str | None:
    word = _folded(text)
    mentee = is_one_of("roles.pairs", "mentee")(word)
    mentor = is_one_of("roles.pairs", "mentor")(word)
    return "mentor" if mentor and not mentee else "mentee" if mentee and not mentor else None


@lru_cache(maxsize=4096)
def asked_role(header: str) -> str | None:
    """Return the role that a yes/no question offers: ``Would you like a mentor?`` is "mentee".

    Questions about the past, or about whom one prefers, offer none.
    """
    word = _folded(header)
    role = _named(word)
    if role not in ("mentee", "mentor") or within("roles", "asks_past").search(word):
        return None
    if within("wishes", "own_gender").search(word) or within("consent", "other").search(word):
        return None  # whom, not whether
    bare = is_one_of("roles", role)(re.sub(r" (?:y n|yes no|oui non|ja nein)$", "", word))
    return role if bare or within("roles", "asks_wish").search(word) else None


def says_yes(texts: Sequence[str]) -> list[bool] | None:
    """Return yes or no for each distinct answer, None if these are no answers to yes or no."""
    if not texts or len(texts) > MOST_ROLES:
        return None
    said = [yes_or_no(text) for text in texts]
    if None in said:
        return None
    return [bool(answer) for answer in said]


def tells_roles(header: str, texts: Sequence[str]) -> str | None:
    """Return the field of `headers.ROLE_FIELDS` that a column is by its wording, else None."""
    if column_roles(header, texts) is not None:
        return "role"
    offered = asked_role(header) if says_yes(texts) else None
    return f"is_{offered}" if offered else None


@lru_cache(maxsize=4096)
def perhaps_asked_role(header: str) -> str | None:
    """Return the role that a question may offer in other words: "Could you guide a newcomer?".

    Examples
    --------
    >>> perhaps_asked_role("Do you wish to be guided?"), perhaps_asked_role("Do you like tea?")
    ('mentee', None)
    """
    word = _folded(header)
    if not may_offer_a_role(header):
        return None
    for role in ("mentee", "mentor"):
        if within("roles", f"perhaps_{role}").search(word):
            return role
    return None


@lru_cache(maxsize=4096)
def may_offer_a_role(header: str) -> bool:
    """Tell whether a question may offer a role: not about the past or about other matters."""
    word = _folded(header)
    for key in ("perhaps_mentee", "perhaps_mentor", "room"):  # "share your experience" is no past
        word = within("roles", key).sub(" ", word)
    return not any(
        within(section, key).search(word)
        for section, key in (
            ("roles", "asks_past"), ("roles", "other_matters"), ("wishes", "own_gender"),
            ("consent", "other"),
        )
    )  # fmt: skip


def asks_for_a_wish(header: str) -> bool:
    """Tell whether a question is whether somebody wants or is ready to do something."""
    return within("roles", "asks_wish").search(_folded(header)) is not None


@lru_cache(maxsize=4096)
def asked_of(header: str) -> str | None:
    """Return whom a question is put to, where it says so: ``[Mentors] How many?`` is "mentor"."""
    for _, role in _addressed(header):
        return role
    condition = within("roles", "if_you").search(_folded(header))
    named = _named(condition.group()) if condition else None
    return named if named in ("mentee", "mentor") else None


def without_address(header: str, role: str) -> str:
    """Return a header without the piece that puts its question to this role.

    Examples
    --------
    >>> without_address("[Mentees] First choice of mentor", "mentee")
    ' First choice of mentor'
    >>> without_address("First choice (mentor)", "mentee")
    'First choice (mentor)'
    """
    for piece, asked in _addressed(header):
        if asked == role:
            header = header.replace(piece, "", 1)
    return header


def _addressed(header: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a header that name a role, brackets or colon included, and the role."""
    pieces = [*_IN_BRACKETS.finditer(header)]
    if (lead := _PREFIX.match(header)) is not None:
        pieces.append(lead)
    for piece in pieces:
        word = " ".join(_ADDRESS.sub(" ", _folded(piece.group(1))).split())
        for role in ("mentee", "mentor"):
            if word and is_one_of("roles", role)(word):
                yield piece.group(), role
                break
