"""Rules: which pairs they remove, checked pair by pair, and how they say so."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.errors import ColumnError, ParameterError, UnknownPersonError
from mentormatch.scoring.criteria import Covers, Overlap, SharedHours
from mentormatch.scoring.presets import Plan
from mentormatch.scoring.rules import (
    AtLeast,
    Avoid,
    Different,
    Forbid,
    Lock,
    NotHerself,
    NotPrevious,
    OnlyPreferred,
    ReportingLine,
    Same,
)
from mentormatch.scoring.scores import score
from mentormatch.scoring.wishes import Preference
from tests.scoring import people as oracle
from tests.scoring.people import cohort, matrix, profiles

ONE = [Overlap("interests")]


def scored(mentees, mentors, *rules, **options):
    for person in (*mentees, *mentors):
        person.setdefault("interests", None)
    plan = Plan(tuple(ONE), rules)
    return score(profiles("mentee", mentees), profiles("mentor", mentors), plan, **options)


@pytest.fixture(scope="module")
def both():
    return cohort(np.random.default_rng(8), 31, 19)


def same_site(a, b):
    return a["site"] is not None and a["site"] == b["site"]


def other_site(a, b):
    return None not in (a["site"], b["site"]) and a["site"] != b["site"]


def common(a, b):
    if a["skills"] is None or b["skills"] is None:
        return math.nan
    return bool({x[0] for x in a["skills"]} & {x[0] for x in b["skills"]})


def only(a, b):
    return any(
        person["only_preferred"] and other["id"] not in (person["preferred"] or ())
        for person, other in ((a, b), (b, a))
    )


FORBIDDEN = [
    (Different("site"), same_site),
    (Same("site"), other_site),
    (Different("site", missing=False),
     lambda a, b: a["site"] is None or b["site"] is None or same_site(a, b)),
    (Same("skills"), lambda a, b: common(a, b) is False),
    (Different("skills"), lambda a, b: common(a, b) is True),
    (Same("seniority"), lambda a, b: None not in (a["seniority"], b["seniority"])
        and a["seniority"] != b["seniority"]),
    (NotPrevious(), lambda a, b: b["id"] in (a["previous"] or ())
        or a["id"] in (b["previous"] or ())),
    (Avoid(), lambda a, b: b["id"] in (a["avoid"] or ()) or a["id"] in (b["avoid"] or ())),
    (OnlyPreferred(), only),
    (ReportingLine(), lambda a, b: a["supervisor_id"] is not None
        and a["supervisor_id"] == b["supervisor_id"]),
    (AtLeast(Overlap("interests"), 0.25), lambda a, b: oracle.overlap(a, b) < 0.25),
    (AtLeast(Covers("goals", by="skills"), 2 / 3), lambda a, b: oracle.covers(a, b) < 2 / 3 - 1e-9),
    (AtLeast(Overlap("interests"), 0, missing=False),
     lambda a, b: math.isnan(oracle.overlap(a, b))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "forbidden"), FORBIDDEN, ids=lambda x: getattr(x, "__name__", str(x))[:40]
)
def test_forbidden_pairs_equal_the_oracle(both, rule, forbidden):
    expected = np.array([[bool(forbidden(a, b)) for b in both[1]] for a in both[0]])
    assert 0 < expected.mean() < 1
    scores = scored(*both, rule)
    np.testing.assert_array_equal(~scores.admissible, expected)
    for i in range(0, 31, 5):
        for j in range(19):
            why = scores.why_inadmissible(i, j)
            assert len(why) == expected[i, j]
            if why:
                named = (f"Name mentee {i}", f"Name mentor {j}")
                assert any(name in why[0] for name in named), why
    # a rule removes a pair; it does not change what the pair is worth, but for what a blank counts
    for name in scores.names:
        np.testing.assert_array_equal(scores.parts[name], scored(*both).parts[name])
    dropped = [scored(*both, *rules, missing="drop").total for rules in ((rule,), ())]
    np.testing.assert_array_equal(*dropped)


def test_at_least_one_shared_hour_means_an_hour(both):
    mentees, mentors = both[0][:10], both[1][:8]
    usual = oracle.usual_zone(mentees, mentors)
    hours = matrix(oracle.shared_hours, mentees, mentors, usual=usual)
    scores = scored(mentees, mentors, AtLeast(SharedHours("availability"), 1))
    assert (hours < 1).any()
    assert (hours >= 1).any()
    np.testing.assert_array_equal(~scores.admissible, hours < 1)
    i, j = np.argwhere(hours < 1)[0].tolist()
    assert "hours a week" in scores.why_inadmissible(i, j)[0]
    assert scored(mentees, mentors, AtLeast(SharedHours(), 0)).admissible.all()


def test_all_rules_that_apply_are_named():
    mentees = [{"id": "a", "name": "Ana {mentor}", "site": "Leeds", "avoid": ["b"]}]
    mentors = [{"id": "b", "name": "Bo", "site": "leeds", "avoid": None}]
    why = scored(mentees, mentors, Different("site"), Avoid()).why_inadmissible("a", "b")
    assert len(why) == 2
    assert "same site" in why[0]
    assert "asked not to be matched" in why[1]


def test_nobody_is_matched_to_herself():
    mentees = [{"id": "1", "email": "ana@x.org"}, {"id": "2", "email": "bo@x.org"}]
    mentors = [{"id": "9", "email": "ANA@x.org"}, {"id": "2", "email": None}]
    scores = scored(mentees, mentors)
    assert [type(rule) for rule in scores.rules] == [NotHerself]
    np.testing.assert_array_equal(scores.admissible, [[False, True], [True, False]])
    assert "same person" in scores.why_inadmissible("1", "9")[0]


CHAIN = [  # ceo <- director <- head <- ana; cy <- bo
    {"id": "ana", "supervisor_id": "head"}, {"id": "bo", "supervisor_id": "cy"},
    {"id": "director", "supervisor_id": "ceo", "email": "d@x.org"},
]  # fmt: skip
ABOVE = [
    {"id": "head", "supervisor_id": "D@x.org"}, {"id": "ceo", "supervisor_id": None},
    {"id": "cy", "supervisor_id": "elsewhere"}, {"id": "dee", "supervisor_id": "Elsewhere"},
    {"id": "eve", "supervisor_id": "cy"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("levels", "peers", "pairs"),
    [
        (1, False, {"ana head", "bo cy", "director head", "director ceo"}),
        (2, False, {"ana head", "bo cy", "director head", "director ceo"}),
        (3, False, {"ana head", "bo cy", "director head", "director ceo", "ana ceo"}),
        (50, False, {"ana head", "bo cy", "director head", "director ceo", "ana ceo"}),
        (1, True, {"ana head", "bo cy", "director head", "director ceo", "bo eve"}),
    ],
)
def test_reporting_lines(levels, peers, pairs):
    scores = scored(
        [dict(p) for p in CHAIN], [dict(p) for p in ABOVE], ReportingLine(levels, peers)
    )
    found = {
        f"{scores.mentees.ids[i]} {scores.mentors.ids[j]}"
        for i, j in np.argwhere(~scores.admissible)
    }
    assert found == pairs
    outside = scores.repairs[scores.repairs["value"] == "elsewhere"]
    assert list(outside["roster"]) == ["mentor"]
    assert "neither roster (named by 2 people)" in outside["problem"].iloc[0]


def test_cycles_end_and_are_reported():
    mentees = [{"id": "a", "supervisor_id": "b"}, {"id": "c", "supervisor_id": "c"}]
    mentors = [{"id": "b", "supervisor_id": "x"}, {"id": "x", "supervisor_id": "a"}]
    scores = scored(mentees, mentors, ReportingLine(levels=1000, peers=False))
    np.testing.assert_array_equal(scores.admissible, [[False, False], [True, True]])
    problems = " / ".join(scores.repairs["problem"])
    assert "cycle: a, b, x, a" in problems
    assert "own manager" in problems
    assert len(scores.repairs) == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=8, max_size=8), st.integers(1, 9))
def test_reporting_lines_equal_a_walk(bosses, levels):
    boss = {f"p{k}": f"p{b}" for k, b in enumerate(bosses)}
    person = [{"id": f"p{k}", "supervisor_id": f"p{b}"} for k, b in enumerate(bosses)]
    scores = scored(person[:4], person[4:], ReportingLine(levels, peers=False))

    def chain(start):
        above, now = [], start
        for _ in range(levels):
            if boss[now] == now:
                break
            now = boss[now]
            above.append(now)
        return above

    for i, mentee in enumerate(person[:4]):
        for j, mentor in enumerate(person[4:]):
            expected = mentor["id"] in chain(mentee["id"]) or mentee["id"] in chain(mentor["id"])
            assert scores.admissible[i, j] != expected


def test_references_are_resolved_and_guesses_listed():
    mentees = [
        {"id": "1", "avoid": ["RAJ@x.org", "Jon Smiht", "Smith, Jon", "nobody at all"]},
        {"id": "2", "avoid": ["Ana Lee", "m13"]},
    ]
    mentors = [
        {"id": "m1", "name": "Raj Rao", "email": "raj@x.org"},
        {"id": "m2", "name": "Jon Smith"},
        {"id": "m3", "name": "Ana Lee"},
        {"id": "m4", "name": "Ana Lee"},
        {"id": "m14", "name": "Zoe"},
    ]
    scores = scored(mentees, mentors, Avoid())
    np.testing.assert_array_equal(np.argwhere(~scores.admissible), [[0, 0], [0, 1]])
    found = scores.repairs.set_index("value")
    assert set(found.index) == {"Jon Smiht", "Smith, Jon", "nobody at all", "Ana Lee", "m13"}
    assert "m2" in found.loc["Jon Smiht", "action"]
    assert "m2" in found.loc["Smith, Jon", "action"]
    assert list(found.loc[["nobody at all", "Ana Lee", "m13"], "action"]) == ["left out"] * 3
    assert list(found["person"]) == ["1", "1", "1", "2", "2"]
    assert scores.repairs.columns[0] == "roster"


def test_unknown_people_in_forbid_and_lock_are_all_named(both):
    for kind in (Forbid, Lock):
        pairs = [("mentee1", "mentor1"), ("zoe", "mentor2"), ("mentee2", "yan")]
        with pytest.raises(UnknownPersonError, match=r"mentee 'zoe', mentor 'yan'"):
            scored(*both, kind(pairs))
        for wrong in (["ab"], [("a",)], 7, pd.DataFrame({"a": [1]})):
            with pytest.raises(ParameterError, match="pairs"):
                kind(wrong)


def test_forbid_and_lock_keep_both_facts(both):
    pairs = pd.DataFrame({"mentee": ["mentee3", "name mentee 1"], "mentor": ["mentor2", "mentor0"]})
    scores = scored(*both, Forbid(pairs), Lock([("mentee3", "MENTOR2@x.org")]))
    np.testing.assert_array_equal(np.argwhere(~scores.admissible), [[1, 0], [3, 2]])
    np.testing.assert_array_equal(scores.locks, [[3, 2]])
    assert "forbidden" in scores.why_inadmissible("mentee3", "mentor2")[0]


@pytest.mark.parametrize(
    "rule",
    [Avoid(), NotPrevious(), OnlyPreferred(), ReportingLine(), Same("site"), Different("site")],
    ids=str,
)
def test_missing_columns_are_named(rule):
    with pytest.raises(ColumnError, match=r"avoid|previous|only_preferred|supervisor_id|site"):
        scored([{"id": "a"}], [{"id": "b"}], rule)


def test_parameters_outside_their_domain():
    for levels in (0, 1.5, True):
        with pytest.raises(ParameterError, match="levels"):
            ReportingLine(levels)
    for least in (2, -1, math.nan, "1"):
        with pytest.raises(ParameterError, match="least"):
            AtLeast(Overlap("interests"), least)
    with pytest.raises(ParameterError, match="criterion"):
        AtLeast("interests", 0.5)


def test_leading_zeros_that_a_spreadsheet_dropped_change_nobody():
    """One file holds 00123 as text, the other 123 as a number: the same people and managers."""
    whole, cut = ("00123", "00007", "00008"), ("123", "7", "8")
    shapes = {}
    for mentee_ids, mentor_ids in ((whole, whole), (whole, cut), (cut, whole), (cut, cut)):
        mentees = profiles(
            "mentee",
            [
                {"id": mentee_ids[0], "name": "Ana", "supervisor_id": mentee_ids[1]},
                {"id": "00124", "name": "Bo", "preferred": [mentee_ids[2]]},
            ],
        )
        mentors = profiles("mentor", [{"id": i, "name": i} for i in mentor_ids])
        scores = score(mentees, mentors, criteria=[Preference()])
        shapes[mentee_ids, mentor_ids] = scores.points.tolist()
        zeros = scores.repairs["problem"].str.contains("leading zeros")
        assert zeros.any() == (mentee_ids != mentor_ids)
    assert len({str(points) for points in shapes.values()}) == 1
    assert [p < 0 for p in shapes[whole, cut][0]] == [True, True, False]


def test_leading_zeros_that_tell_people_apart_are_kept():
    mentees = profiles("mentee", [{"id": "00123", "interests": None}, {"id": "123"}])
    mentors = profiles("mentor", [{"id": "123", "interests": None}, {"id": "5"}])
    scores = score(mentees, mentors, criteria=ONE, rules=[])
    assert scores.admissible.tolist() == [[True, True], [False, True]]


def test_ids_that_only_number_the_rows_of_two_files_are_reported():
    mentees = profiles("mentee", [{"id": "1", "name": "Ana Li", "interests": None},
                                  {"id": "2", "name": "Bo"}])  # fmt: skip
    mentors = profiles("mentor", [{"id": "1", "name": "Raj", "interests": None},
                                  {"id": "2", "name": "Bo Oz"}])  # fmt: skip
    told = score(mentees, mentors, ONE, []).repairs
    assert [w for w in told["problem"] if "has the id of" in w] == [
        "Ana Li has the id of mentor Raj"
    ]
