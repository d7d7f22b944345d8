"""Swaps against brute force: every free seat, every exchange, nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.insight.swaps import swaps
from mentormatch.matching.constraints import Demand, Load
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.scoring.rules import Lock
from mentormatch.scoring.scores import Scores, score
from tests.insight.people import matched


def problem(seed: int, demand: int = 1) -> Problem:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 9)), int(rng.integers(2, 7))
    scores = Scores.from_matrix(
        rng.integers(0, 6, (n, m)) / 10,
        admissible=rng.random((n, m)) < 0.8,
        capacity=rng.integers(0, 4, m),
    )
    constraints = [Load(most=2), *([Demand(demand)] if demand > 1 else [])]
    return Problem(scores, constraints=constraints)


def brute(matching: Matching, pair: int) -> dict[int, tuple[int, int]]:
    """Return for every other mentor the (cost, partner) of the cheapest change, -1: a free seat."""
    points = matching.problem.scores.points.astype(int)
    held = list(zip(*(places.tolist() for places in matching.pairs), strict=True))
    mentee, mentor = held[pair]
    capacity = np.minimum(matching.problem.scores.mentors.capacity, 2)
    mine = {j for i, j in held if i == mentee}
    found: dict[int, tuple[int, int]] = {}
    for other in range(points.shape[1]):
        if other in mine or points[mentee, other] < 0:
            continue
        options = []
        with_other = [i for i, j in held if j == other]
        if len(with_other) < capacity[other]:
            options.append((points[mentee, mentor] - points[mentee, other], -1))
        for partner in with_other:
            if points[partner, mentor] >= 0 and (partner, mentor) not in held:
                before = points[mentee, mentor] + points[partner, other]
                after = points[mentee, other] + points[partner, mentor]
                options.append((before - after, partner))
        if options:
            found[other] = min(options)
    return found


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from([1, 1, 2]))
def test_costs_and_partners_are_those_of_brute_force(seed: int, demand: int) -> None:
    matching = solve(problem(seed, demand))
    m = len(matching.problem.scores.mentors)
    found = swaps(matching, k=m)
    for pair in range(len(matching.pairs[0])):
        expected = brute(matching, pair)
        told = {
            int(j): (int(cost), int(partner))
            for j, cost, partner in zip(
                found.mentor[pair], found.cost[pair], found.partner[pair], strict=True
            )
            if j >= 0
        }
        assert {j: cost for j, (cost, _) in told.items()} == {
            j: cost for j, (cost, _) in expected.items()
        }
        for mentor, (cost, partner) in told.items():
            if partner >= 0:  # among equally cheap ways any will do
                exchange = brute(matching, pair)
                assert cost == exchange[mentor][0]
        costs = [cost for cost, _ in told.values()]
        assert costs == sorted(costs), "the cheapest first"
        assert found.ties[pair] == (0 in costs)


def test_of_many_mentors_the_costs_told_are_exact_and_mostly_the_lowest() -> None:
    rng = np.random.default_rng(0)
    scores = Scores.from_matrix(rng.random((60, 200)), capacity=np.ones(200))
    matching = solve(Problem(scores))
    found = swaps(matching, k=2)
    lowest = 0
    for pair in range(60):
        ways = brute(matching, pair)
        for mentor, cost in zip(found.mentor[pair], found.cost[pair], strict=True):
            assert cost == ways[int(mentor)][0]
        lowest += int(found.cost[pair, 0] == min(cost for cost, _ in ways.values()))
    assert lowest >= 54


def test_locked_pairs_have_no_swaps_and_nobody_gives_way_who_is_locked() -> None:
    open_ = matched(12, 8, seed=3)
    frame = open_.to_frame()
    first = (frame["mentee"][0], frame["mentor"][0])
    scores = open_.problem.scores
    locked = solve(
        Problem(score(scores.mentees, scores.mentors, list(scores.criteria), [Lock([first])]))
    )
    found = swaps(locked, k=4)
    pairs = [
        (scores.mentees.ids[i], scores.mentors.ids[j]) for i, j in zip(*locked.pairs, strict=True)
    ]
    place = pairs.index(first)
    assert (found.mentor[place] == -1).all()
    assert scores.mentees.position(first[0]) not in set(found.partner.ravel().tolist())
    assert (found.mentor >= 0).any()


def test_nobody_matched_has_no_swaps() -> None:
    scores = Scores.from_matrix(np.full((3, 2), 0.5), capacity=[0, 0])
    found = swaps(solve(Problem(scores)))
    assert found.mentor.shape == (0, 2)
    assert found.texts(solve(Problem(scores))) == []


def test_the_words_say_who_moves_and_what_it_costs() -> None:
    matrix = np.array([[0.9, 0.4], [0.8, 0.5]])
    matching = solve(Problem(Scores.from_matrix(matrix, capacity=[1, 1])))
    assert swaps(matching).texts(matching) == [
        ["mentor 2 (0.40; mentee 2 to mentor 1): costs 0.200"],
        ["mentor 1 (0.80; mentee 1 to mentor 2): costs 0.200"],
    ]
    roomy = solve(Problem(Scores.from_matrix(matrix, capacity=[2, 1])))
    assert swaps(roomy).texts(roomy)[0] == ["mentor 2 (0.40; a seat is free): costs 0.500"]
    even = solve(Problem(Scores.from_matrix(np.full((2, 2), 0.5), capacity=[1, 1])))
    assert "as good" in swaps(even).texts(even)[0][0]
    assert swaps(even).ties.all()


def test_a_least_load_keeps_the_last_mentee() -> None:
    matrix = np.array([[0.9, 0.4], [0.8, 0.5], [0.2, 0.6]])
    scores = Scores.from_matrix(matrix, capacity=[2, 2])
    held = solve(Problem(scores, constraints=[Load(least=1)]))
    found = swaps(held)
    alone = np.flatnonzero(np.bincount(held.pairs[1])[held.pairs[1]] == 1)
    assert len(alone) == 1
    assert found.partner[alone[0], 0] >= 0, "she may only change places"
