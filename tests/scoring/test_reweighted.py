"""Other weights for the same rosters give what scoring anew with the same levels gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.scoring.reweighted import reweighted


@pytest.mark.parametrize("missing", ["neutral", "drop"])
def test_other_weights_give_what_scoring_anew_gives(missing: str) -> None:
    mentees, mentors = mm.make_cohort(60, 25, seed=4, missing=0.2)
    rosters = mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
    lock = [(rosters[0].ids[0], rosters[1].ids[0])]
    scores = mm.score(*rosters, lock=lock, missing=missing)  # type: ignore[arg-type]
    other = [replace(c, weight=c.weight * (k % 3)) for k, c in enumerate(scores.criteria)]
    found = reweighted(scores, other)
    levels = scores.levels or None
    anew = mm.score(*rosters, other, lock=lock, missing=missing, levels=levels)  # type: ignore[arg-type]
    assert np.array_equal(found.points, anew.points)
    assert np.array_equal(found.locks, anew.locks)
    assert np.array_equal(found.weights, anew.weights)
    assert np.array_equal(found.evidence, anew.evidence)
    assert reweighted(found, scores.criteria) == scores
    with pytest.raises(mm.errors.ParameterError, match="reweighted"):
        reweighted(scores, other[:-1])
