"""Tables as JSON's objects, one per row, for other programs to read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["records", "rounded"]


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with numbers to the millionth, which is all that scores are made of."""
    rounded = frame.copy()
    for name in frame.select_dtypes("float").columns:
        rounded[name] = frame[name].astype(float).round(6)  # float32 dust goes with the cast
    return rounded


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    columns = [[json_value(v) for v in frame.iloc[:, p].tolist()] for p in range(len(names))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def json_value(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
