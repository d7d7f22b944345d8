"""Figures of a survey: how many answered, how well the items of a scale go together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mentormatch.outcomes.scales import alpha, scored
from mentormatch.outcomes.surveys import Survey

__all__ = ["reliability", "response"]


def response(survey: Survey) -> pd.DataFrame:
    sheets = survey.item_answers.drop_duplicates(["wave", "role", "row"])
    counts = sheets.groupby(["wave", "role"]).size().to_dict()
    rows = [
        (wave, role, survey.asked.get((wave, role)), int(counts.get((wave, role), 0)))
        for wave, role in survey.asked_of()
    ]
    frame = pd.DataFrame(rows, columns=["wave", "role", "asked", "answered"]).astype(
        {"asked": "Int64", "answered": "Int64"}
    )
    shares = [answered / asked if asked else None for _, _, asked, answered in rows]
    return frame.assign(share=pd.array(shares, dtype="Float64"))


def reliability(survey: Survey) -> pd.DataFrame:
    rows = []
    for scale in survey.scales:
        for wave, role in survey.asked_of():
            wide = survey.items_of(scale.name, wave, role)
            found = scored(wide.to_numpy(), counted=wide.shape[1])
            found = found[~np.isnan(found)]
            if not len(found):
                continue
            top = float((found >= scale.high - 1e-9).mean())
            rows.append((scale.name, role, wave, wide.shape[1], len(found),
                         alpha(wide.to_numpy()), top))  # fmt: skip
    columns = ["scale", "role", "wave", "items", "n", "alpha", "top"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"items": "Int64", "n": "Int64", "alpha": "Float64", "top": "Float64"}
    )
