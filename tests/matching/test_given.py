"""Pairs that somebody handed in: measured as they are, and what they break is told."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.errors import Status
from mentormatch.matching.broken import broken
from tests import fuzz
from tests.definitions import Definitions, incidence
from tests.insight.people import matched


def small() -> mm.Scores:
    return mm.Scores.from_matrix(
        np.array([[0.9, 0.4], [0.8, 0.1], [0.3, 0.2]]), capacity=[1, 2],
        admissible=np.array([[1, 1], [1, 0], [1, 1]]),
    )  # fmt: skip


def test_any_form_of_pairs_is_understood() -> None:
    scores = small()
    pairs = [("mentee 1", "mentor 1"), ("mentee 3", "mentor 2")]
    frame = pd.DataFrame(
        [*pairs, ("mentee 2", None), ("mentee 2", np.nan)], columns=["mentee", "mentor"]
    )
    forms = [pairs, dict(pairs), frame, {"mentee 1": ["mentor 1"], "mentee 3": ("mentor 2",),
                                         "mentee 2": []}, iter(pairs)]  # fmt: skip
    made = [mm.Matching.from_pairs(scores, form) for form in forms]
    made.append(mm.Matching.from_pairs(scores, made[0]))
    assert all(one == made[0] for one in made)
    assert made[0].unmatched == ("mentee 2",)
    assert made[0].status == "given" == Status.GIVEN
    assert made[0].objective == pytest.approx(1.1)
    assert made[0].bound == math.inf == made[0].gap
    assert "nothing is proven" in repr(made[0])
    assert not len(made[0].broken)
    assert made[0].proof is None


def test_what_is_wrong_with_the_form_is_said_at_once() -> None:
    scores = small()
    with pytest.raises(mm.errors.UnknownPersonError, match=r"mentee 'x', mentor 'y', mentor 'z'"):
        mm.Matching.from_pairs(scores, [("x", "mentor 1"), ("mentee 1", "y"), ("x", "z")])
    for wrong in ("mentee 1", 5, ["ab"], [("a",)], pd.DataFrame({"a": [1]})):
        with pytest.raises(
            mm.errors.ParameterError, match=r"'pairs' parameter of Matching\.from_pairs"
        ):
            mm.Matching.from_pairs(scores, wrong)
    twice = mm.Matching.from_pairs(scores, [("mentee 1", "mentor 1")] * 3)
    assert len(twice.pairs[0]) == 1
    assert "1 pair was given more than once" in repr(twice)


def test_what_is_broken_is_listed_and_counted_and_nobody_is_named_in_the_notes() -> None:
    scores = small()
    bad = mm.Matching.from_pairs(
        scores, {"mentee 1": "mentor 1", "mentee 2": ["mentor 1", "mentor 2"]},
        constraints=[mm.ScoreFloor(0.15), mm.Load(least=2, mentors=["mentor 2"])],
    )  # fmt: skip
    told = bad.broken
    assert list(told.columns) == ["kind", "mentee", "mentor", "reason"]
    assert sorted(told["kind"]) == ["constraint", "demand", "floor", "rule", "seats"]
    (rule,) = told[told["kind"] == "rule"].to_dict("records")
    assert (rule["mentee"], rule["mentor"]) == ("mentee 2", "mentor 2")
    note = bad.notes[-1]
    assert "breach of a rule: 1" in note
    assert "mentee 2" not in note
    assert (bad.to_frame()["score"] >= 0).all()  # an inadmissible pair is worth its score
    assert bad.stages[0].value == 2


@pytest.mark.parametrize("start", range(0, 120, 40))
def test_broken_is_empty_exactly_where_everything_holds(start: int) -> None:
    rng = np.random.default_rng(start)
    kept = 0
    for seed in range(start, start + 40):
        case = fuzz.make(13 * seed + 1)
        problem = case.problem
        n, m = problem.scores.shape
        if not n or not m:
            continue
        try:
            solved = mm.solve(problem)
        except mm.InfeasibleError:
            continue
        assert not len(solved.broken), str(case)
        kept += 1
        meaning = Definitions(problem, *case.frames)
        for share in (0.1, 0.4):
            x = rng.random((n, m)) < share
            told = broken(problem, np.nonzero(x))
            assert (not len(told)) == bool(meaning.feasible(x[None])[0]), str(case)
    assert kept > 10


def test_stages_are_what_the_definitions_say_of_any_pairs() -> None:
    rng = np.random.default_rng(5)
    for seed in range(60):
        case = fuzz.make(17 * seed + 2)
        scores = case.problem.scores
        n, m = scores.shape
        if not n or not m or (case.problem.constraints and len(scores.locks)):
            continue
        chosen = {p: scores.mentors.ids[int(rng.integers(m))] for p in scores.mentees.ids
                  if rng.random() < 0.8}  # fmt: skip
        given = mm.Matching.from_pairs(
            scores, chosen, objectives=case.problem.objectives,
            constraints=[c for c in case.problem.constraints if not isinstance(c, mm.Demand)],
        )  # fmt: skip
        meaning = Definitions(given.problem, *case.frames)
        every = meaning.keys()
        keys = [key for key in every if key.shown]
        x = incidence(given)
        for key, stage in zip(keys, given.stages, strict=True):
            assert stage.value == pytest.approx(shown(key, x)), f"{case} {stage}"
            assert not math.isfinite(stage.bound)


def shown(key: object, x: np.ndarray) -> float:
    return float(key.values(x)[0][0] * key.unit)  # type: ignore[attr-defined]


def test_a_given_matching_can_be_asked_about(tmp_path: Path) -> None:
    solved = matched(12, 6)
    scores = solved.problem.scores
    first = [m for m, seats in zip(scores.mentors.ids, scores.mentors.capacity, strict=True)
             if seats]  # fmt: skip
    given = mm.Matching.from_pairs(
        scores, {mentee: first[k % len(first)] for k, mentee in enumerate(scores.mentees.ids)}
    )
    assert "handed in" in mm.report(given)
    given.to_excel(tmp_path / "given.xlsx")
    assert mm.explain(given, scores.mentees.ids[0]).matched
    assert mm.audit(given, draws=20).text
    assert "Total score" in repr(mm.compare(given, solved))
    assert mm.rematch(given, max_changes=2).matching.status == "optimal"
    assert mm.Matching.from_json(given.to_json()) == given
    with pytest.raises(
        mm.errors.ParameterError, match=r"solve\(matching\.problem\) gives one that is"
    ):
        mm.alternatives(given, scores.mentees.ids[0])


def test_a_solved_matching_taken_by_its_pairs_reaches_the_same() -> None:
    for seed in range(30):
        case = fuzz.make(23 * seed + 5)
        try:
            solved = mm.solve(case.problem)
        except mm.MentormatchError:
            continue
        problem = solved.problem
        given = mm.Matching.from_pairs(
            problem.scores, solved, objectives=problem.objectives,
            constraints=problem.constraints, seed=problem.seed,
        )  # fmt: skip
        assert [s.value for s in given.stages] == pytest.approx([s.value for s in solved.stages])
        assert not len(given.broken)


# -- last year's pairs --------------------------------------------------------------------------


def people(role: str, rows: list[tuple[str, str, str]]) -> mm.Profiles:
    frame = pd.DataFrame(rows, columns=["id", "name", "email"])
    if role == "mentor":
        frame["capacity"] = 5
    return mm.read_roster(frame, role)  # type: ignore[arg-type]


def test_last_years_pairs_are_kept_apart_though_people_have_left() -> None:
    mentees = people("mentee", [("E1", "Ana Li", "ana@x.org"), ("E2", "Bo Chen", "bo@x.org"),
                                ("E3", "Cy Diaz", "cy@x.org")])  # fmt: skip
    mentors = people("mentor", [("R1", "Pia Roy", "pia@x.org"), ("R2", "Quy Ito", "quy@x.org")])
    scores = mm.score(mentees, mentors, [mm.Custom(lambda a, b: np.full((len(a), len(b)), 0.5))])
    before = mm.Matching.from_pairs(scores, {"E1": "R1", "E2": "R2", "E3": "R1"})
    last = mm.Matching.from_json(before.to_json())
    # this year: E2 and R2 left, E1 has a new id, E3 another mail, somebody new has the id E2
    now = people("mentee", [("N7", "Ana Li", "ana@x.org"), ("E2", "Zoe Kim", "zoe@x.org"),
                            ("E3", "Cy Diaz", "cy@new.org")])  # fmt: skip
    new = people("mentor", [("R1", "Pia Roy", "pia@x.org"), ("R9", "Moe Abe", "moe@x.org")])
    again = mm.score(now, new, rules=[mm.NotPrevious(last)])
    assert (again.points < 0).tolist() == [[True, False], [False, False], [True, False]]
    assert "were matched before" in again.why_inadmissible("N7", "R1")[0]
    assert again.repairs["problem"].str.contains("1 earlier pair somebody is on no roster").any()
    assert mm.Scores.from_json(again.to_json()) == again
    assert repr(mm.match(now, new, rules=[mm.NotPrevious(last)]).problem)


def test_pairs_and_the_column_previous_stand_beside_one_another() -> None:
    mentees = pd.DataFrame({"id": ["a", "b"], "who": ["x", None], "goals": ["g", "g"]})
    mentors = pd.DataFrame({"id": ["x", "y"], "skills": ["g", "g"]})
    scores = mm.score(
        mm.read_roster(mentees, "mentee", columns={"previous": "who"}),
        mm.read_roster(mentors, "mentor"), rules=[mm.NotPrevious([("b", "y")])],
    )  # fmt: skip
    assert (scores.points < 0).tolist() == [[True, False], [False, True]]
    for wrong in ("b", 3, [("b",)]):
        with pytest.raises(mm.errors.ParameterError, match="'pairs' parameter of NotPrevious"):
            mm.NotPrevious(wrong)


def test_row_numbers_of_two_years_say_nothing() -> None:
    then = people("mentee", [("1", "Ana Li", ""), ("2", "Bo Chen", "")])
    mentors = people("mentor", [("1", "Pia Roy", "")])
    scores = mm.Scores.from_matrix(np.full((2, 1), 0.5), mentees=then, mentors=mentors)
    last = mm.Matching.from_pairs(scores, {"1": "1"})
    now = people("mentee", [("1", "Bo Chen", ""), ("2", "Ana Li", "")])
    again = mm.Scores.from_matrix(
        np.full((2, 1), 0.5), mentees=now, mentors=mentors, rules=[mm.NotPrevious(last)]
    )
    assert (again.points < 0).tolist() == [[False], [True]]
