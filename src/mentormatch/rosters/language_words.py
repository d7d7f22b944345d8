"""Names of languages in twelve languages and in their own: Deutsch, German and allemand are one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from mentormatch.rosters.columns import label_key
from mentormatch.rosters.vocabulary import languages

__all__ = ["language_code", "language_key", "language_names"]


@cache
def language_names() -> Mapping[str, tuple[str, ...]]:
    """Return the names of each language by its ISO code, the English one first."""
    vocabularies = languages()
    names: dict[str, list[str]] = {}
    for code in ("en", *vocabularies):
        for language, words in vocabularies[code].get("language_names", {}).items():
            names.setdefault(language, []).extend(words)
    return MappingProxyType({code: tuple(dict.fromkeys(words)) for code, words in names.items()})


@cache
def _codes() -> Mapping[str, str]:
    return {label_key(word): code for code, words in language_names().items() for word in words}


@cache
def _keys() -> Mapping[str, str]:
    return {
        label_key(word): label_key(words[0])
        for words in language_names().values()
        for word in words
    }


def language_code(name: str) -> str | None:
    """Return the ISO code of a language, None if no such name is known.

    Examples
    --------
    >>> language_code("Deutsch"), language_code("COBOL")
    ('de', None)
    """
    return _codes().get(label_key(name))


def language_key(key: str) -> str:
    """Return the `label_key` of a language's English name for that of any name; others as they are.

    Examples
    --------
    >>> language_key("allemand"), language_key("law")
    ('german', 'law')
    """
    return _keys().get(key, key)
