"""lottery draws seats by known chances, among nearly the best matchings that keep everything."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.outcomes import drawing
from tests import validator
from tests.outcomes.people import matched

Array = np.ndarray


@pytest.fixture(autouse=True)
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Size the noise in few draws: quicker, and no law of these tests depends on it."""
    monkeypatch.setattr(drawing, "PILOT", 4)


def scores(n: int = 30, seats: int = 18, seed: int = 0, **columns: list[str]) -> mm.Scores:
    """Return drawn scores of n mentees with m = seats / 2 mentors of two seats."""
    rng = np.random.default_rng(seed)
    people = pd.DataFrame({"id": [f"p{i}" for i in range(n)], **columns})
    return mm.Scores.from_matrix(
        rng.random((n, seats // 2)) * 0.5 + rng.random((n, 1)) * 0.3,
        capacity=np.full(seats // 2, 2), mentees=people,
    )  # fmt: skip


def test_seats_are_drawn_by_chances_that_add_up_to_them() -> None:
    problem = mm.Problem(scores())
    drawn = mm.lottery(problem, draws=60)
    assert drawn.drawn.sum() == 18
    assert drawn.chance.sum() == pytest.approx(18)
    assert 0 < drawn.cost <= 0.025  # a quarter above the share at most
    assert drawn.best == pytest.approx(mm.solve(problem).objective)
    assert drawn.real.sum() >= 9
    assert validator.check(drawn.matching, problem=problem) == []
    assert f"{drawn.real.sum()} of them had a chance" in drawn.text
    again = mm.lottery(problem, draws=60)
    assert again == drawn
    other = mm.lottery(problem, draws=60, rng=np.random.default_rng(8))
    assert (other.drawn != drawn.drawn).any()
    assert np.abs(other.chance - drawn.chance).max() < 0.35


def test_the_order_of_the_roster_plays_no_part() -> None:
    first = scores(20, 12)
    order = np.random.default_rng(1).permutation(20)
    mentees = pd.DataFrame({"id": [first.mentees.ids[i] for i in order]})
    second = mm.Scores.from_matrix(first.total[order], capacity=np.full(6, 2), mentees=mentees)
    one, other = (mm.lottery(mm.Problem(s), draws=10) for s in (first, second))
    assert np.array_equal(one.chance[order], other.chance)
    assert sorted(one.matching) == sorted(other.matching)


def test_the_drawn_are_matched_as_well_as_can_be() -> None:
    """Noise on a mentee decides whether she has a seat, never with whom she is best."""
    problem = mm.Problem(scores(), [mm.MaximizeMatched(), mm.MaximizeTotal()])
    drawn = mm.lottery(problem, draws=1)
    seated = np.flatnonzero(drawn.drawn)
    alone = mm.Scores.from_matrix(problem.scores.total[seated], capacity=np.full(9, 2))
    assert drawn.matching.objective == pytest.approx(mm.solve(mm.Problem(alone)).objective)
    assert drawn.matching.gap == 0


def test_no_draw_gives_up_more_than_a_quarter_above_the_share() -> None:
    for defects in (False, True):
        for constraints in ([], [mm.Load(most=1)]):
            mentees, mentors = mm.make_cohort(40, 20, seed=1)
            found = mm.score(
                mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
            )
            objectives = [mm.MaximizeMatched(), mm.MaximizeTotal()]
            objectives[1:1] = [mm.MinimizeDefects()] if defects else []
            problem = mm.Problem(found, objectives, constraints)
            drawn = mm.lottery(problem, draws=2)
            assert drawn.cost <= 0.0251
            assert len(drawn.matching) == len(mm.solve(problem))


def test_a_larger_share_gives_more_people_a_chance() -> None:
    problem = mm.Problem(scores())
    small, large = (mm.lottery(problem, share, draws=60) for share in (0.002, 0.08))
    assert small.real.sum() < large.real.sum()
    assert small.cost < large.cost


CONSTRAINED = {
    "loads": {"constraints": [mm.Load(least=1)]},
    "floor": {"constraints": [mm.ScoreFloor(0.3)]},
    "quota": {"constraints": [mm.Quota("site", value="Leeds", over="programme", most=9)]},
    "parity": {"constraints": [mm.Parity("site", within=0.1)]},
    "impact ratio": {"constraints": [mm.Parity("site", measure="impact_ratio", ratio=0.8)]},
    "apart": {"constraints": [mm.Apart(["p0", "p1"])]},
    "together": {"constraints": [mm.Together(["p0", "p1"])]},
    "reserve": {"constraints": [mm.Reserve("site", "York", 9)]},
    "priority": {"objectives": [mm.MaximizeMatched({"p0": 5, "p1": 5}), mm.MaximizeTotal()]},
    "balance": {"objectives": [mm.MaximizeMatched(), mm.BalanceLoad(), mm.MaximizeTotal()]},
}


@pytest.mark.parametrize("name", CONSTRAINED)
def test_what_must_hold_holds_after_the_draw(name: str) -> None:
    site = ["Leeds", "York", "Hull"] * 8
    problem = mm.Problem(scores(24, 14, site=site), **CONSTRAINED[name])
    drawn = mm.lottery(problem, draws=6)
    assert validator.check(drawn.matching, problem=problem) == []
    assert len(drawn.matching.broken) == 0
    assert drawn.chance.sum() == pytest.approx(drawn.drawn.sum(), rel=0.05)
    if name == "priority":
        assert drawn.chance[:2].tolist() == [1, 1]


def test_locked_pairs_keep_their_seats() -> None:
    rng = np.random.default_rng(0)
    rules = [mm.Lock([("mentee 1", "mentor 2")])]
    problem = mm.Problem(mm.Scores.from_matrix(rng.random((12, 4)), rules=rules))
    drawn = mm.lottery(problem, draws=20)
    assert drawn.chance[0] == 1
    assert not drawn.real[0]
    assert drawn.matching["mentee 1"] == ("mentor 2",)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"objectives": [mm.MaximizeMatched(), mm.MaximizeMinimum()]}, "MaximizeTotal last"),
        ({"objectives": [mm.MaximizeTotal()]}, "MaximizeMatched first"),
        ({"objectives": [mm.MaximizeMatched(), mm.Leximin(), mm.MaximizeTotal()]}, "Leximin"),
        ({"objectives": [mm.MaximizeMatched(), mm.MaximizeWorstGroup("site"), mm.MaximizeTotal()]},
         "MaximizeWorstGroup"),
        ({"constraints": [mm.Parity("site", measure="mean_score")]}, "compares scores"),
        ({"constraints": [mm.Demand(2)]}, "one seat each"),
    ],
)  # fmt: skip
def test_what_noise_would_change_is_refused(how: dict[str, list[object]], words: str) -> None:
    problem = mm.Problem(scores(site=["Leeds", "York"] * 15), **how)  # type: ignore[arg-type]
    with pytest.raises(mm.errors.ParameterError, match=words):
        mm.lottery(problem)


def test_nothing_to_draw_is_no_error() -> None:
    everybody = mm.lottery(mm.Problem(scores(6, 12)))
    assert everybody.chance.tolist() == [1] * 6
    assert not everybody.real.any()
    assert "no effect can be told" in everybody.text
    nobody = mm.lottery(mm.Problem(mm.Scores.from_matrix(np.zeros((0, 3)))))
    assert nobody.text == "There are no mentees, so nothing was drawn."
    empty = mm.lottery(mm.Problem(mm.Scores.from_matrix(np.zeros((3, 0)))))
    assert empty.chance.tolist() == [0, 0, 0]
    alike = mm.lottery(mm.Problem(mm.Scores.from_matrix(np.zeros((4, 2)))), draws=40)
    assert alike.chance.sum() == pytest.approx(2)
    assert alike.cost == 0
    for drawn in (everybody, nobody, empty, alike):
        drawn.plot()
        drawn.to_frame()


@pytest.mark.parametrize("wrong", [{"share": 0.0}, {"share": 1.0}, {"draws": 0}])
def test_numbers_outside_their_domain_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(mm.errors.ParameterError, match="parameter of lottery"):
        mm.lottery(mm.Problem(scores()), **wrong)  # type: ignore[arg-type]


def test_it_is_kept_until_answers_come_in(tmp_path: Path) -> None:
    drawn = mm.lottery(mm.Problem(scores(12, 8)), draws=10)
    path = tmp_path / "drawn.json"
    text = drawn.to_json(path)
    assert mm.Lottery.from_json(path) == mm.Lottery.from_json(text) == drawn
    by_hand = mm.Lottery.by_hand(matched(10, 3))
    loaded = mm.Lottery.from_json(by_hand.to_json())
    assert loaded == by_hand
    assert loaded.draws == 0
    saved = json.loads(text)
    changed = ({"chance": [2.0] * 12}, {"chance": [0.5]}, {"lottery": 2})
    wrong = [json.dumps({**saved, **change}) for change in changed]
    for broken in (text[:-9], *wrong, "{}", "{]"):
        with pytest.raises(mm.errors.SavedFileError):
            mm.Lottery.from_json(broken)


def test_a_draw_by_hand_gives_everybody_the_same_chance() -> None:
    matching = matched(20, 6)
    drawn = mm.Lottery.by_hand(matching)
    assert drawn.chance == pytest.approx(np.full(20, 12 / 20))
    assert drawn.real.all()
    assert "as you say" in drawn.text
    few = mm.Lottery.by_hand(matching, matching.unmatched[:4])
    assert few.chance[matching.assignment >= 0] == pytest.approx(np.full(12, 12 / 16))
    assert few.real.sum() == 16
    frame = drawn.to_frame()
    assert list(frame.columns) == ["mentee", "name", "chance", "seat", "real"]
    with pytest.raises(mm.errors.ParameterError, match="These have a mentor"):
        mm.Lottery.by_hand(matching, [next(iter(matching))[0]])
    with pytest.raises(mm.errors.ParameterError, match="Everybody has a mentor"):
        mm.Lottery.by_hand(matched(4, 3))
