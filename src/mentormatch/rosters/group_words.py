"""Words for one group: a woman is one group, whether a form says Female, Frau or F."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from mentormatch.rosters.columns import label_key
from mentormatch.rosters.headers import is_sensitive
from mentormatch.rosters.language_words import language_key
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import (
    entries,
    fold_header,
    is_one_of,
    languages,
    plain_letters,
    within,
    written,
)

_SHOWN = {"woman": "woman", "man": "man", "non binary": "non-binary"}
"""What a group is called, by its `label_key`."""


@cache
def _keys() -> dict[str, str]:
    """Return the group that a word stands for, both by `label_key`."""
    return {
        label_key(word): label_key(shown)
        for shown in _SHOWN.values()
        for word in (shown, *written("gender", shown.replace("-", "_")))
    }


@cache
def gender_words() -> frozenset[str]:
    """Return what a form may list as genders, by `label_key`."""
    return frozenset({*_keys(), "other gender"})


@cache
def _letters_of_groups() -> Mapping[str, str]:
    """Return the meaning of a single letter, in columns about gender only."""
    return MappingProxyType(
        {
            letter: group
            for vocabulary in languages().values()
            for letter, group in vocabulary.get("gender", {}).get("letters", {}).items()
        }
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
    letters = _letters_of_groups()
    if key in letters and is_about_gender(column):
        return letters[key]
    return _keys().get(key) or language_key(key)


def is_about_gender(name: str) -> bool:
    """Tell whether a field or header asks for a gender, one's own or the one wished for."""
    return within("gender", "about").search(fold_header(name)) is not None


def declined(text: str) -> bool:
    """Tell whether an answer to a sensitive question is that one would rather not answer."""
    return is_one_of("gender", "declined")(fold_header(text))


def wished_word(text: str) -> str:
    """Return the one word for a gender in a wish such as "a woman, please", else the text."""
    word = " ".join(_told(text))
    return word if word in _keys() else _SHOWN.get(_letters_of_groups().get(word, ""), text)


def _told(text: str) -> list[str]:
    """Return the words of a wish but for those around it: an, only, please."""
    words = re.findall(r"\w+", label_key(text))
    return [word for word in words if not is_one_of("gender", "around")(plain_letters(word))]


def no_gender_wished(text: str) -> bool:
    """Tell whether a wish about gender is that any will do, or that one would not say."""
    if label_key(text) in _keys():  # no binario
        return False
    return is_one_of("gender", "any")(fold_header(text)) or declined(text)


def wished_parts(text: str) -> list[str]:
    """Return "a woman or a non-binary person" as two wishes, "please" as none, else the text."""
    if text and not _told(text):
        return []
    parts = re.split(rf"\s+(?:{'|'.join(entries('gender', 'or'))})\s+", text)
    return parts if all(label_key(wished_word(part)) in _keys() for part in parts) else [text]


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
        return _letters_of_groups()
    reading.note(
        "group_letter",
        "M beside H may mean a man or a woman (mujer)",
        "kept as it is; write the word",
        column=answers.header,
        value="M",
    )
    return {letter: meaning for letter, meaning in _letters_of_groups().items() if letter != "m"}


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
        group = _keys().get(key) or letters.get(key)
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
