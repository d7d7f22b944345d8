"""A mentee who wants no mentor gets none, whatever the others want."""

from __future__ import annotations

import numpy as np
import pytest

import mentormatch as mm


@pytest.mark.parametrize("others", [1, 2])
def test_a_demand_of_zero_is_kept(others: int) -> None:
    scores = mm.Scores.from_matrix(np.full((3, 2), 0.5), capacity=[3, 3])
    wanted = {"mentee 1": 0, "mentee 2": others, "mentee 3": others}
    matching = mm.solve(mm.Problem(scores, constraints=[mm.Demand(wanted)]))
    assert np.bincount(matching.pairs[0], minlength=3).tolist() == [0, others, others]
    assert matching.gap == 0
