"""One mentor for each label: no two of a mentee's mentors are only for the same one."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import mentormatch as mm


def read(role, **columns):
    size = len(next(iter(columns.values())))
    table = {"ID": [f"{role}{k}" for k in range(size)], **columns}
    return mm.read_roster(pd.DataFrame(table), role=role)


def each_for_another(goals, offers, mentors):
    """Slow oracle: whether so many mentors can stand for different goals each."""
    graph = nx.Graph()
    graph.add_nodes_from(("mentor", j) for j in mentors)
    graph.add_edges_from((("mentor", j), g) for j in mentors for g in goals if g in offers[j])
    left = [("mentor", j) for j in mentors]
    return len(nx.bipartite.maximum_matching(graph, left)) // 2 == len(mentors)


def random_rosters(seed):
    rng = np.random.default_rng(seed)

    def some(least, most):
        return [";".join(rng.permutation(list("PQRS"))[: rng.integers(least, most + 1)])
                for _ in range(3 if most == 3 else 4)]  # fmt: skip

    goals, skills = some(1, 3), some(1, 2)
    seats = rng.integers(1, 3, 4)
    mentees = read("mentee", Goals=goals)
    mentors = read("mentor", Skills=skills, Capacity=seats)
    return goals, skills, seats, mentees, mentors, rng.random((3, 4)).round(3)


@pytest.mark.parametrize("seed", range(12))
def test_against_all_matchings(seed):
    goals, skills, seats, mentees, mentors, matrix = random_rosters(seed)
    goals, skills = ([set(text.split(";")) for text in texts] for texts in (goals, skills))
    scores = mm.Scores.from_matrix(matrix, mentees=mentees, mentors=mentors)
    matching = mm.solve(
        mm.Problem(
            scores, objectives=[mm.MaximizeTotal()], constraints=[mm.Demand("goals", by="skills")]
        )
    )
    rows, columns = matching.pairs
    for i in range(3):
        assert each_for_another(goals[i], skills, columns[rows == i].tolist())
    options = [
        [chosen for size in range(4) for chosen in combinations(range(4), size)
         if each_for_another(goals[i], skills, chosen)]
        for i in range(3)
    ]  # fmt: skip
    best = max(
        sum(matrix[i, j] for i, chosen in enumerate((a, b, c)) for j in chosen)
        for a in options[0] for b in options[1] for c in options[2]
        if (np.bincount([*a, *b, *c], minlength=4) <= seats).all()
    )  # fmt: skip
    assert matching.objective == pytest.approx(best, abs=1e-6)
    assert matching.gap == 0


def test_two_mentors_for_one_subject_are_not_two_subjects():
    mentees = read("mentee", Goals=["Algebra;Optics", "Algebra", "Optics;Rhetoric"],
                   Site=["North", "North", "South"])  # fmt: skip
    mentors = read("mentor", Goals=["Algebra", "Algebra", "Optics", "Optics", "Rhetoric"],
                   Site=["North", "North", "South", "South", "North"],
                   Capacity=[2, 2, 2, 1, 2])  # fmt: skip
    criteria = [mm.Covers("goals", weight=0.8), mm.Similarity("site", weight=0.2)]
    scores = mm.score(mentees, mentors, criteria=criteria)
    matching = mm.solve(mm.Problem(scores, constraints=[mm.Demand("goals", by="goals")]))
    subjects = ["Algebra", "Algebra", "Optics", "Optics", "Rhetoric"]
    got = [sorted(subjects[j] for j in mine if j >= 0) for mine in matching.mentors_of]
    assert got == [["Algebra", "Optics"], ["Algebra"], ["Optics", "Rhetoric"]]


def test_who_did_not_answer_may_stand_for_any_and_locks_come_first():
    mentees = read("mentee", Goals=["Algebra;Optics"])
    mentors = read("mentor", Skills=["Algebra", "Algebra", None, "Rhetoric"])
    demand = mm.Demand("goals", by="skills")
    free = mm.Scores.from_matrix([[0.9, 0.8, 0.1, 1]], mentees=mentees, mentors=mentors)
    assert mm.solve(mm.Problem(free, constraints=[demand])).mentors_of.tolist() == [[0, 2]]
    locked = mm.score(mentees, mentors, criteria=[mm.Covers("goals", by="skills")],
                      lock=[("mentee0", "mentor0"), ("mentee0", "mentor1")])  # fmt: skip
    assert mm.solve(mm.Problem(locked, constraints=[demand])).mentors_of.tolist() == [[0, 1]]


def test_what_cannot_be_told_apart_is_refused_in_words():
    mentees = read("mentee", Goals=["Algebra;Optics", ";".join("ABCDEFGHIJKLMN")])
    mentors = read("mentor", Skills=["Algebra", "Optics"])
    scores = mm.score(mentees, mentors)
    with pytest.raises(mm.errors.ParameterError, match=r"12 labels of a mentee.*mentee1"):
        mm.solve(mm.Problem(scores, constraints=[mm.Demand("goals", by="skills")]))
    with pytest.raises(mm.errors.ColumnError, match=r"Demand\('goals', by=\.\.\.\).*'goals'"):
        mm.solve(mm.Problem(scores, constraints=[mm.Demand("goals", by="goals")]))
    with pytest.raises(mm.errors.ParameterError, match="names a column"):
        mm.Demand(2, by="skills")
    with pytest.raises(mm.errors.ParameterError, match="match_stable"):
        mm.match_stable(mm.Problem(scores, constraints=[mm.Demand("goals", by="skills")]))
