"""Wishes are a bonus: by rank, whatever the length of the list, and never to anybody's cost."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.scoring.criteria import Precomputed
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.scores import score
from mentormatch.scoring.wishes import Preference, named_pairs
from tests.scoring.people import profiles


def rosters(mentees, mentors=None):
    """Return the two rosters of people who wished for these."""
    yours = mentors or [None] * 4
    return (
        profiles("mentee", [{"id": f"a{i}", "preferred": who} for i, who in enumerate(mentees)]),
        profiles("mentor", [{"id": f"b{j}", "preferred": who} for j, who in enumerate(yours)]),
    )


def part(mentees, mentors=None):
    return score(*rosters(mentees, mentors), [Preference()], []).parts["wishes"]


def test_one_more_wish_changes_nothing_for_those_named_before():
    short, long = part([["b0", "b1"]]), part([["b0", "b1", "b2", "b3"]])
    np.testing.assert_array_equal(short[0, :2], long[0, :2])
    worth = long[0]
    assert (np.diff(worth) < 0).all()
    assert (worth > 2 * worth[0] / 3).all()  # having had a say counts more than which


def test_mutual_wishes_are_worth_more_than_either_alone():
    one, other = part([["b0"]])[0, 0], part([None], [["a0"], None])[0, 0]
    both = part([["b0"]], [["a0"], None])[0, 0]
    assert one == other == np.float32(0.8)
    assert both == 1


def test_having_wished_never_lowers_a_score():
    fit = np.random.default_rng(3).random((2, 4))
    criteria = [Precomputed(fit, name="fit"), Preference(weight=0.5)]
    yours = [["a1"], None, None, None]
    silent, asked = (
        score(*rosters([wishes, None], yours), criteria, [], levels={"wishes": 0}).points
        for wishes in (None, ["b2", "b3"])
    )
    assert (asked >= silent).all()
    np.testing.assert_array_equal(np.argwhere(asked > silent), [[0, 2], [0, 3]])


def test_a_wish_about_a_blank_answer_is_unanswered_and_no_other():
    york, hull = [("york", None, 1.0)], [("hull", None, 1.0)]
    mentees = [{"id": "a0", "preferred_site": york}, {"id": "a1", "site": "hull"}]
    mentors = [
        {"id": "b0", "site": "york"},
        {"id": "b1", "site": "hull", "preferred_site": hull},
        {"id": "b2", "preferred_site": hull},
    ]
    both = profiles("mentee", mentees), profiles("mentor", mentors)
    about = score(*both, [Preference("site")], []).parts["wishes: site"]
    np.testing.assert_array_equal(about, np.float32([[0.8, 0, np.nan], [0, 0.8, 0.8]]))


@pytest.mark.parametrize("unknown", [["nobody here", "b1"], ["b1", "b1"]])
def test_places_count_those_who_were_found(unknown):
    named = named_pairs(Pairing(*rosters([unknown], [None, ["a0"]])), "test")
    assert named.keys.tolist() == [1]
    assert named.place.tolist() == [[0], [0]]
