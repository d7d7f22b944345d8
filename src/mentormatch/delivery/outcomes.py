"""What came of a matching, as its workbook and its report show it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mentormatch.errors import check_parameter
from mentormatch.insight.audience import Audience
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.evaluation import Evaluation

__all__ = ["OUTCOMES", "for_reader", "outcomes_table"]

OUTCOMES = "Outcomes"
_HEADERS = {
    "scale": "Scale", "figure": "Figure", "attribute": "Attribute", "group": "Group",
    "asked": "Asked", "answered": "Answered", "mentors": "Mentors", "value": "Value",
    "low": "From", "high": "To", "confidence": "Confidence", "note": "Note",
}  # fmt: skip
ROUNDED = ("value", "low", "high")


def for_reader(
    evaluation: Any, matching: Matching, audience: Audience, owner: str
) -> Evaluation | None:
    """Return the evaluation as an audience may read it, None where there is none.

    Raises
    ------
    ParameterError
        If it is no evaluation, or one of another matching.
    """
    if evaluation is None:
        return None
    check_parameter(
        isinstance(evaluation, Evaluation), "evaluation", owner, "what evaluate returns",
        type(evaluation).__name__,
    )  # fmt: skip
    same = isinstance(evaluation.matching, Matching) and evaluation.matching == matching
    check_parameter(same, "evaluation", owner, "one of this matching", evaluation.matching)
    shown: Evaluation = evaluation.for_reader(audience)
    return shown


def outcomes_table(evaluation: Evaluation) -> pd.DataFrame:
    """Return every figure of an evaluation with its counts and ends, under words."""
    frame = evaluation.to_frame()
    for name in ROUNDED:
        frame[name] = frame[name].round(3)
    if not len(evaluation.groups):
        frame = frame.drop(columns=["attribute", "group"])
    kept = [name for name in _HEADERS if name in frame]
    return frame[kept].rename(columns=_HEADERS)
