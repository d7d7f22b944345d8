"""Chains and circles against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import mentormatch as mm
from tests.scoring.people import profiles


def pool(seed: int, n: int, several: int = 1) -> mm.Matching:
    rng = np.random.default_rng(seed)
    people = [{"id": f"p{k}"} for k in range(n)]
    scores = mm.Scores.from_matrix(
        rng.random((n, n)), admissible=~np.eye(n, dtype=bool) & (rng.random((n, n)) < 0.5),
        capacity=rng.integers(0, 3, n), mentees=profiles("mentee", people),
        mentors=profiles("mentor", people),
    )  # fmt: skip
    return mm.solve(mm.Problem(scores, constraints=[mm.Demand(several)]))


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("several", [1, 2])
def test_chains_and_circles_are_those_of_networkx(seed: int, several: int) -> None:
    matching = pool(seed, 7, several)
    frame = mm.chains(matching)
    graph = nx.DiGraph(list(matching))
    circles = {tuple(people) for people in frame.loc[frame["circle"], "people"]}
    expected = set()
    for circle in nx.simple_cycles(graph):
        at = circle.index(min(circle))
        expected.add(tuple(circle[at:] + circle[:at]))
    assert circles == expected
    ways = {tuple(people) for people in frame.loc[~frame["circle"], "people"]}
    for way in ways:
        assert nx.is_simple_path(graph, way)
        assert graph.in_degree(way[0]) == 0
        assert all(one in way for one in graph.successors(way[-1]))
    starts = [one for one in graph if graph.in_degree(one) == 0]
    assert {way[0] for way in ways} == set(starts)
    if nx.is_directed_acyclic_graph(graph):
        ends = [one for one in graph if graph.out_degree(one) == 0]
        pairs = [(a, b) for a in starts for b in ends]
        every = {tuple(p) for a, b in pairs for p in nx.all_simple_paths(graph, a, b)}
        assert ways == every
        assert frame["length"].max() == nx.dag_longest_path_length(graph)
    assert frame["length"].is_monotonic_decreasing
    lengths = [len(p) - (not c) for p, c in zip(frame["people"], frame["circle"], strict=True)]
    assert frame["length"].tolist() == lengths


def test_words_and_errors() -> None:
    people = [{"id": x} for x in "abc"]
    scores = mm.Scores.from_matrix(
        np.full((3, 3), 0.5), mentees=profiles("mentee", people), mentors=profiles("mentor", people)
    )
    frame = mm.chains(mm.Matching.from_pairs(scores, [("c", "a"), ("a", "b")]))
    assert frame["text"].tolist() == ["c has a has b"]
    frame = mm.chains(mm.Matching.from_pairs(scores, [("b", "a"), ("a", "b")]))
    assert frame["text"].tolist() == ["in a circle: a has b has a"]
    two = mm.Scores.from_matrix(np.full((2, 2), 0.5))
    with pytest.raises(mm.errors.ParameterError, match="nobody is on both rosters"):
        mm.chains(mm.solve(mm.Problem(two)))
