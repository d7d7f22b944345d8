"""Words for one group: a woman is one group, whether a form says Female, Frau or F."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mentormatch.rosters.columns import label_key
from mentormatch.rosters.headers import is_sensitive
from mentormatch.rosters.language_words import language_key
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import fold_header

_WORDS = {
    "woman": (
        "female", "woman", "women", "females", "weiblich", "frau", "femme", "féminin", "feminin",
        "mujer", "femenino", "femenina",
    ),
    "man": (
        "male", "man", "men", "males", "männlich", "maennlich", "mann", "homme", "masculin",
        "hombre", "masculino",
    ),
    "non-binary": (
        "non binary", "nonbinary", "divers", "non binaire", "nonbinaire", "no binario",
        "no binaria", "nicht binär", "nichtbinär",
    ),
}  # fmt: skip
_KEYS = {label_key(word): label_key(shown) for shown, words in _WORDS.items() for word in words}
GENDER_WORDS = frozenset({*_KEYS, "other gender"})
"""What a form may list as genders, by `label_key`."""
LETTERS = MappingProxyType({"f": "woman", "w": "woman", "m": "man", "h": "man", "d": "non binary"})
"""Meaning of a single letter, in columns about gender only."""
_SHOWN = {label_key(shown): shown for shown in _WORDS}
_ABOUT_GENDER = re.compile(r"\b(?:gender|sex|geschlecht|genre|sexe|género|genero|sexo)\b")
_DECLINED = re.compile(
    r"(?:i |i'd |i would )?(?:prefer|rather|choose|wish) not (?:to )?(?:say|answer|disclose|state)"
    r"(?: this)?|(?:do not|don't) (?:want|wish) to (?:say|answer|disclose|state)"
    r"|keine angabe|möchte ich nicht (?:sagen|angeben)|ich möchte (?:es |das )?nicht (?:sagen|"
    r"angeben|beantworten)"
    r"|(?:je )?préfère ne pas (?:le )?(?:dire|répondre)|ne (?:souhaite|veux) pas (?:le )?(?:dire|"
    r"répondre)|ne se prononce pas"
    r"|préférer ne pas (?:le )?(?:dire|répondre)"
    r"|prefiero no (?:decirlo|decir|responder|contestar)|no (?:deseo|quiero) (?:decirlo|responder)"
)
_NO_PREFERENCE = re.compile(
    r"(?:no|any|either|none|all|both|doesn.?t matter|don.?t mind|do not mind|kein\w* (?:wunsch|"
    r"präferenz)|egal|beliebig|pas de préférence|aucune préférence|peu importe|sin preferencia"
    r"|me da igual)\b.*"
)
_ASIDE = re.compile(
    r"(?:an?|the|only|please|prefer\w*|would|like|i|i'd|mentors?|mentees?|person|people|identifying"
    r"|as|ideally|if|possible|with|by|from|one|einen?|ein|bitte|gerne|nur|mentorin|am|liebsten"
    r"|une?|mentore|de|préférence|svp|una|mentora|por|favor)"
)


def group_key(label: object, column: str = "") -> str:
    """Return `label_key`, the same for all words for one gender or one language.

    With a `column` that asks for a gender, single letters (F, M) mean one as well.

    Examples
    --------
    >>> group_key("Female") == group_key("Frau") == group_key("woman")
    True
    >>> group_key("Deutsch") == group_key("German")
    True
    """
    key = label_key(label)
    if key in LETTERS and is_about_gender(column):
        return LETTERS[key]
    return _KEYS.get(key) or language_key(key)


def is_about_gender(name: str) -> bool:
    """Tell whether a field or header asks for a gender, one's own or the one wished for."""
    return bool(_ABOUT_GENDER.search(fold_header(name.replace("_", " "))))


def declined(text: str) -> bool:
    """Tell whether an answer to a sensitive question is that one would rather not answer."""
    key = label_key(text).replace("’", "'")
    return bool(_DECLINED.fullmatch(key))


def wished_word(text: str) -> str:
    """Return the one word for a gender in a wish such as "a woman, please", else the text."""
    words = [word for word in re.split(r"[^\w'’]+", label_key(text)) if not _ASIDE.fullmatch(word)]
    word = " ".join(words)
    return word if word in _KEYS else _SHOWN.get(LETTERS.get(word, ""), text)


def no_gender_wished(text: str) -> bool:
    """Tell whether a wish about gender is that any will do, or that one would not say."""
    if label_key(text) in _KEYS:  # no binario
        return False
    return bool(_NO_PREFERENCE.fullmatch(label_key(text))) or declined(text)


def wished_parts(text: str) -> list[str]:
    """Return "a woman or a non-binary person" as two wishes; anything else as it is."""
    parts = re.split(r"\s+(?:or|and|oder|und|ou|et|o|y)\s+", text)
    return parts if all(label_key(wished_word(part)) in _KEYS for part in parts) else [text]


def in_one_wording(answers: TextColumn, name: str, reading: Reading) -> TextColumn:
    """Return a sensitive question's answers, with one label per group and without the declined.

    Parameters
    ----------
    answers
        Cells of one column.
    name
        Field it became, or its header.

    Returns
    -------
    TextColumn
        The commonest spelling of a group stands for all of it, words before single letters; where
        there are letters only, "woman", "man" or "non-binary". Each change is a repair.
    """
    gender = is_about_gender(name) or is_about_gender(answers.header)
    if not (gender or is_sensitive(name) or is_sensitive(answers.header)):
        return answers
    refused = {text for text in answers.texts if declined(text)}
    shown = (
        one_spelling(answers.texts, answers.counts, letters=_letters(answers, reading))
        if gender
        else {}
    )
    if not refused and all(shown.get(text, text) == text for text in answers.texts):
        return answers
    for place, text in enumerate(answers.texts):
        if text in refused:
            problem, action = "would rather not say", "read as not answered: no group of its own"
        elif shown.get(text, text) != text:
            problem, action = "another word for the same group", f"read as {shown[text]!r}"
        else:
            continue
        reading.note(
            "group_word", problem, action,
            **answers.at(place, text),
        )  # fmt: skip
    texts = ["" if t in refused else shown.get(t, t) for t in answers.texts]
    padded = [*texts, ""]
    cells = [padded[code] for code in answers.codes.tolist()]
    return TextColumn.of(answers.header, cells, answers.rows)


def _letters(answers: TextColumn, reading: Reading) -> Mapping[str, str]:
    """Return what single letters mean here: M beside H is a man in French, a woman in Spanish."""
    keys = {label_key(text) for text in answers.texts}
    if not {"h", "m"} <= keys:
        return LETTERS
    reading.note(
        "group_letter",
        "M beside H may mean a man or a woman (mujer)",
        "kept as it is; write the word",
        column=answers.header,
        value="M",
    )
    return {letter: meaning for letter, meaning in LETTERS.items() if letter != "m"}


def one_spelling(
    texts: Iterable[str],
    counts: Iterable[int],
    *,
    letters: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Return the spelling to show for each text that means a gender: the commonest of its group.

    Ties go to the spelling first in the alphabet; `letters` never stand for a group.
    """
    spelt: dict[str, Counter[str]] = {}
    for text, count in zip(texts, counts, strict=True):
        key = label_key(text)
        group = _KEYS.get(key) or letters.get(key)
        if group is not None:
            # letters count for nothing: a word is shown wherever there is one
            spelt.setdefault(group, Counter())[text] += 0 if key in letters else int(count)
    return {
        text: _SHOWN[group]
        if all(label_key(t) in letters for t in counted)
        else min(
            (t for t in counted if label_key(t) not in letters), key=lambda t: (-counted[t], t)
        )
        for group, counted in spelt.items()
        for text in counted
    }
