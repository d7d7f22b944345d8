"""Weights that are learnt are never worse: small draws of what the benchmarks measure in full."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are not part of the package

from benchmarks import outcomes_dating, outcomes_learning


def row(world: str, rounds: int, programmes: int) -> dict[str, float]:
    lines = [
        outcomes_learning.programme(world, 0.05, rounds, ("total", 60, 25), [1, rounds, p])
        for p in range(programmes)
    ]
    return outcomes_learning.summed(lines)


@pytest.mark.slow
@pytest.mark.parametrize("world", ["other", "near", "default"])
def test_learnt_weights_are_not_worse_where_plain_least_squares_are(world: str) -> None:
    found = row(world, 2, 8)
    assert found["worse"] <= 1 / 8
    assert found["gain"] > -0.01
    if world == "default":
        assert found["plain_worse"] > 0.8
        assert found["changed"] <= 0.25


@pytest.mark.slow
def test_where_no_pair_is_better_weights_mostly_stay() -> None:
    assert row("nothing", 2, 8)["changed"] <= 0.5


def test_speed_dating_is_put_together_again_without_a_contradiction() -> None:
    pytest.importorskip("peopleanalyticsdata")
    from peopleanalyticsdata import speed_dating

    evenings = outcomes_dating.evenings(speed_dating())
    assert len(evenings) == 21
    sizes = [(w["iid"].nunique(), m["iid"].nunique()) for w, m in evenings]
    whole = [
        k for k, (women, men) in enumerate(evenings)
        if len(women) == len(men) == sizes[k][0] * sizes[k][1]
    ]  # fmt: skip
    assert len(whole) == 20
    for k in whole:
        women, men = evenings[k]
        for name in ("match", "samerace", "agediff"):
            ours = outcomes_dating.square(women, name, sizes[k][1])
            theirs = outcomes_dating.square(men, name, sizes[k][0])
            assert ours is not None
            assert theirs is not None
            assert ((ours == theirs.T) | ((ours != ours) & (theirs.T != theirs.T))).all()


@pytest.mark.slow
def test_on_real_people_it_cannot_tell_and_plain_least_squares_do_harm() -> None:
    pytest.importorskip("peopleanalyticsdata")
    found = outcomes_dating.figures(6)
    assert found["pairs_known"] == 4094
    assert found["agreement"] == 1
    assert found["worse"] <= 1 / 6
    assert found["plain_worse"] >= 1 / 6
