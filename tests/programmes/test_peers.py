"""match_peers: exact against brute force under every rule, explained, verified, order-free."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.errors import ParameterError, Status, UnknownPersonError
from mentormatch.programmes.peers import circles
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.columns import solve
from mentormatch.solvers.columns.problem import Plan
from tests.pools import best_grouping

MILLION = 1_000_000
IDS = [f"p{k}" for k in range(1, 100)]


def scores_of(matrix, allowed=None, ids=None):
    ids = IDS[: len(matrix)] if ids is None else ids
    return mm.Scores.from_matrix(pd.DataFrame(matrix, ids, ids), admissible=allowed)


def random_case(seed, most=8):
    """Scores that differ by direction, and options of every kind."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, most + 1))
    levels = int(rng.choice([2, 5, 1000]))
    matrix = rng.integers(0, levels + 1, (n, n)) / levels
    scores = scores_of(matrix, rng.random((n, n)) < rng.choice([0.6, 0.9, 1.0]))
    ids = scores.mentees.ids
    pairs = [(ids[i], ids[j]) for i in range(n) for j in range(i)]
    previous = [pairs[k] for k in rng.permutation(len(pairs))[: int(rng.integers(0, n))]]
    options = {
        "odd": str(rng.choice(["trio", "rest"])),
        "mutual": str(rng.choice(["mean", "least", "product"])),
        "previous": previous if rng.random() < 0.6 else [],
        "constraints": [],
    }
    if rng.random() < 0.4:
        options["constraints"] = [mm.Apart(rng.permutation(ids)[: min(n, 3)].tolist())]
    if rng.random() < 0.2:
        a, b = rng.permutation(ids)[:2].tolist()
        if not options["constraints"] or not {a, b} <= set(options["constraints"][0].people):
            options["constraints"].append(mm.Together([a, b]))
    return scores, options


def mutual_score(scores, how, i, j):
    """Millionths of what two people are to each other, straight from the words; None: never."""
    points = scores.points
    one, other = int(points[i, j]), int(points[j, i])
    if i == j or one < 0 or other < 0:
        return None
    if how == "least":
        return min(one, other)
    return (one + other + 1) // 2 if how == "mean" else (one * other + 500_000) // MILLION


def judge(scores, options):
    """Return a function: groups -> (people, claims of those with company, total), None if wrong.

    With "rest", a person's claim to company is how many numbers of earlier meetings are above hers.
    """
    ids = scores.mentees.ids
    met = {frozenset(pair) for pair in options["previous"]}
    count = {person: sum(person in pair for pair in options["previous"]) for person in ids}
    together = [set(c.people) for c in options["constraints"] if isinstance(c, mm.Together)]
    apart = [set(c.people) for c in options["constraints"] if isinstance(c, mm.Apart)]

    def worth(groups):
        if sum(len(group) == 3 for group in groups) > (options["odd"] == "trio"):
            return None
        total = 0
        for group in groups:
            names = [ids[i] for i in group]
            pairs = [(a, b) for k, a in enumerate(group) for b in group[:k]]
            forced = any(len(pair & set(names)) for pair in together)
            if forced and set(names) not in together:
                return None
            for a, b in pairs:
                score = mutual_score(scores, options["mutual"], a, b)
                if forced:
                    score = forced_score(scores, options["mutual"], a, b)
                elif {ids[a], ids[b]} in met or any({ids[a], ids[b]} <= x for x in apart):
                    return None
                if score is None:
                    return None
                total += score * 2 // (len(group) - 1)
        placed = {ids[i] for group in groups for i in group}
        fewer = sum(len(set(count.values()) - set(range(count[x] + 1))) for x in placed)
        return len(placed), fewer if options["odd"] == "rest" else 0, total

    return worth


def forced_score(scores, how, i, j):
    points = np.where(scores.points < 0, ~scores.points, scores.points)
    return mutual_score(replace(scores, points=points), how, i, j)


def solved(scores, options):
    """Solve, or return None where nobody may meet."""
    try:
        return mm.match_peers(scores, **options)
    except ParameterError:
        return None


def check(scores, options):
    worth = judge(scores, options)
    best = best_grouping(len(scores), (2, 3), worth)
    peers = solved(scores, options)
    if peers is None:
        assert best[0] == 0
        return
    people = worth(peers.positions)
    assert people is not None
    assert people == best
    assert peers.status == Status.OPTIMAL
    assert peers.gap == 0
    assert round(peers.objective * 2 * MILLION) == people[2]
    proof = mm.verify(peers)
    assert proof, proof
    assert proof.gap == 0


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**32))
def test_no_groups_are_better_by_brute_force(seed):
    check(*random_case(seed))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 500, 100))
def test_five_hundred_pools_of_up_to_nine(start):
    for seed in range(start, start + 100):
        check(*random_case([9, seed], most=9))


def test_the_order_and_the_names_of_rows_do_not_matter():
    rng = np.random.default_rng(3)
    for seed in range(12):
        scores, options = random_case([2, seed], most=9)
        order = rng.permutation(len(scores))
        ids = [scores.mentees.ids[i] for i in order]
        matrix = pd.DataFrame(scores.total, scores.mentees.ids, scores.mentees.ids)
        matrix = matrix.loc[ids, ids]
        moved = mm.Scores.from_matrix(matrix, admissible=scores.admissible[np.ix_(order, order)])
        one, other = solved(scores, options), solved(moved, options)
        if one is not None:
            assert {frozenset(g) for g in one.groups} == {frozenset(g) for g in other.groups}


COFFEE = """Name,Email,Department,Interests,Previous partners
Mia Alder,mia@x.example,Sales,Climbing;Tea,Ned Birch
Ned Birch,ned@x.example,IT,Tea;Chess,Mia Alder
Ola Cedar,ola@x.example,Sales,Chess,
Pia Dogwood,pia@x.example,HR,Climbing;Chess,Quin Elm
Quin Elm,quin@x.example,IT,Tea,Pia Dogwood
"""


@pytest.fixture
def coffee(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(COFFEE, encoding="utf-8")
    people = mm.read_roster(path, role="mentee")
    return mm.score(people, people)


def test_a_pool_from_a_file_gives_mutual_pairs_and_a_trio(coffee):
    peers = mm.match_peers(coffee)
    assert sorted(len(group) for group in peers) == [2, 3]
    assert peers.unmatched == ()
    for person in coffee.mentees.ids:
        assert all(person in peers[other] for other in peers[person])
    assert ("mia@x.example", "ned@x.example") not in peers  # earlier partners, from the file
    assert ("pia@x.example", "quin@x.example") not in peers
    assert mm.verify(peers)


def test_who_rested_comes_first_in_the_next_round(coffee):
    rounds = []
    for _ in range(3):
        rounds.append(mm.match_peers(coffee, odd="rest", previous=rounds))
    rested = [x for peers in rounds for x in peers.unmatched]
    assert len(set(rested)) == len(rested) == 3
    met = [frozenset(pair) for peers in rounds for pair in peers]
    assert len(set(met)) == len(met)
    assert "sits out this time" in repr(rounds[0])


def test_earlier_results_count_whoever_has_left_since(coffee):
    first = mm.match_peers(coffee)
    ids = [x for x in coffee.mentees.ids if x != "mia@x.example"]
    matrix = pd.DataFrame(np.full((4, 4), 0.5), ids, ids)
    later = mm.match_peers(mm.Scores.from_matrix(matrix), previous=[first])
    met = {frozenset(pair) for group in first for pair in combinations(group, 2)}
    assert not met & {frozenset(pair) for pair in later}


def test_explanations_sum_exactly_in_both_directions(coffee):
    peers = mm.match_peers(coffee, mutual="product")
    for person in coffee.mentees.ids:
        told = peers.explain(person)
        assert tuple(told.partners["partner"]) == peers[person]
        own = (told.partners["own"] * MILLION).round().astype(int)
        back = (told.partners["back"] * MILLION).round().astype(int)
        assert told.contributions.sum(axis=1).tolist() == own.tolist()
        assert told.back.sum(axis=1).tolist() == back.tolist()
        for other in peers[person]:
            assert coffee[person, other] == pytest.approx(
                float(told.partners.set_index("partner").loc[other, "own"]), abs=1e-6
            )
    assert "Ned Birch meets Quin Elm" in str(peers.explain("Ned Birch"))


@pytest.mark.parametrize("seed", range(12))
def test_what_a_pair_costs_is_what_brute_force_says(seed):
    scores, options = random_case([4, seed], most=7)
    options = {**options, "constraints": []}
    peers = solved(scores, options)
    if peers is None:
        return
    ids = scores.mentees.ids
    worth = judge(scores, options)
    best = worth(peers.positions)
    for i in range(len(ids)):
        for j in range(i):
            told = peers.why_not(ids[i], ids[j])
            alone = {**options, "constraints": [mm.Together([ids[i], ids[j]])]}
            forced = best_grouping(len(ids), (2, 3), judge(scores, alone))
            if ids[j] in peers[ids[i]]:
                assert told.cost == 0
            elif worth(((j, i),)) is None:
                assert told.rules
                assert told.cost is None
            elif options["odd"] == "trio":
                assert told.people == best[0] - forced[0]
                if not told.people:
                    assert round(told.cost * 2 * MILLION) == best[2] - forced[2]


def test_who_is_left_over_is_told_why_and_what_helps():
    matrix = np.full((5, 5), 0.5)
    allowed = np.ones((5, 5), dtype=bool)
    allowed[4] = False  # nobody may meet the last
    alone = mm.match_peers(scores_of(matrix, allowed)).diagnose()
    assert alone["person"].tolist() == ["p5"]
    assert alone["admissible"].tolist() == [0]
    assert "None of the 4 other people may meet her" in alone["reason"][0]
    assert alone["helps"].tolist() == [""]
    rest = mm.match_peers(scores_of(matrix), odd="rest").diagnose()
    assert "one sits out" in rest["reason"][0]
    assert "odd='trio'" in rest["helps"][0]
    met = [("p4", "p1"), ("p4", "p2"), ("p4", "p3")]
    again = mm.match_peers(scores_of(matrix[:4, :4]), previous=met).diagnose()
    assert again["person"].tolist() == ["p4"]
    assert "they met before (3)" in again["reason"][0]
    assert again["helps"][0] == "meeting p3 again"  # one of three who are a trio without her
    two = mm.match_peers(scores_of(matrix[:4, :4]), previous=met, odd="rest").diagnose()
    assert len(two) == 2
    assert "again" in " ".join(two["helps"])


def test_a_stable_answer_leaves_nobody_who_would_change():
    for seed in range(20):
        scores, _ = random_case([5, seed])
        symmetric = scores_of(np.minimum(scores.total, scores.total.T))
        peers = mm.match_peers(symmetric, stable=True)
        best = mm.match_peers(symmetric, odd="rest")
        assert peers.status == Status.STABLE
        assert len(peers.blocking()) == 0
        assert mm.verify(peers)
        assert peers.bound >= best.objective
        assert peers.objective >= peers.bound / 2  # best pair first is at least half


def test_blocking_pairs_are_those_who_would_both_change():
    matrix = np.array([[0, 0.9, 0, 0], [0.9, 0, 0.8, 0], [0, 0.8, 0, 0.1], [0, 0, 0.1, 0]])
    peers = mm.match_peers(scores_of(matrix))
    assert peers.groups == (("p1", "p2"), ("p3", "p4"))
    assert len(peers.blocking()) == 0
    matrix[1, 2] = matrix[2, 1] = 1.0
    matrix[2, 3] = matrix[3, 2] = 0.6
    blocked = mm.match_peers(scores_of(matrix)).blocking()
    assert blocked[["one", "other"]].to_numpy().tolist() == [["p2", "p3"]]
    assert blocked["one_gain"][0] == pytest.approx(0.1)


def test_a_false_claim_is_not_verified(coffee):
    peers = mm.match_peers(coffee)
    groups = peers.solved.groups
    swapped = replace(peers, solved=replace(peers.solved, groups=groups[:1]))
    assert not mm.verify(swapped)
    cheap = replace(peers.solved, price=np.maximum(peers.solved.price - 10**9, 0))
    told = mm.verify(replace(peers, solved=cheap))
    assert not told
    assert "prices do not hold" in told.text


def test_out_of_time_the_gap_is_honest(monkeypatch):
    rng = np.random.default_rng(8)
    scores = scores_of(rng.random((45, 45)))
    best = mm.match_peers(scores)
    early = mm.match_peers(scores, time_limit=1e-9)
    assert early.status == Status.TIME_LIMIT
    people, total = early.stages
    assert people.value <= best.stages[0].value <= people.bound
    if people.value == best.stages[0].value:
        assert total.value <= best.objective <= total.bound
    assert mm.verify(early)


def test_files_are_written(coffee, tmp_path):
    peers = mm.match_peers(coffee)
    book = openpyxl.load_workbook(peers.to_excel(tmp_path / "peers.xlsx"))
    assert book.sheetnames == ["Summary", "Groups", "People", "Left over", "Settings"]
    text = peers.to_csv()
    assert text.splitlines()[0].startswith("group,person,partner")
    assert len(text.splitlines()) == 9
    assert "a trio of 5 people" in repr(peers)
    assert "<table" in peers._repr_html_()
    assert peers.manifest["settings"]["odd"]
    frame = peers.to_frame(reasons=True)
    assert frame["why"].str.len().min() > 0


def test_errors_name_everybody_before_anything_is_solved(coffee):
    other = pd.DataFrame([[0.5, 0.5], [0.5, 0.5]], ["ana", "bo"], ["bo", "cy"])
    with pytest.raises(ParameterError, match="On one of the two rosters only: ana, cy"):
        mm.match_peers(mm.Scores.from_matrix(other))
    with pytest.raises(UnknownPersonError, match="zed, nil"):
        mm.match_peers(coffee, previous=[("Mia Alder", "zed"), ("nil", "zed")])
    with pytest.raises(ParameterError, match="'previous'"):
        mm.match_peers(coffee, previous=["Mia Alder"])
    both = [mm.Together(["Mia Alder", "Ola Cedar"]), mm.Together(["Mia Alder", "Pia Dogwood"])]
    with pytest.raises(ParameterError, match="Mia Alder is to be with"):
        mm.match_peers(coffee, constraints=both)
    with pytest.raises(ParameterError, match="together and apart"):
        mm.match_peers(coffee, constraints=[both[0], mm.Apart(["Mia Alder", "Ola Cedar"])])
    with pytest.raises(ParameterError, match=r"3 people are no pair.*only Apart and Together"):
        mm.match_peers(
            coffee,
            constraints=[mm.Together(list(coffee.mentees.ids[:3])), mm.Load(least=1)],
        )
    with pytest.raises(ParameterError, match="'odd'"):
        mm.match_peers(coffee, odd="four")
    with pytest.raises(ParameterError, match="no two of p1, p2 may meet, as everybody has met"):
        mm.match_peers(scores_of(np.full((2, 2), 0.5)), previous=[("p1", "p2")])
    with pytest.raises(ParameterError, match="another person"):
        mm.match_peers(coffee).why_not("Mia Alder", "Mia Alder")


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_and_one_person(n):
    peers = mm.match_peers(scores_of(np.full((n, n), 0.5)))
    assert peers.groups == ()
    assert len(peers.unmatched) == n
    assert mm.verify(peers)
    assert len(peers.diagnose()) == n


@pytest.mark.parametrize("seed", range(20))
def test_circles_are_the_best_by_brute_force(seed):
    rng = np.random.default_rng([6, seed])
    n, size = [(6, 3), (7, 3), (8, 4), (8, 3), (9, 4)][seed % 5]
    scores = scores_of(rng.integers(0, 6, (n, n)) / 5, rng.random((n, n)) < 0.95)
    ids = scores.mentees.ids
    previous = [tuple(ids[:2])] if seed % 2 else []
    together = [mm.Together([ids[2], ids[3]])] if seed % 3 == 0 else []
    options = {"previous": previous, "mutual": "least"}

    def worth(groups):
        total = 0
        for group in groups:
            for a in group:
                for b in group:
                    if a < b:
                        score = mutual_score(scores, "least", a, b)
                        if score is None or ((a, b) == (0, 1) and previous):
                            return None
                        total += score
        if together and sum(len({2, 3} & set(group)) == 1 for group in groups):
            return None
        placed = sum(len(group) for group in groups)
        return placed, sum(len(group) == size for group in groups) * (placed == n), total

    best = best_grouping(n, (size,) if n % size == 0 else (size, size + 1), worth)
    peers = mm.match_peers(scores, size, constraints=together, **options)
    found = worth(peers.positions)
    assert found is not None
    assert found == best
    assert peers.gap == 0
    assert peers.status == Status.OPTIMAL
    proof = mm.verify(peers)
    assert proof, proof
    assert proof.bound >= best[2] / MILLION - 1e-9


def test_circles_are_explained_and_verified(coffee):
    people = scores_of(np.random.default_rng(1).random((12, 12)))
    peers = mm.match_peers(people, 4)
    assert sorted(len(group) for group in peers) == [4, 4, 4]
    first = peers.groups[0][0]
    told = peers.explain(first)
    assert tuple(told.partners["partner"]) == peers[first]
    other = next(x for x in people.mentees.ids if x not in peers[first] and x != first)
    assert peers.why_not(first, other).cost >= 0
    assert "in one group" in str(peers.why_not(first, other))
    moved = replace(peers.solved, groups=(*peers.solved.groups[1:], peers.solved.groups[0][:3]))
    assert not mm.verify(replace(peers, solved=moved))
    with pytest.raises(ParameterError, match=r"5 people cannot be parted into groups of 3 and 4"):
        mm.match_peers(coffee, 3)
    with pytest.raises(ParameterError, match="'odd'"):
        mm.match_peers(people, 4, odd="rest")


def test_everybody_is_placed_by_exchanges_where_time_is_short(monkeypatch):
    rng = np.random.default_rng(5)
    scores = scores_of(rng.random((26, 26)), rng.random((26, 26)) < 0.97)
    pool = mm.match_peers(scores).pool
    problem = circles._problem(pool, 4, circles._chairs(pool, 4))
    nothing = Plan(np.full(problem.people, -1), *(np.zeros(0, np.int64),) * 2)
    priced = solve.form(problem, budget=Budget(1.0))
    empty = replace(priced, placed=0, plan=nothing, status="limit")
    monkeypatch.setattr(circles, "form", lambda *_, **__: empty)
    peers = mm.match_peers(scores, 4, time_limit=1.0)
    assert sorted(len(group) for group in peers) == [4, 4, 4, 4, 5, 5]
    assert peers.status == Status.TIME_LIMIT
    proof = mm.verify(peers)
    assert proof, proof
    assert peers.objective <= peers.bound
