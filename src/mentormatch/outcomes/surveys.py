"""Surveys: who answered what in which wave, how many, how reliably."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.errors import ParameterError, did_you_mean
from mentormatch.outcomes.scales import Scale, scored
from mentormatch.values import ByValue

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Survey", "survey_of", "values"]

ITEM_COLUMNS = ("person", "role", "wave", "scale", "item", "value", "row")
ANSWER_COLUMNS = ("person", "role", "wave", "scale", "value", "items", "row")


@dataclass(frozen=True, eq=False, repr=False)
class Survey(ByValue):
    """What people answered, by wave: data for `evaluate` and `learn_weights`.

    Made by `read_survey`; ``before + after`` are both waves.

    Attributes
    ----------
    answers : DataFrame
        One row per person, wave and scale: `person` (id, missing where anonymous), `role`
        ("mentee" or "mentor"), `wave`, `scale`, `value` (Float64, points of the scale, missing
        where fewer than half of the items are answered), `items` (Int64, how many were), `row`
        (Int64, of the file: tells anonymous answers apart).
    item_answers : DataFrame
        `person`, `role`, `wave`, `scale`, `item`, `value` (Float64, after reversing), `row`; one
        row per item answered.
    scales : tuple of Scale
    waves : tuple of str
        In the order in which they were given.
    anonymous : tuple of str
        Waves in which nobody can be told: they give means, never a change.
    retrospective : tuple of str
        Waves that were asked afterwards ("how was it before?"): they inflate a change.
    asked : mapping of (wave, role) to (int or None)
        How many people were asked, None where that is not known. A wave alone as key means every
        role that answered in it.
    repairs : DataFrame
        As `Profiles.repairs`, with a first column `wave`.
    texts : DataFrame
        Answers in words: `person`, `role`, `wave`, `question`, `text`, `row`.
    """

    answers: pd.DataFrame
    item_answers: pd.DataFrame
    scales: tuple[Scale, ...]
    waves: tuple[str, ...]
    anonymous: tuple[str, ...] = ()
    retrospective: tuple[str, ...] = ()
    asked: Mapping[Any, int | None] = field(default_factory=dict)
    repairs: pd.DataFrame | None = None
    texts: pd.DataFrame | None = None

    def _identity(self) -> tuple[Any, ...]:
        return self.waves, self.scales, len(self.answers)

    def scale(self, name: str) -> Scale:
        """Return a scale by its name.

        Raises
        ------
        ParameterError
            If the survey has no such scale.
        """
        for one in self.scales:
            if one.name == name:
                return one
        raise ParameterError(
            f"The survey has no scale {name!r}. {did_you_mean(name, [s.name for s in self.scales])}"
        )


def survey_of(
    item_answers: pd.DataFrame, *, scales: Sequence[Scale], waves: Sequence[str], **more: Any
) -> Survey:
    """Return the survey of these answers to items, each person's scales worked out.

    Parameters
    ----------
    item_answers
        As `Survey.item_answers`; without `item`, a scale has one; without `row`, the rows of each
        wave and role are numbered by person.
    scales, waves, more
        As in `Survey`.
    """
    import pandas as pd

    frame = item_answers.copy()
    if "item" not in frame:
        frame["item"] = frame["scale"].map({scale.name: scale.items[0] for scale in scales})
    if "row" not in frame:
        frame["row"] = frame.groupby(["wave", "role"])["person"].transform(
            lambda people: pd.factorize(people)[0] + 2
        )
    frame = frame[list(ITEM_COLUMNS)].astype({"person": object, "value": "Float64", "row": "Int64"})
    parts = [pd.DataFrame(columns=list(ANSWER_COLUMNS))]
    for (wave, role, name), rows in frame.groupby(["wave", "role", "scale"], sort=False):
        wide = rows.pivot(index="row", columns="item", values="value").astype("float64")
        people = rows.drop_duplicates("row").set_index("row")["person"]
        found = next(scale for scale in scales if scale.name == name)
        items = wide.to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "person": people.loc[wide.index].to_list(),
                    "role": role,
                    "wave": wave,
                    "scale": name,
                    "value": scored(items, counted=max(len(found.items), items.shape[1])),
                    "items": (~np.isnan(items)).sum(axis=1),
                    "row": wide.index.to_numpy(),
                }
            )
        )
    answers = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    answers = answers.astype(
        {"person": object, "value": "Float64", "items": "Int64", "row": "Int64"}
    )
    return Survey(answers, frame, tuple(scales), tuple(waves), **more)


def values(survey: Survey, scale: str, wave: str, role: str = "mentee") -> pd.Series[float]:
    """Return float64 values of one scale in one wave, indexed by person id.

    People without a value are left out; of an anonymous wave all are there, under no id (None).

    Raises
    ------
    ParameterError
        If the survey has no such scale or wave.
    """
    survey.scale(scale)
    if wave not in survey.waves:
        raise ParameterError(f"The survey has no wave {wave!r}. {did_you_mean(wave, survey.waves)}")
    frame = survey.answers
    chosen = frame[
        (frame["scale"] == scale) & (frame["wave"] == wave) & (frame["role"] == role)
    ].dropna(subset=["value"])
    if wave not in survey.anonymous:
        chosen = chosen.dropna(subset=["person"])
    found: pd.Series[float] = chosen.set_index("person")["value"].astype("float64").rename(scale)
    return found
