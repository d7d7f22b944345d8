"""Small programmes and their surveys, drawn for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

import mentormatch as mm
from mentormatch.outcomes.scales import Scale
from mentormatch.outcomes.surveys import Survey, survey_of

CONFIDENCE = Scale("confidence", items="I feel able")


def matched(
    n: int = 60, m: int = 20, seats: int = 2, seed: int = 0, **columns: Sequence[Any]
) -> mm.Matching:
    """Return a matching of n mentees p0, p1, ... by drawn scores, with columns of theirs."""
    rng = np.random.default_rng(seed)
    mentees = pd.DataFrame({"id": [f"p{i}" for i in range(n)], **columns})
    scores = mm.Scores.from_matrix(rng.random((n, m)), capacity=np.full(m, seats), mentees=mentees)
    return mm.solve(mm.Problem(scores, [mm.MaximizeMatched(), mm.MaximizeTotal()]))


def answered(
    people: Sequence[str | None],
    *waves: Sequence[float],
    names: Sequence[str] = ("before", "after"),
    scale: Scale = CONFIDENCE,
    role: str = "mentee",
    **more: Any,
) -> Survey:
    """Return a survey of one item: who answered what in each wave, NaN for no answer."""
    frames = [
        pd.DataFrame(
            {"person": people, "role": role, "wave": name, "scale": scale.name, "value": wave,
             "row": np.arange(2, len(people) + 2)}
        ).dropna(subset=["value"])
        for name, wave in zip(names, waves, strict=False)
    ]  # fmt: skip
    return survey_of(
        pd.concat(frames, ignore_index=True), scales=[scale], waves=names[: len(waves)], **more
    )


def drawn(
    matching: mm.Matching,
    rng: np.random.Generator,
    *,
    gain: float = 0.4,
    icc: float = 0.1,
    answer: float = 0.7,
) -> tuple[np.ndarray, np.ndarray]:
    """Return answers before and after of every mentee, NaN where there is none."""
    n, m = len(matching.assignment), len(matching.problem.scores.mentors)
    seat = matching.assignment >= 0
    before = rng.normal(3, 0.7, n)
    after = before + rng.normal(0, 0.6 * np.sqrt(1 - icc), n)
    after += np.where(seat, gain + rng.normal(0, 0.6 * np.sqrt(icc), m)[matching.assignment], 0)
    waves = (np.clip(np.round(wave * 4) / 4, 1, 5) for wave in (before, after))
    first, last = (np.where(rng.random(n) < answer, wave, np.nan) for wave in waves)
    return first, last
