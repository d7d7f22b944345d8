"""Small programmes of several rounds, with invented outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

import mentormatch as mm
from mentormatch.outcomes.scales import Scale
from mentormatch.outcomes.surveys import Survey, survey_of

QUALITY = Scale("quality", items="overall", low=-9, high=9)


def rosters(n: int, m: int, seed: int) -> tuple[mm.Profiles, mm.Profiles]:
    """Read a cohort whose ids are its own."""
    frames = mm.make_cohort(n, m, seed)
    for frame in frames:
        frame["id"] = f"{seed}-" + frame["id"]
        for name in ("preferred", "avoid", "previous"):
            frame[name] = frame[name].str.replace("E", f"{seed}-E", regex=False)
    return mm.read_roster(frames[0], role="mentee"), mm.read_roster(frames[1], role="mentor")


def survey(outcome: Mapping[str, float], wave: str = "after", **more: Any) -> Survey:
    """Return the answers to one question, by person."""
    frame = pd.DataFrame({"person": list(outcome), "value": list(outcome.values())})
    frame = frame.assign(role="mentee", wave=wave, scale="quality")
    return survey_of(frame, scales=[QUALITY], waves=[wave], **more)


def outcomes(
    matchings: Sequence[mm.Matching], seed: int, **how: Any
) -> tuple[dict[str, float], list[mm.SimulatedOutcomes]]:
    """Invent what came of matchings, with the same truth; return the answers by person as well."""
    made: list[mm.SimulatedOutcomes] = []
    for place, matching in enumerate(matchings):
        weights = made[0].weights if made else None
        made.append(mm.make_outcomes(matching, seed + place, **{"weights": weights} | how))
    told = {
        one.scores.mentees.ids[i]: float(one.outcome[i])
        for one in made
        for i in np.flatnonzero(one.answered & ~np.isnan(one.outcome)).tolist()
    }
    return told, made
