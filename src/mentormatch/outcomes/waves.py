"""Two surveys as one: what must agree between their waves, and who answered both."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pandas as pd

from mentormatch.errors import MentormatchError, QuestionsWarning, listed
from mentormatch.outcomes.directions import joined
from mentormatch.outcomes.scales import item_key
from mentormatch.outcomes.surveys import Survey
from mentormatch.rosters.vocabulary import fold_header
from mentormatch.values import same

__all__ = ["added"]


def added(one: Survey, other: Survey) -> Survey:
    """Return the survey of both, or say all that keeps them from being compared."""
    twice = set(one.asked_of()) & set(other.asked_of())
    if twice:
        named = listed(f"{wave!r} of {role}s" for wave, role in sorted(twice))
        raise MentormatchError(
            f"Both surveys hold the wave {named}. Read the files of one wave together, as a list; "
            "another wave needs another name."
        )
    wrong = [*_scale_differences(one, other), *_item_differences(one, other)]
    if wrong:
        raise MentormatchError(
            "These surveys cannot be compared: " + "; ".join(wrong) + ". Ask the same items on "
            "the same scale; where only the header differs, name it with "
            "read_survey(..., columns={wording: 'header in the file'})."
        )

    def both(name: str) -> pd.DataFrame:
        frames: list[pd.DataFrame] = [getattr(one, name), getattr(other, name)]
        held = [frame for frame in frames if len(frame)]
        return pd.concat(held, ignore_index=True) if held else frames[0].copy()

    def tuples(name: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys((*getattr(one, name), *getattr(other, name))))

    made = Survey(
        answers=both("answers"), item_answers=both("item_answers"), scales=tuples("scales"),
        waves=tuples("waves"), anonymous=tuples("anonymous"),
        retrospective=tuples("retrospective"), asked={**one.asked, **other.asked},
        repairs=both("repairs"), texts=both("texts"), wordings=both("wordings"),
        source=", ".join(dict.fromkeys((one.source, other.source))),
    )  # fmt: skip
    for sentence in dict.fromkeys(made.directions):
        if sentence not in (*one.directions, *other.directions):
            warnings.warn(sentence, QuestionsWarning, stacklevel=3)
    return made


def _scale_differences(one: Survey, other: Survey) -> Iterator[str]:
    theirs = {scale.name: scale for scale in other.scales}
    for scale in one.scales:
        if (them := theirs.get(scale.name)) is None or scale == them:
            continue
        for name in ("items", "low", "high", "reverse", "labels"):
            ours, others = getattr(scale, name), getattr(them, name)
            if not same(ours, others):
                yield f"the scale {scale.name!r} has {name} {_shown(ours)} and {_shown(others)}"


def _shown(value: Any) -> str:
    return joined(value) if isinstance(value, tuple) else str(value)


def _item_differences(one: Survey, other: Survey) -> Iterator[str]:
    """Say which items are asked by one alone, or in other words, of each role."""
    for scale in one.scales:
        for role in ("mentee", "mentor"):
            ours, theirs = (_wordings(survey, scale.name, role) for survey in (one, other))
            if not ours or not theirs:
                continue
            for survey, here, there in ((one, ours, theirs), (other, theirs, ours)):
                for key in here.keys() - there.keys():
                    yield (
                        f"only {_listed_waves(survey)} asks {here[key][0]!r} of the scale "
                        f"{scale.name!r}"
                    )
            for key in ours.keys() & theirs.keys():
                first, second = ours[key][1], theirs[key][1]
                if first and second and _folded(first) != _folded(second):
                    yield (
                        f"an item of the scale {scale.name!r} is worded {first!r} in "
                        f"{_listed_waves(one)} and {second!r} in {_listed_waves(other)}"
                    )


def _folded(wording: str) -> str:
    return fold_header(item_key(wording))


def _listed_waves(survey: Survey) -> str:
    return " and ".join(map(repr, survey.waves))


def _wordings(survey: Survey, scale: str, role: str) -> dict[str, tuple[str, str]]:
    """Return (item, wording) by the item's key; without wordings, the items answered."""
    frame = survey.wordings
    asked = frame[(frame["scale"] == scale) & (frame["role"] == role)]
    if len(asked):
        pairs = zip(asked["item"], asked["wording"], strict=True)
        return {item_key(item): (item, wording) for item, wording in pairs}
    frame = survey.item_answers
    found = frame.loc[(frame["scale"] == scale) & (frame["role"] == role), "item"].unique()
    return {item_key(item): (item, "") for item in found}
