"""Questions of the programme's own that both rosters were asked: criteria without a standard field.

Two columns belong together if their headers are the same word for word, in the singular, once role
words and words for wishing and offering are left out: "Desired industries" of the mentees and
"Industry" of the mentors. Answers have a veto: they must be names from one vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mentormatch.rosters.columns import Categories, Column, Labels, Numbers, Vectors, label_key
from mentormatch.rosters.group_words import gender_words
from mentormatch.rosters.headers import FIELD_KINDS, YES_NO, claims, is_sensitive
from mentormatch.rosters.profiles import Profiles
from mentormatch.rosters.references import EMAIL
from mentormatch.rosters.unfinished import is_of_survey
from mentormatch.rosters.vocabulary import fold_header
from mentormatch.scoring.criteria import Covers, Criterion, Overlap
from mentormatch.scoring.offers import MEETING
from mentormatch.scoring.scales import as_lists
from mentormatch.scoring.wording_match import share_offered

__all__ = ["SENSITIVE", "YES_OR_NO", "asked_on_both", "own_questions"]

Listed: TypeAlias = Labels | Categories

SENSITIVE = "sensitive: scored only if a participant asks for it"
BY_SURVEY = "written by the survey tool, not answered by anybody"
YES_OR_NO = "yes or no: the same answer is nothing in common"
ONE_ANSWER = "everybody who answered gave the same answer"
_WANTED = re.compile(
    r"(?:want|need|desire|wish|seek|look|require|prefer|learn)(?:s|e?d|ing)?|sought|interested"
    r"|gesuchte?r?|gewunschte?r?|wunsch|souhaitee?s?|recherchee?s?|desiree?s?"
)
"""Words by which a mentee's question asks for something."""
_OFFERED = re.compile(
    r"(?:offer|provide|teach|share|give|cover)(?:s|e?d|ing)?|can|able|angebotene?r?|proposee?s?"
)
"""Words by which a mentor's question asks what there is to have."""
_ASIDE = re.compile(
    r"(?:mentors?|mentees?|coach(?:es)?|coachees?|protegee?s?|s)"  # "mentor's"
    r"|my|your|own|the|an?|of|for|in|on|to|with|by|about|and|or|which|what|that|are|is|do|does|you"
    r"|i|we|would|like|please|select|choose|tick|list|all|any|apply|der|die|das|des|de|du|la|le|les"
)
_PLACE = re.compile(
    r"\b(?:country|city|town|region|state|county|province|district|post ?code|zip|address|location"
    r"|land|stadt|ort|region|pays|ville)\b"
)
_YES_NO_ABROAD = frozenset({"ja", "nein", "vielleicht", "oui", "non", "peut être", "sí", "si"})
_AMOUNT = re.compile(r"[<>~]?\s*\d+(?:\s*(?:-|–|to|bis|à)\s*\d+)?\s*\w{0,10}\.?")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.I)


@dataclass(frozen=True, eq=False)
class _Question:
    """A column under its own header.

    topic : what it asks about: words in the singular, in the order of the alphabet.
    worded : whether it asks a mentee what she wants, or a mentor what there is to have.
    """

    header: str
    topic: str
    worded: bool
    column: Column


def asked_on_both(
    mentees: Profiles, mentors: Profiles
) -> tuple[tuple[Criterion, ...], dict[str, str]]:
    """Return a criterion for each question that both rosters were asked, and what is none and why.

    Returns
    -------
    criteria, in the order of their topics
        `Covers` where the headers say who wants and who offers, or where mentees gave one answer
        and mentors several; else `Overlap`.
    mapping of str to str
        Mentees' header -> why the two columns are not compared.

    Notes
    -----
    Left alone are fields of the vocabulary and columns that may be one of them. Left out, in words:
    sensitive attributes, places, yes and no, numbers, dates, codes, people, links, free text, and
    answers of which mentors give less than half by the same name.
    """
    criteria: list[Criterion] = []
    left_out: dict[str, str] = {}
    for ours, theirs in _pairs(mentees, mentors, left_out):
        why = _veto(ours, theirs, mentees, mentors)
        if why:
            left_out[ours.header] = why
        else:
            criteria.append(_criterion(ours, theirs))
    return tuple(criteria), left_out


def _pairs(
    mentees: Profiles, mentors: Profiles, left_out: dict[str, str]
) -> Iterator[tuple[_Question, _Question]]:
    ours, theirs = _questions(mentees), _questions(mentors)
    for topic in sorted(ours.keys() & theirs.keys()):
        mine, *other = sorted(ours[topic], key=lambda q: _first(q, theirs[topic]))
        yours, *others = sorted(theirs[topic], key=lambda q: _first(q, ours[topic]))
        left_out |= {q.header: f"{mine.header!r} is compared instead" for q in other}
        left_out |= {q.header: f"{yours.header!r} is compared instead" for q in others}
        yield mine, yours


def _first(question: _Question, others: list[_Question]) -> tuple[bool, bool, str]:
    """Order the columns of one topic: wishes and offers first, then what is spelt alike."""
    return not question.worded, all(question.header != q.header for q in others), question.header


def _questions(profiles: Profiles) -> dict[str, list[_Question]]:
    found: dict[str, list[_Question]] = {}
    direction = _WANTED if profiles.role == "mentee" else _OFFERED
    for header, column in profiles.columns.items():
        own = header.startswith(("preferred_", "importance_")) or header in FIELD_KINDS
        if own or claims(header, profiles.role) or not column.answered.any():
            continue
        words = fold_header(header).split()
        worded = any(direction.fullmatch(word) for word in words)
        found.setdefault(_topic(words), []).append(_Question(header, _topic(words), worded, column))
    return found


def _topic(words: list[str]) -> str:
    told = [w for w in words if not any(p.fullmatch(w) for p in (_WANTED, _OFFERED, _ASIDE))]
    return " ".join(sorted({_stem(word) for word in told})) or " ".join(words)


def _stem(word: str) -> str:
    """Return what a word and its plural have in common: industry and industries, course(s)."""
    if len(word) > 3 and not word.endswith(("ss", "us", "is")):
        word = word.removesuffix("s")
    return f"{word[:-2]}y" if word.endswith("ie") else word.removesuffix("e")


def _veto(ours: _Question, theirs: _Question, mentees: Profiles, mentors: Profiles) -> str:
    """Return why two columns are not compared, empty if they are."""
    both = ((ours, mentees), (theirs, mentors))
    if any(q.header in people.sensitive or is_sensitive(q.header) for q, people in both):
        return SENSITIVE
    if is_of_survey(ours.header) or is_of_survey(theirs.header):
        return BY_SURVEY
    if any(map(_is_place, (ours.header, theirs.header))):
        return (
            "where people are counts only if somebody asks: with Overlap(...), or a rule Same(...)"
        )
    if any(isinstance(q.column, Numbers) for q, _ in both):
        return (
            "numbers or a scale: whether to be alike or ahead is better nobody said; "
            "Closeness(..., ideal=, tolerance=) among the criteria says it"
        )
    if all(isinstance(q.column, Vectors) for q, _ in both):
        return "ratings: Similarity(...) among the criteria compares them"
    listed = [q.column for q, _ in both if isinstance(q.column, (Labels, Categories))]
    if len(listed) < 2:
        return f"{_read_as(ours.column, theirs.column)}: no words that both choose from"
    answers = {
        column.labels[code]
        for column in listed
        for code in np.unique(column.codes[column.codes >= 0]).tolist()
    }
    if len({label_key(answer) for answer in answers}) == 1:
        return ONE_ANSWER
    if why := _no_vocabulary(answers):
        return why
    if _mostly(answers, lambda a: mentees.find(a) >= 0 or mentors.find(a) >= 0):
        return "names of people, no words that both choose from"
    met = share_offered(*_lists(*listed))
    if met < MEETING:
        return f"mentors give {met:.0%} of what mentees answered by the same name"
    return ""


def _no_vocabulary(answers: set[str]) -> str:
    """Return why answers are not names of things that two people may have in common."""
    if all(label_key(answer) in gender_words() for answer in answers):
        return SENSITIVE
    if all(YES_NO.fullmatch(a) or label_key(a) in _YES_NO_ABROAD for a in answers):
        return YES_OR_NO
    if _mostly(answers, _is_code):
        return "numbers, dates, links or codes, no words that both choose from"
    return ""


def own_questions(profiles: Profiles) -> list[str]:
    """Return the headers under which people chose from a vocabulary of the programme's own."""
    found = []
    for questions in _questions(profiles).values():
        for question in questions:
            column = question.column
            if not isinstance(column, (Labels, Categories)):
                continue
            given = column.codes[column.codes >= 0]
            several = len(np.unique(given)) < len(given)
            header = question.header
            own = header in profiles.sensitive or _is_place(header) or is_of_survey(header)
            if several and not own and not _no_vocabulary(set(column.labels)):
                found.append(header)
    return sorted(found)


def _is_place(header: str) -> bool:
    return _PLACE.search(fold_header(header)) is not None


def _read_as(ours: Column, theirs: Column) -> str:
    """Return in words how two columns were read."""
    same = ours.kind == theirs.kind
    return f"read as {ours.kind}" if same else f"read as {ours.kind} and as {theirs.kind}"


def _mostly(answers: set[str], test: Callable[[str], bool]) -> bool:
    return sum(map(test, answers)) >= 0.5 * len(answers)


def _is_code(answer: str) -> bool:
    """Tell whether an answer is an amount, a date, a code, an e-mail address or a link."""
    signs = [sign for sign in answer if sign.isalnum()]
    digits = sum(sign.isdigit() for sign in signs)
    return (
        2 * digits >= len(signs)
        or _AMOUNT.fullmatch(answer.strip()) is not None
        or EMAIL.search(answer) is not None
        or _LINK.match(answer.strip()) is not None
    )


def _lists(ours: Listed, theirs: Listed) -> tuple[Labels, Labels]:
    return as_lists(ours, [theirs]), as_lists(theirs, [ours])


def _criterion(ours: _Question, theirs: _Question) -> Criterion:
    assert isinstance(ours.column, (Labels, Categories))
    assert isinstance(theirs.column, (Labels, Categories))
    mine, yours = (np.diff(column.indptr) for column in _lists(ours.column, theirs.column))
    one_of_several = bool(mine.max(initial=0) <= 1 < yours.max(initial=0))
    by = theirs.header if theirs.header != ours.header else None
    against = f"{ours.header!r} against the mentors' {theirs.header!r}" if by else ""
    if ours.worded or theirs.worded or one_of_several:
        return Covers(ours.header, by=by, now=None, reason=against)
    return Overlap(ours.header, by=by, reason=against)
