"""Rules in words: ``--rule "different department"``, and pairs such as ``ana@x.org:raj@x.org``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mentormatch.errors import ParameterError, did_you_mean, listed
from mentormatch.rosters.columns import Categories, Labels, Numbers, label_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import SharedHours
from mentormatch.scoring.rules import (
    AtLeast,
    Avoid,
    Different,
    NotPrevious,
    OnlyPreferred,
    ReportingLine,
    Rule,
    Same,
    Without,
)

__all__ = ["pairs_of", "rules_of"]

OF_A_COLUMN: dict[str, type[Same] | type[Different]] = {"same": Same, "different": Different}
FIXED: dict[str, Callable[[], Rule]] = {
    "reporting line": ReportingLine,
    "not previous": NotPrevious,
    "avoid list": Avoid,
    "only preferred": OnlyPreferred,
    "shared hours": lambda: Without("no_shared_hour"),
    "help": lambda: Without("no_help"),
    "not below": lambda: Without("below_level"),
}
"""Words -> rule, for rules without a column."""
MEANING = (
    ("same COLUMN", "only pairs with the same answer"),
    ("different COLUMN", "only pairs with different answers"),
    ("reporting line", "no managers, managers' managers or teammates"),
    ("not previous", "nobody with whom they were matched before (column `previous`)"),
    ("avoid list", "nobody whom one of the two asked to avoid (column `avoid`)"),
    ("only preferred", "who said so gets a wish or nobody (column `only_preferred`)"),
    ("shared hours", "no pair that gave hours and shares none"),
    ("2 shared hours", "at least so many hours a week in common"),
    ("help", "no mentor who can help with nothing she named"),
    ("not below", "no mentor below the mentee's level"),
)
_HOURS = re.compile(r"(?:at least )?(\d+(?:\.\d+)?) (?:shared )?hours?(?: a week)?")
_USABLE = (Categories, Numbers, Labels)


def rules_of(texts: Sequence[str], mentees: Profiles, mentors: Profiles) -> list[Rule]:
    """Return the rules that these words ask for.

    Raises
    ------
    ParameterError
        Naming all words that mean no rule, and what there is.
    """
    found, wrong = [], []
    for text in texts:
        rule = _rule(" ".join(text.split()), mentees, mentors)
        if isinstance(rule, Rule):
            found.append(rule)
        else:
            wrong.append(f"--rule {text!r}: {rule}")
    if wrong:
        there_is = "\n".join(f"  {words:18}{what}" for words, what in MEANING)
        columns = listed(map(repr, sorted(set(_shared(mentees, mentors).values()))))
        raise ParameterError(
            "\n".join([*wrong, "Rules are:", there_is, f"COLUMN is one of: {columns}."])
        )
    return found


def _rule(text: str, mentees: Profiles, mentors: Profiles) -> Rule | str:
    """Return the rule, or what is wrong with the words."""
    words = text.casefold()
    if words in FIXED:
        return FIXED[words]()
    if hours := _HOURS.fullmatch(words):
        return AtLeast(SharedHours("availability"), float(hours[1]))
    kind, _, name = text.partition(" ")
    if kind.casefold() in OF_A_COLUMN and name:
        shared = _shared(mentees, mentors)
        column = shared.get(label_key(name))
        if column is not None:
            return OF_A_COLUMN[kind.casefold()](column)
        return f"both rosters have no column {name!r} of answers to compare. " + did_you_mean(
            name, shared
        )
    return f"no such rule. {did_you_mean(words, [w for w, _ in MEANING])}"


def _shared(mentees: Profiles, mentors: Profiles) -> dict[str, str]:
    """Return what a column may be called -> its field, for columns that both rosters have."""
    fields = [
        name
        for name, column in mentees.columns.items()
        if isinstance(column, _USABLE) and isinstance(mentors.columns.get(name), _USABLE)
    ]
    called = {label_key(name.replace("_", " ")): name for name in fields}
    for profiles in (mentees, mentors):
        for header, field in zip(
            profiles.mapping["column"], profiles.mapping["field"], strict=True
        ):
            if field in fields:
                called.setdefault(label_key(header), field)
    return called | {label_key(name): name for name in fields}


def pairs_of(texts: Sequence[str], mentees: Profiles, mentors: Profiles) -> list[tuple[str, str]]:
    """Return the pairs of texts such as ``MENTEE:MENTOR``; ids may hold colons themselves."""
    return [_pair(text, mentees, mentors) for text in texts]


def _pair(text: str, mentees: Profiles, mentors: Profiles) -> tuple[str, str]:
    pieces = text.split(":")
    splits = [
        (":".join(pieces[:k]).strip(), ":".join(pieces[k:]).strip()) for k in range(1, len(pieces))
    ]
    known = [s for s in splits if mentees.find(s[0]) >= 0 and mentors.find(s[1]) >= 0]
    return (known or splits)[0]
