"""Introducers against brute force and maximum flow; bridging against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import mentormatch as mm
from tests.scoring.people import profiles


def example(seed: int, people: int = 22, links: float = 0.2):
    rng = np.random.default_rng(seed)
    graph = nx.relabel_nodes(nx.gnp_random_graph(people, links, seed=seed), str)
    who = rng.permutation(people).astype(str)
    dept = {one: str(rng.choice(["a", "b", "c"])) for one in who}
    sides = [
        profiles(role, [{"id": one, "department": dept[one]} for one in some])
        for role, some in (("mentee", who[:8]), ("mentor", who[8:16]))
    ]
    scores = mm.Scores.from_matrix(rng.random((8, 8)), mentees=sides[0], mentors=sides[1])
    return graph, sides, mm.solve(mm.Problem(scores))


def flow(graph, pairs, most: int) -> int:
    net = nx.DiGraph()
    net.add_nodes_from(("s", "t"))
    for a, b in pairs:
        if graph.has_edge(a, b):
            continue
        net.add_edge("s", (a, b), capacity=1)
        for by in nx.common_neighbors(graph, a, b):
            net.add_edge((a, b), by, capacity=1)
            net.add_edge(by, "t", capacity=most)
    return nx.maximum_flow_value(net, "s", "t")


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("most", [0, 1, 2])
def test_as_many_as_can_be_are_introduced_and_nobody_too_often(seed: int, most: int) -> None:
    graph, _, matching = example(seed)
    frame = mm.introductions(matching, graph, most=most)
    assert list(zip(frame["mentee"], frame["mentor"], strict=True)) == list(matching)
    assert frame["introducer"].notna().sum() == flow(graph, list(matching), most)
    assert frame["introducer"].value_counts().max() <= most or not most
    for row in frame.itertuples():
        both = set(nx.common_neighbors(graph, row.mentee, row.mentor))
        if row.introducer is not None:
            assert row.why == "introduced"
            assert row.path == [row.mentee, row.introducer, row.mentor]
            assert set(row.alternatives) == both - {row.introducer}
            continue
        if not nx.has_path(graph, row.mentee, row.mentor):
            assert (row.why, row.path) == ("no path", [])
            assert np.isnan(row.steps)
            continue
        steps = nx.shortest_path_length(graph, row.mentee, row.mentor)
        assert (row.steps, len(row.path)) == (steps, steps + 1)
        assert row.why == {
            1: "know each other", 2: "whoever knows both has enough to introduce",
        }.get(steps, "nobody knows both")  # fmt: skip


def test_the_order_of_people_and_links_does_not_matter() -> None:
    graph, sides, matching = example(3, links=0.4)
    frame = mm.introductions(matching, graph, most=1)
    rng = np.random.default_rng(5)
    order = rng.permutation(8), rng.permutation(8)
    scores = matching.problem.scores
    turned = mm.Scores.from_matrix(
        scores.total[np.ix_(*order)], mentees=sides[0].take(order[0]),
        mentors=sides[1].take(order[1]),
    )  # fmt: skip
    again = mm.introductions(
        mm.solve(mm.Problem(turned)), [(b, a) for a, b in reversed(list(graph.edges))], most=1
    )
    columns = ["mentee", "mentor", "introducer", "why", "steps"]
    sort = [f.sort_values("mentee", ignore_index=True)[columns] for f in (frame, again)]
    assert sort[0].equals(sort[1])


def test_lists_have_introducers_too_and_strangers_are_said() -> None:
    graph, _, matching = example(1)
    lists = mm.suggest(matching.problem.scores, k=2)
    frame = mm.introductions(lists, graph)
    assert len(frame) == len(lists)
    one = next(iter(matching))[0]
    graph.remove_node(one)
    frame = mm.introductions(matching, graph)
    assert frame.loc[frame["mentee"] == one, "why"].tolist() == ["not in the network"]
    with pytest.raises(mm.errors.ParameterError, match="most"):
        mm.introductions(matching, graph, most=-1)


@pytest.mark.parametrize("seed", range(12))
def test_bridging_is_what_networkx_says(seed: int) -> None:
    graph, sides, matching = example(seed, links=0.08)
    frame = mm.bridging(matching, graph).set_index("figure")
    after = nx.Graph(graph)
    after.add_edges_from(matching)
    dept = [
        dict(zip(side.ids, side.columns["department"].to_list(), strict=True)) for side in sides
    ]
    differ = [dept[0][a] != dept[1][b] for a, b in matching]
    assert frame.loc["pairs across department", "after"] == pytest.approx(np.mean(differ))
    every = [dept[0][a] != dept[1][b] for a in sides[0].ids for b in sides[1].ids]
    assert frame.loc["pairs across department", "before"] == pytest.approx(np.mean(every))
    away = [dict(nx.all_pairs_shortest_path_length(one)) for one in (graph, after)]
    pairs = [(a, b) for a in sides[0].ids for b in sides[1].ids]
    there = [(a, b) for a, b in pairs if b in away[0][a]]
    for name, known in zip(("before", "after"), away, strict=True):
        assert frame.loc["steps", name] == pytest.approx(np.mean([known[a][b] for a, b in there]))
        assert frame.loc["with a path", name] == pytest.approx(
            np.mean([b in known[a] for a, b in pairs])
        )
    apart = [away[0][a][b] for a, b in matching if b in away[0][a]]
    assert frame.loc["steps of a pair", "before"] == pytest.approx(np.mean(apart), nan_ok=True)
