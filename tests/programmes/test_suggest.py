"""suggest and resuggest: exact against brute force, fair by default, what stands stays."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from benchmarks.forms_suggest import asking
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.scoring.mutual import mutual_points

MILLION = 1_000_000


def random_scores(rng: np.random.Generator, n: int, m: int, levels: int = 4) -> mm.Scores:
    return mm.Scores.from_matrix(
        rng.integers(0, levels + 1, (n, m)) / levels if levels else rng.random((n, m)),
        admissible=rng.random((n, m)) < 0.8,
        capacity=rng.integers(0, 3, m),
    )


def best_lists(
    points: np.ndarray, k: int, allowed: np.ndarray, least: int
) -> tuple[tuple[int, ...], int] | None:
    """The most mentees with a first, second, ... entry, and the best total; by trying all."""
    n, m = points.shape
    options = []
    for i in range(n):
        able = [j for j in range(m) if points[i, j] >= 0]
        options.append([c for size in range(k + 1) for c in combinations(able, size)])
    best = None
    for lists in product(*options):
        load = np.bincount([j for one in lists for j in one], minlength=m)
        if (load > allowed).any() or (load < least).any():
            continue
        count = tuple(sum(len(one) > slot for one in lists) for slot in range(k))
        total = sum(int(points[i, j]) for i, one in enumerate(lists) for j in one)
        if best is None or (count, total) > best:
            best = count, total
    return best


def reached(lists: mm.Suggestions) -> tuple[tuple[int, ...], int]:
    rows, columns = lists.entries
    got = np.bincount(rows, minlength=len(lists.scores.mentees))
    count = tuple(int((got > slot).sum()) for slot in range(lists.asked.k))
    return count, int(lists.matching.problem.scores.points[rows, columns].sum())


@pytest.mark.parametrize("seed", range(60))
def test_lists_are_the_best_by_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = random_scores(rng, int(rng.integers(1, 5)), int(rng.integers(1, 5)), seed % 2 * 4)
    k, least = int(rng.integers(1, 4)), int(rng.integers(0, 2)) * (seed % 3 == 0)
    exposure = [None, "seats", 9, 2][seed % 4]
    n = len(scores.mentees)
    allowed = {
        None: np.full(len(scores.mentors), n),
        "seats": np.minimum(scores.mentors.capacity * k, n),
    }.get(
        exposure, np.full(len(scores.mentors), min(exposure or 0, n) if exposure != "seats" else 0)
    )
    expected = best_lists(scores.points, k, allowed, least)
    try:
        lists = mm.suggest(scores, k, exposure=exposure, least=least, seed=seed)
    except mm.errors.InfeasibleError:
        assert expected is None
        return
    except mm.errors.ParameterError:
        short = int(allowed.sum()) < int(np.minimum((scores.points >= 0).sum(axis=1), k).sum())
        few = np.minimum((scores.points >= 0).sum(axis=0), allowed) < least
        assert (exposure == 2 and short) or few.any()
        return
    assert reached(lists) == expected
    assert lists.gap == 0
    assert lists.status == "optimal"
    assert mm.verify(lists)
    load = np.bincount(lists.entries[1], minlength=len(scores.mentors))
    assert (load <= allowed).all()
    assert lists.exposure["lists"].tolist() == load.tolist()


@pytest.mark.parametrize("seed", range(12))
def test_a_price_is_what_one_more_list_of_a_mentor_brings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = random_scores(rng, 7, 6, 0)
    allowed = dict.fromkeys(scores.mentors.ids, 3)
    lists = mm.suggest(scores, 3, exposure=allowed)
    for j, person in enumerate(scores.mentors.ids):
        more = mm.suggest(scores, 3, exposure=allowed | {person: 4})
        if len(more) == len(lists):
            gain = more.objective - lists.objective
            assert lists.exposure["price"][j] == pytest.approx(gain, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_the_rosters_never_matters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 4, (8, 5)) / 4  # many ties
    ids = [f"e{k}" for k in range(8)], [f"o{k}" for k in range(5)]
    import pandas as pd

    frame = pd.DataFrame(matrix, index=ids[0], columns=ids[1])
    lists = mm.suggest(mm.Scores.from_matrix(frame, capacity=2), 3)
    mixed = frame.iloc[rng.permutation(8), rng.permutation(5)]
    assert set(mm.suggest(mm.Scores.from_matrix(mixed, capacity=2), 3)) == set(lists)


def test_a_certificate_that_was_touched_does_not_hold() -> None:
    from dataclasses import replace

    scores = random_scores(np.random.default_rng(1), 8, 6, 0)
    lists = mm.suggest(scores, 3)
    assert lists.certificate is not None
    assert mm.verify(lists).holds
    high = replace(lists.certificate, price=lists.certificate.price * 2)
    assert not mm.verify(replace(lists, certificate=high))
    other = replace(lists.matching, mentors_of=np.roll(lists.matching.mentors_of, 1, axis=0))
    assert not mm.verify(replace(lists, matching=other))


def test_exposure_by_seats_lets_more_people_find_a_mentor() -> None:
    def found(lists: mm.Suggestions) -> int:
        return asking(lists.matching.mentors_of, lists.scores.mentors.capacity)

    rng = np.random.default_rng(0)
    popular = rng.beta(2, 5, 60)
    scores = mm.Scores.from_matrix(
        np.clip(popular[None, :] + 0.15 * rng.standard_normal((200, 60)), 0, 1), capacity=4
    )
    assert found(mm.suggest(scores, 5)) > found(mm.suggest(scores, 5, exposure=None)) + 20


def test_fairness_says_how_exposure_is_spread() -> None:
    scores = mm.Scores.from_matrix(np.tile([0.9, 0.5, 0.1], (6, 1)), capacity=2)
    lists = mm.suggest(scores, 1)
    figures = lists.fairness.set_index("figure")
    assert figures.loc["lists of the most listed mentor", ["lists", "own_top"]].tolist() == [2, 6]
    assert figures.loc["mentors on no list", ["lists", "own_top"]].tolist() == [0, 2]
    assert figures.loc["Gini coefficient of lists", "lists"] == 0
    assert figures.loc["worst list", "lists"] == pytest.approx(0.1 / 0.9, abs=1e-6)


def test_mutual_interest_counts_both_directions() -> None:
    ours, theirs = mm.make_cohort(12, 6, 2)
    mentees, mentors = mm.read_roster(ours, "mentee"), mm.read_roster(theirs, "mentor")
    there = mm.score(mentees, mentors)
    same = mm.Similarity("communication_style")
    back = mm.score(mentors.as_role("mentee"), mentees.as_role("mentor"), criteria=[same])
    for how in ("mean", "least", "product"):
        lists = mm.suggest(there, 3, back=back, mutual=how)
        rows, columns = lists.entries
        one = np.where(there.points < 0, ~there.points, there.points).astype(object)
        other = np.where(back.points < 0, ~back.points, back.points).T.astype(object)
        joint = {
            "mean": (one + other + 1) // 2,
            "least": np.minimum(one, other),
            "product": (one * other + MILLION // 2) // MILLION,
        }[how]
        held = lists.matching.problem.scores.points[rows, columns]
        assert (held == joint[rows, columns]).all()
        frame = lists.to_frame()
        assert np.allclose(frame["back"], other[rows, columns].astype(float) / MILLION)
        told = lists.explain(mentees.ids[0])
        assert told.back is not None
        assert len(told.back) == len(told.entries)
        barred = (there.points < 0) | (back.points.T < 0)
        assert not barred[rows, columns].any()
        assert mm.verify(lists)


def test_mutual_points_of_one_matrix_are_symmetric() -> None:
    rng = np.random.default_rng(5)
    points = rng.integers(-MILLION - 1, MILLION + 1, (9, 9)).astype(np.int32)
    for how in ("mean", "least", "product"):
        joint = mutual_points(points, points, how)  # type: ignore[arg-type]
        assert (joint == joint.T).all()
        assert ((joint < 0) == ((points < 0) | (points.T < 0))).all()


def test_back_scores_of_strangers_are_refused_by_name() -> None:
    scores = mm.Scores.from_matrix(np.ones((2, 2)))
    with pytest.raises(mm.errors.ParameterError, match=r"mentee 1 \(mentee\)"):
        mm.suggest(scores, 1, back=scores)


def test_what_makes_no_sense_is_said_at_once() -> None:
    scores = mm.Scores.from_matrix(np.ones((4, 2)), capacity=[1, 0])
    with pytest.raises(mm.errors.ParameterError, match="Give exposure=4 or more"):
        mm.suggest(scores, 2, exposure=1)
    with pytest.raises(
        mm.errors.ParameterError, match="mentor 2 is to be on at least 1 list, but may be"
    ):
        mm.suggest(scores, 2, least=1)
    for wrong in ({"k": 0}, {"least": -1}, {"exposure": -1}, {"exposure": {"mentor 1": 0.5}},
                  {"time_limit": 0}, {"mutual": "most"}, {"exposure": "nobody knows"}):  # fmt: skip
        with pytest.raises(mm.errors.MentormatchError):
            mm.suggest(scores, **{"k": 2, **wrong})  # type: ignore[arg-type]


def test_short_lists_are_diagnosed_and_the_remedy_is_verified() -> None:
    scores = mm.Scores.from_matrix(
        np.array([[0.9, 0.5], [0.8, 0.4], [0.7, 0.3]]), capacity=[2, 1],
        admissible=np.array([[True, True], [True, False], [True, True]]),
    )  # fmt: skip
    lists = mm.suggest(scores, 2, exposure={"mentor 1": 3, "mentor 2": 1})
    found = lists.diagnose().set_index("mentee")
    assert "removes 1" in found.loc["mentee 2", "reason"]
    short = next(person for person in found.index if person != "mentee 2")
    assert found.loc[short, "helps"].startswith("mentor 2 on one more list")
    more = mm.suggest(scores, 2, exposure={"mentor 1": 3, "mentor 2": 2})
    assert len(more) == len(lists) + 1
    assert any("fewer than 2 entries" in note for note in lists.notes)


@pytest.mark.parametrize("seed", range(15))
def test_why_not_costs_what_a_forced_entry_costs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = random_scores(rng, 5, 4, 0)
    lists = mm.suggest(scores, 2, exposure=3)
    for i, mentee in enumerate(scores.mentees.ids):
        for j, mentor in enumerate(scores.mentors.ids):
            told = lists.why_not(mentee, mentor)
            if (mentee, mentor) in lists:
                assert told.cost == 0
            elif scores.points[i, j] < 0:
                assert told.rules
                assert told.cost is None
            else:
                locked = mm.Scores.from_matrix(
                    scores.total, admissible=scores.admissible, capacity=scores.mentors.capacity,
                    rules=[mm.Lock([(mentee, mentor)])],
                )  # fmt: skip
                again = mm.suggest(locked, 2, exposure=3)
                assert told.entries == len(lists) - len(again)
                if not told.entries:
                    assert told.cost == pytest.approx(lists.objective - again.objective, abs=1e-9)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_what_stands_stays_and_the_rest_is_the_best(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = random_scores(rng, 6, 5, seed % 2 * 4)
    lists = mm.suggest(scores, 2)
    entries = list(lists)
    if len(entries) < 3:
        return
    order = rng.permutation(len(entries))
    declined = [entries[p] for p in order[:2]]
    accepted = [entries[order[2]]]
    seats = dict(zip(scores.mentors.ids, scores.mentors.capacity.tolist(), strict=True))
    later = mm.resuggest(lists, accepted=accepted, declined=declined)
    full = {accepted[0][1]} if seats[accepted[0][1]] == 1 else set()
    stands = {
        (a, b) for a, b in entries
        if (a, b) not in declined and a != accepted[0][0] and b not in full
    }  # fmt: skip
    assert stands <= set(later)
    assert not set(declined) & set(later)
    assert later[accepted[0][0]] == ()
    assert mm.verify(later)
    news = later.news
    assert set(zip(news["mentee"], news["mentor"], strict=True)) == set(later) ^ set(lists)
    assert set(news.loc[news["why"] == "they have agreed", "mentee"]) == {accepted[0][0]}
    # the best of all that keep what stands
    allowed = np.minimum(later.scores.mentors.capacity * 2, 6)
    load = np.bincount(
        [scores.mentors.position(b) for _, b in stands], minlength=len(scores.mentors)
    )
    allowed = np.where(later.scores.mentors.capacity > 0, np.maximum(allowed, load), 0)
    best = _best_keeping(later.scores.points, allowed, stands, scores, accepted[0][0])
    assert reached(later) == best


def _best_keeping(points, allowed, stands, scores, served):  # type: ignore[no-untyped-def]
    kept = {(scores.mentees.position(a), scores.mentors.position(b)) for a, b in stands}
    n, m = points.shape
    options = []
    for i in range(n):
        mine = {j for a, j in kept if a == i}
        able = [j for j in range(m) if points[i, j] >= 0 and allowed[j] > 0]
        sizes = range(1) if scores.mentees.ids[i] == served else range(3)
        options.append([c for s in sizes for c in combinations(able, s) if mine <= set(c)])
    best = None
    for lists in product(*options):
        load = np.bincount([j for one in lists for j in one], minlength=m)
        if (load > allowed).any():
            continue
        count = tuple(sum(len(one) > slot for one in lists) for slot in range(2))
        total = sum(int(points[i, j]) for i, one in enumerate(lists) for j in one)
        if best is None or (count, total) > best:
            best = count, total
    return best


def test_answers_that_make_no_sense_are_refused_together() -> None:
    scores = mm.Scores.from_matrix(np.ones((3, 2)), capacity=[1, 1])
    lists = mm.suggest(scores, 2)
    with pytest.raises(mm.errors.UnknownPersonError, match=r"mentee 'nobody'.*mentor 'noone'"):
        mm.resuggest(lists, accepted=[("nobody", "mentor 1")], declined=[("mentee 1", "noone")])
    with pytest.raises(mm.errors.ParameterError) as error:
        mm.resuggest(
            lists,
            accepted=[("mentee 1", "mentor 1"), ("mentee 2", "mentor 1"), ("mentee 1", "mentor 2")],
            declined=[("mentee 2", "mentor 1")],
        )
    for part in ("mentee 1 agreed with 2 mentors", "both agreed and declined",
                 "mentor 1 agreed with 2 mentees and has 1 seat"):  # fmt: skip
        assert part in str(error.value)
    with pytest.raises(mm.errors.ParameterError, match="must be a list"):
        mm.resuggest(lists, accepted="mentee 1")  # type: ignore[arg-type]


def test_people_who_leave_and_join_are_taken_account_of() -> None:
    ours, theirs = mm.make_cohort(14, 6, 7)
    mentees, mentors = mm.read_roster(ours.iloc[:12], "mentee"), mm.read_roster(theirs, "mentor")
    lists = mm.suggest(mm.score(mentees, mentors), 2)
    gone = mentors.ids[0]
    later = mm.resuggest(lists, left=[gone], joined={"mentee": ours.iloc[12:]})
    assert gone not in later.scores.mentors.ids
    assert len(later.scores.mentees) == 14
    newcomers = set(later.scores.mentees.ids) - set(mentees.ids)
    assert len(newcomers) == 2
    stands = {pair for pair in lists if pair[1] != gone}
    assert stands <= set(later)
    assert set(later.news.loc[later.news["change"] == "gone", "why"]) <= {"left"}
    assert mm.verify(later)


def test_a_time_limit_is_honest() -> None:
    rng = np.random.default_rng(0)
    scores = mm.Scores.from_matrix(rng.random((300, 90)), capacity=4)
    lists = mm.suggest(scores, 5, time_limit=1e-6)
    load = np.bincount(lists.entries[1], minlength=90)
    assert (load <= 20).all()
    assert lists.status in ("optimal", "time_limit")
    assert (lists.gap > 0) == (lists.status == "time_limit")
    if lists.status == "time_limit":
        assert mm.verify(lists).gap > 0  # it holds what it says, and says no more


def test_empty_rosters_give_empty_lists() -> None:
    for n, m in ((0, 3), (3, 0), (0, 0)):
        scores = mm.Scores.from_matrix(np.zeros((n, m)))
        lists = mm.suggest(scores, 2)
        assert len(lists) == 0
        assert len(lists.exposure) == m
        assert mm.verify(lists)
        assert len(lists.diagnose()) == n
        assert "0 entries" in repr(lists)
        assert lists.fairness.shape == (5, 4)


def test_explanations_sum_exactly() -> None:
    ours, theirs = mm.make_cohort(20, 8, 1)
    scores = mm.score(mm.read_roster(ours, "mentee"), mm.read_roster(theirs, "mentor"))
    lists = mm.suggest(scores, 3)
    for mentee in scores.mentees.ids[:8]:
        told = lists.explain(mentee)
        sums = told.contributions.sum(axis=1).to_numpy() / MILLION
        assert np.allclose(sums, told.entries["score"], atol=1e-9)
        assert told.entries["mentor"].tolist() == list(lists[mentee])
        own = lists.explain(mentee, audience="participant")
        assert not len(own.missed)
        for name in told.missed["name"]:
            assert f"{name}: not on it" in told.text
