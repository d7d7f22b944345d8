"""Minimum loads that only pairs outside the short lists of candidates can meet."""

from __future__ import annotations

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.solvers.assignment import assign


@pytest.mark.parametrize("seed", range(8))
def test_loads_of_another_assignment_can_be_demanded(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 300, 100
    points = rng.integers(0, 2, (n, m)).astype(np.int32)
    points[rng.random((n, m)) < rng.choice([0.2, 0.5, 0.7])] = -1
    capacity = rng.integers(1, 8, m)
    options = {"row_bonus": np.full(n, 1000)}
    other = assign(
        rng.integers(0, 1000, (n, m)) * (points >= 0) - (points < 0), capacity, **options
    )
    least = np.bincount(other.mentor_of[other.mentor_of >= 0], minlength=m)
    large = assign(points, capacity, min_load=least, route="dense", **options)
    small = assign(points, capacity, min_load=least, route="small", **options)
    assert large.status == small.status == "optimal"
    assert (np.bincount(large.mentor_of[large.mentor_of >= 0], minlength=m) >= least).all()
    assert large.objective == small.objective == large.bound
    np.testing.assert_array_equal(large.mentor_of, small.mentor_of)
    np.testing.assert_array_equal(large.mentor_price, small.mentor_price)


def test_a_face_whose_loads_no_listed_pair_can_meet() -> None:
    """Leximin's levels leave few admissible pairs and seats that must stay taken.

    The tie stage of one level found no way on its lists here, and gave up too early.
    """
    frames = mm.make_cohort(500, 150, seed=0, seats=1.05)
    scores = mm.score(
        mm.read_roster(frames[0], role="mentee"), mm.read_roster(frames[1], role="mentor")
    )
    matching = mm.solve(mm.Problem(scores, objectives=[mm.MaximizeMatched(), mm.Leximin()]))
    assert len(matching.pairs[0]) == 500
    assert matching.gap == 0
