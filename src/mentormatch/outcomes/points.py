"""From the answers to a scale's items to points: numbers, words with numbers, words alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mentormatch.outcomes.scales import Scale, item_key
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.vocabulary import fold_header, is_one_of, yes_or_no

__all__ = ["Point", "points_of"]

Level = str
LEVELS: dict[Level, int] = {
    "strongly_disagree": -1, "disagree": -1, "somewhat_disagree": -1, "neutral": 0,
    "somewhat_agree": 1, "agree": 1, "strongly_agree": 1,
    "never": -1, "rarely": -1, "sometimes": 0, "often": 1, "always": 1,
    "very_dissatisfied": -1, "dissatisfied": -1, "satisfied": 1, "very_satisfied": 1,
    "very_poor": -1, "poor": -1, "fair": 0, "good": 1, "very_good": 1, "excellent": 1,
}  # fmt: skip
"""Words of answers that the vocabulary knows: low (-1), middle or high (1)."""
WORDED: tuple[tuple[str, ...], ...] = tuple(
    tuple(words.split()) for words in (
        "disagree agree",
        "disagree neutral agree",
        "strongly_disagree disagree agree strongly_agree",
        "strongly_disagree somewhat_disagree somewhat_agree strongly_agree",
        "strongly_disagree disagree neutral agree strongly_agree",
        "strongly_disagree somewhat_disagree neutral somewhat_agree strongly_agree",
        "strongly_disagree disagree somewhat_disagree somewhat_agree agree strongly_agree",
        "strongly_disagree disagree somewhat_disagree neutral somewhat_agree agree strongly_agree",
        "never rarely sometimes often always",
        "very_dissatisfied dissatisfied satisfied very_satisfied",
        "very_dissatisfied dissatisfied neutral satisfied very_satisfied",
        "very_poor poor good very_good",
        "very_poor poor fair good very_good",
        "poor fair good very_good excellent",
        "poor fair good excellent",
    )
)  # fmt: skip
"""Usual scales in words, lowest first."""
RARER: tuple[tuple[str, ...], ...] = tuple(
    tuple(words.split()) for words in (
        "disagree somewhat_disagree somewhat_agree agree",
        "disagree somewhat_disagree neutral somewhat_agree agree",
    )
)  # fmt: skip
"""Scales that are thought of where no usual one has all the words."""

_NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
_PLAIN = re.compile(rf"({_NUMBER})\s*(%?)")
_OUT_OF = re.compile(rf"({_NUMBER})\s*(?:/|of|out of|von|sur|de|di|van|z)\s*(\d+)")
_LEADS = re.compile(rf"[(\[]?({_NUMBER})(?:[)\]]?\s*[-–—:.=)]\s*|[)\]]?\s+)(?=[^\d\s])(.+)")
_TRAILS = re.compile(r"([^\d]*[^\d\s])\s*[(\[=:–—-]\s*(\d+)\s*[)\]]?")
_STARS = re.compile("([★⭐]+)[☆\ufe0f]*")


@dataclass(frozen=True)
class Point:
    """What one text means on a scale: its points, NaN where it is no answer, and what is odd."""

    value: float
    finding: Finding | None = None


def points_of(texts: Sequence[str], scale: Scale) -> dict[str, Point]:
    """Return what every distinct answer to a scale's items means, before reversing.

    Which usual scale the words are from is decided from all of them together; words that fit none,
    or several that disagree, are findings that stop the reading.

    Examples
    --------
    >>> found = points_of(["4. Agree", "Strongly agree", "2"], Scale("c", items="I can"))
    >>> [found[text].value for text in ("4. Agree", "Strongly agree", "2")]
    [4.0, 5.0, 2.0]
    """
    given = _given(scale)
    numbered: dict[str, tuple[float, str]] = {}
    worded: dict[str, tuple[Level, ...]] = {}
    points: dict[str, Point] = {}
    for text in texts:
        if (place := given.get(label_key(text))) is not None or (
            place := given.get(item_key(text))
        ) is not None:
            points[text] = Point(place)
        elif (number := _numbered(text, scale)) is not None:
            numbered[text] = number
        elif scale.is_indicator and (said := yes_or_no(text)) is not None:
            points[text] = Point(float(said))
        elif _no_answer(text):
            points[text] = Point(float("nan"), Finding("no_answer", "says that it is no answer",
                                                       "read as not answered"))  # fmt: skip
        else:
            worded[text] = _levels(text)
    places = _placed([levels for levels in worded.values() if levels], scale)
    for text, levels in worded.items():
        points[text] = _word_point(levels, places, scale)
    for text, (value, words) in numbered.items():
        points[text] = _number_point(value, words, scale)
    return points


def _given(scale: Scale) -> Mapping[str, float]:
    """Return the points of the words that the scale names, under each spelling."""
    if scale.labels is None:
        return {}
    steps = np.linspace(scale.low, scale.high, len(scale.labels)).tolist()
    whole = {label_key(word): step for word, step in zip(scale.labels, steps, strict=True)}
    bare = {item_key(word): step for word, step in zip(scale.labels, steps, strict=True)}
    return {**bare, **whole}


def _numbered(text: str, scale: Scale) -> tuple[float, str] | None:
    """Return the number that an answer is or carries, and its words."""
    tidy = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    if (plain := _PLAIN.fullmatch(tidy)) is not None:
        value = _float(plain[1])
        return (value / 100 if plain[2] and scale.high == 1 else value), ""
    if (part := _OUT_OF.fullmatch(tidy.casefold())) is not None:
        whole = float(part[2])
        return (_float(part[1]) if whole == scale.high else float("nan")), tidy
    if (stars := _STARS.fullmatch(tidy)) is not None:
        return float(len(stars[1])), ""
    if (led := _LEADS.fullmatch(tidy)) is not None:
        return _float(led[1]), led[2]
    if (trailed := _TRAILS.fullmatch(tidy)) is not None:
        return _float(trailed[2]), trailed[1]
    return None


def _float(digits: str) -> float:
    return float(digits.replace(",", "."))


def _no_answer(text: str) -> bool:
    word = fold_header(text)
    return is_one_of("likert", "no_answer")(word) or is_one_of("answers", "unsure")(word)


def _levels(text: str) -> tuple[Level, ...]:
    word = fold_header(text)
    return tuple(level for level in LEVELS if is_one_of("likert", level)(word))


def _placed(found: Sequence[tuple[Level, ...]], scale: Scale) -> list[dict[Level, int]]:
    """Return the usual scales that have all of these words, level -> place."""
    for scales in (WORDED, RARER):
        fitting = []
        for words in scales:
            places = {level: k for k, level in enumerate(words)}
            seats = [{places[level] for level in levels if level in places} for levels in found]
            if len(words) == scale.high - scale.low + 1 and all(len(seat) == 1 for seat in seats):
                fitting.append(places)
        if fitting:
            break
    return fitting


def _word_point(
    levels: tuple[Level, ...], places: Sequence[Mapping[Level, int]], scale: Scale
) -> Point:
    settle = f"write its number, or give Scale({scale.name!r}, ..., labels=[lowest, ..., highest])"
    here = {next(p[level] for level in levels if level in p) for p in places if levels}
    if len(here) == 1:
        return Point(scale.low + here.pop())
    if len(here) > 1:
        return Point(float("nan"), Finding(
            "scale_words", f"stands at different places of usual scales {_range(scale)}", settle,
            fatal=True,
        ))  # fmt: skip
    return Point(
        float("nan"), Finding("scale_words", f"is not on the scale {_range(scale)}", settle,
                              fatal=True),
    )  # fmt: skip


def _number_point(value: float, words: str, scale: Scale) -> Point:
    if not scale.low <= value <= scale.high:
        return Point(float("nan"), Finding(
            "out_of_range", f"is not on the scale {_range(scale)}",
            f"correct it, or give Scale({scale.name!r}, ...) its low= and high=", fatal=True,
        ))  # fmt: skip
    leans = {LEVELS[level] for level in _levels(words)} if words else set()
    middle = (scale.low + scale.high) / 2
    if leans in ({1}, {-1}) and (value - middle) * leans.pop() < 0:
        return Point(float("nan"), Finding(
            "number_against_words", f"the number and the words point opposite ways {_range(scale)}",
            f"give Scale({scale.name!r}, ..., labels=[lowest, ..., highest]) with these words",
            fatal=True,
        ))  # fmt: skip
    whole = value == int(value) or scale.low != int(scale.low) or scale.high <= 1
    if whole:
        return Point(value)
    return Point(value, Finding("between", "lies between two answers", "kept"))


def _range(scale: Scale) -> str:
    return f"from {scale.low:g} to {scale.high:g}"
