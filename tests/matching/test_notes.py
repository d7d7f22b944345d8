"""A parity that groups are too small for says so, and its way out is the smallest that works."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm


def three_groups(sizes: tuple[int, ...] = (7, 11, 13), seats: int = 24) -> mm.Scores:
    group = np.repeat([f"g{k}" for k in range(len(sizes))], sizes)
    n = group.size
    mentees = pd.DataFrame({"id": [f"e{i}" for i in range(n)], "group": group})
    rng = np.random.default_rng(1)
    return mm.Scores.from_matrix(
        rng.random((n, seats)).round(2), capacity=np.ones(seats, dtype=int), mentees=mentees
    )


@pytest.mark.parametrize("measure", ["matched_share", "impact_ratio"])
def test_a_parity_that_matches_few_is_noted(measure: str) -> None:
    scores = three_groups()
    parity = mm.Parity("group", measure, within=0.01, ratio=0.999)
    matching = mm.solve(mm.Problem(scores, constraints=[parity]))
    matched = len(scores.mentees) - len(matching.unmatched)
    assert matched < 12
    short, note = matching.notes
    assert short.startswith(f"{24 - matched} seats stay empty that would be filled without Parity(")
    for part in ("'g0' (7)", "'g1' (11)", "'g2' (13)", measure, f"at most {matched} can", "it 24"):
        assert part in note
    assert note in repr(matching)
    # the way out works, and a hundredth less does not
    name, value = re.search(r"(within|ratio)=([\d.]+) would allow 24", note).groups()  # type: ignore[union-attr]
    for step, enough in ((0.0, True), (-0.01 if name == "within" else 0.011, False)):
        wider = mm.Parity("group", measure, **{name: float(value) + step})
        again = mm.solve(mm.Problem(scores, constraints=[wider]))
        assert (len(scores.mentees) - len(again.unmatched) >= 24) == enough


def test_nothing_is_noted_where_most_are_matched() -> None:
    scores = three_groups()
    loose = mm.solve(mm.Problem(scores, constraints=[mm.Parity("group", within=0.2)]))
    assert loose.notes == ()
    rules = mm.solve(mm.Problem(scores, constraints=[mm.Quota("group", over="programme", most=2)]))
    (note,) = rules.notes  # few are matched, but no parity is to blame
    assert note.startswith("18 seats stay empty that would be filled without Quota(")
    assert mm.solve(mm.Problem(scores)).notes == ()


def test_the_blame_goes_to_the_parity_alone() -> None:
    """A quota keeps people out; the parity beside it would not."""
    quota = mm.Quota("group", over="programme", most=2)
    parity = mm.Parity("group", within=0.25)
    matching = mm.solve(mm.Problem(three_groups(), constraints=[quota, parity]))
    assert len(matching.unmatched) > 20
    (note,) = matching.notes
    assert note.startswith("18 seats stay empty that would be filled without Quota(")
