"""What is not proven to be the best is not called optimal."""

from __future__ import annotations

import mentormatch as mm
from mentormatch.delivery.tables import proof


def test_an_answer_within_the_gap_asked_for_says_so() -> None:
    frames = mm.make_cohort(300, 100, seed=2, seats=0.8)
    mentees = mm.read_roster(frames[0], role="mentee")
    scores = mm.score(mentees, mm.read_roster(frames[1], role="mentor"))
    parity = mm.Parity("site", measure="mean_score", within=0.005)
    objectives = [mm.MaximizeMatched(), mm.MaximizeTotal()]
    problem = mm.Problem(scores, objectives=objectives, constraints=[parity])
    matching = mm.solve(problem, gap=0.01)
    assert 0 < matching.gap <= 0.01
    assert matching.status == "within_gap"
    assert "proven optimal" not in repr(matching)
    assert "within the gap asked for" in proof(matching)
    assert matching.bound >= matching.objective
