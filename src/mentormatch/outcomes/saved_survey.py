"""Surveys as JSON, for evaluating and learning in later rounds, and read again."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from mentormatch.errors import MentormatchError, SavedFileError
from mentormatch.outcomes.scales import Scale
from mentormatch.outcomes.surveys import (
    ITEM_COLUMNS,
    REPAIR_COLUMNS,
    TEXT_COLUMNS,
    WORDING_COLUMNS,
    Survey,
    survey_of,
)
from mentormatch.writing import write_file

__all__ = ["survey_from_json", "survey_to_json"]

FORMAT = 1
"""Version of the saved form."""
FRAMES = {
    "item_answers": ITEM_COLUMNS, "texts": TEXT_COLUMNS, "wordings": WORDING_COLUMNS,
    "repairs": REPAIR_COLUMNS,
}  # fmt: skip
NUMBERS = {"row": "Int64", "value": "Float64", "reversed": "bool"}


def survey_to_json(survey: Survey, path: str | PathLike[str] | None = None) -> str:
    """Return a survey as JSON; write it to a path."""
    saved = {
        "survey": FORMAT,
        "source": survey.source,
        "scales": [
            {"name": s.name, "items": s.items, "low": s.low, "high": s.high, "reverse": s.reverse,
             "labels": s.labels}
            for s in survey.scales
        ],
        "waves": survey.waves,
        "anonymous": survey.anonymous,
        "retrospective": survey.retrospective,
        "asked": [[wave, role, number] for (wave, role), number in survey.asked.items()],
        **{
            name: {column: _plain(getattr(survey, name)[column]) for column in columns}
            for name, columns in FRAMES.items()
        },
    }  # fmt: skip
    text = json.dumps(saved, ensure_ascii=True, allow_nan=False)
    if path is not None:
        write_file(path, text)
    return text


def _plain(column: pd.Series[Any]) -> list[Any]:
    return [None if gone else value for gone, value in zip(column.isna(), column.tolist(),
                                                           strict=True)]  # fmt: skip


def survey_from_json(source: str | PathLike[str] | bytes) -> Survey:
    """Load what `survey_to_json` wrote, from a path or from the text itself.

    Raises
    ------
    SavedFileError
        If it is cut off, was changed, or is no saved survey.
    """
    told = isinstance(source, bytes) or (isinstance(source, str) and source.lstrip()[:1] == "{")
    text = source if told else Path(source).read_bytes()  # type: ignore[arg-type]
    try:
        saved = json.loads(text)  # type: ignore[arg-type]
        if saved["survey"] != FORMAT:
            raise SavedFileError("This survey was saved by another version of the format.")
        frames = {name: _frame(saved[name], columns) for name, columns in FRAMES.items()}
        scales = tuple(Scale(**{**one, "name": one["name"]}) for one in saved["scales"])
        items = frames.pop("item_answers")
        unknown = set(items["scale"]) - {scale.name for scale in scales}
        strange = set(items["wave"]) - set(saved["waves"])
        strange |= {wave for wave, _, _ in saved["asked"]} - set(saved["waves"])
        if unknown or strange or not set(items["role"]) <= {"mentee", "mentor"}:
            raise SavedFileError("The saved survey has answers of no scale, wave or role of it.")
        return survey_of(
            items, scales=scales, waves=tuple(saved["waves"]),
            anonymous=tuple(saved["anonymous"]), retrospective=tuple(saved["retrospective"]),
            asked={(wave, role): number for wave, role, number in saved["asked"]},
            source=str(saved["source"]), **frames,
        )  # fmt: skip
    except SavedFileError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, MentormatchError) as error:
        raise SavedFileError(f"This is no saved survey, or it was changed: {error}.") from error


def _frame(saved: dict[str, list[Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    if list(saved) != list(columns) or len({len(cells) for cells in saved.values()}) != 1:
        raise SavedFileError(f"The saved survey has other columns than {', '.join(columns)}.")
    frame = pd.DataFrame({name: pd.Series(saved[name], dtype=object) for name in columns})
    kinds = {
        name: kind for name, kind in NUMBERS.items()
        if name in columns and not (name == "value" and "problem" in columns)
    }  # fmt: skip
    return frame.astype(kinds)
