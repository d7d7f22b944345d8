"""A season against hindsight, by brute force; a simulated one that misses nobody."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from benchmarks.forms_intake import season, simulate

import mentormatch as mm


def small(seed: int, n: int = 4, m: int = 3):
    rng = np.random.default_rng(seed)
    scores = mm.Scores.from_matrix(
        rng.random((n, m)).round(2), admissible=rng.random((n, m)) < 0.8,
        capacity=rng.integers(0, 3, m),
    )  # fmt: skip
    arrives = rng.integers(0, 5, n + m)
    frame = pd.DataFrame({
        "person": [*scores.mentees.ids, *scores.mentors.ids], "arrives": arrives,
        "leaves": arrives + rng.integers(0, 4, n + m).astype(float),
        "mentor": pd.Series([None] * (n + m), dtype=object), "week": np.nan,
    })  # fmt: skip
    return scores, frame


@pytest.mark.parametrize("seed", range(30))
def test_hindsight_is_the_best_of_all_pairs_whose_stays_overlap(seed: int) -> None:
    scores, frame = small(seed)
    n, m = scores.points.shape
    first, last = frame["arrives"].to_numpy(), frame["leaves"].to_numpy()
    best = 0.0
    for chosen in product(range(-1, m), repeat=n):
        load = np.bincount([j for j in chosen if j >= 0], minlength=m)
        if (load > scores.mentors.capacity).any():
            continue
        total = 0.0
        for i, j in enumerate(chosen):
            if j < 0:
                continue
            start = max(first[i], first[n + j])
            if scores.points[i, j] < 0 or start > min(last[i], last[n + j]):
                break
            total += max(0.0, scores.total[i, j] - 0.01 * (start - first[i]))
        else:
            best = max(best, total)
    review = mm.intake_review(frame, scores)
    assert review.bound == pytest.approx(best, abs=1e-5)
    assert (review.reached, review.matched) == (0, 0)
    free = {
        scores.mentees.ids[i]
        for i in range(n)
        for j in range(m)
        if scores.points[i, j] >= 0 and scores.mentors.capacity[j]
        and max(first[i], first[n + j]) <= min(last[i], last[n + j])
    }  # fmt: skip
    assert set(review.missed["mentee"]) == free


def test_a_simulated_season_touches_no_pair_and_misses_nobody() -> None:
    scores, arrivals = season(1, 60)
    done, touched = simulate(scores, arrivals)
    review = mm.intake_review(done, scores)
    assert touched == 0
    assert not len(review.missed)
    assert 0.8 < review.share <= 1
    assert review.matched == done["mentor"].notna().sum()
    assert "of the hindsight optimum" in repr(review)
    lost = done.copy()
    mentee = lost.index[lost["mentor"].notna()][0]
    lost.loc[mentee, "mentor"], lost.loc[mentee, "week"] = None, np.nan
    again = mm.intake_review(lost, scores)
    assert lost.loc[mentee, "person"] in set(again.missed["mentee"])
    assert again.share < review.share


def test_wrong_arrivals_are_named_together() -> None:
    scores, frame = small(0)
    with pytest.raises(mm.errors.ParameterError, match="Missing: leaves"):
        mm.intake_review(frame.drop(columns="leaves"), scores)
    frame.loc[0, "mentor"], frame.loc[0, "week"] = scores.mentors.ids[0], 99.0
    frame.loc[1, "person"] = "nobody"
    with pytest.raises(mm.errors.ParameterError) as caught:
        mm.intake_review(frame, scores)
    for told in ("nobody is on neither roster", "has no week of arrival", "not both there"):
        assert told in str(caught.value)
