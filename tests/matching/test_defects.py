"""As few pairs as possible that nobody would defend: against every matching there is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.rosters.columns import Categories
from mentormatch.scoring.defects import DEFECTS, bit_of

Rng = np.random.Generator
TOPICS = ("law", "sales", "data", "design")
SLOTS = ("Monday 09:00-11:00", "Tuesday 14:00-16:00", "Friday 10:00-12:00")
MATCHED, TOTAL = mm.MaximizeMatched(), mm.MaximizeTotal()


def answers(rng: Rng, count: int, who: str) -> pd.DataFrame:
    """Goals or skills, hours and years, a quarter of each left blank."""

    def some(options: tuple[str, ...], most: int) -> str:
        if rng.random() < 0.25:
            return ""
        return ";".join(rng.permutation(list(options))[: int(rng.integers(1, most + 1))].tolist())

    topic = "goals" if who == "e" else "skills"
    frame = {
        "id": [f"{who}{k}" for k in range(count)],
        topic: [some(TOPICS, 2) for _ in range(count)],
        "availability": [some(SLOTS, 2) for _ in range(count)],
        "experience": [
            "" if rng.random() < 0.25 else str(int(rng.integers(0, 5))) for _ in range(count)
        ],
    }
    for column, answered in ((topic, "law"), ("availability", SLOTS[0]), ("experience", "2")):
        frame[column][0] = answered  # so that every column is one of its kind
    return pd.DataFrame(frame)


def rosters(seed: int, n: int = 4, m: int = 3) -> tuple[Any, Any, pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    a, b = answers(rng, n, "e"), answers(rng, m, "r")
    kinds = {"availability": "hours", "experience": "number"}
    mentees = mm.read_roster(a, role="mentee", kinds={**kinds, "goals": "labels"})
    mentors = mm.read_roster(b, role="mentor", kinds={**kinds, "skills": "labels"})
    return mentees, mentors, a, b


def truth(a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    """Return the defects of every pair by their definitions, from the answers as typed."""
    mask = np.zeros((len(a), len(b)), dtype=np.uint8)
    offers = {word for cell in b.skills for word in cell.split(";")}
    named = [word for cell in a.goals for word in cell.split(";") if word]
    meet = 2 * sum(word in offers for word in named) >= len(named)  # else judged by nobody
    for i, j in product(range(len(a)), range(len(b))):
        mine, yours = a.iloc[i], b.iloc[j]
        for bit, (one, other) in enumerate((("availability", "availability"), ("goals", "skills"))):
            wanted, offered = (set(filter(None, t.split(";"))) for t in (mine[one], yours[other]))
            if wanted and offered and not wanted & offered and (bit == 0 or meet):
                mask[i, j] |= 1 << bit
        if mine.experience and yours.experience and int(yours.experience) < int(mine.experience):
            mask[i, j] |= 4
    return mask


def scores(seed: int) -> tuple[mm.Scores, np.ndarray, Rng]:
    """Random scores, seats and admissible pairs over rosters with defects."""
    mentees, mentors, a, b = rosters(seed)
    rng = np.random.default_rng([seed, 1])
    levels = int(rng.choice([2, 5, 1001]))
    made = mm.Scores.from_matrix(
        rng.integers(0, levels, (len(a), len(b))) / (levels - 1),
        capacity=rng.integers(0, 3, len(b)), admissible=rng.random((len(a), len(b))) < 0.85,
        mentees=mentees, mentors=mentors,
    )  # fmt: skip
    return made, truth(a, b), rng


def every(made: mm.Scores, capacity: Any = None) -> list[list[tuple[int, int]]]:
    n, m = made.shape
    seats = made.mentors.capacity if capacity is None else capacity
    options = [[-1, *np.flatnonzero(made.points[i] >= 0).tolist()] for i in range(n)]
    found = []
    for chosen in product(*options):
        pairs = [(i, j) for i, j in enumerate(chosen) if j >= 0]
        load = np.bincount([j for _, j in pairs], minlength=m)
        if (load <= seats).all():
            found.append(pairs)
    return found


def total(made: mm.Scores, pairs: Any) -> int:
    return int(sum(made.points[pair] for pair in pairs))


def rank(made: mm.Scores, mask: np.ndarray, pairs: Any) -> tuple[int, ...]:
    """Number matched, seats by score, pairs with a defect, total."""
    defects = [int(mask[pair]) for pair in pairs]
    some = sum(one > 0 for one in defects)
    seats = sum(bool(made.seated[i]) for i, _ in pairs)
    return len(pairs), seats, -some, total(made, pairs)


def pairs_of(matching: mm.Matching) -> list[tuple[int, int]]:
    return list(zip(*(part.tolist() for part in matching.pairs), strict=True))


@pytest.mark.parametrize("seed", range(30))
def test_defects_are_what_they_are_said_to_be(seed: int) -> None:
    mentees, mentors, a, b = rosters(seed, 6, 5)
    made = mm.score(mentees, mentors)
    assert set(DEFECTS) - set(made.judged) <= {"no_help"}  # where hardly any name meets
    assert np.array_equal(made.defects, truth(a, b))
    for name in made.judged:
        ruled = mm.score(mentees, mentors, rules=[mm.Without(name)])
        assert np.array_equal(~ruled.admissible, (made.defects & bit_of(name)) > 0)
        for i, j in np.argwhere(~ruled.admissible)[:2].tolist():
            said = ruled.why_inadmissible(i, j)[0]
            assert mentors.name(j) in said
            assert mentees.name(i) in said


def test_compiled_and_not_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from mentormatch.scoring import defects

    mentees, mentors, a, b = rosters(3, 40, 30)
    plain = defects.defect_mask(mentees, mentors)
    monkeypatch.setattr(defects, "COMPILE_FROM", 0)
    assert np.array_equal(defects.defect_mask(mentees, mentors), plain)
    assert np.array_equal(plain, truth(a, b))


@pytest.mark.parametrize("route", ["auto", "flow", "rows"])
def test_as_few_as_any_matching_has(route: str) -> None:
    for seed in range(60 if route == "auto" else 15):
        made, mask, _ = scores(seed)
        problem = mm.Problem(made)
        matching = mm.solve(problem, route=route)
        best = max(rank(made, mask, pairs) for pairs in every(made))
        assert rank(made, mask, pairs_of(matching)) == best, seed
        assert [stage.value for stage in matching.stages] == [best[0], -best[2], best[3] / 1e6]
        assert matching.status == "optimal"
        assert matching.gap == 0


def test_units_that_do_not_fit_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    from mentormatch.solvers import fold

    told = []
    for seed in range(40):
        made, mask, _ = scores(seed)
        whole = mm.solve(mm.Problem(made))
        monkeypatch.setattr(fold, "LARGEST_VALUE", 3_500_000)  # a pair may cost 2.5 scores
        matching = mm.solve(mm.Problem(made))
        monkeypatch.undo()
        best = max(rank(made, mask, pairs) for pairs in every(made))
        assert rank(made, mask, pairs_of(matching)) == best, seed
        pd.testing.assert_frame_equal(matching.load, whole.load)
        ids = made.mentees.ids[0], made.mentors.ids[0]
        told.append([mm.why_not(one, *ids).text for one in (whole, matching)])
    assert all(one == other for one, other in told)


def test_one_more_seat_is_worth_what_it_says() -> None:
    """In the order of the default objectives, who would have a seat by score held as they are."""
    seen = set()
    for seed in range(40):
        made, mask, _ = scores(seed)
        matching = mm.solve(mm.Problem(made))
        best = rank(made, mask, pairs_of(matching))
        for j, load in matching.load.iterrows():
            capacity = made.mentors.capacity.copy()
            capacity[j] += 1
            more = max(rank(made, mask, pairs) for pairs in every(made, capacity))
            assert load["dual_matched"] == more[0] - best[0], (seed, j)
            if more[:3] == best[:3]:  # else it is worth more than points
                assert load["dual_price"] * 1e6 == pytest.approx(more[3] - best[3]), (seed, j)
            seen.add(bool(load["dual_price"] > 0))
    assert seen == {False, True}


def test_only_the_defects_named() -> None:
    for seed in range(20):
        made, mask, _ = scores(seed)
        objectives = [MATCHED, mm.MinimizeDefects(("no_help", "below_level")), TOTAL]
        matching = mm.solve(mm.Problem(made, objectives=objectives))
        best = max(rank(made, mask & 6, pairs) for pairs in every(made))
        assert rank(made, mask & 6, pairs_of(matching)) == best


def test_what_may_be_given_up_is_bounded() -> None:
    for seed in range(30):
        made, mask, rng = scores(seed)
        within = float(rng.choice([0, 0.02, 0.1, 1 / 3, 1]))
        objectives = [MATCHED, mm.MinimizeDefects(within=within), TOTAL]
        matching = mm.solve(mm.Problem(made, objectives=objectives))
        all_ = every(made)
        most = max(len(pairs) for pairs in all_)
        kept = 1 - Fraction(within).limit_denominator(1000)
        least = ceil(kept * max(total(made, pairs) for pairs in all_ if len(pairs) == most))
        able = [p for p in all_ if len(p) == most and total(made, p) >= least]
        # without the number matched
        mine, *others = (rank(made, mask, p) for p in (pairs_of(matching), *able))
        assert mine[1:] == max(one[1:] for one in others), seed
        assert matching.gap == 0


def test_whether_pairs_were_avoidable() -> None:
    seen = set()
    for seed in range(40):
        made, mask, _ = scores(seed)
        matching = mm.solve(mm.Problem(made, objectives=[MATCHED, TOTAL]))
        mine, all_ = pairs_of(matching), every(made)
        frame = matching.defects()
        assert [tuple(p) for p in frame[["mentee", "mentor"]].to_numpy()] == [
            (made.mentees.ids[i], made.mentors.ids[j]) for i, j in mine if mask[i, j]
        ]
        able = [p for p in all_ if len(p) == len(mine)]
        best = max(rank(made, mask, p) for p in able)
        fewer = rank(made, mask, mine)[2] < best[2]
        if fewer:
            assert frame["avoidable"].any()
            lost = (total(made, mine) - best[3]) / 1e6
            assert np.allclose(frame["cost"][frame["avoidable"]], lost)
        else:
            assert not frame["avoidable"].any()
        seen.add(fewer)
        default = mm.solve(mm.Problem(made))
        assert not default.defects()["avoidable"].any()
    assert seen == {True, False}


def test_nothing_to_judge_is_no_stage() -> None:
    made = mm.Scores.from_matrix([[0.5, 0.2], [0.9, 0.1]])
    plain = mm.solve(mm.Problem(made, objectives=[MATCHED, TOTAL]))
    matching = mm.solve(mm.Problem(made))
    assert matching.stages == plain.stages
    assert matching.route == plain.route
    assert not len(matching.defects())
    with pytest.raises(mm.errors.ParameterError, match="lack the columns"):
        mm.solve(mm.Problem(made, objectives=[mm.MinimizeDefects()]))


def test_it_comes_after_matched() -> None:
    made, _, _ = scores(0)
    with pytest.raises(mm.errors.ParameterError, match="must name MaximizeMatched before"):
        mm.solve(mm.Problem(made, objectives=[mm.MinimizeDefects(), TOTAL]))


def test_refused_parameters() -> None:
    with pytest.raises(mm.errors.ParameterError, match="'no_hour' is none"):
        mm.MinimizeDefects(("no_hour", "no_help"))
    with pytest.raises(mm.errors.ParameterError, match="at least one defect"):
        mm.MinimizeDefects(())
    with pytest.raises(mm.errors.ParameterError, match="within"):
        mm.MinimizeDefects(within=-0.1)
    with pytest.raises(mm.errors.ParameterError, match="must name defects: no_shared_hour"):
        mm.Without("hours")
    mentees = mm.read_roster(pd.DataFrame({"id": ["a"], "goals": ["law"]}), role="mentee")
    mentors = mm.read_roster(pd.DataFrame({"id": ["b"], "goals": ["law"]}), role="mentor")
    with pytest.raises(mm.errors.ColumnError, match="'availability'"):
        mm.score(mentees, mentors, rules=[mm.Without("no_shared_hour")])


def test_why_not_and_alternatives_count_defects() -> None:
    for seed in range(25):
        made, mask, _ = scores(seed)
        matching = mm.solve(mm.Problem(made))
        best = rank(made, mask, pairs_of(matching))
        assert matching.priced
        all_ = every(made)
        for i, j in product(range(made.shape[0]), range(made.shape[1])):
            able = [rank(made, mask, p) for p in all_ if (i, j) in p]
            if not able or (i, j) in pairs_of(matching):
                continue
            answer = mm.why_not(matching, made.mentees.ids[i], made.mentors.ids[j])
            shown = max(able)
            assert answer.lost is not None
            assert answer.lost.matched == best[0] - shown[0]
            assert answer.lost.seats == best[1] - shown[1]
            assert answer.lost.defects == best[2] - shown[2]
            assert answer.lost.millionths == best[3] - shown[3]
            if answer.lost.defects > 0:
                assert "more pair" in answer.text


def test_tradeoff_over_defects() -> None:
    made, mask, _ = scores(7)
    curve = mm.tradeoff(mm.Problem(made), over="defects")
    frame = curve.to_frame()
    assert (np.diff(frame["defects"]) <= 0).all()
    assert (frame["price"] <= frame["value"] + 1e-9).all()
    for matching, count in zip(curve.matchings, frame["defects"], strict=True):
        assert matching is not None
        assert (mask[matching.pairs] > 0).sum() == count
    bare = mm.Scores.from_matrix([[0.5]])
    with pytest.raises(mm.errors.ParameterError, match="no columns"):
        mm.tradeoff(mm.Problem(bare), over="defects")


def test_the_first_page_says_it() -> None:
    from mentormatch.delivery.first_page import lines

    said = set()
    for seed in range(25):
        made, mask, _ = scores(seed)
        for objectives in ([MATCHED, TOTAL], [MATCHED, mm.MinimizeDefects(), TOTAL]):
            matching = mm.solve(mm.Problem(made, objectives=objectives))
            if not len(matching.pairs[0]):
                continue
            text = " ".join(lines(matching))
            here = mask[matching.pairs]
            meet = int(((here & 1) > 0).sum())
            assert (f"{meet} pair" in text) == (meet > 0) or "such pair" in text
            assert ("Pairs to look at" in text) == bool((here > 0).any())
            said |= {word for word in ("No matching of as many", "lower", "took", "cost nothing")
                     if word in text}  # fmt: skip
    assert said == {"No matching of as many", "lower", "took", "cost nothing"}


def test_a_roster_in_another_order_gives_the_same_pairs() -> None:
    mentees, mentors, a, b = rosters(11, 12, 6)
    kinds = {"availability": "hours", "experience": "number", "goals": "labels"}
    one = mm.match(mentees, mentors)
    rng = np.random.default_rng(0)
    other = mm.match(
        mm.read_roster(a.iloc[rng.permutation(12)], role="mentee", kinds=kinds),
        mm.read_roster(
            b.iloc[rng.permutation(6)], role="mentor",
            kinds={"availability": "hours", "experience": "number", "skills": "labels"},
        ),
    )  # fmt: skip
    key = ["mentee", "mentor"]
    first, second = (m.to_frame()[key].sort_values(key).to_numpy().tolist() for m in (one, other))
    assert first == second


def test_seats_go_by_score_before_defects_unless_told_otherwise() -> None:
    seen = set()
    for seed in range(30):
        made, mask, _ = scores(seed)
        all_ = every(made)
        best = max((len(p), total(made, p)) for p in all_)
        sets = {frozenset(i for i, _ in p) for p in all_ if (len(p), total(made, p)) == best}
        seated = frozenset(np.flatnonzero(made.seated).tolist())
        assert seated in sets
        free = mm.solve(
            mm.Problem(made, objectives=[MATCHED, mm.MinimizeDefects(by_score=False), TOTAL])
        )
        ranks = [(r[0], *r[2:]) for r in (rank(made, mask, p) for p in all_)]
        mine = rank(made, mask, pairs_of(free))
        assert (mine[0], *mine[2:]) == max(ranks)
        seen.add(mine[2] > rank(made, mask, pairs_of(mm.solve(mm.Problem(made))))[2])
    assert seen == {False, True}  # what keeping the seats costs is seen at all


def test_the_order_of_the_rosters_seats_the_same_people() -> None:
    for seed in range(10):
        a, b = (answers(np.random.default_rng([seed, k]), 5, who) for k, who in enumerate("er"))
        kinds = {"availability": "hours", "experience": "number"}
        people = []
        for order in (slice(None), slice(None, None, -1)):
            made = mm.score(
                mm.read_roster(a[order], role="mentee", kinds={**kinds, "goals": "labels"}),
                mm.read_roster(b[order], role="mentor", kinds={**kinds, "skills": "labels"}),
            )
            people.append({made.mentees.ids[i] for i in np.flatnonzero(made.seated)})
        assert people[0] == people[1]


def test_goals_in_other_words_are_not_called_no_help() -> None:
    """Where names hardly meet, goals are compared by their words."""
    a = pd.DataFrame({"id": ["e1", "e2"], "goals": ["negotiating with suppliers", "public talks"]})
    b = pd.DataFrame({"id": ["r1", "r2"], "skills": ["negotiate with vendors", "public speaking"]})
    made = mm.score(
        mm.read_roster(a, role="mentee", kinds={"goals": "labels"}),
        mm.read_roster(b, role="mentor", kinds={"skills": "labels"}),
    )
    assert "no_help" not in made.judged
    assert not made.defects.any()


def test_with_parity_as_few_as_any_matching_has() -> None:
    """Seats by score and defects beside a parity of shares: exact, a flow per window."""
    solved = 0
    for seed in range(80):
        made, mask, rng = scores(seed)
        group = rng.integers(0, 2 if seed % 2 else 3, made.shape[0])
        columns = {**made.mentees.columns, "team": Categories.of(group.tolist())}
        made = replace(made, mentees=replace(made.mentees, columns=columns))
        within = Fraction(int(rng.integers(0, 6)), 10)
        parity = mm.Parity("team", within=float(within), smallest=1)
        able = []
        for pairs in every(made):
            got = np.bincount(group[[i for i, _ in pairs]], minlength=3)
            shares = [Fraction(int(a), int(b)) for a, b in zip(got, np.bincount(group, minlength=3),
                                                               strict=True) if b]  # fmt: skip
            if max(shares) - min(shares) <= within:
                able.append(rank(made, mask, pairs))
        matching = mm.solve(mm.Problem(made, constraints=[parity]))
        assert rank(made, mask, pairs_of(matching)) == max(able), seed
        assert matching.status == "optimal"
        solved += matching.route == "windows"
    assert solved > 40


def test_whom_she_asked_for_by_name_is_help(monkeypatch: pytest.MonkeyPatch) -> None:
    from mentormatch.scoring import defects

    a = pd.DataFrame(
        {
            "id": ["e0", "e1", "e2"],
            "goals": ["law", "law", "law"],
            "preferred": ["r0; r2", "", "r1"],
            "availability": ["Mon 9-11", "Mon 9-11", "Mon 9-11"],
        }
    )
    b = pd.DataFrame(
        {
            "id": ["r0", "r1", "r2"],
            "skills": ["art", "law", "art"],
            "preferred": ["e1", "", ""],  # whom he wished for does not bear on what helps her
            "availability": ["Mon 9-11", "Mon 9-11", "Tue 9-11"],
        }
    )
    mentees = mm.read_roster(a, role="mentee", kinds={"goals": "labels"})
    mentors = mm.read_roster(b, role="mentor", kinds={"skills": "labels"})
    expected = [[0, 0, 1], [2, 0, 3], [2, 0, 3]]  # hours are judged all the same
    made = mm.score(mentees, mentors)
    assert made.defects.tolist() == expected
    monkeypatch.setattr(defects, "COMPILE_FROM", 0)
    assert defects.defect_mask(mentees, mentors).tolist() == expected
    ruled = mm.score(mentees, mentors, rules=[mm.Without("no_help")])
    assert (~ruled.admissible).astype(int).tolist() == [[0, 0, 0], [1, 0, 1], [1, 0, 1]]
