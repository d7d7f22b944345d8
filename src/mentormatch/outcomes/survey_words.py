"""What a survey says of itself in words: doubts first, then who answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from mentormatch.outcomes.directions import against_one_another, joined, turned_items
from mentormatch.outcomes.scales import Scale
from mentormatch.outcomes.surveys import Survey, values

__all__ = ["counts", "directions", "doubts"]

LEAST_ALPHA, MOST_AT_TOP, LEAST_ANSWERING = 0.6, 0.4, 0.5
"""Beyond which the text begins with a warning."""
FEWEST = 5
"""People below whom nothing is said of a scale's top."""


def _of(wave: str, role: str, survey: Survey) -> str:
    """Return what a wave is called in a sentence; whose it is where both roles answered."""
    both = len({found for _, found in survey.asked_of()}) > 1
    return f"{wave!r} ({role}s)" if both else repr(wave)


def directions(survey: Survey) -> Iterator[str]:
    """Say what seems to be reversed: items against their scale, a scale in one of two waves."""
    for scale in survey.scales:
        for wave, role in survey.asked_of():
            wide = survey.items_of(scale.name, wave, role)
            if turned := turned_items(wide.to_numpy(copy=True)):
                names = [str(wide.columns[k]) for k in turned]
                yield (
                    f"In {_of(wave, role, survey)} {joined(names)} "
                    f"{'goes' if len(names) == 1 else 'go'} against the other items of the scale "
                    f"{scale.name!r}: reversed? Name it in reverse= if so."
                )
        yield from _turned_waves(survey, scale)


def _turned_waves(survey: Survey, scale: Scale) -> Iterator[str]:
    """Say in which waves people who were high elsewhere are low."""
    for role in ("mentee", "mentor"):
        waves = [w for w, r in survey.asked_of() if r == role and w not in survey.anonymous]
        found = {w: values(survey, scale.name, w, role) for w in waves}
        for place, one in enumerate(waves):
            for other in waves[place + 1 :]:
                both = found[one].index.intersection(found[other].index)
                first, second = (np.asarray(found[w].loc[both], np.float64) for w in (one, other))
                r = against_one_another(first, second)
                if r is not None:
                    yield (
                        f"The scale {scale.name!r} seems to be reversed in one of {one!r} and "
                        f"{other!r}: those {role}s who were high in one are low in the other "
                        f"(correlation {r:.2f}, {len(both)} people)."
                    )


def doubts(survey: Survey) -> Iterator[str]:
    """Say what anybody who reads a figure from the survey has to know first."""
    yield from survey.directions
    for row in _records(survey.reliability):
        where = f"in {_of(row['wave'], row['role'], survey)}"
        if not pd.isna(row["alpha"]) and row["alpha"] < LEAST_ALPHA:
            yield (
                f"The items of {row['scale']!r} hardly measure one thing {where}: alpha "
                f"{row['alpha']:.2f}, below {LEAST_ALPHA:g}."
            )
        if (
            row["n"] >= FEWEST
            and row["top"] > MOST_AT_TOP
            and not survey.scale(row["scale"]).is_indicator
        ):
            yield (
                f"{row['top']:.0%} of the people are at the top of {row['scale']!r} {where}: it "
                "cannot show that they improve."
            )
    for row in _records(survey.response):
        if not pd.isna(row["share"]) and row["share"] < LEAST_ANSWERING:
            yield (
                f"Only {row['answered']} of {row['asked']} {row['role']}s answered "
                f"{row['wave']!r} ({row['share']:.0%}); those who did not may differ from them."
            )
    for wave in survey.retrospective:
        yield f"{wave!r} was asked afterwards; starts that are remembered make a change larger."
    for role in ("mentee", "mentor"):
        linked = survey.linked(role)
        if len(linked) > 1 and all(linked) and not set.intersection(*linked):
            yield f"No {role} answered every wave under one id: are people named alike in each?"


def counts(survey: Survey) -> Iterator[str]:
    """Say who answered each wave, and how many all of them."""
    for row in _records(survey.response):
        wave, answered, asked = row["wave"], row["answered"], row["asked"]
        many = f"{answered}" if pd.isna(asked) else f"{answered} of {asked}"
        share = "" if pd.isna(row["share"]) else f" ({row['share']:.0%})"
        noun = row["role"] if many == "1" else f"{row['role']}s"
        named = ", anonymously" if wave in survey.anonymous else ""
        yield f"{many} {noun} answered {wave!r}{share}{named}."
    for role in ("mentee", "mentor"):
        linked = survey.linked(role)
        if len(linked) > 1:
            number = len(set.intersection(*linked))
            noun = role if number == 1 else f"{role}s"
            yield f"{number} {noun} answered {'both' if len(linked) == 2 else 'all of them'}."


def _records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")
