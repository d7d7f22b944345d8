"""Weights learnt from outcomes: laws, refusals, and what goes into the next matching."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.outcomes.rounds import Pairs, learnable, rounds_of
from mentormatch.scoring.reweighted import reweighted
from tests.outcomes.programmes import outcomes, rosters, survey

LOUD = {"explained": 0.5, "mentor": 0.1, "mentee": 0.1, "answered": 0.9, "leaning": 0.3}
FEW = ("goals", "needs", "interests", "rhythm", "communication_style")


@pytest.fixture(scope="module")
def rounds() -> list[mm.Matching]:
    found = []
    for seed in (1, 2):
        sides = rosters(60, 25, seed)
        criteria = [c for c in mm.presets.from_columns(*sides).criteria if c.name in FEW]
        found.append(mm.match(*sides, criteria=criteria))
    return found


@pytest.fixture(scope="module")
def loud(rounds: list[mm.Matching]) -> tuple[dict[str, float], list[mm.SimulatedOutcomes]]:
    return outcomes(rounds, 10, weights={"interests": 1.0, "rhythm": 0.5}, **LOUD)


@pytest.fixture(scope="module")
def learnt(rounds: list[mm.Matching], loud: Any) -> mm.Learnt:
    return mm.learn_weights(rounds, survey(loud[0]))


def weights_of(learnt: mm.Learnt) -> dict[str, float]:
    return {c.name: c.weight for c in learnt.criteria}


def test_what_mattered_weighs_more_and_matches_better(
    rounds: list[mm.Matching], loud: Any, learnt: mm.Learnt
) -> None:
    assert learnt.changed
    assert learnt.fitted
    old = {c.name: c.weight for c in rounds[-1].problem.scores.criteria}
    new = weights_of(learnt)
    assert list(new) == list(old)
    assert new["interests"] > old["interests"]
    assert new["needs"] < old["needs"]
    assert 0 < learnt.gain.least < learnt.gain.expected
    assert "'interests'" in learnt.text
    assert "at least" in learnt.text
    assert "not why" in learnt.text
    for one in loud[1]:  # the truth agrees, on the very rosters
        scores = reweighted(one.scores, learnt.criteria)
        better = mm.solve(mm.Problem(scores))
        assert one.mean_utility(better) > one.mean_utility(mm.solve(mm.Problem(one.scores)))


def test_the_frames_say_what_the_criteria_are(learnt: mm.Learnt) -> None:
    frame = learnt.weights.set_index("criterion")
    assert frame["learnt"].to_dict() == weights_of(learnt)
    assert (frame["status"] == "learnt").all()
    for name in ("old_share", "learnt_share", "answers_share"):
        assert frame[name].sum() == pytest.approx(1)
    assert (frame["se"] > 0).all()
    assert learnt.step in set(learnt.steps["step"])
    best = learnt.steps.set_index("step").loc[learnt.step]
    assert best["least"] == learnt.gain.least == learnt.steps["least"].max()
    assert repr(learnt) == f"<Learnt: {learnt.text}>"


def test_learnt_criteria_go_into_match_and_the_manifest(learnt: mm.Learnt) -> None:
    matching = mm.match(*rosters(40, 16, 3), criteria=learnt.criteria)
    manifest = matching.manifest
    assert manifest["weights"] == weights_of(learnt)
    assert all("learnt from" in c["reason"] for c in manifest["criteria"])
    assert mm.Matching.from_json(matching.to_json()) == matching


def test_order_names_and_units_change_nothing(
    rounds: list[mm.Matching], loud: Any, learnt: mm.Learnt
) -> None:
    told = loud[0]
    backwards = dict(reversed(list(told.items())))
    assert weights_of(mm.learn_weights(rounds, survey(backwards))) == weights_of(learnt)
    moved = {person: 0.1 * value - 2 for person, value in told.items()}
    other = mm.learn_weights(rounds, survey(moved))
    assert weights_of(other) == weights_of(learnt)
    assert other.gain.least == pytest.approx(learnt.gain.least)
    assert other.gain.least_points == pytest.approx(0.1 * learnt.gain.least_points)
    heavier = [
        replace(one, problem=replace(one.problem, scores=reweighted(one.problem.scores, [
            replace(c, weight=4 * c.weight) for c in one.problem.scores.criteria])))
        for one in rounds
    ]  # fmt: skip
    found = weights_of(mm.learn_weights(heavier, survey(told)))
    for name, weight in weights_of(learnt).items():
        assert found[name] == pytest.approx(4 * weight, rel=2e-3)


def test_names_of_people_change_nothing(
    rounds: list[mm.Matching], loud: Any, learnt: mm.Learnt
) -> None:
    def renamed(one: mm.Matching) -> mm.Matching:
        scores = one.problem.scores
        sides = {
            side: replace(people, ids=tuple(f"{person}!" for person in people.ids))
            for side, people in (("mentees", scores.mentees), ("mentors", scores.mentors))
        }
        criteria = scores.criteria
        anew = mm.score(sides["mentees"], sides["mentors"], criteria, levels=scores.levels)
        return replace(one, problem=replace(one.problem, scores=anew))

    told = {f"{person}!": value for person, value in loud[0].items()}
    found = mm.learn_weights([renamed(one) for one in rounds], survey(told))
    assert found.weights["answers"].to_numpy() == pytest.approx(learnt.weights["answers"])


def test_too_few_answers_are_not_fitted_and_it_says_how_many_would_do(
    rounds: list[mm.Matching], loud: Any
) -> None:
    few = dict(list(loud[0].items())[:59])
    found = mm.learn_weights(rounds, survey(few))
    assert (found.fitted, found.changed, found.step, found.pairs) == (False, False, 0.0, 59)
    assert found.enough == 60
    assert "at least 60 answered pairs" in found.text
    assert found.criteria == rounds[-1].problem.scores.criteria
    assert found.weights["answers"].isna().all()
    assert mm.learn_weights(rounds, survey(dict(list(loud[0].items())[:60]))).fitted
    matching = rounds[0]
    ids = matching.problem.scores.mentees.ids
    of_nine = [i for i in range(len(ids)) if matching.assignment[i] in set(range(9))]
    some = {ids[i]: float(i) for i in of_nine}
    assert "10 mentors" in mm.learn_weights(matching, survey(some)).text


def test_where_nothing_matters_it_cannot_tell(rounds: list[mm.Matching]) -> None:
    told, _ = outcomes(rounds, 31, explained=0.0, answered=0.9)
    found = mm.learn_weights(rounds, survey(told))
    assert found.fitted
    assert not found.changed
    assert found.criteria == rounds[-1].problem.scores.criteria
    assert found.text.startswith("Cannot tell")
    assert found.enough is None or found.enough > found.pairs
    assert found.enough is None or f"{found.enough:,}" in found.text
    assert found.gain == type(found.gain)()
    alike = mm.learn_weights(rounds, survey(dict.fromkeys(told, 3.0)))
    assert "alike" in alike.text
    assert not alike.fitted


def test_a_weight_of_0_and_sensitive_columns_are_left_alone(loud: Any) -> None:
    sides = rosters(60, 25, 1)
    criteria = [
        mm.Covers("goals", weight=2), mm.Covers("needs", by="skills", weight=0),
        mm.Similarity("gender", weight=0.5), mm.Overlap("interests"), mm.Similarity("rhythm"),
    ]  # fmt: skip
    one = mm.match(*sides, criteria=criteria)
    told, _ = outcomes([one], 1, weights={"gender": 1.0, "needs": 1.0, "interests": 1.0},
                       **LOUD | {"answered": 1})  # fmt: skip
    assert list(learnable(criteria, [one])) == [True, False, False, True, True]
    found = mm.learn_weights(one, survey({p: told.get(p, 0.0) for p in one.problem.scores}))
    frame = found.weights.set_index("criterion")
    assert frame.loc["needs", ["learnt", "status"]].tolist() == [0, "weight 0"]
    assert frame.loc["gender", ["learnt", "status"]].tolist() == [0.5, "sensitive, kept"]
    assert frame["answers"].isna().tolist() == [False, True, True, False, False]


def test_locked_pairs_and_second_mentors_are_left_out(loud: Any) -> None:
    sides = rosters(70, 30, 4)
    lock = [(sides[0].ids[k], sides[1].ids[k]) for k in (0, 3)]
    one = mm.match(*sides, lock=lock, constraints=[mm.Demand(2)])
    told = {person: float(k) for k, person in enumerate(one.problem.scores) if person in one}
    found = mm.learn_weights(one, survey(told))
    assert found.pairs == len(told) - 2


def test_what_a_rematch_kept_does_not_hold_the_weights_back(
    rounds: list[mm.Matching], loud: Any, learnt: mm.Learnt
) -> None:
    one = rounds[-1]
    again = mm.rematch(one, max_changes=0).matching
    assert list(again) == list(one)
    found = mm.learn_weights([rounds[0], again], survey(loud[0]))
    assert found.changed
    assert weights_of(found) == weights_of(learnt)


def test_own_priorities_enter_as_own_weights() -> None:
    mentees, mentors = mm.make_cohort(30, 12, 6)
    mentees["importance_goals"] = [str(1 + k % 5) for k in range(30)]
    mentees["importance_interests"] = [str(5 - k % 5) for k in range(30)]
    one = mm.match(mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor"))
    scores = one.problem.scores
    assert any(c.priority for c in scores.criteria)
    (found,) = rounds_of([one], scores.criteria, learnable(scores.criteria, [one]))
    rows = np.flatnonzero(one.assignment >= 0)
    pairs = Pairs(rows, one.assignment[rows])
    weights = np.array([c.weight for c in scores.criteria])
    ours = found.parts(pairs) @ (weights * found.spread)
    parts = np.nan_to_num(scores._at(pairs.rows, pairs.cols).parts - found.centre, nan=0.0)
    assert ours == pytest.approx((parts * scores.weights[rows]).sum(axis=1))
    by_mentee, by_mentor = found.means(weights)
    every = np.stack([scores.part(k) for k in range(len(weights))], axis=-1) - found.centre
    score = (np.nan_to_num(every, nan=0.0) * scores.weights[:, None]).sum(axis=-1)
    score = np.where(scores.admissible, score, np.nan)
    assert by_mentee == pytest.approx(np.nanmean(score, axis=1))
    assert by_mentor == pytest.approx(np.nanmean(score, axis=0))


def test_validity_is_the_correlation_within_rounds(
    rounds: list[mm.Matching], loud: Any, learnt: mm.Learnt
) -> None:
    frame = learnt.validity.set_index("what")
    assert list(frame.index) == ["score", *rounds[-1].problem.scores.names]
    x, y = [], []
    for one in rounds:
        table = one.to_frame().set_index("mentee")
        said = table[table.index.isin(loud[0])]
        outcome = pd.Series(loud[0]).loc[said.index]
        x.append(said["score"] - said["score"].mean())
        y.append(outcome - outcome.mean())
    expected = np.corrcoef(np.concatenate(x), np.concatenate(y))[0, 1]
    assert frame.loc["score", "correlation"] == pytest.approx(expected)
    assert frame.loc["score", "pairs"] == len(loud[0])
    assert frame.loc["interests", "pairs"] < len(loud[0])
    assert (frame["low"] < frame["correlation"]).all()
    assert (frame["correlation"] < frame["high"]).all()
    few = mm.learn_weights(rounds, survey(dict(list(loud[0].items())[:8])))
    assert few.validity["correlation"].isna().all()


def test_answers_that_could_be_of_several_matchings_are_refused(
    rounds: list[mm.Matching], loud: Any
) -> None:
    told = loud[0]
    one, other = survey(told), survey(told, "later")
    again = [rounds[0], rounds[0]]
    with pytest.raises(mm.errors.ParameterError, match="To which matching"):
        mm.learn_weights(again, one)
    assert mm.learn_weights(again, [one, other]).pairs == 2 * sum(
        person in told for person in rounds[0].problem.scores
    )
    for wrong, match in (
        ({"survey": [one]}, "one for each of the 2"),
        ({"wave": ["after"]}, "one for each of the 2"),
        ({"wave": "before"}, "before"),
        ({"scale": "qualty"}, "quality"),
        ({"confidence": 0.4}, "confidence"),
        ({"survey": survey(told, anonymous=("after",))}, "anonymous"),
        ({"survey": survey({"nobody": 1.0})}, "ids are the same"),
        ({"survey": survey({})}, "no answer of a mentee"),
    ):
        given: dict[str, Any] = {"survey": one, **wrong}
        with pytest.raises(mm.errors.ParameterError, match=match):
            mm.learn_weights(rounds, given.pop("survey"), **given)


def test_a_criterion_that_an_earlier_round_did_not_ask_is_unanswered_there(
    rounds: list[mm.Matching], loud: Any
) -> None:
    scores = rounds[0].problem.scores
    fewer = mm.match(scores.mentees, scores.mentors, criteria=scores.criteria[:-1])
    found = mm.learn_weights([fewer, rounds[1]], survey(loud[0]))
    assert found.fitted
    last = found.validity.set_index("what").loc[scores.names[-1], "pairs"]
    assert last <= sum(person in loud[0] for person in rounds[1].problem.scores)


def test_the_picture_shows_every_weight(learnt: mm.Learnt, rounds: list[mm.Matching]) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = learnt.plot()
    assert {tick.get_text() for tick in ax.get_yticklabels()} == set(weights_of(learnt))
    assert ax.get_title(loc="left") == "Learnt weights"
    told, _ = outcomes(rounds, 31, explained=0.0, answered=0.9)
    stay = mm.learn_weights(rounds, survey(told)).plot()
    assert stay.get_title(loc="left") == "The weights stay as they are"
