"""Reasons: exact sums, the shared answers by name, nothing that is not the reader's to know."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.datasets.cohort import make_cohort
from mentormatch.errors import ParameterError, UnknownPersonError
from mentormatch.insight.diagnose import unmatched_reasons
from mentormatch.insight.explain import NO_ANSWERS, contributions, explain, reason_texts
from mentormatch.matching.constraints import ScoreFloor
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import match, solve
from mentormatch.rosters.columns import Categories, Column, Hours, Labels, Numbers, People, Texts
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.rosters.read import read_roster
from mentormatch.scoring.criteria import (
    Closeness,
    Covers,
    Criterion,
    Overlap,
    Precomputed,
    SharedHours,
    Similarity,
)
from mentormatch.scoring.rules import Different, Rule
from mentormatch.scoring.scores import Scores, score
from mentormatch.scoring.wishes import Preference
from tests.insight.people import slots

GRADES = ("AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6")


def roster(role: Role, names: str, capacity: int = 1, **columns: Column) -> Profiles:
    import pandas as pd

    ids = names.split()
    return Profiles(
        role=role,
        ids=tuple(ids),
        names=tuple(name.title() for name in ids),
        emails=tuple(None for _ in ids),
        columns=columns,
        capacity=np.full(len(ids), capacity),
        mapping=pd.DataFrame(),
        repairs=pd.DataFrame(),
        sensitive=frozenset({"gender", "identity"}),
    )


def pair(
    criterion: Criterion,
    mentee: Column | None = None,
    mentor: Column | None = None,
    rules: tuple[Rule, ...] = (),
    **both: tuple[Column, Column],
) -> Matching:
    """Match Ana with Raj on one criterion; `both` gives columns of the two rosters."""
    columns = dict(both)
    if mentee is not None and mentor is not None:
        columns[criterion.columns_used()[0]] = (mentee, mentor)
    mentees = roster("mentee", "ana", **{name: c[0] for name, c in columns.items()})
    mentors = roster("mentor", "raj", **{name: c[1] for name, c in columns.items()})
    return solve(Problem(score(mentees, mentors, [criterion], rules)))


@pytest.fixture(scope="module")
def cohort() -> Matching:
    mentees, mentors = make_cohort(500, 150, seed=7)
    return match(read_roster(mentees, role="mentee"), read_roster(mentors, role="mentor"))


def test_contributions_sum_to_the_score_for_every_pair(cohort: Matching) -> None:
    scores = cohort.problem.scores
    rows, cols = (axis.ravel() for axis in np.indices(scores.points.shape))
    shares = contributions(scores, rows, cols)
    points = scores.points[rows, cols]
    assert (shares.sum(axis=1).to_numpy() == np.where(points < 0, ~points, points)).all()
    assert (shares.to_numpy() >= 0).all()
    assert all(dtype == np.int64 for dtype in shares.dtypes)


def test_contributions_are_the_rounded_shares_of_the_weighted_mean(cohort: Matching) -> None:
    scores = cohort.problem.scores
    rng = np.random.default_rng(1)
    rows, cols = rng.integers(0, 500, 400), rng.integers(0, 150, 400)
    shares = contributions(scores, rows, cols)[list(scores.names)].to_numpy()
    at = scores._at(rows, cols)
    exact = 1e6 * at.weights * at.counted / at.weights.sum(axis=1, keepdims=True)
    assert np.abs(shares - exact).max() < 1.01
    assert np.isnan(at.parts).any()


def test_a_pair_without_answers_has_its_prior_in_a_column_of_its_own() -> None:
    matching = pair(Overlap("interests"), Labels.of([None]), Labels.of([["golf"]]))
    scores = matching.problem.scores
    frame = contributions(scores, [0], [0])
    assert frame["interests"].tolist() == [500_000]
    explanation = explain(matching, "ana")
    assert explanation.contributions.sum() == 500_000
    assert "Nothing was answered" in explanation.text
    dropped = score(scores.mentees, scores.mentors, scores.criteria, [], missing="drop")
    assert contributions(dropped, [0], [0])[NO_ANSWERS].tolist() == [500_000]


def test_covered_needs_are_named_and_so_are_those_that_are_not() -> None:
    matching = pair(
        Covers("needs", by="skills", now="skills"),
        needs=(
            Labels.of([["Python", "SQL", "Excel", "Negotiation", "R"]], [[3, 4, np.nan, 1, 1]]),
            Labels.of([[]]),
        ),
        skills=(
            Labels.of([["r"]], [[2]]),  # R is reached already
            Labels.of([["python", "sql", "excel"]], [[5, 2, 1]]),
        ),
    )
    text = explain(matching, "ana").text_for("participant")
    assert text == (
        "Raj offers 3 of the 4 skills you asked for: Python, Excel and SQL up to level 2 of 4; "
        "not Negotiation."
    )
    assert "Ana asked for" in explain(matching, "ana").text


def test_a_slot_is_given_on_both_clocks() -> None:
    mentee = Hours.of(np.array([slots([("Tue", 9, 12)])]), ["Europe/London"])
    mentor = Hours.of(np.array([slots([("Tue", 14, 18)])]), ["Asia/Kolkata"])
    matching = pair(SharedHours(), mentee, mentor)
    text = explain(matching, "ana").text_for("participant")
    # Kolkata is 5.5 h ahead of London in winter and 4.5 h in summer, when 09:00 is too early
    assert text == (
        "You can both make 2.5 hours a week, e.g. Tue 09:30-10:30 your time "
        "(15:00 in January or 14:00 in July for Raj)."
    )


@pytest.mark.parametrize(
    ("criterion", "mentee", "mentor", "words"),
    [
        (
            Overlap("interests"),
            Labels.of([["Chess", "golf", "tea"]]),
            Labels.of([["chess", "Tea"]]),
            "You are both interested in Chess and tea.",
        ),
        (
            Closeness("seniority", ideal=2, tolerance=2),
            Numbers(np.array([1.0]), GRADES),
            Numbers(np.array([3.0]), GRADES),
            "Raj (SEO) is 2 levels above you (EO) in seniority.",
        ),
        (
            Similarity("communication_style"),
            Categories.of(["Direct"]),
            Categories.of(["direct"]),
            "You both said 'Direct' (communication style).",
        ),
        (
            Preference(),
            People.of([["zoe", "raj"]]),
            People.of([["ana"]]),
            "Raj was your first wish.",  # zoe is unknown, so Raj is the first who exists
        ),
        (
            Covers("goals"),
            Labels.of([["lead", "write", "draw"]]),
            Labels.of([["Draw", "lead", "write"]]),
            "Raj can help with all 3 of your goals: lead, write and draw.",
        ),
        (
            Similarity("about"),
            Texts(("gardens and bees",)),
            Texts(("bees and gardens",)),
            "What you wrote (about) is much alike.",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_mentee_reads_what_is_shared(
    criterion: Criterion, mentee: Column, mentor: Column, words: str
) -> None:
    assert explain(pair(criterion, mentee, mentor), "ana").text_for("participant") == words


def test_a_participant_hears_nothing_sensitive_and_no_wish_but_her_own() -> None:
    answers: dict[str, tuple[Column, Column]] = {
        "gender": (Categories.of(["woman"]), Categories.of(["woman"])),
        "identity": (Labels.of([["carer"]]), Labels.of([["carer"]])),
        "preferred": (People.of([None]), People.of([["ana"]])),
        "preferred_gender": (Labels.of([["woman"]]), Labels.of([["woman"]])),
        "avoid": (People.of([None]), People.of([["somebody"]])),
        "interests": (Labels.of([["tea"]]), Labels.of([["tea"]])),
    }
    criteria = [
        Similarity("gender"),
        Overlap("identity"),
        Preference(),
        Preference(of="gender"),
        Overlap("interests", weight=0.1),
    ]
    mentees = roster("mentee", "ana", **{name: c[0] for name, c in answers.items()})
    mentors = roster("mentor", "raj", **{name: c[1] for name, c in answers.items()})
    matching = solve(Problem(score(mentees, mentors, criteria, [])))
    told = explain(matching, "ana")
    participant = told.text_for("participant")
    assert participant == "You are both interested in tea."
    for audience in ("reviewer", "administrator"):
        text = told.text_for(audience)
        assert "woman" not in text
        assert "carer" not in text
        assert "A wish about gender is met." in text
        assert "Answers about identity count, and are not shown." in text
    assert "Ana was Raj's first wish." in told.text
    assert reason_texts(matching, [0], [0]) == [participant]


def test_a_wish_about_the_mentor_is_told_where_it_is_met() -> None:
    answers: dict[str, tuple[Column, Column]] = {
        "site": (Categories.of(["york"]), Categories.of(["Leeds"])),
        "preferred_site": (Labels.of([["leeds"]]), Labels.of([["hull"]])),
    }
    matching = pair(Preference(of="site"), **answers)
    text = explain(matching, "ana").text_for("participant")
    assert text == "Site of Raj: Leeds, as you wished."


def test_names_are_escaped_in_html() -> None:
    matching = pair(Overlap("interests"), Labels.of([["<b>tea"]]), Labels.of([["<b>tea"]]))
    page = explain(matching, "ana")._repr_html_()
    assert "<b>tea" not in page
    assert "&lt;b&gt;tea" in page


def test_rank_and_runner_up_are_counted_among_admissible_pairs() -> None:
    matrix = np.array([[0.5, 0.9, 0.7, 1.0], [0.6, 0.8, 0.2, 0.3]])
    admissible = np.array([[True, True, True, False], [True, True, True, True]])
    scores = Scores.from_matrix(matrix, capacity=1, admissible=admissible)
    matching = solve(Problem(scores))
    told = explain(matching, "mentee 1", "mentor 3")
    assert (told.rank, told.options) == (2, 3)
    assert (told.rank_for_mentor, told.options_for_mentor) == (1, 2)
    assert told.runner_up == "mentor 2"
    forbidden = explain(matching, "mentee 1", "mentor 4")
    assert forbidden.rank is None
    assert forbidden.rules
    assert forbidden.score == 1.0


def test_what_decided_names_the_seat_or_the_criterion() -> None:
    scores = Scores.from_matrix([[0.9, 0.8], [0.9, 0.1]], capacity=1)
    matching = solve(Problem(scores))
    seat = explain(matching, "mentee 1")
    assert seat.mentor == "mentor 2"
    assert "seat is taken" in seat.decided
    ahead = explain(matching, "mentee 2")
    assert "0.800 ahead of mentor 2" in ahead.decided


def test_the_texts_of_explain_and_of_reason_texts_agree(cohort: Matching) -> None:
    rows, cols = (side[:40] for side in cohort.pairs)
    texts = reason_texts(cohort, rows, cols)
    ids = cohort.problem.scores.mentees.ids
    assert texts == [explain(cohort, ids[i]).text_for("participant") for i in rows]
    assert all(texts)


def test_errors_name_the_person_and_the_voice(cohort: Matching) -> None:
    with pytest.raises(UnknownPersonError, match="nobody"):
        explain(cohort, "nobody")
    with pytest.raises(ParameterError, match="'audience' parameter"):
        reason_texts(cohort, [0], [0], audience="manager")  # type: ignore[arg-type]
    scores = Scores.from_matrix([[0.5]], capacity=0)
    with pytest.raises(ParameterError, match="not matched"):
        explain(solve(Problem(scores)), "mentee 1")


def test_everybody_can_be_explained(cohort: Matching) -> None:
    rows, _ = cohort.pairs
    ids = cohort.problem.scores.mentees.ids
    for i in rows:
        assert explain(cohort, ids[i]).text


def test_unmatched_reasons_count_what_each_rule_removes() -> None:
    mentees = roster("mentee", "ana bo cy", site=Categories.of(["leeds", "york", "york"]))
    mentors = roster("mentor", "raj sue", site=Categories.of(["leeds", "leeds"]))
    matrix = Precomputed(np.array([[0.9, 0.9], [0.5, 0.6], [0.1, 0.2]]), name="fit")
    scores = score(mentees, mentors, [matrix], [Different("site")])
    matching = solve(Problem(scores, constraints=[ScoreFloor(0.15)]))
    frame = unmatched_reasons(matching).set_index("person")
    assert list(frame.index) == ["ana"]
    assert frame.loc["ana", "rules"] == "a different site (2)"
    assert "None of the 2 mentors is admissible" in frame.loc["ana", "reason"]
    crowded = solve(Problem(score(mentees, mentors.take(np.array([1])), [], [])))
    reasons = unmatched_reasons(crowded)
    assert len(reasons) == 2
    assert reasons["reason"].str.contains("whose seat is taken").all()
    assert (reasons["rules"] == "").all()
