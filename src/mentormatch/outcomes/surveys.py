"""Surveys: who answered what in which wave, how many, how reliably."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.doors import upstairs
from mentormatch.errors import ParameterError, counted, did_you_mean
from mentormatch.outcomes.scales import Scale, scored
from mentormatch.values import ByValue

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

__all__ = ["Survey", "survey_of", "values"]

ITEM_COLUMNS = ("person", "role", "wave", "scale", "item", "value", "row")
ANSWER_COLUMNS = ("person", "role", "wave", "scale", "value", "items", "row")
TEXT_COLUMNS = ("person", "role", "wave", "question", "text", "row")
REPAIR_COLUMNS = ("wave", "row", "column", "value", "problem", "action", "code")
WORDING_COLUMNS = ("wave", "role", "scale", "item", "wording", "reversed")


@dataclass(frozen=True, eq=False, repr=False)
class Survey(ByValue):
    """What people answered, by wave; what evaluation and learning are made from.

    Made by `read_survey`; ``before + after`` holds both waves. Answers of mentees and of mentors
    are never averaged.

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
        Waves that were asked afterwards ("how was it before?"): they make a change larger.
    asked : mapping of (wave, role) to (int or None)
        How many people were asked, None where that is not known. A wave alone as key means every
        role that answered in it.
    repairs : DataFrame
        As `Profiles.repairs`, with a first column `wave`.
    texts : DataFrame
        Answers in words: `person`, `role`, `wave`, `question`, `text`, `row`.
    wordings : DataFrame
        How each item was asked: `wave`, `role`, `scale`, `item`, `wording`, `reversed`.
    source : str
        Names of the files.
    """

    answers: pd.DataFrame
    item_answers: pd.DataFrame
    scales: tuple[Scale, ...]
    waves: tuple[str, ...]
    anonymous: tuple[str, ...] = ()
    retrospective: tuple[str, ...] = ()
    asked: Mapping[Any, int | None] = field(default_factory=dict)
    repairs: pd.DataFrame = field(default_factory=lambda: _empty(REPAIR_COLUMNS))
    texts: pd.DataFrame = field(default_factory=lambda: _empty(TEXT_COLUMNS))
    wordings: pd.DataFrame = field(default_factory=lambda: _empty(WORDING_COLUMNS))
    source: str = "data"

    def __post_init__(self) -> None:
        roles = self.asked_of()
        asked: dict[tuple[str, str], int | None] = {}
        for key, number in self.asked.items():
            keys = [(w, r) for w, r in roles if w == key] if isinstance(key, str) else [key]
            asked |= dict.fromkeys(keys, number)
        object.__setattr__(self, "asked", MappingProxyType(asked))

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "asked": dict(self.asked)}  # proxies do not pickle

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "asked": MappingProxyType(state["asked"])})

    def _identity(self) -> tuple[Any, ...]:
        return self.waves, self.scales, len(self.answers)

    def asked_of(self) -> tuple[tuple[str, str], ...]:
        """Return the (wave, role) that there are answers of, in the order of the waves."""
        found = dict.fromkeys(zip(self.item_answers["wave"], self.item_answers["role"],
                                  strict=True))  # fmt: skip
        found |= dict.fromkeys(key for key in self.asked if isinstance(key, tuple))
        return tuple((w, r) for w in self.waves for r in ("mentee", "mentor") if (w, r) in found)

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

    def __add__(self, other: object) -> Survey:
        """Return the survey of both, to compare their waves.

        Raises
        ------
        MentormatchError
            If a scale, its items or their wording differ between the two, or both hold the same
            wave of the same people.
        """
        if not isinstance(other, Survey):
            return NotImplemented
        return upstairs("outcomes.waves", "added")(self, other)  # type: ignore[no-any-return]

    @property
    def response(self) -> pd.DataFrame:
        """How many answered: one row per wave and role.

        `wave`, `role`, `asked`, `answered` (at least one item), `share` of those asked (missing
        where it is not known how many were).
        """
        made: Callable[[Survey], pd.DataFrame] = upstairs("outcomes.figures", "response")
        return self.once("response", lambda: made(self)).copy()

    @property
    def reliability(self) -> pd.DataFrame:
        """How well the items of each scale go together: one row per scale, role and wave.

        `scale`, `role`, `wave`, `items`, `n` (people with a value), `alpha` (Cronbach, of the
        people who answered every item; missing for one item), `top` (share of the people at the
        highest value).
        """
        made: Callable[[Survey], pd.DataFrame] = upstairs("outcomes.figures", "reliability")
        return self.once("reliability", lambda: made(self)).copy()

    @property
    def directions(self) -> tuple[str, ...]:
        """What seems to be reversed, in words: items against their scale, a scale in one wave."""
        found = upstairs("outcomes.survey_words", "directions")
        return self.once("directions", lambda: tuple(found(self)))

    @property
    def doubts(self) -> tuple[str, ...]:
        """What anybody who reads a figure from this survey has to know first, in words."""
        found = upstairs("outcomes.survey_words", "doubts")
        return self.once("doubts", lambda: tuple(found(self)))

    @property
    def text(self) -> str:
        """Doubts first, then who answered what, in words."""
        return " ".join([*self.doubts, *upstairs("outcomes.survey_words", "counts")(self)])

    def plot(self, ax: Any = None) -> Any:
        """Draw how many were asked, answered each wave, and answered all; return the axes.

        Needs matplotlib: ``pip install "mentormatching[plot]"``.
        """
        return upstairs("delivery.survey_plot", "draw")(self, ax)

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """Return all of it as JSON, answers in words too; write it to a path.

        Keep it beside the matching (`Matching.to_json`) for `learn_weights` in later rounds.
        """
        return upstairs("outcomes.saved_survey", "survey_to_json")(self, path)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, source: str | PathLike[str] | bytes) -> Survey:
        """Load what `to_json` wrote, from a path or from the text itself.

        Raises
        ------
        SavedFileError
            If it is cut off, was changed, or is no saved survey.
        """
        return upstairs("outcomes.saved_survey", "survey_from_json")(source)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        people = len(self.item_answers.drop_duplicates(["wave", "role", "row"]))
        doubts = f", {counted(len(self.doubts), 'doubt')}" if self.doubts else ""
        return (
            f"<Survey: {', '.join(self.waves)}, {counted(len(self.scales), 'scale')}, "
            f"{counted(people, 'answer sheet')}{doubts}>"
        )

    def _repr_html_(self) -> str:
        tables = "".join(
            frame.to_html(escape=True, index=False, na_rep="", float_format=lambda v: f"{v:.2f}")
            for frame in (self.response, self.reliability)
        )
        return f"<p>{html.escape(repr(self))}</p><p>{html.escape(self.text)}</p>{tables}"

    def items_of(self, scale: str, wave: str, role: str) -> pd.DataFrame:
        """Return the items of a scale in columns, one row per answer sheet."""
        frame = self.item_answers
        chosen = frame[
            (frame["scale"] == scale) & (frame["wave"] == wave) & (frame["role"] == role)
        ]
        wide = chosen.pivot(index="row", columns="item", values="value")
        return wide.astype("float64")

    def linked(self, role: str) -> list[set[str]]:
        """Return who answered each wave that is not anonymous, in the order of the waves."""
        frame = self.item_answers[self.item_answers["role"] == role]
        asked = [wave for wave, found in self.asked_of() if found == role]
        return [
            set(frame.loc[frame["wave"] == wave, "person"].dropna())
            for wave in asked
            if wave not in self.anonymous
        ]


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=list(columns), dtype=object).astype(
        {name: "Int64" for name in columns if name == "row"}
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
    frame = (
        frame[list(ITEM_COLUMNS)]
        .astype({"person": object, "value": "Float64", "row": "Int64"})
        .reset_index(drop=True)
    )
    known = frame["person"].notna()
    frame["person"] = pd.Series(
        [one if there else None for one, there in zip(frame["person"], known, strict=True)],
        dtype=object, index=frame.index,
    )  # fmt: skip
    wordings = more.get("wordings")
    parts = [pd.DataFrame(columns=list(ANSWER_COLUMNS))]
    for (wave, role, name), rows in frame.groupby(["wave", "role", "scale"], sort=False):
        wide = rows.pivot(index="row", columns="item", values="value").astype("float64")
        people = rows.drop_duplicates("row").set_index("row")["person"]
        items = wide.to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "person": pd.Series(people.loc[wide.index].to_list(), dtype=object),
                    "role": role,
                    "wave": wave,
                    "scale": name,
                    "value": scored(items, counted=_item_count(str(name), scales, wordings)),
                    "items": (~np.isnan(items)).sum(axis=1),
                    "row": wide.index.to_numpy(),
                }
            ).astype({"person": object})
        )
    answers = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    answers = answers.astype(
        {"person": object, "value": "Float64", "items": "Int64", "row": "Int64"}
    )
    return Survey(answers, frame, tuple(scales), tuple(waves), **more)


def _item_count(name: str, scales: Sequence[Scale], wordings: pd.DataFrame | None) -> int:
    """Return how many items a scale has: those that were asked, else those it names."""
    if wordings is not None and len(wordings):
        return int(wordings.loc[wordings["scale"] == name, "item"].nunique())
    return len(next(scale for scale in scales if scale.name == name).items)


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
