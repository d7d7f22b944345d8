"""Nobody is the mentor of her own mentor: against every matching of a small pool."""

from __future__ import annotations

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.matching.no_mutual import mutual_in
from tests.scoring.people import profiles
from tests.validator import check

OBJECTIVES = (mm.MaximizeMatched(), mm.MaximizeTotal())


def pool(seed: int, n: int, share: float = 0.8):
    rng = np.random.default_rng(seed)
    people = [{"id": f"p{k}", "seniority": None, "experience": float(rng.integers(0, 6))}
              for k in range(n)]  # fmt: skip
    mentees, mentors = profiles("mentee", people), profiles("mentor", people)
    levels = int(rng.choice([2, 4, 1000]))
    matrix = np.rint(rng.random((n, n)) * levels) / levels
    matrix = (matrix + matrix.T) / 2 if seed % 2 else matrix  # symmetric: everybody would be mutual
    return mm.Scores.from_matrix(
        matrix, admissible=(rng.random((n, n)) < share) & ~np.eye(n, dtype=bool),
        capacity=rng.integers(0, 3, n), mentees=mentees, mentors=mentors,
    )  # fmt: skip


def best(scores, n: int) -> tuple[int, int]:
    """Return (matched, points) of the best matching without mutual pairs, person by person."""
    points, seats = scores.points, scores.mentors.capacity.tolist()
    found = (-1, -1)

    def go(i: int, left: list[int], of: list[int], matched: int, total: int) -> None:
        nonlocal found
        if matched + n - i < found[0]:
            return
        if i == n:
            found = max(found, (matched, total))
            return
        for j in range(n):
            if points[i, j] >= 0 and left[j] and not (j < i and of[j] == i):
                left[j] -= 1
                go(i + 1, left, [*of, j], matched + 1, total + int(points[i, j]))
                left[j] += 1
        go(i + 1, left, [*of, -1], matched, total)

    go(0, list(seats), [], 0, 0)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_it_is_the_best_of_every_small_pool(seed: int) -> None:
    n = 2 + seed % 6
    scores = pool(seed, n)
    matching = mm.solve(mm.Problem(scores, OBJECTIVES, [mm.NoMutual()]), gap=0)
    pairs = matching.pairs
    total = int(scores.points[pairs].sum())
    assert (len(matching), total) == best(scores, n)
    assert not mutual_in(scores, pairs)
    assert matching.gap == 0
    assert not check(matching)


@pytest.mark.parametrize("seed", range(3))
def test_nine_people_against_brute_force(seed: int) -> None:
    scores = pool(100 + seed, 9, share=0.4)
    matching = mm.solve(mm.Problem(scores, OBJECTIVES, [mm.NoMutual()]), gap=0)
    assert (len(matching), int(scores.points[matching.pairs].sum())) == best(scores, 9)


def test_without_it_they_would_be_mutual_and_the_bound_holds_for_sixty() -> None:
    scores = pool(1, 60, share=1.0)
    free = mm.solve(mm.Problem(scores))
    assert mutual_in(scores, free.pairs)
    matching = mm.solve(mm.Problem(scores, OBJECTIVES, [mm.NoMutual()]))
    assert not mutual_in(scores, matching.pairs)
    assert matching.stages[-1].bound >= matching.stages[-1].value
    assert matching.gap <= 1e-3


def test_a_ladder_stays_one_flow() -> None:
    scores = pool(1, 30)
    years = scores.mentees.columns["experience"].values
    ladder = mm.Scores.from_matrix(
        scores.total, admissible=years[:, None] < years, mentees=scores.mentees,
        mentors=scores.mentors, capacity=np.ones(30, dtype=int),
    )  # fmt: skip
    free = mm.solve(mm.Problem(ladder))
    held = mm.solve(mm.Problem(ladder, constraints=[mm.NoMutual()]))
    assert held.objective == free.objective
    assert held.gap == 0
    assert not check(held)


def test_locks_both_ways_contradict_it_by_name() -> None:
    scores = mm.Scores.from_matrix(
        np.full((3, 3), 0.5), mentees=profiles("mentee", [{"id": x} for x in "abc"]),
        mentors=profiles("mentor", [{"id": x} for x in "abc"]),
        rules=[mm.Lock([("a", "b"), ("b", "a")])],
    )  # fmt: skip
    with pytest.raises(mm.InfeasibleError, match=r"NoMutual\(\) of a and b"):
        mm.solve(mm.Problem(scores, OBJECTIVES, [mm.NoMutual()]))


def test_of_some_people_only_and_in_files() -> None:
    scores = pool(1, 6, share=1.0)
    problem = mm.Problem(scores, constraints=[mm.NoMutual([("p1", "p0")])])
    matching = mm.solve(problem)
    assert ("p0", "p1") not in mutual_in(scores, matching.pairs)
    assert mm.Matching.from_json(matching.to_json().encode()) == matching
    given = mm.Matching.from_pairs(
        mm.Scores.from_matrix(np.full((2, 2), 0.5), mentees=scores.mentees.take(np.arange(2)),
                              mentors=scores.mentors.take(np.arange(2))),
        [("p0", "p1"), ("p1", "p0")],
    )  # fmt: skip
    assert mutual_in(given.problem.scores, given.pairs) == {("p0", "p1")}
    with pytest.raises(mm.errors.ParameterError, match="pairs of people"):
        mm.NoMutual([("a", "b", "c")])


def test_when_time_is_up_the_pairs_hold_and_the_gap_is_honest() -> None:
    scores = pool(1, 60, share=1.0)
    problem = mm.Problem(scores, OBJECTIVES, [mm.NoMutual()])
    best = mm.solve(problem)
    soon = mm.solve(problem, time_limit=0.3)
    assert not mutual_in(scores, soon.pairs)
    assert soon.stages[-1].bound >= best.stages[-1].value - 1e-9


def named_pool():
    called = (("Ana", "Reyes"), ("Bo", "Li"), ("Cem", "Ak"))
    people = [
        {"id": f"p{k}", "name": " ".join(name), "email": f"{name[0].lower()}@x.org", "capacity": 2}
        for k, name in enumerate(called)
    ]
    matrix = np.array([[0, 0.9, 0.1], [0.9, 0, 0.1], [0.2, 0.3, 0]])
    return mm.Scores.from_matrix(
        matrix, admissible=~np.eye(3, dtype=bool), mentees=profiles("mentee", people),
        mentors=profiles("mentor", people),
    )  # fmt: skip


@pytest.mark.parametrize("pair", [("p0", "p1"), ("Ana Reyes", "bo@x.org"), ("BO LI", "p0")])
def test_people_are_named_by_id_e_mail_or_name(pair) -> None:
    scores = named_pool()
    assert mutual_in(scores, mm.solve(mm.Problem(scores)).pairs) == {("p0", "p1")}
    held = mm.solve(mm.Problem(scores, constraints=[mm.NoMutual([pair, ("Cem Ak", "bo@x.org")])]))
    assert not mutual_in(scores, held.pairs)
    assert not check(held)


def test_all_whom_nobody_knows_are_listed_at_once() -> None:
    problem = mm.Problem(named_pool(), constraints=[mm.NoMutual([("p0", "Zoe"), ("yan", "p1")])])
    with pytest.raises(mm.errors.UnknownPersonError, match="'Zoe', 'yan'") as refused:
        mm.solve(problem)
    assert refused.value.people == ("Zoe", "yan")


def test_it_holds_for_those_who_stay_when_one_who_is_named_leaves() -> None:
    scores = named_pool()
    limit = mm.NoMutual([("Ana Reyes", "bo@x.org"), ("Cem Ak", "bo@x.org")])
    before = mm.solve(mm.Problem(scores, constraints=[limit]))
    after = mm.rematch(before, left=["Cem Ak"]).matching
    assert not mutual_in(after.problem.scores, after.pairs)
    held = [one.pairs for one in after.problem.constraints if isinstance(one, mm.NoMutual)]
    assert held == [(("p0", "p1"),)]
