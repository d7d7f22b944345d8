"""Steps in a network against networkx; who is in it, who is not, and what is said of it."""

from __future__ import annotations

import math
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.insight.setting_words import criterion_words
from mentormatch.scoring.network import edges_of, network_of
from mentormatch.scoring.people import Pairing
from tests.scoring.people import profiles

PATH = [("ana", "bo"), ("bo", "cy"), ("cy", "dee"), ("dee", "eve"), ("eve", "flo")]


def rosters(mentees=("ana", "bo"), mentors=("dee", "flo")):
    return (
        profiles("mentee", [{"id": one, "name": f"{one} Smith"} for one in mentees]),
        profiles("mentor", [{"id": one, "email": f"{one}@x.org"} for one in mentors]),
    )


def parts(graph, mentees, mentors, **settings):
    criterion = mm.NetworkDistance(graph, **settings)
    return mm.score(mentees, mentors, criteria=[criterion]).part("network")


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6), people=st.integers(2, 90), links=st.floats(0, 0.12),
    ideal=st.sampled_from([0.0, 1.0, 2.5, 3.0]), tolerance=st.sampled_from([0.5, 1.0, 2.0, 4.0]),
)  # fmt: skip
def test_parts_are_those_of_networkx(seed, people, links, ideal, tolerance) -> None:
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(people, links, seed=seed)
    who = rng.permutation(people + 2)  # two are not in it
    cut = int(rng.integers(1, people))
    sides = [str(one) for one in who[:cut]], [str(one) for one in who[cut - 1 :]]  # one on both
    mentees, mentors = rosters(*sides)
    if not {int(one) for side in sides for one in side} & set(graph):
        return
    found = parts(graph, mentees, mentors, ideal=ideal, tolerance=tolerance)
    away = dict(nx.all_pairs_shortest_path_length(graph))
    for i, mentee in enumerate(map(int, sides[0])):
        for j, mentor in enumerate(map(int, sides[1])):
            if mentee not in graph or mentor not in graph:
                assert math.isnan(found[i, j])
                continue
            steps = away[mentee].get(mentor, math.inf)
            assert found[i, j] == np.float32(max(0.0, 1 - abs(steps - ideal) / tolerance))
    links = list(graph.edges)
    rng.shuffle(links)
    turned = [(b, a) for a, b in links] + [(node, node) for node in graph]
    again = parts(turned, mentees, mentors, ideal=ideal, tolerance=tolerance)
    assert np.array_equal(found, again, equal_nan=True)


def test_a_shortest_path_is_as_long_as_networkx_says() -> None:
    for seed in range(40):
        graph = nx.gnp_random_graph(25, 0.08, seed=seed)
        mentees, mentors = rosters([str(k) for k in range(6)], [str(k) for k in range(6, 12)])
        pairing = Pairing(mentees, mentors)
        network = network_of(edges_of(graph, "test"), pairing, "test")
        for i in range(6):
            for j in range(6):
                path = network.path(i, int(network.of_mentor[j]))
                if not nx.has_path(graph, i, j + 6):
                    assert path == []
                    continue
                assert len(path) == nx.shortest_path_length(graph, i, j + 6) + 1
                named = [int(network.name(node, mentees, mentors)) for node in path]
                assert (named[0], named[-1]) == (i, j + 6)
                assert all(graph.has_edge(a, b) for a, b in pairwise(named))


def test_every_form_of_a_network_is_one_network() -> None:
    forms = [
        PATH, nx.Graph(PATH), nx.DiGraph(PATH), nx.MultiGraph(PATH * 2),
        pd.DataFrame(PATH, columns=["who", "knows"]), {a: [b] for a, b in PATH},
        np.array(PATH).tolist(), [(b, a) for a, b in reversed(PATH)],
    ]  # fmt: skip
    assert len({mm.NetworkDistance(form).graph for form in forms}) == 1


def test_people_are_known_by_id_email_and_name() -> None:
    mentees, mentors = rosters()
    named = [("Ana SMITH", "bo"), ("bo", "cy"), ("cy", "DEE@x.org"), ("dee", "eve"), ("eve", "flo")]
    assert parts(named, mentees, mentors).tolist() == parts(PATH, mentees, mentors).tolist()
    assert parts(PATH, mentees, mentors).tolist() == [[1, 0], [0.5, 0.5]]


def test_the_head_of_a_list_of_managers_has_nobody_above() -> None:
    frame = pd.DataFrame({"who": ["ana", "dee", "cy"], "manager": ["cy", "cy", None]})
    mentees, mentors = rosters(["ana"], ["dee", "cy"])
    assert parts(frame, mentees, mentors, ideal=2, tolerance=2).tolist() == [[1, 0.5]]


def test_numbers_that_a_blank_made_decimals_are_ids() -> None:
    frame = pd.DataFrame({"who": [1, 2, 3], "manager": [3.0, 3.0, None]})
    mentees, mentors = rosters(["1"], ["2"])
    assert parts(frame, mentees, mentors, ideal=2).tolist() == [[1]]


def test_who_is_not_in_it_is_unanswered_and_said() -> None:
    mentees, mentors = rosters(["ana", "zoe", "bo"], ["dee", "xi", "yo"])
    scores = mm.score(mentees, mentors, criteria=[mm.NetworkDistance(PATH)])
    assert np.isnan(scores.part("network")).tolist() == [
        [False, True, True], [True, True, True], [False, True, True],
    ]  # fmt: skip
    said = scores.repairs[scores.repairs["problem"] == "is not in the network"]
    assert said["person"].tolist() == ["zoe", "xi", "yo"]
    assert "Of 3 mentees 1 is not in the network; see repairs for whom" in scores.notes
    assert "Of 3 mentors 2 are not in the network; see repairs for whom" in scores.notes


def test_no_path_is_far_apart_and_not_unanswered() -> None:
    mentees, mentors = rosters()
    assert parts([("ana", "bo"), ("dee", "flo")], mentees, mentors).tolist() == [[0, 0], [0, 0]]


def test_managers_are_the_network_by_default() -> None:
    mentees = profiles("mentee", [{"id": "ana", "supervisor_id": "cy"}, {"id": "zoe"}])
    mentors = profiles("mentor", [{"id": "dee", "supervisor_id": "eve"},
                                  {"id": "cy", "supervisor_id": "top"}])  # fmt: skip
    found = parts("supervisor_id", mentees, mentors)
    assert found[0].tolist() == [0, 0]  # no path to dee; cy is one step away
    assert np.isnan(found[1]).all()
    mentors = profiles("mentor", [{"id": "eve", "supervisor_id": "top"},
                                  {"id": "dee", "supervisor_id": "eve"}])  # fmt: skip
    mentees = profiles("mentee", [{"id": "ana", "supervisor_id": "cy"},
                                  {"id": "cy", "supervisor_id": "top"}])  # fmt: skip
    assert parts("supervisor_id", mentees, mentors).tolist() == [[1, 0.5], [0.5, 1]]
    assert mm.NetworkDistance() == mm.NetworkDistance("supervisor_id")
    with pytest.raises(mm.errors.ColumnError, match="column 'supervisor_id' of people"):
        mm.score(*rosters(), criteria=[mm.NetworkDistance()])


def test_wrong_networks_are_named() -> None:
    with pytest.raises(mm.errors.ParameterError, match=r"entry 2 \('bo'\), entry 3 \(\(None, No"):
        mm.NetworkDistance([("ana", "bo"), "bo", (None, None)])
    with pytest.raises(mm.errors.ParameterError, match="two columns"):
        mm.NetworkDistance(pd.DataFrame({"a": ["x"], "b": ["y"], "c": [1]}))
    with pytest.raises(mm.errors.ParameterError, match="It holds nobody"):
        mm.NetworkDistance([])
    with pytest.raises(mm.errors.ParameterError, match="a networkx graph"):
        mm.NetworkDistance(7)
    with pytest.raises(mm.errors.ParameterError, match="tolerance"):
        mm.NetworkDistance(PATH, tolerance=0)
    with pytest.raises(mm.errors.ParameterError, match="Nobody on the rosters is in the network"):
        mm.score(*rosters(), criteria=[mm.NetworkDistance([("x1", "x2")])])


def test_a_name_of_two_people_is_neither() -> None:
    mentees = profiles("mentee", [{"id": "7", "email": "a@x.org"}, {"id": "bo"}])
    mentors = profiles("mentor", [{"id": "cy", "name": "7", "email": "b@x.org"}, {"id": "dee"}])
    scores = mm.score(mentees, mentors, criteria=[mm.NetworkDistance([("7", "bo"), ("bo", "dee")])])
    assert np.isnan(scores.part("network")[0]).all()
    assert scores.repairs["problem"].str.contains("a mentee and another mentor").any()


def test_words_name_nobody_between_and_files_keep_the_links() -> None:
    mentees, mentors = rosters()
    matching = mm.match(mentees, mentors, criteria=[mm.NetworkDistance(PATH)])
    for audience in ("participant", "administrator"):
        told = str(mm.explain(matching, "ana", audience=audience))
        assert "3 steps apart" in told or "network" not in told
        assert not {"bo", "cy"} & set(told.replace(",", " ").split())
    assert "are 3 steps apart" in str(mm.explain(matching, "ana"))
    loaded = mm.Matching.from_json(matching.to_json().encode())
    assert loaded == matching
    assert loaded.problem.scores.criteria == matching.problem.scores.criteria
    assert str(mm.explain(loaded, "ana")) == str(mm.explain(matching, "ana"))
    words = criterion_words(mm.NetworkDistance(PATH, ideal=1))
    assert words == "how far apart two are in the network, best 1 step"


def test_far_apart_is_said_as_more_than_was_counted() -> None:
    mentees, mentors = rosters(["ana"], ["flo"])
    matching = mm.match(mentees, mentors, criteria=[mm.NetworkDistance(PATH)])
    assert "more than 4 steps apart" in str(mm.explain(matching, "ana"))
