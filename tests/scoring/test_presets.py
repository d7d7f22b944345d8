"""Presets: built from what the rosters have, in canonical order, never from sensitive columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mentormatch.errors import ColumnError, ParameterError
from mentormatch.matching.matching import Matching
from mentormatch.matching.solving import match
from mentormatch.rosters.columns import Categories
from mentormatch.scoring import presets
from mentormatch.scoring.rules import AtLeast, Avoid, NotHerself, ReportingLine
from mentormatch.scoring.scores import score
from tests.scoring.people import cohort, profiles


def rosters(n=8, m=6, **extra):
    mentees, mentors = cohort(np.random.default_rng(2), n, m)
    for person in (*mentees, *mentors):
        person.update({key: value(person) for key, value in extra.items()})
    return mentees, mentors


def both(mentees, mentors, **options):
    return profiles("mentee", mentees, **options), profiles("mentor", mentors, **options)


def test_every_criterion_has_a_weight_and_a_reason():
    plan = presets.from_columns(*both(*rosters()))
    names = [criterion.name for criterion in plan.criteria]
    assert names == ["goals", "communication_style", "wishes", "availability", "seniority",
                     "interests", "wishes: site"]  # fmt: skip
    assert all(criterion.weight > 0 and criterion.reason for criterion in plan.criteria)
    assert plan.criteria[0].priority == "importance_goals"
    assert [str(rule) for rule in plan.rules] == [
        "ReportingLine(levels=2, peers=True)", "NotPrevious()", "Avoid()", "OnlyPreferred()"
    ]  # fmt: skip
    assert all(rule.reason for rule in plan.rules)
    assert len(plan.to_frame()) == len(names) + 4 + 1
    assert list(plan.left_out) == ["style_scores"]


def test_the_order_of_the_columns_changes_nothing():
    mentees, mentors = rosters()
    backwards = [[dict(reversed(p.items())) for p in side] for side in (mentees, mentors)]
    one, two = score(*both(mentees, mentors)), score(*both(*backwards))
    assert one.names == two.names
    np.testing.assert_array_equal(one.points, two.points)


def test_sensitive_columns_are_left_out_unless_a_participant_asks():
    mentees, mentors = rosters(gender=lambda p: "f" if int(p["id"][-1]) % 2 else "m",
                               department=lambda p: "Finance")  # fmt: skip
    plan = presets.from_columns(*both(mentees, mentors, sensitive=["gender", "department"]))
    assert not any("gender" in c.name or "department" in c.name for c in plan.criteria)
    assert "sensitive" in plan.left_out["department"]
    mentees[0]["preferred_gender"] = [("f", None, 1.0)]
    rostered = both(mentees, mentors, sensitive=["gender"])
    scores = score(*rostered)
    asked = scores.parts["wishes: gender"]
    assert set(asked[0].tolist()) == {0.0, float(np.float32(0.8))}
    assert (asked[1:] == 0).all()  # who asked for nothing is nobody's bonus


def test_presets_differ_and_take_weights():
    rostered = both(*rosters())
    holistic, specific = (score(*rostered, preset()) for preset in
                          (presets.mentoring, presets.coaching))  # fmt: skip
    assert "interests" in holistic.names
    assert "interests" not in specific.names
    without = score(*rostered, presets.mentoring(seniority=0, goals=1))
    assert "seniority" not in without.names
    plan = presets.from_columns(*rostered, presets.mentoring(seniority=0, goals=1))
    assert plan.importance["goals"] == pytest.approx(20 * plan.importance["interests"])
    for wrong in ({"goal": 1}, {"goals": -1}, {"goals": float("nan")}, {"goals": "1"}):
        with pytest.raises(ParameterError, match="goal"):
            presets.mentoring(**wrong)


def test_rules_of_the_columns_hold_unless_the_plan_has_others():
    rostered = both(*rosters())
    plan = presets.from_columns(*rostered)
    kinds = [type(rule) for rule in score(*rostered, plan.criteria).rules]
    assert kinds[0] is NotHerself
    assert {ReportingLine, Avoid} <= set(kinds)
    own = [AtLeast(plan.criteria[0], 0.1)]
    for criteria in (plan, plan.criteria, None):
        assert [type(r) for r in score(*rostered, criteria, own).rules] == [*kinds, AtLeast]
        assert [type(r) for r in score(*rostered, criteria, []).rules] == kinds
    assert score(*rostered, plan.with_rules(own)).rules[1:] == tuple(own)
    assert [type(r) for r in score(*rostered, plan.with_rules([])).rules] == [NotHerself]
    kept = plan.with_rules([rule for rule in plan.rules if not isinstance(rule, Avoid)])
    assert [type(r) for r in score(*rostered, kept).rules] == [k for k in kinds if k is not Avoid]
    assert score(*rostered, plan, plan.rules).rules[1:] == plan.rules  # said twice, holds once
    with pytest.raises(ParameterError, match=r"with_rules must hold rules.*'Avoid', 3"):
        plan.with_rules(["Avoid", 3])


def test_rosters_with_nothing_in_common_score_the_prior():
    mentees, mentors = [{"id": "a", "site": "York"}], [{"id": "b", "experience": 3.0}]
    scores = score(*both(mentees, mentors))
    assert scores.names == ()
    assert scores.points.tolist() == [[500_000]]
    assert scores.evidence.tolist() == [[0.0]]


def test_columns_of_different_types_are_left_out_in_words():
    mentees = [{"id": "a", "communication_style": "warm", "interests": [("x", None, 1.0)]}]
    mentors = [{"id": "b", "communication_style": "warm", "interests": [("x", None, 1.0)]}]
    ours, theirs = both(mentees, mentors)
    swapped = {**theirs.columns, "communication_style": theirs.columns["interests"]}
    theirs = type(theirs)(**{**{f: getattr(theirs, f) for f in theirs.__dataclass_fields__},
                             "columns": swapped})  # fmt: skip
    plan = presets.from_columns(ours, theirs)
    assert [c.name for c in plan.criteria] == ["interests"]
    assert "category" in plan.left_out["communication_style"]


def test_free_text_about_oneself_is_scored_only_if_asked_for():
    people = rosters(about=lambda p: f"My name is {p['id']} and I like maps")
    plan = presets.from_columns(*both(*people))
    assert "about" not in [criterion.name for criterion in plan.criteria]
    assert "presets.mentoring(about=0.05)" in plan.left_out["about"]
    asked = presets.from_columns(*both(*people), presets.mentoring(about=0.05))
    assert "about" in [criterion.name for criterion in asked.criteria]


def test_reverse_puts_the_mentor_below_and_no_manager_at_any_depth():
    mentees = [{"id": "chief", "seniority": "SEO"}, {"id": "head", "seniority": "HEO",
                "supervisor_id": "chief"}]  # fmt: skip
    mentors = [
        {"id": "new", "seniority": "EO", "supervisor_id": "lead"},
        {"id": "lead", "seniority": "AO", "supervisor_id": "head"},
        {"id": "far", "seniority": "EO"}, {"id": "peer", "seniority": "SEO"},
    ]  # fmt: skip
    scores = score(*both(mentees, mentors), criteria=presets.reverse())
    # three, two and one above
    assert (scores.points >= 0).tolist() == [[False, False, True, True]] * 2
    closeness = next(c for c in scores.criteria if c.name == "seniority")
    assert (closeness.ideal, closeness.tolerance) == (-2.0, 3.0)
    assert scores["chief", "far"] > scores["chief", "peer"]
    assert not scores.defects.any()
    assert score(*both(mentees, mentors)).defects.any()
    assert "ReportingLine(levels=None, peers=True)" in map(str, scores.rules)


def test_reverse_asks_the_senior_first():
    def people(role, consent):
        made = profiles(role, [{"id": f"{role}{k}", "seniority": g} for k, g in
                               enumerate(("SEO", "HEO", "SEO"))])  # fmt: skip
        return replace(made, columns={**made.columns, "consent": Categories.of(consent)})

    rosters = people("mentee", ["yes", "no", None]), people("mentor", ["no", "no", "yes"])
    scores = score(*rosters, criteria=presets.reverse())
    assert (scores.points >= 0).all(axis=1).tolist() == [True, False, False]
    assert scores.why_inadmissible(1, 0) == ("mentee1 has not consented",)
    assert (score(*rosters).points >= 0).all()
    wrong = people("mentee", ["red", "no", None]), rosters[1]
    with pytest.raises(ColumnError, match="yes and no"):
        score(*wrong, criteria=presets.reverse())


def test_a_cohort_is_matched_in_reverse():
    mentees, mentors = cohort(np.random.default_rng(7), 30, 20)
    for k, person in enumerate(mentors):
        person["supervisor_id"] = mentees[k % 5]["id"]
    rosters = both(mentors=[{**p, "seniority": "AO"} for p in mentors],
                   mentees=[{**p, "seniority": "SEO"} for p in mentees])  # fmt: skip
    matching = match(*rosters, criteria=presets.reverse())
    lines = {(p["id"], m["id"]) for m in mentors for p in mentees if m["supervisor_id"] == p["id"]}
    assert len(matching) > 10
    assert not set(matching) & lines
    assert Matching.from_json(matching.to_json().encode()) == matching
