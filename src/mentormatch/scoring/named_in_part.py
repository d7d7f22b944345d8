"""People named by a part of their name or by another address, as who is to be kept apart is.

A remark around a name is looked through, and never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from mentormatch.rosters.columns import label_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.rosters.references import EMAIL
from mentormatch.rosters.spread import people_like
from mentormatch.rosters.vocabulary import (
    fold_header,
    is_one_of,
    is_unspaced,
    plain_letters,
    within,
)

__all__ = ["Fit", "Naming", "describes"]

_WORDS = re.compile(r"[^\W_]+")
_REMARK = re.compile(r"\s*[(\[（]|\s[-–—]\s|:")
"""Where a remark behind a name begins."""
_SENTENCE = 3
"""Words from which a text may be a remark that holds a part of a name."""
_LEAST = 2
"""Letters of a word below which it is an initial."""


@dataclass(frozen=True)
class Fit:
    """Who a text may mean, by position: surely all of `meant`, or one or more of `perhaps`."""

    meant: tuple[int, ...] = ()
    perhaps: tuple[int, ...] = ()


def describes(text: str) -> bool:
    """Tell whether a text says who somebody is, not what they are called: "my former boss"."""
    return within("people", "described").search(fold_header(text)) is not None


@dataclass(frozen=True, eq=False)
class Naming:
    """The names and addresses of a roster, to be found in texts that name people."""

    profiles: Profiles

    @cached_property
    def _names(self) -> list[list[str]]:
        return [_words(name or "") for name in self.profiles.names]

    @cached_property
    def _holders(self) -> dict[str, list[int]]:
        """Return who has a word in the name."""
        return _by_key(set(words) for words in self._names)

    @cached_property
    def _locals(self) -> dict[str, list[int]]:
        """Return who has the part before the @ in an address."""
        own = ({mail.split("@")[0].casefold()} if mail else set() for mail in self.profiles.emails)
        return _by_key(own)

    @cached_property
    def _grown(self) -> dict[str, list[int]]:
        """Return who has a name that an address may write as one word."""
        return _by_key(map(_grown_together, self._names))

    def fit(self, text: str) -> Fit:
        """Return who a text may mean that is no id, address or full name of this roster.

        One person whose name has every word, or begins with every initial, of the text is meant;
        so are all whose whole name stands in it. Of several, or where a remark holds but a part of
        a name, nobody is meant for sure.

        Notes
        -----
        Time O(words of the text) and the people who share a word with it.
        """
        if (address := EMAIL.search(text)) is not None:
            known = self.profiles.find(address.group())
            found = (known,) if known >= 0 else self._by_address(address.group().casefold())
            return Fit(meant=found) if len(found) == 1 else Fit(perhaps=found)
        for part in dict.fromkeys((_REMARK.split(text, maxsplit=1)[0], text)):
            words = _words(part)
            told = [word for word in words if not is_one_of("people", "titles")(word)]
            near = sorted({p for word in told for p in self._holders.get(word, ())})
            found = tuple(p for p in near if told and _all_in(told, self._names[p]))
            if found:
                return Fit(meant=found) if len(found) == 1 else Fit(perhaps=found)
        names = self._names
        if whole := tuple(p for p in near if len(names[p]) > 1 and _stands_in(names[p], words)):
            return Fit(meant=whole)
        if len(words) < _SENTENCE or people_like({text}):
            return Fit()  # somebody else's name
        return Fit(perhaps=tuple(p for p in near if any(_long(w) and w in names[p] for w in told)))

    def _by_address(self, address: str) -> tuple[int, ...]:
        """Return who has the part before the @ in an address or as a name."""
        local = address.split("@")[0]
        if same := self._locals.get(local):
            return tuple(same)
        pieces = _words(re.sub(r"[._\-+\d]+", " ", local))
        if len(pieces) == 1:  # rfir, quinelm
            return tuple(self._grown.get(pieces[0], ()))
        near = sorted({p for piece in pieces for p in self._holders.get(piece, ())})
        return tuple(p for p in near if _all_in(pieces, self._names[p]))


def _by_key(keys: Iterable[set[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for position, own in enumerate(keys):
        for key in own:
            found.setdefault(key, []).append(position)
    return found


def _words(text: str) -> list[str]:
    return _WORDS.findall(plain_letters(label_key(text)))


def _long(word: str) -> bool:
    return len(word) >= _LEAST or is_unspaced(word)


def _all_in(told: Sequence[str], name: Sequence[str]) -> bool:
    """Tell whether each word, one of them in full, is another word of the name or its initial."""
    left = list(name)
    full = [word for word in told if _long(word)]
    for word in full:
        if word not in left:
            return False
        left.remove(word)
    for initial in (word for word in told if not _long(word)):
        begun = next((word for word in left if word.startswith(initial)), None)
        if begun is None:
            return False
        left.remove(begun)
    return bool(full)


def _stands_in(name: Sequence[str], words: Sequence[str]) -> bool:
    """Tell whether a whole name, in either order, stands in a text."""
    size = len(name)
    parts = (words[k : k + size] for k in range(len(words) - size + 1))
    return any(
        list(part) in (list(name), [*name[1:], name[0]], [name[-1], *name[:-1]]) for part in parts
    )


def _grown_together(words: Sequence[str]) -> set[str]:
    """Return a name as local parts of addresses write it: quinelm, qelm, elmq."""
    if len(words) < 2:
        return set()
    first, last = words[0], words[-1]
    return {first + last, last + first, first[0] + last, last + first[0]}
