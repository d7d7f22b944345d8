"""Programmes that go on: budgets of changes are exact, and every change is named."""

from __future__ import annotations

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.datasets import make_cohort
from mentormatch.programmes.rematch import rematch
from tests.oracles import all_assignments, chosen_pairs, random_scores, value


def changed(scores: mm.Scores, rng: np.random.Generator) -> mm.Scores:
    """The same people after some answers and rules changed."""
    total = np.where(rng.random(scores.points.shape) < 0.3, rng.random(), scores.total)
    return mm.Scores.from_matrix(
        np.round(total, 6),
        admissible=scores.admissible & (rng.random(scores.points.shape) < 0.9),
        mentees=scores.mentees,
        mentors=scores.mentors,
    )


@pytest.mark.parametrize("seed", range(100))
def test_the_best_matching_within_the_budget(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = random_scores(rng, int(rng.integers(2, 6)), int(rng.integers(1, 5)))
    before = mm.solve(mm.Problem(scores))
    today = changed(scores, rng)
    free = rematch(before, scores=today)
    assert chosen_pairs(free.matching) == chosen_pairs(mm.solve(mm.Problem(today)))
    old = before.assignment
    keepable = [i for i, j in enumerate(old) if j >= 0 and today.admissible[i, j]]
    assert free.keepable == len(keepable)
    for budget in range(3):
        found = rematch(before, scores=today, max_changes=budget)
        new = found.matching.assignment
        assert sum(new[i] != old[i] for i in keepable) <= budget
        best = max(
            value(today, a)
            for a in all_assignments(today)
            if sum(a[i] != old[i] for i in keepable) <= budget
        )
        assert value(today, tuple(new)) == best
        assert found.matching.gap == 0


def test_no_budget_keeps_every_pair_that_rules_allow() -> None:
    rng = np.random.default_rng(2)
    scores = random_scores(rng, 60, 20, most_seats=4)
    before = mm.solve(mm.Problem(scores))
    kept = rematch(before, scores=changed(scores, rng), max_changes=0)
    assert kept.n_changes == 0
    assert kept.keepable > 20


def test_the_curve_never_falls_and_ends_at_the_fresh_optimum() -> None:
    rng = np.random.default_rng(4)
    scores = random_scores(rng, 30, 12, most_seats=3)
    before = mm.solve(mm.Problem(scores))
    today = changed(scores, rng)
    curve = rematch(before, scores=today, max_changes=0).curve(most=40)
    order = list(zip(curve["matched"], curve["total"].round(6), strict=True))
    assert order == sorted(order)
    fresh = mm.solve(mm.Problem(today))
    assert order[-1] == (len(fresh.pairs[0]), round(fresh.objective, 6))
    assert len(curve) > 1


def test_a_price_stops_changes_that_gain_less() -> None:
    scores = mm.Scores.from_matrix(np.array([[0.5, 0.4], [0.4, 0.5]]), capacity=[1, 1])
    before = mm.solve(mm.Problem(scores))
    today = mm.Scores.from_matrix(
        np.array([[0.5, 0.6], [0.6, 0.5]]), mentees=scores.mentees, mentors=scores.mentors
    )
    assert rematch(before, scores=today, price=0.2).n_changes == 0
    assert rematch(before, scores=today, price=0.05).n_changes == 2
    assert rematch(before, scores=today, price=0.2).matching.objective == pytest.approx(1.0)


@pytest.fixture(scope="module")
def cohort() -> tuple[mm.Profiles, mm.Profiles, mm.Matching]:
    frames = make_cohort(60, 25, rng=3)
    mentees = mm.read_roster(frames[0], role="mentee")
    mentors = mm.read_roster(frames[1], role="mentor")
    return mentees, mentors, mm.match(mentees, mentors)


def test_joiners_leavers_and_declined_pairs_are_named(
    cohort: tuple[mm.Profiles, mm.Profiles, mm.Matching],
) -> None:
    mentees, mentors, _full = cohort
    early = mentees.take(np.arange(len(mentees) - 1))
    before = mm.match(early, mentors)
    leaver = before.to_frame()["mentee"].iloc[0]
    rows = [i for i, person in enumerate(mentees.ids) if person != leaver]
    today = mentees.take(np.array(rows))
    declined = next(
        (a, b) for a, b in sorted(chosen_pairs(before)) if a != leaver and a in today.ids
    )
    found = rematch(before, today, mentors, declined=[declined], max_changes=3)
    why = found.changes.set_index("mentee")["why"]
    assert why[leaver] == "left the programme"
    assert "joined" in why[mentees.ids[-1]]
    assert declined not in chosen_pairs(found.matching)
    assert declined[0] in why.index
    assert found.n_changes <= 3
    assert "pairs kept" in repr(found)


def test_keep_holds_a_pair_and_leavers_locks_are_dropped(
    cohort: tuple[mm.Profiles, mm.Profiles, mm.Matching],
) -> None:
    mentees, mentors, full = cohort
    pair = sorted(chosen_pairs(full))[0]
    gone = mentees.take(np.array([i for i, p in enumerate(mentees.ids) if p != pair[0]]))
    locked = mm.match(mentees, mentors, rules=[mm.Lock([pair])])
    assert pair in chosen_pairs(locked)
    assert pair not in chosen_pairs(rematch(locked, gone, mentors).matching)
    again = rematch(full, mentees, mentors, keep=[pair], declined=[sorted(chosen_pairs(full))[1]])
    assert pair in chosen_pairs(again.matching)


def test_wrong_requests_are_refused_in_words() -> None:
    scores = random_scores(np.random.default_rng(0), 4, 3)
    before = mm.solve(mm.Problem(scores))
    with pytest.raises(mm.ParameterError, match="not both"):
        rematch(before, scores=scores, max_changes=1, price=0.1)
    with pytest.raises(mm.ParameterError, match="'max_changes' parameter of rematch"):
        rematch(before, scores=scores, max_changes=-1)
    with pytest.raises(mm.ParameterError, match=r"scores=Scores\.from_matrix"):
        rematch(before, scores.mentees, scores.mentors)
