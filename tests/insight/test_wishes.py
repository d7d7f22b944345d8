"""How many wishes are granted, and how many could have been, against every matching."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.errors import ColumnError, ParameterError
from mentormatch.insight.wishes import granted_wishes, wish_lines
from tests.matching.test_against_brute_force import FIRST, build, rosters


def scores_of(
    wished: list[list[str]], matrix: list[list[float]], theirs: list[list[str]] | None = None
) -> mm.Scores:
    n, m = np.shape(matrix)
    mentees = pd.DataFrame({"id": [f"e{i}" for i in range(n)], "preferred": wished})
    mentors = pd.DataFrame({"id": [f"r{j}" for j in range(m)], "preferred": theirs or [[]] * m})
    return mm.Scores.from_matrix(matrix, capacity=1, mentees=mentees, mentors=mentors)


def most_by_definition(matching: mm.Matching, frames, side: str) -> tuple[int, int]:
    """Return (granted, the most in any matching of as many mentees as can be)."""
    scores = matching.problem.scores
    n, m = scores.shape
    mine, yours = (f["preferred"].tolist() for f in frames)
    wished = {
        (i, j)
        for i, j in np.ndindex(n, m)
        for named in ([f"r{j}" in mine[i], f"e{i}" in yours[j]],)
        if {"mentees": named[0], "mentors": named[1], "mutual": all(named)}[side]
    }
    best = (-1, -1)
    for at in product(range(-1, m), repeat=n):
        pairs = [(i, j) for i, j in enumerate(at) if j >= 0]
        load = np.bincount([j for _, j in pairs], minlength=m)
        if (load > scores.mentors.capacity).any() or any(scores.points[p] < 0 for p in pairs):
            continue
        best = max(best, (len(pairs), sum(p in wished for p in pairs)))
    return sum(p in wished for p in zip(*matching.pairs, strict=True)), best[1]


@pytest.mark.parametrize("seed", range(25))
def test_granted_and_reachable_are_what_all_matchings_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = rosters(rng, 5)
    matching = mm.solve(build(rng, FIRST, [], frames, locks=False))
    report = granted_wishes(matching).frame.set_index("side")
    for side in ("mentees", "mentors", "mutual"):
        order = [mm.MaximizeMatched(), mm.MaximizeWishes(side), mm.MaximizeTotal()]
        then = mm.solve(mm.Problem(matching.problem.scores, objectives=order)).objective
        granted, most = most_by_definition(matching, frames, side)
        row = report.loc[side]
        assert (row["granted"], row["reachable"]) == (granted, most)
        assert row["proven"]
        now = matching.objective
        assert row["total"] == pytest.approx(then if most > granted else now)
        assert row["first"] + row["second"] + row["later"] == row["granted"]


def test_the_text_says_which_were_granted() -> None:
    scores = scores_of([["r1", "r0"], ["r1"]], [[0.9, 0.1], [0.8, 0.2]], [[], ["e1"]])
    mixed = mm.solve(mm.Problem(scores))
    assert granted_wishes(mixed).text == (
        "Wishes granted to mentees: 2 (1 first, 1 second); 2 wished for somebody, and no matching "
        "of as many people grants more. Wishes granted to mentors: 1 (1 first); 1 wished for "
        "somebody, and no matching of as many people grants more. Mutual wishes granted: 1 of 1, "
        "and no matching of as many people grants more."
    )
    crossed = mm.solve(mm.Problem(scores_of([["r1"], ["r0"]], [[0.9, 0], [0, 0.9]])))
    assert wish_lines(crossed) == [
        "Wishes granted to mentees: 0; 2 wished for somebody, and 2 could be granted with as many "
        "matched: the total score would be 0.000 instead of 1.800."
    ]
    assert granted_wishes(crossed).text in repr(granted_wishes(crossed))


def test_wishes_first_is_a_lever() -> None:
    scores = scores_of([["r1"], ["r0"]], [[0.9, 0], [0, 0.9]])
    order = [mm.MaximizeMatched(), mm.MaximizeWishes(), mm.MaximizeTotal()]
    first = mm.solve(mm.Problem(scores, objectives=order))
    assert first.assignment.tolist() == [1, 0]
    costs = mm.stage_costs(first)
    assert costs["objective"].tolist() == ["MaximizeMatched", "MaximizeWishes", "MaximizeTotal"]
    assert costs["cost"][1] == pytest.approx(1.8)
    why = mm.why_not(first, "e0", "r0")
    assert "MaximizeWishes 2 would become 0" in why.text
    plain = mm.solve(mm.Problem(scores))
    assert mm.why_not(plain, "e0", "r1").text.endswith(" r1 was e0's first wish.")


def test_among_as_many_wishes_better_ranks_are_granted() -> None:
    scores = scores_of([["r0", "r1"], ["r0", "r1"]], [[0.5, 0.9], [0.9, 0.5]], [["e0"], []])
    order = [mm.MaximizeMatched(), mm.MaximizeWishes(), mm.MaximizeTotal()]
    matching = mm.solve(mm.Problem(scores, objectives=order))
    assert matching.assignment.tolist() == [0, 1]
    assert mm.why_not(matching, "e0", "r1").text.startswith(
        "If e0 were with r1, as many wishes would be granted, of lower rank; "
        "MaximizeTotal 1 would become 1.8."
    )


def test_a_page_does_not_wait_for_what_is_no_flow() -> None:
    scores = scores_of([["r1"], ["r0"]], [[0.9, 0], [0, 0.9]])
    matching = mm.solve(mm.Problem(scores, constraints=[mm.Apart(["e0", "e1"])]))
    assert granted_wishes(matching, reachable=False).frame["reachable"].isna().all()
    assert wish_lines(matching)[0].endswith("granted_wishes(matching) works out how many could be.")


def test_without_wishes_there_is_nothing_to_say() -> None:
    silent = mm.solve(mm.Problem(mm.Scores.from_matrix(np.eye(2))))
    assert wish_lines(silent) == []
    with pytest.raises(ColumnError, match="preferred"):
        granted_wishes(silent)
    with pytest.raises(ColumnError, match=r"MaximizeWishes\(\) needs a column 'preferred'"):
        mm.solve(mm.Problem(silent.problem.scores, objectives=[mm.MaximizeWishes()]))
    assert wish_lines(mm.solve(mm.Problem(scores_of([[], []], [[1, 0], [0, 1]])))) == []
    with pytest.raises(ParameterError, match="mentees, mentors, mutual"):
        mm.MaximizeWishes("everybody")


@pytest.mark.parametrize(("n", "m", "seed"), [(120, 45, 4), (200, 80, 1), (500, 150, 7)])
def test_the_default_score_grants_most_of_what_can_be(n: int, m: int, seed: int) -> None:
    mentees, mentors = mm.make_cohort(n, m, seed=seed)
    matching = mm.match(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor"),
        objectives=[mm.MaximizeMatched(), mm.MaximizeTotal()],  # who cannot meet is aside here
    )  # fmt: skip
    row = granted_wishes(matching).frame.iloc[0]
    assert row["stated"] > n / 5
    assert row["granted"] >= 0.6 * row["reachable"]
