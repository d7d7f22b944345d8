"""Errors that a program can handle: codes, what they are about, and no other exception."""

from __future__ import annotations

import inspect
import logging
import pickle
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from docs.reference_pages import codes, error_classes

import mentormatch as mm
from mentormatch.errors import UnknownPersonError
from mentormatch.matching.case import Constraint
from mentormatch.matching.objectives import Objective
from tests.insight.people import matched, profiles, scored


def test_every_error_has_a_code_of_its_own_that_stays() -> None:
    known = {kind.__name__: kind.code for kind in error_classes()}
    assert known == {
        "ColumnError": "column", "InfeasibleError": "infeasible", "MentormatchError": "error",
        "MissingLibraryError": "missing_library", "ParameterError": "parameter",
        "RosterError": "roster", "SavedFileError": "saved_file", "ScoreError": "score",
        "TimeLimitError": "time_limit", "TooLargeError": "too_large",
        "UnknownPersonError": "unknown_person",
    }  # fmt: skip
    assert set(known) <= set(mm.errors.__all__)
    kept = {"MentormatchError", "RosterError", "InfeasibleError", "TimeLimitError"}
    assert {name for name in mm.errors.__all__ if name in mm.__all__} == kept
    table = "\n".join(codes())
    for name, code in known.items():
        assert f"``{code}``\n     - `{name}`" in table


def caught(call: Callable[[], object], kind: type[mm.MentormatchError]) -> Any:
    with pytest.raises(kind) as found:
        call()
    assert type(found.value) is kind
    return found.value


def test_errors_say_what_they_are_about() -> None:
    matching = matched()
    scores = matching.problem.scores
    error = caught(lambda: scores.mentees.position("mentee-000"), UnknownPersonError)
    assert (error.person, error.people, error.code) == (
        "mentee-000", ("mentee-000",), "unknown_person",
    )  # fmt: skip
    assert error.near
    assert set(error.near) <= set(scores.mentees.ids)
    error = caught(
        lambda: mm.score(scores.mentees, scores.mentors, [mm.Covers("gaols")]),
        mm.errors.ColumnError,
    )
    assert (error.column, error.rule) == ("gaols", "Covers('gaols')")
    error = caught(lambda: mm.Parity("gender", within=3), mm.errors.ParameterError)
    assert (error.parameter, error.rule) == ("within", "Parity")
    error = caught(
        lambda: mm.solve(mm.Problem(scores, constraints=[mm.Parity("gendr")])),
        mm.errors.ColumnError,
    )
    assert (error.column, error.rule) == ("gendr", "Parity")
    error = caught(
        lambda: mm.score(scores.mentees, scores.mentors, forbid=[("x", "y")]), UnknownPersonError
    )
    assert error.people == ("mentee 'x'", "mentor 'y'")
    error = caught(
        lambda: mm.read_roster(
            pd.DataFrame({"id": ["a", "a"], "name": ["Ana Lima", "Bo Chen"]}), "mentee"
        ),
        mm.RosterError,
    )
    assert error.column == "id"
    assert len(error.issues)


def test_no_message_names_others_on_the_roster() -> None:
    scores = matched(names=["Ana Lima", "Ana Lina"]).problem.scores
    for person in ("Ana Limo", "mentee-00", "mentee-0000@example.or"):
        error = caught(lambda person=person: scores.mentees.position(person), UnknownPersonError)
        others = {*scores.mentees.ids, *scores.mentees.names, *scores.mentees.emails}
        told = str(error).replace(repr(person), "")
        assert not [one for one in others if one and one in told]
        assert set(error.near) & others


def test_running_out_of_time_has_a_class_of_its_own() -> None:
    rng = np.random.default_rng(0)
    mentees = pd.DataFrame({"id": range(60), "g": rng.choice(list("abcdef"), 60)})
    scores = mm.Scores.from_matrix(rng.random((60, 20)), capacity=3, mentees=mentees)
    quotas = [mm.Quota("g", v, least=1 / 7, most=1 / 3) for v in "abcdef"]
    problem = mm.Problem(scores, constraints=[*quotas, mm.Load(least=2)])
    error = caught(lambda: mm.solve(problem, time_limit=1e-9), mm.TimeLimitError)
    assert error.status in ("time_limit", "work_limit")
    assert error.parameter == "time_limit"


def test_errors_survive_another_process() -> None:
    frame = pd.DataFrame({"column": ["id"], "row": [1]})
    for error in (
        mm.RosterError("a", frame, frame),
        mm.InfeasibleError("b", ["c"], ["d"]),
        mm.errors.UnknownPersonError("e", people=["f"], near=["g"]),
        mm.errors.ColumnError("h", column="i", rule="j"),
        mm.errors.ParameterError("The 'x' parameter of Y must be z."),
        mm.TimeLimitError("k", mm.errors.Status.TIME_LIMIT),
        mm.errors.MissingLibraryError("l", library="m"),
        mm.errors.TooLargeError("n", 8, 4),
    ):
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is type(error)
        assert str(back) == str(error)
        assert back.__dict__.keys() == error.__dict__.keys()
        for name in ("code", "column", "person", "rule", "parameter"):
            assert getattr(back, name) == getattr(error, name)


SENTENCES = {
    "constraints not in a list": (
        lambda: mm.Problem(matched().problem.scores, constraints=mm.Parity("gender")),
        r"The 'constraints' parameter of Problem must be a list\. Got Parity\(.*"
        r"Put it in brackets: \[Parity\(\.\.\.\)\]",
    ),
    "a seed of text": (
        lambda: mm.Problem(matched().problem.scores, seed="x"),
        "The 'seed' parameter of Problem must be a whole number. Got 'x'.",
    ),
    "a part of no criterion": (
        lambda: matched().problem.scores.part("gaols"),
        r"The 'criterion' parameter of Scores\.part must be the name of a criterion \(goals, ",
    ),
    "a weight by position": (
        lambda: mm.Similarity("style", 0.5),
        "The 'by' parameter of Similarity must be text or None. Got 0.5. A weight is given by name",
    ),
    "a function that fails": (
        lambda: scored_by(lambda mentees, mentors: 1 / 0),
        r"The function of Custom\('mine'\) failed with ZeroDivisionError: division by zero\.",
    ),
    "a matching that is none": (
        lambda: mm.explain(matched().problem, "mentee-0000"),
        "The 'matching' parameter of explain must be a Matching, or Suggestions, Groups, Peers or "
        "a Timetable. Got <Problem",
    ),
    "a roster that is none": (
        lambda: mm.rematch(matched(), mentees="x.csv"),
        "The 'mentees' parameter of rematch must be a Profiles or None. Got 'x.csv'.",
    ),
}


def scored_by(function: Any) -> mm.Scores:
    scores = matched().problem.scores
    return mm.score(scores.mentees, scores.mentors, [mm.Custom(function, name="mine")])


@pytest.mark.parametrize("case", SENTENCES)
def test_a_wrong_type_is_one_sentence(case: str) -> None:
    call, sentence = SENTENCES[case]
    with pytest.raises(mm.MentormatchError, match=sentence):
        call()


def test_a_part_is_asked_for_by_name() -> None:
    scores = matched().problem.scores
    assert scores.part("goals").tobytes() == scores.part(0).tobytes()


# -- whatever is handed to whatever parameter ---------------------------------------------------

JUNK: tuple[Any, ...] = (5, "x", 0.5, None, ["x"], {"a": 1}, object(), float("nan"), -1, True)
LEFT_OUT = {
    "make_cohort", "example_files", "load_example", "warm_up", "sensitivity", "tradeoff",
    "stability_frontier",
    "stage_costs",
    "report", "Profiles", "Matching", "Scores", "Criterion", "Rule",
}  # fmt: skip
UNCHECKED = {
    ("read_review", "source"),
    ("read_roster", "plan"),
    ("read_roster", "columns"),
    ("plan_roster", "plan"),
    ("audit", "quantiles"),
}


def answered() -> mm.Survey:
    ids = matched().problem.scores.mentees.ids
    frame = pd.DataFrame({"id": ids, "good": 4, "why": "we talk about my work"})
    scale = mm.Scale("quality", items="good")
    return mm.read_survey(frame, wave="after", scales=[scale], columns={"reflection": "why"})


def good() -> dict[str, Any]:
    matching = matched()
    scores = matching.problem.scores
    mentee, mentor = scores.mentees.ids[0], scores.mentors.ids[0]
    return {
        "mentees": scores.mentees, "mentors": scores.mentors, "matching": matching,
        "scores": scores, "problem": matching.problem, "needs": "goals", "column": "goals",
        "value": "x", "seats": 1, "by": "gender", "people": [mentee], "previous": [],
        "pairs": [(mentee, mentor)], "criterion": mm.SharedHours(), "least": 0.5,
        "function": lambda a, b: np.zeros((len(a), len(b))), "matrix": np.zeros(scores.shape),
        "defect": "no_help", "mentee": mentee, "mentor": mentor, "start": "2026-09-07",
        "weeks": 2, "lists": mm.suggest(scores, 2),
        "source": pd.DataFrame({"id": ["a"], "able": [4]}),
        "survey": answered(), "end": "2026-12-07", "on": "2026-10-07",
        "goals": mm.read_goals(pd.DataFrame({"id": scores.mentees.ids, "date": "2026-09-07",
                                             "level": 2, "target": 4})),
        "matchings": matching, "seed": 1, "question": "reflection",
        "wave": "w", "scales": [mm.Scale("able", items="able")], "name": "pulse",
        "arrivals": pd.DataFrame(columns=["person", "arrives", "leaves", "mentor", "week"]),
        "role": "mentee", "a": matching, "b": matching,
        "frame": pd.DataFrame(), "meetings": pd.DataFrame(), "i": 0, "j": 0,
    }  # fmt: skip


def used(made: Any, scores: mm.Scores) -> None:
    """Use a setting, so that what it did not refuse at once is refused there."""
    if isinstance(made, mm.Criterion):
        mm.score(scores.mentees, scores.mentors, [made])
    elif isinstance(made, mm.Rule):
        mm.score(scores.mentees, scores.mentors, rules=[made])
    elif isinstance(made, Constraint):
        mm.solve(mm.Problem(scores, constraints=[made]), time_limit=1)
    elif isinstance(made, Objective):
        first = [] if isinstance(made, mm.MaximizeMatched) else [mm.MaximizeMatched()]
        mm.solve(mm.Problem(scores, objectives=[*first, made]), time_limit=1)


def public() -> Iterator[str]:
    for name in mm.__all__:
        value = getattr(mm, name)
        if not callable(value) or name in LEFT_OUT:
            continue
        if isinstance(value, type) and not issubclass(
            value, (mm.Criterion, mm.Rule, Constraint, Objective, mm.Problem)
        ):
            continue
        yield name


@pytest.mark.parametrize("name", list(public()))
@pytest.mark.filterwarnings("ignore")
def test_junk_in_any_parameter_raises_nothing_but_our_errors(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = good()
    function = getattr(mm, name)
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    needed = {p.name: given[p.name] for p in named if p.default is p.empty and p.name in given}
    for parameter in named:
        if (name, parameter.name) in UNCHECKED or parameter.name in ("path", "progress"):
            continue
        for junk in JUNK:
            try:
                used(function(**{**needed, parameter.name: junk}), given["scores"])
            except (mm.MentormatchError, OSError):
                continue


# -- logs ---------------------------------------------------------------------------------------


def test_logs_say_what_was_done_its_size_and_how_long_it_took(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    people = profiles("mentee", 12, rng), profiles("mentor", 6, rng)
    with caplog.at_level(logging.INFO, logger="mentormatch"):
        mm.read_roster(pd.DataFrame({"id": ["a", "b"], "goals": ["x", "y"]}), "mentee")
        matching = mm.solve(mm.Problem(scored(*people)))
        mm.audit(matching, draws=10)
        matching.to_json()
        matching.to_excel(tmp_path / "x.xlsx")
        mm.report(matching)
        mm.rematch(matching, max_changes=1)
        with pytest.raises(mm.errors.ColumnError):
            mm.score(*people, [mm.Covers("gaols")])
    lines = [r.getMessage() for r in caplog.records if not r.getMessage().startswith("Compiling")]
    assert all(r.name.startswith("mentormatch.") for r in caplog.records
               if not r.getMessage().startswith("Compiling"))  # fmt: skip
    assert all(re.search(r", \d+\.\d\d s$", line) for line in lines), lines
    text = "\n".join(lines)
    for said in (
        "read 2 mentees", "scored 12 mentees x 6 mentors by 3 criteria", "solved: 11 of 12 mentees",
        "audited", "wrote JSON", "wrote a workbook", "wrote a report", "rematched",
        "score failed (column)",
    ):  # fmt: skip
        assert said in text
    assert not [name for name in people[0].names if name and name in text]
    caplog.clear()
    mm.solve(matching.problem)
    assert not caplog.records  # silent unless asked for
