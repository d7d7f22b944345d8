"""What one letter is about, whatever the form of mentoring, and how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mentormatch.delivery.letters.facts import Cause, Kind, Partner, Person
from mentormatch.delivery.letters.result import Letter
from mentormatch.delivery.letters.wording import Words
from mentormatch.values import Public

__all__ = ["Company", "Draft", "Signed", "letter_of"]

PROGRAMME = {"en": "our mentoring programme", "de": "Mentoring", "fr": "Mentorat", "es": "Mentoría"}
"""What the programme is called where nobody said."""
SENDER = {
    "en": "The mentoring team",
    "de": "Ihr Mentoring-Team",
    "fr": "L’équipe du mentorat",
    "es": "El equipo de mentoría",
}


@dataclass(frozen=True)
class Company(Public):
    """Those whom the reader meets at one time: a group that she leads or is in, or a round.

    Attributes
    ----------
    number : int
        1, 2, ...
    when : str
        On the reader's clock, in the words of the letter's language; empty where it is open.
    people : tuple of Person
        The others.
    """

    number: int
    when: str
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Draft:
    """A letter before it is worded.

    form : "pairs", "list" (of mentors to ask), "groups", "peers", "rounds" or "review" (of goals).
    left : names of those who are no longer with the reader.
    companies, out : groups or rounds, and the rounds that she sits out.
    seats : how many a mentor on lists can say yes to.
    """

    you: Person
    role: str
    kind: Kind
    partners: Sequence[Partner]
    form: str = "pairs"
    left: Sequence[str] = ()
    cause: Cause = ""
    companies: Sequence[Company] = ()
    out: Sequence[Company] = ()
    seats: int = 0


@dataclass(frozen=True)
class Signed:
    """What the programme is called, who signs, and the minutes of a first meeting."""

    programme: str | None
    sender: str | None
    minutes: int


@dataclass(frozen=True)
class _You(Person):
    """The reader."""

    role: str


def letter_of(draft: Draft, words: Words, signed: Signed) -> Letter:
    """Return a draft in the words of a language."""
    you, language = draft.you, words.locale.language
    subject, text = words.letter(
        {
            "you": _You(you.id, you.name, you.first, you.email, draft.role),
            "form": draft.form,
            "kind": draft.kind,
            "partners": draft.partners,
            "left": draft.left,
            "cause": draft.cause,
            "companies": draft.companies,
            "out": draft.out,
            "seats": draft.seats,
            "programme": signed.programme or PROGRAMME.get(language, PROGRAMME["en"]),
            "sender": signed.sender or SENDER.get(language, SENDER["en"]),
            "minutes": signed.minutes,
        }
    )
    return Letter(
        person=you.id,
        name=you.name,
        first=you.first,
        role=draft.role,
        kind=draft.kind,
        email=you.email,
        language=language,
        partners=tuple(draft.partners),
        subject=subject,
        text=text,
    )
